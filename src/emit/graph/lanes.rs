//! Ways back to a phase: each target has a lane on the right of the body it stands in, which all ways to it join.

use std::collections::HashMap;

use super::measure::{self, Face, Weight};
use super::outline::{Item, Part};
use super::paint;
use super::scene::{Area, Group, Mark, Step};
use crate::model::NodeId;

/// From lane to lane: a line and a turned text beside it.
const PITCH: f64 = 19.0;
const CORNER: f64 = 7.0;
/// A turned text is cut where it would be longer.
const LONGEST: f64 = 150.0;
const TURNED: Face = Face { size: 10.5, weight: Weight::Plain };

/// The lanes of all bodies, known before anything is placed.
#[derive(Debug, Default)]
pub struct Lanes {
    of: HashMap<NodeId, Vec<Lane>>,
}

#[derive(Debug)]
struct Lane {
    target: NodeId,
    label: String,
    /// The last item a way comes from.
    last: NodeId,
    /// How far out, from 0.
    slot: usize,
}

impl Lanes {
    pub fn new(root: &Item) -> Self {
        let mut lanes = Lanes::default();
        let mut targets: HashMap<NodeId, (&Item, Option<NodeId>)> = HashMap::new();
        collect_targets(root, None, &mut targets);
        let mut bodies = Vec::new();
        root.walk(&mut |item| {
            for to in item.routes.iter().filter(|route| route.open).filter_map(|route| route.to) {
                let Some((target, parent)) = targets.get(&to) else { continue };
                let inside = target.contains(item.id);
                let Some(body) = (if inside { Some(to) } else { *parent }).filter(|body| *body != item.id) else {
                    continue;
                };
                let of = lanes.of.entry(body).or_default();
                match of.iter_mut().find(|lane| lane.target == to) {
                    Some(lane) => lane.last = lane.last.max(item.id),
                    None => {
                        let label = if inside { "redo".to_string() } else { format!("redo {}", target.title) };
                        of.push(Lane { target: to, label, last: item.id, slot: 0 });
                    }
                }
            }
            if item.body.iter().any(|part| matches!(part, Part::Beside(_))) {
                bodies.push(item.id);
            }
        });
        for (body, of) in &mut lanes.of {
            give_slots(of, bodies.contains(body));
        }
        lanes
    }

    /// How much room the lanes of a body take on its right.
    pub fn gutter(&self, body: NodeId) -> f64 {
        let slots = self.of.get(&body).into_iter().flatten().map(|lane| lane.slot + 1).max();
        slots.map_or(0.0, |slots| slots as f64 * PITCH + 4.0)
    }

    /// Draws the ways back that belong to a body whose members are placed, and passes on those that lead further out.
    /// `edge` is where the lanes begin.
    pub fn draw(&self, group: &mut Group, edge: f64) {
        let mut arriving: HashMap<NodeId, Vec<(f64, f64)>> = HashMap::new();
        // Where something crosses the lanes, so that no text is put there.
        let mut crossed: Vec<f64> = Vec::new();
        let Some(node) = group.node else { return };
        let of = self.of.get(&node);
        for child in &group.groups {
            for (target, y) in &child.exits {
                let from = (child.area.right(), child.area.y + y);
                crossed.push(from.1);
                if of.into_iter().flatten().any(|lane| lane.target == *target) {
                    arriving.entry(*target).or_default().push(from);
                } else {
                    let steps = vec![Step::To(from.0, from.1), Step::Line(group.area.w, from.1)];
                    group.under.push(Mark::Path { steps, class: "back" });
                    group.exits.push((*target, from.1));
                }
            }
        }
        let ends: Vec<(f64, f64)> = of
            .into_iter()
            .flatten()
            .map(|lane| match group.groups.iter().find(|child| child.node == Some(lane.target)) {
                Some(child) => (child.area.right(), child.area.y + child.entry),
                None => (edge, group.entry),
            })
            .collect();
        crossed.extend(ends.iter().map(|(_, y)| *y));
        for (lane, end) in of.into_iter().flatten().zip(ends) {
            let Some(sources) = arriving.get(&lane.target) else { continue };
            let x = edge + (lane.slot + 1) as f64 * PITCH - 3.0;
            let reach = lane_marks(sources, x, end, &mut group.under);
            group.groups.extend(lane_label(lane, x, reach, end.1, &crossed));
        }
    }
}

