//! The worst case: how often agents are started in a run, and how long it takes and what it uses where every bound is
//! used up and no person raises one.
//!
//! Bounds of loops multiply, for each pass is entered anew; so does `retry`, per execution. Bounds of `redo` and `fix`
//! count over the whole run: each adds, as often as it may be taken, what lies between where it goes back to and where
//! it is taken.

use super::{Analysis, Runs, shared_route};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE};
use crate::model::{Action, Amount, Ask, Branch, Choice, Condition, Detail, Evidence, Gate, NodeId, Outcome, Work};

/// What a run takes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorstCase {
    /// Starts of agents: by spawns, gates, fixes and blocked routes.
    pub calls: u64,
    /// `None` where some agent may be started that no `budget runtime` stands for.
    pub seconds: Option<u64>,
    /// `None` where some agent may be started that no `budget tokens` stands for.
    pub tokens: Option<u64>,
    /// A run can take all of that; else it is a bound that no run may come up to.
    pub exact: bool,
}

/// What a budget bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Runtime,
    Tokens,
    Cost,
}

impl Resource {
    pub const ALL: [Resource; 3] = [Resource::Runtime, Resource::Tokens, Resource::Cost];

    /// The word of a `budget`.
    pub fn word(self) -> &'static str {
        match self {
            Resource::Runtime => "runtime",
            Resource::Tokens => "tokens",
            Resource::Cost => "cost",
        }
    }

    /// What a phase, stage or spawn allows of it.
    pub fn allowed<'m>(self, work: &'m Work<'_>) -> Option<&'m Amount<'m>> {
        work.budget.iter().find(|(word, _)| word.name == self.word()).map(|(_, amount)| amount)
    }
}

/// What adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Starts of agents.
    Calls,
    /// What is stated of it, in thousandths, as allowances are.
    Stated(Resource),
}

/// More than is allowed.
#[derive(Debug, Clone)]
pub struct Excess {
    pub amount: i64,
    /// In which variants.
    pub given: Diagram,
    /// What it is made of, the largest part first.
    pub parts: Vec<Part>,
}

/// What one item takes, with all its tries, passes and tasks.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub node: NodeId,
    pub amount: i64,
    /// Not the item itself, but what its routes do again.
    pub again: bool,
}

/// Variants are searched for one that takes too much in so many steps over so many items.
const SEARCH: usize = 100_000;

impl Analysis<'_> {
    /// The worst case of the variants that agree with `given`: exact where these are the variants of one shape.
    pub fn worst_case(&self, given: Diagram) -> WorstCase {
        let case = Case::new(self, NodeId::new(0), given);
        let total = case.total();
        let stated = |resource: Resource| {
            let open = total.open[resource as usize];
            (!open).then_some(total.stated[resource as usize] / 1000)
        };
        WorstCase {
            calls: total.calls,
            seconds: stated(Resource::Runtime),
            tokens: stated(Resource::Tokens),
            exact: case.settled() && total.hidden == 0,
        }
    }

    /// A variant of `within` in which the parts of an item, as far as they state what they take, take more than `limit`,
    /// however much the item allows itself; the workflow is the item of all. When the search gets too long, the question
    /// is undecided.
    pub fn exceeds(&self, item: NodeId, load: Load, limit: i64, within: Diagram) -> Option<Excess> {
        self.count_question();
        let limit = u64::try_from(limit).unwrap_or(0);
        let size = self.model.node(item).end.index() - item.index();
        let mut open = vec![within];
        for step in 0..=SEARCH / size.max(1) {
            let given = open.pop()?;
            let case = Case::new(self, item, given);
            let amount = case.within(load);
            if amount <= limit {
                continue;
            }
            let Some(undecided) = case.undecided() else {
                return Some(Excess { amount: signed(amount), given, parts: case.parts(load) });
            };
            if step == 0 {
                // What runs together first: it is nearly always enough.
                open.push(within);
                open.push(case.together());
                continue;
            }
            let run = self.run(undecided);
            open.push(self.and_not(given, run));
            open.push(self.and(given, run));
        }
        self.give_up();
        None
    }
}

