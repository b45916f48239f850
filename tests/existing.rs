//! Skills written by hand: what is found in the one that the shipped workflow was made from, place by place, and nothing
//! in the one that is generated.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gatewright::skill::lint::{self, Settings};
use gatewright::skill::{Content, Document, Files};
use gatewright::source::{FileId, SourceMap, Span};
use gatewright::{compile, emit};

#[path = "support/shipped.rs"]
mod shipped;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Markdown below a folder, by its path from there.
fn markdown(folder: &Path) -> Vec<(String, String)> {
    let mut open = vec![folder.to_path_buf()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.extend(fs::read_to_string(&path).ok().map(|text| (name, text)));
        }
    }
    found.sort();
    found
}

/// A finding with all its places: `701 S:30 S:51`.
fn findings(texts: &[(String, String)], short: impl Fn(&str) -> String) -> BTreeSet<String> {
    let mut sources = SourceMap::new();
    for (name, text) in texts {
        sources.add(name.clone(), text.clone());
    }
    let mut files = Files::default();
    for (index, (name, _)) in texts.iter().enumerate() {
        let file = FileId::new(index);
        files.insert(name.clone(), Content::Document(Box::new(Document::read(file, &sources.get(file).text))));
    }
    let place = |span: Span| format!("{}:{}", short(&sources.get(span.file).name), sources.place(span).line);
    let found = lint::lint(&files, &Settings::default());
    let found = found.iter().filter(|found| found.code.id.starts_with("SK7"));
    let shown = found.map(|found| {
        let related: BTreeSet<String> = found.related.iter().map(|label| place(label.span)).collect();
        let places: Vec<String> = std::iter::once(place(found.primary.span)).chain(related).collect();
        format!("{} {}", &found.code.id[3..], places.join(" "))
    });
    shown.collect()
}

#[test]
fn the_faults_of_the_original_are_found_and_no_others() {
    let folder = root().join("../shared/seed/orchestrating-integration-development");
    if !folder.exists() {
        return eprintln!("skipped: the original is not at hand");
    }
    let short = |name: &str| if name.ends_with("SKILL.md") { "S".to_owned() } else { "P".to_owned() };
    let expected = [
        // The table of phases and the matrix: SMALL and 5, MEDIUM and 6, SMALL and 12.
        "01 S:30 S:51",
        "01 S:31 S:143 S:52",
        "01 S:37 S:51",
        // Phase 8 is entered on 7, uses the plan of 5, and the architecture of 7.
        "02 P:18 S:32 S:51",
        "03 P:15 P:179 S:51",
        "03 P:28 P:48 P:53 P:83 S:190 S:32 S:51",
        // Gate 2 is hung before phase 9.
        "04 S:106 P:22 P:266 S:239 S:34 S:51",
        // Lines of a file.
        "06 S:120 P:63",
    ];
    let expected: BTreeSet<String> = expected.iter().map(|&row| row.to_owned()).collect();
    assert_eq!(findings(&markdown(&folder), short), expected);
}

#[test]
fn what_is_generated_agrees_with_itself() {
    for workflow in &shipped::names() {
        let (sources, file) = shipped::load(workflow);
        let checked = compile::check(&sources, file);
        let sound = checked.sound().expect("the workflow is clean");
        let files = emit::skill::build(sound, workflow, &[]).expect("the templates are our own");
        let texts: Vec<(String, String)> = files.into_iter().map(|file| (file.path, file.text)).collect();
        assert_eq!(findings(&texts, str::to_owned), BTreeSet::new(), "{workflow}");
    }
}
