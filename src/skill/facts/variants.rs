//! Sets of variants (work types, sizes, modes), and what a cell says of them: `Always`, `LARGE only`, `MEDIUM+`.

use std::fmt::Write;
use std::ops::{BitAnd, BitOr, Not};

use super::tokens::{Kind, Token, tokens};

/// A set of variants, each a bit in the order of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variants(u64);

/// More than these are not told apart.
pub const MOST: usize = 63;

impl Variants {
    pub const NONE: Variants = Variants(0);
    pub const ALL: Variants = Variants(u64::MAX);

    pub fn one(index: usize) -> Self {
        Variants(1 << index.min(MOST))
    }

    /// From one to another, both among them.
    fn range(from: usize, to: usize) -> Self {
        (from..=to).map(Variants::one).fold(Variants::NONE, Variants::bitor)
    }

    pub fn has(self, index: usize) -> bool {
        self.0 & Variants::one(index).0 != 0
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Variants {
    type Output = Variants;
    fn bitor(self, other: Variants) -> Variants {
        Variants(self.0 | other.0)
    }
}

impl BitAnd for Variants {
    type Output = Variants;
    fn bitand(self, other: Variants) -> Variants {
        Variants(self.0 & other.0)
    }
}

impl Not for Variants {
    type Output = Variants;
    fn not(self) -> Variants {
        Variants(!self.0)
    }
}

/// The names of the variants, from the smallest to the largest where the skill orders them.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<String>,
    /// The same as tokens.
    tokens: Vec<Vec<Kind<'static>>>,
    /// Words of the name of the dimension: `work`, `type`.
    dimension: Vec<String>,
    /// What the skill calls a piece of work of a variant: the `report` of `a brief report`.
    nouns: Vec<String>,
}

/// A name of a variant, or a token that is none.
#[derive(Debug, Clone, Copy)]
enum Part<'t> {
    Variant(usize),
    Other(&'t Token<'t>),
}

/// Words that say nothing about which variants.
const FILLERS: &[&str] = &[
    "for", "on", "in", "if", "when", "is", "are", "the", "a", "runs", "run", "only", "work", "works", "type", "types",
    "task", "tasks", "change", "changes", "project", "projects", "size", "sizes", "scope", "an", "kind", "kinds", "of",
    "job", "jobs", "tier", "tiers",
];

const ALWAYS: &[&str] =
    &["always", "all", "every", "any", "yes", "required", "mandatory", "unconditional", "unconditionally"];

const NEVER: &[&str] = &["never", "none", "no"];

/// Words that may stand behind a variant and are no noun.
const NO_NOUNS: &[&str] = &[
    "and", "but", "for", "not", "only", "may", "can", "must", "should", "will", "with", "without", "has", "have",
    "had", "the", "that", "which", "when", "where", "then", "than", "from", "into", "are", "was", "were", "does",
    "skip", "run", "need", "take", "also", "all", "any", "except", "unless", "never", "always", "nor", "one",
];

const NOT: &[&str] = &["not", "except", "excluding", "but", "unless", "skip", "skips", "skipped"];

impl Names {
    pub fn new(names: Vec<String>, dimension: &str) -> Self {
        let kinds = |name: &String| tokens(name).into_iter().map(|token| token.kind.into_owned()).collect();
        let words = tokens(dimension).into_iter().filter_map(|token| token.word().map(str::to_owned));
        let mut dimension: Vec<String> = words.collect();
        // `work_type` in a condition means the column `Work Type`.
        dimension.push(dimension.join("_"));
        Names { tokens: names.iter().map(kinds).collect(), names, dimension, nouns: Vec::new() }
    }

    /// The same with the nouns that a text has behind them: `a brief report`, and elsewhere `deep reports`.
    pub fn with_nouns(mut self, text: &str) -> Self {
        let tokens = tokens(text);
        let mut found: Vec<(String, bool, Variants)> = Vec::new();
        let mut rest = &tokens[..];
        let mut is_one = false;
        while let Some(first) = rest.first() {
            let Some((index, length, _)) = self.longest(rest) else {
                is_one = first.is_word(&["a", "an", "each", "every"]);
                rest = &rest[1..];
                continue;
            };
            rest = &rest[length..];
            let noun = rest.first().and_then(Token::word).filter(|word| word.len() > 2 && !NO_NOUNS.contains(word));
            if let Some(noun) = noun.filter(|noun| !is_one || !noun.ends_with('s')) {
                let stem = singular(noun);
                match found.iter_mut().find(|(known, ..)| known == stem) {
                    Some((_, is_known, of)) => (*is_known, *of) = (*is_known || is_one, *of | Variants::one(index)),
                    None => found.push((stem.to_owned(), is_one, Variants::one(index))),
                }
            }
            is_one = false;
        }
        let is_noun = |(_, is_one, of): &(String, bool, Variants)| *is_one && of.0.count_ones() > 1;
        self.nouns = found.into_iter().filter(is_noun).map(|(stem, ..)| stem).collect();
        self
    }

