//! What comes before and after a phase, for each variant: the next phase that runs, and the gates on the way.

use crate::analysis::{Runs, Sound};
use crate::logic::{Diagram, TRUE};
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

/// The nearest phases that may run before or after `phase` where `given` holds, each with the gates on the way.
pub fn neighbours(sound: Sound<'_, '_>, phase: NodeId, given: Diagram, direction: Direction) -> Vec<Neighbour> {
    let mut found = Vec::new();
    let mut seen = std::collections::HashSet::new();
    walk(sound, phase, given, direction, &mut Vec::new(), false, &mut found, &mut seen);
    found
}

#[expect(clippy::too_many_arguments, reason = "one walk, its state and its result")]
fn walk(
    sound: Sound<'_, '_>,
    from: NodeId,
    given: Diagram,
    direction: Direction,
    gates: &mut Vec<NodeId>,
    maybe: bool,
    found: &mut Vec<Neighbour>,
    seen: &mut std::collections::HashSet<NodeId>,
) {
    let model = &sound.model;
    let mut next: Vec<NodeId> = match direction {
        Direction::Before => sound.graph.before(from).collect(),
        Direction::After => sound.graph.after(from).collect(),
    };
    next.sort();
    if next.is_empty() {
        let parent = model.node(from).parent;
        if parent == NodeId::new(0) {
            push(found, Neighbour { gates: gates.clone(), phase: None, maybe });
        } else {
            walk(sound, parent, given, direction, gates, maybe, found, seen);
        }
        return;
    }
    for item in next {
        enter(sound, item, given, direction, gates, maybe, found, seen);
    }
}

#[expect(clippy::too_many_arguments, reason = "one walk, its state and its result")]
fn enter(
    sound: Sound<'_, '_>,
    item: NodeId,
    given: Diagram,
    direction: Direction,
    gates: &mut Vec<NodeId>,
    maybe: bool,
    found: &mut Vec<Neighbour>,
    seen: &mut std::collections::HashSet<NodeId>,
) {
    let model = &sound.model;
    match model.node(item).kind {
        NodeKind::Phase => match sound.runs(item, given) {
            Runs::Always => push(found, Neighbour { gates: gates.clone(), phase: Some(item), maybe }),
            Runs::Never => walk(sound, item, given, direction, gates, maybe, found, seen),
            Runs::Depends => {
                push(found, Neighbour { gates: gates.clone(), phase: Some(item), maybe: true });
                if seen.insert(item) {
                    walk(sound, item, given, direction, gates, true, found, seen);
                }
            }
        },
        NodeKind::Gate => {
            let stands = sound.runs(item, given) != Runs::Never;
            if stands {
                gates.push(item);
            }
            walk(sound, item, given, direction, gates, maybe, found, seen);
            if stands {
                gates.pop();
            }
        }
        NodeKind::Loop | NodeKind::Parallel => {
            let inside: Vec<NodeId> = model
                .children(item)
                .filter(|child| match direction {
                    Direction::After => sound.graph.before(*child).next().is_none(),
                    Direction::Before => sound.graph.after(*child).next().is_none(),
                })
                .collect();
            for child in inside {
                enter(sound, child, given, direction, gates, maybe, found, seen);
            }
        }
        _ => {}
    }
}

fn push(found: &mut Vec<Neighbour>, neighbour: Neighbour) {
    if !found.contains(&neighbour) {
        found.push(neighbour);
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
