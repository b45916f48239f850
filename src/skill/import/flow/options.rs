//! What a person may answer, and where each answer leads: lists and tables of options with their routes.

use super::super::super::document::{Document, Row};
use super::super::super::facts::{Facts, Number, Token, Vocabulary, tokens};
use super::super::write::{self, Names};
use super::super::{File, Files};
use super::{Flow, Gate};
use crate::source::Span;

/// An answer, as it stands in a gate.
#[derive(Debug)]
pub struct Choice {
    label: String,
    /// What it leads to, in the language; nothing where the run goes on.
    outcome: Option<String>,
}

/// An answer that a skill states, and where it leads.
#[derive(Debug)]
struct Answer {
    label: String,
    route: Route,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// To the phase that is named, or the next one.
    On(Option<Number>),
    /// Back to a phase, as often as it says.
    Back(Number, Option<u32>),
    Stop,
}

const OPTION_COLUMNS: &[&str] = &["option", "choice", "answer", "decision", "reply"];
const ROUTE_COLUMNS: &[&str] = &[
    "then",
    "what follows",
    "consequence",
    "leads to",
    "next",
    "effect",
    "what happens",
    "what happens next",
    "outcome",
];
/// How often one may go back where the skill does not say: the language knows no way back without a bound.
const USUAL_BOUND: u32 = 3;
/// A label has no more words.
const LONGEST_LABEL: usize = 6;

/// Options that stand together, and what they are about.
struct Options {
    answers: Vec<Answer>,
    place: Span,
}

impl Flow {
    /// Gives gates the options that the skill states; a list of them in a phase that asks nobody yet is a question there.
    pub fn options(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        for file in &files.all {
            let (found, open) = read(file, &facts.vocabulary);
            for place in open.into_iter().filter(|_| !file.is_generated) {
                self.left.push((place, "options, of which not all say where they lead".to_owned()));
            }
            for options in found {
                let place = options.place;
                if !self.take(facts, files, file, options, names) && !file.is_generated {
                    self.left.push((place, "options that lead where this place cannot".to_owned()));
                }
            }
        }
    }

    /// Whether a question was made of options.
    fn take(
        &mut self,
        facts: &Facts<'_>,
        files: &Files<'_, '_>,
        file: &File<'_, '_>,
        options: Options,
        names: &mut Names,
    ) -> bool {
        let document = file.document;
        let path = document.section_at(options.place).map_or_else(Vec::new, |section| document.path(section));
        let titles = || path.iter().rev().map(|heading| &*document.headings[*heading].content.text);
        let label = titles().find_map(|title| gate_of(title, facts));
        let phase = titles().find_map(|title| facts.vocabulary.subject(title)).map(|(number, _)| number.whole());
        let phase = phase.and_then(|number| self.index(number));
        let of_label = label.and_then(|label| {
            let has = |phase: &super::Phase| phase.gates_after.iter().position(|gate| gate.label == label);
            self.phases.iter().enumerate().find_map(|(index, phase)| Some((index, has(phase)?)))
        });
        let (index, stands) = match (of_label, label, phase) {
            (Some((index, at)), ..) => (index, self.phases[index].gates_after[at].stands.clone()),
            (None, None, Some(index)) => (index, self.conditions.runs(index).to_vec()),
            _ => return false,
        };
        let Some(choices) = self.choices(index, &stands, &options.answers) else { return false };
        let gate = match of_label {
            Some((index, at)) => {
                let unknown = super::gates::unknown(&self.phases[index].gates_after[at].label);
                self.left.retain(|(_, text)| *text != unknown);
                let gate = &mut self.phases[index].gates_after[at];
                gate.items.retain(|item| !item.is_unknown);
                gate
            }
            None => {
                let title = self.phases[index].title.clone();
                let known = self.phases[index].gates.iter().position(|gate| gate.question.is_some());
                let at = known.unwrap_or_else(|| {
                    let name = names.free(format!("{}-approval", self.phases[index].name));
                    let title = format!("Approval of {title}");
                    self.phases[index].gates.push(Gate { name, title, stands, ..Gate::default() });
                    self.phases[index].gates.len() - 1
                });
                &mut self.phases[index].gates[at]
            }
        };
        if !gate.choices.is_empty() {
            return file.is_generated;
        }
        gate.comments.push(format!("{} has the options", files.place(options.place)));
        if options.answers.iter().any(|answer| matches!(answer.route, Route::Back(_, None))) {
            gate.comments.push(format!("No place says how often one may go back: {USUAL_BOUND} is assumed"));
        }
        if gate.question.is_none() {
            gate.question = Some(format!("{}: go on?", gate.title));
        }
        gate.choices = choices;
        self.seen.push(options.place);
        true
    }

