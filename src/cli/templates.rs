//! The templates of a project, which stand beside its workflows.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};

use super::input;
use super::output;
use super::session::Session;
use crate::diagnostic::Diagnostic;
use crate::emit::skill::TemplateFault;
use crate::explain::TEMPLATE_ERROR;
use crate::source::{FileId, SourceMap, Span};

/// Templates by the folder that they are read from.
#[derive(Debug, Default)]
pub struct Templates {
    folders: HashMap<PathBuf, Vec<(String, FileId)>>,
}

impl Templates {
    /// Where they are read from, whether it is there or not.
    pub fn folders(&self) -> impl Iterator<Item = PathBuf> {
        self.folders.keys().cloned()
    }

    /// Reads the templates for a workflow: from where the configuration says, else from `templates` beside it.
    pub fn read(
        &mut self,
        session: &Session,
        sources: &mut SourceMap,
        workflow: Option<&Path>,
    ) -> anyhow::Result<Vec<(String, FileId)>> {
        let folder = match &session.config.templates {
            Some(folder) => folder.clone(),
            None => workflow.and_then(Path::parent).unwrap_or(Path::new("")).join("templates"),
        };
        if let Some(known) = self.folders.get(&folder) {
            return Ok(known.clone());
        }
        let mut templates = Vec::new();
        let shown = |path: &Path| input::shown(&session.cwd, path);
        for path in files(&folder, session.config.templates.is_some())
            .with_context(|| format!("cannot read the templates in `{}`", shown(&folder)))?
        {
            let text = input::read(&path).with_context(|| format!("cannot read `{}`", shown(&path)))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            templates.push((name, sources.add(shown(&path), text)));
        }
        self.folders.insert(folder, templates.clone());
        Ok(templates)
    }
}

/// A fault in a template, as a finding.
pub fn diagnostic(
    sources: &SourceMap,
    templates: &[(String, FileId)],
    fault: &TemplateFault,
) -> anyhow::Result<Diagnostic> {
    let Some((_, file)) = templates.iter().find(|(name, _)| *name == fault.name) else {
        return Err(anyhow!("template `{}`, line {}: {}", fault.name, fault.line, fault.message));
    };
    let text = &sources.get(*file).text;
    let start: usize = text.split_inclusive('\n').take(fault.line.saturating_sub(1)).map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or("");
    let indent = line.len() - line.trim_start().len();
    let span = Span::new(*file, start + indent, start + line.trim_end().len().max(indent));
    let diagnostic = Diagnostic::new(&TEMPLATE_ERROR, span, fault.message.clone());
    Ok(match &fault.help {
        Some(help) => diagnostic.help(help.clone()),
        None => diagnostic,
    })
}

/// The files of a folder, in the order of their names. Only a folder that somebody named must be there.
fn files(folder: &Path, named: bool) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if !named && matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        entries => entries.map_err(output::plainly)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(output::plainly)?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !hidden && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
