//! What can be reached, and where a redo may go.

use crate::analysis::Analysis;
use crate::checks::facts::described;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Action, Ask, Choice, Detail, Gate, NodeId, NodeKind, Outcome};
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
        let mut check = |target, span| {
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

fn for_each_redo(detail: &Detail<'_>, see: &mut dyn FnMut(NodeId, Span)) {
    match detail {
        Detail::Gate(gate) => {
            gate.ask.iter().for_each(|ask| redo_in_ask(ask, see));
            gate.on_fail.iter().for_each(|branch| redo_in(&branch.outcome, see));
        }
        Detail::Loop(inner) => inner.on_exhausted.iter().for_each(|outcome| redo_in(outcome, see)),
        Detail::Work(work) => {
            work.on_failure.iter().for_each(|outcome| redo_in(outcome, see));
            work.on_blocked.iter().for_each(|branch| redo_in(&branch.outcome, see));
        }
        _ => {}
    }
}

fn redo_in_ask(ask: &Ask<'_>, see: &mut dyn FnMut(NodeId, Span)) {
    ask.options.iter().filter_map(|option| option.outcome.as_ref()).for_each(|outcome| redo_in(outcome, see));
}

fn redo_in(outcome: &Outcome<'_>, see: &mut dyn FnMut(NodeId, Span)) {
    for action in &outcome.actions {
        match action {
            Action::Redo { target, span, .. } => see(*target, *span),
            Action::Ask(ask) => redo_in_ask(ask, see),
            _ => {}
        }
    }
}

/// No gate or loop stops every variant.
pub fn items_can_be_reached(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    reach(analysis, NodeId::new(0), TRUE, found);
}

/// Walks a body with what holds when its first member begins; reports the first member that nobody reaches.
fn reach(analysis: &Analysis<'_>, body: NodeId, before: Diagram, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let mut open = before;
    let mut closed: Option<NodeId> = None;
    for member in model.children(body) {
        let run = analysis.and(analysis.run(member), analysis.relations());
        if let Some(gate) = closed
            && analysis.graph.precedes(model, gate, member)
        {
            if run != FALSE && analysis.and(run, open) == FALSE {
                found.push(unreachable(analysis, member, gate));
                return;
            }
            continue;
        }
        reach(analysis, member, open, found);
        let passes = passes(analysis, member);
        let next = analysis.and(open, passes);
        let alive = analysis.and(next, analysis.relations());
        if alive == FALSE && analysis.and(open, analysis.relations()) != FALSE {
            closed = Some(blocker(analysis, member));
        }
        open = next;
    }
}

/// The gate or loop inside an item that lets nobody through; the item itself when only several together do.
fn blocker(analysis: &Analysis<'_>, item: NodeId) -> NodeId {
    std::iter::once(item)
        .chain(analysis.model.descendants(item))
        .find(|node| analysis.and(own_pass(analysis, *node), analysis.relations()) == FALSE)
        .unwrap_or(item)
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
