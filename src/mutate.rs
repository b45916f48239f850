//! Small faults, put into a workflow on purpose: whether something notices tells how much the workflow claims.
//!
//! A mutant is the text of the workflow with one small edit, in its own file or in that of a workflow which it extends. It is killed when a check, a property or a test says
//! something of it that was not said before; it does not count when it means the same as the original; else it survives,
//! and with it the fault that somebody may put in one day without meaning to.

mod mutants;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::compare::compare;
use crate::compile::{self, Checked};
use crate::diagnostic::{Diagnostic, Edit, Severity};
use crate::source::Span;

pub use mutants::mutants;

/// What is done to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    GateRemoved,
    GateMoved,
    RequirementRemoved,
    SkipWidened,
    SkipNarrowed,
    ConditionFlipped,
    ComparisonShifted,
    ArtifactDropped,
    AfterDropped,
    BoundRaised,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::GateRemoved,
        Kind::GateMoved,
        Kind::RequirementRemoved,
        Kind::SkipWidened,
        Kind::SkipNarrowed,
        Kind::ConditionFlipped,
        Kind::ComparisonShifted,
        Kind::ArtifactDropped,
        Kind::AfterDropped,
        Kind::BoundRaised,
    ];

    pub fn words(self) -> &'static str {
        match self {
            Kind::GateRemoved => "gate removed",
            Kind::GateMoved => "gate moved",
            Kind::RequirementRemoved => "requirement removed",
            Kind::SkipWidened => "skip widened",
            Kind::SkipNarrowed => "skip narrowed",
            Kind::ConditionFlipped => "condition flipped",
            Kind::ComparisonShifted => "comparison shifted",
            Kind::ArtifactDropped => "artifact dropped",
            Kind::AfterDropped => "after dropped",
            Kind::BoundRaised => "bound raised",
        }
    }
}

/// One fault.
#[derive(Debug, Clone)]
pub struct Mutant {
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
    /// "gate `p0` removed".
    pub what: String,
    /// What would notice it, as it could be written.
    pub notice: String,
    /// All in the file of `span`. They do not overlap.
    pub edits: Vec<Edit>,
}

impl Mutant {
    /// The text of its file with the fault in it.
    pub fn apply(&self, text: &str) -> String {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|edit| edit.span);
        let mut mutated = String::with_capacity(text.len());
        let mut done = 0;
        for edit in edits {
            mutated.push_str(&text[done..edit.span.start as usize]);
            mutated.push_str(&edit.text);
            done = edit.span.end as usize;
        }
        mutated.push_str(&text[done..]);
        mutated
    }
}

/// What became of a mutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// By what is said of it and was not said of the original: the first.
    Killed {
        code: &'static str,
        message: String,
    },
    /// It means the same as the original.
    Equivalent,
    Survived,
}

/// Compiles a mutant and looks whether anything notices.
pub fn judge(original: &Checked<'_>, mutant: &Mutant) -> Fate {
    let model = &original.analysis.model;
    let file = mutant.span.file;
    let sources = original.sources.with_text(file, mutant.apply(model.text_of(file)));
    let checked = compile::check(&sources, model.file);
    match new_finding(&original.diagnostics, &checked.diagnostics) {
        Some(found) => Fate::Killed { code: found.code.id, message: found.message.clone() },
        None if equivalent(&original.analysis, &checked.analysis) => Fate::Equivalent,
        None => Fate::Survived,
    }
}

/// What cannot be decided is no reason to leave a mutant out.
fn equivalent(original: &Analysis<'_>, mutant: &Analysis<'_>) -> bool {
    compare(original, mutant).is_ok_and(|found| found.differences.is_empty())
}

/// An error or warning of a code that is found more often than before.
fn new_finding<'d>(before: &[Diagnostic], after: &'d [Diagnostic]) -> Option<&'d Diagnostic> {
    let count = |all: &[Diagnostic], code: &str| all.iter().filter(|found| found.code.id == code).count();
    let loud = after.iter().filter(|found| found.severity() > Severity::Note);
    // What stops the compilation says most about why.
    let mut new: Vec<&Diagnostic> =
        loud.filter(|found| count(after, found.code.id) > count(before, found.code.id)).collect();
    new.sort_by_key(|found| std::cmp::Reverse(found.severity()));
    new.into_iter().next()
}
