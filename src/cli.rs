//! The command line: what can be asked, and which exit code comes back.
//!
//! Only here the world is touched. Whatever is wrong with it (a file that is missing, a disk that is full, an option that
//! does not exist) is an `anyhow` error and ends with 2; whatever is wrong with a workflow is a diagnostic and ends with 1.
#![allow(clippy::disallowed_methods, reason = "the command line is where files are read and written")]

mod baseline;
mod build;
mod check;
mod compare;
mod completions;
mod config;
mod diff;
mod documents;
mod drift;
mod explain;
mod facts;
mod fixes;
mod fmt;
mod folders;
mod graph;
mod import;
mod init;
mod input;
mod lint;
mod mutate;
mod output;
mod parallel;
mod plan;
mod report;
mod rounds;
mod session;
mod simulate;
mod templates;
mod test;
mod trace;
mod variants;
mod watch;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use session::{Color, Exit, Session};

/// Reads the arguments of the process, does what they ask, and says how it went.
pub fn main() -> ExitCode {
    let color = asked_color(std::env::args_os());
    let command = <Cli as clap::CommandFactory>::command().color(color.into());
    let cli = command.try_get_matches().and_then(|matches| <Cli as clap::FromArgMatches>::from_arg_matches(&matches));
    match cli {
        Ok(cli) => run(&cli).into(),
        Err(error) => {
            // A closed pipe is no reason to complain: whoever closed it has read enough.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Clean.into() }
        }
    }
}

/// The command line as clap knows it, for completions.
fn command() -> clap::Command {
    <Cli as clap::CommandFactory>::command()
}

#[derive(Debug, Parser)]
#[command(
    name = "wf",
    version,
    about = "Gatewright: checks a workflow in every variant, then writes the skill, the plan and the picture it stands for",
    after_help = "Start with `wf init`, then `wf check` and `wf build`; --watch goes on as files change.\n\
                  Exit codes: 0 clean, 1 problems found, 2 wrong usage, configuration, or a file that cannot be read,\n\
                  130 ended by Ctrl-C.",
    max_term_width = 100,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Cli {
    #[command(flatten)]
    everywhere: Everywhere,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Debug, clap::Args)]
struct Everywhere {
    /// When to use colours; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, help_heading = "Everywhere")]
    color: Option<Color>,
    /// Say nothing but what is wrong
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Everywhere")]
    quiet: bool,
    /// Also say what is read, and how long it took
    #[arg(short, long, global = true, help_heading = "Everywhere")]
    verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check workflows, in every variant
    Check(check::Args),
    /// Check skills: SKILL.md and everything beside it
    Lint(lint::Args),
    /// Make a workflow of a skill folder
    Import(import::Args),
    /// Write the documents of workflows
    Build(build::Args),
    /// Write the runnable plan of a workflow, as JSON
    Plan(plan::Args),
    /// Draw a workflow
    Graph(graph::Args),
    /// List the shapes that a workflow can take
    Variants(variants::Args),
    /// Walk through one run, dry: every step with its reason
    Simulate(simulate::Args),
    /// Prove the tests and properties, and list them
    Test(test::Args),
    /// Put small faults into a workflow, and list those that nothing notices
    Mutate(mutate::Args),
    /// Say what changed in meaning between two versions
    Diff(compare::Args),
    /// Bring workflows into canonical form
    Fmt(fmt::Args),
    /// Explain a diagnostic, or list them all
    Explain(explain::Args),
    /// Write a first workflow
    Init(init::Args),
    /// Print the completions of a shell
    Completions(completions::Args),
}

fn run(cli: &Cli) -> Exit {
    let everywhere = &cli.everywhere;
    // Completions run whenever a shell starts, in any folder: no configuration may break them.
    let configured = !matches!(cli.command, Command::Completions(_));
    let mut session = match Session::new(everywhere.color, everywhere.quiet, everywhere.verbose, configured) {
        Ok(session) => session,
        Err(error) => {
            output::complain(asked_color(std::env::args_os()).on_stderr(), &error);
            return Exit::Usage;
        }
    };
    let done = match &cli.command {
        Command::Check(args) => check::run(args, &mut session),
        Command::Lint(args) => lint::run(args, &mut session),
        Command::Build(args) => build::run(args, &mut session),
        Command::Plan(args) => plan::run(args, &mut session),
        Command::Graph(args) => graph::run(args, &mut session),
        Command::Variants(args) => variants::run(args, &mut session),
        Command::Simulate(args) => simulate::run(args, &mut session),
        Command::Test(args) => test::run(args, &mut session),
        Command::Mutate(args) => mutate::run(args, &mut session),
        Command::Diff(args) => compare::run(args, &mut session),
        Command::Fmt(args) => fmt::run(args, &mut session),
        Command::Explain(args) => explain::run(args, &mut session),
        Command::Import(args) => import::run(args, &mut session),
        Command::Init(args) => init::run(args, &mut session),
        Command::Completions(args) => completions::run(args, &mut session),
    };
    let done = done.and_then(|exit| session.finish().map(|()| exit));
    done.unwrap_or_else(|error| {
        session.complain(&error);
        Exit::Usage
    })
}

/// What `--color` says, read before the arguments are parsed: their errors have colours, too.
fn asked_color(args: impl Iterator<Item = std::ffi::OsString>) -> Color {
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    let values = args.iter().enumerate().filter_map(|(index, arg)| match arg.strip_prefix("--color") {
        Some("") => args.get(index + 1).map(String::as_str),
        Some(value) => value.strip_prefix('='),
        None => None,
    });
    values
        .reduce(|_, last| last)
        .and_then(|value| <Color as clap::ValueEnum>::from_str(value, false).ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_last_color_counts() {
        let asked = |line: &str| asked_color(line.split(' ').map(Into::into));
        assert_eq!(asked("wf check"), Color::Auto);
        assert_eq!(asked("wf --color always check --color=never"), Color::Never);
        assert_eq!(asked("wf --color"), Color::Auto);
    }
}
