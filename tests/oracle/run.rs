//! What runs of a program do: an interpreter of the rules of the language, event by event, and all runs by enumeration.
//!
//! It knows no formulas. There is a state (what ended, was skipped, waits; which values were written; what was approved)
//! and there are events; what must never happen is looked for at the event where it would happen.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rustc_hash::FxHashMap;

use super::program::{Bound, Choice, Cond, Item, Kind, Outcome, Place, Procedure, Program, Row};

/// An item in the flat order of writing; the first is the workflow.
pub struct Node {
    pub name: String,
    pub kind: Option<Kind>,
    parent: usize,
    children: Vec<usize>,
    /// Past the last descendant.
    end: usize,
    /// Members of the same body that must be settled before it begins.
    waits: Vec<usize>,
    when: Option<Test>,
    skips: Vec<Test>,
    once: bool,
    required: bool,
    irreversible: bool,
    decides: Vec<usize>,
    revises: Vec<(usize, Vec<(Test, u8)>)>,
    reads: Vec<(String, bool)>,
    /// The file that a procedure is followed with.
    argument: Option<String>,
    /// Artifacts that its task names.
    mentions: Vec<String>,
    produces: Vec<String>,
    requires: Vec<usize>,
    values: Vec<Test>,
    steps: Vec<Option<Test>>,
    options: Vec<Option_>,
    on_fail: Vec<(Option<Test>, Route)>,
    on_failure: Option<Route>,
    /// Of a spawn: who says what happens when it is blocked, and what.
    blocked: Option<(usize, Vec<Reason>)>,
    /// Counters of tries, which begin anew with the item.
    tries: Vec<usize>,
    overridable: bool,
    bound: u8,
    until: Option<Test>,
    exhausted: Option<Route>,
    else_once: bool,
}

struct Option_ {
    when: Option<Test>,
    route: Route,
}

/// A row for a spawn that is blocked.
struct Reason {
    reason: Option<String>,
    when: Option<Test>,
    route: Route,
}

enum Route {
    Continue,
    /// To an item.
    Redo(usize, Limit),
    /// What stands before the gate in its own stage or phase; the agent that is spawned.
    Fix(String, Limit),
    /// The item once more.
    Retry(Limit),
    Question(Vec<Option_>),
    /// An agent helps.
    Spawn(String),
    Stay,
    Override,
    Ask,
    Abort,
}

/// How often something is done, and what comes then.
struct Limit {
    /// None where a person is asked, who may raise it.
    counter: Option<(usize, u8)>,
    then: Box<Route>,
}

/// The whole numbers of a type `int a..b`.
pub fn numbers(of: &str) -> Option<Vec<String>> {
    let (low, high) = of.strip_prefix("int ")?.split_once("..")?;
    let (low, high): (u8, u8) = (low.parse().ok()?, high.parse().ok()?);
    Some((low..=high).map(|number| number.to_string()).collect())
}

/// A condition with its names resolved.
enum Test {
    /// Bits of the values.
    Is(usize, u32),
    Ran(usize),
    Not(Box<Test>),
    All(Vec<Test>),
    Any(Vec<Test>),
}

pub struct FactInfo {
    pub name: String,
    pub values: Vec<String>,
    /// The node that decides it; the workflow for inputs.
    decider: usize,
    /// Slots of decider and revisers, in the order of writing.
    slots: Vec<usize>,
}

struct Claim {
    firsts: Vec<usize>,
    seconds: Vec<usize>,
    /// An agent that is also spawned by routes.
    second_agent: Option<String>,
    when: Option<Test>,
}

/// A program laid out for running.
pub struct Plan {
    pub nodes: Vec<Node>,
    pub facts: Vec<FactInfo>,
    /// Who writes which fact.
    slots: Vec<(usize, usize)>,
    before: Vec<Vec<bool>>,
    claims: Vec<Claim>,
    gates: Vec<usize>,
    irreversible: Vec<usize>,
    layout: Layout,
}

#[derive(Default)]
struct Layout {
    slots: usize,
    approved: usize,
    used: usize,
    counters: usize,
    fresh: usize,
    claims: usize,
    passes: usize,
    /// Gates that were passed although they had failed.
    open: usize,
    end: usize,
}

type State = Vec<u8>;

/// What an outcome follows from.
#[derive(Clone, Copy)]
enum Cause {
    /// A gate, with the option that was chosen.
    Gate(Option<usize>),
    /// The failure of an item.
    Failure(usize),
    /// A spawn that is blocked.
    Blocked,
    /// The passes of a loop are used up.
    Exhausted,
}

const PENDING: u8 = 0;
const RUNNING: u8 = 1;
/// An `each` has begun, and nobody knows yet how many tasks there are.
const LISTING: u8 = 2;
const ENDED: u8 = 3;
const SKIPPED: u8 = 4;
const NOTHING: u8 = 255;

/// Something a run did, for the story of a counter-example.
#[derive(Debug, Clone, Copy)]
enum Step {
    Start,
    Ends(usize),
    Closes(usize, Option<usize>),
    Overridden(usize),
    GoesBack(usize, usize),
    Fixes(usize),
    TriesAgain(usize),
    PassesOver(usize),
    Shows(usize),
    NewPass(usize),
    Lists(usize, u8),
    NextTask(usize),
    LoopEnds(usize),
}

/// What happened in some run.
#[derive(Default)]
pub struct Seen {
    /// Name of the fault and of the item at which it shows, with the state in which it was first seen.
    pub faults: BTreeMap<(&'static str, String), usize>,
    pub began: Vec<bool>,
    /// Left out by its own `when`.
    pub optional: Vec<bool>,
    pub ready: Vec<bool>,
    /// Claims whose second part began in some run.
    pub claimed: Vec<bool>,
    /// Gates whose comparisons all held in some run.
    pub held: BTreeSet<usize>,
    /// Some run got to the end.
    pub complete: bool,
    pub states: usize,
    /// (reader, fact) with what was settled of the fact when it was read.
    settled: HashMap<(usize, usize), u64>,
    trail: Vec<(usize, Step)>,
    /// From state to state.
    edges: Vec<(usize, usize)>,
    /// Those by which a route goes back that goes on when its bound is used up.
    comes_again: BTreeSet<(usize, usize)>,
    /// States in which a loop has begun.
    entered: BTreeSet<(usize, usize)>,
    /// States at the end of a pass that may be the last of its loop.
    left: BTreeSet<(usize, usize)>,
    /// States at the end of any pass.
    passed: BTreeSet<(usize, usize)>,
}

/// Where a condition is read.
#[derive(Clone, Copy)]
enum At {
    Before(usize),
    EndOf(usize),
}

/// A run cannot go on: a condition has no value.
struct Unreadable;

impl Plan {
    /// Fails when the program names what is not there, or uses what the oracle does not know.
    pub fn new(program: &Program) -> Result<Plan, String> {
        let mut builder = Builder { program, items: Vec::new(), parents: Vec::new(), ends: Vec::new() };
        builder.items.push(None);
        builder.parents.push(0);
        builder.ends.push(0);
        for item in &program.items {
            builder.add(item, 0);
        }
        builder.ends[0] = builder.items.len();
        builder.plan()
    }

    /// A state with each of these values in a slot.
    fn written(&self, state: &State, slot: usize, values: &[u8]) -> Vec<State> {
        let at = self.layout.slots + slot;
        let with = |value: &u8| {
            let mut state = state.clone();
            state[at] = *value;
            state
        };
        values.iter().map(with).collect()
    }

    fn within(&self, inner: usize, outer: usize) -> bool {
        outer <= inner && inner < self.nodes[outer].end
    }

    fn precedes(&self, item: usize, at: At) -> bool {
        match at {
            At::Before(node) => self.before[item][node],
            At::EndOf(node) => self.within(item, node) || self.before[item][node],
        }
    }
}

struct Builder<'p> {
    program: &'p Program,
    items: Vec<Option<&'p Item>>,
    parents: Vec<usize>,
    ends: Vec<usize>,
}

impl<'p> Builder<'p> {
    fn add(&mut self, item: &'p Item, parent: usize) {
        let at = self.items.len();
        self.items.push(Some(item));
        self.parents.push(parent);
        self.ends.push(0);
        for inner in &item.body {
            self.add(inner, at);
        }
        self.ends[at] = self.items.len();
    }

    fn node(&self, name: &str) -> Result<usize, String> {
        self.items
            .iter()
            .position(|item| item.is_some_and(|item| item.name == name && item.kind != Kind::Parallel))
            .ok_or_else(|| format!("no item `{name}`"))
    }

    fn facts(&self) -> Result<Vec<FactInfo>, String> {
        let mut facts = Vec::new();
        for fact in &self.program.facts {
            let values = match fact.of.as_str() {
                "bool" => vec!["false".to_string(), "true".to_string()],
                name if numbers(name).is_some() => numbers(name).unwrap_or_default(),
                name => {
                    let of = self.program.enums.iter().find(|of| of.name == name);
                    of.ok_or_else(|| format!("no type `{name}`"))?.values.clone()
                }
            };
            let decider = |item: &Option<&Item>| item.is_some_and(|item| item.decides.contains(&fact.name));
            let decider = if fact.input {
                0
            } else {
                self.items.iter().position(decider).ok_or_else(|| format!("nobody decides `{}`", fact.name))?
            };
            facts.push(FactInfo { name: fact.name.clone(), values, decider, slots: Vec::new() });
        }
        for (node, item) in self.items.iter().enumerate() {
            let Some(item) = item.filter(|item| !item.ask.is_empty()) else { continue };
            let values = item.ask.iter().map(|choice| choice.name.clone()).collect();
            facts.push(FactInfo { name: item.name.clone(), values, decider: node, slots: Vec::new() });
        }
        Ok(facts)
    }

    fn test(&self, facts: &[FactInfo], cond: &Cond) -> Result<Test, String> {
        let all = |parts: &[Cond]| parts.iter().map(|part| self.test(facts, part)).collect::<Result<Vec<_>, _>>();
        Ok(match cond {
            Cond::Is(name, values) => {
                let fact = facts.iter().position(|fact| fact.name == *name).ok_or(format!("no fact `{name}`"))?;
                let mut bits = 0;
                for value in values {
                    let constant = self.program.constants.iter().find(|constant| constant.name == *value);
                    let value = constant.map_or(value, |constant| &constant.value);
                    bits |= 1 << value_of(&facts[fact], value)?;
                }
                Test::Is(fact, bits)
            }
            Cond::Ran(name) => Test::Ran(self.node(name)?),
            Cond::Skipped(name) => Test::Not(Box::new(Test::Ran(self.node(name)?))),
            Cond::Not(inner) => Test::Not(Box::new(self.test(facts, inner)?)),
            Cond::All(parts) => Test::All(all(parts)?),
            Cond::Any(parts) => Test::Any(all(parts)?),
        })
    }

