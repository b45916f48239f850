//! What can be reached, and where a redo may go.

use crate::analysis::Analysis;
use crate::checks::facts::described;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Action, Ask, Branch, Choice, Condition, Detail, Gate, NodeId, NodeKind, Outcome};
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
                    .label(format!("taken at {}", described(analysis, id)))
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
        when.extend(&branch.condition);
        redo_in(&branch.outcome, when, see);
        when.truncate(depth);
    }
}

fn redo_in_ask<'m>(ask: &'m Ask<'_>, when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for option in &ask.options {
        let depth = when.len();
        when.extend(&option.when);
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

/// No gate or loop stops every variant, and no route goes back to a phase that did not run.
pub fn items_can_be_reached(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    reach(analysis, NodeId::new(0), TRUE, found);
}

/// Walks a body with what holds when its first member begins. The first item that nobody reaches is reported, and what
/// stands behind it is not looked at: `false` then.
fn reach(analysis: &Analysis<'_>, body: NodeId, before: Diagram, found: &mut Vec<Diagnostic>) -> bool {
    let model = &analysis.model;
    let mut open = before;
    for member in model.children(body) {
        let run = analysis.and(analysis.run(member), analysis.relations());
        if run != FALSE
            && analysis.and(run, open) == FALSE
            && let Some(gate) = blocker(analysis, member, run)
        {
            found.push(unreachable(analysis, member, gate));
            return false;
        }
        redo_finds_what_ran(analysis, member, open, found);
        if !reach(analysis, member, open, found) {
            return false;
        }
        open = analysis.and(open, passes(analysis, member));
    }
    true
}

/// The gate or loop before an item that, with those before it, lets none of its variants through.
fn blocker(analysis: &Analysis<'_>, item: NodeId, run: Diagram) -> Option<NodeId> {
    let model = &analysis.model;
    let mut open = run;
    (0..model.nodes.len())
        .map(NodeId::new)
        .filter(|node| matches!(model.node(*node).detail, Detail::Gate(_) | Detail::Loop(_)))
        .filter(|node| analysis.graph.precedes(model, *node, item))
        .find(|node| {
            open = analysis.and(open, own_pass(analysis, *node));
            open == FALSE
        })
}

/// Wherever a route can be taken, the phase it goes back to has run.
fn redo_finds_what_ran(analysis: &Analysis<'_>, from: NodeId, open: Diagram, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let here = analysis.and(analysis.run(from), open);
    for_each_redo(&model.node(from).detail, &mut |target, span, when| {
        let taken = when.iter().fold(here, |taken, when| {
            let holds = analysis.holds(when, Position::Before(from));
            analysis.and(taken, holds)
        });
        let missing = analysis.and_not(taken, analysis.run(target));
        let Some(variant) = analysis.witness(missing) else { return };
        let name = model.node(target).name;
        let mut diagnostic = Diagnostic::new(
            &REDO_OF_SKIPPED,
            span,
            format!("`{}` may have been skipped where this goes back to it", name.name),
        )
        .label(format!("taken at {}", described(analysis, from)))
        .related(name.span, "the phase it goes to");
        diagnostic.variant = variant;
        found.push(diagnostic.help(format!("offer it only where the phase ran: `when ran({})`", name.name)));
    });
}

fn unreachable(analysis: &Analysis<'_>, item: NodeId, gate: NodeId) -> Diagnostic {
    let model = &analysis.model;
    let name = model.node(item).name;
    let (what, help) = match &model.node(gate).detail {
        Detail::Gate(inner) if inner.ask.as_ref().is_some_and(never_continues) => {
            ("no option goes on", "add an option without an outcome, or with `continue`")
        }
        Detail::Gate(_) => {
            ("what it requires can never hold", "require something that can hold, or allow `override by user`")
        }
        Detail::Loop(_) => ("its `until` can never hold here", "let it end where it can, or allow `override by user`"),
        _ => ("it lets nobody through", "look at what it requires"),
    };
    Diagnostic::new(&UNREACHABLE_ITEM, name.span, format!("{} is never reached", described(analysis, item)))
        .label("nothing gets here")
        .related(model.node(gate).name.span, format!("{}: {what}", described(analysis, gate)))
        .help(help)
}

/// What holds once an item has ended: its own gates and loops, and those inside it.
fn passes(analysis: &Analysis<'_>, item: NodeId) -> Diagram {
    let mut all = own_pass(analysis, item);
    for inner in analysis.model.descendants(item) {
        all = analysis.and(all, own_pass(analysis, inner));
    }
    all
}

fn own_pass(analysis: &Analysis<'_>, item: NodeId) -> Diagram {
    let values = match &analysis.model.node(item).detail {
        Detail::Gate(gate) => gate_values(analysis, item, gate),
        Detail::Loop(inner) if inner.overridable.is_none() => {
            inner.until.as_ref().map_or(TRUE, |until| analysis.holds(until, Position::EndOf(item)))
        }
        _ => return TRUE,
    };
    let left_out = analysis.not(analysis.run(item));
    analysis.or(left_out, values)
}

fn gate_values(analysis: &Analysis<'_>, item: NodeId, gate: &Gate<'_>) -> Diagram {
    let overridable = gate.overridable.is_some()
        || gate
            .follows
            .as_ref()
            .is_some_and(|follows| analysis.model.procedures[follows.procedure.index()].overridable.is_some());
    if overridable {
        return TRUE;
    }
    if gate.ask.as_ref().is_some_and(never_continues) {
        return FALSE;
    }
    let mut all = TRUE;
    for condition in &gate.conditions {
        let holds = analysis.holds(condition, Position::Before(item));
        all = analysis.and(all, holds);
    }
    all
}

/// Every option ends in a redo or in an abort.
fn never_continues(ask: &Ask<'_>) -> bool {
    !ask.options.is_empty() && ask.options.iter().all(ends)
}

fn ends(option: &Choice<'_>) -> bool {
    option.outcome.as_ref().and_then(|outcome| outcome.actions.first()).is_some_and(|action| {
        matches!(action, Action::Redo { .. } | Action::Abort | Action::Show { .. } | Action::Retry { .. })
    })
}
