//! The texts of a workflow that documents show, and marks at the ends of their lines.

use std::collections::HashMap;

use crate::model::Model;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax;
use crate::syntax::ast::{
    Action, ActionKind, Ask, Choice, Entry, Evidence, File, Kind, ListWord, Modifier, ModifierKind, Name, NodeKind,
    Outcome, Statement, Text, TextWord,
};

/// Marks are characters of the two planes that nobody has given a meaning to.
const PLANES: [(u32, u32); 2] = [(0xF_0000, 0xF_FFFD), (0x10_0000, 0x10_FFFD)];

/// What each mark stands for: the places of a line of text. The same text has the same mark wherever it stands, so that
/// what is put together once stays so.
#[derive(Debug, Default)]
pub struct Marks {
    places: Vec<Vec<Span>>,
    known: HashMap<(String, usize), usize>,
}

/// A line of a document, with its marks taken out.
#[derive(Debug)]
pub struct Line<'m> {
    pub text: String,
    /// The byte at which each stood, and what it stands for.
    pub marks: Vec<(usize, &'m [Span])>,
}

impl Marks {
    fn mark(&mut self, text: &str, line: usize, place: Span) -> Option<char> {
        let next = self.places.len();
        let index = *self.known.entry((text.to_owned(), line)).or_insert(next);
        if index == next {
            self.places.push(Vec::new());
        }
        self.places[index].push(place);
        character(index)
    }

    fn places(&self, mark: char) -> Option<&[Span]> {
        self.places.get(index(mark)?).map(Vec::as_slice)
    }

    /// The lines of a document in which marks stand.
    pub fn lines(&self, text: &str) -> Vec<Line<'_>> {
        let read = |line: &str| {
            let mut read = Line { text: String::with_capacity(line.len()), marks: Vec::new() };
            for c in line.chars() {
                match self.places(c) {
                    Some(places) => read.marks.push((read.text.len(), places)),
                    None => read.text.push(c),
                }
            }
            read
        };
        text.lines().map(read).collect()
    }
}

fn character(index: usize) -> Option<char> {
    let index = u32::try_from(index).ok()?;
    let [(low, high), (next, end)] = PLANES;
    let code = if index <= high - low { low + index } else { next + (index - (high - low) - 1) };
    char::from_u32(code).filter(|_| code <= end)
}

fn index(mark: char) -> Option<usize> {
    let code = u32::from(mark);
    let [(low, high), (next, end)] = PLANES;
    let index = match code {
        _ if (low..=high).contains(&code) => code - low,
        _ if (next..=end).contains(&code) => code - next + (high - low) + 1,
        _ => return None,
    };
    usize::try_from(index).ok()
}

/// The sources of a workflow with marks in them. Nothing is marked where such characters stand already.
pub fn marked(sources: &SourceMap, model: &Model<'_>) -> (SourceMap, Marks) {
    let mut marks = Marks::default();
    let mut files: Vec<FileId> = model.layers.iter().map(|(file, _)| file).collect();
    if files.is_empty() {
        files.push(model.file);
    }
    let mut texts: Vec<(FileId, String)> = Vec::new();
    if files.iter().all(|file| !sources.get(*file).text.chars().any(|c| index(c).is_some())) {
        texts = files.iter().map(|file| (*file, mark_file(*file, &sources.get(*file).text, &mut marks))).collect();
    }
    let mut map = sources.with_text(model.file, sources.get(model.file).text.clone());
    for (file, text) in texts {
        map = map.with_text(file, text);
    }
    (map, marks)
}

fn mark_file(file: FileId, text: &str, marks: &mut Marks) -> String {
    let (tree, _) = syntax::parse(file, text);
    let mut shown = Shown { found: Vec::new() };
    shown.statements(&tree.items);
    shown.found.extend(docs(&tree));
    shown.found.sort_unstable();
    shown.found.dedup();
    let mut out = String::with_capacity(text.len() + 4 * shown.found.len());
    let mut from = 0;
    for span in shown.found {
        let written = &text[span.range()];
        for (line, (start, end)) in lines(written).into_iter().enumerate() {
            let (start, end) = (span.start as usize + start, span.start as usize + end);
            let content = syntax::text::content(written);
            if let Some(mark) = marks.mark(&content, line, Span::new(file, start, end)).filter(|_| from <= end) {
                out.push_str(&text[from..end]);
                out.push(mark);
                from = end;
            }
        }
    }
    out.push_str(&text[from..]);
    out
}

/// The lines of a text that can bear a mark, from where they begin to where they end, without quotes.
fn lines(written: &str) -> Vec<(usize, usize)> {
    let quotes = match written.bytes().take_while(|byte| *byte == b'"').count() {
        0 | 1 => written.len().min(usize::from(written.starts_with('"'))),
        2 => return Vec::new(),
        more => more.min(5),
    };
    let mut start = quotes;
    let mut found = Vec::new();
    let Some(inner) = written.get(quotes..written.len().saturating_sub(quotes)) else { return found };
    for line in inner.split_inclusive('\n') {
        let content = line.trim();
        // A fence ends with its signs.
        if !content.is_empty() && !content.starts_with("```") && !content.starts_with("~~~") {
            let blanks = line.len() - line.trim_start().len();
            found.push((start + blanks, start + line.trim_end().len()));
        }
        start += line.len();
    }
    found
}

