//! What agents are given: tools and skills.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::analysis::Analysis;
use crate::checks::outcomes::actions;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Action, AgentId, Detail, Evidence, Item, Model, Named, NodeId, SkillName, listed};
use crate::source::Span;
use crate::syntax::text;

codes! {
    TOOL_NOT_ALLOWED: "WF702" "tool-not-allowed" Error = "Somebody is to use a tool that they are not given.",
        "An agent that lists its `tools` has these, those of `agent *`, and no others: a spawn cannot give it more. A phase or \
         stage is done by the orchestrator, who has the tools of the `document`, and by the agents it starts; one of them must \
         have each tool that it names. Without a list nobody is restricted.",
        bad: "workflow w\n\nagent builder \"Builds\" {\n  tools [Read, Edit]\n}\n\nphase build {\n  spawn builder \"Build it\" {\n    tools Bash\n  }\n}\n",
        good: "workflow w\n\nagent builder \"Builds\" {\n  tools [Read, Edit, Bash]\n}\n\nphase build {\n  spawn builder \"Build it\" {\n    tools Bash\n  }\n}\n";
    TOOL_NEVER_USED: "WF703" "tool-never-used" Warning = "A tool is given that can never be used.",
        "Only a workflow starts agents, so the tool that starts them is of no use to an agent, nor to the document of a workflow \
         that starts none. Of all other tools nobody but the one who works knows whether they are used, and nothing is said.",
        bad: "workflow w\n\nagent builder \"Builds\" {\n  tools [Read, Edit, Task]\n}\n\nphase build {\n  spawn builder \"Build it\"\n}\n",
        good: "workflow w\n\nagent builder \"Builds\" {\n  tools [Read, Edit]\n}\n\nphase build {\n  spawn builder \"Build it\"\n}\n";
    SKILL_MISSING_FROM_AGENT: "WF704" "skill-missing-from-agent" Warning = "A repair starts an agent without a skill that its work was done with.",
        "What a spawn lists under `skills` is added to the agent's for this spawn only. `fix by` starts the agent anew, with its \
         own skills and those of `agent *`. If a spawn of the same agent before the gate, in the same stage or phase, was given \
         a skill, the repair of its work lacks it. Give it to the agent. An agent that lists no skills of its own is known \
         elsewhere, and nothing is said of it.",
        bad: "workflow w\n\nagent builder \"Builds\" {\n  skills reading-code\n}\n\nphase build {\n  spawn builder \"Build it\" {\n    skills testing\n  }\n  gate green {\n    require suite \"Tests\" by run \"make test\"\n    on fail -> fix by builder at most 2\n  }\n}\n",
        good: "workflow w\n\nagent builder \"Builds\" {\n  skills [reading-code, testing]\n}\n\nphase build {\n  spawn builder \"Build it\"\n  gate green {\n    require suite \"Tests\" by run \"make test\"\n    on fail -> fix by builder at most 2\n  }\n}\n";
}

/// Whoever is to use a tool has it.
pub fn tools_are_allowed(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        let Some(work) = model.work(id).filter(|work| !work.tools.is_empty()) else { continue };
        for tool in &work.tools {
            found.extend(match work.agent {
                Some(agent) => not_given_to_agent(model, *tool, agent),
                None => not_given_to_anybody(analysis, id, *tool),
            });
        }
    }
}

fn not_given_to_agent(model: &Model<'_>, tool: Named<'_>, agent: AgentId) -> Option<Diagnostic> {
    let (place, given) = given(model, agent);
    let agent = &model.agents[agent.index()];
    if has(model, given, tool).is_none_or(|has| has) {
        return None;
    }
    let all: Vec<Named<'_>> = given.iter().chain(&model.everyone.tools).copied().collect();
    let (name, tools) = (agent.name.name, shown(&all));
    Some(
        Diagnostic::new(&TOOL_NOT_ALLOWED, tool.span, format!("agent `{name}` has no tool `{}`", content(tool)))
            .label("a spawn gives no tools that its agent lacks")
            .related(place, format!("it has {tools}"))
            .help(format!("add `{}` to the tools of agent `{name}`, or leave it out here", content(tool))),
    )
}

