//! The tree to the model, in two passes: first every name is declared, then everything that uses names is resolved.

mod cast;
mod claims;
mod flow;
mod gate;

pub use flow::{CODES as FLOW_CODES, UNBOUNDED_LOOP};
pub use gate::CODES as GATE_CODES;

use std::collections::HashSet;

use smallvec::SmallVec;
use thin_vec::ThinVec;

use super::details::{Details, Slot};
use super::names::{Expected, Kind, Names, Words, words};
use super::placement::{Body, keyword, misplaced, repeated};
use super::units::Quantity;
use super::*;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{self, Entry, ListWord, Statement};

codes! {
    BAD_NUMBER: "WF007" "bad-number" Error = "A number cannot be read, or cannot stand here.",
        "Units are `s`, `m`, `h`, `d` for times, `k` for thousands and `%`; a bound is a whole number from 1.",
        bad: "workflow w\n\nphase a {\n  budget runtime 30x\n}\n",
        good: "workflow w\n\nphase a {\n  budget runtime 30m\n}\n";
}

/// The statements and modifiers of a body that may stand there once, each with the first one.
type Seen = SmallVec<[(&'static str, Span); 4]>;

/// Which thing of the shared namespace a name is.
#[derive(Debug, Clone, Copy)]
pub enum ValueId {
    Fact(FactId),
    Let(LetId),
    Limit(LimitId),
}

/// Makes the model of a file, and says what could not be resolved. The tree is used up, item by item: it and the model
/// are never whole at the same time.
pub fn lower<'s>(mut file: ast::File<'s>, registry: Registry<'s>) -> (Model<'s>, Vec<Diagnostic>) {
    let items = std::mem::take(&mut file.items);
    let mut lowering = Lowering::new(&file);
    lowering.model.registry = registry;
    lowering.declare(&items);
    lowering.resolve(items);
    lowering.finish()
}

pub struct Lowering<'a, 's> {
    /// Without its items.
    pub(super) file: &'a ast::File<'s>,
    pub(super) model: Model<'s>,
    pub(super) names: Names<'a, 's>,
    pub(super) values: Vec<ValueId>,
    diagnostics: Vec<Diagnostic>,
    /// Words of pieces that were not read, and of statements that were refused: whatever they declare is unknown.
    unread: Words<'s>,
    /// Kinds of which an unknown name was met that is near to none.
    doubted: Vec<Kind>,
    /// The answers of gates, in order.
    answers: Vec<(NodeId, FactId)>,
    /// While the arms of a `revises` are read: the fact, so that a value alone stands for a comparison with it.
    pub(super) arm_fact: Option<(FactId, super::Type)>,
}

impl<'a, 's> Lowering<'a, 's> {
    fn new(file: &'a ast::File<'s>) -> Self {
        let mut unread = Words::default();
        unread.unlimited = file.incomplete;
        unread.extend(file.unread.iter().flat_map(|span| words(file.slice(*span))));
        Lowering {
            file,
            model: Model {
                file: file.id,
                source: file.text,
                bases: file.bases.clone(),
                layers: file.layers.iter().map(|(file, layer)| (file, layer.text)).collect(),
                header: None,
                enums: Vec::new(),
                facts: Vec::new(),
                lets: Vec::new(),
                limits: Vec::new(),
                artifacts: Vec::new(),
                registry: Registry::default(),
                agents: Vec::new(),
                everyone: Cast::default(),
                skills: Vec::new(),
                procedures: Vec::new(),
                nodes: Vec::new(),
                details: Details::default(),
                numbers: Vec::new(),
                skips: Vec::new(),
                output: None,
                requires_skills: Vec::new(),
                pairs: Vec::new(),
                counters: Vec::new(),
                context: None,
                escalation: None,
                abort: None,
                routes: Vec::new(),
                scores: Vec::new(),
                tests: Vec::new(),
                properties: Vec::new(),
                document: None,
                prose: Vec::new(),
                targets: Default::default(),
                suspects: HashSet::new(),
            },
            names: Names::new(&file.layers),
            values: Vec::new(),
            diagnostics: Vec::new(),
            unread,
            doubted: Vec::new(),
            answers: Vec::new(),
            arm_fact: None,
        }
    }

    fn finish(mut self) -> (Model<'s>, Vec<Diagnostic>) {
        self.resolve_prose();
        self.model.suspects.extend(self.unread.iter());
        (self.model, self.diagnostics)
    }

    // ── Helpers for all passes ───────────────────────────────────────────────────────────────────

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn slice(&self, span: Span) -> &'s str {
        self.file.slice(span)
    }

    pub(super) fn named(&self, span: Span) -> Named<'s> {
        Named { name: self.slice(span), span }
    }

    /// A text, remembered for the check of its references.
    pub(super) fn text(&mut self, span: Span, at: NodeId) -> Text<'s> {
        let text = Text { raw: self.slice(span), span };
        if text::refers(text.raw) {
            self.model.prose.push((text, at));
        }
        text
    }

    fn overridable(&mut self, span: Span, risk: Option<Span>, at: NodeId) -> Box<Overridable<'s>> {
        Box::new(Overridable { span, risk: self.optional_text(risk, at) })
    }

    fn optional_text(&mut self, span: Option<Span>, at: NodeId) -> Option<Text<'s>> {
        span.map(|span| self.text(span, at))
    }

    /// The texts of a list; names in it are taken as they are written.
    fn texts(&mut self, entries: &[Entry], at: NodeId) -> Vec<Text<'s>> {
        self.each_text(entries, at).collect()
    }

    fn each_text(&mut self, entries: &[Entry], at: NodeId) -> impl ExactSizeIterator<Item = Text<'s>> {
        entries.iter().map(move |entry| self.text(entry.span, at))
    }

    fn names_of(&self, entries: &[Entry]) -> Vec<Named<'s>> {
        entries.iter().map(|entry| self.named(entry.span)).collect()
    }

    fn skill_names(&mut self, entries: &[Entry], at: NodeId) -> Vec<SkillName<'s>> {
        entries.iter().map(|entry| self.skill_name(entry.span, at)).collect()
    }

    fn skill_name(&mut self, span: Span, at: NodeId) -> SkillName<'s> {
        let text = self.text(span, at);
        SkillName { raw: text.raw, span }
    }

    pub(super) fn unknown(&mut self, kinds: &[Kind], name: Named<'s>) {
        self.unknown_as(kinds, name, None);
    }

    /// Reports a name that is none of `kinds`; of the shared namespace, `only` says what is expected at this place.
    pub(super) fn unknown_as(&mut self, kinds: &[Kind], name: Named<'s>, only: Option<Expected>) {
        if let Some((mut diagnostic, near)) = self.names.unknown(kinds, name, &self.unread, only) {
            if let Some(dropped) = self.file.dropped.iter().find(|dropped| self.slice(**dropped) == name.name) {
                diagnostic = diagnostic.related(*dropped, "dropped here");
            }
            self.report(diagnostic);
            // The name that was probably meant is used, and so is the one of another kind. When nothing is near, any name
            // of the kind may have been meant.
            self.model.suspects.insert(name.name);
            match near {
                Some(near) => {
                    self.model.suspects.insert(near);
                }
                None => {
                    for kind in kinds.iter().filter(|kind| !self.doubted.contains(kind)).copied().collect::<Vec<_>>() {
                        self.doubted.push(kind);
                        self.model.suspects.extend(self.names.of_kind(kind, name.span.file));
                    }
                }
            }
        }
    }

    /// Reports a statement or modifier that has no meaning where it stands; what it says counts as unread.
    pub(super) fn refuse(&mut self, diagnostic: Diagnostic, span: Span) {
        self.report(diagnostic);
        self.unread.extend(words(self.file.slice(span)));
    }

    pub(super) fn is_unread(&self, name: &str) -> bool {
        self.unread.contains(name) || (name.contains('.') && name.split('.').any(|part| self.unread.contains(part)))
    }

    /// The id of a declared name, or a finding.
    fn lookup(&mut self, kind: Kind, name: Named<'s>) -> Option<usize> {
        let found = self.names.get(kind, name);
        if found.is_none() {
            self.unknown(&[kind], name);
        }
        found.map(|declared| declared.index)
    }

    pub(super) fn fact_id(&self, name: Named<'_>) -> Option<FactId> {
        let declared = self.names.get(Kind::Value, name)?;
        match self.values[declared.index] {
            ValueId::Fact(id) => Some(id),
            _ => None,
        }
    }

    /// The node of a name that may be of several kinds: the first kind that has it.
    pub(super) fn node_named(&mut self, kinds: &[Kind], name: Named<'s>) -> Option<NodeId> {
        let found = kinds.iter().find_map(|kind| self.names.get(*kind, name));
        if found.is_none() {
            self.unknown(kinds, name);
        }
        found.map(|declared| NodeId::new(declared.index))
    }

    fn artifact(&mut self, name: Named<'s>) -> Option<ArtifactId> {
        self.lookup(Kind::Artifact, name).map(ArtifactId::new)
    }

    /// The agent of a name. Without a registry an undeclared name is taken as it is.
    fn agent(&mut self, name: Named<'s>) -> AgentId {
        // Whoever is not declared where it is named has this name in the outside world, and there it is the same everywhere.
        let elsewhere = || (0..self.model.agents.len()).find(|index| self.model.agents[*index].name.name == name.name);
        let id = match self.names.get(Kind::Agent, name).map(|declared| declared.index).or_else(elsewhere) {
            Some(index) => AgentId::new(index),
            None => {
                // What stands in another file is declared there.
                let is_qualified = name.name.contains('.');
                if is_qualified {
                    self.unknown(&[Kind::Agent], name);
                }
                let id = AgentId::new(self.model.agents.len());
                self.model.agents.push(Agent {
                    name,
                    fills: Vec::new(),
                    description: None,
                    declared: false,
                    cast: Cast::default(),
                    used: false,
                });
                if !is_qualified {
                    let _ = self.names.declare(Kind::Agent, name, id.index());
                }
                id
            }
        };
        self.model.agents[id.index()].used = true;
        id
    }

    pub(super) fn number(&mut self, span: Span) -> Option<Quantity> {
        match Quantity::read(self.slice(span)) {
            Ok(quantity) => Some(quantity),
            Err(reason) => {
                let shown = self.slice(span);
                self.report(
                    Diagnostic::new(&BAD_NUMBER, span, format!("`{shown}` is no number: {reason}"))
                        .label("cannot be read")
                        .help("units are `s`, `m`, `h` and `d` for times, `k` for thousands, and `%`"),
                );
                None
            }
        }
    }

    /// A number without a unit other than `k`.
    fn plain(&mut self, span: Span) -> Option<Quantity> {
        let quantity = self.number(span)?;
        if quantity.unit != Unit::None {
            let shown = self.slice(span);
            self.report(
                Diagnostic::new(&BAD_NUMBER, span, format!("`{shown}` has a unit that cannot stand here"))
                    .label("a plain number is expected")
                    .help("leave the unit out"),
            );
            return None;
        }
        Some(quantity)
    }

    /// A whole number without a unit other than `k`.
    fn whole(&mut self, span: Span) -> Option<i64> {
        let quantity = self.plain(span)?;
        let whole = quantity.whole();
        if whole.is_none() {
            let shown = self.slice(span);
            self.report(
                Diagnostic::new(&BAD_NUMBER, span, format!("`{shown}` is not a whole number"))
                    .label("a whole number is expected"),
            );
        }
        whole
    }

    fn amount(&mut self, amount: ast::Amount) -> Option<Amount<'s>> {
        let name = self.named(amount.span);
        if amount.is_number {
            return self.number(amount.span).map(|quantity| Amount { quantity, name: None, span: amount.span });
        }
        self.amount_named(name).map(|quantity| Amount { quantity, name: Some(name.name), span: amount.span })
    }

    /// A bound of tries: a whole number from 1.
    fn bound(&mut self, amount: ast::Amount) -> Option<Amount<'s>> {
        let bound = self.amount(amount)?;
        let whole = bound.quantity.whole().filter(|_| bound.quantity.unit == Unit::None);
        if whole.is_some_and(|number| number >= 1) {
            return Some(bound);
        }
        let shown = self.slice(amount.span);
        self.report(
            Diagnostic::new(&BAD_NUMBER, amount.span, format!("`at most {shown}` bounds nothing"))
                .label("a whole number from 1 is expected"),
        );
        None
    }

    fn scoped(&mut self, condition: Option<&ast::Condition>, scope: condition::Scope) -> Option<Box<Condition>> {
        condition.map(|condition| Box::new(self.condition(condition, scope)))
    }

    fn when(&mut self, condition: Option<&ast::Condition>) -> Option<Box<Condition>> {
        self.scoped(condition, condition::Scope::Flow)
    }

    // ── First pass: names ────────────────────────────────────────────────────────────────────────

    fn declare(&mut self, items: &[Statement]) {
        let root = NodeId::new(0);
        // They are most of a model: a vector that grows is half empty, and there twice while it does.
        self.model.nodes.reserve_exact(1 + flow::nodes_in(items));
        self.model.nodes.push(Node {
            kind: NodeKind::Workflow,
            parent: root,
            end: root,
            name: Named { name: "", span: Span::new(self.file.id, 0, 0) },
            title: None,
            span: Span::new(self.file.id, 0, self.file.text.len()),
            when: None,
            modifiers: None,
            docs: ThinVec::new(),
            detail: Slot::None,
        });
        for item in items {
            self.declare_item(item);
        }
        self.model.nodes[0].end = NodeId::new(self.model.nodes.len());
        self.model.artifacts.shrink_to_fit();
        self.model.count();
        self.check_singletons(items);
        self.check_aliases();
    }

    fn add_name(&mut self, kind: Kind, name: Named<'s>, index: usize) {
        if let Err(diagnostic) = self.names.declare(kind, name, index) {
            self.report(*diagnostic);
            self.model.suspects.insert(name.name);
        }
    }

    fn add_value(&mut self, name: Named<'s>, id: ValueId) {
        self.values.push(id);
        self.names.add_value_word(match id {
            ValueId::Let(_) => "let",
            ValueId::Limit(_) => "limit",
            ValueId::Fact(fact) => match self.model.facts[fact.index()].kind {
                FactKind::Input { .. } => "input",
                FactKind::Declared => "fact",
                FactKind::Answer(_) => "gate",
            },
        });
        self.add_name(Kind::Value, name, self.values.len() - 1);
    }

    fn declare_item(&mut self, item: &Statement) {
        if let Some(diagnostic) = misplaced(&item.kind, item.span, Body::File) {
            return self.refuse(diagnostic, item.span);
        }
        match &item.kind {
            ast::Kind::Workflow(workflow) => self.declare_workflow(workflow),
            ast::Kind::Enum(item) => self.declare_enum(item),
            ast::Kind::Fact(fact) => self.declare_facts(fact),
            ast::Kind::Let(bound) => {
                let (name, value) = (self.named(bound.name), bound.value);
                let id = LetId::new(self.model.lets.len());
                if let ast::Literal::Name(span) = value {
                    self.report(
                        Diagnostic::new(&condition::TYPE_MISMATCH, span, "a constant is a number or a text")
                            .label("a name is neither")
                            .help("write the number, or the text in quotes"),
                    );
                    self.unread.extend([name.name, self.file.slice(span)]);
                } else if let Some(value) = self.value(value) {
                    self.model.lets.push(Let { name, value, used: false });
                    self.add_value(name, ValueId::Let(id));
                } else {
                    self.unread.extend([name.name]);
                }
            }
            ast::Kind::Limit(limit) => {
                let name = self.named(limit.name);
                let id = LimitId::new(self.model.limits.len());
                let key = (!limit.value.is_number).then(|| self.named(limit.value.span));
                let number = if limit.value.is_number { Some(limit.value.span) } else { limit.fallback };
                let written = number.and_then(|span| self.whole(span));
                let known = key.and_then(|key| self.model.registry.limit(key.name)?.value);
                let value = known.or(written);
                self.model.limits.push(Limit { name, key, value, used: false });
                self.add_value(name, ValueId::Limit(id));
            }
            ast::Kind::Agent(agent) => {
                if let Some(name) = agent.name {
                    let name = self.named(name);
                    let id = self.model.agents.len();
                    let description = agent.description.map(|span| Text { raw: self.slice(span), span });
                    let cast = Cast::default();
                    let fills = agent.fills.iter().map(|entry| self.slice(entry.span)).collect();
                    self.model.agents.push(Agent { name, fills, description, declared: true, cast, used: false });
                    self.add_name(Kind::Agent, name, id);
                }
            }
            ast::Kind::Procedure(procedure) => {
                let name = self.named(procedure.name);
                let id = self.model.procedures.len();
                self.model.procedures.push(Procedure {
                    name,
                    title: procedure.title.map(|span| Text { raw: self.slice(span), span }),
                    parameters: procedure.parameters.iter().map(|span| self.named(*span)).collect(),
                    items: Vec::new(),
                    overridable: None,
                    texts: Vec::new(),
                    used: false,
                });
                self.add_name(Kind::Procedure, name, id);
            }
            ast::Kind::Node(node) => self.declare_node(item.span, node, NodeId::new(0), Body::File),
            _ => {}
        }
    }

    fn declare_workflow(&mut self, workflow: &ast::Workflow) {
        if self.model.header.is_some() {
            return;
        }
        let name = self.named(workflow.name);
        let title = self.optional_text(workflow.title, NodeId::new(0));
        let docs = self
            .file
            .comments
            .iter()
            .map(|comment| self.slice(comment.span))
            .filter_map(|text| text.strip_prefix("//!"))
            .map(|text| text.strip_prefix(' ').unwrap_or(text))
            .collect();
        self.model.nodes[0].name = name;
        self.model.nodes[0].title = title;
        self.model.header = Some(Header { name, title, docs });
    }

    fn declare_enum(&mut self, item: &ast::Enum) {
        let name = self.named(item.name);
        if let Some(mixed) = item.mixed {
            let mixed_text = self.slice(mixed);
            let other = if item.ordered { "<" } else { "|" };
            self.report(
                Diagnostic::new(
                    &crate::syntax::SYNTAX_ERROR,
                    mixed,
                    format!("`{mixed_text}` after `{other}` in one enum"),
                )
                .label("the values are ordered or they are not")
                .help("write `<` between all values, or `|` between all")
                .fix(format!("write `{other}`"), mixed, other),
            );
        }
        let mut values: Vec<(Named<'s>, Option<Text<'s>>)> = Vec::with_capacity(item.values.len());
        for (value, label) in &item.values {
            let value = self.named(*value);
            if let Some((first, _)) = values.iter().find(|(first, _)| first.name == value.name) {
                self.report(
                    Diagnostic::new(
                        &super::names::DUPLICATE_NAME,
                        value.span,
                        format!("`{}` is a value of `{}` twice", value.name, name.name),
                    )
                    .label("named again here")
                    .related(first.span, "first named here")
                    .help("remove one of the two"),
                );
                continue;
            }
            let label = label.map(|span| self.text(span, NodeId::new(0)));
            values.push((value, label));
        }
        let id = self.model.enums.len();
        self.model.enums.push(Enum { name, ordered: item.ordered, of_gate: None, values });
        self.add_name(Kind::Enum, name, id);
    }

    fn declare_facts(&mut self, fact: &ast::Fact) {
        for entry in &fact.names {
            let name = self.named(entry.span);
            let kind = if fact.is_input { FactKind::Input { default: None } } else { FactKind::Declared };
            let id = FactId::new(self.model.facts.len());
            self.model.facts.push(Fact {
                name,
                of: super::Type::Unknown,
                kind,
                deciders: Vec::new(),
                revisers: Vec::new(),
                read: false,
                open: matches!(fact.of, ast::Type::Open),
            });
            self.add_value(name, ValueId::Fact(id));
        }
    }

    fn value(&mut self, literal: ast::Literal) -> Option<Value<'s>> {
        Some(match literal {
            ast::Literal::Number(span) => Value::Number(self.number(span)?),
            ast::Literal::Text(span) => Value::Text(self.text(span, NodeId::new(0))),
            ast::Literal::Name(span) => Value::Name(self.named(span)),
        })
    }

    /// Files are told apart by the names they are used behind.
    fn check_aliases(&mut self) {
        let (file, mut twice) = (self.file, Vec::new());
        for (_, layer) in file.layers.iter() {
            for (index, (alias, _)) in layer.aliases.iter().enumerate() {
                let first = layer.aliases[..index].iter().find(|(first, _)| first == alias);
                twice.extend(first.map(|(first, _)| (*alias, self.model.place_of(alias), self.model.place_of(first))));
            }
        }
        for (alias, second, first) in twice {
            self.report(
                Diagnostic::new(&super::names::DUPLICATE_NAME, second, format!("two files are used as `{alias}`"))
                    .label("the second")
                    .related(first, "the first")
                    .help("give one of the two another name"),
            );
        }
    }

    /// Items of which a file has one.
    fn check_singletons(&mut self, items: &[Statement]) {
        let mut seen = Seen::new();
        for item in items {
            let single = matches!(
                item.kind,
                ast::Kind::Workflow(_)
                    | ast::Kind::Context(_)
                    | ast::Kind::Escalation(_)
                    | ast::Kind::Abort(_)
                    | ast::Kind::Document(_)
            ) || matches!(&item.kind, ast::Kind::Text(text) if text.word == ast::TextWord::Output);
            if single {
                self.once(&mut seen, keyword(&item.kind), item.span);
            }
        }
    }

    /// Reports the second statement of a kind that may stand once in a body.
    fn once(&mut self, seen: &mut Seen, word: &'static str, span: Span) -> bool {
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == word) {
            let first = *first;
            self.report(repeated(Named { name: word, span }, first));
            return false;
        }
        seen.push((word, span));
        true
    }

    // ── Second pass: everything that uses names ──────────────────────────────────────────────────

    fn resolve(&mut self, items: ThinVec<Statement>) {
        self.resolve_types(&items);
        let root = NodeId::new(0);
        for item in &items {
            if super::placement::places(&item.kind).contains(&Body::File) {
                self.resolve_item(item, root);
            }
        }
        // Claims come last: they may name agents that are only spawned.
        let (claims, flow): (Vec<_>, Vec<_>) = items
            .into_iter()
            .filter(|item| item.kind.is_claim() || matches!(item.kind, ast::Kind::Node(_)))
            .partition(|item| item.kind.is_claim());
        self.resolve_members(root, flow);
        for item in &claims {
            match &item.kind {
                ast::Kind::Test(test) => self.resolve_test(test, item.span),
                ast::Kind::Property(property) => self.resolve_property(property, item.span),
                _ => {}
            }
        }
    }

    /// Types and defaults, before any condition is read.
    fn resolve_types(&mut self, items: &[Statement]) {
        // The answers of gates stand among the declared facts.
        let declared = |fact: &super::Fact<'_>| !matches!(fact.kind, FactKind::Answer(_));
        let mut declared: std::collections::VecDeque<usize> =
            (0..self.model.facts.len()).filter(|index| declared(&self.model.facts[*index])).collect();
        for item in items {
            let ast::Kind::Fact(fact) = &item.kind else { continue };
            let of = self.type_of(fact.of);
            for entry in &fact.names {
                let Some(index) = declared.pop_front() else { return };
                self.model.facts[index].of = of;
                if of == super::Type::Text && !fact.is_input {
                    self.report(
                        Diagnostic::new(&condition::TYPE_MISMATCH, entry.span, "a fact cannot be a text")
                            .label("only inputs can")
                            .help("declare an `enum`, an `int` or a `bool`, or make it an `input`"),
                    );
                }
                if let Some(literal) = fact.default {
                    self.default(index, literal, entry.span);
                }
            }
        }
    }

    fn default(&mut self, index: usize, literal: ast::Literal, name: Span) {
        let of = self.model.facts[index].of;
        let value = self.value(literal);
        let fits = match (&value, of) {
            (Some(Value::Text(_)), super::Type::Text) | (_, super::Type::Unknown) => true,
            (Some(Value::Text(_)), _) | (_, super::Type::Text) | (None, _) => false,
            (Some(_), _) => {
                let kind = if matches!(literal, ast::Literal::Number(_)) {
                    ast::OperandKind::Number
                } else {
                    ast::OperandKind::Path
                };
                let literal = ast::Operand { span: literal.span(), kind };
                let fact = ast::Operand { span: name, kind: ast::OperandKind::Path };
                self.literal_of(&literal, of, &fact);
                true
            }
        };
        if !fits && value.is_some() {
            self.report(
                Diagnostic::new(&condition::TYPE_MISMATCH, literal.span(), "the default does not fit the type")
                    .label("a value of the declared type is expected")
                    .related(name, "of this input"),
            );
        }
        if let FactKind::Input { default } = &mut self.model.facts[index].kind {
            *default = value;
        }
    }

    fn type_of(&mut self, of: ast::Type) -> super::Type {
        match of {
            ast::Type::Open => super::Type::Text,
            ast::Type::Int(low, high) => {
                let (Some(a), Some(b)) = (self.whole(low), self.whole(high)) else { return super::Type::Unknown };
                if a > b {
                    self.report(
                        Diagnostic::new(&BAD_NUMBER, low.to(high), format!("`{a}..{b}` holds no number"))
                            .label("the first is the smaller one"),
                    );
                    return super::Type::Unknown;
                }
                super::Type::Int(a, b)
            }
            ast::Type::Named(span) => match self.slice(span) {
                "bool" => super::Type::Bool,
                "text" => super::Type::Text,
                _ => {
                    let name = self.named(span);
                    match self.names.get(Kind::Enum, name) {
                        Some(declared) => super::Type::Enum(EnumId::new(declared.index)),
                        None => {
                            self.unknown_type(name);
                            super::Type::Unknown
                        }
                    }
                }
            },
        }
    }

    fn unknown_type(&mut self, name: Named<'s>) {
        if self.is_unread(name.name) {
            return;
        }
        let known: Vec<&str> =
            ["bool", "text", "int"].into_iter().chain(self.names.of_kind(Kind::Enum, name.span.file)).collect();
        let mut diagnostic =
            Diagnostic::new(&super::names::UNKNOWN_NAME, name.span, format!("unknown type `{}`", name.name))
                .label("`bool`, `text`, `int A..B` or an enum is expected here");
        let familiar = match name.name {
            "boolean" | "Boolean" | "flag" => Some("bool"),
            "string" | "String" | "str" => Some("text"),
            _ => None,
        };
        diagnostic = match familiar.or_else(|| crate::diagnostic::nearest(name.name, known)) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help(format!("declare it: `enum {} {{ … }}`", name.name)),
        };
        self.report(diagnostic);
    }
}

/// Doc lines `///` that stand directly above `at`.
fn docs_above<'s>(file: &ast::File<'s>, at: Span) -> ThinVec<&'s str> {
    let (start, comments) = (at.start, file.comments_of(at.file));
    let end = comments.partition_point(|comment| comment.span.start < start);
    let mut docs = ThinVec::new();
    let mut next = start as usize;
    for comment in comments[..end].iter().rev() {
        let doc = file.slice(comment.span).strip_prefix("///").filter(|_| comment.alone);
        let Some(text) = doc else { break };
        if !adjoins(&file.text_of(at.file)[comment.span.end as usize..next]) {
            break;
        }
        docs.push(text.strip_prefix(' ').unwrap_or(text));
        next = comment.span.start as usize;
    }
    docs.reverse();
    docs
}

/// Blanks and at most one line end; looks no further than it must, for the comment before may be far away.
fn adjoins(between: &str) -> bool {
    let mut breaks = 0;
    between.bytes().all(|byte| {
        breaks += usize::from(byte == b'\n');
        breaks <= 1 && byte.is_ascii_whitespace()
    })
}
