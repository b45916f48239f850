//! A model with everything that can be asked of it: its order, and for each item the condition under which it runs,
//! decided for all assignments of the facts.

mod example;
mod given;
mod passage;
mod questions;
mod reach;
mod reasons;
mod review;
mod shapes;
mod sites;
mod starts;
mod texts;
mod turns;
mod worst;

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::diagnostic::Diagnostic;
use crate::graph::{PhaseGraph, Position};
use crate::logic::{Cells, Diagram, FALSE, Logic, Support, TRUE, Variable};
use crate::model::{Cond, Condition, FactAtom, FactId, FactKind, Model, NodeId, NodeKind, Skip, Type};

pub use passage::{option_turns_back, outcome_turns_back, turns_back};
pub use questions::Open;
pub use reasons::{Reason, Unmet};
pub use shapes::{More, Shape, Shapes};
pub use sites::{Role, Site};
pub use starts::{Start, Why, asked_when_blocked, helps_itself, shared_route};
pub use texts::{Written, texts};
pub use turns::Turn;
pub use worst::{Excess, Load, Part, Resource, WorstCase};

/// One version of a fact: as its decider left it, or as a reviser changed it.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    pub fact: FactId,
    /// Where it comes from; `None` for inputs.
    pub node: Option<NodeId>,
}

/// Whether an item runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    Always,
    Never,
    /// Other facts decide.
    Depends,
}

/// The model, its order and its logic.
#[derive(Debug)]
pub struct Analysis<'s> {
    pub model: Model<'s>,
    pub graph: PhaseGraph,
    /// In the order of the variables.
    versions: Vec<Version>,
    cells: Vec<Cells>,
    /// The variables of each fact, in the order of its versions; empty for texts.
    variables: Vec<Vec<Variable>>,
    logic: RefCell<Logic>,
    /// The skip rules that name each phase.
    skipped_by: FxHashMap<NodeId, Vec<usize>>,
    /// The items that have conditions of their own, in order.
    conditional: Vec<NodeId>,
    /// Under which condition each node runs.
    run: Vec<Diagram>,
    /// What revisers guarantee between the versions of a fact, one per revision.
    relations: Vec<Diagram>,
    reach: OnceCell<reach::Reach>,
    main_fact: OnceCell<Option<FactId>>,
    questions: questions::Questions,
}

/// An analysis without an error: the only thing that documents and plans are made from.
#[derive(Debug, Clone, Copy)]
pub struct Sound<'a, 's>(&'a Analysis<'s>);

impl<'a, 's> std::ops::Deref for Sound<'a, 's> {
    type Target = Analysis<'s>;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl<'s> Analysis<'s> {
    pub fn new(model: Model<'s>, graph: PhaseGraph) -> Self {
        let versions: Vec<Version> =
            model.facts.iter().enumerate().flat_map(|(index, fact)| versions_of(index, fact)).collect();
        let mut variables = vec![Vec::new(); model.facts.len()];
        for (variable, version) in versions.iter().enumerate() {
            variables[version.fact.index()].push(variable);
        }
        let conditional = sites::conditional(&model);
        let cut = cells_of(&model, &conditional);
        let cells: Vec<Cells> = versions.iter().map(|version| cut[version.fact.index()].clone()).collect();
        let logic = Logic::new(cells.iter().map(|cells| cells.len()).collect());
        let nodes = model.nodes.len();
        let mut analysis = Analysis {
            model,
            graph,
            versions,
            cells,
            variables,
            logic: RefCell::new(logic),
            skipped_by: FxHashMap::default(),
            conditional,
            run: vec![TRUE; nodes],
            relations: Vec::new(),
            reach: OnceCell::new(),
            main_fact: OnceCell::new(),
            questions: questions::Questions::default(),
        };
        analysis.decide_runs();
        analysis.relate_versions();
        analysis
    }

    /// The analysis as sound, unless some diagnostic is an error.
    pub fn sound(&self, diagnostics: &[Diagnostic]) -> Option<Sound<'_, 's>> {
        let faulty = diagnostics.iter().any(Diagnostic::is_error) || self.model.header.is_none();
        (!faulty).then_some(Sound(self))
    }