/// The tools that an agent lists, in the workflow or else in the registry, and where it does.
fn given<'m, 's>(model: &'m Model<'s>, agent: AgentId) -> (Span, &'m [Named<'s>]) {
    let agent = &model.agents[agent.index()];
    let known = model.registry.agent(agent.name.name);
    match known.and_then(|known| Some((known.name.span, known.tools.as_deref()?))) {
        Some(known) if agent.cast.tools.is_empty() => known,
        _ => (agent.name.span, &agent.cast.tools),
    }
}

/// All tools that a workflow names.
pub fn tools_of<'m, 's>(model: &'m Model<'s>) -> impl Iterator<Item = &'m Named<'s>> {
    let works = model.works().flat_map(|(_, work)| &work.tools);
    let casts = model.agents.iter().map(|agent| &agent.cast).chain([&model.everyone]).flat_map(|cast| &cast.tools);
    works.chain(casts).chain(model.document.iter().flat_map(|document| &document.tools))
}

/// Whether an agent with these tools, and those of all, has a tool; `None` where it lists none.
fn has(model: &Model<'_>, tools: &[Named<'_>], tool: Named<'_>) -> Option<bool> {
    (!tools.is_empty()).then(|| tools.iter().chain(&model.everyone.tools).any(|given| covers(*given, tool)))
}

/// A phase or stage names a tool that neither the document nor an agent in it has.
fn not_given_to_anybody(analysis: &Analysis<'_>, id: NodeId, tool: Named<'_>) -> Option<Diagnostic> {
    let model = &analysis.model;
    let document = model.document.as_ref().filter(|document| !document.tools.is_empty())?;
    if document.tools.iter().any(|given| covers(*given, tool)) {
        return None;
    }
    let mut agents: Vec<AgentId> = Vec::new();
    for inside in std::iter::once(id).chain(model.descendants(id)) {
        started(model, inside, &mut |agent, _| agents.push(agent));
    }
    let may_have = |agent: &AgentId| has(model, given(model, *agent).1, tool) != Some(false);
    if agents.iter().any(may_have) {
        return None;
    }
    let node = analysis.described(id);
    let but = if agents.is_empty() { "" } else { ", nor of an agent that it starts" };
    Some(
        Diagnostic::new(
            &TOOL_NOT_ALLOWED,
            tool.span,
            format!("{node} is to use `{}`, which is no tool of the document{but}", content(tool)),
        )
        .label("nobody here has it")
        .related(document.tools[0].span, format!("the document has {}", shown(&document.tools)))
        .help(format!("add `{}` to the tools of the document, or leave it out here", content(tool))),
    )
}

/// The agents that an item starts, and where it says so.
fn started(model: &Model<'_>, id: NodeId, see: &mut dyn FnMut(AgentId, Span)) {
    let node = model.node(id);
    let by = |item: &Item<'_>| match &item.by {
        Some(Evidence::Agent(agent)) => Some(*agent),
        _ => None,
    };
    match model.detail(id) {
        Detail::Work(work) => work.agent.iter().for_each(|agent| see(*agent, node.name.span)),
        Detail::Step(item) => by(item).iter().for_each(|agent| see(*agent, item.name.span)),
        Detail::Gate(gate) => {
            gate.by.iter().for_each(|agent| see(*agent, node.name.span));
            model.gate_items(id).into_iter().filter_map(by).for_each(|agent| see(agent, node.name.span));
        }
        _ => {}
    }
    actions(model, id, &mut |action, _| {
        if let Action::Fix { agent, span, .. } | Action::Spawn { agent, span } = action {
            see(*agent, *span);
        }
    });
}

