//! `gatewright.toml`: what a project wants everywhere. Flags win over it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde::{Deserialize, Deserializer};
use toml::de::DeTable;

use super::input;
use super::session::Color;
use crate::diagnostic::nearest;
use crate::render::Format;
use crate::skill;
use crate::skill::lint::Profile;
use crate::source::SourceMap;

const NAME: &str = "gatewright.toml";

/// The file, with its paths made absolute: they are meant from where the file is.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
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
    #[serde(default)]
    pub lint: Lint,
    /// Where it was found.
    #[serde(skip)]
    pub path: Option<PathBuf>,
}

/// What `wf lint` is to look at.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lint {
    #[serde(default, deserialize_with = "profiles")]
    pub profile: Vec<Profile>,
    /// Rules that are allowed everywhere, by id or name, each with the reason.
    #[serde(default, deserialize_with = "allowed")]
    pub allow: BTreeMap<String, String>,
    pub baseline: Option<PathBuf>,
}

/// The keys of [`Config`], for suggestions.
const KEYS: [&str; 7] = ["out", "templates", "deny-warnings", "max-diagnostics", "color", "format", "lint"];
/// The keys of [`Lint`].
const LINT_KEYS: [&str; 3] = ["profile", "allow", "baseline"];

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
        config.lint.baseline = config.lint.baseline.map(|baseline| base.join(baseline));
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
    known(table.get_ref(), &KEYS)?;
    if let Some(lint) = table.get_ref().get("lint").and_then(|lint| lint.get_ref().as_table()) {
        known(lint, &LINT_KEYS)?;
    }
    toml::from_str(text).map_err(fault)
}

/// Refuses a key that is none of these.
fn known(table: &DeTable<'_>, keys: &[&str]) -> Result<(), Fault> {
    for key in table.keys() {
        let name: &str = key.get_ref();
        if !keys.contains(&name) {
            let help = match nearest(name, keys.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the keys are {}", keys.join(", ")),
            };
            return Err(Fault { at: key.span().start, message: format!("unknown key `{name}`; {help}") });
        }
    }
    Ok(())
}

/// One profile, or a list of them.
fn profiles<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Profile>, D::Error> {
    let names = Vec::<String>::deserialize(deserializer)?;
    let profile = |name: &String| Profile::ALL.into_iter().find(|profile| profile.name() == name);
    let known = Profile::ALL.map(Profile::name);
    let unknown = |name: &String| {
        serde::de::Error::custom(format!("unknown profile `{name}`: it is one of {}", known.join(", ")))
    };
    names.iter().map(|name| profile(name).ok_or_else(|| unknown(name))).collect()
}

/// Rules with reasons.
fn allowed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    let allowed = BTreeMap::<String, String>::deserialize(deserializer)?;
    let fault = |message: String| Err(serde::de::Error::custom(message));
    for (rule, reason) in &allowed {
        let rules = skill::lint::rules();
        if !rules.iter().any(|known| known.code.id == rule || known.code.name == rule) {
            let meant = nearest(rule, rules.iter().map(|rule| rule.code.name));
            let help = meant.map_or("`wf explain` lists all".to_owned(), |meant| format!("did you mean `{meant}`?"));
            return fault(format!("there is no rule `{rule}` to allow; {help}"));
        }
        if reason.trim().is_empty() {
            return fault(format!("the allowance of `{rule}` has no reason"));
        }
    }
    Ok(allowed)
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
        let text = "out = 'o'\ntemplates = 't'\ndeny-warnings = true\nmax-diagnostics = 3\ncolor = 'never'\nformat = 'short'\n\
            [lint]\nprofile = ['claude-code']\nbaseline = 'b'\nallow = { SK403 = 'ours' }\n";
        let config = parse(text).ok().unwrap();
        assert_eq!(text.lines().count(), KEYS.len() + LINT_KEYS.len());
        assert_eq!((config.lint.profile, config.lint.baseline), (vec![Profile::ClaudeCode], Some("b".into())));
        assert_eq!(config.lint.allow["SK403"], "ours");
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
        assert_eq!(fault("[lint]\nprofiles = []\n"), (7, "unknown key `profiles`; did you mean `profile`?".into()));
        assert!(fault("[lint]\nprofile = ['x']\n").1.contains("one of spec, claude-code, workflow"));
        assert!(fault("[lint]\nallow = { SK403 = ' ' }\n").1.contains("no reason"));
        assert!(fault("[lint]\nallow = { SK499 = 'x' }\n").1.contains("no rule"));
        assert_eq!(fault("out = ").0, 6);
    }
}
