//! SK5: what the Markdown is made of, and how the files of a skill hang together.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;
use memchr::memmem;

use super::{World, declare_rules};
use crate::diagnostic::{Diagnostic, Edit};
use crate::skill::Skill;
use crate::skill::document::{Document, Fence, Link};
use crate::skill::folder::{Content, name, parent, resolve};

declare_rules! {
    FENCE_UNCLOSED: "SK501" "fence-unclosed" Error Spec Markdown = "Nothing closes a fence, so the rest of the file is code.",
        "A fence is closed by a line with the same sign, at least as often, and nothing behind it. Without one everything that follows \
         is code: its headings, tables and links are none.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n```sh\nmake\n\n## Next\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n```sh\nmake\n```\n\n## Next\n";
    FENCE_SWALLOWS: "SK502" "fence-swallows-headings" Warning Spec Markdown = "A fence ends where another one was to begin, and what follows is turned inside out.",
        "A block of code that holds fences itself needs a longer fence around it: four backticks around three. With three around \
         three the inner fence closes the outer one, text becomes code and code becomes text, and headings are lost to either.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n```markdown\n# Report\n```sh\nmake\n```\n## Result\n```\n\n## Next\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n````markdown\n# Report\n```sh\nmake\n```\n## Result\n````\n\n## Next\n";
    HEADING_LEVEL: "SK503" "heading-level-skipped" Warning Workflow Project = "A heading is two or more levels below the one above it.",
        "Sections are read by their levels: what stands below a phase belongs to it. A level that is left out leaves open what the \
         section belongs to.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Deploying\n### Step 1\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Deploying\n## Step 1\n";
    ORPHAN_FILE: "SK504" "orphan-file" Warning Spec Specification = "No file of the skill mentions one of its reference files.",
        "References are read when something says so. A file that nothing mentions, neither by link nor by name, is never read.",
        bad: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Deploying\n== example/references/steps.md ==\n# Steps\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](references/steps.md).\n== example/references/steps.md ==\n# Steps\n";
    REFERENCE_CHAIN: "SK505" "reference-chain" Warning Spec Specification = "A reference file is linked from other references only.",
        "The specification wants references one level below SKILL.md: an agent that reads a reference in part does not see what that \
         links to. Mention the file in SKILL.md, too.",
        bad: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [a](references/a.md).\n== example/references/a.md ==\nSee [b](b.md).\n== example/references/b.md ==\n# B\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [a](references/a.md) and [b](references/b.md).\n== example/references/a.md ==\nSee [b](b.md).\n== example/references/b.md ==\n# B\n";
    NO_CONTENTS: "SK506" "long-reference-without-contents" Warning ClaudeCode ClaudeCode = "A reference file of more than 100 lines has no table of contents.",
        "Claude may look at the first lines of a long file only; a list of what is in it, at its beginning, shows what there is to find.",
        bad: "", good: "";
    TOO_MANY_LINES: "SK507" "skill-too-many-lines" Warning Spec Specification = "A SKILL.md has more than 500 lines.",
        "It is read whole whenever the skill is used. Details belong into files below `references/`, which are read when needed.",
        bad: "", good: "";
    TOO_MANY_TOKENS: "SK508" "skill-too-many-tokens" Warning Spec Specification = "A SKILL.md has more than 5,000 tokens.",
        "It is read whole whenever the skill is used, and the specification recommends at most 5,000 tokens below the front matter. \
         They are counted as four characters each, which is near enough for English.",
        bad: "", good: "";
}

const MAX_LINES: usize = 500;
const MAX_TOKENS: usize = 5_000;
const CHARACTERS_PER_TOKEN: usize = 4;
/// A reference of up to so many lines is seen at a glance.
const LINES_WITHOUT_CONTENTS: usize = 100;
/// A list of so many links to headings of its own file is a table of contents.
const LINKS_OF_CONTENTS: usize = 3;

pub fn of_document(world: &World<'_, '_>, path: &str, document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    fences(document, found);
    heading_levels(document, found);
    let is_reference = || world.skill_of(path).is_some_and(|skill| is_reference(skill, path));
    if !world.settings.asks(&NO_CONTENTS) || !is_reference() {
        return;
    }
    let lines = document.text.lines().count();
    if lines > LINES_WITHOUT_CONTENTS && !has_contents(document) {
        let first = document.text.lines().next().unwrap_or_default();
        let message = format!("the file has {lines} lines and no table of contents");
        found.push(
            Diagnostic::new(&NO_CONTENTS.code, document.place(0..first.len()), message)
                .help("list its sections at the beginning"),
        );
    }
}

