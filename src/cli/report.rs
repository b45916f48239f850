//! Findings and what was looked at, as the person or program that called wants them.

use std::collections::HashSet;
use std::io::{self, Write};

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::session::{Exit, Session};
use crate::compile::Checked;
use crate::diagnostic::{Diagnostic, Severity};
use crate::model::Model;
use crate::render::{self, Format, Options, Summary};
use crate::source::SourceMap;

/// How findings are shown.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ReportArgs {
    /// How findings are written
    #[arg(long, value_name = "FORMAT", value_parser = formats())]
    pub format: Option<Format>,
    /// How many findings human, short and agent output show; 0 for all [default: 50]
    #[arg(long, value_name = "N")]
    pub max_diagnostics: Option<usize>,
}

impl ReportArgs {
    pub fn format(&self, session: &Session) -> Format {
        self.format.or(session.config.format).unwrap_or_default()
    }

    /// How many findings are shown at most.
    pub fn limit(&self, session: &Session) -> usize {
        match self.max(session) {
            0 => usize::MAX,
            max => max,
        }
    }

    fn max(&self, session: &Session) -> usize {
        self.max_diagnostics.or(session.config.max_diagnostics).unwrap_or(50)
    }
}

/// What counts as a failure.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DenyArgs {
    /// Fail on warnings, too
    #[arg(long, value_name = "WHAT", value_enum)]
    pub deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Deny {
    Warnings,
}

impl DenyArgs {
    pub fn warnings(&self, session: &Session) -> bool {
        self.deny.is_some() || session.config.deny_warnings
    }
}

/// Where findings go: to standard error where standard output carries a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    Out,
    Err,
}

/// Writes the findings.
///
/// A note says what was not looked at, the same for file after file: people get each once, on one line, after the rest.
pub fn show(
    session: &mut Session,
    to: To,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    summary: &Summary,
    args: &ReportArgs,
) -> anyhow::Result<()> {
    let format = args.format(session);
    let color = if to == To::Out { session.color } else { session.err_color };
    let options = Options { format, color, max: args.max(session), one_line: session.one_line };
    let mut write = |diagnostics: &[Diagnostic], options: &Options| match to {
        To::Out => render::render(&mut session.out, sources, diagnostics, summary, options),
        To::Err => {
            session.out.flush()?;
            // A closed standard error is nobody's loss.
            let _ = render::render(&mut io::stderr(), sources, diagnostics, summary, options);
            Ok(())
        }
    };
    if format != Format::Human || session.verbose {
        write(diagnostics, &options)?;
        return Ok(());
    }
    let (mut notes, loud): (Vec<_>, Vec<_>) =
        diagnostics.iter().cloned().partition(|found| found.severity() == Severity::Note);
    let mut said = HashSet::new();
    notes.retain(|note| said.insert(note.message.clone()));
    write(&loud, &options)?;
    write(&notes, &Options { format: Format::Short, ..options })?;
    Ok(())
}

/// Whether the format is one document, in which no closing line has a place.
pub fn is_document(format: Format) -> bool {
    matches!(format, Format::Json | Format::Sarif)
}

/// Shows why no document can be made of a workflow that is not sound.
pub fn refuse(
    session: &mut Session,
    sources: &SourceMap,
    checked: &Checked<'_>,
    args: &ReportArgs,
    what: &str,
) -> anyhow::Result<Exit> {
    let name = &sources.get(checked.analysis.model.file).name;
    let summary = Shape::of(checked).summary(&checked.diagnostics);
    if summary.errors == 0 {
        session.talk(format_args!("{name} declares no workflow: there is nothing to make a {what} of"));
        return Ok(Exit::Problems);
    }
    let mut found = checked.diagnostics.clone();
    found.retain(|found| found.severity() > Severity::Note);
    show(session, To::Err, sources, &found, &summary, args)?;
    if !is_document(args.format(session)) {
        session.talk(format_args!("{} in {name}: no {what} is made", counted(summary.errors, "error")));
    }
    Ok(Exit::Problems)
}

