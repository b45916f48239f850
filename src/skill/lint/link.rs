//! SK4: links, in every file, relative to the file they stand in. A link has one diagnostic.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use memchr::memmem;

use super::{World, declare_rules, project, world};
use crate::diagnostic::{Applicability, Diagnostic, Edit, nearest};
use crate::skill::anchor::{comparable, percent_decoded, slug};
use crate::skill::document::{Document, Heading, Link, is_external};
use crate::skill::folder::{Content, Files, name, parent, relative, resolve};
use crate::skill::reference::{Kind, read_calls, references};
use crate::source::Span;

declare_rules! {
    LINK_TARGET_MISSING: "SK401" "link-target-missing" Error Spec Specification = "A link points to a file that is not there.",
        "The agent is told to read something and cannot. Targets are relative to the file that the link stands in, also below \
         `references/`. Links in code are examples and are left alone.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](references/steps.md).\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](references/steps.md).\n== example/references/steps.md ==\n# Steps\n";
    ANCHOR_MISSING: "SK402" "anchor-missing" Error Spec Markdown = "A link points to a heading that its file does not have.",
        "Anchors are made from headings as GitHub makes them: lower case, blanks to hyphens, other signs left out, repeated ones \
         numbered.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Steps\nSee [below](#step-by-step).\n## Step by Stage\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n# Steps\nSee [below](#step-by-stage).\n## Step by Stage\n";
    LINK_LEAVES_SKILL: "SK403" "link-leaves-skill" Warning Spec Specification = "A link points to a file outside of the skill.",
        "A skill is a folder, and is copied and installed as one; what lies beside it stays behind. Copy the file into the skill, or \
         name the other skill instead of linking into it.",
        bad: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](../docs/steps.md).\n== docs/steps.md ==\n# Steps\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](steps.md).\n== example/steps.md ==\n# Steps\n";
    LINK_ABSOLUTE: "SK404" "link-absolute" Warning Spec Specification = "A link points to a path of one machine.",
        "`/home/…`, `~/…`, `C:\\…` and `file:` lead nowhere on another machine, and `/…` alone to the root of whatever shows the file. \
         Paths in a skill are relative.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](/home/me/steps.md).\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [the steps](steps.md).\n== example/steps.md ==\n# Steps\n";
    LINK_WRONG_DEPTH: "SK405" "link-wrong-depth" Error Spec Specification = "A link points to nothing from its file, and to a file of the skill from another folder.",
        "Most often it is written as from the folder of the skill and stands in a file below `references/`, or has one `../` too \
         few or too many. Exactly one file of the skill can be meant, so the fix is safe.",
        bad: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [a](references/a.md) and [b](references/b.md).\n== example/references/a.md ==\nGo on with [b](references/b.md).\n== example/references/b.md ==\n# B\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nSee [a](references/a.md) and [b](references/b.md).\n== example/references/a.md ==\nGo on with [b](b.md).\n== example/references/b.md ==\n# B\n";
    IMAGE_MISSING: "SK406" "image-missing" Error Spec Specification = "An image is not there.",
        "Targets are relative to the file that the image stands in.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n![The steps](assets/steps.png)\n",
        good: "== example/SKILL.md ==\n---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n![The steps](assets/steps.png)\n== example/assets/steps.png ==\n(an image)\n";
    AMBIGUOUS_ANCHOR: "SK407" "ambiguous-anchor" Warning Spec Markdown = "A list links twice to the same heading, which stands there several times.",
        "The anchor without a number leads to the first heading of that name, so the second link leads to the wrong place. GitHub \
         numbers the others: `#example-1`.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n- Build: [example](#example)\n- Test: [example](#example)\n\n## Build\n### Example\n## Test\n### Example\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n- Build: [example](#example)\n- Test: [example](#example-1)\n\n## Build\n### Example\n## Test\n### Example\n";
}

/// Where a link leads.
struct Target<'l> {
    /// From what everything is relative to; nothing when it climbs above that.
    path: Option<String>,
    fragment: Option<&'l str>,
}

