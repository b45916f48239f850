//! Syntax errors in words.
//!
//! A bad piece is parsed a second time with pest's detailed attempts: they name the furthest place and what could
//! stand there. The first, fast parse never collects them.

use std::sync::{Mutex, PoisonError};

use pest::Parser;
use pest::error::InputLocation;

use super::split::{Fault, ITEM_WORDS, MAX_NESTING};
use super::{Rule, WfParser};
use crate::codes;
use crate::diagnostic::{Applicability, Diagnostic, Edit, nearest};
use crate::source::{FileId, Span};

codes! {
    SYNTAX_ERROR: "WF001" "syntax-error" Error = "The text is not in the language.",
        "What stands at the marked place cannot stand there. The message says what could. Reading goes on at the next \
         item, so the other findings of the same run are real.",
        bad: "workflow w\n\nphase a {\n  purpose \"P\"\n  budget runtime = 30m\n}\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n  budget runtime 30m\n}\n";
    UNCLOSED_BLOCK: "WF002" "unclosed-block" Error = "A bracket is opened and never closed.",
        "The item ends, because the next one begins in column 0 or the file is over, and the marked bracket is still open.",
        bad: "workflow w\n\nphase a {\n  purpose \"P\"\n\nphase b\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n}\n\nphase b\n";
    UNCLOSED_TEXT: "WF003" "unclosed-text" Error = "A text is opened and never closed.",
        "A text in single quotes ends on its line; a block of text is closed by as many quotes as opened it.",
        bad: "workflow w\n\nphase a {\n  purpose \"P\n}\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n}\n";
    UNKNOWN_ITEM: "WF004" "unknown-item" Error = "A statement begins with a word that begins none.",
        "Statements begin with a keyword. The nearest one is named, if any is near.",
        bad: "workflow w\n\nphase a {\n  purpos \"P\"\n}\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n}\n";
    NESTING_TOO_DEEP: "WF008" "nesting-too-deep" Error = "Brackets are nested deeper than the compiler reads.",
        "No real workflow comes near the limit of 256; deeper nesting is refused before anything recursive sees it.",
        bad: concat!("workflow w\n\nfact f: bool\n\nphase a {\n  decides f\n}\n\nphase b when ",
            "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
            "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
            "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
            "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((",
            "f",
            "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
            "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
            "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))",
            "))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))\n"),
        good: "workflow w\n\nfact f: bool\n\nphase a {\n  decides f\n}\n\nphase b when (f)\n";
}

/// Of pieces above this size only the place is said: pest's detailed error keeps a record of every attempt.
const DETAIL_LIMIT: usize = 256 * 1024;

/// pest's switch for detailed errors is global, so its use is one at a time.
static DETAIL: Mutex<()> = Mutex::new(());

/// Says what the splitter found wrong in a piece that ends at `end`.
pub fn fault(file: FileId, text: &str, end: usize, fault: Fault) -> Diagnostic {
    let end = text[..end].trim_end().len();
    match fault {
        Fault::UnclosedText { at } => {
            let quotes = text[at..].bytes().take_while(|byte| *byte == b'"').count().clamp(1, 5);
            let shown = &text[at..at + quotes];
            let diagnostic =
                Diagnostic::new(&UNCLOSED_TEXT, Span::new(file, at, at + quotes), "this text is never closed")
                    .label(format!("opened with `{shown}`"));
            if quotes == 1 {
                let line_end = at + text[at..].find('\n').unwrap_or(text.len() - at);
                let rest = text[at..line_end].trim_end();
                let place = Span::new(file, at, at + rest.len()).at_end();
                let diagnostic = diagnostic
                    .help("a text in single quotes ends on its line; close it, or write a block with `\"\"\"`");
                // Where something follows the text on its line, nobody knows where it was to end.
                if rest.ends_with(['{', '}', '[', ']', ',']) {
                    diagnostic
                } else {
                    diagnostic.unsafe_fix("close the text at the end of the line", place, "\"")
                }
            } else {
                diagnostic.help(format!("close it with `{shown}`"))
            }
        }
        Fault::UnclosedBlock { at, bracket } => {
            let closing = match bracket {
                b'{' => "}",
                b'[' => "]",
                _ => ")",
            };
            let opened = char::from(bracket);
            Diagnostic::new(&UNCLOSED_BLOCK, Span::new(file, at, at + 1), format!("this `{opened}` is never closed"))
                .label("opened here")
                .related(Span::new(file, end, end), "still open at the end of this item")
                .help(format!("close it with `{closing}`"))
        }
        Fault::TooDeep { at } => Diagnostic::new(
            &NESTING_TOO_DEEP,
            Span::new(file, at, at + 1),
            format!("brackets are nested deeper than {MAX_NESTING}"),
        )
        .label("this one is one too many")
        .help("take parts out: a `let`, a phase of its own, fewer parentheses"),
    }
}

