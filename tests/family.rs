//! The family of the sixteen phases: what each generated skill says, cell by cell, against `tests/data/family.md`; what the
//! base promises, in each heir; and that an heir is short.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;

use gatewright::diagnostic::{Diagnostic, Severity};
use gatewright::family::Family;
use gatewright::source::{FileId, SourceMap, Span};
use gatewright::syntax::ast::{Kind, Statement};
use gatewright::{compile, emit, syntax};

#[path = "support/shipped.rs"]
mod shipped;
#[path = "support/tables.rs"]
mod tables;

use tables::{plain, tables};

const BASE: &str = "sixteen-phases.wf";
const HEIRS: [&str; 3] = ["integration", "feature", "capability"];

fn file_of(heir: &str) -> String {
    format!("{heir}-development.wf")
}

type Rows = Vec<Vec<String>>;

// ── What is expected ─────────────────────────────────────────────────────────────────────────────

/// The cells of one heir, by the name of their row.
fn expected(heir: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/family.md");
    let text = std::fs::read_to_string(path).expect("the facts are there");
    let rows = tables(&text).into_values().next().expect("they are a table");
    let column = rows[0].iter().position(|head| head == heir).expect("each heir has a column");
    rows.iter().skip(1).map(|row| (row[0].clone(), row[column].clone())).collect()
}

/// What a cell says for a value of the parameter: `frontend: a; backend: b`, or the same for all.
fn for_value<'c>(cell: &'c str, value: &str) -> &'c str {
    let parts = cell.split("; ").filter_map(|part| part.split_once(": "));
    let found = parts.filter(|(name, _)| *name == value).map(|(_, text)| text).next();
    found.unwrap_or(cell)
}

fn list(text: &str) -> BTreeSet<String> {
    text.split(", ").filter(|part| !part.is_empty() && *part != "none").map(str::to_owned).collect()
}

// ── What is generated ────────────────────────────────────────────────────────────────────────────

struct Skill {
    files: BTreeMap<String, String>,
    front: BTreeMap<String, Rows>,
    sizes: Vec<String>,
    parameter: String,
    /// Of the parameter; one that stands for all where it is a text.
    values: Vec<String>,
}

/// The size of the work and the parameter.
struct Variant<'s> {
    skill: &'s Skill,
    size: &'s str,
    value: &'s str,
}

impl Skill {
    fn build(sources: &SourceMap, file: FileId, name: &str) -> Skill {
        let checked = compile::check(sources, file);
        let sound = checked.sound().unwrap_or_else(|| panic!("{name}: {:#?}", checked.diagnostics));
        let files = emit::skill::build(sound, name, &[]).expect("built-in templates");
        let short = |path: String| path.split_once('/').map_or(path.clone(), |(_, path)| path.to_owned());
        let files: BTreeMap<String, String> = files.into_iter().map(|file| (short(file.path), file.text)).collect();
        let plan = serde_json::to_value(emit::plan::plan(sound, name)).expect("a plan is plain data");
        let front = tables(&files["SKILL.md"]);
        let sizes = rows(&front, "Quick Reference", 4).into_iter().map(|row| row[0].clone()).collect();
        let inputs = plan["inputs"].as_array().cloned().unwrap_or_default();
        let own = inputs.iter().find(|input| input["name"] != "request").expect("each heir has a parameter");
        let parameter = own["name"].as_str().unwrap_or_default().to_owned();
        let values = own["values"].as_array().map_or(vec!["text".to_owned()], |values| {
            values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
        });
        Skill { files, front, sizes, parameter, values }
    }

    /// The page of a phase.
    fn page(&self, number: &str) -> &str {
        let start = format!("references/phase-{number}-");
        let found = self.files.iter().find(|(path, _)| path.starts_with(&start));
        found.map_or("", |(_, text)| text)
    }

    fn phases(&self) -> Rows {
        rows(&self.front, "Quick Reference", 5)
    }

    /// The phases of which the table says this condition.
    fn phases_when(&self, when: &str) -> String {
        let phases = self.phases();
        let numbers: Vec<&str> = phases.iter().filter(|row| row[3] == when).map(|row| row[0].as_str()).collect();
        numbers.join(", ")
    }

