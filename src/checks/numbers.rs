//! Bounds: loops that another pass can change, and allowances that fit into those around them.

use crate::analysis::{Analysis, Excess, Load, Resource};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{FALSE, TRUE};
use crate::model::{Cond, FactId, FactKind, Measure, MeasureAtom, Named, NodeId, Quantity};
use crate::source::Span;
use crate::syntax::ast::Comparison;

codes! {
    LOOP_CANNOT_CHANGE: "WF802" "loop-cannot-change" Warning = "Nothing inside a loop can change what it waits for.",
        "A pass starts anew, except for `once` items. What `until` reads is settled before the loop, or by items that run only \
         in its first pass, so each further pass ends as the first one did: the loop stops after one pass or uses up its bound \
         for nothing. Decide the fact inside the loop, or take the loop away. Where `until` is left out nothing asks for another pass.",
        bad: "workflow w\n\nfact ok: bool\n\nloop l at most 3 {\n  phase build\n  phase look once {\n    decides ok\n  }\n  until ok\n}\n",
        good: "workflow w\n\nfact ok: bool\n\nloop l at most 3 {\n  phase build\n  phase look {\n    decides ok\n  }\n  until ok\n}\n";
    BOUND_EXCEEDS_LIMIT: "WF803" "bound-exceeds-limit" Error = "A bound is larger than the limit it stands under.",
        "A part cannot be allowed more than the whole: a `budget` of a spawn or stage stands under that of the stage and phase \
         around it, word by word (`runtime`, `tokens`, `cost`), and every budget under the measure at which `abort` stops the \
         run (`elapsed`, `tokens`, `cost`). A rung of `context` stands under `abort when context`. The larger number can never \
         be used up, so one of the two is not meant. What several parts take together is the subject of WF804.",
        bad: "workflow w\n\nphase a {\n  budget runtime 30m\n  spawn builder \"Build it\" {\n    budget runtime 45m\n  }\n}\n",
        good: "workflow w\n\nphase a {\n  budget runtime 45m\n  spawn builder \"Build it\" {\n    budget runtime 30m\n  }\n}\n";
    WORST_CASE_ABOVE_BUDGET: "WF804" "worst-case-above-budget" Warning = "The parts of something may take more than the whole is allowed.",
        "Each part fits, all of them together do not, where every bound is used up. Allowances of what runs after each other add \
         up; of times the longest way counts where items run side by side. `retry` multiplies, so do the bounds of a loop and of \
         `each`; a `redo` or `fix` adds what is done again, as often as it may be taken in the whole run. An item with a `budget` \
         of its own counts as that each time it is entered, whatever is inside. What no budget stands for counts nothing, so the \
         worst case is at least the number that is shown. The whole is a phase or stage with a `budget`, and the run for which \
         `abort when` states a limit. All variants are looked at, and one that takes too much is shown; a search that gets too \
         long in a workflow with very many conditions finds nothing.",
        bad: "workflow w\n\nphase a {\n  budget tokens 60k\n  spawn planner \"Plan it\" {\n    budget tokens 40k\n  }\n  spawn builder \"Build it\" {\n    budget tokens 40k\n  }\n}\n",
        good: "workflow w\n\nphase a {\n  budget tokens 80k\n  spawn planner \"Plan it\" {\n    budget tokens 40k\n  }\n  spawn builder \"Build it\" {\n    budget tokens 40k\n  }\n}\n";
}

// ── Loops ────────────────────────────────────────────────────────────────────────────────────────

