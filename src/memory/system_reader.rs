//! All that the system says of memory, read again and again: the files stay open, and a reading allocates nothing.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::cgroup::{self, Container, Hierarchy, Limited, Version};
use super::group_events::{EventFiles, Events};
use super::kept_file::{Buffer, KeptFile, LONGEST};
use super::kilobytes;
use super::pressure::{self, Pressure};
use super::resident::Resident;

/// Limits change in place, and groups are left for others: so many milliseconds until both are looked up anew.
const LOOK_UP_EVERY: u64 = 30_000;

/// What the system says of memory at one moment, in bytes; `None` is what this system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemSample {
    /// Memory of the process that is in RAM.
    #[serde(rename = "residentBytes")]
    pub resident: Option<u64>,
    /// The highest that was since the process began, or since the system was told to forget it; never below `resident`.
    #[serde(rename = "peakBytes")]
    pub peak: Option<u64>,
    /// What the machine has for new work without swapping, as the kernel estimates it.
    #[serde(rename = "availableBytes")]
    pub available: Option<u64>,
    /// The control group that leaves the least; `None` when none has a limit.
    pub container: Option<Container>,
    /// Of the process's own group in version 2, else of the machine.
    pub pressure: Option<Pressure>,
    /// How often the process's own group met its limits.
    pub events: Option<Events>,
}

/// Reads [`SystemSample`]s; one call at a time.
#[derive(Debug)]
pub struct SystemReader {
    root: PathBuf,
    resident: Resident,
    status: Option<KeptFile>,
    meminfo: Option<KeptFile>,
    groups: Groups,
    looked_up: Option<u64>,
    buffer: Box<Buffer>,
}

/// What hangs on the control groups that hold the process.
#[derive(Debug, Default)]
struct Groups {
    limited: Vec<Limited>,
    events: Option<EventFiles>,
    id: Option<u64>,
    pressure: Option<KeptFile>,
}

impl SystemReader {
    /// Opens what there is of `/proc` and the control groups below `root`.
    pub fn open(root: &Path) -> Self {
        let open = |name: &str| KeptFile::open(&root.join(name));
        Self {
            resident: Resident::open(root),
            status: open("proc/self/status"),
            meminfo: open("proc/meminfo"),
            groups: Groups::open(root),
            looked_up: None,
            buffer: Box::new([0; LONGEST]),
            root: root.to_owned(),
        }
    }

    /// What the system says now. `now_ms` comes from the caller's clock; groups and limits are looked up anew when it
    /// moved by 30 seconds, which is the only time that files are opened and memory is allocated.
    pub fn read(&mut self, now_ms: u64) -> SystemSample {
        self.look_up(now_ms);
        let buffer = &mut *self.buffer;
        let resident = self.resident.read(buffer);
        let kilobytes = |file: &Option<KeptFile>, name: &str, buffer: &mut Buffer| {
            kilobytes::value(file.as_ref()?.read(buffer)?, name)
        };
        // The kernel counts the peak per thread; it may lag behind.
        let peak = kilobytes(&self.status, "VmHWM", buffer).map(|peak| peak.max(resident.unwrap_or(0)));
        SystemSample {
            resident,
            peak,
            available: kilobytes(&self.meminfo, "MemAvailable", buffer),
            container: self.groups.tightest(buffer),
            pressure: self.groups.pressure(buffer),
            events: self.groups.events(buffer),
        }
    }

    /// Tells the process's own control group, the one whose events are counted, from all others since the machine
    /// started. `None` when there is none.
    pub fn group_id(&self) -> Option<u64> {
        self.groups.id
    }

    fn look_up(&mut self, now_ms: u64) {
        let then = *self.looked_up.get_or_insert(now_ms);
        if now_ms.abs_diff(then) >= LOOK_UP_EVERY {
            self.groups = Groups::open(&self.root);
            self.looked_up = Some(now_ms);
        }
    }
}

impl Groups {
    fn open(root: &Path) -> Self {
        let hierarchies = cgroup::hierarchies(root);
        let limited = hierarchies.iter().flat_map(|Hierarchy { version, folders }| {
            folders.iter().filter_map(|folder| Limited::open(folder, *version))
        });
        let limited = limited.collect();
        let own = || {
            let own = |hierarchy: &'_ Hierarchy| Some((hierarchy.version, hierarchy.folders.first()?.clone()));
            hierarchies.iter().filter_map(own)
        };
        let counted = own().find_map(|(version, folder)| Some((EventFiles::open(&folder, version)?, folder)));
        let (events, folder) = counted.unzip();
        let of_group = own().filter(|(version, _)| *version == Version::V2);
        let of_group = of_group
            .filter_map(|(_, folder)| KeptFile::open(&folder.join("memory.pressure")))
            .next();
        Self {
            limited,
            events,
            id: folder.and_then(|folder| inode(&folder)),
            pressure: of_group.or_else(|| KeptFile::open(&root.join("proc/pressure/memory"))),
        }
    }

    /// The group that leaves the least.
    fn tightest(&self, buffer: &mut Buffer) -> Option<Container> {
        let containers = self.limited.iter().filter_map(|group| group.read(buffer));
        containers.min_by_key(Container::free)
    }

    fn pressure(&self, buffer: &mut Buffer) -> Option<Pressure> {
        pressure::parse(self.pressure.as_ref()?.read(buffer)?)
    }

    fn events(&self, buffer: &mut Buffer) -> Option<Events> {
        self.events.as_ref()?.read(buffer)
    }
}

#[cfg(unix)]
fn inode(folder: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(folder).ok().map(|found| found.ino())
}

#[cfg(not(unix))]
fn inode(_: &Path) -> Option<u64> {
    None
}

// What they expect of `/proc` only Linux reads.
#[cfg(all(test, target_os = "linux"))]
#[path = "system_reader_tests.rs"]
mod tests;
