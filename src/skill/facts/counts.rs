//! How many phases there are said to be, in all or in a variant.

use super::Page;
use super::tokens::{Number, Token, tokens};
use super::vocabulary::Vocabulary;
use crate::source::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub number: u32,
    /// Nothing: of all phases.
    pub variant: Option<usize>,
    pub place: Span,
}

const COUNT_COLUMNS: &[&str] = &[
    "phase count",
    "stage count",
    "step count",
    "phases",
    "stages",
    "steps",
    "# phases",
    "number of phases",
    "total phases",
];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let document = page.document;
    let mut found = Vec::new();
    for table in &document.tables {
        let Some(column) = table.column(COUNT_COLUMNS).filter(|column| *column > 0) else { continue };
        for row in &table.rows {
            let (Some(name), Some(cell)) = (row.cells.first(), row.cells.get(column)) else { continue };
            let count = match &tokens(&cell.text)[..] {
                [number] => number.number(),
                [number, word] if vocabulary.is_word(word) => number.number(),
                _ => None,
            };
            if let (Some(variant), Some(Number { phase: number, stage: 0 })) =
                (vocabulary.variants.exactly(&name.text), count)
            {
                found.push(Count { number, variant: Some(variant), place: cell.span });
            }
        }
    }
    if let Some(block) = &document.front_matter {
        found.extend(totals(&tokens(document.source(block.span)), block.span, vocabulary));
    }
    for line in
        page.lines.iter().filter(|line| line.fence.is_none() && vocabulary.variants.mentioned(&line.tokens).is_empty())
    {
        found.extend(totals(&line.tokens, line.span, vocabulary));
    }
    found
}

/// `16-phase workflow`, `all 16 phases`.
fn totals(tokens: &[Token<'_>], place: Span, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let start = place.start;
    let at = |token: &Token<'_>| Span {
        start: start + token.range.start as u32,
        end: start + token.range.end as u32,
        ..place
    };
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        let Some(Number { phase: number, stage: 0 }) = tokens[index].number() else { continue };
        let next = |ahead: usize| tokens.get(index + ahead);
        let is_compound = next(1).is_some_and(|sign| sign.is_sign(&['-']))
            && next(2).is_some_and(|word| word.word() == Some(vocabulary.word))
            && next(3).is_some_and(|word| word.is_word(&["workflow", "process", "orchestration", "pipeline"]));
        let is_all = index > 0
            && tokens[index - 1].is_word(&["all"])
            && next(1).is_some_and(|word| vocabulary.is_word(word) && word.word() != Some(vocabulary.word));
        if is_compound || is_all {
            found.push(Count { number, variant: None, place: at(&tokens[index]) });
        }
    }
    found
}
