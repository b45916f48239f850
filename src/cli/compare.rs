//! `wf diff`: what changed in meaning between two versions of a workflow.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::import::{self, Imported};
use super::input;
use super::output::{BOLD, GREEN, RED, paint};
use super::report::{self, ReportArgs, counted};
use super::session::{Exit, Session};
use super::variants::Listing;
use crate::compare::{self, Comparison, Difference};
use crate::compile;
use crate::diagnostic::Diagnostic;
use crate::render::json::{self, Located};
use crate::skill::import::is_resolved;
use crate::source::{FileId, SourceMap, Span};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf diff old.wf new.wf                     what the change means, and whether it breaks a promise\n  \
    git show HEAD:a.wf | wf diff - a.wf       since the last commit\n  \
    wf diff .claude/skills/releasing new.wf   a skill that was written by hand, and its successor\n  \
    wf diff old.wf new.wf --exit-code         for a script: 1 when something changed")]
pub struct Args {
    /// The workflow before the change, a skill folder, or - for standard input
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The workflow after it, a skill folder, or - for standard input
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Exit with 1 when the two do not mean the same
    #[arg(long)]
    exit_code: bool,
    /// How the differences are written
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Listing,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    if args.old.as_os_str() == input::STDIN && args.new.as_os_str() == input::STDIN {
        anyhow::bail!("standard input can be one of the two only");
    }
    let Some(old) = side(session, &args.old)? else { return Ok(Exit::Usage) };
    let Some(new) = side(session, &args.new)? else { return Ok(Exit::Usage) };
    let (old_sources, new_sources) = (&old.sources, &new.sources);
    let (before, after) = (compile::check(old_sources, old.file), compile::check(new_sources, new.file));
    let mut refused = None;
    for (sources, checked) in [(old_sources, &before), (new_sources, &after)] {
        // What a version claims of itself does not change what it means.
        let mut errors = checked.diagnostics.iter().filter(|found| found.is_error());
        let has_meaning =
            errors.all(|found| found.code.id.starts_with("WFT")) && checked.analysis.model.header.is_some();
        if checked.sound().is_none() && has_meaning {
            session.talk("a test or property fails in one of them (wf test); they are compared all the same");
        } else if !has_meaning {
            refused = Some(report::refuse(session, sources, checked, &ReportArgs::default(), "comparison")?);
        }
    }
    if let Some(exit) = refused {
        return Ok(exit);
    }
    let Ok(found) = compare::compare(&before.analysis, &after.analysis) else {
        session.talk("undecided: the conditions of both together are too large to be compared");
        return Ok(Exit::Problems);
    };
    let texts_differ = !before.analysis.model.texts().eq(after.analysis.model.texts());
    match args.format {
        Listing::Json => write_json(session, &found, texts_differ, [&old, &new])?,
        Listing::Text => write_text(session, &found, texts_differ, [&old, &new])?,
    }
    Ok(if args.exit_code && !found.differences.is_empty() { Exit::Problems } else { Exit::Clean })
}

/// One of the two: a workflow, or what a skill folder is imported to.
struct Side {
    sources: SourceMap,
    file: FileId,
    /// A skill, with what it says in two ways.
    skill: Option<Imported>,
}

impl Side {
    /// What a skill says in two ways, and the comparison takes to mean one of them.
    ///
    /// With each the places of texts that still say the other.
    fn resolved(&self) -> impl Iterator<Item = (&Diagnostic, &[Span], &SourceMap)> {
        let found = self.skill.iter().flat_map(|skill| {
            let found = skill.import.disagreements.iter().zip(&skill.import.still_said);
            found.map(move |(found, places)| (found, &places[..], &skill.sources))
        });
        found.filter(|(found, ..)| is_resolved(found))
    }
}

fn side(session: &mut Session, path: &Path) -> anyhow::Result<Option<Side>> {
    if !path.is_dir() {
        let (sources, input) = input::one(session, path)?;
        return Ok(Some(Side { sources, file: input.file, skill: None }));
    }
    let Some(imported) = import::read(session, path)? else { return Ok(None) };
    let mut sources = SourceMap::new();
    let name = format!("{} (imported)", input::shown(&session.cwd, path));
    let file = sources.add(name, imported.import.text.as_str());
    Ok(Some(Side { sources, file, skill: Some(imported) }))
}