/// Says why `text[start..end]` is not a run of items.
pub fn syntax_error(file: FileId, text: &str, start: usize, end: usize) -> Diagnostic {
    let piece = &text[start..end];
    let (offset, mut expected) = attempts(piece);
    let mut at = start + offset;
    // A keyword that is only the beginning of a word: the word is what was found, and nothing of it fits.
    let before = text[start..at].len() - text[start..at].trim_end_matches(is_word).len();
    let goes_on = text[at..end].trim_start_matches('-').starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    if before > 0 && goes_on && text[at..end].starts_with(is_word) {
        at -= before;
        expected = Expected { statement: true, ..Expected::default() };
    }
    let found = Found::at(text, at, end);
    if let FoundKind::End = found.kind {
        // What is missing is missing behind what was read, not before the next item.
        at = start + piece.trim_end().len();
    }
    let span = Span::new(file, at, at + found.length);
    if let Found { kind: FoundKind::Word, text: word, .. } = found
        && expected.statement
    {
        return unknown_item(span, word, at == start || text[..at].ends_with('\n'));
    }
    let expected_words = expected.words();
    let what = found.words();
    let meant_comparison = text[at..end].starts_with('=')
        && !text[at..end].starts_with("=>")
        && expected.tokens.iter().any(|token| token == "==");
    let message = if meant_comparison {
        "expected `==`, found `=`".to_string()
    } else if expected_words.is_empty() {
        match found.kind {
            FoundKind::End => format!("something is missing before {what}"),
            _ => format!("unexpected {what}"),
        }
    } else {
        format!("expected {expected_words}, found {what}")
    };
    let mut diagnostic = Diagnostic::new(&SYNTAX_ERROR, span, message).label("not expected here");
    match &text[at..end] {
        _ if meant_comparison => {
            diagnostic = diagnostic.help("a comparison is written `==`").fix("write `==`", span, "==");
        }
        rest if rest.starts_with("=>") => {
            let both = Span::new(file, at, at + 2);
            let meant = if expected.tokens.iter().any(|token| token == "->") { "->" } else { ">=" };
            diagnostic = diagnostic.help("at least is written `>=`, an outcome `->`").unsafe_fix(
                format!("write `{meant}`"),
                both,
                meant,
            );
        }
        rest if rest.starts_with('=')
            && text[..at].rfind('\n').map_or(&text[..at], |line| &text[line + 1..at]).starts_with("fact ") =>
        {
            diagnostic = diagnostic.help("only an `input` has a default; a fact is decided during the run");
        }
        rest if rest.starts_with(',') => diagnostic = diagnostic.help("several names stand in brackets: `[a, b]`"),
        rest if rest.starts_with(':') => diagnostic = diagnostic.help("what comes of it stands behind `->`"),
        rest if rest.starts_with('#') => diagnostic = diagnostic.help("a comment begins with `//`"),
        rest if rest.starts_with("&&") || rest.starts_with("||") => {
            let word = if rest.starts_with('&') { "and" } else { "or" };
            let edit = Edit { span: Span::new(file, at, at + 2), text: word.to_string() };
            diagnostic = diagnostic.help("conditions are joined with `and` and `or`").with_fix(
                format!("write `{word}`"),
                Applicability::Safe,
                vec![edit],
            );
        }
        rest if rest.starts_with('!') => diagnostic = diagnostic.help("negation is written `not`"),
        rest if rest.starts_with('}') && expected.statement => {
            diagnostic = diagnostic.help("this `}` closes nothing").unsafe_fix("remove it", span, "");
        }
        _ => {}
    }
    if let Some(context) = expected.context {
        diagnostic = diagnostic.note(format!("while reading {context}"));
    }
    diagnostic
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

fn unknown_item(span: Span, word: &str, at_margin: bool) -> Diagnostic {
    let (what, near) = if at_margin {
        ("item", nearest(word, ITEM_WORDS.iter().copied()))
    } else {
        ("statement", nearest(word, STATEMENT_WORDS.iter().copied()))
    };
    let diagnostic = Diagnostic::new(&UNKNOWN_ITEM, span, format!("unknown {what} `{word}`"))
        .label("no statement begins with this word");
    match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None if word == "else" => diagnostic.help("what comes when a bound is used up is written `then`"),
        None if word.starts_with(|c: char| c.is_ascii_uppercase()) => {
            diagnostic.help("a title stands in quotes: `phase build \"Build it\"`")
        }
        None if at_margin => {
            diagnostic.help("items are phases, gates, loops, facts, agents and their like; see docs/language.md")
        }
        None => diagnostic.help("docs/language.md lists what each body may hold"),
    }
}

