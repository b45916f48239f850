//! Where a person is asked, by variant.

use serde::Serialize;

use super::super::super::prose::{Prose, cell};
use super::super::neighbours::{row_name, rows};
use super::gates::{GateView, asks_of, gate_view};
use crate::analysis::Runs;
use crate::logic::TRUE;
use crate::model::{NodeId, NodeKind};

#[derive(Serialize)]
pub struct CheckpointsPage<'v> {
    mark: &'v str,
    rows: Vec<VariantCheckpoints>,
    checkpoints: Vec<CheckpointRow>,
    gates: Vec<GateView>,
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
}

impl<'v> CheckpointsPage<'v> {
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let sound = prose.sound;
        let model = &sound.model;
        let asking: Vec<NodeId> = model.nodes_of(NodeKind::Gate).filter(|gate| asks(prose, *gate)).collect();
        let row = |name: String, given| {
            let mut phases: Vec<String> = asking
                .iter()
                .filter_map(|gate| {
                    let runs = sound.runs(*gate, given);
                    let label = model
                        .phase_of(*gate)
                        .map_or_else(|| model.title(*gate), |phase| model.number(phase).to_string());
                    match runs {
                        Runs::Never => None,
                        Runs::Always if model.gate(*gate).is_some_and(|gate| gate.ask.is_some()) => Some(label),
                        _ => Some(format!("{label} ({})", trigger(prose, *gate))),
                    }
                })
                .collect();
            // A phase that asks twice in the same case is one phase.
            phases.dedup();
            VariantCheckpoints { variant: name, phases: cell(&phases.join(", ")) }
        };
        let variants = rows(sound);
        let table = match variants.is_empty() {
            true => vec![row("all".to_string(), TRUE)],
            false => variants.iter().map(|variant| row(row_name(sound, variant), variant.given)).collect(),
        };
        CheckpointsPage {
            mark,
            rows: table,
            checkpoints: checkpoints(prose),
            gates: asking.into_iter().map(|gate| gate_view(prose, gate)).collect(),
        }
    }
}

pub fn asks(prose: &Prose<'_, '_>, gate: NodeId) -> bool {
    let Some(gate) = prose.sound.model.gate(gate) else { return false };
    let asking =
        |action: &crate::model::Action<'_>| matches!(action, crate::model::Action::Ask(ask) if !ask.options.is_empty());
    gate.ask.is_some() || gate.on_fail.iter().any(|branch| branch.outcome.actions.iter().any(asking))
}

/// What makes the question come up.
fn trigger(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let when = model.node(id).when.as_ref().map(|when| prose.condition(when));
    let on_fail = model.gate(id).is_some_and(|gate| gate.ask.is_none());
    match (when, on_fail) {
        (Some(when), false) => format!("when {when}"),
        (Some(when), true) => format!("when {when} and it fails"),
        (None, true) => "when it fails".to_string(),
        (None, false) => match model.phase_of(id) {
            Some(phase) if prose.when(phase) != "Always" => prose.when(phase),
            _ => "Always".to_string(),
        },
    }
}

/// Every place where a person is asked, in order.
pub fn checkpoints(prose: &Prose<'_, '_>) -> Vec<CheckpointRow> {
    let model = &prose.sound.model;
    model
        .nodes_of(NodeKind::Gate)
        .filter(|gate| asks(prose, *gate))
        .map(|gate| {
            let phase = model.phase_of(gate);
            let inner = model.gate(gate);
            let asked = inner.and_then(|gate| gate.ask.as_ref()).map(|ask| prose.optional(ask.question.as_ref()));
            let failing = || {
                let asks =
                    inner.into_iter().flat_map(|gate| &gate.on_fail).flat_map(|branch| asks_of(prose, &branch.outcome));
                asks.map(|ask| ask.question).next().unwrap_or_default()
            };
            CheckpointRow {
                place: phase.map_or_else(|| prose.node(gate), |phase| prose.node(phase)),
                phase: phase.map_or(0, |phase| model.number(phase)),
                title: cell(&model.title(gate)),
                trigger: cell(&trigger(prose, gate)),
                question: cell(&asked.unwrap_or_else(failing)),
            }
        })
        .collect()
}
