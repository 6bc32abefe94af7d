//! What tells this process, its group and this boot of the machine from all others.

use std::fs;
use std::path::Path;

use super::header::BootId;
use crate::memory::group_events::Events;
use crate::memory::system_reader::SystemReader;

/// This process, as the system tells it; `None` is what it does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// When the process started: clock ticks since the machine did.
    pub started: Option<u64>,
    pub boot: Option<BootId>,
    /// The process's own control group.
    pub group: Option<u64>,
    pub events: Events,
}

impl Identity {
    /// Reads `/proc` and the control groups below `root`.
    pub fn read(root: &Path) -> Self {
        let mut reader = SystemReader::open(root);
        let read = |name: &str| fs::read_to_string(root.join(name)).ok();
        Self {
            started: read("proc/self/stat").and_then(|text| started(&text)),
            boot: read("proc/sys/kernel/random/boot_id").and_then(|text| boot_id(&text)),
            group: reader.group_id(),
            events: reader.read(0).events.unwrap_or_default(),
        }
    }
}

/// The 22nd field; the second is the name in parentheses, which may contain anything.
fn started(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split(' ').nth(19)?.parse().ok()
}

/// 32 hexadecimal digits with dashes between them.
fn boot_id(text: &str) -> Option<BootId> {
    let digits: String = text.trim().chars().filter(|digit| *digit != '-').collect();
    let number = u128::from_str_radix(&digits, 16).ok()?;
    (digits.len() == 32).then(|| number.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_found_behind_any_name() {
        let stat = "7 (a) b) c) S 1 7 7 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 11 0 987654 1 2 3\n";
        assert_eq!(started(stat), Some(987_654));
        assert_eq!(started("7 (node) S 1"), None);
        assert_eq!(started(""), None);
    }

    #[test]
    fn boot_ids_are_read() {
        let id = boot_id("00112233-4455-6677-8899-aabbccddeeff\n");
        let expected = [
            0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff,
        ];
        assert_eq!(id, Some(expected));
        for wrong in [
            "",
            "0",
            "00112233-4455-6677-8899-aabbccddeef",
            "00112233-4455-6677-8899-aabbccddeexx",
        ] {
            assert_eq!(boot_id(wrong), None, "{wrong}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_an_identity() {
        let found = Identity::read(Path::new("/"));
        assert!(found.started.is_some() && found.boot.is_some(), "{found:?}");
        assert_eq!(Identity::read(Path::new("/nowhere/at/all")), Identity::default());
    }
}
