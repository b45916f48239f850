//! Gates as documents show them: what each asks for, what closes it, what follows when it fails.

use serde::Serialize;

use super::super::super::prose::{Prose, cell};
use super::super::neighbours::{Direction, neighbours, row_name, rows};
use crate::analysis::Runs;
use crate::logic::TRUE;
use crate::model::{Ask, Branch, Item, NodeId, NodeKind, Page};

#[derive(Serialize)]
pub struct GatesPage<'v> {
    pub mark: &'v str,
    pub gates: Vec<GateView>,
}

/// A gate as documents show it.
#[derive(Serialize)]
pub struct GateView {
    pub number: usize,
    pub title: String,
    pub name: String,
    /// It stands between phases, not inside one.
    pub between: bool,
    pub when: String,
    /// "3 → 4", or the phase it stands in.
    pub place: String,
    /// "Gate 4: Approval in Phase 7", for one that stands inside a phase.
    pub inside: String,
    pub purpose: String,
    pub procedure: String,
    /// It has items besides those of its procedure.
    pub own_items: bool,
    pub by: String,
    pub items: Vec<ItemRow>,
    /// How many of them apply: "7", "3 to 4".
    pub asked: String,
    pub conditions: Vec<String>,
    pub keep: Vec<String>,
    pub ask: Option<AskView>,
    pub fail: Vec<BranchRow>,
    pub overridable: bool,
    pub risk: String,
    pub texts: Vec<String>,
}

#[derive(Serialize)]
pub struct ItemRow {
    title: String,
    meaning: String,
    /// Empty where it always applies.
    pub when: String,
    evidence: String,
    /// Nobody looks: somebody says so.
    claimed: bool,
    checklist: Vec<String>,
}

#[derive(Serialize)]
pub struct AskView {
    pub question: String,
    pub options: Vec<OptionRow>,
}

#[derive(Serialize)]
pub struct OptionRow {
    pub label: String,
    /// Empty: the run has stopped, and nothing comes of the answer.
    pub effect: String,
}

/// A row of a table of outcomes.
#[derive(PartialEq, Serialize)]
pub struct BranchRow {
    case: String,
    outcome: String,
}

impl BranchRow {
    pub fn new(prose: &Prose<'_, '_>, branch: &Branch<'_>) -> Self {
        let (case, outcome) = prose.branch(branch);
        BranchRow { case: cell(&case), outcome: cell(&outcome) }
    }
}

/// All gates in the order of their numbers.
pub fn gate_views(prose: &Prose<'_, '_>) -> Vec<GateView> {
    let mut gates: Vec<NodeId> = prose.sound.model.nodes_of(NodeKind::Gate).collect();
    gates.sort_by_key(|gate| prose.sound.model.number(*gate));
    gates.into_iter().map(|gate| gate_view(prose, gate)).collect()
}

pub fn gate_view(prose: &Prose<'_, '_>, id: NodeId) -> GateView {
    let model = &prose.sound.model;
    let node = model.node(id);
    let gate = model.gate(id).expect("asked of gates only");
    let arguments = prose.arguments(id);
    let procedure = gate.follows.as_ref().map(|follows| follows.procedure);
    let overridable = gate
        .overridable
        .as_ref()
        .or_else(|| procedure.and_then(|id| model.procedures[id.index()].overridable.as_ref()));
    let by = gate.by.map(|agent| model.agents[agent.index()].name.name.to_string()).unwrap_or_default();
    let items = model.gate_items(id);
    let asked = prose.applying(id, &items, TRUE);
    let items: Vec<ItemRow> = items.into_iter().map(|item| item_row(prose, item, &arguments, &by)).collect();
    GateView {
        number: model.number(id),
        title: prose.title(id),
        name: node.name.name.to_string(),
        between: model.phase_of(id).is_none(),
        when: node.when.as_ref().map_or_else(String::new, |_| prose.when(id)),
        place: place(prose, id),
        inside: match model.phase_of(id) {
            Some(phase) => format!("{}: {} in {}", prose.node(id), prose.title(id), prose.node(phase)),
            None => String::new(),
        },
        purpose: prose.optional(gate.purpose.as_ref()),
        procedure: procedure.map_or_else(String::new, |id| prose.link(Page::Procedure(id))),
        own_items: !gate.items.is_empty(),
        items,
        asked,
        conditions: gate.conditions.iter().map(|condition| prose.written(condition)).collect(),
        keep: gate.keep.iter().map(|text| prose.text(text)).collect(),
        ask: gate.ask.as_ref().map(|ask| ask_view(prose, ask)),
        fail: gate.on_fail.iter().map(|branch| BranchRow::new(prose, branch)).collect(),
        overridable: overridable.is_some(),
        risk: overridable
            .and_then(|overridable| overridable.risk.as_ref())
            .map_or_else(String::new, |risk| prose.text(risk)),
        texts: gate.texts.iter().map(|block| prose.block(block)).collect(),
        by,
    }
}

