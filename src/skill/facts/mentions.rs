//! Phases that are named by their number, with the name beside it.

use super::Page;
use super::lines::Line;
use super::tokens::{Number, Token, tokens};
use super::vocabulary::{Vocabulary, WORDS};
use crate::source::Span;

/// `Phase 8: Implementation`, `Phase 8 (Implementation)`: a number, and the phase that the name behind it belongs to.
#[derive(Debug, Clone, Copy)]
pub struct Mention {
    pub number: Number,
    /// The phase of exactly this name, if one has it.
    pub named: Option<Number>,
    pub of: Of,
    pub place: Span,
}

/// Whose phase it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// The words beside it leave nothing else.
    Workflow,
    /// Nobody says.
    Unsaid,
    /// A heading of the same file has this number: it counts something of its own, or the table leaves one out.
    Headed,
    /// A plan, an old version, a list of its own: something else has phases, too.
    Other,
}

/// What has phases of its own or had them, wherever in a paragraph it is named.
const OTHERS: &[&str] = &[
    "plan",
    "plans",
    "roadmap",
    "milestone",
    "milestones",
    "guide",
    "runbook",
    "playbook",
    "spec",
    "trial",
    "trials",
    "study",
    "version",
    "versions",
    "old",
    "older",
    "former",
    "formerly",
    "legacy",
    "deprecated",
    "historical",
    "history",
    "changelog",
    "original",
    "originally",
    "renumbered",
    "upcoming",
];
/// Words of a sentence that leave it open whether the phase is there, or whose it is.
const HEDGES: &[&str] = &[
    "project",
    "projects",
    "release",
    "releases",
    "previously",
    "was",
    "were",
    "had",
    "removed",
    "retired",
    "dropped",
    "merged",
    "renamed",
    "moved",
    "replaced",
    "longer",
    "future",
    "planned",
    "someday",
    "would",
    "could",
    "might",
    "imagine",
    "suppose",
    "hypothetical",
    "another",
    "other",
    "others",
    "elsewhere",
    "their",
    "its",
    "his",
    "her",
    "your",
    "no",
    "not",
    "never",
    "there",
    "e.g",
    "example",
    "examples",
    "like",
];
/// What this workflow may be called, too, where it is `the` or `this` one.
const OURS: &[&str] =
    &["workflow", "workflows", "skill", "skills", "process", "orchestration", "pipeline", "procedure", "protocol"];
/// How far a paragraph or list is read in each direction; in lines.
const AROUND: usize = 40;
/// Words before a phase of this workflow.
const BEFORE: &[&str] = &[
    "to",
    "from",
    "in",
    "before",
    "after",
    "at",
    "until",
    "by",
    "for",
    "see",
    "then",
    "comes",
    "enter",
    "enters",
    "start",
    "starts",
    "begin",
    "begins",
    "run",
    "runs",
    "execute",
    "skip",
    "skips",
    "and",
    "or",
    "on",
    "through",
    "during",
    "into",
    "is",
    "are",
    "when",
    "while",
    "once",
    "if",
    "with",
    "repeat",
    "redo",
    "complete",
    "finish",
    "follows",
    "precedes",
    "proceed",
    "resume",
    "re-run",
    "rerun",
    "reenter",
    "re-enter",
    "re-execute",
    "only",
    "since",
    "via",
];
/// Words behind one.
const BEHIND: &[&str] = &[
    "is",
    "are",
    "and",
    "or",
    "to",
    "with",
    "when",
    "if",
    "must",
    "may",
    "will",
    "has",
    "does",
    "complete",
    "completes",
    "begins",
    "starts",
    "runs",
    "ends",
    "follows",
    "uses",
    "writes",
    "needs",
    "waits",
    "reads",
    "before",
    "after",
    "until",
    "for",
    "only",
    "then",
    "begin",
    "start",
    "gate",
    "gates",
    "checkpoint",
    "output",
    "outputs",
    "artifacts",
    "once",
    "again",
    "first",
    "next",
    "as",
    "because",
    "can",
    "cannot",
    "should",
];

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Mention> {
    let headed: Vec<Number> = page
        .document
        .headings
        .iter()
        .filter_map(|heading| vocabulary.subject(&heading.content.text).map(|(number, _)| number))
        .collect();
    let mut found = Vec::new();
    for (index, line) in page.lines.iter().enumerate().filter(|(_, line)| line.fence.is_none()) {
        let tokens = &line.tokens;
        for at in 0..tokens.len().saturating_sub(1) {
            let (word, Some(number)) = (&tokens[at], tokens[at + 1].number()) else { continue };
            if !vocabulary.is_word(word) {
                continue;
            }
            let opens = tokens.get(at + 2).is_some_and(|sign| sign.is_sign(&[':', '(', '-', '.']));
            let behind = &tokens[(at + 3).min(tokens.len())..];
            let length = behind.iter().take_while(|token| token.word().is_some() || token.is_sign(&['&'])).count();
            let name = Some(&behind[..length]).filter(|name| opens && !name.is_empty());
            // Of several that are called so it is the one of this number.
            let named =
                name.and_then(|name| vocabulary.called(number.whole(), name).or_else(|| vocabulary.by_name(name)));
            let start = line.span.range().start;
            let end = if named.is_some() { behind[length - 1].range.end } else { tokens[at + 1].range.end };
            // Most phases are known by their own names, and of these nobody asks.
            let is_right = vocabulary.has(number.whole()) && named.is_none_or(|named| named == number.whole());
            let is_clear = || is_clear(tokens, at) && !is_hedged(sentence(tokens, at));
            let of = match is_right {
                true => Of::Unsaid,
                false if is_of_other(page, index, vocabulary) => Of::Other,
                false if headed.contains(&number) => Of::Headed,
                false if is_clear() => Of::Workflow,
                false => Of::Unsaid,
            };
            let place = page.document.place(start + word.range.start..start + end);
            found.push(Mention { number, named, of, place });
        }
    }
    found
}

