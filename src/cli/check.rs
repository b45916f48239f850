//! `wf check`: what is wrong with workflows, and how to mend it.

use std::io::Write;
use std::path::PathBuf;

use super::diff;
use super::fixes::{self, fixes_counted};
use super::input::{self, Inputs};
use super::output::{self, GREEN, RED, YELLOW, paint};
use super::report::{self, DenyArgs, ReportArgs, Shape, To, counted};
use super::rounds::{self, Rounds};
use super::session::{Exit, Session};
use super::watch;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::render::{Summary, json};
use crate::source::Span;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf check                      every .wf file below this folder\n  \
    wf check hello.wf --fix       mend what can be mended safely\n  \
    wf check --diff               only show what --fix would change\n  \
    wf check --watch              again whenever something changes\n  \
    wf check - --format json      standard input, for a program")]
pub struct Args {
    /// Files, folders (all .wf files below), or - for standard input [default: this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    deny: DenyArgs,
    /// Apply the fixes that keep the meaning
    #[arg(long)]
    fix: bool,
    /// Apply those, too, that are only probably meant
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what fixes would change, and write nothing
    #[arg(long)]
    diff: bool,
    /// Check again whenever something changes, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff"])]
    watch: bool,
    /// Print the JSON Schema of --format json
    #[arg(long, exclusive = true)]
    schema: bool,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    if args.schema {
        writeln!(session.out, "{:#}", json::schema())?;
        return Ok(Exit::Clean);
    }
    let read = |session: &mut Session| input::read_all(session, &args.paths);
    watch::rounds(session, args.watch, read, |session, inputs, rounds| once(args, session, inputs, rounds))
}

fn once(args: &Args, session: &mut Session, inputs: &mut Inputs, rounds: &mut Rounds<Outcome>) -> anyhow::Result<Exit> {
    if inputs.files.is_empty() {
        return Ok(Exit::Usage);
    }
    let mut to = To::Out;
    let mut changed = 0;
    if args.diff || args.fix || args.unsafe_fixes {
        // The mended standard input is the result, then.
        to = if inputs.stdin() || args.diff { To::Err } else { To::Out };
        changed = mend(session, inputs, args)?;
    }
    let outcomes = rounds.each(inputs, |project, input| {
        let checked = project.check(input.file);
        let libraries = rounds::libraries(&checked);
        Ok(Outcome { libraries, shape: Shape::of(&checked), found: checked.diagnostics })
    })?;
    let diagnostics = diagnostic::merged(outcomes.iter().map(|outcome| outcome.found.clone()).collect());
    let total = outcomes.iter().map(|outcome| outcome.shape).fold(Shape::default(), Shape::plus);
    let files = inputs.files.len();
    let summary = Summary { files, ..total.summary(&diagnostics) };
    let denied = args.deny.warnings(session) && summary.warnings > 0;
    let closing = Closing { inputs, diagnostics: &diagnostics, total, summary: &summary, denied };
    let failed = summary.errors > 0 || denied;
    if args.diff {
        session.talk(closing.after_diff(changed, failed, args));
    } else {
        report::show(session, to, &inputs.sources, &shown(session, &diagnostics, args), &summary, &args.report)?;
        if !report::is_document(args.report.format(session)) {
            let line = closing.line(session);
            match to {
                To::Out => session.close(line)?,
                To::Err => session.talk(line),
            }
        }
    }
    let found = if failed || (args.diff && changed > 0) { Exit::Problems } else { Exit::Clean };
    Ok(if inputs.faults.is_empty() { found } else { Exit::Usage })
}

/// What a file consists of, and everything there is to say of it.
#[derive(Default)]
struct Outcome {
    /// See [`rounds::libraries`].
    libraries: Vec<Span>,
    shape: Shape,
    found: Vec<Diagnostic>,
}

impl rounds::Outcome for Outcome {
    fn spans(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        self.found.spans(visit);
        self.libraries.iter_mut().for_each(&mut *visit);
    }

    fn libraries(&self) -> &[Span] {
        &self.libraries
    }
}

/// What is shown: people who want quiet are spared the notes.
fn shown(session: &Session, diagnostics: &[Diagnostic], args: &Args) -> Vec<Diagnostic> {
    let hide = session.quiet && !report::is_document(args.report.format(session));
    diagnostics.iter().filter(|found| !hide || found.severity() > Severity::Note).cloned().collect()
}

