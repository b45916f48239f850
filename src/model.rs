//! The workflow as it is meant: names resolved to ids, conditions to sets of values, texts kept with their places.
//!
//! Passes add and never change. A model is made even when the text is faulty; what could not be resolved is left out
//! of it and reported. Everything is in the order in which it was written.

mod chunks;
mod condition;
mod ids;
mod lower;
mod names;
mod placement;
mod prose;
mod registry;
mod units;

use thin_vec::ThinVec;

use crate::source::{FileId, PerFile, Span};
use crate::syntax::text;
use chunks::Chunks;

pub use condition::{Cond, Condition, FactAtom, Measure, MeasureAtom, values_of};
pub use ids::{AgentId, ArtifactId, EnumId, FactId, Id, LetId, LimitId, NodeId, ProcedureId};
pub use lower::lower;
pub use names::{Kind, listed};
pub use placement::keyword;
pub use prose::{Counted, Page, Target};
pub use registry::{Key, KnownAgent, KnownSkill, Registry};
pub use units::{Quantity, Unit, decimal};

/// Codes that lowering reports, file by file.
pub static CODES: &[&[&crate::diagnostic::Code]] = &[
    names::CODES,
    placement::CODES,
    prose::CODES,
    condition::CODES,
    lower::CODES,
    lower::FLOW_CODES,
    lower::GATE_CODES,
];

/// A text token of the source.
#[derive(Debug, Clone, Copy)]
pub struct Text<'s> {
    /// With its quotes.
    pub raw: &'s str,
    pub span: Span,
}

impl<'s> Text<'s> {
    /// What it says, references not yet replaced.
    pub fn content(&self) -> std::borrow::Cow<'s, str> {
        text::content(self.raw)
    }
}

/// A use of a name, with its place.
#[derive(Debug, Clone, Copy)]
pub struct Named<'s> {
    pub name: &'s str,
    pub span: Span,
}

/// A workflow, or a library of declarations when `header` is `None`.
#[derive(Debug)]
pub struct Model<'s> {
    pub file: FileId,
    /// The whole source, from which conditions are shown as they were written.
    pub source: &'s str,
    /// The texts of all files that it was put together from, when there are several.
    pub layers: PerFile<&'s str>,
    /// The files of the workflows that it extends, the nearest first.
    pub bases: Vec<FileId>,
    pub header: Option<Header<'s>>,
    pub enums: Vec<Enum<'s>>,
    /// Inputs, facts, and the answers of gates.
    pub facts: Vec<Fact<'s>>,
    pub lets: Vec<Let<'s>>,
    pub limits: Vec<Limit<'s>>,
    pub artifacts: Vec<Artifact<'s>>,
    /// What exists outside, as far as it is known.
    pub registry: Registry<'s>,
    /// Declared ones, and those only spawned: then nothing but the name is known, or what the registry says.
    pub agents: Vec<Agent<'s>>,
    /// What `agent *` says of all.
    pub everyone: Cast<'s>,
    pub skills: Vec<Skill<'s>>,
    pub procedures: Vec<Procedure<'s>>,
    /// The tree in pre-order; the first is the workflow itself. A node's descendants follow it, up to its `end`.
    pub nodes: Vec<Node<'s>>,
    /// See [`Model::detail`]; in the order of their items, but for steps: those of a body follow each other.
    works: Chunks<(NodeId, Work<'s>)>,
    gates: Chunks<(NodeId, Gate<'s>)>,
    loops: Chunks<(NodeId, Loop<'s>)>,
    steps: Chunks<Item<'s>>,
    /// See [`Model::number`].
    numbers: Vec<u32>,
    pub skips: Vec<Skip<'s>>,
    pub output: Option<Text<'s>>,
    pub requires_skills: Vec<SkillUse<'s>>,
    pub pairs: Vec<Pair<'s>>,
    pub counters: Vec<(Text<'s>, Text<'s>)>,
    pub context: Option<Context<'s>>,
    pub escalation: Option<Vec<Choice<'s>>>,
    pub abort: Option<Abort<'s>>,
    pub routes: Vec<Route<'s>>,
    pub scores: Vec<Score<'s>>,
    pub tests: Vec<Test<'s>>,
    pub properties: Vec<Property>,
    pub document: Option<Document<'s>>,
    /// Texts with references, with the node they stand in: what `resolve` is asked about.
    pub prose: Vec<(Text<'s>, NodeId)>,
    /// What the references of each text stand for, in their order, by where the text begins.
    pub targets: rustc_hash::FxHashMap<Span, Vec<Option<Target<'s>>>>,
    /// Names that stood in pieces that could not be read, or that were not found: nothing that follows from them is
    /// said.
    pub suspects: std::collections::HashSet<&'s str>,
}

#[derive(Debug)]
pub struct Header<'s> {
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    /// The `//!` lines, without their slashes.
    pub docs: Vec<&'s str>,
}

#[derive(Debug)]
pub struct Enum<'s> {
    pub name: Named<'s>,
    /// `<` is defined between the values.
    pub ordered: bool,
    /// The options of a gate.
    pub of_gate: Option<NodeId>,
    pub values: Vec<(Named<'s>, Option<Text<'s>>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    Bool,
    Int(i64, i64),
    Enum(EnumId),
    Text,
    /// The declaration was faulty.
    Unknown,
}

#[derive(Debug)]
pub struct Fact<'s> {
    pub name: Named<'s>,
    pub of: Type,
    pub kind: FactKind<'s>,
    /// Where it is settled, in order of writing; one, in a sound model.
    pub deciders: Vec<Decider<'s>>,
    /// Where it is changed, in order of writing.
    pub revisers: Vec<(NodeId, Span)>,
    pub read: bool,
    /// An input of which workflows that extend this one say more.
    pub open: bool,
}

#[derive(Debug)]
pub enum FactKind<'s> {
    Input { default: Option<Value<'s>> },
    Declared,
    Answer(NodeId),
}

#[derive(Debug, Clone, Copy)]
pub enum Value<'s> {
    Number(Quantity),
    Text(Text<'s>),
    Name(Named<'s>),
}

#[derive(Debug, Clone, Copy)]
pub struct Decider<'s> {
    pub node: NodeId,
    pub span: Span,
    /// A person confirms it.
    pub confirmed: bool,
    pub run: Option<Run<'s>>,
}

/// A command with the pattern that reads a value from what it prints.
#[derive(Debug, Clone, Copy)]
pub struct Run<'s> {
    pub command: Text<'s>,
    pub matching: Option<Text<'s>>,
}

