//! For a terminal.

use std::io::{self, Write};

use super::finding::{Finding, Severity};
use super::{Format, totals};
use crate::report::columns::{Cell, write_cell};
use crate::report::visible::visible;

/// Three lines a finding, `file:line:column` first, as editors and terminals turn it into links.
pub struct Text;

impl Format for Text {
    fn write(&self, findings: &[Finding], colour: bool, out: &mut dyn Write) -> io::Result<()> {
        for found in findings {
            write!(out, "{}:{}:{} ", visible(&found.file), found.line, found.column)?;
            let style = match found.severity {
                Severity::Error => "31",
                Severity::Warning => "33",
                Severity::Info => "36",
            };
            let text = found.severity.as_str().to_owned();
            let style = colour.then_some(style);
            write_cell(out, &Cell { text, style })?;
            writeln!(out, " {}\n  {}", visible(&found.code), visible(&found.message))?;
            if !found.help.is_empty() {
                writeln!(out, "  help: {}", visible(&found.help))?;
            }
            writeln!(out)?;
        }
        writeln!(out, "{}", totals(findings))
    }
}
