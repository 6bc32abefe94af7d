//! The kernel's lines of kilobytes: `/proc/meminfo`, `/proc/self/status`.

/// The value of `name` in lines such as `VmHWM:   200 kB`, in bytes.
pub fn value(text: &str, name: &str) -> Option<u64> {
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let number: u64 = value.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    number.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let cases = [
            ("MemTotal: 9 kB\nMemAvailable:   23018748 kB\n", Some(23_018_748 * 1024)),
            ("MemAvailable: 0 kB\n", Some(0)),
            ("MemAvailableX: 1 kB\n", None),
            ("MemAvailable: 1 MB\n", None),
            ("MemAvailable: 1\n", None),
            ("MemAvailable: -1 kB\n", None),
            ("MemAvailable: 18446744073709551615 kB\n", None),
            ("MemAvailable: one kB\n", None),
            ("Name:\tMemAvailable: 1 kB\n", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text, "MemAvailable"), expected, "{text:?}");
        }
    }
}
