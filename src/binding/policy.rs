//! The policy of memory that JavaScript feeds itself: leaks and spikes. Numbers in, JSON text out, or `null` where nothing
//! changed.

use std::sync::Mutex;

use napi_derive::napi;

use super::error::{Result, error};
use super::json::text;
use super::whole::whole;
use crate::memory::leak::{Collection, Leaks, Options, Sample};
use crate::memory::spike::{self, Spikes};

fn refused(what: &str) -> napi::Error<super::error::Code> {
    error("ERR_PGTAP_INVALID_ARGUMENT", what)
}

/// A detector of leaks.
#[napi]
pub struct NativeLeaks {
    leaks: Mutex<Leaks>,
}

#[napi]
impl NativeLeaks {
    /// Windows last `window_ms` or more; peaks count between the two percentages.
    #[napi(constructor, catch_unwind)]
    pub fn new(window_ms: f64, warning_percent: f64, emergency_percent: f64) -> Result<Self> {
        if !(window_ms > 0.0 && window_ms.is_finite()) {
            return Err(refused("a window must last more than 0 ms"));
        }
        let leaks = Leaks::new(Options {
            window_ms,
            warning_percent,
            emergency_percent,
        });
        Ok(Self {
            leaks: Mutex::new(leaks),
        })
    }

    /// Takes a sample, in bytes; `{ verdict, report }` when the verdict changes. Counts that nobody knows are left out.
    #[allow(clippy::too_many_arguments)]
    #[napi(catch_unwind)]
    pub fn feed(
        &self,
        at_ms: f64,
        heap_used: f64,
        heap_total: f64,
        external: f64,
        rss: f64,
        usage_percent: f64,
        resources: Option<u32>,
        detached: Option<u32>,
        listeners: Option<u32>,
    ) -> Result<Option<String>> {
        let sample = Sample {
            at_ms,
            heap_used,
            heap_total,
            external,
            rss,
            usage_percent,
            resources,
            listeners,
            detached,
        };
        whole(&self.leaks, |leaks| {
            leaks.sample(&sample).as_ref().map(text).transpose()
        })?
    }

    /// Takes a garbage collection: used heap before and after it, in bytes.
    #[napi(catch_unwind)]
    pub fn collection(&self, at_ms: f64, major: bool, before: f64, after: f64) -> Result<()> {
        let found = Collection {
            at_ms,
            major,
            before,
            after,
        };
        whole(&self.leaks, |leaks| leaks.collection(&found))
    }

    /// Takes a cleanup of the program's own and the bytes that it freed.
    #[napi(catch_unwind)]
    pub fn cleanup(&self, at_ms: f64, freed: f64) -> Result<()> {
        whole(&self.leaks, |leaks| leaks.cleanup(at_ms, freed))
    }

    /// How many windows were judged.
    #[napi(catch_unwind)]
    pub fn windows(&self) -> Result<u32> {
        whole(&self.leaks, |leaks| leaks.report().windows)
    }

    /// What it says of the last window.
    #[napi(catch_unwind)]
    pub fn report(&self) -> Result<String> {
        whole(&self.leaks, |leaks| text(leaks.report()))?
    }
}

/// A detector of sudden rises.
#[napi]
pub struct NativeSpikes {
    spikes: Mutex<Spikes>,
}

#[napi]
impl NativeSpikes {
    /// Thresholds in bytes, and which spike in a row is marked.
    #[napi(constructor, catch_unwind)]
    pub fn new(medium: f64, high: f64, critical: f64, consecutive: u32) -> Result<Self> {
        let thresholds = spike::Thresholds {
            medium,
            high,
            critical,
            consecutive,
        };
        if !thresholds.are_ordered() {
            return Err(refused(
                "thresholds of spikes must rise, above 0 bytes; the limit in a row must be 1 or more",
            ));
        }
        let spikes = Spikes::new(thresholds);
        Ok(Self {
            spikes: Mutex::new(spikes),
        })
    }

    /// Takes a sample, in bytes, always of the same measure; the spike that it ends.
    #[napi(catch_unwind)]
    pub fn feed(&self, at_ms: f64, bytes: f64) -> Result<Option<String>> {
        whole(&self.spikes, |spikes| {
            spikes.feed(at_ms, bytes).as_ref().map(text).transpose()
        })?
    }

    /// Takes what an operation allocated, in bytes; the spike if it is one.
    #[napi(catch_unwind)]
    pub fn feed_operation(&self, at_ms: f64, bytes: f64) -> Result<Option<String>> {
        whole(&self.spikes, |spikes| {
            spikes.feed_operation(at_ms, bytes).as_ref().map(text).transpose()
        })?
    }
}
