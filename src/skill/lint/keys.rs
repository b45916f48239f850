//! SK1 and SK3: which keys there are, and what their values may be.

use super::front_matter::{quoted, source};
use super::{World, declare_rules};
use crate::diagnostic::{Diagnostic, nearest};
use crate::skill::Skill;
use crate::skill::front_matter::{Block, Entry, FrontMatter, Node, Value, words};

declare_rules! {
    WRONG_TYPE: "SK108" "wrong-type" Error Spec Specification = "A key of the front matter has a value of the wrong type.",
        "`name: 2024` is a number and `allowed-tools: [Read]` a list, where texts are meant. Quotes make a number a text.",
        bad: "== 2024/SKILL.md ==\n---\nname: 2024\ndescription: Deploys the site. Use when a release is due.\n---\n",
        good: "== 2024/SKILL.md ==\n---\nname: \"2024\"\ndescription: Deploys the site. Use when a release is due.\n---\n";
    UNKNOWN_KEY: "SK109" "unknown-key" Warning Spec Specification = "A key of the front matter is not one of the specification.",
        "Clients ignore keys that they do not know, and strict ones refuse the file. What is your own belongs below `metadata`. \
         Keys of Claude Code are known under `--profile claude-code`.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nlicence: MIT\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nlicense: MIT\n---\n";
    COMPATIBILITY_TOO_LONG: "SK301" "compatibility-too-long" Error Spec Specification = "`compatibility` is empty or has more than 500 characters.",
        "It names what the skill needs (a product, packages, the network) in 1 to 500 characters; most skills need no such key.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\ncompatibility: \"\"\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\ncompatibility: Needs git\n---\n";
    METADATA_NOT_TEXT: "SK302" "metadata-not-text" Warning Spec Specification = "A value below `metadata` is no text.",
        "`metadata` maps texts to texts. `version: 1.0` is a number, and a client may show it as 1; quotes keep it.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nmetadata:\n  version: 1.0\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nmetadata:\n  version: \"1.0\"\n---\n";
    TOOLS_WITH_COMMAS: "SK303" "tools-with-commas" Warning Spec Specification = "`allowed-tools` has commas between its tools.",
        "The specification has blanks between them, and a client that splits at blanks sees a tool called `Read,`. Claude Code reads \
         both ways, and so nothing is said of a skill below `.claude`, or under `--profile claude-code`; with `--profile spec` it is.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Read, Bash(git *)\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Read Bash(git *)\n---\n";
    MISSPELLED_TOOL: "SK304" "misspelled-tool" Warning ClaudeCode ClaudeCode = "A tool in `allowed-tools` is called nearly like one of Claude Code.",
        "A name that no tool has allows nothing, and nobody says so. Names that are not near any known tool are taken for those of a \
         newer version.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Raed Bash(git *)\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Read Bash(git *)\n---\n";
    TOOL_PATTERN: "SK305" "tool-pattern" Error Spec Specification = "A pattern in `allowed-tools` has a bracket without its other one.",
        "`Bash(git *)` names a tool and what it may be used for. Without the closing bracket it allows nothing, or everything.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Read Bash(git *\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\nallowed-tools: Read Bash(git *)\n---\n";
    WRONG_VALUE: "SK306" "wrong-value" Error ClaudeCode ClaudeCode = "A key of Claude Code has a value that it does not know.",
        "`context` is `fork`, `effort` is one of `low`, `medium`, `high`, `xhigh`, `max`, `shell` is `bash` or `powershell`, \
         `user-invocable` and `disable-model-invocation` are `true` or `false`.",
        bad: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\ncontext: forked\n---\n",
        good: "---\nname: example\ndescription: Deploys the site. Use when a release is due.\ncontext: fork\n---\n";
}

const MAX_COMPATIBILITY: usize = 500;

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    /// A text, or a list of texts.
    TextOrList,
    Boolean,
    Mapping,
    OneOf(&'static [&'static str]),
}

/// The keys of the specification.
const OF_SPECIFICATION: [(&str, Form); 6] = [
    ("name", Form::Text),
    ("description", Form::Text),
    ("license", Form::Text),
    ("compatibility", Form::Text),
    ("metadata", Form::Mapping),
    ("allowed-tools", Form::Text),
];

/// The keys that Claude Code adds.
const OF_CLAUDE_CODE: [(&str, Form); 14] = [
    ("when_to_use", Form::Text),
    // `[file]` is a list in YAML, and meant as a text.
    ("argument-hint", Form::TextOrList),
    ("arguments", Form::TextOrList),
    ("disable-model-invocation", Form::Boolean),
    ("user-invocable", Form::Boolean),
    ("disallowed-tools", Form::TextOrList),
    ("model", Form::Text),
    ("effort", Form::OneOf(&["low", "medium", "high", "xhigh", "max"])),
    ("context", Form::OneOf(&["fork"])),
    ("agent", Form::Text),
    ("hooks", Form::Mapping),
    ("paths", Form::TextOrList),
    ("shell", Form::OneOf(&["bash", "powershell"])),
    ("version", Form::Text),
];

