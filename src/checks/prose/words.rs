//! Words and numbers around a place in a text.

use aho_corasick::packed;

/// A number in a text, in digits or as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    pub value: usize,
    pub start: usize,
    pub end: usize,
}

/// "two" is 2; "one" counts nothing.
const WORDS: [&str; 19] = [
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

/// What can be counted, and what has a number.
const NOUNS: [&str; 10] =
    ["phase", "phases", "gate", "gates", "stages", "agents", "requirements", "items", "checks", "steps"];

/// What these have in common, in the letters in which they are written.
const ANCHORS: [&str; 11] =
    ["hase", "HASE", "gate", "Gate", "GATE", "stages", "agents", "requirements", "items", "checks", "steps"];

/// Between a number and what it counts stand at most so many words: "7 mandatory requirements".
const BETWEEN: usize = 3;

/// Longer numbers count nothing.
const MAX_DIGITS: usize = 6;

/// Where in a source a word stands that can be counted or has a number, with a number beside it; in their order.
pub fn candidates(source: &str) -> Vec<usize> {
    let Some(searcher) = packed::Searcher::new(ANCHORS) else { return Vec::new() };
    let numbered = |hit: &usize| {
        let start = hit - source.as_bytes()[..*hit].iter().rev().take_while(|byte| is_word(**byte)).count();
        let end = hit + source.as_bytes()[*hit..].iter().take_while(|byte| is_word(**byte)).count();
        if !NOUNS.iter().any(|noun| noun.eq_ignore_ascii_case(&source[start..end])) {
            return false;
        }
        let behind = after(source, end).is_some_and(|(_, word)| word.starts_with(|c: char| c.is_ascii_digit()));
        behind || counted(source, start)
    };
    searcher.find_iter(source).map(|hit| hit.start()).filter(numbered).collect()
}

/// One of the words before a place is a number.
fn counted(source: &str, start: usize) -> bool {
    // "16-phase".
    let mut at = if source[..start].ends_with('-') { start - 1 } else { start };
    for _ in 0..=BETWEEN {
        let joined = source[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        let found = if joined { word_to(source, at) } else { before(source, at) };
        let Some((start, word)) = found else { return false };
        if value(word).is_some() {
            return true;
        }
        at = start;
    }
    false
}

/// The word that ends at a place.
fn word_to(text: &str, end: usize) -> Option<(usize, &str)> {
    let start = end - text.as_bytes()[..end].iter().rev().take_while(|byte| is_word(**byte)).count();
    let start = if text[..start].ends_with('\\') && text[start..].starts_with(['n', 't']) { start + 1 } else { start };
    (start < end).then(|| (start, &text[start..end]))
}

/// The numbers of a text outside of code and references, in their order.
pub fn numbers(text: &str) -> Vec<Number> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            // References say what they mean.
            at += if text[at..].starts_with("${") { text[at..].find(['}', '\n']).unwrap_or(2) } else { 1 };
            while !text.is_char_boundary(at) {
                at += 1;
            }
            continue;
        }
        let end = at + bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
        let start = skip_escape(text, at);
        let word = &text[start..end];
        if let Some(value) = value(word) {
            found.push(Number { value, start, end });
        }
        at = end;
    }
    if !found.is_empty() {
        let code = code(text);
        found.retain(|number| !code.iter().any(|(start, end)| (*start..*end).contains(&number.start)));
    }
    found
}

fn value(word: &str) -> Option<usize> {
    if word.as_bytes()[0].is_ascii_digit() {
        return if word.len() <= MAX_DIGITS { word.parse().ok() } else { None };
    }
    let index = WORDS.iter().position(|known| known.eq_ignore_ascii_case(word))?;
    Some(index + 2)
}

/// Letters of any language belong to words.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The letter of `\n` and `\t` is no part of the word behind it.
fn skip_escape(text: &str, start: usize) -> usize {
    let line = text.starts_with('"') && !text.starts_with("\"\"\"");
    let escape = line && text[..start].ends_with('\\') && text[start..].starts_with(['n', 't']);
    start + usize::from(escape)
}

/// Where code stands: between backticks on a line, and in fenced blocks.
pub fn code(text: &str) -> Vec<(usize, usize)> {
    let mut all = Vec::new();
    let mut fence = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.len());
        at = end;
        let opens = line.trim_start().trim_start_matches('"').trim_start();
        let is_fence = opens.starts_with("```") || opens.starts_with("~~~");
        match (fence, is_fence) {
            (Some(from), true) => {
                all.push((from, end));
                fence = None;
            }
            (None, true) => fence = Some(start),
            (Some(_), false) => {}
            (None, false) => {
                let ticks: Vec<usize> = line.match_indices('`').map(|(tick, _)| start + tick).collect();
                all.extend(ticks.chunks_exact(2).map(|pair| (pair[0], pair[1] + 1)));
            }
        }
    }
    all.extend(fence.map(|from| (from, text.len())));
    all
}

/// The word before a place, with nothing but blanks and emphasis between, not even an empty line.
pub fn before(text: &str, at: usize) -> Option<(usize, &str)> {
    let head = text[..at].trim_end_matches([' ', '\t', '\n', '\r', '*']);
    if text[head.len()..at].matches('\n').count() > 1 {
        return None;
    }
    let start = head.len() - head.bytes().rev().take_while(|byte| is_word(*byte)).count();
    let start = skip_escape(text, start);
    (start < head.len() && head.len() < at).then(|| (start, &head[start..]))
}

/// The word behind a place, as [`before`].
pub fn after(text: &str, at: usize) -> Option<(usize, &str)> {
    let tail = &text[at..];
    let rest = tail.trim_start_matches([' ', '\t', '\n', '\r', '*']);
    let start = text.len() - rest.len();
    let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
    let gap = &text[at..start];
    (length > 0 && start > at && gap.matches('\n').count() <= 1).then(|| (start, &rest[..length]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_outside_of_code_and_references() {
        let values = |text: &str| numbers(text).iter().map(|number| number.value).collect::<Vec<_>>();
        assert_eq!(values("\"16 phases, seven gates, v3, 4x, é5\""), [16, 7]);
        assert_eq!(values("\"${count phases when a == 3} of 5 `6` \\n7\""), [5, 7]);
        assert_eq!(values("\"\"\"\n```\n8\n```\n9\n\"\"\""), [9]);
        assert!(values("\"99999999\"").is_empty());
    }

    #[test]
    fn words_stand_beside_a_place() {
        assert_eq!(before("all **16** phases", 6), Some((0, "all")));
        assert_eq!(before("all, 16", 5), None);
        assert_eq!(after("**16** phases", 4), Some((7, "phases")));
        assert_eq!(after("16\n  phases", 2), Some((5, "phases")));
        assert_eq!(after("16\n\nphases", 2), None);
        assert_eq!(after("16-phase", 2), None);
    }
}
