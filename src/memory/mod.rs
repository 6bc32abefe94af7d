//! Memory: what the system knows of the process, its control groups and the machine; and what follows from it. No V8.
//!
//! Everything is read from below a root folder, `/` in production, so that tests read trees of fixtures. On systems
//! without `/proc` there is nothing to read, and every answer is `None`.

pub mod cgroup;
pub mod engine;
mod give_back;
pub mod level;
pub mod mounts;
pub mod process;
pub mod sample;
pub mod sampler;
pub mod system;

pub use give_back::give_back;
