//! Cuts a text into blocks before any grammar looks at it, and never fails.
//!
//! The splitter knows strings, comments and brackets and nothing else. A word in column 0, outside of all brackets,
//! begins a block. So one fault spoils one block, pest reads a bounded piece at a time, and nesting is limited before
//! anything recursive sees it.

use memchr::{memchr, memchr3, memmem};

use super::ast::Comment;
use crate::source::{FileId, Span};

/// Brackets may be nested this deep; real files stay below ten. What reads the text after us is recursive.
pub const MAX_NESTING: usize = 256;

/// Words that begin an item of a file.
pub const ITEM_WORDS: &[&str] = &[
    "abort",
    "agent",
    "always",
    "context",
    "counter",
    "document",
    "drop",
    "enum",
    "escalation",
    "fact",
    "gate",
    "input",
    "insert",
    "let",
    "limit",
    "loop",
    "never",
    "output",
    "pairs",
    "parallel",
    "phase",
    "procedure",
    "requires",
    "route",
    "score",
    "skill",
    "skip",
    "test",
    "use",
    "workflow",
];

/// Words that go on with the header of an item, also at the start of a line.
const HEADER_WORDS: &[&str] = &[
    "after",
    "at",
    "because",
    "before",
    "by",
    "else",
    "extends",
    "follows",
    "irreversible",
    "once",
    "required",
    "when",
];

/// The bytes at which a line, a text, a comment or a bracket begins or ends.
const CUTS: [bool; 256] = {
    let mut cuts = [false; 256];
    let mut rest: &[u8] = b"\n\"/{}[]()";
    while let [first, others @ ..] = rest {
        cuts[*first as usize] = true;
        rest = others;
    }
    cuts
};

/// A piece of text that begins with a word in column 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    pub start: usize,
    pub end: usize,
    /// It begins with one of [`ITEM_WORDS`]; else the word may go on with what stands before.
    pub certain: bool,
}

/// Why a piece cannot be right, whatever the grammar says; the offset is the opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    UnclosedText { at: usize },
    UnclosedBlock { at: usize, bracket: u8 },
    TooDeep { at: usize },
}

impl Fault {
    fn at(self) -> usize {
        match self {
            Fault::UnclosedText { at } | Fault::UnclosedBlock { at, .. } | Fault::TooDeep { at } => at,
        }
    }
}

/// What one pass over a piece of text found.
#[derive(Debug, Default)]
pub struct Split {
    pub blocks: Vec<Block>,
    pub comments: Vec<Comment>,
    pub faults: Vec<Fault>,
    /// Item words in column 0 that stand inside brackets or inside a block of text: where recovery may cut.
    pub hidden: Vec<usize>,
    /// The first bracket that closes nothing.
    pub stray: Option<usize>,
}

/// Cuts `text[start..end]`. Blank pieces and pieces of comments alone make no block.
pub fn split(file: FileId, text: &str, start: usize, end: usize) -> Split {
    let mut scanner = Scanner {
        file,
        text,
        bytes: &text.as_bytes()[..end],
        at: start,
        open: Vec::new(),
        beyond: 0,
        current: None,
        line_start: start,
        split: Split::default(),
    };
    scanner.run(start);
    scanner.split
}

struct Scanner<'s> {
    file: FileId,
    text: &'s str,
    bytes: &'s [u8],
    at: usize,
    /// Offsets of open brackets with the indentation of their lines.
    open: Vec<(usize, usize)>,
    /// How many brackets are open beyond [`MAX_NESTING`].
    beyond: usize,
    current: Option<Block>,
    line_start: usize,
    split: Split,
}

