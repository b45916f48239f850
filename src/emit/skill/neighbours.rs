//! What comes before and after a phase, for each variant: the next phase that runs, and the gates on the way.

use std::collections::BTreeMap;

use crate::analysis::{Runs, Sound};
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{FactId, NodeId, NodeKind};

use super::super::prose::{Prose, joined};

/// One value of the main fact, with what it means for the phases.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub fact: FactId,
    pub cell: usize,
    pub given: Diagram,
}

/// The variants that documents tell apart: the values of the main fact; empty when every phase always runs.
pub fn rows(sound: Sound<'_, '_>) -> Vec<Row> {
    let Some(fact) = sound.main_fact() else { return Vec::new() };
    let Some(variable) = sound.last_variable(fact) else { return Vec::new() };
    (0..sound.cells(variable).len()).map(|cell| Row { fact, cell, given: sound.is(fact, cell) }).collect()
}

/// The name of a row's value.
pub fn row_name(sound: Sound<'_, '_>, row: &Row) -> String {
    let model = &sound.model;
    let variable = sound.last_variable(row.fact);
    let value = variable.map_or(0, |variable| sound.cells(variable).value(row.cell));
    model.value_name(model.facts[row.fact.index()].of, value)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Before,
    After,
}

/// A phase or gate next to another phase, in some variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbour {
    pub gates: Vec<NodeId>,
    /// `None`: the workflow begins or ends here.
    pub phase: Option<NodeId>,
    /// Other facts decide whether it is this one.
    pub maybe: bool,
}

/// The phases that may be the next, or the last, to run from `item` on where `given` holds, each with the gates on the
/// way. One that another always runs in between of is none.
pub fn neighbours(sound: Sound<'_, '_>, item: NodeId, given: Diagram, direction: Direction) -> Vec<Neighbour> {
    let given = sound.and(given, sound.run(item));
    let mut walk = Walk { sound, direction, open: BTreeMap::new(), found: Vec::new() };
    walk.leave(item, given, &[]);
    while let Some((next, (variants, gates))) = walk.nearest() {
        walk.enter(next, variants, gates);
    }
    let found = walk.found;
    let mut neighbours = Vec::new();
    for (phase, variants, gates) in &found {
        let mut left = *variants;
        for between in found.iter().filter_map(|(other, ..)| *other).filter(|other| Some(*other) != *phase) {
            let (first, second) = match direction {
                Direction::Before => (*phase, Some(between)),
                Direction::After => (Some(between), *phase),
            };
            let in_order = match (first, second) {
                (Some(first), Some(second)) => sound.graph.precedes(&sound.model, first, second),
                // Whatever else runs stands between an item and the end.
                _ => true,
            };
            if in_order {
                left = sound.and_not(left, sound.run(between));
            }
        }
        if sound.covers(left, given) != Runs::Never {
            let maybe = match (direction, phase) {
                // What always runs is always complete, whatever runs behind it.
                (Direction::Before, Some(phase)) => sound.runs(*phase, given),
                _ => sound.covers(left, given),
            };
            neighbours.push(Neighbour { gates: gates.clone(), phase: *phase, maybe: maybe != Runs::Always });
        }
    }
    neighbours.sort_by_key(|neighbour| neighbour.phase.map_or(usize::MAX, NodeId::index));
    neighbours
}

/// A walk along the order from one item, nearest items first, so that each is entered once: with the variants in which
/// nothing on the way has run, and the gates on the way.
struct Walk<'a, 's> {
    sound: Sound<'a, 's>,
    direction: Direction,
    open: BTreeMap<NodeId, (Diagram, Vec<NodeId>)>,
    /// `None`: where the workflow begins or ends.
    found: Vec<(Option<NodeId>, Diagram, Vec<NodeId>)>,
}

impl Walk<'_, '_> {
    fn nearest(&mut self) -> Option<(NodeId, (Diagram, Vec<NodeId>))> {
        match self.direction {
            Direction::Before => self.open.pop_last(),
            Direction::After => self.open.pop_first(),
        }
    }

    fn add(&mut self, item: NodeId, variants: Diagram, gates: &[NodeId]) {
        let (known, way) = self.open.entry(item).or_insert((FALSE, Vec::new()));
        *known = self.sound.or(*known, variants);
        for gate in gates {
            if !way.contains(gate) {
                way.push(*gate);
            }
        }
    }

    /// Goes on behind an item, and where nothing is, behind what stands around it.
    fn leave(&mut self, item: NodeId, variants: Diagram, gates: &[NodeId]) {
        let (graph, model) = (&self.sound.graph, &self.sound.model);
        let next: Vec<NodeId> = match self.direction {
            Direction::Before => graph.before(item).collect(),
            Direction::After => graph.after(item).collect(),
        };
        let parent = model.node(item).parent;
        if next.is_empty() && parent == NodeId::new(0) {
            match self.found.iter_mut().find(|(phase, ..)| phase.is_none()) {
                Some((_, known, _)) => *known = self.sound.or(*known, variants),
                None => self.found.push((None, variants, gates.to_vec())),
            }
        } else if next.is_empty() {
            self.leave(parent, variants, gates);
        }
        for item in next {
            self.add(item, variants, gates);
        }
    }

    fn enter(&mut self, item: NodeId, variants: Diagram, mut gates: Vec<NodeId>) {
        let (sound, model) = (self.sound, &self.sound.model);
        match model.node(item).kind {
            NodeKind::Phase => {
                let run = sound.run(item);
                let runs = sound.covers(run, variants);
                if runs != Runs::Never {
                    self.found.push((Some(item), sound.and(variants, run), gates.clone()));
                }
                if runs != Runs::Always {
                    self.leave(item, sound.and_not(variants, run), &gates);
                }
            }
            NodeKind::Gate => {
                if sound.runs(item, variants) != Runs::Never {
                    gates.push(item);
                }
                self.leave(item, variants, &gates);
            }
            NodeKind::Loop | NodeKind::Parallel => {
                let inside: Vec<NodeId> = model
                    .children(item)
                    .filter(|child| match self.direction {
                        Direction::After => sound.graph.before(*child).next().is_none(),
                        Direction::Before => sound.graph.after(*child).next().is_none(),
                    })
                    .collect();
                for child in inside {
                    self.add(child, variants, &gates);
                }
            }
            _ => {}
        }
    }
}

/// The neighbours for each group of variants that share them: "SMALL", "MEDIUM, LARGE", or nothing when all do.
pub fn grouped(prose: &Prose<'_, '_>, phase: NodeId, direction: Direction) -> Vec<(String, Vec<Neighbour>)> {
    let sound = prose.sound;
    let rows = rows(sound);
    let mut groups: Vec<(Vec<String>, Vec<Neighbour>)> = Vec::new();
    for row in &rows {
        if sound.runs(phase, row.given) == Runs::Never {
            continue;
        }
        let found = neighbours(sound, phase, row.given, direction);
        match groups.iter_mut().find(|(_, known)| *known == found) {
            Some((names, _)) => names.push(row_name(sound, row)),
            None => groups.push((vec![row_name(sound, row)], found)),
        }
    }
    if groups.len() <= 1 {
        let found = groups.pop().map_or_else(|| neighbours(sound, phase, TRUE, direction), |(_, found)| found);
        return vec![(String::new(), found)];
    }
    groups.into_iter().map(|(names, found)| (joined(&names), found)).collect()
}
