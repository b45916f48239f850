//! `wf build`: the documents of workflows, written or compared with what is there.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;

use super::documents::{self, Document, State, Work};
use super::drift::{self, Lines};
use super::input::{self, Input, Inputs, quoted};
use super::output;
use super::report::{self, DenyArgs, ReportArgs, To, counted};
use super::rounds::{self, Rounds};
use super::session::{Exit, Session};
use super::templates::{self, Templates};
use super::trace::{self, Layer, Layers};
use super::{graph, plan, watch};
use crate::analysis::Sound;
use crate::compile::{self, Project};
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::emit;
use crate::explain::{BUDGET_EXCEEDED, SAME_DOCUMENTS};
use crate::family;
use crate::origin;
use crate::render::Summary;
use crate::source::{FileId, SourceMap, Span};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf build hello.wf                       the skill, below out/\n  \
    wf build hello.wf --out .claude/skills  where an agent finds it\n  \
    wf build --check                        in CI: fails when a document is out of date\n  \
    wf build --watch                        again whenever something changes\n  \
    wf build hello.wf --target plan         the runnable plan, as JSON\n\n\
    Files that were not generated are never replaced without --force.")]
pub struct Args {
    /// Workflows, or folders of them [default: this folder]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What is written: a skill folder, NAME.plan.json, or NAME.svg
    #[arg(long, value_enum, default_value_t)]
    target: Target,
    /// Where it is written [default: out]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write nothing; fail if the documents are out of date
    #[arg(long)]
    check: bool,
    /// Write nothing; show which workflow each line comes from, where one extends another
    #[arg(long, conflicts_with = "check")]
    trace: bool,
    /// Replace files even if they were not generated
    #[arg(long, conflicts_with = "check")]
    force: bool,
    /// Build again whenever something changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["check", "trace"])]
    watch: bool,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    deny: DenyArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Target {
    #[default]
    Skill,
    Plan,
    Graph,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let read = |session: &mut Session| read(args, session);
    watch::rounds(session, args.watch, read, |session, inputs, rounds| once(args, session, inputs, rounds))
}

/// Reads the workflows and the templates for each of them.
fn read(args: &Args, session: &mut Session) -> anyhow::Result<Inputs> {
    let mut inputs = input::read_all(session, &args.files)?;
    if inputs.faults.is_empty() {
        let mut templates = Templates::default();
        for input in &mut inputs.files {
            input.templates = templates.read(session, &mut inputs.sources, input.path.as_deref())?;
        }
        inputs.folders.extend(templates.folders());
    }
    Ok(inputs)
}

fn once(args: &Args, session: &mut Session, inputs: &Inputs, rounds: &mut Rounds<Outcome>) -> anyhow::Result<Exit> {
    if !inputs.faults.is_empty() {
        return Ok(Exit::Usage);
    }
    let make = |project: &Project<'_>, input: &Input| outcome(args, project, input);
    let outcomes = rounds.each(inputs, make)?;
    let mut found = diagnostic::merged(outcomes.iter().map(|outcome| outcome.found.clone()).collect());
    // What is built again and again is of use before everything is well; a single call writes all or nothing.
    let is_partial = args.watch && !args.check && !args.trace;
    let left_out = if is_partial { faulty(inputs, &outcomes, args.deny.warnings(session)) } else { HashSet::new() };
    let built = inputs.files.iter().zip(&outcomes).filter(|(input, _)| !left_out.contains(&input.file));
    let built: Vec<&Built> = built.filter_map(|(_, outcome)| outcome.built.as_ref()).collect();
    if args.trace && !found.iter().any(Diagnostic::is_error) {
        for built in &built {
            trace::write(session, &built.layers)?;
        }
        return Ok(Exit::Clean);
    }
    let before = found.len();
    let made = Made::new(args, session, &built, &mut found)?;
    let is_partial = is_partial && found.len() == before;
    diagnostic::sort(&mut found);
    let out = out(args, session);
    let origins = |file: FileId| {
        let input = inputs.files.iter().find(|input| input.file == file && args.target == Target::Skill);
        let lines = input.and_then(|input| lines(&inputs.sources, input)).unwrap_or_default();
        lines.into_iter().map(|(path, lines)| (out.join(path), lines)).collect()
    };
    finish(args, session, inputs, found, &made, is_partial, &origins)
}

/// The files that are faulty or take something from one that is.
fn faulty(inputs: &Inputs, outcomes: &[&Outcome], denied: bool) -> HashSet<FileId> {
    let is_faulty = |outcome: &Outcome| outcome.found.iter().any(|found| denied || found.is_error());
    let files = || inputs.files.iter().map(|input| input.file);
    let broken: HashSet<FileId> =
        files().zip(outcomes).filter(|(_, outcome)| is_faulty(outcome)).map(|(file, _)| file).collect();
    if broken.is_empty() {
        return broken;
    }
    let reaches = |file: &FileId| family::reach(&inputs.sources, *file).iter().any(|file| broken.contains(file));
    files().filter(reaches).collect()
}

/// What the lines of the documents of a workflow come from, by their paths.
fn lines(sources: &SourceMap, input: &Input) -> Option<origin::Origins> {
    let checked = compile::check(sources, input.file);
    let sound = checked.sound()?;
    let name = input::source_name(sources, sound);
    let templates = texts(sources, &input.templates);
    let files = emit::skill::build(sound, name, &templates).ok()?;
    Some(origin::origins(sources, sound, name, &templates, &files))
}

/// What is made of one file.
#[derive(Default)]
struct Outcome {
    /// See [`rounds::libraries`].
    libraries: Vec<Span>,
    /// All that keeps it from being built, and what is worth a warning.
    found: Vec<Diagnostic>,
    /// `None` when it cannot be built, and for a library.
    built: Option<Built>,
}

/// A workflow that has been built.
struct Built {
    /// The place of its name.
    name: Span,
    files: Vec<emit::File>,
    /// With `--trace`: what is made of the workflows that it extends, and of itself.
    layers: Layers,
}

impl rounds::Outcome for Outcome {
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.found.spans(visit);
        self.libraries.iter_mut().for_each(&mut *visit);
        self.built.iter_mut().for_each(|built| visit(&mut built.name));
    }

