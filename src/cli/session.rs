//! What is the same for a whole call: the working directory, the configuration, the two streams.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anstream::AutoStream;
use anyhow::Context;
use clap::ValueEnum;
use serde::Deserialize;

use super::config::Config;
use super::input;
use super::output::{self, Out};

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    Clean,
    /// A workflow is faulty, a document is out of date.
    Problems,
    /// The arguments, the configuration or the file system are.
    Usage,
    /// A person has ended it, as shells count that.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// When output has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    fn on_stdout(self) -> bool {
        self.or_ask(|| AutoStream::choice(&io::stdout()))
    }

    pub fn on_stderr(self) -> bool {
        self.or_ask(|| AutoStream::choice(&io::stderr()))
    }

    fn or_ask(self, ask: impl Fn() -> anstream::ColorChoice) -> bool {
        match self {
            Color::Auto => ask() != anstream::ColorChoice::Never,
            Color::Always => true,
            Color::Never => false,
        }
    }
}

impl From<Color> for clap::ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => clap::ColorChoice::Auto,
            Color::Always => clap::ColorChoice::Always,
            Color::Never => clap::ColorChoice::Never,
        }
    }
}

/// One call.
#[derive(Debug)]
pub struct Session {
    pub cwd: PathBuf,
    pub config: Config,
    pub quiet: bool,
    pub verbose: bool,
    /// Whether results have colours.
    pub color: bool,
    /// Whether talk has colours.
    pub err_color: bool,
    /// Whether a document for a program stands on one line, since others follow it.
    pub one_line: bool,
    /// Standard output: results.
    pub out: Out,
    started: Instant,
}

impl Session {
    /// Looks where we are and reads the configuration, if `configured`.
    pub fn new(color: Option<Color>, quiet: bool, verbose: bool, configured: bool) -> anyhow::Result<Self> {
        let cwd = std::env::current_dir().map_err(output::plainly).context("cannot tell the working directory")?;
        let config = if configured { Config::find(&cwd)? } else { Config::default() };
        // A person who sets NO_COLOR means it everywhere, so a project's configuration does not overrule it.
        let of_project = config.color.filter(|_| std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()));
        let color = color.or(of_project).unwrap_or_default();
        let mut session = Session {
            cwd,
            config,
            quiet,
            verbose,
            color: color.on_stdout(),
            err_color: color.on_stderr(),
            one_line: false,
            out: Out::stdout(),
            started: Instant::now(),
        };
        if let Some(path) = &session.config.path {
            session.whisper(format_args!("using {}", input::shown(&session.cwd, path)));
        }
        Ok(session)
    }

    /// Writes the closing line of a result to standard output.
    pub fn close(&mut self, line: impl Display) -> anyhow::Result<()> {
        if !self.quiet {
            writeln!(self.out, "{line}")?;
        }
        Ok(())
    }

    /// Says something that is not the result.
    pub fn talk(&mut self, line: impl Display) {
        if !self.quiet {
            self.say(line);
        }
    }

    /// Says something that only the curious want to know.
    pub fn whisper(&mut self, line: impl Display) {
        if self.verbose {
            self.say(line);
        }
    }

    /// Says what is wrong with the world.
    pub fn complain(&mut self, error: &anyhow::Error) {
        // What was written before belongs before it; if that fails, `finish` tells.
        let _ = self.out.flush();
        output::complain(self.err_color, error);
    }

    /// Ends the call: everything is written.
    pub fn finish(&mut self) -> anyhow::Result<()> {
        self.out.flush()?;
        let took = self.took();
        self.whisper(format_args!("took {took}"));
        Ok(())
    }

    /// Begins another round: what follows is counted from here.
    pub fn begin(&mut self) {
        self.started = Instant::now();
    }

    /// How long the call, or its round, has taken so far: `3.1 ms`, `1.24 s`.
    pub fn took(&self) -> String {
        let took = self.started.elapsed().as_secs_f64();
        if took < 1.0 { format!("{:.1} ms", took * 1000.0) } else { format!("{took:.2} s") }
    }

    fn say(&mut self, line: impl Display) {
        let _ = self.out.flush();
        // Nobody listens to a closed standard error, and nothing is lost by it.
        let _ = writeln!(io::stderr(), "{line}");
    }
}
