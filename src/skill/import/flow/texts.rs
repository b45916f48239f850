//! Lines that say something of the flow which nothing of the workflow stands for: they are listed, each kind once.

use std::collections::BTreeMap;

use super::super::super::facts::{Facts, Form, Line, Token};
use super::super::Files;
use super::Flow;
use crate::source::Span;

/// What a line says, as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Again,
    SideBySide,
    LeftOut,
    Between,
    Files,
    Agents,
}

const AGAIN: &[&str] = &["times", "rounds", "attempts", "retries", "iterations", "tries", "passes"];
const LEFT_OUT: &[&str] =
    &["skip", "skips", "skipped", "omit", "omits", "omitted", "bypass", "bypasses", "leaves", "leave"];
const FILE_LABELS: &[&str] = &[
    "needs",
    "input",
    "inputs",
    "reads",
    "produces",
    "writes",
    "output",
    "outputs",
    "gives",
    "creates",
    "deliverables",
];
const AGENT_LABELS: &[&str] = &["agent", "agents", "subagent", "subagents"];
/// As many further places are shown.
const MOST_PLACES: usize = 6;

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Again => "what is done again, and how often",
            Kind::SideBySide => "what is done side by side",
            Kind::LeftOut => "who leaves something out",
            Kind::Between => "what stands between the phases",
            Kind::Files => "what is read or written",
            Kind::Agents => "who works",
        }
    }
}

impl Flow {
    /// Lists lines that nothing was made of.
    pub fn texts(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let mut found: BTreeMap<Kind, Vec<Span>> = BTreeMap::new();
        for file in files.all.iter().filter(|file| !file.is_generated) {
            for line in facts.lines(file.document) {
                let is_text = line.fence.is_none() && !line.is_heading && !line.text.starts_with('|');
                let is_open = |line: &Line<'_>| !self.seen.iter().any(|span| span.contains(line.span));
                if let Some(kind) = kind(&line, facts).filter(|_| is_text && is_open(&line)) {
                    found.entry(kind).or_default().push(line.span);
                }
            }
        }
        for (kind, places) in found {
            let more = &places[1..];
            let shown = files.places(more.iter().take(MOST_PLACES).copied());
            let rest = more.len().saturating_sub(MOST_PLACES);
            let rest = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let also = if shown.is_empty() { String::new() } else { format!("; also {shown}{rest}") };
            self.left.push((places[0], format!("only the text says {}{also}", kind.words())));
        }
    }
}

fn kind(line: &Line<'_>, facts: &Facts<'_>) -> Option<Kind> {
    let tokens = &line.tokens;
    let vocabulary = &facts.vocabulary;
    let label =
        line.text.split_once(':').map(|(label, _)| label.trim_matches(['-', '*', '_', '+', ' ']).to_lowercase());
    let is_label = |labels: &[&str]| label.as_ref().is_some_and(|label| labels.contains(&&**label));
    let is_known = facts.outputs.iter().any(|output| line.span.contains(output.place))
        || facts.uses.iter().any(|used| used.file.is_some() && line.span.contains(used.place));
    let is_bound = || facts.bounds.iter().any(|bound| bound.place == line.span && bound.form != Form::Prose);
    let has = |words: &[&str]| tokens.iter().any(|token| token.is_word(words));
    let is_phase = |pair: &[Token<'_>]| vocabulary.is_word(&pair[0]) && pair[1].number().is_some();
    let names_phase = || tokens.windows(2).any(is_phase);
    // `skips phase 3`, `after phase 3`
    let before_phase = |words: &[&str]| tokens.windows(3).any(|found| found[0].is_word(words) && is_phase(&found[1..]));
    let agents_of_phase = || {
        let is_of_phase = line.label().is_some_and(|(label, _)| label.len() <= 3 && label.windows(2).any(is_phase));
        let names_one = || line.text.split_once(':').is_some_and(|(_, rest)| is_name_in_code(rest));
        is_of_phase && names_one() && !has(&["skill", "skills"])
    };
    let is_gate = facts.gates.iter().any(|gate| line.span.contains(gate.place));
    if is_label(AGENT_LABELS) && line.phase.is_some() || agents_of_phase() {
        Some(Kind::Agents)
    } else if begins_bold(line.text) && before_phase(&["after", "before", "between"]) {
        (!is_gate).then_some(Kind::Between)
    } else if is_label(FILE_LABELS) && line.phase.is_some() && line.text.contains('`') {
        (!is_known).then_some(Kind::Files)
    } else if is_again(tokens, names_phase()) {
        (!is_bound()).then_some(Kind::Again)
    } else if has(&["parallel", "concurrently", "simultaneously"]) {
        Some(Kind::SideBySide)
    } else {
        let written = line.text.trim_matches(['-', '*', '_', '.', ' ', '>']);
        let names_variant = || !vocabulary.variants.mentioned(tokens).is_empty();
        let is_condition = || line.phase.is_some() && vocabulary.variants.condition(written).is_some();
        let is_said = || facts.skips.iter().any(|skip| line.span.contains(skip.place));
        let leaves_out = has(LEFT_OUT) && (names_phase() || line.phase.is_some()) || is_condition();
        // Where no kinds of work are known, somebody leaves out a phase all the same.
        let somebody = || vocabulary.variants.is_empty() && before_phase(LEFT_OUT);
        (leaves_out && (names_variant() || somebody()) && !is_said()).then_some(Kind::LeftOut)
    }
}

/// `**Stop line**, after …`, as an element of a list or by itself.
fn begins_bold(text: &str) -> bool {
    let text =
        text.trim_start_matches(|sign: char| sign.is_ascii_digit() || matches!(sign, '-' | '+' | '.' | ')' | ' '));
    let text = text.strip_prefix("* ").unwrap_or(text);
    text.starts_with("**") || text.starts_with("__")
}

/// It begins with a name in code that is no file.
fn is_name_in_code(text: &str) -> bool {
    let name = text.trim_start().strip_prefix('`').and_then(|name| name.split_once('`'));
    name.is_some_and(|(name, _)| !name.is_empty() && !name.contains(['.', '/', ' ']))
}

/// `at most 3 rounds`, `back to phase 2`
fn is_again(tokens: &[Token<'_>], names_phase: bool) -> bool {
    let is_times = |at: usize| {
        let is_bound =
            at.checked_sub(1).is_some_and(|before| tokens[before].is_word(&["most", "to", "max", "maximum", "than"]));
        tokens[at].number().is_some() && is_bound && tokens.get(at + 1).is_some_and(|next| next.is_word(AGAIN))
    };
    let goes_back = || {
        let is_back = |pair: &[Token<'_>]| pair[0].is_word(&["back", "return", "returns"]) && pair[1].is_word(&["to"]);
        tokens.windows(2).any(is_back) || tokens.iter().any(|token| token.is_word(&["repeat", "repeats", "redo"]))
    };
    (0..tokens.len()).any(is_times) || names_phase && goes_back()
}
