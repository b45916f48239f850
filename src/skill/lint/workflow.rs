//! SK7: what the files of a skill say of its workflow, where they disagree, and what can never hold.
//!
//! Everything here compares statements that `facts` understood whole; each finding shows all places.

use std::collections::{BTreeMap, BTreeSet};

use super::declare_rules;
use crate::diagnostic::{Code, Diagnostic};
use crate::skill::Skill;
use crate::skill::facts::{Agents, Bound, Facts, Form, Gate, Number, Of, Skip, Use, phases_and, roman, tokens};
use crate::source::Span;

/// A skill with a table of phases, one of who skips what, and what a case adds to them.
macro_rules! workflow {
    ($skipped:literal, $rest:literal) => {
        concat!(
            "---\nname: example\ndescription: Ships changes. Use when a change is ready.\n---\n\n",
            "| Phase | Name | Purpose | Conditional | Gate |\n| --- | --- | --- | --- | --- |\n",
            "| 1 | Plan | Say what is to be done | LARGE only | |\n",
            "| 2 | Build | Write the code | Always | \u{26D4} 1 |\n",
            "| 3 | Review | Read the code | LARGE only | |\n",
            "| 4 | Ship | Merge it | Always | |\n\n",
            "| Work Type | Skipped Phases |\n| --- | --- |\n| SMALL | ",
            $skipped,
            " |\n| LARGE | None |\n\n",
            $rest
        )
    };
}

