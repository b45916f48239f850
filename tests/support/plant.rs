//! Faults planted in clean files, each with the place where it must be reported and with nothing that follows from it.

use super::{Finding, Seeded, faults};
use gatewright::syntax::ITEM_WORDS;

/// What can be planted.
pub const KINDS: &[&str] = &[
    "at most 0",
    "bad unit",
    "closing block quotes deleted",
    "closing brace deleted",
    "closing quote deleted",
    "duplicate phase",
    "keyword misspelled",
    "misplaced statement",
    "purpose repeated",
    "stray brace",
    "type mismatch",
    "unknown artifact",
    "unknown fact",
    "unknown reference",
    "unknown value",
];

/// Statements whose keyword may be misspelled: at the begin of a line they are nothing else.
const STATEMENTS: &[&str] = &[
    "purpose",
    "reads",
    "produces",
    "spawn",
    "checklist",
    "decides",
    "require",
    "stage",
    "prompt",
    "step",
    "gate",
    "ask",
    "skills",
    "tools",
    "on",
    "keep",
    "until",
    "expect",
    "given",
    "section",
    "description",
    "writes",
    "model",
    "path",
];

#[derive(Debug, Clone)]
pub struct Fault {
    pub what: &'static str,
    /// Any of these may name it.
    codes: &'static [&'static str],
    /// Lines of the item, from 0, in which it must be reported.
    lines: (usize, usize),
    /// A text of its own that must stand in the message, if any.
    says: &'static str,
}

pub struct Case {
    pub text: String,
    pub faults: Vec<Fault>,
    /// Lines of the file, from 1, for each fault.
    places: Vec<(usize, usize)>,
}

impl Case {
    /// Exactly the planted faults are reported, each in its place.
    pub fn check(&self) -> Result<(), String> {
        let found = faults(&self.text);
        let mut left: Vec<&Finding> = found.iter().collect();
        let mut missing = Vec::new();
        for (fault, (from, to)) in self.faults.iter().zip(&self.places) {
            let at = left.iter().position(|finding| {
                (*from..=*to).contains(&finding.line)
                    && fault.codes.contains(&finding.code)
                    && finding.message.contains(fault.says)
            });
            match at {
                Some(at) => drop(left.remove(at)),
                None => missing.push(format!("{} in lines {from} to {to}", fault.what)),
            }
        }
        if missing.is_empty() && left.is_empty() {
            return Ok(());
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let mut why = String::from("── planted: ");
        for (fault, (from, to)) in self.faults.iter().zip(&self.places) {
            let end = (*to).min(from + 1).min(lines.len());
            why += &format!("{} ({from}: {:?}); ", fault.what, &lines[(from - 1).min(end)..end]);
        }
        why += &format!("\n   missing: {missing:?}\n   too much: ");
        for finding in left.iter().take(4) {
            why += &format!("{}: {} {}; ", finding.line, finding.code, finding.message);
        }
        Err(why)
    }
}

/// Whole items with the blanks and comments before them, as lines.
fn items(text: &str) -> Vec<Vec<String>> {
    let mut items: Vec<Vec<String>> = Vec::new();
    for line in text.lines() {
        let word: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
        if items.is_empty() || ITEM_WORDS.contains(&word.as_str()) {
            items.push(Vec::new());
        }
        items.last_mut().expect("one was pushed").push(line.to_string());
    }
    items
}

/// The line where an item ends: what stands behind it are blanks and comments.
fn last_line(item: &[String]) -> usize {
    item.iter().rposition(|line| !line.trim().is_empty() && !line.starts_with("//")).unwrap_or(0)
}

/// Plants so many faults in different items; `None` when the chosen items take none.
pub fn plant(text: &str, count: usize, seeded: &mut Seeded) -> Option<Case> {
    let clean = items(text);
    let mut planted: Vec<Option<(Vec<String>, Fault)>> = clean.iter().map(|_| None).collect();
    let mut broken_declaration = false;
    let mut needs_declarations = false;
    for _ in 0..count * 12 {
        if planted.iter().flatten().count() == count {
            break;
        }
        let at = seeded.below(clean.len());
        let kind = KINDS[seeded.below(KINDS.len())];
        if planted[at].is_some() {
            continue;
        }
        let Some(found) = plant_one(kind, &clean[at], seeded, &clean) else { continue };
        let declares = !clean[at][0].starts_with("phase") && !clean[at][0].starts_with("loop");
        let breaks = matches!(found.1.codes[0], "WF001" | "WF002" | "WF003" | "WF004") && kind != "stray brace";
        let needs = matches!(kind, "type mismatch" | "unknown value");
        // What was not read cannot be judged: no wrong value of an enum that has a fault itself.
        if breaks && declares && needs_declarations || needs && broken_declaration {
            continue;
        }
        broken_declaration |= breaks && declares;
        needs_declarations |= needs;
        planted[at] = Some(found);
    }
    assemble(&clean, planted)
}

fn assemble(clean: &[Vec<String>], planted: Vec<Option<(Vec<String>, Fault)>>) -> Option<Case> {
    let mut case = Case { text: String::new(), faults: Vec::new(), places: Vec::new() };
    let mut line = 1;
    for (item, planted) in clean.iter().zip(planted) {
        let lines = match planted {
            Some((lines, fault)) => {
                case.places.push((line + fault.lines.0, line + fault.lines.1));
                case.faults.push(fault);
                lines
            }
            None => item.clone(),
        };
        line += lines.len();
        for line in lines {
            case.text.push_str(&line);
            case.text.push('\n');
        }
    }
    (!case.faults.is_empty()).then_some(case)
}

/// Every kind in every item that takes it, alone, at up to three places.
pub fn each_alone(text: &str) -> Vec<Case> {
    let clean = items(text);
    let mut seeded = Seeded::new(11);
    let mut cases = Vec::new();
    for kind in KINDS {
        for at in 0..clean.len() {
            let mut seen = Vec::new();
            for _ in 0..3 {
                let Some((lines, fault)) = plant_one(kind, &clean[at], &mut seeded, &clean) else { break };
                if seen.contains(&lines) {
                    continue;
                }
                seen.push(lines.clone());
                let mut planted: Vec<Option<(Vec<String>, Fault)>> = clean.iter().map(|_| None).collect();
                planted[at] = Some((lines, fault));
                cases.extend(assemble(&clean, planted));
            }
        }
    }
    cases
}

/// Lines outside of blocks of text.
fn code_lines(item: &[String]) -> Vec<usize> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (index, line) in item.iter().enumerate() {
        if !inside && !line.trim_start().starts_with("//") {
            lines.push(index);
        }
        if line.matches("\"\"\"").count() % 2 == 1 {
            inside = !inside;
        }
    }
    lines
}

