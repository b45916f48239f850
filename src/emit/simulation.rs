//! One run, dry: which item runs and why, with what is set and the rest assumed.

mod terminal;

use serde::Serialize;

use super::graph::words;
use super::variants::said;
use crate::analysis::{Runs, Sound, Unmet, option_turns_back, outcome_turns_back};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{
    Action, AgentId, Ask, Binding, Branch, Cond, Detail, FactId, FactKind, Gate, Loop, NodeId, NodeKind, Outcome, Type,
    Value,
};

pub use terminal::text;

/// A dry run. It goes to the end, or to where it cannot go on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Simulation {
    pub schema_version: u32,
    pub workflow: String,
    pub steps: Vec<Step>,
    /// What nobody has set, as `fact=value`; `fact@item` for a version that is not the last.
    pub assumed: Vec<String>,
    pub completed: bool,
}

/// An item of the flow, when it is its turn.
#[derive(Debug, Serialize)]
pub struct Step {
    pub kind: &'static str,
    pub name: String,
    /// How deep it is nested.
    pub depth: usize,
    /// As in documents; 0 where nothing is counted.
    #[serde(skip)]
    number: String,
    pub runs: bool,
    /// Why it runs or is skipped, what it settles, what is asked and answered there.
    pub notes: Vec<String>,
}

/// The run in which the facts are as `set` says; the others are assumed so that the gates let it through, else to be
/// the first value.
pub fn simulate<'a>(sound: Sound<'a, '_>, set: &'a [Binding]) -> Simulation {
    let run = Run::new(sound, set);
    let mut steps = Vec::new();
    let completed = run.body(NodeId::new(0), 0, &mut steps);
    let model = &sound.model;
    let mut assumed = Vec::new();
    for variable in sound.variables() {
        let settled = sound.version(variable).node.is_none_or(|node| run.runs(node));
        let (name, _) = sound.shown(variable, 0);
        if settled && run.is_assumed(variable) {
            assumed.push(format!("{name}={}", run.value(variable)));
        }
    }
    let workflow = model.header.as_ref().map(|header| header.name.name.to_string()).unwrap_or_default();
    Simulation { schema_version: 1, workflow, steps, assumed, completed }
}

/// As data, for programs.
pub fn json(simulation: &Simulation) -> String {
    serde_json::to_string_pretty(simulation).expect("strings and lists are always JSON") + "\n"
}

/// One variant.
struct Run<'a, 's> {
    sound: Sound<'a, 's>,
    bindings: &'a [Binding],
    /// What was set.
    set: Diagram,
    /// Of each version.
    cells: Vec<usize>,
    /// All of it as a condition.
    point: Diagram,
}

impl<'a, 's> Run<'a, 's> {
    fn new(sound: Sound<'a, 's>, bindings: &'a [Binding]) -> Self {
        let model = &sound.model;
        let set = sound.given(bindings);
        let mut open = set;
        let mut prefer = |wish: Diagram| {
            let narrowed = sound.and(open, wish);
            if sound.possible(narrowed) != FALSE {
                open = narrowed;
            }
        };
        for fact in model.facts.iter().enumerate().map(|(index, _)| FactId::new(index)) {
            if let (FactKind::Input { default: Some(value) }, Some(variable)) = (
                &model.facts[fact.index()].kind,
                sound.variables().find(|variable| sound.version(*variable).fact == fact),
            ) && let Some(value) = number_of(sound, fact, value)
            {
                prefer(sound.is_at(variable, sound.cells(variable).cell(value)));
            }
        }
        // A loop is passed after what is inside it.
        let mut passages: Vec<NodeId> = (1..model.nodes.len()).map(NodeId::new).collect();
        passages.sort_by_key(|node| (model.node(*node).end, std::cmp::Reverse(*node)));
        for node in passages {
            let not_run = sound.not(sound.run(node));
            prefer(sound.or(not_run, closes(sound, node)));
        }
        for variable in sound.variables() {
            for cell in 0..sound.cells(variable).len() {
                let narrowed = sound.and(open, sound.is_at(variable, cell));
                if sound.possible(narrowed) != FALSE {
                    open = narrowed;
                    break;
                }
            }
        }
        let cells: Vec<usize> = sound
            .variables()
            .map(|variable| {
                let cells = 0..sound.cells(variable).len();
                cells.into_iter().find(|cell| sound.and(open, sound.is_at(variable, *cell)) != FALSE).unwrap_or(0)
            })
            .collect();
        Run { sound, bindings, set, cells, point: open }
    }

