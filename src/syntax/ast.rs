//! What was written, as it was written: names and texts are places in the source, nothing is resolved.
//!
//! Every statement is one [`Statement`], whatever body it stands in; whether it may stand there is for the model to
//! say. Spans are all an item holds; a tree costs about twice the memory of the text it came from.

use fixedbitset::FixedBitSet;
use thin_vec::ThinVec;

use crate::source::{FileId, PerFile, Span};

/// One `.wf` file. What could not be read is missing from `items` and listed in `unread`.
#[derive(Debug, Clone)]
pub struct File<'s> {
    pub id: FileId,
    pub text: &'s str,
    pub items: ThinVec<Statement>,
    /// All comments, in order of place.
    pub comments: Vec<Comment>,
    /// Pieces of the text that hold a syntax error: what they might have declared is unknown.
    pub unread: Vec<Span>,
    /// A file it uses could not be read: any name may have been declared there.
    pub incomplete: bool,
    /// It extends, itself or by way of its base, a workflow that could not be read: what its statements change is unknown.
    pub orphan: bool,
    /// When items of several files have been put together: each of the files, this one first. Else empty.
    pub layers: PerFile<Layer<'s>>,
    /// The files of the workflows that this one extends, the nearest first: their items are among these.
    pub bases: Vec<FileId>,
    /// What `${inherited}` means in a text, by its place: the texts that it has replaced.
    pub inherited: Vec<(Span, Vec<Span>)>,
    /// Names of what has been dropped, where it is said.
    pub dropped: Vec<Span>,
}

impl<'s> File<'s> {
    /// The text of a place in this file, or in one of its layers.
    pub fn slice(&self, span: Span) -> &'s str {
        &self.text_of(span.file)[span.range()]
    }

    /// The whole text of this file or of one of its layers.
    pub fn text_of(&self, file: FileId) -> &'s str {
        if file == self.id { self.text } else { self.layers.get(file).map_or("", |layer| layer.text) }
    }

    /// The comments of this file or of one of its layers.
    pub fn comments_of(&self, file: FileId) -> &[Comment] {
        if file == self.id { &self.comments } else { self.layers.get(file).map_or(&[], |layer| &layer.comments) }
    }
}

/// A file from which items have been taken.
#[derive(Debug, Clone)]
pub struct Layer<'s> {
    pub text: &'s str,
    pub comments: Vec<Comment>,
    /// The files whose names it sees as its own, by the number of their ids; itself among them.
    pub sees: FixedBitSet,
    /// The files whose names it sees behind another name: `use "x.wf" as x` gives `x.name`.
    pub aliases: Vec<(&'s str, FileId)>,
}

/// A comment with its slashes, without the line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    pub span: Span,
    /// Nothing else stands before it on its line.
    pub alone: bool,
}

/// A name, or a dotted path with an optional `@decider`.
pub type Name = Span;
/// A text with its quotes; `text::content` takes them off.
pub type Text = Span;

#[derive(Debug, Clone)]
pub struct Statement {
    pub span: Span,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub enum Kind {
    Node(Box<Node>),
    Item(Box<Item>),
    Require(Box<Condition>),
    Until(Box<Condition>),
    Batch(Box<Condition>),
    Text(Box<TextStatement>),
    List(ListWord, ThinVec<Entry>),
    Produces(ThinVec<Produced>),
    On(Box<On>),
    Ask(Box<Ask>),
    Override(Option<Text>),
    Budget(ThinVec<Allowance>),
    Decides(Box<Decides>),
    Revises(Box<Revises>),
    Requires(Box<Requires>),
    Enum(Box<Enum>),
    /// `input` or `fact`.
    Fact(Box<Fact>),
    Let(Box<Let>),
    Limit(Box<Limit>),
    Skip(Box<Skip>),
    Agent(Box<Agent>),
    Model(Name),
    Skill(Box<Skill>),
    Pairs(Box<Pairs>),
    Procedure(Box<Procedure>),
    Counter(Box<Counter>),
    Context(Box<Context>),
    Escalation(ThinVec<Choice>),
    Abort(ThinVec<Statement>),
    Trigger(Box<Trigger>),
    Route(Box<Route>),
    Score(Box<Score>),
    Use(Box<Use>),
    Workflow(Box<Workflow>),
    Insert(Box<Statement>),
    Drop(Box<Drop>),
    Test(Box<Test>),
    Given(ThinVec<(Name, Operand)>),
    Expect(Box<Expect>),
    Property(Box<Property>),
    Document(Box<Document>),
    Section(Box<Section>),
}

impl Kind {
    /// A test or a property: what the workflow says of itself.
    pub fn is_claim(&self) -> bool {
        matches!(self, Kind::Test(..) | Kind::Property(_))
    }
}

/// Statements that are a word and a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextWord {
    Purpose,
    Prompt,
    Text,
    Description,
    Command,
    Output,
    Path,
}

