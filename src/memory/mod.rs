//! What the system knows of memory: the process, its control groups, the machine. No V8, no clock.
//!
//! Everything is read from below a root folder, `/` in production, so that tests read trees of fixtures. On systems
//! without `/proc` there is nothing to read, and every answer is `None`.
//!
//! [`snapshot`] is apart from that: it reads files.

pub mod cgroup;
mod give_back;
pub mod mounts;
pub mod process;
pub mod sample;
pub mod snapshot;
pub mod system;

pub use give_back::give_back;
