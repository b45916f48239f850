//! Random programs by number, and smaller programs that may show the same.

use super::program::{
    Bound, Choice, Cond, Constant, Enum, Fact, Item, Kind, Outcome, Place, Procedure, Program, Property, Revision, Row,
    Shared, Skip, Step,
};

/// SplitMix64: the same programs for the same numbers, whatever any library does.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn percent(&mut self, chance: usize) -> bool {
        self.below(100) < chance
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        if from.is_empty() { None } else { from.get(self.below(from.len())) }
    }
}

/// The programs of lower numbers hold the core of the language alone: `docs/proofs.md` names many of them.
pub const CORE: u64 = 2_000;

/// From this number on programs hold what stands in something else, too: members of a `parallel` inside of a phase, what
/// comes when a bound is used up, questions in options, what an exhausted loop does, procedures.
pub const NESTED: u64 = 100_000;

/// From this number on also procedures, and bounds that nobody can raise.
pub const FOLLOWING: u64 = 200_000;

const SIZE: [&str; 3] = ["SMALL", "MEDIUM", "LARGE"];
const NUMBERS: [&str; 3] = ["0", "1", "2"];
const BOOL: [&str; 2] = ["false", "true"];

/// A fact that can be read here.
#[derive(Clone)]
struct Known {
    name: String,
    values: Vec<String>,
    /// The condition of the item that decides it.
    guard: Option<Cond>,
    /// The loops around its decider, for revisions.
    around: Vec<String>,
    answer: bool,
    once: bool,
}

struct Maker {
    random: Random,
    program: Program,
    known: Vec<Known>,
    /// Facts that are not decided yet.
    open: Vec<(String, Vec<String>)>,
    /// Phases and gates written so far that may be asked about.
    written: Vec<String>,
    phases: Vec<String>,
    /// Gates inside of an `each`, which only claims speak of.
    of_tasks: Vec<String>,
    produced: Vec<String>,
    around: Vec<String>,
    left: usize,
    count: usize,
    in_once: bool,
    /// Conditions of the items around.
    holds: Vec<Cond>,
    /// Facts that were read before anything decides them.
    early: Vec<String>,
    /// It may hold what the core does not.
    wide: bool,
    /// It may hold what is nested.
    nested: bool,
    /// It may hold procedures, and bounds that nobody can raise.
    following: bool,
}

/// The program of a number.
pub fn program(number: u64) -> Program {
    let mut random = Random(number.wrapping_mul(0xD134_2543_DE82_EF95) ^ 0x5DEE_CE66);
    let left = 4 + random.below(7);
    let mut maker = Maker {
        random,
        program: Program::default(),
        known: Vec::new(),
        open: Vec::new(),
        written: Vec::new(),
        phases: Vec::new(),
        of_tasks: Vec::new(),
        produced: Vec::new(),
        around: Vec::new(),
        left,
        count: 0,
        in_once: false,
        holds: Vec::new(),
        early: Vec::new(),
        wide: number >= CORE,
        nested: number >= NESTED,
        following: number >= FOLLOWING,
    };
    maker.facts();
    let mut items = maker.body(0, false);
    // Most programs have an end worth guarding.
    match maker.random.below(10) {
        0..=5 => items.push(Item::new(Kind::Phase, maker.fresh("p"))),
        6 => items.push(maker.gate(false, None, &items)),
        _ => {}
    }
    maker.program.items = items;
    maker.claims();
    let mut program = maker.program;
    if number % 16 == 7 {
        let place = Random(number).below(8);
        withhold(&mut program.items, &mut Vec::new(), place);
    }
    if number % 16 == 9 {
        offer_where_it_ran(&mut program.items);
    }
    program
}

/// Offers to go back only to what ran.
fn offer_where_it_ran(items: &mut [Item]) {
    for item in items {
        for choice in &mut item.ask {
            if let Outcome::Redo { target: Some(target), .. } = &choice.outcome {
                choice.when = Some(Cond::Ran(target.clone()));
            }
        }
        offer_where_it_ran(&mut item.body);
    }
}

/// Lets the option that goes on hang on a condition that stands before it, so that some gate may let nobody through.
fn withhold(items: &mut [Item], conditions: &mut Vec<Cond>, place: usize) {
    for item in items {
        if let (Some(first), false) = (item.ask.first_mut(), conditions.is_empty()) {
            first.when = conditions.get(place % conditions.len()).cloned();
        }
        conditions.extend(item.when.clone());
        withhold(&mut item.body, conditions, place);
    }
}

impl Maker {
    fn facts(&mut self) {
        self.program.enums.push(Enum {
            name: "W".to_string(),
            values: SIZE.iter().map(ToString::to_string).collect(),
            ordered: true,
        });
        if self.wide && self.random.percent(50) {
            self.program.constants.push(Constant { name: "c1".to_string(), value: "1".to_string() });
        }
        for index in 0..2 + self.random.below(3) {
            let is_bool = self.random.percent(55);
            let is_number = self.wide && !is_bool && self.random.percent(50);
            let values: &[&str] = if is_bool {
                &BOOL
            } else if is_number {
                &NUMBERS
            } else {
                &SIZE
            };
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            let input = index > 0 && self.random.percent(10);
            let name = format!("{}{index}", if input { "i" } else { "f" });
            let of = if is_bool {
                "bool"
            } else if is_number {
                "int 0..2"
            } else {
                "W"
            };
            self.program.facts.push(Fact { name: name.clone(), of: of.to_string(), input });
            if input {
                self.known.push(Known { name, values, guard: None, around: Vec::new(), answer: false, once: true });
            } else {
                self.open.push((name, values));
            }
        }
    }

