//! `wf lint`: what is wrong with skills, and how to mend it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::baseline::{Baseline, FileNames};
use super::fixes::{self, fixes_counted};
use super::folders::Folders;
use super::output::{self, GREEN, RED, YELLOW, paint};
use super::report::{self, DenyArgs, ReportArgs, To, counted};
use super::session::{Exit, Session};
use super::{diff, input, parallel};
use crate::diagnostic::{Diagnostic, Severity};
use crate::render::Summary;
use crate::skill::lint::{self, Profile, Settings, World};
use crate::source::FileId;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf lint                               every skill below this folder\n  \
    wf lint .claude/skills/deploying      one skill, with the project around it\n  \
    wf lint --profile claude-code         with the rules of Claude Code\n  \
    wf lint --baseline known.json --update-baseline    note what is known\n  \
    wf lint --baseline known.json         then hear of what is new")]
pub struct Args {
    /// Skill folders, or folders that hold some [default: this folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Whose rules, beside the specification's [default: spec,workflow]
    #[arg(long, value_name = "PROFILE", value_enum, value_delimiter = ',')]
    profile: Vec<Profile>,
    #[command(flatten)]
    report: ReportArgs,
    #[command(flatten)]
    deny: DenyArgs,
    /// Say only what is not in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is found now into the baseline
    #[arg(long)]
    update_baseline: bool,
    /// Apply the fixes that keep the meaning
    #[arg(long)]
    fix: bool,
    /// Apply those, too, that are only probably meant
    #[arg(long)]
    unsafe_fixes: bool,
    /// Show what fixes would change, and write nothing
    #[arg(long)]
    diff: bool,
}

impl ValueEnum for Profile {
    fn value_variants<'a>() -> &'a [Self] {
        &Profile::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

/// Two fixes that undo each other would go on forever.
const MAX_ROUNDS: usize = 20;

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let settings = settings(args, session);
    let mut folders = Folders::gather(session, &args.paths)?;
    if folders.asked() == 0 {
        if folders.failed == 0 {
            let below = if folders.arguments.is_empty() { " `.`".to_owned() } else { folders.arguments.clone() };
            session.complain(&anyhow!("no Markdown below{below}"));
        }
        return Ok(Exit::Usage);
    }
    let mut changed = 0;
    if args.diff || args.fix || args.unsafe_fixes {
        changed = mend(session, &mut folders, &settings, args)?;
    }
    let (mut found, shape) = check(&folders, &settings);
    let known = baseline(args, session, &folders, &mut found)?;
    let files = folders.asked();
    let summary = Summary::new(files, &found);
    let denied = args.deny.warnings(session) && summary.warnings > 0;
    let failed = summary.errors > 0 || denied;
    if args.diff {
        session.talk(format_args!("{}; apply with: wf lint --fix{}", fixes_counted(changed), folders.arguments));
    } else {
        report::show(session, To::Out, &folders.sources, &found, &summary, &args.report)?;
        if !report::is_document(args.report.format(session)) {
            let closing = Closing { folders: &folders, found: &found, summary: &summary, shape, known, denied };
            let line = closing.line(session);
            session.close(line)?;
        }
    }
    let exit = if failed || (args.diff && changed > 0) { Exit::Problems } else { Exit::Clean };
    Ok(if folders.failed > 0 { Exit::Usage } else { exit })
}

fn settings(args: &Args, session: &Session) -> Settings {
    let config = &session.config.lint;
    let profiles: &[Profile] = if args.profile.is_empty() { &config.profile } else { &args.profile };
    let profiles = if profiles.is_empty() { Settings::default().profiles } else { profiles.iter().copied().collect() };
    Settings { profiles, allowed: config.allow.keys().cloned().collect() }
}

/// How many skills and files were looked at.
#[derive(Debug, Clone, Copy)]
struct Shape {
    skills: usize,
    links: usize,
    /// Those that have numbered parts and no phases that are known.
    unrecognised: usize,
}

/// Everything there is to say, in order.
fn check(folders: &Folders, settings: &Settings) -> (Vec<Diagnostic>, Shape) {
    let files = folders.files();
    let world = World::new(&files, settings);
    let mut found = lint::of_all(&world);
    let skills = world.asked_skills();
    let of_skills = parallel::map(&skills, |skill| lint::of_skill(&world, *skill));
    let unrecognised = of_skills.iter().filter(|of_skill| of_skill.is_unrecognised).count();
    found.extend(of_skills.into_iter().flat_map(|of_skill| of_skill.found));
    let asked = world.asked();
    let of_documents = parallel::map(&asked, |(path, document)| lint::of_document(&world, path, document));
    found.extend(of_documents.into_iter().flatten());
    let links = asked.iter().map(|(_, document)| document.links.len()).sum();
    (lint::finish(&world, found), Shape { skills: skills.len(), links, unrecognised })
}

/// Applies fixes and writes them, or shows what they would change. Returns how many fixes there were.
fn mend(session: &mut Session, folders: &mut Folders, settings: &Settings, args: &Args) -> anyhow::Result<usize> {
    let mut mended = folders.with(&BTreeMap::new());
    let mut count = 0;
    for _ in 0..MAX_ROUNDS {
        let (found, _) = check(&mended, settings);
        let files: BTreeSet<FileId> = found.iter().map(|found| found.primary.span.file).collect();
        let mut texts = BTreeMap::new();
        for file in files {
            let (edits, applied) = fixes::round(file, &found, args.unsafe_fixes);
            let old = &mended.sources.get(file).text;
            let new = fixes::edited(old, &edits);
            if new != *old {
                count += applied;
                texts.insert(file, new);
            }
        }
        if texts.is_empty() {
            break;
        }
        mended = mended.with(&texts);
    }
    let mut left = BTreeMap::new();
    for (file, path) in folders.paths() {
        let (old, new) = (folders.sources.get(file), &mended.sources.get(file).text);
        if args.diff {
            diff::write(&mut session.out, &old.name, &old.text, new, session.color)?;
        } else if old.text != *new && fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink()) {
            // Where it leads to may belong to somebody else.
            session.talk(format_args!("not mended: {} is a link to another file", old.name));
            left.insert(file, old.text.clone());
        } else if old.text != *new {
            output::write(Path::new(path), new)?;
            session.talk(format_args!("mended {}", old.name));
        }
    }
    if !args.diff {
        *folders = mended.with(&left);
    }
    Ok(count)
}

