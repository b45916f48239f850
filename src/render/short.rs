//! `file:line:col: severity[CODE]: message`, a line each.

use std::io::{self, Write};

use super::places::Places;
use super::text;
use crate::diagnostic::Diagnostic;

pub(super) fn write(out: &mut dyn Write, places: &Places<'_>, diagnostics: &[Diagnostic]) -> io::Result<()> {
    for diagnostic in diagnostics {
        let locus = places.locus(diagnostic.primary.span);
        let (severity, code) = (diagnostic.severity().name(), diagnostic.code.id);
        writeln!(out, "{locus}: {severity}[{code}]: {}", text::one_line(&diagnostic.message))?;
    }
    Ok(())
}
