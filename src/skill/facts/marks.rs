//! Matrices of marks: phases down, and a column for each kind of work that holds `✓` and `–`, `x` and nothing, `yes` and `no`.

use super::tokens::tokens;
use super::variants::outside_parentheses;
use crate::skill::document::Table;

/// What a cell shows, before the other cells have told what that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Yes,
    No,
    /// `x`, which is a tick among blanks and a cross among ticks.
    Cross,
    Blank,
}

/// A word in parentheses explains: `Skip (too small)`.
fn mark(cell: &str) -> Option<Mark> {
    match &outside_parentheses(&tokens(cell))[..] {
        [] => Some(Mark::Blank),
        [mark] if mark.is_sign(&['✓', '✔', '✅', '☑', '●', '■', '•']) => Some(Mark::Yes),
        [mark] if mark.is_word(&["yes", "y", "run", "runs", "required", "always"]) => Some(Mark::Yes),
        [mark] if mark.is_sign(&['✗', '✘', '❌', '☐', '-', '○', '□']) => Some(Mark::No),
        [mark] if mark.is_word(&["no", "n", "skip", "skips", "skipped", "never"]) => Some(Mark::No),
        [mark] if mark.is_word(&["x"]) || mark.is_sign(&['×', '✕']) => Some(Mark::Cross),
        _ => None,
    }
}

/// Whether each of these cells of one matrix says that something runs; nothing where it does not tell.
pub fn runs(cells: &[&str]) -> Vec<Option<bool>> {
    let marks: Vec<Option<Mark>> = cells.iter().map(|cell| mark(cell)).collect();
    let has = |mark: Mark| marks.contains(&Some(mark));
    let cross_runs = !has(Mark::Yes);
    let says_no = has(Mark::No) || has(Mark::Cross) && !cross_runs;
    let meaning = |mark: &Option<Mark>| match (*mark)? {
        Mark::Yes => Some(true),
        Mark::No => Some(false),
        Mark::Cross => Some(cross_runs),
        // Beside marks that say no, a blank was forgotten or means something else.
        Mark::Blank => (!says_no && (has(Mark::Yes) || has(Mark::Cross))).then_some(false),
    };
    marks.iter().map(meaning).collect()
}

/// The columns of a table with nothing but marks in them.
pub fn columns(table: &Table<'_>) -> Vec<usize> {
    let is_marked = |column: &usize| {
        let mut cells =
            table.rows.iter().filter_map(|row| row.cells.get(*column)).map(|cell| mark(&cell.text)).peekable();
        let mut is_seen = false;
        cells.all(|mark| {
            is_seen |= mark.is_some_and(|mark| mark != Mark::Blank);
            mark.is_some()
        }) && is_seen
    };
    (0..table.header.len()).filter(is_marked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_mean_what_the_others_leave_them() {
        let shown = |cells: &[&str]| -> String {
            runs(cells).iter().map(|runs| runs.map_or('?', |runs| if runs { '1' } else { '0' })).collect()
        };
        assert_eq!(shown(&["✓", "–", "yes", "no"]), "1010");
        assert_eq!(shown(&["x", "", "X (small)"]), "101");
        assert_eq!(shown(&["✓", "x", ""]), "10?");
        assert_eq!(shown(&["●", "", "●"]), "101");
        assert_eq!(shown(&["x", "-", ""]), "10?");
        assert_eq!(shown(&["", "if asked"]), "??");
    }
}
