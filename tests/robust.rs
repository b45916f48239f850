//! Whatever is fed to the compiler, it answers, soon, and on the stack that every thread has.

mod support;

use std::fmt::Write;
use std::time::Duration;

use gatewright::render::{Format, Options, Summary, render};
use gatewright::source::{FileId, SourceMap};
use gatewright::{compile, diagnostic::Diagnostic, family, syntax};
use nix::time::{ClockId, clock_gettime};
use support::*;

/// Compiles, renders in every format and, where nothing is lost by it, formats; says what was found.
fn survive(text: &str) -> Vec<&'static str> {
    let mut map = SourceMap::new();
    let file = map.add("a.wf", text);
    let checked = compile::check(&map, file);
    let mut out = Vec::new();
    for format in Format::ALL {
        let summary = Summary::new(1, &checked.diagnostics);
        for color in [false, true] {
            let options = Options { format, color, max: 20, one_line: color };
            render(&mut out, &map, &checked.diagnostics, &summary, &options).expect("a vector takes everything");
        }
    }
    assert!(std::str::from_utf8(&out).is_ok());
    let (tree, diagnostics) = syntax::parse(FileId::FIRST, text);
    if diagnostics.is_empty() {
        let once = syntax::format(&tree);
        let (twice, diagnostics) = formatted(&once);
        assert!(diagnostics.is_empty(), "{:?}", diagnostics[0].message);
        assert!(once == twice, "fmt is idempotent");
    }
    checked.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(|diagnostic| diagnostic.code.id).collect()
}

/// The time that this thread has computed: what else the machine does is no fault of ours.
fn computed() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every thread has a CPU clock").into()
}

/// [`survive`] within a time; `name` is for the message.
fn survive_within(seconds: u64, name: &str, text: &str) -> Vec<&'static str> {
    let start = computed();
    let found = survive(text);
    let taken = computed() - start;
    assert!(taken < Duration::from_secs(seconds), "{name} ({} bytes) took {taken:?}", text.len());
    found
}

// ── Cut files ────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_small_file_cut_at_every_character() {
    assert!(HELLO.len() < 4096);
    for (at, _) in HELLO.char_indices() {
        survive(&HELLO[..at]);
        survive(&HELLO[at..]);
    }
}

#[test]
fn a_large_file_cut_at_seeded_characters() {
    let mut seeded = Seeded::new(21);
    for index in 0..300 {
        let mut at = seeded.below(SIXTEEN.len());
        while !SIXTEEN.is_char_boundary(at) {
            at -= 1;
        }
        // Everything is rendered now and then; the front end sees each.
        if index % 20 == 0 {
            survive(&SIXTEEN[..at]);
        } else {
            findings(&SIXTEEN[..at]);
        }
    }
}

// ── Noise ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn bytes_that_mean_nothing() {
    let mut seeded = Seeded::new(22);
    for _ in 0..300 {
        let bytes: Vec<u8> = (0..seeded.below(400)).map(|_| seeded.next() as u8).collect();
        survive(&String::from_utf8_lossy(&bytes));
    }
}

/// Words of the grammar and what stands between them, in any order.
#[test]
fn words_in_any_order() {
    let literals: Vec<&str> = GRAMMAR.split('"').skip(1).step_by(2).filter(|word| !word.contains('\\')).collect();
    let more = [
        "\"x\"", "\"", "\"\"\"", "\"\"\"\"", "\n", "\n\n", "\n}", "a", "b-c", "1", "30m", "// c\n", "${", "${a}",
        "\r\n",
    ];
    let words: Vec<&str> = literals.into_iter().filter(|word| !word.is_empty()).chain(more).collect();
    let mut seeded = Seeded::new(23);
    for _ in 0..400 {
        let mut text = String::from("workflow w\n");
        for _ in 0..seeded.below(120) {
            text.push_str(words[seeded.below(words.len())]);
            text.push_str(if seeded.below(8) == 0 { "\n" } else { " " });
        }
        survive(&text);
    }
}

