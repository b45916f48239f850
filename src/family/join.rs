//! The declarations of several files before the items of one, each with what its file sees.

use std::collections::HashMap;

use fixedbitset::FixedBitSet;
use thin_vec::ThinVec;

use super::{Import, declares, import, imports};
use crate::source::{FileId, SourceMap};
use crate::syntax::ast;

/// Puts the declarations of the libraries among `trees` before the items of `root`.
pub(super) fn join<'s>(root: &mut ast::File<'s>, trees: &[&ast::File<'s>], bases: &[FileId], sources: &SourceMap) {
    let files: Vec<&ast::File<'s>> = trees.iter().copied().chain([&*root]).collect();
    let direct: Vec<Vec<Import<'s>>> = files.iter().map(|tree| imports(tree, sources).collect()).collect();
    let mut sights = sights(&files, &direct, sources.len());
    // A workflow and what it extends are one: each sees what any of them sees.
    let is_one = |tree: &ast::File<'s>| tree.id == root.id || bases.contains(&tree.id);
    let mut of_all = FixedBitSet::with_capacity(sources.len());
    for (_, sight) in files.iter().zip(&sights).filter(|(tree, _)| is_one(tree)) {
        of_all.union_with(sight);
    }
    for (_, sight) in files.iter().zip(&mut sights).filter(|(tree, _)| is_one(tree)) {
        sight.clone_from(&of_all);
    }
    let layer = |((tree, direct), sees): ((&&ast::File<'s>, Vec<Import<'s>>), FixedBitSet)| {
        let aliases = direct.into_iter().filter_map(|(file, alias)| Some((alias?, file))).collect();
        (tree.id, ast::Layer { text: tree.text, comments: tree.comments.clone(), sees, aliases })
    };
    let mut layers: Vec<(FileId, ast::Layer<'s>)> = files.iter().zip(direct).zip(sights).map(layer).collect();
    layers.rotate_right(1);
    let mut items = ThinVec::new();
    for tree in trees.iter().filter(|tree| !bases.contains(&tree.id)) {
        items.extend(tree.items.iter().filter(|item| declares(&item.kind) && import(item).is_none()).cloned());
    }
    root.unread.extend(trees.iter().flat_map(|tree| &tree.unread));
    root.items.retain(|item| import(item).is_none());
    items.append(&mut root.items);
    root.items = items;
    root.layers = layers.into_iter().collect();
}

/// What each of the files sees as its own: itself, what it uses under no other name, and what that sees.
fn sights(files: &[&ast::File<'_>], direct: &[Vec<Import<'_>>], count: usize) -> Vec<FixedBitSet> {
    let places: HashMap<FileId, usize> = files.iter().enumerate().map(|(place, tree)| (tree.id, place)).collect();
    let itself = |tree: &&ast::File<'_>| {
        let mut sight = FixedBitSet::with_capacity(count);
        sight.insert(tree.id.index());
        sight
    };
    let mut sights: Vec<FixedBitSet> = files.iter().map(itself).collect();
    // What a file uses stands before it, so once is enough unless files use each other in a circle.
    loop {
        let mut is_complete = true;
        for (place, direct) in direct.iter().enumerate() {
            for (file, _) in direct.iter().filter(|(_, alias)| alias.is_none()) {
                let Some(used) = places.get(file).copied().filter(|used| *used != place) else { continue };
                let sight = std::mem::take(&mut sights[used]);
                if !sight.is_subset(&sights[place]) {
                    sights[place].union_with(&sight);
                    is_complete &= used < place;
                }
                sights[used] = sight;
            }
        }
        if is_complete {
            return sights;
        }
    }
}
