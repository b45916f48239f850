//! The shape of the source: which module may use which, what the core may not touch.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. A module uses modules of lower floors only; siblings do not know each other.
const FLOORS: &[&[&str]] = &[
    &["source", "plan"],
    &["diagnostic"],
    &["syntax", "render", "logic", "glob"],
    &["family"],
    &["model"],
    &["graph", "skill"],
    &["analysis", "registry"],
    &["checks", "compare", "emit"],
    &["compile"],
    &["explain", "mutate", "origin"],
    &["cli"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// All sources by the module of the top level they belong to.
fn sources() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let mut found: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    let mut open = vec![root()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("src is there").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let relative = path.strip_prefix(root()).expect("below src").to_path_buf();
                let first = relative.components().next().expect("a file").as_os_str().to_string_lossy().to_string();
                let module = first.trim_end_matches(".rs").to_string();
                let text = fs::read_to_string(&path).expect("sources are text");
                found.entry(module).or_default().push((relative, text));
            }
        }
    }
    found
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The part of a source before its unit tests.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or(text)
}

#[test]
fn modules_use_lower_floors_only() {
    let mut faults = Vec::new();
    for (module, files) in sources() {
        if matches!(module.as_str(), "lib" | "main") {
            continue;
        }
        let Some(own) = floor(&module) else {
            faults.push(format!("`{module}` stands on no floor"));
            continue;
        };
        for (path, text) in files {
            for (number, line) in without_tests(&text).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for (at, _) in code.match_indices("crate::") {
                    let used: String =
                        code[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                    let lower = floor(&used).is_none_or(|floor| floor < own) || used == module;
                    if !lower {
                        faults.push(format!("{}:{}: `{module}` uses `{used}`", path.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_core_touches_no_world() {
    let forbidden =
        ["std::fs", "std::env", "std::io::std", "println!", "eprintln!", "SystemTime", "Instant::now", "thread::spawn"];
    let mut faults = Vec::new();
    for (module, files) in sources() {
        if matches!(module.as_str(), "cli" | "main") {
            continue;
        }
        for (path, text) in files {
            for (number, line) in without_tests(&text).lines().enumerate() {
                let code = line.split("//").next().unwrap_or_default();
                for word in forbidden.iter().filter(|word| code.contains(**word)) {
                    faults.push(format!("{}:{}: `{word}` in the core", path.display(), number + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn nothing_is_left_open() {
    let mut faults = Vec::new();
    for files in sources().into_values() {
        for (path, text) in files {
            for word in ["todo!", "unimplemented!", "TODO", "FIXME", "dbg!"] {
                if text.contains(word) {
                    faults.push(format!("{}: {word}", path.display()));
                }
            }
            if path.file_name().is_some_and(|name| name == "mod.rs") {
                faults.push(format!("{}: modules are `x.rs` beside the folder `x`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn statements_stand_under_their_first_letter() {
    let grammar = fs::read_to_string(root().join("../grammar/wf.pest")).expect("the grammar is there");
    let starts: HashMap<&str, &str> = grammar
        .lines()
        .filter_map(|line| line.split_once('='))
        .filter_map(|(rule, body)| Some((rule.trim(), body.trim().strip_prefix("{ \"")?)))
        .collect();
    let (_, groups) = grammar.split_once("statement = _{").expect("the grammar has statements");
    let (groups, _) = groups.split_once("\n}").expect("the rule ends");
    let mut faults = Vec::new();
    let mut seen = 0;
    for group in groups.lines().filter_map(|line| line.split_once("&\"")).map(|(_, group)| group) {
        let (letter, rules) = group.split_once("\" ~ ").expect("a letter and what begins with it");
        for rule in rules.trim_matches(['(', ')']).split(" | ") {
            seen += 1;
            if !starts.get(rule).is_some_and(|keyword| keyword.starts_with(letter)) {
                faults.push(format!("`{rule}` does not begin with `{letter}`"));
            }
        }
    }
    assert!(seen > 60, "{seen} statements are found in the grammar");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn keywords_are_matched_whole() {
    let grammar = fs::read_to_string(root().join("../grammar/wf.pest")).expect("the grammar is there");
    let mut faults = Vec::new();
    for (number, line) in grammar.lines().enumerate() {
        let rule = line.split("//").next().unwrap_or_default();
        let mut rest = rule;
        while let Some(start) = rest.find('"') {
            let Some(length) = rest[start + 1..].find('"') else { break };
            let word = &rest[start + 1..start + 1 + length];
            rest = &rest[start + length + 2..];
            let is_word = word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
            if is_word && !rest.trim_start().starts_with("~ e") {
                faults.push(format!("grammar/wf.pest:{}: `{word}` is not followed by `~ e`", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
