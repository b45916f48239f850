//! Lines and how wide their columns are.

use anstyle::Style;

use crate::emit::graph::measure::{self, TERMINAL};

/// What a terminal is sure to have.
pub const WIDTH: usize = 100;
/// Between columns.
pub const GAP: usize = 2;
/// Frames deeper than this are told, not drawn.
const DEEPEST: usize = 36;

/// A line of the outline, or several where a cell is broken.
pub struct Row {
    pub frames: Vec<&'static str>,
    pub number: String,
    pub line: Line,
    /// Skipped, or a way that cannot be taken.
    pub faded: bool,
}

pub enum Line {
    /// Title, condition, agents, outputs.
    Cells(Box<[String; 4]>),
    /// From the frame to the end: `fill`, a text, `fill`, and a text at the end.
    Bar {
        first: &'static str,
        fill: char,
        said: String,
        end: String,
        style: Style,
    },
    Note {
        said: String,
        style: Style,
    },
}

pub const HEADS: [&str; 4] = ["phase", "when", "agents", "writes"];

/// No column is made wider than this for one long text; it is broken, or reaches into an empty neighbour.
const MOST: [usize; 4] = [38, 26, 24, 26];
/// Nor narrower, as long as there is a choice.
const LEAST: [usize; 4] = [32, 18, 18, 18];

/// The columns with the gaps behind them; a column that no row uses takes nothing.
pub fn widths(rows: &[Row]) -> [usize; 4] {
    let mut widths = [0; 4];
    let mut bars = 60;
    for row in rows {
        match &row.line {
            Line::Cells(cells) => {
                for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
                    let longest = match column {
                        0 if row.number.is_empty() => 0,
                        0 => lead(row) + cells_of(cell),
                        1 => cells_of(cell),
                        _ => cell.split([',', '∥']).map(|name| cells_of(name.trim())).max().unwrap_or(0),
                    };
                    let gap = if column < 3 { GAP } else { 0 };
                    widths[column] = widths[column].max(longest.max(HEADS[column].len()) + gap).min(MOST[column]);
                }
            }
            Line::Bar { said, end, .. } => bars = bars.max(cells_of(said) + cells_of(end) + frames(row).1 + 14),
            Line::Note { said, .. } => bars = bars.max(cells_of(said) + frames(row).1 + 2),
        }
    }
    for least in [LEAST, [12; 4]] {
        while widths.iter().sum::<usize>() > WIDTH {
            let Some(widest) =
                (0..4).filter(|column| widths[*column] > least[*column]).max_by_key(|column| widths[*column])
            else {
                break;
            };
            widths[widest] -= 1;
        }
    }
    widths[0] += bars.min(WIDTH).saturating_sub(widths.iter().sum());
    widths
}

/// How far right the title of a row begins.
pub fn lead(row: &Row) -> usize {
    frames(row).1 + if row.number.is_empty() { 0 } else { cells_of(&row.number).max(2) + 2 }
}

/// The frames around a row, and how wide they are. What is too deep is told in the middle.
pub fn frames(row: &Row) -> (String, usize) {
    let all = row.frames.concat();
    let width = cells_of(&all);
    if width <= DEEPEST {
        return (all, width);
    }
    let chars: Vec<char> = all.chars().collect();
    let half = DEEPEST / 2 - 1;
    let shown: String = chars[..half].iter().chain(&['⋯', ' ']).chain(&chars[chars.len() - half..]).collect();
    let width = cells_of(&shown);
    (shown, width)
}

pub fn cells_of(text: &str) -> usize {
    measure::width(text, TERMINAL) as usize
}

pub fn broken(text: &str, room: usize) -> Vec<String> {
    measure::wrap(text, TERMINAL, room.max(4) as f64, usize::MAX).lines
}
