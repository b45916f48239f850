//! The YAML between the first two lines `---`, with a place for every key and value.
//!
//! What makes YAML dangerous is refused and said: anchors, deep nesting, more than a front matter can mean. Duplicate keys
//! are kept, for they are a finding and not the end of reading. `yes` and `no` are texts, as in YAML 1.2.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, Spanned};

use crate::source::{FileId, Span};

/// Nesting beyond this means nothing in a front matter.
const MAX_DEPTH: usize = 32;
/// More keys, values and items than any front matter has.
const MAX_NODES: usize = 10_000;

/// Front matter as it stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'s> {
    /// With the lines `---`; when nothing closes it, only the first line.
    pub span: Span,
    /// The YAML; empty when nothing closes it.
    pub content: Span,
    pub yaml: &'s str,
    pub is_closed: bool,
}

/// Front matter that could be read: a mapping, its entries in the order of the file, duplicates among them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FrontMatter {
    pub entries: Vec<Entry>,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub key: Node,
    pub value: Node,
}

/// A value with its place. The place of a list or mapping is where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// How it is written says the source at its place.
    Number,
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// Why a front matter cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub span: Span,
    pub kind: FaultKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Not YAML, in the words of the parser.
    Syntax(String),
    /// YAML, but a list or a text instead of keys with values.
    NoMapping,
    Anchor,
    /// Too deep or too large.
    Budget,
}

impl Value {
    /// What it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Number => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }
}

impl Node {
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl FrontMatter {
    /// The first entry with this key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key.text() == Some(key))
    }

    /// The value of a key that is a text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.text()
    }

    /// The names that a key lists: a text with commas or blanks between them, or a list of texts. What stands in brackets
    /// belongs to the name before it, as in `Bash(git *)`.
    pub fn names(&self, key: &str) -> Vec<&str> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        match &entry.value.value {
            Value::Text(text) => words(text),
            Value::List(items) => items.iter().filter_map(Node::text).map(str::trim).collect(),
            _ => Vec::new(),
        }
    }
}

/// The words of a text that commas or blanks part, those in brackets kept together.
pub fn words(text: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = text.split(|c: char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (c == ',' || c.is_whitespace())
    });
    parts.filter(|part| !part.is_empty()).collect()
}

/// The front matter of a text, and where its body begins.
pub fn split(file: FileId, text: &str) -> (Option<Block<'_>>, usize) {
    let start = text.len() - text.trim_start_matches('\u{FEFF}').len();
    let place = |start, end| Span::new(file, start, end);
    let is_fence = |line: &str| line.trim_end() == "---";
    let mut at = start;
    let mut content = None;
    for line in text[start..].split_inclusive('\n') {
        match content {
            None if is_fence(line) => content = Some(at + line.len()),
            None => return (None, start),
            Some(from) if is_fence(line) => {
                let end = at + line.trim_end().len();
                let block =
                    Block { span: place(start, end), content: place(from, at), yaml: &text[from..at], is_closed: true };
                return (Some(block), at + line.len());
            }
            Some(_) => {}
        }
        at += line.len();
    }
    let open = content.map(|from| Block {
        span: place(start, start + text[start..from].trim_end().len()),
        content: place(from, from),
        yaml: "",
        is_closed: false,
    });
    (open, start)
}

/// Reads a front matter; an empty one has no entries.
///
/// # Errors
/// What is wrong with it: one fault, since nothing behind it can be trusted.
pub fn read(block: &Block<'_>) -> Result<FrontMatter, Fault> {
    if block.yaml.trim().is_empty() {
        return Ok(FrontMatter::default());
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_anchors: 0,
            max_aliases: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        ignore_binary_tag_for_string: true,
        with_snippet: false,
    };
    let read: Spanned<Raw> =
        serde_saphyr::from_str_with_options(block.yaml, options).map_err(|error| fault(block, &error))?;
    let node = placed(block, read);
    match node.value {
        Value::Map(entries) => Ok(FrontMatter { entries }),
        // Comments alone.
        Value::Null => Ok(FrontMatter::default()),
        _ => Err(Fault { span: node.span, kind: FaultKind::NoMapping }),
    }
}

fn fault(block: &Block<'_>, error: &Error) -> Fault {
    let error = error.without_snippet();
    let span = error.location().map_or(block.content, |location| span(block, location));
    let kind = match error {
        Error::Budget { breach, .. } => match breach {
            serde_saphyr::budget::BudgetBreach::Anchors { .. } | serde_saphyr::budget::BudgetBreach::Aliases { .. } => {
                FaultKind::Anchor
            }
            _ => FaultKind::Budget,
        },
        // The scanner has limits of its own, and only words for them.
        error => match error.to_string() {
            words if words.contains("recursion limit") => FaultKind::Budget,
            words => FaultKind::Syntax(words),
        },
    };
    Fault { span, kind }
}

