//! Source texts, places in them, and the way from a byte offset to a line and column.
//!
//! Everything below `render` and `cli` speaks of bytes; lines and columns exist only where something is shown.

use std::collections::{HashMap, HashSet};
use std::num::NonZeroU16;
use std::ops::Range;
use std::sync::OnceLock;

/// Which text of a [`SourceMap`] a span points into. Counted from one within, so that a place that may be missing takes
/// no more room than one that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(NonZeroU16);

impl FileId {
    /// The text that was added first, or the only one.
    pub const FIRST: FileId = FileId(NonZeroU16::MIN);

    /// # Panics
    /// From 65,535 texts on: far above what a call reads.
    pub fn new(index: usize) -> Self {
        let number = u16::try_from(index + 1).ok().and_then(NonZeroU16::new);
        FileId(number.expect("a call reads fewer than 65,535 files"))
    }

    /// How many texts were added before it.
    pub fn index(self) -> usize {
        usize::from(self.0.get()) - 1
    }
}

impl Default for FileId {
    fn default() -> Self {
        FileId::FIRST
    }
}

/// Something of each of several files: in an order of their own, and found by the file.
#[derive(Debug, Clone)]
pub struct PerFile<T> {
    entries: Vec<(FileId, T)>,
    places: HashMap<FileId, usize>,
}

impl<T> PerFile<T> {
    pub fn get(&self, file: FileId) -> Option<&T> {
        self.places.get(&file).map(|place| &self.entries[*place].1)
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &T)> {
        self.entries.iter().map(|(file, of)| (*file, of))
    }
}

impl<T> Default for PerFile<T> {
    fn default() -> Self {
        PerFile { entries: Vec::new(), places: HashMap::new() }
    }
}

impl<T> FromIterator<(FileId, T)> for PerFile<T> {
    fn from_iter<I: IntoIterator<Item = (FileId, T)>>(entries: I) -> Self {
        let entries: Vec<(FileId, T)> = entries.into_iter().collect();
        let places = entries.iter().enumerate().map(|(place, (file, _))| (*file, place)).collect();
        PerFile { entries, places }
    }
}

/// A range of bytes in one file, half open. Both ends lie on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end) }
    }

    /// The bytes, as a range to index a text with.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// From the start of this span to the end of another one of the same file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The other one lies in this one.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The empty span at the start.
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span at the end.
    pub fn at_end(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// A place as people and editors count it. Lines and columns start at 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
    /// The column in UTF-16 code units, also from 1: what editors and SARIF count in.
    pub utf16_column: usize,
}

/// One text with the name it is shown by.
#[derive(Debug, Clone)]
pub struct Source {
    /// As shown to the user: relative to the working directory where it is below it.
    pub name: String,
    pub text: String,
    lines: OnceLock<Vec<u32>>,
    /// What the paths in its `use` lines lead to, by what is wanted there and the path as written.
    links: Vec<(Wanted, String, Link)>,
}

/// What a `use` expects at its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// Another file of the language.
    Declarations,
    /// The Markdown files below a folder.
    Agents,
    /// The files `SKILL.md` below a folder.
    Skills,
    /// The Markdown files below a folder.
    Commands,
    /// A file of YAML or TOML.
    Limits,
}

impl Wanted {
    pub const REGISTRIES: [(&'static str, Wanted); 4] = [
        ("agents", Wanted::Agents),
        ("skills", Wanted::Skills),
        ("commands", Wanted::Commands),
        ("limits", Wanted::Limits),
    ];

    /// What `use WORD from` expects.
    pub fn registry(word: &str) -> Option<Wanted> {
        Wanted::REGISTRIES.iter().find(|(known, _)| *known == word).map(|(_, wanted)| *wanted)
    }

    /// Whether a file below the folder is one of those that are wanted, by its name.
    pub fn accepts(self, name: &str) -> bool {
        let file = name.rsplit('/').next().unwrap_or(name);
        match self {
            Wanted::Agents | Wanted::Commands => file.ends_with(".md"),
            Wanted::Skills => file == "SKILL.md",
            Wanted::Declarations | Wanted::Limits => false,
        }
    }

    /// It is a folder that is named.
    pub fn is_folder(self) -> bool {
        matches!(self, Wanted::Agents | Wanted::Skills | Wanted::Commands)
    }
}

/// A file of a registry that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub why: String,
    /// Its path; `None` where not even that is known.
    pub file: Option<String>,
}

/// What the path in a `use` leads to. Whoever touches the world reads it and says so here; the compiler only looks it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Link {
    File(FileId),
    /// The files of a folder, in the order of their names; and why others cannot be read.
    Files {
        files: Vec<FileId>,
        unreadable: Vec<Unreadable>,
    },
    /// Nothing that can be read; why.
    Missing(String),
}

