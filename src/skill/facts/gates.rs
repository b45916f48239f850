//! Between which phases a gate stands.

use super::Page;
use super::lines::Line;
use super::tokens::{Kind, Number, Token, tokens};
use super::variants::{Variants, outside_parentheses};
use super::vocabulary::{PHASE_COLUMNS, Vocabulary};
use crate::skill::document::Table;
use crate::source::Span;

/// What a place says of where a gate stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gate {
    /// `2`, `g1`: what tells it from others.
    pub label: String,
    /// In which variants it stands there.
    pub about: Variants,
    pub after: Option<Number>,
    pub before: Option<Number>,
    pub place: Span,
    pub told: Told,
}

/// Where a gate is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// In a table, where gates are declared.
    Table,
    /// In a line that begins with it and says where it stands.
    Item,
    /// Somewhere in a line.
    Line,
}

/// The columns of gates, and of where they stand.
pub const GATE_COLUMNS: &[&str] = &[
    "gate",
    "gates",
    "blocking gate",
    "compaction gate",
    "quality gate",
    "stage gate",
    "checkpoint",
    "barrier",
    "hold point",
    "hold points",
    "hold",
    "stop point",
    "control point",
    "decision point",
    "sign-off",
    "signoff",
    "sign off",
    "stop line",
    "go/no-go",
    "quality bar",
    "tollgate",
];
pub const AFTER_COLUMNS: &[&str] = &[
    "after phase",
    "after",
    "after stage",
    "after step",
    "follows",
    "stands after",
    "comes after",
    "given after",
    "behind",
];
pub const BEFORE_COLUMNS: &[&str] = &["before phase", "before", "before stage", "before step", "precedes"];
/// Where both phases stand in one cell, with an arrow between.
const BETWEEN_COLUMNS: &[&str] =
    &["where", "between", "stands between", "between phases", "position", "placement", "location", "transition"];
/// What gates are called in lines.
const WORDS: &[&str] = &[
    "gate",
    "gates",
    "checkpoint",
    "checkpoints",
    "barrier",
    "barriers",
    "hold-point",
    "hold-points",
    "holdpoint",
    "sign-off",
    "sign-offs",
    "signoff",
    "signoffs",
    "tollgate",
    "tollgates",
];
/// The first words of `hold point` and its like.
const KINDS_OF_POINTS: &[&str] = &["hold", "stop", "control", "decision", "quality", "sign", "go"];
const POINTS: &[&str] = &["point", "points", "line", "lines", "bar", "bars", "off", "offs", "no-go"];

/// Gates of the table of phases, and of tables of gates.
pub fn in_tables(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Gate> {
    let document = page.document;
    let mut found = Vec::new();
    for (table, columns) in document.tables_with(&[GATE_COLUMNS, AFTER_COLUMNS]) {
        let before = table.column(BEFORE_COLUMNS);
        for row in &table.rows {
            let [Some(label), Some(after)] = [0, 1].map(|at| row.cells.get(columns[at])) else { continue };
            let Some(after) = phase(&after.text, vocabulary) else { continue };
            let before = before.and_then(|column| row.cells.get(column)).and_then(|cell| phase(&cell.text, vocabulary));
            found.extend(labels(&label.text).into_iter().map(|label| Gate {
                label,
                about: Variants::ALL,
                after: Some(after),
                before,
                place: row.span,
                told: Told::Table,
            }));
        }
    }
    for (table, columns) in document.tables_with(&[PHASE_COLUMNS, GATE_COLUMNS]) {
        if columns[0] == columns[1] || table.column(AFTER_COLUMNS).is_some() {
            continue;
        }
        let rows = table.rows.iter().flat_map(|row| {
            let (number, gate) = (row.cells.get(columns[0]), row.cells.get(columns[1]));
            let after = number.and_then(|number| phase(&number.text, vocabulary));
            let labels = gate.filter(|_| after.is_some()).map_or_else(Vec::new, |gate| labels(&gate.text));
            labels.into_iter().map(move |label| Gate {
                label,
                about: Variants::ALL,
                after,
                before: None,
                place: row.span,
                told: Told::Table,
            })
        });
        let mut of_table: Vec<Gate> = Vec::new();
        for gate in rows {
            // At the end of several phases it stands behind the last of them.
            match of_table.iter_mut().find(|known| known.label == gate.label) {
                Some(known) if known.after < gate.after => *known = gate,
                Some(_) => {}
                None => of_table.push(gate),
            }
        }
        found.extend(of_table);
    }
    for (table, columns) in document.tables_with(&[GATE_COLUMNS, BETWEEN_COLUMNS]) {
        for row in &table.rows {
            let (Some(gate), Some(place)) = (row.cells.get(columns[0]), row.cells.get(columns[1])) else { continue };
            let [label] = &labels(&gate.text)[..] else { continue };
            let of_arrow = |arrow: Arrow<'_>| Gate {
                label: label.clone(),
                about: arrow.about,
                after: Some(arrow.from),
                before: arrow.to,
                place: row.span,
                told: Told::Table,
            };
            found.extend(arrows(&place.text, &vocabulary.tokens(&place.text), vocabulary).into_iter().map(of_arrow));
        }
    }
    found
}

