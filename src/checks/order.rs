//! What can be reached, and where a redo may go.

use crate::analysis::{Analysis, turns_back};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::model::{Action, Ask, Branch, Condition, Detail, NodeId, NodeKind, Outcome};
use crate::source::Span;

codes! {
    UNREACHABLE_ITEM: "WF204" "unreachable-item" Error = "A gate or loop before an item lets nobody through.",
        "Everything written after a gate waits for it. This gate can never close, and nobody may override it, so what comes \
         after it never begins.",
        bad: "workflow w\n\nphase a\n\ngate g {\n  ask \"Go on?\" {\n    again \"Again\" -> redo a at most 2\n    stop \"Stop\" -> abort\n  }\n}\n\nphase b\n",
        good: "workflow w\n\nphase a\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    again \"Again\" -> redo a at most 2\n    stop \"Stop\" -> abort\n  }\n}\n\nphase b\n";
    REDO_OF_SKIPPED: "WF207" "redo-of-skipped" Error = "A redo goes to a phase that it cannot go back to.",
        "`redo` goes back to the enclosing phase, or to an earlier phase of the same body or of one around it. A loop may be \
         left that way and is then entered anew; a `parallel` may not.",
        bad: "workflow w\n\nphase a\n\nphase b {\n  gate g {\n    ask \"Go on?\" {\n      yes \"Yes\"\n      again \"Again\" -> redo c at most 2\n    }\n  }\n}\n\nphase c\n",
        good: "workflow w\n\nphase a\n\nphase b {\n  gate g {\n    ask \"Go on?\" {\n      yes \"Yes\"\n      again \"Again\" -> redo a at most 2\n    }\n  }\n}\n\nphase c\n";
}

/// Every `redo` names a phase that can be gone back to.
pub fn redo_goes_back(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for index in 0..analysis.model.nodes.len() {
        let id = NodeId::new(index);
        let mut check = |target, span, _: &[&Condition]| {
            if let Some(why) = forbidden(analysis, id, target) {
                let name = analysis.model.node(target).name;
                found.push(
                    Diagnostic::new(
                        &REDO_OF_SKIPPED,
                        span,
                        format!("cannot go back to `{}` from here: {why}", name.name),
                    )
                    .label(format!("taken at {}", analysis.described(id)))
                    .related(name.span, "the phase it goes to")
                    .help("name the enclosing phase, or an earlier phase of the same body or of one around it"),
                );
            }
        };
        for_each_redo(&analysis.model.node(id).detail, &mut check);
    }
}

fn forbidden(analysis: &Analysis<'_>, from: NodeId, target: NodeId) -> Option<&'static str> {
    let model = &analysis.model;
    if model.is_within(from, target) {
        return None;
    }
    let body = model.node(target).parent;
    if !model.is_within(from, body) {
        return Some("it stands inside another item");
    }
    let leaves = model.ancestors(from).take_while(|id| *id != body).any(|id| model.node(id).kind == NodeKind::Parallel);
    if leaves || model.node(body).kind == NodeKind::Parallel {
        return Some("that would leave a `parallel`");
    }
    (!analysis.graph.precedes(model, target, from)).then_some("it does not come before")
}

/// Every redo of an item, with the conditions under which it is offered.
fn for_each_redo<'m>(detail: &'m Detail<'_>, see: &mut dyn FnMut(NodeId, Span, &[&'m Condition])) {
    let mut when = Vec::new();
    match detail {
        Detail::Gate(gate) => {
            gate.ask.iter().for_each(|ask| redo_in_ask(ask, &mut when, see));
            redo_in_branches(&gate.on_fail, &mut when, see);
        }
        Detail::Loop(inner) => inner.on_exhausted.iter().for_each(|outcome| redo_in(outcome, &mut when, see)),
        Detail::Work(work) => {
            work.on_failure.iter().for_each(|outcome| redo_in(outcome, &mut when, see));
            redo_in_branches(&work.on_blocked, &mut when, see);
        }
        _ => {}
    }
}

type See<'f, 'm> = dyn FnMut(NodeId, Span, &[&'m Condition]) + 'f;

fn redo_in_branches<'m>(branches: &'m [Branch<'_>], when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for branch in branches {
        let depth = when.len();
        when.extend(branch.condition.as_deref());
        redo_in(&branch.outcome, when, see);
        when.truncate(depth);
    }
}

fn redo_in_ask<'m>(ask: &'m Ask<'_>, when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for option in &ask.options {
        let depth = when.len();
        when.extend(option.when.as_deref());
        option.outcome.iter().for_each(|outcome| redo_in(outcome, when, see));
        when.truncate(depth);
    }
}

fn redo_in<'m>(outcome: &'m Outcome<'_>, when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for action in &outcome.actions {
        match action {
            Action::Redo { target, span, .. } => see(*target, *span, when),
            Action::Ask(ask) => redo_in_ask(ask, when, see),
            _ => {}
        }
    }
}

/// No gate and no loop stops every variant. The first item that nobody reaches is reported; what stands behind it is
/// not looked at.
pub fn items_can_be_reached(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let mut items = (1..model.nodes.len()).map(NodeId::new);
    let Some(item) = items.find(|item| !analysis.reached(Position::Before(*item))) else { return };
    if let Some(closed) = analysis.closed_by(Position::Before(item)) {
        found.extend(unreachable(analysis, item, closed));
    }
}

fn unreachable(analysis: &Analysis<'_>, item: NodeId, closed: NodeId) -> Option<Diagnostic> {
    let model = &analysis.model;
    let (what, help) = match &model.node(closed).detail {
        Detail::Gate(gate) if gate.ask.as_ref().is_some_and(turns_back) => {
            ("no option goes on", "add an option without an outcome, or with `continue`")
        }
        Detail::Loop(_) => ("its `until` can never hold here", "let it end where it can, or allow `override by user`"),
        // What a gate requires is looked at where it stands.
        _ => return None,
    };
    let name = model.node(item).name;
    Some(
        Diagnostic::new(&UNREACHABLE_ITEM, name.span, format!("{} is never reached", analysis.described(item)))
            .label("nothing gets here")
            .related(model.node(closed).name.span, format!("{}: {what}", analysis.described(closed)))
            .help(help),
    )
}

/// Wherever a route can be taken, the phase it goes back to has run.
pub fn redo_finds_what_ran(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for index in 1..analysis.model.nodes.len() {
        let id = NodeId::new(index);
        for_each_redo(&analysis.model.node(id).detail, &mut |target, span, when| {
            found.extend(redo_of_skipped(analysis, id, target, span, when));
        });
    }
}

fn redo_of_skipped(
    analysis: &Analysis<'_>,
    from: NodeId,
    target: NodeId,
    span: Span,
    when: &[&Condition],
) -> Option<Diagnostic> {
    let at = Position::Before(from);
    let taken = when.iter().fold(analysis.run(from), |taken, when| {
        let holds = analysis.holds(when, at);
        analysis.and(taken, holds)
    });
    let missing = analysis.and_not(taken, analysis.run(target));
    let name = analysis.model.node(target).name;
    let last = format!("{} goes back to `{}`, which has not run", analysis.described(from), name.name);
    let example = analysis.example(missing, at, &[target], last)?;
    Some(
        Diagnostic::new(
            &REDO_OF_SKIPPED,
            span,
            format!("`{}` may have been skipped where this goes back to it", name.name),
        )
        .label(format!("taken at {}", analysis.described(from)))
        .related(name.span, "the phase it goes to")
        .example(example)
        .help(format!("offer it only where the phase ran: `when ran({})`", name.name)),
    )
}
