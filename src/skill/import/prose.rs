//! The text of a skill and where it goes: the page of a phase into the phase, other pages into procedures, the sections of
//! `SKILL.md` that are not made of declarations into the document.

mod cut;
mod made;
mod numbers;

use std::collections::{BTreeMap, HashMap};

use super::super::document::{Document, Link};
use super::super::facts::{Facts, Form, Number};
use super::super::folder::{name as file_name, parent, resolve};
use super::super::{front_matter, generated};
use super::cast::Cast;
use super::flow::Flow;
use super::write::{self, Names, Writer};
use super::{File, Files};
use crate::source::Span;
use numbers::Numbers;

/// What the front matter and the title say.
pub struct Header {
    pub name: String,
    pub title: String,
    description: Option<String>,
    tools: Vec<String>,
    left: Vec<(Span, String)>,
}

/// Keys of a front matter that the language has a word for.
const KNOWN_KEYS: &[&str] = &["name", "description", "allowed-tools", "tools"];

impl Header {
    pub fn read(files: &Files<'_, '_>) -> Self {
        let main = files.main().document;
        let block = main.front_matter.as_ref();
        let read = block.and_then(|block| front_matter::read(block).ok()).unwrap_or_default();
        let title =
            main.headings.iter().find(|heading| heading.level == 1).map(|heading| heading.content.text.to_string());
        let name = read.text("name").map(str::to_owned).or_else(|| title.clone());
        let name = name.and_then(|name| write::kebab(&name)).unwrap_or_else(|| "workflow".to_owned());
        let (tools, others): (Vec<&str>, Vec<&str>) =
            ["allowed-tools", "tools"].iter().flat_map(|key| read.names(key)).partition(|tool| write::is_name(tool));
        let mut left = Vec::new();
        for entry in &read.entries {
            let key = entry.key.text().unwrap_or_default();
            if !KNOWN_KEYS.contains(&key) {
                left.push((entry.key.span, format!("key `{key}` of the front matter")));
            } else if key.ends_with("tools") {
                left.extend(others.iter().map(|tool| (entry.value.span, format!("tool `{tool}`"))));
            }
        }
        if let Some(block) = block.filter(|block| front_matter::read(block).is_err()) {
            left.push((block.span, "the front matter cannot be read".to_owned()));
        }
        Header {
            title: title.unwrap_or_else(|| name.clone()),
            name,
            description: read.text("description").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
            tools: tools.into_iter().map(str::to_owned).collect(),
            left,
        }
    }

    pub fn write(&self, writer: &mut Writer, prose: &Prose) {
        writer.blank();
        writer.line(format!("document skill {} {{", self.name));
        if let Some(description) = &self.description {
            writer.line(format!("description {}", write::line(description)));
        }
        if !self.tools.is_empty() {
            writer.line(format!("tools {}", write::list(&self.tools)));
        }
        if let Some(command) = &prose.command {
            writer.line(format!("command {}", write::line(command)));
        }
        for section in &prose.sections {
            let place = section.after.map_or("before phases".to_owned(), |name| format!("after {name}"));
            writer.line(format!("section {} {place} {}", write::line(&section.title), write::block(&section.text)));
        }
        writer.line("}");
    }
}

/// What becomes of each file.
pub struct Pages {
    /// By path: what `${link …}` calls it.
    links: HashMap<String, String>,
    /// By path: its title, which a link to it shows anyway.
    titles: HashMap<String, String>,
    /// By path: its name as a procedure.
    procedures: BTreeMap<String, String>,
    /// By path: the phase it is the page of.
    phases: BTreeMap<String, usize>,
    numbers: Numbers,
}

impl Pages {
    pub fn new(facts: &Facts<'_>, files: &Files<'_, '_>, flow: &Flow) -> Self {
        let mut pages = Pages {
            links: HashMap::new(),
            titles: HashMap::new(),
            procedures: BTreeMap::new(),
            phases: BTreeMap::new(),
            numbers: Numbers::new(facts, files, flow),
        };
        let mut names = Names::default();
        for file in &files.all[1..] {
            let title = file.document.headings.iter().find(|heading| !heading.is_nested);
            pages.titles.extend(title.map(|title| (file.path.clone(), words_of(&title.content.text))));
            if let Some(index) = page_of(file.document, facts).and_then(|number| flow.index(number)) {
                pages.links.insert(file.path.clone(), format!("phase {}", flow.phases[index].name));
                pages.phases.insert(file.path.clone(), index);
            } else if let Some(page) = generated::page(&file.path).filter(|_| file.is_generated) {
                pages.links.insert(file.path.clone(), page.to_owned());
            } else if let Some(name) = made::procedure(file) {
                let name = names.free(name);
                pages.links.insert(file.path.clone(), format!("procedure {name}"));
                pages.procedures.insert(file.path.clone(), name);
            }
        }
        pages
    }

    /// What a link to a file is called.
    pub fn name(&self, path: &str) -> Option<String> {
        self.links.get(path).cloned()
    }

