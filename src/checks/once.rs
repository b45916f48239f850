//! A `once` item keeps what it did, so it depends on nothing that a pass settles.

use crate::analysis::{Analysis, Site};
use crate::checks::facts::decided_at;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::model::{Cond, NodeId, NodeKind};
use crate::source::Span;

codes! {
    ONCE_READS_THE_PASS: "WF310" "once-reads-the-pass" Error = "A `once` item depends on what a pass of its loop decides.",
        "A `once` item runs in the first pass and keeps what it did. If it depended on a fact that every pass settles anew, a \
         later pass would contradict it. It may read what was decided before the loop, or by `once` items before it.",
        bad: "workflow w\n\nfact [ready, good]: bool\n\nloop l at most 3 {\n  phase probe {\n    decides ready\n  }\n  phase plan once when ready\n  phase try {\n    decides good\n  }\n  until good\n}\n",
        good: "workflow w\n\nfact [ready, good]: bool\n\nphase probe {\n  decides ready\n}\n\nloop l at most 3 {\n  phase plan once when ready\n  phase try {\n    decides good\n  }\n  until good\n}\n";
}

/// A `once` item does not depend on what a pass of its loop decides.
///
/// Semantics N10: it keeps what it did in an earlier pass, so what it depends on must have been settled before the loop,
/// or by `once` items.
pub fn once_items_do_not_read_the_pass(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if model.nodes.iter().all(|node| node.once().is_none()) {
        return;
    }
    analysis.sites(&mut |site| {
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
    for (reviser, work) in model.works() {
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
    let once = model.ancestors(node).find(|item| model.node(*item).once().is_some())?;
    let inside = model.ancestors(once).find(|item| model.node(*item).kind == NodeKind::Loop)?;
    Some((once, inside))
}

/// A `once` item keeps what it did for the passes of the loop around it; an outer loop enters that loop anew.
fn is_once_in(analysis: &Analysis<'_>, item: NodeId, inside: NodeId) -> bool {
    let model = &analysis.model;
    let mut around = model.ancestors(item).skip(1);
    model.node(item).once().is_some() && around.find(|other| model.node(*other).kind == NodeKind::Loop) == Some(inside)
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
