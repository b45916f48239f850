//! The flow as promises: what runs when, what it needs and leaves, what gates ask for, and what comes of them.

use super::{RUN, Reader, Value, Weaker, shown};
use crate::graph::Position;
use crate::logic::{Diagram, TRUE};
use crate::model::{
    Action, Ask, Branch, Choice, Detail, Evidence, Gate, Item, Loop, NodeId, NodeKind, Outcome, Overridable, Work,
};
use crate::source::Span;

impl<'s> Reader<'_, '_, 's> {
    pub(super) fn node(&mut self, id: NodeId) {
        let model = &self.analysis.model;
        let node = model.node(id);
        if node.kind == NodeKind::Parallel {
            return;
        }
        let around = model.ancestors(node.parent).find(|around| model.node(*around).kind != NodeKind::Parallel);
        let parent = around.map_or("workflow".to_string(), |around| self.keys.of(around).to_string());
        self.subject(
            self.keys.of(id).to_string(),
            shown(self.analysis, id),
            Some(parent),
            node.span,
            node.kind != NodeKind::Each,
        );
        let place = self.item_of(around.unwrap_or(NodeId::new(0)));
        self.say("place", place);
        let verb = if node.kind == NodeKind::Gate { "stands" } else { "runs" };
        self.on(node.when.as_ref().map_or(node.span, |when| when.span));
        self.when(RUN, self.analysis.run(id), verb, Weaker::Less);
        for (mark, what) in [(node.required(), "`required`"), (node.irreversible(), "`irreversible`")] {
            if let Some(mark) = mark {
                self.on(mark).there(what, Weaker::Less);
            }
        }
        if let Some(once) = node.once() {
            self.on(once).there("`once`", Weaker::Neither);
        }
        self.text("title", node.title.as_ref(), None);
        self.text("reason", node.because(), None);
        match model.detail(id) {
            Detail::None => {}
            Detail::Step(item) => {
                self.text("meaning", item.meaning.as_ref(), None);
                self.evidence("evidence", item.by.as_ref(), None, &[]);
            }
            Detail::Loop(inner) => self.of_loop(id, inner),
            Detail::Gate(gate) => self.gate(id, gate),
            Detail::Work(work) => self.work(id, work),
        }
    }

    fn of_loop(&mut self, id: NodeId, inner: &Loop<'s>) {
        if let Some(bound) = &inner.bound {
            self.bound("bound", bound);
        }
        if let Some(until) = &inner.until {
            let ends = self.analysis.holds(until, Position::EndOf(id));
            self.on(until.span).when("ends", ends, "ends", Weaker::More);
        }
        if let Some(outcome) = &inner.on_exhausted {
            self.outcome("on exhausted", outcome, Position::EndOf(id), TRUE);
        }
        self.overridable(inner.overridable.as_deref());
        self.text("purpose", inner.purpose.as_ref(), None);
        self.blocks("text", &inner.texts);
    }

    pub(super) fn overridable(&mut self, overridable: Option<&Overridable<'_>>) {
        if let Some(overridable) = overridable {
            let what = "override by a person";
            self.on(overridable.span).there(what, Weaker::More);
            self.text("risk of an override", overridable.risk.as_ref(), Some(what));
        }
    }

    fn gate(&mut self, id: NodeId, gate: &Gate<'s>) {
        let before = Position::Before(id);
        let run = self.analysis.run(id);
        let model = &self.analysis.model;
        if let Some(follows) = &gate.follows {
            let arguments: Vec<&str> = follows.arguments.iter().map(|(_, named)| named.name).collect();
            let name = model.procedures[follows.procedure.index()].name.name;
            self.on(follows.span).there(format!("procedure `{name}({})`", arguments.join(", ")), Weaker::Less);
        }
        for item in &gate.items {
            let by = gate.by.map(|agent| self.agents.called(model.agents[agent.index()].name.name));
            let when = item.when.as_ref().map_or(TRUE, |when| self.analysis.holds(when, before));
            self.item(item, self.analysis.and(run, when), by, &[]);
        }
        if let Some(first) = gate.conditions.first() {
            let all = gate.conditions.iter().fold(TRUE, |all, condition| {
                let holds = self.analysis.holds(condition, before);
                self.analysis.and(all, holds)
            });
            self.on(first.span).when("lets through", all, "lets through", Weaker::More);
        }
        if let Some(ask) = &gate.ask {
            self.on(ask.span).there("question", Weaker::Less);
            self.ask("", ask, before, run);
        }
        self.branches("on fail", &gate.on_fail, before, run);
        self.overridable(gate.overridable.as_deref());
        self.text("purpose", gate.purpose.as_ref(), None);
        self.texts("list of what is kept", &gate.keep, None);
        self.blocks("text", &gate.texts);
    }