/// The comments that documents show.
fn docs(tree: &File<'_>) -> Vec<Span> {
    let written = |span: Span| (span, tree.slice(span));
    let comments = tree.comments.iter().map(|comment| written(comment.span));
    let docs = comments.filter_map(|(span, text)| {
        let content = text.strip_prefix("//!").or_else(|| text.strip_prefix("///"))?;
        let content = content.trim();
        (!content.is_empty()).then(|| {
            let start = span.start as usize + text.find(content).unwrap_or(0);
            Span::new(span.file, start, start + content.len())
        })
    });
    docs.collect()
}

/// Collects texts that say something to readers. Paths, commands, patterns and names of things outside mean what they
/// mean letter by letter, and are left alone.
struct Shown {
    found: Vec<Span>,
}

impl Shown {
    fn add(&mut self, texts: impl IntoIterator<Item = Text>) {
        self.found.extend(texts);
    }

    fn statements(&mut self, statements: &[Statement]) {
        statements.iter().for_each(|statement| self.statement(&statement.kind));
    }

    fn statement(&mut self, kind: &Kind) {
        match kind {
            Kind::Node(node) => {
                // The title of an `each` is the section of a file that it goes through.
                self.add(node.title.filter(|_| node.kind != NodeKind::Each));
                self.modifiers(&node.modifiers);
                self.statements(&node.body);
            }
            Kind::Item(item) => {
                self.add(item.title.into_iter().chain(item.meaning));
                self.modifiers(&item.modifiers);
            }
            Kind::Text(text) if !matches!(text.word, TextWord::Output | TextWord::Path) => self.add([text.text]),
            Kind::List(ListWord::Checklist, entries) => self.entries(entries),
            Kind::Produces(produced) => produced.iter().for_each(|produced| self.statements(&produced.body)),
            Kind::On(on) => on.branches.iter().for_each(|branch| self.outcome(&branch.outcome)),
            Kind::Ask(ask) => self.ask(ask),
            Kind::Override(risk) => self.add(*risk),
            Kind::Requires(requires) => self.add(requires.text),
            Kind::Enum(item) => self.add(item.values.iter().filter_map(|(_, label)| *label)),
            Kind::Skip(skip) => self.modifiers(&skip.modifiers),
            Kind::Agent(agent) => {
                self.add(agent.description);
                self.statements(&agent.body);
            }
            Kind::Skill(skill) => {
                self.add(skill.purpose);
                self.statements(&skill.body);
            }
            Kind::Pairs(pairs) => self.add(pairs.purpose),
            Kind::Procedure(procedure) => {
                self.add(procedure.title);
                self.statements(&procedure.body);
            }
            Kind::Counter(counter) => self.add([counter.claim, counter.answer]),
            Kind::Escalation(options) => self.options(options),
            Kind::Abort(statements) => self.statements(statements),
            Kind::Trigger(trigger) => self.add([trigger.text]),
            Kind::Route(route) => route.branches.iter().for_each(|branch| self.outcome(&branch.outcome)),
            Kind::Score(score) => {
                self.add(score.factors.iter().filter_map(|factor| factor.title));
                self.add(score.bands.iter().filter_map(|band| band.text));
            }
            Kind::Workflow(workflow) => self.add(workflow.title),
            Kind::Insert(statement) => self.statement(&statement.kind),
            Kind::Document(document) => {
                self.add(document.title);
                self.statements(&document.body);
            }
            Kind::Section(section) => self.add([section.title, section.text]),
            _ => {}
        }
    }

    fn modifiers(&mut self, modifiers: &[Modifier]) {
        for modifier in modifiers {
            match &modifier.kind {
                ModifierKind::Because(text) => self.add([*text]),
                ModifierKind::By(evidence) => {
                    if let Evidence::Checklist(entries) = &**evidence {
                        self.entries(entries);
                    }
                }
                _ => {}
            }
        }
    }

    fn entries(&mut self, entries: &[Entry]) {
        self.add(entries.iter().filter(|entry| entry.is_text).map(|entry| entry.span));
    }

    fn outcome(&mut self, outcome: &Outcome) {
        for Action { kind, .. } in &outcome.actions {
            if let ActionKind::Ask(ask) = kind {
                self.ask(ask);
            }
        }
    }

    fn ask(&mut self, ask: &Ask) {
        self.add(ask.question);
        self.options(&ask.options);
    }

    fn options(&mut self, options: &[Choice]) {
        for option in options {
            self.add(option.label);
            option.outcome.iter().for_each(|outcome| self.outcome(outcome));
        }
    }
}

/// The name that a statement declares.
pub fn name(kind: &Kind) -> Option<Name> {
    Some(match kind {
        Kind::Node(node) => node.name?,
        Kind::Item(item) => item.name,
        Kind::Enum(item) => item.name,
        Kind::Fact(fact) => fact.names.first()?.span,
        Kind::Let(bound) => bound.name,
        Kind::Limit(limit) => limit.name,
        Kind::Agent(agent) => agent.name?,
        Kind::Skill(skill) => skill.name,
        Kind::Procedure(procedure) => procedure.name,
        Kind::Score(score) => score.fact,
        Kind::Workflow(workflow) => workflow.name,
        Kind::Document(document) => document.name,
        Kind::Insert(statement) => name(&statement.kind)?,
        _ => return None,
    })
}
