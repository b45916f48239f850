//! Lists of phases: `5, 6, 7`, `1-4, 8`, `1 → 2 → 8`, `None`, `Design, Review`.

use std::collections::BTreeSet;

use super::tokens::{Number, Token, roman};
use super::variants::outside_parentheses;
use super::vocabulary::Vocabulary;

/// What a list says, when all of it is understood. Words in parentheses explain and are passed over.
pub fn phases(text: &str, vocabulary: &Vocabulary<'_>) -> Option<BTreeSet<Number>> {
    let trimmed = text.trim();
    if matches!(trimmed, "" | "-" | "—" | "–") {
        return Some(BTreeSet::new());
    }
    let listed = outside_parentheses(&vocabulary.tokens(trimmed));
    let (listed, is_rest) = match &listed[..] {
        [none] if none.is_word(&["none", "nothing"]) => return Some(BTreeSet::new()),
        [all] if all.is_word(&["all", "every"]) => return Some(vocabulary.numbers().collect()),
        [all, phases] if all.is_word(&["all"]) && vocabulary.is_word(phases) => {
            return Some(vocabulary.numbers().collect());
        }
        [all, except, rest @ ..] if all.is_word(&["all"]) && except.is_word(&["except", "but"]) => (rest, true),
        listed => (listed, false),
    };
    let mut found = BTreeSet::new();
    for piece in listed.split(|token| token.is_sign(&[',', ';', '→', '&', '/', '+', '|']) || token.is_word(&["and"]))
    {
        let piece = match piece {
            [word, rest @ ..] if vocabulary.is_word(word) => rest,
            piece => piece,
        };
        match piece {
            [] => {}
            [one] if one.number().is_some() => found.extend(one.number()),
            [one] if named(piece, trimmed, vocabulary).is_none() => {
                let number = Number::phase(roman(&trimmed[one.range.clone()])?);
                found.extend([Some(number).filter(|number| vocabulary.has(*number))?]);
            }
            [one, colon, ..] if colon.is_sign(&[':']) => found.extend([one.number()?]),
            [from, to, end] if to.is_sign(&['-']) || to.is_word(&["to", "through"]) => {
                let (from, end) = (from.number()?, end.number()?);
                let range: Vec<Number> = vocabulary.numbers().filter(|number| (from..=end).contains(number)).collect();
                if from >= end || range.is_empty() {
                    return None;
                }
                found.extend(range);
            }
            piece => found.extend([named(piece, trimmed, vocabulary)?]),
        }
    }
    if found.is_empty() {
        return None;
    }
    Some(if is_rest { vocabulary.numbers().filter(|number| !found.contains(number)).collect() } else { found })
}

/// The phase of this name; its number may stand before or behind it.
fn named(piece: &[Token<'_>], text: &str, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    let (number, name) = match piece {
        [first, rest @ ..] if first.number().is_some() => (first.number(), rest),
        piece => (None, piece),
    };
    let (first, last) = (name.first()?, name.last()?);
    let found = vocabulary.by_name(&vocabulary.tokens(&text[first.range.start..last.range.end]))?;
    number.is_none_or(|number| number == found).then_some(found)
}