    fn options(
        &self,
        facts: &[FactInfo],
        choices: &[Choice],
        at: usize,
        counters: &mut usize,
    ) -> Result<Vec<Option_>, String> {
        let mut options = Vec::new();
        for choice in choices {
            let route = self.route(facts, &choice.outcome, at, counters)?;
            let when = choice.when.as_ref().map(|when| self.test(facts, when)).transpose()?;
            options.push(Option_ { when, route });
        }
        Ok(options)
    }

    /// What happens when a spawn is blocked: what it or the nearest item around it says, else the first route that fits.
    fn blocked(
        &self,
        facts: &[FactInfo],
        spawn: usize,
        counters: &mut usize,
    ) -> Result<Option<(usize, Vec<Reason>)>, String> {
        let Some(item) = self.items[spawn].filter(|item| item.kind == Kind::Spawn) else { return Ok(None) };
        let rows_of = |node: usize| self.items[node].map(|item| &item.on_blocked[..]).unwrap_or_default();
        let mut owner = spawn;
        while owner != 0 && rows_of(owner).is_empty() {
            owner = self.parents[owner];
        }
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(start) => item.name.starts_with(start),
            None => item.name == pattern,
        };
        let mut rows = rows_of(owner);
        if owner == 0 {
            let route = self.program.routes.iter().find(|route| fits(&route.pattern));
            (owner, rows) = (spawn, route.map(|route| &route.rows[..]).unwrap_or_default());
        }
        let helps_himself = |row: &&Row| row.outcome == Outcome::Spawn(item.name.clone());
        let mut reasons = Vec::new();
        for row in rows.iter().filter(|row| !helps_himself(row)) {
            let when = row.when.as_ref().map(|when| self.test(facts, when)).transpose()?;
            let route = self.route(facts, &row.outcome, owner, counters)?;
            reasons.push(Reason { reason: row.reason.clone(), when, route });
        }
        Ok((!reasons.is_empty()).then_some((owner, reasons)))
    }

    fn route(&self, facts: &[FactInfo], outcome: &Outcome, at: usize, counters: &mut usize) -> Result<Route, String> {
        if let Outcome::Question(choices) = outcome {
            return Ok(Route::Question(self.options(facts, choices, at, counters)?));
        }
        let mut limit = |bound: &Bound| {
            let last = *bound.then != Outcome::Ask || self.program.last_bounds;
            let counter = last.then_some((*counters, bound.most));
            *counters += usize::from(counter.is_some());
            let then = Box::new(self.route(facts, &bound.then, at, counters)?);
            Ok::<Limit, String>(Limit { counter, then })
        };
        Ok(match outcome {
            Outcome::Continue => Route::Continue,
            Outcome::Redo { target, bound } => {
                let target = match target {
                    Some(name) => self.node(name)?,
                    None => {
                        let mut around = at;
                        while self.items[around].is_some_and(|item| item.kind != Kind::Phase) {
                            around = self.parents[around];
                        }
                        if around == 0 {
                            return Err("redo outside of a phase".to_string());
                        }
                        around
                    }
                };
                Route::Redo(target, limit(bound)?)
            }
            Outcome::Fix { agent, bound } => Route::Fix(agent.clone(), limit(bound)?),
            Outcome::Retry(bound) => Route::Retry(limit(bound)?),
            Outcome::Question(_) => unreachable!("is looked at before"),
            Outcome::Spawn(agent) => Route::Spawn(agent.clone()),
            Outcome::Show(_) => Route::Stay,
            Outcome::Override => Route::Override,
            Outcome::Ask => Route::Ask,
            Outcome::Abort => Route::Abort,
        })
    }

    /// What each member of a body waits for.
    fn waits(&self, body: usize, members: &[usize]) -> Result<Vec<Vec<usize>>, String> {
        let parallel = self.items[body].is_some_and(|item| item.kind == Kind::Parallel);
        let mut all = Vec::new();
        for (position, member) in members.iter().enumerate() {
            let item = self.items[*member].expect("only the workflow has no item");
            let earlier = &members[..position];
            let mut waits = Vec::new();
            if item.kind == Kind::Gate || item.after.is_empty() {
                if !parallel {
                    waits.extend(earlier);
                }
            } else {
                for name in &item.after {
                    let other = self.node(name)?;
                    if !earlier.contains(&other) {
                        return Err("`after` names no earlier member".to_string());
                    }
                    waits.push(other);
                }
                let is_gate = |node: &&usize| self.items[**node].is_some_and(|item| item.kind == Kind::Gate);
                waits.extend(earlier.iter().filter(is_gate));
            }
            all.push(waits);
        }
        Ok(all)
    }

    fn plan(self) -> Result<Plan, String> {
        let count = self.items.len();
        let mut facts = self.facts()?;
        let mut slots = Vec::new();
        for (node, item) in self.items.iter().enumerate() {
            for (fact, info) in facts.iter_mut().enumerate() {
                let writes = info.decider == node
                    || item.is_some_and(|item| item.revises.iter().any(|revision| revision.fact == info.name));
                if writes {
                    info.slots.push(slots.len());
                    slots.push((node, fact));
                }
            }
        }
        let mut counters = 0;
        let mut nodes: Vec<Node> = Vec::new();
        for node in 0..count {
            let children: Vec<usize> = (1..count).filter(|other| self.parents[*other] == node).collect();
            nodes.push(self.lay_out(node, children, &facts, &mut counters)?);
        }
        for body in 0..count {
            let members = nodes[body].children.clone();
            for (member, waits) in members.iter().zip(self.waits(body, &members)?) {
                nodes[*member].waits = waits;
            }
        }
        for skip in &self.program.skips {
            for name in &skip.phases {
                let node = self.node(name)?;
                nodes[node].skips.push(self.test(&facts, &skip.when)?);
            }
        }
        let before = order(&nodes);
        // In a later pass a `once` item has ended from the beginning; what stands before it is waited for all the same.
        for body in 0..count {
            for member in nodes[body].children.clone() {
                nodes[member].waits =
                    nodes[body].children.iter().copied().filter(|other| before[*other][member]).collect();
            }
        }
        let mut claims = Vec::new();
        for property in &self.program.properties {
            let (firsts, _) = self.place(&property.first)?;
            let (seconds, second_agent) = self.place(&property.second)?;
            let when = property.when.as_ref().map(|when| self.test(&facts, when)).transpose()?;
            claims.push(Claim { firsts, seconds, second_agent, when });
        }
        let gates: Vec<usize> = (0..count).filter(|node| nodes[*node].kind == Some(Kind::Gate)).collect();
        let irreversible: Vec<usize> = (0..count).filter(|node| nodes[*node].irreversible).collect();
        let mut layout = Layout { slots: count, ..Layout::default() };
        layout.approved = layout.slots + slots.len();
        layout.used = layout.approved + gates.len();
        layout.counters = layout.used + gates.len() * irreversible.len();
        layout.fresh = layout.counters + counters;
        layout.claims = layout.fresh + count;
        layout.passes = layout.claims + claims.len();
        layout.open = layout.passes + count;
        layout.end = layout.open + gates.len();
        Ok(Plan { nodes, facts, slots, before, claims, gates, irreversible, layout })
    }

    fn procedure(&self, name: &str) -> Result<&Procedure, String> {
        let found = self.program.procedures.iter().find(|procedure| procedure.name == name);
        found.ok_or_else(|| format!("no procedure `{name}`"))
    }

    fn place(&self, place: &Place) -> Result<(Vec<usize>, Option<String>), String> {
        match place {
            Place::Item(name) => Ok((vec![self.node(name)?], None)),
            Place::Spawn(agent) => {
                let is = |item: &Item| item.kind == Kind::Spawn && item.name == *agent;
                let nodes = (1..self.items.len()).filter(|node| self.items[*node].is_some_and(is)).collect();
                Ok((nodes, Some(agent.clone())))
            }
        }
    }

    /// The artifact that a text names, be it by a constant.
    fn meant(&self, name: &str) -> String {
        let constant = self.program.constants.iter().find(|constant| constant.name == *name);
        let named = constant.and_then(|constant| constant.value.split_once("${")?.1.split_once('}'));
        named.map_or(name, |(artifact, _)| artifact).to_string()
    }

    fn lay_out(
        &self,
        node: usize,
        children: Vec<usize>,
        facts: &[FactInfo],
        counters: &mut usize,
    ) -> Result<Node, String> {
        let empty = Item::default();
        let item = self.items[node].unwrap_or(&empty);
        let test = |cond: &Option<Cond>| cond.as_ref().map(|cond| self.test(facts, cond)).transpose();
        let fact_named =
            |name: &String| facts.iter().position(|fact| fact.name == *name).ok_or_else(|| format!("no fact `{name}`"));
        let mut revises = Vec::new();
        for revision in &item.revises {
            let fact = fact_named(&revision.fact)?;
            let mut arms = Vec::new();
            for (when, value) in &revision.arms {
                arms.push((self.test(facts, when)?, value_of(&facts[fact], value)? as u8));
            }
            revises.push((fact, arms));
        }
        let options = self.options(facts, &item.ask, node, counters)?;
        let on_failure = item.on_failure.as_ref().map(|outcome| self.route(facts, outcome, node, counters));
        let on_failure = on_failure.transpose()?;
        let tries = on_failure.iter().flat_map(Route::tries).collect();
        let procedure = item.follows.as_ref().map(|(name, _)| self.procedure(name)).transpose()?;
        let steps_followed = procedure.into_iter().flat_map(|procedure| &procedure.steps);
        let steps = steps_followed.map(|step| &step.when).chain(item.steps.iter().map(|(_, when)| when));
        // Without an answer that raises it, a bound at which a person is asked is the last.
        let exhausted = item.exhausted.as_ref().or((item.kind == Kind::Loop).then_some(&Outcome::Ask));
        let exhausted = exhausted.filter(|outcome| **outcome != Outcome::Ask || self.program.last_bounds);
        let exhausted = exhausted.map(|outcome| self.route(facts, outcome, node, counters)).transpose()?;
        let mut on_fail = Vec::new();
        for (when, outcome) in &item.on_fail {
            on_fail.push((test(when)?, self.route(facts, outcome, node, counters)?));
        }
        Ok(Node {
            name: if node == 0 { "the workflow".to_string() } else { item.name.clone() },
            kind: self.items[node].map(|item| item.kind),
            parent: self.parents[node],
            children,
            end: self.ends[node],
            waits: Vec::new(),
            when: test(&item.when)?,
            skips: Vec::new(),
            once: item.once,
            required: item.required,
            irreversible: item.irreversible,
            decides: item.decides.iter().map(fact_named).collect::<Result<_, _>>()?,
            revises,
            reads: item.reads.clone(),
            mentions: item.mentions.iter().map(|name| self.meant(name)).collect(),
            argument: item.follows.as_ref().map(|(_, argument)| argument.clone()),
            produces: item.produces.clone(),
            requires: item.requires.iter().map(|name| self.node(name)).collect::<Result<_, _>>()?,
            values: item.values.iter().map(|value| self.test(facts, value)).collect::<Result<_, _>>()?,
            steps: steps.map(test).collect::<Result<_, _>>()?,
            options,
            on_fail,
            on_failure,
            blocked: self.blocked(facts, node, counters)?,
            tries,
            overridable: item.overridable || procedure.is_some_and(|procedure| procedure.overridable),
            bound: item.bound,
            until: test(&item.until)?,
            exhausted,
            else_once: item.else_once,
        })
    }
}

