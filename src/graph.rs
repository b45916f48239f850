//! The order of a workflow, which no fact can change: who waits for whom, what runs side by side, what a redo voids.
//!
//! A body is a small graph of its direct children with only the edges that are needed; nesting carries the order
//! through. So the size is that of the text, and there is never a transitive closure.

use petgraph::Directed;
use petgraph::graph::{Graph, NodeIndex};
use petgraph::visit::EdgeRef;

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::model::{Id, Model, NodeId, NodeKind, listed};
use crate::source::Span;

codes! {
    DEPENDENCY_CYCLE: "WF201" "dependency-cycle" Error = "Items wait for each other, so that none can begin.",
        "The cycle is printed from its first place, each item with the one it waits for.",
        bad: "workflow w\n\nphase a after b\n\nphase b\n",
        good: "workflow w\n\nphase a\n\nphase b after a\n";
    AFTER_A_LATER_ITEM: "WF202" "after-a-later-item" Error = "`after` names an item that is written later.",
        "Order reads from top to bottom: `after` narrows \"after everything written before me\" to some of it. Move the item \
         below the one it waits for.",
        bad: "workflow w\n\nphase s\n\nphase a after [s, b]\n\nphase b after s\n",
        good: "workflow w\n\nphase s\n\nphase b after s\n\nphase a after [s, b]\n";
    GATE_BYPASSED: "WF501" "gate-bypassed" Error = "`after` reaches past a gate that is written between.",
        "Whatever is written after a gate waits for it, in every variant. An `after` that names an item before the gate would \
         walk around it, so it is refused.",
        bad: "workflow w\n\nphase a\n\nphase b\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase c after a\n",
        good: "workflow w\n\nphase a\n\nphase b\n\ngate g {\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n\nphase c\n";
    NOTHING_IN_PARALLEL: "WF206" "nothing-in-parallel" Warning = "A `parallel` has fewer than two members.",
        "Nothing runs side by side. Remove the block, or add what it was meant for.",
        bad: "workflow w\n\nparallel {\n  phase a\n}\n",
        good: "workflow w\n\nparallel {\n  phase a\n  phase b\n}\n";
}

/// Where in an item something is asked: before it begins, or when all inside it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    Before(NodeId),
    /// After what is inside: the `until` of a loop, the completion of a phase.
    EndOf(NodeId),
}

/// Direct waits between the members of each body.
#[derive(Debug)]
pub struct PhaseGraph {
    graph: Graph<NodeId, (), Directed, u32>,
    /// Bodies in which the order is not simply that of writing: some member says `after`, or they run side by side.
    branched: Vec<bool>,
    /// See [`PhaseGraph::joint`]; of members of branched bodies.
    joints: rustc_hash::FxHashMap<NodeId, NodeId>,
}

impl PhaseGraph {
    /// Builds the graph, and says where the order cannot be kept.
    pub fn new(model: &Model<'_>) -> (Self, Vec<Diagnostic>) {
        let edges = model.nodes.len();
        let mut graph = Graph::with_capacity(model.nodes.len(), edges);
        for index in 0..model.nodes.len() {
            graph.add_node(NodeId::new(index));
        }
        let mut this = PhaseGraph { graph, branched: vec![false; model.nodes.len()], joints: Default::default() };
        let mut diagnostics = Vec::new();
        for index in 0..model.nodes.len() {
            let body = NodeId::new(index);
            let kind = model.node(body).kind;
            if model.node(body).end.index() > index + 1 || kind == NodeKind::Parallel {
                this.add_body(model, body, &mut diagnostics);
            }
        }
        (this, diagnostics)
    }

