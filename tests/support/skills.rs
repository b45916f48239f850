//! Skills that do not contradict themselves, in words and tables of many kinds, with what is so in each kind of work.

use super::Choices;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The files of a skill, and what is true of each of its variants.
pub struct Skill {
    pub files: Vec<(String, String)>,
    pub variants: Vec<Variant>,
}

/// What happens in one kind of work.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Variant {
    /// Nothing where all work is of one kind.
    pub name: Option<String>,
    pub runs: BTreeSet<String>,
    /// The phases in which a person is asked.
    pub asks: BTreeSet<String>,
    /// How many gates stand behind each phase; behind the last one it is the end that waits for its result.
    pub gates: BTreeMap<String, usize>,
}

struct Phase {
    /// As it is written: `4`.
    number: usize,
    name: &'static str,
    /// The variants that run it.
    runs: Vec<bool>,
    /// The gates behind it.
    gates: Vec<String>,
    /// The variants in which a person is asked.
    asks: Vec<bool>,
    /// One is asked in each of them, if something has happened.
    asks_if: bool,
    file: Option<String>,
}

const NAMES: &[&str] = &[
    "Setup",
    "Discovery",
    "Plan",
    "Design & Review",
    "Build",
    "Code Review",
    "Test",
    "2nd Look",
    "Release",
    "Close",
    "Notify",
    "Post-Mortem",
    "Data Load",
    "Decide",
    "End",
    "Phase-Out",
    "Text",
    "Exit",
];

const KINDS: &[&[&str]] = &[
    &["SMALL", "LARGE"],
    &["SMALL", "MEDIUM", "LARGE"],
    &["quick", "full"],
    &["P1", "P2", "P3", "P4"],
    &["Hotfix", "Regular", "Major version"],
    &["in-house", "out"],
    &["bug", "feature", "chore"],
];

const DIMENSIONS: &[&str] = &["Work Type", "Size", "Variant", "Track", "Class", "Severity", "Text", "Input Kind"];
/// The first ones as a list of them is headed; a matrix of marks does not name what it is about.
const LISTED: &[&str] = &["Work Types", "Sizes", "Variants", "Tracks", "Classes"];

/// Makes a skill of a stream of choices.
pub fn consistent(data: &[u16]) -> Skill {
    let mut choices = Choices::new(data);
    let word = choices.pick(&["Phase", "Step", "Stage"]);
    let kinds: &[&str] = if choices.one_in(5) { &[] } else { KINDS[choices.below(KINDS.len())] };
    let dimension = choices.below(DIMENSIONS.len());
    let mut phases = phases(&mut choices, kinds.len());
    let style = Style {
        word,
        dimension: DIMENSIONS[dimension],
        list: LISTED.get(dimension).copied(),
        kinds,
        has_conditions: kinds.is_empty() || choices.one_in(2),
        has_cells: choices.one_in(2),
        has_marks: choices.one_in(2) && dimension < LISTED.len(),
        has_reasons: choices.one_in(3),
    };
    gates(&mut choices, &mut phases, &style);
    let mut text = String::new();
    _ = writeln!(text, "---\nname: made\ndescription: Does work in steps. Use when there is some.\n---\n\n# Made\n");
    if choices.one_in(3) {
        _ = writeln!(text, "All {} {}s are below.\n", phases.len(), word.to_lowercase());
    }
    style.phase_table(&mut choices, &phases, &mut text);
    style.gate_table(&phases, &mut text);
    if !kinds.is_empty() {
        style.matrix(&phases, &mut text);
    }
    style.decider(&mut choices, &phases, &mut text);
    style.approvals(&mut choices, &mut phases, &mut text);
    style.files(&mut choices, &mut phases, &mut text);
    style.agents(&mut choices, &phases, &mut text);
    style.skills(&mut choices, &phases, &mut text);
    let mut files = vec![("s/SKILL.md".to_owned(), String::new())];
    style.pages(&mut choices, &phases, &mut text, &mut files);
    if choices.one_in(3) {
        text.push_str("\n## Exit Criteria\n\n- [ ] The tests are green\n- [ ] Nobody is left: all have gone home\n");
    }
    files[0].1 = text;
    let count = kinds.len().max(1);
    let variants = (0..count).map(|variant| truth(&phases, kinds, variant)).collect();
    Skill { files, variants }
}