/// Lines of a real file left out, doubled and exchanged.
#[test]
fn lines_in_any_order() {
    let mut seeded = Seeded::new(24);
    for _ in 0..300 {
        let mut lines: Vec<&str> = HELLO.lines().collect();
        for _ in 0..=seeded.below(6) {
            let (a, b) = (seeded.below(lines.len()), seeded.below(lines.len()));
            match seeded.below(3) {
                0 => drop(lines.remove(a)),
                1 => lines.insert(a, lines[b]),
                _ => lines.swap(a, b),
            }
        }
        survive(&lines.join("\n"));
    }
}

/// Characters that have tripped others up, at every place of a small file.
#[test]
fn odd_characters() {
    let small = "workflow w \"T\"\n\ninput x: bool\n\nphase a when x {\n  purpose \"P ${x}\"\n}\n// c\nphase b\n";
    for odd in [
        "\0",
        "\u{feff}",
        "\r",
        "\t",
        "\u{202e}",
        "\u{5d0}",
        "\u{2028}",
        "\u{a0}",
        "é",
        "𝄞",
        "\\",
        "$",
        "?",
        "\u{1b}[31m",
    ] {
        for (at, _) in small.char_indices() {
            survive(&format!("{}{odd}{}", &small[..at], &small[at..]));
        }
    }
}

#[test]
fn line_ends_of_other_systems() {
    assert_eq!(survive(&HELLO.replace('\n', "\r\n")), Vec::<&str>::new());
    assert_eq!(survive(&SIXTEEN.replace('\n', "\r\n")), Vec::<&str>::new());
    // A lone carriage return is white space; it ends no comment.
    survive(&HELLO.replace('\n', "\r"));
    assert_eq!(survive(&HELLO.replace("  ", "\t")), Vec::<&str>::new());
}

/// What Windows editors put before a text.
#[test]
fn a_byte_order_mark() {
    let found = survive(&format!("\u{feff}{HELLO}"));
    assert!(found.len() <= 1, "nothing follows from it: {found:?}");
}

// ── Depth ────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn brackets_nested_deeply() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{", "}")] {
        for depth in [255, 256, 257, 20_000, 1_000_000] {
            for closed in [true, false] {
                let closing = if closed { close.repeat(depth) } else { String::new() };
                let text = format!("workflow w\n\nphase a when {}x{closing}\n\nphase b\n", open.repeat(depth));
                let found = survive_within(10, "nesting", &text);
                let refused = found.contains(&"WF008");
                assert_eq!(refused, depth > 256, "{depth} times {open}: {found:?}");
            }
        }
    }
}

#[test]
fn conditions_nested_up_to_the_limit() {
    for depth in [1, 100, 255, 256] {
        let not = format!("{}x{}", "not (y and ".repeat(depth), ")".repeat(depth));
        let text = format!("workflow w\n\ninput [x, y]: bool\n\nphase a when {not}\n\nphase b\n");
        let found = survive_within(10, "nested conditions", &text);
        assert!(!found.contains(&"WF001") && !found.contains(&"WF008"), "{depth}: {found:?}");
    }
}

#[test]
fn bodies_nested_up_to_the_limit() {
    for word in ["stage a {", "parallel {", "loop l at most 2 {", "phase p {", "gate g {", "each t from a at most 2 {"]
    {
        for depth in [100, 256] {
            let text = format!("workflow w\n\n{} {}\n", format!("{word} ").repeat(depth), "}".repeat(depth));
            survive_within(10, word, &text);
        }
    }
    let ask = format!("{} {}", "ask \"x\" { a -> ".repeat(200), "}".repeat(200));
    survive_within(10, "asks", &format!("workflow w\n\nphase p {{\n  gate g {{\n    on fail -> {ask}\n  }}\n}}\n"));
}

// ── Length ───────────────────────────────────────────────────────────────────────────────────────

const LARGE: usize = 5 * 1024 * 1024;

