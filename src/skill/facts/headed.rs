//! The phases of a skill that has no table of them: headings that name them, and lists of which a line begins with each.

use std::collections::{BTreeMap, BTreeSet};

use super::labels::Labels;
use super::tokens::{Number, Token, tokens};
use super::vocabulary::{Phase, WORDS, runs_on};
use crate::skill::document::{Document, Paragraph};
use crate::skill::folder::Skill;

/// Phases of one document, each with the first that is called so.
type Headed<'s> = BTreeMap<Number, Phase<'s>>;

/// The phases that headings name, in one document or in several that go on where it ends; or the lines of a list in the main
/// one; or those that begin with a number alone, where the text speaks of phases by these.
pub fn read<'s>(skill: &Skill<'_, 's>) -> Option<(Labels, Vec<Phase<'s>>)> {
    let others = skill.documents.iter().map(|(_, document)| *document);
    let documents: Vec<&Document<'s>> =
        std::iter::once(skill.main).chain(others.filter(|other| !std::ptr::eq(*other, skill.main))).collect();
    let of_words = || WORDS.into_iter().map(Labels::plain).find_map(|labels| by_labels(&documents, labels));
    of_words().or_else(|| lettered(&documents)).or_else(|| numbered(&documents))
}

/// Headings `Phase 1: Setup`, `Phase 2: …` of one document, and of those that go on where it ends.
fn by_labels<'s>(documents: &[&Document<'s>], labels: Labels) -> Option<(Labels, Vec<Phase<'s>>)> {
    let mut open: Vec<Headed<'s>> = documents.iter().map(|document| headings(document, &labels)).collect();
    let opened = open.first().filter(|main| main.is_empty()).and_then(|_| begun(documents[0], &labels));
    let opened = opened.filter(|phases| open.iter().all(|headed| headed.iter().all(|phase| agrees(phases, phase))));
    if let Some(phases) = opened {
        return Some((labels, phases.into_values().collect()));
    }
    open.retain(|headed| !headed.is_empty());
    let whole = open.iter().position(|headed| headed.len() > 2 && runs_on(headed.values()));
    let first = whole.or_else(|| {
        // Each file has a few: the one they begin in is known.
        let mut begins = (0..open.len()).filter(|at| open[*at].keys().next().is_some_and(|first| first.phase <= 1));
        begins.next().filter(|_| begins.next().is_none())
    })?;
    let mut phases = open.swap_remove(first);
    while let Some(next) = following(&phases, &open) {
        phases.extend(open.swap_remove(next));
    }
    // Or these are not the phases of a workflow.
    (phases.len() > 2 && runs_on(phases.values())).then(|| (labels, phases.into_values().collect()))
}

fn words(phase: &Phase<'_>) -> Vec<super::tokens::Kind<'static>> {
    tokens(phase.name).into_iter().map(|token| token.kind.into_owned()).collect()
}

/// Whether a phase has the name that is known of its number, if one is.
fn agrees(known: &Headed<'_>, (number, phase): (&Number, &Phase<'_>)) -> bool {
    known.get(number).is_none_or(|known| words(known) == words(phase))
}

/// The one file that goes on with the phases, and gives those that are known no other names.
fn following(phases: &Headed<'_>, open: &[Headed<'_>]) -> Option<usize> {
    let next = Number::phase(phases.keys().last()?.phase + 1);
    let of_next =
        |headed: &Headed<'_>| headed.iter().find(|(number, _)| number.phase == next.phase).map(|(_, it)| words(it));
    let goes_on = |headed: &Headed<'_>| of_next(headed).is_some() && headed.iter().all(|phase| agrees(phases, phase));
    let mut found = (0..open.len()).filter(|at| goes_on(&open[*at]));
    let next = found.next()?;
    found.all(|other| of_next(&open[other]) == of_next(&open[next])).then_some(next)
}

/// A phase of the place where its name stands in a document.
fn named<'s>(document: &Document<'s>, number: Number, name: &str, source: &str, start: usize) -> Phase<'s> {
    let start = start + source.rfind(name).unwrap_or(0);
    let place = document.place(start..start + name.len());
    Phase { number, name: document.source(place), place }
}

fn headings<'s>(document: &Document<'s>, labels: &Labels) -> Headed<'s> {
    let mut phases = Headed::new();
    for heading in document.headings.iter().filter(|heading| !heading.is_nested) {
        let source = document.source(heading.content.span);
        let is_phase = |(number, name): &(Number, &str)| number.stage == 0 && !name.is_empty();
        let Some((number, name)) = labels.subject(source).filter(is_phase) else { continue };
        let start = heading.content.span.range().start;
        phases.entry(number).or_insert_with(|| named(document, number, name, source, start));
    }
    phases
}

