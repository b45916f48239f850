//! What two versions of a workflow mean differently: what each promises, compared in every variant.
//!
//! Texts, comments and the order of declarations are no meaning. A difference is breaking when a promise became weaker:
//! something that was checked, asked, done or proved no longer is, at least in some variant.

mod joint;
mod keys;
mod meaning;
mod order;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::logic::{Diagram, FALSE, TRUE, Undecided};
use crate::model::{NodeId, listed};
use crate::source::Span;

use joint::{Joint, Side};
use keys::Keys;
use meaning::{Meaning, RUN, Subject, Value, Weaker};

/// Something that the two mean differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What it is about: "phase `testing`".
    pub subject: String,
    /// The whole sentence.
    pub message: String,
    /// A promise became weaker.
    pub breaking: bool,
    /// Where it stands in the old one, if it does.
    #[serde(skip)]
    pub old: Option<Span>,
    #[serde(skip)]
    pub new: Option<Span>,
}

/// The differences in the order of the new workflow, what is gone first. None: the two mean the same.
///
/// Fails when the conditions of both together are too large to be decided.
pub fn compare<'s>(old: &Analysis<'s>, new: &Analysis<'s>) -> Result<Vec<Difference>, Undecided> {
    let keys = [Keys::new(&old.model), Keys::new(&new.model)];
    let mut joint = Joint::new(old, new, &keys);
    let before = Meaning::new(old, &keys[0], Side::Old, &mut joint);
    let after = Meaning::new(new, &keys[1], Side::New, &mut joint);
    let main_fact_of = |side: &Analysis<'s>| Some(side.model.facts[side.main_fact()?.index()].name.name);
    let main_fact = main_fact_of(new).or_else(|| main_fact_of(old));
    let mut comparer = Comparer { joint, before: &before, after: &after, main_fact, found: Vec::new() };
    comparer.gone();
    for key in &after.order {
        match before.subjects.get(key) {
            None => comparer.added(&after.subjects[key]),
            Some(old) => comparer.traits(old, &after.subjects[key]),
        }
    }
    for moved in order::moved([old, new], &keys) {
        comparer.moved(new, &moved);
    }
    comparer.joint.decided()?;
    Ok(comparer.found)
}

struct Comparer<'m, 'a, 's> {
    joint: Joint<'a, 's>,
    before: &'m Meaning,
    after: &'m Meaning,
    main_fact: Option<&'m str>,
    found: Vec<Difference>,
}

