//! What may follow from an item: every action and every question, with the conditions under which it is offered. A row of
//! a shared `route` follows from each spawn that it is for.

use crate::analysis::{Analysis, asked_when_blocked, helps_itself, shared_route};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE};
use crate::model::{Action, Ask, Branch, Condition, Detail, Model, NodeId, NodeKind, Outcome};

/// Part of an outcome.
#[derive(Debug, Clone, Copy)]
pub enum Part<'m> {
    Action(&'m Action<'m>),
    Ask(&'m Ask<'m>),
}

/// What must be so where part of an outcome is offered.
#[derive(Debug, Clone, Copy)]
pub enum Guard<'m> {
    Holds(&'m Condition),
    /// Of the rows above in a table: the first that holds is taken.
    Not(&'m Condition),
    /// The values that a gate requires are there, so that it asks.
    Passes,
    /// Something that a gate requires is not there.
    Fails,
    /// An agent runs that asks it when it is blocked.
    Blocked,
    /// A pass of the loop has ended, and its `until` does not hold.
    NotEnded,
}

/// Where an item does what follows from it: a loop at its end, everything else where it stands.
pub fn position(model: &Model<'_>, id: NodeId) -> Position {
    if model.loop_of(id).is_some() { Position::EndOf(id) } else { Position::Before(id) }
}

/// The variants in which what an item does next is offered.
pub fn offered(analysis: &Analysis<'_>, id: NodeId, guards: &[Guard<'_>]) -> Diagram {
    let at = position(&analysis.model, id);
    guards.iter().fold(analysis.run(id), |all, guard| match guard {
        Guard::Holds(condition) => analysis.and(all, analysis.holds(condition, at)),
        Guard::Not(condition) => analysis.and_not(all, analysis.holds(condition, at)),
        Guard::Passes => {
            let values = analysis.model.gate(id).map(|gate| &gate.conditions[..]).unwrap_or_default();
            analysis.and(all, analysis.values_hold(values, at))
        }
        Guard::Fails => analysis.and(all, analysis.fails(id)),
        Guard::Blocked => analysis.and(all, anybody_runs(analysis, id)),
        Guard::NotEnded => {
            let until = analysis.model.loop_of(id).and_then(|inner| inner.until.as_ref());
            until.map_or(all, |until| analysis.and_not(all, analysis.holds(until, at)))
        }
    })
}

/// The variants in which some agent runs that asks this item when it is blocked.
fn anybody_runs(analysis: &Analysis<'_>, id: NodeId) -> Diagram {
    let model = &analysis.model;
    let spawns = std::iter::once(id).chain(model.descendants(id)).filter(|id| model.node(*id).kind == NodeKind::Spawn);
    let asks = spawns.filter(|spawn| asked_when_blocked(model, *spawn).unwrap_or(*spawn) == id);
    asks.fold(FALSE, |any, spawn| analysis.or(any, analysis.run(spawn)))
}

type See<'f, 'm> = dyn FnMut(Part<'m>, &[Guard<'m>]) + 'f;

/// Calls `see` for all that can follow from an item, in the order of writing.
pub fn outcomes<'m>(model: &'m Model<'_>, id: NodeId, see: &mut See<'_, 'm>) {
    let mut when = Vec::new();
    match model.detail(id) {
        Detail::Gate(gate) => {
            when.push(Guard::Passes);
            gate.ask.iter().for_each(|found| ask(found, &mut when, see));
            when[0] = Guard::Fails;
            branches(model, id, &gate.on_fail, &mut when, see);
        }
        Detail::Loop(inner) => {
            when.push(Guard::NotEnded);
            inner.on_exhausted.iter().for_each(|found| outcome(found, &mut when, see));
        }
        Detail::Work(work) => {
            work.on_failure.iter().for_each(|found| outcome(found, &mut when, see));
            when.push(Guard::Blocked);
            branches(model, id, &work.on_blocked, &mut when, see);
            branches(model, id, shared_route(model, id), &mut when, see);
        }
        _ => {}
    }
}

/// Only the actions.
pub fn actions<'m>(model: &'m Model<'_>, id: NodeId, see: &mut dyn FnMut(&'m Action<'m>, &[Guard<'m>])) {
    outcomes(model, id, &mut |part, when| {
        if let Part::Action(action) = part {
            see(action, when);
        }
    });
}

fn branches<'m, 's: 'm>(
    model: &Model<'_>,
    id: NodeId,
    branches: impl IntoIterator<Item = &'m Branch<'s>>,
    when: &mut Vec<Guard<'m>>,
    see: &mut See<'_, 'm>,
) {
    let depth = when.len();
    let mut above: Vec<&'m Branch<'s>> = Vec::new();
    for branch in branches {
        // Which reason a blocked agent gives no condition says: only rows for the same stand before a row.
        let reason = branch.reason.map(|reason| reason.name);
        let before = above.iter().filter(|above| above.reason.map(|reason| reason.name) == reason);
        when.extend(before.filter_map(|above| above.condition.as_deref()).map(Guard::Not));
        // For the agent that it starts a row counts not, and the next one does.
        above.extend((!helps_itself(model, id, branch)).then_some(branch));
        when.extend(branch.condition.as_deref().map(Guard::Holds));
        outcome(&branch.outcome, when, see);
        when.truncate(depth);
    }
}

fn ask<'m>(ask: &'m Ask<'_>, when: &mut Vec<Guard<'m>>, see: &mut See<'_, 'm>) {
    see(Part::Ask(ask), when);
    for option in &ask.options {
        let depth = when.len();
        when.extend(option.when.as_deref().map(Guard::Holds));
        option.outcome.iter().for_each(|found| outcome(found, when, see));
        when.truncate(depth);
    }
}

fn outcome<'m>(outcome: &'m Outcome<'_>, when: &mut Vec<Guard<'m>>, see: &mut See<'_, 'm>) {
    for action in &outcome.actions {
        see(Part::Action(action), when);
        if let Action::Ask(found) = action {
            ask(found, when, see);
        }
    }
}
