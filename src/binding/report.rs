//! Reports of the coverage of a schema and of findings.
// In builds of tests nothing registers the exports.
#![cfg_attr(test, allow(dead_code))]

use std::io::{self, Write};

use napi_derive::napi;
use serde::Deserialize;

use crate::report::lint::finding::Finding;
use crate::report::schema::Options;
use crate::report::schema::coverage::Coverage;
use crate::report::{lint, schema};

use super::error::{Result, error};

/// The names of the formats of a coverage.
#[napi(catch_unwind)]
pub fn coverage_formats() -> Vec<String> {
    schema::FORMATS.map(|(name, _)| name.to_owned()).into()
}

/// The names of the formats of findings.
#[napi(catch_unwind)]
pub fn lint_formats() -> Vec<String> {
    lint::FORMATS.map(|(name, _)| name.to_owned()).into()
}

/// The coverage, given as JSON, in a format; the options are JSON, too.
#[napi(catch_unwind)]
pub fn render_coverage(format: String, coverage: String, options: String) -> Result<String> {
    let coverage: Coverage = read("coverage", &coverage)?;
    let options: Options = read("options of a report", &options)?;
    let format = schema::format(&format).ok_or_else(|| unknown(&format))?;
    written(|out| format.write(&coverage, &options, out))
}

/// Findings, given as a JSON array, in a format.
#[napi(catch_unwind)]
pub fn render_lint(format: String, findings: String, colour: bool) -> Result<String> {
    let findings: Vec<Finding> = read("findings", &findings)?;
    let format = lint::format(&format).ok_or_else(|| unknown(&format))?;
    written(|out| format.write(&findings, colour, out))
}

fn read<'j, T: Deserialize<'j>>(what: &str, json: &'j str) -> Result<T> {
    serde_json::from_str(json).map_err(|e| error("ERR_PGTAP_INVALID_ARGUMENT", format!("{what}: {e}")))
}

fn unknown(format: &str) -> napi::Error<super::error::Code> {
    error("ERR_PGTAP_INVALID_ARGUMENT", format!("no format is called '{format}'"))
}

fn written(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<String> {
    let mut out = Vec::new();
    write(&mut out).map_err(|e| error("ERR_PGTAP_INTERNAL", e.to_string()))?;
    String::from_utf8(out).map_err(|e| error("ERR_PGTAP_INTERNAL", e.to_string()))
}
