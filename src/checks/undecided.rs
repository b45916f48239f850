//! Conditions come out the same whatever a fact would be that nobody has decided.

use std::collections::HashSet;

use crate::analysis::{Analysis, Role, Site};
use crate::checks::facts::decided_at;
use crate::checks::outcomes::{Guard, Part, offered, outcomes};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Arm, Condition, FactAtom, FactId, NodeId, NodeKind};

codes! {
    FACT_UNDECIDED: "WF308" "fact-undecided-in-variant" Error = "A condition reads a fact that nobody has decided in some variant.",
        "The decider comes before the reader, but in some variant it is skipped. Where that is so, the condition must come out \
         the same whatever the fact would be: say what holds without it, with `ran(…)`, `skipped(…)` or the decider's own \
         condition. The same is said where a reader and a reviser of a fact run side by side, so that nobody knows which \
         version is read.",
        bad: "workflow w\n\nenum Size { SMALL < LARGE }\n\nenum Verdict { good | bad }\n\nfact size: Size\n\nfact verdict: Verdict\n\nphase triage {\n  decides size\n}\n\nphase review when size == LARGE {\n  decides verdict\n}\n\nphase repair when verdict == bad\n",
        good: "workflow w\n\nenum Size { SMALL < LARGE }\n\nenum Verdict { good | bad }\n\nfact size: Size\n\nfact verdict: Verdict\n\nphase triage {\n  decides size\n}\n\nphase review when size == LARGE {\n  decides verdict\n}\n\nphase repair when verdict == bad and size == LARGE\n";
}

/// Wherever a condition is evaluated, it comes out the same whatever an undecided fact would be.
///
/// Semantics N5: a counter-example reaches the reader, the decider has not run, and two values of the fact tell the
/// condition apart.
pub fn facts_are_decided_where_they_matter(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    // A fact is reported once per item: what else asks for it there follows.
    let mut told: HashSet<(NodeId, FactId)> = HashSet::new();
    analysis.sites(&mut |site| {
        if site.role.is_final() || site.role == Role::Measure {
            return;
        }
        let mut atoms = Vec::new();
        site.condition.cond.atoms(&mut atoms);
        atoms.sort_by_key(|atom| (atom.fact, atom.span));
        atoms.dedup_by_key(|atom| atom.fact);
        for atom in atoms {
            if told.contains(&(site.node, atom.fact)) {
                continue;
            }
            let what = "whether this condition can be read wherever it is";
            let asked = || undecided(analysis, &site, atom);
            if let Some(diagnostic) = analysis.by_itself(site.condition.span, what, asked) {
                told.insert((site.node, atom.fact));
                found.push(diagnostic);
            }
        }
    });
    for (reviser, work) in model.works() {
        for revision in &work.revises {
            let Some((decider, _)) = decided_at(analysis, revision.fact) else { continue };
            if told.contains(&(reviser, revision.fact)) || analysis.run(decider) == TRUE {
                continue;
            }
            let name = model.facts[revision.fact.index()].name.name;
            let fault = analysis.and_not(analysis.run(reviser), analysis.run(decider));
            let last = format!("{} revises `{name}`, which nobody has decided", analysis.described(reviser));
            let Some(example) = analysis.example(fault, Position::EndOf(reviser), &[decider], last) else { continue };
            found.push(
                Diagnostic::new(
                    &FACT_UNDECIDED,
                    revision.span,
                    format!("`{name}` is revised where nobody may have decided it"),
                )
                .label(format!("by {}", analysis.described(reviser)))
                .related(model.node(decider).name.span, format!("decided by {}", analysis.described(decider)))
                .example(example)
                .help(match model.node(decider).kind {
                    NodeKind::Spawn => {
                        format!("revise it only where {} runs: repeat its condition", analysis.described(decider))
                    }
                    _ => format!("revise it only where it was decided: `when ran({})`", model.node(decider).name.name),
                }),
            );
        }
    }
}

