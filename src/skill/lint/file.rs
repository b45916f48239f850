//! SK0: the file itself, before anything in it is understood.

use super::{World, declare_rules};
use crate::diagnostic::{Diagnostic, Edit};
use crate::skill::Document;
use crate::skill::folder::{Content, MAIN, Refusal, name, parent};
use crate::source::Span;

declare_rules! {
    SKILL_FILE_MISSING: "SK001" "skill-file-missing" Error Spec Specification = "A folder of skills holds one without a SKILL.md.",
        "A skill is a folder with a file `SKILL.md`, written so; clients pass over a folder that has none. A file that is nearly \
         called so is probably meant.",
        bad: "== skills/deploying/skill.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== skills/deploying/SKILL.md ==\n---\nname: deploying\ndescription: Deploys the site. Use when a release is due.\n---\n";
    NOT_UTF8: "SK002" "not-utf8" Error Spec Markdown = "A Markdown file is not UTF-8.",
        "Nobody can tell what its letters are, so it was not read. Save it as UTF-8.",
        bad: "", good: "";
    BYTE_ORDER_MARK: "SK003" "byte-order-mark" Warning Spec Project = "A file begins with a byte order mark.",
        "It is invisible, and UTF-8 needs none. Readers that look for `---` in the first three bytes find no front matter behind it.",
        bad: "\u{FEFF}---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n";
    MIXED_LINE_ENDS: "SK004" "mixed-line-ends" Warning Spec Project = "Some lines of a file end in CRLF and some in LF.",
        "Tools that compare or replace text line by line find differences that nobody sees.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nOne.\r\nTwo.\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nOne.\nTwo.\n";
    NUL_CHARACTER: "SK005" "nul-character" Error Spec Markdown = "A file holds a character U+0000.",
        "CommonMark replaces it, YAML forbids it, and many tools stop reading there: what stands behind it may not be seen by all.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nA\0B\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nAB\n";
    FILE_TOO_LARGE: "SK006" "file-too-large" Error Spec Project = "A Markdown file is too large to be read.",
        "No file that an agent is to read comes near the limit, so it was not opened. Split it, or keep data in files that are not \
         Markdown.",
        bad: "", good: "";
}

/// Nobody reads a list of more places than this.
const MAX_PLACES: usize = 3;

pub fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let text = document.text;
    if text.starts_with('\u{FEFF}') {
        let span = document.place(0..'\u{FEFF}'.len_utf8());
        let message = "the file begins with a byte order mark";
        found.push(Diagnostic::new(&BYTE_ORDER_MARK.code, span, message).fix("remove it", span, ""));
    }
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        let span = document.place(at..at + 1);
        let message = "the file holds a character U+0000";
        found.push(Diagnostic::new(&NUL_CHARACTER.code, span, message).unsafe_fix("remove it", span, ""));
    }
    line_ends(document, found);
}

fn line_ends(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let text = document.text;
    if memchr::memchr(b'\r', text.as_bytes()).is_none() {
        return;
    }
    let (crlf, lf): (Vec<usize>, Vec<usize>) =
        text.match_indices('\n').map(|(at, _)| at).partition(|at| text[..*at].ends_with('\r'));
    if crlf.is_empty() || lf.is_empty() {
        return;
    }
    let few_are_crlf = crlf.len() <= lf.len();
    let (few, others, end) = if few_are_crlf { (&crlf, "LF", "\n") } else { (&lf, "CRLF", "\r\n") };
    let span = |at: &usize| document.place(at - usize::from(few_are_crlf)..at + 1);
    let kind = if few_are_crlf { "CRLF" } else { "LF" };
    let message = format!("{} lines end in {kind}, all others in {others}", few.len());
    let message = if few.len() == 1 { format!("this line ends in {kind}, all others in {others}") } else { message };
    let mut diagnostic = Diagnostic::new(&MIXED_LINE_ENDS.code, span(&few[0]), message);
    for at in few.iter().skip(1).take(MAX_PLACES - 1) {
        diagnostic = diagnostic.related(span(at), format!("this one ends in {kind}"));
    }
    let edits = few.iter().map(|at| Edit { span: span(at), text: end.to_owned() }).collect();
    let title = format!("end all lines in {others}");
    found.push(diagnostic.with_fix(title, crate::diagnostic::Applicability::Safe, edits));
}

