//! The mutants of a workflow, kind by kind. Each is an edit at a place that the tree or the model knows.

use std::collections::BTreeSet;

use super::{Kind, Mutant};
use crate::analysis::{Analysis, Role};
use crate::compile::Checked;
use crate::diagnostic::Edit;
use crate::family::Family;
use crate::logic::TRUE;
use crate::model::{Cond, FactAtom, Model, NodeId, NodeKind, Type};
use crate::source::Span;
use crate::syntax::{self, ast};

/// Every mutant of a workflow without errors, in the order of their places: what it has inherited is part of it.
pub fn mutants(checked: &Checked<'_>) -> Vec<Mutant> {
    let analysis = &checked.analysis;
    let (tree, _) = Family::new(checked.sources).tree(analysis.model.file);
    let calls = analysis.worst_case(TRUE).calls;
    let mut maker = Maker { analysis, model: &analysis.model, calls, found: Vec::new() };
    maker.gates();
    maker.skips();
    maker.conditions();
    maker.statements(&tree.items, None);
    maker.found.sort_by_key(|mutant| (mutant.span, mutant.kind));
    maker.found
}

struct Maker<'a, 's> {
    analysis: &'a Analysis<'s>,
    model: &'a Model<'s>,
    /// In the worst case of all variants.
    calls: u64,
    found: Vec<Mutant>,
}

