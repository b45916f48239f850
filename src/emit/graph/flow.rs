//! Small things in rows: labels and chips, placed like words in a paragraph.

use super::measure::{self, Face, Weight};
use super::paint;
use super::scene::{Area, Group, Mark};

/// The height of a row of one line.
pub const ROW: f64 = 22.0;
const GAP: f64 = 8.0;
const ROW_GAP: f64 = 4.0;

pub const CHIP: Face = Face { size: 11.5, weight: Weight::Plain };
pub const CODE: Face = Face { size: 11.0, weight: Weight::Mono };

/// Lines of text with nothing around them.
pub fn label(text: &str, face: Face, class: &'static str, room: f64, max_lines: usize) -> Group {
    let wrapped = measure::wrap(text, face, room, max_lines);
    let leading = (face.size * 1.32).round();
    let w = wrapped.lines.iter().map(|line| measure::width(line, face)).fold(0.0, f64::max);
    let row = ROW.max(leading);
    // The first base line stands so that a line of capitals is in the middle of the row.
    let first = ((row + face.size * 0.72) / 2.0).round();
    let h = row + leading * (wrapped.lines.len() - 1) as f64;
    let line = |(index, said): (usize, String)| {
        let y = first + leading * index as f64;
        Mark::Text { x: 0.0, y, said, face, class, turned: false }
    };
    Group {
        class: "label".to_string(),
        area: Area::new(0.0, 0.0, w, h),
        tip: wrapped.cut.then(|| text.to_string()),
        over: wrapped.lines.into_iter().enumerate().map(line).collect(),
        ..Group::default()
    }
}

/// A text in a small rounded box.
pub fn chip(text: &str, face: Face, kind: (&'static str, &'static str), room: f64) -> Group {
    framed(label(text, face, kind.1, room - 14.0, 6), kind.0, 7.0)
}

/// A file name behind a sheet of paper.
pub fn file(name: &str, room: f64) -> Group {
    let mut group = framed(label(name, CHIP, "mark-text", room - 28.0, 3), "file", 21.0);
    let middle = group.area.h / 2.0;
    group.over.push(Mark::Path { steps: paint::sheet(7.0, middle - 6.0), class: "sheet" });
    group
}

fn framed(inner: Group, class: &'static str, left: f64) -> Group {
    let Area { w, h, .. } = inner.area;
    let area = Area::new(0.0, 0.0, w + left + 7.0, h - 2.0);
    let mut over = vec![Mark::Box { area, radius: 6.0, class }];
    over.extend(inner.over.into_iter().map(|mark| match mark {
        Mark::Text { x, y, said, face, class, turned } => {
            Mark::Text { x: x + left, y: y - 1.0, said, face, class, turned }
        }
        other => other,
    }));
    Group { class: format!("chip {class}"), area, tip: inner.tip, over, ..Group::default() }
}

/// Places groups from left to right, in as many rows as it takes.
#[derive(Debug)]
pub struct Rows {
    left: f64,
    room: f64,
    at: (f64, f64),
    row_height: f64,
    pub placed: Vec<Group>,
}

impl Rows {
    /// Rows from `left`, `room` wide.
    pub fn new(left: f64, top: f64, room: f64) -> Self {
        Rows { left, room, at: (left, top), row_height: 0.0, placed: Vec::new() }
    }

    /// Puts a group behind the last one, in a new row where it does not fit.
    pub fn put(&mut self, mut group: Group) {
        if self.at.0 > self.left && self.at.0 + group.area.w > self.left + self.room + 0.01 {
            self.next_row();
        }
        let lower = (ROW - group.area.h).max(0.0) / 2.0;
        group.area = group.area.moved(self.at.0, self.at.1 + lower);
        self.at.0 = group.area.right() + GAP;
        self.row_height = self.row_height.max(group.area.h.max(ROW));
        self.placed.push(group);
    }

    /// Puts groups at the end of the row when all of them fit there, else behind the others.
    pub fn put_right(&mut self, groups: Vec<Group>) {
        let total: f64 = groups.iter().map(|group| group.area.w + GAP).sum();
        if self.at.0 + total + GAP <= self.left + self.room {
            self.at.0 = self.left + self.room - total + GAP;
        }
        groups.into_iter().for_each(|group| self.put(group));
    }

    pub fn next_row(&mut self) {
        if self.row_height > 0.0 {
            self.at = (self.left, self.at.1 + self.row_height + ROW_GAP);
            self.row_height = 0.0;
        }
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        if self.row_height > 0.0 { self.at.1 + self.row_height } else { (self.at.1 - ROW_GAP).max(0.0) }
    }
}
