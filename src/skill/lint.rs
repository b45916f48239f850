//! What is checked in skill files, beside what they say about a workflow.
//!
//! A rule states where it comes from and which profile it belongs to; one without an origin does not exist, and neither do
//! opinions about style. A check is a function over [`World`]; those of one file see one document at a time, so that the
//! caller may look at many side by side.

mod allow;
mod file;
mod front_matter;
mod keys;
mod link;
mod names;
mod project;
mod safety;
mod structure;
pub mod workflow;
mod world;

use std::collections::BTreeSet;

use super::document::Document;
use super::folder::{Files, Skill};
use super::front_matter::{Fault, FrontMatter};
use crate::diagnostic::Code;
use crate::diagnostic::{self, Diagnostic};

pub use link::{may_want, wanted};
pub use project::Project;

/// Whose rules are asked for. Those of the specification always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Profile {
    /// The Agent Skills specification.
    Spec,
    /// What Claude Code adds, and what its API demands of skills.
    ClaudeCode,
    /// What a skill says about a workflow and the project around it.
    Workflow,
}

impl Profile {
    pub const ALL: [Profile; 3] = [Profile::Spec, Profile::ClaudeCode, Profile::Workflow];

    pub fn name(self) -> &'static str {
        match self {
            Profile::Spec => "spec",
            Profile::ClaudeCode => "claude-code",
            Profile::Workflow => "workflow",
        }
    }
}

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// <https://agentskills.io/specification>
    Specification,
    /// The documentation of Claude Code and of Agent Skills in Claude's API.
    ClaudeCode,
    /// CommonMark and GitHub's reading of it.
    Markdown,
    /// What Gatewright needs to understand a skill, or takes for unsafe.
    Project,
}

impl Origin {
    /// As it stands on the page of a rule.
    pub fn words(self) -> &'static str {
        match self {
            Origin::Specification => "the Agent Skills specification (agentskills.io, as of September 2026)",
            Origin::ClaudeCode => "the documentation of Claude Code and its skills (as of June 2026)",
            Origin::Markdown => "CommonMark 0.31 and GitHub's rendering of it",
            Origin::Project => "Gatewright",
        }
    }
}

/// A code with where it comes from.
#[derive(Debug)]
pub struct Rule {
    pub code: Code,
    pub profile: Profile,
    pub origin: Origin,
}

/// Declares the rules of one subject as statics, and the list `RULES` that registers them.
///
/// Each is `NAME: "SK401" "link-target-missing" Error Spec Markdown = "summary", "page", bad: "…", good: "…";`. An example
/// is a `SKILL.md`, or several files, each after a line `== path ==`; one that no text can show is empty.
macro_rules! declare_rules {
    ($($name:ident: $id:literal $slug:literal $severity:ident $profile:ident $origin:ident = $summary:literal, $page:literal, bad: $bad:expr, good: $good:expr;)*) => {
        $(
            #[doc = $summary]
            pub static $name: $crate::skill::lint::Rule = $crate::skill::lint::Rule {
                code: $crate::diagnostic::Code {
                    id: $id,
                    name: $slug,
                    severity: $crate::diagnostic::Severity::$severity,
                    summary: $summary,
                    page: $page,
                    bad: $bad,
                    good: $good,
                },
                profile: $crate::skill::lint::Profile::$profile,
                origin: $crate::skill::lint::Origin::$origin,
            };
        )*
        /// The rules of this file, in the order of their ids.
        pub static RULES: &[&$crate::skill::lint::Rule] = &[$(&$name),*];
    };
}
use declare_rules;

/// All rules, by file.
const RULES: &[&[&Rule]] = &[
    file::RULES,
    allow::RULES,
    front_matter::RULES,
    names::RULES,
    keys::RULES,
    link::RULES,
    structure::RULES,
    workflow::RULES,
    world::RULES,
    safety::RULES,
];

/// All rules, in the order of their ids.
pub fn rules() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = RULES.iter().flat_map(|rules| rules.iter().copied()).collect();
    rules.sort_by_key(|rule| rule.code.id);
    rules
}

/// The rule of a code.
pub fn rule(code: &Code) -> Option<&'static Rule> {
    RULES.iter().flat_map(|rules| rules.iter()).copied().find(|rule| rule.code == *code)
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Beside those of the specification, which always are.
    pub profiles: BTreeSet<Profile>,
    /// Codes that a project does not want to hear of, by id or name, in any file.
    pub allowed: BTreeSet<String>,
}

impl Default for Settings {
    /// The specification, and what a skill says about its workflow.
    fn default() -> Self {
        Settings { profiles: BTreeSet::from([Profile::Workflow]), allowed: BTreeSet::new() }
    }
}

