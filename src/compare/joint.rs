//! One space of variants for two workflows, in which the conditions of both can be compared.
//!
//! A version of a fact is the same on both sides when the fact has the same name and the same item leaves it; the first
//! version belongs to the fact, whoever decides it. Values of enums are the same by name, integers are cut where either
//! side cuts them. Only variants that both sides know are compared: a value that one of them lacks is a difference of the
//! enum, and not of every condition that reads it.

use rustc_hash::FxHashMap;

use super::keys::Keys;
use crate::analysis::Analysis;
use crate::logic::{Cells, Diagram, FALSE, Logic, TRUE, Undecided, Variable};
use crate::model::Type;

/// Which of the two workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Old = 0,
    New = 1,
}

pub struct Joint<'a, 's> {
    sides: [&'a Analysis<'s>; 2],
    logic: Logic,
    axes: Vec<Axis>,
    /// For each side, the axis of each of its variables.
    axis_of: [Vec<usize>; 2],
    translated: [FxHashMap<Diagram, Diagram>; 2],
    /// What the values that both know allow; then what the revisers of both guarantee.
    common: Vec<Diagram>,
    relations: Vec<Diagram>,
}

/// A version of a fact, on one side or on both.
struct Axis {
    fact: String,
    /// `fact`, or `fact@item` for a version that is the last on neither side.
    shown: String,
    /// As they are written: a value, or a range of numbers by its smallest.
    values: Vec<String>,
    /// For each side that has it, the cell there of each cell here.
    cells: [Option<Vec<Option<usize>>>; 2],
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    fact: String,
    item: Option<String>,
    /// A fact that changes its type is another one.
    of: &'static str,
}

impl<'a, 's> Joint<'a, 's> {
    pub fn new(old: &'a Analysis<'s>, new: &'a Analysis<'s>, keys: &[Keys; 2]) -> Self {
        let sides = [old, new];
        let mut place: FxHashMap<Key, usize> = FxHashMap::default();
        let mut found: Vec<[Option<Variable>; 2]> = Vec::new();
        let mut axis_of = [Vec::new(), Vec::new()];
        for side in 0..2 {
            for variable in sides[side].variables() {
                let axis = *place.entry(key(sides[side], variable, &keys[side])).or_insert_with(|| {
                    found.push([None; 2]);
                    found.len() - 1
                });
                found[axis][side] = Some(variable);
                axis_of[side].push(axis);
            }
        }
        let axes: Vec<Axis> = found.iter().map(|found| axis(sides, *found)).collect();
        let logic = Logic::new(axes.iter().map(|axis| axis.values.len()).collect());
        let translated = Default::default();
        let mut this = Joint { sides, logic, axes, axis_of, translated, common: Vec::new(), relations: Vec::new() };
        this.common =
            (0..this.axes.len()).map(|axis| this.known_to_both(axis)).filter(|known| *known != TRUE).collect();
        for side in [Side::Old, Side::New] {
            for relation in sides[side as usize].relations() {
                let relation = this.of(side, *relation);
                this.relations.push(relation);
            }
        }
        this
    }

    fn known_to_both(&mut self, axis: usize) -> Diagram {
        let knows = |cell: usize| {
            self.axes[axis].cells.iter().all(|cells| cells.as_ref().is_none_or(|cells| cells[cell].is_some()))
        };
        self.logic.literal(axis, knows)
    }

    /// A condition of one side as one of both.
    pub fn of(&mut self, side: Side, diagram: Diagram) -> Diagram {
        let (axes, axis_of) = (&self.axes, &self.axis_of[side as usize]);
        let literal = |logic: &mut Logic, variable: Variable, cell: usize| {
            let axis = axis_of[variable];
            let cells = axes[axis].cells[side as usize].as_ref();
            logic.literal(axis, |here| cells.is_some_and(|cells| cells[here] == Some(cell)))
        };
        let known = &mut self.translated[side as usize];
        self.sides[side as usize].translate(diagram, &mut self.logic, known, &literal)
    }

