//! The page of a code, and the book of all: made from the codes themselves, so that no word is written twice.

use std::borrow::Cow;
use std::fmt::Write;

use crate::codes;
use crate::diagnostic::{Code, nearest};
use crate::skill::lint;
use crate::{checks, emit, family, graph, model, registry, syntax};

codes! {
    NOT_CANONICAL: "WF090" "not-canonical" Warning = "A file is not written in the canonical form.",
        "There is one way to write each construct, so that a change shows what was meant and nothing else. `wf fmt` writes \
         it; `wf fmt --check` only tells.",
        bad: "", good: "";
    BUDGET_EXCEEDED: "WF904" "budget-exceeded" Warning = "A generated file is longer than it should be.",
        "SKILL.md is read whole whenever the skill is used, so it has 500 lines and 5,000 tokens (about four characters make \
         one); a reference is read when it is needed and has 400 lines. Prompts and texts for which the page of a phase has no \
         room move to files of their own by themselves; what is still too long is said by `wf build`. Shorten the sections of the \
         document, say it in the text of a phase, or make two phases of one.",
        bad: "", good: "";
    TEMPLATE_ERROR: "WF911" "template-error" Error = "A template of the project cannot be used.",
        "Files in `templates/` beside a workflow replace those that the compiler brings along. The marked line is not in the \
         template language, or asks for something that the workflow does not have. Nothing is written until it is mended.",
        bad: "", good: "";
    STALE_DOCUMENT: "WF912" "stale-document" Error = "A generated file is not what its workflow makes of it.",
        "Somebody changed the file instead of the workflow, or the workflow and did not build again. `wf build --check` \
         compares, names the first line that differs, and also finds documents that are missing or that no workflow makes \
         any more. Put the change into the workflow, then `wf build`.",
        bad: "", good: "";
    EDITED_DOCUMENT: "WF913" "edited-document" Error = "Somebody has edited a generated file.",
        "Every generated file holds a hash of itself, and this one does not fit any more. The next build would take the edit \
         away, so `wf build` refuses without `--force`, and `wf build --check` names each edit with the statement of the workflow \
         that the text came from, also where that stands in a workflow that this one extends. Make the edit there, then build \
         with `--force`: what the workflow says itself is not lost. A file that is only older than its workflow is a \
         `stale-document`.",
        bad: "", good: "";
    SAME_DOCUMENTS: "WF914" "same-documents" Error = "Two workflows of one build write the same files.",
        "The documents of a workflow stand in a folder, or a file, of its name. Of two workflows with one name only the last \
         would be left, so nothing is written. Rename one of them, or build them apart, each with its own `--out`.",
        bad: "", good: "";
}

/// The subjects of the codes, by how their ids begin.
const BANDS: &[(&str, &str)] = &[
    ("WF0", "Syntax"),
    ("WF1", "Names"),
    ("WF2", "Order"),
    ("WF3", "Facts and conditions"),
    ("WF4", "Skip rules"),
    ("WF5", "Gates"),
    ("WF6", "Artifacts"),
    ("WF7", "Agents and tools"),
    ("WF8", "Numbers"),
    ("WF9", "Prose and documents"),
    ("WFT", "Tests and properties"),
    ("SK0", "Skills: files and allowances"),
    ("SK1", "Skills: front matter"),
    ("SK2", "Skills: name and description"),
    ("SK3", "Skills: other keys"),
    ("SK4", "Skills: links"),
    ("SK5", "Skills: structure"),
    ("SK6", "Skills: the project around"),
    ("SK7", "Skills: the workflow inside"),
    ("SK8", "Skills: safety"),
];

/// Lines of examples beyond this are cut: they make their point by their length.
const MAX_LINE: usize = 100;

/// All codes, in the order of their ids.
pub fn codes() -> Vec<&'static Code> {
    let files = [
        syntax::CODES,
        family::CODES,
        family::EXTENDS_CODES,
        family::REQUIRED_CODES,
        registry::CODES,
        graph::CODES,
        emit::skill::CODES,
        CODES,
    ]
    .into_iter();
    let files = files.chain(model::CODES.iter().copied()).chain(checks::CODES.iter().copied());
    let mut codes: Vec<&Code> = files.flatten().copied().collect();
    codes.extend(lint::rules().into_iter().map(|rule| &rule.code));
    codes.sort_by_key(|code| code.id);
    codes
}

