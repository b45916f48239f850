//! What statements are about, and where in the base something is found.

use super::*;

impl<'s> Patch<'_, 's> {
    /// The way to the first item of the flow with such a key, body by body.
    pub(super) fn find(&self, wanted: &dyn Fn(Key<'s>) -> bool) -> Option<Vec<usize>> {
        fn walk<'s>(
            items: &[Statement],
            slice: &dyn Fn(Span) -> &'s str,
            wanted: &dyn Fn(Key<'s>) -> bool,
        ) -> Option<Vec<usize>> {
            items.iter().enumerate().find_map(|(index, item)| {
                let Kind::Node(node) = &item.kind else { return None };
                if key_of(item, slice).is_some_and(wanted) {
                    return Some(vec![index]);
                }
                let mut path = walk(&node.body, slice, wanted)?;
                path.insert(0, index);
                Some(path)
            })
        }
        walk(&self.items, self.slice, wanted)
    }

    pub(super) fn key(&self, statement: &Statement) -> Option<Key<'s>> {
        key_of(statement, self.slice)
    }

    pub(super) fn not_there(&mut self, kind: &str, name: Span, insertable: bool) {
        let mut known = Vec::new();
        self.items.iter().for_each(|item| names(item, self.slice, &mut known));
        let added = insertable.then(|| format!("write `insert {kind} {} after x` to add it", self.slice(name)));
        self.unknown(kind, name, &known, added);
    }

    /// `known`: what there is, of which the nearest may be meant.
    pub(super) fn unknown(&mut self, kind: &str, name: Span, known: &[Key<'s>], else_help: Option<String>) {
        let shown = self.slice(name);
        let near = nearest(shown, known.iter().filter(|(word, _)| kind.contains(word)).map(|(_, name)| *name));
        let quoted = if shown.starts_with('"') { shown.to_owned() } else { format!("`{shown}`") };
        let mut diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, name, format!("the base has no {kind} {quoted}"))
            .label("nothing to change");
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name, near);
        } else if let Some(help) = else_help {
            diagnostic = diagnostic.help(help);
        }
        self.diagnostics.push(diagnostic);
    }
}

/// What a statement is about: two with the same key say the same thing twice. `None`: it says something more.
pub(super) type Key<'s> = (&'static str, &'s str);

pub(super) fn at<'i>(items: &'i mut ThinVec<Statement>, path: &[usize]) -> &'i mut Statement {
    let (last, before) = path.split_last().expect("the way to an item is not empty");
    &mut body(items, before)[*last]
}

pub(super) fn body<'i>(items: &'i mut ThinVec<Statement>, path: &[usize]) -> &'i mut ThinVec<Statement> {
    path.iter().fold(items, |items, index| match &mut items[*index].kind {
        Kind::Node(node) => &mut node.body,
        _ => unreachable!("the way leads through items with a body"),
    })
}

/// All items of the flow from here inwards.
pub(super) fn kept(item: &Statement, see: &mut dyn FnMut(&Node, Span)) {
    if let Kind::Node(node) = &item.kind {
        see(node, item.span);
        node.body.iter().for_each(|inner| kept(inner, see));
    }
}

pub(super) fn names<'s>(item: &Statement, slice: &dyn Fn(Span) -> &'s str, found: &mut Vec<Key<'s>>) {
    match &item.kind {
        Kind::Node(node) => {
            found.extend(key_of(item, slice));
            node.body.iter().for_each(|inner| names(inner, slice, found));
        }
        Kind::Skip(skip) => found.extend(skip.phases.iter().map(|phase| ("skip", slice(phase.span)))),
        Kind::Test(test) => found.push(("test", slice(test.name))),
        Kind::Agent(_) => found.extend(key_of(item, slice)),
        _ => {}
    }
}

pub(super) fn part_of<'s>(statement: &Statement, slice: &dyn Fn(Span) -> &'s str) -> Option<Key<'s>> {
    match &statement.kind {
        Kind::Item(item) => Some((if item.is_step { "step" } else { "require" }, slice(item.name))),
        Kind::Node(node) if matches!(node.kind, NodeKind::Spawn | NodeKind::Gate) => key_of(statement, slice),
        _ => None,
    }
}

/// It stands in an order with others.
pub(super) fn is_flow(kind: &Kind) -> bool {
    matches!(kind, Kind::Node(_) | Kind::Item(_))
}

pub(super) fn key_of<'s>(statement: &Statement, slice: &dyn Fn(Span) -> &'s str) -> Option<Key<'s>> {
    let none = "";
    Some(match &statement.kind {
        Kind::Node(node) => (node.kind.word(), node.name.map_or(none, slice)),
        Kind::Item(item) => ("item", slice(item.name)),
        Kind::Enum(item) => ("enum", slice(item.name)),
        Kind::Let(bound) => ("value", slice(bound.name)),
        Kind::Limit(limit) => ("value", slice(limit.name)),
        Kind::Agent(agent) => ("agent", agent.name.map_or("*", slice)),
        Kind::Skill(skill) => ("skill", slice(skill.name)),
        Kind::Pairs(pairs) => ("pairs", slice(pairs.skill)),
        Kind::Procedure(procedure) => ("procedure", slice(procedure.name)),
        Kind::Score(score) => ("score", slice(score.fact)),
        Kind::Route(route) => ("route", slice(route.pattern)),
        Kind::Test(test) => ("test", slice(test.name)),
        Kind::On(on) => ("on", slice(on.event)),
        Kind::Revises(revises) => ("revises", slice(revises.fact)),
        Kind::Section(section) => ("section", slice(section.title)),
        // A text of one variant takes the place of that of the same variant.
        Kind::Text(text) if let Some(when) = &text.when => (crate::syntax::text_word(text.word), slice(when.span)),
        Kind::Text(text) => match text.word {
            TextWord::Purpose => ("purpose", none),
            TextWord::Prompt => ("prompt", none),
            TextWord::Text => ("text", none),
            TextWord::Description => ("description", none),
            TextWord::Command => ("command", none),
            TextWord::Output => ("output", none),
            TextWord::Path => ("path", none),
        },
        Kind::List(word, _) => (crate::syntax::list_word(*word), none),
        Kind::Workflow(_) => ("workflow", none),
        Kind::Document(_) => ("document", none),
        Kind::Context(_) => ("context", none),
        Kind::Escalation(_) => ("escalation", none),
        Kind::Abort(_) => ("abort", none),
        Kind::Produces(_) => ("produces", none),
        Kind::Ask(_) => ("ask", none),
        Kind::Override(_) => ("override", none),
        Kind::Budget(_) => ("budget", none),
        Kind::Decides(_) => ("decides", none),
        Kind::Require(_) => ("require", none),
        Kind::Until(_) => ("until", none),
        Kind::Batch(_) => ("batch", none),
        Kind::Model(_) => ("model", none),
        Kind::Requires(requires) if !requires.is_skill => ("requires phase", none),
        _ => return None,
    })
}
