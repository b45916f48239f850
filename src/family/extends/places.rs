//! Insert and drop: what is new in a workflow, and what it does without.

use super::*;

impl<'s> Patch<'_, 's> {
    /// A body without what `new` drops of it, and the rest of `new`.
    pub(super) fn without_dropped(
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

    pub(super) fn insert(&mut self, mut item: Statement, span: Span) {
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

    pub(super) fn drop(&mut self, drop: &ast::Drop, span: Span) {
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
}

/// Removes the first that is meant from a body or a `parallel` in it, which ends where a single member is left.
pub(super) fn remove_part(body: &mut ThinVec<Statement>, is_meant: &dyn Fn(&Statement) -> bool) -> bool {
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
