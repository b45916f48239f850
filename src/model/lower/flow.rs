//! Phases, stages, loops, `parallel`, `each` and spawns.

use std::borrow::Borrow;

use super::*;
use crate::codes;
use crate::syntax::ast::{Kind as Written, ModifierKind, TextWord};

codes! {
    AFTER_OUTSIDE: "WF203" "after-outside-the-body" Error = "`after` names an item of another body.",
        "`after` narrows \"after everything written before me\" to some of the items of the same body. What stands in \
         another loop or phase is ordered by where that loop or phase stands.",
        bad: "workflow w\n\nfact ok: bool\n\nloop l at most 2 {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n\nphase b after a\n",
        good: "workflow w\n\nfact ok: bool\n\nloop l at most 2 {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n\nphase b after l\n";
    UNBOUNDED_LOOP: "WF801" "unbounded-loop" Error = "Something repeats and nothing bounds it.",
        "Every repetition has a bound: loops and `each` say `at most N`, and so do `redo` and `fix`. A workflow that can \
         go on for ever cannot be proved to end.",
        bad: "workflow w\n\nfact ok: bool\n\nloop l {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n",
        good: "workflow w\n\nfact ok: bool\n\nloop l at most 3 {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n";
}

impl<'a, 's> Lowering<'a, 's> {
    /// Resolves the members of a node, each from the statement it was declared by. What was refused has no node.
    pub(super) fn resolve_members<S: Borrow<Statement>>(&mut self, id: NodeId, written: impl IntoIterator<Item = S>) {
        let mut member = NodeId::new(id.index() + 1);
        for statement in written {
            let statement = statement.borrow();
            let Some(node) = self.model.nodes.get(member.index()).filter(|node| node.span == statement.span) else {
                continue;
            };
            let end = node.end;
            if let Written::Node(node) = &statement.kind {
                self.resolve_node(member, node);
            }
            member = end;
        }
    }

    fn resolve_node(&mut self, id: NodeId, node: &ast::Node) {
        if let Some(title) = self.model.nodes[id.index()].title {
            self.text(title.span, id);
        }
        self.resolve_modifiers(id, node);
        match self.model.nodes[id.index()].kind {
            NodeKind::Gate => self.resolve_gate(id, node),
            NodeKind::Loop => self.resolve_loop(id, node),
            NodeKind::Parallel => {}
            _ => self.resolve_work(id, node),
        }
        self.resolve_steps(id, node);
        self.resolve_members(id, &node.body);
    }

    fn resolve_modifiers(&mut self, id: NodeId, node: &ast::Node) {
        let kind = self.model.nodes[id.index()].kind;
        let mut seen = Seen::new();
        for modifier in &node.modifiers {
            let word = modifier_word(&modifier.kind);
            if !modifiers_of(kind).contains(&word) || !self.once(&mut seen, word, modifier.span) {
                continue;
            }
            match &modifier.kind {
                ModifierKind::Once => self.model.nodes[id.index()].modifiers().once = Some(modifier.span),
                ModifierKind::Required => self.model.nodes[id.index()].modifiers().required = Some(modifier.span),
                ModifierKind::Irreversible => {
                    self.model.nodes[id.index()].modifiers().irreversible = Some(modifier.span)
                }
                ModifierKind::When(condition) => {
                    let condition = self.when(Some(condition));
                    self.model.nodes[id.index()].when = condition;
                }
                ModifierKind::Because(text) => {
                    let text = self.text(*text, id);
                    self.model.nodes[id.index()].modifiers().because = Some(text);
                }
                ModifierKind::After(entries) => {
                    let after = self.siblings(id, entries);
                    self.model.nodes[id.index()].modifiers().after = Some(after);
                }
                _ => {}
            }
        }
    }

    pub(super) fn modifier_fits(&mut self, what: &str, allowed: &[&str], word: &str, span: Span) -> bool {
        if allowed.contains(&word) {
            return true;
        }
        let first = Span { end: span.start + word.len() as u32, ..span };
        let help = match allowed {
            [] => format!("a {what} takes nothing here"),
            _ => format!("a {what} takes {}", super::super::names::listed(allowed)),
        };
        let article = if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        let message = format!("{article} {what} takes no `{word}`");
        let diagnostic = Diagnostic::new(&super::super::placement::MISPLACED_ITEM, first, message)
            .label("has no meaning here")
            .help(help.replacen("a each", "an each", 1));
        self.refuse(diagnostic, span);
        false
    }

    /// The items that `after` names: phases and loops of the same body.
    fn siblings(&mut self, id: NodeId, entries: &[Entry]) -> Vec<(NodeId, Span)> {
        let parent = self.model.nodes[id.index()].parent;
        let mut after = Vec::new();
        for entry in entries {
            let name = self.named(entry.span);
            let Some(other) = self.node_named(&[Kind::Phase, Kind::Loop, Kind::Gate], name) else { continue };
            if self.model.nodes[other.index()].parent != parent {
                self.report(
                    Diagnostic::new(&AFTER_OUTSIDE, name.span, format!("`{}` stands in another body", name.name))
                        .label("`after` names items of the same body")
                        .related(self.model.nodes[other.index()].name.span, "declared here")
                        .help("name the phase, loop or `parallel` of this body that contains it, or leave `after` out"),
                );
            } else {
                after.push((other, name.span));
            }
        }
        after
    }

