//! Pictures of workflows of many shapes: whatever the workflow, nothing overlaps, nothing sticks out, and the same
//! text gives the same bytes.

#[path = "pictures/workflows.rs"]
mod workflows;

use std::collections::HashSet;

use gatewright::analysis::{Runs, Sound};
use gatewright::compile;
use gatewright::emit::graph::measure::{Face, Weight, width};
use gatewright::emit::graph::{self, View};
use gatewright::logic::TRUE;
use gatewright::model::{NodeId, NodeKind};
use gatewright::source::SourceMap;
use roxmltree::{Document, Node};
use unicode_width::UnicodeWidthStr;

/// What rounding to one decimal may cost, several times over.
const SLACK: f64 = 0.5;

/// Calls `look` with each workflow, for all variants and for those of each value of the fact that tells most apart.
fn each_picture(mut look: impl FnMut(&str, Sound<'_, '_>, &View)) {
    let workflows = workflows::workflows();
    assert!(workflows.len() >= 20);
    for (name, text) in &workflows {
        let mut sources = SourceMap::new();
        let file = sources.add(name.as_str(), text.as_str());
        let checked = compile::check(&sources, file);
        let sound = checked.sound().unwrap_or_else(|| {
            let faults: Vec<&str> = checked.diagnostics.iter().map(|fault| fault.message.as_str()).collect();
            panic!("{name} is no sound workflow: {faults:#?}\n{text}")
        });
        look(name, sound, &View::new(sound, TRUE));
        let Some(fact) = sound.main_fact() else { continue };
        for cell in 0..sound.last_variable(fact).map_or(0, |variable| sound.cells(variable).len()) {
            look(&format!("{name}-{cell}"), sound, &View::new(sound, sound.is(fact, cell)));
        }
    }
}

// ── SVG ──────────────────────────────────────────────────────────────────────────────────────────

#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    x: f64,
    y: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn holds(self, inner: Area) -> bool {
        self.x <= inner.x + SLACK
            && self.y <= inner.y + SLACK
            && self.right + SLACK >= inner.right
            && self.bottom + SLACK >= inner.bottom
    }

    fn meets(self, other: Area) -> bool {
        self.x + SLACK < other.right
            && other.x + SLACK < self.right
            && self.y + SLACK < other.bottom
            && other.y + SLACK < self.bottom
    }
}

fn numbers(text: &str) -> Vec<f64> {
    let parts = text.split([' ', ',', 'M', 'L', 'C', 'Z']).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = parts.map(|part| part.parse().unwrap_or_else(|_| panic!("no number: {part}"))).collect();
    assert!(numbers.iter().all(|number| number.is_finite()), "{text}");
    numbers
}

fn area(node: Node<'_, '_>, attribute: &str) -> Option<Area> {
    let [x, y, w, h] = numbers(node.attribute(attribute)?)[..] else { panic!("an area is four numbers") };
    assert!(w >= 0.0 && h >= 0.0, "{node:?}");
    Some(Area { x, y, right: x + w, bottom: y + h })
}

fn number(node: Node<'_, '_>, attribute: &str) -> f64 {
    numbers(node.attribute(attribute).unwrap_or_else(|| panic!("{node:?} has {attribute}")))[0]
}

fn classes<'a>(node: Node<'a, '_>) -> Vec<&'a str> {
    node.attribute("class").unwrap_or_default().split(' ').collect()
}

fn groups<'a, 'd>(node: Node<'a, 'd>) -> impl Iterator<Item = (Node<'a, 'd>, Area)> {
    node.children().filter_map(|child| area(child, "data-box").map(|area| (child, area)))
}

