//! The binary, as a person at a shell meets it: each file in `tests/cli/` is a session, commands with all they say.
//!
//! A session runs in a folder of its own, with nothing of the caller's environment. A block that begins with
//! ```` ```file NAME ```` is a file. In a `console` block a line after `$ ` is given to `sh`; what follows is standard
//! output as it is, standard error after `! `, and the exit code in brackets when it is not 0. `BLESS=1` writes down what
//! is said now.
#![allow(clippy::disallowed_methods, reason = "a test of the binary reads and writes files")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

#[test]
fn sessions_say_what_is_written_down() {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("tests/cli")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let queue = Mutex::new(paths.into_iter());
    let faults = Mutex::new(String::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                loop {
                    let Some(path) = queue.lock().unwrap().next() else { break };
                    if let Some(fault) = replay(&path) {
                        faults.lock().unwrap().push_str(&fault);
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    assert!(faults.is_empty(), "\n{faults}\nBLESS=1 writes down what is said now");
}

#[test]
fn the_book_of_codes_is_up_to_date() {
    compare(&root().join("docs/diagnostics.md"), &gatewright::explain::book());
}

#[test]
fn the_workflows_of_the_project_are_clean() {
    for arguments in [["check", "--deny=warnings"], ["fmt", "--check"]] {
        let output = wf(&[arguments[0], arguments[1], "--color=never", "workflows"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn documents_for_programs_fit_their_schemas() {
    for name in ["workflows/hello.wf", "workflows/integration-development.wf", "workflows/feature-development.wf"] {
        for arguments in [&["plan"][..], &["check", "--format=json"]] {
            let schema = json(&wf(&[arguments[0], "--schema"]).stdout);
            let document = json(&wf(&[arguments, &[name]].concat()).stdout);
            let faults: Vec<String> = jsonschema::validator_for(&schema)
                .expect("the schema is one")
                .iter_errors(&document)
                .map(|fault| format!("{}: {fault}", fault.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{name}, {arguments:?}: {faults:#?}");
        }
    }
}

fn wf(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wf")).args(arguments).current_dir(root()).output().unwrap()
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).expect("it is JSON")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn compare(path: &Path, actual: &str) {
    if let Some(fault) = difference(path, actual) {
        panic!("\n{fault}\nBLESS=1 writes down what is said now");
    }
}

/// How a file differs from what is now; with `BLESS` it is written instead.
fn difference(path: &Path, actual: &str) -> Option<String> {
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == actual {
        return None;
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(path, actual).unwrap();
        return None;
    }
    let name = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    let diff = similar_asserts::SimpleDiff::from_str(&expected, actual, "written down", "now");
    Some(format!("{name}\n{diff}\n"))
}

fn replay(path: &Path) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let folder_path = fs::canonicalize(folder.path()).unwrap();
    let text = fs::read_to_string(path).unwrap();
    let mut actual = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let _ = writeln!(actual, "{line}");
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            continue;
        }
        let (fence, info) = line.split_at(ticks);
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != fence).collect();
        match info.split_once(' ') {
            Some(("file", name)) => {
                let file = folder_path.join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, block.join("\n") + "\n").unwrap();
                actual.extend(block.iter().map(|line| format!("{line}\n")));
            }
            _ if info == "console" => {
                for command in block.iter().filter_map(|line| line.strip_prefix("$ ")) {
                    let _ = write!(actual, "$ {command}\n{}", run(command, &folder_path));
                }
            }
            _ => actual.extend(block.iter().map(|line| format!("{line}\n"))),
        }
        let _ = writeln!(actual, "{fence}");
    }
    difference(path, &actual)
}

/// `in 3.1 ms` as `in [TIME]`.
fn without_times(text: &str) -> String {
    let mut rest = text;
    let mut known = String::new();
    while let Some(at) = rest.find(" in ") {
        let (before, after) = rest.split_at(at + 4);
        known.push_str(before);
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let unit = [" ms", " s"].into_iter().find(|unit| digits > 0 && after[digits..].starts_with(unit));
        rest = match unit {
            Some(unit) => {
                known.push_str("[TIME]");
                &after[digits + unit.len()..]
            }
            None => after,
        };
    }
    known + rest
}

/// What a command says, as it is written down.
fn run(command: &str, folder: &Path) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_wf"));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.parent().unwrap().display());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LC_ALL", "C"), ("HOME", "/nonexistent")])
        .env("WORKFLOWS", root().join("workflows"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let known = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).replace(&*folder.to_string_lossy(), "[CWD]");
        without_times(&text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]").replace('\u{1b}', "␛"))
    };
    let mut said = known(&output.stdout);
    if !said.is_empty() && !said.ends_with('\n') {
        said.push_str("(no line end)\n");
    }
    for line in known(&output.stderr).lines() {
        said.push_str(format!("! {line}").trim_end());
        said.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => _ = writeln!(said, "[{code}]"),
        None => said.push_str("[killed]\n"),
    }
    said
}
