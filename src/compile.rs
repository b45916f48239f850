//! The pipeline: text, tree, model, order, logic, checks.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use crate::analysis::{Analysis, Sound};
use crate::checks;
use crate::diagnostic::{self, Diagnostic, Label};
use crate::family::{self, Family};
use crate::graph::PhaseGraph;
use crate::registry::Registries;
use crate::source::{FileId, SourceMap, Span, Wanted};
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

    /// The libraries of which all that would be found by themselves is among what is found here.
    ///
    /// Where something is wrong, what follows from it is not said: so of those only that take something from all files in
    /// which there is an error, and would keep silent of the same.
    pub fn libraries(&self) -> Vec<FileId> {
        let model = &self.analysis.model;
        let is_library = |file: &FileId| *file != model.file && !model.bases.contains(file);
        let mut found: Vec<FileId> = model.layers.iter().map(|(file, _)| file).filter(is_library).collect();
        if found.is_empty() {
            return found;
        }
        let errors = self.diagnostics.iter().filter(|found| found.is_error());
        let places = errors.flat_map(|error| std::iter::once(&error.primary).chain(&error.related));
        let faulty: BTreeSet<FileId> = places.map(|label| label.span.file).collect();
        for file in faulty {
            let users = family::users(self.sources, &found, file);
            found.retain(|library| users.contains(library));
        }
        found
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
    /// What is found in each workflow that others extend, as it is by itself.
    bases: HashMap<FileId, OnceLock<Base>>,
}

/// What is found in a workflow that others extend.
#[derive(Debug)]
struct Base {
    /// Its name and where it stands.
    name: Option<(String, Span)>,
    found: Vec<Diagnostic>,
}

impl<'s> Project<'s> {
    pub fn new(sources: &'s SourceMap) -> Self {
        let bases = sources.wanted(Wanted::Declarations).map(|file| (file, OnceLock::new())).collect();
        Project { sources, family: Family::new(sources), registries: Registries::new(sources), bases }
    }

    /// Compiles one of the files.
    pub fn check(&self, file: FileId) -> Checked<'s> {
        let mut checked = self.compile(file);
        self.name_the_heir(&mut checked);
        checked
    }

    /// What is found in a base is said of the base, unless it is a workflow that extends it that brings it about: then that
    /// is named, the first one in which it is found.
    fn name_the_heir(&self, checked: &mut Checked<'s>) {
        let model = &checked.analysis.model;
        let is_inherited = |found: &Diagnostic| model.bases.contains(&found.primary.span.file);
        let mut open: Vec<&mut Diagnostic> =
            checked.diagnostics.iter_mut().filter(|found| is_inherited(found)).collect();
        let mut heir = named(&checked.analysis);
        for base in &model.bases {
            if open.is_empty() {
                break;
            }
            let Some(of_base) = self.base(*base) else { break };
            open.retain_mut(|found| {
                let is_same = |other: &&Diagnostic| {
                    other.code == found.code && other.primary == found.primary && other.message == found.message
                };
                match of_base.found.iter().find(is_same) {
                    Some(same) => {
                        **found = same.clone();
                        found.primary.span.file != *base
                    }
                    None => {
                        found.related.extend(
                            heir.as_ref().map(|(name, span)| Label {
                                span: *span,
                                text: format!("in `{name}`, which extends it"),
                            }),
                        );
                        false
                    }
                }
            });
            heir.clone_from(&of_base.name);
        }
    }

    /// What is found in a workflow that others extend; it is compiled once, however many they are.
    fn base(&self, file: FileId) -> Option<&Base> {
        let compile = || {
            let Checked { analysis, diagnostics, .. } = self.compile(file);
            Base { name: named(&analysis), found: diagnostics }
        };
        Some(self.bases.get(&file)?.get_or_init(compile))
    }

    /// How many times a file has been parsed.
    pub fn parsed(&self) -> usize {
        self.family.parsed()
    }

    /// What is found in a file, with all that it takes from its bases.
    fn compile(&self, file: FileId) -> Checked<'s> {
        let (tree, mut diagnostics) = self.family.tree(file);
        let (registry, found) = self.registries.of(&tree);
        diagnostics.extend(found);
        let claims: Vec<Span> = tree.items.iter().filter(|item| item.kind.is_claim()).map(|item| item.span).collect();
        // Without its base nobody knows what is meant by what an heir says, nor what of it is used there.
        let is_orphan = tree.orphan;
        let (model, found) = model::lower(tree, registry);
        diagnostics.extend(found.into_iter().filter(|_| !is_orphan));
        let (graph, found) = PhaseGraph::new(&model);
        diagnostics.extend(found.into_iter().filter(|_| !is_orphan));
        // A claim that speaks of what is not there says nothing of the workflow: the rest is proved all the same.
        let is_claimed = |found: &Diagnostic| claims.iter().any(|claim| claim.contains(found.primary.span));
        let is_clean = |found: &[Diagnostic]| found.iter().all(|found| !found.is_error() || is_claimed(found));
        let names_are_clean = is_clean(&diagnostics);
        let analysis = Analysis::new(model, graph);
        if !is_orphan {
            checks::of_names(&analysis, &mut diagnostics);
        }
        let judged = names_are_clean && is_clean(&diagnostics) && checks::of_variants(&analysis, &mut diagnostics);
        if let Some(sound) = analysis.sound(&diagnostics) {
            emit::skill::fits(sound, &mut diagnostics);
        }
        diagnostic::sort(&mut diagnostics);
        let questions = analysis.questions();
        Checked { sources: self.sources, analysis, diagnostics, questions, judged }
    }
}

/// The name of a workflow, and where it stands.
fn named(analysis: &Analysis<'_>) -> Option<(String, Span)> {
    analysis.model.header.as_ref().map(|header| (header.name.name.to_owned(), header.name.span))
}
