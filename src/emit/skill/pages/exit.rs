//! When the work is complete.

use serde::Serialize;

use super::super::super::prose::Prose;
use super::super::overview::{phase_counts, phases_running};
use super::gates::{ItemRow, gate_view};
use crate::logic::TRUE;
use crate::model::{NodeId, NodeKind};

#[derive(Serialize)]
pub struct ExitPage<'v> {
    pub mark: &'v str,
    pub exit: ExitView,
}

/// When the work is complete: all phases, and what the last gate asks for.
#[derive(Serialize)]
pub struct ExitView {
    phases: usize,
    counts: String,
    items: Vec<ItemRow>,
    conditions: Vec<String>,
    question: String,
}

impl ExitView {
    pub fn new(prose: &Prose<'_, '_>) -> Self {
        let model = &prose.sound.model;
        let last = model.children(NodeId::new(0)).last().filter(|id| model.node(*id).kind == NodeKind::Gate);
        let mut gate = last.map(|id| gate_view(prose, id));
        // What holds for all of the gate holds for each of its items.
        if let Some(gate) = &mut gate {
            let open = gate.items.iter_mut().filter(|item| item.when.is_empty());
            open.for_each(|item| item.when.clone_from(&gate.when));
        }
        let question =
            gate.as_ref().and_then(|gate| gate.ask.as_ref()).map_or_else(String::new, |ask| ask.question.clone());
        let (items, conditions) = gate.map_or_else(|| (Vec::new(), Vec::new()), |gate| (gate.items, gate.conditions));
        ExitView {
            phases: phases_running(prose.sound, TRUE).1,
            counts: phase_counts(prose),
            items,
            conditions,
            question,
        }
    }
}