    fn decide_runs(&mut self) {
        for (index, skip) in self.model.skips.iter().enumerate() {
            for (phase, _) in &skip.phases {
                self.skipped_by.entry(*phase).or_default().push(index);
            }
        }
        for index in 1..self.model.nodes.len() {
            let id = NodeId::new(index);
            let node = self.model.node(id);
            let mut run = self.run[node.parent.index()];
            if let Some(when) = &node.when {
                let when = self.holds(when, Position::Before(id));
                run = self.logic.borrow_mut().and(run, when);
            }
            for skip in self.skip_rules(id) {
                let applies = skip.when.as_ref().map_or(TRUE, |when| self.holds(when, Position::Before(id)));
                run = self.logic.borrow_mut().and_not(run, applies);
            }
            self.run[index] = run;
        }
    }

    fn relate_versions(&mut self) {
        self.relations = self
            .model
            .works()
            .flat_map(|(id, work)| work.revises.iter().map(move |revision| (id, revision)))
            .map(|(id, revision)| self.relation(id, revision))
            .collect();
    }

    /// What a reviser guarantees: the first arm that fits gives the new value; without one, or where the reviser does
    /// not run, the value stays.
    fn relation(&self, id: NodeId, revision: &crate::model::Revision) -> Diagram {
        let variables = &self.variables[revision.fact.index()];
        let after = variables.iter().position(|variable| self.versions[*variable].node == Some(id));
        let Some(after) = after.filter(|position| *position > 0) else { return TRUE };
        let (old, new) = (variables[after - 1], variables[after]);
        let run = self.run[id.index()];
        let cells = self.cells[old].clone();
        let arms: Option<Vec<(Diagram, i64)>> = revision.arms.as_ref().map(|arms| {
            arms.iter()
                .map(|arm| {
                    (self.holds_at(&arm.condition.cond, Position::EndOf(id), Some((revision.fact, old))), arm.value)
                })
                .collect()
        });
        let mut relation = FALSE;
        for cell in 0..cells.len() {
            let was = self.logic.borrow_mut().literal(old, |value| value == cell);
            let stays = self.logic.borrow_mut().literal(new, |value| value == cell);
            let mut then = FALSE;
            match &arms {
                None => then = self.logic.borrow_mut().literal(new, |value| value >= cell),
                Some(arms) => {
                    let mut open = TRUE;
                    for (condition, value) in arms {
                        let target = cells.cell(*value);
                        let mut logic = self.logic.borrow_mut();
                        let becomes = logic.literal(new, |value| value == target);
                        let fits = logic.and(open, *condition);
                        let fits = logic.and(fits, becomes);
                        then = logic.or(then, fits);
                        open = logic.and_not(open, *condition);
                    }
                    let mut logic = self.logic.borrow_mut();
                    let unchanged = logic.and(open, stays);
                    then = logic.or(then, unchanged);
                }
            }
            let mut logic = self.logic.borrow_mut();
            let revised = logic.and(run, then);
            let not_run = logic.not(run);
            let kept = logic.and(not_run, stays);
            let either = logic.or(revised, kept);
            let case = logic.and(was, either);
            relation = logic.or(relation, case);
        }
        relation
    }

    // ── Conditions ───────────────────────────────────────────────────────────────────────────────

    /// A condition as it is read at a position.
    pub fn holds(&self, condition: &Condition, at: Position) -> Diagram {
        self.holds_at(&condition.cond, at, None)
    }

    /// A condition over the last version of each fact: in documents, properties, tests and on the command line.
    pub fn holds_finally(&self, condition: &Condition) -> Diagram {
        self.holds_at(&condition.cond, Position::EndOf(NodeId::new(0)), None)
    }

    /// The condition of an arm: over the version that the reviser finds.
    pub fn arm_holds(&self, condition: &Condition, reviser: NodeId, fact: FactId) -> Diagram {
        let found = self.version_before(fact, reviser).map(|old| (fact, old));
        self.holds_at(&condition.cond, Position::EndOf(reviser), found)
    }

    /// The version of a fact that a reviser of it finds.
    pub fn version_before(&self, fact: FactId, reviser: NodeId) -> Option<Variable> {
        self.versions_of(fact).take_while(|variable| self.version(*variable).node != Some(reviser)).last()
    }

