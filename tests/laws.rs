//! Laws.
mod support;

use gatewright::diagnostic::{Code, Diagnostic};
use gatewright::source::{FileId, SourceMap};
use gatewright::{compile, emit, graph, model, syntax};
use proptest::prelude::*;
use support::*;

fn said(diagnostics: &[Diagnostic]) -> Vec<&str> {
    diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect()
}

fn canonical(text: &str) -> Result<String, TestCaseError> {
    let (once, diagnostics) = formatted(text);
    prop_assert!(diagnostics.is_empty(), "not in the language: {:?}\n{}", said(&diagnostics), text);
    Ok(once)
}

#[test]
fn fmt_is_idempotent() {
    for_all(1500, 1, 400, |data| {
        let text = syntactic::file(data);
        let once = canonical(&text)?;
        let (twice, diagnostics) = formatted(&once);
        prop_assert!(diagnostics.is_empty(), "{:?}\n--- from\n{}\n--- to\n{}", said(&diagnostics), text, once);
        prop_assert_eq!(&once, &twice, "--- from\n{}\n--- once\n{}\n--- twice\n{}", text, once, twice);
        Ok(())
    });
}

#[test]
fn fmt_keeps_the_tree() {
    for_all(1500, 2, 400, |data| {
        let text = syntactic::file(data);
        let once = canonical(&text)?;
        prop_assert_eq!(dump::tree(&text), dump::tree(&once), "--- from\n{}\n--- to\n{}", text, once);
        Ok(())
    });
}

#[test]
fn fmt_keeps_every_comment() {
    for_all(1500, 3, 400, |data| {
        let text = syntactic::file(data);
        let once = canonical(&text)?;
        prop_assert_eq!(dump::comment_words(&text), dump::comment_words(&once), "--- from\n{}\n--- to\n{}", text, once);
        Ok(())
    });
}

#[test]
fn fmt_keeps_what_is_said() {
    for_all(1500, 4, 400, |data| {
        let text = syntactic::file(data);
        let once = canonical(&text)?;
        let said = |text: &str| {
            let mut all: Vec<_> = findings(text).into_iter().map(|f| (f.code, f.message)).collect();
            all.sort();
            all
        };
        prop_assert_eq!(said(&text), said(&once), "--- from\n{}\n--- to\n{}", text, once);
        Ok(())
    });
}

#[test]
fn made_files_are_clean_and_canonical() {
    for_all(150, 5, 120, |data| {
        let text = clean::file(data);
        prop_assert_eq!(faults(&text), vec![], "{}", text);
        let once = canonical(&text)?;
        prop_assert_eq!(dump::tree(&text), dump::tree(&once), "--- from\n{}\n--- to\n{}", text, once);
        prop_assert_eq!(findings(&text).len(), findings(&once).len(), "{}", text);
        Ok(())
    });
}

fn built(text: &str) -> Result<Vec<(String, String)>, TestCaseError> {
    let mut map = SourceMap::new();
    let file = map.add("a.wf", text);
    let checked = compile::check(&map, file);
    let Some(sound) = checked.sound() else {
        return Err(TestCaseError::fail(format!("{:?}\n{text}", said(&checked.diagnostics))));
    };
    let mut files: Vec<(String, String)> = emit::skill::build(sound, "a.wf", &[])
        .expect("the templates fit")
        .into_iter()
        .map(|file| (file.path, file.text))
        .collect();
    let plan = emit::plan::plan(sound, "a.wf");
    files.push(("plan.json".to_string(), serde_json::to_string_pretty(&plan).expect("a plan is data")));
    Ok(files)
}

#[test]
fn building_twice_gives_the_same_bytes() {
    for_all(25, 6, 120, |data| {
        let text = clean::file(data);
        prop_assert_eq!(built(&text)?, built(&text)?);
        Ok(())
    });
    for text in [HELLO, SIXTEEN] {
        assert_eq!(built(text).expect("it is clean"), built(text).expect("it is clean"));
    }
}

/// What is built depends on what is said, not on how it is written: only marks with the hash differ.
#[test]
fn formatting_changes_nothing_that_is_built() {
    for_all(15, 7, 120, |data| {
        let text = clean::file(data).replace("purpose \"", "purpose    \"").replace("  reads", "\n\n      reads");
        let once = canonical(&text)?;
        prop_assert_ne!(&once, &text);
        let (from, to) = (built(&text)?, built(&once)?);
        let (from_hash, to_hash) = (marked_hash(&from[0].1), marked_hash(&to[0].1));
        prop_assert_eq!(from.len(), to.len());
        for ((from_path, from), (to_path, to)) in from.iter().zip(&to).filter(|((path, _), _)| path != "plan.json") {
            prop_assert_eq!(from_path, to_path);
            for (from, to) in from.replace(from_hash, to_hash).lines().map(unsealed).zip(to.lines().map(unsealed)) {
                prop_assert_eq!(from, to, "{}", from_path);
            }
        }
        Ok(())
    });
}