/// Whether the words beside a number leave only the workflow itself: `proceed to phase 9`, and not `the building phase 9
/// crane`.
fn is_clear(tokens: &[Token<'_>], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| &tokens[at]);
    let is_led = before.is_none_or(|token| token.is_word(BEFORE) || token.word().is_none() && token.number().is_none());
    let behind = tokens.get(at + 2);
    let is_left =
        behind.is_none_or(|token| token.is_word(BEHIND) || token.word().is_none() && token.number().is_none());
    let is_ours = |at: usize| tokens.get(at).is_some_and(|token| token.is_word(OURS));
    let of_ours = behind.is_some_and(|token| token.is_word(&["of", "in"]))
        && tokens.get(at + 3).is_some_and(|token| token.is_word(&["this", "the"]))
        && is_ours(at + 4);
    is_led && (is_left || of_ours)
}

/// The sentence around a token.
fn sentence<'t, 'l>(tokens: &'l [Token<'t>], at: usize) -> &'l [Token<'t>] {
    let ends = |token: &Token<'_>| token.is_sign(&['.', ';', '!', '?']);
    let start = tokens[..at].iter().rposition(ends).map_or(0, |end| end + 1);
    let end = tokens[at..].iter().position(ends).map_or(tokens.len(), |end| at + end);
    &tokens[start..end]
}

/// Whether a sentence leaves it open that the phase is there: `there was a phase 9`, `in the release workflow`.
fn is_hedged(tokens: &[Token<'_>]) -> bool {
    let is_before = |at: usize, words: &[&str]| at.checked_sub(1).is_some_and(|before| tokens[before].is_word(words));
    tokens.iter().enumerate().any(|(at, token)| {
        token.is_word(HEDGES)
            || token.is_word(OURS) && !is_before(at, &["this", "the"])
            || token.is_word(&WORDS) && is_before(at, &["a", "an"])
    })
}

/// Whether the paragraph or list around a line, the one before it, or a title above it speaks of something else that has phases.
fn is_of_other(page: &Page<'_, '_>, index: usize, vocabulary: &Vocabulary<'_>) -> bool {
    let line = &page.lines[index];
    let is_next = |at: &usize| {
        let (end, start) = (page.lines[at - 1].span.range().end, page.lines[*at].span.range().start);
        page.document.text[end..start].bytes().filter(|byte| *byte == b'\n').count() == 1
    };
    // The paragraph before says what a list is a list of.
    let start = |index: usize| {
        let nearest = index.saturating_sub(AROUND);
        (nearest.max(1)..=index).rev().find(|at| !is_next(at)).unwrap_or(nearest)
    };
    let first = start(start(index).saturating_sub(1));
    let last = page.lines.len().min(index + AROUND);
    let end = (index + 1..last).find(|at| !is_next(at)).unwrap_or(last);
    let path = line.section.map_or_else(Vec::new, |section| page.document.path(section));
    let titles = path.iter().flat_map(|heading| tokens(&page.document.headings[*heading].content.text));
    let names_other = |token: &Token<'_>| token.is_word(OTHERS) && !vocabulary.is_named(token);
    // `has its own steps`
    let has_own =
        |line: &Line<'_>| line.tokens.windows(2).any(|pair| pair[0].is_word(&["own"]) && vocabulary.is_word(&pair[1]));
    page.lines[first..end].iter().any(|line| line.tokens.iter().any(names_other) || has_own(line))
        || titles.into_iter().any(|token| names_other(&token))
}
