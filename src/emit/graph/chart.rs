//! Boxes and arrows for tools that place them themselves: only what has nothing inside is a node, all else a frame.

use super::measure::{self, TERMINAL};
use super::outline::{Block, Item, Outline, State};
use super::words::counted;
use crate::model::{NodeId, NodeKind};

/// How many characters of a frame's title are shown.
const LONGEST: f64 = 72.0;

/// A workflow as nodes in frames, with arrows between nodes.
#[derive(Debug, Default)]
pub struct Chart {
    pub entries: Vec<Entry>,
    pub arrows: Vec<Arrow>,
}

#[derive(Debug)]
pub enum Entry {
    Node(Node),
    Frame(Frame),
}

#[derive(Debug)]
pub struct Node {
    pub id: String,
    pub kind: NodeKind,
    pub lines: Vec<String>,
    pub state: State,
}

#[derive(Debug)]
pub struct Frame {
    pub id: String,
    pub kind: NodeKind,
    pub title: String,
    pub state: State,
    pub entries: Vec<Entry>,
}

#[derive(Debug)]
pub struct Arrow {
    pub from: String,
    pub to: String,
    pub label: String,
    /// Against the order: a redo, or the next pass of a loop.
    pub back: bool,
}

/// Where arrows reach and leave an entry.
#[derive(Debug, Default)]
struct Ends {
    firsts: Vec<String>,
    lasts: Vec<String>,
}

impl Chart {
    pub fn new(outline: &Outline) -> Self {
        let mut builder = Builder::default();
        let mut entries = Vec::new();
        builder.body(&outline.root, &mut entries);
        builder.ways_back(&outline.root);
        Chart { entries, arrows: builder.arrows }
    }
}

#[derive(Debug, Default)]
struct Builder {
    arrows: Vec<Arrow>,
    /// The first node of each item, for ways back.
    firsts: Vec<(NodeId, String)>,
    /// The last node of each item, from which ways back leave.
    lasts: Vec<(NodeId, String)>,
    meetings: usize,
}

impl Builder {
    fn body(&mut self, item: &Item, entries: &mut Vec<Entry>) -> Ends {
        let mut ends = Ends::default();
        for block in item.blocks() {
            let next = match block {
                Block::Item(item) => self.item(item, entries),
                Block::Steps(steps) => match steps.first() {
                    Some(first) => self.node(
                        format!("s{}", first.id.index()),
                        NodeKind::Step,
                        vec![counted(steps.len(), "step")],
                        item.state,
                        entries,
                    ),
                    None => continue,
                },
                Block::Beside(branches) => {
                    let members: Vec<Ends> = branches.members.iter().map(|member| self.item(member, entries)).collect();
                    for (from, to) in &branches.edges {
                        self.connect(&members[*from].lasts, &members[*to].firsts, entries);
                    }
                    let firsts =
                        branches.firsts().into_iter().flat_map(|member| members[member].firsts.clone()).collect();
                    let lasts = branches.lasts().into_iter().flat_map(|member| members[member].lasts.clone()).collect();
                    Ends { firsts, lasts }
                }
            };
            if ends.firsts.is_empty() {
                ends.firsts.clone_from(&next.firsts);
            }
            self.connect(&ends.lasts, &next.firsts, entries);
            if !next.lasts.is_empty() {
                ends.lasts = next.lasts;
            }
        }
        ends
    }

    fn item(&mut self, item: &Item, entries: &mut Vec<Entry>) -> Ends {
        let id = format!("n{}", item.id.index());
        let ends = if has_inside(item) {
            let mut inside = Vec::new();
            let ends = self.body(item, &mut inside);
            if item.kind == NodeKind::Loop
                && let (Some(first), Some(last)) = (ends.firsts.first(), ends.lasts.last())
            {
                let label =
                    item.until.as_ref().map_or_else(|| "again".to_string(), |until| format!("again until {until}"));
                self.arrows.push(Arrow { from: last.clone(), to: first.clone(), label, back: true });
            }
            // Neither tool breaks the title of a frame.
            let title = measure::ellipsis(&lines(item).join(" · "), TERMINAL, LONGEST);
            let frame = Frame { id, kind: item.kind, title, state: item.state, entries: inside };
            entries.push(Entry::Frame(frame));
            ends
        } else {
            self.node(id, item.kind, lines(item), item.state, entries)
        };
        self.firsts.extend(ends.firsts.first().map(|first| (item.id, first.clone())));
        self.lasts.extend(ends.lasts.last().map(|last| (item.id, last.clone())));
        ends
    }