impl Route {
    fn limit(&self) -> Option<&Limit> {
        match self {
            Route::Redo(_, limit) | Route::Fix(_, limit) | Route::Retry(limit) => Some(limit),
            _ => None,
        }
    }

    /// The counters of tries.
    fn tries(&self) -> Vec<usize> {
        let tries = |route: &Route| match route {
            Route::Retry(Limit { counter, .. }) => counter.map(|(counter, _)| counter),
            _ => None,
        };
        self.all().into_iter().filter_map(tries).collect()
    }

    /// With what a question in it leads to, and what comes when a bound is used up.
    fn all(&self) -> Vec<&Route> {
        if let Route::Question(options) = self {
            return options.iter().flat_map(|option| option.route.all()).collect();
        }
        std::iter::once(self).chain(self.limit().into_iter().flat_map(|limit| limit.then.all())).collect()
    }

    /// Some run goes on with it.
    fn goes_on(&self) -> bool {
        self.all().iter().any(|route| matches!(route, Route::Continue | Route::Override))
    }

    /// The conditions of the options in it.
    fn conditions(&self) -> Vec<&Test> {
        match self {
            Route::Question(options) => {
                options.iter().flat_map(|option| option.when.iter().chain(option.route.conditions())).collect()
            }
            _ => self.limit().map_or_else(Vec::new, |limit| limit.then.conditions()),
        }
    }
}

fn value_of(fact: &FactInfo, value: &str) -> Result<usize, String> {
    fact.values.iter().position(|other| other == value).ok_or_else(|| format!("no value `{value}`"))
}

/// `before[a][b]`: a is settled whenever b begins. Closed within each body, and carried through nesting.
fn order(nodes: &[Node]) -> Vec<Vec<bool>> {
    let count = nodes.len();
    let mut direct = vec![vec![false; count]; count];
    for body in nodes {
        // Members wait for earlier ones only, so one sweep in the order of writing closes the relation.
        for member in &body.children {
            for wait in &nodes[*member].waits {
                direct[*wait][*member] = true;
                for other in &body.children {
                    if direct[*other][*wait] {
                        direct[*other][*member] = true;
                    }
                }
            }
        }
    }
    let mut before = vec![vec![false; count]; count];
    for (a, row) in direct.iter().enumerate() {
        for b in (0..count).filter(|b| row[*b]) {
            for row in &mut before[a..nodes[a].end] {
                row[b..nodes[b].end].fill(true);
            }
        }
    }
    before
}

/// Which values facts have: those that a writer must leave, by slot, and those of the last versions, by fact.
#[derive(Debug, Default)]
pub struct Variant {
    pub fixed: Vec<(usize, u8)>,
    pub last: Vec<(usize, u8)>,
}

/// What runs are allowed beyond the rules, to explain a verdict that is stricter than all runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leniency {
    None,
    /// A loop may begin another pass though it could end.
    Passes,
    /// There may be tasks although the file is not there that lists them, or none although there is one.
    Tasks,
    /// Gates and loops let everything through, unless they stand before this item.
    Behind(usize),
}

/// All runs of a plan in a variant, or nothing when there are more states than `budget`.
pub fn explore(plan: &Plan, variant: &Variant, leniency: Leniency, budget: usize) -> Option<Seen> {
    let count = plan.nodes.len();
    let mut explorer = Explorer {
        plan,
        variant,
        leniency,
        seen: Seen {
            began: vec![false; count],
            optional: vec![false; count],
            ready: vec![false; count],
            claimed: vec![false; plan.claims.len()],
            ..Seen::default()
        },
        known: FxHashMap::default(),
        open: Vec::new(),
        current: 0,
        comes_again: false,
    };
    let mut starts = vec![vec![0; plan.layout.end]];
    starts[0][plan.layout.slots..plan.layout.approved].fill(NOTHING);
    starts[0][0] = RUNNING;
    for fact in plan.facts.iter().filter(|fact| fact.decider == 0) {
        let slot = fact.slots[0];
        let values = explorer.allowed(slot, 0..fact.values.len() as u8);
        starts = starts
            .into_iter()
            .flat_map(|start| {
                values.iter().map(move |value| {
                    let mut start = start.clone();
                    start[plan.layout.slots + slot] = *value;
                    start
                })
            })
            .collect();
    }
    for start in starts {
        explorer.visit(start, Step::Start);
    }
    while let Some((state, index)) = explorer.open.pop() {
        if explorer.known.len() > budget {
            return None;
        }
        explorer.current = index;
        explorer.events(state);
    }
    explorer.seen.states = explorer.known.len();
    explorer.loops_end();
    Some(explorer.seen)
}

struct Explorer<'p> {
    plan: &'p Plan,
    variant: &'p Variant,
    leniency: Leniency,
    seen: Seen,
    known: FxHashMap<State, usize>,
    open: Vec<(State, usize)>,
    /// Of the state that is looked at.
    current: usize,
    /// A route is taken that goes on when its bound is used up.
    comes_again: bool,
}

