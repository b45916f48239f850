//! What agents say before they skip a step, and the answer.

use serde::Serialize;

use super::super::super::prose::Prose;

#[derive(Serialize)]
pub struct CountersPage<'v> {
    pub mark: &'v str,
    pub counters: Vec<Counter>,
}

/// What an agent says before it skips a step, and the answer.
#[derive(Serialize)]
pub struct Counter {
    claim: String,
    answer: String,
}

pub fn counters(prose: &Prose<'_, '_>) -> Vec<Counter> {
    let all = prose.sound.model.counters.iter();
    all.map(|(claim, answer)| Counter { claim: prose.cell(claim), answer: prose.cell(answer) }).collect()
}
