//! One subject that both sides have, compared trait by trait.

use super::Comparer;
use super::meaning::{RUN, Subject, Trait, Value, Weaker};
use crate::logic::{Diagram, FALSE, TRUE};
use crate::syntax::ast::Comparison;

impl Comparer<'_, '_, '_> {
    pub(super) fn traits(&mut self, old: &Subject, new: &Subject) {
        let around = {
            let run = |meaning: &super::Meaning, subject: &Subject| {
                let parent = subject.parent.as_ref().and_then(|key| meaning.subjects.get(key));
                run_of(parent.map(|parent| &parent.traits[..]).unwrap_or_default())
            };
            self.joint.and(run(self.before, old), run(self.after, new))
        };
        let own = self.joint.and(run_of(&old.traits), run_of(&new.traits));
        let gone: Vec<&Trait> = old.traits.iter().filter(|was| find(&new.traits, &was.what).is_none()).collect();
        let come: Vec<&Trait> = new.traits.iter().filter(|now| find(&old.traits, &now.what).is_none()).collect();
        for was in &old.traits {
            // What hangs on something else that differs is not said again.
            let frame = match &was.what[..] {
                RUN => around,
                what => surroundings(what).fold(own, |frame, what| {
                    let both = [find(&old.traits, what), find(&new.traits, what)];
                    both.into_iter().filter_map(condition).fold(frame, |frame, holds| self.joint.and(frame, holds))
                }),
            };
            match find(&new.traits, &was.what) {
                Some(now) => self.changed(new, was, now, frame),
                None => match instead(was, &gone, &come) {
                    Some(now) => {
                        let ((what, is), (_, before)) = (parts(&now.what), parts(&was.what));
                        let message = format!("{}: {what} leads to {is}, was {before}", new.shown);
                        self.report(new, [Some(was.span), Some(now.span)], message, false);
                    }
                    None if is_implied(was, &gone, &new.traits) => {}
                    None => self.one_sided(new, was, false),
                },
            }
        }
        for now in &come {
            if instead(now, &come, &gone).is_none() && !is_implied(now, &come, &old.traits) {
                self.one_sided(new, now, true);
            }
        }
    }

    /// A test is one claim: all that is different about it is one difference.
    pub(super) fn test(&mut self, old: &Subject, new: &Subject) {
        let before = self.found.differences.len();
        self.traits(old, new);
        let found = self.found.differences.split_off(before);
        let shown = &new.shown;
        let parts = found.iter().map(|part| part.message.strip_prefix(shown.as_str()).unwrap_or(&part.message).trim());
        let parts: Vec<&str> = parts.collect();
        if !parts.is_empty() {
            let breaking = found.iter().any(|part| part.breaking);
            self.report(new, [Some(old.span), Some(new.span)], format!("{shown} {}", parts.join(", ")), breaking);
        }
    }

    /// A trait that only one side has.
    fn one_sided(&mut self, subject: &Subject, found: &Trait, is_new: bool) {
        let places = if is_new { [None, Some(found.span)] } else { [Some(found.span), None] };
        let (shown, what) = (&subject.shown, &found.what);
        let word = if is_new { "added" } else { "removed" };
        let (message, breaking) = match &found.value {
            Value::Evidence { .. } => return,
            Value::Text { .. } => {
                let of = if shown == "the workflow" { String::new() } else { format!(" of {shown}") };
                let word = if is_new { "new" } else { "gone" };
                return self.worded(subject, places, format!("the {what}{of} is {word}"));
            }
            Value::Given(value) => {
                let verb = if is_new { "assumes" } else { "no longer assumes" };
                (format!("{shown} {verb} `{what} = {value}`"), is_new)
            }
            Value::Expected(number) => {
                let verb = if is_new { "expects" } else { "no longer expects" };
                (format!("{shown} {verb} `{what}{}`", counted(*number)), !is_new)
            }
            Value::There(weaker) => {
                let breaking = *weaker == if is_new { Weaker::More } else { Weaker::Less };
                (format!("{shown}: {what} {word}"), breaking)
            }
            // Whatever a condition kept from happening can happen now.
            Value::When { verb, weaker, .. } => {
                let what = if what == verb { "condition" } else { what };
                (format!("{shown}: {what} {word}"), !is_new && *weaker != Weaker::Neither)
            }
            Value::Bound { written, .. } => (format!("{shown}: {what}, {written}, {word}"), !is_new),
            Value::Word(name) | Value::Filled(name) => (format!("{shown}: {what} `{name}` {word}"), false),
            Value::Item { shown: item, .. } => (format!("{shown}: {what} {item} {word}"), false),
            Value::Relation(_) => (format!("{shown}: {what} {word}"), false),
        };
        self.report(subject, places, message, breaking);
    }

    fn changed(&mut self, subject: &Subject, was: &Trait, now: &Trait, frame: Diagram) {
        let what = &now.what;
        let places = [Some(was.span), Some(now.span)];
        let of = |rest: &str| format!("{}: {rest}", subject.shown);
        let (message, breaking) = match (&was.value, &now.value) {
            (Value::When { .. }, Value::When { .. }) => return self.conditions(subject, was, now, frame),
            (Value::Relation(a), Value::Relation(b)) => {
                let (a, b) = (self.joint.and(*a, frame), self.joint.and(*b, frame));
                if self.joint.bare_gap(a, b) == FALSE && self.joint.bare_gap(b, a) == FALSE {
                    return;
                }
                (of(&format!("{what} changed")), false)
            }
            (
                Value::Bound { written: a, thousandths: from, limit: old_limit },
                Value::Bound { written: b, thousandths: to, limit: new_limit },
            ) => {
                // What a limit says is said of the limit.
                if from == to || (old_limit.is_some() && old_limit == new_limit) {
                    return;
                }
                let word = if to > from { "raised" } else { "lowered" };
                (of(&format!("{what} {word} from {a} to {b}")), to > from)
            }
            (Value::Evidence { written: a, claim: was }, Value::Evidence { written: b, claim: is }) if a != b => {
                let weaker = if *is && !*was { ", which is a claim" } else { "" };
                (of(&format!("{what} is {b}{weaker}, was {a}")), *is && !*was)
            }
            (Value::Word(a), Value::Word(b)) if a != b => (of(&format!("{what} is `{b}`, was `{a}`")), false),
            (Value::Item { key: a, shown: from }, Value::Item { key: b, shown: to }) if a != b => {
                (of(&format!("{what} is {to}, was {from}")), false)
            }
            (Value::Filled(a), Value::Filled(b)) if a != b => {
                (format!("agent `{b}` stands in the place of `{a}`"), false)
            }
            (Value::Given(a), Value::Given(b)) if a != b => {
                (format!("{} assumes `{what} = {b}`, was `{a}`", subject.shown), true)
            }
            (Value::Expected(a), Value::Expected(b)) if a != b => {
                let message =
                    format!("{} expects `{what}{}`, was `{}`", subject.shown, counted(*b), counted(*a).trim());
                (message, !is_tighter(*a, *b))
            }
            (Value::Text { content: a, .. }, Value::Text { content: b, .. }) if a != b => {
                let of = if subject.shown == "the workflow" { String::new() } else { format!(" of {}", subject.shown) };
                return self.worded(subject, places, format!("the {what}{of} is said differently"));
            }
            _ => return,
        };
        self.report(subject, places, message, breaking);
    }

    /// Where a condition holds now and did not, or the other way round.
    fn conditions(&mut self, subject: &Subject, was: &Trait, now: &Trait, frame: Diagram) {
        let (Value::When { condition: a, verb, weaker }, Value::When { condition: b, .. }) = (&was.value, &now.value)
        else {
            return;
        };
        let what = &now.what;
        let shown =
            if what == RUN || what == verb { subject.shown.clone() } else { format!("{}: {what}", subject.shown) };
        for (from, to, more) in [(*a, *b, false), (*b, *a, true)] {
            let within = self.joint.and(from, frame);
            let gap = self.joint.gap(within, to);
            if gap == FALSE {
                continue;
            }
            let case = self.told(gap, if more { *b } else { *a }, frame);
            let adverb = if more { "now" } else { "no longer" };
            let message = match (case, what == RUN && *verb == "runs") {
                (Case::Always, _) => format!("{shown} {adverb} {verb}"),
                (Case::Values(values), true) => {
                    let plural = if values.len() == 1 { "runs" } else { "run" };
                    format!("{} {adverb} {plural} {}", listed_values(&values), named(&subject.shown))
                }
                (Case::Values(values), false) => {
                    let fact = self.main_fact.unwrap_or_default();
                    format!("{shown} {adverb} {verb} when {fact} = {}", values.join(" | "))
                }
                (Case::Facts(facts, others), _) => {
                    let others = if others { ", among others" } else { "" };
                    format!("{shown} {adverb} {verb} when {facts}{others}")
                }
            };
            let breaking = *weaker == if more { Weaker::More } else { Weaker::Less };
            self.report(subject, [Some(was.span), Some(now.span)], message, breaking);
        }
    }

    /// When the two differ, for people. `whole`: when it held at all.
    fn told(&mut self, gap: Diagram, whole: Diagram, frame: Diagram) -> Case {
        let whole = self.joint.and(whole, frame);
        if self.joint.gap(whole, gap) == FALSE {
            return Case::Always;
        }
        if let Some(values) = self.main_fact.and_then(|fact| self.joint.values_of(fact, gap)) {
            return Case::Values(values);
        }
        let (facts, others) = self.joint.case(gap);
        let facts: Vec<String> = facts.into_iter().map(|(fact, value)| format!("{fact} = {value}")).collect();
        if facts.is_empty() { Case::Always } else { Case::Facts(facts.join(", "), others) }
    }
}

