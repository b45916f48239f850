//! What a workflow claims of itself: properties and tests, proved for every variant that they speak of.
//!
//! Whenever something is gone back to, all that comes after it is done again: what has ended and was not voided is
//! always the beginning of a run that never goes back. So one straight pass answers for loops and redo, too.

mod expectations;

use crate::analysis::{Analysis, Start, Unmet, Why};
use crate::codes;
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{NodeId, NodeKind, Place, Property};
use crate::source::Span;

pub use expectations::tests_hold;

codes! {
    PROPERTY_FAILS: "WFT01" "property-fails" Error = "A property does not hold in every variant.",
        "`always a before b` says that whenever `b` begins, `a` has ended and was not voided since; `never b before a` is the \
         same, said from the other side. It fails where `b` does not wait for `a`, and where `b` runs in a variant in which `a` \
         is skipped. `when` narrows it to the variants in which its condition holds in the end.\n\n\
         `spawn x` on the left is any call of the agent that surely happens; on the right it is each one, also those that \
         a route or a `fix by` makes.",
        bad: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase review when size == LARGE\n\nphase ship\n\nalways review before ship\n",
        good: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase review when size == LARGE\n\nphase ship\n\nalways review before ship when size == LARGE\n";
    PROPERTY_VACUOUS: "WFT02" "property-vacuous" Warning = "A property holds only because what it speaks of never happens.",
        "Whatever is said of something that never begins is true and says nothing. Often the property names the wrong item, or \
         its `when` excludes all variants in which the item runs.",
        bad: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE\n\nalways a before b when size == SMALL\n",
        good: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE\n\nalways a before b when size == LARGE\n";
    TEST_FAILS: "WFT03" "test-fails" Error = "An expectation of a test does not hold.",
        "A test holds if its expectations hold in every variant that agrees with `given`. The variant that is shown agrees with \
         it, and the expectation is wrong there: change the workflow, or expect what it does.",
        bad: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE\n\ntest \"small work is short\" {\n  given size = SMALL\n  expect runs b\n}\n",
        good: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b when size == LARGE\n\ntest \"small work is short\" {\n  given size = SMALL\n  expect skips exactly b\n}\n";
    TEST_IMPOSSIBLE: "WFT04" "test-impossible" Error = "No variant agrees with what a test assumes.",
        "Such a test would hold whatever it expects. In `given` a bare name is the last version of a fact; but given together with \
         all that its reviser reads it is the first, and the reviser tells the last. `fact@item` is the version that one item \
         leaves.",
        bad: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b {\n  revises size upward\n}\n\nphase c when size == LARGE\n\ntest \"it shrinks\" {\n  given size@a = LARGE, size@b = SMALL\n  expect skips c\n}\n",
        good: "workflow w\n\nenum W { SMALL < LARGE }\n\nfact size: W\n\nphase a {\n  decides size\n}\n\nphase b {\n  revises size upward\n}\n\nphase c when size == LARGE\n\ntest \"it grows\" {\n  given size@a = SMALL, size@b = LARGE\n  expect runs c\n}\n";
}

/// So many places are shown of what is the same for several items.
const MOST_PLACES: usize = 4;

/// Each property holds, and says something.
pub fn properties_hold(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for property in &analysis.model.properties {
        let asked = || property_holds(analysis, property);
        found.extend(analysis.by_itself(property.span, "whether this property holds", asked));
    }
}

fn property_holds(analysis: &Analysis<'_>, property: &Property) -> Option<Diagnostic> {
    let when = property.when.as_ref().map_or(TRUE, |when| analysis.holds_finally(when));
    // `never x before y` is `always y before x`.
    let (first, second) =
        if property.never { (property.second, property.first) } else { (property.first, property.second) };
    let order = Order { analysis, first, second, within: when };
    match order.judge() {
        Judged::Holds => None,
        Judged::Vacuous(why) => {
            let narrowed = property.when.as_ref().filter(|_| order.happens_anywhere());
            let (place, help) = match narrowed {
                Some(when) => (when.span, "narrow it to variants in which that happens, or leave the condition out"),
                None => (property.span, "claim it of something that happens, or remove it"),
            };
            Some(Diagnostic::new(&PROPERTY_VACUOUS, place, why).label("so this says nothing").help(help))
        }
        Judged::Fails(fault) => {
            let help = order.way_out(&fault);
            Some(order.diagnostic(&PROPERTY_FAILS, property.span, "does not hold in every variant", fault).help(help))
        }
    }
}

