//! Skill folders: `SKILL.md` and the Markdown beside it, read with a place for everything.
//!
//! [`Document`] is one file as a strict CommonMark reader sees it, with spans down to the cells of tables; [`Files`] is
//! all files of a call, as data. What is asked of them stands in `lint`; nothing of a skill is ever executed.

pub mod anchor;
pub mod document;
pub mod facts;
pub mod folder;
pub mod front_matter;
pub mod generated;
pub mod import;
pub mod lint;
pub mod reference;

pub use document::Document;
pub use folder::{Content, Files, Refusal, Skill};
pub use front_matter::FrontMatter;
