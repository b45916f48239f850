//! Reading folders of skills: all Markdown below the paths that are asked for, and the project around them as far as they
//! refer to it. Files are read and understood side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{anyhow, bail};
use ignore::WalkBuilder;

use super::input;
use super::output::plainly;
use super::parallel;
use super::session::Session;
use crate::skill::folder::MAIN;
use crate::skill::lint::{may_want, wanted};
use crate::skill::{Content, Document, Files, Refusal};
use crate::source::{FileId, SourceMap};

/// A larger Markdown file is refused before it is read.
const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Below what a [`SourceMap`] takes.
const MAX_FILES: usize = 50_000;
/// The folder of a client, which makes the folder around it a project.
const CLIENT: &str = ".claude";

/// All files of a call.
#[derive(Debug, Default)]
pub struct Folders {
    pub sources: SourceMap,
    /// By absolute path, with `/` between names.
    entries: BTreeMap<String, Entry>,
    /// How many could not be read; each has been complained about.
    pub failed: usize,
    /// The arguments as they are shown in a command that follows; empty when there were none.
    pub arguments: String,
}

#[derive(Debug)]
struct Entry {
    kind: Kind,
    is_asked: bool,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Document(FileId),
    Refused(FileId, Refusal),
    Config(FileId),
    Other,
    Directory,
}

/// What reading a file gave.
enum Raw {
    Text(String),
    /// As much of it as is text.
    Refused(String, Refusal),
}

impl Folders {
    /// Reads what the arguments name; without one, what lies below the working directory.
    pub fn gather(session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Self> {
        let here = [PathBuf::from(".")];
        let arguments = paths.iter().map(|path| format!(" {}", input::argument(session, path))).collect();
        let paths = if paths.is_empty() { &here[..] } else { paths };
        let mut folders = Folders { arguments, ..Folders::default() };
        let mut found: BTreeMap<PathBuf, bool> = BTreeMap::new();
        for path in paths {
            match fs::canonicalize(path) {
                Ok(path) => folders.list(session, &path, &mut found)?,
                Err(error) => {
                    folders.failed += 1;
                    let name = input::shown(&session.cwd, path);
                    session.complain(&anyhow!("cannot read `{name}`: {:#}", plainly(error)));
                }
            }
        }
        folders.read(session, &found);
        folders.look_around(session);
        Ok(folders)
    }

    /// How many Markdown files are asked for.
    pub fn asked(&self) -> usize {
        self.asked_kinds().filter(|kind| !matches!(kind, Kind::Other | Kind::Directory | Kind::Config(_))).count()
    }

    fn asked_kinds(&self) -> impl Iterator<Item = Kind> {
        self.entries.values().filter(|entry| entry.is_asked).map(|entry| entry.kind)
    }

    /// The path of each document that is asked for.
    pub fn paths(&self) -> BTreeMap<FileId, &str> {
        let documents = self.entries.iter().filter_map(|(path, entry)| match entry.kind {
            Kind::Document(file) if entry.is_asked => Some((file, path.as_str())),
            _ => None,
        });
        documents.collect()
    }

    /// The path of everything that was read.
    pub fn all_paths(&self) -> BTreeMap<FileId, &str> {
        let read = self.entries.iter().filter_map(|(path, entry)| match entry.kind {
            Kind::Document(file) | Kind::Refused(file, _) | Kind::Config(file) => Some((file, path.as_str())),
            Kind::Other | Kind::Directory => None,
        });
        read.collect()
    }

    /// The same files with other texts.
    pub fn with(&self, texts: &BTreeMap<FileId, String>) -> Self {
        let mut sources = SourceMap::new();
        for (file, source) in self.sources.iter() {
            sources.add(source.name.clone(), texts.get(&file).unwrap_or(&source.text).clone());
        }
        let entries = self.entries.iter().map(|(path, entry)| (path.clone(), Entry { ..*entry })).collect();
        Folders { sources, entries, failed: self.failed, arguments: self.arguments.clone() }
    }

    /// The files as data, understood.
    pub fn files(&self) -> Files<'_> {
        self.files_where(|_, _| true)
    }

