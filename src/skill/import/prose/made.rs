//! Files that `wf build` made: which part of them is the user's text, and what is said again by the declarations.

use super::super::super::folder::{MAIN, name as file_name};
use super::super::write;
use super::{File, Pages};
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

/// The parts of a generated file that the user wrote.
pub fn texts(file: &File<'_, '_>) -> Vec<Span> {
    if file.path != MAIN {
        return if page(file).is_some() { Vec::new() } else { vec![text(file)] };
    }
    let document = file.document;
    let titled = |index: &usize| !is_section(&document.headings[*index].content.text);
    super::sections(document).into_iter().filter(titled).map(|index| document.section(index)).collect()
}

/// Whether a title is one that the generated `SKILL.md` has.
pub fn is_section(title: &str) -> bool {
    SECTIONS.contains(&title)
}

/// The generated page that a file is.
pub fn page(file: &File<'_, '_>) -> Option<&'static str> {
    let of_path = PAGES.iter().find(|(path, _)| *path == file.path);
    of_path.filter(|_| file.is_generated).map(|(_, page)| *page)
}

/// What a file is called as a procedure; nothing where it is generated and none.
pub fn procedure(file: &File<'_, '_>) -> Option<String> {
    let stem = file_name(&file.path);
    let stem = stem.strip_suffix(".md").unwrap_or(stem);
    match file.is_generated {
        true => stem.strip_prefix("procedure-").map(str::to_owned),
        false => Some(write::kebab(stem).unwrap_or_else(|| "page".to_owned())),
    }
}

/// The phase that a text belongs to which its page had no room for.
pub fn aside_of(file: &File<'_, '_>, pages: &Pages) -> Option<usize> {
    let is_text = file.is_generated && file.path.starts_with("references/texts/");
    let back = file.document.links.first().filter(|_| is_text)?;
    let path = super::resolve(super::parent(&file.path), back.parts().0)?;
    pages.phases.get(&path).copied()
}

/// The part of a generated file that the user wrote.
pub fn text(file: &File<'_, '_>) -> Span {
    let document = file.document;
    let whole = document.span();
    let end_of =
        |title: &str| document.headings.iter().rfind(|heading| heading.level == 2 && heading.content.text == title);
    let paragraph_after = |at: u32| {
        let next = document.paragraphs.iter().find(|paragraph| paragraph.content.span.start >= at);
        next.map_or(whole.end, |paragraph| paragraph.content.span.end)
    };
    if file.path.starts_with("references/texts/") {
        let start = document.links.first().map_or(whole.end, |back| paragraph_after(back.span.start.saturating_sub(8)));
        return Span {
            start: start.max(document.links.first().map_or(0, |back| back.span.end + 1)).min(whole.end),
            ..whole
        };
    }
    if file_name(&file.path).starts_with("procedure-") {
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
