//! What cannot be undone, and who said yes to it.

use crate::analysis::{Analysis, option_turns_back};
use crate::checks::outcomes::{actions, offered, position};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{Action, Ask, FactKind, Gate, Loop, NodeId, NodeKind, Outcome};
use crate::source::Span;

codes! {
    WITHOUT_APPROVAL: "WF508" "irreversible-without-approval" Error = "Something that cannot be undone happens without a yes.",
        "Each execution of an `irreversible` item comes after an approval of its own: a gate before it asks a person and offers to \
         go back, to abort, or not to do it. What a loop or a redo repeats needs an approval inside of what is repeated. To \
         show something is no approval, and neither is an override.",
        bad: "workflow w\n\nphase build\n\nphase push irreversible\n",
        good: "workflow w\n\nphase build\n\ngate go {\n  ask \"Push?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase push irreversible\n";
    ON_AN_AGENTS_WORD: "WF509" "approval-on-an-agents-word" Warning = "Whether a person is asked hangs on a fact that an agent decides.",
        "An agent that decides the fact the other way is never stopped by a person. Let a person confirm the fact with \
         `decides x confirmed`, see it with `decides x from run \"…\"`, or let the gate stand in every variant.",
        bad: "workflow w\n\nfact risky: bool\n\nphase triage {\n  decides risky\n}\n\ngate go when risky {\n  ask \"Push?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase push when risky irreversible\n\nphase done\n",
        good: "workflow w\n\nfact risky: bool\n\nphase triage {\n  decides risky confirmed\n}\n\ngate go when risky {\n  ask \"Push?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase push when risky irreversible\n\nphase done\n";
}

/// A gate that asks a person, and the variants in which its question can say no to an irreversible item.
struct Approval {
    gate: NodeId,
    approves: Diagram,
}

/// What is done again, and why.
struct Range {
    /// Who repeats: a gate, a loop, an `each`, or work that is tried again.
    by: NodeId,
    span: Span,
    what: Repeated,
    /// When it is repeated.
    taken: Diagram,
}

enum Repeated {
    /// What is inside a loop, but for what is done once.
    Passes,
    /// What is inside an `each`.
    Tasks,
    /// The work itself.
    Tries,
    /// From an item back to who repeats.
    Back(NodeId),
    /// The same, inside the stage or phase around it, which is itself done again by it; and work that is fixed.
    Fixed(NodeId),
}

/// Each execution of an irreversible item comes after an approval of its own.
pub fn irreversible_items_are_approved(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let mut irreversible =
        (1..model.nodes.len()).map(NodeId::new).filter(|id| model.node(*id).irreversible().is_some()).peekable();
    if irreversible.peek().is_none() {
        return;
    }
    let ranges = ranges(analysis);
    let mut unapproved_items: Vec<NodeId> = Vec::new();
    for id in irreversible {
        // What approves an item approves what is inside of it.
        if unapproved_items.iter().any(|outer| model.is_within(id, *outer)) {
            continue;
        }
        let asked = || {
            let approvals = approvals(analysis, id);
            if let Some(diagnostic) = unapproved(analysis, id, &approvals) {
                return (Some(diagnostic), true);
            }
            let repeated = ranges.iter().find_map(|range| repeated_unapproved(analysis, id, &approvals, range));
            (repeated.or_else(|| on_an_agents_word(analysis, id, &approvals)), false)
        };
        let name = model.node(id).name.span;
        let (diagnostic, unapproved) = analysis.by_itself(name, "whether somebody has said yes before", asked);
        found.extend(diagnostic);
        if unapproved {
            unapproved_items.push(id);
        }
    }
}

/// The gates before an item that can say no to it.
fn approvals(analysis: &Analysis<'_>, item: NodeId) -> Vec<Approval> {
    let model = &analysis.model;
    (1..item.index())
        .map(NodeId::new)
        .filter(|gate| analysis.graph.precedes(model, *gate, item) && model.each_left(*gate, item).is_none())
        .filter_map(|id| Some((id, model.gate(id)?)))
        .filter_map(|(id, gate)| Some((id, gate, gate.ask.as_ref()?)))
        .map(|(id, gate, ask)| Approval { gate: id, approves: approves(analysis, id, gate, ask, item) })
        .filter(|approval| approval.approves != FALSE)
        .collect()
}

