//! What pgTAP is: the catalogue of its functions, overload choice, labels, extraction, plans.

pub mod arg_type;
mod call;
pub mod catalog;
#[rustfmt::skip]
mod catalog_table;
#[cfg(test)]
mod catalog_tests;
pub mod resolve;
#[cfg(test)]
mod resolve_tests;
