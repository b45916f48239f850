//! Registries: the files of the outside world as names with places.
//!
//! A file that cannot be read as what it should be is a warning; it is known by the name of its file all the same, so that
//! nothing that follows from the fault is said.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::codes;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Key, KnownAgent, KnownSkill, Named, Registry, listed};
use crate::skill::front_matter::{self, Block, Entry, FaultKind, Node, Value};
use crate::source::{FileId, Link, SourceMap, Span, Unreadable, Wanted};
use crate::syntax::{ast, text};

codes! {
    BROKEN_REGISTRY: "WF109" "broken-registry" Warning = "A registry, or a file in one, cannot be read.",
        "An agent is a Markdown file whose front matter says `name`, `tools` and `skills`; a skill is a `SKILL.md`; limits are \
         a YAML or TOML file. A file that cannot be read is known by its name alone; where a registry cannot be read as a whole, names of its kind are \
         not checked. Two \
         agents of one name, or two skills in the same folder, are one too many: which is meant nobody can say.",
        bad: "== agents/builder.md ==\n---\nname: builder\ntools: [Read, Edit\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  spawn builder \"Build it\"\n}\n",
        good: "== agents/builder.md ==\n---\nname: builder\ntools: [Read, Edit]\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a {\n  spawn builder \"Build it\"\n}\n";
    UNKNOWN_REGISTRY: "WF119" "unknown-registry" Error = "There is no such kind of registry.",
        "Registries hold `agents`, `skills`, `commands` or `limits`.",
        bad: "== agents/builder.md ==\n---\nname: builder\n---\n\n== w.wf ==\nuse agent from \"agents\"\n\nworkflow w\n\nphase a\n",
        good: "== agents/builder.md ==\n---\nname: builder\n---\n\n== w.wf ==\nuse agents from \"agents\"\n\nworkflow w\n\nphase a\n";
}

type Read<T> = (T, Vec<Diagnostic>);

/// The registries of a call; each of their files is read when it is first asked for.
#[derive(Debug)]
pub struct Registries<'s> {
    sources: &'s SourceMap,
    agents: HashMap<FileId, OnceLock<Read<Option<KnownAgent<'s>>>>>,
    skills: HashMap<FileId, OnceLock<Read<Named<'s>>>>,
    limits: HashMap<FileId, OnceLock<Read<Option<Vec<Key<'s>>>>>>,
}

impl<'s> Registries<'s> {
    pub fn new(sources: &'s SourceMap) -> Self {
        let of = |wanted| sources.wanted(wanted).map(|file| (file, OnceLock::new()));
        Registries {
            sources,
            agents: of(Wanted::Agents).collect(),
            skills: sources.wanted(Wanted::Skills).map(|file| (file, OnceLock::new())).collect(),
            limits: sources.wanted(Wanted::Limits).map(|file| (file, OnceLock::new())).collect(),
        }
    }

    /// What the registries hold that a tree names.
    pub fn of(&self, tree: &ast::File<'s>) -> (Registry<'s>, Vec<Diagnostic>) {
        let mut reading = Reading { all: self, registry: Registry::default(), broken: Vec::new(), found: Vec::new() };
        for item in &tree.items {
            if let ast::Kind::Use(used) = &item.kind
                && let ast::Use::Registry { of, from } = &**used
            {
                reading.named(tree, *of, from);
            }
        }
        let Reading { mut registry, broken, found, .. } = reading;
        registry.broken.clone_from(&broken);
        for wanted in broken {
            match wanted {
                Wanted::Agents => registry.agents = None,
                Wanted::Skills => registry.skills = None,
                Wanted::Commands => registry.commands = None,
                Wanted::Limits => registry.limits = None,
                Wanted::Declarations => {}
            }
        }
        (registry, found)
    }
}

struct Reading<'r, 's> {
    all: &'r Registries<'s>,
    registry: Registry<'s>,
    /// Kinds of which not all could be read.
    broken: Vec<Wanted>,
    found: Vec<Diagnostic>,
}

