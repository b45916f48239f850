//! Several files as one: what `use` brings in.
//!
//! A file that others use is parsed once, whoever uses it. [`Family::tree`] puts the declarations of all files that a
//! file uses before its own items; every place still says which file it is in, and so does each name know what it sees.

mod extends;
mod join;
mod required;
mod roles;
mod walk;

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::codes;
use crate::diagnostic::{self, Diagnostic, nearest};
use crate::source::{FileId, Link, SourceMap, Span, Wanted};
use crate::syntax::{self, ast};
use extends::{NOT_IN_THE_BASE, Patch, UNKNOWN_BASE};
use walk::Walk;

codes! {
    IMPORT_CYCLE: "WF112" "import-cycle" Error = "Files use each other in a circle.",
        "A file sees the names of the files it uses. Two that use each other have no order in which they could be read: put \
         what both need into a third.",
        bad: "== agents.wf ==\nuse \"limits.wf\"\n\nagent lead \"Plans\"\n\n== limits.wf ==\nuse \"agents.wf\"\n\nlimit tries = 3\n\n\
              == w.wf ==\nuse \"agents.wf\"\n\nworkflow w\n\nphase plan {\n  purpose \"In ${tries}\"\n\n  spawn lead \"Plan\"\n}\n",
        good: "== agents.wf ==\nagent lead \"Plans\"\n\n== limits.wf ==\nlimit tries = 3\n\n\
               == w.wf ==\nuse \"agents.wf\"\nuse \"limits.wf\"\n\nworkflow w\n\nphase plan {\n  purpose \"In ${tries}\"\n\n  spawn lead \"Plan\"\n}\n";
    MISSING_IMPORT: "WF113" "missing-import" Error = "A file that is used cannot be read.",
        "The path after `use` is relative to the file it stands in. What the missing file would declare is unknown.",
        bad: "use \"agents.wf\"\n\nworkflow w\n\nphase plan\n",
        good: "== agents.wf ==\nagent lead \"Plans\"\n\n== w.wf ==\nuse \"agents.wf\"\n\nworkflow w\n\nphase plan {\n  spawn lead \"Plan\"\n}\n";
    NOT_A_LIBRARY: "WF118" "not-a-library" Error = "A file that is used declares what only a workflow can.",
        "`use` brings in declarations: enums, facts, limits, agents, skills, procedures and the like. The flow, its tests \
         and its documents belong to the one workflow of a file.",
        bad: "== other.wf ==\nworkflow other\n\nphase plan\n\n== w.wf ==\nuse \"other.wf\"\n\nworkflow w\n\nphase plan\n",
        good: "== agents.wf ==\nagent lead \"Plans\"\n\n== w.wf ==\nuse \"agents.wf\"\n\nworkflow w\n\nphase plan {\n  spawn lead \"Plan\"\n}\n";
}

/// Reads what the files use, what that uses, and so on: `find` is asked once for each path in each file, may add to the
/// sources, and says what it found.
pub fn load(
    sources: &mut SourceMap,
    files: impl IntoIterator<Item = FileId>,
    find: &mut dyn FnMut(&mut SourceMap, FileId, Wanted, &str) -> Link,
) {
    let mut open: Vec<FileId> = files.into_iter().collect();
    let mut known: HashSet<FileId> = open.iter().copied().collect();
    while let Some(file) = open.pop() {
        for (wanted, path) in paths(file, &sources.get(file).text) {
            if sources.linked(file, wanted, &path).is_some() {
                continue;
            }
            let link = find(sources, file, wanted, &path);
            if let (Wanted::Declarations, &Link::File(next)) = (wanted, &link)
                && known.insert(next)
            {
                open.push(next);
            }
            sources.link(file, wanted, &path, link);
        }
    }
}

/// All files that a file takes something from, itself first.
pub fn reach(sources: &SourceMap, file: FileId) -> Vec<FileId> {
    let mut reached = vec![file];
    let mut seen = HashSet::from([file]);
    let mut next = 0;
    while let Some(file) = reached.get(next).copied() {
        next += 1;
        for link in sources.links(file) {
            let files = match link {
                Link::File(file) => std::slice::from_ref(file),
                Link::Files { files, .. } => files,
                Link::Missing(_) => &[],
            };
            reached.extend(files.iter().filter(|file| seen.insert(**file)));
        }
    }
    reached
}

