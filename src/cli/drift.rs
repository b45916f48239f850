//! `wf build --check`: documents that are not what their workflow makes of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::documents::{self, Document, State};
use super::input::{self, Inputs};
use super::report::{self, ReportArgs, To, counted};
use super::session::{Exit, Session};
use crate::diagnostic::Diagnostic;
use crate::explain::STALE_DOCUMENT;
use crate::render::Summary;
use crate::source::{FileId, SourceMap, Span};

/// What should be on the disk.
pub struct Expected<'a> {
    pub documents: &'a [Document],
    pub folders: &'a [PathBuf],
    /// The workflow that each document is made from.
    pub by: &'a HashMap<PathBuf, FileId>,
    /// What `wf build` needs to be told to make it so.
    pub arguments: &'a str,
}

/// Reports each document that differs, is missing, or is left over.
pub fn compare(
    session: &mut Session,
    inputs: &Inputs,
    warnings: &[Diagnostic],
    expected: Expected<'_>,
    args: &ReportArgs,
) -> anyhow::Result<Exit> {
    let mut sources = SourceMap::new();
    for (_, source) in inputs.sources.iter() {
        sources.add(source.name.clone(), source.text.clone());
    }
    let mut found = warnings.to_vec();
    let cwd = session.cwd.clone();
    for document in expected.documents {
        let workflow = &inputs.sources.get(expected.by[&document.path]).name;
        match documents::state(document)? {
            State::Same => {}
            State::Missing => found.push(missing(&mut sources, &cwd, &document.path, workflow)),
            State::Stale(old) | State::Foreign(old) => {
                found.push(differs(&mut sources, &cwd, document, old, workflow));
            }
        }
    }
    for path in documents::left_over(expected.folders, expected.documents)? {
        found.push(left_over(&mut sources, &cwd, &path));
    }
    let out_of_date = found.len() - warnings.len();
    let summary = Summary::new(inputs.files.len(), &found);
    report::show(session, To::Out, &sources, &found, &summary, args)?;
    if !report::is_document(args.format(session)) {
        let all = counted(expected.documents.len(), "document");
        match out_of_date {
            0 => session.close(format_args!("up to date: {all}"))?,
            count => {
                session.close(format_args!("{} of {all} out of date; next: wf build{}", count, expected.arguments))?
            }
        }
    }
    Ok(if out_of_date == 0 { Exit::Clean } else { Exit::Problems })
}

fn missing(sources: &mut SourceMap, cwd: &Path, path: &Path, workflow: &str) -> Diagnostic {
    let name = input::shown(cwd, path);
    let file = sources.add(name.clone(), "");
    Diagnostic::new(&STALE_DOCUMENT, Span::new(file, 0, 0), format!("`{name}` is missing"))
        .note(format!("`{workflow}` makes it"))
}

fn left_over(sources: &mut SourceMap, cwd: &Path, path: &Path) -> Diagnostic {
    let name = input::shown(cwd, path);
    let file = sources.add(name.clone(), "");
    Diagnostic::new(&STALE_DOCUMENT, Span::new(file, 0, 0), format!("`{name}` is left over"))
        .note("it was generated, and no workflow makes it any more")
}

fn differs(sources: &mut SourceMap, cwd: &Path, document: &Document, old: String, workflow: &str) -> Diagnostic {
    let name = input::shown(cwd, &document.path);
    let (number, left, right) = documents::first_difference(&old, &document.text);
    let start: usize = old.split_inclusive('\n').take(number - 1).map(str::len).sum();
    let end = start + left.map_or(0, |line| line.trim_end().len());
    let shown = |line: Option<&str>| match line {
        None => "nothing: the file ends".to_owned(),
        Some(line) => line.strip_suffix('\n').map_or_else(|| format!("{line} (without a line end)"), str::to_owned),
    };
    let notes = [format!("on disk:  {}", shown(left)), format!("expected: {}", shown(right))];
    let span_text = old;
    let file = sources.add(name.clone(), span_text);
    let message = format!("`{name}` is not what `{workflow}` makes, from line {number} on");
    let [there, wanted] = notes;
    Diagnostic::new(&STALE_DOCUMENT, Span::new(file, start, end), message).note(there).note(wanted)
}
