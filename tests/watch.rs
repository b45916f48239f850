//! `--watch`, as a process: files are changed as people and editors do, and what it says is waited for.
//!
//! Nothing here sleeps for a time in which something must have happened: a line is waited for until it comes, or for so long that
//! it will not come any more.
#![allow(clippy::disallowed_methods, reason = "a test of the binary reads and writes files")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(120);

const AGENTS: &str = "agent lead \"Leads\"\n\nagent critic \"Looks for what is wrong\"\n\nlimit tries = 3\n";
const BASE: &str = "use \"agents.wf\"\n\nworkflow base \"Base\"\n\nphase plan \"Plan\" {\n  produces plan\n  spawn lead \"Plan it\"\n}\n\n\
                    phase build \"Build\" {\n  reads plan\n  purpose \"At most ${tries} times\"\n  spawn critic \"Look at it\"\n}\n";
const OTHER: &str = "workflow other \"Other\"\n\nphase only \"Only\"\n\nalways build before only\n";

fn child(name: &str) -> String {
    format!(
        "use \"base.wf\"\n\nworkflow {name} extends base\n\ninsert phase ship \"Ship\" after build\n\nalways plan before ship\n"
    )
}

/// Puts a file in its place at once, as editors do that rename.
fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("folders can be made");
    let temporary = path.with_file_name(".being-saved");
    fs::write(&temporary, text).expect("the folder is ours");
    fs::rename(&temporary, &path).expect("the folder is ours");
}

fn family() -> TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    put(folder.path(), "agents.wf", AGENTS);
    put(folder.path(), "base.wf", BASE);
    put(folder.path(), "one.wf", &child("one"));
    put(folder.path(), "two.wf", &child("two"));
    put(folder.path(), "other.wf", &OTHER.replace("\nalways build before only\n", ""));
    folder
}

fn wf(arguments: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").stdin(Stdio::null());
    command
}

/// `in 3.1 ms` as `in [TIME]`.
fn without_times(text: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in text.split(' ') {
        let is_unit = |word: &str| ["ms", "s", "ms;", "s;", "ms\n", "s\n"].iter().any(|unit| word.starts_with(unit));
        if is_unit(word) && words.last().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit())) {
            words.pop();
            words.push("[TIME]");
        }
        words.push(word);
    }
    words.join(" ")
}

/// A process that watches.
struct Watch<'f> {
    process: Child,
    folder: &'f Path,
    /// Standard error, line by line.
    lines: Receiver<String>,
    /// Standard output that has not been looked at.
    out: Arc<Mutex<String>>,
}

impl<'f> Watch<'f> {
    fn begin(arguments: &[&str], folder: &'f Path) -> Self {
        let mut process = wf(arguments, folder);
        let mut process = process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let (sender, lines) = channel();
        let stderr = BufReader::new(process.stderr.take().expect("it is piped"));
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let out = Arc::new(Mutex::new(String::new()));
        let (mut stdout, sink) = (process.stdout.take().expect("it is piped"), Arc::clone(&out));
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut bytes) {
                sink.lock().expect("nobody panics with it").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Watch { process, folder, lines, out }
    }

