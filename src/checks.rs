//! All checks, on one page. A check is a function over a finished analysis; its file holds its codes and its words.

mod conditions;
mod facts;
mod numbers;
mod order;
mod prose;
mod scores;
mod unused;

use crate::analysis::Analysis;
use crate::diagnostic::{Code, Diagnostic};

/// The codes of all checks, file by file.
pub static CODES: &[&[&Code]] =
    &[facts::CODES, conditions::CODES, order::CODES, unused::CODES, numbers::CODES, scores::CODES, prose::CODES];

/// What can be asked of any model, also of one with faults.
pub fn of_names(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    facts::facts_are_decided_once(analysis, found);
    facts::facts_are_read_after_they_are_decided(analysis, found);
    order::redo_goes_back(analysis, found);
    unused::names_are_used(analysis, found);
    unused::registries_are_there(analysis, found);
    numbers::bounds_fit_their_limits(analysis, found);
    scores::thresholds_rise(analysis, found);
}

/// What is decided for all variants; asked only where the text and its names are clean.
pub fn of_variants(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    conditions::conditions_decide_something(analysis, found);
    conditions::no_operand_repeats(analysis, found);
    scores::bands_can_be_reached(analysis, found);
    // What nobody reaches because a condition can never hold is said there.
    if !found.iter().any(Diagnostic::is_error) {
        order::items_can_be_reached(analysis, found);
        order::redo_finds_what_ran(analysis, found);
    }
    // What stands still for ever is said where it never ends.
    if !found.iter().any(Diagnostic::is_error) {
        numbers::loops_can_change(analysis, found);
        numbers::worst_cases_fit(analysis, found);
    }
    prose::prose_agrees(analysis, found);
    if analysis.decided().is_err() {
        // Nothing that was concluded since the budget was used up can be relied on.
        found.truncate(before);
        conditions::report_undecided(analysis, found);
    }
}
