//! The samples of the past, in bounded memory: all of the last, then one for every quarter of a minute.

use std::collections::VecDeque;

use super::sample::Sample;

/// Samples as they came: 20 minutes at one a second.
const RECENT: usize = 1_200;
/// Older ones, [`STEP`] apart: 12 hours.
const OLDER: usize = 2_880;
/// Milliseconds.
const STEP: u64 = 15_000;

/// Room for so many samples at a time.
const GROW: usize = 240;

#[derive(Default)]
pub struct Timeline {
    recent: VecDeque<Sample>,
    older: VecDeque<Sample>,
}

impl Timeline {
    /// Most bytes that a timeline takes.
    pub const MOST_BYTES: usize = (RECENT + OLDER) * size_of::<Sample>();

    pub fn push(&mut self, sample: Sample) {
        if self.recent.len() == RECENT
            && let Some(oldest) = self.recent.pop_front()
        {
            self.age(oldest);
        }
        append(&mut self.recent, sample);
    }

    /// Samples of one step become one: the last of them, with the highest peak.
    fn age(&mut self, sample: Sample) {
        match self.older.back_mut() {
            Some(last) if last.at / STEP == sample.at / STEP => *last = sample.merge(last),
            _ => {
                if self.older.len() == OLDER {
                    self.older.pop_front();
                }
                append(&mut self.older, sample);
            }
        }
    }

    /// Samples that are not older than `since`, oldest first.
    pub fn since(&self, since: u64) -> impl DoubleEndedIterator<Item = &Sample> {
        let older = self.older.partition_point(|sample| sample.at < since);
        let recent = self.recent.partition_point(|sample| sample.at < since);
        self.older.range(older..).chain(self.recent.range(recent..))
    }

    pub fn last(&self) -> Option<&Sample> {
        self.recent.back()
    }

    /// Forgets all but the samples that are not older than `since`, and gives their memory back. Returns the bytes.
    pub fn forget(&mut self, since: u64) -> usize {
        let held = self.bytes();
        for samples in [&mut self.older, &mut self.recent] {
            samples.drain(..samples.partition_point(|sample| sample.at < since));
            samples.shrink_to_fit();
        }
        held.saturating_sub(self.bytes())
    }

    fn bytes(&self) -> usize {
        (self.older.capacity() + self.recent.capacity()) * size_of::<Sample>()
    }
}

/// Grows in small steps: doubling would take up to twice the memory that is ever needed.
fn append(samples: &mut VecDeque<Sample>, sample: Sample) {
    if samples.len() == samples.capacity() {
        samples.reserve_exact(GROW);
    }
    samples.push_back(sample);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::system_reader::SystemSample;

    fn sample(at: u64, peak: u64) -> Sample {
        Sample {
            at,
            reading: SystemSample::default(),
            peak: Some(peak),
            heap: None,
        }
    }

    #[test]
    fn the_recent_are_all_there_and_the_older_a_step_apart() {
        let mut timeline = Timeline::default();
        let count = RECENT as u64 + 600;
        for number in 0..count {
            timeline.push(sample(number * 1_000, if number == 7 { 99 } else { 1 }));
        }
        let all: Vec<_> = timeline.since(0).collect();
        assert_eq!(all.len(), RECENT + 600 / 15);
        assert!(all.windows(2).all(|pair| pair[0].at < pair[1].at));
        // Nothing of a peak is lost, and a step keeps its last sample.
        assert_eq!((all[0].at, all[0].peak), (14_000, Some(99)));
        assert_eq!(timeline.since(count * 1_000 - 3_000).count(), 3);
        assert_eq!(timeline.last().map(|last| last.at), Some((count - 1) * 1_000));
    }

    #[test]
    fn memory_is_bounded() {
        let mut timeline = Timeline::default();
        for number in 0..200_000u64 {
            timeline.push(sample(number * 5_000, 0));
        }
        assert_eq!(timeline.since(0).count(), RECENT + OLDER);
        assert_eq!(timeline.bytes(), Timeline::MOST_BYTES);
        const { assert!(Timeline::MOST_BYTES < 5 << 18) };
    }

    #[test]
    fn what_is_forgotten_gives_its_memory_back() {
        let mut timeline = Timeline::default();
        for number in 0..RECENT as u64 {
            timeline.push(sample(number, 0));
        }
        let freed = timeline.forget(RECENT as u64 - 10);
        assert_eq!(timeline.since(0).count(), 10);
        assert!(freed >= (RECENT - 10) * size_of::<Sample>(), "{freed}");
        assert_eq!(timeline.forget(0), 0);
    }
}
