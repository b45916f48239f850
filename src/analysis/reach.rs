//! What has been let through by the time an item begins: the gates and loops before it, and what revisers guarantee.
//!
//! Kept in groups that share no variable. A question needs the groups of its own variables only, so that what it costs
//! grows with what it speaks of and not with the workflow.

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::{Detail, NodeId};

#[derive(Debug)]
pub(super) struct Reach {
    /// The group of each variable.
    group_of: Vec<usize>,
    groups: Vec<Group>,
    /// Groups in which something lets nobody through.
    closed: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Group {
    /// The relations between versions.
    always: Diagram,
    /// In the order in which they are passed.
    passages: Vec<Passage>,
}

/// A gate or loop that does not let everything through.
#[derive(Debug, Clone, Copy)]
struct Passage {
    node: NodeId,
    lets_through: Diagram,
    /// With all of the group before it, where the order is that of writing.
    with_earlier: Diagram,
}

impl Reach {
    pub fn new(analysis: &Analysis<'_>) -> Self {
        let model = &analysis.model;
        let passages: Vec<(NodeId, Diagram)> = (0..model.nodes.len())
            .map(NodeId::new)
            .filter(|id| matches!(model.node(*id).detail, Detail::Gate(_) | Detail::Loop(_)))
            .map(|id| (id, analysis.lets_through(id)))
            .filter(|(_, lets_through)| *lets_through != TRUE)
            .collect();
        let mut ties = Ties::new(analysis.versions.len());
        for diagram in analysis.relations.iter().chain(passages.iter().map(|(_, diagram)| diagram)) {
            ties.tie(&analysis.support(*diagram));
        }
        let group_of: Vec<usize> = (0..analysis.versions.len()).map(|variable| ties.root(variable)).collect();
        // One more for what depends on nothing.
        let mut groups = vec![Group { always: TRUE, passages: Vec::new() }; group_of.len() + 1];
        let constant = group_of.len();
        let group = |diagram| analysis.top(diagram).map_or(constant, |variable| group_of[variable]);
        for relation in &analysis.relations {
            let always = &mut groups[group(*relation)].always;
            *always = analysis.and(*always, *relation);
        }
        for (node, lets_through) in passages {
            groups[group(lets_through)].passages.push(Passage { node, lets_through, with_earlier: TRUE });
        }
        let mut closed = Vec::new();
        for (index, group) in groups.iter_mut().enumerate() {
            // A loop is passed after what is inside it.
            group.passages.sort_by_key(|passage| (model.node(passage.node).end, std::cmp::Reverse(passage.node)));
            let mut so_far = group.always;
            for passage in &mut group.passages {
                so_far = analysis.and(so_far, passage.lets_through);
                passage.with_earlier = so_far;
            }
            if so_far == FALSE {
                closed.push(index);
            }
        }
        Reach { group_of, groups, closed }
    }