declare_rules! {
    SKIP_DISAGREES: "SK701" "skip-disagrees" Error Workflow Project = "Two places disagree about whether a phase is skipped.",
        "The table of phases, the skip matrix, the lists of phases and the titles all say for whom a phase runs. Where they \
         disagree, an agent follows the one that it read last. The order of trust is that of the list above; every place is shown.",
        bad: workflow!("1", ""), good: workflow!("1, 3", "");
    ENTRY_NEVER_HOLDS: "SK702" "entry-never-holds" Error Workflow Project = "A phase is entered on one that is skipped.",
        "The criterion demands a phase that this kind of work leaves out, so the phase could never begin. Say what holds then: \
         `Phase 3 complete or skipped`.",
        bad: workflow!("1, 3", "## Phase 4: Ship\n\n**Entry Criteria:** Phase 3 (Review) complete.\n"),
        good: workflow!("1, 3", "## Phase 4: Ship\n\n**Entry Criteria:** Phase 3 (Review) complete or skipped.\n");
    INPUT_OF_SKIPPED_PHASE: "SK703" "input-of-skipped-phase" Error Workflow Project = "A phase uses what a skipped one would have made.",
        "What the page of a phase takes from another phase, or a file that only the other one writes, is not there for the kind of \
         work that skips it. Say that it may be missing, or what to use instead.",
        bad: workflow!("1, 3", "## Phase 2: Build\n\nFollow the list from Phase 1.\n"),
        good: workflow!("1, 3", "## Phase 2: Build\n\nFollow the list from Phase 1, if there is one.\n");
    GATE_BEFORE_SKIPPED_PHASE: "SK704" "gate-before-skipped-phase" Error Workflow Project = "A gate is hung before a phase that is skipped.",
        "Where the phase is left out there is no such place, and the gate stands before nothing: an agent walks past it. Say after \
         which phase the gate stands, and that whatever comes next waits for it.",
        bad: workflow!("1, 3", "Stop at the gates (2→3).\n"), good: workflow!("1, 3", "Stop at each gate.\n");
    GATE_DISAGREES: "SK705" "gate-disagrees" Error Workflow Project = "Two places put a gate between different phases.",
        "A gate stands in one place. Whoever reads the other one passes it too early or too late.",
        bad: workflow!("1, 3", "| Gate | After Phase | Before Phase |\n| --- | --- | --- |\n| 1 | 3 | 4 |\n"),
        good: workflow!("1, 3", "| Gate | After Phase | Before Phase |\n| --- | --- | --- |\n| 1 | 2 | the next |\n");
    BOUND_DISAGREES: "SK706" "bound-disagrees" Error Workflow Project = "A bound has two values.",
        "Two places name the same thing and bound it differently, if only by whether the number itself is allowed.",
        bad: workflow!("1, 3", "| # | Requirement | What it means |\n| --- | --- | --- |\n| 1 | File Size | ≤400 lines per file |\n\n1. File size: each file <400 lines\n"),
        good: workflow!("1, 3", "| # | Requirement | What it means |\n| --- | --- | --- |\n| 1 | File Size | ≤400 lines per file |\n\n1. File size: each file ≤400 lines\n");
    PHASE_COUNT_DISAGREES: "SK707" "phase-count-disagrees" Error Workflow Project = "A number of phases is not the number that there are.",
        "In all, or for one kind of work; a number for a kind of work is reported only when no reading of the tables gives it.",
        bad: workflow!("1, 3", "A 5-phase workflow.\n"), good: workflow!("1, 3", "A 4-phase workflow.\n");
    CHECKPOINTS_DISAGREE: "SK708" "checkpoints-disagree" Error Workflow Project = "Two tables disagree about where a person is asked.",
        "A person who is asked in one reading and not in the other is not asked.",
        bad: workflow!("1, 3", "| Work Type | Checkpoints |\n| --- | --- |\n| SMALL | 4 |\n\n| Work Type | Checkpoint Phases |\n| --- | --- |\n| SMALL | 2, 4 |\n"),
        good: workflow!("1, 3", "| Work Type | Checkpoints |\n| --- | --- |\n| SMALL | 4 |\n\n| Work Type | Checkpoint Phases |\n| --- | --- |\n| SMALL | 4 (merge) |\n");
    CHECKPOINT_OF_SKIPPED_PHASE: "SK709" "checkpoint-of-skipped-phase" Error Workflow Project = "A person is to be asked in a phase that is skipped.",
        "For this kind of work the phase is left out, and so is the question.",
        bad: workflow!("1, 3", "| Work Type | Checkpoints |\n| --- | --- |\n| SMALL | 3, 4 |\n"),
        good: workflow!("1, 3", "| Work Type | Checkpoints |\n| --- | --- |\n| SMALL | 4 |\n");
    AGENTS_DISAGREE: "SK710" "agents-disagree" Error Workflow Project = "Two tables name different agents for a phase.",
        "A placeholder such as `{domain}-lead` stands for any name of its form. Stages count for their phase.",
        bad: workflow!("1, 3", "| Phase | Agent |\n| --- | --- |\n| 2 | coder |\n\n| Phase | Agents |\n| --- | --- |\n| 2 | coder + tester |\n"),
        good: workflow!("1, 3", "| Phase | Agent |\n| --- | --- |\n| 2 | coder |\n\n| Phase | Agents |\n| --- | --- |\n| 2 | coder |\n");
    OUTPUT_DISAGREES: "SK711" "output-disagrees" Error Workflow Project = "Two places name different files for what a phase writes.",
        "Whoever looks for the one does not find the other.",
        bad: workflow!("1, 3", "| Phase | Output |\n| --- | --- |\n| 2 | `code.md` |\n\n| Phase | Output File |\n| --- | --- |\n| 2 | `build.md` |\n"),
        good: workflow!("1, 3", "| Phase | Output |\n| --- | --- |\n| 2 | `code.md` |\n\n| Phase | Output File |\n| --- | --- |\n| 2: Build | `out/code.md` |\n");
    PHASE_MISNUMBERED: "SK712" "phase-misnumbered" Error Workflow Project = "A phase is named with the number of another one.",
        "The number and the name beside it belong to two phases of the table, most often because one was inserted.",
        bad: workflow!("1, 3", "Then comes Phase 4 (Review).\n"), good: workflow!("1, 3", "Then comes Phase 3 (Review).\n");
    UNKNOWN_PHASE: "SK713" "unknown-phase" Error Workflow Project = "A phase is named that the table does not have.",
        "Only where the phases stand in a table, where the file has no heading of this number, and where neither the sentence, \
         the paragraph nor the titles above speak of something else that has phases, such as a plan or an older version.",
        bad: workflow!("1, 3", "Then comes Phase 5.\n"), good: workflow!("1, 3", "Then comes Phase 4.\n");
    MISSING_NUMBER: "SK714" "missing-number" Warning Workflow Project = "The table of phases leaves a number out.",
        "The numbers run on from the first to the last phase but for one: a phase was lost, or one was taken out and the others kept \
         their numbers. Whoever looks for it does not know which. A line that says what became of it is enough.",
        bad: "---\nname: example\ndescription: Ships changes. Use when a change is ready.\n---\n\n| Phase | Name | Purpose |\n| --- | --- | --- |\n| 1 | Plan | Say what is to be done |\n| 2 | Build | Write the code |\n| 4 | Ship | Merge it |\n",
        good: "---\nname: example\ndescription: Ships changes. Use when a change is ready.\n---\n\n| Phase | Name | Purpose |\n| --- | --- | --- |\n| 1 | Plan | Say what is to be done |\n| 2 | Build | Write the code |\n| 4 | Ship | Merge it |\n\nPhase 3 was merged into phase 2.\n";
}

