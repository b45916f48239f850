//! Conditions that decide nothing, as they stand.

use std::collections::BTreeMap;

use smallvec::SmallVec;

use crate::analysis::{Analysis, Site};
use crate::codes;
use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{Cond, NodeId};
use crate::source::Span;

codes! {
    CONDITION_ALWAYS_TRUE: "WF302" "condition-always-true" Warning = "A condition holds whatever the facts are.",
        "The condition excludes nothing. Leave it out, or say what was meant.",
        bad: "workflow w\n\nfact n: int 0..9\n\nphase a {\n  decides n\n}\n\nphase b when n >= 0\n",
        good: "workflow w\n\nfact n: int 0..9\n\nphase a {\n  decides n\n}\n\nphase b when n >= 1\n";
    CONDITION_ALWAYS_FALSE: "WF303" "condition-always-false" Error = "A condition can never hold.",
        "No value of the facts makes it true, so what hangs on it can never happen.",
        bad: "workflow w\n\nfact n: int 0..9\n\nphase a {\n  decides n\n}\n\nphase b when n > 3 and n < 2\n",
        good: "workflow w\n\nfact n: int 0..9\n\nphase a {\n  decides n\n}\n\nphase b when n > 3 or n < 2\n";
    CONDITION_REPEATED: "WF304" "condition-repeated" Warning = "Part of a condition changes nothing.",
        "The other parts already say it, in every variant. Often it stands for something else that was meant.",
        bad: "workflow w\n\nenum W { SMALL < MEDIUM < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE and size >= MEDIUM\n",
        good: "workflow w\n\nenum W { SMALL < MEDIUM < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE\n";
    UNDECIDED: "WF390" "undecided" Error = "A question was too large to be decided.",
        "Every question about a workflow is decided for all values of its facts, or said to be undecided: an answer that was \
         not found is never taken for a yes. The decision diagram of the conditions grew past its budget. Declare the facts \
         that belong together next to each other, or decide an intermediate fact in a phase of its own.",
        bad: "workflow w\n\nfact [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20]: bool\n\nfact [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20]: bool\n\nphase p {\n  decides [a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20]\n  decides [b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15, b16, b17, b18, b19, b20]\n}\n\nphase q when a1 and b1 or a2 and b2 or a3 and b3 or a4 and b4 or a5 and b5 or a6 and b6 or a7 and b7 or a8 and b8 or a9 and b9 or a10 and b10 or a11 and b11 or a12 and b12 or a13 and b13 or a14 and b14 or a15 and b15 or a16 and b16 or a17 and b17 or a18 and b18 or a19 and b19 or a20 and b20\n",
        good: "workflow w\n\nfact [a1, a2, b1, b2]: bool\n\nphase p {\n  decides [a1, a2, b1, b2]\n}\n\nphase q when a1 and b1 or a2 and b2\n";
}

/// Says which questions were not answered.
pub fn report_undecided(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for open in analysis.open_questions() {
        let message = format!("not decided: {}, for the conditions are too entangled", open.what);
        found.push(Diagnostic::new(&UNDECIDED, open.place, message).label("too large a question").help(UNTANGLE));
    }
}

const UNTANGLE: &str = "declare facts that occur together next to each other, or decide an intermediate fact first";

/// Says that it is not known when items run, or what is let through to them: then nothing is.
pub fn report_too_large(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    // The diagram is shared: the condition with the most facts is where to begin.
    let mut largest: Option<(usize, Span)> = None;
    analysis.sites(&mut |site| {
        let size = atoms(&site.condition.cond);
        if largest.is_none_or(|(known, _)| size > known) {
            largest = Some((size, site.condition.span));
        }
    });
    let Some((_, span)) = largest else { return };
    found.push(
        Diagnostic::new(&UNDECIDED, span, "the conditions of this workflow are too entangled to be decided")
            .label("the largest of them")
            .help(UNTANGLE),
    );
}

fn atoms(cond: &Cond) -> usize {
    match cond {
        Cond::Any(operands) | Cond::All(operands) => operands.iter().map(atoms).sum(),
        Cond::Not(inner) => atoms(inner),
        _ => 1,
    }
}

/// No condition is always or never true by itself, and no operand of an `and` or `or` can be left out without a change.
pub fn conditions_decide_something(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    each_condition(analysis, found, &mut |site, at, found| {
        let whole = analysis.part_holds(&site.condition.cond, at);
        if whole != TRUE && whole != FALSE {
            return operands(analysis, &site.condition.cond, at, found);
        }
        let shown = analysis.model.written(site.condition.span);
        let diagnostic = if whole == TRUE {
            Diagnostic::new(&CONDITION_ALWAYS_TRUE, site.condition.span, format!("`{shown}` holds in every variant"))
                .label("excludes nothing")
                .help("leave it out, or compare with another value")
        } else {
            Diagnostic::new(&CONDITION_ALWAYS_FALSE, site.condition.span, format!("`{shown}` can never hold"))
                .label("true for no value of the facts")
                .help("compare with other values, or join with `or`")
        };
        found.push(diagnostic);
    });
}

