//! The generated skill and plan of the shipped workflows: facts cell by cell, links, budgets, determinism.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use gatewright::emit::{self, File};
use gatewright::source::SourceMap;
use gatewright::{compile, plan};

#[path = "support/shipped.rs"]
mod shipped;
#[path = "support/tables.rs"]
mod tables;

use tables::{plain, tables};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

fn with_sound<T>(name: &str, ask: impl FnOnce(gatewright::analysis::Sound<'_, '_>) -> T) -> T {
    let (sources, file) = shipped::load(name);
    let checked = compile::check(&sources, file);
    ask(checked.sound().expect("shipped workflows compile"))
}

fn skill(name: &str) -> BTreeMap<String, String> {
    let files = with_sound(name, |sound| emit::skill::build(sound, name, &[]).expect("built-in templates"));
    files.into_iter().map(|File { path, text }| (path, text)).collect()
}

#[test]
fn shipped_workflows_compile_without_a_warning() {
    for name in shipped::names() {
        let (sources, file) = shipped::load(&name);
        let text = &sources.get(file).text;
        let checked = compile::check(&sources, file);
        let loud: Vec<&str> = checked
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity() > gatewright::diagnostic::Severity::Note)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        assert!(loud.is_empty(), "{name}: {loud:#?}");
        let (tree, _) = gatewright::syntax::parse(file, text);
        assert_eq!(gatewright::syntax::format(&tree), *text, "{name} is not in canonical form");
    }
}

fn column(rows: &[Vec<String>], index: usize) -> Vec<String> {
    rows.iter().skip(1).map(|row| plain(&row[index])).collect()
}

/// What the work is about: facts that the workflow was written from, not its words.
#[test]
fn the_sixteen_phases_are_what_they_were_meant_to_be() {
    let files = skill("integration-development.wf");
    let overview = &files["orchestrating-integration-development/SKILL.md"];
    let tables = tables(overview);
    let reference = &tables["Quick Reference"];
    let phases: Vec<Vec<String>> = reference.iter().filter(|row| row.len() == 5).cloned().collect();
    assert_eq!(
        column(&phases, 1),
        [
            "Setup",
            "Triage",
            "Codebase Discovery",
            "Skill Discovery",
            "Complexity",
            "Brainstorming",
            "Architecture Plan",
            "Implementation",
            "Design Verification",
            "Domain Compliance",
            "Code Quality",
            "Test Planning",
            "Testing",
            "Coverage Verification",
            "Test Quality",
            "Completion",
        ]
    );
    assert_eq!(column(&phases, 0), (1..=16).map(|number| number.to_string()).collect::<Vec<_>>());
    let conditional: BTreeMap<String, String> =
        column(&phases, 0).into_iter().zip(column(&phases, 3)).filter(|(_, when)| when != "Always").collect();
    let expected = [("6", "LARGE only"), ("7", "MEDIUM+"), ("9", "MEDIUM+"), ("12", "MEDIUM+")];
    assert_eq!(conditional, expected.into_iter().map(|(a, b)| (a.to_string(), b.to_string())).collect());
    let gates: Vec<(String, String)> =
        column(&phases, 0).into_iter().zip(column(&phases, 4)).filter(|(_, gate)| !gate.is_empty()).collect();
    assert_eq!(gates, [("3", "⛔ 1"), ("8", "⛔ 2"), ("13", "⛔ 3")].map(|(a, b)| (a.to_string(), b.to_string())));

    let matrix: Vec<Vec<String>> = reference.iter().filter(|row| row.len() == 4).cloned().collect();
    assert_eq!(column(&matrix, 0), ["SMALL", "MEDIUM", "LARGE"]);
    assert_eq!(column(&matrix, 2), ["6, 7, 9, 12", "6", "None"]);
    assert_eq!(column(&matrix, 3), ["12 of 16", "15 of 16", "16 of 16"]);

    let agents: Vec<(String, String)> = column(&tables["Agents Spawned"], 0)
        .into_iter()
        .zip(column(&tables["Agents Spawned"], 1).into_iter().map(|cell| cell.replace(" (up to 4)", "")))
        .collect();
    let expected = [
        ("3", "Explore"),
        ("7", "integration-lead"),
        ("8", "integration-developer"),
        ("9", "integration-reviewer"),
        ("11.1", "integration-reviewer"),
        ("11.2", "backend-reviewer + backend-security"),
        ("12", "test-lead"),
        ("13", "backend-tester"),
        ("14.2", "test-lead"),
        ("15", "test-lead"),
        ("16.1", "frontend-developer"),
    ];
    assert_eq!(agents, expected.map(|(a, b)| (a.to_string(), b.to_string())));

    let outputs: BTreeSet<String> = column(&tables["Output Directory Structure"], 1).into_iter().collect();
    for file in [
        "MANIFEST.yaml",
        "triage.md",
        "discovery.md",
        "skill-manifest.yaml",
        "complexity.md",
        "brainstorming.md",
        "architecture-plan.md",
        "implementation.md",
        "design-verification.md",
        "p0-compliance-review.md",
        "code-quality.md",
        "test-plan.md",
        "testing.md",
        "coverage-verification.md",
        "test-quality.md",
        "completion.md",
    ] {
        assert!(outputs.contains(file), "{file} is not among the outputs");
    }

    assert_eq!(
        column(&tables["P0 Compliance is NON-NEGOTIABLE"], 1),
        [
            "VMFilter",
            "CheckAffiliation",
            "ValidateCredentials",
            "errgroup Safety",
            "Pagination Safety",
            "Error Handling",
            "File Size",
        ]
    );
    let limits: BTreeMap<String, String> =
        column(&tables["Configuration"], 0).into_iter().zip(column(&tables["Configuration"], 1)).collect();
    for (name, value) in [
        ("feedback_iterations", "5"),
        ("p0_fixes", "3"),
        ("spec_fixes", "2"),
        ("test_fixes", "2"),
        ("quality_fixes", "2"),
    ] {
        assert_eq!(limits[name], value, "{name}");
    }
    let ladder = tables_of(&files, "limits.md");
    let shares: Vec<String> = column(&ladder["Context"], 1);
    assert_eq!(shares, ["60%", "75%", "80%", "85%"]);
    assert_eq!(column(&ladder["Context"], 2), ["120000", "150000", "160000", "170000"]);
}

