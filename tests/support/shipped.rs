//! The workflows of the project, each with the files that it uses.

use std::fs;
use std::path::Path;

use gatewright::family;
use gatewright::source::{FileId, SourceMap};

/// Their names, sorted.
pub fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("workflows are shipped");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().to_string()).collect();
    names.sort();
    names
}

pub fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).expect("a shipped workflow")
}

/// The sources of all of them, linked, and the file of one.
pub fn load(name: &str) -> (SourceMap, FileId) {
    with_text(name, text(name))
}

/// The same, with another text in the place of one file.
pub fn with_text(name: &str, changed: String) -> (SourceMap, FileId) {
    let mut sources = SourceMap::new();
    let files: Vec<(String, FileId)> = names()
        .into_iter()
        .map(|other| {
            let text = if other == name { changed.clone() } else { text(&other) };
            let file = sources.add(other.as_str(), text);
            (other, file)
        })
        .collect();
    let all: Vec<FileId> = files.iter().map(|(_, file)| *file).collect();
    family::link(&mut sources, &all);
    let file = files.iter().find(|(other, _)| other == name).expect("it is shipped").1;
    (sources, file)
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("workflows")
}