/// The hash of the source as the mark of a file shows it.
fn marked_hash(text: &str) -> &str {
    let at = text.find("(sha256 ").expect("each file is marked") + "(sha256 ".len();
    &text[at..at + 16]
}

/// A line without the hash of its own file, which covers that of the source, too.
fn unsealed(line: &str) -> &str {
    line.split_once(", text ").filter(|_| line.starts_with("<!-- Generated")).map_or(line, |(before, _)| before)
}

// ── Split and whole ──────────────────────────────────────────────────────────────────────────────

/// A large file is read in chunks; its tree is that of its parts, one after the other.
#[test]
fn split_and_whole_parsing_give_the_same_tree() {
    let mut seeded = Seeded::new(8);
    let mut whole = String::new();
    let mut parts = Vec::new();
    while whole.len() < 300 * 1024 {
        let part = syntactic::file(&seeded.choices(400)) + "\n";
        parts.extend(dump::tree(&part));
        whole.push_str(&part);
    }
    assert!(syntax::bare_parse(&whole).is_some(), "the grammar reads it in one go");
    let (_, diagnostics) = syntax::parse(FileId::FIRST, &whole);
    assert!(diagnostics.is_empty(), "{:?}", said(&diagnostics));
    let read = dump::tree(&whole);
    assert_eq!(read.len(), parts.len());
    for (read, part) in read.iter().zip(&parts) {
        assert_eq!(read, part);
    }
}

/// One word in column 0 that is a keyword of an item, where a name is meant, must not end a chunk.
#[test]
fn chunks_end_where_items_end() {
    let mut whole = String::from("workflow w\n");
    let mut count = 0;
    while whole.len() < 200 * 1024 {
        count += 1;
        whole.push_str(&format!("always\nphase before\ngate\nphase p{count} after\nloop when a ==\ntest\n"));
    }
    assert!(syntax::bare_parse(&whole).is_some());
    let (tree, diagnostics) = syntax::parse(FileId::FIRST, &whole);
    assert_eq!(said(&diagnostics), Vec::<&str>::new());
    assert_eq!(tree.items.len(), 1 + 2 * count);
}

// ── Planted faults ───────────────────────────────────────────────────────────────────────────────

#[test]
fn exactly_the_planted_faults_are_reported() {
    let mut seeded = Seeded::new(9);
    let made: Vec<String> = (0..6).map(|_| clean::file(&seeded.choices(120))).collect();
    let mut files: Vec<(&str, usize)> = vec![(SIXTEEN, 60), (HELLO, 150)];
    files.extend(made.iter().map(|text| (text.as_str(), 30)));
    let mut wrong = Vec::new();
    let mut planted = std::collections::BTreeMap::new();
    for (file, cases) in files {
        assert_eq!(faults(file), vec![]);
        for _ in 0..cases {
            let count = 1 + seeded.below(5);
            let Some(case) = plant::plant(file, count, &mut seeded) else { continue };
            let has = |what: &str| case.faults.iter().any(|fault| fault.what == what);
            if has("closing brace deleted") && has("stray brace") {
                continue;
            }
            for fault in &case.faults {
                *planted.entry(fault.what).or_insert(0) += 1;
            }
            if let Err(why) = case.check() {
                wrong.push((case.faults.len(), why));
            }
        }
    }
    wrong.sort();
    let kinds: std::collections::BTreeSet<&str> = planted.keys().copied().collect();
    assert_eq!(kinds, plant::KINDS.iter().copied().collect(), "each kind is planted");
    let shown: Vec<&str> = wrong.iter().take(12).map(|(_, why)| why.as_str()).collect();
    assert!(wrong.is_empty(), "{} cases are wrong; the first:\n{}", wrong.len(), shown.join("\n"));
}

