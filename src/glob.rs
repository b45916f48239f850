//! Sets of paths, and a path that two of them share.
//!
//! A pattern is a glob over the paths of a repository in which opaque values stand: what an input will be is known only
//! in a run, but it is the same wherever it stands. So the question "may these two write one file" is an equation
//! between two words with unknowns, and it is solved as one: both are read from the left, and whatever the first
//! symbols allow is tried (Nielsen's transformations). An unknown that stands at most twice, and so every pair of
//! paths that people write, leads to finitely many equations; for the rest there is a budget.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;

/// What a pattern is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    Char(char),
    /// An opaque value, by its number.
    Value(u32),
}

/// A set of paths, relative to one root.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// From the right to the left, so that the first symbol can be taken off the end.
    symbols: Word,
}

type Word = Vec<Symbol>;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Symbol {
    One(char),
    /// One character out of these ranges; never `/`.
    Class(Vec<(char, char)>),
    /// `*`: any characters but `/`, perhaps none.
    Star,
    /// `**/`: any number of whole folders.
    Folders,
    Either(Vec<Word>),
    Value(Value),
}

impl Symbol {
    fn char(&self) -> Option<char> {
        match self {
            Symbol::One(char) => Some(*char),
            _ => None,
        }
    }
}

/// At least one of the letters a value is made of, and neither `.` nor `..` as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Value {
    id: u32,
    /// How many dots of it are known, when all that is known is dots; 2 when nothing can go wrong any more.
    dots: u8,
}

/// What is known of the values: for each number its name, and all it can be, if that is a short list.
#[derive(Debug, Clone, Default)]
pub struct Values {
    values: Vec<(String, Option<Vec<String>>)>,
}

impl Values {
    /// A value with the name it is shown by, and all it can be, if that is known. Gives its number.
    pub fn add(&mut self, name: &str, domain: Option<Vec<String>>) -> u32 {
        self.values.push((name.to_string(), domain));
        u32::try_from(self.values.len() - 1).expect("a source is shorter than 4 GB")
    }

    fn domain(&self, id: u32) -> Option<&[String]> {
        self.values.get(id as usize)?.1.as_deref()
    }
}

/// A path that two patterns share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// With `${name}` for a value that may be anything.
    pub path: String,
    /// The values that must be something particular, by name.
    pub values: Vec<(String, String)>,
}

/// The question was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// How many symbols the search may write. Real paths need a few hundred.
const BUDGET: usize = 300_000;

/// No system has longer paths: what is longer is taken to the letter, so that reading it takes no time.
const LONGEST: usize = 4096;

/// Alternatives may nest this deep; a brace below stands for itself.
const NESTING: usize = 8;

