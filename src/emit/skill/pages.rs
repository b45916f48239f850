//! The reference pages that are not about one phase, one file each.

mod agents;
mod checkpoints;
mod counters;
mod exit;
mod gates;
mod limits;
mod procedure;
mod recovery;

use serde::Serialize;

use super::super::prose::{Folder, Prose, Reader, page_of};
use super::render::{Renderer, TemplateFault};
use crate::analysis::Sound;
use crate::model::{NodeId, NodeKind, Page, ProcedureId};

pub use checkpoints::{CheckpointRow, checkpoints};
pub use counters::{Counter, counters};
pub use exit::ExitView;
pub use gates::{BranchRow, GateView, gate_view, gate_views};
pub use limits::{LimitRow, limit_rows};
pub use recovery::{branch_rows, has_routes};

/// The pages that this workflow has, with what each is about.
pub fn present(prose: &Prose<'_, '_>) -> Vec<(Page, &'static str)> {
    let model = &prose.sound.model;
    let mut pages = Vec::new();
    let gates = model.nodes_of(NodeKind::Gate).next().is_some();
    if gates {
        pages.push((Page::Gates, "every gate, what closes it, what happens when it does not"));
    }
    if checkpoints::any(model) {
        pages.push((Page::Checkpoints, "where a person is asked, by variant"));
    }
    for index in 0..model.procedures.len() {
        pages.push((Page::Procedure(ProcedureId::new(index)), "the procedure, step by step"));
    }
    if model.agents.iter().any(|agent| agent.used) {
        pages.push((Page::Agents, "who does what, with which skills and rights"));
    }
    let bounded = (1..model.nodes.len()).map(NodeId::new).any(|id| {
        model.loop_of(id).is_some()
            || model.work(id).is_some_and(|work| work.on_failure.is_some() || !work.on_blocked.is_empty())
            || model.gate(id).is_some_and(|gate| !gate.on_fail.is_empty())
    });
    if bounded || model.abort.is_some() || model.escalation.is_some() || !model.routes.is_empty() {
        pages.push((Page::Recovery, "blocked agents, used-up bounds, abort"));
    }
    if !model.limits.is_empty() || model.context.is_some() || !model.scores.is_empty() {
        pages.push((Page::Limits, "bounds, thresholds, scores"));
    }
    if !model.counters.is_empty() {
        pages.push((Page::Rationalizations, "what agents say before they skip a step"));
    }
    pages.push((Page::Exit, "when the work is complete"));
    pages
}

/// The pages with their files below `references/`.
pub fn files(
    sound: Sound<'_, '_>,
    mark: &str,
    renderer: &Renderer<'_>,
) -> Result<Vec<(String, String)>, TemplateFault> {
    let prose = Prose { sound, reader: Reader::Document(Folder::References) };
    let mut files = Vec::new();
    for (page, _) in present(&prose) {
        let (title, path) = page_of(&prose, page);
        let (template, view) = match page {
            Page::Gates => ("gates.md", value(&gates::GatesPage { mark, gates: gate_views(&prose) })),
            Page::Checkpoints => ("checkpoints.md", value(&checkpoints::CheckpointsPage::new(&prose, mark))),
            Page::Procedure(id) => ("procedure.md", value(&procedure::ProcedurePage::new(&prose, mark, id, title))),
            Page::Agents => ("agent-matrix.md", value(&agents::AgentsPage::new(&prose, mark))),
            Page::Recovery => ("error-recovery.md", value(&recovery::RecoveryPage::new(&prose, mark))),
            Page::Limits => ("limits.md", value(&limits::LimitsPage::new(&prose, mark))),
            Page::Rationalizations => {
                ("rationalizations.md", value(&counters::CountersPage { mark, counters: counters(&prose) }))
            }
            Page::Exit | Page::Phase(_) | Page::Gate(_) => {
                ("exit-criteria.md", value(&exit::ExitPage { mark, exit: ExitView::new(&prose) }))
            }
        };
        files.push((path, renderer.render(template, &view)?));
    }
    Ok(files)
}

fn value(view: &impl Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(view))
}
