//! `extends`: the items of one workflow, changed by what another says.
//!
//! It is done to the tree, before anything is resolved. What comes out is a workflow like any other, whose places still
//! say in which file each piece was written; so all that is proved of a workflow is proved of what it has inherited, too.

mod bodies;
mod keys;
mod places;

use thin_vec::ThinVec;

use super::required::{self, Required};
use super::roles;
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Kind, ModifierKind, Node, NodeKind, Statement, TextWord};
use crate::syntax::text;
use bodies::*;
use keys::*;

codes! {
    UNKNOWN_BASE: "WF122" "unknown-base" Error = "No file that is used holds the workflow that is extended.",
        "`workflow x extends y` takes the workflow `y` from a file that this one uses: `use \"y.wf\"`.",
        bad: "workflow release extends base\n\nphase release\n",
        good: "== base.wf ==\nworkflow base\n\nphase plan\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\ninsert phase release after build\n";
    NOT_IN_THE_BASE: "WF123" "not-in-the-base" Error = "Something is changed that the base does not have.",
        "Whatever a workflow that extends another says of a phase, gate or loop refines the one of this name. A new one says \
         where it stands: `insert phase x after y`. `insert` and `drop` mean nothing where nothing is extended.",
        bad: "== base.wf ==\nworkflow base\n\nphase plan\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\nphase biuld {\n  purpose \"Compile\"\n}\n",
        good: "== base.wf ==\nworkflow base\n\nphase plan\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\nphase build {\n  purpose \"Compile\"\n}\n";
    DROP_OF_REQUIRED: "WF124" "drop-of-required" Error = "Something is dropped that must stay.",
        "A phase or gate that the base calls `required` stays in every workflow that extends it. A gate inside a phase is not \
         dropped with the phase unless it is dropped by its own name, too.",
        bad: "== base.wf ==\nworkflow base\n\nphase plan required\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\ndrop phase plan because \"no time\"\n",
        good: "== base.wf ==\nworkflow base\n\nphase plan required\n\nphase review\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\ndrop phase review because \"no time\"\n";
    DROP_WITHOUT_REASON: "WF125" "drop-without-reason" Warning = "Something of the base is dropped, and nothing says why.",
        "Whoever wrote the base had a reason to put it there. `because \"…\"` says why it does not hold here.",
        bad: "== base.wf ==\nworkflow base\n\nphase plan\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\ndrop phase plan\n",
        good: "== base.wf ==\nworkflow base\n\nphase plan\n\nphase build\n\n== release.wf ==\nuse \"base.wf\"\n\nworkflow release extends base\n\ndrop phase plan because \"it is planned elsewhere\"\n";
}

/// What a text stands for that says `${inherited}`: by its place, the texts it has replaced.
pub type Inherited = Vec<(Span, Vec<Span>)>;

/// The items of a base, being changed.
pub struct Patch<'p, 's> {
    pub items: ThinVec<Statement>,
    pub inherited: Inherited,
    /// Names that have been dropped, where it is said.
    pub dropped: Vec<Span>,
    pub diagnostics: Vec<Diagnostic>,
    slice: &'p dyn Fn(Span) -> &'s str,
    /// What has been inserted so far.
    inserted: Vec<Span>,
    /// Agents of the base, and those that stand in their place.
    filled: Vec<(Span, Span)>,
}

impl<'p, 's> Patch<'p, 's> {
    pub fn new(items: ThinVec<Statement>, slice: &'p dyn Fn(Span) -> &'s str) -> Self {
        let (inherited, dropped, diagnostics, inserted, filled) = Default::default();
        Patch { items, inherited, dropped, diagnostics, slice, inserted, filled }
    }

    /// Applies what a workflow says that extends these items.
    pub fn apply(&mut self, items: ThinVec<Statement>) {
        let (mut gates, mut drops, mut rest) = (Vec::new(), Vec::new(), Vec::new());
        for item in items {
            match &item.kind {
                Kind::Drop(drop) if self.slice(drop.word) == "gate" => gates.push(item),
                Kind::Drop(_) => drops.push(item),
                _ => rest.push(item),
            }
        }
        // A phase may be dropped when its gates have been.
        for item in gates.into_iter().chain(drops) {
            if let Kind::Drop(drop) = item.kind {
                self.drop(&drop, item.span);
            }
        }
        self.inserted.clear();
        self.filled.clear();
        for item in &mut rest {
            if let Kind::Agent(agent) = &mut item.kind {
                // The declarations of the base that it takes the place of remember their own names.
                let fills = std::mem::take(&mut agent.fills);
                fills.into_iter().for_each(|entry| self.fill(entry.span, agent.name));
            }
        }
        for item in rest {
            self.item(item);
        }
    }

