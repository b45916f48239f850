//! Pieces of the model as they are shown.

use super::{Model, NodeId, Type, Way};
use crate::source::Span;

impl<'s> Model<'s> {
    /// The title, or the name made readable.
    pub fn title(&self, id: NodeId) -> String {
        let node = self.node(id);
        match &node.title {
            Some(title) => title.content().into_owned(),
            None => readable(node.name.name),
        }
    }

    /// A condition as it was written, on one line.
    pub fn written(&self, span: Span) -> String {
        self.text_of(span.file)[span.range()].split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The name of a value of a fact's type.
    pub fn value_name(&self, of: Type, value: i64) -> String {
        match of {
            Type::Bool => (value != 0).to_string(),
            Type::Enum(id) => self.enums[id.index()]
                .values
                .get(usize::try_from(value).unwrap_or(usize::MAX))
                .map_or_else(|| value.to_string(), |(name, _)| name.name.to_string()),
            _ => value.to_string(),
        }
    }

    /// A way to go from a gate, as it is written.
    pub fn way(&self, way: Way) -> String {
        match way {
            Way::Continue => "continue".to_string(),
            Way::Ask => "ask".to_string(),
            Way::Abort => "abort".to_string(),
            Way::Override => "override".to_string(),
            Way::Retry => "retry".to_string(),
            Way::Redo(target) => format!("redo {}", self.node(target).name.name),
            Way::Fix(agent) => format!("fix by {}", self.agents[agent.index()].name.name),
            Way::Show(artifact) => format!("show {}", self.artifacts[artifact.index()].name.name),
            Way::Spawn(agent) => format!("spawn {}", self.agents[agent.index()].name.name),
        }
    }
}

/// `design-verification` as words: "Design verification".
pub fn readable(name: &str) -> String {
    let words = name.replace(['-', '_'], " ");
    let mut chars = words.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => words,
    }
}