    /// The agents of a phase or stage, `2 a` and `1 to 4 a` where they are several, over all sizes of the work.
    fn agents(&self, place: &str, value: &str) -> BTreeSet<String> {
        let matrix = tables(&self.files["references/agent-matrix.md"]);
        let matrix = rows(&matrix, "Who does what", 5);
        let mut counts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for size in &self.sizes {
            let variant = Variant { skill: self, size, value };
            let runs = |phase: &str| {
                let phases = self.phases();
                let row = phases.iter().find(|row| row[0] == phase);
                row.is_some_and(|row| variant.holds(&row[3]))
            };
            if !runs(place.split('.').next().unwrap_or(place)) {
                continue;
            }
            let mut own: BTreeMap<&str, usize> = BTreeMap::new();
            for row in &matrix {
                let is_here = row[0] == place || row[0].split('.').next() == Some(place);
                if is_here && variant.holds(&row[3]) {
                    *own.entry(row[1].as_str()).or_default() += 1;
                }
            }
            own.into_iter().for_each(|(agent, count)| counts.entry(agent).or_default().push(count));
        }
        let shown = |(agent, counts): (&str, Vec<usize>)| {
            let (least, most) = (counts.iter().min().copied().unwrap_or(0), counts.iter().max().copied().unwrap_or(0));
            match (least, most) {
                (1, 1) => agent.to_owned(),
                (least, most) if least == most => format!("{most} {agent}"),
                (least, most) => format!("{least} to {most} {agent}"),
            }
        };
        counts.into_iter().map(shown).collect()
    }

    /// How many items a gate asks for.
    fn requirements(&self, gate: &str, value: &str) -> usize {
        let page = &self.files["references/gates.md"];
        let variant = Variant { skill: self, size: "LARGE", value };
        let title = page.lines().find(|line| line.starts_with("## Gate ") && line.ends_with(gate));
        let Some(title) = title else { return 0 };
        let place = page.split(title).nth(1).and_then(|rest| rest.lines().find(|line| line.starts_with("**Where:**")));
        let only = place.and_then(|place| place.split_once("; ")).map_or("", |(_, only)| only);
        if !variant.holds(only) {
            return 0;
        }
        let tables = tables(page);
        let items = rows(&tables, title.trim_start_matches("## "), 3);
        let condition = |row: &Vec<String>| match row[0].split_once(" (`") {
            Some((_, when)) => when.trim_end_matches("`)").to_owned(),
            None => String::new(),
        };
        items.iter().filter(|row| variant.holds(&condition(row))).count()
    }

    /// Where a person is asked, each with its condition: `7 MEDIUM+`.
    fn questions(&self) -> Vec<(String, String)> {
        let rows = rows(&self.front, "Human Checkpoints", 3);
        let shown = |row: &Vec<String>| match row[0].strip_prefix("Phase ") {
            Some(number) => (number.to_owned(), format!("{number} {}", row[2])),
            None => ("final".to_owned(), "final".to_owned()),
        };
        rows.iter().map(shown).collect()
    }

    fn limit(&self, name: &str) -> String {
        let rows = rows(&self.front, "Configuration", 4);
        let row = rows.iter().find(|row| plain(&row[0]) == name);
        row.map_or_else(String::new, |row| row[1].clone())
    }

    /// Everybody who is started, without how many times.
    fn everybody(&self, value: &str) -> BTreeSet<String> {
        let places = (1..=16).flat_map(|number| self.agents(&number.to_string(), value));
        places.map(|agent| agent.rsplit(' ').next().unwrap_or_default().to_owned()).collect()
    }

