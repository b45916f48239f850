//! What the page of a phase takes from another phase.

use super::Page;
use super::lines::Line;
use super::outputs::{self, Output};
use super::tokens::{Number, Token, tokens};
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use crate::source::Span;

/// In a phase something of another one is used.
#[derive(Debug, Clone, Copy)]
pub struct Use<'s> {
    pub phase: Number,
    pub from: Number,
    /// The file, where it is named.
    pub file: Option<&'s str>,
    pub place: Span,
}

/// Words of a line that leave it open whether there is anything to take.
const HEDGES: &[&str] = &[
    "if",
    "when",
    "unless",
    "optional",
    "optionally",
    "skipped",
    "exists",
    "exist",
    "available",
    "present",
    "may",
    "might",
    "where",
    "applicable",
    "whether",
    "without",
    "missing",
    "no",
    "not",
    "never",
    "instead",
    "don",
    "doesn",
    "needn",
    "don’t",
    "any",
    "else",
    "otherwise",
    "either",
    "whoever",
    "unlike",
    "later",
    "large",
    "larger",
    "big",
    "bigger",
    "small",
    "smaller",
];

/// Words of a line that takes in what it names.
const READS: &[&str] = &["read", "reads", "load", "loads", "open", "consult", "input", "inputs"];
/// Labels of what a phase takes in.
pub const INPUT_LABELS: &[&str] = &["needs", "requires", "takes", "uses", "reads", "read", "input", "inputs"];
/// Words of one that makes something.
const WRITES: &[&str] = &[
    "write",
    "writes",
    "create",
    "creates",
    "produce",
    "produces",
    "save",
    "saves",
    "update",
    "updates",
    "append",
    "appends",
    "output",
    "outputs",
    "generate",
    "generates",
    "record",
    "records",
];

pub fn read<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>, outputs: &[Output<'s>]) -> Vec<Use<'s>> {
    let mut found: Vec<Use<'s>> = page.lines.iter().flat_map(|line| used(page, line, vocabulary, outputs)).collect();
    for (table, columns) in page.document.tables_with(&[PHASE_COLUMNS, INPUT_LABELS]) {
        for row in &table.rows {
            let (Some(phase), Some(cell)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let phase = vocabulary.phase_of_cell(&phase.text).filter(|phase| vocabulary.has(*phase));
            let files = outputs::listed(page.document.source(cell.span)).unwrap_or_default();
            for (phase, file) in files.iter().filter_map(|file| Some((phase?, file))) {
                let mut writers = outputs.iter().filter(|output| output.file == *file).map(|output| output.phase);
                let from = writers.next().filter(|from| writers.all(|other| other == *from) && *from < phase);
                found.extend(from.map(|from| Use { phase, from, file: Some(file), place: cell.span }));
            }
        }
    }
    found
}

/// ``Read `notes.md` `` on the page of a phase, `Inputs: notes.md`.
fn is_reading(line: &Line<'_>) -> bool {
    let has = |words| line.tokens.iter().any(|token| token.is_word(words));
    let is_field = || line.field().is_some_and(|(label, _)| INPUT_LABELS.contains(&&*label.join(" ")));
    line.fence.is_none() && (has(READS) && !has(WRITES) || is_field())
}

fn used<'s>(page: &Page<'_, 's>, line: &Line<'_>, vocabulary: &Vocabulary<'_>, outputs: &[Output<'s>]) -> Vec<Use<'s>> {
    let Some(phase) = line.phase.map(Number::whole) else { return Vec::new() };
    let (mut files, phases) = (files(line, outputs), phases(line, vocabulary));
    let in_prompt = || line.fence.is_some_and(|fence| is_prompt(page, fence));
    if !files.is_empty() && !is_reading(line) && !in_prompt() {
        files.clear();
    }
    if files.is_empty() && phases.is_empty() {
        return Vec::new();
    }
    // A section for some variants, or for a case, speaks of these alone.
    let path = line.section.map_or_else(Vec::new, |section| page.document.path(section));
    let titles: Vec<Token<'_>> =
        path.iter().flat_map(|heading| tokens(&page.document.headings[*heading].content.text)).collect();
    let is_file = |token: Option<&Token<'_>>| {
        token
            .and_then(Token::word)
            .is_some_and(|word| outputs.iter().any(|output| output.file.eq_ignore_ascii_case(word)))
    };
    let is_choice = |at: usize| {
        line.tokens[at].is_word(&["or"])
            && (is_file(line.tokens.get(at + 1))
                || at.checked_sub(1).is_some_and(|before| is_file(line.tokens.get(before))))
    };
    let has_choice = (0..line.tokens.len()).any(is_choice);
    let names_variants = [&line.tokens, &titles].iter().any(|tokens| !vocabulary.variants.mentioned(tokens).is_empty());
    let is_hedged = line.tokens.iter().chain(&titles).any(|token| token.is_word(HEDGES)) || line.text.contains('?');
    if names_variants || is_hedged || has_choice {
        return Vec::new();
    }
    let mut found: Vec<Use<'s>> = Vec::new();
    for (from, file, place) in files.into_iter().chain(phases) {
        let is_earlier = from < phase && vocabulary.has(from);
        if is_earlier && !found.iter().any(|found| found.from == from) {
            found.push(Use { phase, from, file, place });
        }
    }
    found
}

