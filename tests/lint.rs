//! `wf lint` on skills that others wrote, and on files that nobody should.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder beside the project that holds skills of others; most machines have none.
fn shared(name: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(name);
    if path.exists() {
        return fs::canonicalize(path).ok();
    }
    eprintln!("skipped: there is no ../shared/{name} beside the project");
    None
}

/// A finding: where and what.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    file: String,
    line: u64,
    code: String,
    message: String,
    primary: String,
}

/// What is said about a folder, with files relative to it, and the exit code.
fn lint(folder: &Path, arguments: &[&str]) -> (Vec<Found>, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_wf"))
        .args(["lint", ".", "--format=json"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("wf runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("no report: {}", String::from_utf8_lossy(&output.stderr));
    });
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let found = report["diagnostics"].as_array().expect("a list").iter().map(|found| {
        let primary = &found["primary"];
        let file = text(&primary["file"]);
        let place = |key: &str| usize::try_from(primary[key].as_u64().unwrap_or_default()).unwrap_or_default();
        let source = fs::read(folder.join(&file)).unwrap_or_default();
        let marked = source.get(place("start")..place("end")).unwrap_or_default();
        Found {
            line: primary["line"].as_u64().unwrap_or_default(),
            code: text(&found["code"]),
            message: text(&found["message"]),
            primary: String::from_utf8_lossy(marked).into_owned(),
            file,
        }
    });
    (found.collect(), output.status.code())
}

/// The script finds dead links in its own way: with patterns, line by line.
fn dead_links(folder: &Path) -> Option<Vec<(String, u64, String)>> {
    let script = shared("tools/count_links.py")?;
    let output = Command::new("python3").arg(script).arg(".").current_dir(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let mut found: Vec<(String, u64, String)> = lines
        .map(|line| {
            let mut parts = line.splitn(3, ':');
            let mut next = || parts.next().expect("file:line:target").to_owned();
            let (file, line, target) = (next(), next(), next());
            (file.trim_start_matches("./").to_owned(), line.parse().expect("a line"), target)
        })
        .collect();
    found.sort();
    Some(found)
}

#[test]
fn dead_links_are_those_that_a_script_finds() {
    for (name, count) in [("corpus", 72), ("seed", 45)] {
        let Some(folder) = shared(name) else { continue };
        let Some(expected) = dead_links(&folder) else {
            eprintln!("skipped: python3 does not run ../shared/tools/count_links.py");
            continue;
        };
        let (found, _) = lint(&folder, &[]);
        let is_dead = |found: &&Found| ["SK401", "SK405", "SK406"].contains(&found.code.as_str());
        let mut dead: Vec<_> =
            found.iter().filter(is_dead).map(|found| (found.file.clone(), found.line, found.primary.clone())).collect();
        dead.sort();
        assert_eq!(dead, expected, "{name}");
        assert_eq!(dead.len(), count, "{name}");
    }
}

#[test]
fn the_seed_has_dead_links_and_nothing_of_the_world() {
    let Some(folder) = shared("seed") else { return };
    let (found, exit) = lint(&folder, &[]);
    let links: BTreeSet<(&str, &str)> = found
        .iter()
        .filter(|found| found.code == "SK401")
        .map(|found| (found.file.rsplit('/').next().unwrap_or_default(), found.primary.as_str()))
        .collect();
    let of = |file: &str| links.iter().filter(|(found, _)| *found == file).count();
    assert_eq!((of("SKILL.md"), of("phase-8-implementation.md")), (25, 3), "targets of each file");
    assert!(!found.iter().any(|found| found.code.starts_with("SK6")), "there is no project around: {found:#?}");
    assert_eq!(exit, Some(1));
}

#[test]
fn the_configuration_of_the_project_is_asked() {
    let Some(folder) = shared("corpus") else { return };
    let (found, _) = lint(&folder, &[]);
    let config: Vec<_> = found.iter().filter(|found| found.code == "SK604").collect();
    assert_eq!(config.len(), 1, "{config:#?}");
    assert!(config[0].message.contains("`integration`") && config[0].message.contains("`MAX_P0_FIX_ATTEMPTS`"));
    let anchors: Vec<_> = found.iter().filter(|found| found.code == "SK402" && found.line == 39).collect();
    assert!(anchors.iter().any(|found| found.file.ends_with("phase-8-implementation.md")), "{anchors:#?}");
}

/// Two hundred findings, drawn at random, each judged by reading: all of them hold, and are still reported.
#[test]
fn the_sample_that_was_read_is_still_found() {
    let table = fs::read_to_string(root().join("tests/data/lint-sample.tsv")).expect("the table is there");
    let mut rows: BTreeMap<(String, u64, String), usize> = BTreeMap::new();
    let rows_of_it = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    for line in rows_of_it {
        let [file, line, code, verdict, why] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("five cells: {line}")
        };
        assert_eq!(verdict, "true", "{file}:{line}: a finding that is not so is no finding");
        assert!(!why.is_empty(), "{file}:{line}");
        *rows.entry((file.to_owned(), line.parse().expect("a line"), code.to_owned())).or_default() += 1;
    }
    assert_eq!(rows.values().sum::<usize>(), 200);
    let Some(folder) = shared("corpus") else { return };
    let mut found: BTreeMap<(String, u64, String), usize> = BTreeMap::new();
    for finding in lint(&folder, &[]).0 {
        *found.entry((finding.file, finding.line, finding.code)).or_default() += 1;
    }
    let missing: Vec<_> =
        rows.iter().filter(|(row, count)| found.get(*row).is_none_or(|found| found < *count)).collect();
    assert!(missing.is_empty(), "no longer reported: {missing:#?}");
}

// ── Files that nobody should write ──────────────────────────────────────────────────────────────

const FRONT: &str = "---\nname: skill\ndescription: Is hostile. Use when testing.\n---\n";

/// A skill in a folder of its own, and what is said about it; an answer within seconds, with an ordinary exit code.
fn hostile(write: impl FnOnce(&Path)) -> Vec<Found> {
    let folder = tempfile::tempdir().expect("a folder");
    let skill = folder.path().join("skill");
    fs::create_dir(&skill).expect("a folder");
    write(&skill);
    let started = Instant::now();
    let (found, exit) = lint(folder.path(), &["--profile=spec"]);
    assert!(started.elapsed() < Duration::from_secs(20), "it took {:?}", started.elapsed());
    assert!(matches!(exit, Some(0 | 1)), "it ended with {exit:?}: {found:#?}");
    found
}

/// The codes for one `SKILL.md`.
fn of_main(bytes: impl AsRef<[u8]>) -> Vec<String> {
    let found = hostile(|skill| fs::write(skill.join("SKILL.md"), bytes).expect("it is written"));
    found.into_iter().map(|found| found.code).collect()
}

#[test]
fn deep_front_matter_is_refused() {
    let flow = format!("---\nname: skill\nmetadata: {}{}\n---\n", "[".repeat(5_000), "]".repeat(5_000));
    assert_eq!(of_main(flow), ["SK106"]);
    // Deeper, and the indents alone make the file too large.
    let block: String = (0..2_500).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(of_main(format!("---\n{block}---\n")).contains(&"SK106".to_owned()));
}

#[test]
fn alias_bombs_are_refused() {
    let levels: String = (1..30).map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1)).collect();
    assert_eq!(of_main(format!("---\na0: &a0 [x, x]\n{levels}---\n")), ["SK105"]);
}

