//! Where it goes on when something fails, blocks or is asked.

use super::{AgentId, ArtifactId, Condition, Named, NodeId, Quantity, Text};
use crate::source::Span;

/// A number, and the limit or `let` it was written as.
#[derive(Debug, Clone, Copy)]
pub struct Amount<'s> {
    pub quantity: Quantity,
    pub name: Option<&'s str>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Ask<'s> {
    pub question: Option<Text<'s>>,
    pub options: Vec<Choice<'s>>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Choice<'s> {
    pub name: Named<'s>,
    pub label: Option<Text<'s>>,
    pub when: Option<Box<Condition>>,
    /// Of `more` in `escalation`.
    pub adds: Option<i64>,
    /// `None` is `continue`.
    pub outcome: Option<Outcome<'s>>,
}

#[derive(Debug)]
pub struct Branch<'s> {
    /// `None` is `else`, or a reason that always counts.
    pub condition: Option<Box<Condition>>,
    /// Of a blocked agent: the reason that it gives. Reasons exclude each other; the condition says when the row counts.
    pub reason: Option<Named<'s>>,
    pub outcome: Outcome<'s>,
    pub span: Span,
}

/// What is tried first, then what comes when its bound is used up; `ask` when nothing is left.
#[derive(Debug)]
pub struct Outcome<'s> {
    pub span: Span,
    pub actions: Vec<Action<'s>>,
}

#[derive(Debug)]
pub enum Action<'s> {
    Redo { target: NodeId, bound: Amount<'s>, span: Span },
    Fix { agent: AgentId, bound: Amount<'s>, span: Span },
    Retry { bound: Option<Amount<'s>>, span: Span },
    Show { artifact: ArtifactId, span: Span },
    Override { span: Span },
    Ask(Ask<'s>),
    Abort,
    Continue,
    Spawn { agent: AgentId, span: Span },
}

/// What comes of a gate: an [`Action`] without its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Continue,
    Ask,
    Abort,
    Override,
    Retry,
    Redo(NodeId),
    Fix(AgentId),
    Show(ArtifactId),
    Spawn(AgentId),
}

impl From<&Action<'_>> for Way {
    fn from(action: &Action<'_>) -> Way {
        match action {
            Action::Redo { target, .. } => Way::Redo(*target),
            Action::Fix { agent, .. } => Way::Fix(*agent),
            Action::Retry { .. } => Way::Retry,
            Action::Show { artifact, .. } => Way::Show(*artifact),
            Action::Override { .. } => Way::Override,
            Action::Ask(_) => Way::Ask,
            Action::Abort => Way::Abort,
            Action::Continue => Way::Continue,
            Action::Spawn { agent, .. } => Way::Spawn(*agent),
        }
    }
}

#[derive(Debug)]
pub struct Abort<'s> {
    pub triggers: Vec<(Condition, Text<'s>)>,
    pub ask: Option<Box<Ask<'s>>>,
}

#[derive(Debug)]
pub struct Route<'s> {
    /// Which agents it is for; `*` stands for anything.
    pub pattern: Text<'s>,
    pub branches: Vec<Branch<'s>>,
}
