//! What the system says of memory.

use std::path::Path;

use napi_derive::napi;

use super::error::Result;
use super::json::text;
use crate::memory::process_tree;
use crate::memory::system_reader::SystemReader;
use crate::memory::trim::trim;

/// Memory of the process, its container and the machine, in bytes; JSON text.
// In builds of tests nothing registers it.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn system_memory() -> Result<String> {
    text(&SystemReader::open(Path::new("/")).read(0))
}

/// Gives memory that the C library holds and nobody uses back to the system; JSON text.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn trim_native_memory() -> Result<String> {
    text(&trim(Path::new("/")))
}

/// The memory of a process and of all that it started, in bytes; JSON text, `null` on systems without `/proc`.
#[cfg_attr(test, allow(dead_code))]
#[napi(catch_unwind)]
pub fn process_tree(pid: u32) -> Result<String> {
    text(&process_tree::read(Path::new("/"), pid))
}