    /// Part of a condition as it is read at a position.
    pub fn part_holds(&self, cond: &Cond, at: Position) -> Diagram {
        self.holds_at(cond, at, None)
    }

    fn holds_at(&self, cond: &Cond, at: Position, fixed: Option<(FactId, Variable)>) -> Diagram {
        match cond {
            Cond::All(operands) => {
                let operands = self.in_order(operands, at, fixed);
                let mut logic = self.logic.borrow_mut();
                operands.into_iter().fold(TRUE, |all, operand| logic.and(all, operand))
            }
            Cond::Any(operands) => {
                let operands = self.in_order(operands, at, fixed);
                let mut logic = self.logic.borrow_mut();
                // One negation at the end instead of one per operand.
                let none = operands.into_iter().fold(TRUE, |none, operand| logic.and_not(none, operand));
                logic.not(none)
            }
            Cond::Not(inner) => {
                let inner = self.holds_at(inner, at, fixed);
                self.logic.borrow_mut().not(inner)
            }
            Cond::Fact(atom) => self.atom(atom, at, fixed),
            Cond::Ran(node, _) => self.run[node.index()],
            Cond::Skipped(node, _) => {
                let run = self.run[node.index()];
                self.logic.borrow_mut().not(run)
            }
            // Known only in a run, or reported already: no answer may hang on it.
            Cond::Measure(_) | Cond::Fault => TRUE,
        }
    }

    /// Operands by their variables, so that each is joined on top of the others and none is walked through.
    fn in_order(&self, operands: &[Cond], at: Position, fixed: Option<(FactId, Variable)>) -> SmallVec<[Diagram; 8]> {
        let mut holds: SmallVec<[Diagram; 8]> =
            operands.iter().map(|operand| self.holds_at(operand, at, fixed)).collect();
        let logic = self.logic.borrow();
        holds.sort_by_key(|operand| logic.top(*operand));
        holds
    }

    fn atom(&self, atom: &FactAtom, at: Position, fixed: Option<(FactId, Variable)>) -> Diagram {
        let variable = match (fixed, atom.at) {
            (Some((fact, variable)), None) if fact == atom.fact => Some(variable),
            _ => self.variable_read(atom, at),
        };
        let Some(variable) = variable else { return TRUE };
        let cells = &self.cells[variable];
        self.logic.borrow_mut().literal(variable, |cell| {
            let value = cells.value(cell);
            atom.ranges.iter().any(|(low, high)| (*low..=*high).contains(&value))
        })
    }

    /// The version that a comparison at this position is about.
    pub fn variable_read(&self, atom: &FactAtom, at: Position) -> Option<Variable> {
        match atom.at {
            Some(node) => self.variable_from(atom.fact, node),
            None => self.variable_at(atom.fact, at),
        }
    }

    /// The variable that a reader at this position sees: of the last decider or reviser that is settled there.
    pub fn variable_at(&self, fact: FactId, at: Position) -> Option<Variable> {
        let variables = &self.variables[fact.index()];
        variables
            .iter()
            .rev()
            .copied()
            .find(|variable| self.versions[*variable].node.is_none_or(|node| self.graph.settled(&self.model, node, at)))
    }

    /// The version that a decider or reviser leaves.
    pub fn variable_from(&self, fact: FactId, node: NodeId) -> Option<Variable> {
        let variables = &self.variables[fact.index()];
        variables.iter().copied().find(|variable| {
            self.versions[*variable].node.is_some_and(|other| other == node || self.model.is_within(other, node))
        })
    }

