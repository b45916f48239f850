//! The part of a line that is shown in place of a line that cannot be: too long, or not safe for a terminal.

use std::ops::Range;

use super::places::{Places, floor};
use super::text;
use crate::source::{FileId, Place};

/// A line longer than this is not shown whole.
const MAX_LINE: usize = 400;
/// How many characters of such a line are shown, ellipses included, and how many of them before the place.
const MAX_CHARS: usize = 100;
const MAX_BEFORE: usize = 40;

/// What may be shown of the line that starts at an offset, and whether that is all of it, without its line end.
///
/// Looks at no more than the bytes it may return, however long the line is.
pub(super) fn shown_line(text: &str, start: usize) -> (Range<usize>, bool) {
    let window = &text[start..floor(text, start + MAX_LINE + 1)];
    let (line, ended) = match window.find('\n') {
        Some(at) => (window[..at].strip_suffix('\r').unwrap_or(&window[..at]), true),
        None => (window, start + window.len() == text.len() && window.len() <= MAX_LINE),
    };
    let safe = line.find(text::is_hidden).unwrap_or(line.len());
    (start..start + safe, ended && safe == line.len())
}

/// A piece of a line with its hidden characters written out, and what it is an excerpt of.
pub(super) struct Excerpt {
    pub(super) file: FileId,
    /// Where the marked place is in the file.
    pub(super) place: Place,
    pub(super) text: String,
    /// The marked bytes of `text`.
    pub(super) marked: Range<usize>,
}

impl Excerpt {
    /// The surroundings of a range, at most to the end of the line that it starts on.
    pub(super) fn new(places: &Places<'_>, file: FileId, range: &Range<usize>) -> Self {
        let source = places.text(file);
        let before = &source[places.line_start_at(file, range.start)..range.start];
        let mut text = tail(before);
        let start = text.len();
        let room = MAX_CHARS.saturating_sub(text.chars().count() + 1);
        let marked = head(&mut text, &source[range.start..], range.len(), room);
        Excerpt { file, place: places.place(file, range.start), text, marked: start..start + marked }
    }
}

/// The last characters of what stands before the place.
fn tail(before: &str) -> String {
    let mut taken = before.len();
    let mut room = MAX_BEFORE;
    for (at, c) in before.char_indices().rev() {
        match room.checked_sub(shown(c).chars().count()) {
            Some(left) => (room, taken) = (left, at),
            None => break,
        }
    }
    let ellipsis = if taken > 0 { "…" } else { "" };
    let shown = before[taken..].chars().map(shown);
    std::iter::once(ellipsis.to_owned()).chain(shown).collect()
}

/// Adds the first characters of what follows; returns how many bytes were added for the first `marked` bytes of it.
fn head(text: &mut String, following: &str, marked: usize, mut room: usize) -> usize {
    let start = text.len();
    let mut end = start;
    for (at, c) in following.char_indices() {
        if c == '\n' || following[at..].starts_with("\r\n") {
            break;
        }
        let shown = shown(c);
        let Some(left) = room.checked_sub(shown.chars().count()) else {
            text.push('…');
            break;
        };
        room = left;
        text.push_str(&shown);
        if at < marked {
            end = text.len();
        }
    }
    end - start
}

fn shown(c: char) -> String {
    match c {
        '\t' => " ".to_owned(),
        c if text::is_hidden(c) => c.escape_unicode().collect(),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    fn excerpt(source: &str, range: Range<usize>) -> Excerpt {
        let mut sources = SourceMap::new();
        let file = sources.add("a.wf", source);
        Excerpt::new(&Places::new(&sources), file, &range)
    }

    #[test]
    fn a_long_line_is_not_shown_whole() {
        assert_eq!(shown_line("ab\r\ncd", 0), (0..2, true));
        assert_eq!(shown_line("ab\ncd", 3), (3..5, true));
        assert_eq!(shown_line("a\u{1b}b", 0), (0..1, false));
        assert_eq!(shown_line(&"x".repeat(400), 0), (0..400, true));
        assert_eq!(shown_line(&"x".repeat(401), 0), (0..401, false));
        assert_eq!(shown_line(&"≥".repeat(200), 0), (0..399, false));
    }

    #[test]
    fn both_sides_are_cut() {
        let source = format!("{}here{}", "≥".repeat(500), "b".repeat(500));
        let excerpt = excerpt(&source, 1500..1504);
        assert_eq!(excerpt.text, format!("…{}here{}…", "≥".repeat(40), "b".repeat(54)));
        assert_eq!(excerpt.text.chars().count(), 100);
        assert_eq!(&excerpt.text[excerpt.marked], "here");
        assert_eq!(excerpt.place.column, 501);
    }

    #[test]
    fn a_marked_range_ends_with_the_excerpt() {
        let whole = excerpt(&"x".repeat(999), 0..999);
        assert_eq!((whole.text.chars().count(), whole.marked), (100, 0..99));
        let end = excerpt("a\u{202e}b\r\nc", 1..7);
        assert_eq!((end.text.as_str(), end.marked), ("a\\u{202e}b", 1..10));
        let empty = excerpt("", 0..0);
        assert_eq!((empty.text.as_str(), empty.marked), ("", 0..0));
    }
}
