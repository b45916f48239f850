//! The picture as a Graphviz digraph, a cluster per frame.

use std::fmt::Write;

use super::chart::{Chart, Entry};
use super::outline::{Outline, State};
use crate::model::NodeKind;

/// Writes the outline as a digraph.
pub fn write(outline: &Outline) -> String {
    let chart = Chart::new(outline);
    let mut text = format!("// {}\n", outline.origin);
    let title = match &outline.given {
        Some(given) => format!("{}\\n{}", escaped(&outline.title), escaped(given)),
        None => escaped(&outline.title),
    };
    let _ = write!(
        text,
        "digraph \"{}\" {{\n  label=\"{title}\"; labelloc=t; fontsize=20; bgcolor=\"#f6f7f9\"; pad=0.4; nodesep=0.4; ranksep=0.45;\n  \
         fontname=\"Helvetica\"; fontcolor=\"#1f2a37\"; tooltip=\" \"\n  \
         node [fontname=\"Helvetica\", fontsize=12, shape=box, style=\"rounded,filled\", margin=\"0.18,0.09\"]\n  \
         edge [fontname=\"Helvetica\", fontsize=10, color=\"#8d9aa9\", fontcolor=\"#8a3244\", arrowsize=0.8]\n",
        escaped(&outline.name)
    );
    entries(&chart.entries, 1, &mut text);
    for arrow in &chart.arrows {
        let _ = match arrow.back {
            false => writeln!(text, "  {} -> {}", arrow.from, arrow.to),
            true => writeln!(
                text,
                "  {} -> {} [label=\"{}\", style=dashed, color=\"#b0485b\", constraint=false]",
                arrow.from,
                arrow.to,
                escaped(&arrow.label)
            ),
        };
    }
    text.push_str("}\n");
    text
}

fn entries(entries_: &[Entry], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for entry in entries_ {
        match entry {
            Entry::Node(node) if node.lines.is_empty() => {
                let _ = writeln!(text, "{indent}{} [label=\"\", shape=point]", node.id);
            }
            Entry::Node(node) => {
                let lines: Vec<String> = node.lines.iter().map(|line| escaped(line)).collect();
                let (fill, line, font) = colors(node.kind, node.state);
                let dashed = if node.state == State::Runs { "" } else { ",dashed" };
                let style = if node.kind == NodeKind::Gate { "filled" } else { "rounded,filled" };
                let _ = writeln!(
                    text,
                    "{indent}{} [label=\"{}\", style=\"{style}{dashed}\", fillcolor=\"{fill}\", color=\"{line}\", fontcolor=\"{font}\"]",
                    node.id,
                    lines.join("\\n")
                );
            }
            Entry::Frame(frame) => {
                let (fill, line, font) = colors(frame.kind, frame.state);
                let dashed = if frame.state == State::Runs { "" } else { ",dashed" };
                let _ = writeln!(
                    text,
                    "{indent}subgraph cluster_{} {{\n{indent}  label=\"{}\"; fontsize=13; style=\"rounded,filled{dashed}\"; \
                     fillcolor=\"{fill}\"; color=\"{line}\"; fontcolor=\"{font}\"",
                    frame.id,
                    escaped(&frame.title)
                );
                entries(&frame.entries, depth + 1, text);
                let _ = writeln!(text, "{indent}}}");
            }
        }
    }
}

/// Surface, line and text.
fn colors(kind: NodeKind, state: State) -> (&'static str, &'static str, &'static str) {
    match (kind, state) {
        (_, State::Skipped) => ("#f8f9fa", "#b3bcc7", "#6b7785"),
        (NodeKind::Gate, _) => ("#9c3a4c", "#7d2e3d", "#ffffff"),
        (NodeKind::Spawn, _) => ("#eaf5f2", "#8fc2b7", "#1d5f53"),
        (NodeKind::Each, _) => ("#f5faf9", "#8fc2b7", "#1d5f53"),
        (NodeKind::Loop, _) => ("#f7f5fc", "#8c7cc0", "#4f3f8c"),
        (NodeKind::Parallel, _) => ("#eef1f5", "#c3ccd6", "#45525f"),
        (NodeKind::Stage, _) => ("#f4f7fb", "#c3d0de", "#1f2a37"),
        (NodeKind::Step, _) => ("#f6f7f9", "#d5dbe3", "#5b6875"),
        (NodeKind::Phase | NodeKind::Workflow, _) => ("#ffffff", "#9aa6b4", "#1f2a37"),
    }
}

/// A text in double quotes: a backslash would begin an escape of Graphviz.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