    /// Where the blocked agents are sent: by the first route that fits, and its first row that counts.
    fn routes(&self, reason: &str, value: &str) -> BTreeSet<String> {
        let page = &self.files["references/error-recovery.md"];
        let tables = tables(page);
        let patterns =
            page.lines().filter_map(|line| line.strip_prefix("### `")).map(|line| line.trim_end_matches('`'));
        let patterns: Vec<&str> = patterns.collect();
        let variant = Variant { skill: self, size: "LARGE", value };
        let mut found = BTreeSet::new();
        for agent in self.everybody(value) {
            let Some(pattern) = patterns.iter().find(|pattern| fits(pattern, &agent)) else { continue };
            let rows = rows(&tables, &format!("`{pattern}`"), 2);
            let of = |reason: &str| {
                rows.iter().find(|row| {
                    let (name, when) = row[0].split_once(" (").unwrap_or((&row[0], ""));
                    plain(name) == reason && variant.holds(when.trim_end_matches(')'))
                })
            };
            let route = of(reason).or_else(|| of("anything else")).map_or("", |row| row[1].as_str());
            let to = match route {
                "ask the person" => "person",
                helper => helper.trim_start_matches("spawn ").trim_matches('`'),
            };
            // Nobody helps himself.
            if to != agent {
                found.insert(to.to_owned());
            }
        }
        found
    }

    /// What the skill says where a cell of the table is looked for; `cell` says no more than for which values it differs.
    fn found(&self, row: &str, value: &str) -> String {
        let set = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(", ");
        if let Some(place) = row.strip_prefix("phase ") {
            return set(self.agents(place, value));
        }
        if let Some(size) = row.strip_prefix("skipped by ") {
            let sizes = rows(&self.front, "Quick Reference", 4);
            return sizes.iter().find(|row| row[0] == size).map_or_else(String::new, |row| row[2].clone());
        }
        match row {
            "work types" => self.sizes.join(", "),
            "parameter" => format!("{}: {}", self.parameter, self.values.join(", ")),
            "only LARGE" => self.phases_when("LARGE only"),
            "from MEDIUM" => self.phases_when("MEDIUM+"),
            "compaction after" => {
                let phases = self.phases();
                let gated: Vec<&str> =
                    phases.iter().filter(|row| !row[4].is_empty()).map(|row| row[0].as_str()).collect();
                gated.join(", ")
            }
            "P0 requirements" => self.requirements("P0 Compliance", value).to_string(),
            "P1 requirements" => self.requirements("P1 Compliance", value).to_string(),
            "output" => {
                let line = self.files["SKILL.md"].lines().find_map(|line| line.strip_prefix("Output directory: `"));
                line.map_or_else(String::new, |line| line.trim_end_matches("{run}/`").to_owned())
            }
            "iterations within a task" => self.limit("task_iterations"),
            "minutes within a task" => self.limit("task_minutes"),
            "equal errors within a task" => self.limit("same_error"),
            "rounds of implement, review, test" => self.limit("feedback_iterations"),
            "retries of requirement compliance" => self.limit("spec_fixes"),
            "retries of quality fixes" => self.limit("quality_fixes"),
            "retries of test fixes" => self.limit("test_fixes"),
            "coverage" => {
                let phases = self.phases();
                let purpose = phases.iter().find(|row| row[0] == "14").map_or("", |row| row[2].as_str());
                purpose.chars().filter(char::is_ascii_digit).collect()
            }
            "quality score" => {
                let tables = tables(self.page("15"));
                let scores = rows(&tables, "Scores", 3);
                let good = scores.iter().find(|row| row[1] == "Good").map_or("", |row| row[0].as_str());
                good.split(' ').next().unwrap_or_default().to_owned()
            }
            reason => set(self.routes(reason, value)),
        }
    }

