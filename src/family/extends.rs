//! `extends`: the items of one workflow, changed by what another says.
//!
//! It is done to the tree, before anything is resolved. What comes out is a workflow like any other, whose places still
//! say in which file each piece was written; so all that is proved of a workflow is proved of what it has inherited, too.

use thin_vec::ThinVec;

use super::required::{self, Required};
use super::roles;
use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::source::Span;
use crate::syntax::ast::{self, Entry, Kind, ModifierKind, Node, NodeKind, Statement, TextWord};
use crate::syntax::text;

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

/// What a statement is about: two with the same key say the same thing twice. `None`: it says something more.
type Key<'s> = (&'static str, &'s str);

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

    // ── Agents ───────────────────────────────────────────────────────────────────────────────────

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

    // ── Nodes ────────────────────────────────────────────────────────────────────────────────────

    fn refine(&mut self, base: &mut Node, mut node: Node) {
        if let Some(required) = Required::of(base, self.slice) {
            let (old, new) = ((&base.modifiers[..], &base.body[..]), (&node.modifiers[..], &mut node.body));
            self.diagnostics.extend(required.weakened(old, new, self.slice));
        } else {
            // One that is required itself claims that it has no such condition.
            let mut inside = None;
            base.body.iter().for_each(|item| {
                kept(item, &mut |node, _| inside = inside.or_else(|| Required::of(node, self.slice)));
            });
            self.diagnostics.extend(inside.and_then(|inside| inside.narrowed(&base.modifiers, &node.modifiers)));
        }
        base.title = node.title.or(base.title);
        base.from = node.from.or(base.from);
        change(&mut base.modifiers, node.modifiers);
        base.body = self.merged(std::mem::take(&mut base.body), node.body);
    }

    /// The statements of a body, refined.
    ///
    /// A statement replaces all of its kind, an item of the flow is refined by the one of its name. A new item stands
    /// before the inherited one that is written after it, else behind the last inherited one before it, else at the end.
    fn merged(&mut self, base: ThinVec<Statement>, new: ThinVec<Statement>) -> ThinVec<Statement> {
        let slice = self.slice;
        let key = |statement: &Statement| key_of(statement, slice);
        let (base, new) = self.without_dropped(base, new);
        let base = gathered(base, &new, slice);
        let mut body = self.made_room(base, &new);
        let mut pending: Vec<Statement> = Vec::new();
        // Where the last inherited item of the flow is that has been refined, and what has been replaced so far.
        let mut last = None;
        let mut replaced: Vec<Key<'s>> = Vec::new();
        // The second spawn of an agent refines the second that the base has.
        let mut refined: Vec<Key<'s>> = Vec::new();
        for statement in new {
            let mut same =
                body.iter().enumerate().filter(|(_, other)| key(other).is_some() && key(other) == key(&statement));
            let place = match key(&statement).filter(|_| is_flow(&statement.kind)) {
                Some(own) => {
                    refined.push(own);
                    same.nth(refined.iter().filter(|other| **other == own).count() - 1)
                }
                None => same.next_back(),
            };
            let place = place.map(|(index, _)| index);
            match place {
                Some(index) if is_flow(&statement.kind) => {
                    let index = index + pending.len();
                    body.splice(index - pending.len()..index - pending.len(), pending.drain(..));
                    last = Some(index);
                    match (&mut body[index].kind, statement.kind) {
                        (Kind::Node(base), Kind::Node(node)) => {
                            let mut refined = std::mem::replace(&mut **base, nothing());
                            self.refine(&mut refined, *node);
                            **base = refined;
                        }
                        // What is not said anew stays, so a name alone says where the ones before it stand.
                        (Kind::Item(base), Kind::Item(item)) if base.is_step == item.is_step => {
                            base.title = item.title.or(base.title);
                            base.meaning = item.meaning.or(base.meaning);
                            change(&mut base.modifiers, item.modifiers);
                        }
                        (_, kind) => body[index] = Statement { span: statement.span, kind },
                    }
                }
                // A second one of a kind of which the first has been replaced already.
                Some(index) if key(&statement).is_some_and(|key| replaced.contains(&key)) => {
                    body.insert(index + 1, statement);
                    last = last.map(|last| if last > index { last + 1 } else { last });
                }
                Some(index) => {
                    replaced.extend(key(&statement));
                    body[index] = statement;
                }
                None => pending.push(statement),
            }
        }
        match last {
            Some(last) => {
                let (flow, rest): (Vec<_>, Vec<_>) =
                    pending.into_iter().partition(|statement| is_flow(&statement.kind));
                body.splice(last + 1..last + 1, flow);
                body.extend(rest);
            }
            None => body.extend(pending),
        }
        body
    }

    /// A body without the statements of which another of the same kind will take the place of all; notes what `${inherited}`
    /// means in the new ones.
    fn made_room(&mut self, mut base: ThinVec<Statement>, new: &[Statement]) -> ThinVec<Statement> {
        let slice = self.slice;
        for text in new.iter().filter_map(text_of) {
            let own = new.iter().find(|statement| text_of(statement) == Some(text));
            let key = own.and_then(|own| key_of(own, slice));
            let same = base.iter().filter(|other| key_of(other, slice) == key);
            self.inherited.push((text, same.filter_map(text_of).collect()));
        }
        let keys: Vec<Key<'s>> =
            new.iter().filter(|statement| !is_flow(&statement.kind)).filter_map(|one| key_of(one, slice)).collect();
        let mut seen: Vec<Key<'s>> = Vec::new();
        base.retain(|statement| match key_of(statement, slice).filter(|key| keys.contains(key)) {
            Some(key) if seen.contains(&key) => false,
            key => {
                seen.extend(key);
                true
            }
        });
        base
    }

    // ── Insert and drop ──────────────────────────────────────────────────────────────────────────

    /// A body without what `new` drops of it, and the rest of `new`.
    fn without_dropped(
        &mut self,
        mut base: ThinVec<Statement>,
        new: ThinVec<Statement>,
    ) -> (ThinVec<Statement>, ThinVec<Statement>) {
        let slice = self.slice;
        let is_drop = |statement: &Statement| matches!(&statement.kind, Kind::Drop(drop) if slice(drop.word) == "gate" || PARTS.contains(&slice(drop.word)));
        let (drops, new): (ThinVec<_>, ThinVec<_>) = new.into_iter().partition(is_drop);
        for statement in drops {
            let Kind::Drop(drop) = statement.kind else { continue };
            let kind = slice(drop.word);
            self.with_reason(&drop, statement.span);
            for entry in &drop.what {
                self.dropped.push(entry.span);
                let is_meant = |other: &Statement| part_of(other, slice) == Some((kind, slice(entry.span)));
                let gate = base.iter().find_map(|other| match &other.kind {
                    Kind::Node(node) if node.kind == NodeKind::Gate && is_meant(other) => Required::of(node, slice),
                    _ => None,
                });
                if let Some(required) = gate {
                    self.diagnostics.push(required.dropped(entry.span));
                    continue;
                }
                if !remove_part(&mut base, &is_meant) {
                    let parts: Vec<Key<'s>> = base.iter().filter_map(|other| part_of(other, slice)).collect();
                    let help = "what is dropped here is looked for in this body alone".to_owned();
                    self.unknown(kind, entry.span, &parts, Some(help));
                }
            }
        }
        (base, new)
    }

    fn with_reason(&mut self, drop: &ast::Drop, span: Span) {
        if drop.because.is_none() {
            let diagnostic = Diagnostic::new(&DROP_WITHOUT_REASON, span, "nothing says why this is dropped")
                .label("without a reason")
                .help("add `because \"…\"`");
            self.diagnostics.push(diagnostic);
        }
    }

    fn insert(&mut self, mut item: Statement, span: Span) {
        let Kind::Node(node) = &mut item.kind else { return };
        let mut place = None;
        node.modifiers.retain_mut(|modifier| match &modifier.kind {
            ModifierKind::After(entries) | ModifierKind::Before(entries) if place.is_none() => {
                let before = matches!(modifier.kind, ModifierKind::Before(_));
                place = entries.first().map(|entry| (before, entry.span));
                false
            }
            _ => true,
        });
        let name = node.name.unwrap_or(span);
        if let Some(path) = self.find(&|key| key == (node.kind.word(), self.slice(name))) {
            let there = at(&mut self.items, &path).span;
            let name = self.slice(name);
            let message = format!("the base already has the {} `{name}`", node.kind.word());
            let diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, node.name.unwrap_or(span), message)
                .label("inserted here")
                .related(there, "in the base")
                .help("leave `insert` and the place out to refine it, or give the new one another name");
            return self.diagnostics.push(diagnostic);
        }
        let Some((before, anchor)) = place else {
            let diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, name, format!("`{}` has no place", self.slice(name)))
                .label("inserted here")
                .help("say where: `after x` or `before x`");
            return self.diagnostics.push(diagnostic);
        };
        let target = self.slice(anchor);
        let Some(mut path) = self.find(&|(word, name)| name == target && matches!(word, "phase" | "gate" | "loop"))
        else {
            return self.not_there("phase, gate or loop", anchor, false);
        };
        let index = path.pop().unwrap_or_default();
        item.span = span;
        self.inserted.push(span);
        let body = body(&mut self.items, &path);
        // What has been inserted behind the same one comes first, as it is written.
        let index = match before {
            true => index,
            false => {
                index + 1 + body[index + 1..].iter().take_while(|other| self.inserted.contains(&other.span)).count()
            }
        };
        body.insert(index, item);
    }

    fn drop(&mut self, drop: &ast::Drop, span: Span) {
        let kind = self.slice(drop.word);
        self.with_reason(drop, span);
        for entry in &drop.what {
            self.dropped.push(entry.span);
            match kind {
                part if PARTS.contains(&part) => {
                    let name = self.slice(entry.span);
                    let message = format!("`{name}` is no item of the file");
                    let diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, entry.span, message)
                        .label("nothing to change")
                        .help(format!("write `drop {part} {name}` in the body of the item that it stands in"));
                    self.diagnostics.push(diagnostic);
                }
                "skip" => self.drop_skip(entry),
                "test" => {
                    let name = text::content(self.slice(entry.span));
                    let slice = self.slice;
                    let same = |item: &Statement| matches!(&item.kind, Kind::Test(other) if text::content(slice(other.name)) == name);
                    let before = self.items.len();
                    self.items.retain(|item| !same(item));
                    if self.items.len() == before {
                        self.not_there("test", entry.span, false);
                    }
                }
                kind => self.drop_node(kind, entry),
            }
        }
    }

    fn drop_skip(&mut self, entry: &Entry) {
        let name = self.slice(entry.span);
        let slice = self.slice;
        let mut found = false;
        self.items.retain_mut(|item| {
            let Kind::Skip(skip) = &mut item.kind else { return true };
            let before = skip.phases.len();
            skip.phases.retain(|phase| slice(phase.span) != name);
            found |= skip.phases.len() < before;
            !skip.phases.is_empty()
        });
        if !found {
            self.not_there("skip rule of", entry.span, false);
        }
    }

    fn drop_node(&mut self, kind: &'s str, entry: &Entry) {
        let name = self.slice(entry.span);
        let Some(mut path) = self.find(&|key| key == (kind, name)) else {
            return self.not_there(kind, entry.span, false);
        };
        let mut faults = Vec::new();
        let root = at(&mut self.items, &path).span;
        kept(at(&mut self.items, &path), &mut |node, span| {
            let required = node.modifiers.iter().find(|modifier| matches!(modifier.kind, ModifierKind::Required));
            let inside = node.kind == NodeKind::Gate && span != root;
            if let Some(required) = required {
                faults.push((node.kind, node.name, required.span, true));
            } else if inside {
                faults.push((node.kind, node.name, span, false));
            }
        });
        if let Some((kind, inner, place, required)) = faults.first().copied() {
            let inner = inner.map_or("", |name| self.slice(name));
            let diagnostic = match required {
                true => Required { mark: place, kind, name: inner }.dropped(entry.span),
                false => {
                    Diagnostic::new(&DROP_OF_REQUIRED, entry.span, format!("gate `{inner}` would go with `{name}`"))
                        .label("a gate is dropped by its own name")
                        .related(place, "the gate")
                        .help(format!("write `drop gate {inner} because \"…\"` as well"))
                }
            };
            return self.diagnostics.push(diagnostic);
        }
        let index = path.pop().unwrap_or_default();
        body(&mut self.items, &path).remove(index);
    }

    // ── Looking things up ────────────────────────────────────────────────────────────────────────

    /// The way to the first item of the flow with such a key, body by body.
    fn find(&self, wanted: &dyn Fn(Key<'s>) -> bool) -> Option<Vec<usize>> {
        fn walk<'s>(
            items: &[Statement],
            slice: &dyn Fn(Span) -> &'s str,
            wanted: &dyn Fn(Key<'s>) -> bool,
        ) -> Option<Vec<usize>> {
            items.iter().enumerate().find_map(|(index, item)| {
                let Kind::Node(node) = &item.kind else { return None };
                if key_of(item, slice).is_some_and(wanted) {
                    return Some(vec![index]);
                }
                let mut path = walk(&node.body, slice, wanted)?;
                path.insert(0, index);
                Some(path)
            })
        }
        walk(&self.items, self.slice, wanted)
    }

    fn key(&self, statement: &Statement) -> Option<Key<'s>> {
        key_of(statement, self.slice)
    }

    fn not_there(&mut self, kind: &str, name: Span, insertable: bool) {
        let mut known = Vec::new();
        self.items.iter().for_each(|item| names(item, self.slice, &mut known));
        let added = insertable.then(|| format!("write `insert {kind} {} after x` to add it", self.slice(name)));
        self.unknown(kind, name, &known, added);
    }

    /// `known`: what there is, of which the nearest may be meant.
    fn unknown(&mut self, kind: &str, name: Span, known: &[Key<'s>], else_help: Option<String>) {
        let shown = self.slice(name);
        let near = nearest(shown, known.iter().filter(|(word, _)| kind.contains(word)).map(|(_, name)| *name));
        let quoted = if shown.starts_with('"') { shown.to_owned() } else { format!("`{shown}`") };
        let mut diagnostic = Diagnostic::new(&NOT_IN_THE_BASE, name, format!("the base has no {kind} {quoted}"))
            .label("nothing to change");
        if let Some(near) = near {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), name, near);
        } else if let Some(help) = else_help {
            diagnostic = diagnostic.help(help);
        }
        self.diagnostics.push(diagnostic);
    }
}

