//! Edits by hand in generated documents: where, and what of the workflow the text came from.

use std::ops::Range;
use std::path::Path;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Expected, Lines, visible};
use crate::cli::documents::{self, Document};
use crate::cli::input::Inputs;
use crate::diagnostic::Diagnostic;
use crate::explain::EDITED_DOCUMENT;
use crate::origin::{self, Origin};
use crate::source::{FileId, SourceMap, Span};

/// A generated document that a person has changed.
pub struct Edited<'a> {
    /// As it is shown.
    pub name: String,
    /// As it is now.
    pub text: String,
    pub document: &'a Document,
}

/// Of one edit, at most so many places of the workflow are shown.
const PLACES: usize = 4;

/// Each edit with the places that its text comes from.
pub fn diagnostics(
    sources: &mut SourceMap,
    inputs: &Inputs,
    expected: &Expected<'_>,
    edited: &[Edited<'_>],
) -> Vec<Diagnostic> {
    let mut known: Option<(FileId, Lines)> = None;
    let mut found = Vec::new();
    for edited in edited {
        let path: &Path = &edited.document.path;
        let maker = expected.by.get(path).copied();
        if known.as_ref().map(|(maker, _)| *maker) != maker {
            known = maker.map(|maker| (maker, (expected.origins)(maker)));
        }
        let origins = known.as_ref().and_then(|(_, lines)| lines.get(path));
        let maker = maker.map_or("its workflow", |maker| inputs.sources.get(maker).name.as_str());
        let file = sources.add(edited.name.clone(), edited.text.as_str());
        let workflow =
            Workflow { sources, name: maker, origins: origins.map_or(&[], Vec::as_slice), build: expected.arguments };
        found.extend(edits(edited).into_iter().map(|edit| workflow.diagnostic(edited, file, &edit)));
    }
    found
}

/// Lines that are not what was generated. Both ranges count from 0.
struct Edit {
    /// In the document as it is.
    now: Range<usize>,
    /// In the document as it should be.
    made: Range<usize>,
}

/// The edits of a document, in order. That the mark is another one is none.
fn edits(edited: &Edited<'_>) -> Vec<Edit> {
    let numbered = |text: &'_ str| -> (Vec<usize>, Vec<String>) {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !documents::is_mark(line))
            .map(|(at, line)| (at, line.to_owned()))
            .unzip()
    };
    let (made_at, made) = numbered(&edited.document.text);
    let (now_at, now) = numbered(&edited.text);
    let lines = |at: &[usize], range: Range<usize>| {
        let start = at.get(range.start).copied().unwrap_or_else(|| at.last().map_or(0, |last| last + 1));
        start..start + range.len()
    };
    let changed = capture_diff_slices(Algorithm::Myers, &made, &now);
    let changed = changed.iter().filter(|change| !matches!(change, DiffOp::Equal { .. }));
    changed
        .map(|change| Edit { now: lines(&now_at, change.new_range()), made: lines(&made_at, change.old_range()) })
        .collect()
}

/// What an edited document was made from.
struct Workflow<'w> {
    sources: &'w SourceMap,
    name: &'w str,
    /// Of each line of the document.
    origins: &'w [Vec<Origin>],
    /// The arguments that build it again.
    build: &'w str,
}

impl Workflow<'_> {
    fn diagnostic(&self, edited: &Edited<'_>, file: FileId, edit: &Edit) -> Diagnostic {
        let Edited { name, text, document } = edited;
        let (what, label) = match (edit.made.is_empty(), edit.now.is_empty()) {
            (true, _) => ("added to", "not in the workflow"),
            (_, true) => ("removed from", "stood before this"),
            _ => ("changed in", "not what was generated"),
        };
        let count = if edit.made.is_empty() { edit.now.len() } else { edit.made.len() };
        let lines = if count == 1 { "a line was".to_owned() } else { format!("{count} lines were") };
        let message = format!("{lines} {what} `{name}` by hand");
        let mut found = Diagnostic::new(&EDITED_DOCUMENT, span(file, text, &edit.now), message).label(label);
        let places = self.places(&document.text, text, edit);
        let nearby = if edit.made.is_empty() { "the line above" } else { "the text" };
        for place in &places {
            let verb = if place.is_text { "comes from" } else { "is made of" };
            let block = origin::block(self.sources, place.span);
            let block = block.map_or_else(String::new, |block| format!(", in {block}"));
            found = found.related(place.span, format!("{nearby} {verb} this{block}"));
        }
        if let Some(line) = document.text.split_inclusive('\n').nth(edit.made.start).filter(|_| !edit.made.is_empty()) {
            let more = if edit.made.len() > 1 { format!(", and {} more", edit.made.len() - 1) } else { String::new() };
            found = found.note(format!("generated: {}{more}", visible(Some(line))));
        }
        if documents::is_of_other_source(text, &document.text) == Some(true) {
            found = found.note(format!(
                "`{}`, or what it uses, has changed since, too: what differs may come from there",
                self.name
            ));
        }
        let place = places.first().map_or_else(
            || format!("in `{}`", self.name),
            |place| {
                let at = self.sources.place(place.span);
                format!("at {}:{}", self.sources.get(place.span.file).name, at.line)
            },
        );
        found.help(format!("make it {place} instead, then `wf build{} --force`", self.build))
    }

    /// What the lines of an edit come from, each place once; of a line that was added, what stands above it does.
    fn places(&self, made: &str, now: &str, edit: &Edit) -> Vec<Origin> {
        let mut places: Vec<Origin> = Vec::new();
        let lines = match edit.made.is_empty() {
            true => edit.made.start.saturating_sub(1)..edit.made.start.max(1),
            false => edit.made.clone(),
        };
        for (at, line) in lines.enumerate() {
            let was = made.lines().nth(line).unwrap_or("");
            let is = now.lines().nth(edit.now.start + at).filter(|_| !edit.made.is_empty() && at < edit.now.len());
            let column = is.map_or(0, |is| was.bytes().zip(is.bytes()).take_while(|(was, is)| was == is).count());
            let origins = self.origins.get(line).map_or(&[][..], Vec::as_slice);
            let Some(place) = origins.iter().find(|origin| column <= origin.until).or(origins.last()) else { continue };
            // Blank lines say nothing of their own.
            let is_blank = was.trim().is_empty() && edit.made.len() > 1;
            if !is_blank && places.len() < PLACES && !places.iter().any(|known| known.span == place.span) {
                places.push(*place);
            }
        }
        places
    }
}

/// The place of some lines of a text; of none, the place before the line.
fn span(file: FileId, text: &str, lines: &Range<usize>) -> Span {
    let start_of = |line: usize| text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let start = start_of(lines.start);
    let end = start_of(lines.end).max(start);
    Span::new(file, start, start + text[start..end].trim_end().len())
}
