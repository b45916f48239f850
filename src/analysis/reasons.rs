//! Why an item is skipped.

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{NodeId, Skip, Text};
use crate::source::Span;

/// One thing that skips an item.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a, 's> {
    /// The item that is skipped: the one asked about, or one around it.
    pub item: NodeId,
    pub what: Unmet<'a, 's>,
}

#[derive(Debug, Clone, Copy)]
pub enum Unmet<'a, 's> {
    /// Its own condition does not hold; where it is written, and why it was asked.
    Condition(Span, Option<&'a Text<'s>>),
    /// A skip rule applies.
    Rule(&'a Skip<'s>),
}

impl Reason<'_, '_> {
    /// Where it is written.
    pub fn span(&self) -> Span {
        match self.what {
            Unmet::Condition(span, _) => span,
            Unmet::Rule(skip) => skip.span,
        }
    }
}

impl<'s> Analysis<'s> {
    /// Why an item is skipped in some of these variants, from the outside in: in each variant the first thing that skips
    /// it, or something around it, counts.
    pub fn reasons(&self, node: NodeId, variants: Diagram) -> Vec<Reason<'_, 's>> {
        let model = &self.model;
        let around: Vec<NodeId> = model.ancestors(node).collect();
        let mut open = variants;
        let mut found = Vec::new();
        for item in around.into_iter().rev() {
            let (before, here) = (Position::Before(item), model.node(item));
            if let Some(when) = &here.when {
                let holds = self.holds(when, before);
                if self.possible(self.and_not(open, holds)) != FALSE {
                    found.push(Reason { item, what: Unmet::Condition(when.span, here.because()) });
                }
                open = self.and(open, holds);
            }
            for skip in self.skip_rules(item) {
                let applies = skip.when.as_ref().map_or(TRUE, |when| self.holds(when, before));
                if self.possible(self.and(open, applies)) != FALSE {
                    found.push(Reason { item, what: Unmet::Rule(skip) });
                }
                open = self.and_not(open, applies);
            }
        }
        found
    }
}
