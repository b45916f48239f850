//! The picture as a Mermaid flowchart.

use std::fmt::Write;

use super::chart::{Chart, Entry};
use super::outline::{Outline, State};
use crate::model::NodeKind;

/// Colours with their own text, so that they are legible in light and dark themes.
const CLASSES: [(&str, &str); 11] = [
    ("phase", "fill:#ffffff,stroke:#9aa6b4,color:#1f2a37"),
    ("stage", "fill:#f4f7fb,stroke:#c3d0de,color:#1f2a37"),
    ("gate", "fill:#9c3a4c,stroke:#7d2e3d,color:#ffffff"),
    ("spawn", "fill:#eaf5f2,stroke:#8fc2b7,color:#1d5f53"),
    ("step", "fill:#f6f7f9,stroke:#d5dbe3,color:#5b6875"),
    ("each", "fill:#f5faf9,stroke:#8fc2b7,color:#1d5f53,stroke-dasharray:5 4"),
    ("parallel", "fill:#eef1f5,stroke:#c3ccd6,color:#45525f"),
    ("loop", "fill:#f7f5fc,stroke:#8c7cc0,color:#4f3f8c"),
    ("workflow", "fill:#ffffff,stroke:#9aa6b4,color:#1f2a37"),
    ("maybe", "stroke:#b8892f,stroke-dasharray:5 4"),
    ("skipped", "fill:#f8f9fa,stroke:#b3bcc7,color:#6b7785,stroke-dasharray:5 4"),
];

/// Room below the titles of frames: without it the first arrow inside runs through the title.
const CONFIG: &str = "config:\n  flowchart:\n    subGraphTitleMargin:\n      top: 4\n      bottom: 18\n";

/// Writes the outline as a flowchart.
pub fn write(outline: &Outline) -> String {
    let chart = Chart::new(outline);
    let mut page = Page::default();
    let title = match &outline.given {
        Some(given) => format!("{} ({given})", outline.title),
        None => outline.title.clone(),
    };
    let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
    let _ = write!(page.text, "---\ntitle: \"{quoted}\"\n{CONFIG}---\n%% {}\nflowchart TD\n", outline.origin);
    page.entries(&chart.entries, 1);
    for arrow in &chart.arrows {
        let line = match (arrow.back, arrow.label.is_empty()) {
            (false, _) => " --> ".to_string(),
            (true, true) => " -.-> ".to_string(),
            (true, false) => format!(" -. \"{}\" .-> ", escaped(&arrow.label)),
        };
        let _ = writeln!(page.text, "  {}{line}{}", arrow.from, arrow.to);
    }
    for (class, style) in CLASSES {
        let ids: Vec<&str> = page.classes.iter().filter(|(_, of)| *of == class).map(|(id, _)| id.as_str()).collect();
        if !ids.is_empty() {
            let _ = writeln!(page.text, "  classDef {class} {style}\n  class {} {class}", ids.join(","));
        }
    }
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
    classes: Vec<(String, &'static str)>,
}

impl Page {
    fn entries(&mut self, entries: &[Entry], depth: usize) {
        let indent = "  ".repeat(depth);
        for entry in entries {
            let (id, kind, state) = match entry {
                Entry::Node(node) => {
                    let lines: Vec<String> = node.lines.iter().map(|line| escaped(line)).collect();
                    let label = lines.join("<br/>");
                    let _ = match node.kind {
                        NodeKind::Gate => writeln!(self.text, "{indent}{}{{{{\"{label}\"}}}}", node.id),
                        NodeKind::Spawn => writeln!(self.text, "{indent}{}([\"{label}\"])", node.id),
                        NodeKind::Parallel if label.is_empty() => writeln!(self.text, "{indent}{}((\" \"))", node.id),
                        NodeKind::Phase => writeln!(self.text, "{indent}{}(\"{label}\")", node.id),
                        _ => writeln!(self.text, "{indent}{}[\"{label}\"]", node.id),
                    };
                    (&node.id, node.kind, node.state)
                }
                Entry::Frame(frame) => {
                    let _ = writeln!(self.text, "{indent}subgraph {}[\"{}\"]", frame.id, escaped(&frame.title));
                    self.entries(&frame.entries, depth + 1);
                    let _ = writeln!(self.text, "{indent}end");
                    (&frame.id, frame.kind, frame.state)
                }
            };
            self.classes.push((id.clone(), kind.word()));
            match state {
                State::Runs => {}
                State::Maybe => self.classes.push((id.clone(), "maybe")),
                State::Skipped => self.classes.push((id.clone(), "skipped")),
            }
        }
    }
}

/// Mermaid reads HTML, its own entities and some Markdown in quoted texts. Whatever could be one of them is written as
/// a number.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '"' | '#' | '&' | '<' | '>' | ';' | '`' | '\\' | '*' | '_' | '%' | '$' | '{' | '}' | '~' => {
                let _ = write!(escaped, "#{};", u32::from(c));
            }
            c => escaped.push(c),
        }
    }
    // `1. ` at the beginning would be a list.
    match escaped.split_once(". ") {
        Some((digits, _)) if digits.chars().all(|c| c.is_ascii_digit()) => escaped.replacen(". ", "#46; ", 1),
        _ => escaped,
    }
}
