//! The memory engine of one environment.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Status};
use napi_derive::napi;
use serde::Deserialize;

use super::black_box::NativeBlackBox;
use super::error::{Result, error, refused};
use super::json::text;
use super::scanner::{bug, internal};
use super::whole::whole;
use crate::memory::black_box::{BlackBox, BlackBoxError, Record};
use crate::memory::engine::Engine;
use crate::memory::engine::sample::{Heap, Sample};
use crate::memory::engine::usage::{Basis, Limits};
use crate::memory::engine::watch::Watch;
use crate::memory::leak;
use crate::memory::level::{Level, Levels, Thresholds};
use crate::memory::sampler::{Listener, Sampler, Source};
use crate::memory::system_reader::{SystemReader, SystemSample};

/// Weak: asking for figures keeps no program alive.
type Ask = ThreadsafeFunction<(), (), (), Status, false, true>;

/// What the sampler's thread and JavaScript's share. A panic that left the state half changed leaves its lock poisoned.
struct Asked {
    state: Mutex<State>,
    ask: Ask,
    /// JavaScript was asked although it will be refused, so that it learns of a panic.
    told: AtomicBool,
}

#[derive(Default)]
struct State {
    engine: Engine,
    recorders: Vec<Recorder>,
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

    /// `None` for a file that a panic left half written; whoever met that was told.
    fn keep(&mut self, sample: &Sample, heap: Option<Heap>) -> Option<std::result::Result<(), BlackBoxError>> {
        let usage = Limits::default().usage(sample, heap);
        self.levels.feed(usage.map_or(f64::NAN, |usage| usage.percent));
        let record = Record::of(sample, self.levels.level());
        Some(self.file.lock().ok()?.record(&record))
    }
}

impl State {
    /// Keeps a reading in all black boxes. One that was closed, or failed, gets no more.
    fn record(&mut self, at: u64, reading: &SystemSample) {
        let Self { engine, recorders } = self;
        let (sample, heap) = (engine.present(at, reading), engine.heap());
        recorders.retain_mut(|recorder| match recorder.keep(&sample, heap) {
            None | Some(Err(BlackBoxError::Closed { .. })) => false,
            Some(Err(failure)) => {
                engine.recording_failed(&failure);
                false
            }
            Some(Ok(())) => true,
        });
    }
}

impl Asked {
    fn ask(&self) -> bool {
        self.ask.call((), ThreadsafeFunctionCallMode::NonBlocking) == Status::Ok
    }
}

impl Listener for Asked {
    fn sampled(&self, at: u64, reading: &SystemSample) -> Option<u64> {
        let Ok(mut state) = self.state.lock() else {
            self.failed();
            return None;
        };
        let next = state.engine.sampled(at, reading);
        if next.ask && !self.ask() {
            // The environment is closing: nobody will answer.
            state.engine.unasked();
        }
        state.record(at, reading);
        next.wait
    }

