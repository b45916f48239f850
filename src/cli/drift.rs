//! `wf build --check`: documents that are not what their workflow makes of them.

mod edit;

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::documents::{self, Difference, Document, State};
use super::input::{self, Inputs};
use super::output::{GREEN, RED, paint};
use super::report::{self, ReportArgs, To, counted};
use super::session::{Exit, Session};
use crate::diagnostic::Diagnostic;
use crate::explain::STALE_DOCUMENT;
use crate::origin::Origin;
use crate::render::{Format, Summary};
use crate::source::{FileId, SourceMap, Span};

use edit::Edited;

/// How many texts a [`SourceMap`] takes.
const MAX_SOURCES: usize = 65_536;

/// What should be on the disk.
pub struct Expected<'a> {
    pub documents: &'a [Document],
    pub folders: &'a [PathBuf],
    /// The workflow that each document is made from.
    pub by: &'a HashMap<PathBuf, FileId>,
    /// What the lines of the documents that a workflow makes come from.
    pub origins: &'a dyn Fn(FileId) -> Lines,
    /// What `wf build` needs to be told to make it so.
    pub arguments: &'a str,
}

/// The lines of documents with what each comes from.
pub type Lines = HashMap<PathBuf, Vec<Vec<Origin>>>;

/// Reports each document that differs, is missing, or is left over.
pub fn compare(
    session: &mut Session,
    inputs: &Inputs,
    warnings: &[Diagnostic],
    expected: &Expected<'_>,
    args: &ReportArgs,
) -> anyhow::Result<Exit> {
    let (drifts, edited) = find(session, expected)?;
    let count = drifts.len() + edited.len();
    if inputs.sources.iter().count() + count > MAX_SOURCES {
        bail!("{count} documents are out of date, more than can be listed: name fewer workflows");
    }
    let mut sources = SourceMap::new();
    for (_, source) in inputs.sources.iter() {
        sources.add(source.name.clone(), source.text.clone());
    }
    // People see a list of what differs; what was edited by hand asks for more than to build again.
    let is_listed = args.format(session) == Format::Human;
    let mut found = warnings.to_vec();
    if !is_listed {
        found.extend(drifts.iter().map(|drift| drift.diagnostic(&mut sources, inputs, expected)));
    }
    found.extend(edit::diagnostics(&mut sources, inputs, expected, &edited));
    let summary = Summary::new(inputs.files.len(), &found);
    report::show(session, To::Out, &sources, &found, &summary, args)?;
    if is_listed {
        list(session, &drifts, args)?;
    }
    if !report::is_document(args.format(session)) {
        let all = counted(expected.documents.len(), "document");
        let build = format!("wf build{}", expected.arguments);
        let next = match edited.len() {
            0 => format!("next: {build}"),
            1 => format!("1 was edited by hand; next, with the edit in the workflow: {build} --force"),
            more => format!("{more} were edited by hand; next, with the edits in the workflow: {build} --force"),
        };
        match count {
            0 => session.close(format_args!("up to date: {all}"))?,
            1 => session.close(format_args!("1 document is out of date; {next}"))?,
            more => session.close(format_args!("{more} documents are out of date; {next}"))?,
        }
    }
    Ok(if count == 0 { Exit::Clean } else { Exit::Problems })
}

/// A document that is not as it should be.
struct Drift {
    /// As it is shown.
    name: String,
    path: PathBuf,
    kind: Kind,
}

enum Kind {
    Missing,
    LeftOver,
    Differs { old: String, new: String, at: Difference },
}

/// What differs, and what differs because a person has edited it.
fn find<'a>(session: &Session, expected: &Expected<'a>) -> anyhow::Result<(Vec<Drift>, Vec<Edited<'a>>)> {
    let drift = |path: &Path, kind| Drift { name: input::shown(&session.cwd, path), path: path.to_owned(), kind };
    let mut drifts = Vec::new();
    let mut edited = Vec::new();
    for document in expected.documents {
        let kind = match documents::state(document)? {
            State::Same => continue,
            State::Missing => Kind::Missing,
            State::Edited(text) => {
                edited.push(Edited { name: input::shown(&session.cwd, &document.path), text, document });
                continue;
            }
            State::Stale(old) | State::Foreign(old) => {
                let at = documents::first_difference(&old, &document.text);
                Kind::Differs { old, new: document.text.clone(), at }
            }
        };
        drifts.push(drift(&document.path, kind));
    }
    let left_over = documents::left_over(expected.folders, expected.documents)?;
    drifts.extend(left_over.iter().map(|left| drift(&left.path, Kind::LeftOver)));
    Ok((drifts, edited))
}

