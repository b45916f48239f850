//! The events of pulldown-cmark, put together to a [`Document`].

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::{Document, Fence, Heading, Inline, Item, Link, Paragraph, Row, Table};
use crate::skill::front_matter;
use crate::source::{FileId, Span};

/// What GitHub understands beyond CommonMark, as far as it changes what is a heading, a table or a link.
const OPTIONS: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_GFM);

pub fn read(file: FileId, text: &str) -> Document<'_> {
    let (front_matter, body) = front_matter::split(file, text);
    let mut reader = Reader::new(Document { front_matter, ..Document::empty(file, text) });
    let mut events = Parser::new_ext(&text[body..], OPTIONS).into_offset_iter();
    for (event, range) in events.by_ref() {
        reader.take(event, range.start + body..range.end + body);
    }
    let definitions = events.reference_definitions();
    for (link, label) in &reader.labels {
        if let Some(definition) = definitions.get(label) {
            let line = definition.span.start + body..definition.span.end + body;
            let link = &mut reader.document.links[*link];
            link.target_span = target_within(reader.document.file, text, line, &link.target);
        }
    }
    let mut document = reader.document;
    // What is nested in another link or block of HTML was pushed before it.
    document.links.sort_by_key(|link| link.span);
    document.html.sort();
    nest_sections(&mut document);
    document
}

impl<'s> Document<'s> {
    fn empty(file: FileId, text: &'s str) -> Self {
        Document {
            file,
            text,
            front_matter: None,
            headings: Vec::new(),
            tables: Vec::new(),
            items: Vec::new(),
            paragraphs: Vec::new(),
            fences: Vec::new(),
            codes: Vec::new(),
            links: Vec::new(),
            html: Vec::new(),
        }
    }
}

struct Reader<'s> {
    document: Document<'s>,
    /// The text of the block that is read.
    line: Option<Line<'s>>,
    /// Links and images that are open, with the label of those that are given by reference.
    links: Vec<(Link<'s>, Option<CowStr<'s>>)>,
    /// The labels of links that have one, by the link's index.
    labels: Vec<(usize, CowStr<'s>)>,
    /// The next number of each open list.
    lists: Vec<Option<u64>>,
    /// The open items, by index.
    items: Vec<usize>,
    /// How many quotations and notes are open.
    quotes: usize,
    fence: Option<Fence<'s>>,
}

/// The text of one block while it is read.
struct Line<'s> {
    content: Inline<'s>,
    /// Of a list item that has no paragraph: it ends where the next block begins.
    is_tight: bool,
}

impl<'s> Reader<'s> {
    fn new(document: Document<'s>) -> Self {
        Reader {
            document,
            line: None,
            links: Vec::new(),
            labels: Vec::new(),
            lists: Vec::new(),
            items: Vec::new(),
            quotes: 0,
            fence: None,
        }
    }

