//! Which tables of `SKILL.md` nothing is lost of once the workflow says what they say, and what of the others nobody
//! understood.

use super::super::super::document::{Document, Inline, Row, Table};
use super::super::super::facts::{
    AFTER_COLUMNS, APPROVAL_COLUMNS, BEFORE_COLUMNS, COUNT_COLUMNS, FILE_COLUMNS, Facts, GATE_COLUMNS, Number, Source,
    TASK_COLUMNS, Told, tokens,
};
use super::super::Files;
use super::{Flow, PHASE_COLUMNS, PURPOSE_COLUMNS};
use crate::source::Span;

/// Columns that say again what the first ones of a table of phases say.
const NAME_COLUMNS: &[&str] = &["name", "title", "phase name", "stage name", "step name", "phase title"];
/// What may stand where the phase behind a gate is not named.
const NEXT: &[&str] = &["the", "next", "phase", "stage", "step", "one", "end"];
/// What may stand in parentheses behind an agent and says only how many there are.
const TIMES: &[&str] = &["up", "to", "x", "parallel", "in"];

/// What may stand in parentheses behind a list and says only how many there are.
const COUNTED: &[&str] = &["all", "of", "none", "runs", "run", "skips", "skipped", "total", "in"];

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reading {
    /// A declaration says it.
    Said,
    /// It is understood, and the text has to tell it further.
    Known,
    Unknown,
}

