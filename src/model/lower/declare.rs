//! The first pass: every name is declared, whatever its order.

use super::*;
use crate::model::names::DUPLICATE_NAME;

impl<'s> Lowering<'_, 's> {
    pub(super) fn declare(&mut self, items: &[Statement]) {
        let root = NodeId::new(0);
        // They are most of a model: a vector that grows is half empty, and there twice while it does.
        self.model.nodes.reserve_exact(1 + items::nodes_in(items));
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

    pub(super) fn add_name(&mut self, kind: Kind, name: Named<'s>, index: usize) {
        if let Err(diagnostic) = self.names.declare(kind, name, index) {
            self.report(*diagnostic);
            self.model.suspects.insert(name.name);
        }
    }

    pub(super) fn add_value(&mut self, name: Named<'s>, id: ValueId) {
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
                        &DUPLICATE_NAME,
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
                Diagnostic::new(&DUPLICATE_NAME, second, format!("two files are used as `{alias}`"))
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
    pub(super) fn once(&mut self, seen: &mut Seen, word: &'static str, span: Span) -> bool {
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == word) {
            let first = *first;
            self.report(repeated(Named { name: word, span }, first));
            return false;
        }
        seen.push((word, span));
        true
    }
}