/// Who runs which phase, and what a phase needs of one that may be left out.
pub const OF_PHASES: &[&Code] = &[&SKIP_DISAGREES.code, &ENTRY_NEVER_HOLDS.code, &INPUT_OF_SKIPPED_PHASE.code];

/// What a workflow carries in its texts only: there, both sides of a disagreement can stand.
pub const OF_TEXTS: &[&Code] =
    &[&BOUND_DISAGREES.code, &PHASE_COUNT_DISAGREES.code, &PHASE_MISNUMBERED.code, &UNKNOWN_PHASE.code];

/// Whether two places say of each other's variants that a phase is skipped; each says it in its label.
pub fn is_of_skips(found: &Diagnostic) -> bool {
    *found.code == SKIP_DISAGREES.code
}

/// Whether phases were recognised that something can be said about.
pub fn check(skill: &Skill<'_, '_>, found: &mut Vec<Diagnostic>) -> bool {
    let facts = Facts::read(skill);
    found.extend(facts.iter().flat_map(of_facts));
    facts.is_some()
}

/// Whether a skill has three or more numbered parts of something that may be a workflow.
pub fn has_numbered_parts(skill: &Skill<'_, '_>) -> bool {
    const WORDS: &[&str] = &phases_and::<1, 9>(["round"]);
    let titles = skill.documents.iter().flat_map(|(_, document)| {
        let headings = document.headings.iter().map(|heading| &*heading.content.text);
        let cells = document.tables.iter().flat_map(|table| table.rows.iter().filter_map(|row| row.cells.first()));
        headings.chain(cells.map(|cell| &*cell.text))
    });
    let numbered = titles.filter_map(|title| match &tokens(title)[..] {
        [word, number, ..] if word.is_word(WORDS) => number.number(),
        // `M1 Cut`, `2a`, `II. Hunt`
        [word, ..] => {
            let label = word.word()?;
            let digits = label.strip_prefix('m').and_then(|digits| digits.parse().ok()).map(Number::phase);
            digits.or_else(|| roman(title.get(word.range.clone())?).map(Number::phase))
        }
        [] => None,
    });
    numbered.collect::<BTreeSet<Number>>().len() > 2
}

/// Everything that does not fit together in what a skill states.
pub fn of_facts(facts: &Facts<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for check in [skips, entries, inputs, gates, bounds, counts, checkpoints, agents, outputs, mentions, gaps] {
        check(facts, &mut found);
    }
    found
}

/// Shows further places, each once and none that is the first.
fn with_places(mut diagnostic: Diagnostic, places: impl IntoIterator<Item = (Span, String)>) -> Diagnostic {
    let mut shown = vec![diagnostic.primary.span];
    for (place, text) in places {
        if !shown.contains(&place) {
            shown.push(place);
            diagnostic = diagnostic.related(place, text);
        }
    }
    diagnostic
}

fn variants<'f>(facts: &'f Facts<'_>) -> impl Iterator<Item = (usize, &'f str)> {
    facts.vocabulary.variants.iter()
}