fn phases(choices: &mut Choices<'_>, kinds: usize) -> Vec<Phase> {
    let count = 1 + choices.below(9);
    let first = usize::from(!choices.one_in(5));
    let offset = choices.below(NAMES.len());
    let all = kinds.max(1);
    (0..count)
        .map(|index| {
            let mut runs: Vec<bool> = (0..all).map(|_| kinds == 0 || !choices.one_in(3)).collect();
            // One that nobody runs would be none.
            if !runs.contains(&true) {
                runs[choices.below(all)] = true;
            }
            Phase {
                number: first + index,
                name: NAMES[(offset + index * 5) % NAMES.len()],
                runs,
                gates: Vec::new(),
                asks: vec![false; all],
                asks_if: false,
                file: None,
            }
        })
        .collect()
}

fn gates(choices: &mut Choices<'_>, phases: &mut [Phase], style: &Style) {
    let most = choices.below(4);
    let mut number = 0;
    for phase in phases {
        if number < most && choices.one_in(2) {
            let several = if choices.one_in(4) { 2 } else { 1 };
            for _ in 0..several {
                number += 1;
                phase.gates.push(if style.has_cells { number.to_string() } else { format!("G{number}") });
            }
        }
    }
}

fn truth(phases: &[Phase], kinds: &[&str], variant: usize) -> Variant {
    let mut truth = Variant { name: kinds.get(variant).map(|name| (*name).to_owned()), ..Variant::default() };
    for (index, phase) in phases.iter().enumerate().filter(|(_, phase)| phase.runs[variant]) {
        truth.runs.insert(phase.name.to_owned());
        if phase.asks[variant] {
            truth.asks.insert(phase.name.to_owned());
        }
        let most = if index + 1 == phases.len() { 1 } else { usize::MAX };
        if !phase.gates.is_empty() {
            truth.gates.insert(phase.name.to_owned(), phase.gates.len().min(most));
        }
    }
    truth
}

struct Style {
    word: &'static str,
    dimension: &'static str,
    list: Option<&'static str>,
    kinds: &'static [&'static str],
    /// The table of phases has a column of conditions.
    has_conditions: bool,
    /// Gates stand in the table of phases, else in a table of their own.
    has_cells: bool,
    /// The matrix is one of marks, else of lists.
    has_marks: bool,
    has_reasons: bool,
}

impl Style {
    fn row(&self, out: &mut String, cells: &[String]) {
        _ = writeln!(out, "| {} |", cells.join(" | "));
    }

    fn table(&self, out: &mut String, titles: &[&str], rows: &[Vec<String>]) {
        out.push('\n');
        self.row(out, &titles.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>());
        _ = writeln!(out, "|{}", "---|".repeat(titles.len()));
        rows.iter().for_each(|row| self.row(out, row));
        out.push('\n');
    }

    fn phase_table(&self, choices: &mut Choices<'_>, phases: &[Phase], out: &mut String) {
        let mut titles = vec![self.word, "Name", "Purpose"];
        titles.extend(self.has_conditions.then(|| choices.pick(&["Conditional", "Condition", "When", "Applies to"])));
        titles.extend(self.has_cells.then(|| choices.pick(&["Gate", "Gates", "Barrier"])));
        let has_gate = self.has_cells;
        let mut rows = Vec::new();
        for phase in phases {
            let mut row = vec![phase.number.to_string(), phase.name.to_owned(), format!("Does the {}", phase.name)];
            if self.has_conditions {
                row.push(self.condition(choices, phase));
            }
            if has_gate {
                let labels = phase.gates.iter().map(|label| match choices.below(3) {
                    0 => format!("\u{26D4} {label}"),
                    1 => format!("Gate {label}"),
                    _ => label.clone(),
                });
                row.push(labels.collect::<Vec<_>>().join(", "));
            }
            rows.push(row);
        }
        self.table(out, &titles, &rows);
    }

    /// Who runs a phase, in words.
    fn condition(&self, choices: &mut Choices<'_>, phase: &Phase) -> String {
        let named = |wanted: bool| -> Vec<&str> {
            let of = self.kinds.iter().zip(&phase.runs).filter(|(_, runs)| **runs == wanted);
            of.map(|(name, _)| *name).collect()
        };
        let (yes, no) = (named(true), named(false));
        match (&yes[..], &no[..]) {
            (_, []) => "Always".to_owned(),
            (_, [one]) if choices.one_in(2) => format!("Not {one}"),
            ([one], _) => format!("{one} only"),
            _ => yes.join(", "),
        }
    }

