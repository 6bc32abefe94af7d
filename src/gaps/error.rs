//! Why there is no analysis.

use std::path::PathBuf;

use crate::schema::error::CatalogError;

/// What an analysis can meet.
#[derive(Debug)]
pub enum GapsError {
    /// The catalog is none.
    Catalog(CatalogError),
    /// A file changed or went away since it was scanned, and what is wrong.
    Changed(PathBuf, String),
    /// The scan was opened from a saved file: there are no sources.
    Saved,
    /// No thread could be started.
    Threads(std::io::Error),
    /// The result could not be written as JSON.
    Report(serde_json::Error),
    /// It was cancelled.
    Cancelled,
}
