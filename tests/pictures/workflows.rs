//! Workflows of many shapes, to be drawn.
use std::fmt::Write as _;

/// Phases `a0`, `a1`, …, each with what `header` and `body` give it.
fn phases(range: std::ops::Range<usize>, header: impl Fn(usize) -> String, body: &str) -> String {
    range.fold(String::new(), |mut text, index| {
        let _ = write!(text, "phase a{index} {} {body}\n\n", header(index));
        text
    })
}

fn plain(count: usize) -> String {
    phases(0..count, |_| String::new(), "")
}

/// `inner` in loops within loops.
fn nested(depth: usize, inner: &str) -> String {
    let mut text = inner.to_string();
    for level in (0..depth).rev() {
        text = format!("loop l{level} \"Round {level}\" at most 3 {{\n{text}\n  until done\n}}\n");
    }
    text
}

const GATE: &str = "{\n  ask \"Go on?\" {\n    yes \"Yes\"\n    no \"No\" -> abort\n  }\n}\n";

/// A gate that may send the work back to each of these phases.
fn going_back(name: &str, targets: &[&str]) -> String {
    let options = targets.iter().fold(String::new(), |mut text, target| {
        let _ = writeln!(text, "    again-{target} \"Again\" -> redo {target} at most 2");
        text
    });
    format!("gate {name} {{\n  ask \"Is that right?\" {{\n    yes \"Yes\"\n{options}  }}\n}}\n")
}

const LONG: &str = "A title that says at length what a few words would have said, and then goes on to repeat all of it \
                    once more for those who were not listening the first time, which nobody was";

const NO_BREAK: &str = "PneumonoultramicroscopicsilicovolcanoconiosisPneumonoultramicroscopicsilicovolcanoconiosis";

