//! "Phase 9", "Gate 2", "Phase 11.1", with the name that stands beside.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::words::{self, Number};
use super::{NAME_DRIFT, NUMBER_DISAGREES, span_in};
use crate::analysis::{Analysis, Written};
use crate::diagnostic::{Applicability, Diagnostic, Edit, nearest};
use crate::model::{NodeId, NodeKind};

/// Phases, stages and gates by their numbers and names.
pub struct Places<'a, 's> {
    analysis: &'a Analysis<'s>,
    index: OnceCell<Index>,
}

#[derive(Default)]
struct Index {
    phases: Vec<NodeId>,
    gates: HashMap<usize, NodeId>,
    /// By title, in lower case with blanks, and by name.
    named: HashMap<String, Vec<NodeId>>,
}

/// "Phase 9" with what it stands for.
struct Place {
    kind: NodeKind,
    /// As it is written: `Phase 9`, `11.1`.
    start: usize,
    end: usize,
    item: Option<NodeId>,
    /// One of several: "Phases 3, 4".
    listed: bool,
}

/// A name is written in another way by so many letters at most, where it may be none.
const MOST_SLIPS: usize = 2;

/// What follows a number that is not ours: a phase of a trial, of a moon, of a current.
const OF_OTHERS: [&str; 14] = [
    "of", "trial", "trials", "study", "studies", "clinical", "data", "degrees", "current", "power", "shift", "review",
    "rollout", "project",
];

