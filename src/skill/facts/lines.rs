//! A document line by line, each with the phase that it is about and the code it stands in.

use super::labels::Labels;
use super::tokens::{Number, Token};
use crate::skill::document::Document;
use crate::source::Span;

/// A line of a file, as it is written.
#[derive(Debug)]
pub struct Line<'s> {
    pub text: &'s str,
    pub span: Span,
    pub tokens: Vec<Token<'s>>,
    /// A number is among them; most statements have one.
    pub has_number: bool,
    /// The phase of the innermost heading around it that begins with one; none within that of another phase.
    pub phase: Option<Number>,
    /// The block of code it stands in.
    pub fence: Option<usize>,
    /// The innermost heading around it.
    pub section: Option<usize>,
    pub is_heading: bool,
}

impl<'s> Line<'s> {
    /// What stands before the first colon and behind it.
    pub fn label(&self) -> Option<(&[Token<'s>], &[Token<'s>])> {
        let colon = self.tokens.iter().position(|token| token.is_sign(&[':']))?;
        Some((&self.tokens[..colon], &self.tokens[colon + 1..]))
    }

    /// A label of words alone and what it is the label of: `**Needs:** notes.md`, `| Needs | notes.md |`.
    pub fn field(&self) -> Option<(Vec<&str>, &[Token<'s>])> {
        let start = self.tokens.iter().position(|token| token.word().is_some())?;
        let length = self.tokens[start..].iter().take_while(|token| token.word().is_some()).count();
        let behind = self.tokens.get(start + length + 1..)?;
        let is_row = self.text.starts_with('|');
        let ends = self.tokens[start + length].is_sign(if is_row { &['|'] } else { &[':'] });
        let value = match behind.split_last() {
            Some((last, cell)) if is_row && last.is_sign(&['|']) => cell,
            _ => behind,
        };
        let is_whole = !is_row || !value.iter().any(|token| token.is_sign(&['|']));
        let label = self.tokens[start..start + length].iter().filter_map(Token::word).collect();
        (ends && is_whole).then_some((label, value))
    }

    /// The place from the first to the last of these tokens of the line.
    pub fn place(&self, tokens: &[Token<'_>]) -> Span {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return self.span };
        let start = self.span.start;
        Span { start: start + first.range.start as u32, end: start + last.range.end as u32, ..self.span }
    }
}

/// Lines longer than this are no prose, and are not looked at; in bytes.
const LONGEST: usize = 4_096;

/// All lines that are not blank, behind the front matter. Their words are cut from `lower`: the text itself or, so that none has
/// to be copied, the same in lower case.
pub fn lines<'l, 's: 'l>(document: &Document<'s>, lower: &'l str, labels: &Labels) -> Vec<Line<'l>> {
    let phases: Vec<Option<Number>> = document
        .headings
        .iter()
        .map(|heading| labels.subject(&heading.content.text).map(|(number, _)| number))
        .collect();
    let mut at = document.front_matter.as_ref().map_or(0, |block| block.span.range().end);
    let mut lines = Vec::with_capacity(memchr::memchr_iter(b'\n', document.text.as_bytes()).count() + 1);
    let mut buffer = Vec::new();
    let mut fence = 0;
    let mut headings = 0;
    let mut around: (Option<usize>, Option<Number>) = (None, None);
    for raw in document.text[at..].split_inclusive('\n') {
        let begun = raw.trim_start();
        let (start, text) = (at + raw.len() - begun.len(), begun.trim_end());
        at += raw.len();
        if text.is_empty() || text.len() > LONGEST {
            continue;
        }
        let span = document.place(start..start + text.len());
        while document.fences.get(fence).is_some_and(|fence| fence.span.end <= span.start) {
            fence += 1;
        }
        let inside = document.fences.get(fence).is_some_and(|fence| fence.span.start <= span.start);
        let begun = document.headings[headings..].iter().take_while(|heading| heading.span.start <= span.start).count();
        let has_ended = around.0.is_some_and(|section| document.headings[section].end <= span.start);
        if begun > 0 || has_ended {
            headings += begun;
            let section = document.section_at(span);
            let path = section.map_or_else(Vec::new, |section| document.path(section));
            let mut of_path = path.iter().filter_map(|heading| phases[*heading]);
            // What is numbered within a phase has numbers of its own.
            let first = of_path.next();
            around = (
                section,
                of_path
                    .try_fold(first, |_, inner| {
                        (Some(inner.whole()) == first.map(Number::whole)).then_some(Some(inner))
                    })
                    .flatten(),
            );
        }
        let (section, phase) = around;
        labels.cut(&lower[span.range()], &mut buffer);
        let mut tokens = Vec::with_capacity(buffer.len());
        tokens.append(&mut buffer);
        lines.push(Line {
            text,
            span,
            has_number: tokens.iter().any(|token| token.number().is_some()),
            tokens,
            phase,
            fence: inside.then_some(fence),
            section,
            is_heading: section.is_some_and(|section| document.headings[section].span.contains(span)),
        });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn lines_know_their_phase_and_their_code() {
        let text = "# Phase 3: Look\n\nRead it.\n\n## Step 1\n\n```\ncode\n```\n# Other\nend\n";
        let document = Document::read(FileId::FIRST, text);
        let lines = lines(&document, document.text, &Labels::plain("phase"));
        let shown: Vec<(&str, Option<u32>, bool)> =
            lines.iter().map(|line| (line.text, line.phase.map(|number| number.phase), line.fence.is_some())).collect();
        assert_eq!(shown[1], ("Read it.", Some(3), false));
        assert_eq!(shown[4], ("code", Some(3), true));
        assert_eq!(shown[7], ("end", None, false));
    }
}
