//! The page of a phase: what it is for, what it takes and leaves, its steps with their prompts, what comes next.

use serde::Serialize;

use super::super::prose::{Folder, Prose, Reader, joined, page_of};
use super::budget;
use super::neighbours::{Direction, Neighbour, grouped};
use super::overview::conditions_below_phase;
use super::pages::{BranchRow, GateView, branch_rows, gate_view};
use super::render::{Renderer, TemplateFault};
use crate::analysis::Sound;
use crate::model::{Detail, Evidence, NodeId, NodeKind, Page, TextBlock, Work};

/// Everything the template of a phase can use.
#[derive(Serialize)]
struct PhasePage {
    mark: String,
    number: usize,
    title: String,
    name: String,
    docs: Vec<String>,
    purpose: String,
    when: String,
    because: String,
    required: bool,
    loop_of: String,
    /// What is said of the loops that begin with this phase.
    loop_notes: Vec<String>,
    entry: Vec<Neighbours>,
    /// The phases that must have run before, wherever they stand.
    ran: Vec<String>,
    next: Vec<Neighbours>,
    reads: Vec<ReadRow>,
    produces: Vec<ProducedRow>,
    decides: Vec<FactRow>,
    revises: Vec<String>,
    budget: Vec<String>,
    /// What it uses and must leave alone, a line each.
    notes: Vec<String>,
    steps: Vec<StepView>,
    requires: Vec<String>,
    checklist: Vec<String>,
    failure: String,
    blocked: Vec<BranchRow>,
    overridable: bool,
    risk: String,
    texts: Vec<TextView>,
}