    /// Where `a` holds and `b` does not, in the variants that both sides have.
    pub fn gap(&mut self, a: Diagram, b: Diagram) -> Diagram {
        let gap = self.logic.and_not(a, b);
        self.possible(gap)
    }

    /// As [`Joint::gap`], without what the revisers guarantee: for what they guarantee themselves.
    pub fn bare_gap(&mut self, a: Diagram, b: Diagram) -> Diagram {
        let gap = self.logic.and_not(a, b);
        let common = self.common.clone();
        self.within(gap, &common)
    }

    pub fn and(&mut self, a: Diagram, b: Diagram) -> Diagram {
        self.logic.and(a, b)
    }

    pub fn or(&mut self, a: Diagram, b: Diagram) -> Diagram {
        self.logic.or(a, b)
    }

    fn possible(&mut self, condition: Diagram) -> Diagram {
        let premises: Vec<Diagram> = self.common.iter().chain(&self.relations).copied().collect();
        self.within(condition, &premises)
    }

    /// A condition with those premises that speak of the same facts, directly or through others.
    fn within(&mut self, condition: Diagram, premises: &[Diagram]) -> Diagram {
        let mut all = condition;
        let mut open = premises.to_vec();
        while all != FALSE {
            let support = self.logic.support(all);
            let (near, far): (Vec<Diagram>, Vec<Diagram>) = open
                .into_iter()
                .partition(|premise| self.logic.support(*premise).iter().any(|axis| support.contains(axis)));
            if near.is_empty() {
                break;
            }
            all = near.into_iter().fold(all, |all, premise| self.logic.and(all, premise));
            open = far;
        }
        all
    }

    /// Fails once a question was too large: then no answer counts.
    pub fn decided(&self) -> Result<(), Undecided> {
        self.sides.iter().try_for_each(|side| side.decided()).and_then(|()| self.logic.decided())
    }

    /// The values of a fact that are exactly where `gap` holds; `None` when other facts matter, too.
    pub fn values_of(&mut self, fact: &str, gap: Diagram) -> Option<Vec<String>> {
        let axes: Vec<usize> = (0..self.axes.len()).filter(|axis| self.axes[*axis].fact == fact).collect();
        // The last version is what people mean by the name.
        axes.into_iter().rev().find_map(|axis| {
            let inside = |joint: &mut Self, cell: usize| {
                let value = joint.logic.literal(axis, |value| value == cell);
                let value = joint.possible(value);
                (value != FALSE).then(|| (joint.logic.and(value, gap) != FALSE).then_some(value))
            };
            let mut all = FALSE;
            let mut values = Vec::new();
            let mut possible = 0;
            for cell in 0..self.axes[axis].values.len() {
                let Some(found) = inside(self, cell) else { continue };
                possible += 1;
                if let Some(value) = found {
                    all = self.logic.or(all, value);
                    values.push(self.axes[axis].values[cell].clone());
                }
            }
            (values.len() < possible && self.gap(all, gap) == FALSE).then_some(values)
        })
    }

    /// Facts under which `gap` holds, no more than are needed, and whether it holds under others, too. No facts: always.
    pub fn case(&mut self, gap: Diagram) -> (Vec<(String, String)>, bool) {
        let Some(mut cube) = self.logic.witness(gap) else { return (Vec::new(), false) };
        let mut index = 0;
        while index < cube.len() {
            let mut fewer = cube.clone();
            fewer.remove(index);
            let condition = self.cube(&fewer);
            if self.gap(condition, gap) == FALSE { cube = fewer } else { index += 1 }
        }
        let condition = self.cube(&cube);
        let others = self.gap(gap, condition) != FALSE;
        let shown = |(axis, cell): &(usize, usize)| {
            let axis = &self.axes[*axis];
            (axis.shown.clone(), axis.values[*cell].clone())
        };
        (cube.iter().map(shown).collect(), others)
    }