    /// Whether a word is what a piece of work is called.
    fn is_noun(&self, word: &str) -> bool {
        let one = singular(word);
        self.nouns.iter().any(|noun| noun == one) || self.dimension.iter().any(|noun| noun == one)
    }

    /// The tokens that are neither a name, nor words that say nothing about which variants.
    pub fn others<'t>(&self, tokens: &'t [Token<'t>]) -> Vec<&'t Token<'t>> {
        let parts = self.parts(tokens).filter(|part| !self.is_filler(part));
        parts.filter_map(|part| if let Part::Other(token) = part { Some(token) } else { None }).collect()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (usize, &str)> {
        self.names.iter().map(String::as_str).enumerate()
    }

    /// `work_type` for `Work Type`.
    pub fn dimension_key(&self) -> &str {
        self.dimension.last().map_or("", String::as_str)
    }

    pub fn name(&self, index: usize) -> &str {
        &self.names[index]
    }

    /// All that there are.
    pub fn all(&self) -> Variants {
        self.iter().map(|(index, _)| Variants::one(index)).fold(Variants::NONE, Variants::bitor)
    }

    /// `SMALL` and `MEDIUM`, each in backticks.
    pub fn list(&self, variants: Variants) -> String {
        let named: Vec<&str> = self.iter().filter(|(index, _)| variants.has(*index)).map(|(_, name)| name).collect();
        let mut list = String::new();
        for (index, name) in named.iter().enumerate() {
            let before = match index {
                0 => "",
                last if last + 1 == named.len() => " and ",
                _ => ", ",
            };
            _ = write!(list, "{before}`{name}`");
        }
        list
    }

    /// The variants that are named in a text, wherever.
    pub fn mentioned(&self, tokens: &[Token<'_>]) -> Variants {
        self.parts(tokens).fold(Variants::NONE, |found, part| match part {
            Part::Variant(index) => found | Variants::one(index),
            Part::Other(_) => found,
        })
    }

    /// The one variant that a title is about: it names it, and no other.
    pub fn only(&self, tokens: &[Token<'_>]) -> Option<usize> {
        let mentioned = self.mentioned(tokens);
        let mut found = self.iter().map(|(index, _)| index).filter(|index| mentioned.has(*index));
        found.next().filter(|_| found.next().is_none())
    }

    /// The variant that a cell is, and nothing else.
    pub fn exactly(&self, text: &str) -> Option<usize> {
        let tokens = tokens(text);
        let mut parts = self.parts(&tokens);
        match (parts.next(), parts.next()) {
            (Some(Part::Variant(index)), None) => Some(index),
            _ => None,
        }
    }

    /// Whether one of the names begins with a token.
    pub fn begin_with(&self, token: &Token<'_>) -> bool {
        self.tokens.iter().any(|kinds| kinds.first().is_some_and(|first| *first == token.kind))
    }

    /// What a condition says, when all of it is understood.
    pub fn condition(&self, text: &str) -> Option<Variants> {
        let whole = tokens(text);
        self.understood(&whole).or_else(|| {
            let outside = outside_parentheses(&whole);
            let inside: Vec<Token<'_>> = whole.iter().filter(|token| !outside.contains(token)).cloned().collect();
            // In plural they are what is spoken of: `Parcel only (letters are light)`.
            let is_named = |at: usize| self.longest(&inside[at..]).is_some_and(|(_, _, is_exact)| is_exact);
            let is_aside = !inside.is_empty() && !(0..inside.len()).any(is_named);
            is_aside.then(|| self.understood(&outside)).flatten()
        })
    }

    fn understood(&self, tokens: &[Token<'_>]) -> Option<Variants> {
        let parts: Vec<Part<'_>> = self.parts(tokens).filter(|part| !self.is_filler(part)).collect();
        let word =
            |at: usize, words: &[&str]| matches!(parts.get(at), Some(Part::Other(token)) if token.is_word(words));
        let sign =
            |at: usize, signs: &[char]| matches!(parts.get(at), Some(Part::Other(token)) if token.is_sign(signs));
        let last = self.len().checked_sub(1)?;
        let mut found = Variants::NONE;
        let mut is_negated = false;
        let mut at = 0;
        match parts[..] {
            [Part::Other(token)] if token.is_word(ALWAYS) || token.is_sign(&['✓', '✔', '✅']) => {
                return Some(Variants::ALL);
            }
            [Part::Other(token)] if token.is_word(NEVER) || token.is_sign(&['✗', '✘', '❌']) => {
                return Some(Variants::NONE);
            }
            [Part::Other(token), ..] if token.is_word(ALWAYS) => at = 1,
            [] => return None,
            _ => {}
        }
        let is_exception = at == 1;
        while word(at, NOT) {
            is_negated = true;
            at += 1;
        }
        if is_exception && !is_negated {
            return None;
        }
        let mut is_named = false;
        while at < parts.len() {
            let before = at;
            let bound = match () {
                () if sign(at, &['≥']) => Some((0, true)),
                () if sign(at, &['>']) => Some((1, true)),
                () if sign(at, &['≤']) => Some((0, false)),
                () if sign(at, &['<']) => Some((1, false)),
                () if word(at, &["at"]) && word(at + 1, &["least"]) => Some((0, true)),
                () if word(at, &["at"]) && word(at + 1, &["most"]) => Some((0, false)),
                () if word(at, &["up"]) && word(at + 1, &["to"]) => Some((0, false)),
                () if word(at, &["above", "over"]) => Some((1, true)),
                () if word(at, &["below", "under"]) => Some((1, false)),
                () => None,
            };
            at += match bound {
                Some(_) if word(at, &["at", "up"]) => 2,
                Some(_) => 1,
                None => 0,
            };
            let Some(Part::Variant(index)) = parts.get(at).copied() else {
                // Between names, and nowhere else.
                if is_named && bound.is_none() && (sign(at, &[',', '/', '|', '&', ';']) || word(at, &["and", "or"])) {
                    at += 1;
                    continue;
                }
                return None;
            };
            at += 1;
            is_named = true;
            let from = |from: usize| if from > last { Variants::NONE } else { Variants::range(from, last) };
            let to = |to: Option<usize>| to.map_or(Variants::NONE, |to| Variants::range(0, to));
            let suffix = self.suffix(&parts[at..]);
            found = found
                | match (bound, suffix) {
                    (Some((strict, true)), None) => from(index + strict),
                    (Some((strict, false)), None) => to(index.checked_sub(strict)),
                    (None, Some((length, is_up))) => {
                        at += length;
                        if is_up { from(index) } else { to(Some(index)) }
                    }
                    (None, None) => match (sign(at, &['-', '→']) || word(at, &["to", "through"]), parts.get(at + 1)) {
                        (true, Some(Part::Variant(end))) if index < *end => {
                            at += 2;
                            Variants::range(index, *end)
                        }
                        (true, _) => return None,
                        _ => Variants::one(index),
                    },
                    (Some(_), Some(_)) => return None,
                };
            debug_assert!(at > before);
        }
        is_named.then_some(if is_negated { !found } else { found })
    }

    /// `+`, `and up`, `or smaller` behind a name: how many parts it is, and whether it leads up.
    fn suffix(&self, parts: &[Part<'_>]) -> Option<(usize, bool)> {
        let token = |at: usize| match parts.get(at) {
            Some(Part::Other(token)) => Some(*token),
            _ => None,
        };
        if token(0)?.is_sign(&['+']) {
            return Some((1, true));
        }
        let second = token(1).filter(|_| token(0).is_some_and(|token| token.is_word(&["and", "or"])))?;
        if second.is_word(&["up", "above", "larger", "higher", "more", "bigger", "upwards", "over", "later"]) {
            Some((2, true))
        } else if second.is_word(&["down", "below", "smaller", "lower", "less", "under", "earlier"]) {
            Some((2, false))
        } else {
            None
        }
    }

    fn is_filler(&self, part: &Part<'_>) -> bool {
        let Part::Other(token) = part else { return false };
        token.is_word(FILLERS)
            || token.is_sign(&['=', ':', '.'])
            || token.word().is_some_and(|word| self.is_noun(word) || self.dimension.iter().any(|name| name == word))
    }

    /// The longest name that tokens begin with, in singular or plural: how many of them it is, and whether it stands there as
    /// it is.
    fn longest(&self, tokens: &[Token<'_>]) -> Option<(usize, usize, bool)> {
        let fits = |(_, kinds): &(usize, &Vec<Kind<'_>>)| {
            let is_same = |(token, kind): (&Token<'_>, &Kind<'_>)| token.kind == *kind;
            let (Some((last, before)), true) = (kinds.split_last(), tokens.len() >= kinds.len()) else { return false };
            let is_last = |token: &Token<'_>| token.kind == *last || is_plural(token, last);
            tokens.iter().zip(before).all(is_same) && is_last(&tokens[before.len()])
        };
        let longest = self.tokens.iter().enumerate().filter(fits).max_by_key(|(_, kinds)| kinds.len());
        let is_exact = |kinds: &[Kind<'_>]| kinds.last().is_some_and(|last| tokens[kinds.len() - 1].kind == *last);
        longest.map(|(index, kinds)| (index, kinds.len(), is_exact(kinds)))
    }

    /// The tokens with the names of variants found in them, the longest name first.
    fn parts<'t>(&self, tokens: &'t [Token<'t>]) -> impl Iterator<Item = Part<'t>> {
        let mut rest = tokens;
        std::iter::from_fn(move || {
            let first = rest.first()?;
            let (part, length) =
                self.longest(rest).map_or((Part::Other(first), 1), |(index, length, _)| (Part::Variant(index), length));
            rest = &rest[length..];
            Some(part)
        })
    }
}

/// Whether a word is the plural of a word that is long enough to have one.
fn is_plural(token: &Token<'_>, of: &Kind<'_>) -> bool {
    let Kind::Word(of) = of else { return false };
    of.len() > 2 && token.word().is_some_and(|word| word.len() > of.len() && singular(word) == of)
}

/// `report` for `reports`, `dish` for `dishes`.
fn singular(word: &str) -> &str {
    let whole = word
        .strip_suffix("es")
        .filter(|stem| stem.ends_with("sh") || stem.ends_with("ch") || stem.ends_with(['x', 's']));
    whole.or_else(|| word.strip_suffix('s')).unwrap_or(word)
}

/// The tokens that stand in no parentheses.
pub fn outside_parentheses<'t>(tokens: &[Token<'t>]) -> Vec<Token<'t>> {
    let mut depth = 0_usize;
    let mut outside: Vec<Token<'t>> = Vec::new();
    for token in tokens {
        if token.is_sign(&['(', '[']) {
            depth += 1;
        } else if token.is_sign(&[')', ']']) {
            depth = depth.saturating_sub(1);
        } else if depth == 0 {
            outside.push(token.clone());
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(text: &str) -> Option<String> {
        let names = Names::new(["TINY", "SMALL", "MEDIUM", "LARGE"].map(str::to_owned).to_vec(), "Work Type");
        names.condition(text).map(|variants| names.list(variants).replace('`', "").replace(" and ", ", "))
    }

    #[test]
    fn conditions_are_sets_of_variants() {
        for (text, expected) in [
            ("Always", "TINY, SMALL, MEDIUM, LARGE"),
            ("all work types", "TINY, SMALL, MEDIUM, LARGE"),
            ("LARGE only", "LARGE"),
            ("Only for Large", "LARGE"),
            ("MEDIUM+", "MEDIUM, LARGE"),
            ("medium and up", "MEDIUM, LARGE"),
            ("≥ MEDIUM", "MEDIUM, LARGE"),
            ("work_type > SMALL", "MEDIUM, LARGE"),
            ("at most SMALL", "TINY, SMALL"),
            ("up to MEDIUM", "TINY, SMALL, MEDIUM"),
            ("SMALL or smaller", "TINY, SMALL"),
            ("SMALL, MEDIUM", "SMALL, MEDIUM"),
            ("SMALL/LARGE", "SMALL, LARGE"),
            ("SMALL–LARGE", "SMALL, MEDIUM, LARGE"),
            ("not TINY", "SMALL, MEDIUM, LARGE"),
            ("All except TINY and SMALL", "MEDIUM, LARGE"),
            ("Skipped for TINY", "SMALL, MEDIUM, LARGE"),
            ("Never", ""),
            ("Always (blocking)", "TINY, SMALL, MEDIUM, LARGE"),
        ] {
            assert_eq!(says(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_whole_says_nothing() {
        for text in [
            "",
            "Optional",
            "If tests fail",
            "LARGE when asked",
            "MEDIUM+ (or SMALL with a database)",
            "always LARGE",
            "SMALL to",
            "-",
        ] {
            assert_eq!(says(text), None, "{text}");
        }
    }
}
