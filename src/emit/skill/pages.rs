//! The reference pages that are not about one phase: gates, checkpoints, procedures, agents, recovery, limits.

use serde::Serialize;

use super::super::prose::{Folder, Prose, Reader, cell, joined, page_of};
use super::neighbours::{Direction, neighbours, row_name, rows};
use super::overview::phase_counts;
use super::render::{Renderer, TemplateFault};
use crate::analysis::{Runs, Sound};
use crate::logic::TRUE;
use crate::model::{Ask, Branch, Item, NodeId, NodeKind, Page, ProcedureId, Quantity};

/// The pages that this workflow has, with what each is about.
pub fn present(prose: &Prose<'_, '_>) -> Vec<(Page, &'static str)> {
    let model = &prose.sound.model;
    let mut pages = Vec::new();
    let gates = model.nodes_of(NodeKind::Gate).next().is_some();
    if gates {
        pages.push((Page::Gates, "every gate, what closes it, what happens when it does not"));
    }
    if model.nodes_of(NodeKind::Gate).any(|gate| asks(prose, gate)) {
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
            || model.work(id).is_some_and(|work| work.on_failure.is_some())
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
            Page::Gates => ("gates.md", value(&GatesPage { mark, gates: gate_views(&prose) })),
            Page::Checkpoints => ("checkpoints.md", value(&CheckpointsPage::new(&prose, mark))),
            Page::Procedure(id) => ("procedure.md", value(&ProcedurePage::new(&prose, mark, id, title))),
            Page::Agents => ("agent-matrix.md", value(&AgentsPage::new(&prose, mark))),
            Page::Recovery => ("error-recovery.md", value(&RecoveryPage::new(&prose, mark))),
            Page::Limits => ("limits.md", value(&LimitsPage::new(&prose, mark))),
            Page::Rationalizations => {
                ("rationalizations.md", value(&CountersPage { mark, counters: counters(&prose) }))
            }
            Page::Exit | Page::Phase(_) | Page::Gate(_) => {
                ("exit-criteria.md", value(&ExitPage { mark, exit: ExitView::new(&prose) }))
            }
        };
        files.push((path, renderer.render(template, &view)?));
    }
    Ok(files)
}

fn value(view: &impl Serialize) -> minijinja::Value {
    minijinja::Value::from(minijinja::value::Serde(view))
}

// ── Gates ────────────────────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct GatesPage<'v> {
    mark: &'v str,
    gates: Vec<GateView>,
}

/// A gate as documents show it.
#[derive(Serialize)]
pub struct GateView {
    pub number: usize,
    pub title: String,
    pub name: String,
    /// It stands between phases, not inside one.
    pub between: bool,
    when: String,
    /// "3 → 4", or the phase it stands in.
    place: String,
    purpose: String,
    procedure: String,
    by: String,
    items: Vec<ItemRow>,
    conditions: Vec<String>,
    keep: Vec<String>,
    ask: Option<AskView>,
    fail: Vec<BranchRow>,
    fail_asks: Vec<AskView>,
    overridable: bool,
    risk: String,
    texts: Vec<String>,
    asks_person: bool,
}

#[derive(Serialize)]
pub struct ItemRow {
    title: String,
    meaning: String,
    when: String,
    evidence: String,
    /// Nobody looks: somebody says so.
    claimed: bool,
    checklist: Vec<String>,
}

#[derive(Serialize)]
pub struct AskView {
    question: String,
    options: Vec<OptionRow>,
}

#[derive(Serialize)]
struct OptionRow {
    label: String,
    effect: String,
}

/// A row of a table of outcomes.
#[derive(Serialize)]
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
    let items: Vec<ItemRow> =
        model.gate_items(id).into_iter().map(|item| item_row(prose, item, &arguments, &by)).collect();
    let fail_asks = gate.on_fail.iter().flat_map(|branch| asks_of(prose, &branch.outcome)).collect::<Vec<_>>();
    GateView {
        number: model.number(id),
        title: model.title(id),
        name: node.name.name.to_string(),
        between: model.phase_of(id).is_none(),
        when: node.when.as_ref().map_or_else(String::new, |_| prose.when(id)),
        place: place(prose, id),
        purpose: prose.optional(gate.purpose.as_ref()),
        procedure: procedure.map_or_else(String::new, |id| prose.link(Page::Procedure(id))),
        items,
        conditions: gate.conditions.iter().map(|condition| prose.written(condition)).collect(),
        keep: gate.keep.iter().map(|text| prose.text(text)).collect(),
        asks_person: gate.ask.is_some() || !fail_asks.is_empty(),
        ask: gate.ask.as_ref().map(|ask| ask_view(prose, ask)),
        fail: gate.on_fail.iter().map(|branch| BranchRow::new(prose, branch)).collect(),
        fail_asks,
        overridable: overridable.is_some(),
        risk: overridable
            .and_then(|overridable| overridable.risk.as_ref())
            .map_or_else(String::new, |risk| prose.text(risk)),
        texts: gate.texts.iter().map(|block| prose.text(&block.text)).collect(),
        by,
    }
}

