//! Where a person is asked, by variant.

use serde::Serialize;

use super::super::super::prose::{Prose, cell};
use super::super::neighbours::{row_name, rows};
use super::gates::{OptionRow, option_rows};
use super::recovery::place_of;
use crate::analysis::Runs;
use crate::logic::{Diagram, TRUE};
use crate::model::{Action, Ask, Branch, Detail, Evidence, FactId, Item, Model, NodeId, NodeKind, Outcome, Route};

#[derive(Serialize)]
pub struct CheckpointsPage<'v> {
    mark: &'v str,
    rows: Vec<VariantCheckpoints>,
    checkpoints: Vec<CheckpointRow>,
}

#[derive(Serialize)]
struct VariantCheckpoints {
    variant: String,
    phases: String,
}

/// A place where a person is asked.
#[derive(Serialize)]
pub struct CheckpointRow {
    place: String,
    phase: usize,
    title: String,
    trigger: String,
    question: String,
    options: Vec<OptionRow>,
}

/// Why a person is asked at an item.
#[derive(Clone, Copy)]
enum Cause<'m, 's> {
    /// A gate asks.
    Gate(&'m Ask<'s>),
    /// A gate does not close.
    Fails(&'m Branch<'s>, &'m Ask<'s>),
    /// An item is closed by their answer.
    Item(&'m Item<'s>),
    /// They confirm a fact.
    Confirms(FactId),
    /// Work has failed.
    Failure(&'m Ask<'s>),
    /// An agent is blocked.
    Blocked(&'m Branch<'s>, &'m Ask<'s>),
    /// The passes of a loop are used up.
    Exhausted(&'m Ask<'s>),
    /// An agent is blocked that a route is for.
    Route(&'m Route<'s>, &'m Branch<'s>, &'m Ask<'s>),
    /// The run has been stopped.
    Abort(&'m Ask<'s>),
}

impl Cause<'_, '_> {
    /// A run that nothing goes wrong with, but at a gate, may come upon it.
    fn is_planned(self) -> bool {
        matches!(self, Cause::Gate(_) | Cause::Fails(..) | Cause::Item(_) | Cause::Confirms(_))
    }
}

impl<'v> CheckpointsPage<'v> {
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let sound = prose.sound;
        let variants = rows(sound);
        let rows = match variants.is_empty() {
            true => vec![by_variant(prose, "all".to_string(), TRUE)],
            false => variants.iter().map(|row| by_variant(prose, row_name(sound, row), row.given)).collect(),
        };
        let all = asking(&sound.model).into_iter();
        CheckpointsPage { mark, rows, checkpoints: all.map(|(id, cause)| checkpoint(prose, id, cause)).collect() }
    }
}

/// The planned checkpoints, in order: what goes wrong beside the gates is for the page alone.
pub fn checkpoints(prose: &Prose<'_, '_>) -> Vec<CheckpointRow> {
    let planned = asking(&prose.sound.model).into_iter().filter(|(_, cause)| cause.is_planned());
    planned.map(|(id, cause)| checkpoint(prose, id, cause)).collect()
}

/// Whether a person is asked anything.
pub fn any(model: &Model<'_>) -> bool {
    !asking(model).is_empty()
}

fn by_variant(prose: &Prose<'_, '_>, variant: String, given: Diagram) -> VariantCheckpoints {
    let (sound, model) = (prose.sound, &prose.sound.model);
    let mut phases: Vec<String> = Vec::new();
    for (id, cause) in asking(model).into_iter().filter(|(_, cause)| cause.is_planned()) {
        let label = model.phase_of(id).map_or_else(|| prose.title(id), |phase| model.number(phase).to_string());
        let asked = match cause {
            Cause::Item(Item { when: Some(when), .. }) => sound.and(sound.run(id), sound.holds_finally(when)),
            _ => sound.run(id),
        };
        let label = match (sound.covers(asked, given), cause) {
            (Runs::Never, _) => continue,
            (Runs::Always, Cause::Gate(_) | Cause::Item(_) | Cause::Confirms(_)) => label,
            _ => format!("{label} ({})", trigger(prose, id, cause)),
        };
        // A phase that asks twice in the same case is one phase.
        if !phases.contains(&label) {
            phases.push(label);
        }
    }
    VariantCheckpoints { variant, phases: cell(&phases.join(", ")) }
}

