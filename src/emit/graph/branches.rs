//! Members side by side: in rows where nobody waits for anybody, in layers where they do.

use dagre::graph::{Graph, GraphOptions};
use dagre::layout::types::LabelPos;
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankAlign, Ranker};

use super::scene::{Area, Step};

/// Between members of a row.
pub const SIDE_GAP: f64 = 14.0;
/// Between layers: room for a way to turn.
const LAYER_GAP: f64 = 46.0;
/// A row of members that could stand below each other is not made wider than this, from the fourth member on.
const ROW: f64 = 770.0;

/// The best layers for more members than this are not worth the wait.
const MANY: usize = 150;

/// How many columns `count` members of this width take, so that the rows are about equally long.
pub fn columns(count: usize, width: f64) -> usize {
    let fit = ((ROW + SIDE_GAP) / (width + SIDE_GAP)) as usize;
    let rows = count.div_ceil(fit.max(3)).max(1);
    count.div_ceil(rows).max(1)
}

/// Where the members stand, and the ways between them.
#[derive(Debug, Default)]
pub struct Layers {
    pub places: Vec<(f64, f64)>,
    pub width: f64,
    pub height: f64,
    /// From the bottom of a member to the top of another.
    pub ways: Vec<Way>,
}

/// A way, and whether it ends at a member: only there it has a head.
#[derive(Debug)]
pub struct Way {
    pub steps: Vec<Step>,
    pub headed: bool,
}

/// Places members of these sizes in layers, each below those it waits for. With `fan` all ways begin in one place above
/// and end in one place below, both in the middle.
pub fn layers(sizes: &[(f64, f64)], edges: &[(usize, usize)], fan: bool) -> Layers {
    let count = sizes.len();
    let mut sizes = sizes.to_vec();
    let mut edges = edges.to_vec();
    if fan {
        let (above, below) = (count, count + 1);
        let first = |member: &usize| !edges.iter().any(|(_, to)| to == member);
        let last = |member: &usize| !edges.iter().any(|(from, _)| from == member);
        let firsts = (0..count).filter(first).map(|member| (above, member));
        let lasts = (0..count).filter(last).map(|member| (member, below));
        let ends: Vec<(usize, usize)> = firsts.chain(lasts).collect();
        edges.extend(ends);
        sizes.extend([(2.0, 0.0), (2.0, 0.0)]);
    }
    let graph = laid_out(&sizes, &edges);
    let areas: Vec<(Area, i32)> = sizes
        .iter()
        .enumerate()
        .map(|(index, (w, h))| {
            let label = graph.node(&index.to_string());
            let (x, y) = label.map_or((0.0, 0.0), |label| (label.x.unwrap_or(0.0), label.y.unwrap_or(0.0)));
            (Area::new(x - w / 2.0, y - h / 2.0, *w, *h), label.and_then(|label| label.rank).unwrap_or(0))
        })
        .collect();
    let bends = |(from, to): &(usize, usize)| -> Vec<(f64, f64)> {
        let label = graph.edge(&from.to_string(), &to.to_string(), None);
        label.map(|label| label.points.iter().map(|point| (point.x, point.y)).collect()).unwrap_or_default()
    };
    let all_bends: Vec<Vec<(f64, f64)>> = edges.iter().map(bends).collect();
    // Ways may run outside the members: what is leftmost of both begins at zero.
    let members = || areas[..count].iter().map(|(area, _)| (area.x, area.right()));
    let xs = || members().chain(all_bends.iter().flatten().map(|(x, _)| (*x, *x)));
    let left = xs().fold(f64::INFINITY, |least, (x, _)| least.min(x)).min(f64::MAX);
    let right = xs().fold(left, |most, (_, x)| most.max(x));
    let top = areas.iter().fold(f64::INFINITY, |least, (area, _)| least.min(area.y)).min(f64::MAX);
    let bottom = areas.iter().fold(top, |most, (area, _)| most.max(area.bottom()));
    let bands = bands(&areas);
    let end = |index: usize| match areas[index].0 {
        area if index < count => area,
        area => Area { x: (left + right) / 2.0, w: 0.0, ..area },
    };
    let ways = edges.iter().zip(&all_bends).map(|((from, to), bends)| Way {
        steps: way(end(*from), end(*to), bends, &bands, (left, top)),
        headed: *to < count,
    });
    Layers {
        ways: ways.collect(),
        places: areas[..count].iter().map(|(area, _)| (area.x - left, area.y - top)).collect(),
        width: right - left,
        height: bottom - top,
    }
}