/// Conditions over facts alone, each once: a skip rule is read at every phase it names.
fn each_condition(
    analysis: &Analysis<'_>,
    found: &mut Vec<Diagnostic>,
    visit: &mut dyn FnMut(Site<'_>, Position, &mut Vec<Diagnostic>),
) {
    let mut seen: rustc_hash::FxHashSet<Span> = Default::default();
    analysis.sites(&mut |site| {
        if seen.insert(site.condition.span) && speaks_of_facts(&site.condition.cond) {
            let at = if site.role.is_final() { Position::EndOf(NodeId::new(0)) } else { site.at };
            found.append(&mut analysis.by_itself(site.condition.span, "what this condition excludes", || {
                let mut own = Vec::new();
                visit(site, at, &mut own);
                own
            }));
        }
    });
}

fn speaks_of_facts(cond: &Cond) -> bool {
    match cond {
        Cond::Any(operands) | Cond::All(operands) => operands.iter().all(speaks_of_facts),
        Cond::Not(inner) => speaks_of_facts(inner),
        Cond::Measure(_) | Cond::Fault => false,
        _ => true,
    }
}

fn operands(analysis: &Analysis<'_>, cond: &Cond, at: Position, found: &mut Vec<Diagnostic>) {
    let (parts, is_and) = match cond {
        Cond::All(parts) => (parts, true),
        Cond::Any(parts) => (parts, false),
        Cond::Not(inner) => return operands(analysis, inner, at, found),
        _ => return,
    };
    let holds: Vec<Diagram> = parts.iter().map(|part| analysis.part_holds(part, at)).collect();
    for group in sharing(analysis, &holds) {
        repeated_in(analysis, parts, &holds, &group, is_and, found);
    }
    parts.iter().for_each(|part| operands(analysis, part, at, found));
}

/// The operands by the variables they share, directly or through others: only such can say what another one says. A
/// constant stands alone.
fn sharing(analysis: &Analysis<'_>, holds: &[Diagram]) -> Vec<Vec<usize>> {
    let mut group: SmallVec<[usize; 8]> = (0..holds.len()).collect();
    fn root(group: &mut [usize], mut index: usize) -> usize {
        while group[index] != index {
            group[index] = group[group[index]];
            index = group[index];
        }
        index
    }
    let asks = |(index, operand): (usize, &Diagram)| {
        analysis.support(*operand).into_iter().map(move |variable| (variable, index))
    };
    let mut asked: SmallVec<[(Variable, usize); 8]> = holds.iter().enumerate().flat_map(asks).collect();
    asked.sort_unstable();
    for pair in asked.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        let (a, b) = (root(&mut group, pair[0].1), root(&mut group, pair[1].1));
        group[a.max(b)] = a.min(b);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..holds.len() {
        groups.entry(root(&mut group, index)).or_default().push(index);
    }
    groups.into_values().collect()
}

fn repeated_in(
    analysis: &Analysis<'_>,
    parts: &[Cond],
    holds: &[Diagram],
    group: &[usize],
    is_and: bool,
    found: &mut Vec<Diagnostic>,
) {
    let join = |a: Diagram, b: Diagram| if is_and { analysis.and(a, b) } else { analysis.or(a, b) };
    let neutral = if is_and { TRUE } else { FALSE };
    if group.len() == 1 && holds[group[0]] != neutral {
        return;
    }
    // `before[i]`: all operands left of i. From the right, what was kept so far; so of two equal ones the later goes.
    let mut before = vec![neutral];
    for index in group {
        before.push(join(*before.last().expect("begins with one"), holds[*index]));
    }
    let whole = before[group.len()];
    let mut kept = neutral;
    for (position, index) in group.iter().enumerate().rev() {
        if join(before[position], kept) == whole {
            found.push(repeated(analysis, parts, *index, is_and, holds[*index] == neutral));
        } else {
            kept = join(kept, holds[*index]);
        }
    }
}

fn repeated(analysis: &Analysis<'_>, parts: &[Cond], index: usize, is_and: bool, constant: bool) -> Diagnostic {
    let span = extent(&parts[index]);
    let word = if is_and { "and" } else { "or" };
    let Some(span) = span else {
        return Diagnostic::new(&CONDITION_REPEATED, Span::default(), "part of a condition changes nothing");
    };
    let shown = analysis.model.written(span);
    let diagnostic = Diagnostic::new(&CONDITION_REPEATED, span, format!("`{shown}` changes nothing here"))
        // What is shown is without its `not`.
        .label(match (constant, is_and != matches!(parts[index], Cond::Not(_))) {
            (true, true) => "holds in every variant by itself".to_string(),
            (true, false) => "holds in no variant by itself".to_string(),
            _ => format!("the other operands of this `{word}` already say it"),
        })
        .help("leave it out, or compare with another value");
    // Only a bare operand can be cut out: parentheses around one belong to no operand's place.
    let neighbour = if index > 0 { extent(&parts[index - 1]) } else { parts.get(1).and_then(extent) };
    let simple = matches!(parts[index], Cond::Fact(_) | Cond::Ran(..) | Cond::Skipped(..));
    match neighbour {
        Some(neighbour) if simple => {
            let cut =
                if index > 0 { Span { start: neighbour.end, ..span } } else { Span { end: neighbour.start, ..span } };
            let between = &analysis.model.text_of(cut.file)[cut.range()];
            if between.contains(['(', ')']) && !shown.contains('(') {
                return diagnostic;
            }
            let edit = Edit { span: cut, text: String::new() };
            diagnostic.with_fix(format!("remove `{shown}`"), Applicability::Safe, vec![edit])
        }
        _ => diagnostic,
    }
}

fn extent(cond: &Cond) -> Option<Span> {
    match cond {
        Cond::Any(parts) | Cond::All(parts) => {
            let first = parts.first().and_then(extent)?;
            Some(first.to(parts.last().and_then(extent)?))
        }
        Cond::Not(inner) => extent(inner),
        Cond::Fact(atom) => Some(atom.span),
        Cond::Ran(_, span) | Cond::Skipped(_, span) => Some(*span),
        Cond::Measure(atom) => Some(atom.span),
        Cond::Fault => None,
    }
}