/// The path and fragment of a link to a file; nothing for a web page and the like.
fn target<'l>(path: &str, link: &'l Link<'_>) -> Option<Target<'l>> {
    if link.is_external() || link.is_auto {
        return None;
    }
    let (relative, fragment) = link.parts();
    if is_of_machine(relative) {
        return None;
    }
    let path =
        if relative.is_empty() { Some(path.to_owned()) } else { resolve(parent(path), &percent_decoded(relative)) };
    Some(Target { path, fragment })
}

/// `/x`, `~/x`, `\x`: not relative to the file.
fn is_of_machine(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.starts_with("~/") || is_drive(path)
}

/// `C:\x`
fn is_drive(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && chars.next().is_some_and(|c| "\\/".contains(c))
}

/// The paths that links of the documents point to and that nothing is known of yet: whoever can look should.
pub fn wanted(files: &Files<'_>) -> BTreeSet<String> {
    let documents = files.documents().filter(|(path, _)| files.is_asked(path));
    let root = files.iter().find_map(|(path, _)| project::root(path));
    let read = |document: &Document<'_>| {
        let files = references(document).into_iter().filter(|found| found.kind == Kind::File && !found.is_placeholder);
        files.filter_map(|found| world::of_project(root, found.target)).collect::<Vec<_>>()
    };
    let paths = documents.flat_map(|(path, document)| {
        let targets = document.links.iter().filter_map(move |link| target(path, link)?.path);
        // As it is written, too: a file may be called `100%25.md`.
        let raw = document.links.iter().filter(|link| link.target.contains('%')).filter_map(move |link| {
            target(path, link)?;
            resolve(parent(path), link.parts().0)
        });
        targets.chain(raw).chain(read(document))
    });
    paths.filter(|path| !files.exists(path)).collect()
}

/// Whether a text may lead to something that nothing is known of and that is there. It says so too often, and never not where
/// [`wanted`] finds something: a text of which it is not so need not be understood for that.
pub fn may_want(files: &Files<'_>, path: &str, text: &str, is_there: impl Fn(&str) -> bool) -> bool {
    let is_unknown = |path: Option<String>| path.is_some_and(|path| !files.exists(&path) && is_there(&path));
    // A target stands behind the text of the link, or behind its name: `[a](target)`, `[a]: target`.
    let of_links = ["](", "]:"].iter().flat_map(|sign| memmem::find_iter(text.as_bytes(), sign)).any(|at| {
        let rest = text[at + "](".len()..].trim_start();
        let end = match rest.strip_prefix('<') {
            Some(inner) => inner.find(['>', '\n']).map(|end| end + 1),
            None => rest.find(|c: char| c.is_whitespace() || c == ')'),
        };
        let written = rest[..end.unwrap_or(rest.len())].trim_start_matches('<');
        let relative = written.split(['#', '?']).next().unwrap_or(written);
        let is_elsewhere = relative.is_empty() || is_external(written) || is_of_machine(relative);
        // The sign of a quotation may stand between; with the others, what is written is not what is meant.
        let is_plain = !written.contains(['>', '\\', '&', '%', '(', '<']);
        !is_plain || !is_elsewhere && is_unknown(resolve(parent(path), relative))
    });
    let root = || files.iter().find_map(|(path, _)| project::root(path));
    of_links || read_calls(text).any(|target| is_unknown(world::of_project(root(), target)))
}

pub fn check(world: &World<'_, '_>, path: &str, document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let skill = world.files.skill_of(path);
    let mut anchors = Anchors::default();
    for link in &document.links {
        let written = &*link.target;
        if written.is_empty() {
            continue;
        }
        if is_of_machine(written) && !written.starts_with("//") || written.to_ascii_lowercase().starts_with("file:") {
            found.extend(absolute(skill, link));
            continue;
        }
        let Some(target) = target(path, link) else { continue };
        let raw = || resolve(parent(path), link.parts().0).filter(|raw| world.files.exists(raw));
        let there = target.path.clone().filter(|path| world.files.exists(path)).or_else(raw);
        match there {
            None => found.push(missing(world, path, link)),
            Some(there) => {
                let fragment = target.fragment.filter(|fragment| !fragment.is_empty());
                let wrong = fragment.and_then(|fragment| wrong_anchor(world, &mut anchors, link, &there, fragment));
                found.extend(wrong.or_else(|| leaves(world, skill, link, path, &there)));
            }
        }
    }
    ambiguous(document, found);
}

