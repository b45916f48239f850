//! `wf plan`: the runnable plan of a workflow.

use std::io::Write;
use std::path::PathBuf;

use super::documents::{self, Destination};
use super::input;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use crate::analysis::Sound;
use crate::source::SourceMap;
use crate::{compile, emit, plan};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf plan hello.wf                   to standard output\n  \
    wf plan hello.wf -o hello.json     to a file\n  \
    wf plan --schema                   what a plan looks like")]
pub struct Args {
    /// A workflow, or - for standard input
    #[arg(value_name = "FILE", required_unless_present = "schema")]
    file: Option<PathBuf>,
    #[command(flatten)]
    destination: Destination,
    #[command(flatten)]
    report: ReportArgs,
    /// Print the JSON Schema of plans
    #[arg(long, exclusive = true)]
    schema: bool,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let Some(file) = &args.file else {
        writeln!(session.out, "{:#}", plan::schema())?;
        return Ok(Exit::Clean);
    };
    let (sources, input) = input::one(session, file)?;
    let checked = compile::check(&sources, input.file);
    let Some(sound) = checked.sound() else {
        return report::refuse(session, &sources, &checked, &args.report, "plan");
    };
    let name = &sources.get(input.file).name;
    report::mention_warnings(session, &checked.diagnostics, &format!("wf check {}", input::quoted(name)));
    documents::deliver(session, &args.destination, &text(sound, &sources)?)
}

/// The plan as it is written.
pub fn text(sound: Sound<'_, '_>, sources: &SourceMap) -> anyhow::Result<String> {
    let plan = emit::plan::plan(sound, input::source_name(sources, sound));
    Ok(serde_json::to_string_pretty(&plan)? + "\n")
}