fn fences(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    for (index, fence) in document.fences.iter().enumerate() {
        let Some((mark, count)) = fence.mark else { continue };
        let opening = first_line(document, fence);
        if let Some(outer) = outer_of(document, index) {
            let Some((mark, count)) = outer.mark else { continue };
            let message =
                format!("a fence of {} holds fences of its own, and ends at the first of them", signs(mark, count));
            let closing = last_line(document, outer);
            found.push(
                Diagnostic::new(&FENCE_SWALLOWS.code, first_line(document, outer), message)
                    .related(closing, "here it ends")
                    .related(opening, "this line opens a new one, and what follows is code")
                    .help(format!("write {} here, and as many where it is to end", signs(mark, count + 1))),
            );
            // What comes after is turned inside out, and not worth a word of its own.
            return;
        }
        if !fence.is_closed {
            let lost = lost_headings(document, fence);
            let lost = match lost {
                0 => String::new(),
                1 => ", and a heading with it".to_owned(),
                lost => format!(", and {lost} headings with it"),
            };
            let message = format!("nothing closes this fence: the rest is code{lost}");
            let diagnostic = Diagnostic::new(&FENCE_UNCLOSED.code, opening, message);
            found.push(match closing_with_more(document, fence) {
                Some(almost) => diagnostic
                    .related(almost, "this does not close it: it is shorter")
                    .help(format!("write {} there", signs(mark, count))),
                None => diagnostic.help(format!("write {} where it is to end", signs(mark, count))),
            });
        }
    }
}

/// `3 backticks`: they cannot be quoted in backticks.
fn signs(mark: char, count: usize) -> String {
    format!("{count} {}", if mark == '`' { "backticks" } else { "tildes" })
}

/// The fence before this one, if this one begins with the line that was meant to close an example inside of it: the former
/// holds Markdown, was closed by a bare fence, and an inner fence with a language stands open in it.
fn outer_of<'d, 's>(document: &'d Document<'s>, index: usize) -> Option<&'d Fence<'s>> {
    let fence = &document.fences[index];
    let outer = document.fences[..index].last()?;
    let (mark, count) = outer.mark?;
    let is_markdown = ["markdown", "md"].contains(&outer.info.split([' ', '{']).next().unwrap_or_default());
    // A line such as "```sh" inside, which opens nothing there: only a bare one closes.
    let holds_opening = || document.source(outer.content).lines().any(|line| opens(line, mark, count));
    let is_bare = fence.info.is_empty() && fence.mark.is_some_and(|(sign, _)| sign == mark);
    (is_markdown && is_bare && holds_opening()).then_some(outer)
}

/// A fence with a language: "```sh".
fn opens(line: &str, mark: char, count: usize) -> bool {
    let line = line.trim_start();
    let signs = line.chars().take_while(|c| *c == mark).count();
    signs >= count && line[signs..].starts_with(|c: char| c.is_ascii_alphabetic())
}

fn first_line(document: &Document<'_>, fence: &Fence<'_>) -> crate::source::Span {
    let range = fence.span.range();
    let line = document.text[range.clone()].lines().next().unwrap_or_default();
    document.place(range.start..range.start + line.trim_end().len())
}

fn last_line(document: &Document<'_>, fence: &Fence<'_>) -> crate::source::Span {
    let text = document.source(fence.span).trim_end();
    let end = fence.span.range().start + text.len();
    let length = text.rsplit('\n').next().unwrap_or_default().trim_start().len();
    document.place(end - length..end)
}

/// How many lines inside of a fence look like headings, from the second paragraph on: in the first one they are comments.
fn lost_headings(document: &Document<'_>, fence: &Fence<'_>) -> usize {
    let is_heading = |line: &&str| {
        let level = line.bytes().take_while(|b| *b == b'#').count();
        (2..=6).contains(&level) && line[level..].starts_with(' ')
    };
    document.source(fence.content).lines().filter(is_heading).count()
}

/// The first line in an open fence that begins like its end.
fn closing_with_more(document: &Document<'_>, fence: &Fence<'_>) -> Option<crate::source::Span> {
    let (mark, _) = fence.mark?;
    let mut at = fence.content.range().start;
    for line in document.source(fence.content).split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.chars().take_while(|c| *c == mark).count() >= 3 && trimmed.chars().all(|c| c == mark) {
            let start = at + line.len() - line.trim_start().len();
            return Some(document.place(start..start + trimmed.len()));
        }
        at += line.len();
    }
    None
}