    fn gate_table(&self, phases: &[Phase], out: &mut String) {
        if self.has_cells || phases.iter().all(|phase| phase.gates.is_empty()) {
            return;
        }
        let mut rows = Vec::new();
        for phase in phases {
            for label in &phase.gates {
                rows.push(vec![label.clone(), format!("{} {}", self.word, phase.number), "the next".to_owned()]);
            }
        }
        let word = format!("After {}", self.word.to_lowercase());
        self.table(out, &["Gate", &word, "Before"], &rows);
    }

    fn matrix(&self, phases: &[Phase], out: &mut String) {
        let mark = |runs: &bool| if *runs { "✓" } else { "✗" }.to_owned();
        if let Some(list) = self.list.filter(|_| self.has_marks) {
            let titles: Vec<&str> = std::iter::once(self.word).chain(self.kinds.iter().copied()).collect();
            let rows: Vec<Vec<String>> = phases
                .iter()
                .map(|phase| std::iter::once(phase.number.to_string()).chain(phase.runs.iter().map(mark)).collect())
                .collect();
            // Only a list says which kinds there are.
            _ = writeln!(out, "**{list}:** {}", self.kinds.join(", "));
            return self.table(out, &titles, &rows);
        }
        let skipped = format!("Skipped {}s", self.word.to_lowercase());
        let mut titles = vec![self.dimension, &*skipped];
        titles.extend(self.has_reasons.then_some("Reason"));
        let rows: Vec<Vec<String>> = self
            .kinds
            .iter()
            .enumerate()
            .map(|(variant, name)| {
                let list: Vec<String> =
                    phases.iter().filter(|phase| !phase.runs[variant]).map(|phase| phase.number.to_string()).collect();
                let list = if list.is_empty() { "None".to_owned() } else { list.join(", ") };
                let mut row = vec![(*name).to_owned(), list];
                row.extend(self.has_reasons.then(|| format!("It is {name}")));
                row
            })
            .collect();
        self.table(out, &titles, &rows);
    }

    /// Which phase settles the kind of work: one that comes before what depends on it.
    fn decider(&self, choices: &mut Choices<'_>, phases: &[Phase], out: &mut String) {
        let first = phases.iter().position(|phase| phase.runs.contains(&false)).unwrap_or(phases.len());
        if first > 0 && !self.kinds.is_empty() && choices.one_in(3) {
            let number = phases[choices.below(first)].number;
            let word = self.word.to_lowercase();
            _ = writeln!(out, "The {} is decided in {word} {number}.\n", self.dimension.to_lowercase());
        }
    }

    fn approvals(&self, choices: &mut Choices<'_>, phases: &mut [Phase], out: &mut String) {
        let form = choices.below(4);
        if form == 0 {
            return;
        }
        for phase in phases.iter_mut() {
            let is_one = choices.one_in(3);
            phase.asks_if = is_one && form == 1 && choices.one_in(4);
            if is_one && !phase.asks_if {
                let is_narrow = form == 1 && choices.one_in(3);
                for variant in 0..phase.asks.len() {
                    phase.asks[variant] = phase.runs[variant] && !(is_narrow && choices.one_in(2));
                }
            }
        }
        if phases.iter().all(|phase| !phase.asks.contains(&true) && !phase.asks_if) {
            return;
        }
        out.push_str("\n## Where a Person Is Asked\n");
        let asked = phases.iter().filter(|phase| phase.asks.contains(&true));
        match form {
            1 if !self.kinds.is_empty() => {
                let title = format!("Checkpoint {}s", self.word.to_lowercase());
                let title = if self.word == "Phase" { title.as_str() } else { "Checkpoints" };
                let rows: Vec<Vec<String>> = self
                    .kinds
                    .iter()
                    .enumerate()
                    .map(|(variant, name)| {
                        let entry = |phase: &Phase| match (phase.asks[variant], phase.asks_if && phase.runs[variant]) {
                            (_, true) => Some(format!("{} (if the key is missing)", phase.number)),
                            (true, false) => Some(phase.number.to_string()),
                            (false, false) => None,
                        };
                        let list: Vec<String> = phases.iter().filter_map(entry).collect();
                        let list = if list.is_empty() { "None".to_owned() } else { list.join(", ") };
                        vec![(*name).to_owned(), list]
                    })
                    .collect();
                self.table(out, &[self.dimension, title], &rows);
            }
            2 => {
                let rows: Vec<Vec<String>> =
                    asked.map(|phase| vec![phase.number.to_string(), format!("approval of {}", phase.name)]).collect();
                self.table(out, &[self.word, "Human Checkpoint"], &rows);
            }
            _ => {
                let word = self.word;
                let list: Vec<String> =
                    asked.map(|phase| format!("{word} {} (approval of the result)", phase.number)).collect();
                _ = writeln!(out, "\n**Approvals:** a person answers at {}.\n", list.join(", "));
            }
        }
    }