/// Each kind alone, in each item where it can stand.
#[test]
fn each_fault_is_reported_alone() {
    let mut wrong = Vec::new();
    for file in [HELLO, &clean::file(&Seeded::new(10).choices(120))] {
        for case in plant::each_alone(file) {
            if let Err(why) = case.check() {
                wrong.push(why);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} cases are wrong; the first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

// ── Fixes ────────────────────────────────────────────────────────────────────────────────────────

/// The texts in which fixes are tried: each example of each code, and planted faults.
fn faulty_texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    // What several files say of each other has no one text to mend.
    for code in codes().into_iter().filter(|code| !code.bad.starts_with("== ")) {
        texts.push((code.id.to_string(), code.bad.to_string()));
    }
    // Prose takes many forms.
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    for folder in ["WF901-count-disagrees", "WF902-number-disagrees", "WF903-name-drift"] {
        for case in std::fs::read_dir(corpus.join(folder)).expect("the corpus is there").flatten() {
            if case.path().extension().is_some_and(|ending| ending == "wf") {
                let text = std::fs::read_to_string(case.path()).expect("cases are text");
                texts.push((case.path().display().to_string(), text));
            }
        }
    }
    for (index, case) in plant::each_alone(HELLO).into_iter().enumerate() {
        texts.push((format!("hello {index} {}", case.faults[0].what), case.text));
    }
    for (name, text) in [
        ("&&", "workflow w\n\nfact f: bool\nfact g: bool\n\nphase a {\n  decides [f, g]\n}\n\nphase b when f && g\n"),
        ("||", "workflow w\n\nfact f: bool\nfact g: bool\n\nphase a {\n  decides [f, g]\n}\n\nphase b when f || g\n"),
        ("=", "workflow w\n\nfact f: bool\n\nphase a {\n  decides f\n}\n\nphase b when f = true\n"),
        ("mixed", "workflow w\n\nenum E { a < b | c }\n\ninput e: E\n\nphase p when e == a\n\nphase q\n"),
        ("}", "workflow w\n\nphase a\n}\n\nphase b\n"),
        ("type", "workflow w\n\nfact f: boool\n\nphase a {\n  decides f\n}\n\nphase b when f\n"),
        ("repeated", "workflow w\n\nphase a when ran(b) when ran(b)\n\nphase b\n"),
        ("event", "workflow w\n\nphase a {\n  spawn x \"y\" {\n    on failur -> ask\n  }\n}\n"),
        ("ran", "workflow w\n\ninput f: bool\n\nphase a when f\n\nphase b when rann(a)\n"),
        ("count", "workflow w\n\nphase a {\n  purpose \"${count phasess}\"\n}\n"),
        ("section", "workflow w\n\nphase a\n\ndocument skill s {\n  section \"T\" before phasess \"x\"\n}\n"),
        ("let", "workflow w\n\nlet a = 1\nlet b = 2\n\nphase p {\n  purpose \"${b}\"\n}\n"),
        ("and", "workflow w\n\nfact f: bool\n\nphase a {\n  decides f\n}\n\nphase b when f and f\n"),
        (
            "(and)",
            "workflow w\n\nfact f: bool\nfact g: bool\n\nphase a {\n  decides [f, g]\n}\n\nphase b when f and (g and f)\n",
        ),
        (
            "not or",
            "workflow w\n\nfact f: bool\nfact g: bool\n\nphase a {\n  decides [f, g]\n}\n\nphase b when not f or g or not f\n",
        ),
        ("once", "workflow w\n\nphase a once once\n"),
    ] {
        texts.push((name.to_string(), text.to_string()));
    }
    texts
}

fn line_of(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..].lines().next().unwrap_or("")
}

fn codes() -> Vec<&'static Code> {
    let of_models = [model::CODES, gatewright::checks::CODES];
    let mut all: Vec<&Code> = of_models.into_iter().flatten().flat_map(|codes| codes.iter().copied()).collect();
    all.extend(
        syntax::CODES
            .iter()
            .chain(gatewright::family::CODES)
            .chain(gatewright::family::EXTENDS_CODES)
            .chain(gatewright::registry::CODES)
            .chain(graph::CODES)
            .chain(gatewright::emit::skill::CODES),
    );
    all
}

