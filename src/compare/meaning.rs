//! A workflow as a list of what it promises: subjects, each with its traits.
//!
//! Two workflows mean the same when their subjects, the traits of these and the order are the same. Texts for readers are
//! traits that have no meaning. Each other trait says of itself which change of it would weaken a promise.

mod claims;
mod flow;
mod words;

use std::collections::HashMap;

use super::agents::Agents;
use super::joint::{Joint, Side};
use super::keys::Keys;
use crate::analysis::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, TRUE};
use crate::model::{Amount, Cast, FactKind, Model, NodeId, NodeKind, SkillName, Type, Value as Literal, decimal};
use crate::source::Span;
use crate::syntax::ast::Comparison;

pub use claims::pair;

/// The trait that says when an item runs at all.
pub const RUN: &str = "";

/// The subject of what a skill says of itself.
pub const DOCUMENT: &str = "document";

/// What the keys of tests begin with.
const TEST: &str = "test ";

/// Something that can be there or not: an item, a fact, an agent.
pub struct Subject {
    /// As people call it: "phase `testing`".
    pub shown: String,
    /// What it stands in: that it is there is said of the outermost only.
    pub parent: Option<String>,
    pub span: Span,
    /// Without it a promise is gone.
    pub promised: bool,
    pub is_test: bool,
    pub traits: Vec<Trait>,
}

pub struct Trait {
    /// "tool `Bash`", "bound of on fail -> redo testing". What is part of another begins with its name and an arrow or colon.
    pub what: String,
    pub span: Span,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// It is there; which change weakens a promise.
    There(Weaker),
    Word(String),
    /// An item, by its key and as people call it.
    Item {
        key: String,
        shown: String,
    },
    /// The agent that fills a role.
    Filled(String),
    /// What a reader is told: no meaning. It is compared where both sides have the trait that it belongs to.
    Text {
        content: String,
        of: Option<String>,
    },
    /// What a test assumes: less is a stronger promise.
    Given(String),
    /// What a test expects; how many of it, where it counts.
    Expected(Option<(Comparison, i64)>),
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
    pub fn new<'s>(
        analysis: &Analysis<'s>,
        agents: &Agents,
        keys: &Keys,
        side: Side,
        joint: &mut Joint<'_, 's>,
    ) -> Self {
        let (meaning, at) = Default::default();
        let mut reader = Reader { analysis, agents, keys, side, joint, meaning, at, place: None };
        reader.whole();
        reader.declarations();
        for index in 1..analysis.model.nodes.len() {
            reader.node(NodeId::new(index));
        }
        reader.claims();
        reader.document();
        reader.meaning
    }
}