/// Calls, and what is stated for them, in thousandths.
#[derive(Debug, Clone, Copy, Default)]
struct Effort {
    calls: u64,
    stated: [u64; 3],
    /// Some call states nothing.
    open: [bool; 3],
    /// How much of the time may pass beside other work.
    hidden: u64,
}

impl Effort {
    fn call() -> Self {
        Effort { calls: 1, open: [true; 3], ..Effort::default() }
    }

    fn of(&self, load: Load) -> u64 {
        match load {
            Load::Calls => self.calls,
            Load::Stated(resource) => self.stated[resource as usize],
        }
    }

    fn plus(mut self, other: Effort) -> Self {
        self.calls = self.calls.saturating_add(other.calls);
        self.hidden = self.hidden.saturating_add(other.hidden);
        for resource in 0..3 {
            self.stated[resource] = self.stated[resource].saturating_add(other.stated[resource]);
            self.open[resource] |= other.open[resource];
        }
        self
    }

    fn times(mut self, factor: u64) -> Self {
        if factor == 0 {
            return Effort::default();
        }
        self.calls = self.calls.saturating_mul(factor);
        self.hidden = self.hidden.saturating_mul(factor);
        self.stated = self.stated.map(|stated| stated.saturating_mul(factor));
        self
    }

    /// What an item allows itself stands for all that is inside.
    fn allowed(mut self, work: &Work<'_>) -> Self {
        for resource in Resource::ALL {
            if let Some(amount) = resource.allowed(work) {
                self.stated[resource as usize] = u64::try_from(amount.quantity.thousandths).unwrap_or(0);
                self.open[resource as usize] = false;
            }
        }
        self
    }
}

/// The items below one item, in the variants of `given`.
struct Case<'a, 's> {
    analysis: &'a Analysis<'s>,
    root: NodeId,
    given: Diagram,
    /// By place below the root: all of an item, entered once.
    full: Vec<Effort>,
    /// The same in a pass of the loop around it after which there is another one.
    again: Vec<Effort>,
    runs: Vec<Runs>,
}

impl<'a, 's> Case<'a, 's> {
    fn new(analysis: &'a Analysis<'s>, root: NodeId, given: Diagram) -> Self {
        let size = analysis.model.node(root).end.index() - root.index();
        let nothing = vec![Effort::default(); size];
        let runs = (0..size).map(|place| NodeId::new(root.index() + place)).map(|id| reached(analysis, id, given));
        let runs = runs.collect();
        let mut case = Case { analysis, root, given, full: nothing.clone(), again: nothing, runs };
        // What is inside an item stands after it.
        for place in (0..size).rev() {
            let id = NodeId::new(root.index() + place);
            if case.runs[place] == Runs::Never {
                continue;
            }
            let inside = case.inside(id);
            let own = case.own(id);
            let work = analysis.model.work(id);
            // A spawn may take what it is allowed in each try.
            let close = |effort: Effort| match work {
                Some(work) if id != root && work.agent.is_none() => effort.allowed(work),
                _ => effort,
            };
            let attempts = case.attempts(id);
            case.full[place] = close(own.plus(inside)).times(attempts);
            if case.repeats(id) {
                let again = if analysis.model.loop_of(id).is_some() { inside } else { case.path(id, &case.again) };
                case.again[place] = close(own.plus(again.times(case.tasks(id)))).times(attempts);
            }
        }
        case
    }

    fn place(&self, id: NodeId) -> usize {
        id.index() - self.root.index()
    }

    /// Every item that counts runs in all these variants, or in none.
    fn settled(&self) -> bool {
        self.undecided().is_none()
    }

