//! `wf graph`: the picture of a workflow.

use std::path::PathBuf;

use clap::ValueEnum;

use super::documents::{self, Destination};
use super::facts::{self, Equation};
use super::input;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use crate::analysis::Sound;
use crate::compile;
use crate::emit::graph::{self, View};
use crate::logic::TRUE;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf graph hello.wf                                 in the terminal\n  \
    wf graph hello.wf --when size=SMALL               what small work skips\n  \
    wf graph hello.wf --format svg -o hello.svg       for a page")]
pub struct Args {
    /// A workflow, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How it is drawn
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Picture,
    /// Only the variants in which a fact has a value; may be given for several facts
    #[arg(long, value_name = "FACT=VALUE", value_parser = facts::equation)]
    when: Vec<Equation>,
    #[command(flatten)]
    destination: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Picture {
    #[default]
    Text,
    Svg,
    Mermaid,
    Dot,
    Json,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let (sources, input) = input::one(session, &args.file)?;
    let checked = compile::check(&sources, input.file);
    let Some(sound) = checked.sound() else {
        return report::refuse(session, &sources, &checked, &ReportArgs::default(), "picture");
    };
    let given = sound.given(&facts::bindings(sound, "--when", &args.when)?);
    let name = &sources.get(input.file).name;
    report::mention_warnings(session, &checked.diagnostics, &format!("wf check {}", input::quoted(name)));
    let view = View::new(sound, given);
    let text = match args.format {
        Picture::Text => graph::text(sound, &view, session.color && args.destination.is_stdout()),
        Picture::Svg => graph::svg(sound, &view),
        Picture::Mermaid => graph::mermaid(sound, &view),
        Picture::Dot => graph::dot(sound, &view),
        Picture::Json => graph::json(sound, &view),
    };
    documents::deliver(session, &args.destination, &text)
}

/// The picture of all variants, as `wf build --target graph` writes it.
pub fn svg(sound: Sound<'_, '_>) -> String {
    graph::svg(sound, &View::new(sound, TRUE))
}
