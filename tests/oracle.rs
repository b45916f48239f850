//! The oracle: what the compiler says about random programs, against all of their runs.
//!
//! `ORACLE_PROGRAMS=100000 cargo test --release --test oracle` runs more of them; `docs/proofs.md` says what is compared
//! and why a verdict may be stricter than all runs.

#[path = "oracle/generate.rs"]
mod generate;
#[path = "oracle/program.rs"]
mod program;
#[path = "oracle/read.rs"]
mod read;
#[path = "oracle/run.rs"]
mod run;
#[path = "oracle/verdict.rs"]
mod verdict;

use std::ops::Range;
use std::path::Path;

use verdict::{Disagreement, Tally};

/// The first number of each kind of program.
const KINDS: [u64; 3] = [0, generate::NESTED, generate::FOLLOWING];

/// What was reported agrees with what runs show, program by program.
#[test]
fn verdicts_agree_with_all_runs() {
    let numbers = match std::env::var("ORACLE_PROGRAMS") {
        Ok(said) => numbers(&said).expect("a number, or two with `..` between"),
        Err(_) => {
            KINDS.iter().map(|first| *first..first + if *first == 0 { generate::CORE + 500 } else { 500 }).collect()
        }
    };
    let count = numbers.iter().map(|some| some.end - some.start).sum::<u64>();
    let tally = verdict::tally(&numbers);
    println!("{tally}");
    let faults: Vec<(&Disagreement, &Vec<u64>)> =
        tally.disagreements.iter().filter(|(disagreement, _)| !disagreement.is_explained()).collect();
    let stories: Vec<String> =
        faults.iter().take(5).map(|(disagreement, numbers)| verdict::explained(numbers[0], disagreement)).collect();
    assert!(faults.is_empty(), "{tally}\n{}", stories.join("\n"));
    is_a_test_at_all(&tally, count as usize);
}

/// `N`: the first ones of each kind of program; `A..B`: those from A on.
fn numbers(said: &str) -> Option<Vec<Range<u64>>> {
    if let Some((first, end)) = said.split_once("..") {
        return Some(std::iter::once(first.parse().ok()?..end.parse().ok()?).collect());
    }
    let count: u64 = said.parse().ok()?;
    Some(KINDS.iter().map(|first| *first..first + count.min(generate::NESTED)).collect())
}

/// The programs are interesting: few are left out, each question is answered both ways, many programs are sound.
fn is_a_test_at_all(tally: &Tally, count: usize) {
    let refused: usize = tally.refused.values().sum();
    assert!(tally.too_large * 100 <= count, "{} programs are too large", tally.too_large);
    assert!(refused * 20 <= count, "{refused} programs are refused: {:?}", tally.refused);
    assert!(tally.sound * 7 >= count, "only {} programs are sound", tally.sound);
    for question in verdict::SHOWN_BY_A_RUN.iter().filter(|name| verdict::is_asked(name)) {
        let (said, shown) = (tally.said.get(*question).copied(), tally.shown.get(*question).copied());
        let least = if *question == "once-reads-the-pass" { 1 } else { count / 100 };
        assert!(said.unwrap_or(0) >= least, "{question} is said {said:?} times");
        assert!(shown.unwrap_or(0) >= least, "{question} is shown {shown:?} times");
    }
}

/// The programs that were written down with the rules: exactly the named errors, and runs that show them.
#[test]
fn accepted_programs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/acceptance");
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("is there").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "wf"));
    paths.sort();
    assert!(paths.len() >= 26);
    let mut faults = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("is text");
        let name = path.file_stem().map(|stem| stem.to_string_lossy().to_string()).unwrap_or_default();
        faults.extend(verdict::accepted(&text).into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The printer and the reader of the oracle agree, so that a printed counter-example can be looked at again.
#[test]
fn what_is_printed_is_read_again() {
    for number in KINDS.iter().flat_map(|first| *first..first + 2_000) {
        let text = generate::program(number).text();
        let again = read::read(&text).unwrap_or_else(|why| panic!("program {number}: {why}\n{text}"));
        assert_eq!(again.text(), text, "program {number}");
    }
}

/// `ORACLE_FILE=x.wf cargo test --test oracle one_file -- --ignored --nocapture`: what runs of a file show.
#[test]
#[ignore = "prints what runs of one file show"]
fn one_file() {
    let path = std::env::var("ORACLE_FILE").expect("names a file");
    let text = std::fs::read_to_string(path).expect("is text");
    let program = read::read(&text).expect("is in the part of the language that the oracle knows");
    println!("{}", verdict::shown(&program));
}
