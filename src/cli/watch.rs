//! `--watch`: the same again whenever something changes that was read.
//!
//! A round reads everything anew and is held only if that differs from what was read before; the events of the file system do
//! no more than wake it up. So nothing hangs on how an editor saves, and what a round says is what the command would say now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::config::Config;
use super::input::{self, Inputs};
use super::report::counted;
use super::rounds::Rounds;
use super::session::{Exit, Session};
use crate::source::FileId;

/// Editors save in several steps, and a checkout changes many files: a round begins when nothing has happened for so long.
const QUIET: Duration = Duration::from_millis(50);
/// … or after so long.
const MOST_QUIET: Duration = Duration::from_secs(1);
/// So often it is looked where the file system tells of no changes.
const LOOK: Duration = Duration::from_secs(1);
/// So many files are named in the line of a round.
const MOST_NAMED: usize = 3;

/// Holds one round, or with `watch` one after each change until it is interrupted. `read` reads all that a round takes.
pub fn rounds<T: Default>(
    session: &mut Session,
    watch: bool,
    read: impl Fn(&mut Session) -> anyhow::Result<Inputs>,
    mut round: impl FnMut(&mut Session, &mut Inputs, &mut Rounds<T>) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let mut rounds = Rounds::default();
    if !watch {
        let mut inputs = read(session)?;
        inputs.complain(session);
        return round(session, &mut inputs, &mut rounds);
    }
    session.one_line = true;
    let mut alarm = Alarm::new()?;
    // What kept the last round from being held.
    let mut fault = None;
    loop {
        let (config, verbose) = (session.config.clone(), session.verbose);
        session.verbose &= rounds.before.is_none();
        let looked = look(session, &read, &mut alarm);
        session.verbose = verbose;
        match looked {
            Ok(mut inputs) => {
                let mut change = rounds.before.as_ref().map(|before| Change::between(before, &inputs));
                if let Some(change) = &mut change {
                    change.other |= fault.take().is_some();
                    if session.config != config {
                        let path = session.config.path.as_ref().or(config.path.as_ref());
                        change.changed.extend(path.map(|path| input::shown(&session.cwd, path)));
                    }
                }
                if change.as_ref().is_none_or(Change::is_something) {
                    inputs.complain(session);
                    rounds.compiled = 0;
                    if let Err(error) = round(session, &mut inputs, &mut rounds) {
                        session.complain(&error);
                    }
                    let files = counted(inputs.files.len(), "file");
                    session.talk(match change {
                        None => format!("watching {files}; Ctrl-C ends it"),
                        Some(change) => {
                            format!("{}: compiled {} of {files} in {}", change.words(), rounds.compiled, session.took())
                        }
                    });
                    session.out.flush()?;
                    rounds.before = Some(inputs);
                }
            }
            // Before there was a round it is a call that cannot begin.
            Err(error) if rounds.before.is_none() => return Err(error),
            Err(error) => {
                let words = format!("{error:#}");
                if fault.as_ref() != Some(&words) {
                    session.complain(&error);
                    fault = Some(words);
                }
            }
        }
        if session.out.is_closed() {
            return Ok(Exit::Clean);
        }
        if !alarm.wait() {
            return Ok(Exit::Interrupted);
        }
        session.begin();
    }
}

/// Reads everything, with every folder watched from before it was read.
fn look(
    session: &mut Session,
    read: impl Fn(&mut Session) -> anyhow::Result<Inputs>,
    alarm: &mut Alarm,
) -> anyhow::Result<Inputs> {
    loop {
        session.config = Config::find(&session.cwd)?;
        let mut inputs = read(session)?;
        if inputs.stdin() {
            bail!("standard input cannot be watched");
        }
        inputs.folders.insert(session.config.path.as_deref().and_then(Path::parent).unwrap_or(&session.cwd).to_owned());
        let folders = inputs.folders.iter().map(|folder| existing(&session.cwd.join(folder))).collect();
        if !alarm.set(session, &folders) {
            return Ok(inputs);
        }
        // What was read may be older than the watch. To say again what is read would tell nothing.
        session.verbose = false;
    }
}

/// The folder, or what there is of the way to it.
fn existing(folder: &Path) -> PathBuf {
    let found = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(folder);
    fs::canonicalize(found).unwrap_or_else(|_| found.to_owned())
}

enum Message {
    Event(notify::Result<notify::Event>),
    Interrupt,
}

/// What wakes up a command that watches.
struct Alarm {
    messages: Receiver<Message>,
    sender: Sender<Message>,
    /// `None` where the file system cannot be watched.
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    /// Folders that are not watched, or not any more.
    blind: bool,
}

