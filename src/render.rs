//! Diagnostics, as people, terminals, editors, CI services and agents read them.

mod agent;
mod excerpt;
mod github;
mod human;
pub mod json;
mod places;
mod sarif;
mod short;
mod text;

#[cfg(test)]
mod golden;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// With the lines they speak of, for a person at a terminal.
    #[default]
    Human,
    /// `file:line:col: severity[CODE]: message`, a line each: what editors and `grep` know.
    Short,
    /// One document of [`json::Report`].
    Json,
    /// Workflow commands, which GitHub shows beside the changed lines.
    Github,
    /// One SARIF 2.1.0 log.
    Sarif,
    /// Everything needed to mend it on exactly one line each, for a model that pays by the token.
    Agent,
}

impl Format {
    pub const ALL: [Format; 6] =
        [Format::Human, Format::Short, Format::Json, Format::Github, Format::Sarif, Format::Agent];

    /// The name on the command line; [`FromStr`] reads it back.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Short => "short",
            Format::Json => "json",
            Format::Github => "github",
            Format::Sarif => "sarif",
            Format::Agent => "agent",
        }
    }

    /// Whether [`Options::max`] counts: formats that a program reads carry everything.
    fn is_limited(self) -> bool {
        matches!(self, Format::Human | Format::Short | Format::Agent)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

/// A name that no [`Format`] has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Format::ALL.map(Format::name).join(", ");
        write!(f, "unknown format `{}`: it is one of {known}", self.0)
    }
}

impl std::error::Error for UnknownFormat {}

/// What was looked at and what came out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Summary {
    /// Files that were read.
    pub files: usize,
    pub errors: usize,
    pub warnings: usize,
    /// Variants that the checks answered for; nothing where no workflow was sound enough to have any.
    pub variants: Option<u128>,
    /// Questions that were answered for every variant.
    pub proved: usize,
    /// Questions that the budget left open.
    pub undecided: usize,
}

impl Summary {
    /// Counts errors and warnings; what was proved is for the caller to add.
    pub fn new(files: usize, diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|d| d.severity() == severity).count();
        Summary { files, errors: count(Severity::Error), warnings: count(Severity::Warning), ..Summary::default() }
    }
}

/// What the caller decides about the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    pub format: Format,
    /// Whether human output carries ANSI colours. The caller knows the terminal; the other formats never do.
    pub color: bool,
    /// How many diagnostics human, short and agent output show before they only count; 0 for all.
    pub max: usize,
    /// Whether a document for a program stands on one line, so that the next one can follow it.
    pub one_line: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { format: Format::default(), color: false, max: 50, one_line: false }
    }
}

/// Writes the diagnostics in the order given.
///
/// The summary goes into JSON only: the closing line for people names the time and the next command, and so is the
/// caller's. Every span must point into `sources`; a range that does not fit its text is cut to it.
///
/// # Errors
/// Only those of the writer.
pub fn render(
    out: &mut dyn Write,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    summary: &Summary,
    options: &Options,
) -> io::Result<()> {
    // codespan writes character by character, and a terminal's standard output flushes at every line.
    let mut out = BufWriter::new(out);
    let places = places::Places::new(sources);
    let limit = if options.max == 0 || !options.format.is_limited() { usize::MAX } else { options.max };
    let (shown, rest) = diagnostics.split_at(limit.min(diagnostics.len()));
    match options.format {
        Format::Human => human::write(&mut out, &places, shown, options.color)?,
        Format::Short => short::write(&mut out, &places, shown)?,
        Format::Json => json::write(&mut out, &places, shown, summary, options.one_line)?,
        Format::Github => github::write(&mut out, &places, shown)?,
        Format::Sarif => sarif::write(&mut out, &places, shown, options.one_line)?,
        Format::Agent => agent::write(&mut out, &places, shown)?,
    }
    if !rest.is_empty() {
        writeln!(out, "… and {} more; --max-diagnostics 0 shows all", rest.len())?;
    }
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "unknown format `xml`: it is one of human, short, json, github, sarif, agent");
    }
}
