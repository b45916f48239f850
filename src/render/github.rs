//! Workflow commands, which GitHub shows beside the changed lines.

use std::io::{self, Write};

use super::places::Places;
use super::text;
use crate::diagnostic::{Diagnostic, Severity};

pub(super) fn write(out: &mut dyn Write, places: &Places<'_>, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for diagnostic in diagnostics {
        let file = diagnostic.primary.span.file;
        let range = places.marked(diagnostic.primary.span);
        let (start, end) = (places.place(file, range.start), places.place(file, range.end));
        writeln!(
            out,
            "::{} file={},line={},endLine={},col={},title={}::{}",
            command(diagnostic.severity()),
            property(places.raw_name(file)),
            start.line,
            end.line,
            start.column,
            property(&format!("{} {}", diagnostic.code.id, diagnostic.code.name)),
            data(&message(places, diagnostic)),
        )?;
    }
    Ok(())
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// An annotation has one place only, so the other ones are told in words.
fn message(places: &Places<'_>, diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    for label in &diagnostic.related {
        lines.push(format!("also {} {}", places.locus(label.span), label.text).trim_end().to_owned());
    }
    lines.extend(text::details(diagnostic));
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_command_is_escaped() {
        assert_eq!(data("100%: a,b\r\n"), "100%25: a,b%0D%0A");
        assert_eq!(property("C:/a,b%.wf\n"), "C%3A/a%2Cb%25.wf%0A");
    }
}
