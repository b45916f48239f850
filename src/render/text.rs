//! The words of a diagnostic, made fit for a terminal and for a single line.

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, Fix};

/// Whether a terminal would act on the character, or show nothing for it, rather than show it.
///
/// A file under check may come from anybody: raw, these could repaint the screen or hide what the finding is about.
pub(super) fn is_hidden(c: char) -> bool {
    let invisible = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    invisible || (c.is_control() && c != '\t')
}

/// The text with hidden characters written out as `\u{1b}`. Line ends stay, as `\n`.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(|c| is_hidden(c) && c != '\n') {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' => {}
            '\n' => shown.push(c),
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// The text as [`visible`], its lines joined by spaces.
pub(super) fn one_line(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    if !text.contains('\n') {
        return text;
    }
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Cow::Owned(lines.join(" "))
}

/// The facts of a counter-example: `work_type=SMALL, tier=SIMPLE`, with `equals` in the middle.
pub(super) fn facts(variant: &[(String, String)], equals: &str) -> String {
    let facts: Vec<String> = variant.iter().map(|(fact, value)| format!("{fact}{equals}{value}")).collect();
    facts.join(", ")
}

/// What is to be said beneath a message: the counter-example, the notes, and how to mend it.
pub(super) fn details(diagnostic: &Diagnostic) -> Vec<String> {
    let variant = (!diagnostic.variant.is_empty()).then(|| format!("when {}", facts(&diagnostic.variant, " = ")));
    let fixes = diagnostic.fixes.iter().filter(|fix| !says(&diagnostic.help, fix)).map(|fix| &fix.title);
    let help = diagnostic.help.iter().chain(fixes).map(|help| format!("help: {help}"));
    let steps = diagnostic.steps.iter().enumerate().map(|(index, step)| format!("{}. {step}", index + 1)).collect();
    let steps = Some(steps).map(|steps: Vec<String>| steps.join("\n")).filter(|steps| !steps.is_empty());
    variant.into_iter().chain(steps).chain(diagnostic.notes.iter().cloned()).chain(help).collect()
}

/// Whether one of the helps already tells what the fix does: in its words, or by naming all that it writes.
fn says(help: &[String], fix: &Fix) -> bool {
    let writes = |help: &str| fix.edits.iter().all(|edit| help.contains(&format!("`{}`", edit.text.trim())));
    help.iter().any(|help| help.contains(&fix.title) || (!fix.edits.is_empty() && writes(help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(visible("a\tb\nc"), "a\tb\nc");
        assert_eq!(visible("\u{1b}[31m\r\n\u{202e}x"), "\\u{1b}[31m\n\\u{202e}x");
        assert_eq!(visible("family 👨‍👩‍👧 ≥"), "family 👨‍👩‍👧 ≥");
    }

    #[test]
    fn lines_are_folded() {
        assert_eq!(one_line("a  b"), "a  b");
        assert_eq!(one_line("a\r\n\n   b\n"), "a b");
    }
}
