//! All that the system says of memory, at one moment.

use std::path::Path;

use serde::Serialize;

use super::cgroup::{self, Container};
use super::{process, system};

/// In bytes; `None` is what this system does not tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Memory of the process that is in RAM.
    pub resident_bytes: Option<u64>,
    /// The highest that was.
    pub peak_bytes: Option<u64>,
    /// What the machine has for new work.
    pub available_bytes: Option<u64>,
    /// The control group that leaves the least; `None` when none has a limit.
    pub container: Option<Container>,
}

impl Sample {
    /// Reads `/proc` and the control groups below `root`.
    pub fn read(root: &Path) -> Self {
        let resident = process::resident(root);
        Self {
            resident_bytes: resident.map(|found| found.current),
            peak_bytes: resident.map(|found| found.peak),
            available_bytes: system::available(root),
            container: cgroup::tightest(root),
        }
    }
}