    fn libraries(&self) -> &[Span] {
        &self.libraries
    }
}

/// Compiles a file and makes its documents.
fn outcome(args: &Args, project: &Project<'_>, Input { file, templates, .. }: &Input) -> anyhow::Result<Outcome> {
    let checked = project.check(*file);
    let mut found = checked.diagnostics.clone();
    found.retain(|found| found.severity() > Severity::Note);
    let libraries = rounds::libraries(&checked);
    let Some(sound) = checked.sound() else { return Ok(Outcome { libraries, found, built: None }) };
    let files = match documents(project.sources, args.target, sound, templates)? {
        Ok(files) => files,
        Err(fault) => {
            found.push(fault);
            return Ok(Outcome { libraries, found, built: None });
        }
    };
    if args.target == Target::Skill {
        found.extend(too_long(sound, &files));
    }
    let layers = if args.trace { layers(project, args.target, sound, templates, &files)? } else { Layers::default() };
    let name = sound.model.header.as_ref().map(|header| header.name.span).unwrap_or_default();
    Ok(Outcome { libraries, found, built: Some(Built { name, files, layers }) })
}

/// What is made of a workflow and of those that it extends.
fn layers(
    project: &Project<'_>,
    target: Target,
    sound: Sound<'_, '_>,
    templates: &[(String, FileId)],
    files: &[emit::File],
) -> anyhow::Result<Layers> {
    let sources = project.sources;
    let layer = |file: FileId, files| Layer { file, source: sources.get(file).name.clone(), files };
    let mut all = Vec::new();
    for base in sound.model.bases.iter().rev() {
        let checked = project.check(*base);
        let files = match checked.sound() {
            Some(sound) => documents(sources, target, sound, templates)?.ok(),
            None => None,
        };
        all.push(layer(*base, files));
    }
    let has_gaps = all.iter().any(|layer| layer.files.is_none());
    all.push(layer(sound.model.file, Some(files.to_vec())));
    let origins = match target {
        Target::Skill if has_gaps => {
            origin::origins(sources, sound, input::source_name(sources, sound), &texts(sources, templates), files)
        }
        _ => origin::Origins::new(),
    };
    Ok(Layers { all, origins })
}