/// When the gate stands and offers a no: an option that goes back or aborts, or under which the item does not run.
fn approves(analysis: &Analysis<'_>, id: NodeId, gate: &Gate<'_>, ask: &Ask<'_>, item: NodeId) -> Diagram {
    // Who overrides it has not been asked.
    let run = analysis.and_not(analysis.run(id), analysis.unanswered(id));
    if ask.options.is_empty() {
        return if escalation_offers(analysis, "abort") { run } else { FALSE };
    }
    let at = Position::Before(id);
    let mut any = FALSE;
    for (index, option) in ask.options.iter().enumerate() {
        // Where the item does not run with this answer.
        let left_out = || {
            let variable = gate.answer.and_then(|fact| Some((fact, analysis.last_variable(fact)?)));
            variable.map_or(FALSE, |(fact, variable)| {
                let with = analysis.and(analysis.run(item), analysis.is(fact, index));
                analysis.not(analysis.exists(with, variable))
            })
        };
        let by_outcome = option.outcome.as_ref().map_or(FALSE, |outcome| says_no(analysis, outcome, at));
        let says_no = if option_turns_back(option) { by_outcome } else { analysis.or(by_outcome, left_out()) };
        let offered = option.when.as_ref().map_or(TRUE, |when| analysis.holds(when, at));
        any = analysis.or(any, analysis.and(says_no, offered));
    }
    analysis.and(run, any)
}

/// When it ends in a redo or an abort, also when the bounds are used up, or the person can still choose what does.
fn says_no(analysis: &Analysis<'_>, outcome: &Outcome<'_>, at: Position) -> Diagram {
    if !matches!(outcome.actions.first(), Some(Action::Redo { .. } | Action::Abort | Action::Ask(_))) {
        return FALSE;
    }
    outcome.actions.iter().fold(TRUE, |all, action| match action {
        Action::Ask(ask) => analysis.and(all, offers_a_no(analysis, ask, at)),
        Action::Override { .. } | Action::Continue | Action::Spawn { .. } => FALSE,
        Action::Redo { .. } | Action::Fix { .. } | Action::Retry { .. } | Action::Abort | Action::Show { .. } => all,
    })
}

/// When a question that an answer leads to offers a no.
fn offers_a_no(analysis: &Analysis<'_>, ask: &Ask<'_>, at: Position) -> Diagram {
    if ask.options.is_empty() {
        return if escalation_offers(analysis, "abort") { TRUE } else { FALSE };
    }
    ask.options.iter().fold(FALSE, |any, option| {
        let Some(outcome) = &option.outcome else { return any };
        let offered = option.when.as_ref().map_or(TRUE, |when| analysis.holds(when, at));
        analysis.or(any, analysis.and(offered, says_no(analysis, outcome, at)))
    })
}

/// A question without options offers those of `escalation`: `more` and `abort` unless it says otherwise.
fn escalation_offers(analysis: &Analysis<'_>, name: &str) -> bool {
    let offered = analysis.model.escalation.as_ref();
    offered.is_none_or(|options| options.iter().any(|option| option.name.name == name))
}

fn without(analysis: &Analysis<'_>, condition: Diagram, approvals: &mut dyn Iterator<Item = &Approval>) -> Diagram {
    approvals.fold(condition, |rest, approval| analysis.and_not(rest, approval.approves))
}