impl Source {
    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let breaks = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at as u32 + 1);
            std::iter::once(0).chain(breaks).collect()
        })
    }

    /// The place of a byte offset; an offset past the end is the end.
    pub fn place(&self, offset: u32) -> Place {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let starts = self.line_starts();
        let line = starts.partition_point(|start| *start as usize <= offset) - 1;
        let before = &self.text[starts[line] as usize..offset];
        Place { line: line + 1, column: before.chars().count() + 1, utf16_column: before.encode_utf16().count() + 1 }
    }

    /// The text of a line, counted from 1, without its line end; empty when there is no such line.
    pub fn line(&self, number: usize) -> &str {
        let starts = self.line_starts();
        let Some(start) = number.checked_sub(1).and_then(|index| starts.get(index)) else { return "" };
        let end = starts.get(number).map_or(self.text.len(), |next| *next as usize);
        self.text[*start as usize..end].trim_end_matches(['\n', '\r'])
    }
}

/// All texts of one call, by [`FileId`].
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
    /// The files that a `use` of another one names.
    imported: HashSet<(Wanted, FileId)>,
}

impl SourceMap {
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and gives it an id.
    ///
    /// # Panics
    /// From 65,535 texts on: far above what a call reads.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let id = FileId::new(self.sources.len());
        self.sources.push(Source { name: name.into(), text: text.into(), lines: OnceLock::new(), links: Vec::new() });
        id
    }

    /// Says what a path in a `use` of `from` leads to.
    pub fn link(&mut self, from: FileId, wanted: Wanted, path: &str, to: Link) {
        match &to {
            Link::File(file) => {
                self.imported.insert((wanted, *file));
            }
            Link::Files { files, .. } => self.imported.extend(files.iter().map(|file| (wanted, *file))),
            Link::Missing(_) => {}
        }
        self.sources[from.index()].links.push((wanted, path.to_owned(), to));
    }

    /// What a path in a `use` of `from` leads to; `None` when nobody has looked.
    pub fn linked(&self, from: FileId, wanted: Wanted, path: &str) -> Option<&Link> {
        let links = &self.get(from).links;
        links.iter().find(|(what, written, _)| *what == wanted && written == path).map(|(.., link)| link)
    }

    /// What the paths in the `use` lines of a file lead to.
    pub fn links(&self, file: FileId) -> impl Iterator<Item = &Link> {
        self.get(file).links.iter().map(|(.., link)| link)
    }

    /// The files that have the same name and text among `others`, and whose `use` lines lead to files of the same names there;
    /// each with its id there.
    pub fn unchanged(&self, others: &SourceMap) -> HashMap<FileId, FileId> {
        let named: HashMap<&str, FileId> = others.iter().map(|(file, source)| (source.name.as_str(), file)).collect();
        let is_same_file = |one: FileId, other: FileId| self.get(one).name == others.get(other).name;
        let is_same_link = |one: &Link, other: &Link| match (one, other) {
            (Link::File(one), Link::File(other)) => is_same_file(*one, *other),
            (Link::Files { files: one, unreadable: those }, Link::Files { files: other, unreadable: these }) => {
                let is_same = one.len() == other.len() && those == these;
                is_same && one.iter().zip(other).all(|(one, other)| is_same_file(*one, *other))
            }
            (one, other) => one == other,
        };
        let is_same = |one: &Source, other: &Source| {
            let mut links = one.links.iter().zip(&other.links);
            one.text == other.text
                && one.links.len() == other.links.len()
                && links.all(|((wanted, path, one), (want, way, other))| {
                    wanted == want && path == way && is_same_link(one, other)
                })
        };
        let known = self.iter().filter_map(|(file, source)| {
            let other = named.get(source.name.as_str()).copied()?;
            is_same(source, others.get(other)).then_some((file, other))
        });
        known.collect()
    }

    /// The files that a `use` leads to as what is wanted.
    pub fn wanted(&self, wanted: Wanted) -> impl Iterator<Item = FileId> {
        self.imported.iter().filter(move |(what, _)| *what == wanted).map(|(_, file)| *file)
    }

    /// The same with another text in one place.
    pub fn with_text(&self, file: FileId, text: impl Into<String>) -> Self {
        let mut map = SourceMap { sources: self.sources.clone(), imported: self.imported.clone() };
        let source = &mut map.sources[file.index()];
        (source.text, source.lines) = (text.into(), OnceLock::new());
        map
    }

    pub fn get(&self, file: FileId) -> &Source {
        &self.sources[file.index()]
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.sources.iter().enumerate().map(|(index, source)| (FileId::new(index), source))
    }

    pub fn text(&self, span: Span) -> &str {
        &self.get(span.file).text[span.range()]
    }

    pub fn place(&self, span: Span) -> Place {
        self.get(span.file).place(span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_characters_and_utf16() {
        let mut map = SourceMap::new();
        let file = map.add("a.wf", "ab\n≥𝄞x\n");
        let place = map.place(Span::new(file, 10, 11));
        assert_eq!(place, Place { line: 2, column: 3, utf16_column: 4 });
        assert_eq!(map.get(file).line(2), "≥𝄞x");
        assert_eq!(map.get(file).line(9), "");
        assert_eq!(map.get(file).place(99).line, 3);
    }
}
