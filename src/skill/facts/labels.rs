//! How a skill names its phases: by a word and a number, or by labels of its own such as `M3`, `2a` and `IV`.

use super::tokens::{Kind, Number, Token, cut_numbers, number, roman};

/// What a text of a skill is cut with, so that each label of a phase is a word and a number: `M3` is `m` and `3`.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    /// What a phase is called, in lower case: `phase`, `step`, `stage`.
    pub word: &'static str,
    /// What stands before a number without a blank, as it is written; empty where nothing does.
    pub prefix: String,
    /// The numbers with a letter behind: `2a` and `2b`, which nothing else is.
    pub lettered: Vec<Number>,
    /// Numbers are Roman.
    pub is_roman: bool,
    /// Titles begin with the number, and no word before it: `## IV. Reading`.
    pub is_bare: bool,
}

impl Labels {
    /// A word, and plain numbers behind it.
    pub fn plain(word: &'static str) -> Self {
        Labels { word, ..Labels::default() }
    }

    /// Whether labels are nothing but numbers, which can be read whatever the case of the letters around them.
    pub fn are_plain(&self) -> bool {
        self.prefix.is_empty() && self.lettered.is_empty() && !self.is_roman
    }

    /// Cuts a text into tokens.
    pub fn tokens<'t>(&self, text: &'t str) -> Vec<Token<'t>> {
        let mut tokens = Vec::new();
        self.cut(text, &mut tokens);
        tokens
    }

    /// The same, behind other tokens.
    pub fn cut<'t>(&self, text: &'t str, tokens: &mut Vec<Token<'t>>) {
        match self.prefix.is_empty() && self.lettered.is_empty() {
            true => cut_numbers(text, tokens, |_| None),
            false => cut_numbers(text, tokens, |rest| self.label(rest)),
        }
    }

    /// The label that a text begins with, and how long what stands before its number and all of it is.
    fn label(&self, rest: &str) -> Option<(Number, usize, usize)> {
        let behind = rest.strip_prefix(&*self.prefix)?;
        let (Some(Kind::Number(number)), length) = number(behind) else { return None };
        let mut letters = behind[length..].chars();
        let lettered = Number { letter: letters.next(), ..number };
        let is_lettered = self.lettered.contains(&lettered);
        let (number, length) = if is_lettered { (lettered, length + 1) } else { (number, length) };
        let is_end = behind[length..].chars().next().is_none_or(|next| !next.is_alphanumeric() && next != '_');
        let is_other = self.prefix.is_empty() && !is_lettered;
        (is_end && !is_other).then(|| (number, self.prefix.len(), self.prefix.len() + length))
    }

    /// Whether a token is the word for phases, in singular, plural, or cut short: `phase`, `phases`, `ph`, the `M` of `M3`.
    pub fn is_word(&self, token: &Token<'_>) -> bool {
        token.word().is_some_and(|word| {
            word == self.word
                || word.strip_suffix('s') == Some(self.word)
                || word.strip_suffix("ies").is_some_and(|stem| self.word.strip_suffix('y') == Some(stem))
                || (word.len() > 1 && word.len() < 3 && self.word.starts_with(word))
                || (!self.prefix.is_empty() && word.eq_ignore_ascii_case(&self.prefix))
        })
    }

    /// What a title is about, where it begins with a phase: `Phase 8: Implementation`, with the name behind it.
    pub fn subject<'t>(&self, title: &'t str) -> Option<(Number, &'t str)> {
        // Most lines begin with another word, and need not be cut.
        let begin = title.trim_start_matches(|c: char| !c.is_alphanumeric());
        let begins_with = |word: &str| begin.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
        if !begins_with(self.word) && (self.prefix.is_empty() || !begins_with(&self.prefix)) {
            return self.bare(title, title.len() - begin.len()).filter(|_| self.is_bare);
        }
        let tokens = self.tokens(title);
        let at = tokens.iter().position(|token| token.word().is_some() || token.number().is_some())?;
        let [first, second, ..] = &tokens[at..] else { return None };
        let is_label = first.word() == Some(self.word) || !self.prefix.is_empty() && self.is_word(first);
        // `Stage M3`
        let is_doubled = first.word() == Some(self.word) && !self.prefix.is_empty() && self.is_word(second);
        let at = at + 1 + usize::from(is_doubled);
        let number = tokens.get(at).filter(|_| is_label)?;
        let is_several = tokens.get(at + 1).is_some_and(|next| next.is_sign(&['/', '→', ',', '&', '+']));
        number.number().filter(|_| !is_several).map(|found| (found, name_behind(title, number.range.end)))
    }

    /// `IV. Reading`, `4) Reading`
    fn bare<'t>(&self, title: &'t str, start: usize) -> Option<(Number, &'t str)> {
        let length = title[start..].find(|c: char| !c.is_ascii_alphanumeric())?;
        let (label, behind) = title[start..].split_at(length);
        let value = if self.is_roman { roman(label) } else { label.parse().ok() };
        let number = Number::phase(value.filter(|_| behind.starts_with(['.', ')', ':']))?);
        let name = name_behind(title, start + length);
        name.starts_with(char::is_alphabetic).then_some((number, name))
    }
}

