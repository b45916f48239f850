//! What is made from a sound workflow: documents, plans, pictures, its variants and dry runs.

mod cast;
pub mod graph;
pub mod plan;
mod prompt;
mod prose;
pub mod seal;
pub mod simulation;
pub mod skill;
pub mod variants;
mod words;

use crate::model::Model;
use sha2::{Digest, Sha256};

/// One generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the output directory, with `/`.
    pub path: String,
    pub text: String,
}

/// The SHA-256 of all that a workflow was made from, in hexadecimal: what every generated file says of itself.
fn hash_of(model: &Model<'_>) -> String {
    let mut hash = Sha256::new();
    model.texts().for_each(|text| hash.update(text.as_bytes()));
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
