//! Conditions decided for all assignments: hash-consed decision diagrams over variables of several values.
//!
//! A variable has a small domain of cells: the values of an enum, the truth of a `bool`, the intervals into which the
//! constants that occur cut an integer. A diagram is reduced and shared, so that equal conditions are equal numbers,
//! "always" is [`TRUE`], "never" is [`FALSE`], and implication is one operation.

mod cells;

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

pub use cells::Cells;

/// A diagram, by its place in the table of one [`Logic`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Diagram(u32);

/// Never.
pub const FALSE: Diagram = Diagram(0);
/// Always.
pub const TRUE: Diagram = Diagram(1);

/// A variable, by its place in the order.
pub type Variable = usize;

/// The variables that a condition depends on, in their order.
pub type Support = SmallVec<[Variable; 8]>;

/// One value per variable that is bound; the others are free.
pub type Assignment = Vec<(Variable, usize)>;

/// More nodes than this, and [`NODES_PER_VARIABLE`] for each variable, and an answer is "undecided", never a silent yes
/// or no.
pub const NODE_BUDGET: usize = 1_000_000;
/// What is asked of each fact has to be kept, however many there are; entangled ones need far more.
const NODES_PER_VARIABLE: usize = 200;

/// Most conditions have no more nodes than this, which are looked through faster than hashed.
const FEW: usize = 16;

/// What the constants have instead of a variable.
const CONSTANT: u32 = u32::MAX;

/// After so many steps inwards it is asked how much stack is left: looking costs more than a shallow question, and so
/// many steps take far less than what must be left.
const STEPS: usize = 32;
/// More stack is taken when less than this is left.
const RED_ZONE: usize = 128 * 1024;
/// So much more.
const STACK: usize = 2 * 1024 * 1024;

/// The answer to a question when the budget is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Undecided;

/// One child per cell, while a node is looked for.
type Children = SmallVec<[Diagram; 8]>;

#[derive(Debug, Clone, Copy)]
struct Node {
    variable: u32,
    /// Where its children begin in the list of all.
    first: u32,
}

/// The table of diagrams over a fixed list of variables.
#[derive(Debug)]
pub struct Logic {
    /// The number of cells of each variable.
    domains: Vec<usize>,
    nodes: Vec<Node>,
    /// Of each node one per cell of its variable, node by node.
    children: Vec<Diagram>,
    /// Every node once, found by what it is made of.
    unique: HashTable<Diagram>,
    both: FxHashMap<(Diagram, Diagram), Diagram>,
    negated: FxHashMap<Diagram, Diagram>,
    /// How many nodes there may be.
    budget: usize,
    exhausted: bool,
    /// How many steps inwards we are.
    depth: usize,
}

impl Logic {
    /// `domains`: how many cells each variable has, in the order of the variables.
    pub fn new(domains: Vec<usize>) -> Self {
        Logic {
            budget: NODE_BUDGET + NODES_PER_VARIABLE * domains.len(),
            domains,
            nodes: vec![Node { variable: CONSTANT, first: 0 }; 2],
            children: Vec::new(),
            unique: HashTable::new(),
            both: FxHashMap::default(),
            negated: FxHashMap::from_iter([(FALSE, TRUE), (TRUE, FALSE)]),
            exhausted: false,
            depth: 0,
        }
    }

    pub fn domains(&self) -> &[usize] {
        &self.domains
    }

    /// Fails once the budget has been used up: no answer since then can be relied on.
    pub fn decided(&self) -> Result<(), Undecided> {
        if self.exhausted { Err(Undecided) } else { Ok(()) }
    }

    /// How many diagrams there are.
    pub fn size(&self) -> usize {
        self.nodes.len()
    }

    /// How many there may be.
    pub fn budget(&self) -> usize {
        self.budget
    }

    /// Forgets what was made since there were so many: none of it may be used again. Then there is room for other
    /// questions.
    pub fn forget_from(&mut self, size: usize) {
        let kept = |diagram: Diagram| (diagram.0 as usize) < size;
        if let Some(next) = self.nodes.get(size) {
            self.children.truncate(next.first as usize);
        }
        self.nodes.truncate(size);
        self.unique.retain(|diagram| kept(*diagram));
        self.both.retain(|(a, b), both| kept(*a) && kept(*b) && kept(*both));
        self.negated.retain(|a, not| kept(*a) && kept(*not));
        self.exhausted = false;
    }

    /// From here on nothing is decided.
    pub fn give_up(&mut self) {
        self.exhausted = true;
    }

