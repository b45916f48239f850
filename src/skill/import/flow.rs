//! The phases of a skill as the language has them: conditions, gates, agents, files.

mod approvals;
mod conditions;
mod exit;
mod gates;
mod options;
mod reasons;
mod requirements;
mod tables;
mod texts;

use std::collections::{BTreeMap, HashMap};

use super::super::Skill;
use super::super::facts::{self, Agents, Facts, Number, Variants};
use super::Files;
use super::write::{self, Names, Writer};
use crate::diagnostic::Diagnostic;
use crate::skill::lint::workflow;
use crate::source::Span;

use super::prose::page_of;
pub use gates::{EXIT, Evidence, Gate, Item, capital};
use reasons::because;

const INPUT_COLUMNS: &[&str] = &["input", "inputs", "input file", "input files", "file"];
const FROM_COLUMNS: &[&str] = &["from", "source", "produced by", "written by", "from phase"];
/// Columns that say what a phase is for.
const PURPOSE_COLUMNS: &[&str] = &["purpose", "goal", "description", "what it does", "what happens", "summary"];
pub const PHASE_COLUMNS: &[&str] = &facts::phases_and::<4, 12>(["#", "no", "no.", "number"]);

/// The workflow as far as it is stated.
#[derive(Debug, Default)]
pub struct Flow {
    pub phases: Vec<Phase>,
    conditions: conditions::Conditions,
    /// What the end waits for.
    pub end: Option<Gate>,
    /// What was understood whole, and needs no text.
    pub taken: Vec<(Span, &'static str)>,
    /// What was understood, and is told further by its text.
    pub seen: Vec<Span>,
    /// The places of statements that a declaration was made of.
    used: Vec<Span>,
    /// What was not, with a word about it.
    pub left: Vec<(Span, String)>,
}

#[derive(Debug)]
pub struct Phase {
    pub number: Number,
    pub name: String,
    pub title: String,
    when: Option<String>,
    /// Why it is left out, and for whom where that is said of some.
    because: Vec<(Option<usize>, String)>,
    /// Said in front of it.
    comments: Vec<String>,
    purpose: Option<String>,
    decides: Vec<Decides>,
    reads: Vec<Read>,
    produces: Vec<Artifact>,
    requires: Vec<String>,
    work: Vec<Work>,
    gates: Vec<Gate>,
    gates_after: Vec<Gate>,
}

/// A fact is settled here.
#[derive(Debug)]
struct Decides {
    fact: String,
    /// The stage that settles it, where something in the phase depends on it: its title.
    stage: Option<String>,
}

#[derive(Debug)]
struct Read {
    name: String,
    is_optional: bool,
}

#[derive(Debug, Clone)]
struct Artifact {
    name: String,
    file: String,
}

/// Agents that work side by side, maybe in a stage of their own.
#[derive(Debug)]
struct Work {
    stage: Option<(String, String)>,
    /// Each with its task.
    agents: Vec<(String, String)>,
}

impl Flow {
    pub fn read(skill: &Skill<'_, '_>, facts: &Facts<'_>, files: &Files<'_, '_>) -> Self {
        let vocabulary = &facts.vocabulary;
        let mut flow = Flow::default();
        let mut names = Names::default();
        let purposes = purposes(skill, facts);
        for phase in &vocabulary.phases {
            let title = plain(phase.name);
            let name = write::kebab(&title).unwrap_or_else(|| format!("{}-{}", vocabulary.word, phase.number.phase));
            flow.phases.push(Phase {
                number: phase.number,
                name: names.free(name),
                title,
                when: None,
                because: Vec::new(),
                comments: Vec::new(),
                purpose: purposes.get(&phase.number).cloned(),
                decides: Vec::new(),
                reads: Vec::new(),
                produces: Vec::new(),
                requires: Vec::new(),
                work: Vec::new(),
                gates: Vec::new(),
                gates_after: Vec::new(),
            });
        }
        flow.conditions(facts, files);
        flow.reasons(facts, files);
        flow.artifacts(facts, files);
        flow.reads(facts, files);
        flow.inputs(facts, files);
        flow.entries(facts, files);
        flow.agents(facts, &mut names);
        let mut names = Names::default();
        // These stand in one space with the gates that ask.
        names.free(flow.conditions.fact().to_owned());
        names.free(EXIT.to_owned());
        flow.gates(facts, files, &mut names);
        flow.requirements(facts, files, &mut names);
        flow.approvals(facts, files, &mut names);
        flow.options(facts, files, &mut names);
        flow.say_what_is_assumed();
        flow.exit(facts, files);
        flow.guard_the_end(facts);
        flow.decider(facts, files);
        flow.tables(files, facts);
        flow.texts(facts, files);
        if let (Some(first), false) = (vocabulary.phases.first(), flow.renumbered().is_empty()) {
            let place = files.place(first.place);
            let numbers: Vec<String> = vocabulary.numbers().map(|number| number.to_string()).collect();
            let comment = match first.number == Number::phase(1) {
                true => format!("{place} has other numbers: {}", numbers.join(", ")),
                false => format!("{place} has other numbers: it begins with {} {}", vocabulary.word, first.number),
            };
            flow.phases[0].comments.push(comment);
        }
        flow
    }

