//! Which names exist, where they were declared, and what to say when one does not.

use std::collections::{HashMap, HashSet};

use super::Named;
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;

codes! {
    UNKNOWN_NAME: "WF101" "unknown-name" Error = "A name is used that nothing declares.",
        "Every name in a workflow is checked. The message names the nearest one of the kind that is expected there; \
         findings that would only follow from the unknown name are not reported.",
        bad: "workflow w\n\nphase plan {\n  produces outline\n}\n\nphase build {\n  reads outlin\n}\n",
        good: "workflow w\n\nphase plan {\n  produces outline\n}\n\nphase build {\n  reads outline\n}\n";
    DUPLICATE_NAME: "WF102" "duplicate-name" Error = "A name is declared twice.",
        "Kinds have a namespace each, so an artifact and a phase may share a name. Inputs, facts, lets, limits and the \
         answers of gates share one, because conditions and texts name them without saying which they mean.",
        bad: "workflow w\n\nphase plan\n\nphase plan\n",
        good: "workflow w\n\nphase plan\n\nphase build\n";
    WRONG_KIND: "WF103" "wrong-kind" Error = "A name is used as something it is not.",
        "The name exists, but as another kind of thing than the one that is expected at this place.",
        bad: "workflow w\n\nphase plan\n\nphase build {\n  reads plan\n}\n",
        good: "workflow w\n\nphase plan {\n  produces plan\n}\n\nphase build {\n  reads plan\n}\n";
    UNSUPPORTED: "WF120" "unsupported-item" Error = "The item is part of the language and not compiled yet.",
        "`use`, `extends`, `insert` and `drop` are read and formatted, and their meaning across files is still to come. \
         Until then a workflow stands in one file.",
        bad: "use \"agents.wf\"\n\nworkflow w\n\nphase plan\n",
        good: "workflow w\n\nphase plan\n";
}

/// The kinds of names. Each is a namespace of its own; `Value` is the one that inputs, facts, lets, limits and the
/// answers of gates share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Enum,
    Value,
    Artifact,
    Agent,
    Procedure,
    Phase,
    Stage,
    Gate,
    Loop,
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Enum,
        Kind::Value,
        Kind::Artifact,
        Kind::Agent,
        Kind::Procedure,
        Kind::Phase,
        Kind::Stage,
        Kind::Gate,
        Kind::Loop,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Kind::Enum => "enum",
            Kind::Value => "fact",
            Kind::Artifact => "artifact",
            Kind::Agent => "agent",
            Kind::Procedure => "procedure",
            Kind::Phase => "phase",
            Kind::Stage => "stage",
            Kind::Gate => "gate",
            Kind::Loop => "loop",
        }
    }

    fn with_article(self) -> String {
        let article = if matches!(self, Kind::Enum | Kind::Artifact | Kind::Agent) { "an" } else { "a" };
        let word = if self == Kind::Value { "fact, input, limit or `let`" } else { self.word() };
        format!("{article} {word}")
    }
}

/// Where a name was declared, and the index of what it names in the vector of its kind.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    pub span: Span,
    pub index: usize,
}

#[derive(Debug, Default)]
pub struct Names<'s> {
    /// One map per kind, in the order of [`Kind::ALL`].
    declared: [HashMap<&'s str, Declared>; 9],
    /// The names of each kind in the order of declaration, for suggestions that never vary.
    order: [Vec<&'s str>; 9],
}

impl<'s> Names<'s> {
    /// Declares a name; `Err` is the finding when it exists already.
    pub fn declare(&mut self, kind: Kind, name: Named<'s>, index: usize) -> Result<(), Box<Diagnostic>> {
        if let Some(first) = self.declared[kind as usize].get(name.name) {
            let what = if kind == Kind::Value { "" } else { kind.word() };
            let message = format!("{what} `{}` is declared twice", name.name).trim_start().to_string();
            let diagnostic = Diagnostic::new(&DUPLICATE_NAME, name.span, message)
                .label("declared again here")
                .related(first.span, "first declared here")
                .help("rename one of the two");
            return Err(Box::new(diagnostic));
        }
        self.declared[kind as usize].insert(name.name, Declared { span: name.span, index });
        self.order[kind as usize].push(name.name);
        Ok(())
    }

    pub fn get(&self, kind: Kind, name: &str) -> Option<Declared> {
        self.declared[kind as usize].get(name).copied()
    }

    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &'s str> + '_ {
        self.order[kind as usize].iter().copied()
    }

    /// What to say about a name that is none of `kinds`; nothing when it may stand in a piece that was not read.
    pub fn unknown(&self, kinds: &[Kind], name: Named<'s>, suspects: &HashSet<&'s str>) -> Option<Diagnostic> {
        if suspects.contains(name.name) {
            return None;
        }
        let expected = kinds.iter().map(|kind| kind.with_article()).collect::<Vec<_>>().join(" or ");
        let other = Kind::ALL.into_iter().find_map(|kind| self.get(kind, name.name).map(|declared| (kind, declared)));
        // What stands in pieces that could not be read may have been meant as well.
        let mut unread: Vec<&str> = suspects.iter().copied().collect();
        unread.sort_unstable();
        let near = nearest(name.name, kinds.iter().flat_map(|kind| self.of_kind(*kind)).chain(unread));
        let mut diagnostic = match other {
            Some((kind, declared)) => Diagnostic::new(
                &WRONG_KIND,
                name.span,
                format!("`{}` is {}, not {expected}", name.name, kind.with_article()),
            )
            .label(format!("{expected} is expected here"))
            .related(declared.span, format!("the {} is declared here", kind.word())),
            None => {
                let word = if let [kind] = kinds { kind.word() } else { "name" };
                Diagnostic::new(&UNKNOWN_NAME, name.span, format!("unknown {word} `{}`", name.name))
                    .label(format!("{expected} is expected here"))
            }
        };
        match near {
            Some(near) => {
                diagnostic =
                    diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near);
            }
            None => {
                let known: Vec<&str> = kinds.iter().flat_map(|kind| self.of_kind(*kind)).take(8).collect();
                diagnostic = match known.len() {
                    0 => diagnostic.help(format!("this file declares no {}", kinds[0].word())),
                    _ => diagnostic.help(format!("declared are {}", listed(&known))),
                };
            }
        }
        Some(diagnostic)
    }
}

/// "`a`, `b` and `c`".
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [before @ .., last] => {
            let before = before.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("{before} and `{last}`")
        }
    }
}

/// All words of a text that could be names.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
        .map(|word| word.trim_matches('-'))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
}
