//! Memory that was freed and that the C library of the program still holds, given back to the system.
//!
//! Node.js and most addons take their memory outside V8's heap from the C library's `malloc`. glibc keeps what is freed
//! in its arenas, and a page goes back only when its end of the arena is free; `malloc_trim` gives back every page that
//! nothing lies on. Other libraries have nothing of the kind, or need nothing.

use std::fs;
use std::path::Path;

use serde::Serialize;

use super::system_reader::SystemReader;

/// Who serves `malloc` in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Allocator {
    Glibc,
    Musl,
    Jemalloc,
    Mimalloc,
    Tcmalloc,
    Snmalloc,
    Scudo,
}

/// Parts of the names of the libraries; those that are loaded before the C library take its place.
const LIBRARIES: [(&str, Allocator); 8] = [
    ("/libjemalloc", Allocator::Jemalloc),
    ("/libmimalloc", Allocator::Mimalloc),
    ("/libtcmalloc", Allocator::Tcmalloc),
    ("/libsnmalloc", Allocator::Snmalloc),
    ("/libscudo", Allocator::Scudo),
    ("/ld-musl-", Allocator::Musl),
    ("/libc.musl-", Allocator::Musl),
    ("/libc.so.6", Allocator::Glibc),
];

/// What [`trim`] did, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trimmed {
    /// `malloc_trim` was called.
    pub ran: bool,
    /// Why it was not.
    pub why: Option<&'static str>,
    #[serde(rename = "rssBeforeBytes")]
    pub resident_before: Option<u64>,
    #[serde(rename = "rssAfterBytes")]
    pub resident_after: Option<u64>,
    /// `None` where the system does not tell.
    pub allocator: Option<Allocator>,
}

/// The allocator of this process, from the libraries that are loaded (`/proc/self/maps`). One that was linked into the
/// program itself is not seen.
pub fn allocator(root: &Path) -> Option<Allocator> {
    let maps = fs::read_to_string(root.join("proc/self/maps")).ok()?;
    let found = LIBRARIES
        .iter()
        .find(|(name, _)| maps.lines().any(|line| line.contains(name)));
    found.map(|(_, allocator)| *allocator)
}

/// Gives free memory back to the system, where the allocator is glibc's. It holds each arena's lock in turn, so that
/// threads that allocate may wait; it takes longer the more there is to give back.
pub fn trim(root: &Path) -> Trimmed {
    let allocator = allocator(root);
    let mut reader = SystemReader::open(root);
    let resident_before = reader.read(0).resident;
    let why = match allocator {
        Some(Allocator::Glibc) => give_back(),
        Some(Allocator::Musl) => Some("musl gives free memory back by itself and has no malloc_trim"),
        Some(_) => Some("malloc_trim does not reach the allocator that was loaded in place of the C library's"),
        None => Some("the allocator of this process is not known"),
    };
    Trimmed {
        ran: why.is_none(),
        why,
        resident_before,
        resident_after: reader.read(0).resident,
        allocator,
    }
}

/// `None`: done.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn give_back() -> Option<&'static str> {
    // SAFETY: takes a number and no pointers, and glibc lets any thread call it. Whether anything was given back, which
    // is all that it answers, resident memory tells better.
    unsafe { libc::malloc_trim(0) };
    None
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() -> Option<&'static str> {
    Some("this addon was not built for glibc")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLIBC: &str = "7f00-7f01 r-xp 0 fe:00 1 /usr/lib/x86_64-linux-gnu/libc.so.6\n";

    fn found(maps: &str) -> Trimmed {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("proc/self")).unwrap();
        fs::write(root.path().join("proc/self/maps"), maps).unwrap();
        trim(root.path())
    }

    #[test]
    fn allocators_are_told_by_their_libraries() {
        use Allocator::{Glibc, Jemalloc, Mimalloc, Musl, Scudo, Snmalloc, Tcmalloc};
        let cases = [
            ("/usr/lib/libjemalloc.so.2", Some(Jemalloc)),
            ("/opt/libmimalloc.so.2.1", Some(Mimalloc)),
            ("/usr/lib/libtcmalloc_minimal.so.4", Some(Tcmalloc)),
            ("/usr/lib/libsnmallocshim.so", Some(Snmalloc)),
            ("/usr/lib/libscudo.so", Some(Scudo)),
            ("/lib/ld-musl-x86_64.so.1", Some(Musl)),
            ("/usr/bin/node", None),
        ];
        for (library, expected) in cases {
            let line = format!("7e00-7e01 r-xp 0 fe:00 1 {library}\n");
            let alone = found(&line);
            assert_eq!(alone.allocator, expected, "{library}");
            assert!(!alone.ran && alone.why.is_some(), "{library}");
            let beside = found(&format!("{GLIBC}{line}"));
            assert_eq!(beside.allocator, expected.or(Some(Glibc)), "{library} before glibc");
        }
    }

    #[test]
    fn without_proc_nothing_is_known() {
        let trimmed = trim(Path::new("/nowhere/at/all"));
        assert_eq!(
            (trimmed.ran, trimmed.allocator, trimmed.resident_before),
            (false, None, None)
        );
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn this_process_is_trimmed() {
        let trimmed = trim(Path::new("/"));
        assert_eq!(
            (trimmed.ran, trimmed.why, trimmed.allocator),
            (true, None, Some(Allocator::Glibc))
        );
        assert!(trimmed.resident_before.is_some() && trimmed.resident_after.is_some());
    }
}
