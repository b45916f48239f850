//! The page of a phase: what it is for, what it takes and leaves, its steps with their prompts, what comes next.

use serde::Serialize;

use super::super::prose::{Folder, Prose, Reader, cell, joined, page_of};
use super::budget;
use super::neighbours::{Direction, Neighbour, grouped};
use super::pages::{BranchRow, GateView, gate_view};
use super::render::{Renderer, TemplateFault};
use crate::analysis::Sound;
use crate::model::{Detail, NodeId, NodeKind, Page, TextBlock, Type};

/// Everything the template of a phase can use.
#[derive(Serialize)]
struct PhasePage {
    mark: String,
    number: usize,
    title: String,
    name: String,
    docs: Vec<String>,
    purpose: String,
    when: String,
    because: String,
    required: bool,
    loop_of: String,
    entry: Vec<Neighbours>,
    /// The phases that must have run before, wherever they stand.
    ran: Vec<String>,
    next: Vec<Neighbours>,
    reads: Vec<ReadRow>,
    produces: Vec<ProducedRow>,
    decides: Vec<FactRow>,
    revises: Vec<String>,
    budget: Vec<String>,
    steps: Vec<StepView>,
    requires: Vec<String>,
    checklist: Vec<String>,
    blocked: Vec<BranchRow>,
    texts: Vec<TextView>,
}

/// The neighbours of a phase in some variants.
#[derive(Serialize)]
struct Neighbours {
    /// "SMALL", or nothing when it is so in all.
    variants: String,
    lines: Vec<String>,
}

#[derive(Serialize)]
struct ReadRow {
    file: String,
    from: String,
    optional: bool,
}

#[derive(Serialize)]
struct ProducedRow {
    file: String,
    sections: String,
}

#[derive(Serialize)]
struct FactRow {
    name: String,
    values: String,
    how: String,
}

#[derive(Serialize)]
struct StepView {
    number: String,
    /// `step`, `spawn`, `gate`, `stage`, `each` or `parallel`.
    kind: &'static str,
    title: String,
    when: String,
    text: String,
    evidence: String,
    agent: String,
    irreversible: bool,
    skills: String,
    returns: String,
    writes: String,
    failure: String,
    prompts: Vec<PromptView>,
    gate: Option<GateView>,
    steps: Vec<StepView>,
}

#[derive(Serialize)]
struct PromptView {
    text: String,
    fence: String,
    /// The file it was moved to; empty when it stands here.
    file: String,
}

#[derive(Serialize)]
struct TextView {
    when: String,
    text: String,
    file: String,
    title: String,
}

/// A prompt or text that the page had no room for.
#[derive(Serialize)]
struct Aside<'v> {
    mark: &'v str,
    title: String,
    back: String,
    text: String,
    fence: String,
}

/// The page, and what it had no room for, with their paths below `references/`.
pub fn files(
    sound: Sound<'_, '_>,
    phase: NodeId,
    mark: &str,
    renderer: &Renderer<'_>,
) -> Result<Vec<(String, String)>, TemplateFault> {
    let prose = Prose { sound, reader: Reader::Document(Folder::References) };
    let (_, path) = page_of(&prose, Page::Phase(phase));
    let mut page = PhasePage::new(&prose, phase, mark);
    let whole = renderer.render("phase.md", &page)?;
    if budget::REFERENCE.holds(&whole) {
        return Ok(vec![(path, whole)]);
    }
    let below = Prose { sound, reader: Reader::Document(Folder::Below) };
    let mut asides = Vec::new();
    let stem = path.trim_end_matches(".md").to_string();
    // The longest prompts go first, and no more of them than must.
    let mut text = whole;
    while !budget::REFERENCE.holds(&text)
        && let Some(moved) = move_longest_prompt(&mut page.steps, &stem)
    {
        asides.push(moved);
        text = renderer.render("phase.md", &page)?;
    }
    if !budget::REFERENCE.holds(&text) {
        let moved = PhasePage::new(&below, phase, mark);
        for (index, view) in page.texts.iter_mut().enumerate() {
            let title = moved.texts.get(index).map_or_else(String::new, |moved| first_heading(&moved.text));
            let file = format!("texts/{stem}-{}.md", index + 1);
            let content = moved.texts.get(index).map_or_else(String::new, |moved| moved.text.clone());
            asides.push((file.clone(), title.clone(), content, String::new()));
            (view.file, view.title, view.text) = (file, title, String::new());
        }
        text = renderer.render("phase.md", &page)?;
    }
    let (label, file) = page_of(&below, Page::Phase(phase));
    let mut files = vec![(path, text)];
    for (path, title, text, fence) in asides {
        let back = format!("[{label}](../{file})");
        let aside = Aside { mark, title, back, text, fence };
        files.push((path, renderer.render("aside.md", &aside)?));
    }
    Ok(files)
}

