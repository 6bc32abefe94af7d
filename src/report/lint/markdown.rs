//! For comments on pull requests.

use std::io::{self, Write};

use super::finding::Finding;
use super::{Format, totals};
use crate::report::gfm::{Bounded, MOST_UNITS, code};

/// A list. Always less than a comment may hold: what is left out is counted.
pub struct Markdown;

/// Cells of a name.
const NAME_CELLS: usize = 100;
/// Cells of a sentence.
const LINE_CELLS: usize = 400;
/// Room for the last line.
const RESERVE: usize = 100;

impl Format for Markdown {
    fn write(&self, findings: &[Finding], _: bool, out: &mut dyn Write) -> io::Result<()> {
        let mut page = Bounded::new(MOST_UNITS);
        page.push(&format!("## pgTAP lint: {}\n\n", totals(findings)), 0);
        let lines = findings.iter().map(line);
        let fit = lines.take_while(|line| page.push(line, RESERVE)).count();
        if fit < findings.len() {
            page.push(
                &format!("- and {} more, left out for want of room\n", findings.len() - fit),
                0,
            );
        }
        out.write_all(page.into_text().as_bytes())
    }
}

fn line(found: &Finding) -> String {
    let place = code(&format!("{}:{}:{}", found.file, found.line, found.column), NAME_CELLS);
    let (rule, message) = (code(&found.code, NAME_CELLS), code(&found.message, LINE_CELLS));
    format!("- {place} **{}** {rule}: {message}\n", found.severity.as_str())
}
