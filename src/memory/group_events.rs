//! How often a control group met its limits, as the kernel counts it.

use std::path::Path;

use serde::Serialize;

use super::cgroup::Version;
use super::kept_file::{Buffer, KeptFile, value};

/// Counters of the process's own group since the group was made; `None` is what the system does not count.
///
/// Version 2 counts what happened below the group, too. Version 1 has neither `high` nor `oom`, and its `max` is
/// `memory.failcnt`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Events {
    /// Times that tasks were slowed down, above `memory.high`.
    pub high: Option<u64>,
    /// Times that memory had to be taken back before more was given, at the limit.
    pub max: Option<u64>,
    /// Times that nothing could be taken back.
    pub oom: Option<u64>,
    /// Processes that the kernel killed for want of memory, of the group or of the machine.
    pub oom_kill: Option<u64>,
}

/// The files that hold the counters of one group.
#[derive(Debug)]
pub enum EventFiles {
    V1 {
        failures: Option<KeptFile>,
        control: Option<KeptFile>,
    },
    V2(KeptFile),
}

impl EventFiles {
    /// `None` when the group has no counters.
    pub fn open(folder: &Path, version: Version) -> Option<Self> {
        let open = |name: &str| KeptFile::open(&folder.join(name));
        match version {
            Version::V2 => open("memory.events").map(Self::V2),
            Version::V1 => {
                let (failures, control) = (open("memory.failcnt"), open("memory.oom_control"));
                (failures.is_some() || control.is_some()).then_some(Self::V1 { failures, control })
            }
        }
    }

    /// The counters now. `None` when none can be read any more.
    pub fn read(&self, buffer: &mut Buffer) -> Option<Events> {
        match self {
            Self::V2(file) => {
                let text = file.read(buffer)?;
                Some(Events {
                    high: value(text, "high"),
                    max: value(text, "max"),
                    oom: value(text, "oom"),
                    oom_kill: value(text, "oom_kill"),
                })
            }
            Self::V1 { failures, control } => {
                let max = failures.as_ref().and_then(|file| file.number(buffer));
                let text = control.as_ref().and_then(|file| file.read(buffer));
                let oom_kill = text.and_then(|text| value(text, "oom_kill"));
                let found = Events {
                    max,
                    oom_kill,
                    ..Events::default()
                };
                (found != Events::default()).then_some(found)
            }
        }
    }
}