fn skips(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    for phase in facts.vocabulary.numbers() {
        for (variant, name) in variants(facts) {
            let said = facts.said(variant, phase);
            let skipped = |skip: &Skip| skip.skipped.has(variant);
            let Some(first) = said.first().filter(|first| said.iter().any(|skip| skipped(skip) != skipped(first)))
            else {
                continue;
            };
            let words = |skip: &Skip| {
                if skipped(skip) { format!("skipped for `{name}`") } else { format!("runs for `{name}`") }
            };
            let message = match skipped(first) {
                true => format!("{} is skipped for `{name}` here, and runs elsewhere", facts.vocabulary.title(phase)),
                false => format!("{} runs for `{name}` here, and is skipped elsewhere", facts.vocabulary.title(phase)),
            };
            let diagnostic = Diagnostic::new(&SKIP_DISAGREES.code, first.place, message)
                .label(words(first))
                .help("make all places say the same, or leave all but one of them out");
            found.push(with_places(diagnostic, said.iter().map(|skip| (skip.place, words(skip)))));
        }
    }
}

/// The variants in which a phase surely runs and another one is skipped, with the places that say the latter.
fn left_out<'f>(facts: &'f Facts<'_>, runs: Number, skipped: Number) -> Vec<(usize, Vec<&'f Skip>)> {
    variants(facts)
        .map(|(variant, _)| (variant, facts.skipped(variant, skipped)))
        .filter(|(variant, places)| !places.is_empty() && facts.always_runs(*variant, runs))
        .collect()
}

/// "which `A` and `B` skip", "which `A` skips".
fn which_skip(facts: &Facts<'_>, cases: &[(usize, Vec<&Skip>)]) -> String {
    let variants =
        cases.iter().fold(Default::default(), |all, (variant, _)| all | crate::skill::facts::Variants::one(*variant));
    let verb = if cases.len() == 1 { "skips" } else { "skip" };
    format!("{} {verb}", facts.vocabulary.variants.list(variants))
}

fn skip_places(facts: &Facts<'_>, cases: &[(usize, Vec<&Skip>)], phase: Number) -> Vec<(Span, String)> {
    let words = |variant: usize| {
        format!("`{}` skips {} {phase}", facts.vocabulary.variants.name(variant), facts.vocabulary.word)
    };
    cases.iter().flat_map(|(variant, skips)| skips.iter().map(move |skip| (skip.place, words(*variant)))).collect()
}

fn entries(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    for entry in &facts.entries {
        let mut cases = left_out(facts, entry.phase, entry.requires);
        let is_made = facts.is_made(entry.place);
        cases.retain(|(variant, _)| {
            !entry.exempt.has(*variant) && (!is_made || facts.is_skipped(*variant, entry.requires))
        });
        if cases.is_empty() {
            continue;
        }
        let (word, required) = (facts.vocabulary.word, facts.vocabulary.title(entry.requires));
        let message = format!("{word} {} is entered on {required}, which {}", entry.phase, which_skip(facts, &cases));
        let diagnostic = Diagnostic::new(&ENTRY_NEVER_HOLDS.code, entry.place, message)
            .label("never holds then")
            .help(format!("say what holds then, as in `{word} {} complete or skipped`", entry.requires));
        found.push(with_places(diagnostic, skip_places(facts, &cases, entry.requires)));
    }
}

fn inputs(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let pairs: BTreeSet<(Number, Number)> = facts.uses.iter().map(|used| (used.phase, used.from)).collect();
    for (phase, from) in pairs {
        let mut cases = left_out(facts, phase, from);
        let uses: Vec<&Use<'_>> = facts.uses.iter().filter(|used| (used.phase, used.from) == (phase, from)).collect();
        let is_made = uses.iter().all(|used| facts.is_made(used.place));
        cases.retain(|(variant, _)| !is_made || facts.is_skipped(*variant, from));
        let (Some(first), false) = (uses.first(), cases.is_empty()) else { continue };
        let word = facts.vocabulary.word;
        let message = format!(
            "{word} {phase} uses what {} makes, which {}",
            facts.vocabulary.title(from),
            which_skip(facts, &cases)
        );
        let label = |used: &Use<'_>| match used.file {
            Some(file) => format!("`{file}` is used here"),
            None => "used here".to_owned(),
        };
        let files: Vec<&str> = uses.iter().filter_map(|used| used.file).collect();
        let made = facts.outputs.iter().filter(|output| output.phase == from && files.contains(&output.file));
        let diagnostic = Diagnostic::new(&INPUT_OF_SKIPPED_PHASE.code, first.place, message)
            .label(label(first))
            .help("say that it may be missing, and what to do then");
        let diagnostic = with_places(diagnostic, uses.iter().map(|used| (used.place, label(used))));
        let diagnostic =
            with_places(diagnostic, made.map(|output| (output.place, format!("`{}` is made here", output.file))));
        found.push(with_places(diagnostic, skip_places(facts, &cases, from)));
    }
}

