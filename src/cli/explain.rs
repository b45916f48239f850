//! `wf explain`: the page of a code, or the list of all.

use std::io::Write;

use anyhow::bail;

use super::output::{BOLD, CYAN, RED, YELLOW, paint};
use super::session::{Exit, Session};
use crate::diagnostic::{Code, Severity};
use crate::explain;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    wf explain WF101          by id\n  \
    wf explain unknown-name   by name\n  \
    wf explain                the list")]
pub struct Args {
    /// The id or the name of a diagnostic; without it, all are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// Print docs/diagnostics.md
    #[arg(long, hide = true, conflicts_with = "code")]
    markdown: bool,
}

/// Text is broken here; pages are read, not scanned.
const WIDTH: usize = 88;

pub fn run(args: &Args, session: &mut Session) -> anyhow::Result<Exit> {
    if args.markdown {
        session.out.write_all(explain::book().as_bytes())?;
        return Ok(Exit::Clean);
    }
    match &args.code {
        None => list(session)?,
        Some(query) => match explain::find(query) {
            Ok(code) => page(session, code)?,
            Err(Some(meant)) => bail!("there is no code `{query}`; did you mean `{meant}`?"),
            Err(None) => bail!("there is no code `{query}`; `wf explain` lists all"),
        },
    }
    Ok(Exit::Clean)
}

fn list(session: &mut Session) -> anyhow::Result<()> {
    let color = session.color;
    let width = explain::codes().iter().map(|code| code.name.len()).max().unwrap_or(0);
    for (index, (_, title, codes)) in explain::bands().into_iter().enumerate() {
        let before = if index > 0 { "\n" } else { "" };
        writeln!(session.out, "{before}{}", paint(color, BOLD, title))?;
        for Code { id, name, severity, summary, .. } in codes {
            let level = paint(color, style(*severity), format!("{:7}", severity.name()));
            writeln!(session.out, "  {id}  {name:width$}  {level}  {summary}")?;
        }
    }
    session.talk("one of them: wf explain CODE");
    Ok(())
}

fn page(session: &mut Session, code: &Code) -> anyhow::Result<()> {
    let color = session.color;
    let Code { id, name, severity, summary, page, bad, good } = code;
    let level = paint(color, style(*severity).bold(), format!("{}[{id}]", severity.name()));
    writeln!(session.out, "{level} {}\n", paint(color, BOLD, name))?;
    writeln!(session.out, "{}\n\n{}", wrapped(summary), wrapped(page.trim()))?;
    if let Some(origin) = explain::origin(code) {
        writeln!(session.out, "\n{}", wrapped(&origin))?;
    }
    for (title, example) in [("Fails:", bad), ("Fixed:", good)] {
        if example.is_empty() {
            continue;
        }
        writeln!(session.out, "\n{}\n", paint(color, BOLD, title))?;
        for line in explain::visible(&explain::shortened(example)).trim_end().lines() {
            writeln!(session.out, "{}", format!("    {line}").trim_end())?;
        }
    }
    Ok(())
}

fn style(severity: Severity) -> anstyle::Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => CYAN,
    }
}

/// Paragraphs with their lines broken; lists and indented lines stay as they are.
fn wrapped(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with([' ', '-', '*', '|', '`']) || line.is_empty() {
            lines.push(line.to_owned());
            continue;
        }
        let mut current = String::new();
        for word in line.split(' ') {
            if !current.is_empty() && current.chars().count() + 1 + word.chars().count() > WIDTH {
                lines.push(std::mem::take(&mut current));
            }
            if !current.is_empty() {
                current.push(' ');
            }
            current.push_str(word);
        }
        lines.push(current);
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_are_broken_and_lists_are_not() {
        let long = "word ".repeat(30);
        assert!(wrapped(&long).lines().all(|line| line.len() <= WIDTH));
        let list = format!("- {long}");
        assert_eq!(wrapped(&list), list);
    }
}
