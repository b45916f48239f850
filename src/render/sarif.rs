//! One SARIF 2.1.0 log, for code scanning services and editors.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::places::Places;
use super::text;
use crate::diagnostic::{Applicability, Code, Diagnostic, Edit, Fix, Label, Severity};
use crate::source::{FileId, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// The base that relative URIs are relative to. Its place is left for the reader to know, as the specification allows.
const BASE: &str = "%SRCROOT%";

pub(super) fn write(
    out: &mut dyn Write,
    places: &Places<'_>,
    diagnostics: &[Diagnostic],
    one_line: bool,
) -> io::Result<()> {
    super::json::document(out, &log(places, diagnostics), one_line)
}

fn log(places: &Places<'_>, diagnostics: &[Diagnostic]) -> Value {
    let codes: BTreeMap<&str, &Code> = diagnostics.iter().map(|found| (found.code.id, found.code)).collect();
    let indexes: BTreeMap<&str, usize> = codes.keys().enumerate().map(|(index, id)| (*id, index)).collect();
    let rules: Vec<Value> = codes.values().map(|code| rule(code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|found| result(places, found, indexes[found.code.id])).collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Gatewright",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { BASE: { "description": { "text": "the folder in which wf was called" } } },
            "results": results,
        }],
    })
}

fn rule(code: &Code) -> Value {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.summary },
        "fullDescription": { "text": code.summary },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result(places: &Places<'_>, found: &Diagnostic, rule_index: usize) -> Value {
    let mut lines = vec![found.message.clone()];
    lines.extend(text::details(found));
    let mut result = json!({
        "ruleId": found.code.id,
        "ruleIndex": rule_index,
        "level": level(found.severity()),
        "message": { "text": lines.join("\n") },
        "locations": [location(places, &found.primary)],
    });
    if !found.related.is_empty() {
        // The ids keep two equal places apart: the schema wants unique items.
        let related = found.related.iter().enumerate().map(|(id, label)| {
            let mut location = location(places, label);
            location["id"] = json!(id);
            location
        });
        result["relatedLocations"] = related.collect();
    }
    if !found.variant.is_empty() {
        let variant: Map<String, Value> =
            found.variant.iter().map(|(fact, value)| (fact.clone(), json!(value))).collect();
        result["properties"] = json!({ "variant": variant });
    }
    let fixes = fixes(places, &found.fixes);
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

fn location(places: &Places<'_>, label: &Label) -> Value {
    let mut location = json!({ "physicalLocation": {
        "artifactLocation": artifact(places, label.span.file),
        "region": region(places, label.span),
    } });
    if !label.text.is_empty() {
        location["message"] = json!({ "text": label.text });
    }
    location
}

fn region(places: &Places<'_>, span: Span) -> Value {
    let (start, end) = (places.start(span), places.end(span));
    json!({
        "startLine": start.line,
        "startColumn": start.utf16_column,
        "endLine": end.line,
        "endColumn": end.utf16_column,
    })
}

/// The fixes that change anything, each once: the schema wants unique items and no empty change.
fn fixes(places: &Places<'_>, fixes: &[Fix]) -> Vec<Value> {
    let mut shown: Vec<Value> = Vec::new();
    for fix in fixes.iter().filter(|fix| !fix.edits.is_empty()) {
        let fix = change(places, fix);
        if !shown.contains(&fix) {
            shown.push(fix);
        }
    }
    shown
}

fn change(places: &Places<'_>, fix: &Fix) -> Value {
    let mut files: BTreeMap<FileId, Vec<Value>> = BTreeMap::new();
    for Edit { span, text } in &fix.edits {
        let replacement = json!({ "deletedRegion": region(places, *span), "insertedContent": { "text": text } });
        files.entry(span.file).or_default().push(replacement);
    }
    let changes: Vec<Value> = files
        .into_iter()
        .map(|(file, edits)| json!({ "artifactLocation": artifact(places, file), "replacements": edits }))
        .collect();
    let applicability = match fix.applicability {
        Applicability::Safe => "safe",
        Applicability::Unsafe => "unsafe",
    };
    json!({
        "description": { "text": fix.title },
        "artifactChanges": changes,
        "properties": { "applicability": applicability },
    })
}

fn artifact(places: &Places<'_>, file: FileId) -> Value {
    let name = places.raw_name(file);
    match name.strip_prefix('/') {
        Some(path) => json!({ "uri": format!("file:///{}", encode(path)) }),
        None => json!({ "uri": encode(name), "uriBaseId": BASE }),
    }
}

/// A path as part of a URI. A colon is encoded too, since it would make the first folder a scheme.
fn encode(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte as char),
            b'\\' if cfg!(windows) => uri.push('/'),
            byte => write!(uri, "%{byte:02X}").expect("a string takes every write"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_encoded() {
        assert_eq!(encode("a b/100%/ü.wf"), "a%20b/100%25/%C3%BC.wf");
        assert_eq!(encode("a:b?c#d"), "a%3Ab%3Fc%23d");
    }
}