/// Whether the rows of a table are gates, so that what their cells are called is no label of another one.
fn is_of_gates(table: &Table<'_>) -> bool {
    table.column(GATE_COLUMNS).is_some() && table.column(BETWEEN_COLUMNS).is_some()
}

fn phase(cell: &str, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    vocabulary.phase_of_cell(cell).map(Number::whole).filter(|phase| vocabulary.has(*phase))
}

/// The labels of a cell that is nothing but gates: `⛔ 1`, `Gate 2`, `G1`, `:no_entry: 1`, `⛔ 1, ⛔ 2`.
fn labels(cell: &str) -> Vec<String> {
    // An emoji may be written by its name.
    let text: String = cell
        .split_whitespace()
        .filter(|word| !(word.len() > 2 && word.starts_with(':') && word.ends_with(':')))
        .collect::<Vec<_>>()
        .join(" ");
    let tokens = tokens(&text);
    let said = tokens.iter().filter(|token| token.word().is_some() || token.number().is_some());
    let is_name =
        |token: &&Token<'_>| [WORDS, KINDS_OF_POINTS, POINTS, &["and"]].iter().any(|words| token.is_word(words));
    let labels = said.filter(|token| !is_name(token)).map(of_token);
    let labels: Vec<String> = labels.collect::<Option<_>>().unwrap_or_default();
    // Between several stands what lists them, or a picture.
    let is_list = tokens.iter().all(|token| match token.kind {
        Kind::Sign(sign) => ",;/&+".contains(sign) || sign >= '\u{2600}',
        _ => true,
    });
    if labels.len() == 1 || is_list { labels } else { Vec::new() }
}

