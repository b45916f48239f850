//! A workflow as a list of what it promises: subjects, each with its traits.
//!
//! Two workflows mean the same when their subjects, the traits of these and the order are the same. Texts are no traits.
//! Each trait says of itself which change of it would weaken a promise.

use std::collections::HashMap;

use super::joint::{Joint, Side};
use super::keys::Keys;
use crate::analysis::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, TRUE};
use crate::model::{
    Action, Amount, Ask, Branch, Cast, Choice, Detail, Evidence, Expectation, ExpectationKind, FactKind, Gate, Item,
    Loop, Model, NodeId, NodeKind, Outcome, Place, SkillName, Type, Value as Literal, Work,
};
use crate::source::Span;

/// The trait that says when an item runs at all.
pub const RUN: &str = "";

/// Something that can be there or not: an item, a fact, an agent.
pub struct Subject {
    /// As people call it: "phase `testing`".
    pub shown: String,
    /// What it stands in: that it is there is said of the outermost only.
    pub parent: Option<String>,
    pub span: Span,
    /// Without it a promise is gone.
    pub promised: bool,
    pub traits: Vec<Trait>,
}

pub struct Trait {
    /// "tool `Bash`", "bound of `redo testing`".
    pub what: String,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// It is there; which change weakens a promise.
    There(Weaker),
    Word(String),
    /// It holds under this condition.
    When {
        condition: Diagram,
        verb: &'static str,
        weaker: Weaker,
    },
    /// What a reviser guarantees.
    Relation(Diagram),
    /// At most so much; more is a weaker promise.
    Bound {
        written: String,
        thousandths: i64,
        limit: Option<String>,
    },
    /// What closes an item; a claim is weaker than what is observed.
    Evidence {
        written: String,
        claim: bool,
    },
}

/// The change that makes a promise weaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weaker {
    /// It goes, or holds in fewer variants.
    Less,
    /// It comes, or holds in more variants.
    More,
    Neither,
}

/// Subjects by their key, in the order of writing.
#[derive(Default)]
pub struct Meaning {
    pub order: Vec<String>,
    pub subjects: HashMap<String, Subject>,
}

impl Meaning {
    pub fn new<'s>(analysis: &Analysis<'s>, keys: &Keys, side: Side, joint: &mut Joint<'_, 's>) -> Self {
        let mut reader = Reader { analysis, keys, side, joint, meaning: Meaning::default(), at: String::new() };
        reader.whole();
        reader.declarations();
        for index in 1..analysis.model.nodes.len() {
            reader.node(NodeId::new(index));
        }
        reader.claims();
        reader.meaning
    }
}

struct Reader<'r, 'a, 's> {
    analysis: &'r Analysis<'s>,
    keys: &'r Keys,
    side: Side,
    joint: &'r mut Joint<'a, 's>,
    meaning: Meaning,
    /// The key of the subject that traits are given to.
    at: String,
}