    /// The variable has one of the values that `holds` says yes to.
    pub fn literal(&mut self, variable: Variable, holds: impl Fn(usize) -> bool) -> Diagram {
        let children: Children =
            (0..self.domains[variable]).map(|cell| if holds(cell) { TRUE } else { FALSE }).collect();
        self.node(variable as u32, &children)
    }

    /// The variable that is asked first; `None` of a constant.
    pub fn top(&self, diagram: Diagram) -> Option<Variable> {
        Some(self.variable(diagram)).filter(|variable| *variable != CONSTANT).map(|top| top as usize)
    }

    pub fn and(&mut self, a: Diagram, b: Diagram) -> Diagram {
        // Once the budget is used up no answer counts, so none is looked for.
        if a == FALSE || b == FALSE || self.exhausted {
            return FALSE;
        }
        if a == TRUE || a == b {
            return b;
        }
        if b == TRUE {
            return a;
        }
        let key = (a.min(b), a.max(b));
        match self.both.get(&key) {
            Some(known) => *known,
            None => self.inwards(|logic| logic.and_inside(key)),
        }
    }

    /// One step further in. A diagram is as deep as there are variables, so the stack grows with them.
    fn inwards<T>(&mut self, step: impl FnOnce(&mut Self) -> T) -> T {
        self.depth += 1;
        let done = if self.depth.is_multiple_of(STEPS) {
            stacker::maybe_grow(RED_ZONE, STACK, || step(self))
        } else {
            step(self)
        };
        self.depth -= 1;
        done
    }

    fn and_inside(&mut self, key: (Diagram, Diagram)) -> Diagram {
        let (a, b) = key;
        let (top_a, top_b) = (self.variable(a), self.variable(b));
        // The last variable is on top: what is settled later is joined to a long diagram without walking through it.
        let variable = top_a.max(top_b);
        let children: Children = (0..self.domains[variable as usize])
            .map(|cell| {
                let left = if top_a == variable { self.child(a, cell) } else { a };
                let right = if top_b == variable { self.child(b, cell) } else { b };
                self.and(left, right)
            })
            .collect();
        let result = self.node(variable, &children);
        // What was made without a budget is no answer, and may not become one when there is room again.
        if !self.exhausted {
            self.both.insert(key, result);
        }
        result
    }

    pub fn not(&mut self, a: Diagram) -> Diagram {
        match self.negated.get(&a) {
            Some(known) => *known,
            None if self.exhausted => FALSE,
            None => self.inwards(|logic| logic.not_inside(a)),
        }
    }

    fn not_inside(&mut self, a: Diagram) -> Diagram {
        let variable = self.variable(a);
        let children: Children =
            (0..self.domains[variable as usize]).map(|cell| self.not(self.child(a, cell))).collect();
        let result = self.node(variable, &children);
        if !self.exhausted {
            self.negated.insert(a, result);
            self.negated.insert(result, a);
        }
        result
    }

    pub fn or(&mut self, a: Diagram, b: Diagram) -> Diagram {
        if a == FALSE || a == b {
            return b;
        }
        if b == FALSE {
            return a;
        }
        let (not_a, not_b) = (self.not(a), self.not(b));
        let neither = self.and(not_a, not_b);
        self.not(neither)
    }

    /// `a` without `b`.
    pub fn and_not(&mut self, a: Diagram, b: Diagram) -> Diagram {
        if a == FALSE || a == b {
            return FALSE;
        }
        let not_b = self.not(b);
        self.and(a, not_b)
    }

    /// Whenever `a` holds, `b` does.
    pub fn implies(&mut self, a: Diagram, b: Diagram) -> bool {
        self.and_not(a, b) == FALSE
    }

    /// Holds for some value of the variable.
    pub fn exists(&mut self, diagram: Diagram, variable: Variable) -> Diagram {
        let mut known = FxHashMap::default();
        self.exists_inside(diagram, variable as u32, &mut known)
    }

    fn exists_inside(&mut self, diagram: Diagram, variable: u32, known: &mut FxHashMap<Diagram, Diagram>) -> Diagram {
        let top = self.variable(diagram);
        if top == CONSTANT || top < variable || self.exhausted {
            return diagram;
        }
        if let Some(done) = known.get(&diagram) {
            return *done;
        }
        let children = Children::from_slice(self.children(diagram));
        let result = if top == variable {
            let none = children.iter().fold(TRUE, |none, child| self.and_not(none, *child));
            self.not(none)
        } else {
            let children: Children = children
                .iter()
                .map(|child| self.inwards(|logic| logic.exists_inside(*child, variable, known)))
                .collect();
            self.node(top, &children)
        };
        known.insert(diagram, result);
        result
    }

