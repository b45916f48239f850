//! SK1: the front matter as YAML, whatever its keys mean.

use super::declare_rules;
use crate::diagnostic::Diagnostic;
use crate::skill::Skill;
use crate::skill::front_matter::{Block, Entry, Fault, FaultKind, FrontMatter, Node, Value};
use crate::source::Span;

declare_rules! {
    FRONT_MATTER_MISSING: "SK101" "front-matter-missing" Error Spec Specification = "A SKILL.md has no front matter.",
        "Name and description stand between two lines `---` at the very start; they are all that an agent knows of a skill before \
         it uses it.",
        bad: "# Deploying\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Deploying\n";
    FRONT_MATTER_UNCLOSED: "SK102" "front-matter-unclosed" Error Spec Specification = "Nothing closes the front matter.",
        "It ends with a line of exactly `---`. Without it the whole file is front matter to some readers and none to others.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n\n# Deploying\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n\n# Deploying\n";
    NOT_YAML: "SK103" "not-yaml" Error Spec Specification = "The front matter is not YAML, or not a list of keys with values.",
        "Most often a value holds `: ` or ` #` and needs quotes. A skill whose front matter cannot be read is not offered to the agent.",
        bad: "---\nname: example\ndescription: Deploys the site. Use this: when a release is due.\n---\n",
        good: "---\nname: example\ndescription: \"Deploys the site. Use this: when a release is due.\"\n---\n";
    DUPLICATE_KEY: "SK104" "duplicate-key" Error Spec Specification = "A key stands in the front matter twice.",
        "YAML forbids it, and readers differ: some take the first value, some the last, some refuse the file.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\ndescription: Ships the site.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    YAML_ANCHOR: "SK105" "yaml-anchor" Error Spec Project = "The front matter uses an anchor or an alias.",
        "`&name` and `*name` copy parts of YAML, a hundred million times if somebody wants that. Readers of front matter refuse them, \
         and so does this one. Write the value where it is meant; quote a text that begins with `&` or `*`.",
        bad: "---\nname: example\ndescription: &text Deploys the site. Use when a release is due.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    FRONT_MATTER_TOO_LARGE: "SK106" "front-matter-too-large" Error Spec Project = "The front matter is nested too deeply, or has too many parts.",
        "A front matter has a handful of keys. One of more than 32 levels or 10,000 parts is not meant to be read, and was not.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nmetadata: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    AMBIGUOUS_VALUE: "SK107" "ambiguous-value" Warning Spec Specification = "A text is written in a way that some readers take for something else.",
        "`yes`, `no`, `on` and `off` are texts in YAML 1.2 and booleans in YAML 1.1, which many readers still speak. Quotes make it \
         a text everywhere.",
        bad: "== yes/SKILL.md ==\n---\nname: yes\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== yes/SKILL.md ==\n---\nname: \"yes\"\ndescription: Deploys the site. Use when a release is due.\n---\n";
}

/// What YAML 1.1 takes for a boolean and YAML 1.2 does not.
const BOOLEANS_OF_1_1: [&str; 6] = ["yes", "no", "on", "off", "y", "n"];

pub fn check(skill: &Skill<'_, '_>, read: &Result<FrontMatter, Option<Fault>>, found: &mut Vec<Diagnostic>) {
    match (&skill.main.front_matter, read) {
        (None, _) => {
            let first_line = skill.main.text.lines().next().unwrap_or_default();
            let span = skill.main.place(0..first_line.len());
            let help = "begin the file with `---`, `name`, `description` and `---`, a line each";
            found.push(Diagnostic::new(&FRONT_MATTER_MISSING.code, span, "there is no front matter").help(help));
        }
        (Some(block), _) if !block.is_closed => {
            let message = "nothing closes the front matter that begins here";
            found.push(
                Diagnostic::new(&FRONT_MATTER_UNCLOSED.code, block.span, message).help("end it with a line `---`"),
            );
        }
        (Some(block), Err(Some(fault))) => found.push(unreadable(block, fault)),
        (Some(block), Ok(matter)) => {
            duplicates(&matter.entries, found);
            matter.entries.iter().for_each(|entry| ambiguous(block, entry, found));
        }
        (Some(_), Err(None)) => {}
    }
}

