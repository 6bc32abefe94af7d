//! For spreadsheets: a row for each object.

use std::io::{self, Write};

use super::coverage::{Coverage, Object};
use super::{Format, Options};

/// RFC 4180. A field that a spreadsheet would take for a formula is led by an apostrophe.
pub struct Csv;

const HEADER: &str = "kind,schema,relation,name,signature,columns,role,display,state,\
    assertion_count,assertions,exercised_in,origin_file,origin_line,suggestion\r\n";

impl Format for Csv {
    fn write(&self, coverage: &Coverage, _: &Options, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(HEADER.as_bytes())?;
        coverage.objects.iter().try_for_each(|object| row(object, out))
    }
}

fn row(object: &Object, out: &mut dyn Write) -> io::Result<()> {
    let places = object
        .assertions
        .iter()
        .map(|a| format!("{}:{} {}", a.file, a.line, a.kind));
    let places = places.collect::<Vec<_>>().join("; ");
    let (columns, exercised) = (object.columns.join(", "), object.exercised_in.join("; "));
    let count = object.assertion_count.to_string();
    let (file, line) = match &object.origin {
        Some(origin) => (&*origin.file, origin.line.to_string()),
        None => ("", String::new()),
    };
    let or_empty = |text: &'_ Option<String>| text.clone().unwrap_or_default();
    let fields = [
        &*object.kind,
        &or_empty(&object.schema),
        &or_empty(&object.relation),
        &object.name,
        &or_empty(&object.signature),
        &columns,
        &or_empty(&object.role),
        &object.display,
        object.state.as_str(),
        &count,
        &places,
        &exercised,
        file,
        &line,
        &or_empty(&object.suggestion),
    ];
    for (at, text) in fields.into_iter().enumerate() {
        out.write_all(if at == 0 { b"" } else { b"," })?;
        field(text, out)?;
    }
    out.write_all(b"\r\n")
}

/// Quoted where it must be.
fn field(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    if !text.contains(['"', ',', '\n', '\r']) {
        return write!(out, "{guard}{text}");
    }
    write!(out, "\"{guard}{}\"", text.replace('"', "\"\""))
}