/// The place of a text, measured with the table the picture was made with.
fn text_area(text: Node<'_, '_>) -> Area {
    let (x, y, size) = (number(text, "x"), number(text, "y"), number(text, "font-size"));
    let weight = match classes(text)[..] {
        [_, "b"] => Weight::Bold,
        [_, "m"] => Weight::Mono,
        _ => Weight::Plain,
    };
    let long = width(text.text().unwrap_or_default(), Face { size, weight });
    if let Some(fixed) = text.attribute("textLength") {
        assert!((numbers(fixed)[0] - long).abs() < SLACK, "{text:?}");
    }
    match text.attribute("transform") {
        None => Area { x, y: y - 0.73 * size, right: x + long, bottom: y + 0.21 * size },
        Some(turn) => {
            assert!(turn.starts_with("rotate(-90 "));
            Area { x: x - 0.73 * size, y: y - long, right: x + 0.21 * size, bottom: y }
        }
    }
}

#[test]
fn texts_fit_and_boxes_stand_in_each_other_and_apart() {
    each_picture(|name, sound, view| {
        let svg = graph::svg(sound, view);
        let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        let page = Area { x: 0.0, y: 0.0, right: number(root, "width"), bottom: number(root, "height") };
        assert_eq!(groups(root).map(|(_, area)| area).collect::<Vec<_>>(), [page], "{name}");
        for group in root.descendants().filter(|node| node.has_tag_name("g")) {
            let around = area(group, "data-box").unwrap_or_else(|| panic!("{name}: {group:?} has a place"));
            let inside: Vec<(Node<'_, '_>, Area)> = groups(group).collect();
            for (index, (one, place)) in inside.iter().enumerate() {
                assert!(around.holds(*place), "{name}: {one:?} {place:?} sticks out of {around:?}");
                for (other, there) in &inside[..index] {
                    assert!(!place.meets(*there), "{name}: {one:?} {place:?} covers {other:?} {there:?}");
                }
            }
            for text in group.children().filter(|node| node.has_tag_name("text")) {
                let place = text_area(text);
                assert!(around.holds(place), "{name}: `{:?}` {place:?} sticks out of {around:?}", text.text());
            }
            for path in group.children().filter(|node| node.has_tag_name("path")) {
                for point in numbers(path.attribute("d").expect("a path has points")).chunks(2) {
                    let point = Area { x: point[0], y: point[1], right: point[0], bottom: point[1] };
                    // A lock's shackle is bent with points above it; all else ends within.
                    assert!(page.holds(point), "{name}: {path:?} leaves the page");
                }
            }
        }
    });
}

#[test]
fn ways_do_not_run_behind_what_they_lead_past() {
    each_picture(|name, sound, view| {
        let svg = graph::svg(sound, view);
        let document = Document::parse(&svg).expect("seen above");
        let flows = |node: &Node<'_, '_>| node.has_tag_name("path") && node.attribute("class") == Some("flow");
        for path in document.descendants().filter(flows) {
            let group = path.parent().expect("a path stands in a group");
            for (x, y) in points(path.attribute("d").expect("a path has points")) {
                for (member, place) in groups(group) {
                    let inside =
                        place.x + 1.0 < x && x < place.right - 1.0 && place.y + 1.0 < y && y < place.bottom - 1.0;
                    assert!(!inside, "{name}: a way at {x} {y} runs behind {member:?} {place:?}");
                }
            }
        }
    });
}

/// Points along a path of lines and curves.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for step in path.split_inclusive(['M', 'L', 'C']).collect::<Vec<_>>().windows(2) {
        let values = numbers(step[1].trim_end_matches(['M', 'L', 'C']));
        let (fx, fy) = points.last().copied().unwrap_or((values[0], values[1]));
        for part in 1..=16 {
            let t = f64::from(part) / 16.0;
            let s = 1.0 - t;
            points.push(match values[..] {
                [x, y] => (fx * s + x * t, fy * s + y * t),
                [ax, ay, bx, by, x, y] => {
                    let bent = |f: f64, a: f64, b: f64, e: f64| {
                        s * s * s * f + 3.0 * s * s * t * a + 3.0 * s * t * t * b + t * t * t * e
                    };
                    (bent(fx, ax, bx, x), bent(fy, ay, by, y))
                }
                _ => panic!("a step has two or six numbers: {path}"),
            });
        }
    }
    points
}

