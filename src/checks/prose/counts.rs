//! "16 phases", "all four gates", "7/7 requirements of P0 Compliance".

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::words::{self, Number};
use super::{COUNT_DISAGREES, span_in};
use crate::analysis::{Analysis, Runs, Written};
use crate::diagnostic::{Applicability, Diagnostic, Edit};
use crate::logic::TRUE;
use crate::model::{FactId, NodeId, NodeKind};

/// The counts that a text may state.
pub struct Counts<'a, 's> {
    analysis: &'a Analysis<'s>,
    phases: OnceCell<Count>,
    gates: OnceCell<Count>,
    stages: OnceCell<Count>,
    agents: OnceCell<Count>,
}

/// How many there are, and every number that is right of some part: of a variant, of a phase.
struct Count {
    all: usize,
    right: BTreeSet<usize>,
}

/// A number that says how many of something there are.
struct Claim {
    what: What,
    value: usize,
    /// Each place of the number: two in "7/7".
    places: Vec<(usize, usize)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Kind(&'static str),
    Items(NodeId),
}

/// Words before a number that make it a part, or no exact number.
const PARTIAL: [&str; 50] = [
    "first",
    "last",
    "next",
    "previous",
    "other",
    "these",
    "those",
    "remaining",
    "another",
    "least",
    "most",
    "to",
    "about",
    "around",
    "than",
    "over",
    "under",
    "every",
    "each",
    "between",
    "within",
    "for",
    "into",
    "after",
    "before",
    "only",
    "just",
    "early",
    "earlier",
    "later",
    "final",
    "middle",
    "some",
    "any",
    "both",
    "up",
    "or",
    "and",
    "skip",
    "skips",
    "skipped",
    "skipping",
    "until",
    "since",
    "by",
    "nearly",
    "almost",
    "roughly",
    "my",
    "their",
];

/// Words behind the noun that make it a part, or something else.
const PARTIAL_AFTER: [&str; 20] = [
    "later",
    "before",
    "earlier",
    "ago",
    "ahead",
    "back",
    "apart",
    "each",
    "per",
    "at",
    "that",
    "which",
    "whose",
    "between",
    "after",
    "remain",
    "remaining",
    "left",
    "behind",
    "need",
];

/// Words that speak of all, before a number in the text of a single item.
const TOTAL: [&str; 10] =
    ["all", "the", "of", "through", "runs", "run", "complete", "completes", "completing", "orchestrates"];

/// Words before a number that may begin with a capital letter without being a name: "All 16 phases".
const OPENERS: [&str; 12] =
    ["All", "The", "Of", "Through", "Runs", "Run", "Has", "With", "In", "Orchestrates", "Complete", "Executes"];

const WORKFLOWS: [&str; 6] = ["workflow", "workflows", "orchestration", "orchestrator", "process", "pipeline"];

const ITEMS: [&str; 4] = ["requirements", "items", "checks", "steps"];

/// So many right numbers are shown.
const SHOWN: usize = 6;

/// Up to this number "the two phases" may point back at two that were just named.
const FEW: usize = 3;

impl<'a, 's> Counts<'a, 's> {
    pub fn new(analysis: &'a Analysis<'s>) -> Self {
        Counts {
            analysis,
            phases: OnceCell::new(),
            gates: OnceCell::new(),
            stages: OnceCell::new(),
            agents: OnceCell::new(),
        }
    }

