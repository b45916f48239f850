//! Which files a phase writes.

use super::Page;
use super::lines::Line;
use super::tokens::Number;
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use crate::source::Span;

/// A row of a table of phases and the files that they write.
#[derive(Debug, Clone, Copy)]
pub struct Output<'s> {
    pub phase: Number,
    /// The last name of its path.
    pub file: &'s str,
    pub place: Span,
    /// The table it stands in, by its place.
    pub table: Span,
}

/// The columns of files that are written.
pub const FILE_COLUMNS: &[&str] = &[
    "output file",
    "output files",
    "output",
    "outputs",
    "artifact",
    "artifacts",
    "primary output",
    "produces",
    "deliverable",
    "deliverables",
    "writes",
    "gives",
];

pub fn read<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>) -> Vec<Output<'s>> {
    let document = page.document;
    let mut found = Vec::new();
    for (table, columns) in document.tables_with(&[PHASE_COLUMNS, FILE_COLUMNS]) {
        if page.is_aside(table, vocabulary) {
            continue;
        }
        for row in &table.rows {
            let (Some(phase), Some(cell)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let Some(phase) = vocabulary.phase_of_cell(&phase.text).filter(|phase| vocabulary.has(*phase)) else {
                continue;
            };
            let source = document.source(cell.span);
            let words = source.split(|c: char| c.is_whitespace() || "`,;()\"'*|".contains(c));
            for word in words.filter(|word| is_file(word)) {
                let file = word.rsplit('/').next().unwrap_or(word);
                found.push(Output { phase, file, place: row.span, table: table.span });
            }
        }
    }
    found.extend(
        page.lines.iter().filter(|line| line.fence.is_none()).flat_map(|line| labelled(page, line, vocabulary)),
    );
    found
}

/// ``**Produces:** `frame.md` `` in the text of a phase.
fn labelled<'s>(page: &Page<'_, 's>, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Output<'s>> {
    let phase = line.phase.filter(|phase| vocabulary.has(*phase));
    let field = line.field().filter(|(label, _)| FILE_COLUMNS.contains(&&*label.join(" ")));
    let (Some(phase), Some((_, [first, .., last] | [first @ last]))) = (phase, field) else { return Vec::new() };
    let start = line.span.range().start;
    let place = page.document.place(start + first.range.start..start + last.range.end);
    let files = listed(page.document.source(place)).unwrap_or_default();
    files.into_iter().map(|file| Output { phase, file, place: line.span, table: line.span }).collect()
}

/// The files that a text names, the last name of the path of each, where it is nothing but these.
pub fn listed(text: &str) -> Option<Vec<&str>> {
    let words =
        text.split(|c: char| c.is_whitespace() || "`,*|".contains(c)).filter(|word| !matches!(*word, "" | "and"));
    words.map(|word| is_file(word).then(|| word.rsplit('/').next().unwrap_or(word))).collect()
}

/// A name with an ending and nothing left open.
fn is_file(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let ending = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or("", |(_, ending)| ending);
    (1..=5).contains(&ending.len())
        && ending.chars().all(|c| c.is_ascii_alphanumeric())
        && ending.chars().any(|c| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
}
