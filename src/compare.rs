//! What two versions of a workflow mean differently: what each promises, compared in every variant.
//!
//! Texts for readers, comments and the order of declarations are no meaning. A difference is breaking when a promise became
//! weaker: something that was checked, asked, done or proved no longer is, at least in some variant.

mod agents;
mod joint;
mod keys;
mod meaning;
mod order;
mod traits;

use serde::Serialize;

use crate::analysis::Analysis;
use crate::logic::Undecided;
use crate::model::{NodeId, listed};
use crate::source::Span;

use agents::Agents;
use joint::{Joint, Side};
use keys::Keys;
use meaning::{DOCUMENT, Meaning, Subject};

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

/// What is different, in the order of the new workflow, what is gone first.
#[derive(Debug, Default)]
pub struct Comparison {
    /// None: the two mean the same.
    pub differences: Vec<Difference>,
    /// What readers are told otherwise; none of these is breaking.
    pub wordings: Vec<Difference>,
}

/// Compares what two workflows mean, and what they say.
///
/// Fails when the conditions of both together are too large to be decided.
pub fn compare<'s>(old: &Analysis<'s>, new: &Analysis<'s>) -> Result<Comparison, Undecided> {
    let agents = Agents::of_both(&old.model, &new.model);
    let keys = [Keys::new(&old.model, &agents[0]), Keys::new(&new.model, &agents[1])];
    let mut joint = Joint::new(old, new, &keys);
    let mut before = Meaning::new(old, &agents[0], &keys[0], Side::Old, &mut joint);
    let mut after = Meaning::new(new, &agents[1], &keys[1], Side::New, &mut joint);
    meaning::pair(&mut before, &mut after);
    let main_fact_of = |side: &Analysis<'s>| Some(side.model.facts[side.main_fact()?.index()].name.name);
    let main_fact = main_fact_of(new).or_else(|| main_fact_of(old));
    let mut comparer = Comparer { joint, before: &before, after: &after, main_fact, found: Comparison::default() };
    comparer.gone();
    for key in &after.order {
        match before.subjects.get(key) {
            None => comparer.added(key, &after.subjects[key]),
            Some(old) if after.subjects[key].is_test => comparer.test(old, &after.subjects[key]),
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
    found: Comparison,
}

impl Comparer<'_, '_, '_> {
    /// Of a subject: what is said of it, and where that stands on each side.
    fn report(&mut self, subject: &Subject, places: [Option<Span>; 2], message: String, breaking: bool) {
        let [old, new] = places;
        self.found.differences.push(Difference { subject: subject.shown.clone(), message, breaking, old, new });
    }

    fn gone(&mut self) {
        for key in &self.before.order {
            let subject = &self.before.subjects[key];
            let around = subject.parent.as_ref();
            if !self.after.subjects.contains_key(key)
                && around.is_none_or(|parent| self.after.subjects.contains_key(parent))
            {
                let message = format!("{} removed", subject.shown);
                match key == DOCUMENT {
                    true => self.worded(subject, [Some(subject.span), None], message),
                    false => self.report(subject, [Some(subject.span), None], message, subject.promised),
                }
            }
        }
    }

    fn added(&mut self, key: &str, subject: &Subject) {
        if subject.parent.as_ref().is_none_or(|parent| self.before.subjects.contains_key(parent)) {
            let message = format!("{} added", subject.shown);
            match key == DOCUMENT {
                true => self.worded(subject, [None, Some(subject.span)], message),
                false => self.report(subject, [None, Some(subject.span)], message, false),
            }
        }
    }

    fn worded(&mut self, subject: &Subject, places: [Option<Span>; 2], message: String) {
        let [old, new] = places;
        self.found.wordings.push(Difference { subject: subject.shown.clone(), message, breaking: false, old, new });
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
        self.found.differences.push(Difference {
            subject: shown,
            message,
            breaking: moved.escaped.is_some(),
            old: None,
            new: Some(new.model.node(moved.node).span),
        });
    }
}