fn name_behind(title: &str, end: usize) -> &str {
    title[end..].trim_start_matches([' ', ':', '.', '-', '–', '—', ')']).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(prefix: &str, lettered: &[(u32, char)]) -> Labels {
        let lettered = lettered.iter().map(|(phase, letter)| Number { letter: Some(*letter), ..Number::phase(*phase) });
        Labels { prefix: prefix.to_owned(), lettered: lettered.collect(), ..Labels::plain("phase") }
    }

    fn shown(labels: &Labels, text: &str) -> String {
        let show = |token: Token<'_>| match token.kind {
            Kind::Word(word) => word.to_string(),
            Kind::Number(number) => format!("#{number}"),
            Kind::Sign(sign) => sign.to_string(),
        };
        labels.tokens(text).into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn labels_are_a_word_and_a_number() {
        let labels = labels("M", &[(2, 'a'), (2, 'b')]);
        assert_eq!(
            shown(&labels, "M1–M2a, M2b, M2c 2a M3x (M12.1)"),
            "m #1 - m #2a , m #2b , m2c #2 a m3x ( m #12.1 )"
        );
        assert_eq!(
            labels.subject("## M2a Build it"),
            Some((Number { letter: Some('a'), ..Number::phase(2) }, "Build it"))
        );
        assert_eq!(labels.subject("Phase M3: Ship"), Some((Number::phase(3), "Ship")));
        assert_eq!(labels.subject("More of it"), None);
    }

    #[test]
    fn letters_behind_a_number_are_units_elsewhere() {
        let labels = labels("", &[(2, 'a')]);
        assert_eq!(shown(&labels, "step 2a, 2b, 60s, 12a"), "step #2a , #2 b , #60 s , #12 a");
    }

    #[test]
    fn titles_may_begin_with_the_number() {
        let plain = Labels { is_bare: true, ..Labels::plain("phase") };
        let roman = Labels { is_roman: true, ..plain.clone() };
        assert_eq!(roman.subject("## IV. Reading"), Some((Number::phase(4), "Reading")));
        assert_eq!(plain.subject("4) Reading"), Some((Number::phase(4), "Reading")));
        assert_eq!(plain.subject("Phase 4: Reading"), Some((Number::phase(4), "Reading")));
        for title in ["IV. Reading", "4.2 Reading", "4 readers", "2026-01-02"] {
            assert_eq!(plain.subject(title), None, "{title}");
        }
    }

    #[test]
    fn titles_are_about_a_phase() {
        let phase = Labels::plain("phase");
        assert_eq!(phase.subject("Phase 8: Implementation"), Some((Number::phase(8), "Implementation")));
        assert_eq!(Labels::plain("step").subject("⛔ Step 2 — Build"), Some((Number::phase(2), "Build")));
        assert_eq!(phase.subject("Phase 11/15: Retry"), None);
        assert_eq!(phase.subject("After Phase 3"), None);
    }
}
