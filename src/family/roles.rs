//! `agent a for b`: an agent in the place of one that the base names.

use crate::source::Span;
use crate::syntax::ast::{
    ActionKind, Branch, Evidence, Expect, Kind, ModifierKind, NodeKind, Outcome, Place, PlaceKind,
};
use crate::syntax::ast::{Ask, Choice, Modifier, Statement, Way};

/// Shows each place that names an agent, the declarations included.
pub fn agents(items: &mut [Statement], see: &mut dyn FnMut(&mut Span)) {
    for item in items {
        agents_of(&mut item.kind, see);
    }
}

fn agents_of(kind: &mut Kind, see: &mut dyn FnMut(&mut Span)) {
    match kind {
        Kind::Node(node) => {
            if let (NodeKind::Spawn, Some(name)) = (node.kind, &mut node.name) {
                see(name);
            }
            modifiers(&mut node.modifiers, see);
            agents(&mut node.body, see);
        }
        Kind::Item(item) => modifiers(&mut item.modifiers, see),
        Kind::On(on) => branches(&mut on.branches, see),
        Kind::Route(route) => {
            pattern(&mut route.pattern, see);
            branches(&mut route.branches, see);
        }
        Kind::Ask(all) => ask(all, see),
        Kind::Agent(agent) => agent.name.iter_mut().for_each(see),
        Kind::Procedure(procedure) => agents(&mut procedure.body, see),
        Kind::Abort(body) => agents(body, see),
        Kind::Test(test) => agents(&mut test.body, see),
        Kind::Property(property) => {
            place(&mut property.precedes.first, see);
            place(&mut property.precedes.second, see);
        }
        Kind::Expect(expect) => match &mut **expect {
            Expect::Leads { to: Way::Fix(name), .. } => see(name),
            Expect::Before(precedes) => {
                place(&mut precedes.first, see);
                place(&mut precedes.second, see);
            }
            _ => {}
        },
        _ => {}
    }
}

/// A pattern without a star is the name of an agent, in quotes unless an heir has filled it before.
fn pattern(pattern: &mut Span, see: &mut dyn FnMut(&mut Span)) {
    see(pattern);
    let quoted = Span { start: pattern.start + 1, end: pattern.end - 1, ..*pattern };
    let mut name = quoted;
    see(&mut name);
    if name != quoted {
        *pattern = name;
    }
}

fn place(place: &mut Place, see: &mut dyn FnMut(&mut Span)) {
    if place.kind == PlaceKind::Spawns {
        see(&mut place.name);
    }
}

fn modifiers(all: &mut [Modifier], see: &mut dyn FnMut(&mut Span)) {
    for modifier in all {
        if let ModifierKind::By(by) = &mut modifier.kind
            && let Evidence::Agent(name) = &mut **by
        {
            see(name);
        }
    }
}

fn branches(all: &mut [Branch], see: &mut dyn FnMut(&mut Span)) {
    all.iter_mut().for_each(|branch| outcome(&mut branch.outcome, see));
}

fn ask(all: &mut Ask, see: &mut dyn FnMut(&mut Span)) {
    let outcomes = all.options.iter_mut().filter_map(|Choice { outcome, .. }| outcome.as_mut());
    outcomes.for_each(|one| outcome(one, see));
}

fn outcome(outcome: &mut Outcome, see: &mut dyn FnMut(&mut Span)) {
    for action in &mut outcome.actions {
        match &mut action.kind {
            ActionKind::Fix(name, _) | ActionKind::Spawn(name) => see(name),
            ActionKind::Ask(all) => ask(all, see),
            _ => {}
        }
    }
}
