//! `wf build --trace`: which layer each line of a document comes from.
//!
//! A line that the documents of a base have as well comes from there, and from the first layer that has it. So it is told
//! what a workflow has brought about, also where a line is made of several statements.

use std::io::Write;

use similar::{ChangeTag, TextDiff};

use super::session::Session;
use crate::emit::File;

/// One workflow of a chain of them, with what is made of it.
#[derive(Debug)]
pub struct Layer {
    /// The name of its source.
    pub source: String,
    pub files: Vec<File>,
}

/// Writes the documents of the last layer, each line after the source it comes from. The layer that all extend comes first.
pub fn write(session: &mut Session, layers: &[Layer]) -> anyhow::Result<()> {
    let Some((last, _)) = layers.split_last() else { return Ok(()) };
    let width = layers.iter().map(|layer| layer.source.chars().count()).max().unwrap_or(0);
    for file in &last.files {
        writeln!(session.out, "{}", file.path)?;
        for (layer, line) in lines(layers, &file.path) {
            writeln!(session.out, "{:width$} │ {}", layers[layer].source, line)?;
        }
        writeln!(session.out)?;
    }
    Ok(())
}

/// The lines of a document with the layers they come from.
fn lines(layers: &[Layer], path: &str) -> Vec<(usize, String)> {
    let mut known: Vec<(usize, String)> = Vec::new();
    let mut before = "";
    for (index, layer) in layers.iter().enumerate() {
        let Some(file) = layer.files.iter().find(|file| page(&file.path) == page(path)) else { continue };
        let diff = TextDiff::from_lines(before, &file.text);
        let mut old = known.iter().map(|(origin, _)| *origin);
        let mut now = Vec::new();
        for change in diff.iter_all_changes() {
            match change.tag() {
                ChangeTag::Delete => drop(old.next()),
                ChangeTag::Equal => now.push((old.next().unwrap_or(index), change.value().trim_end().to_owned())),
                ChangeTag::Insert => now.push((index, change.value().trim_end().to_owned())),
            }
        }
        (known, before) = (now, &file.text);
    }
    known
}

/// What is the same for a page of a workflow and that of its base: neither the folder nor a number.
fn page(path: &str) -> String {
    let path = path.split_once('/').map_or(path, |(_, rest)| rest);
    path.split('-').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(source: &str, files: &[(&str, &str)]) -> Layer {
        let files =
            files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() }).collect();
        Layer { source: source.to_owned(), files }
    }

    #[test]
    fn a_line_comes_from_the_first_layer_that_has_it() {
        let layers = [
            layer("base", &[("base/references/phase-2-plan.md", "a\nb\nc\n")]),
            layer("middle", &[("middle/references/phase-3-plan.md", "a\nB\nc\n")]),
            layer("child", &[("child/references/phase-3-plan.md", "a\nB\nc\nd\n"), ("child/new.md", "x\n")]),
        ];
        let owned = |found: &[(usize, &str)]| {
            found.iter().map(|(layer, line)| (*layer, (*line).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(
            lines(&layers, "child/references/phase-3-plan.md"),
            owned(&[(0, "a"), (1, "B"), (0, "c"), (2, "d")])
        );
        assert_eq!(lines(&layers, "child/new.md"), owned(&[(2, "x")]));
    }
}
