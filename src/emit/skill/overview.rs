//! What SKILL.md says.

use serde::Serialize;
use std::collections::BTreeMap;

use super::super::prose::{Prose, cell, joined, page_of};
use super::neighbours::{Direction, neighbours, row_name, rows};
use super::pages::{ExitView, GateView, gate_views, limit_rows};
use crate::analysis::{Runs, Sound};
use crate::logic::{Diagram, TRUE};
use crate::model::{Evidence, FactKind, GENERATED_SECTIONS, NodeId, NodeKind, Page, SkillName, Value};

/// Everything the template of SKILL.md can use.
#[derive(Serialize)]
pub struct Overview {
    name: String,
    /// Quoted as YAML wants it.
    description: String,
    tools: String,
    mark: String,
    title: String,
    tagline: String,
    command: String,
    fact: String,
    phases: Vec<PhaseRow>,
    phase_count: usize,
    rows: Vec<MatrixRow>,
    requires: Vec<SkillRow>,
    limits: Vec<super::pages::LimitRow>,
    has_keys: bool,
    gates: Vec<GateView>,
    /// "Gate 4: Approval in Phase 7".
    gates_inside: Vec<String>,
    loops: Vec<String>,
    inputs: Vec<String>,
    requirements: Vec<RequirementTable>,
    checkpoints: Vec<super::pages::CheckpointRow>,
    aborts: Vec<String>,
    agents: Vec<AgentRow>,
    output: String,
    outputs: Vec<OutputRow>,
    counters: Vec<super::pages::Counter>,
    counter_count: usize,
    calls: Vec<SkillRow>,
    library: Vec<SkillRow>,
    pairs: Vec<SkillRow>,
    routes: bool,
    exit: ExitView,
    references: Vec<Reference>,
    related: Vec<SkillRow>,
    /// The user's sections: by the generated section they are placed at.
    before: BTreeMap<&'static str, Vec<UserSection>>,
    after: BTreeMap<&'static str, Vec<UserSection>>,
}

#[derive(Serialize)]
struct PhaseRow {
    number: usize,
    title: String,
    purpose: String,
    when: String,
    gates: String,
    file: String,
}

#[derive(Serialize)]
struct MatrixRow {
    value: String,
    meaning: String,
    /// "6, 7, 9 (…)" or "None".
    skipped: String,
    /// "12", or "6 to 8" where other facts decide.
    count: String,
}

/// A skill with where it is used, or when, and what for.
#[derive(Serialize, Clone)]
pub struct SkillRow {
    name: String,
    place: String,
    purpose: String,
    path: String,
}

#[derive(Serialize)]
struct RequirementTable {
    gate: String,
    /// How many of the items apply: "7", "3 to 4".
    asked: String,
    phase: String,
    file: String,
    items: Vec<Requirement>,
}

#[derive(Serialize)]
struct Requirement {
    title: String,
    meaning: String,
    when: String,
}

#[derive(Serialize)]
struct AgentRow {
    place: String,
    agents: String,
    purpose: String,
}

#[derive(Serialize)]
struct OutputRow {
    phase: String,
    file: String,
}

#[derive(Serialize)]
struct Reference {
    label: String,
    file: String,
    about: String,
}

#[derive(Serialize)]
struct UserSection {
    title: String,
    text: String,
}

/// SKILL.md shows this many rationalizations; the page has all.
const COUNTERS_SHOWN: usize = 5;
/// A gate with at least this many requirements of its own gets a table.
const REQUIREMENTS_SHOWN: usize = 3;