fn heading_levels(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let headings: Vec<_> = document.headings.iter().filter(|heading| !heading.is_nested).collect();
    for pair in headings.windows(2) {
        let [above, heading] = pair else { continue };
        if heading.level > above.level + 1 {
            let message = format!("a heading of level {} follows one of level {}", heading.level, above.level);
            let signs = "#".repeat(usize::from(above.level) + 1);
            let line = document.source(heading.span);
            let old = line.bytes().take_while(|b| *b == b'#').count();
            let diagnostic = Diagnostic::new(&HEADING_LEVEL.code, heading.span, message)
                .related(above.span, "the one above it")
                .help(format!("write `{signs}`, or put in the level that is missing"));
            let marks = document.place(heading.span.range().start..heading.span.range().start + old);
            let edit = Edit { span: marks, text: signs.clone() };
            found.push(if old > 0 {
                diagnostic.with_fix(format!("write `{signs}`"), crate::diagnostic::Applicability::Unsafe, vec![edit])
            } else {
                diagnostic
            });
        }
    }
}

/// Whether a file says what is in it: a list of links to its own headings, a list of their titles before them, or a section
/// that is called so.
fn has_contents(document: &Document<'_>) -> bool {
    let own = document.links.iter().filter(|link| link.target.starts_with('#')).count();
    let is_contents = |title: &str| {
        let title = title.to_lowercase();
        title.split(|c: char| !c.is_alphanumeric()).any(|word| ["contents", "toc", "index"].contains(&word))
    };
    let titles: BTreeSet<String> =
        document.headings.iter().map(|heading| heading.content.text.to_lowercase()).collect();
    let is_title =
        |text: &str| text.split([':', '\n']).next().is_some_and(|text| titles.contains(&text.trim().to_lowercase()));
    let listed =
        document.paragraphs.iter().filter(|paragraph| paragraph.item.is_some() && is_title(&paragraph.content.text));
    own >= LINKS_OF_CONTENTS
        || listed.count() >= LINKS_OF_CONTENTS
        || document.headings.iter().any(|heading| is_contents(&heading.content.text))
        || document.paragraphs.iter().take(3).any(|paragraph| is_contents(&paragraph.content.text))
}

pub fn of_skill(world: &World<'_, '_>, skill: &Skill<'_, '_>, found: &mut Vec<Diagnostic>) {
    budgets(skill.main, found);
    reached(world, skill, found);
}

fn budgets(main: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let lines = main.text.lines().count();
    let title = main.headings.first().map_or(main.span().at_start(), |heading| heading.span);
    if lines > MAX_LINES {
        let message = format!("SKILL.md has {lines} lines, and should have at most {MAX_LINES}");
        found.push(
            Diagnostic::new(&TOO_MANY_LINES.code, title, message).help("move details into files below `references/`"),
        );
    }
    let body = main.front_matter.map_or(0, |block| block.span.range().end);
    let tokens = main.text[body..].chars().count() / CHARACTERS_PER_TOKEN;
    if tokens > MAX_TOKENS {
        let message = format!("SKILL.md has about {tokens} tokens, and should have at most {MAX_TOKENS}");
        found.push(
            Diagnostic::new(&TOO_MANY_TOKENS.code, title, message).help("move details into files below `references/`"),
        );
    }
}

/// A reference file that SKILL.md neither mentions nor links to.
struct Unmentioned<'f, 's> {
    path: &'f str,
    /// From the folder of the skill.
    shown: &'f str,
    document: &'f Document<'s>,
}

/// Reference files that nothing mentions, and those that only other references link to.
fn reached<'f>(world: &World<'f, '_>, skill: &Skill<'f, '_>, found: &mut Vec<Diagnostic>) {
    let linked = links_to_documents(world, skill);
    let is_from_main = |path: &str| linked.get(path).is_some_and(|from| from.is_from_main);
    let shown = |path: &'f str| path.strip_prefix(skill.path).unwrap_or(path).trim_start_matches('/');
    let references = skill.documents.iter().filter(|(path, _)| is_reference(skill, path) && !is_from_main(path));
    let open: Vec<Unmentioned<'_, '_>> = references
        .map(|(path, document)| Unmentioned { path, shown: shown(path), document })
        .filter(|open| {
            let text = skill.main.text;
            memmem::find(text.as_bytes(), stem(open.shown).as_bytes()).is_none()
                && !names_some_of(text, parent(open.shown))
        })
        .collect();
    let mentioned = mentioned(world, skill, &open);
    for (open, is_mentioned) in open.iter().zip(mentioned) {
        let Unmentioned { path, shown, document } = open;
        if let Some(link) = linked.get(*path).and_then(|from| from.first) {
            let message = format!("`{shown}` is linked from here, and not mentioned in SKILL.md");
            found.push(
                Diagnostic::new(&REFERENCE_CHAIN.code, link.target_span, message)
                    .help(format!("mention `{shown}` in SKILL.md, too")),
            );
        } else if !is_mentioned {
            let first = document.text.lines().next().unwrap_or_default();
            let message = format!("no other file of the skill mentions `{shown}`");
            found.push(
                Diagnostic::new(&ORPHAN_FILE.code, document.place(0..first.len()), message)
                    .help("link to it from SKILL.md, or remove it"),
            );
        }
    }
}

