//! Why a text is no catalog.

use std::fmt;

use super::catalog::{FORMAT, VERSION};

/// What is wrong with a catalog.
#[derive(Debug)]
pub enum CatalogError {
    /// No JSON, or a field is missing or of a wrong type: what, and where.
    Shape(serde_json::Error),
    /// JSON of something else.
    Format(String),
    /// Written by a later version of the package.
    Version(u64),
}

impl CatalogError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "ERR_PGTAP_CATALOG"
    }
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(cause) => write!(f, "the catalog cannot be read: {cause}; write it anew"),
            Self::Format(found) => write!(
                f,
                "the catalog has the format '{found}'; a text of the format '{FORMAT}' is needed"
            ),
            Self::Version(found) => write!(
                f,
                "the catalog has version {found} of its format; this package reads version {VERSION}; \
                 write it anew or update the package"
            ),
        }
    }
}