/// Words that begin a statement inside a body.
const STATEMENT_WORDS: &[&str] = &[
    "after",
    "ask",
    "batch",
    "budget",
    "by",
    "checklist",
    "command",
    "decides",
    "description",
    "each",
    "expect",
    "gate",
    "given",
    "keep",
    "loop",
    "model",
    "on",
    "override",
    "parallel",
    "path",
    "phase",
    "produces",
    "prompt",
    "purpose",
    "reads",
    "related",
    "require",
    "requires",
    "returns",
    "revises",
    "section",
    "sections",
    "skills",
    "spawn",
    "stage",
    "step",
    "text",
    "tools",
    "until",
    "when",
    "writes",
];

/// What could have stood at the furthest place.
#[derive(Default)]
struct Expected {
    tokens: Vec<String>,
    name: bool,
    number: bool,
    text: bool,
    /// Any statement could.
    statement: bool,
    context: Option<&'static str>,
}

impl Expected {
    fn words(&self) -> String {
        let mut words: Vec<String> = Vec::new();
        if self.statement {
            words.push("a statement".to_string());
        }
        if self.name {
            words.push("a name".to_string());
        }
        if self.number {
            words.push("a number".to_string());
        }
        if self.text {
            words.push("a text".to_string());
        }
        if !self.statement {
            words.extend(self.tokens.iter().map(|token| format!("`{token}`")));
        } else if self.tokens.iter().any(|token| token == "}") {
            words.push("`}`".to_string());
        }
        if words.len() > 6 {
            words.truncate(5);
            words.push("something else that fits".to_string());
        }
        match words.len() {
            0 | 1 => words.concat(),
            n => format!("{} or {}", words[..n - 1].join(", "), words[n - 1]),
        }
    }
}

