//! Which names exist, where they were declared, and what to say when one does not.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Named;
use crate::codes;
use crate::diagnostic::{Candidate, Diagnostic, Near, nearest};
use crate::source::{FileId, PerFile, Span};
use crate::syntax::ast::Layer;

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
    /// In the order in which a name of the wrong kind is looked for: the answer of a gate is the gate first.
    const ALL: [Kind; 9] = [
        Kind::Phase,
        Kind::Stage,
        Kind::Gate,
        Kind::Loop,
        Kind::Artifact,
        Kind::Agent,
        Kind::Procedure,
        Kind::Value,
        Kind::Enum,
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
}

/// What of the shared namespace is expected at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// A fact, an input, or the answer of a gate.
    Fact,
    /// A limit or a `let`.
    Number,
}

impl Expected {
    fn words(self) -> &'static [&'static str] {
        match self {
            Expected::Fact => &["fact", "input", "gate"],
            Expected::Number => &["limit", "let"],
        }
    }

    fn word(self) -> &'static str {
        match self {
            Expected::Fact => "fact",
            Expected::Number => "limit",
        }
    }
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {}", if word == "let" { "`let`" } else { word })
}

fn any_of(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

/// Where a name was declared, and the index of what it names in the vector of its kind.
#[derive(Debug, Clone, Copy)]
pub struct Declared {
    pub span: Span,
    pub index: usize,
}

/// So many names are listed where none is near.
const MOST_NAMED: usize = 8;

#[derive(Debug)]
pub struct Names<'a, 's> {
    /// One map per kind.
    declared: [FxHashMap<&'s str, Declared>; 9],
    /// Names that a file declares which no other sees together with the first one of this name.
    apart: Vec<(Kind, &'s str, Declared)>,
    /// What each file sees, when there are several.
    layers: &'a PerFile<Layer<'s>>,
    /// See [`Names::candidates`].
    candidates: RefCell<[Rc<[Candidate<'s>]>; 9]>,
    /// Of each name of the shared namespace, by its index: `fact`, `input`, `gate`, `limit` or `let`.
    value_words: Vec<&'static str>,
}

impl<'a, 's> Names<'a, 's> {
    pub fn new(layers: &'a PerFile<Layer<'s>>) -> Self {
        let (declared, apart, candidates, value_words) = Default::default();
        Names { declared, apart, layers, candidates, value_words }
    }

    /// Declares a name; `Err` is the finding when it exists already.
    pub fn declare(&mut self, kind: Kind, name: Named<'s>, index: usize) -> Result<(), Box<Diagnostic>> {
        let declared = Declared { span: name.span, index };
        if let Some(first) = self.all(kind, name.name).find(|other| self.meet(other.span.file, name.span.file)) {
            let what = if kind == Kind::Value { "" } else { kind.word() };
            let message = format!("{what} `{}` is declared twice", name.name).trim_start().to_string();
            let diagnostic = Diagnostic::new(&DUPLICATE_NAME, name.span, message)
                .label("declared again here")
                .related(first.span, "first declared here")
                .help("rename one of the two");
            return Err(Box::new(diagnostic));
        }
        if self.declared[kind as usize].contains_key(name.name) {
            self.apart.push((kind, name.name, declared));
        } else {
            self.declared[kind as usize].insert(name.name, declared);
        }
        Ok(())
    }

    /// What a name means in the file that it stands in.
    pub fn get(&self, kind: Kind, name: Named<'_>) -> Option<Declared> {
        let (from, name) = self.local(name);
        self.all(kind, name.name).find(|declared| self.sees(from, declared.span.file))
    }

    /// All declarations of a name, whoever sees them.
    fn all(&self, kind: Kind, name: &str) -> impl Iterator<Item = Declared> {
        let apart = self.apart.iter().filter(move |(other, called, _)| *other == kind && *called == name);
        self.declared[kind as usize].get(name).copied().into_iter().chain(apart.map(|(.., declared)| *declared))
    }

    fn sees(&self, from: FileId, file: FileId) -> bool {
        from == file || self.layers.get(from).is_some_and(|layer| layer.sees.contains(file.index()))
    }

    /// Some file sees both.
    fn meet(&self, one: FileId, other: FileId) -> bool {
        let (one, other) = (one.index(), other.index());
        one == other || self.layers.iter().any(|(_, layer)| layer.sees.contains(one) && layer.sees.contains(other))
    }

    /// The file in which a name is looked up, and what is looked up there: `x.name` where `x` is another name of a file.
    fn local<'n>(&self, name: Named<'n>) -> (FileId, Named<'n>) {
        let from = name.span.file;
        if let Some((first, rest)) = name.name.split_once('.')
            && let Some(layer) = self.layers.get(from)
            && let Some((_, file)) = layer.aliases.iter().find(|(alias, _)| *alias == first)
        {
            let start = name.span.start + first.len() as u32 + 1;
            return (*file, Named { name: rest, span: Span { start, ..name.span } });
        }
        (from, name)
    }

    /// The same name behind a name of a file that is nearly the one that is written.
    fn alias_near(&self, name: Named<'_>) -> Option<String> {
        let (first, rest) = name.name.split_once('.')?;
        let layer = self.layers.get(name.span.file)?;
        let near = nearest(first, layer.aliases.iter().map(|(alias, _)| *alias))?;
        Some(format!("{near}.{rest}"))
    }

    /// The name by which the file can reach what it does not see as its own.
    fn behind_alias(&self, kinds: &[Kind], name: Named<'_>) -> Option<String> {
        let layer = self.layers.get(name.span.file)?;
        let declares = |file: FileId| {
            kinds.iter().any(|kind| self.all(*kind, name.name).any(|declared| self.sees(file, declared.span.file)))
        };
        let (alias, _) = layer.aliases.iter().find(|(_, file)| declares(*file))?;
        Some(format!("{alias}.{}", name.name))
    }

    /// The names of a kind in the order of declaration, for suggestions that never vary. Put in order when the first is
    /// unknown: a file without a fault never asks.
    fn candidates(&self, kind: Kind) -> Rc<[Candidate<'s>]> {
        let declared = &self.declared[kind as usize];
        let candidates = &mut self.candidates.borrow_mut()[kind as usize];
        if candidates.len() != declared.len() {
            let mut names: Vec<(usize, &'s str)> = declared.iter().map(|(name, it)| (it.index, *name)).collect();
            names.sort_unstable();
            *candidates = names.into_iter().map(|(_, name)| Candidate::new(name)).collect();
        }
        Rc::clone(candidates)
    }

    /// The names of a kind that the file sees.
    pub fn of_kind(&self, kind: Kind, from: FileId) -> Vec<&'s str> {
        let seen = |name: &&str| self.all(kind, name).any(|declared| self.sees(from, declared.span.file));
        self.candidates(kind).iter().map(|candidate| candidate.name).filter(seen).collect()
    }

    pub fn add_value_word(&mut self, word: &'static str) {
        self.value_words.push(word);
    }

    /// What to say about a name that is none of `kinds`, and the name that was probably meant; nothing when it may stand
    /// in a piece that was not read.
    pub fn unknown(
        &self,
        kinds: &[Kind],
        name: Named<'s>,
        unread: &Words<'s>,
        only: Option<Expected>,
    ) -> Option<(Diagnostic, Option<&'s str>)> {
        if unread.contains(name.name) || name.name.split('.').any(|part| unread.contains(part)) {
            return None;
        }
        let word_of = |kind: Kind, declared: Declared| match kind {
            Kind::Value => self.value_words.get(declared.index).copied().unwrap_or("fact"),
            kind => kind.word(),
        };
        let expected_words: Vec<String> = kinds
            .iter()
            .flat_map(|kind| match (kind, only) {
                (Kind::Value, Some(only)) => only.words().iter().map(|word| with_article(word)).collect(),
                (kind, _) => vec![with_article(kind.word())],
            })
            .filter(|word| only.is_none() || word != "a gate")
            .collect();
        let expected = any_of(&expected_words);
        let known: Vec<(Kind, Rc<[Candidate<'s>]>)> =
            kinds.iter().map(|kind| (*kind, self.candidates(*kind))).collect();
        let alias = self.behind_alias(kinds, name);
        let other = Kind::ALL.into_iter().find_map(|kind| self.get(kind, name).map(|declared| (kind, declared)));
        let (from, name) = self.local(name);
        let fits = |kind: Kind, name: &str| {
            self.all(kind, name).any(|declared| {
                self.sees(from, declared.span.file)
                    && only.is_none_or(|only| kind != Kind::Value || only.words().contains(&word_of(kind, declared)))
            })
        };
        // What stands in pieces that could not be read may have been meant as well.
        let mut near = Near::new(name.name);
        near.offer_all(&known, fits);
        near.offer_unordered(unread.candidates.iter().copied());
        let near = near.best;
        let candidates: Vec<&'s str> = known
            .iter()
            .flat_map(|(kind, names)| names.iter().map(|candidate| (*kind, candidate.name)))
            .filter(|(kind, name)| fits(*kind, name))
            .take(MOST_NAMED)
            .map(|(_, name)| name)
            .collect();
        let diagnostic = match other {
            Some((kind, declared)) => {
                let word = word_of(kind, declared);
                let diagnostic = Diagnostic::new(
                    &WRONG_KIND,
                    name.span,
                    format!("`{}` is {}, not {expected}", name.name, with_article(word)),
                )
                .label(format!("{expected} is expected here"))
                .related(declared.span, format!("the {word} is declared here"));
                match kind {
                    Kind::Phase | Kind::Stage if only == Some(Expected::Fact) => {
                        diagnostic.help(format!("`ran({})` asks whether it ran", name.name))
                    }
                    _ => suggest(diagnostic, name, near, &candidates, unread),
                }
            }
            None => {
                let word = match (kinds, only) {
                    ([Kind::Value], Some(only)) => only.word(),
                    ([kind], _) => kind.word(),
                    _ => "name",
                };
                let diagnostic = Diagnostic::new(&UNKNOWN_NAME, name.span, format!("unknown {word} `{}`", name.name))
                    .label(format!("{expected} is expected here"));
                let other_file = self.alias_near(name);
                match alias.or(other_file) {
                    Some(alias) if name.name.contains('.') => diagnostic.help(format!("did you mean `{alias}`?")).fix(
                        format!("write `{alias}`"),
                        name.span,
                        alias,
                    ),
                    Some(alias) => {
                        let help = format!("another file declares it: write `{alias}`");
                        diagnostic.help(help).fix(format!("write `{alias}`"), name.span, alias)
                    }
                    None => suggest(diagnostic, name, near, &candidates, unread),
                }
            }
        };
        Some((diagnostic, near))
    }
}

fn suggest(
    diagnostic: Diagnostic,
    name: Named<'_>,
    near: Option<&str>,
    candidates: &[&str],
    unread: &Words<'_>,
) -> Diagnostic {
    match (near, candidates) {
        (Some(near), _) => {
            diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
        }
        (None, []) if unread.is_empty() => diagnostic.help("this file declares none"),
        (None, []) => diagnostic.help("it may stand in the item that could not be read"),
        (None, [one]) => diagnostic.help(format!("declared is `{one}`")),
        (None, several) => diagnostic.help(format!("declared are {}", listed(several))),
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

/// Words that may have been names: of them nothing else is known.
#[derive(Debug, Default)]
pub struct Words<'s> {
    known: FxHashSet<&'s str>,
    candidates: Vec<Candidate<'s>>,
    /// They may have been any.
    pub unlimited: bool,
}

impl<'s> Words<'s> {
    pub fn contains(&self, word: &str) -> bool {
        self.unlimited || self.known.contains(word)
    }

    pub fn is_empty(&self) -> bool {
        self.known.is_empty() && !self.unlimited
    }

    pub fn iter(&self) -> impl Iterator<Item = &'s str> {
        self.candidates.iter().map(|candidate| candidate.name)
    }
}

impl<'s> Extend<&'s str> for Words<'s> {
    fn extend<T: IntoIterator<Item = &'s str>>(&mut self, words: T) {
        for word in words {
            if self.known.insert(word) {
                self.candidates.push(Candidate::new(word));
            }
        }
    }
}

/// All words of a text that could be names.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')))
        .map(|word| word.trim_matches('-'))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
}
