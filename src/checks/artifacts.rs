//! Artifacts: there when they are read, produced once, and read by somebody who can see them.

use rustc_hash::FxHashMap;

use crate::analysis::Analysis;
use crate::checks::outcomes::actions;
use crate::checks::readings::{How, Reading, readings};
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Action, Artifact, ArtifactId, NodeId, NodeKind, Target, listed};
use crate::source::Span;

codes! {
    MISSING_ARTIFACT: "WF601" "missing-artifact" Error = "An artifact is read in a variant in which nobody has produced it.",
        "A file is there after the stage or spawn that produces it, else after its phase, and only if that ran. In a loop each \
         pass begins without the files of the pass before, and what the tasks of an `each` produce is never surely there, for \
         there may be no task. The ways out: read it with `?`, produce it in the other variants, too, or let the reader run \
         only where it is there.",
        bad: "workflow w\n\ninput large: bool\n\nphase plan when large {\n  produces plan\n}\n\nphase build {\n  reads plan\n}\n",
        good: "workflow w\n\ninput large: bool\n\nphase plan when large {\n  produces plan\n}\n\nphase build {\n  reads plan?\n}\n";
    ARTIFACT_NEVER_PRODUCED: "WF602" "artifact-never-produced" Error = "An artifact is read where nobody can have produced it.",
        "No item that produces it stands before the reader in the order, and order is the same in every variant. A phase that \
         produces a file has it when the phase ends: what stands inside the phase cannot read it, unless a stage or spawn \
         before it produces it.",
        bad: "workflow w\n\nphase build {\n  reads plan\n}\n\nphase plan {\n  produces plan\n}\n",
        good: "workflow w\n\nphase plan {\n  produces plan\n}\n\nphase build {\n  reads plan\n}\n";
    ARTIFACT_NEVER_READ: "WF603" "artifact-never-read" Warning = "Nobody who reads an artifact can ever see it.",
        "Each of its readers, all with `?`, stands before everything that produces it, or runs only where it is not produced. \
         Move the reader behind the producer, let the two run in a common variant, or remove the reading.",
        bad: "workflow w\n\ninput large: bool\n\nphase plan when large {\n  produces plan\n}\n\nphase build when not large {\n  reads plan?\n}\n",
        good: "workflow w\n\ninput large: bool\n\nphase plan when large {\n  produces plan\n}\n\nphase build {\n  reads plan?\n}\n";
    ARTIFACT_PRODUCED_TWICE: "WF604" "artifact-produced-twice" Error = "Two items produce the same artifact in one variant.",
        "The later one would overwrite what the earlier one has left. That is right only where it reads it first. What is \
         produced in an `each` is a file for each task, so its path contains the task.",
        bad: "workflow w\n\nphase draft {\n  produces report\n}\n\nphase final {\n  produces report\n}\n\nphase send {\n  reads report\n}\n",
        good: "workflow w\n\nphase draft {\n  produces report\n}\n\nphase final {\n  reads report\n  produces report\n}\n\nphase send {\n  reads report\n}\n";
    SECTION_NOT_PRODUCED: "WF606" "section-not-produced" Error = "A section is read that the artifact does not have.",
        "An artifact that names its `sections` has these and no others, so an `each` that takes its tasks from another one \
         would never find a task.",
        bad: "workflow w\n\nphase plan {\n  produces plan {\n    sections [\"Risks\", \"Tasks\"]\n  }\n}\n\nphase build {\n  each task from plan \"Steps\" at most 9 {\n    spawn builder \"Do ${task}\"\n  }\n}\n",
        good: "workflow w\n\nphase plan {\n  produces plan {\n    sections [\"Risks\", \"Tasks\"]\n  }\n}\n\nphase build {\n  each task from plan \"Tasks\" at most 9 {\n    spawn builder \"Do ${task}\"\n  }\n}\n";
}

/// Whoever reads an artifact finds it, and each that is read is found by somebody.
pub fn artifacts_are_there(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = vec![false; analysis.model.artifacts.len()];
    let mut unseen: Vec<Reading> = Vec::new();
    let mut possible = Possible { analysis, in_the_end: FxHashMap::default() };
    readings(analysis, &mut |reading| {
        let index = reading.artifact.index();
        if !reading.optional {
            seen[index] = true;
            let asked = || unavailable(analysis, &reading);
            found.extend(analysis.by_itself(reading.span, "whether what is read here is there", asked));
        } else if !seen[index] {
            seen[index] = can_see(&mut possible, &reading);
            if !seen[index] {
                unseen.push(reading);
            }
        }
    });
    unseen.retain(|reading| !seen[reading.artifact.index()]);
    never_seen(analysis, &unseen, found);
}

