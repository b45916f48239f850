//! Files that `wf build` made: which part of them is the user's text, and which is said by the declarations.

use super::document::Document;
use super::folder::{MAIN, name as file_name};
use crate::source::Span;

/// The titles of generated sections of `SKILL.md`.
pub const SECTIONS: &[&str] = &[
    "Quick Reference",
    "Before You Begin",
    "Configuration",
    "Critical Rules",
    "Emergency Abort",
    "Agents Spawned",
    "Output Directory Structure",
    "Rationalization Prevention",
    "Integration",
    "Exit Criteria",
    "References",
    "Related Skills",
];

/// Generated pages, and what a link to them is called.
const PAGES: &[(&str, &str)] = &[
    ("references/gates.md", "gates"),
    ("references/checkpoints.md", "checkpoints"),
    ("references/agent-matrix.md", "agents"),
    ("references/error-recovery.md", "recovery"),
    ("references/limits.md", "limits"),
    ("references/rationalizations.md", "rationalizations"),
    ("references/exit-criteria.md", "exit"),
];

/// The parts of a generated file that the user wrote; its path is that below the folder of the skill.
pub fn texts(path: &str, document: &Document<'_>) -> Vec<Span> {
    if path != MAIN {
        return if page(path).is_some() { Vec::new() } else { vec![text(path, document)] };
    }
    let titled = |index: &usize| !is_section(&document.headings[*index].content.text);
    document.outer_sections().into_iter().filter(titled).map(|index| document.section(index)).collect()
}

/// Whether a title is one that the generated `SKILL.md` has.
pub fn is_section(title: &str) -> bool {
    SECTIONS.contains(&title)
}

/// What a link to a generated page is called.
pub fn page(path: &str) -> Option<&'static str> {
    PAGES.iter().find(|(known, _)| *known == path).map(|(_, page)| *page)
}

/// The part of a generated file that the user wrote.
pub fn text(path: &str, document: &Document<'_>) -> Span {
    let whole = document.span();
    let end_of =
        |title: &str| document.headings.iter().rfind(|heading| heading.level == 2 && heading.content.text == title);
    let paragraph_after = |at: u32| {
        let next = document.paragraphs.iter().find(|paragraph| paragraph.content.span.start >= at);
        next.map_or(whole.end, |paragraph| paragraph.content.span.end)
    };
    if path.starts_with("references/texts/") {
        let start = document.links.first().map_or(whole.end, |back| paragraph_after(back.span.start.saturating_sub(8)));
        return Span {
            start: start.max(document.links.first().map_or(0, |back| back.span.end + 1)).min(whole.end),
            ..whole
        };
    }
    if file_name(path).starts_with("procedure-") {
        let rule = document.headings.iter().find(|heading| heading.level == 2 && heading.content.text == "Override");
        let start = rule.map_or(whole.end, |rule| paragraph_after(rule.span.end));
        return Span { start: start.min(whole.end), ..whole };
    }
    let next = end_of("Next Phase").map_or(whole.end, |heading| heading.span.start);
    let behind = |title: &str, next: u32| {
        end_of(title).map(|heading| heading.span.start).filter(|start| {
            *start < next
                && !document
                    .headings
                    .iter()
                    .any(|other| other.level <= 2 && other.span.start > *start && other.span.start < next)
        })
    };
    let end = behind("Checklist", next).unwrap_or(next);
    let end = behind("Blocked Agents", end).unwrap_or(end);
    let is_step = |title: &str| title.starts_with("Step ") && title.contains(": ");
    let exit =
        document.headings.iter().position(|heading| heading.level == 2 && heading.content.text == "Exit Criteria");
    let first = exit.and_then(|exit| {
        let behind = document.headings[exit + 1..].iter();
        behind.filter(|heading| heading.level <= 2).find(|heading| !is_step(&heading.content.text))
    });
    let start = match first {
        Some(first) if first.content.text == "Details" => first.span.end,
        Some(first) => first.span.start,
        None => end,
    };
    Span { start: start.min(end), end, ..whole }
}
