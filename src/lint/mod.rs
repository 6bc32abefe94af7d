//! Finds the tests that do not test what they say, and mends those that can be mended for certain.
//!
//! The files of a scan are read once more. What a rule needs of one statement it sees through [`here::Here`]; rules
//! about plans and names look at all files together. `docs/lint.md` shows each rule with an example.

mod apply;
mod arrays;
mod calls;
mod duplicates;
pub mod finding;
mod gather;
mod here;
mod mend;
mod notes;
mod overloads;
mod plan_type;
mod plans;
mod queries;
mod refused;
mod report;
pub mod rules;
mod run;
mod silence;
#[cfg(test)]
mod tests;
mod transactions;
mod unknown;
mod unmatched;
mod versions;

pub use run::{Fixed, LintError, Linted, Settings, Skipped, lint};
