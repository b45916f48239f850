//! Skills that are called, required or paired, what agents say to skip a step, and where files go.

use std::collections::BTreeSet;

use super::super::document::{Document, Inline, Row, Table};
use super::super::facts::{Facts, Number, Vocabulary, listed_phases, tokens};
use super::write::{self, Writer};
use super::{File, Files};
use crate::source::Span;

const SKILL_COLUMNS: &[&str] = &["skill", "skills", "required skill", "skill name", "sub-skill"];
const PURPOSE_COLUMNS: &[&str] = &["purpose", "description", "why", "what it does", "used for", "use", "notes"];
const WHERE_COLUMNS: &[&str] =
    &["phase/step", "phase", "phases", "step", "steps", "stage", "stages", "used in", "where", "phase / step"];
const TRIGGER_COLUMNS: &[&str] = &["trigger", "when", "condition", "when to use"];
const CLAIM_COLUMNS: &[&str] =
    &["rationalization", "rationalisation", "excuse", "thought", "shortcut", "what agents say", "temptation"];
const ANSWER_COLUMNS: &[&str] =
    &["reality", "counter", "response", "truth", "why it's wrong", "why it is wrong", "correct response", "answer"];
/// Titles of sections that list what is loaded before the start.
const REQUIRED_TITLES: &[&str] = &["requires", "required", "before", "prerequisites", "mandatory"];
const OUTPUT_LABELS: &[&str] = &["output directory", "output folder", "output dir", "artifact directory"];
const COMMAND_LABELS: &[&str] = &["invoked by", "called by", "command", "slash command", "invoke with"];

/// The declarations beside the flow.
#[derive(Debug, Default)]
pub struct Cast {
    skills: Vec<Skill>,
    required: Vec<(String, String)>,
    paired: Vec<(String, String)>,
    counters: Vec<(String, String)>,
    output: Option<String>,
    pub command: Option<String>,
    /// Which skill is said to serve at which gate.
    pub at_gates: Vec<(String, String, String)>,
    /// What was understood whole, by the generated section that says it again.
    pub taken: Vec<(Span, &'static str)>,
    pub left: Vec<(Span, String)>,
}

#[derive(Debug)]
struct Skill {
    name: String,
    purpose: String,
    path: Option<String>,
    phases: BTreeSet<Number>,
}

impl Cast {
    pub fn read(facts: &Facts<'_>, files: &Files<'_, '_>) -> Self {
        let mut cast = Cast::default();
        for file in &files.all {
            for table in &file.document.tables {
                cast.table(facts, file, table);
            }
            cast.required_items(file);
            cast.lines(facts, file);
        }
        cast.paths(files);
        cast
    }

    fn table(&mut self, facts: &Facts<'_>, file: &File<'_, '_>, table: &Table<'_>) {
        if let (Some(claim), Some(answer)) = (table.column(CLAIM_COLUMNS), table.column(ANSWER_COLUMNS)) {
            self.counters(file, table, claim, answer);
            return;
        }
        let (Some(skill), true) = (table.column(SKILL_COLUMNS), file.path == super::super::folder::MAIN) else {
            return;
        };
        let purpose = table.column(PURPOSE_COLUMNS);
        let place = table.column(WHERE_COLUMNS).filter(|column| *column != skill);
        let trigger = table.column(TRIGGER_COLUMNS);
        let is_required = table.section.is_some_and(|section| {
            let title = tokens(&file.document.headings[section].content.text);
            title.first().is_some_and(|word| word.is_word(REQUIRED_TITLES))
        });
        let mut all = true;
        for row in &table.rows {
            let text = |column: Option<usize>| {
                column
                    .and_then(|column| row.cells.get(column))
                    .map_or(String::new(), |cell| cell.text.trim().to_owned())
            };
            let Some(name) = row.cells.get(skill).and_then(|cell| skill_name(file.document, cell)) else {
                all = false;
                continue;
            };
            let understood = match (place, trigger) {
                (Some(place), _) => self.call(&facts.vocabulary, &name, row, place, &text(purpose)),
                (None, Some(_)) => {
                    let (purpose, trigger) = (text(purpose), text(trigger));
                    let both = if trigger.is_empty() { purpose } else { format!("{purpose} ({trigger})") };
                    add(&mut self.paired, name, both)
                }
                (None, None) if is_required => add(&mut self.required, name, text(purpose)),
                _ => false,
            };
            if !understood && (place.is_some() || trigger.is_some() || is_required) {
                self.left.push((row.span, format!("where skill `{}` is used", row.cells[skill].text)));
            }
            all &= understood;
        }
        if all && table.header.len() <= 3 {
            let kind = if is_required && place.is_none() && trigger.is_none() { "requires" } else { "integration" };
            self.taken.push((table.span, kind));
        }
    }