impl Comparer<'_, '_, '_> {
    fn report(&mut self, old: Option<&Subject>, new: Option<&Subject>, message: String, breaking: bool) {
        let Some(subject) = new.or(old) else { return };
        self.found.push(Difference {
            subject: subject.shown.clone(),
            message,
            breaking,
            old: old.map(|subject| subject.span),
            new: new.map(|subject| subject.span),
        });
    }

    fn gone(&mut self) {
        for key in &self.before.order {
            let subject = &self.before.subjects[key];
            let around = subject.parent.as_ref();
            if !self.after.subjects.contains_key(key)
                && around.is_none_or(|parent| self.after.subjects.contains_key(parent))
            {
                self.report(Some(subject), None, format!("{} removed", subject.shown), subject.promised);
            }
        }
    }

    fn added(&mut self, subject: &Subject) {
        if subject.parent.as_ref().is_none_or(|parent| self.before.subjects.contains_key(parent)) {
            self.report(None, Some(subject), format!("{} added", subject.shown), false);
        }
    }

    /// Under which condition a subject runs.
    fn run(meaning: &Meaning, key: Option<&String>) -> Diagram {
        let traits = key.and_then(|key| meaning.subjects.get(key)).map(|subject| &subject.traits[..]);
        run_of(traits.unwrap_or_default())
    }

    fn traits(&mut self, old: &Subject, new: &Subject) {
        let around = {
            let (old, new) = (Self::run(self.before, old.parent.as_ref()), Self::run(self.after, new.parent.as_ref()));
            self.joint.and(old, new)
        };
        let own = self.joint.and(run_of(&old.traits), run_of(&new.traits));
        for was in &old.traits {
            let now = new.traits.iter().find(|now| now.what == was.what);
            // What hangs on something else that differs is not said again.
            let frame = if was.what == RUN { around } else { own };
            match now {
                Some(now) => self.changed(old, new, &was.what, (&was.value, &now.value), frame),
                None => {
                    let breaking = match &was.value {
                        Value::There(weaker) => *weaker == Weaker::Less,
                        // Whatever a condition kept from happening can happen now.
                        Value::When { weaker, .. } => *weaker != Weaker::Neither,
                        Value::Bound { .. } => true,
                        Value::Word(_) | Value::Relation(_) | Value::Evidence { .. } => false,
                    };
                    if !matches!(was.value, Value::Evidence { .. }) {
                        let what = trait_shown(&was.what, &was.value);
                        self.report(Some(old), Some(new), format!("{}: {what} removed", new.shown), breaking);
                    }
                }
            }
        }
        for now in new.traits.iter().filter(|now| !old.traits.iter().any(|was| was.what == now.what)) {
            if !matches!(now.value, Value::Evidence { .. }) {
                let breaking = now.value == Value::There(Weaker::More);
                let what = trait_shown(&now.what, &now.value);
                self.report(Some(old), Some(new), format!("{}: {what} added", new.shown), breaking);
            }
        }
    }

    fn changed(&mut self, old: &Subject, new: &Subject, what: &str, values: (&Value, &Value), frame: Diagram) {
        let of = |what: &str| format!("{}: {what}", new.shown);
        match values {
            (Value::When { condition: a, verb, weaker }, Value::When { condition: b, .. }) => {
                let subject = if what == RUN || what == *verb { new.shown.clone() } else { of(what) };
                for (from, to, more) in [(*a, *b, false), (*b, *a, true)] {
                    let within = self.joint.and(from, frame);
                    let gap = self.joint.gap(within, to);
                    if gap == FALSE {
                        continue;
                    }
                    let case = self.told(gap, if more { *b } else { *a }, frame);
                    let adverb = if more { "now" } else { "no longer" };
                    let message = match (case, what == RUN && *verb == "runs") {
                        (Case::Always, _) => format!("{subject} {adverb} {verb}"),
                        (Case::Values(values), true) => {
                            let plural = if values.len() == 1 { "runs" } else { "run" };
                            let name = named(&new.shown);
                            format!("{} {adverb} {plural} {name}", listed_values(&values))
                        }
                        (Case::Values(values), false) => {
                            let fact = self.main_fact.unwrap_or_default();
                            format!("{subject} {adverb} {verb} when {fact} = {}", values.join(" | "))
                        }
                        (Case::Facts(facts, others), _) => {
                            let others = if others { ", among others" } else { "" };
                            format!("{subject} {adverb} {verb} when {facts}{others}")
                        }
                    };
                    let breaking = *weaker == if more { Weaker::More } else { Weaker::Less };
                    self.report(Some(old), Some(new), message, breaking);
                }
            }
            (Value::Relation(a), Value::Relation(b)) => {
                let (a, b) = (self.joint.and(*a, frame), self.joint.and(*b, frame));
                if self.joint.bare_gap(a, b) != FALSE || self.joint.bare_gap(b, a) != FALSE {
                    self.report(Some(old), Some(new), of(&format!("{what} changed")), false);
                }
            }
            (
                Value::Bound { written: a, thousandths: from, limit: old_limit },
                Value::Bound { written: b, thousandths: to, limit: new_limit },
            ) => {
                // What a limit says is said of the limit.
                let by_limit = old_limit.is_some() && old_limit == new_limit;
                if from != to && !by_limit {
                    let word = if to > from { "raised" } else { "lowered" };
                    let message = of(&format!("{what} {word} from {a} to {b}"));
                    self.report(Some(old), Some(new), message, to > from);
                }
            }
            (Value::Evidence { written: a, claim: was }, Value::Evidence { written: b, claim: is }) if a != b => {
                let weaker = if *is && !*was { ", which is a claim" } else { "" };
                self.report(Some(old), Some(new), of(&format!("{what} is {b}{weaker}, was {a}")), *is && !*was);
            }
            (Value::Word(a), Value::Word(b)) if a != b => {
                self.report(Some(old), Some(new), of(&format!("{what} is `{b}`, was `{a}`")), false);
            }
            _ => {}
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

    fn moved(&mut self, new: &Analysis<'_>, moved: &order::Moved) {
        let names = |nodes: &[NodeId]| {
            let mut names: Vec<&str> = nodes.iter().map(|node| new.model.node(*node).name.name).collect();
            names.dedup();
            match &names[..] {
                [first, second, third, _, ..] => {
                    format!("`{first}`, `{second}`, `{third}` and {} more", names.len() - 3)
                }
                _ => listed(&names),
            }
        };
        let mut parts = Vec::new();
        for (word, nodes) in [("before", &moved.before), ("after", &moved.after), ("beside", &moved.beside)] {
            if !nodes.is_empty() {
                parts.push(format!("{word} {}", names(nodes)));
            }
        }
        let shown = meaning::shown(new, moved.node);
        let mut message = format!("{shown} now stands {}", parts.join(" and "));
        if let Some((gate, held)) = moved.escaped {
            let name = |node: NodeId| new.model.node(node).name.name;
            message.push_str(&format!(", so `{}` no longer holds back `{}`", name(gate), name(held)));
        }
        self.found.push(Difference {
            subject: shown,
            message,
            breaking: moved.escaped.is_some(),
            old: None,
            new: Some(new.model.node(moved.node).span),
        });
    }
}

enum Case {
    Always,
    /// Exactly these values of the main fact.
    Values(Vec<String>),
    /// Some facts, and whether others do it, too.
    Facts(String, bool),
}

fn run_of(traits: &[meaning::Trait]) -> Diagram {
    let run = traits.iter().find(|one| one.what == RUN).map(|one| &one.value);
    match run {
        Some(Value::When { condition, .. }) => *condition,
        _ => TRUE,
    }
}

/// "`testing`" of "phase `testing`", where the kind says nothing more.
fn named(shown: &str) -> &str {
    shown.strip_prefix("phase ").unwrap_or(shown)
}

fn trait_shown(what: &str, value: &Value) -> String {
    match value {
        Value::Word(word) => format!("{what} `{word}`"),
        Value::Bound { written, .. } => format!("{what}, {written},"),
        Value::When { verb, .. } if what == *verb => "condition".to_string(),
        _ => what.to_string(),
    }
}

fn listed_values(values: &[String]) -> String {
    match values {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
