//! Reading a glob.

use super::class::{NO_SLASH, complement, meet};
use super::{Piece, Symbol, Word, symbol};

/// Alternatives may nest this deep; a brace below stands for itself.
const NESTING: usize = 8;

/// What a glob says.
pub(super) fn word(pieces: &[Piece]) -> Word {
    parse(pieces, NESTING)
}

/// Symbols from the left to the right, except for alternatives: those are from the right to the left already.
fn parse(pieces: &[Piece], nesting: usize) -> Word {
    let mut word = Word::new();
    let mut at = 0;
    while at < pieces.len() {
        let rest = &pieces[at..];
        let begins = at == 0 || pieces[at - 1] == Piece::Char('/');
        at += match rest {
            [Piece::Char('*'), Piece::Char('*'), Piece::Char('/'), ..] if begins => {
                word.push(Symbol::Folders);
                3
            }
            [Piece::Char('*'), Piece::Char('*')] if begins => {
                word.extend([Symbol::Folders, Symbol::Class(NO_SLASH.to_vec()), Symbol::Star]);
                2
            }
            [Piece::Char('*'), ..] => {
                if word.last() != Some(&Symbol::Star) {
                    word.push(Symbol::Star);
                }
                1
            }
            [Piece::Char('?'), ..] => {
                word.push(Symbol::Class(NO_SLASH.to_vec()));
                1
            }
            [Piece::Char('\\'), escaped, ..] => {
                word.push(symbol(*escaped));
                2
            }
            [Piece::Char('['), ..] => match class(rest) {
                Some((ranges, length)) => {
                    word.push(Symbol::Class(ranges));
                    length
                }
                None => {
                    word.push(Symbol::One('['));
                    1
                }
            },
            [Piece::Char('{'), ..] => match alternatives(rest).filter(|_| nesting > 0) {
                Some((parts, length)) => {
                    let words = parts.into_iter().map(|part| {
                        let mut word = parse(part, nesting - 1);
                        word.reverse();
                        word
                    });
                    word.push(Symbol::Either(words.collect()));
                    length
                }
                None => {
                    word.push(Symbol::One('{'));
                    1
                }
            },
            [piece, ..] => {
                word.push(symbol(*piece));
                1
            }
            [] => 1,
        };
    }
    word
}

/// `[a-z_]` or `[!a-z]`: its characters, and how many pieces it takes.
fn class(pieces: &[Piece]) -> Option<(Vec<(char, char)>, usize)> {
    let mut chars: Vec<char> = Vec::new();
    for piece in &pieces[1..] {
        match piece {
            // A bracket that comes first is one of the characters.
            Piece::Char(']') if !matches!(chars[..], [] | ['!' | '^']) => break,
            Piece::Char(char) if *char != '/' => chars.push(*char),
            _ => return None,
        }
    }
    let length = chars.len() + 2;
    (length <= pieces.len()).then_some(())?;
    let negated = matches!(chars[..], ['!' | '^', ..]);
    let mut rest = &chars[usize::from(negated)..];
    let mut ranges = Vec::new();
    while let Some((first, tail)) = rest.split_first() {
        if let ['-', last, after @ ..] = tail {
            ranges.push((*first, *last));
            rest = after;
        } else {
            ranges.push((*first, *first));
            rest = tail;
        }
    }
    ranges.sort_unstable();
    let ranges = if negated { complement(&ranges) } else { ranges };
    Some((meet(&ranges, &NO_SLASH), length))
}

/// The parts of `{a,b}`, and how many pieces it takes.
fn alternatives(pieces: &[Piece]) -> Option<(Vec<&[Piece]>, usize)> {
    let mut parts = Vec::new();
    let mut depth = 0usize;
    let mut start = 1;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Char('{') => depth += 1,
            Piece::Char('}') => depth -= 1,
            Piece::Char(',') if depth == 1 => {
                parts.push(&pieces[start..index]);
                start = index + 1;
            }
            _ => {}
        }
        if depth == 0 {
            parts.push(&pieces[start..index]);
            return Some((parts, index + 1));
        }
    }
    None
}