    /// A skill that is called in phases or at gates.
    fn call(&mut self, vocabulary: &Vocabulary<'_>, name: &str, row: &Row<'_>, place: usize, purpose: &str) -> bool {
        let Some(cell) = row.cells.get(place) else { return false };
        let phases = listed_phases(&cell.text, vocabulary)
            .filter(|phases| phases.iter().all(|phase| vocabulary.has(phase.whole())));
        if let Some(phases) = phases.filter(|phases| !phases.is_empty()) {
            let skill = self.skill(name, purpose);
            skill.phases.extend(phases.into_iter().map(Number::whole));
            return true;
        }
        let labels: Option<Vec<String>> = cell.text.split(',').map(gate_label).collect();
        let Some(labels) = labels else { return false };
        _ = self.skill(name, purpose);
        for label in labels {
            self.at_gates.push((label, name.to_owned(), purpose.to_owned()));
        }
        true
    }

    fn skill(&mut self, name: &str, purpose: &str) -> &mut Skill {
        let at = self.skills.iter().position(|skill| skill.name == name).unwrap_or_else(|| {
            self.skills.push(Skill {
                name: name.to_owned(),
                purpose: purpose.to_owned(),
                path: None,
                phases: BTreeSet::new(),
            });
            self.skills.len() - 1
        });
        &mut self.skills[at]
    }

    fn counters(&mut self, file: &File<'_, '_>, table: &Table<'_>, claim: usize, answer: usize) {
        for row in &table.rows {
            let text = |column: usize| row.cells.get(column).map_or("", |cell| file.document.source(cell.span).trim());
            let claim = text(claim).trim_matches(['"', '“', '”']).to_owned();
            if !claim.is_empty() && !text(answer).is_empty() {
                add(&mut self.counters, claim, text(answer).to_owned());
            }
        }
        if table.header.len() <= 2 {
            self.taken.push((table.span, "rationalizations"));
        }
    }

    /// Skills in the list of a section of what is loaded first: `` 1. `a-b` - what for ``.
    fn required_items(&mut self, file: &File<'_, '_>) {
        let document = file.document;
        if file.path != super::super::folder::MAIN {
            return;
        }
        for (index, item) in document.items.iter().enumerate() {
            let section = document.section_at(item.span);
            let is_required = section.is_some_and(|section| {
                let title = tokens(&document.headings[section].content.text);
                title.first().is_some_and(|word| word.is_word(REQUIRED_TITLES))
            });
            let paragraph = document.paragraphs.iter().find(|paragraph| paragraph.item == Some(index));
            let (Some(paragraph), true) = (paragraph, is_required && item.depth == 0 && item.checked.is_none()) else {
                continue;
            };
            let source = document.source(paragraph.content.span);
            let Some((name, rest)) = source.strip_prefix('`').and_then(|rest| rest.split_once('`')) else { continue };
            if name.contains('-') && write::is_name(name) {
                let purpose = without_aside(rest)
                    .trim_start_matches([' ', '-', '–', '—', ':'])
                    .split("; `Read(")
                    .next()
                    .unwrap_or("");
                _ = add(&mut self.required, name.to_owned(), purpose.trim().replace('`', ""));
            }
        }
    }