#[test]
fn duplicate_keys_are_one_finding_each() {
    assert_eq!(of_main(FRONT.replace("---\nname", "---\nname: skill\nname")), ["SK104"]);
}

#[test]
fn marks_and_line_ends_are_understood() {
    assert_eq!(of_main(format!("\u{FEFF}{FRONT}")), ["SK003"]);
    assert_eq!(of_main(FRONT.replace('\n', "\r\n")), [""; 0]);
    assert_eq!(of_main(format!("{FRONT}a\r\nb\r\n")), ["SK004"]);
    assert_eq!(of_main(format!("{FRONT}a\0b\n")), ["SK005"]);
}

#[test]
fn yes_is_a_name_that_needs_quotes() {
    assert_eq!(of_main(FRONT.replace("name: skill", "name: yes")), ["SK107", "SK205"]);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_eq!(of_main([FRONT.as_bytes(), b"\xff\xfe"].concat()), ["SK002"]);
    assert_eq!(of_main([b"---\nname: \xff\n---\n".as_slice()].concat()), ["SK002"]);
}

#[test]
fn a_large_file_is_refused_before_it_is_read() {
    let started = Instant::now();
    let found = hostile(|skill| {
        fs::write(skill.join("SKILL.md"), FRONT).expect("it is written");
        let large = fs::File::create(skill.join("large.md")).expect("it is made");
        large.set_len(100_000_000).expect("it has holes");
    });
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "SK006");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
#[test]
fn links_of_folders_are_not_followed_in_circles() {
    use std::os::unix::fs::symlink;
    let found = hostile(|skill| {
        fs::write(skill.join("SKILL.md"), format!("{FRONT}[a](loop/loop/SKILL.md) [b](gone.md) [c](self.md)\n"))
            .expect("it is written");
        symlink(".", skill.join("loop")).expect("a link");
        symlink("nowhere", skill.join("gone.md")).expect("a link");
        symlink("self.md", skill.join("self.md")).expect("a link");
    });
    let codes: Vec<&str> = found.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(codes, ["SK401", "SK401"], "{found:#?}");
}

