//! The workflow as it is meant: names resolved to ids, conditions to sets of values, texts kept with their places.
//!
//! Passes add and never change. A model is made even when the text is faulty; what could not be resolved is left out
//! of it and reported. Everything is in the order in which it was written.

mod chunks;
mod claims;
mod condition;
mod declared;
mod details;
mod document;
mod flow;
mod ids;
mod lower;
mod names;
mod outcomes;
mod placement;
mod prose;
mod registry;
mod tree;
mod units;
mod wording;

use crate::source::{FileId, PerFile, Span};
use crate::syntax::text;

pub use claims::{Binding, Expectation, ExpectationKind, Place, Property, Test};
pub use condition::{Cond, Condition, FactAtom, Measure, MeasureAtom, values_of};
pub use declared::{
    Agent, Artifact, Band, Cast, Context, Decider, Enum, Fact, FactKind, Factor, Let, Limit, Pair, Procedure, Run,
    Rung, Score, Skill, SkillName, SkillUse, Type, Value,
};
pub use details::Detail;
pub use document::{Document, GENERATED_SECTIONS, Section};
pub use flow::{
    Arm, Each, Evidence, Follows, Gate, Item, Loop, Node, NodeKind, Overridable, Read, Revision, Skip, TextBlock, Work,
};
pub use ids::{AgentId, ArtifactId, EnumId, FactId, Id, LetId, LimitId, NodeId, ProcedureId};
pub use lower::lower;
pub use names::{Kind, WRONG_KIND, listed};
pub use outcomes::{Abort, Action, Amount, Ask, Branch, Choice, Outcome, Route, Way};
pub use placement::keyword;
pub use prose::{Counted, Page, Target};
pub use registry::{Key, KnownAgent, KnownSkill, Registry};
pub use units::{Quantity, Unit, decimal};
pub use wording::readable;

/// Codes that lowering reports, file by file.
pub static CODES: &[&[&crate::diagnostic::Code]] = &[
    names::CODES,
    placement::CODES,
    prose::CODES,
    condition::CODES,
    lower::CODES,
    lower::FLOW_CODES,
    lower::GATE_CODES,
    lower::OUTCOME_CODES,
    lower::WORK_CODES,
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
    details: details::Details<'s>,
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

impl<'s> Model<'s> {
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

    /// It is said of anybody where he may write.
    pub fn has_scopes(&self) -> bool {
        !self.everyone.writes.is_empty()
            || self.agents.iter().any(|agent| !agent.cast.writes.is_empty())
            || self.works().any(|(_, work)| !work.writes.is_empty())
    }

    /// Something around an item, or the item itself, produces an artifact or says that it reads it.
    pub fn lists_around(&self, id: NodeId, artifact: ArtifactId) -> bool {
        self.ancestors(id).filter_map(|around| self.work(around)).any(|work| {
            let from = work.each.as_ref().and_then(|each| each.from.as_ref());
            let listed = work.reads.iter().filter(|read| !read.in_text);
            work.produces.contains(&artifact) || listed.chain(from).any(|read| read.artifact == artifact)
        })
    }

    /// The items a gate asks for: of its procedure first, then its own.
    pub fn gate_items(&self, id: NodeId) -> Vec<&Item<'s>> {
        let Some(gate) = self.gate(id) else { return Vec::new() };
        let followed = gate.follows.iter().flat_map(|follows| &self.procedures[follows.procedure.index()].items);
        followed.chain(&gate.items).collect()
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
