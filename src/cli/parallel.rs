//! Work on many things at a time; what comes out is in their order, whatever the number of processors.

use std::sync::{Mutex, OnceLock};
use std::thread;

/// Lowering and deciding recurse; a thread has as much stack for it as the first one.
const STACK: usize = 8 * 1024 * 1024;

/// Does the work for each number below `count`, as many at a time as there are processors. Each thread begins with a state
/// of its own.
pub fn each<S, T: Send>(
    count: usize,
    begin: impl Fn() -> S + Sync,
    work: impl Fn(&S, usize) -> T + Sync,
) -> anyhow::Result<Vec<T>> {
    let threads = threads(count);
    if threads <= 1 {
        let state = begin();
        return Ok((0..count).map(|index| work(&state, index)).collect());
    }
    let next = Mutex::new(0..count);
    let done = Mutex::new((0..count).map(|_| None).collect::<Vec<Option<T>>>());
    let take = || next.lock().ok()?.next();
    let run = || {
        let state = begin();
        while let Some(index) = take() {
            let result = work(&state, index);
            if let Ok(mut done) = done.lock() {
                done[index] = Some(result);
            }
        }
    };
    thread::scope(|scope| {
        (0..threads).try_for_each(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).map(|_| ()))
    })?;
    let done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    Ok(done
        .into_iter()
        .map(|result| result.expect("each is taken by some thread, and a panic ends them all"))
        .collect())
}

/// How many threads so many pieces of work are worth: one per processor. How many there are is read from files of the
/// system, once, and not at all for a single piece.
pub fn threads(pieces: usize) -> usize {
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
            assert_eq!(each(count, || (), square).unwrap(), (0..count).map(|index| index * index).collect::<Vec<_>>());
        }
    }
}
