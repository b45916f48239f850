//! The whole prompt of an agent: what the workflow knows is put around what the author wrote.

use super::prose::{Prose, joined};
use crate::model::{Condition, FactId, NodeId, Read, SkillName, Type, Work};

impl<'s> Prose<'_, 's> {
    /// The prompt of a spawn in parts: what comes before the author's, each of the author's with its condition, what
    /// comes behind. The parts whose condition holds, joined in this order, are the prompt.
    pub fn prompt_parts(&self, spawn: NodeId) -> Vec<(Option<&Condition>, String)> {
        let model = &self.sound.model;
        let Some(work) = model.work(spawn) else { return Vec::new() };
        let mut head = format!("Task: {}\n", self.task(spawn));
        let inputs = self.inputs(spawn);
        if !inputs.is_empty() {
            head.push_str("\nINPUT FILES (read all of them first):\n\n");
            head.push_str(&bullets(&inputs));
        }
        let mut parts = vec![(None, head)];
        for block in &work.prompts {
            parts.push((block.when.as_deref(), format!("\n{}\n", self.text(&block.text).trim_end())));
        }
        parts.push((None, self.prompt_tail(spawn, work)));
        parts
    }

    /// The prompt as a document shows it: a part with a condition says when it belongs there.
    pub fn prompt(&self, spawn: NodeId) -> String {
        let parts = self.prompt_parts(spawn).into_iter().map(|(when, text)| match when {
            Some(when) => format!("\n[only when {}]\n{text}", self.condition(when).replace('`', "")),
            None => text,
        });
        parts.collect()
    }

    fn prompt_tail(&self, spawn: NodeId, work: &Work<'s>) -> String {
        let mut out = String::new();
        let skills = self.agent_skills(spawn);
        if !skills.is_empty() {
            out.push_str("\nMANDATORY SKILLS (load all of them before you begin):\n\n");
            let lines: Vec<String> = skills.iter().map(|skill| self.skill_line(skill)).collect();
            out.push_str(&bullets(&lines));
        }
        let scope = self.scope(spawn);
        if !scope.is_empty() {
            out.push_str("\nSCOPE:\n\n");
            out.push_str(&bullets(&scope));
        }
        let outputs = self.outputs(work);
        if !outputs.is_empty() {
            out.push_str("\nOUTPUT FILES:\n\n");
            out.push_str(&bullets(&outputs));
        }
        out.push_str("\nRESULT, as JSON:\n\n");
        out.push_str(&self.result_form(spawn, work));
        out
    }

    fn task(&self, spawn: NodeId) -> String {
        match &self.sound.model.node(spawn).title {
            Some(title) => self.text(title),
            None => format!(
                "Work on {}",
                self.sound.model.phase_of(spawn).map_or_else(String::new, |phase| self.sound.model.title(phase))
            ),
        }
    }

    /// The files an agent reads: its own, and those of the phase and stage around it.
    fn inputs(&self, spawn: NodeId) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        let mut around: Vec<NodeId> = self.sound.model.ancestors(spawn).collect();
        around.reverse();
        for node in around {
            for read in self.sound.model.work(node).into_iter().flat_map(|work| &work.reads) {
                let line = self.input_line(read);
                if !lines.contains(&line) {
                    lines.push(line);
                }
            }
        }
        lines
    }

    fn input_line(&self, read: &Read) -> String {
        let artifact = &self.sound.model.artifacts[read.artifact.index()];
        let from: Vec<String> = artifact
            .producers
            .iter()
            .filter_map(|producer| self.sound.model.phase_of(*producer))
            .map(|phase| format!("{}, {}", self.node(phase), self.sound.model.title(phase)))
            .collect();
        let absent = if read.optional { "; may be absent" } else { "" };
        format!("{} (from {}{absent})", self.file(read.artifact), joined(&from))
    }

    fn skill_line(&self, skill: &SkillName<'s>) -> String {
        let declared = self.sound.model.skills.iter().find(|known| known.name.content() == skill.content());
        let mut line = self.skill(skill);
        if let Some(purpose) = declared.and_then(|declared| declared.purpose.as_ref()) {
            line = format!("{line}: {}", self.text(purpose));
        }
        if let Some(path) = declared.and_then(|declared| declared.path.as_ref()) {
            line = format!("{line}; Read(\"{}\")", self.text(path));
        }
        line
    }

    fn scope(&self, spawn: NodeId) -> Vec<String> {
        let model = &self.sound.model;
        let writes = self.writes(spawn);
        let unchanged: Vec<String> = model
            .ancestors(spawn)
            .filter_map(|node| model.work(node))
            .flat_map(|work| &work.unchanged)
            .map(|path| self.text(path))
            .collect();
        let mut lines = Vec::new();
        // Where nobody has a scope, none is said to be empty.
        if self.sound.model.has_scopes() {
            lines.push(match (writes.is_empty(), &model.output) {
                (true, Some(output)) => format!("write below {} and nowhere else", self.text(output)),
                (true, None) => "change no file".to_string(),
                (false, Some(output)) => {
                    format!("write {} and below {}, nowhere else", joined(&writes), self.text(output))
                }
                (false, None) => format!("write {}, nowhere else", joined(&writes)),
            });
        }
        if !unchanged.is_empty() {
            lines.push(format!("leave {} as it is", joined(&unchanged)));
        }
        lines
    }

    fn outputs(&self, work: &Work<'s>) -> Vec<String> {
        work.produces
            .iter()
            .map(|id| {
                let artifact = &self.sound.model.artifacts[id.index()];
                let sections: Vec<String> = artifact.sections.iter().map(|section| self.text(section)).collect();
                match sections.is_empty() {
                    true => self.file(*id),
                    false => format!("{}, with the sections {}", self.file(*id), joined(&sections)),
                }
            })
            .collect()
    }

    /// The reasons an agent may give for being blocked: those named in the routes it can meet, and `other`.
    pub fn blocked_reasons(&self, spawn: NodeId) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for reason in self.sound.blocked(spawn).filter_map(|branch| branch.reason) {
            if !reasons.iter().any(|known| known == reason.name) {
                reasons.push(reason.name.to_string());
            }
        }
        reasons.push("other".to_string());
        reasons
    }

    fn result_form(&self, spawn: NodeId, work: &Work<'s>) -> String {
        let mut lines = vec![
            "  \"status\": \"complete | blocked | needs-review | failed\"".to_string(),
            format!("  \"blocked_reason\": \"{}\"", self.blocked_reasons(spawn).join(" | ")),
        ];
        if !work.decides.is_empty() {
            let facts: Vec<String> = work.decides.iter().map(|fact| format!("    {}", self.fact_form(*fact))).collect();
            lines.push(format!("  \"facts\": {{\n{}\n  }}", facts.join(",\n")));
        }
        lines.push("  \"files\": []".to_string());
        lines.push("  \"skills\": []".to_string());
        format!("{{\n{}\n}}\n", lines.join(",\n"))
    }

    fn fact_form(&self, id: FactId) -> String {
        let model = &self.sound.model;
        let fact = &model.facts[id.index()];
        let values = match fact.of {
            Type::Bool => "true | false".to_string(),
            Type::Int(low, high) => format!("{low} to {high}"),
            Type::Enum(of) => {
                model.enums[of.index()].values.iter().map(|(name, _)| name.name).collect::<Vec<_>>().join(" | ")
            }
            Type::Text | Type::Unknown => String::new(),
        };
        format!("\"{}\": \"{values}\"", fact.name.name)
    }
}

fn bullets(lines: &[String]) -> String {
    lines.iter().map(|line| format!("- {line}\n")).collect()
}