    /// The truth of a diagram where the variables have these values; `None` when it hangs on one that is not given.
    pub fn evaluate(&self, diagram: Diagram, value: impl Fn(Variable) -> Option<usize>) -> Option<bool> {
        let mut at = diagram;
        while at != TRUE && at != FALSE {
            at = self.child(at, value(self.variable(at) as usize)?);
        }
        Some(at == TRUE)
    }

    /// Some assignment that makes it true, in the order of the variables; from the last one on each has its first value
    /// that is possible. `None` for [`FALSE`].
    pub fn witness(&self, diagram: Diagram) -> Option<Assignment> {
        let mut assignment = Vec::new();
        let mut at = diagram;
        while at != TRUE {
            let cell = self.children(at).iter().position(|child| *child != FALSE)?;
            assignment.push((self.variable(at) as usize, cell));
            at = self.child(at, cell);
        }
        assignment.reverse();
        Some(assignment)
    }

    /// The variables it depends on, in their order.
    pub fn support(&self, diagram: Diagram) -> Support {
        let mut few: SmallVec<[Diagram; FEW]> = SmallVec::new();
        let mut many = FxHashSet::default();
        let mut variables = Support::new();
        let mut open: SmallVec<[Diagram; FEW]> = SmallVec::from_slice(&[diagram]);
        while let Some(at) = open.pop() {
            let is_new = match few.len() {
                _ if at == TRUE || at == FALSE => false,
                FEW => !few.contains(&at) && many.insert(at),
                _ => !few.contains(&at),
            };
            if is_new {
                if few.len() < FEW {
                    few.push(at);
                }
                variables.push(self.variable(at) as usize);
                open.extend_from_slice(self.children(at));
            }
        }
        variables.sort_unstable();
        variables.dedup();
        variables
    }

    /// The same condition in another table. `literal` says there what a cell of a variable of this table is; `known` holds
    /// what has been translated so far, and must be used with one table and one `literal` only.
    pub fn translate(
        &self,
        diagram: Diagram,
        into: &mut Logic,
        known: &mut FxHashMap<Diagram, Diagram>,
        literal: &dyn Fn(&mut Logic, Variable, usize) -> Diagram,
    ) -> Diagram {
        if diagram == TRUE || diagram == FALSE {
            return diagram;
        }
        if let Some(done) = known.get(&diagram) {
            return *done;
        }
        let mut result = FALSE;
        for (cell, child) in self.children(diagram).iter().enumerate() {
            let child = stacker::maybe_grow(RED_ZONE, STACK, || self.translate(*child, into, known, literal));
            let here = literal(into, self.variable(diagram) as usize, cell);
            let both = into.and(here, child);
            result = into.or(result, both);
        }
        known.insert(diagram, result);
        result
    }

    fn variable(&self, diagram: Diagram) -> u32 {
        self.nodes[diagram.0 as usize].variable
    }

    /// One per cell of its variable; none of a constant.
    fn children(&self, diagram: Diagram) -> &[Diagram] {
        children_of(&self.nodes, &self.children, &self.domains, diagram)
    }

    fn child(&self, diagram: Diagram, cell: usize) -> Diagram {
        self.children[self.nodes[diagram.0 as usize].first as usize + cell]
    }

    fn node(&mut self, variable: u32, children: &[Diagram]) -> Diagram {
        let first = children[0];
        if children.iter().all(|child| *child == first) {
            return first;
        }
        let hash = |variable: u32, children: &[Diagram]| FxBuildHasher.hash_one((variable, children));
        let (nodes, all, domains) = (&self.nodes, &self.children, &self.domains);
        let made_of = |known: &Diagram| (nodes[known.0 as usize].variable, children_of(nodes, all, domains, *known));
        let wanted = hash(variable, children);
        if let Some(known) = self.unique.find(wanted, |known| made_of(known) == (variable, children)) {
            return *known;
        }
        let room = self.nodes.len() < self.budget();
        let Some(first) = u32::try_from(self.children.len()).ok().filter(|_| room) else {
            self.exhausted = true;
            return FALSE;
        };
        let diagram = Diagram(self.nodes.len() as u32);
        self.unique.insert_unique(wanted, diagram, |known| {
            let (variable, children) = made_of(known);
            hash(variable, children)
        });
        self.nodes.push(Node { variable, first });
        self.children.extend_from_slice(children);
        diagram
    }
}