/// Those of `files` that take something from a file, themselves or through others of them; the file itself, too.
pub fn users(sources: &SourceMap, files: &[FileId], file: FileId) -> HashSet<FileId> {
    let mut by: HashMap<FileId, Vec<FileId>> = HashMap::new();
    for user in files {
        for link in sources.links(*user) {
            if let Link::File(used) = link {
                by.entry(*used).or_default().push(*user);
            }
        }
    }
    let mut found = HashSet::from([file]);
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        open.extend(by.get(&file).into_iter().flatten().copied().filter(|user| found.insert(*user)));
    }
    found
}

/// The files that some files take something from directly.
pub fn used(sources: &SourceMap, files: impl Iterator<Item = FileId>) -> HashSet<FileId> {
    let links = files
        .flat_map(|file| sources.links(file).filter(move |link| !matches!(link, Link::File(used) if *used == file)));
    links.filter_map(|link| if let Link::File(file) = link { Some(*file) } else { None }).collect()
}

/// The paths that a text uses, with what is wanted there.
fn paths(file: FileId, text: &str) -> Vec<(Wanted, String)> {
    let content = |span: Span| syntax::text::content(&text[span.range()]).into_owned();
    let paths = |used: ast::Use| match used {
        ast::Use::File { path, .. } => vec![(Wanted::Declarations, content(path))],
        ast::Use::Registry { of, from } => {
            let wanted = Wanted::registry(&text[of.range()]);
            wanted.iter().flat_map(|wanted| from.iter().map(|entry| (*wanted, content(entry.span)))).collect()
        }
    };
    syntax::uses(file, text).into_iter().flat_map(paths).collect()
}

/// A path in a `use` of the file `from`, as a name like that of `from`: `./` and `..` taken out.
pub fn relative(from: &str, path: &str) -> String {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Links files to those among `sources` that their `use` lines name.
pub fn link(sources: &mut SourceMap, files: &[FileId]) {
    load(sources, files.iter().copied(), &mut |sources, from, wanted, path| {
        let meant = relative(&sources.get(from).name, path);
        if wanted.is_folder() {
            let below = format!("{meant}/");
            let named =
                sources.iter().filter(|(_, source)| source.name.starts_with(&below) && wanted.accepts(&source.name));
            let mut files: Vec<FileId> = named.map(|(file, _)| file).collect();
            files.sort_by_key(|file| &sources.get(*file).name);
            return match files[..] {
                [] => Link::Missing("there is no such folder".to_owned()),
                _ => Link::Files { files, unreadable: Vec::new() },
            };
        }
        let found = sources.iter().find(|(_, source)| source.name == meant).map(|(file, _)| file);
        found.map_or_else(|| Link::Missing("there is no such file".to_owned()), Link::File)
    });
}

/// An example: one file, or several, each after a line `== name ==`, of which the last is meant.
pub fn example(text: &str) -> (SourceMap, FileId) {
    let mut sources = SourceMap::new();
    let parts = diagnostic::example(text, "example.wf");
    let files: Vec<FileId> = parts.into_iter().map(|(name, text)| sources.add(name, text)).collect();
    link(&mut sources, &files);
    let file = files.last().copied().unwrap_or_else(|| sources.add("example.wf", ""));
    (sources, file)
}

pub use extends::CODES as EXTENDS_CODES;
pub use required::CODES as REQUIRED_CODES;

type Parsed<'s> = (ast::File<'s>, Vec<Diagnostic>);

/// The files of a call, each parsed when it is first asked for.
#[derive(Debug)]
pub struct Family<'s> {
    pub sources: &'s SourceMap,
    /// Of the files that others use.
    shared: HashMap<FileId, OnceLock<Parsed<'s>>>,
    parsed: AtomicUsize,
}