    fn add_body(&mut self, model: &Model<'_>, body: NodeId, diagnostics: &mut Vec<Diagnostic>) {
        let members: Vec<NodeId> = model.children(body).collect();
        let parallel = model.node(body).kind == NodeKind::Parallel;
        self.branched[body.index()] = parallel || members.iter().any(|member| model.node(*member).after().is_some());
        if parallel && members.len() < 2 {
            diagnostics.push(
                Diagnostic::new(&NOTHING_IN_PARALLEL, model.node(body).name.span, "nothing runs side by side here")
                    .label(if members.is_empty() { "no member" } else { "only one member" })
                    .help("remove the block, or add a second member"),
            );
        }
        // `frontier`: what nothing waits for yet, since the last item that waited for all.
        let mut frontier: Vec<NodeId> = Vec::new();
        let mut last_gate: Option<NodeId> = None;
        let mut later: Vec<(NodeId, NodeId, Span)> = Vec::new();
        for member in &members {
            let node = model.node(*member);
            match node.after() {
                Some(after) if node.kind != NodeKind::Gate => {
                    let mut walks_around = false;
                    for (other, span) in after {
                        if *other >= *member {
                            later.push((*member, *other, *span));
                        } else if let Some(gate) = last_gate.filter(|gate| *other < *gate && !walks_around) {
                            walks_around = true;
                            diagnostics.push(bypassed(model, *member, gate, *span));
                        }
                        self.add_edge(*other, *member);
                        frontier.retain(|open| open != other);
                    }
                    if after.iter().all(|(other, _)| last_gate.is_some_and(|gate| *other < gate))
                        && let Some(gate) = last_gate
                    {
                        self.add_edge(gate, *member);
                    }
                    frontier.push(*member);
                }
                _ if parallel => {}
                _ => {
                    for open in frontier.drain(..) {
                        self.graph.add_edge(index(open), index(*member), ());
                    }
                    frontier.push(*member);
                }
            }
            if node.kind == NodeKind::Gate {
                last_gate = Some(*member);
            }
            if self.branched[body.index()] {
                let joins = !parallel && node.after().is_none();
                let inherited = self.before(*member).filter_map(|other| self.joints.get(&other).copied()).max();
                if let Some(joint) = if joins { Some(*member) } else { inherited } {
                    self.joints.insert(*member, joint);
                }
            }
        }
        if !later.is_empty() {
            self.report_later(model, &members, &later, parallel, diagnostics);
        }
    }

    fn add_edge(&mut self, from: NodeId, to: NodeId) {
        self.graph.update_edge(index(from), index(to), ());
    }

    /// `after` that names a later item is a cycle or merely upside down; both are said once.
    fn report_later(
        &self,
        model: &Model<'_>,
        members: &[NodeId],
        later: &[(NodeId, NodeId, Span)],
        parallel: bool,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        let cycles = self.cycles(members);
        for cycle in &cycles {
            diagnostics.push(self.cycle_diagnostic(model, cycle, later));
        }
        for (member, other, span) in later {
            let in_cycle = cycles.iter().any(|cycle| cycle.contains(member) && cycle.contains(other));
            if in_cycle || parallel {
                continue;
            }
            let (name, other) = (model.node(*member).name.name, model.node(*other).name);
            diagnostics.push(
                Diagnostic::new(&AFTER_A_LATER_ITEM, *span, format!("`{}` is written after `{name}`", other.name))
                    .label("`after` names earlier items")
                    .related(other.span, format!("`{}` stands here", other.name))
                    .help(format!("move `{name}` below `{}`", other.name)),
            );
        }
    }

