//! Tables that list something for each phase or variant: agents, checkpoints.

use std::collections::BTreeSet;

use super::tokens::Number;
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use super::{Page, lists};
use crate::source::Span;

/// The agents that a table names for a phase, where all of the cell is names.
#[derive(Debug, Clone)]
pub struct Agents<'s> {
    pub phase: Number,
    /// The phase, or the stage in it.
    pub number: Number,
    pub names: BTreeSet<&'s str>,
    /// The same in the order of the cell, each with how many of it there are.
    pub listed: Vec<(&'s str, usize)>,
    /// What they do, where the table has a column for it.
    pub task: &'s str,
    pub place: Span,
    /// The table it stands in, by its place.
    pub table: Span,
}

/// The phases in which a person is asked, by a table of variants.
#[derive(Debug, Clone)]
pub struct Checkpoints {
    pub variant: usize,
    pub phases: BTreeSet<Number>,
    pub place: Span,
}

const AGENT_COLUMNS: &[&str] = &["agent", "agents", "agents used", "agents spawned", "subagent", "subagents"];
/// What agents do.
pub const TASK_COLUMNS: &[&str] =
    &["purpose", "task", "tasks", "responsibility", "responsibilities", "what it does", "role", "job"];
/// How many of the one agent of a row there are.
pub const COUNT_COLUMNS: &[&str] = &["how many", "count", "number of agents", "instances", "copies"];
const CHECKPOINT_COLUMNS: &[&str] = &[
    "checkpoints",
    "phases with a checkpoint",
    "stages with a checkpoint",
    "steps with a checkpoint",
    "checkpoint phases",
    "checkpoints (phases)",
    "human checkpoints",
    "approvals",
    "approval phases",
    "human approval",
];

/// Side by side, of one agent.
const MOST: usize = 9;

pub fn agents<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>) -> Vec<Agents<'s>> {
    let document = page.document;
    let mut found = Vec::new();
    for (table, columns) in document.tables_with(&[PHASE_COLUMNS, AGENT_COLUMNS]) {
        // The phase is what the row is about, or the table lists agents and where they work.
        if columns[0] > columns[1] || page.is_aside(table, vocabulary) {
            continue;
        }
        for row in &table.rows {
            let (Some(phase), Some(cell)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let number = vocabulary.phase_of_cell(&phase.text).filter(|phase| vocabulary.has(phase.whole()));
            let task = table.column(TASK_COLUMNS).and_then(|column| row.cells.get(column));
            if let (Some(number), Some(mut listed)) = (number, names(document.source(cell.span))) {
                let times = table.column(COUNT_COLUMNS).and_then(|column| row.cells.get(column));
                if let (Some(times), [(_, known)]) = (times.and_then(|cell| count(&cell.text)), &mut listed[..]) {
                    *known = times;
                }
                found.push(Agents {
                    phase: number.whole(),
                    number,
                    names: listed.iter().map(|(name, _)| *name).collect(),
                    listed,
                    task: task.map_or("", |task| document.source(task.span)),
                    place: cell.span,
                    table: table.span,
                });
            }
        }
    }
    found
}

/// `a + b`, `a ×3`, `a (on demand)`, `-`; nothing where a part is no name.
fn names(cell: &str) -> Option<Vec<(&str, usize)>> {
    let mut names: Vec<(&str, usize)> = Vec::new();
    for part in cell.split(['+', ',', '&', '/']) {
        let (before, aside) = part.split_once('(').unwrap_or((part, ""));
        let (name, times) = before.split_once(['×', '✕']).unwrap_or((before, ""));
        match name.trim().trim_matches(['`', '*', '_']).trim() {
            "" | "-" | "—" | "–" => {}
            name if name.eq_ignore_ascii_case("none") => {}
            name if is_name(name) && !names.iter().any(|(known, _)| *known == name) => {
                names.push((name, count(times).or_else(|| count(aside)).unwrap_or(1)));
            }
            name if is_name(name) => {}
            _ => return None,
        }
    }
    Some(names)
}

/// `3` of `3`, of `up to 3)` and of `×3)`; more than a handful is not meant to be listed one by one.
fn count(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches(')').trim();
    let text = text.strip_prefix("up to").unwrap_or(text).trim().trim_start_matches(['×', '✕']).trim();
    text.parse().ok().filter(|count| (1..=MOST).contains(count))
}

pub fn checkpoints(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Checkpoints> {
    let mut found = Vec::new();
    for table in &page.document.tables {
        let Some(column) = table.column(CHECKPOINT_COLUMNS).filter(|column| *column > 0) else { continue };
        for row in &table.rows {
            let (Some(name), Some(cell)) = (row.cells.first(), row.cells.get(column)) else { continue };
            let variant = vocabulary.variants.exactly(&name.text);
            if let (Some(variant), Some(phases)) = (variant, lists::phases(&cell.text, vocabulary)) {
                found.push(Checkpoints { variant, phases, place: cell.span });
            }
        }
    }
    found
}

fn is_name(part: &str) -> bool {
    part.starts_with(|c: char| c.is_alphabetic() || c == '{')
        && part.chars().all(|c| c.is_alphanumeric() || "-_{}".contains(c))
}
