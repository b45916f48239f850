//! Facts: decided once, before they are read, and wherever it matters what they are.

use std::collections::HashSet;

use crate::analysis::{Analysis, Role, Site, sites};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Arm, Cond, Detail, FactAtom, FactId, FactKind, NodeId, NodeKind};
use crate::source::Span;

codes! {
    FACT_NEVER_DECIDED: "WF305" "fact-never-decided" Error = "A fact is read and nothing decides it.",
        "A fact is settled during the run by the item that says so: `decides` on a phase or stage, `returns` on a spawn. \
         What is known when the run starts is an `input`.",
        bad: "workflow w\n\nfact small: bool\n\nphase a\n\nphase b when small\n",
        good: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b when small\n";
    FACT_DECIDED_TWICE: "WF306" "fact-decided-twice" Error = "Two items decide the same fact.",
        "A fact has one decider. Whoever changes it later says `revises`, so that every reader knows which version it sees.",
        bad: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b {\n  decides small\n}\n\nphase c when small\n",
        good: "workflow w\n\nfact [small, known]: bool\n\nphase a {\n  decides [small, known]\n}\n\nphase b {\n  revises small {\n    not known -> false\n  }\n}\n\nphase c when small\n";
    FACT_READ_TOO_EARLY: "WF307" "fact-read-too-early" Error = "A condition reads what is settled only later.",
        "A read means the version of the last decider or reviser before the reader. Here none is before it in the order; \
         order is the same in every variant.",
        bad: "workflow w\n\nfact small: bool\n\nphase a when small\n\nphase b {\n  decides small\n}\n",
        good: "workflow w\n\nfact small: bool\n\nphase b {\n  decides small\n}\n\nphase a when small\n";
    FACT_UNDECIDED: "WF308" "fact-undecided-in-variant" Error = "A condition reads a fact that nobody has decided in some variant.",
        "The decider comes before the reader, but in some variant it is skipped. Where that is so, the condition must come out \
         the same whatever the fact would be: say what holds without it, with `ran(…)`, `skipped(…)` or the decider's own \
         condition. The same is said where a reader and a reviser of a fact run side by side, so that nobody knows which \
         version is read.",
        bad: "workflow w\n\nenum Size { SMALL < LARGE }\n\nenum Verdict { good | bad }\n\nfact size: Size\n\nfact verdict: Verdict\n\nphase triage {\n  decides size\n}\n\nphase review when size == LARGE {\n  decides verdict\n}\n\nphase repair when verdict == bad\n",
        good: "workflow w\n\nenum Size { SMALL < LARGE }\n\nenum Verdict { good | bad }\n\nfact size: Size\n\nfact verdict: Verdict\n\nphase triage {\n  decides size\n}\n\nphase review when size == LARGE {\n  decides verdict\n}\n\nphase repair when verdict == bad and size == LARGE\n";
    DEAD_REVISION: "WF309" "dead-revision" Warning = "A revision changes nothing in any variant.",
        "Each arm gives the value that the fact has already, or never applies. Often a value was mixed up.",
        bad: "workflow w\n\nenum Size { SMALL < MEDIUM < LARGE }\n\nfact size: Size\n\nphase triage {\n  decides size\n}\n\nphase look {\n  revises size {\n    LARGE -> LARGE\n  }\n}\n\nphase design when size == LARGE\n",
        good: "workflow w\n\nenum Size { SMALL < MEDIUM < LARGE }\n\nfact size: Size\n\nphase triage {\n  decides size\n}\n\nphase look {\n  revises size {\n    SMALL -> MEDIUM\n  }\n}\n\nphase design when size == LARGE\n";
    ONCE_READS_THE_PASS: "WF310" "once-reads-the-pass" Error = "A `once` item depends on what a pass of its loop decides.",
        "A `once` item runs in the first pass and keeps what it did. If it depended on a fact that every pass settles anew, a \
         later pass would contradict it. It may read what was decided before the loop, or by `once` items before it.",
        bad: "workflow w\n\nfact [ready, good]: bool\n\nloop l at most 3 {\n  phase probe {\n    decides ready\n  }\n  phase plan once when ready\n  phase try {\n    decides good\n  }\n  until good\n}\n",
        good: "workflow w\n\nfact [ready, good]: bool\n\nphase probe {\n  decides ready\n}\n\nloop l at most 3 {\n  phase plan once when ready\n  phase try {\n    decides good\n  }\n  until good\n}\n";
}

