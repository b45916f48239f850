//! What the compiler says about a program beside what its runs show.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;

use gatewright::diagnostic::{Code, Severity};
use gatewright::source::SourceMap;
use gatewright::{checks, compile, graph, model, syntax};

use super::generate;
use super::program::{Item, Program};
use super::run::{Leniency, Plan, Seen, Variant, explore};

/// Programs with more states are not judged; the test holds that they are few.
const BUDGET: usize = 40_000;

/// Faults that one run shows: reported, unless no run shows them.
pub const SHOWN_BY_A_RUN: &[&str] = &[
    "fact-undecided-in-variant",
    "fact-read-too-early",
    "missing-artifact",
    "artifact-produced-twice",
    "once-reads-the-pass",
    "redo-of-skipped",
    "irreversible-without-approval",
    "gate-without-evidence",
    "gate-guards-nothing",
    "requires-skipped",
    "skip-of-required",
    "property-fails",
    "no-way-to-the-end",
    "gate-asks-the-impossible",
];

/// Any of these says that something never happens.
const NEVER: &[&str] = &["condition-always-false", "condition-always-true", "dead-phase", "unreachable-item"];

/// How a verdict and the runs disagree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disagreement {
    /// A run shows it, and nothing at all was reported.
    Missed(&'static str),
    /// A run shows it, and only something else was reported.
    Hidden(&'static str),
    /// It was reported that something never happens, and it happens.
    Wrong(&'static str),
    /// It was reported, no run shows it, and the reason is known.
    Explained(&'static str, &'static str),
    /// The variant of the report is none in which a run shows it.
    Elsewhere(&'static str),
    /// It was reported, and no run shows it.
    Stricter(&'static str),
}

impl Disagreement {
    /// It is of a class that `docs/proofs.md` explains.
    pub fn is_explained(&self) -> bool {
        matches!(self, Disagreement::Explained(..))
    }
}

/// One judged program.
pub enum Judged {
    /// Not even the names are clean, or the oracle does not know all of it.
    Refused(String),
    TooLarge,
    Compared(Compared),
}

#[derive(Default)]
pub struct Compared {
    said: BTreeMap<String, Severity>,
    shown: BTreeSet<&'static str>,
    states: usize,
    /// Counter-examples that were run again.
    replayed: usize,
    disagreements: Vec<Disagreement>,
}

fn codes() -> impl Iterator<Item = &'static Code> {
    let early = [syntax::CODES, graph::CODES].into_iter();
    early.chain(model::CODES.iter().copied()).chain(checks::CODES.iter().copied()).flatten().copied()
}

/// Whether the compiler has this check.
pub fn is_asked(name: &str) -> bool {
    codes().any(|code| code.name == name)
}

pub fn judge(program: &Program) -> Judged {
    let mut sources = SourceMap::new();
    let file = sources.add("w.wf", program.text());
    let checked = compile::check(&sources, file);
    // A part that applies nowhere does nothing in any run: with or without it they are the same.
    let judged = checked.diagnostics.iter().filter(|found| found.code.name != "dead-part");
    let said: BTreeMap<String, Severity> =
        judged.map(|found| (found.code.name.to_string(), found.severity())).collect();
    let errors = said.iter().filter(|(_, severity)| **severity == Severity::Error);
    // Where no producer stands before the reader, the same fault has a name of its own.
    let errors: BTreeSet<&str> = errors
        .map(|(name, _)| if name == "artifact-never-produced" { "missing-artifact" } else { name.as_str() })
        .collect();
    let known = |name: &&str| SHOWN_BY_A_RUN.contains(name) || NEVER.contains(name);
    if let Some(other) = errors.iter().find(|name| !known(name)) {
        return Judged::Refused((*other).to_string());
    }
    let plan = match Plan::new(program) {
        Ok(plan) => plan,
        Err(why) => return Judged::Refused(why),
    };
    let Some(seen) = explore(&plan, &Variant::default(), Leniency::None, BUDGET) else { return Judged::TooLarge };
    let mut disagreements = Vec::new();
    let mut shown = faults(&plan, &seen);
    // Whether a gate inside of an `each` can be passed is asked as if there were tasks.
    const IMPOSSIBLE: &str = "gate-asks-the-impossible";
    if shown.contains(IMPOSSIBLE)
        && !errors.contains(IMPOSSIBLE)
        && explore(&plan, &Variant::default(), Leniency::Tasks, BUDGET)
            .is_some_and(|seen| !faults(&plan, &seen).contains(IMPOSSIBLE))
    {
        shown.remove(IMPOSSIBLE);
    }
    // What is asked of names and order alone comes first; where it finds something, nothing is asked of variants.
    let first = [
        ("fact-read-too-early", plan.reads_too_early()),
        ("redo-of-skipped", plan.redoes_out_of_place()),
        ("fact-undecided-in-variant", plan.revises_beside_a_reader()),
        ("once-reads-the-pass", plan.reads_the_pass()),
    ];
    for (question, is_so) in first {
        if is_so && !errors.contains(question) {
            disagreements.push(Disagreement::Missed(question));
        }
    }
    if first.iter().any(|(_, is_so)| *is_so) {
        return Judged::Compared(Compared { said, shown, states: seen.states, replayed: 0, disagreements });
    }
    // What follows from a condition without a value, or that never holds, is not said; a run stops at the former.
    let unreadable = errors.contains("fact-undecided-in-variant") || shown.contains("fact-undecided-in-variant");
    let follows = |question: &str| {
        let never = NEVER.iter().any(|name| errors.contains(name)) || errors.contains("gate-asks-the-impossible");
        let said_otherwise = ["no-way-to-the-end", "gate-asks-the-impossible"];
        // Claims are not judged of items that nobody gets to.
        let claims = question == "property-fails" && errors.contains("unreachable-item");
        claims || errors.contains("condition-always-false") || never && said_otherwise.contains(&question)
    };
    for question in SHOWN_BY_A_RUN.iter().copied().filter(|name| is_asked(name)) {
        if unreadable && question != "fact-undecided-in-variant" {
            continue;
        }
        match (errors.contains(question), shown.contains(question)) {
            (false, true) if errors.is_empty() => disagreements.push(Disagreement::Missed(question)),
            (false, true) if !follows(question) => disagreements.push(Disagreement::Hidden(question)),
            (true, false) => disagreements.push(stricter(&plan, question)),
            _ => {}
        }
    }
    let mut replayed = 0;
    for found in checked.diagnostics.iter().filter(|found| found.is_error() && !found.variant.is_empty()) {
        let question = SHOWN_BY_A_RUN.iter().copied().find(|name| *name == found.code.name);
        let Some(question) = question.filter(|name| seen.faults.keys().any(|(what, _)| what == name)) else { continue };
        if unreadable && question != "fact-undecided-in-variant" {
            continue;
        }
        replayed += 1;
        match plan.variant(&found.variant) {
            Ok(variant) if shows_in(&plan, &variant, question) => {}
            _ => disagreements.push(Disagreement::Elsewhere(question)),
        }
    }
    if !unreadable {
        let mut found = never(program, &plan, &seen, &said);
        // What is so of all tasks because of the file that they come from is not asked.
        if found.iter().any(|found| matches!(found, Disagreement::Missed(_)))
            && let Some(seen) = explore(&plan, &Variant::default(), Leniency::Tasks, BUDGET)
        {
            let still = never(program, &plan, &seen, &said);
            found.retain(|found| !matches!(found, Disagreement::Missed(_)) || still.contains(found));
        }
        disagreements.extend(found);
    }
    Judged::Compared(Compared { said, shown, states: seen.states, replayed, disagreements })
}

/// What is wrong in some run, and gates that begin and whose comparisons never hold.
fn faults(plan: &Plan, seen: &Seen) -> BTreeSet<&'static str> {
    let impossible = plan.comparing().any(|gate| seen.began[gate] && !seen.held.contains(&gate));
    seen.faults.keys().map(|(what, _)| *what).chain(impossible.then_some("gate-asks-the-impossible")).collect()
}

/// Whether runs of a variant show it, if need be with leniency.
fn shows_in(plan: &Plan, variant: &Variant, question: &str) -> bool {
    let behind = (1..plan.nodes.len()).map(Leniency::Behind);
    [Leniency::None, Leniency::Passes, Leniency::Tasks].into_iter().chain(behind).any(|leniency| {
        let seen = explore(plan, variant, leniency, BUDGET);
        seen.is_some_and(|seen| seen.faults.keys().any(|(what, _)| *what == question))
    })
}

/// Why a verdict is stricter than all runs: the leniency under which runs show it.
fn stricter(plan: &Plan, question: &'static str) -> Disagreement {
    let shows = |leniency| {
        let seen = explore(plan, &Variant::default(), leniency, BUDGET);
        seen.is_some_and(|seen| faults(plan, &seen).contains(question))
    };
    let behind = |node: usize| {
        let seen = explore(plan, &Variant::default(), Leniency::Behind(node), BUDGET);
        seen.is_some_and(|seen| seen.faults.contains_key(&(question, plan.nodes[node].name.clone())))
    };
    if question == "missing-artifact" && plan.reads_what_comes_from_nowhere() {
        Disagreement::Explained(question, "order")
    } else if question == "irreversible-without-approval" && shows(Leniency::Passes) {
        Disagreement::Explained(question, "passes")
    } else if shows(Leniency::Tasks) {
        Disagreement::Explained(question, "tasks")
    } else if (0..plan.nodes.len()).any(behind) {
        Disagreement::Explained(question, "behind")
    } else {
        Disagreement::Stricter(question)
    }
}

/// Reports that something never happens, or always.
fn never(program: &Program, plan: &Plan, seen: &Seen, said: &BTreeMap<String, Severity>) -> Vec<Disagreement> {
    let mut disagreements = Vec::new();
    let sound = !said.values().any(|severity| *severity == Severity::Error);
    if said.contains_key("gate-asks-the-impossible") && plan.comparing().all(|gate| seen.held.contains(&gate)) {
        disagreements.push(Disagreement::Wrong("gate-asks-the-impossible"));
    }
    let never = NEVER.iter().find(|name| said.contains_key(**name));
    let idle = (1..plan.nodes.len()).find(|node| !seen.began[*node]);
    match (never, idle) {
        (Some(said), None) if seen.complete && !said.starts_with("condition") => {
            disagreements.push(Disagreement::Wrong(said));
        }
        (None, Some(_)) if sound => disagreements.push(Disagreement::Missed("dead-phase")),
        _ => {}
    }
    if sound && !seen.complete {
        disagreements.push(Disagreement::Missed("no-way-to-the-end"));
    }
    if said.contains_key("property-vacuous") && seen.complete && seen.claimed.iter().all(|claimed| *claimed) {
        disagreements.push(Disagreement::Wrong("property-vacuous"));
    }
    let optional: Vec<usize> = optional(program, plan).collect();
    if said.contains_key("false-optional") && optional.iter().all(|node| seen.optional[*node]) {
        disagreements.push(Disagreement::Wrong("false-optional"));
    }
    if sound && !said.contains_key("false-optional") && !said.contains_key("condition-always-true") {
        let always = optional.iter().any(|node| !seen.optional[*node]);
        if always && is_asked("false-optional") {
            disagreements.push(Disagreement::Missed("false-optional"));
        }
    }
    disagreements
}

/// Items that say `when`.
fn optional<'p>(program: &'p Program, plan: &'p Plan) -> impl Iterator<Item = usize> + 'p {
    fn names<'p>(items: &'p [Item], found: &mut Vec<&'p str>) {
        for item in items {
            if item.when.is_some() {
                found.push(&item.name);
            }
            names(&item.body, found);
        }
    }
    let mut found = Vec::new();
    names(&program.items, &mut found);
    (1..plan.nodes.len()).filter(move |node| found.contains(&plan.nodes[*node].name.as_str()))
}

/// What came out of many programs.
#[derive(Default)]
pub struct Tally {
    pub judged: usize,
    /// Programs without an error.
    pub sound: usize,
    pub too_large: usize,
    pub refused: BTreeMap<String, usize>,
    /// Programs by what was said of them, and by what their runs show.
    pub said: BTreeMap<String, usize>,
    pub shown: BTreeMap<&'static str, usize>,
    states: usize,
    replayed: usize,
    /// With the numbers of the programs.
    pub disagreements: BTreeMap<Disagreement, Vec<u64>>,
}

impl Tally {
    fn add(&mut self, number: u64, judged: Judged) {
        let compared = match judged {
            Judged::Refused(why) => return *self.refused.entry(why).or_default() += 1,
            Judged::TooLarge => return self.too_large += 1,
            Judged::Compared(compared) => compared,
        };
        self.judged += 1;
        self.sound += usize::from(!compared.said.values().any(|severity| *severity == Severity::Error));
        self.states += compared.states;
        self.replayed += compared.replayed;
        for name in compared.said.into_keys() {
            *self.said.entry(name).or_default() += 1;
        }
        for what in compared.shown {
            *self.shown.entry(what).or_default() += 1;
        }
        for disagreement in compared.disagreements {
            self.disagreements.entry(disagreement).or_default().push(number);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} programs judged, {} without an error; {} too large; {} states; {} counter-examples run again",
            self.judged, self.sound, self.too_large, self.states, self.replayed
        )?;
        writeln!(f, "refused: {:?}\nsaid: {:#?}\nshown: {:#?}", self.refused, self.said, self.shown)?;
        for (disagreement, numbers) in &self.disagreements {
            let some: Vec<&u64> = numbers.iter().take(5).collect();
            writeln!(f, "{disagreement:?}: {} times, {some:?}", numbers.len())?;
        }
        Ok(())
    }
}