impl Overview {
    pub fn new(prose: &Prose<'_, '_>, mark: &str) -> Self {
        let sound = prose.sound;
        let model = &sound.model;
        let document = model.document.as_ref();
        let counters = super::pages::counters(prose);
        let matrix = rows(sound);
        let fact = matrix
            .first()
            .map_or_else(String::new, |row| crate::model::readable(model.facts[row.fact.index()].name.name));
        let (before, after) = user_sections(prose);
        let (gates_between, gates_inside): (Vec<_>, Vec<_>) =
            gate_views(prose).into_iter().partition(|gate| gate.between);
        Overview {
            name: super::skill_name(sound),
            description: quoted(&description(prose)),
            tools: document.map_or_else(String::new, |document| {
                document.tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(" ")
            }),
            mark: mark.to_string(),
            title: title(prose),
            tagline: tagline(prose),
            command: prose.optional(document.and_then(|document| document.command.as_ref())),
            fact,
            phases: model.phases().map(|phase| phase_row(prose, phase)).collect(),
            phase_count: model.phases().count(),
            rows: matrix.iter().map(|row| matrix_row(prose, row)).collect(),
            requires: model
                .requires_skills
                .iter()
                .map(|used| skill_row(prose, &used.skill, String::new(), prose.optional(used.purpose.as_ref())))
                .collect(),
            limits: limit_rows(prose),
            has_keys: model.limits.iter().any(|limit| limit.key.is_some()),
            gates: gates_between,
            gates_inside: gates_inside.into_iter().map(|gate| gate.inside).collect(),
            loops: model.nodes_of(NodeKind::Loop).map(|id| loop_line(prose, id)).collect(),
            inputs: inputs(prose),
            requirements: requirement_tables(prose),
            checkpoints: super::pages::checkpoints(prose),
            aborts: abort_words(prose),
            agents: agent_rows(prose),
            output: prose.optional(model.output.as_ref()),
            outputs: output_rows(prose),
            counter_count: counters.len(),
            counters: counters.into_iter().take(COUNTERS_SHOWN).collect(),
            calls: calls(prose),
            library: library(prose),
            pairs: model
                .pairs
                .iter()
                .map(|pair| {
                    let when = pair.when.as_ref().map_or_else(String::new, |when| prose.written(when));
                    skill_row(prose, &pair.skill, when, prose.optional(pair.purpose.as_ref()))
                })
                .collect(),
            routes: super::pages::has_routes(model),
            exit: ExitView::new(prose),
            references: references(prose),
            related: document
                .into_iter()
                .flat_map(|document| &document.related)
                .map(|skill| skill_row(prose, skill, String::new(), String::new()))
                .collect(),
            before,
            after,
        }
    }
}

fn title(prose: &Prose<'_, '_>) -> String {
    let model = &prose.sound.model;
    let of_document = model.document.as_ref().and_then(|document| document.title.as_ref());
    match of_document.or(model.header.as_ref().and_then(|header| header.title.as_ref())) {
        Some(title) => prose.text(title),
        None => model.header.as_ref().map_or_else(String::new, |header| crate::model::readable(header.name.name)),
    }
}

/// The first paragraph of the documentation.
fn tagline(prose: &Prose<'_, '_>) -> String {
    let docs = prose.sound.model.header.iter().flat_map(|header| &header.docs);
    let lines: Vec<&str> = docs.take_while(|line| !line.trim().is_empty()).map(|line| line.trim()).collect();
    lines.join(" ")
}

/// When to use the skill, on one line.
pub fn description(prose: &Prose<'_, '_>) -> String {
    let written = prose.sound.model.document.as_ref().and_then(|document| document.description.as_ref());
    let description = match written {
        Some(description) => prose.text(description),
        None => format!("Use when a task calls for the workflow {}. {}", title(prose), tagline(prose)),
    };
    description.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a generated section has something in it.
pub fn has_section(prose: &Prose<'_, '_>, name: &str) -> bool {
    let model = &prose.sound.model;
    match name {
        "limits" => !limit_rows(prose).is_empty(),
        "gates" => !requirement_tables(prose).is_empty() || model.nodes_of(NodeKind::Gate).next().is_some(),
        "checkpoints" => !super::pages::checkpoints(prose).is_empty(),
        "abort" => !abort_words(prose).is_empty(),
        "agents" => !agent_rows(prose).is_empty(),
        "outputs" => !output_rows(prose).is_empty(),
        "rationalizations" => !model.counters.is_empty(),
        "related" => model.document.iter().any(|document| !document.related.is_empty()),
        // Every workflow has the others.
        _ => true,
    }
}

/// A YAML string that no reader can take for anything else.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is always JSON")
}

