//! `wf mutate`: which small faults nothing in a workflow would notice.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::input;
use super::output::{BOLD, GREEN, YELLOW, paint};
use super::parallel;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use super::variants::Listing;
use crate::compile;
use crate::mutate::{self, Fate, Kind, Mutant};
use crate::render::json::{self, Located};
use crate::source::{FileId, SourceMap};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf mutate hello.wf                  a gate removed, a skip widened, an artifact dropped: does anything notice?\n  \
    wf mutate hello.wf --verbose        also what killed each mutant\n  \
    wf mutate hello.wf --format json    for a program")]
pub struct Args {
    /// A workflow, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// How the result is written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Listing,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let (sources, input) = input::one(session, &args.file)?;
    let checked = compile::check(&sources, input.file);
    if checked.sound().is_none() {
        return report::refuse(session, &sources, &checked, &ReportArgs::default(), "list of mutants");
    }
    let mutants = mutate::mutants(&checked);
    let fates = judge(&sources, input.file, &mutants);
    let judged: Vec<(&Mutant, &Fate)> = mutants.iter().zip(&fates).collect();
    match args.format {
        Listing::Json => write_json(session, &sources, &judged)?,
        Listing::Text => write_text(session, &sources, &judged)?,
    }
    Ok(if fates.contains(&Fate::Survived) { Exit::Problems } else { Exit::Clean })
}

/// Judges all mutants. Each thread compiles the original for itself.
fn judge(sources: &SourceMap, file: FileId, mutants: &[Mutant]) -> Vec<Fate> {
    let original = || compile::check(sources, file);
    parallel::each(mutants.len(), original, |original, index| mutate::judge(original, &mutants[index]))
}

/// How many became what.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    mutants: usize,
    killed: usize,
    equivalent: usize,
    survived: usize,
}

impl Count {
    fn of(judged: &[(&Mutant, &Fate)], kind: Option<Kind>) -> Count {
        let mut count = Count::default();
        for (_, fate) in judged.iter().filter(|(mutant, _)| kind.is_none_or(|kind| mutant.kind == kind)) {
            count.mutants += 1;
            match fate {
                Fate::Killed { .. } => count.killed += 1,
                Fate::Equivalent => count.equivalent += 1,
                Fate::Survived => count.survived += 1,
            }
        }
        count
    }
}

fn write_text(session: &mut Session, sources: &SourceMap, judged: &[(&Mutant, &Fate)]) -> anyhow::Result<()> {
    if judged.is_empty() {
        return session.close("no mutants: there is no gate, no condition, no artifact and no bound to change");
    }
    let place = |mutant: &Mutant| {
        let place = json::located(sources, mutant.span);
        format!("{}:{}", place.file, place.line)
    };
    if !session.quiet {
        let head = format!("{:22}{:>8}{:>8}{:>12}{:>10}", "", "mutants", "killed", "equivalent", "survived");
        writeln!(session.out, "{}", paint(session.color, BOLD, head))?;
        for kind in Kind::ALL {
            let count = Count::of(judged, Some(kind));
            if count.mutants > 0 {
                let Count { mutants, killed, equivalent, survived } = count;
                writeln!(session.out, "{:22}{mutants:>8}{killed:>8}{equivalent:>12}{survived:>10}", kind.words())?;
            }
        }
        writeln!(session.out)?;
    }
    if session.verbose {
        for (mutant, fate) in judged {
            let fate = match fate {
                Fate::Killed { code, message } => format!("killed by {code}: {message}"),
                Fate::Equivalent => "means the same".to_owned(),
                Fate::Survived => continue,
            };
            writeln!(session.out, "{}: {}\n  {fate}", place(mutant), mutant.what)?;
        }
        writeln!(session.out)?;
    }
    let survivors = judged.iter().filter(|(_, fate)| **fate == Fate::Survived);
    for (mutant, _) in survivors {
        let word = paint(session.color, YELLOW.bold(), "survived");
        writeln!(session.out, "{word}  {}: {}\n          {}", place(mutant), mutant.what, mutant.notice)?;
    }
    let Count { killed, survived, .. } = Count::of(judged, None);
    if survived > 0 && !session.quiet {
        writeln!(session.out)?;
    }
    let of = killed + survived;
    let share = if of == 0 { 100.0 } else { killed as f64 * 100.0 / of as f64 };
    let style = if survived == 0 { GREEN.bold() } else { YELLOW.bold() };
    let line = paint(session.color, style, format!("killed {killed} of {of} ({share:.1} %)")).to_string();
    session.close(line)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    /// Those that do not mean the same as the original.
    mutants: usize,
    killed: usize,
    /// How many mean the same, and do not count.
    equivalent: usize,
    survivors: Vec<Survivor<'a>>,
}

#[derive(Serialize)]
struct Survivor<'a> {
    kind: Kind,
    what: &'a str,
    notice: &'a str,
    place: Located<'a>,
}

fn write_json(session: &mut Session, sources: &SourceMap, judged: &[(&Mutant, &Fate)]) -> anyhow::Result<()> {
    let Count { killed, equivalent, survived, .. } = Count::of(judged, None);
    let survivors = judged.iter().filter(|(_, fate)| **fate == Fate::Survived);
    let document = Document {
        schema_version: json::SCHEMA_VERSION,
        mutants: killed + survived,
        killed,
        equivalent,
        survivors: survivors
            .map(|(mutant, _)| Survivor {
                kind: mutant.kind,
                what: &mutant.what,
                notice: &mutant.notice,
                place: json::located(sources, mutant.span),
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut session.out, &document)?;
    writeln!(session.out)?;
    Ok(())
}
