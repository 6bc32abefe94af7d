//! The only part of the crate that knows Node.js: exports, conversions, errors, events.

mod black_box;
mod builds;
mod database;
mod engine;
mod error;
mod events;
mod external;
mod gaps;
mod json;
mod lint;
mod log;
mod memory;
mod object_limit;
mod objects;
mod policy;
mod report;
mod scanner;
mod snapshot;
mod statements;
mod stream;
mod whole;

use mimalloc::MiMalloc;

/// For the addon alone; V8 and other addons keep their own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;