fn tables_of(files: &BTreeMap<String, String>, name: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let path = format!("orchestrating-integration-development/references/{name}");
    tables(&files[&path])
}

/// Every table and section that such a skill was written with by hand has a generated counterpart.
#[test]
fn every_section_has_its_counterpart() {
    let files = skill("integration-development.wf");
    let overview = &files["orchestrating-integration-development/SKILL.md"];
    let headings: BTreeSet<&str> =
        overview.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim()).collect();
    for heading in [
        "Integration Development",
        "When to Use",
        "Quick Reference",
        "Foundational Patterns",
        "Before You Begin",
        "Configuration",
        "Critical Rules",
        "Gates are BLOCKING",
        "P0 Compliance is NON-NEGOTIABLE",
        "Emergency Abort",
        "Agents Spawned",
        "Output Directory Structure",
        "Rationalization Prevention",
        "Integration",
        "Called By",
        "Requires (invoke before starting)",
        "Calls (during execution)",
        "Human Checkpoints",
        "Blocked Agent Routing",
        "Pairs With (conditional)",
        "Exit Criteria",
        "References",
        "Related Skills",
    ] {
        assert!(headings.contains(heading), "no section `{heading}`");
    }
    let doubled = overview.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(doubled, headings.len(), "a heading stands twice");
}

/// Where the original is at hand, its own tables are compared with the generated ones.
#[test]
fn the_facts_of_the_original_are_kept() {
    let original = root().join("../shared/seed/orchestrating-integration-development/SKILL.md");
    let Ok(original) = fs::read_to_string(original) else {
        return eprintln!("skipped: the original is not at hand");
    };
    let files = skill("integration-development.wf");
    let ours = tables(&files["orchestrating-integration-development/SKILL.md"]);
    let theirs = tables(&original);
    let phases = |tables: &BTreeMap<String, Vec<Vec<String>>>| -> Vec<Vec<String>> {
        tables["Quick Reference"]
            .iter()
            .filter(|row| row.len() == 5)
            .map(|row| row.iter().map(|cell| plain(cell)).collect())
            .collect()
    };
    assert_eq!(phases(&ours), phases(&theirs), "the phase table");
    let requirements = |tables: &BTreeMap<String, Vec<Vec<String>>>| tables["P0 Compliance is NON-NEGOTIABLE"].clone();
    assert_eq!(requirements(&ours), requirements(&theirs), "the requirements");
    let files_of = |tables: &BTreeMap<String, Vec<Vec<String>>>| -> BTreeSet<(String, String)> {
        tables["Output Directory Structure"].iter().skip(1).map(|row| (row[0].clone(), plain(&row[1]))).collect()
    };
    assert!(files_of(&ours).is_superset(&files_of(&theirs)), "the output files");
    let agents = |tables: &BTreeMap<String, Vec<Vec<String>>>| -> Vec<(String, String)> {
        tables["Agents Spawned"].iter().skip(1).map(|row| (row[0].clone(), row[1].replace(" (up to 4)", ""))).collect()
    };
    // Of phase 14, the stage that spawns is named.
    let expected: Vec<(String, String)> = agents(&theirs)
        .into_iter()
        .map(|(place, agent)| (if place == "14" { "14.2".to_string() } else { place }, agent))
        .collect();
    let ours_agents = agents(&ours);
    for row in expected {
        assert!(ours_agents.contains(&row), "{row:?} is not among the agents");
    }
    let skills = |tables: &BTreeMap<String, Vec<Vec<String>>>| -> BTreeMap<String, String> {
        let rows = tables["Calls (during execution)"].iter().skip(1);
        rows.map(|row| (row[0].trim_matches('`').replace(['¹', '`'], "").trim().to_string(), row[2].clone())).collect()
    };
    let called = skills(&ours);
    for (skill, purpose) in skills(&theirs) {
        let own = called.get(&skill).unwrap_or_else(|| panic!("`{skill}` is not called"));
        if skill != "persisting-progress-across-sessions" {
            assert_eq!(*own, purpose, "the purpose of `{skill}`");
        }
    }
}