fn phase_row(prose: &Prose<'_, '_>, phase: NodeId) -> PhaseRow {
    let model = &prose.sound.model;
    let (_, file) = page_of(prose, Page::Phase(phase));
    PhaseRow {
        number: model.number(phase),
        title: cell(&prose.title(phase)),
        purpose: purpose(prose, phase),
        when: cell(&prose.when(phase)),
        gates: gates_after(prose, phase),
        file: format!("references/{file}"),
    }
}

fn purpose(prose: &Prose<'_, '_>, phase: NodeId) -> String {
    let work = prose.sound.model.work(phase);
    work.and_then(|work| work.purpose.as_ref()).map_or_else(String::new, |purpose| prose.cell(purpose))
}

/// "**Build until green** (Phase 3 and 4): it repeats until `green`, at most 3 times. What it is for".
fn loop_line(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let inside = model.descendants(id).filter(|node| model.node(*node).kind == NodeKind::Phase);
    let phases: Vec<String> = inside.map(|phase| model.number(phase).to_string()).collect();
    let purpose = model.loop_of(id).and_then(|inner| inner.purpose.as_ref()).map(|purpose| prose.text(purpose));
    let purpose = purpose.map_or_else(String::new, |purpose| format!(". {purpose}"));
    format!("**{}** (Phase {}): {}{purpose}", prose.title(id), joined(&phases), super::page::repeats(prose, id))
}

/// What must be known when the run starts: "`size`: `SMALL` (an afternoon) < `LARGE`; `SMALL` unless it is said".
fn inputs(prose: &Prose<'_, '_>) -> Vec<String> {
    let model = &prose.sound.model;
    let inputs = model.facts.iter().filter_map(|fact| match &fact.kind {
        FactKind::Input { default } => Some((fact, default)),
        _ => None,
    });
    inputs
        .map(|(fact, default)| {
            let values = prose.values(fact.of);
            let default = default.as_ref().map(|value| match value {
                Value::Number(quantity) => crate::model::decimal(quantity.thousandths),
                Value::Text(text) => prose.text(text),
                Value::Name(name) => name.name.to_string(),
            });
            let default = default.map_or_else(String::new, |default| format!("; `{default}` unless it is said"));
            let values = if values.is_empty() { "a text".to_string() } else { values };
            format!("`{}`: {values}{default}", fact.name.name)
        })
        .collect()
}

/// The gates that follow a phase and stand before another.
fn gates_after(prose: &Prose<'_, '_>, phase: NodeId) -> String {
    let (graph, model) = (&prose.sound.graph, &prose.sound.model);
    let mut gates: Vec<NodeId> = Vec::new();
    for next in neighbours(prose.sound, phase, TRUE, Direction::After) {
        for gate in next.gates {
            // Of several in a row each waits for the one before it.
            let of_phase = |item: &NodeId| model.is_within(phase, *item) || gates.contains(item);
            if next.phase.is_some() && graph.waits(gate).iter().any(of_phase) && !gates.contains(&gate) {
                gates.push(gate);
            }
        }
    }
    gates.iter().map(|gate| format!("⛔ {}", model.number(*gate))).collect::<Vec<_>>().join(" ")
}