impl Alarm {
    fn new() -> anyhow::Result<Alarm> {
        let (sender, messages) = channel();
        let interrupt = sender.clone();
        let asked = AtomicBool::new(false);
        let stop = move || {
            // Who asks twice does not want to wait for the end of a round.
            if asked.swap(true, Ordering::SeqCst) || interrupt.send(Message::Interrupt).is_err() {
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
        };
        ctrlc::set_handler(stop).context("cannot wait for Ctrl-C")?;
        Ok(Alarm { messages, sender, watcher: None, watched: BTreeSet::new(), blind: false })
    }

    /// Watches these folders and no others; says whether there is a new one among them.
    fn set(&mut self, session: &mut Session, folders: &BTreeSet<PathBuf>) -> bool {
        let was_blind = self.blind;
        let mut why = None;
        if self.watcher.is_none() {
            let sender = self.sender.clone();
            let tell = move |event| _ = sender.send(Message::Event(event));
            self.watcher = notify::recommended_watcher(tell).map_err(|error| why = Some(error)).ok();
        }
        let mut is_new = false;
        if let Some(watcher) = &mut self.watcher {
            for gone in self.watched.difference(folders) {
                // It may be gone from the disk, and with it the watch.
                let _ = watcher.unwatch(gone);
            }
            self.watched.retain(|folder| folders.contains(folder));
            for folder in folders {
                if !self.watched.contains(folder) {
                    match watcher.watch(folder, RecursiveMode::NonRecursive) {
                        Ok(()) => is_new |= self.watched.insert(folder.clone()),
                        Err(error) => why = Some(error),
                    }
                }
            }
        }
        self.blind = why.is_some();
        if let Some(error) = why.filter(|_| !was_blind) {
            session.talk(format_args!("cannot watch everything ({error}): looking every second instead"));
        }
        is_new
    }

    /// Waits until something has happened, and then until nothing happens any more; false when it was Ctrl-C.
    fn wait(&mut self) -> bool {
        let mut patience = self.blind.then_some(LOOK);
        let mut first = None;
        // Where something happens all the time it is not waited for the end.
        while first.is_none_or(|first: Instant| first.elapsed() < MOST_QUIET) {
            let message = match patience {
                Some(patience) => self.messages.recv_timeout(patience),
                None => self.messages.recv().map_err(RecvTimeoutError::from),
            };
            match message {
                Ok(Message::Interrupt) | Err(RecvTimeoutError::Disconnected) => return false,
                Ok(Message::Event(event)) => {
                    if self.is_change(event) {
                        patience = Some(QUIET);
                        first = first.or_else(|| Some(Instant::now()));
                    }
                }
                Err(RecvTimeoutError::Timeout) => break,
            }
        }
        true
    }

    /// Whether an event tells of more than that something was read.
    fn is_change(&mut self, event: notify::Result<notify::Event>) -> bool {
        let Ok(event) = event else { return true };
        if let EventKind::Access(kind) = event.kind
            && kind != AccessKind::Close(AccessMode::Write)
        {
            return false;
        }
        // A folder that was removed or renamed takes its watch along, even if there is one of its name again.
        for path in &event.paths {
            if self.watched.remove(path)
                && let Some(watcher) = &mut self.watcher
            {
                let _ = watcher.unwatch(path);
            }
        }
        true
    }
}

/// What is different since the last round.
#[derive(Debug, Default)]
struct Change {
    changed: Vec<String>,
    new: Vec<String>,
    gone: Vec<String>,
    /// Something else: what cannot be read, where a name leads to.
    other: bool,
}

impl Change {
    fn between(before: &Inputs, now: &Inputs) -> Change {
        let named = |inputs: &Inputs| -> BTreeMap<String, FileId> {
            inputs.sources.iter().map(|(file, source)| (source.name.clone(), file)).collect()
        };
        let (old, new) = (named(before), named(now));
        let same = before.sources.unchanged(&now.sources);
        let mut change = Change::default();
        for (name, file) in &new {
            match old.get(name) {
                None => change.new.push(name.clone()),
                Some(old) if before.sources.get(*old).text != now.sources.get(*file).text => {
                    change.changed.push(name.clone());
                }
                Some(old) => change.other |= !same.contains_key(old),
            }
        }
        change.gone = old.into_keys().filter(|name| !new.contains_key(name)).collect();
        let paths = |inputs: &Inputs| inputs.files.iter().map(|input| input.path.clone()).collect::<Vec<_>>();
        let faults = |inputs: &Inputs| inputs.faults.iter().map(|fault| format!("{fault:#}")).collect::<Vec<_>>();
        change.other |= paths(before) != paths(now) || faults(before) != faults(now);
        change
    }

    fn is_something(&self) -> bool {
        self.other || [&self.changed, &self.new, &self.gone].into_iter().any(|names| !names.is_empty())
    }

    /// `changed a.wf, b.wf and 2 more; gone c.wf`.
    fn words(&self) -> String {
        let parts = [("changed", &self.changed), ("new", &self.new), ("gone", &self.gone)];
        let parts = parts.into_iter().filter(|(_, names)| !names.is_empty()).map(|(word, names)| {
            let (named, rest) = names.split_at(names.len().min(MOST_NAMED));
            let rest = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!("{word} {}{rest}", named.join(", "))
        });
        let words = parts.collect::<Vec<_>>().join("; ");
        if words.is_empty() { "changed".to_owned() } else { words }
    }
}