/// Says that there are warnings, where they are not shown.
pub fn mention_warnings(session: &mut Session, diagnostics: &[Diagnostic], next: &str) {
    let warnings = diagnostics.iter().filter(|found| found.severity() == Severity::Warning).count();
    if warnings > 0 {
        session.talk(format_args!("{}; see: {next}", counted(warnings, "warning")));
    }
}

/// What a workflow consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shape {
    pub workflows: usize,
    pub phases: usize,
    pub gates: usize,
    /// Assignments of the facts; `None` where the checks did not get to answer for them.
    pub variants: Option<u128>,
    /// Questions that were answered for all of them.
    pub questions: usize,
    pub undecided: usize,
}

impl Shape {
    pub fn of(checked: &Checked<'_>) -> Self {
        let model = &checked.analysis.model;
        if model.header.is_none() {
            return Shape::default();
        }
        Shape {
            workflows: 1,
            phases: model.phases().count(),
            gates: model.nodes_of(crate::model::NodeKind::Gate).count(),
            variants: checked.sound().map(|_| variants(model)),
            questions: if checked.analysis.decided().is_ok() { checked.questions } else { 0 },
            undecided: checked.analysis.open_questions().len().max(usize::from(checked.analysis.decided().is_err())),
        }
    }

    pub fn plus(self, other: Shape) -> Shape {
        let variants = match (self.variants, other.variants) {
            (Some(a), Some(b)) => Some(a.saturating_add(b)),
            (a, b) => a.or(b),
        };
        Shape {
            workflows: self.workflows + other.workflows,
            phases: self.phases + other.phases,
            gates: self.gates + other.gates,
            variants,
            questions: self.questions + other.questions,
            undecided: self.undecided + other.undecided,
        }
    }

    /// The summary of one file.
    pub fn summary(&self, diagnostics: &[Diagnostic]) -> Summary {
        Summary {
            variants: self.variants,
            proved: self.questions,
            undecided: self.undecided,
            ..Summary::new(1, diagnostics)
        }
    }

    /// `3 phases, 2 gates`.
    pub fn words(&self) -> String {
        let mut words = vec![counted(self.phases, "phase")];
        words.extend((self.gates > 0).then(|| counted(self.gates, "gate")));
        words.join(", ")
    }

    /// `31 questions answered for 4 variants`.
    pub fn proved(&self) -> Option<String> {
        let variants = variants_counted(self.variants?);
        Some(match self.questions {
            0 => format!("nothing to prove for {variants}"),
            questions => format!("{} answered for {variants}", counted(questions, "question")),
        })
    }
}

/// `1 variant`, `1,234 variants`.
pub fn variants_counted(variants: u128) -> String {
    if variants == 1 { "1 variant".to_owned() } else { format!("{} variants", readable(variants)) }
}

/// `1 error`, `2 errors`.
pub fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// How many assignments the facts have: the product of the sizes of their domains.
fn variants(model: &Model<'_>) -> u128 {
    let domains = model.facts.iter().filter_map(|fact| model.domain(fact.of));
    let size = |(low, high): (i64, i64)| (i128::from(high) - i128::from(low) + 1).max(1).unsigned_abs();
    domains.map(size).fold(1, u128::saturating_mul)
}

/// A number with its thousands apart, or its magnitude where the digits say nothing any more.
fn readable(number: u128) -> String {
    let digits = number.to_string();
    if digits.len() > 15 {
        return format!("over 10^{}", digits.len() - 1);
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .map(|name| name.parse().expect("only the names of formats are possible"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(readable(0), "0");
        assert_eq!(readable(1234), "1,234");
        assert_eq!(readable(123_456), "123,456");
        assert_eq!(readable(999_999_999_999_999), "999,999,999,999,999");
        assert_eq!(readable(1_000_000_000_000_000), "over 10^15");
        assert_eq!(readable(u128::MAX), "over 10^38");
    }
}
