//! References in texts: `${phase implementation}`, `${count phases when …}`, `${vendor}`.
//!
//! Each is resolved once, when all names are known; whoever prints a text looks the answer up.

use super::condition::{Condition, Scope};
use super::lower::{Lowering, ValueId};
use super::names::{Kind, listed};
use super::*;
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};

codes! {
    UNKNOWN_REFERENCE: "WF110" "unknown-reference" Error = "A text refers to something that does not exist.",
        "`${…}` in a text is a checked reference: its number, name, file or link is written when the document is made. \
         Write `$${` for a literal `${`.",
        bad: "workflow w\n\nphase plan {\n  purpose \"See ${phase plann}\"\n}\n",
        good: "workflow w\n\nphase plan {\n  purpose \"See ${phase plan}\"\n}\n";
    REFERENCE_CYCLE: "WF111" "reference-cycle" Error = "A constant is made of itself.",
        "The text of the constant refers, directly or through others, to the constant. It has no value.",
        bad: "workflow w\n\nlet a = \"x/${b}\"\n\nlet b = \"y/${a}\"\n\nphase p {\n  purpose \"In ${a}\"\n}\n",
        good: "workflow w\n\nlet a = \"x/${b}\"\n\nlet b = \"y\"\n\nphase p {\n  purpose \"In ${a}\"\n}\n";
}

/// What a reference stands for.
#[derive(Debug, Clone)]
pub enum Target<'s> {
    /// A phase, stage, gate or loop: its number or title.
    Node(NodeId),
    Count(Counted, Option<Box<Condition>>),
    /// The names of a gate's requirements.
    List(NodeId),
    Artifact(ArtifactId),
    Let(LetId),
    Limit(LimitId),
    /// A fact or input: a placeholder in documents, its value in a run.
    Fact(FactId),
    /// Known only in a run: `run`, the task of an `each`, the parameter of a procedure.
    Variable(&'s str),
    Link(Page),
    /// The texts that this one has replaced.
    Inherited(Vec<Text<'s>>),
}

/// What can be counted in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    Phases,
    Gates,
    Stages,
    Agents,
    /// The items of a gate.
    Items(NodeId),
}

/// A page of the generated skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Phase(NodeId),
    Gate(NodeId),
    Procedure(ProcedureId),
    Gates,
    Checkpoints,
    Agents,
    Recovery,
    Limits,
    Rationalizations,
    Exit,
}

/// The pages that `${link NAME}` can name.
const PAGES: &[(&str, Page)] = &[
    ("gates", Page::Gates),
    ("checkpoints", Page::Checkpoints),
    ("agents", Page::Agents),
    ("recovery", Page::Recovery),
    ("limits", Page::Limits),
    ("rationalizations", Page::Rationalizations),
    ("exit", Page::Exit),
];