/// The tools of Claude Code, those of earlier versions among them.
pub const TOOLS: [&str; 40] = [
    "Agent",
    "AskUserQuestion",
    "Bash",
    "BashOutput",
    "CronCreate",
    "CronDelete",
    "CronList",
    "Edit",
    "EnterPlanMode",
    "EnterWorktree",
    "ExitPlanMode",
    "ExitWorktree",
    "Glob",
    "Grep",
    "KillBash",
    "KillShell",
    "ListMcpResourcesTool",
    "LS",
    "LSP",
    "Monitor",
    "MultiEdit",
    "NotebookEdit",
    "NotebookRead",
    "PowerShell",
    "Read",
    "ReadMcpResourceTool",
    "SendMessage",
    "Skill",
    "SlashCommand",
    "Task",
    "TaskCreate",
    "TaskGet",
    "TaskList",
    "TaskOutput",
    "TaskStop",
    "TaskUpdate",
    "TodoWrite",
    "ToolSearch",
    "WebFetch",
    "WebSearch",
];

pub fn check(world: &World<'_, '_>, skill: &Skill<'_, '_>, matter: &FrontMatter, found: &mut Vec<Diagnostic>) {
    let Some(block) = &skill.main.front_matter else { return };
    let is_of_claude = world.is_of_claude(skill);
    for entry in &matter.entries {
        let Some(key) = entry.key.text() else { continue };
        let form = |keys: &[(&str, Form)]| keys.iter().find(|(known, _)| *known == key).map(|(_, form)| *form);
        match (form(&OF_SPECIFICATION), form(&OF_CLAUDE_CODE)) {
            (Some(_), _) if key == "allowed-tools" => tools(block, entry, is_of_claude, found),
            (Some(form), _) => typed(block, entry, key, form, found),
            (None, Some(form)) if is_of_claude => typed(block, entry, key, form, found),
            (None, of_claude) => found.push(unknown(entry, key, of_claude.is_some(), is_of_claude)),
        }
    }
    if let Some(entry) = matter.get("compatibility") {
        compatibility(entry, found);
    }
    if let Some(Entry { value: Node { value: Value::Map(entries), .. }, .. }) = matter.get("metadata") {
        entries.iter().for_each(|entry| metadata(block, entry, found));
    }
}

fn unknown(entry: &Entry, key: &str, is_key_of_claude: bool, is_claude_asked: bool) -> Diagnostic {
    let span = entry.key.span;
    if is_key_of_claude {
        let message = format!("`{key}` is a key of Claude Code, and not of the specification");
        return Diagnostic::new(&UNKNOWN_KEY.code, span, message)
            .help("check with `--profile claude-code` if the skill is only for it, or move the key below `metadata`");
    }
    let message = format!("unknown key `{key}`");
    let of_claude = OF_CLAUDE_CODE.iter().filter(|_| is_claude_asked);
    let known = OF_SPECIFICATION.iter().chain(of_claude).map(|(key, _)| *key);
    let diagnostic = Diagnostic::new(&UNKNOWN_KEY.code, span, message);
    match nearest(key, known) {
        Some(meant) => {
            diagnostic.help(format!("did you mean `{meant}`?")).unsafe_fix(format!("write `{meant}`"), span, meant)
        }
        None => diagnostic.help("what is your own belongs below `metadata`"),
    }
}

fn typed(block: &Block<'_>, entry: &Entry, key: &str, form: Form, found: &mut Vec<Diagnostic>) {
    let value = &entry.value;
    let is_text = matches!(value.value, Value::Text(_));
    let fits = match form {
        // An empty one is reported where it is required.
        Form::Text => is_text || value.value == Value::Null,
        Form::TextOrList => is_text || matches!(value.value, Value::List(_) | Value::Null),
        Form::Boolean => matches!(value.value, Value::Bool(_)),
        Form::Mapping => matches!(value.value, Value::Map(_) | Value::Null),
        Form::OneOf(values) => value.text().is_some_and(|text| values.contains(&text)),
    };
    if fits {
        return;
    }
    let written = source(block, value);
    if let Form::OneOf(values) = form {
        let message = format!("`{key}` is {}, and not `{written}`", one_of(values));
        let diagnostic = Diagnostic::new(&WRONG_VALUE.code, value.span, message);
        found.push(match value.text().and_then(|text| nearest(text, values.iter().copied())) {
            Some(meant) => diagnostic.unsafe_fix(format!("write `{meant}`"), value.span, meant),
            None => diagnostic.help(format!("write {}", one_of(values))),
        });
    } else if form == Form::Boolean {
        let message = format!("`{key}` is `true` or `false`, and not {}", value.value.kind());
        found.push(Diagnostic::new(&WRONG_VALUE.code, value.span, message).help("write `true` or `false`"));
    } else {
        let wanted = if form == Form::Mapping { "a mapping" } else { "a text" };
        let message = format!("`{key}` is {}, and should be {wanted}", value.value.kind());
        let diagnostic = Diagnostic::new(&WRONG_TYPE.code, value.span, message);
        let is_scalar = matches!(value.value, Value::Bool(_) | Value::Number) && !written.is_empty();
        found.push(if is_scalar && form != Form::Mapping {
            diagnostic.fix("quote it", value.span, quoted(written))
        } else {
            diagnostic.help(format!("write {wanted}"))
        });
    }
}

