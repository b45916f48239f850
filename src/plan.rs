//! The plan: a workflow as data, complete, with everything resolved. Whoever runs it reads nothing else and computes
//! no order, no version, no range and no refused agent.
//!
//! Texts may hold `${name}`: the run puts the value of an input, a fact, `run` or a task there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of this format; a reader refuses a newer one by name.
pub const FORMAT_VERSION: u32 = 1;

/// A workflow that can be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Says that the file is generated.
    pub generator: String,
    /// [`FORMAT_VERSION`] when it was written.
    pub format_version: u32,
    pub source: Source,
    pub name: String,
    pub title: String,
    /// The output directory; artifacts whose path does not begin with `/` lie below it.
    pub output: Option<String>,
    pub inputs: Vec<Input>,
    pub facts: Vec<Fact>,
    /// All items in the order of writing; a child follows its parent.
    pub items: Vec<Item>,
    pub artifacts: Vec<Artifact>,
    pub agents: Vec<Agent>,
    pub procedures: Vec<Procedure>,
    /// Skills that are loaded before the first item.
    pub requires_skills: Vec<String>,
    pub pairs: Vec<Pair>,
    pub limits: Vec<Limit>,
    pub routes: Vec<Route>,
    /// The options of an `ask` that has none of its own.
    pub escalation: Vec<Choice>,
    pub abort: Option<Abort>,
    pub context: Option<Context>,
    pub scores: Vec<Score>,
}

/// What the plan was made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub name: String,
    /// Of the bytes of the source, in hexadecimal.
    pub sha256: String,
}

/// Known when the run starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    pub name: String,
    #[serde(flatten)]
    pub of: Domain,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// The values something can have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Domain {
    Bool,
    Int {
        low: i64,
        high: i64,
    },
    /// In their order; `ordered` says whether it means anything.
    Enum {
        values: Vec<String>,
        ordered: bool,
        /// What people are shown for the values that have a label.
        #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
        labels: BTreeMap<String, String>,
    },
    Text,
}

/// Settled during the run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fact {
    pub name: String,
    #[serde(flatten)]
    pub of: Domain,
    /// In the order in which they come into being; the last one counts in texts.
    pub versions: Vec<Version>,
}

/// A fact as one item left it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Version {
    /// `work_type@triage`.
    pub id: String,
    /// The item it comes from.
    pub item: String,
    /// A person confirms it.
    #[serde(skip_serializing_if = "is_false", default)]
    pub confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Command>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
}

/// How a later version follows from an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Revision {
    /// Any value that is not below the old one.
    Upward { of: String },
    /// The first arm that holds gives the value; none: it stays.
    Arms { of: String, arms: Vec<Arm> },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Arm {
    pub when: Condition,
    pub value: String,
}

/// A command that is run, not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Command {
    pub run: String,
    /// A regular expression; its first group is the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matching: Option<String>,
}

/// A condition over versions of facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// The version has one of the values.
    Is {
        version: String,
        values: Vec<Values>,
    },
    /// The condition of the item, and of everything around it, held.
    Ran(String),
    Measure {
        measure: String,
        comparison: String,
        value: f64,
        unit: String,
    },
}

/// One value, or a range of numbers with both ends in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Values {
    One(String),
    Range { from: i64, to: i64 },
}

/// An item of the flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// `implementation`, `code-quality/quality`, `code-quality/quality/backend-reviewer`: unique, readable, stable.
    pub id: String,
    /// `phase`, `stage`, `gate`, `loop`, `parallel`, `each`, `spawn` or `step`.
    pub kind: String,
    pub title: String,
    /// The item around it; none for an item of the workflow itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The items of the same body that must have ended or been skipped before this one begins.
    pub waits_for: Vec<String>,
    /// Its own condition, with the skip rules that name it; the parent's is not repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Why it does not always run: what is written down when it is skipped.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub because: Vec<String>,
    #[serde(skip_serializing_if = "is_false", default)]
    pub once: bool,
    #[serde(skip_serializing_if = "is_false", default)]
    pub irreversible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    #[serde(rename = "loop", skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Loop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<Each>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Check>,
}

