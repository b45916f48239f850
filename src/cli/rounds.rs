//! What a command makes of each of its files; and when it watches, what of it still holds in the next round.

use std::collections::{HashMap, HashSet};

use super::input::{Input, Inputs};
use super::parallel;
use crate::compile::Project;
use crate::diagnostic::Diagnostic;
use crate::family;
use crate::source::{FileId, Span};

/// What a command makes of a file.
pub trait Outcome: Send {
    /// Visits every place that it holds: files have other ids in the next round.
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span));
}

impl Outcome for Vec<Diagnostic> {
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.iter_mut().for_each(|found| found.spans(visit));
    }
}

/// The rounds of a call: one, or when it watches one after each change.
#[derive(Debug)]
pub struct Rounds<T> {
    /// What was read in the last round.
    pub before: Option<Inputs>,
    /// What was made of it.
    made: HashMap<FileId, T>,
    /// How many files were compiled in the last round.
    pub compiled: usize,
}

impl<T> Default for Rounds<T> {
    fn default() -> Self {
        Rounds { before: None, made: HashMap::new(), compiled: 0 }
    }
}

impl<T: Outcome> Rounds<T> {
    /// What is made of each file, in their order, as many at a time as there are processors. Where nothing has changed of all
    /// that a file reads, it is what was made in the last round.
    pub fn each(
        &mut self,
        inputs: &Inputs,
        make: impl Fn(&Project<'_>, &Input) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<&T>> {
        self.made = self.kept(inputs);
        let open: Vec<&Input> = inputs.files.iter().filter(|input| !self.made.contains_key(&input.file)).collect();
        self.compiled = open.len();
        let project = Project::new(&inputs.sources);
        let fresh = parallel::each(open.len(), || (), |(): &(), index| make(&project, open[index]))?;
        for (input, made) in open.into_iter().zip(fresh) {
            self.made.insert(input.file, made?);
        }
        Ok(inputs.files.iter().filter_map(|input| self.made.get(&input.file)).collect())
    }

    /// What was made in the last round and still holds, with its places in the files of today.
    fn kept(&mut self, inputs: &Inputs) -> HashMap<FileId, T> {
        let mut made = std::mem::take(&mut self.made);
        let Some(before) = &self.before else { return HashMap::new() };
        let same = before.sources.unchanged(&inputs.sources);
        let today: HashSet<FileId> = same.values().copied().collect();
        let named: HashMap<FileId, &Input> = inputs.files.iter().map(|input| (input.file, input)).collect();
        let mut kept = HashMap::new();
        for then in &before.files {
            let Some(now) = same.get(&then.file).and_then(|file| named.get(file)) else { continue };
            let templates = then.templates.iter().map(|(name, file)| Some((name, *same.get(file)?)));
            let is_same = templates.eq(now.templates.iter().map(|(name, file)| Some((name, *file))))
                && family::reach(&inputs.sources, now.file).iter().all(|file| today.contains(file));
            if is_same && let Some(mut made) = made.remove(&then.file) {
                let mut is_known = true;
                made.spans(&mut |span| match same.get(&span.file) {
                    Some(file) => span.file = *file,
                    None => is_known = false,
                });
                if is_known {
                    kept.insert(now.file, made);
                }
            }
        }
        kept
    }
}
