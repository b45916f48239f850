//! What must be complete before a phase begins.

use super::Page;
use super::lines::Line;
use super::tokens::{Number, Token};
use super::variants::Variants;
use super::vocabulary::Vocabulary;
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

/// How entry criteria are headed.
const LABELS: &[&[&str]] = &[
    &["entry"],
    &["entry", "criteria"],
    &["entry", "criterion"],
    &["entry", "condition"],
    &["entry", "conditions"],
    &["entry", "requirements"],
    &["preconditions"],
    &["precondition"],
    &["starts", "when"],
    &["starts", "after"],
    &["begins", "when"],
    &["begins", "after"],
    &["enter", "when"],
    &["depends", "on"],
];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Entry> {
    let mut found = Vec::new();
    let lines = &page.lines;
    for (at, line) in lines.iter().enumerate() {
        let (Some(phase), Some(rest)) = (line.phase.filter(|_| line.fence.is_none()), labelled(line)) else { continue };
        if rest.is_empty() {
            let listed = lines[at + 1..].iter().take_while(|line| is_item(line) && line.phase == Some(phase));
            found.extend(listed.flat_map(|line| required(phase, line, &line.tokens, vocabulary)));
        } else {
            found.extend(required(phase, line, rest, vocabulary));
        }
    }
    found
}

/// What stands behind the label of a line that has one.
fn labelled<'l>(line: &'l Line<'l>) -> Option<&'l [Token<'l>]> {
    let start = line.tokens.iter().position(|token| token.word().is_some())?;
    let tokens = &line.tokens[start..];
    let label = LABELS.iter().find(|label| {
        let is_end = tokens.get(label.len()).is_none_or(|token| token.is_sign(&[':']));
        is_end && super::tokens::starts_with(tokens, label)
    })?;
    Some(tokens.get(label.len() + 1..).unwrap_or_default())
}

fn is_item(line: &Line<'_>) -> bool {
    let number = line.text.trim_start_matches(|c: char| c.is_ascii_digit());
    line.text.starts_with(['-', '*', '+', '✅', '☐'])
        || (number.len() < line.text.len() && number.starts_with(['.', ')']))
}

/// The phases named in a criterion, each up to the next: `Phase 6 complete or skipped, Phase 5 complete`.
fn required(phase: Number, line: &Line<'_>, tokens: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Vec<Entry> {
    let starts: Vec<usize> = (0..tokens.len().saturating_sub(1))
        .filter(|at| vocabulary.is_word(&tokens[*at]) && tokens[at + 1].number().is_some())
        .collect();
    // `SMALL: phase 3 is complete` says nothing of the others.
    let before = starts.first().map_or(&[][..], |first| &tokens[..*first]);
    let written = match before {
        [first, .., last] | [first @ last] => {
            line.text[first.range.start..last.range.end].trim_end_matches([':', '*', ' '])
        }
        [] => "",
    };
    let named = vocabulary.variants.mentioned(before);
    let others =
        if named.is_empty() { Variants::NONE } else { !vocabulary.variants.condition(written).unwrap_or(named) };
    let mut found = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(tokens.len());
        let Some(number) = tokens[start + 1].number() else { continue };
        let clause = &tokens[start + 2..end];
        let is_bound = start
            .checked_sub(1)
            .is_some_and(|before| tokens[before].is_word(&["before", "until", "if", "for", "from", "or", "either"]));
        if is_bound || number.whole() == phase.whole() || !vocabulary.has(number.whole()) {
            continue;
        }
        let place = line.place(&tokens[*start..start + 2]);
        if let Some(exempt) = exempt(clause, vocabulary) {
            found.push(Entry { phase: phase.whole(), requires: number.whole(), exempt: exempt | others, place });
        }
    }
    found
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
