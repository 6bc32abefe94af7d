//! For programs: the findings themselves, as docs/lint.schema.json describes them.

use std::io::{self, Write};

use super::Format;
use super::finding::Finding;

/// Indented by 2.
pub struct Json;

impl Format for Json {
    fn write(&self, findings: &[Finding], _: bool, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *out, findings)?;
        out.write_all(b"\n")
    }
}