impl<'s> Reader<'_, '_, 's> {
    fn model(&self) -> &Model<'s> {
        &self.analysis.model
    }

    /// Begins a subject.
    fn subject(&mut self, key: String, shown: String, parent: Option<String>, span: Span, promised: bool) {
        self.at.clone_from(&key);
        if !self.meaning.subjects.contains_key(&key) {
            self.meaning.order.push(key.clone());
            self.meaning.subjects.insert(key, Subject { shown, parent, span, promised, traits: Vec::new() });
        }
    }

    fn declared(&mut self, word: &str, name: &str, span: Span) {
        self.subject(format!("{word} {name}"), format!("{word} `{name}`"), None, span, false);
    }

    /// Gives the subject a trait. Conditions of the same name are joined; others of the same name are counted.
    fn say(&mut self, what: impl Into<String>, value: Value) {
        let what = what.into();
        let Some(subject) = self.meaning.subjects.get_mut(&self.at) else { return };
        if let Value::When { condition, .. } = &value
            && let Some(Trait { value: Value::When { condition: known, .. }, .. }) =
                subject.traits.iter_mut().find(|other| other.what == what)
        {
            *known = self.joint.or(*known, *condition);
            return;
        }
        let taken = |name: &str| subject.traits.iter().any(|other| other.what == name);
        let what = (2..)
            .map(|number| format!("{what} ({number})"))
            .take_while(|_| taken(&what))
            .find(|name| !taken(name))
            .unwrap_or(what);
        subject.traits.push(Trait { what, value });
    }

    fn there(&mut self, what: impl Into<String>, weaker: Weaker) {
        self.say(what, Value::There(weaker));
    }

    fn word(&mut self, what: impl Into<String>, word: impl Into<String>) {
        self.say(what, Value::Word(word.into()));
    }

    fn when(&mut self, what: impl Into<String>, condition: Diagram, verb: &'static str, weaker: Weaker) {
        let condition = self.joint.of(self.side, condition);
        self.say(what, Value::When { condition, verb, weaker });
    }

    fn bound(&mut self, what: impl Into<String>, amount: &Amount<'_>) {
        let named = amount.name.filter(|name| self.model().limits.iter().any(|limit| limit.name.name == *name));
        self.say(
            what,
            Value::Bound {
                written: amount.quantity.show(),
                thousandths: amount.quantity.thousandths,
                limit: named.map(str::to_string),
            },
        );
    }

    // ── What is not in the flow ──────────────────────────────────────────────────────────────────

    fn whole(&mut self) {
        let model = &self.analysis.model;
        let span = model.nodes[0].span;
        self.subject("workflow".into(), "the workflow".into(), None, span, false);
        if let Some(output) = &model.output {
            self.word("output directory", output.content());
        }
        for used in &model.requires_skills {
            self.there(format!("required skill `{}`", used.skill.content()), Weaker::Less);
        }
        for pair in &model.pairs {
            let when = pair.when.as_ref().map(|when| model.written(when.span)).unwrap_or_default();
            self.word(format!("paired skill `{}`", pair.skill.content()), format!("when {when}"));
        }
        if let Some(context) = &model.context {
            self.word("context window", context.window.to_string());
            for rung in &context.rungs {
                let procedure = rung.procedure.map(|id| model.procedures[id.index()].name.name);
                let then = procedure.map(|name| format!(" -> {name}")).unwrap_or_default();
                self.word(format!("context `{}`", rung.word.name), format!("{}%{then}", rung.share));
            }
        }
        for choice in model.escalation.iter().flatten() {
            self.choice("escalation", choice, Position::EndOf(NodeId::new(0)), TRUE);
            if let Some(adds) = choice.adds {
                self.word(format!("escalation: `{}` adds", choice.name.name), adds.to_string());
            }
        }
        if let Some(abort) = &model.abort {
            for (condition, _) in &abort.triggers {
                self.there(format!("abort when `{}`", model.written(condition.span)), Weaker::Less);
            }
            if let Some(ask) = &abort.ask {
                self.ask("abort", ask, Position::EndOf(NodeId::new(0)), TRUE);
            }
        }
        for route in &model.routes {
            let pattern = route.pattern.content();
            self.branches(&format!("blocked `{pattern}`"), &route.branches, Position::EndOf(NodeId::new(0)), TRUE);
        }
        for score in &model.scores {
            for factor in &score.factors {
                let points: Vec<String> =
                    factor.points.iter().map(|(found, points)| format!("{found} -> {points}")).collect();
                let what = format!("factor `{}` of `{}`", factor.name.name, score.name.name);
                self.word(what, format!("{} x {{{}}}", factor.weight, points.join(", ")));
            }
            for band in &score.bands {
                self.word(format!("band `{}` of `{}`", band.value.name, score.name.name), band.from.to_string());
            }
        }
        self.cast(&model.everyone, "every agent: ");
    }

    fn declarations(&mut self) {
        let model = &self.analysis.model;
        for of in model.enums.iter().filter(|of| of.of_gate.is_none()) {
            self.declared("enum", of.name.name, of.name.span);
            for (name, _) in &of.values {
                self.there(format!("value `{}`", name.name), Weaker::Neither);
            }
            if of.ordered {
                let values: Vec<&str> = of.values.iter().map(|(name, _)| name.name).collect();
                self.word("order", values.join(" < "));
            }
        }
        for fact in model.facts.iter().filter(|fact| !matches!(fact.kind, FactKind::Answer(_))) {
            let word = if matches!(fact.kind, FactKind::Input { .. }) { "input" } else { "fact" };
            self.declared(word, fact.name.name, fact.name.span);
            let of = match fact.of {
                Type::Bool => "bool".to_string(),
                Type::Int(low, high) => format!("int {low}..{high}"),
                Type::Enum(id) => model.enums[id.index()].name.name.to_string(),
                Type::Text => "text".to_string(),
                Type::Unknown => "unknown".to_string(),
            };
            self.word("type", of);
            if let FactKind::Input { default: Some(default) } = &fact.kind {
                self.word("default", literal(default));
            }
            for decider in &fact.deciders {
                self.word("decider", self.keys.of(decider.node));
                if decider.confirmed {
                    self.there("confirmation by a person", Weaker::Less);
                }
                if let Some(run) = decider.run {
                    let pattern = run.matching.map(|pattern| format!(" matching {}", pattern.content()));
                    self.word("command", format!("{}{}", run.command.content(), pattern.unwrap_or_default()));
                }
            }
        }
        for limit in &model.limits {
            self.declared("limit", limit.name.name, limit.name.span);
            if let Some(key) = limit.key {
                self.word("key", key.name);
            }
            if let Some(value) = limit.value {
                self.say(
                    "number",
                    Value::Bound { written: value.to_string(), thousandths: value.saturating_mul(1000), limit: None },
                );
            }
        }
        for artifact in &model.artifacts {
            let name = artifact.name;
            self.subject(format!("artifact {}", name.name), format!("artifact `{}`", name.name), None, name.span, true);
            self.word("path", artifact.file());
            for section in &artifact.sections {
                self.there(format!("section \"{}\"", section.content()), Weaker::Neither);
            }
        }
        for agent in &model.agents {
            self.declared("agent", agent.name.name, agent.name.span);
            self.cast(&agent.cast, "");
        }
        for procedure in &model.procedures {
            let parameters: Vec<&str> = procedure.parameters.iter().map(|parameter| parameter.name).collect();
            self.declared("procedure", procedure.name.name, procedure.name.span);
            self.word("parameters", parameters.join(", "));
            for item in &procedure.items {
                self.item(item, TRUE, None, &parameters);
            }
            if procedure.overridable.is_some() {
                self.there("override by a person", Weaker::More);
            }
        }
        for skill in &model.skills {
            self.declared("skill", &skill.name.content(), skill.name.span);
            if let Some(path) = &skill.path {
                self.word("path", path.content());
            }
        }
    }

    fn cast(&mut self, cast: &Cast<'_>, prefix: &str) {
        for tool in &cast.tools {
            self.there(format!("{prefix}tool `{}`", tool.name), Weaker::Neither);
        }
        self.skills(&cast.skills, prefix);
        for writes in &cast.writes {
            self.there(format!("{prefix}writes `{}`", writes.content()), Weaker::Neither);
        }
        if let Some(model) = cast.model {
            self.word(format!("{prefix}model"), model.name);
        }
    }

    fn skills(&mut self, skills: &[SkillName<'_>], prefix: &str) {
        for skill in skills {
            self.there(format!("{prefix}skill `{}`", skill.content()), Weaker::Neither);
        }
    }

    fn claims(&mut self) {
        let model = &self.analysis.model;
        for property in &model.properties {
            let (first, second) = match property.never {
                true => (property.second, property.first),
                false => (property.first, property.second),
            };
            let when = property.when.as_ref().map_or(TRUE, |when| self.analysis.holds_finally(when));
            let claim = format!("always {} before {}", self.place(first), self.place(second));
            self.subject(format!("property {claim}"), format!("property `{claim}`"), None, property.span, true);
            self.when(RUN, when, "is claimed", Weaker::Less);
        }
        for test in &model.tests {
            let mut given: Vec<String> = test
                .given
                .iter()
                .map(|binding| {
                    let fact = &model.facts[binding.fact.index()];
                    let at = binding.at.map(|node| format!("@{}", self.keys.of(node))).unwrap_or_default();
                    format!("{}{at} = {}", fact.name.name, model.value_name(fact.of, binding.value))
                })
                .collect();
            given.sort();
            let mut expect: Vec<String> = test.expect.iter().map(|expect| self.expectation(expect)).collect();
            expect.sort();
            // What is assumed and expected makes a test; its name is a text.
            let key = format!("test {} | {}", given.join(", "), expect.join(", "));
            self.subject(key, format!("test \"{}\"", test.name.content()), None, test.span, true);
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Node(node) if self.model().node(node).kind == NodeKind::Step => {
                let step = self.model().node(node);
                format!("step {}.{}", self.model().node(step.parent).name.name, step.name.name)
            }
            Place::Node(node) => self.model().node(node).name.name.to_string(),
            Place::Spawns(agent) => format!("spawn {}", self.model().agents[agent.index()].name.name),
        }
    }

    fn expectation(&self, expectation: &Expectation) -> String {
        let names = |nodes: &[NodeId]| {
            let mut names: Vec<&str> = nodes.iter().map(|node| self.keys.of(*node)).collect();
            names.sort_unstable();
            names.join(", ")
        };
        match &expectation.kind {
            ExpectationKind::Skips { exactly, nodes } => format!("skips {exactly} {}", names(nodes)),
            ExpectationKind::Runs(nodes) => format!("runs {}", names(nodes)),
            ExpectationKind::Count { what, comparison, number } => {
                format!("count {} {} {number}", what.word(), comparison.symbol())
            }
            ExpectationKind::Items { gate, comparison, number } => {
                format!("count {} {} {number}", self.keys.of(*gate), comparison.symbol())
            }
            ExpectationKind::Calls { most } => format!("count calls <= {most}"),
            ExpectationKind::Leads { gate, to } => format!("{} -> {}", self.keys.of(*gate), self.model().way(*to)),
            ExpectationKind::Before(first, second) => format!("{} before {}", self.place(*first), self.place(*second)),
        }
    }

    // ── The flow ─────────────────────────────────────────────────────────────────────────────────

    fn node(&mut self, id: NodeId) {
        let model = &self.analysis.model;
        let node = model.node(id);
        if node.kind == NodeKind::Parallel {
            return;
        }
        let parent = model.ancestors(node.parent).find(|around| model.node(*around).kind != NodeKind::Parallel);
        let parent = parent.map_or("workflow".to_string(), |around| self.keys.of(around).to_string());
        self.subject(
            self.keys.of(id).to_string(),
            shown(self.analysis, id),
            Some(parent.clone()),
            node.span,
            node.kind != NodeKind::Each,
        );
        self.word("place", parent);
        let verb = if node.kind == NodeKind::Gate { "stands" } else { "runs" };
        self.when(RUN, self.analysis.run(id), verb, Weaker::Less);
        for (mark, what) in [(node.required(), "`required`"), (node.irreversible(), "`irreversible`")] {
            if mark.is_some() {
                self.there(what, Weaker::Less);
            }
        }
        if node.once().is_some() {
            self.there("`once`", Weaker::Neither);
        }
        match &node.detail {
            Detail::None => {}
            Detail::Step(item) => self.evidence("evidence", item.by.as_ref(), None, &[]),
            Detail::Loop(inner) => self.of_loop(id, inner),
            Detail::Gate(gate) => self.gate(id, gate),
            Detail::Work(work) => self.work(id, work),
        }
    }

    fn of_loop(&mut self, id: NodeId, inner: &Loop<'s>) {
        if let Some(bound) = &inner.bound {
            self.bound("bound", bound);
        }
        if let Some(until) = &inner.until {
            let until = self.analysis.holds(until, Position::EndOf(id));
            self.when("ends", until, "ends", Weaker::More);
        }
        if let Some(outcome) = &inner.on_exhausted {
            self.outcome("on exhausted", outcome, Position::EndOf(id), TRUE);
        }
        if inner.overridable.is_some() {
            self.there("override by a person", Weaker::More);
        }
    }

    fn gate(&mut self, id: NodeId, gate: &Gate<'s>) {
        let before = Position::Before(id);
        let run = self.analysis.run(id);
        let model = &self.analysis.model;
        if let Some(follows) = &gate.follows {
            let arguments: Vec<&str> = follows.arguments.iter().map(|(_, named)| named.name).collect();
            let name = model.procedures[follows.procedure.index()].name.name;
            self.there(format!("procedure `{name}({})`", arguments.join(", ")), Weaker::Less);
        }
        for item in &gate.items {
            let by = gate.by.map(|agent| model.agents[agent.index()].name.name);
            let when = item.when.as_ref().map_or(TRUE, |when| self.analysis.holds(when, before));
            self.item(item, self.analysis.and(run, when), by, &[]);
        }
        if !gate.conditions.is_empty() {
            let all = gate.conditions.iter().fold(TRUE, |all, condition| {
                let holds = self.analysis.holds(condition, before);
                self.analysis.and(all, holds)
            });
            self.when("lets through", all, "lets through", Weaker::More);
        }
        if let Some(ask) = &gate.ask {
            self.there("question", Weaker::Less);
            self.ask("", ask, before, run);
        }
        self.branches("on fail", &gate.on_fail, before, run);
        if gate.overridable.is_some() {
            self.there("override by a person", Weaker::More);
        }
    }

    fn item(&mut self, item: &Item<'_>, applies: Diagram, by: Option<&str>, parameters: &[&str]) {
        self.when(format!("requirement `{}`", item.name.name), applies, "applies", Weaker::Less);
        self.evidence(format!("evidence of `{}`", item.name.name), item.by.as_ref(), by, parameters);
    }

    fn evidence(
        &mut self,
        what: impl Into<String>,
        by: Option<&Evidence<'_>>,
        default: Option<&str>,
        parameters: &[&str],
    ) {
        let model = &self.analysis.model;
        let written = match (by, default) {
            (None, Some(agent)) => format!("agent `{agent}`"),
            (None, None) => "somebody's word".to_string(),
            (Some(Evidence::Agent(agent)), _) => format!("agent `{}`", model.agents[agent.index()].name.name),
            (Some(Evidence::Artifact(artifact)), _) => {
                format!("file of `{}`", model.artifacts[artifact.index()].name.name)
            }
            (Some(Evidence::Parameter(index)), _) => {
                format!("file of `{}`", parameters.get(*index).copied().unwrap_or_default())
            }
            (Some(Evidence::File(path)), _) => format!("file `{}`", path.content()),
            (Some(Evidence::Run(run)), _) => {
                let pattern = run.matching.map(|pattern| format!(" matching `{}`", pattern.content()));
                format!("command `{}`{}", run.command.content(), pattern.unwrap_or_default())
            }
            (Some(Evidence::Answer), _) => "an answer".to_string(),
            (Some(Evidence::Measure(condition)), _) => format!("measure `{}`", model.written(condition.span)),
            (Some(Evidence::Skill(skill)), _) => format!("skill `{}`", skill.content()),
            (Some(Evidence::Checklist(_)), _) => "a checklist".to_string(),
        };
        let claim = by.map_or(default.is_none(), Evidence::is_claim);
        self.say(what, Value::Evidence { written, claim });
    }

    fn work(&mut self, id: NodeId, work: &Work<'s>) {
        let model = &self.analysis.model;
        let (before, end, run) = (Position::Before(id), Position::EndOf(id), self.analysis.run(id));
        for read in &work.reads {
            let mark = if read.optional { "?" } else { "" };
            self.there(
                format!("reading of `{}{mark}`", model.artifacts[read.artifact.index()].name.name),
                Weaker::Neither,
            );
        }
        for artifact in &work.produces {
            self.there(format!("artifact `{}`", model.artifacts[artifact.index()].name.name), Weaker::Less);
        }
        self.skills(&work.skills, "");
        for tool in &work.tools {
            self.there(format!("tool `{}`", tool.name), Weaker::Neither);
        }
        for writes in &work.writes {
            self.there(format!("writes `{}`", writes.content()), Weaker::Neither);
        }
        for kept in &work.unchanged {
            self.there(format!("unchanged `{}`", kept.content()), Weaker::Less);
        }
        for (word, amount) in &work.budget {
            self.bound(format!("budget of {}", word.name), amount);
        }
        if !work.requires.is_empty() {
            let all = work.requires.iter().fold(TRUE, |all, condition| {
                let holds = self.analysis.holds(condition, end);
                self.analysis.and(all, holds)
            });
            self.when("completes", all, "completes", Weaker::More);
        }
        for (phase, _) in &work.requires_phases {
            self.there(format!("`requires phase {}`", model.node(*phase).name.name), Weaker::Less);
        }
        for revision in &work.revises {
            let fact = model.facts[revision.fact.index()].name.name;
            let relation = self.relation(id, revision.span).unwrap_or(TRUE);
            let relation = self.joint.of(self.side, relation);
            self.say(format!("revision of `{fact}`"), Value::Relation(relation));
        }
        if let Some(outcome) = &work.on_failure {
            self.outcome("on failure", outcome, before, run);
        }
        self.branches("on blocked", &work.on_blocked, before, run);
        if work.overridable.is_some() {
            self.there("override by a person", Weaker::More);
        }
        if !work.checklist.is_empty() {
            self.there("checklist", Weaker::Less);
        }
        if let Some(each) = &work.each {
            if let Some(from) = &each.from {
                let mark = if from.optional { "?" } else { "" };
                self.word("tasks from", format!("{}{mark}", model.artifacts[from.artifact.index()].name.name));
            }
            if let Some(bound) = &each.bound {
                self.bound("bound", bound);
            }
            if each.else_once {
                self.there("`else once`", Weaker::Neither);
            }
            if let Some(batch) = &each.batch {
                self.word("batch", self.model().written(batch.span));
            }
        }
    }

    /// The relation of one revision; they are kept in the order of writing.
    fn relation(&self, id: NodeId, span: Span) -> Option<Diagram> {
        let model = &self.analysis.model;
        let all = (0..model.nodes.len()).map(NodeId::new).flat_map(|node| {
            model.work(node).into_iter().flat_map(move |work| work.revises.iter().map(move |one| (node, one.span)))
        });
        let index = all.into_iter().position(|place| place == (id, span))?;
        self.analysis.relations().get(index).copied()
    }

    // ── Outcomes ─────────────────────────────────────────────────────────────────────────────────

    fn ask(&mut self, of: &str, ask: &Ask<'_>, at: Position, run: Diagram) {
        for option in &ask.options {
            self.choice(of, option, at, run);
        }
    }

    fn choice(&mut self, of: &str, choice: &Choice<'_>, at: Position, run: Diagram) {
        let what = prefixed(of, format!("option `{}`", choice.name.name));
        let offered = match &choice.when {
            Some(when) => self.analysis.and(run, self.analysis.holds(when, at)),
            None => run,
        };
        self.when(what.clone(), offered, "is offered", Weaker::Neither);
        match &choice.outcome {
            Some(outcome) => self.outcome(&what, outcome, at, offered),
            None => self.when(format!("{what} -> continue"), offered, "is taken", Weaker::Neither),
        }
    }

    fn branches(&mut self, of: &str, branches: &[Branch<'_>], at: Position, run: Diagram) {
        let mut open = run;
        for branch in branches {
            let of = match branch.reason {
                Some(reason) => format!("{of} `{}`", reason.name),
                None => of.to_string(),
            };
            let taken = match &branch.condition {
                Some(condition) => {
                    let holds = self.analysis.holds(condition, at);
                    let taken = self.analysis.and(open, holds);
                    open = self.analysis.and_not(open, holds);
                    taken
                }
                None => open,
            };
            self.outcome(&of, &branch.outcome, at, taken);
        }
    }

    fn outcome(&mut self, of: &str, outcome: &Outcome<'_>, at: Position, when: Diagram) {
        let model = &self.analysis.model;
        let mut path = format!("{of} -> ");
        for (index, action) in outcome.actions.iter().enumerate() {
            if index > 0 {
                path.push_str(", then ");
            }
            let (word, bound) = match action {
                Action::Redo { target, bound, .. } => (format!("redo {}", model.node(*target).name.name), Some(*bound)),
                Action::Fix { agent, bound, .. } => {
                    (format!("fix by {}", model.agents[agent.index()].name.name), Some(*bound))
                }
                Action::Retry { bound, .. } => ("retry".to_string(), *bound),
                Action::Show { artifact, .. } => {
                    (format!("show {}", model.artifacts[artifact.index()].name.name), None)
                }
                Action::Override { .. } => ("override".to_string(), None),
                Action::Ask(_) => ("ask".to_string(), None),
                Action::Abort => ("abort".to_string(), None),
                Action::Continue => ("continue".to_string(), None),
                Action::Spawn { agent, .. } => (format!("spawn {}", model.agents[agent.index()].name.name), None),
            };
            path.push_str(&word);
            if let Some(bound) = bound {
                self.bound(format!("bound of {path}"), &bound);
            }
            if let Action::Ask(ask) = action {
                self.ask(&path, ask, at, when);
            }
        }
        // Bounded last steps end in a question, whether it is written or not.
        let last = outcome.actions.last();
        let bounded =
            matches!(last, Some(Action::Redo { .. } | Action::Fix { .. } | Action::Retry { bound: Some(_), .. }));
        if bounded {
            path.push_str(", then ask");
        }
        self.when(path, when, "is taken", Weaker::Neither);
    }
}

fn prefixed(of: &str, what: String) -> String {
    if of.is_empty() { what } else { format!("{of}: {what}") }
}

fn literal(value: &Literal<'_>) -> String {
    match value {
        Literal::Number(number) => number.show(),
        Literal::Text(text) => text.content().into_owned(),
        Literal::Name(name) => name.name.to_string(),
    }
}

/// "phase `testing`"; of a spawn or step also where it stands.
pub fn shown(analysis: &Analysis<'_>, id: NodeId) -> String {
    let node = analysis.model.node(id);
    match node.kind {
        NodeKind::Spawn | NodeKind::Step | NodeKind::Each => {
            let around = analysis
                .model
                .ancestors(node.parent)
                .find(|around| matches!(analysis.model.node(*around).kind, NodeKind::Phase | NodeKind::Stage));
            let word = analysis.described(id);
            around.map_or(word.clone(), |around| format!("{word} of {}", analysis.described(around)))
        }
        _ => analysis.described(id),
    }
}
