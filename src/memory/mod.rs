//! Memory: what the system knows of the process, its control groups and the machine; and what follows from it. No V8.
//!
//! | part | what it does |
//! |---|---|
//! | `system_reader`, `cgroup`, `mounts`, `pressure`, `group_events` | read what the system tells |
//! | `sampler` | one thread a process that reads it again and again |
//! | `engine` | the timeline of one environment, its watches, and what they are told |
//! | `level` | percent in, level with hysteresis out |
//! | `series`, `trend` | lines, medians and rises of a series; memory use over minutes |
//! | `leak` and `leak_*` | samples and collections in, a score, a pattern and a verdict out |
//! | `spike` | samples and operations in, sudden rises out |
//! | `black_box` | the last minutes of samples in a file that outlives the process, and what it tells |
//! | `snapshot` | heap snapshots: a file read in a stream into columns, classes, dominators, what grew |
//! | `own_pages` | pages of this library's own file, given back |
//! | `process_tree` | a process, all that it started, and their memory |
//! | `trim` | memory that the C library holds, given back |
//!
//! Everything of the system is read from below a root folder, `/` in production, so that tests read trees of fixtures.
//! On systems without `/proc` there is nothing to read, and every answer is `None`.

pub mod black_box;
pub mod cgroup;
pub mod engine;
mod give_back;
pub mod group_events;
mod kept_file;
mod kilobytes;
pub mod leak;
mod leak_judge;
pub mod leak_pattern;
pub mod leak_report;
pub mod leak_score;
mod leak_window;
pub mod level;
pub mod mounts;
mod own_pages;
pub mod pressure;
pub mod process_tree;
mod resident;
pub mod sampler;
pub mod series;
pub mod snapshot;
pub mod spike;
pub mod system_reader;
pub mod trend;
pub mod trim;

pub use give_back::give_back;