fn item_row(prose: &Prose<'_, '_>, item: &Item<'_>, arguments: &[String], by: &str) -> ItemRow {
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

fn asks_of(prose: &Prose<'_, '_>, outcome: &crate::model::Outcome<'_>) -> Vec<AskView> {
    outcome
        .actions
        .iter()
        .filter_map(|action| match action {
            crate::model::Action::Ask(ask) if !ask.options.is_empty() => Some(ask_view(prose, ask)),
            _ => None,
        })
        .collect()
}

fn ask_view(prose: &Prose<'_, '_>, ask: &Ask<'_>) -> AskView {
    AskView {
        question: prose.optional(ask.question.as_ref()),
        options: ask
            .options
            .iter()
            .map(|option| OptionRow {
                label: cell(&prose.option_label(option)),
                effect: cell(&prose.option_effect(option)),
            })
            .collect(),
    }
}

/// "Phase 3 → 4", with the variants in which it is another pair; or the phase it stands in.
fn place(prose: &Prose<'_, '_>, gate: NodeId) -> String {
    let sound = prose.sound;
    let model = &sound.model;
    if let Some(phase) = model.phase_of(gate) {
        return format!("{}: {}", prose.node(phase), model.title(phase));
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
    for row in rows(sound) {
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

// ── Checkpoints ──────────────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct CheckpointsPage<'v> {
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
    fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
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

fn asks(prose: &Prose<'_, '_>, gate: NodeId) -> bool {
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

// ── Procedures ───────────────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct ProcedurePage<'v> {
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
    fn new(prose: &Prose<'_, '_>, mark: &'v str, id: ProcedureId, title: String) -> Self {
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
            texts: procedure.texts.iter().map(|block| prose.text(&block.text)).collect(),
        }
    }
}

// ── Agents ───────────────────────────────────────────────────────────────────────────────────────

#[derive(Serialize)]
struct AgentsPage<'v> {
    mark: &'v str,
    everyone: String,
    rows: Vec<SpawnRow>,
    agents: Vec<AgentView>,
    side_by_side: Vec<String>,
}

#[derive(Serialize)]
struct SpawnRow {
    place: String,
    agent: String,
    task: String,
    when: String,
    skills: String,
}

#[derive(Serialize)]
struct AgentView {
    name: String,
    description: String,
    model: String,
    tools: String,
    writes: String,
}

impl<'v> AgentsPage<'v> {
    fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let model = &prose.sound.model;
        let skill = |skill: &crate::model::SkillName<'_>| {
            cell(&prose.text(&crate::model::Text { raw: skill.raw, span: skill.span }))
        };
        let rows = model
            .nodes_of(NodeKind::Spawn)
            .map(|spawn| SpawnRow {
                place: model
                    .ancestors(spawn)
                    .find(|id| matches!(model.node(*id).kind, NodeKind::Stage | NodeKind::Phase))
                    .map_or_else(String::new, |id| prose.node(id).replace("Phase ", "")),
                agent: model.node(spawn).name.name.to_string(),
                task: model.node(spawn).title.as_ref().map_or_else(String::new, |title| prose.cell(title)),
                when: cell(&prose.when(spawn)),
                skills: joined(&prose.agent_skills(spawn).iter().map(skill).collect::<Vec<_>>()),
            })
            .collect();
        let agents = model
            .agents
            .iter()
            .filter(|agent| agent.used)
            .map(|agent| AgentView {
                name: agent.name.name.to_string(),
                description: agent.description.as_ref().map_or_else(String::new, |text| prose.cell(text)),
                model: agent.cast.model.map_or_else(String::new, |model| model.name.to_string()),
                tools: agent.cast.tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(", "),
                writes: cell(&prose.listed(agent.cast.writes.iter().map(|path| prose.text(path)))),
            })
            .collect();
        let side_by_side = model
            .nodes_of(NodeKind::Parallel)
            .filter(|id| model.phase_of(*id).is_some())
            .map(|id| {
                let names = model.descendants(id).filter(|node| model.node(*node).kind == NodeKind::Spawn);
                let mut list: Vec<String> = Vec::new();
                for name in names.map(|node| format!("`{}`", model.node(node).name.name)) {
                    if !list.contains(&name) {
                        list.push(name);
                    }
                }
                let phase = model
                    .ancestors(id)
                    .find(|id| matches!(model.node(*id).kind, NodeKind::Stage | NodeKind::Phase))
                    .map_or_else(String::new, |id| prose.node(id));
                format!("{phase}: {}", joined(&list))
            })
            .collect();
        AgentsPage { mark, everyone: prose.listed(model.everyone.skills.iter().map(skill)), rows, agents, side_by_side }
    }
}

