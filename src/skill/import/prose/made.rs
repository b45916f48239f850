//! Files that `wf build` made, as sources of texts.

use super::super::super::folder::name as file_name;
use super::super::write;
use super::{File, Pages};

/// What a file is called as a procedure; nothing where it is generated and none.
pub fn procedure(file: &File<'_, '_>) -> Option<String> {
    let stem = file_name(&file.path);
    let stem = stem.strip_suffix(".md").unwrap_or(stem);
    match file.is_generated {
        true => stem.strip_prefix("procedure-").map(str::to_owned),
        false => Some(write::kebab(stem).unwrap_or_else(|| "page".to_owned())),
    }
}

/// The phase that a text belongs to which its page had no room for.
pub fn aside_of(file: &File<'_, '_>, pages: &Pages) -> Option<usize> {
    let is_text = file.is_generated && file.path.starts_with("references/texts/");
    let back = file.document.links.first().filter(|_| is_text)?;
    let path = super::resolve(super::parent(&file.path), back.parts().0)?;
    pages.phases.get(&path).copied()
}