    /// Looks at a number that may be a count.
    pub fn look(&self, text: &Written<'_>, number: &Number, found: &mut Vec<Diagnostic>) {
        let Some(claim) = self.claim(text, number) else { return };
        match claim.what {
            What::Kind(noun) => {
                let count = self.count(noun);
                // Where there is none, the word means something else.
                if count.all == 0 || count.right.contains(&claim.value) {
                    return;
                }
                let there = if count.all == 1 { "1".to_string() } else { count.all.to_string() };
                let mut diagnostic = Diagnostic::new(
                    &COUNT_DISAGREES,
                    self.span(text, &claim),
                    format!("the workflow has {there} {}, not {}", named(noun, count.all), claim.value),
                );
                if noun == "phases" && (2..=SHOWN).contains(&count.right.len()) {
                    let right: Vec<String> = count.right.iter().map(usize::to_string).collect();
                    diagnostic = diagnostic.label(format!("right would be {}", one_of(&right)));
                } else {
                    diagnostic = diagnostic.label("does not agree with the workflow");
                }
                let only = count.right.len() == 1;
                found.push(self.mended(text, &claim, diagnostic, noun, count.all, only));
            }
            What::Items(gate) => {
                let model = &self.analysis.model;
                let items = model.gate_items(gate);
                let name = model.node(gate).name;
                let always = items.iter().filter(|item| item.when.is_none()).count();
                let required = items.iter().filter(|item| item.required).count();
                let own = model.gate(gate).map_or(0, |gate| gate.items.len());
                let conditions = model.gate(gate).map_or(0, |gate| gate.conditions.len());
                let others = [required, items.len() - required, own, items.len() + conditions, required + conditions];
                if items.is_empty() || (always..=items.len()).contains(&claim.value) || others.contains(&claim.value) {
                    return;
                }
                let diagnostic = Diagnostic::new(
                    &COUNT_DISAGREES,
                    self.span(text, &claim),
                    format!(
                        "gate `{}` has {} {}, not {}",
                        name.name,
                        items.len(),
                        named("items", items.len()),
                        claim.value
                    ),
                )
                .label("does not agree with the gate")
                .related(name.span, "declared here");
                let only = others.iter().all(|other| [0, items.len()].contains(other)) && always == items.len();
                found.push(self.mended(text, &claim, diagnostic, name.name, items.len(), only));
            }
        }
    }

    fn span(&self, text: &Written<'_>, claim: &Claim) -> crate::source::Span {
        let (start, end) = (claim.places[0].0, claim.places[claim.places.len() - 1].1);
        span_in(text, start, end)
    }

    /// With the way out: a reference, where the text can hold one.
    fn mended(
        &self,
        text: &Written<'_>,
        claim: &Claim,
        diagnostic: Diagnostic,
        counted: &str,
        right: usize,
        only: bool,
    ) -> Diagnostic {
        let (written, help) = if text.references {
            let reference = format!("${{count {counted}}}");
            let help = format!("`{reference}` prints the number that it has");
            (reference, help)
        } else {
            (right.to_string(), format!("write `{right}`, or leave the number out"))
        };
        let applicability = if only { Applicability::Safe } else { Applicability::Unsafe };
        let edits = claim
            .places
            .iter()
            .map(|(start, end)| Edit { span: span_in(text, *start, *end), text: written.clone() })
            .collect();
        diagnostic.help(help).with_fix(format!("write `{written}`"), applicability, edits)
    }

    /// What a number counts, if it speaks of all there are.
    fn claim(&self, text: &Written<'_>, number: &Number) -> Option<Claim> {
        let raw = text.raw;
        let (start, end) = (number.start, number.end);
        let lead = raw[..start].chars().next_back();
        let tail = &raw[end..];
        let digits = raw.as_bytes()[start].is_ascii_digit();
        // "10,000 phases".
        if lead == Some(',') && raw[..start - 1].ends_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        if lead.is_some_and(|c| {
            matches!(c, '-' | '–' | '.' | '$' | '#' | '_' | '{' | '+' | '<' | '>' | '=' | '~' | '≤' | '≥')
        }) || tail.starts_with(['%', '°', '+', '_'])
            || tail.starts_with('.') && tail[1..].starts_with(|c: char| c.is_ascii_digit())
        {
            return None;
        }
        // "12/16 phases": the second number is the claim; "7/7" are both.
        let mut places = vec![(start, end)];
        let mut first = start;
        if digits && lead == Some('/') {
            let head = &raw[..start - 1];
            let other = head.len() - head.bytes().rev().take_while(u8::is_ascii_digit).count();
            // A date or path has more slashes.
            if other == head.len() || head[..other].ends_with(['/', '.', '-']) || tail.starts_with('/') {
                return None;
            }
            if head[other..] == raw[start..end] {
                places.insert(0, (other, start - 1));
            }
            first = other;
        } else if tail.starts_with('/') {
            return None;
        }
        let claim = |what| Some(Claim { what, value: number.value, places: places.clone() });
        let rest = &raw[end..];
        if let Some(rest) = rest.strip_prefix("-phase").or(rest.strip_prefix(" phase ").map(|_| &rest[6..])) {
            return self.of_workflow(raw, raw.len() - rest.len()).then(|| claim(What::Kind("phases")))?;
        }
        if let Some((at, noun)) = words::after(raw, end)
            && let Some(noun) = ["phases", "gates", "stages", "agents"].into_iter().find(|known| *known == noun)
        {
            let follows = words::after(raw, at + noun.len());
            let part = match follows {
                Some((at, "of")) => !self.of_workflow(raw, at + 2),
                // Of the whole it is said what it has besides: "16 phases with four gates".
                Some((_, "with" | "without")) => !text.whole || number.value <= FEW,
                Some((_, word)) => PARTIAL_AFTER.contains(&word),
                None => false,
            };
            let divided = first < start;
            return (!part && (divided || self.speaks_of_all(text, first, number.value, noun)))
                .then(|| claim(What::Kind(noun)))?;
        }
        self.gate_beside(raw, first, end).and_then(|gate| claim(What::Items(gate)))
    }