enum Case {
    Always,
    /// Exactly these values of the main fact.
    Values(Vec<String>),
    /// Some facts, and whether others do it, too.
    Facts(String, bool),
}

fn find<'t>(traits: &'t [Trait], what: &str) -> Option<&'t Trait> {
    traits.iter().find(|other| other.what == what)
}

fn run_of(traits: &[Trait]) -> Diagram {
    condition(find(traits, RUN)).unwrap_or(TRUE)
}

fn condition(of: Option<&Trait>) -> Option<Diagram> {
    match of?.value {
        Value::When { condition, .. } => Some(condition),
        _ => None,
    }
}

/// The names of all that something is part of.
fn surroundings(what: &str) -> impl Iterator<Item = &str> {
    let ends = what.char_indices().map(|(end, _)| end);
    ends.filter(|end| [" -> ", ": "].iter().any(|mark| what[*end..].starts_with(mark))).map(|end| &what[..end])
}

/// Where something leads, and from where: "option `fix`" and "redo build".
fn parts(what: &str) -> (&str, &str) {
    what.rsplit_once(" -> ").unwrap_or(("", what))
}

/// Where the same leads on the other side, when it is one way on both.
fn instead<'t>(found: &Trait, same_side: &[&Trait], other_side: &[&'t Trait]) -> Option<&'t Trait> {
    let is_way = |other: &Trait| matches!(other.value, Value::When { verb: "is taken", .. });
    let from = parts(&found.what).0;
    let is_from = |other: &Trait| is_way(other) && parts(&other.what).0 == from;
    if !is_way(found) || same_side.iter().filter(|other| is_from(other)).count() > 1 {
        return None;
    }
    let mut others = other_side.iter().filter(|other| is_from(other));
    others.next().copied().filter(|_| others.next().is_none())
}

