//! `wf build --trace`: which layer each line of a document comes from.
//!
//! A line that the same document of a base has as well comes from there, and from the first layer that has it. So it is told
//! what a workflow has brought about, also where a line is made of several statements. Of a layer of which no documents can
//! be made by itself the texts are known: a line comes from there when nothing later stands in it.

use std::collections::HashSet;
use std::io::Write;

use super::session::Session;
use crate::emit::File;
use crate::origin::{Origin, Origins};
use crate::source::FileId;

/// One workflow of a chain of them, with what is made of it.
#[derive(Debug)]
pub struct Layer {
    pub file: FileId,
    /// The name of its source.
    pub source: String,
    /// `None`: it has errors by itself, which a workflow that extends it mends.
    pub files: Option<Vec<File>>,
}

/// The layers of a workflow, the one that all extend first and the workflow last.
#[derive(Debug, Default)]
pub struct Layers {
    pub all: Vec<Layer>,
    /// What the lines of the last one come from, when there are layers without documents.
    pub origins: Origins,
}

/// Writes the documents of the last layer, each line after the source it comes from.
pub fn write(session: &mut Session, layers: &Layers) -> anyhow::Result<()> {
    let Some(files) = layers.all.last().and_then(|last| last.files.as_ref()) else { return Ok(()) };
    for layer in layers.all.iter().filter(|layer| layer.files.is_none()) {
        session.talk(format_args!(
            "`{}` has errors by itself: only its texts are told, and not what else it has brought about",
            layer.source
        ));
    }
    let width = layers.all.iter().map(|layer| layer.source.chars().count()).max().unwrap_or(0);
    for file in files {
        writeln!(session.out, "{}", file.path)?;
        for (layer, line) in layers.lines(file) {
            writeln!(session.out, "{:width$} │ {}", layers.all[layer].source, line)?;
        }
        writeln!(session.out)?;
    }
    Ok(())
}

impl Layers {
    /// The lines of a document of the last layer with the layers they come from.
    fn lines<'f>(&'f self, file: &'f File) -> Vec<(usize, &'f str)> {
        let known: Vec<HashSet<&str>> = (0..self.all.len()).map(|layer| self.known(layer, file)).collect();
        let layer_of = |line: &str| known.iter().position(|known| known.contains(line)).unwrap_or(self.all.len() - 1);
        file.text.lines().map(|line| (layer_of(line), line.trim_end())).collect()
    }

    /// The lines of a document that a layer has, too.
    fn known<'f>(&'f self, layer: usize, file: &'f File) -> HashSet<&'f str> {
        if let Some(files) = &self.all[layer].files {
            let same = files.iter().filter(|other| page(&other.path) == page(&file.path));
            return same.flat_map(|other| other.text.lines()).collect();
        }
        let origins = self.origins.get(&file.path).map(Vec::as_slice).unwrap_or_default();
        let age = |origin: &Origin| self.all.iter().position(|layer| layer.file == origin.oldest);
        let is_from =
            |origins: &[Origin]| origins.iter().filter(|origin| origin.is_text).map(age).max() == Some(Some(layer));
        file.text.lines().zip(origins).filter(|(_, origins)| is_from(origins)).map(|(line, _)| line).collect()
    }
}

/// What is the same for a page of a workflow and that of its base: neither the folder nor a number.
fn page(path: &str) -> String {
    let path = path.split_once('/').map_or(path, |(_, rest)| rest);
    path.split('-').filter(|part| !part.bytes().all(|byte| byte.is_ascii_digit())).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn layer(index: usize, files: Option<&[(&str, &str)]>) -> Layer {
        let file = |(path, text): &(&str, &str)| File { path: (*path).to_owned(), text: (*text).to_owned() };
        let files = files.map(|files| files.iter().map(file).collect());
        Layer { file: FileId::new(index), source: format!("{index}.wf"), files }
    }

    fn told(layers: &Layers, path: &str) -> Vec<(usize, String)> {
        let files = layers.all.last().and_then(|last| last.files.as_ref()).expect("the last one is built");
        let file = files.iter().find(|file| file.path == path).expect("it has the page");
        layers.lines(file).into_iter().map(|(layer, line)| (layer, line.to_owned())).collect()
    }

    fn owned(found: &[(usize, &str)]) -> Vec<(usize, String)> {
        found.iter().map(|(layer, line)| (*layer, (*line).to_owned())).collect()
    }

    #[test]
    fn a_line_comes_from_the_first_layer_that_has_it_wherever_it_stands() {
        let all = vec![
            layer(0, Some(&[("base/references/phase-2-plan.md", "a\nb\nc\n")])),
            layer(1, Some(&[("middle/references/phase-3-plan.md", "a\nB\nc\n")])),
            layer(2, Some(&[("child/references/phase-3-plan.md", "c\na\nB\nc\nd\na\n"), ("child/new.md", "x\n")])),
        ];
        let layers = Layers { all, origins: Origins::new() };
        let expected = owned(&[(0, "c"), (0, "a"), (1, "B"), (0, "c"), (2, "d"), (0, "a")]);
        assert_eq!(told(&layers, "child/references/phase-3-plan.md"), expected);
        assert_eq!(told(&layers, "child/new.md"), owned(&[(2, "x")]));
    }

    #[test]
    fn of_a_layer_without_documents_the_texts_are_known() {
        let all = vec![
            layer(0, None),
            layer(1, Some(&[("middle/a.md", "text\n1 of 2\n")])),
            layer(2, Some(&[("child/a.md", "text\n1 of 2\nboth\n1 of 3\n")])),
        ];
        let from = |layers: &[usize]| {
            let origin =
                |layer: &usize| Origin { until: 1, span: Span::default(), oldest: FileId::new(*layer), is_text: true };
            layers.iter().map(origin).collect::<Vec<_>>()
        };
        let lines = vec![from(&[0]), Vec::new(), from(&[0, 2]), Vec::new()];
        let layers = Layers { all, origins: Origins::from([("child/a.md".to_owned(), lines)]) };
        let expected = owned(&[(0, "text"), (1, "1 of 2"), (2, "both"), (2, "1 of 3")]);
        assert_eq!(told(&layers, "child/a.md"), expected);
    }
}
