//! Numbers with a comparison and a unit: `≤400 lines per file`.

use super::Page;
use super::lines::Line;
use super::tokens::{Kind, Number, Token, tokens};
use super::vocabulary::Vocabulary;
use crate::source::Span;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    AtMost,
    LessThan,
    AtLeast,
    MoreThan,
}

/// A bound, and what it is said of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound<'s> {
    /// The name in front of it, as words: `file size`.
    pub label: String,
    pub relation: Relation,
    /// In millionths.
    pub number: u64,
    /// `line`, `%`; in singular. Empty where what is bounded is counted: `at most 3 review retries`.
    pub unit: String,
    /// The comparison with its number and unit, as it is written.
    pub text: &'s str,
    pub place: Span,
    /// The row of a table it stands in.
    pub row: Option<Span>,
    pub form: Form,
    /// The section it stands in, with its heading.
    pub section: Option<Span>,
    /// The phase that the section is about.
    pub phase: Option<Number>,
    /// It stands in a block of code, where only a table tells what is meant.
    pub is_code: bool,
    /// It stands in `SKILL.md`, which speaks of the whole.
    pub is_main: bool,
}

/// How a bound is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// By a name that says that it is one: `Max review retries: 3`.
    Limit,
    /// Behind its name: `Line coverage: ≥80%`.
    Labelled,
    /// In a sentence.
    Prose,
}

impl Relation {
    /// Whether it bounds from above.
    pub fn is_upper(self) -> bool {
        matches!(self, Relation::AtMost | Relation::LessThan)
    }
}

/// The words between a name and its bound.
const COPULAS: &[&str] = &[
    "is", "are", "be", "must", "should", "stays", "stay", "remains", "remain", "a", "an", "the", "reaches", "reach",
    "of",
];
/// Words that are no part of a name.
const STOPS: &[&str] = &[
    "the", "a", "an", "that", "if", "when", "with", "and", "or", "of", "for", "in", "on", "to", "at", "by", "from",
    "per", "after", "require", "requires", "ensure", "ensures", "check", "checks", "verify", "verifies", "need",
    "needs", "have", "has", "keep", "keeps", "until", "unless", "while", "each", "every", "all", "any", "no", "not",
    "than", "then", "its", "their", "your", "this", "these", "as", "is", "are", "be", "must", "should", "can", "may",
    "will", "maintain", "achieve", "achieves", "target", "expect", "get", "make", "aim", "only", "allow", "allows",
    "allowed", "use", "run", "runs", "take", "takes", "before",
];
/// Words that narrow what is said to a part of it.
const NARROWS: &[&str] =
    &["of", "for", "in", "on", "with", "per", "by", "each", "every", "during", "within", "after", "when", "if"];

pub fn read<'s>(page: &Page<'_, 's>, vocabulary: &Vocabulary<'_>) -> Vec<Bound<'s>> {
    let document = page.document;
    let mut found: Vec<Bound<'s>> = Vec::new();
    for table in &document.tables {
        for row in &table.rows {
            let Some(label) = row.cells.iter().position(|cell| cell.text.contains(char::is_alphabetic)) else {
                continue;
            };
            let rest = row.cells[label + 1..].iter().map(|cell| (document.source(cell.span), cell.span));
            for (source, place) in rest.filter(|(source, _)| source.contains(|c: char| c.is_ascii_digit())) {
                let name = Name::read(&tokens(&row.cells[label].text));
                let tokens = tokens(source);
                let bound = bound(&name, source, &tokens, place).or_else(|| limit(&name, source, &tokens, place));
                found.extend(bound.map(|bound| Bound { row: Some(row.span), ..bound }));
            }
        }
    }
    let is_sentence = |line: &&Line<'_>| line.has_number && !line.is_heading && !line.text.starts_with('|');
    for line in page.lines.iter().filter(is_sentence) {
        found.extend(of_line(line, document.source(line.span)));
    }
    let of_cases = if found.is_empty() { Vec::new() } else { of_cases(page) };
    found.retain(|bound| {
        let at = page.lines.partition_point(|line| line.span.start <= bound.place.start);
        !at.checked_sub(1).is_some_and(|at| of_cases[at])
    });
    // What differs by variant is told by the variant, and says nothing without it.
    found.retain(|bound| {
        page.line_at(bound.place).is_none_or(|line| vocabulary.variants.mentioned(&line.tokens).is_empty())
    });
    for bound in &mut found {
        let section = document.section_at(bound.place);
        bound.section = section.map(|section| document.section(section));
        bound.phase = page.line_at(bound.place).and_then(|line| line.phase);
        bound.is_main = page.is_main;
        bound.is_code = document.is_code(bound.place);
    }
    found
}

/// Words that begin a case in which alone something is said.
const CASES: &[&str] = &["during", "while", "when", "if", "unless", "until", "after", "before", "except", "otherwise"];

