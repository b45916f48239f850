//! Where everything stands. Widths first, from the inside out; then places, from the outside in, since texts break at
//! the width they get.

use std::collections::HashMap;

use super::branches::{self, SIDE_GAP};
use super::card::{self, Head};
use super::flow::{CHIP, ROW, chip, label};
use super::lanes::Lanes;
use super::measure::{self, Face, Weight};
use super::outline::{Block, Branches, Item};
use super::paint;
use super::scene::{Area, Group, Mark, Step};
use crate::model::{NodeId, NodeKind};

/// Between the phases of a body: room for an arrow.
const FLOW: f64 = 30.0;
/// Where ways part or meet, they need more.
const FAN: f64 = 46.0;
/// Between the items of a phase.
const INNER: f64 = 10.0;
/// A phase on its own is not made wider than this.
const WIDE: f64 = 800.0;
const STEPS: Face = Face { size: 12.0, weight: Weight::Plain };

/// Lays out a whole workflow.
pub struct Layout {
    lanes: Lanes,
    natural: HashMap<NodeId, f64>,
}

/// Space around the body of an item, and between its members.
struct Pads {
    left: f64,
    right: f64,
    bottom: f64,
    gap: f64,
}

fn pads(kind: NodeKind) -> Pads {
    let (left, right, bottom, gap) = match kind {
        NodeKind::Workflow => (0.0, 0.0, 0.0, FLOW),
        NodeKind::Loop => (36.0, 18.0, 16.0, FLOW),
        NodeKind::Phase => (14.0, 14.0, 14.0, INNER),
        _ => (12.0, 12.0, 12.0, INNER),
    };
    Pads { left, right, bottom, gap }
}

fn is_flow(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Workflow | NodeKind::Loop)
}

impl Layout {
    /// The workflow as a group at the origin, at least as wide as `least`.
    pub fn of(root: &Item, least: f64) -> Group {
        let mut layout = Layout { lanes: Lanes::new(root), natural: HashMap::new() };
        let natural = layout.measure(root);
        layout.place(root, natural.max(least))
    }

    fn measure(&mut self, item: &Item) -> f64 {
        item.members().for_each(|member| {
            self.measure(member);
        });
        let pads = pads(item.kind);
        let body = item.blocks().iter().map(|block| self.block_width(block, item)).fold(0.0, f64::max);
        let around = pads.left + pads.right + self.lanes.gutter(item.id);
        let natural = card::natural(item).max(if body > 0.0 { body + around } else { 0.0 });
        self.natural.insert(item.id, natural);
        natural
    }

    fn natural(&self, item: &Item) -> f64 {
        self.natural.get(&item.id).copied().unwrap_or_default()
    }

    fn block_width(&self, block: &Block<'_>, around: &Item) -> f64 {
        match block {
            Block::Item(item) => self.natural(item),
            Block::Steps(_) => 140.0,
            Block::Beside(branches) if branches.edges.is_empty() => {
                let widest = self.widest(branches);
                let columns = branches::columns(branches.members.len(), widest) as f64;
                columns * (widest + SIDE_GAP) - SIDE_GAP
            }
            Block::Beside(branches) => {
                let sizes: Vec<(f64, f64)> =
                    branches.members.iter().map(|member| (self.natural(member), 1.0)).collect();
                branches::layers(&sizes, &branches.edges, is_flow(around.kind)).width
            }
        }
    }

    fn widest(&self, branches: &Branches) -> f64 {
        branches.members.iter().map(|member| self.natural(member)).fold(0.0, f64::max)
    }

    fn place(&self, item: &Item, width: f64) -> Group {
        let Head { mut group, height } = card::head(item, width, self.lanes.gutter(item.id));
        let pads = pads(item.kind);
        group.node = Some(item.id);
        let room = width - pads.left - pads.right - self.lanes.gutter(item.id);
        let mut bottom = height;
        if !item.body.is_empty() {
            let body = self.body(item, &pads, height, room, &mut group);
            bottom = body.bottom() + pads.bottom;
            group.body = Some(body);
        }
        if let Some(until) = &item.until {
            let said = chip(&format!("until {until}"), super::flow::CODE, ("bound", "loop-text"), room);
            let area = said.area.moved(pads.left, bottom);
            bottom = area.bottom() + 14.0;
            group.groups.push(Group { area, ..said });
        }
        group.area = Area::new(0.0, 0.0, width, bottom);
        if let Some(Mark::Box { area, .. }) = group.under.first_mut() {
            *area = group.area;
        }
        if item.kind == NodeKind::Loop {
            again(&mut group);
        }
        self.lanes.draw(&mut group, pads.left + room);
        group
    }