    /// Waits for a line on standard error that begins so; returns all until then.
    fn hear(&self, start: &str) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        let mut heard: Vec<String> = Vec::new();
        while !heard.last().is_some_and(|line| line.starts_with(start)) {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) => heard.push(line),
                Err(_) => panic!("`{start}` is not said; instead:\n{}\n{}", heard.join("\n"), self.out.lock().unwrap()),
            }
        }
        heard
    }

    /// Waits until standard output, since it was last looked at, is what is expected; takes it.
    fn says(&self, is_expected: impl Fn(&str) -> bool) -> String {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut out = self.out.lock().expect("nobody panics with it");
            if is_expected(&out) {
                return std::mem::take(&mut *out);
            }
            assert!(Instant::now() < until, "something else is said: {out}");
            drop(out);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it has said is what the command says when it is called now.
    fn says_what_a_call_says(&self, arguments: &[&str]) -> String {
        let output = wf(arguments, self.folder).output().expect("the binary runs");
        let fresh = without_times(&String::from_utf8_lossy(&output.stdout));
        self.says(|out| without_times(out) == fresh)
    }

    /// Ctrl-C.
    fn end(mut self) {
        kill(Pid::from_raw(i32::try_from(self.process.id()).expect("it fits")), Signal::SIGINT).expect("it runs");
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.process.try_wait().expect("it is ours") {
                assert_eq!(status.code(), Some(130));
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it does not end");
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn only_what_reads_a_changed_file_is_compiled_again() {
    let folder = family();
    let path = folder.path();
    let watch = Watch::begin(&["check", "--watch"], path);
    watch.hear("watching 5 files");
    watch.says_what_a_call_says(&["check"]);
    let round = |line: &str| {
        let heard = watch.hear(line);
        assert_eq!(heard.len(), 1, "{heard:?}");
        watch.says_what_a_call_says(&["check"])
    };
    put(path, "one.wf", &child("one").replace("Ship", "Deliver"));
    round("changed one.wf: compiled 1 of 5 files in ");
    put(path, "base.wf", &BASE.replace("Look at it", "Look twice"));
    round("changed base.wf: compiled 3 of 5 files in ");
    put(path, "agents.wf", &AGENTS.replace("tries", "attempts"));
    let said = round("changed agents.wf: compiled 4 of 5 files in ");
    assert!(said.contains("unknown name `tries`"), "{said}");
    // Of a library all has been said by what takes something from it, unless that has errors itself.
    put(path, "agents.wf", AGENTS);
    round("changed agents.wf: compiled 3 of 5 files in ");
    // A file that comes first gives all others another number.
    put(path, "a/new.wf", &OTHER.replace("other", "new"));
    let said = round("new a/new.wf: compiled 1 of 6 files in ");
    assert!(said.contains("a/new.wf:5:"), "{said}");
    put(path, "two.wf", "workflow two (\n");
    let said = round("changed two.wf: compiled 1 of 6 files in ");
    assert!(said.find("a/new.wf:5:") < said.find("two.wf:1:"), "{said}");
    fs::remove_file(path.join("two.wf")).unwrap();
    round("gone two.wf: compiled 0 of 5 files in ");
    fs::remove_dir_all(path.join("a")).unwrap();
    round("gone a/new.wf: compiled 0 of 4 files in ");
    fs::rename(path.join("base.wf"), path.join("basis.wf")).unwrap();
    let said = round("new basis.wf; gone base.wf: compiled 2 of 4 files in ");
    assert!(said.contains("WF113"), "{said}");
    fs::rename(path.join("basis.wf"), path.join("base.wf")).unwrap();
    round("new base.wf; gone basis.wf: compiled 2 of 4 files in ");
    watch.end();
}

#[test]
fn the_last_good_output_stays() {
    let folder = family();
    let path = folder.path();
    let ship = || fs::read_to_string(path.join("out/one/references/phase-3-ship.md")).expect("it is written");
    let skill = || fs::read_to_string(path.join("out/one/SKILL.md")).expect("it is written");
    let watch = Watch::begin(&["build", "--watch"], path);
    watch.hear("watching 5 files");
    let good = ship();
    let says = |part: &str| watch.says(|out| out.contains(part));
    says("wrote ");
    // A fault keeps back what reaches it, and nothing else.
    put(path, "one.wf", &child("one").replace("always plan", "always plna").replace("\"Ship\"", "\"Deliver\""));
    watch.hear("changed one.wf: compiled 1 of 5 files");
    says("1 error: up to date: out; the rest was not written");
    assert_eq!(ship(), good);
    put(path, "other.wf", &OTHER.replace("\nalways build before only\n", "").replace("\"Only\"", "\"Alone\""));
    watch.hear("changed other.wf: compiled 1 of 5 files");
    says("1 error: wrote ");
    let other = || fs::read_to_string(path.join("out/other/references/phase-1-only.md")).expect("it is written");
    assert!(other().contains("# Phase 1: Alone"), "{}", other());
    assert_eq!(ship(), good);
    put(path, "one.wf", &child("one").replace("\"Ship\"", "\"Deliver\""));
    watch.hear("changed one.wf: compiled 1 of 5 files");
    says("wrote ");
    assert!(ship().contains("# Phase 3: Deliver"), "{}", ship());
    // Also where it is a library: that nobody can read, or of which a name is gone.
    for (broken, title) in [(AGENTS.replace("tries", "attempts"), "First"), ("agent lead (\n".to_owned(), "Second")] {
        put(path, "agents.wf", &broken);
        watch.hear("changed agents.wf: compiled ");
        says("the rest was not written");
        put(
            path,
            "other.wf",
            &OTHER.replace("\nalways build before only\n", "").replace("\"Only\"", &format!("\"{title}\"")),
        );
        watch.hear("changed other.wf: compiled 1 of 5 files");
        says(": wrote ");
        assert!(other().contains(&format!("# Phase 1: {title}")), "{}", other());
        assert!(ship().contains("# Phase 3: Deliver"), "{}", ship());
    }
    put(path, "agents.wf", AGENTS);
    watch.hear("changed agents.wf: compiled 3 of 5 files");
    says("up to date: out");
    // A template that takes the place of a built-in one, from a folder that was not there.
    put(path, "templates/SKILL.md", "{{ nothing.like.this }}\n");
    watch.hear("new templates/SKILL.md: compiled 4 of 5 files");
    assert!(skill().contains("Deliver"), "{}", skill());
    put(path, "templates/SKILL.md", "{{ mark }}\nSaid in our words.\n");
    watch.hear("changed templates/SKILL.md: compiled 4 of 5 files");
    assert!(skill().contains("Said in our words."), "{}", skill());
    fs::remove_dir_all(path.join("templates")).unwrap();
    watch.hear("gone templates/SKILL.md: compiled 4 of 5 files");
    assert!(skill().contains("Deliver"), "{}", skill());
    // What a person has edited is not replaced, and the process goes on.
    let edited = skill().replace("Deliver", "Dispatch");
    put(path, "out/one/SKILL.md", &edited);
    put(path, "one.wf", &child("one"));
    let heard = watch.hear("changed one.wf: compiled 1 of 5 files");
    assert!(heard.iter().any(|line| line.starts_with("error: `out/one/SKILL.md` was edited by hand")), "{heard:?}");
    assert_eq!(skill(), edited);
    fs::remove_file(path.join("out/one/SKILL.md")).unwrap();
    put(path, "one.wf", &child("one").replace("\"Ship\"", "\"Send\""));
    watch.hear("changed one.wf: compiled 1 of 5 files");
    assert!(skill().contains("Send"), "{}", skill());
    watch.end();
}

#[test]
fn what_cannot_be_read_is_waited_for() {
    let folder = tempfile::tempdir().expect("there is room");
    let path = folder.path();
    let registry = "use agents from \"../agents\"\n\nworkflow w\n\nphase a {\n  spawn builder \"Build it\"\n}\n";
    put(path, "flows/w.wf", registry);
    put(path, "flows/bytes.wf", "workflow b\n\nphase a\n");
    let watch = Watch::begin(&["test", "--watch", "flows"], path);
    watch.hear("watching 2 files");
    let says = |part: &str| watch.says(|out| out.contains(part));
    put(path, "agents/builder.md", "---\nname: builder\n---\n");
    watch.hear("new agents/builder.md: compiled 1 of 2 files");
    put(path, "agents/builder.md", "---\nname: constructor\n---\n");
    watch.hear("changed agents/builder.md: compiled 1 of 2 files");
    says("1 error elsewhere");
    put(path, "agents/builder.md", "---\nname: builder\n---\n");
    watch.hear("changed agents/builder.md: compiled 1 of 2 files");
    // Bytes that are no text, in a file and then in the configuration.
    fs::write(path.join(".bytes"), b"workflow \xff").unwrap();
    fs::rename(path.join(".bytes"), path.join("flows/bytes.wf")).unwrap();
    let heard = watch.hear("gone flows/bytes.wf: compiled 0 of 1 file in ");
    assert!(heard[0].contains("not UTF-8"), "{heard:?}");
    put(path, "gatewright.toml", "colour = 1\n");
    watch.hear("error: gatewright.toml:1:1: unknown key `colour`");
    put(path, "gatewright.toml", "color = \"never\"\n");
    let heard = watch.hear("changed gatewright.toml: compiled 0 of 1 file in ");
    assert!(heard.iter().any(|line| line.contains("not UTF-8")), "{heard:?}");
    put(path, "flows/bytes.wf", "workflow b\n\nphase a\n");
    watch.hear("new flows/bytes.wf: compiled 1 of 2 files");
    // The whole folder.
    fs::rename(path.join("flows"), path.join("elsewhere")).unwrap();
    let heard = watch.hear("gone agents/builder.md, flows/bytes.wf, flows/w.wf: compiled 0 of 0 files");
    assert!(heard.iter().any(|line| line.starts_with("error: cannot read `flows`")), "{heard:?}");
    fs::rename(path.join("elsewhere"), path.join("flows")).unwrap();
    watch.hear("new ");
    put(path, "flows/w.wf", &registry.replace("Build", "Make"));
    watch.hear("changed flows/w.wf: compiled 1 of 2 files");
    watch.end();
}

#[test]
fn each_round_is_one_document_for_a_program() {
    for format in ["json", "sarif"] {
        let folder = family();
        let path = folder.path();
        let watch = Watch::begin(&["check", "--watch", "--format", format], path);
        watch.hear("watching 5 files");
        put(path, "one.wf", "workflow one (\n");
        watch.hear("changed one.wf: compiled 1 of 5 files");
        put(path, "one.wf", &child("one"));
        watch.hear("changed one.wf: compiled 1 of 5 files");
        let said = watch.says(|out| out.lines().count() == 3 && out.ends_with('\n'));
        let documents: Vec<serde_json::Value> =
            said.lines().map(|line| serde_json::from_str(line).expect("each line is a document")).collect();
        assert_eq!(documents[0], documents[2]);
        assert_ne!(documents[0], documents[1]);
        watch.end();
    }
}

#[test]
fn what_cannot_be_watched_is_refused() {
    let folder = family();
    let cases: [(&[&str], &str); 4] = [
        (&["check", "--watch", "-"], "error: standard input cannot be watched"),
        (&["check", "--watch", "--fix"], "error: the argument '--watch' cannot be used with '--fix'"),
        (&["build", "--watch", "--check"], "error: the argument '--watch' cannot be used with '--check'"),
        (&["build", "--watch", "--trace"], "error: the argument '--watch' cannot be used with '--trace'"),
    ];
    for (arguments, expected) in cases {
        let output = wf(arguments, folder.path()).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.starts_with(expected), "{said}");
        assert_eq!(output.status.code(), Some(2));
    }
}
