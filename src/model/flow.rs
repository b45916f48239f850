//! The items of the flow: what all have, and what each kind has besides.

use thin_vec::ThinVec;

use super::details::Slot;
use super::{
    AgentId, Amount, ArtifactId, Ask, Branch, Condition, FactId, Named, NodeId, Outcome, ProcedureId, Run, SkillName,
    Text,
};
use crate::source::Span;

/// An item of the flow.
#[derive(Debug)]
pub struct Node<'s> {
    pub kind: NodeKind,
    pub parent: NodeId,
    /// Past the last descendant.
    pub end: NodeId,
    /// Of a spawn: its agent's name. Of `parallel`: empty, at the keyword.
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    /// The whole statement.
    pub span: Span,
    pub when: Option<Box<Condition>>,
    /// The other modifiers, of the few items that have any.
    pub(super) modifiers: Option<Box<Modifiers<'s>>>,
    pub docs: ThinVec<&'s str>,
    pub(super) detail: Slot,
}

/// What stands between the title and the body of an item, besides `when`.
#[derive(Debug, Default)]
pub(super) struct Modifiers<'s> {
    pub(super) because: Option<Text<'s>>,
    pub(super) once: Option<Span>,
    pub(super) required: Option<Span>,
    pub(super) irreversible: Option<Span>,
    pub(super) after: Option<Vec<(NodeId, Span)>>,
}

impl<'s> Node<'s> {
    /// Why it does not always run.
    pub fn because(&self) -> Option<&Text<'s>> {
        self.modifiers.as_ref()?.because.as_ref()
    }

    /// Where it is said that it happens once.
    pub fn once(&self) -> Option<Span> {
        self.modifiers.as_ref()?.once
    }

    /// Where it is said that nothing may leave it out.
    pub fn required(&self) -> Option<Span> {
        self.modifiers.as_ref()?.required
    }

    /// Where it is said that it cannot be taken back.
    pub fn irreversible(&self) -> Option<Span> {
        self.modifiers.as_ref()?.irreversible
    }

    /// The siblings it waits for, when it names them.
    pub fn after(&self) -> Option<&[(NodeId, Span)]> {
        self.modifiers.as_ref()?.after.as_deref()
    }

    pub(super) fn modifiers(&mut self) -> &mut Modifiers<'s> {
        self.modifiers.get_or_insert_default()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    Workflow,
    Phase,
    Stage,
    Gate,
    Loop,
    Parallel,
    Each,
    Spawn,
    /// A step or requirement of a phase or stage, in its place among the other work.
    Step,
}

impl NodeKind {
    pub fn word(self) -> &'static str {
        match self {
            NodeKind::Workflow => "workflow",
            NodeKind::Phase => "phase",
            NodeKind::Stage => "stage",
            NodeKind::Gate => "gate",
            NodeKind::Loop => "loop",
            NodeKind::Parallel => "parallel",
            NodeKind::Each => "each",
            NodeKind::Spawn => "spawn",
            NodeKind::Step => "step",
        }
    }
}

/// What a phase, stage, spawn or `each` takes, leaves and says.
#[derive(Debug, Default)]
pub struct Work<'s> {
    pub purpose: Option<Text<'s>>,
    pub reads: ThinVec<Read>,
    pub produces: ThinVec<ArtifactId>,
    pub skills: ThinVec<SkillName<'s>>,
    pub tools: ThinVec<Named<'s>>,
    pub writes: ThinVec<Text<'s>>,
    pub unchanged: ThinVec<Text<'s>>,
    pub budget: ThinVec<(Named<'s>, Amount<'s>)>,
    /// Conditions without a name: part of completing.
    pub requires: ThinVec<Condition>,
    pub requires_phases: ThinVec<(NodeId, Span)>,
    pub decides: ThinVec<FactId>,
    pub revises: ThinVec<Revision>,
    pub checklist: ThinVec<Text<'s>>,
    pub texts: ThinVec<TextBlock<'s>>,
    pub prompts: ThinVec<TextBlock<'s>>,
    pub on_failure: Option<Box<Outcome<'s>>>,
    pub on_blocked: ThinVec<Branch<'s>>,
    pub overridable: Option<Box<Overridable<'s>>>,
    /// Of a spawn.
    pub agent: Option<AgentId>,
    /// Of a spawn: instead of the agent's.
    pub model: Option<Named<'s>>,
    /// Of an `each`.
    pub each: Option<Box<Each<'s>>>,
}