/// All documents of a call.
#[derive(Debug, Default)]
struct Made {
    documents: Vec<Document>,
    /// Folders in which nothing generated is left that is not made any more.
    folders: Vec<PathBuf>,
    /// Which workflow makes which file.
    by: HashMap<PathBuf, FileId>,
}

impl Made {
    /// Says where everything is written; two workflows that write the same are a finding.
    fn new(args: &Args, session: &Session, built: &[&Built], found: &mut Vec<Diagnostic>) -> anyhow::Result<Made> {
        let out = out(args, session);
        let mut made = Made::default();
        let mut names: HashMap<PathBuf, Span> = HashMap::new();
        for Built { name, files, .. } in built {
            // The folder of the skill, or the one file.
            let Some(whole) = files.first().and_then(|file| Path::new(&file.path).components().next()) else {
                continue;
            };
            let whole = out.join(whole);
            if let Some(other) = names.get(&whole) {
                found.push(same_documents(&input::shown(&session.cwd, &whole), *name, *other));
                continue;
            }
            for emit::File { path, text } in files {
                let path = Path::new(path);
                if !path.components().all(|part| matches!(part, Component::Normal(_))) {
                    bail!("`{}` would be written outside of the output folder", path.display());
                }
                let path = out.join(path);
                made.by.insert(path.clone(), name.file);
                made.documents.push(Document { path, text: text.clone() });
            }
            if args.target == Target::Skill {
                made.folders.push(whole.clone());
            }
            names.insert(whole, *name);
        }
        Ok(made)
    }
}

fn same_documents(path: &str, name: Span, other: Span) -> Diagnostic {
    Diagnostic::new(&SAME_DOCUMENTS, name, format!("two workflows write `{path}`"))
        .label("has the name of another one")
        .related(other, "the other one")
        .help("give one of them another name, or build them into different folders with `--out`")
}

fn out(args: &Args, session: &Session) -> PathBuf {
    args.out.clone().or_else(|| session.config.out.clone()).unwrap_or_else(|| "out".into())
}

/// What a target makes of a workflow, or what is wrong with its templates.
fn documents(
    sources: &SourceMap,
    target: Target,
    sound: Sound<'_, '_>,
    templates: &[(String, FileId)],
) -> anyhow::Result<Result<Vec<emit::File>, Diagnostic>> {
    let name = sound.model.header.as_ref().map_or("", |header| header.name.name);
    Ok(Ok(match target {
        Target::Plan => vec![emit::File { path: format!("{name}.plan.json"), text: plan::text(sound, sources)? }],
        Target::Graph => vec![emit::File { path: format!("{name}.svg"), text: graph::svg(sound) }],
        Target::Skill => {
            match emit::skill::build(sound, input::source_name(sources, sound), &texts(sources, templates)) {
                Ok(files) => files,
                Err(fault) => return templates::diagnostic(sources, templates, &fault).map(Err),
            }
        }
    }))
}

/// Templates with what they say.
fn texts(sources: &SourceMap, templates: &[(String, FileId)]) -> Vec<(String, String)> {
    templates.iter().map(|(name, file)| (name.clone(), sources.get(*file).text.clone())).collect()
}

/// Files of a skill that are longer than their budget, each reported where most of it comes from.
fn too_long(sound: Sound<'_, '_>, files: &[emit::File]) -> Vec<Diagnostic> {
    let model = &sound.model;
    let document = model.document.as_ref().map(|document| document.name.span);
    let whole = document.or(model.header.as_ref().map(|header| header.name.span)).unwrap_or_default();
    let report = |over: emit::skill::Over| {
        let phase =
            model.phases().find(|phase| over.path.contains(&format!("/{}", emit::skill::page_stem(sound, *phase))));
        let (span, help) = match phase {
            Some(phase) => (model.node(phase).name.span, "shorten its texts, or make two phases of it"),
            None if over.path.ends_with("/SKILL.md") => (
                whole,
                "shorten the sections of the document, or say it in the text of a phase, which has its own page",
            ),
            None => (whole, "shorten the texts that are printed there"),
        };
        Diagnostic::new(&BUDGET_EXCEEDED, span, over.message).label("made from here").help(help)
    };
    emit::skill::over_budget(files).into_iter().map(report).collect()
}