impl Settings {
    fn asks(&self, rule: &Rule) -> bool {
        let is_allowed = self.allowed.contains(rule.code.id) || self.allowed.contains(rule.code.name);
        self.has(rule.profile) && !is_allowed
    }

    fn has(&self, profile: Profile) -> bool {
        profile == Profile::Spec || self.profiles.contains(&profile)
    }
}

/// Everything that checks look at.
#[derive(Debug)]
pub struct World<'f, 's> {
    pub files: &'f Files<'s>,
    pub skills: Vec<Skill<'f, 's>>,
    /// The front matter of each skill, or why there is none.
    matters: Vec<Result<FrontMatter, Option<Fault>>>,
    pub project: Project<'f>,
    pub settings: &'f Settings,
}

impl<'f, 's> World<'f, 's> {
    pub fn new(files: &'f Files<'s>, settings: &'f Settings) -> Self {
        let skills = files.skills();
        let matter = |skill: &Skill<'_, '_>| match &skill.main.front_matter {
            Some(block) if block.is_closed => super::front_matter::read(block).map_err(Some),
            _ => Err(None),
        };
        let matters: Vec<_> = skills.iter().map(matter).collect();
        let project = Project::new(files, &skills, &matters);
        World { files, skills, matters, project, settings }
    }

    /// Whether Claude Code reads a skill, so that what it knows is right there: it was asked for, or the skill lies in a folder
    /// of that client and nobody has asked for the specification by name.
    fn is_of_claude(&self, skill: &Skill<'_, '_>) -> bool {
        let asks = |profile: Profile| self.settings.profiles.contains(&profile);
        asks(Profile::ClaudeCode) || !asks(Profile::Spec) && skill.path.split('/').any(|folder| folder == ".claude")
    }

    /// The skill that a file belongs to.
    fn skill_of(&self, path: &str) -> Option<&Skill<'f, 's>> {
        let folder = self.files.skill_of(path)?;
        self.skills.binary_search_by_key(&folder, |skill| skill.path).ok().map(|index| &self.skills[index])
    }

    /// The skills that are asked for, by their places.
    pub fn asked_skills(&self) -> Vec<usize> {
        let is_asked =
            |index: &usize| self.files.is_asked(&super::folder::join(self.skills[*index].path, super::folder::MAIN));
        (0..self.skills.len()).filter(is_asked).collect()
    }

    /// The documents that are asked for.
    pub fn asked(&self) -> Vec<(&'f str, &'f Document<'s>)> {
        self.files.documents().filter(|(path, _)| self.files.is_asked(path)).collect()
    }
}

/// What is to be said about one document by itself; what is allowed in it is still among it.
pub fn of_document(world: &World<'_, '_>, path: &str, document: &Document<'_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    file::check(document, &mut found);
    link::check(world, path, document, &mut found);
    structure::of_document(world, path, document, &mut found);
    world::check(world, path, document, &mut found);
    safety::check(document, &mut found);
    found
}

/// What there is to say about one skill as a whole.
#[derive(Debug)]
pub struct OfSkill {
    pub found: Vec<Diagnostic>,
    /// It has numbered parts, and no phases were recognised among them: the workflow in it was not looked at.
    pub is_unrecognised: bool,
}

/// Looks at one skill as a whole, by its place in the world.
pub fn of_skill(world: &World<'_, '_>, index: usize) -> OfSkill {
    let mut found = Vec::new();
    let (skill, matter) = (&world.skills[index], &world.matters[index]);
    front_matter::check(skill, matter, &mut found);
    if let Ok(matter) = matter {
        names::check(skill, matter, &mut found);
        keys::check(world, skill, matter, &mut found);
    }
    structure::of_skill(world, skill, &mut found);
    let is_unrecognised = !workflow::check(skill, &mut found) && workflow::has_numbered_parts(skill);
    OfSkill { found, is_unrecognised }
}

/// What is to be said about all skills together and about files that could not be read.
pub fn of_all(world: &World<'_, '_>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    file::of_refused(world, &mut found);
    names::duplicates(world, &mut found);
    found
}

/// Leaves out what nobody asked for and what is allowed where it stands, reports allowances that nothing needs, and puts
/// the rest in order.
pub fn finish(world: &World<'_, '_>, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.retain(|found| rule(found.code).is_none_or(|rule| world.settings.asks(rule)));
    let mut found = allow::apply(world, found);
    diagnostic::sort(&mut found);
    found
}

/// Everything there is to say, in order.
pub fn lint(files: &Files<'_>, settings: &Settings) -> Vec<Diagnostic> {
    let world = World::new(files, settings);
    let mut found = of_all(&world);
    found.extend(world.asked_skills().into_iter().flat_map(|index| of_skill(&world, index).found));
    for (path, document) in world.asked() {
        found.extend(of_document(&world, path, document));
    }
    finish(&world, found)
}
