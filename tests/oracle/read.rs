//! Reads the part of `.wf` that the oracle knows, so that cases which are written by hand can be run as well.

use super::program::{
    Bound, Choice, Cond, Constant, Enum, Fact, Item, Kind, Outcome, Place, Procedure, Program, Property, Revision, Row,
    Shared, Skip, Step,
};

/// Fails at the first thing that the oracle does not know.
pub fn read(text: &str) -> Result<Program, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0, program: Program::default(), unnamed: 0 };
    reader.file()?;
    Ok(reader.program)
}

fn tokens(text: &str) -> Result<Vec<String>, String> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    while at < bytes.len() {
        let start = at;
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        match bytes[at] {
            byte if byte.is_ascii_whitespace() => at += 1,
            b'/' if next == b'/' => at += text[at..].find('\n').unwrap_or(text.len() - at),
            b'"' => {
                let end = text[at + 1..].find('"').ok_or("open text")?;
                at += end + 2;
                tokens.push(text[start..at].to_string());
            }
            byte if word(byte) => {
                while at < bytes.len()
                    && (word(bytes[at]) || bytes[at] == b'-' && bytes.get(at + 1).copied().is_some_and(word))
                {
                    at += 1;
                }
                tokens.push(text[start..at].to_string());
            }
            _ => {
                let two = text.get(at..at + 2).unwrap_or_default();
                at += if ["->", "==", "!=", "<=", ">="].contains(&two) { 2 } else { 1 };
                tokens.push(text.get(start..at).ok_or("not ASCII")?.to_string());
            }
        }
    }
    Ok(tokens)
}

struct Reader {
    tokens: Vec<String>,
    at: usize,
    program: Program,
    unnamed: usize,
}

type Read<T> = Result<T, String>;

