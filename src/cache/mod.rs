//! What was read of files that have not changed since: an SQLite file between scans.
//!
//! A row holds what reading one file alone gave; what hangs on other files is worked out anew in each scan, so that the
//! answer is that of a scan without a cache. Nothing is lost with the file: what is wrong with it is set aside.

mod aside;
mod entry;
mod error;
mod file;
mod lock;
mod row;
mod schema;

pub use entry::{Entry, Mark};
pub use error::CacheError;
pub use file::{Address, Cache, Lookup};
pub use row::{Row, Times};

#[cfg(test)]
mod tests;
