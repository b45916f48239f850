//! Outcomes, questions and branches.

use super::super::ast::*;
use super::Printer;

impl Printer<'_, '_> {
    pub(super) fn outcome(&mut self, outcome: &Outcome) {
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

    pub(super) fn ask(&mut self, ask: &Ask, end: u32) {
        self.word("ask");
        self.optional(ask.question);
        if !ask.options.is_empty() {
            self.choices(&ask.options, end);
        }
    }

    pub(super) fn choices(&mut self, choices: &[Choice], end: u32) {
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

    pub(super) fn branches(&mut self, branches: &[Branch], end: u32) {
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
}
