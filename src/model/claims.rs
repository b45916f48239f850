//! What must hold: tests and properties.

use super::{AgentId, Condition, FactId, NodeId, NodeKind, Text, Way};
use crate::source::Span;

#[derive(Debug)]
pub struct Test<'s> {
    pub name: Text<'s>,
    pub given: Vec<Binding>,
    pub expect: Vec<Expectation>,
    pub span: Span,
}

/// A fact that is assumed to have a value.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    pub fact: FactId,
    /// The item of `fact@item`: the version that this item leaves.
    pub at: Option<NodeId>,
    pub value: i64,
    pub span: Span,
}

#[derive(Debug)]
pub struct Expectation {
    pub span: Span,
    pub kind: ExpectationKind,
}

#[derive(Debug)]
pub enum ExpectationKind {
    Skips {
        exactly: bool,
        nodes: Vec<NodeId>,
    },
    Runs(Vec<NodeId>),
    Count {
        what: NodeKind,
        comparison: crate::syntax::ast::Comparison,
        number: i64,
    },
    /// How many items a gate asks for.
    Items {
        gate: NodeId,
        comparison: crate::syntax::ast::Comparison,
        number: i64,
    },
    /// How often agents are started at most, in the worst case.
    Calls {
        most: i64,
    },
    /// What comes of a gate.
    Leads {
        gate: NodeId,
        to: Way,
    },
    Before(Place, Place),
}

/// An item of the flow, or each spawn of an agent.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    Node(NodeId),
    Spawns(AgentId),
}

#[derive(Debug)]
pub struct Property {
    /// Written `never FIRST before SECOND`, which means `always SECOND before FIRST`.
    pub never: bool,
    pub first: Place,
    pub second: Place,
    pub when: Option<Box<Condition>>,
    pub span: Span,
}
