//! Names of the outside world exist there, where a registry tells.

use std::borrow::Cow;

use crate::analysis::Analysis;
use crate::checks::agents::{base, tools_of};
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Detail, Evidence, Item, Model, SkillName, Target, Text, Value, decimal};
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
        found.extend(unknown_skill(model, skill.name, &names));
    }
    for skill in skills(model) {
        // What is wrong with the name is said where it is declared.
        if !declared.contains(&skill.content()) {
            found.extend(unknown_skill(model, skill, &names));
        }
    }
}

/// All uses of skills.
fn skills<'s>(model: &Model<'s>) -> Vec<SkillName<'s>> {
    let by = |item: &Item<'s>| match &item.by {
        Some(Evidence::Skill(skill)) => Some(*skill),
        _ => None,
    };
    let casts = model.agents.iter().map(|agent| &agent.cast).chain([&model.everyone]);
    let mut all: Vec<SkillName<'s>> = casts.flat_map(|cast| cast.skills.iter().copied()).collect();
    for node in &model.nodes {
        match &node.detail {
            Detail::Work(work) => all.extend(&work.skills),
            Detail::Step(item) => all.extend(by(item)),
            Detail::Gate(gate) => all.extend(gate.items.iter().filter_map(by)),
            _ => {}
        }
    }
    all.extend(model.procedures.iter().flat_map(|procedure| &procedure.items).filter_map(by));
    all.extend(model.requires_skills.iter().map(|used| used.skill));
    all.extend(model.pairs.iter().map(|pair| pair.skill));
    all.extend(model.document.iter().flat_map(|document| document.related.iter().copied()));
    all
}

/// Part of a name.
enum Part {
    Is(String),
    /// A value of a finite type, and whose it is.
    OneOf(String, Vec<String>),
    Any,
}

/// So many names are looked up one by one; of more only the pattern is.
const FEW: usize = 64;
/// Constants in constants.
const DEPTH: usize = 16;

fn unknown_skill(model: &Model<'_>, skill: SkillName<'_>, known: &[Cow<'_, str>]) -> Option<Diagnostic> {
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
    match each(&parts) {
        Some(all) => {
            let missing: Vec<&(String, Vec<(String, String)>)> = all.iter().filter(|(name, _)| !exists(name)).collect();
            let (first, variant) = missing.first()?;
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
            diagnostic.variant = variant.clone();
            Some(diagnostic.help("add the skill, or leave the value out of the type"))
        }
        None if known.iter().any(|known| fits(&parts, known)) => None,
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
                parts.push(match domain {
                    Some((low, high)) => {
                        let values = (low..=high).map(|value| model.value_name(fact.of, value)).collect();
                        Part::OneOf(fact.name.name.to_owned(), values)
                    }
                    None => Part::Any,
                });
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

type Named = (String, Vec<(String, String)>);

/// Each name that the parts can make, with the values that make it; `None` when they are too many.
fn each(parts: &[Part]) -> Option<Vec<Named>> {
    let mut all: Vec<Named> = vec![Named::default()];
    for part in parts {
        match part {
            Part::Is(text) => all.iter_mut().for_each(|(name, _)| name.push_str(text)),
            Part::OneOf(fact, values) => {
                let with = |(name, variant): &Named, value: &String| {
                    let mut variant = variant.clone();
                    let before = variant.iter().find(|(other, _)| other == fact).map(|(_, before)| before == value);
                    if before.is_none() {
                        variant.push((fact.clone(), value.clone()));
                    }
                    (before != Some(false)).then(|| (format!("{name}{value}"), variant))
                };
                all = all.iter().flat_map(|one| values.iter().filter_map(move |value| with(one, value))).collect();
            }
            Part::Any => return None,
        }
        if all.len() > FEW {
            return None;
        }
    }
    Some(all)
}

fn fits(parts: &[Part], name: &str) -> bool {
    match parts.split_first() {
        None => name.is_empty(),
        Some((Part::Is(text), rest)) => name.strip_prefix(&**text).is_some_and(|name| fits(rest, name)),
        Some((Part::OneOf(_, values), rest)) => {
            values.iter().any(|value| name.strip_prefix(&**value).is_some_and(|name| fits(rest, name)))
        }
        Some((Part::Any, rest)) => name
            .char_indices()
            .skip(1)
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| at > 0 && fits(rest, &name[at..])),
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