// ── Recovery, limits, rationalizations, exit ─────────────────────────────────────────────────────

#[derive(Serialize)]
struct RecoveryPage<'v> {
    mark: &'v str,
    routes: Vec<RouteView>,
    escalation: Option<AskView>,
    bounds: Vec<BoundRow>,
    aborts: Vec<AbortRow>,
    abort_ask: Option<AskView>,
}

#[derive(Serialize)]
struct RouteView {
    pattern: String,
    branches: Vec<BranchRow>,
}

#[derive(Serialize)]
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
    fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let model = &prose.sound.model;
        let mut bounds = Vec::new();
        for index in 1..model.nodes.len() {
            let id = NodeId::new(index);
            let place = || match model.node(id).kind {
                NodeKind::Spawn => format!(
                    "`{}` in {}",
                    model.node(id).name.name,
                    model.phase_of(id).map_or_else(String::new, |phase| prose.node(phase))
                ),
                NodeKind::Loop => model.title(id),
                _ => format!("{}: {}", prose.node(id), model.title(id)),
            };
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
        RecoveryPage {
            mark,
            routes: model
                .routes
                .iter()
                .map(|route| RouteView {
                    pattern: prose.text(&route.pattern),
                    branches: route.branches.iter().map(|branch| BranchRow::new(prose, branch)).collect(),
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

fn escalation_effect(option: &crate::model::Choice<'_>) -> String {
    match (option.name.name, option.adds) {
        (_, Some(adds)) => format!("raises the bound by {adds}, once per answer"),
        ("accept", _) => "offered only where an override by the user is allowed".to_string(),
        ("show", _) => "shows what was tried, then asks again".to_string(),
        ("abort", _) => "stops the workflow".to_string(),
        _ => "continue".to_string(),
    }
}

#[derive(Serialize)]
struct LimitsPage<'v> {
    mark: &'v str,
    limits: Vec<LimitRow>,
    window: String,
    rungs: Vec<RungRow>,
    scores: Vec<ScoreView>,
}

#[derive(Serialize)]
struct RungRow {
    word: String,
    share: i64,
    tokens: i64,
    action: String,
}

#[derive(Serialize)]
struct ScoreView {
    name: String,
    factors: Vec<FactorRow>,
    bands: Vec<BandRow>,
}

#[derive(Serialize)]
struct FactorRow {
    title: String,
    weight: String,
    points: String,
}

#[derive(Serialize)]
struct BandRow {
    range: String,
    value: String,
    meaning: String,
}

impl<'v> LimitsPage<'v> {
    fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
        let model = &prose.sound.model;
        let window = model.context.as_ref().map_or(0, |context| context.window);
        LimitsPage {
            mark,
            limits: limit_rows(prose),
            window: if window > 0 { window.to_string() } else { String::new() },
            rungs: model
                .context
                .iter()
                .flat_map(|context| &context.rungs)
                .map(|rung| RungRow {
                    word: rung.word.name.to_string(),
                    share: rung.share,
                    tokens: window.saturating_mul(rung.share) / 100,
                    action: match rung.procedure {
                        Some(id) => format!("run {}", prose.link(Page::Procedure(id))),
                        None => rung_words(rung.word.name).to_string(),
                    },
                })
                .collect(),
            scores: model.scores.iter().map(|score| score_view(prose, score)).collect(),
        }
    }
}

fn rung_words(word: &str) -> &'static str {
    match word {
        "warn" => "say so, and plan a compaction",
        "should" => "compact at the next opportunity",
        "must" => "compact before anything else",
        "block" => "start no agent until it has been compacted",
        _ => "",
    }
}

fn score_view(prose: &Prose<'_, '_>, score: &crate::model::Score<'_>) -> ScoreView {
    let decimal = crate::model::decimal;
    let bands = score
        .bands
        .iter()
        .enumerate()
        .map(|(index, band)| BandRow {
            range: match score.bands.get(index + 1) {
                Some(next) => format!("from {}, below {}", decimal(band.from), decimal(next.from)),
                None => format!("from {}", decimal(band.from)),
            },
            value: band.value.name.to_string(),
            meaning: band.text.as_ref().map_or_else(String::new, |text| prose.cell(text)),
        })
        .collect();
    ScoreView {
        name: score.name.name.to_string(),
        factors: score
            .factors
            .iter()
            .map(|factor| FactorRow {
                title: match &factor.title {
                    Some(title) => prose.cell(title),
                    None => crate::model::readable(factor.name.name),
                },
                weight: decimal(factor.weight),
                points: factor
                    .points
                    .iter()
                    .map(|(value, points)| {
                        // A number is the least that earns the points; a name is the thing itself.
                        let from = if value.starts_with(|c: char| c.is_ascii_digit()) { "from " } else { "" };
                        format!("{from}{value}: {}", decimal(*points))
                    })
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
        bands,
    }
}

/// A limit with its value, the key that sets it, and what it bounds.
#[derive(Serialize)]
pub struct LimitRow {
    name: String,
    value: String,
    key: String,
    section: String,
    used: String,
}

/// All limits; each with the places whose bound it is.
pub fn limit_rows(prose: &Prose<'_, '_>) -> Vec<LimitRow> {
    let model = &prose.sound.model;
    model
        .limits
        .iter()
        .map(|limit| {
            let key = limit.key.map_or_else(String::new, |key| key.name.to_string());
            LimitRow {
                name: limit.name.name.to_string(),
                value: limit.value.map_or_else(|| "—".to_string(), |value| Quantity::of(value).show()),
                section: key.split('.').next().unwrap_or_default().to_string(),
                key,
                used: cell(&used_at(prose, limit.name.name)),
            }
        })
        .collect()
}

/// The items whose bound a limit is.
fn used_at(prose: &Prose<'_, '_>, name: &str) -> String {
    let model = &prose.sound.model;
    let mut places: Vec<String> = Vec::new();
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        if bounded_by(prose, id, name) {
            let place = match model.node(id).kind {
                NodeKind::Spawn | NodeKind::Each => {
                    model.phase_of(id).map_or_else(String::new, |phase| model.title(phase))
                }
                _ => model.title(id),
            };
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    if places.is_empty() { "named in the texts".to_string() } else { joined(&places) }
}

fn bounded_by(prose: &Prose<'_, '_>, id: NodeId, name: &str) -> bool {
    let model = &prose.sound.model;
    let is = |bound: &crate::model::Amount<'_>| bound.name == Some(name);
    let inner = model.loop_of(id);
    let work = model.work(id);
    let gate = model.gate(id);
    inner.and_then(|inner| inner.bound.as_ref()).is_some_and(is)
        || work.and_then(|work| work.each.as_ref()).and_then(|each| each.bound.as_ref()).is_some_and(is)
        || work.into_iter().flat_map(|work| &work.on_failure).any(|outcome| outcome_bounded(outcome, name))
        || gate.into_iter().flat_map(|gate| &gate.on_fail).any(|branch| outcome_bounded(&branch.outcome, name))
        || gate.and_then(|gate| gate.ask.as_ref()).is_some_and(|ask| ask_bounded(ask, name))
}

fn ask_bounded(ask: &Ask<'_>, name: &str) -> bool {
    ask.options.iter().filter_map(|option| option.outcome.as_ref()).any(|outcome| outcome_bounded(outcome, name))
}

fn outcome_bounded(outcome: &crate::model::Outcome<'_>, name: &str) -> bool {
    use crate::model::Action;
    outcome.actions.iter().any(|action| match action {
        Action::Redo { bound, .. } | Action::Fix { bound, .. } | Action::Retry { bound: Some(bound), .. } => {
            bound.name == Some(name)
        }
        Action::Ask(ask) => ask_bounded(ask, name),
        _ => false,
    })
}

#[derive(Serialize)]
struct CountersPage<'v> {
    mark: &'v str,
    counters: Vec<Counter>,
}

/// What an agent says before it skips a step, and the answer.
#[derive(Serialize)]
pub struct Counter {
    claim: String,
    answer: String,
}

pub fn counters(prose: &Prose<'_, '_>) -> Vec<Counter> {
    let all = prose.sound.model.counters.iter();
    all.map(|(claim, answer)| Counter { claim: prose.cell(claim), answer: prose.cell(answer) }).collect()
}

#[derive(Serialize)]
struct ExitPage<'v> {
    mark: &'v str,
    exit: ExitView,
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
        let gate = last.map(|id| gate_view(prose, id));
        let question =
            gate.as_ref().and_then(|gate| gate.ask.as_ref()).map_or_else(String::new, |ask| ask.question.clone());
        let (items, conditions) = gate.map_or_else(|| (Vec::new(), Vec::new()), |gate| (gate.items, gate.conditions));
        ExitView { phases: model.phases().count(), counts: phase_counts(prose), items, conditions, question }
    }
}