fn children_of<'l>(nodes: &[Node], all: &'l [Diagram], domains: &[usize], diagram: Diagram) -> &'l [Diagram] {
    let Node { variable, first } = nodes[diagram.0 as usize];
    let cells = if variable == CONSTANT { 0 } else { domains[variable as usize] };
    &all[first as usize..first as usize + cells]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A question that uses up the budget leaves nothing behind: asked again with more room, all are answered.
    #[test]
    fn what_is_left_open_leaves_nothing_behind() {
        let equal = |logic: &mut Logic, pairs: usize| {
            (0..pairs).fold(TRUE, |all, pair| {
                let (here, there) =
                    (logic.literal(pair, |cell| cell == 0), logic.literal(pairs + pair, |cell| cell == 0));
                let (both, neither) = (logic.and(here, there), logic.or(here, there));
                let differ = logic.and_not(neither, both);
                logic.and_not(all, differ)
            })
        };
        for budget in 20..200 {
            let mut logic = Logic::new(vec![2; 12]);
            let small = equal(&mut logic, 1);
            let size = logic.size();
            logic.budget = budget;
            equal(&mut logic, 6);
            assert!(logic.decided().is_err(), "{budget} nodes are too few");
            logic.forget_from(size);
            assert_eq!((logic.not(TRUE), logic.not(FALSE)), (FALSE, TRUE));
            assert_eq!(equal(&mut logic, 1), small);
            logic.budget = 100_000;
            let all = equal(&mut logic, 6);
            let mut fresh = Logic::new(vec![2; 12]);
            let expected = equal(&mut fresh, 6);
            assert!(logic.decided().is_ok());
            for cells in 0..1 << 12 {
                let value = |variable: Variable| Some(cells >> variable & 1);
                assert_eq!(
                    logic.evaluate(all, value),
                    fresh.evaluate(expected, value),
                    "budget {budget}, cells {cells:b}"
                );
            }
        }
    }

    #[test]
    fn a_condition_is_the_same_in_a_finer_table() {
        let mut coarse = Logic::new(vec![2, 2]);
        let (high, flag) = (coarse.literal(0, |cell| cell == 1), coarse.literal(1, |cell| cell == 1));
        let both = coarse.and(high, flag);
        // The variables change places, and the first is cut into four.
        let mut fine = Logic::new(vec![2, 4]);
        let literal = |fine: &mut Logic, variable: Variable, cell: usize| match variable {
            0 => fine.literal(1, |value| usize::from(value > 1) == cell),
            _ => fine.literal(0, |value| value == cell),
        };
        let translated = coarse.translate(both, &mut fine, &mut FxHashMap::default(), &literal);
        let (high, flag) = (fine.literal(1, |value| value > 1), fine.literal(0, |value| value == 1));
        assert_eq!(translated, fine.and(high, flag));
    }

    #[test]
    fn what_is_forgotten_leaves_the_rest_as_it_was() {
        let mut logic = Logic::new(vec![3, 2]);
        let small = logic.literal(0, |value| value == 0);
        let size = logic.size();
        let flag = logic.literal(1, |value| value == 1);
        let both = logic.and(small, flag);
        logic.give_up();
        assert_eq!(logic.decided(), Err(Undecided));
        logic.forget_from(size);
        assert_eq!((logic.decided(), logic.size()), (Ok(()), size));
        // The same numbers are given again, and not to what was known by them before.
        let other = logic.literal(1, |value| value == 0);
        assert_eq!(other, flag);
        let either = logic.and(small, other);
        assert_eq!(logic.witness(either), Some(vec![(0, 0), (1, 0)]));
        assert_ne!(logic.not(small), both);
    }

    #[test]
    fn equal_conditions_are_equal_numbers() {
        let mut logic = Logic::new(vec![3, 2]);
        let small = logic.literal(0, |value| value == 0);
        let larger = logic.literal(0, |value| value > 0);
        let flag = logic.literal(1, |value| value == 1);
        assert_eq!(logic.not(small), larger);
        assert_eq!(logic.or(small, larger), TRUE);
        assert_eq!(logic.and(small, larger), FALSE);
        let both = logic.and(small, flag);
        assert!(logic.implies(both, small));
        assert!(!logic.implies(small, both));
        assert_eq!(logic.witness(both), Some(vec![(0, 0), (1, 1)]));
        assert_eq!(logic.support(both)[..], [0, 1]);
        assert_eq!(logic.decided(), Ok(()));
    }
}
