//! A tree as text, without places: what two spellings of the same file have in common.

use gatewright::source::FileId;
use gatewright::syntax;
use gatewright::syntax::ast::*;

/// The items of a file: names and texts as they are written, everything insignificant in one form.
pub fn tree(text: &str) -> Vec<String> {
    let (mut file, _) = syntax::parse(FileId::FIRST, text);
    file.items
        .iter_mut()
        .map(|item| {
            statement(item);
            with_texts(&format!("{item:?}"), text)
        })
        .collect()
}

/// All words of all comments, sorted: comments may move and may come to stand on one line.
pub fn comment_words(text: &str) -> Vec<&str> {
    let (file, _) = syntax::parse(FileId::FIRST, text);
    let mut words: Vec<&str> =
        file.comments.iter().flat_map(|comment| text[comment.span.range()].split_whitespace()).collect();
    words.sort_unstable();
    words
}

/// Spans in the output of `Debug` become the text they stand for; spans of whole constructs become `_`.
fn with_texts(debug: &str, text: &str) -> String {
    let beginning = format!("Span {{ file: {:?}, start: ", FileId::FIRST);
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(at) = rest.find(&beginning) {
        out.push_str(&rest[..at]);
        let numbers = &rest[at + beginning.len()..];
        let end = numbers.find(" }").expect("a span ends with a brace");
        let (from, to) = numbers[..end].split_once(", end: ").expect("a span has two ends");
        let (from, to): (usize, usize) = (from.parse().expect("a number"), to.parse().expect("a number"));
        let named = out.ends_with("Entry { span: ") || out.ends_with("Amount { span: ");
        if out.ends_with("Operand { span: ") {
            let written = &text[from..to];
            // Of a call the name and the argument are shown anyway.
            out.push_str(if written.ends_with(')') && !written.starts_with('"') { "_" } else { written });
        } else if out.ends_with("span: ") && !named || out.ends_with("mixed: ") {
            out.push('_');
        } else {
            out.push_str(&format!("{:?}", &text[from..to]));
        }
        rest = &numbers[end + 2..];
    }
    out.push_str(rest);
    out
}

fn statements(all: &mut [Statement]) {
    all.iter_mut().for_each(statement);
}

fn statement(item: &mut Statement) {
    match &mut item.kind {
        Kind::Node(node) => {
            sort(&mut node.modifiers);
            statements(&mut node.body);
        }
        Kind::Item(item) => sort(&mut item.modifiers),
        Kind::Skip(skip) => sort(&mut skip.modifiers),
        Kind::Produces(all) => all.iter_mut().for_each(|produced| statements(&mut produced.body)),
        Kind::On(on) => {
            if on.branches.len() == 1 && on.branches[0].condition.is_none() {
                on.braces = false;
            }
            branches(&mut on.branches);
        }
        Kind::Ask(ask) => choices(&mut ask.options),
        Kind::Agent(agent) => statements(&mut agent.body),
        Kind::Skill(skill) => statements(&mut skill.body),
        Kind::Procedure(procedure) => statements(&mut procedure.body),
        Kind::Escalation(all) => choices(all),
        Kind::Abort(body) => statements(body),
        Kind::Test(test) => statements(&mut test.body),
        Kind::Route(route) => branches(&mut route.branches),
        Kind::Insert(inner) => statement(inner),
        Kind::Document(document) => statements(&mut document.body),
        _ => {}
    }
}

fn branches(all: &mut [Branch]) {
    all.iter_mut().for_each(|branch| outcome(&mut branch.outcome));
}

fn choices(all: &mut [Choice]) {
    all.iter_mut().filter_map(|choice| choice.outcome.as_mut()).for_each(outcome);
}

/// Behind a bound `then ask` is what happens anyway.
fn outcome(outcome: &mut Outcome) {
    if let [.., before, last] = &outcome.actions[..]
        && matches!(before.kind, ActionKind::Redo(..) | ActionKind::Fix(..) | ActionKind::Retry(Some(_)))
        && matches!(&last.kind, ActionKind::Ask(ask) if ask.question.is_none() && ask.options.is_empty())
    {
        outcome.actions.pop();
    }
    for action in &mut outcome.actions {
        if let ActionKind::Ask(ask) = &mut action.kind {
            choices(&mut ask.options);
        }
    }
}

fn sort(modifiers: &mut [Modifier]) {
    modifiers.sort_by_key(|modifier| match modifier.kind {
        ModifierKind::Once => 0,
        ModifierKind::Required => 1,
        ModifierKind::Irreversible => 2,
        ModifierKind::After(_) => 3,
        ModifierKind::Before(_) => 4,
        ModifierKind::When(_) => 5,
        ModifierKind::Because(_) => 6,
        ModifierKind::By(_) => 7,
        ModifierKind::Follows(..) => 8,
        ModifierKind::AtMost(_) => 9,
        ModifierKind::ElseOnce => 10,
    });
}
