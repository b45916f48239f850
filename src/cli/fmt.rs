//! `wf fmt`: the one way to write a workflow.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;

use super::documents::{Difference, first_difference};
use super::input::{self, Input, Inputs};
use super::report::{self, ReportArgs, To, counted};
use super::session::{Exit, Session};
use super::{diff, output};
use crate::diagnostic::Diagnostic;
use crate::explain::NOT_CANONICAL;
use crate::render::{Format, Summary};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf fmt                  every .wf file below this folder\n  \
    wf fmt --check          in CI: fails when a file is not in canonical form\n  \
    wf fmt - < hello.wf     standard input to standard output, for an editor\n\n\
    Files with syntax errors are left alone.")]
pub struct Args {
    /// Files, folders (all .wf files below), or - for standard input [default: this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write nothing; fail if a file would change
    #[arg(long)]
    check: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
    #[command(flatten)]
    report: ReportArgs,
}

impl Args {
    fn writes(&self) -> bool {
        !self.check && !self.diff
    }
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let inputs = input::gather(session, &args.paths)?;
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut outcome = Outcome::default();
    for input in &inputs.files {
        let text = &inputs.sources.get(input.file).text;
        match canonical(&inputs.sources, input.file)? {
            Err(found) => {
                outcome.faulty += 1;
                outcome.found.extend(found);
            }
            Ok(formatted) => {
                outcome.changed += usize::from(formatted != *text);
                deliver(args, session, &inputs.sources, input, &formatted, &mut outcome)?;
            }
        }
    }
    close(args, session, &inputs, &outcome)?;
    let failed = outcome.faulty > 0 || (!args.writes() && outcome.changed > 0);
    let exit = if failed { Exit::Problems } else { Exit::Clean };
    Ok(if inputs.faults.is_empty() { exit } else { Exit::Usage })
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    changed: usize,
    faulty: usize,
    found: Vec<Diagnostic>,
}

/// The canonical form, or why there is none.
fn canonical(sources: &SourceMap, file: FileId) -> anyhow::Result<Result<String, Vec<Diagnostic>>> {
    let source = sources.get(file);
    let (tree, mut found) = syntax::parse(file, &source.text);
    found.retain(Diagnostic::is_error);
    if !found.is_empty() {
        return Ok(Err(found));
    }
    let formatted = syntax::format(&tree);
    // What a person wrote is worth a second look before it is replaced.
    let (again, faults) = syntax::parse(file, &formatted);
    if faults.iter().any(Diagnostic::is_error) || again.comments.len() != tree.comments.len() {
        bail!("formatting `{}` would damage it, and nothing was written: please report this", source.name);
    }
    Ok(Ok(formatted))
}

/// Writes the canonical form, or says that the file is not in it.
fn deliver(
    args: &Args,
    session: &mut Session,
    sources: &SourceMap,
    input: &Input,
    formatted: &str,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let source = sources.get(input.file);
    match &input.path {
        _ if args.diff => diff::write(&mut session.out, &source.name, &source.text, formatted, session.color)?,
        _ if args.check && source.text == formatted => {}
        _ if args.check && args.report.format(session) == Format::Human => {
            session.close(format_args!("would change: {}", source.name))?;
        }
        _ if args.check => outcome.found.push(not_canonical(&source.name, input.file, &source.text, formatted)),
        Some(path) => _ = output::write(path, formatted)?,
        None => session.out.write_all(formatted.as_bytes())?,
    }
    Ok(())
}

fn not_canonical(name: &str, file: FileId, text: &str, formatted: &str) -> Diagnostic {
    let Difference { line, old, new } = first_difference(text, formatted);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let end = start + old.map_or(0, |line| line.trim_end().len());
    let diagnostic =
        Diagnostic::new(&NOT_CANONICAL, Span::new(file, start, end), format!("`{name}` is not in canonical form"));
    let expected = new.map_or("the end of the file".to_owned(), |new| format!("`{}`", new.trim_end()));
    diagnostic.note(format!("canonical: {expected}")).help("`wf fmt` writes it")
}

fn close(args: &Args, session: &mut Session, inputs: &Inputs, outcome: &Outcome) -> anyhow::Result<()> {
    // Standard output carries the formatted text, or the diff.
    let to = if (args.writes() && inputs.stdin()) || args.diff { To::Err } else { To::Out };
    let format = args.report.format(session);
    let summary = Summary::new(inputs.files.len(), &outcome.found);
    if !outcome.found.is_empty() || to == To::Out {
        report::show(session, to, &inputs.sources, &outcome.found, &summary, &args.report)?;
    }
    if report::is_document(format) {
        return Ok(());
    }
    let line = outcome.words(args, inputs);
    match to {
        To::Out => session.close(line)?,
        // An editor that formats its buffer wants no comment on it.
        To::Err if args.writes() && outcome.faulty == 0 => {}
        To::Err => session.talk(line),
    }
    Ok(())
}

impl Outcome {
    fn words(&self, args: &Args, inputs: &Inputs) -> String {
        let same = inputs.files.len() - self.changed - self.faulty;
        let mut parts = Vec::new();
        let mut next = String::new();
        match self.changed {
            0 if self.faulty == 0 => parts.push(format!("{} already in canonical form", counted(same, "file"))),
            0 => {}
            changed if args.writes() => parts.push(format!("formatted {}", counted(changed, "file"))),
            changed => {
                parts.push(format!("{} would change", counted(changed, "file")));
                next = format!("; next: wf fmt{}", inputs.arguments);
            }
        }
        if same > 0 && self.changed + self.faulty > 0 {
            parts.push(format!("{same} unchanged"));
        }
        if self.faulty > 0 {
            parts.push(format!("{} with syntax errors left alone", counted(self.faulty, "file")));
        }
        parts.join(", ") + &next
    }
}
