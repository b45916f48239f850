//! Which statement may stand in which body, and which only once.

use super::Named;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{Kind, ListWord, NodeKind, TextWord};

codes! {
    REPEATED_ITEM: "WF005" "repeated-item" Error = "Something that can be said once is said twice.",
        "A second `purpose`, `until` or `at most` would contradict or repeat the first; nothing is silently merged.",
        bad: "workflow w\n\nphase a {\n  purpose \"P\"\n  purpose \"Q\"\n}\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n}\n";
    MISPLACED_ITEM: "WF006" "misplaced-item" Error = "A statement stands where it has no meaning.",
        "The statement is read wherever it stands; the message says where it belongs.",
        bad: "workflow w\n\nphase a {\n  until 1 == 1\n}\n",
        good: "workflow w\n\nphase a {\n  purpose \"P\"\n}\n";
}

/// The bodies that hold statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    File,
    Loop,
    /// A `parallel` between phases.
    Side,
    Phase,
    Stage,
    /// A `parallel` inside a phase.
    Together,
    Each,
    Spawn,
    Gate,
    Agent,
    Skill,
    Procedure,
    Abort,
    Test,
    Document,
    Artifact,
}

impl Body {
    fn word(self) -> &'static str {
        match self {
            Body::File => "at the margin of a file",
            Body::Loop => "in a loop",
            Body::Side => "in a `parallel` between phases",
            Body::Together => "in a `parallel` inside a phase",
            Body::Phase => "in a phase",
            Body::Stage => "in a stage",
            Body::Each => "in an `each`",
            Body::Spawn => "in a spawn",
            Body::Gate => "in a gate",
            Body::Agent => "in an agent",
            Body::Skill => "in a skill",
            Body::Procedure => "in a procedure",
            Body::Abort => "in `abort`",
            Body::Test => "in a test",
            Body::Document => "in a document",
            Body::Artifact => "in an artifact",
        }
    }
}

/// The keyword of a statement.
pub fn keyword(kind: &Kind) -> &'static str {
    match kind {
        Kind::Node(node) => node.kind.word(),
        Kind::Item(item) if item.is_step => "step",
        Kind::Item(_) | Kind::Require(_) => "require",
        Kind::Until(_) => "until",
        Kind::Batch(_) => "batch",
        Kind::Text(text) => crate::syntax::text_word(text.word),
        Kind::List(word, _) => crate::syntax::list_word(*word),
        Kind::Produces(_) => "produces",
        Kind::On(_) => "on",
        Kind::Ask(_) => "ask",
        Kind::Override(_) => "override",
        Kind::Budget(_) => "budget",
        Kind::Decides(_) => "decides",
        Kind::Revises(_) => "revises",
        Kind::Requires(requires) if requires.is_skill => "requires skill",
        Kind::Requires(_) => "requires phase",
        Kind::Enum(_) => "enum",
        Kind::Fact(fact) if fact.is_input => "input",
        Kind::Fact(_) => "fact",
        Kind::Let(..) => "let",
        Kind::Limit(_) => "limit",
        Kind::Skip(_) => "skip",
        Kind::Agent(_) => "agent",
        Kind::Model(_) => "model",
        Kind::Skill(_) => "skill",
        Kind::Pairs(_) => "pairs",
        Kind::Procedure(_) => "procedure",
        Kind::Counter(..) => "counter",
        Kind::Context(_) => "context",
        Kind::Escalation(_) => "escalation",
        Kind::Abort(_) => "abort",
        Kind::Trigger(..) => "when",
        Kind::Route(..) => "route",
        Kind::Score(_) => "score",
        Kind::Use(_) => "use",
        Kind::Workflow(_) => "workflow",
        Kind::Insert(_) => "insert",
        Kind::Drop(_) => "drop",
        Kind::Test(..) => "test",
        Kind::Given(_) => "given",
        Kind::Expect(_) => "expect",
        Kind::Property(property) if property.never => "never",
        Kind::Property(_) => "always",
        Kind::Document(_) => "document",
        Kind::Section(_) => "section",
    }
}

