//! The picture as SVG: a page with the title, the workflow and a legend.
//!
//! Groups carry their place in `data-box` and that of their body in `data-body`, so that a test, or a script, can tell
//! what stands where.

use std::fmt::Write;

use super::flow::{Rows, label};
use super::layout::Layout;
use super::measure::{self, Face, Weight};
use super::outline::{Item, Outline};
use super::paint;
use super::scene::{Area, Group, Mark, Step};
use crate::model::NodeKind;

const MARGIN: f64 = 36.0;
/// The least width of the workflow, so that a small one is not a strip.
const LEAST: f64 = 560.0;
const TITLE: Face = Face { size: 23.0, weight: Weight::Bold };
const NAME: Face = Face { size: 13.0, weight: Weight::Plain };

/// Draws the outline.
pub fn write(outline: &Outline) -> String {
    let page = page(outline);
    let mut svg = String::new();
    let (w, h) = (page.area.w, page.area.h);
    let _ = write!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" role="img" class="gw" width="{0}" height="{1}" viewBox="0 0 {0} {1}">"#,
        number(w),
        number(h)
    );
    let _ = write!(svg, "\n<!-- {} -->\n<title>{}</title>\n", outline.origin, escaped(&outline.title));
    let about =
        outline.given.as_ref().map_or_else(|| outline.size.clone(), |given| format!("{}; {given}", outline.size));
    let _ = write!(
        svg,
        "<desc>The workflow {}: {}.</desc>\n<style>{}</style>\n",
        escaped(&outline.name),
        escaped(&about),
        paint::style()
    );
    write_group(&page, 0.0, 0.0, &mut svg);
    svg.push_str("</svg>\n");
    svg
}

fn page(outline: &Outline) -> Group {
    let workflow = Layout::of(&outline.root, LEAST);
    let width = workflow.area.w;
    let mut top = Rows::new(MARGIN, MARGIN - 6.0, width);
    top.put(label(&outline.title, TITLE, "title", width, 3));
    top.next_row();
    let said = [Some(outline.name.as_str()), Some(outline.size.as_str())];
    let said: Vec<&str> = said.into_iter().flatten().filter(|text| !text.is_empty()).collect();
    top.put(label(&said.join("  ·  "), NAME, "name", width, 2));
    if let Some(given) = &outline.given {
        top.next_row();
        top.put(label(given, Face { weight: Weight::Bold, ..NAME }, "title", width, 3));
    }
    let mut page = Group { class: "page".to_string(), ..Group::default() };
    let y = top.bottom() + 22.0;
    page.groups = top.placed;
    let area = workflow.area.moved(MARGIN, y);
    page.groups.push(Group { area, ..workflow });
    let mut legend = Rows::new(MARGIN, area.bottom() + 30.0, width);
    samples(&outline.root).into_iter().for_each(|sample| legend.put(sample));
    let bottom = legend.bottom() + MARGIN - 8.0;
    page.groups.extend(legend.placed);
    page.area = Area::new(0.0, 0.0, width + 2.0 * MARGIN, bottom);
    let frame = Area::new(0.5, 0.5, page.area.w - 1.0, bottom - 1.0);
    page.under.push(Mark::Box { area: frame, radius: 12.0, class: "page" });
    page
}

/// Signs with their meaning, in the order of the legend.
const SIGNS: [(&str, &str); 12] = [
    ("card", "phase"),
    ("stage", "stage"),
    ("spawn", "agent"),
    ("each", "for each"),
    ("band", "side by side"),
    ("loop", "loop"),
    ("bar", "gate: all below waits for it"),
    ("condition", "only when"),
    ("back", "way back"),
    ("final", "cannot be undone"),
    ("skipped", "skipped"),
    ("maybe", "other facts decide"),
];

/// The signs that occur in the picture.
fn samples(root: &Item) -> Vec<Group> {
    let mut occurs: Vec<&'static str> = Vec::new();
    root.walk(&mut |item| {
        occurs.extend(match item.kind {
            NodeKind::Phase => Some("card"),
            NodeKind::Stage => Some("stage"),
            NodeKind::Gate => Some("bar"),
            NodeKind::Loop => Some("loop"),
            NodeKind::Parallel => Some("band"),
            NodeKind::Each => Some("each"),
            NodeKind::Spawn => Some("spawn"),
            NodeKind::Workflow | NodeKind::Step => None,
        });
        occurs.extend((!item.conditions.is_empty()).then_some("condition"));
        occurs.extend(item.irreversible.then_some("final"));
        occurs.extend(item.routes.iter().any(|route| route.to.is_some()).then_some("back"));
        occurs.extend(item.state_word());
    });
    SIGNS.into_iter().filter(|(class, _)| occurs.contains(class)).map(|(class, said)| sample(class, said)).collect()
}

