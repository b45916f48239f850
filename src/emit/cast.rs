//! What an agent has where it is started: its own, what the spawn adds, what all agents have.

use super::prose::Prose;
use crate::model::{Agent, NodeId, SkillName, Text};

impl<'s> Prose<'_, 's> {
    /// The skills of an agent at a spawn: of the agent, of the spawn, of all agents; each once.
    pub fn agent_skills(&self, spawn: NodeId) -> Vec<SkillName<'s>> {
        let model = &self.sound.model;
        let work = model.work(spawn);
        let agent = work.and_then(|work| work.agent).map(|agent| &model.agents[agent.index()]);
        let mut skills: Vec<SkillName<'s>> = Vec::new();
        let own = agent.into_iter().flat_map(|agent| &agent.cast.skills);
        for skill in own.chain(work.into_iter().flat_map(|work| &work.skills)).chain(&model.everyone.skills) {
            if !skills.iter().any(|known| known.content() == skill.content()) {
                skills.push(*skill);
            }
        }
        skills
    }

    /// Where an agent may write at a spawn, besides the output directory: of the spawn, of the agent, of all agents.
    pub fn writes(&self, spawn: NodeId) -> Vec<String> {
        let model = &self.sound.model;
        let work = model.work(spawn);
        let agent = work.and_then(|work| work.agent).map(|agent| &model.agents[agent.index()]);
        let own = agent.into_iter().flat_map(|agent| &agent.cast.writes);
        self.each_once(work.into_iter().flat_map(|work| &work.writes).chain(own).chain(&model.everyone.writes))
    }

    /// Where an agent may write wherever it is started.
    pub fn agent_writes(&self, agent: &Agent<'s>) -> Vec<String> {
        self.each_once(agent.cast.writes.iter().chain(&self.sound.model.everyone.writes))
    }

    fn each_once<'t>(&self, texts: impl Iterator<Item = &'t Text<'s>>) -> Vec<String>
    where
        's: 't,
    {
        let mut all: Vec<String> = Vec::new();
        for text in texts.map(|text| self.text(text)) {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        all
    }

    /// The tools of an agent: those it lists, in the workflow or else in its own file, and those of all agents.
    pub fn agent_tools(&self, agent: &Agent<'s>) -> Vec<&'s str> {
        let model = &self.sound.model;
        let known = model.registry.agent(agent.name.name).and_then(|known| known.tools.as_deref());
        let own = match known {
            Some(tools) if agent.cast.tools.is_empty() => tools,
            _ => &agent.cast.tools,
        };
        let mut tools: Vec<&str> = Vec::new();
        for tool in own.iter().chain(&model.everyone.tools) {
            if !tools.contains(&tool.name) {
                tools.push(tool.name);
            }
        }
        tools
    }

    /// The model that an agent runs on: its own, else that of all agents, else the one in its own file.
    pub fn agent_model(&self, agent: &Agent<'s>) -> Option<String> {
        let model = &self.sound.model;
        let said = agent.cast.model.or(model.everyone.model).map(|model| model.name.to_string());
        said.or_else(|| model.registry.agent(agent.name.name)?.model.map(|model| model.to_string()))
    }
}