/// The letters of a value.
const LETTERS: [(char, char); 6] = [('-', '-'), ('.', '.'), ('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// All characters but `/`.
const NO_SLASH: [(char, char); 2] = [('\0', '.'), ('0', char::MAX)];

impl Pattern {
    /// One path, to the letter.
    pub fn path(pieces: &[Piece]) -> Pattern {
        let mut symbols: Word = normal(pieces).into_iter().map(symbol).collect();
        symbols.reverse();
        Pattern { symbols }
    }

    /// `*` and `?` stay within a name, `**` stands for any folders, `[a-z]` for one of these characters, `{a,b}` for
    /// one of these texts; what ends with `/` is everything below.
    pub fn glob(pieces: &[Piece]) -> Pattern {
        let mut pieces = normal(pieces);
        if pieces.len() > LONGEST {
            return Pattern::path(&pieces);
        }
        if pieces.last() == Some(&Piece::Char('/')) {
            pieces.extend([Piece::Char('*'), Piece::Char('*')]);
        }
        let mut symbols = parse(&pieces, NESTING);
        symbols.reverse();
        Pattern { symbols }
    }

    /// What every path of the pattern begins with.
    pub fn prefix(&self) -> String {
        self.symbols.iter().rev().map_while(Symbol::char).collect()
    }

    /// What every path of the pattern ends with, from its end.
    pub fn reversed_suffix(&self) -> String {
        self.symbols.iter().map_while(Symbol::char).collect()
    }

    /// Before any search: the first or the last letters are others.
    fn differs_at_once(&self, other: &Pattern) -> bool {
        let chars = |symbol: (&Symbol, &Symbol)| Some((symbol.0.char()?, symbol.1.char()?));
        let first = self.symbols.iter().rev().zip(other.symbols.iter().rev()).map_while(chars);
        let last = self.symbols.iter().zip(&other.symbols).map_while(chars);
        first.chain(last).any(|(a, b)| a != b)
    }

    /// A path that is in both, if there is one.
    pub fn shared(&self, other: &Pattern, values: &Values) -> Result<Option<Shared>, TooLarge> {
        // A file that is called `x.rs` is a better example than one that is called `.rs`.
        if self.differs_at_once(other) {
            return Ok(None);
        }
        match solve(filled(&self.symbols), filled(&other.symbols), values)? {
            Some(shared) => Ok(Some(shared)),
            None => solve(self.symbols.clone(), other.symbols.clone(), values),
        }
    }
}

/// Without the root and `.` at the front, and without empty names.
fn normal(pieces: &[Piece]) -> Vec<Piece> {
    let slash = Piece::Char('/');
    let mut rest = pieces;
    loop {
        match rest {
            [first, tail @ ..] if *first == slash => rest = tail,
            [Piece::Char('.'), second, tail @ ..] if *second == slash => rest = tail,
            _ => break,
        }
    }
    let mut normal: Vec<Piece> = Vec::with_capacity(rest.len());
    for piece in rest {
        if *piece != slash || normal.last() != Some(&slash) {
            normal.push(*piece);
        }
    }
    normal
}

fn symbol(piece: Piece) -> Symbol {
    match piece {
        Piece::Char(char) => Symbol::One(char),
        Piece::Value(id) => Symbol::Value(Value { id, dots: 0 }),
    }
}

/// A reversed word with at least one character for each `*`.
fn filled(word: &Word) -> Word {
    let mut filled_word = Word::with_capacity(word.len());
    for (index, symbol) in word.iter().enumerate() {
        match symbol {
            Symbol::Star if !matches!(word.get(index + 1), Some(Symbol::Class(_))) => {
                filled_word.extend([Symbol::Star, Symbol::Class(NO_SLASH.to_vec())]);
            }
            Symbol::Either(words) => filled_word.push(Symbol::Either(words.iter().map(filled).collect())),
            other => filled_word.push(other.clone()),
        }
    }
    filled_word
}

// ── Reading a glob ───────────────────────────────────────────────────────────────────────────────

/// Symbols from the left to the right, except for alternatives: those are from the right to the left already.
fn parse(pieces: &[Piece], nesting: usize) -> Word {
    let mut word = Word::new();
    let mut at = 0;
    while at < pieces.len() {
        let rest = &pieces[at..];
        let begins = at == 0 || pieces[at - 1] == Piece::Char('/');
        at += match rest {
            [Piece::Char('*'), Piece::Char('*'), Piece::Char('/'), ..] if begins => {
                word.push(Symbol::Folders);
                3
            }
            [Piece::Char('*'), Piece::Char('*')] if begins => {
                word.extend([Symbol::Folders, Symbol::Class(NO_SLASH.to_vec()), Symbol::Star]);
                2
            }
            [Piece::Char('*'), ..] => {
                if word.last() != Some(&Symbol::Star) {
                    word.push(Symbol::Star);
                }
                1
            }
            [Piece::Char('?'), ..] => {
                word.push(Symbol::Class(NO_SLASH.to_vec()));
                1
            }
            [Piece::Char('\\'), escaped, ..] => {
                word.push(symbol(*escaped));
                2
            }
            [Piece::Char('['), ..] => match class(rest) {
                Some((ranges, length)) => {
                    word.push(Symbol::Class(ranges));
                    length
                }
                None => {
                    word.push(Symbol::One('['));
                    1
                }
            },
            [Piece::Char('{'), ..] => match alternatives(rest).filter(|_| nesting > 0) {
                Some((parts, length)) => {
                    let words = parts.into_iter().map(|part| {
                        let mut word = parse(part, nesting - 1);
                        word.reverse();
                        word
                    });
                    word.push(Symbol::Either(words.collect()));
                    length
                }
                None => {
                    word.push(Symbol::One('{'));
                    1
                }
            },
            [piece, ..] => {
                word.push(symbol(*piece));
                1
            }
            [] => 1,
        };
    }
    word
}

/// `[a-z_]` or `[!a-z]`: its characters, and how many pieces it takes.
fn class(pieces: &[Piece]) -> Option<(Vec<(char, char)>, usize)> {
    let mut chars: Vec<char> = Vec::new();
    for piece in &pieces[1..] {
        match piece {
            // A bracket that comes first is one of the characters.
            Piece::Char(']') if !matches!(chars[..], [] | ['!' | '^']) => break,
            Piece::Char(char) if *char != '/' => chars.push(*char),
            _ => return None,
        }
    }
    let length = chars.len() + 2;
    (length <= pieces.len()).then_some(())?;
    let negated = matches!(chars[..], ['!' | '^', ..]);
    let mut rest = &chars[usize::from(negated)..];
    let mut ranges = Vec::new();
    while let Some((first, tail)) = rest.split_first() {
        if let ['-', last, after @ ..] = tail {
            ranges.push((*first, *last));
            rest = after;
        } else {
            ranges.push((*first, *first));
            rest = tail;
        }
    }
    ranges.sort_unstable();
    let ranges = if negated { complement(&ranges) } else { ranges };
    Some((meet(&ranges, &NO_SLASH), length))
}

/// The parts of `{a,b}`, and how many pieces it takes.
fn alternatives(pieces: &[Piece]) -> Option<(Vec<&[Piece]>, usize)> {
    let mut parts = Vec::new();
    let mut depth = 0usize;
    let mut start = 1;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Char('{') => depth += 1,
            Piece::Char('}') => depth -= 1,
            Piece::Char(',') if depth == 1 => {
                parts.push(&pieces[start..index]);
                start = index + 1;
            }
            _ => {}
        }
        if depth == 0 {
            parts.push(&pieces[start..index]);
            return Some((parts, index + 1));
        }
    }
    None
}

