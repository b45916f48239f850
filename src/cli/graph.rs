//! `wf graph`: the picture of a workflow.

use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;

use super::documents::{self, Destination};
use super::input;
use super::report::{self, ReportArgs};
use super::session::{Exit, Session};
use crate::analysis::Sound;
use crate::compile;
use crate::diagnostic::nearest;
use crate::emit::graph::{self, View};
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Fact, FactId, Type, listed};

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
    #[arg(long, value_name = "FACT=VALUE", value_parser = equation)]
    when: Vec<(String, String)>,
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
    let given = given(sound, &args.when)?;
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

fn equation(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((fact, value)) if !fact.trim().is_empty() && !value.trim().is_empty() => {
            Ok((fact.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write a fact and its value, as in size=SMALL".to_owned()),
    }
}

/// The variants that agree with all equations.
fn given(sound: Sound<'_, '_>, equations: &[(String, String)]) -> anyhow::Result<Diagram> {
    let mut given = TRUE;
    for (index, (name, value)) in equations.iter().enumerate() {
        if equations[..index].iter().any(|(other, _)| other == name) {
            bail!("--when gives `{name}` twice");
        }
        let facts = &sound.model.facts;
        let Some(index) = facts.iter().position(|fact| fact.name.name == name) else {
            let finite = facts.iter().filter(|fact| sound.model.domain(fact.of).is_some()).map(|fact| fact.name.name);
            bail!("--when {name}={value}: there is no fact `{name}`; {}", suggestion(name, "facts", finite.collect()));
        };
        let fact = FactId::new(index);
        let value = number(sound, &facts[index], value)?;
        if let Some(variable) = sound.last_variable(fact) {
            given = sound.and(given, sound.is(fact, sound.cells(variable).cell(value)));
        }
    }
    if sound.possible(given) == FALSE {
        bail!("no variant agrees with all of --when");
    }
    Ok(given)
}

fn number(sound: Sound<'_, '_>, fact: &Fact<'_>, value: &str) -> anyhow::Result<i64> {
    let name = fact.name.name;
    let Some((low, high)) = sound.model.domain(fact.of) else {
        bail!("--when {name}={value}: `{name}` is a text, and texts decide nothing");
    };
    if let Type::Int(..) = fact.of {
        let number = value.parse().ok().filter(|number| (low..=high).contains(number));
        let Some(number) = number else { bail!("--when {name}={value}: the values of `{name}` are {low} to {high}") };
        return Ok(number);
    }
    let values: Vec<String> = (low..=high).map(|number| sound.model.value_name(fact.of, number)).collect();
    match values.iter().position(|known| known == value) {
        Some(index) => Ok(low + index as i64),
        None => {
            let help = suggestion(value, "values", values.iter().map(String::as_str).collect());
            bail!("--when {name}={value}: `{name}` has no value `{value}`; {help}")
        }
    }
}

/// The nearest candidate, or all when there is none.
fn suggestion(name: &str, kind: &str, candidates: Vec<&str>) -> String {
    match nearest(name, candidates.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if candidates.is_empty() => format!("there are no {kind}"),
        None => format!("the {kind} are {}", listed(&candidates)),
    }
}
