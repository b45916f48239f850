//! Who reads which artifact, where, and under which conditions.

use crate::analysis::Analysis;
use crate::checks::outcomes::{Guard, Part, offered, outcomes, position};
use crate::graph::Position;
use crate::logic::Diagram;
use crate::model::{Action, ArtifactId, Condition, Detail, Evidence, Gate, Item, NodeId, NodeKind, Text, Work};
use crate::source::Span;

/// In which way an artifact is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a list of `reads`, or as what an `each` takes its tasks from.
    Listed,
    /// A prompt, a question or the text of a gate names it.
    Text,
    /// A command that closes an item or decides a fact.
    Command,
    /// `by file`.
    Evidence,
    /// `show`.
    Shown,
    /// The argument of a procedure.
    Argument,
}

impl How {
    /// All but a list may also speak of what the phase around is about to produce.
    pub fn may_be_mention(self) -> bool {
        self != How::Listed
    }

    pub fn takes_question_mark(self) -> bool {
        self == How::Listed
    }

    pub fn does(self, what: &str) -> String {
        let what = if what == "it" { what.to_string() } else { format!("`{what}`") };
        match self {
            How::Listed | How::Text | How::Command => format!("reads {what}"),
            How::Evidence | How::Argument => format!("asks for {what}"),
            How::Shown => format!("shows {what}"),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            How::Listed => "read without `?`",
            How::Text => "what a prompt or gate names is read",
            How::Command => "what a command names is read",
            How::Evidence => "the evidence",
            How::Shown => "shown to the person",
            How::Argument => "what the procedure is followed with",
        }
    }
}

/// One reading of an artifact.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    pub artifact: ArtifactId,
    pub node: NodeId,
    pub at: Position,
    pub span: Span,
    /// With `?`.
    pub optional: bool,
    pub how: How,
    /// Under which condition it is read.
    pub taken: Diagram,
}

/// Calls `see` for every reading of the flow, in the order of the items. What an item around reads without `?` is not
/// read again inside it, nor is what the tasks come from.
pub fn readings(analysis: &Analysis<'_>, see: &mut dyn FnMut(Reading)) {
    let evidence_of: Vec<Vec<(ArtifactId, Option<&Condition>)>> = analysis
        .model
        .procedures
        .iter()
        .map(|procedure| {
            procedure.items.iter().filter_map(|item| Some((evidence(item)?, item.when.as_deref()))).collect()
        })
        .collect();
    for index in 1..analysis.model.nodes.len() {
        let node = Reader { analysis, node: NodeId::new(index) };
        match analysis.model.detail(node.node) {
            Detail::None => {}
            Detail::Work(work) => {
                let from = work.each.as_ref().and_then(|each| each.from.as_ref());
                for read in work.reads.iter().chain(from) {
                    if !read.in_text {
                        node.reading(read.artifact, read.span, read.optional, How::Listed, &[], see);
                    }
                }
                node.prompts(work, see);
                node.commands(work, see);
                node.outcomes(see);
            }
            Detail::Step(item) => node.item(item, see),
            Detail::Loop(_) => node.outcomes(see),
            Detail::Gate(gate) => {
                if let Some(follows) = &gate.follows {
                    for (artifact, name) in &follows.arguments {
                        artifact
                            .iter()
                            .for_each(|artifact| node.reading(*artifact, name.span, false, How::Argument, &[], see));
                    }
                    for (artifact, when) in &evidence_of[follows.procedure.index()] {
                        let when = when.map(Guard::Holds);
                        node.reading(*artifact, follows.span, false, How::Evidence, when.as_slice(), see);
                    }
                }
                gate.items.iter().for_each(|item| node.item(item, see));
                node.gate_texts(gate, see);
                node.outcomes(see);
            }
        }
    }
}

fn evidence(item: &Item<'_>) -> Option<ArtifactId> {
    match &item.by {
        Some(Evidence::Artifact(artifact)) => Some(*artifact),
        _ => None,
    }
}

struct Reader<'a, 's> {
    analysis: &'a Analysis<'s>,
    node: NodeId,
}