impl<'s> Maker<'_, 's> {
    fn add(&mut self, kind: Kind, span: Span, what: String, notice: String, edits: Vec<Edit>) {
        // What stands in a library is judged with those who need it.
        let is_of_workflow = span.file == self.model.file || self.model.bases.contains(&span.file);
        if is_of_workflow && edits.iter().all(|edit| edit.span.file == span.file) {
            self.found.push(Mutant { kind, span, what, notice, edits });
        }
    }

    fn slice(&self, span: Span) -> &'s str {
        &self.model.text_of(span.file)[span.range()]
    }

    fn name(&self, node: NodeId) -> &'s str {
        self.model.node(node).name.name
    }

    // ── Gates ────────────────────────────────────────────────────────────────────────────────────

    fn gates(&mut self) {
        let gates: Vec<NodeId> = self.model.nodes_of(NodeKind::Gate).collect();
        for gate in gates {
            let node = self.model.node(gate);
            let (name, span) = (node.name, node.span);
            let what = format!("gate `{}`", name.name);
            let removed = vec![Edit { span, text: String::new() }];
            self.add(Kind::GateRemoved, name.span, format!("{what} removed"), self.guards(gate), removed.clone());
            let siblings: Vec<NodeId> = self.model.children(node.parent).collect();
            let Some(index) = siblings.iter().position(|sibling| *sibling == gate) else { continue };
            let text = format!("\n{}\n", self.slice(span));
            let mut moves = Vec::new();
            if let Some(before) = index.checked_sub(1).map(|index| siblings[index]) {
                moves.push(("before", before, self.model.node(before).span.at_start()));
            }
            if let Some(after) = siblings.get(index + 1) {
                moves.push(("behind", *after, self.model.node(*after).span.at_end()));
            }
            for (word, other, to) in moves {
                let mut edits = removed.clone();
                edits.push(Edit { span: to, text: text.clone() });
                let what = format!("{what} moved {word} {}", self.analysis.described(other));
                let (first, second) = if word == "before" { (other, gate) } else { (gate, other) };
                let notice = self.claim(first, second).unwrap_or_else(|| self.guards(gate));
                self.add(Kind::GateMoved, name.span, what, notice, edits);
            }
        }
    }

    /// A property that says what a gate is for.
    fn guards(&self, gate: NodeId) -> String {
        let behind = (gate.index() + 1..self.model.nodes.len()).map(NodeId::new).find(|other| {
            let kind = self.model.node(*other).kind;
            matches!(kind, NodeKind::Phase | NodeKind::Stage | NodeKind::Gate)
                && self.analysis.graph.precedes(self.model, gate, *other)
        });
        match behind {
            Some(behind) => format!("write `always {} before {}`", self.name(gate), self.name(behind)),
            None => {
                let before = (1..gate.index()).map(NodeId::new).rfind(|other| {
                    self.model.node(*other).kind == NodeKind::Phase && !self.model.is_within(gate, *other)
                });
                let before = before.map_or("PHASE", |before| self.name(before));
                format!("write `always {before} before {}`", self.name(gate))
            }
        }
    }

    /// A property of two items, if both can stand in one.
    fn claim(&self, first: NodeId, second: NodeId) -> Option<String> {
        let place = |node: NodeId| match self.model.node(node).kind {
            NodeKind::Phase | NodeKind::Stage | NodeKind::Gate => Some(self.name(node).to_string()),
            NodeKind::Spawn => Some(format!("spawn {}", self.name(node))),
            NodeKind::Step => {
                let around = self.model.node(node).parent;
                Some(format!("step {}.{}", self.name(around), self.name(node)))
            }
            _ => None,
        };
        Some(format!("write `always {} before {}`", place(first)?, place(second)?))
    }

    // ── Skip rules ───────────────────────────────────────────────────────────────────────────────

    fn skips(&mut self) {
        for skip in &self.model.skips {
            let (Some(first), Some(last)) = (skip.phases.first(), skip.phases.last()) else { continue };
            let named: BTreeSet<NodeId> = skip.phases.iter().map(|(phase, _)| *phase).collect();
            let when = skip.when.as_ref().map_or("always".to_string(), |when| self.model.written(when.span));
            let holds_a_gate =
                |phase: &NodeId| self.model.descendants(*phase).any(|node| self.model.gate(node).is_some());
            let free = |phase: &NodeId| !named.contains(phase) && !holds_a_gate(phase);
            let mut phases = self.model.phases().filter(free);
            let wider = phases.find(|phase| *phase > last.0).or_else(|| self.model.phases().find(free));
            let notice = format!("write a test with `expect skips exactly […]` where `{when}`");
            if let Some(wider) = wider {
                let name = self.name(wider);
                let edits = match named.len() {
                    1 => vec![Edit { span: first.1, text: format!("[{}, {name}]", self.slice(first.1)) }],
                    _ => vec![Edit { span: last.1.at_end(), text: format!(", {name}") }],
                };
                // One name may stand in brackets, too.
                let bracketed = self.model.text_of(first.1.file)[..first.1.start as usize].trim_end().ends_with('[');
                let edits =
                    if bracketed { vec![Edit { span: last.1.at_end(), text: format!(", {name}") }] } else { edits };
                let what = format!("skip rule widened by `{name}`");
                self.add(Kind::SkipWidened, skip.span, what, notice.clone(), edits);
            }
            for (phase, span) in &skip.phases {
                let rest: Vec<&str> =
                    skip.phases.iter().filter(|(other, _)| other != phase).map(|(_, span)| self.slice(*span)).collect();
                let edit = match rest.is_empty() {
                    true => Edit { span: skip.span, text: String::new() },
                    false => Edit { span: first.1.to(last.1), text: rest.join(", ") },
                };
                let what = format!("skip rule without `{}`", self.name(*phase));
                self.add(Kind::SkipNarrowed, *span, what, notice.clone(), vec![edit]);
            }
        }
    }

    // ── Conditions ───────────────────────────────────────────────────────────────────────────────

    fn conditions(&mut self) {
        let mut seen = BTreeSet::new();
        let mut all = Vec::new();
        self.analysis.sites(&mut |site| {
            if !matches!(site.role, Role::Text | Role::Claim | Role::Measure | Role::Prompt)
                && seen.insert(site.condition.span)
            {
                all.push(site);
            }
        });
        for site in all {
            let span = site.condition.span;
            let written = self.model.written(span);
            let notice = self.notice(site.role, site.node);
            let flipped = vec![Edit { span, text: format!("not ({})", self.slice(span)) }];
            let what = format!("`{written}` flipped");
            self.add(Kind::ConditionFlipped, span, what, notice.clone(), flipped);
            if matches!(site.role, Role::When | Role::Skip | Role::Item | Role::Option) {
                self.shift(&site.condition.cond, &notice);
            }
        }
    }

    fn notice(&self, role: Role, node: NodeId) -> String {
        let item = self.model.node(node);
        let name = item.name.name;
        match (role, item.kind) {
            (Role::When | Role::Skip, NodeKind::Phase) => {
                "write a test with `expect skips exactly […]` for the values on both sides".to_string()
            }
            (Role::When, NodeKind::Gate) => format!("{} under the condition that it has now", self.guards(node)),
            (Role::When, NodeKind::Stage) => {
                format!("write tests with `expect runs [{name}]` and `expect skips [{name}]`")
            }
            (Role::When, NodeKind::Spawn) => format!("write `always spawn {name} before …` under its condition"),
            (Role::Value | Role::Route, NodeKind::Gate) => leads(name),
            (Role::Item, NodeKind::Gate) => {
                format!("write tests with `expect count {name} == …` for the facts on both sides")
            }
            _ => "no claim speaks of it; `wf diff` shows the change".to_string(),
        }
    }

    /// Ordered comparisons, with the next value up and down.
    fn shift(&mut self, cond: &Cond, notice: &str) {
        match cond {
            Cond::Any(operands) | Cond::All(operands) => {
                operands.iter().for_each(|operand| self.shift(operand, notice));
            }
            Cond::Not(inner) => self.shift(inner, notice),
            Cond::Fact(atom) => self.shift_atom(atom, notice),
            _ => {}
        }
    }

    fn shift_atom(&mut self, atom: &FactAtom, notice: &str) {
        let Some(condition) = syntax::parse_condition(atom.span.file, self.model.text_of(atom.span.file), atom.span)
        else {
            return;
        };
        let ast::Expr::Compare(left, comparison, right) = condition.expr else { return };
        if matches!(comparison, ast::Comparison::Equal | ast::Comparison::NotEqual) {
            return;
        }
        let fact = &self.model.facts[atom.fact.index()];
        let Some((low, high)) = self.model.domain(fact.of) else { return };
        let is_fact = |operand: &ast::Operand| self.slice(operand.span).split('@').next() == Some(fact.name.name);
        let literal = if is_fact(&left) { right } else { left };
        // The border between the values for which it holds and the others.
        let Some(value) = self.value(fact.of, self.slice(literal.span)) else { return };
        for (other, way) in [(value - 1, "down"), (value + 1, "up")] {
            if (low..=high).contains(&other) {
                let text = self.model.value_name(fact.of, other);
                let what = format!("`{}` shifted {way} to `{text}`", self.model.written(atom.span));
                let edits = vec![Edit { span: literal.span, text }];
                self.add(Kind::ComparisonShifted, atom.span, what, notice.to_string(), edits);
            }
        }
    }

    /// The value of a literal, by its name or as a number.
    fn value(&self, of: Type, written: &str) -> Option<i64> {
        match of {
            Type::Enum(id) => {
                let values = &self.model.enums[id.index()].values;
                values.iter().position(|(name, _)| name.name == written).map(|index| index as i64)
            }
            Type::Int(..) => written.parse().ok().or_else(|| {
                let constant = self.model.lets.iter().find(|one| one.name.name == written);
                let number = constant.and_then(|one| match one.value {
                    crate::model::Value::Number(number) => number.whole(),
                    _ => None,
                });
                let limit = || self.model.limits.iter().find(|one| one.name.name == written)?.value;
                number.or_else(limit)
            }),
            _ => None,
        }
    }

    // ── Statements ───────────────────────────────────────────────────────────────────────────────

    /// `around`: the kind of the item whose body it is; `None` outside any, and in a procedure.
    fn statements(&mut self, all: &[ast::Statement], around: Option<&ast::Node>) {
        for statement in all {
            self.statement(statement, around);
        }
    }

    fn statement(&mut self, statement: &ast::Statement, around: Option<&ast::Node>) {
        let in_gate = around.is_some_and(|node| node.kind == ast::NodeKind::Gate);
        let removed = || vec![Edit { span: statement.span, text: String::new() }];
        let of = around.and_then(|node| node.name).map(|name| self.slice(name));
        match &statement.kind {
            ast::Kind::Node(node) => {
                for modifier in &node.modifiers {
                    match &modifier.kind {
                        ast::ModifierKind::After(_) => {
                            let name = node.name.map_or("", |name| self.slice(name));
                            let what = format!("`{}` of `{name}` dropped", self.slice(modifier.span));
                            let edits = vec![Edit { span: modifier.span, text: String::new() }];
                            let notice = "no property says that two items may run side by side".to_string();
                            self.add(Kind::AfterDropped, modifier.span, what, notice, edits);
                        }
                        ast::ModifierKind::AtMost(amount) => self.raise(*amount, "bound"),
                        _ => {}
                    }
                }
                self.statements(&node.body, Some(node));
            }
            ast::Kind::Procedure(procedure) => {
                for statement in &procedure.body {
                    if let ast::Kind::Item(item) = &statement.kind {
                        let edits = vec![Edit { span: statement.span, text: String::new() }];
                        self.requirement(item, self.slice(procedure.name), edits);
                    }
                }
            }
            ast::Kind::Item(item) if in_gate => self.requirement(item, of.unwrap_or_default(), removed()),
            ast::Kind::Require(condition) if in_gate => {
                let what = format!(
                    "requirement `{}` of gate `{}` removed",
                    self.model.written(condition.span),
                    of.unwrap_or_default()
                );
                let notice = leads(of.unwrap_or_default());
                self.add(Kind::RequirementRemoved, condition.span, what, notice, removed());
            }
            ast::Kind::Produces(all) => self.produced(statement.span, all),
            ast::Kind::On(on) => on.branches.iter().for_each(|branch| self.outcome(&branch.outcome)),
            ast::Kind::Ask(ask) => self.ask(ask),
            ast::Kind::Limit(limit) => {
                let number = limit.fallback.or(limit.value.is_number.then_some(limit.value.span));
                if let Some(span) = number {
                    self.raise(ast::Amount { span, is_number: true }, &format!("limit `{}`", self.slice(limit.name)));
                }
            }
            _ => {}
        }
    }

    /// `of`: a gate, or a procedure that gates follow.
    fn requirement(&mut self, item: &ast::Item, of: &str, edits: Vec<Edit>) {
        let asks = |gate: &NodeId| {
            let follows = self.model.gate(*gate).and_then(|gate| gate.follows.as_ref());
            let procedure = follows.map(|follows| self.model.procedures[follows.procedure.index()].name.name);
            self.name(*gate) == of || procedure == Some(of)
        };
        let gate = self.model.nodes_of(NodeKind::Gate).find(asks);
        let notice = match gate {
            Some(gate) => {
                let count = self.model.gate_items(gate).len();
                format!("write a test with `expect count {} == {count}`", self.name(gate))
            }
            None => "no gate follows this procedure".to_string(),
        };
        let what = format!("requirement `{}` of `{of}` removed", self.slice(item.name));
        self.add(Kind::RequirementRemoved, item.name, what, notice, edits);
    }

    fn produced(&mut self, statement: Span, all: &[ast::Produced]) {
        for (index, produced) in all.iter().enumerate() {
            let cut = match (all.get(index + 1), index.checked_sub(1).map(|before| &all[before])) {
                (Some(next), _) => Span { end: next.span.start, ..produced.span },
                (None, Some(before)) => Span { start: before.span.end, ..produced.span },
                (None, None) => statement,
            };
            let name = self.slice(produced.what).trim_matches('"');
            // Without the statement of an heir there would be that of the base.
            let is_last = cut == statement && self.model.bases.last().is_some_and(|base| *base != cut.file);
            let text = if is_last { "produces []".to_string() } else { String::new() };
            let edits = vec![Edit { span: cut, text }];
            let notice = "let an item that needs it read it, or close a gate with it: `by file …`".to_string();
            self.add(Kind::ArtifactDropped, produced.what, format!("artifact `{name}` dropped"), notice, edits);
        }
    }

    fn ask(&mut self, ask: &ast::Ask) {
        ask.options.iter().filter_map(|option| option.outcome.as_ref()).for_each(|outcome| self.outcome(outcome));
    }

    fn outcome(&mut self, outcome: &ast::Outcome) {
        for action in &outcome.actions {
            match &action.kind {
                ast::ActionKind::Redo(_, amount) | ast::ActionKind::Fix(_, amount) => self.raise(*amount, "bound"),
                ast::ActionKind::Retry(Some(amount)) => self.raise(*amount, "bound"),
                ast::ActionKind::Ask(ask) => self.ask(ask),
                _ => {}
            }
        }
    }

    fn raise(&mut self, amount: ast::Amount, what: &str) {
        let written = self.slice(amount.span);
        let Some(number) = written.parse::<i64>().ok().filter(|_| amount.is_number) else { return };
        let Some(more) = number.checked_mul(10).filter(|more| *more != number) else { return };
        let notice = match self.calls {
            0 => "no agent is called under it, and no claim counts anything else".to_string(),
            calls => format!("where it bounds calls of agents, write a test with `expect count calls <= {calls}`"),
        };
        let edits = vec![Edit { span: amount.span, text: more.to_string() }];
        self.add(Kind::BoundRaised, amount.span, format!("{what} raised from {number} to {more}"), notice, edits);
    }
}

/// A test of what comes of a gate.
fn leads(gate: &str) -> String {
    format!("write tests with `expect {gate} -> …` for the facts on both sides")
}