/// The neighbours of a phase in some variants.
#[derive(Serialize)]
struct Neighbours {
    /// "SMALL", or nothing when it is so in all.
    variants: String,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct ReadRow {
    file: String,
    from: String,
    optional: bool,
}

#[derive(Serialize)]
struct ProducedRow {
    file: String,
    /// ", for each task", " (`deep`)"; nothing where the phase always does.
    place: String,
    sections: String,
}

#[derive(Serialize)]
struct FactRow {
    name: String,
    values: String,
    how: String,
    /// As of a file.
    place: String,
}

#[derive(Serialize)]
struct StepView {
    number: String,
    /// `step`, `spawn`, `gate`, `stage`, `each` or `parallel`.
    kind: &'static str,
    title: String,
    when: String,
    text: String,
    evidence: String,
    agent: String,
    /// Where the spawn names one of its own.
    model: String,
    irreversible: bool,
    returns: String,
    /// What it uses, takes and must leave alone, a line each.
    notes: Vec<String>,
    checklist: Vec<String>,
    failure: String,
    blocked: Vec<BranchRow>,
    prompts: Vec<PromptView>,
    gate: Option<GateView>,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct PromptView {
    text: String,
    fence: String,
    /// The file it was moved to; empty when it stands here.
    file: String,
}

#[derive(Serialize)]
struct TextView {
    when: String,
    text: String,
    file: String,
    title: String,
}

/// A prompt or text that the page had no room for.
#[derive(Serialize)]
struct Aside<'v> {
    mark: &'v str,
    title: String,
    back: String,
    text: String,
    fence: String,
}

/// The page, and what it had no room for, with their paths below `references/`.
pub fn files(
    sound: Sound<'_, '_>,
    phase: NodeId,
    mark: &str,
    renderer: &Renderer<'_>,
) -> Result<Vec<(String, String)>, TemplateFault> {
    let prose = Prose { sound, reader: Reader::Document(Folder::References) };
    let (_, path) = page_of(&prose, Page::Phase(phase));
    let mut page = PhasePage::new(&prose, phase, mark);
    let whole = renderer.render("phase.md", &page)?;
    if budget::REFERENCE.holds(&whole) {
        return Ok(vec![(path, whole)]);
    }
    let below = Prose { sound, reader: Reader::Document(Folder::Below) };
    let mut asides = Vec::new();
    let stem = path.trim_end_matches(".md").to_string();
    // The longest prompts go first, and no more of them than must.
    let mut text = whole;
    while !budget::REFERENCE.holds(&text)
        && let Some(moved) = move_longest_prompt(&mut page.steps, &stem)
    {
        asides.push(moved);
        text = renderer.render("phase.md", &page)?;
    }
    if !budget::REFERENCE.holds(&text) {
        let moved = PhasePage::new(&below, phase, mark);
        for (index, view) in page.texts.iter_mut().enumerate() {
            let title = moved.texts.get(index).map_or_else(String::new, |moved| first_heading(&moved.text));
            let file = format!("texts/{stem}-{}.md", index + 1);
            let content = moved.texts.get(index).map_or_else(String::new, |moved| moved.text.clone());
            asides.push((file.clone(), title.clone(), content, String::new()));
            (view.file, view.title, view.text) = (file, title, String::new());
        }
        text = renderer.render("phase.md", &page)?;
    }
    let (label, file) = page_of(&below, Page::Phase(phase));
    let mut files = vec![(path, text)];
    for (path, title, text, fence) in asides {
        let back = format!("[{label}](../{file})");
        let aside = Aside { mark, title, back, text, fence };
        files.push((path, renderer.render("aside.md", &aside)?));
    }
    Ok(files)
}

type Moved = (String, String, String, String);

/// Takes the longest prompt that still stands on the page out of it; its file has its number among all of the page.
fn move_longest_prompt(steps: &mut [StepView], stem: &str) -> Option<Moved> {
    fn all<'v>(steps: &'v mut [StepView], found: &mut Vec<(String, String, &'v mut PromptView)>) {
        for step in steps {
            found.extend(step.prompts.iter_mut().map(|prompt| (step.agent.clone(), step.title.clone(), prompt)));
            all(&mut step.steps, found);
        }
    }
    let mut prompts = Vec::new();
    all(steps, &mut prompts);
    let standing = prompts.into_iter().enumerate().filter(|(_, (_, _, prompt))| prompt.file.is_empty());
    let lines = |prompt: &PromptView| prompt.text.lines().count();
    let (index, (agent, title, prompt)) =
        standing.max_by_key(|(index, (_, _, prompt))| (lines(prompt), std::cmp::Reverse(*index)))?;
    prompt.file = format!("prompts/{stem}-{agent}-{}.md", index + 1);
    Some((prompt.file.clone(), format!("Prompt: {title}"), std::mem::take(&mut prompt.text), prompt.fence.clone()))
}

fn first_heading(text: &str) -> String {
    let heading = text.lines().find_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")));
    heading.unwrap_or("More").to_string()
}

impl PhasePage {
    fn new(prose: &Prose<'_, '_>, phase: NodeId, mark: &str) -> Self {
        let sound = prose.sound;
        let model = &sound.model;
        let node = model.node(phase);
        let work = model.work(phase);
        let overridable = work.and_then(|work| work.overridable.as_deref());
        let inner = model.ancestors(phase).find(|id| model.node(*id).kind == NodeKind::Loop);
        PhasePage {
            mark: mark.to_string(),
            number: model.number(phase),
            title: prose.title(phase),
            name: node.name.name.to_string(),
            docs: node.docs.iter().map(|line| (*line).to_string()).collect(),
            purpose: prose.optional(work.and_then(|work| work.purpose.as_ref())),
            when: prose.when(phase),
            because: joined(&prose.reasons(phase)),
            required: node.required().is_some(),
            loop_of: inner.map_or_else(String::new, |id| loop_words(prose, id)),
            loop_notes: loop_notes(prose, phase),
            entry: neighbours_view(prose, phase, Direction::Before),
            ran: work
                .into_iter()
                .flat_map(|work| &work.requires_phases)
                .map(|(other, _)| prose.link(Page::Phase(*other)))
                .collect(),
            next: neighbours_view(prose, phase, Direction::After),
            reads: work.into_iter().flat_map(|work| &work.reads).map(|read| read_row(prose, read)).collect(),
            produces: produced_rows(prose, phase),
            decides: decided_rows(prose, phase),
            revises: revisions(prose, phase),
            budget: work.map_or_else(Vec::new, budget_words),
            notes: work.map_or_else(Vec::new, |work| notes(prose, work)),
            steps: steps(prose, phase, ""),
            requires: work
                .into_iter()
                .flat_map(|work| &work.requires)
                .map(|condition| prose.written(condition))
                .collect(),
            checklist: work.into_iter().flat_map(|work| &work.checklist).map(|text| prose.text(text)).collect(),
            failure: failure(prose, work),
            blocked: branch_rows(prose, work.map_or(&[][..], |work| &work.on_blocked)),
            overridable: overridable.is_some(),
            risk: prose.optional(overridable.and_then(|overridable| overridable.risk.as_ref())),
            texts: texts(prose, work.map_or(&[][..], |work| &work.texts)),
        }
    }
}

fn budget_words(work: &Work<'_>) -> Vec<String> {
    work.budget.iter().map(|(word, amount)| format!("{} at most {}", word.name, amount.quantity.show())).collect()
}

fn tools_of(work: &Work<'_>) -> impl Iterator<Item = String> {
    work.tools.iter().map(|tool| tool.name.to_string())
}

/// What a phase or stage loads and uses, and what nobody may change meanwhile. Prompts say it of a spawn.
fn notes(prose: &Prose<'_, '_>, work: &Work<'_>) -> Vec<String> {
    let skills = prose.listed(work.skills.iter().map(|skill| prose.skill(skill)));
    let tools = prose.listed(tools_of(work));
    let unchanged = prose.listed(work.unchanged.iter().map(|path| prose.text(path)));
    let all = [("Skills", skills), ("Tools", tools), ("Nobody changes", unchanged)];
    all.into_iter().filter(|(_, said)| !said.is_empty()).map(|(what, said)| format!("**{what}:** {said}")).collect()
}

/// What a stage takes, and what must hold for it to be complete.
fn taken(prose: &Prose<'_, '_>, work: &Work<'_>) -> Vec<String> {
    let read = |read: &crate::model::Read| {
        let absent = if read.optional { " (may be absent)" } else { "" };
        format!("`{}`{absent}", prose.file(read.artifact))
    };
    let reads = joined(&work.reads.iter().map(read).collect::<Vec<_>>());
    let requires = joined(&work.requires.iter().map(|condition| prose.written(condition)).collect::<Vec<_>>());
    let all = [("Reads", reads), ("Complete when", requires)];
    all.into_iter().filter(|(_, said)| !said.is_empty()).map(|(what, said)| format!("**{what}:** {said}")).collect()
}

fn failure(prose: &Prose<'_, '_>, work: Option<&Work<'_>>) -> String {
    work.and_then(|work| work.on_failure.as_ref()).map_or_else(String::new, |outcome| prose.outcome(outcome))
}

/// What is said of each loop whose first phase this is, from the outside in.
fn loop_notes(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<String> {
    let model = &prose.sound.model;
    let is_first = |id: &NodeId| model.descendants(*id).find(|inside| model.node(*inside).kind == NodeKind::Phase);
    let mut around: Vec<NodeId> = model.ancestors(phase).filter(|id| is_first(id) == Some(phase)).collect();
    around.reverse();
    let mut notes = Vec::new();
    for inner in around.into_iter().filter_map(|id| model.loop_of(id)) {
        notes.extend(inner.purpose.as_ref().map(|purpose| prose.text(purpose)));
        if let Some(outcome) = &inner.on_exhausted {
            notes.push(format!("**When the passes are used up:** {}", prose.outcome(outcome)));
        }
        if let Some(overridable) = &inner.overridable {
            let risk = overridable.risk.as_ref().map(|risk| format!(", who is told: {}", prose.text(risk)));
            notes.push(format!("**Override:** only by the user{}", risk.unwrap_or_default()));
        }
        notes.extend(inner.texts.iter().map(|block| prose.block(block)));
    }
    notes
}

fn loop_words(prose: &Prose<'_, '_>, id: NodeId) -> String {
    format!("{}: {}", prose.title(id), repeats(prose, id))
}

/// "it repeats until `green`, at most 3 times".
pub fn repeats(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let Some(inner) = prose.sound.model.loop_of(id) else { return String::new() };
    let until = inner.until.as_ref().map_or_else(String::new, |until| format!(" until {}", prose.written(until)));
    let bound = inner.bound.as_ref().map_or_else(String::new, |bound| format!(", {}", prose.bound(bound)));
    format!("it repeats{until}{bound}")
}

fn texts(prose: &Prose<'_, '_>, blocks: &[TextBlock<'_>]) -> Vec<TextView> {
    blocks
        .iter()
        .map(|block| TextView {
            when: block.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
            text: prose.text(&block.text),
            file: String::new(),
            title: String::new(),
        })
        .collect()
}

/// Beside a line that says of a phase that it has run none says that it is complete.
fn neighbours_view(prose: &Prose<'_, '_>, phase: NodeId, direction: Direction) -> Vec<Neighbours> {
    let required = prose.sound.model.work(phase).map_or(&[][..], |work| &work.requires_phases);
    let is_said = |neighbour: &&Neighbour| {
        let is_required = required.iter().any(|(other, _)| neighbour.phase == Some(*other));
        direction == Direction::Before && is_required && neighbour.gates.is_empty()
    };
    grouped(prose, phase, direction)
        .into_iter()
        .map(|(variants, found)| Neighbours {
            variants,
            lines: found
                .iter()
                .filter(|neighbour| !is_said(neighbour))
                .map(|neighbour| neighbour_words(prose, neighbour, direction))
                .collect(),
        })
        .collect()
}

fn neighbour_words(prose: &Prose<'_, '_>, neighbour: &Neighbour, direction: Direction) -> String {
    let model = &prose.sound.model;
    let phase = neighbour.phase.map(|phase| prose.link(Page::Phase(phase)));
    let gates: Vec<String> = neighbour.gates.iter().map(|gate| prose.link(Page::Gate(*gate))).collect();
    let maybe = match neighbour.phase {
        Some(phase) if neighbour.maybe => match &model.node(phase).when {
            Some(when) => format!(" (when {})", prose.written(when)),
            None => " (depends on other facts)".to_string(),
        },
        _ => String::new(),
    };
    match (direction, phase, gates.is_empty()) {
        (Direction::Before, Some(phase), true) => format!("{phase} is complete{maybe}"),
        (Direction::Before, Some(phase), false) => format!("{phase} is complete{maybe}, and {} closed", closed(&gates)),
        (Direction::Before, None, true) => "the workflow begins here".to_string(),
        (Direction::Before, None, false) => format!("{} closed", closed(&gates)),
        (Direction::After, Some(phase), true) => format!("{phase}{maybe}"),
        (Direction::After, Some(phase), false) => format!("{phase}{maybe}, once {} closed", closed(&gates)),
        (Direction::After, None, true) => "the workflow ends here".to_string(),
        (Direction::After, None, false) => format!("the workflow ends once {} closed", closed(&gates)),
    }
}

fn closed(gates: &[String]) -> String {
    format!("{} {}", joined(gates), if gates.len() == 1 { "is" } else { "are" })
}

fn read_row(prose: &Prose<'_, '_>, read: &crate::model::Read) -> ReadRow {
    let model = &prose.sound.model;
    let artifact = &model.artifacts[read.artifact.index()];
    let mut from: Vec<String> = Vec::new();
    for phase in artifact.producers.iter().filter_map(|producer| model.phase_of(*producer)) {
        let link = prose.link(Page::Phase(phase));
        if !from.contains(&link) {
            from.push(link);
        }
    }
    ReadRow { file: prose.file(read.artifact), from: joined(&from), optional: read.optional }
}

/// What the phase and everything inside it produces.
fn produced_rows(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<ProducedRow> {
    let model = &prose.sound.model;
    let mut rows: Vec<ProducedRow> = Vec::new();
    let nodes = std::iter::once(phase).chain(model.descendants(phase));
    let works = nodes.filter_map(|node| Some((node, model.work(node)?)));
    for (node, id) in works.flat_map(|(node, work)| work.produces.iter().map(move |id| (node, id))) {
        let file = prose.file(*id);
        if !rows.iter().any(|row| row.file == file) {
            let sections: Vec<String> =
                model.artifacts[id.index()].sections.iter().map(|section| prose.cell(section)).collect();
            rows.push(ProducedRow { file, place: place_below(prose, node), sections: joined(&sections) });
        }
    }
    rows
}

/// Where in its phase an item is: ", for each task", " (`deep`)".
fn place_below(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let mut around = model.ancestors(id).take_while(|around| model.node(*around).kind != NodeKind::Phase);
    let conditions = conditions_below_phase(prose, id);
    let mut words = String::new();
    if around.any(|around| model.node(around).kind == NodeKind::Each) {
        words.push_str(", for each task");
    }
    if !conditions.is_empty() {
        words.push_str(&format!(" ({})", conditions.join(" and ")));
    }
    words
}

fn decided_rows(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<FactRow> {
    let model = &prose.sound.model;
    let mut rows = Vec::new();
    for fact in &model.facts {
        for decider in fact.deciders.iter().filter(|decider| model.is_within(decider.node, phase)) {
            let values = prose.values(fact.of);
            let how = match (&decider.run, model.node(decider.node).kind) {
                (Some(run), _) => format!("from {}", super::super::words::code(&prose.text(&run.command))),
                (None, NodeKind::Spawn) => format!("returned by `{}`", model.node(decider.node).name.name),
                (None, NodeKind::Gate) => "answered by the person".to_string(),
                (None, _) if decider.confirmed => "settled here, confirmed by the person".to_string(),
                (None, _) => "settled here".to_string(),
            };
            let (name, place) = (fact.name.name.to_string(), place_below(prose, decider.node));
            rows.push(FactRow { name, values, how, place });
        }
    }
    rows
}

fn revisions(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<String> {
    let model = &prose.sound.model;
    let nodes = std::iter::once(phase).chain(model.descendants(phase));
    let mut lines = Vec::new();
    for revision in nodes.filter_map(|node| model.work(node)).flat_map(|work| &work.revises) {
        let fact = &model.facts[revision.fact.index()];
        match &revision.arms {
            None => lines.push(format!("`{}` may be raised, never lowered", fact.name.name)),
            Some(arms) => lines.extend(arms.iter().map(|arm| {
                format!(
                    "`{}` becomes `{}` when {} (first that fits)",
                    fact.name.name,
                    model.value_name(fact.of, arm.value),
                    prose.written(&arm.condition)
                )
            })),
        }
    }
    lines
}

fn steps(prose: &Prose<'_, '_>, parent: NodeId, prefix: &str) -> Vec<StepView> {
    let model = &prose.sound.model;
    model
        .children(parent)
        .enumerate()
        .map(|(index, child)| {
            let number = if prefix.is_empty() { format!("{}", index + 1) } else { format!("{prefix}.{}", index + 1) };
            step(prose, child, number)
        })
        .collect()
}

fn step(prose: &Prose<'_, '_>, id: NodeId, number: String) -> StepView {
    let model = &prose.sound.model;
    let node = model.node(id);
    let mut view = StepView {
        kind: node.kind.word(),
        title: prose.title(id),
        when: node.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
        text: String::new(),
        evidence: String::new(),
        agent: String::new(),
        model: String::new(),
        irreversible: node.irreversible().is_some(),
        returns: String::new(),
        notes: Vec::new(),
        checklist: Vec::new(),
        failure: String::new(),
        blocked: Vec::new(),
        prompts: Vec::new(),
        gate: None,
        steps: if node.kind == NodeKind::Gate { Vec::new() } else { steps(prose, id, &number) },
        number,
    };
    match model.detail(id) {
        Detail::Step(item) => {
            view.text = prose.optional(item.meaning.as_ref());
            view.evidence = item.by.as_ref().map_or_else(String::new, |by| prose.evidence(by, &[]));
            if let Some(Evidence::Checklist(lines)) = &item.by {
                view.checklist = lines.iter().map(|line| prose.text(line)).collect();
            }
            if item.required {
                view.title = format!("Verify: {}", view.title);
            }
        }
        Detail::Gate(_) => view.gate = Some(gate_view(prose, id)),
        Detail::Work(work) => {
            match node.kind {
                NodeKind::Spawn => spawn_view(prose, id, &mut view),
                NodeKind::Each => view.text = each_words(prose, id),
                NodeKind::Stage => {
                    view.title = format!("{} ({})", view.title, prose.node(id).replace("Phase ", ""));
                    view.notes = notes(prose, work);
                    view.notes.splice(0..0, taken(prose, work));
                }
                _ => {}
            }
            if node.kind != NodeKind::Spawn {
                view.checklist = work.checklist.iter().map(|line| prose.text(line)).collect();
            }
            let budget = budget_words(work);
            if !budget.is_empty() {
                view.notes.push(format!("**Budget:** {}", budget.join(", ")));
            }
            view.failure = failure(prose, Some(work));
            view.blocked = branch_rows(prose, &work.on_blocked);
            let own = work.texts.iter().map(|block| prose.block(block));
            let purpose = prose.optional(work.purpose.as_ref());
            let parts: Vec<String> =
                [purpose, view.text.clone()].into_iter().chain(own).filter(|part| !part.is_empty()).collect();
            view.text = parts.join("\n\n");
        }
        _ => {}
    }
    if node.kind == NodeKind::Parallel {
        view.title = "Side by side".to_string();
        view.text = "Start all of these in one message; go on when every one has ended.".to_string();
    }
    view
}

fn spawn_view(prose: &Prose<'_, '_>, id: NodeId, view: &mut StepView) {
    let model = &prose.sound.model;
    let Some(work) = model.work(id) else { return };
    view.agent = model.node(id).name.name.to_string();
    view.model = work.model.map_or_else(String::new, |model| model.name.to_string());
    if !work.tools.is_empty() {
        view.notes.push(format!("**Tools:** {}", prose.listed(tools_of(work))));
    }
    view.returns = prose.listed(work.decides.iter().map(|fact| model.facts[fact.index()].name.name.to_string()));
    let text = prose.prompt(id);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    view.prompts.push(PromptView { text, fence, file: String::new() });
}

fn each_words(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let Some(each) = model.work(id).and_then(|work| work.each.as_ref()) else { return String::new() };
    let mut words = Vec::new();
    if let Some(from) = &each.from {
        let section =
            each.section.as_ref().map_or_else(String::new, |text| format!(", section \"{}\"", prose.text(text)));
        words.push(format!("One round for each task of `{}`{section}.", prose.file(from.artifact)));
    }
    if let Some(bound) = &each.bound {
        words.push(format!("No more than {} tasks.", bound.quantity.show()));
    }
    if let Some(batch) = &each.batch {
        words.push(format!("All at once when {}; else one after the other.", prose.written(batch)));
    }
    if each.else_once {
        words.push("Without that file: once, for the whole request.".to_string());
    }
    words.join(" ")
}
