//! The findings that a project knows and has not mended yet: a file of them, so that only new ones are said.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::folders::{self, Folders};
use super::{input, output};
use crate::diagnostic::Diagnostic;
use crate::skill::folder::relative;
use crate::source::FileId;

/// What is known: neither lines nor columns are part of it, for they change when something else does.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Baseline {
    schema_version: u32,
    findings: Vec<Known>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// From the folder of the baseline, so that it is the same file wherever `wf` runs.
    file: String,
    code: String,
    message: String,
    /// How often the same is said of the file.
    count: usize,
}

const SCHEMA_VERSION: u32 = 2;
/// Its files were named from the working directory.
const FROM_WORKING_DIRECTORY: u32 = 1;

/// What the files of a call are called in a baseline.
#[derive(Debug)]
pub struct FileNames<'f> {
    folders: &'f Folders,
    paths: BTreeMap<FileId, &'f str>,
    /// Of the baseline.
    folder: String,
}

impl<'f> FileNames<'f> {
    pub fn new(folders: &'f Folders, baseline: &Path) -> Self {
        let folder = baseline.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        FileNames { folders, paths: folders.all_paths(), folder: folders::key(&folder) }
    }

    fn name(&self, file: FileId, version: u32) -> String {
        match self.paths.get(&file) {
            Some(path) if version > FROM_WORKING_DIRECTORY => relative(&self.folder, path),
            _ => self.folders.sources.get(file).name.clone(),
        }
    }

    fn key(&self, diagnostic: &Diagnostic, version: u32) -> (String, String, String) {
        let file = self.name(diagnostic.primary.span.file, version);
        (file, diagnostic.code.id.to_owned(), diagnostic.message.clone())
    }
}

impl Baseline {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text = input::read(path).with_context(|| format!("cannot read the baseline `{name}`"))?;
        let baseline: Baseline =
            serde_json::from_str(&text).map_err(|error| anyhow!("`{name}` is no baseline: {error}"))?;
        if !(FROM_WORKING_DIRECTORY..=SCHEMA_VERSION).contains(&baseline.schema_version) {
            return Err(anyhow!(
                "`{name}` is a baseline of version {}; this is {SCHEMA_VERSION}",
                baseline.schema_version
            ));
        }
        Ok(baseline)
    }

    /// All findings of a call.
    pub fn of(names: &FileNames<'_>, found: &[Diagnostic]) -> Self {
        let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        for diagnostic in found {
            *counts.entry(names.key(diagnostic, SCHEMA_VERSION)).or_default() += 1;
        }
        let known = |((file, code, message), count)| Known { file, code, message, count };
        Baseline { schema_version: SCHEMA_VERSION, findings: counts.into_iter().map(known).collect() }
    }

    pub fn write(&self, path: &Path) -> anyhow::Result<()> {
        let text = serde_json::to_string_pretty(self).expect("plain data");
        output::write(path, &(text + "\n")).map(|_| ())
    }

    pub fn len(&self) -> usize {
        self.findings.iter().map(|known| known.count).sum()
    }

    /// Leaves out what is known; says how many are, and how many known ones are gone.
    pub fn subtract(&self, names: &FileNames<'_>, found: &mut Vec<Diagnostic>) -> (usize, usize) {
        let mut left: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        for known in &self.findings {
            let key = (known.file.clone(), known.code.clone(), known.message.clone());
            *left.entry(key).or_default() += known.count;
        }
        let before = found.len();
        found.retain(|diagnostic| match left.get_mut(&names.key(diagnostic, self.schema_version)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        (before - found.len(), left.values().sum())
    }
}
