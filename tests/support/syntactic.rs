//! Files that the grammar reads: every construct, every spelling. Names need not mean anything.

use super::Choices;

const NAMES: &[&str] = &[
    "a",
    "plan",
    "at-most",
    "not-now",
    "in-house",
    "orphan",
    "android",
    "when-x",
    "then-b",
    "else-where",
    "snake_case",
    "X9",
    "phase-x",
    "int8",
    "a-1",
];

/// Also keywords, where a name must come and nothing else can.
const NODE_NAMES: &[&str] = &["b", "phase", "gate", "once", "at", "when", "by", "text", "in", "or", "not", "plan-b"];

const PATHS: &[&str] =
    &["size", "flag", "x.y", "orchestrator.retries", "size@triage", "a.b.c@d-e", "vendor-skill", "true", "LARGE"];

const NUMBERS: &[&str] = &["1", "0", "42", "-1", "0.5", "1.500", "30m", "200k", "80%", "2h", "7x9", "-0.25d"];

const LINES: &[&str] = &[
    "\"x\"",
    "\"\"",
    "\"a \\\"b\\\" \\\\ c\\n\"",
    "\"${run} and $${y} and ${\"",
    "\"≥ 70 — ünï \u{5d0}\u{5d1}\"",
    "\"// no comment\"",
    "\"{ [ ( not closed\"",
    "\"} ] ) not opened\"",
    "\"\\\\d+ \\d+\"",
    "\"a longer text that makes a list too wide for one line, so that it has to be broken\"",
];

const BLOCKS: &[&str] = &[
    "\"\"\"\n  a\n\n      b\n  \"\"\"",
    "\"\"\"one line\"\"\"",
    "\"\"\"\"\n   say \"\"\"x\"\"\" and \"y\"\n     \"\"\"\"",
    "\"\"\"\"\"\n\"\"\"\"x\"\"\"\"\n\"\"\"\"\"",
    "\"\"\"\nphase p {\n}\n// no comment\n\t\ttab  \n   odd\n \"\"\"",
    "\"\"\"\r\n  crlf\r\n    b\r\n  \"\"\"",
    "\"\"\"   \n\n\n\"\"\"",
    "\"\"\" a \"quoted\" b ${x}\n   second\"\"\"",
];

const COMMENTS: &[&str] = &[
    "// c",
    "/// d",
    "//! e",
    "//",
    "// \"quote",
    "// { [ (",
    "// } ] )",
    "// ≥ é",
    "//// many",
    "// \"\"\" block",
    "// phase x {",
];

enum Token {
    Word(String),
    /// A statement begins.
    Line,
    /// An item begins.
    Item,
    In,
    Out,
    /// Nothing may stand between.
    Glue,
}

pub struct Generator<'c> {
    choices: Choices<'c>,
    tokens: Vec<Token>,
    /// How often a gap between two tokens is anything but a blank: 0 never, then one in so many.
    noise: usize,
    comments: bool,
}

/// A file from a stream of choices.
pub fn file(data: &[u16]) -> String {
    let mut choices = Choices::new(data);
    let noise = [0, 40, 12, 4][choices.below(4)];
    let comments = choices.below(4) > 0;
    let mut generator = Generator { choices, tokens: Vec::new(), noise, comments };
    let items = 1 + generator.choices.below(6);
    for _ in 0..items {
        generator.tokens.push(Token::Item);
        generator.any_statement(3, true);
    }
    generator.layout()
}

