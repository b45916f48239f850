//! What is declared beside the flow: facts, constants, limits, files, agents and skills.

use super::{Condition, EnumId, FactId, Item, Named, NodeId, Overridable, ProcedureId, Quantity, Text, TextBlock};
use crate::source::Span;
use crate::syntax::text;

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