/// All places where a person is asked, in order; what is asked of them by the bounds alone is no place.
fn asking<'m, 's>(model: &'m Model<'s>) -> Vec<(NodeId, Cause<'m, 's>)> {
    let mut found = Vec::new();
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let mut see = |cause| found.push((id, cause));
        let is_answer = |item: &&Item<'_>| matches!(item.by, Some(Evidence::Answer));
        match model.detail(id) {
            Detail::None => {}
            Detail::Step(item) => Some(item).into_iter().filter(is_answer).for_each(|item| see(Cause::Item(item))),
            Detail::Loop(inner) => {
                questions(inner.on_exhausted.as_deref()).for_each(|ask| see(Cause::Exhausted(ask)));
            }
            Detail::Gate(gate) => {
                model.gate_items(id).into_iter().filter(is_answer).for_each(|item| see(Cause::Item(item)));
                gate.ask.iter().for_each(|ask| see(Cause::Gate(ask)));
                for branch in &gate.on_fail {
                    questions(Some(&branch.outcome)).for_each(|ask| see(Cause::Fails(branch, ask)));
                }
            }
            Detail::Work(work) => {
                for (index, fact) in model.facts.iter().enumerate() {
                    let confirmed = fact.deciders.iter().filter(|decider| decider.node == id && decider.confirmed);
                    confirmed.for_each(|_| see(Cause::Confirms(FactId::new(index))));
                }
                questions(work.on_failure.as_deref()).for_each(|ask| see(Cause::Failure(ask)));
                for branch in &work.on_blocked {
                    questions(Some(&branch.outcome)).for_each(|ask| see(Cause::Blocked(branch, ask)));
                }
            }
        }
    }
    let root = NodeId::new(0);
    for (route, branch) in model.routes.iter().flat_map(|route| route.branches.iter().map(move |row| (route, row))) {
        found.extend(questions(Some(&branch.outcome)).map(|ask| (root, Cause::Route(route, branch, ask))));
    }
    let abort = model.abort.iter().filter_map(|abort| abort.ask.as_deref());
    found.extend(abort.map(|ask| (root, Cause::Abort(ask))));
    found
}

/// What an outcome asks in words of its own.
fn questions<'m, 's>(outcome: Option<&'m Outcome<'s>>) -> impl Iterator<Item = &'m Ask<'s>> {
    outcome.into_iter().flat_map(|outcome| &outcome.actions).filter_map(|action| match action {
        Action::Ask(ask) if ask.question.is_some() || !ask.options.is_empty() => Some(ask),
        _ => None,
    })
}

/// What makes the question come up.
fn trigger(prose: &Prose<'_, '_>, id: NodeId, cause: Cause<'_, '_>) -> String {
    let model = &prose.sound.model;
    let when = model.node(id).when.as_ref().map(|when| prose.condition(when));
    let own = match cause {
        Cause::Gate(_) => None,
        Cause::Item(item) => item.when.as_ref().map(|when| prose.condition(when)),
        Cause::Confirms(_) => return "when it is settled".to_string(),
        Cause::Failure(_) => return "when it fails".to_string(),
        Cause::Exhausted(_) => return "when the passes are used up".to_string(),
        Cause::Abort(_) => return "when the run has been stopped".to_string(),
        Cause::Blocked(branch, _) | Cause::Route(_, branch, _) => {
            return format!("when it is blocked: {}", prose.branch(branch).0);
        }
        Cause::Fails(branch, _) => {
            let case = branch.condition.as_ref().map_or_else(String::new, |_| format!(": {}", prose.branch(branch).0));
            return match when {
                Some(when) => format!("when {when} and it fails{case}"),
                None => format!("when it fails{case}"),
            };
        }
    };
    match (when, own) {
        (Some(when), Some(own)) => format!("when {when} and {own}"),
        (Some(when), None) | (None, Some(when)) => format!("when {when}"),
        (None, None) => match model.phase_of(id) {
            Some(phase) if prose.when(phase) != "Always" => prose.when(phase),
            _ => "Always".to_string(),
        },
    }
}

fn checkpoint(prose: &Prose<'_, '_>, id: NodeId, cause: Cause<'_, '_>) -> CheckpointRow {
    let model = &prose.sound.model;
    let (title, question, options) = match cause {
        Cause::Gate(ask)
        | Cause::Fails(_, ask)
        | Cause::Failure(ask)
        | Cause::Blocked(_, ask)
        | Cause::Exhausted(ask) => (prose.title(id), prose.optional(ask.question.as_ref()), option_rows(prose, ask)),
        Cause::Route(_, _, ask) => {
            ("Blocked agent".to_string(), prose.optional(ask.question.as_ref()), option_rows(prose, ask))
        }
        Cause::Abort(ask) => {
            let mut options = option_rows(prose, ask);
            options.iter_mut().for_each(|option| option.effect.clear());
            ("Emergency abort".to_string(), prose.optional(ask.question.as_ref()), options)
        }
        Cause::Item(item) => (prose.item_title(item), prose.optional(item.meaning.as_ref()), Vec::new()),
        Cause::Confirms(fact) => {
            let name = model.facts[fact.index()].name.name;
            (format!("Value of `{name}`"), format!("Is `{name}` right?"), Vec::new())
        }
    };
    let phase = model.phase_of(id);
    let place = match (cause, phase, model.node(id).kind) {
        (Cause::Route(route, ..), ..) => format!("agents `{}`", prose.text(&route.pattern)),
        (Cause::Abort(_), ..) => "anywhere".to_string(),
        (_, Some(_), NodeKind::Spawn) => place_of(prose, id),
        (_, Some(phase), _) => prose.node(phase),
        (_, None, NodeKind::Loop) => "end of the loop".to_string(),
        (_, None, _) => prose.node(id),
    };
    CheckpointRow {
        place: cell(&place),
        phase: phase.map_or(0, |phase| model.number(phase)),
        title: cell(&title),
        trigger: cell(&trigger(prose, id, cause)),
        question: cell(&question),
        options,
    }
}
