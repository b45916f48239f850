//! `wf completions`: what a shell needs to complete the command line.

use clap_complete::Shell;

use super::session::{Exit, Session};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    bash   wf completions bash > ~/.local/share/bash-completion/completions/wf\n  \
    zsh    wf completions zsh > \"${fpath[1]}/_wf\"\n  \
    fish   wf completions fish > ~/.config/fish/completions/wf.fish")]
pub struct Args {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    clap_complete::generate(args.shell, &mut super::command(), "wf", &mut session.out);
    Ok(Exit::Clean)
}