    fn holds(&self, condition: Diagram) -> bool {
        self.sound.covers(condition, self.point) == Runs::Always
    }

    fn runs(&self, node: NodeId) -> bool {
        self.holds(self.sound.run(node))
    }

    fn value(&self, variable: Variable) -> String {
        // A cell may hold more values than the one that was set.
        let set = self.bindings.iter().find(|binding| self.sound.binds(binding, self.bindings) == Some(variable));
        let model = &self.sound.model;
        match set {
            Some(binding) => model.value_name(model.facts[binding.fact.index()].of, binding.value),
            None => self.sound.shown(variable, self.cells[variable]).1,
        }
    }

    /// The version that counts: of the last item before that ran and settled it. `None` where none did.
    fn settling(&self, variable: Variable) -> Option<Variable> {
        let fact = self.sound.version(variable).fact;
        let ran = |earlier: &Variable| self.sound.version(*earlier).node.is_none_or(|node| self.runs(node));
        let earlier = self.sound.variables().filter(|other| self.sound.version(*other).fact == fact);
        earlier.take_while(|earlier| *earlier <= variable).filter(ran).last()
    }

    /// It could be otherwise with what was set: another value, or another one of the values that nothing tells apart.
    fn is_assumed(&self, variable: Variable) -> bool {
        let is = self.sound.is_at(variable, self.cells[variable]);
        if self.sound.possible(self.sound.and_not(self.set, is)) != FALSE {
            return true;
        }
        let is_set = self.bindings.iter().any(|binding| self.sound.binds(binding, self.bindings) == Some(variable));
        let version = self.sound.version(variable);
        let fact = &self.sound.model.facts[version.fact.index()];
        let is_revised = fact.revisers.iter().any(|(node, _)| version.node == Some(*node));
        let (from, to) = self.sound.cells(variable).range(self.cells[variable]);
        !is_set && !is_revised && from != to
    }

    /// `work_type = SMALL (assumed)`.
    fn settled(&self, variable: Variable) -> String {
        let fact = self.sound.model.facts[self.sound.version(variable).fact.index()].name.name;
        let assumed = if self.is_assumed(variable) { " (assumed)" } else { "" };
        format!("{fact} = {}{assumed}", self.value(variable))
    }

    /// What a condition reads: `work_type is SMALL`.
    fn read(&self, cond: &Cond, at: Position) -> String {
        let mut read: Vec<String> = Vec::new();
        for variable in self.sound.versions_read(cond, at) {
            let version = self.sound.version(variable);
            let name = self.sound.model.facts[version.fact.index()].name.name;
            read.push(match self.settling(variable) {
                None => format!("{name} was never settled"),
                Some(left) => format!("{name} is {}", self.value(left)),
            });
        }
        self.ran(cond, &mut read);
        read.join(", ")
    }

    fn ran(&self, cond: &Cond, read: &mut Vec<String>) {
        match cond {
            Cond::Any(operands) | Cond::All(operands) => operands.iter().for_each(|operand| self.ran(operand, read)),
            Cond::Not(inner) => self.ran(inner, read),
            Cond::Ran(node, _) | Cond::Skipped(node, _) => {
                let word = if self.runs(*node) { "ran" } else { "was skipped" };
                read.push(format!("{} {word}", self.sound.model.node(*node).name.name));
            }
            _ => {}
        }
    }

    /// The members of a body, one after the other; `false` where the run does not go on.
    fn body(&self, body: NodeId, depth: usize, steps: &mut Vec<Step>) -> bool {
        let members: Vec<NodeId> = self.sound.model.children(body).collect();
        members.into_iter().all(|member| self.item(member, depth, steps))
    }