    /// The versions of a fact, in their order.
    pub fn versions_of(&self, fact: FactId) -> impl Iterator<Item = Variable> + '_ {
        self.variables[fact.index()].iter().copied()
    }

    /// Two versions of a fact have the same value.
    pub fn equal(&self, a: Variable, b: Variable) -> Diagram {
        let mut logic = self.logic.borrow_mut();
        (0..self.cells[a].len()).fold(FALSE, |any, cell| {
            let left = logic.literal(a, |value| value == cell);
            let right = logic.literal(b, |value| value == cell);
            let both = logic.and(left, right);
            logic.or(any, both)
        })
    }

    /// The last version of a fact.
    pub fn last_variable(&self, fact: FactId) -> Option<Variable> {
        self.variables[fact.index()].last().copied()
    }

    pub fn version(&self, variable: Variable) -> Version {
        self.versions[variable]
    }

    /// All versions, fact by fact.
    pub fn variables(&self) -> std::ops::Range<Variable> {
        0..self.versions.len()
    }

    /// A version is in this cell.
    pub fn is_at(&self, variable: Variable, cell: usize) -> Diagram {
        self.logic.borrow_mut().literal(variable, |value| value == cell)
    }

    pub fn cells(&self, variable: Variable) -> &Cells {
        &self.cells[variable]
    }

    /// Calls `visit` for every condition, in the order of the items they belong to.
    pub fn sites<'a>(&'a self, visit: &mut dyn FnMut(Site<'a>)) {
        sites::sites(&self.model, &self.conditional, visit);
    }

    // ── Questions ────────────────────────────────────────────────────────────────────────────────

    /// The skip rules that name a phase, in the order of writing.
    pub fn skip_rules(&self, phase: NodeId) -> impl Iterator<Item = &Skip<'s>> {
        self.skipped_by.get(&phase).into_iter().flatten().map(|index| &self.model.skips[*index])
    }

    /// Under which condition an item runs.
    pub fn run(&self, node: NodeId) -> Diagram {
        self.run[node.index()]
    }

    fn reach(&self) -> &reach::Reach {
        self.reach.get_or_init(|| reach::Reach::new(self))
    }

    /// Whether an item runs in the variants that agree with `given`.
    pub fn runs(&self, node: NodeId, given: Diagram) -> Runs {
        self.covers(self.run[node.index()], given)
    }

    /// Whether `condition` holds in all, none or some of the variants that agree with `given`.
    pub fn covers(&self, condition: Diagram, given: Diagram) -> Runs {
        if self.possible(self.and_not(given, condition)) == FALSE {
            Runs::Always
        } else if self.possible(self.and(given, condition)) == FALSE {
            Runs::Never
        } else {
            Runs::Depends
        }
    }

    /// The last version of a fact is in this cell.
    pub fn is(&self, fact: FactId, cell: usize) -> Diagram {
        match self.last_variable(fact) {
            Some(variable) => self.is_at(variable, cell),
            None => TRUE,
        }
    }

    pub fn and(&self, a: Diagram, b: Diagram) -> Diagram {
        self.logic.borrow_mut().and(a, b)
    }

    pub fn or(&self, a: Diagram, b: Diagram) -> Diagram {
        self.logic.borrow_mut().or(a, b)
    }

    pub fn not(&self, a: Diagram) -> Diagram {
        self.logic.borrow_mut().not(a)
    }

    pub fn and_not(&self, a: Diagram, b: Diagram) -> Diagram {
        self.logic.borrow_mut().and_not(a, b)
    }

    /// Holds for some value of the variable.
    pub fn exists(&self, a: Diagram, variable: Variable) -> Diagram {
        self.logic.borrow_mut().exists(a, variable)
    }

    /// The variable that a condition asks first; `None` of one that is always or never so.
    fn top(&self, a: Diagram) -> Option<Variable> {
        self.logic.borrow().top(a)
    }

    /// What revisers guarantee between the versions of a fact: one per revision, in the order of writing.
    pub fn relations(&self) -> &[Diagram] {
        &self.relations
    }

    /// See [`Logic::translate`].
    pub fn translate(
        &self,
        diagram: Diagram,
        into: &mut Logic,
        known: &mut FxHashMap<Diagram, Diagram>,
        literal: &dyn Fn(&mut Logic, Variable, usize) -> Diagram,
    ) -> Diagram {
        self.logic.borrow().translate(diagram, into, known, literal)
    }

    /// Variables that a condition depends on.
    pub fn support(&self, diagram: Diagram) -> Support {
        self.logic.borrow().support(diagram)
    }

    /// The facts of some variant in which `diagram` holds, last versions by name, earlier ones as `name@decider`.
    pub fn witness(&self, diagram: Diagram) -> Option<Vec<(String, String)>> {
        let possible = self.possible(diagram);
        let assignment = self.logic.borrow().witness(possible)?;
        Some(assignment.into_iter().map(|(variable, cell)| self.shown(variable, cell)).collect())
    }

    /// A version and a value as they are written.
    pub fn shown(&self, variable: Variable, cell: usize) -> (String, String) {
        let version = self.versions[variable];
        let fact = &self.model.facts[version.fact.index()];
        let last = self.last_variable(version.fact) == Some(variable);
        let name = match version.node {
            Some(node) if !last => format!("{}@{}", fact.name.name, self.model.node(node).name.name),
            _ => fact.name.name.to_string(),
        };
        (name, self.model.value_name(fact.of, self.cells[variable].value(cell)))
    }

    /// The fact whose values tell the variants apart best: the last version of the one on which most phases depend, else most gates;
    /// enums before others. `None` when everything always runs, or when no single fact is in common.
    pub fn main_fact(&self) -> Option<FactId> {
        *self.main_fact.get_or_init(|| self.most_telling_fact())
    }

    fn most_telling_fact(&self) -> Option<FactId> {
        let is_enum = |fact: &FactId| matches!(self.model.facts[fact.index()].of, Type::Enum(_));
        let is_declared = |fact: &FactId| !matches!(self.model.facts[fact.index()].kind, FactKind::Answer(_));
        let counted = |items: &mut dyn Iterator<Item = NodeId>| {
            let mut counts: HashMap<FactId, usize> = HashMap::new();
            for item in items {
                for variable in self.support(self.run(item)) {
                    *counts.entry(self.versions[variable].fact).or_default() += 1;
                }
            }
            counts
        };
        let mut counts = counted(&mut self.model.phases());
        if counts.is_empty() {
            // All phases always run, and yet a gate may stand for one kind of work alone.
            counts = counted(&mut self.model.nodes_of(NodeKind::Gate));
            counts.retain(|fact, _| is_enum(fact) && is_declared(fact));
        }
        let rank = |fact: &FactId| (is_declared(fact), is_enum(fact), counts[fact], std::cmp::Reverse(*fact));
        counts.keys().copied().max_by_key(rank)
    }
}

