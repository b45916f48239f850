//! The documents for users are executed: examples are checked, outputs compared, links followed.
//!
//! `BLESS=1 cargo test --test documents` writes the generated parts again: the error in the README and the picture.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gatewright::compile::{self, Checked};
use gatewright::diagnostic::{Diagnostic, Severity};
use gatewright::emit::skill;
use gatewright::family;
use gatewright::render::{self, Options, Summary};
use gatewright::source::SourceMap;
use gatewright::syntax;

const LANGUAGE: &str = "docs/language.md";
const DOCUMENTS: &[&str] = &["README.md", LANGUAGE, "docs/style.md"];
const HELLO: &str = "workflows/hello.wf";
/// What the README takes out of `hello.wf` to show a finding.
const TAKEN_OUT: &str = "yes \"Merge it\"";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn bless() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn wf(arguments: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wf"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command.output().expect("the binary runs")
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("output is UTF-8")
}

// ── Blocks ───────────────────────────────────────────────────────────────────────────────────────

/// A fenced block of a document.
struct Block {
    /// What stands behind the opening fence.
    tag: String,
    text: String,
    /// Of the fence, from 1.
    line: usize,
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in document.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some("")) => blocks.extend(open.take()),
            (Some(block), _) => block.text.extend([line, "\n"]),
            (None, Some(tag)) => open = Some(Block { tag: tag.to_string(), text: String::new(), line: index + 1 }),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a fence is not closed");
    blocks
}

fn is_whole(example: &str) -> bool {
    example.lines().any(|line| line.starts_with("workflow "))
}

/// The items that stand before the examples that are no whole files.
fn prelude() -> String {
    let document = read(LANGUAGE);
    let (_, section) = document.split_once("\n### The prelude of the examples\n").expect("it has its heading");
    blocks(section).remove(0).text
}

/// An example as a file, with the offset at which it begins there.
fn file(example: &str) -> (String, usize) {
    if is_whole(example) {
        return (example.to_string(), 0);
    }
    let prelude = prelude();
    (format!("{prelude}\n{example}"), prelude.len() + 1)
}

/// What is said about an example: errors wherever they are, warnings where they are not about the prelude alone.
fn said<'d>(checked: &'d Checked<'_>, from: usize) -> Vec<&'d Diagnostic> {
    let counts = |found: &Diagnostic| match found.severity() {
        Severity::Error => true,
        Severity::Warning => found.primary.span.start as usize >= from,
        Severity::Note => false,
    };
    checked.diagnostics.iter().filter(|found| counts(found)).collect()
}

fn rendered(sources: &SourceMap, checked: &Checked<'_>) -> String {
    let mut out = Vec::new();
    let summary = Summary::new(1, &checked.diagnostics);
    render::render(&mut out, sources, &checked.diagnostics, &summary, &Options::default()).expect("a vector takes all");
    shown(&out)
}