/// Modifiers take the place of those of their kind.
fn change(base: &mut ThinVec<ast::Modifier>, new: ThinVec<ast::Modifier>) {
    for modifier in new {
        let same =
            |other: &ast::Modifier| std::mem::discriminant(&other.kind) == std::mem::discriminant(&modifier.kind);
        match base.iter().position(same) {
            Some(index) => base[index] = modifier,
            None => base.push(modifier),
        }
    }
}

/// Stands in the place of an item while it is changed.
fn nothing() -> Node {
    Node {
        kind: NodeKind::Parallel,
        name: None,
        title: None,
        from: None,
        modifiers: ThinVec::new(),
        body: ThinVec::new(),
    }
}

fn at<'i>(items: &'i mut ThinVec<Statement>, path: &[usize]) -> &'i mut Statement {
    let (last, before) = path.split_last().expect("the way to an item is not empty");
    &mut body(items, before)[*last]
}

fn body<'i>(items: &'i mut ThinVec<Statement>, path: &[usize]) -> &'i mut ThinVec<Statement> {
    path.iter().fold(items, |items, index| match &mut items[*index].kind {
        Kind::Node(node) => &mut node.body,
        _ => unreachable!("the way leads through items with a body"),
    })
}

/// All items of the flow from here inwards.
fn kept(item: &Statement, see: &mut dyn FnMut(&Node, Span)) {
    if let Kind::Node(node) = &item.kind {
        see(node, item.span);
        node.body.iter().for_each(|inner| kept(inner, see));
    }
}