/// How many tokens at the start are what a gate is called: 1 for `gate`, 2 for `hold point`, 0 for anything else.
fn gate_word(tokens: &[Token<'_>]) -> usize {
    match tokens {
        [word, ..] if word.is_word(WORDS) => 1,
        [kind, point, ..] if kind.is_word(KINDS_OF_POINTS) && point.is_word(POINTS) => 2,
        [go, slash, no_go, ..] if go.is_word(&["go"]) && slash.is_sign(&['/']) && no_go.is_word(&["no-go"]) => 3,
        _ => 0,
    }
}

/// A number, or a short word with one in it.
fn of_token(token: &Token<'_>) -> Option<String> {
    match (token.number(), token.word()) {
        (Some(number), _) => number.plain().map(|number| number.to_string()),
        (_, Some(word)) if word.len() <= 4 && word.ends_with(|c: char| c.is_ascii_digit()) => Some(word.to_owned()),
        (_, Some(word)) if word.len() == 1 => Some(word.to_owned()),
        _ => None,
    }
}

/// Items of lists, and lines like them, that begin with a gate and say where it stands: `- Gate 1 (after phase 2): …`
pub fn in_lists(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Vec<Gate> {
    let lines =
        page.lines.iter().filter(|line| line.fence.is_none() && !line.is_heading && !line.text.starts_with('|'));
    lines.filter_map(|line| listed(line, vocabulary, known)).collect()
}

/// Whether a word is the label of a known gate that nothing else is called: `HP-1`, and not `1` or `A`.
fn is_label(token: &Token<'_>, known: &[Gate]) -> bool {
    token.word().is_some_and(|word| word.len() > 1 && known.iter().any(|gate| gate.label == word))
}

fn listed(line: &Line<'_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Option<Gate> {
    // Behind the sign or the number of the item.
    let start = line.tokens.iter().position(|token| token.word().is_some())?;
    let tokens = &line.tokens[start..];
    let label = gate_word(tokens);
    let name = tokens.get(label).filter(|name| label > 0 || is_label(name, known)).and_then(of_token)?;
    let is_verb = |token: &&Token<'_>| {
        token.is_sign(&['(', ':', '-']) || token.is_word(&["stands", "is", "comes", "sits", "lies", "placed"])
    };
    let behind = past_aside(&tokens[label + 1..]);
    let skipped = behind.iter().take_while(is_verb).count();
    let clause = &behind[skipped..];
    let end = clause.iter().position(|token| token.is_sign(&[')', '.', ';']));
    let clause = given(&clause[..end.unwrap_or(clause.len())], vocabulary);
    // Where it stands in some cases only.
    let is_open = |token: &Token<'_>| {
        token.is_word(&["in", "for", "when", "if", "unless", "where", "only", "whatever", "whichever", "again"])
    };
    if clause.iter().any(is_open) {
        return None;
    }
    let (after, before) = match clause {
        [between, rest @ ..] if between.is_word(&["between"]) => {
            let mut numbers = rest.iter().take(5).filter_map(Token::number).map(Number::whole);
            let pair = (numbers.next()?, numbers.next()?);
            let is_phases = rest.first().is_some_and(|word| vocabulary.is_word(word));
            (Some(pair.0).filter(|_| is_phases), Some(pair.1).filter(|_| is_phases))
        }
        [first, ..] if first.is_word(&["after", "follows", "behind"]) => {
            (Some(following(clause, first.word()?, vocabulary)?), following(clause, "before", vocabulary))
        }
        [first, ..] if first.is_word(&["before", "precedes"]) => (None, following(clause, first.word()?, vocabulary)),
        _ => (None, None),
    };
    let is_known = |phase: &Number| vocabulary.has(*phase);
    let (after, before) = (after.filter(is_known), before.filter(is_known));
    let is_said = (after.is_some() || before.is_some()) && vocabulary.variants.mentioned(&line.tokens).is_empty();
    is_said.then_some(Gate { label: name, about: Variants::ALL, after, before, place: line.span, told: Told::Item })
}

/// What follows the parentheses that stand first, where these do not say where the gate stands.
fn past_aside<'l, 't>(tokens: &'l [Token<'t>]) -> &'l [Token<'t>] {
    let close = tokens
        .first()
        .filter(|open| open.is_sign(&['(']))
        .and_then(|_| tokens.iter().position(|token| token.is_sign(&[')'])));
    let says = |token: &Token<'_>| token.is_word(&["after", "before", "between", "follows", "precedes", "behind"]);
    match close {
        Some(close) if !tokens[..close].iter().any(says) => &tokens[close + 1..],
        _ => tokens,
    }
}

/// Of `given by the owner after step 4` what tells the place: there the phase stands right behind the word.
fn given<'l, 't>(clause: &'l [Token<'t>], vocabulary: &Vocabulary<'_>) -> &'l [Token<'t>] {
    let is_given =
        clause.first().is_some_and(|first| first.is_word(&["given", "taken", "held", "asked", "passed", "signed"]));
    let mut places = (0..clause.len()).filter(|at| clause[*at].is_word(&["after", "before"]));
    let place = places.next().filter(|_| is_given && places.next().is_none());
    let is_phase = |at: &usize| clause.get(at + 1).is_some_and(|word| vocabulary.is_word(word));
    place.filter(is_phase).map_or(clause, |at| &clause[at..])
}

