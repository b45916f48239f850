//! Workflows of any size, the same in every run, shaped like those that people write: chains of artifacts, spawns with
//! prompts, gates every few phases, conditions on a few facts, and long texts in between.

use std::ops::Range;

/// A workflow without an error.
pub fn clean(phases: usize) -> String {
    Writer::new(phases, false).write().0
}

/// The same workflow with a fault in every third phase, and the bytes at which each has to be reported.
pub fn faulty(phases: usize) -> (String, Vec<Planted>) {
    Writer::new(phases, true).write()
}

pub struct Planted {
    pub what: &'static str,
    pub place: Range<usize>,
}

/// What is wrong with a phase.
const FAULTS: [&str; 7] = [
    "a misspelled keyword",
    "an unknown artifact",
    "an unknown value",
    "an unclosed text",
    "a redo of an unknown phase",
    "an unclosed list",
    "a step declared twice",
];

const VERBS: [&str; 8] = ["plan", "build", "review", "measure", "document", "migrate", "verify", "publish"];
const NOUNS: [&str; 9] =
    ["client", "collector", "schema", "mapping", "gateway", "settings", "pagination", "credentials", "report"];

struct Writer {
    phases: usize,
    faulty: bool,
    text: String,
    planted: Vec<Planted>,
}

impl Writer {
    fn new(phases: usize, faulty: bool) -> Self {
        Writer { phases, faulty, text: String::with_capacity(phases * 700 + 8000), planted: Vec::new() }
    }

