//! For people, in places that render GitHub's Markdown.

use std::io::{self, Write};

use crate::pgtap::area::Area;

use super::{Format, Report, Row};

/// A table a kind.
pub struct Markdown;

impl Format for Markdown {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        head(report, out)?;
        for area in report.areas() {
            table(report, area, out)?;
        }
        if report.details {
            details(report, out)?;
        }
        if report.gaps {
            list(out, "Exercised, but not asserted", &report.uncovered())?;
            list(out, "Partial coverage", &report.partial())?;
        }
        Ok(())
    }
}

fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (files, assertions) = report.totals();
    writeln!(out, "# pgTAP coverage\n")?;
    writeln!(
        out,
        "{files} test files, {assertions} assertions. Built {}.",
        report.built
    )?;
    if report.areas().next().is_none() {
        writeln!(out, "\nNo objects.")?;
    }
    Ok(())
}

fn table(report: &Report, area: Area, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n", area.as_str())?;
    writeln!(out, "| Name | Assertions | Types | Test files | Coverage % |")?;
    writeln!(out, "|---|---:|---|---|---:|")?;
    for row in report.rows(area) {
        let Row { count, percentage, .. } = row;
        let (name, types) = (escaped(&row.name), escaped(&row.types.join(", ")));
        let files = escaped(&row.files.join(", "));
        writeln!(out, "| {name} | {count} | {types} | {files} | {percentage} |")?;
    }
    Ok(())
}

fn details(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    for area in report.areas() {
        writeln!(out, "\n## Assertions: {}\n", area.as_str())?;
        writeln!(out, "| Name | Type | Test file | Line |\n|---|---|---|---:|")?;
        for row in report.rows(area) {
            let name = escaped(&row.name);
            for found in report.detail(row.id) {
                let (kind, file) = (escaped(found.kind), escaped(&found.file));
                writeln!(out, "| {name} | {kind} | {file} | {} |", found.line)?;
            }
        }
    }
    Ok(())
}

fn list(out: &mut dyn Write, title: &str, found: &[(Area, String)]) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## {title}\n")?;
    for (area, name) in found {
        writeln!(out, "- {}: {}", area.as_str(), escaped(name))?;
    }
    Ok(())
}

/// Text that reads as itself inside a table cell.
fn escaped(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut out = String::with_capacity(text.len());
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '\r' => out.push_str("<br>"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Inside a word an underscore is plain text; names are full of them.
            '_' if is_word(before) && is_word(rest.peek().copied()) => out.push('_'),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '~' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        before = Some(c);
    }
    out
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}
