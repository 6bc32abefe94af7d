//! Where control groups are mounted: `/proc/self/mountinfo`.

use std::path::PathBuf;

use super::cgroup::Version;

/// A mounted hierarchy that may limit memory.
#[derive(Debug, PartialEq, Eq)]
pub struct Mount {
    pub version: Version,
    /// The group of the hierarchy that stands at `point`.
    pub group: PathBuf,
    /// The folder.
    pub point: PathBuf,
}

/// The hierarchies of version 2, and those of version 1 that have the memory controller.
pub fn parse(mountinfo: &str) -> Vec<Mount> {
    mountinfo.lines().filter_map(mount).collect()
}

/// `36 35 98:0 /group /point rw,noatime [master:1 ...] - type source options`
fn mount(line: &str) -> Option<Mount> {
    let (place, how) = line.split_once(" - ")?;
    let mut how = how.split(' ');
    let version = match how.next()? {
        "cgroup2" => Version::V2,
        "cgroup" if how.nth(1)?.split(',').any(|option| option == "memory") => Version::V1,
        _ => return None,
    };
    let mut place = place.split(' ').skip(3);
    let group = unescaped(place.next()?);
    let point = unescaped(place.next()?);
    Some(Mount { version, group, point })
}

/// The kernel writes white space and backslashes as three octal digits: `\040`.
fn unescaped(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = (first == b'\\').then(|| after.get(..3)).flatten().and_then(octal);
        bytes.push(code.unwrap_or(first));
        rest = if code.is_some() {
            after.get(3..).unwrap_or_default()
        } else {
            after
        };
    }
    // Group names that are not UTF-8 are as good as unknown: their folders are not found.
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

fn octal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 8).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let of = |version, group: &str, point: &str| {
            Some(Mount {
                version,
                group: group.into(),
                point: point.into(),
            })
        };
        let cases = [
            (
                "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate",
                of(Version::V2, "/", "/sys/fs/cgroup"),
            ),
            (
                "34 25 0:30 /docker/ab /sys/fs/cgroup/memory ro master:1 - cgroup cgroup rw,memory",
                of(Version::V1, "/docker/ab", "/sys/fs/cgroup/memory"),
            ),
            (
                "34 25 0:30 / /m rw - cgroup cgroup rw,cpu,memory,cpuset",
                of(Version::V1, "/", "/m"),
            ),
            (
                r"34 25 0:30 /a\040b /m\134n\011 rw - cgroup2 none rw",
                of(Version::V2, "/a b", "/m\\n\t"),
            ),
            (
                r"34 25 0:30 /a\9 /m\04 rw - cgroup2 none rw",
                of(Version::V2, r"/a\9", r"/m\04"),
            ),
            ("34 25 0:30 / /m rw - cgroup cgroup rw,cpu", None),
            ("34 25 0:30 / /m rw - cgroup cgroup rw,memory_no", None),
            ("34 25 0:30 / /m rw - cgroup cgroup", None),
            ("34 25 0:30 / /m rw - tmpfs tmpfs rw,memory", None),
            ("34 25 0:30 - cgroup2 none rw", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(mount(line), expected, "{line:?}");
        }
    }
}