impl Explorer<'_> {
    fn visit(&mut self, mut state: State, step: Step) {
        let from = self.current;
        let index = self.seen.trail.len();
        self.current = index;
        self.seen.trail.push((from, step));
        let mut running: Vec<usize> = Vec::new();
        for node in (1..self.plan.nodes.len()).filter(|node| self.plan.nodes[*node].kind == Some(Kind::Loop)) {
            if state[node] != RUNNING {
                running.push(node);
            }
        }
        let goes_on = self.settle(&mut state).is_ok();
        self.current = from;
        if !goes_on {
            return;
        }
        let known = self.known.get(&state).copied();
        let at = known.unwrap_or(index);
        if !matches!(step, Step::Start) {
            self.seen.edges.push((from, at));
            if self.comes_again {
                self.seen.comes_again.insert((from, at));
            }
        }
        self.seen.entered.extend(running.into_iter().filter(|node| state[*node] == RUNNING).map(|node| (node, at)));
        if known.is_none() {
            self.known.insert(state.clone(), index);
            self.open.push((state, index));
        }
    }

    fn fault(&mut self, what: &'static str, node: usize) {
        let key = (what, self.plan.nodes[node].name.clone());
        let current = self.current;
        self.seen.faults.entry(key).or_insert(current);
    }

    fn allowed(&self, slot: usize, values: impl Iterator<Item = u8>) -> Vec<u8> {
        let required = self.variant.fixed.iter().find(|(other, _)| *other == slot).map(|(_, value)| *value);
        let fact = &self.plan.facts[self.plan.slots[slot].1];
        let last = self
            .variant
            .last
            .iter()
            .find(|(other, _)| fact.slots.last() == Some(&slot) && *other == self.plan.slots[slot].1);
        let last = last.map(|(_, value)| *value);
        values.filter(|value| required.is_none_or(|r| r == *value) && last.is_none_or(|r| r == *value)).collect()
    }

    // ── Reading ──────────────────────────────────────────────────────────────────────────────────

    /// The value of a fact as a reader sees it: of the last writer before it that wrote.
    fn value(&self, state: &State, fact: usize, at: At) -> Option<u8> {
        let plan = self.plan;
        let slots = plan.facts[fact].slots.iter().rev();
        slots
            .filter(|slot| plan.slots[**slot].0 == 0 || plan.precedes(plan.slots[**slot].0, at))
            .map(|slot| state[plan.layout.slots + slot])
            .find(|value| *value != NOTHING)
    }

    /// Reads a condition. Fails where it cannot be read, and says so at `node`.
    fn read(&mut self, state: &State, test: &Test, at: At, node: usize) -> Result<bool, Unreadable> {
        let plan = self.plan;
        let mut facts = BTreeSet::new();
        let mut asked = Vec::new();
        test.names(&mut facts, &mut asked);
        for fact in &facts {
            let decider = plan.facts[*fact].decider;
            if decider != 0 && !plan.precedes(decider, at) {
                self.fault("fact-read-too-early", node);
                return Err(Unreadable);
            }
            self.watch_race(state, *fact, at, node);
        }
        if asked.iter().any(|other| !plan.precedes(*other, at)) {
            self.fault("fact-read-too-early", node);
            return Err(Unreadable);
        }
        let values: Vec<(usize, Option<u8>)> =
            facts.into_iter().map(|fact| (fact, self.value(state, fact, at))).collect();
        let mut known: FxHashMap<usize, u8> =
            values.iter().filter_map(|(fact, value)| Some((*fact, (*value)?))).collect();
        let absent: Vec<usize> = values.iter().filter(|(_, value)| value.is_none()).map(|(fact, _)| *fact).collect();
        let ran = |other: usize| state[other] == ENDED;
        match same_for_all(plan, test, &absent, &mut known, &ran) {
            Some(value) => Ok(value),
            None => {
                self.fault("fact-undecided-in-variant", node);
                if self.lets_through(node) { Ok(false) } else { Err(Unreadable) }
            }
        }
    }

    /// A reviser that is sometimes done and sometimes not when a reader that does not wait for it reads.
    fn watch_race(&mut self, state: &State, fact: usize, at: At, node: usize) {
        let plan = self.plan;
        let mut settled = 0u64;
        for slot in &plan.facts[fact].slots {
            let writer = plan.slots[*slot].0;
            let ordered = match at {
                At::Before(reader) => {
                    plan.before[writer][reader] || plan.before[reader][writer] || plan.within(writer, reader)
                }
                At::EndOf(reader) => {
                    plan.within(writer, reader) || plan.before[writer][reader] || plan.before[reader][writer]
                }
            };
            if writer != 0 && !ordered && !plan.within(node, writer) && state[writer] >= ENDED {
                settled |= 1 << slot;
            }
        }
        if *self.seen.settled.entry((node, fact)).or_insert(settled) != settled {
            self.fault("fact-undecided-in-variant", node);
        }
    }

    // ── What happens by itself ───────────────────────────────────────────────────────────────────

    /// Items become ready, are left out or begin; blocks without work of their own end.
    fn settle(&mut self, state: &mut State) -> Result<(), Unreadable> {
        loop {
            let mut changed = false;
            for node in 1..self.plan.nodes.len() {
                changed |= self.settle_one(state, node)?;
            }
            if !changed {
                return Ok(());
            }
        }
    }

    fn settle_one(&mut self, state: &mut State, node: usize) -> Result<bool, Unreadable> {
        let plan = self.plan;
        let item = &plan.nodes[node];
        if state[item.parent] != RUNNING {
            return Ok(false);
        }
        let ready = item.waits.iter().all(|wait| state[*wait] >= ENDED);
        let stale = plan.layout.fresh + node;
        if ready && state[node] >= ENDED && state[stale] == 1 {
            state[stale] = 0;
            self.look_again(state, node)?;
            return Ok(true);
        }
        if state[node] == PENDING && ready {
            self.seen.ready[node] = true;
            if self.runs(state, node)? {
                self.begin(state, node);
            } else {
                if item.required {
                    self.fault("skip-of-required", node);
                }
                state[node..item.end].fill(SKIPPED);
            }
            return Ok(true);
        }
        if state[node] == RUNNING
            && item.kind == Some(Kind::Parallel)
            && item.children.iter().all(|child| state[*child] >= ENDED)
        {
            state[node] = ENDED;
            return Ok(true);
        }
        Ok(false)
    }

    fn runs(&mut self, state: &State, node: usize) -> Result<bool, Unreadable> {
        let item = &self.plan.nodes[node];
        if let Some(when) = &item.when
            && !self.read(state, when, At::Before(node), node)?
        {
            self.seen.optional[node] = true;
            return Ok(false);
        }
        // Rules are asked only where the phase would run.
        let mut runs = true;
        for skip in &item.skips {
            runs &= !self.read(state, skip, At::Before(node), node)?;
        }
        Ok(runs)
    }

    /// In a later pass a `once` item stays as it is; it must be what it would have become.
    fn look_again(&mut self, state: &State, node: usize) -> Result<(), Unreadable> {
        let item = &self.plan.nodes[node];
        let ran = state[node] == ENDED;
        let faults = self.seen.faults.clone();
        let again = self.runs(state, node);
        let mut values = Ok(true);
        if ran {
            for value in &item.values {
                match self.read(state, value, At::Before(node), node) {
                    Ok(true) => {}
                    other => values = other,
                }
            }
        }
        for (fact, arms) in item.revises.iter().filter(|_| ran) {
            let slot = self.plan.facts[*fact].slots.iter().find(|slot| self.plan.slots[**slot].0 == node);
            let slot = self.plan.layout.slots + slot.expect("laid out");
            let mut before = state.clone();
            let written = std::mem::replace(&mut before[slot], NOTHING);
            let revised = self.revised(&before, node, *fact, arms).unwrap_or_default();
            values = if revised.contains(&written) { values } else { Err(Unreadable) };
        }
        self.seen.faults = faults;
        let mut on_fail = item.on_fail.iter().flat_map(|(_, route)| route.all());
        let passes =
            matches!(values, Ok(true)) || item.overridable || on_fail.any(|route| matches!(route, Route::Continue));
        if !matches!(again, Ok(again) if again == ran) || !passes {
            self.fault("once-reads-the-pass", node);
            return Err(Unreadable);
        }
        Ok(())
    }

    fn begin(&mut self, state: &mut State, node: usize) {
        let plan = self.plan;
        let item = &plan.nodes[node];
        state[node] = if item.kind == Some(Kind::Each) { LISTING } else { RUNNING };
        self.seen.began[node] = true;
        for (artifact, maybe) in &item.reads {
            // A task comes from what lists it, so that is there.
            let lists = |each: &Node| !each.else_once && each.reads.iter().any(|(from, _)| from == artifact);
            let mut around = (1..node).filter(|outer| plan.within(node, *outer)).map(|outer| &plan.nodes[outer]);
            let listed = around.any(|outer| outer.kind == Some(Kind::Each) && lists(outer));
            if !maybe && !listed && !self.is_there(state, artifact, node) {
                self.fault("missing-artifact", node);
            }
        }
        for artifact in item.mentions.iter().filter(|artifact| plan.reads_in_text(node, artifact)) {
            if !self.is_there(state, artifact, node) {
                self.fault("missing-artifact", node);
            }
        }
        if let Some(artifact) = &item.argument
            && !plan.is_read_around(node, artifact)
            && !plan.is_being_made(node, artifact)
            && !self.is_there(state, artifact, node)
        {
            self.fault("missing-artifact", node);
        }
        if item.requires.iter().any(|required| state[*required] != ENDED) {
            self.fault("requires-skipped", node);
        }
        if item.irreversible {
            self.execute(state, node);
        }
        for claim in 0..plan.claims.len() {
            if plan.claims[claim].seconds.contains(&node) {
                self.claim_begins(state, claim, node);
            }
        }
    }

    /// Something before the item has produced the artifact.
    fn is_there(&self, state: &State, artifact: &String, node: usize) -> bool {
        let there = |other: usize| state[other] == ENDED && self.plan.nodes[other].produces.contains(artifact);
        (0..self.plan.nodes.len()).any(|other| there(other) && self.plan.before[other][node])
    }

    fn claim_begins(&mut self, state: &mut State, claim: usize, node: usize) {
        let firsts = &self.plan.claims[claim].firsts;
        if self.plan.claims[claim].when.is_none() {
            self.seen.claimed[claim] = true;
        }
        let is_open = |first: usize| {
            let gate = self.plan.gates.iter().position(|gate| *gate == first);
            gate.is_some_and(|gate| state[self.plan.layout.open + gate] == 1)
        };
        if !firsts.iter().any(|first| state[*first] == ENDED && !is_open(*first)) {
            state[self.plan.layout.claims + claim] = 1;
            if self.plan.claims[claim].when.is_none() {
                self.fault("property-fails", node);
            }
        }
    }

    /// An irreversible item begins: some gate has approved this one execution.
    fn execute(&mut self, state: &mut State, node: usize) {
        let plan = self.plan;
        let place = plan.irreversible.iter().position(|other| *other == node).expect("listed");
        let mut approved = false;
        for (index, gate) in plan.gates.iter().enumerate() {
            let used = plan.layout.used + index * plan.irreversible.len() + place;
            if state[plan.layout.approved + index] == 1 && state[*gate] == ENDED && plan.before[*gate][node] {
                approved |= state[used] == 0 && self.could_prevent(state, *gate, node);
                state[used] = 1;
            }
        }
        if !approved {
            self.fault("irreversible-without-approval", node);
        }
    }

    /// Whether the person who answered the gate had an option under which the item does not happen.
    fn could_prevent(&mut self, state: &State, gate: usize, node: usize) -> bool {
        let plan = self.plan;
        let fact = plan.facts.iter().position(|fact| fact.decider == gate && fact.name == plan.nodes[gate].name);
        let Some(fact) = fact else { return false };
        plan.nodes[gate].options.iter().enumerate().any(|(index, option)| {
            let offered = option.when.iter().all(|when| self.imagine(state, when, At::Before(gate), None));
            offered
                && (self.says_no(state, gate, &option.route)
                    || option.route.goes_on() && !self.would_run(state, node, (fact, index as u8)))
        })
    }

    /// It ends in a redo or an abort, also when bounds are used up, or in a question that offers one of these.
    fn says_no(&self, state: &State, gate: usize, route: &Route) -> bool {
        match route {
            Route::Abort => true,
            Route::Redo(_, limit) => !limit.then.goes_on() || self.says_no(state, gate, &limit.then),
            Route::Question(options) => options.iter().any(|option| {
                let offered = option.when.iter().all(|when| self.imagine(state, when, At::Before(gate), None));
                offered && self.says_no(state, gate, &option.route)
            }),
            _ => false,
        }
    }

    /// It goes on, be it when its bounds are used up or with an option that is offered.
    fn could_go_on(&self, state: &State, gate: usize, route: &Route) -> bool {
        let offered =
            |option: &&Option_| option.when.iter().all(|when| self.imagine(state, when, At::Before(gate), None));
        match route {
            Route::Question(options) => {
                options.iter().filter(offered).any(|option| self.could_go_on(state, gate, &option.route))
            }
            _ => match route.limit() {
                Some(limit) => self.could_go_on(state, gate, &limit.then),
                None => route.goes_on(),
            },
        }
    }

    fn would_run(&self, state: &State, node: usize, answer: (usize, u8)) -> bool {
        let item = &self.plan.nodes[node];
        if node == 0 {
            return true;
        }
        item.when.iter().all(|when| self.imagine(state, when, At::Before(node), Some(answer)))
            && !item.skips.iter().any(|skip| self.imagine(state, skip, At::Before(node), Some(answer)))
            && self.would_run(state, item.parent, answer)
    }

    /// A condition with another answer put in; a fact that is not there makes it true.
    fn imagine(&self, state: &State, test: &Test, at: At, answer: Option<(usize, u8)>) -> bool {
        let mut facts = BTreeSet::new();
        test.names(&mut facts, &mut Vec::new());
        let mut known = FxHashMap::default();
        let mut absent = Vec::new();
        for fact in facts {
            let changed = answer.filter(|(other, _)| *other == fact).map(|(_, value)| value);
            match changed.or_else(|| self.value(state, fact, at)) {
                Some(value) => {
                    known.insert(fact, value);
                }
                None => absent.push(fact),
            }
        }
        let ran = |other: usize| match answer {
            Some(answer) => self.would_run(state, other, answer),
            None => state[other] == ENDED,
        };
        same_for_all(self.plan, test, &absent, &mut known, &ran).unwrap_or(true)
    }

    // ── Events ───────────────────────────────────────────────────────────────────────────────────

    fn events(&mut self, state: State) {
        let plan = self.plan;
        if plan.nodes[0].children.iter().all(|child| state[*child] >= ENDED) {
            self.complete(&state);
            return;
        }
        for node in 1..plan.nodes.len() {
            let item = &plan.nodes[node];
            if state[node] == LISTING {
                self.lists(&state, node);
            }
            if state[node] != RUNNING {
                continue;
            }
            if matches!(item.kind, Some(Kind::Phase | Kind::Stage | Kind::Spawn)) {
                self.failure(&state, node);
            }
            if !item.children.iter().all(|child| state[*child] >= ENDED) {
                continue;
            }
            match item.kind {
                Some(Kind::Phase | Kind::Stage | Kind::Spawn) => {
                    self.end_of_work(&state, node);
                    let _ = self.blocked(&state, node);
                }
                Some(Kind::Gate) => self.at_gate(&state, node),
                Some(Kind::Each) => self.end_of_task(&state, node),
                Some(Kind::Loop) => self.end_of_pass(&state, node),
                Some(Kind::Parallel) | None => {}
            }
        }
    }

    fn end_of_work(&mut self, state: &State, node: usize) {
        let plan = self.plan;
        let item = &plan.nodes[node];
        for artifact in &item.produces {
            for other in (0..plan.nodes.len()).filter(|other| state[*other] == ENDED) {
                // What a phase produces may be what a stage of it does.
                let nested = plan.within(other, node) || plan.within(node, other);
                if !nested && plan.nodes[other].produces.contains(artifact) {
                    let later = if plan.before[node][other] { other } else { node };
                    // Side by side neither replaces what the other has left.
                    let ordered = plan.before[node][other] || plan.before[other][node];
                    if !ordered || !plan.reads_in(later, artifact) {
                        self.fault("artifact-produced-twice", later);
                    }
                }
            }
        }
        let mut ends = vec![state.clone()];
        ends[0][node] = ENDED;
        let mut written: Vec<(usize, Vec<u8>)> = Vec::new();
        for fact in &item.decides {
            let slot = plan.facts[*fact].slots[0];
            if plan.slots[slot].0 == node {
                written.push((slot, (0..plan.facts[*fact].values.len() as u8).collect()));
            }
        }
        for (slot, values) in written {
            let values = self.allowed(slot, values.into_iter());
            ends = ends.iter().flat_map(|end| plan.written(end, slot, &values)).collect();
        }
        // A revision may look at what the same item decides.
        for (fact, arms) in &item.revises {
            let slot = plan.facts[*fact].slots.iter().copied().find(|slot| plan.slots[*slot].0 == node);
            let slot = slot.expect("laid out");
            let mut revised = Vec::new();
            for end in ends {
                let Ok(values) = self.revised(&end, node, *fact, arms) else {
                    if self.lets_through(node) {
                        revised.push(end);
                    }
                    continue;
                };
                let values = self.allowed(slot, values.into_iter());
                revised.extend(plan.written(&end, slot, &values));
            }
            ends = revised;
        }
        for end in ends {
            self.visit(end, Step::Ends(node));
        }
    }

    /// Work fails: what it says for that, or the nearest item around it.
    fn failure(&mut self, state: &State, failed: usize) {
        let plan = self.plan;
        let mut says = failed;
        while plan.nodes[says].on_failure.is_none() {
            if says == 0 {
                return;
            }
            says = plan.nodes[says].parent;
        }
        if let Some(route) = &plan.nodes[says].on_failure {
            let _ = self.take(state, says, route, Cause::Failure(failed));
        }
    }

    /// A spawn cannot go on, for any of the reasons that it can give.
    fn blocked(&mut self, state: &State, spawn: usize) -> Result<(), Unreadable> {
        let Some((owner, rows)) = &self.plan.nodes[spawn].blocked else { return Ok(()) };
        let mut reasons: Vec<Option<&String>> = rows.iter().map(|row| row.reason.as_ref()).collect();
        reasons.push(None);
        reasons.dedup();
        'next: for reason in reasons {
            // What is for all other reasons comes last.
            let own = rows.iter().filter(|row| row.reason.as_ref() == reason);
            let others = rows.iter().filter(|row| row.reason.is_none() && reason.is_some());
            for row in own.chain(others) {
                let counts = match &row.when {
                    Some(when) => match self.read(state, when, At::Before(*owner), *owner) {
                        Ok(counts) => counts,
                        Err(Unreadable) => continue 'next,
                    },
                    None => true,
                };
                if counts {
                    let _ = self.take(state, *owner, &row.route, Cause::Blocked);
                    break;
                }
            }
        }
        Ok(())
    }

    /// The values a revision may leave; it cannot change what nobody decided.
    fn revised(&mut self, state: &State, node: usize, fact: usize, arms: &[(Test, u8)]) -> Result<Vec<u8>, Unreadable> {
        let Some(old) = self.value(state, fact, At::Before(node)) else {
            self.fault("fact-undecided-in-variant", node);
            return Err(Unreadable);
        };
        if arms.is_empty() {
            return Ok((old..self.plan.facts[fact].values.len() as u8).collect());
        }
        for (when, value) in arms {
            if self.read(state, when, At::EndOf(node), node)? {
                return Ok(vec![*value]);
            }
        }
        Ok(vec![old])
    }

    fn at_gate(&mut self, state: &State, node: usize) {
        if self.try_gate(state, node).is_err() && self.lets_through(node) {
            self.pass(state, node, None, Step::Overridden(node));
        }
    }

    fn try_gate(&mut self, state: &State, node: usize) -> Result<(), Unreadable> {
        let item = &self.plan.nodes[node];
        let at = At::Before(node);
        let mut steps = 0;
        for when in &item.steps {
            let applies = match when {
                Some(when) => self.read(state, when, at, node)?,
                None => true,
            };
            steps += usize::from(applies);
        }
        let mut holds = true;
        for value in &item.values {
            holds &= self.read(state, value, at, node)?;
        }
        let mut offered = Vec::new();
        for (index, option) in item.options.iter().enumerate() {
            let offers = match &option.when {
                Some(when) => self.read(state, when, at, node)?,
                None => true,
            };
            if offers || self.lets_through(node) {
                offered.push(index);
            }
        }
        if steps == 0 && item.values.is_empty() && item.options.is_empty() {
            self.fault("gate-without-evidence", node);
        }
        let mut way_on = item.overridable || item.options.is_empty();
        for index in &offered {
            way_on |= self.may_go_on(state, &item.options[*index].route, at, node)?;
        }
        if !way_on {
            self.fault("no-way-to-the-end", node);
        }
        // A person who overrides a gate has not answered it, whatever it asks.
        let fails = !holds || steps > 0;
        if item.overridable && (fails || !item.options.is_empty()) || fails && self.lets_through(node) {
            self.pass(state, node, None, Step::Overridden(node));
        }
        // Evidence may fail where a comparison cannot.
        if fails {
            self.failed(state, node)?;
        }
        if holds {
            self.seen.held.insert(node);
            self.ask(state, node, &offered);
        }
        Ok(())
    }

    /// An outcome goes on, be it when its bounds are used up or with an option that is offered.
    fn may_go_on(&mut self, state: &State, route: &Route, at: At, node: usize) -> Result<bool, Unreadable> {
        let Route::Question(options) = route else {
            return match route.limit() {
                Some(limit) => self.may_go_on(state, &limit.then, at, node),
                None => Ok(route.goes_on()),
            };
        };
        let mut any = false;
        for option in options {
            let offered = match &option.when {
                Some(when) => self.read(state, when, at, node)?,
                None => true,
            };
            any |= offered && self.may_go_on(state, &option.route, at, node)?;
        }
        Ok(any)
    }

    fn failed(&mut self, state: &State, node: usize) -> Result<(), Unreadable> {
        for (when, route) in &self.plan.nodes[node].on_fail {
            let taken = match when {
                Some(when) => self.read(state, when, At::Before(node), node)?,
                None => true,
            };
            if taken {
                self.take(state, node, route, Cause::Gate(None))?;
                break;
            }
        }
        Ok(())
    }

    fn ask(&mut self, state: &State, node: usize, offered: &[usize]) {
        let plan = self.plan;
        if plan.nodes[node].options.is_empty() {
            self.pass(state, node, None, Step::Closes(node, None));
        }
        for index in offered {
            if self.lets_through(node) {
                self.pass(state, node, Some(*index), Step::Closes(node, Some(*index)));
            }
            let _ = self.take(state, node, &plan.nodes[node].options[*index].route, Cause::Gate(Some(*index)));
        }
    }

    fn take(&mut self, state: &State, node: usize, route: &Route, cause: Cause) -> Result<(), Unreadable> {
        match route {
            Route::Continue => match cause {
                Cause::Gate(option) => {
                    let mut state = state.clone();
                    // It has failed, and is neither closed nor overridden.
                    let open =
                        self.plan.layout.open + self.plan.gates.iter().position(|gate| *gate == node).expect("listed");
                    state[open] = u8::from(option.is_none());
                    self.pass(&state, node, option, Step::Closes(node, option));
                }
                // It is passed over, and leaves nothing; a gate in it is not.
                Cause::Failure(failed) => {
                    let mut inside = self.plan.nodes[failed].children.iter();
                    if inside.all(|child| state[*child] >= ENDED) {
                        let mut state = state.clone();
                        state[failed] = ENDED;
                        self.visit(state, Step::PassesOver(failed));
                    }
                }
                Cause::Exhausted => self.loop_ends(state, node),
                Cause::Blocked => {}
            },
            Route::Override => match cause {
                Cause::Exhausted => self.loop_ends(state, node),
                Cause::Gate(option) => self.pass(state, node, option, Step::Overridden(node)),
                // A phase that is taken as it is has its files, and a person says its facts: as if it had ended.
                Cause::Failure(_) | Cause::Blocked => {}
            },
            Route::Retry(limit) => match self.counted(state, limit) {
                Some(state) => self.try_again(state, node),
                None => self.take(state, node, &limit.then, cause)?,
            },
            Route::Question(options) => {
                let at = if matches!(cause, Cause::Exhausted) { At::EndOf(node) } else { At::Before(node) };
                for option in options {
                    let offered = match &option.when {
                        Some(when) => self.read(state, when, at, node)?,
                        None => true,
                    };
                    if offered {
                        self.take(state, node, &option.route, cause)?;
                    }
                }
            }
            Route::Spawn(agent) => {
                let mut state = state.clone();
                self.start(&mut state, agent, node);
                self.visit(state, Step::Fixes(node));
            }
            Route::Stay => self.visit(state.clone(), Step::Shows(node)),
            // Asked, a person who may not accept can only stop.
            Route::Ask | Route::Abort => {}
            Route::Redo(target, limit) => match self.counted(state, limit) {
                Some(again) => {
                    self.comes_again = limit.then.goes_on();
                    let goes_back = self.redo(again, node, *target);
                    self.comes_again = false;
                    // Where it cannot go back, what comes when the bound is used up is left.
                    if !goes_back {
                        self.take(state, node, &limit.then, cause)?;
                    }
                }
                None => self.take(state, node, &limit.then, cause)?,
            },
            Route::Fix(agent, limit) => {
                let Some(mut state) = self.counted(state, limit) else {
                    return self.take(state, node, &limit.then, cause);
                };
                let mut started = state.clone();
                self.start(&mut started, agent, node);
                // Where work fails it is done again itself.
                let mut again = matches!(cause, Cause::Failure(_) | Cause::Blocked);
                let parent = self.plan.nodes[node].parent;
                if matches!(self.plan.nodes[parent].kind, Some(Kind::Phase | Kind::Stage | Kind::Each)) {
                    let siblings = &self.plan.nodes[parent].children;
                    for sibling in siblings.iter().filter(|sibling| self.plan.before[**sibling][node]) {
                        self.void(&mut state, *sibling);
                        again = true;
                    }
                }
                self.void(&mut state, node);
                if again {
                    self.again_inside(&mut state, node);
                }
                // What is done again was not when the agent was started.
                for (claim, said) in self.plan.claims.iter().enumerate() {
                    let held = said.when.as_ref().is_none_or(|when| self.held_until(&started, &state, when));
                    if said.second_agent.as_ref() == Some(agent) && held {
                        state[self.plan.layout.claims + claim] = started[self.plan.layout.claims + claim];
                    }
                }
                self.visit(state, Step::Fixes(node));
            }
        }
        Ok(())
    }

    /// A route starts an agent.
    fn start(&mut self, state: &mut State, agent: &str, node: usize) {
        for claim in 0..self.plan.claims.len() {
            if self.plan.claims[claim].second_agent.as_deref() == Some(agent) {
                self.claim_begins(state, claim, node);
            }
        }
    }

    /// An item does all again that is in it; its bound of tries is still that of this time.
    fn try_again(&mut self, mut state: State, node: usize) {
        let tries: Vec<(usize, u8)> = self.plan.nodes[node]
            .tries
            .iter()
            .map(|counter| self.plan.layout.counters + counter)
            .map(|counter| (counter, state[counter]))
            .collect();
        self.void(&mut state, node);
        tries.into_iter().for_each(|(counter, used)| state[counter] = used);
        self.begin(&mut state, node);
        self.again_inside(&mut state, node);
        self.visit(state, Step::TriesAgain(node));
    }

    /// Something in irreversible items is done again, and with it they are, in part.
    fn again_inside(&mut self, state: &mut State, node: usize) {
        let plan = self.plan;
        let around = |other: &usize| plan.nodes[*other].irreversible && plan.within(node, *other) && *other != node;
        for outer in (1..node).filter(around) {
            self.execute(state, outer);
        }
    }

    /// Whether the leniency lets everything through a gate or loop.
    fn lets_through(&self, node: usize) -> bool {
        matches!(self.leniency, Leniency::Behind(item) if !self.plan.before[node][item] || self.plan.within(item, node))
    }

    /// Counts a use of a route whose bound nobody raises; nothing when it is used up.
    fn counted(&self, state: &State, limit: &Limit) -> Option<State> {
        let mut state = state.clone();
        if let Some((counter, bound)) = limit.counter {
            let uses = &mut state[self.plan.layout.counters + counter];
            if *uses >= bound {
                return None;
            }
            *uses += 1;
        }
        Some(state)
    }

    fn pass(&mut self, state: &State, node: usize, option: Option<usize>, step: Step) {
        let plan = self.plan;
        let mut state = state.clone();
        state[node] = ENDED;
        if let Some(option) = option {
            let fact = plan.facts.iter().find(|fact| fact.decider == node && fact.name == plan.nodes[node].name);
            let slot = fact.expect("a gate that asks decides its answer").slots[0];
            if self.allowed(slot, std::iter::once(option as u8)).is_empty() {
                return;
            }
            state[plan.layout.slots + slot] = option as u8;
        }
        let index = plan.gates.iter().position(|gate| *gate == node).expect("listed");
        if option.is_some() && !matches!(step, Step::Overridden(_)) {
            state[plan.layout.approved + index] = 1;
            let used = plan.layout.used + index * plan.irreversible.len();
            state[used..used + plan.irreversible.len()].fill(0);
        }
        self.visit(state, step);
    }

    // ── Going back ───────────────────────────────────────────────────────────────────────────────

    /// As if an item and all in it had not been.
    fn void(&self, state: &mut State, root: usize) {
        let plan = self.plan;
        for node in root..plan.nodes[root].end {
            state[node] = PENDING;
            state[plan.layout.fresh + node] = 0;
            state[plan.layout.passes + node] = 0;
            plan.nodes[node].tries.iter().for_each(|counter| state[plan.layout.counters + counter] = 0);
            for (slot, (writer, _)) in plan.slots.iter().enumerate() {
                if *writer == node {
                    state[plan.layout.slots + slot] = NOTHING;
                }
            }
            if let Some(gate) = plan.gates.iter().position(|gate| *gate == node) {
                state[plan.layout.approved + gate] = 0;
                state[plan.layout.open + gate] = 0;
                let used = plan.layout.used + gate * plan.irreversible.len();
                state[used..used + plan.irreversible.len()].fill(0);
            }
            for (claim, said) in plan.claims.iter().enumerate() {
                let starts = |agent: &String| plan.nodes[node].starts(agent);
                if said.seconds.contains(&node) || said.second_agent.as_ref().is_some_and(starts) {
                    state[plan.layout.claims + claim] = 0;
                }
            }
        }
    }

    /// Goes back, unless it cannot.
    fn redo(&mut self, mut state: State, gate: usize, target: usize) -> bool {
        let plan = self.plan;
        let around = plan.within(gate, target);
        if state[target] != ENDED && !around {
            self.fault("redo-of-skipped", gate);
            return false;
        }
        let body = plan.nodes[target].parent;
        let leaves_parallel = |node: usize| plan.nodes[node].kind == Some(Kind::Parallel) && plan.within(gate, node);
        if !plan.within(gate, body) || !around && (body..gate).any(leaves_parallel) {
            self.fault("redo-of-skipped", gate);
            return false;
        }
        let mut last = gate;
        while plan.nodes[last].parent != body {
            last = plan.nodes[last].parent;
        }
        let mut voided: Vec<usize> = vec![target];
        if !around {
            // What is left and entered anew is voided whole.
            voided.push(last);
            let members = plan.nodes[body].children.iter().copied();
            voided.extend(members.filter(|member| plan.before[target][*member] && plan.before[*member][last]));
            let beside = plan.nodes[body].children.iter().any(|member| {
                plan.before[target][*member]
                    && !voided.contains(member)
                    && matches!(state[*member], RUNNING | LISTING | ENDED)
                    && !plan.nodes[*member].once
            });
            if beside {
                self.fault("redo-of-skipped", gate);
                return false;
            }
        }
        // A `once` item of an earlier pass that stands behind a voided one hangs on it.
        let once: Vec<usize> = (1..plan.nodes.len())
            .filter(|node| plan.nodes[*node].once && voided.iter().any(|root| plan.within(*node, *root)))
            .collect();
        let behind = (1..plan.nodes.len())
            .filter(|node| plan.nodes[*node].once && once.iter().any(|earlier| plan.before[*earlier][*node]));
        voided.extend(behind.collect::<Vec<_>>());
        for root in voided {
            self.void(&mut state, root);
        }
        // The body that is gone back to is running again.
        state[body] = RUNNING;
        self.visit(state, Step::GoesBack(gate, target));
        true
    }

    /// It turns out how many tasks there are: none, or a few.
    fn lists(&mut self, state: &State, node: usize) {
        let item = &self.plan.nodes[node];
        let there = |(artifact, maybe): &(String, bool)| !maybe || self.is_there(state, artifact, node);
        let absent = (!item.reads.iter().all(there)).then_some(u8::from(item.else_once));
        // What is being made may be there in part.
        let makes = |(artifact, _): &(String, bool)| {
            (1..node).any(|outer| self.plan.within(node, outer) && self.plan.nodes[outer].produces.contains(artifact))
        };
        let may_list = absent.is_none() || self.leniency == Leniency::Tasks || item.reads.iter().any(makes);
        let lists = may_list.then_some(0..=item.bound);
        for tasks in lists.into_iter().flatten().chain(absent) {
            let mut state = state.clone();
            if tasks == 0 {
                state[node] = ENDED;
                state[node + 1..item.end].fill(SKIPPED);
            } else {
                state[node] = RUNNING;
                state[self.plan.layout.passes + node] = tasks - 1;
            }
            self.visit(state, Step::Lists(node, tasks));
        }
    }

    /// The next task begins anew; after the last one the `each` has ended.
    fn end_of_task(&mut self, state: &State, node: usize) {
        let mut state = state.clone();
        let left = self.plan.layout.passes + node;
        if state[left] == 0 {
            state[node] = ENDED;
        } else {
            state[left] -= 1;
            for child in &self.plan.nodes[node].children {
                self.void(&mut state, *child);
            }
        }
        self.visit(state, Step::NextTask(node));
    }

    fn end_of_pass(&mut self, state: &State, node: usize) {
        let plan = self.plan;
        let item = &plan.nodes[node];
        let Some(until) = &item.until else { return };
        let Ok(done) = self.read(state, until, At::EndOf(node), node) else { return };
        self.seen.passed.insert((node, self.current));
        if done || item.overridable || self.lets_through(node) {
            self.loop_ends(state, node);
        }
        if done && self.leniency != Leniency::Passes {
            return;
        }
        let passes = state[plan.layout.passes + node] + 1;
        if let Some(route) = item.exhausted.as_ref().filter(|_| passes >= item.bound) {
            if self.may_go_on(state, route, At::EndOf(node), node).unwrap_or_default() {
                self.seen.left.insert((node, self.current));
            }
            let _ = self.take(state, node, route, Cause::Exhausted);
            return;
        }
        let mut next = state.clone();
        for child in &item.children {
            self.new_pass(&mut next, *child);
        }
        next[node] = RUNNING;
        next[plan.layout.passes + node] = if item.exhausted.is_some() { passes } else { 0 };
        self.visit(next, Step::NewPass(node));
    }

    fn loop_ends(&mut self, state: &State, node: usize) {
        let layout = &self.plan.layout;
        self.seen.left.insert((node, self.current));
        let mut ended = state.clone();
        ended[node] = ENDED;
        ended[layout.passes + node] = 0;
        ended[layout.fresh + node..layout.fresh + self.plan.nodes[node].end].fill(0);
        self.visit(ended, Step::LoopEnds(node));
    }

    /// Voids an item unless it says `once`; a `parallel` has members that may.
    fn new_pass(&self, state: &mut State, node: usize) {
        let plan = self.plan;
        let item = &plan.nodes[node];
        if item.once {
            state[plan.layout.fresh + node] = 1;
        } else if item.kind == Some(Kind::Parallel) {
            state[node] = PENDING;
            for child in &item.children {
                self.new_pass(state, *child);
            }
        } else {
            self.void(state, node);
        }
    }

    /// A loop that begins, and gets to the end of a pass, can come to its own end without being left.
    fn loops_end(&mut self) {
        if self.seen.entered.is_empty() {
            return;
        }
        let mut back: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
        for (from, to) in &self.seen.edges {
            back.entry(*to).or_default().push(*from);
        }
        let states: FxHashMap<usize, &State> = self.known.iter().map(|(state, index)| (*index, state)).collect();
        let reaches = |node: usize, goals: &BTreeSet<(usize, usize)>| {
            let mut open: Vec<usize> =
                goals.iter().filter(|(other, _)| *other == node).map(|(_, state)| *state).collect();
            let mut reaching: BTreeSet<usize> = open.iter().copied().collect();
            while let Some(state) = open.pop() {
                for from in back.get(&state).into_iter().flatten() {
                    // What goes on when its bound is used up may leave the loop before, and come to that later.
                    let leaves = states[from][node] == RUNNING && states[&state][node] != RUNNING;
                    if (!leaves || self.seen.comes_again.contains(&(*from, state))) && reaching.insert(*from) {
                        open.push(*from);
                    }
                }
            }
            reaching
        };
        let mut stuck = Vec::new();
        for node in (1..self.plan.nodes.len()).filter(|node| self.plan.nodes[*node].kind == Some(Kind::Loop)) {
            let (ends, passes) = (reaches(node, &self.seen.left), reaches(node, &self.seen.passed));
            let entered = self.seen.entered.iter().filter(|(other, _)| *other == node).map(|(_, state)| *state);
            let found = entered.filter(|state| passes.contains(state) && !ends.contains(state)).min();
            stuck.extend(found.map(|state| (node, state)));
        }
        for (node, state) in stuck {
            self.current = state;
            self.fault("no-way-to-the-end", node);
        }
    }

    // ── The end ──────────────────────────────────────────────────────────────────────────────────

    fn complete(&mut self, state: &State) {
        let plan = self.plan;
        for (fact, value) in &self.variant.last {
            if self.value(state, *fact, At::EndOf(0)).is_some_and(|is| is != *value) {
                return;
            }
        }
        self.seen.complete = true;
        let worker = |node: usize| {
            use Kind::{Gate, Phase, Spawn, Stage};
            matches!(plan.nodes[node].kind, Some(Phase | Stage | Spawn | Gate))
        };
        // What would be done for a task counts, though there may be nothing to do.
        let comes = |node: usize| {
            let for_a_task = |each: usize| {
                let is_left = plan.nodes[each].kind == Some(Kind::Each) && state[each] != SKIPPED;
                is_left && plan.within(node, each)
            };
            let would = || plan.nodes[node].when.iter().all(|when| self.imagine(state, when, At::Before(node), None));
            state[node] != SKIPPED || (1..node).any(for_a_task) && would()
        };
        let mut guarding_nothing = Vec::new();
        for gate in plan.gates.iter().copied().filter(|gate| state[*gate] == ENDED) {
            // Behind which nothing is written guards the end.
            let behind: Vec<usize> =
                (1..plan.nodes.len()).filter(|node| plan.before[gate][*node] && worker(*node)).collect();
            if behind.is_empty() || behind.iter().any(|node| comes(*node)) {
                continue;
            }
            // An answer under which nothing comes after it is a way to say no.
            let answer = plan.facts.iter().position(|fact| fact.decider == gate && fact.name == plan.nodes[gate].name);
            let with_another = answer.is_some_and(|fact| {
                plan.nodes[gate].options.iter().enumerate().any(|(index, option)| {
                    let offered = option.when.iter().all(|when| self.imagine(state, when, At::Before(gate), None));
                    let goes_on = self.could_go_on(state, gate, &option.route);
                    let answer = (fact, index as u8);
                    offered && goes_on && behind.iter().any(|node| self.would_run(state, *node, answer))
                })
            });
            if !with_another {
                guarding_nothing.push(gate);
            }
        }
        guarding_nothing.into_iter().for_each(|gate| self.fault("gate-guards-nothing", gate));
        for (index, claim) in plan.claims.iter().enumerate() {
            let Some(when) = &claim.when else { continue };
            let ended = claim.seconds.iter().any(|second| state[*second] == ENDED);
            self.seen.claimed[index] |= ended && self.may_hold(state, when);
            if state[plan.layout.claims + index] == 1 && self.may_hold(state, when) {
                let second = claim.seconds.first().copied().unwrap_or(0);
                self.fault("property-fails", second);
            }
        }
    }

    /// Whether a condition may have held before facts of it were voided; true of one that is as it was.
    fn held_until(&self, before: &State, after: &State, test: &Test) -> bool {
        let mut facts = BTreeSet::new();
        test.names(&mut facts, &mut Vec::new());
        let value = |state: &State, fact: &usize| self.value(state, *fact, At::EndOf(0));
        facts.iter().all(|fact| value(before, fact) == value(after, fact)) || {
            let mut ended = before.clone();
            ended.iter_mut().take(self.plan.nodes.len()).filter(|now| **now == RUNNING).for_each(|now| *now = ENDED);
            self.may_hold(&ended, test)
        }
    }

    /// Whether a condition over the last versions holds for some values of the facts that are not there.
    fn may_hold(&self, state: &State, test: &Test) -> bool {
        let mut facts = BTreeSet::new();
        test.names(&mut facts, &mut Vec::new());
        let mut known = FxHashMap::default();
        let mut absent = Vec::new();
        for fact in facts {
            match self.value(state, fact, At::EndOf(0)) {
                Some(value) => {
                    known.insert(fact, value);
                }
                None => absent.push(fact),
            }
        }
        let ran = |other: usize| state[other] == ENDED;
        same_for_all(self.plan, test, &absent, &mut known, &ran) != Some(false)
    }
}