fn absolute(skill: Option<&str>, link: &Link<'_>) -> Option<Diagnostic> {
    let written = &*link.target;
    // GitHub takes `/docs/x.md` as from the root of the repository: in a file of no skill that is a way to write it.
    let is_of_repository = written.starts_with('/') && skill.is_none();
    if is_of_repository {
        return None;
    }
    let message = format!("`{written}` is a path of one machine");
    Some(Diagnostic::new(&LINK_ABSOLUTE.code, link.target_span, message).help("write the path relative to this file"))
}

/// What is not there, with the file that is meant where only one can be.
fn missing(world: &World<'_, '_>, path: &str, link: &Link<'_>) -> Diagnostic {
    let written = link.parts().0;
    let what = if link.is_image { "image" } else { "file" };
    let code = if link.is_image { &IMAGE_MISSING.code } else { &LINK_TARGET_MISSING.code };
    if let Some(meant) = other_depth(world, path, written) {
        let right = relative(parent(path), &meant);
        let message = format!("there is no {what} `{written}` here, but `{right}` is there");
        let code = if link.is_image { code } else { &LINK_WRONG_DEPTH.code };
        let diagnostic = Diagnostic::new(code, link.target_span, message);
        return match target_edit(link, &right) {
            Some(edit) => diagnostic.with_fix(format!("write `{right}`"), Applicability::Safe, vec![edit]),
            None => diagnostic.help(format!("write `{right}`")),
        };
    }
    let message = format!("there is no {what} `{written}`");
    let diagnostic = Diagnostic::new(code, link.target_span, message);
    let folder = resolve(parent(path), parent(&percent_decoded(written))).unwrap_or_default();
    let siblings = world.files.below(&folder).map(|(path, _)| path).filter(|path| parent(path) == folder);
    let names: Vec<&str> = siblings.map(name).collect();
    match nearest(name(written), names) {
        Some(meant) => {
            let right = relative(parent(path), &crate::skill::folder::join(&folder, meant));
            let diagnostic = diagnostic.help(format!("did you mean `{right}`?"));
            match target_edit(link, &right) {
                Some(edit) => diagnostic.with_fix(format!("write `{right}`"), Applicability::Unsafe, vec![edit]),
                None => diagnostic,
            }
        }
        None => match from_root(world, path, written) {
            Some(right) => diagnostic.help(format!("it is there from the root of the project: write `{right}`")),
            None => diagnostic.help("write the file, or leave out the link"),
        },
    }
}

/// The way to a file that is named as from the root of the project, `.claude/…`.
fn from_root(world: &World<'_, '_>, path: &str, written: &str) -> Option<String> {
    let meant = world::of_project(world.project.root, &percent_decoded(written))?;
    world.files.exists(&meant).then(|| relative(parent(path), &meant))
}

/// The file of the same skill whose path ends like the one that is written, if there is exactly one and the way there
/// differs in nothing but how deep it is.
fn other_depth(world: &World<'_, '_>, path: &str, written: &str) -> Option<String> {
    let decoded = percent_decoded(written);
    let mut rest = &*decoded;
    while let Some(shorter) = rest.strip_prefix("../").or_else(|| rest.strip_prefix("./")) {
        rest = shorter;
    }
    let skill = world.skill_of(path)?;
    if rest.is_empty() || rest.starts_with("../") {
        return None;
    }
    let ending = format!("/{}", rest.trim_end_matches('/'));
    let below = || world.files.below(skill.path).map(|(path, _)| path);
    let mut ends = below().filter(|path| path.ends_with(&ending));
    if let (Some(one), None) = (ends.next(), ends.next()) {
        return Some(one.to_owned());
    }
    // `references/b.md` in `references/a.md`: the folder is said twice.
    let doubled = rest.split_once('/').filter(|(folder, _)| parent(path).ends_with(&format!("/{folder}")))?.1;
    let meant = resolve(parent(path), doubled)?;
    world.files.exists(&meant).then_some(meant)
}

