//! What each format makes of the same two findings.

use serde_json::Value;

use super::*;
use crate::source::{FileId, Span};

crate::codes! {
    UNKNOWN_NAME: "WF101" "unknown-name" Error = "A name is used that nothing declares.", "Declare it.", bad: "", good: "";
    UNUSED_FACT: "WF104" "unused-fact" Warning = "A fact is declared and never read.", "Drop it.", bad: "", good: "";
}

const SHIP: &str = "workflow ship \"Ship 𝄞\"
fact ready: bool
phase implementation \"≥ Implement\" {
}
phase testing \"Test 𝄞\" after implementaton
";

fn span(sources: &SourceMap, file: FileId, text: &str) -> Span {
    let start = sources.get(file).text.find(text).unwrap();
    Span::new(file, start, start + text.len())
}

fn example() -> (SourceMap, Vec<Diagnostic>) {
    let mut sources = SourceMap::new();
    let file = sources.add("flows/ship it.wf", SHIP);
    let (unknown, declared) = (span(&sources, file, "implementaton"), span(&sources, file, "implementation"));
    let diagnostics = vec![
        Diagnostic::new(&UNUSED_FACT, span(&sources, file, "ready"), "fact `ready` is never read"),
        Diagnostic {
            variant: vec![("work_type".into(), "SMALL".into()), ("tier".into(), "SIMPLE".into())],
            ..Diagnostic::new(&UNKNOWN_NAME, unknown, "unknown phase `implementaton`")
                .label("no such phase")
                .related(declared, "the nearest one")
                .note("phases are looked up in this workflow only")
                .help("did you mean `implementation`?")
                .fix("write `implementation`", unknown, "implementation")
        },
    ];
    (sources, diagnostics)
}

#[test]
fn codes_are_in_order() {
    assert!(CODES.is_sorted_by_key(|code| code.id));
}

fn shown(format: Format, sources: &SourceMap, diagnostics: &[Diagnostic], max: usize, color: bool) -> String {
    let summary = Summary { variants: Some(6), proved: 3, ..Summary::new(1, diagnostics) };
    let mut out = Vec::new();
    render(&mut out, sources, diagnostics, &summary, &Options { format, color, max, one_line: false }).unwrap();
    String::from_utf8(out).unwrap()
}

fn check(format: Format, expected: &str) {
    let (sources, diagnostics) = example();
    assert_eq!(shown(format, &sources, &diagnostics, 0, false), expected);
}

#[test]
fn human() {
    check(
        Format::Human,
        "\
warning[WF104]: fact `ready` is never read
  ┌─ flows/ship it.wf:2:6
  │
2 │ fact ready: bool
  │      ^^^^^

error[WF101]: unknown phase `implementaton`
  ┌─ flows/ship it.wf:5:30
  │
3 │ phase implementation \"≥ Implement\" {
  │       -------------- the nearest one
4 │ }
5 │ phase testing \"Test 𝄞\" after implementaton
  │                              ^^^^^^^^^^^^^ no such phase
  │
  = when work_type = SMALL, tier = SIMPLE
  = phases are looked up in this workflow only
  = help: did you mean `implementation`?

",
    );
}

#[test]
fn short() {
    check(
        Format::Short,
        "\
flows/ship it.wf:2:6: warning[WF104]: fact `ready` is never read
flows/ship it.wf:5:30: error[WF101]: unknown phase `implementaton`
",
    );
}

#[test]
fn agent() {
    check(
        Format::Agent,
        "\
flows/ship it.wf:2:6 WF104 fact `ready` is never read
flows/ship it.wf:5:30 WF101 unknown phase `implementaton` (work_type=SMALL, tier=SIMPLE) \
[also flows/ship it.wf:3:7 the nearest one] | did you mean `implementation`?
",
    );
}

#[test]
fn github() {
    check(
        Format::Github,
        "\
::warning file=flows/ship it.wf,line=2,endLine=2,col=6,title=WF104 unused-fact::fact `ready` is never read
::error file=flows/ship it.wf,line=5,endLine=5,col=30,title=WF101 unknown-name::unknown phase `implementaton`\
%0Aalso flows/ship it.wf:3:7 the nearest one%0Awhen work_type = SMALL, tier = SIMPLE\
%0Aphases are looked up in this workflow only%0Ahelp: did you mean `implementation`?
",
    );
}

#[test]
fn json() {
    check(Format::Json, include_str!("golden.json"));
    let document = serde_json::from_str(include_str!("golden.json")).unwrap();
    assert_valid(&super::json::schema(), &document);
}