fn sample(class: &'static str, said: &str) -> Group {
    let mut group = label(said, Face { size: 11.5, ..NAME }, "quiet", 400.0, 1);
    for mark in &mut group.over {
        if let Mark::Text { x, .. } = mark {
            *x += 26.0;
        }
    }
    let swatch = Area::new(0.0, 5.0, 20.0, 12.0);
    group.class = "sample".to_string();
    group.area.w += 34.0;
    match class {
        "bar" => {
            let steps = paint::bar(20.0, 12.0, 3.0, true).into_iter().map(|step| step.moved(0.0, 5.0)).collect();
            group.over.push(Mark::Path { steps, class });
        }
        "back" => {
            group.over.push(Mark::Path { steps: vec![Step::To(20.0, 11.0), Step::Line(7.0, 11.0)], class });
            group.over.push(Mark::Path { steps: paint::head(0.0, 11.0, -1.0, 0.0), class: "back-head" });
        }
        "skipped" | "maybe" => {
            group.class = format!("sample {class}");
            group.over.push(Mark::Box { area: swatch, radius: 3.0, class: "card" });
        }
        _ => group.over.push(Mark::Box { area: swatch, radius: 3.0, class }),
    }
    group
}

fn write_group(group: &Group, x: f64, y: f64, svg: &mut String) {
    let area = group.area.moved(x, y);
    let _ = write!(svg, r#"<g class="{}" data-box="{}""#, group.class, place(area));
    if let Some(body) = group.body {
        let _ = write!(svg, r#" data-body="{}""#, place(body.moved(area.x, area.y)));
    }
    svg.push('>');
    if let Some(tip) = &group.tip {
        let _ = write!(svg, "<title>{}</title>", escaped(tip));
    }
    group.under.iter().for_each(|mark| write_mark(mark, area, svg));
    if !group.groups.is_empty() {
        svg.push('\n');
    }
    // A bar or a badge is painted before the texts that stand on it.
    group.over.iter().for_each(|mark| write_mark(mark, area, svg));
    group.groups.iter().for_each(|inner| write_group(inner, area.x, area.y, svg));
    svg.push_str("</g>\n");
}

fn write_mark(mark: &Mark, at: Area, svg: &mut String) {
    let _ = match mark {
        Mark::Box { area, radius, class } => {
            let Area { x, y, w, h } = area.moved(at.x, at.y);
            let (x, y, w, h, r) = (number(x), number(y), number(w), number(h), number(*radius));
            write!(svg, r#"<rect class="{class}" x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}"/>"#)
        }
        Mark::Path { steps, class } => {
            write!(svg, r#"<path class="{class}" d="{}"/>"#, drawn(steps, at.x, at.y))
        }
        Mark::Text { x, y, said, face, class, turned } => {
            write_text((at.x + x, at.y + y), said, *face, class, *turned, svg)
        }
    };
}

/// A text with the length it was measured at, so that it fits in whatever font it is shown. A font may differ much in
/// letters that are not in the table; those are left as they are.
fn write_text(at: (f64, f64), said: &str, face: Face, class: &str, turned: bool, svg: &mut String) -> std::fmt::Result {
    let style = match face.weight {
        Weight::Plain => "",
        Weight::Bold => " b",
        Weight::Mono | Weight::Cells => " m",
    };
    let (x, y, size) = (number(at.0), number(at.1), number(face.size));
    write!(svg, r#"<text class="{class}{style}" x="{x}" y="{y}" font-size="{size}""#)?;
    if !said.is_empty() && said.chars().all(|c| c.is_ascii() || matches!(c, '·' | '…')) {
        write!(svg, r#" textLength="{}" lengthAdjust="spacingAndGlyphs""#, number(measure::width(said, face)))?;
    }
    if turned {
        write!(svg, r#" transform="rotate(-90 {x} {y})""#)?;
    }
    write!(svg, ">{}</text>", escaped(said))
}

fn drawn(steps: &[Step], x: f64, y: f64) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step.moved(x, y) {
            Step::To(x, y) => write!(path, "M{} {}", number(x), number(y)),
            Step::Line(x, y) => write!(path, "L{} {}", number(x), number(y)),
            Step::Curve(points) => write!(path, "C{}", points.map(number).join(" ")),
            Step::Close => write!(path, "Z"),
        };
    }
    path
}

fn place(area: Area) -> String {
    [area.x, area.y, area.w, area.h].map(number).join(" ")
}

/// At most one decimal: finer than a screen, and the same on every machine.
fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // No `-0`.
    format!("{}", rounded + 0.0)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
