//! The limit that control groups set: the process's own group and all above it, in versions 1 and 2.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use super::mounts::{self, Mount};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    V1,
    V2,
}

/// Version 1 says "no limit" with the largest number of whole pages; pages have at most 64 KiB.
const UNLIMITED: u64 = i64::MAX as u64 - 0xFFFF;

/// A group with a limit, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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

/// Of all groups that hold this process, the one that leaves the least. `None` when none has a limit.
pub fn tightest(root: &Path) -> Option<Container> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let mounted = fs::read_to_string(root.join("proc/self/mountinfo")).ok()?;
    let mounts = mounts::parse(&mounted);
    let limits = mounts.iter().flat_map(|mount| limits(root, mount, &groups));
    limits.min_by_key(Container::free)
}

fn limits(root: &Path, mount: &Mount, groups: &str) -> Vec<Container> {
    let Some(group) = own_group(groups, mount.version) else {
        return Vec::new();
    };
    folders(mount, group)
        .iter()
        .filter_map(|folder| container(&inside(root, folder), mount.version))
        .collect()
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

fn container(folder: &Path, version: Version) -> Option<Container> {
    let number = |name: &str| fs::read_to_string(folder.join(name)).ok()?.trim().parse::<u64>().ok();
    let (limit_bytes, usage, inactive) = match version {
        Version::V1 => (
            number("memory.limit_in_bytes"),
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
        // Above `high` the kernel slows the group down to a crawl: no memory to count on.
        Version::V2 => (
            [number("memory.max"), number("memory.high")]
                .into_iter()
                .flatten()
                .min(),
            "memory.current",
            "inactive_file",
        ),
    };
    let limit_bytes = limit_bytes.filter(|limit| *limit < UNLIMITED)?;
    let stat = fs::read_to_string(folder.join("memory.stat")).unwrap_or_default();
    let cache = statistic(&stat, inactive).unwrap_or(0);
    let used_bytes = number(usage)?.saturating_sub(cache);
    Some(Container {
        limit_bytes,
        used_bytes,
    })
}

fn statistic(stat: &str, name: &str) -> Option<u64> {
    stat.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok())
}

#[cfg(test)]
#[path = "cgroup_tests.rs"]
mod tests;
