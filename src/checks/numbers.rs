//! Bounds: loops that another pass can change, and allowances that fit into those around them.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{FALSE, TRUE};
use crate::model::{Cond, FactId, FactKind, Measure, MeasureAtom, Named, NodeId, NodeKind, Quantity};
use crate::source::Span;
use crate::syntax::ast::Comparison;

codes! {
    LOOP_CANNOT_CHANGE: "WF802" "loop-cannot-change" Warning = "Nothing inside a loop can change what it waits for.",
        "A pass starts anew, except for `once` items. What `until` reads is settled before the loop, or by items that run only \
         in its first pass, so each further pass ends as the first one did: the loop stops after one pass or uses up its bound \
         for nothing. Decide the fact inside the loop, or take the loop away.",
        bad: "workflow w\n\nfact ok: bool\n\nphase look {\n  decides ok\n}\n\nloop l at most 3 {\n  phase build\n  phase test\n  until ok\n}\n",
        good: "workflow w\n\nfact ok: bool\n\nloop l at most 3 {\n  phase build\n  phase look {\n    decides ok\n  }\n  until ok\n}\n";
    BOUND_EXCEEDS_LIMIT: "WF803" "bound-exceeds-limit" Error = "A bound is larger than the limit it stands under.",
        "A part cannot be allowed more than the whole: a `budget` of a spawn or stage stands under that of the stage and phase \
         around it, word by word (`runtime`, `tokens`, `cost`), and every budget under the measure at which `abort` stops the \
         run (`elapsed`, `tokens`, `cost`). A rung of `context` stands under `abort when context`. The larger number can never \
         be used up, so one of the two is not meant. What several parts take together is the subject of WF804.",
        bad: "workflow w\n\nphase a {\n  budget runtime 30m\n  spawn builder \"Build it\" {\n    budget runtime 45m\n  }\n}\n",
        good: "workflow w\n\nphase a {\n  budget runtime 45m\n  spawn builder \"Build it\" {\n    budget runtime 30m\n  }\n}\n";
}

// ── Loops ────────────────────────────────────────────────────────────────────────────────────────

/// Each further pass of a loop can end otherwise than the one before.
pub fn loops_can_change(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for id in model.nodes_of(NodeKind::Loop) {
        let Some(until) = model.loop_of(id).and_then(|inner| inner.until.as_ref()) else { continue };
        // What always or never holds is said of the condition.
        let holds = analysis.holds(until, Position::EndOf(id));
        if holds == TRUE || holds == FALSE {
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
            && inside.map(|id| model.node(id)).all(|node| node.once.is_none())
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
    for index in 1..model.nodes.len() {
        let id = NodeId::new(index);
        for (word, amount) in model.work(id).into_iter().flat_map(|work| &work.budget) {
            let Some((limit, most, why)) = exceeded(analysis, id, *word, amount.quantity) else { continue };
            let (word, shown, most) = (word.name, amount.quantity.show(), most.show());
            found.push(
                Diagnostic::new(
                    &BOUND_EXCEEDS_LIMIT,
                    amount.span,
                    format!("{} may take {word} {shown}, but {why} {most}", analysis.described(id)),
                )
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
    word: Named<'_>,
    amount: Quantity,
) -> Option<(Span, Quantity, String)> {
    let model = &analysis.model;
    let smaller = |limit: Quantity| limit.thousandths < amount.thousandths;
    let around = model.ancestors(id).skip(1).find_map(|outer| {
        let budget = &model.work(outer)?.budget;
        let (_, limit) = budget.iter().find(|(other, limit)| other.name == word.name && smaller(limit.quantity))?;
        Some((limit.span, limit.quantity, format!("{} around it only", analysis.described(outer))))
    });
    around.or_else(|| {
        let end = aborted_at(analysis, measured(word.name)?).filter(|end| smaller(end.quantity))?;
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

/// What a word of a budget bounds.
pub fn measured(word: &str) -> Option<Measure> {
    match word {
        "runtime" => Some(Measure::Elapsed),
        "tokens" => Some(Measure::Tokens),
        "cost" => Some(Measure::Cost),
        _ => None,
    }
}
