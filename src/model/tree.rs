//! The tree of the flow: what stands in what, and the numbers that are shown.

use super::{Model, Node, NodeId, NodeKind};

impl<'s> Model<'s> {
    pub fn node(&self, id: NodeId) -> &Node<'s> {
        &self.nodes[id.index()]
    }

    /// The direct children of a node, in order.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let end = self.node(id).end;
        let mut next = NodeId::new(id.index() + 1);
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = next;
                next = self.node(child).end;
                child
            })
        })
    }

    /// All descendants of a node, in order.
    pub fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'s> {
        (id.index() + 1..self.node(id).end.index()).map(NodeId::new)
    }

    /// All nodes of a kind, in order.
    pub fn nodes_of(&self, kind: NodeKind) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes.iter().enumerate().filter(move |(_, node)| node.kind == kind).map(|(index, _)| NodeId::new(index))
    }

    pub fn phases(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes_of(NodeKind::Phase)
    }

    /// `ancestor` is `id` or stands around it.
    pub fn is_within(&self, id: NodeId, ancestor: NodeId) -> bool {
        ancestor <= id && id < self.node(ancestor).end
    }

    /// The node and everything around it, from the inside out, without the workflow.
    pub fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let mut next = Some(id);
        std::iter::from_fn(move || {
            let id = next.filter(|id| id.index() > 0)?;
            next = Some(self.node(id).parent);
            Some(id)
        })
    }

    /// The phase that a node stands in, or is.
    pub fn phase_of(&self, id: NodeId) -> Option<NodeId> {
        self.ancestors(id).find(|id| self.node(*id).kind == NodeKind::Phase)
    }

    /// What a fix at an item does again besides it: what stands before it in its own stage, phase or `each`. Of a member of
    /// a `parallel` nothing, for that it does not leave.
    pub fn fixed_with(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let parent = self.node(id).parent;
        let own = matches!(self.node(parent).kind, NodeKind::Phase | NodeKind::Stage | NodeKind::Each);
        self.children(parent).take_while(move |child| own && *child < id)
    }

    /// The `each` around an item that is not around another place, if there is one: there may be no task, so at that place
    /// the item may not have run although it is not skipped, and there may be several, so that nothing of it is settled
    /// once.
    pub fn each_left(&self, id: NodeId, place: NodeId) -> Option<NodeId> {
        self.ancestors(id).find(|around| self.node(*around).kind == NodeKind::Each && !self.is_within(place, *around))
    }

    /// The number an item is shown with, from 1: of a phase, its place in the order of writing; of a stage, its place
    /// within its phase; of a gate, its place among the gates between phases, then those inside phases. So what blocks
    /// the way from phase to phase is counted without the questions asked on the way. 0 for all other items.
    pub fn number(&self, id: NodeId) -> usize {
        self.numbers[id.index()] as usize
    }

    /// Gives phases, stages and gates their numbers, once all nodes are there.
    pub(super) fn count(&mut self) {
        let mut numbers = vec![0; self.nodes.len()];
        let (mut phases, mut stages, mut gates) = (0, 0, 0);
        let mut inside = Vec::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let id = NodeId::new(index);
            match node.kind {
                NodeKind::Phase => {
                    phases += 1;
                    stages = 0;
                    numbers[index] = phases;
                }
                NodeKind::Stage => {
                    stages += 1;
                    numbers[index] = stages;
                }
                NodeKind::Gate if self.phase_of(id).is_some() => inside.push(index),
                NodeKind::Gate => {
                    gates += 1;
                    numbers[index] = gates;
                }
                _ => {}
            }
        }
        for index in inside {
            gates += 1;
            numbers[index] = gates;
        }
        self.numbers = numbers;
    }
}