impl<'s> Reading<'_, 's> {
    fn named(&mut self, tree: &ast::File<'s>, of: Span, from: &[ast::Entry]) {
        let Some(wanted) = Wanted::registry(tree.slice(of)) else {
            return self.found.push(unknown(tree.slice(of), of));
        };
        for entry in from {
            let path = text::content(tree.slice(entry.span));
            let link = self.all.sources.linked(entry.span.file, wanted, &path);
            match link {
                Some(Link::Files { files, unreadable }) => {
                    for Unreadable { why, file } in unreadable {
                        match file {
                            Some(file) => self.unread(wanted, entry.span, why, file),
                            None => self.broken(wanted, entry.span, why.clone()),
                        }
                    }
                    self.files(wanted, files, &path);
                }
                Some(Link::File(file)) => self.files(wanted, &[*file], &path),
                Some(Link::Missing(why)) => self.broken(wanted, entry.span, format!("cannot read `{path}`: {why}")),
                None => self.broken(wanted, entry.span, format!("cannot read `{path}`: no other file is read here")),
            }
        }
    }

    /// A file that cannot be read is known by its name, so that nothing is said that follows from it.
    fn unread(&mut self, wanted: Wanted, span: Span, why: &str, file: &'s str) {
        let name = match wanted {
            Wanted::Skills => file.rsplit('/').nth(1).unwrap_or(file),
            _ => stem(file),
        };
        let name = Named { name, span };
        match wanted {
            Wanted::Agents => {
                let agent = KnownAgent { name, description: None, model: None, tools: None, skills: None };
                self.registry.agents.get_or_insert_default().push(agent);
            }
            Wanted::Skills => {
                let skills = self.registry.skills.get_or_insert_default();
                let tier = skills.iter().map(|skill| skill.tier + 1).max().unwrap_or(0);
                skills.push(KnownSkill { name, tier, path: file });
            }
            Wanted::Commands => self.registry.commands.get_or_insert_default().push(name),
            Wanted::Limits | Wanted::Declarations => return self.broken(wanted, span, why.to_owned()),
        }
        let diagnostic = Diagnostic::new(&BROKEN_REGISTRY, span, why).label("in the folder that is named here");
        self.found.push(diagnostic.help("write it anew, as text in UTF-8"));
    }

    fn broken(&mut self, wanted: Wanted, span: Span, message: String) {
        self.broken.push(wanted);
        let diagnostic = Diagnostic::new(&BROKEN_REGISTRY, span, message).label("named here");
        self.found.push(diagnostic.help("the path is relative to the folder of this file"));
    }

    /// `path`: of the folder or file, as it is written.
    fn files(&mut self, wanted: Wanted, files: &[FileId], path: &str) {
        let sources = self.all.sources;
        match wanted {
            Wanted::Agents => {
                let agents = self.registry.agents.get_or_insert_default();
                for file in files {
                    let (agent, found) = at(&self.all.agents, *file).get_or_init(|| agent(sources, *file));
                    if let Some(agent) = agent {
                        let same = agents.iter().find(|other| other.name.name == agent.name.name);
                        self.found.extend(same.map(|first| twice("agent", agent.name, first.name)));
                        agents.push(agent.clone());
                    }
                    self.found.extend(found.iter().cloned());
                }
            }
            Wanted::Skills => {
                let skills = self.registry.skills.get_or_insert_default();
                let tier = skills.iter().map(|skill| skill.tier + 1).max().unwrap_or(0);
                for file in files {
                    let (name, found) = at(&self.all.skills, *file).get_or_init(|| skill(sources, *file));
                    // In a folder of its own it stands before the other.
                    let same = skills.iter().find(|other| other.tier == tier && other.name.name == name.name);
                    self.found.extend(same.map(|first| twice("skill", *name, first.name)));
                    skills.push(KnownSkill { name: *name, tier, path: below(&sources.get(*file).name, path) });
                    self.found.extend(found.iter().cloned());
                }
            }
            Wanted::Commands => {
                let commands = self.registry.commands.get_or_insert_default();
                commands.extend(files.iter().map(|file| of_file(sources, *file)));
            }
            Wanted::Limits => {
                for file in files {
                    let (keys, found) = at(&self.all.limits, *file).get_or_init(|| limits(sources, *file));
                    match keys {
                        Some(keys) => self.registry.limits.get_or_insert_default().extend(keys.iter().cloned()),
                        None => self.broken.push(wanted),
                    }
                    self.found.extend(found.iter().cloned());
                }
            }
            Wanted::Declarations => {}
        }
    }
}

fn twice(what: &str, name: Named<'_>, first: Named<'_>) -> Diagnostic {
    Diagnostic::new(&BROKEN_REGISTRY, name.span, format!("two files describe the {what} `{}`", name.name))
        .label("which of them is meant nobody says")
        .related(first.span, "described here first")
        .help("give one of them another name, or take its folder out")
}

fn at<T>(cells: &HashMap<FileId, OnceLock<T>>, file: FileId) -> &OnceLock<T> {
    cells.get(&file).expect("what a link leads to is wanted")
}

/// The path of a file from the folder that is named, without what leads up to it.
fn below<'s>(file: &'s str, folder: &str) -> &'s str {
    let folder = format!("{}/", folder.trim_start_matches(['.', '/']).trim_end_matches('/'));
    let start = file.rfind(&folder).unwrap_or(0);
    // The dot of a hidden folder.
    &file[start - usize::from(file[..start].ends_with('.'))..]
}

