//! Diagnostics with the lines they speak of.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Range;

use codespan_reporting::diagnostic::{Diagnostic as Snippet, Label as Marked, LabelStyle, Severity as Level};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config, termcolor::Ansi};

use super::excerpt::{Excerpt, shown_line};
use super::places::Places;
use super::text;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::FileId;

/// A label over more lines than this is marked on its first line only: codespan visits each of them.
const MAX_LINES: usize = 1000;

pub(super) fn write(
    out: &mut dyn Write,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
    color: bool,
) -> io::Result<()> {
    let config = Config { start_context_lines: 2, ..Config::default() };
    for diagnostic in diagnostics {
        let mut view = View { places, excerpts: Vec::new() };
        let snippet = view.snippet(diagnostic);
        if color {
            term::emit_to_write_style(&mut Ansi::new(&mut *out), &config, &view, &snippet).map_err(failure)?;
        } else {
            // codespan pads its borders; a log or an expected output is better off without.
            let text = term::emit_into_string(&config, &view, &snippet).map_err(failure)?;
            text.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))?;
        }
    }
    Ok(())
}

fn failure(error: Error) -> io::Error {
    match error {
        Error::Io(error) => error,
        error => io::Error::other(error.to_string()),
    }
}

/// The sources as codespan sees them while it shows one diagnostic.
///
/// An excerpt is a file of one line to codespan, so that it looks like any other snippet.
struct View<'a> {
    places: &'a Places<'a>,
    excerpts: Vec<Excerpt>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    File(FileId),
    Excerpt(usize),
}

impl View<'_> {
    fn snippet(&mut self, diagnostic: &Diagnostic) -> Snippet<Shown> {
        let level = match diagnostic.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        };
        let primary = self.marked(&diagnostic.primary, LabelStyle::Primary);
        let related = diagnostic.related.iter().map(|label| self.marked(label, LabelStyle::Secondary));
        let labels = std::iter::once(primary).chain(related).collect();
        let notes = text::details(diagnostic).iter().map(|line| text::visible(line).into_owned()).collect();
        Snippet::new(level)
            .with_code(diagnostic.code.id)
            .with_message(text::one_line(&diagnostic.message))
            .with_labels(labels)
            .with_notes(notes)
    }

    fn marked(&mut self, label: &Label, style: LabelStyle) -> Marked<Shown> {
        let file = label.span.file;
        let range = self.places.marked(label.span);
        let (line, whole) = shown_line(self.places.text(file), self.places.line_start_at(file, range.start));
        let (shown, range) = if whole {
            (Shown::File(file), self.few_lines(file, range, line.end))
        } else {
            let excerpt = Excerpt::new(self.places, file, &range);
            let marked = excerpt.marked.clone();
            self.excerpts.push(excerpt);
            (Shown::Excerpt(self.excerpts.len() - 1), marked)
        };
        Marked::new(style, shown, range).with_message(text::one_line(&label.text))
    }

    fn few_lines(&self, file: FileId, range: Range<usize>, line_end: usize) -> Range<usize> {
        let lines = self.places.place(file, range.end).line - self.places.place(file, range.start).line;
        if lines < MAX_LINES { range } else { range.start..line_end.max(range.start) }
    }
}