type Moved = (String, String, String, String);

/// Takes the longest prompt that still stands on the page out of it; its file has its number among all of the page.
fn move_longest_prompt(steps: &mut [StepView], stem: &str) -> Option<Moved> {
    fn all<'v>(steps: &'v mut [StepView], found: &mut Vec<(String, String, &'v mut PromptView)>) {
        for step in steps {
            found.extend(step.prompts.iter_mut().map(|prompt| (step.agent.clone(), step.title.clone(), prompt)));
            all(&mut step.steps, found);
        }
    }
    let mut prompts = Vec::new();
    all(steps, &mut prompts);
    let standing = prompts.into_iter().enumerate().filter(|(_, (_, _, prompt))| prompt.file.is_empty());
    let lines = |prompt: &PromptView| prompt.text.lines().count();
    let (index, (agent, title, prompt)) =
        standing.max_by_key(|(index, (_, _, prompt))| (lines(prompt), std::cmp::Reverse(*index)))?;
    prompt.file = format!("prompts/{stem}-{agent}-{}.md", index + 1);
    Some((prompt.file.clone(), format!("Prompt: {title}"), std::mem::take(&mut prompt.text), prompt.fence.clone()))
}

fn first_heading(text: &str) -> String {
    let heading = text.lines().find_map(|line| line.strip_prefix("## ").or_else(|| line.strip_prefix("# ")));
    heading.unwrap_or("More").to_string()
}

impl PhasePage {
    fn new(prose: &Prose<'_, '_>, phase: NodeId, mark: &str) -> Self {
        let sound = prose.sound;
        let model = &sound.model;
        let node = model.node(phase);
        let work = model.work(phase);
        let inner = model.ancestors(phase).find(|id| model.node(*id).kind == NodeKind::Loop);
        PhasePage {
            mark: mark.to_string(),
            number: model.number(phase),
            title: model.title(phase),
            name: node.name.name.to_string(),
            docs: node.docs.iter().map(|line| (*line).to_string()).collect(),
            purpose: prose.optional(work.and_then(|work| work.purpose.as_ref())),
            when: prose.when(phase),
            because: because(prose, phase),
            required: node.required().is_some(),
            loop_of: inner.map_or_else(String::new, |id| loop_words(prose, id)),
            entry: neighbours_view(prose, phase, Direction::Before),
            ran: work
                .into_iter()
                .flat_map(|work| &work.requires_phases)
                .map(|(other, _)| prose.link(Page::Phase(*other)))
                .collect(),
            next: neighbours_view(prose, phase, Direction::After),
            reads: work.into_iter().flat_map(|work| &work.reads).map(|read| read_row(prose, read)).collect(),
            produces: produced_rows(prose, phase),
            decides: decided_rows(prose, phase),
            revises: revisions(prose, phase),
            budget: work
                .into_iter()
                .flat_map(|work| &work.budget)
                .map(|(word, amount)| format!("{} at most {}", word.name, amount.quantity.show()))
                .collect(),
            steps: steps(prose, phase, ""),
            requires: work
                .into_iter()
                .flat_map(|work| &work.requires)
                .map(|condition| prose.written(condition))
                .collect(),
            checklist: work.into_iter().flat_map(|work| &work.checklist).map(|text| prose.text(text)).collect(),
            blocked: work
                .into_iter()
                .flat_map(|work| &work.on_blocked)
                .map(|branch| BranchRow::new(prose, branch))
                .collect(),
            texts: texts(prose, work.map_or(&[][..], |work| &work.texts)),
        }
    }
}

/// Why the phase is conditional: as it says itself, and as the skip rules say that name it.
fn because(prose: &Prose<'_, '_>, phase: NodeId) -> String {
    let model = &prose.sound.model;
    let rules = model.skips.iter().filter(|skip| skip.phases.iter().any(|(named, _)| *named == phase));
    let reasons = model.node(phase).because().into_iter().chain(rules.filter_map(|skip| skip.because.as_ref()));
    joined(&reasons.map(|reason| prose.text(reason)).collect::<Vec<_>>())
}

fn loop_words(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let Some(inner) = model.loop_of(id) else { return String::new() };
    let until = inner.until.as_ref().map_or_else(String::new, |until| format!(" until {}", prose.written(until)));
    let bound = inner.bound.as_ref().map_or_else(String::new, |bound| format!(", {}", prose.bound(bound)));
    format!("{}: it repeats{until}{bound}", model.title(id))
}

