//! What a document refers to by name instead of by link: files that it has read, skills, agents.

use memchr::memmem;

use super::document::Document;
use crate::source::Span;

/// What is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `Read('.claude/skills/x/SKILL.md')`
    File,
    /// `Skill("x")`, `skill: "x"`
    Skill,
    /// `Task("x", …)`, `subagent_type: "x"`, or in a column of agents.
    Agent,
}

/// A name with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'s> {
    pub kind: Kind,
    pub target: &'s str,
    /// Of the target, without quotes.
    pub span: Span,
    /// Part of it is yet to be filled in: `{skill-name}`, `...`, `<path>`.
    pub is_placeholder: bool,
}

/// How calls are written: the word before the name, whether it opens a call, and what it names.
const FORMS: [(&str, Kind); 6] = [
    ("Read(", Kind::File),
    ("Skill(", Kind::Skill),
    ("skill:", Kind::Skill),
    ("Task(", Kind::Agent),
    ("Agent(", Kind::Agent),
    ("subagent_type", Kind::Agent),
];

/// The titles of columns that hold agents.
const AGENT_COLUMNS: [&str; 4] = ["agent", "agents", "agent type", "subagent"];

/// All references by name, in the order of the text. Where the name is no name (a sentence, a variable), there is none.
pub fn references<'s>(document: &Document<'s>) -> Vec<Reference<'s>> {
    let mut found: Vec<Reference<'s>> = FORMS.iter().flat_map(|(form, kind)| calls(document, form, *kind)).collect();
    found.extend(in_tables(document));
    found.sort_by_key(|reference| reference.span);
    // `Skill(skill: "x")` is found by both words.
    found.dedup_by_key(|reference| reference.span);
    found
}

/// What a text may say is to be read: all that is quoted behind `Read(`, wherever it stands.
pub fn read_calls(text: &str) -> impl Iterator<Item = &str> {
    let (form, _) = FORMS[0];
    memmem::find_iter(text.as_bytes(), form).filter_map(move |at| {
        let behind = &text[at + form.len()..];
        quoted(behind, form).map(|quote| &behind[quote])
    })
}

fn calls<'s>(document: &Document<'s>, form: &'static str, kind: Kind) -> impl Iterator<Item = Reference<'s>> {
    let text = document.text;
    let body = document.front_matter.map_or(0, |block| block.span.range().end);
    memmem::find_iter(text.as_bytes(), form).filter_map(move |at| {
        let is_inside_a_word = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        if at < body || is_inside_a_word {
            return None;
        }
        let behind = at + form.len();
        let quote = quoted(&text[behind..], form)?;
        let (start, end) = (behind + quote.start, behind + quote.end);
        let target = &text[start..end];
        let is_placeholder = is_placeholder(target);
        let fits = match kind {
            Kind::File => target.contains('/') || target.contains('.'),
            Kind::Skill | Kind::Agent => target.chars().all(|c| c.is_alphanumeric() || "-_:".contains(c)),
        };
        let is_placeholder = is_placeholder || kind != Kind::File && is_stand_in(target);
        (fits || is_placeholder).then(|| Reference { kind, target, span: document.place(start..end), is_placeholder })
    })
}

/// The quoted text that follows a form directly, or behind the name of the argument.
fn quoted(rest: &str, form: &str) -> Option<std::ops::Range<usize>> {
    let skip = |text: &str| text.len() - text.trim_start_matches([' ', '(', '{', '\n', '\t', ':', '=']).len();
    let mut at = if form.ends_with('(') { 0 } else { skip(rest) };
    for argument in ["skill", "{ skill", "subagent_type", "file_path", "path"] {
        if rest[at..].starts_with(argument) {
            at += argument.len();
            at += skip(&rest[at..]);
        }
    }
    let quote = rest[at..].chars().next().filter(|quote| "\"'`".contains(*quote))?;
    let length = rest[at + 1..].find([quote, '\n']).filter(|length| rest[at + 1 + length..].starts_with(quote))?;
    Some(at + 1..at + 1 + length).filter(|range| !range.is_empty())
}

/// The names in columns of agents: words with hyphens, as agents are called.
fn in_tables<'s>(document: &Document<'s>) -> Vec<Reference<'s>> {
    let columns = [&AGENT_COLUMNS[..]];
    let mut found = Vec::new();
    for (table, columns) in document.tables_with(&columns) {
        let cells = table.rows.iter().filter_map(|row| row.cells.get(columns[0]));
        for span in cells.flat_map(|cell| hyphenated(document, cell.span)) {
            found.push(Reference { kind: Kind::Agent, target: document.source(span), span, is_placeholder: false });
        }
    }
    found
}

/// The words of a place that have a hyphen, in lower case: `a-b`. Those that are part of something longer (a path, a
/// placeholder) are none.
fn hyphenated<'d>(document: &'d Document<'_>, place: Span) -> impl Iterator<Item = Span> + 'd {
    let source = document.source(place);
    let base = place.range().start;
    let is_part = |c: char| c.is_alphanumeric() || "-_/.{}<>$".contains(c);
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < source.len() {
            let start = at + source[at..].find(is_part)?;
            let end = source[start..].find(|c| !is_part(c)).map_or(source.len(), |length| start + length);
            at = end;
            if is_kebab(&source[start..end]) {
                return Some(document.place(base + start..base + end));
            }
        }
        None
    })
}

fn is_kebab(word: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    word.contains('-') && word.split('-').all(is_part)
}

/// `name`, `your-skill`, `example-agent`: words that stand for whatever name.
fn is_stand_in(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "name", "skill", "agent", "command", "the", "your", "my", "a", "some", "other", "library", "core", "example",
        "type", "x", "foo",
    ];
    name.split(['-', '_']).all(|part| WORDS.contains(&part.to_ascii_lowercase().as_str()))
}

/// Whether part of a name or path is yet to be filled in.
pub fn is_placeholder(target: &str) -> bool {
    target.contains(['{', '}', '<', '>', '[', ']', '$', '*', '…', '|']) || target.contains("...")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn found(text: &str) -> Vec<(Kind, &str, bool)> {
        let document = Document::read(FileId::FIRST, text);
        references(&document).into_iter().map(|found| (found.kind, found.target, found.is_placeholder)).collect()
    }

    #[test]
    fn calls_name_what_they_call() {
        assert_eq!(
            found("`Read('a/b/SKILL.md')` and Skill(\"x-build\")"),
            [(Kind::File, "a/b/SKILL.md", false), (Kind::Skill, "x-build", false),]
        );
        assert_eq!(found("```\nTask(subagent_type: \"z-z\", prompt: \"…\")\n```"), [(Kind::Agent, "z-z", false)]);
        assert_eq!(
            found("Skill(skill: \"deploy\") or skill: \"{name}\""),
            [(Kind::Skill, "deploy", false), (Kind::Skill, "{name}", true),]
        );
    }

    #[test]
    fn what_is_no_name_is_none() {
        assert_eq!(found("Task(\"Write the unit tests\") Read(file) MySkill(\"x\") the skill: a good one"), []);
        assert_eq!(found("Read('unclosed.md"), []);
        assert_eq!(found("Skill(\"skill-name\")"), [(Kind::Skill, "skill-name", true)]);
    }

    #[test]
    fn agents_stand_in_columns_of_agents() {
        let text = "| Phase | Agent |\n|---|---|\n| 1 | `code-writer` + test-writer (×3) |\n| 2 | {domain}-lead |\n| a-b | Explore |\n";
        assert_eq!(found(text), [(Kind::Agent, "code-writer", false), (Kind::Agent, "test-writer", false)]);
    }
}
