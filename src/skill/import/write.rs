//! How names, texts and comments of a skill are written in the language.

use std::collections::HashSet;
use std::fmt::Write;

/// A text as a token on one line: quotes and backslashes escaped, nothing in it a reference.
pub fn line(text: &str) -> String {
    raw_line(&escaped(text))
}

/// The same of a text of the language, with its references.
pub fn raw_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as a block, kept to the byte: the shortest fence of quotes that fits around it.
pub fn block(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let fence = (3..=5).map(|length| "\"".repeat(length)).find(|fence| !text.contains(&**fence));
    match fence {
        Some(fence) => format!("{fence}\n{text}\n{fence}"),
        None => line(&text),
    }
}

/// `${` as the text `${`.
pub fn escaped(text: &str) -> String {
    text.replace("${", "$${")
}

/// A text in words for a comment.
pub fn comment(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a title is called: `code-quality` for "Code Quality"; nothing where no letter and no digit is left.
pub fn kebab(title: &str) -> Option<String> {
    words(title, '-').map(|words| words.to_lowercase())
}

/// `work_type` for "Work Type".
pub fn snake(title: &str) -> Option<String> {
    words(title, '_').map(|words| words.to_lowercase())
}

/// `WorkType` for "work type".
pub fn camel(title: &str) -> Option<String> {
    let words = words(title, '_')?;
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    Some(words.split('_').filter(|word| !word.is_empty()).map(capital).collect())
}

/// The name of a value: `SMALL` stays as it is.
pub fn value(title: &str) -> Option<String> {
    words(title, '_')
}

/// The runs of letters and digits, joined; a name begins with a letter and is no word of a condition.
fn words(title: &str, between: char) -> Option<String> {
    let mut out = String::new();
    for run in title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| !run.is_empty()) {
        if !out.is_empty() {
            out.push(between);
        }
        out.push_str(run);
    }
    let is_taken = ["and", "or", "not", "in", "true", "false", "else"].contains(&&*out);
    match out.chars().next() {
        None => None,
        Some(first) if first.is_ascii_alphabetic() && !is_taken => Some(out),
        Some(_) => Some(format!("n{between}{out}")),
    }
}

/// Names that are taken.
#[derive(Debug, Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// The name itself where it is free, or with the first number behind it that makes it so.
    pub fn free(&mut self, name: String) -> String {
        let mut found = name.clone();
        let mut number = 2;
        while !self.0.insert(found.clone()) {
            found = format!("{name}-{number}");
            number += 1;
        }
        found
    }
}

/// `[a, b]` of texts or names that are written already.
pub fn list(entries: &[String]) -> String {
    match entries {
        [one] => one.clone(),
        entries => format!("[{}]", entries.join(", ")),
    }
}

/// A name of the language, or the text that names what is none: `"integrating-with-{vendor}"`.
pub fn name_or_text(name: &str) -> String {
    if is_name(name) { name.to_owned() } else { line(name) }
}

/// Whether a name of a skill, a tool or an agent can be written bare.
pub fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.split('-').all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Lines of the language, one statement behind another; their form is made canonical afterwards.
#[derive(Debug, Default)]
pub struct Writer {
    out: String,
}

impl Writer {
    pub fn line(&mut self, text: impl AsRef<str>) {
        _ = writeln!(self.out, "{}", text.as_ref());
    }

    pub fn blank(&mut self) {
        self.out.push('\n');
    }

    pub fn comment(&mut self, text: &str) {
        _ = writeln!(self.out, "// {}", comment(text));
    }

    pub fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::text;

    #[test]
    fn texts_come_back_as_they_were() {
        for original in ["a \"b\" \\n ${x} $${y}", "tab\tand \\\\", "\"\"\"\n\"\"\"\"\"\"", "  a\n\n    b", "${a"] {
            let read = |raw: &str| text::substitute(&text::content(raw), |name| format!("<{name}>"));
            assert_eq!(read(&line(original)), original);
            assert_eq!(read(&block(&escaped(original))), original);
        }
    }

    #[test]
    fn titles_become_names() {
        assert_eq!(kebab("Design & Review (11.2)").as_deref(), Some("design-review-11-2"));
        assert_eq!(kebab("2nd Look").as_deref(), Some("n-2nd-look"));
        assert_eq!((kebab("⛔"), camel("work type").as_deref()), (None, Some("WorkType")));
        assert_eq!((value("or").as_deref(), value("Full-Stack").as_deref()), (Some("n_or"), Some("Full_Stack")));
        let mut names = Names::default();
        let free: Vec<String> = ["a", "a", "a-2"].map(|name| names.free(name.to_owned())).to_vec();
        assert_eq!(free, ["a", "a-2", "a-2-2"]);
    }
}