fn gates(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let labels: BTreeSet<&str> = facts.gates.iter().map(|gate| gate.label.as_str()).collect();
    let word = facts.vocabulary.word;
    for label in labels {
        let of_label: Vec<&Gate> = facts.gates.iter().filter(|gate| gate.label == label).collect();
        // Each place that is said, once.
        let mut said: Vec<&Gate> = Vec::new();
        let pair = of_label.iter().find_map(|gate| {
            let is_same =
                |other: &&&Gate| (other.about, other.after, other.before) == (gate.about, gate.after, gate.before);
            if said.iter().any(|other| is_same(&other)) {
                return None;
            }
            let earlier = said.iter().find(|earlier| !are_one_place(facts, earlier, gate)).copied();
            said.push(gate);
            Some((earlier?, *gate))
        });
        // As it is mostly written.
        let label = label.to_uppercase();
        let words = |gate: &Gate| match (gate.after, gate.before) {
            (Some(after), Some(before)) => format!("after {word} {after}, before {before}"),
            (Some(after), None) => format!("after {word} {after}"),
            (None, Some(before)) => format!("before {word} {before}"),
            (None, None) => String::new(),
        };
        if let Some((first, other)) = pair {
            let message = format!("gate {label} stands {} here, and {} elsewhere", words(first), words(other));
            let diagnostic = Diagnostic::new(&GATE_DISAGREES.code, first.place, message)
                .label(words(first))
                .help("make all places say the same");
            // Of a place that says several things, the one that differs is shown.
            let all = std::iter::once(other).chain(of_label.iter().copied());
            found.push(with_places(diagnostic, all.map(|gate| (gate.place, words(gate)))));
            continue;
        }
        let hung = |gate: &&&Gate| gate.before.is_some();
        let Some((first, before)) = of_label.iter().find_map(|gate| Some((gate, gate.before?))) else { continue };
        let Some(after) = of_label.iter().find_map(|gate| gate.after) else { continue };
        let mut cases = left_out(facts, after, before);
        cases.retain(|(variant, _)| first.about.has(*variant));
        if cases.is_empty() {
            continue;
        }
        let message = format!(
            "gate {label} stands before {}, which {}: there it stands before nothing",
            facts.vocabulary.title(before),
            which_skip(facts, &cases)
        );
        let diagnostic = Diagnostic::new(&GATE_BEFORE_SKIPPED_PHASE.code, first.place, message)
            .label(words(first))
            .help(format!("say that whatever comes after {word} {after} waits for it"));
        let hung = of_label.iter().filter(hung).map(|gate| (gate.place, words(gate)));
        found.push(with_places(with_places(diagnostic, hung), skip_places(facts, &cases, before)));
    }
}

/// Whether two statements put a gate into the same place in every variant that both are about: what is skipped there counts
/// for what runs instead.
fn are_one_place(facts: &Facts<'_>, gate: &Gate, other: &Gate) -> bool {
    let same = |a: Option<Number>, b: Option<Number>, place: &dyn Fn(Number) -> Option<Number>| {
        a.zip(b).is_none_or(|(a, b)| a == b || place(a) == place(b))
    };
    let numbers = || facts.vocabulary.numbers();
    if facts.vocabulary.variants.is_empty() {
        return same(gate.after, other.after, &Some) && same(gate.before, other.before, &Some);
    }
    variants(facts).filter(|(variant, _)| gate.about.has(*variant) && other.about.has(*variant)).all(|(variant, _)| {
        let runs = |phase: &Number| !facts.is_skipped(variant, *phase);
        let after = |phase: Number| numbers().filter(|number| *number <= phase && runs(number)).last();
        let before = |phase: Number| numbers().find(|number| *number >= phase && runs(number));
        same(gate.after, other.after, &after) && same(gate.before, other.before, &before)
    })
}

