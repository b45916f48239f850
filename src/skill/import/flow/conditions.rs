//! Who runs what: the variants as a fact, what decides it, and the conditions of the phases.

use super::super::super::facts::{Facts, Line, Number, Skip, Token, Variants, Vocabulary, tokens};
use super::super::Files;
use super::super::write::{self, Names, Writer};
use super::{Decides, Flow};
use crate::source::Span;

/// The variants, and which phases each runs.
#[derive(Debug, Default)]
pub struct Conditions {
    /// As they are named in the language, with what is said of each.
    values: Vec<(String, String)>,
    /// As the skill names them.
    names: Vec<String>,
    type_name: String,
    fact: String,
    /// The later ones are larger: each runs what the ones before it run.
    is_ordered: bool,
    /// Nobody decides it during the run.
    is_input: bool,
    /// Some phase depends on it.
    is_used: bool,
    comments: Vec<String>,
    /// What is found out during the run, and a person is asked about only then.
    pub flags: Vec<String>,
    /// For each phase, by the most trusted statements.
    runs: Vec<Vec<bool>>,
}

/// Words between the dimension and the phase that settles it.
const DECIDED: &[&str] =
    &["determined", "decided", "classified", "chosen", "selected", "assigned", "established", "settled", "set"];

/// What a phase does that settles it.
const DECIDES: &[&str] = &[
    "determines",
    "decides",
    "classifies",
    "chooses",
    "selects",
    "assigns",
    "sets",
    "settles",
    "establishes",
    "picks",
];

/// How a phase is told to.
const DECIDE: &[&str] = &["determine", "decide", "classify", "choose", "select", "assign", "set", "settle", "pick"];

/// Columns that say what a variant is.
const MEANING_COLUMNS: &[&str] =
    &["meaning", "description", "criteria", "scope", "examples", "example", "characteristics", "definition"];

impl Flow {
    pub fn conditions(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let vocabulary = &facts.vocabulary;
        let variants = &vocabulary.variants;
        // Without variants there is one kind of work, which runs everything.
        let count = variants.len().max(1);
        let runs: Vec<Vec<bool>> = vocabulary
            .numbers()
            .map(|phase| (0..count).map(|variant| !facts.is_skipped(variant, phase)).collect())
            .collect();
        let is_up = |row: &Vec<bool>| row.windows(2).all(|pair| !pair[0] || pair[1]);
        let is_down = |row: &Vec<bool>| row.windows(2).all(|pair| pair[0] || !pair[1]);
        let mut names = Names::default();
        let mut values = Vec::new();
        for (index, name) in variants.iter() {
            let value = write::value(name).unwrap_or_else(|| format!("variant_{}", index + 1));
            values.push((names.free(value).replace('-', "_"), meaning(files, vocabulary, index)));
        }
        let dimension = singular(variants.dimension_key());
        self.conditions = Conditions {
            values,
            names: variants.iter().map(|(_, name)| name.to_owned()).collect(),
            type_name: write::camel(&dimension).unwrap_or_else(|| "Variant".to_owned()),
            fact: write::snake(&dimension).unwrap_or_else(|| "variant".to_owned()),
            is_ordered: runs.iter().all(is_up) || runs.iter().all(is_down),
            is_input: false,
            is_used: false,
            comments: Vec::new(),
            flags: Vec::new(),
            runs,
        };
        for index in 0..self.phases.len() {
            self.condition(facts, files, index);
        }
    }

    /// The condition of a phase, and who says something else.
    fn condition(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, index: usize) {
        let variants = &facts.vocabulary.variants;
        let number = self.phases[index].number;
        // By place and by what it says: the variants it says it of.
        let mut against: Vec<(Span, bool, Variants)> = Vec::new();
        for (variant, _) in variants.iter() {
            let said: Vec<&Skip> = facts.said(variant, number);
            let Some(first) = said.first() else { continue };
            let is_skipped = first.skipped.has(variant);
            let others: Vec<Span> =
                said.iter().filter(|skip| skip.skipped.has(variant) != is_skipped).map(|skip| skip.place).collect();
            if others.is_empty() {
                continue;
            }
            for place in others {
                match against.iter_mut().find(|(known, skips, _)| *known == place && *skips != is_skipped) {
                    Some((_, _, set)) => *set = *set | Variants::one(variant),
                    None => against.push((place, !is_skipped, Variants::one(variant))),
                }
            }
        }
        for (place, skips, set) in against {
            let (verb, several) = if skips { ("skips", "skip") } else { ("runs", "run") };
            let names: Vec<&str> =
                variants.iter().filter(|(variant, _)| set.has(*variant)).map(|(_, name)| name).collect();
            let verb = if names.len() > 1 { several } else { verb };
            self.phases[index].comments.push(format!(
                "{} says that {} {verb} it",
                files.place(place),
                names.join(" and ")
            ));
        }
        let row = &self.conditions.runs[index];
        if !row.is_empty() && !row.contains(&true) {
            let place = facts.said(0, number).first().map(|skip| files.place(skip.place)).unwrap_or_default();
            self.phases[index].comments.push(format!("{place} says that it never runs"));
            self.conditions.runs[index].fill(true);
        }
        self.phases[index].when = self.conditions.when(&self.conditions.runs[index]);
    }

