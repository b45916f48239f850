//! Where a person is asked: gates inside phases.

use super::super::super::facts::{Approval, Facts, Number, tokens};
use super::super::write::{self, Names};
use super::super::{File, Files};
use super::{Decides, Flow, Gate, capital};
use crate::source::Span;

/// What a question is about that is put whatever has happened.
const APPROVAL: &[&str] = &["approval", "approve", "approves", "sign-off", "signoff", "confirmation", "confirm"];
/// Columns of what has to be so for somebody to be asked.
const TRIGGER_COLUMNS: &[&str] = &["trigger", "triggers", "asked", "asked when", "when", "condition", "conditional"];
/// How a condition begins.
const IF: &[&str] = &["if", "when", "unless", "where", "on", "only"];
/// As many words of a condition are its name.
const LONGEST_NAME: usize = 5;

impl Flow {
    /// Where a person is asked. What has to be so first is a fact that the phase finds out.
    pub fn approvals(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        let is_approval = |about: &str| tokens(about).iter().any(|token| token.is_word(APPROVAL));
        // The first list of a variant is believed.
        let asked = |variant: usize, number: Number| {
            let list = facts.checkpoints.iter().find(|found| found.variant == variant);
            list.map(|list| list.phases.contains(&number))
        };
        for index in 0..self.phases.len() {
            let number = self.phases[index].number;
            let runs = self.conditions.runs(index).to_vec();
            let listed: Vec<Option<bool>> = (0..runs.len()).map(|variant| asked(variant, number)).collect();
            let said: Vec<&Approval> = facts.approvals.iter().filter(|approval| approval.phase == number).collect();
            let approval = said.iter().find(|approval| is_approval(&approval.about));
            let is_listed = listed.contains(&Some(true));
            if !is_listed && approval.is_none() {
                if let Some(other) = said.iter().find(|other| !other.about.is_empty()) {
                    let text = format!("when {} asks a person: {}", facts.vocabulary.title(number), other.about);
                    self.left.push((other.place, text));
                }
                continue;
            }
            let both: Vec<bool> = listed.iter().zip(&runs).map(|(asks, runs)| asks.unwrap_or(true) && *runs).collect();
            let stands = match (is_listed, approval) {
                (true, _) if both.contains(&true) => both,
                // A person is asked only where the phase is left out.
                (true, None) => continue,
                _ => runs.clone(),
            };
            let trigger = match is_listed {
                true => facts.checkpoints.iter().find_map(|found| listed_trigger(files, found.place, number)),
                false => approval.and_then(|approval| self.row_trigger(facts, files, approval.place)),
            };
            let flag = trigger.map(|trigger| self.flag(index, &trigger, names));
            let of_variants = if stands == runs { None } else { self.conditions.when(&stands) };
            let when: Vec<String> = of_variants.into_iter().chain(flag).collect();
            let of_list =
                facts.checkpoints.iter().find(|found| found.phases.contains(&number)).map(|found| found.place);
            let place = approval.map(|approval| approval.place).or(of_list);
            self.used.extend(approval.map(|approval| approval.place));
            let phase = &self.phases[index];
            let title = approval.map_or_else(|| format!("approval of {}", phase.title), |found| found.about.clone());
            let gate = Gate {
                name: names.free(format!("{}-approval", phase.name)),
                title: capital(&title),
                when: (!when.is_empty()).then(|| when.join(" and ")),
                stands,
                comments: place.map(|place| format!("{} asks a person here", files.place(place))).into_iter().collect(),
                question: Some(format!("{}: {title}. Go on?", phase.title)),
                ..Gate::default()
            };
            self.phases[index].gates.push(gate);
        }
    }

    /// A fact that a phase finds out: `skill_missing` for "if the skill is missing".
    fn flag(&mut self, index: usize, trigger: &str, names: &mut Names) -> String {
        let words: Vec<&str> = trigger.split_whitespace().take(LONGEST_NAME).collect();
        let name = write::snake(&words.join(" ")).unwrap_or_else(|| "asked".to_owned());
        let fact = names.free(name).replace('-', "_");
        let stage = Some(format!("{}?", capital(&trigger.replace('_', " "))));
        self.phases[index].decides.push(Decides { fact: fact.clone(), stage });
        self.conditions.flags.push(fact.clone());
        fact
    }

    /// What a row of a table of approvals says of when somebody is asked; not where it is whenever the phase runs.
    fn row_trigger(&self, facts: &Facts<'_>, files: &Files<'_, '_>, place: Span) -> Option<String> {
        let file = files.of(place.file)?;
        let table = file.document.tables.iter().find(|table| table.span.contains(place))?;
        let row = table.rows.iter().find(|row| row.span == place)?;
        let cell = row.cells.get(table.column(TRIGGER_COLUMNS)?)?;
        let is_plain = !cell.text.contains(char::is_alphanumeric)
            || cell.text.trim().eq_ignore_ascii_case("always")
            || facts.vocabulary.variants.condition(&cell.text).is_some();
        if is_plain { None } else { trigger(file, file.document.source(cell.span)) }
    }
}

/// `4 (if the skill is missing)`: what has to be so for the phase of a list.
fn listed_trigger(files: &Files<'_, '_>, place: Span, number: Number) -> Option<String> {
    let file = files.of(place.file)?;
    let source = file.document.source(place);
    let tokens = tokens(source);
    let open = tokens
        .windows(3)
        .find(|three| three[0].number() == Some(number) && three[1].is_sign(&['(']) && three[2].is_word(IF))?;
    trigger(file, source[open[1].range.end..].split(')').next()?)
}

/// The words of a condition. A generated file has the name of the fact among them.
fn trigger(file: &File<'_, '_>, text: &str) -> Option<String> {
    if file.is_generated {
        let code = text.split('`').nth(1)?;
        return code
            .split(" and ")
            .find(|part| part.chars().all(|c| c.is_alphanumeric() || c == '_'))
            .map(str::to_owned);
    }
    let words = text.trim().split_once(' ').filter(|(first, _)| IF.contains(&&*first.to_lowercase()));
    let words = words.map_or(text, |(_, rest)| rest).replace(['`', '*'], "");
    words.contains(char::is_alphabetic).then(|| words.trim().to_owned())
}
