//! Sets of paths, and a path that two of them share.
//!
//! A pattern is a glob over the paths of a repository in which opaque values stand: what an input will be is known only
//! in a run, but it is the same wherever it stands. So the question "may these two write one file" is an equation
//! between two words with unknowns, and it is solved as one: both are read from the left, and whatever the first
//! symbols allow is tried (Nielsen's transformations). An unknown that stands at most twice, and so every pair of
//! paths that people write, leads to finitely many equations; for the rest there is a budget.

mod class;
mod read;
mod solve;

use class::NO_SLASH;

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

/// No system has longer paths: what is longer is taken to the letter, so that reading it takes no time.
const LONGEST: usize = 4096;

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
        let mut symbols = read::word(&pieces);
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
        match solve::solve(filled(&self.symbols), filled(&other.symbols), values)? {
            Some(shared) => Ok(Some(shared)),
            None => solve::solve(self.symbols.clone(), other.symbols.clone(), values),
        }
    }
}

/// As it is written most simply: without the root, without `.` and empty names, and without the names that `..` takes back.
fn normal(pieces: &[Piece]) -> Vec<Piece> {
    let (slash, dot) = (Piece::Char('/'), Piece::Char('.'));
    // Of what a pattern stands for nobody knows whether it is one name; `\0` is a folder that nobody knows.
    let is_plain =
        |name: &[Piece]| name.iter().all(|piece| !matches!(piece, Piece::Char('*' | '?' | '[' | '{' | '\0')));
    let mut names: Vec<&[Piece]> = Vec::new();
    for name in pieces.split(|piece| *piece == slash) {
        match name {
            [] => {}
            [only] if *only == dot => {}
            [first, second] if *first == dot && *second == dot => match names.last() {
                Some(last) if is_plain(last) && *last != name => drop(names.pop()),
                _ => names.push(name),
            },
            _ => names.push(name),
        }
    }
    let mut normal = names.join(&slash);
    if pieces.last() == Some(&slash) && !normal.is_empty() {
        normal.push(slash);
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
