//! Every item as data, for tools that draw, count or compare.

use serde::Serialize;

use super::View;
use super::outline::{Item, Outline, Route};
use crate::analysis::{Runs, Sound};
use crate::model::NodeId;
use crate::source::Span;

/// Grows when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema_version: u32,
    generator: &'a str,
    workflow: &'a str,
    title: &'a str,
    /// The chosen variants; absent for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<&'a str>,
    nodes: Vec<Node<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    id: usize,
    kind: &'static str,
    name: &'a str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    number: &'a str,
    /// The item around it; absent for the workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<usize>,
    /// The items of the same body that it waits for.
    waits: Vec<usize>,
    /// As written.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    runs: &'static str,
    #[serde(skip_serializing_if = "is_false")]
    once: bool,
    #[serde(skip_serializing_if = "is_false")]
    required: bool,
    #[serde(skip_serializing_if = "is_false")]
    irreversible: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    outputs: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    decides: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    asks_for: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    routes: Vec<Way<'a>>,
    #[serde(flatten)]
    place: Option<Place>,
}

#[derive(Serialize)]
struct Way<'a> {
    label: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
}

/// Bytes from 0; lines and columns from 1, columns in characters.
#[derive(Serialize)]
struct Place {
    start: u32,
    end: u32,
    line: usize,
    column: usize,
}

/// Writes the items in the order of writing.
pub fn write(sound: Sound<'_, '_>, view: &View, outline: &Outline) -> String {
    let lines: Vec<usize> =
        std::iter::once(0).chain(sound.model.source.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let mut nodes = Vec::new();
    outline.root.walk(&mut |item| nodes.push(node(sound, view, item, outline, &lines)));
    let document = Document {
        schema_version: SCHEMA_VERSION,
        generator: &outline.origin,
        workflow: &outline.name,
        title: &outline.title,
        given: view.given.as_deref(),
        nodes,
    };
    let mut json = serde_json::to_string_pretty(&document).expect("strings, numbers and lists are always JSON");
    json.push('\n');
    json
}

fn node<'a>(sound: Sound<'_, '_>, view: &View, item: &'a Item, outline: &'a Outline, lines: &[usize]) -> Node<'a> {
    let written = sound.model.node(item.id);
    let is_root = item.id == NodeId::new(0);
    Node {
        id: item.id.index(),
        kind: item.kind.word(),
        name: if is_root { &outline.name } else { &item.name },
        title: if is_root { &outline.title } else { &item.title },
        number: &item.number,
        parent: (!is_root).then(|| written.parent.index()),
        waits: sound.graph.waits(item.id).into_iter().map(NodeId::index).collect(),
        when: written.when.as_ref().map(|when| sound.model.written(when.span)),
        runs: match view.runs(item.id) {
            Runs::Always => "always",
            Runs::Never => "never",
            Runs::Depends => "depends",
        },
        once: item.once,
        required: item.required,
        irreversible: item.irreversible,
        outputs: &item.outputs,
        decides: &item.decides,
        asks_for: &item.asks_for,
        bound: item.bound.as_deref(),
        until: item.until.as_deref(),
        routes: item.routes.iter().map(way).collect(),
        place: (written.span.file == sound.model.file).then(|| place(sound.model.source, lines, written.span)),
    }
}

fn way(route: &Route) -> Way<'_> {
    Way { label: &route.label, to: route.to.map(NodeId::index) }
}

fn place(source: &str, lines: &[usize], span: Span) -> Place {
    let start = span.start as usize;
    let line = lines.partition_point(|begin| *begin <= start).max(1);
    let column = source[lines[line - 1]..start].chars().count() + 1;
    Place { start: span.start, end: span.end, line, column }
}

fn is_false(value: &bool) -> bool {
    !*value
}
