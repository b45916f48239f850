//! Which statement of a workflow each line of its documents comes from.
//!
//! The compiler is asked: every text of the sources gets a mark at the end of each of its lines, a character that means
//! nothing, and the documents are made once more. Where a mark turns up, there its text has gone, whatever the way. A line
//! without a mark was made of names and numbers: it comes from the declaration of a name that stands in it, else from what
//! stands above it under the same heading, else from what its page is about.

mod names;
mod texts;

use std::collections::HashMap;

use crate::analysis::Sound;
use crate::compile::Project;
use crate::emit::{self, File};
use crate::model::{self, NodeId};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;
use names::Names;

/// Where something in a line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The byte of the line up to which it reaches.
    pub until: usize,
    pub span: Span,
    /// The first workflow that says it, of those that extend each other.
    pub oldest: FileId,
    /// The words of the line stand there; else it was made from what is declared there.
    pub is_text: bool,
}

/// What the lines of documents come from, in the order of the line; none is empty.
pub type Origins = HashMap<String, Vec<Vec<Origin>>>;

/// Finds where each line of the documents that a workflow was built to comes from.
pub fn origins(
    sources: &SourceMap,
    sound: Sound<'_, '_>,
    source_name: &str,
    templates: &[(String, String)],
    files: &[File],
) -> Origins {
    let (marked, marks) = texts::marked(sources, &sound.model);
    let project = Project::new(&marked);
    let checked = project.check(sound.model.file);
    let again = checked.sound().and_then(|sound| emit::skill::build(sound, source_name, templates).ok());
    let again: HashMap<String, String> =
        again.unwrap_or_default().into_iter().map(|file| (file.path, file.text)).collect();
    let names = Names::new(sound);
    let of = |file: &File| {
        let lines = again.get(&file.path).map_or_else(Vec::new, |text| marks.lines(text));
        let page = Page::new(&sound, &file.path);
        (file.path.clone(), page.lines(&names, &file.text, &lines))
    };
    files.iter().map(of).collect()
}

/// The top item of a file in which a place lies: "phase `build`".
pub fn block(sources: &SourceMap, span: Span) -> Option<String> {
    let text = &sources.get(span.file).text;
    let (tree, _) = syntax::parse(span.file, text);
    let item = tree.items.iter().find(|item| item.span.contains(span))?;
    let word = model::keyword(&item.kind);
    Some(match texts::name(&item.kind) {
        Some(name) => format!("{word} `{}`", syntax::text::content(&text[name.range()])),
        None => format!("`{word}`"),
    })
}

/// What a page is about.
struct Page<'m> {
    /// The whole phase, if it is about one.
    within: Option<Span>,
    about: Span,
    /// See [`model::Model::bases`].
    bases: &'m [FileId],
}

impl<'m> Page<'m> {
    fn new(sound: &'m Sound<'_, '_>, path: &str) -> Self {
        let model = &sound.model;
        let file = path.rsplit('/').next().unwrap_or(path);
        let is_about = |phase: &NodeId| {
            let rest = file.strip_prefix(&emit::skill::page_stem(*sound, *phase));
            rest.is_some_and(|rest| rest.starts_with(['.', '-']))
        };
        if let Some(phase) = model.phases().find(is_about).map(|phase| model.node(phase)) {
            return Page { within: Some(phase.span), about: phase.name.span, bases: &model.bases };
        }
        let procedure = model.procedures.iter().find(|known| file == format!("procedure-{}.md", known.name.name));
        let document = model.document.as_ref().map(|document| document.name);
        let header = model.header.as_ref().map(|header| header.name);
        let about = procedure.map(|procedure| procedure.name).or(document).or(header);
        Page { within: None, about: about.map_or_else(Span::default, |name| name.span), bases: &model.bases }
    }

    fn is_within(&self, span: Span) -> bool {
        self.within.is_some_and(|phase| phase.contains(span))
    }

    /// Of the same words in several places: those of the page, else those nearest to what stands above.
    fn best(&self, spans: &[Span], above: Span) -> Option<Span> {
        let within = spans.iter().find(|span| self.is_within(**span));
        let here = spans.iter().filter(|span| span.file == above.file);
        let near = here.min_by_key(|span| span.start.abs_diff(above.start));
        within.or(near).or(spans.first()).copied()
    }

    fn oldest(&self, spans: &[Span]) -> FileId {
        let age = |span: &&Span| self.bases.iter().position(|base| *base == span.file).map(|index| index + 1);
        spans.iter().max_by_key(age).copied().unwrap_or_default().file
    }

    fn lines(&self, names: &Names, text: &str, marked: &[texts::Line<'_>]) -> Vec<Vec<Origin>> {
        // The line that bears the hash of the sources is another one.
        let is_parallel = text.lines().count() == marked.len();
        let by_text: HashMap<&str, &texts::Line<'_>> =
            marked.iter().rev().map(|line| (line.text.as_str(), line)).collect();
        let mut above = self.about;
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let is_heading = line.starts_with('#');
            if is_heading {
                above = self.about;
            }
            let parallel = marked.get(index).filter(|marked| is_parallel && marked.text == line);
            let marked = parallel.or_else(|| by_text.get(line).copied());
            let marks = marked.into_iter().flat_map(|line| &line.marks);
            let mut found: Vec<Origin> = marks
                .filter_map(|(until, spans)| {
                    let oldest = self.oldest(spans);
                    self.best(spans, above).map(|span| Origin { until: *until, span, oldest, is_text: true })
                })
                .collect();
            // A text that ends with another one has said that, and not the rest of the line.
            found.dedup_by_key(|origin| origin.until);
            if let Some(first) = found.first().filter(|first| is_heading || self.is_within(first.span)) {
                above = first.span;
            }
            let named = names.of(line).and_then(|(at, spans)| Some((at, self.best(spans, above)?)));
            match (&found[..], named) {
                ([], named) => {
                    let span = named.map_or(above, |(_, span)| span);
                    found.push(Origin { until: line.len(), span, oldest: span.file, is_text: false });
                    if is_heading {
                        above = span;
                    }
                }
                // The cells before the first text belong to the name that stands in them.
                ([first, ..], Some((at, span))) if line.starts_with('|') => {
                    let until = line[..first.until].rfind('|').unwrap_or(0);
                    if at < until {
                        found.insert(0, Origin { until, span, oldest: span.file, is_text: false });
                    }
                }
                _ => {}
            }
            lines.push(found);
        }
        lines
    }
}
