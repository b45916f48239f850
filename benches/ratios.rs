//! Every goal of speed and memory as a ratio inside one run: `cargo bench --bench ratios [-- ROW…]`.
//!
//! Prints one line per goal, `name value goal ok|short`, and writes the same to `target/ratios.json`. A row whose part
//! does not exist yet is absent. What the ratios are made of goes to standard error. See `support` for the inputs.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gatewright::analysis::Analysis;
use gatewright::compile::{self, Checked};
use gatewright::model::NodeId;
use gatewright::source::{FileId, SourceMap};
use gatewright::syntax;
use gatewright::{checks, emit};
use support::{clock, input};

/// How many phases the generated workflow has that `start` and `emit` are measured on.
const SMALL: usize = 16;

/// A workflow of 16 phases that is shipped, and the one that it extends: together eight times as long as a generated one.
/// Shown beside it, without a goal.
const SHIPPED: &str = "workflows/integration-development.wf";
const EXTENDED: &str = "workflows/sixteen-phases.wf";

/// What the memory goal leaves to every file, however small.
const MEMORY_FLOOR: f64 = 4.0 * 1024.0 * 1024.0;

fn main() {
    // `cargo test --benches` starts this too, without the flag.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let wanted = arguments.into_iter().filter(|argument| !argument.starts_with("--")).collect();
    let mut report = Report { wanted, rows: Vec::new() };
    size_rows(&mut report);
    conditions(&mut report);
    memory(&mut report);
    process_rows(&mut report);
    faulty(&mut report);
    formatting(&mut report);
    linting(&mut report);
    report.write();
}

// ── Rows ────────────────────────────────────────────────────────────────────────────────────────

/// `check` against the bare parse, and its cost per phase as files grow.
fn size_rows(report: &mut Report) {
    if !report.wants(&["check-1k", "check-10k", "growth-10k", "growth-100k"]) {
        return;
    }
    let small = Compared::measure(1_000, 40);
    report.row("check-1k", small.ratio(), 1.6);
    if report.wants(&["check-10k", "growth-10k", "growth-100k"]) {
        let middle = Compared::measure(10_000, 10);
        report.row("check-10k", middle.ratio(), 1.5);
        report.row("growth-10k", middle.per_phase() / small.per_phase(), 1.15);
    }
    if report.wants(&["growth-100k"]) {
        let large = Compared::measure(100_000, 3);
        report.row("growth-100k", large.per_phase() / small.per_phase(), 1.3);
    }
}

/// Everything that is asked about all variants, from the conditions of the items to the last check, against the bare
/// parse; none may be undecided.
fn conditions(report: &mut Report) {
    if !report.wants(&["conditions-10k"]) {
        return;
    }
    let (sources, file) = loaded(input::clean(10_000));
    let analysed = || compile::check(&sources, file).analysis;
    let analysis = analysed();
    let decided = analysis.decided().is_ok();
    let nodes = (0..analysis.model.nodes.len()).map(NodeId::new);
    let edges: usize = nodes.map(|node| analysis.graph.before(node).count()).sum();
    let questions = analysis.questions();
    drop(analysis);
    let (mut asked, mut parse) = (Duration::MAX, Duration::MAX);
    for _ in 0..10 {
        let Analysis { model, graph, .. } = analysed();
        asked = asked.min(clock::once(|| {
            let analysis = Analysis::new(model, graph);
            let judged = checks::of_variants(&analysis, &mut Vec::new());
            (analysis, judged)
        }));
        parse = parse.min(clock::once(|| syntax::bare_parse(&sources.get(file).text).expect("it was read before")));
    }
    note(&format!(
        "conditions-10k: {edges} edges, {questions} questions in {asked:?}, P {parse:?}, decided: {decided}"
    ));
    let value = share(asked, parse);
    report.judged("conditions-10k", value, 0.15, decided && value <= 0.15);
}

/// The peak of the heap during `check` with the text itself counted once, as bytes per byte of source above the floor.
/// The text is held by the caller, so its length is added to what `check` allocates.
fn memory(report: &mut Report) {
    if !report.wants(&["memory"]) {
        return;
    }
    let measured = example("heap").and_then(|heap| Command::new(heap).args(["1000", "10000", "100000"]).output().ok());
    let Some(measured) = measured.filter(|output| output.status.success()) else {
        return note("memory: the program that measures it failed");
    };
    let mut worst: f64 = 0.0;
    for line in String::from_utf8_lossy(&measured.stdout).lines() {
        let numbers: Vec<f64> = line.split(' ').map(|number| number.parse().expect("it prints numbers")).collect();
        let [phases, source, peak] = numbers[..] else { return note("memory: three numbers are expected") };
        let held = peak + source;
        note(&format!("memory: {phases} phases, {source} bytes of source, {held} held, {:.2} each", held / source));
        worst = worst.max((held - MEMORY_FLOOR) / source);
    }
    report.row("memory", worst, 3.0);
}

