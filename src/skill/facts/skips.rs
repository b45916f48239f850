//! Who runs what: the conditions of phases, skip matrices, and lists of phases for a variant.

use std::collections::BTreeSet;

use super::lines::{Line, subject};
use super::tokens::{Number, Token, tokens};
use super::variants::{Names, Variants, outside_parentheses};
use super::vocabulary::{Vocabulary, lists_run, lists_skipped};
use super::{Page, lists};
use crate::skill::document::{Document, Table};
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

const CONDITION_COLUMNS: &[&str] = &[
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
];
/// What a row may be about beside a phase.
const DETAIL_COLUMNS: &[&str] = &[
    "agent", "agents", "subagent", "skill", "skills", "task", "tasks", "file", "files", "output", "artifact", "tool",
    "tools", "check", "question", "trigger",
];
const PHASE_COLUMNS: &[&str] = &["phase", "stage", "step", "#", "name", "phase name"];
/// Lists of phases, and what their label does not say they do.
const PHASE_LABELS: &[&str] = &["phases", "stages", "steps"];

/// Whether the phases behind a label are left out or run; nothing where it is no label of such a list.
fn label_of_list(label: &str) -> Option<bool> {
    let tokens = tokens(label);
    let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    let runs = || {
        lists_run(label)
            || matches!(words[..], ["runs" | "run" | "executes"])
            || matches!(words[..], [only] if PHASE_LABELS.contains(&only))
    };
    if lists_skipped(label) { Some(true) } else { runs().then_some(false) }
}

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    if vocabulary.variants.is_empty() {
        return Vec::new();
    }
    let document = page.document;
    let mut found: Vec<Skip> = document.tables.iter().flat_map(|table| in_table(table, vocabulary)).collect();
    found.extend(page.lines.iter().flat_map(|line| listed(document, line, vocabulary)));
    found.extend(page.lines.iter().filter_map(|line| titled(line, vocabulary)));
    found.extend(examples(page, vocabulary));
    found
}