    fn node(&mut self, id: String, kind: NodeKind, lines: Vec<String>, state: State, entries: &mut Vec<Entry>) -> Ends {
        entries.push(Entry::Node(Node { id: id.clone(), kind, lines, state }));
        Ends { firsts: vec![id.clone()], lasts: vec![id] }
    }

    /// From each to each; where that would be many arrows, they meet in a node.
    fn connect(&mut self, from: &[String], to: &[String], entries: &mut Vec<Entry>) {
        let flow = |from: &String, to: &String| Arrow {
            from: from.clone(),
            to: to.clone(),
            label: String::new(),
            back: false,
        };
        if from.len() < 2 || to.len() < 2 {
            self.arrows.extend(from.iter().flat_map(|from| to.iter().map(move |to| flow(from, to))));
            return;
        }
        self.meetings += 1;
        let id = format!("j{}", self.meetings);
        self.arrows.extend(from.iter().map(|from| flow(from, &id)));
        self.arrows.extend(to.iter().map(|to| flow(&id, to)));
        self.node(id, NodeKind::Parallel, Vec::new(), State::Runs, entries);
    }

    fn ways_back(&mut self, root: &Item) {
        let mut arrows = Vec::new();
        root.walk(&mut |item| {
            for route in item.routes.iter().filter(|route| route.open) {
                let find = |list: &[(NodeId, String)], id| {
                    list.iter().find(|(node, _)| *node == id).map(|(_, name)| name.clone())
                };
                let (from, to) = (find(&self.lasts, item.id), route.to.and_then(|to| find(&self.firsts, to)));
                if let (Some(from), Some(to)) = (from, to) {
                    arrows.push(Arrow { from, to, label: route.label.clone(), back: true });
                }
            }
        });
        self.arrows.append(&mut arrows);
    }
}

/// It is drawn as a frame. A phase that only takes steps and spawns is told in one node.
fn has_inside(item: &Item) -> bool {
    match item.kind {
        NodeKind::Gate | NodeKind::Spawn | NodeKind::Step => false,
        NodeKind::Phase | NodeKind::Stage => {
            item.members().any(|member| !matches!(member.kind, NodeKind::Step | NodeKind::Spawn))
        }
        NodeKind::Workflow | NodeKind::Loop | NodeKind::Parallel | NodeKind::Each => !item.body.is_empty(),
    }
}

/// What an item says, line by line.
fn lines(item: &Item) -> Vec<String> {
    let title = match item.kind {
        NodeKind::Gate => format!("Gate {}: {}", item.number, item.title),
        NodeKind::Loop => format!("Loop: {}", item.title),
        NodeKind::Spawn => item.name.clone(),
        _ => format!("{} {}", item.number, item.title).trim().to_string(),
    };
    let mut lines = vec![title];
    if item.kind == NodeKind::Spawn && !item.title.is_empty() {
        lines.push(item.title.clone());
    }
    lines.extend(item.bound.clone());
    lines.extend(item.state_word().map(str::to_string));
    lines.extend(item.conditions.iter().cloned());
    lines.extend(item.marks().map(str::to_string));
    lines.extend((!item.asks_for.is_empty()).then(|| item.asks_for.join(", ")));
    if !has_inside(item) {
        let mut agents: Vec<&str> =
            item.members().filter(|member| member.kind == NodeKind::Spawn).map(|spawn| spawn.name.as_str()).collect();
        agents.dedup();
        lines.extend((!agents.is_empty()).then(|| agents.join(", ")));
    }
    let mut files = item.outputs.clone();
    if !has_inside(item) {
        files.extend(item.members().flat_map(|member| member.outputs.iter().cloned()));
    }
    lines.extend((!files.is_empty()).then(|| format!("writes {}", files.join(", "))));
    lines
}