    /// The answers as they stand in a gate behind a phase, where each leads to where one can go from there: on to the next
    /// phase, or back to one that has run.
    fn choices(&self, index: usize, stands: &[bool], answers: &[Answer]) -> Option<Vec<Choice>> {
        let has_run = |to: usize| {
            to <= index && stands.iter().zip(self.conditions.runs(to)).all(|(stands, runs)| !stands || *runs)
        };
        let outcome = |route: Route| match route {
            Route::On(None) => Some(None),
            Route::On(Some(number)) => self.index(number).filter(|to| *to == index + 1).map(|_| None),
            Route::Stop => Some(Some("abort".to_owned())),
            Route::Back(number, most) => self
                .index(number)
                .filter(|to| has_run(*to))
                .map(|to| Some(format!("redo {} at most {}", self.phases[to].name, most.unwrap_or(USUAL_BOUND)))),
        };
        let choice = |answer: &Answer| Some(Choice { label: answer.label.clone(), outcome: outcome(answer.route)? });
        answers.iter().map(choice).collect()
    }
}

/// The gate that a title is about.
pub fn gate_of<'f>(title: &str, facts: &'f Facts<'_>) -> Option<&'f str> {
    let words: Vec<String> = tokens(title)
        .iter()
        .filter_map(|token| token.number().map(|number| number.to_string()).or_else(|| token.word().map(str::to_owned)))
        .collect();
    let is_word = |word: &str| ["gate", "checkpoint", "barrier", "point", "hold", "sign-off"].contains(&word);
    let label = match &words[..] {
        [first, second, third, ..] if first == "hold" && second == "point" => third,
        [first, second, ..] if is_word(first) => second,
        [first, ..] if first.contains(|c: char| c.is_ascii_digit()) && first.contains(char::is_alphabetic) => first,
        _ => return None,
    };
    facts.gates.iter().map(|gate| gate.label.as_str()).find(|known| known == label)
}

/// The options of a file, and the places of those that are not understood.
fn read(file: &File<'_, '_>, vocabulary: &Vocabulary<'_>) -> (Vec<Options>, Vec<Span>) {
    let document = file.document;
    let (mut found, mut open) = (Vec::new(), Vec::new());
    let mut settle = |answers: Vec<Option<Answer>>, place: Span| {
        let has = |is: fn(Route) -> bool| answers.iter().flatten().any(|answer| is(answer.route));
        let known = answers.iter().flatten().count();
        let leads_away = has(|route| !matches!(route, Route::On(_)));
        if known < 2 || !leads_away {
            return;
        }
        if known == answers.len() && has(|route| matches!(route, Route::On(_))) {
            found.push(Options { answers: answers.into_iter().flatten().collect(), place });
        } else {
            open.push(place);
        }
    };
    for (answers, place) in lists(document, vocabulary) {
        settle(answers, place);
    }
    for (table, columns) in document.tables_with(&[OPTION_COLUMNS, ROUTE_COLUMNS]) {
        let answer = |row: &Row<'_>| {
            let label = row.cells.get(columns[0])?.text.trim().to_owned();
            Some(Answer { label, route: route(&row.cells.get(columns[1])?.text, vocabulary)? })
        };
        settle(table.rows.iter().map(answer).collect(), table.span);
    }
    found.sort_by_key(|options| options.place);
    (found, open)
}

/// Each list, with what its items are as options.
fn lists(document: &Document<'_>, vocabulary: &Vocabulary<'_>) -> Vec<(Vec<Option<Answer>>, Span)> {
    let mut lists: Vec<(Vec<Option<Answer>>, Span)> = Vec::new();
    let mut paragraphs = document.paragraphs.iter().filter(|paragraph| paragraph.item.is_some()).peekable();
    for (index, item) in document.items.iter().enumerate() {
        while paragraphs.next_if(|paragraph| paragraph.item < Some(index)).is_some() {}
        let paragraph = paragraphs.peek().filter(|paragraph| paragraph.item == Some(index));
        if item.depth > 0 || item.checked.is_some() {
            continue;
        }
        let answer = paragraph.and_then(|paragraph| answer(&paragraph.content.text, vocabulary));
        let goes_on = |(_, place): &&mut (Vec<Option<Answer>>, Span)| {
            place.end <= item.span.start
                && document.text[place.end as usize..item.span.start as usize]
                    .trim_matches([' ', '\n', '\r', '>'])
                    .is_empty()
        };
        match lists.last_mut().filter(goes_on) {
            Some((answers, place)) => {
                answers.push(answer);
                place.end = item.span.end;
            }
            None => lists.push((vec![answer], item.span)),
        }
    }
    lists
}

