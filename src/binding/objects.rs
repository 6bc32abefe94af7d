//! The native side of `StreamingCoverageDatabase`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use napi::Env;
use napi::bindgen_prelude::{Function, ObjectFinalize};
use napi_derive::napi;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::kept::kinds::Kind;
use crate::kept::objects::{Held, Limits, Objects};
use crate::spill::SpillPlace;

use super::error::{Result, error, poisoned, spill_failed};
use super::events::{Channel, listener};
use super::external::External;
use super::json::text;
use super::scanner::{bug, internal, panicked, spawn};

/// Objects by type and name. Values cross as JSON text.
#[napi(custom_finalize)]
pub struct NativeObjects {
    objects: Arc<Mutex<Objects>>,
    external: External,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Options {
    max_objects_per_type: u32,
    max_memory_bytes: u64,
    batch_size: u32,
    enable_compression: bool,
    spill: bool,
    temp_dir: Option<PathBuf>,
    max_disk_bytes: Option<u64>,
}

/// What [`NativeObjects::put`] answers: whether the object was taken, and whether news wait.
const TAKEN: u32 = 1;
const NEWS: u32 = 2;

impl ObjectFinalize for NativeObjects {
    fn finalize(self, env: Env) -> napi::Result<()> {
        self.external.withdraw(&env)
    }
}

impl From<Options> for Limits {
    fn from(given: Options) -> Self {
        // The largest number stands for no limit.
        let unlimited = |count: u32| if count == u32::MAX { usize::MAX } else { count as usize };
        Self {
            objects_per_kind: unlimited(given.max_objects_per_type),
            bytes: given.max_memory_bytes,
            batch: given.batch_size as usize,
            compress: given.enable_compression,
            spill: given.spill,
            place: SpillPlace {
                folder: given.temp_dir,
                most: given.max_disk_bytes.unwrap_or(u64::MAX),
            },
        }
    }
}

impl NativeObjects {
    /// Answers from the store. What a panic left half changed refuses further calls.
    fn with<T>(&self, work: impl FnOnce(&mut Objects) -> Result<T>) -> Result<T> {
        let answer = catch_unwind(AssertUnwindSafe(|| work(&mut *self.objects.lock().map_err(poisoned)?)));
        answer.unwrap_or_else(|_| Err(bug()))
    }
}

#[napi]
impl NativeObjects {
    /// An empty store with these options (JSON).
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let options: Options =
            serde_json::from_str(&options).map_err(|e| error("ERR_PGTAP_INVALID_OPTION", e.to_string()))?;
        Ok(Self {
            objects: Arc::new(Mutex::new(Objects::new(options.into()))),
            external: External::default(),
        })
    }

    /// Keeps an object. Bit 1 of the answer: it was taken; bit 2: there are news.
    #[napi(catch_unwind)]
    pub fn put(&mut self, env: Env, kind: String, name: String, value: String) -> Result<u32> {
        let (answer, held) = self.with(|objects| {
            let taken = objects.put(&kind, &name, value.as_bytes()).is_ok();
            let answer = if taken { TAKEN } else { 0 } | if objects.news.any() { NEWS } else { 0 };
            Ok((answer, objects.held().memory[0]))
        })?;
        self.external.announce(&env, held)?;
        Ok(answer)
    }

    /// What happened since the last call: an array of notices.
    #[napi(catch_unwind)]
    pub fn news(&self) -> Result<String> {
        self.with(|objects| text(&objects.news.take()))
    }

    /// An object, or `null`.
    #[napi(catch_unwind)]
    pub fn get(&self, kind: String, name: String) -> Result<Option<String>> {
        self.with(|objects| {
            let bytes = objects.get(&kind, &name)?;
            // It came as a string.
            Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
        })
    }

    /// Whether there is such an object.
    #[napi(catch_unwind)]
    pub fn has(&self, kind: String, name: String) -> Result<bool> {
        self.with(|objects| Ok(objects.has(&kind, &name)))
    }