/// Whenever `second` begins in the variants `within`, `first` has ended.
struct Order<'a, 's> {
    analysis: &'a Analysis<'s>,
    first: Place,
    second: Place,
    within: Diagram,
}

enum Judged {
    Holds,
    /// Nothing begins that it speaks of, in words.
    Vacuous(String),
    Fails(Fault),
}

/// A beginning that is too early.
struct Fault {
    start: Start,
    variants: Diagram,
    /// What should have ended.
    missing: Vec<NodeId>,
    /// Nothing of it comes before in the order, in any variant.
    never_before: bool,
}

impl Order<'_, '_> {
    fn judge(&self) -> Judged {
        let analysis = self.analysis;
        let mut happens = false;
        for start in beginnings(analysis, self.second) {
            let begins = analysis.and(start.when, self.within);
            if analysis.within_reach(begins, start.at) == FALSE {
                continue;
            }
            happens = true;
            let ended = ended(analysis, self.first, start.at);
            let none = ended.iter().fold(begins, |none, (_, run)| analysis.and_not(none, *run));
            if analysis.within_reach(none, start.at) != FALSE {
                let missing: Vec<NodeId> = ended.into_iter().map(|(node, _)| node).collect();
                return Judged::Fails(Fault { start, variants: none, never_before: missing.is_empty(), missing });
            }
        }
        if happens { Judged::Holds } else { Judged::Vacuous(self.never_happens()) }
    }

    fn happens_anywhere(&self) -> bool {
        beginnings(self.analysis, self.second)
            .iter()
            .any(|start| self.analysis.within_reach(start.when, start.at) != FALSE)
    }

    fn never_happens(&self) -> String {
        let shown = shown(self.analysis, self.second);
        match self.second {
            Place::Spawns(agent) if beginnings(self.analysis, self.second).is_empty() => {
                format!("nothing starts `{}`", self.analysis.model.agents[agent.index()].name.name)
            }
            _ if self.happens_anywhere() => format!("{shown} never begins in these variants"),
            _ => format!("{shown} never begins"),
        }
    }

    /// A call of the first agent that comes before a beginning, and may not happen.
    fn uncertain(&self, start: &Start) -> Option<Start> {
        let Place::Spawns(agent) = self.first else { return None };
        let settled = |call: &Start| self.analysis.graph.settled(&self.analysis.model, call.node, start.at);
        self.analysis.starts(agent).into_iter().find(settled)
    }

    /// The `each` in which the first item comes before a beginning outside of it: there may be no task.
    fn of_a_task(&self, start: &Start) -> Option<NodeId> {
        let (Place::Node(node), model) = (self.first, &self.analysis.model) else { return None };
        model.each_left(node, start.node).filter(|_| self.analysis.graph.settled(model, node, start.at))
    }

    fn way_out(&self, fault: &Fault) -> String {
        let (first, second) = (shown(self.analysis, self.first), shown(self.analysis, self.second));
        match fault.never_before {
            true if matches!(self.first, Place::Node(node) if node == fault.start.node) => {
                "nothing has ended before it begins: name another item".to_string()
            }
            true if self.uncertain(&fault.start).is_some() => {
                format!("begin {first} where nothing can leave it out, or claim something else")
            }
            true if self.of_a_task(&fault.start).is_some() => {
                format!(
                    "claim it of what stands in the same `each`, or let something behind the `each` stand for {first}"
                )
            }
            true => format!("let {second} wait for {first}: write it below"),
            false if fault.missing.iter().any(|node| !self.analysis.left_open(*node).is_empty()) => {
                format!(
                    "let {first} lead back, ask or end the run where it fails, or give a person the right to override it"
                )
            }
            false => {
                format!("let {first} run wherever {second} does, or say with `when` in which variants this is meant")
            }
        }
    }

