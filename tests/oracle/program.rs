//! The programs of the oracle: a tree of its own, printed as `.wf` text. It knows as much of the language as its rules
//! need, and nothing of the compiler.

use std::fmt::Write;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Program {
    pub enums: Vec<Enum>,
    pub facts: Vec<Fact>,
    pub items: Vec<Item>,
    pub skips: Vec<Skip>,
    pub properties: Vec<Property>,
    pub routes: Vec<Shared>,
    pub constants: Vec<Constant>,
    pub procedures: Vec<Procedure>,
    /// `escalation { … }` offers nothing that raises a bound.
    pub last_bounds: bool,
}

/// What several gates ask for; its parameter is a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Procedure {
    pub name: String,
    pub steps: Vec<Step>,
    pub overridable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub when: Option<Cond>,
    /// Closed by the file, else by an answer.
    pub by_file: bool,
}

/// `let name = value`: a number, or a text in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Constant {
    pub name: String,
    pub value: String,
}

/// `route "pattern" { … }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    pub pattern: String,
    pub rows: Vec<Row>,
}

/// A row for an agent that is blocked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `else` when there is none.
    pub reason: Option<String>,
    pub when: Option<Cond>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enum {
    pub name: String,
    pub values: Vec<String>,
    pub ordered: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub name: String,
    /// `bool`, the name of an enum, or the range of whole numbers `int 0..n`.
    pub of: String,
    pub input: bool,
}

/// `skip [phases] when …`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    pub phases: Vec<String>,
    pub when: Cond,
}

/// `always first before second [when …]`; `never x before y` is `always y before x`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Property {
    pub first: Place,
    pub second: Place,
    pub when: Option<Cond>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Item(String),
    Spawn(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    #[default]
    Phase,
    Stage,
    Spawn,
    Each,
    Gate,
    Loop,
    Parallel,
}

/// Any item of the flow; what its kind has no use for is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    pub kind: Kind,
    pub name: String,
    pub once: bool,
    pub required: bool,
    pub irreversible: bool,
    pub after: Vec<String>,
    pub when: Option<Cond>,
    pub decides: Vec<String>,
    pub revises: Vec<Revision>,
    pub requires: Vec<String>,
    /// With whether it may be absent.
    pub reads: Vec<(String, bool)>,
    /// Of a spawn: artifacts and constants that its task names.
    pub mentions: Vec<String>,
    pub produces: Vec<String>,
    /// The `each` it stands in, whose name is in the paths of what it produces.
    pub task: Option<String>,
    /// Of an `each`, whose tasks are in what it reads: once where that is not there.
    pub else_once: bool,
    pub body: Vec<Item>,
    /// Of a gate: `require C`.
    pub values: Vec<Cond>,
    /// Of a gate: a procedure, with the file that it is followed with.
    pub follows: Option<(String, String)>,
    /// Of a gate: items that evidence closes.
    pub steps: Vec<(String, Option<Cond>)>,
    pub ask: Vec<Choice>,
    /// A table; the last row has no condition.
    pub on_fail: Vec<(Option<Cond>, Outcome)>,
    /// Of a phase, stage or spawn.
    pub on_failure: Option<Outcome>,
    pub on_blocked: Vec<Row>,
    /// Of a gate or loop.
    pub overridable: bool,
    pub bound: u8,
    pub until: Option<Cond>,
    /// Of a loop; a person is asked where nothing is said.
    pub exhausted: Option<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    pub fact: String,
    /// Empty: `upward`.
    pub arms: Vec<(Cond, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub name: String,
    pub when: Option<Cond>,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Continue,
    Redo {
        /// The enclosing phase when it is not named.
        target: Option<String>,
        bound: Bound,
    },
    Fix {
        agent: String,
        bound: Bound,
    },
    Retry(Bound),
    /// A question of its own.
    Question(Vec<Choice>),
    /// Of a blocked agent: another one helps.
    Spawn(String),
    Show(String),
    Override,
    Ask,
    Abort,
}

/// `at most n then …`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub most: u8,
    pub then: Box<Outcome>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cond {
    /// The fact has one of these values.
    Is(String, Vec<String>),
    Ran(String),
    Skipped(String),
    Not(Box<Cond>),
    All(Vec<Cond>),
    Any(Vec<Cond>),
}

