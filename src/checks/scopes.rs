//! Files that two may write: artifacts whose paths meet, and scopes of agents that run side by side.

use std::collections::HashMap;

use crate::analysis::{Analysis, shared_route};
use crate::checks::conditions::UNDECIDED;
use crate::checks::files::{Files, when_so};
use crate::checks::outcomes::actions;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::glob::{Pattern, Shared, TooLarge};
use crate::graph::Position;
use crate::logic::{Diagram, FALSE, TRUE};
use crate::model::{Action, AgentId, ArtifactId, Detail, Evidence, NodeId};
use crate::source::Span;

codes! {
    ARTIFACT_PATH_CLASH: "WF605" "artifact-path-clash" Error = "Two artifacts can be the same file.",
        "Their paths are the same, or can be: what an input will be is known only in a run, and it may be any one name of \
         letters, digits, `.`, `_` and `-`. Two inputs may be equal. So the one would overwrite the other.",
        bad: "workflow w\n\nphase plan {\n  produces plan as \"notes.md\"\n}\n\nphase build {\n  reads plan\n  produces log as \"notes.md\"\n}\n",
        good: "workflow w\n\nphase plan {\n  produces plan as \"notes.md\"\n}\n\nphase build {\n  reads plan\n  produces log as \"log.md\"\n}\n";
    WRITE_SCOPE_OVERLAP: "WF701" "write-scope-overlap" Error = "Two that run side by side may write the same file.",
        "Neither waits for the other, some variant runs both, and there is a path that both may write. What one of them has \
         written may be gone when it looks again. Scopes are what `writes` names on a spawn, its agent and `agent *`, and the \
         files below the root of the repository that an item produces. That all agents may write the output directory is no \
         overlap; in it each artifact has a file of its own.",
        bad: "workflow w\n\nphase build {\n  parallel {\n    spawn coder \"Code\" {\n      writes \"src/**\"\n    }\n    spawn tester \"Tests\" {\n      writes \"**/*_test.go\"\n    }\n  }\n}\n",
        good: "workflow w\n\nphase build {\n  parallel {\n    spawn coder \"Code\" {\n      writes \"src/**\"\n    }\n    spawn tester \"Tests\" {\n      writes \"tests/**\"\n    }\n  }\n}\n";
}

// ── Artifacts ────────────────────────────────────────────────────────────────────────────────────

/// Different artifacts are different files, where both are produced.
pub fn artifacts_have_their_own_files(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    // Those that are named alone have the file of their name, and names differ.
    if model.artifacts.iter().all(|artifact| artifact.path.is_none()) {
        return;
    }
    let mut files = Files::new(analysis);
    let patterns: Vec<Pattern> =
        (0..model.artifacts.len()).map(|index| files.artifact(ArtifactId::new(index))).collect();
    let mut clashes: HashMap<usize, Diagnostic> = HashMap::new();
    for_each_near(&patterns, &mut |first, second| {
        let (earlier, later) = (first.min(second), first.max(second));
        if clashes.contains_key(&later) {
            return;
        }
        let (a, b) = (&model.artifacts[earlier], &model.artifacts[later]);
        if a.path.is_none() && b.path.is_none() {
            return;
        }
        let what = format!("`{}` and `{}`", a.name.name, b.name.name);
        let shared = match files.shared(&patterns[earlier], &patterns[later]) {
            Ok(Some(shared)) => shared,
            Ok(None) => return,
            Err(TooLarge) => {
                clashes.insert(later, too_large(b.name.span, a.name.span, &what));
                return;
            }
        };
        let pairs = a.producers.iter().flat_map(|a| b.producers.iter().map(move |b| (*a, *b)));
        let both = pairs.map(|(a, b)| (a, b, together(analysis, a, b))).find(|(.., both)| *both != FALSE);
        let Some((p, q, both)) = both else { return };
        let path = shared.path.trim_start_matches(['\0', '/']);
        let is = if shared.values.is_empty() && !path.contains("${") { "is" } else { "may be" };
        let same = if is == "is" { "are" } else { "can be" };
        let message = format!("{what} {same} the same file{}", when_so(&shared));
        let mut diagnostic = Diagnostic::new(&ARTIFACT_PATH_CLASH, b.name.span, message)
            .label(format!("{is} `{path}`"))
            .related(a.name.span, format!("{is} `{path}`, too"))
            .help("give one of the two another path, or a folder of its own");
        if both != TRUE {
            let (first, last) = (p.min(q), p.max(q));
            let step = format!(
                "{} writes `{path}` over what {} has left",
                analysis.described(last),
                analysis.described(first)
            );
            diagnostic = with_example(analysis, diagnostic, both, first, last, step);
        }
        clashes.insert(later, diagnostic);
    });
    let mut clashes: Vec<(usize, Diagnostic)> = clashes.into_iter().collect();
    clashes.sort_by_key(|(later, _)| *later);
    found.extend(clashes.into_iter().map(|(_, diagnostic)| diagnostic));
}