    /// "…-phase integration workflow", "… of the workflow": one of the next words is the workflow.
    fn of_workflow(&self, raw: &str, mut at: usize) -> bool {
        for _ in 0..4 {
            let Some((start, word)) = words::after(raw, at) else { return false };
            if WORKFLOWS.contains(&word) {
                return true;
            }
            at = start + word.len();
        }
        false
    }

    /// Whether a number stands where it counts all there are, not some of them.
    fn speaks_of_all(&self, text: &Written<'_>, start: usize, value: usize, noun: &str) -> bool {
        let Some((at, word)) = words::before(text.raw, start) else {
            // Something else than a word: a sentence or a cell begins. "3 phases" there is a heading of anything.
            let head = text.raw[..start].trim_end();
            return text.whole
                && noun == "phases"
                && !head.ends_with(|c: char| c.is_alphanumeric() || c == '`' || c == '}');
        };
        if PARTIAL.iter().any(|partial| partial.eq_ignore_ascii_case(word)) {
            return false;
        }
        // "HTTP 404 gates", "Python 3 phases".
        if word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) && !OPENERS.contains(&word) {
            return false;
        }
        let lower = word.to_lowercase();
        let further = words::before(text.raw, at).map(|(_, word)| word.to_lowercase());
        if lower == "the" && value <= FEW || lower == "of" && further.as_deref().is_some_and(|word| !is_count(word)) {
            return false;
        }
        let total = TOTAL.contains(&lower.as_str());
        match noun {
            "phases" if text.whole => true,
            "phases" => total && value > FEW,
            _ => matches!(lower.as_str(), "all" | "the") && value > FEW,
        }
    }

