//! The binary `wf`.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatewright::cli::main()
}