/// The list for people: what differs, with the first line, on disk and as it should be.
fn list(session: &mut Session, drifts: &[Drift], args: &ReportArgs) -> anyhow::Result<()> {
    let color = session.color;
    let max = args.limit(session);
    for Drift { name, kind, .. } in drifts.iter().take(max) {
        match kind {
            Kind::Missing => writeln!(session.out, "missing    {name}")?,
            Kind::LeftOver => writeln!(session.out, "left over  {name}")?,
            Kind::Differs { at, .. } => {
                writeln!(session.out, "differs    {name}:{}", at.line)?;
                writeln!(session.out, "{}", paint(color, RED, format!("  on disk   {}", visible(at.old.as_deref()))))?;
                writeln!(
                    session.out,
                    "{}",
                    paint(color, GREEN, format!("  expected  {}", visible(at.new.as_deref())))
                )?;
            }
        }
    }
    if drifts.len() > max {
        writeln!(session.out, "… and {} more; --max-diagnostics 0 shows all", drifts.len() - max)?;
    }
    Ok(())
}

impl Drift {
    /// The same for programs: a finding whose place is in the document.
    fn diagnostic(&self, sources: &mut SourceMap, inputs: &Inputs, expected: &Expected<'_>) -> Diagnostic {
        let Drift { name, path, kind } = self;
        let maker = expected.by.get(path).map(|file| inputs.sources.get(*file).name.as_str());
        let maker = maker.unwrap_or("its workflow");
        match kind {
            Kind::Missing | Kind::LeftOver => {
                let file = sources.add(name.clone(), "");
                let (what, note) = match kind {
                    Kind::Missing => ("is missing", format!("`{maker}` makes it")),
                    _ => ("is left over", "it was generated, and no workflow makes it any more".to_owned()),
                };
                Diagnostic::new(&STALE_DOCUMENT, Span::new(file, 0, 0), format!("`{name}` {what}")).note(note)
            }
            Kind::Differs { old, new, at } => {
                let start: usize = old.split_inclusive('\n').take(at.line - 1).map(str::len).sum();
                let end = start + at.old.as_ref().map_or(0, |line| line.trim_end().len());
                let file = sources.add(name.clone(), old.as_str());
                let message = format!("`{name}` is not what `{maker}` makes, from line {} on", at.line);
                let found = Diagnostic::new(&STALE_DOCUMENT, Span::new(file, start, end), message);
                let found = match documents::is_of_other_source(old, new) {
                    Some(true) => found.note(format!("stale: `{maker}` has changed since it was made")),
                    Some(false) => found.note("it was made by another version, or with other templates"),
                    None => found,
                };
                found
                    .note(format!("on disk: {}", visible(at.old.as_deref())))
                    .note(format!("expected: {}", visible(at.new.as_deref())))
            }
        }
    }
}

/// A line with what cannot be seen written out.
fn visible(line: Option<&str>) -> String {
    let Some(line) = line else { return "(the file ends)".to_owned() };
    let (content, end) = line.strip_suffix('\n').map_or((line, " (no line end)"), |content| (content, ""));
    let hidden = |c: char| c.is_control() && c != '\t';
    let mut shown = String::new();
    for c in content.chars().take(160) {
        if hidden(c) { shown.extend(c.escape_default()) } else { shown.push(c) }
    }
    if content.chars().nth(160).is_some() {
        shown.push('…');
    }
    // A blank at the end is a difference that nobody sees.
    if shown.ends_with([' ', '\t']) {
        shown = format!("{shown:?}");
    }
    shown + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_show_what_is_different() {
        assert_eq!(visible(Some("a\n")), "a");
        assert_eq!(visible(Some("a\r\n")), "a\\r");
        assert_eq!(visible(Some("a \n")), "\"a \"");
        assert_eq!(visible(Some("a")), "a (no line end)");
        assert_eq!(visible(None), "(the file ends)");
        assert_eq!(visible(Some(&"x".repeat(200))).chars().count(), 161 + 14);
    }
}
