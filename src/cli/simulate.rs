//! `wf simulate`: one run, dry.

use std::io::Write;
use std::path::PathBuf;

use super::facts::{self, Equation};
use super::input;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use super::variants::Listing;
use crate::compile;
use crate::emit::simulation;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf simulate hello.wf                                  what runs when nothing is said\n  \
    wf simulate hello.wf --set size=LARGE                 with a fact of your choice\n  \
    wf simulate hello.wf --set size=LARGE --set go=drop   and with the answer at a gate")]
pub struct Args {
    /// A workflow, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The value of a fact, an input, or the answer at a gate; may be given for several
    #[arg(long, value_name = "FACT=VALUE", value_parser = facts::equation)]
    set: Vec<Equation>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Listing,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let (sources, input) = input::one(session, &args.file)?;
    let checked = compile::check(&sources, input.file);
    let Some(sound) = checked.sound() else {
        return report::refuse(session, &sources, &checked, &ReportArgs::default(), "simulation");
    };
    let set = facts::bindings(sound, "--set", &args.set)?;
    let name = &sources.get(input.file).name;
    report::mention_warnings(session, &checked.diagnostics, &format!("wf check {}", input::quoted(name)));
    let simulation = simulation::simulate(sound, &set);
    if args.format == Listing::Json {
        session.out.write_all(simulation::json(&simulation).as_bytes())?;
        return Ok(Exit::Clean);
    }
    session.out.write_all(simulation::text(&simulation, session.color).as_bytes())?;
    let run = simulation.steps.iter().filter(|step| step.kind == "phase" && step.runs).count();
    let phases = sound.model.phases().count();
    let end = if simulation.completed { "ends" } else { "stops" };
    let values = simulation.assumed.len();
    let next = match &simulation.assumed[..] {
        [] => String::new(),
        [first, ..] => format!("; assumed: {}, set one with --set {first}", report::counted(values, "value")),
    };
    session.close("")?;
    session.close(format_args!("{end} after {run} of {}{next}", report::counted(phases, "phase")))?;
    Ok(Exit::Clean)
}
