//! The Markdown skill: SKILL.md and its references, all derived from the model.
//!
//! `overview` gathers what SKILL.md says, `page` what the page of a phase says, `pages` the rest; `templates` holds how
//! it is laid out. Nothing is said in two places: a table and the sentence beside it come from the same fact.

mod budget;
mod fit;
mod neighbours;
mod overview;
mod page;
mod pages;
mod render;

use super::prose::{Folder, Prose, Reader};
use super::{File, seal};
use crate::analysis::Sound;
use crate::model::Page;

pub use budget::{Budget, Over, over_budget};
pub use fit::{CODES, fits};
pub use render::TemplateFault;

/// Makes all files of the skill; their paths begin with the skill's folder.
///
/// `source_name` is shown in the mark of each file. `templates` are the user's: a file of the name of a built-in template
/// replaces it.
///
/// # Errors
/// A template of the user's that cannot be read or does not fit.
pub fn build(
    sound: Sound<'_, '_>,
    source_name: &str,
    templates: &[(String, String)],
) -> Result<Vec<File>, TemplateFault> {
    let renderer = render::Renderer::new(templates)?;
    let folder = skill_name(sound);
    let mark = mark(sound, source_name);
    let mut files = Vec::new();
    let mut add = |path: &str, mut text: String| {
        seal::close(&mut text);
        files.push(File { path: format!("{folder}/{path}"), text });
    };
    add("SKILL.md", entry(sound, &mark, &renderer)?);
    for phase in sound.model.phases() {
        for (path, text) in page::files(sound, phase, &mark, &renderer)? {
            add(&format!("references/{path}"), text);
        }
    }
    for (name, text) in pages::files(sound, &mark, &renderer)? {
        add(&format!("references/{name}"), text);
    }
    Ok(files)
}

/// Makes SKILL.md alone, the page that is read first.
///
/// # Errors
/// As of [`build`].
pub fn front(sound: Sound<'_, '_>, source_name: &str, templates: &[(String, String)]) -> Result<String, TemplateFault> {
    let mut text = entry(sound, &mark(sound, source_name), &render::Renderer::new(templates)?)?;
    seal::close(&mut text);
    Ok(text)
}

fn entry(sound: Sound<'_, '_>, mark: &str, renderer: &render::Renderer<'_>) -> Result<String, TemplateFault> {
    let top = Prose { sound, reader: Reader::Document(Folder::Top) };
    renderer.render("SKILL.md", &overview::Overview::new(&top, mark))
}

/// How the names of all files about a phase begin: its page, and what moved from there.
pub fn page_stem(sound: Sound<'_, '_>, phase: crate::model::NodeId) -> String {
    let prose = Prose { sound, reader: Reader::Document(Folder::Top) };
    super::prose::phase_file(&prose, phase).trim_end_matches(".md").to_string()
}

/// Whether the skill has this page.
pub(super) fn has_page(prose: &Prose<'_, '_>, page: Page) -> bool {
    matches!(page, Page::Phase(_) | Page::Gate(_)) || pages::present(prose).iter().any(|(present, _)| *present == page)
}

/// The name of the skill: of the document, else of the workflow.
pub fn skill_name(sound: Sound<'_, '_>) -> String {
    let model = &sound.model;
    let document = model.document.as_ref().map(|document| document.name.name);
    document
        .or(model.header.as_ref().map(|header| header.name.name))
        .unwrap_or("workflow")
        .to_lowercase()
        .replace('_', "-")
}

fn mark(sound: Sound<'_, '_>, source_name: &str) -> String {
    seal::mark(source_name, &super::hash_of(&sound.model))
}
