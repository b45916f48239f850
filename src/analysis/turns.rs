//! What comes of a gate for given facts: where its comparisons and answers lead to.

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Branch, Condition, NodeId, Outcome, Way};
use crate::source::Span;

/// One way to go from a gate.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// The variants that take it; those of all turns of a gate exclude each other.
    pub when: Diagram,
    pub to: Way,
    /// Where it is written; the gate where nothing is.
    pub span: Span,
}

impl<'s> Analysis<'s> {
    /// The rows of a table in their order, each with the variants of `within` in which it is the first that holds. Which
    /// reason a blocked agent gives no fact says, so that only rows for the same reason stand before each other, and `else`
    /// is for a reason that has no row.
    pub fn first_to_hold<'b>(
        &self,
        branches: impl IntoIterator<Item = &'b Branch<'s>>,
        at: Position,
        within: Diagram,
    ) -> Vec<(&'b Branch<'s>, Diagram)> {
        let mut taken: Vec<(Option<&str>, Diagram)> = Vec::new();
        let mut rows = Vec::new();
        for branch in branches {
            let reason = branch.reason.map(|reason| reason.name);
            let before = taken.iter().position(|(of, _)| *of == reason).unwrap_or_else(|| {
                taken.push((reason, FALSE));
                taken.len() - 1
            });
            let holds = branch.condition.as_ref().map_or(TRUE, |condition| self.holds(condition, at));
            rows.push((branch, self.and(self.and_not(within, taken[before].1), holds)));
            taken[before].1 = self.or(taken[before].1, holds);
        }
        rows
    }

    /// Whether each of the values that a gate requires is there.
    pub fn values_hold(&self, conditions: &[Condition], at: Position) -> Diagram {
        conditions.iter().fold(TRUE, |all, value| self.and(all, self.holds(value, at)))
    }

    /// What comes of a gate, as far as facts decide it: its comparisons and its answer. What needs evidence is taken to be
    /// there. Empty where nothing of it hangs on a fact.
    pub fn turns(&self, id: NodeId) -> Vec<Turn> {
        let node = self.model.node(id);
        let Some(gate) = self.model.gate(id) else { return Vec::new() };
        let at = Position::Before(id);
        let run = self.run(id);
        let here = node.name.span;
        let answer = gate.answer.and_then(|fact| self.last_variable(fact));
        if gate.conditions.is_empty() && answer.is_none() {
            return Vec::new();
        }
        let mut turns = Vec::new();
        let values = self.values_hold(&gate.conditions, at);
        let mut failed = self.and_not(run, values);
        for (branch, when) in self.first_to_hold(&gate.on_fail, at, failed) {
            failed = self.and_not(failed, when);
            turns.push(Turn { when, to: first(&branch.outcome), span: branch.span });
        }
        turns.push(Turn { when: failed, to: Way::Ask, span: here });
        let passed = self.and(run, values);
        match (&gate.ask, answer) {
            (Some(ask), Some(answer)) => {
                for (index, option) in ask.options.iter().enumerate() {
                    let offered = option.when.as_ref().map_or(TRUE, |when| self.holds(when, at));
                    let chosen = self.and(self.is_at(answer, index), offered);
                    let to = option.outcome.as_ref().map_or(Way::Continue, first);
                    turns.push(Turn { when: self.and(passed, chosen), to, span: option.name.span });
                }
            }
            (Some(ask), None) => turns.push(Turn { when: passed, to: Way::Ask, span: ask.span }),
            (None, _) => turns.push(Turn { when: passed, to: Way::Continue, span: here }),
        }
        turns.retain(|turn| turn.when != FALSE);
        turns
    }
}

/// What is tried first.
fn first(outcome: &Outcome<'_>) -> Way {
    outcome.actions.first().map_or(Way::Ask, Way::from)
}
