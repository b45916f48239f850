//! A skill as a workflow: what it states becomes declarations, what it tells stays as text where it stood.
//!
//! Nothing is guessed: what no recogniser understands is kept as text and listed at the end, with its place. The result
//! always compiles; a statement that could not hold (an artifact that nobody has written, a phase that was left out)
//! becomes a comment.

mod cast;
mod flow;
mod prose;
mod write;

use std::collections::BTreeMap;

use super::Skill;
use super::document::Document;
use super::facts::Facts;
use super::lint::workflow;
use crate::diagnostic::{self, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax;

/// What became of a skill.
#[derive(Debug)]
pub struct Import {
    /// The workflow, in canonical form.
    pub text: String,
    /// Where the skill contradicts itself: what is found in it of SK7, in order.
    pub disagreements: Vec<Diagnostic>,
    /// For each of them, where the texts of the workflow still say what it does not; empty where it takes no side.
    pub still_said: Vec<Vec<Span>>,
    /// How many statements and tables are listed at the end, for nobody understood them.
    pub left_over: usize,
}

/// Whether the workflow takes a side in a disagreement, by the order of trust. Else both sides stay in its texts.
pub fn is_resolved(disagreement: &Diagnostic) -> bool {
    !workflow::OF_TEXTS.contains(&disagreement.code)
}

/// The places of a disagreement that stay in texts although the workflow has decided otherwise.
fn still_said(found: &Diagnostic, facts: &Facts<'_>, taken: &[Span]) -> Vec<Span> {
    if !is_resolved(found) {
        return Vec::new();
    }
    let related = found.related.iter().map(|label| (label.span, &label.text));
    let first = (found.primary.span, &found.primary.text);
    let is_skip = |place: Span| facts.skips.iter().any(|skip| skip.place == place);
    // Who is skipped is what such a finding is about, or what it is measured by.
    let is_against = |(place, text): &(Span, &String)| match workflow::is_of_skips(found) {
        true => *text != first.1,
        false => !is_skip(*place),
    };
    let is_text = |place: &Span| !taken.iter().any(|table| table.contains(*place));
    std::iter::once(first).chain(related).filter(is_against).map(|(place, _)| place).filter(is_text).collect()
}

/// Imports a skill; nothing where it names no phases.
pub fn import(skill: &Skill<'_, '_>) -> Option<Import> {
    let facts = Facts::read(skill)?;
    let files = Files::new(skill);
    let mut disagreements = workflow::of_facts(&facts);
    diagnostic::sort(&mut disagreements);
    let facts = files.of_model(facts);
    let mut flow = flow::Flow::read(skill, &facts, &files);
    let cast = cast::Cast::read(&facts, &files);
    flow.serve(&cast.at_gates);
    let pages = prose::Pages::new(&facts, &files, &flow);
    flow.link(|path| pages.name(path));
    let open = flow.comment_on(&disagreements, &facts, &files);
    let mut writer = write::Writer::default();
    let left_over = write_file(&mut writer, &facts, &files, &flow, &cast, &pages);
    if !open.is_empty() {
        writer.blank();
        writer.comment("Places that contradict each other:");
        open.iter().for_each(|text| writer.comment(text));
    }
    let taken: Vec<Span> = flow.taken.iter().chain(&cast.taken).map(|(span, _)| *span).collect();
    let still_said: Vec<Vec<Span>> = disagreements.iter().map(|found| still_said(found, &facts, &taken)).collect();
    let mut standing = disagreements.iter().zip(&still_said).filter(|(_, places)| !places.is_empty()).peekable();
    if standing.peek().is_some() {
        writer.blank();
        writer.comment("Texts that still say what the workflow does not:");
        for (found, places) in standing {
            let message = found.message.replace('`', "");
            writer.comment(&format!("{}: {message}", files.places(places.iter().copied())));
        }
    }
    let raw = writer.finish();
    let (tree, _) = syntax::parse(FileId::FIRST, &raw);
    Some(Import { text: syntax::format(&tree), disagreements, still_said, left_over })
}

/// The documents of a skill, each with its path below the folder.
struct Files<'f, 's> {
    /// `SKILL.md` first.
    all: Vec<File<'f, 's>>,
}

struct File<'f, 's> {
    /// `references/a.md`
    path: String,
    document: &'f Document<'s>,
    /// It was made by `wf build`: what it says by form is model, and not prose.
    is_generated: bool,
}

impl<'f, 's> Files<'f, 's> {
    fn new(skill: &Skill<'f, 's>) -> Self {
        let mut all: Vec<File<'f, 's>> = skill
            .documents
            .iter()
            .map(|(path, document)| File {
                path: path.strip_prefix(skill.path).unwrap_or(path).trim_start_matches('/').to_owned(),
                document,
                is_generated: document.is_generated(),
            })
            .collect();
        all.sort_by_key(|file| !std::ptr::eq(file.document, skill.main));
        Files { all }
    }

    fn main(&self) -> &File<'f, 's> {
        &self.all[0]
    }

    /// Without what the texts of generated files state: what they were made of says it itself.
    fn of_model<'t>(&self, mut facts: Facts<'t>) -> Facts<'t> {
        // The table of phases has all that stand between them.
        let main = self.main();
        let first = facts.vocabulary.phases.first().map(|phase| phase.place);
        let phases = main.document.tables.iter().find(|table| first.is_some_and(|first| table.span.contains(first)));
        let texts = facts.texts().to_vec();
        let is_model = |place: Span| !texts.iter().any(|text| text.contains(place));
        let is_declared = |place: Span| !main.is_generated || phases.is_some_and(|table| table.span.contains(place));
        facts.gates.retain(|gate| is_model(gate.place) && is_declared(gate.place));
        facts.outputs.retain(|output| is_model(output.place));
        facts.agents.retain(|agents| is_model(agents.place));
        facts.checkpoints.retain(|found| is_model(found.place));
        facts.approvals.retain(|found| is_model(found.place));
        facts
    }

    fn of(&self, id: FileId) -> Option<&File<'f, 's>> {
        self.all.iter().find(|file| file.document.file == id)
    }

    /// `SKILL.md:51`
    fn place(&self, span: Span) -> String {
        let Some(file) = self.of(span.file) else { return String::new() };
        let line = file.document.text[..span.start as usize].bytes().filter(|byte| *byte == b'\n').count() + 1;
        format!("{}:{line}", file.path)
    }

    /// The places of spans, each line once.
    fn places(&self, spans: impl IntoIterator<Item = Span>) -> String {
        let mut places: Vec<String> = Vec::new();
        for place in spans.into_iter().map(|span| self.place(span)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        places.join(", ")
    }
}

