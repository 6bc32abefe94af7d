//! For people: one page that loads nothing.

use std::borrow::Cow;
use std::io::{self, Write};

use crate::pgtap::area::Area;

use super::{Format, Report, Row};

/// A table a kind.
pub struct Html;

// The policy keeps the page from loading or running anything, should an escape ever be missed.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>pgTAP coverage</title>
<style>
:root { color-scheme: light dark; --text: #1a1a1a; --back: #fff; --line: #c8c8c8; --head: #f0f0f0; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6e6e6; --back: #161616; --line: #4a4a4a; --head: #262626; }
}
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: var(--text); background: var(--back); font: 1rem/1.5 system-ui, sans-serif; }
.wide { overflow-x: auto; margin: 0 0 2rem; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-size: 1.25rem; font-weight: 600; padding: .5rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
thead th { background: var(--head); }
tbody th { font-weight: 400; white-space: pre-wrap; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
</style>
</head>
<body>
<main>
<h1>pgTAP coverage</h1>
"#;

impl Format for Html {
    fn write(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let (files, assertions) = report.totals();
        out.write_all(HEAD.as_bytes())?;
        let built = escaped(report.built);
        writeln!(
            out,
            "<p>{files} test files, {assertions} assertions. Built <time>{built}</time>.</p>"
        )?;
        if report.areas().next().is_none() {
            writeln!(out, "<p>No objects.</p>")?;
        }
        for area in report.areas() {
            table(report, area, out)?;
        }
        if report.gaps {
            list(out, "Exercised, but not asserted", &report.uncovered())?;
            list(out, "Partial coverage", &report.partial())?;
        }
        out.write_all(b"</main>\n</body>\n</html>\n")
    }
}

fn table(report: &Report, area: Area, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"wide\">\n<table>\n<caption>{}</caption>",
        area.as_str()
    )?;
    out.write_all(b"<thead><tr>")?;
    for (title, class) in COLUMNS {
        write!(out, "<th scope=\"col\"{class}>{title}</th>")?;
    }
    out.write_all(b"</tr></thead>\n<tbody>\n")?;
    for row in report.rows(area) {
        table_row(report, &row, out)?;
    }
    out.write_all(b"</tbody>\n</table>\n</div>\n")
}

const NUMBER: &str = " class=\"number\"";
const COLUMNS: [(&str, &str); 5] = [
    ("Name", ""),
    ("Assertions", NUMBER),
    ("Types", ""),
    ("Test files", ""),
    ("Coverage %", NUMBER),
];

fn table_row(report: &Report, row: &Row, out: &mut dyn Write) -> io::Result<()> {
    let types = row.types.join(", ");
    let files = row.files.join(", ");
    write!(out, "<tr><th scope=\"row\">{}</th>", escaped(&row.name))?;
    write!(out, "<td{NUMBER}>{}</td><td>{}", row.count, escaped(&types))?;
    if report.details {
        out.write_all(b"<details><summary>Assertions</summary><ul>")?;
        for found in report.detail(row.id) {
            let (kind, file) = (escaped(found.kind), escaped(&found.file));
            write!(out, "<li>{kind}: {file}, line {}</li>", found.line)?;
        }
        out.write_all(b"</ul></details>")?;
    }
    writeln!(
        out,
        "</td><td>{}</td><td{NUMBER}>{}</td></tr>",
        escaped(&files),
        row.percentage
    )
}

fn list(out: &mut dyn Write, title: &str, found: &[(Area, String)]) -> io::Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>{title}</h2>\n<ul>")?;
    for (area, name) in found {
        writeln!(out, "<li>{}: {}</li>", area.as_str(), escaped(name))?;
    }
    writeln!(out, "</ul>")
}

/// Text that reads as itself between tags and in attributes. Parsers drop U+0000 and change a bare carriage return.
fn escaped(text: &str) -> Cow<'_, str> {
    const SPECIAL: [char; 7] = ['&', '<', '>', '"', '\'', '\r', '\0'];
    if !text.contains(SPECIAL) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => out.push_str("&#13;"),
            '\0' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out.into()
}
