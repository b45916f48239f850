//! From the model to the outline.

use super::ways::Ways;
use super::{Branches, Item, Outline, Part, State};
use crate::analysis::{Runs, Sound};
use crate::emit::graph::View;
use crate::emit::graph::words::{self, at_most, clean, counted, shown, title};
use crate::model::{ArtifactId, Detail, Each, Gate, Model, Node, NodeId, NodeKind};

impl Outline {
    pub fn new(sound: Sound<'_, '_>, view: &View) -> Self {
        let model = &sound.model;
        let root = Builder { sound, view }.item(NodeId::new(0));
        let (name, title) = match &model.header {
            Some(header) => (
                header.name.name.to_string(),
                header
                    .title
                    .as_ref()
                    .map_or_else(|| crate::model::readable(header.name.name), |title| shown(sound, title)),
            ),
            None => Default::default(),
        };
        let phases: Vec<NodeId> = model.phases().collect();
        let gates = model.nodes_of(NodeKind::Gate).count();
        let agents = model.agents.iter().filter(|agent| agent.used).count();
        let size = [(phases.len(), "phase"), (gates, "gate"), (agents, "agent")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| counted(number, what))
            .collect::<Vec<_>>()
            .join(", ");
        let given = view.given.as_ref().map(|given| {
            let count = |runs| phases.iter().filter(|phase| view.runs(**phase) == runs).count();
            let tail = match (count(Runs::Depends), count(Runs::Never)) {
                (0, 0) => String::new(),
                (0, never) => format!(", {never} skipped"),
                (depends, 0) => format!(", {depends} maybe"),
                (depends, never) => format!(", {depends} maybe, {never} skipped"),
            };
            format!("{}: {} of {} run{tail}", clean(given), count(Runs::Always), counted(phases.len(), "phase"))
        });
        let origin = words::origin(&name, model);
        Outline { name, title, size, origin, given, root }
    }
}

struct Builder<'a, 's> {
    sound: Sound<'a, 's>,
    view: &'a View,
}

impl<'s> Builder<'_, 's> {
    fn item(&self, id: NodeId) -> Item {
        let model = &self.sound.model;
        let node = model.node(id);
        let (state, own_state) = self.state(id);
        let decided = self.view.given.is_some() && state == State::Runs;
        let mut item = Item {
            id,
            end: node.end,
            kind: node.kind,
            name: clean(node.name.name),
            number: self.number(node.kind, id),
            title: self.title(node, id),
            state,
            own_state,
            conditions: if decided { Vec::new() } else { conditions(model, node, id) },
            once: node.once().is_some(),
            required: node.required().is_some(),
            irreversible: node.irreversible().is_some(),
            outputs: Vec::new(),
            decides: Vec::new(),
            asks_for: Vec::new(),
            bound: None,
            until: None,
            routes: Vec::new(),
            body: self.parts(id),
        };
        let mut ways = Ways { sound: self.sound, view: self.view, from: id, found: Vec::new() };
        match model.detail(id) {
            Detail::None | Detail::Step(_) => {}
            Detail::Work(work) => {
                item.outputs = work.produces.iter().map(|artifact| self.file(*artifact)).collect();
                item.decides = work.decides.iter().map(|fact| clean(model.facts[fact.index()].name.name)).collect();
                for revision in &work.revises {
                    let name = clean(model.facts[revision.fact.index()].name.name);
                    if !item.decides.contains(&name) {
                        item.decides.push(name);
                    }
                }
                work.on_failure.iter().for_each(|outcome| ways.outcome(outcome, "on failure"));
                ways.branches(&work.on_blocked, "when blocked");
            }
            Detail::Gate(gate) => {
                item.asks_for = asks_for(model, gate, id);
                gate.ask.iter().for_each(|ask| ways.ask(ask));
                ways.branches(&gate.on_fail, "on fail");
            }
            Detail::Loop(inner) => {
                item.bound = inner.bound.as_ref().map(at_most);
                item.until = inner.until.as_ref().map(|until| clean(&model.written(until.span)));
                inner.on_exhausted.iter().for_each(|outcome| ways.outcome(outcome, "when exhausted"));
            }
        }
        item.routes = ways.found;
        item
    }

    fn number(&self, kind: NodeKind, id: NodeId) -> String {
        let model = &self.sound.model;
        match (kind, model.number(id)) {
            (_, 0) => String::new(),
            (NodeKind::Stage, number) => {
                format!("{}.{number}", model.phase_of(id).map_or(0, |phase| model.number(phase)))
            }
            (_, number) => number.to_string(),
        }
    }

    fn title(&self, node: &Node<'s>, id: NodeId) -> String {
        let model = &self.sound.model;
        let each = model.work(id).and_then(|work| work.each.as_ref());
        match (&node.title, each) {
            (_, Some(each)) => self.each_title(node, each),
            (None, _) if node.kind == NodeKind::Spawn => String::new(),
            (None, _) if node.kind == NodeKind::Parallel => "in parallel".to_string(),
            _ => title(self.sound, id),
        }
    }

    fn each_title(&self, node: &Node<'s>, each: &Each<'s>) -> String {
        let mut said = format!("for each {}", node.name.name);
        if let Some(from) = &each.from {
            said.push_str(&format!(" from {}", self.file(from.artifact)));
        }
        if let Some(section) = &each.section {
            said.push_str(&format!(", “{}”", shown(self.sound, section)));
        }
        if let Some(bound) = &each.bound {
            said.push_str(&format!(", {}", at_most(bound)));
        }
        if each.else_once {
            said.push_str(", else once");
        }
        clean(&said)
    }

    fn file(&self, artifact: ArtifactId) -> String {
        let artifact = &self.sound.model.artifacts[artifact.index()];
        match &artifact.path {
            Some(path) => shown(self.sound, path),
            None => clean(&artifact.file()),
        }
    }

    /// What runs is decided by the facts; an item is marked only where it differs from what stands around it.
    fn state(&self, id: NodeId) -> (State, bool) {
        let parent = self.sound.model.node(id).parent;
        match (self.view.runs(id), self.view.inside[id.index()]) {
            (Runs::Never, _) => (State::Skipped, self.view.runs(parent) != Runs::Never),
            (_, Runs::Depends) if self.view.given.is_some() => (State::Maybe, true),
            _ => (State::Runs, false),
        }
    }

    fn parts(&self, body: NodeId) -> Vec<Part> {
        let model = &self.sound.model;
        let members: Vec<NodeId> = model.children(body).collect();
        let parallel = model.node(body).kind == NodeKind::Parallel;
        let branched = parallel || members.iter().any(|member| model.node(*member).after().is_some());
        let mut items: Vec<Item> = members.iter().map(|member| self.item(*member)).collect();
        if !branched {
            return items.into_iter().map(|item| Part::One(Box::new(item))).collect();
        }
        let waits: Vec<Vec<usize>> = members
            .iter()
            .map(|member| {
                let before = self.sound.graph.waits(*member);
                before.iter().filter_map(|other| members.binary_search(other).ok()).collect()
            })
            .collect();
        let mut parts = Vec::new();
        let mut until = members.len();
        for start in meetings(&waits).into_iter().rev() {
            let rest = items.split_off(start);
            parts.push(part(rest, &waits[start..until], start));
            until = start;
        }
        parts.reverse();
        parts
    }
}