/// Wherever a condition is evaluated, it comes out the same whatever an undecided fact would be.
///
/// Semantics N5: a counter-example reaches the reader, the decider has not run, and two values of the fact tell the
/// condition apart.
pub fn facts_are_decided_where_they_matter(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    // A fact is reported once per item: what else asks for it there follows.
    let mut told: HashSet<(NodeId, FactId)> = HashSet::new();
    sites(model, &mut |site| {
        if site.role.is_final() || site.role == Role::Measure {
            return;
        }
        let mut atoms = Vec::new();
        facts_of(&site.condition.cond, &mut atoms);
        atoms.sort_by_key(|atom| (atom.fact, atom.span));
        atoms.dedup_by_key(|atom| atom.fact);
        for atom in atoms {
            if told.contains(&(site.node, atom.fact)) {
                continue;
            }
            if let Some(diagnostic) = undecided(analysis, &site, atom) {
                told.insert((site.node, atom.fact));
                found.push(diagnostic);
            }
        }
    });
    for (reviser, work) in (0..model.nodes.len()).map(NodeId::new).filter_map(|id| Some((id, model.work(id)?))) {
        for revision in &work.revises {
            let Some((decider, _)) = decided_at(analysis, revision.fact) else { continue };
            if told.contains(&(reviser, revision.fact)) || analysis.run(decider) == TRUE {
                continue;
            }
            let name = model.facts[revision.fact.index()].name.name;
            let fault = analysis.and_not(analysis.run(reviser), analysis.run(decider));
            let last = format!("{} revises `{name}`, which nobody has decided", analysis.described(reviser));
            let Some(example) = analysis.example(fault, Position::EndOf(reviser), &[decider], last) else { continue };
            found.push(
                Diagnostic::new(
                    &FACT_UNDECIDED,
                    revision.span,
                    format!("`{name}` is revised where nobody may have decided it"),
                )
                .label(format!("by {}", analysis.described(reviser)))
                .related(model.node(decider).name.span, format!("decided by {}", analysis.described(decider)))
                .example(example)
                .help(match model.node(decider).kind {
                    NodeKind::Spawn => {
                        format!("revise it only where {} runs: repeat its condition", analysis.described(decider))
                    }
                    _ => format!("revise it only where it was decided: `when ran({})`", model.node(decider).name.name),
                }),
            );
        }
    }
}

fn facts_of<'c>(cond: &'c Cond, atoms: &mut Vec<&'c FactAtom>) {
    match cond {
        Cond::Any(operands) | Cond::All(operands) => operands.iter().for_each(|operand| facts_of(operand, atoms)),
        Cond::Not(inner) => facts_of(inner, atoms),
        Cond::Fact(atom) => atoms.push(atom),
        _ => {}
    }
}

fn undecided(analysis: &Analysis<'_>, site: &Site<'_>, atom: &FactAtom) -> Option<Diagnostic> {
    let model = &analysis.model;
    let (decider, decided) = decided_at(analysis, atom.fact)?;
    if analysis.run(decider) == TRUE || model.is_within(site.node, decider) {
        return None;
    }
    let revised = revision_of(analysis, site);
    let variable = match revised {
        Some((fact, _)) if fact == atom.fact => analysis.version_before(fact, site.node)?,
        _ => analysis.variable_at(atom.fact, site.at)?,
    };
    let mut asked = analysis.and_not(asked(analysis, site), analysis.run(decider));
    if asked == FALSE {
        return None;
    }
    let holds = match revised {
        Some((fact, before)) => {
            // Arms are tried in their order.
            for arm in before {
                asked = analysis.and_not(asked, analysis.arm_holds(&arm.condition, site.node, fact));
            }
            analysis.arm_holds(site.condition, site.node, fact)
        }
        None => analysis.part_holds(&site.condition.cond, site.at),
    };
    let may_hold = analysis.exists(holds, variable);
    let may_fail = analysis.exists(analysis.not(holds), variable);
    let fault = analysis.and(asked, analysis.and(may_hold, may_fail));
    let name = model.facts[atom.fact.index()].name.name;
    let shown = model.written(site.condition.span);
    let last = format!("`{shown}` cannot be told: nobody has decided `{name}`");
    let example = analysis.example(fault, site.at, &[decider], last)?;
    let decider_name = model.node(decider).name.name;
    let help = match site.role {
        // Only what has a name of its own can be asked about.
        _ if model.node(decider).kind == NodeKind::Spawn => {
            format!("say what holds without it: repeat the condition of {}", analysis.described(decider))
        }
        Role::When | Role::Skip => {
            format!(
                "ask first whether it was decided: `ran({decider_name}) and …`, or repeat the condition of `{decider_name}`"
            )
        }
        _ => format!("say what holds without it, as in `skipped({decider_name}) or …`"),
    };
    Some(
        Diagnostic::new(&FACT_UNDECIDED, atom.span, format!("`{name}` is read where nobody may have decided it"))
            .label(format!("read by {}", analysis.described(site.node)))
            .related(decided, format!("decided by {}", analysis.described(decider)))
            .example(example)
            .help(help),
    )
}