fn unapproved(analysis: &Analysis<'_>, id: NodeId, approvals: &[Approval]) -> Option<Diagnostic> {
    let model = &analysis.model;
    let what = analysis.described(id);
    let fault = without(analysis, analysis.run(id), &mut approvals.iter());
    let gates: Vec<NodeId> = approvals.iter().map(|approval| approval.gate).collect();
    let example = analysis.example(
        fault,
        Position::Before(id),
        &gates,
        format!("{what} begins, and nobody has said yes to it"),
    )?;
    let message = if gates.is_empty() {
        format!("{what} cannot be undone, and nobody approves it before")
    } else {
        format!("{what} cannot be undone, and in some variant nobody approves it before")
    };
    let mut diagnostic = Diagnostic::new(&WITHOUT_APPROVAL, model.node(id).name.span, message).label("irreversible");
    for gate in gates.iter().rev().take(3) {
        let node = model.node(*gate);
        let (span, label) = match &node.when {
            Some(when) => (when.span, format!("{} asks only when this holds", analysis.described(*gate))),
            None => (node.name.span, format!("{} offers no way to stop it there", analysis.described(*gate))),
        };
        diagnostic = diagnostic.related(span, label);
    }
    if !gates.is_empty() {
        diagnostic = diagnostic.example(example);
    } else if let Some(asks) = asking_gate_before(analysis, id) {
        let label = match model.each_left(asks, id) {
            Some(each) => {
                let (asks, task) = (analysis.described(asks), model.node(each).name.name);
                format!("{asks} asks for each `{task}`, and there may be none")
            }
            None => {
                let why = match analysis.unanswered(asks) {
                    FALSE => "but none of its answers stops it",
                    _ => "but may be passed without an answer",
                };
                format!("{} asks, {why}", analysis.described(asks))
            }
        };
        diagnostic = diagnostic.related(model.node(asks).name.span, label);
    }
    Some(
        diagnostic
            .help("put a gate before it that asks a person and offers `-> abort` or `-> redo …`, in every variant"),
    )
}

/// The last gate before an item that asks a person anything.
fn asking_gate_before(analysis: &Analysis<'_>, item: NodeId) -> Option<NodeId> {
    let model = &analysis.model;
    let asks = |id: &NodeId| model.gate(*id).is_some_and(|gate| gate.ask.is_some());
    (1..item.index()).rev().map(NodeId::new).filter(asks).find(|gate| analysis.graph.precedes(model, *gate, item))
}

fn repeated_unapproved(
    analysis: &Analysis<'_>,
    id: NodeId,
    approvals: &[Approval],
    range: &Range,
) -> Option<Diagnostic> {
    let model = &analysis.model;
    let graph = &analysis.graph;
    let by = range.by;
    let inside = |node: NodeId| node != by && model.is_within(node, by);
    // A `once` item is not done again by the loop around it; one around that begins it anew.
    let once = |node: NodeId| {
        let mut items = model.ancestors(node).take_while(|item| *item != by);
        items.any(|item| {
            let mut around = model.ancestors(item).skip(1);
            model.node(item).once().is_some() && around.find(|outer| model.loop_of(*outer).is_some()) == Some(by)
        })
    };
    let again = |node: NodeId| match range.what {
        Repeated::Passes => inside(node) && !once(node),
        Repeated::Tasks => inside(node),
        Repeated::Tries => model.is_within(node, by) || model.is_within(by, node),
        Repeated::Back(from) => graph.voids(model, from, by, node),
        Repeated::Fixed(from) => {
            graph.voids(model, from, by, node) || model.is_within(by, node) || model.is_within(node, by)
        }
    };
    if !again(id) {
        return None;
    }
    let unasked = without(analysis, analysis.run(id), &mut approvals.iter().filter(|approval| again(approval.gate)));
    let unasked = analysis.within_reach(unasked, Position::Before(id));
    let repeated_at = match range.what {
        Repeated::Passes | Repeated::Tasks => Position::EndOf(by),
        Repeated::Tries | Repeated::Back(_) | Repeated::Fixed(_) => position(model, by),
    };
    // What is settled in what is repeated may come out otherwise the second time.
    let anew = |variable: &Variable| analysis.version(*variable).node.is_some_and(again);
    let repeats = analysis.within_reach(range.taken, repeated_at);
    let settled_anew = analysis.support(repeats).into_iter().filter(anew);
    let repeats = settled_anew.fold(repeats, |all, anew| analysis.exists(all, anew));
    if repeats == FALSE || unasked == FALSE {
        return None;
    }
    let (what, who) = (analysis.described(id), analysis.described(by));
    let goes_back = matches!(range.what, Repeated::Back(_) | Repeated::Fixed(_));
    let at = if goes_back { position(model, by) } else { Position::Before(id) };
    let last = format!("{who} has it done again, and nobody is asked in between");
    let example = analysis.example(analysis.and(unasked, range.taken), at, &[id], last);
    let example = example.or_else(|| {
        let last = format!("{what} begins, and nobody has been asked since {who} had it done again");
        let mut example = analysis.example(analysis.and(unasked, repeats), Position::Before(id), &[], last)?;
        let settled_anew: Vec<String> =
            analysis.variables().filter(anew).map(|variable| analysis.shown(variable, 0).0).collect();
        example.variant.retain(|(name, _)| !settled_anew.contains(name));
        example.steps.insert(0, format!("{who} has what comes now done again"));
        Some(example)
    });
    let example = example?;
    let before = approvals.iter().rev().find(|approval| !again(approval.gate));
    let mut diagnostic = Diagnostic::new(
        &WITHOUT_APPROVAL,
        model.node(id).name.span,
        format!("{what} cannot be undone, and {who} repeats it without asking again"),
    )
    .label("irreversible")
    .related(range.span, "does it again");
    if let Some(approval) = before {
        diagnostic = diagnostic.related(model.node(approval.gate).name.span, "asks once, before what is repeated");
    }
    if let Some(approval) = approvals.iter().rev().find(|approval| again(approval.gate)) {
        let label = format!("{} offers no way to stop it there", analysis.described(approval.gate));
        diagnostic = diagnostic.related(model.node(approval.gate).name.span, label);
    }
    Some(diagnostic.example(example).help(match range.what {
        Repeated::Passes => "put a gate that asks into the loop before it, or move it behind the loop",
        Repeated::Tasks => "put a gate that asks before it for each task, or move it behind the tasks",
        Repeated::Tries => "ask a person `on failure`, so that nothing is done twice unseen",
        Repeated::Back(_) | Repeated::Fixed(_) => {
            "put a gate that asks between where it goes back to and this, or go back to what comes after it"
        }
    }))
}