fn links(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fence: Option<usize> = None;
    for line in markdown.lines() {
        let mark = line.trim_start();
        let length = mark.len() - mark.trim_start_matches('`').len();
        match fence {
            Some(open) => {
                if length >= open && mark[length..].trim().is_empty() {
                    fence = None;
                }
                continue;
            }
            None if length >= 3 => {
                fence = Some(length);
                continue;
            }
            None => {}
        }
        for (at, _) in line.match_indices("](") {
            if let Some(end) = line[at..].find(')') {
                found.push(line[at + 2..at + end].to_string());
            }
        }
    }
    found
}

#[test]
fn no_link_is_dead_and_no_file_is_over_budget() {
    for name in shipped::names() {
        let files = skill(&name);
        for (path, text) in &files {
            let folder = Path::new(path).parent().expect("below the skill");
            for link in links(text) {
                let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
                if target.contains("://") {
                    continue;
                }
                let mut parts: Vec<String> = folder.iter().map(|part| part.to_string_lossy().to_string()).collect();
                for part in target.split('/') {
                    match part {
                        ".." => {
                            parts.pop();
                        }
                        part => parts.push(part.to_string()),
                    }
                }
                let target = parts.join("/");
                let page = files.get(&target).unwrap_or_else(|| panic!("{path}: dead link {link}"));
                let anchored = anchor.is_empty()
                    || page.lines().filter(|line| line.starts_with('#')).any(|line| anchor_of(line) == anchor);
                assert!(anchored, "{path}: dead anchor {link}");
            }
            assert!(text.contains("Generated by Gatewright from"), "{path} is not marked");
            assert!(text.ends_with('\n') && !text.contains("\n\n\n"), "{path} has stray blank lines");
            assert!(!text.contains("${"), "{path} shows an unresolved reference");
        }
        let files: Vec<File> = files.into_iter().map(|(path, text)| File { path, text }).collect();
        assert_eq!(emit::skill::over_budget(&files), [], "{name}");
    }
}

fn anchor_of(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

#[test]
fn one_reference_file_per_phase() {
    let files = skill("integration-development.wf");
    for number in 1..=16 {
        let prefix = format!("orchestrating-integration-development/references/phase-{number}-");
        let pages: Vec<&String> = files.keys().filter(|path| path.starts_with(&prefix)).collect();
        assert_eq!(pages.len(), 1, "phase {number}: {pages:?}");
    }
    assert!(files.contains_key("orchestrating-integration-development/references/phase-8-implementation.md"));
}

#[test]
fn front_matter_is_what_the_specification_accepts() {
    for name in shipped::names() {
        for (path, text) in skill(&name).into_iter().filter(|(path, _)| path.ends_with("SKILL.md")) {
            let front = text.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).expect("front matter").0;
            let fields: BTreeMap<&str, &str> = front.lines().filter_map(|line| line.split_once(": ")).collect();
            let skill = fields["name"];
            assert!(path.starts_with(&format!("{skill}/")), "the name equals the folder");
            assert!(
                skill.len() <= 64 && skill.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            );
            let description: String = serde_json::from_str(fields["description"]).expect("a quoted text");
            assert!((1..=1024).contains(&description.chars().count()));
            assert!(!description.contains(['<', '>']));
            assert!(fields.keys().all(|key| ["name", "description", "allowed-tools"].contains(key)), "{fields:?}");
        }
    }
}