fn matrix_row(prose: &Prose<'_, '_>, row: &super::neighbours::Row) -> MatrixRow {
    let sound = prose.sound;
    let model = &sound.model;
    let mut skipped = Vec::new();
    for phase in model.phases() {
        match sound.runs(phase, row.given) {
            Runs::Never => skipped.push(model.number(phase).to_string()),
            Runs::Depends => skipped.push(format!("{} (depends)", model.number(phase))),
            Runs::Always => {}
        }
    }
    let fact = &model.facts[row.fact.index()];
    let meaning = match fact.of {
        crate::model::Type::Enum(id) => model.enums[id.index()]
            .values
            .get(row.cell)
            .and_then(|(_, label)| label.as_ref())
            .map_or_else(String::new, |label| prose.cell(label)),
        _ => String::new(),
    };
    let count = how_many(sound, row.given);
    let skipped = match skipped.is_empty() {
        true => "None".to_string(),
        false => skipped.join(", "),
    };
    MatrixRow { value: row_name(sound, row), meaning, skipped, count }
}

pub fn skill_row(prose: &Prose<'_, '_>, skill: &SkillName<'_>, place: String, purpose: String) -> SkillRow {
    let model = &prose.sound.model;
    let declared = model.skills.iter().find(|known| known.name.content() == skill.content());
    let known = model.registry.skill(&skill.content());
    let own = declared.and_then(|declared| declared.purpose.as_ref()).map_or_else(String::new, |text| prose.cell(text));
    SkillRow {
        name: super::super::prose::cell(&skill_name(prose, skill)),
        place: cell(&place),
        purpose: if purpose.is_empty() { own } else { cell(&purpose) },
        path: match declared.and_then(|declared| declared.path.as_ref()) {
            Some(path) => prose.text(path),
            // What lies in the first folder is found by its name.
            None => known.filter(|known| known.tier > 0).map_or_else(String::new, |known| known.path.to_owned()),
        },
    }
}

fn skill_name(prose: &Prose<'_, '_>, skill: &SkillName<'_>) -> String {
    prose.text(&crate::model::Text { raw: skill.raw, span: skill.span })
}

fn requirement_tables(prose: &Prose<'_, '_>) -> Vec<RequirementTable> {
    let model = &prose.sound.model;
    let mut tables = Vec::new();
    for id in model.nodes_of(NodeKind::Gate) {
        let mut required = model.gate_items(id);
        required.retain(|item| item.required && item.meaning.is_some());
        let items: Vec<Requirement> = required
            .iter()
            .map(|item| Requirement {
                title: cell(&prose.item_title(item)),
                meaning: item.meaning.as_ref().map_or_else(String::new, |meaning| prose.cell(meaning)),
                when: item.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
            })
            .collect();
        let Some(phase) = model.phase_of(id) else { continue };
        if items.len() >= REQUIREMENTS_SHOWN {
            let (label, file) = page_of(prose, Page::Phase(phase));
            tables.push(RequirementTable {
                gate: prose.title(id),
                asked: prose.applying(id, &required, TRUE),
                phase: label,
                file: format!("references/{file}"),
                items,
            });
        }
    }
    tables
}

fn abort_words(prose: &Prose<'_, '_>) -> Vec<String> {
    let model = &prose.sound.model;
    let triggers = model.abort.iter().flat_map(|abort| &abort.triggers);
    triggers.map(|(condition, text)| format!("{} ({})", prose.text(text), prose.written(condition))).collect()
}