#[derive(Debug)]
pub struct Let<'s> {
    pub name: Named<'s>,
    pub value: Value<'s>,
    pub used: bool,
}

#[derive(Debug)]
pub struct Limit<'s> {
    pub name: Named<'s>,
    /// The key in the registry.
    pub key: Option<Named<'s>>,
    /// The number, or the fallback.
    pub value: Option<i64>,
    pub used: bool,
}

#[derive(Debug)]
pub struct Artifact<'s> {
    pub name: Named<'s>,
    /// As written; a bare name is `NAME.md`.
    pub path: Option<Text<'s>>,
    pub producers: Vec<NodeId>,
    /// Where each of them says so.
    pub produced_at: Vec<Span>,
    pub sections: Vec<Text<'s>>,
    pub read: bool,
}

impl Artifact<'_> {
    /// The file as it is written in documents: below the output directory, or from the root of the repository with `/`.
    pub fn file(&self) -> String {
        match &self.path {
            Some(path) => path.content().into_owned(),
            None => format!("{}.md", self.name.name),
        }
    }
}

/// What an agent may use and change.
#[derive(Debug, Default)]
pub struct Cast<'s> {
    pub tools: Vec<Named<'s>>,
    pub skills: Vec<SkillName<'s>>,
    pub writes: Vec<Text<'s>>,
    pub model: Option<Named<'s>>,
}

#[derive(Debug)]
pub struct Agent<'s> {
    pub name: Named<'s>,
    /// Of a workflow that extends another: the agents of the first base in whose place it stands.
    pub fills: Vec<&'s str>,
    pub description: Option<Text<'s>>,
    pub declared: bool,
    pub cast: Cast<'s>,
    pub used: bool,
}

/// A skill as it is named: with placeholders when it is a text.
#[derive(Debug, Clone, Copy)]
pub struct SkillName<'s> {
    pub raw: &'s str,
    pub span: Span,
}

impl<'s> SkillName<'s> {
    pub fn content(&self) -> std::borrow::Cow<'s, str> {
        text::content(self.raw)
    }
}

#[derive(Debug)]
pub struct Skill<'s> {
    pub name: SkillName<'s>,
    pub purpose: Option<Text<'s>>,
    pub path: Option<Text<'s>>,
}

#[derive(Debug)]
pub struct SkillUse<'s> {
    pub skill: SkillName<'s>,
    pub purpose: Option<Text<'s>>,
}

#[derive(Debug)]
pub struct Pair<'s> {
    pub skill: SkillName<'s>,
    pub purpose: Option<Text<'s>>,
    pub when: Option<Box<Condition>>,
}

