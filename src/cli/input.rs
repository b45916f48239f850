//! Reading: which files are meant, what they are called, and what is in them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use ignore::WalkBuilder;

use super::output::plainly;
use super::session::Session;
use crate::analysis::Sound;
use crate::diagnostic::nearest;
use crate::family;
use crate::source::{FileId, Link, SourceMap, Unreadable, Wanted};

/// How standard input is called, on the command line and in messages.
pub const STDIN: &str = "-";
pub const STDIN_NAME: &str = "<stdin>";

/// A larger file is refused before it is read: no workflow comes near, and the answer should not take minutes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Below what a [`SourceMap`] takes, so that there is room for templates and generated files.
const MAX_FILES: usize = 30_000;

/// A file that was read.
#[derive(Debug)]
pub struct Input {
    pub file: FileId,
    /// `None` for standard input.
    pub path: Option<PathBuf>,
    /// The templates that take the place of those that the compiler brings along, by their names; read for `wf build` only.
    pub templates: Vec<(String, FileId)>,
}

/// All files of a call, in the order of the arguments; below a folder, in the order of their paths.
#[derive(Debug, Default)]
pub struct Inputs {
    pub sources: SourceMap,
    pub files: Vec<Input>,
    /// What could not be read.
    pub faults: Vec<anyhow::Error>,
    /// The folders in which a change may change something of this.
    pub folders: BTreeSet<PathBuf>,
    /// The arguments as they are shown in a command that follows; empty when there were none.
    pub arguments: String,
}

impl Inputs {
    /// Whether standard input is among them.
    pub fn stdin(&self) -> bool {
        self.files.iter().any(|input| input.path.is_none())
    }

    /// Says what could not be read.
    pub fn complain(&self, session: &mut Session) {
        self.faults.iter().for_each(|fault| session.complain(fault));
    }

    /// A change of this path may matter, also when nothing is there yet.
    fn depends_on(&mut self, path: &Path) {
        depends_on(&mut self.folders, path);
    }
}

