//! Gates behind phases, and what each asks for.

use std::collections::HashMap;

use super::super::super::facts::{Facts, Variants};
use super::super::Files;
use super::super::write::{self, Names, Writer};
use super::{Flow, Phase};

/// What the gate at the end is called.
pub const EXIT: &str = "exit";

/// A gate as far as it is stated.
#[derive(Debug, Default)]
pub struct Gate {
    /// What the skill calls it.
    pub label: String,
    pub name: String,
    pub title: String,
    pub when: Option<String>,
    /// For each variant, whether it stands.
    pub stands: Vec<bool>,
    pub comments: Vec<String>,
    pub items: Vec<Item>,
    /// A person is asked this.
    pub question: Option<String>,
}

/// Something that must be so.
#[derive(Debug)]
pub struct Item {
    pub name: String,
    pub title: String,
    pub meaning: String,
    pub when: Option<String>,
    pub evidence: Evidence,
}

#[derive(Debug)]
pub enum Evidence {
    File(String),
    Skill(String),
    Checklist,
}

impl Flow {
    /// The gates that tables put behind phases. What stands behind the last phase holds back the end.
    pub fn gates(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        // Who has been told of each gate: in another variant it may stand elsewhere.
        let mut told: HashMap<&str, Variants> = HashMap::new();
        for gate in facts.gates.iter().filter(|gate| gate.is_table) {
            let Some(index) = gate.after.and_then(|phase| self.index(phase)) else { continue };
            let told = told.entry(&gate.label).or_insert(Variants::NONE);
            let stands: Vec<bool> =
                self.conditions.runs(index).iter().enumerate().map(|(at, runs)| *runs && gate.about.has(at)).collect();
            if !(*told & gate.about).is_empty() || !stands.contains(&true) {
                continue;
            }
            *told = *told | gate.about;
            let place = files.place(gate.place);
            let when = self.conditions.when(&stands);
            if index + 1 == self.phases.len() {
                self.hold_the_end(index, when, &gate.label, &place);
                continue;
            }
            let phase = &mut self.phases[index];
            // A number is given to each gate; another word for it may be one that texts use.
            let result = format!("result of {}", phase.title);
            let is_number = gate.label.chars().all(|c| c.is_ascii_digit());
            phase.gates_after.push(Gate {
                label: gate.label.clone(),
                name: names.free(format!("{}-gate", phase.name)),
                title: if is_number { capital(&result) } else { format!("{}: {result}", gate.label.to_uppercase()) },
                when,
                stands,
                comments: vec![format!("{place} has it here")],
                items: vec![phase.result()],
                ..Gate::default()
            });
        }
    }
}

impl Phase {
    /// That what it makes is there.
    pub fn result(&self) -> Item {
        let evidence = self.produces.first().map(|artifact| Evidence::File(artifact.name.clone()));
        let is = if evidence.is_some() { "is written down" } else { "is complete" };
        Item {
            name: "result".to_owned(),
            title: format!("The result of {} {is}", self.title),
            meaning: String::new(),
            when: None,
            evidence: evidence.unwrap_or(Evidence::Checklist),
        }
    }
}

pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

impl Gate {
    /// A skill closes an item of it.
    pub fn serve(&mut self, skill: &str, purpose: &str) {
        let Some(name) = write::kebab(skill) else { return };
        let title = if purpose.is_empty() { format!("Skill {skill} is used") } else { purpose.to_owned() };
        let evidence = Evidence::Skill(skill.to_owned());
        self.items.push(Item { name, title, meaning: String::new(), when: None, evidence });
    }

    pub fn write(&self, writer: &mut Writer) {
        for comment in &self.comments {
            writer.comment(comment);
        }
        let when = self.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        writer.line(format!("gate {} {}{when} {{", self.name, write::line(&self.title)));
        for item in &self.items {
            let meaning = if item.meaning.is_empty() { String::new() } else { write::line(&item.meaning) };
            let evidence = match &item.evidence {
                Evidence::File(artifact) => format!("by file {artifact}"),
                Evidence::Skill(skill) => format!("by skill {}", write::name_or_text(skill)),
                Evidence::Checklist => {
                    let line = if item.meaning.is_empty() { &item.title } else { &item.meaning };
                    format!("by checklist [{}]", write::line(line))
                }
            };
            let when = item.when.as_ref().map(|when| format!("when {when}")).unwrap_or_default();
            writer.line(format!("require {} {} {meaning} {when} {evidence}", item.name, write::line(&item.title)));
        }
        if let Some(question) = &self.question {
            writer.line(format!("ask {} {{", write::line(question)));
            writer.line("approve \"Approve\"");
            writer.line("stop \"Stop\" -> abort");
            writer.line("}");
        }
        writer.line("}");
    }
}
