//! Who runs what: the conditions of phases, skip matrices, and lists of phases for a variant.

use std::collections::{BTreeMap, BTreeSet};

use super::lines::Line;
use super::tokens::{Number, Token, tokens};
use super::variants::{Names, Variants, outside_parentheses};
use super::vocabulary::{PHASE_COLUMNS, Vocabulary, lists_run, lists_skipped};
use super::{Page, lists, marks, scopes};
use crate::skill::document::{Inline, Table};
use crate::source::Span;

/// For one phase: which variants a place speaks of, and in which of them it says that the phase is left out.
#[derive(Debug, Clone, Copy)]
pub struct Skip {
    pub phase: Number,
    pub about: Variants,
    pub skipped: Variants,
    pub place: Span,
    pub source: Source,
}

/// What kind of place it is, in the order of trust: the table of phases states each condition where the phase is declared,
/// a matrix repeats them, lists and titles repeat them again, and an example may be of another day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    Condition,
    Matrix,
    List,
    Title,
    Example,
}

pub const CONDITION_COLUMNS: &[&str] = &[
    "conditional",
    "condition",
    "conditions",
    "when",
    "applies to",
    "applies",
    "applies when",
    "runs for",
    "runs when",
    "required",
    "required for",
    "work types",
    "when to run",
    "who runs it",
    "for whom",
    "kinds",
    "kinds of work",
    "sizes",
    "tiers",
];
/// What a row may be about beside a phase.
const DETAIL_COLUMNS: &[&str] = &[
    "agent", "agents", "subagent", "skill", "skills", "task", "tasks", "file", "files", "output", "artifact", "tool",
    "tools", "check", "question", "trigger",
];
const NAME_COLUMNS: &[&str] = &["name", "phase name"];
/// Lists of phases, and what their label does not say they do.
const PHASE_LABELS: &[&str] = &["phases", "stages", "steps"];

/// Whether the phases behind a label are left out or run; nothing where it is no label of such a list.
fn label_of_list(label: &[Token<'_>]) -> Option<bool> {
    let mut words = label.iter().filter_map(Token::word);
    let only = words.next().filter(|_| words.next().is_none());
    let is_one = only.is_some_and(|only| matches!(only, "runs" | "run" | "executes") || PHASE_LABELS.contains(&only));
    if lists_skipped(label) { Some(true) } else { (is_one || lists_run(label)).then_some(false) }
}

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    if vocabulary.variants.is_empty() {
        return Vec::new();
    }
    let document = page.document;
    let mut found: Vec<Skip> = document.tables.iter().flat_map(|table| in_table(table, vocabulary)).collect();
    found.extend(listed(page, vocabulary));
    found.extend(page.lines.iter().filter_map(|line| titled(line, vocabulary)));
    found.extend(examples(page, vocabulary));
    found.extend(scopes::read(page, vocabulary));
    found
}

/// The column that says which phase a row is about.
fn phase_column(table: &Table<'_>) -> Option<usize> {
    let columns = [PHASE_COLUMNS, NAME_COLUMNS].map(|names| table.column(names));
    columns.into_iter().flatten().min()
}