    /// How many objects a type has.
    #[napi(catch_unwind)]
    pub fn size(&self, kind: String) -> Result<u32> {
        self.with(|objects| Ok(objects.count(&kind) as u32))
    }

    /// Names of a type, `from..to` in the order they came.
    #[napi(catch_unwind)]
    pub fn names(&self, kind: String, from: u32, to: u32) -> Result<String> {
        self.with(|objects| text(&objects.names(&kind, from as usize, to as usize)))
    }

    /// Whether a further object of the type makes others leave memory.
    #[napi(catch_unwind)]
    pub fn is_at_capacity(&self, kind: String) -> Result<bool> {
        self.with(|objects| Ok(objects.at_capacity(&kind)))
    }

    /// Keeps a type compressed from now on; the bytes that this freed.
    #[napi(catch_unwind)]
    pub fn compress(&mut self, env: Env, kind: String) -> Result<f64> {
        let (freed, held) = self.with(|objects| Ok((objects.compress(&kind), objects.held().memory[0])))?;
        self.external.announce(&env, held)?;
        Ok(freed as f64)
    }

    /// What it holds.
    #[napi(catch_unwind)]
    pub fn stats(&self) -> Result<String> {
        self.with(|objects| text(&stats(objects)))
    }

    /// The objects from number `from` on: `callback` gets `{ done: { next, objects } }`.
    #[napi(catch_unwind)]
    pub fn page(&self, from: f64, callback: Function<String, ()>) -> Result<()> {
        let channel = Channel::new(listener(&callback).map_err(internal)?, false, Arc::default());
        let objects = self.objects.clone();
        spawn("pgtap-objects", move || {
            let result = catch_unwind(AssertUnwindSafe(|| page(&objects, from as u64)));
            channel.finish_text(result.unwrap_or_else(|_| panicked().to_string()));
        })
    }

    /// Forgets everything, and gives memory and disk back.
    #[napi(catch_unwind)]
    pub fn clear(&mut self, env: Env) -> Result<()> {
        self.with(|objects| {
            objects.clear();
            Ok(())
        })?;
        self.external.announce(&env, 0)
    }
}

fn page(objects: &Mutex<Objects>, from: u64) -> String {
    let Ok(mut objects) = objects.lock() else {
        return panicked().to_string();
    };
    match objects.page(from) {
        Ok(page) => {
            let next = page.next.map_or("null".to_owned(), |next| next.to_string());
            let rows = String::from_utf8_lossy(&page.text);
            format!("{{\"done\":{{\"next\":{next},\"objects\":[{rows}]}}}}")
        }
        Err(found) => spill_failed(&found).to_string(),
    }
}

fn stats(objects: &Objects) -> Value {
    let kinds = || objects.kinds().iter();
    let counts = kinds().filter(|kind| !kind.order.is_empty());
    let counts: Map<String, Value> = counts
        .map(|kind| (kind.name.to_string(), kind.order.len().into()))
        .collect();
    let in_memory: usize = kinds().map(|kind| kind.in_memory).sum();
    let names = |wanted: fn(&Kind) -> bool| -> Vec<&str> {
        kinds().filter(|kind| wanted(kind)).map(|kind| &*kind.name).collect()
    };
    let Held { memory, packed, disk } = objects.held();
    let (stored, raw) = (packed.0 + disk.live_bytes, packed.1 + disk.raw_bytes);
    json!({
        "totalObjects": kinds().map(|kind| kind.order.len()).sum::<usize>(),
        "objectsByType": counts,
        "compressedTypes": names(|kind| kind.compressed),
        "overflowedTypes": names(|kind| kind.overflowed),
        "memoryUsage": memory[0],
        "objectsInMemory": in_memory,
        "native": { "current": memory[0], "high": memory[1], "limit": memory[2] },
        "compression": { "rawBytes": raw, "storedBytes": stored, "ratio": if stored == 0 { 1.0 } else { raw as f64 / stored as f64 } },
        "disk": {
            "bytes": disk.live_bytes,
            "freeBytes": disk.dead_bytes,
            "writtenBytes": disk.written_bytes,
        },
    })
}
