//! What the page of a phase takes from another phase.

use super::Page;
use super::lines::Line;
use super::outputs::Output;
use super::tokens::{Number, Token, tokens};
use super::vocabulary::Vocabulary;
use crate::source::Span;

/// In a phase something of another one is used.
#[derive(Debug, Clone, Copy)]
pub struct Use<'s> {
    pub phase: Number,
    pub from: Number,
    /// The file, where it is named.
    pub file: Option<&'s str>,
    pub place: Span,
}

/// Words of a line that leave it open whether there is anything to take.
const HEDGES: &[&str] = &[
    "if",
    "when",
    "unless",
    "optional",
    "optionally",
    "skipped",
    "exists",
    "exist",
    "available",
    "present",
    "may",
    "might",
    "where",
    "applicable",
    "whether",
    "without",
    "missing",
    "no",
    "not",
    "never",
    "instead",
];

pub fn read<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>, outputs: &[Output<'s>]) -> Vec<Use<'s>> {
    page.lines.iter().flat_map(|line| used(page, line, vocabulary, outputs)).collect()
}

fn used<'s>(page: &Page<'_, 's>, line: &Line<'s>, vocabulary: &Vocabulary<'_>, outputs: &[Output<'s>]) -> Vec<Use<'s>> {
    // A section for some variants, or for a case, speaks of these alone.
    let path = line.section.map_or_else(Vec::new, |section| page.document.path(section));
    let titles: Vec<Token> =
        path.iter().flat_map(|heading| tokens(&page.document.headings[*heading].content.text)).collect();
    let names_variants = [&line.tokens, &titles].iter().any(|tokens| !vocabulary.variants.mentioned(tokens).is_empty());
    let is_hedged = line.tokens.iter().chain(&titles).any(|token| token.is_word(HEDGES)) || line.text.contains('?');
    let Some(phase) = line.phase.filter(|_| !names_variants && !is_hedged) else { return Vec::new() };
    let phase = phase.whole();
    let mut found: Vec<Use<'s>> = Vec::new();
    let mut add = |from: Number, file: Option<&'s str>, place: Span| {
        let is_earlier = from < phase && vocabulary.has(from);
        if is_earlier && !found.iter().any(|found| found.from == from) {
            found.push(Use { phase, from, file, place });
        }
    };
    if line.fence.is_some_and(|fence| is_prompt(&page.document.fences[fence].info)) {
        for output in outputs {
            let named = line.tokens.iter().find(|token| token.word() == Some(&output.file.to_lowercase()));
            // A file that several phases write is there when one of them has run.
            let is_shared = outputs.iter().any(|other| other.file == output.file && other.phase != output.phase);
            if let Some(token) = named.filter(|_| !is_shared) {
                add(output.phase, Some(output.file), line.place(std::slice::from_ref(token)));
            }
        }
    }
    for at in 0..line.tokens.len().saturating_sub(2) {
        let [from, word, number] = &line.tokens[at..at + 3] else { continue };
        let goes_on = line.tokens.get(at + 3).is_some_and(|next| {
            next.is_word(&["to", "or", "and", "on", "onwards"]) || next.is_sign(&['→', '-', '/', ',', '+'])
        });
        if let (true, true, Some(number), false) =
            (from.is_word(&["from"]), vocabulary.is_word(word), number.number(), goes_on)
        {
            add(number.whole(), None, line.place(&line.tokens[at..at + 3]));
        }
    }
    found
}

/// Text for an agent, and no program.
fn is_prompt(info: &str) -> bool {
    matches!(&*info.to_ascii_lowercase(), "" | "markdown" | "md" | "text" | "txt" | "prompt" | "xml")
}