#[test]
fn a_long_line() {
    for unit in ["x", "x ", "phase a ", "\"x\" ", "}", "// ", "-", "é", "$"] {
        let text =
            format!("workflow w\n\nphase a {{\n  purpose {}\n}}\n\nphase b\n", unit.repeat(LARGE / unit.len() / 20));
        survive_within(20, unit, &text);
    }
    let text = format!("workflow w\n\nphase a {{\n  purpose \"{}\"\n}}\n\nphase b\n", "x".repeat(LARGE));
    assert_eq!(survive_within(20, "a long text", &text), Vec::<&str>::new());
}

#[test]
fn quotes_that_are_never_closed() {
    for quotes in ["\"", "\"\"\"", "\"\"\"\""] {
        let text = format!("workflow w\n\nphase a {{\n  purpose {quotes}{}\n}}\n", "x y\n".repeat(LARGE / 4));
        let found = survive_within(20, quotes, &text);
        assert!(found.contains(&"WF003"), "{found:?}");
    }
    // Each of many.
    let text = format!("workflow w\n{}", "phase a {\n  purpose \"x\n}\n".repeat(2000));
    survive_within(20, "many", &text);
    let text = format!("workflow w\n{}", "phase a {\n  purpose \"\"\"x\n}\n".repeat(501));
    survive_within(20, "many blocks", &text);
}

#[test]
fn many_faults() {
    let text = format!("workflow w\n{}", "phase a {\n  purpos \"x\"\n}\n".repeat(2000));
    let found = survive_within(20, "statements", &text);
    assert_eq!(found.iter().filter(|code| **code == "WF004").count(), 2000);
    let text = format!("workflow w\n{}", "phase a {\n".repeat(2000));
    survive_within(20, "braces", &text);
    let text = format!("workflow w\n{}", "}\n".repeat(20_000));
    survive_within(20, "closing braces", &text);
}

#[test]
fn wide_conditions() {
    for word in [" and ", " or "] {
        let mut facts = String::new();
        let names: Vec<String> = (0..4000).map(|index| format!("f{index}")).collect();
        for chunk in names.chunks(500) {
            let _ = writeln!(facts, "input [{}]: bool", chunk.join(", "));
        }
        let text = format!("workflow w\n\n{facts}\nphase a when {}\n\nphase b\n", names.join(word));
        // What a budget leaves open may be said to be open; it must never be answered.
        let found = survive_within(10, word, &text);
        assert!(!found.contains(&"WF303"), "{word}: {found:?}");
    }
    let same = ["x == 1"; 4000].join(" or ");
    survive_within(10, "the same", &format!("workflow w\n\ninput x: int 0..9\n\nphase a when {same}\n\nphase b\n"));
    let values: Vec<String> = (0..4000).map(|value| value.to_string()).collect();
    let values = values.join(", ");
    survive_within(
        30,
        "in",
        &format!("workflow w\n\ninput x: int 0..9999\n\nphase a when x in [{values}]\n\nphase b\n"),
    );
}

/// Thirty facts of five values, ten thousand phases, and conditions over any three of them: an answer comes soon, be it
/// that there is none.
#[test]
fn entangled_facts() {
    const FACTS: usize = 30;
    let mut seeded = Seeded::new(30);
    let mut text = String::from("workflow w\n\nenum Level { A < B < C < D < E }\n\n");
    let names: Vec<String> = (0..FACTS).map(|index| format!("f{index}")).collect();
    let _ = writeln!(text, "fact [{0}]: Level\n\nphase start {{\n  decides [{0}]\n}}\n", names.join(", "));
    for index in 0..10_000 {
        let mut atom = || {
            let fact = seeded.below(FACTS);
            let comparison = ["==", "!=", "<=", ">="][seeded.below(4)];
            format!("f{fact} {comparison} {}", ["B", "C", "D"][seeded.below(3)])
        };
        let condition = format!("{} and {} or {}", atom(), atom(), atom());
        match index % 10 {
            0 => {
                let _ = writeln!(text, "gate g{index} {{\n  require {condition}\n  on fail -> abort\n}}\n");
            }
            1 => {
                let _ = writeln!(text, "phase p{index} when {condition} {{\n  produces a{index}\n}}\n");
            }
            2 => {
                let _ = writeln!(text, "phase p{index} when {condition} {{\n  reads a{}\n}}\n", index - 1);
            }
            _ => {
                let _ = writeln!(text, "phase p{index} when {condition}\n");
            }
        }
    }
    let found = survive_within(60, "entangled", &text);
    assert!(!found.is_empty(), "either a fault or that it was not decided");
}