/// Codes with the subject they belong to, in the order of the book.
pub fn bands() -> Vec<(&'static str, &'static str, Vec<&'static Code>)> {
    let codes = codes();
    let of = |prefix: &str| codes.iter().copied().filter(|code| code.id.starts_with(prefix)).collect::<Vec<_>>();
    BANDS.iter().map(|(prefix, title)| (*prefix, *title, of(prefix))).filter(|(.., codes)| !codes.is_empty()).collect()
}

/// The code with this id or name, in any case of letters.
///
/// # Errors
/// The nearest id or name when there is none, if any is near.
pub fn find(query: &str) -> Result<&'static Code, Option<&'static str>> {
    let codes = codes();
    let is = |known: &str| known.eq_ignore_ascii_case(query);
    let found = codes.iter().find(|code| is(code.id) || is(code.name)).copied();
    // Ids differ by one digit from each other: the nearest one would be none that was meant.
    let looks_like_id = query.chars().any(|c| c.is_ascii_digit());
    let names = codes.iter().filter(|_| !looks_like_id).map(|code| code.name);
    found.ok_or_else(|| nearest(query, names))
}

/// An example with its overlong lines cut in the middle.
pub fn shortened(example: &str) -> Cow<'_, str> {
    if example.lines().all(|line| line.chars().count() <= MAX_LINE) {
        return Cow::Borrowed(example);
    }
    let cut = |line: &str| {
        let length = line.chars().count();
        if length <= MAX_LINE {
            return format!("{line}\n");
        }
        let side = MAX_LINE / 2 - 1;
        let start: String = line.chars().take(side).collect();
        let end: String = line.chars().skip(length - side).collect();
        format!("{start} … {end}\n")
    };
    Cow::Owned(example.lines().map(cut).collect())
}

/// The book of all codes, `docs/diagnostics.md`.
pub fn book() -> String {
    let mut text = String::from(
        "<!-- Generated by Gatewright from the codes in src/: BLESS=1 cargo test --test cli writes it again. -->\n\n\
         # Diagnostics\n\n\
         Each has a stable id and a name that says what is wrong. `wf explain WF001` and `wf explain syntax-error` show \
         the same page as this one. An **error** takes the workflow its meaning or breaks a promise; a **warning** leaves \
         it one, probably not the intended one; a **note** tells what was not looked at. The examples are run by the tests.\n",
    );
    for (prefix, title, codes) in bands() {
        let _ = write!(text, "\n## {prefix} {title}\n\n| id | name | | |\n|---|---|---|---|\n");
        for code in &codes {
            let Code { id, name, summary, severity, .. } = code;
            let _ = writeln!(text, "| [{id}](#{}) | {name} | {} | {summary} |", anchor(code), severity.name());
        }
        for code in codes {
            text.push('\n');
            text.push_str(&page(code));
        }
    }
    text
}

fn page(code: &Code) -> String {
    let Code { id, name, severity, summary, page, bad, good } = code;
    let mut text = format!("### {id} {name}\n\n**{}**: {summary}\n\n{}\n", severity.name(), page.trim());
    if let Some(origin) = origin(code) {
        let _ = writeln!(text, "\n{origin}");
    }
    for (title, example) in [("Fails", bad), ("Fixed", good)] {
        if !example.is_empty() {
            let example = visible(&shortened(example));
            let language = if lint::rule(code).is_some() { "text" } else { "wf" };
            let fence = fence_around(&example);
            let _ = write!(text, "\n{title}:\n\n{fence}{language}\n{}\n{fence}\n", example.trim_end());
        }
    }
    text
}

/// Where a rule of skills comes from, and who asks for it.
pub fn origin(code: &Code) -> Option<String> {
    let rule = lint::rule(code)?;
    Some(format!("Origin: {}. Profile: `{}`.", rule.origin.words(), rule.profile.name()))
}

