//! What an item is called in both versions of a workflow.
//!
//! Phases, stages, gates and loops by their kind and name; spawns, steps and `each` by what they stand in, their name, and
//! how many of the same name stand there before. A `parallel` has no name and is no place: its members are where it is.

use rustc_hash::FxHashMap;

use super::agents::Agents;
use crate::model::{Model, NodeId, NodeKind};

#[derive(Debug)]
pub struct Keys {
    of: Vec<String>,
    by: FxHashMap<String, NodeId>,
}

impl Keys {
    pub fn new(model: &Model<'_>, agents: &Agents) -> Self {
        let mut keys = Keys { of: Vec::with_capacity(model.nodes.len()), by: FxHashMap::default() };
        for (index, node) in model.nodes.iter().enumerate() {
            let name = if node.kind == NodeKind::Spawn { agents.called(node.name.name) } else { node.name.name };
            let parent = keys.of.get(node.parent.index()).cloned().unwrap_or_default();
            let key = match node.kind {
                NodeKind::Workflow => "workflow".to_string(),
                NodeKind::Parallel => parent,
                NodeKind::Phase | NodeKind::Stage | NodeKind::Gate | NodeKind::Loop => {
                    format!("{} {name}", node.kind.word())
                }
                NodeKind::Each | NodeKind::Spawn | NodeKind::Step => {
                    let base = format!("{parent} / {} {name}", node.kind.word());
                    let numbered = (2..).map(|number| format!("{base} {number}"));
                    std::iter::once(base.clone()).chain(numbered).find(|key| !keys.by.contains_key(key)).unwrap_or(base)
                }
            };
            if node.kind != NodeKind::Parallel {
                keys.by.insert(key.clone(), NodeId::new(index));
            }
            keys.of.push(key);
        }
        keys
    }

    pub fn of(&self, node: NodeId) -> &str {
        &self.of[node.index()]
    }

    pub fn get(&self, key: &str) -> Option<NodeId> {
        self.by.get(key).copied()
    }
}
