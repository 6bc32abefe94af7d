//! The limits that control groups set: the process's own group and all above it, in versions 1 and 2.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::kept_file::{Buffer, KeptFile, value};
use super::mounts::{self, Mount};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

/// Version 1 says "no limit" with the largest number of whole pages; pages have at most 64 KiB.
const UNLIMITED: u64 = i64::MAX as u64 - 0xFFFF;

/// A group with a limit, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Container {
    pub limit_bytes: u64,
    /// What counts against the limit, without the inactive part of the page cache: the kernel takes that back before it
    /// refuses memory.
    pub used_bytes: u64,
}

impl Container {
    /// What the group may still take.
    pub fn free(&self) -> u64 {
        self.limit_bytes.saturating_sub(self.used_bytes)
    }
}

/// A hierarchy that may limit memory, with the groups in it that hold this process: its own first, then those above.
#[derive(Debug, PartialEq, Eq)]
pub struct Hierarchy {
    pub version: Version,
    pub folders: Vec<PathBuf>,
}

/// The hierarchies that this process is in; empty where there are no control groups.
pub fn hierarchies(root: &Path) -> Vec<Hierarchy> {
    let read = |name: &str| fs::read_to_string(root.join(name)).unwrap_or_default();
    let groups = read("proc/self/cgroup");
    let mounts = mounts::parse(&read("proc/self/mountinfo"));
    let hierarchy = |mount: &Mount| {
        let folders = folders(mount, own_group(&groups, mount.version)?);
        Some(Hierarchy {
            version: mount.version,
            folders: folders.iter().map(|folder| inside(root, folder)).collect(),
        })
    };
    mounts.iter().filter_map(hierarchy).collect()
}

/// `id:controllers:path`; version 2 is number 0 and names no controllers.
fn own_group(groups: &str, version: Version) -> Option<&str> {
    groups.lines().find_map(|line| {
        let (id, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        let found = match version {
            Version::V1 => controllers.split(',').any(|name| name == "memory"),
            Version::V2 => id == "0" && controllers.is_empty(),
        };
        found.then_some(path)
    })
}

/// The group's folder and those above it, up to where the hierarchy is mounted. A container may see the host's path of
/// its group, which is not below its mount: then the mount is the group.
fn folders(mount: &Mount, group: &str) -> Vec<PathBuf> {
    let below = Path::new(group).strip_prefix(&mount.group).unwrap_or(Path::new(""));
    let outside = below.components().any(|part| part == Component::ParentDir);
    let below = if outside { Path::new("") } else { below };
    below.ancestors().map(|part| mount.point.join(part)).collect()
}

fn inside(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}

/// A group with a limit, and the open files that tell what it uses.
#[derive(Debug)]
pub struct Limited {
    limit_bytes: u64,
    usage: KeptFile,
    stat: Option<KeptFile>,
    inactive: &'static str,
}

impl Limited {
    /// The group of this folder; `None` when it has no limit, or does not tell what it uses.
    pub fn open(folder: &Path, version: Version) -> Option<Self> {
        let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
        let (limits, usage, inactive) = match version {
            Version::V1 => (
                [number("memory.limit_in_bytes"), None],
                "memory.usage_in_bytes",
                "total_inactive_file",
            ),
            // Above `high` the kernel slows the group down to a crawl: no memory to count on.
            Version::V2 => (
                [number("memory.max"), number("memory.high")],
                "memory.current",
                "inactive_file",
            ),
        };
        let limit_bytes = limits.into_iter().flatten().min().filter(|limit| *limit < UNLIMITED)?;
        Some(Self {
            limit_bytes,
            usage: KeptFile::open(&folder.join(usage))?,
            stat: KeptFile::open(&folder.join("memory.stat")),
            inactive,
        })
    }

    /// What the group uses now. `None` when it does not tell any more.
    pub fn read(&self, buffer: &mut Buffer) -> Option<Container> {
        let usage = self.usage.number(buffer)?;
        let stat = self.stat.as_ref().and_then(|file| file.read(buffer));
        let cache = stat.and_then(|text| value(text, self.inactive)).unwrap_or(0);
        Some(Container {
            limit_bytes: self.limit_bytes,
            used_bytes: usage.saturating_sub(cache),
        })
    }
}
