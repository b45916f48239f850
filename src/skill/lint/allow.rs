//! Allowances: `<!-- wf-allow NAME: reason -->` in Markdown, `# wf-allow NAME: reason` in front matter.
//!
//! One that shares its line with text holds for that line, one on a line of its own for what follows up to the next empty
//! line, and `wf-allow-file` for the file. One that nothing needs is reported, and so is one without a reason.

use super::{World, declare_rules};
use crate::diagnostic::{Diagnostic, nearest};
use crate::skill::document::Document;
use crate::source::Span;

declare_rules! {
    BAD_ALLOWANCE: "SK007" "bad-allowance" Error Spec Project = "An allowance has no reason, or names no rule.",
        "`<!-- wf-allow NAME: reason -->` allows one rule, by id or name, for a reason that the next reader can judge. Without one \
         nobody knows when it may go. What cannot be understood allows nothing.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n<!-- wf-allow link-absolute -->\nRun `make`.\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n<!-- wf-allow link-absolute: the folder is the same on all our machines -->\nSee [the steps](/opt/steps.md).\n";
    UNUSED_ALLOWANCE: "SK008" "unused-allowance" Warning Spec Project = "An allowance allows nothing that is there.",
        "What it was for is gone, and the next fault of its kind would go unnoticed. Remove it.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\n<!-- wf-allow link-absolute: the folder is the same on all our machines -->\nRun `make`.\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\n---\nRun `make`.\n";
}

const MARK: &str = "wf-allow";

/// One allowance.
struct Allowance {
    /// Of the words `wf-allow NAME: reason`.
    span: Span,
    /// With what makes it a comment.
    comment: Span,
    rule: &'static str,
    /// Where it holds.
    scope: Span,
    is_used: bool,
}

/// Leaves out what is allowed; adds what is wrong with allowances.
pub fn apply(world: &World<'_, '_>, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut allowances = Vec::new();
    let mut faults = Vec::new();
    for (_, document) in world.asked() {
        for (span, comment) in marks(document) {
            match read(document, span, comment) {
                Ok(allowance) => allowances.push(allowance),
                Err(fault) => faults.push(*fault),
            }
        }
    }
    let mut kept: Vec<Diagnostic> = found
        .into_iter()
        .filter(|found| {
            let mut is_allowed = false;
            // All that hold are used, also where two say the same.
            for allowance in allowances.iter_mut() {
                let holds = allowance.rule == found.code.id && allowance.scope.contains(found.primary.span.at_start());
                allowance.is_used |= holds;
                is_allowed |= holds;
            }
            !is_allowed
        })
        .collect();
    let is_asked = |allowance: &Allowance| {
        super::rules().iter().any(|rule| rule.code.id == allowance.rule && world.settings.asks(rule))
    };
    for allowance in allowances.iter().filter(|allowance| !allowance.is_used && is_asked(allowance)) {
        let message = format!("nothing here needs the allowance of {}", allowance.rule);
        faults.push(Diagnostic::new(&UNUSED_ALLOWANCE.code, allowance.span, message).fix(
            "remove it",
            allowance.comment,
            "",
        ));
    }
    faults.retain(|fault| super::rule(fault.code).is_none_or(|rule| world.settings.asks(rule)));
    kept.extend(faults);
    kept
}

/// The words of each allowance, and the comment around them.
fn marks(document: &Document<'_>) -> Vec<(Span, Span)> {
    let text = document.text;
    let in_html = document.html.iter().filter_map(|html| {
        let source = document.source(*html);
        let start = source.find("<!--")?;
        let at = start + 4 + source[start + 4..].find(|c: char| !c.is_whitespace())?;
        let end = source[start..].find("-->").map_or(source.len(), |end| start + end);
        let words = source.get(at..end)?.trim_end();
        let base = html.range().start;
        words.starts_with(MARK).then(|| {
            let comment_end = (end + 3).min(source.len());
            (document.place(base + at..base + at + words.len()), document.place(base + start..base + comment_end))
        })
    });
    let in_yaml = document.front_matter.filter(|block| block.is_closed).into_iter().flat_map(|block| {
        let base = block.content.range().start;
        block.yaml.match_indices("# wf-allow").map(move |(at, _)| {
            let line = text[base + at..].lines().next().unwrap_or_default().trim_end();
            (document.place(base + at + 2..base + at + line.len()), document.place(base + at..base + at + line.len()))
        })
    });
    in_html.chain(in_yaml).collect()
}

fn read(document: &Document<'_>, span: Span, comment: Span) -> Result<Allowance, Box<Diagnostic>> {
    let words = &document.source(span)[MARK.len()..];
    let fault =
        |message: String, help: String| Box::new(Diagnostic::new(&BAD_ALLOWANCE.code, span, message).help(help));
    let (is_for_file, words) = words.strip_prefix("-file").map_or((false, words), |words| (true, words));
    let (name, reason) = words.split_once(':').unwrap_or((words, ""));
    let name = name.trim();
    let rules = super::rules();
    let rule = rules.iter().find(|rule| rule.code.id.eq_ignore_ascii_case(name) || rule.code.name == name);
    let Some(rule) = rule else {
        let meant = nearest(name, rules.iter().map(|rule| rule.code.name));
        let help = meant.map_or("`wf explain` lists all rules".to_owned(), |meant| format!("did you mean `{meant}`?"));
        return Err(fault(format!("there is no rule `{name}` to allow"), help));
    };
    if reason.trim().is_empty() {
        let message = format!("the allowance of `{name}` has no reason");
        return Err(fault(message, format!("write `{MARK} {name}: why it is right here`")));
    }
    let scope = if is_for_file { document.span() } else { scope(document, comment) };
    Ok(Allowance { span, comment, rule: rule.code.id, scope, is_used: false })
}

/// The line of a comment, or what follows it up to the next empty line if it has the line for itself.
fn scope(document: &Document<'_>, comment: Span) -> Span {
    let text = document.text;
    let range = comment.range();
    let start = text[..range.start].rfind('\n').map_or(0, |end| end + 1);
    let line_end = text[range.end..].find('\n').map_or(text.len(), |length| range.end + length);
    let is_alone = text[start..range.start].trim().is_empty() && text[range.end..line_end].trim().is_empty();
    if !is_alone {
        return document.place(start..line_end);
    }
    let mut end = line_end;
    let mut seen = false;
    for line in text[line_end..].split_inclusive('\n').skip(1) {
        if line.trim().is_empty() && seen {
            break;
        }
        seen |= !line.trim().is_empty();
        end += line.len();
    }
    document.place(start..(end + 1).min(text.len()))
}
