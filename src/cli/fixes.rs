//! Applies fixes until none is left.

use crate::compile;
use crate::diagnostic::{Applicability, Diagnostic, Edit, Fix};
use crate::source::{FileId, SourceMap};

/// Two fixes that undo each other would go on forever.
const MAX_ROUNDS: usize = 100;

/// A text after its fixes.
#[derive(Debug)]
pub struct Fixed {
    pub text: String,
    /// How many fixes were applied.
    pub count: usize,
}

/// Applies the fixes of a text: the safe ones, and those that are probably meant if `also_unsafe`.
///
/// A round applies fixes that do not touch each other; the others come again in the next one, with places that are true
/// by then.
pub fn apply(sources: &SourceMap, file: FileId, also_unsafe: bool) -> Fixed {
    let mut fixed = Fixed { text: sources.get(file).text.clone(), count: 0 };
    for _ in 0..MAX_ROUNDS {
        let sources = sources.with_text(file, fixed.text.as_str());
        let diagnostics = compile::check(&sources, file).diagnostics;
        let (edits, count) = round(file, &diagnostics, also_unsafe);
        let text = edited(&fixed.text, &edits);
        if count == 0 || text == fixed.text {
            break;
        }
        fixed = Fixed { text, count: fixed.count + count };
    }
    fixed
}

/// The fix of a finding that may be applied, if any.
pub fn choose(diagnostic: &Diagnostic, also_unsafe: bool) -> Option<&Fix> {
    let safe = diagnostic.fixes.iter().find(|fix| fix.applicability == Applicability::Safe);
    safe.or_else(|| diagnostic.fixes.first().filter(|_| also_unsafe)).filter(|fix| !fix.edits.is_empty())
}

/// `1 fix`, `2 fixes`.
pub fn fixes_counted(count: usize) -> String {
    if count == 1 { "1 fix".to_owned() } else { format!("{count} fixes") }
}

/// Edits of one round in the order of the text, and of how many fixes they are.
pub fn round(file: FileId, diagnostics: &[Diagnostic], also_unsafe: bool) -> (Vec<&Edit>, usize) {
    let mut taken: Vec<&Edit> = Vec::new();
    let mut count = 0;
    for fix in diagnostics.iter().filter_map(|found| choose(found, also_unsafe)) {
        let here = fix.edits.iter().all(|edit| edit.span.file == file);
        let free = |edit: &Edit| !taken.iter().any(|other| touch(other, edit));
        if here && fix.edits.iter().all(free) {
            taken.extend(&fix.edits);
            count += 1;
        }
    }
    taken.sort_by_key(|edit| (edit.span.start, edit.span.end));
    (taken, count)
}

/// Whether two edits share a byte or a border: what belongs on which side of the other is not known then.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// The text with the edits, which are in order.
pub fn edited(text: &str, edits: &[&Edit]) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let range = edit.span.range();
        // The edits of one fix may share a border, but must not overlap.
        result.push_str(&text[at..range.start.max(at)]);
        result.push_str(&edit.text);
        at = range.end.max(at);
    }
    result.push_str(&text[at..]);
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::TEMPLATE_ERROR;
    use crate::source::Span;

    fn span(start: usize, end: usize) -> Span {
        Span::new(FileId::FIRST, start, end)
    }

    #[test]
    fn fixes_that_touch_wait_for_the_next_round() {
        let found = |start, end, text: &str| {
            Diagnostic::new(&TEMPLATE_ERROR, span(start, end), "x").fix("t", span(start, end), text)
        };
        let diagnostics = [found(4, 5, "E"), found(0, 1, "A"), found(1, 2, "B"), found(4, 4, "!")];
        let (edits, count) = round(FileId::FIRST, &diagnostics, false);
        assert_eq!((edited("abcdef", &edits), count), ("AbcdEf".to_owned(), 2));
    }

    #[test]
    fn unsafe_fixes_are_asked_for() {
        let found = Diagnostic::new(&TEMPLATE_ERROR, span(0, 1), "x").unsafe_fix("t", span(0, 1), "b");
        assert_eq!(choose(&found, false), None);
        assert!(choose(&found, true).is_some());
        let found = found.fix("safe", span(0, 1), "c");
        assert_eq!(choose(&found, true).map(|fix| fix.title.as_str()), Some("safe"));
    }
}
