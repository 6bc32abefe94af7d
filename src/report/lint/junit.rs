//! For CI systems that show test results: a failure for each error, a skipped case for what is less.

use std::io::{self, Write};

use super::Format;
use super::finding::{Finding, Severity};
use crate::report::xml::{DECLARATION, escaped};

/// One suite. Without findings it has one case that passed, for some readers take an empty suite for a failed run.
pub struct Junit;

impl Format for Junit {
    fn write(&self, findings: &[Finding], _: bool, out: &mut dyn Write) -> io::Result<()> {
        let failures = findings
            .iter()
            .filter(|found| found.severity == Severity::Error)
            .count();
        let totals = format!(
            "name=\"lint\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{}\" time=\"0\"",
            findings.len().max(1),
            findings.len() - failures
        );
        out.write_all(DECLARATION.as_bytes())?;
        writeln!(out, "<testsuites {totals}>\n  <testsuite {totals}>")?;
        if findings.is_empty() {
            out.write_all(b"    <testcase classname=\"lint\" name=\"no findings\" time=\"0\"/>\n")?;
        }
        findings.iter().try_for_each(|found| case(found, out))?;
        out.write_all(b"  </testsuite>\n</testsuites>\n")
    }
}

fn case(found: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let Finding { line, column, .. } = found;
    let (file, code, message) = (escaped(&found.file), escaped(&found.code), escaped(&found.message));
    write!(
        out,
        "    <testcase classname=\"{code}\" name=\"{file}:{line}:{column}\" file=\"{file}\" line=\"{line}\" time=\"0\">"
    )?;
    if found.severity == Severity::Error {
        let help = escaped(&found.help);
        return writeln!(
            out,
            "<failure type=\"{code}\" message=\"{message}\">{help}</failure></testcase>"
        );
    }
    writeln!(out, "<skipped message=\"{message}\"/></testcase>")
}