/// Bounds of the same name and unit in the same direction. A name of one word is too general to be the same thing, and
/// one of the places tells what a name is the name of: a row of a table, or a line that begins with it.
fn bounds(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let mut by_name: BTreeMap<(&str, &str, bool), Vec<&Bound<'_>>> = BTreeMap::new();
    let mut names: BTreeMap<Option<Span>, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for bound in &facts.bounds {
        let name = (bound.label.as_str(), bound.unit.as_str());
        names.entry(bound.section).or_default().insert(name);
        if bound.label.contains(' ') {
            by_name.entry((name.0, name.1, bound.relation.is_upper())).or_default().push(bound);
        }
    }
    for all in by_name.values_mut() {
        // A row with two bounds has a column for each, such as one to warn at and one to stop at.
        let mut rows: BTreeMap<Span, Span> = BTreeMap::new();
        let mut is_of_columns = all
            .iter()
            .filter_map(|bound| Some((bound.row?, bound.place)))
            .map(|(row, place)| *rows.entry(row).or_insert(place) != place);
        if is_of_columns.any(|is_second| is_second) {
            continue;
        }
        all.truncate(MOST_PLACES);
        let says_same = |a: &Bound<'_>, b: &Bound<'_>| a.relation == b.relation && a.number == b.number;
        let pair = all.iter().enumerate().find_map(|(index, a)| {
            let differs = |b: &&&Bound<'_>| !says_same(a, b) && is_comparable(&names, a, b);
            Some((*a, *all[index + 1..].iter().find(differs)?))
        });
        let Some((first, other)) = pair else { continue };
        let message =
            format!("`{}` is bounded by `{}` here, and by `{}` elsewhere", first.label, first.text, other.text);
        let diagnostic = Diagnostic::new(&BOUND_DISAGREES.code, first.place, message)
            .label(first.text)
            .help("make all places say the same");
        let comparable = all.iter().filter(|bound| is_comparable(&names, first, bound));
        found.push(with_places(diagnostic, comparable.map(|bound| (bound.place, bound.text.to_owned()))));
    }
}

/// Of one name, more places are not compared.
const MOST_PLACES: usize = 64;

/// Whether two bounds of a name are said of the same thing, with the names that each section bounds. Sections that repeat each
/// other's names each speak of something of their own, such as a backend and a frontend.
fn is_comparable(names: &BTreeMap<Option<Span>, BTreeSet<(&str, &str)>>, a: &Bound<'_>, b: &Bound<'_>) -> bool {
    if a.row.is_some() || b.row.is_some() {
        return true;
    }
    let is_other_phase = a.phase.zip(b.phase).is_some_and(|(a, b)| a.whole() != b.whole());
    let is_one_thing = match (a.form, b.form) {
        (Form::Prose, Form::Prose) => false,
        (Form::Limit, _) | (_, Form::Limit) => true,
        _ if a.place.file != b.place.file => a.is_main || b.is_main,
        _ => a.section.zip(b.section).is_none_or(|(a, b)| a.contains(b) || b.contains(a)),
    };
    let repeats = || {
        let sections = names.get(&a.section).zip(names.get(&b.section)).filter(|_| a.section != b.section);
        sections.is_some_and(|(a, b)| a.intersection(b).nth(1).is_some())
    };
    is_one_thing && !a.is_code && !b.is_code && !is_other_phase && !repeats()
}

