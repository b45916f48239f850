//! Names in backticks that are nearly those of phases, gates and agents.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use super::{NAME_DRIFT, span_in, words};
use crate::analysis::{Analysis, Written};
use crate::diagnostic::Diagnostic;
use crate::model::{NodeId, NodeKind};
use crate::source::Span;

/// Shorter names are other words too easily.
const MIN_LENGTH: usize = 8;

pub struct Names<'a, 's> {
    analysis: &'a Analysis<'s>,
    index: OnceCell<Index<'a>>,
}

struct Index<'a> {
    /// Every name there is, of whatever kind.
    known: HashSet<&'a str>,
    /// Names that may be meant, by what is left of them without one letter: two names one letter apart share such a rest.
    rests: HashMap<String, Vec<Meant<'a>>>,
}

#[derive(Debug, Clone, Copy)]
struct Meant<'a> {
    kind: &'static str,
    name: &'a str,
    span: Span,
}

impl<'a, 's> Names<'a, 's> {
    pub fn new(analysis: &'a Analysis<'s>) -> Self {
        Names { analysis, index: OnceCell::new() }
    }

    /// Looks at what stands between backticks.
    pub fn look(&self, text: &Written<'_>, found: &mut Vec<Diagnostic>) {
        for (start, end) in words::code(text.raw) {
            let name = &text.raw[start + 1..end.max(start + 2) - 1];
            if !is_name(name) {
                continue;
            }
            let index = self.index.get_or_init(|| index(self.analysis));
            if index.known.contains(name) {
                continue;
            }
            let near = rests(name).chain([name.to_string()]).filter_map(|rest| index.rests.get(&rest)).flatten();
            let mut near: Vec<&Meant<'_>> = near.filter(|meant| drifted(name, meant.name)).collect();
            near.sort_by_key(|meant| meant.span);
            near.dedup_by_key(|meant| meant.span);
            let [meant] = near[..] else { continue };
            found.push(
                Diagnostic::new(
                    &NAME_DRIFT,
                    span_in(text, start + 1, end - 1),
                    format!("nothing is called `{name}`; {} `{}` nearly is", meant.kind, meant.name),
                )
                .label("one letter away")
                .related(meant.span, "declared here")
                .help(format!("did you mean `{}`?", meant.name))
                .unsafe_fix(
                    format!("write `{}`", meant.name),
                    span_in(text, start + 1, end - 1),
                    meant.name,
                ),
            );
        }
    }
}

/// Where in a source a name stands in backticks; in their order.
pub fn candidates(source: &str) -> Vec<usize> {
    let ticks = source.match_indices('`').map(|(at, _)| at);
    let named = |at: &usize| {
        let rest = &source[at + 1..];
        rest.find(['`', '\n']).is_some_and(|end| is_name(&rest[..end]))
    };
    ticks.filter(named).collect()
}

/// Several words joined, as names of items are and few other words.
fn is_name(word: &str) -> bool {
    word.len() >= MIN_LENGTH
        && word.contains(['-', '_'])
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// One letter is wrong, missing, added or swapped; a plural or another ending is another word.
fn drifted(written: &str, name: &str) -> bool {
    !written.starts_with(name) && !name.starts_with(written) && strsim::osa_distance(written, name) == 1
}

/// What is left of a name without one of its letters.
fn rests(name: &str) -> impl Iterator<Item = String> + '_ {
    (0..name.len()).map(|at| format!("{}{}", &name[..at], &name[at + 1..]))
}

fn index<'a>(analysis: &'a Analysis<'_>) -> Index<'a> {
    let model = &analysis.model;
    let mut known: HashSet<&str> = HashSet::new();
    known.extend(model.nodes.iter().map(|node| node.name.name));
    known.extend(
        model.enums.iter().flat_map(|item| item.values.iter().map(|(name, _)| name.name).chain([item.name.name])),
    );
    known.extend(model.facts.iter().map(|fact| fact.name.name));
    known.extend(model.lets.iter().map(|constant| constant.name.name));
    known.extend(model.limits.iter().map(|limit| limit.name.name));
    known.extend(model.artifacts.iter().map(|artifact| artifact.name.name));
    known.extend(model.agents.iter().map(|agent| agent.name.name));
    known.extend(model.procedures.iter().map(|procedure| procedure.name.name));
    known.extend(model.procedures.iter().flat_map(|procedure| &procedure.items).map(|item| item.name.name));
    known.extend(model.nodes.iter().enumerate().flat_map(|(index, _)| {
        let gate = model.gate(NodeId::new(index));
        gate.into_iter().flat_map(|gate| &gate.items).map(|item| item.name.name)
    }));
    known.extend(model.scores.iter().flat_map(|score| &score.factors).map(|factor| factor.name.name));
    known.extend(model.document.iter().map(|document| document.name.name));
    let items = model.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Phase | NodeKind::Gate));
    let items = items.map(|node| Meant { kind: node.kind.word(), name: node.name.name, span: node.name.span });
    let agents = model.agents.iter().map(|agent| Meant { kind: "agent", name: agent.name.name, span: agent.name.span });
    let mut by_rest: HashMap<String, Vec<Meant<'_>>> = HashMap::new();
    for meant in items.chain(agents).filter(|meant| is_name(meant.name)) {
        for rest in rests(meant.name).chain([meant.name.to_string()]) {
            by_rest.entry(rest).or_default().push(meant);
        }
    }
    // Skills are named by texts, too, and by whoever is spawned.
    for skill in
        model.skills.iter().map(|skill| skill.name.raw).chain(model.requires_skills.iter().map(|used| used.skill.raw))
    {
        known.insert(skill.trim_matches('"'));
    }
    for node in 0..model.nodes.len() {
        for skill in model.work(NodeId::new(node)).into_iter().flat_map(|work| &work.skills) {
            known.insert(skill.raw.trim_matches('"'));
        }
    }
    for agent in &model.agents {
        known.extend(agent.cast.skills.iter().map(|skill| skill.raw.trim_matches('"')));
    }
    Index { known, rests: by_rest }
}
