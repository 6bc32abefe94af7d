//! Memory of this process that is in RAM.

use std::path::Path;

use super::kept_file::Buffer;
#[cfg(target_os = "linux")]
use super::kept_file::KeptFile;

/// Reads `/proc/self/statm`, which stays open.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub(super) struct Resident {
    statm: Option<KeptFile>,
    pub(super) page_bytes: u64,
}

#[cfg(target_os = "linux")]
impl Resident {
    pub(super) fn open(root: &Path) -> Self {
        Self {
            statm: KeptFile::open(&root.join("proc/self/statm")),
            page_bytes: page_bytes(),
        }
    }

    /// In bytes; `None` when it cannot be read.
    pub(super) fn read(&self, buffer: &mut Buffer) -> Option<u64> {
        let pages: u64 = self
            .statm
            .as_ref()?
            .read(buffer)?
            .split(' ')
            .nth(1)?
            .trim()
            .parse()
            .ok()?;
        pages.checked_mul(self.page_bytes)
    }
}

#[cfg(target_os = "linux")]
pub(super) fn page_bytes() -> u64 {
    // SAFETY: takes a number and answers one.
    let found = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    // It has no way to fail for this name; 4096 is the smallest page of all.
    u64::try_from(found).unwrap_or(4096)
}

/// Asks the system: macOS calls it the resident size of the task, Windows the working set of the process.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) struct Resident;

#[cfg(not(target_os = "linux"))]
impl Resident {
    pub(super) fn open(_: &Path) -> Self {
        Self
    }

    /// In bytes; `None` when the system does not tell.
    pub(super) fn read(&self, _: &mut Buffer) -> Option<u64> {
        memory_stats::memory_stats().map(|stats| stats.physical_mem as u64)
    }
}

/// Elsewhere no file counts in pages.
#[cfg(not(target_os = "linux"))]
pub(super) fn page_bytes() -> u64 {
    1
}
