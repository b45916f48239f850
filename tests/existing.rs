//! Skills written by hand: what is found in the one that the shipped workflow was made from, place by place, and nothing
//! in the one that is generated.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use gatewright::skill::lint::{self, Settings};
use gatewright::skill::{Content, Document, Files};
use gatewright::source::{FileId, SourceMap, Span};
use gatewright::{compile, emit};

#[path = "support/shipped.rs"]
mod shipped;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Markdown below a folder, by its path from there.
fn markdown(folder: &Path) -> Vec<(String, String)> {
    let mut open = vec![folder.to_path_buf()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            found.extend(fs::read_to_string(&path).ok().map(|text| (name, text)));
        }
    }
    found.sort();
    found
}

/// A finding with all its places: `701 S:30 S:51`.
fn findings(texts: &[(String, String)], short: impl Fn(&str) -> String) -> BTreeSet<String> {
    let mut sources = SourceMap::new();
    for (name, text) in texts {
        sources.add(name.clone(), text.clone());
    }
    let mut files = Files::default();
    for (index, (name, _)) in texts.iter().enumerate() {
        let file = FileId::new(index);
        files.insert(name.clone(), Content::Document(Box::new(Document::read(file, &sources.get(file).text))));
    }
    let place = |span: Span| format!("{}:{}", short(&sources.get(span.file).name), sources.place(span).line);
    let found = lint::lint(&files, &Settings::default());
    let found = found.iter().filter(|found| found.code.id.starts_with("SK7"));
    let shown = found.map(|found| {
        let related: BTreeSet<String> = found.related.iter().map(|label| place(label.span)).collect();
        let places: Vec<String> = std::iter::once(place(found.primary.span)).chain(related).collect();
        format!("{} {}", &found.code.id[3..], places.join(" "))
    });
    shown.collect()
}

#[test]
fn the_faults_of_the_original_are_found_and_no_others() {
    let folder = root().join("../shared/seed/orchestrating-integration-development");
    if !folder.exists() {
        return eprintln!("skipped: the original is not at hand");
    }
    let short = |name: &str| if name.ends_with("SKILL.md") { "S".to_owned() } else { "P".to_owned() };
    let expected = [
        // The table of phases and the matrix: SMALL and 5, MEDIUM and 6, SMALL and 12.
        "01 S:30 S:51",
        "01 S:31 S:143 S:52",
        "01 S:37 S:51",
        // Phase 8 is entered on 7, uses the plan of 5, and the architecture of 7.
        "02 P:18 S:32 S:51",
        "03 P:15 P:179 S:51",
        "03 P:28 P:48 P:53 P:83 S:190 S:32 S:51",
        // Gate 2 is hung before phase 9.
        "04 S:106 P:22 P:266 S:239 S:34 S:51",
        // Lines of a file.
        "06 S:120 P:63",
    ];
    let expected: BTreeSet<String> = expected.iter().map(|&row| row.to_owned()).collect();
    assert_eq!(findings(&markdown(&folder), short), expected);
}

/// What is found in the skill that is made of a workflow.
fn findings_of_the_built(sources: &SourceMap, file: FileId) -> BTreeSet<String> {
    let name = &sources.get(file).name;
    let checked = compile::check(sources, file);
    let sound = checked.sound().unwrap_or_else(|| {
        let errors = checked.diagnostics.iter().filter(|found| found.is_error());
        panic!("{name}: {:#?}", errors.map(|found| &found.message).collect::<Vec<_>>())
    });
    let files = emit::skill::build(sound, name, &[]).expect("the templates are our own");
    let texts: Vec<(String, String)> = files.into_iter().map(|file| (file.path, file.text)).collect();
    findings(&texts, str::to_owned)
}

#[test]
fn what_is_generated_agrees_with_itself() {
    for workflow in &shipped::names() {
        let (sources, file) = shipped::load(workflow);
        assert_eq!(findings_of_the_built(&sources, file), BTreeSet::new(), "{workflow}");
    }
}

