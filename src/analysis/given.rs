//! What a test, a command or a person assumes of the facts.

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, TRUE, Variable};
use crate::model::{Binding, Cond, FactId, FactKind};

impl Analysis<'_> {
    /// The variants that agree with all bindings. `FALSE` does not come out of bindings that contradict a reviser: ask
    /// [`Analysis::possible`].
    pub fn given(&self, bindings: &[Binding]) -> Diagram {
        bindings.iter().fold(TRUE, |all, binding| self.and(all, self.bound(binding, bindings)))
    }

    /// The variants that agree with one of several bindings.
    pub fn bound(&self, binding: &Binding, all: &[Binding]) -> Diagram {
        let Some(variable) = self.binds(binding, all) else { return TRUE };
        let is = self.is_at(variable, self.cells(variable).cell(binding.value));
        self.and(is, self.offered(binding))
    }

    /// Nobody gives an answer that is not offered: where the gate stands, the option that is bound applies.
    fn offered(&self, binding: &Binding) -> Diagram {
        let FactKind::Answer(gate) = self.model.facts[binding.fact.index()].kind else { return TRUE };
        let when = self.model.option_of(binding).and_then(|option| option.when.as_deref());
        let Some(when) = when else { return TRUE };
        let left_out = self.not(self.run(gate));
        self.or(left_out, self.holds(when, Position::Before(gate)))
    }

    /// The version that a binding speaks of. A bare name is the last one; but where all that its revisers read is bound,
    /// too, it is the first, and the revisers tell the last. `None` for `fact@item` where the item leaves no version.
    pub fn binds(&self, binding: &Binding, all: &[Binding]) -> Option<Variable> {
        match binding.at {
            Some(node) => self.variable_from(binding.fact, node),
            None if self.revisers_are_bound(binding.fact, all) => self.variables[binding.fact.index()].first().copied(),
            None => self.last_variable(binding.fact),
        }
    }

    fn revisers_are_bound(&self, fact: FactId, bindings: &[Binding]) -> bool {
        let mut read = Vec::new();
        for (reviser, _) in &self.model.facts[fact.index()].revisers {
            let revisions = self.model.work(*reviser).into_iter().flat_map(|work| &work.revises);
            for arm in
                revisions.filter(|revision| revision.fact == fact).flat_map(|revision| revision.arms.iter().flatten())
            {
                arm.condition.cond.atoms(&mut read);
            }
        }
        read.retain(|atom| atom.fact != fact);
        !read.is_empty() && read.iter().all(|atom| bindings.iter().any(|binding| binding.fact == atom.fact))
    }

    /// The versions that a condition reads, each once, in the order of reading.
    pub fn versions_read(&self, cond: &Cond, at: Position) -> Vec<Variable> {
        let mut atoms = Vec::new();
        cond.atoms(&mut atoms);
        let mut seen = Vec::new();
        for variable in atoms.into_iter().filter_map(|atom| self.variable_read(atom, at)) {
            if !seen.contains(&variable) {
                seen.push(variable);
            }
        }
        seen
    }
}
