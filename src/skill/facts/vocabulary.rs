//! What a skill calls its phases and its variants. Everything else is recognised by these words.

use super::labels::Labels;
pub use super::tokens::PHASES as WORDS;
use super::tokens::{Number, Token, phases_and, roman, tokens};
use super::variants::{MOST, Names};
use super::{headed, listed, marks};
use crate::skill::document::{Document, Inline, Table};
use crate::skill::folder::Skill;
use crate::source::Span;

/// A phase as the table of phases has it.
#[derive(Debug)]
pub struct Phase<'s> {
    pub number: Number,
    pub name: &'s str,
    /// Of the name.
    pub place: Span,
}

/// The phases and the variants of a skill.
#[derive(Debug)]
pub struct Vocabulary<'s> {
    /// By number.
    pub phases: Vec<Phase<'s>>,
    /// They stand in a table, which lists them all; headings may be of a part.
    pub is_table: bool,
    /// What a phase is called, in lower case: `phase`, `step`, `stage`.
    pub word: &'static str,
    /// How its texts name them.
    pub labels: Labels,
    pub variants: Names,
    /// No more than a list names them, which may be of anything.
    pub are_variants_listed: bool,
    /// Where each variant is listed.
    pub variant_places: Vec<Span>,
    /// The names of the phases as tokens.
    names: Vec<Vec<Token<'s>>>,
}

const NUMBER_COLUMNS: &[&str] = &phases_and::<10, 18>([
    "#",
    "no",
    "no.",
    "nr",
    "number",
    "phase #",
    "phase no.",
    "phase number",
    "step #",
    "stage #",
]);
/// The columns that say which phase a row is about.
pub const PHASE_COLUMNS: &[&str] = &phases_and::<1, 9>(["#"]);
const NAME_COLUMNS: &[&str] =
    &phases_and::<6, 14>(["name", "title", "phase name", "stage name", "step name", "phase title"]);
/// What makes a table of numbers and names one of phases.
const DETAIL_COLUMNS: &[&str] = &[
    "purpose",
    "goal",
    "description",
    "what it does",
    "what happens",
    "conditional",
    "condition",
    "conditions",
    "when",
    "applies to",
    "applies",
    "runs for",
    "required",
    "required for",
    "work types",
    "gate",
    "gates",
    "blocking gate",
    "checkpoint",
    "checkpoints",
    "agent",
    "agents",
    "hold point",
    "hold points",
    "owner",
    "responsible",
    "entry criteria",
    "exit criteria",
];
/// What is said of phases that are left out: `Skipped phases`, `Stages left out`, `Omits`.
const SKIPPED: &[&str] = &[
    "skip",
    "skips",
    "skipped",
    "omit",
    "omits",
    "omitted",
    "exclude",
    "excludes",
    "excluded",
    "leave out",
    "leaves out",
    "left out",
    "bypass",
    "bypasses",
    "bypassed",
    "not run",
    "does not run",
    "do not run",
];
/// What is said of phases that are not: `Executed phases`, `Steps run`.
const RUN: &[&str] = &[
    "run",
    "runs",
    "execute",
    "executes",
    "executed",
    "include",
    "includes",
    "included",
    "active",
    "perform",
    "performs",
    "performed",
];
/// Titles of columns of marks that say something of a phase, and not for whom it runs.
const PROPERTIES: &[&str] = &[
    "required",
    "optional",
    "mandatory",
    "blocking",
    "conditional",
    "parallel",
    "sequential",
    "automated",
    "automatic",
    "manual",
    "interactive",
    "human",
    "user",
    "person",
    "approval",
    "gate",
    "checkpoint",
    "agent",
    "subagent",
    "skill",
    "done",
    "status",
    "complete",
    "completed",
    "tested",
    "output",
    "input",
    "reviewed",
    "irreversible",
    "critical",
    "retry",
];
/// Words that may stand before a list of the variants: `**Work Types:** A, B`.
pub const VARIANT_LABELS: &[&str] = &[
    "types",
    "type",
    "sizes",
    "variants",
    "modes",
    "tiers",
    "tracks",
    "classes",
    "categories",
    "levels",
    "scopes",
    "kinds",
];