    /// The gate whose name stands beside a number of its items: "7 P0 requirements", "P0 Compliance has 7
    /// requirements", "7 requirements of P0 Compliance".
    fn gate_beside(&self, raw: &str, start: usize, end: usize) -> Option<NodeId> {
        // The noun, with at most three words between.
        let mut at = end;
        let mut between = None;
        for _ in 0..4 {
            let (next, word) = words::after(raw, at)?;
            if ITEMS.contains(&word) {
                between = Some((next, next + word.len()));
                break;
            }
            at = next + word.len();
        }
        let (noun, noun_end) = between?;
        let inner = raw[end..noun].trim();
        let model = &self.analysis.model;
        let gates = model.nodes_of(NodeKind::Gate);
        if !inner.is_empty() {
            // "7 mandatory requirements" are some of them.
            return self.gate_named(inner);
        }
        let line = raw[..start].rfind(['\n', '.', ';', '|']).map_or(0, |at| at + 1);
        let head = raw[line..start]
            .trim_end_matches([' ', ':', '*', '('])
            .trim_end_matches(" has")
            .trim_end_matches(" asks for");
        let behind = raw[noun_end..].strip_prefix(" of ").or(raw[noun_end..].strip_prefix(" in "));
        let mut found = gates.filter(|gate| {
            let title = model.title(*gate);
            let ends =
                head.ends_with(&*title) && !head[..head.len() - title.len()].ends_with(|c: char| c.is_alphanumeric());
            let begins = behind.is_some_and(|rest| {
                let rest = rest.strip_prefix("the ").unwrap_or(rest).trim_start_matches(['`', '*']);
                rest.strip_prefix(&*title).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric()))
            });
            let reference = format!("${{gate {}}}", model.node(*gate).name.name);
            ends || begins || head.ends_with(&reference) || behind.is_some_and(|rest| rest.starts_with(&reference))
        });
        let gate = found.next()?;
        found.next().is_none().then_some(gate)
    }

    fn gate_named(&self, label: &str) -> Option<NodeId> {
        let model = &self.analysis.model;
        let label = label.trim_matches(['`', '*']);
        let mut gates = model.nodes_of(NodeKind::Gate).filter(|gate| {
            let name = model.node(*gate).name.name;
            name.eq_ignore_ascii_case(label) || model.title(*gate).eq_ignore_ascii_case(label)
        });
        let gate = gates.next()?;
        gates.next().is_none().then_some(gate)
    }

    fn count(&self, noun: &str) -> &Count {
        match noun {
            "phases" => self.phases.get_or_init(|| self.of_kind(NodeKind::Phase)),
            "gates" => self.gates.get_or_init(|| self.gates()),
            "stages" => self.stages.get_or_init(|| self.stages()),
            _ => self.agents.get_or_init(|| self.agents()),
        }
    }

    /// All of a kind, and how many run for each value of each fact that decides about some. What hangs on other facts
    /// may run or not, then.
    fn of_kind(&self, kind: NodeKind) -> Count {
        let analysis = self.analysis;
        let (mut all, mut always) = (0, 0);
        let mut by_fact: BTreeMap<FactId, Vec<NodeId>> = BTreeMap::new();
        for node in analysis.model.nodes_of(kind) {
            all += 1;
            always += usize::from(analysis.runs(node, TRUE) == Runs::Always);
            let support = analysis.support(analysis.run(node)).into_iter();
            for fact in support.map(|variable| analysis.version(variable).fact).collect::<BTreeSet<_>>() {
                by_fact.entry(fact).or_default().push(node);
            }
        }
        let mut right = BTreeSet::from([all]);
        for (fact, nodes) in by_fact {
            let others = all - nodes.len();
            let sure = always - nodes.iter().filter(|node| analysis.runs(**node, TRUE) == Runs::Always).count();
            let cells = analysis.last_variable(fact).map_or(0, |variable| analysis.cells(variable).len());
            for cell in 0..cells {
                let given = analysis.is(fact, cell);
                let of = |wanted| nodes.iter().filter(|node| analysis.runs(**node, given) == wanted).count();
                right.extend(sure + of(Runs::Always)..=others + nodes.len() - of(Runs::Never));
            }
        }
        Count { all, right }
    }

    /// Also those between phases, those that ask, and those that follow one procedure.
    fn gates(&self) -> Count {
        let model = &self.analysis.model;
        let mut count = self.of_kind(NodeKind::Gate);
        let gates: Vec<NodeId> = model.nodes_of(NodeKind::Gate).collect();
        let between = gates.iter().filter(|gate| model.phase_of(**gate).is_none()).count();
        let asking = gates.iter().filter(|gate| model.gate(**gate).is_some_and(|gate| gate.ask.is_some())).count();
        count.right.extend([between, gates.len() - between, asking]);
        for procedure in 0..model.procedures.len() {
            let follow = |gate: &&NodeId| {
                let follows = model.gate(**gate).and_then(|gate| gate.follows.as_ref());
                follows.is_some_and(|follows| crate::model::Id::index(follows.procedure) == procedure)
            };
            count.right.insert(gates.iter().filter(follow).count());
        }
        count
    }

    /// Also those of each phase.
    fn stages(&self) -> Count {
        let model = &self.analysis.model;
        let mut count = self.of_kind(NodeKind::Stage);
        let within = |phase| model.descendants(phase).filter(|id| model.node(*id).kind == NodeKind::Stage).count();
        count.right.extend(model.phases().map(within));
        count
    }

    /// Also the starts of agents, and those of each phase.
    fn agents(&self) -> Count {
        let model = &self.analysis.model;
        let used = model.agents.iter().filter(|agent| agent.used).count();
        let spawns = |id: &NodeId| model.node(*id).kind == NodeKind::Spawn;
        let mut right = BTreeSet::from([used, model.agents.len()]);
        right.insert(model.nodes_of(NodeKind::Spawn).count());
        right.extend(model.phases().map(|phase| model.descendants(phase).filter(spawns).count()));
        Count { all: used, right }
    }
}

fn is_count(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) || matches!(word, "all" | "each" | "one" | "out" | "none")
}

/// The noun as one or several.
fn named(noun: &'static str, count: usize) -> &'static str {
    if count == 1 { &noun[..noun.len() - 1] } else { noun }
}

/// "12, 15 or 16".
fn one_of(numbers: &[String]) -> String {
    match numbers {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => numbers.concat(),
    }
}
