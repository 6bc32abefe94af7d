//! A script's statements, for those who send them to a server one by one.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;

use crate::sql::script::pieces;

use super::error::Result;
use super::json::text;

/// The statements and meta-commands of a script (JSON): `{ from, to, line, words, data }` or
/// `{ from, line, command, arguments }`. Offsets are bytes; `words` are a statement's first tokens.
// In builds of tests nothing registers it.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn sql_statements(source: Uint8Array) -> Result<String> {
    text(&pieces(&source))
}
