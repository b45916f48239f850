//! Where agents are started: by spawns, by gates that ask them, by routes that let them fix or unblock something.

use super::Analysis;
use crate::graph::Position;
use crate::logic::Diagram;
use crate::model::{Action, AgentId, Ask, Branch, Detail, Evidence, Item, Model, NodeId, NodeKind, Outcome};
use crate::source::Span;

/// One place at which an agent begins.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// The item that starts it.
    pub node: NodeId,
    /// What has ended by then.
    pub at: Position,
    /// Under which condition it can come to it.
    pub when: Diagram,
    pub span: Span,
    pub why: Why,
    /// It surely begins under that condition.
    pub surely: bool,
}

/// What starts an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Spawn,
    /// It is asked whether something is so.
    Evidence,
    /// Something failed or is blocked.
    Route,
}

impl<'s> Analysis<'s> {
    /// All starts of an agent, in the order of the items.
    pub fn starts(&self, agent: AgentId) -> Vec<Start> {
        let mut starts = Starts { analysis: self, agent, found: Vec::new() };
        (0..self.model.nodes.len()).map(NodeId::new).for_each(|node| starts.of_node(node));
        starts.found
    }
}

struct Starts<'a, 's> {
    analysis: &'a Analysis<'s>,
    agent: AgentId,
    found: Vec<Start>,
}

impl<'s> Analysis<'s> {
    /// The routes for a spawn that is blocked: of the nearest item around it that has some, else the first whose pattern
    /// fits. Each is total, so that no other is asked. Nobody helps himself: a row that starts the blocked agent is none.
    pub fn blocked(&self, spawn: NodeId) -> impl Iterator<Item = &Branch<'s>> {
        let model = &self.model;
        let counts = move |branch: &&Branch<'_>| !helps_itself(model, spawn, branch);
        let own = asked_when_blocked(model, spawn).and_then(|owner| model.work(owner)).map(|work| &work.on_blocked);
        own.into_iter().flatten().filter(counts).chain(shared_route(model, spawn))
    }
}

/// The row starts the agent of the spawn, or of one inside of the item: for a blocked agent that is none.
pub fn helps_itself(model: &Model<'_>, id: NodeId, branch: &Branch<'_>) -> bool {
    let Some(Action::Spawn { agent: helper, .. }) = branch.outcome.actions.first() else { return false };
    let is = |node: NodeId| model.work(node).is_some_and(|work| work.agent == Some(*helper));
    is(id) || model.descendants(id).any(is)
}

/// Who says what happens when a spawn is blocked: it itself, or the nearest item around it that says so.
pub fn asked_when_blocked(model: &Model<'_>, spawn: NodeId) -> Option<NodeId> {
    model.ancestors(spawn).find(|node| model.work(*node).is_some_and(|work| !work.on_blocked.is_empty()))
}

/// The rows of the first route of the file whose pattern fits the agent of a spawn, without those that start that agent;
/// none where the spawn or what is around it has routes of its own.
pub fn shared_route<'m, 's>(model: &'m Model<'s>, spawn: NodeId) -> impl Iterator<Item = &'m Branch<'s>> {
    let agent = || model.work(spawn).filter(|_| model.node(spawn).kind == NodeKind::Spawn)?.agent;
    let route = || {
        let agent = agent().filter(|_| asked_when_blocked(model, spawn).is_none())?;
        let name = model.agents[agent.index()].name.name;
        let mut fitting = model.routes.iter().filter(|route| fits(&route.pattern.content(), name));
        fitting.find(|route| !route.branches.is_empty())
    };
    let route = if model.routes.is_empty() { None } else { route() };
    let rows = route.into_iter().flat_map(|route| &route.branches);
    rows.filter(move |branch| !helps_itself(model, spawn, branch))
}

