//! Revisions: in one order with all readers, in the loop of their fact, and able to change something.

use std::collections::HashSet;

use crate::analysis::Analysis;
use crate::checks::facts::FACT_DECIDED_TWICE;
use crate::checks::undecided::FACT_UNDECIDED;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::FALSE;
use crate::model::{FactId, NodeId, NodeKind};
use crate::source::Span;

codes! {
    DEAD_REVISION: "WF309" "dead-revision" Warning = "A revision changes nothing in any variant.",
        "Each arm gives the value that the fact has already, or never applies. Often a value was mixed up.",
        bad: "workflow w\n\nenum Size { SMALL < MEDIUM < LARGE }\n\nfact size: Size\n\nphase triage {\n  decides size\n}\n\nphase look {\n  revises size {\n    LARGE -> LARGE\n  }\n}\n\nphase design when size == LARGE\n",
        good: "workflow w\n\nenum Size { SMALL < MEDIUM < LARGE }\n\nfact size: Size\n\nphase triage {\n  decides size\n}\n\nphase look {\n  revises size {\n    SMALL -> MEDIUM\n  }\n}\n\nphase design when size == LARGE\n";
}

/// Readers and revisers of a fact are ordered, so that it is known which version is read.
pub fn revisions_are_ordered(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if model.facts.iter().all(|fact| fact.revisers.is_empty()) {
        return;
    }
    let mut told: HashSet<(NodeId, FactId)> = HashSet::new();
    analysis.sites(&mut |site| {
        if site.role.is_final() {
            return;
        }
        let mut atoms = Vec::new();
        site.condition.cond.atoms(&mut atoms);
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
