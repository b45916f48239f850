//! Tests: what is expected of the variants that agree with what they assume.

use super::{Judged, MOST_PLACES, Order, PROPERTY_VACUOUS, TEST_FAILS, TEST_IMPOSSIBLE, skipped_by};
use crate::analysis::{Analysis, Load};
use crate::checks::numbers::with_parts;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Expectation, ExpectationKind, NodeId, NodeKind, Place, Test, Way, listed};
use crate::source::Span;
use crate::syntax::ast::Comparison;

/// Each test can be met, and its expectations hold.
pub fn tests_hold(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for test in &analysis.model.tests {
        let asked = || match impossible(analysis, test) {
            Some(diagnostic) => vec![diagnostic],
            None => {
                let given = analysis.given(&test.given);
                let asked = |expected: &Expectation| {
                    let asked = || failures(analysis, test, given, expected);
                    analysis.by_itself(expected.span, "whether this expectation holds", asked)
                };
                test.expect.iter().flat_map(asked).collect()
            }
        };
        found.extend(analysis.by_itself(test.name.span, "whether this test holds", asked));
    }
}

/// Why no variant agrees with what a test assumes.
fn impossible(analysis: &Analysis<'_>, test: &Test<'_>) -> Option<Diagnostic> {
    let model = &analysis.model;
    let named = |fact: crate::model::FactId| model.facts[fact.index()].name;
    for binding in &test.given {
        if let (None, Some(node)) = (analysis.binds(binding, &test.given), binding.at) {
            let fact = named(binding.fact);
            let what = format!("{} neither decides nor revises `{}`", analysis.described(node), fact.name);
            return Some(
                Diagnostic::new(&TEST_IMPOSSIBLE, binding.span, what)
                    .label("there is no such version")
                    .related(fact.span, "declared here")
                    .help(format!("write `{}` for its last version", fact.name)),
            );
        }
    }
    if analysis.possible(analysis.given(&test.given)) != FALSE {
        return None;
    }
    // Those that can be left out have no part in it.
    let mut kept: Vec<usize> = (0..test.given.len()).collect();
    for index in 0..test.given.len() {
        let rest = kept.iter().filter(|other| **other != index);
        let all = rest.fold(TRUE, |all, other| analysis.and(all, analysis.bound(&test.given[*other], &test.given)));
        if analysis.possible(all) == FALSE {
            kept.retain(|other| *other != index);
        }
    }
    let (index, others) = kept.split_last()?;
    let last = &test.given[*index];
    let written = model.written(last.span);
    let twice = others
        .iter()
        .any(|other| analysis.binds(&test.given[*other], &test.given) == analysis.binds(last, &test.given));
    let mut diagnostic =
        Diagnostic::new(&TEST_IMPOSSIBLE, last.span, format!("no variant agrees with `{written}` and the rest"))
            .label(if twice { "a second value of the same fact" } else { "cannot be so" });
    for other in others {
        diagnostic = diagnostic.related(test.given[*other].span, "when this is so");
    }
    for binding in kept.iter().map(|index| &test.given[*index]) {
        if let Some(when) = model.option_of(binding).and_then(|option| option.when.as_ref()) {
            let answer = model.written(binding.span);
            diagnostic = diagnostic.related(when.span, format!("`{answer}` is offered only where this holds"));
        }
    }
    let mut revisers: Vec<Span> = kept
        .iter()
        .flat_map(|index| &model.facts[test.given[*index].fact.index()].revisers)
        .map(|(_, span)| *span)
        .collect();
    revisers.sort();
    revisers.dedup();
    if !twice {
        for span in revisers {
            diagnostic = diagnostic.related(span, "the revision between its versions");
        }
    }
    Some(diagnostic.help("assume what can be so together, or leave one of these out"))
}