#[test]
fn gates_bar_their_body_and_loops_frame_it() {
    each_picture(|name, sound, view| {
        let svg = graph::svg(sound, view);
        let document = Document::parse(&svg).expect("seen above");
        for gate in document.descendants().filter(|node| classes(*node)[0] == "gate" && node.has_tag_name("g")) {
            let body = gate.parent().and_then(|parent| area(parent, "data-body")).expect("a gate stands in a body");
            let place = area(gate, "data-box").expect("a gate has a place");
            assert!((place.x - body.x).abs() < SLACK && (place.right - body.right).abs() < SLACK, "{name}: {gate:?}");
            let bar = gate.children().find(|node| node.attribute("class") == Some("bar")).expect("a gate has a bar");
            let xs: Vec<f64> = points(bar.attribute("d").expect("drawn")).into_iter().map(|(x, _)| x).collect();
            let least = xs.iter().copied().fold(f64::INFINITY, f64::min);
            let most = xs.iter().copied().fold(0.0, f64::max);
            assert!((least - place.x).abs() < SLACK && (most - place.right).abs() < SLACK, "{name}: {least} {most}");
        }
        for item in document.descendants().filter(|node| classes(*node)[0] == "loop" && node.has_tag_name("g")) {
            let place = area(item, "data-box").expect("a loop has a place");
            let frame = item.children().find(|node| node.has_tag_name("rect")).expect("a loop has a frame");
            assert_eq!(number(frame, "width"), number_of(place.right - place.x), "{name}");
            assert_eq!(number(frame, "height"), number_of(place.bottom - place.y), "{name}");
            let said: String = item.descendants().filter_map(|node| node.text()).collect();
            assert!(said.contains("at most ") && said.contains("Loop"), "{name}: {said}");
            assert!(place.holds(area(item, "data-body").expect("a loop has a body")), "{name}");
        }
        let counted = |kind: NodeKind| sound.model.nodes_of(kind).count();
        for kind in [NodeKind::Phase, NodeKind::Stage, NodeKind::Gate, NodeKind::Loop, NodeKind::Spawn, NodeKind::Each]
        {
            let drawn =
                document.descendants().filter(|node| node.has_tag_name("g") && classes(*node)[0] == kind.word());
            assert_eq!(drawn.count(), counted(kind), "{name}: {}", kind.word());
        }
    });
}

fn number_of(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[test]
fn what_is_skipped_is_shown_as_such() {
    each_picture(|name, sound, view| {
        let svg = graph::svg(sound, view);
        let document = Document::parse(&svg).expect("seen above");
        let drawn = document.descendants().filter(|node| node.has_tag_name("g") && classes(*node)[0] == "phase");
        for (phase, drawn) in sound.model.phases().zip(drawn) {
            let said: Vec<&str> = drawn.descendants().filter_map(|node| node.text()).collect();
            let skipped = view.runs(phase) == Runs::Never;
            assert_eq!(classes(drawn).contains(&"skipped"), skipped, "{name}: {said:?}");
            assert!(!skipped || said.contains(&"skipped"), "{name}: {said:?}");
        }
    });
}

#[test]
fn a_picture_is_one_file_that_says_what_it_is_and_never_varies() {
    each_picture(|name, sound, view| {
        let svg = graph::svg(sound, view);
        assert_eq!(svg, graph::svg(sound, view), "{name}");
        for foreign in ["<script", "<image", "href", "url(", "@import", "NaN", "inf "] {
            assert!(!svg.contains(foreign), "{name}: {foreign}");
        }
        assert_eq!(svg.matches("http").count(), 1, "{name}: the name space alone");
        assert!(svg.contains("role=\"img\"") && svg.contains("<title>") && svg.contains("Generated by Gatewright"));
        assert_eq!(graph::text(sound, view, true), graph::text(sound, view, true), "{name}");
        assert_eq!(graph::mermaid(sound, view), graph::mermaid(sound, view), "{name}");
        assert_eq!(graph::dot(sound, view), graph::dot(sound, view), "{name}");
        assert_eq!(graph::json(sound, view), graph::json(sound, view), "{name}");
    });
}

// ── The others ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn the_outline_fits_a_terminal_and_names_every_phase_and_gate() {
    each_picture(|name, sound, view| {
        let text = graph::text(sound, view, false);
        for line in text.lines() {
            assert!(line.width() <= 100, "{name}: {} columns: {line}", line.width());
            assert_eq!(line.trim_end(), line, "{name}");
        }
        for phase in sound.model.phases() {
            let number = format!("{:>2}  ", sound.model.number(phase));
            assert!(text.lines().any(|line| line.contains(&number)), "{name}: phase {number}\n{text}");
        }
        let gates = text.lines().filter(|line| line.contains("━━ Gate ")).count();
        assert_eq!(gates, sound.model.nodes_of(NodeKind::Gate).count(), "{name}\n{text}");
        let painted = graph::text(sound, view, true);
        assert_eq!(anstream::adapter::strip_str(&painted).to_string(), text, "{name}");
    });
}

