//! The shapes of execution: which phases run, with which facts, and why the others do not.

use std::collections::BTreeMap;
use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::graph::measure::{self, TERMINAL};
use super::graph::words;
use crate::analysis::{Analysis, More, Reason, Shape, Shapes, Sound, Unmet, Why, WorstCase};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{AgentId, NodeId, NodeKind, Quantity, Type, Unit};

/// More shapes than this are counted and not listed.
pub const MOST: usize = 1_000;
/// What a terminal is sure to have.
const WIDTH: usize = 100;

/// What is told of a workflow.
#[derive(Debug)]
pub struct Variants {
    /// How many there are in all.
    pub phases: usize,
    pub listed: Vec<Variant>,
    pub more: More,
}

/// Variants in which the same phases run. Names are those of the source.
#[derive(Debug, Serialize)]
pub struct Variant {
    /// The facts that tell this shape from others, with the values that they have in it: the last version by name,
    /// `fact@item` for an earlier one that has other values.
    pub facts: Facts,
    pub phases: Vec<String>,
    pub skipped: Vec<String>,
    /// Why, of each that is skipped.
    pub reasons: BTreeMap<String, Vec<String>>,
    /// Those that stand in some of these variants.
    pub gates: Vec<String>,
    /// Those called in some of these variants, without those that only help when something fails.
    pub agents: Vec<String>,
    pub worst_case: Worst,
    #[serde(skip)]
    not_always: Vec<String>,
}

/// What a run of a shape takes at most.
#[derive(Debug, Serialize)]
pub struct Worst {
    /// Starts of agents.
    pub calls: u64,
    /// `null` where some agent may be started that no `budget runtime` stands for.
    pub seconds: Option<u64>,
    /// `null` where some agent may be started that no `budget tokens` stands for.
    pub tokens: Option<u64>,
    /// Some run can take all of that.
    pub exact: bool,
}

/// In the order of their declaration.
#[derive(Debug, Default)]
pub struct Facts(pub Vec<Told>);

/// A version of a fact in the variants of a shape.
#[derive(Debug)]
pub struct Told {
    pub name: String,
    /// Of an integer, ranges: `0..49`.
    pub values: Vec<String>,
    /// It can have all of its values there.
    all: bool,
}

impl Serialize for Facts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|told| (&told.name, &told.values)))
    }
}

/// The shapes of the variants that get to the end.
pub fn variants(sound: Sound<'_, '_>) -> Variants {
    let Shapes { listed, more } = sound.shapes(TRUE, MOST);
    let asked = asked(sound, &listed);
    let model = &sound.model;
    Variants {
        phases: model.phases().count(),
        listed: listed.iter().map(|shape| variant(sound, &asked, shape)).collect(),
        more,
    }
}

/// As a list, for programs.
pub fn json(variants: &Variants) -> String {
    serde_json::to_string_pretty(&variants.listed).expect("strings and lists are always JSON") + "\n"
}

// ── What is told ─────────────────────────────────────────────────────────────────────────────────

/// The facts that tell shapes apart, and their values in one shape.
fn facts(sound: Sound<'_, '_>, asked: &[Variable], shape: &Shape) -> Facts {
    let mut told = Vec::new();
    let mut named = Vec::new();
    for variable in sound.variables() {
        let version = sound.version(variable);
        let decided = version.node.is_none_or(|node| reachable(&sound, shape.given, sound.run(node)));
        let cells = 0..sound.cells(variable).len();
        let excluded = |cell| sound.possible(sound.and(shape.when, sound.is_at(variable, cell))) == FALSE;
        if decided && (asked.contains(&variable) || cells.into_iter().any(excluded)) {
            named.push(version.fact);
        }
        told.push(values(&sound, variable, shape.given));
    }
    let shown = sound.variables().filter(|variable| {
        let fact = sound.version(*variable).fact;
        let last = sound.last_variable(fact).expect("it has a version");
        named.contains(&fact) && (last == *variable || told[last] != told[*variable])
    });
    let told = shown.map(|variable| Told {
        name: sound.shown(variable, 0).0,
        values: written(&sound, variable, &told[variable]),
        all: told[variable].len() == sound.cells(variable).len(),
    });
    Facts(told.collect())
}

