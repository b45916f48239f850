//! The ways back of an item, in words.

use crate::analysis::{Runs, Sound};
use crate::emit::graph::View;
use crate::emit::graph::outline::Route;
use crate::emit::graph::words::{at_most, clean, title};
use crate::model::{Action, Ask, Branch, NodeId, Outcome};

/// Collects the ways back of one item.
pub struct Ways<'a, 's> {
    pub sound: Sound<'a, 's>,
    pub view: &'a View,
    pub from: NodeId,
    pub found: Vec<Route>,
}

impl Ways<'_, '_> {
    pub fn branches(&mut self, branches: &[Branch<'_>], cause: &str) {
        branches.iter().for_each(|branch| self.outcome(&branch.outcome, cause));
    }

    pub fn ask(&mut self, ask: &Ask<'_>) {
        for option in &ask.options {
            option.outcome.iter().for_each(|outcome| self.outcome(outcome, option.name.name));
        }
    }

    /// The ways back of an outcome. `cause` is the answer that takes them, or what has happened.
    pub fn outcome(&mut self, outcome: &Outcome<'_>, cause: &str) {
        for action in &outcome.actions {
            match action {
                Action::Redo { target, bound, .. } => {
                    let what = match self.sound.model.is_within(self.from, *target) {
                        true => format!("this {}", self.sound.model.node(*target).kind.word()),
                        false => title(self.sound, *target),
                    };
                    self.add(format!("redo {what}, {}", at_most(bound)), cause, Some(*target));
                }
                Action::Fix { agent, bound, .. } => {
                    let agent = self.sound.model.agents[agent.index()].name.name;
                    self.add(format!("fix by {agent}, {}", at_most(bound)), cause, None);
                }
                Action::Ask(ask) => self.ask(ask),
                _ => {}
            }
        }
    }

    fn add(&mut self, way: String, cause: &str, to: Option<NodeId>) {
        // An answer that is named like what it does says it once.
        let label = if way.starts_with(&format!("{cause} ")) { way } else { format!("{cause}: {way}") };
        let open = [Some(self.from), to].into_iter().flatten().all(|node| self.view.runs(node) != Runs::Never);
        let route = Route { label: clean(&label), to, open };
        if !self.found.contains(&route) {
            self.found.push(route);
        }
    }
}
