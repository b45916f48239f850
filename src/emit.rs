//! What is made from a sound workflow: documents, plans, pictures, its variants and dry runs.

pub mod graph;
pub mod plan;
mod prompt;
mod prose;
pub mod simulation;
pub mod skill;
pub mod variants;
mod words;

use sha2::{Digest, Sha256};

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the output directory, with `/`.
    pub path: String,
    pub text: String,
}

/// The SHA-256 of a source, in hexadecimal: what every generated file says of itself.
fn hash_of(source: &str) -> String {
    Sha256::digest(source.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
