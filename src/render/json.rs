//! The document that `check` and `lint` write for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Serialize, Serializer};

use super::Summary;
use super::places::Places;
use crate::diagnostic::{self, Applicability, Severity};
use crate::source::{SourceMap, Span};

/// Rises when a reader of the old document would misread the new one; a new property is no such thing.
pub const SCHEMA_VERSION: u32 = 1;

/// What `wf check` and `wf lint` found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report<'a> {
    /// The version of this format.
    pub schema_version: u32,
    /// In the order of file, offset and code.
    pub diagnostics: Vec<Diagnostic<'a>>,
    pub summary: &'a Summary,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Diagnostic<'a> {
    /// The stable id, as in `wf explain CODE`.
    pub code: &'a str,
    /// The name of the check, which says what is wrong.
    pub name: &'a str,
    pub severity: Level,
    pub message: &'a str,
    pub primary: Label<'a>,
    /// The other places that the finding is about.
    pub related: Vec<Label<'a>>,
    /// The facts of a counter-example, by name, where one is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub variant: Option<Facts<'a>>,
    /// What happens in that variant, up to the fault.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub steps: &'a [String],
    pub notes: &'a [String],
    /// What can be done about it, in words.
    pub help: &'a [String],
    /// Alternatives, each of which makes the finding go away.
    pub fixes: Vec<Fix<'a>>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
    Note,
}

/// A range of a file, with what is to be said about it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Label<'a> {
    pub file: &'a str,
    /// Byte offset of the first byte.
    pub start: u32,
    /// Byte offset behind the last byte; equal to `start` for a place between two bytes.
    pub end: u32,
    /// Line of `start`, from 1.
    pub line: usize,
    /// Column of `start` in characters, from 1.
    pub column: usize,
    /// May be empty.
    pub label: &'a str,
}

/// A change that mends the finding. Its edits do not overlap and belong together.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Fix<'a> {
    pub title: &'a str,
    /// Whether it may be applied without a look.
    pub applicability: Safety,
    pub edits: Vec<Edit<'a>>,
}

#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    Safe,
    Unsafe,
}

/// The bytes of a range give way to a text; an empty range inserts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Edit<'a> {
    pub file: &'a str,
    pub start: u32,
    pub end: u32,
    pub line: usize,
    pub column: usize,
    pub text: &'a str,
}

/// A range of a file that nothing more is said about.
#[derive(Debug, Serialize)]
pub struct Located<'a> {
    pub file: &'a str,
    pub start: u32,
    pub end: u32,
    pub line: usize,
    pub column: usize,
}

/// A span as programs and people count it.
pub fn located(sources: &SourceMap, span: Span) -> Located<'_> {
    let source = sources.get(span.file);
    let place = source.place(span.start);
    Located { file: &source.name, start: span.start, end: span.end, line: place.line, column: place.column }
}

/// Facts in the order in which they are declared, which a map of this language would lose.
#[derive(Debug)]
pub struct Facts<'a>(pub &'a [(String, String)]);

impl Serialize for Facts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(fact, value)| (fact, value)))
    }
}

/// The JSON Schema of [`Report`], for `--schema`.
pub fn schema() -> serde_json::Value {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    generator.into_root_schema_for::<Report<'static>>().to_value()
}

pub(super) fn write(
    out: &mut dyn Write,
    places: &Places<'_>,
    diagnostics: &[diagnostic::Diagnostic],
    summary: &Summary,
    one_line: bool,
) -> io::Result<()> {
    document(out, &report(places, diagnostics, summary), one_line)
}

/// Writes a document, for people to read as well or on one line.
///
/// # Errors
/// Only those of the writer.
pub fn document(out: &mut dyn Write, value: &impl Serialize, one_line: bool) -> io::Result<()> {
    match one_line {
        true => serde_json::to_writer(&mut *out, value)?,
        false => serde_json::to_writer_pretty(&mut *out, value)?,
    }
    writeln!(out)
}

/// Hands over the report, as a part of a larger document.
pub fn with_report<T>(
    sources: &SourceMap,
    diagnostics: &[diagnostic::Diagnostic],
    summary: &Summary,
    write: impl FnOnce(Report<'_>) -> T,
) -> T {
    write(report(&Places::new(sources), diagnostics, summary))
}

fn report<'a>(places: &Places<'a>, diagnostics: &'a [diagnostic::Diagnostic], summary: &'a Summary) -> Report<'a> {
    let diagnostics = diagnostics.iter().map(|found| diagnostic(places, found)).collect();
    Report { schema_version: SCHEMA_VERSION, diagnostics, summary }
}

fn diagnostic<'a>(places: &Places<'a>, found: &'a diagnostic::Diagnostic) -> Diagnostic<'a> {
    Diagnostic {
        code: found.code.id,
        name: found.code.name,
        severity: match found.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        },
        message: &found.message,
        primary: label(places, &found.primary),
        related: found.related.iter().map(|other| label(places, other)).collect(),
        variant: (!found.variant.is_empty()).then_some(Facts(&found.variant)),
        steps: &found.steps,
        notes: &found.notes,
        help: &found.help,
        fixes: found.fixes.iter().map(|offered| fix(places, offered)).collect(),
    }
}

fn label<'a>(places: &Places<'a>, label: &'a diagnostic::Label) -> Label<'a> {
    let Span { file, start, end } = label.span;
    let place = places.start(label.span);
    Label { file: places.raw_name(file), start, end, line: place.line, column: place.column, label: &label.text }
}

fn fix<'a>(places: &Places<'a>, fix: &'a diagnostic::Fix) -> Fix<'a> {
    Fix {
        title: &fix.title,
        applicability: match fix.applicability {
            Applicability::Safe => Safety::Safe,
            Applicability::Unsafe => Safety::Unsafe,
        },
        edits: fix.edits.iter().map(|change| edit(places, change)).collect(),
    }
}

fn edit<'a>(places: &Places<'a>, edit: &'a diagnostic::Edit) -> Edit<'a> {
    let Span { file, start, end } = edit.span;
    let place = places.start(edit.span);
    Edit { file: places.raw_name(file), start, end, line: place.line, column: place.column, text: &edit.text }
}
