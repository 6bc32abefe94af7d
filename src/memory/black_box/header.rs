//! The first page of the file: whose it is, and how it was closed.

use super::layout::Part;
use super::record::RECORD;
use crate::memory::group_events::Events;

/// The format that is written, and the newest that is read.
pub const VERSION: u32 = 1;
/// Bytes before the first record.
pub const PAGE: u64 = 4096;
/// Where the closing mark lies; its page is the header's.
pub const CLOSED_AT: u64 = 1024;

const MAGIC: [u8; 8] = *b"PGTAPBOX";
/// Bytes of the header and of the closing mark, each with its checksum.
pub const HEADER: usize = 256;
pub const CLOSED: usize = 128;
/// The longest texts; what is longer is cut.
const LONGEST_NAME: usize = 64;
const LONGEST_VERSION: usize = 32;
const LONGEST_REASON: usize = 64;
/// No exit code.
const NO_CODE: i32 = i32::MIN;

/// What tells this boot of the machine from all others: `/proc/sys/kernel/random/boot_id`.
pub type BootId = [u8; 16];

/// Whose file it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many records the ring has.
    pub capacity: u32,
    /// Milliseconds between records that are kept.
    pub interval_ms: u32,
    pub pid: u32,
    /// Milliseconds since the epoch; the clock of all records is the same.
    pub created_at: u64,
    /// When the process started: clock ticks since the machine did.
    pub started: Option<u64>,
    pub boot: Option<BootId>,
    /// The process's control group.
    pub group: Option<u64>,
    /// The group's counters when the file was made.
    pub events: Events,
    pub node_version: String,
    /// The program's name, without its arguments.
    pub name: String,
}

/// Why bytes are no header.
#[derive(Debug, PartialEq, Eq)]
pub enum NoHeader {
    Foreign,
    Newer(u32),
    Damaged,
}

impl Header {
    /// Bytes of the whole file.
    pub fn file_bytes(&self) -> u64 {
        PAGE + u64::from(self.capacity) * RECORD as u64
    }

    pub(super) fn encode(&self) -> Part<HEADER> {
        let mut part = Part::empty();
        part.put(0, &MAGIC);
        let numbers = [VERSION, RECORD as u32, self.capacity, self.interval_ms, self.pid];
        for (at, number) in numbers.into_iter().enumerate() {
            part.put(8 + at * 4, &number.to_le_bytes());
        }
        part.put_number(32, Some(self.created_at));
        part.put_number(40, self.started);
        part.put(48, &self.boot.unwrap_or_default());
        part.put_number(64, self.group);
        let Events {
            high,
            max,
            oom,
            oom_kill,
        } = self.events;
        for (at, count) in [high, max, oom, oom_kill].into_iter().enumerate() {
            part.put_number(72 + at * 8, count);
        }
        part.put_text(104, LONGEST_VERSION, &self.node_version);
        part.put_text(136, LONGEST_NAME, &self.name);
        part.sealed()
    }

    pub(super) fn decode(part: &Part<HEADER>) -> Result<Header, NoHeader> {
        if part.bytes(0) != MAGIC {
            return Err(NoHeader::Foreign);
        }
        // A later version may have put its checksum elsewhere.
        let version = part.u32(8);
        if version > VERSION {
            return Err(NoHeader::Newer(version));
        }
        if !part.is_whole() || part.u32(12) as usize != RECORD {
            return Err(NoHeader::Damaged);
        }
        Ok(Header {
            capacity: part.u32(16),
            interval_ms: part.u32(20),
            pid: part.u32(24),
            created_at: part.u64(32),
            started: part.number(40),
            boot: Some(part.bytes(48)).filter(|boot| *boot != BootId::default()),
            group: part.number(64),
            events: Events {
                high: part.number(72),
                max: part.number(80),
                oom: part.number(88),
                oom_kill: part.number(96),
            },
            node_version: part.text(104, LONGEST_VERSION),
            name: part.text(136, LONGEST_NAME),
        })
    }
}

/// That the program closed the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Milliseconds since the epoch.
    pub at: u64,
    /// Of the process, where it was ending.
    pub exit_code: Option<i32>,
    pub reason: String,
}

impl Closed {
    pub(super) fn encode(&self) -> Part<CLOSED> {
        let mut part = Part::empty();
        part.put(0, &1u32.to_le_bytes());
        part.put(4, &self.exit_code.unwrap_or(NO_CODE).to_le_bytes());
        part.put_number(8, Some(self.at));
        part.put_text(16, LONGEST_REASON, &self.reason);
        part.sealed()
    }

    /// `None` when the file was not closed.
    pub(super) fn decode(part: &Part<CLOSED>) -> Option<Closed> {
        let is_closed = part.is_whole() && part.u32(0) == 1;
        is_closed.then(|| Closed {
            at: part.u64(8),
            exit_code: Some(i32::from_le_bytes(part.bytes(4))).filter(|code| *code != NO_CODE),
            reason: part.text(16, LONGEST_REASON),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            capacity: 2,
            interval_ms: 3,
            pid: 4,
            created_at: 5,
            started: Some(6),
            boot: Some([7; 16]),
            group: Some(8),
            events: Events {
                high: Some(9),
                max: Some(10),
                oom: Some(11),
                oom_kill: Some(12),
            },
            node_version: "v20.1.2".into(),
            name: "server.js".into(),
        }
    }

    #[test]
    fn headers_come_back() {
        let least = Header {
            started: None,
            boot: None,
            group: None,
            events: Events::default(),
            name: String::new(),
            ..header()
        };
        for header in [header(), least] {
            assert_eq!(Header::decode(&header.encode()), Ok(header));
        }
        let long = Header {
            name: "x".repeat(100),
            ..header()
        };
        assert_eq!(Header::decode(&long.encode()).unwrap().name, "x".repeat(64));
    }

    #[test]
    fn what_is_no_header_is_told_apart() {
        let mut foreign = header().encode();
        foreign.put(0, b"SQLite f");
        assert_eq!(Header::decode(&foreign), Err(NoHeader::Foreign));
        let mut newer = header().encode();
        newer.put(8, &2u32.to_le_bytes());
        assert_eq!(Header::decode(&newer), Err(NoHeader::Newer(2)));
        for byte in 12..HEADER {
            let mut damaged = header().encode();
            damaged.0[byte] ^= 1;
            assert_eq!(Header::decode(&damaged), Err(NoHeader::Damaged), "byte {byte}");
        }
        let mut other_records = header().encode();
        other_records.put(12, &64u32.to_le_bytes());
        assert_eq!(Header::decode(&other_records.sealed()), Err(NoHeader::Damaged));
    }

    #[test]
    fn closing_marks_come_back() {
        for exit_code in [None, Some(0), Some(-1), Some(134)] {
            let closed = Closed {
                at: 1,
                exit_code,
                reason: "exit".into(),
            };
            assert_eq!(Closed::decode(&closed.encode()), Some(closed));
        }
        assert_eq!(Closed::decode(&Part::empty()), None);
    }
}
