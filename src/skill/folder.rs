//! Files as data: what the command line read, by path, and which of them make up a skill.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::document::Document;
use crate::source::FileId;

/// The name of the file that makes a folder a skill.
pub const MAIN: &str = "SKILL.md";

/// All files of a call, by path: with `/` between names, without `.` and `..`, relative to one folder or absolute.
#[derive(Debug, Default)]
pub struct Files<'s> {
    files: BTreeMap<String, File<'s>>,
}

/// A file, and why it is known.
#[derive(Debug)]
struct File<'s> {
    content: Content<'s>,
    /// It was not asked for: something that was refers to it, or it belongs to the project around.
    is_around: bool,
}

/// What is known of a file.
#[derive(Debug)]
pub enum Content<'s> {
    Document(Box<Document<'s>>),
    /// Markdown that was not read; the text is as much of it as could be, maybe nothing.
    Refused(FileId, Refusal),
    /// It is there, and it is not Markdown.
    Other,
    /// A text that is no Markdown and may be of use: configuration.
    Text(FileId, &'s str),
    Directory,
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooLarge { bytes: u64, limit: u64 },
    NotUtf8 { offset: usize },
}

/// A folder with a `SKILL.md`, and the Markdown below it that belongs to no skill further down.
#[derive(Debug)]
pub struct Skill<'f, 's> {
    /// The folder.
    pub path: &'f str,
    pub main: &'f Document<'s>,
    /// All documents by path, `SKILL.md` among them.
    pub documents: Vec<(&'f str, &'f Document<'s>)>,
}

impl<'s> Files<'s> {
    /// A file that is asked for.
    pub fn insert(&mut self, path: impl Into<String>, content: Content<'s>) {
        self.files.insert(path.into(), File { content, is_around: false });
    }

    /// A file that is only looked at because of others; one that is asked for stays so.
    pub fn insert_around(&mut self, path: impl Into<String>, content: Content<'s>) {
        self.files.entry(path.into()).or_insert(File { content, is_around: true });
    }

    pub fn get(&self, path: &str) -> Option<&Content<'s>> {
        self.files.get(path).map(|file| &file.content)
    }

    /// Whether a file is asked for.
    pub fn is_asked(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|file| !file.is_around)
    }

    pub fn document(&self, path: &str) -> Option<&Document<'s>> {
        match self.get(path) {
            Some(Content::Document(document)) => Some(document),
            _ => None,
        }
    }

    /// Whether a file or folder is there: known itself, or as the folder of something that is.
    pub fn exists(&self, path: &str) -> bool {
        self.files.contains_key(path) || path.is_empty() || self.below(path).next().is_some()
    }

    /// Everything known, in the order of paths.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Content<'s>)> {
        self.files.iter().map(|(path, file)| (path.as_str(), &file.content))
    }

    /// All documents, also those that are not asked for.
    pub fn documents(&self) -> impl Iterator<Item = (&str, &Document<'s>)> {
        self.iter().filter_map(|(path, content)| match content {
            Content::Document(document) => Some((path, &**document)),
            _ => None,
        })
    }

    /// Everything below a folder.
    pub fn below(&self, folder: &str) -> impl Iterator<Item = (&str, &Content<'s>)> {
        let start = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let prefix = start.clone();
        let range = self.files.range::<str, _>((Bound::Included(start.as_str()), Bound::Unbounded));
        range.take_while(move |(path, _)| path.starts_with(&prefix)).map(|(path, file)| (path.as_str(), &file.content))
    }

    /// The folder of the skill that a file belongs to: the nearest above it that has a `SKILL.md`.
    pub fn skill_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        let mut folder = parent(path);
        loop {
            if self.files.contains_key(&*join(folder, MAIN)) {
                return Some(folder);
            }
            if folder.is_empty() || folder == "/" {
                return None;
            }
            folder = parent(folder);
        }
    }

    /// All skills whose `SKILL.md` could be read.
    pub fn skills(&self) -> Vec<Skill<'_, 's>> {
        let mains = self.documents().filter(|(path, _)| name(path) == MAIN);
        let mut skills: Vec<Skill<'_, 's>> =
            mains.map(|(path, main)| Skill { path: parent(path), main, documents: Vec::new() }).collect();
        skills.sort_by_key(|skill| skill.path);
        for (path, document) in self.documents() {
            let folder = self.skill_of(path);
            let found = folder.and_then(|folder| skills.binary_search_by_key(&folder, |skill| skill.path).ok());
            if let Some(index) = found {
                skills[index].documents.push((path, document));
            }
        }
        skills
    }
}

