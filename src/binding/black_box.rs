//! The native side of `openBlackBox`.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use napi_derive::napi;
use serde::{Deserialize, Serialize};

use super::error::{Result, error, poisoned};
use super::json::text;
use crate::memory::black_box::{self, About, BlackBox, BlackBoxError, Closed, Record, Story};
use crate::memory::cgroup::Container;
use crate::memory::engine::sample::Heap;
use crate::memory::level::Level;
use crate::memory::pressure::Averages;

/// A run's black box. The sampler records into the one behind [`NativeBlackBox::shared`].
#[napi]
pub struct NativeBlackBox {
    black_box: Arc<Mutex<BlackBox>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    dir: PathBuf,
    minutes: u32,
    interval_ms: u32,
    name: String,
    node_version: String,
}

impl From<BlackBoxError> for napi::Error<super::error::Code> {
    fn from(found: BlackBoxError) -> Self {
        error(found.code(), found.to_string())
    }
}

impl NativeBlackBox {
    /// For the thread that samples. It is locked for the time of one write; closing is the only other use.
    pub fn shared(&self) -> Arc<Mutex<BlackBox>> {
        self.black_box.clone()
    }

    fn close_with(&self, reason: String, exit_code: Option<i32>) -> Result<()> {
        let mut black_box = self.black_box.lock().map_err(poisoned)?;
        let closed = Closed {
            at: now(),
            exit_code,
            reason,
        };
        Ok(black_box.close(&closed)?)
    }
}

impl Drop for NativeBlackBox {
    /// A worker that is terminated runs no code of its own any more. That is no end of the process to be told of.
    fn drop(&mut self) {
        let is_open = self.black_box.lock().is_ok_and(|black_box| !black_box.is_closed());
        if is_open {
            // There is nobody left to tell of a failure; the story will say that it was not closed.
            let _ = self.close_with("its environment ended".into(), None);
        }
    }
}

#[napi]
impl NativeBlackBox {
    /// A new file with these options (JSON).
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let options: Options =
            serde_json::from_str(&options).map_err(|e| error("ERR_PGTAP_INVALID_OPTION", e.to_string()))?;
        let about = About {
            name: options.name,
            node_version: options.node_version,
            minutes: options.minutes,
            interval_ms: options.interval_ms,
            created_at: now(),
        };
        let black_box = BlackBox::create(&options.dir, &about, Path::new("/"))?;
        Ok(Self {
            black_box: Arc::new(Mutex::new(black_box)),
        })
    }

    /// The file's path.
    #[napi(getter, catch_unwind)]
    pub fn file(&self) -> Result<String> {
        let black_box = self.black_box.lock().map_err(poisoned)?;
        Ok(black_box.path().to_string_lossy().into_owned())
    }

    /// Keeps a sample (JSON: an engine's sample with its `level`).
    #[napi(catch_unwind)]
    pub fn record(&self, sample: String) -> Result<()> {
        let sample: Sample =
            serde_json::from_str(&sample).map_err(|e| error("ERR_PGTAP_INVALID_ARGUMENT", e.to_string()))?;
        let mut black_box = self.black_box.lock().map_err(poisoned)?;
        Ok(black_box.record(&sample.into())?)
    }

    /// Marks that the program closed it.
    #[napi(catch_unwind)]
    pub fn close(&self, reason: String, exit_code: Option<i32>) -> Result<()> {
        self.close_with(reason, exit_code)
    }
}

/// The story of a file; JSON text.
// In builds of tests nothing registers it.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn black_box_story(file: String) -> Result<String> {
    text(&black_box::read(Path::new(&file), Path::new("/"))?)
}

/// The last run of a folder, whose older files but `keep` are removed: `{ previous, problems }`; JSON text.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn rotate_black_boxes(folder: String, keep: u32) -> Result<String> {
    let rotated = black_box::rotate(Path::new(&folder), keep as usize, Path::new("/"));
    text(&Looked {
        problems: rotated.problems.iter().map(Problem::from).collect(),
        previous: rotated.previous,
    })
}

#[derive(Serialize)]
struct Looked {
    previous: Option<Story>,
    problems: Vec<Problem>,
}

#[derive(Serialize)]
struct Problem {
    code: &'static str,
    message: String,
}

impl From<&BlackBoxError> for Problem {
    fn from(found: &BlackBoxError) -> Self {
        Self {
            code: found.code(),
            message: found.to_string(),
        }
    }
}

fn now() -> u64 {
    // A clock before 1970 tells no time worth keeping.
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as u64
}

/// A sample as the engine's JavaScript has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sample {
    at: u64,
    rss_bytes: Option<u64>,
    peak_rss_bytes: Option<u64>,
    heap_used_bytes: Option<u64>,
    heap_total_bytes: Option<u64>,
    heap_limit_bytes: Option<u64>,
    external_bytes: Option<u64>,
    array_buffers_bytes: Option<u64>,
    container: Option<Container>,
    available_bytes: Option<u64>,
    pressure: Option<Averages>,
    oom_kill: Option<u64>,
    level: Level,
}

impl Sample {
    /// All five, or none: while JavaScript is blocked.
    fn heap(&self) -> Option<Heap> {
        Some(Heap {
            used: self.heap_used_bytes?,
            total: self.heap_total_bytes?,
            limit: self.heap_limit_bytes?,
            external: self.external_bytes?,
            array_buffers: self.array_buffers_bytes?,
            ..Heap::default()
        })
    }
}

impl From<Sample> for Record {
    fn from(sample: Sample) -> Self {
        Self {
            at: sample.at,
            resident: sample.rss_bytes,
            peak: sample.peak_rss_bytes,
            heap: sample.heap(),
            container: sample.container,
            available: sample.available_bytes,
            pressure: sample.pressure,
            oom_kill: sample.oom_kill,
            level: sample.level,
        }
    }
}