    fn fresh(&mut self, word: &str) -> String {
        self.count += 1;
        format!("{word}{}", self.count)
    }

    /// Members of a workflow or loop.
    fn body(&mut self, depth: usize, in_loop: bool) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        let wanted = if in_loop { 1 + self.random.below(3) } else { usize::MAX };
        while self.left > 0 && items.len() < wanted {
            let roll = self.random.below(100);
            let item = if items.is_empty() && roll < 80 || roll < 58 {
                self.phase(depth, in_loop, &items, false)
            } else if roll < 83 {
                self.gate(in_loop, None, &items)
            } else if roll < 93 && depth < 2 {
                self.repeat(depth, &items)
            } else {
                self.side_by_side(depth, in_loop)
            };
            items.push(item);
        }
        items
    }

    fn phase(&mut self, depth: usize, in_loop: bool, before: &[Item], parallel: bool) -> Item {
        self.left = self.left.saturating_sub(1);
        let mut item = Item::new(Kind::Phase, self.fresh("p"));
        item.once = in_loop && self.random.percent(22);
        let known = self.known.clone();
        if item.once && self.random.percent(75) {
            self.known.retain(|fact| fact.once);
        }
        let decides_first = before.is_empty() && depth == 0;
        if !decides_first && self.random.percent(48) {
            item.when = self.condition();
        }
        self.known = known;
        let prevents = |choice: &Choice| choice.outcome != Outcome::Continue;
        let approved = before.last().is_some_and(|last| last.ask.iter().any(prevents));
        item.irreversible = self.random.percent(if approved { 40 } else { 5 });
        item.required = self.random.percent(3);
        if self.random.percent(8) {
            item.requires.extend(self.random.pick(&self.phases).cloned());
        }
        let last_gate = before.iter().rposition(|item| item.kind == Kind::Gate).map_or(0, |at| at + 1);
        let candidates: Vec<String> =
            before[last_gate..].iter().filter(|item| item.kind == Kind::Phase).map(|item| item.name.clone()).collect();
        if self.random.percent(if parallel { 12 } else { 7 }) {
            item.after.extend(self.random.pick(&candidates).cloned());
        }
        self.artifacts(&mut item);
        let targets = self.targets(before);
        self.troubles(&mut item, &targets);
        let was_once = self.in_once;
        self.in_once |= item.once;
        self.holds.extend(item.when.clone());
        if self.random.percent(28) && self.left > 0 {
            item.body = self.inside(&item.name, in_loop, before);
        }
        if self.random.percent(if decides_first { 95 } else { 45 }) {
            self.decide(&mut item);
            if self.random.percent(25) {
                self.decide(&mut item);
            }
        }
        if self.random.percent(15) {
            self.revise(&mut item);
        }
        leave_nothing_out(&mut item);
        if item.when.is_some() {
            self.holds.pop();
        }
        self.in_once = was_once;
        self.written.push(item.name.clone());
        self.phases.push(item.name.clone());
        item
    }

    fn artifacts(&mut self, item: &mut Item) {
        if self.random.percent(32) {
            let name = self.random.pick(&self.produced).cloned();
            item.reads.extend(name.map(|name| (name, self.random.percent(25))));
        }
        if self.wide && item.kind == Kind::Spawn && self.random.percent(20) {
            let name = self.random.pick(&self.produced).cloned();
            let by_constant = self.random.percent(50);
            item.mentions.extend(name.map(|name| if by_constant { self.constant(&name) } else { name }));
        }
        if self.random.percent(38) {
            let name = if self.random.percent(18) { self.random.pick(&self.produced).cloned() } else { None };
            let name = name.unwrap_or_else(|| format!("a{}", self.produced.len()));
            if !self.produced.contains(&name) {
                self.produced.push(name.clone());
            }
            item.produces.push(name);
        }
    }

    /// A constant whose text names an artifact.
    fn constant(&mut self, artifact: &str) -> String {
        let constant = Constant { name: format!("k-{artifact}"), value: format!("\"as in ${{{artifact}}}\"") };
        if !self.program.constants.contains(&constant) {
            self.program.constants.push(constant.clone());
        }
        constant.name
    }

    /// Stages, spawns and gates of a phase.
    fn inside(&mut self, phase: &str, in_loop: bool, before: &[Item]) -> Vec<Item> {
        let mut items: Vec<Item> = Vec::new();
        for _ in 0..1 + self.random.below(3) {
            if self.left == 0 {
                break;
            }
            if self.wide && self.random.percent(15) && !self.produced.is_empty() {
                items.push(self.each(phase, in_loop, before));
                continue;
            }
            if self.nested && self.random.percent(25) {
                items.push(self.members(2, |maker| {
                    let kind = if maker.random.percent(40) { Kind::Spawn } else { Kind::Stage };
                    // Whoever goes back to another phase leaves the block.
                    let before = if maker.random.percent(8) { before } else { &[] };
                    maker.part(kind, phase, in_loop, before)
                }));
                continue;
            }
            let roll = self.random.below(100);
            if roll < 45 {
                items.push(self.gate(in_loop, Some(phase), before));
                continue;
            }
            let kind = if roll < 75 { Kind::Spawn } else { Kind::Stage };
            items.push(self.part(kind, phase, in_loop, before));
        }
        items
    }

    /// A stage or spawn.
    fn part(&mut self, kind: Kind, phase: &str, in_loop: bool, before: &[Item]) -> Item {
        self.left = self.left.saturating_sub(1);
        let mut item = Item::new(kind, self.fresh(if kind == Kind::Spawn { "x" } else { "s" }));
        if self.random.percent(30) {
            item.when = self.condition();
        }
        item.irreversible = self.random.percent(5);
        self.artifacts(&mut item);
        let mut targets = self.targets(before);
        targets.push(None);
        self.troubles(&mut item, &targets);
        self.holds.extend(item.when.clone());
        if self.nested && kind == Kind::Stage && self.random.percent(60) {
            for _ in 0..1 + self.random.below(2) {
                item.body.push(if self.random.percent(55) {
                    self.gate(in_loop, Some(phase), before)
                } else {
                    self.part(Kind::Spawn, phase, in_loop, before)
                });
            }
        }
        if self.random.percent(50) {
            self.decide(&mut item);
        }
        if kind == Kind::Stage && self.random.percent(10) {
            self.revise(&mut item);
        }
        if item.when.is_some() {
            self.holds.pop();
        }
        leave_nothing_out(&mut item);
        if kind == Kind::Stage {
            self.written.push(item.name.clone());
        }
        item
    }

    /// Spawns and gates for each task of a file. What is settled in it is nobody's business outside.
    fn each(&mut self, phase: &str, in_loop: bool, before: &[Item]) -> Item {
        let mut item = Item::new(Kind::Each, self.fresh("t"));
        item.bound = 2;
        let from = self.random.pick(&self.produced).cloned().unwrap_or_default();
        let maybe = self.random.percent(50);
        item.reads.push((from, maybe));
        item.else_once = maybe && self.random.percent(60);
        let known = self.known.clone();
        let (written, produced) = (self.written.clone(), self.produced.clone());
        for _ in 0..1 + self.random.below(2) {
            self.left = self.left.saturating_sub(1);
            if self.random.percent(45) {
                item.body.push(self.gate(in_loop, Some(phase), before));
                continue;
            }
            let mut spawn = Item::new(Kind::Spawn, self.fresh("x"));
            if self.random.percent(30) {
                spawn.when = self.condition();
            }
            spawn.irreversible = self.random.percent(12);
            self.artifacts(&mut spawn);
            if !spawn.produces.is_empty() {
                // A file for each task is no file that there was before.
                let name = format!("a{}", self.fresh("t"));
                self.produced.push(name.clone());
                spawn.produces = vec![name];
                spawn.task = Some(item.name.clone());
            }
            let mut targets = self.targets(before);
            targets.push(None);
            self.troubles(&mut spawn, &targets);
            leave_nothing_out(&mut spawn);
            item.body.push(spawn);
        }
        self.of_tasks.extend(self.written[written.len()..].iter().cloned());
        self.known = known;
        self.written = written;
        if self.random.percent(60) {
            self.produced = produced;
        }
        item
    }

    // ── What goes wrong ──────────────────────────────────────────────────────────────────────────

    /// Phases to go back to; drawn only for programs that may hold more than the core.
    fn targets(&mut self, before: &[Item]) -> Vec<Option<String>> {
        let phases = before.iter().filter(|item| self.wide && item.kind == Kind::Phase);
        phases.map(|item| Some(item.name.clone())).collect()
    }

    /// What an item says of failures and of blocked agents.
    fn troubles(&mut self, item: &mut Item, targets: &[Option<String>]) {
        if !self.wide {
            return;
        }
        let inside = item.kind != Kind::Phase;
        if self.random.percent(18) {
            item.on_failure = Some(self.trouble(targets, inside, true));
        }
        if self.random.percent(15) {
            item.on_blocked = self.rows(targets, inside);
        }
    }

    fn trouble(&mut self, targets: &[Option<String>], inside: bool, may_try: bool) -> Outcome {
        let then_abort = self.random.percent(50);
        match self.random.below(12) {
            0..=3 if may_try => Outcome::Retry(self.bound(then_abort, targets, inside)),
            0..=6 => match self.random.pick(targets).cloned() {
                Some(target) => Outcome::Redo { target, bound: self.bound(then_abort, targets, inside) },
                None => Outcome::Ask,
            },
            7 if inside => Outcome::Fix { agent: "y".to_string(), bound: self.bound(then_abort, targets, inside) },
            7 | 8 => Outcome::Abort,
            9 => Outcome::Continue,
            _ => self.question(targets, may_try),
        }
    }

    fn question(&mut self, targets: &[Option<String>], may_try: bool) -> Outcome {
        let mut choices = Vec::new();
        for name in ["go", "stop", "back"] {
            let outcome = match name {
                "go" if self.random.percent(50) => self.go_on(targets),
                "stop" if self.random.percent(60) => Outcome::Abort,
                "back" => match self.random.pick(targets).cloned() {
                    Some(target) => Outcome::Redo { target, bound: self.last_bound() },
                    None if may_try => Outcome::Retry(self.last_bound()),
                    None => Outcome::Abort,
                },
                _ => continue,
            };
            let when = if self.random.percent(25) { self.condition() } else { None };
            choices.push(Choice { name: name.to_string(), when, outcome });
        }
        Outcome::Question(choices)
    }

    fn go_on(&mut self, targets: &[Option<String>]) -> Outcome {
        if self.nested && self.random.percent(12) { self.question(targets, false) } else { Outcome::Continue }
    }

    /// A bound with what comes when it is used up: a person is asked or the run stops, or there is another way.
    fn bound(&mut self, then_abort: bool, targets: &[Option<String>], inside: bool) -> Bound {
        let last = if then_abort { Outcome::Abort } else { Outcome::Ask };
        let then = if self.nested && self.random.percent(35) {
            match self.random.below(8) {
                0..=2 => Outcome::Continue,
                3 | 4 => match self.random.pick(targets).cloned() {
                    Some(target) => Outcome::Redo { target, bound: Bound { most: 1, then: Box::new(self.last(last)) } },
                    None => last,
                },
                5 if inside => {
                    Outcome::Fix { agent: "y".to_string(), bound: Bound { most: 1, then: Box::new(self.last(last)) } }
                }
                _ => self.question(targets, false),
            }
        } else {
            last
        };
        Bound { most: 1, then: Box::new(then) }
    }

    fn last(&mut self, last: Outcome) -> Outcome {
        if self.random.percent(25) { Outcome::Continue } else { last }
    }

    fn last_bound(&mut self) -> Bound {
        let then = if self.random.percent(50) { Outcome::Abort } else { Outcome::Ask };
        let then = if self.nested && self.random.percent(20) { Outcome::Continue } else { then };
        Bound { most: 1, then: Box::new(then) }
    }

    fn rows(&mut self, targets: &[Option<String>], inside: bool) -> Vec<Row> {
        let mut rows = Vec::new();
        for reason in ["stuck", "stuck", "odd"] {
            if self.random.percent(50) {
                let when = if self.random.percent(40) { self.condition() } else { None };
                let outcome = self.help(targets, inside);
                rows.push(Row { reason: Some(reason.to_string()), when, outcome });
            }
        }
        // A row behind one that always counts would never be taken.
        let mut certain: Vec<Option<String>> = Vec::new();
        rows.retain(|row| {
            let again = certain.contains(&row.reason);
            if row.when.is_none() {
                certain.push(row.reason.clone());
            }
            !again
        });
        rows.push(Row { reason: None, when: None, outcome: self.help(targets, inside) });
        rows
    }

    fn help(&mut self, targets: &[Option<String>], inside: bool) -> Outcome {
        if self.random.percent(45) {
            // Those with a number are spawned in some programs, too.
            let agents = ["z", "z", "y", "x3", "x5"];
            return Outcome::Spawn(agents[self.random.below(agents.len())].to_string());
        }
        self.trouble(targets, inside, false)
    }

    fn decide(&mut self, item: &mut Item) {
        if self.open.is_empty() {
            return;
        }
        let at = self.random.below(self.open.len());
        let (name, values) = self.open.remove(at);
        item.decides.push(name.clone());
        self.know(name, values, false);
    }

    fn know(&mut self, name: String, values: Vec<String>, answer: bool) {
        let guard = match &self.holds[..] {
            [] => None,
            [one] => Some(one.clone()),
            several => Some(Cond::All(several.to_vec())),
        };
        let once = self.around.is_empty() || self.in_once;
        self.known.push(Known { name, values, guard, around: self.around.clone(), answer, once });
    }

    fn revise(&mut self, item: &mut Item) {
        let here = |fact: &&Known| fact.around == self.around && !fact.answer && fact.name.starts_with('f');
        let elsewhere = |fact: &&Known| !names_in(std::slice::from_ref(item), &fact.name);
        let facts: Vec<Known> = self.known.iter().filter(here).filter(elsewhere).cloned().collect();
        let Some(fact) = self.random.pick(&facts).cloned() else { return };
        let mut arms = Vec::new();
        if fact.values.len() == 2 || self.random.percent(50) {
            for _ in 0..1 + self.random.below(2) {
                let at = self.random.below(fact.values.len());
                let was = Cond::Is(fact.name.clone(), vec![fact.values[at].clone()]);
                let others: Vec<Known> = self.known.iter().filter(|known| known.name != fact.name).cloned().collect();
                let when = match self.random.pick(&others).cloned() {
                    Some(other) if self.random.percent(35) => Cond::All(vec![was, self.atom_of(&other)]),
                    _ => was,
                };
                let to = self.random.below(fact.values.len());
                arms.push((when, fact.values[to].clone()));
            }
        }
        item.revises.push(Revision { fact: fact.name, arms });
    }

    // ── Conditions ───────────────────────────────────────────────────────────────────────────────

    fn atom_of(&mut self, fact: &Known) -> Cond {
        let at = self.random.below(fact.values.len());
        let one = vec![fact.values[at].clone()];
        let others: Vec<String> = fact.values.iter().filter(|value| **value != one[0]).cloned().collect();
        let mut values = if fact.values.len() > 2 && self.random.percent(45) { others } else { one };
        if self.program.constants.iter().any(|constant| constant.name == "c1") && self.random.percent(60) {
            values.iter_mut().filter(|value| **value == "1").for_each(|value| *value = "c1".to_string());
        }
        Cond::Is(fact.name.clone(), values)
    }

    fn atom(&mut self) -> Option<Cond> {
        if self.random.percent(9) && !self.written.is_empty() {
            let name = self.random.pick(&self.written).cloned()?;
            return Some(if self.random.percent(60) { Cond::Ran(name) } else { Cond::Skipped(name) });
        }
        if self.random.percent(2) && !self.open.is_empty() {
            let (name, values) = self.random.pick(&self.open).cloned()?;
            self.early.push(name.clone());
            return Some(Cond::Is(name, vec![values[0].clone()]));
        }
        let fact = self.random.pick(&self.known).cloned()?;
        let atom = self.atom_of(&fact);
        match fact.guard {
            Some(guard) if !self.holds.contains(&guard) && self.random.percent(78) => {
                Some(if self.random.percent(75) {
                    Cond::All(vec![guard, atom])
                } else {
                    Cond::Any(vec![Cond::Not(Box::new(guard.clone())), Cond::All(vec![guard, atom])])
                })
            }
            _ => Some(atom),
        }
    }

    fn condition(&mut self) -> Option<Cond> {
        let first = self.atom()?;
        if !self.random.percent(25) {
            return Some(if self.random.percent(8) { Cond::Not(Box::new(first)) } else { first });
        }
        let second = self.atom()?;
        // Two that speak of the same fact would mostly contradict each other.
        if facts_of(&first).iter().any(|fact| facts_of(&second).contains(fact)) && self.random.percent(85) {
            return Some(first);
        }
        Some(if self.random.percent(60) { Cond::All(vec![first, second]) } else { Cond::Any(vec![first, second]) })
    }

    // ── Gates and blocks ─────────────────────────────────────────────────────────────────────────

    fn gate(&mut self, in_loop: bool, phase: Option<&str>, before: &[Item]) -> Item {
        self.left = self.left.saturating_sub(1);
        let mut item = Item::new(Kind::Gate, self.fresh("g"));
        item.once = in_loop && phase.is_none() && self.random.percent(12);
        if self.random.percent(25) {
            item.when = self.condition();
        }
        let mut targets: Vec<Option<String>> = before
            .iter()
            .filter(|item| item.kind == Kind::Phase && self.random.percent(70))
            .map(|item| Some(item.name.clone()))
            .collect();
        if phase.is_some() {
            targets.push(None);
        }
        // Out of a loop, now and then; what is forbidden is not asked further.
        if in_loop && self.random.percent(25) {
            targets.extend(self.phases.first().cloned().map(Some));
        }
        self.holds.extend(item.when.clone());
        let roll = self.random.below(100);
        if roll < 45 {
            item.values.extend(self.condition());
            item.overridable = self.random.percent(25);
        } else if roll < 60 {
            let name = self.fresh("e");
            let when = if self.random.percent(45) { self.condition() } else { None };
            item.steps.push((name, when));
            item.overridable = self.random.percent(15);
        }
        if !item.overridable && (roll >= 60 || self.random.percent(10))
            || item.values.is_empty() && item.steps.is_empty()
        {
            item.overridable = self.wide && self.random.percent(15);
            self.ask(&mut item, &targets);
        }
        if self.following && self.random.percent(25) {
            self.follow(&mut item);
        }
        let may_fail = !item.values.is_empty() || !item.steps.is_empty() || item.follows.is_some();
        if may_fail && self.random.percent(65) {
            let outcome = self.outcome(&targets, phase.is_some());
            if self.random.percent(20)
                && let Some(when) = self.condition()
            {
                item.on_fail.push((Some(when), outcome));
                let other = self.outcome(&targets, phase.is_some());
                item.on_fail.push((None, other));
            } else {
                item.on_fail.push((None, outcome));
            }
        }
        if item.when.is_some() {
            self.holds.pop();
        }
        if !item.ask.is_empty() {
            let values = item.ask.iter().filter(|choice| choice.outcome.goes_on());
            let values: Vec<String> = values.map(|choice| choice.name.clone()).collect();
            self.holds.extend(item.when.clone());
            let was_once = self.in_once;
            self.in_once |= item.once;
            self.know(item.name.clone(), values, true);
            self.in_once = was_once;
            if item.when.is_some() {
                self.holds.pop();
            }
        }
        self.written.push(item.name.clone());
        item
    }

    /// A gate follows a procedure: a new one, or one that another gate follows.
    fn follow(&mut self, item: &mut Item) {
        let Some(argument) = self.random.pick(&self.produced).cloned() else { return };
        let known = self.random.pick(&self.program.procedures).cloned();
        let procedure = match known {
            Some(procedure) if self.random.percent(40) => procedure,
            _ => {
                let mut procedure =
                    Procedure { name: self.fresh("q"), steps: Vec::new(), overridable: self.random.percent(30) };
                for _ in 0..1 + self.random.below(2) {
                    let when = if self.random.percent(45) { self.condition() } else { None };
                    let by_file = self.random.percent(40);
                    procedure.steps.push(Step { name: self.fresh("e"), when, by_file });
                }
                self.program.procedures.push(procedure.clone());
                procedure
            }
        };
        item.follows = Some((procedure.name, argument));
    }

    fn ask(&mut self, item: &mut Item, targets: &[Option<String>]) {
        item.ask.push(Choice { name: "yes".to_string(), when: None, outcome: Outcome::Continue });
        for name in ["no", "other", "again", "more"] {
            let outcome = match name {
                "no" if self.random.percent(45) => Outcome::Abort,
                "other" if self.random.percent(50) => Outcome::Continue,
                "again" if self.random.percent(40) => match self.random.pick(targets).cloned() {
                    Some(target) => Outcome::Redo { target, bound: self.last_bound() },
                    None => continue,
                },
                "more" if self.nested && self.random.percent(20) => self.question(targets, false),
                _ => continue,
            };
            let when = if self.random.percent(18) { self.condition() } else { None };
            item.ask.push(Choice { name: name.to_string(), when, outcome });
        }
    }

    fn outcome(&mut self, targets: &[Option<String>], inside: bool) -> Outcome {
        let then_abort = self.random.percent(50);
        if self.wide && self.random.percent(20) {
            return if self.random.percent(50) { Outcome::Continue } else { self.question(targets, false) };
        }
        match self.random.below(10) {
            0..=5 => match self.random.pick(targets).cloned() {
                Some(target) => Outcome::Redo { target, bound: self.bound(then_abort, targets, inside) },
                None => Outcome::Ask,
            },
            6 | 7 if inside => Outcome::Fix { agent: "y".to_string(), bound: self.bound(then_abort, targets, inside) },
            6 | 7 => Outcome::Ask,
            _ => Outcome::Abort,
        }
    }

    fn repeat(&mut self, depth: usize, before: &[Item]) -> Item {
        let mut item = Item::new(Kind::Loop, self.fresh("l"));
        item.bound = 2;
        self.around.push(item.name.clone());
        let (first_known, first_written) = (self.known.len(), self.written.len());
        item.body = self.body(depth + 1, true);
        let inner: Vec<Known> = self.known[first_known..].to_vec();
        let inside = self.random.pick(&inner).cloned();
        item.until = match inside {
            Some(fact) if self.random.percent(85) => {
                let atom = self.atom_of(&fact);
                Some(match fact.guard {
                    Some(guard) if self.random.percent(80) => {
                        Cond::Any(vec![Cond::Not(Box::new(guard.clone())), Cond::All(vec![guard, atom])])
                    }
                    _ => atom,
                })
            }
            _ => self.condition(),
        };
        if item.until.is_none() {
            let name = self.written[first_written..].first().cloned();
            item.until = name.map(Cond::Ran);
        }
        self.around.pop();
        item.exhausted = self.random.percent(35).then_some(Outcome::Abort);
        if self.nested && self.random.percent(35) {
            let targets = self.targets(before);
            item.exhausted = Some(match self.random.below(4) {
                0 => Outcome::Continue,
                1 | 2 => self.question(&targets, false),
                _ => match self.random.pick(&targets).cloned() {
                    Some(target) => Outcome::Redo { target, bound: self.last_bound() },
                    None => Outcome::Continue,
                },
            });
        }
        if self.wide && self.random.percent(25) {
            item.bound = 1;
        }
        item.overridable = self.random.percent(20);
        item
    }

    fn side_by_side(&mut self, depth: usize, in_loop: bool) -> Item {
        let mut before = Vec::new();
        self.members(2, |maker| {
            maker.left = maker.left.max(1);
            let member = maker.phase(depth, in_loop, &before, true);
            before.push(member.clone());
            member
        })
    }

    fn members(&mut self, count: usize, mut member: impl FnMut(&mut Self) -> Item) -> Item {
        let mut item = Item::new(Kind::Parallel, self.fresh("parallel"));
        let known = self.known.clone();
        let mut learnt = Vec::new();
        for _ in 0..count {
            let member = member(self);
            // What one member decides the other may not read; now and then it does.
            if !self.random.percent(6) {
                learnt.extend(self.known[known.len()..].iter().cloned());
                self.known = known.clone();
            }
            item.body.push(member);
        }
        for fact in learnt {
            if !self.known.iter().any(|known| known.name == fact.name) {
                self.known.push(fact);
            }
        }
        item
    }

    fn claims(&mut self) {
        let late: Vec<String> = self.open.iter().map(|(name, _)| name.clone()).collect();
        let late: Vec<String> = late.into_iter().filter(|name| self.early.contains(name)).collect();
        if !late.is_empty() {
            let name = self.fresh("p");
            self.program.items.push(Item { decides: late, ..Item::new(Kind::Phase, name) });
        }
        let decided = |items: &[Item], name: &str| names_in(items, name);
        let items = std::mem::take(&mut self.program.items);
        self.program.facts.retain(|fact| fact.input || decided(&items, &fact.name));
        self.program.items = items;
        if self.random.percent(12) {
            let free: Vec<String> = self
                .program
                .items
                .iter()
                .filter(|item| item.kind == Kind::Phase && !item.required && item.body.is_empty())
                .skip(1)
                .map(|item| item.name.clone())
                .collect();
            if let (Some(phase), Some(when)) = (self.random.pick(&free).cloned(), self.condition()) {
                self.program.skips.push(Skip { phases: vec![phase], when });
            }
        }
        if self.nested {
            // Nobody decides them any more.
            self.open.clear();
        }
        if self.wide && self.random.percent(25) {
            let pattern = ["x*", "*", "x5", "x3"][self.random.below(4)].to_string();
            self.known.retain(|fact| fact.guard.is_none() && fact.around.is_empty());
            let targets: Vec<Option<String>> = self.phases.iter().take(1).cloned().map(Some).collect();
            let rows = self.rows(&targets, false);
            self.program.routes.push(Shared { pattern, rows });
        }
        self.program.last_bounds = self.following && self.random.percent(20);
        let mut spawns: Vec<String> = agents(&self.program.items);
        if self.wide {
            let text = self.program.text();
            spawns.extend(["y", "z"].into_iter().filter(|agent| started(&text, agent)).map(str::to_string));
        }
        for _ in 0..self.random.below(2) {
            let mut places: Vec<Place> = self.written.iter().cloned().map(Place::Item).collect();
            places.extend(self.of_tasks.iter().cloned().map(Place::Item));
            places.extend(spawns.iter().cloned().map(Place::Spawn));
            let a = self.random.below(places.len());
            let b = self.random.below(places.len());
            if a == b {
                continue;
            }
            let (first, second) = (places[a.min(b)].clone(), places[a.max(b)].clone());
            let when = if self.random.percent(40) { self.condition() } else { None };
            self.program.properties.push(Property { first, second, when });
        }
    }
}

