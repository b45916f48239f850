//! The way through all files that a file uses: what is met on it, in which order, and what is wrong with it.

use std::collections::HashSet;

use super::{Family, IMPORT_CYCLE, MISSING_IMPORT, NOT_A_LIBRARY, extended, import, stray, workflow};
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Link, Span, Wanted};
use crate::syntax::{self, ast};

/// The walk over all files that a file uses.
pub(super) struct Walk<'f, 's> {
    family: &'f Family<'s>,
    /// The file that is joined, and what it extends.
    root: (FileId, Option<&'s str>),
    /// Those that have been seen, what a file uses before the file itself.
    pub(super) trees: Vec<&'f ast::File<'s>>,
    /// Those that have been entered, the root among them.
    seen: HashSet<FileId>,
    /// The way from the root to where we are, each with the place of the `use` that leads on.
    open: Vec<(FileId, Span)>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The files of the workflows that are extended, the nearest first.
    pub(super) bases: Vec<FileId>,
    /// Workflows that the root uses and does not extend.
    pub(super) others: Vec<&'s str>,
    /// See [`ast::File::incomplete`].
    pub(super) incomplete: bool,
    /// Files use each other in a circle, so that there is no first of them.
    pub(super) is_circular: bool,
}

impl<'f, 's> Walk<'f, 's> {
    pub(super) fn new(family: &'f Family<'s>, root: &ast::File<'s>) -> Self {
        Walk {
            family,
            root: (root.id, extended(root)),
            trees: Vec::new(),
            seen: HashSet::from([root.id]),
            open: Vec::new(),
            diagnostics: Vec::new(),
            incomplete: false,
            is_circular: false,
            bases: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Walks all files that a file uses. Not by recursion: a chain of files may be as long as somebody likes.
    pub(super) fn over(&mut self, root: &ast::File<'s>) {
        let paths =
            |tree: &ast::File<'s>| tree.items.iter().filter_map(import).map(|(path, _)| path).collect::<Vec<_>>();
        let mut way = vec![(root, paths(root).into_iter(), None)];
        while let Some((tree, uses, entered)) = way.last_mut() {
            let (tree, entered) = (*tree, *entered);
            match uses.next() {
                Some(path) => {
                    let Some(file) = self.link(tree, path) else { continue };
                    self.open.push((tree.id, path));
                    match self.enter(file) {
                        Some((next, extended)) => way.push((next, paths(next).into_iter(), Some((next, extended)))),
                        None => _ = self.open.pop(),
                    }
                }
                None => {
                    way.pop();
                    if let Some((tree, extended)) = entered {
                        self.trees.push(tree);
                        if !extended {
                            self.not_a_library(tree);
                        }
                        self.open.pop();
                    }
                }
            }
        }
    }

    /// The file that a `use` leads to.
    fn link(&mut self, tree: &ast::File<'s>, path: Span) -> Option<FileId> {
        let written = syntax::text::content(tree.slice(path));
        let why = match self.family.sources.linked(tree.id, Wanted::Declarations, &written) {
            Some(Link::File(file)) => return Some(*file),
            Some(Link::Missing(why)) => why,
            _ => "no other file is read here",
        };
        self.incomplete = true;
        self.diagnostics.push(
            Diagnostic::new(&MISSING_IMPORT, path, format!("cannot read `{written}`: {why}"))
                .label("used here")
                .help("the path is relative to the folder of this file"),
        );
        None
    }

    /// The tree of a file that is seen for the first time, and whether it is what the file before it extends.
    fn enter(&mut self, file: FileId) -> Option<(&'f ast::File<'s>, bool)> {
        if !self.seen.insert(file) {
            if let Some(first) = self.open.iter().position(|(open, _)| *open == file) {
                self.cycle(first);
            }
            return None;
        }
        let (tree, found) = self.family.shared(file);
        self.diagnostics.extend(found.iter().cloned());
        let extended = self.open.last().is_some_and(|(from, _)| self.extends(*from, tree));
        if extended {
            self.bases.push(file);
        }
        Some((tree, extended))
    }

    /// Reported where the first file of the circle uses the next, whoever it was that came upon the circle.
    fn cycle(&mut self, first: usize) {
        self.is_circular = true;
        let circle = &self.open[first..];
        let (start, _) = circle.iter().enumerate().min_by_key(|(_, (file, _))| *file).expect("a circle has a file");
        let names = (start..=start + circle.len()).map(|index| {
            let (file, _) = circle[index % circle.len()];
            format!("`{}`", self.family.sources.get(file).name)
        });
        let way = names.collect::<Vec<_>>().join(" uses ");
        let mut diagnostic = Diagnostic::new(&IMPORT_CYCLE, circle[start].1, format!("files use each other: {way}"))
            .label("the circle begins here")
            .help("put what they share into a file of its own, which both use");
        for index in start + 1..start + circle.len() {
            diagnostic = diagnostic.related(circle[index % circle.len()].1, "goes on here");
        }
        if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether a workflow on the way from the root extends that of another file.
    fn extends(&self, from: FileId, base: &ast::File<'s>) -> bool {
        let name = match from == self.root.0 {
            true => self.root.1,
            false if self.bases.contains(&from) => extended(&self.family.shared(from).0),
            false => None,
        };
        name.is_some() && name == workflow(base).map(|workflow| base.slice(workflow.name))
    }

    /// Reports what no library can hold.
    fn not_a_library(&mut self, tree: &ast::File<'s>) {
        let workflow = workflow(tree).map(|workflow| workflow.name);
        self.incomplete |= workflow.is_some();
        let path = self.open.last().map(|(_, path)| *path);
        let by_heir = self.open.last().is_some_and(|(from, _)| *from == self.root.0) && self.root.1.is_some();
        self.diagnostics.extend(match (workflow, path) {
            // Probably the one that was meant: the name behind `extends` is wrong.
            (Some(workflow), _) if by_heir && self.bases.is_empty() => {
                self.others.push(tree.slice(workflow));
                None
            }
            (Some(workflow), Some(path)) => {
                let name = &self.family.sources.get(tree.id).name;
                let message = format!("`{name}` is a workflow of its own, `{}`", tree.slice(workflow));
                let diagnostic = Diagnostic::new(&NOT_A_LIBRARY, path, message)
                    .label("only declarations can be used")
                    .related(workflow, "declared here")
                    .help("move what both need into a file without a `workflow`");
                Some(diagnostic)
            }
            _ => stray(tree),
        });
    }
}