struct Reader<'r, 'a, 's> {
    analysis: &'r Analysis<'s>,
    agents: &'r Agents,
    keys: &'r Keys,
    side: Side,
    joint: &'r mut Joint<'a, 's>,
    meaning: Meaning,
    /// The key of the subject that traits are given to.
    at: String,
    /// Where the next trait stands; else where its subject does.
    place: Option<Span>,
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
            let is_test = key.starts_with(TEST);
            self.meaning.subjects.insert(key, Subject { shown, parent, span, promised, is_test, traits: Vec::new() });
        }
    }

    fn declared(&mut self, word: &str, name: &str, span: Span) {
        self.subject(format!("{word} {name}"), format!("{word} `{name}`"), None, span, false);
    }

    /// Says where the next trait stands.
    fn on(&mut self, span: Span) -> &mut Self {
        self.place = Some(span);
        self
    }

    /// Gives the subject a trait. Conditions of the same name are joined; others of the same name are counted.
    fn say(&mut self, what: impl Into<String>, value: Value) {
        let what = what.into();
        let place = self.place.take();
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
        subject.traits.push(Trait { what, span: place.unwrap_or(subject.span), value });
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
        self.on(amount.span).say(
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
        self.header();
        if let Some(output) = &model.output {
            let path = self.letters(output);
            self.on(output.span).word("output directory", path);
        }
        for used in &model.requires_skills {
            let what = format!("required skill `{}`", used.skill.content());
            self.on(used.skill.span).there(what.clone(), Weaker::Less);
            self.text(format!("purpose of {what}"), used.purpose.as_ref(), Some(&what));
        }
        for pair in &model.pairs {
            let when = pair.when.as_ref().map(|when| model.meant(&when.cond)).unwrap_or_default();
            let what = format!("paired skill `{}`", pair.skill.content());
            self.on(pair.skill.span).word(what.clone(), format!("when {when}"));
            self.text(format!("purpose of {what}"), pair.purpose.as_ref(), Some(&what));
        }
        if let Some(context) = &model.context {
            self.word("context window", context.window.to_string());
            for rung in &context.rungs {
                let procedure = rung.procedure.map(|id| model.procedures[id.index()].name.name);
                let then = procedure.map(|name| format!(" -> {name}")).unwrap_or_default();
                let what = format!("context `{}`", rung.word.name);
                self.on(rung.word.span).word(what, format!("{}%{then}", rung.share));
            }
        }
        for choice in model.escalation.iter().flatten() {
            self.choice("escalation", choice, Position::EndOf(NodeId::new(0)), TRUE);
            if let Some(adds) = choice.adds {
                let what = format!("escalation: `{}` adds", choice.name.name);
                self.on(choice.name.span).word(what, adds.to_string());
            }
        }
        if let Some(abort) = &model.abort {
            for (condition, text) in &abort.triggers {
                let what = format!("abort when `{}`", model.meant(&condition.cond));
                self.on(condition.span).there(what.clone(), Weaker::Less);
                self.text(format!("text of {what}"), Some(text), Some(&what));
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
                    factor.points.iter().map(|(found, points)| format!("{found} -> {}", decimal(*points))).collect();
                let what = format!("factor `{}` of `{}`", factor.name.name, score.name.name);
                let weight = format!("weight {} {{ {} }}", decimal(factor.weight), points.join(", "));
                self.on(factor.name.span).word(what.clone(), weight);
                self.text(format!("title of {what}"), factor.title.as_ref(), Some(&what));
            }
            for band in &score.bands {
                let what = format!("band `{}` of `{}`", band.value.name, score.name.name);
                self.on(band.value.span).word(what.clone(), format!("from {}", decimal(band.from)));
                self.text(format!("text of {what}"), band.text.as_ref(), Some(&what));
            }
        }
        self.cast(&model.everyone, "every agent: ");
    }

    fn declarations(&mut self) {
        let model = &self.analysis.model;
        for of in model.enums.iter().filter(|of| of.of_gate.is_none()) {
            self.declared("enum", of.name.name, of.name.span);
            for (name, label) in &of.values {
                let what = format!("value `{}`", name.name);
                self.on(name.span).there(what.clone(), Weaker::Neither);
                self.text(format!("meaning of {what}"), label.as_ref(), Some(&what));
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
                let decided_by = self.item_of(decider.node);
                self.on(decider.span).say("decider", decided_by);
                if decider.confirmed {
                    self.on(decider.span).there("confirmation by a person", Weaker::Less);
                }
                if let Some(run) = decider.run {
                    let pattern = run.matching.map(|pattern| format!(" matching {}", pattern.content()));
                    let command = self.letters(&run.command);
                    self.on(run.command.span).word("command", format!("{command}{}", pattern.unwrap_or_default()));
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
            let path = artifact.path.as_ref().map_or_else(|| artifact.file(), |path| self.letters(path));
            self.word("path", path);
            for section in &artifact.sections {
                self.on(section.span).there(format!("section \"{}\"", section.content()), Weaker::Neither);
            }
        }
        for agent in &model.agents {
            let name = agent.name.name;
            let roles = self.agents.roles_of(name);
            for role in &roles {
                let of = if roles.len() > 1 { format!(" for `{role}`") } else { String::new() };
                self.subject(format!("agent {role}"), format!("agent `{name}`{of}"), None, agent.name.span, false);
                self.say("name", Value::Filled(name.to_string()));
                self.text("description", agent.description.as_ref(), None);
                self.cast(&agent.cast, "");
            }
        }
        for procedure in &model.procedures {
            let parameters: Vec<&str> = procedure.parameters.iter().map(|parameter| parameter.name).collect();
            self.declared("procedure", procedure.name.name, procedure.name.span);
            self.text("title", procedure.title.as_ref(), None);
            self.word("parameters", parameters.join(", "));
            for item in &procedure.items {
                self.item(item, TRUE, None, &parameters);
            }
            self.overridable(procedure.overridable.as_deref());
            self.blocks("text", &procedure.texts);
        }
        for skill in &model.skills {
            self.declared("skill", &skill.name.content(), skill.name.span);
            self.text("purpose", skill.purpose.as_ref(), None);
            if let Some(path) = &skill.path {
                let letters = self.letters(path);
                self.on(path.span).word("path", letters);
            }
        }
    }

    fn cast(&mut self, cast: &Cast<'_>, prefix: &str) {
        for tool in &cast.tools {
            self.on(tool.span).there(format!("{prefix}tool `{}`", tool.name), Weaker::Neither);
        }
        self.skills(&cast.skills, prefix);
        for writes in &cast.writes {
            let path = self.letters(writes);
            self.on(writes.span).there(format!("{prefix}writes `{path}`"), Weaker::Neither);
        }
        if let Some(model) = cast.model {
            self.on(model.span).word(format!("{prefix}model"), model.name);
        }
    }

    fn skills(&mut self, skills: &[SkillName<'_>], prefix: &str) {
        for skill in skills {
            self.on(skill.span).there(format!("{prefix}skill `{}`", skill.content()), Weaker::Neither);
        }
    }
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
            let Some(around) = around else { return analysis.described(id) };
            // The second spawn of an agent is told from the first by its title.
            let mut inside = analysis.model.descendants(around).map(|other| (other, analysis.model.node(other)));
            let is_one_of_many = node.kind == NodeKind::Spawn
                && inside
                    .any(|(other, same)| other != id && same.kind == node.kind && same.name.name == node.name.name);
            let title = node.title.as_ref().filter(|_| is_one_of_many);
            let title = title.map(|title| format!(" \"{}\"", title.content())).unwrap_or_default();
            format!("{}{title} of {}", analysis.described(id), analysis.described(around))
        }
        _ => analysis.described(id),
    }
}
