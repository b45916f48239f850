//! Between which phases a gate stands.

use super::Page;
use super::lines::{Line, subject};
use super::tokens::{Number, Token, tokens};
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use crate::source::Span;

/// What a place says of where a gate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// `2`, `g1`: what tells it from others.
    pub label: String,
    pub after: Option<Number>,
    pub before: Option<Number>,
    pub place: Span,
    /// It stands in a table, where gates are declared.
    pub is_table: bool,
}

const GATE_COLUMNS: &[&str] = &["gate", "gates", "blocking gate", "compaction gate", "checkpoint", "barrier"];
const AFTER_COLUMNS: &[&str] = &["after phase", "after", "after stage", "after step", "follows"];
const BEFORE_COLUMNS: &[&str] = &["before phase", "before", "before stage", "before step", "precedes"];
/// What gates are called in lines.
const WORDS: &[&str] = &["gate", "gates", "checkpoint", "checkpoints", "barrier", "barriers"];

/// Gates of the table of phases, and of tables of gates.
pub fn in_tables(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Gate> {
    let document = page.document;
    let mut found = Vec::new();
    for (table, columns) in document.tables_with(&[GATE_COLUMNS, AFTER_COLUMNS, BEFORE_COLUMNS]) {
        for row in &table.rows {
            let [Some(label), Some(after), Some(before)] = [0, 1, 2].map(|at| row.cells.get(columns[at])) else {
                continue;
            };
            let (Some(label), Some(after)) = (only_label(&label.text), phase(&after.text, vocabulary)) else {
                continue;
            };
            found.push(Gate {
                label,
                after: Some(after),
                before: phase(&before.text, vocabulary),
                place: row.span,
                is_table: true,
            });
        }
    }
    for (table, columns) in document.tables_with(&[PHASE_COLUMNS, GATE_COLUMNS]) {
        if columns[0] == columns[1] || table.column(AFTER_COLUMNS).is_some() {
            continue;
        }
        for row in &table.rows {
            let (Some(number), Some(gate)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let (Some(after), Some(label)) = (phase(&number.text, vocabulary), only_label(&gate.text)) else {
                continue;
            };
            found.push(Gate { label, after: Some(after), before: None, place: row.span, is_table: true });
        }
    }
    found
}

fn phase(cell: &str, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    vocabulary.phase_of_cell(cell).map(Number::whole).filter(|phase| vocabulary.has(*phase))
}

/// The label of a cell that is nothing but a gate: `⛔ 1`, `Gate 2`, `G1`, `:no_entry: 1`.
fn only_label(cell: &str) -> Option<String> {
    // An emoji may be written by its name.
    let text: String = cell
        .split_whitespace()
        .filter(|word| !(word.len() > 2 && word.starts_with(':') && word.ends_with(':')))
        .collect::<Vec<_>>()
        .join(" ");
    let tokens = tokens(&text);
    let mut said = tokens.iter().filter(|token| token.word().is_some() || token.number().is_some());
    let mut label = said.next()?;
    if label.is_word(WORDS) {
        label = said.next()?;
    }
    (said.next().is_none()).then(|| of_token(label)).flatten()
}

/// A number, or a short word with one in it.
fn of_token(token: &Token<'_>) -> Option<String> {
    match (token.number(), token.word()) {
        (Some(number), _) if number.stage == 0 => Some(number.to_string()),
        (_, Some(word)) if word.len() <= 4 && word.ends_with(|c: char| c.is_ascii_digit()) => Some(word.to_owned()),
        (_, Some(word)) if word.len() == 1 => Some(word.to_owned()),
        _ => None,
    }
}

/// What lines say of the gates that the tables know: `GATE 2 FOLLOWS: before Phase 9`, `Gate 2 (Ph 8→9)`, `checkpoint 8→9`.
pub fn in_lines(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Vec<Gate> {
    page.lines.iter().flat_map(|line| in_line(page, line, vocabulary, known)).collect()
}

fn in_line(page: &Page<'_, '_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Vec<Gate> {
    if known.iter().any(|gate| gate.place.contains(line.span)) || !line.tokens.iter().any(|token| token.is_word(WORDS))
    {
        return Vec::new();
    }
    let labels: Vec<(&[Token<'_>], &Gate)> = line
        .tokens
        .windows(2)
        .filter(|pair| pair[0].is_word(WORDS))
        .filter_map(|pair| {
            let label = of_token(&pair[1])?;
            Some((pair, known.iter().find(|gate| gate.label == label)?))
        })
        .collect();
    let arrows = arrows(&line.tokens, vocabulary);
    let gate = |label: &str, after, before, tokens: &[Token<'_>]| Gate {
        label: label.to_owned(),
        after,
        before,
        place: line.place(tokens),
        is_table: false,
    };
    match (&labels[..], &arrows[..]) {
        ([(_, of)], [(after, before, tokens)]) => vec![gate(&of.label, Some(*after), Some(*before), tokens)],
        ([(label, of)], []) => {
            let has = |word| line.tokens.iter().any(|token| token.is_word(&[word]));
            let title = page.document.headings.first();
            let title = title.and_then(|heading| subject(&heading.content.text, vocabulary.word));
            let page = title.map(|(phase, _)| phase.whole());
            // On the page of the phase that it follows; elsewhere `before` is said of something else.
            let before = following(&line.tokens, "before", vocabulary).filter(|_| page.is_some() && page == of.after);
            let after = following(&line.tokens, "after", vocabulary).filter(|_| line.is_heading);
            let (after, before) = match page {
                Some(page) if has("follows") => (Some(page), before),
                Some(page) if has("precedes") => (after, Some(page)),
                _ => (after, before),
            };
            if after.is_some() || before.is_some() { vec![gate(&of.label, after, before, label)] } else { Vec::new() }
        }
        ([], arrows) => {
            let of_known = arrows.iter().filter_map(|(after, before, tokens)| {
                let found = known.iter().find(|gate| gate.after == Some(*after))?;
                Some(gate(&found.label, Some(*after), Some(*before), tokens))
            });
            of_known.collect()
        }
        _ => Vec::new(),
    }
}

/// Two numbers with an arrow between, and none before or behind: `3→4`. A longer row is a list of phases.
fn arrows<'t>(tokens: &'t [Token<'t>], vocabulary: &Vocabulary<'_>) -> Vec<(Number, Number, &'t [Token<'t>])> {
    let is_arrow = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|token| token.is_sign(&['→']));
    (0..tokens.len())
        .filter(|at| is_arrow(Some(*at)))
        .filter_map(|at| {
            let start = at.checked_sub(1)?;
            let from = tokens[start].number()?;
            let behind = tokens.get(at + 1)?;
            let end = at + 1 + usize::from(vocabulary.is_word(behind));
            let to = tokens.get(end)?.number()?;
            let is_pair = !is_arrow(at.checked_sub(2)) && !is_arrow(Some(end + 1));
            (is_pair && vocabulary.has(from) && vocabulary.has(to)).then(|| (from, to, &tokens[start..=end]))
        })
        .collect()
}

/// The phase that a word leads to: `before proceeding to Phase 9`.
fn following(tokens: &[Token<'_>], word: &str, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    let at = tokens.iter().position(|token| token.is_word(&[word]))?;
    let phase = tokens[at + 1..].iter().take(4).position(|token| vocabulary.is_word(token))? + at + 1;
    tokens.get(phase + 1)?.number().map(Number::whole).filter(|phase| vocabulary.has(*phase))
}