/// Nothing goes on without what it was to leave, and nothing is said for spawns that are not there.
fn leave_nothing_out(item: &mut Item) {
    if !may_be_blocked(item) {
        item.on_blocked.clear();
    }
    let leaves = leaves(item);
    let Some(outcome) = item.on_failure.as_mut().filter(|_| leaves) else { return };
    match outcome {
        Outcome::Question(choices) => choices.retain(|choice| !choice.outcome.goes_on()),
        _ => stop_instead(outcome),
    }
}

fn stop_instead(outcome: &mut Outcome) {
    match outcome {
        _ if !outcome.goes_on() => {}
        Outcome::Redo { bound, .. } | Outcome::Fix { bound, .. } | Outcome::Retry(bound) => {
            stop_instead(&mut bound.then);
        }
        _ => *outcome = Outcome::Abort,
    }
}

/// Some spawn asks this item what happens when it is blocked.
fn may_be_blocked(item: &Item) -> bool {
    item.kind == Kind::Spawn || item.body.iter().any(|inner| inner.on_blocked.is_empty() && may_be_blocked(inner))
}

fn leaves(item: &Item) -> bool {
    let inside = item.body.iter().any(|inner| inner.on_failure.is_none() && leaves(inner));
    inside || !item.decides.is_empty() || !item.revises.is_empty() || !item.produces.is_empty()
}