/// The fact that an arm revises, with the arms before it.
fn revision_of<'a, 's>(analysis: &'a Analysis<'s>, site: &Site<'_>) -> Option<(FactId, &'a [Arm])> {
    if site.role != Role::Arm {
        return None;
    }
    analysis.model.work(site.node)?.revises.iter().find_map(|revision| {
        let arms = revision.arms.as_ref()?;
        let index = arms.iter().position(|arm| arm.condition.span == site.condition.span)?;
        Some((revision.fact, &arms[..index]))
    })
}

/// Under which condition a condition is evaluated at all.
fn asked(analysis: &Analysis<'_>, site: &Site<'_>) -> Diagram {
    let node = analysis.model.node(site.node);
    match (&node.detail, site.role) {
        (_, Role::When) => analysis.run(node.parent),
        (_, Role::Skip) => {
            let parent = analysis.run(node.parent);
            node.when.as_ref().map_or(parent, |when| analysis.and(parent, analysis.holds(when, site.at)))
        }
        (Detail::Gate(_), Role::Route) => analysis.fails(site.node),
        _ => analysis.run(site.node),
    }
}

/// Readers and revisers of a fact are ordered, so that it is known which version is read.
pub fn revisions_are_ordered(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if model.facts.iter().all(|fact| fact.revisers.is_empty()) {
        return;
    }
    let mut told: HashSet<(NodeId, FactId)> = HashSet::new();
    sites(model, &mut |site| {
        if site.role.is_final() {
            return;
        }
        let mut atoms = Vec::new();
        facts_of(&site.condition.cond, &mut atoms);
        for atom in atoms {
            let fact = &model.facts[atom.fact.index()];
            // Two revisers are reported as such, and a reader once.
            if fact.revisers.iter().any(|(node, _)| *node == site.node) || !told.insert((site.node, atom.fact)) {
                continue;
            }
            let beside = fact.revisers.iter().find(|(node, _)| analysis.graph.beside(model, *node, site.node));
            if let Some((reviser, revised)) = beside {
                let reader = analysis.described(site.node);
                found.push(unordered(
                    analysis,
                    fact.name.name,
                    atom.span,
                    *revised,
                    *reviser,
                    &format!("read by {reader}"),
                ));
            }
        }
    });
    for fact in &model.facts {
        for (index, (reviser, revised)) in fact.revisers.iter().enumerate() {
            let other = fact.revisers[..index].iter().find(|(node, _)| analysis.graph.beside(model, *node, *reviser));
            if let Some((other, other_span)) = other {
                let label = format!("revised by {}, too", analysis.described(*reviser));
                found.push(unordered(analysis, fact.name.name, *revised, *other_span, *other, &label));
            }
        }
    }
}

fn unordered(
    analysis: &Analysis<'_>,
    name: &str,
    span: Span,
    revised: Span,
    reviser: NodeId,
    label: &str,
) -> Diagnostic {
    let reviser = analysis.described(reviser);
    Diagnostic::new(&FACT_UNDECIDED, span, format!("nobody knows which version of `{name}` is meant here"))
        .label(label)
        .related(revised, format!("revised by {reviser}, which runs side by side with it"))
        .help(format!(
            "put one behind the other, or let it wait with `after`, so that {reviser} comes before or after it"
        ))
}