    /// What a link in a file leads to, as a reference behind the words of the link where these say something else.
    fn link(&self, file: &File<'_, '_>, link: &Link<'_>) -> Option<String> {
        let (path, _) = link.parts();
        let path = resolve(parent(&file.path), path)?;
        let page = self.links.get(&path)?;
        let words = words_of(&link.content.text);
        let is_name = path.ends_with(&words) || file_name(&path).strip_suffix(".md") == Some(&words);
        if is_name || self.titles.get(&path) == Some(&words) {
            return Some(format!("${{link {page}}}"));
        }
        Some(format!("{} (${{link {page}}})", self.numbers.words(file.document, link.content.span).trim()))
    }

    /// A part of a file as a text of the language: links to pages are references, nothing else is.
    fn text(&self, file: &File<'_, '_>, part: Span) -> String {
        let document = file.document;
        let mut out = String::new();
        let mut at = part.start as usize;
        for link in document.within(&document.links, |link| link.span, part) {
            let range = link.span.range();
            let is_one = !link.is_image && !link.is_auto && range.start >= at && link.span.end <= part.end;
            if let Some(page) = self.link(file, link).filter(|_| is_one) {
                out.push_str(&self.numbers.words(document, document.place(at..range.start)));
                out.push_str(&page);
                at = range.end;
            }
        }
        out.push_str(&self.numbers.words(document, document.place(at..part.end as usize)));
        out
    }
}

/// A title to compare with another one.
fn words_of(title: &str) -> String {
    title.trim().trim_matches(['*', '`', '_']).to_lowercase()
}

/// The phase that a document is the page of, by its first title.
pub fn page_of(document: &Document<'_>, facts: &Facts<'_>) -> Option<Number> {
    let title = document.headings.iter().find(|heading| !heading.is_nested)?;
    let (number, _) = facts.vocabulary.subject(&title.content.text)?;
    Some(number).filter(|number| number.stage == 0 && facts.vocabulary.has(*number))
}

pub struct Procedure {
    pub title: String,
    pub text: String,
}

struct Section {
    title: String,
    /// The generated section it stands behind.
    after: Option<&'static str>,
    text: String,
}

#[derive(Default)]
pub struct Prose {
    pub introduction: Vec<String>,
    /// By the place of the phase in the flow.
    pub phases: HashMap<usize, Vec<String>>,
    pub procedures: Vec<(String, Procedure)>,
    pub left: Vec<(Span, String)>,
    command: Option<String>,
    sections: Vec<Section>,
}