/// `Revise: back to phase 2, at most 3 times`
fn answer(text: &str, vocabulary: &Vocabulary<'_>) -> Option<Answer> {
    let split = |between: &str| text.split_once(between);
    let (label, rest) = [": ", " → ", " -> ", " – ", " — ", " - "].into_iter().find_map(split)?;
    let label = label.trim().trim_matches(['"', '“', '”']).to_owned();
    let fits = label.contains(char::is_alphabetic) && label.split_whitespace().count() <= LONGEST_LABEL;
    Some(Answer { label, route: route(rest, vocabulary)? }).filter(|_| fits)
}

/// Where an answer leads, when all of it is understood.
fn route(text: &str, vocabulary: &Vocabulary<'_>) -> Option<Route> {
    let whole = vocabulary.tokens(text.trim().trim_end_matches('.'));
    let at = whole.windows(2).position(|pair| vocabulary.is_word(&pair[0]) && pair[1].number().is_some());
    let (before, behind) = at.map_or((&whole[..], &[][..]), |at| (&whole[..at], &whole[at + 2..]));
    let number = at.and_then(|at| whole[at + 1].number()).filter(|number| number.stage == 0 && vocabulary.has(*number));
    if at.is_some() != number.is_some() {
        return None;
    }
    let first = |words: &[&str]| before.first().is_some_and(|word| word.is_word(words));
    let only = |words: &[&str]| before.iter().all(|token| token.is_word(words));
    let is_back = first(&["back", "return", "returns", "repeat", "redo", "rerun", "goes", "go"])
        && (first(&["repeat", "redo", "rerun"])
            || before.iter().any(|token| token.is_word(&["back", "return", "returns"])));
    if let Some(number) = number
        .filter(|_| is_back && only(&["go", "goes", "back", "to", "return", "returns", "repeat", "redo", "rerun"]))
    {
        return Some(Route::Back(number, bound(behind)?));
    }
    let goes_on = match number {
        None => {
            first(&["continue", "proceed", "next"]) || before.len() > 1 && first(&["go"]) && before[1].is_word(&["on"])
        }
        Some(_) => before.is_empty() || first(&["continue", "proceed", "go", "on", "start", "begin"]),
    };
    if goes_on
        && only(&["continue", "proceed", "go", "on", "start", "begin", "next", "to", "with", "the", vocabulary.word])
        && name_only(behind)
    {
        return Some(Route::On(number));
    }
    let stops = before.len() <= 3 && first(&["stop", "abort", "end", "cancel", "quit"]);
    let all = [
        "stop",
        "abort",
        "end",
        "cancel",
        "quit",
        "the",
        "this",
        "here",
        "all",
        "run",
        "work",
        "workflow",
        "process",
        "everything",
    ];
    (stops && only(&all) && number.is_none()).then_some(Route::Stop)
}

/// The name of the phase in parentheses, or nothing.
fn name_only(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [] => true,
        [open, .., close] => open.is_sign(&['(']) && close.is_sign(&[')']),
        _ => false,
    }
}

/// `at most 3 times`, `once`: how often one may go back; nothing inside where it is not said, nothing where there is more.
fn bound(tokens: &[Token<'_>]) -> Option<Option<u32>> {
    // The name of the phase, and what happens when the bound is used up, which is the same in the language.
    let name = tokens
        .first()
        .filter(|token| token.is_sign(&['(']))
        .and_then(|_| tokens.iter().position(|token| token.is_sign(&[')'])));
    let is_bound = |token: &Token<'_>| token.number().is_some() || token.is_word(&["once", "twice", "times", "most"]);
    let rest = match name {
        Some(close) if !tokens[..close].iter().any(is_bound) => &tokens[close + 1..],
        _ => tokens,
    };
    let rest: Vec<&Token<'_>> =
        rest.iter().filter(|token| token.word().is_some() || token.number().is_some()).collect();
    let known = ["at", "most", "up", "to", "times", "time", "once", "twice", "only", "then", "ask", "the", "person"];
    if !rest.iter().all(|token| token.number().is_some() || token.is_word(&known)) {
        return None;
    }
    let times = |token: &&Token<'_>| match token.word() {
        Some("once") => Some(1),
        Some("twice") => Some(2),
        _ => token.number().and_then(Number::plain),
    };
    let mut said = rest.iter().filter_map(times);
    let most = said.next();
    (said.next().is_none() && most != Some(0)).then_some(most)
}

impl Choice {
    /// As a line of a question.
    pub fn write(&self, names: &mut Names) -> String {
        let name = names.free(write::snake(&self.label).unwrap_or_else(|| "option".to_owned())).replace('-', "_");
        let label = write::line(&self.label);
        self.outcome
            .as_ref()
            .map_or_else(|| format!("{name} {label}"), |outcome| format!("{name} {label} -> {outcome}"))
    }
}
