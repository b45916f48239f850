//! What the tool has to say about an input: a code, a message, the places, and how to mend it.

use std::borrow::Cow;

use crate::source::Span;

/// How bad a finding is.
///
/// An error takes the workflow its meaning or breaks a promise; a warning leaves it a meaning, probably not the
/// intended one; a note tells what was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Note,
    Warning,
    Error,
}

impl Severity {
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A kind of finding: stable id and name, and the page that `wf explain` shows.
///
/// `bad` and `good` are whole files; the tests run both, and exactly this code must come out of `bad` and nothing
/// but notes out of `good`.
#[derive(Debug)]
pub struct Code {
    /// `WF101`. Never reused, never renumbered.
    pub id: &'static str,
    /// `unknown-name`: what is wrong, so that "allow unknown-name" reads well.
    pub name: &'static str,
    pub severity: Severity,
    /// One sentence.
    pub summary: &'static str,
    /// Why it matters and what to do, a paragraph or two of Markdown.
    pub page: &'static str,
    pub bad: &'static str,
    pub good: &'static str,
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl Eq for Code {}

/// Declares the codes of one subject as statics and the list `CODES` that registers them.
///
/// Each is `NAME: "WF101" "unknown-name" Error = "summary", "page", bad: "…", good: "…";`.
#[macro_export]
macro_rules! codes {
    ($($name:ident: $id:literal $slug:literal $severity:ident = $summary:literal, $page:literal, bad: $bad:expr, good: $good:expr;)*) => {
        $(
            #[doc = $summary]
            pub static $name: $crate::diagnostic::Code = $crate::diagnostic::Code {
                id: $id,
                name: $slug,
                severity: $crate::diagnostic::Severity::$severity,
                summary: $summary,
                page: $page,
                bad: $bad,
                good: $good,
            };
        )*
        /// The codes of this file, in the order of their ids.
        pub static CODES: &[&$crate::diagnostic::Code] = &[$(&$name),*];
    };
}

/// The files of an example by name: one, or several, each after a line `== name ==`.
pub fn example<'t>(text: &'t str, only: &'t str) -> Vec<(&'t str, String)> {
    let mut parts: Vec<(&str, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match (line.trim_end().strip_prefix("== ").and_then(|rest| rest.strip_suffix(" ==")), parts.last_mut()) {
            (Some(name), _) => parts.push((name, String::new())),
            (None, Some((_, part))) => part.push_str(line),
            (None, None) => parts.push((only, line.to_owned())),
        }
    }
    let last = parts.len().saturating_sub(1);
    for (_, text) in &mut parts[..last] {
        // The blank line before the next file is none of its text.
        if text.ends_with("\n\n") {
            text.pop();
        }
    }
    parts
}

/// A place with what is to be said about it; the text may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One replacement. An empty span inserts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

/// Whether a fix may be applied without a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// Keeps the meaning, or there is only one thing that can have been meant.
    Safe,
    /// Probably what was meant.
    Unsafe,
}

/// Edits that make the finding go away and no new one appear. The edits of a fix do not overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "write `implementation`".
    pub title: String,
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// A counter-example: the facts that matter, and the steps that lead to the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    pub variant: Vec<(String, String)>,
    pub steps: Vec<String>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub code: &'static Code,
    /// Lower case, no full stop, the user's words in backticks.
    pub message: String,
    pub primary: Label,
    /// The other party: where the name is declared, where the other claim stands.
    pub related: Vec<Label>,
    /// The facts of a counter-example, in the order in which they are declared; empty where none is shown.
    pub variant: Vec<(String, String)>,
    /// What happens in that variant, one thing after the other, up to the fault.
    pub steps: Vec<String>,
    pub notes: Vec<String>,
    pub help: Vec<String>,
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// Visits every place that it holds.
    pub fn spans(&mut self, visit: &mut dyn FnMut(&mut Span)) {
        visit(&mut self.primary.span);
        self.related.iter_mut().for_each(|label| visit(&mut label.span));
        self.fixes.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| visit(&mut edit.span));
    }

    pub fn new(code: &'static Code, span: Span, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            primary: Label { span, text: String::new() },
            related: Vec::new(),
            variant: Vec::new(),
            steps: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
            fixes: Vec::new(),
        }
    }

    /// What stands at the marked place, a few words.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Replaces `span` by `text`, safely.
    pub fn fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(title, Applicability::Safe, vec![Edit { span, text: text.into() }])
    }

    pub fn unsafe_fix(self, title: impl Into<String>, span: Span, text: impl Into<String>) -> Self {
        self.with_fix(title, Applicability::Unsafe, vec![Edit { span, text: text.into() }])
    }

    pub fn with_fix(mut self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> Self {
        self.fixes.push(Fix { title: title.into(), applicability, edits });
        self
    }

    /// A variant in which it goes wrong, and how it comes to that.
    pub fn example(mut self, example: Example) -> Self {
        self.variant = example.variant;
        self.steps = example.steps;
        self
    }

    pub fn severity(&self) -> Severity {
        self.code.severity
    }

    pub fn is_error(&self) -> bool {
        self.severity() == Severity::Error
    }
}

/// Puts findings into the one order in which they are shown: file, offset, code, message.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.primary.span, d.code.id);
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}