/// A route or a fix starts it.
fn started(text: &str, agent: &str) -> bool {
    text.contains(&format!("by {agent} ")) || text.contains(&format!("spawn {agent}\n"))
}

fn facts_of(cond: &Cond) -> Vec<&str> {
    match cond {
        Cond::Is(fact, _) => vec![fact],
        Cond::Ran(_) | Cond::Skipped(_) => Vec::new(),
        Cond::Not(inner) => facts_of(inner),
        Cond::All(parts) | Cond::Any(parts) => parts.iter().flat_map(facts_of).collect(),
    }
}

fn names_in(items: &[Item], fact: &str) -> bool {
    items.iter().any(|item| item.decides.iter().any(|name| name == fact) || names_in(&item.body, fact))
}

fn agents(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .flat_map(|item| {
            let own = (item.kind == Kind::Spawn).then(|| item.name.clone());
            own.into_iter().chain(agents(&item.body))
        })
        .collect()
}

// ── Smaller programs ─────────────────────────────────────────────────────────────────────────────

/// The smallest program that still shows it, found by leaving things out one at a time.
pub fn shrink(program: &Program, shows: &dyn Fn(&Program) -> bool) -> Program {
    let mut smallest = program.clone();
    'again: loop {
        for smaller in smaller(&smallest) {
            if shows(&smaller) {
                smallest = smaller;
                continue 'again;
            }
        }
        return smallest;
    }
}

