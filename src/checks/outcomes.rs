//! What may follow from an item: every action and every question, with the conditions under which it is offered.

use crate::model::{Action, Ask, Branch, Condition, Detail, Outcome};

/// Part of an outcome.
#[derive(Debug, Clone, Copy)]
pub enum Part<'m> {
    Action(&'m Action<'m>),
    Ask(&'m Ask<'m>),
}

type See<'f, 'm> = dyn FnMut(Part<'m>, &[&'m Condition]) + 'f;

/// Calls `see` for all that can follow from an item, in the order of writing.
pub fn outcomes<'m>(detail: &'m Detail<'_>, see: &mut See<'_, 'm>) {
    let mut when = Vec::new();
    match detail {
        Detail::Gate(gate) => {
            gate.ask.iter().for_each(|found| ask(found, &mut when, see));
            branches(&gate.on_fail, &mut when, see);
        }
        Detail::Loop(inner) => inner.on_exhausted.iter().for_each(|found| outcome(found, &mut when, see)),
        Detail::Work(work) => {
            work.on_failure.iter().for_each(|found| outcome(found, &mut when, see));
            branches(&work.on_blocked, &mut when, see);
        }
        _ => {}
    }
}

/// Only the actions.
pub fn actions<'m>(detail: &'m Detail<'_>, see: &mut dyn FnMut(&'m Action<'m>, &[&'m Condition])) {
    outcomes(detail, &mut |part, when| {
        if let Part::Action(action) = part {
            see(action, when);
        }
    });
}

fn branches<'m>(branches: &'m [Branch<'_>], when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for branch in branches {
        let depth = when.len();
        when.extend(branch.condition.as_deref());
        outcome(&branch.outcome, when, see);
        when.truncate(depth);
    }
}

fn ask<'m>(ask: &'m Ask<'_>, when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    see(Part::Ask(ask), when);
    for option in &ask.options {
        let depth = when.len();
        when.extend(option.when.as_deref());
        option.outcome.iter().for_each(|found| outcome(found, when, see));
        when.truncate(depth);
    }
}

fn outcome<'m>(outcome: &'m Outcome<'_>, when: &mut Vec<&'m Condition>, see: &mut See<'_, 'm>) {
    for action in &outcome.actions {
        see(Part::Action(action), when);
        if let Action::Ask(found) = action {
            ask(found, when, see);
        }
    }
}
