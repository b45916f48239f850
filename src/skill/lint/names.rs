//! SK2: the two keys that every skill has, name and description.

use std::collections::BTreeMap;

use super::{World, declare_rules};
use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::skill::Skill;
use crate::skill::folder::{MAIN, join};
use crate::skill::front_matter::{Entry, FrontMatter, Value};
use crate::source::Span;

use super::front_matter::quoted;

declare_rules! {
    NAME_MISSING: "SK201" "name-missing" Error Spec Specification = "A skill has no name.",
        "`name` is required; it is what the skill is called by.",
        bad: "---\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    DESCRIPTION_MISSING: "SK202" "description-missing" Error Spec Specification = "A skill has no description.",
        "`description` is required and not empty; an agent decides by it alone whether to use the skill.",
        bad: "---\nname: example\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    NAME_TOO_LONG: "SK203" "name-too-long" Error Spec Specification = "The name of a skill has more than 64 characters.",
        "Clients refuse longer names.",
        bad: "== a-name-that-says-everything-there-is-to-say-about-what-the-skill-does/SKILL.md ==\n---\nname: a-name-that-says-everything-there-is-to-say-about-what-the-skill-does\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n";
    NAME_CHARACTERS: "SK204" "name-characters" Error Spec Specification = "The name of a skill has characters that names do not have.",
        "Lower-case letters, digits and hyphens; no hyphen at either end and no two in a row.",
        bad: "---\nname: Example\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    NAME_DIFFERS: "SK205" "name-differs-from-folder" Error Spec Specification = "A skill is called otherwise than its folder.",
        "The specification wants both to be the same, since some clients go by the one and some by the other.",
        bad: "== deploying/SKILL.md ==\n---\nname: deploy\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n";
    DUPLICATE_SKILL: "SK206" "duplicate-skill" Warning Spec Project = "Two skills have the same name.",
        "Only one of them can be called by it, and which one depends on the client.",
        bad: "== a/deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n== b/deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the docs. Use when a page has changed.\n---\n",
        good: "== a/deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n== b/publishing/SKILL.md ==\n---\nname: publishing\ndescription: Deploys the docs. Use when a page has changed.\n---\n";
    DESCRIPTION_TOO_LONG: "SK207" "skill-description-too-long" Error Spec Specification = "The description of a skill has more than 1,024 characters.",
        "Clients refuse it or cut it off. What the skill does and when to use it fits into a few sentences; the rest belongs below \
         the front matter.",
        bad: "", good: "";
    XML_TAGS: "SK208" "description-has-tags" Warning ClaudeCode ClaudeCode = "Name or description holds an XML tag.",
        "Both are put into the instructions of the model as they are, where tags mean something; Claude's API refuses them.",
        bad: "---\nname: example\ndescription: Deploys the <b>site</b>. Use when a release is due.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    RESERVED_NAME: "SK209" "reserved-name" Warning ClaudeCode ClaudeCode = "The name of a skill holds `anthropic` or `claude`.",
        "Claude's API refuses such names.",
        bad: "== claude-helper/SKILL.md ==\n---\nname: claude-helper\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== deploy-helper/SKILL.md ==\n---\nname: deploy-helper\ndescription: Deploys the site. Use when a release is due.\n---\n";
}

const MAX_NAME: usize = 64;
const MAX_DESCRIPTION: usize = 1024;

pub fn check(skill: &Skill<'_, '_>, matter: &FrontMatter, found: &mut Vec<Diagnostic>) {
    let place = skill.main.front_matter.map_or(skill.main.span().at_start(), |block| block.span);
    let top = Span { end: place.end.min(place.start + 3), ..place };
    match matter.get("name") {
        Some(entry) if !is_empty(entry) => name(skill, entry, found),
        entry => {
            let span = entry.map_or(top, |entry| entry.key.span);
            let help = format!("write `name: {}`", suggested(skill).unwrap_or("name-of-the-folder"));
            found.push(Diagnostic::new(&NAME_MISSING.code, span, "the skill has no name").help(help));
        }
    }
    match matter.get("description") {
        Some(entry) if !is_empty(entry) => description(entry, found),
        entry => {
            let span = entry.map_or(top, |entry| entry.key.span);
            found.push(
                Diagnostic::new(&DESCRIPTION_MISSING.code, span, "the skill has no description")
                    .help("say what it does and when to use it"),
            );
        }
    }
}

