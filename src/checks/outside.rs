//! Names of the outside world exist there, where a registry tells.

use std::borrow::Cow;

use crate::analysis::Analysis;
use crate::checks::agents::{base, tools_of};
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{AgentId, Detail, Evidence, FactId, Item, Model, NodeId, SkillName, Target, Text, Value, decimal};
use crate::syntax::text;

codes! {
    UNKNOWN_AGENT: "WF114" "unknown-agent" Error = "Nobody knows the agent.",
        "`use agents from DIR` names the folder of the agents that exist, and every agent that is started is one of them, or \
         is declared in the workflow: `agent Explore \"Comes with the client\"`.",
        bad: "== agents/builder.md ==\n---\nname: builder\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  spawn buidler \"Build it\"\n}\n",
        good: "== agents/builder.md ==\n---\nname: builder\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  spawn builder \"Build it\"\n}\n";
    UNKNOWN_SKILL: "WF115" "unknown-skill" Error = "Nobody knows the skill.",
        "`use skills from DIR` names the folders of the skills that exist. A name with a placeholder stands for one skill for \
         each value, and each must exist; where the values are texts, at least one skill must fit.",
        bad: "== skills/testing/SKILL.md ==\n---\nname: testing\n---\n\n== w.wf ==\nuse skills from \"skills\"\n\nworkflow w\n\nphase a {\n  skills tesing\n}\n",
        good: "== skills/testing/SKILL.md ==\n---\nname: testing\n---\n\n== w.wf ==\nuse skills from \"skills\"\n\nworkflow w\n\nphase a {\n  skills testing\n}\n";
    UNKNOWN_LIMIT_KEY: "WF116" "unknown-limit-key" Error = "The file of limits has no number under this key.",
        "`limit x = orchestrator.retries else 2` takes the number from the file that `use limits from FILE` names. What stands \
         behind `else` is for those who have no such file, not for a key that is misspelled.",
        bad: "== limits.yaml ==\nretries:\n  tests: 2\n\n== w.wf ==\nuse limits from \"limits.yaml\"\n\nworkflow w\n\nlimit tries = retries.test else 3\n\nphase a {\n  purpose \"In ${tries}\"\n}\n",
        good: "== limits.yaml ==\nretries:\n  tests: 2\n\n== w.wf ==\nuse limits from \"limits.yaml\"\n\nworkflow w\n\nlimit tries = retries.tests else 3\n\nphase a {\n  purpose \"In ${tries}\"\n}\n";
    UNKNOWN_TOOL: "WF117" "unknown-tool" Error = "A tool is nearly called as one that agents have.",
        "The tools of the agents in the registry exist. Others may exist as well, so only a name that is one slip away from one \
         of them is a finding.",
        bad: "== agents/builder.md ==\n---\nname: builder\ntools: Read, Write\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  tools Wirte\n  spawn builder \"Build it\"\n}\n",
        good: "== agents/builder.md ==\n---\nname: builder\ntools: Read, Write\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  tools Write\n  spawn builder \"Build it\"\n}\n";
    UNKNOWN_COMMAND: "WF121" "unknown-command" Error = "Nobody knows the command.",
        "`use commands from DIR` names the folder of the commands that exist, one Markdown file each; the command of a document \
         is one of them.",
        bad: "== commands/release.md ==\nStart the release.\n\n== w.wf ==\nuse commands from \"commands\"\n\nworkflow w\n\nphase a\n\ndocument skill releasing {\n  description \"Use when releasing\"\n  command \"/relase\"\n}\n",
        good: "== commands/release.md ==\nStart the release.\n\n== w.wf ==\nuse commands from \"commands\"\n\nworkflow w\n\nphase a\n\ndocument skill releasing {\n  description \"Use when releasing\"\n  command \"/release\"\n}\n";
}

/// Adds what was probably meant: what stands in the outside world may lack a name that is right.
fn suggest(diagnostic: Diagnostic, name: &str, written: &str, known: Vec<&str>, none: &str) -> Diagnostic {
    let span = diagnostic.primary.span;
    match nearest(name, known) {
        Some(near) => {
            let text = if written.starts_with('"') { format!("\"{near}\"") } else { near.to_owned() };
            diagnostic.help(format!("did you mean `{near}`?")).unsafe_fix(format!("write `{near}`"), span, text)
        }
        None => diagnostic.help(none),
    }
}

