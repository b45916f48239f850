//! What a text token says: quotes, escapes and common indentation taken off; references found.

use std::borrow::Cow;

use memchr::memchr;

use crate::source::Span;

/// The content of a text token.
///
/// A line has the escapes `\" \\ \n \t`. Of a block whose opening ends its line, that line end and the line of the
/// closing quotes are no part, and the white space common to all lines that are not blank and to the closing line is
/// removed; a block on one line is trimmed.
pub fn content(raw: &str) -> Cow<'_, str> {
    let quotes = raw.bytes().take_while(|byte| *byte == b'"').count();
    match quotes {
        0 => Cow::Borrowed(raw),
        1 => line(&raw[1..raw.len() - 1]),
        2 => Cow::Borrowed(""),
        _ => {
            let quotes = quotes.min(5);
            // A block that holds nothing but quotes is cut where the grammar cut it.
            let end = raw.len().saturating_sub(quotes).max(quotes);
            block(&raw[quotes..end])
        }
    }
}

/// A `${…}` in a text: what stands between the braces, and where, from the `$` to the `}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'s> {
    pub inner: &'s str,
    pub start: usize,
    pub end: usize,
    /// It ends with a brace, not with its line.
    pub closed: bool,
}

impl Reference<'_> {
    /// Its place, for a text that begins at `base`.
    pub fn span(&self, base: Span) -> Span {
        Span::new(base.file, base.start as usize + self.start, base.start as usize + self.end)
    }
}

/// Whether a reference opens in a text: in most none does.
pub fn refers(text: &str) -> bool {
    memchr(b'$', text.as_bytes()).is_some_and(|first| text[first..].contains("${"))
}

/// All references of a text, raw or not; `$${` is none. One that is not closed on its line ends there, without braces.
pub fn references(text: &str) -> impl Iterator<Item = Reference<'_>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + memchr(b'$', &text.as_bytes()[from..])?;
            from = start + 1;
            let Some(after) = text[from..].strip_prefix('{') else { continue };
            from += 1;
            let escaped = text[..start].ends_with('$');
            if escaped || !after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let length = after.find(['}', '\n']).unwrap_or(after.len());
            let closed = after[length..].starts_with('}');
            from = start + 2 + length;
            return Some(Reference { inner: &after[..length], start, end: from + usize::from(closed), closed });
        }
    })
}

/// The content with each reference replaced and `$${` written as `${`.
pub fn substitute(content: &str, mut replace: impl FnMut(&str) -> String) -> String {
    let mut out = String::with_capacity(content.len());
    let mut from = 0;
    for reference in references(content) {
        out.push_str(&content[from..reference.start].replace("$${", "${"));
        out.push_str(&replace(reference.inner.trim()));
        from = reference.end;
    }
    out.push_str(&content[from..].replace("$${", "${"));
    out
}

fn line(inner: &str) -> Cow<'_, str> {
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some(c @ ('"' | '\\')) => out.push(c),
            // Not an escape of ours: regular expressions are written as they are.
            Some(other) => out.extend(['\\', other]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}

fn block(inner: &str) -> Cow<'_, str> {
    let first_end = inner.find('\n');
    let Some(first_end) = first_end.filter(|end| inner[..*end].trim().is_empty()) else {
        return Cow::Borrowed(inner.trim());
    };
    let rest = &inner[first_end + 1..];
    let lines: Vec<&str> = rest.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let (closing, lines) = match lines.split_last() {
        Some((last, before)) if last.trim().is_empty() => (Some(*last), before),
        _ => (None, &lines[..]),
    };
    let common = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .copied()
        .chain(closing)
        .map(|line| line.len() - line.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let mut out = String::with_capacity(rest.len());
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(line.get(common..).unwrap_or(""));
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_escapes_and_indentation_come_off() {
        assert_eq!(content(r#""a \"b\" \\ \n""#), "a \"b\" \\ \n");
        assert_eq!(content("\"coverage: (\\\\d+)\""), "coverage: (\\d+)");
        assert_eq!(content("\"\"\"  on one line  \"\"\""), "on one line");
        assert_eq!(content("\"\"\"\n    a\n\n      b\n    \"\"\""), "a\n\n  b");
        assert_eq!(content("\"\"\"\n    a\n  \"\"\""), "  a");
        assert_eq!(content("\"\"\"\"\n  say \"\"\"x\"\"\"\n  \"\"\"\""), "say \"\"\"x\"\"\"");
        assert_eq!(content("\"\"\"\"\"\""), "");
    }

    #[test]
    fn references_are_found_and_escapes_are_not() {
        let found: Vec<&str> = references("a ${x} $${y} ${ z} ${phase b} ${open").map(|r| r.inner).collect();
        assert_eq!(found, ["x", "phase b", "open"]);
        assert_eq!(substitute("${x}-$${y}-${x}", |name| name.to_uppercase()), "X-${y}-X");
    }
}