/// A revision is made in the loop in which the fact is decided, or both stand outside of any.
pub fn revisions_stay_in_the_loop(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let around = |node| model.ancestors(node).find(|item| model.node(*item).kind == NodeKind::Loop);
    for fact in &model.facts {
        let decider = fact.deciders.first().map(|decider| (decider.node, decider.span));
        for (reviser, span) in &fact.revisers {
            let outer = fact.revisers.iter().find(|(node, _)| node != reviser && model.is_within(*reviser, *node));
            if let Some((outer, outer_span)) = outer {
                let name = fact.name.name;
                found.push(
                    Diagnostic::new(
                        &FACT_DECIDED_TWICE,
                        *span,
                        format!("`{name}` is revised inside of what revises it"),
                    )
                    .label(format!("revised by {}", analysis.described(*reviser)))
                    .related(*outer_span, format!("revised by {}, too, when it ends", analysis.described(*outer)))
                    .help("revise it in one of the two"),
                );
                continue;
            }
            let inner = around(*reviser);
            if inner == decider.and_then(|(node, _)| around(node)) {
                continue;
            }
            let name = fact.name.name;
            let message = match inner {
                Some(inner) => format!("every pass of {} would revise `{name}` again", analysis.described(inner)),
                None => format!("`{name}` is decided in a loop and revised outside of it"),
            };
            found.push(
                Diagnostic::new(&FACT_DECIDED_TWICE, *span, message)
                    .label(format!("revised by {}", analysis.described(*reviser)))
                    .related(decider.map_or(fact.name.span, |(_, span)| span), "decided here")
                    .help("revise a fact in the loop in which it is decided, or do both outside of any loop"),
            );
        }
    }
}

/// Each revision can change something in some variant.
pub fn revisions_change_something(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for (index, fact) in model.facts.iter().enumerate() {
        let versions = || analysis.versions_of(FactId::new(index));
        for (reviser, span) in &fact.revisers {
            let id = |variable| analysis.version(variable).node == Some(*reviser);
            let Some(new) = versions().find(|variable| id(*variable)) else { continue };
            let Some(old) = versions().take_while(|variable| *variable != new).last() else { continue };
            let at = Position::Before(*reviser);
            let runs = analysis.run(*reviser);
            let changes = analysis.and_not(runs, analysis.equal(old, new));
            if analysis.within_reach(runs, at) != FALSE && analysis.within_reach(changes, at) == FALSE {
                found.push(
                    Diagnostic::new(
                        &DEAD_REVISION,
                        *span,
                        format!("this revision of `{}` never changes it", fact.name.name),
                    )
                    .label("in no variant does it make a difference")
                    .help("remove it, or say which value was meant to become which"),
                );
            }
        }
    }
}

/// A `once` item does not depend on what a pass of its loop decides.
///
/// Semantics N10: it keeps what it did in an earlier pass, so what it depends on must have been settled before the loop,
/// or by `once` items.
pub fn once_items_do_not_read_the_pass(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if model.nodes.iter().all(|node| node.once.is_none()) {
        return;
    }
    sites(model, &mut |site| {
        if !site.role.is_final() {
            let Some((once, inside)) = once_in_a_loop(analysis, site.node) else { return };
            reads_of_the_pass(analysis, &site.condition.cond, &site, once, inside, found);
        }
    });
    revisions_of_the_pass(analysis, found);
}

/// A revision reads the version before it, also where no arm names the fact.
fn revisions_of_the_pass(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for (reviser, work) in (0..model.nodes.len()).map(NodeId::new).filter_map(|id| Some((id, model.work(id)?))) {
        let Some((once, inside)) = once_in_a_loop(analysis, reviser) else { continue };
        for revision in &work.revises {
            let node = analysis
                .variable_at(revision.fact, Position::Before(reviser))
                .and_then(|variable| analysis.version(variable).node);
            let Some(node) = node.filter(|node| is_of_the_pass(analysis, *node, inside)) else { continue };
            let fact = model.facts[revision.fact.index()].name;
            let settled = decided_at(analysis, revision.fact).map_or(fact.span, |(_, span)| span);
            let what = format!("`{}`", fact.name);
            found.push(once_reads(analysis, revision.span, once, inside, (node, settled), &what));
        }
    }
}