/// Reads the files that the arguments name, and all `.wf` files below the folders that they name; without an argument
/// those below the working directory. Each file is read once, also when it is named twice. Complains about what cannot be
/// read.
pub fn gather(session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Inputs> {
    let inputs = read_all(session, paths)?;
    inputs.complain(session);
    Ok(inputs)
}

/// [`gather`], without a word about what cannot be read.
pub fn read_all(session: &mut Session, paths: &[PathBuf]) -> anyhow::Result<Inputs> {
    let here = [PathBuf::from(".")];
    let arguments = paths.iter().map(|path| format!(" {}", argument(session, path))).collect();
    let paths = if paths.is_empty() { &here[..] } else { paths };
    let mut inputs = Inputs { arguments, ..Inputs::default() };
    let mut seen = HashSet::new();
    for path in paths {
        if path.as_os_str() == STDIN {
            if seen.insert(PathBuf::from(STDIN)) {
                add(session, &mut inputs, None);
            }
            continue;
        }
        let found = match fs::metadata(path) {
            Ok(found) if found.is_dir() => below(session, path, &mut inputs),
            _ => vec![path.clone()],
        };
        for path in found {
            inputs.depends_on(&path);
            if seen.insert(fs::canonicalize(&path).unwrap_or_else(|_| path.clone())) {
                if seen.len() > MAX_FILES {
                    bail!("more than {MAX_FILES} files: name a smaller folder");
                }
                add(session, &mut inputs, Some(path));
            }
        }
    }
    follow(session, &mut inputs.sources, &inputs.files, &mut inputs.folders);
    Ok(inputs)
}

/// Reads what the files use, each file once. What cannot be read is said where it is used.
fn follow(session: &mut Session, sources: &mut SourceMap, files: &[Input], folders: &mut BTreeSet<PathBuf>) {
    let identity = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut paths: HashMap<FileId, PathBuf> = HashMap::new();
    let mut known: HashMap<PathBuf, FileId> = HashMap::new();
    for Input { file, path, .. } in files {
        if let Some(path) = path {
            known.insert(identity(path), *file);
            paths.insert(*file, path.clone());
        }
    }
    let roots: Vec<FileId> = files.iter().map(|input| input.file).collect();
    family::load(sources, roots, &mut |sources, from, wanted, written| {
        let folder = paths.get(&from).and_then(|path| path.parent()).unwrap_or(Path::new(""));
        let path = folder.join(written);
        if wanted.is_folder() {
            return folder_of(session, sources, wanted, &path, &mut known, folders);
        }
        let identity = identity(&path);
        depends_on(folders, &path);
        if let Some(file) = known.get(&identity) {
            return Link::File(*file);
        }
        if known.len() > MAX_FILES {
            return Link::Missing(format!("more than {MAX_FILES} files are used"));
        }
        match read(&path) {
            Ok(text) => {
                let name = shown(&session.cwd, &path);
                session.whisper(format_args!("read {} bytes from {name}", text.len()));
                let file = sources.add(name, text);
                known.insert(identity, file);
                paths.insert(file, path);
                Link::File(file)
            }
            Err(error) => Link::Missing(match similar(&path) {
                Some(meant) => format!("{error:#}; did you mean `{}`?", shown(&session.cwd, &meant)),
                None => format!("{error:#}"),
            }),
        }
    });
}

/// The files of a registry below a folder, each read once.
fn folder_of(
    session: &mut Session,
    sources: &mut SourceMap,
    wanted: Wanted,
    folder: &Path,
    known: &mut HashMap<PathBuf, FileId>,
    folders: &mut BTreeSet<PathBuf>,
) -> Link {
    depends_on(folders, folder);
    match fs::metadata(folder) {
        Ok(found) if found.is_dir() => {}
        Ok(_) => return Link::Missing("it is no folder".to_owned()),
        Err(error) => return Link::Missing(plainly(error).to_string()),
    }
    let mut walk = WalkBuilder::new(folder);
    // A registry is what is there, also in hidden folders and whatever Git leaves out.
    walk.standard_filters(false).sort_by_file_path(Ord::cmp);
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for entry in walk.build() {
        let path = match entry {
            Ok(entry) => entry.into_path(),
            Err(error) => {
                unreadable.push(Unreadable { why: error.to_string(), file: None });
                continue;
            }
        };
        if path.is_dir() {
            folders.insert(path);
            continue;
        }
        let name = shown(&session.cwd, &path);
        if !wanted.accepts(&name) {
            continue;
        }
        let identity = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
        if let Some(file) = known.get(&identity) {
            files.push(*file);
        } else if known.len() > MAX_FILES {
            unreadable.push(Unreadable { why: format!("more than {MAX_FILES} files are used"), file: None });
            break;
        } else {
            match read(&path) {
                Ok(text) => {
                    let file = sources.add(name, text);
                    known.insert(identity, file);
                    files.push(file);
                }
                Err(error) => {
                    let why = format!("cannot read `{name}`: {error:#}");
                    unreadable.push(Unreadable { why, file: Some(name) });
                }
            }
        }
    }
    session.whisper(format_args!("read {} files below {}", files.len(), shown(&session.cwd, folder)));
    Link::Files { files, unreadable }
}

/// Reads the one file of a command that takes one.
pub fn one(session: &mut Session, path: &Path) -> anyhow::Result<(SourceMap, Input)> {
    let mut sources = SourceMap::new();
    let path = (path.as_os_str() != STDIN).then(|| path.to_owned());
    let file = read_into(session, &mut sources, path.as_deref())?;
    let input = Input { file, path, templates: Vec::new() };
    follow(session, &mut sources, std::slice::from_ref(&input), &mut BTreeSet::new());
    Ok((sources, input))
}

/// The text of a file; the error does not name it.
pub fn read(path: &Path) -> anyhow::Result<String> {
    let found = fs::metadata(path).map_err(plainly)?;
    if found.is_dir() {
        bail!("it is a directory");
    }
    if found.len() > MAX_BYTES {
        bail!(too_large());
    }
    decode(File::open(path).map_err(plainly)?, found.len() as usize)
}

/// A path as it is shown: relative to the working directory, absolute when it is not below it.
pub fn shown(cwd: &Path, path: &Path) -> String {
    let absolute = cwd.join(path);
    let plain = if absolute.components().any(|part| part == Component::ParentDir) {
        fs::canonicalize(&absolute).unwrap_or(absolute)
    } else {
        absolute.components().collect()
    };
    let shown = plain.strip_prefix(cwd).unwrap_or(&plain);
    if shown.as_os_str().is_empty() { ".".to_owned() } else { shown.to_string_lossy().into_owned() }
}

/// How a workflow's file is called in what is generated from it: the same from whatever folder it is built.
pub fn source_name<'a>(sources: &'a SourceMap, sound: Sound<'_, '_>) -> &'a str {
    let name = &sources.get(sound.model.file).name;
    if name == STDIN_NAME { "standard input" } else { name.rsplit(['/', '\\']).next().unwrap_or(name) }
}

/// A path as an argument of the next command.
pub fn argument(session: &Session, path: &Path) -> String {
    if path.as_os_str() == STDIN { STDIN.to_owned() } else { quoted(&shown(&session.cwd, path)) }
}

