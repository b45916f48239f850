//! How long a generated file may be.

use super::super::File;

/// Lines and tokens of one file; the sizes that clients recommend for skills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    pub lines: usize,
    /// `None`: only lines count.
    pub tokens: Option<usize>,
}

/// SKILL.md is read whole whenever the skill is used.
pub const SKILL: Budget = Budget { lines: 500, tokens: Some(5000) };
/// A reference is read when it is needed.
pub const REFERENCE: Budget = Budget { lines: 400, tokens: None };

/// About four characters of English or Markdown make a token.
pub fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

impl Budget {
    pub fn holds(self, text: &str) -> bool {
        text.lines().count() <= self.lines && self.tokens.is_none_or(|limit| tokens(text) <= limit)
    }
}

/// A file that is longer than its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    pub path: String,
    /// By how much, as a sentence about the file.
    pub message: String,
}

/// The files that are longer than their budget.
pub fn over_budget(files: &[File]) -> Vec<Over> {
    let mut over = Vec::new();
    for file in files {
        let budget = if file.path.ends_with("/SKILL.md") { SKILL } else { REFERENCE };
        if !budget.holds(&file.text) {
            let lines = file.text.lines().count();
            let tokens = tokens(&file.text);
            let limit = match budget.tokens {
                Some(limit) => format!("{} lines and {limit} tokens", budget.lines),
                None => format!("{} lines", budget.lines),
            };
            let message = format!("`{}` has {lines} lines and about {tokens} tokens; its budget is {limit}", file.path);
            over.push(Over { path: file.path.clone(), message });
        }
    }
    over
}