    /// The first item that counts, or that makes the tasks of one, and may run or not.
    fn undecided(&self) -> Option<NodeId> {
        let counts = |place: &usize| {
            let Effort { calls, stated, .. } = self.full[*place];
            self.runs[*place] == Runs::Depends && (calls > 0 || stated != [0; 3])
        };
        let makes = |place: &usize| {
            let planners = self.planners(NodeId::new(self.root.index() + *place));
            planners.iter().copied().find(|planner| self.reached(*planner) == Runs::Depends)
        };
        let item = (0..self.full.len()).find(counts).map(|place| NodeId::new(self.root.index() + place));
        let working = |place: &usize| self.full[*place].calls > 0;
        item.or_else(|| (0..self.full.len()).filter(working).find_map(|place| makes(&place)))
    }

    /// Variants in which as many of the items run as can, from the first to the last.
    fn together(&self) -> Diagram {
        let mut given = self.given;
        for place in (0..self.full.len()).filter(|place| self.runs[*place] == Runs::Depends) {
            let id = NodeId::new(self.root.index() + place);
            let run = self.analysis.and(given, self.analysis.run(id));
            if self.analysis.where_reached(run, Position::Before(id)) != FALSE {
                given = run;
            }
        }
        given
    }

    /// All of it, with all that is done again.
    fn total(&self) -> Effort {
        (0..self.full.len()).fold(self.full[0], |total, place| {
            let id = NodeId::new(self.root.index() + place);
            if self.runs[place] == Runs::Never { total } else { total.plus(self.repeated(id)) }
        })
    }

    /// What is below the root, as far as it is sure to add up.
    fn within(&self, load: Load) -> u64 {
        let total = self.total();
        let hidden = if load == Load::Stated(Resource::Runtime) { total.hidden } else { 0 };
        total.of(load).saturating_sub(hidden)
    }

    /// The items that start agents, or the outermost ones that state something, and what is done again.
    fn parts(&self, load: Load) -> Vec<Part> {
        let model = &self.analysis.model;
        let mut parts = Vec::new();
        let mut next = self.root.index() + 1;
        for place in 0..self.full.len() {
            let node = NodeId::new(self.root.index() + place);
            if self.runs[place] == Runs::Never {
                continue;
            }
            parts.push(Part { node, amount: signed(self.repeated(node).of(load)), again: true });
            let once = match load {
                Load::Calls => self.own(node).calls,
                Load::Stated(resource) => {
                    let states = model.work(node).is_some_and(|work| resource.allowed(work).is_some());
                    if node.index() < next || !states {
                        continue;
                    }
                    next = model.node(node).end.index();
                    self.full[place].of(load)
                }
            };
            parts.push(Part { node, amount: signed(once.saturating_mul(self.passes(node))), again: false });
        }
        parts.retain(|part| part.amount > 0);
        parts.sort_by_key(|part| std::cmp::Reverse(part.amount));
        parts
    }

    /// How often an item is entered, by the loops and `each` around it.
    fn passes(&self, id: NodeId) -> u64 {
        let model = &self.analysis.model;
        let mut passes: u64 = 1;
        let mut repeats = true;
        for outer in model.ancestors(id).take_while(|outer| *outer != self.root) {
            match model.detail(outer) {
                Detail::Loop(inner) if repeats => passes = passes.saturating_mul(tries(inner.bound.as_ref())),
                _ => passes = passes.saturating_mul(self.tasks(outer)),
            }
            passes = passes.saturating_mul(self.attempts(outer));
            repeats = (repeats || model.loop_of(outer).is_some()) && self.repeats(outer);
        }
        passes
    }

    /// The item runs in a pass of the loop around it after which there is another one.
    fn repeats(&self, id: NodeId) -> bool {
        let model = &self.analysis.model;
        let around = model.ancestors(id).skip(1).find(|outer| model.loop_of(*outer).is_some());
        let Some(around) = around else { return false };
        if model.node(id).once().is_some() {
            return false;
        }
        let Some(until) = model.loop_of(around).and_then(|inner| inner.until.as_ref()) else { return true };
        let holds = self.analysis.holds(until, Position::EndOf(around));
        let open = self.analysis.and_not(self.analysis.run(id), holds);
        self.analysis.possible(open) != FALSE
    }

