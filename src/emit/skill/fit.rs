//! What of the user's does not fit into the documents that are made.

use super::{overview, pages};
use crate::analysis::Sound;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::emit::prose::{Folder, Prose, Reader, page_of};
use crate::model::{GENERATED_SECTIONS, Page, Target, listed};
use crate::syntax::text;

codes! {
    DESCRIPTION_TOO_LONG: "WF905" "description-too-long" Warning = "The description of a skill is longer than clients read.",
        "The description decides when the skill is used, and every client loads it for every skill. The Agent Skills \
         specification allows 1,024 characters; longer ones are cut or refused. They are counted as they are written into \
         SKILL.md, with references replaced. Without a `description` it is made of the title and of the first paragraph of the \
         `//!` lines.",
        bad: "workflow w\n\nphase a\n\ndocument skill w {\n  description \"Use when a request asks for exactly the following, and only then, for nothing else is meant here: 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890 1234567890\"\n}\n",
        good: "workflow w\n\nphase a\n\ndocument skill w {\n  description \"Use when a request asks for exactly the following, and only then\"\n}\n";
    MISSING_SECTION: "WF906" "missing-section" Warning = "A text leans on a part of the documents that is not made.",
        "The generated sections and pages that a workflow has no content for are left out: `gates` without a gate, \
         `limits` without a limit, `rationalizations` without a `counter`. A section that is placed before or after \
         such a one stands alone, and `${link …}` to such a page is no link.",
        bad: "workflow w\n\nphase a\n\ndocument skill w {\n  section \"House Rules\" after gates \"Ask before you override one.\"\n}\n",
        good: "workflow w\n\nphase a\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase b\n\ndocument skill w {\n  section \"House Rules\" after gates \"Ask before you override one.\"\n}\n";
}

/// What the specification of Agent Skills allows, in characters.
const MAX_DESCRIPTION: usize = 1024;

/// Whether everything fits. Nothing is rendered for it.
pub fn fits(sound: Sound<'_, '_>, found: &mut Vec<Diagnostic>) {
    let prose = Prose { sound, reader: Reader::Document(Folder::Top) };
    description(&prose, found);
    sections(&prose, found);
    links(&prose, found);
}

fn description(prose: &Prose<'_, '_>, found: &mut Vec<Diagnostic>) {
    let model = &prose.sound.model;
    let length = overview::description(prose).chars().count();
    if length <= MAX_DESCRIPTION {
        return;
    }
    let written = model.document.as_ref().and_then(|document| document.description.as_ref());
    let Some(span) = written.map(|text| text.span).or(model.header.as_ref().map(|header| header.name.span)) else {
        return;
    };
    let help = match written {
        Some(_) => "say when the skill is to be used; how it works stands in its sections",
        None => {
            "say when it is to be used with `description` in `document skill`, or begin `//!` with a short paragraph"
        }
    };
    found.push(
        Diagnostic::new(
            &DESCRIPTION_TOO_LONG,
            span,
            format!("the description of the skill has {length} characters; clients read {MAX_DESCRIPTION}"),
        )
        .label(if written.is_some() { "too long" } else { "made of the title and the first lines of `//!`" })
        .help(help),
    );
}

fn sections(prose: &Prose<'_, '_>, found: &mut Vec<Diagnostic>) {
    let model = &prose.sound.model;
    for section in model.document.iter().flat_map(|document| &document.sections) {
        let Some((front, at)) = section.position else { continue };
        if overview::has_section(prose, at.name) {
            continue;
        }
        let there: Vec<&str> =
            GENERATED_SECTIONS.iter().copied().filter(|name| overview::has_section(prose, name)).collect();
        let side = if front { "before" } else { "after" };
        let title = section.title.content();
        let message = format!("section `{title}` stands {side} `{}`, which this workflow does not have", at.name);
        found.push(
            Diagnostic::new(&MISSING_SECTION, at.span, message)
                .label("nothing is written there")
                .help(format!("place it at one that it has: {}", listed(&there))),
        );
    }
}

fn links(prose: &Prose<'_, '_>, found: &mut Vec<Diagnostic>) {
    let model = &prose.sound.model;
    let mut present = None;
    for (written, _) in model.prose.iter().filter(|(written, _)| written.raw.contains("${link ")) {
        let targets = model.targets.get(&written.span).into_iter().flatten();
        for (target, reference) in targets.zip(text::references(written.raw)) {
            let Some(Target::Link(page)) = target else { continue };
            let is_there = |(present, _): &(Page, &str)| present == page;
            let of_its_own = matches!(page, Page::Phase(_) | Page::Gate(_));
            if of_its_own || present.get_or_insert_with(|| pages::present(prose)).iter().any(is_there) {
                continue;
            }
            let (label, _) = page_of(prose, *page);
            found.push(
                Diagnostic::new(
                    &MISSING_SECTION,
                    reference.span(written.span),
                    format!("there is no page `{label}` to link to"),
                )
                .label("printed without a link")
                .help("leave the link out, or add what the page is about"),
            );
        }
    }
}
