//! What is declared under the names by which documents speak of it.

use std::collections::BTreeMap;

use crate::analysis::Sound;
use crate::emit::skill::page_stem;
use crate::model::{NodeId, NodeKind};
use crate::source::Span;

/// Where each name is declared, by how it is written in a line.
#[derive(Debug, Default)]
pub struct Names {
    places: BTreeMap<String, Vec<Span>>,
}

impl Names {
    pub fn new(sound: Sound<'_, '_>) -> Self {
        let model = &sound.model;
        let mut names = Names::default();
        for limit in &model.limits {
            names.quoted(limit.name.name, [limit.name.span]);
        }
        for fact in &model.facts {
            names.quoted(fact.name.name, fact.deciders.iter().map(|decider| decider.span).chain([fact.name.span]));
        }
        for artifact in &model.artifacts {
            let declared = artifact.produced_at.iter().copied().chain([artifact.name.span]);
            names.quoted(&artifact.file(), declared);
        }
        for agent in &model.agents {
            names.quoted(agent.name.name, [agent.name.span]);
        }
        for skill in &model.skills {
            names.quoted(&skill.name.content(), [skill.name.span]);
        }
        for value in model.enums.iter().flat_map(|item| &item.values) {
            names.add(format!("| {} |", value.0.name), [value.0.span]);
        }
        for id in (1..model.nodes.len()).map(NodeId::new) {
            let node = model.node(id);
            match node.kind {
                NodeKind::Spawn => names.quoted(node.name.name, [node.name.span]),
                NodeKind::Phase | NodeKind::Gate => {
                    let title = model.title(id);
                    let label = if node.kind == NodeKind::Phase { "Phase" } else { "Gate" };
                    names.add(format!("{label} {}: {title}", model.number(id)), [node.name.span]);
                    names.add(format!("| {title} |"), [node.name.span]);
                }
                NodeKind::Stage | NodeKind::Loop => names.add(format!(" {}", model.title(id)), [node.name.span]),
                _ => {}
            }
            if node.kind == NodeKind::Phase {
                names.add(format!("/{}.md", page_stem(sound, id)), [node.name.span]);
            }
        }
        names
    }

    fn quoted(&mut self, name: &str, spans: impl IntoIterator<Item = Span>) {
        self.add(format!("`{name}`"), spans);
    }

    fn add(&mut self, written: String, spans: impl IntoIterator<Item = Span>) {
        self.places.entry(written).or_default().extend(spans);
    }

    /// The first name of a line: where it stands there, and where it is declared.
    pub fn of(&self, line: &str) -> Option<(usize, &[Span])> {
        let found = self.places.iter().filter_map(|(name, spans)| line.find(name.as_str()).map(|at| (at, name, spans)));
        found.min_by_key(|(at, name, _)| (*at, std::cmp::Reverse(name.len()))).map(|(at, _, spans)| (at, &spans[..]))
    }
}