    /// Places the members, and paints the ways between them. Returns the place of the body.
    fn body(&self, item: &Item, pads: &Pads, top: f64, room: f64, group: &mut Group) -> Area {
        let flow = is_flow(item.kind);
        let center = pads.left + room / 2.0;
        let mut y = top;
        // Where the ways from the last block begin.
        let mut open: Vec<(f64, f64)> = Vec::new();
        let mut after_steps = false;
        if item.kind == NodeKind::Workflow {
            group.under.push(Mark::Path { steps: paint::disc(center, 5.0, 5.0), class: "dot" });
            open.push((center, 12.0));
            y = 12.0;
        }
        for block in item.blocks() {
            let fans = flow && (open.len() > 1 || self.fans(&block, item));
            let fanned = flow && matches!(&block, Block::Beside(branches) if !branches.edges.is_empty());
            if open.is_empty() && fans && !fanned {
                open.push((center, y));
                y += FAN - 16.0;
            } else if open.len() > 1 || !open.is_empty() && !fanned {
                y += if fans { FAN } else { pads.gap };
            }
            let placed = self.block(&block, item, pads.left, y, room, &mut group.under);
            let steps = matches!(block, Block::Steps(_));
            if flow || !(steps || after_steps) {
                connect(flow, &open, &placed.tops, (center, !placed.fanned), &mut group.under);
            }
            after_steps = steps;
            open = placed.bottoms;
            y = placed.bottom;
            group.groups.extend(placed.groups);
        }
        let several = open.len() > 1;
        if item.kind == NodeKind::Workflow {
            let end = y + if several { FAN } else { pads.gap };
            connect(flow, &open, &[(center, end)], (center, true), &mut group.under);
            group.under.push(Mark::Path { steps: paint::disc(center, end + 6.0, 5.0), class: "dot" });
            group.under.push(Mark::Path { steps: paint::disc(center, end + 6.0, 8.0), class: "flow" });
            y = end + 14.0;
        } else if flow && several {
            y += FAN - 16.0;
            connect(flow, &open, &[(center, y)], (center, false), &mut group.under);
            group.under.push(Mark::Path { steps: paint::disc(center, y, 3.0), class: "dot" });
            y += 4.0;
        }
        Area::new(pads.left, top, room, y - top)
    }

    /// Whether ways part before this block and meet after it.
    fn fans(&self, block: &Block<'_>, around: &Item) -> bool {
        match block {
            Block::Beside(branches) => around.kind != NodeKind::Parallel && !self.as_band(branches),
            _ => false,
        }
    }

    /// So many that they take several rows: then they stand in a band, like the members of a `parallel`.
    fn as_band(&self, branches: &Branches) -> bool {
        let count = branches.members.len();
        branches.edges.is_empty() && branches::columns(count, self.widest(branches)) < count
    }

    fn block(&self, block: &Block<'_>, around: &Item, x: f64, y: f64, room: f64, under: &mut Vec<Mark>) -> Placed {
        match block {
            Block::Item(item) => {
                let narrow = is_flow(around.kind) && !matches!(item.kind, NodeKind::Gate);
                // Hardly narrower than its neighbours would look like a mistake.
                let wide = WIDE.max(self.natural(item));
                let width = if narrow && room - wide > 120.0 { wide } else { room };
                let mut group = self.place(item, width);
                group.area = group.area.moved(x + (room - width) / 2.0, y);
                Placed::one(group)
            }
            Block::Steps(steps) => Placed::one(steps_row(steps, around.skipped(), x, y, room)),
            Block::Beside(branches) if branches.edges.is_empty() => {
                let band = around.kind != NodeKind::Parallel && self.as_band(branches);
                let inset = if band { 12.0 } else { 0.0 };
                let mut placed = self.grid(branches, x + inset, y + if band { 34.0 } else { 0.0 }, room - 2.0 * inset);
                if band {
                    let area = Area::new(x, y, room, placed.bottom + 12.0 - y);
                    under.push(Mark::Box { area, radius: 10.0, class: "band" });
                    let said = label("side by side", STEPS, "quiet", room - 24.0, 1);
                    placed.groups.push(Group { area: said.area.moved(x + 14.0, y + 7.0), ..said });
                    placed.bottom = area.bottom();
                    placed.tops = vec![(area.center(), area.y)];
                    placed.bottoms = vec![(area.center(), area.bottom())];
                }
                placed
            }
            Block::Beside(branches) => self.layers(branches, is_flow(around.kind), x, y, room, under),
        }
    }