impl Skill<'_, '_> {
    /// What the folder is called; nothing where the path is only a dot.
    pub fn folder_name(&self) -> &str {
        name(self.path)
    }
}

/// The last name of a path.
pub fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path; nothing when it has only one name.
pub fn parent(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    }
}

/// A path below a folder, without looking at dots.
pub fn join<'p>(folder: &str, path: &'p str) -> Cow<'p, str> {
    match folder {
        "" => Cow::Borrowed(path),
        "/" => Cow::Owned(format!("/{path}")),
        folder => Cow::Owned(format!("{folder}/{path}")),
    }
}

/// Where a relative path leads from a folder; nothing when it climbs above what the folder is relative to.
pub fn resolve(folder: &str, path: &str) -> Option<String> {
    let is_absolute = folder.starts_with('/');
    let mut resolved = String::with_capacity(folder.len() + 1 + path.len());
    resolved.push_str(folder.trim_end_matches('/'));
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." if resolved.is_empty() => return None,
            ".." => resolved.truncate(resolved.rfind('/').unwrap_or(0)),
            name => {
                if is_absolute || !resolved.is_empty() {
                    resolved.push('/');
                }
                resolved.push_str(name);
            }
        }
    }
    if is_absolute && resolved.is_empty() {
        resolved.push('/');
    }
    Some(resolved)
}

/// The way from a folder to a path: `../a/b.md`.
pub fn relative(folder: &str, path: &str) -> String {
    let names = |path: &'_ str| path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (names(folder), names(path));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    up.chain(to[common..].iter().map(String::as_str)).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_parted() {
        assert_eq!(resolve("a/b", "../c/./d.md"), Some("a/c/d.md".to_owned()));
        assert_eq!(resolve("/a", "../../x"), None);
        assert_eq!(resolve("/a", "b"), Some("/a/b".to_owned()));
        assert_eq!(resolve("", "b/"), Some("b".to_owned()));
        assert_eq!(relative("a/b", "a/c/d.md"), "../c/d.md");
        assert_eq!(relative("/x/a", "/x/a/d.md"), "d.md");
        assert_eq!((parent("a/b"), parent("a"), parent("/a")), ("a", "", "/"));
    }

    #[test]
    fn skills_are_folders_with_their_own_documents() {
        let mut files = Files::default();
        for (index, path) in
            ["s/SKILL.md", "s/references/a.md", "s/inner/SKILL.md", "s/inner/b.md", "x/c.md"].iter().enumerate()
        {
            let document = Document::read(FileId::new(index), "# A\n");
            files.insert(*path, Content::Document(Box::new(document)));
        }
        files.insert("s/run.sh", Content::Other);
        let skills = files.skills();
        let shown: Vec<(&str, Vec<&str>)> =
            skills.iter().map(|skill| (skill.path, skill.documents.iter().map(|(path, _)| *path).collect())).collect();
        assert_eq!(
            shown,
            [("s", vec!["s/SKILL.md", "s/references/a.md"]), ("s/inner", vec!["s/inner/SKILL.md", "s/inner/b.md"])]
        );
        assert!(files.exists("s/references") && files.exists("s/run.sh") && !files.exists("s/ref"));
        assert_eq!(files.skill_of("x/c.md"), None);
    }
}