/// A reading without `?` of what may not be there.
fn unavailable(analysis: &Analysis<'_>, reading: &Reading) -> Option<Diagnostic> {
    let model = &analysis.model;
    let artifact = &model.artifacts[reading.artifact.index()];
    let settled = |producer: &NodeId| analysis.graph.settled(model, *producer, reading.at);
    let mut before: Vec<NodeId> = Vec::new();
    let mut of_tasks = None;
    for producer in artifact.producers.iter().copied().filter(settled) {
        match model.each_left(producer, reading.node) {
            Some(each) => of_tasks = Some(each),
            None => before.push(producer),
        }
    }
    if reading.how.may_be_mention()
        && artifact.producers.iter().any(|producer| !settled(producer) && same_phase(analysis, *producer, reading.node))
    {
        // It speaks of what is being made.
        return None;
    }
    if before.is_empty() {
        return Some(match of_tasks {
            Some(each) => only_of_tasks(analysis, reading, each),
            None => never_before(analysis, reading),
        });
    }
    let missing =
        before.iter().fold(reading.taken, |missing, producer| analysis.and_not(missing, analysis.run(*producer)));
    if missing == FALSE {
        return None;
    }
    let reader = analysis.described(reading.node);
    let last = format!("{reader} {}, which nobody has produced", reading.how.does(&artifact.file()));
    let example = analysis.example(missing, reading.at, &before, last)?;
    let name = artifact.name.name;
    let mut diagnostic = Diagnostic::new(
        &MISSING_ARTIFACT,
        reading.span,
        format!("`{name}` may be missing where {reader} {}", reading.how.does("it")),
    )
    .label(reading.how.label());
    for producer in before.iter().take(3) {
        diagnostic = diagnostic
            .related(produced_at(artifact, *producer), format!("produced by {}", analysis.described(*producer)));
    }
    let only = where_one_runs(analysis, &before);
    diagnostic = diagnostic.example(example);
    if reading.how.takes_question_mark() {
        let seen = before.iter().any(|producer| {
            let both = analysis.and(reading.taken, analysis.run(*producer));
            analysis.within_reach(both, reading.at) != FALSE
        });
        diagnostic = diagnostic.help(format!(
            "write `{name}?` if it may be absent, produce it in this variant, too, or let {reader} run {only}"
        ));
        // Where it would never be seen, a `?` mends nothing.
        if seen {
            diagnostic = optional(diagnostic, reading, name);
        }
        return Some(diagnostic);
    }
    let around = match model.node(reading.node).kind {
        NodeKind::Spawn => Some(reading.node),
        _ => model.phase_of(reading.node),
    };
    let absent = match around.filter(|_| matches!(reading.how, How::Text | How::Command)) {
        Some(around) => format!("say `reads {name}?` in {} if it may be absent, ", analysis.described(around)),
        None => String::new(),
    };
    Some(diagnostic.help(format!("{absent}produce it in this variant, too, or let this apply {only}")))
}

/// "only `when ran(a) or ran(b)`", if that can be written.
fn where_one_runs(analysis: &Analysis<'_>, producers: &[NodeId]) -> String {
    let model = &analysis.model;
    let named = |producer: &NodeId| {
        let node = model.node(*producer);
        matches!(node.kind, NodeKind::Phase | NodeKind::Stage).then(|| format!("ran({})", node.name.name))
    };
    match producers.iter().take(4).map(named).collect::<Option<Vec<_>>>() {
        Some(named) if named.len() < 4 => format!("only `when {}`", named.join(" or ")),
        _ => "only where it is produced".to_string(),
    }
}

fn optional(diagnostic: Diagnostic, reading: &Reading, name: &str) -> Diagnostic {
    diagnostic.unsafe_fix(format!("write `{name}?`"), reading.span, format!("{name}?"))
}

