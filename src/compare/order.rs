//! Which items have moved: told by the moved item, not by all the pairs that changed with it.

use super::joint::Side;
use super::keys::Keys;
use crate::analysis::Analysis;
use crate::model::{NodeId, NodeKind};

/// An item whose place in the order changed.
pub struct Moved {
    /// In the new workflow.
    pub node: NodeId,
    /// Items that it is now before, after, or beside, each in the order of the new workflow.
    pub before: Vec<NodeId>,
    pub after: Vec<NodeId>,
    pub beside: Vec<NodeId>,
    /// A gate among the pairs no longer holds back what it held back.
    pub escaped: Option<(NodeId, NodeId)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Before,
    After,
    Beside,
}

/// The items that both workflows have and that stand elsewhere in the order, the most telling first.
pub fn moved(sides: [&Analysis<'_>; 2], keys: &[Keys; 2]) -> Vec<Moved> {
    if structure(sides[0], &keys[0]) == structure(sides[1], &keys[1]) {
        return Vec::new();
    }
    let new = sides[Side::New as usize];
    let common: Vec<[NodeId; 2]> = (1..new.model.nodes.len())
        .map(NodeId::new)
        .filter(|node| new.model.node(*node).kind != NodeKind::Parallel)
        .filter_map(|node| Some([keys[0].get(keys[1].of(node))?, node]))
        .collect();
    let mut changed: Vec<(usize, usize, Relation, Relation)> = Vec::new();
    for (a, first) in common.iter().enumerate() {
        for (b, second) in common.iter().enumerate().skip(a + 1) {
            let [old, new] = [0, 1].map(|side| relation(sides[side], first[side], second[side]));
            if old != new {
                changed.push((a, b, old, new));
            }
        }
    }
    let mut found = Vec::new();
    while !changed.is_empty() {
        let weight = |item: usize| changed.iter().filter(|(a, b, ..)| *a == item || *b == item).count();
        let outermost = |item: usize| std::cmp::Reverse(new.model.ancestors(common[item][1]).count());
        let Some(item) = (0..common.len()).max_by_key(|item| (weight(*item), outermost(*item))) else { break };
        found.push(told(new, &common, &changed, item));
        // What is inside moved with it.
        let inside = |other: usize| new.model.is_within(common[other][1], common[item][1]);
        changed.retain(|(a, b, ..)| !inside(*a) && !inside(*b));
    }
    found
}

fn told(
    new: &Analysis<'_>,
    common: &[[NodeId; 2]],
    changed: &[(usize, usize, Relation, Relation)],
    item: usize,
) -> Moved {
    let node = common[item][1];
    let mut moved = Moved { node, before: Vec::new(), after: Vec::new(), beside: Vec::new(), escaped: None };
    for (a, b, old, now) in changed.iter().copied().filter(|(a, b, ..)| *a == item || *b == item) {
        let other = common[if a == item { b } else { a }][1];
        let list = match (now, a == item) {
            (Relation::Beside, _) => &mut moved.beside,
            (Relation::Before, true) | (Relation::After, false) => &mut moved.before,
            _ => &mut moved.after,
        };
        // The outermost stands for what is inside.
        if !list.iter().any(|around| new.model.is_within(other, *around)) {
            list.push(other);
        }
        let (gate, held) = if old == Relation::Before { (a, b) } else { (b, a) };
        let is_gate = new.model.node(common[gate][1]).kind == NodeKind::Gate;
        if old != Relation::Beside && is_gate && moved.escaped.is_none() {
            moved.escaped = Some((common[gate][1], common[held][1]));
        }
    }
    moved
}

fn relation(analysis: &Analysis<'_>, a: NodeId, b: NodeId) -> Relation {
    if analysis.graph.precedes(&analysis.model, a, b) {
        Relation::Before
    } else if analysis.graph.precedes(&analysis.model, b, a) {
        Relation::After
    } else {
        Relation::Beside
    }
}

/// All that the order follows from.
fn structure<'k>(analysis: &Analysis<'_>, keys: &'k Keys) -> Vec<(&'k str, NodeKind, usize, Option<Vec<&'k str>>)> {
    let nodes = analysis.model.nodes.iter().enumerate();
    nodes
        .map(|(index, node)| {
            let after = node.after().as_ref().map(|after| after.iter().map(|(other, _)| keys.of(*other)).collect());
            (keys.of(NodeId::new(index)), node.kind, node.parent.index(), after)
        })
        .collect()
}
