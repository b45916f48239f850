//! One Markdown file, as a strict CommonMark reader sees it, with a span for everything.
//!
//! Reading never fails: whatever the text is, something stands in it. The parts lie in vectors in the order of the text,
//! and refer to each other by index; [`Document`] answers what lies where.

mod read;

use std::borrow::Cow;
use std::ops::Range;

use crate::source::{FileId, Span};

use super::front_matter;

/// A Markdown file.
#[derive(Debug)]
pub struct Document<'s> {
    pub file: FileId,
    /// The whole text; every span points into it.
    pub text: &'s str,
    /// What stands between the first two lines `---`, if the file begins so.
    pub front_matter: Option<front_matter::Block<'s>>,
    pub headings: Vec<Heading<'s>>,
    pub tables: Vec<Table<'s>>,
    /// Items of lists, nested ones after the one they stand in.
    pub items: Vec<Item>,
    /// The texts of paragraphs and of list items.
    pub paragraphs: Vec<Paragraph<'s>>,
    /// Code in blocks, fenced or indented.
    pub fences: Vec<Fence<'s>>,
    /// Code in a line, `` `so` ``.
    pub codes: Vec<Inline<'s>>,
    pub links: Vec<Link<'s>>,
    /// HTML, in blocks and in lines, comments among it.
    pub html: Vec<Span>,
}

/// What a reader sees of a line, without emphasis and link targets, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inline<'s> {
    pub text: Cow<'s, str>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Heading<'s> {
    /// 1 to 6.
    pub level: u8,
    pub content: Inline<'s>,
    /// The whole line, with its `#`.
    pub span: Span,
    /// As GitHub makes it; unique in the file.
    pub anchor: String,
    /// It stands in a quotation or a list, and so begins no section.
    pub is_nested: bool,
    /// The heading of the section around it.
    pub parent: Option<usize>,
    /// Where its section ends: before the next heading of the same or a higher level.
    pub end: u32,
}

#[derive(Debug)]
pub struct Table<'s> {
    pub span: Span,
    pub header: Vec<Inline<'s>>,
    pub rows: Vec<Row<'s>>,
    /// The heading of the section it stands in.
    pub section: Option<usize>,
}

/// As many cells as the header has.
#[derive(Debug)]
pub struct Row<'s> {
    pub span: Span,
    pub cells: Vec<Inline<'s>>,
}

#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// All of it, with what is nested in it.
    pub span: Span,
    /// 0 for those of the outermost list.
    pub depth: usize,
    /// Of an ordered list.
    pub number: Option<u64>,
    /// `[ ]` or `[x]`.
    pub checked: Option<bool>,
}

#[derive(Debug)]
pub struct Paragraph<'s> {
    pub content: Inline<'s>,
    /// The item it stands in.
    pub item: Option<usize>,
}

#[derive(Debug)]
pub struct Fence<'s> {
    /// With its fences.
    pub span: Span,
    /// The lines between the fences.
    pub content: Span,
    /// What stands behind the opening fence, `yaml`; empty for indented code.
    pub info: Cow<'s, str>,
    /// The sign of the fence and how often it stands there; nothing for indented code.
    pub mark: Option<(char, usize)>,
    /// A fence that closes it was found.
    pub is_closed: bool,
}

#[derive(Debug)]
pub struct Link<'s> {
    pub span: Span,
    /// The text, or what an image shows instead.
    pub content: Inline<'s>,
    /// As it is written, without the signs that escape.
    pub target: Cow<'s, str>,
    /// Where the target stands: for `[a][b]` in the line `[b]: target`.
    pub target_span: Span,
    pub is_image: bool,
    /// `<https://…>`
    pub is_auto: bool,
}

impl Link<'_> {
    /// The target without what stands behind `#` and `?`, and the fragment behind `#`.
    pub fn parts(&self) -> (&str, Option<&str>) {
        let (path, fragment) = match self.target.split_once('#') {
            Some((path, fragment)) => (path, Some(fragment)),
            None => (&*self.target, None),
        };
        (path.split('?').next().unwrap_or(path), fragment)
    }

    /// The target names another place than a file: `https:`, `mailto:`, `//host`.
    pub fn is_external(&self) -> bool {
        let scheme = self.target.split_once(':').map_or("", |(scheme, _)| scheme);
        let is_scheme = |scheme: &str| {
            scheme.len() > 1
                && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        };
        is_scheme(scheme) || self.target.starts_with("//")
    }
}

impl Table<'_> {
    /// The first column whose title is one of `names`, in any case of letters.
    pub fn column(&self, names: &[&str]) -> Option<usize> {
        let is = |title: &Inline<'_>| names.iter().any(|name| title.text.eq_ignore_ascii_case(name));
        self.header.iter().position(is)
    }
}