/// Where a gate stands differs by variant, and its title may look like the number of another one.
#[test]
fn what_is_generated_with_gates_in_any_place_agrees_with_itself() {
    let head = "workflow small_things \"Small Things\"\n\nenum Size { TINY < SMALL < LARGE }\nenum Kind { fix | feature }\n\
                fact size: Size\nfact kind: Kind\nfact good: bool\n\nphase plan \"Plan\" {\n  decides [size, kind, good]\n}\n";
    let bodies = [
        ("before a conditional phase", "GATE(one)\nphase build when size == LARGE\nphase ship\n"),
        ("after a conditional phase", "phase build when size == LARGE\nGATE(one)\nphase ship\n"),
        (
            "between conditional phases",
            "phase build when size >= SMALL\nGATE(one)\nphase check when size == LARGE\nphase ship\n",
        ),
        (
            "two of them",
            "GATE(one)\nphase build when size == LARGE\nGATE(two)\nphase check when size >= SMALL\nphase ship\n",
        ),
        ("one behind the other", "GATE(one)\nGATE(two)\nphase build when size == LARGE\nphase ship\n"),
        (
            "behind phases side by side",
            "parallel {\n  phase build\n  phase check when size == LARGE\n}\nGATE(one)\nphase ship\n",
        ),
        (
            "before phases side by side",
            "GATE(one)\nparallel {\n  phase build\n  phase check when size == LARGE\n}\nphase ship\n",
        ),
        (
            "in a loop",
            "loop again at most 2 {\n  phase build {\n    decides good\n  }\n  GATE(one)\n  phase check when size == LARGE\n  until good\n}\nphase ship\n",
        ),
        ("only for some", "phase build\nGATE(one when size == LARGE)\nphase check when kind == feature\nphase ship\n"),
        ("by another fact", "GATE(one)\nphase build when kind == fix\nphase check when size == LARGE\nphase ship\n"),
        ("by both facts", "GATE(one)\nphase build when kind == fix and size == LARGE\nphase ship\n"),
        ("at the end", "phase build when size == LARGE\nphase ship when kind == fix\nGATE(one)\n"),
        (
            "by rules",
            "GATE(one)\nphase build\nphase check\nGATE(two)\nphase ship\nskip build when size == TINY because \"it is small\"\nskip check when size <= SMALL because \"it is small\"\n",
        ),
        ("in a phase", "phase build when size == LARGE {\n  GATE(one)\n}\nphase ship\n"),
    ];
    for (place, body) in bodies {
        for [one, two] in [
            ["Gate G1", "Gate G2"],
            ["Gate 2", "Gate 1"],
            ["B2", "B1"],
            ["Checkpoint 3", "Checkpoint 4"],
            ["Go", "Go on"],
        ] {
            let mut text = body.to_owned();
            for (name, title) in [("one", one), ("two", two)] {
                let start = format!("GATE({name}");
                let Some((before, rest)) = text.split_once(&start) else { continue };
                let (when, after) = rest.split_once(')').expect("it is closed");
                let gate = format!(
                    "gate {name} \"{title}\"{when} {{\n  ask \"Go on?\" {{\n    yes\n    no -> abort\n  }}\n}}"
                );
                text = format!("{before}{gate}{after}");
            }
            let mut sources = SourceMap::new();
            let text = format!("{head}{text}");
            // `good` is decided in the loop, where there is one.
            let text =
                if body.contains("decides good") { text.replace("[size, kind, good]", "[size, kind]") } else { text };
            let file = sources.add(format!("{place}.wf"), text.clone());
            assert_eq!(findings_of_the_built(&sources, file), BTreeSet::new(), "{place}, {one}: {text}");
        }
    }
}