/// Each further pass of a loop can end otherwise than the one before.
pub fn loops_can_change(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for (id, inner) in model.loops() {
        let Some(until) = &inner.until else {
            found.push(endless(model.node(id).name));
            continue;
        };
        // What always or never holds is said of the condition.
        let holds = analysis.holds(until, Position::EndOf(id));
        if holds == TRUE || holds == FALSE {
            continue;
        }
        // Where all is settled before the loop and nobody may override, it is said to be no way to the end.
        let settled_before = |variable: usize| {
            let node = analysis.version(variable).node;
            node.is_none_or(|node| analysis.graph.settled(model, node, Position::Before(id)))
        };
        if analysis.lets_through(id) != TRUE && analysis.support(holds).into_iter().all(settled_before) {
            continue;
        }
        let passes = Passes { analysis, of: id };
        let mut reads = Vec::new();
        if passes.can_change(&until.cond, &mut reads) || reads.is_empty() {
            continue;
        }
        let name = model.node(id).name;
        let shown = model.written(until.span);
        let mut diagnostic = Diagnostic::new(
            &LOOP_CANNOT_CHANGE,
            until.span,
            format!("another pass of `{}` cannot change `{shown}`", name.name),
        )
        .label("each pass ends as the first one did")
        .related(name.span, "this loop");
        for (span, text) in reads {
            diagnostic = diagnostic.related(span, text);
        }
        found.push(diagnostic.help("let an item inside the loop decide it in each pass, or take the loop away"));
    }
}

fn endless(name: Named<'_>) -> Diagnostic {
    let message = format!("loop `{}` does not say until when it repeats", name.name);
    Diagnostic::new(&LOOP_CANNOT_CHANGE, name.span, message)
        .label("so there is no second pass")
        .help("write `until CONDITION` in its body, or take the loop away")
}

struct Passes<'a, 's> {
    analysis: &'a Analysis<'s>,
    of: NodeId,
}

impl Passes<'_, '_> {
    /// Whether another pass can change what a condition says. If not, `reads` tells why for each fact it reads.
    fn can_change(&self, cond: &Cond, reads: &mut Vec<(Span, String)>) -> bool {
        match cond {
            Cond::All(operands) | Cond::Any(operands) => operands.iter().any(|operand| self.can_change(operand, reads)),
            Cond::Not(inner) => self.can_change(inner, reads),
            Cond::Measure(_) | Cond::Fault => true,
            Cond::Fact(atom) => self.fact_changes(atom.fact, atom.at, reads),
            Cond::Ran(node, _) | Cond::Skipped(node, _) => self.run_changes(*node, reads),
        }
    }

    /// An item that runs anew in each pass.
    fn repeats(&self, node: NodeId) -> bool {
        let model = &self.analysis.model;
        let inside = model.ancestors(node).take_while(|id| *id != self.of);
        node != self.of
            && model.is_within(node, self.of)
            && inside.map(|id| model.node(id)).all(|node| node.once().is_none())
    }

    fn fact_changes(&self, fact: FactId, at: Option<NodeId>, reads: &mut Vec<(Span, String)>) -> bool {
        let model = &self.analysis.model;
        let declared = &model.facts[fact.index()];
        let name = declared.name;
        let sources: Vec<(NodeId, Span)> = match &declared.kind {
            FactKind::Answer(gate) => vec![(*gate, model.node(*gate).name.span)],
            FactKind::Declared => {
                let deciders = declared.deciders.iter().map(|decider| (decider.node, decider.span));
                deciders.chain(declared.revisers.iter().copied()).collect()
            }
            FactKind::Input { .. } => declared.revisers.clone(),
        };
        let read = |node: NodeId| at.is_none_or(|at| model.is_within(node, at));
        if sources.iter().any(|(node, _)| read(*node) && self.repeats(*node)) {
            return true;
        }
        let mut why = |span, text| {
            if !reads.iter().any(|(known, _)| *known == span) {
                reads.push((span, text));
            }
        };
        match sources.iter().find(|(node, _)| read(*node)) {
            Some((node, span)) if model.is_within(*node, self.of) => {
                why(*span, format!("`{}` is decided once, in the first pass", name.name));
            }
            Some((_, span)) => why(*span, format!("`{}` is decided outside the loop", name.name)),
            None => why(name.span, format!("`{}` is known when the run starts", name.name)),
        }
        false
    }