#[derive(Debug, Clone)]
pub struct TextStatement {
    pub word: TextWord,
    pub when: Option<Box<Condition>>,
    pub text: Text,
}

/// Statements that are a word and a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListWord {
    Reads,
    Skills,
    Tools,
    Writes,
    Returns,
    Checklist,
    Keep,
    KeepUnchanged,
    Sections,
    Related,
}

/// An element of a list: a name or a text, `?` when it may be absent.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Without the question mark.
    pub span: Span,
    pub is_text: bool,
    pub optional: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Phase,
    Stage,
    Gate,
    Loop,
    Parallel,
    Each,
    Spawn,
}

impl NodeKind {
    /// The keyword it is declared with.
    pub fn word(self) -> &'static str {
        match self {
            NodeKind::Phase => "phase",
            NodeKind::Stage => "stage",
            NodeKind::Gate => "gate",
            NodeKind::Loop => "loop",
            NodeKind::Parallel => "parallel",
            NodeKind::Each => "each",
            NodeKind::Spawn => "spawn",
        }
    }
}

/// An item of the flow with its header and body.
#[derive(Debug, Clone)]
pub struct Node {
    pub kind: NodeKind,
    /// `None` for `parallel` only. Of a spawn: its agent.
    pub name: Option<Name>,
    pub title: Option<Text>,
    /// Of `each`: the artifact that lists the tasks.
    pub from: Option<Entry>,
    pub modifiers: ThinVec<Modifier>,
    pub body: ThinVec<Statement>,
}

/// What stands between the title and the body.
#[derive(Debug, Clone)]
pub struct Modifier {
    pub span: Span,
    pub kind: ModifierKind,
}

#[derive(Debug, Clone)]
pub enum ModifierKind {
    Once,
    Required,
    Irreversible,
    After(ThinVec<Entry>),
    Before(ThinVec<Entry>),
    When(Box<Condition>),
    Because(Text),
    By(Box<Evidence>),
    Follows(Name, ThinVec<Name>),
    AtMost(Amount),
    ElseOnce,
}

/// `step NAME …` or `require NAME "Title" …`.
#[derive(Debug, Clone)]
pub struct Item {
    pub is_step: bool,
    pub name: Name,
    pub title: Option<Text>,
    pub meaning: Option<Text>,
    pub modifiers: ThinVec<Modifier>,
}

/// What closes an item.
#[derive(Debug, Clone)]
pub enum Evidence {
    Agent(Name),
    /// A name or a text.
    File(Span),
    Run(Run),
    Answer,
    Measure(Box<Condition>),
    Skill(Span),
    Checklist(ThinVec<Entry>),
}

#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub command: Text,
    pub matching: Option<Text>,
}

/// `let NAME = VALUE`.
#[derive(Debug, Clone)]
pub struct Let {
    pub name: Name,
    pub value: Literal,
}

/// What somebody says to get past a rule, and the answer.
#[derive(Debug, Clone)]
pub struct Counter {
    pub claim: Text,
    pub answer: Text,
}

/// Of `abort`: when, and what it means.
#[derive(Debug, Clone)]
pub struct Trigger {
    pub condition: Condition,
    pub text: Text,
}

/// Where those go who are blocked for a reason.
#[derive(Debug, Clone)]
pub struct Route {
    /// Of the agents.
    pub pattern: Text,
    pub branches: ThinVec<Branch>,
}

#[derive(Debug, Clone)]
pub struct Test {
    pub name: Text,
    pub body: ThinVec<Statement>,
}

