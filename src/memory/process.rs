//! The memory of this process: `/proc/self/status`.

use std::fs;
use std::path::Path;

use super::system::kilobytes;

/// Resident memory, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resident {
    /// Now.
    pub current: u64,
    /// The highest since the process began, or since the system was told to forget it.
    pub peak: u64,
}

/// What the kernel says of this process; `None` where there is no `/proc`.
pub fn resident(root: &Path) -> Option<Resident> {
    parse(&fs::read_to_string(root.join("proc/self/status")).ok()?)
}

fn parse(status: &str) -> Option<Resident> {
    let current = kilobytes(status, "VmRSS")?;
    // The peak is counted per thread and may lag behind.
    let peak = kilobytes(status, "VmHWM")?.max(current);
    Some(Resident { current, peak })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_is_read() {
        let found = |current, peak| Some(Resident { current, peak });
        let cases = [
            (
                "Name:\tnode\nVmHWM:\t  300 kB\nVmRSS:\t  200 kB\n",
                found(204_800, 307_200),
            ),
            ("VmRSS:\t200 kB\nVmHWM:\t100 kB\n", found(204_800, 204_800)),
            ("VmRSS:\t200 kB\n", None),
            ("VmHWM:\t200 kB\n", None),
            ("Name:\tVmRSS: 1 kB\n", None),
            ("VmRSS:\t-1 kB\nVmHWM:\t1 kB\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory() {
        let found = resident(Path::new("/")).unwrap();
        assert!(found.current > 500_000 && found.peak >= found.current, "{found:?}");
    }
}
