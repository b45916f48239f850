//! Gates, what closes them, and what happens when they do not close.

use super::*;
use crate::codes;
use crate::syntax::ast::{ActionKind, Evidence as WrittenEvidence, Kind as Written, ModifierKind, TextWord};

codes! {
    GATE_IN_ONE_BRANCH: "WF503" "gate-in-one-branch" Error = "A gate is a direct member of a `parallel`.",
        "The members of a `parallel` begin together, so a gate among them would hold back nobody. After the block it waits \
         for all members; inside one member it holds back the rest of that member and what follows the join.",
        bad: "workflow w\n\nparallel {\n  phase a\n  phase b\n  gate g {\n    ask \"Go on?\" {\n      yes \"Yes\"\n      no \"No\" -> abort\n    }\n  }\n}\n\nphase c\n",
        good: "workflow w\n\nparallel {\n  phase a\n  phase b\n}\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase c\n";
    OVERRIDE_OF_UNOVERRIDABLE: "WF510" "override-of-unoverridable" Error = "An outcome overrides a gate that does not allow it.",
        "Nobody may pass a gate unasked unless the gate says `override by user`, with the risk that the person is shown.",
        bad: "workflow w\n\nphase a\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"Pass anyway\" -> override\n  }\n}\n\nphase b\n",
        good: "workflow w\n\nphase a\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"Pass anyway\" -> override\n  }\n  override by user \"Nobody has looked.\"\n}\n\nphase b\n";
    ROUTE_NOT_TOTAL: "WF705" "route-not-total" Error = "A table of outcomes leaves a case open.",
        "Every table of outcomes ends with `else`, so that it is said what happens in every case.",
        bad: "workflow w\n\nphase a {\n  spawn worker \"Work\"\n  on blocked {\n    security -> abort\n  }\n}\n",
        good: "workflow w\n\nphase a {\n  spawn worker \"Work\"\n  on blocked {\n    security -> abort\n    else -> ask\n  }\n}\n";
}

impl<'a, 's> Lowering<'a, 's> {
    pub(super) fn resolve_gate(&mut self, id: NodeId, node: &ast::Node) {
        let mut gate = Gate {
            answer: self.answers.binary_search_by_key(&id, |(node, _)| *node).ok().map(|at| self.answers[at].1),
            ..Gate::default()
        };
        for modifier in &node.modifiers {
            match &modifier.kind {
                ModifierKind::Follows(procedure, arguments) => {
                    gate.follows = self.follows(*procedure, arguments).map(Box::new)
                }
                ModifierKind::By(evidence) => gate.by = self.gate_agent(evidence, modifier.span),
                _ => {}
            }
        }
        let mut seen = Seen::new();
        let mut items: Vec<Named<'s>> = Vec::new();
        for statement in &node.body {
            let span = statement.span;
            match &statement.kind {
                Written::Item(item) => {
                    let item = self.item(item, id, &[]);
                    self.distinct(&mut items, item.name, "item");
                    gate.items.push(item);
                }
                Written::Require(condition) => {
                    let condition = self.condition(condition, condition::Scope::Flow);
                    gate.conditions.push(condition);
                }
                Written::Ask(ask) if self.once(&mut seen, "ask", span) => {
                    gate.ask = Some(Box::new(self.ask(ask, id, span)))
                }
                Written::On(on) if self.event(on, &["fail"]) && self.once(&mut seen, "on fail", span) => {
                    gate.on_fail = self.branches(&on.branches, id).into();
                    self.check_total(&on.branches, span);
                }
                Written::Override(risk) if self.once(&mut seen, "override", span) => {
                    gate.overridable = Some(self.overridable(span, *risk, id));
                }
                Written::List(ListWord::Keep, entries) => gate.keep.extend(self.texts(entries, id)),
                Written::Text(text) if text.word == TextWord::Text => {
                    let block = self.text_block(text, id);
                    gate.texts.push(block);
                }
                Written::Text(text) if text.word == TextWord::Purpose && self.once(&mut seen, "purpose", span) => {
                    gate.purpose = Some(self.text(text.text, id));
                }
                _ => {}
            }
        }
        let follows_override = gate
            .follows
            .as_ref()
            .is_some_and(|follows| self.model.procedures[follows.procedure.index()].overridable.is_some());
        let overridable = gate.overridable.is_some() || follows_override;
        if !overridable {
            self.check_overrides(&gate, id);
        }
        gate.items.shrink_to_fit();
        gate.conditions.shrink_to_fit();
        gate.keep.shrink_to_fit();
        self.model.set_gate(id, gate);
    }