impl<'s> Vocabulary<'s> {
    /// Reads the words of a skill: nothing where it has no phases.
    pub fn read(skill: &Skill<'_, 's>) -> Option<Self> {
        let documents = || std::iter::once(skill.main).chain(skill.documents.iter().map(|(_, document)| *document));
        let table =
            documents().find_map(|document| trusted_tables(document).find_map(|table| phase_table(document, table)));
        let table = table.or_else(|| skill.main.tables.iter().find_map(|table| plain_phase_table(skill.main, table)));
        let is_table = table.is_some();
        let (labels, phases) = table.or_else(|| headed::read(skill))?;
        let names = phases.iter().map(|phase| tokens(phase.name)).collect();
        let (variants, variant_places) = Default::default();
        let without = Vocabulary {
            phases,
            is_table,
            word: labels.word,
            labels,
            variants,
            are_variants_listed: false,
            variant_places,
            names,
        };
        let variants = documents()
            .find_map(|document| trusted_tables(document).find_map(matrix))
            .or_else(|| documents().find_map(variant_list))
            .or_else(|| {
                documents().find_map(|document| document.tables.iter().find_map(|table| without.marked(table)))
            });
        let are_variants_listed = variants.is_none();
        let (variants, variant_places) = variants.or_else(|| listed::read(skill.main)).unwrap_or_default();
        let variants = if variants.is_empty() { variants } else { variants.with_nouns(skill.main.text) };
        Some(Vocabulary { variants, are_variants_listed, variant_places, ..without })
    }

    /// The variants of a matrix of marks that no other place names: the titles of its columns. All of them begin with the
    /// first phase, and one runs all there are, or the columns are of something else, such as who does what.
    fn marked(&self, table: &Table<'_>) -> Option<(Names, Vec<Span>)> {
        let columns = marks::columns(table);
        let phase = table.column(PHASE_COLUMNS).or_else(|| table.column(NUMBER_COLUMNS)).unwrap_or(0);
        let is_of_phases = table.rows.iter().all(|row| {
            let number = row.cells.get(phase).and_then(|cell| self.phase_of_cell(&cell.text));
            number.is_some_and(|number| self.has(number))
        });
        let titles: Vec<&Inline<'_>> = columns.iter().map(|column| &table.header[*column]).collect();
        let is_property = |title: &&Inline<'_>| {
            tokens(&title.text).iter().any(|token| token.is_word(PROPERTIES) || self.is_word(token))
        };
        if columns.len() < 2
            || table.rows.len() < 2
            || !is_of_phases
            || columns.contains(&phase)
            || titles.iter().any(is_property)
        {
            return None;
        }
        let cells: Vec<&str> =
            table.rows.iter().flat_map(|row| columns.iter().map(|column| &*row.cells[*column].text)).collect();
        let runs = marks::runs(&cells);
        let mut rows = runs.chunks(columns.len());
        let is_whole = (0..columns.len())
            .any(|column| runs.iter().skip(column).step_by(columns.len()).all(|runs| *runs == Some(true)));
        let begins = rows.next().is_some_and(|first| first.iter().all(|runs| *runs == Some(true)));
        if !is_whole || !begins || !runs.contains(&Some(false)) {
            return None;
        }
        names(&titles.iter().map(|title| (&*title.text, title.span)).collect::<Vec<_>>(), "kind of work")
    }

    pub fn numbers(&self) -> impl Iterator<Item = Number> {
        self.phases.iter().map(|phase| phase.number)
    }

    pub fn phase(&self, number: Number) -> Option<&Phase<'s>> {
        self.phases.iter().find(|phase| phase.number == number)
    }

    pub fn has(&self, number: Number) -> bool {
        self.phase(number).is_some()
    }

    /// Whether a token is the word for phases, in singular, plural, or cut short: `phase`, `phases`, `ph`.
    pub fn is_word(&self, token: &Token<'_>) -> bool {
        self.labels.is_word(token)
    }

    /// What a title is about, where it begins with a phase: `Phase 8: Implementation`, with the name behind it.
    pub fn subject<'t>(&self, title: &'t str) -> Option<(Number, &'t str)> {
        self.labels.subject(title)
    }

    /// Cuts a text of the skill into tokens, so that each label of a phase is a word and a number.
    pub fn tokens<'t>(&self, text: &'t str) -> Vec<Token<'t>> {
        self.labels.tokens(text)
    }

    /// Whether the name of a phase has this word in it.
    pub fn is_named(&self, token: &Token<'_>) -> bool {
        self.names.iter().flatten().any(|word| word.kind == token.kind)
    }

    /// The phase of a name, whatever the case of its letters.
    pub fn by_name(&self, name: &[Token<'_>]) -> Option<Number> {
        let is_it = |known: &Vec<Token<'_>>| {
            known.len() == name.len() && known.iter().zip(name).all(|(known, token)| known.kind == token.kind)
        };
        self.names.iter().position(is_it).map(|index| self.phases[index].number)
    }

    /// The phase of a number, where its words are those of a name.
    pub fn called(&self, number: Number, name: &[Token<'_>]) -> Option<Number> {
        let index = self.phases.iter().position(|phase| phase.number == number)?;
        let words = self.names[index].iter().filter_map(Token::word);
        words.eq(name.iter().filter_map(Token::word)).then_some(number)
    }

    /// The word for phases in plural: `steps`, `activities`.
    pub fn words(&self) -> String {
        self.word.strip_suffix('y').map_or_else(|| format!("{}s", self.word), |stem| format!("{stem}ies"))
    }

    /// `phase 8 (`Implementation`)`
    pub fn title(&self, number: Number) -> String {
        match self.phase(number) {
            Some(phase) => format!("{} {number} (`{}`)", self.word, phase.name),
            None => format!("{} {number}", self.word),
        }
    }

    /// The phases that a row of a table is about: `8`, `8: Implementation`, `Phase 8`, `**Implementation**`.
    pub fn phase_of_cell(&self, cell: &str) -> Option<Number> {
        let tokens = self.tokens(cell);
        let rest = match &tokens[..] {
            [word, rest @ ..] if self.is_word(word) => rest,
            rest => rest,
        };
        match rest {
            [] => None,
            [number] => number
                .number()
                .or_else(|| self.by_name(&tokens))
                .or_else(|| roman(&cell[number.range.clone()]).map(Number::phase).filter(|number| self.has(*number))),
            [number, next, ..] if number.number().is_some() => {
                let is_name = next.word().is_some() || next.is_sign(&[':', '.', '-', '(']);
                number.number().filter(|_| is_name && rest[1..].iter().all(|token| token.number().is_none()))
            }
            _ => self.by_name(&tokens),
        }
    }
}

