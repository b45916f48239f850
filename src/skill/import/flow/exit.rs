//! When the work is complete: the gate at the end.

use super::super::super::document::Document;
use super::super::super::facts::{Facts, Vocabulary, tokens};
use super::super::Files;
use super::super::write::{self, Names};
use super::{EXIT, Evidence, Flow, Gate, Item, capital};
use crate::source::Span;

const TITLES: &[&str] = &[
    "exit criteria",
    "completion criteria",
    "definition of done",
    "done when",
    "success criteria",
    "acceptance criteria",
];
/// As `SKILL.md` heads what the last gate asks for.
const TITLE: &str = "Exit Criteria";

impl Flow {
    /// The list to tick at the end of `SKILL.md`.
    pub fn exit(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let document = files.main().document;
        for heading in document.outer_sections() {
            let title = document.headings[heading].content.text.trim();
            let (items, spans) = match TITLES.contains(&&*title.to_lowercase()) {
                true => self.ticked(document, document.section(heading), &facts.vocabulary),
                false => continue,
            };
            if !items.is_empty() {
                self.taken.extend(spans.into_iter().map(|span| (span, "exit")));
                let end = self.end();
                end.title = capital(title);
                end.items.extend(items);
                break;
            }
        }
    }

    /// The gate behind all phases.
    fn end(&mut self) -> &mut Gate {
        self.end.get_or_insert_with(|| Gate { name: EXIT.to_owned(), title: TITLE.to_owned(), ..Gate::default() })
    }

    /// A gate behind the last phase: the end waits for what that one makes.
    pub fn hold_the_end(&mut self, item: Item, when: Option<String>, label: &str, place: &str) {
        let item = Item { when, ..item };
        let end = self.end();
        end.comments.push(format!("{place} has gate {} here", label.to_uppercase()));
        if end.label.is_empty() {
            label.clone_into(&mut end.label);
            end.items.push(item);
        }
    }

    /// Where something may be the last that happens, a gate behind it would hold back nothing: the end has to wait for it.
    pub fn guard_the_end(&mut self, facts: &Facts<'_>) {
        let is_held = |end: &Gate| end.items.iter().any(|item| item.when.is_none());
        if self.end.as_ref().is_some_and(is_held) {
            return;
        }
        let mut comments = self.gates_that_come_last(facts);
        if comments.is_empty() && self.end.is_none() {
            return;
        }
        let title = format!("All {}s are complete", facts.vocabulary.word);
        let end = self.end();
        let item = ticked_item(&title, &mut Names::default());
        end.items.push(item);
        end.comments.append(&mut comments);
    }

    /// The gates behind which, for some variants, nothing comes.
    fn gates_that_come_last(&self, facts: &Facts<'_>) -> Vec<String> {
        let mut steps: Vec<(Option<&str>, &[bool])> = Vec::new();
        for (index, phase) in self.phases.iter().enumerate() {
            steps.push((None, self.conditions.runs(index)));
            let gates = phase.gates.iter().chain(&phase.gates_after);
            steps.extend(gates.map(|gate| (Some(&*gate.title), &*gate.stands)));
        }
        let mut comments = Vec::new();
        for (at, (gate, stands)) in steps.iter().enumerate() {
            let behind = &steps[at + 1..];
            let holds_back = |variant: usize| behind.iter().any(|(_, stands)| stands[variant]);
            let variants = facts.vocabulary.variants.iter();
            let last = variants.filter(|(variant, _)| stands[*variant] && !holds_back(*variant));
            let names: Vec<&str> = last.map(|(_, name)| name).collect();
            if let (Some(gate), false, false) = (gate, behind.is_empty(), names.is_empty()) {
                comments.push(format!("For {}, nothing comes after \"{gate}\" but the end", names.join(" and ")));
            }
        }
        comments
    }

    /// The items of a list to tick, with the places of all of them.
    fn ticked(&self, document: &Document<'_>, section: Span, vocabulary: &Vocabulary<'_>) -> (Vec<Item>, Vec<Span>) {
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
            let (text, when) = self.condition_of(&text, vocabulary);
            items.push(Item { when, ..ticked_item(text, &mut names) });
        }
        (items, spans)
    }

    /// `The plan is approved (LARGE only)`: what is said, and of which variants.
    fn condition_of<'t>(&self, text: &'t str, vocabulary: &Vocabulary<'_>) -> (&'t str, Option<String>) {
        let aside = text.trim().strip_suffix(')').and_then(|text| text.rsplit_once('('));
        let said = aside.and_then(|(before, aside)| {
            let is_named = !vocabulary.variants.mentioned(&tokens(aside)).is_empty();
            let variants = vocabulary.variants.condition(aside).filter(|_| is_named)?;
            let holds: Vec<bool> = vocabulary.variants.iter().map(|(variant, _)| variants.has(variant)).collect();
            Some((before.trim(), self.conditions.when(&holds)?))
        });
        said.map_or((text, None), |(before, when)| (before, Some(when)))
    }
}

/// An item of a list, which nobody looks at but who ticks it.
fn ticked_item(text: &str, names: &mut Names) -> Item {
    // A colon in parentheses belongs to what stands around them.
    let is_whole = |title: &str| title.matches('(').count() == title.matches(')').count();
    let (title, meaning) = text.split_once(": ").filter(|(title, _)| is_whole(title)).unwrap_or((text, ""));
    let first: Vec<&str> = title.split_whitespace().take(6).collect();
    Item {
        name: names.free(write::kebab(&first.join(" ")).unwrap_or_else(|| "item".to_owned())),
        title: title.trim().to_owned(),
        meaning: meaning.trim().to_owned(),
        when: None,
        evidence: Evidence::Checklist,
        is_unknown: false,
        lead: None,
    }
}

/// "Phase completion: 16/16": that all phases are complete is true of every end.
fn is_count(text: &str, vocabulary: &Vocabulary<'_>) -> bool {
    match &tokens(text)[..] {
        [first, second, ..] => vocabulary.is_word(first) && second.is_word(&["completion", "complete", "completed"]),
        _ => false,
    }
}