/// One row per place where agents are started; those that run side by side share it.
fn agent_rows(prose: &Prose<'_, '_>) -> Vec<AgentRow> {
    let model = &prose.sound.model;
    let mut rows: Vec<(NodeId, Vec<NodeId>)> = Vec::new();
    for spawn in model.nodes_of(NodeKind::Spawn) {
        let group = group_of(prose, spawn);
        match rows.iter_mut().find(|(known, _)| *known == group) {
            Some((_, spawns)) => spawns.push(spawn),
            None => rows.push((group, vec![spawn])),
        }
    }
    rows.into_iter()
        .map(|(group, spawns)| {
            let place = model
                .ancestors(group)
                .find(|id| matches!(model.node(*id).kind, NodeKind::Stage | NodeKind::Phase))
                .map_or_else(String::new, |id| prose.node(id).replace("Phase ", ""));
            let mut agents: Vec<(String, usize)> = Vec::new();
            let mut purposes: Vec<String> = Vec::new();
            for spawn in &spawns {
                let name = model.node(*spawn).name.name.to_string();
                match agents.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, count)) => *count += 1,
                    None => agents.push((name, 1)),
                }
                let mut title = cell(&prose.title(*spawn));
                let conditions = conditions_below_phase(prose, *spawn);
                if !conditions.is_empty() {
                    title.push_str(&format!(" ({})", conditions.join(" and ")));
                }
                if !purposes.contains(&title) {
                    purposes.push(title);
                }
            }
            let side_by_side = model.node(group).kind == NodeKind::Parallel;
            let agents: Vec<String> = agents
                .into_iter()
                .map(|(name, count)| if count > 1 { format!("{name} (up to {count})") } else { name })
                .collect();
            let mut purpose = purposes.join(" + ");
            if side_by_side && spawns.len() > 1 {
                purpose.push_str(" (parallel)");
            }
            AgentRow { place, agents: agents.join(" + "), purpose }
        })
        .collect()
}

/// When something runs of a phase that runs, from the outside in: the phase itself says when it does.
pub fn conditions_below_phase(prose: &Prose<'_, '_>, id: NodeId) -> Vec<String> {
    let model = &prose.sound.model;
    let around = model.ancestors(id).take_while(|around| model.node(*around).kind != NodeKind::Phase);
    let mut conditions: Vec<String> =
        around.filter_map(|around| Some(cell(&prose.condition(model.node(around).when.as_deref()?)))).collect();
    conditions.reverse();
    conditions
}

/// The `parallel` around a spawn, else the spawn itself.
fn group_of(prose: &Prose<'_, '_>, spawn: NodeId) -> NodeId {
    let parent = prose.sound.model.node(spawn).parent;
    if prose.sound.model.node(parent).kind == NodeKind::Parallel { parent } else { spawn }
}

fn output_rows(prose: &Prose<'_, '_>) -> Vec<OutputRow> {
    let model = &prose.sound.model;
    let mut rows = Vec::new();
    for artifact in &model.artifacts {
        let phases: Vec<NodeId> = artifact.producers.iter().filter_map(|producer| model.phase_of(*producer)).collect();
        let Some(first) = phases.first() else { continue };
        let label = format!("{}: {}", model.number(*first), prose.title(*first));
        let file = match &artifact.path {
            Some(path) => prose.text(path),
            None => format!("{}.md", artifact.name.name),
        };
        rows.push((model.number(*first), OutputRow { phase: cell(&label), file }));
    }
    rows.sort_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, row)| row).collect()
}

