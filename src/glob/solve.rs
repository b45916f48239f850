//! Solving: a path that two words share.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;

use super::class::{LETTERS, NO_SLASH, meet, sample};
use super::{Shared, Symbol, TooLarge, Value, Values, Word};

/// How many symbols the search may write. Real paths need a few hundred.
const BUDGET: usize = 300_000;

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

/// A path that is in both, as short as any.
pub(super) fn solve(left: Word, right: Word, values: &Values) -> Result<Option<Shared>, TooLarge> {
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