impl Prose {
    pub fn read(
        facts: &Facts<'_>,
        files: &Files<'_, '_>,
        pages: &Pages,
        taken: &[(Span, &'static str)],
        seen: &[Span],
        cast: &Cast,
    ) -> Self {
        let mut prose = Prose { command: cast.command.clone(), ..Prose::default() };
        prose.left.extend(Header::read(files).left);
        for file in &files.all[1..] {
            let text = if file.is_generated { generated::text(&file.path, file.document) } else { body(file.document) };
            let text = pages.text(file, text);
            let text = text.trim_matches('\n').trim_end();
            if let Some(index) = pages.phases.get(&file.path).copied().or_else(|| made::aside_of(file, pages)) {
                if !text.trim().is_empty() {
                    prose.phases.entry(index).or_default().push(text.to_owned());
                }
            } else if let Some(name) = pages.procedures.get(&file.path) {
                let title = file.document.headings.iter().find(|heading| !heading.is_nested);
                let title =
                    title.map_or_else(|| file_name(&file.path).to_owned(), |title| title.content.text.to_string());
                prose.procedures.push((name.clone(), Procedure { title, text: text.to_owned() }));
            }
        }
        prose.main(facts, files, pages, taken);
        prose.unknown_tables(facts, files, taken, seen);
        prose.bounds(facts, files, taken, seen);
        prose.lead(facts, files, pages);
        prose
    }

    /// The sections of `SKILL.md`.
    fn main(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, pages: &Pages, taken: &[(Span, &'static str)]) {
        let file = files.main();
        let document = file.document;
        let sections = document.outer_sections();
        self.introduce(file, pages, taken, sections.first().map(|index| document.headings[*index].span.start));
        let mut after = None;
        for index in sections {
            let heading = &document.headings[index];
            let whole = document.section(index);
            let inner = Span { start: heading.span.end, ..whole };
            if let Some((number, _)) = facts.vocabulary.subject(&heading.content.text)
                && let Some(phase) = facts.vocabulary.phases.iter().position(|phase| phase.number == number.whole())
            {
                let text = pages.text(file, inner);
                if !text.trim().is_empty() {
                    self.phases.entry(phase).or_default().push(text.trim_matches('\n').trim_end().to_owned());
                }
                continue;
            }
            let cuts: Vec<(Span, &'static str)> =
                taken.iter().filter(|(span, _)| inner.contains(*span)).copied().collect();
            let is_made = file.is_generated && generated::is_section(&heading.content.text);
            if let Some((_, kind)) = cuts.iter().max_by_key(|(span, _)| *span) {
                after = Some(*kind);
            }
            let text = if cuts.is_empty() { pages.text(file, inner) } else { cut::without(file, pages, inner, &cuts) };
            if is_made || text.trim().is_empty() {
                continue;
            }
            let title = heading.content.text.trim();
            // A title that is generated is not written twice.
            let title = if generated::is_section(title) { format!("{title}: Notes") } else { title.to_owned() };
            self.sections.push(Section { title, after, text: text.trim_matches('\n').trim_end().to_owned() });
        }
    }

    /// What stands between the title and the first section: its first paragraph introduces the file, the rest is a section.
    fn introduce(&mut self, file: &File<'_, '_>, pages: &Pages, taken: &[(Span, &'static str)], first: Option<u32>) {
        let document = file.document;
        let start = body(document);
        let part = Span { end: first.unwrap_or(start.end).max(start.start), ..start };
        let cuts: Vec<(Span, &'static str)> = taken.iter().filter(|(span, _)| part.contains(*span)).copied().collect();
        let text = cut::without(file, pages, part, &cuts);
        let mut paragraphs = text.trim().split("\n\n").filter(|paragraph| !paragraph.trim_start().starts_with("<!--"));
        let Some(opening) = paragraphs.next().filter(|opening| !opening.trim().is_empty()) else { return };
        let is_plain = !opening.starts_with(['|', '#', '-', '>', '`', '<']) && !opening.contains("${");
        let rest: Vec<&str> = if is_plain {
            self.introduction =
                opening.lines().map(|line| line.replace("**", "").trim().trim_matches('*').to_owned()).collect();
            paragraphs.collect()
        } else {
            std::iter::once(opening).chain(paragraphs).collect()
        };
        let rest = rest.join("\n\n");
        if !rest.trim().is_empty() {
            self.sections.push(Section { title: "Overview".to_owned(), after: None, text: rest });
        }
    }

    /// Leads from a phase without a text to the section about it in a file about several.
    fn lead(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, pages: &Pages) {
        for file in files.all.iter().filter(|file| pages.procedures.contains_key(&file.path)) {
            for heading in file.document.headings.iter().filter(|heading| !heading.is_nested) {
                let title = heading.content.text.trim();
                let number = facts.vocabulary.subject(title).map(|(number, _)| number.whole());
                let index = facts.vocabulary.phases.iter().position(|phase| Some(phase.number) == number);
                if let (Some(index), Some(page)) = (index, pages.name(&file.path))
                    && !self.phases.contains_key(&index)
                {
                    let text = format!("\"{}\" in ${{link {page}}} tells what is done.", write::escaped(title));
                    self.phases.insert(index, vec![text]);
                }
            }
        }
    }

    /// Bounds that nothing in the flow has: they stay words.
    fn bounds(&mut self, facts: &Facts<'_>, files: &Files<'_, '_>, taken: &[(Span, &'static str)], seen: &[Span]) {
        for bound in facts.bounds.iter().filter(|bound| bound.form != Form::Prose) {
            let is_said = taken.iter().map(|(span, _)| span).chain(seen).any(|span| span.contains(bound.place))
                || files.of(bound.place.file).is_none_or(|file| file.is_generated);
            if !is_said {
                self.left.push((bound.place, format!("`{}` of {}", bound.text, bound.label)));
            }
        }
    }

    /// Tables that nothing was learned from.
    fn unknown_tables(
        &mut self,
        facts: &Facts<'_>,
        files: &Files<'_, '_>,
        taken: &[(Span, &'static str)],
        seen: &[Span],
    ) {
        let seen: Vec<Span> = taken
            .iter()
            .map(|(span, _)| *span)
            .chain(seen.iter().copied())
            .chain(facts.skips.iter().map(|skip| skip.place))
            .chain(facts.gates.iter().map(|gate| gate.place))
            .chain(facts.outputs.iter().map(|output| output.place))
            .chain(facts.agents.iter().map(|agents| agents.place))
            .chain(facts.checkpoints.iter().map(|found| found.place))
            .chain(facts.approvals.iter().map(|found| found.place))
            .chain(facts.vocabulary.phases.iter().map(|phase| phase.place))
            .collect();
        for file in files.all.iter().filter(|file| !file.is_generated) {
            for table in &file.document.tables {
                if !seen.iter().any(|span| table.span.contains(*span)) {
                    let titles = table.header.iter().map(|title| title.text.trim()).filter(|title| !title.is_empty());
                    let mut titles: Vec<&str> = titles.collect();
                    if titles.is_empty() {
                        let first = table.rows.iter().filter_map(|row| row.cells.first());
                        titles = first.map(|cell| cell.text.trim()).filter(|text| !text.is_empty()).collect();
                    }
                    self.left.push((table.span, format!("table of {}", titles.join(", "))));
                }
            }
        }
    }
}

/// All behind the first title.
fn body(document: &Document<'_>) -> Span {
    let front = document.front_matter.as_ref().map_or(0, |block| block.span.end);
    let title = document.headings.iter().find(|heading| !heading.is_nested && heading.level == 1);
    let start = title.map_or(front, |title| title.span.end.max(front));
    let whole = document.span();
    Span { start: start.min(whole.end), ..whole }
}