/// Replaces the path of a link and keeps its fragment; nothing where the target is not written as it is meant.
fn target_edit(link: &Link<'_>, path: &str) -> Option<Edit> {
    let length = link.parts().0.len();
    let range = link.target_span.range();
    let is_plain = range.len() == link.target.len() && !path.contains([' ', '(', ')', '<', '>', '%']);
    let span = Span::new(link.target_span.file, range.start, range.start + length);
    is_plain.then(|| Edit { span, text: path.to_owned() })
}

fn leaves(world: &World<'_, '_>, skill: Option<&str>, link: &Link<'_>, path: &str, there: &str) -> Option<Diagnostic> {
    let skill = skill?;
    let is_inside =
        skill.is_empty() || there == skill || there.strip_prefix(skill).is_some_and(|rest| rest.starts_with('/'));
    if is_inside || path == there {
        return None;
    }
    let folder = name(skill);
    let (message, help) = match world.files.skill_of(there).map(name) {
        Some(other) if name(there) == crate::skill::folder::MAIN || other != folder => (
            format!("the link leads out of the skill `{folder}` into the skill `{other}`"),
            format!("name the skill `{other}` instead of linking to its files"),
        ),
        _ => (
            format!("the link leads out of the skill `{folder}`"),
            "copy the file into the skill, or say where it is found".to_owned(),
        ),
    };
    Some(Diagnostic::new(&LINK_LEAVES_SKILL.code, link.target_span, message).help(help))
}

/// The anchors of the documents that one file links to.
#[derive(Default)]
struct Anchors {
    of: BTreeMap<String, AnchorsOf>,
}

/// The anchors of a document.
struct AnchorsOf {
    /// Comparable, in the order of the text.
    headings: Vec<String>,
    /// `id` and `name` in HTML.
    html: BTreeSet<String>,
}

impl AnchorsOf {
    fn new(document: &Document<'_>) -> Self {
        let headings = document.anchors().iter().map(|anchor| comparable(anchor).into_owned()).collect();
        let html = document.html.iter().flat_map(|span| html_anchors(document.source(*span))).collect();
        AnchorsOf { headings, html }
    }
}

/// The values of `id` and `name`.
fn html_anchors(html: &str) -> Vec<String> {
    let attributes = ["id=", "name="].into_iter().flat_map(|attribute| {
        html.match_indices(attribute).filter_map(move |(at, _)| {
            let rest = &html[at + attribute.len()..];
            let quote = rest.chars().next()?;
            let value = match quote {
                '"' | '\'' => rest[1..].split(quote).next()?,
                _ => rest.split([' ', '>', '\n']).next()?,
            };
            Some(value.to_owned())
        })
    });
    attributes.collect()
}

fn wrong_anchor(
    world: &World<'_, '_>,
    known: &mut Anchors,
    link: &Link<'_>,
    there: &str,
    fragment: &str,
) -> Option<Diagnostic> {
    let Some(Content::Document(document)) = world.files.get(there) else { return None };
    if is_of_browser(fragment) {
        return None;
    }
    let anchors = known.of.entry(there.to_owned()).or_insert_with(|| AnchorsOf::new(document));
    let wanted = comparable(fragment);
    let named = |wanted: &str| anchors.headings.iter().find(|anchor| *anchor == wanted);
    let of = if link.parts().0.is_empty() { "this file".to_owned() } else { format!("`{}`", name(there)) };
    if named(&wanted).is_some() || anchors.html.contains(&*wanted) {
        return None;
    }
    let message = format!("{of} has no heading with the anchor `#{fragment}`");
    let diagnostic = Diagnostic::new(&ANCHOR_MISSING.code, link.target_span, message);
    let lower = Cow::from(wanted.to_lowercase());
    let meant = named(&lower).map(String::as_str);
    let meant = meant.or_else(|| nearest(&wanted, anchors.headings.iter().map(String::as_str)));
    let Some(meant) = meant else {
        return Some(diagnostic.help("link to the file, or to one of its headings"));
    };
    let diagnostic = diagnostic.help(format!("did you mean `#{meant}`?"));
    let range = link.target_span.range();
    let is_plain = range.len() == link.target.len() && meant.is_ascii();
    let span = Span::new(link.target_span.file, range.end - fragment.len().min(range.len()), range.end);
    Some(if is_plain { diagnostic.unsafe_fix(format!("write `#{meant}`"), span, meant) } else { diagnostic })
}