#[test]
fn each_fix_mends_its_finding_and_makes_no_new_one() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (name, text) in faulty_texts() {
        let before = faults(&text);
        let diagnostics = checked(&text, |_, diagnostics| diagnostics.to_vec());
        for diagnostic in &diagnostics {
            for fix in &diagnostic.fixes {
                tried += 1;
                let mended = fixed(&text, fix);
                let mut left: Vec<(&str, String)> = before.iter().map(|f| (f.code, f.message.clone())).collect();
                let own = (diagnostic.code.id, diagnostic.message.clone());
                if let Some(at) = left.iter().position(|found| *found == own) {
                    left.remove(at);
                }
                let mut new = Vec::new();
                for found in faults(&mended) {
                    let found = (found.code, found.message);
                    match left.iter().position(|other| *other == found) {
                        Some(at) => drop(left.remove(at)),
                        None => new.push(found),
                    }
                }
                if !new.is_empty() {
                    let edits: Vec<&str> =
                        fix.edits.iter().map(|edit| line_of(&text, edit.span.start as usize)).collect();
                    wrong.push(format!("{name}: {own:?} by {:?} in {edits:?} gives {new:?}", fix.title));
                }
            }
        }
    }
    assert!(tried > 40, "only {tried} fixes were tried");
    assert!(
        wrong.is_empty(),
        "{} of {tried} fixes are wrong; the first:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(12)].join("\n")
    );
}

// ── The grammar ──────────────────────────────────────────────────────────────────────────────────

/// A keyword is matched whole: `at-most` is a name.
#[test]
fn each_keyword_of_the_grammar_is_matched_whole() {
    let mut keywords = 0;
    for line in GRAMMAR.lines().filter(|line| !line.trim_start().starts_with("//")) {
        // Outside of literals, escaped quotes become something that is no quote.
        let line = line.replace("\\\\", "__").replace("\\\"", "__");
        let pieces: Vec<&str> = line.split('"').collect();
        assert!(pieces.len() % 2 == 1, "quotes come in pairs: {line}");
        for literal in (1..pieces.len()).step_by(2) {
            let (word, rest) = (pieces[literal], pieces[literal + 1].trim_start());
            if word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                keywords += 1;
                let whole = rest.strip_prefix("~ e").is_some_and(|more| !more.starts_with(char::is_alphanumeric));
                assert!(whole, "`{word}` is not followed by `~ e` in: {line}");
            }
        }
    }
    assert!(keywords > 120, "only {keywords} keywords found");
}

fn kinds(body: &str) -> Vec<String> {
    let text = format!("workflow w\n\nphase p {{\n{body}\n}}\n");
    let (_, diagnostics) = syntax::parse(FileId::FIRST, &text);
    assert!(diagnostics.is_empty(), "{:?}\n{text}", said(&diagnostics));
    let tree = dump::tree(&text);
    let (once, _) = formatted(&text);
    assert_eq!(tree, dump::tree(&once), "--- from\n{text}\n--- to\n{once}");
    tree
}

/// The traps of pest: a silent keyword, a list that swallows a keyword, a hyphen before `->`.
#[test]
fn keywords_lists_and_arrows_are_told_apart() {
    let has = |body: &str, what: &str| {
        let tree = kinds(body).concat();
        assert!(tree.contains(what), "`{body}` lacks {what}:\n{tree}");
    };
    // A name may begin with a keyword, and a keyword may be a name.
    has("reads at-most", "Entry { span: \"at-most\"");
    has(
        "spawn once-more when not-now or orphan",
        "Or([Bare(Operand { span: not-now, kind: Path }), Bare(Operand { span: orphan",
    );
    has(
        "stage once once",
        "name: Some(\"once\"), title: None, from: None, modifiers: [Modifier { span: _, kind: Once }]",
    );
    has("stage when when when-x", "name: Some(\"when\")");
    has("stage at when in in [in]", "In(Operand { span: in, kind: Path }, [Operand { span: in");
    has("require not not-a", "Not(Bare(Operand { span: not-a");
    has("purpose\"x\"reads a", "Reads");
    // One name stands bare: the next word begins a statement.
    has("reads reads\n  tools tools", "List(Reads, [Entry { span: \"reads\"");
    has("reads a\n  skills b\n  tools [c, d,]", "List(Tools, [Entry { span: \"c\"");
    has("keep keep\n  keep unchanged a", "List(KeepUnchanged, [Entry { span: \"a\"");
    has("keep unchanged [a, b]", "List(KeepUnchanged, [Entry { span: \"a\"");
    has(
        "decides confirmed confirmed",
        "Decides { facts: [Entry { span: \"confirmed\", is_text: false, optional: false }], confirmed: true",
    );
    has("produces as as \"x\"", "what: \"as\"");
    has("reads a? skills b", "optional: true");
    // In brackets a word is a name that bare would be a keyword: it stays in brackets.
    has("keep [unchanged]\n  reads a", "List(Keep, [Entry { span: \"unchanged\"");
    // A name ends before `->`.
    has(
        "revises f { a->b c-d->e }",
        "(Condition { span: _, expr: Bare(Operand { span: c-d, kind: Path }) }, Operand { span: e",
    );
    has("on blocked { a->redo a at most b else->ask }", "Redo(Some(\"a\"), Amount { span: \"b\"");
    has("on blocked { a->retry b->ask else->ask }", "Retry(None)");
    has("on blocked { a->redo at most 2 else->ask }", "Redo(None");
    // `name (` is no call, `name(` is one.
    has("revises f { a -> b (c) -> d }", "Operand { span: d");
    has("require ran(a) and not skipped(b)", "Call(\"ran\", \"a\")");
    // A text behind `ask` is its question; no statement begins with a text or a brace.
    has("on failure -> ask\n  purpose \"x\"", "Purpose");
    has("gate g {\n ask\n purpose \"x\"\n}", "Ask { question: None");
}

