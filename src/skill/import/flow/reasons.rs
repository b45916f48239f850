//! Why phases are left out.

use super::super::super::document::{Inline, Row};
use super::super::super::facts::{Facts, Names, Number, Skip, Source};
use super::super::Files;
use super::Flow;

/// Columns that say why.
const REASON_COLUMNS: &[&str] = &["reason", "reasons", "why", "because", "rationale", "justification", "why skipped"];
/// How a generated page says when it applies, and then why.
const LABEL: &str = "Conditional:";
const BECAUSE: &str = ", because ";

impl Flow {
    /// Reads them from the columns of tables beside what is left out, and from what stands in parentheses there.
    pub fn reasons(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>) {
        let main = files.main();
        for table in main.document.tables.iter().filter(|_| !main.is_generated) {
            let column = table.column(REASON_COLUMNS);
            for row in &table.rows {
                for cell in &row.cells {
                    self.aside(facts, cell);
                }
                let reason =
                    column.and_then(|column| row.cells.get(column)).filter(|cell| !cell.text.trim().is_empty());
                if let Some(reason) = reason {
                    self.reason(facts, row, reason);
                }
            }
        }
        for file in files.all.iter().filter(|file| file.is_generated) {
            let Some(index) = super::page_of(file.document, facts).and_then(|number| self.index(number)) else {
                continue;
            };
            let texts = file.document.paragraphs.iter().map(|paragraph| &*paragraph.content.text);
            let said = texts.filter(|text| text.starts_with(LABEL)).find_map(|text| text.split_once(BECAUSE));
            self.phases[index].because.extend(said.map(|(_, why)| (None, why.trim().to_owned())));
        }
    }

    /// `LARGE only (nothing to design)`
    fn aside(&mut self, facts: &Facts<'_>, cell: &Inline<'_>) {
        let Some(why) = super::tables::aside(&cell.text) else { return };
        let said: Vec<&Skip> = facts.skips.iter().filter(|skip| skip.place == cell.span).collect();
        // A list says something of each phase, and which one is explained nobody knows.
        let [skip] = said[..] else { return };
        let variant = (skip.source == Source::Matrix).then(|| {
            facts.vocabulary.variants.iter().map(|(variant, _)| variant).find(|variant| skip.about.has(*variant))
        });
        if self.explain(skip.phase, variant.flatten(), why) {
            self.used.push(cell.span);
        }
    }

    fn reason(&mut self, facts: &Facts<'_>, row: &Row<'_>, reason: &Inline<'_>) {
        let vocabulary = &facts.vocabulary;
        let why = reason.text.trim();
        let variant = row.cells.first().and_then(|cell| vocabulary.variants.exactly(&cell.text));
        let said = |skip: &&Skip| row.span.contains(skip.place);
        let mut phases: Vec<(Number, Option<usize>)> = Vec::new();
        for skip in facts.skips.iter().filter(said) {
            match variant {
                Some(variant) if skip.skipped.has(variant) => phases.push((skip.phase, Some(variant))),
                None if !phases.contains(&(skip.phase, None)) => phases.push((skip.phase, None)),
                _ => {}
            }
        }
        let mut is_used = !phases.is_empty();
        for (phase, variant) in &phases {
            is_used &= self.explain(*phase, *variant, why);
        }
        // Of a variant that leaves nothing out it is said what it is.
        if let (Some(variant), true) = (variant, phases.is_empty() && facts.skips.iter().any(|skip| said(&skip))) {
            let meaning = self.conditions.meaning(variant);
            if meaning.is_empty() {
                why.clone_into(meaning);
                is_used = true;
            }
        }
        if is_used {
            self.used.push(reason.span);
        }
    }

    /// Whether there is something to give a reason for.
    fn explain(&mut self, phase: Number, variant: Option<usize>, why: &str) -> bool {
        let Some(index) = self.index(phase) else { return false };
        let is_skipped = match variant {
            Some(variant) => !self.conditions.runs(index)[variant],
            None => self.phases[index].when.is_some(),
        };
        if is_skipped {
            self.phases[index].because.push((variant, why.to_owned()));
        }
        is_skipped
    }
}

/// One reason, or the reason of each variant.
pub fn because(reasons: &[(Option<usize>, String)], variants: &Names) -> Option<String> {
    let (_, first) = reasons.first()?;
    if reasons.iter().all(|(_, why)| why == first) {
        return Some(first.clone());
    }
    let each = reasons.iter().map(|(variant, why)| match variant {
        Some(variant) => format!("{}: {why}", variants.name(*variant)),
        None => why.clone(),
    });
    let mut all: Vec<String> = Vec::new();
    for why in each {
        if !all.contains(&why) {
            all.push(why);
        }
    }
    Some(all.join("; "))
}