#[test]
fn examples_say_what_they_should() {
    let mut faults = String::new();
    for block in blocks(&read(LANGUAGE)).into_iter().filter(|block| block.tag.split(' ').next() == Some("wf")) {
        let (text, from) = file(&block.text);
        let (sources, id) = family::example(&text);
        let checked = compile::check(&sources, id);
        let from = if block.text == prelude() { text.len() } else { from };
        let codes: BTreeSet<&str> = said(&checked, from).iter().map(|found| found.code.id).collect();
        let expected: BTreeSet<&str> = block.tag.strip_prefix("wf fails ").into_iter().collect();
        if codes != expected {
            let report = rendered(&sources, &checked);
            faults += &format!("{LANGUAGE}:{}: {codes:?} instead of {expected:?}\n{report}\n", block.line);
        }
        for (id, source) in sources.iter().filter(|(_, source)| source.name.ends_with(".wf")) {
            let (tree, found) = syntax::parse(id, &source.text);
            let formatted = syntax::format(&tree);
            if found.is_empty() && formatted != source.text {
                faults += &format!("{LANGUAGE}:{}: not in canonical form, which is\n{formatted}\n", block.line);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn examples_print_what_they_should() {
    let mut example: Option<Block> = None;
    for block in blocks(&read(LANGUAGE)) {
        match block.tag.as_str() {
            "wf" => example = Some(block),
            "text prints" => {
                let (text, _) = file(&example.as_ref().expect("an example stands before").text);
                let pages = build(&text, &[]).expect("the built-in templates fit");
                let lines: BTreeSet<&str> = pages.iter().flat_map(|(_, page)| page.lines()).collect();
                for line in block.text.lines() {
                    assert!(lines.contains(line), "{LANGUAGE}:{}: no page has the line\n{line}", block.line);
                }
            }
            _ => {}
        }
    }
}

// ── Where statements stand ───────────────────────────────────────────────────────────────────────

/// Bodies by their name in the table, with a file that has a gap where a statement of theirs stands.
const BODIES: &[(&str, &str)] = &[
    ("file", "@"),
    ("loop", "loop l at most 2 {\n @\n}"),
    ("parallel between phases", "parallel {\n @\n}"),
    ("phase", "phase p {\n @\n}"),
    ("stage", "phase p {\n stage s {\n @\n}\n}"),
    ("parallel in a phase", "phase p {\n parallel {\n @\n}\n}"),
    ("each", "phase p {\n each t from x at most 2 {\n @\n}\n}"),
    ("spawn", "phase p {\n spawn a {\n @\n}\n}"),
    ("gate", "gate g {\n @\n}"),
    ("agent", "agent a {\n @\n}"),
    ("skill", "skill s {\n @\n}"),
    ("procedure", "procedure f {\n @\n}"),
    ("abort", "abort {\n @\n}"),
    ("test", "test \"t\" {\n @\n}"),
    ("document", "document skill d {\n @\n}"),
    ("artifact", "phase p {\n produces x {\n @\n}\n}"),
];

/// What stands behind the keyword of a statement to make it whole; placeholders of the table are taken out before.
const REST: &[(&str, &str)] = &[
    ("enum", " E { a | b }"),
    ("input", " i: bool"),
    ("fact", " f: bool"),
    ("let", " c = 1"),
    ("limit", " m = 1"),
    ("output", " \"out/\""),
    ("skip", " q when b"),
    ("agent", " b"),
    ("skill", " r"),
    ("pairs skill", " r"),
    ("requires skill", " r"),
    ("procedure", " h"),
    ("counter", " \"a\" -> \"b\""),
    ("context", " 200k { warn 60% }"),
    ("escalation", " { more \"More\" adds 1 }"),
    ("abort", " { ask \"Q\" }"),
    ("route", " \"*\" { else -> ask }"),
    ("score", " f { }"),
    ("always", " q before r"),
    ("never", " q before r"),
    ("test", " \"u\" { }"),
    ("document", " skill e"),
    ("phase", " q"),
    ("loop", " k at most 2"),
    ("gate", " h"),
    ("parallel", " { }"),
    ("stage", " u"),
    ("spawn", " b"),
    ("each", " n from y at most 2"),
    ("step", " n \"Title\""),
    ("require \"Title\"", ""),
    ("require", " b == c"),
    ("purpose", " \"P\""),
    ("text", " \"T\""),
    ("reads", " y"),
    ("produces", " y"),
    ("budget", " tokens 1k"),
    ("keep unchanged", " [\"a\"]"),
    ("skills", " r"),
    ("tools", " Read"),
    ("decides", " f"),
    ("revises", " f upward"),
    ("checklist", " [\"a\"]"),
    ("requires phase", " q"),
    ("returns", " f"),
    ("prompt", " \"P\""),
    ("writes", " \"a\""),
    ("model", " m"),
    ("on", " fail -> ask"),
    ("ask", " \"Q\""),
    ("override by user", ""),
    ("keep", " [\"a\"]"),
    ("until", " b"),
    ("batch when", " tasks < 3"),
    ("sections", " [\"a\"]"),
    ("path", " \"a\""),
    ("given", " f = true"),
    ("expect", " runs q"),
    ("description", " \"D\""),
    ("command", " \"/c\""),
    ("related", " r"),
    ("section", " \"S\" \"T\""),
];

/// A statement of the table as it is written.
fn statement(shown: &str) -> String {
    let keyword = shown.replace(" NAME", "").replace(" CONDITION", "");
    let (_, rest) =
        REST.iter().find(|(known, _)| *known == keyword).unwrap_or_else(|| panic!("`{shown}` has no sample"));
    match keyword.as_str() {
        "require \"Title\"" => "require n \"Title\"".to_string(),
        _ => format!("{keyword}{rest}"),
    }
}

#[test]
fn statements_stand_where_the_table_says() {
    let document = read(LANGUAGE);
    let (_, section) = document.split_once("\n### Where statements stand\n").expect("it has its heading");
    let rows = section.lines().skip_while(|line| !line.starts_with("| `")).take_while(|line| line.starts_with("| `"));
    let mut faults = String::new();
    let mut shown = 0;
    for row in rows {
        let (statements, places) = row.trim_matches(['|', ' ']).rsplit_once(" | ").expect("two cells");
        let places: Vec<&str> = places.split(", ").collect();
        for place in &places {
            assert!(BODIES.iter().any(|(known, _)| known == place), "`{place}` is no body");
        }
        for name in statements.split(", ").map(|name| name.trim_matches('`')) {
            shown += 1;
            for (body, gap) in BODIES {
                let text = format!("workflow w\n\n{}\n", gap.replace('@', &statement(name)));
                let mut sources = SourceMap::new();
                let id = sources.add("example.wf", &text);
                let checked = compile::check(&sources, id);
                let has = |code| checked.diagnostics.iter().any(|found| found.code.id == code);
                if has("WF001") || has("WF004") {
                    faults += &format!("`{name}` cannot be read:\n{text}\n");
                }
                let stands = !has("WF006") && !has("WF503");
                if stands != places.contains(body) {
                    faults += &format!("`{name}` in {body}: {stands}\n");
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert_eq!(shown, REST.len(), "the table names every statement");
}

// ── Templates ────────────────────────────────────────────────────────────────────────────────────

type Pages = Vec<(String, String)>;

fn build(text: &str, templates: &[(String, String)]) -> Result<Pages, String> {
    let mut sources = SourceMap::new();
    let id = sources.add("example.wf", text);
    let checked = compile::check(&sources, id);
    let Some(sound) = checked.sound() else { panic!("{}", rendered(&sources, &checked)) };
    let files = skill::build(sound, "example.wf", templates).map_err(|fault| fault.message)?;
    Ok(files.into_iter().map(|file| (file.path, file.text)).collect())
}

/// A workflow that uses every template: the large one, with a text for which its page has no room.
fn with_everything() -> String {
    let long = "A line of a text that is too long for its page.\n".repeat(500);
    let head = "phase setup \"Setup\" required {\n";
    let (before, after) = read("workflows/sixteen-phases.wf")
        .split_once(head)
        .map(|(before, after)| (before.to_string(), after.to_string()))
        .expect("it has this phase");
    format!("{before}{head}  text \"\"\"\n{long}\"\"\"\n{after}")
}

#[test]
fn templates_can_use_what_the_table_says() {
    let workflow = with_everything();
    let document = read(LANGUAGE);
    let (_, section) = document.split_once("\n### Templates\n").expect("it has its heading");
    let mut known = 0;
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        if !cells[0].contains(".md") {
            break;
        }
        known += 1;
        let template = cells[0].trim().trim_matches('`').to_string();
        let names = cells[2].trim().trim_end_matches('|').split(", ").map(|name| name.trim().trim_matches('`'));
        let ask = |name| format!("{{% if {name} is not defined %}}no {name} {{% endif %}}");
        let text = format!("asked {}\n", names.map(ask).collect::<String>());
        let pages = build(&workflow, &[(template.clone(), text)]).expect("a template that only asks fits");
        let answers: Vec<&str> = pages.iter().filter_map(|(_, page)| page.strip_prefix("asked")).collect();
        assert!(!answers.is_empty(), "`{template}` writes no page");
        assert!(answers.iter().all(|answer| answer.trim().is_empty()), "`{template}`: {}", answers[0]);
    }
    let built_in = fs::read_dir(root().join("src/emit/templates")).expect("they are there").count();
    assert_eq!(known, built_in, "the table names every template");
}

#[test]
fn the_template_that_is_shown_works() {
    let block = blocks(&read(LANGUAGE)).into_iter().find(|block| block.tag.starts_with("jinja template "));
    let block = block.expect("one is shown");
    let name = block.tag.trim_start_matches("jinja template ").to_string();
    let pages = build(&with_everything(), &[(name.clone(), block.text)]).expect("it fits");
    let (_, page) = pages.iter().find(|(path, _)| path.ends_with(&name)).expect("its page is made");
    assert!(page.contains("# No excuses\n\n- \"P0 validation is redundant\" "), "{page}");
}

// ── README ───────────────────────────────────────────────────────────────────────────────────────

/// The text between the fences of the block with this tag, and the document around it.
fn block_of<'d>(document: &'d str, tag: &str) -> (&'d str, &'d str, &'d str) {
    let (before, rest) = document.split_once(&format!("\n```{tag}\n")).expect("the block is there");
    let end = rest.find("\n```\n").expect("the fence is closed") + 1;
    (&document[..before.len() + tag.len() + 5], &rest[..end], &rest[end..])
}

#[test]
fn the_readme_shows_hello() {
    let readme = read("README.md");
    let (_, excerpt, _) = block_of(&readme, "wf");
    assert!(read(HELLO).contains(excerpt), "the excerpt in the README is not in {HELLO}");
    assert!(readme.lines().count() <= 150, "the README is a page, not a book");
}

#[test]
fn the_readme_shows_a_real_error() {
    let hello = read(HELLO);
    let kept: String = hello.split_inclusive('\n').filter(|line| line.trim() != TAKEN_OUT).collect();
    assert!(kept.len() < hello.len(), "{HELLO} has the line `{TAKEN_OUT}`");
    let folder = tempfile::tempdir().expect("a folder can be made");
    fs::write(folder.path().join("hello.wf"), kept).expect("it can be written");
    let output = wf(&["check", "-q", "hello.wf"], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let found = format!("$ wf check -q hello.wf\n{}{}", shown(&output.stdout), shown(&output.stderr));
    let found = format!("{}\n", found.trim_end());
    let readme = read("README.md");
    let (before, written, after) = block_of(&readme, "console");
    assert!(before.contains(&format!("Without the line `{TAKEN_OUT}`")), "the README says what was taken out");
    if bless() && written != found {
        fs::write(root().join("README.md"), format!("{before}{found}{after}")).expect("it can be written");
        return;
    }
    assert_eq!(written, found, "BLESS=1 writes it again");
}

#[test]
fn the_picture_is_up_to_date() {
    let output = wf(&["graph", HELLO, "--format", "svg"], root());
    assert!(output.status.success(), "{}", shown(&output.stderr));
    let picture = root().join("docs/hello.svg");
    if bless() {
        fs::write(&picture, &output.stdout).expect("it can be written");
    }
    let written = fs::read(&picture).unwrap_or_default();
    assert!(written == output.stdout, "docs/hello.svg is not what wf graph draws; BLESS=1 writes it again");
    assert!(read("README.md").contains("](docs/hello.svg)"), "the README shows it");
}

#[test]
fn the_readme_lists_the_commands() {
    let help = shown(&wf(&["--help"], root()).stdout);
    let (_, commands) = help.split_once("\nCommands:\n").expect("it lists commands");
    let commands = commands.lines().take_while(|line| !line.is_empty());
    let names: Vec<&str> = commands
        .filter(|line| !line.starts_with("    "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    let readme = read("README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `wf "));
    let listed: Vec<&str> = rows.filter_map(|row| row.split([' ', '`']).next()).collect();
    assert_eq!(listed, names);
}

#[test]
fn the_first_command_of_the_readme_works() {
    let readme = read("README.md");
    let first = "cargo run --release -- build workflows/integration-development.wf --out out";
    assert!(readme.lines().take(20).any(|line| line == first), "it stands at the top");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let out = folder.path().to_str().expect("temporary folders have plain names");
    let output = wf(&["build", "workflows/integration-development.wf", "--out", out], root());
    assert!(output.status.success(), "{}", shown(&output.stderr));
    assert!(folder.path().join("orchestrating-integration-development/SKILL.md").is_file());
}

// ── Links ────────────────────────────────────────────────────────────────────────────────────────

/// The lines of a document that stand outside of its fences.
fn prose(document: &str) -> impl Iterator<Item = &str> {
    let mut inside = false;
    document.lines().filter(move |line| {
        let fence = line.starts_with("```");
        inside ^= fence;
        !inside && !fence
    })
}

/// The anchors of the headings, as GitHub makes them.
fn anchors(document: &str) -> BTreeSet<String> {
    let headings = prose(document).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    headings.map(|heading| heading.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")).collect()
}

fn targets(document: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for line in prose(document) {
        // What stands in backticks is no link.
        let plain: String = line.split('`').step_by(2).collect();
        targets.extend(plain.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(to, _)| to.to_string()));
    }
    targets
}

#[test]
fn links_lead_somewhere() {
    let mut faults = String::new();
    for name in DOCUMENTS {
        let document = read(name);
        let folder: PathBuf = root().join(name).parent().expect("a file is in a folder").to_path_buf();
        for target in targets(&document).into_iter().filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if path.is_empty() { root().join(name) } else { folder.join(path) };
            let there = file.exists()
                && (anchor.is_empty() || fs::read_to_string(&file).is_ok_and(|text| anchors(&text).contains(anchor)));
            if !there {
                faults += &format!("{name}: {target} leads nowhere\n");
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