impl Generator<'_> {
    fn layout(mut self) -> String {
        let tokens = std::mem::take(&mut self.tokens);
        let mut out = String::new();
        let mut depth = 0;
        let mut gap = "";
        let mut glue = false;
        for token in &tokens {
            match token {
                Token::Item => gap = "\n",
                Token::Line => gap = "\n ",
                Token::Glue => glue = true,
                Token::In => depth += 1,
                Token::Out => depth -= 1,
                Token::Word(word) => {
                    if word != "?" && !glue {
                        self.gap(&mut out, gap, depth, word);
                    }
                    out.push_str(word);
                    gap = "";
                    glue = false;
                }
            }
        }
        match self.choices.below(4) {
            1 => out.push_str("\n\n\n"),
            2 => out.push_str(" // the end"),
            3 => {}
            _ => out.push('\n'),
        }
        out
    }

    fn gap(&mut self, out: &mut String, wanted: &str, depth: usize, next: &str) {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let ends_in_word = out.ends_with(word);
        let begins_with_word =
            next.starts_with(word) || next.starts_with('-') && next[1..].starts_with(word) || next.starts_with('.');
        let texts = out.ends_with('"') && next.starts_with('"');
        let needed = ends_in_word && begins_with_word || texts || out.ends_with('-') || out.ends_with('/');
        if self.noise > 0 && self.choices.one_in(self.noise) {
            match self.choices.below(8) {
                0 => out.push_str(if needed { " " } else { "" }),
                1 => out.push('\n'),
                2 => out.push_str("\t \n\n\n    "),
                3 => out.push_str("\r\n  "),
                4 | 5 if self.comments => {
                    out.push(' ');
                    self.comment(out);
                }
                6 if self.comments => {
                    out.push_str("\n  ");
                    self.comment(out);
                    if self.choices.one_in(2) {
                        self.comment(out);
                    }
                }
                _ => out.push_str("   "),
            }
            return;
        }
        if out.is_empty() {
            return;
        }
        match wanted {
            "" => out.push(' '),
            "\n" => out.push('\n'),
            _ => {
                out.push('\n');
                out.push_str(&"  ".repeat(depth));
            }
        }
    }

    fn comment(&mut self, out: &mut String) {
        let comment = self.choices.pick(COMMENTS);
        out.push_str(comment);
        if self.choices.one_in(3) {
            out.push_str(&format!(" {}", out.len()));
        }
        out.push_str(if self.choices.one_in(8) { "  \r\n" } else { "\n" });
    }

    // ── Tokens ───────────────────────────────────────────────────────────────────────────────────

    fn word(&mut self, word: &str) {
        self.tokens.push(Token::Word(word.to_string()));
    }

    fn words(&mut self, words: &str) {
        words.split(' ').for_each(|word| self.word(word));
    }

    fn maybe(&mut self) -> bool {
        self.choices.below(2) == 1
    }

    fn some(&mut self, most: usize, mut each: impl FnMut(&mut Self)) {
        for _ in 0..self.choices.below(most + 1) {
            each(self);
        }
    }

    fn name(&mut self) {
        let name = self.choices.pick(NAMES);
        self.word(name);
    }

    fn node_name(&mut self) {
        let name = if self.choices.one_in(4) { self.choices.pick(NODE_NAMES) } else { self.choices.pick(NAMES) };
        self.word(name);
    }

    fn path(&mut self) {
        let path = self.choices.pick(PATHS);
        self.word(path);
    }

    fn number(&mut self) {
        let number = self.choices.pick(NUMBERS);
        self.word(number);
    }

    fn text(&mut self) {
        let text = if self.choices.one_in(4) { self.choices.pick(BLOCKS) } else { self.choices.pick(LINES) };
        self.word(text);
    }

    fn optional_text(&mut self) {
        if self.maybe() {
            self.text();
        }
    }

    fn entry(&mut self) {
        match self.choices.below(4) {
            1 => self.text(),
            2 => self.path(),
            _ => self.name(),
        }
        if self.choices.one_in(4) {
            self.word("?");
        }
    }

    fn list(&mut self) {
        if self.maybe() {
            return self.entry();
        }
        self.word("[");
        let count = self.choices.below(5);
        for index in 0..count {
            if index > 0 {
                self.word(",");
            }
            self.entry();
        }
        if count > 0 && self.maybe() {
            self.word(",");
        }
        self.word("]");
    }

    fn amount(&mut self) {
        if self.maybe() { self.path() } else { self.number() }
    }

    fn literal(&mut self) {
        match self.choices.below(3) {
            1 => self.text(),
            2 => self.number(),
            _ => self.path(),
        }
    }

    // ── Conditions ───────────────────────────────────────────────────────────────────────────────

    fn condition(&mut self, depth: usize) {
        self.operand(depth);
        self.more_operands(depth);
    }

    fn more_operands(&mut self, depth: usize) {
        for _ in 0..self.choices.below(4) {
            let junction = self.choices.pick(&["and", "or"]);
            self.word(junction);
            self.operand(depth);
        }
    }

    fn operand(&mut self, depth: usize) {
        self.some(2, |this| this.word("not"));
        if depth > 0 && self.choices.one_in(3) {
            self.word("(");
            self.condition(depth - 1);
            return self.word(")");
        }
        self.comparison();
    }

    /// Never begins with a text: behind `ask` it would be the question.
    fn comparison(&mut self) {
        match self.choices.below(6) {
            1 => {
                let name = self.choices.pick(&["ran", "skipped", "failures"]);
                self.word(name);
                self.tokens.push(Token::Glue);
                self.word("(");
                self.path();
                return self.word(")");
            }
            2 => {
                self.number();
                let operator = self.choices.pick(&["==", "!=", "<", "<=", ">", ">="]);
                self.word(operator);
                return self.path();
            }
            _ => self.path(),
        }
        match self.choices.below(4) {
            1 => {
                let operator = self.choices.pick(&["==", "!=", "<", "<=", ">", ">="]);
                self.word(operator);
                self.value();
            }
            2 => {
                self.word("in");
                self.word("[");
                let count = self.choices.below(4);
                for index in 0..count {
                    if index > 0 {
                        self.word(",");
                    }
                    self.value();
                }
                if count > 0 && self.maybe() {
                    self.word(",");
                }
                self.word("]");
            }
            _ => {}
        }
    }

    fn value(&mut self) {
        match self.choices.below(4) {
            1 => self.number(),
            2 => self.text(),
            _ => self.path(),
        }
    }

    fn when(&mut self, depth: usize) {
        if self.maybe() {
            self.word("when");
            self.condition(depth);
        }
    }

    // ── Headers ──────────────────────────────────────────────────────────────────────────────────

    fn modifiers(&mut self) {
        self.some(3, |this| match this.choices.below(11) {
            0 => this.word("once"),
            1 => this.word("required"),
            2 => this.word("irreversible"),
            3 => {
                this.word("after");
                this.list();
            }
            4 => {
                this.word("before");
                this.list();
            }
            5 => {
                this.word("when");
                this.condition(2);
            }
            6 => {
                this.word("because");
                this.text();
            }
            7 => this.by(),
            8 => {
                this.word("follows");
                this.name();
                if this.maybe() {
                    this.word("(");
                    for index in 0..this.choices.below(3) {
                        if index > 0 {
                            this.word(",");
                        }
                        this.path();
                    }
                    this.word(")");
                }
            }
            9 => this.at_most(),
            _ => this.words("else once"),
        });
    }

    fn at_most(&mut self) {
        self.words("at most");
        self.amount();
    }

    fn by(&mut self) {
        self.word("by");
        match self.choices.below(7) {
            0 => {
                self.word("agent");
                self.name();
            }
            1 => {
                self.word("file");
                if self.maybe() { self.text() } else { self.name() }
            }
            2 => self.run(),
            3 => self.word("answer"),
            4 => {
                self.word("measure");
                self.condition(1);
            }
            5 => {
                self.word("skill");
                if self.maybe() { self.text() } else { self.name() }
            }
            _ => {
                self.word("checklist");
                self.list();
            }
        }
    }

    fn run(&mut self) {
        self.word("run");
        self.text();
        if self.maybe() {
            self.word("matching");
            self.text();
        }
    }

    fn braces(&mut self, inside: impl FnOnce(&mut Self)) {
        self.word("{");
        self.tokens.push(Token::In);
        inside(self);
        self.tokens.push(Token::Out);
        self.tokens.push(Token::Line);
        self.word("}");
    }

    fn body(&mut self, depth: usize) {
        self.braces(|this| {
            let most = if depth == 0 { 0 } else { 4 };
            this.some(most, |this| {
                this.tokens.push(Token::Line);
                this.any_statement(depth - 1, false);
            });
        });
    }

    fn optional_body(&mut self, depth: usize) {
        if self.maybe() {
            self.body(depth);
        }
    }

    // ── Outcomes ─────────────────────────────────────────────────────────────────────────────────

    fn outcome(&mut self, depth: usize) {
        self.action(depth);
        for _ in 0..self.choices.below(3) {
            self.word("then");
            self.action(depth);
        }
    }

    fn action(&mut self, depth: usize) {
        match self.choices.below(10) {
            1 => {
                self.word("redo");
                self.at_most();
            }
            2 => {
                self.word("redo");
                self.name();
                self.at_most();
            }
            3 => {
                self.words("fix by");
                self.name();
                self.at_most();
            }
            4 => {
                self.word("retry");
                if self.maybe() {
                    self.at_most();
                }
            }
            5 => {
                self.word("show");
                self.name();
            }
            6 => self.word("override"),
            7 => {
                self.word("spawn");
                self.name();
            }
            8 => {
                let word = self.choices.pick(&["abort", "continue"]);
                self.word(word);
            }
            _ => self.ask(depth),
        }
    }

    fn ask(&mut self, depth: usize) {
        self.word("ask");
        self.optional_text();
        if depth > 0 && self.maybe() {
            self.options(depth - 1);
        }
    }

    fn options(&mut self, depth: usize) {
        self.braces(|this| {
            this.some(3, |this| {
                this.tokens.push(Token::Line);
                this.name();
                this.optional_text();
                this.when(1);
                if this.choices.one_in(4) {
                    this.word("adds");
                    this.number();
                }
                if this.maybe() {
                    this.word("->");
                    this.outcome(depth);
                }
            });
        });
    }

    fn branches(&mut self, depth: usize) {
        self.braces(|this| {
            this.some(3, |this| {
                this.tokens.push(Token::Line);
                if this.choices.one_in(4) {
                    this.word("else")
                } else {
                    this.condition(1)
                }
                this.word("->");
                this.outcome(depth);
            });
        });
    }

    // ── Statements ───────────────────────────────────────────────────────────────────────────────

    fn any_statement(&mut self, depth: usize, item: bool) {
        // At the margin rather what stands there; the grammar reads everything everywhere.
        let kind = if item && self.maybe() { 30 + self.choices.below(30) } else { self.choices.below(60) };
        self.statement(kind, depth);
    }

    fn statement(&mut self, kind: usize, depth: usize) {
        match kind {
            0..=4 | 30 | 31 => {
                let word = ["phase", "stage", "gate", "loop", "spawn", "phase", "gate"][kind % 30 % 5];
                self.word(word);
                self.node_name();
                self.optional_text();
                self.modifiers();
                self.optional_body(depth);
            }
            5 => {
                self.word("parallel");
                self.body(depth);
            }
            6 => {
                self.word("each");
                self.name();
                self.word("from");
                self.entry();
                self.optional_text();
                self.modifiers();
                self.optional_body(depth);
            }
            7..=11 => {
                let word = ["purpose", "description", "command", "output", "path"][kind - 7];
                self.word(word);
                self.text();
            }
            12 | 13 => {
                self.word(["prompt", "text"][kind - 12]);
                self.when(2);
                self.text();
            }
            14..=17 => {
                let words =
                    ["reads", "skills", "tools", "writes", "returns", "checklist", "sections", "related", "keep"];
                let word = self.choices.pick(&words);
                self.word(word);
                self.list();
            }
            18 => {
                self.words("keep unchanged");
                self.list();
            }
            19 | 20 => self.produces(depth),
            21 => {
                self.word("require");
                self.name();
                self.text();
                self.optional_text();
                self.modifiers();
            }
            22 => {
                self.word("step");
                self.name();
                self.optional_text();
                self.optional_text();
                self.modifiers();
            }
            23 => {
                let word = self.choices.pick(&["require", "until"]);
                self.word(word);
                self.condition(3);
            }
            24 => {
                self.words("batch when");
                self.condition(2);
            }
            25 => {
                self.word("on");
                self.name();
                if self.maybe() {
                    self.branches(depth.min(2));
                } else {
                    self.word("->");
                    self.outcome(depth.min(2));
                }
            }
            26 => {
                self.words("override by user");
                self.optional_text();
            }
            27 => {
                self.word("budget");
                for _ in 0..=self.choices.below(3) {
                    let word = self.choices.pick(&["runtime", "tokens", "cost"]);
                    self.word(word);
                    self.amount();
                }
            }
            28 => {
                self.word("decides");
                self.list();
                if self.maybe() {
                    self.word("confirmed");
                }
                if self.maybe() {
                    self.word("from");
                    self.run();
                }
            }
            29 => {
                self.word("revises");
                self.name();
                if self.maybe() {
                    return self.word("upward");
                }
                self.braces(|this| {
                    this.some(3, |this| {
                        this.tokens.push(Token::Line);
                        this.condition(1);
                        this.word("->");
                        this.value();
                    });
                });
            }
            32 => {
                self.word("ask");
                self.optional_text();
                if self.maybe() {
                    self.options(depth.min(2));
                }
            }
            33 => self.enumeration(),
            34 => {
                self.word("input");
                self.list();
                self.typed();
                if self.maybe() {
                    self.word("=");
                    self.literal();
                }
            }
            35 => {
                self.word("fact");
                self.list();
                self.typed();
            }
            36 => {
                self.word("let");
                self.name();
                self.word("=");
                self.literal();
            }
            37 => {
                self.word("limit");
                self.name();
                self.word("=");
                self.amount();
                if self.maybe() {
                    self.word("else");
                    self.number();
                }
            }
            38 => {
                self.word("skip");
                self.list();
                self.modifiers();
            }
            39 => {
                self.word("requires");
                let word = self.choices.pick(&["phase", "skill"]);
                self.word(word);
                self.list();
                self.optional_text();
            }
            40 | 41 => {
                self.word("agent");
                if self.choices.one_in(4) {
                    self.word("*")
                } else {
                    self.name()
                }
                if self.choices.one_in(5) {
                    self.word("for");
                    self.list();
                }
                self.optional_text();
                self.optional_body(depth);
            }
            42 => {
                self.word("model");
                self.name();
            }
            43 => {
                self.word("skill");
                if self.maybe() {
                    self.text()
                } else {
                    self.name()
                }
                self.optional_text();
                self.optional_body(depth);
            }
            44 => {
                self.words("pairs skill");
                if self.maybe() {
                    self.text()
                } else {
                    self.name()
                }
                self.optional_text();
                self.when(1);
            }
            45 => {
                self.word("procedure");
                self.name();
                if self.maybe() {
                    self.word("(");
                    for index in 0..self.choices.below(3) {
                        if index > 0 {
                            self.word(",");
                        }
                        self.name();
                    }
                    self.word(")");
                }
                self.optional_text();
                self.optional_body(depth);
            }
            46 => {
                self.word("counter");
                self.text();
                self.word("->");
                self.text();
            }
            47 => {
                self.word("context");
                self.number();
                self.braces(|this| {
                    this.some(4, |this| {
                        this.tokens.push(Token::Line);
                        this.name();
                        this.number();
                        if this.maybe() {
                            this.word("->");
                            this.name();
                        }
                    });
                });
            }
            48 => {
                self.word("escalation");
                self.options(depth.min(2));
            }
            49 => {
                self.word("abort");
                self.body(depth);
            }
            50 => self.abort(depth),
            51 => {
                self.word("route");
                self.text();
                self.branches(depth.min(2));
            }
            52 => self.score(),
            53 => {
                self.word("use");
                if self.maybe() {
                    self.text();
                    if self.maybe() {
                        self.word("as");
                        self.name();
                    }
                } else {
                    self.name();
                    self.word("from");
                    self.list();
                }
            }
            54 => {
                self.word("workflow");
                self.name();
                self.optional_text();
                if self.maybe() {
                    self.word("extends");
                    self.path();
                }
            }
            55 => {
                if self.maybe() {
                    self.word("insert");
                    return self.statement([0, 2, 3][depth % 3], depth);
                }
                self.word("drop");
                let word = self.choices.pick(&["phase", "gate", "loop", "skip", "test"]);
                self.word(word);
                self.list();
                if self.maybe() {
                    self.word("because");
                    self.text();
                }
            }
            56 => {
                self.word("test");
                self.text();
                self.braces(|this| {
                    this.some(4, |this| {
                        this.tokens.push(Token::Line);
                        if this.maybe() { this.given() } else { this.expect() }
                    });
                });
            }
            57 => {
                let word = self.choices.pick(&["always", "never"]);
                self.word(word);
                self.precedes();
                self.when(2);
            }
            58 => {
                self.words("document skill");
                self.name();
                self.optional_text();
                self.optional_body(depth);
            }
            _ => {
                self.word("section");
                self.text();
                if self.maybe() {
                    let side = self.choices.pick(&["before", "after"]);
                    self.word(side);
                    self.name();
                }
                self.text();
            }
        }
    }

    fn produces(&mut self, depth: usize) {
        self.word("produces");
        let one = |this: &mut Self| {
            if this.choices.one_in(3) {
                this.text();
            } else {
                this.name();
                if this.choices.one_in(3) {
                    this.word("as");
                    this.text();
                }
            }
            if this.choices.one_in(3) {
                this.body(depth);
            }
        };
        if self.maybe() {
            return one(self);
        }
        self.word("[");
        let count = self.choices.below(4);
        for index in 0..count {
            if index > 0 {
                self.word(",");
            }
            one(self);
        }
        if count > 0 && self.maybe() {
            self.word(",");
        }
        self.word("]");
    }

    fn typed(&mut self) {
        self.word(":");
        if self.maybe() {
            return self.path();
        }
        self.word("int");
        self.number();
        self.word("..");
        self.number();
    }

    fn enumeration(&mut self) {
        self.word("enum");
        self.name();
        let separator = self.choices.pick(&["<", "|"]);
        self.braces(|this| {
            for index in 0..=this.choices.below(5) {
                if index > 0 {
                    this.tokens.push(Token::Line);
                    this.word(separator);
                }
                this.name();
                if this.choices.one_in(3) {
                    this.text();
                }
            }
        });
    }

    fn score(&mut self) {
        self.word("score");
        self.name();
        self.braces(|this| {
            this.some(3, |this| {
                this.tokens.push(Token::Line);
                this.word("factor");
                this.name();
                this.optional_text();
                if this.maybe() {
                    this.word("weight");
                    this.number();
                }
                this.word("{");
                this.some(3, |this| {
                    if this.maybe() {
                        this.name()
                    } else {
                        this.number()
                    }
                    this.word("->");
                    this.number();
                });
                this.word("}");
            });
            this.some(3, |this| {
                this.tokens.push(Token::Line);
                this.name();
                this.word("from");
                this.number();
                this.optional_text();
            });
        });
    }

    /// Triggers first: behind a header `when` would go on with it.
    fn abort(&mut self, depth: usize) {
        self.word("abort");
        self.braces(|this| {
            this.some(3, |this| {
                this.tokens.push(Token::Line);
                this.word("when");
                this.condition(2);
                this.text();
            });
            if depth > 0 {
                this.tokens.push(Token::Line);
                this.statement(32, depth - 1);
            }
        });
    }

    fn given(&mut self) {
        self.word("given");
        for index in 0..=self.choices.below(3) {
            if index > 0 {
                self.word(",");
            }
            self.path();
            self.word("=");
            self.value();
        }
    }

    fn expect(&mut self) {
        self.word("expect");
        match self.choices.below(5) {
            0 => {
                self.word("skips");
                if self.maybe() {
                    self.word("exactly");
                }
                self.list();
            }
            1 => {
                self.word("runs");
                self.list();
            }
            2 => {
                self.word("count");
                self.name();
                let operator = self.choices.pick(&["==", "!=", "<", "<=", ">", ">="]);
                self.word(operator);
                self.number();
            }
            3 => {
                self.name();
                self.word("->");
                match self.choices.pick(&["redo", "fix by", "show", "continue", "ask", "abort", "override", "retry"]) {
                    "redo" => self.named_way(&["redo"]),
                    "fix by" => self.named_way(&["fix", "by"]),
                    "show" => self.named_way(&["show"]),
                    word => self.word(word),
                }
            }
            _ => self.precedes(),
        }
    }

    fn named_way(&mut self, words: &[&str]) {
        words.iter().for_each(|word| self.word(word));
        self.name();
    }

    fn precedes(&mut self) {
        self.place();
        self.word("before");
        self.place();
    }

    fn place(&mut self) {
        match self.choices.below(6) {
            0 => {
                self.word("step");
                return self.path();
            }
            1 => self.word("spawn"),
            _ => {}
        }
        self.name();
    }
}
