//! V8's heap snapshots (`.heapsnapshot`): what a heap holds, and what grew between two of them.
//!
//! A file is read once through a small buffer into columns ([`load`]); strings stay in the file, and the few that are
//! shown are read again ([`lookup`]). Retained sizes come from dominators ([`dominators`], [`retained`]).

pub mod analysis;
pub mod classes;
pub mod columns;
pub mod diff;
pub mod dominators;
pub mod error;
pub mod layout;
pub mod load;
pub mod lookup;
pub mod marks;
pub mod path;
pub mod reader;
pub mod retained;
pub mod show;
pub mod watch;

#[cfg(test)]
#[path = "snapshot_tests.rs"]
mod tests;