impl Reader<'_, '_> {
    fn reading(
        &self,
        artifact: ArtifactId,
        span: Span,
        optional: bool,
        how: How,
        when: &[Guard<'_>],
        see: &mut dyn FnMut(Reading),
    ) {
        let (model, node) = (&self.analysis.model, self.node);
        let around = model.ancestors(node).filter(|around| *around != node || how != How::Listed);
        let read_around = around.filter_map(|around| model.work(around)).any(|work| {
            // There is a task only where the file is that lists it.
            let tasks = work.each.as_ref().filter(|each| !each.else_once).and_then(|each| each.from.as_ref());
            let mut reads = work.reads.iter().filter(|read| !read.optional && !read.in_text);
            reads.any(|read| read.artifact == artifact) || tasks.is_some_and(|read| read.artifact == artifact)
        });
        if read_around {
            return;
        }
        let taken = offered(self.analysis, node, when);
        let at = self.position();
        see(Reading { artifact, node, at, span, optional, how, taken });
    }

    /// Where an item reads what it does not read in the end.
    fn position(&self) -> Position {
        position(&self.analysis.model, self.node)
    }

    /// What closes an item.
    fn item(&self, item: &Item<'_>, see: &mut dyn FnMut(Reading)) {
        let when = item.when.as_deref().map(Guard::Holds);
        match &item.by {
            Some(Evidence::Artifact(artifact)) => {
                self.reading(*artifact, item.name.span, false, How::Evidence, when.as_slice(), see);
            }
            Some(Evidence::File(path)) => self.named(path, How::Evidence, self.position(), when.as_slice(), see),
            Some(Evidence::Run(run)) => {
                self.named(&run.command, How::Command, self.position(), when.as_slice(), see);
            }
            _ => {}
        }
    }

    /// Where a text names an artifact, unless something around says more of it.
    fn named(&self, text: &Text<'_>, how: How, at: Position, when: &[Guard<'_>], see: &mut dyn FnMut(Reading)) {
        let model = &self.analysis.model;
        for (artifact, span) in model.artifacts_named(text) {
            if !model.lists_around(self.node, artifact) {
                let taken = offered(self.analysis, self.node, when);
                see(Reading { artifact, node: self.node, at, span, optional: false, how, taken });
            }
        }
    }

    fn text(&self, text: &Text<'_>, when: &[Guard<'_>], see: &mut dyn FnMut(Reading)) {
        self.named(text, How::Text, self.position(), when, see);
    }

    /// The task and the prompts of a spawn.
    fn prompts(&self, work: &Work<'_>, see: &mut dyn FnMut(Reading)) {
        let node = self.analysis.model.node(self.node);
        let task = node.title.iter().filter(|_| node.kind == NodeKind::Spawn);
        task.for_each(|task| self.text(task, &[], see));
        for prompt in &work.prompts {
            self.text(&prompt.text, prompt.when.as_deref().map(Guard::Holds).as_slice(), see);
        }
    }

    /// The commands that decide facts when a phase or stage is done.
    fn commands(&self, work: &Work<'_>, see: &mut dyn FnMut(Reading)) {
        let facts = work.decides.iter().map(|fact| &self.analysis.model.facts[fact.index()]);
        let deciders = facts.flat_map(|fact| &fact.deciders).filter(|decider| decider.node == self.node);
        for run in deciders.filter_map(|decider| decider.run.as_ref()) {
            self.named(&run.command, How::Command, Position::EndOf(self.node), &[], see);
        }
    }

    fn gate_texts(&self, gate: &Gate<'_>, see: &mut dyn FnMut(Reading)) {
        let title = &self.analysis.model.node(self.node).title;
        let texts = title.iter().chain(&gate.purpose).chain(&gate.keep);
        texts.for_each(|found| self.text(found, &[], see));
        for block in &gate.texts {
            self.text(&block.text, block.when.as_deref().map(Guard::Holds).as_slice(), see);
        }
        for item in &gate.items {
            let when = item.when.as_deref().map(Guard::Holds);
            let said = item.title.iter().chain(&item.meaning);
            said.for_each(|found| self.text(found, when.as_slice(), see));
            if let Some(Evidence::Checklist(entries)) = &item.by {
                entries.iter().for_each(|found| self.text(found, when.as_slice(), see));
            }
        }
    }

    /// What a person is asked and shown.
    fn outcomes(&self, see: &mut dyn FnMut(Reading)) {
        outcomes(&self.analysis.model, self.node, &mut |part, when| match part {
            Part::Action(Action::Show { artifact, span }) => {
                self.reading(*artifact, *span, false, How::Shown, when, see);
            }
            Part::Action(_) => {}
            Part::Ask(ask) => {
                ask.question.iter().for_each(|found| self.text(found, when, see));
                for option in &ask.options {
                    let mut when = when.to_vec();
                    when.extend(option.when.as_deref().map(Guard::Holds));
                    option.label.iter().for_each(|found| self.text(found, &when, see));
                }
            }
        });
    }
}
