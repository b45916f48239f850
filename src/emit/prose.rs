//! Texts with their references replaced: by numbers, names, files and links in documents, by placeholders in plans.

use crate::analysis::{Runs, Sound};
use crate::logic::{Diagram, TRUE};
use crate::model::{Counted, Item, LetId, NodeId, NodeKind, Page, SkillName, Target, Text, Value, decimal};
use crate::source::Span;
use crate::syntax::text;

/// Lets that refer to lets: deeper than this only in a circle, which lowering reports.
const MAX_DEPTH: usize = 16;

/// For whom a text is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A document: `{vendor}` stands for a value. The folder of the page decides how links are written.
    Document(Folder),
    /// A plan: `${vendor}` is replaced by the run.
    Plan,
}

/// Where a page lies in the skill folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folder {
    /// Beside SKILL.md.
    Top,
    /// In `references/`.
    References,
    /// In a folder below `references/`.
    Below,
}

impl Folder {
    /// How a file in `references/` is named from here.
    pub fn to_reference(self, file: &str) -> String {
        match self {
            Folder::Top => format!("references/{file}"),
            Folder::References => file.to_string(),
            Folder::Below => format!("../{file}"),
        }
    }
}

/// Prints texts of one workflow for one reader.
#[derive(Debug, Clone, Copy)]
pub struct Prose<'a, 's> {
    pub sound: Sound<'a, 's>,
    pub reader: Reader,
}

impl<'a, 's> Prose<'a, 's> {
    pub fn text(&self, text: &Text<'s>) -> String {
        self.print(text.raw, text.span, 0)
    }

    pub fn optional(&self, text: Option<&Text<'s>>) -> String {
        text.map(|text| self.text(text)).unwrap_or_default()
    }

    pub fn skill(&self, skill: &SkillName<'s>) -> String {
        self.print(skill.raw, skill.span, 0)
    }

    /// A text with its line ends folded, for cells of tables; `|` is escaped.
    pub fn cell(&self, text: &Text<'s>) -> String {
        cell(&self.text(text))
    }

    fn print(&self, raw: &str, span: Span, depth: usize) -> String {
        let content = text::content(raw);
        let Some(targets) = self.sound.model.targets.get(&span) else {
            return text::substitute(&content, |inner| format!("${{{inner}}}"));
        };
        let mut targets = targets.iter();
        text::substitute(&content, |inner| match targets.next().and_then(Option::as_ref) {
            Some(target) => self.target(target, depth),
            None => format!("${{{inner}}}"),
        })
    }

    fn target(&self, target: &Target<'s>, depth: usize) -> String {
        let model = &self.sound.model;
        match target {
            Target::Node(node) => self.node(*node),
            Target::Count(counted, condition) => {
                let given = condition.as_ref().map_or(TRUE, |condition| self.sound.holds_finally(condition));
                self.count(*counted, given)
            }
            Target::List(gate) => {
                let titles: Vec<String> = model
                    .gate_items(*gate)
                    .iter()
                    .map(|item| match &item.title {
                        Some(title) => self.text(title),
                        None => item.name.name.to_string(),
                    })
                    .collect();
                joined(&titles)
            }
            Target::Artifact(id) => match &model.artifacts[id.index()].path {
                Some(path) if depth < MAX_DEPTH => self.print(path.raw, path.span, depth + 1),
                _ => format!("{}.md", model.artifacts[id.index()].name.name),
            },
            Target::Let(id) if depth < MAX_DEPTH => self.let_value(*id, depth + 1),
            Target::Let(id) => model.lets[id.index()].name.name.to_string(),
            Target::Limit(id) => model.limits[id.index()].value.map_or_else(String::new, |value| value.to_string()),
            Target::Fact(id) => self.placeholder(model.facts[id.index()].name.name),
            Target::Variable(name) => self.placeholder(name),
            Target::Link(page) => self.link(*page),
            Target::Inherited(texts) if depth < MAX_DEPTH => {
                let texts: Vec<String> = texts.iter().map(|text| self.print(text.raw, text.span, depth + 1)).collect();
                texts.join("\n\n")
            }
            Target::Inherited(_) => String::new(),
        }
    }

    fn placeholder(&self, name: &str) -> String {
        match self.reader {
            Reader::Document(_) => format!("{{{name}}}"),
            Reader::Plan => format!("${{{name}}}"),
        }
    }

    fn let_value(&self, id: LetId, depth: usize) -> String {
        match &self.sound.model.lets[id.index()].value {
            Value::Number(quantity) => decimal(quantity.thousandths),
            Value::Text(text) => self.print(text.raw, text.span, depth),
            Value::Name(name) => name.name.to_string(),
        }
    }

