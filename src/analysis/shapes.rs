//! The shapes of execution: which phases run. Found by splitting the variants at the conditions of the phases, so that
//! what it costs grows with the shapes there are and not with the variants.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{Item, NodeId};

/// So many states are followed at once to count the shapes that are not listed.
const MAX_STATES: usize = 4_096;

/// Variants in which the same phases run.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The conditions of all phases: those that hold, and not the others.
    pub when: Diagram,
    /// The same in the variants that get to the end.
    pub given: Diagram,
    pub phases: Vec<NodeId>,
    pub skipped: Vec<NodeId>,
}

/// The shapes, and how many more there are.
#[derive(Debug)]
pub struct Shapes {
    pub listed: Vec<Shape>,
    pub more: More,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum More {
    Exactly(u128),
    /// There are too many to be counted.
    AtMost(u128),
}

/// A condition with all items that run under it.
type Split = (Diagram, Vec<NodeId>);

impl Analysis<'_> {
    /// The shapes of the variants that agree with `given` and get to the end, up to `limit`, those with few phases
    /// first. No shape when nobody gets to the end.
    pub fn shapes(&self, given: Diagram, limit: usize) -> Shapes {
        let end = Position::EndOf(NodeId::new(0));
        let given = self.where_reached(given, end);
        let phases: Vec<NodeId> = self.model.phases().collect();
        let splits = self.splits(&phases);
        let mut listed = Vec::new();
        let mut more = More::Exactly(0);
        // What is still to be split, with the conditions that hold so far.
        let mut open = vec![(given, Vec::new())];
        while let Some((variants, taken)) = open.pop() {
            if variants == FALSE {
                continue;
            }
            if listed.len() == limit {
                more = self.count_more(given, &splits, limit as u128);
                break;
            }
            match splits.get(taken.len()) {
                Some((run, _)) => {
                    let with = self.where_reached(self.and(variants, *run), end);
                    let without = self.where_reached(self.and_not(variants, *run), end);
                    for (variants, runs) in [(with, true), (without, false)] {
                        open.push((variants, taken.iter().copied().chain([runs]).collect()));
                    }
                }
                None => {
                    let mut runs = BTreeSet::new();
                    let mut when = TRUE;
                    for ((run, items), taken) in splits.iter().zip(&taken) {
                        when = if *taken { self.and(when, *run) } else { self.and_not(when, *run) };
                        runs.extend(items.iter().filter(|_| *taken).copied());
                    }
                    let (phases, skipped) = phases.iter().partition(|phase| runs.contains(phase));
                    listed.push(Shape { when, given: variants, phases, skipped });
                }
            }
        }
        listed.sort_by_key(|shape| (shape.phases.len(), shape.phases.clone()));
        Shapes { listed, more }
    }

    /// How many of these items run, each number with the variants in which it is so: those that agree with `given` and
    /// get to the end.
    pub fn numbers_running(&self, items: &[NodeId], given: Diagram) -> BTreeMap<usize, Diagram> {
        let splits = self.splits(items).into_iter().map(|(run, items)| (run, items.len()));
        self.numbers(splits, given, Position::EndOf(NodeId::new(0)))
    }

    /// How many of these conditions hold, each number with the variants in which it is so: those that agree with `given`
    /// and get to the position.
    pub fn numbers_holding(
        &self,
        conditions: impl Iterator<Item = Diagram>,
        given: Diagram,
        at: Position,
    ) -> BTreeMap<usize, Diagram> {
        self.numbers(conditions.map(|condition| (condition, 1)), given, at)
    }

    /// How many of these items of a gate apply, each number with the variants in which it is so: those that agree with
    /// `stands` and get to the gate.
    pub fn items_applying(&self, gate: NodeId, items: &[&Item<'_>], stands: Diagram) -> BTreeMap<usize, Diagram> {
        let before = Position::Before(gate);
        let when = items.iter().filter_map(|item| Some(self.holds(item.when.as_ref()?, before)));
        let always = items.iter().filter(|item| item.when.is_none()).count();
        let numbers = self.numbers_holding(when, stands, before);
        numbers.into_iter().map(|(number, variants)| (number + always, variants)).collect()
    }

    /// Each condition with how much it counts.
    fn numbers(
        &self,
        conditions: impl Iterator<Item = (Diagram, usize)>,
        given: Diagram,
        at: Position,
    ) -> BTreeMap<usize, Diagram> {
        let mut numbers = BTreeMap::from([(0, self.where_reached(given, at))]);
        for (condition, counted) in conditions {
            let mut next: BTreeMap<usize, Diagram> = BTreeMap::new();
            for (number, variants) in numbers {
                let with = self.where_reached(self.and(variants, condition), at);
                let without = self.where_reached(self.and_not(variants, condition), at);
                for (number, variants) in [(number + counted, with), (number, without)] {
                    if variants != FALSE {
                        let known = next.entry(number).or_insert(FALSE);
                        *known = self.or(*known, variants);
                    }
                }
            }
            numbers = next;
        }
        numbers.retain(|_, variants| *variants != FALSE);
        numbers
    }

    /// The conditions under which these items run, each once, in the order of their variables.
    fn splits(&self, items: &[NodeId]) -> Vec<Split> {
        let mut splits: Vec<Split> = Vec::new();
        let mut known: FxHashMap<Diagram, usize> = FxHashMap::default();
        for item in items {
            let run = self.run(*item);
            let index = *known.entry(run).or_insert(splits.len());
            if index == splits.len() {
                splits.push((run, Vec::new()));
            }
            splits[index].1.push(*item);
        }
        splits.sort_by_key(|(run, _)| self.top(*run));
        splits
    }

    /// How many shapes there are beyond `listed`. What no later condition asks for is forgotten, so that variants that
    /// go on alike are followed once.
    fn count_more(&self, given: Diagram, splits: &[Split], listed: u128) -> More {
        let end = Position::EndOf(NodeId::new(0));
        let mut states: FxHashMap<Diagram, u128> = FxHashMap::from_iter([(given, 1)]);
        for (index, (run, _)) in splits.iter().enumerate() {
            let later: BTreeSet<Variable> =
                splits[index + 1..].iter().flat_map(|(run, _)| self.support(*run)).collect();
            let mut next: FxHashMap<Diagram, u128> = FxHashMap::default();
            for (variants, count) in &states {
                for part in [self.and(*variants, *run), self.and_not(*variants, *run)] {
                    let mut part = self.where_reached(part, end);
                    for variable in self.support(part).into_iter().filter(|variable| !later.contains(variable)) {
                        part = self.exists(part, variable);
                    }
                    if part != FALSE {
                        let known = next.entry(part).or_default();
                        *known = known.saturating_add(*count);
                    }
                }
            }
            states = next;
            if states.len() > MAX_STATES {
                let so_far = states.values().fold(0_u128, |sum, count| sum.saturating_add(*count));
                let left = u32::try_from(splits.len() - index - 1).unwrap_or(u32::MAX);
                let all = so_far.saturating_mul(2_u128.checked_pow(left).unwrap_or(u128::MAX));
                return More::AtMost(all.saturating_sub(listed));
            }
        }
        More::Exactly(states.values().fold(0_u128, |sum, count| sum.saturating_add(*count)).saturating_sub(listed))
    }
}