/// What lines say of the gates that the tables know: `GATE 2 FOLLOWS: before Phase 9`, `Gate 2 (Ph 8→9)`, `checkpoint 8→9`.
pub fn in_lines(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Vec<Gate> {
    if known.is_empty() {
        return Vec::new();
    }
    let of_page = known.iter().map(|gate| gate.place).filter(|place| place.file == page.document.file);
    let mut places: Vec<Span> = of_page.collect();
    places.sort_unstable();
    let is_known = |line: &Line<'_>| {
        let before = places.partition_point(|place| place.start <= line.span.start).checked_sub(1);
        before.is_some_and(|before| places[before].contains(line.span))
    };
    let lines = page.lines.iter().filter(|line| !is_known(line));
    lines.flat_map(|line| in_line(page, line, vocabulary, known)).collect()
}

fn in_line(page: &Page<'_, '_>, line: &Line<'_>, vocabulary: &Vocabulary<'_>, known: &[Gate]) -> Vec<Gate> {
    let is_row = || page.document.tables.iter().any(|table| is_of_gates(table) && table.span.contains(line.span));
    let is_named = |at: usize| gate_word(&line.tokens[at..]) > 0 || is_label(&line.tokens[at], known);
    if !(0..line.tokens.len()).any(is_named) || is_row() {
        return Vec::new();
    }
    let labels: Vec<(usize, &[Token<'_>], &Gate)> = (0..line.tokens.len())
        .filter_map(|at| {
            let length = gate_word(&line.tokens[at..]);
            let label =
                line.tokens.get(at + length).filter(|label| length > 0 || is_label(label, known)).and_then(of_token)?;
            // Not once more without its word.
            let is_behind = length == 0 && (1..=at.min(3)).any(|back| gate_word(&line.tokens[at - back..]) == back);
            let of = known.iter().find(|gate| gate.label == label && !is_behind)?;
            Some((at + length + 1, &line.tokens[at..=at + length], of))
        })
        .collect();
    let arrows = arrows(line.text, &line.tokens, vocabulary);
    let gate = |label: &str, about, after, before, tokens: &[Token<'_>]| Gate {
        label: label.to_owned(),
        about,
        after,
        before,
        place: line.place(tokens),
        told: Told::Line,
    };
    match (&labels[..], &arrows[..]) {
        ([(_, _, of)], [arrow]) => {
            vec![gate(&of.label, arrow.about, Some(arrow.from), arrow.to, arrow.tokens)]
        }
        ([(end, label, of)], []) => {
            let has = |word| line.tokens.iter().any(|token| token.is_word(&[word]));
            // The title of the file; a file that begins with a part has none.
            let (title, parts) = page.document.headings.split_first().unzip();
            let title =
                title.filter(|title| parts.is_some_and(|parts| parts.iter().all(|part| part.level > title.level)));
            let title = title.and_then(|heading| vocabulary.subject(&heading.content.text));
            let page = title.map(|(phase, _)| phase.whole());
            // On the page of the phase that it follows; elsewhere `before` is said of something else.
            let before = following(&line.tokens, "before", vocabulary).filter(|_| page.is_some() && page == of.after);
            let after = following(&line.tokens, "after", vocabulary).filter(|_| line.is_heading);
            // In a part of a file only where it says nothing else.
            let part = line
                .phase
                .map(Number::whole)
                .filter(|phase| follows_here(&line.tokens[*end..]) && vocabulary.has(*phase));
            let (after, before) = match page {
                Some(page) if has("follows") => (Some(page), before),
                Some(page) if has("precedes") => (after, Some(page)),
                None if part.is_some() => (part, before),
                _ => (after, before),
            };
            let is_said = after.is_some() || before.is_some();
            if is_said { vec![gate(&of.label, Variants::ALL, after, before, label)] } else { Vec::new() }
        }
        ([], arrows) => {
            // Which gate is known by the phase before it, unless that is another one in each variant.
            let is_only = |from: Number| arrows.iter().filter(|arrow| arrow.from == from).count() == 1;
            let of_known = arrows.iter().filter(|arrow| is_only(arrow.from)).filter_map(|arrow| {
                let found = known.iter().find(|gate| gate.after == Some(arrow.from))?;
                Some(gate(&found.label, arrow.about, Some(arrow.from), arrow.to, arrow.tokens))
            });
            of_known.collect()
        }
        _ => Vec::new(),
    }
}

/// `follows.`, `comes next:`
fn follows_here(tokens: &[Token<'_>]) -> bool {
    let behind = match tokens {
        [follows, rest @ ..] if follows.is_word(&["follows"]) => rest,
        [comes, next, rest @ ..] if comes.is_word(&["comes"]) && next.is_word(&["next"]) => rest,
        _ => return false,
    };
    behind.first().is_none_or(|next| next.is_sign(&['.', ':', ';', ',', '-']))
}

/// A number, an arrow and a number, and no arrow before or behind: `3→4`, `1 → 3 (SMALL)`. A longer row is a list of phases.
struct Arrow<'t> {
    /// The last where there are several: `1, 2 → 3`.
    from: Number,
    /// Nothing where it is one of several: `1 → 2, 4`.
    to: Option<Number>,
    about: Variants,
    tokens: &'t [Token<'t>],
}

/// The arrows of a text; none where it names variants otherwise than in parentheses behind one.
fn arrows<'t>(text: &str, tokens: &'t [Token<'t>], vocabulary: &Vocabulary<'_>) -> Vec<Arrow<'t>> {
    let token = |at: Option<usize>| at.and_then(|at| tokens.get(at));
    let is_sign = |at: Option<usize>, sign: char| token(at).is_some_and(|token| token.is_sign(&[sign]));
    let number = |at: Option<usize>| token(at).and_then(Token::number);
    let is_more = |comma: Option<usize>, behind: Option<usize>| is_sign(comma, ',') && number(behind).is_some();
    if !(0..tokens.len()).any(|at| is_sign(Some(at), '→'))
        || !vocabulary.variants.mentioned(&outside_parentheses(tokens)).is_empty()
    {
        return Vec::new();
    }
    let read = |at: usize| {
        let mut start = at.checked_sub(1)?;
        let mut end = at + 1 + usize::from(vocabulary.is_word(tokens.get(at + 1)?));
        let (mut from, to) = (number(Some(start))?, number(Some(end))?);
        if is_sign(start.checked_sub(1), '→') || is_sign(Some(end + 1), '→') {
            return None;
        }
        // What stands behind an arrow is the end of another pair.
        while is_more(start.checked_sub(1), start.checked_sub(2)) && !is_sign(start.checked_sub(3), '→') {
            start -= 2;
            from = from.max(number(Some(start))?);
        }
        let last = end;
        while is_more(Some(end + 1), Some(end + 2)) && !is_sign(Some(end + 3), '→') {
            end += 2;
        }
        let about = about(text, &tokens[end + 1..], vocabulary)?;
        let is_known = vocabulary.has(from) && vocabulary.has(to);
        let to = Some(to).filter(|_| end == last);
        is_known.then_some(Arrow { from, to, about, tokens: &tokens[start..=end] })
    };
    (0..tokens.len()).filter(|at| is_sign(Some(*at), '→')).filter_map(read).collect()
}