fn smaller(program: &Program) -> Vec<Program> {
    let mut all = Vec::new();
    let with = |change: &dyn Fn(&mut Program)| {
        let mut smaller = program.clone();
        change(&mut smaller);
        smaller
    };
    for index in 0..program.properties.len() {
        all.push(with(&|p| drop(p.properties.remove(index))));
        if program.properties[index].when.is_some() {
            all.push(with(&|p| p.properties[index].when = None));
        }
    }
    for index in 0..program.skips.len() {
        all.push(with(&|p| drop(p.skips.remove(index))));
    }
    for index in 0..program.routes.len() {
        all.push(with(&|p| drop(p.routes.remove(index))));
        for rows in smaller_rows(&program.routes[index].rows) {
            all.push(with(&|p| p.routes[index].rows = rows.clone()));
        }
    }
    all.push(with(&|p| p.last_bounds = false));
    all.retain(|smaller| smaller != program);
    for index in 0..program.procedures.len() {
        all.push(with(&|p| drop(p.procedures.remove(index))));
        for step in 0..program.procedures[index].steps.len() {
            all.push(with(&|p| drop(p.procedures[index].steps.remove(step))));
            if program.procedures[index].steps[step].when.is_some() {
                all.push(with(&|p| p.procedures[index].steps[step].when = None));
            }
        }
    }
    for items in smaller_items(&program.items) {
        all.push(with(&|p| p.items = items.clone()));
    }
    for fact in &program.facts {
        all.push(with(&|p| {
            p.facts.retain(|other| other != fact);
            forget(&mut p.items, &fact.name);
        }));
    }
    all
}