fn write_text(session: &mut Session, found: &Comparison, texts_differ: bool, sides: [&Side; 2]) -> anyhow::Result<()> {
    let Comparison { differences, wordings } = found;
    let words =
        |difference: &Difference| if difference.breaking { (RED.bold(), "breaking") } else { (BOLD, "changed ") };
    let all = differences.iter().map(|difference| (words(difference), difference));
    for ((style, word), difference) in all.chain(wordings.iter().map(|wording| ((BOLD, "reworded"), wording))) {
        let place = match (difference.new, difference.old) {
            (Some(span), _) => json::located(&sides[1].sources, span),
            (None, Some(span)) => json::located(&sides[0].sources, span),
            (None, None) => continue,
        };
        let at = format!("{}:{}", place.file, place.line);
        writeln!(session.out, "{}  {at}: {}", paint(session.color, style, word), difference.message)?;
    }
    let breaking = differences.iter().filter(|difference| difference.breaking).count();
    let mut resolved = 0;
    for (disagreement, standing, sources) in sides.into_iter().flat_map(Side::resolved) {
        let shown = |spans: &mut dyn Iterator<Item = Span>| {
            let mut places: Vec<String> = Vec::new();
            for place in spans.map(|span| format!("{}:{}", sources.get(span.file).name, sources.place(span).line)) {
                if !places.contains(&place) {
                    places.push(place);
                }
            }
            places
        };
        let related = disagreement.related.iter().map(|label| label.span);
        let places = shown(&mut std::iter::once(disagreement.primary.span).chain(related));
        let standing = shown(&mut standing.iter().copied());
        let standing =
            if standing.is_empty() { String::new() } else { format!("; still said at {}", standing.join(", ")) };
        let (first, rest) = places.split_first().expect("there is a first place");
        let also = if rest.is_empty() { String::new() } else { format!(" ({})", rest.join(", ")) };
        let word = paint(session.color, BOLD, "resolved");
        writeln!(session.out, "{word}  {first}: {}{also}{standing}", disagreement.message)?;
        resolved += 1;
    }
    if differences.is_empty() && (resolved > 0 || !wordings.is_empty()) {
        session.close("")?;
    }
    let texts = format!("{} said differently", counted(wordings.len(), "text"));
    if differences.is_empty() {
        let words = if resolved == 0 { "no difference in meaning" } else { "no other difference in meaning" };
        let same = paint(session.color, GREEN.bold(), words).to_string();
        let rest = match (wordings.is_empty(), texts_differ) {
            (false, _) => format!("; {texts}"),
            (true, true) => ": only comments or the order of writing differ".to_owned(),
            (true, false) => String::new(),
        };
        return session.close(format_args!("{same}{rest}"));
    }
    let of_them = match (breaking, differences.len()) {
        (0, _) => "not breaking".to_owned(),
        (1, 1) => "breaking".to_owned(),
        (breaking, _) => format!("{breaking} breaking"),
    };
    session.close("")?;
    let texts = if wordings.is_empty() { String::new() } else { format!("; {texts}") };
    session.close(format_args!("{}, {of_them}{texts}", counted(differences.len(), "difference")))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    differences: Vec<Listed<'a>>,
    /// What readers are told otherwise.
    wordings: Vec<Listed<'a>>,
    breaking: bool,
    /// There is no difference in meaning, but the files are not the same.
    documents_only: bool,
    /// What a skill on either side says in two ways, of which the comparison takes one.
    resolved: Vec<Resolved<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resolved<'a> {
    code: &'a str,
    message: &'a str,
    places: Vec<Located<'a>>,
    /// Where the texts of the workflow still say what it does not.
    still_said: Vec<Located<'a>>,
}

#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    difference: &'a Difference,
    old: Option<Located<'a>>,
    new: Option<Located<'a>>,
}

impl<'a> Listed<'a> {
    fn new(difference: &'a Difference, old: &'a Side, new: &'a Side) -> Self {
        Listed {
            difference,
            old: difference.old.map(|span| json::located(&old.sources, span)),
            new: difference.new.map(|span| json::located(&new.sources, span)),
        }
    }
}

fn write_json(session: &mut Session, found: &Comparison, texts_differ: bool, sides: [&Side; 2]) -> anyhow::Result<()> {
    let [old, new] = sides;
    let listed = |difference| Listed::new(difference, old, new);
    let document = Document {
        schema_version: json::SCHEMA_VERSION,
        differences: found.differences.iter().map(listed).collect(),
        wordings: found.wordings.iter().map(listed).collect(),
        breaking: found.differences.iter().any(|difference| difference.breaking),
        documents_only: found.differences.is_empty() && texts_differ,
        resolved: sides
            .into_iter()
            .flat_map(Side::resolved)
            .map(|(found, standing, sources)| Resolved {
                code: found.code.id,
                message: &found.message,
                places: std::iter::once(found.primary.span)
                    .chain(found.related.iter().map(|label| label.span))
                    .map(|span| json::located(sources, span))
                    .collect(),
                still_said: standing.iter().map(|span| json::located(sources, *span)).collect(),
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut session.out, &document)?;
    writeln!(session.out)?;
    Ok(())
}
