//! The outline for terminals: a line per item in columns, gates as bars across, loops as frames.

mod columns;

use anstyle::{AnsiColor, Style};

use super::measure::{self, TERMINAL};
use super::outline::{Branches, Item, Outline, Part};
use crate::model::NodeKind;

use columns::{GAP, HEADS, Line, Row, WIDTH, broken, cells_of, frames, lead, widths};

const fn paint(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

const PLAIN: Style = Style::new();
const TITLE: Style = Style::new().bold();
const QUIET: Style = Style::new().dimmed();
const NUMBER: Style = paint(AnsiColor::Blue).bold();
const GATE: Style = paint(AnsiColor::Red).bold();
const BACK: Style = paint(AnsiColor::Red);
const LOOP: Style = paint(AnsiColor::Magenta);
const CONDITION: Style = paint(AnsiColor::Yellow);
const AGENT: Style = paint(AnsiColor::Green);

/// Writes the outline, with colours or without.
pub fn write(outline: &Outline, color: bool) -> String {
    let mut rows = Rows { rows: Vec::new(), frames: Vec::new() };
    rows.body(&outline.root);
    let widths = widths(&rows.rows);
    let mut page = Page { text: String::new(), color };
    page.heading(outline, widths);
    for row in &rows.rows {
        page.row(row, &widths);
    }
    page.text
}

// ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

struct Rows {
    rows: Vec<Row>,
    frames: Vec<&'static str>,
}

impl Rows {
    fn push(&mut self, number: &str, line: Line, faded: bool) {
        self.rows.push(Row { frames: self.frames.clone(), number: number.to_string(), line, faded });
    }

    fn body(&mut self, item: &Item) {
        for part in &item.body {
            match part {
                Part::One(item) => self.item(item, &[]),
                Part::Beside(branches) if item.kind == NodeKind::Parallel => self.members(branches),
                Part::Beside(branches) if branches.members.iter().any(is_shown) => {
                    self.framed("┌┄ ", '┄', "side by side", "", |rows| rows.members(branches), "└┄ ", "");
                }
                Part::Beside(branches) => self.members(branches),
            }
        }
    }

    fn members(&mut self, branches: &Branches) {
        for (index, member) in branches.members.iter().enumerate() {
            let waits = branches.edges.iter().filter(|(_, to)| *to == index).map(|(from, _)| &branches.members[*from]);
            let after: Vec<String> = waits
                .map(|other| format!("after {}", if other.number.is_empty() { &other.title } else { &other.number }))
                .collect();
            self.item(member, &after);
        }
    }

    fn item(&mut self, item: &Item, after: &[String]) {
        match item.kind {
            NodeKind::Gate => self.gate(item),
            NodeKind::Loop => {
                let until = item.until.as_ref().map(|until| format!("until {until}")).unwrap_or_default();
                let title = format!("Loop: {}", item.title);
                let bound = [item.bound.clone(), Some(said_of(item, after))];
                let bound: Vec<String> = bound.into_iter().flatten().filter(|said| !said.is_empty()).collect();
                self.framed("╭─ ", '─', &title, &bound.join(", "), |rows| rows.body(item), "╰─ ", &until);
                self.ways_back(item);
            }
            NodeKind::Parallel if item.members().any(is_shown) => {
                self.framed("┌┄ ", '┄', "in parallel", &said_of(item, after), |rows| rows.body(item), "└┄ ", "");
            }
            NodeKind::Phase | NodeKind::Stage | NodeKind::Each => {
                let cells = [item.title.clone(), said_of(item, after), agents(item), outputs(item)];
                self.push(&item.number, Line::Cells(Box::new(cells)), item.skipped());
                self.frames.push("    ");
                self.ways_back(item);
                self.body(item);
                self.frames.pop();
            }
            NodeKind::Workflow | NodeKind::Parallel | NodeKind::Spawn | NodeKind::Step => {}
        }
    }

    fn gate(&mut self, item: &Item) {
        let said = format!("Gate {}: {}", item.number, item.title);
        let end = item.asks_for.join(", ");
        let bar = Line::Bar { first: "━━ ", fill: '━', said, end, style: GATE };
        self.push("", bar, item.skipped());
        let about = said_of(item, &[]);
        self.frames.push("   ");
        if !about.is_empty() {
            let said =
                if item.state_word().is_some() || item.conditions.is_empty() { about } else { format!("when {about}") };
            self.push("", Line::Note { said, style: CONDITION }, item.skipped());
        }
        self.ways_back(item);
        self.frames.pop();
    }

    fn ways_back(&mut self, item: &Item) {
        for route in &item.routes {
            self.push("", Line::Note { said: format!("↩ {}", route.label), style: BACK }, !route.open);
        }
    }

    #[allow(clippy::too_many_arguments, reason = "the two lines of one frame, read in one place each")]
    fn framed(
        &mut self,
        first: &'static str,
        fill: char,
        title: &str,
        end: &str,
        body: impl FnOnce(&mut Self),
        last: &'static str,
        below: &str,
    ) {
        let bar = |first, said: &str, end: &str| Line::Bar {
            first,
            fill,
            said: said.to_string(),
            end: end.to_string(),
            style: LOOP,
        };
        self.push("", bar(first, title, end), false);
        self.frames.push(if fill == '─' { "│ " } else { "┆ " });
        body(self);
        self.frames.pop();
        self.push("", bar(last, if below.is_empty() { "" } else { below }, ""), false);
    }
}

/// It has a line of its own; spawns stand in the line of their phase, and steps are left out.
fn is_shown(item: &Item) -> bool {
    !matches!(item.kind, NodeKind::Spawn | NodeKind::Step)
}

/// State and conditions, order, marks. That a condition says when goes without saying.
fn said_of(item: &Item, after: &[String]) -> String {
    let conditions = item.conditions.iter().map(|condition| condition.trim_start_matches("when "));
    let conditions = conditions.collect::<Vec<_>>().join(", ");
    let state = match item.state_word() {
        Some(state) if conditions.is_empty() => state.to_string(),
        Some(state) => format!("{state}: {conditions}"),
        None => conditions,
    };
    let said = [state].into_iter().chain(after.iter().cloned()).chain(item.marks().map(str::to_string));
    said.filter(|said| !said.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Who is spawned by the item itself: one after the other with commas, side by side with bars.
fn agents(item: &Item) -> String {
    let mut groups: Vec<String> = Vec::new();
    for member in item.members() {
        let spawns: Vec<&Item> = match member.kind {
            NodeKind::Spawn => vec![member],
            NodeKind::Parallel => member.members().filter(|item| item.kind == NodeKind::Spawn).collect(),
            _ => continue,
        };
        let running = spawns.into_iter().filter(|spawn| item.skipped() || !spawn.skipped());
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for spawn in running {
            match counts.iter_mut().find(|(name, _)| *name == spawn.name) {
                Some((_, count)) => *count += 1,
                None => counts.push((&spawn.name, 1)),
            }
        }
        let said = counts.iter().map(|(name, count)| match count {
            1 => (*name).to_string(),
            _ => format!("{count}× {name}"),
        });
        let said = said.collect::<Vec<_>>().join(" ∥ ");
        if !said.is_empty() && !groups.contains(&said) {
            groups.push(said);
        }
    }
    groups.join(", ")
}

/// What the item and those it spawns leave behind.
fn outputs(item: &Item) -> String {
    let mut files: Vec<&str> = item.outputs.iter().map(String::as_str).collect();
    for member in item.members() {
        match member.kind {
            NodeKind::Spawn => files.extend(member.outputs.iter().map(String::as_str)),
            NodeKind::Parallel => {
                let spawns = member.members().filter(|item| item.kind == NodeKind::Spawn);
                files.extend(spawns.flat_map(|spawn| &spawn.outputs).map(String::as_str));
            }
            _ => {}
        }
    }
    files.join(", ")
}

// ── Page ─────────────────────────────────────────────────────────────────────────────────────────

struct Page {
    text: String,
    color: bool,
}

impl Page {
    fn heading(&mut self, outline: &Outline, widths: [usize; 4]) {
        let width = widths.iter().sum::<usize>().clamp(60, WIDTH);
        for line in broken(&outline.title, width) {
            self.put(&line, TITLE);
            self.end();
        }
        for line in broken(&format!("{}: {}", outline.name, outline.size), width) {
            self.put(&line, QUIET);
            self.end();
        }
        for line in outline.given.iter().flat_map(|given| broken(given, width)) {
            self.put(&line, CONDITION);
            self.end();
        }
        self.end();
        let mut heads = String::new();
        for (column, head) in HEADS.into_iter().enumerate().filter(|(column, _)| widths[*column] > 0) {
            let start = if column == 0 { 4 } else { widths[..column].iter().sum() };
            heads = format!("{heads:<start$}{head}");
        }
        self.put(&heads, QUIET);
        self.end();
    }

    fn row(&mut self, row: &Row, widths: &[usize; 4]) {
        let (drawn, deep) = frames(row);
        let width = widths.iter().sum::<usize>().clamp(60, WIDTH);
        let fade = |style| if row.faded { QUIET } else { style };
        match &row.line {
            Line::Cells(cells) => self.cells(row, cells, widths),
            Line::Note { said, style } => {
                for line in broken(said, width.saturating_sub(deep)) {
                    self.put(&drawn, LOOP);
                    self.put(&line, fade(*style));
                    self.end();
                }
            }
            Line::Bar { first, fill, said, end, style } => {
                let end = measure::ellipsis(end, TERMINAL, (width / 2) as f64);
                let mut lines = broken(said, width.saturating_sub(deep + cells_of(&end) + 12)).into_iter();
                let tail = if end.is_empty() { String::new() } else { format!(" {end} {fill}{fill}") };
                let mut bar = match lines.next().filter(|said| !said.is_empty()) {
                    Some(said) => format!("{first}{said} "),
                    None => first.trim_end().to_string(),
                };
                let room = width.saturating_sub(deep + cells_of(&bar) + cells_of(&tail));
                bar.extend(std::iter::repeat_n(*fill, room));
                bar.push_str(&tail);
                self.put(&drawn, LOOP);
                self.put(&bar, fade(*style));
                self.end();
                for line in lines {
                    self.put(&drawn, LOOP);
                    self.put(&format!("   {line}"), fade(*style));
                    self.end();
                }
            }
        }
    }

    fn cells(&mut self, row: &Row, cells: &[String; 4], widths: &[usize; 4]) {
        let (drawn, deep) = frames(row);
        let lead = lead(row);
        let title = if row.number.is_empty() { QUIET } else { TITLE };
        let styles = [title, CONDITION, AGENT, PLAIN];
        let starts: Vec<usize> =
            (0..4).map(|column| if column == 0 { lead } else { widths[..column].iter().sum() }).collect();
        let width: usize = widths.iter().sum();
        // A cell may use the room of empty cells behind it.
        let columns: Vec<(usize, Vec<String>)> = (0..4)
            .filter(|column| !cells[*column].is_empty())
            .map(|column| {
                let next = (column + 1..4).find(|next| !cells[*next].is_empty());
                let end = next.map_or(width, |next| starts[next].saturating_sub(GAP));
                (column, broken(&cells[column], end.saturating_sub(starts[column])))
            })
            .collect();
        let height = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1);
        for line in 0..height {
            self.put(&drawn, LOOP);
            let number = if line == 0 && lead > deep { format!("{:>2}", row.number) } else { String::new() };
            self.put(&number, if row.faded { QUIET } else { NUMBER });
            let mut at = deep + cells_of(&number);
            for (column, lines) in &columns {
                let said = lines.get(line).map_or("", String::as_str);
                if !said.is_empty() {
                    self.put(&" ".repeat(starts[*column].saturating_sub(at)), PLAIN);
                    self.put(said, if row.faded { QUIET } else { styles[*column] });
                    at = at.max(starts[*column]) + cells_of(said);
                }
            }
            self.end();
        }
    }

    fn put(&mut self, said: &str, style: Style) {
        if said.is_empty() {
            return;
        }
        if self.color && style != PLAIN && !said.trim().is_empty() {
            self.text.push_str(&format!("{style}{said}{style:#}"));
        } else {
            self.text.push_str(said);
        }
    }

    /// Ends the line, without blanks at its end.
    fn end(&mut self) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.push('\n');
    }
}