    fn item(&self, id: NodeId, depth: usize, steps: &mut Vec<Step>) -> bool {
        let model = &self.sound.model;
        let node = model.node(id);
        if node.kind == NodeKind::Step {
            return true;
        }
        let number = match (node.kind, model.number(id)) {
            (NodeKind::Phase, number) => number.to_string(),
            (NodeKind::Stage, number) => {
                format!("{}.{number}", model.phase_of(id).map_or(0, |phase| model.number(phase)))
            }
            _ => String::new(),
        };
        let runs = self.runs(id);
        let at = steps.len();
        steps.push(Step {
            kind: node.kind.word(),
            name: node.name.name.to_string(),
            depth,
            number,
            runs,
            notes: if runs { self.why(id) } else { self.why_not(id) },
        });
        if !runs {
            return true;
        }
        let mut notes = Vec::new();
        let goes_on = match self.sound.model.detail(id) {
            Detail::Gate(gate) => self.gate(id, gate, &mut notes),
            Detail::Loop(inner) => {
                let inside = self.body(id, depth + 1, steps);
                inside && self.ended(id, inner, &mut notes)
            }
            _ => {
                let inside = self.body(id, depth + 1, steps);
                if inside {
                    self.settles(id, &mut notes);
                }
                inside
            }
        };
        if node.irreversible().is_some() {
            notes.push("cannot be undone".to_string());
        }
        steps[at].notes.extend(notes);
        goes_on
    }

    /// Why an item with a condition runs.
    fn why(&self, id: NodeId) -> Vec<String> {
        let model = &self.sound.model;
        let when = model.node(id).when.as_ref();
        when.map(|when| {
            format!("because `{}`: {}", model.written(when.span), self.read(&when.cond, Position::Before(id)))
        })
        .into_iter()
        .collect()
    }

    fn why_not(&self, id: NodeId) -> Vec<String> {
        let (sound, model) = (self.sound, &self.sound.model);
        let reasons = sound.reasons(id, self.point);
        let said = reasons.iter().map(|reason| {
            let when = match reason.what {
                Unmet::Condition(..) => model.node(reason.item).when.as_ref(),
                Unmet::Rule(skip) => skip.when.as_ref(),
            };
            let why = match reason.what {
                Unmet::Condition(_, because) => because,
                Unmet::Rule(skip) => skip.because.as_ref(),
            };
            let read = when.map(|when| self.read(&when.cond, Position::Before(reason.item))).unwrap_or_default();
            let why = why.map(|text| format!(" ({})", words::shown(sound, text))).unwrap_or_default();
            let read = if read.is_empty() { read } else { format!(", {read}") };
            format!("skipped: {}{read}{why}", said(&sound, reason))
        });
        said.collect()
    }

    /// The versions that an item itself leaves.
    fn settles(&self, id: NodeId, notes: &mut Vec<String>) {
        let (sound, model) = (self.sound, &self.sound.model);
        let own: Vec<Variable> =
            sound.variables().filter(|variable| sound.version(*variable).node == Some(id)).collect();
        let mut decided = Vec::new();
        for variable in own {
            let fact = sound.version(variable).fact;
            let revised = model.facts[fact.index()].revisers.iter().any(|(node, _)| *node == id);
            if revised {
                let before = self.value(variable - 1);
                let after = self.value(variable);
                let name = model.facts[fact.index()].name.name;
                notes.push(match before == after {
                    true => format!("leaves {name} = {after}"),
                    false => format!("changes {name} from {before} to {after}"),
                });
            } else {
                decided.push(self.settled(variable));
            }
        }
        if !decided.is_empty() {
            notes.insert(0, format!("decides {}", decided.join(", ")));
        }
    }