    fn run_changes(&self, node: NodeId, reads: &mut Vec<(Span, String)>) -> bool {
        let analysis = self.analysis;
        let name = analysis.model.node(node).name;
        let run = analysis.run(node);
        let settled_here = |variable| analysis.version(variable).node.is_some_and(|source| self.repeats(source));
        if self.repeats(node) && analysis.support(run).into_iter().any(settled_here) {
            return true;
        }
        reads.push((name.span, format!("whether `{}` runs is the same in each pass", name.name)));
        false
    }
}

// ── Allowances ───────────────────────────────────────────────────────────────────────────────────

/// No budget is larger than one around it, or than what ends the run.
pub fn bounds_fit_their_limits(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let Some(work) = model.work(id).filter(|work| !work.budget.is_empty()) else { continue };
        for resource in Resource::ALL {
            let Some(amount) = resource.allowed(work) else { continue };
            let Some((limit, most, why)) = exceeded(analysis, id, resource, amount.quantity) else { continue };
            let (word, shown, most) = (resource.word(), amount.quantity.show(), most.show());
            let message = format!("{} may take {word} {shown}, but {why} {most}", analysis.described(id));
            found.push(
                Diagnostic::new(&BOUND_EXCEEDS_LIMIT, amount.span, message)
                    .label("can never be used up")
                    .related(limit, "the limit it stands under")
                    .help("allow less here, or raise the limit"),
            );
        }
    }
    let Some(end) = aborted_at(analysis, Measure::Context) else { return };
    for rung in model.context.iter().flat_map(|context| &context.rungs) {
        if rung.share.saturating_mul(1000) > end.quantity.thousandths {
            let message = format!(
                "rung `{}` begins at {}% of the context, but the run is aborted at {}",
                rung.word.name,
                rung.share,
                end.quantity.show()
            );
            found.push(
                Diagnostic::new(&BOUND_EXCEEDS_LIMIT, rung.word.span, message)
                    .label("never reached")
                    .related(end.span, "the limit it stands under")
                    .help("lower the rung, or raise the limit"),
            );
        }
    }
}

/// The innermost limit above an allowance that is smaller than it: where it stands, how much it is, and whose it is.
fn exceeded(
    analysis: &Analysis<'_>,
    id: NodeId,
    resource: Resource,
    amount: Quantity,
) -> Option<(Span, Quantity, String)> {
    let model = &analysis.model;
    let smaller = |limit: Quantity| limit.thousandths < amount.thousandths;
    let around = model.ancestors(id).skip(1).find_map(|outer| {
        let limit = resource.allowed(model.work(outer)?).filter(|limit| smaller(limit.quantity))?;
        Some((limit.span, limit.quantity, format!("{} around it only", analysis.described(outer))))
    });
    around.or_else(|| {
        let end = aborted_at(analysis, measured(resource)).filter(|end| smaller(end.quantity))?;
        Some((end.span, end.quantity, "the run is aborted at".to_string()))
    })
}

/// Where the run is aborted for a measure by itself: the lowest of its triggers.
pub fn aborted_at<'m>(analysis: &'m Analysis<'_>, measure: Measure) -> Option<&'m MeasureAtom> {
    fn alone<'m>(cond: &'m Cond, atoms: &mut Vec<&'m MeasureAtom>) {
        match cond {
            Cond::Measure(atom) => atoms.push(atom),
            Cond::Any(operands) => operands.iter().for_each(|operand| alone(operand, atoms)),
            _ => {}
        }
    }
    let mut atoms = Vec::new();
    let triggers = analysis.model.abort.iter().flat_map(|abort| &abort.triggers);
    triggers.for_each(|(condition, _)| alone(&condition.cond, &mut atoms));
    let rises = |atom: &&MeasureAtom| matches!(atom.comparison, Comparison::Greater | Comparison::AtLeast);
    let of_measure = atoms.into_iter().filter(|atom| atom.measure == measure).filter(rises);
    of_measure.min_by_key(|atom| atom.quantity.thousandths)
}