/// `#L10` marks lines, `#top` the page, `#:~:text=` a passage: no heading is meant.
fn is_of_browser(fragment: &str) -> bool {
    let is_line =
        |part: &str| part.strip_prefix('L').is_some_and(|line| line.starts_with(|c: char| c.is_ascii_digit()));
    is_line(fragment) || fragment == "top" || fragment.starts_with(":~:")
}

/// Links of lists to the same anchor of their own file, when several headings would have it: the second cannot mean the
/// first heading.
fn ambiguous(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<&str, &Link<'_>> = BTreeMap::new();
    let mut headings: BTreeMap<String, Vec<(&Heading<'_>, String)>> = BTreeMap::new();
    for link in document.links.iter().filter(|link| link.target.starts_with('#') && is_listed(document, link)) {
        let anchor = &link.target[1..];
        let Some(earlier) = first.get(anchor) else {
            _ = first.insert(anchor, link);
            continue;
        };
        if headings.is_empty() {
            for (heading, anchor) in document.headings.iter().zip(document.anchors()) {
                headings.entry(slug(&heading.content.text)).or_default().push((heading, anchor));
            }
        }
        let Some([(leads_to, first), (meant, right), ..]) = headings.get(anchor).map(Vec::as_slice) else { continue };
        if earlier.content.text != link.content.text || first != anchor {
            continue;
        }
        let message = format!("this is the second link to `#{anchor}`, which only the first heading of that name has");
        found.push(
            Diagnostic::new(&AMBIGUOUS_ANCHOR.code, link.target_span, message)
                .related(earlier.target_span, "the first link")
                .related(leads_to.span, "both links lead here")
                .related(meant.span, format!("this one is `#{right}`"))
                .unsafe_fix(format!("write `#{right}`"), link.target_span, format!("#{right}")),
        );
    }
}

/// Whether a link stands in an item of a list.
fn is_listed(document: &Document<'_>, link: &Link<'_>) -> bool {
    let after = document.paragraphs.partition_point(|paragraph| paragraph.content.span.start <= link.span.start);
    let before = after.checked_sub(1).map(|at| &document.paragraphs[at]);
    before.is_some_and(|paragraph| paragraph.item.is_some() && paragraph.content.span.contains(link.span))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn whatever_is_wanted_is_told_from_the_text() {
        let pieces = [
            "[a](",
            "[b][c]",
            "[c]: ",
            "]:",
            ")",
            "x.md",
            "y/z.md",
            "#h",
            "?q",
            "<",
            ">",
            "\n",
            "> ",
            "`",
            "Read(\"",
            "Read(path: '",
            ".claude/y.md",
            "\")",
            "')",
            "%20",
            "\\",
            "&amp;",
            "(",
            " ",
            "../",
            "https://w.x",
            "q:r.md",
            "- ",
            "![",
            "](",
            "\"t\"",
        ];
        let mut seed = 11_u64;
        let mut random = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let (path, mut count) = ("p/.claude/skills/s/SKILL.md", 0);
        for _ in 0..20_000 {
            let text: String = (0..=random(9)).map(|_| pieces[random(pieces.len())]).collect();
            let mut files = Files::default();
            files.insert(path, Content::Document(Box::new(Document::read(FileId::FIRST, &text))));
            if !wanted(&files).is_empty() {
                count += 1;
                assert!(may_want(&files, path, &text, |_| true), "{text:?}: {:?}", wanted(&files));
            }
        }
        assert!(count > 300, "{count} want something");
        assert!(!may_want(&Files::default(), path, "[a](https://w.x) [b](#h) [c](/d) `Read(\"{x}\")`", |_| true));
        assert!(!may_want(&Files::default(), path, "[a](b.md)", |_| false));
    }
}