fn failures(analysis: &Analysis<'_>, test: &Test<'_>, given: Diagram, expected: &Expectation) -> Vec<Diagnostic> {
    let told = Told { analysis, test, given, span: expected.span };
    let failure = match &expected.kind {
        ExpectationKind::Runs(nodes) => told.run(nodes),
        ExpectationKind::Skips { exactly: false, nodes } => told.are_skipped(nodes),
        ExpectationKind::Skips { exactly: true, nodes } => {
            let others: Vec<NodeId> = analysis.model.phases().filter(|phase| !nodes.contains(phase)).collect();
            return told.are_skipped(nodes).into_iter().chain(told.run(&others)).collect();
        }
        ExpectationKind::Count { what, comparison, number } => told.count(*what, *comparison, *number),
        ExpectationKind::Items { gate, comparison, number } => told.asks(*gate, *comparison, *number),
        ExpectationKind::Calls { most } => told.starts_at_most(*most),
        ExpectationKind::Leads { gate, to } => told.leads(*gate, *to),
        ExpectationKind::Before(first, second) => told.comes_before(*first, *second),
    };
    failure.into_iter().collect()
}

/// An expectation, and the variants it speaks of.
struct Told<'a, 's> {
    analysis: &'a Analysis<'s>,
    test: &'a Test<'s>,
    given: Diagram,
    span: Span,
}

impl Told<'_, '_> {
    fn run(&self, nodes: &[NodeId]) -> Option<Diagnostic> {
        self.each(nodes, false)
    }

    fn are_skipped(&self, nodes: &[NodeId]) -> Option<Diagnostic> {
        self.each(nodes, true)
    }

    /// All of them run, or none does, in every variant.
    fn each(&self, nodes: &[NodeId], skipped: bool) -> Option<Diagnostic> {
        let (analysis, model) = (self.analysis, &self.analysis.model);
        let mut wrong = Vec::new();
        for node in nodes {
            let before = Position::Before(*node);
            if analysis.within_reach(self.given, before) == FALSE {
                return Some(self.never_reached(before));
            }
            let run = analysis.run(*node);
            if let Some(each) = model.each_left(*node, NodeId::new(0)).filter(|_| !skipped) {
                return Some(self.may_have_no_task(*node, each));
            }
            let fault = if skipped { analysis.and(self.given, run) } else { analysis.and_not(self.given, run) };
            if analysis.within_reach(fault, before) != FALSE {
                wrong.push((*node, fault));
            }
        }
        let (node, fault) = *wrong.first()?;
        let names: Vec<&str> = wrong.iter().map(|(node, _)| model.node(*node).name.name).collect();
        let verb = match (wrong.len(), skipped) {
            (1, true) => "runs although it is expected to be skipped",
            (1, false) => "is skipped although it is expected to run",
            (_, true) => "run although they are expected to be skipped",
            (_, false) => "are skipped although they are expected to run",
        };
        let subject = if wrong.len() == 1 { analysis.described(node) } else { listed(&names) };
        let mut diagnostic = self.diagnostic(format!("{subject} {verb}"));
        for (node, fault) in wrong.iter().take(MOST_PLACES) {
            let (place, why) = if skipped { runs_by(analysis, *node) } else { skipped_by(analysis, *node, *fault) };
            diagnostic = diagnostic.related(place, why);
        }
        // The step of the item itself says that it runs or is skipped, and why.
        let example = analysis.example(fault, Position::Before(node), &[node], String::new());
        Some(match example {
            Some(mut example) => {
                example.steps.pop();
                diagnostic.example(example)
            }
            None => diagnostic,
        })
    }

    /// What happens for each task happens never where there is none.
    fn may_have_no_task(&self, node: NodeId, each: NodeId) -> Diagnostic {
        let task = self.analysis.model.node(each).name;
        let message = format!("{} need not run: it is done for each `{}`", self.analysis.described(node), task.name);
        Diagnostic::new(&TEST_FAILS, self.span, message)
            .label(self.label())
            .related(task.span, format!("there may be no `{}`", task.name))
            .help("expect it of what stands around the `each`")
    }

    /// The variants of the test in which a gate stands; or what to say where there are none.
    fn standing(&self, gate: NodeId) -> Result<Diagram, Box<Diagnostic>> {
        let (analysis, before) = (self.analysis, Position::Before(gate));
        if analysis.within_reach(self.given, before) == FALSE {
            return Err(Box::new(self.never_reached(before)));
        }
        let stands = analysis.and(self.given, analysis.run(gate));
        if analysis.within_reach(stands, before) == FALSE {
            let why = format!("{} is left out in these variants", analysis.described(gate));
            return Err(Box::new(self.vacuous(why)));
        }
        Ok(stands)
    }