    /// Rows of members of one width; in a row all are as high as the highest.
    fn grid(&self, branches: &Branches, x: f64, y: f64, room: f64) -> Placed {
        let count = branches.members.len();
        let columns = branches::columns(count, self.widest(branches));
        let width = (room - SIDE_GAP * (columns - 1) as f64) / columns as f64;
        let mut groups = Vec::new();
        let mut top = y;
        for row in branches.members.chunks(columns) {
            let mut row: Vec<Group> = row.iter().map(|member| self.place(member, width)).collect();
            let height = row.iter().map(|group| group.area.h).fold(0.0, f64::max);
            for (column, group) in row.iter_mut().enumerate() {
                group.area = Area::new(x + column as f64 * (width + SIDE_GAP), top, width, height);
                if let Some(Mark::Box { area, .. }) = group.under.first_mut() {
                    area.h = height;
                }
            }
            groups.append(&mut row);
            top += height + SIDE_GAP;
        }
        Placed::several(groups)
    }

    /// Members in layers. With `fan` they bring the ways to the first and from the last of them along.
    fn layers(&self, branches: &Branches, fan: bool, x: f64, y: f64, room: f64, under: &mut Vec<Mark>) -> Placed {
        let mut groups: Vec<Group> =
            branches.members.iter().map(|member| self.place(member, self.natural(member))).collect();
        let sizes: Vec<(f64, f64)> = groups.iter().map(|group| (group.area.w, group.area.h)).collect();
        let layers = branches::layers(&sizes, &branches.edges, fan);
        let left = x + ((room - layers.width) / 2.0).max(0.0);
        for (group, (px, py)) in groups.iter_mut().zip(&layers.places) {
            group.area = group.area.moved(left + px, y + py);
        }
        for way in layers.ways {
            let steps: Vec<Step> = way.steps.into_iter().map(|step| step.moved(left, y)).collect();
            paint_way(steps, way.headed, under);
        }
        let middle = left + layers.width / 2.0;
        let ends = |y| if fan { vec![(middle, y)] } else { Vec::new() };
        Placed { groups, tops: ends(y), bottoms: ends(y + layers.height), bottom: y + layers.height, fanned: fan }
    }
}

/// Groups in their places, and where ways reach and leave them.
struct Placed {
    groups: Vec<Group>,
    tops: Vec<(f64, f64)>,
    bottoms: Vec<(f64, f64)>,
    bottom: f64,
    /// The ways to the first and from the last are painted already.
    fanned: bool,
}

impl Placed {
    fn one(group: Group) -> Self {
        Placed::several(vec![group])
    }

    fn several(groups: Vec<Group>) -> Self {
        let areas = || groups.iter().map(|group| group.area);
        Placed {
            tops: areas().map(|area| (area.center(), area.y)).collect(),
            bottoms: areas().map(|area| (area.center(), area.bottom())).collect(),
            bottom: areas().map(Area::bottom).fold(0.0, f64::max),
            fanned: false,
            groups,
        }
    }
}