    /// What is inside an item, with all its passes or tasks.
    fn inside(&self, id: NodeId) -> Effort {
        let once = self.path(id, &self.full);
        match self.analysis.model.detail(id) {
            Detail::Loop(inner) => {
                let further = tries(inner.bound.as_ref()).saturating_sub(1);
                once.plus(self.path(id, &self.again).times(further))
            }
            _ => once.times(self.tasks(id)),
        }
    }

    /// How many tasks an `each` does; 1 of all else. With `else once` it is one where nobody has made tasks.
    fn tasks(&self, id: NodeId) -> u64 {
        let Some(each) = self.analysis.model.work(id).and_then(|work| work.each.as_ref()) else { return 1 };
        let planners = self.planners(id);
        if !planners.is_empty() && planners.iter().all(|planner| self.reached(*planner) == Runs::Never) {
            return 1;
        }
        tries(each.bound.as_ref())
    }

    /// How often all of an item is begun: by the `retry` of a loop, and of work with others inside. That of a spawn is
    /// part of what it does itself.
    fn attempts(&self, id: NodeId) -> u64 {
        let retries = match self.analysis.model.detail(id) {
            Detail::Loop(inner) => inner.on_exhausted.as_ref().map(|outcome| self.retries(id, outcome)),
            Detail::Work(work) if work.agent.is_none() => Some(self.work_retries(id, work)),
            _ => None,
        };
        retries.unwrap_or(0).saturating_add(1)
    }

