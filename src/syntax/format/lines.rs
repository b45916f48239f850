//! Lines, blank lines, comments and braces.

use super::super::ast::*;
use super::Printer;

impl Printer<'_, '_> {
    pub(super) fn line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        for _ in 0..self.indent {
            self.out.push_str("  ");
        }
    }

    /// One blank line if the source has any between what was printed last and `next`.
    pub(super) fn keep_blank_line(&mut self, next: u32) {
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

    pub(super) fn comments_before(&mut self, offset: u32) {
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

    /// `{`, what `inside` prints, `}`; nothing at all for an empty body without comments.
    pub(super) fn braces(&mut self, empty: bool, end: u32, inside: impl FnOnce(&mut Self)) {
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

    pub(super) fn body(&mut self, body: &[Statement], end: u32) {
        self.braces(body.is_empty(), end, |printer| printer.statements(body));
    }

    pub(super) fn statements(&mut self, statements: &[Statement]) {
        for statement in statements {
            self.comments_before(statement.span.start);
            self.keep_blank_line(statement.span.start);
            self.line();
            self.statement(statement);
            self.printed_to = self.printed_to.max(statement.span.end);
        }
    }
}