/// No tool is given to somebody who can never use it.
pub fn tools_can_be_used(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let starts = |tool: &&Named<'_>| matches!(base(&content(**tool)), "Task" | "Agent");
    let no_agent = |tool: &Named<'_>| {
        Diagnostic::new(&TOOL_NEVER_USED, tool.span, format!("an agent never uses `{}`", content(*tool)))
            .label("an agent cannot start another")
            .help("leave it out; what a second agent is to do is a `spawn` of the workflow")
    };
    let spawned = model.works().filter(|(_, work)| work.agent.is_some()).flat_map(|(_, work)| &work.tools);
    let agents = model.agents.iter().map(|agent| &agent.cast).chain([&model.everyone]).flat_map(|cast| &cast.tools);
    found.extend(agents.chain(spawned).filter(starts).map(no_agent));
    if model.header.is_none() || model.agents.iter().any(|agent| agent.used) {
        return;
    }
    let granted = model.document.iter().flat_map(|document| &document.tools);
    found.extend(granted.filter(starts).map(|tool| {
        Diagnostic::new(&TOOL_NEVER_USED, tool.span, format!("the workflow never uses `{}`", content(*tool)))
            .label("it starts no agent")
            .help("leave it out, or `spawn` the agent it was meant for")
    }));
}

/// An agent that repairs work has the skills that the work was done with.
pub fn repairs_have_the_skills(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let mut said: HashSet<(AgentId, Cow<'_, str>)> = HashSet::new();
    for (gate, _) in model.gates() {
        let node = model.node(gate);
        if model.phase_of(gate).is_none() {
            continue;
        }
        actions(model, gate, &mut |action, _| {
            let Action::Fix { agent: id, span, .. } = action else { return };
            let agent = &model.agents[id.index()];
            let known = model.registry.agent(agent.name.name).and_then(|known| known.skills.as_deref());
            let known = known.filter(|_| agent.cast.skills.is_empty()).unwrap_or_default();
            if agent.cast.skills.is_empty() && known.is_empty() {
                return;
            }
            let own = |skill: &SkillName<'_>| {
                agent.cast.skills.iter().chain(&model.everyone.skills).any(|own| own.content() == skill.content())
                    || known.iter().any(|own| own.name == skill.content())
            };
            let before = model.descendants(node.parent).filter(|other| analysis.graph.precedes(model, *other, gate));
            let spawns = before.filter_map(|other| model.work(other)).filter(|work| work.agent == Some(*id));
            for skill in spawns.flat_map(|work| &work.skills).filter(|skill| !own(skill)) {
                if said.insert((*id, skill.content())) {
                    let (name, skill_name) = (agent.name.name, skill.content());
                    found.push(
                        Diagnostic::new(
                            &SKILL_MISSING_FROM_AGENT,
                            *span,
                            format!("the repair starts `{name}` without the skill `{skill_name}`"),
                        )
                        .label("with the agent's own skills")
                        .related(skill.span, "given to this spawn only")
                        .help(format!("add `{skill_name}` to the skills of agent `{name}`")),
                    );
                }
            }
        });
    }
}

// ── Tools as they are written ────────────────────────────────────────────────────────────────────

fn content(tool: Named<'_>) -> Cow<'_, str> {
    text::content(tool.name)
}

/// `Bash` of `Bash(git *)`.
pub fn base(tool: &str) -> &str {
    tool.split('(').next().unwrap_or(tool).trim()
}

/// Whether the one tool may be the other. How far a tool is restricted is not for us to read.
fn covers(given: Named<'_>, wanted: Named<'_>) -> bool {
    let (given, wanted) = (content(given), content(wanted));
    let (given, wanted) = (base(&given), base(&wanted));
    given == wanted || given.split_once('*').is_some_and(|(start, _)| wanted.starts_with(start))
}

fn shown(tools: &[Named<'_>]) -> String {
    let names: Vec<Cow<'_, str>> = tools.iter().map(|tool| content(*tool)).collect();
    listed(&names.iter().map(|name| &**name).collect::<Vec<_>>())
}