fn in_table(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let (phase, condition) = (phase_column(table), table.column(CONDITION_COLUMNS));
    // A table of agents or files has their conditions, and may have several rows for a phase.
    let is_declaration = vocabulary.phases.iter().any(|phase| table.span.contains(phase.place));
    let is_of_phases = is_declaration || table.column(DETAIL_COLUMNS).is_none();
    if let (Some(phase), Some(condition), true) =
        (phase, condition.filter(|condition| Some(*condition) != phase), is_of_phases)
    {
        let title = table.header.get(condition).map_or_else(Vec::new, |title| tokens(&title.text));
        let rows = table.rows.iter().filter_map(|row| Some((row.cells.get(phase)?, row.cells.get(condition)?)));
        let stated = rows.filter_map(|(phase, condition)| {
            let phase = known_phase(phase, vocabulary)?;
            let runs = runs(&title, &condition.text, vocabulary)?;
            Some(Skip {
                phase,
                about: vocabulary.variants.all(),
                skipped: !runs,
                place: condition.span,
                source: Source::Condition,
            })
        });
        return stated.chain(marked(table, vocabulary)).collect();
    }
    let titles: Vec<Vec<Token<'_>>> = table.header.iter().map(|title| tokens(&title.text)).collect();
    let column = |is_title: fn(&[Token<'_>]) -> bool| titles.iter().position(|title| is_title(title));
    for (column, lists_skipped) in [(column(lists_skipped), true), (column(lists_run), false)] {
        if let Some(column) = column {
            let name = usize::from(column == 0);
            let rows = table.rows.iter().filter_map(|row| Some((row.cells.get(name)?, row.cells.get(column)?)));
            let stated = rows.filter_map(|(name, list)| {
                let variant = vocabulary.variants.exactly(&name.text)?;
                let phases = lists::phases(&list.text, vocabulary)?;
                let stated = of_list(variant, &phases, lists_skipped, list.span, Source::Matrix, vocabulary);
                // `2 (depends)`: other facts decide, so that the row leaves it open.
                let is_open =
                    |skip: &Skip| list.text.split(',').any(|entry| entry.trim() == format!("{} (depends)", skip.phase));
                Some(stated.into_iter().filter(move |skip| !is_open(skip)))
            });
            return stated.flatten().collect();
        }
    }
    marked(table, vocabulary)
}

/// The variants that a phase runs in, by a cell below a title. `Conditional: No` is always, and `Yes` does not say when;
/// `Required: No` does not, either.
fn runs(title: &[Token<'_>], cell: &str, vocabulary: &Vocabulary<'_>) -> Option<Variants> {
    let is_titled = |words: &[&str]| title.first().is_some_and(|first| first.is_word(words));
    let answer = match &outside_parentheses(&tokens(cell))[..] {
        [one] if one.is_word(&["yes"]) || one.is_sign(&['✓', '✔', '✅']) => Some(true),
        [one] if one.is_word(&["no", "none"]) || one.is_sign(&['✗', '✘', '❌']) => Some(false),
        _ => None,
    };
    match answer {
        Some(yes) if is_titled(&["conditional", "condition", "conditions"]) => (!yes).then_some(Variants::ALL),
        Some(false) if is_titled(&["required"]) => None,
        _ => vocabulary.variants.condition(cell),
    }
}

/// A list says something of each phase: those in it, and those that are not.
fn of_list(
    variant: usize,
    list: &BTreeSet<Number>,
    lists_skipped: bool,
    place: Span,
    source: Source,
    vocabulary: &Vocabulary<'_>,
) -> Vec<Skip> {
    let about = Variants::one(variant);
    let skipped = |phase: Number| if list.contains(&phase) == lists_skipped { about } else { Variants::NONE };
    vocabulary.numbers().map(|phase| Skip { phase, about, skipped: skipped(phase), place, source }).collect()
}

fn known_phase(cell: &Inline<'_>, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    vocabulary.phase_of_cell(&cell.text).filter(|phase| vocabulary.has(*phase))
}

/// A matrix of marks, phases down and variants across or the other way round; beside the variants may stand what a phase is.
fn marked(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let variant = |cell: &Inline<'_>| vocabulary.variants.exactly(&cell.text);
    let across: Vec<(usize, usize)> =
        table.header.iter().enumerate().filter_map(|(column, title)| Some((column, variant(title)?))).collect();
    let down = || -> Vec<(usize, Number)> {
        let titles = table.header.iter().enumerate().skip(1);
        let known: Option<_> = titles.map(|(column, title)| Some((column, known_phase(title, vocabulary)?))).collect();
        known.unwrap_or_default()
    };
    // For each cell: the phase, the variant, and where it is.
    let mut cells: Vec<(Number, usize, &Inline<'_>)> = Vec::new();
    if across.len() > 1 || across.len() == 1 && table.header.len() == 2 {
        let phase = phase_column(table).unwrap_or(0);
        for row in &table.rows {
            let Some(phase) = row.cells.get(phase).and_then(|cell| known_phase(cell, vocabulary)) else { continue };
            cells
                .extend(across.iter().filter_map(|(column, variant)| Some((phase, *variant, row.cells.get(*column)?))));
        }
    } else {
        let phases = down();
        for row in &table.rows {
            let Some(variant) = row.cells.first().and_then(variant) else { continue };
            cells.extend(phases.iter().filter_map(|(column, phase)| Some((*phase, variant, row.cells.get(*column)?))));
        }
    }
    // A row for each agent or file of a phase says when that one is needed.
    let is_twice = |(at, (phase, variant, _)): (usize, &(Number, usize, &Inline<'_>))| {
        cells[..at].iter().any(|(other, of, _)| (other, of) == (phase, variant))
    };
    if cells.iter().enumerate().any(is_twice) {
        return Vec::new();
    }
    let texts: Vec<&str> = cells.iter().map(|(.., cell)| &*cell.text).collect();
    let stated = cells.iter().zip(marks::runs(&texts)).filter_map(|((phase, variant, cell), runs)| {
        let about = Variants::one(*variant);
        let skipped = if runs? { Variants::NONE } else { about };
        Some(Skip { phase: *phase, about, skipped, place: cell.span, source: Source::Matrix })
    });
    stated.collect()
}

/// A line with a list of phases for a variant.
struct Listing {
    variant: usize,
    phases: BTreeSet<Number>,
    lists_skipped: bool,
    place: Span,
    /// It says all of it, and others may go on with the list.
    is_sentence: bool,
    /// Of the phases that it does not name it says nothing: it stands in the text of one, or in another file.
    is_partial: bool,
}

/// `Skip: 5, 6` and `Phases: 1 → 2 → 4` below a title that names one variant, or `SMALL: skip 5, 6`. What several sentences
/// of a file say of one variant is one list: `S skips step 2`, `S skips step 4`.
fn listed(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let mut found: Vec<Vec<Listing>> = Vec::new();
    let mut sentences: BTreeMap<(usize, bool), usize> = BTreeMap::new();
    for (at, line) in page.lines.iter().enumerate() {
        for listing in listings(page, at, line, vocabulary) {
            let key = (listing.variant, listing.lists_skipped);
            let place = found.len();
            let known = if listing.is_sentence { *sentences.entry(key).or_insert(place) } else { place };
            match found.get_mut(known) {
                Some(known) => known.push(listing),
                None => found.push(vec![listing]),
            }
        }
    }
    let stated = |listings: &Vec<Listing>| {
        let Listing { variant, lists_skipped, place, .. } = listings[0];
        let about = Variants::one(variant);
        let is_partial = listings.iter().all(|listing| listing.is_partial);
        let of_phase = |phase: Number| {
            let naming = listings.iter().find(|listing| listing.phases.contains(&phase));
            if naming.is_none() && is_partial {
                return None;
            }
            let skipped = if naming.is_some() == lists_skipped { about } else { Variants::NONE };
            let place = naming.map_or(place, |listing| listing.place);
            Some(Skip { phase, about, skipped, place, source: Source::List })
        };
        vocabulary.numbers().filter_map(of_phase).collect::<Vec<_>>()
    };
    found.iter().flat_map(stated).collect()
}

/// How many words at the start say that something is left out: 1 for `skips`, 2 for `leaves out`.
pub fn verb_at(tokens: &[Token<'_>]) -> Option<usize> {
    let is_word = |token: &Token<'_>| token.word().is_some() && !token.is_word(PHASE_LABELS);
    let says_so = |words: &[Token<'_>]| words.iter().all(is_word) && lists_skipped(words);
    (1..=tokens.len().min(2)).rev().find(|length| says_so(&tokens[..*length]))
}

fn listings(page: &Page<'_, '_>, at: usize, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Listing> {
    let listing = |variant: usize, list: &str, lists_skipped: bool, is_sentence: bool| {
        let phases = lists::phases(list.strip_suffix(" only").unwrap_or(list), vocabulary)?;
        let is_partial = is_sentence && (line.phase.is_some() || !page.is_main);
        Some(Listing { variant, phases, lists_skipped, place: line.span, is_sentence, is_partial })
    };
    if let Some((variant, list, lists_skipped)) = titled_list(page, at, line, vocabulary) {
        return listing(variant, list, lists_skipped, false).into_iter().collect();
    }
    if line.fence.is_some() || line.is_heading || line.text.starts_with('|') {
        return Vec::new();
    }
    let sentences = line.tokens.split(|token| token.is_sign(&['.', ';', '!']));
    let said = sentences.filter_map(|sentence| said(line, sentence, vocabulary));
    let all = || vocabulary.variants.iter().map(|(variant, _)| variant);
    let of =
        said.flat_map(|(variants, list)| all().filter(move |variant| variants.has(*variant)).map(move |it| (it, list)));
    of.filter_map(|(variant, list)| listing(variant, list, true, true)).collect()
}

/// A list below the name of a variant, which is a title or a line of its own: `Skip: 5, 6`, `Skips phases 5 and 6`.
fn titled_list<'l>(
    page: &Page<'_, '_>,
    at: usize,
    line: &'l Line<'_>,
    vocabulary: &Vocabulary<'_>,
) -> Option<(usize, &'l str, bool)> {
    let labelled = || {
        let (label, _) = line.label()?;
        let lists_skipped = label_of_list(label)?;
        // The steps of a step are its own.
        let is_inner = line.phase.is_some() && label.iter().filter_map(Token::word).eq(["steps"]);
        let (_, rest) = line.text.split_once(':').filter(|_| !is_inner)?;
        Some((rest, lists_skipped))
    };
    let begun = || {
        let is_plain = line.phase.is_none() && line.fence.is_none() && !line.is_heading;
        let verb = line.tokens.iter().position(|token| token.word().is_some()).filter(|_| is_plain)?;
        let end = verb_at(&line.tokens[verb..])?;
        Some((&line.text[line.tokens[verb + end - 1].range.end..], true))
    };
    let (rest, lists_skipped) = labelled().or_else(begun)?;
    let variant = label_above(page, at, line, vocabulary)
        .or_else(|| vocabulary.variants.only(&tokens(&page.document.headings[line.section?].content.text)))?;
    Some((variant, rest.trim_matches(['*', '.', ' ']), lists_skipped))
}

/// Of longer lists it is not asked what stands before them.
const LONGEST_LIST: usize = 40;

/// The variant that a line before a list is: `Hotfix:`.
fn label_above(page: &Page<'_, '_>, at: usize, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<usize> {
    let is_item = |line: &&Line<'_>| line.text.starts_with(['-', '*', '+']) && !line.text.starts_with("**");
    let above = page.lines[..=at].iter().rev().take(LONGEST_LIST).find(|line| !is_item(line))?;
    let label =
        above.text.trim_matches('*').strip_suffix(':').filter(|_| above.section == line.section && is_item(&line))?;
    vocabulary.variants.exactly(label.trim_end_matches('*'))
}

/// A sentence that is nothing but variants and what they leave out: `**SMALL:** skip 5, 6`, `SMALL skips phases 5 and 6`,
/// `A hotfix goes straight to the stores: it skips phase 4`.
fn said<'l>(line: &'l Line<'_>, tokens: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Option<(Variants, &'l str)> {
    // Most name none, and need not be looked through.
    if !tokens.iter().any(|token| vocabulary.variants.begin_with(token)) {
        return None;
    }
    let (verb, length) = (0..tokens.len()).find_map(|at| Some((at, verb_at(&tokens[at..])?)))?;
    let subject = &tokens[..verb];
    if vocabulary.variants.mentioned(subject).is_empty() {
        return None;
    }
    let (first, last) = (subject.iter().find(|token| token.word().is_some())?, subject.last()?);
    let written = line.text[first.range.start..last.range.end].trim_end_matches([':', ',', '-', '*', ' ']);
    let variants = vocabulary.variants.condition(written).or_else(|| repeated(subject, vocabulary))?;
    let list = &line.text[tokens[verb + length - 1].range.end..tokens.last()?.range.end];
    Some((variants, list.trim_start_matches([':', '*', ' ']).trim_end_matches(['*', ' '])))
}

/// The one variant that a sentence begins with and comes back to: `A hotfix …: it`.
fn repeated(subject: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Option<Variants> {
    let (_, before) = subject.split_last().filter(|(it, _)| it.is_word(&["it"]))?;
    let (_, before) = before.split_last().filter(|(sign, _)| sign.is_sign(&[':', ',', '-']))?;
    let start = usize::from(before.first()?.is_word(&["a", "an", "the", "each", "every"]));
    let is_first = vocabulary.variants.begin_with(before.get(start)?);
    let is_open = |token: &Token<'_>| {
        token.is_word(&["if", "when", "unless", "may", "can", "might", "not", "never", "unlike", "like", "where"])
    };
    let variant = vocabulary.variants.only(before).filter(|_| is_first && !before.iter().any(is_open));
    variant.map(Variants::one)
}

/// `Phase 6: Brainstorming (LARGE only)`, as a title or in a list of links.
fn titled(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<Skip> {
    if line.fence.is_some() {
        return None;
    }
    let start = line.text.trim_start_matches(['#', '-', '*', '[', ' ']);
    let (phase, rest) = vocabulary.subject(start)?;
    let (_, aside) = rest.rsplit_once('(')?;
    let aside = aside.strip_suffix(')')?;
    let names_one = !vocabulary.variants.mentioned(&tokens(aside)).is_empty();
    let runs = vocabulary.variants.condition(aside).filter(|_| names_one && says_when(aside, vocabulary))?;
    vocabulary.has(phase).then_some(Skip {
        phase,
        about: vocabulary.variants.all(),
        skipped: !runs,
        place: line.span,
        source: Source::Title,
    })
}

/// A list of names alone, `(SMALL/MEDIUM/LARGE)`, tells what there is and not when it runs.
fn says_when(aside: &str, vocabulary: &Vocabulary<'_>) -> bool {
    vocabulary.variants.exactly(aside).is_none()
        && tokens(aside).iter().any(|token| {
            token.is_sign(&['+', '≥', '≤', '<', '>'])
                || token
                    .is_word(&["only", "skip", "skipped", "not", "except", "above", "below", "up", "larger", "smaller"])
        })
}

/// Data in a block of code: the name of the variant beside a list of phases.
fn examples(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let mut found = Vec::new();
    for (index, fence) in page.document.fences.iter().enumerate() {
        if !matches!(&*fence.info.to_ascii_lowercase(), "yaml" | "yml" | "json") {
            continue;
        }
        let lines = || page.lines.iter().filter(move |line| line.fence == Some(index));
        let of_key = |lists_skipped: bool| {
            lines().find_map(|line| {
                let (key, value) = line.text.split_once(':')?;
                let is_key = label_of_list(&tokens(&key.replace('_', " "))) == Some(lists_skipped);
                is_key.then(|| (value.trim().trim_end_matches(','), line.span))
            })
        };
        let variant = lines().find_map(|line| {
            let (key, value) = line.text.split_once(':')?;
            vocabulary
                .variants
                .is_dimension(&tokens(key))
                .then(|| vocabulary.variants.exactly(value.split('#').next().unwrap_or(value)))?
        });
        let Some(variant) = variant else { continue };
        for lists_skipped in [true, false] {
            let list = of_key(lists_skipped).filter(|(value, _)| value.starts_with('['));
            let inner = list
                .and_then(|(value, span)| Some((value.strip_prefix('[')?.split(']').next()?.replace('"', ""), span)));
            let stated = inner.and_then(|(value, span)| Some((lists::phases(&value, vocabulary)?, span)));
            if let Some((list, span)) = stated {
                found.extend(of_list(variant, &list, lists_skipped, span, Source::Example, vocabulary));
            }
        }
    }
    found
}

impl Names {
    /// Whether a key names the dimension: `work_type` for the column `Work Type`.
    fn is_dimension(&self, key: &[super::tokens::Token<'_>]) -> bool {
        let words: Vec<&str> = key.iter().filter_map(|token| token.word()).collect();
        !words.is_empty() && words.join("_") == self.dimension_key()
    }
}
