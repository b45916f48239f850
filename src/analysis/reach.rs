//! What has been let through by the time an item begins: the gates and loops before it, and what revisers guarantee.
//!
//! Kept in groups that share no variable. A question needs the groups of its own variables only, so that what it costs
//! grows with what it speaks of and not with the workflow.

use smallvec::SmallVec;

use super::Analysis;
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE, Variable};
use crate::model::NodeId;

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
    /// Those inside of an `each`: they count for what comes after them for the same task. Outside nothing follows from
    /// them, for there may be no task.
    of_tasks: Vec<Passage>,
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
        let bars = model.gates().map(|(id, _)| id).chain(model.loops().map(|(id, _)| id));
        let mut passages: Vec<(NodeId, Diagram)> =
            bars.map(|id| (id, analysis.lets_through(id))).filter(|(_, lets_through)| *lets_through != TRUE).collect();
        passages.sort_unstable_by_key(|(id, _)| *id);
        let mut ties = Ties::new(analysis.versions.len());
        for diagram in analysis.relations.iter().chain(passages.iter().map(|(_, diagram)| diagram)) {
            ties.tie(&analysis.support(*diagram));
        }
        let group_of: Vec<usize> = (0..analysis.versions.len()).map(|variable| ties.root(variable)).collect();
        // One more for what depends on nothing.
        let mut groups = vec![Group { always: TRUE, passages: Vec::new(), of_tasks: Vec::new() }; group_of.len() + 1];
        let constant = group_of.len();
        let group = |diagram| analysis.top(diagram).map_or(constant, |variable| group_of[variable]);
        for relation in &analysis.relations {
            let always = &mut groups[group(*relation)].always;
            *always = analysis.and(*always, *relation);
        }
        for (node, lets_through) in passages {
            let group = &mut groups[group(lets_through)];
            let of_task = model.each_left(node, NodeId::new(0)).is_some();
            let passages = if of_task { &mut group.of_tasks } else { &mut group.passages };
            passages.push(Passage { node, lets_through, with_earlier: TRUE });
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
            let with_tasks = group.of_tasks.iter().fold(so_far, |all, passage| analysis.and(all, passage.lets_through));
            if with_tasks == FALSE {
                closed.push(index);
            }
        }
        Reach { group_of, groups, closed }
    }

    /// The groups that the variables belong to, each once.
    fn groups_of(&self, variables: &[Variable]) -> SmallVec<[usize; 8]> {
        let mut groups: SmallVec<[usize; 8]> = variables.iter().map(|variable| self.group_of[*variable]).collect();
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
        let always = self.reach().groups[group].always;
        if self.and(condition, always) == FALSE {
            return None;
        }
        let (certain, mut beside) = self.passed(group, at);
        let stop = certain.partition_point(|passage| self.and(condition, passage.with_earlier) != FALSE);
        if let Some(passage) = certain.get(stop) {
            return Some(passage.node);
        }
        let mut all = self.and(condition, certain.last().map_or(always, |passage| passage.with_earlier));
        beside.find_map(|passage| {
            all = self.and(all, passage.lets_through);
            (all == FALSE).then_some(passage.node)
        })
    }

    /// What the gates and loops of a group have let through by then.
    fn let_through(&self, group: usize, at: Position) -> Diagram {
        let (certain, beside) = self.passed(group, at);
        let certain = certain.last().map_or(self.reach().groups[group].always, |passage| passage.with_earlier);
        beside.fold(certain, |all, passage| self.and(all, passage.lets_through))
    }

    /// What has been passed at a position: all of a group up to some item, and some of those after it, as where items
    /// run side by side not all that is written before has been passed.
    fn passed(&self, group: usize, at: Position) -> (&[Passage], impl Iterator<Item = &Passage>) {
        let Group { passages, of_tasks, .. } = &self.reach().groups[group];
        let model = &self.model;
        let (node, limit) = match at {
            Position::Before(node) => (node, (node, std::cmp::Reverse(NodeId::new(0)))),
            Position::EndOf(node) => (node, (model.node(node).end, std::cmp::Reverse(node))),
        };
        let key = |passage: &Passage| (model.node(passage.node).end, std::cmp::Reverse(passage.node));
        let written_before = &passages[..passages.partition_point(|passage| key(passage) < limit)];
        let certain = self.certain_until(node).map_or(written_before.len(), |certain| {
            written_before.partition_point(|passage| model.node(passage.node).end <= certain)
        });
        let (certain, beside) = written_before.split_at(certain);
        let of_tasks = of_tasks.iter().filter(move |passage| self.model.each_left(passage.node, node).is_none());
        let beside = beside.iter().chain(of_tasks);
        (certain, beside.filter(move |passage| self.graph.settled(&self.model, passage.node, at)))
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
