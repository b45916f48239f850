//! Words, lists and conditions.

use super::super::ast::*;
use super::{Printer, WIDTH};
use crate::source::Span;

impl Printer<'_, '_> {
    pub(super) fn word(&mut self, word: &str) {
        self.out.push_str(word);
    }

    pub(super) fn spaced(&mut self, span: Span) {
        self.out.push(' ');
        self.out.push_str(self.file.slice(span));
    }

    pub(super) fn optional(&mut self, span: Option<Span>) {
        if let Some(span) = span {
            self.spaced(span);
        }
    }

    pub(super) fn column(&self) -> usize {
        self.out.len() - self.out.rfind('\n').map_or(0, |at| at + 1)
    }

    /// ` name`, or ` [a, b]`, or one entry on a line when that is too wide or has comments.
    pub(super) fn list(&mut self, entries: &[Entry]) {
        let words: Vec<String> = entries
            .iter()
            .map(|entry| format!("{}{}", self.file.slice(entry.span), if entry.optional { "?" } else { "" }))
            .collect();
        let Some(end) = self.last_comment_among(entries) else { return self.words(&words) };
        self.out.push_str(" [");
        self.indent += 1;
        for (entry, word) in entries.iter().zip(&words) {
            self.comments_before(entry.span.start);
            self.line();
            self.out.push_str(word);
            self.out.push(',');
            self.printed_to = self.printed_to.max(entry.span.end);
        }
        self.comments_before(end);
        self.indent -= 1;
        self.line();
        self.out.push(']');
    }

    /// The end of the last comment between the brackets of a list, of those that are still to be printed.
    fn last_comment_among(&self, entries: &[Entry]) -> Option<u32> {
        let (first, last) = (entries.first()?.span.start, entries.last()?.span.end);
        let text = &self.file.text;
        let is_filler = |c: char| c.is_whitespace() || matches!(c, ',' | '?');
        let (mut seen, mut among, mut behind) = (last, None, None);
        for comment in &self.file.comments[self.next_comment..] {
            let (from, to) = (comment.span.start, comment.span.end);
            let is_opened = from > first || among.is_some() || text[..from as usize].trim_end().ends_with('[');
            if is_opened && from < last {
                among = Some(to);
            } else if is_opened && text[seen as usize..from as usize].chars().all(is_filler) {
                (seen, behind) = (to, Some(to));
            } else {
                break;
            }
        }
        // Behind the last entry they stand in the list if its bracket is still to come.
        let is_closed_there = text[seen as usize..].trim_start_matches(is_filler).starts_with(']');
        behind.filter(|_| is_closed_there).or(among)
    }

    pub(super) fn words(&mut self, words: &[String]) {
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

    pub(super) fn condition(&mut self, condition: &Condition) {
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
            Expr::In(left, values, _) => {
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

    pub(super) fn operand(&mut self, operand: &Operand) {
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

    pub(super) fn when(&mut self, when: Option<&Condition>) {
        if let Some(condition) = when {
            self.out.push_str(" when ");
            self.condition(condition);
        }
    }

    /// In canonical order, whatever the order they were written in.
    pub(super) fn modifiers(&mut self, modifiers: &[Modifier]) {
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

    pub(super) fn at_most(&mut self, amount: &Amount) {
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

    pub(super) fn run(&mut self, run: &Run) {
        self.word("run");
        self.spaced(run.command);
        if let Some(pattern) = run.matching {
            self.word(" matching");
            self.spaced(pattern);
        }
    }
}