/// `expect skips [exactly]` in brackets is a phase called so.
#[test]
fn a_list_of_one_keyword_keeps_its_brackets() {
    for body in ["expect skips [exactly]", "expect skips [exactly]\n  expect runs a", "expect skips exactly exactly"] {
        let text = format!("workflow w\n\ntest \"t\" {{\n  {body}\n}}\n");
        let (once, diagnostics) = formatted(&text);
        assert!(diagnostics.is_empty(), "{:?}", said(&diagnostics));
        assert_eq!(dump::tree(&text), dump::tree(&once), "--- from\n{text}\n--- to\n{once}");
    }
}

// ── Found by the laws, in their smallest form ────────────────────────────────────────────────────

fn assert_formats(from: &str, to: &str) {
    let (once, diagnostics) = formatted(from);
    assert!(diagnostics.is_empty(), "{:?}", said(&diagnostics));
    assert_eq!(once, to);
}

#[test]
fn an_escalation_keeps_its_braces() {
    assert_formats("escalation {\n}\n", "escalation {\n}\n");
}

#[test]
fn then_ask_goes_only_where_a_bound_can_be_used_up() {
    let on_fail = |outcome: &str| format!("gate g {{\n  on fail -> {outcome}\n}}\n");
    assert_formats(&on_fail("redo a at most 2 then ask"), &on_fail("redo a at most 2"));
    assert_formats(&on_fail("retry then ask"), &on_fail("retry then ask"));
    assert_formats(&on_fail("ask then ask then ask"), &on_fail("ask then ask then ask"));
}

#[test]
fn unknown_names_leave_nothing_unused() {
    let codes = |text: &str| faults(text).into_iter().map(|finding| finding.code).collect::<Vec<_>>();
    let text = "workflow w\n\nphase a {\n  produces plan\n}\n\nphase b {\n  reads plann\n}\n";
    assert_eq!(codes(text), ["WF101"]);
    let text = "workflow w\n\nfact small: bool\n\nphase a {\n  decides small\n}\n\nphase b when smal\n";
    assert_eq!(codes(text), ["WF101"]);
}

/// A missing brace and a stray one make up for each other: the text is well-formed, and what was swallowed is misplaced.
#[test]
fn a_missing_and_a_stray_brace_make_up_for_each_other() {
    let text = "workflow w\n\nphase a {\n  purpose \"A\"\n\nphase b {\n  purpose \"B\"\n}\n}\n\nphase c\n";
    let found: Vec<(&str, usize)> = faults(text).into_iter().map(|finding| (finding.code, finding.line)).collect();
    assert_eq!(found, [("WF006", 6)]);
}

/// The item before a stray brace is read: what it declares is known, and its own faults are found.
#[test]
fn a_stray_brace_costs_no_item() {
    let text = "workflow w\n\ninput f: bool\n}\n\nphase a when f == 7\n\nphase b\n";
    let found: Vec<(&str, usize)> = faults(text).into_iter().map(|finding| (finding.code, finding.line)).collect();
    assert_eq!(found, [("WF001", 4), ("WF301", 6)]);
}

/// What a misplaced modifier names is as unknown before it as behind it.
#[test]
fn the_order_of_modifiers_changes_no_finding() {
    let said = |header: &str| {
        let mut all: Vec<_> =
            faults(&format!("workflow w\n\nphase a {header}\n")).into_iter().map(|f| f.message).collect();
        all.sort();
        all
    };
    assert_eq!(said("when size == b before [a, size]"), said("before [a, size] when size == b"));
}
