//! Tests and properties.

use super::*;
use crate::syntax::ast::{Expect, Kind as Written};

/// What a place in a claim may name.
const PLACES: &[Kind] = &[Kind::Phase, Kind::Gate, Kind::Stage, Kind::Loop];

impl<'a, 's> Lowering<'a, 's> {
    pub(super) fn resolve_test(&mut self, name: Span, body: &'a [Statement], span: Span) {
        let name = Text { raw: self.slice(name), span: name };
        let mut test = Test { name, given: Vec::new(), expect: Vec::new(), span };
        for statement in body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Test) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            match &statement.kind {
                Written::Given(bindings) => {
                    for (fact, value) in bindings {
                        let operand = ast::Operand { span: *fact, kind: ast::OperandKind::Path };
                        let shown = self.without_version(*fact);
                        // What a test assumes is no use of a fact.
                        let read = self.fact_id(shown).map(|id| self.model.facts[id.index()].read);
                        let Some((id, at)) = self.fact_of(&operand, condition::Scope::Flow) else { continue };
                        self.model.facts[id.index()].read = read.unwrap_or(false);
                        let of = self.model.facts[id.index()].of;
                        if of == super::super::Type::Text {
                            self.text_in_condition(id, *fact);
                            continue;
                        }
                        let span = fact.to(value.span);
                        if let Some(value) = self.literal_of(value, of, &operand) {
                            test.given.push(super::super::Binding { fact: id, at, value, span });
                        }
                    }
                }
                Written::Expect(expect) => {
                    if let Some(kind) = self.expectation(expect) {
                        test.expect.push(Expectation { span: statement.span, kind });
                    }
                }
                _ => {}
            }
        }
        self.model.tests.push(test);
    }

    fn expectation(&mut self, expect: &ast::Expect) -> Option<ExpectationKind> {
        Some(match expect {
            Expect::Skips { exactly, phases } => {
                ExpectationKind::Skips { exactly: *exactly, nodes: self.items(phases) }
            }
            Expect::Runs(phases) => ExpectationKind::Runs(self.items(phases)),
            Expect::Count { what, comparison, number } => {
                let name = self.named(*what);
                let what = match name.name {
                    "phases" => NodeKind::Phase,
                    "gates" => NodeKind::Gate,
                    "stages" => NodeKind::Stage,
                    "spawns" => NodeKind::Spawn,
                    _ => {
                        if let Some(gate) = self.names.get(Kind::Gate, name) {
                            let gate = NodeId::new(gate.index);
                            let number = self.whole(*number)?;
                            return Some(ExpectationKind::Items { gate, comparison: *comparison, number });
                        }
                        if self.is_unread(name.name) {
                            return None;
                        }
                        self.report(
                            Diagnostic::new(
                                &super::super::names::UNKNOWN_NAME,
                                name.span,
                                format!("`{}` cannot be counted", name.name),
                            )
                            .label("`phases`, `gates`, `stages`, `spawns` or a gate is expected here"),
                        );
                        return None;
                    }
                };
                ExpectationKind::Count { what, comparison: *comparison, number: self.whole(*number)? }
            }
            Expect::Before(precedes) => {
                let first = self.place(&precedes.first);
                let second = self.place(&precedes.second);
                ExpectationKind::Before(first?, second?)
            }
        })
    }

    fn items(&mut self, entries: &[Entry]) -> Vec<NodeId> {
        entries.iter().filter_map(|entry| self.node_named(PLACES, self.named(entry.span))).collect()
    }

    pub(super) fn resolve_property(&mut self, property: &ast::Property, span: Span) {
        let first = self.place(&property.precedes.first);
        let second = self.place(&property.precedes.second);
        let when = self.when(property.when.as_deref());
        if let (Some(first), Some(second)) = (first, second) {
            self.model.properties.push(Property { never: property.never, first, second, when, span });
        }
    }

    fn place(&mut self, place: &ast::Place) -> Option<Place> {
        let name = self.named(place.name);
        if !place.spawned {
            return self.node_named(PLACES, name).map(Place::Node);
        }
        self.lookup(Kind::Agent, name).map(|index| Place::Spawns(AgentId::new(index)))
    }
}