impl<'s> Family<'s> {
    pub fn new(sources: &'s SourceMap) -> Self {
        let shared = sources.wanted(Wanted::Declarations);
        let shared = shared.map(|file| (file, OnceLock::new())).collect();
        Family { sources, shared, parsed: AtomicUsize::new(0) }
    }

    /// The tree of a file with the declarations of all files it uses, and what is wrong in them.
    pub fn tree(&self, file: FileId) -> Parsed<'s> {
        let (mut root, mut diagnostics) = match self.shared.get(&file) {
            Some(_) => self.shared(file).clone(),
            None => self.parse(file),
        };
        diagnostics.extend(stray(&root));
        let (mut others, mut is_circular) = (Vec::new(), false);
        if root.items.iter().any(|item| import(item).is_some()) {
            let mut walk = Walk::new(self, &root);
            walk.over(&root);
            diagnostics.append(&mut walk.diagnostics);
            root.incomplete = walk.incomplete;
            let (trees, bases) = (walk.trees, walk.bases);
            (others, is_circular) = (walk.others, walk.is_circular);
            join::join(&mut root, &trees, &bases, self.sources);
            let mut found = extend(&mut root, &trees, &bases, &|span| self.sources.text(span));
            if !is_circular {
                diagnostics.append(&mut found);
            }
        }
        // Of files that extend each other none is the base: the circle is what is wrong.
        let is_circle = is_circular && extended(&root).is_some();
        diagnostics.extend(if is_circle { Vec::new() } else { extends_nothing(&root, &others) });
        root.orphan =
            root.bases.last().map_or_else(|| extended(&root), |base| extended(&self.shared(*base).0)).is_some();
        (root, diagnostics)
    }

    /// # Panics
    /// When no other file uses it.
    fn shared(&self, file: FileId) -> &Parsed<'s> {
        let cell = self.shared.get(&file).expect("what a link leads to is imported");
        cell.get_or_init(|| self.parse(file))
    }

    fn parse(&self, file: FileId) -> Parsed<'s> {
        self.parsed.fetch_add(1, Ordering::Relaxed);
        syntax::parse(file, &self.sources.get(file).text)
    }

    /// How many times a file has been parsed.
    pub fn parsed(&self) -> usize {
        self.parsed.load(Ordering::Relaxed)
    }
}

/// The path and the other name of a `use` of a file.
fn import(item: &ast::Statement) -> Option<(Span, Option<Span>)> {
    let ast::Kind::Use(used) = &item.kind else { return None };
    match **used {
        ast::Use::File { path, alias } => Some((path, alias)),
        ast::Use::Registry { .. } => None,
    }
}

/// The file that a `use` leads to, with the other name that it has there.
type Import<'s> = (FileId, Option<&'s str>);

/// The files that are used.
fn imports<'t, 's>(tree: &'t ast::File<'s>, sources: &'t SourceMap) -> impl Iterator<Item = Import<'s>> + use<'t, 's> {
    tree.items.iter().filter_map(import).filter_map(|(path, alias)| {
        match sources.linked(tree.id, Wanted::Declarations, &syntax::text::content(tree.slice(path))) {
            Some(Link::File(file)) => Some((*file, alias.map(|alias| tree.slice(alias)))),
            _ => None,
        }
    })
}

/// The finding for the first item that belongs to a workflow in a file that has none.
fn stray(tree: &ast::File<'_>) -> Option<Diagnostic> {
    let is_workflow = |item: &ast::Statement| matches!(item.kind, ast::Kind::Workflow(_));
    if !tree.unread.is_empty() || tree.items.iter().any(is_workflow) {
        return None;
    }
    let item = tree.items.iter().find(|item| !declares(&item.kind))?;
    let text = tree.slice(item.span);
    let word = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or(text);
    let span = Span { end: item.span.start + word.len() as u32, ..item.span };
    let diagnostic = Diagnostic::new(&NOT_A_LIBRARY, span, format!("`{word}` stands in a file without a workflow"))
        .label("belongs to no workflow")
        .help("begin the file with a line `workflow NAME \"Title\"`, or move it into the workflow that uses the file");
    Some(diagnostic)
}

/// What a library may hold.
fn declares(kind: &ast::Kind) -> bool {
    use ast::Kind::*;
    !matches!(kind, Workflow(_) | Node(_) | Skip(_) | Insert(_) | Drop(_) | Test(..) | Property(_) | Document(_))
}

/// The workflow line of a file.
fn workflow<'t>(tree: &'t ast::File<'_>) -> Option<&'t ast::Workflow> {
    tree.items.iter().find_map(|item| match &item.kind {
        ast::Kind::Workflow(workflow) => Some(&**workflow),
        _ => None,
    })
}

/// The name of the workflow that the one of a file extends.
fn extended<'s>(tree: &ast::File<'s>) -> Option<&'s str> {
    workflow(tree).and_then(|workflow| workflow.extends).map(|name| tree.slice(name))
}

