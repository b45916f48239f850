//! Names that are declared and never used, and names that nobody could check.

use crate::analysis::Analysis;
use crate::codes;
use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::model::{Evidence, FactKind, Named, NodeId, NodeKind};
use crate::source::{Span, Wanted};

codes! {
    UNUSED_FACT: "WF104" "unused-fact" Warning = "A fact or input is declared and nothing reads it.",
        "Nothing depends on it: no condition, no gate, no text. Remove it, or say what it decides.",
        bad: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n",
        good: "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b when small\n";
    UNUSED_ARTIFACT: "WF105" "unused-artifact" Warning = "An artifact is produced and nobody reads it.",
        "Something runs after it is produced, and nothing reads it: no phase, no gate, no text. What the last items produce \
         is the result and needs no reader.",
        bad: "workflow w\n\nphase a {\n  produces notes\n}\n\nphase b\n",
        good: "workflow w\n\nphase a {\n  produces notes\n}\n\nphase b {\n  reads notes\n}\n";
    UNUSED_AGENT: "WF106" "unused-agent" Warning = "An agent is declared and nobody starts it.",
        "No spawn, no gate, no route and no fix names it.",
        bad: "workflow w\n\nagent reviewer \"Reads\"\n\nphase a\n",
        good: "workflow w\n\nagent reviewer \"Reads\"\n\nphase a {\n  spawn reviewer \"Read it\"\n}\n";
    UNUSED_LIMIT: "WF107" "unused-limit" Warning = "A limit is declared and bounds nothing.",
        "No `at most`, no condition and no text names it.",
        bad: "workflow w\n\nlimit tries = 3\n\nphase a\n",
        good: "workflow w\n\nlimit tries = 3\n\nfact ok: bool\n\nloop l at most tries {\n  phase a {\n    decides ok\n  }\n  until ok\n}\n";
    UNUSED_LET: "WF108" "unused-let" Warning = "A constant is declared and never used.",
        "No text, no path and no condition names it.",
        bad: "workflow w\n\nlet code = \"src\"\n\nphase a\n",
        good: "workflow w\n\nlet code = \"src\"\n\nphase a {\n  purpose \"Change ${code}\"\n}\n";
    NAMES_NOT_CHECKED: "WF190" "names-not-checked" Note = "Names of the outside world are taken as they are.",
        "Without a registry nobody knows which agents, skills and limit keys exist. `use agents from DIR`, `use skills from DIR` \
         and `use limits from FILE` name where to look.",
        bad: "workflow w\n\nphase a {\n  skills testing\n}\n",
        good: "workflow w\n\nphase a\n";
}

/// Facts, artifacts, agents, limits and lets that are declared are used.
pub fn names_are_used(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    // A library declares for others.
    if model.header.is_none() {
        return;
    }
    // What a library declares is there for others, too.
    let suspect = |name: Named<'_>| name.span.file != model.file || model.suspects.contains(name.name);
    for fact in &model.facts {
        if fact.read || fact.open || matches!(fact.kind, FactKind::Answer(_)) || suspect(fact.name) {
            continue;
        }
        let input = matches!(fact.kind, FactKind::Input { .. });
        let what = if input { "input" } else { "fact" };
        found.push(
            Diagnostic::new(&UNUSED_FACT, fact.name.span, format!("{what} `{}` is never read", fact.name.name))
                .label("no condition, gate or text names it")
                .help("remove it, or say what depends on it"),
        );
    }
    for artifact in &model.artifacts {
        let name = artifact.name;
        let is_result = || artifact.producers.iter().all(|producer| is_last(analysis, *producer));
        if !artifact.read && !suspect(name) && !is_result() {
            found.push(
                Diagnostic::new(&UNUSED_ARTIFACT, name.span, format!("nobody reads `{}`", artifact.file()))
                    .label("produced here")
                    .help(format!("write `reads {}` where it is needed, or do not produce it", name.name)),
            );
        }
    }
    for agent in model.agents.iter().filter(|agent| agent.declared && !agent.used && !suspect(agent.name)) {
        found.push(
            Diagnostic::new(&UNUSED_AGENT, agent.name.span, format!("agent `{}` is never started", agent.name.name))
                .label("no spawn, gate, route or fix names it")
                .help("remove it, or spawn it"),
        );
    }
    for limit in model.limits.iter().filter(|limit| !limit.used && !suspect(limit.name)) {
        found.push(removable(
            analysis,
            Diagnostic::new(&UNUSED_LIMIT, limit.name.span, format!("limit `{}` bounds nothing", limit.name.name))
                .label("no `at most`, condition or text names it")
                .help("remove it, or use it in an `at most`"),
            "limit",
        ));
    }
    for constant in model.lets.iter().filter(|constant| !constant.used && !suspect(constant.name)) {
        found.push(removable(
            analysis,
            Diagnostic::new(&UNUSED_LET, constant.name.span, format!("`{}` is never used", constant.name.name))
                .label("no text, path or condition names it")
                .help("remove it, or use it"),
            "let",
        ));
    }
}

