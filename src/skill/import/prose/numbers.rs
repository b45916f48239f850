//! Phases whose numbers are not those that the built skill gives them: their texts refer to them by name.

use std::collections::HashMap;

use super::super::super::document::Document;
use super::super::super::facts::{Facts, Labels, Number, Source, Token};
use super::super::flow::{Flow, PHASE_COLUMNS};
use super::super::{Files, write};
use crate::source::Span;

pub struct Numbers {
    /// How the skill names them.
    labels: Labels,
    /// Empty where each phase keeps its number.
    names: HashMap<Number, String>,
    /// The numbers of phases in cells of tables, where no word stands before them.
    bare: Vec<Span>,
}

impl Numbers {
    pub fn new(facts: &Facts<'_>, files: &Files<'_, '_>, flow: &Flow) -> Self {
        let mut numbers =
            Numbers { labels: facts.vocabulary.labels.clone(), names: flow.renumbered(), bare: Vec::new() };
        let mut lists: Vec<Span> = facts.checkpoints.iter().map(|found| found.place).collect();
        lists.extend(facts.skips.iter().filter(|skip| skip.source == Source::Matrix).map(|skip| skip.place));
        for file in files.all.iter().filter(|file| !file.is_generated && !numbers.names.is_empty()) {
            for table in &file.document.tables {
                let phase = table.column(PHASE_COLUMNS);
                for (column, cell) in table.rows.iter().flat_map(|row| row.cells.iter().enumerate()) {
                    let is_list = lists.contains(&cell.span);
                    let found = numbers.in_cell(file.document, cell.span);
                    let most = if is_list { found.len() } else { usize::from(phase == Some(column)) };
                    numbers.bare.extend(found.into_iter().take(most));
                }
            }
        }
        numbers
    }

    /// The numbers that stand in no parentheses; in a cell of one phase the first is its own.
    fn in_cell(&self, document: &Document<'_>, cell: Span) -> Vec<Span> {
        let mut depth = 0_usize;
        let mut found = Vec::new();
        for token in self.labels.tokens(document.source(cell)) {
            if token.is_sign(&['(']) {
                depth += 1;
            } else if token.is_sign(&[')']) {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && token.number().is_some() {
                found.push(placed(cell, &token));
            }
        }
        found
    }

    /// Whether a word and a number are one label: `phase 3`, `M3`.
    fn is_label(&self, word: &Token<'_>, number: &Token<'_>) -> bool {
        word.is_word(&[self.labels.word]) || word.range.end == number.range.start && self.labels.is_word(word)
    }

    /// A part of a document as a text of the language.
    pub fn words(&self, document: &Document<'_>, part: Span) -> String {
        let text = document.source(part);
        let mut out = String::new();
        let mut at = 0;
        let tokens = if self.names.is_empty() { Vec::new() } else { self.labels.tokens(text) };
        for (index, token) in tokens.iter().enumerate() {
            let name = token.number().and_then(|number| self.names.get(&number.whole()));
            let Some(name) = name else { continue };
            let word = index
                .checked_sub(1)
                .map(|before| &tokens[before])
                .filter(|word| self.is_label(word, token) && text[word.range.end..token.range.start].trim().is_empty());
            if word.is_none() && !self.bare.contains(&placed(part, token)) {
                continue;
            }
            out.push_str(&write::escaped(&text[at..word.unwrap_or(token).range.start]));
            out.push_str(&format!("${{phase {name}}}"));
            // The stage behind the number stays.
            at = text[token.range.clone()].find('.').map_or(token.range.end, |dot| token.range.start + dot);
        }
        out.push_str(&write::escaped(&text[at..]));
        out
    }
}

fn placed(part: Span, token: &Token<'_>) -> Span {
    Span { start: part.start + token.range.start as u32, end: part.start + token.range.end as u32, ..part }
}