fn forget(items: &mut [Item], fact: &str) {
    for item in items {
        item.decides.retain(|name| name != fact);
        item.revises.retain(|revision| revision.fact != fact);
        forget(&mut item.body, fact);
    }
}

fn smaller_items(items: &[Item]) -> Vec<Vec<Item>> {
    let mut all = Vec::new();
    for index in 0..items.len() {
        let mut without = items.to_vec();
        let removed = without.remove(index);
        all.push(without.clone());
        if !removed.body.is_empty() {
            without.splice(index..index, removed.body.clone());
            all.push(without);
        }
        for smaller in smaller_item(&items[index]) {
            let mut changed = items.to_vec();
            changed[index] = smaller;
            all.push(changed);
        }
    }
    all
}

fn smaller_item(item: &Item) -> Vec<Item> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Item)| {
        let mut smaller = item.clone();
        change(&mut smaller);
        if smaller != *item {
            all.push(smaller);
        }
    };
    for body in smaller_items(&item.body) {
        with(&|i| i.body = body.clone());
    }
    with(&|i| i.once = false);
    with(&|i| i.else_once = false);
    with(&|i| i.required = false);
    with(&|i| i.irreversible = false);
    with(&|i| i.overridable = false);
    with(&|i| i.exhausted = None);
    with(&|i| i.after.clear());
    with(&|i| i.when = None);
    with(&|i| i.revises.clear());
    with(&|i| i.requires.clear());
    with(&|i| i.reads.clear());
    with(&|i| i.mentions.clear());
    with(&|i| i.follows = None);
    with(&|i| i.produces.clear());
    with(&|i| i.on_fail.clear());
    with(&|i| i.on_failure = None);
    with(&|i| i.on_blocked.clear());
    for rows in smaller_rows(&item.on_blocked) {
        with(&|i| i.on_blocked = rows.clone());
    }
    for smaller in item.on_failure.iter().flat_map(smaller_outcome) {
        with(&|i| i.on_failure = Some(smaller.clone()));
    }
    for row in 0..item.on_fail.len() {
        for smaller in smaller_outcome(&item.on_fail[row].1) {
            with(&|i| i.on_fail[row].1 = smaller.clone());
        }
    }
    for smaller in item.exhausted.iter().flat_map(smaller_outcome) {
        with(&|i| i.exhausted = Some(smaller.clone()));
    }
    for index in 0..item.ask.len() {
        for smaller in smaller_outcome(&item.ask[index].outcome) {
            with(&|i| i.ask[index].outcome = smaller.clone());
        }
    }
    with(&|i| i.ask.clear());
    for index in 0..item.values.len() {
        with(&|i| drop(i.values.remove(index)));
        for cond in smaller_cond(&item.values[index]) {
            with(&|i| i.values[index] = cond.clone());
        }
    }
    for index in 0..item.steps.len() {
        with(&|i| drop(i.steps.remove(index)));
        with(&|i| i.steps[index].1 = None);
    }
    for index in 0..item.ask.len() {
        with(&|i| drop(i.ask.remove(index)));
        with(&|i| i.ask[index].when = None);
    }
    for index in 0..item.on_fail.len().saturating_sub(1) {
        with(&|i| drop(i.on_fail.remove(index)));
    }
    for index in 0..item.revises.len() {
        for arm in 0..item.revises[index].arms.len() {
            if item.revises[index].arms.len() > 1 {
                with(&|i| drop(i.revises[index].arms.remove(arm)));
            }
        }
    }
    for cond in item.when.iter().flat_map(smaller_cond) {
        with(&|i| i.when = Some(cond.clone()));
    }
    for cond in item.until.iter().flat_map(smaller_cond) {
        with(&|i| i.until = Some(cond.clone()));
    }
    all
}