/// The tables of a document, in a generated one first those where it lists its phases: what it shows before them is text,
/// whatever that looks like.
fn trusted_tables<'d, 's>(document: &'d Document<'s>) -> impl Iterator<Item = &'d Table<'s>> {
    let is_first = |table: &&Table<'_>| {
        let title = table.section.map(|section| &*document.headings[section].content.text);
        !document.is_generated() || title == Some("Quick Reference")
    };
    document.tables.iter().filter(is_first).chain(&document.tables)
}

/// Whether a title or label says that what it lists is left out.
pub fn lists_skipped(title: &[Token<'_>]) -> bool {
    is_action(title, SKIPPED)
}

/// Whether one says that what it lists runs, and that it is phases.
pub fn lists_run(title: &[Token<'_>]) -> bool {
    title.iter().any(names_phases) && is_action(title, RUN)
}

/// Whether what a title says is done with phases is one of some actions: `phases to be skipped` is `skipped`.
fn is_action(title: &[Token<'_>], actions: &[&str]) -> bool {
    const FILLERS: &[&str] = &["the", "to", "be", "are", "is", "that", "which"];
    let words = || {
        let words = title.iter().filter_map(|token| Some((token, token.word()?)));
        words.filter(|(token, _)| !names_phases(token) && !token.is_word(FILLERS)).map(|(_, word)| word)
    };
    let Some(first) = words().next() else { return false };
    actions.iter().filter(|action| action.starts_with(first)).any(|action| action.split(' ').eq(words()))
}

/// Whether a token is a word for phases of any skill.
fn names_phases(token: &Token<'_>) -> bool {
    token.word().is_some_and(|word| WORDS.contains(&word.strip_suffix('s').unwrap_or(word)))
}

/// The phases of a table, if it is one of phases: a column of numbers, one of names, and one that tells more or several of
/// marks; or names with their numbers in one column.
fn phase_table<'s>(document: &Document<'s>, table: &Table<'s>) -> Option<(Labels, Vec<Phase<'s>>)> {
    let is_matrix = || table.column(&WORDS).is_some() && marks::columns(table).len() > 1;
    if table.column(DETAIL_COLUMNS).is_none() && !is_matrix() {
        return None;
    }
    numbered_phases(document, table)
}

/// The phases of a table that tells nothing but their names: a column called after them, and numbers that run on.
fn plain_phase_table<'s>(document: &Document<'s>, table: &Table<'s>) -> Option<(Labels, Vec<Phase<'s>>)> {
    let number = table.column(NUMBER_COLUMNS)?;
    let is_called = tokens(&table.header[number].text).first().is_some_and(|token| token.is_word(&WORDS));
    let is_plain = is_called && number == 0 && table.header.len() == 2;
    numbered_phases(document, table).filter(|(_, phases)| is_plain && phases.len() > 2 && runs_on(phases))
}

/// From 0 or 1, one after another; one that is missing is a gap and no other list.
pub fn runs_on<'p, 's: 'p>(phases: impl IntoIterator<Item = &'p Phase<'s>>) -> bool {
    let numbers: Vec<u32> = phases.into_iter().map(|phase| phase.number.phase).collect();
    let jumps = numbers.windows(2).map(|pair| pair[1].abs_diff(pair[0]));
    let gaps = jumps.clone().filter(|jump| *jump > 1).count();
    numbers.first().is_some_and(|first| *first <= 1) && gaps < 2 && jumps.max().is_none_or(|most| most <= 2)
}

