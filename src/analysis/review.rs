//! Whose work a gate judges.

use super::Analysis;
use crate::model::{Action, AgentId, NodeId, NodeKind, Outcome};

impl Analysis<'_> {
    /// Agents whose own work a gate judges, and who must therefore not close it: those its routes send back to it;
    /// without such routes, those of the last phase before it. In the order of their declaration.
    ///
    /// Semantics N21.
    pub fn under_review(&self, id: NodeId) -> Vec<AgentId> {
        let model = &self.model;
        let Some(gate) = model.gate(id) else { return Vec::new() };
        let mut agents: Vec<AgentId> = Vec::new();
        let own_phase = model.phase_of(id);
        let mut see = |action: &Action<'_>| match action {
            Action::Fix { agent, .. } => agents.push(*agent),
            Action::Redo { target, .. } if Some(*target) != own_phase => agents.extend(self.spawned(*target)),
            _ => {}
        };
        gate.on_fail.iter().for_each(|branch| each_action(&branch.outcome, &mut see));
        let options = gate.ask.iter().flat_map(|ask| &ask.options).filter_map(|option| option.outcome.as_ref());
        options.for_each(|outcome| each_action(outcome, &mut see));
        if agents.is_empty() {
            agents = self.last_phases(id).into_iter().flat_map(|phase| self.spawned(phase)).collect();
        }
        agents.sort();
        agents.dedup();
        agents
    }

    /// The phases before a gate that no other one before it comes after: several where the flow has branched.
    fn last_phases(&self, gate: NodeId) -> Vec<NodeId> {
        let model = &self.model;
        let is_phase = |node: &NodeId| model.node(*node).kind == NodeKind::Phase;
        let before = |phase: &NodeId| self.graph.precedes(model, *phase, gate);
        let mut written_before = (1..gate.index()).rev().map(NodeId::new).filter(is_phase).filter(before);
        let Some(last) = written_before.next() else { return Vec::new() };
        // Only where the flow has branched can there be others.
        let branched_from = self.certain_until(last).unwrap_or(last);
        let mut all = vec![last];
        for phase in written_before.take_while(|phase| *phase >= branched_from) {
            if all.iter().all(|other| !self.graph.precedes(model, phase, *other)) {
                all.push(phase);
            }
        }
        all
    }

    fn spawned(&self, phase: NodeId) -> Vec<AgentId> {
        let model = &self.model;
        model.descendants(phase).filter_map(|node| model.work(node).and_then(|work| work.agent)).collect()
    }
}

/// Every action of an outcome, those of the options it asks about included.
fn each_action<'o, 's>(outcome: &'o Outcome<'s>, see: &mut dyn FnMut(&'o Action<'s>)) {
    for action in &outcome.actions {
        see(action);
        if let Action::Ask(ask) = action {
            ask.options
                .iter()
                .filter_map(|option| option.outcome.as_ref())
                .for_each(|outcome| each_action(outcome, see));
        }
    }
}
