//! The tree to the model, in two passes: first every name is declared, then everything that uses names is resolved.

mod cast;
mod claims;
mod declare;
mod flow;
mod gate;
mod items;
mod numbers;
mod outcomes;
mod types;
mod work;

pub use flow::{CODES as FLOW_CODES, UNBOUNDED_LOOP};
pub use gate::CODES as GATE_CODES;
pub use outcomes::CODES as OUTCOME_CODES;
pub use work::CODES as WORK_CODES;

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
        self.settle_deciders();
        self.model.suspects.extend(self.unread.iter());
        (self.model, self.diagnostics)
    }

    /// A fact is settled by the innermost item that says so: what stands around it only completes when it is there. One that
    /// settles it in a way of its own stays, and is one too many.
    fn settle_deciders(&mut self) {
        let nodes = &self.model.nodes;
        let is_around = |outer: &Decider<'_>, inner: &Decider<'_>| {
            outer.node < inner.node && inner.node < nodes[outer.node.index()].end
        };
        for fact in self.model.facts.iter_mut().filter(|fact| fact.deciders.len() > 1) {
            let all = fact.deciders.clone();
            fact.deciders.retain(|outer| {
                outer.run.is_some() || outer.confirmed || !all.iter().any(|inner| is_around(outer, inner))
            });
        }
    }

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

    fn scoped(&mut self, condition: Option<&ast::Condition>, scope: condition::Scope) -> Option<Box<Condition>> {
        condition.map(|condition| Box::new(self.condition(condition, scope)))
    }

    fn when(&mut self, condition: Option<&ast::Condition>) -> Option<Box<Condition>> {
        self.scoped(condition, condition::Scope::Flow)
    }

    fn value(&mut self, literal: ast::Literal) -> Option<Value<'s>> {
        Some(match literal {
            ast::Literal::Number(span) => Value::Number(self.number(span)?),
            ast::Literal::Text(span) => Value::Text(self.text(span, NodeId::new(0))),
            ast::Literal::Name(span) => Value::Name(self.named(span)),
        })
    }

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