/// The value of a condition if it is the same for all values of the facts in `absent`.
fn same_for_all(
    plan: &Plan,
    test: &Test,
    absent: &[usize],
    known: &mut FxHashMap<usize, u8>,
    ran: &dyn Fn(usize) -> bool,
) -> Option<bool> {
    let Some((first, rest)) = absent.split_first() else { return Some(test.holds(known, ran)) };
    let mut all = None;
    for value in 0..plan.facts[*first].values.len() as u8 {
        known.insert(*first, value);
        let one = same_for_all(plan, test, rest, known, ran)?;
        if all.is_some_and(|all| all != one) {
            return None;
        }
        all = Some(one);
    }
    known.remove(first);
    all
}

impl Test {
    fn names(&self, facts: &mut BTreeSet<usize>, asked: &mut Vec<usize>) {
        match self {
            Test::Is(fact, _) => {
                facts.insert(*fact);
            }
            Test::Ran(node) => asked.push(*node),
            Test::Not(inner) => inner.names(facts, asked),
            Test::All(parts) | Test::Any(parts) => parts.iter().for_each(|part| part.names(facts, asked)),
        }
    }

    fn holds(&self, known: &FxHashMap<usize, u8>, ran: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Test::Is(fact, bits) => known.get(fact).is_some_and(|value| bits >> value & 1 == 1),
            Test::Ran(node) => ran(*node),
            Test::Not(inner) => !inner.holds(known, ran),
            Test::All(parts) => parts.iter().all(|part| part.holds(known, ran)),
            Test::Any(parts) => parts.iter().any(|part| part.holds(known, ran)),
        }
    }
}