/// Everything that repeats items: loops, tasks, tries, and the redo and fix of gates, loops and spawns.
fn ranges(analysis: &Analysis<'_>) -> Vec<Range> {
    let model = &analysis.model;
    let mut all = Vec::new();
    for id in (1..model.nodes.len()).map(NodeId::new) {
        let node = model.node(id);
        let passes = match node.kind {
            NodeKind::Loop => model.loop_of(id).filter(|inner| begins_again(analysis, inner)).map(|_| Repeated::Passes),
            NodeKind::Each => Some(Repeated::Tasks),
            _ => None,
        };
        all.extend(passes.map(|what| Range { by: id, span: node.name.span, what, taken: analysis.run(id) }));
        actions(model, id, &mut |action, when| {
            let taken = || offered(analysis, id, when);
            match action {
                Action::Redo { target, span, .. } => {
                    let taken = analysis.and(taken(), analysis.run(*target));
                    all.push(Range { by: id, span: *span, what: Repeated::Back(*target), taken });
                }
                // What stands before it in its own stage or phase, and itself, if it is work.
                Action::Fix { span, .. } => {
                    let what = model.fixed_with(id).next().or(model.work(id).map(|_| id)).map(Repeated::Fixed);
                    all.extend(what.map(|what| Range { by: id, span: *span, what, taken: taken() }));
                }
                Action::Retry { span, .. } if model.work(id).is_some() => {
                    all.push(Range { by: id, span: *span, what: Repeated::Tries, taken: taken() });
                }
                _ => {}
            }
        });
    }
    all
}

/// A loop has more than one pass, unless it is bound to one and nobody is asked for more.
fn begins_again(analysis: &Analysis<'_>, inner: &Loop<'_>) -> bool {
    let bound = inner.bound.as_ref().and_then(|bound| bound.quantity.whole());
    let no_more = !escalation_offers(analysis, "more");
    bound != Some(1) || !inner.on_exhausted.as_ref().map_or(no_more, |outcome| leaves_the_loop(outcome, no_more))
}

/// Whatever is done when the passes are used up, there is no other pass. `no_more`: a question without options offers none.
fn leaves_the_loop(outcome: &Outcome<'_>, no_more: bool) -> bool {
    outcome.actions.iter().all(|action| match action {
        // It goes back to what comes before the loop.
        Action::Abort | Action::Continue | Action::Override { .. } | Action::Redo { .. } => true,
        Action::Ask(ask) => {
            let mut outcomes = ask.options.iter().filter_map(|option| option.outcome.as_ref());
            (no_more || !ask.options.is_empty()) && outcomes.all(|outcome| leaves_the_loop(outcome, no_more))
        }
        _ => false,
    })
}