/// For each line, whether it is an item of a list for a case: `For critical ones:`.
fn of_cases(page: &Page<'_, '_>) -> Vec<bool> {
    let is_item = |line: &Line<'_>| line.text.starts_with(['-', '*', '+']) && !line.text.starts_with("**");
    let mut above = None;
    let is_of_case = |line: &Line<'_>| {
        if is_item(line) {
            return above == Some(line.section);
        }
        let first = line.tokens.iter().find(|token| token.word().is_some());
        let begins = first.is_some_and(|word| word.is_word(CASES) || word.is_word(&["for", "in", "on"]));
        above = (begins && line.text.ends_with(':')).then_some(line.section);
        false
    };
    page.lines.iter().map(is_of_case).collect()
}

/// The last words of labels that a sentence follows, and no value: `Done when: …`
const CRITERIA: &[&str] = &[
    "when",
    "entry",
    "exit",
    "criteria",
    "criterion",
    "condition",
    "conditions",
    "precondition",
    "preconditions",
    "postcondition",
    "postconditions",
    "done",
];

fn of_line<'s>(line: &Line<'_>, text: &'s str) -> Option<Bound<'s>> {
    if let Some((label, rest)) = line.label() {
        let signs = label.iter().take_while(|token| token.word().is_none()).count();
        let name = &label[signs..];
        let is_criterion = name.last().is_some_and(|last| last.is_word(CRITERIA));
        if (1..=5).contains(&name.len()) && name.iter().all(|token| token.word().is_some()) && !is_criterion {
            let name = Name::read(name);
            let said = bound(&name, text, rest, line.span).filter(|_| name.words.len() < 5);
            return said.or_else(|| limit(&name, text, rest, line.span).filter(|_| line.fence.is_none()));
        }
    }
    if line.fence.is_some() { None } else { in_prose(line, text) }
}

/// What a bound is said of, without `max` and `minimum number of`.
struct Name {
    words: Vec<String>,
    /// The relation that the name tells.
    limit: Option<Relation>,
}