fn unknown(word: &str, span: Span) -> Diagnostic {
    let known = Wanted::REGISTRIES.map(|(word, _)| word);
    let diagnostic = Diagnostic::new(&UNKNOWN_REGISTRY, span, format!("there is no registry of `{word}`"))
        .label(format!("{} is expected here", listed(&known).replacen(" and ", " or ", 1)));
    match nearest(word, known) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near),
        None => diagnostic,
    }
}

// ── Agents, skills, commands ─────────────────────────────────────────────────────────────────────

/// What the name of a file says: `builder` of `agents/builder.md`.
fn of_file(sources: &SourceMap, file: FileId) -> Named<'_> {
    Named { name: stem(&sources.get(file).name), span: Span::new(file, 0, 0) }
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".md").unwrap_or(name)
}

/// An agent; `None` for a file that is none, since it has no front matter.
fn agent(sources: &SourceMap, file: FileId) -> Read<Option<KnownAgent<'_>>> {
    let text = sources.get(file).text.as_str();
    let stem = of_file(sources, file);
    let Some(block) = front_matter::split(file, text).0 else { return (None, Vec::new()) };
    let (entries, faults) = entries(&block, &["name", "tools", "skills"]);
    let list = |key: &str| {
        let faulty = faults.iter().any(|(other, _)| *other == key);
        find(&entries, key).filter(|_| !faulty).map(|node| names(text, node))
    };
    let name = find(&entries, "name").and_then(|node| names(text, node).first().copied()).unwrap_or(stem);
    let model = find(&entries, "model").and_then(|node| names(text, node).first().copied());
    let agent = KnownAgent {
        name,
        description: description(&block),
        model: model.map(|model| model.name),
        tools: list("tools"),
        skills: list("skills"),
    };
    (Some(agent), faults.into_iter().map(|(_, found)| found).collect())
}

/// The first sentence of a description as it is written: few of those in use are YAML.
fn description<'s>(block: &Block<'s>) -> Option<&'s str> {
    let mut lines = block.yaml.lines().skip_while(|line| !line.starts_with("description:"));
    let first = lines.next()?["description:".len()..].trim();
    let text = if first.trim_start_matches(['|', '>', '-', '+']).is_empty() { lines.next()?.trim() } else { first };
    let text = text.trim_matches(['"', '\'']);
    let ends = [". ", "\\n", " Examples:", " <example>"].into_iter().filter_map(|end| text.find(end));
    let sentence = text[..ends.min().unwrap_or(text.len())].trim_end_matches('.').trim();
    (!sentence.is_empty()).then_some(sentence)
}

fn skill(sources: &SourceMap, file: FileId) -> Read<Named<'_>> {
    let source = sources.get(file);
    let folder = source.name.rsplit('/').nth(1).unwrap_or("skill");
    let folder = Named { name: folder, span: Span::new(file, 0, 0) };
    let Some(block) = front_matter::split(file, &source.text).0 else {
        let diagnostic = Diagnostic::new(&BROKEN_REGISTRY, folder.span, "this skill has no front matter");
        return (folder, vec![diagnostic.help("begin it with `---`, `name: …`, `description: …`, `---`")]);
    };
    let (entries, faults) = entries(&block, &["name"]);
    let name = find(&entries, "name").and_then(|node| names(&source.text, node).first().copied()).unwrap_or(folder);
    (name, faults.into_iter().map(|(_, found)| found).collect())
}

fn find<'e>(entries: &'e [Entry], key: &str) -> Option<&'e Node> {
    entries.iter().find(|entry| entry.key.text() == Some(key)).map(|entry| &entry.value)
}

/// The entries of a front matter, and what is wrong with those of the keys that count here.
///
/// One bad line, such as a description with a colon in it, spoils all of a YAML text. So if it cannot be read as a whole,
/// each of its entries is read alone.
fn entries<'k>(block: &Block<'_>, keys: &[&'k str]) -> (Vec<Entry>, Vec<(&'k str, Diagnostic)>) {
    if !block.is_closed {
        let diagnostic = Diagnostic::new(&BROKEN_REGISTRY, block.span, "this front matter is never closed")
            .label("opened here")
            .help("close it with a line `---`");
        return (Vec::new(), vec![(keys[0], diagnostic)]);
    }
    if let Ok(whole) = front_matter::read(block) {
        return (whole.entries, Vec::new());
    }
    let mut entries = Vec::new();
    let mut faults = Vec::new();
    for (start, end) in lines(block.yaml) {
        let base = block.content.range().start;
        let content = Span::new(block.content.file, base + start, base + end);
        let part = Block { span: content, content, yaml: &block.yaml[start..end], is_closed: true };
        match front_matter::read(&part) {
            Ok(found) => entries.extend(found.entries),
            Err(fault) => {
                let named =
                    |key: &&&str| part.yaml.strip_prefix(**key).is_some_and(|rest| rest.trim_start().starts_with(':'));
                if let Some(key) = keys.iter().find(named) {
                    let message = format!("`{key}` cannot be read: {}", reason(&fault.kind));
                    faults.push((*key, Diagnostic::new(&BROKEN_REGISTRY, fault.span, message).label("not YAML")));
                }
            }
        }
    }
    (entries, faults)
}