    fn gate(&self, id: NodeId, gate: &Gate<'s>, notes: &mut Vec<String>) -> bool {
        let (sound, model) = (self.sound, &self.sound.model);
        let before = Position::Before(id);
        let items = model.gate_items(id);
        let asked = items
            .iter()
            .filter(|item| item.when.as_ref().is_none_or(|when| self.holds(sound.holds(when, before))))
            .count();
        if asked > 0 {
            notes.push(format!("asks for {}, assumed to be there", words::counted(asked, "item")));
        }
        let mut failed = false;
        for condition in &gate.conditions {
            let holds = self.holds(sound.holds(condition, before));
            let verb = if holds { "holds" } else { "does not hold" };
            let read = self.read(&condition.cond, before);
            notes.push(format!("requires `{}`: {verb}, {read}", model.written(condition.span)));
            failed |= !holds;
        }
        if failed {
            let route = self.branch(&gate.on_fail, before);
            if let Some(branch) = route {
                notes.push(format!("on fail: {}", self.outcome(&branch.outcome, id)));
            }
            // Either way nothing is asked any more.
            let goes_on = route.is_some_and(|branch| !outcome_turns_back(&branch.outcome));
            notes.push(match sound.overridable(gate) {
                true => "may be overridden by the user: assumed".to_string(),
                false if goes_on => "goes on all the same".to_string(),
                false => "the run does not get beyond this gate".to_string(),
            });
            return goes_on || sound.overridable(gate);
        } else {
            for branch in gate.on_fail.iter().filter(|branch| goes_back(&branch.outcome)) {
                let case = branch.condition.as_ref().map_or_else(
                    || "if it fails".to_string(),
                    |condition| format!("if it fails with `{}`", model.written(condition.span)),
                );
                notes.push(format!("{case}: {}", self.outcome(&branch.outcome, id)));
            }
        }
        gate.ask.as_ref().is_none_or(|ask| self.answered(id, gate, ask, notes))
    }

    fn answered(&self, id: NodeId, gate: &Gate<'s>, ask: &Ask<'s>, notes: &mut Vec<String>) -> bool {
        let sound = self.sound;
        if let Some(question) = &ask.question {
            notes.push(format!("asks: {}", words::shown(sound, question)));
        }
        let Some(variable) = gate.answer.and_then(|fact| sound.last_variable(fact)) else { return true };
        let chosen = ask.options.get(self.cells[variable]);
        for option in ask.options.iter().filter(|option| option.outcome.as_ref().is_some_and(goes_back)) {
            let offered = option.when.as_ref().is_none_or(|when| self.holds(sound.holds(when, Position::Before(id))));
            if !offered || chosen.is_some_and(|chosen| chosen.name.name == option.name.name) {
                continue;
            }
            if let Some(outcome) = &option.outcome {
                notes.push(format!("with {}: {}", option.name.name, self.outcome(outcome, id)));
            }
        }
        let Some(option) = chosen else { return true };
        let assumed = if self.is_assumed(variable) { " (assumed)" } else { "" };
        let then = option.outcome.as_ref().map(|outcome| self.outcome(outcome, id));
        let then = then.map(|then| format!(": {then}")).unwrap_or_default();
        notes.push(format!("answer = {}{assumed}{then}", option.name.name));
        if option_turns_back(option) {
            let aborts = option.outcome.as_ref().and_then(|outcome| outcome.actions.first());
            notes.push(match aborts {
                Some(Action::Abort) => "the run ends here".to_string(),
                _ => "what follows hangs on the next answer: this run ends here".to_string(),
            });
            return false;
        }
        true
    }

    fn ended(&self, id: NodeId, inner: &Loop<'s>, notes: &mut Vec<String>) -> bool {
        let (sound, model) = (self.sound, &self.sound.model);
        let end = Position::EndOf(id);
        let bound = inner.bound.as_ref().map(words::at_most).unwrap_or_default();
        let Some(until) = &inner.until else { return true };
        let holds = self.holds(sound.holds(until, end));
        let read = self.read(&until.cond, end);
        let verb = if holds { "holds after the first pass" } else { "never holds" };
        notes.push(format!("{bound} passes, until `{}`: {verb}, {read}", model.written(until.span)));
        if holds {
            return true;
        }
        if let Some(outcome) = &inner.on_exhausted {
            notes.push(format!("when the passes are used up: {}", self.outcome(outcome, id)));
        }
        let leaves = inner.overridable.is_some()
            || inner.on_exhausted.as_ref().is_some_and(|outcome| !outcome_turns_back(outcome));
        notes.push(match leaves {
            true => "assumed to be left all the same".to_string(),
            false => "the run does not get beyond this loop".to_string(),
        });
        leaves
    }