    fn failed(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            // Where the environment is closing nobody is left to tell.
            self.ask();
        }
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
    pub listeners: Option<u32>,
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
            listeners: figures.listeners,
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
        let asked = Asked {
            state: Mutex::default(),
            ask,
            told: AtomicBool::default(),
        };
        Ok(Self {
            asked: Arc::new(asked),
            sampler: Sampler::of_process(|| Box::new(SystemReader::open(Path::new("/")))),
            joined: false,
        })
    }

    /// Adds a watch (JSON), or replaces the one of this number.
    #[napi(catch_unwind)]
    pub fn watch(&mut self, env: Env, id: u32, wanted: String) -> Result<()> {
        let wanted = Wanted::parse(&wanted)?;
        let levels = Levels::new(wanted.thresholds);
        let watch = Watch::new(id, wanted.interval_ms, wanted.limits(), levels);
        self.with(|state| state.engine.watch(watch))?;
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
    pub fn record_into(&self, black_box: &NativeBlackBox) -> Result<()> {
        let recorder = Recorder {
            file: black_box.shared(),
            levels: Levels::new(Recorder::LEVELS),
        };
        self.with(|state| state.recorders.push(recorder))?;
        self.sampler.wake();
        Ok(())
    }

    /// Ends a watch. After a panic there is none to end, and who ends it need not care.
    #[napi(catch_unwind)]
    pub fn unwatch(&self, id: u32) {
        if let Ok(mut state) = self.asked.state.lock() {
            state.engine.unwatch(id);
        }
    }

    /// Whether a panic left it half changed: it refuses all calls but `unwatch`.
    #[napi(getter, catch_unwind)]
    pub fn broken(&self) -> bool {
        self.asked.state.is_poisoned() || self.sampler.is_broken()
    }

    /// Panics on purpose: the tests prove with it that a panic kills no process.
    #[napi(catch_unwind, js_name = "__panic")]
    #[allow(clippy::panic)]
    pub fn panic(&self) -> Result<()> {
        self.with(|_| panic!("asked for by a test"))
    }

    /// Takes V8's figures and judges them: the events since the last answer, a JSON array.
    #[napi(catch_unwind)]
    pub fn answer(&self, heap: HeapFigures) -> Result<String> {
        let (at, reading) = self.system()?;
        self.with(|state| {
            let events = state.engine.answered(at, &reading, heap.into());
            state.record(at, &reading);
            text(&events)
        })?
    }

    /// A sample of now that nobody judges; JSON.
    #[napi(catch_unwind)]
    pub fn read(&self, heap: HeapFigures, basis: String, limit: Option<f64>) -> Result<String> {
        let (at, reading) = self.system()?;
        let limits = limits(&basis, limit)?;
        self.with(|state| text(&state.engine.read(at, &reading, heap.into(), &limits)))?
    }

    /// The last `most` samples that are not older than `since`, as somebody with these limits sees them; JSON.
    #[napi(catch_unwind)]
    pub fn history(&self, since: f64, most: u32, basis: String, limit: Option<f64>) -> Result<String> {
        let limits = limits(&basis, limit)?;
        self.with(|state| text(&state.engine.history(since as u64, most as usize, &limits)))?
    }

    /// Forgets samples that are older than `since`; how many bytes that freed.
    #[napi(catch_unwind)]
    pub fn forget(&self, since: f64) -> Result<f64> {
        self.with(|state| state.engine.timeline.forget(since as u64) as f64)
    }

    /// Takes a garbage collection: used heap before and after it, in bytes.
    #[napi(catch_unwind)]
    pub fn collection(&self, at: f64, major: bool, before: f64, after: f64) -> Result<()> {
        let found = leak::Collection {
            at_ms: at,
            major,
            before,
            after,
        };
        self.with(|state| state.engine.collected(&found))
    }

    /// What the leak detector says of the last window; JSON.
    #[napi(catch_unwind)]
    pub fn leak_report(&self) -> Result<String> {
        self.with(|state| text(state.engine.leak_report()))?
    }

    /// How use of the limit that is nearest went over the last minutes; JSON.
    #[napi(catch_unwind)]
    pub fn trend(&self, minutes: f64, basis: String, limit: Option<f64>) -> Result<String> {
        let limits = limits(&basis, limit)?;
        self.with(|state| text(&state.engine.trend(minutes, &limits)))?
    }

    /// The level of a watch: 0 for healthy to 3 for emergency. Costs less than a microsecond.
    #[napi(catch_unwind)]
    pub fn level(&self, id: u32) -> Result<u32> {
        self.with(|state| state.engine.find(id).map_or(Level::Healthy, Watch::level) as u32)
    }
}

impl NativeEngine {
    /// Answers from the state.
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> Result<T> {
        whole(&self.asked.state, work)
    }

    /// What the system says now.
    fn system(&self) -> Result<(u64, SystemSample)> {
        let reading = catch_unwind(AssertUnwindSafe(|| self.sampler.read()));
        reading.map_err(|_| bug())?.ok_or_else(refused)
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
