//! `file:line:col code message (fact=value) [also file:line:col label] | help`, exactly a line each.

use std::io::{self, Write};

use super::places::Places;
use super::text;
use crate::diagnostic::{Diagnostic, Label};

pub(super) fn write(out: &mut dyn Write, places: &Places<'_>, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for diagnostic in diagnostics {
        let locus = places.locus(diagnostic.primary.span);
        write!(out, "{locus} {} {}", diagnostic.code.id, text::one_line(&diagnostic.message))?;
        if !diagnostic.variant.is_empty() {
            write!(out, " ({})", text::one_line(&text::facts(&diagnostic.variant, "=")))?;
        }
        for Label { span, text } in &diagnostic.related {
            let label = format!("also {} {}", places.locus(*span), text::one_line(text));
            write!(out, " [{}]", label.trim_end())?;
        }
        if let Some(help) = help(diagnostic) {
            write!(out, " | {}", text::one_line(&help))?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// All helps; without one, what the fixes do, which are alternatives to each other.
fn help(diagnostic: &Diagnostic) -> Option<String> {
    if !diagnostic.help.is_empty() {
        return Some(diagnostic.help.join("; "));
    }
    let titles: Vec<&str> = diagnostic.fixes.iter().map(|fix| fix.title.as_str()).collect();
    (!titles.is_empty()).then(|| titles.join("; or "))
}
