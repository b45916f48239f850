//! Pieces of the model as they are shown.

use super::{Cond, Model, NodeId, Type, Way};
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

    /// A condition in the one way in which all that mean the same comparisons are shown, however they are written.
    pub fn meant(&self, cond: &Cond) -> String {
        let joined = |parts: &[Cond], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.meant(part)).collect();
            parts.join(word)
        };
        match cond {
            Cond::All(parts) => joined(parts, " and "),
            Cond::Any(parts) => format!("({})", joined(parts, " or ")),
            Cond::Not(inner) => format!("not {}", self.meant(inner)),
            Cond::Measure(atom) => {
                format!("{} {} {}", atom.measure.name(), atom.comparison.symbol(), atom.quantity.show())
            }
            Cond::Fact(atom) => {
                let fact = &self.facts[atom.fact.index()];
                let value = |value: i64| self.value_name(fact.of, value);
                let ranges = atom.ranges.iter().map(|(low, high)| match low == high {
                    true => value(*low),
                    false => format!("{}..{}", value(*low), value(*high)),
                });
                let at = atom.at.map_or_else(String::new, |item| format!("@{}", self.node(item).name.name));
                format!("{}{at} in [{}]", fact.name.name, ranges.collect::<Vec<_>>().join(", "))
            }
            Cond::Ran(item, _) => format!("ran({})", self.node(*item).name.name),
            Cond::Skipped(item, _) => format!("skipped({})", self.node(*item).name.name),
            Cond::Fault => String::new(),
        }
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