/// Judges the programs with these numbers, side by side.
pub fn tally(numbers: &[Range<u64>]) -> Tally {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let judged = std::thread::scope(|scope| {
        let work = |worker: usize| {
            scope.spawn(move || {
                let numbers = numbers.iter().cloned().flatten().skip(worker).step_by(workers);
                numbers.map(|number| (number, judge(&generate::program(number)))).collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..workers).map(work).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("a worker does not panic")).collect::<Vec<_>>()
    });
    let mut judged = judged;
    judged.sort_by_key(|(number, _)| *number);
    let mut tally = Tally::default();
    for (number, judged) in judged {
        tally.add(number, judged);
    }
    tally
}

/// The smallest program of this disagreement that can be made from one, with the way it is shown.
pub fn explained(number: u64, disagreement: &Disagreement) -> String {
    let shows = |program: &Program| matches!(judge(program), Judged::Compared(compared) if compared.disagreements.contains(disagreement));
    let smallest = generate::shrink(&generate::program(number), &shows);
    let mut out = format!("── program {number}: {disagreement:?}\n{}", smallest.text());
    if let Judged::Compared(compared) = judge(&smallest) {
        out.push_str(&format!("said: {:?}\n", compared.said.keys().collect::<Vec<_>>()));
    }
    out.push_str(&shown(&smallest));
    out
}

/// What runs of a program show, each with the way there.
pub fn shown(program: &Program) -> String {
    let plan = match Plan::new(program) {
        Ok(plan) => plan,
        Err(why) => return why,
    };
    let Some(seen) = explore(&plan, &Variant::default(), Leniency::None, BUDGET) else {
        return "too large".to_string();
    };
    let faults = seen.faults.iter();
    faults.map(|((what, node), at)| format!("shown: {what} at {node}: {}\n", plan.story(&seen, *at))).collect()
}

/// What is wrong with a case that names its errors in the first line.
pub fn accepted(text: &str) -> Vec<String> {
    let named = text.lines().next().and_then(|line| line.strip_prefix("//! Errors: ")).unwrap_or("not said");
    let wanted: BTreeSet<String> = named.split(", ").filter(|name| *name != "none").map(str::to_string).collect();
    let mut sources = SourceMap::new();
    let file = sources.add("w.wf", text.to_string());
    let checked = compile::check(&sources, file);
    let errors = checked.diagnostics.iter().filter(|found| found.is_error());
    let said: BTreeSet<String> = errors.map(|found| found.code.name.to_string()).collect();
    let mut faults = Vec::new();
    if !said.iter().eq(wanted.iter().filter(|name| is_asked(name))) {
        faults.push(format!("{wanted:?} expected, {said:?} reported"));
    }
    // What is refused by its form alone has no runs.
    if !wanted.iter().all(|name| SHOWN_BY_A_RUN.contains(&name.as_str())) {
        return faults;
    }
    let plan = super::read::read(text).and_then(|program| Plan::new(&program));
    let seen = plan.map(|plan| explore(&plan, &Variant::default(), Leniency::None, BUDGET));
    match seen {
        Ok(Some(seen)) => {
            let shown: BTreeSet<String> = seen.faults.keys().map(|(what, _)| what.to_string()).collect();
            if shown != wanted {
                faults.push(format!("{wanted:?} expected, {shown:?} shown by runs"));
            }
        }
        Ok(None) => faults.push("too large".to_string()),
        Err(why) => faults.push(why),
    }
    faults
}
