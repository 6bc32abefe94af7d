//! What kind of growth it is, and what to do about it.

use serde::Serialize;

use super::series::{Point, fit, mean};

/// A kind of growth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// The heap's floor rises at a steady rate.
    LinearGrowth,
    /// Memory outside the heap (Buffers, ArrayBuffers) rises faster than the heap.
    BufferLeak,
    /// The heap rises together with the number of listeners or of active resources.
    ListenerLeak,
    /// The heap rises, and ever more slowly: what a cache without a bound does while its keys repeat.
    CacheGrowth,
    /// Resident memory rises, and V8 does not know of it.
    NativeGrowth,
    /// Much is allocated and all of it is freed again. Not a leak.
    Churn,
}

/// What the label is chosen by, in MB per hour where it is a rate.
#[derive(Clone, Copy, Debug)]
pub struct Growth {
    /// Of the heap's floor; 0 where it does not pass the gate.
    pub heap: f64,
    /// Of memory outside the heap; 0 where it does not pass the gate.
    pub external: f64,
    /// The number of listeners or of resources rises.
    pub listeners: bool,
    /// The heap's growth slows down.
    pub slowing: bool,
}

/// The label of a suspected leak: the first of these rules that holds.
pub fn of(growth: &Growth) -> Pattern {
    if growth.heap <= 0.0 && growth.external <= 0.0 {
        Pattern::NativeGrowth
    } else if growth.external > growth.heap {
        Pattern::BufferLeak
    } else if growth.listeners {
        Pattern::ListenerLeak
    } else if growth.slowing {
        Pattern::CacheGrowth
    } else {
        Pattern::LinearGrowth
    }
}

/// How far the middle third of a growth must lie above the mean of the outer two, as a part of their distance: two thirds
/// of what a cache has whose keys follow a power law of 0.6 (0.083). A straight line has 0.
const BULGE: f64 = 0.055;
/// It must also be this many times its standard error.
const ABOVE_NOISE: f64 = 1.5;

/// How far growth bulges above a straight line, as a part of what it grows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bulge {
    /// 0 for a straight line, and where nothing grows.
    pub part: f64,
    /// Its standard error.
    pub noise: f64,
}

impl Bulge {
    /// Whether growth slows down.
    pub fn slows(&self) -> bool {
        self.part > BULGE && self.part > ABOVE_NOISE * self.noise
    }

    /// Of floors in order of time.
    pub fn of(floors: &[Point]) -> Self {
        measured(floors).unwrap_or_default()
    }
}

fn measured(floors: &[Point]) -> Option<Bulge> {
    let third = floors.len() / 3;
    let (first, rest) = floors.split_at_checked(third)?;
    let (middle, last) = rest.split_at_checked(rest.len() - third)?;
    let [first, middle, last] = [first, middle, last].map(mean);
    let (distance, time) = (last.value - first.value, last.at_ms - first.at_ms);
    if third == 0 || distance <= 0.0 || time <= 0.0 {
        return None;
    }
    let straight = first.value + distance * (middle.at_ms - first.at_ms) / time;
    Some(Bulge {
        part: (middle.value - straight) / distance,
        // Of the middle mean and of half the sum of the outer ones: 1 + 1/4 + 1/4 of a mean's variance.
        noise: (1.5 * residual(floors) / third as f64).sqrt() / distance,
    })
}

/// The variance around the line.
fn residual(floors: &[Point]) -> f64 {
    let line = fit(floors);
    let middle = mean(floors);
    let squares = floors.iter().map(|point| {
        let fitted = middle.value + line.slope * (point.at_ms - middle.at_ms);
        (point.value - fitted).powi(2)
    });
    squares.sum::<f64>() / (floors.len() as f64 - 2.0).max(1.0)
}

/// What to do next.
pub fn recommendations(pattern: Option<Pattern>) -> &'static [&'static str] {
    match pattern {
        None => &[],
        Some(Pattern::LinearGrowth) => &[
            "Objects are kept that nothing lets go of: look for collections that are only added to (arrays, Maps, module variables).",
            "Compare two heap snapshots, taken some minutes apart, by class: the class that grew names the collection.",
        ],
        Some(Pattern::BufferLeak) => &[
            "Buffers or ArrayBuffers are kept: look for chunks that are collected and never dropped, and for small slices of large Buffers.",
            "Stream instead of collecting; copy the part that you keep with Buffer.from(slice).",
        ],
        Some(Pattern::ListenerLeak) => &[
            "The number of listeners or of open resources rises with the heap: remove listeners, clear timers and close sockets where their owner ends.",
            "Count what is open with ResourceTracker; register listeners with { once: true } or with an AbortSignal.",
        ],
        Some(Pattern::CacheGrowth) => &[
            "A cache fills and nothing bounds it: give it a greatest size or an age, and evict what was not used for longest.",
            "A cache that has a bound is full soon, and then this report is resolved by itself.",
        ],
        Some(Pattern::NativeGrowth) => &[
            "V8's memory stands still and the process grows: look at native addons, and at the allocator.",
            "With glibc, memory that was freed may not have been given back: try malloc_trim, or another allocator.",
        ],
        Some(Pattern::Churn) => {
            &["Much is allocated and freed again. This is no leak; it costs processor time for collections."]
        }
    }
}