/// Leaves out what the baseline knows, or writes it. Returns how many findings it knows.
fn baseline(
    args: &Args,
    session: &mut Session,
    folders: &Folders,
    found: &mut Vec<Diagnostic>,
) -> anyhow::Result<usize> {
    let path = args.baseline.clone().or_else(|| session.config.lint.baseline.clone());
    let Some(path) = path else {
        anyhow::ensure!(
            !args.update_baseline,
            "--update-baseline needs --baseline FILE, or `baseline` in the configuration"
        );
        return Ok(0);
    };
    let names = FileNames::new(folders, &path);
    if args.update_baseline {
        let baseline = Baseline::of(&names, found);
        baseline.write(&path)?;
        session.talk(format_args!(
            "noted {} in {}",
            counted(baseline.len(), "finding"),
            input::shown(&session.cwd, &path)
        ));
        found.clear();
        return Ok(baseline.len());
    }
    let (known, gone) = Baseline::read(&path)?.subtract(&names, found);
    if gone > 0 {
        session.talk(format_args!("no longer found of the baseline: {gone}; --update-baseline forgets what is mended"));
    }
    Ok(known)
}

/// The last line.
struct Closing<'a> {
    folders: &'a Folders,
    found: &'a [Diagnostic],
    summary: &'a Summary,
    shape: Shape,
    known: usize,
    denied: bool,
}

impl Closing<'_> {
    fn line(&self, session: &Session) -> String {
        let Summary { files, errors, warnings, .. } = *self.summary;
        let known = if self.known > 0 { format!(", {} known", self.known) } else { String::new() };
        let what = format!("{} of {}", counted(files, "file"), counted(self.shape.skills, "skill"));
        if errors == 0 && !self.denied {
            let verdict = match warnings {
                0 => paint(session.color, GREEN.bold(), "ok".to_owned()).to_string(),
                some => {
                    paint(session.color, YELLOW.bold(), format!("ok with {}", counted(some, "warning"))).to_string()
                }
            };
            let links = counted(self.shape.links, "link");
            let took = session.took();
            return format!("{verdict}{known}: {what}, {links} in {took}{}{}", self.unseen(), self.way_out());
        }
        let mut counts = Vec::new();
        if errors > 0 {
            counts.push(paint(session.color, RED.bold(), counted(errors, "error")).to_string());
        }
        if warnings > 0 {
            counts.push(paint(session.color, YELLOW.bold(), counted(warnings, "warning")).to_string());
        }
        let denied = if errors == 0 { ", and warnings are denied" } else { "" };
        format!("{}{known} in {what}{denied}{}", counts.join(", "), self.way_out())
    }

    /// What was not looked at.
    fn unseen(&self) -> String {
        match (self.shape.unrecognised, self.shape.skills) {
            (0, _) => String::new(),
            (_, 1) => "; no phases were recognised, so the workflow in it was not looked at".to_owned(),
            (some, _) => {
                format!("; in {} no phases were recognised, and no workflow was looked at", counted(some, "skill"))
            }
        }
    }

    /// What helps most: a fix that can be applied, else the page of the worst finding.
    fn way_out(&self) -> String {
        let fixable = self.found.iter().filter(|found| fixes::choose(found, false).is_some()).count();
        if fixable > 0 {
            let them = if fixable == 1 { "1 can be fixed".to_owned() } else { format!("{fixable} can be fixed") };
            return format!("; {them}: wf lint --fix{}", self.folders.arguments);
        }
        let loud = self.found.iter().filter(|found| found.severity() > Severity::Note);
        let worst = loud.max_by_key(|found| (found.severity(), std::cmp::Reverse(found.primary.span)));
        worst.map(|found| format!("; more: wf explain {}", found.code.id)).unwrap_or_default()
    }
}