    /// How often work is done again because it has failed, or is blocked.
    fn work_retries(&self, id: NodeId, work: &Work<'_>) -> u64 {
        let mut all = work.on_failure.as_ref().map_or(0, |outcome| self.retries(id, outcome));
        let mut see = |outcome: &Outcome<'_>| {
            all = outcome.actions.iter().map(retries).fold(all, u64::saturating_add);
        };
        self.branches(id, &work.on_blocked, &mut see);
        self.shared_branches(id, &mut see);
        all
    }

    /// How often an outcome does the same again.
    fn retries(&self, id: NodeId, outcome: &Outcome<'_>) -> u64 {
        let mut all: u64 = 0;
        self.outcome(id, outcome, &mut |outcome| {
            all = outcome.actions.iter().map(retries).fold(all, u64::saturating_add);
        });
        all
    }

    /// The agents that an outcome starts besides.
    fn helpers(&self, id: NodeId, outcome: &Outcome<'_>) -> Effort {
        let mut calls = 0;
        self.outcome(id, outcome, &mut |outcome| {
            calls += outcome.actions.iter().filter(|action| matches!(action, Action::Spawn { .. })).count() as u64;
        });
        Effort::call().times(calls)
    }

    /// Who makes the tasks of an `each` that goes on without them.
    fn planners(&self, id: NodeId) -> &[NodeId] {
        let model = &self.analysis.model;
        let each = model.work(id).and_then(|work| work.each.as_ref()).filter(|each| each.else_once);
        let tasks = each.and_then(|each| each.from.as_ref());
        tasks.map(|tasks| &model.artifacts[tasks.artifact.index()].producers[..]).unwrap_or_default()
    }

    fn reached(&self, id: NodeId) -> Runs {
        reached(self.analysis, id, self.given)
    }

    /// The members of a body: time passes along the longest way through it, all else adds up.
    fn path(&self, body: NodeId, efforts: &[Effort]) -> Effort {
        let runtime = Resource::Runtime as usize;
        let mut all = Effort::default();
        let mut longest = 0;
        let mut ended: rustc_hash::FxHashMap<NodeId, u64> = Default::default();
        for member in self.analysis.model.children(body) {
            let effort = efforts[self.place(member)];
            all = all.plus(effort);
            let begins = self.analysis.graph.before(member).filter_map(|other| ended.get(&other).copied()).max();
            let ends = begins.unwrap_or(0).saturating_add(effort.stated[runtime]);
            ended.insert(member, ends);
            longest = longest.max(ends);
        }
        all.stated[runtime] = longest;
        all
    }

    /// An item by itself: the agents it starts each time.
    fn own(&self, id: NodeId) -> Effort {
        let model = &self.analysis.model;
        match model.detail(id) {
            Detail::Gate(gate) => self.checks(id, gate),
            Detail::Step(item) if matches!(item.by, Some(Evidence::Agent(_))) => Effort::call(),
            Detail::Work(work) => {
                let failed = work.on_failure.as_ref();
                let helpers = failed.map_or_else(Effort::default, |outcome| self.helpers(id, outcome));
                if work.agent.is_none() {
                    return helpers;
                }
                let retries = self.work_retries(id, work);
                let start = Effort::call().allowed(work).plus(helpers).times(retries.saturating_add(1));
                if self.is_routed(id) { start.plus(Effort::call()) } else { start }
            }
            Detail::Loop(inner) => {
                inner.on_exhausted.as_ref().map_or_else(Effort::default, |outcome| self.helpers(id, outcome))
            }
            Detail::None | Detail::Step(_) => Effort::default(),
        }
    }

    /// The calls that close a gate, as often as it is tried.
    fn checks(&self, id: NodeId, gate: &Gate<'_>) -> Effort {
        let items = self.analysis.model.gate_items(id);
        let items = items.iter().filter(|item| self.may(item.when.as_deref(), id));
        let (mut calls, mut shared) = (0, false);
        for item in items {
            match &item.by {
                Some(Evidence::Agent(_)) => calls += 1,
                None => shared = gate.by.is_some(),
                Some(_) => {}
            }
        }
        let mut retried: u64 = 0;
        let mut helpers = Effort::default();
        let mut see = |outcome: &Outcome<'_>| {
            retried = outcome.actions.iter().map(retries).fold(retried, u64::saturating_add);
            let starts = |action: &&Action<'_>| matches!(action, Action::Spawn { .. });
            helpers = helpers.plus(Effort::call().times(outcome.actions.iter().filter(starts).count() as u64));
        };
        gate.ask.iter().for_each(|ask| self.ask(id, ask, &mut see));
        self.branches(id, &gate.on_fail, &mut see);
        Effort::call().times(calls + u64::from(shared)).plus(helpers).times(retried.saturating_add(1))
    }

    /// A condition can hold at an item.
    fn may(&self, when: Option<&Condition>, id: NodeId) -> bool {
        when.is_none_or(|when| {
            let here = self.analysis.and(self.given, self.analysis.run(id));
            let holds = self.analysis.and(here, self.analysis.holds(when, Position::Before(id)));
            self.analysis.where_reached(holds, Position::Before(id)) != FALSE
        })
    }

    /// An agent may be started when the one of this spawn is blocked.
    fn is_routed(&self, spawn: NodeId) -> bool {
        let mut starts = false;
        for branch in self.analysis.blocked(spawn).filter(|branch| self.may(branch.condition.as_deref(), spawn)) {
            self.outcome(spawn, &branch.outcome, &mut |outcome| {
                starts |= outcome.actions.iter().any(|action| matches!(action, Action::Spawn { .. }));
            });
        }
        starts
    }

    // ── Going back ───────────────────────────────────────────────────────────────────────────────

    /// What is done again by the routes of an item, over the whole run.
    fn repeated(&self, id: NodeId) -> Effort {
        let mut all = Effort::default();
        let mut see = |outcome: &Outcome<'_>| {
            for action in &outcome.actions {
                all = all.plus(self.again_by(id, action));
            }
        };
        match self.analysis.model.detail(id) {
            Detail::Gate(gate) => {
                gate.ask.iter().for_each(|ask| self.ask(id, ask, &mut see));
                self.branches(id, &gate.on_fail, &mut see);
            }
            Detail::Loop(inner) => inner.on_exhausted.iter().for_each(|outcome| self.outcome(id, outcome, &mut see)),
            Detail::Work(work) => {
                work.on_failure.iter().for_each(|outcome| self.outcome(id, outcome, &mut see));
                self.branches(id, &work.on_blocked, &mut see);
                self.shared_branches(id, &mut see);
            }
            Detail::None | Detail::Step(_) => {}
        }
        all
    }

    fn branches<'b, 'm: 'b>(
        &self,
        id: NodeId,
        branches: impl IntoIterator<Item = &'b Branch<'m>>,
        see: &mut dyn FnMut(&Outcome<'_>),
    ) {
        for branch in branches.into_iter().filter(|branch| self.may(branch.condition.as_deref(), id)) {
            self.outcome(id, &branch.outcome, see);
        }
    }

    /// What a `route` of the file says for a spawn that is blocked.
    fn shared_branches(&self, spawn: NodeId, see: &mut dyn FnMut(&Outcome<'_>)) {
        self.branches(spawn, shared_route(&self.analysis.model, spawn), see);
    }

    fn ask(&self, id: NodeId, ask: &Ask<'_>, see: &mut dyn FnMut(&Outcome<'_>)) {
        let offered = |option: &&Choice<'_>| self.may(option.when.as_deref(), id);
        for outcome in ask.options.iter().filter(offered).filter_map(|option| option.outcome.as_ref()) {
            self.outcome(id, outcome, see);
        }
    }

    fn outcome(&self, id: NodeId, outcome: &Outcome<'_>, see: &mut dyn FnMut(&Outcome<'_>)) {
        see(outcome);
        for action in &outcome.actions {
            if let Action::Ask(ask) = action {
                self.ask(id, ask, see);
            }
        }
    }

    fn again_by(&self, id: NodeId, action: &Action<'_>) -> Effort {
        let model = &self.analysis.model;
        let mut again = match action {
            // What lies outside is no part of this.
            Action::Redo { target, bound, .. } if model.is_within(*target, self.root) && *target != self.root => {
                self.between(*target, id).times(tries(Some(bound)))
            }
            Action::Fix { bound, .. } => {
                let alone = model.fixed_with(id).next().is_none();
                let owner = model.node(id).parent;
                let before = if alone { self.full[self.place(id)] } else { self.up_to(owner, id) };
                before.plus(Effort::call()).times(tries(Some(bound)))
            }
            _ => return Effort::default(),
        };
        // What goes on inside an item is part of what that item may take; an item that is done anew may take it anew.
        let anew = if let Action::Redo { target, .. } = action { *target } else { id };
        for work in
            model.ancestors(anew).skip(1).take_while(|outer| *outer != self.root).filter_map(|id| model.work(id))
        {
            for resource in Resource::ALL.into_iter().filter(|resource| resource.allowed(work).is_some()) {
                again.stated[resource as usize] = 0;
                again.open[resource as usize] = false;
            }
        }
        Effort { hidden: if self.is_beside(id) { again.stated[Resource::Runtime as usize] } else { 0 }, ..again }
    }

    /// Something may run at the same time.
    fn is_beside(&self, id: NodeId) -> bool {
        let model = &self.analysis.model;
        let mut inside = model.ancestors(id).take_while(|outer| *outer != self.root);
        inside.any(|member| self.analysis.graph.is_branched(model.node(member).parent))
    }

    /// From an item to another one behind or inside it, both included.
    fn between(&self, from: NodeId, to: NodeId) -> Effort {
        let model = &self.analysis.model;
        if model.is_within(to, from) {
            return self.up_to(from, to);
        }
        let body = model.node(from).parent;
        let Some(last) = model.ancestors(to).find(|id| model.node(*id).parent == body) else {
            return Effort::default();
        };
        let graph = &self.analysis.graph;
        let whole = model
            .children(body)
            .filter(|member| *member == from || graph.precedes(model, from, *member))
            .filter(|member| graph.precedes(model, *member, last));
        let whole = whole.fold(Effort::default(), |all, member| all.plus(self.full[self.place(member)]));
        whole.plus(self.up_to(last, to))
    }

    /// An item from its beginning to what is inside it, in its last pass.
    fn up_to(&self, item: NodeId, inner: NodeId) -> Effort {
        let model = &self.analysis.model;
        if item == inner {
            return self.full[self.place(item)];
        }
        let Some(last) = model.ancestors(inner).find(|id| model.node(*id).parent == item) else {
            return Effort::default();
        };
        let graph = &self.analysis.graph;
        // What runs beside it is begun anew with the whole.
        let before = model.children(item).filter(|member| *member != last && !graph.precedes(model, last, *member));
        let before = before.fold(Effort::default(), |all, member| all.plus(self.full[self.place(member)]));
        let passes = match model.detail(item) {
            Detail::Loop(inner) => self.path(item, &self.again).times(tries(inner.bound.as_ref()).saturating_sub(1)),
            _ => self.path(item, &self.full).times(self.tasks(item).saturating_sub(1)),
        };
        let all = passes.plus(before).plus(self.up_to(last, inner));
        match model.work(item) {
            Some(work) if item != self.root => all.allowed(work),
            _ => all,
        }
    }
}