    /// As many items of a gate apply in every variant in which it stands.
    fn asks(&self, gate: NodeId, comparison: Comparison, number: i64) -> Option<Diagnostic> {
        let (analysis, before) = (self.analysis, Position::Before(gate));
        let stands = match self.standing(gate) {
            Ok(stands) => stands,
            Err(diagnostic) => return Some(*diagnostic),
        };
        let items = analysis.model.gate_items(gate);
        let when: Vec<(Span, Diagram)> = items
            .iter()
            .filter_map(|item| item.when.as_ref().map(|when| (when.span, analysis.holds(when, before))))
            .collect();
        let numbers = analysis.items_applying(gate, &items, stands);
        let wrong = |asked: &usize| !comparison.holds(*asked as i64, number);
        let (asked, variants) = numbers.into_iter().find(|(asked, _)| wrong(asked))?;
        let s = if asked == 1 { "" } else { "s" };
        let asks = format!("{} asks for {asked} item{s}", analysis.described(gate));
        let mut diagnostic = self
            .diagnostic(format!("{asks}, and `{} {number}` is expected", comparison.symbol()))
            .related(analysis.model.node(gate).name.span, "this gate");
        for (span, holds) in when.iter().take(MOST_PLACES) {
            if analysis.possible(analysis.and_not(variants, *holds)) != FALSE {
                diagnostic = diagnostic.related(*span, "asked for only where this holds");
            }
        }
        Some(if when.is_empty() { diagnostic } else { self.with_example(diagnostic, variants, before, asks) })
    }

    /// Agents are started so often at most, however much is done again.
    fn starts_at_most(&self, most: i64) -> Option<Diagnostic> {
        let excess = self.analysis.exceeds(NodeId::new(0), Load::Calls, most, self.given)?;
        let calls = |number: i64| if number == 1 { "1 call".to_string() } else { format!("{number} calls") };
        let message = format!("{} in the worst case, and at most {most} are expected", calls(excess.amount));
        let diagnostic = with_parts(self.analysis, self.diagnostic(message), &excess, calls);
        let last = format!("the run may need {}", calls(excess.amount));
        Some(self.with_example(diagnostic, excess.given, Position::EndOf(NodeId::new(0)), last))
    }

    /// In every variant in which a gate stands this comes of it.
    fn leads(&self, gate: NodeId, to: Way) -> Option<Diagnostic> {
        let (analysis, before) = (self.analysis, Position::Before(gate));
        let model = &analysis.model;
        let stands = match self.standing(gate) {
            Ok(stands) => stands,
            Err(diagnostic) => return Some(*diagnostic),
        };
        let turns = analysis.turns(gate);
        if turns.is_empty() {
            let message = format!("no fact decides what comes of {}", analysis.described(gate));
            return Some(
                Diagnostic::new(&TEST_FAILS, self.span, message)
                    .label(self.label())
                    .related(model.node(gate).name.span, "it compares nothing, and it offers no answers")
                    .help("expect it of a gate that compares facts or offers answers"),
            );
        }
        let (turn, mut fault) = turns.into_iter().filter(|turn| turn.to != to).find_map(|turn| {
            let fault = analysis.and(stands, turn.when);
            (analysis.within_reach(fault, before) != FALSE).then_some((turn, fault))
        })?;
        let leads = format!("{} leads to `{}`", analysis.described(gate), model.way(turn.to));
        let mut diagnostic = self.diagnostic(format!("{leads}, and `{}` is expected", model.way(to)));
        let conditions = model.gate(gate).map(|gate| &gate.conditions[..]).unwrap_or_default();
        for condition in conditions {
            let fails = analysis.and_not(fault, analysis.holds(condition, before));
            if analysis.within_reach(fails, before) != FALSE {
                fault = fails;
                diagnostic = diagnostic.related(condition.span, "does not hold");
                break;
            }
        }
        Some(self.with_example(diagnostic.related(turn.span, "so it comes to this"), fault, before, leads))
    }