/// Whatever a link leads to may belong to somebody else.
#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_not_mended() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().expect("a folder");
    let (skill, other) = (folder.path().join("skills/skill"), folder.path().join("other.md"));
    let marked = format!("\u{FEFF}{FRONT}\n# Skill\n");
    fs::create_dir_all(&skill).expect("a folder");
    fs::write(&other, &marked).expect("it is written");
    symlink(&other, skill.join("SKILL.md")).expect("a link");
    let mend = || {
        let done = Command::new(env!("CARGO_BIN_EXE_wf"))
            .args(["lint", "--fix", "skills"])
            .current_dir(folder.path())
            .output();
        let done = done.expect("it runs");
        [done.stdout, done.stderr].map(|text| String::from_utf8_lossy(&text).into_owned())
    };
    let [found, said] = mend();
    assert!(said.contains("not mended: skills/skill/SKILL.md is a link to another file"), "{said}");
    assert!(found.contains("SK003"), "it is still there: {found}");
    assert_eq!(fs::read_to_string(&other).expect("it is there"), marked);
    // The file itself is.
    fs::remove_file(skill.join("SKILL.md")).expect("it goes");
    fs::write(skill.join("SKILL.md"), &marked).expect("it is written");
    let [found, _] = mend();
    assert!(!found.contains("SK003"), "{found}");
    assert_eq!(fs::read_to_string(skill.join("SKILL.md")).expect("it is there"), marked.trim_start_matches('\u{FEFF}'));
}

#[test]
fn a_link_above_everything_leads_nowhere() {
    let up = "../".repeat(200);
    let found =
        of_main(format!("{FRONT}[a]({up}etc/passwd)\n[b](/etc/passwd)\n[c](file:///etc/passwd)\n[d](~/x.md)\n"));
    assert_eq!(found, ["SK401", "SK404", "SK404", "SK404"]);
}

#[test]
fn ten_thousand_files_are_read() {
    let found = hostile(|skill| {
        fs::write(skill.join("SKILL.md"), format!("{FRONT}Everything in `references/`.\n")).expect("it is written");
        let references = skill.join("references");
        fs::create_dir(&references).expect("a folder");
        for index in 0..10_000 {
            let next = (index + 1) % 10_000;
            fs::write(references.join(format!("{index}.md")), format!("# {index}\n\n[next]({next}.md#{next})\n"))
                .expect("it is written");
        }
    });
    assert!(found.is_empty(), "{:#?}", &found[..found.len().min(5)]);
}

/// Where phases are told, what is said of them is compared.
const PHASES: &str = "| Phase | Name | Gate |\n|---|---|---|\n| 1 | A | |\n| 2 | B | |\n| 3 | C | |\n\n";

#[test]
fn markdown_of_every_shape_ends() {
    let texts = [
        "[".repeat(100_000),
        "> ".repeat(20_000),
        "- ".repeat(10_000),
        "`".repeat(100_000),
        "<!--".repeat(20_000),
        format!("{}\n{}\n{}\n", "|a".repeat(5_000), "|-".repeat(5_000), "|b".repeat(5_000)),
        "# a\n".repeat(20_000),
        "[a](#a)\n".repeat(20_000),
        "![".repeat(20_000),
        "<!-- wf-allow SK401: x -->\n".repeat(2_000),
        format!("{PHASES}{}", "proceed to phase 9\n".repeat(20_000)),
        format!("{PHASES}{}", "- Gate 1 (after phase 2): look\n".repeat(20_000)),
        format!(
            "{PHASES}**Sizes:** SMALL, LARGE\n\nSMALL:\n\n{}",
            "- Skips phase 2\n- SMALL skips phase 2\n".repeat(10_000)
        ),
        PHASES.to_owned() + &(0..20_000).map(|n| format!("- Max word{n} count: {n}\n")).collect::<String>(),
        PHASES.to_owned()
            + &(0..20_000).map(|n| format!("The line count must be at most {n} words\n")).collect::<String>(),
    ];
    for text in texts {
        of_main(format!("{FRONT}{text}"));
    }
}
