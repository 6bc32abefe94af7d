//! Answers cross as JSON text: parsing one string is about twice as fast in V8 as setting properties one by one.

use serde::Serialize;

use super::error::{Result, error};

/// The value as JSON text.
pub fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| error("ERR_PGTAP_INTERNAL", e.to_string()))
}