/// Nothing runs after it: what it leaves is the result.
fn is_last(analysis: &Analysis<'_>, producer: NodeId) -> bool {
    let model = &analysis.model;
    let later = (model.node(producer).end.index()..model.nodes.len()).map(NodeId::new);
    let mut phases = later.filter(|id| model.node(*id).kind == NodeKind::Phase);
    !phases.any(|phase| analysis.graph.precedes(model, producer, phase))
}

/// A declaration that fills its line can be taken out with it.
fn removable(analysis: &Analysis<'_>, diagnostic: Diagnostic, word: &str) -> Diagnostic {
    let source = analysis.model.text_of(diagnostic.primary.span.file);
    let at = diagnostic.primary.span;
    let start = source[..at.start as usize].rfind('\n').map_or(0, |newline| newline + 1);
    let end = source[at.end as usize..].find('\n').map_or(source.len(), |length| at.end as usize + length + 1);
    let line = &source[start..end];
    if !line.starts_with(word) || line.contains("\"\"\"") || line.contains("//") {
        return diagnostic;
    }
    let edit = Edit { span: Span::new(at.file, start, end), text: String::new() };
    diagnostic.with_fix("remove the line", Applicability::Safe, vec![edit])
}

/// Says once which names nobody could check.
pub fn registries_are_there(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if model.header.is_none() {
        return;
    }
    let spawned = model.nodes.iter().find(|node| node.kind == NodeKind::Spawn).map(|node| node.name.span);
    let undeclared = model.agents.iter().filter(|agent| !agent.declared).map(|agent| agent.name.span).min();
    let named = model.works().flat_map(|(_, work)| &work.skills).map(|skill| skill.span);
    let steps = model.steps().filter_map(|step| step.by.as_ref());
    let closing =
        steps.chain(model.procedures.iter().flat_map(|procedure| &procedure.items).filter_map(|item| item.by.as_ref()));
    let claimed = closing.filter_map(|by| if let Evidence::Skill(skill) = by { Some(skill.span) } else { None });
    let required = model.requires_skills.iter().map(|used| used.skill.span);
    let skill = named.chain(claimed).chain(required).min();
    let key = model.limits.iter().filter_map(|limit| limit.key).map(|key| key.span).min();
    // What is named and cannot be read is told where it is named.
    let registry = &model.registry;
    let silent = |kind: Wanted, known: bool| !known && !registry.broken.contains(&kind);
    let kinds: Vec<(&str, &str, Span)> = [
        (
            "agents",
            "use agents from DIR",
            undeclared.or(spawned).filter(|_| silent(Wanted::Agents, registry.agents.is_some())),
        ),
        ("skills", "use skills from DIR", skill.filter(|_| silent(Wanted::Skills, registry.skills.is_some()))),
        ("limit keys", "use limits from FILE", key.filter(|_| silent(Wanted::Limits, registry.limits.is_some()))),
    ]
    .into_iter()
    .filter_map(|(kind, how, span)| Some((kind, how, span?)))
    .collect();
    let Some((_, _, first)) = kinds.iter().min_by_key(|(_, _, span)| *span) else { return };
    let names: Vec<&str> = kinds.iter().map(|(kind, ..)| *kind).collect();
    let hows: Vec<String> = kinds.iter().map(|(_, how, _)| format!("`{how}`")).collect();
    let names = match &names[..] {
        [one] => (*one).to_string(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
        [] => return,
    };
    found.push(
        Diagnostic::new(
            &NAMES_NOT_CHECKED,
            *first,
            format!("names of {names} are taken as they are: no registry knows them"),
        )
        .label("the first of them")
        .help(format!("a registry is declared with {}", hows.join(", "))),
    );
}