impl Plan {
    /// A variant as it is written: `fact` for the last version, `fact@item` for that of one item.
    pub fn variant(&self, written: &[(String, String)]) -> Result<Variant, String> {
        let mut variant = Variant::default();
        for (name, value) in written {
            let (name, item) = name.split_once('@').map_or((name.as_str(), None), |(name, item)| (name, Some(item)));
            let fact =
                self.facts.iter().position(|fact| fact.name == name).ok_or_else(|| format!("no fact `{name}`"))?;
            let value = value_of(&self.facts[fact], value)? as u8;
            match item {
                None => variant.last.push((fact, value)),
                Some(item) => {
                    let writes = |slot: &&usize| self.nodes[self.slots[**slot].0].name == item;
                    let slot = self.facts[fact].slots.iter().find(writes);
                    variant.fixed.push((*slot.ok_or_else(|| format!("`{item}` writes no `{name}`"))?, value));
                }
            }
        }
        Ok(variant)
    }

    /// What the text of an item names is read, unless something around it says more of that, or it is being made in the
    /// same phase.
    fn reads_in_text(&self, node: usize, artifact: &String) -> bool {
        let around = || (1..=node).filter(|outer| self.within(node, *outer));
        let listed = around().any(|outer| {
            let outer = &self.nodes[outer];
            outer.produces.contains(artifact) || outer.reads.iter().any(|(read, _)| read == artifact)
        });
        !listed && !self.is_being_made(node, artifact)
    }

