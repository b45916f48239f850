//! A part of a file without what became declarations.

use super::{File, Pages};
use crate::source::Span;

/// The text of a part without some places in it, without the words that only led to one (`**Agents:**`), and without titles
/// that nothing is left below.
pub fn without(file: &File<'_, '_>, pages: &Pages, part: Span, cuts: &[(Span, &'static str)]) -> String {
    let document = file.document;
    let mut spans: Vec<Span> = cuts.iter().map(|(span, _)| *span).collect();
    for (span, _) in cuts {
        let before =
            &document.paragraphs[..document.paragraphs.partition_point(|one| one.content.span.end <= span.start)];
        let leads = before.last().filter(|paragraph| {
            let place = paragraph.content.span;
            let between = &document.text[place.end as usize..span.start as usize];
            let text = paragraph.content.text.trim();
            part.contains(place)
                && between.trim_matches([' ', '\n', '*', '_', '|', '-', ':']).is_empty()
                && text.ends_with(':')
                && !text.contains('\n')
        });
        spans.extend(leads.map(|paragraph| line_of(document.text, paragraph.content.span)));
    }
    spans.sort();
    let mut out = String::new();
    let mut at = part.start;
    for span in spans {
        if span.start >= at && span.end <= part.end {
            out.push_str(&pages.text(file, Span { start: at, end: span.start, ..part }));
            at = span.end;
        }
    }
    out.push_str(&pages.text(file, Span { start: at, ..part }));
    if cuts.is_empty() { out } else { tidied(&out) }
}

/// The whole line around a place.
fn line_of(text: &str, span: Span) -> Span {
    let range = span.range();
    let start = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |at| range.end + at);
    Span::new(span.file, start, end)
}

/// Without titles that stand above nothing, and with one blank line where several were.
fn tidied(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut fence: Option<&str> = None;
    let mut levels: Vec<usize> = Vec::with_capacity(lines.len());
    for line in &lines {
        let mark = ["```", "~~~"].into_iter().find(|mark| line.trim_start().starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            _ => {}
        }
        let hashes = line.len() - line.trim_start_matches('#').len();
        let is_title = fence.is_none() && (1..=6).contains(&hashes) && line[hashes..].starts_with(' ');
        levels.push(if is_title { hashes } else { 0 });
    }
    let mut keep = vec![true; lines.len()];
    for index in (0..lines.len()).rev().filter(|index| levels[*index] > 0) {
        let next = (index + 1..lines.len()).find(|next| keep[*next] && !lines[*next].trim().is_empty());
        keep[index] = next.is_some_and(|next| levels[next] == 0 || levels[next] > levels[index]);
    }
    let mut kept = keep.into_iter();
    lines.retain(|_| kept.next().unwrap_or(true));
    let mut out: Vec<&str> = Vec::with_capacity(lines.len());
    for line in lines {
        if !(line.trim().is_empty() && out.last().is_none_or(|last| last.trim().is_empty())) {
            out.push(line);
        }
    }
    out.join("\n")
}
