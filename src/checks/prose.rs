//! What plain prose says about the workflow: numbers of phases and gates, counts, names.
//!
//! Texts are read as they stand in the source, and only where one look over the whole of it has found a number beside a
//! word that can be counted, or a name in backticks. What stands in code is not read.

mod counts;
mod names;
mod places;
mod words;

use std::collections::BTreeMap;

use crate::analysis::{Analysis, Written, texts};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

codes! {
    COUNT_DISAGREES: "WF901" "count-disagrees" Warning = "A text states a count that the workflow does not have.",
        "\"16 phases\", \"all four gates\", \"7/7 requirements\": written by hand, a count becomes wrong when the workflow changes. \
         `${count phases}` and its relatives cannot. A number that is right for some variant, or for some phase where it speaks \
         of stages and agents, is no finding; nor is one that says it speaks of a part (\"the first 3 phases\"). In the texts \
         of single items only counts of all are read (\"all 16 phases\"), and items of a gate only where its name stands beside \
         them.",
        bad: "//! From request to release in 4 phases.\n\nworkflow w\n\nphase plan\n\nphase build\n\nphase release\n",
        good: "//! From request to release in 3 phases.\n\nworkflow w\n\nphase plan\n\nphase build\n\nphase release\n";
    NUMBER_DISAGREES: "WF902" "number-disagrees" Warning = "A text names a phase, stage or gate by a number that is not its own.",
        "Numbers follow from the order of writing, so that a number written by hand becomes wrong when an item is added. Either \
         no item has the number, or the name that stands beside it has another one. `${phase plan}` prints the right number.",
        bad: "workflow w\n\nphase plan\n\nphase build {\n  purpose \"Follows Phase 3 (Plan)\"\n}\n",
        good: "workflow w\n\nphase plan\n\nphase build {\n  purpose \"Follows ${phase plan} (Plan)\"\n}\n";
    NAME_DRIFT: "WF903" "name-drift" Warning = "A text calls an item by nearly its name.",
        "A name in backticks is one letter away from that of a phase, gate or agent and is no other name of the workflow, or \
         the title beside a number is nearly that of the item. It was misspelled, or the item has been renamed since.",
        bad: "workflow w\n\nphase code-review \"Code Review\"\n\nphase release {\n  purpose \"What `code-revew` has let through\"\n}\n",
        good: "workflow w\n\nphase code-review \"Code Review\"\n\nphase release {\n  purpose \"What `code-review` has let through\"\n}\n";
}

/// Every text agrees with the workflow it stands in.
pub fn prose_agrees(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    if analysis.model.header.is_none() {
        return;
    }
    let files = std::iter::once(analysis.model.file).chain(analysis.model.layers.iter().map(|(file, _)| file));
    let candidates: BTreeMap<FileId, [Vec<usize>; 2]> = files
        .map(|file| (file, analysis.model.text_of(file)))
        .map(|(file, text)| (file, [words::candidates(text), names::candidates(text)]))
        .collect();
    if candidates.values().flatten().all(Vec::is_empty) {
        return;
    }
    let places = places::Places::new(analysis);
    let counts = counts::Counts::new(analysis);
    let named = names::Names::new(analysis);
    texts(&analysis.model, &mut |text| {
        let holds = |candidates: &[usize]| {
            let first = candidates.partition_point(|at| *at < text.span.start as usize);
            candidates.get(first).is_some_and(|at| *at < text.span.end as usize)
        };
        let Some([numbers, names]) = candidates.get(&text.span.file) else { return };
        if holds(numbers) {
            for number in words::numbers(text.raw) {
                let before = found.len();
                places.look(&text, &number, found);
                if found.len() == before {
                    counts.look(&text, &number, found);
                }
            }
        }
        if holds(names) {
            named.look(&text, found);
        }
    });
}

/// Part of a text, as a place in the source.
fn span_in(text: &Written<'_>, start: usize, end: usize) -> Span {
    let base = text.span.start as usize;
    Span::new(text.span.file, base + start, base + end)
}
