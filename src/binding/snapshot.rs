//! Analysis of heap snapshots, each on a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::ThreadsafeFunctionCallMode;
use napi_derive::napi;
use serde::Serialize;
use serde_json::{Value, json};

use crate::memory::snapshot::analysis::analyse;
use crate::memory::snapshot::diff::{By, diff};
use crate::memory::snapshot::error::SnapshotError;
use crate::memory::snapshot::watch::{Progress, Watch};

use super::error::Result;
use super::events::{Listener, listener};
use super::scanner::{internal, panicked, spawn};

/// Progress is told this often at most.
const PAUSE: Duration = Duration::from_millis(50);

/// One analysis or comparison. Answers come through a callback: arrays of progress, at last `{ done }` or `{ error }`.
#[napi]
#[derive(Default)]
pub struct NativeSnapshots {
    cancelled: Arc<AtomicBool>,
}

#[napi]
impl NativeSnapshots {
    /// Nothing runs yet.
    #[napi(constructor, catch_unwind)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Analyses a file: its `top` largest classes and objects.
    #[napi(catch_unwind)]
    pub fn analyze(&self, file: String, top: u32, dominators: bool, callback: Function<String, ()>) -> Result<()> {
        self.start("pgtap-snapshot", &callback, move |watch| {
            analyse(Path::new(&file), top as usize, dominators, watch)
        })
    }

    /// Compares two files; `retained` orders classes by what they retain.
    #[napi(catch_unwind)]
    pub fn diff(
        &self,
        before: String,
        after: String,
        retained: bool,
        top: u32,
        callback: Function<String, ()>,
    ) -> Result<()> {
        let by = if retained { By::Retained } else { By::Class };
        self.start("pgtap-snapshot", &callback, move |watch| {
            diff(Path::new(&before), Path::new(&after), by, top as usize, watch)
        })
    }

    /// Asks what runs to stop; it does within some thousand steps.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

impl NativeSnapshots {
    fn start<T: Serialize>(
        &self,
        name: &str,
        callback: &Function<String, ()>,
        work: impl FnOnce(&Watch) -> std::result::Result<T, SnapshotError> + Send + 'static,
    ) -> Result<()> {
        let listener = listener(callback).map_err(internal)?;
        let cancelled = self.cancelled.clone();
        spawn(name, move || {
            let teller = Teller::new(&listener);
            let watch = Watch {
                goes_on: &|| !cancelled.load(Ordering::Relaxed),
                progress: &|progress| teller.tell(progress),
            };
            let answer = catch_unwind(AssertUnwindSafe(|| match work(&watch) {
                Ok(done) => serde_json::to_value(done).map_or_else(|_| panicked(), |done| json!({ "done": done })),
                Err(failed) => json!({ "error": described(&failed) }),
            }));
            send(&listener, answer.unwrap_or_else(|_| panicked()).to_string());
        })
    }
}

fn send(listener: &Listener, text: String) {
    // When the environment is closing nobody is left to tell.
    let _ = listener.call(text, ThreadsafeFunctionCallMode::NonBlocking);
}

/// Tells of progress, now and then.
struct Teller<'l> {
    listener: &'l Listener,
    told: Mutex<Option<Instant>>,
}

impl<'l> Teller<'l> {
    fn new(listener: &'l Listener) -> Self {
        Self {
            listener,
            told: Mutex::default(),
        }
    }

    /// Ends are always told, what lies between when some time has passed.
    fn tell(&self, progress: Progress) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let at_end = progress.read || progress.read_bytes == progress.total_bytes;
        if at_end || told.is_none_or(|told| told.elapsed() >= PAUSE) {
            *told = Some(Instant::now());
            let event = json!([{
                "file": progress.file.to_string_lossy(),
                "phase": if progress.read { "retaining" } else { "reading" },
                "bytesRead": progress.read_bytes,
                "totalBytes": progress.total_bytes,
            }]);
            send(self.listener, event.to_string());
        }
    }
}

fn described(found: &SnapshotError) -> Value {
    let mut error = json!({ "code": found.code(), "message": found.to_string() });
    match found {
        SnapshotError::Io { path, .. } | SnapshotError::TooLarge { path, .. } => {
            error["path"] = json!(path.to_string_lossy());
        }
        SnapshotError::Format {
            path,
            offset,
            expected,
            found,
        } => {
            error["path"] = json!(path.to_string_lossy());
            error["offset"] = json!(offset);
            error["expected"] = json!(expected);
            error["found"] = json!(found);
        }
        SnapshotError::Aborted => {}
    }
    error
}