fn smaller_rows(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Vec<Row>)| {
        let mut smaller = rows.to_vec();
        change(&mut smaller);
        if smaller != rows {
            all.push(smaller);
        }
    };
    for index in 0..rows.len() {
        if rows[index].reason.is_some() {
            with(&|rows| drop(rows.remove(index)));
        }
        with(&|rows| rows[index].when = None);
        with(&|rows| rows[index].outcome = Outcome::Ask);
        for smaller in smaller_outcome(&rows[index].outcome) {
            with(&|rows| rows[index].outcome = smaller.clone());
        }
    }
    all
}

fn smaller_outcome(outcome: &Outcome) -> Vec<Outcome> {
    let choices = match outcome {
        Outcome::Question(choices) => choices,
        Outcome::Redo { bound, .. } | Outcome::Fix { bound, .. } | Outcome::Retry(bound) => {
            let mut fewer: Vec<Outcome> = smaller_outcome(&bound.then);
            fewer.extend([Outcome::Ask, Outcome::Abort]);
            fewer.retain(|then| then != &*bound.then && *bound.then != Outcome::Ask);
            let with = |then: Outcome| {
                let mut smaller = outcome.clone();
                if let Outcome::Redo { bound, .. } | Outcome::Fix { bound, .. } | Outcome::Retry(bound) = &mut smaller {
                    *bound.then = then;
                }
                smaller
            };
            return std::iter::once((*bound.then).clone()).chain(fewer.into_iter().map(with)).collect();
        }
        _ => return Vec::new(),
    };
    let mut all: Vec<Outcome> = choices.iter().map(|choice| choice.outcome.clone()).collect();
    for index in 0..choices.len() {
        let mut fewer = choices.clone();
        fewer.remove(index);
        all.push(Outcome::Question(fewer));
        let mut always = choices.clone();
        if always[index].when.take().is_some() {
            all.push(Outcome::Question(always));
        }
    }
    all
}

fn smaller_cond(cond: &Cond) -> Vec<Cond> {
    match cond {
        Cond::Not(inner) => vec![(**inner).clone()],
        Cond::All(parts) | Cond::Any(parts) => {
            let mut all = parts.clone();
            for (index, part) in parts.iter().enumerate() {
                for smaller in smaller_cond(part) {
                    let mut parts = parts.clone();
                    parts[index] = smaller;
                    all.push(if matches!(cond, Cond::All(_)) { Cond::All(parts) } else { Cond::Any(parts) });
                }
            }
            all
        }
        _ => Vec::new(),
    }
}