/// Declared nodes are the first words of lines that do not hold an arrow.
fn arrows_lead_to_nodes(name: &str, text: &str, arrow: &str) {
    let words = |line: &str| line.trim().split(['[', '(', '{', ' ']).next().unwrap_or_default().to_string();
    let declared: HashSet<String> = text.lines().filter(|line| !line.contains(arrow)).map(words).collect();
    for line in text.lines().filter(|line| line.contains(arrow) && !line.contains('"')) {
        for end in line.trim().split(arrow) {
            assert!(declared.contains(end.trim()), "{name}: `{end}` in {line}");
        }
    }
}

#[test]
fn charts_are_balanced_and_their_arrows_lead_somewhere() {
    each_picture(|name, sound, view| {
        let mermaid = graph::mermaid(sound, view);
        let begun = mermaid.lines().filter(|line| line.trim().starts_with("subgraph ")).count();
        assert_eq!(mermaid.lines().filter(|line| line.trim() == "end").count(), begun, "{name}");
        let body = mermaid.split_once("flowchart TD\n").expect("it is a flowchart").1;
        assert!(body.lines().all(|line| line.matches('"').count() % 2 == 0), "{name}\n{body}");
        arrows_lead_to_nodes(name, body, " --> ");
        let dot = graph::dot(sound, view);
        let bare = dot.replace("\\\\", "").replace("\\\"", "");
        assert!(bare.lines().all(|line| line.matches('"').count() % 2 == 0), "{name}\n{dot}");
        let code: String = bare.split('"').step_by(2).collect();
        assert_eq!(code.matches('{').count(), code.matches('}').count(), "{name}\n{dot}");
        arrows_lead_to_nodes(name, &dot, " -> ");
    });
}

#[test]
fn the_data_holds_every_item_with_its_place() {
    each_picture(|name, sound, view| {
        let json: serde_json::Value = serde_json::from_str(&graph::json(sound, view)).expect("it is JSON");
        let nodes = json["nodes"].as_array().expect("a list");
        assert_eq!(nodes.len(), sound.model.nodes.len(), "{name}");
        for (index, node) in nodes.iter().enumerate() {
            let id = NodeId::new(index);
            assert_eq!(node["id"], index, "{name}");
            assert_eq!(node["kind"], sound.model.node(id).kind.word(), "{name}");
            let waits: Vec<usize> = sound.graph.waits(id).into_iter().map(NodeId::index).collect();
            assert_eq!(node["waits"], serde_json::json!(waits), "{name}");
            assert_eq!(node["start"], sound.model.node(id).span.start, "{name}");
        }
    });
}

/// `PICTURES=/tmp/pictures cargo test --test pictures` writes them all, to be looked at.
#[test]
fn pictures_can_be_looked_at() {
    let Some(folder) = std::env::var_os("PICTURES").map(std::path::PathBuf::from) else { return };
    each_picture(|name, sound, view| {
        let text = graph::text(sound, view, false);
        let all = [
            ("svg", graph::svg(sound, view)),
            ("txt", text),
            ("mmd", graph::mermaid(sound, view)),
            ("dot", graph::dot(sound, view)),
        ];
        for (extension, picture) in all {
            std::fs::write(folder.join(format!("{name}.{extension}")), picture).expect("the folder can be written to");
        }
    });
}
