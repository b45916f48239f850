//! What `wf diff` and `wf mutate` are built on: the same meaning is no difference, another meaning is one, and each kind of
//! mutant is made, compiles, and means something else unless it is found out to mean the same.
#![allow(clippy::disallowed_methods, reason = "a test reads the files of the project")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use gatewright::compare::compare;
use gatewright::compile::{self, Checked};
use gatewright::mutate::{self, Fate, Kind};
use gatewright::source::{Link, SourceMap, Wanted};
use support::{Seeded, clean, formatted, shipped};

/// The messages of what two texts mean differently; `None` when one of them is not sound.
fn differences(old: &str, new: &str) -> Option<Vec<(String, bool)>> {
    let (mut old_map, mut new_map) = (SourceMap::new(), SourceMap::new());
    let (old_file, new_file) = (old_map.add("old.wf", old), new_map.add("new.wf", new));
    let (old, new) = (compile::check(&old_map, old_file), compile::check(&new_map, new_file));
    old.sound().and(new.sound())?;
    let found = compare(&old.analysis, &new.analysis).expect("small enough to be decided");
    Some(found.differences.into_iter().map(|found| (found.message, found.breaking)).collect())
}

fn told(old: &str, new: &str) -> Vec<(String, bool)> {
    let said = |text: &str| with_checked(text, |checked| format!("{:?}", checked.diagnostics));
    differences(old, new).unwrap_or_else(|| panic!("{}\n{old}\n--- and\n{}\n{new}", said(old), said(new)))
}

