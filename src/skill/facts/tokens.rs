//! A line of text as words, numbers and signs, which is what recognisers look at.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// What phases are called.
pub const PHASES: [&str; 8] = ["phase", "stage", "step", "milestone", "activity", "wave", "leg", "part"];

/// These words and `OWN` others, as the headings of a column; `ALL` is how many they are together.
pub const fn phases_and<const OWN: usize, const ALL: usize>(own: [&'static str; OWN]) -> [&'static str; ALL] {
    assert!(ALL == PHASES.len() + OWN);
    let mut all = [""; ALL];
    let mut at = 0;
    while at < ALL {
        all[at] = if at < PHASES.len() { PHASES[at] } else { own[at - PHASES.len()] };
        at += 1;
    }
    all
}

/// The number of a phase, or of a stage in it: `8`, `2a`, `11.2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number {
    pub phase: u32,
    /// Tells phases of one number apart, where a skill has such.
    pub letter: Option<char>,
    /// 0 for the phase itself.
    pub stage: u32,
}

impl Number {
    pub fn phase(phase: u32) -> Self {
        Number { phase, letter: None, stage: 0 }
    }

    /// The phase that a stage is part of.
    pub fn whole(self) -> Self {
        Number { stage: 0, ..self }
    }

    /// As a number of anything else.
    pub fn plain(self) -> Option<u32> {
        (self.letter.is_none() && self.stage == 0).then_some(self.phase)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.phase)?;
        if let Some(letter) = self.letter {
            write!(f, "{letter}")?;
        }
        if self.stage > 0 { write!(f, ".{}", self.stage) } else { Ok(()) }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind<'t> {
    /// In lower case; with hyphens, underscores and dots inside, so that `discovery.md` is one.
    Word(Cow<'t, str>),
    Number(Number),
    /// Anything else that is no blank. Arrows are `→`, dashes `-`, comparisons one sign each.
    Sign(char),
}

impl Kind<'_> {
    /// The same without the text that it was read from.
    pub fn into_owned(self) -> Kind<'static> {
        match self {
            Kind::Word(word) => Kind::Word(Cow::Owned(word.into_owned())),
            Kind::Number(number) => Kind::Number(number),
            Kind::Sign(sign) => Kind::Sign(sign),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'t> {
    pub kind: Kind<'t>,
    /// In the text, in bytes.
    pub range: Range<usize>,
}

impl Token<'_> {
    #[inline]
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    #[inline]
    pub fn number(&self) -> Option<Number> {
        match self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    #[inline]
    pub fn is_word(&self, words: &[&str]) -> bool {
        self.word().is_some_and(|word| words.contains(&word))
    }

    #[inline]
    pub fn is_sign(&self, signs: &[char]) -> bool {
        matches!(self.kind, Kind::Sign(sign) if signs.contains(&sign))
    }
}

/// Cuts a text into tokens. Signs of Markdown emphasis and code are left out.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    cut_numbers(text, &mut tokens, |_| None);
    tokens
}

/// The same behind other tokens, with labels that are cut into a word and a number: of the text that one begins with, its
/// number, how long the word before it is, and how long the whole.
pub fn cut_numbers<'t>(
    text: &'t str,
    tokens: &mut Vec<Token<'t>>,
    label: impl Fn(&str) -> Option<(Number, usize, usize)>,
) {
    let mut at = 0;
    while let Some(byte) = text.as_bytes().get(at) {
        let may_be_label = matches!(BYTES[usize::from(*byte)], Byte::Digit | Byte::Small | Byte::Capital);
        if let Some((number, prefix, length)) = may_be_label.then(|| label(&text[at..])).flatten() {
            if prefix > 0 {
                let kind = Kind::Word(Cow::Owned(text[at..at + prefix].to_lowercase()));
                tokens.push(Token { kind, range: at..at + prefix });
            }
            tokens.push(Token { kind: Kind::Number(number), range: at + prefix..at + length });
            at += length;
            continue;
        }
        let (kind, length) = match BYTES[usize::from(*byte)] {
            Byte::Blank => (None, 1),
            Byte::Digit => number(&text[at..]),
            Byte::Small | Byte::Capital => word(&text[at..]),
            Byte::Sign => sign(&text[at..]),
            Byte::Wide if text[at..].starts_with(char::is_alphabetic) => word(&text[at..]),
            Byte::Wide => sign(&text[at..]),
        };
        let kind = match kind {
            // `Phase II`
            Some(Kind::Word(_)) if b"IVX".contains(byte) && follows_phases(tokens) => {
                let (word, behind) = text[at..].split_at(length);
                numeral(word, behind).map_or(kind, |number| Some(Kind::Number(Number::phase(number))))
            }
            kind => kind,
        };
        if let Some(kind) = kind {
            tokens.push(Token { kind, range: at..at + length });
        }
        at += length;
    }
}

/// What a byte of a text begins or goes on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Byte {
    Blank,
    Small,
    Capital,
    Digit,
    Sign,
    /// Part of a character beyond ASCII.
    Wide,
}

static BYTES: [Byte; 256] = {
    let mut bytes = [Byte::Wide; 256];
    let mut byte = 0;
    while byte < 128 {
        bytes[byte as usize] = match byte {
            b'a'..=b'z' => Byte::Small,
            b'A'..=b'Z' => Byte::Capital,
            b'0'..=b'9' => Byte::Digit,
            b' ' | b'\t'..=b'\r' => Byte::Blank,
            _ => Byte::Sign,
        };
        byte += 1;
    }
    bytes
};