#[derive(Debug)]
pub struct Procedure<'s> {
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    pub parameters: Vec<Named<'s>>,
    pub items: Vec<Item<'s>>,
    pub overridable: Option<Box<Overridable<'s>>>,
    pub texts: Vec<TextBlock<'s>>,
    pub used: bool,
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
    modifiers: Option<Box<Modifiers<'s>>>,
    pub docs: ThinVec<&'s str>,
    detail: Slot,
}

/// What stands between the title and the body of an item, besides `when`.
#[derive(Debug, Default)]
struct Modifiers<'s> {
    because: Option<Text<'s>>,
    once: Option<Span>,
    required: Option<Span>,
    irreversible: Option<Span>,
    after: Option<Vec<(NodeId, Span)>>,
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

    fn modifiers(&mut self) -> &mut Modifiers<'s> {
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

/// What an item of the flow has besides what all have.
#[derive(Debug, Clone, Copy)]
pub enum Detail<'m, 's> {
    None,
    /// Of a phase, stage, spawn or `each`.
    Work(&'m Work<'s>),
    Gate(&'m Gate<'s>),
    Loop(&'m Loop<'s>),
    Step(&'m Item<'s>),
}

/// Where the detail of an item is kept. Those of one kind lie side by side, for a walk over large workflows waits for memory
/// most of the time.
#[derive(Debug, Clone, Copy)]
enum Slot {
    None,
    Work(u32),
    Gate(u32),
    Loop(u32),
    Step(u32),
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

#[derive(Debug)]
pub struct Skip<'s> {
    pub phases: Vec<(NodeId, Span)>,
    pub when: Option<Box<Condition>>,
    pub because: Option<Text<'s>>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Context<'s> {
    /// In tokens.
    pub window: i64,
    pub rungs: Vec<Rung<'s>>,
}

#[derive(Debug)]
pub struct Rung<'s> {
    pub word: Named<'s>,
    /// Per cent of the window.
    pub share: i64,
    pub procedure: Option<ProcedureId>,
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

#[derive(Debug)]
pub struct Score<'s> {
    pub fact: Option<FactId>,
    pub name: Named<'s>,
    pub factors: Vec<Factor<'s>>,
    pub bands: Vec<Band<'s>>,
}

#[derive(Debug)]
pub struct Factor<'s> {
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    /// In thousandths.
    pub weight: i64,
    /// What is found, as written, and the points for it, in thousandths.
    pub points: Vec<(&'s str, i64)>,
}

#[derive(Debug)]
pub struct Band<'s> {
    pub value: Named<'s>,
    /// In thousandths.
    pub from: i64,
    pub text: Option<Text<'s>>,
}

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

#[derive(Debug)]
pub struct Document<'s> {
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    pub description: Option<Text<'s>>,
    pub tools: Vec<Named<'s>>,
    pub command: Option<Text<'s>>,
    pub related: Vec<SkillName<'s>>,
    pub sections: Vec<Section<'s>>,
}

#[derive(Debug)]
pub struct Section<'s> {
    pub title: Text<'s>,
    /// Before (`true`) or after the generated section of this name; at the start when not said.
    pub position: Option<(bool, Named<'s>)>,
    pub text: Text<'s>,
}

/// The generated sections of SKILL.md that a section of the user's can be placed at, in their order.
pub static GENERATED_SECTIONS: &[&str] = &[
    "phases",
    "requires",
    "limits",
    "gates",
    "checkpoints",
    "abort",
    "references",
    "agents",
    "outputs",
    "rationalizations",
    "integration",
    "exit",
    "related",
];

