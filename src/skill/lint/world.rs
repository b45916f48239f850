//! SK6: what a skill refers to in the project around it.

use super::{World, declare_rules};
use crate::diagnostic::{Diagnostic, nearest};
use crate::skill::document::Document;
use crate::skill::folder::{join, name, resolve};
use crate::skill::reference::{Kind, Reference, references};
use crate::source::Span;

declare_rules! {
    AGENT_NOT_FOUND: "SK601" "agent-not-found" Warning Workflow Project = "A skill names an agent that the project does not have.",
        "Agents are the files below `.claude/agents`, by the `name` of their front matter, and those that Claude Code brings along. \
         Said only where the project has agents at all.",
        bad: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n`Task(\"code-writer\", \"…\")`\n== .claude/agents/writer.md ==\n---\nname: writer\n---\n",
        good: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n`Task(\"code-writer\", \"…\")`\n== .claude/agents/code-writer.md ==\n---\nname: code-writer\n---\n";
    SKILL_NOT_FOUND: "SK602" "skill-not-found" Warning Workflow Project = "A skill calls a skill that the project does not have.",
        "`Skill(\"name\")` and `skill: \"name\"` call a skill by its name. Skills are the folders with a `SKILL.md` below `.claude`.",
        bad: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nFirst `skill: \"building\"`.\n",
        good: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nFirst `skill: \"building\"`.\n== .claude/skills/building/SKILL.md ==\n---\nname: building\ndescription: Builds the site. Use before a release.\n---\n";
    READ_TARGET_MISSING: "SK603" "read-target-missing" Warning Workflow Project = "A skill has a file of the project read that is not there.",
        "`Read('.claude/…')` names a file from the root of the project.",
        bad: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nFirst `Read('.claude/skills/building/SKILL.md')`.\n",
        good: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nFirst `Read('.claude/skills/building/SKILL.md')`.\n== .claude/skills/building/SKILL.md ==\n---\nname: building\ndescription: Builds the site. Use before a release.\n---\n";
    CONFIG_NOT_FOUND: "SK604" "config-not-found" Warning Workflow Project = "A skill names a section or key that a file of configuration does not have.",
        "A table of sections, in a part of the text that names a file of configuration, says what is read from it. A section that the \
         file does not have leaves the agent with whatever it makes up.",
        bad: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Configuration\nFrom `.claude/config/limits.yaml`:\n\n| Section | For |\n|---|---|\n| `deploy` | MAX_RETRIES |\n== .claude/config/limits.yaml ==\nbuild:\n  MAX_RETRIES: 3\n",
        good: "== .claude/skills/example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Configuration\nFrom `.claude/config/limits.yaml`:\n\n| Section | For |\n|---|---|\n| `build` | MAX_RETRIES |\n== .claude/config/limits.yaml ==\nbuild:\n  MAX_RETRIES: 3\n";
}

/// The agents that Claude Code brings along.
const AGENTS_OF_CLIENT: [&str; 7] =
    ["Explore", "Plan", "general-purpose", "statusline-setup", "output-style-setup", "claude-code-guide", "Bash"];

/// The titles of a column that holds sections of a configuration.
const SECTION_COLUMNS: [&str; 2] = ["section", "config section"];

pub fn check(world: &World<'_, '_>, path: &str, document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    // Only skills are looked at: what a command or an agent refers to is theirs.
    if world.project.root.is_none() || world.files.skill_of(path).is_none() {
        return;
    }
    for reference in references(document) {
        if !reference.is_placeholder {
            found.extend(missing(world, &reference));
        }
    }
    configuration(world, document, found);
}

