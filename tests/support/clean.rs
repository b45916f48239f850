//! Workflows that compile without an error and without a warning, in canonical layout.

use super::Choices;
use std::fmt::Write;

struct Writer<'c> {
    choices: Choices<'c>,
    out: String,
    /// Facts that are decided by now, as conditions that neither always nor never hold where they are used.
    conditions: Vec<&'static str>,
    /// Artifacts of earlier phases.
    artifacts: Vec<String>,
    phases: Vec<String>,
    /// What is claimed of the gates.
    claims: Vec<String>,
    count: usize,
}

const DECLARATIONS: &str = "//! A generated workflow.

workflow made \"Made\"

/// How large the work is.
enum Size {
  SMALL \"Little\"
  < MEDIUM
  < LARGE \"Much\"
}
enum Kind { red | green | blue }

input [request, vendor]: text
input kind: Kind = red

fact size: Size
fact [ready, broken, tidy]: bool
fact score: int 0..100

let code = \"src/${vendor}\"
let pass = 70
limit tries = run.tries else 3 // from the registry

output \".out/${run}/\"

agent * {
  skills logging
}
agent worker \"Works\" {
  tools [Read, Write]
  model sonnet
  skills \"about-${vendor}\"
}
agent judge \"Judges\"

skill logging \"How to log\" {
  path \"skills/logging/SKILL.md\"
}
requires skill logging \"Says where\"
pairs skill reviewing \"Looks at it\" when tasks > pass

context 200k {
  warn 60%
  must 80% -> clean-up
}

escalation {
  more \"More\" adds 2
  abort \"Stop\"
}

abort {
  when failures(consecutive) >= 3 \"It fails\"
  when elapsed > 2h \"Too long\"
  ask \"What to keep?\" {
    all \"Everything\"
    none \"Nothing\"
  }
}

route \"work*\" {
  security -> spawn judge
  else -> ask
}

procedure clean-up(output) \"Clean up\" {
  step write \"Write ${output}\" by file output
  step shrink \"Shrink\" by measure summary.tokens < 200
  step look \"Look\" by checklist [\"One\", \"Two\"]
  override by user \"It may be lost.\"
  text \"\"\"
    # Say \"why\" in ${code}

      indented
    \"\"\"
}

phase start \"Start\" {
  purpose \"Begin with ${request} of ${vendor}, ${kind}\"
  produces first {
    sections [\"What\", \"Tasks\"]
  }
  decides [size, ready, tidy]
  decides score from run \"count ${code}\" matching \"(\\\\d+)\"
  decides broken confirmed
  step look \"Look at ${code}\"
  spawn worker \"Prepare\"
  gate begin \"Begin\" by agent judge {
    require sense \"It makes sense\"
    on fail -> ask
  }
  step compare \"Compare with ${pass} and ${limit tries}\" \"Size ${size}, ${ready}, ${broken}, ${tidy}, ${score}.\"
}

";

/// A file from a stream of choices.
pub fn file(data: &[u16]) -> String {
    let mut writer = Writer {
        choices: Choices::new(data),
        out: DECLARATIONS.to_string(),
        conditions: vec![
            "size == LARGE",
            "size >= MEDIUM",
            "ready",
            "not broken",
            "score >= pass",
            "kind in [red, blue]",
            "ready and size != SMALL",
            "(ready or broken) and score < 90",
            "not (ready and broken)",
            "kind == green or size == SMALL",
        ],
        artifacts: vec!["first".to_string()],
        phases: vec!["start".to_string()],
        claims: Vec::new(),
        count: 0,
    };
    for _ in 0..2 + writer.choices.below(5) {
        match writer.choices.below(6) {
            0..=2 => writer.phase(0, true),
            3 => writer.gate(0, true),
            4 => writer.repeat(),
            _ => writer.side_by_side(),
        }
    }
    writer.finish();
    writer.out
}