    pub(super) fn item(&mut self, item: &Item<'_>, applies: Diagram, by: Option<&str>, parameters: &[&str]) {
        let what = format!("requirement `{}`", item.name.name);
        self.on(item.name.span).when(what.clone(), applies, "applies", Weaker::Less);
        self.text(format!("title of {what}"), item.title.as_ref(), Some(&what));
        self.text(format!("meaning of {what}"), item.meaning.as_ref(), Some(&what));
        if let Some(Evidence::Checklist(entries)) = &item.by {
            // One that comes or goes is another evidence.
            let list = format!("checklist of {what}");
            self.texts(list.clone(), entries, Some(&list));
        }
        self.on(item.name.span);
        self.evidence(format!("evidence of `{}`", item.name.name), item.by.as_ref(), by, parameters);
    }

    fn evidence(
        &mut self,
        what: impl Into<String>,
        by: Option<&Evidence<'_>>,
        default: Option<&str>,
        parameters: &[&str],
    ) {
        let model = &self.analysis.model;
        let written = match (by, default) {
            (None, Some(agent)) => format!("agent `{agent}`"),
            (None, None) => "somebody's word".to_string(),
            (Some(Evidence::Agent(agent)), _) => {
                format!("agent `{}`", self.agents.called(model.agents[agent.index()].name.name))
            }
            (Some(Evidence::Artifact(artifact)), _) => {
                format!("file of `{}`", model.artifacts[artifact.index()].name.name)
            }
            (Some(Evidence::Parameter(index)), _) => {
                format!("file of `{}`", parameters.get(*index).copied().unwrap_or_default())
            }
            (Some(Evidence::File(path)), _) => format!("file `{}`", self.letters(path)),
            (Some(Evidence::Run(run)), _) => {
                let pattern = run.matching.map(|pattern| format!(" matching `{}`", pattern.content()));
                format!("command `{}`{}", self.letters(&run.command), pattern.unwrap_or_default())
            }
            (Some(Evidence::Answer), _) => "an answer".to_string(),
            (Some(Evidence::Measure(condition)), _) => format!("measure `{}`", model.meant(&condition.cond)),
            (Some(Evidence::Skill(skill)), _) => format!("skill `{}`", skill.content()),
            (Some(Evidence::Checklist(_)), _) => "a checklist".to_string(),
        };
        let claim = by.map_or(default.is_none(), Evidence::is_claim);
        self.say(what, Value::Evidence { written, claim });
    }

    fn work(&mut self, id: NodeId, work: &Work<'s>) {
        let model = &self.analysis.model;
        let (before, end, run) = (Position::Before(id), Position::EndOf(id), self.analysis.run(id));
        for read in &work.reads {
            let what = format!("reading of `{}`", model.artifacts[read.artifact.index()].name.name);
            if read.optional {
                self.on(read.span).there(format!("{what}: `?`"), Weaker::Neither);
            }
            self.on(read.span).there(what, Weaker::Neither);
        }
        for artifact in &work.produces {
            let produced = &model.artifacts[artifact.index()];
            let own = produced.producers.iter().zip(&produced.produced_at).find(|(node, _)| **node == id);
            self.on(own.map_or(model.node(id).span, |(_, span)| *span))
                .there(format!("artifact `{}`", model.artifacts[artifact.index()].name.name), Weaker::Less);
        }
        self.skills(&work.skills, "");
        for tool in &work.tools {
            self.on(tool.span).there(format!("tool `{}`", tool.name), Weaker::Neither);
        }
        if let Some(model) = work.model {
            self.on(model.span).word("model", model.name);
        }
        for writes in &work.writes {
            let path = self.letters(writes);
            self.on(writes.span).there(format!("writes `{path}`"), Weaker::Neither);
        }
        for kept in &work.unchanged {
            let path = self.letters(kept);
            self.on(kept.span).there(format!("unchanged `{path}`"), Weaker::Less);
        }
        for (word, amount) in &work.budget {
            self.bound(format!("budget of {}", word.name), amount);
        }
        if let Some(first) = work.requires.first() {
            let all = work.requires.iter().fold(TRUE, |all, condition| {
                let holds = self.analysis.holds(condition, end);
                self.analysis.and(all, holds)
            });
            self.on(first.span).when("completes", all, "completes", Weaker::More);
        }
        for (phase, span) in &work.requires_phases {
            self.on(*span).there(format!("`requires phase {}`", model.node(*phase).name.name), Weaker::Less);
        }
        for revision in &work.revises {
            let fact = model.facts[revision.fact.index()].name.name;
            let relation = self.relation(id, revision.span).unwrap_or(TRUE);
            let relation = self.joint.of(self.side, relation);
            self.on(revision.span).say(format!("revision of `{fact}`"), Value::Relation(relation));
        }
        if let Some(outcome) = &work.on_failure {
            self.outcome("on failure", outcome, before, run);
        }
        self.branches("on blocked", &work.on_blocked, before, run);
        self.overridable(work.overridable.as_deref());
        if let Some(first) = work.checklist.first() {
            self.on(first.span).there("checklist", Weaker::Less);
            self.texts("text of the checklist", &work.checklist, Some("checklist"));
        }
        self.text("purpose", work.purpose.as_ref(), None);
        self.blocks("text", &work.texts);
        self.blocks("prompt", &work.prompts);
        if let Some(each) = &work.each {
            if let Some(from) = &each.from {
                let mark = if from.optional { "?" } else { "" };
                self.on(from.span)
                    .word("tasks from", format!("{}{mark}", model.artifacts[from.artifact.index()].name.name));
            }
            if let Some(bound) = &each.bound {
                self.bound("bound", bound);
            }
            if each.else_once {
                self.there("`else once`", Weaker::Neither);
            }
            if let Some(batch) = &each.batch {
                self.on(batch.span).word("batch", model.meant(&batch.cond));
            }
        }
    }