/// Steps in one line: how many, and as much of their titles as there is room for.
fn steps_row(steps: &[&Item], skipped: bool, x: f64, y: f64, room: f64) -> Group {
    let left_out = if skipped { 0 } else { steps.iter().filter(|step| step.skipped()).count() };
    let mut said = super::words::counted(steps.len() - left_out, "step");
    if left_out > 0 {
        said.push_str(&format!(", {left_out} skipped"));
    }
    let shown = steps.iter().filter(|step| skipped || !step.skipped());
    let titles: Vec<&str> = shown.map(|step| step.title.as_str()).collect();
    let all = titles.join(" · ");
    let number = label(&said, Face { weight: Weight::Bold, ..CHIP }, "quiet", room, 1);
    let left = number.area.w + 10.0;
    let mut groups = vec![number];
    if room - left - 4.0 > 60.0 {
        let shown = measure::ellipsis(&all, STEPS, room - left - 4.0);
        let mut titles = label(&shown, STEPS, "quiet", room - left - 4.0, 1);
        titles.area = titles.area.moved(left, 0.0);
        groups.push(titles);
    }
    let class = if skipped { "steps skipped" } else { "steps" };
    Group { class: class.to_string(), area: Area::new(x, y, room, ROW), tip: Some(all), groups, ..Group::default() }
}

/// The ways between two blocks. Several to several meet in between, in the middle.
fn connect(flow: bool, from: &[(f64, f64)], to: &[(f64, f64)], (center, headed): (f64, bool), under: &mut Vec<Mark>) {
    if !flow {
        if let ([from], [to]) = (from, to) {
            under.push(Mark::Path { steps: vec![Step::To(center, from.1), Step::Line(center, to.1)], class: "flow" });
        }
        return;
    }
    let lowest = from.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    if from.len() > 1 && to.len() > 1 {
        let highest = to.iter().map(|(_, y)| *y).fold(f64::INFINITY, f64::min);
        let middle = (center, (lowest + highest) / 2.0);
        from.iter().for_each(|from| way(*from, middle, lowest, false, under));
        to.iter().for_each(|to| way(middle, *to, middle.1, headed, under));
        return;
    }
    for start in from {
        to.iter().filter(|end| *end != start).for_each(|end| way(*start, *end, lowest, headed, under));
    }
}

/// Straight down past what stands beside, then in a curve to the end.
fn way(from: (f64, f64), to: (f64, f64), past: f64, headed: bool, under: &mut Vec<Mark>) {
    let mut steps = vec![Step::To(from.0, from.1)];
    if past > from.1 {
        steps.push(Step::Line(from.0, past));
    }
    let bend = (from.0, past.max(from.1));
    match (from.0 - to.0).abs() < 0.5 {
        true => steps.push(Step::Line(to.0, to.1)),
        false => steps.push(branches::curve(bend, to)),
    }
    paint_way(steps, headed, under);
}

/// A way, with a head where it ends at something, which is reached from above.
fn paint_way(mut steps: Vec<Step>, headed: bool, under: &mut Vec<Mark>) {
    let tip = match steps.last_mut() {
        Some(Step::Line(x, y) | Step::Curve([.., x, y])) if headed => Some(shorten(x, y)),
        _ => None,
    };
    under.push(Mark::Path { steps, class: "flow" });
    if let Some((x, y)) = tip {
        under.push(Mark::Path { steps: paint::head(x, y, 0.0, 1.0), class: "head" });
    }
}

/// The line ends inside the head, so that its end does not show beside the tip.
fn shorten(x: &mut f64, y: &mut f64) -> (f64, f64) {
    let tip = (*x, *y);
    *y -= 6.0;
    tip
}

/// The way round a loop, along the left of its frame.
fn again(group: &mut Group) {
    let Some(body) = group.body else { return };
    let until = group.groups.last().filter(|last| last.area.y >= body.bottom()).map(|until| until.area.y + 10.0);
    let (x, top, bottom) = (18.0, group.entry + 24.0, until.unwrap_or(group.area.h - 9.0));
    let steps = vec![
        Step::To(body.x - 4.0, bottom),
        Step::Line(x + 8.0, bottom),
        Step::Curve([x + 3.0, bottom, x, bottom - 3.0, x, bottom - 8.0]),
        Step::Line(x, top + 6.0),
    ];
    group.under.push(Mark::Path { steps, class: "again" });
    group.under.push(Mark::Path { steps: paint::head(x, top, 0.0, -1.0), class: "again-head" });
}
