//! For tools that read Cobertura's XML: the statements of migrations as lines, the objects that they make as conditions.
//!
//! Elements and attributes are those of `coverage-04.dtd`. A folder is a package, a file is a class.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::coverage::Coverage;
use super::origins::{File, Line, Rate, by_file};
use super::{Format, Options};
use crate::report::xml::{DECLARATION, escaped};

/// Files whose statements are known; none for a schema without migrations.
pub struct Cobertura;

type Files<'c> = Vec<(&'c str, File<'c>)>;

impl Format for Cobertura {
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()> {
        let mut folders: BTreeMap<&str, Files> = BTreeMap::new();
        for (path, file) in by_file(coverage) {
            folders.entry(folder(path)).or_default().push((path, file));
        }
        let (lines, branches) = rates(folders.values().flatten());
        out.write_all(DECLARATION.as_bytes())?;
        writeln!(
            out,
            "<!DOCTYPE coverage SYSTEM \"http://cobertura.sourceforge.net/xml/coverage-04.dtd\">\n\
             <coverage{} lines-covered=\"{}\" lines-valid=\"{}\" branches-covered=\"{}\" branches-valid=\"{}\" \
             complexity=\"0\" version=\"{}\" timestamp=\"{}\">\n  <sources><source>.</source></sources>\n  <packages>",
            rate_attributes(lines, branches),
            lines.covered,
            lines.all,
            branches.covered,
            branches.all,
            escaped(&coverage.tool),
            options.generated_ms
        )?;
        for (folder, files) in &folders {
            package(folder, files, out)?;
        }
        out.write_all(b"  </packages>\n</coverage>\n")
    }
}

fn folder(path: &str) -> &str {
    path.rfind(['/', '\\']).and_then(|end| path.get(..end)).unwrap_or(".")
}

fn rates<'f, 'c: 'f>(files: impl Iterator<Item = &'f (&'c str, File<'c>)>) -> (Rate, Rate) {
    let (mut lines, mut branches) = (Rate::default(), Rate::default());
    for (_, file) in files {
        lines += file.line_rate();
        branches += file.branch_rate();
    }
    (lines, branches)
}

fn rate_attributes(lines: Rate, branches: Rate) -> String {
    format!(
        " line-rate=\"{:.4}\" branch-rate=\"{:.4}\"",
        lines.value(),
        branches.value()
    )
}

fn package(folder: &str, files: &Files, out: &mut dyn Write) -> io::Result<()> {
    let (lines, branches) = rates(files.iter());
    writeln!(
        out,
        "    <package name=\"{}\"{} complexity=\"0\">\n      <classes>",
        escaped(folder),
        rate_attributes(lines, branches)
    )?;
    for (path, file) in files {
        class(path, file, out)?;
    }
    out.write_all(b"      </classes>\n    </package>\n")
}

fn class(path: &str, file: &File, out: &mut dyn Write) -> io::Result<()> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    writeln!(
        out,
        "        <class name=\"{}\" filename=\"{}\"{} complexity=\"0\">\n          <methods/>\n          <lines>",
        escaped(name),
        escaped(path),
        rate_attributes(file.line_rate(), file.branch_rate())
    )?;
    for (number, found) in &file.lines {
        line(*number, found, out)?;
    }
    out.write_all(b"          </lines>\n        </class>\n")
}

fn line(number: u64, line: &Line, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "            <line number=\"{number}\" hits=\"{}\"", line.hits())?;
    let branches = line.branches();
    if branches.all == 0 {
        return out.write_all(b" branch=\"false\"/>\n");
    }
    let percent = (branches.value() * 100.0).floor();
    writeln!(
        out,
        " branch=\"true\" condition-coverage=\"{percent}% ({}/{})\"/>",
        branches.covered, branches.all
    )
}
