//! `wf test`: the tests and properties of workflows, one by one.

use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;

use super::input::{self, Inputs};
use super::output::{GREEN, RED, YELLOW, paint};
use super::report::{self, DenyArgs, ReportArgs, Shape, To, counted};
use super::rounds::{self, Rounds};
use super::session::{Exit, Session};
use super::watch;
use crate::compile::Checked;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::render::{Format, Summary, json};
use crate::source::Span;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf test                         of every .wf file below this folder\n  \
    wf test hello.wf                of one\n  \
    wf test --watch                 again whenever something changes\n  \
    wf test hello.wf --format json  for a program")]
pub struct Args {
    /// Files, folders (all .wf files below), or - for standard input [default: this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    deny: DenyArgs,
    /// Test again whenever something changes, until Ctrl-C
    #[arg(long)]
    watch: bool,
}

/// A test or a property, and what became of it.
#[derive(Debug)]
struct Claim {
    kind: &'static str,
    /// The name of a test, a property as it is written.
    name: String,
    span: Span,
    verdict: Verdict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// It holds for want of anything that it speaks of.
    Vacuous,
    Failed,
    /// Something else is wrong with the file.
    Unjudged,
}

impl Verdict {
    fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Vacuous => "vacuous",
            Verdict::Failed => "FAILED",
            Verdict::Unjudged => "unjudged",
        }
    }
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let read = |session: &mut Session| input::read_all(session, &args.paths);
    watch::rounds(session, args.watch, read, |session, inputs, rounds| once(args, session, inputs, rounds))
}

fn once(args: &Args, session: &mut Session, inputs: &Inputs, rounds: &mut Rounds<Outcome>) -> anyhow::Result<Exit> {
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let outcomes = rounds.each(inputs, |project, input| {
        let mut checked = project.check(input.file);
        let (shape, claims) = (Shape::of(&checked), claims_of(&checked));
        let libraries = rounds::libraries(&checked);
        // What else is wrong is shown only where it keeps the claims from being judged.
        checked.diagnostics.retain(|found| of_claim(found) || found.is_error());
        Ok(Outcome { libraries, shape, claims, found: checked.diagnostics })
    })?;
    let found = diagnostic::merged(outcomes.iter().map(|outcome| outcome.found.clone()).collect());
    let total = outcomes.iter().map(|outcome| outcome.shape).fold(Shape::default(), Shape::plus);
    let claims: Vec<&Claim> = outcomes.iter().flat_map(|outcome| &outcome.claims).collect();
    let summary = Summary { files: inputs.files.len(), ..total.summary(&found) };
    let denied = args.deny.warnings(session);
    let failed = summary.errors > 0 || (denied && summary.warnings > 0);
    match args.report.format(session) {
        Format::Json => write_json(session, inputs, &claims, &found, &summary)?,
        Format::Sarif => report::show(session, To::Out, &inputs.sources, &found, &summary, &args.report)?,
        format => {
            if format != Format::Github && !session.quiet {
                list(session, inputs, &claims)?;
            }
            report::show(session, To::Out, &inputs.sources, &found, &summary, &args.report)?;
            let line = closing(session, inputs, &claims, &found, &total, denied);
            session.close(line)?;
        }
    }
    Ok(match (inputs.faults.len(), failed) {
        (1.., _) => Exit::Usage,
        (0, true) => Exit::Problems,
        (0, false) => Exit::Clean,
    })
}

/// What is found in a file.
#[derive(Default)]
struct Outcome {
    /// See [`rounds::libraries`].
    libraries: Vec<Span>,
    shape: Shape,
    claims: Vec<Claim>,
    found: Vec<Diagnostic>,
}

impl rounds::Outcome for Outcome {
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.found.spans(visit);
        self.libraries.iter_mut().for_each(&mut *visit);
        self.claims.iter_mut().for_each(|claim| visit(&mut claim.span));
    }

    fn libraries(&self) -> &[Span] {
        &self.libraries
    }
}

fn of_claim(found: &Diagnostic) -> bool {
    found.code.id.starts_with("WFT")
}

/// The claims of a file in the order of writing, each with what was found at its place.
fn claims_of(checked: &Checked<'_>) -> Vec<Claim> {
    let model = &checked.analysis.model;
    let judged = checked.judged;
    let verdict = |span: Span| {
        let here = |found: &&Diagnostic| {
            let at = found.primary.span;
            of_claim(found) && at.file == span.file && span.start <= at.start && at.end <= span.end
        };
        match checked.diagnostics.iter().filter(here).map(Diagnostic::severity).max() {
            Some(Severity::Error) => Verdict::Failed,
            _ if !judged => Verdict::Unjudged,
            Some(_) => Verdict::Vacuous,
            None => Verdict::Ok,
        }
    };
    let tests = model.tests.iter().map(|test| Claim {
        kind: "test",
        name: test.name.content().split_whitespace().collect::<Vec<_>>().join(" "),
        span: test.span,
        verdict: verdict(test.span),
    });
    let properties = model.properties.iter().map(|property| Claim {
        kind: "property",
        name: model.written(property.span),
        span: property.span,
        verdict: verdict(property.span),
    });
    let mut claims: Vec<Claim> = tests.chain(properties).collect();
    claims.sort_by_key(|claim| claim.span);
    claims
}