/// A number with its unit, or the name of a limit or `let`.
#[derive(Debug, Clone, Copy)]
pub struct Amount {
    pub span: Span,
    pub is_number: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Literal {
    Number(Span),
    Text(Text),
    Name(Name),
}

impl Literal {
    pub fn span(self) -> Span {
        match self {
            Literal::Number(span) | Literal::Text(span) | Literal::Name(span) => span,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Condition {
    pub span: Span,
    pub expr: Expr,
}

/// `and` and `or` are as wide as written and never directly nested in themselves.
#[derive(Debug, Clone)]
pub enum Expr {
    Or(ThinVec<Expr>),
    And(ThinVec<Expr>),
    Not(Box<Expr>),
    Bare(Operand),
    Compare(Operand, Comparison, Operand),
    /// With the closing bracket.
    In(Operand, ThinVec<Operand>, Span),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "==",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }

    pub fn holds(self, left: i64, right: i64) -> bool {
        match self {
            Comparison::Equal => left == right,
            Comparison::NotEqual => left != right,
            Comparison::Less => left < right,
            Comparison::AtMost => left <= right,
            Comparison::Greater => left > right,
            Comparison::AtLeast => left >= right,
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Operand {
    pub span: Span,
    pub kind: OperandKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperandKind {
    Path,
    Number,
    Text,
    /// `ran(x)`: the word and its argument.
    Call(Name, Name),
}

/// What is tried, and what comes when its bound is used up: never empty; without a last step `ask` comes.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub span: Span,
    pub actions: ThinVec<Action>,
}

#[derive(Debug, Clone)]
pub struct Action {
    pub span: Span,
    pub kind: ActionKind,
}

#[derive(Debug, Clone)]
pub enum ActionKind {
    Redo(Option<Name>, Amount),
    Fix(Name, Amount),
    Retry(Option<Amount>),
    Show(Name),
    Override,
    Ask(Ask),
    Abort,
    Continue,
    Spawn(Name),
}

impl ActionKind {
    /// It has a bound that can be used up: only then something can come `then`.
    pub fn is_bounded(&self) -> bool {
        matches!(self, ActionKind::Redo(..) | ActionKind::Fix(..) | ActionKind::Retry(Some(_)))
    }
}

#[derive(Debug, Clone)]
pub struct Ask {
    pub question: Option<Text>,
    pub options: ThinVec<Choice>,
}

/// An option of an `ask` or of `escalation`.
#[derive(Debug, Clone)]
pub struct Choice {
    pub span: Span,
    pub name: Name,
    pub label: Option<Text>,
    pub when: Option<Box<Condition>>,
    pub adds: Option<Span>,
    pub outcome: Option<Outcome>,
}

#[derive(Debug, Clone)]
pub struct Branch {
    pub span: Span,
    /// `None` is `else`.
    pub condition: Option<Box<Condition>>,
    /// Of a reason of a blocked agent: when its row counts.
    pub when: Option<Box<Condition>>,
    pub outcome: Outcome,
}

/// `on EVENT -> outcome` is one branch with `else`, written without braces.
#[derive(Debug, Clone)]
pub struct On {
    pub event: Name,
    pub braces: bool,
    pub branches: ThinVec<Branch>,
}

#[derive(Debug, Clone)]
pub struct Produced {
    pub span: Span,
    /// A name, or a path as text.
    pub what: Span,
    pub is_text: bool,
    pub stored_as: Option<Text>,
    pub body: ThinVec<Statement>,
}

#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// `runtime`, `tokens` or `cost`.
    pub word: Span,
    pub amount: Amount,
}

#[derive(Debug, Clone)]
pub struct Decides {
    pub facts: ThinVec<Entry>,
    pub confirmed: bool,
    pub from: Option<Run>,
}

#[derive(Debug, Clone)]
pub struct Revises {
    pub fact: Name,
    /// `None` is `upward`.
    pub arms: Option<ThinVec<(Condition, Operand)>>,
}

#[derive(Debug, Clone)]
pub struct Requires {
    pub is_skill: bool,
    pub what: ThinVec<Entry>,
    pub text: Option<Text>,
}

#[derive(Debug, Clone)]
pub struct Enum {
    pub name: Name,
    /// Written with `<`.
    pub ordered: bool,
    /// The first separator that differs from the others.
    pub mixed: Option<Span>,
    pub values: ThinVec<(Name, Option<Text>)>,
}

#[derive(Debug, Clone)]
pub struct Fact {
    pub is_input: bool,
    pub names: ThinVec<Entry>,
    pub of: Type,
    pub default: Option<Literal>,
}

#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// `bool`, `text` or an enum.
    Named(Name),
    Int(Span, Span),
    /// Of an input: a text, unless a workflow that extends this one says more.
    Open,
}

#[derive(Debug, Clone)]
pub struct Limit {
    pub name: Name,
    pub value: Amount,
    pub fallback: Option<Span>,
}

#[derive(Debug, Clone)]
pub struct Skip {
    pub phases: ThinVec<Entry>,
    pub modifiers: ThinVec<Modifier>,
}

#[derive(Debug, Clone)]
pub struct Agent {
    /// `None` is `*`.
    pub name: Option<Name>,
    /// Agents of the base in whose place it stands, wherever that names them. In a workflow that extends another: all
    /// that it stands for, by the names of the first that declares them.
    pub fills: ThinVec<Entry>,
    pub description: Option<Text>,
    pub body: ThinVec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Skill {
    pub name: Span,
    pub purpose: Option<Text>,
    pub body: ThinVec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Pairs {
    pub skill: Span,
    pub purpose: Option<Text>,
    pub when: Option<Box<Condition>>,
}

#[derive(Debug, Clone)]
pub struct Procedure {
    pub name: Name,
    pub parameters: ThinVec<Name>,
    pub title: Option<Text>,
    pub body: ThinVec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Context {
    pub window: Span,
    pub rungs: ThinVec<Rung>,
}

#[derive(Debug, Clone, Copy)]
pub struct Rung {
    pub word: Name,
    pub share: Span,
    pub procedure: Option<Name>,
}

#[derive(Debug, Clone)]
pub struct Score {
    pub fact: Name,
    pub factors: ThinVec<Factor>,
    pub bands: ThinVec<Band>,
}

#[derive(Debug, Clone)]
pub struct Factor {
    pub span: Span,
    pub name: Name,
    pub title: Option<Text>,
    pub weight: Option<Span>,
    /// A number or a name, and the points for it.
    pub points: ThinVec<(Span, Span)>,
}

#[derive(Debug, Clone, Copy)]
pub struct Band {
    pub span: Span,
    pub value: Name,
    pub from: Span,
    pub text: Option<Text>,
}

#[derive(Debug, Clone)]
pub enum Use {
    File { path: Text, alias: Option<Name> },
    Registry { of: Name, from: ThinVec<Entry> },
}

#[derive(Debug, Clone)]
pub struct Workflow {
    pub name: Name,
    pub title: Option<Text>,
    pub extends: Option<Name>,
}

#[derive(Debug, Clone)]
pub struct Drop {
    pub word: Span,
    pub what: ThinVec<Entry>,
    pub because: Option<Text>,
}

#[derive(Debug, Clone)]
pub enum Expect {
    Skips { exactly: bool, phases: ThinVec<Entry> },
    Runs(ThinVec<Entry>),
    Count { what: Name, comparison: Comparison, number: Span },
    Leads { gate: Name, to: Way },
    Before(Precedes),
}

/// What comes of a gate: an [`ActionKind`] without its bound.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    Continue,
    Ask,
    Abort,
    Override,
    Retry,
    Redo(Name),
    Fix(Name),
    Show(Name),
}

/// `a before b`.
#[derive(Debug, Clone, Copy)]
pub struct Precedes {
    pub first: Place,
    pub second: Place,
}

#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub span: Span,
    pub kind: PlaceKind,
    pub name: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    Item,
    /// `spawn x`: each spawn of the agent.
    Spawns,
    /// `step x`, `step around.x`.
    Step,
}

#[derive(Debug, Clone)]
pub struct Property {
    pub never: bool,
    pub precedes: Precedes,
    pub when: Option<Box<Condition>>,
}

#[derive(Debug, Clone)]
pub struct Document {
    pub name: Name,
    pub title: Option<Text>,
    pub body: ThinVec<Statement>,
}

#[derive(Debug, Clone)]
pub struct Section {
    pub title: Text,
    /// `before` or `after`, and the generated section it is placed at.
    pub position: Option<(bool, Name)>,
    pub text: Text,
}
