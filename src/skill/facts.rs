//! What a skill states of its workflow, each statement with its place.
//!
//! First its words are read (`vocabulary`: which phases and variants there are, what they are called), then each recogniser
//! looks for one kind of statement with them: tables by the titles of their columns, lines by their words. None knows a
//! phase, a number or a sentence of any particular skill. What is not understood whole states nothing: it is left alone.

mod approvals;
mod bounds;
mod counts;
mod entries;
mod gates;
mod headed;
mod labels;
mod lines;
mod listed;
mod lists;
mod marks;
mod mentions;
mod outputs;
mod scopes;
mod sets;
mod skips;
mod tokens;
mod uses;
mod variants;
mod vocabulary;

use std::collections::BTreeSet;

pub use approvals::{APPROVAL_COLUMNS, Approval};
pub use bounds::{Bound, Form, Relation};
pub use counts::Count;
pub use entries::Entry;
pub use gates::{AFTER_COLUMNS, BEFORE_COLUMNS, GATE_COLUMNS, Gate, Told};
pub use labels::Labels;
pub use lines::Line;
pub use lists::phases as listed_phases;
pub use mentions::{Mention, Of};
pub use outputs::{FILE_COLUMNS, Output};
pub use sets::{Agents, COUNT_COLUMNS, Checkpoints, TASK_COLUMNS};
pub use skips::{Skip, Source};
pub use tokens::{Number, Token, phases_and, roman, tokens};
pub use uses::Use;
pub use variants::{Names, Variants};
pub use vocabulary::{Phase, Vocabulary};

use super::document::{Document, Table};
use super::folder::Skill;
use super::generated;
use crate::source::Span;

/// All statements of a skill, each kind in the order of the files and of their text, `SKILL.md` first.
#[derive(Debug)]
pub struct Facts<'s> {
    pub vocabulary: Vocabulary<'s>,
    pub skips: Vec<Skip>,
    pub entries: Vec<Entry>,
    pub uses: Vec<Use<'s>>,
    pub gates: Vec<Gate>,
    pub outputs: Vec<Output<'s>>,
    pub bounds: Vec<Bound<'s>>,
    pub counts: Vec<Count>,
    pub agents: Vec<Agents<'s>>,
    pub checkpoints: Vec<Checkpoints>,
    pub mentions: Vec<Mention>,
    pub approvals: Vec<Approval>,
    /// The files that `wf build` made, and the texts of the user in them.
    made: Vec<Span>,
    texts: Vec<Span>,
}

/// One document with its lines, as recognisers get it.
struct Page<'d, 's> {
    document: &'d Document<'s>,
    /// It is `SKILL.md`.
    is_main: bool,
    lines: Vec<Line<'d>>,
}

impl<'d> Page<'d, '_> {
    /// The line that a place begins in.
    fn line_at(&self, place: Span) -> Option<&Line<'d>> {
        let before = self.lines.partition_point(|line| line.span.start <= place.start).checked_sub(1)?;
        self.lines.get(before).filter(|line| place.start < line.span.end)
    }
}