/// Every skill that is used during the run, with the phases and gates that use it.
fn calls<'s>(prose: &Prose<'_, 's>) -> Vec<SkillRow> {
    let model = &prose.sound.model;
    let mut used: Vec<(SkillName<'s>, Vec<String>, Vec<usize>)> = Vec::new();
    let mut add = |skill: SkillName<'s>, phase: Option<NodeId>, gate: Option<NodeId>| {
        let everyone = model.everyone.skills.iter().any(|known| known.content() == skill.content());
        if everyone {
            return;
        }
        let index = used.iter().position(|(known, ..)| known.content() == skill.content()).unwrap_or_else(|| {
            used.push((skill, Vec::new(), Vec::new()));
            used.len() - 1
        });
        if let Some(gate) = gate {
            let label = prose.node(gate);
            if !used[index].1.contains(&label) {
                used[index].1.push(label);
            }
        }
        if let Some(phase) = phase {
            let number = model.number(phase);
            if !used[index].2.contains(&number) {
                used[index].2.push(number);
            }
        }
    };
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        let phase = model.phase_of(id);
        match model.node(id).kind {
            NodeKind::Spawn => prose.agent_skills(id).into_iter().for_each(|skill| add(skill, phase, None)),
            NodeKind::Gate => {
                for item in model.gate_items(id) {
                    if let Some(Evidence::Skill(skill)) = &item.by {
                        add(*skill, phase, phase.is_none().then_some(id));
                    }
                }
            }
            _ => {
                let own = model.work(id).into_iter().flat_map(|work| &work.skills);
                own.for_each(|skill| add(*skill, phase, None));
                if let crate::model::Detail::Step(item) = model.detail(id)
                    && let Some(Evidence::Skill(skill)) = &item.by
                {
                    add(*skill, phase, None);
                }
            }
        }
    }
    used.into_iter()
        .map(|(skill, mut places, mut phases)| {
            phases.sort_unstable();
            if !phases.is_empty() {
                let numbers: Vec<String> = phases.iter().map(ToString::to_string).collect();
                places.insert(0, format!("Phase {}", numbers.join(", ")));
            }
            skill_row(prose, &skill, places.join(", "), String::new())
        })
        .collect()
}

fn library(prose: &Prose<'_, '_>) -> Vec<SkillRow> {
    let declared = prose.sound.model.skills.iter().filter(|skill| skill.path.is_some());
    declared.map(|skill| skill_row(prose, &skill.name, String::new(), String::new())).collect()
}

fn references(prose: &Prose<'_, '_>) -> Vec<Reference> {
    super::pages::present(prose)
        .into_iter()
        .map(|(page, about)| {
            let (label, file) = page_of(prose, page);
            Reference { label, file: format!("references/{file}"), about: about.to_string() }
        })
        .collect()
}

type Placed = BTreeMap<&'static str, Vec<UserSection>>;

fn user_sections(prose: &Prose<'_, '_>) -> (Placed, Placed) {
    let empty = || GENERATED_SECTIONS.iter().map(|name| (*name, Vec::new())).collect::<Placed>();
    let (mut before, mut after) = (empty(), empty());
    for section in prose.sound.model.document.iter().flat_map(|document| &document.sections) {
        let (at_front, name) =
            section.position.map_or((true, GENERATED_SECTIONS[0]), |(front, name)| (front, name.name));
        let placed = if at_front { &mut before } else { &mut after };
        if let Some((_, sections)) = placed.iter_mut().find(|(known, _)| **known == name) {
            sections.push(UserSection { title: prose.text(&section.title), text: prose.text(&section.text) });
        }
    }
    (before, after)
}

/// "MEDIUM 15, LARGE 16", for the exit criteria.
pub fn phase_counts(prose: &Prose<'_, '_>) -> String {
    let sound = prose.sound;
    let counts: Vec<String> =
        rows(sound).iter().map(|row| format!("{} {}", row_name(sound, row), how_many(sound, row.given))).collect();
    joined(&counts)
}

/// How many phases run: "12", or "6 to 8" where other facts decide.
fn how_many(sound: Sound<'_, '_>, given: Diagram) -> String {
    match phases_running(sound, given) {
        (least, most) if least < most => format!("{least} to {most}"),
        (_, most) => most.to_string(),
    }
}

/// How many phases run at least and at most in a run that gets to its end.
pub fn phases_running(sound: Sound<'_, '_>, given: Diagram) -> (usize, usize) {
    let phases: Vec<NodeId> = sound.model.phases().collect();
    let numbers = sound.numbers_running(&phases, given);
    match (numbers.keys().next(), numbers.keys().next_back()) {
        (Some(least), Some(most)) => (*least, *most),
        // Nobody gets to the end: what would run.
        _ => {
            let runs = |wanted| phases.iter().filter(|phase| sound.runs(**phase, given) == wanted).count();
            (runs(Runs::Always), phases.len() - runs(Runs::Never))
        }
    }
}
