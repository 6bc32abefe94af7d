//! Coverage as an SQLite file: saved whole, opened again, merged. `docs/data-format.md` describes it to people.
//!
//! What is saved is a list of [`SavedFile`]s in the order of their paths, and nothing that depends on when, where or in
//! how many parts they were read: equal suites make equal files, byte for byte.

mod draft;
mod error;
mod file;
mod merge;
mod name;
mod reader;
mod scan;
mod schema;
mod writer;

pub use error::SavedError;
pub use file::{Place, SavedAssertion, SavedFile};
pub use merge::{Merged, merge};
pub use name::Name;
pub use reader::SavedReader;
pub use scan::{copy, open, save};
pub use writer::SavedWriter;

#[cfg(test)]
mod tests;