    /// The groups that the variables belong to, each once.
    fn groups_of(&self, variables: &[Variable]) -> Vec<usize> {
        let mut groups: Vec<usize> = variables.iter().map(|variable| self.group_of[*variable]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

impl Analysis<'_> {
    /// Finds out what is let through, which all questions ask for.
    pub fn prepare(&self) {
        self.reach();
    }

    /// A condition in the variants that there are: with what revisers guarantee of its facts.
    pub fn possible(&self, condition: Diagram) -> Diagram {
        if condition == FALSE {
            return FALSE;
        }
        let reach = self.reach();
        let groups = reach.groups_of(&self.support(condition));
        groups.into_iter().fold(condition, |all, group| self.and(all, reach.groups[group].always))
    }

    /// A condition where a position is reached: with what each gate and loop before it has let through, as far as that
    /// speaks of the same facts. [`FALSE`] when it can never hold there.
    pub fn within_reach(&self, condition: Diagram, at: Position) -> Diagram {
        self.count_question();
        self.where_reached(condition, at)
    }

    /// As [`Analysis::within_reach`], as a step on the way to an answer and not as a question of its own.
    pub(super) fn where_reached(&self, condition: Diagram, at: Position) -> Diagram {
        if condition == FALSE || !self.reached(at) {
            return FALSE;
        }
        let reach = self.reach();
        let groups = reach.groups_of(&self.support(condition));
        groups.into_iter().fold(condition, |all, group| self.and(all, self.let_through(group, at)))
    }

    /// Some variant gets to this position, whatever the conditions of the item there.
    pub fn reached(&self, at: Position) -> bool {
        self.reach().closed.iter().all(|group| self.let_through(*group, at) != FALSE)
    }

    /// The gate or loop that, with those before it, lets nobody through to this position.
    pub fn closed_by(&self, at: Position) -> Option<NodeId> {
        self.reach().closed.iter().find_map(|group| self.stopped_in(*group, TRUE, at))
    }

    /// The gate or loop before a position behind which a condition, possible before it, can no longer hold.
    pub fn stopped_by(&self, condition: Diagram, at: Position) -> Option<NodeId> {
        let groups = self.reach().groups_of(&self.support(condition));
        groups.into_iter().find_map(|group| self.stopped_in(group, condition, at))
    }

    fn stopped_in(&self, group: usize, condition: Diagram, at: Position) -> Option<NodeId> {
        let Group { always, passages } = &self.reach().groups[group];
        let mut all = self.and(condition, *always);
        if all == FALSE {
            return None;
        }
        passages.iter().filter(|passage| self.is_passed(passage.node, at)).find_map(|passage| {
            all = self.and(all, passage.lets_through);
            (all == FALSE).then_some(passage.node)
        })
    }

    fn is_passed(&self, node: NodeId, at: Position) -> bool {
        at != Position::EndOf(node) && self.graph.settled(&self.model, node, at)
    }

    /// What the gates and loops of a group have let through by then.
    fn let_through(&self, group: usize, at: Position) -> Diagram {
        let Group { always, passages } = &self.reach().groups[group];
        let model = &self.model;
        let (node, limit) = match at {
            Position::Before(node) => (node, (node, std::cmp::Reverse(NodeId::new(0)))),
            Position::EndOf(node) => (node, (model.node(node).end, std::cmp::Reverse(node))),
        };
        let key = |passage: &Passage| (model.node(passage.node).end, std::cmp::Reverse(passage.node));
        let written_before = passages.partition_point(|passage| key(passage) < limit);
        // Where items run side by side, not all that is written before has been passed.
        let exact = match self.certain_until(node) {
            Some(certain) => passages.partition_point(|passage| model.node(passage.node).end <= certain),
            None => written_before,
        };
        let certain = if exact == 0 { *always } else { passages[exact - 1].with_earlier };
        passages[exact.min(written_before)..written_before]
            .iter()
            .filter(|passage| self.is_passed(passage.node, at))
            .fold(certain, |all, passage| self.and(all, passage.lets_through))
    }

    /// Up to where everything written before an item is before it in the order; `None` if all is.
    pub(super) fn certain_until(&self, node: NodeId) -> Option<NodeId> {
        let model = &self.model;
        // The outermost branch decides.
        model
            .ancestors(node)
            .filter_map(|member| match self.graph.joint(model, member) {
                Some(joint) if joint == member => None,
                Some(joint) => Some(model.node(joint).end),
                None => Some(NodeId::new(model.node(member).parent.index() + 1)),
            })
            .last()
    }
}

/// Variables that are tied to each other, directly or through others.
struct Ties(Vec<usize>);

impl Ties {
    fn new(variables: usize) -> Self {
        Ties((0..variables).collect())
    }

    fn root(&mut self, mut variable: usize) -> usize {
        while self.0[variable] != variable {
            self.0[variable] = self.0[self.0[variable]];
            variable = self.0[variable];
        }
        variable
    }

    fn tie(&mut self, variables: &[Variable]) {
        for pair in variables.windows(2) {
            let (a, b) = (self.root(pair[0]), self.root(pair[1]));
            self.0[a.max(b)] = a.min(b);
        }
    }
}