/// What a phase, stage or spawn takes, leaves and says.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub purpose: String,
    pub reads: Vec<Read>,
    /// Names of artifacts.
    pub produces: Vec<String>,
    /// Versions it decides or revises; it is not complete without them.
    pub decides: Vec<String>,
    pub requires: Vec<Condition>,
    pub skills: Vec<String>,
    pub tools: Vec<String>,
    /// Globs that may be written, besides the output directory.
    pub writes: Vec<String>,
    /// Globs that must not change.
    pub unchanged: Vec<String>,
    pub budget: Vec<Allowance>,
    pub checklist: Vec<String>,
    pub texts: Vec<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Of a spawn: what its agent runs on there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Of a spawn: the parts whose condition holds, joined in this order, are the prompt.
    pub prompt: Vec<Text>,
    /// What an agent may give as the reason why it is blocked.
    pub blocked_reasons: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_failure: Option<Outcome>,
    pub on_blocked: Vec<Branch>,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overridable: Option<Overridable>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Read {
    pub artifact: String,
    /// It may be absent.
    pub optional: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allowance {
    /// `runtime` in seconds, `tokens`, `cost`.
    pub of: String,
    pub at_most: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Text {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    pub text: String,
}

/// Allowed by the user only, after being shown the risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overridable {
    pub risk: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub purpose: String,
    /// What it asks for, in order: of its procedure first.
    pub checks: Vec<Check>,
    pub conditions: Vec<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// The first that holds is taken; the last has no condition.
    pub on_fail: Vec<Branch>,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overridable: Option<Overridable>,
    /// Agents whose own work is under review: they cannot close an item of it.
    pub refused_agents: Vec<String>,
    pub keep: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub texts: Vec<Text>,
}

/// An item of a gate, procedure or phase with what closes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    pub name: String,
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub meaning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// None: an instruction, nothing is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    Agent(String),
    File(String),
    /// The file given for this parameter of the procedure.
    Parameter(String),
    Command(Command),
    Answer,
    Measure(Condition),
    /// Claimed.
    Skill(String),
    /// Claimed.
    Checklist(Vec<String>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ask {
    pub question: String,
    pub options: Vec<Choice>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Choice {
    pub name: String,
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// Raises the bound by so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adds: Option<i64>,
    /// None: go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Branch {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    pub outcome: Outcome,
}

/// Tried one after the other, each until its bound is used up; then the person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    pub tries: Vec<Action>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Action {
    /// Goes back; everything in `voids` begins anew.
    Redo {
        to: String,
        at_most: Bound,
        voids: Vec<String>,
    },
    /// Starts the agent with what failed; then everything in `redoes` is done again.
    Fix {
        agent: String,
        at_most: Bound,
        redoes: Vec<String>,
    },
    Retry {
        at_most: Option<Bound>,
    },
    Show {
        artifact: String,
    },
    Override,
    Ask {
        #[serde(flatten)]
        ask: Ask,
    },
    Abort,
    Continue,
    Spawn {
        agent: String,
    },
}

/// A number, and the limit it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    pub value: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Loop {
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub purpose: String,
    pub at_most: Bound,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Condition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_exhausted: Option<Outcome>,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overridable: Option<Overridable>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub texts: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Each {
    /// The name a task has in texts.
    pub variable: String,
    pub artifact: String,
    pub optional: bool,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub section: String,
    pub at_most: Bound,
    /// Without the artifact: once.
    pub else_once: bool,
    /// Where it holds all tasks are done at once; else one after the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<Condition>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub texts: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Artifact {
    pub name: String,
    /// Below the output directory; from the root of the repository when it begins with `/`.
    pub path: String,
    pub sections: Vec<String>,
    /// The items that produce it.
    pub producers: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Agent {
    pub name: String,
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Its own and those of all agents; empty: whatever the executor gives it.
    pub tools: Vec<String>,
    pub skills: Vec<String>,
    pub writes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Procedure {
    pub name: String,
    pub title: String,
    pub parameters: Vec<String>,
    pub checks: Vec<Check>,
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub overridable: Option<Overridable>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub texts: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    pub skill: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Limit {
    pub name: String,
    /// Where a configuration may set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    pub value: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    /// Names of agents; `*` stands for anything.
    pub agents: String,
    pub branches: Vec<Branch>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Abort {
    pub triggers: Vec<Trigger>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    pub when: Condition,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Context {
    /// In tokens.
    pub window: i64,
    pub rungs: Vec<Rung>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rung {
    pub name: String,
    pub percent: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
}

/// How the item that decides a fact computes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    pub fact: String,
    pub factors: Vec<Factor>,
    pub bands: Vec<Band>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Factor {
    pub name: String,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub title: String,
    pub weight: f64,
    pub points: Vec<Points>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Points {
    pub value: String,
    pub points: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    pub value: String,
    pub from: f64,
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub meaning: String,
}

/// The JSON Schema of a plan.
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Plan).to_value()
}

fn is_false(value: &bool) -> bool {
    !value
}
