//! `gatewright.toml`: what a project wants everywhere. Flags win over it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Deserializer};
use toml::de::DeTable;

use super::input;
use super::session::Color;
use crate::diagnostic::nearest;
use crate::render::Format;
use crate::source::SourceMap;

const NAME: &str = "gatewright.toml";

/// The file, with its paths made absolute: they are meant from where the file is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    pub out: Option<PathBuf>,
    pub templates: Option<PathBuf>,
    #[serde(default)]
    pub deny_warnings: bool,
    pub max_diagnostics: Option<usize>,
    pub color: Option<Color>,
    #[serde(default, deserialize_with = "format")]
    pub format: Option<Format>,
    /// Where it was found.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// The keys of [`Config`], for suggestions.
const KEYS: [&str; 6] = ["out", "templates", "deny-warnings", "max-diagnostics", "color", "format"];

impl Config {
    /// The first configuration from `folder` upwards; the default when there is none.
    pub fn find(folder: &Path) -> anyhow::Result<Config> {
        let found = folder.ancestors().map(|folder| folder.join(NAME)).find(|path| fs::metadata(path).is_ok());
        let Some(path) = found else { return Ok(Config::default()) };
        let text = input::read(&path).with_context(|| format!("cannot read `{}`", input::shown(folder, &path)))?;
        let mut config = parse(&text).map_err(|fault| {
            let mut sources = SourceMap::new();
            let file = sources.add(input::shown(folder, &path), text.as_str());
            let place = sources.get(file).place(u32::try_from(fault.at).unwrap_or(u32::MAX));
            anyhow!("{}:{}:{}: {}", sources.get(file).name, place.line, place.column, fault.message)
        })?;
        let base = path.parent().unwrap_or(folder);
        config.out = config.out.map(|out| base.join(out));
        config.templates = config.templates.map(|templates| base.join(templates));
        config.path = Some(path);
        Ok(config)
    }
}

struct Fault {
    at: usize,
    message: String,
}

fn parse(text: &str) -> Result<Config, Fault> {
    let fault = |error: toml::de::Error| Fault {
        at: error.span().map_or(0, |span| span.start),
        message: error.message().trim().replace('\n', ", ").replace("usize", "a number from 0"),
    };
    let table = DeTable::parse(text).map_err(fault)?;
    for key in table.get_ref().keys() {
        let name: &str = key.get_ref();
        if !KEYS.contains(&name) {
            let help = match nearest(name, KEYS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the keys are {}", KEYS.join(", ")),
            };
            return Err(Fault { at: key.span().start, message: format!("unknown key `{name}`; {help}") });
        }
    }
    toml::from_str(text).map_err(fault)
}

fn format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Format>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "out = 'o'\ntemplates = 't'\ndeny-warnings = true\nmax-diagnostics = 3\ncolor = 'never'\nformat = 'short'\n";
        let config = parse(text).ok().unwrap();
        assert_eq!(text.lines().count(), KEYS.len());
        assert_eq!((config.out, config.templates), (Some("o".into()), Some("t".into())));
        assert_eq!((config.deny_warnings, config.max_diagnostics), (true, Some(3)));
        assert_eq!((config.color, config.format), (Some(Color::Never), Some(Format::Short)));
    }

    #[test]
    fn faults_have_a_place() {
        let fault = |text| parse(text).err().map(|fault| (fault.at, fault.message)).unwrap();
        assert_eq!(
            fault("\nmax-diagnostic = 1\n"),
            (1, "unknown key `max-diagnostic`; did you mean `max-diagnostics`?".into())
        );
        assert_eq!(fault("format = 'xml'").0, 9);
        assert_eq!(fault("out = ").0, 6);
    }
}