fn counts(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let total = facts.vocabulary.phases.len();
    let words = facts.vocabulary.words();
    for count in &facts.counts {
        let stated = count.number as usize;
        let message = match count.variant {
            None if stated != total && !facts.vocabulary.is_table => {
                format!("{stated} {words} are stated, and {total} are listed")
            }
            None if stated != total => format!("{stated} {words} are stated, and the table has {total}"),
            Some(variant) => {
                let numbers = || facts.vocabulary.numbers();
                let surely = numbers().filter(|phase| facts.always_runs(variant, *phase)).count();
                let maybe = numbers().filter(|phase| {
                    let said = facts.said(variant, *phase);
                    said.is_empty() || said.iter().any(|skip| !skip.skipped.has(variant))
                });
                if (surely..=maybe.count()).contains(&stated) {
                    continue;
                }
                let name = facts.vocabulary.variants.name(variant);
                format!("{stated} {words} are stated for `{name}`, and {} run", facts.running(variant).len())
            }
            None => continue,
        };
        let Some(first) = facts.vocabulary.phases.first() else { continue };
        found.push(
            Diagnostic::new(&PHASE_COUNT_DISAGREES.code, count.place, message)
                .related(first.place, format!("the {words} are listed here"))
                .help("state the number that there are, or none"),
        );
    }
}

fn checkpoints(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let word = facts.vocabulary.word;
    let list = |phases: &BTreeSet<Number>| match phases.is_empty() {
        true => "nowhere".to_owned(),
        false => {
            let s = if phases.len() == 1 { "" } else { "s" };
            format!("in {word}{s} {}", phases.iter().map(Number::to_string).collect::<Vec<_>>().join(", "))
        }
    };
    for (variant, name) in variants(facts) {
        let all: Vec<_> = facts.checkpoints.iter().filter(|stated| stated.variant == variant).collect();
        let Some(first) = all.first() else { continue };
        if let Some(other) = all.iter().find(|other| other.phases != first.phases) {
            let (here, there) = (list(&first.phases), list(&other.phases));
            let message = format!("for `{name}` a person is asked {here} by this table, and {there} by another");
            let diagnostic = Diagnostic::new(&CHECKPOINTS_DISAGREE.code, first.place, message)
                .help("make all tables say the same, or leave all but one of them out");
            found.push(with_places(diagnostic, all.iter().map(|stated| (stated.place, list(&stated.phases)))));
        }
        let asked: BTreeSet<Number> = all.iter().flat_map(|stated| stated.phases.iter().copied()).collect();
        for phase in asked {
            let said = facts.said(variant, phase);
            if said.is_empty() || !said.iter().all(|skip| skip.skipped.has(variant)) {
                continue;
            }
            let places: Vec<Span> =
                all.iter().filter(|stated| stated.phases.contains(&phase)).map(|stated| stated.place).collect();
            let Some(first) = places.first() else { continue };
            let message =
                format!("for `{name}` a person is to be asked in {}, which is skipped", facts.vocabulary.title(phase));
            let diagnostic = Diagnostic::new(&CHECKPOINT_OF_SKIPPED_PHASE.code, *first, message)
                .help("ask in a phase that runs, or leave the number out");
            let diagnostic = with_places(diagnostic, places.iter().map(|place| (*place, "asked here".to_owned())));
            found.push(with_places(diagnostic, said.iter().map(|skip| (skip.place, format!("skipped for `{name}`")))));
        }
    }
}

fn agents(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    for phase in facts.vocabulary.numbers() {
        // Rows and stages of one table belong together.
        let mut tables: Vec<(Span, Span, BTreeSet<&str>)> = Vec::new();
        for Agents { names, place, table, .. } in facts.agents.iter().filter(|agents| agents.phase == phase) {
            match tables.iter_mut().find(|(of, ..)| of == table) {
                Some((.., all)) => all.extend(names),
                None => tables.push((*table, *place, names.clone())),
            }
        }
        let Some((_, first, names)) = tables.first() else { continue };
        let list = |names: &BTreeSet<&str>| match names.is_empty() {
            true => "no agent".to_owned(),
            false => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and "),
        };
        let Some((.., others)) = tables.iter().find(|(.., others)| !are_same(names, others)) else { continue };
        let message = format!(
            "{} is given to {} here, and to {} elsewhere",
            facts.vocabulary.title(phase),
            list(names),
            list(others)
        );
        let diagnostic = Diagnostic::new(&AGENTS_DISAGREE.code, *first, message).help("make all tables say the same");
        found.push(with_places(diagnostic, tables.iter().map(|(_, place, names)| (*place, list(names)))));
    }
}

