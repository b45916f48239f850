//! The corpus: a `.wf` file is a test, what the compiler says about it stands beside it in a `.txt` file.
//!
//! `tests/corpus/WF101-unknown-name/` holds the cases of one code. A file whose name begins with `fires` must give the
//! code, one that begins with `silent` must not, and every code has both. `tests/corpus/language/` holds whole files
//! that must be clean. A folder with a `.wf` file in it is a case of several files, of which each is checked, as
//! `wf check FOLDER` would. `BLESS=1` rewrites the expected output.
//!
//! Below `SK401-link-target-missing/` a case is a folder of skills, and what is said about it stands beside the folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gatewright::compile::Project;
use gatewright::diagnostic::{self, Code, Diagnostic, Severity};
use gatewright::family;
use gatewright::skill::lint::{self, Settings};
use gatewright::skill::{Content, Document, Files, Refusal};
use gatewright::source::{FileId, SourceMap};
use gatewright::{checks, emit, graph, model, registry, render, syntax};
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut trials = Vec::new();
    let mut folders: Vec<PathBuf> = list(&root).into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    for folder in &folders {
        for case in list(folder).into_iter().filter(|path| rule_of(folder).is_none() && is_case(path)) {
            let name = case.strip_prefix(&root).unwrap_or(&case).display().to_string();
            trials.push(Trial::test(name, move || run(&case)));
        }
    }
    for folder in folders.iter().filter(|folder| rule_of(folder).is_some()) {
        for case in list(folder).into_iter().filter(|path| path.is_dir()) {
            let name = case.strip_prefix(&root).unwrap_or(&case).display().to_string();
            trials.push(Trial::test(name, move || run_skill(&case)));
        }
    }
    trials.push(Trial::test("every code fires and is silent", move || every_code_has_cases(&folders)));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn is_case(path: &Path) -> bool {
    path.is_dir() || path.extension().is_some_and(|ending| ending == "wf")
}

/// The texts of a case, each with its name, and the files that are checked.
fn read(case: &Path) -> std::io::Result<(SourceMap, Vec<FileId>)> {
    let mut sources = SourceMap::new();
    let mut files = Vec::new();
    let mut open = vec![case.to_path_buf()];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(list(&path).into_iter().rev());
            continue;
        }
        let root = if case.is_dir() { case } else { case.parent().unwrap_or(case) };
        let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let file = sources.add(name, fs::read_to_string(&path)?);
        if path.extension().is_some_and(|ending| ending == "wf") {
            files.push(file);
        }
    }
    family::link(&mut sources, &files);
    Ok((sources, files))
}

fn list(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    paths.sort();
    paths
}

fn codes() -> Vec<&'static Code> {
    [syntax::CODES, family::CODES, family::EXTENDS_CODES, registry::CODES, graph::CODES, emit::skill::CODES]
        .into_iter()
        .chain(model::CODES.iter().copied())
        .chain(checks::CODES.iter().copied())
        .flatten()
        .copied()
        .chain(lint::rules().into_iter().map(|rule| &rule.code))
        .collect()
}

fn run(case: &Path) -> Result<(), Failed> {
    let stem = case.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_string();
    let folder = case.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default().to_string();
    let (sources, files) = read(case)?;
    let project = Project::new(&sources);
    let found = files.iter().map(|file| project.check(*file).diagnostics).collect();
    let diagnostics = diagnostic::merged(found);
    // Notes tell what was not looked at; they are the subject of their own code only.
    let own = folder.split('-').next().unwrap_or_default();
    let shown: Vec<_> = diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity() > Severity::Note || diagnostic.code.id == own)
        .collect();
    fires_or_is_silent(own, &stem, &shown)?;
    if (stem.starts_with("silent") || folder == "language") && shown.iter().any(|diagnostic| diagnostic.is_error()) {
        return Err(format!("should compile, but {:?}", ids(&shown)).into());
    }
    compare(&sources, &shown, &case.with_extension("txt"))
}

fn fires_or_is_silent(own: &str, case: &str, shown: &[Diagnostic]) -> Result<(), Failed> {
    let found = shown.iter().any(|diagnostic| diagnostic.code.id == own);
    if case.starts_with("fires") && !found {
        return Err(format!("{own} was not reported, but {:?}", ids(shown)).into());
    }
    if case.starts_with("silent") && found {
        return Err(format!("{own} was reported").into());
    }
    Ok(())
}

/// What is said about a case against what is written down.
fn compare(sources: &SourceMap, shown: &[Diagnostic], expected: &Path) -> Result<(), Failed> {
    let mut actual = Vec::new();
    let summary = render::Summary::new(1, shown);
    let options = render::Options { max: 0, ..render::Options::default() };
    render::render(&mut actual, sources, shown, &summary, &options)?;
    let mut actual = String::from_utf8(actual)?;
    if actual.is_empty() {
        actual.push_str("nothing to report\n");
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(expected, actual)?;
        return Ok(());
    }
    let expected = fs::read_to_string(expected).map_err(|_| "no expected output; run with BLESS=1 and read it")?;
    if expected != actual {
        return Err(
            format!("{}", similar_asserts::SimpleDiff::from_str(&expected, &actual, "expected", "actual")).into()
        );
    }
    Ok(())
}