#[test]
fn sarif() {
    let (sources, diagnostics) = example();
    let written: Value = serde_json::from_str(&shown(Format::Sarif, &sources, &diagnostics, 0, false)).unwrap();
    let mut expected: Value = serde_json::from_str(include_str!("golden.sarif")).unwrap();
    expected["runs"][0]["tool"]["driver"]["semanticVersion"] = env!("CARGO_PKG_VERSION").into();
    // Compared as values: another crate may switch on that serde_json keeps the order of keys.
    similar_asserts::assert_eq!(written, expected);
    assert_valid(&sarif_schema(), &written);
}

#[test]
fn sarif_of_odd_findings_is_valid() {
    let (mut sources, mut diagnostics) = example();
    let empty = Span::new(sources.add("/tmp/ü%.md", ""), 0, 0);
    let odd = Diagnostic::new(&UNUSED_FACT, empty, "")
        .related(empty, "twice")
        .related(empty, "twice")
        .fix("write `x`", empty, "x")
        .fix("write `x`", empty, "x")
        .with_fix("nothing", crate::diagnostic::Applicability::Unsafe, Vec::new());
    diagnostics.push(odd);
    let written: Value = serde_json::from_str(&shown(Format::Sarif, &sources, &diagnostics, 1, false)).unwrap();
    assert_valid(&sarif_schema(), &written);
    let result = &written["runs"][0]["results"][2];
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "file:///tmp/%C3%BC%25.md");
    assert_eq!(place["region"], serde_json::json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}));
    assert_eq!(result["fixes"].as_array().map(Vec::len), Some(1));
    let clean: Value = serde_json::from_str(&shown(Format::Sarif, &sources, &[], 0, false)).unwrap();
    assert_valid(&sarif_schema(), &clean);
}

#[test]
fn nothing_is_written_for_nothing() {
    for format in [Format::Human, Format::Short, Format::Agent, Format::Github] {
        assert_eq!(shown(format, &SourceMap::new(), &[], 0, true), "");
    }
}

#[test]
fn the_rest_is_counted() {
    let (sources, diagnostics) = example();
    let many: Vec<Diagnostic> = diagnostics.iter().cycle().take(14).cloned().collect();
    for format in [Format::Human, Format::Short, Format::Agent] {
        let text = shown(format, &sources, &many, 2, false);
        assert!(text.ends_with("\n… and 12 more; --max-diagnostics 0 shows all\n"), "{text}");
        let all = shown(format, &sources, &many, 14, false);
        assert_eq!(all.matches("implementaton").count() % 7, 0, "{all}");
        assert!(!all.contains("more;"), "{all}");
    }
    assert_eq!(shown(Format::Github, &sources, &many, 2, false).lines().count(), 14);
    assert_eq!(shown(Format::Json, &sources, &many, 2, false).matches("\"message\"").count(), 14);
}

#[test]
fn only_human_output_has_colours() {
    let (sources, diagnostics) = example();
    for format in Format::ALL {
        let coloured = shown(format, &sources, &diagnostics, 0, true).contains('\u{1b}');
        assert_eq!(coloured, format == Format::Human);
    }
}

#[test]
fn an_agent_gets_one_line_each() {
    let (sources, diagnostics) = example();
    let mut found = Diagnostic::new(&UNUSED_FACT, diagnostics[0].primary.span, "one\n  two")
        .related(diagnostics[1].primary.span, "")
        .fix("drop\nit", diagnostics[0].primary.span, "")
        .unsafe_fix("read it", diagnostics[0].primary.span, "x");
    let agent = |found: &Diagnostic| shown(Format::Agent, &sources, std::slice::from_ref(found), 0, false);
    let start = "flows/ship it.wf:2:6 WF104 one two [also flows/ship it.wf:5:30]";
    assert_eq!(agent(&found), format!("{start} | drop it; or read it\n"));
    found.fixes.clear();
    assert_eq!(agent(&found), format!("{start}\n"));
}

/// The official schema. It leaves a bracket bare that this validator wants escaped.
fn sarif_schema() -> Value {
    let schema = include_str!("../../tests/data/sarif-2.1.0.json").replace("{2}]?", r"{2}\\]?");
    serde_json::from_str(&schema).unwrap()
}

fn assert_valid(schema: &Value, document: &Value) {
    // Formats too, so that a broken URI is found.
    let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