fn meet(a: &[(char, char)], b: &[(char, char)]) -> Vec<(char, char)> {
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(low, high)| low <= high).collect()
}

/// Of sorted ranges.
fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut left = Vec::new();
    let mut next = Some('\0');
    for (low, high) in ranges {
        let Some(start) = next else { break };
        if start < *low
            && let Some(end) = ('\0'..*low).next_back()
        {
            left.push((start, end));
        }
        if *high >= start {
            next = (*high..=char::MAX).nth(1);
        }
    }
    left.extend(next.map(|start| (start, char::MAX)));
    left
}

/// A character to show for a class.
fn sample(ranges: &[(char, char)]) -> Option<char> {
    let holds = |char: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&char));
    "xabcXABC0".chars().find(|char| holds(*char)).or_else(|| Some(ranges.first()?.0))
}

// ── Solving ──────────────────────────────────────────────────────────────────────────────────────

/// What is left of both words, and what has been read.
#[derive(Debug, Clone)]
struct Equation {
    left: Word,
    right: Word,
    /// The path so far, from the left to the right: characters and values.
    read: Word,
    /// What the values have turned out to be, from the left to the right.
    known: Vec<(u32, Word)>,
    /// The next number for a part of a value.
    fresh: u32,
}

fn solve(left: Word, right: Word, values: &Values) -> Result<Option<Shared>, TooLarge> {
    let fresh = u32::try_from(values.values.len()).expect("a source is shorter than 4 GB");
    let mut seen: HashSet<(Word, Word)> = HashSet::new();
    let mut open = VecDeque::from([Equation { left, right, read: Word::new(), known: Vec::new(), fresh }]);
    let mut work = 0;
    while let Some(mut equation) = open.pop_front() {
        equation.skip_equal();
        if equation.left.is_empty() && equation.right.is_empty() {
            return Ok(Some(equation.shown(values)));
        }
        work += equation.left.len() + equation.right.len() + equation.read.len() + 1;
        if work > BUDGET {
            return Err(TooLarge);
        }
        let possible = fits(&equation.left, &equation.right) && fits(&equation.right, &equation.left);
        if possible && seen.insert(equation.key(values)) {
            equation.next(values, &mut open);
        }
    }
    Ok(None)
}