    /// Puts an agent in the place of one of the base, wherever that is named.
    fn fill(&mut self, role: Span, by: Option<Span>) {
        let slice = self.slice;
        let named = slice(role);
        let Some(by) = by else {
            let diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, role, "`agent *` is everybody, and fills no role")
                .label("has no effect")
                .help("give the agent that does it a name");
            return self.diagnostics.push(diagnostic);
        };
        if let Some((_, other)) = self.filled.iter().find(|(filled, _)| slice(*filled) == named) {
            let message = format!("`{}` stands in the place of `{named}` already", slice(*other));
            let diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, role, message)
                .label("nobody to replace")
                .related(*other, "replaced here")
                .help("let one agent fill the role, and start the other beside it");
            return self.diagnostics.push(diagnostic);
        }
        let is_role = |item: &Statement| matches!(&item.kind, Kind::Agent(agent) if agent.name.is_some_and(|name| slice(name) == named));
        if !self.items.iter().any(is_role) {
            return self.not_there("agent", role, false);
        }
        self.filled.push((role, by));
        for item in &mut self.items {
            if let Kind::Agent(agent) = &mut item.kind
                && let Some(name) = agent.name.filter(|name| [named, slice(by)].contains(&slice(*name)))
                && agent.fills.is_empty()
            {
                agent.fills.push(Entry { span: name, is_text: false, optional: false });
            }
        }
        roles::agents(&mut self.items, &mut |name| {
            if slice(*name) == named {
                *name = by;
            }
        });
        // Who fills two roles is declared once.
        let own = ("agent", slice(by));
        let mut same = (0..self.items.len()).filter(|index| self.key(&self.items[*index]) == Some(own));
        if let (Some(first), Some(second)) = (same.next(), same.next()) {
            let base = self.items.remove(second);
            let item = self.items.remove(first);
            let item = self.joined(base, item);
            self.items.insert(first, item);
        }
    }

    fn slice(&self, span: Span) -> &'s str {
        (self.slice)(span)
    }

    fn item(&mut self, item: Statement) {
        match item.kind {
            Kind::Insert(inner) => self.insert(*inner, item.span),
            Kind::Node(node) => {
                match self.find(&|key| key == (node.kind.word(), node.name.map_or("", |name| self.slice(name)))) {
                    Some(path) => {
                        if let Kind::Node(base) = &mut at(&mut self.items, &path).kind {
                            let mut refined = std::mem::replace(&mut **base, nothing());
                            self.refine(&mut refined, *node);
                            if let Kind::Node(base) = &mut at(&mut self.items, &path).kind {
                                **base = refined;
                            }
                        }
                    }
                    None => self.not_there(node.kind.word(), node.name.unwrap_or(item.span), true),
                }
            }
            Kind::Fact(fact) => self.fact(item.span, fact),
            kind => {
                let item = Statement { span: item.span, kind };
                let key = self.key(&item).filter(|_| !is_added(&item.kind));
                let same = key.and_then(|key| self.items.iter().position(|other| self.key(other) == Some(key)));
                match same {
                    Some(index) => {
                        let base = self.items.remove(index);
                        let item = self.joined(base, item);
                        self.items.insert(index, item);
                    }
                    // The first route that fits is taken: those of the base come last.
                    None if matches!(item.kind, Kind::Route(..)) => {
                        let of_base = |other: &Statement| {
                            matches!(other.kind, Kind::Route(..)) && other.span.file != item.span.file
                        };
                        let index = self.items.iter().position(of_base).unwrap_or(self.items.len());
                        self.items.insert(index, item);
                    }
                    None => self.items.push(item),
                }
            }
        }
    }

    /// Puts what a declaration still says beside the one that has taken its place.
    fn joined(&mut self, base: Statement, mut item: Statement) -> Statement {
        match (&mut item.kind, base.kind) {
            (Kind::Agent(agent), Kind::Agent(base)) => {
                agent.description = agent.description.or(base.description);
                agent.fills.extend(base.fills);
                agent.body = self.merged(base.body, std::mem::take(&mut agent.body));
            }
            (Kind::Skill(skill), Kind::Skill(base)) => {
                skill.purpose = skill.purpose.or(base.purpose);
                skill.body = self.merged(base.body, std::mem::take(&mut skill.body));
            }
            (Kind::Procedure(procedure), Kind::Procedure(base)) => {
                if let Some(required) = self.followed_by(self.slice(base.name)) {
                    let (old, new) = ((&[][..], &base.body[..]), (&[][..], &mut procedure.body));
                    self.diagnostics.extend(required.weakened(old, new, self.slice));
                }
                procedure.title = procedure.title.or(base.title);
                if procedure.parameters.is_empty() {
                    procedure.parameters = base.parameters;
                }
                procedure.body = self.merged(base.body, std::mem::take(&mut procedure.body));
            }
            (Kind::Document(document), Kind::Document(base)) => {
                document.title = document.title.or(base.title);
                document.body = self.merged(base.body, std::mem::take(&mut document.body));
            }
            _ => {}
        }
        item
    }

    /// The first gate that is required and follows a procedure.
    fn followed_by(&self, procedure: &str) -> Option<Required<'s>> {
        let mut found = None;
        for item in &self.items {
            kept(item, &mut |node, _| {
                let follows =
                    required::procedure(&node.modifiers).is_some_and(|(name, _)| self.slice(name) == procedure);
                found = found.or_else(|| Required::of(node, self.slice).filter(|_| follows));
            });
        }
        found
    }

    /// An input or fact takes the place of the one of its name, which may have been declared together with others.
    fn fact(&mut self, span: Span, fact: Box<ast::Fact>) {
        let names: Vec<&str> = fact.names.iter().map(|entry| self.slice(entry.span)).collect();
        let slice = self.slice;
        let mut place = None;
        for (index, item) in self.items.iter_mut().enumerate() {
            if let Kind::Fact(base) = &mut item.kind {
                let before = base.names.len();
                base.names.retain(|entry| !names.contains(&slice(entry.span)));
                if base.names.len() < before && place.is_none() {
                    place = Some(index + usize::from(!base.names.is_empty()));
                }
            }
        }
        let place = place.unwrap_or(self.items.len());
        self.items.insert(place, Statement { span, kind: Kind::Fact(fact) });
        self.items.retain(|item| !matches!(&item.kind, Kind::Fact(fact) if fact.names.is_empty()));
    }
}

/// What is dropped in the body that it stands in.
const PARTS: [&str; 3] = ["step", "require", "spawn"];

/// The text that a statement is.
fn text_of(statement: &Statement) -> Option<Span> {
    match &statement.kind {
        Kind::Text(text) => Some(text.text),
        Kind::Section(section) => Some(section.text),
        _ => None,
    }
}