    fn lines(&mut self, facts: &Facts<'_>, file: &File<'_, '_>) {
        if file.path != super::super::folder::MAIN {
            return;
        }
        for line in facts.lines(file.document).iter().filter(|line| line.fence.is_none()) {
            let Some((label, rest)) = line.text.split_once(':') else { continue };
            let label = label.trim_matches(['*', '_', '-', ' ']).to_lowercase();
            let Some(value) =
                rest.trim_start_matches(['*', ' ']).strip_prefix('`').and_then(|rest| rest.split_once('`'))
            else {
                continue;
            };
            if OUTPUT_LABELS.contains(&&*label) && value.0.contains('/') && self.output.is_none() {
                self.output = Some(value.0.to_owned());
                self.taken.push((line.span, "outputs"));
            } else if COMMAND_LABELS.contains(&&*label) && value.0.starts_with('/') && self.command.is_none() {
                self.command = Some(value.0.to_owned());
                self.taken.push((line.span, "phases"));
            }
        }
    }

    /// Where skills lie that are not found by their name: `Read("…/a-b/SKILL.md")`.
    fn paths(&mut self, files: &Files<'_, '_>) {
        use super::super::reference::{Kind, references};
        for reference in references(files.main().document) {
            let folder = reference.target.strip_suffix("/SKILL.md").and_then(|folder| folder.rsplit('/').next());
            let (Kind::File, Some(name)) = (reference.kind, folder) else { continue };
            if let Some(skill) = self.skills.iter_mut().find(|skill| skill.name == name && skill.path.is_none()) {
                skill.path = Some(reference.target.to_owned());
            }
        }
    }

    /// The skills of a phase, as they are written.
    pub fn skills_of(&self, phase: Number) -> Vec<String> {
        let of = self.skills.iter().filter(|skill| skill.phases.contains(&phase));
        of.map(|skill| write::name_or_text(&skill.name)).collect()
    }

    pub fn write(&self, writer: &mut Writer) {
        if let Some(output) = &self.output {
            writer.line(format!("output {}", write::line(output)));
            writer.blank();
        }
        for skill in &self.skills {
            let purpose = if skill.purpose.is_empty() { String::new() } else { write::line(&skill.purpose) };
            let path =
                skill.path.as_ref().map(|path| format!("{{\npath {}\n}}", write::line(path))).unwrap_or_default();
            writer.line(format!("skill {} {purpose} {path}", write::name_or_text(&skill.name)));
        }
        writer.blank();
        for (word, skills) in [("requires", &self.required), ("pairs", &self.paired)] {
            for (name, purpose) in skills {
                let purpose = if purpose.is_empty() { String::new() } else { write::line(purpose) };
                writer.line(format!("{word} skill {} {purpose}", write::name_or_text(name)));
            }
        }
        writer.blank();
        for (claim, answer) in &self.counters {
            writer.line(format!("counter {} -> {}", write::line(claim), write::line(answer)));
        }
        writer.blank();
    }
}

/// Adds what is not there under its name; it is understood either way.
fn add(list: &mut Vec<(String, String)>, name: String, text: String) -> bool {
    if !list.iter().any(|(known, _)| *known == name) {
        list.push((name, text));
    }
    true
}

/// The name in a cell: its code, or all of it where that is one word.
fn skill_name(document: &Document<'_>, cell: &Inline<'_>) -> Option<String> {
    let source = document.source(cell.span).trim();
    let code = source.split_once('`').and_then(|(_, rest)| rest.split_once('`')).map(|(code, _)| code);
    let name = code.unwrap_or(source).trim_matches(['*', '_']).trim();
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:{}".contains(c));
    fits.then(|| name.to_owned())
}

/// What stands behind the parentheses that a text begins with.
fn without_aside(text: &str) -> &str {
    let behind = text.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    behind.map_or(text, |(_, behind)| behind)
}

/// `1` of `Gate 1 (Ph 3→4)`.
fn gate_label(piece: &str) -> Option<String> {
    let outside = piece.split('(').next().unwrap_or(piece);
    match &tokens(outside)[..] {
        [word, label] if word.is_word(&["gate", "checkpoint", "barrier"]) => {
            label.number().map(|number| number.to_string()).or_else(|| label.word().map(str::to_owned))
        }
        _ => None,
    }
}