fn undecided(analysis: &Analysis<'_>, site: &Site<'_>, atom: &FactAtom) -> Option<Diagnostic> {
    let model = &analysis.model;
    let (decider, decided) = decided_at(analysis, atom.fact)?;
    // Who overrides a gate has not answered it.
    let decides = analysis.and_not(analysis.run(decider), analysis.unanswered(decider));
    if decides == TRUE || model.is_within(site.node, decider) {
        return None;
    }
    let revised = revision_of(analysis, site);
    let variable = match revised {
        Some((fact, _)) if fact == atom.fact => analysis.version_before(fact, site.node)?,
        _ => analysis.variable_read(atom, site.at)?,
    };
    let mut asked = analysis.and_not(asked(analysis, site), decides);
    if asked == FALSE {
        return None;
    }
    let holds = match revised {
        Some((fact, before)) => {
            // Arms are tried in their order.
            for arm in before {
                asked = analysis.and_not(asked, analysis.arm_holds(&arm.condition, site.node, fact));
            }
            analysis.arm_holds(site.condition, site.node, fact)
        }
        None => analysis.part_holds(&site.condition.cond, site.at),
    };
    let may_hold = analysis.exists(holds, variable);
    let may_fail = analysis.exists(analysis.not(holds), variable);
    let fault = analysis.and(asked, analysis.and(may_hold, may_fail));
    if fault == FALSE {
        return None;
    }
    let name = model.facts[atom.fact.index()].name.name;
    let shown = model.written(site.condition.span);
    let last = format!("`{shown}` cannot be told: nobody has decided `{name}`");
    let example = analysis.example(fault, site.at, &[decider], last)?;
    let decider_name = model.node(decider).name.name;
    let help = match site.role {
        _ if analysis.run(decider) != decides => format!(
            "gate `{decider_name}` may be passed without an answer: ask in a gate of its own, which nobody overrides"
        ),
        // Only what has a name of its own can be asked about.
        _ if model.node(decider).kind == NodeKind::Spawn => {
            format!("say what holds without it: repeat the condition of {}", analysis.described(decider))
        }
        Role::When | Role::Skip => {
            format!(
                "ask first whether it was decided: `ran({decider_name}) and …`, or repeat the condition of `{decider_name}`"
            )
        }
        _ => format!("say what holds without it, as in `skipped({decider_name}) or …`"),
    };
    Some(
        Diagnostic::new(&FACT_UNDECIDED, atom.span, format!("`{name}` is read where nobody may have decided it"))
            .label(format!("read by {}", analysis.described(site.node)))
            .related(decided, format!("decided by {}", analysis.described(decider)))
            .example(example)
            .help(help),
    )
}

/// The fact that an arm revises, with the arms before it.
fn revision_of<'a, 's>(analysis: &'a Analysis<'s>, site: &Site<'_>) -> Option<(FactId, &'a [Arm])> {
    if site.role != Role::Arm {
        return None;
    }
    analysis.model.work(site.node)?.revises.iter().find_map(|revision| {
        let arms = revision.arms.as_ref()?;
        let index = arms.iter().position(|arm| arm.condition.span == site.condition.span)?;
        Some((revision.fact, &arms[..index]))
    })
}

/// Under which condition a condition is evaluated at all.
pub fn asked(analysis: &Analysis<'_>, site: &Site<'_>) -> Diagram {
    let node = analysis.model.node(site.node);
    match site.role {
        Role::When => analysis.run(node.parent),
        Role::Skip => {
            let parent = analysis.run(node.parent);
            node.when.as_ref().map_or(parent, |when| analysis.and(parent, analysis.holds(when, site.at)))
        }
        Role::Route | Role::Option => asked_of_an_outcome(analysis, site).unwrap_or(analysis.run(site.node)),
        _ => analysis.run(site.node),
    }
}

/// When a row of a table is looked at, or whether an option is offered.
fn asked_of_an_outcome(analysis: &Analysis<'_>, site: &Site<'_>) -> Option<Diagram> {
    let is_it = |condition: &Condition| condition.span == site.condition.span;
    let mut asked = None;
    outcomes(&analysis.model, site.node, &mut |part, when| {
        let row = when.iter().position(|guard| matches!(guard, Guard::Holds(condition) if is_it(condition)));
        let an_option = || match part {
            Part::Ask(ask) => {
                let mut conditions = ask.options.iter().filter_map(|option| option.when.as_deref());
                conditions.any(is_it).then_some(when.len())
            }
            Part::Action(_) => None,
        };
        // Whether a gate's own options are offered is settled when it begins, be it that it fails.
        let above = row.or_else(an_option).filter(|_| !matches!(when.first(), Some(Guard::Passes)));
        asked = asked.or_else(|| above.map(|above| offered(analysis, site.node, &when[..above])));
    });
    asked
}
