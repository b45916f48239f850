//! `wf init`: a first workflow to start from.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::ValueEnum;

use super::input::{self, quoted};
use super::output;
use super::session::{Exit, Session};
use crate::model::{self, readable};
use crate::source::FileId;
use crate::syntax;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf init                                         hello.wf\n  \
    wf init flows/release                           flows/release.wf\n  \
    wf init gitlab --from integration-development   sixteen phases to adapt")]
pub struct Args {
    /// The name of the workflow, and of its file [default: that of the template]
    #[arg(value_name = "NAME")]
    name: Option<PathBuf>,
    /// Which workflow to start from
    #[arg(long, value_enum, value_name = "TEMPLATE", default_value_t)]
    from: Template,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Template {
    #[default]
    Hello,
    IntegrationDevelopment,
}

impl Template {
    fn name(self) -> &'static str {
        match self {
            Template::Hello => "hello",
            Template::IntegrationDevelopment => "integration-development",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Template::Hello => include_str!("../../workflows/hello.wf"),
            Template::IntegrationDevelopment => include_str!("../../workflows/integration-development.wf"),
        }
    }

    /// The file that it uses, by its name.
    fn base(self) -> Option<(&'static str, &'static str)> {
        match self {
            Template::Hello => None,
            Template::IntegrationDevelopment => {
                Some(("sixteen-phases.wf", include_str!("../../workflows/sixteen-phases.wf")))
            }
        }
    }
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    let path = args.name.clone().unwrap_or_else(|| args.from.name().into());
    let path = if path.extension().is_some_and(|extension| extension == "wf") { path } else { with_wf(&path) };
    let name = name_of(&path)?;
    let shown = input::shown(&session.cwd, &path);
    if path.exists() && !args.force {
        bail!("`{shown}` is already there; --force replaces it");
    }
    let mut written = shown.clone();
    if let Some((base, text)) = args.from.base() {
        let base = path.with_file_name(base);
        if base == path {
            bail!("`{shown}` is what the template extends; give it another name");
        }
        // Somebody may have changed it, and other workflows may extend it.
        if !base.exists() {
            output::write(&base, text)?;
            written = format!("{shown} and {}", input::shown(&session.cwd, &base));
        }
    }
    let text = renamed(args.from.text(), &name);
    output::write(&path, &text)?;
    session.close(format_args!(
        "wrote {written}; next: wf check {} (with --watch: whenever you save it)",
        quoted(&shown)
    ))?;
    Ok(Exit::Clean)
}

fn with_wf(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".wf");
    name.into()
}

/// The name that a file's workflow has: one that can be written without quotes.
fn name_of(path: &Path) -> anyhow::Result<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let valid = stem.starts_with(|c: char| c.is_ascii_alphabetic())
        && stem.split('-').all(|part| !part.is_empty() && part.chars().all(plain));
    if valid {
        return Ok(stem);
    }
    let words: Vec<&str> = stem.split(|c| !plain(c)).filter(|word| !word.is_empty()).collect();
    let help = match words.join("-").to_lowercase() {
        close if close.starts_with(|c: char| c.is_ascii_alphabetic()) => format!("; `{close}` would do"),
        _ => String::new(),
    };
    bail!("`{stem}` cannot name a workflow: write letters, digits and `_`, joined by `-`{help}")
}

/// The text with another name and title in its header.
fn renamed(text: &str, name: &str) -> String {
    let (tree, _) = syntax::parse(FileId::default(), text);
    let (model, _) = model::lower(tree, model::Registry::default());
    let Some(header) = model.header.filter(|header| header.name.name != name) else { return text.to_owned() };
    let mut text = text.to_owned();
    if let Some(title) = header.title {
        text.replace_range(title.span.range(), &format!("\"{}\"", readable(name)));
    }
    text.replace_range(header.name.span.range(), name);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_renamed() {
        let text = renamed(Template::Hello.text(), "my-flow");
        assert!(text.contains("\nworkflow my-flow \"My flow\"\n"), "{text}");
        assert!(!text.contains("change-request"));
        let same = Template::IntegrationDevelopment;
        assert_eq!(renamed(same.text(), same.name()), same.text());
    }

    #[test]
    fn names_are_words_of_the_language() {
        assert_eq!(name_of(Path::new("a/b-c_1.wf")).unwrap(), "b-c_1");
        let error = name_of(Path::new("My Flow!.wf")).unwrap_err().to_string();
        assert!(error.ends_with("`my-flow` would do"), "{error}");
        assert!(name_of(Path::new("9.wf")).is_err());
    }
}