/// A skill in words that no other one here has: stages and hold points, lists instead of matrices, numbers in words.
const OTHER_WORDS: &[(&str, &str)] = &[
    (
        "tasting/SKILL.md",
        "---\nname: tasting\ndescription: A four-stage process for a new dish. Use when the menu changes.\n---\n\n# Tasting\n\n\
         A dish comes on the menu in four stages.\n\n\
         | Stage | Name | Applies to | Hold point |\n|---|---|---|---|\n\
         | 1 | Shop | Every | |\n| 2 | Cook | Not snack | Hold point 1 |\n| 3 | Taste | Every | Hold point 2 |\n| 4 | Serve | Every | |\n\n\
         | Course | Omitted stages |\n|---|---|\n| Snack | 2 |\n| Main | None |\n\n\
         - **Snack:** omits stage 2\n\n\
         Stages: 4\n\nThere are 4 stages and two hold points. The process has four stages in total. Do all four stages.\n\n\
         ## Where a cook waits\n\n\
         - Hold point 1 (after stage 2): the pan is clean\n- Hold point 2 stands between stages 3 and 4.\n\n\
         Rice cooks in three stages: boil, steam, rest. Each plate has three stages. There are 3 stages of rest.\n\n\
         ## Bounds\n\n- Max tasting rounds: 3\n- Salt content: at most 5 grams\n- Guest approval: ≥80%\n",
    ),
    (
        "tasting/references/cook.md",
        "# Stage 2: Cook (starts when stage 1 is complete)\n\nRead `list.md`, if there is one.\n\nWrites `pan.md`.\n\n\
         Allow at most 3 tasting rounds.\n",
    ),
    (
        "tasting/references/serve.md",
        "# Stage 4: Serve\n\n## Entry criteria\n\nStage 3 complete.\n\n## Work\n\nRead `verdict.md`.\n\n\
         Guest approval must be ≥80%.\n",
    ),
    (
        "tasting/references/files.md",
        "# Files\n\nSalt content: at most 5 grams\n\n\
         Each plate has three stages. There are 3 stages of rest. In three stages the dough is folded.\n\n\
         Line cooks need at most 9 tasting rounds per year. Guest approval for staff must be ≥60%.\n\n| Stage | Output |\n|---|---|\n| 1 | `list.md` |\n| 2 | `pan.md` |\n| 3 | `verdict.md` |\n\n\
         | Stage | Entry criteria |\n|---|---|\n| 3 | Stage 1 complete |\n",
    ),
];

/// What is changed in it, and the code of what is found then.
const PLANTED: &[(&str, &str, &str)] = &[
    ("A four-stage process", "A six-stage process", "07"),
    ("in four stages.", "in five stages.", "07"),
    ("Stages: 4", "Stages: 5", "07"),
    ("There are 4 stages", "There are 3 stages", "07"),
    ("The process has four", "The process has seven", "07"),
    ("| Snack | 2 |", "| Snack | 3 |", "01"),
    ("omits stage 2", "omits stage 3", "01"),
    ("omits stage 2", "omits stages 2 and 3", "01"),
    ("(after stage 2): the pan", "(after stage 3): the pan", "05"),
    ("between stages 3 and 4", "between stages 2 and 4", "05"),
    ("Max tasting rounds: 3", "Max tasting rounds: 5", "06"),
    ("Guest approval: ≥80%", "Guest approval: ≥90%", "06"),
    ("# Files\n\nSalt content: at most 5", "# Files\n\nSalt content: at most 7", "06"),
    ("Salt content: at most 5 grams\n- ", "Salt content: less than 5 grams\n- ", "06"),
    ("Stage 3 complete.", "Stage 2 complete.", "02"),
    ("| 3 | Stage 1 complete |", "| 3 | Stage 2 complete |", "02"),
    ("# Stage 4: Serve\n", "# Stage 4: Serve (starts when stage 2 is complete)\n", "02"),
    ("Read `verdict.md`.", "Read `pan.md`.", "03"),
    ("| 4 | Serve | Every | |", "| 5 | Serve | Every | |", "14"),
    ("Do all four", "Proceed to stage 6. Do all four", "13"),
];

#[test]
fn a_skill_in_other_words_is_understood() {
    let texts = |change: Option<(&str, &str)>| -> Vec<(String, String)> {
        let changed = |text: &str| change.map_or_else(|| text.to_owned(), |(from, to)| text.replacen(from, to, 1));
        OTHER_WORDS.iter().map(|(name, text)| ((*name).to_owned(), changed(text))).collect()
    };
    assert_eq!(findings(&texts(None), str::to_owned), BTreeSet::new());
    for (from, to, code) in PLANTED {
        assert_eq!(OTHER_WORDS.iter().filter(|(_, text)| text.contains(from)).count(), 1, "{from}");
        let found = findings(&texts(Some((from, to))), str::to_owned);
        let of_code: Vec<&String> = found.iter().filter(|found| found.starts_with(code)).collect();
        assert!(!of_code.is_empty(), "{to}: {found:#?}");
        assert!(of_code.iter().all(|found| found.split(' ').count() > 2), "both places, {to}: {found:#?}");
    }
}