/// Whether the person is asked hangs on a fact that an agent settles as it likes.
fn on_an_agents_word(analysis: &Analysis<'_>, id: NodeId, approvals: &[Approval]) -> Option<Diagnostic> {
    let model = &analysis.model;
    let at = Position::Before(id);
    let asked = approvals.iter().fold(FALSE, |any, approval| analysis.or(any, approval.approves));
    // Where both stand in one item, what hangs on a fact is whether that item runs, not whether it is asked about.
    let asks_wherever_it_may_run = |approval: &Approval| {
        let both = model.ancestors(approval.gate).find(|item| model.is_within(id, *item)).unwrap_or(NodeId::new(0));
        analysis.within_reach(analysis.and_not(analysis.run(both), approval.approves), at) == FALSE
    };
    if approvals.iter().any(asks_wherever_it_may_run) {
        return None;
    }
    let (variable, word) = analysis
        .support(asked)
        .into_iter()
        .find_map(|variable| Some((variable, agents_word(analysis, variable, asked)?)))?;
    let approval = approvals.iter().find(|approval| analysis.support(approval.approves).contains(&variable))?;
    let gate = model.node(approval.gate);
    let span = gate.when.as_ref().map_or(gate.name.span, |when| when.span);
    Some(
        Diagnostic::new(
            &ON_AN_AGENTS_WORD,
            span,
            format!("whether a person is asked before {} hangs on the word of an agent", analysis.described(id)),
        )
        .label(format!("depends on `{}`", word.fact))
        .related(word.span, format!("{} {} it, and nobody confirms it", analysis.described(word.node), word.does))
        .related(model.node(id).name.span, "cannot be undone")
        .help(word.help),
    )
}

/// Where somebody at work says what a fact is, and no person or command looks.
struct Word<'s> {
    fact: &'s str,
    node: NodeId,
    span: Span,
    does: &'static str,
    help: String,
}

/// The word on which it hangs whether somebody is asked: of the decider of a version, or of whatever its revisers found and
/// read. `asked`: when somebody is.
fn agents_word<'s>(analysis: &Analysis<'s>, version: Variable, asked: Diagram) -> Option<Word<'s>> {
    let model = &analysis.model;
    let mut seen = Vec::new();
    let mut open = vec![(version, Some(asked))];
    while let Some((variable, asked)) = open.pop() {
        if seen.contains(&variable) {
            continue;
        }
        seen.push(variable);
        let version = analysis.version(variable);
        let fact = &model.facts[version.fact.index()];
        let (Some(node), FactKind::Declared | FactKind::Input { .. }) = (version.node, &fact.kind) else { continue };
        let name = fact.name.name;
        if let Some(decider) = fact.deciders.iter().find(|decider| decider.node == node) {
            if !decider.confirmed && decider.run.is_none() {
                let help = format!("write `decides {name} confirmed`, or let the gate stand in every variant");
                return Some(Word { fact: name, node, span: decider.span, does: "decides", help });
            }
            continue;
        }
        let Some(found) = analysis.version_before(version.fact, node) else { continue };
        // As it would be asked without the revision.
        let before = asked.map(|asked| {
            let unrevised = analysis.and(asked, analysis.equal(found, variable));
            analysis.exists(unrevised, variable)
        });
        let takes_a_question_away = match (asked, before) {
            (Some(asked), Some(before)) => analysis.possible(analysis.and_not(before, asked)) != FALSE,
            _ => true,
        };
        let revisions = model.work(node).into_iter().flat_map(|work| &work.revises);
        for revision in revisions.filter(|revision| revision.fact == version.fact && takes_a_question_away) {
            let Some(arms) = &revision.arms else {
                let help = format!("say with arms how `{name}` is revised, or let the gate stand in every variant");
                return Some(Word { fact: name, node, span: revision.span, does: "revises", help });
            };
            let conditions = arms.iter().map(|arm| analysis.arm_holds(&arm.condition, node, version.fact));
            for condition in conditions.chain([analysis.run(node)]) {
                open.extend(analysis.support(condition).into_iter().map(|read| (read, None)));
            }
        }
        // Last, so that it is looked at first: most often it is the decider who says so.
        open.push((found, before));
    }
    None
}