fn plant_one(
    kind: &'static str,
    item: &[String],
    seeded: &mut Seeded,
    all: &[Vec<String>],
) -> Option<(Vec<String>, Fault)> {
    let mut lines = item.to_vec();
    let code = code_lines(item);
    let last = last_line(item);
    let is_phase = item[0].starts_with("phase ") && item[0].ends_with('{');
    // One of the lines for which a change can be made.
    let mut change = |seeded: &mut Seeded, how: &dyn Fn(&str) -> Option<String>| -> Option<usize> {
        let fitting: Vec<(usize, String)> = code.iter().filter_map(|at| Some((*at, how(&item[*at])?))).collect();
        let (at, changed) = fitting.get(seeded.below(fitting.len()))?.clone();
        lines[at] = changed;
        Some(at)
    };
    let unread: &[&str] = &["WF001", "WF004"];
    let (codes, at, says): (&'static [&'static str], (usize, usize), &'static str) = match kind {
        "keyword misspelled" => {
            let at = change(seeded, &|line| {
                let word = line.trim_start().split(' ').next()?;
                let fits = line.starts_with(' ') && STATEMENTS.contains(&word);
                fits.then(|| line.replacen(word, &format!("{word}x"), 1))
            })?;
            (&["WF004", "WF001"], (at, at), "")
        }
        "closing brace deleted" => {
            if item[last] != "}" {
                return None;
            }
            lines[last].clear();
            (&["WF002"], (0, last), "")
        }
        "closing quote deleted" => {
            let at = change(seeded, &|line| {
                let fits =
                    line.contains('"') && !line.contains("\"\"") && !line.contains("\\\"") && !line.contains("//");
                let end = line.rfind('"').filter(|_| fits)?;
                Some(format!("{}{}", &line[..end], &line[end + 1..]))
            })?;
            (&["WF003"], (at, at), "")
        }
        "closing block quotes deleted" => {
            let opening: Vec<usize> = code.iter().copied().filter(|at| item[*at].ends_with("\"\"\"")).collect();
            let at = *opening.get(seeded.below(opening.len()))?;
            let closing = (at + 1..item.len()).find(|line| item[*line].trim() == "\"\"\"")?;
            lines[closing].clear();
            // The opening of a later block of the item then closes this one: any opening may be blamed.
            (&["WF003", "WF001", "WF004"], (at, last), "")
        }
        "stray brace" => {
            lines.insert(last + 1, "}".to_string());
            (unread, (last + 1, last + 1), "")
        }
        "unknown artifact" => {
            let at = change(seeded, &|line| {
                let names = line.trim_start().strip_prefix("reads ")?.trim_start_matches('[');
                let name: String = names.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
                (!name.is_empty()).then(|| line.replacen(&name, &format!("{name}-qq"), 1))
            })?;
            (&["WF101"], (at, at), "-qq")
        }
        "unknown fact" => {
            let at = change(seeded, &|line| {
                let (before, after) = line.split_once(" when ")?;
                let fits = after.starts_with("size ") || after.starts_with("work_type ") || after.starts_with("ready");
                (fits && !before.contains('"') | before.starts_with("phase") | before.contains("stage"))
                    .then(|| format!("{before} when qq{after}"))
            })?;
            (&["WF101"], (at, at), "qq")
        }
        "unknown value" => {
            let at = change(seeded, &|line| value_of(line, "QQ"))?;
            (&["WF101"], (at, at), "QQ")
        }
        "type mismatch" => {
            let at = change(seeded, &|line| value_of(line, "7"))?;
            (&["WF301"], (at, at), "7")
        }
        "duplicate phase" => {
            let name = item[0].strip_prefix("phase ")?.split(' ').next()?;
            // Behind the last phase the copy would be one to which the last does not report: not the same file.
            if all.iter().rfind(|other| other[0].starts_with("phase "))?[0] == item[0] {
                return None;
            }
            let copy = format!("phase {name} \"Again\" {{");
            lines.splice(last + 1..last + 1, [copy, "  purpose \"Once more\"".to_string(), "}".to_string()]);
            (&["WF102"], (last + 1, last + 3), "")
        }
        "unknown reference" => {
            let at = change(seeded, &|line| {
                let text = line.trim_start();
                let fits = text.starts_with("purpose \"") || text.starts_with("step ") && text.contains(" \"");
                let at = line.find('"').filter(|_| fits)?;
                Some(format!("{}\"${{qqq}} {}", &line[..at], &line[at + 1..]))
            })?;
            (&["WF110"], (at, at), "qqq")
        }
        "at most 0" => {
            let at = change(seeded, &|line| {
                let from = line.find(" at most ")? + " at most ".len();
                let digits = line[from..].chars().take_while(char::is_ascii_digit).count();
                (digits > 0 && !line.contains("//")).then(|| format!("{}0{}", &line[..from], &line[from + digits..]))
            })?;
            (&["WF007"], (at, at), "")
        }
        "bad unit" if is_phase => {
            lines.insert(1, "  budget runtime 30x".to_string());
            (&["WF007"], (1, 1), "30x")
        }
        "misplaced statement" if is_phase => {
            lines.insert(1, "  prompt \"This belongs to a spawn\"".to_string());
            (&["WF006"], (1, 1), "prompt")
        }
        "purpose repeated" if is_phase => {
            let first = code.iter().find(|at| item[**at].starts_with("  purpose ")).copied()?;
            lines.insert(first + 1, "  purpose \"Said again\"".to_string());
            (&["WF005"], (first + 1, first + 1), "purpose")
        }
        _ => return None,
    };
    Some((lines, Fault { what: kind, codes, lines: at, says }))
}

/// The line with another value where a fact is compared in a header.
fn value_of(line: &str, value: &str) -> Option<String> {
    let header = line.starts_with("phase ") || line.trim_start().starts_with("stage ");
    for start in ["size == ", "size >= ", "work_type == ", "work_type >= "] {
        if let Some(at) = line.find(start).filter(|_| header) {
            let from = at + start.len();
            let length = line[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').count();
            return Some(format!("{}{value}{}", &line[..from], &line[from + length..]));
        }
    }
    None
}
