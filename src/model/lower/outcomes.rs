//! Outcomes, questions and branches.

use super::*;
use crate::codes;
use crate::syntax::ast::ActionKind;

codes! {
    ROUTE_NOT_TOTAL: "WF705" "route-not-total" Error = "A table of outcomes leaves a case open.",
        "Every table of outcomes ends with `else`, so that it is said what happens in every case.",
        bad: "workflow w\n\nphase a {\n  spawn worker \"Work\"\n  on blocked {\n    security -> abort\n  }\n}\n",
        good: "workflow w\n\nphase a {\n  spawn worker \"Work\"\n  on blocked {\n    security -> abort\n    else -> ask\n  }\n}\n";
}

impl<'s> Lowering<'_, 's> {
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
    pub(super) fn check_total(&mut self, branches: &[ast::Branch], span: Span) {
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
