//! What the tests cover of a schema: each assertion is matched with the objects that it is about.
//!
//! The files of a scan are read once more, so that nothing more has to be kept of each assertion.

mod about;
mod created;
pub mod error;
mod gather;
mod glob;
mod granted;
mod includes;
mod matcher;
mod nearest;
mod places;
mod report;
pub mod run;
mod secured;
mod settings;
mod stale;
mod suggest;
mod target;
mod texts;

#[cfg(test)]
#[path = "gaps_tests.rs"]
mod tests;
