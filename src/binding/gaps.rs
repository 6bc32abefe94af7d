//! Gap analysis: what the tests of a scanner cover of a schema.

use std::sync::atomic::Ordering;

use napi::bindgen_prelude::{Function, Uint32Array};
use napi_derive::napi;

use super::error::Result;
use super::scanner::NativeScanner;

#[napi]
impl NativeScanner {
    /// Compares the files `order` of the last scan with a catalog (JSON text) on a thread of its own; `source` says
    /// where the catalog comes from. `callback` gets `{ done: coverage }`; `cancel_build` with the number that this
    /// answers ends it, within one file.
    #[napi(catch_unwind)]
    pub fn analyze_gaps(
        &mut self,
        order: Uint32Array,
        catalog: String,
        source: String,
        callback: Function<String, ()>,
    ) -> Result<u32> {
        let (analyzer, order, builds) = (self.analyzer()?, order.to_vec(), self.builds.clone());
        let (number, stopped) = builds.begin();
        self.operate_text("pgtap-gaps", &callback, move |_| {
            let goes_on = || !stopped.load(Ordering::Relaxed);
            let found = analyzer.analyze(&order, &catalog, &source, &goes_on);
            builds.cancel(number);
            found
        })?;
        Ok(number)
    }
}
