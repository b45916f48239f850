//! What would change, as a unified diff.

use std::io::{self, Write};

use anstyle::Style;
use similar::TextDiff;

use super::output::{BOLD, CYAN, GREEN, RED, paint};

/// Writes how `new` differs from `old`; nothing when it does not.
pub fn write(out: &mut dyn Write, name: &str, old: &str, new: &str, color: bool) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(3).header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    // The first two lines name the file; a removed line of dashes looks the same further down.
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let (content, end) = line.strip_suffix('\n').map_or((line, ""), |content| (content, "\n"));
        let style = match content.as_bytes().first() {
            Some(_) if index < 2 => BOLD,
            Some(b'+') => GREEN,
            Some(b'-') => RED,
            Some(b'@') => CYAN,
            _ => Style::new(),
        };
        write!(out, "{}{end}", paint(color, style, content))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, "a.wf", old, new, false).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changes_is_shown() {
        assert_eq!(shown("a\n", "a\n"), "");
        assert_eq!(shown("a\nb\n", "a\nc\n"), "--- a/a.wf\n+++ b/a.wf\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
        assert_eq!(shown("a", "a\n"), "--- a/a.wf\n+++ b/a.wf\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    }
}
