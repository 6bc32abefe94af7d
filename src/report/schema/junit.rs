//! For CI systems that show test results: a test case for each object.

use std::io::{self, Write};

use super::coverage::{Coverage, Object, State};
use super::{Format, Options, kinds};
use crate::report::xml::{DECLARATION, escaped};

/// A suite for each kind. An untested object is a failure, one that is only exercised is skipped.
pub struct Junit;

impl Format for Junit {
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let all = coverage.summary;
        let stamp = options
            .generated
            .as_ref()
            .map(|at| format!(" timestamp=\"{}\"", escaped(at)));
        let stamp = stamp.unwrap_or_default();
        out.write_all(DECLARATION.as_bytes())?;
        writeln!(
            out,
            "<testsuites name=\"schema coverage\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\">",
            all.total, all.untested, all.exercised
        )?;
        for (kind, counts) in &coverage.kinds.0 {
            writeln!(
                out,
                "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\" time=\"0\"{stamp}>",
                escaped(kinds::several(kind)),
                counts.total,
                counts.untested,
                counts.exercised
            )?;
            let objects = coverage.objects.iter().filter(|object| object.kind == *kind);
            objects.into_iter().try_for_each(|object| case(object, out))?;
            out.write_all(b"  </testsuite>\n")?;
        }
        out.write_all(b"</testsuites>\n")
    }
}

fn case(object: &Object, out: &mut dyn Write) -> io::Result<()> {
    let class = object.schema.as_deref().unwrap_or("database");
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" assertions=\"{}\" time=\"0\"",
        escaped(class),
        escaped(&object.display),
        object.assertion_count
    )?;
    if let Some(origin) = &object.origin {
        write!(out, " file=\"{}\" line=\"{}\"", escaped(&origin.file), origin.line)?;
    }
    match object.state {
        State::Asserted => out.write_all(b"/>\n"),
        State::Exercised => {
            out.write_all(b"><skipped message=\"tests use it, no assertion is about it\"/></testcase>\n")
        }
        State::Untested => {
            let suggestion = object.suggestion.as_deref().unwrap_or_default();
            writeln!(
                out,
                "><failure type=\"untested\" message=\"no test is about it\">{}</failure></testcase>",
                escaped(suggestion)
            )
        }
    }
}
