//! Where the spans of diagnostics are, in a time that does not depend on how long the lines are.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use memchr::{memchr_iter, memrchr};

use super::text;
use crate::source::{FileId, Place, SourceMap, Span};

/// Bytes between two marks: what a look-up reads at most.
const STRIDE: usize = 4096;

/// The places in all sources of one call.
///
/// `Source::place` counts from the start of the line. Thousands of findings on a line of megabytes would make that
/// quadratic, so here a text gets a mark every few kilobytes when it is first asked about.
pub(super) struct Places<'a> {
    sources: &'a SourceMap,
    indexes: Vec<OnceCell<Vec<Mark>>>,
}

/// What has been counted up to an offset; line and characters from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Mark {
    offset: usize,
    line: usize,
    line_start: usize,
    chars: usize,
    utf16: usize,
}

impl<'a> Places<'a> {
    pub(super) fn new(sources: &'a SourceMap) -> Self {
        Places { sources, indexes: sources.iter().map(|_| OnceCell::new()).collect() }
    }

    /// The name of a file, fit to be shown on one line.
    pub(super) fn name(&self, file: FileId) -> Cow<'a, str> {
        text::one_line(self.raw_name(file))
    }

    pub(super) fn raw_name(&self, file: FileId) -> &'a str {
        &self.sources.get(file).name
    }

    pub(super) fn text(&self, file: FileId) -> &'a str {
        &self.sources.get(file).text
    }

    /// The bytes of a span, cut to the text and to whole characters.
    pub(super) fn range(&self, span: Span) -> Range<usize> {
        let text = self.text(span.file);
        let start = floor(text, span.start as usize);
        start..floor(text, span.end as usize).max(start)
    }

    /// The bytes of a span without the line end it may reach over: what is worth marking.
    pub(super) fn marked(&self, span: Span) -> Range<usize> {
        let range = self.range(span);
        let marked = self.text(span.file)[range.clone()].trim_end_matches(['\n', '\r']);
        range.start..range.start + marked.len()
    }

    pub(super) fn place(&self, file: FileId, offset: usize) -> Place {
        let mark = self.mark(file, offset);
        Place { line: mark.line + 1, column: mark.chars + 1, utf16_column: mark.utf16 + 1 }
    }

    pub(super) fn start(&self, span: Span) -> Place {
        self.place(span.file, self.range(span).start)
    }

    pub(super) fn end(&self, span: Span) -> Place {
        self.place(span.file, self.range(span).end)
    }

    /// `file:line:col`, as compilers write it.
    pub(super) fn locus(&self, span: Span) -> String {
        let place = self.start(span);
        format!("{}:{}:{}", self.name(span.file), place.line, place.column)
    }

    /// The offset at which the line of an offset starts.
    pub(super) fn line_start_at(&self, file: FileId, offset: usize) -> usize {
        self.mark(file, offset).line_start
    }

    /// The offset at which a line, counted from 0, starts.
    pub(super) fn line_start(&self, file: FileId, line: usize) -> Option<usize> {
        let marks = self.marks(file);
        let mark = marks.get(marks.partition_point(|mark| mark.line <= line).checked_sub(1)?)?;
        let Some(breaks) = (line - mark.line).checked_sub(1) else { return Some(mark.line_start) };
        let bytes = self.text(file).as_bytes().iter().enumerate().skip(mark.offset);
        bytes.filter(|(_, byte)| **byte == b'\n').nth(breaks).map(|(at, _)| at + 1)
    }

    fn mark(&self, file: FileId, offset: usize) -> Mark {
        let offset = floor(self.text(file), offset);
        let mark = self.marks(file)[offset / STRIDE];
        mark.advance(&self.text(file).as_bytes()[mark.offset..offset])
    }

    /// A mark for every multiple of the stride up to the length of the text, so never none.
    fn marks(&self, file: FileId) -> &[Mark] {
        self.indexes[file.index()].get_or_init(|| {
            let mut mark = Mark::default();
            let strides = self.text(file).as_bytes().chunks_exact(STRIDE);
            let marks = strides.map(|bytes| {
                mark = mark.advance(bytes);
                mark
            });
            std::iter::once(Mark::default()).chain(marks).collect()
        })
    }
}

impl Mark {
    /// The mark behind the bytes that follow this one. A character counts where its first byte is.
    fn advance(self, bytes: &[u8]) -> Mark {
        let mut mark = Mark { offset: self.offset + bytes.len(), ..self };
        let mut tail = bytes;
        if let Some(at) = memrchr(b'\n', bytes) {
            mark.line += memchr_iter(b'\n', bytes).count();
            mark.line_start = self.offset + at + 1;
            (mark.chars, mark.utf16) = (0, 0);
            tail = &bytes[at + 1..];
        }
        let chars = tail.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let surrogates = tail.iter().filter(|byte| **byte >= 0xF0).count();
        mark.chars += chars;
        mark.utf16 += chars + surrogates;
        mark
    }
}

/// The character boundary at or before an offset, at most the end.
pub(super) fn floor(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: impl Into<String>) -> (SourceMap, FileId) {
        let mut sources = SourceMap::new();
        let file = sources.add("a.wf", text);
        (sources, file)
    }

    #[test]
    fn agrees_with_the_source_across_marks() {
        let long = "≥𝄞 x".repeat(1500);
        let (sources, file) = sources(format!("ab\n\n{long}\nend≥\n{long}"));
        let places = Places::new(&sources);
        let text = places.text(file);
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(places.place(file, offset), sources.get(file).place(offset as u32), "at {offset}");
        }
    }

    #[test]
    fn finds_the_starts_of_lines() {
        let (sources, file) = sources(format!("a\n{}\n\n{}\n", "b".repeat(9000), "c\n".repeat(5000)));
        let places = Places::new(&sources);
        let starts: Vec<usize> =
            std::iter::once(0).chain(places.text(file).match_indices('\n').map(|(at, _)| at + 1)).collect();
        for (line, start) in starts.iter().enumerate() {
            assert_eq!(places.line_start(file, line), Some(*start));
            assert_eq!(places.line_start_at(file, *start), *start);
        }
        assert_eq!(places.line_start(file, starts.len()), None);
    }

    #[test]
    fn a_span_is_cut_to_the_text() {
        let (sources, file) = sources("a≥\r\n");
        let places = Places::new(&sources);
        assert_eq!(places.range(Span::new(file, 2, 99)), 1..6);
        assert_eq!(places.range(Span::new(file, 99, 3)), 6..6);
        assert_eq!(places.marked(Span::new(file, 0, 6)), 0..4);
        assert_eq!(places.marked(Span::new(file, 4, 6)), 4..4);
    }
}