/// Whole processes against S, and the making of SKILL.md and plan against S.
fn process_rows(report: &mut Report) {
    if !report.wants(&["start", "emit"]) {
        return;
    }
    let Some(startup) = example("startup") else { return note("start, emit: S could not be built") };
    let generated = binaries().join("generated-16.wf");
    if let Err(error) = std::fs::write(&generated, input::clean(SMALL)) {
        return note(&format!("start, emit: {} cannot be written: {error}", generated.display()));
    }
    let shipped = root().join(SHIPPED);
    let mut hello = Command::new(&startup);
    hello.arg("check").arg(&generated);
    let [mut small, mut large] = [&generated, &shipped].map(|file| {
        let mut check = Command::new(env!("CARGO_BIN_EXE_wf"));
        check.arg("check").arg(file).current_dir(root());
        check
    });
    let [mut unit, mut start, mut start_shipped] = [Duration::MAX; 3];
    for _ in 0..200 {
        unit = unit.min(clock::process(&mut hello, 0).expect("S says hello"));
        start = start.min(clock::process(&mut small, 0).expect("the generated workflow is clean"));
        start_shipped = start_shipped.min(clock::process(&mut large, 0).expect("the shipped workflow is clean"));
    }
    note(&format!("S: {unit:?}"));
    note(&format!("start: {start:?}, {SHIPPED} {start_shipped:?} or {:.2} S", share(start_shipped, unit)));
    report.row("start", share(start, unit), 2.0);

    let (emit, _) = emitted(loaded(input::clean(SMALL)));
    let (emit_shipped, pages) = emitted(shipped_sources());
    note(&format!(
        "emit: {emit:?}, {SHIPPED} {emit_shipped:?} or {:.2} S, with all pages {pages:?} or {:.2} S",
        share(emit_shipped, unit),
        share(pages, unit)
    ));
    report.row("emit", share(emit, unit), 0.25);
}

fn shipped_sources() -> (SourceMap, FileId) {
    let mut sources = SourceMap::new();
    let files = [SHIPPED, EXTENDED].map(|name| {
        let text = std::fs::read_to_string(root().join(name)).expect("it is part of the repository");
        sources.add(name, text)
    });
    gatewright::family::link(&mut sources, &files);
    (sources, files[0])
}

/// What SKILL.md and the plan of a workflow take, and what all pages and the plan take.
fn emitted((sources, file): (SourceMap, FileId)) -> (Duration, Duration) {
    let checked = compile::check(&sources, file);
    let sound = checked.sound().expect("the workflow is sound");
    let plan = || serde_json::to_string_pretty(&emit::plan::plan(sound, "a.wf")).expect("a plan is plain data");
    clock::best_of_both(
        300,
        || (emit::skill::front(sound, "a.wf", &[]).expect("our own templates fit"), plan()),
        || (emit::skill::build(sound, "a.wf", &[]).expect("our own templates fit"), plan()),
    )
}

/// A fault in every third phase: what that costs against the clean file, and whether each is reported at its place.
fn faulty(report: &mut Report) {
    if !report.wants(&["faulty"]) {
        return;
    }
    let mut worst: f64 = 0.0;
    let mut all_found = true;
    for (phases, rounds) in [(1_000, 10), (10_000, 3)] {
        let (clean, clean_file) = loaded(input::clean(phases));
        let (text, planted) = input::faulty(phases);
        let (sources, file) = loaded(text);
        all_found &= every_fault_is_found(&compile::check(&sources, file), &planted);
        let (with, without) =
            clock::best_of_both(rounds, || compile::check(&sources, file), || compile::check(&clean, clean_file));
        note(&format!("faulty: {phases} phases, {with:?}, clean {without:?}"));
        worst = worst.max(share(with, without));
    }
    report.judged("faulty", worst, 2.0, all_found && worst <= 2.0);
}

fn every_fault_is_found(checked: &Checked<'_>, planted: &[input::Planted]) -> bool {
    let errors: Vec<_> = checked.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).collect();
    let mut missed = 0;
    for fault in planted {
        let first = errors.partition_point(|error| error.primary.span.range().end < fault.place.start);
        let found = errors[first..]
            .iter()
            .take_while(|error| error.primary.span.range().start <= fault.place.end)
            .any(|error| fault.place.contains(&error.primary.span.range().start));
        if !found {
            missed += 1;
            if missed <= 5 {
                let line = checked.analysis.model.source[..fault.place.start].matches('\n').count() + 1;
                note(&format!("faulty: MISSED {} in line {line}", fault.what));
            }
        }
    }
    note(&format!("faulty: {} planted, {missed} missed, {} errors reported", planted.len(), errors.len()));
    missed == 0
}

/// Reading and printing against the bare parse.
fn formatting(report: &mut Report) {
    if !report.wants(&["fmt-10k"]) {
        return;
    }
    let text = input::clean(10_000);
    let (fmt, parse) = clock::best_of_both(
        10,
        || syntax::format(&syntax::parse(FileId::default(), &text).0),
        || syntax::bare_parse(&text).expect("the input is in the language"),
    );
    note(&format!("fmt-10k: {fmt:?}, P {parse:?}"));
    report.row("fmt-10k", share(fmt, parse), 1.6);
}

