//! What a base calls `required` is not made weaker by a workflow that extends it.
//!
//! Of a gate: that it stands, all that it asks for, with the evidence for each, and that nobody goes round it. Of a phase:
//! that it runs, and that nobody goes round it; its parts are for the heir to say.

use super::extends::DROP_OF_REQUIRED;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{
    ActionKind, Evidence, Item, Kind, Modifier, ModifierKind, Node, NodeKind, Outcome, Statement,
};

codes! {
    WEAKENED_REQUIRED: "WF126" "weakened-required" Error = "Something that must stay as it is asks for less.",
        "What the base calls `required` holds in every workflow that extends it. Of a phase or gate that is required nobody \
         gives a person the right to go round it; of a gate, each item applies wherever it did, is closed by evidence and \
         not by somebody's word where it was, the procedure that is followed is the same, it stands in each pass in which it stood, \
         and nothing goes on where it fails unless it did before. More may always be asked for. \
         Conditions without a name (`require tests`) are said anew as a whole: `wf diff` tells what they let through.",
        bad: "== base.wf ==\nworkflow base\n\nfact tests: bool\n\nphase build {\n  decides tests\n}\n\ngate tested required {\n  require tests\n}\n\nphase ship\n\n== hasty.wf ==\nuse \"base.wf\"\n\nworkflow hasty extends base\n\ngate tested {\n  override by user \"It may not work.\"\n}\n",
        good: "== base.wf ==\nworkflow base\n\nfact tests: bool\n\nphase build {\n  decides tests\n}\n\ngate tested required {\n  require tests\n}\n\nphase ship\n\n== careful.wf ==\nuse \"base.wf\"\n\nworkflow careful extends base\n\ngate tested {\n  require log \"The log is kept\" by file \"build.log\"\n}\n";
}

/// What is required, where that is said, and its name.
#[derive(Debug, Clone, Copy)]
pub struct Required<'s> {
    pub mark: Span,
    /// "gate `tested`".
    pub kind: NodeKind,
    pub name: &'s str,
}

impl<'s> Required<'s> {
    pub fn of(node: &Node, slice: &dyn Fn(Span) -> &'s str) -> Option<Self> {
        let mark = find(&node.modifiers, |kind| matches!(kind, ModifierKind::Required))?.span;
        Some(Required { mark, kind: node.kind, name: node.name.map_or("", slice) })
    }

    /// The finding for one that is dropped.
    pub fn dropped(&self, at: Span) -> Diagnostic {
        Diagnostic::new(&DROP_OF_REQUIRED, at, format!("{} is required", self.shown()))
            .label("cannot be dropped")
            .related(self.mark, "the base says so")
            .help("leave it in, or extend another base")
    }

    /// The findings for what a body says that makes this weaker. What is dropped of it is left in.
    pub fn weakened(
        &self,
        base: (&[Modifier], &[Statement]),
        new: (&[Modifier], &mut thin_vec::ThinVec<Statement>),
        slice: &dyn Fn(Span) -> &'s str,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let ((modifiers, body), (new_modifiers, new_body)) = (base, new);
        let has_override = body.iter().any(|statement| matches!(statement.kind, Kind::Override(_)));
        for statement in
            new_body.iter().filter(|statement| matches!(statement.kind, Kind::Override(_)) && !has_override)
        {
            let message = format!("{} is required, and the base lets nobody override it", self.shown());
            found.push(self.report(statement.span, message).label("lets a person go round it").help("leave it out"));
        }
        if self.kind != NodeKind::Gate {
            return found;
        }
        if let (Some((old, _)), Some((name, span))) = (procedure(modifiers), procedure(new_modifiers))
            && slice(old) != slice(name)
        {
            let message = format!("{} follows `{}` and no longer `{}`", self.shown(), slice(name), slice(old));
            let help = "leave it out; what else is to be done can be asked for in its body";
            found.push(
                self.report(span, message)
                    .label("another procedure")
                    .related(old, "the base follows this one")
                    .help(help),
            );
        }
        let once = |modifiers| find(modifiers, |kind| matches!(kind, ModifierKind::Once));
        if let (None, Some(new)) = (once(modifiers), once(new_modifiers)) {
            let message = format!("{} is required, and stands in the first pass only", self.shown());
            found.push(self.report(new.span, message).label("narrows what is required").help("leave it out"));
        }
        if !body.iter().any(|statement| leaving_open(statement, slice).is_some())
            && let Some(span) = new_body.iter().find_map(|statement| leaving_open(statement, slice))
        {
            let message = format!("{} is required, and need not be closed", self.shown());
            let help = "let it lead back, ask or end the run where it fails";
            found.push(self.report(span, message).label("goes on although the gate fails").help(help));
        }
        let items = || {
            body.iter().filter_map(|statement| match &statement.kind {
                Kind::Item(item) => Some(&**item),
                _ => None,
            })
        };
        let default = find(modifiers, |kind| matches!(kind, ModifierKind::By(_))).is_some();
        new_body.retain_mut(|statement| match &mut statement.kind {
            Kind::Drop(drop) => {
                drop.what.retain(|entry| {
                    let name = slice(entry.span);
                    let Some(item) = items().find(|item| slice(item.name) == name) else { return true };
                    let message = format!("{} is required, and so is `{name}`, which it asks for", self.shown());
                    let diagnostic = Diagnostic::new(&DROP_OF_REQUIRED, entry.span, message)
                        .label("cannot be dropped")
                        .related(item.name, "the base asks for it")
                        .related(self.mark, "the base says so")
                        .help("leave it in; more may be asked for beside it");
                    found.push(diagnostic);
                    false
                });
                !drop.what.is_empty()
            }
            Kind::Item(item) => {
                let base = items().find(|base| slice(base.name) == slice(item.name));
                found.extend(base.into_iter().flat_map(|base| self.item(base, item, default, slice)));
                true
            }
            _ => true,
        });
        found
    }

