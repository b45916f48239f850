//! Every condition of a model, with the position at which it is read.

use super::shared_route;
use crate::graph::Position;
use crate::model::{Action, Ask, Branch, Choice, Condition, Detail, Evidence, Item, Model, NodeId, Outcome};

/// A condition and where it is read.
#[derive(Debug, Clone, Copy)]
pub struct Site<'m> {
    pub condition: &'m Condition,
    pub at: Position,
    /// The item it belongs to; the workflow for claims and documents.
    pub node: NodeId,
    pub role: Role,
}

/// What a condition decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Whether an item runs.
    When,
    /// Whether a skip rule applies to a phase.
    Skip,
    /// Whether a loop has ended.
    Until,
    /// Whether a gate closes or a phase completes.
    Value,
    /// Whether an item of a gate or a step is asked for.
    Item,
    /// Whether an option is offered.
    Option,
    /// Which outcome is taken.
    Route,
    /// How a fact is revised.
    Arm,
    /// Which prompt is used.
    Prompt,
    /// What is measured while the workflow runs.
    Measure,
    /// Which text is shown in a document.
    Text,
    /// What a property, a procedure or the workflow as a whole says.
    Claim,
}

impl Role {
    /// It speaks of the last version of each fact.
    pub fn is_final(self) -> bool {
        matches!(self, Role::Text | Role::Claim)
    }
}

/// The items that have conditions of their own, in order: most have none, and all are looked at often.
pub(super) fn conditional(model: &Model<'_>) -> Vec<NodeId> {
    let has_some = |id: &NodeId| {
        let mut some = false;
        node_sites(model, *id, &mut |_| some = true);
        some
    };
    (0..model.nodes.len()).map(NodeId::new).filter(has_some).collect()
}

/// Calls `visit` for every condition, in the order of the items they belong to. `conditional`: see there.
pub(super) fn sites<'m>(model: &'m Model<'_>, conditional: &[NodeId], visit: &mut dyn FnMut(Site<'m>)) {
    conditional.iter().for_each(|id| node_sites(model, *id, visit));
    let root = NodeId::new(0);
    let end = Position::EndOf(root);
    let mut claim = |condition| visit(Site { condition, at: end, node: root, role: Role::Claim });
    for property in &model.properties {
        property.when.as_deref().into_iter().for_each(&mut claim);
    }
    for pair in &model.pairs {
        pair.when.as_deref().into_iter().for_each(&mut claim);
    }
    for (condition, _) in model.abort.iter().flat_map(|abort| &abort.triggers) {
        claim(condition);
    }
    for procedure in &model.procedures {
        procedure.texts.iter().filter_map(|text| text.when.as_deref()).for_each(&mut claim);
    }
    for targets in model.prose.iter().filter_map(|(text, _)| model.targets.get(&text.span)) {
        for target in targets.iter().flatten() {
            if let crate::model::Target::Count(_, Some(condition)) = target {
                claim(condition);
            }
        }
    }
    // A skip rule is read at each phase it names.
    for skip in &model.skips {
        for (phase, _) in &skip.phases {
            if let Some(condition) = &skip.when {
                visit(Site { condition, at: Position::Before(*phase), node: *phase, role: Role::Skip });
            }
        }
    }
}

fn node_sites<'m>(model: &'m Model<'_>, id: NodeId, visit: &mut dyn FnMut(Site<'m>)) {
    let node = model.node(id);
    let before = Position::Before(id);
    let end = Position::EndOf(id);
    let mut see = |condition, at, role| visit(Site { condition, at, node: id, role });
    if let Some(when) = &node.when {
        see(when, before, Role::When);
    }
    match model.detail(id) {
        Detail::None => {}
        Detail::Step(item) => item_sites(item, end, &mut see),
        Detail::Loop(inner) => {
            inner.until.iter().for_each(|until| see(until, end, Role::Until));
            inner.on_exhausted.iter().for_each(|outcome| outcome_sites(outcome, end, &mut see));
            inner.texts.iter().filter_map(|text| text.when.as_deref()).for_each(|when| see(when, end, Role::Text));
        }
        Detail::Gate(gate) => {
            model.gate_items(id).into_iter().for_each(|item| item_sites(item, before, &mut see));
            gate.conditions.iter().for_each(|condition| see(condition, before, Role::Value));
            gate.ask.iter().for_each(|ask| ask_sites(ask, before, &mut see));
            branch_sites(&gate.on_fail, before, &mut see);
            gate.texts.iter().filter_map(|text| text.when.as_deref()).for_each(|when| see(when, end, Role::Text));
        }
        Detail::Work(work) => {
            work.requires.iter().for_each(|condition| see(condition, end, Role::Value));
            for arm in work.revises.iter().flat_map(|revision| revision.arms.iter().flatten()) {
                see(&arm.condition, end, Role::Arm);
            }
            work.texts.iter().filter_map(|text| text.when.as_deref()).for_each(|when| see(when, end, Role::Text));
            work.prompts
                .iter()
                .filter_map(|prompt| prompt.when.as_deref())
                .for_each(|when| see(when, before, Role::Prompt));
            work.on_failure.iter().for_each(|outcome| outcome_sites(outcome, before, &mut see));
            // What never counts for a spawn is not read there.
            branch_sites(&work.on_blocked, before, &mut see);
            branch_sites(shared_route(model, id), before, &mut see);
            work.each.iter().filter_map(|each| each.batch.as_ref()).for_each(|batch| see(batch, before, Role::Measure));
        }
    }
}

type See<'m, 'f> = dyn FnMut(&'m Condition, Position, Role) + 'f;

fn item_sites<'m>(item: &'m Item<'_>, at: Position, see: &mut See<'m, '_>) {
    item.when.iter().for_each(|when| see(when, at, Role::Item));
    if let Some(Evidence::Measure(condition)) = &item.by {
        see(condition, at, Role::Measure);
    }
}

fn branch_sites<'m, 's: 'm>(branches: impl IntoIterator<Item = &'m Branch<'s>>, at: Position, see: &mut See<'m, '_>) {
    for branch in branches {
        branch.condition.iter().for_each(|condition| see(condition, at, Role::Route));
        outcome_sites(&branch.outcome, at, see);
    }
}

fn ask_sites<'m>(ask: &'m Ask<'_>, at: Position, see: &mut See<'m, '_>) {
    ask.options.iter().for_each(|option| choice_sites(option, at, see));
}

fn choice_sites<'m>(choice: &'m Choice<'_>, at: Position, see: &mut See<'m, '_>) {
    choice.when.iter().for_each(|when| see(when, at, Role::Option));
    choice.outcome.iter().for_each(|outcome| outcome_sites(outcome, at, see));
}

fn outcome_sites<'m>(outcome: &'m Outcome<'_>, at: Position, see: &mut See<'m, '_>) {
    for action in &outcome.actions {
        if let Action::Ask(ask) = action {
            ask_sites(ask, at, see);
        }
    }
}
