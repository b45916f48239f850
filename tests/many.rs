//! Many files: each is read and parsed once, and what is said and written does not depend on the number of threads.
#![allow(clippy::disallowed_methods, reason = "a test of the binary reads and writes files")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use gatewright::compile::Project;
use gatewright::source::{FileId, SourceMap};
use gatewright::syntax::ast::Kind;
use gatewright::{family, syntax};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

const CHILDREN: usize = 60;

/// A base, a library that it shares with its children, and the children: with a warning in the base, which all inherit.
fn family() -> Vec<(String, String)> {
    let base = "use \"agents.wf\"\n\nworkflow base \"Base\"\n\nphase plan \"Plan\" {\n  produces plan\n  \
                spawn lead \"Plan it\"\n}\n\nphase build \"Build\" {\n  purpose \"Follows Phase 3 (Plan)\"\n  reads plan\n  spawn lead \"Build it\"\n}\n";
    let mut files = vec![
        ("agents.wf".to_owned(), "agent lead \"Leads\"\n\nagent critic \"Looks for what is wrong\"\n".to_owned()),
        ("base.wf".to_owned(), base.to_owned()),
    ];
    for index in 0..CHILDREN {
        let text = format!(
            "use \"base.wf\"\nuse \"agents.wf\"\n\nworkflow child{index} extends base\n\n\
             insert phase review{index} \"Review {index}\" after build {{\n  reads plan\n  spawn critic \"Read it\"\n}}\n"
        );
        files.push((format!("child{index}.wf"), text));
    }
    files
}

fn write(folder: &Path, files: &[(String, String)]) {
    for (name, text) in files {
        fs::write(folder.join(name), text).expect("the folder is ours");
    }
}

/// What is said, without how long it took.
fn said(output: &Output) -> String {
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let mut known = String::new();
    for line in text.lines().filter(|line| !line.starts_with("took ")) {
        let (line, _) = line.split_once(" variants in ").unwrap_or((line, ""));
        let _ = writeln!(known, "{line}");
    }
    known
}

/// All files below a folder with their bytes.
fn tree(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(
                fs::read_dir(&path).expect("it is a folder").map(|entry| entry.expect("it can be read").path()),
            );
        } else {
            let name = path.strip_prefix(folder).expect("it lies below").display().to_string();
            found.insert(name, fs::read(&path).expect("it can be read"));
        }
    }
    found
}

fn wf(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1").output().expect("the binary runs")
}

/// Does something with all processors, then with one: a process begins with those of the thread that starts it.
fn on_all_and_on_one<T: Send>(work: impl Fn() -> T + Sync) -> (T, T) {
    let on_one = || {
        let this = Pid::from_raw(0);
        let all = sched_getaffinity(this).expect("a thread has processors");
        let first = (0..CpuSet::count()).find(|cpu| all.is_set(*cpu).unwrap_or(false)).expect("it has one");
        let mut one = CpuSet::new();
        one.set(first).expect("it is below the count");
        sched_setaffinity(this, &one).expect("fewer are allowed");
        work()
    };
    std::thread::scope(|scope| (work(), scope.spawn(on_one).join().expect("it does not panic")))
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let mut faulty = family();
    // Faults in the middle, in the base's own library, and two workflows of one name.
    faulty[7].1 = faulty[7].1.replace("spawn critic", "spawn crtic");
    faulty[40].1 = faulty[40].1.replace("after build", "after bild");
    faulty[20].1 = faulty[20].1.replace("workflow child18", "workflow child5");
    for files in [family(), faulty] {
        for arguments in [&["check", "."][..], &["check", ".", "--format", "json"], &["test", "."], &["build", "."]] {
            let run = || {
                let folder = tempfile::tempdir().expect("there is room");
                write(folder.path(), &files);
                let output = wf(arguments, folder.path());
                (output.status.code(), said(&output), tree(folder.path()))
            };
            let (all, one) = on_all_and_on_one(run);
            assert_eq!(all.0, one.0);
            assert_eq!(all.1, one.1);
            assert!(all.2 == one.2, "{arguments:?} writes the same");
            let is_written = arguments[0] == "build" && files[7].1.contains("critic");
            assert_eq!(all.2.len() > files.len(), is_written, "{arguments:?} writes all or nothing");
        }
    }
}

