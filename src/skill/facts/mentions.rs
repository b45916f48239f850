//! Phases that are named by their number, with the name beside it.

use super::Page;
use super::lines::subject;
use super::tokens::Number;
use super::vocabulary::Vocabulary;
use crate::source::Span;

/// `Phase 8: Implementation`, `Phase 8 (Implementation)`: a number, and the phase that the name behind it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Mention {
    pub number: Number,
    /// The phase of exactly this name, if one has it.
    pub named: Option<Number>,
    /// A heading of the same file has this number: it counts something of its own.
    pub is_headed: bool,
    pub place: Span,
}

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Mention> {
    let headed: Vec<Number> = page
        .document
        .headings
        .iter()
        .filter_map(|heading| subject(&heading.content.text, vocabulary.word).map(|(number, _)| number))
        .collect();
    let mut found = Vec::new();
    for line in page.lines.iter().filter(|line| line.fence.is_none()) {
        let tokens = &line.tokens;
        for at in 0..tokens.len().saturating_sub(1) {
            let (word, Some(number)) = (&tokens[at], tokens[at + 1].number()) else { continue };
            if !vocabulary.is_word(word) {
                continue;
            }
            let opens = tokens.get(at + 2).is_some_and(|sign| sign.is_sign(&[':', '(', '-', '.']));
            let name = &tokens[(at + 3).min(tokens.len())..];
            let length = name.iter().take_while(|token| token.word().is_some() || token.is_sign(&['&'])).count();
            let named = name[..length]
                .first()
                .zip(name[..length].last())
                .filter(|_| opens)
                .and_then(|(first, last)| vocabulary.by_name(&line.text[first.range.start..last.range.end]));
            let start = line.span.range().start;
            let end = if named.is_some() { name[length - 1].range.end } else { tokens[at + 1].range.end };
            let is_headed = headed.contains(&number);
            found.push(Mention {
                number,
                named,
                is_headed,
                place: page.document.place(start + word.range.start..start + end),
            });
        }
    }
    found
}
