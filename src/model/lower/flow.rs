//! Phases, stages, loops, `parallel`, `each` and spawns.

use std::borrow::Borrow;

use thin_vec::ThinVec;

use super::*;
use crate::codes;
use crate::syntax::ast::{Kind as Written, ModifierKind, NodeKind as WrittenKind, TextWord};

codes! {
    AFTER_OUTSIDE: "WF203" "after-outside-the-body" Error = "`after` names an item of another body.",
        "`after` narrows \"after everything written before me\" to some of the items of the same body. What stands in \
         another loop or phase is ordered by where that loop or phase stands.",
        bad: "workflow w\n\nloop l at most 2 {\n  phase a\n}\n\nphase b after a\n",
        good: "workflow w\n\nloop l at most 2 {\n  phase a\n}\n\nphase b after l\n";
    UNBOUNDED_LOOP: "WF801" "unbounded-loop" Error = "Something repeats and nothing bounds it.",
        "Every repetition has a bound: loops and `each` say `at most N`, and so do `redo` and `fix`. A workflow that can \
         go on for ever cannot be proved to end.",
        bad: "workflow w\n\nfact ok: bool\n\nloop l {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n",
        good: "workflow w\n\nfact ok: bool\n\nloop l at most 3 {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n";
}

/// Adds to a list that mostly stays as it is then: without room for more.
fn add<T>(list: &mut ThinVec<T>, items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>) {
    let items = items.into_iter();
    if list.is_empty() {
        list.reserve_exact(items.len());
    }
    list.extend(items);
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

impl<'a, 's> Lowering<'a, 's> {
    // ── First pass ───────────────────────────────────────────────────────────────────────────────

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

    // ── Second pass ──────────────────────────────────────────────────────────────────────────────

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

    fn body_of(&self, id: NodeId) -> Body {
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

    /// A phase, stage, spawn or `each`.
    fn resolve_work(&mut self, id: NodeId, node: &ast::Node) {
        let mut work = Work::default();
        let kind = self.model.nodes[id.index()].kind;
        let body = match kind {
            NodeKind::Spawn => Body::Spawn,
            _ => self.body_of(id),
        };
        if kind == NodeKind::Spawn {
            let name = self.model.nodes[id.index()].name;
            let agent = self.agent(name);
            self.model.nodes[id.index()].name.name = self.model.agents[agent.index()].name.name;
            work.agent = Some(agent);
        }
        if kind == NodeKind::Each {
            work.each = Some(Box::new(self.each(id, node)));
        }
        let mut seen = Seen::new();
        for statement in &node.body {
            if super::super::placement::places(&statement.kind).contains(&body) {
                self.work_statement(statement, id, &mut work, &mut seen);
            }
        }
        let around = self.model.phase_of(id).filter(|phase| *phase != id);
        let allowed = work.overridable.is_some()
            || around.and_then(|phase| self.model.work(phase)).is_some_and(|phase| phase.overridable.is_some());
        if !allowed {
            let mut spans = Vec::new();
            let blocked = work.on_blocked.iter().map(|branch| &branch.outcome);
            work.on_failure
                .as_deref()
                .into_iter()
                .chain(blocked)
                .for_each(|outcome| gate::overrides(outcome, &mut spans));
            self.refuse_overrides(&spans, around.unwrap_or(id));
        }
        self.model.set_work(id, work);
    }

    fn each(&mut self, id: NodeId, node: &ast::Node) -> Each<'s> {
        let mut each = Each { from: None, section: None, bound: None, else_once: false, batch: None };
        if let Some(from) = node.from {
            let name = self.named(from.span);
            if let Some(artifact) = self.artifact(name) {
                self.model.artifacts[artifact.index()].read = true;
                each.from = Some(Read { artifact, optional: from.optional, in_text: false, span: from.span });
            }
        }
        each.section = self.model.nodes[id.index()].title;
        for modifier in &node.modifiers {
            match &modifier.kind {
                ModifierKind::AtMost(amount) => each.bound = self.bound(*amount),
                ModifierKind::ElseOnce => each.else_once = true,
                _ => {}
            }
        }
        if !node.modifiers.iter().any(|modifier| matches!(modifier.kind, ModifierKind::AtMost(_))) {
            let name = self.model.nodes[id.index()].name;
            self.report(
                Diagnostic::new(&UNBOUNDED_LOOP, name.span, format!("`each {}` has no bound", name.name))
                    .label("the number of tasks is known only at run time")
                    .help("write `at most N` before the body"),
            );
        }
        let mut seen = Seen::new();
        for statement in &node.body {
            if let Written::Batch(condition) = &statement.kind
                && self.once(&mut seen, "batch", statement.span)
            {
                each.batch = self.scoped(Some(condition), condition::Scope::Measures);
            }
        }
        each
    }

    fn work_statement(&mut self, statement: &Statement, id: NodeId, work: &mut Work<'s>, seen: &mut Seen) {
        let span = statement.span;
        match &statement.kind {
            Written::Text(text) => match text.word {
                TextWord::Purpose => {
                    if self.once(seen, "purpose", span) {
                        work.purpose = Some(self.text(text.text, id));
                    }
                }
                TextWord::Prompt => {
                    let block = self.text_block(text, id);
                    add(&mut work.prompts, [block]);
                }
                _ => {
                    let block = self.text_block(text, id);
                    add(&mut work.texts, [block]);
                }
            },
            Written::List(word, entries) => self.work_list(*word, entries, id, work),
            Written::Produces(all) => {
                for produced in all {
                    let what = self.named(produced.what);
                    let name = if produced.is_text { Named { name: stem(what.name), ..what } } else { what };
                    if let Some(declared) = self.names.get(Kind::Artifact, name) {
                        add(&mut work.produces, [ArtifactId::new(declared.index)]);
                    }
                }
            }
            Written::Require(condition) => {
                let condition = self.condition(condition, condition::Scope::Flow);
                add(&mut work.requires, [condition]);
            }
            Written::Requires(requires) if !requires.is_skill => {
                for entry in &requires.what {
                    let name = self.named(entry.span);
                    if let Some(node) = self.node_named(&[Kind::Phase], name) {
                        work.requires_phases.push((node, entry.span));
                    }
                }
            }
            Written::Decides(decides) => self.decides(decides, id, work),
            Written::Revises(revises) => self.revises(revises, id, span, work),
            Written::Budget(allowances) if self.once(seen, "budget", span) => {
                for allowance in allowances {
                    let word = self.named(allowance.word);
                    let Some(amount) = self.amount(allowance.amount) else { continue };
                    let expected = if word.name == "runtime" { Unit::Time } else { Unit::None };
                    if amount.quantity.unit == expected {
                        work.budget.push((word, amount));
                        continue;
                    }
                    let help =
                        if word.name == "runtime" { "a time has a unit: `30m`, `2h`" } else { "write a plain number" };
                    self.report(
                        Diagnostic::new(&BAD_NUMBER, amount.span, format!("the unit does not fit `{}`", word.name))
                            .label("another unit is expected")
                            .help(help),
                    );
                }
            }
            Written::On(on) => match self.slice(on.event) {
                "blocked" => {
                    if self.once(seen, "on blocked", span) {
                        work.on_blocked = self.reasons(&on.branches, id, span).into();
                    }
                }
                "failure" => {
                    if self.once(seen, "on failure", span) {
                        work.on_failure = self.single_outcome(on, id).map(Box::new);
                    }
                }
                _ => {
                    self.event(on, &["failure", "blocked"]);
                }
            },
            Written::Override(risk) if self.once(seen, "override", span) => {
                work.overridable = Some(self.overridable(span, *risk, id));
            }
            _ => {}
        }
    }

    fn work_list(&mut self, word: ListWord, entries: &[Entry], id: NodeId, work: &mut Work<'s>) {
        match word {
            ListWord::Reads => {
                for entry in entries {
                    let name = self.named(entry.span);
                    if let Some(artifact) = self.artifact(name) {
                        self.model.artifacts[artifact.index()].read = true;
                        let optional = entry.optional;
                        add(&mut work.reads, [Read { artifact, optional, in_text: false, span: entry.span }]);
                    }
                }
            }
            ListWord::Skills => add(&mut work.skills, entries.iter().map(|entry| self.skill_name(entry.span, id))),
            ListWord::Tools => add(&mut work.tools, entries.iter().map(|entry| self.named(entry.span))),
            ListWord::Writes => add(&mut work.writes, self.each_text(entries, id)),
            ListWord::KeepUnchanged => add(&mut work.unchanged, self.each_text(entries, id)),
            ListWord::Checklist => add(&mut work.checklist, self.each_text(entries, id)),
            ListWord::Returns => {
                for entry in entries {
                    self.decide(entry.span, id, false, None, work);
                }
            }
            _ => {}
        }
    }

    fn decides(&mut self, decides: &ast::Decides, id: NodeId, work: &mut Work<'s>) {
        let run = decides.from.map(|run| self.run(run, id));
        for entry in &decides.facts {
            self.decide(entry.span, id, decides.confirmed, run, work);
        }
    }

    fn decide(&mut self, span: Span, node: NodeId, confirmed: bool, run: Option<Run<'s>>, work: &mut Work<'s>) {
        let name = self.named(span);
        let Some(fact) = self.fact_id(name) else {
            return self.unknown_as(&[Kind::Value], name, Some(Expected::Fact));
        };
        let declared = &self.model.facts[fact.index()];
        let why = match declared.kind {
            FactKind::Input { .. } => "is an input: it is known when the run starts",
            FactKind::Answer(_) => "is the answer of a gate: the person decides it",
            FactKind::Declared => {
                add(&mut work.decides, [fact]);
                self.model.facts[fact.index()].deciders.push(Decider { node, span, confirmed, run });
                return;
            }
        };
        let diagnostic = Diagnostic::new(&super::super::names::WRONG_KIND, span, format!("`{}` {why}", name.name))
            .label("nothing can decide it here")
            .related(declared.name.span, "declared here")
            .help("declare a `fact` of its own for what is decided here");
        self.report(diagnostic);
    }

    fn revises(&mut self, revises: &ast::Revises, id: NodeId, span: Span, work: &mut Work<'s>) {
        let name = self.named(revises.fact);
        let Some(fact) = self.fact_id(name) else {
            return self.unknown_as(&[Kind::Value], name, Some(Expected::Fact));
        };
        let of = self.model.facts[fact.index()].of;
        self.model.facts[fact.index()].revisers.push((id, span));
        let ordered = match of {
            super::super::Type::Enum(of) => self.model.enums[of.index()].ordered,
            super::super::Type::Int(..) => true,
            _ => false,
        };
        if revises.arms.is_none() && !ordered && of != super::super::Type::Unknown {
            self.report(
                Diagnostic::new(&condition::TYPE_MISMATCH, name.span, format!("`{}` has no upward", name.name))
                    .label("its values have no order")
                    .related(self.model.facts[fact.index()].name.span, "declared here")
                    .help("write the arms, or declare the enum with `<` between its values"),
            );
        }
        let mut arms = Vec::new();
        for (written, value) in revises.arms.iter().flatten() {
            let condition = self.arm_condition(written, fact);
            let operand = ast::Operand { span: revises.fact, kind: ast::OperandKind::Path };
            if let Some(read) = self.literal_of(value, of, &operand) {
                arms.push(Arm { condition, value: read, span: written.span.to(value.span) });
            }
        }
        work.revises.push(Revision { fact, span, arms: revises.arms.is_some().then_some(arms) });
    }

    /// In an arm a value of the fact stands for `fact == value`.
    fn arm_condition(&mut self, written: &ast::Condition, fact: FactId) -> Condition {
        let of = self.model.facts[fact.index()].of;
        let before = self.arm_fact.replace((fact, of));
        let condition = self.condition(written, condition::Scope::Flow);
        self.arm_fact = before;
        condition
    }

    pub(super) fn run(&mut self, run: ast::Run, id: NodeId) -> Run<'s> {
        Run {
            command: self.text(run.command, id),
            matching: run.matching.map(|span| Text { raw: self.slice(span), span }),
        }
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

/// The name of an artifact that is given as a path: its file without the ending; of a file that is all placeholder,
/// the folder around it.
fn stem(raw: &str) -> &str {
    let path = raw.trim_matches('"');
    let mut parts = path.rsplit('/');
    let file = parts.next().unwrap_or(path);
    let stem = file.split_once('.').map_or(file, |(stem, _)| stem);
    if stem.contains("${") || stem.is_empty() {
        return parts.find(|part| !part.contains("${") && !part.is_empty()).unwrap_or(path);
    }
    stem
}

/// What may stand in the header of an item.
fn modifiers_of(kind: NodeKind) -> &'static [&'static str] {
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