/// Below `references/` of the skill, whatever else it holds.
fn is_reference(skill: &Skill<'_, '_>, path: &str) -> bool {
    let below = path.strip_prefix(skill.path).unwrap_or(path).trim_start_matches('/');
    ["references/", "reference/"].iter().any(|folder| below.starts_with(folder))
}

/// Who links to a document.
#[derive(Default)]
struct LinkedFrom<'f> {
    is_from_main: bool,
    /// The first link in a file that is asked for.
    first: Option<&'f Link<'f>>,
}

/// The documents that documents of a skill link to, each from another file.
fn links_to_documents<'f>(world: &World<'f, '_>, skill: &Skill<'f, '_>) -> BTreeMap<String, LinkedFrom<'f>> {
    let mut linked: BTreeMap<String, LinkedFrom<'_>> = BTreeMap::new();
    for (path, document) in &skill.documents {
        let is_main = std::ptr::eq(*document, skill.main);
        for link in &document.links {
            let Some(target) = resolve(parent(path), link.parts().0).filter(|target| target != path) else { continue };
            if matches!(world.files.get(&target), Some(Content::Document(_))) {
                let from = linked.entry(target).or_default();
                from.is_from_main |= is_main;
                from.first = from.first.or(Some(link).filter(|_| world.files.is_asked(path)));
            }
        }
    }
    linked
}

/// The name of a file without its ending.
fn stem(path: &str) -> &str {
    let file = name(path);
    file.strip_suffix(".md").unwrap_or(file)
}

/// Which files other documents mention: by name in those of the skill, by the name of the skill and the path in all.
fn mentioned(world: &World<'_, '_>, skill: &Skill<'_, '_>, open: &[Unmentioned<'_, '_>]) -> Vec<bool> {
    let mut mentioned = vec![false; open.len()];
    if open.is_empty() {
        return mentioned;
    }
    by_stem(skill, open, &mut mentioned);
    let folders: BTreeSet<&str> = open.iter().map(|open| parent(open.shown)).collect();
    for folder in folders {
        let names = skill.documents.iter().any(|(_, document)| names_some_of(document.text, folder));
        open.iter()
            .zip(&mut mentioned)
            .for_each(|(open, mentioned)| *mentioned |= names && parent(open.shown) == folder);
    }
    if mentioned.contains(&false) {
        by_path(world, skill, open, &mut mentioned);
    }
    mentioned
}

/// Looks for files by their names without the ending, in other documents of their skill.
fn by_stem(skill: &Skill<'_, '_>, open: &[Unmentioned<'_, '_>], mentioned: &mut [bool]) {
    // A skill with more names than this can hold has nothing said about them.
    let Ok(stems) = AhoCorasick::new(open.iter().map(|open| stem(open.shown))) else { return };
    for (path, document) in &skill.documents {
        for found in stems.find_overlapping_iter(document.text) {
            let index = found.pattern().as_usize();
            mentioned[index] |= open[index].path != *path;
        }
    }
}

/// Looks for files by the name of the skill and their paths in it, in all other documents.
fn by_path(world: &World<'_, '_>, skill: &Skill<'_, '_>, open: &[Unmentioned<'_, '_>], mentioned: &mut [bool]) {
    let folder = format!("{}/", skill.folder_name());
    let finder = memmem::Finder::new(&folder);
    for (path, document) in world.files.documents() {
        for at in finder.find_iter(document.text.as_bytes()) {
            let named = &document.text[at + folder.len()..];
            for (open, mentioned) in open.iter().zip(&mut *mentioned) {
                *mentioned |= open.path != path && named.starts_with(open.shown);
            }
        }
    }
}

/// Whether a text speaks of files of a folder without their names: `references/` alone means all of it,
/// `references/phase-{n}.md` and `references/*.md` some of it.
fn names_some_of(text: &str, folder: &str) -> bool {
    let prefix = format!("{folder}/");
    memmem::find_iter(text.as_bytes(), &prefix).any(|at| {
        let rest = &text[at + prefix.len()..];
        let word = rest.split(|c: char| c.is_whitespace() || "`)\"'|,;".contains(c)).next().unwrap_or_default();
        word.is_empty() || word == "." || word.contains(['*', '{', '<', '[', '…']) || word.contains("...")
    })
}