fn only_of_tasks(analysis: &Analysis<'_>, reading: &Reading, each: NodeId) -> Diagnostic {
    let artifact = &analysis.model.artifacts[reading.artifact.index()];
    let (name, task) = (artifact.name.name, analysis.model.node(each).name);
    let reader = analysis.described(reading.node);
    let diagnostic = Diagnostic::new(
        &MISSING_ARTIFACT,
        reading.span,
        format!("`{name}` may be missing where {reader} {}", reading.how.does("it")),
    )
    .label(reading.how.label())
    .related(task.span, format!("there may be no `{}` that produces it", task.name));
    if reading.how.takes_question_mark() {
        return optional(
            diagnostic.help(format!("write `{name}?`, or produce a file for all of them behind the `each`")),
            reading,
            name,
        );
    }
    diagnostic.help("produce a file for all of them behind the `each`, and name that one")
}

fn never_before(analysis: &Analysis<'_>, reading: &Reading) -> Diagnostic {
    let model = &analysis.model;
    let artifact = &model.artifacts[reading.artifact.index()];
    let name = artifact.name.name;
    let reader = analysis.described(reading.node);
    let mut diagnostic = Diagnostic::new(
        &ARTIFACT_NEVER_PRODUCED,
        reading.span,
        format!("nobody has produced `{name}` where {reader} {}", reading.how.does("it")),
    )
    .label(reading.how.label());
    for producer in artifact.producers.iter().take(3) {
        let where_it_is = if *producer == reading.node {
            "produced only by itself"
        } else if model.is_within(reading.node, *producer) {
            "there when this has ended"
        } else if analysis.graph.beside(model, *producer, reading.node) {
            "produced side by side with it"
        } else {
            "produced only later"
        };
        diagnostic = diagnostic
            .related(produced_at(artifact, *producer), format!("{where_it_is}: {}", analysis.described(*producer)));
    }
    let elsewhere = |producer: &&NodeId| !model.is_within(reading.node, **producer);
    let again = artifact.producers.iter().filter(elsewhere).any(|producer| repeats(analysis, *producer, reading.node));
    if again && reading.how.takes_question_mark() {
        let help = format!("each pass begins without the files of the pass before: write `{name}?` to see them");
        return optional(diagnostic.help(help), reading, name);
    }
    let first = artifact.producers[0];
    diagnostic.help(if artifact.producers.contains(&reading.node) {
        "let something before it produce it; what begins here need not be read".to_string()
    } else if model.is_within(reading.node, first) {
        format!("let the stage or spawn that writes it say `produces {name}`, before this one")
    } else if analysis.graph.beside(model, first, reading.node) {
        format!("let {reader} wait for {}", analysis.described(first))
    } else {
        format!("move {reader} below {}, or produce it earlier", analysis.described(first))
    })
}

// ── Artifacts that nobody sees ───────────────────────────────────────────────────────────────────

/// Some producer may have left its file by the time a reader with `?` looks.
fn can_see(possible: &mut Possible<'_, '_>, reading: &Reading) -> bool {
    let analysis = possible.analysis;
    let model = &analysis.model;
    model.artifacts[reading.artifact.index()].producers.iter().any(|producer| {
        let around = model.is_within(*producer, reading.node) || model.is_within(reading.node, *producer);
        let in_time = analysis.graph.settled(model, *producer, reading.at)
            || analysis.graph.beside(model, *producer, reading.node);
        // A pass or a voided try before this one may have left it, whatever is so in this one.
        around
            || (in_time && possible.holds(analysis.and(reading.taken, analysis.run(*producer)), reading.at))
            || repeats(analysis, *producer, reading.node)
    })
}

/// Whether conditions can hold where something is read.
struct Possible<'a, 's> {
    analysis: &'a Analysis<'s>,
    /// What can hold when all has ended can hold at every place before; the same few conditions are asked for again and
    /// again.
    in_the_end: FxHashMap<Diagram, bool>,
}

impl Possible<'_, '_> {
    fn holds(&mut self, condition: Diagram, at: Position) -> bool {
        let analysis = self.analysis;
        let end = Position::EndOf(NodeId::new(0));
        condition != FALSE
            && (*self.in_the_end.entry(condition).or_insert_with(|| analysis.within_reach(condition, end) != FALSE)
                || analysis.within_reach(condition, at) != FALSE)
    }
}

/// Both stand in a loop, or in an `each`.
fn repeats(analysis: &Analysis<'_>, a: NodeId, b: NodeId) -> bool {
    let model = &analysis.model;
    model
        .ancestors(a)
        .any(|around| matches!(model.node(around).kind, NodeKind::Loop | NodeKind::Each) && model.is_within(b, around))
}