    /// Says at what was decided by the order of trust who said something else. Returns what nothing of the flow stands for.
    pub fn comment_on(&mut self, found: &[Diagnostic], facts: &Facts<'_>, files: &Files<'_, '_>) -> Vec<String> {
        let mut open = Vec::new();
        // Of these the conditions, inputs and entries have told already.
        let is_told = |found: &&Diagnostic| !workflow::OF_PHASES.contains(&found.code);
        for found in found.iter().filter(is_told) {
            let places = files.places(found.related.iter().map(|label| label.span));
            let also = if places.is_empty() { String::new() } else { format!(" ({places})") };
            let text = format!("{}: {}{also}", files.place(found.primary.span), found.message.replace('`', ""));
            let here = |place: Span| place == found.primary.span;
            let label = facts.gates.iter().find(|gate| here(gate.place)).map(|gate| gate.label.as_str());
            let of_agents = facts.agents.iter().find(|agents| here(agents.place)).map(|agents| agents.phase);
            let of_outputs = facts.outputs.iter().find(|output| here(output.place)).map(|output| output.phase.whole());
            let gate = self.phases.iter_mut().flat_map(|phase| &mut phase.gates_after).chain(&mut self.end);
            let gate = gate.filter(|gate| Some(gate.label.as_str()) == label).map(|gate| &mut gate.comments).next();
            if let Some(comments) = gate {
                comments.push(text);
            } else if let Some(index) = of_agents.or(of_outputs).and_then(|phase| self.index(phase)) {
                self.phases[index].comments.push(text);
            } else {
                open.push(text);
            }
        }
        open
    }

    /// Says at the gates which skills serve there.
    pub fn serve(&mut self, at_gates: &[(String, String, String)]) {
        for (label, skill, purpose) in at_gates {
            let mut gates = self.phases.iter_mut().flat_map(|phase| &mut phase.gates_after).chain(&mut self.end);
            if let Some(gate) = gates.find(|gate| gate.label == *label) {
                gate.serve(skill, purpose);
            }
        }
    }

    /// What each phase is called, where their numbers are not those that the built skill gives them.
    pub fn renumbered(&self) -> HashMap<Number, String> {
        let is_in_place = |(at, phase): (usize, &Phase)| phase.number == Number::phase(at as u32 + 1);
        if self.phases.iter().enumerate().all(is_in_place) {
            return HashMap::new();
        }
        self.phases.iter().map(|phase| (phase.number, phase.name.clone())).collect()
    }

    pub fn index(&self, number: Number) -> Option<usize> {
        self.phases.iter().position(|phase| phase.number == number)
    }

    pub fn write_facts(&self, writer: &mut Writer) {
        self.conditions.write(writer);
    }

    /// The files that phases write: of each phase what the first table with it lists, of each file the first phase.
    fn artifacts(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let mut names = Names::default();
        let mut tables: HashMap<Number, Span> = HashMap::new();
        let mut written: BTreeMap<String, Number> = BTreeMap::new();
        for output in &facts.outputs {
            let number = output.phase.whole();
            if *tables.entry(number).or_insert(output.table) != output.table {
                continue;
            }
            let Some(index) = self.index(number) else { continue };
            match written.get(&output.file.to_lowercase()) {
                Some(other) if *other == number => self.used.push(output.place),
                Some(other) => {
                    let note = format!("`{}` is written by phase {other}, too", output.file);
                    self.phases[index].comments.push(format!("{}: {note}", files.place(output.place)));
                    self.used.push(output.place);
                }
                None => {
                    written.insert(output.file.to_lowercase(), number);
                    let stem = output.file.rsplit_once('.').map_or(output.file, |(stem, _)| stem);
                    let Some(name) = write::kebab(stem) else { continue };
                    let artifact = Artifact { name: names.free(name), file: output.file.to_owned() };
                    self.phases[index].produces.push(artifact);
                    self.used.push(output.place);
                }
            }
        }
    }

