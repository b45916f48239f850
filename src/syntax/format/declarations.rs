//! Declarations of several lines.

use super::super::ast::*;
use super::{Printer, WIDTH};

impl Printer<'_, '_> {
    pub(super) fn enumeration(&mut self, item: &Enum, end: u32) {
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

    pub(super) fn fact(&mut self, fact: &Fact) {
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

    pub(super) fn context(&mut self, context: &Context, end: u32) {
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

    pub(super) fn score(&mut self, score: &Score, end: u32) {
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
}
