//! Variants that no table and no label lists: the items below a title, or the names in bold letters of a sentence that counts them.

use super::counts::small_number;
use super::tokens::tokens;
use super::variants::Names;
use super::vocabulary::{VARIANT_LABELS, names};
use crate::skill::document::{Document, Paragraph};
use crate::source::Span;

/// The first that are listed so; whether anything is said of them is seen by who asks.
pub fn read(document: &Document<'_>) -> Option<(Names, Vec<Span>)> {
    below_title(document).or_else(|| document.paragraphs.iter().find_map(|paragraph| counted(document, paragraph)))
}

/// `## Severity tiers`, and below it `- Tier 1 — nobody can work`
fn below_title(document: &Document<'_>) -> Option<(Names, Vec<Span>)> {
    document.headings.iter().enumerate().find_map(|(index, heading)| {
        let title = &*heading.content.text;
        let is_label = tokens(title).last().is_some_and(|last| last.is_word(VARIANT_LABELS));
        let section = is_label.then(|| document.section(index))?;
        let paragraphs = document.within(&document.paragraphs, |paragraph| paragraph.content.span, section);
        let items = paragraphs.iter().filter(|it| it.item.is_some_and(|item| document.items[item].depth == 0));
        let cells: Vec<(&str, Span)> =
            items.map(|item| Some((name(&item.content.text)?, item.content.span))).collect::<Option<_>>()?;
        names(&cells, title)
    })
}

/// What an item lists, where something is told of it behind a dash, a colon or in parentheses.
fn name(item: &str) -> Option<&str> {
    let ends = [" — ", " – ", " - ", ": ", " ("].into_iter().filter_map(|sign| item.find(sign));
    Some(&item[..ends.min()?])
}

/// `Three kinds: **hotfix** (a fault), **feature** (every other week), **epic** (a quarter).`
fn counted(document: &Document<'_>, paragraph: &Paragraph<'_>) -> Option<(Names, Vec<Span>)> {
    let place = paragraph.content.span;
    let source = document.source(place);
    let (sentence, _) = source.split_once("**").filter(|(sentence, _)| !sentence.is_empty())?;
    let words = tokens(sentence);
    let counted = words.windows(2).find_map(|pair| {
        let number = small_number(&pair[0]).filter(|_| pair[1].is_word(VARIANT_LABELS))?;
        Some((number, pair[1].word()?.to_owned()))
    });
    let (number, label) = counted?;
    let bold: Vec<(&str, Span)> = source.split("**").skip(1).step_by(2).map(|name| (name, place)).collect();
    names(&bold, &label).filter(|(names, _)| names.len() == number as usize)
}