    fn take(&mut self, event: Event<'s>, range: Range<usize>) {
        let span = self.document.place(range);
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(text) => self.text(text, span),
            Event::Code(code) => {
                self.document.codes.push(Inline { text: cow(code.clone()), span });
                self.text(code, span);
            }
            Event::InlineHtml(_) => {
                self.document.html.push(span);
                self.text(CowStr::Borrowed(""), span);
            }
            Event::SoftBreak | Event::HardBreak => self.text(CowStr::Borrowed("\n"), span),
            Event::FootnoteReference(_) => self.text(CowStr::Borrowed(""), span),
            Event::TaskListMarker(checked) => {
                if let Some(item) = self.items.last() {
                    self.document.items[*item].checked = Some(checked);
                }
            }
            Event::Html(_) | Event::Rule | Event::InlineMath(_) | Event::DisplayMath(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'s>, span: Span) {
        if is_block(&tag) {
            self.flush_tight();
        }
        match tag {
            Tag::Paragraph | Tag::Heading { .. } | Tag::TableCell => {
                self.line = Some(Line { content: Inline { text: Cow::Borrowed(""), span }, is_tight: false });
            }
            Tag::BlockQuote(_) | Tag::FootnoteDefinition(_) => self.quotes += 1,
            Tag::CodeBlock(kind) => self.fence = Some(fence(&self.document, kind, span)),
            Tag::HtmlBlock => self.document.html.push(span),
            Tag::List(number) => self.lists.push(number),
            Tag::Item => {
                let next = self.lists.last_mut().and_then(Option::as_mut);
                let number = next.map(|next| std::mem::replace(next, next.saturating_add(1)));
                self.items.push(self.document.items.len());
                let depth = self.lists.len().saturating_sub(1);
                self.document.items.push(Item { span, depth, number, checked: None });
            }
            Tag::Table(_) => {
                self.document.tables.push(Table { span, header: Vec::new(), rows: Vec::new(), section: None });
            }
            Tag::TableRow => {
                if let Some(table) = self.document.tables.last_mut() {
                    table.rows.push(Row { span, cells: Vec::new() });
                }
            }
            Tag::Link { link_type, dest_url, id, .. } => self.open_link(link_type, dest_url, id, span, false),
            Tag::Image { link_type, dest_url, id, .. } => self.open_link(link_type, dest_url, id, span, true),
            // A tight item may begin or end with one: its text is all of it.
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.text(CowStr::Borrowed(""), span),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, span: Span) {
        match tag {
            TagEnd::Paragraph => self.push_paragraph(),
            TagEnd::Heading(level) => {
                let content = self.line_read(span);
                self.document.headings.push(Heading {
                    level: level as u8,
                    content,
                    span: trimmed(&self.document, span),
                    is_nested: self.quotes > 0 || !self.items.is_empty(),
                    parent: None,
                    end: 0,
                });
            }
            TagEnd::TableCell => {
                let cell = self.line_read(span);
                if let Some(table) = self.document.tables.last_mut() {
                    table.rows.last_mut().map_or(&mut table.header, |row| &mut row.cells).push(cell);
                }
            }
            TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.flush_tight();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some(mut fence) = self.fence.take() {
                    fence.is_closed = is_closed(&self.document, &fence);
                    self.document.fences.push(fence);
                }
            }
            TagEnd::List(_) => _ = self.lists.pop(),
            TagEnd::Item => {
                self.flush_tight();
                self.items.pop();
            }
            TagEnd::Link | TagEnd::Image => self.close_link(),
            _ => {}
        }
    }

    fn text(&mut self, piece: CowStr<'s>, span: Span) {
        if let Some(fence) = &mut self.fence {
            let is_first = fence.content.start == fence.content.end;
            fence.content = if is_first { span } else { fence.content.to(span) };
            return;
        }
        let text = self.document.text;
        if let Some((link, _)) = self.links.last_mut() {
            append(&mut link.content, piece.clone(), text, span);
        }
        match &mut self.line {
            Some(line) => append(&mut line.content, piece, text, span),
            None if !self.items.is_empty() => {
                self.line = Some(Line { content: Inline { text: cow(piece), span }, is_tight: true });
            }
            None => {}
        }
    }

    fn open_link(&mut self, kind: LinkType, target: CowStr<'s>, label: CowStr<'s>, span: Span, is_image: bool) {
        let target = cow(target);
        let target_span = match kind {
            LinkType::Inline => target_within(self.document.file, self.document.text, span.range(), &target),
            _ => span,
        };
        let is_auto = matches!(kind, LinkType::Autolink | LinkType::Email);
        let content = Inline { text: Cow::Borrowed(""), span: span.at_start() };
        let is_labelled = matches!(kind, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut);
        let link = Link { span, content, target, target_span, is_image, is_auto };
        self.text(CowStr::Borrowed(""), span);
        self.links.push((link, is_labelled.then_some(label)));
    }

    fn close_link(&mut self) {
        let Some((link, label)) = self.links.pop() else { return };
        if let Some((outer, _)) = self.links.last_mut() {
            append(&mut outer.content, CowStr::Boxed(link.content.text.as_ref().into()), self.document.text, link.span);
        }
        self.labels.extend(label.map(|label| (self.document.links.len(), label)));
        self.document.links.push(link);
    }

    /// The text of the block that ends.
    fn line_read(&mut self, block: Span) -> Inline<'s> {
        let content = self.line.take().map(|line| line.content);
        let content = content.unwrap_or(Inline { text: Cow::Borrowed(""), span: block });
        let span = trimmed(&self.document, content.span);
        let text = match content.text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        Inline { text, span }
    }

    fn push_paragraph(&mut self) {
        if let Some(line) = &self.line {
            let block = line.content.span;
            let content = self.line_read(block);
            self.document.paragraphs.push(Paragraph { content, item: self.items.last().copied() });
        }
    }

