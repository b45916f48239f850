//! What items have besides what all have. It is kept by kind, side by side, for a walk over large workflows waits for
//! memory most of the time.

use super::chunks::Chunks;
use super::{Gate, Item, Loop, Model, NodeId, Read, Work};

/// What an item of the flow has besides what all have.
#[derive(Debug, Clone, Copy)]
pub enum Detail<'m, 's> {
    None,
    /// Of a phase, stage, spawn or `each`.
    Work(&'m Work<'s>),
    Gate(&'m Gate<'s>),
    Loop(&'m Loop<'s>),
    Step(&'m Item<'s>),
}

/// Where the detail of an item is kept.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    None,
    Work(u32),
    Gate(u32),
    Loop(u32),
    Step(u32),
}

/// The details of all items, by kind; in the order of their items, but for steps: those of a body follow each other.
#[derive(Debug, Default)]
pub(super) struct Details<'s> {
    works: Chunks<(NodeId, Work<'s>)>,
    gates: Chunks<(NodeId, Gate<'s>)>,
    loops: Chunks<(NodeId, Loop<'s>)>,
    steps: Chunks<Item<'s>>,
}

impl<'s> Model<'s> {
    pub fn detail(&self, id: NodeId) -> Detail<'_, 's> {
        match self.node(id).detail {
            Slot::None => Detail::None,
            Slot::Work(index) => Detail::Work(&self.details.works[index].1),
            Slot::Gate(index) => Detail::Gate(&self.details.gates[index].1),
            Slot::Loop(index) => Detail::Loop(&self.details.loops[index].1),
            Slot::Step(index) => Detail::Step(&self.details.steps[index]),
        }
    }

    pub fn work(&self, id: NodeId) -> Option<&Work<'s>> {
        match self.node(id).detail {
            Slot::Work(index) => Some(&self.details.works[index].1),
            _ => None,
        }
    }

    pub fn gate(&self, id: NodeId) -> Option<&Gate<'s>> {
        match self.node(id).detail {
            Slot::Gate(index) => Some(&self.details.gates[index].1),
            _ => None,
        }
    }

    pub fn loop_of(&self, id: NodeId) -> Option<&Loop<'s>> {
        match self.node(id).detail {
            Slot::Loop(index) => Some(&self.details.loops[index].1),
            _ => None,
        }
    }

    /// All phases, stages, spawns and `each` with what they do, in order.
    pub fn works(&self) -> impl Iterator<Item = (NodeId, &Work<'s>)> {
        self.details.works.iter().map(|(id, work)| (*id, work))
    }

    /// All gates, in order.
    pub fn gates(&self) -> impl Iterator<Item = (NodeId, &Gate<'s>)> {
        self.details.gates.iter().map(|(id, gate)| (*id, gate))
    }

    /// All loops, in order.
    pub fn loops(&self) -> impl Iterator<Item = (NodeId, &Loop<'s>)> {
        self.details.loops.iter().map(|(id, inner)| (*id, inner))
    }

    /// All steps, in no order.
    pub fn steps(&self) -> impl Iterator<Item = &Item<'s>> {
        self.details.steps.iter()
    }

    pub(super) fn add_read(&mut self, id: NodeId, read: Read) {
        match self.node(id).detail {
            Slot::Work(index) => self.details.works[index].1.reads.push(read),
            Slot::Gate(index) => self.details.gates[index].1.reads.push(read),
            _ => {}
        }
    }

    /// Gives an item its detail, once.
    pub(super) fn set_work(&mut self, id: NodeId, work: Work<'s>) {
        self.nodes[id.index()].detail = Slot::Work(self.details.works.push((id, work)));
    }

    pub(super) fn set_gate(&mut self, id: NodeId, gate: Gate<'s>) {
        self.nodes[id.index()].detail = Slot::Gate(self.details.gates.push((id, gate)));
    }

    pub(super) fn set_loop(&mut self, id: NodeId, inner: Loop<'s>) {
        self.nodes[id.index()].detail = Slot::Loop(self.details.loops.push((id, inner)));
    }

    pub(super) fn set_step(&mut self, id: NodeId, step: Item<'s>) {
        self.nodes[id.index()].detail = Slot::Step(self.details.steps.push(step));
    }
}
