//! What phases, stages, spawns and `each` take, leave and say.

use super::items::stem;
use super::*;
use crate::codes;
use crate::syntax::ast::{Kind as Written, ModifierKind, TextWord};

codes! {
    BAD_PATTERN: "WF312" "bad-pattern" Error = "A pattern cannot be read, or has nothing to take a value from.",
        "`matching` is a regular expression as of the Rust crate `regex`. Where it decides a fact, the value is what its first \
         group finds. In a text a backslash is written twice.",
        bad: "workflow w\n\nfact covered: int 0..100\n\nphase test {\n  decides covered from run \"make coverage\" matching \"total: (\\\\d+%\"\n}\n\nphase ship when covered >= 80\n",
        good: "workflow w\n\nfact covered: int 0..100\n\nphase test {\n  decides covered from run \"make coverage\" matching \"total: (\\\\d+)%\"\n}\n\nphase ship when covered >= 80\n";
}

impl<'s> Lowering<'_, 's> {
    /// A phase, stage, spawn or `each`.
    pub(super) fn resolve_work(&mut self, id: NodeId, node: &ast::Node) {
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
            Written::Model(name) if self.once(seen, "model", span) => work.model = Some(self.named(*name)),
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
        run.iter().filter_map(|run| run.matching.as_ref()).for_each(|pattern| self.check_group(pattern));
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
        let command = self.text(run.command, id);
        let matching = run.matching.map(|span| Text { raw: self.slice(span), span });
        if let Some(pattern) = &matching
            && let Err(error) = regex_syntax::parse(&pattern.content())
        {
            self.report(bad_pattern(pattern.span, &error));
        }
        Run { command, matching }
    }

    /// The value of a fact is what the first group of a pattern finds.
    fn check_group(&mut self, pattern: &Text<'s>) {
        let Ok(read) = regex_syntax::parse(&pattern.content()) else { return };
        if read.properties().explicit_captures_len() == 0 {
            self.report(
                Diagnostic::new(&BAD_PATTERN, pattern.span, "the pattern has no group to take the value from")
                    .label("nothing stands in parentheses")
                    .help("put what is the value in parentheses, as in `total: (\\\\d+)`"),
            );
        }
    }
}

fn bad_pattern(span: Span, error: &regex_syntax::Error) -> Diagnostic {
    let why = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it is no regular expression".to_owned(),
    };
    Diagnostic::new(&BAD_PATTERN, span, "the pattern cannot be read")
        .label(why)
        .help("write a regular expression as of the crate `regex`; a `\\` is written twice in a text")
}

/// Adds to a list that mostly stays as it is then: without room for more.
fn add<T>(list: &mut ThinVec<T>, items: impl IntoIterator<Item = T, IntoIter: ExactSizeIterator>) {
    let items = items.into_iter();
    if list.is_empty() {
        list.reserve_exact(items.len());
    }
    list.extend(items);
}
