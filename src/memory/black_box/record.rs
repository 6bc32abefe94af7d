//! One sample as it lies in the file.

use super::layout::Part;
use crate::memory::cgroup::Container;
use crate::memory::engine::sample::{Heap, Sample};
use crate::memory::level::Level;
use crate::memory::pressure::Averages;

/// Bytes of a record; a page of memory holds a whole number of them, so none lies on two.
pub const RECORD: usize = 128;

/// The numbers of levels in a record are their places here.
const LEVELS: [Level; 4] = [Level::Healthy, Level::Warning, Level::Critical, Level::Emergency];

/// A sample, in bytes; `None` is what nobody told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Milliseconds since the epoch.
    pub at: u64,
    pub resident: Option<u64>,
    /// The highest resident memory since the sample before.
    pub peak: Option<u64>,
    /// `None` while the JavaScript thread did not answer. What it counts beside bytes is not kept.
    pub heap: Option<Heap>,
    pub container: Option<Container>,
    pub available: Option<u64>,
    pub pressure: Option<Averages>,
    /// The kernel's count of processes of this group that it killed for want of memory.
    pub oom_kill: Option<u64>,
    pub level: Level,
}

impl Record {
    /// What is kept of a sample.
    pub fn of(sample: &Sample, level: Level) -> Self {
        let reading = &sample.reading;
        Self {
            at: sample.at,
            resident: reading.resident,
            peak: sample.peak,
            heap: sample.heap,
            container: reading.container,
            available: reading.available,
            pressure: reading.pressure.map(|pressure| pressure.averages),
            oom_kill: reading.events.and_then(|events| events.oom_kill),
            level,
        }
    }

    /// The record with this number, which counts from 1.
    pub(super) fn encode(&self, number: u64) -> Part<RECORD> {
        let mut part = Part::empty();
        let heap = |field: fn(&Heap) -> u64| self.heap.as_ref().map(field);
        let numbers = [
            Some(number),
            Some(self.at),
            self.resident,
            self.peak,
            heap(|heap| heap.used),
            heap(|heap| heap.total),
            heap(|heap| heap.limit),
            heap(|heap| heap.external),
            heap(|heap| heap.array_buffers),
            self.container.map(|container| container.used_bytes),
            self.container.map(|container| container.limit_bytes),
            self.available,
            self.oom_kill,
        ];
        for (at, number) in numbers.into_iter().enumerate() {
            part.put_number(at * 8, number);
        }
        for (at, average) in hundredths(self.pressure).into_iter().enumerate() {
            part.put(104 + at * 2, &average.to_le_bytes());
        }
        part.put(112, &[self.level as u8]);
        part.sealed()
    }

    /// The record and its number; `None` when the slot was never written, or what lies there is torn.
    pub(super) fn decode(part: &Part<RECORD>) -> Option<(u64, Record)> {
        let number = Some(part.u64(0)).filter(|number| *number > 0 && part.is_whole())?;
        let level = LEVELS.get(usize::from(u8::from_le_bytes(part.bytes(112))))?;
        Some((
            number,
            Record {
                at: part.u64(8),
                resident: part.number(16),
                peak: part.number(24),
                heap: heap(part),
                container: container(part),
                available: part.number(88),
                pressure: pressure(part),
                oom_kill: part.number(96),
                level: *level,
            },
        ))
    }
}

/// Averages as hundredths of a percent, which is all that the kernel tells.
fn hundredths(pressure: Option<Averages>) -> [u16; 4] {
    let Some(averages) = pressure else {
        return [u16::MAX; 4];
    };
    let Averages {
        some_avg10,
        some_avg60,
        full_avg10,
        full_avg60,
    } = averages;
    [some_avg10, some_avg60, full_avg10, full_avg60].map(|percent| (percent * 100.0).round() as u16)
}

fn pressure(part: &Part<RECORD>) -> Option<Averages> {
    let [some_avg10, some_avg60, full_avg10, full_avg60] = [104, 106, 108, 110].map(|at| {
        let hundredths = Some(u16::from_le_bytes(part.bytes(at)));
        let told = hundredths.filter(|found| *found != u16::MAX);
        told.map(|found| f32::from(found) / 100.0)
    });
    Some(Averages {
        some_avg10: some_avg10?,
        some_avg60: some_avg60?,
        full_avg10: full_avg10?,
        full_avg60: full_avg60?,
    })
}

fn heap(part: &Part<RECORD>) -> Option<Heap> {
    Some(Heap {
        used: part.number(32)?,
        total: part.number(40)?,
        limit: part.number(48)?,
        external: part.number(56)?,
        array_buffers: part.number(64)?,
        ..Heap::default()
    })
}

fn container(part: &Part<RECORD>) -> Option<Container> {
    Some(Container {
        used_bytes: part.number(72)?,
        limit_bytes: part.number(80)?,
    })
}

/// A record that tells nothing but its time.
#[cfg(test)]
pub(super) fn empty(at: u64) -> Record {
    Record {
        at,
        resident: None,
        peak: None,
        heap: None,
        container: None,
        available: None,
        pressure: None,
        oom_kill: None,
        level: Level::Healthy,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every field another value.
    fn full() -> Record {
        Record {
            at: 1,
            resident: Some(2),
            peak: Some(3),
            heap: Some(Heap {
                used: 4,
                total: 5,
                limit: 6,
                external: 7,
                array_buffers: 8,
                ..Heap::default()
            }),
            container: Some(Container {
                used_bytes: 9,
                limit_bytes: 10,
            }),
            available: Some(11),
            pressure: Some(Averages {
                some_avg10: 0.01,
                some_avg60: 12.34,
                full_avg10: 99.99,
                full_avg60: 100.0,
            }),
            oom_kill: Some(12),
            level: Level::Emergency,
        }
    }

    #[test]
    fn records_come_back() {
        for record in [full(), empty(1)] {
            assert_eq!(Record::decode(&record.encode(13)), Some((13, record)));
        }
        for (number, level) in LEVELS.into_iter().enumerate() {
            assert_eq!(level as usize, number);
        }
    }

    #[test]
    fn what_is_torn_or_was_never_written_is_no_record() {
        assert_eq!(Record::decode(&Part::empty()), None);
        assert_eq!(Record::decode(&full().encode(0)), None);
        for byte in 0..RECORD {
            let mut torn = full().encode(13);
            torn.0[byte] ^= 1;
            assert_eq!(Record::decode(&torn), None, "byte {byte}");
        }
    }

    #[test]
    fn a_record_never_lies_on_two_pages() {
        assert_eq!(4096 % RECORD, 0);
    }
}