    /// Groups of members that wait for each other, by Kahn: what is left when everything that can begin has begun.
    fn cycles(&self, members: &[NodeId]) -> Vec<Vec<NodeId>> {
        let mut waits: std::collections::HashMap<NodeId, usize> =
            members.iter().map(|member| (*member, self.before(*member).count())).collect();
        let mut ready: Vec<NodeId> = members.iter().copied().filter(|member| waits[member] == 0).collect();
        while let Some(member) = ready.pop() {
            waits.remove(&member);
            for next in self.after(member) {
                if let Some(count) = waits.get_mut(&next) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(next);
                    }
                }
            }
        }
        let left: Vec<NodeId> = members.iter().copied().filter(|member| waits.contains_key(member)).collect();
        if left.is_empty() {
            return Vec::new();
        }
        let inside = self.graph.filter_map(|at, node| waits.contains_key(node).then_some(at), |_, ()| Some(()));
        petgraph::algo::tarjan_scc(&inside)
            .into_iter()
            .map(|group| {
                let mut group: Vec<NodeId> =
                    group.into_iter().filter_map(|at| inside.node_weight(at)).map(|at| self.graph[*at]).collect();
                group.sort();
                group
            })
            .filter(|group| group.len() > 1 || self.graph.contains_edge(index(group[0]), index(group[0])))
            .collect()
    }

    /// The cycle from its first place: each item with the one it waits for.
    fn cycle_diagnostic(&self, model: &Model<'_>, group: &[NodeId], later: &[(NodeId, NodeId, Span)]) -> Diagnostic {
        let first = later.iter().find(|(member, other, _)| group.contains(member) && group.contains(other));
        let start = first.map_or(group[0], |(member, _, _)| *member);
        let path = self.shortest_cycle(start, group);
        let names: Vec<String> =
            path.iter().chain([&start]).map(|node| format!("`{}`", model.node(*node).name.name)).collect();
        let span = first.map_or(model.node(start).name.span, |(_, _, span)| *span);
        let message = match &path[..] {
            [one] => format!("`{}` waits for itself", model.node(*one).name.name),
            _ => format!("{} wait for each other: {}", listed_nodes(model, &path), names.join(" waits for ")),
        };
        let mut diagnostic = Diagnostic::new(&DEPENDENCY_CYCLE, span, message).label("closes the cycle");
        for node in path.iter().skip(1) {
            diagnostic = diagnostic.related(model.node(*node).name.span, "in the cycle");
        }
        let parallel = model.node(model.node(start).parent).kind == NodeKind::Parallel;
        diagnostic.help(if parallel {
            "remove one of these `after`: members of a `parallel` wait for nothing else"
        } else {
            "an item without `after` waits for everything written before it; remove this `after`, or move the item down"
        })
    }

    /// The shortest way from `start` back to itself along "waits for".
    fn shortest_cycle(&self, start: NodeId, group: &[NodeId]) -> Vec<NodeId> {
        let mut from = std::collections::HashMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let mut waits: Vec<NodeId> = self.before(node).filter(|other| group.contains(other)).collect();
            waits.sort();
            for other in waits {
                if other == start {
                    let mut path = vec![node];
                    while let Some(previous) = from.get(path.last().expect("never empty")) {
                        path.push(*previous);
                    }
                    path.reverse();
                    return path;
                }
                if other != start && !from.contains_key(&other) {
                    from.insert(other, node);
                    queue.push_back(other);
                }
            }
        }
        vec![start]
    }

    /// The members of the same body that `node` waits for directly.
    pub fn before(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.graph.edges_directed(index(node), petgraph::Incoming).map(|edge| self.graph[edge.source()])
    }

    /// The members of the same body that wait for `node` directly.
    pub fn after(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.graph.edges_directed(index(node), petgraph::Outgoing).map(|edge| self.graph[edge.target()])
    }

    /// The direct waits of `node` in the order of writing.
    pub fn waits(&self, node: NodeId) -> Vec<NodeId> {
        let mut waits: Vec<NodeId> = self.before(node).collect();
        waits.sort();
        waits
    }

    /// `a` has ended, or was skipped, whenever `b` begins.
    pub fn precedes(&self, model: &Model<'_>, a: NodeId, b: NodeId) -> bool {
        let Some((body, a, b)) = apart(model, a, b) else { return false };
        self.member_precedes(body, a, b)
    }

    /// `a` has ended, or was skipped, at this position.
    pub fn settled(&self, model: &Model<'_>, a: NodeId, at: Position) -> bool {
        match at {
            Position::Before(node) => self.precedes(model, a, node),
            Position::EndOf(node) => model.is_within(a, node) || self.precedes(model, a, node),
        }
    }

    /// Neither waits for the other, and neither contains the other.
    pub fn beside(&self, model: &Model<'_>, a: NodeId, b: NodeId) -> bool {
        match apart(model, a, b) {
            Some((body, a, b)) => !self.member_precedes(body, a, b) && !self.member_precedes(body, b, a),
            None => false,
        }
    }

    fn member_precedes(&self, body: NodeId, a: NodeId, b: NodeId) -> bool {
        if !self.branched[body.index()] {
            return a < b;
        }
        let joint = self.joints.get(&b).copied();
        if joint.is_some_and(|joint| a < joint || (a == joint && a != b)) {
            return true;
        }
        // What is older than the joint has been answered.
        let recent = |node: &NodeId| joint.is_none_or(|joint| *node > joint);
        let mut seen = std::collections::HashSet::new();
        let mut open: Vec<NodeId> = self.before(b).filter(recent).collect();
        while let Some(node) = open.pop() {
            if node == a {
                return true;
            }
            if seen.insert(node) {
                open.extend(self.before(node).filter(recent));
            }
        }
        false
    }

    /// Some members of this body may run side by side.
    pub fn is_branched(&self, body: NodeId) -> bool {
        self.branched[body.index()]
    }

    /// Up to where the order before a member is that of writing: the last sibling, or the member itself, that waited
    /// for all written before it, and that the member waits for. `None` where nothing joined before.
    pub fn joint(&self, model: &Model<'_>, member: NodeId) -> Option<NodeId> {
        if self.branched[model.node(member).parent.index()] { self.joints.get(&member).copied() } else { Some(member) }
    }

    /// Nothing comes after an item in the order.
    pub fn is_last(&self, model: &Model<'_>, item: NodeId) -> bool {
        let mut further = (model.node(item).end.index()..model.nodes.len()).map(NodeId::new);
        !further.any(|other| self.precedes(model, item, other))
    }

    /// What a redo of `from` at `gate` voids: every item from `from` to the gate in the order, the gate among them.
    pub fn range(&self, model: &Model<'_>, from: NodeId, gate: NodeId) -> Vec<NodeId> {
        let last = model.node(from).end.max(model.node(gate).end).index();
        (from.index()..last)
            .map(NodeId::new)
            .filter(|node| model.node(*node).kind != NodeKind::Step && self.voids(model, from, gate, *node))
            .collect()
    }

    /// Whether a redo of `from` at `gate` does an item again. What stands around the gate begins anew as a whole, with what
    /// runs beside the gate.
    pub fn voids(&self, model: &Model<'_>, from: NodeId, gate: NodeId, node: NodeId) -> bool {
        if model.is_within(gate, from) {
            return model.is_within(node, from) && !self.precedes(model, gate, node);
        }
        let begun = model.is_within(node, from) || self.precedes(model, from, node);
        begun && (model.is_within(gate, node) || model.is_within(node, gate) || self.precedes(model, node, gate))
    }
}