    /// The same, of the documents only those understood that are asked for by path and text; the others are only there.
    fn files_where(&self, is_wanted: impl Fn(&str, &str) -> bool) -> Files<'_> {
        let text = |file: FileId| &*self.sources.get(file).text;
        let documents = self.entries.iter().filter_map(|(path, entry)| Some((path, document(entry.kind)?)));
        let wanted: Vec<FileId> =
            documents.filter(|(path, file)| is_wanted(path, text(*file))).map(|(_, file)| file).collect();
        let mut read = parallel::map(&wanted, |file| Document::read(*file, text(*file))).into_iter().peekable();
        let mut files = Files::default();
        for (path, entry) in &self.entries {
            let content = match entry.kind {
                Kind::Document(file) => match read.next_if(|document| document.file == file) {
                    Some(document) => Content::Document(Box::new(document)),
                    None => Content::Other,
                },
                Kind::Refused(file, refusal) => Content::Refused(file, refusal),
                Kind::Config(file) => Content::Text(file, &self.sources.get(file).text),
                Kind::Other => Content::Other,
                Kind::Directory => Content::Directory,
            };
            if entry.is_asked {
                files.insert(path.as_str(), content);
            } else {
                files.insert_around(path.as_str(), content);
            }
        }
        files
    }

    /// Lists what belongs to an argument: the files below a folder; a `SKILL.md` stands for its folder.
    fn list(&mut self, session: &mut Session, path: &Path, found: &mut BTreeMap<PathBuf, bool>) -> anyhow::Result<()> {
        let is_main = path.file_name().is_some_and(|name| name == MAIN);
        let folder = if is_main { path.parent().unwrap_or(path) } else { path };
        if folder.is_dir() {
            self.walk(session, folder, true, found)?;
        } else {
            found.insert(path.to_owned(), true);
            // What it may refer to.
            if let Some(skill) = path.ancestors().skip(1).find(|folder| folder.join(MAIN).is_file()) {
                self.walk(session, skill, false, found)?;
            }
        }
        if let Some(client) = client_of(folder) {
            // It is listed by now where it lies in the folder, unless Git ignores it.
            let first = found.range(client.clone()..).next().map(|(path, _)| path);
            if client.starts_with(folder) && first.is_some_and(|path| path.starts_with(&client)) {
                return Ok(());
            }
            self.walk(session, &client, false, found)?;
        }
        Ok(())
    }

    /// All files below a folder, without what Git ignores, and without following links to folders.
    fn walk(
        &mut self,
        session: &mut Session,
        folder: &Path,
        is_asked: bool,
        found: &mut BTreeMap<PathBuf, bool>,
    ) -> anyhow::Result<()> {
        let mut walk = WalkBuilder::new(folder);
        // Skills lie in hidden folders.
        walk.hidden(false).require_git(false).git_global(false);
        walk.filter_entry(|entry| entry.file_name() != ".git");
        for entry in walk.build() {
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
                    if !is_folder {
                        *found.entry(entry.into_path()).or_default() |= is_asked;
                    }
                    if found.len() > MAX_FILES {
                        bail!("more than {MAX_FILES} files: name a smaller folder");
                    }
                }
                Err(error) => {
                    self.failed += 1;
                    session.complain(&anyhow!("{error}"));
                }
            }
        }
        Ok(())
    }

    /// Reads the Markdown and the configuration among files, and takes note of the others.
    fn read(&mut self, session: &mut Session, found: &BTreeMap<PathBuf, bool>) {
        let texts: Vec<&PathBuf> = found.keys().filter(|path| is_text(path)).collect();
        let mut read = parallel::map(&texts, |path| read(path)).into_iter();
        for (path, is_asked) in found {
            let raw = if is_text(path) { read.next() } else { None };
            let shown = input::shown(&session.cwd, path);
            let kind = match raw {
                None => Kind::Other,
                Some(Ok(Raw::Text(text))) if is_markdown(path) => Kind::Document(self.sources.add(shown, text)),
                Some(Ok(Raw::Text(text))) => Kind::Config(self.sources.add(shown, text)),
                Some(Ok(Raw::Refused(text, refusal))) if is_markdown(path) => {
                    Kind::Refused(self.sources.add(shown, text), refusal)
                }
                Some(Ok(Raw::Refused(..))) => Kind::Other,
                // A link to nothing is nothing.
                Some(Err(_)) if path.is_symlink() && !path.exists() => continue,
                Some(Err(error)) => {
                    if *is_asked {
                        self.failed += 1;
                        session.complain(&anyhow!("cannot read `{shown}`: {error:#}"));
                    }
                    Kind::Other
                }
            };
            self.entries.insert(key(path), Entry { kind, is_asked: *is_asked });
        }
    }

    /// Looks at what links lead to outside of what was read.
    fn look_around(&mut self, session: &mut Session) {
        // Most files lead nowhere else, and need not be understood to know it.
        let known = self.files_where(|_, _| false);
        let is_there = |path: &str| fs::metadata(path).is_ok();
        let wanted: BTreeSet<String> =
            wanted(&self.files_where(|path, text| known.is_asked(path) && may_want(&known, path, text, is_there)));
        drop(known);
        let mut found = BTreeMap::new();
        for path in wanted {
            match fs::metadata(&path) {
                Ok(there) if there.is_dir() => {
                    self.entries.insert(path, Entry { kind: Kind::Directory, is_asked: false });
                }
                Ok(_) => _ = found.insert(PathBuf::from(path), false),
                Err(_) => {}
            }
        }
        self.read(session, &found);
    }
}

