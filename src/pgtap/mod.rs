//! What pgTAP is: the catalogue of its functions, overload choice, labels, extraction, plans.

pub mod area;
pub mod arg_type;
pub mod argument;
pub mod assertion;
mod call;
pub mod catalog;
#[rustfmt::skip]
mod catalog_table;
#[cfg(test)]
mod catalog_tests;
pub mod configured;
mod control;
mod emit;
mod executed;
mod expand;
pub mod facts;
pub mod found;
pub mod given;
pub mod metadata;
pub mod plan;
pub mod prose;
pub mod reader;
pub mod reading;
pub mod resolve;
#[cfg(test)]
mod resolve_tests;
pub mod routine;
pub mod rows;
mod script;
pub mod shape;
mod short_reading;
mod simple;
mod site;
pub mod statement;
pub mod suite;
#[cfg(test)]
mod testing;
pub mod types;
mod uses;
pub mod view;
pub mod walk;
mod walk_words;
pub mod walked;
