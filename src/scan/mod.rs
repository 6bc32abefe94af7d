//! Walking folders, reading files, worker threads. Knows files and threads; knows no Node.

pub mod candidates;
mod checks;
pub mod events;
pub mod includes;
pub mod options;
pub mod paths;
pub mod plans;
pub mod read;
mod remember;
pub mod room;
pub mod run;
pub mod sources;
pub mod workers;