/// Applies fixes and writes them, or shows what they would change. Returns how many fixes there were.
fn mend(session: &mut Session, inputs: &mut Inputs, args: &Args) -> anyhow::Result<usize> {
    let mut mended = Vec::new();
    let mut count = 0;
    for input in &inputs.files {
        let source = inputs.sources.get(input.file);
        let fixed = fixes::apply(&inputs.sources, input.file, args.unsafe_fixes);
        count += fixed.count;
        if args.diff {
            diff::write(&mut session.out, &source.name, &source.text, &fixed.text, session.color)?;
        } else if let Some(path) = &input.path {
            if fixed.text != source.text {
                output::write(path, &fixed.text)?;
                session.talk(format_args!("applied {} to {}", fixes_counted(fixed.count), source.name));
            }
        } else {
            session.out.write_all(fixed.text.as_bytes())?;
        }
        if !args.diff {
            mended.push((input.file, fixed.text));
        }
    }
    for (file, text) in mended {
        inputs.sources = inputs.sources.with_text(file, text);
    }
    Ok(count)
}

/// The last line.
struct Closing<'a> {
    inputs: &'a Inputs,
    diagnostics: &'a [Diagnostic],
    total: Shape,
    summary: &'a Summary,
    denied: bool,
}

impl Closing<'_> {
    fn line(&self, session: &Session) -> String {
        if self.summary.errors > 0 || self.denied { self.of_failure(session) } else { self.of_success(session) }
    }

    fn of_success(&self, session: &Session) -> String {
        let verdict = match self.summary.warnings {
            0 => paint(session.color, GREEN.bold(), "ok".to_owned()).to_string(),
            warnings => {
                paint(session.color, YELLOW.bold(), format!("ok with {}", counted(warnings, "warning"))).to_string()
            }
        };
        let what = match &self.inputs.files[..] {
            [input] => self.inputs.sources.get(input.file).name.clone(),
            files => counted(files.len(), "file"),
        };
        if self.total.workflows == 0 {
            return format!("{verdict}: {what} — no workflow in it");
        }
        let next =
            if self.inputs.stdin() { String::new() } else { format!("; next: wf build{}", self.inputs.arguments) };
        let proved = self.total.proved().map(|proved| format!("; {proved} in {}", session.took())).unwrap_or_default();
        format!("{verdict}: {what} — {}{proved}{next}", self.total.words())
    }

    fn of_failure(&self, session: &Session) -> String {
        let Summary { files, errors, warnings, .. } = *self.summary;
        let mut counts = Vec::new();
        if errors > 0 {
            counts.push(paint(session.color, RED.bold(), counted(errors, "error")).to_string());
        }
        if warnings > 0 {
            counts.push(paint(session.color, YELLOW.bold(), counted(warnings, "warning")).to_string());
        }
        let denied = if errors == 0 { ", and warnings are denied" } else { "" };
        format!("{} in {}{denied}{}", counts.join(", "), counted(files, "file"), self.way_out())
    }

    /// What helps most: a fix that can be applied, else the page of the first finding.
    fn way_out(&self) -> String {
        let fixable = self.diagnostics.iter().filter(|found| fixes::choose(found, false).is_some()).count();
        if fixable > 0 {
            let them = if fixable == 1 { "1 can be fixed".to_owned() } else { format!("{fixable} can be fixed") };
            return format!("; {them}: wf check --fix{}", self.inputs.arguments);
        }
        let worst =
            self.diagnostics.iter().max_by_key(|found| (found.severity(), std::cmp::Reverse(found.primary.span)));
        worst.map(|found| format!("; more: wf explain {}", found.code.id)).unwrap_or_default()
    }

    fn after_diff(&self, changed: usize, failed: bool, args: &Args) -> String {
        let flag = if args.unsafe_fixes { "--unsafe-fixes" } else { "--fix" };
        match (changed, failed) {
            (0, false) => "nothing to fix".to_owned(),
            (0, true) => format!("nothing can be fixed; see: wf check{}", self.inputs.arguments),
            (count, _) => format!("{}; apply with: wf check {flag}{}", fixes_counted(count), self.inputs.arguments),
        }
    }
}
