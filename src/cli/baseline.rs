//! The findings that a project knows and has not mended yet: a file of them, so that only new ones are said.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, anyhow};
use serde::{Deserialize, Serialize};

use super::{input, output};
use crate::diagnostic::Diagnostic;
use crate::source::SourceMap;

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
    file: String,
    code: String,
    message: String,
    /// How often the same is said of the file.
    count: usize,
}

const SCHEMA_VERSION: u32 = 1;

impl Baseline {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let name = path.display();
        let text = input::read(path).with_context(|| format!("cannot read the baseline `{name}`"))?;
        let baseline: Baseline =
            serde_json::from_str(&text).map_err(|error| anyhow!("`{name}` is no baseline: {error}"))?;
        if baseline.schema_version != SCHEMA_VERSION {
            return Err(anyhow!(
                "`{name}` is a baseline of version {}; this is {SCHEMA_VERSION}",
                baseline.schema_version
            ));
        }
        Ok(baseline)
    }

    /// All findings of a call.
    pub fn of(sources: &SourceMap, found: &[Diagnostic]) -> Self {
        let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        for diagnostic in found {
            *counts.entry(key(sources, diagnostic)).or_default() += 1;
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
    pub fn subtract(&self, sources: &SourceMap, found: &mut Vec<Diagnostic>) -> (usize, usize) {
        let mut left: BTreeMap<(String, String, String), usize> = BTreeMap::new();
        for known in &self.findings {
            let key = (known.file.clone(), known.code.clone(), known.message.clone());
            *left.entry(key).or_default() += known.count;
        }
        let before = found.len();
        found.retain(|diagnostic| match left.get_mut(&key(sources, diagnostic)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
        (before - found.len(), left.values().sum())
    }
}

fn key(sources: &SourceMap, diagnostic: &Diagnostic) -> (String, String, String) {
    let file = sources.get(diagnostic.primary.span.file).name.clone();
    (file, diagnostic.code.id.to_owned(), diagnostic.message.clone())
}