/// A phase that something comes from, the file where it is named, and where that is said.
type Given<'s> = (Number, Option<&'s str>, Span);

/// The files that a line names, each with the one phase that writes it.
fn files<'s>(line: &Line<'_>, outputs: &[Output<'s>]) -> Vec<Given<'s>> {
    if outputs.is_empty() {
        return Vec::new();
    }
    // Their names have an ending.
    let is_file = |token: &&Token<'_>| token.word().is_some_and(|word| word.contains('.'));
    let words: Vec<&Token<'_>> = line.tokens.iter().filter(is_file).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let named = |output: &Output<'s>| {
        let is_name = |word: &str| word.chars().eq(output.file.chars().flat_map(char::to_lowercase));
        let token = *words.iter().find(|token| token.word().is_some_and(is_name))?;
        // A file that several phases write is there when one of them has run.
        let is_shared = outputs.iter().any(|other| other.file == output.file && other.phase != output.phase);
        (!is_shared).then(|| (output.phase, Some(output.file), line.place(std::slice::from_ref(token))))
    };
    outputs.iter().filter_map(named).collect()
}

/// `from phase 2`, where it goes on to no other one.
fn phases<'s>(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Vec<Given<'s>> {
    let said = |at: usize| {
        let [from, word, number, rest @ ..] = &line.tokens[at..] else { return None };
        let goes_on = rest.first().is_some_and(|next| {
            next.is_word(&["to", "or", "and", "on", "onwards"]) || next.is_sign(&['→', '-', '/', ',', '+'])
        });
        let is_source = from.is_word(&["from"]) && vocabulary.is_word(word) && !goes_on;
        let number = number.number().filter(|_| is_source)?;
        Some((number.whole(), None, line.place(&line.tokens[at..at + 3])))
    };
    if !line.has_number {
        return Vec::new();
    }
    (0..line.tokens.len()).filter_map(said).collect()
}

/// What is called so is what a phase writes.
const MADE: &[&str] = &["report", "reports", "summary", "format"];
/// And what is called so is given to an agent, whatever that one writes.
const GIVEN: &[&str] = &["prompt", "prompts", "agent", "agents", "subagent", "task", "spawn", "dispatch", "invoke"];

/// Text for an agent: no program, and not what the phase itself is to write, which the line or the title before it says.
fn is_prompt(page: &Page<'_, '_>, fence: usize) -> bool {
    let fence = &page.document.fences[fence];
    let is_text =
        matches!(&*fence.info.to_ascii_lowercase(), "" | "markdown" | "md" | "text" | "txt" | "prompt" | "xml");
    let before = page.lines.partition_point(|line| line.span.start < fence.span.start);
    let is_made = before.checked_sub(1).is_some_and(|before| {
        let line = &page.lines[before];
        let has = |words| line.tokens.iter().any(|token| token.is_word(words));
        line.fence.is_none() && (has(WRITES) || has(MADE)) && !has(GIVEN)
    });
    is_text && !is_made
}