    /// Whether a person is asked in a phase for some only of the variants that run it.
    fn asks_by_variant(&self, index: usize) -> bool {
        self.phases[index].gates.iter().any(|gate| gate.stands != self.conditions.runs(index))
    }

    /// Who settles which variant it is: the phase that is named for it, or the first; it runs in all of them, and before
    /// anything that depends on it. A phase that asks by it settles it before.
    pub fn decider(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let of_phase = self.phases.iter().position(|phase| phase.when.is_some());
        let of_gate = (0..self.phases.len()).find(|index| self.asks_by_variant(*index));
        let at_the_end = self.end.iter().flat_map(|end| &end.items).any(|item| item.when.is_some());
        let last = match (of_phase, of_gate) {
            (None, None) if at_the_end => self.phases.len().checked_sub(1),
            (None, None) => return,
            (Some(of_phase), Some(of_gate)) if of_gate < of_phase => Some(of_gate),
            (Some(of_phase), _) => of_phase.checked_sub(1),
            (None, of_gate) => of_gate,
        };
        self.conditions.is_used = true;
        let named = decided_in(facts, files, &self.conditions.fact);
        let index = named.and_then(|(number, _)| self.index(number));
        let chosen = index.filter(|index| last.is_some_and(|last| *index <= last)).or(last.map(|_| 0));
        if let (Some((number, place)), true) = (named, index != chosen) {
            let text = format!("{} has it decided in {}", files.place(place), facts.vocabulary.title(number));
            self.conditions.comments.push(format!("{text}, after something that depends on it"));
        }
        if let (None, Some(index)) = (named, chosen) {
            let text = format!("No place says who settles it: {} is assumed to", self.phases[index].title);
            self.conditions.comments.push(text);
        }
        match chosen {
            Some(index) => {
                let fact = self.conditions.fact.clone();
                let stage = self.asks_by_variant(index).then(|| format!("Decide the {}", fact.replace('_', " ")));
                self.phases[index].decides.push(Decides { fact, stage });
            }
            None => self.conditions.is_input = true,
        }
    }
}

impl Conditions {
    /// The shortest condition that holds for exactly these variants; nothing where it holds for all.
    pub fn when(&self, runs: &[bool]) -> Option<String> {
        let fact = &self.fact;
        let value = |index: usize| &self.values[index].0;
        let holds: Vec<usize> = (0..runs.len()).filter(|index| runs[*index]).collect();
        let fails: Vec<usize> = (0..runs.len()).filter(|index| !runs[*index]).collect();
        let (first, last) = (*holds.first()?, *holds.last()?);
        if fails.is_empty() {
            return None;
        }
        let is_interval = last - first + 1 == holds.len();
        Some(match (&holds[..], &fails[..]) {
            ([one], _) => format!("{fact} == {}", value(*one)),
            _ if self.is_ordered && is_interval && last + 1 == runs.len() => format!("{fact} >= {}", value(first)),
            _ if self.is_ordered && is_interval && first == 0 => format!("{fact} <= {}", value(last)),
            (_, [one]) => format!("{fact} != {}", value(*one)),
            _ => {
                let values: Vec<&str> = holds.iter().map(|index| value(*index).as_str()).collect();
                format!("{fact} in [{}]", values.join(", "))
            }
        })
    }

    /// The variants, but for some, in which a phase runs and an earlier one does not.
    pub fn gap(&self, phase: usize, earlier: usize, exempt: Variants) -> Option<String> {
        let (runs, before) = (&self.runs[phase], &self.runs[earlier]);
        let missing: Vec<&str> = (0..runs.len())
            .filter(|index| runs[*index] && !before[*index] && !exempt.has(*index))
            .map(|index| self.values[index].0.as_str())
            .collect();
        let verb = if missing.len() > 1 { "leave" } else { "leaves" };
        (!missing.is_empty()).then(|| format!("{} {verb}", missing.join(" and ")))
    }