#[test]
fn many_negations() {
    for count in [99_999, 100_000] {
        let text = format!("workflow w\n\ninput x: bool\n\nphase a when {}x\n\nphase b\n", "not ".repeat(count));
        assert_eq!(survive_within(20, "not", &text), Vec::<&str>::new());
    }
}

#[test]
fn long_chains() {
    let then = ["fix by b at most 2"; 20_000].join(" then ");
    let text = format!("workflow w\n\nphase a {{\n  gate g {{\n    require x \"X\"\n    on fail -> {then}\n  }}\n}}\n");
    survive_within(20, "then", &text);
    let options = "a -> redo at most 2 then ask\n".repeat(5000);
    survive_within(
        20,
        "options",
        &format!("workflow w\n\nphase a {{\n  gate g {{\n    ask {{\n{options}    }}\n  }}\n}}\n"),
    );
}

#[test]
fn many_items() {
    let mut text = String::from("workflow w\n");
    for index in 0..2000 {
        let _ = writeln!(text, "phase p{index} {{\n  purpose \"P ${{phase p{index}}}\"\n  produces a{index}\n}}");
    }
    survive_within(10, "phases", &text);
    let mut text = String::from("workflow w\n\nphase p0\n");
    for index in 1..2000 {
        let _ = writeln!(text, "phase p{index} after p{}", index - 1);
    }
    survive_within(10, "after", &text);
}

// ── Circles and numbers ──────────────────────────────────────────────────────────────────────────

#[test]
fn constants_that_are_made_of_themselves() {
    for lets in [
        "let a = \"${a}\"",
        "let a = \"${b}\"\nlet b = \"${a}\"",
        "let a = \"${b}\"\nlet b = \"${c}\"\nlet c = \"${b}\"",
    ] {
        for use_it in [
            "  purpose \"${a}\"\n",
            "  spawn x \"y\" {\n    prompt \"${a}\"\n  }\n",
            "  produces \"${a}.md\"\n",
            "  skills \"${a}\"\n",
        ] {
            let found = survive(&format!("workflow w\n\n{lets}\n\nphase p {{\n{use_it}}}\n"));
            assert_eq!(found, ["WF111"], "{lets}");
        }
    }
    let mut text = String::from("workflow w\n\nlet c0 = \"x\"\n");
    for index in 1..3000 {
        let _ = writeln!(text, "let c{index} = \"${{c{}}}\"", index - 1);
    }
    text.push_str("\nphase p {\n  purpose \"${c2999}\"\n}\n");
    assert_eq!(survive_within(20, "a long way", &text), Vec::<&str>::new());
    building(&text);
    // Doubling at each step must not be written out.
    let mut text = String::from("workflow w\n\nlet c0 = \"x\"\n");
    for index in 1..20 {
        let _ = writeln!(text, "let c{index} = \"${{c{0}}}${{c{0}}}\"", index - 1);
    }
    text.push_str("\nphase p {\n  purpose \"${c19}\"\n}\n");
    survive_within(20, "doubled", &text);
}

fn building(text: &str) {
    let mut map = SourceMap::new();
    let file = map.add("a.wf", text);
    let checked = compile::check(&map, file);
    let said: Vec<&str> =
        checked.diagnostics.iter().filter(|d| Diagnostic::is_error(d)).map(|d| d.message.as_str()).collect();
    let sound = checked.sound().unwrap_or_else(|| panic!("{said:?}"));
    gatewright::emit::skill::build(sound, "a.wf", &[]).expect("the templates fit");
    gatewright::emit::plan::plan(sound, "a.wf");
}