/// The place of a part of the YAML in its file.
fn span(block: &Block<'_>, location: Location) -> Span {
    let clamp = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX).min(block.yaml.len());
    // Errors of the scanner know the line and column only.
    let start = location.span().byte_offset().filter(|_| location.span().byte_len() != Some(0));
    let start = start.map_or_else(|| offset(block.yaml, location), clamp);
    let end = location.span().byte_len().map_or(start, |length| clamp(start as u64 + length));
    let boundary = |mut at: usize| {
        while !block.yaml.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (start, end) = (boundary(start), boundary(end));
    let end = start + block.yaml[start..end].trim_end().len();
    let base = block.content.range().start;
    Span::new(block.content.file, base + start, base + end)
}

/// The offset of a line and column, both counted from 1 in characters.
fn offset(text: &str, location: Location) -> usize {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(1);
    let before = count(location.line());
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    let column = line.char_indices().nth(count(location.column())).map_or(line.len(), |(at, _)| at);
    start + column
}

fn placed(block: &Block<'_>, raw: Spanned<Raw>) -> Node {
    let entries = |entries: Vec<(Spanned<Raw>, Spanned<Raw>)>| {
        entries.into_iter().map(|(key, value)| Entry { key: placed(block, key), value: placed(block, value) }).collect()
    };
    let value = match raw.value {
        Raw::Null => Value::Null,
        Raw::Bool(value) => Value::Bool(value),
        Raw::Number => Value::Number,
        Raw::Text(text) => Value::Text(text),
        Raw::List(items) => Value::List(items.into_iter().map(|item| placed(block, item)).collect()),
        Raw::Map(map) => Value::Map(entries(map)),
    };
    Node { span: span(block, raw.referenced), value }
}

/// What the parser hands over; its places are those of the YAML alone.
enum Raw {
    Null,
    Bool(bool),
    Number,
    Text(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Raw, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Raw::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn front(text: &str) -> Result<FrontMatter, Fault> {
        let (block, _) = split(FileId::FIRST, text);
        read(&block.expect("there is one"))
    }

    #[test]
    fn every_key_and_value_has_its_place() {
        let text = "---\nname: größe\ndescription: \"a: b\"\nlist:\n  - one\n  - two\nmeta: {version: \"1\", n: 2}\n---\n# Body\n";
        let read = front(text).unwrap();
        let source = |node: &Node| &text[node.span.range()];
        let shown: Vec<(&str, &str)> =
            read.entries.iter().map(|entry| (source(&entry.key), source(&entry.value))).collect();
        assert_eq!(shown[0], ("name", "größe"));
        assert_eq!(shown[1], ("description", "\"a: b\""));
        assert_eq!(read.text("description"), Some("a: b"));
        let Value::List(items) = &read.get("list").unwrap().value.value else { panic!("a list") };
        assert_eq!(items.iter().map(source).collect::<Vec<_>>(), ["one", "two"]);
        let Value::Map(meta) = &read.get("meta").unwrap().value.value else { panic!("a mapping") };
        assert_eq!(meta.iter().map(|entry| source(&entry.value)).collect::<Vec<_>>(), ["\"1\"", "2"]);
        assert_eq!(split(FileId::FIRST, text).1, text.find("# Body").unwrap());
    }

    #[test]
    fn yes_is_a_text_and_duplicates_stay() {
        let read = front("---\nname: yes\nname: no\nflag: true\nempty:\n---\n").unwrap();
        let values: Vec<&Value> = read.entries.iter().map(|entry| &entry.value.value).collect();
        assert_eq!(values[..3], [&Value::Text("yes".into()), &Value::Text("no".into()), &Value::Bool(true)]);
        assert_eq!(values[3], &Value::Null);
    }

    #[test]
    fn an_unquoted_colon_is_a_fault_at_its_place() {
        let text = "---\nname: a\ndescription: Use this: always\n---\n";
        let fault = front(text).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::Syntax(_)), "{fault:?}");
        assert_eq!(text[..fault.span.range().start].matches('\n').count(), 2, "{fault:?}");
    }

    #[test]
    fn bombs_are_refused() {
        let deep = format!("---\na: {}{}\n---\n", "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(front(&deep).unwrap_err().kind, FaultKind::Budget);
        let nested: String = (0..5_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
        assert_eq!(front(&format!("---\n{nested}---\n")).unwrap_err().kind, FaultKind::Budget);
        let bomb = "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n---\n";
        assert_eq!(front(bomb).unwrap_err().kind, FaultKind::Anchor);
    }

    #[test]
    fn front_matter_begins_in_the_first_line() {
        assert_eq!(split(FileId::FIRST, "# Title\n---\n"), (None, 0));
        assert_eq!(split(FileId::FIRST, ""), (None, 0));
        let (block, body) = split(FileId::FIRST, "\u{FEFF}---\r\nname: a\r\n---\r\nx");
        assert_eq!((block.unwrap().yaml, body), ("name: a\r\n", 22));
        let (block, body) = split(FileId::FIRST, "---\nname: a\n");
        assert_eq!((block.unwrap().is_closed, body), (false, 0));
    }

    #[test]
    fn names_are_listed_in_three_ways() {
        let read = front("---\na: Read, Bash(git add, git rm) Write\nb: [Read, Write]\nc:\n  - Read\n---\n").unwrap();
        assert_eq!(read.names("a"), ["Read", "Bash(git add, git rm)", "Write"]);
        assert_eq!(read.names("b"), ["Read", "Write"]);
        assert_eq!(read.names("c"), ["Read"]);
    }
}
