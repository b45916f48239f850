//! Time that other processes cannot stretch: CPU time of this thread, or of a child.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_gettime};

/// CPU time that one call takes. What it returns is dropped outside of the measured time.
pub fn once<T>(work: impl FnOnce() -> T) -> Duration {
    let before = now();
    let result = black_box(work());
    let spent = now() - before;
    drop(result);
    spent
}

/// The best of `rounds` for each of two pieces of work, in turns, so that a slow moment meets both.
pub fn best_of_both<A, B>(rounds: usize, mut a: impl FnMut() -> A, mut b: impl FnMut() -> B) -> (Duration, Duration) {
    let (mut best_a, mut best_b) = (Duration::MAX, Duration::MAX);
    for _ in 0..rounds {
        best_a = best_a.min(once(&mut a));
        best_b = best_b.min(once(&mut b));
    }
    (best_a, best_b)
}

/// CPU time, user and system, of a process from its start to its end; `None` when it ends with another code than expected.
pub fn process(program: &mut Command, expected: i32) -> Option<Duration> {
    program.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let before = children();
    let status = program.status().ok()?;
    let spent = children() - before;
    (status.code() == Some(expected)).then_some(spent)
}

fn now() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every thread has a CPU clock").into()
}

fn children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("every process may ask what its children used");
    let time = |value: TimeVal| Duration::new(value.tv_sec() as u64, value.tv_usec() as u32 * 1000);
    time(usage.user_time()) + time(usage.system_time())
}
