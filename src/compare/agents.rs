//! What an agent is called on both sides.
//!
//! An agent that stands in the place of another, `agent a for b`, is the one that fills the role b. Two agents are the same
//! when they fill the same role, and whatever names one of them is compared as if it named the other.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::model::{Agent, Model};

/// The agents of one side.
#[derive(Debug, Default)]
pub struct Agents {
    /// By the name of an agent, what it is called in the comparison.
    names: FxHashMap<String, String>,
    /// By the name of an agent that fills roles or whose role another one fills, its roles.
    roles: FxHashMap<String, Vec<String>>,
}

impl Agents {
    pub fn of_both(old: &Model<'_>, new: &Model<'_>) -> [Agents; 2] {
        let mut sides = [old, new].map(|model| Agents { names: FxHashMap::default(), roles: roles(model) });
        let mut classes = Classes::default();
        for (side, model) in [old, new].into_iter().enumerate() {
            for agent in &model.agents {
                let roles = sides[side].roles_of(agent.name.name);
                roles.windows(2).for_each(|pair| classes.join(&pair[0], &pair[1]));
            }
        }
        let mut members: FxHashMap<String, [Vec<&str>; 2]> = FxHashMap::default();
        for (side, model) in [old, new].into_iter().enumerate() {
            for agent in &model.agents {
                let class = classes.of(&sides[side].roles_of(agent.name.name)[0]);
                members.entry(class).or_default()[side].push(agent.name.name);
            }
        }
        for class in members.values() {
            let [old, new] = class;
            // The name that only one has stands for all that it stands for on the other side.
            let Some(shared) =
                (if new.len() == 1 || old.len() != 1 { new.first().or(old.first()) } else { old.first() })
            else {
                continue;
            };
            for (side, names) in class.iter().enumerate() {
                for name in names.iter().filter(|name| *name != shared) {
                    sides[side].names.insert((*name).to_string(), (*shared).to_string());
                }
            }
        }
        sides
    }

    /// What an agent is called in the comparison.
    pub fn called<'n>(&'n self, name: &'n str) -> &'n str {
        self.names.get(name).map_or(name, String::as_str)
    }

    /// At least one.
    pub fn roles_of(&self, name: &str) -> Vec<String> {
        self.roles.get(name).cloned().unwrap_or_else(|| vec![name.to_string()])
    }
}

fn roles(model: &Model<'_>) -> FxHashMap<String, Vec<String>> {
    let filled: FxHashSet<&str> = model.agents.iter().flat_map(|agent| agent.fills.iter().copied()).collect();
    let of = |agent: &Agent<'_>| {
        let name = agent.name.name;
        match &agent.fills[..] {
            // Another one that bears the name of a role.
            [] if filled.contains(name) => Some((name.to_string(), vec![format!("{name}, another one")])),
            [] => None,
            fills => Some((name.to_string(), fills.iter().map(|role| (*role).to_string()).collect())),
        }
    };
    model.agents.iter().filter_map(of).collect()
}

/// Roles that one agent fills together on either side.
#[derive(Default)]
struct Classes {
    parent: FxHashMap<String, String>,
}

impl Classes {
    fn of(&self, role: &str) -> String {
        let mut role = role;
        while let Some(parent) = self.parent.get(role) {
            role = parent;
        }
        role.to_string()
    }

    fn join(&mut self, a: &str, b: &str) {
        let (a, b) = (self.of(a), self.of(b));
        if a != b {
            self.parent.insert(b, a);
        }
    }
}