/// Where a part begins: everything from there on comes after everything before.
fn meetings(waits: &[Vec<usize>]) -> Vec<usize> {
    let count = waits.len();
    let words = count.div_ceil(64);
    let mut before: Vec<Vec<u64>> = Vec::with_capacity(count);
    for (member, waited) in waits.iter().enumerate() {
        let mut mine = vec![0_u64; words];
        for other in waited.iter().filter(|other| **other < member) {
            mine.iter_mut().zip(&before[*other]).for_each(|(mine, theirs)| *mine |= theirs);
            mine[other / 64] |= 1 << (other % 64);
        }
        before.push(mine);
    }
    // How many members, counted from the first, all precede this one and every later one.
    let mut precede = count;
    let mut starts = Vec::new();
    for member in (0..count).rev() {
        let first_gap = (0..member).find(|other| before[member][other / 64] & (1 << (other % 64)) == 0);
        precede = precede.min(first_gap.unwrap_or(member));
        if precede == member {
            starts.push(member);
        }
    }
    starts.reverse();
    starts
}

fn part(mut members: Vec<Item>, waits: &[Vec<usize>], start: usize) -> Part {
    if members.len() == 1
        && let Some(only) = members.pop()
    {
        return Part::One(Box::new(only));
    }
    let inside = |(member, waited): (usize, &Vec<usize>)| {
        let waited: Vec<usize> = waited.iter().filter_map(|other| other.checked_sub(start)).collect();
        waited.into_iter().map(move |other| (other, member))
    };
    let edges = waits.iter().enumerate().flat_map(inside).collect();
    Part::Beside(Branches { members, edges })
}

fn conditions(model: &Model<'_>, node: &Node<'_>, id: NodeId) -> Vec<String> {
    let mut said: Vec<String> =
        node.when.iter().map(|when| clean(&format!("when {}", model.written(when.span)))).collect();
    if let Detail::Step(item) = model.detail(id) {
        said.extend(item.when.iter().map(|when| clean(&format!("when {}", model.written(when.span)))));
    }
    for skip in &model.skips {
        if skip.phases.iter().any(|(phase, _)| *phase == id) {
            said.push(match &skip.when {
                Some(when) => clean(&format!("unless {}", model.written(when.span))),
                None => "never".to_string(),
            });
        }
    }
    said
}

fn asks_for(model: &Model<'_>, gate: &Gate<'_>, id: NodeId) -> Vec<String> {
    let items = model.gate_items(id).len() + gate.conditions.len();
    let mut said = Vec::new();
    if items > 0 {
        said.push(counted(items, "item"));
    }
    if let Some(agent) = gate.by {
        said.push(clean(model.agents[agent.index()].name.name));
    }
    if gate.ask.is_some() {
        said.push("asks a person".to_string());
    }
    if gate.overridable.is_some() {
        said.push("a person may override".to_string());
    }
    said
}
