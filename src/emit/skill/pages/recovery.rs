//! What happens when an agent is blocked, a bound is used up, or the run is to be ended.

use serde::Serialize;

use super::super::super::prose::{Prose, cell};
use super::gates::{AskView, BranchRow, OptionRow, ask_view};
use crate::model::{Branch, Model, NodeId, NodeKind};

#[derive(Serialize)]
pub struct RecoveryPage<'v> {
    mark: &'v str,
    /// Of spawns, stages and phases; `pattern` says which.
    own_routes: Vec<RouteView>,
    routes: Vec<RouteView>,
    escalation: Option<AskView>,
    bounds: Vec<BoundRow>,
    aborts: Vec<AbortRow>,
    abort_ask: Option<AskView>,
}

#[derive(PartialEq, Serialize)]
struct RouteView {
    pattern: String,
    branches: Vec<BranchRow>,
}

#[derive(PartialEq, Serialize)]
struct BoundRow {
    place: String,
    outcome: String,
}

#[derive(Serialize)]
struct AbortRow {
    condition: String,
    text: String,
}

impl<'v> RecoveryPage<'v> {
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let model = &prose.sound.model;
        let mut bounds = Vec::new();
        for index in 1..model.nodes.len() {
            let id = NodeId::new(index);
            let place = || place_of(prose, id);
            if let Some(outcome) = model.work(id).and_then(|work| work.on_failure.as_ref()) {
                bounds.push(BoundRow { place: cell(&place()), outcome: cell(&prose.outcome(outcome)) });
            }
            if let Some(inner) = model.loop_of(id) {
                let bound = inner.bound.as_ref().map_or_else(String::new, |bound| prose.bound(bound));
                let then = inner
                    .on_exhausted
                    .as_ref()
                    .map_or_else(|| "ask the person".to_string(), |outcome| prose.outcome(outcome));
                bounds.push(BoundRow { place: cell(&place()), outcome: cell(&format!("{bound}; then {then}")) });
            }
            for branch in model.gate(id).into_iter().flat_map(|gate| &gate.on_fail) {
                let (case, outcome) = prose.branch(branch);
                let case = if branch.condition.is_some() { format!(" ({case})") } else { String::new() };
                bounds.push(BoundRow { place: cell(&format!("{}{case}", place())), outcome: cell(&outcome) });
            }
        }
        // Ten explorers side by side are one row.
        bounds.dedup();
        RecoveryPage {
            mark,
            own_routes: own_routes(prose),
            routes: model
                .routes
                .iter()
                .map(|route| RouteView {
                    pattern: prose.text(&route.pattern),
                    branches: branch_rows(prose, &route.branches),
                })
                .collect(),
            escalation: model.escalation.as_ref().map(|options| AskView {
                question: String::new(),
                options: options
                    .iter()
                    .map(|option| OptionRow {
                        label: cell(&prose.option_label(option)),
                        effect: cell(&escalation_effect(option)),
                    })
                    .collect(),
            }),
            bounds,
            aborts: model
                .abort
                .iter()
                .flat_map(|abort| &abort.triggers)
                .map(|(condition, text)| AbortRow {
                    condition: cell(&prose.written(condition)),
                    text: prose.cell(text),
                })
                .collect(),
            abort_ask: model.abort.as_ref().and_then(|abort| abort.ask.as_ref()).map(|ask| ask_view(prose, ask)),
        }
    }
}

fn own_routes(prose: &Prose<'_, '_>) -> Vec<RouteView> {
    let own = prose.sound.model.works().filter(|(_, work)| !work.on_blocked.is_empty());
    let mut routes: Vec<RouteView> = own
        .map(|(id, work)| RouteView { pattern: place_of(prose, id), branches: branch_rows(prose, &work.on_blocked) })
        .collect();
    routes.dedup();
    routes
}

/// Whether an agent that is blocked has another way than to ask.
pub fn has_routes(model: &Model<'_>) -> bool {
    !model.routes.is_empty() || model.works().any(|(_, work)| !work.on_blocked.is_empty())
}

pub fn branch_rows(prose: &Prose<'_, '_>, branches: &[Branch<'_>]) -> Vec<BranchRow> {
    branches.iter().map(|branch| BranchRow::new(prose, branch)).collect()
}

/// "`builder` in Phase 3", "Phase 3.1: Spec"; the title of a loop.
pub fn place_of(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    match model.node(id).kind {
        NodeKind::Spawn => {
            let phase = model.phase_of(id).map_or_else(String::new, |phase| prose.node(phase));
            format!("`{}` in {phase}", model.node(id).name.name)
        }
        NodeKind::Loop => prose.title(id),
        _ => format!("{}: {}", prose.node(id), prose.title(id)),
    }
}

fn escalation_effect(option: &crate::model::Choice<'_>) -> String {
    match (option.name.name, option.adds) {
        (_, Some(adds)) => format!("raises the bound by {adds}, once per answer"),
        ("accept", _) => "offered only where an override by the user is allowed".to_string(),
        ("show", _) => "shows what was tried, then asks again".to_string(),
        ("abort", _) => "stops the workflow".to_string(),
        _ => "continue".to_string(),
    }
}
