//! The schema that tests are compared with: the catalog as JSON, its objects, look-ups by name. Knows no files.

pub mod catalog;
pub mod error;
pub mod kind;
pub mod lookup;
pub mod objects;
pub mod path;
pub mod signature;