/// `96.0 MiB`
fn size(bytes: u64) -> String {
    let kib = bytes as f64 / 1024.0;
    if kib < 1024.0 { format!("{kib:.1} KiB") } else { format!("{:.1} MiB", kib / 1024.0) }
}

pub fn of_refused(world: &World<'_, '_>, found: &mut Vec<Diagnostic>) {
    for (path, content) in world.files.iter().filter(|(path, _)| world.files.is_asked(path)) {
        if let Content::Refused(file, refusal) = content {
            found.push(match refusal {
                Refusal::TooLarge { bytes, limit } => {
                    let message = format!("`{}` has {} and was not read", name(path), size(*bytes));
                    Diagnostic::new(&FILE_TOO_LARGE.code, Span::new(*file, 0, 0), message)
                        .help(format!("split it: up to {} are read", size(*limit)))
                }
                Refusal::NotUtf8 { offset } => {
                    let message = format!("`{}` is not UTF-8 from byte {offset} on, and was not read", name(path));
                    Diagnostic::new(&NOT_UTF8.code, Span::new(*file, *offset, *offset), message)
                        .help("save it as UTF-8")
                }
            });
        }
    }
    missing_main(world, found);
}

/// Folders directly below `skills` that hold Markdown and no `SKILL.md` at any depth.
fn missing_main(world: &World<'_, '_>, found: &mut Vec<Diagnostic>) {
    let mut last = "";
    for (path, document) in world.asked() {
        let Some(folder) = skill_folder(path) else { continue };
        let has_main = || world.files.below(folder).any(|(path, _)| name(path) == MAIN);
        if folder == last || world.files.skill_of(path).is_some() || has_main() {
            continue;
        }
        last = folder;
        let below = || world.files.below(folder).filter(|(path, _)| parent(path) == folder);
        let nearly = below().find(|(path, _)| name(path).eq_ignore_ascii_case(MAIN));
        if nearly.is_none() && !is_folder_of_skills(world, parent(folder)) {
            continue;
        }
        let span = match nearly {
            Some((_, Content::Document(main))) => main.span().at_start(),
            _ => document.span().at_start(),
        };
        let message = match nearly {
            Some((path, _)) => format!("`{}` is not called `{MAIN}`, so `{}` is no skill", name(path), name(folder)),
            None => format!("`{}` has no `{MAIN}`, so it is no skill", name(folder)),
        };
        let help = nearly
            .map_or_else(|| format!("write `{MAIN}`"), |(path, _)| format!("rename `{}` to `{MAIN}`", name(path)));
        found.push(Diagnostic::new(&SKILL_FILE_MISSING.code, span, message).help(help));
    }
}

/// Whether everything in a folder is meant to be a skill: that of a client, or one that holds skills.
fn is_folder_of_skills(world: &World<'_, '_>, folder: &str) -> bool {
    let is_of_client = name(parent(folder)).starts_with('.');
    is_of_client || world.skills.iter().any(|skill| parent(skill.path) == folder)
}

/// The folder below the last `skills` of a path.
fn skill_folder(path: &str) -> Option<&str> {
    let start = if path.starts_with("skills/") { Some(7) } else { path.rfind("/skills/").map(|at| at + 8) }?;
    path[start..].find('/').map(|length| &path[..start + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skills_lie_below_skills() {
        assert_eq!(skill_folder("/p/.claude/skills/a/b/c.md"), Some("/p/.claude/skills/a"));
        assert_eq!(skill_folder("skills/a/c.md"), Some("skills/a"));
        assert_eq!(skill_folder("skills/README.md"), None);
        assert_eq!(skill_folder("docs/a.md"), None);
    }
}
