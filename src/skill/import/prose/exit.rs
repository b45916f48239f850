//! When the work is complete: a list to tick becomes the gate at the end.

use super::super::super::document::Document;
use super::super::super::facts::{Vocabulary, tokens};
use super::super::flow::{Evidence, Gate, Item, capital};
use super::super::write::{self, Names};
use crate::source::Span;

const TITLES: &[&str] = &[
    "exit criteria",
    "completion criteria",
    "definition of done",
    "done when",
    "success criteria",
    "acceptance criteria",
];

/// The gate that a section lists, with the items it is made of.
pub fn read(document: &Document<'_>, heading: usize, vocabulary: &Vocabulary<'_>) -> Option<(Gate, Vec<Span>)> {
    let title = document.headings[heading].content.text.trim();
    if !TITLES.contains(&&*title.to_lowercase()) {
        return None;
    }
    let section = document.section(heading);
    let (mut items, mut spans) = (Vec::new(), Vec::new());
    let mut names = Names::default();
    for (index, item) in document.items.iter().enumerate() {
        let is_ticked = section.contains(item.span) && item.depth == 0 && item.checked.is_some();
        let paragraph = document.paragraphs.iter().find(|paragraph| paragraph.item == Some(index));
        let (Some(paragraph), true) = (paragraph, is_ticked) else { continue };
        spans.push(item.span);
        let text = paragraph.content.text.replace('\n', " ");
        if is_count(&text, vocabulary) {
            continue;
        }
        // A colon in parentheses belongs to what stands around them.
        let is_whole = |title: &str| title.matches('(').count() == title.matches(')').count();
        let (title, meaning) = text.split_once(": ").filter(|(title, _)| is_whole(title)).unwrap_or((&text, ""));
        let Some(name) = write::kebab(&title.split_whitespace().take(6).collect::<Vec<_>>().join(" ")) else {
            continue;
        };
        items.push(Item {
            name: names.free(name),
            title: title.trim().to_owned(),
            meaning: meaning.trim().to_owned(),
            evidence: Evidence::Checklist,
        });
    }
    if items.is_empty() {
        return None;
    }
    let gate = Gate {
        label: String::new(),
        name: "exit".to_owned(),
        title: capital(title),
        when: None,
        comments: Vec::new(),
        items,
        question: None,
    };
    Some((gate, spans))
}

/// "Phase completion: 16/16": that all phases are complete is true of every end.
fn is_count(text: &str, vocabulary: &Vocabulary<'_>) -> bool {
    match &tokens(text)[..] {
        [first, second, ..] => vocabulary.is_word(first) && second.is_word(&["completion", "complete", "completed"]),
        _ => false,
    }
}