#[test]
fn the_next_phase_is_said_for_each_variant() {
    let files = skill("integration-development.wf");
    let page = &files["orchestrating-integration-development/references/phase-8-implementation.md"];
    let next = page.split("## Next Phase").nth(1).expect("a section on what comes next");
    assert!(next.contains("**SMALL**: [Phase 10: Domain Compliance]"), "{next}");
    assert!(next.contains("**MEDIUM and LARGE**: [Phase 9: Design Verification]"), "{next}");
    assert_eq!(next.matches("Gate 2").count(), 2, "the gate stands before both");
}

#[test]
fn building_twice_gives_the_same_bytes() {
    for name in shipped::names() {
        assert_eq!(skill(&name), skill(&name));
        let plan =
            |_: ()| with_sound(&name, |sound| serde_json::to_string(&emit::plan::plan(sound, &name)).expect("JSON"));
        assert_eq!(plan(()), plan(()));
    }
}

#[test]
fn plans_fit_their_schema_and_read_back() {
    let schema = plan::schema();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for name in shipped::names() {
        let made = with_sound(&name, |sound| emit::plan::plan(sound, &name));
        let json = serde_json::to_value(&made).expect("a plan is JSON");
        let faults: Vec<String> = validator.iter_errors(&json).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:#?}");
        let read: plan::Plan = serde_json::from_value(json).expect("a plan reads back");
        assert_eq!(read, made);
        let ids: BTreeSet<&str> = made.items.iter().map(|item| item.id.as_str()).collect();
        assert_eq!(ids.len(), made.items.len(), "{name}: ids are unique");
        for item in &made.items {
            let known = item.waits_for.iter().chain(&item.parent).all(|id| ids.contains(id.as_str()));
            assert!(known, "{name}: {} names an unknown item", item.id);
        }
    }
}

#[test]
fn a_plan_holds_what_is_resolved() {
    let made = with_sound("integration-development.wf", |sound| emit::plan::plan(sound, "x.wf"));
    let item = |id: &str| made.items.iter().find(|item| item.id == id).unwrap_or_else(|| panic!("no item {id}"));
    let plan::Condition::Is { version, values } = item("brainstorming").when.as_ref().expect("it is conditional")
    else {
        panic!("one comparison")
    };
    assert_eq!(version, "work_type@complexity", "a condition names the version it reads");
    assert_eq!(values, &[plan::Values::One("LARGE".to_string())]);
    let p0 = item("domain-compliance/gate:p0").gate.as_ref().expect("a gate");
    assert_eq!(p0.checks.len(), 7);
    assert_eq!(p0.refused_agents, ["integration-developer"], "nobody closes a gate over their own work");
    let compaction = item("loop:verified/gate:implementation-compaction").gate.as_ref();
    assert_eq!(compaction.expect("a gate").checks.len(), 5);
}

/// The marks of `tests/data/marks.wf` that a plan leaves to the documents.
const FOR_DOCUMENTS_ALONE: &[(&str, &[u32])] = &[
    ("comments that documents show", &[1, 38]),
    ("why a skill is loaded", &[12, 14]),
    ("what agents say before they skip a step", &[15, 16]),
    ("the document", &[115, 116, 117, 118, 119, 120]),
];

/// Each text of a workflow, and each name that documents show, stands in some page of its skill and in its plan.
#[test]
fn nothing_of_a_workflow_is_lost() {
    let path = "marks.wf";
    let text = fs::read_to_string(root().join("tests/data").join(path)).expect("the file with the marks");
    let mut sources = SourceMap::new();
    let file = sources.add(path, text.clone());
    let checked = compile::check(&sources, file);
    let sound = checked.sound().expect("the file with the marks compiles");
    let pages: String =
        emit::skill::build(sound, path, &[]).expect("built-in templates").into_iter().map(|page| page.text).collect();
    let plan = serde_json::to_string(&emit::plan::plan(sound, path)).expect("a plan is JSON");
    let written = marks(&text);
    assert!(written.len() > 120, "the marks are found");
    let missing = |made: &str| written.difference(&marks(made)).copied().collect::<Vec<u32>>();
    // A document with a title of its own shows that one.
    assert_eq!(missing(&pages), [2], "lost in the pages");
    let left: BTreeSet<u32> = FOR_DOCUMENTS_ALONE.iter().flat_map(|(_, marks)| *marks).copied().collect();
    assert_eq!(missing(&plan), left.into_iter().collect::<Vec<u32>>(), "lost in the plan");
}

/// The numbers behind `MK` or `mk`.
fn marks(text: &str) -> BTreeSet<u32> {
    let lower = text.to_lowercase();
    let numbers = lower.split("mk").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    });
    numbers.collect()
}
