//! `wf import`: a skill folder as a workflow.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};

use super::folders::Folders;
use super::report::{self, ReportArgs, To, counted};
use super::session::{Exit, Session};
use super::{input, output};
use crate::compile;
use crate::render::Summary;
use crate::skill::folder::{MAIN, join};
use crate::skill::import::{Import, import, is_resolved};
use crate::source::SourceMap;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf import .claude/skills/releasing                   to standard output\n  \
    wf import .claude/skills/releasing -o releasing.wf   to a file\n  \
    wf import releasing --strict                         in CI: fails when the skill contradicts itself\n\n\
    Where places contradict each other, the table of phases is believed first, then matrices, lists, titles and examples;\n\
    a comment says who said something else. What nobody understands is kept as text and listed at the end.")]
pub struct Args {
    /// The folder of the skill, or its SKILL.md
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Where the workflow is written [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fail where the skill contradicts itself, and write nothing
    #[arg(long)]
    strict: bool,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    report: ReportArgs,
}

/// What a skill became, with the files that it was read from.
pub struct Imported {
    pub sources: SourceMap,
    pub import: Import,
    /// Of the workflow.
    pub warnings: usize,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let Some(Imported { sources, import, warnings }) = read(session, &args.path)? else { return Ok(Exit::Usage) };
    let Import { text, disagreements, still_said, left_over } = import;
    let count = counted(disagreements.len(), "disagreement");
    if args.strict && !disagreements.is_empty() {
        let summary = Summary::new(1, &disagreements);
        report::show(session, To::Out, &sources, &disagreements, &summary, &args.report)?;
        if !report::is_document(args.report.format(session)) {
            session.close(format_args!("{count}: nothing was written"))?;
        }
        return Ok(Exit::Problems);
    }
    let mut parts = Vec::new();
    if !disagreements.is_empty() {
        let resolved = disagreements.iter().filter(|found| is_resolved(found)).count();
        let words = match resolved {
            all if all == disagreements.len() => "resolved".to_owned(),
            0 => "that only texts have".to_owned(),
            some => format!("of which {some} resolved"),
        };
        let standing = still_said.iter().filter(|places| !places.is_empty()).count();
        let standing = if standing > 0 { format!(" ({standing} still said in texts)") } else { String::new() };
        parts.push(format!("{count} {words}{standing}, see the comments"));
    }
    if left_over > 0 {
        parts.push(format!("{left_over} not understood, listed at the end"));
    }
    match &args.output {
        None => {
            session.out.write_all(text.as_bytes())?;
            if !parts.is_empty() {
                session.talk(parts.join("; "));
            }
        }
        Some(path) => {
            let name = input::shown(&session.cwd, path);
            if path.exists() && !args.force {
                bail!("`{name}` is there already: name another file, or say --force");
            }
            output::write(path, &text)?;
            parts.insert(0, format!("wrote {name}"));
            if warnings > 0 {
                parts.push(format!("the workflow has {}", counted(warnings, "warning")));
            }
            parts.push(format!("next: wf check{}", format_args!(" {}", input::argument(session, path))));
            session.close(parts.join("; "))?;
        }
    }
    Ok(Exit::Clean)
}

/// Imports the skill of a folder; nothing where something could not be read, which has been said then.
pub fn read(session: &mut Session, path: &Path) -> anyhow::Result<Option<Imported>> {
    let folders = Folders::gather(session, &[path.to_owned()])?;
    if folders.failed > 0 {
        return Ok(None);
    }
    let files = folders.files();
    let mut skills = files.skills();
    skills.retain(|skill| files.is_asked(&join(skill.path, MAIN)));
    let name = input::shown(&session.cwd, path);
    let skill = match &skills[..] {
        [] => bail!("`{name}` is no skill: it has no {MAIN}"),
        [skill] => skill,
        [first, second, ..] => {
            let shown = |path: &str| input::shown(&session.cwd, Path::new(path));
            let both = format!("`{}` and `{}`", shown(first.path), shown(second.path));
            bail!("`{name}` holds {} skills, {both} among them: name one", skills.len());
        }
    };
    let Some(imported) = import(skill) else {
        bail!("`{name}` names no phases: a table of phases, or titles like `Phase 1: Setup`, make a workflow");
    };
    let mut sources = SourceMap::new();
    let file = sources.add(name.as_str(), imported.text.as_str());
    let checked = compile::check(&sources, file);
    if let Some(fault) = checked.diagnostics.iter().find(|found| found.is_error()) {
        let line = sources.place(fault.primary.span).line;
        return Err(anyhow!("the workflow of `{name}` would not compile, in line {line}: {}", fault.message)
            .context("nothing was written: please report this"));
    }
    let warnings = Summary::new(1, &checked.diagnostics).warnings;
    Ok(Some(Imported { sources: folders.sources, import: imported, warnings }))
}