/// The findings of several files in the order in which they are shown; what was found in a file that others use, once.
pub fn merged(found: Vec<Vec<Diagnostic>>) -> Vec<Diagnostic> {
    let mut all: Vec<Diagnostic> = found.into_iter().flatten().collect();
    sort(&mut all);
    all.dedup_by(|a, b| {
        a.code == b.code && a.primary.span == b.primary.span && a.message == b.message && a.related == b.related
    });
    all
}

/// The candidate nearest to `name` by edit distance, if any is near enough to have been meant.
///
/// At most a third of the letters may differ. Of several that are equally near none is taken: nobody knows which was
/// meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut near = Near::new(name);
    candidates.into_iter().for_each(|candidate| near.offer(Candidate::new(candidate)));
    near.best
}

/// A name that may have been meant, with what is compared first: a large file holds ten thousand of them for each unknown
/// one, so most have to be passed over at a glance.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    pub name: &'a str,
    /// In characters.
    length: usize,
    /// The letters that occur, in lower case, as a set.
    letters: u64,
}

impl<'a> Candidate<'a> {
    pub fn new(name: &'a str) -> Self {
        let letters = name.bytes().fold(0, |set, byte| set | 1 << (byte.to_ascii_lowercase() & 63));
        Candidate { name, length: name.chars().count(), letters }
    }

    /// Whether so many edits may lead from one to the other: each changes the length by at most one, takes away at most
    /// one letter and brings at most one.
    fn may_be_within(self, edits: usize, other: Candidate<'_>) -> bool {
        let few = |letters: u64| letters.count_ones() as usize <= edits;
        self.length.abs_diff(other.length) <= edits
            && few(self.letters & !other.letters)
            && few(other.letters & !self.letters)
    }
}

fn lower(name: &str) -> Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.to_lowercase())
}

/// Both without what they begin and end with in common, which changes nothing about their distance.
fn differing<'t>(a: &'t str, b: &'t str) -> (&'t str, &'t str) {
    let both = |(a, b): &(char, char)| a == b;
    let start: usize = a.chars().zip(b.chars()).take_while(both).map(|(a, _)| a.len_utf8()).sum();
    let (a, b) = (&a[start..], &b[start..]);
    let end: usize = a.chars().rev().zip(b.chars().rev()).take_while(both).map(|(a, _)| a.len_utf8()).sum();
    (&a[..a.len() - end], &b[..b.len() - end])
}

/// The search for the nearest of many names.
pub struct Near<'n, 'a> {
    name: Candidate<'n>,
    lower: Cow<'n, str>,
    /// A candidate counts from here down.
    within: Option<usize>,
    /// How far the best one is away.
    nearest: Option<usize>,
    pub best: Option<&'a str>,
}

impl<'n, 'a> Near<'n, 'a> {
    pub fn new(name: &'n str) -> Self {
        let name = Candidate::new(name);
        Near { name, lower: lower(name.name), within: Some(name.length / 3), nearest: None, best: None }
    }

    /// Offers all candidates that fit. Those that are one edit away come first, for most slips are of one letter, and
    /// then nothing else has to be measured.
    pub fn offer_all<K: Copy>(
        &mut self,
        candidates: &[(K, impl AsRef<[Candidate<'a>]>)],
        fits: impl Fn(K, &'a str) -> bool,
    ) {
        for edits in [1, usize::MAX] {
            if self.nearest.is_none() {
                self.within = Some(edits.min(self.name.length / 3));
                for (kind, candidates) in candidates {
                    for candidate in candidates.as_ref() {
                        self.offer_if(*candidate, || fits(*kind, candidate.name));
                    }
                }
            }
        }
    }

    fn offer(&mut self, candidate: Candidate<'a>) {
        self.offer_if(candidate, || true);
    }

    /// Offers a candidate if `fits`; that is asked only when it is near enough to count.
    fn offer_if(&mut self, candidate: Candidate<'a>, fits: impl FnOnce() -> bool) {
        let Some(distance) = self.distance(candidate) else { return };
        if self.best == Some(candidate.name) || !fits() {
            return;
        }
        if self.nearest == Some(distance) {
            // As near as the best so far: nobody knows which was meant, and only a nearer one can tell.
            self.best = None;
            self.within = distance.checked_sub(1);
        } else {
            self.best = Some(candidate.name);
            self.nearest = Some(distance);
            self.within = Some(distance);
        }
    }

    /// How far a candidate is away, if it is near enough.
    #[inline]
    fn distance(&self, candidate: Candidate<'_>) -> Option<usize> {
        let within = self.within?;
        if !self.name.may_be_within(within, candidate) {
            return None;
        }
        self.measured(candidate, within)
    }

    fn measured(&self, candidate: Candidate<'_>, within: usize) -> Option<usize> {
        if candidate.name == self.name.name {
            return None;
        }
        let lower = lower(candidate.name);
        let (ours, theirs) = differing(&self.lower, &lower);
        Some(strsim::osa_distance(ours, theirs)).filter(|distance| *distance <= within)
    }

    /// Candidates without an order of their own: among equals the first in the alphabet wins, and those offered before
    /// them win over all.
    pub fn offer_unordered(&mut self, candidates: impl IntoIterator<Item = Candidate<'a>>) {
        if let Some(nearest) = self.nearest {
            self.within = nearest.checked_sub(1);
        }
        let found =
            candidates.into_iter().filter_map(|candidate| Some((self.distance(candidate)?, candidate.name))).min();
        self.best = found.map(|(_, candidate)| candidate).or(self.best);
    }
}