/// Whether one side can be as long as the other, and have as many folders. Without a look at the lengths the search
/// would follow equations that only grow.
fn fits(short: &Word, long: &Word) -> bool {
    let deepens = |symbol: &Symbol| matches!(symbol, Symbol::Folders | Symbol::Either(_));
    let stretches = |symbol: &Symbol| *symbol == Symbol::Star || deepens(symbol);
    let slashes = |word: &Word| word.iter().filter(|symbol| **symbol == Symbol::One('/')).count();
    if !long.iter().any(deepens) && slashes(short) > slashes(long) {
        return false;
    }
    if long.iter().any(stretches) {
        return true;
    }
    let count = |word: &Word, id: u32| word.iter().filter(|symbol| mentions(symbol, id)).count();
    let grows = |symbol: &Symbol| match symbol {
        Symbol::Value(value) => count(long, value.id) > count(short, value.id),
        _ => false,
    };
    // Each symbol that is left takes at least one letter.
    let least = short.iter().filter(|symbol| !stretches(symbol)).count();
    least <= long.len() || long.iter().any(grows)
}

impl Equation {
    /// Takes off what is the same character on both sides.
    fn skip_equal(&mut self) {
        while let (Some(Symbol::One(a)), Some(Symbol::One(b))) = (self.left.last(), self.right.last())
            && a == b
        {
            self.read.push(Symbol::One(*a));
            self.left.pop();
            self.right.pop();
        }
    }

    /// The equation with its unknowns numbered from the left, so that equal ones are recognized.
    fn key(&self, values: &Values) -> (Word, Word) {
        let mut numbers: Vec<u32> = Vec::new();
        let mut left = self.left.clone();
        let mut right = self.right.clone();
        for symbol in left.iter_mut().chain(&mut right) {
            renumber(symbol, values, &mut numbers);
        }
        (left, right)
    }

    /// All that the first symbols allow.
    fn next(mut self, values: &Values, open: &mut VecDeque<Equation>) {
        for flipped in [false, true] {
            if flipped {
                std::mem::swap(&mut self.left, &mut self.right);
            }
            match self.left.last() {
                Some(Symbol::Either(words)) => {
                    for word in words {
                        let mut next = self.clone();
                        next.left.pop();
                        next.left.extend(word.iter().cloned());
                        open.push_back(next);
                    }
                    return;
                }
                Some(Symbol::Folders) => {
                    let mut none = self.clone();
                    none.left.pop();
                    open.push_back(none);
                    self.left.extend([Symbol::One('/'), Symbol::Star, Symbol::Class(NO_SLASH.to_vec())]);
                    open.push_back(self);
                    return;
                }
                Some(Symbol::Value(value)) => {
                    let Some(texts) = values.domain(value.id) else { continue };
                    for text in texts {
                        let mut next = self.clone();
                        next.put(value.id, &text.chars().map(Symbol::One).collect::<Word>());
                        open.push_back(next);
                    }
                    return;
                }
                _ => {}
            }
        }
        for flipped in [false, true] {
            if flipped {
                std::mem::swap(&mut self.left, &mut self.right);
            }
            if self.left.last() == Some(&Symbol::Star) {
                self.star(open);
                return;
            }
        }
        let (Some(left), Some(right)) = (self.left.last().cloned(), self.right.last().cloned()) else { return };
        match (left, right) {
            (Symbol::Value(a), Symbol::Value(b)) => self.two_values(a, b, open),
            (Symbol::Value(value), one) => self.value_and_one(value, &ranges(&one), open),
            (one, Symbol::Value(value)) => self.value_and_one(value, &ranges(&one), open),
            (one, other) => {
                if let Some(char) = sample(&meet(&ranges(&one), &ranges(&other))) {
                    self.left.pop();
                    self.right.pop();
                    self.read.push(Symbol::One(char));
                    open.push_back(self);
                }
            }
        }
    }

