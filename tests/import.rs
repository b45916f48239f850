//! Skills become workflows that compile, and come back from them as they went.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod support;

use gatewright::analysis::Runs;
use gatewright::compare;
use gatewright::compile::{self, Checked};
use gatewright::emit::skill;
use gatewright::model::{Condition, NodeKind};
use gatewright::skill::import::{Import, import, is_resolved};
use gatewright::skill::lint::{self, Settings};
use gatewright::skill::{Content, Document, Files};
use gatewright::source::SourceMap;
use proptest::prelude::*;
use support::for_all;
use support::skills::{self, Skill, Variant};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// The Markdown below a folder, by its path in it.
fn folder(path: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![path.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push((path, ()));
            }
        }
    }
    let mut files: Vec<(String, String)> = found
        .into_iter()
        .map(|(file, ())| {
            let below = file.strip_prefix(path).expect("it lies below").to_string_lossy().to_string();
            (format!("s/{below}"), fs::read_to_string(&file).expect("it is text"))
        })
        .collect();
    files.sort();
    files
}

fn imported(files: &[(String, String)]) -> Import {
    let mut sources = SourceMap::new();
    let ids: Vec<_> = files.iter().map(|(path, text)| sources.add(path, text.as_str())).collect();
    let mut read = Files::default();
    for ((path, text), id) in files.iter().zip(ids) {
        read.insert(path, Content::Document(Box::new(Document::read(id, text))));
    }
    import(&read.skills()[0]).expect("the skill names its phases")
}

fn errors(text: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("imported.wf", text);
    let checked = compile::check(&sources, file);
    let errors = checked.diagnostics.iter().filter(|found| found.is_error());
    errors.map(|found| format!("{}: {}", sources.place(found.primary.span).line, found.message)).collect()
}

/// The skill that a workflow is built to.
fn built(text: &str) -> Vec<(String, String)> {
    let mut sources = SourceMap::new();
    let file = sources.add("imported.wf", text);
    let checked = compile::check(&sources, file);
    let sound = checked.sound().expect("it compiles");
    let files = skill::build(sound, "imported.wf", &[]).expect("built-in templates");
    let mut files: Vec<(String, String)> =
        files.into_iter().map(|file| (format!("o/{}", file.path), file.text)).collect();
    files.retain(|(path, _)| path.ends_with(".md"));
    files
}

fn differences(old: &str, new: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let (old, new) = (sources.add("old.wf", old), sources.add("new.wf", new));
    let (old, new) = (compile::check(&sources, old), compile::check(&sources, new));
    let found = compare::compare(&old.analysis, &new.analysis).expect("small enough");
    found.differences.into_iter().map(|difference| difference.message).collect()
}

/// Imports, builds and imports again.
fn round_trip(path: &str) -> Option<(Import, Import)> {
    let path = root().join(path);
    if !path.is_dir() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    let first = imported(&folder(&path));
    assert_eq!(errors(&first.text), [""; 0]);
    let files = built(&first.text);
    let second = imported(&files);
    assert_eq!(errors(&second.text), [""; 0]);
    Some((first, second))
}

/// Each folder in `tests/import` stands beside the workflow that is made of it.
#[test]
fn skills_become_these_workflows() {
    let cases = root().join("tests/import");
    let mut count = 0;
    for entry in fs::read_dir(&cases).expect("the cases are there").flatten().filter(|entry| entry.path().is_dir()) {
        let name = entry.file_name().to_string_lossy().to_string();
        let first = imported(&folder(&entry.path()));
        assert_eq!(errors(&first.text), [""; 0], "{name}");
        let expected = cases.join(format!("{name}.wf"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&expected, &first.text).expect("it can be written");
        }
        let expected = fs::read_to_string(expected).expect("run with BLESS=1 to write it");
        similar_asserts::assert_eq!(first.text, expected, "{name}");
        let second = imported(&built(&first.text));
        assert_eq!(differences(&first.text, &second.text), [""; 0], "{name}");
        count += 1;
    }
    assert!(count >= 2, "{count} cases");
}

fn integration() -> &'static str {
    "../shared/corpus/.claude/skill-library/development/integrations/orchestrating-integration-development"
}

/// How many phases run in each variant.
fn phases_by_variant(text: &str) -> Vec<usize> {
    let mut sources = SourceMap::new();
    let file = sources.add("imported.wf", text);
    let checked = compile::check(&sources, file);
    let sound = checked.sound().expect("it compiles");
    let fact = sound.main_fact().expect("a fact tells the variants apart");
    let variable = sound.last_variable(fact).expect("it is decided");
    let runs = |cell: usize| {
        let given = sound.is(fact, cell);
        sound.model.phases().filter(|phase| sound.runs(*phase, given) == gatewright::analysis::Runs::Always).count()
    };
    (0..sound.cells(variable).len()).map(runs).collect()
}