fn in_table(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let (phase, condition) = (table.column(PHASE_COLUMNS), table.column(CONDITION_COLUMNS));
    // A table of agents or files has their conditions, and may have several rows for a phase.
    let is_declaration = vocabulary.phases.iter().any(|phase| table.span.contains(phase.place));
    let is_of_phases = is_declaration || table.column(DETAIL_COLUMNS).is_none();
    if let (Some(phase), Some(condition), true) =
        (phase, condition.filter(|condition| Some(*condition) != phase), is_of_phases)
    {
        let title = table.header.get(condition).map_or_else(Vec::new, |title| tokens(&title.text));
        let rows = table.rows.iter().filter_map(|row| Some((row.cells.get(phase)?, row.cells.get(condition)?)));
        let stated = rows.filter_map(|(phase, condition)| {
            let phase = vocabulary.phase_of_cell(&phase.text).filter(|phase| vocabulary.has(*phase))?;
            let runs = runs(&title, &condition.text, vocabulary)?;
            Some(Skip {
                phase,
                about: vocabulary.variants.all(),
                skipped: !runs,
                place: condition.span,
                source: Source::Condition,
            })
        });
        return stated.collect();
    }
    let column = |is_title: fn(&str) -> bool| table.header.iter().position(|title| is_title(&title.text));
    for (column, lists_skipped) in [(column(lists_skipped), true), (column(lists_run), false)] {
        if let Some(column) = column {
            let name = usize::from(column == 0);
            let rows = table.rows.iter().filter_map(|row| Some((row.cells.get(name)?, row.cells.get(column)?)));
            let stated = rows.filter_map(|(name, list)| {
                let variant = vocabulary.variants.exactly(&name.text)?;
                Some(of_list(
                    variant,
                    &lists::phases(&list.text, vocabulary)?,
                    lists_skipped,
                    list.span,
                    Source::Matrix,
                    vocabulary,
                ))
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

/// A matrix of marks, phases down and variants across or the other way round.
fn marked(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let across: Option<Vec<usize>> =
        table.header.iter().skip(1).map(|title| vocabulary.variants.exactly(&title.text)).collect();
    let down = || -> Option<Vec<Number>> {
        let numbers = table.header.iter().skip(1).map(|title| vocabulary.phase_of_cell(&title.text));
        numbers.map(|number| number.filter(|number| vocabulary.has(*number))).collect()
    };
    // A word in parentheses explains: `Skip (too small)`.
    let cell = |text: &str| match &outside_parentheses(&tokens(text))[..] {
        [mark]
            if mark.is_sign(&['✓', '✔', '✅', '●', '■'])
                || mark.is_word(&["yes", "run", "runs", "required", "always"]) =>
        {
            Some(true)
        }
        [mark]
            if mark.is_sign(&['✗', '✘', '❌', '-', '○', '□'])
                || mark.is_word(&["no", "skip", "skips", "skipped", "never"]) =>
        {
            Some(false)
        }
        _ => None,
    };
    let mut found = Vec::new();
    let mut state = |phase: Number, variant: usize, text: &str, place: Span| {
        if let Some(runs) = cell(text) {
            let about = Variants::one(variant);
            let skipped = if runs { Variants::NONE } else { about };
            found.push(Skip { phase, about, skipped, place, source: Source::Matrix });
        }
    };
    if let Some(variants) = across.filter(|variants| !variants.is_empty()) {
        for row in &table.rows {
            let phase = row.cells.first().and_then(|cell| vocabulary.phase_of_cell(&cell.text));
            let Some(phase) = phase.filter(|phase| vocabulary.has(*phase)) else { continue };
            for (variant, cell) in variants.iter().zip(row.cells.iter().skip(1)) {
                state(phase, *variant, &cell.text, cell.span);
            }
        }
    } else if let Some(phases) = down().filter(|phases| !phases.is_empty()) {
        for row in &table.rows {
            let Some(variant) = row.cells.first().and_then(|cell| vocabulary.variants.exactly(&cell.text)) else {
                continue;
            };
            for (phase, cell) in phases.iter().zip(row.cells.iter().skip(1)) {
                state(*phase, variant, &cell.text, cell.span);
            }
        }
    }
    found
}

/// `Skip: 5, 6` and `Phases: 1 → 2 → 4` below a title that names one variant, or `SMALL: skip 5, 6`.
fn listed(document: &Document<'_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let titled = || {
        let (label, rest) = line.text.split_once(':')?;
        let lists_skipped = label_of_list(label)?;
        let title = &document.headings[line.section?].content.text;
        Some((vocabulary.variants.only(&tokens(title))?, rest.trim_matches(['*', ' ']), lists_skipped))
    };
    let Some((variant, list, lists_skipped)) = titled().or_else(|| said(line, vocabulary)) else { return Vec::new() };
    let Some(list) = lists::phases(list, vocabulary) else { return Vec::new() };
    of_list(variant, &list, lists_skipped, line.span, Source::List, vocabulary)
}

/// A line that is nothing but a variant and what it leaves out: `- **SMALL:** skip 5, 6`, `SMALL skips phases 5 and 6.`
fn said<'l>(line: &'l Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<(usize, &'l str, bool)> {
    if line.fence.is_some() || line.is_heading || line.text.starts_with('|') {
        return None;
    }
    let tokens = &line.tokens;
    let verb = tokens.iter().position(|token| token.word().is_some_and(lists_skipped))?;
    let subject: Vec<Token<'_>> =
        tokens[..verb].iter().filter(|token| !token.is_word(&["for", "on", "in"])).cloned().collect();
    let (first, last) = (subject.first()?, subject.last()?);
    let written = line.text[first.range.start..last.range.end].trim_start_matches(['-', '+', '*', ' ']);
    let variant = vocabulary.variants.exactly(written.trim_end_matches([':', ',', '-', '*', ' ']))?;
    let list = line.text[tokens[verb].range.end..].trim_start_matches([':', '*', ' ']);
    Some((variant, list.trim_end_matches(['.', '*', ' ']), true))
}

/// `Phase 6: Brainstorming (LARGE only)`, as a title or in a list of links.
fn titled(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<Skip> {
    if line.fence.is_some() {
        return None;
    }
    let start = line.text.trim_start_matches(['#', '-', '*', '[', ' ']);
    let (phase, rest) = subject(start, vocabulary.word)?;
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
                let is_key = label_of_list(&key.replace('_', " ")) == Some(lists_skipped);
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
