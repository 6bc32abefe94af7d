//! What the system knows of memory: the process, its control groups, the machine; and the policy that judges samples
//! of it. No V8, no clock.
//!
//! | part | what it does |
//! |---|---|
//! | `process`, `cgroup`, `mounts`, `system`, `sample` | read what the system tells |
//! | `level` | percent in, level with hysteresis out |
//! | `series`, `trend` | lines, medians and rises of a series; memory use over minutes |
//! | `leak` and `leak_*` | samples and collections in, a score, a pattern and a verdict out |
//! | `spike` | samples and operations in, sudden rises out |
//!
//! Everything of the system is read from below a root folder, `/` in production, so that tests read trees of fixtures. On systems
//! without `/proc` there is nothing to read, and every answer is `None`.

pub mod cgroup;
mod give_back;
pub mod leak;
mod leak_judge;
pub mod leak_pattern;
pub mod leak_report;
pub mod leak_score;
mod leak_window;
pub mod level;
pub mod mounts;
pub mod process;
pub mod sample;
pub mod series;
pub mod spike;
pub mod system;
pub mod trend;

pub use give_back::give_back;