    fn cube(&mut self, values: &[(usize, usize)]) -> Diagram {
        values.iter().fold(TRUE, |all, (axis, cell)| {
            let literal = self.logic.literal(*axis, |value| value == *cell);
            self.logic.and(all, literal)
        })
    }
}

fn key(analysis: &Analysis<'_>, variable: Variable, keys: &Keys) -> Key {
    let version = analysis.version(variable);
    let fact = &analysis.model.facts[version.fact.index()];
    let first = analysis.versions_of(version.fact).next() == Some(variable);
    let of = match fact.of {
        Type::Bool => "bool",
        Type::Int(..) => "int",
        _ => "enum",
    };
    let item = version.node.filter(|_| !first).map(|node| keys.of(node).to_string());
    Key { fact: fact.name.name.to_string(), item, of }
}

fn axis(sides: [&Analysis<'_>; 2], found: [Option<Variable>; 2]) -> Axis {
    let there = || (0..2).filter_map(|side| Some((sides[side], found[side]?)));
    let fact_of = |(analysis, variable): (&Analysis<'_>, Variable)| {
        let fact = &analysis.model.facts[analysis.version(variable).fact.index()];
        (fact.of, fact.name.name.to_string())
    };
    let facts: Vec<(Type, String)> = there().map(fact_of).collect();
    let (of, fact) = facts.first().cloned().expect("an axis comes from one side at least");
    let last =
        there().any(|(analysis, variable)| analysis.last_variable(analysis.version(variable).fact) == Some(variable));
    let shown = match there().next() {
        Some((analysis, variable)) if !last => analysis.shown(variable, 0).0,
        _ => fact.clone(),
    };
    let whole = |of: Type| match of {
        Type::Int(low, high) => (low, high),
        _ => (0, -1),
    };
    if let Type::Int(..) = of {
        let low = facts.iter().map(|(of, _)| whole(*of).0).min().unwrap_or(0);
        let high = facts.iter().map(|(of, _)| whole(*of).1).max().unwrap_or(0);
        let ranges: Vec<(i64, i64)> = there()
            .flat_map(|(analysis, variable)| {
                let cells = analysis.cells(variable).clone();
                (0..cells.len()).map(move |cell| cells.range(cell)).collect::<Vec<_>>()
            })
            .collect();
        let joint = Cells::cut(low, high, &ranges);
        let cells = [0, 1].map(|side| {
            let (analysis, variable) = (sides[side], found[side]?);
            let own = analysis.cells(variable);
            let (low, high) = whole(analysis.model.facts[analysis.version(variable).fact.index()].of);
            let inside = |value: i64| (low..=high).contains(&value).then(|| own.cell(value));
            Some((0..joint.len()).map(|cell| inside(joint.value(cell))).collect())
        });
        let values = (0..joint.len()).map(|cell| match joint.range(cell) {
            (low, high) if low == high => low.to_string(),
            (low, high) => format!("{low}..{high}"),
        });
        return Axis { fact, shown, values: values.collect(), cells };
    }
    let names = |analysis: &Analysis<'_>, variable: Variable| -> Vec<String> {
        let of = analysis.model.facts[analysis.version(variable).fact.index()].of;
        let cells = analysis.cells(variable);
        (0..cells.len()).map(|cell| analysis.model.value_name(of, cells.value(cell))).collect()
    };
    let mut values: Vec<String> = Vec::new();
    for (analysis, variable) in there() {
        for name in names(analysis, variable) {
            if !values.contains(&name) {
                values.push(name);
            }
        }
    }
    let cells = [0, 1].map(|side| {
        let own = names(sides[side], found[side]?);
        Some(values.iter().map(|value| own.iter().position(|name| name == value)).collect())
    });
    Axis { fact, shown, values, cells }
}
