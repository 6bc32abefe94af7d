//! A table for spreadsheets. Its columns are fixed, so that it lists neither gaps nor details.

use std::io::{self, Write};

use super::{Format, Report};

/// RFC 4180, but with `\n` between the lines, as callers split at it.
pub struct Csv;

const HEADER: &str = "Object Type,Object Name,Assertion Count,Assertion Types,Test Files,Coverage %";

impl Format for Csv {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(HEADER.as_bytes())?;
        for area in report.areas() {
            for row in report.rows(area) {
                write!(out, "\n{},", area.as_str())?;
                field(out, &row.name)?;
                write!(out, ",{},", row.count)?;
                field(out, &row.types.join("; "))?;
                out.write_all(b",")?;
                field(out, &row.files.join("; "))?;
                write!(out, ",{}", row.percentage)?;
            }
        }
        Ok(())
    }
}

/// Quoted where it must be. Formulas are left as they are: names must stay true.
fn field(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if !text.contains(['"', ',', '\n', '\r']) {
        return out.write_all(text.as_bytes());
    }
    write!(out, "\"{}\"", text.replace('"', "\"\""))
}