    fn write(mut self) -> (String, Vec<Planted>) {
        self.head();
        for index in 0..self.phases {
            self.phase(index);
            if index % 5 == 4 {
                self.question(index);
            }
            if index % 20 == 19 {
                let (a, b) = (name(index - 9), name(index - 6));
                self.line(&format!(
                    "skip [{a}, {b}] when size == SMALL and risk == low because \"Small and harmless work needs neither.\"\n"
                ));
            }
        }
        // Something waits behind the last gate in every variant.
        self.line("phase done \"Done\"");
        (self.text, self.planted)
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A line with a fault; `part` is where it has to be reported.
    fn plant(&mut self, line: &str, part: &str, what: &'static str) {
        let at = self.text.len() + line.find(part).expect("the part stands in the line");
        self.planted.push(Planted { what, place: at..at + part.len() });
        self.line(line);
    }

    fn head(&mut self) {
        self.text.push_str(HEAD);
        // One verdict of its own for every tenth phase, as reviews have.
        let verdicts: Vec<String> = (0..self.phases).filter(|index| index % 10 == 7).map(verdict).collect();
        for some in verdicts.chunks(5) {
            self.line(&format!("fact [{}]: Verdict", some.join(", ")));
        }
        self.line("");
    }

    fn phase(&mut self, index: usize) {
        let this = name(index);
        let noun = NOUNS[index % NOUNS.len()];
        let fault = (self.faulty && index % 3 == 1).then(|| FAULTS[index / 3 % FAULTS.len()]);
        let when = match index % 6 {
            2 => " when size >= MEDIUM because \"small work follows a pattern that exists\"",
            3 => " when size == LARGE or risk == high because \"only large or risky work needs it\"",
            5 => " when area != docs and not frozen because \"documents need no build\"",
            _ => "",
        };
        let title = format!("{} the {noun}", capital(VERBS[index % VERBS.len()]));
        if fault == Some(FAULTS[2]) {
            self.plant(&format!("phase {this} \"{title}\" when size == HUGE {{"), "HUGE", FAULTS[2]);
        } else {
            self.line(&format!("phase {this} \"{title}\"{}{when} {{", if index == 0 { " required" } else { "" }));
        }
        let purpose = format!("purpose \"Bring the {noun} to where it can be checked, part {index}\"");
        if fault == Some(FAULTS[0]) {
            self.plant(&format!("  purpos{}", &purpose[7..]), "purpos", FAULTS[0]);
        } else {
            self.line(&format!("  {purpose}"));
        }
        if index == 0 {
            self.line("  decides [size, risk, area, frozen, effort]");
        } else if fault == Some(FAULTS[1]) {
            let misspelled = output(index - 1).replace("notes", "note");
            self.plant(&format!("  reads [{misspelled}, {}]", reading(index - 1)), &misspelled, FAULTS[1]);
        } else if index.is_multiple_of(4) {
            self.line(&format!("  reads [{}, {}?]", reading(index - 1), output(index - 4)));
        } else {
            self.line(&format!("  reads {}", reading(index - 1)));
        }
        if index % 4 == 2 {
            self.line(&format!("  produces {} {{", output(index)));
            self.line("    sections [\"Findings\", \"Decisions\"]");
            self.line("  }");
        } else {
            self.line(&format!("  produces {}", output(index)));
        }
        match index % 5 {
            0 | 3 => self.spawns(index, noun),
            1 => self.stages(index, noun),
            2 if index % 10 == 7 => self.reviewed(index),
            _ => self.alone(index),
        }
        if fault == Some(FAULTS[3]) {
            let step = format!("  step record \"Record what the {noun} now looks like and why");
            let part = step[step.find('"').expect("a quote")..].to_string();
            self.plant(&step, &part, FAULTS[3]);
        } else {
            self.line(&format!(
                "  step record \"Record what the {noun} now looks like\" \"One line for each decision.\""
            ));
        }
        if fault == Some(FAULTS[6]) {
            self.plant("  step record \"Record it again\"", "record", FAULTS[6]);
        }
        if fault == Some(FAULTS[4]) {
            self.line(&format!("  gate back-{index} \"Back\" {{"));
            self.line("    require size >= MEDIUM");
            let line = format!("    on fail -> redo nowhere-{index} at most 2");
            self.plant(&line, &format!("nowhere-{index}"), FAULTS[4]);
            self.line("  }");
        }
        if fault == Some(FAULTS[5]) {
            self.plant("  checklist [\"Every claim has its evidence\", \"Nothing is left open\"", "[", FAULTS[5]);
        } else if index.is_multiple_of(3) {
            self.line("  checklist [\"Every claim has its evidence\", \"Nothing is left open\"]");
        }
        self.texts(index, noun);
        self.line("}\n");
    }

    fn spawns(&mut self, index: usize, noun: &str) {
        let agent = if index.is_multiple_of(2) { "builder" } else { "analyst" };
        self.line(&format!("  spawn {agent} \"Work on the {noun}\" {{"));
        self.line("    prompt \"\"\"");
        self.line(&format!(
            "      Change the {noun} in ${{code}} as {} says, nothing else.",
            output(index - index.min(1))
        ));
        self.line("      Stop after ${limit rounds} rounds on one task, and report what blocks you.");
        self.line("      \"\"\"");
        self.line("    on failure -> retry at most retries");
        self.line("  }");
    }

    fn stages(&mut self, index: usize, noun: &str) {
        self.line("  parallel {");
        self.line(&format!("    spawn analyst \"Patterns of the {noun}\""));
        self.line(&format!("    spawn critic \"Risks of the {noun}\" when risk != low"));
        self.line("  }");
        if index > 4 && index % 15 == 6 {
            let asked = question(index - 2);
            self.line(&format!("  stage merge-{index} \"Merge the {noun}\" when {asked} == accept {{"));
            self.line("    step merge \"Merge and push\"");
            self.line("  }");
        }
        self.line(&format!(
            "  require tests \"The tests of the {noun} pass\" by run \"cd ${{code}} && make test-{index}\""
        ));
    }

    fn alone(&mut self, index: usize) {
        self.line("  skills [writing-plans, checking-claims]");
        self.line("  step read \"Read what came before\" \"The file, not its summary.\"");
        self.line(&format!("  step settle \"Settle the order of the tasks of part {index}\" when size == LARGE"));
        self.line("  require complete \"All sections are filled\" by file \"index.md\"");
    }

    fn reviewed(&mut self, index: usize) {
        self.line("  spawn critic \"Compare the change with its plan\" {");
        self.line(
            "    prompt \"Does the change do what was planned, all of it and nothing else? Name file and line.\"",
        );
        self.line(&format!("    returns {}", verdict(index)));
        self.line("  }");
        self.line(&format!("  gate review-{index} \"Review\" {{"));
        self.line(&format!("    require {} == approved", verdict(index)));
        self.line("    on fail -> fix by builder at most fixes then ask");
        if index % 20 == 7 {
            self.line("    override by user \"The change does not do what was planned.\"");
        }
        self.line("  }");
    }

    /// A gate between phases, answered by a person.
    fn question(&mut self, index: usize) {
        self.line(&format!("gate {} \"Go on after part {index}\" {{", question(index)));
        self.line("  ask \"The part is complete. How should it go on?\" {");
        self.line("    accept \"Accept it: the findings are sound\"");
        self.line(&format!(
            "    again \"Work on it again: something is missing\" -> redo {} at most 2",
            name(always_runs(index))
        ));
        self.line("    stop \"Stop the work\" -> abort");
        self.line("  }");
        self.line("}\n");
    }

    fn texts(&mut self, index: usize, noun: &str) {
        let before = name(index.saturating_sub(1));
        match index % 3 {
            0 => {
                let condition = if index.is_multiple_of(2) { " when size == SMALL" } else { "" };
                self.line(&format!("  text{condition} \"\"\""));
                self.line("    | Finding | What it means |");
                self.line("    | --- | --- |");
                self.line(&format!("    | The {noun} has no test | Back to ${{phase {before}}} |"));
                self.line("    \"\"\"");
            }
            1 => {
                self.line("  text \"\"\"");
                self.line(&format!("    The {noun} is done when its criteria are met, not when its code exists."));
                self.line(&format!("    What differs from ${{phase {before}}} is written down, with the reason."));
                self.line("    \"\"\"");
            }
            _ => {}
        }
    }
}

/// The last phase up to here that every variant runs: what a redo can go back to.
fn always_runs(index: usize) -> usize {
    (0..=index).rev().find(|index| runs(*index)).unwrap_or(0)
}

/// Whether every variant runs a phase.
fn runs(index: usize) -> bool {
    matches!(index % 6, 0 | 1 | 4) && !matches!(index % 20, 10 | 13)
}

/// The output of a phase, with `?` where it may be absent.
fn reading(index: usize) -> String {
    format!("{}{}", output(index), if runs(index) { "" } else { "?" })
}

fn name(index: usize) -> String {
    format!("{}-{}-{index}", VERBS[index % VERBS.len()], NOUNS[index % NOUNS.len()])
}

fn output(index: usize) -> String {
    format!("{}-notes-{index}", NOUNS[index % NOUNS.len()])
}

fn verdict(index: usize) -> String {
    format!("verdict_{index}")
}

fn question(index: usize) -> String {
    format!("go-on-{index}")
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

const HEAD: &str = r#"//! A generated workflow, shaped like a written one.

workflow generated "Generated"

enum Size { SMALL "An afternoon" < MEDIUM "A week" < LARGE "More than a week" }
enum Risk { low | high }
enum Area { backend | frontend | docs }
enum Verdict { approved | approved_with_notes | changes_requested }

input request: text
fact size: Size
fact risk: Risk
fact area: Area
fact frozen: bool
fact effort: int 0..100

let code = "modules/generated"
limit retries = 2
limit fixes = 3
limit rounds = orchestrator.max_rounds else 10

output ".work/generated-${request}/"

agent * {
  tools [Read, Grep, Glob]
}
agent builder "Writes the change and its tests" {
  tools [Edit, Write, Bash]
  writes ["${code}/**"]
}
agent analyst "Finds out what is there" {
  model sonnet
}
agent critic "Looks for what is wrong" {
  tools Write
}

skill writing-plans "How tasks are cut"
skill checking-claims "How a claim is checked"

context 200k {
  warn 60%
  must 80%
}

abort {
  when failures(consecutive) >= 3 "The same thing fails again and again"
  when effort > 80 and size == LARGE "It is too much for one run"
  ask "Aborted. What happens to the work?" {
    everything "Keep everything"
    nothing "Roll back"
  }
}

"#;