fn names<'s>(item: &Statement, slice: &dyn Fn(Span) -> &'s str, found: &mut Vec<Key<'s>>) {
    match &item.kind {
        Kind::Node(node) => {
            found.extend(key_of(item, slice));
            node.body.iter().for_each(|inner| names(inner, slice, found));
        }
        Kind::Skip(skip) => found.extend(skip.phases.iter().map(|phase| ("skip", slice(phase.span)))),
        Kind::Test(test) => found.push(("test", slice(test.name))),
        Kind::Agent(_) => found.extend(key_of(item, slice)),
        _ => {}
    }
}

/// What is dropped in the body that it stands in.
const PARTS: [&str; 3] = ["step", "require", "spawn"];

/// Removes the first that is meant from a body or a `parallel` in it, which ends where a single member is left.
fn remove_part(body: &mut ThinVec<Statement>, is_meant: &dyn Fn(&Statement) -> bool) -> bool {
    for index in 0..body.len() {
        if is_meant(&body[index]) {
            body.remove(index);
            return true;
        }
        if let Kind::Node(node) = &mut body[index].kind
            && node.kind == NodeKind::Parallel
            && remove_part(&mut node.body, is_meant)
        {
            if node.body.len() < 2 {
                let left = std::mem::take(&mut node.body);
                body.splice(index..=index, left);
            }
            return true;
        }
    }
    false
}

