//! Facts: decided once, and before they are read.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::model::{Cond, FactAtom, FactId, FactKind, NodeId, NodeKind, WRONG_KIND};
use crate::source::Span;

codes! {
    FACT_NEVER_DECIDED: "WF305" "fact-never-decided" Error = "A fact is read and nothing decides it.",
        "A fact is settled during the run by the item that says so: `decides` on a phase or stage, `returns` on a spawn. \
         What is known when the run starts is an `input`.",
        bad: "workflow w\n\nfact small: bool\n\nphase a\n\nphase b when small\n",
        good: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b when small\n";
    FACT_DECIDED_TWICE: "WF306" "fact-decided-twice" Error = "Two items decide the same fact.",
        "A fact has one decider. Whoever changes it later says `revises`, so that every reader knows which version it sees. \
         What stands in an `each` happens for every task anew, or never: nothing in it decides a fact, and the answer of a gate \
         in it, and whether an item of it ran, can be read in the same `each` only.",
        bad: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b {\n  decides small\n}\n\nphase c when small\n",
        good: "workflow w\n\nfact [small, known]: bool\n\nphase a {\n  decides [small, known]\n}\n\nphase b {\n  revises small {\n    not known -> false\n  }\n}\n\nphase c when small\n";
    FACT_READ_TOO_EARLY: "WF307" "fact-read-too-early" Error = "A condition reads what is settled only later.",
        "A read means the version of the last decider or reviser before the reader. Here none is before it in the order; \
         order is the same in every variant.",
        bad: "workflow w\n\nfact small: bool\n\nphase a when small\n\nphase b {\n  decides small\n}\n",
        good: "workflow w\n\nfact small: bool\n\nphase b {\n  decides small\n}\n\nphase a when small\n";
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
    analysis.sites(&mut |site| {
        let before = (!site.role.is_final()).then_some(site.at);
        read(analysis, &site.condition.cond, before, site.node, found);
        read_of_tasks(analysis, &site.condition.cond, site.node, found);
    });
    for (index, fact) in model.facts.iter().enumerate() {
        let Some(decider) = fact.deciders.first() else { continue };
        for (node, span) in &fact.revisers {
            let settled = analysis.graph.settled(model, decider.node, Position::Before(*node));
            if !settled {
                found.push(too_early(analysis, FactId::new(index), *span, decider.span, decider.node, *node));
            }
        }
    }
    found.dedup_by(|a, b| a == b);
}