    /// Each cell that the skill does not say.
    fn mismatches(&self, heir: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let cells = expected(heir);
        let cell = |name: &str| cells.iter().find(|(row, _)| row == name).map_or("", |(_, cell)| cell.as_str());
        for (row, cell) in &cells {
            for value in &self.values {
                if matches!(row.as_str(), "approvals" | "further questions") {
                    continue;
                }
                let (wanted, found) = match row.as_str() {
                    "parameter" => (cell.clone(), self.found(row, value)),
                    _ => (for_value(cell, value).to_owned(), self.found(row, value)),
                };
                if list(&wanted) != list(&found) {
                    wrong.push(format!("{row}, {heir}, {value}: `{wanted}` is expected, `{found}` is there"));
                }
            }
        }
        let approvals = list(cell("approvals"));
        let there: BTreeSet<String> = self.questions().into_iter().map(|(_, question)| question).collect();
        for approval in approvals.difference(&there) {
            wrong.push(format!("approvals, {heir}: `{approval}` is expected, and is not there"));
        }
        let further = self.questions().into_iter().filter(|(_, question)| !approvals.contains(question));
        let further: BTreeSet<String> = further.map(|(place, _)| place).collect();
        if further != list(cell("further questions")) {
            wrong.push(format!("further questions, {heir}: `{further:?}` are there"));
        }
        // What the front page counts is what the gates ask for.
        let asked: BTreeSet<usize> =
            self.values.iter().map(|value| self.requirements("P0 Compliance", value)).collect();
        let asked = match (asked.first(), asked.last()) {
            (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
            (Some(number), _) => number.to_string(),
            _ => String::new(),
        };
        if !self.files["SKILL.md"].contains(&format!("\n{asked} mandatory requirements, verified in")) {
            wrong.push(format!("P0 requirements, {heir}: SKILL.md does not say `{asked} mandatory requirements`"));
        }
        // Nobody else is started.
        let known: Vec<&str> = cells.iter().filter_map(|(row, _)| row.strip_prefix("phase ")).collect();
        for number in (1..=16).map(|number| number.to_string()) {
            let is_known = known.iter().any(|place| place.split('.').next() == Some(number.as_str()));
            let found = self.values.iter().flat_map(|value| self.agents(&number, value)).collect::<BTreeSet<_>>();
            if !is_known && !found.is_empty() {
                wrong.push(format!("phase {number}, {heir}: nobody is expected, `{found:?}` is there"));
            }
        }
        wrong
    }
}

impl Variant<'_> {
    /// Whether a condition holds as it is printed; of facts that are settled in the run it may.
    fn holds(&self, condition: &str) -> bool {
        // What is around an item and its own condition.
        if let Some((around, own)) = condition.split_once(" and `") {
            return self.holds(around) && self.holds(own);
        }
        let condition = condition.trim_matches('`');
        match condition {
            "" | "Always" => return true,
            "LARGE only" => return self.size == "LARGE",
            _ => {}
        }
        if let Some(least) = condition.strip_suffix('+') {
            return self.rank(self.size) >= self.rank(least);
        }
        condition.split(" or ").any(|all| all.split(" and ").all(|one| self.compares(one)))
    }

    fn compares(&self, one: &str) -> bool {
        let one = one.trim_matches(['(', ')']);
        let Some((name, rest)) = one.split_once(' ') else { return true };
        let own = match name {
            "work_type" => self.size,
            name if name == self.skill.parameter => self.value,
            _ => return true,
        };
        let (operator, right) = rest.split_once(' ').expect("a comparison has two sides");
        match operator {
            "==" => own == right,
            "!=" => own != right,
            "in" => right.trim_matches(['[', ']']).split(", ").any(|value| value == own),
            ">=" => self.rank(own) >= self.rank(right),
            "<" => self.rank(own) < self.rank(right),
            _ => panic!("an unknown comparison: {one}"),
        }
    }

    fn rank(&self, size: &str) -> usize {
        self.skill.sizes.iter().position(|other| other == size).unwrap_or_else(|| panic!("no work type `{size}`"))
    }
}

/// The rows below a heading that have so many cells, without the first.
fn rows(tables: &BTreeMap<String, Rows>, heading: &str, cells: usize) -> Rows {
    tables.get(heading).into_iter().flatten().filter(|row| row.len() == cells).skip(1).cloned().collect()
}

/// Whether a pattern with `*` fits a name.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, rest)) => name.strip_prefix(before).is_some_and(|name| match rest.strip_suffix('*') {
            Some(middle) => name.contains(middle),
            None => name.ends_with(rest),
        }),
    }
}

