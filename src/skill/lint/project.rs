//! The project around skills: which agents and skills there are, and what its configuration says.

use std::collections::BTreeSet;

use crate::skill::Skill;
use crate::skill::folder::{Content, Files, name, parent};
use crate::skill::front_matter::{self, Fault, FrontMatter};

/// What a project holds, as far as it was looked at.
#[derive(Debug, Default)]
pub struct Project<'f> {
    /// The folder that has `.claude` in it; nothing when the files belong to no project.
    pub root: Option<&'f str>,
    /// By the `name` of their front matter.
    pub agents: BTreeSet<String>,
    /// By the `name` of their front matter, and by their folders.
    pub skills: BTreeSet<String>,
    /// Paths and texts.
    pub configs: Vec<(&'f str, &'f str)>,
}

impl<'f> Project<'f> {
    pub fn new<'s>(
        files: &'f Files<'s>,
        skills: &[Skill<'f, 's>],
        matters: &[Result<FrontMatter, Option<Fault>>],
    ) -> Self {
        let mut project = Project::default();
        for (path, content) in files.iter() {
            project.root = project.root.or_else(|| root(path));
            match content {
                Content::Text(_, text) => project.configs.push((path, text)),
                Content::Document(document) if is_agent(path) => {
                    let block = document.front_matter.filter(|block| block.is_closed);
                    let matter = block.and_then(|block| front_matter::read(&block).ok());
                    project.agents.extend(matter.and_then(|matter| matter.text("name").map(str::to_owned)));
                }
                _ => {}
            }
        }
        for (skill, matter) in skills.iter().zip(matters) {
            project.skills.insert(skill.folder_name().to_owned());
            let name = matter.as_ref().ok().and_then(|matter| matter.text("name"));
            project.skills.extend(name.map(|name| name.trim().to_owned()));
        }
        project
    }
}

/// The folder that `.claude` lies in, of a path below that.
pub fn root(path: &str) -> Option<&str> {
    if path.starts_with(".claude/") {
        return Some("");
    }
    path.find("/.claude/").map(|at| if at == 0 { "/" } else { &path[..at] })
}

/// A file below the `agents` of a client's folder, and not in a skill's.
fn is_agent(path: &str) -> bool {
    let folders = parent(path).split('/').collect::<Vec<_>>();
    let agents = folders.iter().rposition(|folder| *folder == "agents");
    agents.is_some_and(|at| at > 0 && folders[at - 1].starts_with('.')) && name(path).ends_with(".md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_a_folder_of_its_client() {
        assert_eq!(root("/p/.claude/skills/a/SKILL.md"), Some("/p"));
        assert_eq!(root(".claude/a.md"), Some(""));
        assert_eq!(root("/p/skills/a.md"), None);
        assert!(is_agent("/p/.claude/agents/x/a.md") && !is_agent("/p/.claude/skills/s/agents/a.md"));
    }
}