/// Applies what `root` says, and each workflow that it extends, to the items of the last of these.
fn extend<'s>(
    root: &mut ast::File<'s>,
    trees: &[&ast::File<'s>],
    bases: &[FileId],
    slice: &dyn Fn(Span) -> &'s str,
) -> Vec<Diagnostic> {
    let own = |tree: &ast::File<'s>| tree.items.iter().filter(|item| import(item).is_none()).cloned().collect();
    let mut chain: Vec<&ast::File<'s>> =
        bases.iter().rev().filter_map(|base| trees.iter().find(|tree| tree.id == *base).copied()).collect();
    if chain.is_empty() {
        return Vec::new();
    }
    let first = chain.remove(0);
    let mut diagnostics = extends_nothing(first, &[]);
    let mut patch = Patch::new(own(first), slice);
    for tree in chain {
        patch.apply(own(tree));
    }
    let (libraries, items) = std::mem::take(&mut root.items).into_iter().partition(|item| item.span.file != root.id);
    patch.apply(items);
    root.items = libraries;
    root.items.append(&mut patch.items);
    root.inherited = patch.inherited;
    root.dropped = patch.dropped;
    root.bases = bases.to_vec();
    diagnostics.append(&mut patch.diagnostics);
    diagnostics
}

/// The findings for what can only change a base where there is none.
fn extends_nothing(root: &ast::File<'_>, others: &[&str]) -> Vec<Diagnostic> {
    let base = workflow(root).and_then(|workflow| workflow.extends);
    if !root.bases.is_empty() {
        return Vec::new();
    }
    if let Some(base) = base {
        // Which workflow a file holds that cannot be read, nobody knows.
        if root.incomplete && others.is_empty() {
            return Vec::new();
        }
        let name = root.slice(base);
        let diagnostic =
            Diagnostic::new(&UNKNOWN_BASE, base, format!("no file that is used holds the workflow `{name}`"))
                .label("nothing to extend");
        return vec![match (nearest(name, others.iter().copied()), others) {
            (Some(near), _) => {
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), base, near)
            }
            (None, []) => diagnostic.help(format!("use its file: `use \"{name}.wf\"`")),
            (None, [other, ..]) => diagnostic.help(format!("a file that is used holds `{other}`")),
        }];
    }
    let changes = root.items.iter().filter(|item| matches!(item.kind, ast::Kind::Insert(_) | ast::Kind::Drop(_)));
    let fills = root.items.iter().filter_map(|item| match &item.kind {
        ast::Kind::Agent(agent) => agent.fills.first(),
        _ => None,
    });
    let fills = fills.map(|entry| {
        Diagnostic::new(&NOT_IN_THE_BASE, entry.span, "`for` names an agent of a base, and nothing is extended here")
            .label("has no effect")
            .help("leave `for` and the name out, or write `workflow x extends y`")
    });
    let reported = changes.map(|item| {
        let word = if matches!(item.kind, ast::Kind::Insert(_)) { "insert" } else { "drop" };
        let span = Span { end: item.span.start + word.len() as u32, ..item.span };
        Diagnostic::new(&NOT_IN_THE_BASE, span, format!("`{word}` changes a base, and this workflow extends none"))
            .label("has no effect")
            .help(match word {
                "insert" => "leave `insert` and the place out: order is the order of writing",
                _ => "remove what is not meant, or write `workflow x extends y`",
            })
    });
    reported.chain(fills).collect()
}