/// The measure that adds up what budgets allow.
fn measured(resource: Resource) -> Measure {
    match resource {
        Resource::Runtime => Measure::Elapsed,
        Resource::Tokens => Measure::Tokens,
        Resource::Cost => Measure::Cost,
    }
}

const FITS: &str = "whether the worst case is within this";

/// All that is done in an item fits into what it is allowed, and all of the run into what ends it.
pub fn worst_cases_fit(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let allowed = |id, resource: Resource| model.work(id).and_then(|work| resource.allowed(work));
    let budgeted: Vec<NodeId> = (1..model.nodes.len())
        .map(NodeId::new)
        .filter(|id| model.work(*id).is_some_and(|work| !work.budget.is_empty()))
        .collect();
    for resource in Resource::ALL {
        let stating: Vec<NodeId> = budgeted.iter().copied().filter(|id| allowed(*id, resource).is_some()).collect();
        for pair in stating.windows(2) {
            // Only what is inside can add up to more.
            let (id, next) = (pair[0], pair[1]);
            let Some(limit) = allowed(id, resource).filter(|_| model.is_within(next, id)) else { continue };
            let asked = || analysis.exceeds(id, Load::Stated(resource), limit.quantity.thousandths, TRUE);
            if let Some(excess) = analysis.by_itself(limit.span, FITS, asked) {
                let (what, most) = (analysis.described(id), limit.quantity.show());
                let whole = format!("{what} may take {} {most}", resource.word());
                found.push(above(analysis, &whole, limit.span, limit.quantity, &excess));
            }
        }
        let Some(end) = aborted_at(analysis, measured(resource)).filter(|_| !stating.is_empty()) else { continue };
        let asked = || analysis.exceeds(NodeId::new(0), Load::Stated(resource), end.quantity.thousandths, TRUE);
        if let Some(excess) = analysis.by_itself(end.span, FITS, asked) {
            let whole = format!("the run is aborted at {} {}", resource.word(), end.quantity.show());
            found.push(above(analysis, &whole, end.span, end.quantity, &excess));
        }
    }
}

/// So many parts of a worst case are shown.
const PARTS_SHOWN: usize = 3;

/// What a worst case is made of.
pub fn with_parts(
    analysis: &Analysis<'_>,
    mut diagnostic: Diagnostic,
    excess: &Excess,
    show: impl Fn(i64) -> String,
) -> Diagnostic {
    for part in excess.parts.iter().take(PARTS_SHOWN) {
        let share = show(part.amount);
        let text = if part.again {
            format!("what is done again from here: {share}")
        } else {
            format!("at most {share} in all")
        };
        diagnostic = diagnostic.related(analysis.model.node(part.node).name.span, text);
    }
    if let Some(more) = excess.parts.len().checked_sub(PARTS_SHOWN + 1) {
        let parts = if more == 0 { "1 smaller part".to_string() } else { format!("{} smaller parts", more + 1) };
        diagnostic = diagnostic.note(format!("{parts} not shown"));
    }
    diagnostic
}

fn above(analysis: &Analysis<'_>, whole: &str, limit: Span, quantity: Quantity, excess: &Excess) -> Diagnostic {
    let show = |thousandths| Quantity { thousandths, ..quantity }.show();
    let message = format!("{whole}, but takes {} in the worst case", show(excess.amount));
    let mut diagnostic = Diagnostic::new(&WORST_CASE_ABOVE_BUDGET, limit, message).label("less than the worst case");
    diagnostic = with_parts(analysis, diagnostic, excess, show);
    diagnostic.variant =
        if excess.given == TRUE { Vec::new() } else { analysis.witness(excess.given).unwrap_or_default() };
    diagnostic.help("allow more, or lower a bound or an allowance inside")
}