fn numbered_phases<'s>(document: &Document<'s>, table: &Table<'s>) -> Option<(Labels, Vec<Phase<'s>>)> {
    let number = table.column(NUMBER_COLUMNS)?;
    let word = |title: &str| {
        WORDS.into_iter().find(|word| tokens(title).first().is_some_and(|token| token.word() == Some(word)))
    };
    let name = table.header.iter().enumerate().position(|(index, title)| {
        index != number && NAME_COLUMNS.iter().any(|name| title.text.eq_ignore_ascii_case(name))
    });
    let called = word(&table.header[number].text);
    let mut style: Option<(String, bool)> = None;
    let mut phases: Vec<Phase<'s>> = Vec::new();
    for row in &table.rows {
        let cell = row.cells.get(number)?;
        let (found, name) = match name {
            Some(name) => {
                let Written { number, prefix, is_roman } = Written::read(&cell.text)?;
                // Elsewhere they may be of requirements, risks or anything else.
                let is_own = !prefix.is_empty() || number.letter.is_some();
                let style = style.get_or_insert_with(|| (prefix.to_owned(), is_roman));
                if *style != (prefix.to_owned(), is_roman) || is_own && called.is_none() {
                    return None;
                }
                (number, written(document, row.cells.get(name)?))
            }
            None => numbered_name(document, cell)?,
        };
        if phases.iter().any(|phase| phase.number == found) || name.0.is_empty() {
            return None;
        }
        phases.push(Phase { number: found, name: name.0, place: name.1 });
    }
    phases.sort_by_key(|phase| phase.number);
    let title = called.or_else(|| word(&table.header[name?].text));
    // A single row is a list of phases where it is called one.
    let is_list = phases.len() > 1 || phases.len() == 1 && title.is_some();
    let (prefix, is_roman) = style.unwrap_or_default();
    let lettered = phases.iter().map(|phase| phase.number).filter(|number| number.letter.is_some()).collect();
    let word = || title.unwrap_or_else(|| usual_word(document));
    is_list.then(|| (Labels { prefix, lettered, is_roman, ..Labels::plain(word()) }, phases))
}

/// The number of a phase, and how it is written: `8`, `Phase 8`, `VIII`, `M8`, `8a`.
struct Written<'t> {
    number: Number,
    prefix: &'t str,
    is_roman: bool,
}

impl<'t> Written<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let plain = |number| Written { number, prefix: "", is_roman: false };
        let tokens = tokens(text);
        match &tokens[..] {
            [word, number] if word.is_word(&WORDS) => number.number().map(plain),
            [number, letter] if number.range.end == letter.range.start => {
                let letter = letter.word().filter(|letter| letter.len() == 1)?.chars().next();
                Some(plain(Number { letter, ..number.number()? }))
            }
            [number] if number.number().is_some() => number.number().map(plain),
            [word] => {
                let label = &text[word.range.clone()];
                let numeral = || Some(Written { is_roman: true, ..plain(Number::phase(roman(label)?)) });
                Written::labelled(label).or_else(numeral)
            }
            _ => None,
        }
    }

    /// `M8`, `M8a`, `ST-8`
    fn labelled(label: &'t str) -> Option<Self> {
        let (prefix, rest) = label.split_at(label.find(|c: char| c.is_ascii_digit())?);
        let letters = prefix.strip_suffix('-').unwrap_or(prefix);
        let (number, letter) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
        let fits = (1..=LONGEST_PREFIX).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase());
        let mut letters = letter.chars();
        let letter = letters.next();
        let is_end = letters.next().is_none() && letter.is_none_or(|letter| letter.is_ascii_lowercase());
        let number = Number { letter, ..Number::phase(number.parse().ok()?) };
        (fits && is_end).then_some(Written { number, prefix, is_roman: false })
    }
}

