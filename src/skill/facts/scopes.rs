//! For whom a phase runs, by a sentence at the start of its own text: `Only for L.`, `*Not in brief reports.*`, `Runs for: M, L`.

use super::Page;
use super::lines::Line;
use super::skips::{CONDITION_COLUMNS, Skip, Source, verb_at};
use super::tokens::{Number, Token};
use super::variants::Variants;
use super::vocabulary::Vocabulary;
use crate::source::Span;

pub fn read(page: &Page<'_, '_>, vocabulary: &Vocabulary<'_>) -> Vec<Skip> {
    let mut found: Vec<Skip> = Vec::new();
    for (at, line) in page.lines.iter().enumerate().filter(|(_, line)| line.is_heading) {
        let title = line.section.map(|section| &*page.document.headings[section].content.text);
        let phase = title.and_then(|title| vocabulary.subject(title)).map(|(phase, _)| phase);
        let Some(phase) = phase.filter(|phase| vocabulary.has(*phase)) else { continue };
        let own = page.lines[at + 1..].iter().take_while(|next| next.section == line.section && next.fence.is_none());
        for line in own {
            let is_field = line.text.starts_with('|') || label_end(line).is_some();
            if let Some((runs, place)) = scope(line, vocabulary) {
                found.push(stated(phase, runs, place, Source::Title, vocabulary));
            }
            // Further on a sentence may be of what stands before it.
            if !is_field {
                break;
            }
        }
    }
    let listed = vocabulary.phases.iter().filter(|phase| phase.place.file == page.document.file);
    found.extend(listed.filter_map(|phase| {
        let (runs, place) = ending(page, phase.place, vocabulary)?;
        Some(stated(phase.number, runs, place, Source::Condition, vocabulary))
    }));
    found
}

fn stated(phase: Number, runs: Variants, place: Span, source: Source, vocabulary: &Vocabulary<'_>) -> Skip {
    Skip { phase, about: vocabulary.variants.all(), skipped: !runs, place, source }
}

/// How long the label is that a line begins with, in tokens.
fn label_end(line: &Line<'_>) -> Option<usize> {
    line.tokens.iter().take(6).position(|token| token.is_sign(&[':']))
}

/// The variants that a line says its phase runs in, by its first sentence, and where.
fn scope(line: &Line<'_>, vocabulary: &Vocabulary<'_>) -> Option<(Variants, Span)> {
    let start = line.tokens.iter().position(|token| token.word().is_some())?;
    let tokens = &line.tokens[start..];
    let is_label = |end: &usize| {
        let label: Vec<&str> = line.tokens[start..*end].iter().filter_map(Token::word).collect();
        CONDITION_COLUMNS.contains(&&*label.join(" "))
    };
    if let Some(colon) = label_end(line).filter(|colon| *colon > start).filter(is_label) {
        return named(line, &line.tokens[colon + 1..], vocabulary);
    }
    let end = tokens.iter().position(|token| token.is_sign(&['.', ':', ';', '!'])).unwrap_or(tokens.len());
    let sentence = &tokens[..end];
    // `Left out for S`
    if let Some(length) =
        verb_at(sentence).filter(|length| sentence.len() > *length && sentence[*length].is_word(&["for", "in", "on"]))
    {
        return named(line, &sentence[length..], vocabulary).map(|(variants, place)| (!variants, place));
    }
    let is_told = sentence.iter().any(|token| token.is_word(&["only"])) || sentence.first()?.is_word(&["not"]);
    named(line, sentence, vocabulary).filter(|_| is_told)
}

/// What these words of a line say, when all of it is understood and names a variant.
fn named(line: &Line<'_>, tokens: &[Token<'_>], vocabulary: &Vocabulary<'_>) -> Option<(Variants, Span)> {
    let (first, last) = (tokens.first()?, tokens.last()?);
    if vocabulary.variants.mentioned(tokens).is_empty() {
        return None;
    }
    let runs = vocabulary.variants.condition(&line.text[first.range.start..last.range.end])?;
    Some((runs, line.place(tokens)))
}

/// The last sentence of the paragraph that lists a phase, where that says nothing but for whom it runs:
/// `**Stage 5 — Watch.** Look at the graphs. Tier 1 and Tier 2.`
fn ending(page: &Page<'_, '_>, name: Span, vocabulary: &Vocabulary<'_>) -> Option<(Variants, Span)> {
    let paragraph = page.document.paragraphs.iter().find(|paragraph| paragraph.content.span.contains(name))?;
    let place = paragraph.content.span;
    let (source, start) = (page.document.source(place), place.range().start);
    let behind = name.range().end - start;
    let trimmed = source.trim_end_matches(['.', ' ', '*', '_']);
    let begin = trimmed.get(behind..)?.rfind(". ")? + behind + 2;
    let runs = vocabulary.variants.condition(&trimmed[begin..])?;
    Some((runs, page.document.place(start + begin..start + trimmed.len())))
}
