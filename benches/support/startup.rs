//! S: what a command line costs before it does anything. The unit of `start` and `emit`.

use clap::{Parser, Subcommand};

/// A program with a command line of four subcommands that says hello.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Work,
}

#[derive(Subcommand)]
enum Work {
    /// Says hello
    Check { files: Vec<String> },
    /// Says hello too
    Build {
        file: String,
        #[arg(long)]
        out: Option<String>,
    },
    /// Says hello as well
    Fmt {
        files: Vec<String>,
        #[arg(long)]
        check: bool,
    },
    /// Says hello with a number
    Graph {
        file: String,
        #[arg(long, default_value_t = 80)]
        width: usize,
    },
}

fn main() {
    let said = match Arguments::parse().command {
        Work::Check { files } => files.len(),
        Work::Build { file, out } => file.len() + out.map_or(0, |out| out.len()),
        Work::Fmt { files, check } => files.len() + usize::from(check),
        Work::Graph { file, width } => file.len() + width,
    };
    println!("hello {said}");
}
