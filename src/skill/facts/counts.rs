//! How many phases there are said to be, in all or in a variant.

use super::Page;
use super::lines::Line;
use super::tokens::{Number, Token, starts_with, tokens};
use super::vocabulary::Vocabulary;
use crate::source::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    pub number: u32,
    /// Nothing: of all phases.
    pub variant: Option<usize>,
    pub place: Span,
}

const COUNT_COLUMNS: &[&str] = &[
    "phase count",
    "stage count",
    "step count",
    "phases",
    "stages",
    "steps",
    "# phases",
    "number of phases",
    "total phases",
];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let document = page.document;
    let mut found = Vec::new();
    for table in &document.tables {
        let Some(column) = table.column(COUNT_COLUMNS).filter(|column| *column > 0) else { continue };
        for row in &table.rows {
            let (Some(name), Some(cell)) = (row.cells.first(), row.cells.get(column)) else { continue };
            let count = match &tokens(&cell.text)[..] {
                [number] => number.number(),
                [number, word] if vocabulary.is_word(word) => number.number(),
                _ => None,
            };
            if let (Some(variant), Some(number)) =
                (vocabulary.variants.exactly(&name.text), count.and_then(Number::plain))
            {
                found.push(Count { number, variant: Some(variant), place: cell.span });
            }
        }
    }
    if let Some(block) = &document.front_matter {
        let written = tokens(document.source(block.span));
        found.extend(totals(&written, block.span, vocabulary));
        let parts = written.split(|token| token.is_sign(&['.', ';', '!', '?']));
        found.extend(parts.flat_map(|sentence| sentences(sentence, block.span, true, vocabulary)));
    }
    for line in page.lines.iter().filter(|line| line.fence.is_none()) {
        let is_of_all = may_be_of_all(page, line, vocabulary);
        if !line.has_number && !is_of_all {
            continue;
        }
        for sentence in line.tokens.split(|token| token.is_sign(&['.', ';', '!', '?'])) {
            let mut stated = if line.has_number { totals(sentence, line.span, vocabulary) } else { Vec::new() };
            if is_of_all {
                let is_general = is_introduction(page, line, vocabulary);
                let sentences = sentences(sentence, line.span, is_general, vocabulary);
                stated.extend(sentences.into_iter().filter(|_| !is_of_variant(page, line, vocabulary)));
            }
            if !stated.is_empty() && vocabulary.variants.mentioned(sentence).is_empty() {
                found.append(&mut stated);
            }
            if is_of_all {
                found.extend(of_variants(sentence, line.span, vocabulary));
            }
        }
    }
    found.dedup_by_key(|count| count.place);
    found
}

/// Words beside a variant and its number that say no more than that it has so many.
const OF_VARIANTS: &[&str] = &[
    "so",
    "thus",
    "hence",
    "then",
    "therefore",
    "has",
    "have",
    "takes",
    "take",
    "goes",
    "go",
    "through",
    "needs",
    "need",
    "it",
    "with",
    "all",
    "one",
    "long",
    "executes",
    "consists",
    "means",
    "and",
];