#[test]
fn the_seed_comes_back_as_it_went() {
    if let Some((first, second)) = round_trip("../shared/seed/orchestrating-integration-development") {
        let resolved = first.disagreements.iter().filter(|found| is_resolved(found)).count();
        assert_eq!((first.disagreements.len(), resolved), (8, 7));
        // The gate before a phase that is skipped, an entry, and two inputs stay in texts.
        let standing: Vec<&str> = first
            .disagreements
            .iter()
            .zip(&first.still_said)
            .filter(|(_, places)| !places.is_empty())
            .map(|(found, _)| found.code.id)
            .collect();
        assert_eq!(standing, ["SK704", "SK703", "SK702", "SK703"]);
        let texts = folder(&root().join("../shared/seed/orchestrating-integration-development"));
        for place in first.still_said.iter().flatten() {
            let text = &texts[place.file.index()].1;
            let start = text[..place.start as usize].rfind('\n').map_or(0, |at| at + 1);
            let line = text[start..].lines().next().expect("there is a line");
            assert!(first.text.contains(line.split("](").next().expect("a part")), "{line}");
        }
        assert_eq!(phases_by_variant(&first.text), [12, 15, 16]);
        assert_eq!(differences(&first.text, &second.text), [""; 0]);
    }
}

#[test]
fn the_integration_skill_comes_back_as_it_went() {
    if let Some((first, second)) = round_trip(integration()) {
        assert_eq!(phases_by_variant(&first.text), [12, 15, 16]);
        assert_eq!(differences(&first.text, &second.text), [""; 0]);
    }
}

#[test]
fn the_feature_skill_comes_back_as_it_went() {
    let path = "../shared/corpus/.claude/skill-library/development/orchestrating-feature-development";
    if let Some((first, second)) = round_trip(path) {
        assert_eq!(differences(&first.text, &second.text), [""; 0]);
    }
}