/// The runs of lines that begin with one in column 0.
fn lines(yaml: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    for line in yaml.split_inclusive('\n') {
        let end = at + line.len();
        match runs.last_mut() {
            Some(run) if line.starts_with([' ', '\t', '-', '#']) || line.trim().is_empty() => run.1 = end,
            _ => runs.push((at, end)),
        }
        at = end;
    }
    runs
}

fn reason(kind: &FaultKind) -> String {
    match kind {
        // Where it is, the place says.
        FaultKind::Syntax(words) => words.split(" at line ").next().unwrap_or(words).to_owned(),
        FaultKind::NoMapping => "it is no key with a value".to_owned(),
        FaultKind::Anchor => "anchors mean nothing here".to_owned(),
        FaultKind::Budget => "it is too deep or too large".to_owned(),
    }
}

/// The names of a list, or of a text with commas or blanks between them, each at its place.
fn names<'s>(source: &'s str, node: &Node) -> Vec<Named<'s>> {
    match &node.value {
        Value::List(items) => items.iter().flat_map(|item| names(source, item)).collect(),
        Value::Text(_) => {
            let raw = source[node.span.range()].trim_matches(['"', '\'']);
            let start = |word: &str| word.as_ptr() as usize - source.as_ptr() as usize;
            let place = |word: &str| Span::new(node.span.file, start(word), start(word) + word.len());
            front_matter::words(raw).into_iter().map(|word| Named { name: word, span: place(word) }).collect()
        }
        _ => Vec::new(),
    }
}

// ── Limits ───────────────────────────────────────────────────────────────────────────────────────

/// The keys of a file of limits; `None` when it cannot be read.
fn limits(sources: &SourceMap, file: FileId) -> Read<Option<Vec<Key<'_>>>> {
    let source = sources.get(file);
    let mut keys = Vec::new();
    if source.name.ends_with(".toml") {
        match toml::de::DeTable::parse(&source.text) {
            Ok(table) => of_toml(file, &source.text, table.get_ref(), "", &mut keys),
            Err(error) => {
                let at = error.span().unwrap_or(0..0);
                return (None, vec![not_limits(Span::new(file, at.start, at.end), "TOML", error.message())]);
            }
        }
        return (Some(keys), Vec::new());
    }
    let whole = Span::new(file, 0, source.text.len());
    let block = Block { span: whole, content: whole, yaml: &source.text, is_closed: true };
    match front_matter::read(&block) {
        Ok(read) => of_yaml(&source.text, &read.entries, "", &mut keys),
        Err(fault) => return (None, vec![not_limits(fault.span, "YAML", &reason(&fault.kind))]),
    }
    (Some(keys), Vec::new())
}

fn not_limits(span: Span, language: &str, why: &str) -> Diagnostic {
    Diagnostic::new(&BROKEN_REGISTRY, span, format!("these limits cannot be read: {why}"))
        .label(format!("not {language}"))
}

fn of_yaml<'s>(text: &'s str, entries: &[Entry], around: &str, keys: &mut Vec<Key<'s>>) {
    for Entry { key, value } in entries {
        let Some(word) = key.text() else { continue };
        let path = format!("{around}{word}");
        match &value.value {
            Value::Map(inner) => of_yaml(text, inner, &format!("{path}."), keys),
            other => {
                let number = matches!(other, Value::Number).then(|| text[value.span.range()].parse().ok()).flatten();
                keys.push(Key { path, name: Named { name: &text[key.span.range()], span: key.span }, value: number });
            }
        }
    }
}

fn of_toml<'s>(file: FileId, text: &'s str, table: &toml::de::DeTable<'_>, around: &str, keys: &mut Vec<Key<'s>>) {
    for (key, value) in table {
        let path = format!("{around}{}", key.get_ref());
        let span = Span::new(file, key.span().start, key.span().end);
        match value.get_ref() {
            toml::de::DeValue::Table(inner) => of_toml(file, text, inner, &format!("{path}."), keys),
            other => {
                let number = match other {
                    toml::de::DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
                    _ => None,
                };
                keys.push(Key { path, name: Named { name: &text[span.range()], span }, value: number });
            }
        }
    }
}