fn part_of<'s>(statement: &Statement, slice: &dyn Fn(Span) -> &'s str) -> Option<Key<'s>> {
    match &statement.kind {
        Kind::Item(item) => Some((if item.is_step { "step" } else { "require" }, slice(item.name))),
        Kind::Node(node) if matches!(node.kind, NodeKind::Spawn | NodeKind::Gate) => key_of(statement, slice),
        _ => None,
    }
}

/// It stands in an order with others.
fn is_flow(kind: &Kind) -> bool {
    matches!(kind, Kind::Node(_) | Kind::Item(_))
}

/// It stands beside what the base says, whatever that is.
fn is_added(kind: &Kind) -> bool {
    matches!(kind, Kind::Use(_) | Kind::Skip(_) | Kind::Counter(..) | Kind::Requires(_) | Kind::Property(_))
}

/// The text that a statement is.
fn text_of(statement: &Statement) -> Option<Span> {
    match &statement.kind {
        Kind::Text(text) => Some(text.text),
        Kind::Section(section) => Some(section.text),
        _ => None,
    }
}

/// The body of a base in which what stands in a `parallel` of `new` does so, too.
fn gathered<'s>(
    mut base: ThinVec<Statement>,
    new: &[Statement],
    slice: &dyn Fn(Span) -> &'s str,
) -> ThinVec<Statement> {
    let is_parallel =
        |statement: &Statement| matches!(&statement.kind, Kind::Node(node) if node.kind == NodeKind::Parallel);
    let known = base.iter().filter(|statement| is_parallel(statement)).count();
    for statement in new.iter().filter(|statement| is_parallel(statement)).skip(known) {
        let Kind::Node(parallel) = &statement.kind else { continue };
        let wanted: Vec<Key<'s>> = parallel.body.iter().filter_map(|member| key_of(member, slice)).collect();
        let is_member = |other: &Statement| {
            matches!(&other.kind, Kind::Node(node) if matches!(node.kind, NodeKind::Spawn | NodeKind::Stage))
                && key_of(other, slice).is_some_and(|key| wanted.contains(&key))
        };
        let Some(place) = base.iter().position(is_member) else { continue };
        let mut node = nothing();
        node.body = base.extract_if(.., |other| is_member(other)).collect();
        base.insert(place, Statement { span: statement.span, kind: Kind::Node(Box::new(node)) });
    }
    base
}

