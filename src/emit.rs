//! What is made from a sound workflow: documents, plans, pictures.

pub mod graph;
pub mod plan;
mod prompt;
mod prose;
pub mod skill;
mod words;

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the output directory, with `/`.
    pub path: String,
    pub text: String,
}