impl Program {
    pub fn text(&self) -> String {
        let mut out = String::from("workflow w\n\n");
        for of in &self.enums {
            let separator = if of.ordered { " < " } else { " | " };
            let _ = writeln!(out, "enum {} {{ {} }}\n", of.name, of.values.join(separator));
        }
        for fact in &self.facts {
            let word = if fact.input { "input" } else { "fact" };
            let _ = writeln!(out, "{word} {}: {}\n", fact.name, fact.of);
        }
        for constant in &self.constants {
            let _ = writeln!(out, "let {} = {}\n", constant.name, constant.value);
        }
        if self.last_bounds {
            out.push_str("escalation {\n  abort \"Stop\"\n}\n\n");
        }
        for procedure in &self.procedures {
            let _ = writeln!(out, "procedure {}(it) {{", procedure.name);
            for Step { name, when, by_file } in &procedure.steps {
                let when = when.as_ref().map(|when| format!(" when {}", when.text())).unwrap_or_default();
                let by = if *by_file { "file it" } else { "answer" };
                let _ = writeln!(out, "  step {name} \"Done\"{when} by {by}");
            }
            out.push_str(if procedure.overridable { "  override by user\n}\n\n" } else { "}\n\n" });
        }
        for item in &self.items {
            item.print(0, &mut out);
            out.push('\n');
        }
        for skip in &self.skips {
            let _ = writeln!(out, "skip [{}] when {} because \"so\"\n", skip.phases.join(", "), skip.when.text());
        }
        for property in &self.properties {
            let _ = write!(out, "always {} before {}", property.first.text(), property.second.text());
            if let Some(when) = &property.when {
                let _ = write!(out, " when {}", when.text());
            }
            out.push_str("\n\n");
        }
        for route in &self.routes {
            let _ = writeln!(out, "route \"{}\" {{", route.pattern);
            for row in &route.rows {
                let _ = writeln!(out, "  {}", row.text());
            }
            out.push_str("}\n\n");
        }
        out
    }
}

impl Place {
    fn text(&self) -> String {
        match self {
            Place::Item(name) => name.clone(),
            Place::Spawn(agent) => format!("spawn {agent}"),
        }
    }
}

impl Item {
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Item { kind, name: name.into(), ..Item::default() }
    }

    fn print(&self, indent: usize, out: &mut String) {
        let pad = "  ".repeat(indent);
        let word = match self.kind {
            Kind::Phase => "phase",
            Kind::Stage => "stage",
            Kind::Spawn => "spawn",
            Kind::Each => "each",
            Kind::Gate => "gate",
            Kind::Loop => "loop",
            Kind::Parallel => "parallel",
        };
        out.push_str(&pad);
        out.push_str(word);
        if self.kind != Kind::Parallel {
            let _ = write!(out, " {}", self.name);
        }
        if self.kind == Kind::Spawn {
            let names: Vec<String> = self.mentions.iter().map(|name| format!(" ${{{name}}}")).collect();
            let _ = write!(out, " \"Work{}\"", names.concat());
        }
        if let (Kind::Each, [(from, maybe)]) = (self.kind, &self.reads[..]) {
            let maybe = if *maybe { "?" } else { "" };
            let _ = write!(out, " from {from}{maybe} \"Tasks\" at most {}", self.bound);
            out.push_str(if self.else_once { " else once" } else { "" });
        }
        for (said, word) in [(self.once, "once"), (self.required, "required"), (self.irreversible, "irreversible")] {
            if said {
                let _ = write!(out, " {word}");
            }
        }
        if !self.after.is_empty() {
            let _ = write!(out, " after [{}]", self.after.join(", "));
        }
        if let Some(when) = &self.when {
            let _ = write!(out, " when {}", when.text());
        }
        if let Some((procedure, argument)) = &self.follows {
            let _ = write!(out, " follows {procedure}({argument})");
        }
        if self.kind == Kind::Loop {
            let _ = write!(out, " at most {}", self.bound);
        }
        let mut lines = Vec::new();
        if !self.decides.is_empty() {
            let word = if self.kind == Kind::Spawn { "returns" } else { "decides" };
            lines.push(format!("{word} [{}]", self.decides.join(", ")));
        }
        for revision in &self.revises {
            if revision.arms.is_empty() {
                lines.push(format!("revises {} upward", revision.fact));
            } else {
                let arms: Vec<String> =
                    revision.arms.iter().map(|(when, value)| format!("{} -> {value}", when.text())).collect();
                lines.push(format!("revises {} {{ {} }}", revision.fact, arms.join("  ")));
            }
        }
        lines.extend(self.requires.iter().map(|phase| format!("requires phase {phase}")));
        if !self.reads.is_empty() && self.kind != Kind::Each {
            let reads: Vec<String> =
                self.reads.iter().map(|(name, maybe)| format!("{name}{}", if *maybe { "?" } else { "" })).collect();
            lines.push(format!("reads [{}]", reads.join(", ")));
        }
        if !self.produces.is_empty() {
            let path = |name: &String| match &self.task {
                Some(task) => format!("{name} as \"{name}/${{{task}}}.md\""),
                None => name.clone(),
            };
            let produces: Vec<String> = self.produces.iter().map(path).collect();
            lines.push(format!("produces [{}]", produces.join(", ")));
        }
        lines.extend(self.values.iter().map(|value| format!("require {}", value.text())));
        for (name, when) in &self.steps {
            let when = when.as_ref().map(|when| format!(" when {}", when.text())).unwrap_or_default();
            lines.push(format!("require {name} \"Done\"{when} by answer"));
        }
        if !self.ask.is_empty() {
            lines.push("ask \"What now?\" {".to_string());
            for choice in &self.ask {
                lines.push(format!("  {}", choice.text()));
            }
            lines.push("}".to_string());
        }
        match &self.on_fail[..] {
            [] => {}
            [(None, outcome)] => lines.push(format!("on fail -> {}", outcome.text())),
            rows => {
                lines.push("on fail {".to_string());
                for (when, outcome) in rows {
                    let when = when.as_ref().map_or("else".to_string(), Cond::text);
                    lines.push(format!("  {when} -> {}", outcome.text()));
                }
                lines.push("}".to_string());
            }
        }
        if let Some(outcome) = &self.on_failure {
            lines.push(format!("on failure -> {}", outcome.text()));
        }
        if !self.on_blocked.is_empty() {
            lines.push("on blocked {".to_string());
            lines.extend(self.on_blocked.iter().map(|row| format!("  {}", row.text())));
            lines.push("}".to_string());
        }
        let body_first = matches!(self.kind, Kind::Loop | Kind::Parallel | Kind::Each);
        let mut tail = Vec::new();
        if let Some(until) = &self.until {
            tail.push(format!("until {}", until.text()));
        }
        if let Some(outcome) = &self.exhausted {
            tail.push(format!("on exhausted -> {}", outcome.text()));
        }
        if self.overridable {
            tail.push("override by user".to_string());
        }
        if lines.is_empty() && tail.is_empty() && self.body.is_empty() && !body_first {
            out.push('\n');
            return;
        }
        out.push_str(" {\n");
        for line in lines {
            let _ = writeln!(out, "{pad}  {line}");
        }
        for item in &self.body {
            item.print(indent + 1, out);
        }
        for line in tail {
            let _ = writeln!(out, "{pad}  {line}");
        }
        let _ = writeln!(out, "{pad}}}");
    }
}