/// The `once` item that a node is or stands in, and the loop around it.
fn once_in_a_loop(analysis: &Analysis<'_>, node: NodeId) -> Option<(NodeId, NodeId)> {
    let model = &analysis.model;
    let once = model.ancestors(node).find(|item| model.node(*item).once.is_some())?;
    let inside = model.ancestors(once).find(|item| model.node(*item).kind == NodeKind::Loop)?;
    Some((once, inside))
}

/// A `once` item keeps what it did for the passes of the loop around it; an outer loop enters that loop anew.
fn is_once_in(analysis: &Analysis<'_>, item: NodeId, inside: NodeId) -> bool {
    let model = &analysis.model;
    let mut around = model.ancestors(item).skip(1);
    model.node(item).once.is_some() && around.find(|other| model.node(*other).kind == NodeKind::Loop) == Some(inside)
}

/// Settled anew in every pass: in the loop, and in no `once` item.
fn is_of_the_pass(analysis: &Analysis<'_>, node: NodeId, inside: NodeId) -> bool {
    let model = &analysis.model;
    model.is_within(node, inside)
        && node != inside
        && model.ancestors(node).take_while(|item| *item != inside).all(|item| !is_once_in(analysis, item, inside))
}

fn once_reads(
    analysis: &Analysis<'_>,
    span: Span,
    once: NodeId,
    inside: NodeId,
    (settled, settled_span): (NodeId, Span),
    what: &str,
) -> Diagnostic {
    Diagnostic::new(&ONCE_READS_THE_PASS, span, format!("{} runs once and depends on {what}", analysis.described(once)))
        .label("may be different in the next pass")
        .related(settled_span, format!("settled by {} in each pass", analysis.described(settled)))
        .help(format!(
            "leave `once` out, or settle it before {} or in a `once` item before this one",
            analysis.described(inside)
        ))
}

fn reads_of_the_pass(
    analysis: &Analysis<'_>,
    cond: &Cond,
    site: &Site<'_>,
    once: NodeId,
    inside: NodeId,
    found: &mut Vec<Diagnostic>,
) {
    let model = &analysis.model;
    let of_the_pass = |node| is_of_the_pass(analysis, node, inside);
    let mut report = |span, settled, settled_span, what: String| {
        found.push(once_reads(analysis, span, once, inside, (settled, settled_span), &what));
    };
    match cond {
        Cond::Any(operands) | Cond::All(operands) => {
            operands.iter().for_each(|operand| reads_of_the_pass(analysis, operand, site, once, inside, found));
        }
        Cond::Not(inner) => reads_of_the_pass(analysis, inner, site, once, inside, found),
        Cond::Fact(atom) => {
            let node = analysis.variable_at(atom.fact, site.at).and_then(|variable| analysis.version(variable).node);
            if let Some(node) = node.filter(|node| of_the_pass(*node)) {
                let fact = model.facts[atom.fact.index()].name;
                let settled = decided_at(analysis, atom.fact).map_or(fact.span, |(_, span)| span);
                report(atom.span, node, settled, format!("`{}`", fact.name));
            }
        }
        Cond::Ran(node, span) | Cond::Skipped(node, span) if of_the_pass(*node) => {
            let name = model.node(*node).name;
            report(*span, *node, name.span, format!("whether `{}` ran", name.name));
        }
        _ => {}
    }
}