/// What `wf` prints.
fn wf(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_wf")).args(arguments).output().expect("wf runs");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

/// Between a skill and what it is imported to stands what it says in two ways, and nothing else.
#[test]
fn a_skill_differs_from_its_workflow_in_what_was_resolved() {
    let feature = "../shared/corpus/.claude/skill-library/development/orchestrating-feature-development";
    for path in ["../shared/seed/orchestrating-integration-development", integration(), feature] {
        let folder = root().join(path);
        if !folder.is_dir() {
            eprintln!("skipped: {} is not here", folder.display());
            continue;
        }
        let import = imported(&self::folder(&folder));
        let resolved = import.disagreements.iter().filter(|found| is_resolved(found));
        let resolved: Vec<&str> = resolved.map(|found| found.message.as_str()).collect();
        assert!(resolved.len() >= 6, "{path}: {resolved:#?}");
        let file = std::env::temp_dir().join(format!("gatewright-import-{}.wf", std::process::id()));
        fs::write(&file, &import.text).expect("it can be written");
        let (shown, exit) = wf(&["diff", &folder.to_string_lossy(), &file.to_string_lossy()]);
        fs::remove_file(&file).expect("it was written");
        let (told, rest): (Vec<&str>, Vec<&str>) = shown.lines().partition(|line| line.starts_with("resolved  "));
        assert_eq!(rest, ["", "no other difference in meaning"], "{path}");
        assert_eq!(told.len(), resolved.len(), "{path}");
        assert!(told.iter().zip(&resolved).all(|(told, message)| told.contains(message)), "{path}: {told:#?}");
        let standing = import.still_said.iter().filter(|places| !places.is_empty()).count();
        assert_eq!(told.iter().filter(|told| told.contains("; still said at ")).count(), standing, "{path}");
        assert_eq!(exit, Some(0));
    }
}

/// All skills of others that name phases.
#[test]
fn each_skill_with_phases_becomes_a_workflow() {
    let corpus = root().join("../shared/corpus");
    if !corpus.is_dir() {
        return eprintln!("skipped: {} is not here", corpus.display());
    }
    let mut sources = SourceMap::new();
    let texts = folder(&corpus);
    let ids: Vec<_> = texts.iter().map(|(path, text)| sources.add(path, text.as_str())).collect();
    let mut read = Files::default();
    for ((path, text), id) in texts.iter().zip(ids) {
        read.insert(path, Content::Document(Box::new(Document::read(id, text))));
    }
    let mut count = 0;
    for skill in read.skills() {
        let Some(first) = import(&skill) else { continue };
        assert_eq!(errors(&first.text), [""; 0], "{}", skill.path);
        let files = built(&first.text);
        let second = imported(&files);
        assert_eq!(differences(&first.text, &second.text), [""; 0], "{}", skill.path);
        // What is built disagrees in nothing with itself in which the skill did not.
        let own: Vec<(String, String)> = skill
            .documents
            .iter()
            .map(|(path, document)| (path.replacen(skill.path, "s", 1), document.text.to_owned()))
            .collect();
        let mut before = disagreements(&own);
        for found in disagreements(&files) {
            let code = &found[..5];
            let known = before.iter().position(|before| before.starts_with(code));
            assert!(known.is_some(), "{}: {found}", skill.path);
            known.map(|known| before.swap_remove(known));
        }
        count += 1;
    }
    assert_eq!(count, 31);
}

/// Where a skill disagrees with itself.
fn disagreements(files: &[(String, String)]) -> Vec<String> {
    let mut sources = SourceMap::new();
    let ids: Vec<_> = files.iter().map(|(path, text)| sources.add(path, text.as_str())).collect();
    let mut read = Files::default();
    for ((path, text), id) in files.iter().zip(ids) {
        read.insert(path, Content::Document(Box::new(Document::read(id, text))));
    }
    let found = lint::lint(&read, &Settings::default());
    let found = found.iter().filter(|found| found.code.id.starts_with("SK7"));
    found.map(|found| format!("{} {}", found.code.id, found.message)).collect()
}

/// What a workflow does in each of its variants.
fn behaviour(checked: &Checked<'_>) -> Vec<Variant> {
    let sound = checked.sound().expect("it compiles");
    let model = &sound.model;
    let of = |name: Option<String>, given| {
        let stands = |node: &_| sound.runs(*node, given) == Runs::Always;
        let mut variant = Variant { name, ..Variant::default() };
        variant.runs = model.phases().filter(stands).map(|phase| model.title(phase)).collect();
        for gate in model.nodes_of(NodeKind::Gate).filter(stands) {
            if let Some(phase) = model.phase_of(gate) {
                variant.asks.insert(model.title(phase));
                continue;
            }
            let before = model.phases().filter(|phase| phase < &gate).last().expect("it follows one");
            let applies = |when: &Condition| sound.covers(sound.holds_finally(when), given) == Runs::Always;
            for item in model.gate_items(gate) {
                let title = item.title.as_ref().map_or("", |title| title.raw);
                if title.contains("What gate ") && item.when.as_ref().is_none_or(|when| applies(when)) {
                    *variant.gates.entry(model.title(before)).or_default() += 1;
                }
            }
        }
        variant
    };
    let Some(fact) = sound.main_fact() else { return vec![of(None, gatewright::logic::TRUE)] };
    let variable = sound.last_variable(fact).expect("it is decided");
    let name = |cell| sound.shown(variable, cell).1;
    (0..sound.cells(variable).len()).map(|cell| of(Some(name(cell)), sound.is(fact, cell))).collect()
}

/// What is wrong with what a consistent skill becomes; each fault begins with its kind.
fn faults(made: &Skill) -> Vec<String> {
    let mut faults: Vec<String> = disagreements(&made.files).into_iter().map(|said| format!("lint: {said}")).collect();
    let first = imported(&made.files);
    let wrong = errors(&first.text);
    if !wrong.is_empty() {
        faults.extend(wrong.into_iter().map(|error| format!("refused: {error}")));
        return faults;
    }
    let mut sources = SourceMap::new();
    let file = sources.add("imported.wf", first.text.as_str());
    let checked = compile::check(&sources, file);
    let mut expected = made.variants.clone();
    let found = behaviour(&checked);
    if found.len() == 1 {
        // Where nothing depends on the kind of work, there is one.
        expected.dedup_by(|one, other| (&one.runs, &one.asks, &one.gates) == (&other.runs, &other.asks, &other.gates));
        expected.iter_mut().for_each(|variant| variant.name = None);
    }
    expected.iter_mut().for_each(|variant| {
        variant.name = variant.name.as_ref().map(|name| name.replace([' ', '-'], "_"));
    });
    if found != expected {
        faults.push(format!("meaning: {found:#?}\nis not {expected:#?}"));
    }
    let files = built(&first.text);
    faults.extend(disagreements(&files).into_iter().map(|said| format!("built: {said}")));
    let second = imported(&files);
    let wrong = errors(&second.text);
    faults.extend(wrong.iter().map(|error| format!("refused again: {error}")));
    if wrong.is_empty() {
        let differ = differences(&first.text, &second.text);
        faults.extend(differ.into_iter().map(|difference| format!("round trip: {difference}")));
    }
    faults
}

/// However it is written, a skill that does not contradict itself becomes a workflow that does what it says.
#[test]
fn consistent_skills_become_what_they_say() {
    for_all(80, 5, 300, |data| {
        let made = skills::consistent(data);
        let faults = faults(&made);
        let files = || made.files.iter().map(|(path, text)| format!("== {path}\n{text}")).collect::<String>();
        prop_assert!(faults.is_empty(), "{}\n{}\n{}", faults.join("\n"), files(), imported(&made.files).text);
        Ok(())
    });
}