/// The versions on which it depends which phases run, if there is a choice.
fn asked(sound: Sound<'_, '_>, shapes: &[Shape]) -> Vec<Variable> {
    if shapes.len() < 2 {
        return Vec::new();
    }
    let mut asked: Vec<Variable> = sound.model.phases().flat_map(|phase| sound.support(sound.run(phase))).collect();
    asked.sort_unstable();
    asked.dedup();
    asked
}

/// The cells that a version can have in these variants.
fn values(analysis: &Analysis<'_>, variable: Variable, given: Diagram) -> Vec<usize> {
    (0..analysis.cells(variable).len())
        .filter(|cell| reachable(analysis, given, analysis.is_at(variable, *cell)))
        .collect()
}

fn reachable(analysis: &Analysis<'_>, given: Diagram, condition: Diagram) -> bool {
    let end = Position::EndOf(NodeId::new(0));
    analysis.within_reach(analysis.and(given, condition), end) != FALSE
}

fn written(analysis: &Analysis<'_>, variable: Variable, cells: &[usize]) -> Vec<String> {
    let of = analysis.model.facts[analysis.version(variable).fact.index()].of;
    let known = analysis.cells(variable);
    match of {
        Type::Int(..) => words::ranges(cells.iter().map(|cell| known.range(*cell))),
        of => cells.iter().map(|cell| analysis.model.value_name(of, known.value(*cell))).collect(),
    }
}

fn variant(sound: Sound<'_, '_>, asked: &[Variable], shape: &Shape) -> Variant {
    let model = &sound.model;
    let name = |node: &NodeId| model.node(*node).name.name.to_string();
    let mut not_always = Vec::new();
    let mut gates = Vec::new();
    for gate in model.nodes_of(NodeKind::Gate).filter(|gate| reachable(&sound, shape.given, sound.run(*gate))) {
        let not_run = sound.not(sound.run(gate));
        if reachable(&sound, shape.given, not_run) {
            not_always.push(name(&gate));
        }
        gates.push(name(&gate));
    }
    let called = model.agents.iter().enumerate().filter(|(index, _)| {
        let calls = sound.starts(AgentId::new(*index));
        calls.iter().any(|call| call.why != Why::Route && reachable(&sound, shape.given, call.when))
    });
    let why = |node: &NodeId| {
        let reasons = sound.reasons(*node, shape.given);
        (name(node), reasons.iter().map(|reason| said(&sound, reason)).collect())
    };
    let WorstCase { calls, seconds, tokens, exact } = sound.worst_case(shape.given);
    Variant {
        facts: facts(sound, asked, shape),
        phases: shape.phases.iter().map(name).collect(),
        skipped: shape.skipped.iter().map(name).collect(),
        reasons: shape.skipped.iter().map(why).collect(),
        gates,
        agents: called.map(|(_, agent)| agent.name.name.to_string()).collect(),
        worst_case: Worst { calls, seconds, tokens, exact },
        not_always,
    }
}

/// "needs `size == LARGE`", "skip rule `size == SMALL`".
pub fn said(analysis: &Analysis<'_>, reason: &Reason<'_, '_>) -> String {
    let model = &analysis.model;
    match reason.what {
        Unmet::Condition(span, _) => format!("needs `{}`", model.written(span)),
        Unmet::Rule(skip) => match &skip.when {
            Some(when) => format!("skip rule `{}`", model.written(when.span)),
            None => "skip rule".to_string(),
        },
    }
}

// ── In a terminal ────────────────────────────────────────────────────────────────────────────────

const QUIET: Style = Style::new().dimmed();
const FACT: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Yellow)));
const NUMBER: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Blue))).bold();