    /// `*` on the left: it ends here, or takes what comes first on the right.
    fn star(mut self, open: &mut VecDeque<Equation>) {
        let mut ends = self.clone();
        ends.left.pop();
        match self.right.last().cloned() {
            Some(Symbol::Value(value)) => {
                // It takes the whole value, or a first part of it.
                let mut part = self.clone();
                self.right.pop();
                self.read.push(Symbol::Value(value));
                open.push_back(ends);
                open.push_back(self);
                let first = Symbol::Value(Value { id: part.fresh, dots: 2 });
                let rest = Symbol::Value(Value { dots: 2, ..value });
                part.fresh += 1;
                part.left.pop();
                part.put(value.id, &[first.clone(), rest]);
                part.right.pop();
                part.read.push(first);
                open.push_back(part);
            }
            // What both could take changes nothing: one of them ends.
            Some(Symbol::Star) => {
                open.push_back(ends);
                self.right.pop();
                open.push_back(self);
            }
            Some(one) => {
                open.push_back(ends);
                if let Some(char) = sample(&meet(&ranges(&one), &NO_SLASH)) {
                    self.right.pop();
                    self.read.push(Symbol::One(char));
                    open.push_back(self);
                }
            }
            None => open.push_back(ends),
        }
    }

    /// Two values come first: they are the same, or one begins with the other.
    fn two_values(mut self, a: Value, b: Value, open: &mut VecDeque<Equation>) {
        if a.id == b.id {
            self.left.pop();
            self.right.pop();
            self.read.push(Symbol::Value(a));
            open.push_back(self);
            return;
        }
        let both = Symbol::Value(Value { id: a.id, dots: a.dots.min(b.dots) });
        for (longer, shorter) in [(a, b), (b, a)] {
            let mut next = self.clone();
            let rest = Symbol::Value(Value { dots: 2, ..longer });
            next.put(longer.id, &[Symbol::Value(shorter), rest]);
            open.push_back(next);
        }
        self.put(b.id, std::slice::from_ref(&both));
        self.put(a.id, &[both]);
        open.push_front(self);
    }

    /// A value and a character come first: it is that character, or begins with it.
    fn value_and_one(self, value: Value, ranges: &[(char, char)], open: &mut VecDeque<Equation>) {
        let possible = meet(ranges, &LETTERS);
        let often = self.left.iter().chain(&self.right).filter(|symbol| mentions(symbol, value.id)).count() > 1;
        // One letter that stands nowhere is as good as another, and so is any where the value stands nowhere else.
        let mut letters: Vec<char> = sample(&possible).into_iter().collect();
        if often {
            let mut marked = Vec::new();
            self.left.iter().chain(&self.right).for_each(|symbol| marks(symbol, &mut marked));
            let unmarked = possible.iter().flat_map(|(low, high)| *low..=*high).find(|char| !marked.contains(char));
            marked.retain(|char| possible.iter().any(|(low, high)| (*low..=*high).contains(char)));
            letters.extend(unmarked.into_iter().chain(marked));
            letters.sort_unstable();
            letters.dedup();
        }
        for char in letters {
            let dot = char == '.' && value.dots < 2;
            if !dot {
                let mut whole = self.clone();
                whole.put(value.id, &[Symbol::One(char)]);
                open.push_back(whole);
            }
            let mut begins = self.clone();
            let rest = Symbol::Value(Value { dots: if dot { value.dots + 1 } else { 2 }, ..value });
            begins.put(value.id, &[Symbol::One(char), rest]);
            open.push_back(begins);
        }
    }