/// The furthest place in the piece, and what could stand there.
fn attempts(piece: &str) -> (usize, Expected) {
    let parsed = {
        let _one_at_a_time = DETAIL.lock().unwrap_or_else(PoisonError::into_inner);
        pest::set_error_detail(piece.len() <= DETAIL_LIMIT);
        let parsed = WfParser::parse(Rule::file, piece);
        pest::set_error_detail(false);
        parsed
    };
    let Err(error) = parsed else { return (0, Expected::default()) };
    let mut expected = Expected::default();
    let Some(found) = error.parse_attempts() else { return (location(&error.location), expected) };
    let mut at = found.max_position.min(piece.len());
    let after_word = piece[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let tokens = found.expected_tokens();
    // The grammar looks at the first letter of a statement before it tries any. Where nothing was tried behind a letter,
    // no statement is that letter alone.
    if tokens.is_empty()
        && piece[..at].ends_with(|c: char| c.is_ascii_lowercase())
        && !piece[..at - 1].ends_with(is_word)
    {
        at -= 1;
        expected.statement = true;
    }
    for token in tokens {
        // pest does not export the type of its tokens; ranges are shown as `a..z`.
        match token.to_string().as_str() {
            "BUILTIN_RULE" => {}
            "0..9" => expected.number |= !after_word,
            range if range.len() == 4 && &range[1..3] == ".." => expected.name |= !after_word,
            token => expected.add(token, after_word),
        }
    }
    if expected.name {
        // Whoever may write a name need not be told each word that may also stand there.
        expected.tokens.retain(|token| !token.starts_with(|c: char| c.is_ascii_alphabetic()) || expected.statement);
    }
    expected.number &= !expected.name || expected.tokens.is_empty();
    expected.context = found.call_stacks.iter().find_map(|stack| stack.parent.and_then(context));
    // Blanks that could have gone on are not the fault; what stands after them is.
    at += piece[at..].len() - piece[at..].trim_start().len();
    (at, expected)
}

impl Expected {
    fn add(&mut self, token: &str, after_word: bool) {
        match token {
            " " | "\n" | "\t" | "\r" | "//" | "\\" | "." | "@" | "%" | "?" | "-" | "_" => {}
            token if token.starts_with('"') => self.text = true,
            token if after_word && token.starts_with(|c: char| c.is_ascii_alphanumeric()) => {}
            // The first letter of statements: it stands in the grammar for all of them.
            token if token.len() == 1 && token.starts_with(|c: char| c.is_ascii_lowercase()) => self.statement = true,
            token => self.tokens.push(token.to_string()),
        }
    }
}

fn location(location: &InputLocation) -> usize {
    match location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => *at,
    }
}

/// The construct that was being read, where its name helps.
fn context(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::condition | Rule::comparison => "a condition",
        Rule::list => "a list",
        Rule::options | Rule::option => "the options of an `ask`",
        Rule::branches | Rule::branch => "a table of outcomes",
        Rule::enum_item | Rule::enumerator => "an `enum`",
        Rule::fact => "a `fact`",
        Rule::input => "an `input`",
        Rule::limit => "a `limit`",
        Rule::context => "the `context` ladder",
        Rule::score | Rule::factor => "a `score`",
        Rule::redo => "a `redo`, which always has `at most`",
        Rule::fix => "a `fix`, which is `fix by AGENT at most N`",
        Rule::each => "an `each`, which is `each NAME from ARTIFACT at most N`",
        Rule::skip => "a `skip` rule",
        Rule::expect => "an `expect`",
        _ => return None,
    })
}

enum FoundKind {
    Word,
    Other,
    End,
}

/// The token at a place, short enough to be shown.
struct Found<'s> {
    kind: FoundKind,
    text: &'s str,
    length: usize,
}

impl<'s> Found<'s> {
    fn at(text: &'s str, at: usize, end: usize) -> Self {
        let rest = &text[at..end];
        let word = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))).unwrap_or(rest.len());
        let length = word.min(60);
        if length > 0 && rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Found { kind: FoundKind::Word, text: &rest[..length], length };
        }
        match rest.chars().next() {
            None => Found { kind: FoundKind::End, text: if end == text.len() { "file" } else { "item" }, length: 0 },
            Some(_) if length > 0 => Found { kind: FoundKind::Other, text: &rest[..length], length },
            Some(_) if ["->", "=>", "&&", "||", "=="].iter().any(|token| rest.starts_with(token)) => {
                Found { kind: FoundKind::Other, text: &rest[..2], length: 2 }
            }
            Some(c) => Found { kind: FoundKind::Other, text: &rest[..c.len_utf8()], length: c.len_utf8() },
        }
    }

    fn words(&self) -> String {
        match self.kind {
            FoundKind::End => format!("the end of the {}", self.text),
            _ if self.text == "\"" => "a text".to_string(),
            _ => format!("`{}`", self.text.escape_debug()),
        }
    }
}