    /// What a phase takes from an earlier one; it may be missing where that one can be left out.
    fn reads(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        for used in &facts.uses {
            let (Some(index), Some(from)) = (self.index(used.phase), self.index(used.from)) else { continue };
            let found: Vec<&Artifact> = match used.file {
                Some(file) => self.phases[from].produces.iter().filter(|artifact| artifact.file == file).collect(),
                None => self.phases[from].produces.iter().collect(),
            };
            let [artifact] = found[..] else { continue };
            let name = artifact.name.clone();
            if let Some(variants) = self.read_from(index, from, name) {
                let reader = &mut self.phases[index];
                let text = format!(
                    "{} takes it from {}, which {variants} out",
                    files.place(used.place),
                    facts.vocabulary.title(used.from)
                );
                reader.comments.push(text);
            }
        }
    }

    /// Tables of inputs on the page of a phase.
    fn inputs(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        for file in &files.all {
            let Some(index) = page_of(file.document, facts).and_then(|number| self.index(number)) else { continue };
            for (table, columns) in file.document.tables_with(&[INPUT_COLUMNS, FROM_COLUMNS]) {
                let cells = table.rows.iter().filter_map(|row| row.cells.get(columns[0]));
                for wanted in cells.map(|cell| cell.text.trim().to_owned()).collect::<Vec<_>>() {
                    let writes =
                        |phase: &Phase| phase.produces.iter().find(|artifact| artifact.file == wanted).cloned();
                    let found =
                        self.phases[..index].iter().enumerate().find_map(|(at, phase)| Some((at, writes(phase)?)));
                    if let Some((from, artifact)) = found {
                        self.seen.push(table.span);
                        self.read_from(index, from, artifact.name);
                    }
                }
            }
        }
    }

    /// Notes that a phase reads what an earlier one writes. Returns the variants in which that one does not run.
    fn read_from(&mut self, index: usize, from: usize, name: String) -> Option<String> {
        let gap = self.conditions.gap(index, from, Variants::NONE);
        let reader = &mut self.phases[index];
        if from >= index || reader.reads.iter().any(|read| read.name == name) {
            return None;
        }
        reader.reads.push(Read { name, is_optional: gap.is_some() });
        gap
    }

    /// That a phase before the last one must have run is worth saying; of the last one the order says it.
    fn entries(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        for entry in &facts.entries {
            let (Some(index), Some(on)) = (self.index(entry.phase), self.index(entry.requires)) else { continue };
            let name = self.phases[on].name.clone();
            let gap = self.conditions.gap(index, on, entry.exempt);
            // A generated page also says what the order says.
            let of = files.of(entry.place.file).filter(|file| file.is_generated);
            let rest = of.map(|file| &file.document.text[entry.place.end as usize..]);
            if rest.is_some_and(|rest| !rest.lines().next().unwrap_or("").ends_with(" has run")) {
                continue;
            }
            let place = files.place(entry.place);
            let title = facts.vocabulary.title(entry.requires);
            let phase = &mut self.phases[index];
            if on >= index {
                phase.comments.push(format!("{place} begins it on {title}, which comes later"));
            } else if let Some(variants) = gap {
                let text = format!("{place} begins it on {title}, which {variants} out");
                if !phase.comments.contains(&text) {
                    phase.comments.push(text);
                }
            } else if on + 1 < index && entry.exempt.is_empty() && !phase.requires.contains(&name) {
                phase.requires.push(name);
            }
        }
    }

    /// The agents of a phase, by the first table that lists any for it.
    fn agents(&mut self, facts: &Facts<'_>, names: &mut Names) {
        let mut tables: HashMap<Number, Span> = HashMap::new();
        for row in &facts.agents {
            if *tables.entry(row.phase).or_insert(row.table) != row.table || row.listed.is_empty() {
                continue;
            }
            let Some(index) = self.index(row.phase) else { continue };
            let (known, unknown): (Vec<(&str, usize)>, Vec<_>) =
                row.listed.iter().partition(|(name, _)| write::is_name(name));
            for (name, _) in unknown {
                self.left.push((row.place, format!("`{name}` is no name of an agent")));
            }
            let tasks = tasks(row.task, known.len());
            let several = known
                .iter()
                .zip(tasks)
                .flat_map(|((name, count), task)| std::iter::repeat_n(((*name).to_owned(), task), *count));
            let agents: Vec<(String, String)> = several.collect();
            if agents.is_empty() {
                continue;
            }
            self.used.push(row.place);
            let stage = (row.number.stage > 0).then(|| {
                let title = aside_cut(row.task);
                let title = if title.is_empty() { names_of(row).join(" + ") } else { title };
                let name = write::kebab(&title).unwrap_or_else(|| "stage".to_owned());
                (names.free(name), title)
            });
            self.phases[index].work.push(Work { stage, agents });
        }
    }
}

fn names_of<'s>(row: &Agents<'s>) -> Vec<&'s str> {
    row.listed.iter().map(|(name, _)| *name).collect()
}

