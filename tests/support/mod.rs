//! What the tests of laws share: files made of a stream of choices, trees as text, and the compiler as a function.
#![allow(dead_code, reason = "each test file is a crate of its own and uses a part")]

pub mod clean;
pub mod dump;
pub mod plant;
pub mod shipped;
pub mod skills;
pub mod syntactic;

use gatewright::compile;
use gatewright::diagnostic::{Diagnostic, Fix, Severity};
use gatewright::source::{FileId, SourceMap};
use gatewright::syntax;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

pub const HELLO: &str = include_str!("../../workflows/hello.wf");
/// The longest of the shipped workflows that stand alone.
pub const SIXTEEN: &str = include_str!("../../workflows/sixteen-phases.wf");
pub const GRAMMAR: &str = include_str!("../../grammar/wf.pest");

/// A stream of choices. Where it ends everything is zero, the simplest alternative: so proptest shrinks by itself.
pub struct Choices<'c> {
    data: &'c [u16],
    at: usize,
}

impl<'c> Choices<'c> {
    pub fn new(data: &'c [u16]) -> Self {
        Choices { data, at: 0 }
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        let value = self.data.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(value) % n.max(1)
    }

    /// True in one of `n` cases.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }
}

/// The same cases in every run, and no files left behind; `CASES` and `SEED` in the environment ask for others.
pub fn for_all(cases: u32, seed: u8, length: usize, law: impl Fn(&[u16]) -> Result<(), TestCaseError>) {
    let asked = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u32>().ok());
    let (cases, seed) = (asked("CASES").unwrap_or(cases), asked("SEED").map_or(seed, |seed| seed as u8));
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let choices = proptest::collection::vec(any::<u16>(), 0..length);
    match runner.run(&choices, |data| law(&data)) {
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        other => other.expect("the cases run"),
    }
}

/// Numbers from a seed, for cases that need no shrinking.
pub struct Seeded(u64);

impl Seeded {
    pub fn new(seed: u64) -> Self {
        Seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&mut self, n: usize) -> usize {
        ((self.next() >> 33) as usize) % n.max(1)
    }

    pub fn choices(&mut self, length: usize) -> Vec<u16> {
        (0..length).map(|_| (self.next() >> 40) as u16).collect()
    }
}

/// The text in canonical form, and whether it could be read without an error.
pub fn formatted(text: &str) -> (String, Vec<Diagnostic>) {
    let (tree, diagnostics) = syntax::parse(FileId::FIRST, text);
    (syntax::format(&tree), diagnostics)
}

/// A finding with what it says and the line it stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub line: usize,
    pub code: &'static str,
    pub message: String,
    pub severity: Severity,
}

pub fn findings(text: &str) -> Vec<Finding> {
    checked(text, |map, diagnostics| {
        diagnostics
            .iter()
            .map(|diagnostic| Finding {
                line: map.place(diagnostic.primary.span).line,
                code: diagnostic.code.id,
                message: diagnostic.message.clone(),
                severity: diagnostic.severity(),
            })
            .collect()
    })
}

/// Errors and warnings.
pub fn faults(text: &str) -> Vec<Finding> {
    findings(text).into_iter().filter(|finding| finding.severity != Severity::Note).collect()
}

pub fn checked<T>(text: &str, see: impl FnOnce(&SourceMap, &[Diagnostic]) -> T) -> T {
    let mut map = SourceMap::new();
    let file = map.add("a.wf", text);
    let checked = compile::check(&map, file);
    see(&map, &checked.diagnostics)
}

/// The text with the edits of a fix.
pub fn fixed(text: &str, fix: &Fix) -> String {
    let mut edits = fix.edits.clone();
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::new();
    let mut from = 0;
    for edit in &edits {
        let range = edit.span.range();
        assert!(range.start >= from, "the edits of {:?} overlap", fix.title);
        out.push_str(&text[from..range.start]);
        out.push_str(&edit.text);
        from = range.end;
    }
    out.push_str(&text[from..]);
    out
}