#[test]
fn each_file_is_read_once() {
    let folder = tempfile::tempdir().expect("there is room");
    write(folder.path(), &family());
    for command in ["check", "build", "test"] {
        let output = wf(&[command, "--verbose", "."], folder.path());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let mut read: Vec<&str> =
            said.lines().filter_map(|line| line.split_once(" bytes from ")).map(|line| line.1).collect();
        assert_eq!(read.len(), CHILDREN + 2, "{said}");
        read.sort_unstable();
        read.dedup();
        assert_eq!(read.len(), CHILDREN + 2, "{said}");
    }
}

#[test]
fn each_file_is_parsed_once() {
    let mut sources = SourceMap::new();
    let files: Vec<FileId> = family().into_iter().map(|(name, text)| sources.add(name, text)).collect();
    family::link(&mut sources, &files);
    let project = Project::new(&sources);
    let half = |parity: usize| {
        for file in files.iter().skip(parity).step_by(2) {
            let checked = project.check(*file);
            let found: Vec<&str> = checked.diagnostics.iter().map(|found| found.code.id).collect();
            let expected: &[&str] = if checked.analysis.model.header.is_some() { &["WF190", "WF902"] } else { &[] };
            assert_eq!(found, expected, "{}", sources.get(*file).name);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| half(0));
        scope.spawn(|| half(1));
    });
    assert_eq!(project.parsed(), CHILDREN + 2);
}

/// What is found in a library is found by each file that says so, also where there are errors in one of them.
#[test]
fn a_file_says_all_that_its_libraries_have_to_say() {
    let texts: Vec<String> = texts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"))
        .into_iter()
        .map(|text| declarations(&text))
        .filter(|text| !text.is_empty())
        .collect();
    let (mut covered, mut said, mut errors) = (0, 0, 0);
    for pair in texts.windows(2) {
        let flow = "workflow top\n\nphase only {\n  purpose \"${nobody}\"\n}\n";
        for (own, flow) in
            [("", flow), ("", "workflow top\n\nphase only\n"), (&*pair[1], "workflow top\n\nphase only\n")]
        {
            let mut sources = SourceMap::new();
            let files = [
                ("low.wf", pair[0].clone()),
                ("middle.wf", format!("use \"low.wf\"\n\nlet middle = 1\n\n{own}")),
                ("high.wf", "use \"middle.wf\"\n\nlet high = 1\n".to_owned()),
                ("beside.wf", pair[1].clone()),
                ("top.wf", format!("use \"high.wf\"\nuse \"beside.wf\" as beside\n\n{flow}")),
            ];
            let files = files.map(|(name, text)| sources.add(name, text));
            family::link(&mut sources, &files);
            let project = Project::new(&sources);
            let all = files.map(|file| project.check(file));
            for user in &all {
                for library in user.libraries() {
                    let library = &all[library.index()];
                    covered += 1;
                    said += library.diagnostics.len();
                    errors += library.diagnostics.iter().filter(|found| found.is_error()).count();
                    for found in &library.diagnostics {
                        assert!(user.diagnostics.contains(found), "{found:?}\n{}\n---\n{}", pair[0], pair[1]);
                    }
                }
            }
        }
    }
    assert!(covered > 1000 && errors > 100, "{covered} libraries, {said} findings, {errors} errors");
}

/// What a text declares that a library can hold.
fn declarations(text: &str) -> String {
    use Kind::{Agent, Enum, Fact, Let, Limit, Procedure, Skill};
    let (tree, _) = syntax::parse(FileId::new(0), text);
    let is_declared =
        |kind: &Kind| matches!(kind, Enum(_) | Let(_) | Limit(_) | Agent(_) | Skill(_) | Procedure(_) | Fact(_));
    let items = tree.items.iter().filter(|item| is_declared(&item.kind));
    items.map(|item| format!("{}\n\n", tree.slice(item.span))).collect()
}

/// All texts of workflows below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let found = tree(folder).into_iter().filter(|(name, _)| name.ends_with(".wf"));
    found.map(|(_, text)| String::from_utf8_lossy(&text).into_owned()).collect()
}
