//! What is left out: skip rules, optional items, and claims that something runs.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{NodeId, NodeKind};
use crate::source::Span;

codes! {
    SKIP_OF_REQUIRED: "WF401" "skip-of-required" Error = "A phase that is required is left out in some variant.",
        "`required` claims that a phase runs in every variant in which what is around it does. The claim is proved; here its \
         own `when` or a skip rule breaks it.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase review required\n\nskip review when small because \"nothing to see\"\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase review required\n\nphase design\n\nskip design when small because \"nothing to see\"\n";
    SKIP_OF_GATED_PHASE: "WF402" "skip-of-gated-phase" Error = "A skip rule names a phase that holds a gate.",
        "A gate never disappears from afar: whoever reads the phase must see when its gate is left out. Write the condition as \
         `when` on the phase itself.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design {\n  gate approval {\n    ask \"Build it?\" {\n      yes \"Yes\"\n      no \"No\" -> abort\n    }\n  }\n}\n\nphase build\n\nskip design when small because \"nothing to design\"\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design when not small {\n  gate approval {\n    ask \"Build it?\" {\n      yes \"Yes\"\n      no \"No\" -> abort\n    }\n  }\n}\n\nphase build\n";
    SKIP_NEVER_APPLIES: "WF403" "skip-never-applies" Warning = "A skip rule leaves a phase out in no variant.",
        "Where the phase could run, the condition of the rule never holds: because of what surrounds the phase, or of the gates \
         before it.",
        bad: "workflow w\n\nfact [small, good]: bool\n\nphase triage {\n  decides small\n}\n\nphase test {\n  decides good\n}\n\ngate green {\n  require good\n  on fail -> abort\n}\n\nphase report when not small\n\nphase ship\n\nskip report when not good because \"nothing to report\"\n",
        good: "workflow w\n\nfact [small, good]: bool\n\nphase triage {\n  decides small\n}\n\nphase test {\n  decides good\n}\n\nphase report when not small\n\nskip report when not good because \"nothing to report\"\n";
    SKIP_REPEATS_WHEN: "WF404" "skip-repeats-when" Warning = "A skip rule says what the `when` of the phase says already.",
        "Where the rule applies, the phase is left out anyway. Two places that say the same thing drift apart.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design when not small\n\nphase build\n\nskip design when small because \"nothing to design\"\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design when not small\n\nphase build\n";
    SKIP_WITHOUT_REASON: "WF405" "skip-without-reason" Warning = "A skip rule does not say why.",
        "Whoever finds a phase left out wants to know the reason, and the generated documents show it. Write `because \"…\"`.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design\n\nphase build\n\nskip design when small\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase design\n\nphase build\n\nskip design when small because \"nothing to design\"\n";
    DEAD_PHASE: "WF406" "dead-phase" Error = "An item runs in no variant.",
        "Its condition can hold by itself, but not where the item stands: what surrounds it, a skip rule, or the gates before it \
         exclude it.",
        bad: "workflow w\n\nfact good: bool\n\nphase test {\n  decides good\n}\n\ngate green {\n  require good\n  on fail -> redo test at most 2\n}\n\nphase repair when not good\n\nphase ship\n",
        good: "workflow w\n\nfact good: bool\n\nphase test {\n  decides good\n}\n\nphase repair when not good\n\nphase ship\n";
    FALSE_OPTIONAL: "WF407" "false-optional" Warning = "An item says `when` and runs in every variant.",
        "Where the item stands its condition always holds: what surrounds it, or the gates before it, see to that. Leave the \
         `when` out, or say what was meant.",
        bad: "workflow w\n\nfact good: bool\n\nphase test {\n  decides good\n}\n\ngate green {\n  require good\n  on fail -> redo test at most 2\n}\n\nphase ship when good\n",
        good: "workflow w\n\nfact good: bool\n\nphase test {\n  decides good\n}\n\ngate green {\n  require good\n  on fail -> redo test at most 2\n}\n\nphase ship\n";
    REQUIRES_SKIPPED: "WF408" "requires-skipped" Error = "A phase requires one that has not run in some variant.",
        "`requires phase x` claims that x has run wherever this phase begins. In some variant x is left out, or it comes later.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase plan when not small\n\nphase build {\n  requires phase plan\n}\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase plan when not small\n\nphase build when not small {\n  requires phase plan\n}\n";
}