/// Whether an item is reached and runs.
fn reached(analysis: &Analysis<'_>, id: NodeId, given: Diagram) -> Runs {
    let run = analysis.and(given, analysis.run(id));
    if analysis.where_reached(run, Position::Before(id)) == FALSE { Runs::Never } else { analysis.runs(id, given) }
}

fn signed(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}

/// How often something is done that is bounded so.
fn tries(bound: Option<&Amount<'_>>) -> u64 {
    bound.and_then(|bound| bound.quantity.whole()).and_then(|whole| u64::try_from(whole).ok()).unwrap_or(1)
}

fn retries(action: &Action<'_>) -> u64 {
    match action {
        Action::Retry { bound: Some(bound), .. } => tries(Some(bound)),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::compile;
    use crate::logic::TRUE;
    use crate::model::FactId;
    use crate::source::SourceMap;

    /// Calls, minutes, tokens in thousands, and whether they are exact, of all variants.
    fn worst(workflow: &str) -> (u64, Option<u64>, Option<u64>, bool) {
        worst_where(workflow, None)
    }

    /// The same of those in which `large` is so.
    fn worst_where(workflow: &str, large: Option<bool>) -> (u64, Option<u64>, Option<u64>, bool) {
        let mut sources = SourceMap::new();
        let file = sources.add("w.wf".to_string(), format!("workflow w\n\nfact [ok, large]: bool\n\n{workflow}"));
        let checked = compile::check(&sources, file);
        let errors: Vec<_> = checked.diagnostics.iter().filter(|found| found.is_error()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        let given = large.map_or(TRUE, |large| checked.analysis.is(FactId::new(1), usize::from(large)));
        let case = checked.analysis.worst_case(given);
        (case.calls, case.seconds.map(|seconds| seconds / 60), case.tokens.map(|tokens| tokens / 1000), case.exact)
    }

    const SPAWN: &str = "spawn a \"Do\" { budget runtime 5m tokens 10k returns ok }";

    #[test]
    fn passes_and_tries_multiply() {
        let retried = SPAWN.replace("returns ok", "returns ok on failure -> retry at most 2");
        assert_eq!(worst(&format!("phase p {{ {SPAWN} }}")), (1, Some(5), Some(10), true));
        assert_eq!(worst(&format!("phase p {{ {retried} }}")), (3, Some(15), Some(30), true));
        let looped =
            format!("loop l at most 4 {{ phase p {{ {retried} }} phase q once {{ spawn b \"Look\" }} until ok }}");
        assert_eq!(worst(&looped), (13, None, None, true));
        let twice = format!("loop o at most 2 {{ loop l at most 3 {{ phase p {{ {SPAWN} }} until ok }} until ok }}");
        assert_eq!(worst(&twice), (6, Some(30), Some(60), true));
        let each = "phase p { produces plan }\n\nphase q { each task from plan at most 7 { spawn a \"Do ${task}\" } }";
        assert_eq!(worst(each), (7, None, None, true));
    }

    #[test]
    fn without_a_plan_there_is_one_task() {
        let each = "phase p when large { produces plan }\n\nphase q { each task from plan? at most 7 else once { spawn a \"Do ${task}\" } }";
        let workflow = format!("phase o {{ decides large }}\n\n{each}");
        assert_eq!(worst(&workflow), (7, None, None, false));
        assert_eq!(worst_where(&workflow, Some(true)).0, 7);
        assert_eq!(worst_where(&workflow, Some(false)), (1, None, None, true));
    }

    #[test]
    fn an_item_that_ends_the_loop_runs_in_the_last_pass_only() {
        let last = "loop l at most 5 { phase p { spawn a \"Do\" { returns ok } } phase q when ok { spawn b \"Polish\" } until ok }";
        assert_eq!(worst(last), (6, None, None, false));
    }

    #[test]
    fn going_back_adds() {
        let gate = "gate g { ask \"Good?\" { yes \"Yes\" again \"Again\" -> redo p at most 3 } }";
        let redo =
            format!("phase p {{ {SPAWN} }} phase q {{ spawn b \"Look\" {{ budget runtime 1m tokens 1k }} }}\n\n{gate}");
        assert_eq!(worst(&redo), (8, Some(24), Some(44), true));
        // The loop between is entered anew each time; its bound multiplies, that of the redo does not.
        let around = format!(
            "phase p {{ {SPAWN} }} loop l at most 2 {{ phase q {{ spawn b \"Look\" {{ returns large }} }} until large }}\n\n{gate}"
        );
        assert_eq!(worst(&around), (12, None, None, true));
        let fix = format!(
            "phase p {{ stage s {{ {SPAWN} gate g by agent c {{ require x \"X\" on fail -> fix by f at most 2 }} }} }} phase end"
        );
        assert_eq!(worst(&fix), (2 + 2 * 3, None, None, true));
    }

    #[test]
    fn budgets_stand_for_what_is_inside() {
        let phase = format!("phase p {{ budget runtime 30m tokens 50k {SPAWN} spawn b \"Look\" }}");
        assert_eq!(worst(&phase), (2, Some(30), Some(50), true));
        let beside = format!("phase p {{ parallel {{ {SPAWN} spawn b \"Look\" {{ budget runtime 9m tokens 1k }} }} }}");
        assert_eq!(worst(&beside), (2, Some(9), Some(11), true));
        let branches = "phase a { budget runtime 1m } phase b after a { budget runtime 10m } phase c after a { budget runtime 20m } phase d { budget runtime 2m }";
        assert_eq!(worst(branches), (0, Some(23), Some(0), true));
    }

    #[test]
    fn routes_start_one_agent_per_spawn() {
        let routed = "route \"a*\" { stuck -> spawn lead else -> ask }\n\nphase p { spawn ab \"Do\" { on failure -> retry at most 2 } spawn b \"Look\" }";
        assert_eq!(worst(routed), (3 + 1 + 1, None, None, true));
    }

    #[test]
    fn what_may_be_skipped_is_no_exact_number() {
        let either = format!(
            "phase t {{ decides large {SPAWN} }} phase p when large {{ spawn b \"B\" }} phase q when not large {{ spawn c \"C\" }}"
        );
        assert_eq!(worst(&either), (3, None, None, false));
    }
}