fn versions_of(index: usize, fact: &crate::model::Fact<'_>) -> Vec<Version> {
    let id = FactId::new(index);
    let version = |node| Version { fact: id, node };
    match (&fact.kind, fact.of) {
        (_, Type::Text | Type::Unknown) => Vec::new(),
        (FactKind::Input { .. }, _) => {
            std::iter::once(version(None)).chain(fact.revisers.iter().map(|(node, _)| version(Some(*node)))).collect()
        }
        (FactKind::Answer(gate), _) => vec![version(Some(*gate))],
        (FactKind::Declared, _) => fact
            .deciders
            .first()
            .map(|decider| version(Some(decider.node)))
            .into_iter()
            .chain(fact.revisers.iter().map(|(node, _)| version(Some(*node))))
            .collect(),
    }
}

/// The cells of each fact: cut at all constants that any condition compares it with.
fn cells_of(model: &Model<'_>, conditional: &[NodeId]) -> Vec<Cells> {
    let mut ranges: Vec<Vec<(i64, i64)>> = vec![Vec::new(); model.facts.len()];
    sites::sites(model, conditional, &mut |site| collect_ranges(&site.condition.cond, &mut ranges));
    for revision in model.works().flat_map(|(_, work)| &work.revises) {
        for arm in revision.arms.iter().flatten() {
            ranges[revision.fact.index()].push((arm.value, arm.value));
        }
    }
    for test in &model.tests {
        for binding in &test.given {
            ranges[binding.fact.index()].push((binding.value, binding.value));
        }
    }
    model
        .facts
        .iter()
        .zip(ranges)
        .map(|(fact, ranges)| match (fact.of, model.domain(fact.of)) {
            (Type::Int(..), Some((low, high))) => Cells::cut(low, high, &ranges),
            (_, Some((low, high))) => Cells::singletons(low, high),
            (_, None) => Cells::singletons(0, 0),
        })
        .collect()
}

fn collect_ranges(cond: &Cond, ranges: &mut [Vec<(i64, i64)>]) {
    match cond {
        Cond::Any(operands) | Cond::All(operands) => {
            operands.iter().for_each(|operand| collect_ranges(operand, ranges))
        }
        Cond::Not(inner) => collect_ranges(inner, ranges),
        Cond::Fact(atom) => ranges[atom.fact.index()].extend(&atom.ranges),
        _ => {}
    }
}
