//! Every text that documents print, with where it stands.

use crate::model::{
    Action, Ask, Branch, Choice, Detail, Evidence, Item, Model, NodeId, NodeKind, Outcome, Text, TextBlock,
};
use crate::source::Span;

/// A text as it stands in the source: with its quotes, references not replaced.
#[derive(Debug, Clone, Copy)]
pub struct Written<'m> {
    pub raw: &'m str,
    pub span: Span,
    /// The item it belongs to; the workflow for all else.
    pub node: NodeId,
    /// It is about the workflow as a whole: its documentation, its document.
    pub whole: bool,
    /// References in it are replaced; not so in documentation comments.
    pub references: bool,
}

/// Calls `visit` for every text. Titles and paths are none: they name things and say nothing about them.
pub fn texts<'m>(model: &'m Model<'_>, visit: &mut dyn FnMut(Written<'m>)) {
    whole(model, visit);
    for index in 0..model.nodes.len() {
        let id = NodeId::new(index);
        node_texts(model, id, &mut |text| {
            visit(Written { raw: text.raw, span: text.span, node: id, whole: false, references: true });
        });
        documentation(model, &model.node(id).docs, id, visit);
    }
    let root = NodeId::new(0);
    cast_texts(model, &mut |text| {
        visit(Written { raw: text.raw, span: text.span, node: root, whole: false, references: true });
    });
}

/// What is said of the whole.
fn whole<'m>(model: &'m Model<'_>, visit: &mut dyn FnMut(Written<'m>)) {
    let root = NodeId::new(0);
    if let Some(header) = &model.header {
        documentation(model, &header.docs, root, visit);
    }
    if let Some(document) = &model.document {
        let sections = document.sections.iter().map(|section| &section.text);
        for text in document.description.iter().chain(sections) {
            visit(Written { raw: text.raw, span: text.span, node: root, whole: true, references: true });
        }
    }
}

fn documentation<'m>(model: &'m Model<'_>, lines: &[&'m str], node: NodeId, visit: &mut dyn FnMut(Written<'m>)) {
    for line in lines {
        let span = model.place_of(line);
        visit(Written { raw: line, span, node, whole: node == NodeId::new(0), references: false });
    }
}

type See<'m, 'f> = dyn FnMut(&'m Text<'m>) + 'f;

fn node_texts<'m>(model: &'m Model<'_>, id: NodeId, see: &mut See<'m, '_>) {
    let node = model.node(id);
    node.because().into_iter().for_each(&mut *see);
    // The title of a spawn is its task.
    if node.kind == NodeKind::Spawn {
        node.title.iter().for_each(&mut *see);
    }
    match model.detail(id) {
        Detail::None => {}
        Detail::Step(item) => item_texts(item, see),
        Detail::Loop(inner) => {
            inner.purpose.iter().for_each(&mut *see);
            inner.on_exhausted.iter().for_each(|outcome| outcome_texts(outcome, see));
            inner.overridable.iter().filter_map(|user| user.risk.as_ref()).for_each(&mut *see);
            blocks(&inner.texts, see);
        }
        Detail::Gate(gate) => {
            gate.purpose.iter().for_each(&mut *see);
            gate.items.iter().for_each(|item| item_texts(item, see));
            gate.ask.iter().for_each(|ask| ask_texts(ask, see));
            branch_texts(&gate.on_fail, see);
            gate.overridable.iter().filter_map(|user| user.risk.as_ref()).for_each(&mut *see);
            gate.keep.iter().for_each(&mut *see);
            blocks(&gate.texts, see);
        }
        Detail::Work(work) => {
            work.purpose.iter().for_each(&mut *see);
            work.checklist.iter().for_each(&mut *see);
            blocks(&work.texts, see);
            blocks(&work.prompts, see);
            work.on_failure.iter().for_each(|outcome| outcome_texts(outcome, see));
            branch_texts(&work.on_blocked, see);
            work.overridable.iter().filter_map(|user| user.risk.as_ref()).for_each(&mut *see);
        }
    }
}

fn cast_texts<'m>(model: &'m Model<'_>, see: &mut See<'m, '_>) {
    model.agents.iter().filter_map(|agent| agent.description.as_ref()).for_each(&mut *see);
    model.skills.iter().filter_map(|skill| skill.purpose.as_ref()).for_each(&mut *see);
    model.requires_skills.iter().filter_map(|skill| skill.purpose.as_ref()).for_each(&mut *see);
    model.pairs.iter().filter_map(|pair| pair.purpose.as_ref()).for_each(&mut *see);
    for (excuse, answer) in &model.counters {
        see(excuse);
        see(answer);
    }
    model.skips.iter().filter_map(|skip| skip.because.as_ref()).for_each(&mut *see);
    for value in model.enums.iter().filter(|item| item.of_gate.is_none()).flat_map(|item| &item.values) {
        value.1.iter().for_each(&mut *see);
    }
    for procedure in &model.procedures {
        procedure.items.iter().for_each(|item| item_texts(item, see));
        procedure.overridable.iter().filter_map(|user| user.risk.as_ref()).for_each(&mut *see);
        blocks(&procedure.texts, see);
    }
    if let Some(abort) = &model.abort {
        abort.triggers.iter().for_each(|(_, text)| see(text));
        abort.ask.iter().for_each(|ask| ask_texts(ask, see));
    }
    model.escalation.iter().flatten().for_each(|option| choice_texts(option, see));
    model.routes.iter().for_each(|route| branch_texts(&route.branches, see));
    for score in &model.scores {
        score.bands.iter().filter_map(|band| band.text.as_ref()).for_each(&mut *see);
    }
}

fn blocks<'m>(blocks: &'m [TextBlock<'m>], see: &mut See<'m, '_>) {
    blocks.iter().for_each(|block| see(&block.text));
}

fn item_texts<'m>(item: &'m Item<'m>, see: &mut See<'m, '_>) {
    item.title.iter().chain(&item.meaning).for_each(&mut *see);
    if let Some(Evidence::Checklist(entries)) = &item.by {
        entries.iter().for_each(see);
    }
}

fn branch_texts<'m>(branches: &'m [Branch<'m>], see: &mut See<'m, '_>) {
    branches.iter().for_each(|branch| outcome_texts(&branch.outcome, see));
}

fn ask_texts<'m>(ask: &'m Ask<'m>, see: &mut See<'m, '_>) {
    ask.question.iter().for_each(&mut *see);
    ask.options.iter().for_each(|option| choice_texts(option, see));
}

fn choice_texts<'m>(choice: &'m Choice<'m>, see: &mut See<'m, '_>) {
    choice.label.iter().for_each(&mut *see);
    choice.outcome.iter().for_each(|outcome| outcome_texts(outcome, see));
}

fn outcome_texts<'m>(outcome: &'m Outcome<'m>, see: &mut See<'m, '_>) {
    for action in &outcome.actions {
        if let Action::Ask(ask) = action {
            ask_texts(ask, see);
        }
    }
}