impl<'s> Document<'s> {
    /// Reads a text; a byte order mark at its start is passed over.
    pub fn read(file: FileId, text: &'s str) -> Self {
        read::read(file, text)
    }

    /// All of it.
    pub fn span(&self) -> Span {
        Span::new(self.file, 0, self.text.len())
    }

    /// The source of a place, with all marks.
    pub fn source(&self, span: Span) -> &'s str {
        &self.text[span.range()]
    }

    pub fn place(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// The heading of the innermost section a place lies in; a heading lies in its own section.
    pub fn section_at(&self, span: Span) -> Option<usize> {
        let after = self.headings.partition_point(|heading| heading.span.start <= span.start);
        let nearest = self.headings[..after].iter().rposition(|heading| !heading.is_nested)?;
        std::iter::successors(Some(nearest), |at| self.headings[*at].parent)
            .find(|at| span.start < self.headings[*at].end)
    }

    /// A section with its heading, up to the next heading of the same or a higher level.
    pub fn section(&self, heading: usize) -> Span {
        let heading = &self.headings[heading];
        Span { end: heading.end, ..heading.span }
    }

    /// The headings above a section and its own, from the outermost to the innermost.
    pub fn path(&self, heading: usize) -> Vec<usize> {
        let mut path: Vec<usize> = std::iter::successors(Some(heading), |at| self.headings[*at].parent).collect();
        path.reverse();
        path
    }

    /// The tables that have a column for each entry of `columns`, an entry being a list of names for the same column;
    /// with the columns they are. Case does not matter.
    pub fn tables_with<'a>(
        &'a self,
        columns: &'a [&'a [&'a str]],
    ) -> impl Iterator<Item = (&'a Table<'s>, Vec<usize>)> + 'a {
        self.tables.iter().filter_map(|table| {
            let found: Option<Vec<usize>> = columns.iter().map(|names| table.column(names)).collect();
            found.map(|columns| (table, columns))
        })
    }

    /// The item, the paragraph and so on of a list that lie within a place.
    pub fn within<'a, T>(&self, parts: &'a [T], span: impl Fn(&T) -> Span, place: Span) -> &'a [T] {
        let start = parts.partition_point(|part| span(part).start < place.start);
        let end = parts.partition_point(|part| span(part).start < place.end);
        &parts[start..end.max(start)]
    }

    /// Whether a place lies in code, in a block or in a line.
    pub fn is_code(&self, span: Span) -> bool {
        let holds = |found: Option<Span>| found.is_some_and(|found| found.contains(span));
        let before = |count: usize| count.checked_sub(1);
        let fence = before(self.fences.partition_point(|fence| fence.span.start <= span.start));
        let code = before(self.codes.partition_point(|code| code.span.start <= span.start));
        holds(fence.map(|at| self.fences[at].span)) || holds(code.map(|at| self.codes[at].span))
    }

    /// Whether a place lies in HTML.
    pub fn is_html(&self, span: Span) -> bool {
        let before = self.html.partition_point(|html| html.start <= span.start).checked_sub(1);
        before.is_some_and(|at| self.html[at].contains(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nname: a\n---\n\n# Title\n\n## Phases & Gates\n\n| Phase | Name |\n|---|---|\n| 1 | [Set up](a.md#x) `c` |\n| 2 | **Test** \\| run |\n\n\
        ### Steps\n\n- [x] one **two**\n  1. inner\n  2. [b][c]\n- [ ] ![pic](p.png)\n\n> # Quoted\n\n````yaml\n# not a heading\n```\n````\n\n## Phases & Gates\n\nText <b>bold</b>\nwith a break.\n\n[c]: ../c.md\n";

    fn read(text: &str) -> Document<'_> {
        Document::read(FileId(0), text)
    }

    fn sources<'s, T>(document: &Document<'s>, parts: &[T], span: impl Fn(&T) -> Span) -> Vec<&'s str> {
        parts.iter().map(|part| document.source(span(part))).collect()
    }

    #[test]
    fn headings_make_sections() {
        let document = read(TEXT);
        let shown: Vec<_> =
            document.headings.iter().map(|h| (h.level, &*h.content.text, h.anchor.as_str(), h.parent)).collect();
        assert_eq!(
            shown,
            [
                (1, "Title", "title", None),
                (2, "Phases & Gates", "phases--gates", Some(0)),
                (3, "Steps", "steps", Some(1)),
                (1, "Quoted", "quoted", Some(2)),
                (2, "Phases & Gates", "phases--gates-1", Some(0)),
            ]
        );
        assert_eq!(sources(&document, &document.headings, |h| h.span)[..2], ["# Title", "## Phases & Gates"]);
        assert_eq!(document.section_at(document.fences[0].span), Some(2));
        assert_eq!(document.path(2), [0, 1, 2]);
        assert!(document.source(document.section(1)).ends_with("````\n\n"));
        assert_eq!(document.section_at(Span::new(FileId(0), 0, 0)), None);
    }

    #[test]
    fn cells_have_texts_and_places() {
        let document = read(TEXT);
        let (table, columns) =
            document.tables_with(&[&["phase", "step"], &["name"]]).next().expect("the table has both columns");
        assert_eq!((columns, table.section), (vec![0, 1], Some(1)));
        let names: Vec<(&str, &str)> =
            table.rows.iter().map(|row| (&*row.cells[1].text, document.source(row.cells[1].span))).collect();
        assert_eq!(names, [("Set up c", "[Set up](a.md#x) `c`"), ("Test | run", "**Test** \\| run")]);
        assert!(document.tables_with(&[&["gate"]]).next().is_none());
    }

    #[test]
    fn items_are_nested_and_checked() {
        let document = read(TEXT);
        let shown: Vec<_> = document.items.iter().map(|item| (item.depth, item.number, item.checked)).collect();
        assert_eq!(shown, [(0, None, Some(true)), (1, Some(1), None), (1, Some(2), None), (0, None, Some(false))]);
        let texts: Vec<_> = document.paragraphs.iter().map(|p| (&*p.content.text, p.item)).collect();
        assert_eq!(
            texts,
            [
                ("one two", Some(0)),
                ("inner", Some(1)),
                ("b", Some(2)),
                ("pic", Some(3)),
                ("Text bold\nwith a break.", None)
            ]
        );
        assert_eq!(document.source(document.paragraphs[0].content.span), "one **two**");
    }

    #[test]
    fn links_have_targets_with_places() {
        let document = read(TEXT);
        let shown: Vec<_> = document.links.iter().map(|l| (&*l.content.text, &*l.target, l.is_image)).collect();
        assert_eq!(shown, [("Set up", "a.md#x", false), ("b", "../c.md", false), ("pic", "p.png", true)]);
        assert_eq!(sources(&document, &document.links, |l| l.target_span), ["a.md#x", "../c.md", "p.png"]);
        assert_eq!(document.links[0].parts(), ("a.md", Some("x")));
        assert_eq!(sources(&document, &document.links, |l| l.content.span)[0], "Set up");
    }

    #[test]
    fn fences_say_whether_they_are_closed() {
        let document = read(TEXT);
        let fence = &document.fences[0];
        assert_eq!((fence.mark, &*fence.info, fence.is_closed), (Some(('`', 4)), "yaml", true));
        assert_eq!(document.source(fence.content), "# not a heading\n```\n");
        let text = "````\na\n```\n\n## Swallowed\n";
        let document = read(text);
        assert!(!document.fences[0].is_closed && document.headings.is_empty());
        let document = read("- ```\n  a\n  ```\n\n> ~~~\n> b\n> ~~~\n\n```\n```");
        assert_eq!(document.fences.iter().map(|fence| fence.is_closed).collect::<Vec<_>>(), [true; 3]);
        let document = read("```\n\n    indented\n");
        assert!(!document.fences[0].is_closed);
        let document = read("p\n\n    indented\n");
        assert!(document.fences[0].is_closed && document.fences[0].mark.is_none());
    }

    #[test]
    fn code_and_html_are_known() {
        let document = read("a `b` <i>c</i>\n\n```\nd\n```\n\n<!-- e -->\n");
        let at = |word: &str| {
            let start = document.text.find(word).expect("it is there");
            document.place(start..start + 1)
        };
        assert!(document.is_code(at("b")) && document.is_code(at("d")) && !document.is_code(at("a")));
        assert!(document.is_html(at("e -->")) && !document.is_html(at("a ")));
    }

    #[test]
    fn external_targets_have_a_scheme() {
        let document = read("[a](https://x.y) [b](c:d.md) <mailto:x@y.z> [c](//host/x) [d](MAILTO:x)");
        let shown: Vec<bool> = document.links.iter().map(Link::is_external).collect();
        assert_eq!(shown, [true, false, true, true, true]);
    }

    #[test]
    fn every_text_can_be_read() {
        let texts = [
            "",
            "#",
            "\u{FEFF}# a",
            "| a |\n|---|\n",
            "- \n-\n",
            "[a](",
            "```",
            "---\n",
            "---",
            "\0",
            "> - > ```\n",
            "![![a](b)](c)",
            "[![a](b)](c)",
            "- [ ]\n- [x] `a",
            "| a | b |\n|---|---|\n| c |\n",
            "# \u{200B}\r\n",
        ];
        for text in texts {
            let document = read(text);
            for heading in &document.headings {
                assert!(heading.end >= heading.span.end, "{text:?}");
            }
            let spans = document.links.iter().map(|link| link.target_span).chain(document.codes.iter().map(|c| c.span));
            spans.for_each(|span| _ = document.source(span));
        }
    }
}