/// What is said about rules without a look at any variant.
pub fn skip_rules_are_explained(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for skip in &model.skips {
        if skip.because.is_none() {
            found.push(
                Diagnostic::new(&SKIP_WITHOUT_REASON, skip.span, "this skip rule does not say why")
                    .label("no `because`")
                    .help("write `because \"…\"` behind it: the documents show the reason"),
            );
        }
        for (phase, span) in &skip.phases {
            let gate = model.descendants(*phase).find(|node| model.node(*node).kind == NodeKind::Gate);
            let Some(gate) = gate else { continue };
            let phase = model.node(*phase).name;
            let condition = skip.when.as_ref().map(|when| model.written(when.span));
            let help = match condition {
                Some(condition) => format!("write the opposite of `{condition}` as `when` on phase `{}`", phase.name),
                None => format!("remove phase `{}`, or its gate", phase.name),
            };
            found.push(
                Diagnostic::new(
                    &SKIP_OF_GATED_PHASE,
                    *span,
                    format!("`{}` holds a gate and cannot be skipped by a rule", phase.name),
                )
                .label("would make the gate disappear")
                .related(model.node(gate).name.span, analysis.described(gate))
                .help(help),
            );
        }
    }
}

/// Each skip rule leaves each of its phases out in some variant in which nothing else does.
pub fn skip_rules_apply(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for skip in &model.skips {
        let Some(condition) = &skip.when else { continue };
        for (phase, span) in &skip.phases {
            let node = model.node(*phase);
            let at = Position::Before(*phase);
            let applies = analysis.and(analysis.holds(condition, at), analysis.run(node.parent));
            let shown = model.written(condition.span);
            // What a condition is by itself has been said.
            let alone = analysis.holds(condition, at);
            if alone == TRUE || alone == FALSE || analysis.within_reach(analysis.run(node.parent), at) == FALSE {
                continue;
            }
            if analysis.within_reach(applies, at) == FALSE {
                let diagnostic =
                    Diagnostic::new(&SKIP_NEVER_APPLIES, *span, format!("this rule never skips `{}`", node.name.name))
                        .label(format!("`{shown}` never holds there"))
                        .related(node.name.span, "stands here in the order");
                found.push(
                    because(analysis, diagnostic, applies, *phase, node.parent)
                        .help("leave the phase out of the rule, or look at what was meant"),
                );
            } else if let Some(when) = &node.when {
                let matters = analysis.and(applies, analysis.holds(when, at));
                if analysis.within_reach(matters, at) == FALSE {
                    found.push(
                        Diagnostic::new(
                            &SKIP_REPEATS_WHEN,
                            *span,
                            format!("`{}` is left out by its own `when` already", node.name.name),
                        )
                        .label(format!("skipped when `{shown}`"))
                        .related(when.span, "the same is said here")
                        .help("leave the phase out of the rule"),
                    );
                }
            }
        }
    }
}

/// Each item runs in some variant, and one that says `when` does not run in all.
pub fn conditions_of_items_matter(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let node = model.node(id);
        let (around, run) = (analysis.run(node.parent), analysis.run(id));
        if around == run && node.when.is_none() {
            continue;
        }
        let at = Position::Before(id);
        let when = node.when.as_ref().map_or(TRUE, |when| analysis.holds(when, at));
        let rules = analysis.skip_rules(id).filter_map(|rule| rule.when.as_ref());
        let decided_alone = when == FALSE || rules.map(|when| analysis.holds(when, at)).any(|holds| holds == TRUE);
        if decided_alone || analysis.within_reach(around, at) == FALSE {
            continue;
        }
        if analysis.within_reach(run, at) == FALSE {
            found.push(dead(analysis, id, run));
        } else if let Some(condition) = &node.when
            && when != TRUE
            && analysis.within_reach(analysis.and_not(around, when), at) == FALSE
        {
            let shown = model.written(condition.span);
            let diagnostic = Diagnostic::new(&FALSE_OPTIONAL, condition.span, format!("`{shown}` always holds here"))
                .label(format!("leaves {} out in no variant", analysis.described(id)));
            found.push(
                because(analysis, diagnostic, analysis.and_not(around, when), id, node.parent)
                    .help("leave this `when` out, or compare with what was meant"),
            );
        }
    }
}

/// Points to what excludes a condition where an item stands: a gate or loop before it, or the condition of what is
/// around it, from `inmost` on.
pub fn because(
    analysis: &Analysis<'_>,
    diagnostic: Diagnostic,
    excluded: Diagram,
    id: NodeId,
    inmost: NodeId,
) -> Diagnostic {
    let model = &analysis.model;
    if let Some(gate) = analysis.stopped_by(excluded, Position::Before(id)) {
        let label = format!("{} sees to that", analysis.described(gate));
        return diagnostic.related(model.node(gate).name.span, label);
    }
    let around = model.ancestors(inmost).find_map(|item| Some((item, model.node(item).when.as_ref()?)));
    match around {
        Some((item, when)) => {
            diagnostic.related(when.span, format!("{} runs only when this holds", analysis.described(item)))
        }
        None => diagnostic,
    }
}