fn missing(world: &World<'_, '_>, reference: &Reference<'_>) -> Option<Diagnostic> {
    let project = &world.project;
    let target = reference.target;
    // `plugin:name` lies in a plugin, and nobody looked there.
    let is_of_plugin = target.contains(':');
    let (code, message, known): (_, _, Vec<&str>) = match reference.kind {
        Kind::Agent if !project.agents.is_empty() && !is_of_plugin => {
            if project.agents.contains(target) || AGENTS_OF_CLIENT.contains(&target) {
                return None;
            }
            let message = format!("the project has no agent `{target}`");
            (&AGENT_NOT_FOUND.code, message, project.agents.iter().map(String::as_str).collect())
        }
        Kind::Skill if !is_of_plugin => {
            if project.skills.contains(target) {
                return None;
            }
            let message = format!("the project has no skill `{target}`");
            (&SKILL_NOT_FOUND.code, message, project.skills.iter().map(String::as_str).collect())
        }
        Kind::File => {
            let path = of_project(world.project.root, target)?;
            if world.files.exists(&path) {
                return None;
            }
            let diagnostic =
                Diagnostic::new(&READ_TARGET_MISSING.code, reference.span, format!("there is no file `{target}`"));
            return Some(diagnostic.help("name a file that is there, from the root of the project"));
        }
        _ => return None,
    };
    let diagnostic = Diagnostic::new(code, reference.span, message);
    Some(match nearest(target, known) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).unsafe_fix(
            format!("write `{meant}`"),
            reference.span,
            meant,
        ),
        None => diagnostic.help("write it, or name one that is there"),
    })
}

/// The path of a file of the project that is to be read: `.claude/…`.
pub fn of_project(root: Option<&str>, target: &str) -> Option<String> {
    target.starts_with(".claude/").then(|| resolve(root?, target)).flatten()
}

fn configuration(world: &World<'_, '_>, document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let columns = [&SECTION_COLUMNS[..]];
    for (table, columns) in document.tables_with(&columns) {
        let Some((file, text)) = table.section.and_then(|section| config_of(world, document, section, table.span))
        else {
            continue;
        };
        for row in &table.rows {
            let Some(cell) = row.cells.get(columns[0]).filter(|cell| is_code_word(document, cell.span)) else {
                continue;
            };
            let section = &*cell.text;
            if has_key(text, section) {
                continue;
            }
            let keys: Vec<&str> =
                row.cells.iter().flat_map(|cell| constants(&cell.text)).filter(|key| !text.contains(key)).collect();
            let of = match &keys[..] {
                [] => String::new(),
                keys => {
                    format!(", and no key {}", keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "))
                }
            };
            let message = format!("`{}` has no section `{section}`{of}", name(file));
            found.push(
                Diagnostic::new(&CONFIG_NOT_FOUND.code, cell.span, message)
                    .help(format!("write the section into `{}`, or leave it out here", name(file))),
            );
        }
    }
}

/// The configuration that a section names in code before a table.
fn config_of<'f>(
    world: &World<'f, '_>,
    document: &Document<'_>,
    section: usize,
    table: Span,
) -> Option<(&'f str, &'f str)> {
    let section = document.section(section);
    let named = document.codes.iter().rev().find_map(|code| {
        let is_before = section.contains(code.span) && code.span.end <= table.start;
        let path = code.text.trim();
        let is_config = [".yaml", ".yml", ".json", ".toml"].iter().any(|ending| path.ends_with(ending));
        (is_before && is_config).then_some(path)
    })?;
    let whole = of_project(world.project.root, named);
    let ending = join("", named);
    let is_meant = |path: &str| whole.as_deref() == Some(path) || path.ends_with(&format!("/{ending}"));
    world.project.configs.iter().copied().find(|(path, _)| is_meant(path))
}

/// `` `word` ``
fn is_code_word(document: &Document<'_>, span: Span) -> bool {
    let source = document.source(span);
    let word = source.trim_matches('`');
    source.len() == word.len() + 2 && word.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

/// `word:` at the beginning of a line, `"word":`, `[word]`: a key or section in any of the formats. A dotted one is looked
/// for by its last part.
fn has_key(text: &str, key: &str) -> bool {
    let key = key.rsplit('.').next().unwrap_or(key);
    let quoted = format!("\"{key}\"");
    text.lines().map(str::trim_start).any(|line| {
        let is_plain = line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with([':', '=']));
        let is_header = line.starts_with('[') && line.trim_matches(['[', ']']).rsplit('.').next() == Some(key);
        is_plain || is_header || line.contains(&quoted)
    })
}

/// `MAX_RETRIES` and the like.
fn constants(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| {
        word.contains('_')
            && word.len() > 3
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_three_formats() {
        assert!(has_key("a:\n  inner: 1\n", "inner") && has_key("{\"inner\": 1}", "inner"));
        assert!(
            has_key("[x.inner]\n", "inner") && has_key("inner = 1", "a.inner") && !has_key("outer: inner", "inner")
        );
        assert_eq!(constants("the MAX_RETRIES limit of P0 (A_B2)").collect::<Vec<_>>(), ["MAX_RETRIES", "A_B2"]);
    }
}
