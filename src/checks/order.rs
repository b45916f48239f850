//! What can be reached, and where a redo may go.

use crate::analysis::{Analysis, turns_back};
use crate::checks::outcomes::{Guard, actions, offered, position};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::FALSE;
use crate::model::{Action, Detail, Model, NodeId, NodeKind};
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
        let mut check = |target, span, _: &[Guard<'_>]| {
            if let Some((why, help)) = forbidden(analysis, id, target) {
                let name = analysis.model.node(target).name;
                found.push(
                    Diagnostic::new(
                        &REDO_OF_SKIPPED,
                        span,
                        format!("cannot go back to `{}` from here: {why}", name.name),
                    )
                    .label(format!("taken at {}", analysis.described(id)))
                    .related(name.span, "the phase it goes to")
                    .help(help),
                );
            }
        };
        for_each_redo(&analysis.model, id, &mut check);
    }
}

/// Why a redo may not go there, and what to do about it.
fn forbidden(analysis: &Analysis<'_>, from: NodeId, target: NodeId) -> Option<(&'static str, &'static str)> {
    const NAME_ANOTHER: &str = "name the enclosing phase, or an earlier phase of the same body or of one around it";
    let model = &analysis.model;
    if model.is_within(from, target) {
        return None;
    }
    let body = model.node(target).parent;
    if !model.is_within(from, body) {
        return Some(("it stands inside another item", NAME_ANOTHER));
    }
    let leaves = model.ancestors(from).take_while(|id| *id != body).any(|id| model.node(id).kind == NodeKind::Parallel);
    if leaves || model.node(body).kind == NodeKind::Parallel {
        return Some(("that would leave a `parallel`", NAME_ANOTHER));
    }
    if !analysis.graph.precedes(model, target, from) {
        return Some(("it does not come before", NAME_ANOTHER));
    }
    // What comes after the target beside the gate would stay, and hang on what is done again.
    let bodies = model.ancestors(from).map(|item| model.node(item).parent).take_while(|around| *around >= body);
    if !bodies.into_iter().any(|around| analysis.graph.is_branched(around)) {
        return None;
    }
    let stays = |node| analysis.graph.precedes(model, target, node) && analysis.graph.beside(model, node, from);
    (target.index()..model.node(body).end.index()).map(NodeId::new).any(stays).then_some((
        "something else that comes after it runs beside this",
        "leave out the `after` that lets the two run side by side, or name the enclosing phase",
    ))
}

/// Every redo of an item, with the conditions under which it is offered.
fn for_each_redo<'m>(model: &'m Model<'_>, id: NodeId, see: &mut dyn FnMut(NodeId, Span, &[Guard<'m>])) {
    actions(model, id, &mut |action, when| {
        if let Action::Redo { target, span, .. } = action {
            see(*target, *span, when);
        }
    });
}

/// No gate and no loop stops every variant. The first item that nobody reaches is reported; what stands behind it is
/// not looked at.
pub fn items_can_be_reached(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let mut items = (1..model.nodes.len()).map(NodeId::new);
    let item = items.find(|item| !analysis.reached(Position::Before(*item)));
    let at = item.map_or(Position::EndOf(NodeId::new(0)), Position::Before);
    if let Some(closed) = analysis.closed_by(at) {
        found.extend(unreachable(analysis, item, closed));
    }
}

/// `item`: the end of the workflow when there is none.
fn unreachable(analysis: &Analysis<'_>, item: Option<NodeId>, closed: NodeId) -> Option<Diagnostic> {
    let model = &analysis.model;
    // What lets nobody through by itself is looked at where it stands, and so is what nothing comes after.
    let passes = analysis.and(analysis.run(closed), analysis.lets_through(closed));
    let beside = analysis.within_reach(passes, Position::Before(closed)) != FALSE;
    let (what, help) = match model.detail(closed) {
        Detail::Gate(gate) if item.is_some() && gate.ask.as_deref().is_some_and(turns_back) => {
            ("no option goes on", "add an option without an outcome, or with `continue`")
        }
        Detail::Loop(_) if item.is_some() => {
            ("its `until` can never hold here", "let it end where it can, or allow `override by user`")
        }
        Detail::Gate(_) if beside => (
            "what it lets through, a gate beside it holds back",
            "let both require what can hold together, or allow `override by user`",
        ),
        _ => return None,
    };
    let (span, never) = match item {
        Some(item) => (model.node(item).name.span, format!("{} is never reached", analysis.described(item))),
        None => (model.header.as_ref()?.name.span, "the end of the workflow is never reached".to_string()),
    };
    Some(
        Diagnostic::new(&UNREACHABLE_ITEM, span, never)
            .label("nothing gets here")
            .related(model.node(closed).name.span, format!("{}: {what}", analysis.described(closed)))
            .help(help),
    )
}

/// Wherever a route can be taken, the phase it goes back to has run.
pub fn redo_finds_what_ran(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for index in 1..analysis.model.nodes.len() {
        let id = NodeId::new(index);
        for_each_redo(&analysis.model, id, &mut |target, span, when| {
            let asked = || redo_of_skipped(analysis, id, target, span, when);
            found.extend(analysis.by_itself(span, "whether what this goes back to has run", asked));
        });
    }
}

fn redo_of_skipped(
    analysis: &Analysis<'_>,
    from: NodeId,
    target: NodeId,
    span: Span,
    when: &[Guard<'_>],
) -> Option<Diagnostic> {
    let at = position(&analysis.model, from);
    let missing = analysis.and_not(offered(analysis, from, when), analysis.run(target));
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
