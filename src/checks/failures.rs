//! Failures that are passed over, and what others count on all the same.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, Model, NodeId, Outcome};
use crate::source::Span;

codes! {
    CONTINUE_WITHOUT_RESULTS: "WF607" "continue-without-results" Error = "A failure is passed over although others count on the result.",
        "An item is complete only when each fact that it decides and each file that it produces is there, and whatever reads \
         them counts on that. Where it fails they may not be there, so `on failure` cannot simply go on: not with `continue`, \
         and not with an answer of a person that says nothing else. What leaves no fact and no file may fail and be passed over.",
        bad: "workflow w\n\nfact ok: bool\n\nphase work {\n  spawn tester \"Test it\" {\n    returns ok\n    on failure -> continue\n  }\n}\n\nphase publish when ok\n",
        good: "workflow w\n\nfact ok: bool\n\nphase work {\n  spawn tester \"Test it\" {\n    returns ok\n    on failure -> retry at most 2 then abort\n  }\n  spawn writer \"Write notes\" {\n    on failure -> continue\n  }\n}\n\nphase publish when ok\n";
}

/// Nothing goes on without what it was to decide or produce.
pub fn failures_leave_nothing_out(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let Some(outcome) = model.work(id).and_then(|work| work.on_failure.as_deref()) else { continue };
        let mut places = Vec::new();
        goes_on(outcome, &mut places);
        let Some(Left { name, span, how }) = places.first().and_then(|_| left_by(model, id)) else { continue };
        let item = analysis.described(id);
        found.extend(places.into_iter().map(|place| {
            Diagnostic::new(
                &CONTINUE_WITHOUT_RESULTS,
                place,
                format!("{item} may fail and be passed over, and `{name}` is then not {how}"),
            )
            .label("goes on without it")
            .related(span, format!("to be {how} here"))
            .help(format!("end in `redo` or `abort`, or leave `{name}` to an item that may not be passed over"))
        }));
    }
}

/// Where an outcome goes on as if nothing had failed.
fn goes_on(outcome: &Outcome<'_>, places: &mut Vec<Span>) {
    for action in &outcome.actions {
        match action {
            Action::Continue => places.push(outcome.span),
            Action::Ask(ask) => {
                for option in &ask.options {
                    match &option.outcome {
                        None => places.push(option.name.span),
                        Some(outcome) => goes_on(outcome, places),
                    }
                }
            }
            _ => {}
        }
    }
}

/// What an item leaves, and where it says so.
struct Left<'s> {
    name: &'s str,
    span: Span,
    how: &'static str,
}

/// The first fact or file that is left by an item, or by something in it that does not say itself what happens when it
/// fails.
fn left_by<'s>(model: &Model<'s>, id: NodeId) -> Option<Left<'s>> {
    let says = |node: &NodeId| model.work(*node).is_some_and(|work| work.on_failure.is_some());
    let asked_here = |node: &NodeId| model.ancestors(*node).find(says) == Some(id);
    std::iter::once(id).chain(model.descendants(id).filter(asked_here)).find_map(|node| {
        let work = model.work(node)?;
        let facts = work.decides.iter().map(|fact| &model.facts[fact.index()]);
        let mut decided = facts.filter_map(|fact| {
            let decider = fact.deciders.iter().find(|decider| decider.node == node)?;
            Some(Left { name: fact.name.name, span: decider.span, how: "decided" })
        });
        let mut revised = work.revises.iter().map(|revision| {
            let name = model.facts[revision.fact.index()].name.name;
            Left { name, span: revision.span, how: "revised" }
        });
        let mut produced = work.produces.iter().filter_map(|artifact| {
            let artifact = &model.artifacts[artifact.index()];
            let position = artifact.producers.iter().position(|producer| *producer == node)?;
            Some(Left { name: artifact.name.name, span: artifact.produced_at[position], how: "produced" })
        });
        decided.next().or_else(|| revised.next()).or_else(|| produced.next())
    })
}