/// Calls `see` for the pairs whose first and last letters let them meet. Found by sorting, so that ten thousand paths
/// with different names are no ten thousand times ten thousand pairs.
fn for_each_near(patterns: &[Pattern], see: &mut dyn FnMut(usize, usize)) {
    let mut by_prefix: Vec<(String, usize)> =
        patterns.iter().enumerate().map(|(index, pattern)| (pattern.prefix(), index)).collect();
    let mut by_suffix: Vec<(String, usize)> =
        patterns.iter().enumerate().map(|(index, pattern)| (pattern.reversed_suffix(), index)).collect();
    by_prefix.sort_unstable();
    by_suffix.sort_unstable();
    let end = |sorted: &[(String, usize)], from: usize| {
        let (prefix, _) = &sorted[from];
        from + sorted[from..].partition_point(|(other, _)| other.starts_with(prefix.as_str()))
    };
    let count = |sorted: &[(String, usize)]| (0..sorted.len()).map(|from| end(sorted, from) - from).sum::<usize>();
    let sorted = if count(&by_prefix) <= count(&by_suffix) { by_prefix } else { by_suffix };
    for from in 0..sorted.len() {
        for to in from + 1..end(&sorted, from) {
            see(sorted[from].1, sorted[to].1);
        }
    }
}

/// Where both run.
fn together(analysis: &Analysis<'_>, a: NodeId, b: NodeId) -> Diagram {
    let both = analysis.and(analysis.run(a), analysis.run(b));
    let both = analysis.within_reach(both, Position::Before(a));
    analysis.within_reach(both, Position::Before(b))
}

fn with_example(
    analysis: &Analysis<'_>,
    diagnostic: Diagnostic,
    both: Diagram,
    earlier: NodeId,
    later: NodeId,
    last: String,
) -> Diagnostic {
    match analysis.example(both, Position::Before(later), &[earlier], last) {
        Some(example) => diagnostic.example(example),
        None => diagnostic,
    }
}

fn too_large(at: Span, other: Span, what: &str) -> Diagnostic {
    Diagnostic::new(&UNDECIDED, at, format!("it could not be decided whether {what} can be the same file"))
        .label("the same value stands in it again and again")
        .related(other, "and this")
        .help("let each value stand at most once in a path")
}

// ── Scopes ───────────────────────────────────────────────────────────────────────────────────────

/// Somebody who starts at an item and may write.
#[derive(Debug, Clone)]
struct Writer {
    node: NodeId,
    /// How it is called: "`spawn coder`".
    called: String,
    span: Span,
    /// Indices of scopes.
    scopes: Vec<usize>,
    /// A `route` of the file starts it.
    shared: bool,
}

#[derive(Debug)]
struct Scope {
    pattern: Pattern,
    written: String,
    span: Span,
    /// The file of an artifact.
    produced: bool,
}

/// The scopes of a model, each read once.
struct Scopes<'a, 's> {
    analysis: &'a Analysis<'s>,
    files: Files<'a, 's>,
    all: Vec<Scope>,
    known: HashMap<Span, usize>,
    of_agents: Vec<Vec<usize>>,
    met: HashMap<(usize, usize), Result<Option<Shared>, TooLarge>>,
}

