//! Tables of requirements that a phase verifies: a gate in that phase, with an item for each.

use super::super::super::document::Table;
use super::super::super::facts::{Facts, Number, Vocabulary, tokens};
use super::super::write::{self, Names};
use super::super::{File, Files};
use super::{Evidence, Flow, Gate, Item};

const NUMBER_COLUMNS: &[&str] = &["#", "no", "no.", "number"];
const NAME_COLUMNS: &[&str] = &["requirement", "requirements", "mandatory requirement", "rule", "must have"];
const MEANING_COLUMNS: &[&str] =
    &["what it means", "meaning", "description", "details", "definition", "explanation", "what is checked"];
/// Fewer are no list.
const FEWEST: usize = 3;

impl Flow {
    pub fn requirements(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, names: &mut Names) {
        let file = files.main();
        for table in &file.document.tables {
            let Some((number, gate)) = gate(file, table, &facts.vocabulary, names) else { continue };
            let Some(index) = self.index(number) else { continue };
            let place = files.place(table.span);
            let stands = self.conditions.runs(index).to_vec();
            self.phases[index].gates.push(Gate { stands, comments: vec![format!("{place} lists them")], ..gate });
            self.taken.push((table.span, "gates"));
        }
    }
}

fn gate(
    file: &File<'_, '_>,
    table: &Table<'_>,
    vocabulary: &Vocabulary<'_>,
    names: &mut Names,
) -> Option<(Number, Gate)> {
    let (name, meaning) = (table.column(NAME_COLUMNS)?, table.column(MEANING_COLUMNS)?);
    let others = table.header.len() - 2 - usize::from(table.column(NUMBER_COLUMNS).is_some());
    if others > 0 || table.rows.len() < FEWEST {
        return None;
    }
    let number = verified_in(file, table, vocabulary)?;
    let heading = &file.document.headings[table.section?];
    let title = [" is ", " are "]
        .iter()
        .find_map(|verb| heading.content.text.split_once(verb))
        .map_or(&*heading.content.text, |(title, _)| title);
    let mut items = Vec::new();
    let mut taken = Names::default();
    for row in &table.rows {
        let title = row.cells.get(name)?.text.trim().to_owned();
        items.push(Item {
            name: taken.free(write::kebab(&title)?),
            title,
            meaning: row.cells.get(meaning)?.text.trim().to_owned(),
            when: None,
            evidence: Evidence::Checklist,
            is_unknown: false,
            lead: None,
        });
    }
    let gate =
        Gate { name: names.free(write::kebab(title)?), title: title.trim().to_owned(), items, ..Gate::default() };
    Some((number, gate))
}

/// The one phase that the paragraph before the table names.
fn verified_in(file: &File<'_, '_>, table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    let paragraphs = &file.document.paragraphs;
    let before = paragraphs.partition_point(|paragraph| paragraph.content.span.end <= table.span.start);
    let paragraph = paragraphs[..before].last()?;
    if file.document.section_at(paragraph.content.span) != table.section {
        return None;
    }
    let words = tokens(&paragraph.content.text);
    let mut named = words.windows(2).filter(|pair| vocabulary.is_word(&pair[0])).filter_map(|pair| pair[1].number());
    let number = named.next()?;
    (named.next().is_none() && vocabulary.has(number)).then_some(number)
}
