//! The coverage database: interned names, compact records, queries. Knows no file system.

pub mod aside;
pub mod batch;
pub(crate) mod grow;
pub mod index;
pub mod label;
pub mod names;
pub mod plain;
pub mod statistics;
pub mod store;
pub mod summary;