/// The variants of the parentheses that follow at once; all where they name none, nothing where they are not understood.
fn about(text: &str, tokens: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Option<Variants> {
    let open = tokens.first().filter(|token| token.is_sign(&['(']));
    let close = tokens.iter().position(|token| token.is_sign(&[')']));
    let (Some(open), Some(close)) = (open, close) else { return Some(Variants::ALL) };
    if vocabulary.variants.mentioned(&tokens[1..close]).is_empty() {
        return Some(Variants::ALL);
    }
    vocabulary.variants.condition(&text[open.range.end..tokens[close].range.start])
}

/// The phase that a word leads to: `before proceeding to Phase 9`.
fn following(tokens: &[Token<'_>], word: &str, vocabulary: &Vocabulary<'_>) -> Option<Number> {
    let at = tokens.iter().position(|token| token.is_word(&[word]))?;
    let phase = tokens[at + 1..].iter().take(4).position(|token| vocabulary.is_word(token))? + at + 1;
    // `before step 4 or 5`
    let is_one_of = tokens.get(phase + 2).is_some_and(|next| next.is_word(&["or"]) || next.is_sign(&['/']));
    tokens.get(phase + 1).filter(|_| !is_one_of)?.number().map(Number::whole).filter(|phase| vocabulary.has(*phase))
}