    fn count(&self, what: NodeKind, comparison: Comparison, number: i64) -> Option<Diagnostic> {
        let analysis = self.analysis;
        let end = Position::EndOf(NodeId::new(0));
        if analysis.within_reach(self.given, end) == FALSE {
            return Some(self.never_reached(end));
        }
        let nodes: Vec<NodeId> = analysis.model.nodes_of(what).collect();
        let numbers = analysis.numbers_running(&nodes, self.given);
        let (counted, variants) = numbers.iter().find(|(counted, _)| !comparison.holds(**counted as i64, number))?;
        let others: Vec<String> = numbers.keys().filter(|other| *other != counted).map(usize::to_string).collect();
        // One of these variants, as far as the items tell them apart.
        let mut variant = *variants;
        let mut skipped = Vec::new();
        for node in &nodes {
            let without = analysis.within_reach(analysis.and_not(variant, analysis.run(*node)), end);
            if without == FALSE {
                variant = analysis.and(variant, analysis.run(*node));
            } else {
                variant = without;
                skipped.push(*node);
            }
        }
        let s = if *counted == 1 { "" } else { "s" };
        let verb = if *counted == 1 { "runs" } else { "run" };
        let message =
            format!("{counted} {}{s} {verb}, and `{} {number}` is expected", what.word(), comparison.symbol());
        let mut diagnostic = self.diagnostic(message);
        if !others.is_empty() {
            diagnostic = diagnostic.note(format!("in other variants of this test: {}", others.join(", ")));
        }
        for node in skipped.iter().take(MOST_PLACES) {
            let (place, why) = skipped_by(analysis, *node, variant);
            diagnostic = diagnostic.related(place, why);
        }
        let last = format!("the end is reached with {counted} {}{s}", what.word());
        match analysis.example(variant, end, &skipped, last) {
            Some(example) => Some(diagnostic.example(example)),
            None => Some(diagnostic),
        }
    }

    fn with_example(&self, diagnostic: Diagnostic, fault: Diagram, at: Position, last: String) -> Diagnostic {
        match self.analysis.example(fault, at, &[], last) {
            Some(example) => diagnostic.example(example),
            None => diagnostic,
        }
    }

    /// What is expected is of something that never happens.
    fn vacuous(&self, why: String) -> Diagnostic {
        Diagnostic::new(&PROPERTY_VACUOUS, self.span, why)
            .label("so this expectation says nothing")
            .help("expect it of something that happens in this test, or remove it")
    }

    fn comes_before(&self, first: Place, second: Place) -> Option<Diagnostic> {
        let order = Order { analysis: self.analysis, first, second, within: self.given };
        match order.judge() {
            Judged::Holds => None,
            Judged::Vacuous(why) => Some(self.vacuous(why)),
            Judged::Fails(fault) => Some(order.diagnostic(&TEST_FAILS, self.span, &self.label(), fault).help(HELP)),
        }
    }

    /// Nobody gets there, so that nothing can be expected.
    fn never_reached(&self, at: Position) -> Diagnostic {
        let (analysis, model) = (self.analysis, &self.analysis.model);
        let what = match at {
            Position::Before(node) => analysis.described(node),
            Position::EndOf(_) => "the end".to_string(),
        };
        let mut open = analysis.possible(self.given);
        let stopped = (0..model.nodes.len()).map(NodeId::new).find(|node| {
            let (Position::Before(place) | Position::EndOf(place)) = at;
            if analysis.graph.settled(model, *node, at) && model.each_left(*node, place).is_none() {
                open = analysis.possible(analysis.and(open, analysis.lets_through(*node)));
            }
            open == FALSE
        });
        let diagnostic = self.diagnostic(format!("{what} is never reached in the variants of this test"));
        match stopped {
            Some(node) => diagnostic
                .related(model.node(node).name.span, format!("{} lets none of them through", analysis.described(node))),
            None => diagnostic,
        }
    }

    fn diagnostic(&self, message: String) -> Diagnostic {
        Diagnostic::new(&TEST_FAILS, self.span, message).label(self.label()).help(HELP)
    }

    fn label(&self) -> String {
        format!("expected by test \"{}\"", self.test.name.content())
    }
}

const HELP: &str = "change the workflow, or expect what it does";

/// Where it is said that an item runs.
fn runs_by(analysis: &Analysis<'_>, node: NodeId) -> (Span, String) {
    let item = analysis.model.node(node);
    match &item.when {
        Some(when) => (when.span, format!("{} runs when this holds", analysis.described(node))),
        None => (item.name.span, format!("{} has no condition of its own", analysis.described(node))),
    }
}