/// The rule that a folder holds cases of.
fn rule_of(folder: &Path) -> Option<&'static lint::Rule> {
    let name = folder.file_name()?.to_str()?;
    lint::rules().into_iter().find(|rule| name == format!("{}-{}", rule.code.id, rule.code.name))
}

/// More than any case of the corpus has, and less than what `wf` reads.
const MAX_BYTES: u64 = 32 * 1024;

/// A folder of skills, and what each file of it is mended to.
fn run_skill(case: &Path) -> Result<(), Failed> {
    let rule = case.parent().and_then(rule_of).ok_or("a folder of no rule")?;
    let settings = Settings { profiles: [rule.profile].into(), ..Settings::default() };
    let mut texts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    read_below(case, case, &mut texts)?;
    let (sources, found) = linted(&texts, &settings);
    let name = case.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    fires_or_is_silent(rule.code.id, name, &found)?;
    if name.starts_with("silent") && !found.is_empty() {
        return Err(format!("should be clean, but {:?}", ids(&found)).into());
    }
    every_fix_mends(&texts, &sources, &found, &settings)?;
    compare(&sources, &found, &case.with_extension("txt"))
}

fn read_below(root: &Path, folder: &Path, texts: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Failed> {
    for path in list(folder) {
        if path.is_dir() {
            read_below(root, &path, texts)?;
        } else {
            let name = path.strip_prefix(root)?.display().to_string();
            texts.insert(name, fs::read(&path)?);
        }
    }
    Ok(())
}

fn linted(texts: &BTreeMap<String, Vec<u8>>, settings: &Settings) -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let mut kinds = Vec::new();
    for (path, bytes) in texts {
        let limit = MAX_BYTES;
        let refusal = match std::str::from_utf8(bytes) {
            _ if bytes.len() as u64 > limit => Some(Refusal::TooLarge { bytes: bytes.len() as u64, limit }),
            Err(error) => Some(Refusal::NotUtf8 { offset: error.valid_up_to() }),
            Ok(_) => None,
        };
        let read = match refusal {
            Some(Refusal::NotUtf8 { offset }) => offset,
            Some(_) => 0,
            None => bytes.len(),
        };
        kinds.push((path, sources.add(path, String::from_utf8_lossy(&bytes[..read])), refusal));
    }
    let mut files = Files::default();
    for (path, file, refusal) in kinds {
        let text = &sources.get(file).text;
        let content = match refusal {
            Some(refusal) => Content::Refused(file, refusal),
            None if path.ends_with(".md") => Content::Document(Box::new(Document::read(file, text))),
            None => Content::Text(file, text),
        };
        files.insert(path, content);
    }
    let found = lint::lint(&files, settings);
    drop(files);
    (sources, found)
}

/// Applies each fix by itself: what it is for must be gone, and nothing new be there.
fn every_fix_mends(
    texts: &BTreeMap<String, Vec<u8>>,
    sources: &SourceMap,
    found: &[Diagnostic],
    settings: &Settings,
) -> Result<(), Failed> {
    let count = |found: &[Diagnostic], code: &Code| found.iter().filter(|other| other.code == code).count();
    for diagnostic in found {
        for fix in &diagnostic.fixes {
            let mut mended = texts.clone();
            let mut edits = fix.edits.clone();
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
            for edit in edits {
                let name = &sources.get(edit.span.file).name;
                let text = mended.get_mut(name).ok_or("a fix of a file that is not there")?;
                text.splice(edit.span.range(), edit.text.bytes());
            }
            let (_, after) = linted(&mended, settings);
            let is_gone = count(&after, diagnostic.code) < count(found, diagnostic.code);
            if !is_gone || after.len() >= found.len() {
                return Err(format!("`{}` does not mend {:?}: {:?}", fix.title, diagnostic.message, ids(&after)).into());
            }
        }
    }
    Ok(())
}

fn ids(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|diagnostic| format!("{} {}", diagnostic.code.id, diagnostic.message)).collect()
}

fn every_code_has_cases(folders: &[PathBuf]) -> Result<(), Failed> {
    let mut missing = Vec::new();
    for code in codes() {
        let name = format!("{}-{}", code.id, code.name);
        let folder = folders.iter().find(|folder| folder.ends_with(&name));
        let cases = folder.map(|folder| list(folder)).unwrap_or_default();
        for kind in ["fires", "silent"] {
            let there = cases.iter().any(|case| {
                let stem = case.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
                stem.starts_with(kind) && is_case(case)
            });
            if !there {
                missing.push(format!("{name}/{kind}.wf"));
            }
        }
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("missing cases: {missing:#?}").into()) }
}