/// Nothing needs to be said of a trait that only one side has: that something around it is there only there says it all.
fn is_implied(found: &Trait, same_side: &[&Trait], others: &[Trait]) -> bool {
    let of = match &found.value {
        Value::Text { of, .. } => of.as_deref(),
        _ => None,
    };
    // A bound goes with the way that it bounds.
    let bounded = found.what.strip_prefix("bound of ");
    of.is_some_and(|of| find(others, of).is_none())
        || bounded.is_some_and(|way| !others.iter().any(|other| other.what.starts_with(way)))
        || surroundings(&found.what).any(|around| same_side.iter().any(|other| other.what == around))
}

/// "`testing`" of "phase `testing`", where the kind says nothing more.
fn named(shown: &str) -> &str {
    shown.strip_prefix("phase ").unwrap_or(shown)
}

fn counted(number: Option<(Comparison, i64)>) -> String {
    number.map(|(comparison, number)| format!(" {} {number}", comparison.symbol())).unwrap_or_default()
}

/// Whatever the new number allows, the old one did.
fn is_tighter(old: Option<(Comparison, i64)>, new: Option<(Comparison, i64)>) -> bool {
    match (old, new) {
        (Some((Comparison::AtMost, old)), Some((Comparison::AtMost | Comparison::Equal, new))) => new <= old,
        (Some((Comparison::AtLeast, old)), Some((Comparison::AtLeast | Comparison::Equal, new))) => new >= old,
        _ => false,
    }
}

fn listed_values(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
