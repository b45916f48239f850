//! Tests and properties.

use super::super::Way;
use super::*;
use crate::syntax::ast::{Expect, Kind as Written};

/// What a place in a claim may name.
const PLACES: &[Kind] = &[Kind::Phase, Kind::Gate, Kind::Stage, Kind::Loop];

/// So many steps of one name are shown.
const MOST_STEPS: usize = 3;

impl<'a, 's> Lowering<'a, 's> {
    pub(super) fn resolve_test(&mut self, written: &ast::Test, span: Span) {
        let name = Text { raw: self.slice(written.name), span: written.name };
        let mut test = Test { name, given: Vec::new(), expect: Vec::new(), span };
        for statement in &written.body {
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
                    "calls" => return self.calls(name, *comparison, *number),
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
                            .label("`phases`, `gates`, `stages`, `spawns`, `calls` or a gate is expected here"),
                        );
                        return None;
                    }
                };
                ExpectationKind::Count { what, comparison: *comparison, number: self.whole(*number)? }
            }
            Expect::Leads { gate, to } => {
                let gate = self.node_named(&[Kind::Gate], self.named(*gate));
                let to = self.way(*to);
                ExpectationKind::Leads { gate: gate?, to: to? }
            }
            Expect::Before(precedes) => {
                let first = self.place(&precedes.first);
                let second = self.place(&precedes.second);
                ExpectationKind::Before(first?, second?)
            }
        })
    }

    /// The worst case is a bound, so only a bound can be expected of it.
    fn calls(&mut self, name: Named<'s>, comparison: ast::Comparison, number: Span) -> Option<ExpectationKind> {
        let whole = self.whole(number)?;
        match comparison {
            ast::Comparison::AtMost => Some(ExpectationKind::Calls { most: whole }),
            ast::Comparison::Less => Some(ExpectationKind::Calls { most: whole.saturating_sub(1) }),
            _ => {
                let between = Span { start: name.span.end, end: number.start, ..name.span };
                self.report(
                    Diagnostic::new(
                        &super::super::condition::TYPE_MISMATCH,
                        name.span.to(number),
                        format!("`calls` is a worst case, and no run need come up to it: `{}`", comparison.symbol()),
                    )
                    .label("a bound is expected here")
                    .help("write `<=`")
                    .unsafe_fix("write `<=`", between, " <= "),
                );
                None
            }
        }
    }

    fn way(&mut self, way: ast::Way) -> Option<Way> {
        Some(match way {
            ast::Way::Continue => Way::Continue,
            ast::Way::Ask => Way::Ask,
            ast::Way::Abort => Way::Abort,
            ast::Way::Override => Way::Override,
            ast::Way::Retry => Way::Retry,
            ast::Way::Redo(name) => Way::Redo(self.node_named(&[Kind::Phase], self.named(name))?),
            ast::Way::Fix(name) => Way::Fix(AgentId::new(self.lookup(Kind::Agent, self.named(name))?)),
            ast::Way::Show(name) => Way::Show(self.artifact(self.named(name))?),
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
        match place.kind {
            ast::PlaceKind::Item => self.node_named(PLACES, name).map(Place::Node),
            ast::PlaceKind::Spawns => self.lookup(Kind::Agent, name).map(|index| Place::Spawns(AgentId::new(index))),
            ast::PlaceKind::Step => self.step(name).map(Place::Node),
        }
    }

    /// The step of a name, or of `around.name`: each phase and stage has names of its own for them.
    fn step(&mut self, path: Named<'s>) -> Option<NodeId> {
        let (around, name) = match path.name.split_once('.') {
            Some((around, name)) => {
                let end = path.span.start + around.len() as u32;
                let span = Span { end, ..path.span };
                (Some(self.node_named(&[Kind::Phase, Kind::Stage], Named { name: around, span })?), name)
            }
            None => (None, path.name),
        };
        let model = &self.model;
        let owner = |step: NodeId| {
            let mut around = model.ancestors(step);
            around.find(|id| matches!(model.node(*id).kind, NodeKind::Phase | NodeKind::Stage))
        };
        let all = model.nodes_of(NodeKind::Step).filter(|step| around.is_none() || owner(*step) == around);
        let (found, others): (Vec<NodeId>, Vec<NodeId>) = all.partition(|step| model.node(*step).name.name == name);
        if let [step] = found[..] {
            return Some(step);
        }
        if self.is_unread(path.name) || self.is_unread(name) {
            return None;
        }
        let code = &super::super::names::UNKNOWN_NAME;
        let named = |step: &NodeId| model.node(*step).name.name;
        let diagnostic = if found.is_empty() {
            let known: Vec<&str> = others.iter().map(named).collect();
            let diagnostic = Diagnostic::new(code, path.span, format!("unknown step `{}`", path.name))
                .label("a step is expected here");
            match crate::diagnostic::nearest(name, known.iter().copied()) {
                Some(near) => {
                    let start = path.span.end - name.len() as u32;
                    let place = Span { start, ..path.span };
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), place, near)
                }
                None if known.is_empty() => diagnostic.help("there are no steps"),
                None => diagnostic.help("name a step or a requirement of a phase or stage"),
            }
        } else {
            let several = found.iter().take(MOST_STEPS);
            let diagnostic = Diagnostic::new(code, path.span, format!("{} steps are called `{name}`", found.len()))
                .label("which of them is not said");
            let around = found.iter().find_map(|step| owner(*step)).map_or("a", |around| named(&around));
            several
                .fold(diagnostic, |diagnostic, step| diagnostic.related(model.node(*step).name.span, "one of them"))
                .help(format!("name what it stands in, as in `step {around}.{name}`"))
        };
        self.report(diagnostic);
        None
    }
}