fn texts(prose: &Prose<'_, '_>, blocks: &[TextBlock<'_>]) -> Vec<TextView> {
    blocks
        .iter()
        .map(|block| TextView {
            when: block.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
            text: prose.text(&block.text),
            file: String::new(),
            title: String::new(),
        })
        .collect()
}

fn neighbours_view(prose: &Prose<'_, '_>, phase: NodeId, direction: Direction) -> Vec<Neighbours> {
    grouped(prose, phase, direction)
        .into_iter()
        .map(|(variants, found)| Neighbours {
            variants,
            lines: found.iter().map(|neighbour| neighbour_words(prose, neighbour, direction)).collect(),
        })
        .collect()
}

fn neighbour_words(prose: &Prose<'_, '_>, neighbour: &Neighbour, direction: Direction) -> String {
    let model = &prose.sound.model;
    let phase = neighbour.phase.map(|phase| prose.link(Page::Phase(phase)));
    let gates: Vec<String> = neighbour.gates.iter().map(|gate| prose.link(Page::Gate(*gate))).collect();
    let maybe = match neighbour.phase {
        Some(phase) if neighbour.maybe => match &model.node(phase).when {
            Some(when) => format!(" (when {})", prose.written(when)),
            None => " (depends on other facts)".to_string(),
        },
        _ => String::new(),
    };
    match (direction, phase, gates.is_empty()) {
        (Direction::Before, Some(phase), true) => format!("{phase} is complete{maybe}"),
        (Direction::Before, Some(phase), false) => format!("{phase} is complete{maybe}, and {} closed", closed(&gates)),
        (Direction::Before, None, true) => "the workflow begins here".to_string(),
        (Direction::Before, None, false) => format!("{} closed", closed(&gates)),
        (Direction::After, Some(phase), true) => format!("{phase}{maybe}"),
        (Direction::After, Some(phase), false) => format!("{phase}{maybe}, once {} closed", closed(&gates)),
        (Direction::After, None, true) => "the workflow ends here".to_string(),
        (Direction::After, None, false) => format!("the workflow ends once {} closed", closed(&gates)),
    }
}

fn closed(gates: &[String]) -> String {
    format!("{} {}", joined(gates), if gates.len() == 1 { "is" } else { "are" })
}

fn read_row(prose: &Prose<'_, '_>, read: &crate::model::Read) -> ReadRow {
    let model = &prose.sound.model;
    let artifact = &model.artifacts[read.artifact.index()];
    let mut from: Vec<String> = Vec::new();
    for phase in artifact.producers.iter().filter_map(|producer| model.phase_of(*producer)) {
        let link = prose.link(Page::Phase(phase));
        if !from.contains(&link) {
            from.push(link);
        }
    }
    ReadRow { file: prose.file(read.artifact), from: joined(&from), optional: read.optional }
}

/// What the phase and everything inside it produces.
fn produced_rows(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<ProducedRow> {
    let model = &prose.sound.model;
    let mut rows: Vec<ProducedRow> = Vec::new();
    let nodes = std::iter::once(phase).chain(model.descendants(phase));
    for id in nodes.filter_map(|node| model.work(node)).flat_map(|work| &work.produces) {
        let file = prose.file(*id);
        if !rows.iter().any(|row| row.file == file) {
            let sections: Vec<String> =
                model.artifacts[id.index()].sections.iter().map(|section| prose.cell(section)).collect();
            rows.push(ProducedRow { file, sections: joined(&sections) });
        }
    }
    rows
}

fn decided_rows(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<FactRow> {
    let model = &prose.sound.model;
    let mut rows = Vec::new();
    for fact in &model.facts {
        for decider in fact.deciders.iter().filter(|decider| model.is_within(decider.node, phase)) {
            let values = match fact.of {
                Type::Bool => "true or false".to_string(),
                Type::Int(low, high) => format!("{low} to {high}"),
                Type::Enum(id) => {
                    let names: Vec<String> =
                        model.enums[id.index()].values.iter().map(|(name, _)| format!("`{}`", name.name)).collect();
                    names.join(if model.enums[id.index()].ordered { " < " } else { ", " })
                }
                Type::Text | Type::Unknown => String::new(),
            };
            let how = match (&decider.run, model.node(decider.node).kind) {
                (Some(run), _) => format!("from {}", super::super::words::code(&prose.text(&run.command))),
                (None, NodeKind::Spawn) => format!("returned by `{}`", model.node(decider.node).name.name),
                (None, NodeKind::Gate) => "answered by the person".to_string(),
                (None, _) if decider.confirmed => "settled here, confirmed by the person".to_string(),
                (None, _) => "settled here".to_string(),
            };
            rows.push(FactRow { name: fact.name.name.to_string(), values, how });
        }
    }
    rows
}

fn revisions(prose: &Prose<'_, '_>, phase: NodeId) -> Vec<String> {
    let model = &prose.sound.model;
    let nodes = std::iter::once(phase).chain(model.descendants(phase));
    let mut lines = Vec::new();
    for revision in nodes.filter_map(|node| model.work(node)).flat_map(|work| &work.revises) {
        let fact = &model.facts[revision.fact.index()];
        match &revision.arms {
            None => lines.push(format!("`{}` may be raised, never lowered", fact.name.name)),
            Some(arms) => lines.extend(arms.iter().map(|arm| {
                format!(
                    "`{}` becomes `{}` when {} (first that fits)",
                    fact.name.name,
                    model.value_name(fact.of, arm.value),
                    prose.written(&arm.condition)
                )
            })),
        }
    }
    lines
}

fn steps(prose: &Prose<'_, '_>, parent: NodeId, prefix: &str) -> Vec<StepView> {
    let model = &prose.sound.model;
    model
        .children(parent)
        .enumerate()
        .map(|(index, child)| {
            let number = if prefix.is_empty() { format!("{}", index + 1) } else { format!("{prefix}.{}", index + 1) };
            step(prose, child, number)
        })
        .collect()
}

fn step(prose: &Prose<'_, '_>, id: NodeId, number: String) -> StepView {
    let model = &prose.sound.model;
    let node = model.node(id);
    let mut view = StepView {
        kind: node.kind.word(),
        title: node.title.as_ref().map_or_else(|| model.title(id), |title| prose.text(title)),
        when: node.when.as_ref().map_or_else(String::new, |when| prose.condition(when)),
        text: String::new(),
        evidence: String::new(),
        agent: String::new(),
        irreversible: node.irreversible().is_some(),
        skills: String::new(),
        returns: String::new(),
        writes: String::new(),
        failure: String::new(),
        prompts: Vec::new(),
        gate: None,
        steps: if node.kind == NodeKind::Gate { Vec::new() } else { steps(prose, id, &number) },
        number,
    };
    match model.detail(id) {
        Detail::Step(item) => {
            view.text = prose.optional(item.meaning.as_ref());
            view.evidence = item.by.as_ref().map_or_else(String::new, |by| prose.evidence(by, &[]));
            if item.required {
                view.title = format!("Verify: {}", view.title);
            }
        }
        Detail::Gate(_) => view.gate = Some(gate_view(prose, id)),
        Detail::Work(work) => {
            match node.kind {
                NodeKind::Spawn => spawn_view(prose, id, &mut view),
                NodeKind::Each => view.text = each_words(prose, id),
                NodeKind::Stage => view.title = format!("{} {}", prose.node(id).replace("Phase ", ""), view.title),
                _ => {}
            }
            let own: Vec<String> = texts(prose, &work.texts)
                .into_iter()
                .map(|text| if text.when.is_empty() { text.text } else { format!("**{}:** {}", text.when, text.text) })
                .collect();
            let purpose = prose.optional(work.purpose.as_ref());
            let parts: Vec<String> =
                [purpose, view.text.clone()].into_iter().chain(own).filter(|part| !part.is_empty()).collect();
            view.text = parts.join("\n\n");
        }
        _ => {}
    }
    if node.kind == NodeKind::Parallel {
        view.title = "Side by side".to_string();
        view.text = "Start all of these in one message; go on when every one has ended.".to_string();
    }
    view
}

fn spawn_view(prose: &Prose<'_, '_>, id: NodeId, view: &mut StepView) {
    let model = &prose.sound.model;
    let Some(work) = model.work(id) else { return };
    view.agent = model.node(id).name.name.to_string();
    view.skills = prose.listed(
        prose
            .agent_skills(id)
            .iter()
            .map(|skill| cell(&prose.text(&crate::model::Text { raw: skill.raw, span: skill.span }))),
    );
    view.returns = prose.listed(work.decides.iter().map(|fact| model.facts[fact.index()].name.name.to_string()));
    view.failure = work.on_failure.as_ref().map_or_else(String::new, |outcome| prose.outcome(outcome));
    let text = prose.prompt(id);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    view.prompts.push(PromptView { text, fence, file: String::new() });
}

fn each_words(prose: &Prose<'_, '_>, id: NodeId) -> String {
    let model = &prose.sound.model;
    let Some(each) = model.work(id).and_then(|work| work.each.as_ref()) else { return String::new() };
    let mut words = Vec::new();
    if let Some(from) = &each.from {
        let section =
            each.section.as_ref().map_or_else(String::new, |text| format!(", section \"{}\"", prose.text(text)));
        words.push(format!("One round for each task of `{}`{section}.", prose.file(from.artifact)));
    }
    if let Some(bound) = &each.bound {
        words.push(format!("No more than {} tasks.", bound.quantity.show()));
    }
    if let Some(batch) = &each.batch {
        words.push(format!(
            "Batch when {}: one agent does all and reports once. Else one task at a time, reviewed before the next.",
            prose.written(batch)
        ));
    }
    if each.else_once {
        words.push("Without that file: once, for the whole request.".to_string());
    }
    words.join(" ")
}