impl Reader {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", String::as_str)
    }

    fn next(&mut self) -> Read<String> {
        let token = self.tokens.get(self.at).cloned().ok_or("the file ends too early")?;
        self.at += 1;
        Ok(token)
    }

    fn take(&mut self, token: &str) -> bool {
        let there = self.peek() == token;
        self.at += usize::from(there);
        there
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        if self.take(token) { Ok(()) } else { Err(format!("`{token}` expected, not `{}`", self.peek())) }
    }

    fn title(&mut self) {
        if self.peek().starts_with('"') {
            self.at += 1;
        }
    }

    fn list(&mut self) -> Read<Vec<String>> {
        if !self.take("[") {
            return Ok(vec![self.next()?]);
        }
        let mut names = Vec::new();
        while !self.take("]") {
            names.push(self.next()?);
            self.take(",");
        }
        Ok(names)
    }

    fn file(&mut self) -> Read<()> {
        self.expect("workflow")?;
        self.next()?;
        self.title();
        while self.at < self.tokens.len() {
            match self.peek() {
                "enum" => self.enumeration()?,
                "input" | "fact" => self.fact()?,
                "skip" => self.skip()?,
                "let" => {
                    self.at += 1;
                    let name = self.next()?;
                    self.expect("=")?;
                    let value = self.next()?;
                    self.program.constants.push(Constant { name, value });
                }
                "always" | "never" => self.property()?,
                "route" => {
                    self.at += 1;
                    let pattern = self.next()?.trim_matches('"').to_string();
                    let rows = self.rows()?;
                    self.program.routes.push(Shared { pattern, rows });
                }
                "procedure" => self.procedure()?,
                "escalation" => {
                    self.at += 1;
                    self.expect("{")?;
                    self.program.last_bounds = true;
                    while !self.take("}") {
                        self.program.last_bounds &= self.next()? != "more";
                    }
                }
                "test" => {
                    self.at += 2;
                    while !self.take("}") {
                        self.next()?;
                    }
                }
                _ => {
                    let item = self.item()?;
                    self.program.items.push(item);
                }
            }
        }
        Ok(())
    }

    fn procedure(&mut self) -> Read<()> {
        self.at += 1;
        let mut procedure = Procedure { name: self.next()?, steps: Vec::new(), overridable: false };
        self.expect("(")?;
        let parameter = self.next()?;
        self.expect(")")?;
        self.title();
        self.expect("{")?;
        while !self.take("}") {
            if self.take("override") {
                self.expect("by")?;
                self.expect("user")?;
                self.title();
                procedure.overridable = true;
                continue;
            }
            self.expect("step")?;
            let name = self.next()?;
            self.title();
            let when = if self.take("when") { Some(self.cond(None)?) } else { None };
            self.expect("by")?;
            let by_file = self.take("file");
            self.expect(if by_file { &parameter } else { "answer" })?;
            procedure.steps.push(Step { name, when, by_file });
        }
        self.program.procedures.push(procedure);
        Ok(())
    }

    fn enumeration(&mut self) -> Read<()> {
        self.at += 1;
        let name = self.next()?;
        self.expect("{")?;
        let (mut values, mut ordered) = (Vec::new(), false);
        while !self.take("}") {
            values.push(self.next()?);
            self.title();
            ordered |= self.peek() == "<";
            let _ = self.take("<") || self.take("|");
        }
        self.program.enums.push(Enum { name, values, ordered });
        Ok(())
    }

    fn fact(&mut self) -> Read<()> {
        let input = self.next()? == "input";
        let names = self.list()?;
        self.expect(":")?;
        let mut of = self.next()?;
        if of == "int" {
            while self.peek() == "." || self.peek().parse::<u8>().is_ok() {
                of.push_str(if of == "int" { " " } else { "" });
                of.push_str(&self.next()?);
            }
        }
        if of == "text" || self.peek() == "=" {
            return Err(format!("type `{of}`"));
        }
        self.program.facts.extend(names.into_iter().map(|name| Fact { name, of: of.clone(), input }));
        Ok(())
    }

    fn skip(&mut self) -> Read<()> {
        self.at += 1;
        let phases = self.list()?;
        self.expect("when")?;
        let when = self.cond(None)?;
        if self.take("because") {
            self.at += 1;
        }
        self.program.skips.push(Skip { phases, when });
        Ok(())
    }

    fn property(&mut self) -> Read<()> {
        let never = self.next()? == "never";
        let mut first = self.place()?;
        self.expect("before")?;
        let mut second = self.place()?;
        if never {
            std::mem::swap(&mut first, &mut second);
        }
        let when = if self.take("when") { Some(self.cond(None)?) } else { None };
        self.program.properties.push(Property { first, second, when });
        Ok(())
    }

    fn place(&mut self) -> Read<Place> {
        Ok(if self.take("spawn") { Place::Spawn(self.next()?) } else { Place::Item(self.next()?) })
    }

    fn item(&mut self) -> Read<Item> {
        let word = self.next()?;
        let kind = match word.as_str() {
            "phase" => Kind::Phase,
            "stage" => Kind::Stage,
            "spawn" => Kind::Spawn,
            "each" => Kind::Each,
            "gate" => Kind::Gate,
            "loop" => Kind::Loop,
            "parallel" => Kind::Parallel,
            _ => return Err(format!("statement `{word}`")),
        };
        let name = if kind == Kind::Parallel {
            self.unnamed += 1;
            format!("parallel{}", self.unnamed)
        } else {
            self.next()?
        };
        let mut item = Item::new(kind, name);
        if kind == Kind::Spawn {
            let names = self.peek().split("${").skip(1).filter_map(|rest| rest.split_once('}'));
            item.mentions = names.map(|(name, _)| name.to_string()).collect();
        }
        if self.take("from") {
            let from = self.next()?;
            item.reads.push((from, self.take("?")));
        }
        self.title();
        loop {
            match self.peek() {
                "once" => item.once = self.take("once"),
                "required" => item.required = self.take("required"),
                "irreversible" => item.irreversible = self.take("irreversible"),
                "after" => {
                    self.at += 1;
                    item.after = self.list()?;
                }
                "when" => {
                    self.at += 1;
                    item.when = Some(self.cond(None)?);
                }
                "because" => self.at += 2,
                "at" => item.bound = self.bound()?,
                "follows" => {
                    self.at += 1;
                    let procedure = self.next()?;
                    self.expect("(")?;
                    item.follows = Some((procedure, self.next()?));
                    self.expect(")")?;
                }
                "else" => {
                    self.at += 1;
                    self.expect("once")?;
                    item.else_once = true;
                }
                _ => break,
            }
        }
        if self.take("{") {
            while !self.take("}") {
                self.statement(&mut item)?;
            }
        }
        Ok(item)
    }

    fn bound(&mut self) -> Read<u8> {
        self.expect("at")?;
        self.expect("most")?;
        self.next()?.parse().map_err(|_| "no number".to_string())
    }

    fn statement(&mut self, item: &mut Item) -> Read<()> {
        match self.peek() {
            "decides" | "returns" => {
                self.at += 1;
                item.decides.extend(self.list()?);
            }
            "revises" => {
                self.at += 1;
                let fact = self.next()?;
                let mut arms = Vec::new();
                if !self.take("upward") {
                    self.expect("{")?;
                    while !self.take("}") {
                        let when = self.cond(Some(&fact))?;
                        self.expect("->")?;
                        arms.push((when, self.next()?));
                    }
                }
                item.revises.push(Revision { fact, arms });
            }
            "requires" => {
                self.at += 1;
                self.expect("phase")?;
                item.requires.extend(self.list()?);
            }
            "reads" => {
                self.at += 1;
                if !self.take("[") {
                    let name = self.next()?;
                    item.reads.push((name, self.take("?")));
                } else {
                    while !self.take("]") {
                        let name = self.next()?;
                        item.reads.push((name, self.take("?")));
                        self.take(",");
                    }
                }
            }
            "produces" => {
                self.at += 1;
                let several = self.take("[");
                loop {
                    item.produces.push(self.next()?);
                    if self.take("as") {
                        let path = self.next()?;
                        let task = path.split_once("${").and_then(|(_, rest)| rest.split_once('}'));
                        item.task = task.map(|(task, _)| task.to_string());
                    }
                    self.take(",");
                    if !several || self.take("]") {
                        break;
                    }
                }
            }
            "require" | "step" => {
                let titled = self.tokens.get(self.at + 2).is_some_and(|token| token.starts_with('"'));
                self.at += 1;
                if titled {
                    let name = self.next()?;
                    self.title();
                    self.title();
                    let when = if self.take("when") { Some(self.cond(None)?) } else { None };
                    if self.take("by") {
                        self.expect("answer")?;
                    }
                    item.steps.push((name, when));
                } else {
                    let value = self.cond(None)?;
                    item.values.push(value);
                }
            }
            "ask" => {
                self.at += 1;
                item.ask = self.choices()?;
            }
            "on" => {
                self.at += 1;
                let word = self.next()?;
                match word.as_str() {
                    "fail" if self.take("->") => item.on_fail.push((None, self.outcome()?)),
                    "fail" => {
                        self.expect("{")?;
                        while !self.take("}") {
                            let when = if self.take("else") { None } else { Some(self.cond(None)?) };
                            self.expect("->")?;
                            item.on_fail.push((when, self.outcome()?));
                        }
                    }
                    "exhausted" => {
                        self.expect("->")?;
                        item.exhausted = Some(self.outcome()?);
                    }
                    "failure" => {
                        self.expect("->")?;
                        item.on_failure = Some(self.outcome()?);
                    }
                    "blocked" => item.on_blocked = self.rows()?,
                    _ => return Err(format!("on {word}")),
                }
            }
            "override" => {
                self.at += 1;
                self.expect("by")?;
                self.expect("user")?;
                self.title();
                item.overridable = true;
            }
            "until" => {
                self.at += 1;
                item.until = Some(self.cond(None)?);
            }
            _ => {
                let inner = self.item()?;
                item.body.push(inner);
            }
        }
        Ok(())
    }

    fn choices(&mut self) -> Read<Vec<Choice>> {
        self.title();
        self.expect("{")?;
        let mut choices = Vec::new();
        while !self.take("}") {
            let name = self.next()?;
            self.title();
            let when = if self.take("when") { Some(self.cond(None)?) } else { None };
            let outcome = if self.take("->") { self.outcome()? } else { Outcome::Continue };
            choices.push(Choice { name, when, outcome });
        }
        Ok(choices)
    }

    fn rows(&mut self) -> Read<Vec<Row>> {
        let mut rows = Vec::new();
        if self.take("->") {
            return Ok(vec![Row { reason: None, when: None, outcome: self.outcome()? }]);
        }
        self.expect("{")?;
        while !self.take("}") {
            let reason = if self.take("else") { None } else { Some(self.next()?) };
            let when = if self.take("when") { Some(self.cond(None)?) } else { None };
            self.expect("->")?;
            rows.push(Row { reason, when, outcome: self.outcome()? });
        }
        Ok(rows)
    }

    fn outcome(&mut self) -> Read<Outcome> {
        let word = self.next()?;
        Ok(match word.as_str() {
            "continue" => Outcome::Continue,
            "abort" => Outcome::Abort,
            "override" => Outcome::Override,
            "ask" if self.peek().starts_with('"') => Outcome::Question(self.choices()?),
            "ask" => Outcome::Ask,
            "spawn" => Outcome::Spawn(self.next()?),
            "retry" => Outcome::Retry(self.bound_then()?),
            "show" => Outcome::Show(self.next()?),
            "redo" => {
                let target = if self.peek() == "at" { None } else { Some(self.next()?) };
                Outcome::Redo { target, bound: self.bound_then()? }
            }
            "fix" => {
                self.expect("by")?;
                let agent = self.next()?;
                Outcome::Fix { agent, bound: self.bound_then()? }
            }
            _ => return Err(format!("outcome `{word}`")),
        })
    }

    fn bound_then(&mut self) -> Read<Bound> {
        let most = self.bound()?;
        let then = if self.take("then") { self.outcome()? } else { Outcome::Ask };
        Ok(Bound { most, then: Box::new(then) })
    }

    // ── Conditions ───────────────────────────────────────────────────────────────────────────────

    /// In the arms of a revision a bare value stands for a comparison with the fact.
    fn cond(&mut self, arm: Option<&str>) -> Read<Cond> {
        let mut parts = vec![self.conjunction(arm)?];
        while self.take("or") {
            parts.push(self.conjunction(arm)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Cond::Any(parts) })
    }

    fn conjunction(&mut self, arm: Option<&str>) -> Read<Cond> {
        let mut parts = vec![self.operand(arm)?];
        while self.take("and") {
            parts.push(self.operand(arm)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Cond::All(parts) })
    }

    fn operand(&mut self, arm: Option<&str>) -> Read<Cond> {
        if self.take("not") {
            return Ok(Cond::Not(Box::new(self.operand(arm)?)));
        }
        if self.take("(") {
            let inner = self.cond(arm)?;
            self.expect(")")?;
            return Ok(inner);
        }
        let name = self.next()?;
        if name == "ran" || name == "skipped" {
            self.expect("(")?;
            let item = self.next()?;
            self.expect(")")?;
            return Ok(if name == "ran" { Cond::Ran(item) } else { Cond::Skipped(item) });
        }
        let values = self.values_of(&name);
        if values.is_empty() {
            let fact = arm.ok_or_else(|| format!("no fact `{name}`"))?;
            return Ok(Cond::Is(fact.to_string(), vec![name]));
        }
        let operator = self.peek().to_string();
        let chosen: Vec<String> = match operator.as_str() {
            "in" => {
                self.at += 1;
                self.list()?
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                self.at += 1;
                let written = self.next()?;
                let constant = self.program.constants.iter().find(|constant| constant.name == written);
                let value = constant.map_or(&written, |constant| &constant.value);
                let place = values.iter().position(|other| other == value);
                let place = place.ok_or_else(|| format!("`{name}` is never `{value}`"))?;
                let fits = |index: usize| match operator.as_str() {
                    "==" => index == place,
                    "!=" => index != place,
                    "<" => index < place,
                    "<=" => index <= place,
                    ">" => index > place,
                    _ => index >= place,
                };
                let fitting = values.iter().enumerate().filter(|(index, _)| fits(*index));
                match operator.as_str() {
                    "==" => vec![written],
                    _ => fitting.map(|(_, value)| value.clone()).collect(),
                }
            }
            _ => vec!["true".to_string()],
        };
        Ok(Cond::Is(name, chosen))
    }

    /// Of a fact, or of a gate that stands anywhere in the file.
    fn values_of(&self, name: &str) -> Vec<String> {
        if let Some(fact) = self.program.facts.iter().find(|fact| fact.name == name) {
            if fact.of == "bool" {
                return vec!["false".to_string(), "true".to_string()];
            }
            if let Some(numbers) = super::run::numbers(&fact.of) {
                return numbers;
            }
            let of = self.program.enums.iter().find(|of| of.name == fact.of);
            return of.map(|of| of.values.clone()).unwrap_or_default();
        }
        let gate = self.tokens.windows(2).position(|pair| pair[0] == "gate" && pair[1] == name);
        gate.map(|at| options_after(&self.tokens[at..])).unwrap_or_default()
    }
}

/// The names of the options of a gate that begins here.
fn options_after(tokens: &[String]) -> Vec<String> {
    let Some(ask) = tokens.iter().position(|token| token == "ask") else { return Vec::new() };
    let mut names = Vec::new();
    for pair in tokens[ask + 1..].windows(2) {
        if pair[0] == "}" {
            break;
        }
        let label = pair[1].starts_with('"');
        if label && pair[0] != "ask" && pair[0] != "{" {
            names.push(pair[0].clone());
        }
    }
    names
}
