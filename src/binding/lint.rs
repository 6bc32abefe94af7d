//! Linting the files of a scan.

use napi::bindgen_prelude::{Function, Uint32Array};
use napi_derive::napi;
use serde_json::json;

use crate::lint::rules::RULES;
use crate::lint::{LintError, Settings, lint};
use crate::session::SessionError;

use super::error::Result;
use super::json::text;
use super::scanner::NativeScanner;

#[napi]
impl NativeScanner {
    /// Checks the files `order` of the last scan on threads of their own; `settings` is JSON. `callback` gets
    /// `{ done: { findings, fixed, filesChecked, skipped } }`.
    #[napi(catch_unwind)]
    pub fn lint(&mut self, order: Uint32Array, settings: String, callback: Function<String, ()>) -> Result<()> {
        let settings: Settings = serde_json::from_str(&settings).map_err(SessionError::Shape)?;
        let (scanned, options) = self.session()?.scanned_files()?;
        let order = order.to_vec();
        self.operate("pgtap-lint", &callback, move |goes_on| {
            let found = lint(&scanned, &options, &order, &settings, goes_on);
            found
                .map(|found| json!(found))
                .map_err(|LintError::Cancelled| SessionError::Cancelled)
        })
    }

    /// All rules: an array of `{ code, severity, says }`.
    #[napi(catch_unwind)]
    pub fn lint_rules() -> Result<String> {
        text(&RULES)
    }
}