/// Every agent that is started is in the registry, or declared.
pub fn agents_exist(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let Some(known) = &model.registry.agents else { return };
    let declared = model.agents.iter().filter(|agent| agent.declared).map(|agent| agent.name.name);
    let names: Vec<&str> = known.iter().map(|agent| agent.name.name).chain(declared).collect();
    for agent in model.agents.iter().filter(|agent| !agent.declared && !names.contains(&agent.name.name)) {
        let name = agent.name;
        if model.suspects.contains(name.name) {
            continue;
        }
        let diagnostic = Diagnostic::new(&UNKNOWN_AGENT, name.span, format!("unknown agent `{}`", name.name))
            .label("no registry has it, and nothing here declares it");
        let none = format!("declare it if it comes from elsewhere: `agent {} \"…\"`", name.name);
        found.push(suggest(diagnostic, name.name, name.name, names.clone(), &none));
    }
}

/// Every skill that is named is in the registry, or declared with its path.
pub fn skills_exist(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let Some(known) = &model.registry.skills else { return };
    let mut names: Vec<Cow<'_, str>> = known.iter().map(|skill| Cow::Borrowed(skill.name.name)).collect();
    names.extend(model.skills.iter().filter(|skill| skill.path.is_some()).map(|skill| skill.name.content()));
    let declared: Vec<Cow<'_, str>> = model.skills.iter().map(|skill| skill.name.content()).collect();
    for skill in model.skills.iter().filter(|skill| skill.path.is_none()) {
        found.extend(unknown_skill(analysis, skill.name, TRUE, &names));
    }
    for (skill, when) in skills(analysis) {
        // What is wrong with the name is said where it is declared.
        if !declared.contains(&skill.content()) {
            found.extend(unknown_skill(analysis, skill, when, &names));
        }
    }
}

/// All uses of skills, each with the variants in which it comes to it.
fn skills<'s>(analysis: &Analysis<'s>) -> Vec<(SkillName<'s>, Diagram)> {
    let model = &analysis.model;
    let by = |item: &Item<'s>| match &item.by {
        Some(Evidence::Skill(skill)) => Some(*skill),
        _ => None,
    };
    let mut all: Vec<(SkillName<'s>, Diagram)> = Vec::new();
    for (index, agent) in model.agents.iter().enumerate().filter(|(_, agent)| !agent.cast.skills.is_empty()) {
        let starts = analysis.starts(AgentId::new(index));
        let when = starts.iter().fold(FALSE, |any, start| analysis.or(any, start.when));
        // An agent that nobody starts may be started by somebody else.
        let when = if starts.is_empty() { TRUE } else { when };
        all.extend(agent.cast.skills.iter().map(|skill| (*skill, when)));
    }
    all.extend(model.everyone.skills.iter().map(|skill| (*skill, TRUE)));
    for id in (0..model.nodes.len()).map(NodeId::new) {
        let run = analysis.run(id);
        match model.detail(id) {
            Detail::Work(work) => all.extend(work.skills.iter().map(|skill| (*skill, run))),
            Detail::Step(item) => all.extend(by(item).map(|skill| (skill, run))),
            Detail::Gate(gate) => all.extend(gate.items.iter().filter_map(by).map(|skill| (skill, run))),
            _ => {}
        }
    }
    let mut always = |skill| all.push((skill, TRUE));
    model.procedures.iter().flat_map(|procedure| &procedure.items).filter_map(by).for_each(&mut always);
    model.requires_skills.iter().for_each(|used| always(used.skill));
    model.pairs.iter().for_each(|pair| always(pair.skill));
    model.document.iter().flat_map(|document| &document.related).for_each(|skill| always(*skill));
    all
}

/// Part of a name.
enum Part {
    Is(String),
    /// A value of a finite type: the first, the last, and whose it is.
    OneOf(FactId, i64, i64),
    Any,
}

/// So many names are looked up one by one; of more only the pattern is.
const FEW: usize = 64;
/// Constants in constants.
const DEPTH: usize = 16;