    /// Puts a word, from the left to the right, for a value everywhere.
    fn put(&mut self, id: u32, word: &[Symbol]) {
        let reversed: Word = word.iter().rev().cloned().collect();
        replace(&mut self.left, id, &reversed);
        replace(&mut self.right, id, &reversed);
        replace(&mut self.read, id, word);
        if !self.known.iter().any(|(known, _)| *known == id) {
            self.known.push((id, vec![Symbol::Value(Value { id, dots: 0 })]));
        }
        for (_, known) in &mut self.known {
            replace(known, id, word);
        }
    }

    fn shown(&self, values: &Values) -> Shared {
        let show = |word: &Word| {
            word.iter().fold(String::new(), |mut text, symbol| {
                match symbol {
                    Symbol::One(char) => text.push(*char),
                    Symbol::Value(value) => match values.values.get(value.id as usize) {
                        Some((name, _)) => drop(write!(text, "${{{name}}}")),
                        // A part of a value may be anything.
                        None => text.push('x'),
                    },
                    _ => {}
                }
                text
            })
        };
        let mut particular: Vec<(String, String)> = self
            .known
            .iter()
            .filter_map(|(id, word)| Some((values.values.get(*id as usize)?.0.clone(), show(word))))
            .filter(|(name, text)| *text != format!("${{{name}}}"))
            .collect();
        particular.sort();
        Shared { path: show(&self.read), values: particular }
    }
}

/// The characters that the first symbol can be; none for those that are no single character.
fn ranges(symbol: &Symbol) -> Vec<(char, char)> {
    match symbol {
        Symbol::One(char) => vec![(*char, *char)],
        Symbol::Class(ranges) => ranges.clone(),
        _ => Vec::new(),
    }
}

/// The characters that a symbol tells from others.
fn marks(symbol: &Symbol, marked: &mut Vec<char>) {
    match symbol {
        Symbol::One(char) => marked.push(*char),
        Symbol::Class(ranges) if ranges[..] != NO_SLASH => {
            marked.extend(LETTERS.iter().flat_map(|(low, high)| *low..=*high));
        }
        Symbol::Either(words) => words.iter().flatten().for_each(|symbol| marks(symbol, marked)),
        _ => {}
    }
}

fn mentions(symbol: &Symbol, id: u32) -> bool {
    match symbol {
        Symbol::Value(value) => value.id == id,
        Symbol::Either(words) => words.iter().flatten().any(|symbol| mentions(symbol, id)),
        _ => false,
    }
}

fn renumber(symbol: &mut Symbol, values: &Values, numbers: &mut Vec<u32>) {
    match symbol {
        Symbol::Value(value) if values.domain(value.id).is_none() => {
            let known = numbers.iter().position(|id| *id == value.id);
            let number = known.unwrap_or_else(|| {
                numbers.push(value.id);
                numbers.len() - 1
            });
            value.id = u32::MAX - u32::try_from(number).expect("a source is shorter than 4 GB");
        }
        Symbol::Either(words) => {
            words.iter_mut().flatten().for_each(|symbol| renumber(symbol, values, numbers));
        }
        _ => {}
    }
}

