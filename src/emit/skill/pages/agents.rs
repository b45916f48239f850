//! Who does what, with which skills and rights.

use serde::Serialize;

use super::super::super::prose::{Prose, cell, joined};
use crate::model::NodeKind;

#[derive(Serialize)]
pub struct AgentsPage<'v> {
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
    pub fn new(prose: &Prose<'_, '_>, mark: &'v str) -> Self {
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
            .map(|agent| {
                // What the workflow does not say of an agent its own file may.
                let known = model.registry.agent(agent.name.name);
                AgentView {
                    name: agent.name.name.to_string(),
                    description: match &agent.description {
                        Some(text) => prose.cell(text),
                        None => cell(known.and_then(|known| known.description).unwrap_or_default()),
                    },
                    model: prose.agent_model(agent).unwrap_or_default(),
                    tools: prose.agent_tools(agent).join(", "),
                    writes: cell(&prose.listed(prose.agent_writes(agent))),
                }
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
        let everyone = [
            ("load", prose.listed(model.everyone.skills.iter().map(skill))),
            ("have the tools", prose.listed(model.everyone.tools.iter().map(|tool| tool.name.to_string()))),
            ("may write", prose.listed(model.everyone.writes.iter().map(|path| prose.text(path)))),
            ("run on", prose.listed(model.everyone.model.map(|model| model.name.to_string()))),
        ];
        let everyone = everyone.into_iter().filter(|(_, what)| !what.is_empty());
        let everyone = joined(&everyone.map(|(does, what)| format!("{does} {what}")).collect::<Vec<_>>());
        AgentsPage { mark, everyone, rows, agents, side_by_side }
    }
}