#[derive(Debug, Clone, Copy)]
pub struct Read {
    pub artifact: ArtifactId,
    pub optional: bool,
    /// A prompt or the text of a gate names it; else it stands in a list of `reads`.
    pub in_text: bool,
    pub span: Span,
}

/// How a fact is changed.
#[derive(Debug)]
pub struct Revision {
    pub fact: FactId,
    pub span: Span,
    /// Tried in order on the old value; none fits: unchanged. `None`: any value not below the old one.
    pub arms: Option<Vec<Arm>>,
}

#[derive(Debug)]
pub struct Arm {
    pub condition: Condition,
    /// The value: index of an enumerator, 0 or 1, or the number.
    pub value: i64,
    pub span: Span,
}

#[derive(Debug)]
pub struct Each<'s> {
    pub from: Option<Read>,
    pub section: Option<Text<'s>>,
    pub bound: Option<Amount<'s>>,
    pub else_once: bool,
    pub batch: Option<Box<Condition>>,
}

#[derive(Debug, Default)]
pub struct Gate<'s> {
    pub follows: Option<Box<Follows<'s>>>,
    /// The default evidence of its items: one call.
    pub by: Option<AgentId>,
    pub items: ThinVec<Item<'s>>,
    pub conditions: ThinVec<Condition>,
    pub ask: Option<Box<Ask<'s>>>,
    pub on_fail: ThinVec<Branch<'s>>,
    pub overridable: Option<Box<Overridable<'s>>>,
    pub keep: ThinVec<Text<'s>>,
    pub texts: ThinVec<TextBlock<'s>>,
    pub purpose: Option<Text<'s>>,
    /// Artifacts that its texts name: reads.
    pub reads: ThinVec<Read>,
    pub answer: Option<FactId>,
}

#[derive(Debug)]
pub struct Follows<'s> {
    pub procedure: ProcedureId,
    pub span: Span,
    /// The artifacts given for the parameters.
    pub arguments: Vec<(Option<ArtifactId>, Named<'s>)>,
}

#[derive(Debug, Default)]
pub struct Loop<'s> {
    pub bound: Option<Amount<'s>>,
    pub until: Option<Box<Condition>>,
    pub on_exhausted: Option<Box<Outcome<'s>>>,
    pub overridable: Option<Box<Overridable<'s>>>,
    pub purpose: Option<Text<'s>>,
    pub texts: ThinVec<TextBlock<'s>>,
}

/// An item of a gate, a procedure or a phase with what closes it.
#[derive(Debug)]
pub struct Item<'s> {
    pub name: Named<'s>,
    /// Written `require`: a requirement, not a step.
    pub required: bool,
    pub title: Option<Text<'s>>,
    pub meaning: Option<Text<'s>>,
    pub when: Option<Box<Condition>>,
    pub by: Option<Evidence<'s>>,
}

#[derive(Debug)]
pub enum Evidence<'s> {
    Agent(AgentId),
    /// An artifact, or a path that is none.
    Artifact(ArtifactId),
    /// The parameter of a procedure: the artifact it is followed with.
    Parameter(usize),
    File(Text<'s>),
    Run(Box<Run<'s>>),
    Answer,
    Measure(Box<Condition>),
    Skill(SkillName<'s>),
    Checklist(Vec<Text<'s>>),
}

impl Evidence<'_> {
    /// Somebody only says so; nobody looks.
    pub fn is_claim(&self) -> bool {
        matches!(self, Evidence::Skill(_) | Evidence::Checklist(_))
    }
}

/// `override by user`, with the risk the person is shown.
#[derive(Debug, Clone, Copy)]
pub struct Overridable<'s> {
    pub span: Span,
    pub risk: Option<Text<'s>>,
}

#[derive(Debug)]
pub struct TextBlock<'s> {
    pub when: Option<Box<Condition>>,
    pub text: Text<'s>,
}

#[derive(Debug)]
pub struct Skip<'s> {
    pub phases: Vec<(NodeId, Span)>,
    pub when: Option<Box<Condition>>,
    pub because: Option<Text<'s>>,
    pub span: Span,
}