    fn files(&self, choices: &mut Choices<'_>, phases: &mut [Phase], out: &mut String) {
        if !choices.one_in(2) {
            return;
        }
        let mut rows = Vec::new();
        for phase in phases {
            if choices.one_in(2) {
                continue;
            }
            let stem = phase.name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
            let file = if choices.one_in(4) { format!("out/{stem}.json") } else { format!("{stem}.md") };
            rows.push(vec![format!("{}: {}", phase.number, phase.name), format!("`{file}`")]);
            phase.file = Some(file);
        }
        if !rows.is_empty() {
            out.push_str("\n## What Is Written\n");
            self.table(out, &[self.word, "Output File"], &rows);
        }
    }

    fn agents(&self, choices: &mut Choices<'_>, phases: &[Phase], out: &mut String) {
        if !choices.one_in(2) {
            return;
        }
        let has_task = choices.one_in(2);
        let mut rows = Vec::new();
        for phase in phases {
            let agents = |choices: &mut Choices<'_>| {
                choices.pick(&["`builder`", "`builder` + `checker`", "`checker` ×2", "builder", "a-b, c-d"]).to_owned()
            };
            let mut add = |number: String, agents: String| {
                let mut row = vec![number, agents];
                row.extend(has_task.then(|| "Work on it".to_owned()));
                rows.push(row);
            };
            match choices.below(4) {
                0 => {}
                1 | 2 => add(phase.number.to_string(), agents(choices)),
                _ => {
                    add(format!("{}.1", phase.number), agents(choices));
                    add(format!("{}.2", phase.number), agents(choices));
                }
            }
        }
        if !rows.is_empty() {
            out.push_str("\n## Who Works\n");
            let titles = [self.word, "Agent", "Task"];
            self.table(out, &titles[..if has_task { 3 } else { 2 }], &rows);
        }
    }

    fn skills(&self, choices: &mut Choices<'_>, phases: &[Phase], out: &mut String) {
        if choices.one_in(3) {
            let last = phases.last().expect("there is a phase").number;
            out.push_str("\n## Skills\n");
            let rows = vec![vec!["`writing-well`".to_owned(), format!("{} {last}", self.word), "Words".to_owned()]];
            self.table(out, &["Skill", self.word, "Purpose"], &rows);
        }
    }

    /// A section for each phase, or a file; what it is entered on has run whenever it runs, or it is said that it may not.
    fn pages(&self, choices: &mut Choices<'_>, phases: &[Phase], out: &mut String, files: &mut Vec<(String, String)>) {
        let form = choices.below(3);
        if form == 0 {
            return;
        }
        for (index, phase) in phases.iter().enumerate() {
            let title = format!("{} {}: {}", self.word, phase.number, phase.name);
            let mut text = String::from("\n");
            if index > 0 {
                let on = &phases[choices.below(index)];
                let is_always = phase.runs.iter().zip(&on.runs).all(|(own, other)| !own || *other);
                let rest = if is_always { "complete" } else { "complete or skipped" };
                _ = writeln!(text, "**Entry criteria:** {} {} {rest}\n", self.word, on.number);
                if let Some(file) = on.file.as_ref().filter(|_| is_always) {
                    _ = writeln!(text, "```\nRead {file} and go on.\n```\n");
                }
            }
            text.push_str("Do the work, and \"nothing\" else: no ${x}, no `| a |`.\n");
            if form == 1 {
                _ = write!(out, "\n## {title}\n{text}");
            } else {
                let path = format!("references/p-{}.md", phase.number);
                _ = writeln!(out, "\nSee [{}]({path}).", phase.name);
                files.push((format!("s/{path}"), format!("# {title}\n{text}")));
            }
        }
    }
}