impl<'f> Files<'f> for View<'_> {
    type FileId = Shown;
    type Name = Cow<'f, str>;
    type Source = &'f str;

    fn name(&'f self, id: Shown) -> Result<Self::Name, Error> {
        Ok(match id {
            Shown::File(file) => self.places.name(file),
            Shown::Excerpt(index) => self.places.name(self.excerpts[index].file),
        })
    }

    fn source(&'f self, id: Shown) -> Result<Self::Source, Error> {
        Ok(match id {
            Shown::File(file) => self.places.text(file),
            Shown::Excerpt(index) => &self.excerpts[index].text,
        })
    }

    fn line_index(&'f self, id: Shown, offset: usize) -> Result<usize, Error> {
        Ok(match id {
            Shown::File(file) => self.places.place(file, offset).line - 1,
            Shown::Excerpt(_) => 0,
        })
    }

    fn line_number(&'f self, id: Shown, line: usize) -> Result<usize, Error> {
        Ok(match id {
            Shown::File(_) => line + 1,
            Shown::Excerpt(index) => self.excerpts[index].place.line,
        })
    }

    fn column_number(&'f self, id: Shown, _line: usize, offset: usize) -> Result<usize, Error> {
        Ok(match id {
            Shown::File(file) => self.places.place(file, offset).column,
            Shown::Excerpt(index) => self.excerpts[index].place.column,
        })
    }

    /// A line that is shown for company, within a label or between two, may be unfit too: then it is cut short.
    fn line_range(&'f self, id: Shown, line: usize) -> Result<Range<usize>, Error> {
        match id {
            Shown::File(file) => {
                let start = self.places.line_start(file, line).ok_or(Error::LineTooLarge { given: line, max: line })?;
                Ok(shown_line(self.places.text(file), start).0)
            }
            Shown::Excerpt(index) => Ok(0..self.excerpts[index].text.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SourceMap, Span};

    crate::codes! {
        ODD: "WF001" "odd" Error = "Odd.", "Mend it.", bad: "", good: "";
    }

    fn shown(sources: &SourceMap, diagnostic: Diagnostic) -> String {
        assert_eq!(CODES, [diagnostic.code]);
        let mut out = Vec::new();
        write(&mut out, &Places::new(sources), &[diagnostic], false).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn one(text: &str, range: Range<usize>) -> String {
        let mut sources = SourceMap::new();
        let file = sources.add("a.wf", text);
        shown(&sources, Diagnostic::new(&ODD, Span::new(file, range.start, range.end), "odd").label("here"))
    }

    #[test]
    fn an_empty_file_has_a_place() {
        assert_eq!(one("", 0..0), "error[WF001]: odd\n  ┌─ a.wf:1:1\n  │\n1 │\n  │ ^ here\n\n");
    }

    #[test]
    fn the_end_of_a_file_has_a_place() {
        assert_eq!(one("a\nbc", 4..4), "error[WF001]: odd\n  ┌─ a.wf:2:3\n  │\n2 │ bc\n  │   ^ here\n\n");
        assert_eq!(one("a\n", 2..2), "error[WF001]: odd\n  ┌─ a.wf:2:1\n  │\n2 │\n  │ ^ here\n\n");
        assert_eq!(one("a\n", 2..9), one("a\n", 2..2));
    }

    #[test]
    fn a_line_end_is_not_marked() {
        assert_eq!(one("ab\r\nc", 0..4), "error[WF001]: odd\n  ┌─ a.wf:1:1\n  │\n1 │ ab\n  │ ^^ here\n\n");
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        assert_eq!(one("日本 ≥x", 7..10), "error[WF001]: odd\n  ┌─ a.wf:1:4\n  │\n1 │ 日本 ≥x\n  │      ^ here\n\n");
    }

    #[test]
    fn a_label_over_several_lines_is_drawn_beside_them() {
        let text = "phase a {\n  1\n  2\n  3\n  4\n  5\n}\n";
        assert_eq!(
            one(text, 0..text.len()),
            "\
error[WF001]: odd
  ┌─ a.wf:1:1
  │
1 │ ╭ phase a {
2 │ │   1
3 │ │   2
  · │
6 │ │   5
7 │ │ }
  │ ╰─^ here

"
        );
        let long = one(&"x\n".repeat(5000), 0..10_000);
        assert_eq!(long.lines().count(), 6, "{long}");
    }

    #[test]
    fn a_long_line_is_cut() {
        let text = format!("{}here{}\nb\n", "x".repeat(100_000), "y".repeat(100_000));
        let expected = format!(
            "error[WF001]: odd\n  ┌─ a.wf:1:100001\n  │\n1 │ …{}here{}…\n  │ {}^^^^ here\n\n",
            "x".repeat(40),
            "y".repeat(54),
            " ".repeat(41)
        );
        assert_eq!(one(&text, 100_000..100_004), expected);
    }

    #[test]
    fn a_long_line_between_two_labels_is_cut() {
        let mut sources = SourceMap::new();
        let text = format!("one\n{}\ntwo\n", "x".repeat(100_000));
        let end = text.len();
        let file = sources.add("a.wf", text);
        let diagnostic =
            Diagnostic::new(&ODD, Span::new(file, 0, 3), "odd").related(Span::new(file, end - 4, end - 1), "");
        let text = shown(&sources, diagnostic);
        assert!(text.contains("one") && text.contains("two") && text.len() < 700, "{text}");
    }

    #[test]
    fn a_terminal_is_not_commanded() {
        let mut sources = SourceMap::new();
        let file = sources.add("a\u{1b}.wf", "x \u{1b}[31m\u{202e} y");
        let span = Span::new(file, 2, 3);
        let diagnostic = Diagnostic::new(&ODD, span, "\u{1b}c").label("\u{7}").note("a\n\u{9b}b").help("\u{feff}");
        let diagnostic = diagnostic.related(Span::new(file, 0, 1), "\r");
        assert_eq!(
            shown(&sources, diagnostic),
            "\
error[WF001]: \\u{1b}c
  ┌─ a\\u{1b}.wf:1:3
  │
1 │ x \\u{1b}[31m\\u{202e} y
  │   ^^^^^^ \\u{7}
  │
  ┌─ a\\u{1b}.wf:1:1
  │
1 │ x \\u{1b}[31m\\u{202e} y
  │ -
  │
  = a
    \\u{9b}b
  = help: \\u{feff}

"
        );
    }
}
