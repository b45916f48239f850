//! `wf build --check`: documents that are not what their workflow makes of them.

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
use crate::render::{Format, Summary};
use crate::source::{FileId, SourceMap, Span};

/// How many texts a [`SourceMap`] takes.
const MAX_SOURCES: usize = 65_536;

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
    expected: &Expected<'_>,
    args: &ReportArgs,
) -> anyhow::Result<Exit> {
    let drifts = find(session, expected)?;
    if args.format(session) == Format::Human {
        let summary = Summary::new(inputs.files.len(), warnings);
        report::show(session, To::Out, &inputs.sources, warnings, &summary, args)?;
        list(session, &drifts, args)?;
    } else {
        if inputs.sources.iter().count() + drifts.len() > MAX_SOURCES {
            bail!("{} documents are out of date, more than can be listed: name fewer workflows", drifts.len());
        }
        let mut sources = SourceMap::new();
        for (_, source) in inputs.sources.iter() {
            sources.add(source.name.clone(), source.text.clone());
        }
        let mut found = warnings.to_vec();
        found.extend(drifts.iter().map(|drift| drift.diagnostic(&mut sources, inputs, expected)));
        let summary = Summary::new(inputs.files.len(), &found);
        report::show(session, To::Out, &sources, &found, &summary, args)?;
    }
    if !report::is_document(args.format(session)) {
        let all = counted(expected.documents.len(), "document");
        match drifts.len() {
            0 => session.close(format_args!("up to date: {all}"))?,
            1 => session.close(format_args!("1 document is out of date; next: wf build{}", expected.arguments))?,
            more => {
                session.close(format_args!("{more} documents are out of date; next: wf build{}", expected.arguments))?
            }
        }
    }
    Ok(if drifts.is_empty() { Exit::Clean } else { Exit::Problems })
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
    Differs { old: String, at: Difference },
}

fn find(session: &Session, expected: &Expected<'_>) -> anyhow::Result<Vec<Drift>> {
    let drift = |path: &Path, kind| Drift { name: input::shown(&session.cwd, path), path: path.to_owned(), kind };
    let mut drifts = Vec::new();
    for document in expected.documents {
        let kind = match documents::state(document)? {
            State::Same => continue,
            State::Missing => Kind::Missing,
            State::Stale(old) | State::Foreign(old) => {
                Kind::Differs { at: documents::first_difference(&old, &document.text), old }
            }
        };
        drifts.push(drift(&document.path, kind));
    }
    let left_over = documents::left_over(expected.folders, expected.documents)?;
    drifts.extend(left_over.iter().map(|path| drift(path, Kind::LeftOver)));
    Ok(drifts)
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
            Kind::Differs { old, at } => {
                let start: usize = old.split_inclusive('\n').take(at.line - 1).map(str::len).sum();
                let end = start + at.old.as_ref().map_or(0, |line| line.trim_end().len());
                let file = sources.add(name.clone(), old.as_str());
                let message = format!("`{name}` is not what `{maker}` makes, from line {} on", at.line);
                Diagnostic::new(&STALE_DOCUMENT, Span::new(file, start, end), message)
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
