//! Text to tree and back: the splitter, the grammar, the reader, the formatter.
//!
//! Parsing never fails. What cannot be read is reported once per piece and left out; reading goes on at the next item.

pub mod ast;
mod cursor;
mod format;
mod read;
mod split;
pub mod text;
mod wording;

use pest::Parser;
use thin_vec::ThinVec;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, PerFile, Span};
use cursor::{Cursor, Origin};
use split::{Block, Fault};

pub use format::format;
pub use format::{list_word, text_word};
pub use split::{ITEM_WORDS, MAX_NESTING};
pub use wording::{CODES, SYNTAX_ERROR};

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/wf.pest"]
struct WfParser;

/// pest reads about this much at a time: enough to cost nothing, small enough to bound its memory.
const CHUNK: usize = 64 * 1024;

/// Reads a file: everything that can be read, and a diagnostic for each piece that cannot.
pub fn parse(file: FileId, text: &str) -> (ast::File<'_>, Vec<Diagnostic>) {
    let whole = split::split(file, text, 0, text.len());
    let mut reader = Reader {
        tree: ast::File {
            id: file,
            text,
            items: ThinVec::new(),
            comments: whole.comments,
            unread: Vec::new(),
            incomplete: false,
            orphan: false,
            layers: PerFile::default(),
            bases: Vec::new(),
            inherited: Vec::new(),
            dropped: Vec::new(),
        },
        diagnostics: Vec::new(),
    };
    let deep = whole.faults.iter().any(|fault| matches!(fault, Fault::TooDeep { .. }));
    for chunk in chunks(&whole.blocks) {
        let (start, end) = (chunk[0].start, chunk[chunk.len() - 1].end);
        if deep || !reader.read(start, end) {
            for block in certain_runs(chunk) {
                reader.read_or_recover(block[0].start, block[block.len() - 1].end);
            }
        }
    }
    (reader.tree, reader.diagnostics)
}

/// What a text uses, without reading the rest of it.
pub fn uses(file: FileId, text: &str) -> Vec<ast::Use> {
    if !text.starts_with("use") && !text.contains("\nuse") {
        return Vec::new();
    }
    let mut items = ThinVec::new();
    for block in split::split(file, text, 0, text.len()).blocks {
        if text[block.start..].starts_with("use")
            && let Ok(mut pairs) = WfParser::parse(Rule::file, &text[block.start..block.end])
        {
            let found = pairs.next().expect("a parse by `file` gives one pair");
            read::statements(Cursor::new(found.into_inner(), Origin { file, offset: block.start }), &mut items);
        }
    }
    items.into_iter().filter_map(|item| if let ast::Kind::Use(used) = item.kind { Some(*used) } else { None }).collect()
}

/// Reads a condition that stands inside a text, with places in `text`; `None` when it is none.
pub fn parse_condition(file: FileId, text: &str, span: Span) -> Option<ast::Condition> {
    let piece = &text[span.range()];
    let start = piece.len() - piece.trim_start().len();
    let trimmed = piece.trim();
    if trimmed.bytes().filter(|byte| *byte == b'(').count() > MAX_NESTING {
        return None;
    }
    let found = WfParser::parse(Rule::condition, trimmed).ok()?;
    let origin = Origin { file, offset: span.start as usize + start };
    let condition = read::condition(Cursor::new(found, origin).next()?);
    (condition.span.range().len() == trimmed.len()).then_some(condition)
}

/// The bare parse of a whole text by the grammar alone: the unit in which `benches/ratios` measures everything else.
///
/// Returns the number of pairs, so that nothing is optimised away; `None` when the text is not in the language.
pub fn bare_parse(text: &str) -> Option<usize> {
    WfParser::parse(Rule::file, text).ok().map(|pairs| pairs.into_iter().map(|pair| pair.into_inner().len()).sum())
}

struct Reader<'s> {
    tree: ast::File<'s>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reads a piece if all of it is in the language.
    fn read(&mut self, start: usize, end: usize) -> bool {
        let Ok(mut pairs) = WfParser::parse(Rule::file, &self.tree.text[start..end]) else { return false };
        let file = pairs.next().expect("a parse by `file` gives one pair");
        let origin = Origin { file: self.tree.id, offset: start };
        read::statements(Cursor::new(file.into_inner(), origin), &mut self.tree.items);
        true
    }

    /// Reads a piece, or what can be saved of it.
    fn read_or_recover(&mut self, start: usize, end: usize) {
        let piece = split::split(self.tree.id, self.tree.text, start, end);
        let deep = piece.faults.iter().any(|fault| matches!(fault, Fault::TooDeep { .. }));
        if !deep && self.read(start, end) {
            return;
        }
        let mut cuts: Vec<usize> = piece.blocks.iter().map(|block| block.start).collect();
        cuts.extend(&piece.hidden);
        cuts.retain(|cut| *cut > start);
        cuts.sort_unstable();
        cuts.dedup();
        if cuts.is_empty() {
            return self.save(start, end, &piece);
        }
        cuts.push(end);
        let mut from = start;
        for cut in cuts {
            let part = split::split(self.tree.id, self.tree.text, from, cut);
            let deep = part.faults.iter().any(|fault| matches!(fault, Fault::TooDeep { .. }));
            if deep || !self.read(from, cut) {
                self.save(from, cut, &part);
            }
            from = cut;
        }
    }

    /// Reports a piece that cannot be cut further. A bracket that closes nothing spoils only what stands behind it.
    fn save(&mut self, start: usize, end: usize, piece: &split::Split) {
        let whole = piece.stray.filter(|stray| piece.faults.is_empty() && self.read(start, *stray));
        self.report(whole.unwrap_or(start), end, piece.faults.first().copied());
    }

    fn report(&mut self, start: usize, end: usize, fault: Option<Fault>) {
        self.tree.unread.push(Span::new(self.tree.id, start, end));
        let diagnostic = match fault {
            Some(fault) => wording::fault(self.tree.id, self.tree.text, end, fault),
            None => wording::syntax_error(self.tree.id, self.tree.text, start, end),
        };
        self.diagnostics.push(diagnostic);
    }
}

/// Runs of blocks of about [`CHUNK`] bytes; each begins with a certain block, except the first.
fn chunks(blocks: &[Block]) -> Vec<&[Block]> {
    let mut chunks = Vec::new();
    let mut from = 0;
    for (index, block) in blocks.iter().enumerate() {
        if index > from && block.certain && block.end - blocks[from].start > CHUNK {
            chunks.push(&blocks[from..index]);
            from = index;
        }
    }
    if from < blocks.len() {
        chunks.push(&blocks[from..]);
    }
    chunks
}

/// The certain blocks of a chunk, each with the uncertain ones that follow it.
fn certain_runs(blocks: &[Block]) -> Vec<&[Block]> {
    let mut runs = Vec::new();
    let mut from = 0;
    for (index, block) in blocks.iter().enumerate().skip(1) {
        if block.certain {
            runs.push(&blocks[from..index]);
            from = index;
        }
    }
    runs.push(&blocks[from..]);
    runs
}