    fn flush_tight(&mut self) {
        if self.line.as_ref().is_some_and(|line| line.is_tight) {
            self.push_paragraph();
        }
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(
        tag,
        Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. } | Tag::TableHead
    )
}

fn cow(text: CowStr<'_>) -> Cow<'_, str> {
    match text {
        CowStr::Borrowed(text) => Cow::Borrowed(text),
        text => Cow::Owned(text.into_string()),
    }
}

/// Adds a piece and widens the place to it. The text is borrowed as long as its source has nothing else.
fn append<'s>(content: &mut Inline<'s>, piece: CowStr<'s>, source: &'s str, span: Span) {
    let is_unset = content.span.start == content.span.end;
    let (before, whole) = (content.span, if is_unset { span } else { content.span.to(span) });
    let is_source = |text: &str| std::ptr::eq(text, &source[before.range()]);
    content.span = whole;
    match &mut content.text {
        text if text.is_empty() => *text = cow(piece),
        _ if piece.is_empty() => {}
        Cow::Borrowed(text) if before.end == span.start && is_source(text) && *piece == source[span.range()] => {
            *text = &source[whole.range()];
        }
        text => text.to_mut().push_str(&piece),
    }
}

/// A place without blanks around it.
fn trimmed(document: &Document<'_>, span: Span) -> Span {
    let source = document.source(span);
    let start = span.range().start + source.len() - source.trim_start().len();
    document.place(start..start + source.trim().len())
}

/// Where a target is written between `[…](` and `)`, or behind `[…]:`; all of it when it is written in another way.
fn target_within(file: FileId, text: &str, range: Range<usize>, target: &str) -> Span {
    let source = &text[range.clone()];
    let behind = ["](", "]:"].iter().filter_map(|mark| source.rfind(mark)).max().unwrap_or(0);
    match source[behind..].find(target).filter(|_| !target.is_empty()) {
        Some(at) => {
            let start = range.start + behind + at;
            Span::new(file, start, start + target.len())
        }
        None => Span::new(file, range.start, range.end),
    }
}

fn fence<'s>(document: &Document<'s>, kind: CodeBlockKind<'s>, span: Span) -> Fence<'s> {
    let source = document.source(span);
    let (info, mark) = match kind {
        CodeBlockKind::Indented => (Cow::Borrowed(""), None),
        CodeBlockKind::Fenced(info) => {
            let mark = source.chars().next().filter(|mark| "`~".contains(*mark));
            (cow(info), mark.map(|mark| (mark, source.chars().take_while(|c| *c == mark).count())))
        }
    };
    // Where the content would begin, if there is none.
    let first_line = source.find('\n').map_or(source.len(), |end| end + 1);
    let start = span.range().start + if mark.is_some() { first_line } else { 0 };
    Fence { span, content: document.place(start..start), info, mark, is_closed: false }
}

/// Whether the last line is a fence that closes the first one.
fn is_closed(document: &Document<'_>, fence: &Fence<'_>) -> bool {
    let Some((mark, count)) = fence.mark else { return true };
    let rest = document.source(Span { start: fence.content.end, ..fence.span });
    // In a quotation or a list the line begins with its marks.
    let last = rest.trim_end().rsplit('\n').next().unwrap_or_default();
    let last = last.trim_start_matches(|c: char| c.is_whitespace() || c == '>');
    last.chars().count() >= count && last.chars().all(|c| c == mark)
}

/// Which heading stands below which, where sections end, and which section a table stands in.
fn nest_sections(document: &mut Document<'_>) {
    let length = document.span().end;
    let mut open: Vec<usize> = Vec::new();
    for index in 0..document.headings.len() {
        let (level, start) = (document.headings[index].level, document.headings[index].span.start);
        if document.headings[index].is_nested {
            document.headings[index].end = document.headings[index].span.end;
            document.headings[index].parent = open.last().copied();
            continue;
        }
        while let Some(last) = open.pop_if(|last| document.headings[*last].level >= level) {
            document.headings[last].end = start;
        }
        document.headings[index].parent = open.last().copied();
        document.headings[index].end = length;
        open.push(index);
    }
    for index in 0..document.tables.len() {
        document.tables[index].section = document.section_at(document.tables[index].span);
    }
}
