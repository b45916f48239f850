//! The canonical form: one way to write each construct, every comment kept, blocks of text kept to the byte.
//!
//! Comments live outside the tree. Each is printed before the first statement that follows it, or at the end of the
//! line after which it stood.

use super::ast::*;
use crate::source::Span;

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
    // ── Lines ────────────────────────────────────────────────────────────────────────────────────

    fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    /// One blank line if the source has any between what was printed last and `next`.
    fn keep_blank_line(&mut self, next: u32) {
        let from = (self.printed_to as usize).min(next as usize);
        let between = &self.file.text[from..next as usize];
        let breaks = between.bytes().filter(|byte| *byte == b'\n').count();
        let fresh = self.out.is_empty() || self.out.trim_end().ends_with(['{', '[']);
        if breaks > 1 && !fresh && self.printed_to > 0 {
            if !self.out.ends_with('\n') {
                self.out.push('\n');
            }
            self.out.push('\n');
        }
    }

    fn comments_before(&mut self, offset: u32) {
        while let Some(comment) = self.file.comments.get(self.next_comment).copied() {
            if comment.span.start >= offset {
                break;
            }
            self.next_comment += 1;
            let text = self.file.slice(comment.span);
            let taken = self.commented == self.out.len();
            if comment.alone || taken || self.out.is_empty() || self.out.ends_with('\n') {
                self.keep_blank_line(comment.span.start);
                self.line();
            } else {
                self.out.push(' ');
            }
            self.out.push_str(text);
            self.commented = self.out.len();
            self.printed_to = self.printed_to.max(comment.span.end);
        }
    }

    fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.comments_before(statement.span.start);
            self.keep_blank_line(statement.span.start);
            self.line();
            self.statement(statement);
            self.printed_to = self.printed_to.max(statement.span.end);
        }
    }

    /// `{`, what `inside` prints, `}`; nothing at all for an empty body without comments.
    fn braces(&mut self, empty: bool, end: u32, inside: impl FnOnce(&mut Self)) {
        let comment_inside = self.file.comments.get(self.next_comment).is_some_and(|comment| comment.span.start < end);
        if empty && !comment_inside {
            return;
        }
        self.out.push_str(" {");
        self.indent += 1;
        inside(self);
        self.comments_before(end);
        self.indent -= 1;
        self.line();
        self.out.push('}');
    }

    fn body(&mut self, body: &[Statement], end: u32) {
        self.braces(body.is_empty(), end, |printer| printer.statements(body));
    }

    // ── Words ────────────────────────────────────────────────────────────────────────────────────

    fn word(&mut self, word: &str) {
        self.out.push_str(word);
    }

    fn spaced(&mut self, span: Span) {
        self.out.push(' ');
        self.out.push_str(self.file.slice(span));
    }

    fn optional(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            self.spaced(span);
        }
    }

    fn column(&self) -> usize {
        self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1)
    }

    /// ` name`, or ` [a, b]`, or one entry on a line when that is too wide.
    fn list(&mut self, entries: &[Entry]) {
        let words: Vec<String> = entries
            .iter()
            .map(|entry| format!("{}{}", self.file.slice(entry.span), if entry.optional { "?" } else { "" }))
            .collect();
        self.words(&words);
    }

    fn words(&mut self, words: &[String]) {
        self.out.push(' ');
        // `keep unchanged` and `skips exactly` would be read as keywords.
        if let [one] = words
            && !matches!(one.as_str(), "unchanged" | "exactly")
        {
            return self.out.push_str(one);
        }
        let width: usize = words.iter().map(|word| word.len() + 2).sum();
        if self.column() + width <= WIDTH && !words.iter().any(|word| word.contains('\n')) {
            self.out.push('[');
            self.out.push_str(&words.join(", "));
            return self.out.push(']');
        }
        self.out.push('[');
        self.indent += 1;
        for word in words {
            self.line();
            self.out.push_str(word);
            self.out.push(',');
        }
        self.indent -= 1;
        self.line();
        self.out.push(']');
    }

    fn condition(&mut self, condition: &Condition) {
        self.expr(&condition.expr, 0);
    }

    /// `weight`: 0 inside nothing or `or`, 1 inside `and`, 2 inside `not`.
    fn expr(&mut self, expr: &Expr, weight: u8) {
        let own = match expr {
            Expr::Or(_) => 0,
            Expr::And(_) => 1,
            _ => 2,
        };
        if own < weight {
            self.out.push('(');
            self.expr(expr, 0);
            return self.out.push(')');
        }
        match expr {
            Expr::Or(operands) | Expr::And(operands) => {
                let word = if own == 0 { " or " } else { " and " };
                for (index, operand) in operands.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(word);
                    }
                    self.expr(operand, own + 1);
                }
            }
            Expr::Not(inner) => {
                self.out.push_str("not ");
                // `not a == b` reads as if `not` belonged to `a`.
                let bare = matches!(**inner, Expr::Bare(_));
                self.expr(inner, if bare { 2 } else { 3 });
            }
            Expr::Bare(operand) => self.operand(operand),
            Expr::Compare(left, comparison, right) => {
                self.operand(left);
                self.out.push(' ');
                self.out.push_str(comparison.symbol());
                self.out.push(' ');
                self.operand(right);
            }
            Expr::In(left, values) => {
                self.operand(left);
                self.out.push_str(" in [");
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        self.out.push_str(", ");
                    }
                    self.operand(value);
                }
                self.out.push(']');
            }
        }
    }

    fn operand(&mut self, operand: &Operand) {
        match operand.kind {
            OperandKind::Call(name, argument) => {
                self.out.push_str(self.file.slice(name));
                self.out.push('(');
                self.out.push_str(self.file.slice(argument));
                self.out.push(')');
            }
            _ => self.out.push_str(self.file.slice(operand.span)),
        }
    }

    fn when(&mut self, when: Option<&Condition>) {
        if let Some(condition) = when {
            self.out.push_str(" when ");
            self.condition(condition);
        }
    }

    /// In canonical order, whatever the order they were written in.
    fn modifiers(&mut self, modifiers: &[Modifier]) {
        let rank = |modifier: &Modifier| match modifier.kind {
            ModifierKind::Once => 0,
            ModifierKind::Required => 1,
            ModifierKind::Irreversible => 2,
            ModifierKind::After(_) => 3,
            ModifierKind::Before(_) => 4,
            ModifierKind::When(_) => 5,
            ModifierKind::Because(_) => 6,
            ModifierKind::By(_) => 7,
            ModifierKind::Follows(..) => 8,
            ModifierKind::AtMost(_) => 9,
            ModifierKind::ElseOnce => 10,
        };
        let mut ordered: Vec<&Modifier> = modifiers.iter().collect();
        ordered.sort_by_key(|modifier| rank(modifier));
        for modifier in ordered {
            match &modifier.kind {
                ModifierKind::Once => self.word(" once"),
                ModifierKind::Required => self.word(" required"),
                ModifierKind::Irreversible => self.word(" irreversible"),
                ModifierKind::After(list) => {
                    self.word(" after");
                    self.list(list);
                }
                ModifierKind::Before(list) => {
                    self.word(" before");
                    self.list(list);
                }
                ModifierKind::When(condition) => self.when(Some(condition)),
                ModifierKind::Because(text) => {
                    self.word(" because");
                    self.spaced(*text);
                }
                ModifierKind::By(evidence) => self.evidence(evidence),
                ModifierKind::Follows(procedure, arguments) => {
                    self.word(" follows");
                    self.spaced(*procedure);
                    if !arguments.is_empty() {
                        let words: Vec<&str> = arguments.iter().map(|argument| self.file.slice(*argument)).collect();
                        let words = words.join(", ");
                        self.out.push('(');
                        self.out.push_str(&words);
                        self.out.push(')');
                    }
                }
                ModifierKind::AtMost(amount) => self.at_most(amount),
                ModifierKind::ElseOnce => self.word(" else once"),
            }
        }
    }

    fn at_most(&mut self, amount: &Amount) {
        self.word(" at most");
        self.spaced(amount.span);
    }

    fn evidence(&mut self, evidence: &Evidence) {
        self.word(" by ");
        match evidence {
            Evidence::Agent(name) => {
                self.word("agent");
                self.spaced(*name);
            }
            Evidence::File(what) => {
                self.word("file");
                self.spaced(*what);
            }
            Evidence::Run(run) => self.run(run),
            Evidence::Answer => self.word("answer"),
            Evidence::Measure(condition) => {
                self.word("measure ");
                self.condition(condition);
            }
            Evidence::Skill(what) => {
                self.word("skill");
                self.spaced(*what);
            }
            Evidence::Checklist(list) => {
                self.word("checklist");
                self.list(list);
            }
        }
    }

    fn run(&mut self, run: &Run) {
        self.word("run");
        self.spaced(run.command);
        if let Some(pattern) = run.matching {
            self.word(" matching");
            self.spaced(pattern);
        }
    }

    // ── Outcomes ─────────────────────────────────────────────────────────────────────────────────

    fn outcome(&mut self, outcome: &Outcome) {
        let mut actions = &outcome.actions[..];
        // `then ask` is what happens anyway.
        if let [before @ .., last] = actions
            && before.last().is_some_and(|action| action.kind.is_bounded())
            && matches!(&last.kind, ActionKind::Ask(ask) if ask.question.is_none() && ask.options.is_empty())
        {
            actions = before;
        }
        for (index, action) in actions.iter().enumerate() {
            if index > 0 {
                self.word(" then ");
            }
            match &action.kind {
                ActionKind::Redo(target, bound) => {
                    self.word("redo");
                    self.optional(*target);
                    self.at_most(bound);
                }
                ActionKind::Fix(agent, bound) => {
                    self.word("fix by");
                    self.spaced(*agent);
                    self.at_most(bound);
                }
                ActionKind::Retry(bound) => {
                    self.word("retry");
                    if let Some(bound) = bound {
                        self.at_most(bound);
                    }
                }
                ActionKind::Show(artifact) => {
                    self.word("show");
                    self.spaced(*artifact);
                }
                ActionKind::Override => self.word("override"),
                ActionKind::Ask(ask) => self.ask(ask, action.span.end),
                ActionKind::Abort => self.word("abort"),
                ActionKind::Continue => self.word("continue"),
                ActionKind::Spawn(agent) => {
                    self.word("spawn");
                    self.spaced(*agent);
                }
            }
        }
    }

    fn ask(&mut self, ask: &Ask, end: u32) {
        self.word("ask");
        self.optional(ask.question);
        if !ask.options.is_empty() {
            self.choices(&ask.options, end);
        }
    }

    fn choices(&mut self, choices: &[Choice], end: u32) {
        self.braces(false, end, |printer| {
            for choice in choices {
                printer.comments_before(choice.span.start);
                printer.line();
                printer.word(printer.file.slice(choice.name));
                printer.optional(choice.label);
                printer.when(choice.when.as_deref());
                if let Some(number) = choice.adds {
                    printer.word(" adds");
                    printer.spaced(number);
                }
                if let Some(outcome) = &choice.outcome {
                    printer.word(" -> ");
                    printer.outcome(outcome);
                }
                printer.printed_to = printer.printed_to.max(choice.span.end);
            }
        });
    }

    fn branches(&mut self, branches: &[Branch], end: u32) {
        self.braces(false, end, |printer| {
            for branch in branches {
                printer.comments_before(branch.span.start);
                printer.line();
                match &branch.condition {
                    Some(condition) => printer.condition(condition),
                    None => printer.word("else"),
                }
                printer.when(branch.when.as_deref());
                printer.word(" -> ");
                printer.outcome(&branch.outcome);
                printer.printed_to = printer.printed_to.max(branch.span.end);
            }
        });
    }

    // ── Statements ───────────────────────────────────────────────────────────────────────────────

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

    fn enumeration(&mut self, item: &Enum, end: u32) {
        self.word("enum");
        self.spaced(item.name);
        let separator = if item.ordered { "<" } else { "|" };
        if item.values.iter().all(|(_, label)| label.is_none()) {
            let names: Vec<&str> = item.values.iter().map(|(name, _)| self.file.slice(*name)).collect();
            let inside = names.join(&format!(" {separator} "));
            let comment_inside = self.file.comments.get(self.next_comment).is_some_and(|c| c.span.start < end);
            if self.column() + inside.len() + 4 <= WIDTH && !comment_inside {
                return self.word(&format!(" {{ {inside} }}"));
            }
        }
        self.braces(false, end, |printer| {
            for (index, (name, label)) in item.values.iter().enumerate() {
                printer.comments_before(name.start);
                printer.line();
                if index > 0 {
                    printer.word(separator);
                    printer.word(" ");
                }
                printer.word(printer.file.slice(*name));
                printer.optional(*label);
                printer.printed_to = printer.printed_to.max(label.unwrap_or(*name).end);
            }
        });
    }

    fn fact(&mut self, fact: &Fact) {
        self.word(if fact.is_input { "input" } else { "fact" });
        self.list(&fact.names);
        if !matches!(fact.of, Type::Open) {
            self.word(":");
        }
        match fact.of {
            Type::Open => {}
            Type::Named(name) => self.spaced(name),
            Type::Int(low, high) => {
                self.word(" int");
                self.spaced(low);
                self.word("..");
                self.word(self.file.slice(high));
            }
        }
        if let Some(default) = fact.default {
            self.word(" =");
            self.spaced(default.span());
        }
    }

    fn context(&mut self, context: &Context, end: u32) {
        self.word("context");
        self.spaced(context.window);
        self.braces(false, end, |printer| {
            for rung in &context.rungs {
                printer.comments_before(rung.word.start);
                printer.line();
                printer.word(printer.file.slice(rung.word));
                printer.spaced(rung.share);
                if let Some(procedure) = rung.procedure {
                    printer.word(" ->");
                    printer.spaced(procedure);
                }
                printer.printed_to = printer.printed_to.max(rung.procedure.unwrap_or(rung.share).end);
            }
        });
    }

    fn score(&mut self, score: &Score, end: u32) {
        self.word("score");
        self.spaced(score.fact);
        self.braces(false, end, |printer| {
            for factor in &score.factors {
                printer.comments_before(factor.span.start);
                printer.line();
                printer.word("factor");
                printer.spaced(factor.name);
                printer.optional(factor.title);
                if let Some(weight) = factor.weight {
                    printer.word(" weight");
                    printer.spaced(weight);
                }
                printer.word(" {");
                for (value, points) in &factor.points {
                    printer.word(" ");
                    printer.word(printer.file.slice(*value));
                    printer.word(" ->");
                    printer.spaced(*points);
                }
                printer.word(" }");
                printer.printed_to = printer.printed_to.max(factor.span.end);
            }
            for band in &score.bands {
                printer.comments_before(band.span.start);
                printer.keep_blank_line(band.span.start);
                printer.line();
                printer.word(printer.file.slice(band.value));
                printer.word(" from");
                printer.spaced(band.from);
                printer.optional(band.text);
                printer.printed_to = printer.printed_to.max(band.span.end);
            }
        });
    }

    fn expect(&mut self, expect: &Expect) {
        self.word("expect ");
        match expect {
            Expect::Skips { exactly, phases } => {
                self.word(if *exactly { "skips exactly" } else { "skips" });
                self.list(phases);
            }
            Expect::Runs(phases) => {
                self.word("runs");
                self.list(phases);
            }
            Expect::Count { what, comparison, number } => {
                self.word("count");
                self.spaced(*what);
                self.word(" ");
                self.word(comparison.symbol());
                self.spaced(*number);
            }
            Expect::Leads { gate, to } => {
                self.word(self.file.slice(*gate));
                self.word(" -> ");
                self.way(*to);
            }
            Expect::Before(precedes) => self.precedes(precedes),
        }
    }

    fn way(&mut self, way: Way) {
        let (word, name) = match way {
            Way::Continue => ("continue", None),
            Way::Ask => ("ask", None),
            Way::Abort => ("abort", None),
            Way::Override => ("override", None),
            Way::Retry => ("retry", None),
            Way::Redo(name) => ("redo", Some(name)),
            Way::Fix(name) => ("fix by", Some(name)),
            Way::Show(name) => ("show", Some(name)),
        };
        self.word(word);
        name.into_iter().for_each(|name| self.spaced(name));
    }

    fn precedes(&mut self, precedes: &Precedes) {
        self.place(&precedes.first);
        self.word(" before ");
        self.place(&precedes.second);
    }

    fn place(&mut self, place: &Place) {
        match place.kind {
            PlaceKind::Item => {}
            PlaceKind::Spawns => self.word("spawn "),
            PlaceKind::Step => self.word("step "),
        }
        self.word(self.file.slice(place.name));
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