impl<'a, 's> Places<'a, 's> {
    pub fn new(analysis: &'a Analysis<'s>) -> Self {
        Places { analysis, index: OnceCell::new() }
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| {
            let model = &self.analysis.model;
            let mut index = Index { phases: model.phases().collect(), ..Index::default() };
            for gate in model.nodes_of(NodeKind::Gate) {
                index.gates.insert(model.number(gate), gate);
            }
            for (position, node) in model.nodes.iter().enumerate() {
                let id = NodeId::new(position);
                if matches!(node.kind, NodeKind::Phase | NodeKind::Stage | NodeKind::Gate) {
                    let title = folded(&model.title(id));
                    let name = folded(node.name.name);
                    if title != name {
                        index.named.entry(name).or_default().push(id);
                    }
                    index.named.entry(title).or_default().push(id);
                }
            }
            index
        })
    }

    /// Looks at a number that may be that of a phase or gate.
    pub fn look(&self, text: &Written<'_>, number: &Number, found: &mut Vec<Diagnostic>) {
        let Some(place) = self.place(text.raw, number) else { return };
        let label = if place.listed { None } else { self.name_beside(text.raw, &place) };
        match (place.item, label) {
            (Some(item), Some((start, end, label))) => self.compare(text, &place, item, (start, end), label, found),
            (None, label) => {
                let named = label.and_then(|(.., label)| self.named(label, place.kind));
                found.push(self.no_such_number(text, &place, named));
            }
            (Some(_), None) => {}
        }
    }

    /// "Phase 9", when the number is one: also the later ones of "Phases 3, 4 and 9".
    fn place(&self, raw: &str, number: &Number) -> Option<Place> {
        if !raw.as_bytes()[number.start].is_ascii_digit() {
            return None;
        }
        let (start, kind, plural) = head(raw, number.start)?;
        let mut end = number.end;
        let model = &self.analysis.model;
        let stage =
            raw[end..].strip_prefix('.').map(|rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
        let stage = stage.filter(|digits| !digits.is_empty());
        let phase = number.value.checked_sub(1).and_then(|before| self.index().phases.get(before)).copied();
        let item = match (kind, stage) {
            (NodeKind::Gate, None) => self.index().gates.get(&number.value).copied(),
            (NodeKind::Gate, Some(_)) => return None,
            (_, None) => phase,
            (_, Some(digits)) => {
                end += 1 + digits.len();
                let wanted: usize = digits.parse().ok()?;
                phase.and_then(|phase| {
                    let mut stages = model.descendants(phase).filter(|id| model.node(*id).kind == NodeKind::Stage);
                    stages.find(|stage| model.number(*stage) == wanted)
                })
            }
        };
        // "Phase 9.x", "Phase 1.2.3" are other numbers.
        if raw[end..].starts_with(['_', '/', '%', '°'])
            || raw[end..].starts_with(".") && raw[end + 1..].starts_with(|c: char| c.is_ascii_alphanumeric())
        {
            return None;
        }
        if let Some((_, next)) = words::after(raw, end)
            && OF_OTHERS.iter().any(|other| other.eq_ignore_ascii_case(next))
        {
            return None;
        }
        // "In Phases 3 and 4, 12 files change": the number counts something.
        let counts = |word: &str| word.len() > 3 && word.ends_with('s');
        if plural && words::after(raw, end).is_some_and(|(_, next)| counts(next)) {
            return None;
        }
        let kind = if stage.is_some() { NodeKind::Stage } else { kind };
        Some(Place { kind, start: if plural { number.start } else { start }, end, item, listed: plural })
    }

    /// The title that stands beside: "Phase 9: Title", "Phase 9 (Title)", "Title (Phase 9)", with its place.
    fn name_beside<'t>(&self, raw: &'t str, place: &Place) -> Option<(usize, usize, &'t str)> {
        let emphasis = |c: char| c == '*' || c == '`';
        let rest = &raw[place.end..];
        let rest = rest.trim_start_matches('*');
        let behind = if let Some(inner) = rest.strip_prefix(" (").or(rest.strip_prefix('(')) {
            inner.split_once([')', '\n']).map(|(label, _)| label)
        } else {
            [": ", " - ", " – ", " — ", ":** "].iter().find_map(|separator| rest.strip_prefix(separator)).map(|label| {
                label.split(['.', ',', ';', '|', ')', '(', ']', '[', '"', '\n', '\\', ':']).next().unwrap_or_default()
            })
        };
        if let Some(label) = behind {
            let label = label.trim().trim_matches(emphasis);
            let start = label.as_ptr() as usize - raw.as_ptr() as usize;
            return (!label.is_empty()).then_some((start, start + label.len(), label));
        }
        // "Title (Phase 9)": the longest name that ends there.
        let head = raw[..place.start].strip_suffix('(').filter(|_| rest.starts_with(')'))?;
        let head = head.strip_suffix(' ')?.trim_end_matches(emphasis);
        let line = head.rfind(['\n', '"', '|', '.', ',', ';', ':', '(']).map_or(0, |at| at + 1);
        let mut starts: Vec<usize> = head[line..].match_indices(' ').map(|(at, _)| line + at + 1).collect();
        starts.insert(0, line);
        starts.iter().map(|start| (*start, head[*start..].trim_start_matches(emphasis))).find_map(|(start, label)| {
            let begins = raw[line..start].trim_end().rsplit(' ').next().unwrap_or_default();
            let own = label.starts_with(char::is_uppercase)
                && !begins.starts_with(char::is_uppercase)
                && !["the", "a", "an", "its", "this", "your"].contains(&begins);
            let at = label.as_ptr() as usize - raw.as_ptr() as usize;
            (own && self.named(label, place.kind).is_some()).then_some((at, at + label.len(), label))
        })
    }

    /// The item of this title or name, if there is one: of the kind that is looked for first.
    fn named(&self, label: &str, kind: NodeKind) -> Option<NodeId> {
        let all = self.index().named.get(&folded(label))?;
        let model = &self.analysis.model;
        let of_kind = |id: &&NodeId| model.node(**id).kind == kind;
        all.iter().find(of_kind).copied()
    }

    fn compare(
        &self,
        text: &Written<'_>,
        place: &Place,
        item: NodeId,
        (start, end): (usize, usize),
        label: &str,
        found: &mut Vec<Diagnostic>,
    ) {
        let model = &self.analysis.model;
        let wanted = folded(label);
        if self.index().named.get(&wanted).is_some_and(|all| all.contains(&item)) {
            return;
        }
        if let Some(other) = self.named(label, place.kind) {
            let written = &text.raw[place.start..place.end];
            let (title, number) = (model.title(other), self.shown(other));
            let diagnostic = Diagnostic::new(
                &NUMBER_DISAGREES,
                span_in(text, place.start, place.end),
                format!("`{title}` is {number}, not {written}"),
            )
            .label(format!("this is `{}`", model.title(item)))
            .related(model.node(other).name.span, format!("{number} is written here"));
            found.push(self.referring(text, place, other, diagnostic));
            return;
        }
        let (title, name) = (model.title(item), model.node(item).name.name);
        let names = [folded(&title), folded(name)];
        let Some(near) = nearest(&wanted, names.iter().map(String::as_str)) else { return };
        // In parentheses there may as well stand what happens there: `Phase 7 (architecture approval)`.
        if text.raw[..start].ends_with('(') && strsim::osa_distance(&wanted, near) > MOST_SLIPS {
            return;
        }
        let meant = if near == names[0] { title.as_str() } else { name };
        found.push(
            Diagnostic::new(
                &NAME_DRIFT,
                span_in(text, start, end),
                format!("{} is called `{meant}`, not `{label}`", self.shown(item)),
            )
            .label("nearly its name")
            .related(model.node(item).name.span, "written here")
            .help(format!("write `{meant}`, or rename the {}", model.node(item).kind.word()))
            .unsafe_fix(format!("write `{meant}`"), span_in(text, start, end), meant),
        );
    }

    fn no_such_number(&self, text: &Written<'_>, place: &Place, named: Option<NodeId>) -> Diagnostic {
        let model = &self.analysis.model;
        let digits = text.raw[place.start..place.end].trim_start_matches(|c: char| !c.is_ascii_digit());
        let (what, count) = match place.kind {
            NodeKind::Gate => ("gate", self.index().gates.len()),
            NodeKind::Stage => ("stage", model.nodes_of(NodeKind::Stage).count()),
            _ => ("phase", self.index().phases.len()),
        };
        let there = match (place.kind, count) {
            (NodeKind::Stage, _) => "that phase has no stage of this number".to_string(),
            (_, 0) => format!("the workflow has no {what}"),
            (_, 1) => format!("the workflow has one {what}"),
            (_, count) => format!("the workflow has {count} {what}s"),
        };
        let diagnostic = Diagnostic::new(
            &NUMBER_DISAGREES,
            span_in(text, place.start, place.end),
            format!("there is no {what} {digits}: {there}"),
        )
        .label("no item has this number");
        match named {
            Some(item) => self.referring(text, place, item, diagnostic),
            None if !text.references => diagnostic.help("name the item instead: its number follows from the order"),
            None => diagnostic.help(format!("write `${{{what} NAME}}`, which prints the number that the item has")),
        }
    }

    /// The way out for a place that is known: a reference, where the text can hold one.
    fn referring(&self, text: &Written<'_>, place: &Place, item: NodeId, diagnostic: Diagnostic) -> Diagnostic {
        let node = self.analysis.model.node(item);
        let (reference, title) = if text.references {
            let reference = format!("${{{} {}}}", node.kind.word(), node.name.name);
            let help = format!("`{reference}` prints the number that it has");
            (reference, help)
        } else {
            (self.shown(item), format!("write `{}`", self.shown(item)))
        };
        let edit = Edit { span: span_in(text, place.start, place.end), text: reference.clone() };
        diagnostic.help(title).with_fix(format!("write `{reference}`"), Applicability::Unsafe, vec![edit])
    }

    /// "Phase 8", "Phase 11.1", "Gate 4".
    fn shown(&self, id: NodeId) -> String {
        let model = &self.analysis.model;
        match model.node(id).kind {
            NodeKind::Gate => format!("Gate {}", model.number(id)),
            NodeKind::Stage => {
                let phase = model.phase_of(id).map_or(0, |phase| model.number(phase));
                format!("Phase {phase}.{}", model.number(id))
            }
            _ => format!("Phase {}", model.number(id)),
        }
    }
}