fn with_checked<T>(text: &str, see: impl FnOnce(&Checked<'_>) -> T) -> T {
    let mut map = SourceMap::new();
    let file = map.add("a.wf", text);
    see(&compile::check(&map, file))
}

fn workflows(folder: &str) -> Vec<(PathBuf, String)> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder of the project").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "wf")
                && let Ok(text) = fs::read_to_string(&path)
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_file_means_what_it_means() {
    let mut compared = 0;
    for name in shipped::names() {
        let (sources, file) = shipped::load(&name);
        let checked = compile::check(&sources, file);
        assert!(checked.sound().is_some(), "{name}: {:?}", checked.diagnostics);
        let found = compare(&checked.analysis, &checked.analysis).expect("small enough to be decided");
        assert!(found.differences.is_empty() && found.wordings.is_empty(), "{name}: {found:?}");
    }
    for (path, text) in workflows("tests/corpus") {
        if let Some(found) = differences(&text, &text) {
            assert_eq!(found, [], "{}", path.display());
            compared += 1;
        }
    }
    assert!(compared > 50, "only {compared} files of the corpus are sound");
}

#[test]
fn the_canonical_form_and_another_order_of_declarations_mean_the_same() {
    let mut seeded = Seeded::new(11);
    let mut compared = 0;
    for _ in 0..40 {
        let text = clean::file(&seeded.choices(120));
        if !with_checked(&text, |checked| checked.sound().is_some()) {
            continue;
        }
        let other = declarations_reversed(&formatted(&text).0);
        let found = told(&text, &other);
        assert_eq!(found, [], "--- from\n{text}\n--- to\n{other}");
        compared += usize::from(text != other);
    }
    assert!(compared > 10, "only {compared} files changed");
}

/// Enums, facts, limits and agents in the opposite order, behind the rest. Inputs keep their place among the facts.
fn declarations_reversed(canonical: &str) -> String {
    let mut items: Vec<String> = Vec::new();
    for line in canonical.lines() {
        let begins = line.chars().next().is_some_and(|first| first.is_ascii_lowercase());
        match items.last_mut() {
            Some(item) if !begins => item.push_str(line),
            _ => items.push(line.to_string()),
        }
        items.last_mut().expect("one was pushed").push('\n');
    }
    let is_declaration =
        |item: &String| ["enum ", "fact ", "limit ", "agent "].iter().any(|word| item.starts_with(word));
    let (mut moved, kept): (Vec<String>, Vec<String>) = items.into_iter().partition(is_declaration);
    moved.reverse();
    kept.concat() + &moved.concat()
}

#[test]
fn the_operands_of_a_condition_have_no_order() {
    let flow = |condition: &str| {
        format!(
            "workflow w\n\nenum Size {{ SMALL < MEDIUM < LARGE }}\n\nfact size: Size\n\nfact [a, b]: bool\n\nphase triage {{\n  \
             decides [size, a, b]\n}}\n\nphase build when {condition}\n\nphase end\n"
        )
    };
    let same = [
        ("a and b", "b and a"),
        ("a or b", "not (not a and not b)"),
        ("size >= MEDIUM", "size in [LARGE, MEDIUM]"),
        ("size == MEDIUM and a", "a and size > SMALL and size < LARGE"),
    ];
    for (old, new) in same {
        assert_eq!(told(&flow(old), &flow(new)), [], "{old} and {new}");
    }
    let other = [
        ("size >= MEDIUM", "size == LARGE", "MEDIUM no longer runs `build`", true),
        ("size == LARGE", "size >= MEDIUM", "MEDIUM now runs `build`", false),
        ("a and b", "a", "phase `build` now runs when a = true, b = false", false),
        ("a", "a and size >= MEDIUM", "phase `build` no longer runs when size = SMALL, a = true", true),
    ];
    for (old, new, message, breaking) in other {
        assert_eq!(told(&flow(old), &flow(new)), [(message.to_string(), breaking)], "{old} and {new}");
    }
}

/// What a base and an heir, and two heirs, mean differently: the roles that agents fill are what they are compared by.
#[test]
fn an_agent_that_fills_a_role_is_compared_with_the_role() {
    let base = "workflow base\n\nagent maker\n\nagent judge\n\nfact good: bool\n\nphase build {\n  spawn maker \"Build\"\n}\n\n\
                phase review {\n  spawn judge \"Review\" {\n    returns good\n  }\n  gate fine {\n    require good\n    on fail -> fix by maker at most 2\n  }\n}\n\n\
                always spawn maker before fine\n\ntest \"bad work is mended\" {\n  given good = false\n  expect fine -> fix by maker\n}\n";
    let heir = |agents: &str| format!("use \"base.wf\"\n\nworkflow heir extends base\n\n{agents}\n");
    let told = |agents: [Option<&str>; 2]| {
        let mut sources = SourceMap::new();
        let base = sources.add("base.wf", base);
        let files = agents.map(|agents| match agents {
            Some(agents) => {
                let file = sources.add("heir.wf", heir(agents));
                sources.link(file, Wanted::Declarations, "base.wf", Link::File(base));
                file
            }
            None => base,
        });
        let [old, new] = files.map(|file| compile::check(&sources, file));
        let said = format!("{:?}\n{:?}", old.diagnostics, new.diagnostics);
        assert!(old.sound().is_some() && new.sound().is_some(), "{said}");
        let found = compare(&old.analysis, &new.analysis).expect("small enough to be decided");
        assert!(found.wordings.is_empty(), "{:?}", found.wordings);
        found.differences.into_iter().map(|found| (found.message, found.breaking)).collect::<Vec<_>>()
    };
    let same = |agents: [Option<&str>; 2], expected: &[&str]| {
        let expected: Vec<(String, bool)> = expected.iter().map(|message| ((*message).to_string(), false)).collect();
        assert_eq!(told(agents), expected, "{agents:?}");
    };
    let (smith, both) = ("agent smith for maker", "agent smith for [maker, judge]");
    same([None, Some(smith)], &["agent `smith` stands in the place of `maker`"]);
    same([Some(smith), None], &["agent `maker` stands in the place of `smith`"]);
    same([Some(smith), Some("agent mason for maker")], &["agent `mason` stands in the place of `smith`"]);
    same([Some(smith), Some(both)], &["agent `smith` stands in the place of `judge`"]);
    let filled = ["agent `smith` stands in the place of `maker`", "agent `smith` stands in the place of `judge`"];
    same([None, Some(both)], &filled);
    same([None, Some("agent maker for judge")], &["agent `maker` stands in the place of `judge`"]);
    // Who only has the name of a role fills none.
    let told = told([
        None,
        Some("agent smith for maker\n\nagent maker\n\ninsert phase help after build {\n  spawn maker \"Help\"\n}"),
    ]);
    let expected = ["agent `smith` stands in the place of `maker`", "agent `maker` added", "phase `help` added"];
    assert_eq!(told, expected.map(|message| (message.to_string(), false)));
}

const RELEASE: &str = include_str!("data/release.wf");

/// `RELEASE` with one piece of text replaced, as it is told.
fn edited(from: &str, to: &str) -> Vec<(String, bool)> {
    // Its test would notice some of these itself.
    let release = RELEASE.split("\ntest ").next().expect("it has a test");
    assert_eq!(release.matches(from).count(), 1, "{from}");
    told(release, &release.replace(from, to))
}

#[test]
fn a_weaker_promise_is_breaking_and_others_are_not() {
    let one = |message: &str, breaking: bool| vec![(message.to_string(), breaking)];
    assert_eq!(
        edited("  require lint \"Lint\" by run \"make lint\"\n", ""),
        one("gate `quality`: requirement `lint` removed", true)
    );
    assert_eq!(
        edited("by run \"make lint\"", "by checklist \"Lint was run\""),
        one("gate `quality`: evidence of `lint` is a checklist, which is a claim, was command `make lint`", true)
    );
    assert_eq!(edited("  override by user \"Hurry.\"\n", ""), one("gate `go`: override by a person removed", false));
    assert_eq!(edited("limit fixes = 2", "limit fixes = 20"), one("limit `fixes`: number raised from 2 to 20", true));
    assert_eq!(edited("limit fixes = 2", "limit fixes = 1"), one("limit `fixes`: number lowered from 2 to 1", false));
    assert_eq!(edited("at most 3 {", "at most 4 {"), one("loop `rounds`: bound raised from 3 to 4", true));
    assert_eq!(edited("  tools [Read, Bash]\n", "  tools Read\n"), one("agent `builder`: tool `Bash` removed", false));
    assert_eq!(edited("score >= 80", "score >= 70"), one("gate `quality` now lets through when score = 70..79", true));
    assert_eq!(
        edited("always testing before go when size >= MEDIUM", ""),
        one("property `always testing before go` removed", true)
    );
    assert_eq!(edited(" irreversible", ""), one("phase `publish`: `irreversible` removed", true));
    assert_eq!(edited("SMALL and score >= 50 -> LARGE", "SMALL and score >= 60 -> LARGE"), {
        one("phase `look`: revision of `size` changed", false)
    });
    assert_eq!(edited("at most 3 {", "at most 3 {\n  // said\n"), []);
    assert_eq!(edited(" after look", ""), one("phase `docs` now stands after `extra`", false));
}

#[test]
fn a_gate_that_moves_tells_what_it_no_longer_holds_back() {
    let go = RELEASE.split("gate go").nth(1).and_then(|rest| rest.split("\n}\n").next()).expect("it is there");
    let gate = format!("gate go{go}\n}}\n");
    let moved = RELEASE.replace(&gate, "").replace("phase publish irreversible\n", "phase publish\n");
    let base = RELEASE.replace("phase publish irreversible\n", "phase publish\n");
    let moved = format!("{moved}\n{gate}");
    assert_eq!(
        told(&base, &moved),
        [("gate `go` now stands after `sure` and `publish`, so `go` no longer holds back `sure`".to_string(), true)]
    );
}

#[test]
fn every_kind_of_mutant_is_made_and_can_be_read() {
    let mut kinds = Vec::new();
    let mut see = |checked: &Checked<'_>| {
        let mut files = Vec::new();
        for mutant in mutate::mutants(checked) {
            kinds.push(mutant.kind);
            files.push(mutant.span.file);
            let text = &checked.sources.get(mutant.span.file).text;
            let mutated = mutant.apply(text);
            assert_ne!(mutated, *text, "{}", mutant.what);
            let mut map = SourceMap::new();
            let file = map.add("m.wf", mutated.clone());
            let (_, unread) = gatewright::syntax::parse(file, &map.get(file).text);
            assert!(unread.is_empty(), "{}: {:?}\n{mutated}", mutant.what, unread);
        }
        files.sort();
        files.dedup();
        files.len()
    };
    assert_eq!(with_checked(RELEASE, &mut see), 1);
    for name in shipped::names() {
        let (sources, file) = shipped::load(&name);
        let checked = compile::check(&sources, file);
        assert_eq!(see(&checked), 1 + checked.analysis.model.bases.len(), "{name}");
    }
    for kind in Kind::ALL {
        assert!(kinds.contains(&kind), "no {}", kind.words());
    }
}

