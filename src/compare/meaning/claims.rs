//! Properties and tests: what a workflow claims of itself.

use super::{Meaning, RUN, Reader, TEST, Value, Weaker};
use crate::logic::TRUE;
use crate::model::{Expectation, ExpectationKind, NodeId, NodeKind, Place, Way};
use crate::syntax::ast::Comparison;

impl<'s> Reader<'_, '_, 's> {
    pub(super) fn claims(&mut self) {
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
            let mut traits: Vec<_> = test
                .given
                .iter()
                .map(|binding| {
                    let fact = &model.facts[binding.fact.index()];
                    let at = binding.at.map(|node| format!("@{}", self.keys.of(node))).unwrap_or_default();
                    let value = model.value_name(fact.of, binding.value);
                    (format!("{}{at}", fact.name.name), binding.span, Value::Given(value))
                })
                .collect();
            traits.extend(test.expect.iter().map(|expect| {
                let (what, value) = self.expectation(expect);
                (what, expect.span, value)
            }));
            let mut all: Vec<String> = traits.iter().map(|(what, _, value)| format!("{what} {value:?}")).collect();
            all.sort();
            let name = test.name.content();
            self.subject(format!("{TEST}{}", all.join(", ")), format!("test \"{name}\""), None, test.span, true);
            self.on(test.name.span).say("name", Value::Text { content: name.into_owned(), of: None });
            for (what, span, value) in traits {
                self.on(span).say(what, value);
            }
        }
    }

    fn place(&self, place: Place) -> String {
        match place {
            Place::Node(node) if self.model().node(node).kind == NodeKind::Step => {
                let step = self.model().node(node);
                format!("step {}.{}", self.model().node(step.parent).name.name, step.name.name)
            }
            Place::Node(node) => self.model().node(node).name.name.to_string(),
            Place::Spawns(agent) => {
                format!("spawn {}", self.agents.called(self.model().agents[agent.index()].name.name))
            }
        }
    }

    /// What is expected, and how many of it.
    fn expectation(&self, expectation: &Expectation) -> (String, Value) {
        let model = self.model();
        let names = |nodes: &[NodeId]| {
            let mut names: Vec<&str> = nodes.iter().map(|node| self.keys.of(*node)).collect();
            names.sort_unstable();
            names.join(", ")
        };
        let what = match &expectation.kind {
            ExpectationKind::Skips { exactly: true, nodes } => format!("skips exactly {}", names(nodes)),
            ExpectationKind::Skips { exactly: false, nodes } => format!("skips {}", names(nodes)),
            ExpectationKind::Runs(nodes) => format!("runs {}", names(nodes)),
            ExpectationKind::Count { what, comparison, number } => {
                return (format!("count {}s", what.word()), Value::Expected(Some((*comparison, *number))));
            }
            ExpectationKind::Items { gate, comparison, number } => {
                let name = model.node(*gate).name.name;
                return (format!("count {name}"), Value::Expected(Some((*comparison, *number))));
            }
            ExpectationKind::Calls { most } => {
                return ("count calls".to_string(), Value::Expected(Some((Comparison::AtMost, *most))));
            }
            ExpectationKind::Leads { gate, to } => {
                let way = match to {
                    Way::Fix(agent) => format!("fix by {}", self.agents.called(model.agents[agent.index()].name.name)),
                    Way::Spawn(agent) => format!("spawn {}", self.agents.called(model.agents[agent.index()].name.name)),
                    other => model.way(*other),
                };
                format!("{} -> {way}", model.node(*gate).name.name)
            }
            ExpectationKind::Before(first, second) => format!("{} before {}", self.place(*first), self.place(*second)),
        };
        (what, Value::Expected(None))
    }
}

/// Makes tests of the same name the same subject, where neither is on the other side as it is. What is assumed and
/// expected makes a test; its name is a text.
pub fn pair(old: &mut Meaning, new: &mut Meaning) {
    let only_in = |one: &Meaning, other: &Meaning| -> Vec<(String, String)> {
        let keys = one.order.iter().filter(|key| key.starts_with(TEST) && !other.subjects.contains_key(*key));
        keys.map(|key| (key.clone(), format!("named {}", one.subjects[key].shown))).collect()
    };
    let (before, mut after) = (only_in(old, new), only_in(new, old));
    for (key, name) in before {
        if let Some(index) = after.iter().position(|(_, other)| *other == name) {
            let (other, _) = after.remove(index);
            old.rename(&key, &name);
            new.rename(&other, &name);
        }
    }
}

impl Meaning {
    fn rename(&mut self, key: &str, to: &str) {
        // The second of two tests of one name keeps its own.
        if self.subjects.contains_key(to) {
            return;
        }
        if let Some(subject) = self.subjects.remove(key) {
            self.subjects.insert(to.to_string(), subject);
            self.order.iter_mut().filter(|other| *other == key).for_each(|other| *other = to.to_string());
        }
    }
}
