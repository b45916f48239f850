//! How wide texts are, and how they are broken into lines.
//!
//! A picture cannot ask a browser, so widths come from the advances of Helvetica, which Arial, Liberation Sans and
//! Nimbus Sans share. The picture asks for these fonts first, and fixes the length of each line for all others.

use unicode_width::UnicodeWidthChar;

/// A style of writing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    pub size: f64,
    pub weight: Weight,
}

/// The tables of advances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Plain,
    Bold,
    /// Fixed pitch, for what is quoted from the source.
    Mono,
    /// The cells of a terminal.
    Cells,
}

/// What a terminal writes; widths are numbers of cells.
pub const TERMINAL: Face = Face { size: 1.0, weight: Weight::Cells };

/// Advances of Helvetica from the space to the tilde, in thousandths of the size.
#[rustfmt::skip]
const PLAIN: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The same of Helvetica Bold.
#[rustfmt::skip]
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

/// Thousandths of a fixed pitch, the widest of the usual fonts.
const MONO: f64 = 602.0;

/// How wide a text is on one line.
pub fn width(text: &str, face: Face) -> f64 {
    text.chars().map(|c| advance(c, face.weight)).sum::<f64>() * face.size / 1000.0
}

/// How much space a character takes, in thousandths of the size.
fn advance(c: char, weight: Weight) -> f64 {
    let cells = c.width().unwrap_or(0);
    let table = match weight {
        Weight::Cells => return 1000.0 * cells as f64,
        Weight::Mono if cells < 2 => return MONO * cells as f64,
        Weight::Mono | Weight::Plain => &PLAIN,
        Weight::Bold => &BOLD,
    };
    let ascii = (c as u32).checked_sub(0x20).and_then(|index| table.get(index as usize));
    match (ascii, c) {
        (Some(advance), _) => f64::from(*advance),
        (None, '·') => 333.0,
        (None, '–' | '«' | '»') => 556.0,
        (None, '‘' | '’' | '“' | '”') => 500.0,
        // Letters of Latin with their marks; among capitals some are wide.
        (None, 'À'..='Ý') => 778.0,
        (None, 'ß'..='ÿ') => 611.0,
        // Letters of Greek and Cyrillic, of which some are wide.
        (None, 'Ж' | 'М' | 'Ф' | 'Ш' | 'Щ' | 'Ы' | 'Ю') => 1050.0,
        (None, 'ж' | 'м' | 'ф' | 'ш' | 'щ' | 'ы' | 'ю' | 'ω' | 'ψ') => 880.0,
        (None, 'Α'..='Ω' | 'Ѐ'..='Я') => 860.0,
        (None, 'ά'..='ώ' | 'а'..='џ') => 660.0,
        // Pictures of people and things are drawn larger than letters.
        (None, '\u{1F000}'..) => 1370.0,
        (None, _) if cells == 0 => 0.0,
        (None, _) => 1000.0,
    }
}

/// A text broken into lines no wider than a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    pub lines: Vec<String>,
    /// The last line ends in an ellipsis.
    pub cut: bool,
}

/// Breaks a text between words; a word that is too long after a sign within it, or anywhere. At most `max_lines`.
pub fn wrap(text: &str, face: Face, room: f64, max_lines: usize) -> Wrapped {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    let space = width(" ", face);
    for word in text.split_whitespace() {
        let long = width(word, face);
        if used > 0.0 && used + space + long <= room {
            used += space + long;
            append(&mut lines, " ", word);
            continue;
        }
        if used > 0.0 {
            lines.push(String::new());
        }
        let mut rest = word;
        while width(rest, face) > room {
            let (head, tail) = rest.split_at(break_at(rest, face, room));
            if tail.is_empty() {
                break;
            }
            append(&mut lines, "", head);
            lines.push(String::new());
            rest = tail;
        }
        used = width(rest, face);
        append(&mut lines, "", rest);
    }
    let cut = lines.len() > max_lines;
    if cut {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            *last = ellipsis(&format!("{last}…"), face, room);
        }
    }
    Wrapped { lines, cut }
}

/// The text, or as much of its beginning as fits before an ellipsis.
pub fn ellipsis(text: &str, face: Face, room: f64) -> String {
    let mut kept = text.trim_end_matches('…');
    if kept.len() == text.len() && width(text, face) <= room {
        return text.to_string();
    }
    while width(kept, face) + width("…", face) > room {
        let Some((last, _)) = kept.char_indices().next_back() else { break };
        kept = &kept[..last];
    }
    format!("{}…", kept.trim_end_matches([' ', '·']))
}

fn append(lines: &mut [String], before: &str, word: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(before);
        line.push_str(word);
    }
}

/// Where a word is broken: after the last sign that fits, else after the last character that fits, and never at once.
fn break_at(word: &str, face: Face, room: f64) -> usize {
    let mut used = 0.0;
    let mut after_sign = None;
    let mut fits = 0;
    for (at, c) in word.char_indices() {
        used += advance(c, face.weight) * face.size / 1000.0;
        let next = at + c.len_utf8();
        if used > room && at > 0 {
            break;
        }
        fits = next;
        if matches!(c, '/' | '-' | '_' | ',' | '(' | '@' | '=') {
            after_sign = Some(next);
        }
    }
    match after_sign {
        Some(sign) if sign * 3 > fits => sign,
        _ => fits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: Face = Face { size: 10.0, weight: Weight::Plain };

    #[test]
    fn no_line_is_wider_than_its_room_and_nothing_is_lost() {
        let texts = [
            "",
            "one",
            "a few short words",
            "integrating-with-a-very-long-vendor-name/and/its/path",
            "漢字 и кириллица 🦀🦀🦀",
        ];
        for text in texts {
            for room in [14.0, 30.0, 80.0, 400.0] {
                let wrapped = wrap(text, FACE, room, usize::MAX);
                assert!(wrapped.lines.iter().all(|line| width(line, FACE) <= room), "{wrapped:?} in {room}");
                let bare = |text: &str| text.replace(' ', "");
                assert_eq!(bare(&wrapped.lines.concat()), bare(text));
                assert!(!wrapped.cut);
            }
        }
    }

    #[test]
    fn what_does_not_fit_ends_in_an_ellipsis() {
        let wrapped = wrap("a few words on three short lines", FACE, 50.0, 2);
        assert!(wrapped.cut && wrapped.lines.len() == 2, "{wrapped:?}");
        assert!(wrapped.lines[1].ends_with('…') && width(&wrapped.lines[1], FACE) <= 50.0, "{wrapped:?}");
        assert_eq!(ellipsis("short", FACE, 50.0), "short");
    }
}
