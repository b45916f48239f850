//! What the outside world knows: agents, skills, commands and limits that exist whether or not a workflow says so.

use super::Named;
use crate::source::Wanted;

/// What `use … from` has found. `None`: no registry of this kind is named, or one of them could not be read, and what it
/// would have held is unknown.
#[derive(Debug, Default)]
pub struct Registry<'s> {
    pub agents: Option<Vec<KnownAgent<'s>>>,
    pub skills: Option<Vec<KnownSkill<'s>>>,
    pub commands: Option<Vec<Named<'s>>>,
    pub limits: Option<Vec<Key<'s>>>,
    /// Kinds that are named and could not be read.
    pub broken: Vec<Wanted>,
}

/// An agent as its file says. A place without width stands for a name that is taken from the file's.
#[derive(Debug, Clone)]
pub struct KnownAgent<'s> {
    pub name: Named<'s>,
    /// Its first sentence.
    pub description: Option<&'s str>,
    pub model: Option<&'s str>,
    /// `None`: it is not restricted, or its file does not tell.
    pub tools: Option<Vec<Named<'s>>>,
    pub skills: Option<Vec<Named<'s>>>,
}

#[derive(Debug, Clone)]
pub struct KnownSkill<'s> {
    pub name: Named<'s>,
    /// Which of the folders it lies in, from 0: the first is nearest at hand.
    pub tier: usize,
    /// Its file, from where the folder is that is named.
    pub path: &'s str,
}

/// A key of a file of limits, with the keys around it: `orchestrator.test_fix_retries`.
#[derive(Debug, Clone)]
pub struct Key<'s> {
    pub path: String,
    pub name: Named<'s>,
    /// `None`: it is no whole number.
    pub value: Option<i64>,
}

impl<'s> Registry<'s> {
    pub fn agent(&self, name: &str) -> Option<&KnownAgent<'s>> {
        self.agents.iter().flatten().find(|agent| agent.name.name == name)
    }

    /// The skill of a name; of several the one that is nearest at hand.
    pub fn skill(&self, name: &str) -> Option<&KnownSkill<'s>> {
        self.skills.iter().flatten().filter(|skill| skill.name.name == name).min_by_key(|skill| skill.tier)
    }

    pub fn limit(&self, path: &str) -> Option<&Key<'s>> {
        self.limits.iter().flatten().find(|key| key.path == path)
    }
}