/// The bodies a statement may stand in.
pub fn places(kind: &Kind) -> &'static [Body] {
    use Body::*;
    match kind {
        Kind::Node(node) => match node.kind {
            NodeKind::Phase => &[File, Loop, Side],
            NodeKind::Loop => &[File, Loop, Side],
            NodeKind::Parallel => &[File, Loop, Phase, Stage, Each],
            NodeKind::Stage => &[Phase, Together],
            NodeKind::Gate => &[File, Loop, Phase, Stage, Each],
            NodeKind::Each => &[Phase, Stage],
            NodeKind::Spawn => &[Phase, Stage, Together, Each],
        },
        Kind::Item(item) if item.is_step => &[Gate, Procedure, Phase, Stage, Each],
        Kind::Item(_) => &[Gate, Procedure, Phase, Stage],
        Kind::Require(_) => &[Gate, Phase, Stage],
        Kind::Until(_) => &[Loop],
        Kind::Batch(_) => &[Each],
        Kind::Text(text) => match text.word {
            TextWord::Purpose => &[Phase, Stage, Gate, Loop],
            TextWord::Prompt => &[Spawn],
            TextWord::Text => &[Phase, Stage, Gate, Loop, Each, Procedure],
            TextWord::Description | TextWord::Command => &[Document],
            TextWord::Output => &[File],
            TextWord::Path => &[Skill],
        },
        Kind::List(word, _) => match word {
            ListWord::Reads | ListWord::Skills => match word {
                ListWord::Skills => &[Phase, Stage, Spawn, Agent],
                _ => &[Phase, Stage, Spawn],
            },
            ListWord::Tools => &[Phase, Stage, Spawn, Agent, Document],
            ListWord::Writes => &[Spawn, Agent],
            ListWord::Returns => &[Spawn],
            ListWord::Checklist => &[Phase, Stage],
            ListWord::Keep => &[Gate],
            ListWord::KeepUnchanged => &[Phase, Stage, Spawn],
            ListWord::Sections => &[Artifact],
            ListWord::Related => &[Document],
        },
        Kind::Produces(_) => &[Phase, Stage, Spawn],
        Kind::On(_) => &[Gate, Phase, Stage, Spawn, Loop],
        Kind::Ask(_) => &[Gate, Abort],
        Kind::Override(_) => &[Gate, Phase, Loop, Procedure],
        Kind::Budget(_) => &[Phase, Stage, Spawn],
        Kind::Decides(_) | Kind::Revises(_) => &[Phase, Stage],
        Kind::Requires(requires) if requires.is_skill => &[File],
        Kind::Requires(_) => &[Phase],
        Kind::Model(_) => &[Agent, Spawn],
        Kind::Trigger(..) => &[Abort],
        Kind::Given(_) | Kind::Expect(_) => &[Test],
        Kind::Section(_) => &[Document],
        _ => &[File],
    }
}

/// The finding when a statement may not stand in this body.
pub fn misplaced(kind: &Kind, span: Span, body: Body) -> Option<Diagnostic> {
    let places = places(kind);
    if places.contains(&body) {
        return None;
    }
    let word = keyword(kind);
    let mut belongs: Vec<&str> = Vec::new();
    for place in places {
        if !belongs.contains(&place.word()) {
            belongs.push(place.word());
        }
    }
    let belongs = match &belongs[..] {
        [one] => (*one).to_string(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
        [] => String::new(),
    };
    let first = Span { end: span.start + word.split(' ').next().unwrap_or(word).len() as u32, ..span };
    Some(
        Diagnostic::new(&MISPLACED_ITEM, first, format!("`{word}` cannot stand {}", body.word()))
            .label("has no meaning here")
            .help(format!("it stands {belongs}")),
    )
}

/// The finding for the second of two statements or modifiers of which there can be one.
pub fn repeated(word: Named<'_>, first: Span) -> Diagnostic {
    Diagnostic::new(&REPEATED_ITEM, word.span, format!("`{}` is said twice", word.name))
        .label("said again here")
        .related(first, "first said here")
        .help("keep one of the two")
        .unsafe_fix("remove the second", word.span, "")
}