/// The word before a number, and of what kind of item it speaks; whether it speaks of several.
fn head(raw: &str, number: usize) -> Option<(usize, NodeKind, bool)> {
    let mut at = number;
    let mut listed = false;
    // "Phases 3, 4 and 9": the word stands before the first.
    for _ in 0..64 {
        if let Some((start, word)) = words::before(raw, at) {
            let kind = match word {
                "Phase" | "phase" | "PHASE" => (NodeKind::Phase, false),
                "Gate" | "gate" | "GATE" => (NodeKind::Gate, false),
                "Phases" => (NodeKind::Phase, true),
                // "3 phases 9 times" counts.
                "phases" if digits_before(raw, start).is_none() => (NodeKind::Phase, true),
                // "It gates 4 of them" does something.
                "Gates" => (NodeKind::Gate, true),
                "and" | "or" | "to" | "through" => {
                    at = digits_before(raw, start)?;
                    listed = true;
                    continue;
                }
                _ => return None,
            };
            let joined = raw[..start].ends_with(['-', '_', '/', '.', '\'']);
            // "Phase 3 and 4" says so of the first only.
            return (!joined && (kind.1 || !listed)).then_some((start, kind.0, kind.1));
        }
        let head = raw[..at].trim_end();
        let head = head.strip_suffix([',', '-', '–', '→', '/'])?;
        at = digits_before(raw, head.len())?;
        listed = true;
    }
    None
}

/// Where the number begins that ends here.
fn digits_before(raw: &str, at: usize) -> Option<usize> {
    let head = raw[..at].trim_end();
    let start = head.len() - head.bytes().rev().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    (start < head.len()).then_some(start)
}

/// In lower case, hyphens and underscores as blanks.
fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', '_'], " ")
}
