//! The memory engine of one environment.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use serde::Deserialize;

use super::black_box::NativeBlackBox;
use super::error::{Result, error};
use super::json::text;
use super::scanner::internal;
use crate::memory::black_box::{BlackBox, BlackBoxError, Record};
use crate::memory::engine::sample::{Heap, Sample};
use crate::memory::engine::usage::{Basis, Limits};
use crate::memory::engine::watch::Watch;
use crate::memory::engine::{Engine, event};
use crate::memory::leak;
use crate::memory::level::{Level, Levels, Thresholds};
use crate::memory::sampler::{Listener, Sampler, Source};
use crate::memory::system_reader::{SystemReader, SystemSample};

/// Weak: asking for figures keeps no program alive.
type Ask = ThreadsafeFunction<(), (), (), Status, false, true>;

struct Asked {
    engine: Mutex<Engine>,
    ask: Ask,
    recorders: Mutex<Vec<Recorder>>,
}

/// Keeps every reading in a black box.
struct Recorder {
    file: Arc<Mutex<BlackBox>>,
    levels: Levels,
}

impl Recorder {
    /// Its own levels, whoever else watches.
    const LEVELS: Thresholds = Thresholds {
        warning: 70.0,
        critical: 85.0,
        emergency: Some(95.0),
    };

    fn keep(&mut self, sample: &Sample, heap: Option<Heap>) -> std::result::Result<(), BlackBoxError> {
        let usage = Limits::default().usage(sample, heap);
        self.levels.feed(usage.map_or(f64::NAN, |usage| usage.percent));
        let record = Record::of(sample, self.levels.level());
        self.file.lock().unwrap_or_else(PoisonError::into_inner).record(&record)
    }
}

impl Asked {
    fn engine(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a reading in all black boxes. One that was closed, or failed, gets no more.
    fn record(&self, at: u64, reading: &SystemSample) {
        let mut recorders = self.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        let engine = self.engine();
        let (sample, heap) = (engine.present(at, reading), engine.heap());
        drop(engine);
        recorders.retain_mut(|recorder| match recorder.keep(&sample, heap) {
            Err(BlackBoxError::Closed { .. }) => false,
            Err(failure) => {
                self.engine().recording_failed(&failure);
                false
            }
            Ok(()) => true,
        });
    }
}

impl Listener for Asked {
    fn sampled(&self, at: u64, reading: &SystemSample) -> Option<u64> {
        let next = self.engine().sampled(at, reading);
        if next.ask && self.ask.call((), ThreadsafeFunctionCallMode::NonBlocking) != Status::Ok {
            // The environment is closing: nobody will answer.
            self.engine().unasked();
        }
        self.record(at, reading);
        next.wait
    }
}

/// V8's figures, in bytes, as JavaScript reads them.
#[napi(object, object_to_js = false)]
pub struct HeapFigures {
    pub used: f64,
    pub total: f64,
    pub limit: f64,
    pub old_used: f64,
    pub old_limit: f64,
    pub external: f64,
    pub array_buffers: f64,
    pub resources: Option<u32>,
    pub detached: Option<u32>,
}

impl From<HeapFigures> for Heap {
    fn from(figures: HeapFigures) -> Self {
        Self {
            used: figures.used as u64,
            total: figures.total as u64,
            limit: figures.limit as u64,
            old_used: figures.old_used as u64,
            old_limit: figures.old_limit as u64,
            external: figures.external as u64,
            array_buffers: figures.array_buffers as u64,
            resources: figures.resources,
            detached: figures.detached,
        }
    }
}

/// What a watch wants; JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wanted {
    interval_ms: u64,
    thresholds: Thresholds,
    #[serde(default)]
    basis: Basis,
    limit_bytes: Option<u64>,
}

impl Wanted {
    fn parse(wanted: &str) -> Result<Self> {
        serde_json::from_str(wanted).map_err(|cause| error("ERR_PGTAP_INVALID_ARGUMENT", cause.to_string()))
    }

    fn limits(&self) -> Limits {
        Limits {
            basis: self.basis,
            configured: self.limit_bytes,
        }
    }
}

/// Samples memory for one environment while somebody watches.
#[napi]
pub struct NativeEngine {
    asked: Arc<Asked>,
    sampler: Arc<Sampler>,
    joined: bool,
}

#[napi]
impl NativeEngine {
    /// An engine that calls `ask` when it wants `answer`.
    #[napi(constructor, catch_unwind)]
    pub fn new(ask: Function<(), ()>) -> Result<Self> {
        let ask = ask
            .build_threadsafe_function()
            .weak::<true>()
            .build()
            .map_err(internal)?;
        let engine = Mutex::default();
        Ok(Self {
            asked: Arc::new(Asked {
                engine,
                ask,
                recorders: Mutex::default(),
            }),
            sampler: Sampler::of_process(|| Box::new(SystemReader::open(Path::new("/")))),
            joined: false,
        })
    }

