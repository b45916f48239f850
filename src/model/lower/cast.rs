//! Everything that stands at the margin of a file and is not the flow: agents, limits, routes, documents.

use super::*;
use crate::syntax::ast::{Kind as Written, ModifierKind, TextWord};

impl<'a, 's> Lowering<'a, 's> {
    pub(super) fn resolve_item(&mut self, item: &Statement, root: NodeId) {
        match &item.kind {
            Written::Agent(agent) => self.resolve_agent(agent, root),
            Written::Skill(skill) => self.resolve_skill(skill, root),
            Written::Procedure(procedure) => self.resolve_procedure(procedure, root),
            Written::Skip(skip) => self.resolve_skip(skip, item.span, root),
            Written::Text(text) if text.word == TextWord::Output => {
                self.model.output = Some(self.text(text.text, root))
            }
            Written::Requires(requires) => {
                let purpose = self.optional_text(requires.text, root);
                for entry in &requires.what {
                    let skill = self.skill_name(entry.span, root);
                    self.model.requires_skills.push(SkillUse { skill, purpose });
                }
            }
            Written::Pairs(pairs) => {
                let skill = self.skill_name(pairs.skill, root);
                let purpose = self.optional_text(pairs.purpose, root);
                let when = self.scoped(pairs.when.as_deref(), condition::Scope::Measures);
                self.model.pairs.push(Pair { skill, purpose, when });
            }
            Written::Counter(counter) => {
                let counter = (self.text(counter.claim, root), self.text(counter.answer, root));
                self.model.counters.push(counter);
            }
            Written::Context(context) => self.resolve_context(context),
            Written::Escalation(choices) => {
                for choice in choices {
                    let name = self.named(choice.name);
                    self.known_word(name, "way out", &["more", "accept", "show", "abort"]);
                }
                let mut choices = self.choices(choices, root);
                self.refuse_outcomes(&mut choices, &[], "an option of `escalation` does what its name says");
                self.model.escalation = Some(choices);
            }
            Written::Abort(body) => self.resolve_abort(body, root),
            Written::Route(route) => {
                let pattern = Text { raw: self.slice(route.pattern), span: route.pattern };
                let branches = self.reasons(&route.branches, root, item.span);
                let mut spans = Vec::new();
                branches.iter().for_each(|branch| gate::overrides(&branch.outcome, &mut spans));
                self.refuse_overrides_of_routes(&spans);
                self.model.routes.push(Route { pattern, branches });
            }
            Written::Score(score) => self.resolve_score(score, root),
            Written::Document(document) => self.resolve_document(document, root),
            _ => {}
        }
    }

