//! The canonical form: one way to write each construct, every comment kept, blocks of text kept to the byte.
//!
//! Comments live outside the tree. Each is printed before the first statement that follows it, or at the end of the
//! line after which it stood.

mod claims;
mod declarations;
mod lines;
mod outcomes;
mod words;

use super::ast::*;

/// Lists and headers longer than this are broken, one entry on a line.
const WIDTH: usize = 120;

/// The file in canonical form. The file must have been read without an error, or text is lost.
pub fn format(file: &File<'_>) -> String {
    let mut printer = Printer {
        file,
        out: String::with_capacity(file.text.len() + 64),
        indent: 0,
        next_comment: 0,
        printed_to: 0,
        commented: usize::MAX,
    };
    printer.statements(&file.items);
    printer.comments_before(u32::MAX);
    if !printer.out.is_empty() && !printer.out.ends_with('\n') {
        printer.out.push('\n');
    }
    printer.out
}

struct Printer<'a, 's> {
    file: &'a File<'s>,
    out: String,
    indent: usize,
    next_comment: usize,
    /// How far the source has been printed, to keep blank lines.
    printed_to: u32,
    /// Where the output ended when a comment was put at the end of a line: nothing may follow on that line.
    commented: usize,
}

impl Printer<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        let end = statement.span.end;
        match &statement.kind {
            Kind::Node(node) => self.node(node, end),
            Kind::Item(item) => {
                self.word(if item.is_step { "step" } else { "require" });
                self.spaced(item.name);
                self.optional(item.title);
                self.optional(item.meaning);
                self.modifiers(&item.modifiers);
            }
            Kind::Require(condition) => {
                self.word("require ");
                self.condition(condition);
            }
            Kind::Until(condition) => {
                self.word("until ");
                self.condition(condition);
            }
            Kind::Batch(condition) => {
                self.word("batch when ");
                self.condition(condition);
            }
            Kind::Text(text) => {
                self.word(text_word(text.word));
                self.when(text.when.as_deref());
                self.spaced(text.text);
            }
            Kind::List(word, entries) => {
                self.word(list_word(*word));
                self.list(entries);
            }
            Kind::Produces(all) => self.produces(all),
            Kind::On(on) => {
                self.word("on");
                self.spaced(on.event);
                match &on.branches[..] {
                    [Branch { condition: None, outcome, .. }] => {
                        self.word(" -> ");
                        self.outcome(outcome);
                    }
                    branches => self.branches(branches, end),
                }
            }
            Kind::Ask(ask) => self.ask(ask, end),
            Kind::Override(risk) => {
                self.word("override by user");
                self.optional(*risk);
            }
            Kind::Budget(allowances) => {
                self.word("budget");
                for allowance in allowances {
                    self.spaced(allowance.word);
                    self.spaced(allowance.amount.span);
                }
            }
            Kind::Decides(decides) => {
                self.word("decides");
                self.list(&decides.facts);
                if decides.confirmed {
                    self.word(" confirmed");
                }
                if let Some(run) = &decides.from {
                    self.word(" from ");
                    self.run(run);
                }
            }
            Kind::Revises(revises) => self.revises(revises, end),
            Kind::Requires(requires) => {
                self.word(if requires.is_skill { "requires skill" } else { "requires phase" });
                self.list(&requires.what);
                self.optional(requires.text);
            }
            Kind::Model(name) => {
                self.word("model");
                self.spaced(*name);
            }
            Kind::Trigger(trigger) => {
                self.word("when ");
                self.condition(&trigger.condition);
                self.spaced(trigger.text);
            }
            Kind::Given(bindings) => {
                self.word("given ");
                for (index, (name, value)) in bindings.iter().enumerate() {
                    if index > 0 {
                        self.word(", ");
                    }
                    self.word(self.file.slice(*name));
                    self.word(" = ");
                    self.operand(value);
                }
            }
            Kind::Expect(expect) => self.expect(expect),
            Kind::Section(section) => {
                self.word("section");
                self.spaced(section.title);
                if let Some((before, name)) = section.position {
                    self.word(if before { " before" } else { " after" });
                    self.spaced(name);
                }
                self.spaced(section.text);
            }
            _ => self.item(&statement.kind, end),
        }
    }

    /// Statements that stand in column 0 only.
    fn item(&mut self, kind: &Kind, end: u32) {
        match kind {
            Kind::Enum(item) => self.enumeration(item, end),
            Kind::Fact(fact) => self.fact(fact),
            Kind::Let(bound) => {
                self.word("let");
                self.spaced(bound.name);
                self.word(" =");
                self.spaced(bound.value.span());
            }
            Kind::Limit(limit) => {
                self.word("limit");
                self.spaced(limit.name);
                self.word(" =");
                self.spaced(limit.value.span);
                if let Some(fallback) = limit.fallback {
                    self.word(" else");
                    self.spaced(fallback);
                }
            }
            Kind::Skip(skip) => {
                self.word("skip");
                self.list(&skip.phases);
                self.modifiers(&skip.modifiers);
            }
            Kind::Agent(agent) => {
                self.word("agent");
                match agent.name {
                    Some(name) => self.spaced(name),
                    None => self.word(" *"),
                }
                if !agent.fills.is_empty() {
                    self.word(" for");
                    self.list(&agent.fills);
                }
                self.optional(agent.description);
                self.body(&agent.body, end);
            }
            Kind::Skill(skill) => {
                self.word("skill");
                self.spaced(skill.name);
                self.optional(skill.purpose);
                self.body(&skill.body, end);
            }
            Kind::Pairs(pairs) => {
                self.word("pairs skill");
                self.spaced(pairs.skill);
                self.optional(pairs.purpose);
                self.when(pairs.when.as_deref());
            }
            Kind::Procedure(procedure) => {
                self.word("procedure");
                self.spaced(procedure.name);
                if !procedure.parameters.is_empty() {
                    let words: Vec<&str> = procedure.parameters.iter().map(|name| self.file.slice(*name)).collect();
                    let words = words.join(", ");
                    self.out.push('(');
                    self.out.push_str(&words);
                    self.out.push(')');
                }
                self.optional(procedure.title);
                self.body(&procedure.body, end);
            }
            Kind::Counter(counter) => {
                self.word("counter");
                self.spaced(counter.claim);
                self.word(" ->");
                self.spaced(counter.answer);
            }
            Kind::Context(context) => self.context(context, end),
            Kind::Escalation(choices) => {
                self.word("escalation");
                self.choices(choices, end);
            }
            Kind::Abort(body) => {
                self.word("abort");
                self.braces(false, end, |printer| printer.statements(body));
            }
            Kind::Route(route) => {
                self.word("route");
                self.spaced(route.pattern);
                self.branches(&route.branches, end);
            }
            Kind::Score(score) => self.score(score, end),
            Kind::Use(used) => match &**used {
                Use::File { path, alias } => {
                    self.word("use");
                    self.spaced(*path);
                    if let Some(alias) = alias {
                        self.word(" as");
                        self.spaced(*alias);
                    }
                }
                Use::Registry { of, from } => {
                    self.word("use");
                    self.spaced(*of);
                    self.word(" from");
                    self.list(from);
                }
            },
            Kind::Workflow(workflow) => {
                self.word("workflow");
                self.spaced(workflow.name);
                self.optional(workflow.title);
                if let Some(base) = workflow.extends {
                    self.word(" extends");
                    self.spaced(base);
                }
            }
            Kind::Insert(inner) => {
                self.word("insert ");
                self.statement(inner);
            }
            Kind::Drop(drop) => {
                self.word("drop");
                self.spaced(drop.word);
                self.list(&drop.what);
                if let Some(because) = drop.because {
                    self.word(" because");
                    self.spaced(because);
                }
            }
            Kind::Test(test) => {
                self.word("test");
                self.spaced(test.name);
                self.braces(false, end, |printer| printer.statements(&test.body));
            }
            Kind::Property(property) => {
                self.word(if property.never { "never " } else { "always " });
                self.precedes(&property.precedes);
                self.when(property.when.as_deref());
            }
            Kind::Document(document) => {
                self.word("document skill");
                self.spaced(document.name);
                self.optional(document.title);
                self.body(&document.body, end);
            }
            _ => unreachable!("`statement` prints all other kinds"),
        }
    }

    fn node(&mut self, node: &Node, end: u32) {
        self.word(node.kind.word());
        self.optional(node.name);
        if let Some(from) = node.from {
            self.word(" from");
            self.spaced(from.span);
            if from.optional {
                self.word("?");
            }
        }
        self.optional(node.title);
        self.modifiers(&node.modifiers);
        self.braces(node.body.is_empty() && node.kind != NodeKind::Parallel, end, |printer| {
            printer.statements(&node.body);
        });
    }

    fn produces(&mut self, all: &[Produced]) {
        self.word("produces");
        if all.iter().all(|produced| produced.body.is_empty()) {
            let words: Vec<String> = all
                .iter()
                .map(|produced| {
                    let mut word = self.file.slice(produced.what).to_string();
                    if let Some(path) = produced.stored_as {
                        word = format!("{word} as {}", self.file.slice(path));
                    }
                    word
                })
                .collect();
            return self.words(&words);
        }
        let several = all.len() > 1;
        if several {
            self.word(" [");
            self.indent += 1;
        }
        for produced in all {
            if several {
                self.line();
                self.word(self.file.slice(produced.what));
            } else {
                self.spaced(produced.what);
            }
            if let Some(path) = produced.stored_as {
                self.word(" as");
                self.spaced(path);
            }
            self.body(&produced.body, produced.span.end);
            if several {
                self.word(",");
            }
        }
        if several {
            self.indent -= 1;
            self.line();
            self.word("]");
        }
    }

    fn revises(&mut self, revises: &Revises, end: u32) {
        self.word("revises");
        self.spaced(revises.fact);
        let Some(arms) = &revises.arms else { return self.word(" upward") };
        self.braces(false, end, |printer| {
            for (condition, value) in arms {
                printer.comments_before(condition.span.start);
                printer.line();
                printer.condition(condition);
                printer.word(" -> ");
                printer.operand(value);
                printer.printed_to = printer.printed_to.max(value.span.end);
            }
        });
    }
}

/// The keyword of a statement that is a word and a text.
pub fn text_word(word: TextWord) -> &'static str {
    match word {
        TextWord::Purpose => "purpose",
        TextWord::Prompt => "prompt",
        TextWord::Text => "text",
        TextWord::Description => "description",
        TextWord::Command => "command",
        TextWord::Output => "output",
        TextWord::Path => "path",
    }
}

/// The keyword of a statement that is a word and a list.
pub fn list_word(word: ListWord) -> &'static str {
    match word {
        ListWord::Reads => "reads",
        ListWord::Skills => "skills",
        ListWord::Tools => "tools",
        ListWord::Writes => "writes",
        ListWord::Returns => "returns",
        ListWord::Checklist => "checklist",
        ListWord::Keep => "keep",
        ListWord::KeepUnchanged => "keep unchanged",
        ListWord::Sections => "sections",
        ListWord::Related => "related",
    }
}