    /// The first branch whose condition holds.
    fn branch<'b>(&self, branches: &'b [Branch<'s>], at: Position) -> Option<&'b Branch<'s>> {
        let taken = |branch: &&Branch<'s>| {
            branch.condition.as_ref().is_none_or(|condition| self.holds(self.sound.holds(condition, at)))
        };
        branches.iter().find(taken)
    }

    /// "back to build, at most 2 times: build, ship and go are done again; then ask".
    fn outcome(&self, outcome: &Outcome<'s>, at: NodeId) -> String {
        let words: Vec<String> = outcome.actions.iter().map(|action| self.action(action, at)).collect();
        words.join(", then ")
    }

    fn action(&self, action: &Action<'s>, at: NodeId) -> String {
        let (sound, model) = (self.sound, &self.sound.model);
        let agent = |agent: &AgentId| model.agents[agent.index()].name.name;
        match action {
            Action::Redo { target, bound, .. } => {
                let again: Vec<&str> = sound
                    .graph
                    .range(model, *target, at)
                    .into_iter()
                    .filter(|node| {
                        matches!(model.node(*node).kind, NodeKind::Phase | NodeKind::Gate) && self.runs(*node)
                    })
                    .map(|node| model.node(node).name.name)
                    .collect();
                let times = words::at_most(bound);
                format!("redo {}, {times} (again: {})", model.node(*target).name.name, again.join(", "))
            }
            Action::Fix { agent: id, bound, .. } => format!("fix by {}, {}", agent(id), words::at_most(bound)),
            Action::Retry { bound: Some(bound), .. } => format!("retry, {}", words::at_most(bound)),
            Action::Retry { bound: None, .. } => "retry".to_string(),
            Action::Show { artifact, .. } => {
                format!("show {} and ask again", model.artifacts[artifact.index()].name.name)
            }
            Action::Override { .. } => "override".to_string(),
            Action::Ask(ask) => match &ask.question {
                Some(question) => format!("ask \"{}\"", words::shown(sound, question)),
                None => "ask".to_string(),
            },
            Action::Abort => "abort".to_string(),
            Action::Continue => "continue".to_string(),
            Action::Spawn { agent: id, .. } => format!("spawn {}", agent(id)),
        }
    }
}

/// What closes a gate or ends a loop without anybody's override.
fn closes(sound: Sound<'_, '_>, id: NodeId) -> Diagram {
    match sound.model.detail(id) {
        Detail::Gate(gate) => {
            let values = sound.values_hold(&gate.conditions, Position::Before(id));
            let mut all = sound.and(sound.lets_through(id), values);
            let options = gate.ask.iter().flat_map(|ask| ask.options.iter().enumerate());
            if let Some(variable) = gate.answer.and_then(|fact| sound.last_variable(fact)) {
                let going_on = options.filter(|(_, option)| !option_turns_back(option)).map(|(index, option)| {
                    let offered = option.when.as_ref().map_or(TRUE, |when| sound.holds(when, Position::Before(id)));
                    sound.and(sound.is_at(variable, index), offered)
                });
                let any = going_on.fold(FALSE, |any, option| sound.or(any, option));
                all = sound.and(all, any);
            }
            all
        }
        Detail::Loop(inner) => inner.until.as_ref().map_or(TRUE, |until| sound.holds(until, Position::EndOf(id))),
        _ => TRUE,
    }
}

fn goes_back(outcome: &Outcome<'_>) -> bool {
    outcome.actions.iter().any(|action| matches!(action, Action::Redo { .. }))
}

fn number_of(sound: Sound<'_, '_>, fact: FactId, value: &Value<'_>) -> Option<i64> {
    let of = sound.model.facts[fact.index()].of;
    match (value, of) {
        (Value::Number(quantity), Type::Int(..)) => quantity.whole(),
        (Value::Name(name), _) => {
            let (low, high) = sound.model.domain(of)?;
            (low..=high).find(|value| sound.model.value_name(of, *value) == name.name)
        }
        _ => None,
    }
}
