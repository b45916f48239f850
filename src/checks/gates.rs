//! Gates: what they ask for can be had, somebody else closes them, and something waits behind them.

use std::collections::HashSet;

use crate::analysis::{Analysis, option_turns_back, turns_back};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Evidence, Gate, Item, Loop, NodeId, NodeKind};

codes! {
    NO_WAY_TO_THE_END: "WF205" "no-way-to-the-end" Error = "In some variant a gate or loop lets nobody through.",
        "A question offers no option that goes on, or a loop can never end, because of what was settled before it. The run \
         could only be aborted. In every variant one option has to go on, and `until` has to be able to hold.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase build\n\ngate go {\n  ask \"Go on?\" {\n    yes \"Yes\" when small\n    again \"Again\" -> redo build at most 2\n    no \"No\" -> abort\n  }\n}\n\nphase ship\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\nphase build\n\ngate go {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    again \"Again\" when small -> redo build at most 2\n    no \"No\" -> abort\n  }\n}\n\nphase ship\n";
    GATE_GUARDS_NOTHING: "WF502" "gate-guards-nothing" Error = "In some variant nothing comes after a gate.",
        "A gate holds back what is written after it. In some variant all of that is skipped, so the gate stops nobody. The last \
         item of a workflow may be a gate: it guards the end.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\ngate go {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase extra when not small\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\ngate go when not small {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase extra when not small\n";
    GATE_ASKS_THE_IMPOSSIBLE: "WF504" "gate-asks-the-impossible" Error = "A gate asks for what nobody can give.",
        "What it requires can never hold where it stands, or an item names nobody and nothing that could close it. Such a gate \
         stops every run.",
        bad: "workflow w\n\nfact size: int 0..9\n\nphase triage {\n  decides size\n}\n\ngate small {\n  require size < 3\n  on fail -> abort\n}\n\ngate large {\n  require size > 5\n  on fail -> abort\n}\n\nphase ship\n",
        good: "workflow w\n\nfact size: int 0..9\n\nphase triage {\n  decides size\n}\n\ngate middle {\n  require size > 5\n  on fail -> abort\n}\n\nphase ship\n";
    GATE_WITHOUT_EVIDENCE: "WF505" "gate-without-evidence" Error = "In some variant a gate asks for nothing.",
        "Each item of the gate has a `when` that does not hold there, so the gate opens by itself. Put the condition on the gate, \
         or give it an item that always applies.",
        bad: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\ngate seen {\n  require look \"Somebody looked\" when not small by answer\n}\n\nphase ship\n",
        good: "workflow w\n\nfact small: bool\n\nphase triage {\n  decides small\n}\n\ngate seen when not small {\n  require look \"Somebody looked\" by answer\n}\n\nphase ship\n";
    GATE_OF_CLAIMS_ONLY: "WF506" "gate-of-claims-only" Warning = "Everything that closes a gate is somebody's word.",
        "`by skill` and `by checklist` are claims: nobody looks. A gate of claims alone can be talked past. Give it one item that \
         is observed: a file, a command, another agent, a person, a measure.",
        bad: "workflow w\n\nphase build\n\ngate done {\n  step habits \"Working habits\" by checklist [\"No debug output\"]\n}\n\nphase ship\n",
        good: "workflow w\n\nphase build\n\ngate done {\n  step habits \"Working habits\" by checklist [\"No debug output\"]\n  require suite \"Tests pass\" by run \"make test\"\n}\n\nphase ship\n";
    GATE_APPROVES_ITSELF: "WF507" "gate-approves-itself" Error = "An agent closes the gate that judges its own work.",
        "The work under review is that of the agents to whom the routes of the gate go back; without such routes, of those that \
         the last phase before it starts. None of them may give the evidence.",
        bad: "workflow w\n\nagent builder \"Builds\"\n\nphase build {\n  spawn builder \"Build it\"\n}\n\ngate good by agent builder {\n  require clean \"It is clean\"\n  on fail -> fix by builder at most 2\n}\n\nphase ship\n",
        good: "workflow w\n\nagent builder \"Builds\"\n\nagent critic \"Looks\"\n\nphase build {\n  spawn builder \"Build it\"\n}\n\ngate good by agent critic {\n  require clean \"It is clean\"\n  on fail -> fix by builder at most 2\n}\n\nphase ship\n";
}

/// What can be said of gates without a look at any variant.
pub fn gates_are_closed_by_others(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    // The items of a procedure are those of many gates.
    let mut told = HashSet::new();
    for (id, gate) in model.gates() {
        let items = model.gate_items(id);
        let name = model.node(id).name;
        let open = items.iter().filter(|item| item.by.is_none() && gate.by.is_none());
        found.extend(open.filter(|item| told.insert(item.name.span)).map(|item| {
            Diagnostic::new(
                &GATE_ASKS_THE_IMPOSSIBLE,
                item.name.span,
                format!("nothing closes `{}` of gate `{}`", item.name.name, name.name),
            )
            .label("names no evidence")
            .related(name.span, "the gate names no agent for its items either")
            .help("say how it is seen, as in `by answer` or `by run \"…\"`, or write `by agent …` on the gate")
        }));
        let claims = |item: &&Item<'_>| item.by.as_ref().is_some_and(Evidence::is_claim);
        if !items.is_empty() && items.iter().all(claims) && gate.conditions.is_empty() && gate.ask.is_none() {
            found.push(
                Diagnostic::new(&GATE_OF_CLAIMS_ONLY, name.span, format!("gate `{}` can be talked past", name.name))
                    .label("everything that closes it is a claim")
                    .related(items[0].name.span, "nobody looks whether this is so")
                    .help("add an item that is observed: `by file`, `by run`, `by agent`, `by answer` or `by measure`"),
            );
        }
        found.extend(approves_itself(analysis, id, gate, &items));
    }
}

fn approves_itself(analysis: &Analysis<'_>, id: NodeId, gate: &Gate<'_>, items: &[&Item<'_>]) -> Option<Diagnostic> {
    let model = &analysis.model;
    let closes = |item: &&Item<'_>| match &item.by {
        Some(Evidence::Agent(agent)) => Some(*agent),
        None => gate.by,
        _ => None,
    };
    if items.iter().all(|item| closes(item).is_none()) {
        return None;
    }
    let judged = analysis.under_review(id);
    let (item, agent) =
        items.iter().filter_map(|item| Some((item, closes(item)?))).find(|(_, agent)| judged.contains(agent))?;
    let (name, agent) = (model.node(id).name, &model.agents[agent.index()].name);
    Some(
        Diagnostic::new(
            &GATE_APPROVES_ITSELF,
            item.name.span,
            format!("`{}` would judge its own work at gate `{}`", agent.name, name.name),
        )
        .label(format!("closed by `{}`", agent.name))
        .related(name.span, format!("what `{}` did is under review here", agent.name))
        .help("let another agent look, or let the routes of the gate go back to the agent whose work it is"),
    )
}

/// In every variant in which it stands, a gate asks for something that can be given.
pub fn gates_ask_for_something(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for (id, gate) in analysis.model.gates() {
        let asked = || without_evidence(analysis, id, gate).or_else(|| impossible(analysis, id, gate));
        let name = analysis.model.node(id).name.span;
        found.extend(analysis.by_itself(name, "whether this gate always asks for something", asked));
    }
}

fn without_evidence(analysis: &Analysis<'_>, id: NodeId, gate: &Gate<'_>) -> Option<Diagnostic> {
    let model = &analysis.model;
    let items = model.gate_items(id);
    if !gate.conditions.is_empty() || gate.ask.is_some() || items.iter().any(|item| item.when.is_none()) {
        return None;
    }
    let at = Position::Before(id);
    let applies = items.iter().filter_map(|item| item.when.as_ref()).fold(FALSE, |any, when| {
        let holds = analysis.holds(when, at);
        analysis.or(any, holds)
    });
    let what = analysis.described(id);
    let fault = analysis.and_not(analysis.run(id), applies);
    let example = analysis.example(fault, at, &[], format!("{what} stands and asks for nothing"))?;
    let mut diagnostic = Diagnostic::new(
        &GATE_WITHOUT_EVIDENCE,
        model.node(id).name.span,
        if items.is_empty() {
            format!("{what} asks for nothing")
        } else {
            format!("{what} asks for nothing in some variant")
        },
    )
    .label("opens by itself");
    if items.is_empty() {
        return Some(diagnostic.help("give it an item, a condition or a question, or remove it"));
    }
    for item in items.iter().take(3) {
        diagnostic = diagnostic.related(item.name.span, "does not apply there");
    }
    Some(diagnostic.example(example).help("put the condition on the gate, or add an item that always applies"))
}

/// Each condition of a gate can hold by itself, and yet all together, or behind the gates before it, they cannot.
fn impossible(analysis: &Analysis<'_>, id: NodeId, gate: &Gate<'_>) -> Option<Diagnostic> {
    let at = Position::Before(id);
    if gate.conditions.is_empty() || analysis.within_reach(analysis.run(id), at) == FALSE {
        return None;
    }
    let mut all = analysis.run(id);
    let condition = gate.conditions.iter().find(|condition| {
        all = analysis.and(all, analysis.holds(condition, at));
        analysis.within_reach(all, at) == FALSE
    })?;
    if analysis.holds(condition, at) == FALSE {
        // Said already: it can never hold by itself.
        return None;
    }
    let model = &analysis.model;
    let name = model.node(id).name;
    let shown = model.written(condition.span);
    let message = match analysis.overridable(gate) {
        true => format!("gate `{}` can only be overridden", name.name),
        false => format!("gate `{}` can never be passed", name.name),
    };
    let mut diagnostic = Diagnostic::new(&GATE_ASKS_THE_IMPOSSIBLE, condition.span, message)
        .label(format!("`{shown}` never holds here"));
    let alone = analysis.and(analysis.run(id), analysis.holds(condition, at));
    diagnostic = match analysis.stopped_by(alone, at) {
        Some(earlier) => diagnostic.related(
            model.node(earlier).name.span,
            format!("{} lets only others through", analysis.described(earlier)),
        ),
        None => {
            let others = gate.conditions.iter().filter(|other| other.span != condition.span);
            let diagnostic =
                others.fold(diagnostic, |diagnostic, other| diagnostic.related(other.span, "required, too"));
            match &model.node(id).when {
                Some(when) => diagnostic.related(when.span, "the gate stands only when this holds"),
                None => diagnostic,
            }
        }
    };
    Some(diagnostic.help("require what can hold here; the places marked exclude it"))
}

/// In every variant the question of a gate has an option that goes on, and a loop can end.
pub fn everybody_gets_through(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let what = "whether everybody gets through this";
    for (id, gate) in model.gates() {
        found.extend(analysis.by_itself(model.node(id).name.span, what, || no_option(analysis, id, gate)));
    }
    for (id, inner) in model.loops() {
        found.extend(analysis.by_itself(model.node(id).name.span, what, || never_ends(analysis, id, inner)));
    }
}

fn no_option(analysis: &Analysis<'_>, id: NodeId, gate: &Gate<'_>) -> Option<Diagnostic> {
    let model = &analysis.model;
    let ask = gate.ask.as_ref().filter(|_| !analysis.overridable(gate))?;
    let name = model.node(id).name;
    let at = Position::Before(id);
    let (run, goes_on) = (analysis.run(id), if turns_back(ask) { FALSE } else { analysis.offers_a_way_on(ask, at) });
    if turns_back(ask) && analysis.reached(at) && analysis.within_reach(analysis.not(run), at) == FALSE {
        // In no variant: where something comes after it, that is said to be unreachable.
        let last = analysis.graph.is_last(model, id);
        return last.then(|| {
            Diagnostic::new(
                &NO_WAY_TO_THE_END,
                name.span,
                format!("gate `{}` lets nobody through to the end", name.name),
            )
            .label("no option goes on")
            .help("add an option without an outcome, or with `continue`")
        });
    }
    let fault = analysis.and_not(run, goes_on);
    let last = format!("gate `{}` offers no option that goes on", name.name);
    let example = analysis.example(fault, at, &[], last)?;
    let mut diagnostic = Diagnostic::new(
        &NO_WAY_TO_THE_END,
        name.span,
        format!("gate `{}` lets nobody through in some variant", name.name),
    )
    .label("only going back or stopping is left");
    for option in ask.options.iter().filter(|option| !option_turns_back(option)) {
        diagnostic = diagnostic.related(option.name.span, "goes on, but is not offered there");
    }
    Some(diagnostic.example(example).help(if goes_on == FALSE {
        "add an option without an outcome, or with `continue`"
    } else {
        "let one of these options be offered in every variant, or add one that is"
    }))
}

fn never_ends(analysis: &Analysis<'_>, id: NodeId, inner: &Loop<'_>) -> Option<Diagnostic> {
    let model = &analysis.model;
    let until = inner.until.as_ref()?;
    let ends = analysis.lets_through(id);
    if ends == TRUE {
        return None;
    }
    // What was settled before stays. All else can come out as is needed, as far as the gates inside let it through.
    let at = Position::Before(id);
    let settled_later = |variable: &usize| {
        analysis.version(*variable).node.is_some_and(|node| !analysis.graph.settled(model, node, at))
    };
    let can = |condition| {
        let passed = analysis.within_reach(condition, Position::EndOf(id));
        let later = analysis.support(passed).into_iter().filter(settled_later);
        later.fold(passed, |can, variable| analysis.exists(can, variable))
    };
    let (can_end, can_fail) = (can(ends), can(analysis.not(ends)));
    let name = model.node(id).name;
    let shown = model.written(until.span);
    let fails = analysis.and(analysis.run(id), can_fail);
    let fault = analysis.and_not(fails, can_end);
    let reaches = analysis.within_reach(fails, at);
    if reaches != FALSE && analysis.within_reach(analysis.and(analysis.run(id), can_end), at) == FALSE {
        // In no variant: what comes after it is said to be unreachable.
        let last = analysis.graph.is_last(model, id);
        return last.then(|| {
            Diagnostic::new(&NO_WAY_TO_THE_END, until.span, format!("loop `{}` can never end", name.name))
                .label("nothing inside the loop can make this true")
                .help("let it end where it can, or allow `override by user`")
        });
    }
    let example =
        analysis.example(fault, at, &[], format!("loop `{}` begins, and `{shown}` can never hold", name.name))?;
    Some(
        Diagnostic::new(&NO_WAY_TO_THE_END, until.span, format!("loop `{}` can never end in some variant", name.name))
            .label("nothing inside the loop can make this true there")
            .related(name.span, "every pass ends the same way")
            .example(example)
            .help("let `until` hold in that variant, too, or allow `override by user`"),
    )
}

/// In every variant in which it stands, a gate holds something back.
pub fn gates_guard_something(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    for (id, _) in analysis.model.gates() {
        let name = analysis.model.node(id).name.span;
        found.extend(analysis.by_itself(name, "whether this gate guards something", || guards_nothing(analysis, id)));
    }
}

fn guards_nothing(analysis: &Analysis<'_>, id: NodeId) -> Option<Diagnostic> {
    let model = &analysis.model;
    let at = Position::Before(id);
    let run = analysis.run(id);
    let works = |node: &NodeId| {
        matches!(
            model.node(*node).kind,
            NodeKind::Phase | NodeKind::Stage | NodeKind::Spawn | NodeKind::Gate | NodeKind::Step
        )
    };
    let behind = (model.node(id).end.index()..model.nodes.len()).map(NodeId::new).filter(works);
    let mut behind = behind.filter(|node| analysis.graph.precedes(model, id, *node)).peekable();
    // Nothing is written after it: it guards the end.
    behind.peek()?;
    // Where it lets nobody through, it does hold something back.
    let mut nothing = analysis.and(run, analysis.lets_through(id));
    let mut seen: HashSet<Diagram> = HashSet::new();
    let mut skipped = Vec::new();
    for node in behind {
        if seen.insert(analysis.run(node)) {
            nothing = analysis.and_not(nothing, analysis.run(node));
            skipped.push(node);
        }
        if nothing == FALSE {
            return None;
        }
    }
    // An answer under which nothing comes after it is a way to say no: the gate guards what another answer lets go on.
    let stands = analysis.and(run, analysis.lets_through(id));
    let answer = model.gate(id).and_then(|gate| gate.answer).and_then(|fact| analysis.last_variable(fact));
    if let Some(answer) = answer {
        let something = analysis.exists(analysis.and_not(stands, nothing), answer);
        nothing = analysis.and_not(nothing, something);
    }
    let what = analysis.described(id);
    let example = analysis.example(nothing, at, &skipped, format!("{what} stands, and nothing comes after it"))?;
    Some(
        Diagnostic::new(
            &GATE_GUARDS_NOTHING,
            model.node(id).name.span,
            format!("{what} guards nothing in some variant"),
        )
        .label("all that is written after it is skipped there")
        .related(model.node(skipped[0]).name.span, "the first of it")
        .example(example)
        .help("let the gate stand only where something comes after it, or move it"),
    )
}
