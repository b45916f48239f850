//! Outcomes, questions and branches of a plan.

use super::Planner;
use crate::graph::Position;
use crate::model::{self, AgentId, NodeId};
use crate::plan::*;

impl<'s> Planner<'_, 's> {
    pub(super) fn outcome(&self, outcome: &model::Outcome<'s>, id: NodeId, at: Position) -> Outcome {
        Outcome { tries: outcome.actions.iter().map(|action| self.action(action, id, at)).collect() }
    }

    fn action(&self, action: &model::Action<'s>, id: NodeId, at: Position) -> Action {
        let model = self.model();
        let graph = &self.prose.sound.graph;
        let agent = |id: &AgentId| model.agents[id.index()].name.name.to_string();
        match action {
            model::Action::Redo { target, bound, .. } => Action::Redo {
                to: self.id(*target),
                at_most: bound_of(bound),
                voids: self.ids(graph.range(model, *target, id)),
            },
            model::Action::Fix { agent: fixer, bound, .. } => {
                let again = model.fixed_with(id);
                let redoes: Vec<_> =
                    again.flat_map(|child| std::iter::once(child).chain(model.descendants(child))).collect();
                Action::Fix { agent: agent(fixer), at_most: bound_of(bound), redoes: self.ids(redoes) }
            }
            model::Action::Retry { bound, .. } => Action::Retry { at_most: bound.as_ref().map(bound_of) },
            model::Action::Show { artifact, .. } => {
                Action::Show { artifact: model.artifacts[artifact.index()].name.name.to_string() }
            }
            model::Action::Override { .. } => Action::Override,
            model::Action::Ask(ask) => Action::Ask { ask: self.ask(ask, id, at) },
            model::Action::Abort => Action::Abort,
            model::Action::Continue => Action::Continue,
            model::Action::Spawn { agent: started, .. } => Action::Spawn { agent: agent(started) },
        }
    }

    pub(super) fn ask(&self, ask: &model::Ask<'s>, id: NodeId, at: Position) -> Ask {
        Ask {
            question: self.prose.optional(ask.question.as_ref()),
            options: ask.options.iter().map(|option| self.choice(option, id, at)).collect(),
        }
    }

    pub(super) fn choice(&self, option: &model::Choice<'s>, id: NodeId, at: Position) -> Choice {
        Choice {
            name: option.name.name.to_string(),
            label: self.prose.option_label(option),
            when: option.when.as_ref().map(|when| self.condition(&when.cond, at)),
            adds: option.adds,
            outcome: option.outcome.as_ref().map(|outcome| self.outcome(outcome, id, at)),
        }
    }

    pub(super) fn branch(&self, branch: &model::Branch<'s>, id: NodeId, at: Position) -> Branch {
        Branch {
            when: branch.condition.as_ref().map(|condition| self.condition(&condition.cond, at)),
            reason: branch.reason.map(|reason| reason.name.to_string()),
            outcome: self.outcome(&branch.outcome, id, at),
        }
    }
}

pub(super) fn bound_of(amount: &model::Amount<'_>) -> Bound {
    Bound { value: amount.quantity.thousandths / 1000, limit: amount.name.map(str::to_string) }
}