impl Writer<'_> {
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:width$}{text}", "", width = indent * 2);
    }

    fn fresh(&mut self, word: &str) -> String {
        self.count += 1;
        format!("{word}-{}", self.count)
    }

    fn condition(&mut self) -> &'static str {
        let at = self.choices.below(self.conditions.len());
        self.conditions[at]
    }

    /// A blank line or a comment before an item.
    fn before(&mut self, indent: usize) {
        match self.choices.below(4) {
            1 => self.line(indent, "// a comment"),
            2 => self.line(indent, "/// What it is for."),
            _ => {}
        }
    }

    fn reads(&mut self, indent: usize) {
        let artifact = self.choices.below(self.artifacts.len());
        let artifact = self.artifacts[artifact].clone();
        let line = if self.choices.one_in(2) && artifact != "first" {
            format!("reads [first, {artifact}?]")
        } else {
            "reads first".to_string()
        };
        self.line(indent, &line);
    }

    fn phase(&mut self, indent: usize, branches: bool) {
        self.before(indent);
        let name = self.fresh("phase");
        let mut header = format!("phase {name} \"The phase {}\"", self.count);
        let conditional = self.choices.one_in(3);
        if conditional {
            let condition = self.condition();
            let _ = write!(header, " when {condition} because \"it matters\"");
        }
        self.line(indent, &format!("{header} {{"));
        let inside = indent + 1;
        self.line(inside, "purpose \"Do the work of ${count phases} phases\"");
        self.reads(inside);
        let artifact = self.fresh("artifact");
        self.line(inside, &format!("produces {artifact}"));
        // What stands in a phase with a condition depends on something else.
        let own = if conditional { vec!["tidy", "not tidy"] } else { self.conditions.clone() };
        let outer = std::mem::replace(&mut self.conditions, own);
        for _ in 0..1 + self.choices.below(5) {
            self.work(inside, branches);
        }
        self.conditions = outer;
        self.line(indent, "}");
        if indent == 0 {
            self.line(0, "");
        }
        self.artifacts.push(artifact);
        self.phases.push(name);
    }

    fn work(&mut self, indent: usize, branches: bool) {
        let name = self.fresh("part");
        match self.choices.below(12) {
            0 => self.line(indent, &format!("step {name} \"Do it\" \"With care.\"")),
            1 => self.line(indent, &format!("require {name} \"It builds\" by run \"make ${{code}}\"")),
            2 => {
                self.line(indent, "spawn worker \"Work on ${first}\" {");
                self.line(indent + 1, "prompt \"\"\"");
                self.line(indent + 1, "  Say \"yes\" to ${request}.");
                self.line(indent + 1, "    ```");
                self.line(indent + 1, "    phase x {");
                self.line(indent + 1, "    ```");
                self.line(indent + 1, "  \"\"\"");
                self.line(indent + 1, "on failure -> retry at most 2");
                self.line(indent, "}");
            }
            3 => self.line(indent, "checklist [\"One thing\", \"Another\"]"),
            4 => self.gate(indent, false),
            5 => {
                let condition = self.condition();
                self.line(indent, &format!("stage {name} \"Stage\" when {condition} {{"));
                self.line(indent + 1, "skills [logging, \"about-${vendor}\"]");
                self.line(indent + 1, &format!("step {name}-a \"Inside\" by skill logging"));
                self.line(indent, "}");
            }
            6 => {
                self.line(indent, "parallel {");
                self.line(indent + 1, "spawn worker \"One half\"");
                self.line(indent + 1, "spawn judge \"The other half\" {");
                // What runs side by side writes files of its own.
                let files = if branches { "keep unchanged \"docs" } else { &format!("writes \"${{code}}/{name}") };
                self.line(indent + 2, &format!("{files}/**\""));
                self.line(indent + 1, "}");
                self.line(indent, "}");
            }
            7 => {
                self.line(indent, "each task from first \"Tasks\" at most 20 {");
                self.line(indent + 1, "batch when tasks <= 3");
                self.line(indent + 1, "spawn worker \"Do ${task}\"");
                self.line(indent, "}");
            }
            8 => {
                self.line(indent, "text when size == LARGE \"\"\"");
                self.line(indent, "  ## Much");
                self.line(0, "");
                self.line(indent, "  See ${phase start}.");
                self.line(indent, "  \"\"\"");
            }
            9 => self.line(indent, "tools [Read, Bash]"),
            10 if branches => {
                self.line(indent, "requires phase start");
            }
            _ => {
                let condition = self.condition();
                self.line(indent, &format!("step {name} \"Check it\" when {condition} by answer"));
            }
        }
    }

    fn gate(&mut self, indent: usize, own_line: bool) {
        self.before(indent);
        let name = self.fresh("gate");
        let inside = indent + 1;
        let kind = self.choices.below(4);
        match kind {
            1 => {
                self.line(indent, &format!("gate {name} \"Clean\" follows clean-up(first) {{"));
                self.line(inside, "keep [\"The paths\", \"The summary\"]");
            }
            2 => {
                self.line(indent, &format!("gate {name} \"Quality\" by agent judge {{"));
                self.line(inside, "require form \"It has the form\"");
                self.line(inside, "require score >= pass");
                self.line(inside, "on fail {");
                self.line(inside + 1, "score >= 50 -> fix by worker at most 2");
                self.line(inside + 1, "else -> ask \"What now?\" {");
                self.line(inside + 2, "show \"Show it\" -> show first");
                self.line(inside + 2, "pass \"Pass\" -> override");
                self.line(inside + 1, "}");
                self.line(inside, "}");
                self.line(inside, "override by user \"Nobody has looked.\"");
            }
            3 => {
                let condition = self.condition();
                self.line(indent, &format!("gate {name} \"Green\" when {condition} {{"));
                self.line(inside, "require tests \"All pass\" \"Every one.\" by run \"make test\"");
                self.line(inside, "on fail -> fix by worker at most tries");
            }
            _ => {
                self.line(indent, &format!("gate {name} \"Go on\" {{"));
                self.line(inside, "ask \"Go on?\" {");
                self.line(inside + 1, "yes \"Yes\"");
                // Inside a `parallel` nothing outside may be done again.
                let target = if own_line { "start " } else { "" };
                self.line(inside + 1, &format!("again \"Again\" -> redo {target}at most 2"));
                self.line(inside + 1, "no \"No\" when ready -> abort");
                self.line(inside, "}");
            }
        }
        self.line(indent, "}");
        if own_line {
            self.line(0, "");
            let narrowed = if kind == 3 { format!(" when ran({name})") } else { String::new() };
            self.claims.push(format!("always {name} before end{narrowed}"));
        }
    }

    fn repeat(&mut self) {
        let name = self.fresh("loop");
        self.line(0, &format!("loop {name} \"Again\" at most 4 {{"));
        self.phase(1, false);
        let fact = format!("{name}-done");
        let judge = self.fresh("phase");
        self.line(1, &format!("phase {judge} \"Judge\" {{"));
        self.line(2, "purpose \"See whether it is done\"");
        self.line(2, &format!("decides {fact}"));
        self.line(1, "}");
        self.line(1, &format!("until {fact}"));
        self.line(1, "on exhausted -> ask");
        self.line(0, "}");
        self.line(0, &format!("fact {fact}: bool"));
        self.line(0, "");
        self.phases.push(judge);
    }

    fn side_by_side(&mut self) {
        self.line(0, "parallel {");
        let before = (self.artifacts.clone(), self.phases.clone());
        let mut after = before.clone();
        for _ in 0..2 {
            self.phase(1, false);
            after.0.extend(self.artifacts.pop());
            after.1.extend(self.phases.pop());
            self.artifacts = before.0.clone();
            self.phases = before.1.clone();
        }
        (self.artifacts, self.phases) = after;
        self.line(0, "}");
        self.line(0, "");
    }

    fn finish(&mut self) {
        self.line(0, "gate sure \"Sure\" {");
        self.line(1, "ask \"Publish it?\" {");
        self.line(2, "yes \"Yes\"");
        self.line(2, "no \"No\" -> abort");
        self.line(1, "}");
        self.line(0, "}");
        self.line(0, "");
        self.line(0, "phase end \"The end\" {");
        self.line(1, "purpose \"Report\"");
        let reads: Vec<String> = self.artifacts.iter().map(|artifact| format!("{artifact}?")).collect();
        self.line(1, "reads [");
        for read in &reads {
            self.line(2, &format!("{read},"));
        }
        self.line(1, "]");
        self.line(1, "produces report as \"${vendor}-report.md\"");
        self.line(1, "revises size {");
        self.line(2, "SMALL and score > 90 -> LARGE");
        self.line(1, "}");
        self.line(1, "stage publish \"Publish\" irreversible when size == LARGE {");
        self.line(2, "step push \"Push\"");
        self.line(1, "}");
        self.line(0, "}");
        self.line(0, "");
        for claim in self.claims.clone() {
            self.line(0, &claim);
        }
        self.line(0, "never end before start");
        self.line(0, "counter \"It is simple\" -> \"It is not. See ${code}.\"");
        self.line(0, "test \"it ends\" {");
        self.line(1, "given size = SMALL, ready = true");
        self.line(1, "expect runs [start, end]");
        self.line(1, "expect start before end");
        self.line(0, "}");
        self.line(0, "");
        self.line(0, "document skill doing-it {");
        self.line(1, "description \"Does it in ${count phases} phases\"");
        self.line(1, "tools [Read, Bash]");
        self.line(1, "command \"/do\"");
        self.line(1, "related logging");
        self.line(1, "section \"When to use\" before phases \"\"\"");
        self.line(1, "  Always, ${link phase start}.");
        self.line(1, "  \"\"\"");
        self.line(0, "}");
    }
}
