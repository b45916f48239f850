//! Shapes and counts against their definition: every variant tried, one by one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gatewright::analysis::{Analysis, More, Runs};
use gatewright::compile;
use gatewright::graph::Position;
use gatewright::logic::{Diagram, FALSE, TRUE};
use gatewright::model::NodeId;
use gatewright::source::SourceMap;

const END: fn() -> Position = || Position::EndOf(NodeId::new(0));

/// Every variant that gets to the end, as a condition; `None` where there are too many to try.
fn variants(analysis: &Analysis<'_>) -> Option<Vec<Diagram>> {
    let mut all = vec![TRUE];
    for variable in analysis.variables() {
        let mut next = Vec::new();
        for cell in 0..analysis.cells(variable).len() {
            next.extend(all.iter().map(|variant| analysis.and(*variant, analysis.is_at(variable, cell))));
        }
        all = next;
        if all.len() > 20_000 {
            return None;
        }
    }
    all.retain(|variant| analysis.within_reach(*variant, END()) != FALSE);
    Some(all)
}

fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = Vec::new();
    for folder in ["tests/corpus/language", "tests/corpus/WFT01-property-fails", "tests/corpus/WFT03-test-fails"] {
        let entries = fs::read_dir(root.join(folder)).expect("it is there").flatten();
        let paths = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "wf"));
        texts.extend(paths.map(|path| fs::read_to_string(path).expect("it is text")));
    }
    texts.push(fs::read_to_string(root.join("workflows/hello.wf")).expect("it is text"));
    texts
}

#[test]
fn shapes_and_counts_are_those_of_all_variants() {
    let (mut tried, mut several) = (0, 0);
    for text in corpus() {
        let mut sources = SourceMap::new();
        let file = sources.add("example.wf", text.clone());
        let checked = compile::check(&sources, file);
        let analysis = &checked.analysis;
        let Some(variants) = variants(analysis) else { continue };
        let phases: Vec<NodeId> = analysis.model.phases().collect();
        let mut shapes: BTreeSet<Vec<NodeId>> = BTreeSet::new();
        for variant in variants {
            let runs = |phase: &NodeId| match analysis.covers(analysis.run(*phase), variant) {
                Runs::Depends => panic!("a variant decides everything\n{text}"),
                decided => decided == Runs::Always,
            };
            shapes.insert(phases.iter().copied().filter(runs).collect());
        }
        let found = analysis.shapes(TRUE, 1_000);
        let listed: BTreeSet<Vec<NodeId>> = found.listed.iter().map(|shape| shape.phases.clone()).collect();
        assert_eq!(listed.len(), found.listed.len(), "a shape is listed once\n{text}");
        assert_eq!(listed, shapes, "{text}");
        for limit in 0..shapes.len() {
            let left = (shapes.len() - limit) as u128;
            assert_eq!(analysis.shapes(TRUE, limit).more, More::Exactly(left), "{text}");
        }
        let numbers: BTreeSet<usize> = analysis.numbers_running(&phases, TRUE).into_keys().collect();
        assert_eq!(numbers, shapes.iter().map(Vec::len).collect(), "{text}");
        tried += 1;
        several += usize::from(shapes.len() > 1);
    }
    assert!(tried > 20 && several > 10, "only {tried} tried, {several} of them with several shapes");
}
