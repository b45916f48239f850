//! `wf variants`: the shapes that a workflow can take.

use std::io::Write;
use std::path::PathBuf;

use clap::ValueEnum;

use super::input;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use crate::analysis::More;
use crate::compile;
use crate::emit::variants;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf variants hello.wf                    which phases run when, and why the others do not\n  \
    wf variants hello.wf --format json      for a program")]
pub struct Args {
    /// A workflow, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How they are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Listing,
}

/// For people, or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Listing {
    #[default]
    #[value(alias = "human")]
    Text,
    Json,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let (sources, input) = input::one(session, &args.file)?;
    let checked = compile::check(&sources, input.file);
    let Some(sound) = checked.sound() else {
        return report::refuse(session, &sources, &checked, &ReportArgs::default(), "list of variants");
    };
    let name = &sources.get(input.file).name;
    report::mention_warnings(session, &checked.diagnostics, &format!("wf check {}", input::quoted(name)));
    let found = variants::variants(sound);
    let text = match args.format {
        Listing::Text => variants::text(&found, session.color),
        Listing::Json => variants::json(&found),
    };
    session.out.write_all(text.as_bytes())?;
    if args.format == Listing::Text {
        let of = report::Shape::of(&checked).variants.map(report::variants_counted).unwrap_or_default();
        // A value that leads to the first shape.
        let only = |told: &variants::Told| match &told.values[..] {
            [value] if !told.name.contains('@') && !value.contains('.') => Some(format!("{}={value}", told.name)),
            _ => None,
        };
        let set = found.listed.first().and_then(|shape| shape.facts.0.iter().find_map(only));
        let set = set.map(|set| format!(" --set {set}")).unwrap_or_default();
        let next = input::argument(session, &args.file);
        session.close(format_args!("{} in {of}; next: wf simulate {next}{set}", variants::counted(&found)))?;
    } else if found.more != More::Exactly(0) {
        session.talk(variants::counted(&found).trim_end_matches(','));
    }
    Ok(Exit::Clean)
}