fn write_file(
    writer: &mut write::Writer,
    facts: &Facts<'_>,
    files: &Files<'_, '_>,
    flow: &flow::Flow,
    cast: &cast::Cast,
    pages: &prose::Pages,
) -> usize {
    let taken: Vec<(Span, &'static str)> = flow.taken.iter().chain(&cast.taken).copied().collect();
    let prose = prose::Prose::read(facts, files, pages, &taken, &flow.seen, cast);
    let header = prose::Header::read(files);
    for line in &prose.introduction {
        writer.line(format!("//! {}", write::comment(line)));
    }
    writer.line(format!("workflow {} {}", header.name, write::line(&header.title)));
    writer.blank();
    flow.write_facts(writer);
    cast.write(writer);
    for (name, page) in &prose.procedures {
        writer.line(format!("procedure {name} {} {{", write::line(&page.title)));
        writer.line(format!("text {}", write::block(&page.text)));
        writer.line("}");
        writer.blank();
    }
    for (index, phase) in flow.phases.iter().enumerate() {
        let texts = prose.phases.get(&index).map_or(&[][..], Vec::as_slice);
        let skills = cast.skills_of(phase.number);
        phase.write(writer, &facts.vocabulary.variants, &skills, texts);
    }
    if let Some(exit) = &flow.end {
        exit.write(writer);
    }
    header.write(writer, &prose);
    let mut left: BTreeMap<Span, String> = BTreeMap::new();
    for (span, text) in flow.left.iter().chain(&cast.left).chain(&prose.left) {
        let known = left.entry(*span).or_default();
        if !known.contains(text.as_str()) {
            let between = if known.is_empty() { "" } else { "; " };
            known.push_str(&format!("{between}{text}"));
        }
    }
    if !left.is_empty() {
        writer.blank();
        writer.comment("Not understood; what is a table or a list is kept as text where it stood:");
        for (span, text) in &left {
            writer.comment(&format!("{}: {text}", files.place(*span)));
        }
    }
    left.len()
}