/// `when`: the variants in which the skill is asked for.
fn unknown_skill(
    analysis: &Analysis<'_>,
    skill: SkillName<'_>,
    when: Diagram,
    known: &[Cow<'_, str>],
) -> Option<Diagnostic> {
    let model = &analysis.model;
    let name = skill.content();
    let mut parts = Vec::new();
    parts_of(model, &Text { raw: skill.raw, span: skill.span }, 0, &mut parts);
    let exists = |name: &str| known.iter().any(|known| known == name);
    if let [Part::Is(name)] | [Part::Is(name), ..] = &parts[..]
        && parts.len() == 1
    {
        let diagnostic =
            Diagnostic::new(&UNKNOWN_SKILL, skill.span, format!("unknown skill `{name}`")).label("no registry has it");
        let names = known.iter().map(|name| &**name).collect();
        let none = "add its folder to `use skills from`, or declare it: `skill NAME { path \"…\" }`";
        return (!exists(name)).then(|| suggest(diagnostic, name, skill.raw, names, none));
    }
    match each(model, &parts) {
        Some(all) => {
            let comes = |values: &[(FactId, i64)]| {
                let with = |all, (fact, value): &(FactId, i64)| match analysis.last_variable(*fact) {
                    Some(variable) => {
                        analysis.and(all, analysis.is_at(variable, analysis.cells(variable).cell(*value)))
                    }
                    None => all,
                };
                analysis.possible(values.iter().fold(when, with)) != FALSE
            };
            let missing: Vec<&Named> = all.iter().filter(|(name, values)| !exists(name) && comes(values)).collect();
            let (first, values) = missing.first()?;
            let more = match missing.len() {
                1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let mut diagnostic = Diagnostic::new(
                &UNKNOWN_SKILL,
                skill.span,
                format!("`{name}` names the unknown skill `{first}`{more}"),
            )
            .label("no registry has it for each value");
            let shown = |(fact, value): &(FactId, i64)| {
                let fact = &model.facts[fact.index()];
                (fact.name.name.to_owned(), model.value_name(fact.of, *value))
            };
            diagnostic.variant = values.iter().map(shown).collect();
            Some(diagnostic.help("add the skill, or leave the value out of the type"))
        }
        None if known.iter().any(|known| fits(model, &parts, known)) => None,
        None => Some(
            Diagnostic::new(&UNKNOWN_SKILL, skill.span, format!("no skill is called like `{name}`"))
                .label("no registry has one for any value")
                .help("correct the name around the placeholder, or add the first such skill"),
        ),
    }
}

fn parts_of(model: &Model<'_>, written: &Text<'_>, depth: usize, parts: &mut Vec<Part>) {
    let content = written.content();
    let targets = model.targets.get(&written.span);
    let mut from = 0;
    for (index, reference) in text::references(&content).enumerate() {
        literal(parts, &content[from..reference.start]);
        from = reference.end;
        match targets.and_then(|targets| targets.get(index)?.as_ref()) {
            Some(Target::Let(id)) if depth < DEPTH => match &model.lets[id.index()].value {
                Value::Text(text) => parts_of(model, text, depth + 1, parts),
                Value::Number(number) => literal(parts, &decimal(number.thousandths)),
                Value::Name(name) => literal(parts, name.name),
            },
            Some(Target::Fact(id)) => {
                let fact = &model.facts[id.index()];
                let domain = model.domain(fact.of).filter(|(low, high)| high - low < FEW as i64);
                parts.push(domain.map_or(Part::Any, |(low, high)| Part::OneOf(*id, low, high)));
            }
            _ => parts.push(Part::Any),
        }
    }
    literal(parts, &content[from..]);
}

fn literal(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Is(before)) => before.push_str(text),
        _ => parts.push(Part::Is(text.to_owned())),
    }
}

/// A name, with the values that make it.
type Named = (String, Vec<(FactId, i64)>);

