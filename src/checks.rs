//! All checks, on one page. A check is a function over a finished analysis; its file holds its codes and its words.

mod agents;
mod approvals;
mod artifacts;
mod claims;
mod conditions;
mod facts;
mod failures;
mod files;
mod gates;
mod numbers;
mod once;
mod order;
mod outcomes;
mod outside;
mod parts;
mod prose;
mod readings;
mod revisions;
mod scopes;
mod scores;
mod skips;
mod undecided;
mod unused;

use crate::analysis::Analysis;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// The codes of all checks, file by file.
pub static CODES: &[&[&Code]] = &[
    facts::CODES,
    undecided::CODES,
    revisions::CODES,
    once::CODES,
    conditions::CODES,
    order::CODES,
    skips::CODES,
    parts::CODES,
    gates::CODES,
    approvals::CODES,
    artifacts::CODES,
    failures::CODES,
    scopes::CODES,
    agents::CODES,
    unused::CODES,
    outside::CODES,
    numbers::CODES,
    scores::CODES,
    prose::CODES,
    claims::CODES,
];

type Check = fn(&Analysis<'_>, &mut Vec<Diagnostic>);

/// What can be asked of any model, also of one with faults.
const OF_NAMES: &[Check] = &[
    facts::facts_are_decided_once,
    facts::facts_are_read_after_they_are_decided,
    revisions::revisions_are_ordered,
    revisions::revisions_stay_in_the_loop,
    once::once_items_do_not_read_the_pass,
    order::redo_goes_back,
    failures::failures_leave_nothing_out,
    skips::skip_rules_are_explained,
    unused::names_are_used,
    unused::registries_are_there,
    outside::agents_exist,
    outside::skills_exist,
    outside::limit_keys_exist,
    outside::tools_exist,
    outside::commands_exist,
    numbers::bounds_fit_their_limits,
    scores::thresholds_rise,
];

/// Whether each condition can be read. What stands in an item whose own condition cannot is asked nothing else.
const OF_CONDITIONS: &[Check] = &[
    conditions::conditions_decide_something,
    undecided::facts_are_decided_where_they_matter,
    revisions::revisions_change_something,
    scores::bands_can_be_reached,
];

/// What is proved for all variants.
const OF_VARIANTS: &[Check] = &[
    gates::gates_are_closed_by_others,
    order::items_can_be_reached,
    order::redo_finds_what_ran,
    skips::skip_rules_apply,
    skips::conditions_of_items_matter,
    parts::conditions_of_parts_matter,
    skips::claims_of_phases_hold,
    gates::gates_ask_for_something,
    gates::everybody_gets_through,
    gates::gates_guard_something,
    approvals::irreversible_items_are_approved,
    artifacts::artifacts_are_there,
    artifacts::artifacts_are_produced_once,
    artifacts::sections_are_produced,
    scopes::artifacts_have_their_own_files,
    scopes::scopes_do_not_overlap,
    agents::tools_are_allowed,
    agents::tools_can_be_used,
    agents::repairs_have_the_skills,
    numbers::loops_can_change,
    numbers::worst_cases_fit,
    prose::prose_agrees,
];

/// What the workflow says of itself.
const OF_CLAIMS: &[Check] = &[claims::properties_hold, claims::tests_hold];

/// What can be asked of any model, also of one with faults.
pub fn of_names(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let before = found.len();
    OF_NAMES.iter().for_each(|check| check(analysis, found));
    say_once(analysis, found, before);
}

/// A row of a `route` is looked at for each spawn that it is for; what is wrong with it is said of the first. `before`: so
/// many findings have nothing to do with it.
fn say_once(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>, before: usize) {
    let rows: Vec<Span> =
        analysis.model.routes.iter().flat_map(|route| &route.branches).map(|branch| branch.span).collect();
    if rows.is_empty() {
        return;
    }
    let mut said: Vec<(&'static Code, Span)> = Vec::new();
    let new = found.split_off(before);
    found.extend(new.into_iter().filter(|found| {
        let place = (found.code, found.primary.span);
        let again = said.contains(&place) && rows.iter().any(|row| row.contains(place.1));
        said.push(place);
        !again
    }));
}

/// Asks each check by itself, and gives what they find.
fn ask(checks: &[Check], analysis: &Analysis<'_>, size: usize) -> Vec<Diagnostic> {
    let whole = analysis.model.header.as_ref().map_or(Span::new(analysis.model.file, 0, 0), |header| header.name.span);
    let ask = |check: &Check| {
        // Nothing of the check before is kept.
        analysis.make_room(size);
        analysis.isolated(whole, "what is asked of the whole workflow", || {
            let mut found = Vec::new();
            check(analysis, &mut found);
            found
        })
    };
    checks.iter().flat_map(ask).collect()
}

/// What is decided for all variants; asked only where the text and its names are clean.
/// `false` when tests and properties were not judged, because something before them is wrong.
pub fn of_variants(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) -> bool {
    let before = found.len();
    analysis.prepare();
    if analysis.decided().is_err() {
        conditions::report_too_large(analysis, found);
        return false;
    }
    let size = analysis.size();
    found.append(&mut ask(OF_CONDITIONS, analysis, size));
    let unreadable = items_of(analysis, &found[before..]);
    let mut proved = ask(OF_VARIANTS, analysis, size);
    // One fault, one report: nothing is said of an item, or of another one because of it, whose condition nobody can read.
    proved.retain(|found| {
        let mut places = found.related.iter().chain([&found.primary]);
        !places.any(|label| unreadable.iter().any(|item| item.contains(label.span)))
    });
    // What is claimed of items that nobody can read or get to would only say so again.
    // Nor would what is claimed of what is not there.
    let can_be_read = found[..before].iter().all(|found| !found.is_error()) && unreadable.is_empty();
    let judged = can_be_read && proved.iter().all(|found| *found.code != order::UNREACHABLE_ITEM);
    found.append(&mut proved);
    if judged {
        found.append(&mut ask(OF_CLAIMS, analysis, size));
    }
    say_once(analysis, found, before);
    conditions::report_undecided(analysis, found);
    judged
}

/// The innermost items in which there are errors.
fn items_of(analysis: &Analysis<'_>, found: &[Diagnostic]) -> Vec<Span> {
    let errors = found.iter().filter(|found| found.is_error()).map(|found| found.primary.span);
    let nodes = &analysis.model.nodes;
    errors.filter_map(|error| Some(nodes.iter().skip(1).rfind(|node| node.span.contains(error))?.span)).collect()
}