// ── The facts ────────────────────────────────────────────────────────────────────────────────────

fn skill_of(heir: &str) -> Skill {
    let name = file_of(heir);
    let (sources, file) = shipped::load(&name);
    Skill::build(&sources, file, &name)
}

#[test]
fn the_generated_skills_say_what_the_family_is() {
    let wrong: Vec<String> = HEIRS.iter().flat_map(|heir| skill_of(heir).mismatches(heir)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The comparison can fail: a fact is broken, in an heir or in the base, and the cell is named.
#[test]
fn a_fact_that_is_broken_is_named() {
    let broken = [
        (
            "feature-development.wf",
            "output \".feature-development/",
            "output \".features/",
            "output, feature, frontend:",
        ),
        ("feature-development.wf", "security-lead", "security-chief", "phase 7, feature, backend:"),
        (
            "capability-development.wf",
            "\"Design what is written in Go\" when type in [Janus, Fingerprintx, Scanner]",
            "\"Design what is written in Go\" when type in [Janus, Scanner]",
            "phase 7, capability, Fingerprintx:",
        ),
        ("capability-development.wf", "capability-lead", "capability-chief", "architecture_decision, capability, VQL:"),
        (
            "integration-development.wf",
            "let subject = \"integration\"",
            "let subject = \"connector\"",
            "output, integration, text:",
        ),
        (
            BASE,
            "limit task_minutes = intra_task.max_runtime_minutes else 15",
            "limit task_minutes = intra_task.max_runtime_minutes else 20",
            "minutes within a task, integration, text:",
        ),
        (
            "feature-development.wf",
            "test_failures when domain == backend -> spawn backend-tester",
            "test_failures when domain == backend -> spawn backend-lead",
            "test_failures, feature, backend:",
        ),
        (
            BASE,
            "  missing_requirements -> ask\n",
            "  missing_requirements -> spawn lead\n",
            "missing_requirements, capability, Nuclei:",
        ),
    ];
    for (name, from, to, cell) in broken {
        let text = shipped::text(name);
        assert!(text.contains(from), "{name}: {from}");
        let (mut sources, changed) = shipped::with_text(name, text.replace(from, to));
        let heir = HEIRS.iter().find(|heir| cell.contains(*heir)).expect("a cell is of an heir");
        let file = sources.iter().find(|(_, source)| source.name == file_of(heir)).map_or(changed, |(file, _)| file);
        gatewright::family::link(&mut sources, &[file]);
        let wrong = Skill::build(&sources, file, &file_of(heir)).mismatches(heir);
        assert!(wrong.iter().any(|wrong| wrong.starts_with(cell)), "{cell} is not named:\n{}", wrong.join("\n"));
    }
}

// ── The base ─────────────────────────────────────────────────────────────────────────────────────

#[test]
fn what_the_base_promises_is_proved_of_each_heir() {
    let (sources, base) = shipped::load(BASE);
    let checked = compile::check(&sources, base);
    let names = |checked: &compile::Checked<'_>| -> BTreeSet<String> {
        checked.analysis.model.tests.iter().map(|test| test.name.content().into_owned()).collect()
    };
    let own = names(&checked);
    assert!(own.len() > 30 && checked.analysis.model.properties.len() > 20, "the base promises something");
    for heir in HEIRS {
        let (sources, file) = shipped::load(&file_of(heir));
        let checked_heir = compile::check(&sources, file);
        assert!(checked_heir.judged && checked_heir.sound().is_some(), "{heir}: {:#?}", checked_heir.diagnostics);
        let base = *checked_heir.analysis.model.bases.last().expect("it extends the base");
        let inherited =
            checked_heir.analysis.model.properties.iter().filter(|property| property.span.file == base).count();
        assert_eq!(inherited, checked.analysis.model.properties.len(), "{heir} holds every property of the base");
        let lost: Vec<String> = own.difference(&names(&checked_heir)).cloned().collect();
        assert_eq!(lost, [""; 0], "{heir} holds every test of the base, or one of its name");
        let kept = checked_heir.analysis.model.tests.iter().filter(|test| test.span.file == base).count();
        assert!(kept * 3 >= own.len(), "{heir} takes {kept} of {} tests as they are", own.len());
    }
}

#[test]
fn what_is_required_is_not_dropped() {
    let required = [
        "gate discovery-compaction",
        "gate implementation-compaction",
        "gate testing-compaction",
        "gate architecture-approval",
        "gate quality-review",
        "gate coverage-target",
        "gate final",
        "phase domain-compliance",
        "phase testing",
    ];
    for heir in HEIRS {
        let name = file_of(heir);
        for what in required {
            let text = format!("{}\ndrop {what} because \"there is no time\"\n", shipped::text(&name));
            let (sources, file) = shipped::with_text(&name, text);
            let checked = compile::check(&sources, file);
            let refused = checked.diagnostics.iter().any(|found| {
                found.code.id == "WF124" && found.severity() == Severity::Error && found.primary.span.file == file
            });
            assert!(refused && checked.sound().is_none(), "{heir} drops {what}: {:#?}", checked.diagnostics);
        }
    }
    // What this gate asks for is for an heir to say; the properties of the base want it to be there.
    let hasty = "use \"sixteen-phases.wf\"\n\nworkflow hasty extends sixteen-phases\n\ndrop gate p0 because \"there is no time\"\n";
    let (sources, file) = shipped::with_text(&file_of(HEIRS[0]), hasty.to_owned());
    let checked = compile::check(&sources, file);
    let missed = |found: &&Diagnostic| found.code.id == "WF101" && found.primary.span.file != file;
    assert!(checked.diagnostics.iter().filter(missed).count() >= 3, "{:#?}", checked.diagnostics);
}

/// What stands in a statement.
fn inside(statement: &Statement) -> &[Statement] {
    match &statement.kind {
        Kind::Node(node) => &node.body,
        Kind::Agent(agent) => &agent.body,
        Kind::Skill(skill) => &skill.body,
        Kind::Procedure(procedure) => &procedure.body,
        Kind::Document(document) => &document.body,
        _ => &[],
    }
}

fn spans(statements: &[Statement], found: &mut HashSet<Span>) {
    for statement in statements {
        found.insert(statement.span);
        spans(inside(statement), found);
    }
}

/// How many bytes of these have something else in their place.
fn replaced(statements: &[Statement], kept: &HashSet<Span>, inherited: &HashSet<Span>) -> usize {
    let gone = |statement: &Statement| {
        let is_quoted = match &statement.kind {
            Kind::Text(text) => inherited.contains(&text.text),
            Kind::Section(section) => inherited.contains(&section.text),
            _ => false,
        };
        match inside(statement) {
            [] if kept.contains(&statement.span) || is_quoted => 0,
            [] => statement.span.range().len(),
            inner => replaced(inner, kept, inherited),
        }
    };
    statements.iter().map(gone).sum()
}

/// Alone, an heir would be its own text and what it takes from its base as it is: the text of the base without what it says
/// anew, in bytes of the canonical form.
#[test]
fn an_heir_is_at_most_a_third_of_what_it_would_be_alone() {
    let mut long = Vec::new();
    for heir in HEIRS {
        let name = file_of(heir);
        let (sources, file) = shipped::load(&name);
        let (tree, _) = Family::new(&sources).tree(file);
        let (base_id, base) = sources.iter().find(|(_, source)| source.name == BASE).expect("the base is shipped");
        let (base_tree, _) = syntax::parse(base_id, &base.text);
        let mut kept = HashSet::new();
        spans(&tree.items, &mut kept);
        let inherited: HashSet<Span> = tree.inherited.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
        let own = sources.get(file).text.len();
        let gone = replaced(&base_tree.items, &kept, &inherited);
        let alone = own + base.text.len() - gone;
        eprintln!("{heir}: {own} of {alone} bytes, {:.1} %", own as f64 * 100.0 / alone as f64);
        if own * 3 > alone {
            long.push(format!("{heir} has {own} bytes, and {alone} alone"));
        }
    }
    assert_eq!(long, [""; 0]);
}
