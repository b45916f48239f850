//! The most heap that `check` holds at once, for files of so many phases: `heap PHASES…` prints a line
//! `PHASES BYTES-OF-SOURCE PEAK` for each. A program of its own, so that counting slows down nothing that is timed.

#[allow(dead_code, reason = "it needs the clean half only")]
mod input;

use gatewright::compile;
use gatewright::source::SourceMap;
use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

fn main() {
    for argument in std::env::args().skip(1) {
        let phases = argument.parse().expect("a number of phases");
        let mut sources = SourceMap::new();
        let file = sources.add("generated.wf", input::clean(phases));
        let source = sources.get(file).text.len();
        HEAP.reset_peak_usage();
        let before = HEAP.current_usage();
        let checked = compile::check(&sources, file);
        let peak = HEAP.peak_usage() - before;
        assert!(checked.diagnostics.iter().all(|found| !found.is_error()), "the input is clean");
        println!("{phases} {source} {peak}");
    }
}
