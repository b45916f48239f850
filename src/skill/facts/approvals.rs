//! Where a person is asked, phase by phase, and what about.

use super::Page;
use super::lines::Line;
use super::tokens::{Number, Token, phases_and};
use super::vocabulary::Vocabulary;
use crate::source::Span;

/// In a phase a person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub phase: Number,
    /// `design approval`; empty where it is not said.
    pub about: String,
    pub place: Span,
}

const PHASE_COLUMNS: &[&str] = &phases_and::<2, 10>(["where", "#"]);
/// The columns of what a person is asked about.
pub const APPROVAL_COLUMNS: &[&str] =
    &["checkpoint", "human checkpoint", "approval", "human approval", "human decision", "user approval"];
/// How lists of them begin.
const LABELS: &[&str] = &["checkpoint", "checkpoints", "approval", "approvals"];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Approval> {
    let mut found = Vec::new();
    for (table, columns) in page.document.tables_with(&[PHASE_COLUMNS, APPROVAL_COLUMNS]) {
        for row in &table.rows {
            let (Some(phase), Some(about)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let has_words = about.text.chars().any(char::is_alphabetic);
            let number =
                vocabulary.phase_of_cell(&phase.text).map(Number::whole).filter(|phase| vocabulary.has(*phase));
            if let Some(phase) = number.filter(|_| has_words) {
                found.push(Approval { phase, about: about.text.trim().to_owned(), place: row.span });
            }
        }
    }
    let lines =
        page.lines.iter().filter(|line| line.fence.is_none() && !line.is_heading && !line.text.starts_with('|'));
    found.extend(lines.flat_map(|line| listed(line, vocabulary)));
    found
}

/// `**Human Checkpoints:** … at Phase 6 (design approval), Phase 11/15 (retries used up)`
fn listed(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Approval> {
    let tokens = &line.tokens;
    let colon = tokens.iter().take(5).position(|token| token.is_sign(&[':']));
    let is_label = |colon: &usize| tokens[..*colon].iter().any(|token| token.is_word(LABELS));
    let Some(colon) = colon.filter(|colon| line.has_number && is_label(colon)) else { return Vec::new() };
    let mut found = Vec::new();
    let mut at = colon + 1;
    while at < tokens.len() {
        if !vocabulary.is_word(&tokens[at]) {
            at += 1;
            continue;
        }
        at += 1;
        let mut phases: Vec<Number> = Vec::new();
        while let Some(number) = tokens.get(at).and_then(Token::number) {
            phases.push(number.whole());
            at += 1;
            let is_more = tokens.get(at).is_some_and(|token| token.is_sign(&['/', ',']))
                && tokens.get(at + 1).is_some_and(|token| token.number().is_some());
            at += usize::from(is_more);
        }
        let about = aside(line, &tokens[at..]).unwrap_or_default();
        let known = phases.into_iter().filter(|phase| vocabulary.has(*phase));
        found.extend(known.map(|phase| Approval { phase, about: about.clone(), place: line.span }));
    }
    found
}

/// What stands in the parentheses that follow at once.
fn aside(line: &Line<'_>, tokens: &[Token<'_>]) -> Option<String> {
    let open = tokens.first().filter(|token| token.is_sign(&['(']))?;
    let close = tokens.iter().find(|token| token.is_sign(&[')']))?;
    Some(line.text[open.range.end..close.range.start].trim().to_owned())
}