impl<'s> Facts<'s> {
    /// Reads a skill; nothing where it names no phases.
    pub fn read(skill: &Skill<'_, 's>) -> Option<Self> {
        let mut vocabulary = Vocabulary::read(skill)?;
        let mut documents: Vec<&Document<'s>> = skill.documents.iter().map(|(_, document)| *document).collect();
        documents.sort_by_key(|document| !std::ptr::eq(*document, skill.main));
        let texts = |(path, document): &(&str, &Document<'s>)| {
            generated::texts(path.strip_prefix(skill.path).unwrap_or(path).trim_start_matches('/'), document)
        };
        let made = skill.documents.iter().filter(|(_, document)| document.is_generated());
        let texts: Vec<Span> = made.clone().flat_map(texts).collect();
        let made: Vec<Span> = made.map(|(_, document)| document.span()).collect();
        // Numbers in the texts of a generated file are checked where it was made from, and may be of something else that has
        // the word which it calls phases.
        let is_own = |place: Span| !texts.iter().any(|text| text.contains(place));
        let lower: Vec<String> = documents.iter().map(|document| document.text.to_ascii_lowercase()).collect();
        let pages: Vec<Page<'_, 's>> = documents
            .into_iter()
            .zip(&lower)
            .map(|(document, lower)| {
                let is_main = std::ptr::eq(document, skill.main);
                // Labels of letters are read as they are written.
                let text = if vocabulary.labels.are_plain() { lower } else { document.text };
                Page { document, is_main, lines: lines::lines(document, text, &vocabulary.labels) }
            })
            .collect();
        let mut skips = gathered(&pages, |page| skips::read(page, &vocabulary));
        // What a list names are variants where something is left out for one of them.
        if vocabulary.are_variants_listed && skips.iter().all(|skip| (skip.skipped & skip.about).is_empty()) {
            vocabulary.variants = Names::default();
            skips.clear();
        }
        let mut counts = gathered(&pages, |page| counts::read(page, &vocabulary));
        counts.retain(|count| is_own(count.place));
        let mut mentions = gathered(&pages, |page| mentions::read(page, &vocabulary));
        mentions.retain(|mention| is_own(mention.place));
        let outputs = gathered(&pages, |page| outputs::read(page, &vocabulary));
        let mut known_gates = gathered(&pages, |page| gates::in_tables(page, &vocabulary));
        let listed_gates = gathered(&pages, |page| gates::in_lists(page, &vocabulary, &known_gates));
        known_gates.extend(listed_gates);
        let named_gates = gathered(&pages, |page| gates::in_lines(page, &vocabulary, &known_gates));
        Some(Facts {
            skips,
            entries: gathered(&pages, |page| entries::read(page, &vocabulary)),
            uses: gathered(&pages, |page| uses::read(page, &vocabulary, &outputs)),
            gates: known_gates.into_iter().chain(named_gates).collect(),
            outputs,
            bounds: gathered(&pages, |page| bounds::read(page, &vocabulary)),
            counts,
            agents: gathered(&pages, |page| sets::agents(page, &vocabulary)),
            approvals: gathered(&pages, |page| approvals::read(page, &vocabulary)),
            mentions,
            checkpoints: gathered(&pages, |page| sets::checkpoints(page, &vocabulary)),
            vocabulary,
            made,
            texts,
        })
    }

    /// What the user wrote of the files that `wf build` made.
    pub fn texts(&self) -> &[Span] {
        &self.texts
    }

    /// Whether `wf build` wrote what stands there, which holds for whoever the most trusted place says.
    pub fn is_made(&self, place: Span) -> bool {
        self.made.iter().any(|file| file.contains(place)) && !self.texts.iter().any(|text| text.contains(place))
    }

    /// The lines of one of the documents.
    pub fn lines(&self, document: &Document<'s>) -> Vec<Line<'s>> {
        lines::lines(document, document.text, &self.vocabulary.labels)
    }

    /// What is said of a variant and a phase, the most trusted first.
    pub fn said(&self, variant: usize, phase: Number) -> Vec<&Skip> {
        let is_about = |skip: &&Skip| skip.phase == phase && skip.about.has(variant);
        let mut said: Vec<&Skip> = self.skips.iter().filter(is_about).collect();
        said.sort_by_key(|skip| skip.source);
        said
    }

    /// The statements that a phase is left out in a variant, the most trusted first.
    pub fn skipped(&self, variant: usize, phase: Number) -> Vec<&Skip> {
        self.said(variant, phase).into_iter().filter(|skip| skip.skipped.has(variant)).collect()
    }

    /// Whether nothing says that a phase is left out in a variant.
    pub fn always_runs(&self, variant: usize, phase: Number) -> bool {
        self.skipped(variant, phase).is_empty()
    }

    /// Whether a phase is left out in a variant, by the most trusted statement.
    pub fn is_skipped(&self, variant: usize, phase: Number) -> bool {
        self.said(variant, phase).first().is_some_and(|skip| skip.skipped.has(variant))
    }

    /// The phases that run in a variant, by the most trusted statements.
    pub fn running(&self, variant: usize) -> BTreeSet<Number> {
        self.vocabulary.numbers().filter(|phase| !self.is_skipped(variant, *phase)).collect()
    }
}

/// Words of titles above tables of what happens otherwise than the workflow has it.
const ASIDES: &[&str] = &[
    "failure",
    "failures",
    "fail",
    "fails",
    "failed",
    "error",
    "errors",
    "recovery",
    "fallback",
    "fallbacks",
    "retry",
    "retries",
    "log",
    "logs",
    "logging",
    "escalation",
    "escalations",
    "alternative",
    "alternatives",
    "instead",
    "example",
    "examples",
    "rollback",
    "emergency",
    "emergencies",
    "trouble",
    "troubleshooting",
    "blocked",
    "backup",
    "debugging",
    "former",
    "old",
    "deprecated",
    "history",
];

impl<'s> Page<'_, 's> {
    /// Whether a table stands below a title of what happens otherwise, so that it need not agree with the others.
    fn is_aside(&self, table: &Table<'s>, vocabulary: &Vocabulary<'_>) -> bool {
        let path = table.section.map_or_else(Vec::new, |section| self.document.path(section));
        let mut titles = path.iter().flat_map(|heading| tokens(&self.document.headings[*heading].content.text));
        titles.any(|token| token.is_word(ASIDES) && !vocabulary.is_named(&token))
    }
}

