//! A dry run for people: a line per item, 100 columns wide.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::super::graph::measure::{self, TERMINAL};
use super::{Simulation, Step};

/// What a terminal is sure to have.
const WIDTH: usize = 100;

/// No name takes more of it.
const MOST_NAME: usize = 36;

const QUIET: Style = Style::new().dimmed();

const GATE: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Red))).bold();

const NUMBER: Style = Style::new().fg_color(Some(anstyle::Color::Ansi(AnsiColor::Blue))).bold();

/// A line per item for a terminal, 100 columns wide.
pub fn text(simulation: &Simulation, color: bool) -> String {
    let paint = |style: Style, text: &str| match color {
        true => format!("{style}{text}{style:#}"),
        false => text.to_string(),
    };
    let cells = |text: &str| measure::width(text, TERMINAL) as usize;
    let name = |step: &Step| match step.kind {
        "phase" | "stage" => step.name.clone(),
        "parallel" => "parallel".to_string(),
        kind => format!("{kind} {}", step.name),
    };
    let numbers = simulation.steps.iter().map(|step| cells(&step.number)).max().unwrap_or(0);
    let lead = |step: &Step| numbers + 2 + 2 * step.depth.min(8);
    let column = simulation.steps.iter().map(|step| lead(step) + cells(&name(step))).max().unwrap_or(0);
    let column = column.min(MOST_NAME) + 2;
    let mut out = String::new();
    for step in &simulation.steps {
        let name = name(step);
        let mut line = format!("{}  ", paint(NUMBER, &format!("{:>numbers$}", step.number)));
        line.push_str(&" ".repeat(2 * step.depth.min(8)));
        let style = match (step.kind, step.runs) {
            (_, false) => QUIET,
            ("gate", _) => GATE,
            _ => Style::new(),
        };
        line.push_str(&paint(style, &name));
        let mut used = lead(step) + cells(&name);
        for note in &step.notes {
            for words in measure::wrap(note, TERMINAL, (WIDTH - column) as f64, usize::MAX).lines {
                if used >= column {
                    let _ = writeln!(out, "{}", line.trim_end());
                    (line, used) = (String::new(), 0);
                }
                line.push_str(&" ".repeat(column - used));
                line.push_str(&if step.runs { words } else { paint(QUIET, &words) });
                used = WIDTH;
            }
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}