impl Flow {
    /// Takes the tables that are said, and lists what is unknown of the others that something was read from.
    pub fn tables(&mut self, files: &Files<'_, '_>, facts: &Facts<'_>) {
        let main = files.main();
        for table in main.document.tables.iter().filter(|_| !main.is_generated) {
            let Some(kind) = kind(table, facts) else { continue };
            let mut whole = Reading::Said;
            for (column, title) in table.header.iter().enumerate() {
                let cells = table.rows.iter().filter_map(|row| Some((row, row.cells.get(column)?)));
                // A mark is no word, and may still say something.
                let is_said = |text: &str| text.contains(|c: char| !c.is_whitespace() && !"-–—".contains(c));
                let said = cells.filter(|(_, cell)| is_said(&cell.text));
                let read: Vec<(Reading, &Inline<'_>)> =
                    said.map(|(row, cell)| (self.reading(main.document, facts, title, row, cell), cell)).collect();
                whole = read.iter().map(|(reading, _)| *reading).fold(whole, Reading::max);
                let is_unknown = |(reading, _): &&(Reading, &Inline<'_>)| *reading == Reading::Unknown;
                if read.len() > 1 && read.iter().all(|read| is_unknown(&read)) {
                    self.left.push((title.span, format!("column `{}` of a table", title.text.trim())));
                    continue;
                }
                for (_, cell) in read.iter().filter(is_unknown) {
                    self.left.push((cell.span, format!("`{}` below `{}`", cell.text.trim(), title.text.trim())));
                }
            }
            if whole == Reading::Said {
                self.taken.push((table.span, kind));
            }
        }
    }

    fn reading(
        &mut self,
        document: &Document<'_>,
        facts: &Facts<'_>,
        title: &Inline<'_>,
        row: &Row<'_>,
        cell: &Inline<'_>,
    ) -> Reading {
        let is = |columns: &[&str]| columns.iter().any(|name| title.text.trim().eq_ignore_ascii_case(name));
        let here = |place: Span| place == cell.span;
        let vocabulary = &facts.vocabulary;
        let or = |is_said: bool, rest: Reading| if is_said { Reading::Said } else { rest };
        if self.left.iter().any(|(place, _)| here(*place)) {
            return Reading::Known;
        }
        if let Some(skip) = facts.skips.iter().find(|skip| here(skip.place)) {
            let is_used = self.conditions.is_used() || skip.source == Source::Condition;
            let is_count = |aside: &str| {
                tokens(aside)
                    .iter()
                    .all(|token| token.word().is_none_or(|word| COUNTED.contains(&word)) || vocabulary.is_word(token))
            };
            let is_whole = asides(&cell.text).all(is_count) || self.used.contains(&cell.span);
            return if is_whole { or(is_used, Reading::Known) } else { Reading::Unknown };
        }
        if facts.agents.iter().any(|agents| here(agents.place)) {
            let is_count =
                |aside: &str| tokens(aside).iter().all(|token| token.word().is_none_or(|word| TIMES.contains(&word)));
            let is_whole = asides(document.source(cell.span)).all(is_count);
            return if is_whole { or(self.used.contains(&cell.span), Reading::Known) } else { Reading::Unknown };
        }
        if facts.checkpoints.iter().any(|found| here(found.place)) {
            return or(aside(&cell.text).is_none(), Reading::Known);
        }
        if self.used.contains(&cell.span) || facts.counts.iter().any(|count| here(count.place)) {
            return Reading::Said;
        }
        let of_gate = facts.gates.iter().find(|gate| gate.told == Told::Table && gate.place == row.span);
        if let (Some(gate), true) = (of_gate, is(GATE_COLUMNS) || is(AFTER_COLUMNS) || is(BEFORE_COLUMNS)) {
            let number = vocabulary.phase_of_cell(&cell.text).map(Number::whole);
            let is_next = tokens(&cell.text).iter().all(|token| token.word().is_none_or(|word| NEXT.contains(&word)));
            let is_place = if number.is_some() { [gate.after, gate.before].contains(&number) } else { is_next };
            return or(is(GATE_COLUMNS) || is_place, Reading::Unknown);
        }
        if is(FILE_COLUMNS) && facts.outputs.iter().any(|output| output.place == row.span) {
            let files = facts.outputs.iter().filter(|output| output.place == row.span);
            let rest = files.fold(cell.text.to_string(), |rest, output| rest.replacen(output.file, "", 1));
            let is_whole = !rest.contains(char::is_alphanumeric);
            return or(is_whole && self.used.contains(&row.span), Reading::Known);
        }
        if is(APPROVAL_COLUMNS) && facts.approvals.iter().any(|found| found.place == row.span) {
            return or(self.used.contains(&row.span), Reading::Known);
        }
        let mut of_agents = facts.agents.iter().filter(|agents| row.span.contains(agents.place)).peekable();
        if is(TASK_COLUMNS) && of_agents.peek().is_some() {
            return or(of_agents.all(|agents| self.used.contains(&agents.place)), Reading::Known);
        }
        let mut of_agents = facts.agents.iter().filter(|agents| row.span.contains(agents.place));
        if is(COUNT_COLUMNS) && of_agents.any(|agents| agents.listed.len() == 1 && self.used.contains(&agents.place)) {
            return Reading::Said;
        }
        let is_of_phases = vocabulary.phases.iter().any(|phase| row.span.contains(phase.place));
        let of_phase = row.cells.iter().find_map(|cell| vocabulary.phase_of_cell(&cell.text));
        if is_of_phases && is(PURPOSE_COLUMNS) {
            let index = of_phase.and_then(|number| self.index(number.whole()));
            let purpose = index.and_then(|index| self.phases[index].purpose.as_deref());
            return or(purpose == Some(&*cell.text), Reading::Known);
        }
        if is_of_phases && cell.text.trim().eq_ignore_ascii_case("always") {
            return Reading::Said;
        }
        // No gate stands there.
        if is(GATE_COLUMNS) && !cell.text.contains(char::is_alphanumeric) && of_gate.is_none() {
            return Reading::Known;
        }
        let is_first = row.cells.first().is_some_and(|first| here(first.span));
        let names_phase = is(PHASE_COLUMNS) || is(NAME_COLUMNS) || is_of_phases && is_first;
        if names_phase && of_phase.is_some() || vocabulary.variants.exactly(&cell.text).is_some() {
            return Reading::Said;
        }
        let variant = row.cells.first().and_then(|first| vocabulary.variants.exactly(&first.text));
        if variant.is_some_and(|variant| *self.conditions.meaning(variant) == *cell.text) {
            return or(self.conditions.is_used(), Reading::Known);
        }
        Reading::Unknown
    }
}

/// The section that says again what a table says, where something was read from it.
fn kind(table: &Table<'_>, facts: &Facts<'_>) -> Option<&'static str> {
    fn some<T>(table: &Table<'_>, facts: &[T], place: impl Fn(&T) -> Span) -> bool {
        facts.iter().any(|fact| table.span.contains(place(fact)))
    }
    let is_of_phases = some(table, &facts.vocabulary.phases, |phase| phase.place);
    if is_of_phases || some(table, &facts.skips, |skip| skip.place) {
        Some("phases")
    } else if facts.gates.iter().any(|gate| gate.told == Told::Table && table.span.contains(gate.place)) {
        Some("gates")
    } else if some(table, &facts.agents, |agents| agents.place) {
        Some("agents")
    } else if some(table, &facts.outputs, |output| output.place) {
        Some("outputs")
    } else {
        let asks =
            some(table, &facts.checkpoints, |found| found.place) || some(table, &facts.approvals, |found| found.place);
        asks.then_some("checkpoints")
    }
}

/// What stands in parentheses, where it has words.
pub fn aside(text: &str) -> Option<&str> {
    asides(text).next()
}

fn asides(text: &str) -> impl Iterator<Item = &str> {
    text.split('(')
        .skip(1)
        .filter_map(|behind| behind.split(')').next())
        .filter(|aside| aside.contains(char::is_alphabetic))
}