/// A path or name as a word of a shell.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:@%+=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

fn depends_on(folders: &mut BTreeSet<PathBuf>, path: &Path) {
    let parent = |path: &Path| path.parent().unwrap_or(Path::new("")).to_owned();
    folders.insert(parent(path));
    // What a link leads to changes elsewhere.
    folders.extend(fs::canonicalize(path).ok().map(|path| parent(&path)));
}

fn add(session: &mut Session, inputs: &mut Inputs, path: Option<PathBuf>) {
    match read_into(session, &mut inputs.sources, path.as_deref()) {
        Ok(file) => inputs.files.push(Input { file, path, templates: Vec::new() }),
        Err(error) => inputs.faults.push(error),
    }
}

fn read_into(session: &mut Session, sources: &mut SourceMap, path: Option<&Path>) -> anyhow::Result<FileId> {
    let Some(path) = path else {
        let text = decode(io::stdin().lock(), 0).context("cannot read standard input")?;
        session.whisper(format_args!("read {} bytes from standard input", text.len()));
        return Ok(sources.add(STDIN_NAME, text));
    };
    let name = shown(&session.cwd, path);
    let text = read(path).map_err(|error| match similar(path) {
        Some(meant) => anyhow!("cannot read `{name}`: {error:#}; did you mean `{}`?", shown(&session.cwd, &meant)),
        None => anyhow!("cannot read `{name}`: {error:#}"),
    })?;
    session.whisper(format_args!("read {} bytes from {name}", text.len()));
    Ok(sources.add(name, text))
}

/// `size` is how much is expected.
fn decode(reader: impl Read, size: usize) -> anyhow::Result<String> {
    // Room for one more, so that the end is found without growing.
    let mut bytes = Vec::with_capacity(size + 1);
    // The size is asked again: a pipe has none, and a file may have grown.
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(plainly)?;
    if bytes.len() as u64 > MAX_BYTES {
        bail!(too_large());
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = valid.iter().filter(|byte| **byte == b'\n').count() + 1;
        anyhow!("not UTF-8: the first bad byte is on line {line}, at offset {}", valid.len())
    })
}

fn too_large() -> String {
    format!("larger than {} MiB", MAX_BYTES / 1024 / 1024)
}

/// The `.wf` files below a folder, without what Git ignores and without hidden ones.
fn below(session: &Session, folder: &Path, inputs: &mut Inputs) -> Vec<PathBuf> {
    let mut walk = WalkBuilder::new(folder);
    // Also where there is no repository (a tarball, a container), and whatever the person's own settings are.
    walk.require_git(false).git_global(false).sort_by_file_path(Ord::cmp);
    let mut found = Vec::new();
    for entry in walk.build() {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                if path.is_dir() {
                    inputs.folders.insert(path.to_owned());
                } else if path.extension().is_some_and(|extension| extension == "wf") && path.is_file() {
                    found.push(path.strip_prefix(".").unwrap_or(path).to_owned());
                }
            }
            Err(error) => inputs.faults.push(anyhow!("{error}")),
        }
    }
    if found.is_empty() {
        let name = quoted(&shown(&session.cwd, folder));
        inputs.faults.push(anyhow!("no .wf file below `{name}`; `wf init` writes a first one"));
    }
    found
}

/// The workflow beside a path that does not exist, if one is called nearly the same.
fn similar(path: &Path) -> Option<PathBuf> {
    if path.exists() {
        return None;
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.ends_with(".wf"));
    names.sort();
    let meant = nearest(path.file_name()?.to_str()?, names.iter().map(String::as_str))?;
    Some(path.with_file_name(meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_from_here() {
        let cwd = Path::new("/project");
        assert_eq!(shown(cwd, Path::new("./a/./b.wf")), "a/b.wf");
        assert_eq!(shown(cwd, Path::new("/project/a.wf")), "a.wf");
        assert_eq!(shown(cwd, Path::new("/elsewhere/a.wf")), "/elsewhere/a.wf");
        assert_eq!(shown(cwd, Path::new(".")), ".");
    }

    #[test]
    fn words_are_quoted_where_a_shell_would_split_them() {
        assert_eq!(quoted("a/b-c.wf"), "a/b-c.wf");
        assert_eq!(quoted("it's a.wf"), "'it'\\''s a.wf'");
    }

    #[test]
    fn bad_bytes_have_a_place() {
        let error = decode(&b"a\nb\xff"[..], 4).unwrap_err();
        assert_eq!(error.to_string(), "not UTF-8: the first bad byte is on line 2, at offset 3");
    }
}