/// Paints one lane. Returns how far it reaches from its end.
fn lane_marks(sources: &[(f64, f64)], x: f64, end: (f64, f64), under: &mut Vec<Mark>) -> f64 {
    let furthest = |a: &&(f64, f64), b: &&(f64, f64)| (a.1 - end.1).abs().total_cmp(&(b.1 - end.1).abs());
    let far = *sources.iter().max_by(furthest).unwrap_or(&end);
    let up = if far.1 >= end.1 { 1.0 } else { -1.0 };
    let tip = end.0 + 1.0;
    let join = |from: (f64, f64), to: f64| {
        vec![
            Step::To(from.0, from.1),
            Step::Line(x - CORNER, from.1),
            Step::Curve([x - CORNER / 2.0, from.1, x, from.1 - up * CORNER / 2.0, x, from.1 - up * CORNER]),
            Step::Line(x, to),
        ]
    };
    let mut way = join(far, end.1 + up * CORNER);
    way.push(Step::Curve([x, end.1 + up * CORNER / 2.0, x - CORNER / 2.0, end.1, x - CORNER, end.1]));
    way.push(Step::Line(tip + 7.0, end.1));
    under.push(Mark::Path { steps: way, class: "back" });
    for source in sources.iter().filter(|source| **source != far) {
        under.push(Mark::Path { steps: join(*source, source.1 - up * CORNER), class: "back" });
    }
    under.push(Mark::Path { steps: paint::head(tip, end.1, -1.0, 0.0), class: "back-head" });
    far.1
}

/// The text of a lane, where there is room for it, as near to its end as nothing crosses.
fn lane_label(lane: &Lane, x: f64, far: f64, end: f64, crossed: &[f64]) -> Option<Group> {
    let said = measure::ellipsis(&lane.label, TURNED, LONGEST);
    let long = measure::width(&said, TURNED);
    let (top, bottom) = (far.min(end), far.max(end));
    let mut stops: Vec<f64> = crossed.iter().copied().filter(|y| (top..=bottom).contains(y)).collect();
    stops.extend([top, bottom]);
    stops.sort_by(f64::total_cmp);
    let mut free = stops.windows(2).filter(|stop| stop[1] - stop[0] >= long + 16.0).map(|stop| (stop[0], stop[1]));
    let (from, to) = if far >= end { free.next() } else { free.next_back() }?;
    let start = if far >= end { (from + 14.0).min(to - long - 8.0) } else { to - long - 14.0 };
    let text = Mark::Text { x: 9.0, y: long, said, face: TURNED, class: "route-text", turned: true };
    let area = Area::new(x - 14.0, start, 12.0, long);
    Some(Group { class: "lane".to_string(), area, over: vec![text], ..Group::default() })
}

fn collect_targets<'o>(
    item: &'o Item,
    parent: Option<NodeId>,
    targets: &mut HashMap<NodeId, (&'o Item, Option<NodeId>)>,
) {
    targets.insert(item.id, (item, parent));
    item.members().for_each(|member| collect_targets(member, Some(item.id), targets));
}

/// Short ways inside, long ways outside; two ways share a slot where they do not meet. Beside each other nothing says
/// which is above which, so there nothing is shared.
fn give_slots(lanes: &mut [Lane], branched: bool) {
    lanes.sort_by_key(|lane| (lane.last.index() - lane.target.index().min(lane.last.index()), lane.target));
    for index in 0..lanes.len() {
        let (given, rest) = lanes.split_at_mut(index);
        let lane = &mut rest[0];
        let free = |slot: &usize| {
            !given.iter().any(|other| {
                other.slot == *slot && (branched || other.target <= lane.last && lane.target <= other.last)
            })
        };
        lane.slot = (0..).find(free).unwrap_or(index);
    }
}
