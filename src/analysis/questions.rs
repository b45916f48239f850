//! Questions of their own: one that is too large is left open, and the others are answered all the same.

use std::cell::{Cell, RefCell};

use super::Analysis;
use crate::logic::Undecided;
use crate::source::Span;

/// So many questions are left open; after them none is asked any more.
const MOST_OPEN: usize = 8;

/// What was asked, and what could not be answered.
#[derive(Debug, Default)]
pub(super) struct Questions {
    put: Cell<usize>,
    open: RefCell<Vec<Open>>,
}

/// A question that was too large.
#[derive(Debug, Clone, Copy)]
pub struct Open {
    pub place: Span,
    /// "whether …".
    pub what: &'static str,
}

impl Analysis<'_> {
    /// Answers a question by itself. One that uses up the budget is left open: nothing comes of it, and what it made is
    /// forgotten. No condition that is made inside may be kept outside.
    pub fn by_itself<T: Default>(&self, place: Span, what: &'static str, question: impl FnOnce() -> T) -> T {
        // What is asked of the same place again is as large.
        let overlaps = |other: &Open| other.place.contains(place) || place.contains(other.place);
        if self.questions.open.borrow().iter().any(overlaps) {
            T::default()
        } else {
            self.isolated(place, what, question)
        }
    }

    /// As [`Analysis::by_itself`], also where a question of the same place was left open.
    pub fn isolated<T: Default>(&self, place: Span, what: &'static str, question: impl FnOnce() -> T) -> T {
        if self.logic.borrow().decided().is_err() || self.questions.open.borrow().len() >= MOST_OPEN {
            return T::default();
        }
        let before = self.logic.borrow().size();
        let answer = question();
        if self.logic.borrow().decided().is_ok() {
            return answer;
        }
        self.logic.borrow_mut().forget_from(before);
        self.questions.open.borrow_mut().push(Open { place, what });
        T::default()
    }

    /// How large the table of conditions is.
    pub fn size(&self) -> usize {
        self.logic.borrow().size()
    }

    /// Makes room for further questions, where those before have taken half of the budget. Nothing that was made since
    /// the table had that size may be kept.
    pub fn make_room(&self, size: usize) {
        let mut logic = self.logic.borrow_mut();
        if logic.size() - size > logic.budget() / 2 {
            logic.forget_from(size);
        }
    }

    /// The questions that were left open.
    pub fn open_questions(&self) -> Vec<Open> {
        self.questions.open.borrow().clone()
    }

    /// Whether any question is left open. Then something of the workflow is not proved.
    pub fn decided(&self) -> Result<(), Undecided> {
        if self.questions.open.borrow().is_empty() { self.logic.borrow().decided() } else { Err(Undecided) }
    }

    /// How many questions about all variants have been put so far.
    pub fn questions(&self) -> usize {
        self.questions.put.get()
    }

    pub(super) fn count_question(&self) {
        self.questions.put.set(self.questions.put.get() + 1);
    }

    /// Leaves the question open that is being asked.
    pub(super) fn give_up(&self) {
        self.logic.borrow_mut().give_up();
    }
}
