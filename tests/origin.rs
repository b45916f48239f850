//! Each line of a document is told where it comes from: where it has the user's text, to that text.

use std::collections::HashMap;

use gatewright::origin::{self, Origins};
use gatewright::source::{FileId, Link, SourceMap, Wanted};
use gatewright::syntax::text;
use gatewright::{compile, emit};

#[path = "support/shipped.rs"]
mod shipped;

/// The documents of a workflow and where their lines come from.
fn documents(sources: &SourceMap, file: FileId) -> (Vec<emit::File>, Origins) {
    let name = sources.get(file).name.as_str();
    let checked = compile::check(sources, file);
    let sound = checked.sound().unwrap_or_else(|| panic!("{name} is clean: {:#?}", checked.diagnostics));
    let files = emit::skill::build(sound, name, &[]).expect("built-in templates");
    let origins = origin::origins(sources, sound, name, &[], &files);
    (files, origins)
}

/// Without what documents do to a text: spaces folded, and what is escaped in tables and quotes.
fn plain(text: &str) -> String {
    let text = text.replace(['\\', '`'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pieces of a text between its references.
fn pieces(written: &str) -> Vec<String> {
    let mut rest = written;
    let mut found = Vec::new();
    while let Some(reference) = text::references(rest).next() {
        found.push(plain(&rest[..reference.start].replace("$${", "${")));
        rest = &rest[reference.end..];
    }
    found.push(plain(&rest.replace("$${", "${")));
    found.retain(|piece| !piece.is_empty());
    found
}

#[test]
fn each_line_comes_from_where_its_text_stands() {
    for name in &shipped::names() {
        let (sources, workflow) = shipped::load(name);
        // What stands on a line of the source by itself, long enough to be no accident.
        let mut written: HashMap<String, Vec<(FileId, usize)>> = HashMap::new();
        let lines = sources.iter().flat_map(|(file, source)| {
            source.text.lines().enumerate().map(move |(number, line)| ((file, number + 1), line))
        });
        for (place, line) in lines {
            let words = line.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
            if words > 3 && !line.contains("${") && !line.contains('"') && !line.contains("//") {
                written.entry(plain(line)).or_default().push(place);
            }
        }
        let (files, origins) = documents(&sources, workflow);
        let (mut texts, mut known) = (0, 0);
        for file in &files {
            let lines = &origins[&file.path];
            assert_eq!(lines.len(), file.text.lines().count(), "{}", file.path);
            for (number, (line, found)) in file.text.lines().zip(lines).enumerate() {
                let at = format!("{}:{}: {line}", file.path, number + 1);
                assert!(!found.is_empty(), "{at}");
                for place in found {
                    let said = sources.text(place.span);
                    assert!(!said.is_empty() && place.until <= line.len(), "{at}");
                    if place.is_text {
                        texts += 1;
                        for piece in pieces(said) {
                            assert!(plain(line).contains(&piece), "{at}\nis said to come from `{said}`");
                        }
                    }
                }
                let Some(numbers) = written.get(&plain(line)) else { continue };
                known += 1;
                let told: Vec<(FileId, usize)> =
                    found.iter().map(|place| (place.span.file, sources.place(place.span).line)).collect();
                assert!(
                    told.iter().any(|place| numbers.contains(place)),
                    "{at}\nstands in lines {numbers:?}, not {told:?}"
                );
            }
        }
        assert!(texts >= files.len() * 3, "{name}: {texts} texts are found again");
        assert!(name == "hello.wf" || known > 200, "{name}: {known} lines are known");
    }
}

#[test]
fn what_is_inherited_comes_from_the_base() {
    let mut sources = SourceMap::new();
    let base =
        "workflow base \"Base\"\n\nphase plan \"Plan\" {\n  purpose \"What is wanted\"\n}\n\nphase build \"Build\"\n";
    let heir = "use \"base.wf\"\n\nworkflow heir \"Heir\" extends base\n\nphase build {\n  purpose \"Then build\"\n}\n";
    let base = sources.add("base.wf", base);
    let heir = sources.add("heir.wf", heir);
    sources.link(heir, Wanted::Declarations, "base.wf", Link::File(base));
    let (files, origins) = documents(&sources, heir);
    let place = |words: &str| {
        let skill = files.iter().find(|file| file.path.ends_with("SKILL.md")).expect("it is made");
        let number = skill.text.lines().position(|line| line.contains(words)).expect("it is said");
        let span = origins[&skill.path][number].last().expect("an origin").span;
        let block = origin::block(&sources, span).expect("it stands in a block");
        format!("{}:{} {block}", sources.get(span.file).name, sources.place(span).line)
    };
    assert_eq!(place("What is wanted"), "base.wf:4 phase `plan`");
    assert_eq!(place("Then build"), "heir.wf:6 phase `build`");
}