fn finish(
    args: &Args,
    session: &mut Session,
    inputs: &Inputs,
    diagnostics: Vec<Diagnostic>,
    made: &Made,
    is_partial: bool,
    origins: &dyn Fn(FileId) -> Lines,
) -> anyhow::Result<Exit> {
    let summary = Summary::new(inputs.files.len(), &diagnostics);
    let talkative = !report::is_document(args.report.format(session));
    let denied = summary.errors == 0 && summary.warnings > 0 && args.deny.warnings(session);
    if summary.errors > 0 || denied {
        report::show(session, To::Out, &inputs.sources, &diagnostics, &summary, &args.report)?;
        let line = if is_partial && !made.documents.is_empty() { Some(write(args, session, made)?) } else { None };
        if talkative {
            let what = if denied { "warning" } else { "error" };
            let count = if denied { summary.warnings } else { summary.errors };
            let why = if denied { ", and warnings are denied" } else { "" };
            let written =
                line.map_or("nothing was written".to_owned(), |line| format!("{line}; the rest was not written"));
            session.close(format_args!("{}{why}: {written}", counted(count, what)))?;
        }
        return Ok(Exit::Problems);
    }
    if made.documents.is_empty() {
        session.talk("no workflow is declared: there is nothing to build");
        return Ok(Exit::Problems);
    }
    if args.check {
        return drift::compare(
            session,
            inputs,
            &diagnostics,
            &made.expected(&again(args, inputs), origins),
            &args.report,
        );
    }
    report::show(session, To::Out, &inputs.sources, &diagnostics, &summary, &args.report)?;
    let line = write(args, session, made)?;
    if talkative {
        let next = format!("wf build --check{}", again(args, inputs));
        session.close(format_args!("{line}; next: {next}"))?;
    }
    Ok(Exit::Clean)
}

impl Made {
    fn expected<'a>(&'a self, arguments: &'a str, origins: &'a dyn Fn(FileId) -> Lines) -> drift::Expected<'a> {
        drift::Expected { documents: &self.documents, folders: &self.folders, by: &self.by, origins, arguments }
    }
}

/// Writes what has changed, removes what is not made any more, and tells.
fn write(args: &Args, session: &Session, made: &Made) -> anyhow::Result<String> {
    let mut theirs = Vec::new();
    for document in &made.documents {
        match documents::state(document)? {
            State::Foreign(_) => theirs.push((document.path.as_path(), Work::Written)),
            State::Edited(_) => theirs.push((document.path.as_path(), Work::Edited)),
            State::Missing | State::Same | State::Stale(_) => {}
        }
    }
    let left_over = documents::left_over(&made.folders, &made.documents)?;
    theirs.extend(left_over.iter().filter(|left| left.edited).map(|left| (left.path.as_path(), Work::Edited)));
    documents::protect(session, &theirs, args.force)?;
    let mut written = 0;
    for document in &made.documents {
        written += usize::from(output::write(&document.path, &document.text)? == output::Written::New);
    }
    for documents::LeftOver { path, .. } in &left_over {
        let folder = made.folders.iter().find(|folder| path.starts_with(folder));
        documents::remove(path, folder.map_or(path, PathBuf::as_path))?;
    }
    let place = match (&made.documents[..], &made.folders[..]) {
        ([document], _) => input::shown(&session.cwd, &document.path),
        (_, [folder]) => input::shown(&session.cwd, folder),
        _ => input::shown(&session.cwd, &out(args, session)),
    };
    let removed = match left_over.len() {
        0 => String::new(),
        count => format!(", removed {count}"),
    };
    let all = made.documents.len();
    Ok(match written {
        0 if left_over.is_empty() => format!("up to date: {place}"),
        _ if all == 1 => format!("wrote {place}{removed}"),
        count if count == all => format!("wrote {} to {place}{removed}", counted(count, "file")),
        count => format!("wrote {} to {place}, {} unchanged{removed}", counted(count, "file"), all - count),
    })
}

/// The arguments that build the same again.
fn again(args: &Args, inputs: &Inputs) -> String {
    let mut words = inputs.arguments.clone();
    if let Some(out) = &args.out {
        words += &format!(" --out {}", quoted(&out.to_string_lossy()));
    }
    match args.target {
        Target::Skill => {}
        Target::Plan => words += " --target plan",
        Target::Graph => words += " --target graph",
    }
    if inputs.stdin() { words + " < FILE" } else { words }
}