    fn resolve_steps(&mut self, id: NodeId, node: &ast::Node) {
        if !matches!(self.model.nodes[id.index()].kind, NodeKind::Phase | NodeKind::Stage | NodeKind::Each) {
            return;
        }
        let steps: Vec<NodeId> =
            self.model.children(id).filter(|child| self.model.node(*child).kind == NodeKind::Step).collect();
        let items: Vec<&ast::Item> = node
            .body
            .iter()
            .filter_map(|statement| match &statement.kind {
                Written::Item(item) if misplaced(&statement.kind, statement.span, self.body_of(id)).is_none() => {
                    Some(&**item)
                }
                _ => None,
            })
            .collect();
        let mut seen: Vec<Named<'s>> = Vec::new();
        for (step, item) in steps.into_iter().zip(items) {
            let item = self.item(item, step, &[]);
            self.distinct(&mut seen, item.name, "step");
            self.model.nodes[step.index()].when.clone_from(&item.when);
            self.model.set_step(step, item);
        }
    }

    pub(super) fn body_of(&self, id: NodeId) -> Body {
        match self.model.nodes[id.index()].kind {
            NodeKind::Phase => Body::Phase,
            NodeKind::Stage => Body::Stage,
            _ => Body::Each,
        }
    }

    /// Names within one body that must differ.
    pub(super) fn distinct(&mut self, seen: &mut Vec<Named<'s>>, name: Named<'s>, what: &str) {
        if let Some(first) = seen.iter().find(|first| first.name == name.name) {
            self.report(
                Diagnostic::new(
                    &super::super::names::DUPLICATE_NAME,
                    name.span,
                    format!("{what} `{}` is declared twice", name.name),
                )
                .label("declared again here")
                .related(first.span, "first declared here")
                .help("rename one of the two"),
            );
            return;
        }
        seen.push(name);
    }

    fn resolve_loop(&mut self, id: NodeId, node: &ast::Node) {
        let mut inner = Loop::default();
        for modifier in &node.modifiers {
            if let ModifierKind::AtMost(amount) = &modifier.kind {
                inner.bound = self.bound(*amount);
            }
        }
        if !node.modifiers.iter().any(|modifier| matches!(modifier.kind, ModifierKind::AtMost(_))) {
            let name = self.model.nodes[id.index()].name;
            self.report(
                Diagnostic::new(&UNBOUNDED_LOOP, name.span, format!("loop `{}` has no bound", name.name))
                    .label("may go on for ever")
                    .help("write `at most N` before the body"),
            );
        }
        let mut seen = Seen::new();
        for statement in &node.body {
            match &statement.kind {
                Written::Until(condition) if self.once(&mut seen, "until", statement.span) => {
                    inner.until = self.when(Some(condition));
                }
                Written::On(on)
                    if self.event(on, &["exhausted"]) && self.once(&mut seen, "on exhausted", statement.span) =>
                {
                    inner.on_exhausted = self.single_outcome(on, id).map(Box::new);
                }
                Written::Override(risk) if self.once(&mut seen, "override", statement.span) => {
                    inner.overridable = Some(self.overridable(statement.span, *risk, id));
                }
                Written::Text(text)
                    if text.word == TextWord::Purpose && self.once(&mut seen, "purpose", statement.span) =>
                {
                    inner.purpose = Some(self.text(text.text, id));
                }
                Written::Text(text) if text.word == TextWord::Text => {
                    let block = self.text_block(text, id);
                    inner.texts.push(block);
                }
                _ => {}
            }
        }
        if inner.overridable.is_none() {
            let mut spans = Vec::new();
            inner.on_exhausted.iter().for_each(|outcome| gate::overrides(outcome, &mut spans));
            self.refuse_overrides(&spans, id);
        }
        self.model.set_loop(id, inner);
    }

    pub(super) fn text_block(&mut self, text: &ast::TextStatement, id: NodeId) -> TextBlock<'s> {
        TextBlock { when: self.when(text.when.as_deref()), text: self.text(text.text, id) }
    }
}

pub(super) fn modifier_word(kind: &ModifierKind) -> &'static str {
    match kind {
        ModifierKind::Once => "once",
        ModifierKind::Required => "required",
        ModifierKind::Irreversible => "irreversible",
        ModifierKind::After(_) => "after",
        ModifierKind::Before(_) => "before",
        ModifierKind::When(_) => "when",
        ModifierKind::Because(_) => "because",
        ModifierKind::By(_) => "by",
        ModifierKind::Follows(..) => "follows",
        ModifierKind::AtMost(_) => "at most",
        ModifierKind::ElseOnce => "else once",
    }
}

/// What may stand in the header of an item.
pub(super) fn modifiers_of(kind: NodeKind) -> &'static [&'static str] {
    match kind {
        NodeKind::Phase => &["once", "required", "irreversible", "after", "when", "because"],
        NodeKind::Stage => &["irreversible", "when", "because"],
        NodeKind::Gate => &["once", "required", "when", "because", "by", "follows"],
        NodeKind::Loop => &["at most"],
        NodeKind::Each => &["at most", "else once", "when"],
        NodeKind::Spawn => &["irreversible", "when"],
        _ => &[],
    }
}