    /// Something in the same phase produces it, and not before.
    fn is_being_made(&self, node: usize, artifact: &String) -> bool {
        let mut around = (1..=node).filter(|outer| self.within(node, *outer));
        let phase = around.find(|outer| self.nodes[*outer].kind == Some(Kind::Phase)).unwrap_or(node);
        let made = |other: usize| self.nodes[other].produces.contains(artifact) && !self.before[other][node];
        (phase..self.nodes[phase].end).any(made)
    }

    /// Something around an item reads it without `?`, or has its tasks from it.
    fn is_read_around(&self, node: usize, artifact: &String) -> bool {
        let mut around = (1..node).filter(|outer| self.within(node, *outer)).map(|outer| &self.nodes[outer]);
        around.any(|outer| {
            let tasks = outer.kind == Some(Kind::Each) && !outer.else_once;
            outer.reads.iter().any(|(read, maybe)| read == artifact && (!maybe || tasks))
        })
    }

    /// An item reads an artifact, or what it stands in or what is in it does.
    fn reads_in(&self, item: usize, artifact: &str) -> bool {
        (1..self.nodes.len()).filter(|node| self.within(*node, item) || self.within(item, *node)).any(|node| {
            let named = self.nodes[node].mentions.iter().any(|read| read == artifact);
            named && self.reads_in_text(node, &artifact.to_string())
                || self.nodes[node].reads.iter().any(|(read, _)| read == artifact)
        })
    }