fn document(kind: Kind) -> Option<FileId> {
    match kind {
        Kind::Document(file) => Some(file),
        _ => None,
    }
}

/// A path with `/` between names.
pub fn key(path: &Path) -> String {
    let path = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { path.into_owned() } else { path.replace(std::path::MAIN_SEPARATOR, "/") }
}

fn is_markdown(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("md"))
}

/// Markdown, or configuration of a client.
fn is_text(path: &Path) -> bool {
    let is_config =
        path.extension().is_some_and(|ending| ["yaml", "yml", "json", "toml"].iter().any(|known| ending == *known));
    is_markdown(path)
        || is_config && path.parent().is_some_and(|folder| folder.ends_with("config") || folder.ends_with(CLIENT))
}

/// The `.claude` of the project around a path: the path itself lies in it, or it lies beside. Nobody looks above the
/// root of a repository, or at what belongs to the person.
fn client_of(path: &Path) -> Option<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    for folder in path.ancestors() {
        if folder.file_name().is_some_and(|name| name == CLIENT) {
            return Some(folder.to_owned());
        }
        if home.as_deref() == Some(folder) {
            return None;
        }
        let client = folder.join(CLIENT);
        if client.is_dir() {
            return Some(client);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

fn read(path: &Path) -> anyhow::Result<Raw> {
    let found = fs::metadata(path).map_err(plainly)?;
    if !found.is_file() {
        bail!("it is no file");
    }
    let refused = |bytes| Raw::Refused(String::new(), Refusal::TooLarge { bytes, limit: MAX_BYTES });
    if found.len() > MAX_BYTES {
        return Ok(refused(found.len()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default() + 1);
    fs::File::open(path).map_err(plainly)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(plainly)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Ok(refused(bytes.len() as u64));
    }
    Ok(String::from_utf8(bytes).map_or_else(
        |error| {
            let offset = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            bytes.truncate(offset);
            Raw::Refused(String::from_utf8(bytes).unwrap_or_default(), Refusal::NotUtf8 { offset })
        },
        Raw::Text,
    ))
}
