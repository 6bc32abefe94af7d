//! Objects leave memory after a scan, when a kind has too many.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use napi::bindgen_prelude::Function;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::scan::room::Moved;
use crate::spill::SpillError;

use super::error::{Result, spill_failed};
use super::events::{Channel, listener};
use super::scanner::{NativeScanner, internal, panicked, spawn};

#[napi]
impl NativeScanner {
    /// Whether a kind has more than `most` objects in memory.
    #[napi(catch_unwind)]
    pub fn has_objects_beyond(&self, most: u32) -> Result<bool> {
        Ok(self.session()?.scanned.store.labels.current().most_of_an_area() > most as usize)
    }

    /// Moves objects of the last scan to disk until no kind has more than `most` in memory, on a thread of its own;
    /// questions are answered meanwhile. `callback` gets `{ done }`: `null`, or what the event `moved` of a scan tells.
    #[napi(catch_unwind)]
    pub fn move_objects(&self, most: u32, callback: Function<String, ()>) -> Result<()> {
        let session = self.session()?;
        let (scanned, options) = (session.scanned.clone(), session.options.clone());
        drop(session);
        let channel = Channel::new(listener(&callback).map_err(internal)?, false, Arc::default());
        let builds = self.builds.clone();
        // Closing the scanner ends it, as it ends builds.
        let (number, stopped) = builds.begin();
        let begun = spawn("pgtap-move", move || {
            let goes_on = || !stopped.load(Ordering::Relaxed);
            let moved = catch_unwind(AssertUnwindSafe(|| {
                scanned.move_objects(&options, most as usize, &goes_on)
            }));
            builds.cancel(number);
            channel.finish(&moved.map_or_else(|_| panicked(), told));
        });
        if begun.is_err() {
            self.builds.cancel(number);
        }
        begun
    }
}

fn told(moved: std::result::Result<Option<Moved>, SpillError>) -> Value {
    let told = |Moved { freed, on_disk, .. }| json!({ "freed": freed, "onDisk": on_disk, "objects": true });
    match moved {
        Ok(moved) => json!({ "done": moved.map(told) }),
        Err(failed) => spill_failed(&failed),
    }
}