/// Each name that the parts can make; `None` when they are too many.
fn each(model: &Model<'_>, parts: &[Part]) -> Option<Vec<Named>> {
    let mut all: Vec<Named> = vec![Named::default()];
    for part in parts {
        match part {
            Part::Is(text) => all.iter_mut().for_each(|(name, _)| name.push_str(text)),
            Part::OneOf(fact, low, high) => {
                let with = |(name, values): &Named, value: i64| {
                    let mut values = values.clone();
                    let before = values.iter().find(|(other, _)| other == fact).map(|(_, before)| *before == value);
                    if before.is_none() {
                        values.push((*fact, value));
                    }
                    let of = model.facts[fact.index()].of;
                    (before != Some(false)).then(|| (format!("{name}{}", model.value_name(of, value)), values))
                };
                all = all.iter().flat_map(|one| (*low..=*high).filter_map(move |value| with(one, value))).collect();
            }
            Part::Any => return None,
        }
        if all.len() > FEW {
            return None;
        }
    }
    Some(all)
}

fn fits(model: &Model<'_>, parts: &[Part], name: &str) -> bool {
    match parts.split_first() {
        None => name.is_empty(),
        Some((Part::Is(text), rest)) => name.strip_prefix(&**text).is_some_and(|name| fits(model, rest, name)),
        Some((Part::OneOf(fact, low, high), rest)) => (*low..=*high).any(|value| {
            let value = model.value_name(model.facts[fact.index()].of, value);
            name.strip_prefix(&*value).is_some_and(|name| fits(model, rest, name))
        }),
        Some((Part::Any, rest)) => name
            .char_indices()
            .skip(1)
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| at > 0 && fits(model, rest, &name[at..])),
    }
}

/// Every key of a limit is in the file of limits.
pub fn limit_keys_exist(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let Some(known) = &model.registry.limits else { return };
    for key in model.limits.iter().filter_map(|limit| limit.key) {
        match model.registry.limit(key.name) {
            Some(known) if known.value.is_some() => {}
            Some(known) => found.push(
                Diagnostic::new(&UNKNOWN_LIMIT_KEY, key.span, format!("`{}` is no whole number", key.name))
                    .label("a limit is a whole number")
                    .related(known.name.span, "declared here")
                    .help("name the key of a number"),
            ),
            None => {
                let diagnostic =
                    Diagnostic::new(&UNKNOWN_LIMIT_KEY, key.span, format!("unknown limit key `{}`", key.name))
                        .label("the file of limits does not have it");
                let numbers = known.iter().filter(|key| key.value.is_some()).map(|key| key.path.as_str()).collect();
                found.push(suggest(diagnostic, key.name, key.name, numbers, "write the number itself, or add the key"));
            }
        }
    }
}

/// No tool is nearly called as one that agents have.
pub fn tools_exist(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let Some(agents) = &model.registry.agents else { return };
    let known: Vec<&str> = agents.iter().flat_map(|agent| agent.tools.iter().flatten()).map(|tool| tool.name).collect();
    for tool in tools_of(model) {
        let written = text::content(tool.name);
        let name = base(&written);
        if known.iter().any(|known| base(known) == name) || name.contains('*') {
            continue;
        }
        if let Some(near) = nearest(name, known.iter().map(|known| base(known))) {
            let diagnostic = Diagnostic::new(&UNKNOWN_TOOL, tool.span, format!("unknown tool `{name}`"))
                .label("no agent has it")
                .help(format!("did you mean `{near}`?"));
            let text = tool.name.replacen(name, near, 1);
            found.push(diagnostic.unsafe_fix(format!("write `{near}`"), tool.span, text));
        }
    }
}

/// The command of the document is in the registry.
pub fn commands_exist(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    let Some(known) = &model.registry.commands else { return };
    let Some(command) = model.document.as_ref().and_then(|document| document.command) else { return };
    let content = command.content();
    let word = content.split_whitespace().next().unwrap_or_default();
    let name = word.trim_start_matches('/');
    if known.iter().any(|known| known.name == name) {
        return;
    }
    let diagnostic = Diagnostic::new(&UNKNOWN_COMMAND, command.span, format!("unknown command `{word}`"))
        .label("no registry has it");
    found.push(match nearest(name, known.iter().map(|known| known.name)) {
        Some(near) => {
            let text = command.raw.replacen(name, near, 1);
            diagnostic.help(format!("did you mean `/{near}`?")).unsafe_fix(
                format!("write `/{near}`"),
                command.span,
                text,
            )
        }
        None => diagnostic.help("add its file to the folder, or leave the command out"),
    });
}