impl Row {
    fn text(&self) -> String {
        let when = self.when.as_ref().map(|when| format!(" when {}", when.text())).unwrap_or_default();
        format!("{}{when} -> {}", self.reason.as_deref().unwrap_or("else"), self.outcome.text())
    }
}

impl Choice {
    fn text(&self) -> String {
        let when = self.when.as_ref().map(|when| format!(" when {}", when.text())).unwrap_or_default();
        let outcome = match &self.outcome {
            Outcome::Continue => String::new(),
            outcome => format!(" -> {}", outcome.text()),
        };
        format!("{} \"So\"{when}{outcome}", self.name)
    }
}

impl Outcome {
    /// What it may come to: itself, what a question in it offers, and what follows where a bound is used up.
    pub fn all(&self) -> Vec<&Outcome> {
        let then = match self {
            Outcome::Question(choices) => return choices.iter().flat_map(|choice| choice.outcome.all()).collect(),
            Outcome::Redo { bound, .. } | Outcome::Fix { bound, .. } | Outcome::Retry(bound) => Some(&bound.then),
            _ => None,
        };
        std::iter::once(self).chain(then.into_iter().flat_map(|then| then.all())).collect()
    }

    /// Some run goes on with it.
    pub fn goes_on(&self) -> bool {
        self.all().contains(&&Outcome::Continue)
    }

    fn text(&self) -> String {
        match self {
            Outcome::Continue => "continue".to_string(),
            Outcome::Redo { target, bound } => {
                let target = target.as_ref().map(|target| format!(" {target}")).unwrap_or_default();
                format!("redo{target} {}", bound.text())
            }
            Outcome::Fix { agent, bound } => format!("fix by {agent} {}", bound.text()),
            Outcome::Retry(bound) => format!("retry {}", bound.text()),
            Outcome::Question(choices) => {
                let choices: Vec<String> = choices.iter().map(Choice::text).collect();
                format!("ask \"How?\" {{ {} }}", choices.join("  "))
            }
            Outcome::Spawn(agent) => format!("spawn {agent}"),
            Outcome::Show(artifact) => format!("show {artifact}"),
            Outcome::Override => "override".to_string(),
            Outcome::Ask => "ask".to_string(),
            Outcome::Abort => "abort".to_string(),
        }
    }
}

impl Bound {
    fn text(&self) -> String {
        match &*self.then {
            Outcome::Ask => format!("at most {}", self.most),
            then => format!("at most {} then {}", self.most, then.text()),
        }
    }
}

impl Cond {
    pub fn text(&self) -> String {
        let join = |parts: &[Cond], word: &str| {
            let parts: Vec<String> = parts.iter().map(Cond::operand).collect();
            parts.join(word)
        };
        match self {
            Cond::Is(fact, values) => match &values[..] {
                [one] => format!("{fact} == {one}"),
                _ => format!("{fact} in [{}]", values.join(", ")),
            },
            Cond::Ran(name) => format!("ran({name})"),
            Cond::Skipped(name) => format!("skipped({name})"),
            Cond::Not(inner) => format!("not {}", inner.operand()),
            Cond::All(parts) => join(parts, " and "),
            Cond::Any(parts) => join(parts, " or "),
        }
    }

    fn operand(&self) -> String {
        match self {
            Cond::All(_) | Cond::Any(_) => format!("({})", self.text()),
            _ => self.text(),
        }
    }
}