/// The task of each of several agents: the parts of the cell where they are as many, else all of it.
fn tasks(cell: &str, count: usize) -> Vec<String> {
    let whole = cell.trim().trim_end_matches("(parallel)").trim();
    let parts: Vec<&str> = whole.split(" + ").map(str::trim).collect();
    if parts.len() == count && count > 1 {
        parts.into_iter().map(str::to_owned).collect()
    } else {
        vec![whole.to_owned(); count]
    }
}

/// Without what stands in parentheses at the end.
fn aside_cut(text: &str) -> String {
    let text = text.trim();
    match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
        Some((before, _)) => before.trim().to_owned(),
        None => text.to_owned(),
    }
}

/// The text of a link, and no emphasis.
pub fn plain(text: &str) -> String {
    let linked = text.strip_prefix('[').and_then(|rest| rest.split_once("](")).map(|(label, _)| label);
    linked.unwrap_or(text).trim_matches(['*', '`', ' ']).to_owned()
}

fn purposes(skill: &Skill<'_, '_>, facts: &Facts<'_>) -> HashMap<Number, String> {
    let vocabulary = &facts.vocabulary;
    let mut found = HashMap::new();
    let documents = std::iter::once(skill.main).chain(skill.documents.iter().map(|(_, document)| *document));
    for document in documents {
        for (table, columns) in document.tables_with(&[PHASE_COLUMNS, PURPOSE_COLUMNS]) {
            for row in &table.rows {
                let (Some(phase), Some(purpose)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else {
                    continue;
                };
                let number = vocabulary.phase_of_cell(&phase.text).filter(|number| vocabulary.has(*number));
                if let Some(number) = number.filter(|number| !found.contains_key(number) && !purpose.text.is_empty()) {
                    found.insert(number, purpose.text.to_string());
                }
            }
        }
    }
    found
}

impl Phase {
    pub fn write(&self, writer: &mut Writer, variants: &facts::Names, skills: &[String], texts: &[String]) {
        for comment in &self.comments {
            writer.comment(comment);
        }
        let when = self.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        let because = self.when.as_ref().and_then(|_| because(&self.because, variants));
        let because = because.map(|because| format!(" because {}", write::line(&because))).unwrap_or_default();
        writer.line(format!("phase {} {}{when}{because} {{", self.name, write::line(&self.title)));
        if let Some(purpose) = &self.purpose {
            writer.line(format!("purpose {}", write::line(purpose)));
        }
        let reads: Vec<String> =
            self.reads.iter().map(|read| format!("{}{}", read.name, if read.is_optional { "?" } else { "" })).collect();
        if !reads.is_empty() {
            writer.line(format!("reads {}", write::list(&reads)));
        }
        for artifact in &self.produces {
            let stored = if artifact.file == format!("{}.md", artifact.name) {
                String::new()
            } else {
                format!(" as {}", write::line(&artifact.file))
            };
            writer.line(format!("produces {}{stored}", artifact.name));
        }
        for decides in self.decides.iter().filter(|decides| decides.stage.is_none()) {
            writer.line(format!("decides {}", decides.fact));
        }
        if !self.requires.is_empty() {
            writer.line(format!("requires phase {}", write::list(&self.requires)));
        }
        if !skills.is_empty() {
            writer.line(format!("skills {}", write::list(skills)));
        }
        for work in &self.work {
            work.write(writer);
        }
        for Decides { fact, stage } in &self.decides {
            let Some(title) = stage else { continue };
            writer.line(format!("stage decide-{} {} {{", fact.replace('_', "-"), write::line(title)));
            writer.line(format!("decides {fact}"));
            writer.line("}");
        }
        for gate in &self.gates {
            gate.write(writer);
        }
        for text in texts {
            writer.line(format!("text {}", write::block(text)));
        }
        writer.line("}");
        writer.blank();
        for gate in &self.gates_after {
            gate.write(writer);
            writer.blank();
        }
    }
}

impl Work {
    fn write(&self, writer: &mut Writer) {
        if let Some((name, title)) = &self.stage {
            writer.line(format!("stage {name} {} {{", write::line(title)));
        }
        if self.agents.len() > 1 {
            writer.line("parallel {");
        }
        for (agent, task) in &self.agents {
            let task = if task.is_empty() { String::new() } else { format!(" {}", write::line(task)) };
            writer.line(format!("spawn {agent}{task}"));
        }
        if self.agents.len() > 1 {
            writer.line("}");
        }
        if self.stage.is_some() {
            writer.line("}");
        }
    }
}