fn is_empty(entry: &Entry) -> bool {
    match &entry.value.value {
        Value::Null => true,
        Value::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// The name of the folder, if a skill may be called so.
fn suggested<'f>(skill: &Skill<'f, '_>) -> Option<&'f str> {
    let name = crate::skill::folder::name(skill.path);
    (is_name(name) && name.len() <= MAX_NAME).then_some(name)
}

/// Lower-case letters, digits and single hyphens between them. The specification has letters of all scripts.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() && !c.is_uppercase());
    name.split('-').all(is_part)
}

fn name(skill: &Skill<'_, '_>, entry: &Entry, found: &mut Vec<Diagnostic>) {
    // A name of another type is reported where types are.
    let Some(name) = entry.value.text() else { return };
    let name = name.trim();
    let span = entry.value.span;
    let folder = skill.folder_name();
    let length = name.chars().count();
    if length > MAX_NAME {
        let message = format!("the name has {length} characters, and at most {MAX_NAME} are allowed");
        found.push(
            Diagnostic::new(&NAME_TOO_LONG.code, span, message).help("shorten it, and the name of the folder with it"),
        );
    }
    if name.to_lowercase().contains("anthropic") || name.to_lowercase().contains("claude") {
        let message = format!("`{name}` holds a word that Claude's API reserves");
        found.push(Diagnostic::new(&RESERVED_NAME.code, span, message).help("leave out `anthropic` and `claude`"));
    }
    tags(entry, "name", found);
    let is_same = folder.is_empty() || name == folder;
    if !is_name(name) {
        let message = format!("`{name}` is no name: lower-case letters, digits and single hyphens between them");
        let diagnostic = Diagnostic::new(&NAME_CHARACTERS.code, span, message);
        found.push(match suggested(skill) {
            Some(folder) => with_folder(diagnostic, span, name, folder),
            None => diagnostic.help("rename the skill and its folder"),
        });
    } else if !is_same {
        let message = format!("the skill is called `{name}`, its folder `{folder}`");
        let diagnostic = Diagnostic::new(&NAME_DIFFERS.code, span, message);
        found.push(match suggested(skill) {
            Some(folder) => with_folder(diagnostic, span, name, folder),
            None => diagnostic.help(format!("rename the folder to `{name}`")),
        });
    }
}

/// Offers the folder's name: safe where both are the same but for signs and case, so that nothing else can be meant.
fn with_folder(diagnostic: Diagnostic, span: Span, name: &str, folder: &str) -> Diagnostic {
    let bare =
        |name: &str| name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let applicability = if bare(name) == bare(folder) { Applicability::Safe } else { Applicability::Unsafe };
    let is_plain = !super::front_matter::is_ambiguous(folder);
    let text = if is_plain { folder.to_owned() } else { quoted(folder) };
    diagnostic.help(format!("write `{folder}`, or rename the folder")).with_fix(
        format!("write `{folder}`"),
        applicability,
        vec![Edit { span, text }],
    )
}

fn description(entry: &Entry, found: &mut Vec<Diagnostic>) {
    let Some(text) = entry.value.text() else { return };
    let length = text.trim().chars().count();
    if length > MAX_DESCRIPTION {
        let message = format!("the description has {length} characters, and at most {MAX_DESCRIPTION} are allowed");
        found.push(
            Diagnostic::new(&DESCRIPTION_TOO_LONG.code, entry.value.span, message)
                .help("say what the skill does and when to use it, and move the rest below the front matter"),
        );
    }
    tags(entry, "description", found);
}

/// `<word>`, `</word>`: tags, and not `a < b`.
fn tags(entry: &Entry, key: &str, found: &mut Vec<Diagnostic>) {
    let Some(text) = entry.value.text() else { return };
    let tag = text.match_indices('<').find_map(|(at, _)| {
        let inner = &text[at + 1..at + 1 + text[at + 1..].find(['<', '>'])?];
        let is_tag = text[at + 1 + inner.len()..].starts_with('>')
            && inner.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic());
        is_tag.then_some(inner)
    });
    if let Some(tag) = tag {
        let message = format!("the {key} holds the tag `<{tag}>`");
        found.push(Diagnostic::new(&XML_TAGS.code, entry.value.span, message).help("say it without angle brackets"));
    }
}

/// Skills that are asked for and share their name with another one.
pub fn duplicates(world: &World<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut by_name: BTreeMap<&str, Vec<(&Skill<'_, '_>, &Entry)>> = BTreeMap::new();
    for (skill, matter) in world.skills.iter().zip(&world.matters) {
        let is_asked = world.files.is_asked(&join(skill.path, MAIN));
        let entry = matter.as_ref().ok().and_then(|matter| matter.get("name")).filter(|_| is_asked);
        if let Some((entry, name)) = entry.and_then(|entry| Some((entry, entry.value.text()?))) {
            by_name.entry(name.trim()).or_default().push((skill, entry));
        }
    }
    for (name, skills) in by_name {
        let Some(((_, first), others)) = skills.split_first() else { continue };
        for (_, entry) in others {
            let message = format!("another skill is called `{name}`, too");
            found.push(
                Diagnostic::new(&DUPLICATE_SKILL.code, entry.value.span, message)
                    .related(first.value.span, "this one")
                    .help("give each a name of its own"),
            );
        }
    }
}