    /// The title of an item, else its name as words.
    pub fn title(&self, node: NodeId) -> String {
        let model = &self.sound.model;
        model.node(node).title.as_ref().map_or_else(|| model.title(node), |title| self.text(title))
    }

    /// "Phase 8", "Phase 11.1", "Gate 4"; the title of a loop.
    pub fn node(&self, node: NodeId) -> String {
        let model = &self.sound.model;
        match model.node(node).kind {
            NodeKind::Phase => format!("Phase {}", model.number(node)),
            NodeKind::Stage => {
                let phase = model.phase_of(node).map_or(0, |phase| model.number(phase));
                format!("Phase {phase}.{}", model.number(node))
            }
            NodeKind::Gate => format!("Gate {}", model.number(node)),
            _ => self.title(node),
        }
    }

    fn count(&self, counted: Counted, given: Diagram) -> String {
        let model = &self.sound.model;
        let kind = match counted {
            Counted::Phases => NodeKind::Phase,
            Counted::Gates => NodeKind::Gate,
            Counted::Stages => NodeKind::Stage,
            Counted::Agents => return model.agents.iter().filter(|agent| agent.used).count().to_string(),
            Counted::Items(gate) => return self.applying(gate, &model.gate_items(gate), given),
        };
        let mut always = 0;
        let mut sometimes = 0;
        for node in model.nodes_of(kind) {
            match self.sound.runs(node, given) {
                Runs::Always => always += 1,
                Runs::Depends => sometimes += 1,
                Runs::Never => {}
            }
        }
        // Without a condition all are counted; with one, those that may run are said to.
        if given == TRUE {
            return (always + sometimes).to_string();
        }
        if sometimes == 0 { always.to_string() } else { format!("{always} to {}", always + sometimes) }
    }

    /// How many of these items of a gate apply: "7", or "3 to 4" where it is different in different variants.
    pub fn applying(&self, gate: NodeId, items: &[&Item<'_>], given: Diagram) -> String {
        let stands = self.sound.and(given, self.sound.run(gate));
        let numbers = self.sound.items_applying(gate, items, stands);
        match (numbers.keys().next(), numbers.keys().next_back()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
            (Some(number), _) => number.to_string(),
            _ => items.len().to_string(),
        }
    }

    /// A Markdown link to a generated page; its name alone in a plan, and where this workflow has no such page.
    pub fn link(&self, page: Page) -> String {
        let (label, file) = page_of(self, page);
        match self.reader {
            Reader::Document(folder) if super::skill::has_page(self, page) => {
                format!("[{label}]({})", folder.to_reference(&file))
            }
            _ => label,
        }
    }
}

/// The label and the file, below `references/`, of a generated page.
pub fn page_of(prose: &Prose<'_, '_>, page: Page) -> (String, String) {
    let model = &prose.sound.model;
    match page {
        Page::Phase(node) => (format!("{}: {}", prose.node(node), prose.title(node)), phase_file(prose, node)),
        Page::Gate(node) => {
            let title = prose.title(node);
            let anchor = anchor(&format!("{}: {title}", prose.node(node)));
            (format!("{}: {title}", prose.node(node)), format!("gates.md#{anchor}"))
        }
        Page::Procedure(id) => {
            let procedure = &model.procedures[id.index()];
            let title = procedure
                .title
                .as_ref()
                .map_or_else(|| crate::model::readable(procedure.name.name), |title| prose.text(title));
            (title, format!("procedure-{}.md", procedure.name.name))
        }
        Page::Gates => ("Gates".to_string(), "gates.md".to_string()),
        Page::Checkpoints => ("Checkpoints".to_string(), "checkpoints.md".to_string()),
        Page::Agents => ("Agent Matrix".to_string(), "agent-matrix.md".to_string()),
        Page::Recovery => ("Error Recovery".to_string(), "error-recovery.md".to_string()),
        Page::Limits => ("Limits".to_string(), "limits.md".to_string()),
        Page::Rationalizations => ("Rationalizations".to_string(), "rationalizations.md".to_string()),
        Page::Exit => ("Exit Criteria".to_string(), "exit-criteria.md".to_string()),
    }
}

/// `phase-8-implementation.md`.
pub fn phase_file(prose: &Prose<'_, '_>, phase: NodeId) -> String {
    let model = &prose.sound.model;
    format!("phase-{}-{}.md", model.number(phase), model.node(phase).name.name.replace('_', "-"))
}

/// The anchor that GitHub makes of a heading.
pub fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
            _ => None,
        })
        .collect()
}

/// "a, b and c".
pub fn joined(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// On one line, with `|` escaped, for a cell of a table.
pub fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