fn never_seen(analysis: &Analysis<'_>, unseen: &[Reading], found: &mut Vec<Diagnostic>) {
    if unseen.is_empty() {
        return;
    }
    let model = &analysis.model;
    let mut readers: std::collections::BTreeMap<ArtifactId, Vec<&Reading>> = Default::default();
    for reading in unseen {
        readers.entry(reading.artifact).or_default().push(reading);
    }
    // What any text names is read by somebody, whenever that is.
    for target in model.targets.values().flatten().flatten() {
        if let Target::Artifact(artifact) = target {
            readers.remove(artifact);
        }
    }
    let redone = redone(analysis);
    for (id, readings) in readers {
        let artifact = &model.artifacts[id.index()];
        let tried_again = |reading: &&Reading| {
            redone.iter().any(|(from, to)| {
                let within = |node: NodeId| *from <= node && node < *to;
                within(reading.node) && artifact.producers.iter().any(|producer| within(*producer))
            })
        };
        if readings.iter().any(tried_again) {
            continue;
        }
        let name = artifact.name.name;
        let mut diagnostic = Diagnostic::new(
            &ARTIFACT_NEVER_READ,
            artifact.name.span,
            format!("nobody who reads `{name}` can ever see it"),
        )
        .label("produced here");
        for reading in readings.iter().take(3) {
            let in_time = |producer: &NodeId| analysis.graph.settled(model, *producer, reading.at);
            let why = if artifact.producers.iter().any(in_time) {
                "runs only where it is not produced"
            } else {
                "reads it before it is produced"
            };
            diagnostic = diagnostic.related(reading.span, format!("{} {why}", analysis.described(reading.node)));
        }
        found
            .push(diagnostic.help(
                "let a reader and a producer run in a common variant, the producer first, or remove the reading",
            ));
    }
}

/// From where to where the ways back go that are not loops, in the order of writing.
fn redone(analysis: &Analysis<'_>) -> Vec<(NodeId, NodeId)> {
    let model = &analysis.model;
    let mut redone = Vec::new();
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        actions(model, id, &mut |action, _| {
            let from = match action {
                Action::Redo { target, .. } => *target,
                Action::Fix { .. } | Action::Retry { .. } => model.node(id).parent,
                _ => return,
            };
            redone.push((from, model.node(id).end));
        });
    }
    redone
}

// ── Artifacts that are produced twice ────────────────────────────────────────────────────────────

/// In each variant an artifact has one producer, or the later one reads what it replaces.
pub fn artifacts_are_produced_once(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for (index, artifact) in model.artifacts.iter().enumerate() {
        let id = ArtifactId::new(index);
        if let Some((producer, each)) =
            artifact.producers.iter().find_map(|producer| Some((*producer, each_around(analysis, *producer)?)))
        {
            found.extend(same_for_all_tasks(analysis, artifact, producer, each));
        }
        if artifact.producers.len() < 2 {
            continue;
        }
        let mut produced = FALSE;
        for (position, later) in artifact.producers.iter().enumerate() {
            let run = analysis.run(*later);
            if analysis.and(run, produced) != FALSE {
                let earlier = &artifact.producers[..position];
                let asked = || earlier.iter().find_map(|earlier| produced_again(analysis, id, *earlier, *later));
                let place = artifact.produced_at[position];
                found.extend(analysis.by_itself(place, "whether this is produced once", asked));
            }
            produced = analysis.or(produced, run);
        }
    }
}

fn same_for_all_tasks(
    analysis: &Analysis<'_>,
    artifact: &Artifact<'_>,
    producer: NodeId,
    each: NodeId,
) -> Option<Diagnostic> {
    let model = &analysis.model;
    let task = model.node(each).name;
    let names_it = |path: &crate::model::Text<'_>| {
        let targets = model.targets.get(&path.span).into_iter().flatten().flatten();
        targets.into_iter().any(|target| matches!(target, Target::Variable(name) if *name == task.name))
    };
    if artifact.path.as_ref().is_some_and(names_it) {
        return None;
    }
    let name = artifact.name.name;
    let diagnostic = Diagnostic::new(
        &ARTIFACT_PRODUCED_TWICE,
        produced_at(artifact, producer),
        format!("every `{}` would produce the same `{}`", task.name, artifact.file()),
    )
    .label("the path does not contain the task")
    .related(task.span, format!("for each `{}`", task.name));
    Some(
        diagnostic.help(format!(
            "write `produces {name} as \"{name}/${{{}}}.md\"`, or produce it behind the `each`",
            task.name
        )),
    )
}

