//! The first pass over the flow: its items, and the names that they bring.

use super::flow::{modifier_word, modifiers_of};
use super::*;
use crate::syntax::ast::{Kind as Written, NodeKind as WrittenKind};

impl<'s> Lowering<'_, 's> {
    pub(super) fn declare_node(&mut self, span: Span, node: &ast::Node, parent: NodeId, body: Body) {
        let id = NodeId::new(self.model.nodes.len());
        let kind = match node.kind {
            WrittenKind::Phase => NodeKind::Phase,
            WrittenKind::Stage => NodeKind::Stage,
            WrittenKind::Gate => NodeKind::Gate,
            WrittenKind::Loop => NodeKind::Loop,
            WrittenKind::Parallel => NodeKind::Parallel,
            WrittenKind::Each => NodeKind::Each,
            WrittenKind::Spawn => NodeKind::Spawn,
        };
        let name = match node.name {
            Some(name) => self.named(name),
            None => Named { name: "", span: Span { end: span.start + "parallel".len() as u32, ..span } },
        };
        self.model.nodes.push(Node {
            kind,
            parent,
            end: id,
            name,
            title: node.title.map(|span| Text { raw: self.slice(span), span }),
            span,
            when: None,
            modifiers: None,
            docs: docs_above(self.file, span),
            detail: Slot::None,
        });
        // In the first pass: what a refused modifier says is unread, wherever it is said.
        for modifier in &node.modifiers {
            self.modifier_fits(kind.word(), modifiers_of(kind), modifier_word(&modifier.kind), modifier.span);
        }
        let namespace = match kind {
            NodeKind::Phase => Some(Kind::Phase),
            NodeKind::Stage => Some(Kind::Stage),
            NodeKind::Gate => Some(Kind::Gate),
            NodeKind::Loop => Some(Kind::Loop),
            _ => None,
        };
        if let Some(namespace) = namespace {
            self.add_name(namespace, name, id.index());
        }
        let inside = match kind {
            NodeKind::Phase => Body::Phase,
            NodeKind::Stage => Body::Stage,
            NodeKind::Gate => Body::Gate,
            NodeKind::Loop => Body::Loop,
            NodeKind::Each => Body::Each,
            NodeKind::Spawn => Body::Spawn,
            _ if matches!(body, Body::File | Body::Loop | Body::Side) => Body::Side,
            _ => Body::Together,
        };
        for statement in &node.body {
            self.declare_statement(statement, id, inside);
        }
        self.model.nodes[id.index()].end = NodeId::new(self.model.nodes.len());
    }

    fn declare_statement(&mut self, statement: &Statement, id: NodeId, body: Body) {
        let is_gate = matches!(&statement.kind, Written::Node(node) if node.kind == WrittenKind::Gate);
        if is_gate && matches!(body, Body::Side | Body::Together) {
            let span = Span { end: statement.span.start + 4, ..statement.span };
            let diagnostic =
                Diagnostic::new(&gate::GATE_IN_ONE_BRANCH, span, "a gate cannot be a member of a `parallel`")
                    .label("it would hold back nobody")
                    .help("put it after the block, where it waits for all members, or inside one member");
            return self.refuse(diagnostic, statement.span);
        }
        if let Some(diagnostic) = misplaced(&statement.kind, statement.span, body) {
            return self.refuse(diagnostic, statement.span);
        }
        match &statement.kind {
            Written::Node(node) => self.declare_node(statement.span, node, id, body),
            Written::Item(item) if matches!(body, Body::Phase | Body::Stage | Body::Each) => {
                let step = NodeId::new(self.model.nodes.len());
                let name = self.named(item.name);
                let title = item.title.map(|span| Text { raw: self.slice(span), span });
                self.model.nodes.push(Node {
                    kind: NodeKind::Step,
                    parent: id,
                    end: NodeId::new(step.index() + 1),
                    name,
                    title,
                    span: statement.span,
                    when: None,
                    modifiers: None,
                    docs: ThinVec::new(),
                    detail: Slot::None,
                });
            }
            Written::Produces(all) => {
                for produced in all {
                    self.declare_artifact(produced, id);
                }
            }
            Written::Ask(ask) if body == Body::Gate && !ask.options.is_empty() => self.declare_answer(ask, id),
            _ => {}
        }
    }

    fn declare_artifact(&mut self, produced: &ast::Produced, producer: NodeId) {
        let what = self.named(produced.what);
        let name = if produced.is_text { Named { name: stem(what.name), span: what.span } } else { what };
        let path = match (produced.is_text, produced.stored_as) {
            (true, _) => Some(self.text(produced.what, producer)),
            (false, Some(path)) => Some(self.text(path, producer)),
            (false, None) => None,
        };
        let sections: Vec<Text<'s>> = produced
            .body
            .iter()
            .filter_map(|statement| match &statement.kind {
                Written::List(ListWord::Sections, entries) => Some(entries),
                _ => None,
            })
            .flatten()
            .map(|entry| Text { raw: self.slice(entry.span), span: entry.span })
            .collect();
        for statement in &produced.body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Artifact) {
                self.refuse(diagnostic, statement.span);
            }
        }
        if let Some(declared) = self.names.get(Kind::Artifact, name) {
            let artifact = &mut self.model.artifacts[declared.index];
            artifact.producers.push(producer);
            artifact.produced_at.push(name.span);
            artifact.sections.extend(sections);
            let file = artifact.file();
            if let Some(path) = path.filter(|path| path.content() != file) {
                let first = artifact.name;
                self.report(
                    Diagnostic::new(
                        &super::super::names::DUPLICATE_NAME,
                        path.span,
                        format!("`{}` cannot name two files", first.name),
                    )
                    .label("another file under the same name")
                    .related(first.span, format!("`{file}`"))
                    .help("give one of the two another name: `produces NAME as \"path\"`"),
                );
            }
            return;
        }
        let id = self.model.artifacts.len();
        let produced_at = vec![name.span];
        self.model.artifacts.push(Artifact {
            name,
            path,
            producers: vec![producer],
            produced_at,
            sections,
            read: false,
        });
        self.add_name(Kind::Artifact, name, id);
    }

    /// The answer of a gate is an enum fact of the gate's name.
    fn declare_answer(&mut self, ask: &ast::Ask, gate: NodeId) {
        if self.answers.last().is_some_and(|(known, _)| *known == gate) {
            return;
        }
        let name = self.model.nodes[gate.index()].name;
        let mut values: Vec<(Named<'s>, Option<Text<'s>>)> = Vec::new();
        for option in &ask.options {
            let value = self.named(option.name);
            if values.iter().any(|(other, _)| other.name == value.name) {
                continue;
            }
            values.push((value, option.label.map(|span| Text { raw: self.slice(span), span })));
        }
        let of = EnumId::new(self.model.enums.len());
        self.model.enums.push(Enum { name, ordered: false, of_gate: Some(gate), values });
        let fact = FactId::new(self.model.facts.len());
        self.model.facts.push(Fact {
            name,
            of: super::super::Type::Enum(of),
            kind: FactKind::Answer(gate),
            deciders: vec![Decider { node: gate, span: name.span, confirmed: true, run: None }],
            revisers: Vec::new(),
            read: false,
            open: false,
        });
        self.answers.push((gate, fact));
        self.add_value(name, ValueId::Fact(fact));
    }
}

/// How many nodes the statements become, at most.
pub(super) fn nodes_in(statements: &[Statement]) -> usize {
    let count = |statement: &Statement| match &statement.kind {
        Written::Node(node) => 1 + nodes_in(&node.body),
        Written::Item(_) => 1,
        _ => 0,
    };
    statements.iter().map(count).sum()
}

/// The name of an artifact that is given as a path: its file without the ending; of a file that is all placeholder,
/// the folder around it.
pub(super) fn stem(raw: &str) -> &str {
    let path = raw.trim_matches('"');
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    if stem.contains("${") || stem.is_empty() {
        return parts.find(|part| !part.contains("${") && !part.is_empty()).unwrap_or(path);
    }
    stem
}
