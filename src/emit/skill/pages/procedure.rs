//! A procedure, step by step, and the gates that follow it.

use serde::Serialize;

use super::super::super::prose::Prose;
use super::gates::{ItemRow, item_row, place};
use crate::model::{Page, ProcedureId};

#[derive(Serialize)]
pub struct ProcedurePage<'v> {
    mark: &'v str,
    title: String,
    gates: Vec<String>,
    rungs: Vec<String>,
    items: Vec<ItemRow>,
    overridable: bool,
    risk: String,
    texts: Vec<String>,
}

impl<'v> ProcedurePage<'v> {
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str, id: ProcedureId, title: String) -> Self {
        let model = &prose.sound.model;
        let procedure = &model.procedures[id.index()];
        let rungs = model.context.iter().flat_map(|context| &context.rungs);
        ProcedurePage {
            mark,
            title,
            gates: prose
                .followers(id)
                .into_iter()
                .map(|gate| format!("{} ({})", prose.link(Page::Gate(gate)), place(prose, gate)))
                .collect(),
            rungs: rungs
                .filter(|rung| rung.procedure == Some(id))
                .map(|rung| format!("when the context has reached {}% (`{}`)", rung.share, rung.word.name))
                .collect(),
            items: procedure.items.iter().map(|item| item_row(prose, item, &[], "")).collect(),
            overridable: procedure.overridable.is_some(),
            risk: prose.optional(procedure.overridable.as_ref().and_then(|overridable| overridable.risk.as_ref())),
            texts: procedure.texts.iter().map(|block| prose.block(block)).collect(),
        }
    }
}