    fn diagnostic(&self, code: &'static Code, span: Span, label: &str, fault: Fault) -> Diagnostic {
        let (analysis, model) = (self.analysis, &self.analysis.model);
        let Fault { start, variants, missing, never_before } = fault;
        let (first, second) = (shown(analysis, self.first), shown(analysis, self.second));
        let is_open =
            |gate: &NodeId| analysis.within_reach(analysis.and(variants, analysis.run(*gate)), start.at) != FALSE;
        let open = missing.iter().copied().find(is_open);
        let message = match open {
            _ if never_before => format!("{second} can begin before {first} has ended"),
            Some(_) => format!("{second} can begin although {first} is not closed"),
            None => format!("{second} can begin although {first} is skipped"),
        };
        let begins = match self.second {
            Place::Node(node) => format!("{} begins", analysis.described(node)),
            Place::Spawns(_) if start.why == Why::Spawn => {
                format!("{second} begins")
            }
            Place::Spawns(agent) => {
                let agent = model.agents[agent.index()].name.name;
                format!("{} may start `{agent}`", analysis.described(start.node))
            }
        };
        let mut diagnostic = Diagnostic::new(code, span, message).label(label);
        let rows = open.map_or(Vec::new(), |gate| analysis.left_open(gate));
        for (row, _) in rows.iter().filter(|(_, taken)| analysis.and(*taken, variants) != FALSE).take(MOST_PLACES) {
            diagnostic = diagnostic.related(row.span, "goes on although the gate fails");
        }
        for node in missing.iter().copied().filter(|_| open.is_none()).take(MOST_PLACES) {
            let (place, why) = skipped_by(analysis, node, variants);
            diagnostic = diagnostic.related(place, why);
        }
        if never_before {
            diagnostic = match self.first {
                Place::Node(node) => {
                    let shared = |outer: &NodeId| {
                        model.node(*outer).kind == NodeKind::Loop && model.is_within(start.node, *outer)
                    };
                    let again = if self.of_a_task(&start).is_some() {
                        " for certain: there may be no task"
                    } else if model.ancestors(node).any(|outer| shared(&outer)) {
                        "; what the pass before did does not count"
                    } else {
                        ""
                    };
                    let why = format!("{} does not come before it{again}", analysis.described(node));
                    diagnostic.related(model.node(node).name.span, why)
                }
                Place::Spawns(agent) => match (self.uncertain(&start), analysis.starts(agent).first()) {
                    (Some(call), _) => diagnostic.related(call.span, "comes before it, but may be left out"),
                    (None, Some(call)) => diagnostic.related(call.span, "does not come before it"),
                    (None, None) => diagnostic,
                },
            };
        }
        diagnostic = diagnostic.related(start.span, format!("{begins} here"));
        match analysis.example(variants, start.at, &missing, begins) {
            Some(example) => diagnostic.example(example),
            None => diagnostic,
        }
    }
}

/// All beginnings of a place.
fn beginnings(analysis: &Analysis<'_>, place: Place) -> Vec<Start> {
    match place {
        Place::Spawns(agent) => analysis.starts(agent),
        Place::Node(node) => {
            let span = analysis.model.node(node).name.span;
            vec![Start {
                node,
                at: Position::Before(node),
                when: analysis.run(node),
                span,
                why: Why::Spawn,
                surely: true,
            }]
        }
    }
}

/// What of a place has surely ended at a position if it ran, with the condition under which it did.
fn ended(analysis: &Analysis<'_>, place: Place, at: Position) -> Vec<(NodeId, Diagram)> {
    let model = &analysis.model;
    let (Position::Before(here) | Position::EndOf(here)) = at;
    let has_ended =
        |node: NodeId| node != here && model.each_left(node, here).is_none() && analysis.graph.settled(model, node, at);
    beginnings(analysis, place)
        .into_iter()
        .filter(|start| start.surely && has_ended(start.node))
        .map(|start| {
            // A gate has ended when it is closed or overridden.
            let open = match place {
                Place::Node(gate) => analysis.left_open(gate),
                Place::Spawns(_) => Vec::new(),
            };
            (start.node, open.into_iter().fold(start.when, |closed, (_, open)| analysis.and_not(closed, open)))
        })
        .collect()
}

/// "phase `a`", "`spawn b`".
fn shown(analysis: &Analysis<'_>, place: Place) -> String {
    match place {
        Place::Node(node) => analysis.described(node),
        Place::Spawns(agent) => format!("`spawn {}`", analysis.model.agents[agent.index()].name.name),
    }
}

/// Where it is said that an item is skipped in some of these variants.
fn skipped_by(analysis: &Analysis<'_>, node: NodeId, variants: Diagram) -> (Span, String) {
    match analysis.reasons(node, variants).first() {
        Some(reason) => {
            let item = analysis.described(reason.item);
            let why = match reason.what {
                Unmet::Condition(..) => format!("{item} is skipped unless this holds"),
                Unmet::Rule(_) => format!("{item} is skipped by this rule"),
            };
            (reason.span(), why)
        }
        None => (analysis.model.node(node).name.span, format!("{} stands here", analysis.described(node))),
    }
}
