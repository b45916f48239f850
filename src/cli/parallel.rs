//! Work on many things at a time; what comes out is in their order, whatever the number of processors.

use std::panic::resume_unwind;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Lowering and deciding recurse; a thread has as much stack for it as the first one.
const STACK: usize = 8 * 1024 * 1024;

/// So many small pieces of work are worth a thread.
const SMALL: usize = 8;

/// Does the work for each number below `count`, as many at a time as there are processors. Each thread begins with a state
/// of its own.
pub fn each<S, T: Send>(count: usize, begin: impl Fn() -> S + Sync, work: impl Fn(&S, usize) -> T + Sync) -> Vec<T> {
    spread(count, threads(count), begin, work)
}

/// What a little work makes of each item.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    spread(items.len(), threads(items.len().div_ceil(SMALL)), || (), |(), index| work(&items[index]))
}

/// This thread is one of those that work. One that cannot be had is not missed: the others do what it would have done.
fn spread<S, T: Send>(
    count: usize,
    threads: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&S, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = || {
        let state = begin();
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < count);
        std::iter::from_fn(take).map(|index| (index, work(&state, index))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let another = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).ok();
        let others: Vec<_> = (1..threads).filter_map(another).collect();
        let mut done = run();
        others.into_iter().for_each(|other| done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic))));
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many threads so many pieces of work are worth: one per processor. How many there are is read from files of the
/// system, once, and not at all for a single piece.
fn threads(pieces: usize) -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    match pieces {
        0 | 1 => 1,
        _ => pieces.min(*PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        let square = |_: &(), index: usize| {
            // The first ones take longest.
            thread::sleep(std::time::Duration::from_millis(20_u64.saturating_sub(index as u64)));
            index * index
        };
        for count in [0, 1, 2, 30] {
            assert_eq!(each(count, || (), square), (0..count).map(|index| index * index).collect::<Vec<_>>());
        }
    }
}
