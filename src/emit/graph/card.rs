//! What stands at the head of a box: number, title, chips, files, ways back.

use super::flow::{CHIP, CODE, ROW, Rows, chip, file, label};
use super::measure::{self, Face, Weight};
use super::outline::{Item, Route, State};
use super::paint;
use super::scene::{Area, Group, Mark};
use crate::model::NodeKind;

pub const PHASE: Face = Face { size: 15.0, weight: Weight::Bold };
const STAGE: Face = Face { size: 13.5, weight: Weight::Bold };
const LOOP: Face = Face { size: 14.0, weight: Weight::Bold };
const AGENT: Face = Face { size: 12.5, weight: Weight::Bold };
const NUMBER: Face = Face { size: 12.5, weight: Weight::Bold };
const QUIET: Face = Face { size: 12.0, weight: Weight::Plain };
/// Titles longer than this many lines end in an ellipsis.
const LINES: usize = 4;

/// A face with an empty body below it.
#[derive(Debug, Default)]
pub struct Head {
    pub group: Group,
    /// Where the body begins.
    pub height: f64,
}

/// How an item looks without its body, at this width, of which `lanes` on the right stay free.
pub fn head(item: &Item, width: f64, lanes: f64) -> Head {
    let room = width - lanes;
    let mut head = match item.kind {
        NodeKind::Phase => numbered(item, room, ("card", "badge", "number"), PHASE, 13.0),
        NodeKind::Stage => numbered(item, room, ("stage", "pip", "stage-number"), STAGE, 9.0),
        NodeKind::Gate => gate(item, width),
        NodeKind::Spawn => spawn(item, width),
        NodeKind::Loop => named(item, room, "loop", LOOP, "loop-text"),
        NodeKind::Each => named(item, room, "each", QUIET, "agent"),
        NodeKind::Parallel => named(item, room, "band", QUIET, "quiet"),
        NodeKind::Workflow | NodeKind::Step => Head::default(),
    };
    let state = match item.state {
        State::Skipped => " skipped",
        State::Maybe => " maybe",
        State::Runs => "",
    };
    head.group.class = format!("{}{state}", item.kind.word());
    head.group.node = Some(item.id);
    head.group.area.w = width;
    if !item.name.is_empty() && item.kind != NodeKind::Spawn {
        head.group.tip = Some(format!("{} {}", item.kind.word(), item.name));
    }
    head
}

/// The least width at which a head looks well.
pub fn natural(item: &Item) -> f64 {
    let title = |face| measure::width(&item.title, face);
    let chips = item.conditions.iter().map(|condition| measure::width(condition, CODE) + 22.0).sum::<f64>()
        + item.marks().map(|mark| measure::width(mark, CHIP) + 22.0).sum::<f64>()
        + item.outputs.iter().map(|file| measure::width(file, CHIP) + 40.0).sum::<f64>();
    match item.kind {
        NodeKind::Phase => (title(PHASE) + chips + 84.0).clamp(260.0, 380.0),
        NodeKind::Stage => (title(STAGE) + chips + 84.0).clamp(200.0, 340.0),
        NodeKind::Gate => {
            let said = title(STAGE) + measure::width(&item.asks_for.join(" · "), QUIET) + 120.0;
            let routes = item.routes.iter().map(|route| measure::width(&route.label, QUIET) + 50.0);
            routes.fold(said, f64::max).clamp(240.0, 420.0)
        }
        NodeKind::Spawn => (measure::width(&item.name, AGENT).max(title(QUIET).min(140.0)) + 40.0).clamp(130.0, 176.0),
        NodeKind::Loop => (title(LOOP) + 140.0).clamp(260.0, 420.0),
        NodeKind::Each => (title(QUIET) + 30.0).clamp(180.0, 420.0),
        NodeKind::Parallel | NodeKind::Workflow | NodeKind::Step => 140.0,
    }
}

