//! Gates behind phases, and what each asks for.

use std::collections::HashMap;

use super::super::super::facts::{self, Facts, Told, Variants};
use super::super::Files;
use super::super::write::{self, Names, Writer};
use super::Flow;
use super::options::Choice;
use crate::source::Span;

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
    /// What may be answered; where it is empty nobody has said so.
    pub choices: Vec<Choice>,
}

/// Something that must be so.
#[derive(Debug)]
pub struct Item {
    pub name: String,
    pub title: String,
    pub meaning: String,
    pub when: Option<String>,
    pub evidence: Evidence,
    /// It stands for what nobody understood.
    pub is_unknown: bool,
    /// Where that is told.
    pub lead: Option<Lead>,
}

#[derive(Debug)]
pub enum Evidence {
    Skill(String),
    Checklist,
}

impl Flow {
    /// The gates that tables put behind phases. What stands behind the last phase holds back the end.
    pub fn gates(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        // Who has been told of each gate: in another variant it may stand elsewhere.
        let mut told: HashMap<&str, Variants> = HashMap::new();
        for gate in facts.gates.iter().filter(|gate| gate.told != Told::Line) {
            let Some(index) = gate.after.and_then(|phase| self.index(phase)) else {
                if !facts.gates.iter().any(|other| other.label == gate.label && other.after.is_some()) {
                    self.left.push((
                        gate.place,
                        format!("gate {}, which stands behind no phase", gate.label.to_uppercase()),
                    ));
                }
                continue;
            };
            let told = told.entry(&gate.label).or_insert(Variants::NONE);
            let stands: Vec<bool> =
                self.conditions.runs(index).iter().enumerate().map(|(at, runs)| *runs && gate.about.has(at)).collect();
            if !(*told & gate.about).is_empty() || !stands.contains(&true) {
                continue;
            }
            *told = *told | gate.about;
            let place = files.place(gate.place);
            let when = self.conditions.when(&stands);
            let item = match content(facts, files, gate) {
                Some((item, cell)) => {
                    self.used.extend(cell);
                    item
                }
                None => {
                    let label = gate.label.to_uppercase();
                    self.left.push((gate.place, unknown(&label)));
                    Item::unknown(&gate.label, lead(facts, files, gate))
                }
            };
            if index + 1 == self.phases.len() {
                self.hold_the_end(item, when, &gate.label, &place);
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
                items: vec![Item { name: "content".to_owned(), ..item }],
                ..Gate::default()
            });
        }
    }
}

/// Columns of what a gate asks for.
const CONTENT_COLUMNS: &[&str] = &[
    "criterion",
    "criteria",
    "asks for",
    "requires",
    "requirement",
    "condition",
    "passes when",
    "opens when",
    "released when",
    "how",
    "what is checked",
    "what must be true",
];

/// What the table or the item of a gate says that it asks for, with the cell that says it.
fn content(facts: &Facts<'_>, files: &Files<'_, '_>, gate: &facts::Gate) -> Option<(Item, Option<Span>)> {
    let file = files.of(gate.place.file).filter(|file| !file.is_generated)?;
    let document = file.document;
    let is_of_gate = |text: &str| text.contains(char::is_alphabetic) && facts.vocabulary.phase_of_cell(text).is_none();
    if gate.told == Told::Item {
        let line = document.source(gate.place);
        let (_, text) = line.split_once("): ").or_else(|| line.split_once(": "))?;
        let text = text.trim().trim_end_matches(['.', ';']);
        return is_of_gate(text).then(|| (Item::stated(text), None));
    }
    let table = document.tables.iter().find(|table| table.span.contains(gate.place))?;
    // Of a table of phases the condition is one of the phase.
    if facts.vocabulary.phases.iter().any(|phase| table.span.contains(phase.place)) {
        return None;
    }
    let row = table.rows.iter().find(|row| row.span == gate.place)?;
    let cell = row.cells.get(table.column(CONTENT_COLUMNS)?)?;
    let source = document.source(cell.span).trim();
    is_of_gate(source).then(|| (Item::stated(source), Some(cell.span)))
}

/// How it is listed that nobody understood what a gate asks for.
pub fn unknown(label: &str) -> String {
    format!("what gate {} asks for", label.to_uppercase())
}

/// Where a title names a gate: the file and the title.
fn lead(facts: &Facts<'_>, files: &Files<'_, '_>, gate: &facts::Gate) -> Option<Lead> {
    files.all.iter().filter(|file| !file.is_generated).find_map(|file| {
        let mut titles = file.document.headings.iter().map(|heading| heading.content.text.trim());
        let title = titles.find(|title| super::options::gate_of(title, facts) == Some(&gate.label))?;
        Some(Lead { path: file.path.clone(), title: title.to_owned(), link: None })
    })
}

/// A section that a text leads to.
#[derive(Debug)]
pub struct Lead {
    pub path: String,
    pub title: String,
    /// What the file is called as a page.
    pub link: Option<String>,
}

impl Item {
    fn new(title: &str, evidence: Evidence) -> Self {
        let words: Vec<&str> = title.split_whitespace().take(6).collect();
        Item {
            name: write::kebab(&words.join(" ")).unwrap_or_else(|| "content".to_owned()),
            title: title.to_owned(),
            meaning: String::new(),
            when: None,
            evidence,
            is_unknown: false,
            lead: None,
        }
    }

    /// What a skill says of a gate.
    fn stated(text: &str) -> Self {
        Item::new(text, Evidence::Checklist)
    }

    /// Stands for what a gate asks for where that was not understood.
    pub fn unknown(label: &str, lead: Option<Lead>) -> Self {
        let title = format!("What gate {} asks for, which the import did not understand", label.to_uppercase());
        Item { is_unknown: true, lead, ..Item::new(&title, Evidence::Checklist) }
    }
}

impl Flow {
    /// Says of a question that nobody states options for that these are assumed.
    pub fn say_what_is_assumed(&mut self) {
        let gates = self.phases.iter_mut().flat_map(|phase| phase.gates.iter_mut().chain(&mut phase.gates_after));
        for gate in gates.filter(|gate| gate.question.is_some() && gate.choices.is_empty()) {
            gate.comments.push("No options are stated that could be understood: these are assumed".to_owned());
        }
    }

    /// Links what leads to a text of the skill, by the path of its file.
    pub fn link(&mut self, link: impl Fn(&str) -> Option<String>) {
        let gates = self.phases.iter_mut().flat_map(|phase| &mut phase.gates_after).chain(&mut self.end);
        for lead in gates.flat_map(|gate| &mut gate.items).filter_map(|item| item.lead.as_mut()) {
            lead.link = link(&lead.path);
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
        self.items.push(Item { name, ..Item::new(&title, Evidence::Skill(skill.to_owned())) });
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
                Evidence::Skill(skill) => format!("by skill {}", write::name_or_text(skill)),
                Evidence::Checklist if item.is_unknown => {
                    let lead = item.lead.as_ref().map(|lead| match &lead.link {
                        Some(link) => format!(": see \"{}\" in ${{link {link}}}", write::escaped(&lead.title)),
                        None => format!(": see the section \"{}\"", write::escaped(&lead.title)),
                    });
                    let line = format!("Find out what it asks for, and do that{}", lead.unwrap_or_default());
                    format!("by checklist [{}]", write::raw_line(&line))
                }
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
            let mut names = Names::default();
            for choice in &self.choices {
                writer.line(choice.write(&mut names));
            }
            if self.choices.is_empty() {
                writer.line("approve \"Approve\"");
                writer.line("stop \"Stop\" -> abort");
            }
            writer.line("}");
        }
        writer.line("}");
    }
}