impl Name {
    fn read(tokens: &[Token<'_>]) -> Self {
        let mut words: Vec<String> =
            tokens.iter().filter_map(Token::word).flat_map(|word| word.split('_')).map(str::to_owned).collect();
        let limit = match words.first().map(String::as_str) {
            Some("max" | "maximum") => Some(Relation::AtMost),
            Some("min" | "minimum") => Some(Relation::AtLeast),
            _ => None,
        };
        if limit.is_some() && words.len() > 1 {
            words.remove(0);
            if matches!(&words[..], [number, of, _, ..] if number == "number" && of == "of") {
                words.drain(..2);
            }
        }
        Name { words, limit }
    }

    fn label(&self) -> String {
        self.words.join(" ")
    }
}

impl<'s> Bound<'s> {
    fn new(name: &Name, relation: Relation, number: u64, unit: String, text: &'s str, place: Span) -> Self {
        let form = if name.limit.is_some() { Form::Limit } else { Form::Labelled };
        let label = name.label();
        Bound {
            label,
            relation,
            number,
            unit,
            text,
            place,
            row: None,
            form,
            section: None,
            phase: None,
            is_code: false,
            is_main: false,
        }
    }
}

/// The number of a token of a text, in millionths: `80`, `99.5`.
fn millionths(text: &str, token: &Token<'_>) -> Option<u64> {
    const PLACES: usize = 6;
    token.number()?;
    let (whole, part) = text.get(token.range.clone())?.split_once('.').unwrap_or((&text[token.range.clone()], ""));
    let digits = format!("{whole}{part:0<PLACES$}");
    if part.len() > PLACES { None } else { digits.parse().ok() }
}

/// A comparison with its number, and how many tokens of the text it is.
fn comparison(text: &str, tokens: &[Token<'_>]) -> Option<(Relation, u64, usize)> {
    let (relation, length) = relation(tokens)?;
    let number = millionths(text, tokens.get(length)?)?;
    Some((relation, number, length + 1))
}

/// The bound of these tokens of a text, where they have exactly one.
fn bound<'s>(name: &Name, text: &'s str, tokens: &[Token<'_>], place: Span) -> Option<Bound<'s>> {
    let mut found = (0..tokens.len()).filter_map(|at| {
        let (relation, number, length) = comparison(text, &tokens[at..])?;
        let last = tokens.get(at + length)?;
        // `at most 60 seconds during the backfill`
        if tokens[at + length + 1..].first().is_some_and(|next| next.is_word(CASES)) {
            return None;
        }
        let (unit, text) = (unit(last)?, &text[tokens[at].range.start..last.range.end]);
        Some(Bound::new(name, relation, number, unit, text, place))
    });
    let first = found.next();
    if first.is_some() {
        return first.filter(|_| found.next().is_none());
    }
    // `Review retries: at most 3`
    let (relation, number, length) = comparison(text, tokens).filter(|(.., length)| *length == tokens.len())?;
    let text = &text[tokens[0].range.start..tokens[length - 1].range.end];
    Some(Bound::new(name, relation, number, String::new(), text, place))
}

/// The number of these tokens of a text, where they are nothing else, below a name that says what it bounds:
/// `Max review retries: 3`.
fn limit<'s>(name: &Name, text: &'s str, tokens: &[Token<'_>], place: Span) -> Option<Bound<'s>> {
    let (number, unit) = match tokens {
        [number] => (number, String::new()),
        [number, last] => (number, unit(last)?),
        _ => return None,
    };
    let (start, number) = (number.range.start, millionths(text, number)?);
    let text = &text[start..tokens.last()?.range.end];
    Some(Bound::new(name, name.limit?, number, unit, text, place))
}

/// `Line coverage must be ≥80%.`, `Allow at most 3 review retries.`
fn in_prose<'s>(line: &Line<'_>, text: &'s str) -> Option<Bound<'s>> {
    let tokens = &line.tokens;
    let mut all = (0..tokens.len()).filter_map(|at| Some((at, comparison(text, &tokens[at..])?)));
    let (at, (relation, number, length)) = all.next().filter(|_| all.next().is_none())?;
    let behind = &tokens[at + length..];
    let name = |words: &[Token<'_>]| Some(Name::read(words)).filter(|name| (2..=4).contains(&name.words.len()));
    let is_part = |token: &&Token<'_>| token.word().is_some_and(|word| !STOPS.contains(&word));
    let is_narrowed = |token: Option<&Token<'_>>| token.is_some_and(|token| token.is_word(NARROWS));
    let made = |name: &Name, unit: String, last: &Token<'_>| {
        let text = &text[tokens[at].range.start..last.range.end];
        Bound { form: Form::Prose, ..Bound::new(name, relation, number, unit, text, line.span) }
    };
    // What is counted stands behind the number, and nothing else does.
    let counted = behind.iter().take_while(is_part).count();
    if counted > 1 && behind.get(counted).is_none_or(|next| next.word().is_none() && next.number().is_none()) {
        return name(&behind[..counted]).map(|name| made(&name, String::new(), &behind[counted - 1]));
    }
    let last = behind.first()?;
    let unit = unit(last).filter(|_| !is_narrowed(behind.get(1)))?;
    let end = at - tokens[..at].iter().rev().take_while(|token| token.is_word(COPULAS)).count();
    let start = end - tokens[..end].iter().rev().take_while(is_part).count();
    let is_narrowed = is_narrowed(start.checked_sub(1).map(|before| &tokens[before]));
    name(&tokens[start..end]).filter(|_| !is_narrowed).map(|name| made(&name, unit, last))
}

fn relation(tokens: &[Token<'_>]) -> Option<(Relation, usize)> {
    let first = tokens.first()?;
    let second = |words: &[&str]| tokens.get(1).is_some_and(|token| token.is_word(words));
    let third = |words: &[&str]| tokens.get(2).is_some_and(|token| token.is_word(words));
    match &first.kind {
        Kind::Sign('≤') => Some((Relation::AtMost, 1)),
        Kind::Sign('<') => Some((Relation::LessThan, 1)),
        Kind::Sign('≥') => Some((Relation::AtLeast, 1)),
        Kind::Sign('>') => Some((Relation::MoreThan, 1)),
        Kind::Word(word) => match &**word {
            "at" if second(&["most"]) => Some((Relation::AtMost, 2)),
            "at" if second(&["least"]) => Some((Relation::AtLeast, 2)),
            "no" if second(&["more", "longer", "larger"]) && third(&["than"]) => Some((Relation::AtMost, 3)),
            "no" if second(&["less", "fewer"]) && third(&["than"]) => Some((Relation::AtLeast, 3)),
            "up" if second(&["to"]) => Some((Relation::AtMost, 2)),
            "more" if second(&["than"]) => Some((Relation::MoreThan, 2)),
            "less" | "fewer" if second(&["than"]) => Some((Relation::LessThan, 2)),
            "under" | "below" => Some((Relation::LessThan, 1)),
            "over" | "above" => Some((Relation::MoreThan, 1)),
            "maximum" | "max" => Some((Relation::AtMost, 1)),
            "minimum" | "min" => Some((Relation::AtLeast, 1)),
            _ => None,
        },
        _ => None,
    }
}

fn unit(token: &Token<'_>) -> Option<String> {
    match &token.kind {
        Kind::Sign('%') => Some("%".to_owned()),
        Kind::Word(word) if word == "percent" => Some("%".to_owned()),
        Kind::Word(word) if word.chars().all(char::is_alphabetic) => Some(
            word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')).unwrap_or(word).to_owned(),
        ),
        _ => None,
    }
}
