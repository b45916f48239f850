//! What must be complete before a phase begins.

use super::Page;
use super::lines::Line;
use super::tokens::{Number, Token, starts_with};
use super::variants::Variants;
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use crate::source::Span;

/// A phase is entered on another one.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    pub phase: Number,
    pub requires: Number,
    /// In these variants it is said not to matter.
    pub exempt: Variants,
    pub place: Span,
}

/// How entry criteria are headed: the first word, and what may follow it.
const LABELS: &[(&str, &[&[&str]])] = &[
    ("entry", &[&[], &["criteria"], &["criterion"], &["condition"], &["conditions"], &["requirements"]]),
    ("preconditions", &[&[]]),
    ("precondition", &[&[]]),
    ("starts", &[&["when"], &["after"]]),
    ("begins", &[&["when"], &["after"]]),
    ("enter", &[&["when"]]),
    ("depends", &[&["on"]]),
    ("prerequisite", &[&[]]),
    ("prerequisites", &[&[]]),
    ("start", &[&["criteria"], &["condition"], &["conditions"]]),
    ("can", &[&["start", "when"], &["start", "after"]]),
];
/// The columns that say the same of the phase of a row.
const COLUMNS: &[&str] = &[
    "entry",
    "entry criteria",
    "entry criterion",
    "entry condition",
    "entry conditions",
    "entry requirements",
    "precondition",
    "preconditions",
    "starts when",
    "starts after",
    "begins when",
    "begins after",
];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    let lines = &page.lines;
    for (at, line) in lines.iter().enumerate() {
        let (Some(phase), Some(rest)) = (line.phase.filter(|_| line.fence.is_none()), labelled(line)) else { continue };
        if rest.is_empty() {
            // Below a title it may be a sentence.
            let is_of_it = |at: usize, next: &Line<'_>| {
                (is_item(next) || line.is_heading && at == 0 && !next.is_heading) && next.phase == Some(phase)
            };
            let listed = lines[at + 1..].iter().enumerate().take_while(|(at, next)| is_of_it(*at, next));
            found.extend(listed.flat_map(|(_, line)| required(phase, line.text, line.span, &line.tokens, vocabulary)));
        } else {
            found.extend(required(phase, line.text, line.span, rest, vocabulary));
        }
    }
    for (table, columns) in page.document.tables_with(&[PHASE_COLUMNS, COLUMNS]) {
        for row in &table.rows {
            let (Some(phase), Some(cell)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let phase = vocabulary.phase_of_cell(&phase.text).filter(|phase| vocabulary.has(phase.whole()));
            let source = page.document.source(cell.span);
            found.extend(
                phase
                    .into_iter()
                    .flat_map(|phase| required(phase, source, cell.span, &vocabulary.tokens(source), vocabulary)),
            );
        }
    }
    found
}

/// What stands behind the label of a line that has one.
fn labelled<'l>(line: &'l Line<'l>) -> Option<&'l [Token<'l>]> {
    let start = line.tokens.iter().position(|token| token.word().is_some())?;
    let sign = if line.text.starts_with('|') { '|' } else { ':' };
    let is_label = |next: Option<&Token<'_>>| next.is_none_or(|token| token.is_sign(&[sign]));
    // Also in the title of the phase: `Phase 4: Ship (starts when phase 3 is complete)`.
    let aside = || line.is_heading.then(|| line.tokens.iter().position(|token| token.is_sign(&['('])))?;
    of_label(&line.tokens[start..], is_label).or_else(|| of_label(&line.tokens[aside()? + 1..], |next| next.is_some()))
}

/// What stands behind one of the labels at the start, where it ends as it has to.
fn of_label<'l>(tokens: &'l [Token<'l>], ends: impl Fn(Option<&Token<'_>>) -> bool) -> Option<&'l [Token<'l>]> {
    let (first, behind) = tokens.split_first()?;
    let (_, labels) = LABELS.iter().find(|(word, _)| first.word() == Some(word))?;
    let label = labels.iter().find(|label| starts_with(behind, label) && ends(behind.get(label.len())))?;
    let rest = &behind[label.len()..];
    Some(match rest {
        [colon, rest @ ..] if colon.is_sign(&[':', '|']) => rest,
        rest => rest,
    })
}