/// Each fact that is read has one decider, outside of any `each`.
pub fn facts_are_decided_once(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for fact in &model.facts {
        let name = fact.name;
        if !matches!(fact.kind, FactKind::Declared) || model.suspects.contains(name.name) {
            continue;
        }
        if let [first, rest @ ..] = &fact.deciders[..] {
            for decider in rest {
                found.push(
                    Diagnostic::new(
                        &FACT_DECIDED_TWICE,
                        decider.span,
                        format!("fact `{}` is decided twice", name.name),
                    )
                    .label(format!("decided again by {}", analysis.described(decider.node)))
                    .related(first.span, format!("first decided by {}", analysis.described(first.node)))
                    .help(format!("decide it once; to change it later write `revises {}`", name.name)),
                );
            }
            let each = model.ancestors(first.node).find(|id| model.node(*id).kind == NodeKind::Each);
            if let Some(each) = each {
                let variable = model.node(each).name;
                found.push(
                    Diagnostic::new(
                        &FACT_DECIDED_TWICE,
                        first.span,
                        format!("every task would decide `{}` anew", name.name),
                    )
                    .label("inside an `each`")
                    .related(variable.span, format!("for each `{}`", variable.name))
                    .help("decide it behind the `each`, from what the tasks have left"),
                );
            }
        } else if fact.read {
            found.push(
                Diagnostic::new(
                    &FACT_NEVER_DECIDED,
                    name.span,
                    format!("fact `{}` is read and nothing decides it", name.name),
                )
                .label("no `decides` and no `returns` names it")
                .help(format!("write `decides {0}` in the phase that settles it, or make it an `input`", name.name)),
            );
        }
    }
}

/// Whatever a condition speaks of is settled before it is read.
pub fn facts_are_read_after_they_are_decided(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    sites(model, &mut |site| {
        if !site.role.is_final() {
            read(analysis, &site.condition.cond, site.at, site.node, found);
        }
    });
    for fact in &model.facts {
        let Some(decider) = fact.deciders.first() else { continue };
        for (node, span) in &fact.revisers {
            let settled = analysis.graph.settled(model, decider.node, Position::Before(*node));
            if !settled {
                found.push(too_early(analysis, fact.name.name, *span, decider.span, decider.node, *node));
            }
        }
    }
    found.dedup_by(|a, b| a == b);
}

fn read(analysis: &Analysis<'_>, cond: &Cond, at: Position, reader: NodeId, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    match cond {
        Cond::Any(operands) | Cond::All(operands) => {
            operands.iter().for_each(|operand| read(analysis, operand, at, reader, found));
        }
        Cond::Not(inner) => read(analysis, inner, at, reader, found),
        Cond::Fact(atom) if atom.at.is_none() => {
            if analysis.variable_at(atom.fact, at).is_none()
                && let Some((node, span)) = decided_at(analysis, atom.fact)
            {
                found.push(too_early(
                    analysis,
                    model.facts[atom.fact.index()].name.name,
                    atom.span,
                    span,
                    node,
                    reader,
                ));
            }
        }
        Cond::Ran(node, span) | Cond::Skipped(node, span) if !analysis.graph.settled(model, *node, at) => {
            let name = model.node(*node).name;
            found.push(
                Diagnostic::new(
                    &FACT_READ_TOO_EARLY,
                    *span,
                    format!("whether `{}` ran is asked before it could have run", name.name),
                )
                .label(format!("read by {}", analysis.described(reader)))
                .related(name.span, "stands here in the order")
                .help("ask only about items before this one; use the fact that decides about it instead"),
            );
        }
        _ => {}
    }
}

fn decided_at(analysis: &Analysis<'_>, fact: FactId) -> Option<(NodeId, Span)> {
    analysis.model.facts[fact.index()].deciders.first().map(|decider| (decider.node, decider.span))
}

fn too_early(
    analysis: &Analysis<'_>,
    name: &str,
    span: Span,
    decided: Span,
    decider: NodeId,
    reader: NodeId,
) -> Diagnostic {
    let model = &analysis.model;
    let beside = analysis.graph.beside(model, decider, reader);
    let help = if model.is_within(reader, decider) || model.is_within(decider, reader) {
        "an item cannot depend on what it decides itself: decide the fact in an item before it"
    } else if beside {
        "the two run side by side: put the reader behind the `parallel`, or let it wait with `after`"
    } else {
        "move the reader below the decider, or decide the fact earlier"
    };
    Diagnostic::new(&FACT_READ_TOO_EARLY, span, format!("`{name}` is read before it is decided"))
        .label(format!("read by {}", analysis.described(reader)))
        .related(decided, format!("decided by {}", analysis.described(decider)))
        .help(help)
}