/// `` `a`, `b` or `c` ``
fn one_of(values: &[&str]) -> String {
    let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn compatibility(entry: &Entry, found: &mut Vec<Diagnostic>) {
    let Some(text) = entry.value.text() else { return };
    let length = text.trim().chars().count();
    if length > MAX_COMPATIBILITY || length == 0 {
        let message = format!("`compatibility` has {length} characters, and should have 1 to {MAX_COMPATIBILITY}");
        let help = if length == 0 {
            "leave the key out"
        } else {
            "name what the skill needs, and move the rest below the front matter"
        };
        found.push(Diagnostic::new(&COMPATIBILITY_TOO_LONG.code, entry.value.span, message).help(help));
    }
}

fn metadata(block: &Block<'_>, entry: &Entry, found: &mut Vec<Diagnostic>) {
    let value = &entry.value;
    if matches!(value.value, Value::Text(_)) {
        return;
    }
    let key = entry.key.text().unwrap_or_else(|| source(block, &entry.key));
    let message = format!("`{key}` below `metadata` is {}, and should be a text", value.value.kind());
    let diagnostic = Diagnostic::new(&METADATA_NOT_TEXT.code, value.span, message);
    let written = source(block, value);
    let is_scalar = matches!(value.value, Value::Bool(_) | Value::Number) && !written.is_empty();
    found.push(if is_scalar {
        diagnostic.fix("quote it", value.span, quoted(written))
    } else {
        diagnostic.help("write it as one text")
    });
}

fn tools(block: &Block<'_>, entry: &Entry, is_of_claude: bool, found: &mut Vec<Diagnostic>) {
    let value = &entry.value;
    let names: Vec<(&str, &Node)> = match &value.value {
        Value::Text(text) => words(text).into_iter().map(|name| (name, value)).collect(),
        Value::List(items) if is_of_claude => items.iter().filter_map(|item| Some((item.text()?, item))).collect(),
        Value::Null => return,
        _ => return typed(block, entry, "allowed-tools", Form::Text, found),
    };
    let unbalanced = names.iter().find(|(name, _)| {
        let count = |bracket| name.matches(bracket).count();
        count('(') != count(')')
    });
    if let Some((name, node)) = unbalanced {
        let message = format!("`{}` has a bracket without its other one", name.trim());
        found.push(Diagnostic::new(&TOOL_PATTERN.code, node.span, message).help("write `Tool(pattern)`"));
        return;
    }
    if is_of_claude {
        names.iter().for_each(|(name, node)| misspelled(block, name, node, found));
        return;
    }
    let written = source(block, value);
    let without = without_commas(written);
    if without != written && !without.is_empty() {
        let message = "there are commas between the tools, where the specification has blanks";
        found.push(Diagnostic::new(&TOOLS_WITH_COMMAS.code, value.span, message).fix(
            "leave out the commas",
            value.span,
            without,
        ));
    }
}

/// The text without commas outside of brackets, and blanks where they stood.
fn without_commas(text: &str) -> String {
    let mut depth = 0_usize;
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                // `Read,Write` needs a blank, `Read, Write` has one.
                if rest.peek().is_some_and(|next| !next.is_whitespace() && !"\"'".contains(*next)) {
                    result.push(' ');
                }
                continue;
            }
            _ => {}
        }
        result.push(c);
    }
    result
}

fn misspelled(block: &Block<'_>, name: &str, node: &Node, found: &mut Vec<Diagnostic>) {
    let bare = name.split('(').next().unwrap_or(name).trim();
    if TOOLS.contains(&bare) || bare.starts_with("mcp__") {
        return;
    }
    let Some(meant) = nearest(bare, TOOLS) else { return };
    // The name inside of a longer value, where it stands there once.
    let written = source(block, node);
    let at = written.find(bare).filter(|at| written.rfind(bare) == Some(*at));
    let span = at.map_or(node.span, |at| {
        let start = node.span.range().start + at;
        crate::source::Span::new(node.span.file, start, start + bare.len())
    });
    let message = format!("Claude Code has no tool `{bare}`");
    let diagnostic = Diagnostic::new(&MISSPELLED_TOOL.code, span, message).help(format!("did you mean `{meant}`?"));
    found.push(match at {
        Some(_) => diagnostic.unsafe_fix(format!("write `{meant}`"), span, meant),
        None => diagnostic,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_between_tools_become_blanks() {
        assert_eq!(without_commas("Read, Bash(a, b),Write"), "Read Bash(a, b) Write");
        assert_eq!(without_commas("'Read,'"), "'Read'");
        assert_eq!(one_of(&["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
