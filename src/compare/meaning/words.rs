//! What readers are told, and what is meant letter by letter.

use super::{DOCUMENT, Reader, Value, shown};
use crate::model::{Model, NodeId, Target, Text, TextBlock, Value as Constant, decimal};
use crate::syntax::text;

/// Constants and inherited texts are not put into each other more often than this.
const MAX_DEPTH: usize = 64;

impl<'s> Reader<'_, '_, 's> {
    /// What the workflow and its constants say to readers.
    pub(super) fn header(&mut self) {
        let model = &self.analysis.model;
        if let Some(header) = &model.header {
            self.text("title of the workflow", header.title.as_ref(), None);
            let content = header.docs.join("\n");
            self.on(header.name.span).say("introduction of the workflow", Value::Text { content, of: None });
        }
        for constant in &model.lets {
            // One that comes or goes is told by what uses it.
            let what = format!("value of constant `{}`", constant.name.name);
            if let Constant::Text(value) = &constant.value {
                self.text(what.clone(), Some(value), Some(&what));
            }
        }
        for (claim, answer) in &model.counters {
            self.text(format!("answer to \"{}\"", claim.content()), Some(answer), None);
        }
        for skip in &model.skips {
            let names: Vec<&str> = skip.phases.iter().map(|(phase, _)| model.node(*phase).name.name).collect();
            let what = format!("reason to skip {}", crate::model::listed(&names));
            self.text(what.clone(), skip.because.as_ref(), Some(&what));
        }
    }

    pub(super) fn document(&mut self) {
        let model = &self.analysis.model;
        let Some(document) = &model.document else { return };
        let words = |names: Vec<String>| Value::Text { content: names.join(", "), of: None };
        self.subject(DOCUMENT.into(), "the document".into(), None, document.name.span, false);
        self.say("name", words(vec![document.name.name.to_string()]));
        self.text("title", document.title.as_ref(), None);
        self.text("description", document.description.as_ref(), None);
        self.text("command", document.command.as_ref(), None);
        if let Some(first) = document.tools.first() {
            self.on(first.span)
                .say("tool list", words(document.tools.iter().map(|tool| tool.name.to_string()).collect()));
        }
        if let Some(first) = document.related.first() {
            let names = document.related.iter().map(|skill| skill.content().into_owned()).collect();
            self.on(first.span).say("list of related skills", words(names));
        }
        for section in &document.sections {
            self.text(format!("section \"{}\"", section.title.content()), Some(&section.text), None);
        }
    }

    /// `of`: the trait of the subject that it belongs to, if not to the subject itself.
    pub(super) fn text(&mut self, what: impl Into<String>, text: Option<&Text<'_>>, of: Option<&str>) {
        if let Some(text) = text {
            let content = with_inherited(self.model(), text, 0);
            self.on(text.span).say(what, Value::Text { content, of: of.map(str::to_string) });
        }
    }

    /// Several texts as one.
    pub(super) fn texts(&mut self, what: impl Into<String>, texts: &[Text<'_>], of: Option<&str>) {
        if let Some(first) = texts.first() {
            let all: Vec<String> = texts.iter().map(|text| with_inherited(self.model(), text, 0)).collect();
            self.on(first.span).say(what, Value::Text { content: all.join("\n"), of: of.map(str::to_string) });
        }
    }

    pub(super) fn blocks(&mut self, word: &str, blocks: &[TextBlock<'_>]) {
        for block in blocks {
            let when = block.when.as_ref().map(|when| format!(" when {}", self.model().meant(&when.cond)));
            self.text(format!("{word}{}", when.unwrap_or_default()), Some(&block.text), None);
        }
    }

    /// A path or command, with the values of constants.
    pub(super) fn letters(&self, text: &Text<'_>) -> String {
        with_constants(self.model(), text, 0)
    }

    /// An item of the flow as a value.
    pub(super) fn item_of(&self, node: NodeId) -> Value {
        Value::Item { key: self.keys.of(node).to_string(), shown: shown(self.analysis, node) }
    }
}

/// A text with those that it has inherited in it; other references as they are written.
fn with_inherited(model: &Model<'_>, of: &Text<'_>, depth: usize) -> String {
    replaced(model, of, &mut |target| match target {
        Target::Inherited(texts) if depth < MAX_DEPTH => {
            let texts: Vec<String> = texts.iter().map(|text| with_inherited(model, text, depth + 1)).collect();
            Some(texts.join("\n\n"))
        }
        _ => None,
    })
}

fn with_constants(model: &Model<'_>, of: &Text<'_>, depth: usize) -> String {
    replaced(model, of, &mut |target| match target {
        Target::Let(id) if depth < MAX_DEPTH => Some(match &model.lets[id.index()].value {
            Constant::Number(quantity) => decimal(quantity.thousandths),
            Constant::Text(text) => with_constants(model, text, depth + 1),
            Constant::Name(name) => name.name.to_string(),
        }),
        _ => None,
    })
}

/// The content of a text in which some references are replaced.
fn replaced(model: &Model<'_>, of: &Text<'_>, by: &mut dyn FnMut(&Target<'_>) -> Option<String>) -> String {
    let targets = model.targets.get(&of.span).map(Vec::as_slice).unwrap_or_default();
    let mut targets = targets.iter();
    text::substitute(&of.content(), |inner| {
        let target = targets.next().and_then(Option::as_ref);
        target.and_then(&mut *by).unwrap_or_else(|| format!("${{{inner}}}"))
    })
}