#[test]
fn a_mutant_is_killed_means_the_same_or_survives() {
    with_checked(RELEASE, |checked| {
        assert!(checked.sound().is_some(), "{:?}", checked.diagnostics);
        let fate = |what: &str| {
            let mutants = mutate::mutants(checked);
            let mutant = mutants.iter().find(|mutant| mutant.what == what);
            let all = || mutants.iter().map(|mutant| mutant.what.as_str()).collect::<Vec<_>>().join("\n");
            mutate::judge(checked, mutant.unwrap_or_else(|| panic!("no mutant `{what}` among\n{}", all())))
        };
        let killed_by = |what: &str| match fate(what) {
            Fate::Killed { code, .. } => code,
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(killed_by("gate `sure` removed"), "WF508");
        assert_eq!(killed_by("`size == LARGE` flipped"), "WFT03");
        assert_eq!(killed_by("requirement `lint` of `quality` removed"), "WFT03");
        assert_eq!(fate("bound raised from 3 to 30"), Fate::Survived);
        assert_eq!(fate("limit `fixes` raised from 2 to 20"), Fate::Survived);
        // Whether `docs` waits for the phases before it by name or by its place is the same.
        assert_eq!(fate("`after look` of `docs` dropped"), Fate::Survived);
        assert_eq!(fate("`after testing` of `notes` dropped"), Fate::Equivalent);
    });
}

/// `docs/proofs.md` says why each of the others is left.
#[test]
fn the_shipped_workflow_notices_nearly_everything_that_is_done_to_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a file of the project");
    let proofs = read("docs/proofs.md");
    let (sources, file) = shipped::load("integration-development.wf");
    let judged: Vec<(String, Fate)> = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            let sources = &sources;
            scope.spawn(move || {
                let checked = compile::check(sources, file);
                assert!(checked.sound().is_some(), "{:?}", checked.diagnostics);
                let mutants = mutate::mutants(&checked);
                let own = mutants.iter().skip(half).step_by(2);
                own.map(|mutant| (mutant.what.clone(), mutate::judge(&checked, mutant))).collect::<Vec<_>>()
            })
        });
        halves.into_iter().flat_map(|half| half.join().expect("no mutant ends it")).collect()
    });
    let counted: Vec<_> = judged.iter().filter(|(_, fate)| *fate != Fate::Equivalent).collect();
    let survivors: Vec<&str> =
        counted.iter().filter(|(_, fate)| *fate == Fate::Survived).map(|(what, _)| what.as_str()).collect();
    assert!(counted.len() > 100, "{} mutants", counted.len());
    assert!(survivors.len() * 20 <= counted.len(), "{} survive of {}: {survivors:?}", survivors.len(), counted.len());
    for survivor in survivors {
        let name = survivor.split('`').nth(1).unwrap_or(survivor);
        assert!(proofs.contains(&format!("`{name}`")), "docs/proofs.md does not say why this survives: {survivor}");
    }
}