fn dead(analysis: &Analysis<'_>, id: NodeId, run: Diagram) -> Diagnostic {
    let model = &analysis.model;
    let node = model.node(id);
    let what = analysis.described(id);
    let mut diagnostic = Diagnostic::new(&DEAD_PHASE, node.name.span, format!("{what} runs in no variant"));
    diagnostic = match &node.when {
        Some(when) => diagnostic.label(format!("`{}` never holds here", model.written(when.span))),
        None => diagnostic.label("always skipped"),
    };
    if let Some(gate) = analysis.stopped_by(run, Position::Before(id)) {
        let (name, described) = (model.node(gate).name, analysis.described(gate));
        let reads_answer = analysis.support(run).into_iter().any(|fact| analysis.version(fact).node == Some(gate));
        return if reads_answer && model.gate(gate).is_some() {
            diagnostic
                .related(name.span, format!("{described} goes on with other answers only"))
                .help(format!("let the option go on, so that {what} can follow, or remove {what}"))
        } else {
            diagnostic
                .related(name.span, format!("{described} lets only others through"))
                .help(format!("move {what} before it, or remove it; what is required there holds for all that follows"))
        };
    }
    if let Some(rule) = analysis.skip_rules(id).find(|rule| rule.when.is_some()) {
        return diagnostic
            .related(rule.span, "left out by this rule where its own condition holds")
            .help("look at the condition of the phase and at that of the rule: one of them is too wide");
    }
    because(analysis, diagnostic, run, id, node.parent)
        .help("look at its condition and at what surrounds it: the two exclude each other")
}

/// What is claimed to run does: `required`, and `requires phase`.
pub fn claims_of_phases_hold(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let node = model.node(id);
        if let Some(span) = node.required() {
            found.extend(analysis.by_itself(span, "whether this always runs", || skip_of_required(analysis, id, span)));
        }
        for (other, span) in model.work(id).into_iter().flat_map(|work| &work.requires_phases) {
            let asked = || requires_skipped(analysis, id, *other, *span);
            found.extend(analysis.by_itself(*span, "whether this has always run before", asked));
        }
    }
}

fn skip_of_required(analysis: &Analysis<'_>, id: NodeId, span: Span) -> Option<Diagnostic> {
    let model = &analysis.model;
    let node = model.node(id);
    let fault = analysis.and_not(analysis.run(node.parent), analysis.run(id));
    let last = format!("{} is left out, and it is required", analysis.described(id));
    let example = analysis.example(fault, Position::Before(id), &[], last)?;
    let mut diagnostic = Diagnostic::new(
        &SKIP_OF_REQUIRED,
        span,
        format!("{} is required and left out in some variant", analysis.described(id)),
    )
    .label("claims that it always runs");
    if let Some(when) = &node.when {
        diagnostic = diagnostic.related(when.span, "runs only when this holds");
    }
    for rule in analysis.skip_rules(id) {
        diagnostic = diagnostic.related(rule.span, "skipped by this rule");
    }
    Some(diagnostic.example(example).help("leave `required` out, or the condition that contradicts it"))
}

fn requires_skipped(analysis: &Analysis<'_>, id: NodeId, other: NodeId, span: Span) -> Option<Diagnostic> {
    let model = &analysis.model;
    let (name, required) = (analysis.described(id), model.node(other).name);
    let before = analysis.graph.precedes(model, other, id);
    let fault = if before { analysis.and_not(analysis.run(id), analysis.run(other)) } else { analysis.run(id) };
    let last = format!("{name} begins, and `{}` has not run", required.name);
    let others: &[NodeId] = if before { &[other] } else { &[] };
    let example = analysis.example(fault, Position::Before(id), others, last)?;
    let message = if before {
        format!("{name} requires `{}`, which is skipped in some variant", required.name)
    } else {
        format!("{name} requires `{}`, which does not come before it", required.name)
    };
    let mut diagnostic = Diagnostic::new(&REQUIRES_SKIPPED, span, message).label("has not run there");
    diagnostic = match &model.node(other).when {
        Some(when) if before => diagnostic.related(when.span, format!("`{}` runs only when this holds", required.name)),
        _ => diagnostic.related(required.span, format!("`{}` stands here", required.name)),
    };
    let help = if before {
        format!("let {name} run only where `{0}` does (`when ran({0})`), or do not require it", required.name)
    } else {
        format!("move `{}` before {name}, or do not require it", required.name)
    };
    Some(diagnostic.example(example).help(help))
}