    /// The relation of one revision; they are kept in the order of writing.
    fn relation(&self, id: NodeId, span: Span) -> Option<Diagram> {
        let model = &self.analysis.model;
        let all = (0..model.nodes.len()).map(NodeId::new).flat_map(|node| {
            model.work(node).into_iter().flat_map(move |work| work.revises.iter().map(move |one| (node, one.span)))
        });
        let index = all.into_iter().position(|place| place == (id, span))?;
        self.analysis.relations().get(index).copied()
    }

    // ── Outcomes ─────────────────────────────────────────────────────────────────────────────────

    pub(super) fn ask(&mut self, of: &str, ask: &Ask<'_>, at: Position, run: Diagram) {
        match of {
            "" => self.text("text of the question", ask.question.as_ref(), None),
            of => self.text(format!("text of {of}: question"), ask.question.as_ref(), Some(of)),
        }
        for option in &ask.options {
            self.choice(of, option, at, run);
        }
    }

    pub(super) fn choice(&mut self, of: &str, choice: &Choice<'_>, at: Position, run: Diagram) {
        let what = prefixed(of, format!("option `{}`", choice.name.name));
        let offered = match &choice.when {
            Some(when) => self.analysis.and(run, self.analysis.holds(when, at)),
            None => run,
        };
        self.on(choice.name.span).when(what.clone(), offered, "is offered", Weaker::Neither);
        self.text(format!("label of {what}"), choice.label.as_ref(), Some(&what));
        match &choice.outcome {
            Some(outcome) => self.outcome(&what, outcome, at, offered),
            None => {
                self.on(choice.name.span).when(format!("{what} -> continue"), offered, "is taken", Weaker::Neither);
            }
        }
    }

    pub(super) fn branches(&mut self, of: &str, branches: &[Branch<'_>], at: Position, run: Diagram) {
        for (branch, taken) in self.analysis.first_to_hold(branches, at, run) {
            let of = match branch.reason {
                Some(reason) => format!("{of} `{}`", reason.name),
                None => of.to_string(),
            };
            self.outcome(&of, &branch.outcome, at, taken);
        }
    }

    fn outcome(&mut self, of: &str, outcome: &Outcome<'_>, at: Position, when: Diagram) {
        let model = &self.analysis.model;
        let mut path = format!("{of} -> ");
        for (index, action) in outcome.actions.iter().enumerate() {
            if index > 0 {
                path.push_str(", then ");
            }
            let (word, bound) = match action {
                Action::Redo { target, bound, .. } => (format!("redo {}", model.node(*target).name.name), Some(*bound)),
                Action::Fix { agent, bound, .. } => {
                    (format!("fix by {}", self.agents.called(model.agents[agent.index()].name.name)), Some(*bound))
                }
                Action::Retry { bound, .. } => ("retry".to_string(), *bound),
                Action::Show { artifact, .. } => {
                    (format!("show {}", model.artifacts[artifact.index()].name.name), None)
                }
                Action::Override { .. } => ("override".to_string(), None),
                Action::Ask(_) => ("ask".to_string(), None),
                Action::Abort => ("abort".to_string(), None),
                Action::Continue => ("continue".to_string(), None),
                Action::Spawn { agent, .. } => {
                    (format!("spawn {}", self.agents.called(model.agents[agent.index()].name.name)), None)
                }
            };
            path.push_str(&word);
            if let Some(bound) = bound {
                self.bound(format!("bound of {path}"), &bound);
            }
            if let Action::Ask(ask) = action {
                self.ask(&path, ask, at, when);
            }
        }
        // Bounded last steps end in a question, whether it is written or not.
        let last = outcome.actions.last();
        let bounded =
            matches!(last, Some(Action::Redo { .. } | Action::Fix { .. } | Action::Retry { bound: Some(_), .. }));
        if bounded {
            path.push_str(", then ask");
        }
        self.on(outcome.span).when(path, when, "is taken", Weaker::Neither);
    }
}

fn prefixed(of: &str, what: String) -> String {
    if of.is_empty() { what } else { format!("{of}: {what}") }
}
