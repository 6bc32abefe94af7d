//! A black box: a ring of samples in a file, which outlives a process that is killed.
//!
//! The file has its full length from the start and is written with positioned writes. What a write has handed to the
//! kernel is there after the process's death, whatever the signal. The file is not mapped into memory: a mapping would
//! end the process with `SIGBUS` when the disk is full or somebody cuts the file off, where a write answers an error.
//!
//! Who holds the lock on the file records into it; the kernel lets go of the lock when the process ends, so a file
//! without one is a run that is over. docs/toolkit/black-box.md has the format to the byte.

mod error;
mod evidence;
mod folder;
mod header;
mod identity;
mod layout;
mod record;
mod story;
mod writer;

pub use error::BlackBoxError;
pub use evidence::Ended;
pub use folder::{Rotated, rotate};
pub use header::{Closed, Header};
pub use record::Record;
pub use story::{Story, read};
pub use writer::{About, BlackBox};
