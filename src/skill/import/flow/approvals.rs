//! Where a person is asked: gates inside phases.

use super::super::super::facts::{Approval, Facts, Number, tokens};
use super::super::Files;
use super::super::write::Names;
use super::{Flow, Gate, capital};
use crate::source::Span;

/// What a question is about that is put whatever has happened.
const APPROVAL: &[&str] = &["approval", "approve", "approves", "sign-off", "signoff", "confirmation", "confirm"];

impl Flow {
    /// Where a person is asked. When something has to go wrong first, nobody knows what: that stays text.
    pub fn approvals(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        let is_approval = |about: &str| tokens(about).iter().any(|token| token.is_word(APPROVAL));
        let of_variant = |variant: usize, number: Number| {
            let mut lists = facts.checkpoints.iter().filter(move |found| found.variant == variant).peekable();
            let is_listed = lists.peek().is_some();
            (
                is_listed,
                lists.any(|found| found.phases.contains(&number) && !is_conditional(files, found.place, number)),
            )
        };
        for index in 0..self.phases.len() {
            let number = self.phases[index].number;
            let runs = self.conditions.runs(index).to_vec();
            let listed: Vec<(bool, bool)> = (0..runs.len()).map(|variant| of_variant(variant, number)).collect();
            let said: Vec<&Approval> = facts.approvals.iter().filter(|approval| approval.phase == number).collect();
            let approval = said.iter().find(|approval| is_approval(&approval.about));
            let is_listed = listed.iter().any(|(_, asks)| *asks);
            if !is_listed && approval.is_none() {
                if let Some(other) = said.iter().find(|other| !other.about.is_empty()) {
                    let text = format!("when {} asks a person: {}", facts.vocabulary.title(number), other.about);
                    self.left.push((other.place, text));
                }
                continue;
            }
            let both: Vec<bool> =
                listed.iter().zip(&runs).map(|((is_told, asks), runs)| (*asks || !*is_told) && *runs).collect();
            let stands = match (is_listed, approval) {
                (true, _) if both.contains(&true) => both,
                // A person is asked only where the phase is left out.
                (true, None) => continue,
                _ => runs.clone(),
            };
            let when = if stands == runs { None } else { self.conditions.when(&stands) };
            let of_list =
                facts.checkpoints.iter().find(|found| found.phases.contains(&number)).map(|found| found.place);
            let place = approval.map(|approval| approval.place).or(of_list);
            self.used.extend(approval.map(|approval| approval.place));
            let phase = &self.phases[index];
            let title = approval.map_or_else(|| format!("approval of {}", phase.title), |found| found.about.clone());
            let gate = Gate {
                name: names.free(format!("{}-approval", phase.name)),
                title: capital(&title),
                when,
                stands,
                comments: place.map(|place| format!("{} asks a person here", files.place(place))).into_iter().collect(),
                question: Some(format!("{}: {title}. Go on?", phase.title)),
                ..Gate::default()
            };
            self.phases[index].gates.push(gate);
        }
    }
}

/// Whether the phase stands in a list with a condition behind it: `4 (if the skill is missing)`.
fn is_conditional(files: &Files<'_, '_>, place: Span, number: Number) -> bool {
    let Some(file) = files.of(place.file) else { return false };
    let tokens = tokens(file.document.source(place));
    tokens.windows(3).any(|three| {
        three[0].number() == Some(number)
            && three[1].is_sign(&['('])
            && three[2].is_word(&["if", "when", "unless", "where", "on", "only"])
    })
}