#[test]
fn huge_numbers() {
    for number in [
        "99999999999999999999999999999999",
        "-99999999999999999999999999999999",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775",
        "-9223372036854775",
        "9223372036854775d",
        "9007199254740993k",
        "0.0001",
        "-0.999",
        "-0",
        "1e9",
    ] {
        for text in [
            format!("input x: int {number}..5\n\nphase a when x > 1\n"),
            format!("input x: int 0..{number}\n\nphase a when x > 1\n"),
            format!("input x: int -{number}..{number}\n\nphase a when x > {number}\n").replace("--", "-"),
            format!("input x: int 0..9 = {number}\n\nphase a when x > {number} or x in [1, {number}]\n"),
            format!("let n = {number}\nlimit m = {number}\n\nphase a {{\n  purpose \"${{n}} ${{m}}\"\n}}\n"),
            format!("phase a {{\n  budget runtime {number} tokens {number} cost {number}\n}}\n"),
            format!("loop l at most {number} {{\n  phase a\n  until ran(a)\n}}\n"),
            format!("context {number} {{\n  warn {number}\n  block {number}%\n}}\n\nphase a\n"),
            format!(
                "enum E {{ a < b }}\nfact e: E\n\nphase p {{\n  decides e\n}}\n\nphase q when e == b\n\nscore e {{\n  factor f weight {number} {{ 1 -> {number} 2 -> {number} }}\n  a from 0\n  b from {number}\n}}\n"
            ),
            format!("phase a\n\ntest \"t\" {{\n  expect count phases == {number}\n}}\n"),
            format!("escalation {{\n  more adds {number}\n}}\n\nphase a\n"),
            format!("pairs skill s when tasks > {number}\n\nphase a\n"),
        ] {
            let text = format!("workflow w\n\n{text}\nphase z\n");
            survive_within(5, number, &text);
            let mut map = SourceMap::new();
            let file = map.add("a.wf", text);
            let checked = compile::check(&map, file);
            if let Some(sound) = checked.sound() {
                gatewright::emit::skill::build(sound, "a.wf", &[]).expect("the templates fit");
                gatewright::emit::plan::plan(sound, "a.wf");
            }
        }
    }
}

/// References in texts hold whole conditions: they are bounded as those in headers are.
#[test]
fn deep_references() {
    for depth in [10, 256, 257, 100_000] {
        let inner = format!("{}x{}", "(".repeat(depth), ")".repeat(depth));
        let text = format!(
            "workflow w\n\ninput x: bool\n\nphase a {{\n  purpose \"${{count phases when {inner}}} ${{x}}\"\n}}\n"
        );
        survive_within(10, "a reference", &text);
        let text =
            format!("workflow w\n\nphase a {{\n  purpose \"{}x{}\"\n}}\n", "${".repeat(depth), "}".repeat(depth));
        survive_within(10, "references", &text);
    }
    let text = format!("workflow w\n\ninput x: bool\n\nphase a {{\n  purpose \"{}\"\n}}\n", "${x} ".repeat(50_000));
    survive_within(20, "many references", &text);
}

// ── Many files ───────────────────────────────────────────────────────────────────────────────────

#[test]
fn files_that_use_each_other_in_a_long_chain() {
    let check = || {
        let mut map = SourceMap::new();
        let root = map.add("w.wf", "use \"0.wf\"\n\nworkflow w\n\nphase a {\n  purpose \"${l2999}\"\n}\n");
        for index in 0..3000 {
            let next = if index < 2999 { format!("use \"{}.wf\"\n\n", index + 1) } else { String::new() };
            map.add(format!("{index}.wf"), format!("{next}limit l{index} = 3\nlet t{index} = \"up to ${{l2999}}\"\n"));
        }
        family::link(&mut map, &[root]);
        let start = computed();
        let checked = compile::Project::new(&map).check(root);
        let said: Vec<&str> =
            checked.diagnostics.iter().filter(|found| found.is_error()).map(|found| found.code.id).collect();
        assert!(said.is_empty(), "{said:?}");
        assert!(computed() - start < Duration::from_secs(20));
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(check).expect("threads can be made");
    thread.join().expect("no file of the chain has a frame of its own");
}
