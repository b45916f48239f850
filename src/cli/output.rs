//! Writing: a standard output that may be closed early, files that are whole or not there, words with a colour.

use std::fmt::{self, Display};
use std::fs;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;

use anstyle::{AnsiColor, Style};
use anyhow::{Context, bail};

pub const BOLD: Style = Style::new().bold();
pub const RED: Style = AnsiColor::Red.on_default();
pub const GREEN: Style = AnsiColor::Green.on_default();
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
pub const CYAN: Style = AnsiColor::Cyan.on_default();

/// Standard output. Once its reader is gone, whatever is written vanishes: the call ends as it would have.
#[derive(Debug)]
pub struct Out(BufWriter<Pipe>);

impl Out {
    pub fn stdout() -> Self {
        Out(BufWriter::new(Pipe { stdout: io::stdout(), closed: false }))
    }

    /// Whether its reader is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.0.get_ref().closed
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// A text in a style, if there are colours.
pub fn paint(color: bool, style: Style, text: impl Display) -> impl Display {
    Painted { style: if color { style } else { Style::new() }, text }
}

/// Says on standard error what is wrong with the world.
pub fn complain(color: bool, error: &anyhow::Error) {
    let _ = writeln!(io::stderr(), "{} {}", paint(color, RED.bold(), "error:"), without_number(&format!("{error:#}")));
}

/// The error without the number that the operating system has for it.
pub fn plainly(error: io::Error) -> anyhow::Error {
    anyhow::anyhow!("{}", lower_first(without_number(&error.to_string())))
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    New,
    /// The bytes were there already, and the file was not touched.
    Unchanged,
}

/// Writes a file so that at any time either the old or the new text is there, and not at all when they are equal.
///
/// Folders above it are made. A device is written to as it is.
pub fn write(path: &Path, text: &str) -> anyhow::Result<Written> {
    write_whole(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

fn write_whole(path: &Path, text: &str) -> anyhow::Result<Written> {
    // A link stays: what it points to is replaced.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let existing = fs::metadata(path).ok();
    match &existing {
        Some(found) if found.is_dir() => bail!("it is a directory"),
        Some(found) if !found.is_file() => {
            fs::write(path, text).map_err(plainly)?;
            return Ok(Written::New);
        }
        Some(found) if found.len() == text.len() as u64 && fs::read(path).is_ok_and(|old| old == text.as_bytes()) => {
            return Ok(Written::Unchanged);
        }
        _ => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(plainly)?;
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut temporary = builder.prefix(".wf-").tempfile_in(folder).map_err(plainly)?;
    temporary.write_all(text.as_bytes()).and_then(|()| temporary.flush()).map_err(plainly)?;
    if let Some(found) = existing {
        temporary.as_file().set_permissions(found.permissions()).map_err(plainly)?;
    }
    temporary.persist(path).map_err(|error| plainly(error.error))?;
    Ok(Written::New)
}

#[derive(Debug)]
struct Pipe {
    stdout: Stdout,
    closed: bool,
}

impl Pipe {
    fn unless_closed(&mut self, done: io::Result<usize>, all: usize) -> io::Result<usize> {
        match done {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(all)
            }
            done => done.map_err(|error| {
                io::Error::new(error.kind(), format!("cannot write to standard output: {}", plainly(error)))
            }),
        }
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let done = self.stdout.write(bytes);
        self.unless_closed(done, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let done = self.stdout.flush().map(|()| 0);
        self.unless_closed(done, 0).map(|_| ())
    }
}

struct Painted<T> {
    style: Style,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:#}", self.style, self.text, self.style)
    }
}

/// The text without `(os error 2)` at its end.
fn without_number(text: &str) -> &str {
    match text.rsplit_once(" (os error ") {
        Some((words, number)) if number.ends_with(')') => words,
        _ => text,
    }
}

fn lower_first(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}
