//! Texts, prompts, options, rows and requirements: each applies in some variant in which what it stands in runs.

use rustc_hash::FxHashMap;

use super::skips::because;
use super::undecided::asked;
use crate::analysis::{Analysis, Role, Site};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE};
use crate::source::Span;

codes! {
    DEAD_PART: "WF409" "dead-part" Error = "A text, prompt, option, row or requirement applies in no variant.",
        "Its condition can hold by itself, but not where it is looked at: what it stands in, or the gates before it, exclude it. A \
         row of a shared route and an item of a procedure are dead when they apply in none of their places.",
        bad: "workflow w\n\nfact large: bool\n\nphase triage {\n  decides large\n}\n\nphase build when large {\n  spawn worker \"Build it\" {\n    prompt when not large \"Be quick.\"\n  }\n}\n\nphase ship\n",
        good: "workflow w\n\nfact large: bool\n\nphase triage {\n  decides large\n}\n\nphase build {\n  spawn worker \"Build it\" {\n    prompt when not large \"Be quick.\"\n  }\n}\n\nphase ship\n";
}

/// The condition of each part can hold where the part is looked at. One that is looked at in several places, as a row of a
/// shared route or an item of a procedure, is dead when it can hold in none of them.
pub fn conditions_of_parts_matter(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let mut places: FxHashMap<Span, Option<Site<'_>>> = FxHashMap::default();
    let mut order = Vec::new();
    analysis.sites(&mut |site| {
        if part(site.role).is_none() {
            return;
        }
        let first = places.entry(site.condition.span).or_insert_with(|| {
            order.push(site.condition.span);
            Some(site)
        });
        if first.is_some() && may_apply(analysis, &site) {
            *first = None;
        }
    });
    found.extend(order.iter().filter_map(|span| Some(dead(analysis, &places[span].as_ref().copied()?))));
}

/// What is said of a part whose condition can never hold.
fn part(role: Role) -> Option<&'static str> {
    match role {
        Role::Text => Some("this text is shown in no variant"),
        Role::Prompt => Some("this prompt is used in no variant"),
        Role::Option => Some("this option is offered in no variant"),
        Role::Route => Some("this row is taken in no variant"),
        Role::Item => Some("this is asked for in no variant"),
        _ => None,
    }
}

/// What is never looked at, or can never hold by itself, is said of something else.
fn may_apply(analysis: &Analysis<'_>, site: &Site<'_>) -> bool {
    let (looked_at, holds) = (asked(analysis, site), holds(analysis, site));
    let at = if site.role.is_final() { Position::Before(site.node) } else { site.at };
    holds == FALSE
        || analysis.within_reach(looked_at, at) == FALSE
        || analysis.within_reach(analysis.and(looked_at, holds), at) != FALSE
}

fn holds(analysis: &Analysis<'_>, site: &Site<'_>) -> Diagram {
    match site.role.is_final() {
        true => analysis.holds_finally(site.condition),
        false => analysis.holds(site.condition, site.at),
    }
}

fn dead(analysis: &Analysis<'_>, site: &Site<'_>) -> Diagnostic {
    let span = site.condition.span;
    let message = format!("`{}` never holds here", analysis.model.written(span));
    let diagnostic = Diagnostic::new(&DEAD_PART, span, message).label(part(site.role).unwrap_or_default());
    let excluded = analysis.and(asked(analysis, site), holds(analysis, site));
    because(analysis, diagnostic, excluded, site.node, site.node)
        .help("look at this condition and at what surrounds it: the two exclude each other")
}