/// What a paragraph or an item shows in bold letters at its start, and where that begins.
fn opening<'s>(document: &Document<'s>, paragraph: &Paragraph<'s>) -> Option<(&'s str, usize)> {
    let inner = document.source(paragraph.content.span).strip_prefix("**")?;
    let (opening, _) = inner.split_once("**")?;
    Some((opening.trim_end_matches([' ', '.', ':']), paragraph.content.span.range().start + 2))
}

/// Lines of one section that each begin with a phase in bold letters: `**Stage 0 — Declare.** …`
fn begun<'s>(document: &Document<'s>, labels: &Labels) -> Option<Headed<'s>> {
    let mut phases = Headed::new();
    let mut sections = BTreeSet::new();
    for paragraph in &document.paragraphs {
        let Some((opening, start)) = opening(document, paragraph) else { continue };
        let is_phase = |(number, name): &(Number, &str)| number.stage == 0 && !name.is_empty();
        let Some((number, name)) = labels.subject(opening).filter(is_phase) else { continue };
        sections.insert(document.section_at(paragraph.content.span));
        if phases.insert(number, named(document, number, name, opening, start)).is_some() {
            return None;
        }
    }
    (phases.len() > 2 && sections.len() == 1 && runs_on(phases.values())).then_some(phases)
}

/// Headings with labels of letters: `## M1 Cut`. The letter is the first of a word for phases that a title has, or they
/// are of something else, such as priorities.
fn lettered<'s>(documents: &[&Document<'s>]) -> Option<(Labels, Vec<Phase<'s>>)> {
    let titles = || documents.iter().flat_map(|document| &document.headings).map(|heading| &*heading.content.text);
    WORDS.into_iter().find_map(|word| {
        let plain = Labels::plain(word);
        let is_titled = titles().any(|title| tokens(title).iter().any(|token| plain.is_word(token)));
        let prefix = word[..1].to_uppercase();
        let labels = Labels { prefix, ..plain };
        is_titled.then(|| by_labels(documents, labels)).flatten()
    })
}

/// Headings of the main file that begin with a Roman number alone, or the items of a list below a title that speaks of phases,
/// where the text names phases by these numbers: `## IV. Reading`, `4. **Reading** – …`, and elsewhere `back to phase IV`.
fn numbered<'s>(documents: &[&Document<'s>]) -> Option<(Labels, Vec<Phase<'s>>)> {
    let bare = |is_roman: bool| Labels { is_roman, is_bare: true, ..Labels::plain(WORDS[0]) };
    let of = |is_roman: bool, phases: Headed<'s>| {
        let is_list = phases.len() > 2 && runs_on(phases.values()) && phases.contains_key(&Number::phase(1));
        let word = is_list.then(|| spoken_of(documents, &phases)).flatten()?;
        Some((Labels { word, is_bare: is_roman, ..bare(is_roman) }, phases.into_values().collect()))
    };
    of(true, headings(documents[0], &bare(true))).or_else(|| of(false, items(documents[0])))
}

/// The items of an ordered list that begins each with a name in bold letters, below a title with a word for phases; in one
/// place, or none is the list of them.
fn items<'s>(document: &Document<'s>) -> Headed<'s> {
    let is_called =
        |title: &str| tokens(title).iter().any(|token| WORDS.iter().any(|word| Labels::plain(word).is_word(token)));
    let mut phases = Headed::new();
    for paragraph in &document.paragraphs {
        let item = paragraph.item.map(|item| &document.items[item]).filter(|item| item.depth == 0);
        let number = item.and_then(|item| item.number).and_then(|number| u32::try_from(number).ok());
        let (Some(number), Some((name, start))) = (number, opening(document, paragraph)) else { continue };
        let section = document.section_at(paragraph.content.span);
        if !section.is_some_and(|section| is_called(&document.headings[section].content.text)) {
            continue;
        }
        let number = Number::phase(number);
        if phases.insert(number, named(document, number, name, name, start)).is_some() {
            return Headed::new();
        }
    }
    phases
}

/// The word before two or more of these numbers, and before no other number.
fn spoken_of(documents: &[&Document<'_>], phases: &Headed<'_>) -> Option<&'static str> {
    let all: Vec<Vec<Token<'_>>> = documents.iter().map(|document| tokens(document.text)).collect();
    let numbers = |word: &'static str| {
        let pairs = all.iter().flat_map(|tokens| tokens.windows(2)).filter(|pair| pair[0].is_word(&[word]));
        pairs.filter_map(|pair| pair[1].number()).map(Number::whole).collect::<BTreeSet<Number>>()
    };
    let fits = |numbers: &BTreeSet<Number>| numbers.len() > 1 && numbers.iter().all(|it| phases.contains_key(it));
    WORDS.into_iter().find(|word| fits(&numbers(word)))
}