fn replace(word: &mut Word, id: u32, by: &[Symbol]) {
    if !word.iter().any(|symbol| mentions(symbol, id)) {
        return;
    }
    let mut replaced = Word::with_capacity(word.len() + by.len());
    for symbol in word.drain(..) {
        match symbol {
            Symbol::Value(value) if value.id == id => replaced.extend(by.iter().cloned()),
            Symbol::Either(mut words) => {
                words.iter_mut().for_each(|word| replace(word, id, by));
                replaced.push(Symbol::Either(words));
            }
            other => replaced.push(other),
        }
    }
    *word = replaced;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `$v` stands for the value `v`.
    fn pieces(text: &str, values: &mut Values) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut chars = text.chars();
        while let Some(char) = chars.next() {
            pieces.push(match (char, chars.clone().next()) {
                ('$', Some(name)) => {
                    chars.next();
                    let known = values.values.iter().position(|(known, _)| *known == name.to_string());
                    let few = (name == 'k').then(|| vec!["a".to_string(), "bb".to_string()]);
                    let number = known.map_or_else(|| values.add(&name.to_string(), few), |known| known as u32);
                    Piece::Value(number)
                }
                _ => Piece::Char(char),
            });
        }
        pieces
    }

    fn decided(a: &str, b: &str) -> Result<Option<Shared>, TooLarge> {
        let mut values = Values::default();
        let a = Pattern::glob(&pieces(a, &mut values));
        let b = Pattern::glob(&pieces(b, &mut values));
        a.shared(&b, &values)
    }

    fn shared(a: &str, b: &str) -> Option<Shared> {
        decided(a, b).expect("small")
    }

    fn path(a: &str, b: &str) -> Option<String> {
        shared(a, b).map(|shared| shared.path)
    }

    #[test]
    fn globs_meet_where_a_path_is_in_both() {
        assert_eq!(path("src/**", "src/*.rs").as_deref(), Some("src/x.rs"));
        assert_eq!(path("src/*.rs", "src/*.go"), None);
        assert_eq!(path("src/*", "src/a/b"), None);
        assert_eq!(path("src/**/mod.rs", "src/mod.rs").as_deref(), Some("src/mod.rs"));
        assert_eq!(path("**/a.md", "docs/**").as_deref(), Some("docs/a.md"));
        assert_eq!(path("docs/", "docs/a/b.md").as_deref(), Some("docs/a/b.md"));
        assert_eq!(path("docs/**", "docs"), None);
        assert_eq!(path("/a.md", "./a.md").as_deref(), Some("a.md"));
        assert_eq!(path("a?c", "abc").as_deref(), Some("abc"));
        assert_eq!(path("a?c", "a/c"), None);
        assert_eq!(path("{src,tests}/*.rs", "tests/**").as_deref(), Some("tests/x.rs"));
        assert_eq!(path("{src,tests}/*.{rs,go}", "docs/**"), None);
        assert_eq!(path("[a-c].md", "[c-e].md").as_deref(), Some("c.md"));
        assert_eq!(path("[!a-c].md", "[a-c].md"), None);
        assert_eq!(path("[]].md", "].md").as_deref(), Some("].md"));
        assert_eq!(path("a[", "a[").as_deref(), Some("a["));
        assert_eq!(path("{a", "{*").as_deref(), Some("{a"));
        assert_eq!(path("\\*", "a"), None);
        assert_eq!(path("a**b", "axyb").as_deref(), Some("axyb"));
    }

    #[test]
    fn a_value_is_the_same_wherever_it_stands() {
        assert_eq!(path("src/$v/**", "src/$v/*_test.go").as_deref(), Some("src/${v}/x_test.go"));
        assert_eq!(path("out/$v/*", "out/not-$v/*"), None);
        assert_eq!(path("$v/$v", "a/b"), None);
        assert_eq!(path("$v/$v", "a/*").as_deref(), Some("a/a"));
        assert_eq!(path("a/$v/x", "a/$v/y"), None);
        let same = shared("src/$v.rs", "src/$w.rs").expect("two inputs may be equal");
        assert_eq!(same.path, "src/${v}.rs");
        assert_eq!(same.values, [("w".to_string(), "${v}".to_string())]);
        let tests = shared("src/$v/**", "src/tests/**").expect("an input may be any name");
        assert_eq!(
            (tests.path.as_str(), &tests.values[..]),
            ("src/tests/x", &[("v".to_string(), "tests".to_string())][..])
        );
        let part = shared("docs/api-*.md", "docs/$v.md").expect("it may begin like this");
        assert_eq!((part.path.as_str(), part.values[0].1.as_str()), ("docs/api-x.md", "api-x"));
    }

    #[test]
    fn a_value_is_one_name() {
        assert_eq!(path("$v", "a/b"), None);
        assert_eq!(path("a$v", "a"), None);
        assert_eq!(path("$v/x", "./x"), None);
        assert_eq!(path("$v/x", "../x"), None);
        assert_eq!(path("$v/x", ".../x").as_deref(), Some(".../x"));
        assert_eq!(path("$v", "a b"), None);
        assert_eq!(path("$k.md", "bb.md").as_deref(), Some("bb.md"));
        assert_eq!(path("$k.md", "b.md"), None);
        assert_eq!(path("$k/$k", "a/bb"), None);
    }

    #[test]
    fn equations_that_grow_come_to_an_end() {
        let long = "{a,b}*".repeat(300);
        assert_ne!(decided(&long, &long), Ok(None));
        let open = "{[".repeat(100_000);
        assert!(shared(&open, &open).is_some());
        let stars = format!("{}b", "*a".repeat(200));
        assert!(!matches!(decided(&stars, &"a".repeat(500)), Ok(Some(_))));
    }

    /// Whether a glob holds a path, letter by letter.
    fn holds(glob: &[char], path: &[char], begins: bool) -> bool {
        match glob {
            [] => path.is_empty(),
            ['*', '*', '/', rest @ ..] if begins => {
                holds(rest, path, true)
                    || path
                        .iter()
                        .position(|char| *char == '/')
                        .is_some_and(|at| at > 0 && holds(glob, &path[at + 1..], true))
            }
            ['*', '*'] if begins => !path.is_empty() && path.split(|char| *char == '/').all(|name| !name.is_empty()),
            ['*', rest @ ..] => {
                holds(rest, path, false)
                    || matches!(path, [first, tail @ ..] if *first != '/' && holds(glob, tail, false))
            }
            ['?', rest @ ..] => matches!(path, [first, tail @ ..] if *first != '/' && holds(rest, tail, false)),
            [one, rest @ ..] => matches!(path, [first, tail @ ..] if first == one && holds(rest, tail, *one == '/')),
        }
    }

    fn put(glob: &str, v: &str, w: &str) -> Vec<char> {
        glob.replace("$v", v).replace("$w", w).chars().collect()
    }

    fn words(letters: &[char], longest: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..longest {
            last = last.iter().flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}"))).collect();
            all.extend(last.iter().cloned());
        }
        all
    }

    fn glob() -> impl Strategy<Value = String> {
        let name = proptest::collection::vec(
            prop_oneof![4 => Just("a"), 3 => Just("b"), 3 => Just("$v"), 2 => Just("$w"), 3 => Just("*"), 1 => Just("?")],
            1..4,
        );
        let part = prop_oneof![5 => name.prop_map(|name| name.concat()), 1 => Just("**".to_string())];
        proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn shared_paths_are_those_that_trying_finds(a in glob(), b in glob()) {
            prop_assume!(!a.contains("***") && !b.contains("***"));
            let Ok(found) = decided(&a, &b) else {
                let stands = |name: &str| a.matches(name).count() + b.matches(name).count();
                prop_assert!(stands("$v") > 2 || stands("$w") > 2, "{a} and {b} are too large");
                return Ok(());
            };
            if let Some(found) = &found {
                let value = |name: &str| {
                    let known = found.values.iter().find(|(known, _)| known == name);
                    known.map_or("x".to_string(), |(_, text)| text.replace("${v}", "x").replace("${w}", "x"))
                };
                let path: Vec<char> = found.path.replace("${v}", "x").replace("${w}", "x").chars().collect();
                for glob in [&a, &b] {
                    let glob = put(glob, &value("v"), &value("w"));
                    prop_assert!(holds(&glob, &path, true), "{found:?} is not in {a} and {b}");
                }
            } else {
                let values = words(&['a', 'b'], 2);
                for path in words(&['a', 'b', '/'], 5) {
                    let path: Vec<char> = path.chars().collect();
                    for v in &values[1..] {
                        for w in &values[1..] {
                            let both = holds(&put(&a, v, w), &path, true) && holds(&put(&b, v, w), &path, true);
                            prop_assert!(!both, "{path:?} is in {a} and {b} with {v}, {w}");
                        }
                    }
                }
            }
        }
    }
}