impl<'s> Model<'s> {
    pub fn node(&self, id: NodeId) -> &Node<'s> {
        &self.nodes[id.index()]
    }

    /// The direct children of a node, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).end;
        let mut next = NodeId::new(id.index() + 1);
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = next;
                next = self.node(child).end;
                child
            })
        })
    }

    /// All descendants of a node, in order.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'s> {
        (id.index() + 1..self.node(id).end.index()).map(NodeId::new)
    }

    /// All nodes of a kind, in order.
    pub fn nodes_of(&self, kind: NodeKind) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.kind == kind).map(|(index, _)| NodeId::new(index))
    }

    pub fn phases(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes_of(NodeKind::Phase)
    }

    /// `ancestor` is `id` or stands around it.
    pub fn is_within(&self, id: NodeId, ancestor: NodeId) -> bool {
        ancestor <= id && id < self.node(ancestor).end
    }

    /// The node and everything around it, from the inside out, without the workflow.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next.filter(|id| id.index() > 0)?;
            next = Some(self.node(id).parent);
            Some(id)
        })
    }

    /// The phase that a node stands in, or is.
    pub fn phase_of(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id).find(|id| self.node(*id).kind == NodeKind::Phase)
    }

    /// The `each` around an item that is not around another place, if there is one: there may be no task, so at that place
    /// the item may not have run although it is not skipped, and there may be several, so that nothing of it is settled
    /// once.
    pub fn each_left(&self, id: NodeId, place: NodeId) -> Option<NodeId> {
        self.ancestors(id).find(|around| self.node(*around).kind == NodeKind::Each && !self.is_within(place, *around))
    }

    pub fn detail(&self, id: NodeId) -> Detail<'_, 's> {
        match self.node(id).detail {
            Slot::None => Detail::None,
            Slot::Work(index) => Detail::Work(&self.works[index].1),
            Slot::Gate(index) => Detail::Gate(&self.gates[index].1),
            Slot::Loop(index) => Detail::Loop(&self.loops[index].1),
            Slot::Step(index) => Detail::Step(&self.steps[index]),
        }
    }

    pub fn work(&self, id: NodeId) -> Option<&Work<'s>> {
        match self.node(id).detail {
            Slot::Work(index) => Some(&self.works[index].1),
            _ => None,
        }
    }

    pub fn gate(&self, id: NodeId) -> Option<&Gate<'s>> {
        match self.node(id).detail {
            Slot::Gate(index) => Some(&self.gates[index].1),
            _ => None,
        }
    }

    pub fn loop_of(&self, id: NodeId) -> Option<&Loop<'s>> {
        match self.node(id).detail {
            Slot::Loop(index) => Some(&self.loops[index].1),
            _ => None,
        }
    }

    /// All phases, stages, spawns and `each` with what they do, in order.
    pub fn works(&self) -> impl Iterator<Item = (NodeId, &Work<'s>)> {
        self.works.iter().map(|(id, work)| (*id, work))
    }

    /// All gates, in order.
    pub fn gates(&self) -> impl Iterator<Item = (NodeId, &Gate<'s>)> {
        self.gates.iter().map(|(id, gate)| (*id, gate))
    }

    /// All loops, in order.
    pub fn loops(&self) -> impl Iterator<Item = (NodeId, &Loop<'s>)> {
        self.loops.iter().map(|(id, inner)| (*id, inner))
    }

    /// All steps, in no order.
    pub fn steps(&self) -> impl Iterator<Item = &Item<'s>> {
        self.steps.iter()
    }

    fn add_read(&mut self, id: NodeId, read: Read) {
        match self.node(id).detail {
            Slot::Work(index) => self.works[index].1.reads.push(read),
            Slot::Gate(index) => self.gates[index].1.reads.push(read),
            _ => {}
        }
    }

    /// Gives an item its detail, once.
    fn set_work(&mut self, id: NodeId, work: Work<'s>) {
        self.nodes[id.index()].detail = Slot::Work(self.works.push((id, work)));
    }

    fn set_gate(&mut self, id: NodeId, gate: Gate<'s>) {
        self.nodes[id.index()].detail = Slot::Gate(self.gates.push((id, gate)));
    }

    fn set_loop(&mut self, id: NodeId, inner: Loop<'s>) {
        self.nodes[id.index()].detail = Slot::Loop(self.loops.push((id, inner)));
    }

    fn set_step(&mut self, id: NodeId, step: Item<'s>) {
        self.nodes[id.index()].detail = Slot::Step(self.steps.push(step));
    }

    /// The option that a binding of a gate's answer speaks of.
    pub fn option_of(&self, binding: &Binding) -> Option<&Choice<'s>> {
        let FactKind::Answer(gate) = self.facts[binding.fact.index()].kind else { return None };
        self.gate(gate)?.ask.as_ref()?.options.get(usize::try_from(binding.value).ok()?)
    }

    /// The artifacts that a text names, itself or through constants and what it inherits, each with the place in the text
    /// where this is written.
    pub fn artifacts_named(&self, text: &Text<'s>) -> Vec<(ArtifactId, Span)> {
        let mut named = Vec::new();
        let mut seen = Vec::new();
        self.add_artifacts_named(text, None, &mut seen, &mut named);
        named
    }

    /// `through`: where a constant is named that stands for this text.
    fn add_artifacts_named(
        &self,
        text: &Text<'s>,
        through: Option<Span>,
        seen: &mut Vec<LetId>,
        named: &mut Vec<(ArtifactId, Span)>,
    ) {
        let targets = self.targets.get(&text.span).into_iter().flatten();
        for (target, reference) in targets.zip(text::references(text.raw)) {
            let place = through.unwrap_or_else(|| reference.span(text.span));
            match target {
                Some(Target::Artifact(artifact)) => named.push((*artifact, place)),
                Some(Target::Let(id)) if !seen.contains(id) => {
                    if let Value::Text(text) = &self.lets[id.index()].value {
                        seen.push(*id);
                        self.add_artifacts_named(text, Some(place), seen, named);
                        seen.pop();
                    }
                }
                Some(Target::Inherited(texts)) => {
                    texts.iter().for_each(|text| self.add_artifacts_named(text, through, seen, named));
                }
                _ => {}
            }
        }
    }

    /// Something around an item, or the item itself, produces an artifact or says that it reads it.
    pub fn lists_around(&self, id: NodeId, artifact: ArtifactId) -> bool {
        self.ancestors(id).filter_map(|around| self.work(around)).any(|work| {
            let from = work.each.as_ref().and_then(|each| each.from.as_ref());
            let listed = work.reads.iter().filter(|read| !read.in_text);
            work.produces.contains(&artifact) || listed.chain(from).any(|read| read.artifact == artifact)
        })
    }

    /// The number an item is shown with, from 1: of a phase, its place in the order of writing; of a stage, its place
    /// within its phase; of a gate, its place among the gates between phases, then those inside phases. So what blocks
    /// the way from phase to phase is counted without the questions asked on the way. 0 for all other items.
    pub fn number(&self, id: NodeId) -> usize {
        self.numbers[id.index()] as usize
    }

    /// Gives phases, stages and gates their numbers, once all nodes are there.
    fn count(&mut self) {
        let mut numbers = vec![0; self.nodes.len()];
        let (mut phases, mut stages, mut gates) = (0, 0, 0);
        let mut inside = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let id = NodeId::new(index);
            match node.kind {
                NodeKind::Phase => {
                    phases += 1;
                    stages = 0;
                    numbers[index] = phases;
                }
                NodeKind::Stage => {
                    stages += 1;
                    numbers[index] = stages;
                }
                NodeKind::Gate if self.phase_of(id).is_some() => inside.push(index),
                NodeKind::Gate => {
                    gates += 1;
                    numbers[index] = gates;
                }
                _ => {}
            }
        }
        for index in inside {
            gates += 1;
            numbers[index] = gates;
        }
        self.numbers = numbers;
    }

    /// The items a gate asks for: of its procedure first, then its own.
    pub fn gate_items(&self, id: NodeId) -> Vec<&Item<'s>> {
        let Some(gate) = self.gate(id) else { return Vec::new() };
        let followed = gate.follows.iter().flat_map(|follows| &self.procedures[follows.procedure.index()].items);
        followed.chain(&gate.items).collect()
    }

    /// The title, or the name made readable.
    pub fn title(&self, id: NodeId) -> String {
        let node = self.node(id);
        match &node.title {
            Some(title) => title.content().into_owned(),
            None => readable(node.name.name),
        }
    }

    /// The text of one of its files.
    pub fn text_of(&self, file: FileId) -> &'s str {
        self.layers.get(file).copied().unwrap_or(self.source)
    }

    /// All that it was made from.
    pub fn texts(&self) -> impl Iterator<Item = &'s str> {
        let others = self.layers.iter().filter(|(file, _)| *file != self.file).map(|(_, text)| *text);
        std::iter::once(self.source).chain(others)
    }

    /// The place of a slice of its texts.
    pub fn place_of(&self, slice: &str) -> Span {
        let start_in = |text: &str| {
            let start = (slice.as_ptr() as usize).checked_sub(text.as_ptr() as usize)?;
            (start + slice.len() <= text.len()).then_some(start)
        };
        let mut texts =
            std::iter::once((self.file, self.source)).chain(self.layers.iter().map(|(file, text)| (file, *text)));
        let found = texts.find_map(|(file, text)| Some((file, start_in(text)?)));
        let (file, start) = found.expect("a slice lies in one of the texts it was taken from");
        Span::new(file, start, start + slice.len())
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

    /// The smallest and the largest value of a type; `None` for texts and faulty declarations.
    pub fn domain(&self, of: Type) -> Option<(i64, i64)> {
        match of {
            Type::Bool => Some((0, 1)),
            Type::Int(low, high) => Some((low, high)),
            Type::Enum(id) => Some((0, self.enums[id.index()].values.len() as i64 - 1)),
            Type::Text | Type::Unknown => None,
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
