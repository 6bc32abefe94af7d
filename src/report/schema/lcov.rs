//! For tools that read LCOV's tracefiles: the statements of migrations as lines, the objects that they make as branches.

use std::io::{self, Write};

use super::coverage::Coverage;
use super::origins::{File, by_file, hits};
use super::{Format, Options};

/// A record for each file whose statements are known; nothing for a schema without migrations.
pub struct Lcov;

impl Format for Lcov {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        for (path, file) in &by_file(coverage) {
            // The format knows no escapes: a line end in a path would begin a record.
            let path = path.replace(char::is_control, "\u{fffd}");
            writeln!(out, "TN:\nSF:{path}")?;
            branches(file, out)?;
            for (number, line) in &file.lines {
                writeln!(out, "DA:{number},{}", line.hits())?;
            }
            let rate = file.line_rate();
            writeln!(out, "LF:{}\nLH:{}\nend_of_record", rate.all, rate.covered)?;
        }
        Ok(())
    }
}

fn branches(file: &File, out: &mut dyn Write) -> io::Result<()> {
    for (number, line) in &file.lines {
        if line.branches().all == 0 {
            continue;
        }
        for (branch, object) in line.objects.iter().enumerate() {
            writeln!(out, "BRDA:{number},0,{branch},{}", hits(object))?;
        }
    }
    let rate = file.branch_rate();
    writeln!(out, "BRF:{}\nBRH:{}", rate.all, rate.covered)
}