fn list(session: &mut Session, inputs: &Inputs, claims: &[&Claim]) -> anyhow::Result<()> {
    let several = inputs.files.len() > 1;
    let mut file = None;
    for claim in claims {
        if several && file != Some(claim.span.file) {
            file = Some(claim.span.file);
            writeln!(session.out, "{}", inputs.sources.get(claim.span.file).name)?;
        }
        let style = match claim.verdict {
            Verdict::Ok => GREEN,
            Verdict::Vacuous | Verdict::Unjudged => YELLOW,
            Verdict::Failed => RED.bold(),
        };
        let word = format!("{:8}", claim.verdict.word());
        let indent = if several { "  " } else { "" };
        writeln!(session.out, "{indent}{}  {:8}  {}", paint(session.color, style, word), claim.kind, claim.name)?;
    }
    if !claims.is_empty() {
        writeln!(session.out)?;
    }
    Ok(())
}

fn closing(
    session: &Session,
    inputs: &Inputs,
    claims: &[&Claim],
    found: &[Diagnostic],
    total: &Shape,
    denied: bool,
) -> String {
    let count = |verdict: Verdict| claims.iter().filter(|claim| claim.verdict == verdict).count();
    let others = found.iter().filter(|found| !of_claim(found)).count();
    let all = counted(claims.len(), "claim");
    let (failed, unjudged, vacuous) = (count(Verdict::Failed), count(Verdict::Unjudged), count(Verdict::Vacuous));
    if others > 0 {
        let errors = paint(session.color, RED.bold(), counted(others, "error"));
        let fails = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        let open = if unjudged > 0 { format!(": {unjudged} of {all} unjudged") } else { String::new() };
        return format!("{errors} elsewhere{open}{fails}; see: wf check{}", inputs.arguments);
    }
    if failed > 0 {
        let failed = paint(session.color, RED.bold(), format!("{failed} of {all} failed"));
        let code = found.iter().find(|found| found.is_error()).map_or("WFT03", |found| found.code.id);
        return format!("{failed} in {}; more: wf explain {code}", session.took());
    }
    if claims.is_empty() {
        return "no test and no property: write `test \"…\" { … }` or `always … before …`".to_owned();
    }
    let variants = total.variants.map(report::variants_counted).unwrap_or_default();
    let ok = match vacuous {
        0 => paint(session.color, GREEN.bold(), "ok".to_owned()),
        vacuous => paint(session.color, YELLOW.bold(), format!("ok with {vacuous} vacuous")),
    };
    let hold = if claims.len() == 1 { "holds" } else { "hold" };
    let of = |kind: &str| claims.iter().filter(|claim| claim.kind == kind).count();
    let what = match (of("test"), of("property")) {
        (tests, 0) => counted(tests, "test"),
        (0, 1) => "1 property".to_owned(),
        (0, properties) => format!("{properties} properties"),
        (tests, 1) => format!("{} and 1 property", counted(tests, "test")),
        (tests, properties) => format!("{} and {properties} properties", counted(tests, "test")),
    };
    let denied = if denied && vacuous > 0 { ", and warnings are denied" } else { "" };
    format!("{ok}: {what} {hold} in {variants}, proved in {}{denied}", session.took())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    claims: Vec<Listed<'a>>,
    #[serde(flatten)]
    report: json::Report<'a>,
}

#[derive(Serialize)]
struct Listed<'a> {
    kind: &'a str,
    name: &'a str,
    file: &'a str,
    start: u32,
    end: u32,
    result: Verdict,
}

fn write_json(
    session: &mut Session,
    inputs: &Inputs,
    claims: &[&Claim],
    found: &[Diagnostic],
    summary: &Summary,
) -> anyhow::Result<()> {
    let claims = claims.iter().map(|claim| Listed {
        kind: claim.kind,
        name: &claim.name,
        file: &inputs.sources.get(claim.span.file).name,
        start: claim.span.start,
        end: claim.span.end,
        result: claim.verdict,
    });
    json::with_report(&inputs.sources, found, summary, |report| {
        let document = Document { claims: claims.collect(), report };
        json::document(&mut session.out, &document, session.one_line)
    })?;
    Ok(())
}