fn unreadable(block: &Block<'_>, fault: &Fault) -> Diagnostic {
    let span = fault.span;
    match &fault.kind {
        FaultKind::NoMapping => {
            let message = "the front matter has no keys with values";
            Diagnostic::new(&NOT_YAML.code, span, message).help("write `key: value`, a line each")
        }
        FaultKind::Anchor => Diagnostic::new(&YAML_ANCHOR.code, span, "the front matter uses an anchor or an alias")
            .help("write the value where it is meant, or quote a text that begins with `&` or `*`"),
        FaultKind::Budget => {
            let message = "the front matter is nested too deeply or has too many parts, and was not read";
            Diagnostic::new(&FRONT_MATTER_TOO_LARGE.code, span, message)
                .help("keep what is that large in a file of its own")
        }
        FaultKind::Syntax(words) => {
            let message = format!("the front matter is not YAML: {}", without_place(words));
            let diagnostic = Diagnostic::new(&NOT_YAML.code, span, message);
            match unquoted(block, span) {
                Some((value, quoted)) => {
                    diagnostic.help("quote a value that holds `: ` or ` #`").fix("quote the value", value, quoted)
                }
                None => diagnostic.help("see the line: most often a quote or an indent is missing"),
            }
        }
    }
}

/// The parser's words without the place at their end, which is shown anyway.
fn without_place(words: &str) -> &str {
    words.rfind(" at line ").map_or(words, |at| &words[..at]).trim_end_matches([',', ' '])
}

/// The value of the line of a fault, if `key: value` with another `: ` in it is what went wrong, and the value in quotes.
fn unquoted(block: &Block<'_>, fault: Span) -> Option<(Span, String)> {
    let base = block.content.range().start;
    let at = fault.range().start.checked_sub(base)?.min(block.yaml.len());
    let start = block.yaml[..at].rfind('\n').map_or(0, |end| end + 1);
    let line = block.yaml[start..].lines().next()?;
    let (key, value) = line.split_once(": ")?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let value_start = line.len() - value.trim_start().len();
    let value = value.trim();
    let is_plain = !value.starts_with(['"', '\'', '[', '{', '|', '>', '&', '*', '!', '%', '@', '`']);
    // A value that goes on in the next line would be cut.
    let next = block.yaml[start + line.len()..].trim_start_matches('\r').get(1..).unwrap_or_default();
    let goes_on = next.starts_with([' ', '\t']);
    (is_key && is_plain && !goes_on && value.contains(": ")).then(|| {
        (Span::new(fault.file, base + start + value_start, base + start + value_start + value.len()), quoted(value))
    })
}

/// A text in double quotes of YAML.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn duplicates(entries: &[Entry], found: &mut Vec<Diagnostic>) {
    for (index, entry) in entries.iter().enumerate() {
        let is_same = |other: &&Entry| other.key.text().is_some() && other.key.text() == entry.key.text();
        if let (Some(first), Some(key)) = (entries[..index].iter().find(is_same), entry.key.text()) {
            let message = format!("the key `{key}` stands here a second time");
            found.push(
                Diagnostic::new(&DUPLICATE_KEY.code, entry.key.span, message)
                    .related(first.key.span, "first here")
                    .help("keep one of them"),
            );
        }
        if let Value::Map(entries) = &entry.value.value {
            duplicates(entries, found);
        }
    }
}

/// Texts of the keys that hold texts, written without quotes and a boolean to others.
fn ambiguous(block: &Block<'_>, entry: &Entry, found: &mut Vec<Diagnostic>) {
    let is_of_text =
        entry.key.text().is_some_and(|key| ["name", "description", "license", "compatibility"].contains(&key));
    let nested: &[Entry] = match &entry.value.value {
        Value::Map(entries) if entry.key.text() == Some("metadata") => entries,
        _ => &[],
    };
    let values = is_of_text.then_some(&entry.value).into_iter().chain(nested.iter().map(|entry| &entry.value));
    for value in values {
        let source = source(block, value);
        if is_ambiguous(source) {
            let message = format!("`{source}` is a boolean to readers of YAML 1.1");
            found.push(Diagnostic::new(&AMBIGUOUS_VALUE.code, value.span, message).fix(
                "quote it",
                value.span,
                quoted(source),
            ));
        }
    }
}

/// Whether readers of YAML 1.1 take a plain text for a boolean.
pub fn is_ambiguous(source: &str) -> bool {
    BOOLEANS_OF_1_1.iter().any(|word| source.eq_ignore_ascii_case(word))
}

/// A value as it is written.
pub fn source<'s>(block: &Block<'s>, node: &Node) -> &'s str {
    let base = block.content.range().start;
    let range = node.span.range();
    range.start.checked_sub(base).and_then(|start| block.yaml.get(start..range.end - base)).unwrap_or_default()
}
