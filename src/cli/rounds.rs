//! What a command makes of each of its files; and when it watches, what of it still holds in the next round.

use std::collections::{HashMap, HashSet};

use super::input::{Input, Inputs};
use super::parallel;
use crate::compile::{Checked, Project};
use crate::diagnostic::Diagnostic;
use crate::family;
use crate::source::{FileId, Span};

/// So often the files that no other one uses are looked at by themselves, before all that is left. An error
/// in one of them leaves the libraries below it open.
const MOST_LAYERS: usize = 4;

/// What a command makes of a file.
///
/// By default what is made of a library of which everything has been said already.
pub trait Outcome: Send + Default {
    /// Visits every place that it holds: files have other ids in the next round.
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span));
    /// A place in each library of which it says all that there is to say.
    fn libraries(&self) -> &[Span] {
        &[]
    }
}

/// See [`Checked::libraries`]; a place in each, which is followed from round to round.
pub fn libraries(checked: &Checked<'_>) -> Vec<Span> {
    checked.libraries().into_iter().map(|file| Span::new(file, 0, 0)).collect()
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
    /// Of a library that was passed over.
    nothing: T,
    /// How many files were compiled in the last round.
    pub compiled: usize,
}

impl<T: Default> Default for Rounds<T> {
    fn default() -> Self {
        Rounds { before: None, made: HashMap::new(), nothing: T::default(), compiled: 0 }
    }
}

impl<T: Outcome> Rounds<T> {
    /// What is made of each file, in their order, as many at a time as there are processors. Where nothing has changed of all
    /// that a file reads, it is what was made in the last round. What nobody uses comes first: a library that is part of it
    /// is not looked at once more, so that a chain of libraries is no work for each of its files.
    pub fn each(
        &mut self,
        inputs: &Inputs,
        make: impl Fn(&Project<'_>, &Input) -> anyhow::Result<T> + Sync,
    ) -> anyhow::Result<Vec<&T>> {
        self.made = self.kept(inputs);
        self.compiled = 0;
        let project = Project::new(&inputs.sources);
        let mut open: Vec<&Input> = inputs.files.iter().collect();
        for _ in 0..MOST_LAYERS {
            self.leave_out(&mut open);
            let used = family::used(&inputs.sources, open.iter().map(|input| input.file));
            let first: Vec<&Input> = open.iter().copied().filter(|input| !used.contains(&input.file)).collect();
            self.make(&project, &first, &make)?;
        }
        self.leave_out(&mut open);
        self.make(&project, &open, &make)?;
        Ok(inputs.files.iter().map(|input| self.made.get(&input.file).unwrap_or(&self.nothing)).collect())
    }

    /// Leaves out what is made, and the libraries of which everything has been said.
    fn leave_out(&self, open: &mut Vec<&Input>) {
        let libraries: HashSet<FileId> =
            self.made.values().flat_map(Outcome::libraries).map(|library| library.file).collect();
        open.retain(|input| !self.made.contains_key(&input.file) && !libraries.contains(&input.file));
    }

    fn make(
        &mut self,
        project: &Project<'_>,
        open: &[&Input],
        make: &(impl Fn(&Project<'_>, &Input) -> anyhow::Result<T> + Sync),
    ) -> anyhow::Result<()> {
        self.compiled += open.len();
        let fresh = parallel::each(open.len(), || (), |(): &(), index| make(project, open[index]));
        for (input, made) in open.iter().zip(fresh) {
            self.made.insert(input.file, made?);
        }
        Ok(())
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