fn produced_again(analysis: &Analysis<'_>, id: ArtifactId, earlier: NodeId, later: NodeId) -> Option<Diagnostic> {
    let model = &analysis.model;
    // A phase has what a stage or spawn inside it produces.
    if model.is_within(later, earlier) || model.is_within(earlier, later) {
        return None;
    }
    let beside = analysis.graph.beside(model, earlier, later);
    if !beside && replaces(analysis, id, later) {
        return None;
    }
    let both = analysis.and(analysis.run(earlier), analysis.run(later));
    let both = analysis.within_reach(both, Position::Before(earlier));
    let artifact = &model.artifacts[id.index()];
    let name = artifact.name.name;
    let again = if beside { "side by side with it" } else { "again" };
    let last = format!("{} produces `{}` {again}", analysis.described(later), artifact.file());
    let mut example = analysis.example(both, Position::Before(later), &[earlier], last)?;
    if both == TRUE {
        // No steps are needed where it is always so.
        example.steps.clear();
    }
    let help = if beside {
        "let one of them wait for the other and read it, or let each produce a file of its own".to_string()
    } else {
        format!(
            "write `reads {name}` where it is replaced, give one of the two another name, or let only one of them run"
        )
    };
    Some(
        Diagnostic::new(
            &ARTIFACT_PRODUCED_TWICE,
            produced_at(artifact, later),
            format!("`{name}` is produced twice in one variant"),
        )
        .label(format!("produced {again} by {}", analysis.described(later)))
        .related(produced_at(artifact, earlier), format!("first produced by {}", analysis.described(earlier)))
        .example(example)
        .help(help),
    )
}

/// The producer, something around it or something inside it reads the artifact.
fn replaces(analysis: &Analysis<'_>, id: ArtifactId, producer: NodeId) -> bool {
    let model = &analysis.model;
    let inside = model.descendants(producer);
    model.ancestors(producer).chain(inside).filter_map(|node| model.work(node)).any(|work| {
        let from = work.each.as_ref().and_then(|each| each.from.as_ref());
        work.reads.iter().chain(from).any(|read| read.artifact == id)
    })
}

// ── Sections ─────────────────────────────────────────────────────────────────────────────────────

/// The section that an `each` takes its tasks from is one of the artifact's.
pub fn sections_are_produced(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for each in model.works().filter_map(|(_, work)| work.each.as_ref()) {
        let (Some(section), Some(from)) = (&each.section, &each.from) else { continue };
        let artifact = &model.artifacts[from.artifact.index()];
        let wanted = section.content();
        let known: Vec<_> = artifact.sections.iter().map(|section| section.content()).collect();
        // A title that is known only in a run may be any.
        let open = known.iter().chain([&wanted]).any(|title| title.contains("${"));
        if known.is_empty() || known.contains(&wanted) || open {
            continue;
        }
        let name = artifact.name.name;
        let mut diagnostic =
            Diagnostic::new(&SECTION_NOT_PRODUCED, section.span, format!("`{name}` has no section `{wanted}`"))
                .label("no task would ever be found")
                .related(
                    artifact.sections[0].span,
                    format!("its sections are {}", listed(&known.iter().map(|title| &**title).collect::<Vec<_>>())),
                );
        diagnostic = match nearest(&wanted, known.iter().map(|title| &**title)) {
            Some(near) => diagnostic.help(format!("did you mean `\"{near}\"`?")).fix(
                format!("write `{near}`"),
                section.span,
                format!("\"{near}\""),
            ),
            None => diagnostic.help(format!("name one of its sections, or add this one to what produces `{name}`")),
        };
        found.push(diagnostic);
    }
}

// ── Helpers ──────────────────────────────────────────────────────────────────────────────────────

/// The `each` that an item stands in.
fn each_around(analysis: &Analysis<'_>, node: NodeId) -> Option<NodeId> {
    let model = &analysis.model;
    model.ancestors(node).find(|around| model.node(*around).kind == NodeKind::Each)
}

fn same_phase(analysis: &Analysis<'_>, a: NodeId, b: NodeId) -> bool {
    let phase = analysis.model.phase_of(a);
    phase.is_some() && phase == analysis.model.phase_of(b)
}

fn produced_at(artifact: &Artifact<'_>, producer: NodeId) -> Span {
    let position = artifact.producers.iter().position(|other| *other == producer);
    position.map_or(artifact.name.span, |position| artifact.produced_at[position])
}