fn is_item(line: &Line<'_>) -> bool {
    let number = line.text.trim_start_matches(|c: char| c.is_ascii_digit());
    line.text.starts_with(['-', '*', '+', '✅', '☐'])
        || (number.len() < line.text.len() && number.starts_with(['.', ')']))
}

/// The phases named in a criterion, each up to the next: `Phase 6 complete or skipped, Phase 5 complete`.
///
/// What stands before a phase may narrow it: `SMALL: phase 3 is complete` says nothing of the others, `for large changes
/// phase 3` nothing of whoever has a name.
fn required(phase: Number, text: &str, place: Span, tokens: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Vec<Entry> {
    let starts: Vec<usize> = (0..tokens.len().saturating_sub(1))
        .filter(|at| vocabulary.is_word(&tokens[*at]) && tokens[at + 1].number().is_some())
        .collect();
    if tokens.iter().any(|token| token.is_word(&["whichever", "whatever", "ran"])) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let Some(number) = tokens[start + 1].number() else { continue };
        // What is said of several is said behind the last: `phase 5 and phase 6 complete or skipped`.
        let clauses = || {
            (index..starts.len()).map(|at| &tokens[starts[at] + 2..starts.get(at + 1).copied().unwrap_or(tokens.len())])
        };
        let is_list = |clause: &&[Token<'_>]| {
            clause.iter().all(|token| token.is_word(&["and", "both"]) || token.is_sign(&[',', '&']))
        };
        let clause = clauses().find(|clause| !is_list(clause)).unwrap_or_default();
        let Some(others) = outside(lead(tokens, &starts, index), text, vocabulary) else { continue };
        let is_bound = start
            .checked_sub(1)
            .is_some_and(|before| tokens[before].is_word(&["before", "until", "if", "for", "from", "or", "either"]));
        if is_bound || number.whole() == phase.whole() || !vocabulary.has(number.whole()) {
            continue;
        }
        let (first, last) = (&tokens[*start].range, &tokens[start + 1].range);
        let place = Span { start: place.start + first.start as u32, end: place.start + last.end as u32, ..place };
        if let Some(exempt) = exempt(clause, vocabulary) {
            found.push(Entry { phase: phase.whole(), requires: number.whole(), exempt: exempt | others, place });
        }
    }
    found
}

/// What stands before a phase and may be said of it: all before the first, of the others no more than the part of a sentence.
fn lead<'l, 't>(tokens: &'l [Token<'t>], starts: &[usize], index: usize) -> &'l [Token<'t>] {
    let start = starts[index];
    let Some(before) = index.checked_sub(1).map(|before| starts[before] + 2) else { return &tokens[..start] };
    let between = &tokens[before..start];
    let begin = between.iter().rposition(|token| token.is_sign(&[';', '.', '('])).map_or(0, |sign| sign + 1);
    &between[begin..]
}

/// Of which variants nothing is said by what stands before a phase; nothing where it is not known.
fn outside(lead: &[Token<'_>], text: &str, vocabulary: &Vocabulary<'_>) -> Option<Variants> {
    let named = vocabulary.variants.mentioned(lead);
    if named.is_empty() {
        let is_narrowed =
            lead.iter().any(|token| token.is_word(&["for", "given", "any", "if", "when", "unless", "where"]));
        return (!is_narrowed).then_some(Variants::NONE);
    }
    let words = lead.iter().find(|token| token.word().is_some()).zip(lead.last());
    let written =
        words.map_or("", |(first, last)| text[first.range.start..last.range.end].trim_end_matches([':', '*', ' ']));
    Some(!vocabulary.variants.condition(written).unwrap_or(named))
}

/// In which variants a clause takes its demand back; nothing when it does so in general.
fn exempt(clause: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Option<Variants> {
    let is_hedged = clause.iter().any(|token| {
        token.is_word(&[
            "or",
            "skipped",
            "if",
            "when",
            "unless",
            "where",
            "optional",
            "optionally",
            "applicable",
            "except",
            "not",
            "for",
            "given",
        ])
    });
    let named = vocabulary.variants.mentioned(clause);
    match (is_hedged, named.is_empty()) {
        (false, true) => Some(Variants::NONE),
        (true, false) if clause.iter().any(|token| token.is_word(&["skipped", "except", "unless", "not"])) => {
            Some(named)
        }
        _ => None,
    }
}
