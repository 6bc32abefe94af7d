//! Reports of the coverage of a schema: one format a file, all behind [`Format`]. Knows neither Node.js nor files.

use std::io::{self, Write};

use serde::Deserialize;

mod badge;
mod cobertura;
pub mod coverage;
mod csv;
mod groups;
mod html;
mod json;
mod junit;
mod kinds;
mod lcov;
mod markdown;
mod origins;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use coverage::Coverage;

/// A way to write the coverage of a schema.
pub trait Format: Sync {
    /// Writes all of `coverage`.
    fn write(&self, coverage: &Coverage, options: &Options, out: &mut dyn Write) -> io::Result<()>;
}

/// All formats by name; the first is the default.
pub const FORMATS: [(&str, &dyn Format); 10] = [
    ("text", &text::Text),
    ("json", &json::Json),
    ("csv", &csv::Csv),
    ("markdown", &markdown::Markdown),
    ("html", &html::Html),
    ("junit", &junit::Junit),
    ("sarif", &sarif::Sarif),
    ("lcov", &lcov::Lcov),
    ("cobertura", &cobertura::Cobertura),
    ("badge", &badge::Badge),
];

/// The format called `name`.
pub fn format(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().find(|(n, _)| *n == name).map(|(_, format)| *format)
}

/// What a caller may choose.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Options {
    /// Colours of a terminal; text only.
    pub colour: bool,
    /// The words on the left of a badge.
    pub label: Option<String>,
    /// The text of the test files; html only.
    pub sources: Vec<SourceText>,
    /// When the report was made, ISO 8601; html and junit.
    pub generated: Option<String>,
    /// The same in milliseconds since 1970; cobertura.
    pub generated_ms: u64,
}

/// A test file's text.
#[derive(Debug, Deserialize)]
pub struct SourceText {
    /// Its path, as in `files` of the coverage.
    pub path: String,
    /// Its text.
    pub text: String,
}
