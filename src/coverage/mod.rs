//! The coverage database: interned names, compact records, queries. Knows no file system.

pub mod aside;
pub mod batch;
pub mod column;
pub(crate) mod grow;
pub mod index;
pub mod kept_labels;
pub mod kept_names;
pub mod label;
pub mod merge;
pub mod names;
pub mod plain;
pub mod rows;
pub mod shelf;
pub mod statistics;
pub mod store;
pub mod summary;