fn key_of<'s>(statement: &Statement, slice: &dyn Fn(Span) -> &'s str) -> Option<Key<'s>> {
    let none = "";
    Some(match &statement.kind {
        Kind::Node(node) => (node.kind.word(), node.name.map_or(none, slice)),
        Kind::Item(item) => ("item", slice(item.name)),
        Kind::Enum(item) => ("enum", slice(item.name)),
        Kind::Let(bound) => ("value", slice(bound.name)),
        Kind::Limit(limit) => ("value", slice(limit.name)),
        Kind::Agent(agent) => ("agent", agent.name.map_or("*", slice)),
        Kind::Skill(skill) => ("skill", slice(skill.name)),
        Kind::Pairs(pairs) => ("pairs", slice(pairs.skill)),
        Kind::Procedure(procedure) => ("procedure", slice(procedure.name)),
        Kind::Score(score) => ("score", slice(score.fact)),
        Kind::Route(route) => ("route", slice(route.pattern)),
        Kind::Test(test) => ("test", slice(test.name)),
        Kind::On(on) => ("on", slice(on.event)),
        Kind::Revises(revises) => ("revises", slice(revises.fact)),
        Kind::Section(section) => ("section", slice(section.title)),
        // A text of one variant takes the place of that of the same variant.
        Kind::Text(text) if let Some(when) = &text.when => (crate::syntax::text_word(text.word), slice(when.span)),
        Kind::Text(text) => match text.word {
            TextWord::Purpose => ("purpose", none),
            TextWord::Prompt => ("prompt", none),
            TextWord::Text => ("text", none),
            TextWord::Description => ("description", none),
            TextWord::Command => ("command", none),
            TextWord::Output => ("output", none),
            TextWord::Path => ("path", none),
        },
        Kind::List(word, _) => (crate::syntax::list_word(*word), none),
        Kind::Workflow(_) => ("workflow", none),
        Kind::Document(_) => ("document", none),
        Kind::Context(_) => ("context", none),
        Kind::Escalation(_) => ("escalation", none),
        Kind::Abort(_) => ("abort", none),
        Kind::Produces(_) => ("produces", none),
        Kind::Ask(_) => ("ask", none),
        Kind::Override(_) => ("override", none),
        Kind::Budget(_) => ("budget", none),
        Kind::Decides(_) => ("decides", none),
        Kind::Require(_) => ("require", none),
        Kind::Until(_) => ("until", none),
        Kind::Batch(_) => ("batch", none),
        Kind::Model(_) => ("model", none),
        Kind::Requires(requires) if !requires.is_skill => ("requires phase", none),
        _ => return None,
    })
}