/// Each with its name.
pub fn workflows() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, body: &str| all.push((name.to_string(), format!("workflow {name}\n\n{body}")));
    let sizes = "enum Size { SMALL < MEDIUM < LARGE }\nfact size: Size\nphase first {\n  decides size\n}\n";

    add("one-phase", "phase only");
    add("gate-first", &format!("gate start {GATE}\nphase only"));
    add("sixty-phases", &plain(60));
    add("parallel-two", "parallel {\n  phase a\n  phase b\n}\nphase c");
    add("parallel-nine", &format!("phase start\nparallel {{\n{}}}\nphase end", plain(9)));
    add(
        "parallel-uneven",
        &format!(
            "parallel {{\n  phase a {{\n    spawn x \"{LONG}\"\n    gate g {GATE}  }}\n  phase b\n  phase c {{\n    spawn y\n  }}\n}}"
        ),
    );
    add(
        "parallel-ordered",
        "parallel {\n  phase a\n  phase b after a\n  phase c after a\n  phase d after [b, c]\n  phase e\n}",
    );
    add("diamond", &format!("phase a\nphase b after a\nphase c after a\ngate g {GATE}\nphase d"));
    add(
        "branches-only",
        "phase a\nphase b\nphase c after a\nphase d after c\nphase e after [b, d]\nphase f after a\nphase g",
    );
    add("fan", &format!("phase root\n{}phase end", phases(0..9, |_| "after root".to_string(), "")));
    add(
        "two-fans",
        &format!(
            "phase root\n{}gate g {GATE}\nphase root2\n{}",
            phases(0..3, |_| "after root".to_string(), ""),
            phases(10..13, |_| "after root2".to_string(), "{\n  spawn helper \"Does a part of the work\"\n}")
        ),
    );
    add(
        "ladder",
        &format!(
            "phase a0\nphase a1\n{}",
            phases(2..14, |index| format!("after a{}", index - 2), "{\n  spawn worker \"Works on it\"\n}")
        ),
    );
    add("loops", &format!("fact done: bool\n{}", nested(3, "phase work {\n  decides done\n}")));
    add("loops-deep", &format!("fact done: bool\n{}", nested(12, "phase work {\n  decides done\n}")));
    add(
        "loop-of-branches",
        &format!(
            "fact done: bool\nloop l \"Again and again\" at most 4 {{\n  phase a\n  phase b after a\n  phase c after a {{\n    decides done\n  }}\n  \
         until done\n}}\nphase end\ngate last {GATE}"
        ),
    );
    add(
        "loops-beside",
        "fact [p, q]: bool\nparallel {\n  loop l at most 2 {\n    phase a {\n      decides p\n    }\n    until p\n  }\n  \
         loop m \"Another\" at most 9 {\n    phase b {\n      decides q\n    }\n    phase c\n    until q\n  }\n}",
    );
    add(
        "stages",
        &format!(
            "phase p \"Stages\" {{\n{}}}",
            (0..12).fold(String::new(), |mut text, index| {
                let _ = write!(text, "  stage s{index} \"Part {index}\" {{\n    step t{index} \"Do it\"\n  }}\n");
                text
            })
        ),
    );
    add(
        "stages-in-parallel",
        "phase p {\n  parallel {\n    stage a \"One\" {\n      spawn x \"Reads\"\n      spawn y \"Writes\"\n    }\n    \
         stage b \"Two\" {\n      produces result\n    }\n    spawn z \"Helps\"\n  }\n}",
    );
    add(
        "spawns-in-parallel",
        &format!(
            "phase p {{\n  parallel {{\n{}  }}\n}}",
            (0..7).fold(String::new(), |mut text, index| {
                let _ =
                    writeln!(text, "    spawn agent-with-a-rather-long-name-{index} \"{}\"", &LONG[..20 * (index + 1)]);
                text
            })
        ),
    );
    add(
        "long-titles",
        &format!(
            "gate before {GATE}phase p \"{LONG}\" {{\n  produces \"{}.md\"\n  stage s \"{LONG}\" irreversible\n}}\ngate g \"{LONG}\" {GATE}\nphase q \"{NO_BREAK}\" {{\n  \
         spawn helper-of-{} \"{NO_BREAK}\"\n}}",
            "a-very-long-file-name-".repeat(6),
            "a".repeat(90)
        ),
    );
    add(
        "unicode",
        &format!(
            "phase p \"計画を立てて、それから実行する、そして確認する 🦀🦀🦀🦀🦀\" {{\n  spawn helper \"Проверка документации и согласование требований\"\n}}\n\
         gate g \"Ça va? Größe ≥ 3 → أهلا بالعالم\" {GATE}\nphase q \"<b>&amp;\\\"quotes\\\"</b> \\\\ #35; `x` %% end; $ {{}} [](){{}}\"\n"
        ),
    );
    add(
        "conditions",
        &format!(
            "{sizes}{}skip [a1, a2] when size == SMALL because \"nothing to do\"\n",
            phases(
                0..5,
                |index| format!(
                    "when size >= {}",
                    if index % 2 == 0 {
                        "MEDIUM and (size == LARGE or size != SMALL) and not size in [SMALL, SMALL]"
                    } else {
                        "MEDIUM"
                    }
                ),
                "{\n  spawn worker \"Works\" when size == LARGE\n}"
            )
        ),
    );
    add(
        "going-back",
        &format!(
            "{}{}phase last irreversible\n",
            phases(0..6, |_| String::new(), "{\n  spawn worker \"Works\"\n  step look \"Look at it\"\n}"),
            going_back("check", &["a0", "a2", "a5", "a3"])
        ),
    );
    add(
        "going-back-inside",
        &format!(
            "phase a\nphase b {{\n  spawn worker\n  {}  stage s {{\n    spawn other\n    {}  }}\n}}\n{}phase c",
            going_back("g", &["a", "b"]),
            going_back("h", &["b", "a"]),
            going_back("i", &["b"])
        ),
    );
    add(
        "going-back-from-loops",
        &format!(
            "fact done: bool\nphase start\n{}",
            nested(3, &format!("phase work {{\n  decides done\n}}\n{}phase rest", going_back("g", &["start", "work"])))
        ),
    );
    add(
        "going-back-beside",
        &format!(
            "phase start\nparallel {{\n  phase a {{\n    spawn x\n    {}  }}\n  phase b {{\n    spawn y\n    {}  }}\n}}\nphase end",
            going_back("g", &["a"]),
            going_back("h", &["b"])
        ),
    );
    add(
        "each",
        "phase plan {\n  produces plan\n}\nphase work {\n  reads plan\n  each task from plan \"The list of all the tasks there are\" at most 50 else once {\n    \
         step prepare \"Prepare\"\n    spawn worker \"Do ${task}\"\n    gate g {\n      require done \"It is done\" by run \"make test\"\n    }\n  }\n}",
    );
    add(
        "many-gates",
        &(0..12).fold(String::from("phase a\n"), |mut text, index| {
            let _ = write!(
                text,
                "gate g{index} \"Check {index}\" {{\n  require r{index} \"It works\" by run \"make test\"\n  \
             on fail -> fix by worker at most 2\n  override by user \"It may break.\"\n}}\n\n"
            );
            text
        }),
    );
    add(
        "everything",
        &format!(
            "{sizes}fact done: bool\nparallel {{\n  phase p1 {{\n    spawn x \"Looks\" when size == LARGE\n    parallel {{\n      spawn y\n      spawn z\n    }}\n  }}\n  \
         loop l \"Inside\" at most 3 {{\n    phase p2 {{\n      decides done\n      stage s1 \"First\" when size >= MEDIUM\n      stage s2 \"Second\" {{\n        \
         parallel {{\n          spawn u\n          spawn v\n          spawn w\n        }}\n        gate inner {GATE}      }}\n    }}\n    until done\n  }}\n}}\n\
         phase b1\nphase b2 after b1 when size == LARGE\nphase b3 after b1 {{\n  produces [one, two, three]\n}}\n\
         gate mid {GATE}\nphase push irreversible\n"
        ),
    );
    for seed in 1..=60 {
        let mut random = Random { state: seed * 7919, count: 0, facts: Vec::new() };
        let body = random.body(0);
        let facts = random.facts.iter().fold(String::new(), |text, fact| text + "fact " + fact + ": bool\n");
        all.push((format!("random-{seed}"), format!("workflow random-{seed}\n\n{facts}{body}")));
    }
    for file in ["hello", "sixteen-phases"] {
        let path = format!("{}/workflows/{file}.wf", env!("CARGO_MANIFEST_DIR"));
        all.push((file.to_string(), std::fs::read_to_string(path).expect("the workflow is part of the project")));
    }
    all
}

