//! Counter-examples as a person can follow them: the facts that matter, and what happens one after the other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Analysis, Unmet, Version};
use crate::diagnostic::Example;
use crate::graph::Position;
use crate::logic::{Assignment, Diagram, FALSE, TRUE, Variable};
use crate::model::{FactKind, NodeId, NodeKind};

impl<'s> Analysis<'s> {
    /// A variant in which `fault` holds where a position is reached, told step by step; `None` when there is none.
    ///
    /// The facts shown are those of `fault`, no more than are needed. The steps are the items that settle them, what
    /// happens to `others`, and `last`, which says what goes wrong.
    pub fn example(&self, fault: Diagram, at: Position, others: &[NodeId], last: impl Into<String>) -> Option<Example> {
        let reached = self.within_reach(fault, at);
        if reached == FALSE {
            return None;
        }
        let case = self.case(fault, reached, at, others)?;
        let told: BTreeSet<Variable> = self.support(fault).into_iter().collect();
        let mut shown = Vec::new();
        for variable in self.needed(fault, &case, &told) {
            shown.push(self.shown(variable, case[&variable]));
        }
        let mut steps = self.steps(&case, &told, others);
        steps.push(last.into());
        Some(Example { variant: shown, steps })
    }

    /// A value for every variable that the steps may speak of.
    fn case(
        &self,
        fault: Diagram,
        reached: Diagram,
        at: Position,
        others: &[NodeId],
    ) -> Option<BTreeMap<Variable, usize>> {
        let deciders = self.support(fault).into_iter().filter_map(|variable| self.version(variable).node);
        let mut whole = reached;
        let mut open = BTreeSet::new();
        for node in deciders.chain(others.iter().copied()) {
            // What an item depends on has values that fit together, too.
            let run = self.run(node);
            let not_run = self.not(run);
            let (with, without) = (self.within_reach(run, at), self.within_reach(not_run, at));
            let either = self.or(with, without);
            whole = self.and(whole, either);
            open.extend(self.support(run));
        }
        let assignment: Assignment = self.logic.borrow().witness(whole)?;
        let mut case: BTreeMap<Variable, usize> = assignment.into_iter().collect();
        open.into_iter().for_each(|variable| {
            case.entry(variable).or_insert(0);
        });
        Some(case)
    }

    /// Without the facts that can be left out: the others alone already imply the fault.
    fn needed(&self, fault: Diagram, case: &BTreeMap<Variable, usize>, told: &BTreeSet<Variable>) -> Vec<Variable> {
        let literal = |variable: &Variable| {
            let cell = case.get(variable).copied();
            self.logic.borrow_mut().literal(*variable, |value| Some(value) == cell)
        };
        let mut kept: Vec<Variable> = told.iter().copied().filter(|variable| case.contains_key(variable)).collect();
        for variable in kept.clone() {
            let rest = kept.iter().filter(|other| **other != variable);
            let cube = rest.fold(TRUE, |all, other| self.and(all, literal(other)));
            if self.and_not(cube, fault) == FALSE {
                kept.retain(|other| *other != variable);
            }
        }
        kept
    }

    fn steps(&self, case: &BTreeMap<Variable, usize>, told: &BTreeSet<Variable>, others: &[NodeId]) -> Vec<String> {
        let model = &self.model;
        let runs = |node: NodeId| self.logic.borrow().evaluate(self.run(node), |variable| case.get(&variable).copied());
        let mut begins = Vec::new();
        // What each item does, in the order of writing.
        let mut does: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        let mut decides: BTreeMap<NodeId, Vec<String>> = BTreeMap::new();
        for variable in told {
            let Some(cell) = case.get(variable) else { continue };
            let Version { fact, node } = self.version(*variable);
            let fact = &model.facts[fact.index()];
            let value = model.value_name(fact.of, self.cells(*variable).value(*cell));
            let name = fact.name.name;
            match node {
                None => begins.push(format!("{name} = {value}")),
                Some(node) if matches!(fact.kind, FactKind::Answer(_)) => {
                    does.entry(node).or_default().push(format!("is answered `{value}`"));
                }
                Some(node) if fact.revisers.iter().any(|(reviser, _)| *reviser == node) => {
                    does.entry(node).or_default().push(format!("leaves {name} = {value}"));
                }
                Some(node) => decides.entry(node).or_default().push(format!("{name} = {value}")),
            }
        }
        for (node, facts) in decides {
            does.entry(node).or_default().insert(0, format!("decides {}", facts.join(", ")));
        }
        for node in others {
            does.entry(*node).or_default();
        }
        let mut steps = Vec::new();
        if !begins.is_empty() {
            steps.push(format!("the run begins with {}", begins.join(", ")));
        }
        for (node, done) in does {
            let step = match runs(node) {
                Some(false) => format!("{} is skipped{}", self.described(node), self.why_skipped(node, case)),
                _ if done.is_empty() => format!("{} runs", self.described(node)),
                _ => format!("{} {}", self.described(node), done.join(" and ")),
            };
            steps.push(step);
        }
        steps
    }

    /// What skips an item, or something around it, in this case: " with phase `design`: `large` does not hold".
    fn why_skipped(&self, node: NodeId, case: &BTreeMap<Variable, usize>) -> String {
        let cube = case.iter().fold(TRUE, |all, (variable, cell)| {
            let literal = self.logic.borrow_mut().literal(*variable, |value| value == *cell);
            self.and(all, literal)
        });
        let reasons = self.reasons(node, cube);
        let Some(reason) = reasons.first() else { return String::new() };
        let around = if reason.item == node { String::new() } else { format!(" with {}", self.described(reason.item)) };
        match reason.what {
            Unmet::Condition(span, _) => format!("{around}: `{}` does not hold", self.model.written(span)),
            Unmet::Rule(rule) => match &rule.when {
                Some(when) => format!("{around}: a skip rule applies, `{}`", self.model.written(when.span)),
                None => format!("{around}: a skip rule names it"),
            },
        }
    }

    /// "phase `triage`".
    pub fn described(&self, node: NodeId) -> String {
        let node = self.model.node(node);
        match node.kind {
            NodeKind::Workflow => "the workflow".to_string(),
            NodeKind::Spawn => format!("`spawn {}`", node.name.name),
            NodeKind::Parallel => "a `parallel`".to_string(),
            kind => format!("{} `{}`", kind.word(), node.name.name),
        }
    }
}
