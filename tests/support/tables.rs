//! Tables of Markdown.

use std::collections::BTreeMap;

/// The rows of a table, each a list of trimmed cells, by the heading above it.
pub fn tables(markdown: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let mut found: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    let mut heading = String::new();
    for line in markdown.lines() {
        if let Some(title) = line.strip_prefix('#') {
            heading = title.trim_start_matches('#').trim().to_string();
        } else if line.starts_with('|') && !line.starts_with("| ---") && !line.starts_with("|--") {
            let line = line.replace("\\|", "\u{1}");
            let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect();
            found.entry(heading.clone()).or_default().push(cells);
        }
    }
    found
}

/// A link's text, or the cell itself.
pub fn plain(cell: &str) -> String {
    match cell.strip_prefix('[').and_then(|rest| rest.split_once("](")) {
        Some((text, _)) => text.to_string(),
        None => cell.trim_matches('`').to_string(),
    }
}
