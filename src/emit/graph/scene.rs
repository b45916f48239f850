//! A picture before it is written: groups with a place, what is painted in them, and what stands in them.

use super::measure::Face;
use crate::model::NodeId;

/// A place and a size. Of a group: within the group around it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl Area {
    pub fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Area { x, y, w, h }
    }

    pub fn right(self) -> f64 {
        self.x + self.w
    }

    pub fn bottom(self) -> f64 {
        self.y + self.h
    }

    pub fn center(self) -> f64 {
        self.x + self.w / 2.0
    }

    pub fn moved(self, x: f64, y: f64) -> Self {
        Area { x: self.x + x, y: self.y + y, ..self }
    }
}

/// Something with a place of its own; what it holds is placed within it.
#[derive(Debug, Default)]
pub struct Group {
    pub class: String,
    pub area: Area,
    /// Where the members of a body stand, for items that have one.
    pub body: Option<Area>,
    pub node: Option<NodeId>,
    /// Where ways arrive, from the top.
    pub entry: f64,
    /// Ways back that leave on the right: where to, and how far from the top.
    pub exits: Vec<(NodeId, f64)>,
    /// What is shown when one points at it.
    pub tip: Option<String>,
    /// Painted before the members, in order.
    pub under: Vec<Mark>,
    pub groups: Vec<Group>,
    /// Painted after them.
    pub over: Vec<Mark>,
}

/// Something painted.
#[derive(Debug)]
pub enum Mark {
    Box {
        area: Area,
        radius: f64,
        class: &'static str,
    },
    /// `x` and `y` are the start of the base line. A turned text is read upwards.
    Text {
        x: f64,
        y: f64,
        said: String,
        face: Face,
        class: &'static str,
        turned: bool,
    },
    Path {
        steps: Vec<Step>,
        class: &'static str,
    },
}

/// A step of a pen.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    To(f64, f64),
    Line(f64, f64),
    /// Two control points and the end.
    Curve([f64; 6]),
    Close,
}

impl Step {
    /// The step, further right and further down.
    pub fn moved(self, x: f64, y: f64) -> Self {
        match self {
            Step::To(px, py) => Step::To(px + x, py + y),
            Step::Line(px, py) => Step::Line(px + x, py + y),
            Step::Curve([ax, ay, bx, by, px, py]) => Step::Curve([ax + x, ay + y, bx + x, by + y, px + x, py + y]),
            Step::Close => Step::Close,
        }
    }
}