/// Grows workflows of any shape from a seed.
struct Random {
    state: u64,
    count: usize,
    facts: Vec<String>,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % bound
    }

    fn one_of(&mut self, names: &[String]) -> String {
        names[self.below(names.len())].clone()
    }

    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}{}", self.count)
    }

    fn title(&mut self) -> String {
        let (from, long) = (self.below(40), self.below(90) + 1);
        format!("\"{}\"", LONG[from..from + long].trim())
    }

    /// Phases, gates, loops and blocks one after the other, some beside each other.
    fn body(&mut self, depth: usize) -> String {
        let mut text = String::new();
        // Phases that `after` may name, and those that a gate may send back to.
        let (mut since, mut before): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
        for _ in 0..self.below(5) + 2 {
            match self.below(10) {
                0 if !before.is_empty() => {
                    let target = self.one_of(&before);
                    text.push_str(&going_back(&self.name("g"), &[&target]));
                    since.clear();
                }
                1 if depth < 4 => {
                    let (name, title, fact) = (self.name("l"), self.title(), self.name("f"));
                    let body = self.body(depth + 1);
                    let last = format!("phase last-of-{name} {{\n  decides {fact}\n}}\nuntil {fact}\n");
                    text.push_str(&format!("loop {name} {title} at most 3 {{\n{body}{last}}}\n"));
                    self.facts.push(fact);
                }
                2 if depth < 4 => {
                    let members = (0..self.below(6) + 2).fold(String::new(), |text, _| text + &self.phase("").1);
                    text.push_str(&format!("parallel {{\n{members}}}\n"));
                }
                3..=5 if !since.is_empty() => {
                    let other = self.one_of(&since);
                    let (name, phase) = self.phase(&format!("after {other}"));
                    text.push_str(&phase);
                    since.push(name);
                    before.clear();
                }
                _ => {
                    let (name, phase) = self.phase("");
                    text.push_str(&phase);
                    since.push(name.clone());
                    before.push(name);
                }
            }
        }
        text + &self.phase("").1
    }

    fn phase(&mut self, header: &str) -> (String, String) {
        let (name, title) = (self.name("p"), self.title());
        let mut body = String::new();
        for _ in 0..self.below(4) {
            let (inner, said) = (self.name("i"), self.title());
            body.push_str(&match self.below(5) {
                0 => format!("  step {inner} {said}\n"),
                1 => format!("  stage {inner} {said} {{\n    spawn worker {said}\n  }}\n"),
                2 => format!("  produces {inner}\n"),
                3 => {
                    let spawn = |text: String, said: String| text + "    spawn agent-of-" + &inner + " " + &said + "\n";
                    let spawns = (0..self.below(6) + 2).fold(String::new(), |text, _| spawn(text, self.title()));
                    format!("  parallel {{\n{spawns}  }}\n")
                }
                _ => format!("  spawn worker-{inner} {said}\n"),
            });
        }
        (name.clone(), format!("phase {name} {title} {header} {{\n{body}}}\n"))
    }
}