fn gathered<'d, 's, T>(pages: &[Page<'d, 's>], read: impl Fn(&Page<'d, 's>) -> Vec<T>) -> Vec<T> {
    pages.iter().flat_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::skill::folder::{Content, Files};
    use crate::source::FileId;

    /// A skill in words of its own: stages and tracks instead of phases and work types, marks instead of lists.
    const SKILL: &str = "# Releasing\n\n\
        A 5-stage process.\n\n\
        | # | Stage | Goal | Applies to | Barrier |\n|---|---|---|---|---|\n\
        | 1 | Collect | Find what changed | all tracks | |\n\
        | 2 | Draft | Write the notes | Regular and up | B1 |\n\
        | 3 | Verify | Read them | Not hotfix | :no_entry: B2 |\n\
        | 4 | Publish | Put them out | Every | |\n\
        | 5 | Announce | Tell people | Major only | |\n\n\
        **Tracks:** Hotfix, Regular, Major\n\n\
        | Stage | Hotfix | Regular | Major |\n|---|---|---|---|\n| Draft | ✗ | ✓ | ✓ |\n| Announce | ✗ | ✗ | ✓ |\n\n\
        | Barrier | After stage | Before stage |\n|---|---|---|\n| B1 | Draft | Verify |\n\n\
        | Stage | Subagent | Output |\n|---|---|---|\n| 2: Draft | `writer` + {team}-lead (on demand) | `notes.md` |\n\n\
        | Track | Approvals |\n|---|---|\n| Major | 3, 4 (publish) |\n\n\
        ## Stage 4: Publish\n\nStarts when: stage 3 is done, stage 2 complete or skipped.\n\nTake the list from stage 1.\n\n\
        ```\nRead notes.md and publish it.\n```\n\n\
        ### Hotfix\n\nSkip: 2, 3, 5\n";

    fn facts<T>(text: &'static str, ask: impl FnOnce(&Facts<'_>) -> T) -> T {
        let mut files = Files::default();
        files.insert("s/SKILL.md", Content::Document(Box::new(Document::read(FileId::FIRST, text))));
        ask(&Facts::read(&files.skills()[0]).expect("the text has a table of phases"))
    }

    #[test]
    fn another_vocabulary_is_understood() {
        facts(SKILL, |facts| {
            let names: Vec<&str> = facts.vocabulary.phases.iter().map(|phase| phase.name).collect();
            assert_eq!(
                (facts.vocabulary.word, &names[..]),
                ("stage", &["Collect", "Draft", "Verify", "Publish", "Announce"][..])
            );
            let running = |variant| facts.running(variant).iter().map(Number::to_string).collect::<Vec<_>>().join(" ");
            assert_eq!([running(0), running(1), running(2)], ["1 4", "1 2 3 4", "1 2 3 4 5"]);
            // The condition, the matrix and the list below its title.
            assert_eq!(facts.skipped(0, Number::phase(2)).len(), 3);
        });
    }

    #[test]
    fn statements_have_their_places() {
        facts(SKILL, |facts| {
            let number = Number::phase;
            let entries: Vec<_> = facts.entries.iter().map(|entry| (entry.phase, entry.requires)).collect();
            assert_eq!(entries, [(number(4), number(3))]);
            let uses: Vec<_> = facts.uses.iter().map(|used| (used.phase, used.from, used.file)).collect();
            assert_eq!(uses, [(number(4), number(1), None), (number(4), number(2), Some("notes.md"))]);
            let gates: Vec<_> = facts.gates.iter().map(|gate| (&*gate.label, gate.after, gate.before)).collect();
            assert_eq!(
                gates,
                [
                    ("b1", Some(number(2)), Some(number(3))),
                    ("b1", Some(number(2)), None),
                    ("b2", Some(number(3)), None),
                ]
            );
            assert_eq!(facts.agents[0].names, BTreeSet::from(["writer", "{team}-lead"]));
            assert_eq!(facts.checkpoints[0].phases, BTreeSet::from([number(3), number(4)]));
            let count =
                facts.counts.iter().map(|count| (count.number, &SKILL[count.place.range()])).collect::<Vec<_>>();
            assert_eq!(count, [(5, "5")]);
        });
    }

    #[test]
    fn whatever_is_cut_out_or_put_in_nothing_breaks() {
        let pieces =
            ["|", "\n", "é→", "⛔", "(", "1.2", "99999999999", "`", "  \u{a0}", "Stage 7: ", "- ", "```\n", "\u{FE0F}"];
        let mut seed = 7_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut found = 0;
        for _ in 0..500 {
            let mut text = SKILL.to_owned();
            for _ in 0..=random(4) {
                let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
                let at = random(ends.len());
                if random(2) == 0 {
                    text.insert_str(ends[at], pieces[random(pieces.len())]);
                } else {
                    let end = (at + random(40)).min(ends.len() - 1);
                    text.replace_range(ends[at]..ends[end], "");
                }
            }
            let mut files = Files::default();
            files.insert("s/SKILL.md", Content::Document(Box::new(Document::read(FileId::FIRST, &text))));
            found += usize::from(Facts::read(&files.skills()[0]).is_some());
        }
        assert!(found > 250, "{found} still have phases");
    }

    #[test]
    fn yes_and_no_say_what_their_column_asks() {
        let table = |title: &str| {
            let rows = "| 1 | A | x | No |\n| 2 | B | y | Yes |\n| 3 | C | z | big only |\n";
            let matrix = "| Size | Left out |\n|---|---|\n| small | 3 |\n| big | none |\n";
            let text = format!("| Step | Title | Goal | {title} |\n|---|---|---|---|\n{rows}\n{matrix}");
            facts(Box::leak(text.into_boxed_str()), |facts| {
                let runs = |variant| facts.running(variant).iter().map(Number::to_string).collect::<String>();
                let said = facts.vocabulary.numbers().map(|phase| facts.said(0, phase).len().to_string());
                format!("{} {} {}", runs(0), runs(1), said.collect::<String>())
            })
        };
        // How many places say something of each phase: a `Yes` or `No` that leaves it open is none of them.
        assert_eq!(table("Conditional"), "12 123 212");
        assert_eq!(table("Required"), "12 123 122");
        assert_eq!(table("Applies to"), "2 23 222");
    }

    #[test]
    fn one_of_two_is_demanded_of_neither() {
        facts(
            "## Step 1: A\n\n## Step 2: B\n\nEntry: Step 1 complete.\n\n## Step 3: C\n\nEntry: Step 2 complete, or Step 1 for small ones.\n",
            |facts| {
                let entries: Vec<u32> = facts.entries.iter().map(|entry| entry.phase.phase).collect();
                assert_eq!(entries, [2]);
            },
        );
    }

    #[test]
    fn titles_of_stages_are_no_phases() {
        facts("## Phase 1 – A\n\n## Phase 2 – B\n\n### Phase 2.1: b\n\n## Phase 3 – C\n", |facts| {
            assert_eq!(facts.vocabulary.phases.len(), 3);
        });
    }

    #[test]
    fn prose_states_nothing() {
        facts(
            "| Step | Name | Goal |\n|---|---|---|\n| 1 | A | x |\n| 2 | B | y |\n\nThe first 3 steps. From step 9 on. Gate 2 is open.\n",
            |facts| {
                assert!(
                    facts.counts.is_empty()
                        && facts.uses.is_empty()
                        && facts.gates.is_empty()
                        && facts.skips.is_empty()
                )
            },
        );
    }
}
