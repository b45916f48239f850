//! Facts of a plan, their versions, and conditions on them.

use super::Planner;
use crate::graph::Position;
use crate::logic::Variable;
use crate::model::{self, Cond, FactId, FactKind, NodeId, Type};
use crate::plan::*;

impl<'s> Planner<'_, 's> {
    pub(super) fn inputs(&self) -> Vec<Input> {
        let model = self.model();
        let inputs = model.facts.iter().filter_map(|fact| match &fact.kind {
            FactKind::Input { default } => Some((fact, default)),
            _ => None,
        });
        inputs
            .map(|(fact, default)| Input {
                name: fact.name.name.to_string(),
                of: self.domain(fact.of),
                default: default.as_ref().map(|value| match value {
                    model::Value::Number(quantity) => model::decimal(quantity.thousandths),
                    model::Value::Text(text) => self.prose.text(text),
                    model::Value::Name(name) => name.name.to_string(),
                }),
            })
            .collect()
    }

    fn domain(&self, of: Type) -> Domain {
        match of {
            Type::Bool => Domain::Bool,
            Type::Int(low, high) => Domain::Int { low, high },
            Type::Enum(id) => {
                let item = &self.model().enums[id.index()];
                let values = item.values.iter().map(|(name, _)| name.name.to_string()).collect();
                let label = |(name, label): &(model::Named<'s>, Option<model::Text<'s>>)| {
                    Some((name.name.to_string(), self.prose.text(label.as_ref()?)))
                };
                Domain::Enum { values, ordered: item.ordered, labels: item.values.iter().filter_map(label).collect() }
            }
            Type::Text | Type::Unknown => Domain::Text,
        }
    }

    pub(super) fn facts(&self) -> Vec<Fact> {
        let model = self.model();
        let mut facts = Vec::new();
        for (index, fact) in model.facts.iter().enumerate() {
            let mut versions = Vec::new();
            if let Some(decider) = fact.deciders.first() {
                versions.push(Version {
                    id: self.version_from(fact.name.name, Some(decider.node)),
                    item: self.id(decider.node),
                    confirmed: decider.confirmed,
                    from: decider.run.as_ref().map(|run| self.command(run)),
                    revision: None,
                });
            }
            for (node, _) in &fact.revisers {
                let revision = self.revision(FactId::new(index), *node);
                versions.push(Version {
                    id: self.version_from(fact.name.name, Some(*node)),
                    item: self.id(*node),
                    confirmed: false,
                    from: None,
                    revision,
                });
            }
            let is_input = matches!(fact.kind, FactKind::Input { .. });
            if !is_input || !versions.is_empty() {
                facts.push(Fact { name: fact.name.name.to_string(), of: self.domain(fact.of), versions });
            }
        }
        facts
    }

    fn revision(&self, fact: FactId, node: NodeId) -> Option<Revision> {
        let model = self.model();
        let revision = model.work(node)?.revises.iter().find(|revision| revision.fact == fact)?;
        let old = self.prose.sound.variable_at(fact, Position::Before(node));
        let of = old.map_or_else(String::new, |variable| self.version(variable));
        Some(match &revision.arms {
            None => Revision::Upward { of },
            Some(arms) => Revision::Arms {
                arms: arms
                    .iter()
                    .map(|arm| Arm {
                        when: self.condition_with(
                            &arm.condition.cond,
                            Position::EndOf(node),
                            old.map(|old| (fact, old)),
                        ),
                        value: model.value_name(model.facts[fact.index()].of, arm.value),
                    })
                    .collect(),
                of,
            },
        })
    }

    pub(super) fn command(&self, run: &model::Run<'s>) -> Command {
        Command {
            run: self.prose.text(&run.command),
            matching: run.matching.as_ref().map(|text| self.prose.text(text)),
        }
    }

    fn version(&self, variable: Variable) -> String {
        let version = self.prose.sound.version(variable);
        self.version_from(self.model().facts[version.fact.index()].name.name, version.node)
    }

    pub(super) fn version_from(&self, fact: &str, node: Option<NodeId>) -> String {
        match node {
            Some(node) => format!("{fact}@{}", self.id(node)),
            None => fact.to_string(),
        }
    }

    pub(super) fn condition(&self, cond: &Cond, at: Position) -> Condition {
        self.condition_with(cond, at, None)
    }

    fn condition_with(&self, cond: &Cond, at: Position, fixed: Option<(FactId, Variable)>) -> Condition {
        let model = self.model();
        match cond {
            Cond::Any(parts) => Condition::Any(parts.iter().map(|part| self.condition_with(part, at, fixed)).collect()),
            Cond::All(parts) => Condition::All(parts.iter().map(|part| self.condition_with(part, at, fixed)).collect()),
            Cond::Not(inner) => Condition::Not(Box::new(self.condition_with(inner, at, fixed))),
            Cond::Fact(atom) => {
                let sound = self.prose.sound;
                let variable = match (fixed, atom.at) {
                    (Some((fact, variable)), None) if fact == atom.fact => Some(variable),
                    _ => sound.variable_read(atom, at),
                };
                let of = model.facts[atom.fact.index()].of;
                let name = model.facts[atom.fact.index()].name.name;
                let values = atom.ranges.iter().flat_map(|(from, to)| match of {
                    Type::Int(..) if from != to => vec![Values::Range { from: *from, to: *to }],
                    _ => (*from..=*to).map(|value| Values::One(model.value_name(of, value))).collect(),
                });
                Condition::Is {
                    version: variable.map_or_else(|| name.to_string(), |variable| self.version(variable)),
                    values: values.collect(),
                }
            }
            Cond::Ran(node, _) => Condition::Ran(self.id(*node)),
            Cond::Skipped(node, _) => Condition::Not(Box::new(Condition::Ran(self.id(*node)))),
            Cond::Measure(atom) => Condition::Measure {
                measure: atom.measure.name().to_string(),
                comparison: atom.comparison.symbol().to_string(),
                value: atom.quantity.thousandths as f64 / 1000.0,
                unit: match atom.quantity.unit {
                    model::Unit::None => "".to_string(),
                    model::Unit::Percent => "percent".to_string(),
                    model::Unit::Time => "seconds".to_string(),
                },
            },
            // A sound model holds none.
            Cond::Fault => Condition::All(Vec::new()),
        }
    }
}