    /// Gates that compare values.
    pub fn comparing(&self) -> impl Iterator<Item = usize> {
        self.gates.iter().copied().filter(|gate| !self.nodes[*gate].values.is_empty())
    }

    /// The way to the state in which something was first seen, in words.
    pub fn story(&self, seen: &Seen, mut at: usize) -> String {
        let name = |node: usize| self.nodes[node].name.as_str();
        let mut steps = Vec::new();
        loop {
            let (from, step) = seen.trail[at];
            steps.push(match step {
                Step::Start => "start".to_string(),
                Step::Ends(node) => format!("{} ends", name(node)),
                Step::Closes(node, None) => format!("{} closes", name(node)),
                Step::Closes(node, Some(option)) => format!("{} is answered, option {}", name(node), option + 1),
                Step::Overridden(node) => format!("{} is overridden", name(node)),
                Step::GoesBack(gate, target) => format!("{} goes back to {}", name(gate), name(target)),
                Step::Fixes(node) => format!("{} fixes", name(node)),
                Step::TriesAgain(node) => format!("{} is tried again", name(node)),
                Step::PassesOver(node) => format!("{} fails and is passed over", name(node)),
                Step::Shows(node) => format!("{} shows", name(node)),
                Step::Lists(node, tasks) => format!("{} has {tasks} tasks", name(node)),
                Step::NextTask(node) => format!("{} has done a task", name(node)),
                Step::NewPass(node) => format!("{} begins a pass", name(node)),
                Step::LoopEnds(node) => format!("{} is done", name(node)),
            });
            if matches!(step, Step::Start) {
                break;
            }
            at = from;
        }
        steps.reverse();
        steps.join(", ")
    }

    // ── What is asked of the order alone ─────────────────────────────────────────────────────────

    /// Some condition reads what is settled only later, whether or not a run gets to it.
    pub fn reads_too_early(&self) -> bool {
        let early = |fact: usize, at| {
            let decider = self.facts[fact].decider;
            decider != 0 && !self.precedes(decider, at)
        };
        let revised = (0..self.nodes.len())
            .any(|node| self.nodes[node].revises.iter().any(|(fact, _)| early(*fact, At::Before(node))));
        revised
            || self.readings().any(|(test, at, _)| {
                let (mut facts, mut asked) = (BTreeSet::new(), Vec::new());
                test.names(&mut facts, &mut asked);
                facts.into_iter().any(|fact| early(fact, at)) || asked.iter().any(|node| !self.precedes(*node, at))
            })
    }

    /// A fact is read or revised beside an item that revises it.
    pub fn revises_beside_a_reader(&self) -> bool {
        let beside =
            |a: usize, b: usize| !self.before[a][b] && !self.before[b][a] && !self.within(a, b) && !self.within(b, a);
        let revisers: Vec<(usize, usize)> = self
            .nodes
            .iter()
            .enumerate()
            .flat_map(|(node, item)| item.revises.iter().map(move |(fact, _)| (node, *fact)))
            .collect();
        let with_each_other =
            revisers.iter().any(|(a, fact)| revisers.iter().any(|(b, f)| f == fact && beside(*a, *b)));
        with_each_other
            || self.readings().any(|(test, _, node)| {
                let mut facts = BTreeSet::new();
                test.names(&mut facts, &mut Vec::new());
                revisers.iter().any(|(reviser, fact)| facts.contains(fact) && beside(*reviser, node))
            })
    }

    /// A `once` item, or what is in it, reads what is settled anew in each pass of its loop.
    pub fn reads_the_pass(&self) -> bool {
        let around = |node: usize, is: &dyn Fn(&Node) -> bool| {
            let mut node = node;
            while node != 0 && !is(&self.nodes[node]) {
                node = self.nodes[node].parent;
            }
            (node != 0).then_some(node)
        };
        let reads = |facts: BTreeSet<usize>, asked: Vec<usize>, at: At, node: usize| {
            let Some(once) = around(node, &|item| item.once) else { return false };
            let Some(pass) = around(once, &|item| item.kind == Some(Kind::Loop)) else { return false };
            let of_the_pass = |node: usize| {
                let holder = around(node, &|item| item.once);
                node != pass && self.within(node, pass) && !holder.is_some_and(|holder| self.within(holder, pass))
            };
            let writer = |fact: usize| {
                let writers = self.facts[fact].slots.iter().rev().map(|slot| self.slots[*slot].0);
                writers.into_iter().find(|writer| *writer == 0 || self.precedes(*writer, at) && *writer != node)
            };
            facts.into_iter().filter_map(writer).any(of_the_pass) || asked.into_iter().any(of_the_pass)
        };
        let revised = |(node, item): (usize, &Node)| {
            reads(item.revises.iter().map(|(fact, _)| *fact).collect(), Vec::new(), At::Before(node), node)
        };
        self.nodes.iter().enumerate().any(revised)
            || self.readings().any(|(test, at, node)| {
                let (mut facts, mut asked) = (BTreeSet::new(), Vec::new());
                test.names(&mut facts, &mut asked);
                reads(facts, asked, at, node)
            })
    }

    /// An item reads what no item before it produces, whether or not a run gets to it.
    pub fn reads_what_comes_from_nowhere(&self) -> bool {
        let produced = |artifact: &String, reader: usize| {
            (1..self.nodes.len()).any(|node| self.before[node][reader] && self.nodes[node].produces.contains(artifact))
        };
        let mut nodes = self.nodes.iter().enumerate();
        nodes.any(|(node, item)| {
            let mut named = item.mentions.iter().filter(|artifact| self.reads_in_text(node, artifact));
            let mut argument = item.argument.iter().filter(|artifact| !self.is_being_made(node, artifact));
            named.any(|artifact| !produced(artifact, node))
                || argument.any(|artifact| !produced(artifact, node))
                || item.reads.iter().any(|(artifact, maybe)| !maybe && !produced(artifact, node))
        })
    }

    /// A redo goes where none may go, whether or not a run takes it.
    pub fn redoes_out_of_place(&self) -> bool {
        let target_of = |route: &Route| match route {
            Route::Redo(target, _) => Some(*target),
            _ => None,
        };
        let routes = |item: &'_ Node| -> Vec<usize> {
            item.routes().into_iter().flat_map(Route::all).filter_map(target_of).collect()
        };
        let of_node = |node: usize| routes(&self.nodes[node]).into_iter().map(move |target| (node, target));
        let blocked = self.nodes.iter().filter_map(|item| item.blocked.as_ref());
        let of_blocked = blocked.flat_map(|(owner, rows)| {
            rows.iter().flat_map(|row| row.route.all()).filter_map(target_of).map(|target| (*owner, target))
        });
        let mut all = (1..self.nodes.len()).flat_map(of_node).chain(of_blocked);
        all.any(|(node, target)| self.out_of_place(node, target))
    }

    fn out_of_place(&self, gate: usize, target: usize) -> bool {
        if self.within(gate, target) {
            return false;
        }
        let body = self.nodes[target].parent;
        let leaves_parallel = |node: usize| self.nodes[node].kind == Some(Kind::Parallel) && self.within(gate, node);
        if !self.within(gate, body) || (body..gate).any(leaves_parallel) || !self.before[target][gate] {
            return true;
        }
        // Nothing that comes after the target is beside the gate.
        let beside = |node: usize| {
            !self.before[node][gate] && !self.before[gate][node] && !self.within(gate, node) && !self.within(node, gate)
        };
        (1..self.nodes.len()).any(|node| self.before[target][node] && beside(node))
    }

    /// Every condition, with the item that reads it.
    fn readings(&self) -> impl Iterator<Item = (&Test, At, usize)> {
        self.nodes.iter().enumerate().flat_map(|(node, item)| {
            let rows = item.on_fail.iter().filter_map(|(when, _)| when.as_ref());
            let in_routes = item.routes_before().flat_map(Route::conditions);
            let before = item
                .when
                .iter()
                .chain(&item.skips)
                .chain(&item.values)
                .chain(item.steps.iter().flatten())
                .chain(item.options.iter().filter_map(|option| option.when.as_ref()))
                .chain(rows)
                .chain(in_routes);
            let arms = item.revises.iter().flat_map(|(_, arms)| arms.iter().map(|(when, _)| when));
            let exhausted = item.exhausted.iter().flat_map(Route::conditions);
            let end = item.until.iter().chain(arms).chain(exhausted);
            let blocked = item.blocked.iter().flat_map(|(owner, rows)| {
                let tests = rows.iter().flat_map(|row| row.when.iter().chain(row.route.conditions()));
                tests.map(|test| (test, At::Before(*owner), *owner))
            });
            before
                .map(move |test| (test, At::Before(node), node))
                .chain(end.map(move |test| (test, At::EndOf(node), node)))
                .chain(blocked)
        })
    }
}

impl Node {
    /// A route of it starts the agent.
    fn starts(&self, agent: &String) -> bool {
        let blocked = self.blocked.iter().flat_map(|(_, rows)| rows.iter().map(|row| &row.route));
        let mut routes = self.routes().into_iter().chain(blocked).flat_map(Route::all);
        routes.any(|route| matches!(route, Route::Fix(other, _) | Route::Spawn(other) if other == agent))
    }

    /// What may follow from it, but for what is said for blocked agents.
    fn routes(&self) -> Vec<&Route> {
        self.routes_before().chain(&self.exhausted).collect()
    }

    /// Those whose conditions are read where it begins.
    fn routes_before(&self) -> impl Iterator<Item = &Route> {
        let options = self.options.iter().map(|option| &option.route);
        options.chain(self.on_fail.iter().map(|(_, route)| route)).chain(&self.on_failure)
    }
}
