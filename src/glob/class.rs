//! Sets of characters, as ranges.

/// The letters of a value.
pub(super) const LETTERS: [(char, char); 6] = [('-', '-'), ('.', '.'), ('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// All characters but `/`.
pub(super) const NO_SLASH: [(char, char); 2] = [('\0', '.'), ('0', char::MAX)];

/// What is in both.
pub(super) fn meet(a: &[(char, char)], b: &[(char, char)]) -> Vec<(char, char)> {
    let pairs = a.iter().flat_map(|a| b.iter().map(move |b| (a.0.max(b.0), a.1.min(b.1))));
    pairs.filter(|(low, high)| low <= high).collect()
}

/// Of sorted ranges.
pub(super) fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let mut left = Vec::new();
    let mut next = Some('\0');
    for (low, high) in ranges {
        let Some(start) = next else { break };
        if start < *low
            && let Some(end) = ('\0'..*low).next_back()
        {
            left.push((start, end));
        }
        if *high >= start {
            next = (*high..=char::MAX).nth(1);
        }
    }
    left.extend(next.map(|start| (start, char::MAX)));
    left
}

/// A character to show for a class.
pub(super) fn sample(ranges: &[(char, char)]) -> Option<char> {
    let holds = |char: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&char));
    "xabcXABC0".chars().find(|char| holds(*char)).or_else(|| Some(ranges.first()?.0))
}