/// What stands before the number in a label is no longer than this, in bytes.
const LONGEST_PREFIX: usize = 3;

/// The word that stands most often before a number.
fn usual_word(document: &Document<'_>) -> &'static str {
    let all = tokens(document.text);
    let count =
        |word: &&str| all.windows(2).filter(|pair| pair[0].is_word(&[word]) && pair[1].number().is_some()).count();
    // The last of equals is taken: the first word is the usual one.
    WORDS.into_iter().rev().max_by_key(count).unwrap_or(WORDS[0])
}

/// `8: Implementation`, `Phase 8 - Implementation`, `8. Implementation`.
fn numbered_name<'s>(document: &Document<'s>, cell: &Inline<'s>) -> Option<(Number, (&'s str, Span))> {
    let tokens = tokens(document.source(cell.span));
    let at = usize::from(tokens.first()?.is_word(&WORDS));
    let number = tokens.get(at)?.number()?;
    let (first, last) = (tokens[at + 1..].iter().find(|token| token.word().is_some())?, tokens.last()?);
    let start = cell.span.range().start;
    let place = document.place(start + first.range.start..start + last.range.end);
    Some((number, (document.source(place), place)))
}

/// The words of a cell as they are written, without the signs around them; of a link its text.
fn written<'s>(document: &Document<'s>, cell: &Inline<'_>) -> (&'s str, Span) {
    let source = document.source(cell.span);
    let link = source.trim().strip_prefix('[').and_then(|rest| rest.split_once("](")).map(|(label, _)| label);
    let inner = link.unwrap_or(source).trim().trim_matches(['*', '_', '`']).trim();
    let start = cell.span.range().start + source.find(inner).unwrap_or(0);
    let place = document.place(start..start + inner.len());
    (inner, place)
}

/// The variants of a skip matrix, in the order of its rows.
fn matrix(table: &Table<'_>) -> Option<(Names, Vec<Span>)> {
    // What was skipped among what passed is tests.
    if table.column(&["passed", "failed", "pass", "fail", "failures", "errors"]).is_some() {
        return None;
    }
    let skipped = table.header.iter().position(|title| lists_skipped(&tokens(&title.text)))?;
    let name = if skipped == 0 { 1 } else { 0 };
    let title = table.header.get(name)?;
    let cells: Vec<&Inline<'_>> = table.rows.iter().map(|row| row.cells.get(name)).collect::<Option<_>>()?;
    names(&cells.iter().map(|cell| (&*cell.text, cell.span)).collect::<Vec<_>>(), &title.text)
}

/// `**Work Types:** SMALL, MEDIUM, LARGE (…)`
fn variant_list(document: &Document<'_>) -> Option<(Names, Vec<Span>)> {
    document.paragraphs.iter().find_map(|paragraph| {
        let text = paragraph.content.text.lines().next()?;
        let (label, rest) = text.split_once(':')?;
        // Most end with another word, and need not be cut.
        let end = label.trim_end_matches(|c: char| !c.is_alphanumeric()).as_bytes();
        let ends_with = |word: &&str| {
            end.len() >= word.len() && end[end.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
        };
        VARIANT_LABELS.iter().find(|word| ends_with(word))?;
        let label_tokens = tokens(label);
        if label_tokens.len() > 3 || !label_tokens.last()?.is_word(VARIANT_LABELS) {
            return None;
        }
        let rest = rest.split('(').next().unwrap_or(rest).trim().trim_end_matches('.');
        let cells: Vec<(&str, Span)> =
            rest.split([',', '/', '|']).map(|name| (name.trim(), paragraph.content.span)).collect();
        names(&cells, label)
    })
}

/// Names of variants: two or more, short, each once, and none of them only a number.
pub fn names(cells: &[(&str, Span)], dimension: &str) -> Option<(Names, Vec<Span>)> {
    let is_name = |text: &str| {
        let tokens = tokens(text);
        (1..=3).contains(&tokens.len()) && tokens.iter().any(|token| token.word().is_some())
    };
    let all: Vec<String> = cells.iter().map(|(text, _)| text.trim().to_owned()).collect();
    let is_once = all.iter().enumerate().all(|(index, name)| !all[..index].contains(name));
    let fits = (2..=MOST).contains(&all.len()) && is_once && all.iter().all(|name| is_name(name));
    fits.then(|| (Names::new(all, dimension), cells.iter().map(|(_, span)| *span).collect()))
}