    /// Adds a watch (JSON), or replaces the one of this number.
    #[napi(catch_unwind)]
    pub fn watch(&mut self, env: Env, id: u32, wanted: String) -> Result<()> {
        let wanted = Wanted::parse(&wanted)?;
        let levels = Levels::new(wanted.thresholds);
        self.asked
            .engine()
            .watch(Watch::new(id, wanted.interval_ms, wanted.limits(), levels));
        self.join(env)?;
        self.sampler.wake();
        Ok(())
    }

    fn join(&mut self, env: Env) -> Result<()> {
        if self.joined {
            return Ok(());
        }
        let failed =
            |cause: std::io::Error| error("ERR_PGTAP_THREADS", format!("no thread for samples of memory: {cause}"));
        self.sampler.join(self.asked.clone()).map_err(failed)?;
        self.joined = true;
        // A worker that ends frees its objects late or never; its threadsafe function is gone before.
        let leaving = (self.sampler.clone(), self.asked.clone());
        env.add_env_cleanup_hook(leaving, |(sampler, asked)| sampler.leave(&(asked as Arc<dyn Listener>)))
            .map(drop)
            .map_err(internal)
    }

    /// Keeps every reading in `black_box`, the first at once, until that is closed.
    #[napi(catch_unwind)]
    pub fn record_into(&self, black_box: &NativeBlackBox) {
        let recorder = Recorder {
            file: black_box.shared(),
            levels: Levels::new(Recorder::LEVELS),
        };
        let mut recorders = self.asked.recorders.lock().unwrap_or_else(PoisonError::into_inner);
        recorders.push(recorder);
        self.sampler.wake();
    }

    #[napi(catch_unwind)]
    pub fn unwatch(&self, id: u32) {
        self.asked.engine().unwatch(id);
    }

    /// Takes V8's figures and judges them: the events since the last answer, a JSON array.
    #[napi(catch_unwind)]
    pub fn answer(&self, heap: HeapFigures) -> Result<String> {
        let (at, reading) = self.sampler.read();
        let events = self.asked.engine().answered(at, &reading, heap.into());
        self.asked.record(at, &reading);
        text(&events)
    }

    /// A sample of now that nobody judges; JSON.
    #[napi(catch_unwind)]
    pub fn read(&self, heap: HeapFigures, basis: String, limit: Option<f64>) -> Result<String> {
        let (at, reading) = self.sampler.read();
        text(
            &self
                .asked
                .engine()
                .read(at, &reading, heap.into(), &limits(&basis, limit)?),
        )
    }

    /// The last `most` samples that are not older than `since`, as somebody with these limits sees them; JSON.
    #[napi(catch_unwind)]
    pub fn history(&self, since: f64, most: u32, basis: String, limit: Option<f64>) -> Result<String> {
        let limits = limits(&basis, limit)?;
        let engine = self.asked.engine();
        let mut heap = None;
        let mut samples: Vec<_> = engine.timeline.since(since as u64).collect();
        samples.drain(..samples.len().saturating_sub(most as usize));
        let shown = samples.into_iter().map(|sample| {
            heap = sample.heap.or(heap);
            event::judged(sample, &limits, heap)
        });
        text(&shown.collect::<Vec<_>>())
    }

    /// Forgets samples that are older than `since`; how many bytes that freed.
    #[napi(catch_unwind)]
    pub fn forget(&self, since: f64) -> f64 {
        self.asked.engine().timeline.forget(since as u64) as f64
    }

    /// Takes a garbage collection: used heap before and after it, in bytes.
    #[napi(catch_unwind)]
    pub fn collection(&self, at: f64, major: bool, before: f64, after: f64) {
        let found = leak::Collection {
            at_ms: at,
            major,
            before,
            after,
        };
        self.asked.engine().collected(&found);
    }

    /// What the leak detector says of the last window; JSON.
    #[napi(catch_unwind)]
    pub fn leak_report(&self) -> Result<String> {
        text(self.asked.engine().leak_report())
    }

    /// How use of the limit that is nearest went over the last minutes; JSON.
    #[napi(catch_unwind)]
    pub fn trend(&self, minutes: f64, basis: String, limit: Option<f64>) -> Result<String> {
        text(&self.asked.engine().trend(minutes, &limits(&basis, limit)?))
    }

    /// The level of a watch: 0 for healthy to 3 for emergency. Costs less than a microsecond.
    #[napi(catch_unwind)]
    pub fn level(&self, id: u32) -> u32 {
        let engine = self.asked.engine();
        engine.find(id).map_or(Level::Healthy, Watch::level) as u32
    }
}

impl Drop for NativeEngine {
    fn drop(&mut self) {
        self.sampler.leave(&(self.asked.clone() as Arc<dyn Listener>));
    }
}

fn limits(basis: &str, limit: Option<f64>) -> Result<Limits> {
    let basis = serde_json::from_value(basis.into());
    Ok(Limits {
        basis: basis.map_err(|cause| error("ERR_PGTAP_INVALID_ARGUMENT", cause.to_string()))?,
        configured: limit.map(|limit| limit as u64),
    })
}

impl Source for SystemReader {
    fn read(&mut self, at: u64) -> SystemSample {
        SystemReader::read(self, at)
    }
}