impl Scanner<'_> {
    fn run(&mut self, start: usize) {
        // A byte order mark is no part of the text, and its line begins behind it.
        if self.at == 0 && self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
            self.line_start = self.at;
        }
        loop {
            if self.current.is_some() && self.at > self.line_start {
                // Inside of a block nothing else matters, but for the first word of a line.
                self.at += self.bytes[self.at..].iter().take_while(|byte| !CUTS[usize::from(**byte)]).count();
            }
            let Some(&byte) = self.bytes.get(self.at) else { break };
            match byte {
                b'\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => self.comment(),
                b'"' => self.string(),
                b'{' | b'[' | b'(' => self.opening(),
                b'}' | b']' | b')' => self.closing(byte),
                b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'0'..=b'9' => self.word(start),
                _ => {
                    self.begin(self.at, false, false);
                    self.at += 1;
                }
            }
        }
        self.finish(self.bytes.len());
        if let Some((at, _)) = self.open.first().copied()
            && !self.split.faults.iter().any(|f| matches!(f, Fault::UnclosedBlock { .. } | Fault::TooDeep { .. }))
        {
            self.split.faults.push(Fault::UnclosedBlock { at, bracket: self.bytes[at] });
        }
        // An open text hides the bracket that would have closed its block: it is the cause and comes first.
        self.split.faults.sort_by_key(|fault| (!matches!(fault, Fault::UnclosedText { .. }), fault.at()));
    }

    /// Makes sure that a block is open at `at`; a word in column 0 begins one of its own.
    fn begin(&mut self, at: usize, fresh: bool, certain: bool) {
        if self.current.is_none() || fresh {
            self.finish(at);
            self.current = Some(Block { start: at, end: at, certain });
        }
    }

    fn finish(&mut self, end: usize) {
        if let Some(block) = self.current.take() {
            self.split.blocks.push(Block { end, ..block });
        }
    }

    fn word(&mut self, piece_start: usize) {
        let from = self.at;
        while self.bytes.get(self.at).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) {
            self.at += 1;
        }
        if from != self.line_start {
            return self.begin(from, false, false);
        }
        let word = &self.text[from..self.at];
        let certain = is_item_word(word);
        if self.open.is_empty() {
            self.begin(from, certain || !HEADER_WORDS.contains(&word), certain);
        } else if certain && from > piece_start {
            self.split.hidden.push(from);
        }
    }

    fn comment(&mut self) {
        let from = self.at;
        self.at = memchr(b'\n', &self.bytes[from..]).map_or(self.bytes.len(), |length| from + length);
        let line = &self.bytes[self.line_start..from];
        let end = from + self.text[from..self.at].trim_end().len();
        self.split.comments.push(Comment {
            span: Span::new(self.file, from, end),
            alone: line.iter().all(|b| matches!(b, b' ' | b'\t' | b'\r')),
        });
    }

    fn string(&mut self) {
        let from = self.at;
        self.begin(from, false, false);
        let quotes = self.bytes[from..].iter().take(5).take_while(|b| **b == b'"').count();
        match quotes {
            1 => self.line_text(from),
            2 => self.at += 2,
            _ => self.block_text(from, quotes),
        }
    }

    fn line_text(&mut self, from: usize) {
        self.at += 1;
        while let Some(plain) = memchr3(b'"', b'\n', b'\\', &self.bytes[self.at..]) {
            self.at += plain;
            match self.bytes[self.at] {
                b'"' => return self.at += 1,
                b'\n' => return self.split.faults.push(Fault::UnclosedText { at: from }),
                _ => self.at += if self.bytes.get(self.at + 1).is_some_and(|next| *next != b'\n') { 2 } else { 1 },
            }
        }
        self.at = self.bytes.len();
        self.split.faults.push(Fault::UnclosedText { at: from });
    }

    fn block_text(&mut self, from: usize, quotes: usize) {
        let closing = &b"\"\"\"\"\""[..quotes];
        let inside = from + quotes;
        let found = memmem::find(&self.bytes[inside..], closing);
        let end = found.map_or(self.bytes.len(), |length| inside + length + quotes);
        if found.is_none() {
            self.split.faults.push(Fault::UnclosedText { at: from });
        }
        // Remember where lines of the text look like items: if the piece proves faulty, the quotes may be to blame.
        let mut line = from;
        while let Some(length) = memchr(b'\n', &self.bytes[line..end]) {
            line += length + 1;
            self.line_start = line;
            let word =
                self.bytes[line..end].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
            let length = word.count();
            if length > 0 && is_item_word(&self.text[line..line + length]) {
                self.split.hidden.push(line);
            }
        }
        self.at = end;
    }

    fn opening(&mut self) {
        self.begin(self.at, false, false);
        if self.open.len() < MAX_NESTING {
            self.open.push((self.at, self.indentation()));
        } else {
            if !self.split.faults.iter().any(|fault| matches!(fault, Fault::TooDeep { .. })) {
                self.split.faults.push(Fault::TooDeep { at: self.at });
            }
            self.beyond += 1;
        }
        self.at += 1;
    }

    /// Closes the nearest bracket of the same kind; one that closes nothing is left to the grammar.
    fn closing(&mut self, byte: u8) {
        self.begin(self.at, false, false);
        self.at += 1;
        if self.beyond > 0 {
            self.beyond -= 1;
            return;
        }
        let closing = self.at - 1;
        if self.open.is_empty() {
            self.split.stray.get_or_insert(closing);
        }
        let opener = match byte {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        let first_on_line = self.bytes[self.line_start..closing].iter().all(|b| matches!(b, b' ' | b'\t'));
        if let Some(depth) = self.open.iter().rposition(|(at, _)| self.bytes[*at] == opener) {
            // A closing brace to the left of the line that opened it closes an outer block: the inner one is open.
            let (at, indentation) = self.open[depth];
            let lost = first_on_line && self.indentation() < indentation && depth > 0;
            if (depth + 1 < self.open.len() || lost) && !self.has_unclosed_block() {
                let at = if lost { at } else { self.open[self.open.len() - 1].0 };
                self.split.faults.push(Fault::UnclosedBlock { at, bracket: self.bytes[at] });
            }
            self.open.truncate(depth);
        }
    }

    fn has_unclosed_block(&self) -> bool {
        self.split.faults.iter().any(|fault| matches!(fault, Fault::UnclosedBlock { .. }))
    }

    fn indentation(&self) -> usize {
        self.bytes[self.line_start..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }
}

fn is_item_word(word: &str) -> bool {
    ITEM_WORDS.binary_search(&word).is_ok()
}
