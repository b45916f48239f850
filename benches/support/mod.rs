//! What the benchmark measures with, and what it measures on.

pub mod clock;
pub mod input;