/// The body that holds both, and its members that contain each; nothing when one contains the other.
fn apart(model: &Model<'_>, a: NodeId, b: NodeId) -> Option<(NodeId, NodeId, NodeId)> {
    if model.is_within(a, b) || model.is_within(b, a) {
        return None;
    }
    let mut member = a;
    loop {
        let parent = model.node(member).parent;
        if model.is_within(b, parent) {
            let mut other = b;
            while model.node(other).parent != parent {
                other = model.node(other).parent;
            }
            return Some((parent, member, other));
        }
        member = parent;
    }
}

fn index(node: NodeId) -> NodeIndex<u32> {
    NodeIndex::new(Id::index(node))
}

fn listed_nodes(model: &Model<'_>, nodes: &[NodeId]) -> String {
    let names: Vec<&str> = nodes.iter().map(|node| model.node(*node).name.name).collect();
    listed(&names)
}

fn bypassed(model: &Model<'_>, member: NodeId, gate: NodeId, span: Span) -> Diagnostic {
    let name = model.node(member).name.name;
    let gate = model.node(gate).name;
    Diagnostic::new(&GATE_BYPASSED, span, format!("`{name}` would walk around gate `{}`", gate.name))
        .label("stands before the gate")
        .related(gate.span, "everything below waits for this gate")
        .help(format!("leave this `after` out, or move `{name}` above the gate"))
}
