//! `wf fmt`: the one way to write a workflow.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;

use super::input::{self, Inputs, quoted};
use super::report::{self, ReportArgs, To, counted};
use super::session::{Exit, Session};
use super::{diff, output};
use crate::diagnostic::Diagnostic;
use crate::render::Summary;
use crate::source::{FileId, SourceMap};
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

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let inputs = input::gather(session, &args.paths)?;
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut faults = Vec::new();
    let mut changed = Vec::new();
    for input in &inputs.files {
        let source = inputs.sources.get(input.file);
        let formatted = match format(&inputs.sources, input.file)? {
            Ok(formatted) => formatted,
            Err(found) => {
                faults.push(found);
                continue;
            }
        };
        if formatted != source.text {
            changed.push(&source.name);
        }
        if args.diff {
            diff::write(&mut session.out, &source.name, &source.text, &formatted, session.color)?;
        } else if args.check {
            if formatted != source.text {
                session.close(format_args!("would change: {}", source.name))?;
            }
        } else if let Some(path) = &input.path {
            output::write(path, &formatted)?;
        } else {
            session.out.write_all(formatted.as_bytes())?;
        }
    }
    close(args, session, &inputs, &faults.concat(), changed.len(), faults.len())
}

/// The canonical form, or why there is none.
fn format(sources: &SourceMap, file: FileId) -> anyhow::Result<Result<String, Vec<Diagnostic>>> {
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
        bail!("formatting `{}` would damage it; nothing was written: please report this", source.name);
    }
    Ok(Ok(formatted))
}

fn close(
    args: &Args,
    session: &mut Session,
    inputs: &Inputs,
    found: &[Diagnostic],
    changed: usize,
    faulty: usize,
) -> anyhow::Result<Exit> {
    let writes = !args.check && !args.diff;
    // Standard output carries the formatted text, or the diff.
    let to = if (writes && inputs.stdin()) || args.diff { To::Err } else { To::Out };
    let summary = Summary::new(inputs.files.len(), found);
    if !found.is_empty() || report::is_document(args.report.format(session)) && to == To::Out {
        report::show(session, to, &inputs.sources, found, &summary, &args.report)?;
    }
    if !report::is_document(args.report.format(session)) {
        let same = inputs.files.len() - changed - faulty;
        let mut parts = Vec::new();
        if changed > 0 {
            let verb = if writes { "formatted" } else { "would change" };
            parts.push(if writes {
                format!("{verb} {}", counted(changed, "file"))
            } else {
                format!("{} {verb}", counted(changed, "file"))
            });
        }
        if same > 0 {
            parts.push(if parts.is_empty() && faulty == 0 {
                format!("{} already in canonical form", counted(same, "file"))
            } else {
                format!("{same} unchanged")
            });
        }
        if faulty > 0 {
            parts.push(format!("{} with syntax errors left alone", counted(faulty, "file")));
        }
        let next =
            if changed > 0 && !writes { format!("; next: wf fmt{}", again(args, inputs)) } else { String::new() };
        let line = parts.join(", ") + &next;
        match to {
            To::Out => session.close(line)?,
            // An editor that formats its buffer wants no comment on it.
            To::Err if inputs.stdin() && faulty == 0 => {}
            To::Err => session.talk(line),
        }
    }
    let failed = faulty > 0 || (!writes && changed > 0);
    let exit = if failed { Exit::Problems } else { Exit::Clean };
    Ok(if inputs.failed > 0 { Exit::Usage } else { exit })
}

fn again(args: &Args, inputs: &Inputs) -> String {
    match &inputs.files[..] {
        [input] if input.path.is_some() => format!(" {}", quoted(&inputs.sources.get(input.file).name)),
        _ => args.paths.iter().map(|path| format!(" {}", quoted(&path.to_string_lossy()))).collect(),
    }
}
