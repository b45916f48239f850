//! Gates and procedures, and what closes them.

use super::*;
use crate::codes;
use crate::syntax::ast::{Evidence as WrittenEvidence, Kind as Written, ModifierKind, TextWord};

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