impl<'s> Lowering<'_, 's> {
    /// Resolves all references that lowering has met.
    pub(super) fn resolve_prose(&mut self) {
        let mut prose = std::mem::take(&mut self.model.prose);
        self.model.targets.reserve(prose.len());
        let mut next = 0;
        while let Some((text, node)) = prose.get(next).copied() {
            next += 1;
            if self.model.targets.contains_key(&text.span) {
                continue;
            }
            let mut targets = Vec::new();
            for reference in crate::syntax::text::references(text.raw) {
                let span = reference.span(text.span);
                let inner = Span { start: span.start + 2, end: span.start + 2 + reference.inner.len() as u32, ..span };
                if !reference.closed {
                    self.model.suspects.extend(super::names::words(self.slice(inner)));
                    let open = Span { end: span.start + 2, ..span };
                    self.report(
                        Diagnostic::new(&UNKNOWN_REFERENCE, open, "this `${` is never closed")
                            .label("opened here")
                            .help("close it with `}` on the same line, or write `$${` for a literal `${`"),
                    );
                    targets.push(None);
                    continue;
                }
                targets.push(self.reference(inner, node, text.span));
                // What is inherited has references of its own.
                prose.append(&mut self.model.prose);
            }
            targets.shrink_to_fit();
            self.model.targets.insert(text.span, targets);
        }
        self.model.prose = prose;
        self.constants_end();
        self.prompt_reads();
    }

    /// No constant is made of itself; one finding per circle, at its first constant.
    fn constants_end(&mut self) {
        let parts: Vec<Vec<LetId>> = self.model.lets.iter().map(|constant| self.parts(constant)).collect();
        let mut reported = vec![false; parts.len()];
        for start in 0..parts.len() {
            let mut seen = vec![false; parts.len()];
            let mut open = parts[start].clone();
            while let Some(next) = open.pop() {
                if !std::mem::replace(&mut seen[next.index()], true) {
                    open.extend(&parts[next.index()]);
                }
            }
            // Everything on a circle sees the whole circle; the first one written reports it.
            if seen[start] && !reported[start] {
                (0..parts.len()).filter(|other| seen[*other]).for_each(|other| reported[other] = true);
                let name = self.model.lets[start].name;
                self.report(
                    Diagnostic::new(&REFERENCE_CYCLE, name.span, format!("`{}` is made of itself", name.name))
                        .label("has no value")
                        .help("write out one of the constants in the circle"),
                );
            }
        }
    }

    fn parts(&self, constant: &Let<'s>) -> Vec<LetId> {
        let Value::Text(text) = &constant.value else { return Vec::new() };
        let targets = self.model.targets.get(&text.span).into_iter().flatten().flatten();
        targets.filter_map(|target| if let Target::Let(id) = target { Some(*id) } else { None }).collect()
    }

    /// An artifact that a prompt or gate names is read there, unless something around it produces or reads it. The task
    /// of a spawn is part of its prompt.
    fn prompt_reads(&mut self) {
        let mut reads: Vec<(NodeId, Read)> = Vec::new();
        for (text, node) in &self.model.prose {
            let is_prompt = match self.model.detail(*node) {
                Detail::Work(work) => {
                    let node = self.model.node(*node);
                    let task = node.title.filter(|_| node.kind == NodeKind::Spawn);
                    task.is_some_and(|task| task.span == text.span)
                        || work.prompts.iter().any(|prompt| self.is_in(text.span, prompt.text.span))
                }
                Detail::Gate(_) => true,
                _ => false,
            };
            if !is_prompt {
                continue;
            }
            for (artifact, span) in self.model.artifacts_named(text) {
                let twice = reads.iter().any(|(other, read)| other == node && read.artifact == artifact);
                if !twice && !self.model.lists_around(*node, artifact) {
                    reads.push((*node, Read { artifact, optional: false, in_text: true, span }));
                }
            }
        }
        for (node, read) in reads {
            self.model.add_read(node, read);
        }
    }

    /// A text is another, or part of what it has inherited.
    fn is_in(&self, part: Span, whole: Span) -> bool {
        let inherited = self.file.inherited.iter().filter(|(own, _)| *own == whole).flat_map(|(_, base)| base);
        part == whole || inherited.into_iter().any(|base| self.is_in(part, *base))
    }

    /// `text`: where the whole text begins.
    fn reference(&mut self, span: Span, node: NodeId, text: Span) -> Option<Target<'s>> {
        let inner = self.slice(span);
        let mut words = inner.split_whitespace();
        let first = words.next().unwrap_or_default();
        let second = words.next();
        let third = words.next();
        match (first, second, third) {
            ("phase", Some(name), None) => self.node_reference(Kind::Phase, name, span),
            ("stage", Some(name), None) => self.node_reference(Kind::Stage, name, span),
            ("gate", Some(name), None) => self.node_reference(Kind::Gate, name, span),
            ("loop", Some(name), None) => self.node_reference(Kind::Loop, name, span),
            ("limit", Some(name), None) => self.value_reference(name, span, node),
            ("list", Some(name), None) => match self.node_reference(Kind::Gate, name, span)? {
                Target::Node(gate) => Some(Target::List(gate)),
                _ => None,
            },
            ("count", Some(name), rest) => self.count_reference(name, rest, span),
            ("link", Some(kind), name) => self.link_reference(kind, name, span),
            ("inherited", None, None) if self.names.get(Kind::Value, self.named(span)).is_none() => {
                self.inherited(span, node, text)
            }
            (name, None, None) => self.value_reference(name, span, node),
            _ => {
                self.report(
                    Diagnostic::new(&UNKNOWN_REFERENCE, span, format!("`${{{inner}}}` is no reference"))
                        .label("cannot be read")
                        .help("a reference is a name, or `phase x`, `gate x`, `count x`, `list x`, `limit x`, `link x`; write `$${` for a literal `${`"),
                );
                None
            }
        }
    }

    /// The texts of the base that a text stands for.
    fn inherited(&mut self, span: Span, node: NodeId, text: Span) -> Option<Target<'s>> {
        let found = self.file.inherited.iter().find(|(own, _)| *own == text).map(|(_, base)| base.clone());
        let Some(base) = found.filter(|base| !base.is_empty()) else {
            self.report(
                Diagnostic::new(&UNKNOWN_REFERENCE, span, "this text inherits nothing")
                    .label("the base has no such text")
                    .help("leave the reference out; it stands for the texts of a base that this one replaces"),
            );
            return None;
        };
        Some(Target::Inherited(base.into_iter().map(|span| self.text(span, node)).collect()))
    }

    /// The name `word` where it stands inside the reference.
    fn word_in(&self, word: &str, span: Span) -> Named<'s> {
        let inner = self.slice(span);
        let offset = word.as_ptr() as usize - inner.as_ptr() as usize;
        let start = span.start + offset as u32;
        let span = Span { start, end: start + word.len() as u32, ..span };
        self.named(span)
    }

    fn node_reference(&mut self, kind: Kind, word: &str, span: Span) -> Option<Target<'s>> {
        let name = self.word_in(word, span);
        let found = self.names.get(kind, name);
        if found.is_none() {
            let candidates = self.names.of_kind(kind, span.file);
            self.unknown_reference(kind.word(), name, &candidates);
        }
        found.map(|declared| Target::Node(NodeId::new(declared.index)))
    }

    fn unknown_reference(&mut self, what: &str, name: Named<'s>, candidates: &[&str]) {
        if self.is_unread(name.name) {
            return;
        }
        let mut diagnostic = Diagnostic::new(
            &UNKNOWN_REFERENCE,
            name.span,
            format!("this text refers to the unknown {what} `{}`", name.name),
        )
        .label("nothing has this name");
        diagnostic = match nearest(name.name, candidates.iter().copied()) {
            Some(near) => {
                // It was probably meant, so it is used.
                let value =
                    self.names.get(Kind::Value, Named { name: near, ..name }).map(|declared| self.slice(declared.span));
                let artifact = self.names.get(Kind::Artifact, Named { name: near, ..name });
                let artifact = artifact.map(|declared| self.model.artifacts[declared.index].name.name);
                self.model.suspects.extend(value.or(artifact));
                diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name.span, near)
            }
            None => diagnostic.help("declare it, or write `$${` for a literal `${`"),
        };
        self.report(diagnostic);
    }

    fn count_reference(&mut self, word: &str, rest: Option<&str>, span: Span) -> Option<Target<'s>> {
        let counted = match word {
            "phases" => Counted::Phases,
            "gates" => Counted::Gates,
            "stages" => Counted::Stages,
            "agents" => Counted::Agents,
            _ => match self.names.get(Kind::Gate, self.word_in(word, span)) {
                Some(declared) => Counted::Items(NodeId::new(declared.index)),
                None => {
                    let known: Vec<&str> = ["phases", "gates", "stages", "agents"]
                        .into_iter()
                        .chain(self.names.of_kind(Kind::Gate, span.file))
                        .collect();
                    let name = self.word_in(word, span);
                    self.unknown_reference("gate", name, &known);
                    return None;
                }
            },
        };
        let Some(rest) = rest else { return Some(Target::Count(counted, None)) };
        let inner = self.slice(span);
        let condition = (rest == "when").then(|| {
            let offset = rest.as_ptr() as usize - inner.as_ptr() as usize + rest.len();
            Span { start: span.start + offset as u32, ..span }
        });
        let written =
            condition.and_then(|span| crate::syntax::parse_condition(span.file, self.file.text_of(span.file), span));
        let Some(written) = written else {
            self.report(
                Diagnostic::new(&UNKNOWN_REFERENCE, span, format!("`${{{inner}}}` is no reference"))
                    .label("the condition cannot be read")
                    .help("write it as `${count phases when FACT == VALUE}`"),
            );
            return None;
        };
        Some(Target::Count(counted, Some(Box::new(self.condition(&written, Scope::Flow)))))
    }

    fn link_reference(&mut self, kind: &str, name: Option<&str>, span: Span) -> Option<Target<'s>> {
        let page = match (kind, name) {
            ("phase", Some(name)) => self.node_reference(Kind::Phase, name, span).map(|target| match target {
                Target::Node(node) => Page::Phase(node),
                _ => Page::Gates,
            })?,
            ("gate", Some(name)) => self.node_reference(Kind::Gate, name, span).map(|target| match target {
                Target::Node(node) => Page::Gate(node),
                _ => Page::Gates,
            })?,
            ("procedure", Some(name)) => match self.names.get(Kind::Procedure, self.word_in(name, span)) {
                Some(declared) => Page::Procedure(ProcedureId::new(declared.index)),
                None => {
                    let known = self.names.of_kind(Kind::Procedure, span.file);
                    let name = self.word_in(name, span);
                    self.unknown_reference("procedure", name, &known);
                    return None;
                }
            },
            (page, None) if PAGES.iter().any(|(name, _)| *name == page) => {
                PAGES.iter().find(|(name, _)| *name == page).map(|(_, page)| *page)?
            }
            _ => {
                let known: Vec<&str> = PAGES.iter().map(|(name, _)| *name).collect();
                let name = self.word_in(kind, span);
                let diagnostic = Diagnostic::new(&UNKNOWN_REFERENCE, name.span, format!("`{}` is no page", name.name))
                    .label("nothing to link to")
                    .help(format!("link to `phase x`, `gate x`, `procedure x`, {}", listed(&known)));
                self.report(diagnostic);
                return None;
            }
        };
        Some(Target::Link(page))
    }

    fn value_reference(&mut self, word: &str, span: Span, node: NodeId) -> Option<Target<'s>> {
        let name = self.word_in(word, span);
        let in_procedure = node.index() == 0
            && self
                .model
                .procedures
                .iter()
                .any(|procedure| procedure.parameters.iter().any(|other| other.name == word));
        let is_task = self
            .model
            .ancestors(node)
            .any(|id| self.model.node(id).kind == NodeKind::Each && self.model.node(id).name.name == word);
        if word == "run" || in_procedure || is_task {
            return Some(Target::Variable(name.name));
        }
        if let Some(declared) = self.names.get(Kind::Value, self.without_version(name.span)) {
            if let Some(artifact) = self.names.get(Kind::Artifact, name) {
                self.report(
                    Diagnostic::new(
                        &super::names::DUPLICATE_NAME,
                        name.span,
                        format!("`{word}` names a fact, input, limit or `let`, and an artifact"),
                    )
                    .label("which of them is meant")
                    .related(declared.span, "declared here")
                    .related(artifact.span, "and here")
                    .help("rename one of the two"),
                );
            }
            return Some(match self.values[declared.index] {
                ValueId::Fact(id) => {
                    self.model.facts[id.index()].read = true;
                    Target::Fact(id)
                }
                ValueId::Let(id) => {
                    self.model.lets[id.index()].used = true;
                    Target::Let(id)
                }
                ValueId::Limit(id) => {
                    self.model.limits[id.index()].used = true;
                    Target::Limit(id)
                }
            });
        }
        if let Some(declared) = self.names.get(Kind::Artifact, name) {
            let id = ArtifactId::new(declared.index);
            let own = self.model.artifacts[id.index()].producers.contains(&node);
            self.model.artifacts[id.index()].read |= !own;
            return Some(Target::Artifact(id));
        }
        let known =
            [self.names.of_kind(Kind::Value, span.file), self.names.of_kind(Kind::Artifact, span.file), vec!["run"]]
                .concat();
        self.unknown_reference("name", name, &known);
        None
    }
}
