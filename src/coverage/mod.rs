//! The coverage database: interned names, compact records, queries. Knows no file system.

pub mod batch;

pub mod label;

pub mod names;



pub mod store;