    fn check_overrides(&mut self, gate: &Gate<'s>, id: NodeId) {
        let branches = gate.on_fail.iter().map(|branch| &branch.outcome);
        let options = gate.ask.iter().flat_map(|ask| &ask.options).filter_map(|option| option.outcome.as_ref());
        let mut spans = Vec::new();
        branches.chain(options).for_each(|outcome| overrides(outcome, &mut spans));
        self.refuse_overrides(&spans, id);
    }

    /// Overrides in an item that does not say `override by user`.
    pub(super) fn refuse_overrides(&mut self, spans: &[Span], id: NodeId) {
        let node = &self.model.nodes[id.index()];
        let (name, what) = (node.name, node.kind.word());
        for span in spans {
            self.report(
                Diagnostic::new(
                    &OVERRIDE_OF_UNOVERRIDABLE,
                    *span,
                    format!("{what} `{}` does not allow an override", name.name),
                )
                .label("would go on all the same")
                .related(name.span, format!("the {what}"))
                .help(format!(
                    "write `override by user \"what the person risks\"` in the {what}, or choose another outcome"
                )),
            );
        }
    }

    fn gate_agent(&mut self, evidence: &ast::Evidence, span: Span) -> Option<AgentId> {
        if let WrittenEvidence::Agent(name) = evidence {
            let name = self.named(*name);
            return Some(self.agent(name));
        }
        self.report(
            Diagnostic::new(
                &super::super::placement::MISPLACED_ITEM,
                span,
                "only `by agent` can stand in the header of a gate",
            )
            .label("belongs to an item")
            .help("write it behind the items it closes"),
        );
        None
    }

