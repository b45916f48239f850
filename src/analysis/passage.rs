//! What a gate or loop lets through: what is so for everything that comes after it.

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Action, Ask, Branch, Choice, Detail, Gate, Loop, NodeId, Outcome};

impl Analysis<'_> {
    /// What holds once a gate is closed or a loop has ended, or was left out; [`TRUE`] for other items and where a
    /// person may override.
    pub fn lets_through(&self, id: NodeId) -> Diagram {
        let values = match self.model.detail(id) {
            Detail::Gate(gate) => self.closed(id, gate),
            Detail::Loop(inner) => self.ended(id, inner),
            _ => return TRUE,
        };
        if values == TRUE {
            return TRUE;
        }
        let left_out = self.not(self.run(id));
        self.or(left_out, values)
    }

    fn closed(&self, id: NodeId, gate: &Gate<'_>) -> Diagram {
        if self.overridable(gate) {
            return TRUE;
        }
        let answered = gate.ask.as_ref().map_or(TRUE, |ask| self.answered(id, gate, ask));
        let closed = self.and(answered, self.values_hold(&gate.conditions, Position::Before(id)));
        self.or(closed, self.unanswered(id))
    }

    /// When a gate may be passed without that its question is answered: where a person may override it, or where it goes
    /// on although it fails.
    pub fn unanswered(&self, id: NodeId) -> Diagram {
        match self.model.gate(id) {
            Some(gate) if self.overridable(gate) => self.run(id),
            // Most go back, ask or end the run, whatever holds.
            Some(gate) if gate.on_fail.iter().all(|branch| outcome_turns_back(&branch.outcome)) => FALSE,
            Some(gate) => {
                let at = Position::Before(id);
                let rows = self.first_to_hold(gate.on_fail.iter(), at, self.fails(id));
                rows.into_iter().fold(FALSE, |any, (branch, taken)| {
                    self.or(any, self.and(taken, self.leads_on(&branch.outcome, at, goes_on)))
                })
            }
            None => FALSE,
        }
    }

    /// The rows of a gate by which a run may go on although the gate is neither closed nor overridden, each with the variants
    /// in which it may.
    pub fn left_open(&self, id: NodeId) -> Vec<(&Branch<'_>, Diagram)> {
        let on_fail = self.model.gate(id).map_or(&[][..], |gate| &gate.on_fail);
        let at = Position::Before(id);
        let rows = self.first_to_hold(on_fail, at, self.fails(id)).into_iter();
        let open =
            rows.map(|(branch, taken)| (branch, self.and(taken, self.leads_on(&branch.outcome, at, leaves_open))));
        open.filter(|(_, open)| *open != FALSE).collect()
    }

    /// When a gate may fail: where some evidence is asked for, or a value that it requires is not there.
    pub fn fails(&self, id: NodeId) -> Diagram {
        let run = self.run(id);
        let Some(gate) = self.model.gate(id) else { return run };
        let at = Position::Before(id);
        let mut passes = self.values_hold(&gate.conditions, at);
        for item in self.model.gate_items(id) {
            let asked_for = item.when.as_ref().map_or(TRUE, |when| self.holds(when, at));
            passes = self.and_not(passes, asked_for);
        }
        self.and_not(run, passes)
    }

    /// `override by user` stands on the gate or on the procedure it follows.
    pub fn overridable(&self, gate: &Gate<'_>) -> bool {
        let followed = gate.follows.as_ref().map(|follows| &self.model.procedures[follows.procedure.index()]);
        gate.overridable.is_some() || followed.is_some_and(|procedure| procedure.overridable.is_some())
    }

    /// The question was answered with an option that was offered and that goes on.
    fn answered(&self, id: NodeId, gate: &Gate<'_>, ask: &Ask<'_>) -> Diagram {
        let variable = gate.answer.and_then(|fact| self.last_variable(fact));
        let at = Position::Before(id);
        let Some(variable) = variable else { return self.offers_a_way_on(ask, at) };
        ask.options.iter().enumerate().fold(FALSE, |any, (index, option)| {
            let chosen = self.is_at(variable, index);
            self.or(any, self.and(chosen, self.option_leads_on(option, at, goes_on)))
        })
    }

    /// Some option that goes on is offered.
    pub fn offers_a_way_on(&self, ask: &Ask<'_>, at: Position) -> Diagram {
        self.offers(ask, at, goes_on)
    }

    fn offers(&self, ask: &Ask<'_>, at: Position, is_meant: fn(&Action<'_>) -> bool) -> Diagram {
        ask.options.iter().fold(FALSE, |any, option| self.or(any, self.option_leads_on(option, at, is_meant)))
    }

    /// The option is offered, and it goes on; `is_meant` says which actions do.
    fn option_leads_on(&self, option: &Choice<'_>, at: Position, is_meant: fn(&Action<'_>) -> bool) -> Diagram {
        let leads_on = option.outcome.as_ref().map_or(TRUE, |outcome| self.leads_on(outcome, at, is_meant));
        let offered = || option.when.as_ref().map_or(TRUE, |when| self.holds(when, at));
        if leads_on == FALSE { FALSE } else { self.and(leads_on, offered()) }
    }

    /// When something goes on with this outcome, be it when its bounds are used up or as a person answers.
    fn leads_on(&self, outcome: &Outcome<'_>, at: Position, is_meant: fn(&Action<'_>) -> bool) -> Diagram {
        outcome.actions.iter().fold(FALSE, |any, action| match action {
            Action::Ask(ask) => self.or(any, self.offers(ask, at, is_meant)),
            action if is_meant(action) => TRUE,
            _ => any,
        })
    }

    fn ended(&self, id: NodeId, inner: &Loop<'_>) -> Diagram {
        let at = Position::EndOf(id);
        let unended = inner.on_exhausted.as_ref().map_or(FALSE, |outcome| self.leads_on(outcome, at, goes_on));
        if inner.overridable.is_some() || unended == TRUE {
            return TRUE;
        }
        let ended = inner.until.as_ref().map_or(TRUE, |until| self.holds(until, at));
        self.or(ended, unended)
    }
}

/// No option goes on. Without options a person is offered those of `escalation`, of which only `accept` goes on, and
/// that takes an override.
pub fn turns_back(ask: &Ask<'_>) -> bool {
    ask.options.iter().all(option_turns_back)
}

/// The option never closes the gate by itself: what comes before is done again, the question is put again, or the run
/// ends.
pub fn option_turns_back(option: &Choice<'_>) -> bool {
    option.outcome.as_ref().is_some_and(outcome_turns_back)
}

/// As [`option_turns_back`], of an outcome with all that comes when its bounds are used up.
pub fn outcome_turns_back(outcome: &Outcome<'_>) -> bool {
    outcome.actions.iter().all(|action| match action {
        Action::Ask(ask) => turns_back(ask),
        action => !goes_on(action),
    })
}

/// The run goes on.
fn goes_on(action: &Action<'_>) -> bool {
    matches!(action, Action::Override { .. } | Action::Continue | Action::Spawn { .. })
}

/// Of a gate that has failed: the run goes on, and nobody has overridden the gate.
fn leaves_open(action: &Action<'_>) -> bool {
    matches!(action, Action::Continue)
}