/// The text with characters that cannot be seen, or that do something to what is around them, as `<U+200B>`.
pub fn visible(text: &str) -> String {
    let is_shown = |c: char| {
        c == '\n' || !(c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{FEFF}'))
    };
    text.chars().map(|c| if is_shown(c) { c.to_string() } else { format!("<U+{:04X}>", u32::from(c)) }).collect()
}

/// A fence that is longer than any in the text.
fn fence_around(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// The anchor of a page, as GitHub makes it from the heading.
fn anchor(code: &Code) -> String {
    format!("{}-{}", code.id.to_lowercase(), code.name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::compile;
    use crate::diagnostic::{self, Severity};
    use crate::source::SourceMap;

    #[test]
    fn ids_and_names_are_unique_and_in_bands() {
        let mut seen = HashSet::new();
        for code in codes() {
            assert!(seen.insert(code.id), "{} is used twice", code.id);
            assert!(seen.insert(code.name), "{} is used twice", code.name);
            assert!(BANDS.iter().any(|(prefix, _)| code.id.starts_with(prefix)), "{} is in no band", code.id);
            assert!(code.id.len() == 5, "{} is not as long as the others", code.id);
            assert!(code.summary.ends_with('.'), "the summary of {} is no sentence", code.id);
        }
        assert_eq!(bands().iter().map(|(.., codes)| codes.len()).sum::<usize>(), codes().len());
    }

    #[test]
    fn examples_do_what_they_say() {
        let mut faults = String::new();
        for code in codes() {
            if CODES.contains(&code) || NOT_AS_TEXT.contains(&code.id) {
                continue;
            }
            let found = said(code, code.bad);
            if found.is_empty() || found.iter().any(|(id, _)| *id != code.id) {
                let _ = writeln!(faults, "{} {}: bad gives {found:?}", code.id, code.name);
            }
            let mut found = said(code, code.good);
            found.retain(|(id, _)| code.severity > Severity::Note || *id == code.id);
            if !found.is_empty() {
                let _ = writeln!(faults, "{} {}: good gives {found:?}", code.id, code.name);
            }
        }
        assert!(faults.is_empty(), "\n{faults}");
    }

    /// What no text can show, or none that anybody wants to read: the cases of the corpus do.
    const NOT_AS_TEXT: [&str; 6] = ["SK002", "SK006", "SK207", "SK506", "SK507", "SK508"];

    /// What is said about the example of a rule of skills in its profile.
    fn said_of_skill(rule: &lint::Rule, example: &str) -> Vec<(&'static str, String)> {
        let mut sources = SourceMap::new();
        let parts = diagnostic::example(example, "example/SKILL.md");
        let parts: Vec<_> = parts.into_iter().map(|(path, text)| (path, sources.add(path, text))).collect();
        let mut files = crate::skill::Files::default();
        for (path, file) in parts {
            let text = &sources.get(file).text;
            let content = match path.ends_with(".md") {
                true => crate::skill::Content::Document(Box::new(crate::skill::Document::read(file, text))),
                false => crate::skill::Content::Text(file, text),
            };
            files.insert(path, content);
        }
        let settings = lint::Settings { profiles: [rule.profile].into(), ..lint::Settings::default() };
        lint::lint(&files, &settings).into_iter().map(|found| (found.code.id, found.message)).collect()
    }

    /// What is said about an example; notes only where the code is one itself.
    fn said(code: &Code, example: &str) -> Vec<(&'static str, String)> {
        if let Some(rule) = lint::rule(code) {
            return said_of_skill(rule, example);
        }
        let severity = code.severity;
        let (sources, file) = family::example(example);
        let mut found = compile::check(&sources, file).diagnostics;
        found.retain(|found| found.severity() >= severity.min(Severity::Warning));
        found.into_iter().map(|found| (found.code.id, found.message)).collect()
    }

    #[test]
    fn codes_are_found_by_id_and_name() {
        assert_eq!(find("wf001").map(|code| code.name), Ok("syntax-error"));
        assert_eq!(find("Syntax-Error").map(|code| code.id), Ok("WF001"));
        assert_eq!(find("sintax-error"), Err(Some("syntax-error")));
        assert_eq!(find("WF999"), Err(None));
    }

    #[test]
    fn long_lines_of_examples_are_cut() {
        assert_eq!(shortened("a\nb\n"), "a\nb\n");
        let long = format!("a\n{}\n", "(".repeat(300));
        assert_eq!(shortened(&long).lines().map(|line| line.chars().count()).max(), Some(101));
    }
}