/// Each name has one of the other set that may be the same.
fn are_same(names: &BTreeSet<&str>, others: &BTreeSet<&str>) -> bool {
    let covers =
        |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.iter().all(|name| b.iter().any(|other| may_be(name, other)));
    covers(names, others) && covers(others, names)
}

/// Whether two names are the same, or one is a pattern with a placeholder that the other fits.
fn may_be(name: &str, other: &str) -> bool {
    let fits = |pattern: &str, name: &str| {
        let parts = pattern.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?.1)));
        parts.is_some_and(|(before, after)| {
            name.len() > before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
        })
    };
    name == other || fits(name, other) || fits(other, name)
}

/// Tables and lines that give a phase one file each.
fn outputs(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    for phase in facts.vocabulary.numbers() {
        let of_phase: Vec<_> = facts.outputs.iter().filter(|output| output.phase == phase).collect();
        let is_only = |table: Span| of_phase.iter().filter(|output| output.table == table).count() == 1;
        let single: Vec<_> = of_phase.iter().filter(|output| is_only(output.table)).collect();
        let Some(first) = single.first() else { continue };
        let Some(other) = single.iter().find(|other| other.file != first.file) else { continue };
        let message =
            format!("{} writes `{}` here, and `{}` elsewhere", facts.vocabulary.title(phase), first.file, other.file);
        let diagnostic =
            Diagnostic::new(&OUTPUT_DISAGREES.code, first.place, message).help("make all places say the same");
        found.push(with_places(diagnostic, single.iter().map(|output| (output.place, format!("`{}`", output.file)))));
    }
}

fn mentions(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let word = facts.vocabulary.word;
    for mention in &facts.mentions {
        let number = mention.number.whole();
        match mention.named {
            Some(named) if named != number && mention.of != Of::Other => {
                let message = format!("{word} {number} is called by the name of {word} {named} here");
                let diagnostic = Diagnostic::new(&PHASE_MISNUMBERED.code, mention.place, message)
                    .help(format!("write `{word} {named}`, or the name of {}", facts.vocabulary.title(number)));
                let listed =
                    facts.vocabulary.phase(named).map(|phase| (phase.place, format!("{word} {named} is listed here")));
                found.push(with_places(diagnostic, listed));
            }
            None if facts.vocabulary.is_table && mention.of == Of::Workflow && !facts.vocabulary.has(number) => {
                let message = format!("there is no {word} {number}");
                let diagnostic = Diagnostic::new(&UNKNOWN_PHASE.code, mention.place, message);
                let last = facts.vocabulary.phases.last();
                let last = last.map(|phase| (phase.place, format!("the last one is {word} {}", phase.number)));
                found.push(with_places(diagnostic, last).help(format!("name a {word} of the table")));
            }
            _ => {}
        }
    }
}

/// A table whose numbers run on but for one that nobody explains.
fn gaps(facts: &Facts<'_>, found: &mut Vec<Diagnostic>) {
    let phases = &facts.vocabulary.phases;
    let is_first = phases.first().is_some_and(|first| first.number.phase <= 1);
    let mut jumps = phases.windows(2).filter(|pair| pair[1].number.phase - pair[0].number.phase != 1);
    let (Some([before, behind]), None) = (jumps.next(), jumps.next()) else { return };
    let missing = Number::phase(before.number.phase + 1);
    let is_one = behind.number.phase == missing.phase + 1;
    let said = || facts.mentions.iter().filter(|mention| mention.number.whole() == missing);
    let is_explained = said().any(|mention| matches!(mention.of, Of::Other | Of::Unsaid));
    if !facts.vocabulary.is_table || !is_first || !is_one || is_explained {
        return;
    }
    let word = facts.vocabulary.word;
    let message = format!(
        "no {word} {missing} stands between {} and {}",
        facts.vocabulary.title(before.number),
        facts.vocabulary.title(behind.number)
    );
    let diagnostic = Diagnostic::new(&MISSING_NUMBER.code, behind.place, message)
        .related(before.place, format!("{word} {} is listed here", before.number))
        .help(format!("list {word} {missing}, number them one after another, or say what became of it"));
    found.push(with_places(diagnostic, said().map(|mention| (mention.place, "named here".to_owned()))));
}
