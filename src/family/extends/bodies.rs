//! What is said of an item of the base, merged into its body.

use super::*;

impl<'s> Patch<'_, 's> {
    pub(super) fn refine(&mut self, base: &mut Node, mut node: Node) {
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
    pub(super) fn merged(&mut self, base: ThinVec<Statement>, new: ThinVec<Statement>) -> ThinVec<Statement> {
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
}

/// Modifiers take the place of those of their kind.
pub(super) fn change(base: &mut ThinVec<ast::Modifier>, new: ThinVec<ast::Modifier>) {
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
pub(super) fn nothing() -> Node {
    Node {
        kind: NodeKind::Parallel,
        name: None,
        title: None,
        from: None,
        modifiers: ThinVec::new(),
        body: ThinVec::new(),
    }
}

/// The body of a base in which what stands in a `parallel` of `new` does so, too.
pub(super) fn gathered<'s>(
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

/// It stands beside what the base says, whatever that is.
pub(super) fn is_added(kind: &Kind) -> bool {
    matches!(kind, Kind::Use(_) | Kind::Skip(_) | Kind::Counter(..) | Kind::Requires(_) | Kind::Property(_))
}
