//! The only code that walks pest's pairs: takes them in order, by rule, and knows where they stand in the file.
//!
//! The grammar promises which pairs a rule holds; `expect` says so where the reader relies on it.

use pest::iterators::{Pair, Pairs};

use super::Rule;
use crate::source::{FileId, Span};

/// The children of a pair, from left to right.
pub struct Cursor<'p> {
    pairs: Pairs<'p, Rule>,
    place: Origin,
}

/// Where the text that pest saw begins in the file.
#[derive(Debug, Clone, Copy)]
pub struct Origin {
    pub file: FileId,
    pub offset: usize,
}

/// One pair with its place.
pub struct Found<'p> {
    pair: Pair<'p, Rule>,
    place: Origin,
}

impl<'p> Cursor<'p> {
    pub fn new(pairs: Pairs<'p, Rule>, place: Origin) -> Self {
        Cursor { pairs, place }
    }

    pub fn peek(&self) -> Option<Rule> {
        self.pairs.peek().map(|pair| pair.as_rule())
    }

    /// How many pairs are left.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    pub fn next(&mut self) -> Option<Found<'p>> {
        self.pairs.next().map(|pair| Found { pair, place: self.place })
    }

    /// The next pair if it is of one of these rules.
    pub fn take(&mut self, rules: &[Rule]) -> Option<Found<'p>> {
        if self.peek().is_some_and(|rule| rules.contains(&rule)) { self.next() } else { None }
    }

    /// The next pair, which the grammar puts there.
    pub fn expect(&mut self) -> Found<'p> {
        self.next().expect("the grammar puts a pair here")
    }
}

impl<'p> Found<'p> {
    pub fn rule(&self) -> Rule {
        self.pair.as_rule()
    }

    pub fn span(&self) -> Span {
        let span = self.pair.as_span();
        Span::new(self.place.file, self.place.offset + span.start(), self.place.offset + span.end())
    }

    pub fn text(&self) -> &'p str {
        self.pair.as_str()
    }

    pub fn inside(self) -> Cursor<'p> {
        Cursor { place: self.place, pairs: self.pair.into_inner() }
    }
}