    /// The finding for a condition of what stands around it, where the base has none.
    pub fn narrowed(&self, base: &[Modifier], new: &[Modifier]) -> Option<Diagnostic> {
        let when = |modifiers| find(modifiers, |kind| matches!(kind, ModifierKind::When(_)));
        let new = when(new).filter(|_| when(base).is_none())?;
        let message = format!("{} is required, and what it stands in no longer runs always", self.shown());
        let report = self.report(new.span, message).label("narrows what is required");
        Some(report.help("leave the condition out, or write it at those parts that it is meant for"))
    }

    /// An item that is refined. `default`: items without evidence are judged by somebody else.
    fn item(&self, base: &Item, item: &Item, default: bool, slice: &dyn Fn(Span) -> &'s str) -> Vec<Diagnostic> {
        let name = slice(item.name);
        let mut found = Vec::new();
        let when =
            |item: &Item| find(&item.modifiers, |kind| matches!(kind, ModifierKind::When(_))).map(|when| when.span);
        if let (None, Some(when)) = (when(base), when(item)) {
            let message = format!("`{name}` of {} no longer applies always", self.shown());
            found.push(
                self.report(when, message)
                    .label("narrows what is required")
                    .related(base.name, "the base asks for it always")
                    .help("leave the condition out, or ask for something more under another name"),
            );
        }
        let evidence = |item: &Item| {
            item.modifiers.iter().find_map(|modifier| match &modifier.kind {
                ModifierKind::By(by) => {
                    Some((matches!(**by, Evidence::Skill(_) | Evidence::Checklist(_)), modifier.span))
                }
                _ => None,
            })
        };
        let was_observed = evidence(base).map_or(default, |(is_claim, _)| !is_claim);
        if let Some((true, span)) = evidence(item).filter(|_| was_observed) {
            let message = format!("`{name}` of {} is closed by somebody's word", self.shown());
            found.push(
                self.report(span, message).label("a claim").related(base.name, "the base wants evidence").help(
                    "leave it out, or name evidence that can be observed: a file, a command, an agent, an answer",
                ),
            );
        }
        found
    }

    fn report(&self, span: Span, message: String) -> Diagnostic {
        Diagnostic::new(&WEAKENED_REQUIRED, span, message).related(self.mark, "the base says so")
    }

    fn shown(&self) -> String {
        format!("{} `{}`", self.kind.word(), self.name)
    }
}

fn find(modifiers: &[Modifier], is_meant: impl Fn(&ModifierKind) -> bool) -> Option<&Modifier> {
    modifiers.iter().find(|modifier| is_meant(&modifier.kind))
}

/// Where a statement of a gate lets the run go on although the gate has failed.
fn leaving_open<'s>(statement: &Statement, slice: &dyn Fn(Span) -> &'s str) -> Option<Span> {
    fn leaves(outcome: &Outcome) -> bool {
        outcome.actions.iter().any(|action| match &action.kind {
            ActionKind::Continue => true,
            ActionKind::Ask(ask) => ask.options.iter().any(|option| option.outcome.as_ref().is_none_or(leaves)),
            _ => false,
        })
    }
    let Kind::On(on) = &statement.kind else { return None };
    let branch = on.branches.iter().find(|branch| leaves(&branch.outcome));
    branch.filter(|_| slice(on.event) == "fail").map(|branch| branch.outcome.span)
}

/// The name of the procedure that is followed, and where that is said.
pub fn procedure(modifiers: &[Modifier]) -> Option<(Span, Span)> {
    modifiers.iter().find_map(|modifier| match &modifier.kind {
        ModifierKind::Follows(name, _) => Some((*name, modifier.span)),
        _ => None,
    })
}