/// Agents that run side by side write different files.
pub fn scopes_do_not_overlap(analysis: &Analysis<'_>, found: &mut Vec<Diagnostic>) {
    let model = &analysis.model;
    if !model.has_scopes() {
        return;
    }
    let mut scopes = Scopes {
        analysis,
        files: Files::new(analysis),
        all: Vec::new(),
        known: HashMap::new(),
        of_agents: Vec::new(),
        met: HashMap::new(),
    };
    scopes.of_agents = model
        .agents
        .iter()
        .map(|agent| agent.cast.writes.iter().chain(&model.everyone.writes).map(|glob| scopes.scope(glob)).collect())
        .collect();
    // Only what stands in a body with branches has something beside it.
    let mut next = NodeId::new(0);
    while next.index() < model.nodes.len() {
        if analysis.graph.is_branched(next) {
            let writers = scopes.writers(next);
            scopes.compare(next, &writers, found);
            next = model.node(next).end;
        } else {
            next = NodeId::new(next.index() + 1);
        }
    }
}

impl<'s> Scopes<'_, 's> {
    fn scope(&mut self, glob: &crate::model::Text<'s>) -> usize {
        if let Some(known) = self.known.get(&glob.span) {
            return *known;
        }
        let pattern = self.files.written(glob);
        self.all.push(Scope { pattern, written: glob.content().into_owned(), span: glob.span, produced: false });
        self.known.insert(glob.span, self.all.len() - 1);
        self.all.len() - 1
    }

    /// All in a body who may write something, in the order of their items.
    fn writers(&mut self, body: NodeId) -> Vec<Writer> {
        let analysis = self.analysis;
        let model = &analysis.model;
        let mut writers = Vec::new();
        for id in model.descendants(body) {
            let node = model.node(id);
            let mut start = |agent: AgentId, span: Span| {
                let scopes = self.of_agents[agent.index()].clone();
                if !scopes.is_empty() {
                    let called = format!("agent `{}`", model.agents[agent.index()].name.name);
                    let shared = shared_route(model, id).any(|branch| branch.span.contains(span));
                    writers.push(Writer { node: id, called, span, scopes, shared });
                }
            };
            let detail = model.detail(id);
            let checked_by = match detail {
                Detail::Gate(gate) => gate.by.into_iter().chain(gate.items.iter().filter_map(agent_of)).collect(),
                Detail::Step(item) => agent_of(item).into_iter().collect(),
                _ => Vec::new(),
            };
            for agent in checked_by {
                start(agent, node.name.span);
            }
            actions(model, id, &mut |action, _| {
                if let Action::Fix { agent, span, .. } | Action::Spawn { agent, span } = action {
                    start(*agent, *span);
                }
            });
            let Detail::Work(work) = detail else { continue };
            let mut own: Vec<usize> = work.writes.iter().map(|glob| self.scope(glob)).collect();
            own.extend(work.produces.iter().filter_map(|artifact| self.rooted(*artifact)));
            if let Some(agent) = work.agent {
                own.extend(&self.of_agents[agent.index()]);
            }
            if !own.is_empty() {
                let called = analysis.described(id);
                writers.push(Writer { node: id, called, span: node.name.span, scopes: own, shared: false });
            }
        }
        writers
    }

    /// The file of an artifact outside of the output directory.
    fn rooted(&mut self, id: ArtifactId) -> Option<usize> {
        let artifact = &self.analysis.model.artifacts[id.index()];
        let path = artifact.path.as_ref().filter(|path| path.content().starts_with('/'))?;
        if let Some(known) = self.known.get(&path.span) {
            return Some(*known);
        }
        let pattern = self.files.artifact(id);
        self.all.push(Scope { pattern, written: artifact.file(), span: artifact.name.span, produced: true });
        self.known.insert(path.span, self.all.len() - 1);
        Some(self.all.len() - 1)
    }

    /// Compares the writers inside a body, in the order of their items, with those beside them.
    fn compare(&mut self, body: NodeId, writers: &[Writer], found: &mut Vec<Diagnostic>) {
        let model = &self.analysis.model;
        let mut members: Vec<(NodeId, &[Writer])> = Vec::new();
        let mut rest = writers;
        while let Some(first) = rest.first() {
            let Some(member) = model.ancestors(first.node).find(|node| model.node(*node).parent == body) else { break };
            let count = rest.partition_point(|writer| writer.node < model.node(member).end);
            let (inside, after) = rest.split_at(count);
            members.push((member, inside));
            rest = after;
        }
        for (position, (member, inside)) in members.iter().enumerate() {
            let joint = self.analysis.graph.joint(model, *member);
            let beside: Vec<&[Writer]> = members[..position]
                .iter()
                .rev()
                .take_while(|(other, _)| joint.is_none_or(|joint| *other > joint))
                .filter(|(other, _)| self.analysis.graph.beside(model, *other, *member))
                .map(|(_, writers)| *writers)
                .collect();
            for writer in *inside {
                let mut earlier = beside.iter().rev().flat_map(|writers| writers.iter());
                found.extend(earlier.find_map(|earlier| self.overlap(earlier, writer)));
            }
            // What is the member itself has nothing beside it in there.
            let deeper = inside.partition_point(|writer| writer.node == *member);
            if deeper < inside.len() {
                self.compare(*member, &inside[deeper..], found);
            }
        }
    }

    fn overlap(&mut self, earlier: &Writer, later: &Writer) -> Option<Diagnostic> {
        // One `route` may be taken at each of several spawns at once; that such helpers keep apart is not proved.
        if earlier.shared && later.shared {
            return None;
        }
        for a in &earlier.scopes {
            for b in &later.scopes {
                // Of two artifacts it is said where they are produced.
                if self.all[*a].produced && self.all[*b].produced {
                    continue;
                }
                let (files, all) = (&self.files, &self.all);
                let met = self.met.entry((*a, *b)).or_insert_with(|| files.shared(&all[*a].pattern, &all[*b].pattern));
                if *met == Ok(None) {
                    continue;
                }
                let both = together(self.analysis, earlier.node, later.node);
                if both == FALSE {
                    return None;
                }
                let what = format!("what {} and {} write", earlier.called, later.called);
                return Some(match met {
                    Ok(Some(shared)) => {
                        let shared = shared.clone();
                        self.overlapping(earlier, later, (*a, *b), &shared, both)
                    }
                    _ => too_large(later.span, earlier.span, &what),
                });
            }
        }
        None
    }

    fn overlapping(
        &self,
        earlier: &Writer,
        later: &Writer,
        (a, b): (usize, usize),
        shared: &Shared,
        both: Diagram,
    ) -> Diagnostic {
        let (analysis, path) = (self.analysis, &shared.path);
        let does = |scope: &Scope| if scope.produced { "produces" } else { "may write" };
        let (a, b) = (&self.all[a], &self.all[b]);
        let at = |writer: &Writer| match writer.node {
            node if writer.called == analysis.described(node) => String::new(),
            node => format!(" at {}", analysis.described(node)),
        };
        let both_run = if earlier.called == later.called {
            format!("{} runs twice side by side and both", later.called)
        } else {
            format!("{} and {} run side by side and both", earlier.called, later.called)
        };
        let message = format!("{both_run} may write `{path}`{}", when_so(shared));
        let mut diagnostic = Diagnostic::new(&WRITE_SCOPE_OVERLAP, later.span, message)
            .label(format!("{} `{}`{}", does(b), b.written, at(later)))
            .related(earlier.span, format!("{} `{}`{}", does(a), a.written, at(earlier)));
        // A scope of the agent stands elsewhere.
        let shown = |span: Span, node: NodeId| {
            let around = analysis.model.node(node).span;
            around.contains(span)
        };
        if !shown(a.span, earlier.node) && a.span != b.span {
            diagnostic = diagnostic.related(a.span, format!("for {}", earlier.called));
        }
        if !shown(b.span, later.node) {
            let who = if a.span == b.span { "for both".to_string() } else { format!("for {}", later.called) };
            diagnostic = diagnostic.related(b.span, who);
        }
        if both != TRUE {
            let step = format!(
                "{} runs at the same time",
                if earlier.called == later.called { "the other" } else { &later.called }
            );
            diagnostic = with_example(analysis, diagnostic, both, earlier.node, later.node, step);
        }
        diagnostic.help("let one come after the other, or give them scopes that do not meet")
    }
}

fn agent_of(item: &crate::model::Item<'_>) -> Option<AgentId> {
    match &item.by {
        Some(Evidence::Agent(agent)) => Some(*agent),
        _ => None,
    }
}
