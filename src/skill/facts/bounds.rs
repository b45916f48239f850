//! Numbers with a comparison and a unit: `≤400 lines per file`.

use super::Page;
use super::tokens::{Kind, Token, tokens};
use super::vocabulary::Vocabulary;
use crate::source::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    AtMost,
    LessThan,
    AtLeast,
    MoreThan,
}

/// A bound, and what it is said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<'s> {
    /// The name in front of it, as words: `file size`.
    pub label: String,
    pub relation: Relation,
    pub number: u32,
    /// `line`, `%`; in singular.
    pub unit: String,
    /// The comparison with its number and unit, as it is written.
    pub text: &'s str,
    pub place: Span,
    /// The row of a table it stands in.
    pub row: Option<Span>,
}

impl Relation {
    /// Whether it bounds from above.
    pub fn is_upper(self) -> bool {
        matches!(self, Relation::AtMost | Relation::LessThan)
    }
}

pub fn read<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>) -> Vec<Bound<'s>> {
    let document = page.document;
    let mut found: Vec<Bound<'s>> = Vec::new();
    for table in &document.tables {
        for row in &table.rows {
            let Some(label) =
                row.cells.iter().position(|cell| tokens(&cell.text).iter().any(|token| token.word().is_some()))
            else {
                continue;
            };
            let name = label_of(&tokens(&row.cells[label].text));
            let rest = row.cells[label + 1..].iter();
            found.extend(rest.filter_map(|cell| {
                let bound = bound(&name, document.source(cell.span), cell.span)?;
                Some(Bound { row: Some(row.span), ..bound })
            }));
        }
    }
    for line in page.lines.iter().filter(|line| !line.is_heading && !line.text.starts_with('|')) {
        let Some((label, rest)) = line.text.split_once(':') else { continue };
        let name: Vec<Token<'_>> = tokens(label).into_iter().skip_while(|token| token.word().is_none()).collect();
        if (1..=4).contains(&name.len()) && name.iter().all(|token| token.word().is_some()) {
            found.extend(bound(&label_of(&name), rest, line.span));
        }
    }
    // What differs by variant is told by the variant, and says nothing without it.
    found.retain(|bound| {
        let around = page.lines.iter().find(|line| line.span.contains(bound.place) || bound.place.contains(line.span));
        around.is_none_or(|line| vocabulary.variants.mentioned(&line.tokens).is_empty())
    });
    found
}

fn label_of(tokens: &[Token<'_>]) -> String {
    tokens.iter().filter_map(Token::word).collect::<Vec<_>>().join(" ")
}

/// The bound of a text that has exactly one.
fn bound<'s>(label: &str, text: &'s str, place: Span) -> Option<Bound<'s>> {
    let tokens = tokens(text);
    let mut found = (0..tokens.len()).filter_map(|at| {
        let (relation, length) = relation(&tokens[at..])?;
        let number = tokens.get(at + length)?.number().filter(|number| number.stage == 0)?.phase;
        let last = tokens.get(at + length + 1)?;
        let (unit, text) = (unit(last)?, &text[tokens[at].range.start..last.range.end]);
        Some(Bound { label: label.to_owned(), relation, number, unit, text, place, row: None })
    });
    found.next().filter(|_| found.next().is_none())
}

fn relation(tokens: &[Token<'_>]) -> Option<(Relation, usize)> {
    let first = tokens.first()?;
    let second = |words: &[&str]| tokens.get(1).is_some_and(|token| token.is_word(words));
    let third = |words: &[&str]| tokens.get(2).is_some_and(|token| token.is_word(words));
    match &first.kind {
        Kind::Sign('≤') => Some((Relation::AtMost, 1)),
        Kind::Sign('<') => Some((Relation::LessThan, 1)),
        Kind::Sign('≥') => Some((Relation::AtLeast, 1)),
        Kind::Sign('>') => Some((Relation::MoreThan, 1)),
        Kind::Word(word) => match &**word {
            "at" if second(&["most"]) => Some((Relation::AtMost, 2)),
            "at" if second(&["least"]) => Some((Relation::AtLeast, 2)),
            "no" if second(&["more", "longer", "larger"]) && third(&["than"]) => Some((Relation::AtMost, 3)),
            "no" if second(&["less", "fewer"]) && third(&["than"]) => Some((Relation::AtLeast, 3)),
            "up" if second(&["to"]) => Some((Relation::AtMost, 2)),
            "more" if second(&["than"]) => Some((Relation::MoreThan, 2)),
            "less" | "fewer" if second(&["than"]) => Some((Relation::LessThan, 2)),
            "under" | "below" => Some((Relation::LessThan, 1)),
            "over" | "above" => Some((Relation::MoreThan, 1)),
            "maximum" | "max" => Some((Relation::AtMost, 1)),
            "minimum" | "min" => Some((Relation::AtLeast, 1)),
            _ => None,
        },
        _ => None,
    }
}

fn unit(token: &Token<'_>) -> Option<String> {
    match &token.kind {
        Kind::Sign('%') => Some("%".to_owned()),
        Kind::Word(word) if word.chars().all(char::is_alphabetic) => Some(
            word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')).unwrap_or(word).to_owned(),
        ),
        _ => None,
    }
}
