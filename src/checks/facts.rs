//! Facts: decided once, and before they are read.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::model::{Cond, FactAtom, FactId, FactKind, NodeId, NodeKind};
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
        if !site.role.is_final() {
            read(analysis, &site.condition.cond, site.at, site.node, found);
        }
        read_of_tasks(analysis, &site.condition.cond, site.node, found);
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

/// Where a fact is decided.
pub fn decided_at(analysis: &Analysis<'_>, fact: FactId) -> Option<(NodeId, Span)> {
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

/// All comparisons of a condition.
pub fn facts_of<'c>(cond: &'c Cond, atoms: &mut Vec<&'c FactAtom>) {
    match cond {
        Cond::Any(operands) | Cond::All(operands) => operands.iter().for_each(|operand| facts_of(operand, atoms)),
        Cond::Not(inner) => facts_of(inner, atoms),
        Cond::Fact(atom) => atoms.push(atom),
        _ => {}
    }
}
