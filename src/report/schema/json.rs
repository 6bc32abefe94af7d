//! For programs: the coverage itself, as docs/coverage.schema.json describes it.

use std::io::{self, Write};

use super::coverage::Coverage;
use super::{Format, Options};

/// Indented by 2.
pub struct Json;

impl Format for Json {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, coverage)?;
        out.write_all(b"\n")
    }
}