/// A phase or stage.
fn numbered(
    item: &Item,
    width: f64,
    classes: (&'static str, &'static str, &'static str),
    face: Face,
    pad: f64,
) -> Head {
    let (surface, badge, number) = classes;
    let wide = (measure::width(&item.number, NUMBER) + 14.0).max(28.0);
    let mut rows = Rows::new(14.0 + wide + 10.0, pad, width - 38.0 - wide);
    rows.put(label(&item.title, face, "phase", width - 38.0 - wide, LINES));
    put_chips(&mut rows, item, width - 38.0 - wide);
    let mut over = Vec::new();
    let area = Area::new(14.0, pad, wide, ROW);
    let x = 14.0 + (wide - measure::width(&item.number, NUMBER)) / 2.0;
    over.push(Mark::Box { area, radius: 6.0, class: badge });
    over.push(Mark::Text { x, y: pad + 15.5, said: item.number.clone(), face: NUMBER, class: number, turned: false });
    let mut head = finish(rows, surface, 10.0, pad);
    head.group.over = over;
    head.group.entry = pad + ROW / 2.0;
    head
}

/// A frame with its title on top.
fn named(item: &Item, width: f64, surface: &'static str, face: Face, class: &'static str) -> Head {
    let mut rows = Rows::new(14.0, 7.0, width - 28.0);
    if item.kind == NodeKind::Loop {
        rows.put(label("Loop", QUIET, class, width - 28.0, 1));
    }
    rows.put(label(&item.title, face, class, width - 28.0, LINES));
    if let Some(bound) = &item.bound {
        rows.put(chip(bound, CHIP, ("bound", "loop-text"), width - 28.0));
    }
    put_chips(&mut rows, item, width - 28.0);
    let radius = if surface == "loop" { 14.0 } else { 10.0 };
    let mut head = finish(rows, surface, radius, 7.0);
    head.group.entry = 7.0 + ROW / 2.0;
    head
}

fn spawn(item: &Item, width: f64) -> Head {
    let room = width - 38.0;
    let mut rows = Rows::new(28.0, 6.0, room);
    rows.put(label(&item.name, AGENT, "agent", room, 2));
    if !item.title.is_empty() {
        rows.put(label(&item.title, QUIET, "quiet", room, LINES));
    }
    put_chips(&mut rows, item, room);
    let mut head = finish(rows, "spawn", 8.0, 6.0);
    head.group.over.push(Mark::Path { steps: paint::person(9.0, 10.0), class: "person" });
    head.group.entry = 6.0 + ROW / 2.0;
    head
}

/// A bar across the body, and below it under which condition it stands and which ways lead back.
fn gate(item: &Item, width: f64) -> Head {
    let room = width - 44.0;
    let mut bar = Rows::new(32.0, 5.0, room);
    bar.put(label(&format!("Gate {}", item.number), QUIET, "on-bar", room, 1));
    bar.put(label(&item.title, STAGE, "on-bar", room, LINES));
    let asks_for = item.asks_for.join(" · ");
    if !asks_for.is_empty() {
        bar.put_right(vec![label(&asks_for, QUIET, "on-bar", room, 2)]);
    }
    let edge = bar.bottom() + 5.0;
    let mut rows = Rows::new(32.0, edge + 6.0, room);
    let before = rows.placed.len();
    put_chips(&mut rows, item, room);
    let closed = rows.placed.len() == before;
    let bottom = if closed { edge } else { rows.bottom() + 6.0 };
    let (lock, shackle) = paint::lock(12.0, 8.0);
    let mut head = finish(rows, "gate", 8.0, 0.0);
    head.height = bottom;
    head.group.groups.splice(0..0, bar.placed);
    head.group.over = vec![
        Mark::Path { steps: paint::bar(width, edge, 8.0, closed), class: "bar" },
        Mark::Path { steps: lock, class: "lock" },
        Mark::Path { steps: shackle, class: "lock-line" },
    ];
    head.group.entry = 16.0;
    head
}

/// State, conditions, marks, what is decided; files at the end of the row; ways back below.
fn put_chips(rows: &mut Rows, item: &Item, room: f64) {
    if let Some(state) = item.state_word() {
        rows.put(chip(state, CHIP, ("state", "state-text"), room));
    }
    for condition in &item.conditions {
        rows.put(chip(condition, CODE, ("condition", "condition-text"), room));
    }
    for mark in item.marks() {
        let kind = if mark == "irreversible" { ("final", "final-text") } else { ("mark", "mark-text") };
        rows.put(chip(mark, CHIP, kind, room));
    }
    if !item.decides.is_empty() {
        rows.put(label(&format!("decides {}", item.decides.join(", ")), CHIP, "quiet", room, 3));
    }
    if !item.outputs.is_empty() {
        rows.put_right(item.outputs.iter().map(|output| file(output, room)).collect());
    }
    for route in &item.routes {
        rows.next_row();
        rows.put(way_back(route, room));
    }
}

fn way_back(route: &Route, room: f64) -> Group {
    let mut group = label(&route.label, QUIET, "route-text", room - 20.0, 3);
    for mark in &mut group.over {
        if let Mark::Text { x, .. } = mark {
            *x += 20.0;
        }
    }
    group.area.w += 20.0;
    group.class = if route.open { "route" } else { "route skipped" }.to_string();
    group.over.push(Mark::Path { steps: paint::turn(2.0, 5.0), class: "turn" });
    group.exits.extend(route.to.filter(|_| route.open).map(|to| (to, ROW / 2.0)));
    group
}

/// Closes the rows into a head: the surface below everything, the ways back as exits of the whole.
fn finish(rows: Rows, surface: &'static str, radius: f64, pad: f64) -> Head {
    let height = rows.bottom() + pad;
    let mut group = Group::default();
    group.under.push(Mark::Box { area: Area::default(), radius, class: surface });
    for placed in &rows.placed {
        group.exits.extend(placed.exits.iter().map(|(to, y)| (*to, placed.area.y + y)));
    }
    group.groups = rows.placed;
    group.groups.iter_mut().for_each(|placed| placed.exits.clear());
    Head { group, height }
}