impl<'s> Starts<'_, 's> {
    fn of_node(&mut self, id: NodeId) {
        let analysis = self.analysis;
        let model = &analysis.model;
        let (before, run) = (Position::Before(id), analysis.run(id));
        let node = model.node(id);
        match model.detail(id) {
            Detail::Gate(gate) => {
                let certain = !analysis.overridable(gate);
                for item in model.gate_items(id) {
                    let asked = match &item.by {
                        Some(Evidence::Agent(agent)) => *agent == self.agent,
                        None => gate.by == Some(self.agent),
                        Some(_) => false,
                    };
                    if asked {
                        self.asked(item, id, certain);
                    }
                }
                gate.ask.iter().for_each(|ask| self.of_ask(ask, id, before, run));
                self.of_branches(&gate.on_fail, id, before, analysis.fails(id));
            }
            Detail::Loop(inner) => {
                inner.on_exhausted.iter().for_each(|outcome| self.of_outcome(outcome, id, Position::EndOf(id), run));
            }
            Detail::Step(item) => {
                if matches!(item.by, Some(Evidence::Agent(agent)) if agent == self.agent) {
                    self.asked(item, id, true);
                }
            }
            Detail::Work(work) => {
                if let (NodeKind::Spawn, Some(agent)) = (node.kind, work.agent) {
                    if agent == self.agent {
                        self.found.push(Start {
                            node: id,
                            at: before,
                            when: run,
                            span: node.name.span,
                            why: Why::Spawn,
                            surely: true,
                        });
                    }
                    self.of_branches(analysis.blocked(id), id, before, run);
                }
                work.on_failure.iter().for_each(|outcome| self.of_outcome(outcome, id, before, run));
            }
            Detail::None => {}
        }
    }

    /// The agent gives the evidence of an item.
    fn asked(&mut self, item: &Item<'_>, node: NodeId, surely: bool) {
        let (analysis, at) = (self.analysis, Position::Before(node));
        let run = analysis.run(node);
        let when = item.when.as_ref().map_or(run, |when| analysis.and(run, analysis.holds(when, at)));
        self.found.push(Start { node, at, when, span: item.name.span, why: Why::Evidence, surely });
    }

    fn of_branches<'b>(
        &mut self,
        branches: impl IntoIterator<Item = &'b Branch<'s>>,
        node: NodeId,
        at: Position,
        run: Diagram,
    ) where
        's: 'b,
    {
        for (branch, taken) in self.analysis.first_to_hold(branches, at, run) {
            self.of_outcome(&branch.outcome, node, at, taken);
        }
    }

    fn of_ask(&mut self, ask: &Ask<'_>, node: NodeId, at: Position, run: Diagram) {
        for option in &ask.options {
            let offered =
                option.when.as_ref().map_or(run, |when| self.analysis.and(run, self.analysis.holds(when, at)));
            option.outcome.iter().for_each(|outcome| self.of_outcome(outcome, node, at, offered));
        }
    }

    fn of_outcome(&mut self, outcome: &Outcome<'_>, node: NodeId, at: Position, when: Diagram) {
        for action in &outcome.actions {
            match action {
                Action::Fix { agent, span, .. } | Action::Spawn { agent, span } if *agent == self.agent => {
                    self.found.push(Start { node, at, when, span: *span, why: Why::Route, surely: false });
                }
                Action::Ask(ask) => self.of_ask(ask, node, at, when),
                _ => {}
            }
        }
    }
}

/// `*` stands for anything.
fn fits(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let Some(last) = pattern.contains('*').then(|| parts.next_back()).flatten() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(fits("integration-*", "integration-lead"));
        assert!(fits("*", "anybody"));
        assert!(fits("a*b*c", "a-b-b-c"));
        assert!(fits("a*a", "aa"));
        assert!(fits("lead", "lead"));
        assert!(!fits("lead", "leader"));
        assert!(!fits("a*a", "a"));
        assert!(!fits("*-b*d", "a-d"));
        assert!(!fits("integration-*", "backend-lead"));
    }
}