fn laid_out(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Graph<NodeLabel, EdgeLabel> {
    let mut graph: Graph<NodeLabel, EdgeLabel> =
        Graph::with_options(GraphOptions { directed: true, multigraph: false, compound: false });
    for (index, (width, height)) in sizes.iter().enumerate() {
        let label = NodeLabel { width: *width, height: *height, ..NodeLabel::default() };
        graph.set_node(index.to_string(), Some(label));
    }
    for (from, to) in edges {
        let label = EdgeLabel { labelpos: LabelPos::Center, ..EdgeLabel::default() };
        graph.set_edge(from.to_string(), to.to_string(), Some(label), None);
    }
    let options = LayoutOptions {
        nodesep: SIDE_GAP + 8.0,
        edgesep: SIDE_GAP,
        ranksep: LAYER_GAP,
        rank_align: RankAlign::Top,
        tie_keep_first: true,
        ranker: if sizes.len() > MANY { Ranker::LongestPath } else { Ranker::NetworkSimplex },
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    graph
}

/// From where to where each layer reaches.
fn bands(areas: &[(Area, i32)]) -> Vec<(f64, f64)> {
    let mut bands: std::collections::BTreeMap<i32, (f64, f64)> = Default::default();
    for (area, rank) in areas {
        let band = bands.entry(*rank).or_insert((area.y, area.bottom()));
        *band = (band.0.min(area.y), band.1.max(area.bottom()));
    }
    bands.into_values().collect()
}

/// A way goes straight through layers and bends between them only, so that it never runs into a tall member.
fn way(from: Area, to: Area, bends: &[(f64, f64)], bands: &[(f64, f64)], (left, top): (f64, f64)) -> Vec<Step> {
    let mut at = (from.center() - left, from.bottom() - top);
    let mut steps = vec![Step::To(at.0, at.1)];
    let below = |y: f64| bands.iter().find(|(first, last)| (*first..=*last).contains(&y)).map(|(_, last)| last - top);
    if let Some(last) = below(from.y) {
        steps.push(Step::Line(at.0, last));
        at.1 = last;
    }
    for (x, y) in bends {
        let Some((first, last)) = bands.iter().find(|(first, last)| y + 0.5 >= *first && y - 0.5 <= *last) else {
            continue;
        };
        if *first <= from.y + 0.5 || *last >= to.y - 0.5 {
            continue;
        }
        let next = (x - left, first - top);
        steps.push(curve(at, next));
        steps.push(Step::Line(next.0, last - top));
        at = (next.0, last - top);
    }
    steps.push(curve(at, (to.center() - left, to.y - top)));
    steps
}

/// A curve that leaves and arrives upright.
pub fn curve(from: (f64, f64), to: (f64, f64)) -> Step {
    let middle = (from.1 + to.1) / 2.0;
    Step::Curve([from.0, middle, to.0, middle, to.0, to.1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_about_equally_long() {
        assert_eq!(columns(4, 176.0), 4);
        assert_eq!(columns(5, 176.0), 3);
        assert_eq!(columns(3, 400.0), 3);
        assert_eq!(columns(12, 300.0), 3);
        assert_eq!(columns(1, 3000.0), 1);
        assert_eq!(columns(0, 10.0), 1);
    }

    #[test]
    fn members_stand_below_those_they_wait_for_and_apart() {
        let sizes = [(100.0, 40.0), (120.0, 90.0), (80.0, 30.0), (60.0, 20.0)];
        let edges = [(0, 1), (0, 2), (2, 3), (1, 3)];
        let layers = layers(&sizes, &edges, true);
        let area = |index: usize| {
            let ((x, y), (w, h)) = (layers.places[index], sizes[index]);
            Area::new(x, y, w, h)
        };
        for (from, to) in edges {
            assert!(area(from).bottom() < area(to).y, "{layers:?}");
        }
        assert!(area(1).right() <= area(2).x || area(2).right() <= area(1).x, "{layers:?}");
        assert_eq!(layers.ways.iter().filter(|way| !way.headed).count(), 1, "{layers:?}");
        assert!((0..4).all(|index| area(index).x >= 0.0 && area(index).right() <= layers.width + 0.01), "{layers:?}");
    }
}
