//! What memory has no room for: checksummed frames in a temporary file that nobody else sees.
//!
//! The file has no name that survives it. Linux makes it without one; other Unix systems remove the name as soon as the
//! file is open; Windows deletes it with its last handle. Nothing is left behind, however the process ends.

mod error;
mod file;
mod pack;
mod place;
pub(crate) mod positioned;
mod space;

pub use error::SpillError;
pub use file::{Frame, LARGEST_FRAME, SpillFile, SpillStats};
pub use pack::{Packed, Unpackable};
pub use place::SpillPlace;
