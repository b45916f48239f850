//! The pipeline: text, tree, model, order, logic, checks.

use crate::analysis::{Analysis, Sound};
use crate::checks;
use crate::diagnostic::{self, Diagnostic, Label};
use crate::family::Family;
use crate::graph::PhaseGraph;
use crate::registry::Registries;
use crate::source::{FileId, SourceMap, Span};
use crate::{emit, model};

/// What a compilation found: the analysis of whatever could be read, and everything there is to say.
#[derive(Debug)]
pub struct Checked<'s> {
    pub sources: &'s SourceMap,
    pub analysis: Analysis<'s>,
    /// In the order in which they are shown.
    pub diagnostics: Vec<Diagnostic>,
    /// How many questions the checks put about all variants.
    pub questions: usize,
    /// Tests and properties were judged: nothing before them is wrong.
    pub judged: bool,
}

impl<'s> Checked<'s> {
    /// The analysis as what documents and plans are made from; `None` when a diagnostic is an error, or when the file
    /// holds no workflow.
    pub fn sound(&self) -> Option<Sound<'_, 's>> {
        self.analysis.sound(&self.diagnostics)
    }
}

/// Compiles one file, with the files it uses.
pub fn check(sources: &SourceMap, file: FileId) -> Checked<'_> {
    Project::new(sources).check(file)
}

/// The files of a call: what several of them use is read once.
#[derive(Debug)]
pub struct Project<'s> {
    pub sources: &'s SourceMap,
    family: Family<'s>,
    registries: Registries<'s>,
}

impl<'s> Project<'s> {
    pub fn new(sources: &'s SourceMap) -> Self {
        Project { sources, family: Family::new(sources), registries: Registries::new(sources) }
    }

    /// What is found in a base is said of the base, unless it is this workflow that brings it about: then it is named.
    fn name_the_heir(&self, analysis: &Analysis<'s>, diagnostics: &mut [Diagnostic]) {
        let model = &analysis.model;
        let inherited = |found: &Diagnostic| model.bases.contains(&found.primary.span.file);
        let (Some(base), Some(header)) = (model.bases.first(), &model.header) else { return };
        if !diagnostics.iter().any(inherited) {
            return;
        }
        let of_base = self.check(*base).diagnostics;
        for found in diagnostics.iter_mut().filter(|found| inherited(found)) {
            let same = |other: &&Diagnostic| {
                other.code == found.code && other.primary == found.primary && other.message == found.message
            };
            match of_base.iter().find(same) {
                Some(same) => *found = same.clone(),
                None => {
                    let text = format!("in `{}`, which extends it", header.name.name);
                    found.related.push(Label { span: header.name.span, text });
                }
            }
        }
    }

    /// Compiles one of the files.
    pub fn check(&self, file: FileId) -> Checked<'s> {
        let (tree, mut diagnostics) = self.family.tree(file);
        let (registry, found) = self.registries.of(&tree);
        diagnostics.extend(found);
        let (model, found) = model::lower(&tree, registry);
        diagnostics.extend(found);
        let claims: Vec<Span> = tree.items.iter().filter(|item| item.kind.is_claim()).map(|item| item.span).collect();
        drop(tree);
        let (graph, found) = PhaseGraph::new(&model);
        diagnostics.extend(found);
        // A claim that speaks of what is not there says nothing of the workflow: the rest is proved all the same.
        let is_claimed = |found: &Diagnostic| claims.iter().any(|claim| claim.contains(found.primary.span));
        let is_clean = |found: &[Diagnostic]| found.iter().all(|found| !found.is_error() || is_claimed(found));
        let names_are_clean = is_clean(&diagnostics);
        let analysis = Analysis::new(model, graph);
        checks::of_names(&analysis, &mut diagnostics);
        let judged = names_are_clean && is_clean(&diagnostics) && checks::of_variants(&analysis, &mut diagnostics);
        if let Some(sound) = analysis.sound(&diagnostics) {
            emit::skill::fits(sound, &mut diagnostics);
        }
        self.name_the_heir(&analysis, &mut diagnostics);
        diagnostic::sort(&mut diagnostics);
        let questions = analysis.questions();
        Checked { sources: self.sources, analysis, diagnostics, questions, judged }
    }
}