/// `An S job takes five steps, and an L job all nine`: the first names what is counted, the others go on with it.
fn of_variants(sentence: &[Token<'_>], place: Span, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let mut found: Vec<Count> = Vec::new();
    for clause in sentence.split(|token| token.is_sign(&[','])) {
        if clause.is_empty() {
            continue;
        }
        let variant = vocabulary.variants.only(clause);
        let others: Vec<&Token<'_>> =
            vocabulary.variants.others(clause).into_iter().filter(|token| !token.is_word(OF_VARIANTS)).collect();
        let number = |token: &Token<'_>| small_number(token).map(|number| (number, token.range.clone()));
        let stated = match others[..] {
            [count, phases] if vocabulary.is_word(phases) => number(count),
            [count] if !found.is_empty() => number(count),
            _ => None,
        };
        let (Some(variant), Some((number, range))) = (variant, stated) else { return found };
        let (start, end) = (place.start + range.start as u32, place.start + range.end as u32);
        found.push(Count { number, variant: Some(variant), place: Span { start, end, ..place } });
    }
    found
}

/// Whether a line may speak of all phases: it stands in the file that lists them, and in no part that is about one of them.
fn may_be_of_all(page: &Page<'_, '_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> bool {
    let lists = vocabulary.phases.first().is_some_and(|phase| phase.place.file == page.document.file);
    lists && line.phase.is_none() && !line.is_heading && !line.text.starts_with('|')
}

/// Whether a line stands in a part that is about a variant.
fn is_of_variant(page: &Page<'_, '_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> bool {
    let path = line.section.map_or_else(Vec::new, |section| page.document.path(section));
    let names_one = |title: &str| !vocabulary.variants.mentioned(&tokens(title)).is_empty();
    path.iter().any(|heading| names_one(&page.document.headings[*heading].content.text))
}

/// Whether a line stands where a skill tells what it is: before the first section, or in the one that lists the phases.
fn is_introduction(page: &Page<'_, '_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> bool {
    let lists = |section: usize| {
        let place = page.document.section(section);
        vocabulary.phases.first().is_some_and(|phase| place.contains(phase.place))
    };
    line.section.is_none_or(|section| page.document.headings[section].level == 1 || lists(section))
}

/// What may have phases in a sentence about all of it.
const WHOLE: &[&str] = &["workflow", "process", "orchestration", "pipeline", "procedure", "skill"];
/// How it has them.
const HAS: &[&str] =
    &["has", "have", "in", "through", "across", "over", "into", "of", "comprises", "contains", "includes", "with"];

/// `There are 3 phases`, `The process runs in three phases`, `Phases: 3`. In an introduction, `Ships a change in 3 phases`, too.
fn sentences(tokens: &[Token<'_>], place: Span, is_general: bool, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let plural = vocabulary.words();
    let is_plural = |token: &Token<'_>| token.word() == Some(&*plural);
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        // `three-phase` is one word.
        let compound = tokens[index].word().and_then(|word| word.strip_suffix(vocabulary.word)?.strip_suffix('-'));
        let compound = compound.and_then(|spelt| small_number(super::tokens::tokens(spelt).first()?));
        let Some(number) = small_number(&tokens[index]).or(compound) else { continue };
        let (before, behind) = (&tokens[..index], &tokens[index + 1..]);
        let is_stated = match behind.first() {
            Some(phases) if is_plural(phases) => {
                let is_there = before.len() > 1 && starts_with(&before[before.len() - 2..], &["there", "are"]);
                let has = before.last().is_some_and(|token| token.is_word(HAS));
                let is_whole = before.iter().any(|token| token.is_word(WHOLE));
                let is_each = before.iter().any(|token| token.is_word(&["each", "every", "per"]));
                // `Rollback is possible in 2 steps` is said of something in it.
                let is_part = before.iter().any(|token| token.is_word(&["is", "are", "can", "may", "be"]));
                let is_all = is_there || has && (is_whole || is_general && !is_part);
                is_all && !is_each && ends(&behind[1..], vocabulary)
            }
            next if compound.is_some() => is_general && next.is_some_and(|next| next.is_word(WHOLE)),
            // `Phases: 3`, and nothing else.
            None => is_label(before, &is_plural),
            Some(_) => false,
        };
        if is_stated {
            let range = &tokens[index].range;
            let (start, end) = (place.start + range.start as u32, place.start + range.end as u32);
            found.push(Count { number, variant: None, place: Span { start, end, ..place } });
        }
    }
    found
}

/// Whether nothing behind the word goes on to say which phases, or of what.
fn ends(behind: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> bool {
    match behind {
        [] => true,
        // What is listed is of the same kind, or these are other phases.
        [colon, rest @ ..] if colon.is_sign(&[':', '(', '-']) => rest.iter().any(|token| vocabulary.is_named(token)),
        [next, ..]
            if next.is_sign(&['.', ',', ';', '!']) || next.is_word(&["and", "total", "overall", "altogether"]) =>
        {
            true
        }
        [next, total, ..] => next.is_word(&["in"]) && total.is_word(&["total", "all"]),
        _ => false,
    }
}

/// `Phases:`, `Total phases:`, `Number of stages:`.
fn is_label(before: &[Token<'_>], is_plural: &dyn Fn(&Token<'_>) -> bool) -> bool {
    let start = before.iter().position(|token| token.word().is_some()).unwrap_or(before.len());
    match &before[start..] {
        [phases, colon] => is_plural(phases) && colon.is_sign(&[':']),
        [total, phases, colon] => total.is_word(&["total"]) && is_plural(phases) && colon.is_sign(&[':']),
        [number, of, phases, colon] => {
            number.is_word(&["number"]) && of.is_word(&["of"]) && is_plural(phases) && colon.is_sign(&[':'])
        }
        _ => false,
    }
}

/// `3`, `three`.
pub fn small_number(token: &Token<'_>) -> Option<u32> {
    const WORDS: [&str; 21] = [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
        "twenty",
    ];
    match (token.number(), token.word()) {
        (Some(number), _) => number.plain(),
        (_, Some(word)) => WORDS.iter().position(|known| *known == word).and_then(|at| u32::try_from(at).ok()),
        _ => None,
    }
}

/// `16-phase workflow`, `all 16 phases`.
fn totals(tokens: &[Token<'_>], place: Span, vocabulary: &Vocabulary<'_>) -> Vec<Count> {
    let start = place.start;
    let at = |token: &Token<'_>| Span {
        start: start + token.range.start as u32,
        end: start + token.range.end as u32,
        ..place
    };
    let mut found = Vec::new();
    for index in 0..tokens.len() {
        let next = |ahead: usize| tokens.get(index + ahead);
        let is_whole = |ahead: usize| {
            next(ahead).is_some_and(|word| word.is_word(&["workflow", "process", "orchestration", "pipeline"]))
        };
        let Some(number) = tokens[index].number().and_then(Number::plain) else { continue };
        let is_compound = next(1).is_some_and(|sign| sign.is_sign(&['-']))
            && next(2).is_some_and(|word| word.word() == Some(vocabulary.word))
            && is_whole(3);
        let is_all = index > 0
            && tokens[index - 1].is_word(&["all"])
            && next(1).is_some_and(|word| vocabulary.is_word(word) && word.word() != Some(vocabulary.word));
        if is_compound || is_all {
            found.push(Count { number, variant: None, place: at(&tokens[index]) });
        }
    }
    found
}