pub fn item_row(prose: &Prose<'_, '_>, item: &Item<'_>, arguments: &[String], by: &str) -> ItemRow {
    let checklist = match &item.by {
        Some(crate::model::Evidence::Checklist(items)) => items.iter().map(|text| prose.text(text)).collect(),
        _ => Vec::new(),
    };
    let evidence = match &item.by {
        Some(evidence) => prose.evidence(evidence, arguments),
        None if by.is_empty() => "the orchestrator's word".to_string(),
        None => format!("`{by}` confirms it"),
    };
    ItemRow {
        title: cell(&prose.item_title(item)),
        meaning: item.meaning.as_ref().map_or_else(String::new, |meaning| prose.cell(meaning)),
        when: item.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
        evidence: cell(&evidence),
        claimed: item.by.as_ref().is_some_and(crate::model::Evidence::is_claim),
        checklist,
    }
}

pub fn ask_view(prose: &Prose<'_, '_>, ask: &Ask<'_>) -> AskView {
    AskView { question: prose.optional(ask.question.as_ref()), options: option_rows(prose, ask) }
}

pub fn option_rows(prose: &Prose<'_, '_>, ask: &Ask<'_>) -> Vec<OptionRow> {
    let row =
        |option| OptionRow { label: cell(&prose.option_label(option)), effect: cell(&prose.option_effect(option)) };
    ask.options.iter().map(row).collect()
}

/// "Phase 3 → 4", with the variants in which it is another pair; or the phase it stands in.
pub fn place(prose: &Prose<'_, '_>, gate: NodeId) -> String {
    let sound = prose.sound;
    let model = &sound.model;
    if let Some(phase) = model.phase_of(gate) {
        return format!("{}: {}", prose.node(phase), prose.title(phase));
    }
    let number =
        |phase: Option<NodeId>| phase.map_or_else(|| "end".to_string(), |phase| model.number(phase).to_string());
    let pair = |given| {
        let before: Vec<String> =
            neighbours(sound, gate, given, Direction::Before).iter().map(|n| number(n.phase)).collect();
        let after: Vec<String> =
            neighbours(sound, gate, given, Direction::After).iter().map(|n| number(n.phase)).collect();
        format!("{} → {}", before.join(", "), after.join(", "))
    };
    let mut pairs: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows(sound).into_iter().filter(|row| sound.runs(gate, row.given) != Runs::Never) {
        let pair = pair(row.given);
        match pairs.iter_mut().find(|(known, _)| *known == pair) {
            Some((_, names)) => names.push(row_name(sound, &row)),
            None => pairs.push((pair, vec![row_name(sound, &row)])),
        }
    }
    match &pairs[..] {
        [] => format!("Phase {}", pair(TRUE)),
        [(one, _)] => format!("Phase {one}"),
        _ => {
            let words: Vec<String> =
                pairs.iter().map(|(pair, names)| format!("{pair} ({})", names.join(", "))).collect();
            format!("Phase {}", words.join("; "))
        }
    }
}