/// As a table for a terminal, 100 columns wide.
pub fn text(variants: &Variants, color: bool) -> String {
    let paint = |style: Style, text: &str| match color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_string(),
    };
    let mut out = String::new();
    let digits = variants.listed.len().to_string().len();
    let indent = digits + 2;
    let label = "skipped  ".len();
    for (index, variant) in variants.listed.iter().enumerate() {
        let facts: Vec<String> = variant
            .facts
            .0
            .iter()
            .filter(|told| !told.all)
            .map(|told| format!("{} = {}", told.name, told.values.join(" | ")))
            .collect();
        let facts = if facts.is_empty() { "whatever the facts are".to_string() } else { facts.join(", ") };
        for (line, words) in wrapped(&facts, WIDTH - indent).into_iter().enumerate() {
            let number = if line == 0 { format!("{:>digits$}", index + 1) } else { " ".repeat(digits) };
            let _ = writeln!(out, "{}  {}", paint(NUMBER, &number), paint(FACT, &words));
        }
        let mut row = |name: &str, lines: Vec<String>| {
            for (line, words) in lines.into_iter().enumerate() {
                let name = format!("{:label$}", if line == 0 { name } else { "" });
                let _ = writeln!(out, "{}{}{words}", " ".repeat(indent), paint(QUIET, &name));
            }
        };
        let room = WIDTH - indent - label;
        row("phases", vec![format!("{} of {}", variant.phases.len(), variants.phases)]);
        let longest = variant.skipped.iter().map(|name| cells(name)).max().unwrap_or(0).min(room / 2);
        let mut skipped = Vec::new();
        for name in &variant.skipped {
            let reasons = variant.reasons.get(name).map(|reasons| reasons.join("; ")).unwrap_or_default();
            for (line, words) in wrapped(&reasons, room - longest - 2).into_iter().enumerate() {
                let name = if line == 0 { name.as_str() } else { "" };
                let gap = " ".repeat((longest + 2).saturating_sub(cells(name)).max(1));
                skipped.push(format!("{name}{gap}{}", paint(QUIET, &words)));
            }
        }
        row("skipped", skipped);
        let gates: Vec<String> = variant
            .gates
            .iter()
            .map(|gate| if variant.not_always.contains(gate) { format!("{gate}?") } else { gate.clone() })
            .collect();
        let takes = worst(&variant.worst_case);
        for (name, words) in [("gates", gates), ("agents", variant.agents.clone()), ("takes", takes)] {
            if !words.is_empty() {
                row(name, wrapped(&words.join(", "), room));
            }
        }
        out.push('\n');
    }
    if variants.listed.iter().any(|variant| !variant.not_always.is_empty()) {
        let _ = writeln!(
            out,
            "{}",
            paint(QUIET, "A gate with ? stands in some variants of its shape, and is left out in others.")
        );
    }
    out
}

/// "at most 14 calls of agents", "2 h", "40,000 tokens"; nothing where no agent is called.
fn worst(worst: &Worst) -> Vec<String> {
    if worst.calls == 0 {
        return Vec::new();
    }
    let bound = if worst.exact { "up to" } else { "at most" };
    let time = worst.seconds.and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1000));
    let time = time.map(|thousandths| Quantity { thousandths, unit: Unit::Time }.show());
    let tokens = worst.tokens.map(|tokens| words::counted(tokens, "token"));
    let calls = words::counted(worst.calls, "call");
    [format!("{bound} {calls} of agents")].into_iter().chain(time).chain(tokens).collect()
}

/// "3 shapes", and how many are listed where not all are.
pub fn counted(variants: &Variants) -> String {
    let listed = variants.listed.len();
    match variants.more {
        More::Exactly(0) => words::counted(listed, "shape"),
        More::Exactly(more) => format!("{} shapes, of which {listed} are listed,", more.saturating_add(listed as u128)),
        More::AtMost(more) => {
            format!("at most {} shapes, of which {listed} are listed,", more.saturating_add(listed as u128))
        }
    }
}

fn cells(text: &str) -> usize {
    measure::width(text, TERMINAL) as usize
}

fn wrapped(text: &str, room: usize) -> Vec<String> {
    measure::wrap(text, TERMINAL, room.max(8) as f64, usize::MAX).lines
}