/// What is read at a position, or of the whole run, where there is none.
fn read(analysis: &Analysis<'_>, cond: &Cond, at: Option<Position>, reader: NodeId, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    match cond {
        Cond::Any(operands) | Cond::All(operands) => {
            operands.iter().for_each(|operand| read(analysis, operand, at, reader, found));
        }
        Cond::Not(inner) => read(analysis, inner, at, reader, found),
        Cond::Fact(atom) => match (atom.at, at) {
            (Some(item), _) => match analysis.variable_from(atom.fact, item) {
                None => found.extend(no_version(analysis, atom, item)),
                Some(variable) => {
                    let settles = analysis.version(variable).node;
                    if let (Some(node), Some(at)) = (settles, at)
                        && !analysis.graph.settled(model, node, at)
                        && let Some(span) = settled_at(analysis, atom.fact, node)
                    {
                        found.push(too_early(analysis, atom.fact, atom.span, span, node, reader));
                    }
                }
            },
            (None, Some(at)) if analysis.variable_at(atom.fact, at).is_none() => {
                if let Some((node, span)) = decided_at(analysis, atom.fact) {
                    found.push(too_early(analysis, atom.fact, atom.span, span, node, reader));
                }
            }
            _ => {}
        },
        Cond::Ran(node, span) | Cond::Skipped(node, span)
            if at.is_some_and(|at| !analysis.graph.settled(model, *node, at)) =>
        {
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

/// What is settled for each task anew is one thing for that task alone: outside of the `each` there is no single answer,
/// and none at all where there is no task.
fn read_of_tasks(analysis: &Analysis<'_>, cond: &Cond, reader: NodeId, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let (node, span, what, way_out) = match cond {
        Cond::Any(operands) | Cond::All(operands) => {
            return operands.iter().for_each(|operand| read_of_tasks(analysis, operand, reader, found));
        }
        Cond::Not(inner) => return read_of_tasks(analysis, inner, reader, found),
        Cond::Fact(atom) => {
            let fact = &model.facts[atom.fact.index()];
            let FactKind::Answer(gate) = fact.kind else { return };
            (gate, atom.span, format!("`{}` is answered", fact.name.name), "ask behind the `each`, once for all tasks")
        }
        Cond::Ran(node, span) | Cond::Skipped(node, span) => {
            let what = format!("whether `{}` ran is settled", model.node(*node).name.name);
            (*node, *span, what, "ask about what stands around the `each`")
        }
        Cond::Measure(_) | Cond::Fault => return,
    };
    let Some(each) = model.each_left(node, reader) else { return };
    let task = model.node(each).name;
    found.push(
        Diagnostic::new(&FACT_DECIDED_TWICE, span, format!("{what} for every `{}` anew", task.name))
            .label("read outside of the `each`")
            .related(model.node(node).name.span, format!("{} stands in it", analysis.described(node)))
            .related(task.span, format!("there may be several of `{}`, or none", task.name))
            .help(way_out),
    );
}

/// `fact@item` where the item has no part in the fact; where nobody decides it at all, that is said of the fact.
fn no_version(analysis: &Analysis<'_>, atom: &FactAtom, item: NodeId) -> Option<Diagnostic> {
    let fact = &analysis.model.facts[atom.fact.index()];
    let name = fact.name;
    let mut settling =
        fact.deciders.iter().map(|decider| decider.node).chain(fact.revisers.iter().map(|(node, _)| *node));
    let first = settling.next()?;
    let around = analysis.model.ancestors(first);
    let named = around.map(|node| analysis.model.node(node)).find(|node| node.kind != NodeKind::Spawn);
    let shown = named.map_or(name.name, |node| node.name.name);
    Some(
        Diagnostic::new(
            &WRONG_KIND,
            atom.span,
            format!("{} leaves no version of `{}`", analysis.described(item), name.name),
        )
        .label("neither decides nor revises it")
        .related(name.span, "declared here")
        .help(format!("write `{0}@{shown}`, or `{0}` for the last version before this place", name.name)),
    )
}

/// Where an item says that it settles a fact.
fn settled_at(analysis: &Analysis<'_>, fact: FactId, node: NodeId) -> Option<Span> {
    let fact = &analysis.model.facts[fact.index()];
    let decided = fact.deciders.iter().find(|decider| decider.node == node).map(|decider| decider.span);
    decided.or_else(|| fact.revisers.iter().find(|(reviser, _)| *reviser == node).map(|(_, span)| *span))
}

/// Where a fact is decided.
pub fn decided_at(analysis: &Analysis<'_>, fact: FactId) -> Option<(NodeId, Span)> {
    analysis.model.facts[fact.index()].deciders.first().map(|decider| (decider.node, decider.span))
}

fn too_early(
    analysis: &Analysis<'_>,
    fact: FactId,
    span: Span,
    decided: Span,
    decider: NodeId,
    reader: NodeId,
) -> Diagnostic {
    let model = &analysis.model;
    let fact = &model.facts[fact.index()];
    let name = fact.name.name;
    let (done, doer, instead) = match fact.revisers.iter().any(|(reviser, _)| *reviser == decider) {
        true => ("revised", "reviser", format!("read the version before it, `{name}`")),
        false => ("decided", "decider", "decide the fact earlier".to_owned()),
    };
    let beside = analysis.graph.beside(model, decider, reader);
    let help = if model.is_within(reader, decider) || model.is_within(decider, reader) {
        "an item cannot depend on what it decides itself: decide the fact in an item before it".to_owned()
    } else if beside {
        "the two run side by side: put the reader behind the `parallel`, or let it wait with `after`".to_owned()
    } else {
        format!("move the reader below the {doer}, or {instead}")
    };
    Diagnostic::new(&FACT_READ_TOO_EARLY, span, format!("`{name}` is read before it is {done}"))
        .label(format!("read by {}", analysis.described(reader)))
        .related(decided, format!("{done} by {}", analysis.described(decider)))
        .help(help)
}