    fn resolve_agent(&mut self, agent: &ast::Agent, root: NodeId) {
        let mut cast = Cast::default();
        let mut seen = Seen::new();
        for statement in &agent.body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Agent) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            match &statement.kind {
                Written::List(ListWord::Tools, entries) => cast.tools.extend(self.names_of(entries)),
                Written::List(ListWord::Skills, entries) => cast.skills.extend(self.skill_names(entries, root)),
                Written::List(ListWord::Writes, entries) => cast.writes.extend(self.texts(entries, root)),
                Written::Model(name) if self.once(&mut seen, "model", statement.span) => {
                    cast.model = Some(self.named(*name));
                }
                _ => {}
            }
        }
        if let Some(description) = agent.description {
            self.text(description, root);
        }
        let Some(name) = agent.name else { return self.model.everyone = cast };
        let named = self.named(name);
        let declared = self.names.get(Kind::Agent, named).filter(|declared| declared.span == name);
        if let Some(declared) = declared {
            self.model.agents[declared.index].cast = cast;
        }
    }

    fn resolve_skill(&mut self, skill: &ast::Skill, root: NodeId) {
        let mut lowered = Skill {
            name: self.skill_name(skill.name, root),
            purpose: self.optional_text(skill.purpose, root),
            path: None,
        };
        let mut seen = Seen::new();
        for statement in &skill.body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Skill) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            if let Written::Text(text) = &statement.kind
                && self.once(&mut seen, "path", statement.span)
            {
                lowered.path = Some(self.text(text.text, root));
            }
        }
        let content = lowered.name.content();
        if let Some(first) = self.model.skills.iter().find(|other| other.name.content() == content) {
            let (shown, first) = (content.clone(), first.name.span);
            self.report(
                Diagnostic::new(
                    &super::super::names::DUPLICATE_NAME,
                    skill.name,
                    format!("skill `{shown}` is declared twice"),
                )
                .label("declared again here")
                .related(first, "first declared here")
                .help("remove one of the two"),
            );
            return;
        }
        self.model.skills.push(lowered);
    }

    fn resolve_procedure(&mut self, procedure: &ast::Procedure, root: NodeId) {
        let name = self.named(procedure.name);
        let Some(declared) = self.names.get(Kind::Procedure, name).filter(|found| found.span == name.span) else {
            return;
        };
        let parameters = self.model.procedures[declared.index].parameters.clone();
        let mut distinct: Vec<Named<'s>> = Vec::new();
        for parameter in &parameters {
            self.distinct(&mut distinct, *parameter, "parameter");
        }
        let mut items = Vec::new();
        let mut names: Vec<Named<'s>> = Vec::new();
        let mut texts = Vec::new();
        let mut overridable = None;
        let mut seen = Seen::new();
        for statement in &procedure.body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Procedure) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            match &statement.kind {
                Written::Item(item) => {
                    let item = self.item(item, root, &parameters);
                    self.distinct(&mut names, item.name, "item");
                    items.push(item);
                }
                Written::Override(risk) if self.once(&mut seen, "override", statement.span) => {
                    overridable = Some(self.overridable(statement.span, *risk, root));
                }
                Written::Text(text) => {
                    let block = self.text_block(text, root);
                    texts.push(block);
                }
                _ => {}
            }
        }
        let procedure = &mut self.model.procedures[declared.index];
        procedure.items = items;
        procedure.texts = texts;
        procedure.overridable = overridable;
    }

    fn resolve_skip(&mut self, skip: &ast::Skip, span: Span, root: NodeId) {
        let mut lowered = Skip { phases: Vec::new(), when: None, because: None, span };
        for entry in &skip.phases {
            let name = self.named(entry.span);
            if let Some(node) = self.node_named(&[Kind::Phase], name) {
                lowered.phases.push((node, entry.span));
            }
        }
        let mut seen = Seen::new();
        for modifier in &skip.modifiers {
            let word = flow::modifier_word(&modifier.kind);
            let fits = self.modifier_fits("skip rule", &["when", "because"], word, modifier.span);
            if !fits || !self.once(&mut seen, word, modifier.span) {
                continue;
            }
            match &modifier.kind {
                ModifierKind::When(condition) => lowered.when = self.when(Some(condition)),
                ModifierKind::Because(text) => lowered.because = Some(self.text(*text, root)),
                _ => {}
            }
        }
        self.model.skips.push(lowered);
    }

    fn resolve_context(&mut self, context: &ast::Context) {
        let Some(window) = self.whole(context.window) else { return };
        let mut rungs: Vec<Rung<'s>> = Vec::new();
        let mut seen: Vec<Named<'s>> = Vec::new();
        for rung in &context.rungs {
            let word = self.named(rung.word);
            self.distinct(&mut seen, word, "rung");
            self.known_word(word, "rung", &["warn", "should", "must", "block"]);
            let procedure = rung.procedure.and_then(|name| {
                let name = self.named(name);
                self.lookup(Kind::Procedure, name).map(ProcedureId::new)
            });
            if let Some(procedure) = procedure {
                self.model.procedures[procedure.index()].used = true;
            }
            let Some(quantity) = self.number(rung.share) else { continue };
            let share = quantity.whole().filter(|_| quantity.unit == Unit::Percent);
            let Some(share) = share.filter(|share| (1..=100).contains(share)) else {
                self.report(
                    Diagnostic::new(&BAD_NUMBER, rung.share, "a rung is a share of the context window")
                        .label("a whole number of per cent, from 1% to 100%, is expected"),
                );
                continue;
            };
            rungs.push(Rung { word, share, procedure });
        }
        self.model.context = Some(Context { window, rungs });
    }

    fn resolve_abort(&mut self, body: &[Statement], root: NodeId) {
        let mut abort = Abort { triggers: Vec::new(), ask: None };
        let mut seen = Seen::new();
        for statement in body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Abort) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            match &statement.kind {
                Written::Trigger(trigger) => {
                    let condition = self.condition(&trigger.condition, condition::Scope::Measures);
                    let text = self.text(trigger.text, root);
                    abort.triggers.push((condition, text));
                }
                Written::Ask(ask) if self.once(&mut seen, "ask", statement.span) => {
                    let mut ask = self.ask(ask, root, statement.span);
                    self.refuse_outcomes(
                        &mut ask.options,
                        &[Way::Abort],
                        "the run has stopped, and nothing of it goes on",
                    );
                    abort.ask = Some(Box::new(ask));
                }
                _ => {}
            }
        }
        self.model.abort = Some(abort);
    }

    /// Options that are only named: nothing but these outcomes may stand behind them.
    fn refuse_outcomes(&mut self, options: &mut [Choice<'s>], allowed: &[Way], why: &str) {
        for option in options {
            let Some(outcome) = &option.outcome else { continue };
            if outcome.actions.iter().all(|action| allowed.contains(&Way::from(action))) {
                continue;
            }
            let name = option.name;
            self.report(
                Diagnostic::new(
                    &super::super::placement::MISPLACED_ITEM,
                    outcome.span,
                    "an outcome has no meaning here",
                )
                .label(why)
                .related(name.span, format!("the option `{}`", name.name))
                .help("say in the label what the person chooses, and leave the outcome out"),
            );
            option.outcome = None;
        }
    }

    fn refuse_overrides_of_routes(&mut self, spans: &[Span]) {
        for span in spans {
            self.report(
                Diagnostic::new(&gate::OVERRIDE_OF_UNOVERRIDABLE, *span, "a `route` does not allow an override")
                    .label("would go on all the same")
                    .help(
                        "choose another outcome, or write it as `on blocked` in a phase that says `override by user`",
                    ),
            );
        }
    }

    fn resolve_score(&mut self, score: &ast::Score, root: NodeId) {
        let name = self.named(score.fact);
        let fact = self.fact_id(name);
        if fact.is_none() {
            self.unknown_as(&[Kind::Value], name, Some(Expected::Fact));
        }
        let mut factors: Vec<Named<'s>> = Vec::new();
        let mut lowered = Score { fact, name, factors: Vec::new(), bands: Vec::new() };
        for factor in &score.factors {
            self.distinct(&mut factors, self.named(factor.name), "factor");
            let weight = factor.weight.and_then(|span| self.plain(span)).map_or(1000, |weight| weight.thousandths);
            let points = factor
                .points
                .iter()
                .filter_map(|(value, points)| Some((self.slice(*value), self.plain(*points)?.thousandths)))
                .collect();
            lowered.factors.push(Factor {
                name: self.named(factor.name),
                title: self.optional_text(factor.title, root),
                weight,
                points,
            });
        }
        let of = fact.map_or(super::super::Type::Unknown, |fact| self.model.facts[fact.index()].of);
        for band in &score.bands {
            let fact = ast::Operand { span: score.fact, kind: ast::OperandKind::Path };
            let value = ast::Operand { span: band.value, kind: ast::OperandKind::Path };
            self.literal_of(&value, of, &fact);
            if let Some(from) = self.plain(band.from) {
                let text = self.optional_text(band.text, root);
                lowered.bands.push(Band { value: self.named(band.value), from: from.thousandths, text });
            }
        }
        self.model.scores.push(lowered);
    }

    fn resolve_document(&mut self, document: &ast::Document, root: NodeId) {
        let mut lowered = Document {
            name: self.named(document.name),
            title: self.optional_text(document.title, root),
            description: None,
            tools: Vec::new(),
            command: None,
            related: Vec::new(),
            sections: Vec::new(),
        };
        let mut seen = Seen::new();
        for statement in &document.body {
            if let Some(diagnostic) = misplaced(&statement.kind, statement.span, Body::Document) {
                self.refuse(diagnostic, statement.span);
                continue;
            }
            match &statement.kind {
                Written::Text(text) => {
                    let word = keyword(&statement.kind);
                    if self.once(&mut seen, word, statement.span) {
                        let content = Some(self.text(text.text, root));
                        if text.word == TextWord::Description {
                            lowered.description = content;
                        } else {
                            lowered.command = content;
                        }
                    }
                }
                Written::List(ListWord::Tools, entries) => lowered.tools.extend(self.names_of(entries)),
                Written::List(ListWord::Related, entries) => lowered.related.extend(self.skill_names(entries, root)),
                Written::Section(section) => {
                    let position = section.position.map(|(before, name)| (before, self.named(name)));
                    if let Some((_, name)) = position
                        && !GENERATED_SECTIONS.contains(&name.name)
                    {
                        self.unknown_section(name);
                    }
                    let title = self.text(section.title, root);
                    lowered.sections.push(Section { title, position, text: self.text(section.text, root) });
                }
                _ => {}
            }
        }
        self.model.document = Some(lowered);
    }

    /// Reports a word that is none of the few that have a meaning here.
    fn known_word(&mut self, word: Named<'s>, what: &str, known: &[&str]) {
        if known.contains(&word.name) {
            return;
        }
        let expected = super::super::names::listed(known).replacen(" and ", " or ", 1);
        let message = format!("unknown {what} `{}`", word.name);
        let mut diagnostic = Diagnostic::new(&super::super::names::UNKNOWN_NAME, word.span, message)
            .label(format!("{expected} is expected here"));
        diagnostic = match crate::diagnostic::nearest(word.name, known.iter().copied()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), word.span, near)
            }
            None => diagnostic.help(format!("it is {expected}")),
        };
        self.report(diagnostic);
    }

    fn unknown_section(&mut self, name: Named<'s>) {
        let mut diagnostic =
            Diagnostic::new(&super::super::names::UNKNOWN_NAME, name.span, format!("unknown section `{}`", name.name))
                .label("the name of a generated section is expected here");
        diagnostic = match crate::diagnostic::nearest(name.name, GENERATED_SECTIONS.iter().copied()) {
            Some(near) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help(format!("generated are {}", super::super::names::listed(GENERATED_SECTIONS))),
        };
        self.report(diagnostic);
    }
}