/// Whether the last word is one for phases, so that a Roman number may follow.
fn follows_phases(tokens: &[Token<'_>]) -> bool {
    tokens.last().is_some_and(|word| word.is_word(&PHASES))
}

/// A Roman number; `I` is one only where nothing goes on as a sentence would.
fn numeral(word: &str, behind: &str) -> Option<u32> {
    let is_end = behind.trim_start().chars().next().is_none_or(|next| !next.is_alphanumeric());
    roman(word).filter(|_| word != "I" || is_end)
}

/// The value of `XIV`; up to 39.
pub fn roman(word: &str) -> Option<u32> {
    let value = |sign: u8| match sign {
        b'I' => Some(1),
        b'V' => Some(5),
        b'X' => Some(10),
        _ => None,
    };
    let values: Vec<u32> = word.bytes().map(value).collect::<Option<_>>()?;
    let sum: u32 = (0..values.len())
        .map(|at| {
            if values.get(at + 1).is_some_and(|next| *next > values[at]) {
                -(values[at] as i64)
            } else {
                values[at] as i64
            }
        })
        .sum::<i64>()
        .try_into()
        .ok()?;
    // As it would be written.
    let tens = "X".repeat((sum / 10) as usize);
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"][(sum % 10) as usize];
    (sum > 0 && sum < 40 && word == format!("{tens}{ones}")).then_some(sum)
}

/// Digits, and a stage behind a dot. What is too large for a number is a sign that nothing fits.
pub fn number(rest: &str) -> (Option<Kind<'static>>, usize) {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    let stage = rest[whole..].strip_prefix('.').map_or(0, digits);
    let length = if stage > 0 { whole + 1 + stage } else { whole };
    let stage_number = if stage > 0 { rest[whole + 1..length].parse() } else { Ok(0) };
    let number = rest[..whole].parse().ok().zip(stage_number.ok());
    (Some(number.map_or(Kind::Sign('#'), |(phase, stage)| Kind::Number(Number { phase, letter: None, stage }))), length)
}

/// Letters and digits, and single signs between them; in lower case, which most words are.
fn word(rest: &str) -> (Option<Kind<'_>>, usize) {
    let bytes = rest.as_bytes();
    let byte = |at: usize| bytes.get(at).map(|byte| BYTES[usize::from(*byte)]);
    let (mut length, mut is_small) = (0, true);
    loop {
        while let Some(Byte::Small | Byte::Digit) = byte(length) {
            length += 1;
        }
        let sign = usize::from(matches!(bytes.get(length), Some(b'-' | b'_' | b'.')));
        let Some(letter) = letter(rest, length + sign) else { break };
        is_small &= sign == 1 && matches!(byte(length + sign), Some(Byte::Small | Byte::Digit));
        length += sign + letter;
    }
    let word = &rest[..length];
    let word = match is_small {
        true => Cow::Borrowed(word),
        false if word.is_ascii() => Cow::Owned(word.to_ascii_lowercase()),
        false => Cow::Owned(word.to_lowercase()),
    };
    (Some(Kind::Word(word)), length)
}

/// How long the letter or digit at a place is, if one stands there.
fn letter(text: &str, at: usize) -> Option<usize> {
    let byte = *text.as_bytes().get(at)?;
    if byte.is_ascii() {
        return byte.is_ascii_alphanumeric().then_some(1);
    }
    text[at..].chars().next().filter(|c| c.is_alphanumeric()).map(char::len_utf8)
}

/// Anything else: one character, or two that are one sign.
fn sign(rest: &str) -> (Option<Kind<'static>>, usize) {
    let two = match rest.as_bytes() {
        [b'-' | b'=', b'>', ..] => Some('→'),
        [b'>', b'=', ..] => Some('≥'),
        [b'<', b'=', ..] => Some('≤'),
        [b'=', b'=', ..] => Some('='),
        [b'!', b'=', ..] => Some('≠'),
        _ => None,
    };
    if let Some(sign) = two {
        return (Some(Kind::Sign(sign)), 2);
    }
    let c = rest.chars().next().unwrap_or(' ');
    let kind = match c {
        c if c.is_whitespace() => None,
        '*' | '_' | '`' | '"' | '\'' | '\u{FE0F}' => None,
        '–' | '—' | '−' => Some(Kind::Sign('-')),
        '➜' | '⇒' | '➡' => Some(Kind::Sign('→')),
        '⩾' => Some(Kind::Sign('≥')),
        '⩽' => Some(Kind::Sign('≤')),
        c => Some(Kind::Sign(c)),
    };
    (kind, c.len_utf8())
}

/// Runs of tokens that are these words, one behind another.
pub fn starts_with(tokens: &[Token<'_>], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.word() == Some(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |token: &Token<'_>| match &token.kind {
            Kind::Word(word) => word.to_string(),
            Kind::Number(number) => format!("#{number}"),
            Kind::Sign(sign) => sign.to_string(),
        };
        tokens(text).iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lines_are_words_numbers_and_signs() {
        assert_eq!(
            shown("**Phase 11.2** → read `a-plan.md` (16-phase, >=80%)."),
            "phase #11.2 → read a-plan.md ( #16 - phase , ≥ #80 % ) ."
        );
        assert_eq!(shown("3->4, 8–9; \u{26D4} 2"), "#3 → #4 , #8 - #9 ; \u{26D4} #2");
        assert_eq!(shown("Ends. 99999999999999"), "ends . #");
        assert_eq!(shown("Phase II: a, Phase I, in this step I go"), "phase #2 : a , phase #1 , in this step i go");
        assert_eq!(["XIV", "IIII", "IX", "VX", "", "x"].map(roman), [Some(14), None, Some(9), None, None, None]);
    }
}