    fn follows(&mut self, procedure: Span, arguments: &[Span]) -> Option<Follows<'s>> {
        let name = self.named(procedure);
        let Some(id) = self.lookup(Kind::Procedure, name).map(ProcedureId::new) else {
            // What it would have been followed with is used all the same.
            for argument in arguments {
                if let Some(declared) = self.names.get(Kind::Artifact, self.named(*argument)) {
                    self.model.artifacts[declared.index].read = true;
                }
            }
            return None;
        };
        self.model.procedures[id.index()].used = true;
        let expected = self.model.procedures[id.index()].parameters.len();
        if expected != arguments.len() {
            let declared = self.model.procedures[id.index()].name.span;
            let (found, plural) = (arguments.len(), if expected == 1 { "" } else { "s" });
            self.report(
                Diagnostic::new(
                    &condition::TYPE_MISMATCH,
                    name.span,
                    format!("`{}` takes {expected} argument{plural}, not {found}", name.name),
                )
                .label(format!("{found} given"))
                .related(declared, "the procedure"),
            );
        }
        let arguments = arguments
            .iter()
            .map(|span| {
                let name = self.named(*span);
                let artifact = self.artifact(name);
                if let Some(artifact) = artifact {
                    self.model.artifacts[artifact.index()].read = true;
                }
                (artifact, name)
            })
            .collect();
        Some(Follows { procedure: id, span: procedure, arguments })
    }

    /// An item of a gate, procedure, phase or stage.
    pub(super) fn item(&mut self, item: &ast::Item, id: NodeId, parameters: &[Named<'s>]) -> Item<'s> {
        let mut lowered = Item {
            name: self.named(item.name),
            required: !item.is_step,
            title: self.optional_text(item.title, id),
            meaning: self.optional_text(item.meaning, id),
            when: None,
            by: None,
        };
        let mut seen = Seen::new();
        for modifier in &item.modifiers {
            let word = flow::modifier_word(&modifier.kind);
            if !self.modifier_fits("step", &["when", "by"], word, modifier.span)
                || !self.once(&mut seen, word, modifier.span)
            {
                continue;
            }
            match &modifier.kind {
                ModifierKind::When(condition) => lowered.when = self.when(Some(condition)),
                ModifierKind::By(evidence) => lowered.by = self.evidence(evidence, id, parameters),
                _ => {}
            }
        }
        lowered
    }

    fn evidence(&mut self, evidence: &ast::Evidence, id: NodeId, parameters: &[Named<'s>]) -> Option<Evidence<'s>> {
        Some(match evidence {
            WrittenEvidence::Agent(name) => {
                let name = self.named(*name);
                Evidence::Agent(self.agent(name))
            }
            WrittenEvidence::File(span) if self.slice(*span).starts_with('"') => Evidence::File(self.text(*span, id)),
            WrittenEvidence::File(span) => {
                let name = self.named(*span);
                if let Some(index) = parameters.iter().position(|parameter| parameter.name == name.name) {
                    return Some(Evidence::Parameter(index));
                }
                let artifact = self.artifact(name)?;
                self.model.artifacts[artifact.index()].read = true;
                Evidence::Artifact(artifact)
            }
            WrittenEvidence::Run(run) => Evidence::Run(Box::new(self.run(*run, id))),
            WrittenEvidence::Answer => Evidence::Answer,
            WrittenEvidence::Measure(condition) => {
                Evidence::Measure(Box::new(self.condition(condition, condition::Scope::Measures)))
            }
            WrittenEvidence::Skill(span) => Evidence::Skill(self.skill_name(*span, id)),
            WrittenEvidence::Checklist(entries) => Evidence::Checklist(self.texts(entries, id)),
        })
    }

    // ── Outcomes ─────────────────────────────────────────────────────────────────────────────────

    /// Whether `on EVENT` is one of the events of this body; reports it when it is not.
    pub(super) fn event(&mut self, on: &ast::On, known: &[&str]) -> bool {
        let event = self.named(on.event);
        if known.contains(&event.name) {
            return true;
        }
        let near = crate::diagnostic::nearest(event.name, known.iter().copied());
        let mut diagnostic =
            Diagnostic::new(&super::super::names::UNKNOWN_NAME, event.span, format!("unknown event `{}`", event.name))
                .label(format!("{} is expected here", super::super::names::listed(known).replace(" and ", " or ")));
        diagnostic = match near {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), event.span, near)
            }
            None => diagnostic
                .help("gates have `on fail`, loops `on exhausted`, phases and spawns `on failure` and `on blocked`"),
        };
        self.report(diagnostic);
        false
    }

    /// `on EVENT -> outcome`, or a table with nothing but `else`.
    pub(super) fn single_outcome(&mut self, on: &ast::On, id: NodeId) -> Option<Outcome<'s>> {
        if let Some(branch) = on.branches.iter().find(|branch| branch.condition.is_some()) {
            let diagnostic = Diagnostic::new(
                &super::super::placement::MISPLACED_ITEM,
                branch.span,
                "this event has one outcome for all cases",
            )
            .label("cannot depend on a condition")
            .help("write `on EVENT -> outcome`");
            self.refuse(diagnostic, branch.span);
        }
        let last = on.branches.iter().rfind(|branch| branch.condition.is_none());
        last.map(|branch| self.follow(&branch.outcome, id))
    }

    pub(super) fn branches(&mut self, branches: &[ast::Branch], id: NodeId) -> Vec<Branch<'s>> {
        branches
            .iter()
            .map(|branch| {
                if let Some(when) = &branch.when {
                    let diagnostic = Diagnostic::new(
                        &super::super::placement::MISPLACED_ITEM,
                        when.span,
                        "a row of a failed gate is a condition already",
                    )
                    .label("only a reason of a blocked agent has `when`")
                    .help("join the two with `and`");
                    self.refuse(diagnostic, when.span);
                }
                Branch {
                    condition: self.when(branch.condition.as_deref()),
                    reason: None,
                    outcome: self.follow(&branch.outcome, id),
                    span: branch.span,
                }
            })
            .collect()
    }

    /// A table whose cases are reasons of a blocked agent.
    pub(super) fn reasons(&mut self, branches: &[ast::Branch], id: NodeId, span: Span) -> Vec<Branch<'s>> {
        self.check_total(branches, span);
        let mut seen: Vec<Named<'s>> = Vec::new();
        let mut lowered = Vec::new();
        for branch in branches {
            let reason = match branch.condition.as_deref() {
                None => None,
                Some(ast::Condition { expr: ast::Expr::Bare(operand), .. })
                    if operand.kind == ast::OperandKind::Path =>
                {
                    let reason = self.named(operand.span);
                    match seen.iter().find(|always| always.name == reason.name) {
                        Some(always) if branch.when.is_some() => self.report(
                            Diagnostic::new(
                                &ROUTE_NOT_TOTAL,
                                branch.span,
                                format!("this row for `{}` can never be reached", reason.name),
                            )
                            .label("counts only sometimes")
                            .related(always.span, "always counts, and stands above")
                            .help("put the row with `when` above the other"),
                        ),
                        // A row that counts only sometimes leaves the rest to those below.
                        None if branch.when.is_some() => {}
                        _ => self.distinct(&mut seen, reason, "reason"),
                    }
                    Some(reason)
                }
                Some(condition) => {
                    self.report(
                        Diagnostic::new(
                            &condition::TYPE_MISMATCH,
                            condition.span,
                            "a reason is a name, not a condition",
                        )
                        .label("an agent gives one name as the reason why it is blocked")
                        .help("write the reason, and what else must hold behind `when`, as in `security_concern when size == large -> spawn reviewer`"),
                    );
                    continue;
                }
            };
            let outcome = self.follow(&branch.outcome, id);
            let condition = self.when(branch.when.as_deref());
            lowered.push(Branch { condition, reason, outcome, span: branch.span });
        }
        lowered
    }

    /// `else` is there, once, at the end.
    fn check_total(&mut self, branches: &[ast::Branch], span: Span) {
        let position = branches.iter().position(|branch| branch.condition.is_none());
        match position {
            Some(index) if index + 1 == branches.len() => {}
            Some(index) => {
                let after = branches[index + 1].span;
                self.report(
                    Diagnostic::new(&ROUTE_NOT_TOTAL, after, "nothing behind `else` can be reached")
                        .label("`else` has taken every case")
                        .related(branches[index].span, "`else` stands here")
                        .help("put `else` at the end"),
                );
            }
            None => {
                let word = Span { end: span.start + self.slice(span).find('{').unwrap_or(2) as u32, ..span };
                let word = Span { end: word.start + self.slice(word).trim_end().len() as u32, ..word };
                let end = Span { start: span.end - 1, end: span.end - 1, ..span };
                self.report(
                    Diagnostic::new(&ROUTE_NOT_TOTAL, word, "this table leaves a case open")
                        .label("no `else`")
                        .help("end it with `else -> ask`")
                        .unsafe_fix("add `else -> ask`", end, " else -> ask "),
                );
            }
        }
    }

    /// What follows by itself, with nobody who could stop it.
    fn follow(&mut self, outcome: &ast::Outcome, id: NodeId) -> Outcome<'s> {
        let outcome = self.outcome(outcome, id);
        for action in &outcome.actions {
            if let Action::Retry { bound: None, span } = action {
                self.report(
                    Diagnostic::new(&super::UNBOUNDED_LOOP, *span, "this may be tried again for ever")
                        .label("no bound")
                        .help("write `retry at most N`, and `then` what comes when that is used up"),
                );
            }
        }
        outcome
    }

    pub(super) fn outcome(&mut self, outcome: &ast::Outcome, id: NodeId) -> Outcome<'s> {
        let mut actions = Vec::with_capacity(outcome.actions.len());
        for (index, action) in outcome.actions.iter().enumerate() {
            let bounded = action.kind.is_bounded();
            if index + 1 < outcome.actions.len() && !bounded {
                let rest = outcome.actions[index + 1].span;
                self.report(
                    Diagnostic::new(&ROUTE_NOT_TOTAL, rest, "nothing can come `then`")
                        .label("is never reached")
                        .related(action.span, "this has no bound that could be used up")
                        .help("only `redo`, `fix` and `retry` have a bound"),
                );
                actions.extend(self.action(action, id));
                break;
            }
            actions.extend(self.action(action, id));
        }
        Outcome { span: outcome.span, actions }
    }

    fn action(&mut self, action: &ast::Action, id: NodeId) -> Option<Action<'s>> {
        let span = action.span;
        Some(match &action.kind {
            ActionKind::Redo(target, bound) => {
                let bound = self.bound(*bound);
                let target = match target {
                    Some(name) => {
                        let name = self.named(*name);
                        self.node_named(&[Kind::Phase], name)
                    }
                    None => self.enclosing_phase(id, span),
                };
                Action::Redo { target: target?, bound: bound?, span }
            }
            ActionKind::Fix(agent, bound) => {
                let name = self.named(*agent);
                let agent = self.agent(name);
                Action::Fix { agent, bound: self.bound(*bound)?, span }
            }
            ActionKind::Retry(bound) => {
                let bound = match bound {
                    Some(bound) => Some(self.bound(*bound)?),
                    None => None,
                };
                Action::Retry { bound, span }
            }
            ActionKind::Show(artifact) => {
                let name = self.named(*artifact);
                let artifact = self.artifact(name)?;
                self.model.artifacts[artifact.index()].read = true;
                Action::Show { artifact, span }
            }
            ActionKind::Override => Action::Override { span },
            ActionKind::Ask(ask) => Action::Ask(self.ask(ask, id, span)),
            ActionKind::Abort => Action::Abort,
            ActionKind::Continue => Action::Continue,
            ActionKind::Spawn(agent) => {
                let name = self.named(*agent);
                Action::Spawn { agent: self.agent(name), span }
            }
        })
    }

    fn enclosing_phase(&mut self, id: NodeId, span: Span) -> Option<NodeId> {
        let phase = self.model.phase_of(id);
        if phase.is_none() {
            let word = Span { end: span.start + 4, ..span };
            self.report(
                Diagnostic::new(
                    &super::super::placement::MISPLACED_ITEM,
                    word,
                    "`redo` alone means the enclosing phase",
                )
                .label("no phase is around it")
                .help("name the phase to go back to, as in `redo build at most 2`"),
            );
        }
        phase
    }

    pub(super) fn ask(&mut self, ask: &ast::Ask, id: NodeId, span: Span) -> Ask<'s> {
        let options = self.choices(&ask.options, id);
        Ask { question: self.optional_text(ask.question, id), options, span }
    }

    pub(super) fn choices(&mut self, options: &[ast::Choice], id: NodeId) -> Vec<Choice<'s>> {
        let mut seen: Vec<Named<'s>> = Vec::new();
        let mut choices = Vec::with_capacity(options.len());
        for option in options {
            let name = self.named(option.name);
            self.distinct(&mut seen, name, "option");
            choices.push(Choice {
                name,
                label: self.optional_text(option.label, id),
                when: self.when(option.when.as_deref()),
                adds: option.adds.and_then(|span| self.whole(span)),
                outcome: option.outcome.as_ref().map(|outcome| self.outcome(outcome, id)),
            });
        }
        choices
    }
}

pub(super) fn overrides(outcome: &Outcome<'_>, spans: &mut Vec<Span>) {
    for action in &outcome.actions {
        match action {
            Action::Override { span } => spans.push(*span),
            Action::Ask(ask) => {
                for outcome in ask.options.iter().filter_map(|option| option.outcome.as_ref()) {
                    overrides(outcome, spans);
                }
            }
            _ => {}
        }
    }
}
