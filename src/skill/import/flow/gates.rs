//! Gates behind phases, approvals in them, and lists of requirements.

use std::collections::HashSet;

use super::super::super::facts::{Approval, Facts, Number, tokens};
use super::super::Files;
use super::super::write::{self, Names, Writer};
use super::Flow;
use crate::source::Span;

/// What a question is about that is put whatever has happened.
const APPROVAL: &[&str] = &["approval", "approve", "approves", "sign-off", "signoff", "confirmation", "confirm"];

/// A gate as far as it is stated.
#[derive(Debug)]
pub struct Gate {
    /// What the skill calls it.
    pub label: String,
    pub name: String,
    pub title: String,
    pub when: Option<String>,
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
    pub evidence: Evidence,
}

#[derive(Debug)]
pub enum Evidence {
    File(String),
    Skill(String),
    Checklist,
}

impl Flow {
    pub fn gates(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let mut names = Names::default();
        names.free(self.conditions.fact().to_owned());
        let mut labels: HashSet<String> = HashSet::new();
        for gate in &facts.gates {
            let Some(index) = gate.after.and_then(|phase| self.index(phase)).filter(|_| gate.is_table) else {
                continue;
            };
            if !labels.insert(gate.label.clone()) {
                continue;
            }
            let phase = &self.phases[index];
            let name = names.free(format!("{}-gate", phase.name));
            let evidence = phase.produces.first().map(|artifact| Evidence::File(artifact.name.clone()));
            let title = if phase.produces.is_empty() { "is complete" } else { "is written down" };
            let item = Item {
                name: "result".to_owned(),
                title: format!("The result of {} {title}", phase.title),
                meaning: String::new(),
                evidence: evidence.unwrap_or(Evidence::Checklist),
            };
            let gate = Gate {
                label: gate.label.clone(),
                name,
                title: format!("Gate {}", gate.label.to_uppercase()),
                when: phase.when.clone(),
                comments: vec![format!("{} has it here", files.place(gate.place))],
                items: vec![item],
                question: None,
            };
            self.phases[index].gates_after.push(gate);
        }
        self.requirements(facts, files, &mut names);
        self.approvals(facts, files, &mut names);
    }

    /// Where a person is asked. When something has to go wrong first, nobody knows what: that stays text.
    fn approvals(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        let count = facts.vocabulary.variants.len();
        let is_approval = |about: &str| tokens(about).iter().any(|token| token.is_word(APPROVAL));
        let of_variant = |variant: usize, number: Number| {
            let mut lists = facts.checkpoints.iter().filter(move |found| found.variant == variant).peekable();
            let is_listed = lists.peek().is_some();
            (
                is_listed,
                lists.any(|found| found.phases.contains(&number) && !is_conditional(files, found.place, number)),
            )
        };
        for index in 0..self.phases.len() {
            let number = self.phases[index].number;
            let listed: Vec<(bool, bool)> = (0..count).map(|variant| of_variant(variant, number)).collect();
            let said: Vec<&Approval> = facts.approvals.iter().filter(|approval| approval.phase == number).collect();
            let approval = said.iter().find(|approval| is_approval(&approval.about));
            let is_listed = listed.iter().any(|(_, asks)| *asks);
            if !is_listed && approval.is_none() {
                if let Some(other) = said.iter().find(|other| !other.about.is_empty()) {
                    let text = format!("when {} asks a person: {}", facts.vocabulary.title(number), other.about);
                    self.left.push((other.place, text));
                }
                continue;
            }
            let runs = self.conditions.runs(index);
            let both: Vec<bool> =
                listed.iter().zip(runs).map(|((is_told, asks), runs)| (*asks || !*is_told) && *runs).collect();
            let is_narrower = is_listed && both.contains(&true) && both != runs;
            let when = if is_narrower { self.conditions.when(&both) } else { None };
            let of_list =
                facts.checkpoints.iter().find(|found| found.phases.contains(&number)).map(|found| found.place);
            let place = approval.map(|approval| approval.place).or(of_list);
            let phase = &self.phases[index];
            let title = approval.map_or_else(|| format!("approval of {}", phase.title), |found| found.about.clone());
            let gate = Gate {
                label: String::new(),
                name: names.free(format!("{}-approval", phase.name)),
                title: capital(&title),
                when,
                comments: place.map(|place| format!("{} asks a person here", files.place(place))).into_iter().collect(),
                items: Vec::new(),
                question: Some(format!("{}: {title}. Go on?", phase.title)),
            };
            self.phases[index].gates.push(gate);
        }
    }
}

/// Whether the phase stands in a list with a condition behind it: `4 (if the skill is missing)`.
fn is_conditional(files: &Files<'_, '_>, place: Span, number: Number) -> bool {
    let Some(file) = files.of(place.file) else { return false };
    let tokens = tokens(file.document.source(place));
    tokens.windows(3).any(|three| {
        three[0].number() == Some(number)
            && three[1].is_sign(&['('])
            && three[2].is_word(&["if", "when", "unless", "where", "on", "only"])
    })
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
        self.items.push(Item { name, title, meaning: String::new(), evidence });
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
            writer.line(format!("require {} {} {meaning} {evidence}", item.name, write::line(&item.title)));
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
