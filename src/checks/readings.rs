//! Who reads which artifact, where, and under which conditions.

use crate::analysis::Analysis;
use crate::checks::outcomes::{Guard, Part, actions, offered, outcomes, position};
use crate::graph::Position;
use crate::logic::Diagram;
use crate::model::{Action, ArtifactId, Condition, Detail, Evidence, Gate, Item, Model, NodeId, Read, Target, Text};
use crate::source::Span;

/// In which way an artifact is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// In a list of `reads`, or as what an `each` takes its tasks from.
    Listed,
    /// A prompt or the text of a gate names it.
    Text,
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
            How::Listed | How::Text => format!("reads {what}"),
            How::Evidence | How::Argument => format!("asks for {what}"),
            How::Shown => format!("shows {what}"),
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            How::Listed => "read without `?`",
            How::Text => "what a prompt or gate names is read",
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
/// read again inside it.
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
        match &analysis.model.node(node.node).detail {
            Detail::None => {}
            Detail::Work(work) => {
                let from = work.each.as_ref().and_then(|each| each.from.as_ref());
                for read in work.reads.iter().chain(from) {
                    if read.in_text {
                        node.prompts(read, see);
                    } else {
                        node.reading(read.artifact, read.span, read.optional, How::Listed, &[], see);
                    }
                }
                node.shows(see);
            }
            Detail::Step(item) => node.item(item, see),
            Detail::Loop(_) => node.shows(see),
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
                if !gate.reads.is_empty() {
                    node.gate_texts(gate, see);
                }
                node.shows(see);
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

/// The artifacts that a text names, with the places.
fn references(model: &Model<'_>, text: &Text<'_>) -> Vec<(ArtifactId, Span)> {
    let targets = model.targets.get(&text.span).into_iter().flatten();
    let named = targets.zip(crate::syntax::text::references(text.raw)).filter_map(|(target, reference)| match target {
        Some(Target::Artifact(artifact)) => Some((*artifact, reference.span(text.span))),
        _ => None,
    });
    named.collect()
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
        let (analysis, model, node) = (self.analysis, &self.analysis.model, self.node);
        let around = model.ancestors(node).filter(|around| *around != node || how != How::Listed);
        let read_around = around
            .filter_map(|around| model.work(around))
            .any(|work| work.reads.iter().any(|read| read.artifact == artifact && !read.optional && !read.in_text));
        if read_around {
            return;
        }
        let at = position(model, node);
        let taken = offered(analysis, node, when);
        see(Reading { artifact, node, at, span, optional, how, taken });
    }

    fn item(&self, item: &Item<'_>, see: &mut dyn FnMut(Reading)) {
        if let Some(artifact) = evidence(item) {
            let when: Vec<Guard<'_>> = item.when.as_deref().map(Guard::Holds).into_iter().collect();
            self.reading(artifact, item.name.span, false, How::Evidence, &when, see);
        }
    }

    /// Where the task and the prompts of a spawn name an artifact.
    fn prompts(&self, read: &Read, see: &mut dyn FnMut(Reading)) {
        let model = &self.analysis.model;
        let Some(work) = model.work(self.node) else { return };
        let task = model.node(self.node).title.as_ref().map(|task| (task, None));
        let prompts = work.prompts.iter().map(|prompt| (&prompt.text, prompt.when.as_deref().map(Guard::Holds)));
        for (text, when) in task.into_iter().chain(prompts) {
            for (artifact, span) in references(model, text) {
                if artifact == read.artifact {
                    self.reading(artifact, span, false, How::Text, when.as_slice(), see);
                }
            }
        }
    }

    fn gate_texts(&self, gate: &Gate<'_>, see: &mut dyn FnMut(Reading)) {
        let model = &self.analysis.model;
        let mut text = |text: &Text<'_>, when: &[Guard<'_>]| {
            for (artifact, span) in references(model, text) {
                if gate.reads.iter().any(|read| read.artifact == artifact) {
                    self.reading(artifact, span, false, How::Text, when, see);
                }
            }
        };
        model.node(self.node).title.iter().chain(&gate.purpose).chain(&gate.keep).for_each(|found| text(found, &[]));
        for block in &gate.texts {
            text(&block.text, block.when.as_deref().map(Guard::Holds).as_slice());
        }
        for item in &gate.items {
            let when: Vec<Guard<'_>> = item.when.as_deref().map(Guard::Holds).into_iter().collect();
            item.title.iter().chain(&item.meaning).for_each(|found| text(found, &when));
            match &item.by {
                Some(Evidence::File(found)) => text(found, &when),
                Some(Evidence::Run(run)) => text(&run.command, &when),
                Some(Evidence::Checklist(entries)) => entries.iter().for_each(|found| text(found, &when)),
                _ => {}
            }
        }
        outcomes(&model.node(self.node).detail, &mut |part, when| {
            let Part::Ask(ask) = part else { return };
            ask.question.iter().for_each(|found| text(found, when));
            for option in &ask.options {
                let mut when = when.to_vec();
                when.extend(option.when.as_deref().map(Guard::Holds));
                option.label.iter().for_each(|found| text(found, &when));
            }
        });
    }

    fn shows(&self, see: &mut dyn FnMut(Reading)) {
        actions(&self.analysis.model.node(self.node).detail, &mut |action, when| {
            if let Action::Show { artifact, span } = action {
                self.reading(*artifact, *span, false, How::Shown, when, see);
            }
        });
    }
}