    /// The fact that tells the variants apart.
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// Whether something depends on the variant.
    pub fn is_used(&self) -> bool {
        self.is_used
    }

    /// What is said of a variant; empty where nothing is.
    pub fn meaning(&mut self, variant: usize) -> &mut String {
        &mut self.values[variant].1
    }

    pub fn runs(&self, phase: usize) -> &[bool] {
        &self.runs[phase]
    }

    pub fn write(&self, writer: &mut Writer) {
        for flag in &self.flags {
            writer.line(format!("fact {flag}: bool"));
            writer.blank();
        }
        if !self.is_used {
            return;
        }
        let between = if self.is_ordered { "<" } else { "|" };
        writer.line(format!("enum {} {{", self.type_name));
        for (index, (value, meaning)) in self.values.iter().enumerate() {
            let before = if index > 0 { between } else { "" };
            let meaning = match (meaning.is_empty(), *value == self.names[index]) {
                (true, true) => String::new(),
                (true, false) => write::line(&self.names[index]),
                (false, true) => write::line(meaning),
                (false, false) => write::line(&format!("{}: {meaning}", self.names[index])),
            };
            writer.line(format!("{before} {value} {meaning}"));
        }
        writer.line("}");
        writer.blank();
        for comment in &self.comments {
            writer.comment(comment);
        }
        let word = if self.is_input { "input" } else { "fact" };
        writer.line(format!("{word} {}: {}", self.fact, self.type_name));
        writer.blank();
    }
}

/// "work_type" of "work_types".
fn singular(word: &str) -> String {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// What a table says a variant is.
fn meaning(files: &Files<'_, '_>, vocabulary: &Vocabulary<'_>, variant: usize) -> String {
    let main = files.main().document;
    let found = main.tables.iter().find_map(|table| {
        let column = table.column(MEANING_COLUMNS).filter(|column| *column > 0)?;
        let row = table.rows.iter().find(|row| {
            row.cells.first().is_some_and(|cell| vocabulary.variants.exactly(&cell.text) == Some(variant))
        })?;
        Some(row.cells.get(column)?.text.to_string())
    });
    found.unwrap_or_default()
}

/// The phase that a line names as the one that settles the variant.
fn decided_in(facts: &Facts<'_>, files: &Files<'_, '_>, fact: &str) -> Option<(Number, Span)> {
    let vocabulary = &facts.vocabulary;
    files.all.iter().find_map(|file| {
        facts.lines(file.document).iter().find_map(|line| {
            let number = decides(line, vocabulary).or_else(|| settles(line, fact))?;
            vocabulary.has(number).then_some((number, line.span))
        })
    })
}

/// `Work Types: A, B (determined in Phase 2: Triage)`
fn decides(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    let words: Vec<&str> = vocabulary.variants.dimension_key().split('_').collect();
    let tokens = &line.tokens;
    let names = |own: &str, token: &Token<'_>| token.word().is_some_and(|word| singular(word) == singular(own));
    let all_named = !words.is_empty() && words.iter().all(|own| tokens.iter().any(|token| names(own, token)));
    let settles = |token: &Token<'_>| [DECIDED, DECIDES, DECIDE].iter().any(|words| token.is_word(words));
    let verb = tokens.iter().position(settles).filter(|_| all_named && line.fence.is_none())?;
    // `Phase 2 decides the work type`
    if let [.., word, number] = &tokens[..verb]
        && vocabulary.is_word(word)
        && tokens[verb].is_word(DECIDES)
        && number.number().is_some()
    {
        return number.number();
    }
    // On the page of a phase: `Decide the work type`.
    if tokens.iter().find(|token| token.word().is_some()).is_some_and(|first| first.is_word(DECIDE)) {
        return line.phase.map(Number::whole);
    }
    let behind = &tokens[verb + 1..];
    let at = behind.iter().take(4).position(|token| vocabulary.is_word(token))?;
    let is_place = at > 0 && behind[at - 1].is_word(&["in", "by", "during", "at"]);
    behind.get(at + 1)?.number().filter(|_| is_place)
}

/// `` - `work_type` is settled (…), by the phase `` on the page of a phase.
fn settles(line: &Line<'_>, fact: &str) -> Option<Number> {
    let [first, rest @ ..] = &tokens(line.text.trim_start_matches(['-', '*', ' ']))[..] else { return None };
    let is_settled = first.word() == Some(fact)
        && rest.first().is_some_and(|token| token.is_word(&["is"]))
        && rest.get(1).is_some_and(|token| token.is_word(&["settled", "decided", "determined"]));
    line.phase.filter(|_| is_settled && line.fence.is_none())
}
