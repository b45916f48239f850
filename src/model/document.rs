//! What the author says of the skill that is made.

use super::{Named, SkillName, Text};

#[derive(Debug)]
pub struct Document<'s> {
    pub name: Named<'s>,
    pub title: Option<Text<'s>>,
    pub description: Option<Text<'s>>,
    pub tools: Vec<Named<'s>>,
    pub command: Option<Text<'s>>,
    pub related: Vec<SkillName<'s>>,
    pub sections: Vec<Section<'s>>,
}

#[derive(Debug)]
pub struct Section<'s> {
    pub title: Text<'s>,
    /// Before (`true`) or after the generated section of this name; at the start when not said.
    pub position: Option<(bool, Named<'s>)>,
    pub text: Text<'s>,
}

/// The generated sections of SKILL.md that a section of the user's can be placed at, in their order.
pub static GENERATED_SECTIONS: &[&str] = &[
    "phases",
    "requires",
    "limits",
    "gates",
    "checkpoints",
    "abort",
    "references",
    "agents",
    "outputs",
    "rationalizations",
    "integration",
    "exit",
    "related",
];