/// All of `wf lint` on the folder of foreign skills beside the project, against reading the same files and parsing them
/// with pulldown-cmark. Absent where that folder is.
fn linting(report: &mut Report) {
    if !report.wants(&["lint-corpus"]) {
        return;
    }
    let corpus = root().join("../shared/corpus");
    let files = markdown_below(&corpus);
    if files.is_empty() {
        return note("lint-corpus: there is no ../shared/corpus beside the project");
    }
    let bare = || {
        let parse = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).expect("the corpus is text");
            pulldown_cmark::Parser::new_ext(&text, pulldown_cmark::Options::ENABLE_TABLES).into_offset_iter().count()
        };
        files.iter().map(parse).sum::<usize>()
    };
    let mut lint = Command::new(env!("CARGO_BIN_EXE_wf"));
    lint.arg("lint").arg(&corpus).current_dir(root());
    let [mut whole, mut parsed, mut lasted] = [Duration::MAX; 3];
    for _ in 0..30 {
        parsed = parsed.min(clock::once(bare));
        let started = std::time::Instant::now();
        // It has findings, and so ends with 1.
        whole = whole.min(clock::process(&mut lint, 1).expect("the corpus has faults"));
        lasted = lasted.min(started.elapsed());
    }
    note(&format!(
        "lint-corpus: {} files, {whole:?} of all cores in {lasted:?}, read and parsed {parsed:?}",
        files.len()
    ));
    report.row("lint-corpus", share(whole, parsed), 4.0);
}

fn markdown_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                found.push(path);
            }
        }
    }
    found
}

/// What `check` and the bare parse take on a clean file.
struct Compared {
    phases: usize,
    check: Duration,
    parse: Duration,
}

impl Compared {
    fn measure(phases: usize, rounds: usize) -> Self {
        let (sources, file) = loaded(input::clean(phases));
        let text = &sources.get(file).text;
        // A ratio of a file with errors would say nothing about the goal: then there is no row at all.
        if let Some(error) = compile::check(&sources, file).diagnostics.iter().find(|found| found.is_error()) {
            let line = text[..error.primary.span.range().start].matches('\n').count() + 1;
            panic!("the input of {phases} phases has an error in line {line}: {}", error.message);
        }
        let (check, parse) = clock::best_of_both(
            rounds,
            || compile::check(&sources, file),
            || syntax::bare_parse(text).expect("the input is in the language"),
        );
        let lines = text.matches('\n').count();
        note(&format!(
            "{phases} phases, {} bytes and {} lines each: check {check:?}, P {parse:?}",
            text.len() / phases,
            lines / phases,
        ));
        Compared { phases, check, parse }
    }

    fn ratio(&self) -> f64 {
        share(self.check, self.parse)
    }

    fn per_phase(&self) -> f64 {
        self.check.as_secs_f64() / self.phases as f64
    }
}

// ── The report ──────────────────────────────────────────────────────────────────────────────────

struct Report {
    /// Names of rows; empty for all.
    wanted: Vec<String>,
    rows: Vec<serde_json::Value>,
}

impl Report {
    fn wants(&self, names: &[&str]) -> bool {
        self.wanted.is_empty() || names.iter().any(|name| self.wanted.iter().any(|wanted| wanted == name))
    }

    /// A goal that is met by staying at it or below.
    fn row(&mut self, name: &str, value: f64, goal: f64) {
        self.judged(name, value, goal, value <= goal);
    }

    fn judged(&mut self, name: &str, value: f64, goal: f64, ok: bool) {
        if !self.wants(&[name]) {
            return;
        }
        let verdict = if ok { "ok" } else { "short" };
        println!("{name} {value:.3} {goal} {verdict}");
        self.rows.push(serde_json::json!({ "name": name, "value": value, "goal": goal, "ok": ok }));
    }

    fn write(&self) {
        let path = binaries().parent().expect("binaries stand below the target folder").join("ratios.json");
        let text = serde_json::to_string_pretty(&self.rows).expect("rows are plain data");
        if let Err(error) = std::fs::write(&path, text + "\n") {
            note(&format!("{} cannot be written: {error}", path.display()));
        }
    }
}

// ── Helpers ─────────────────────────────────────────────────────────────────────────────────────

fn note(text: &str) {
    eprintln!("{text}");
}

fn share(part: Duration, of: Duration) -> f64 {
    part.as_secs_f64() / of.as_secs_f64()
}

fn loaded(text: String) -> (SourceMap, FileId) {
    let mut sources = SourceMap::new();
    let file = sources.add("generated.wf", text);
    (sources, file)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where cargo put `wf` of this profile.
fn binaries() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_wf")).parent().expect("a program stands in a folder")
}

/// Builds one of the programs in `support` in the profile of `wf`: cargo has no way to let a benchmark depend on one.
fn example(name: &str) -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO")?;
    let target = binaries().parent()?;
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--release", "--example", name, "--target-dir"])
        .arg(target)
        .current_dir(root())
        .status()
        .ok()?;
    built.success().then(|| binaries().join("examples").join(name))
}
