//! The native side of `CoverageDatabase`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use napi::Env;
use napi::bindgen_prelude::{Function, ObjectFinalize};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::kept::log::{Log, LogHeld, Records, SEGMENT};
use crate::spill::SpillPlace;

use super::error::{Result, spill_failed};
use super::events::{Channel, listener};
use super::external::External;
use super::json::text;
use super::scanner::{internal, panicked, spawn};

/// Records in the order they came. Values cross as JSON text.
#[napi(custom_finalize)]
pub struct NativeLog {
    log: Arc<Log>,
    external: External,
}

impl ObjectFinalize for NativeLog {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.external.withdraw(&env)
    }
}

#[napi]
impl NativeLog {
    /// An empty log that holds up to `bytes` in memory (with `streaming` what is written at once and no more), and up
    /// to `disk` bytes in a file in `folder`.
    #[napi(constructor, catch_unwind)]
    pub fn new(bytes: f64, streaming: bool, folder: Option<String>, disk: Option<f64>) -> Self {
        let bytes = if streaming {
            (bytes as u64).min(2 * SEGMENT as u64)
        } else {
            bytes as u64
        };
        let place = SpillPlace {
            folder: folder.map(PathBuf::from),
            most: disk.map_or(u64::MAX, |bytes| bytes as u64),
        };
        Self {
            log: Arc::new(Log::new(bytes, place)),
            external: External::default(),
        }
    }

    /// Adds a record; `false`, and nothing is added, when others have to be flushed first.
    #[napi(catch_unwind)]
    pub fn add(&mut self, env: Env, kind: String, name: String, value: String) -> Result<bool> {
        let added = self.log.add(&kind, &name, value.as_bytes());
        self.account(env)?;
        Ok(added)
    }

    /// Tells V8 how much native memory hangs on this object.
    #[napi(catch_unwind)]
    pub fn account(&mut self, env: Env) -> Result<()> {
        self.external.announce(&env, self.log.memory())
    }

    /// Moves all records to disk, on a thread of its own.
    #[napi(catch_unwind)]
    pub fn flush(&self, callback: Function<String, ()>) -> Result<()> {
        self.run("pgtap-flush", &callback, |log| match log.flush() {
            Ok(()) => json!({ "done": true }).to_string(),
            Err(found) => spill_failed(&found).to_string(),
        })
    }

    /// Some records from number `from` on: `callback` gets `{ done: { first, records } }`.
    #[napi(catch_unwind)]
    pub fn read(&self, from: f64, callback: Function<String, ()>) -> Result<()> {
        self.run("pgtap-log", &callback, move |log| match log.read(from as u64) {
            Ok(Records { first, text, .. }) => {
                let records = String::from_utf8_lossy(&text);
                format!("{{\"done\":{{\"first\":{first},\"records\":[{records}]}}}}")
            }
            Err(found) => spill_failed(&found).to_string(),
        })
    }

    /// Forgets all records, and gives memory and disk back.
    #[napi(catch_unwind)]
    pub fn clear(&mut self, env: Env) -> Result<()> {
        self.log.clear();
        self.external.announce(&env, 0)
    }

    /// What it holds.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> Result<String> {
        let LogHeld { records, memory, disk } = self.log.held();
        let stats: Value = json!({
            "records": records,
            "native": { "current": memory[0], "high": memory[1], "limit": memory[2] },
            "disk": { "bytes": disk.live_bytes, "rawBytes": disk.raw_bytes, "writtenBytes": disk.written_bytes },
        });
        text(&stats)
    }

    fn run(
        &self,
        name: &str,
        callback: &Function<String, ()>,
        work: impl FnOnce(&Log) -> String + Send + 'static,
    ) -> Result<()> {
        let channel = Channel::new(listener(callback).map_err(internal)?, false, Arc::default());
        let log = self.log.clone();
        spawn(name, move || {
            let result = catch_unwind(AssertUnwindSafe(|| work(&log)));
            channel.finish_text(result.unwrap_or_else(|_| panicked().to_string()));
        })
    }
}
