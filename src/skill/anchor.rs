//! Anchors as GitHub makes them from headings.

use std::borrow::Cow;
use std::collections::HashMap;

/// The anchors of one document, in the order of its headings.
#[derive(Debug, Default)]
pub struct Anchors {
    /// How often each was made.
    made: HashMap<String, u32>,
}

impl Anchors {
    /// The anchor of the next heading: a second `## Setup` is `setup-1`.
    pub fn next(&mut self, heading: &str) -> String {
        let slug = slug(heading);
        let mut anchor = slug.clone();
        let mut count = self.made.get(&slug).copied().unwrap_or(0);
        while count > 0 && self.made.contains_key(&anchor) {
            anchor = format!("{slug}-{count}");
            count += 1;
        }
        self.made.insert(slug, count.max(1));
        self.made.entry(anchor.clone()).or_insert(1);
        anchor
    }
}

/// Lower case, blanks to hyphens; of the rest letters, digits, marks, `-` and `_` stay.
pub fn slug(heading: &str) -> String {
    let mut slug = String::with_capacity(heading.len());
    for c in heading.trim().chars() {
        match c {
            ' ' | '-' => slug.push('-'),
            '_' => slug.push('_'),
            c if c.is_alphanumeric() || is_mark(c) => slug.extend(c.to_lowercase()),
            _ => {}
        }
    }
    slug
}

/// The fragment of a link as it is compared with anchors: percent-decoded, without the invisible mark that makes a sign
/// an emoji, since editors keep or drop it.
pub fn comparable(fragment: &str) -> Cow<'_, str> {
    if fragment.bytes().all(|byte| byte.is_ascii() && byte != b'%') {
        return Cow::Borrowed(fragment);
    }
    let decoded = percent_decoded(fragment);
    if !decoded.contains(VARIATION) {
        return decoded;
    }
    Cow::Owned(decoded.replace(VARIATION, ""))
}

/// The text with `%20` and the like as what they stand for, where that is UTF-8.
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |index: usize| bytes.get(index).and_then(|byte| char::from(*byte).to_digit(16));
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Makes the sign before it an emoji.
const VARIATION: char = '\u{FE0F}';

/// Marks that belong to a letter and are not alphanumeric themselves.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036F}' | '\u{1AB0}'..='\u{1AFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE00}'..='\u{FE0F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_of_github() {
        for (heading, expected) in [
            ("Phase 8: Implementation", "phase-8-implementation"),
            ("Rollback & Retry", "rollback--retry"),
            ("snake_case and `code()`", "snake_case-and-code"),
            ("⛔ Gate 1", "-gate-1"),
            ("Größe ≥ 3", "größe--3"),
            ("Step 1 → 2", "step-1--2"),
            ("  spaced  ", "spaced"),
        ] {
            assert_eq!(slug(heading), expected);
        }
    }

    #[test]
    fn repeated_headings_are_numbered() {
        let mut anchors = Anchors::default();
        let made: Vec<String> = ["A", "A", "A-1", "A", "B"].iter().map(|heading| anchors.next(heading)).collect();
        assert_eq!(made, ["a", "a-1", "a-1-1", "a-2", "b"]);
    }

    #[test]
    fn fragments_are_decoded() {
        assert_eq!(comparable("gr%C3%B6%C3%9Fe"), "größe");
        assert_eq!(comparable("\u{26A0}\u{FE0F}-x"), "\u{26A0}-x");
        assert_eq!(percent_decoded("100%"), "100%");
        assert_eq!(percent_decoded("%ff"), "%ff");
    }
}
