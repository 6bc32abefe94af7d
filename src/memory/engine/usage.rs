//! How full memory is: the percentage, and what it is a percentage of.

use serde::{Deserialize, Serialize};

use super::sample::{Heap, Sample};

/// What percentages are taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Basis {
    /// The limit that is nearest: V8's heap limit, the container's, the configured one.
    #[default]
    Effective,
    /// V8's limits alone: of its heap, and of the old generation in it.
    HeapLimit,
    /// What V8 committed so far. It says nothing about how much is left; some programs display it.
    HeapTotal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Of {
    Heap,
    OldGeneration,
    Container,
    Configured,
    HeapTotal,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    pub percent: f64,
    pub of: Of,
    /// What `percent` is a percentage of, in bytes.
    pub limit: u64,
}

impl Usage {
    /// Bytes that are left of the limit.
    pub fn left(&self) -> u64 {
        (self.limit as f64 * (1.0 - self.percent / 100.0)) as u64
    }
    fn new(of: Of, used: u64, limit: u64) -> Option<Self> {
        let percent = used as f64 / limit as f64 * 100.0;
        (limit > 0).then_some(Self { percent, of, limit })
    }
}

/// The limits that somebody's percentages are taken of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    pub basis: Basis,
    /// Resident memory that the program should stay within, in bytes.
    pub configured: Option<u64>,
}

impl Limits {
    /// How full memory is, judged by the limit that is nearest. `heap` is what V8 said last: while JavaScript is blocked
    /// the sample has no figures of its own.
    pub fn usage(&self, sample: &Sample, heap: Option<Heap>) -> Option<Usage> {
        let heap = sample.heap.or(heap);
        let of_heap = heap.and_then(|heap| highest([of_whole(&heap), of_old(&heap)]));
        match self.basis {
            Basis::HeapLimit => of_heap,
            Basis::HeapTotal => heap.and_then(|heap| Usage::new(Of::HeapTotal, heap.used, heap.total)),
            Basis::Effective => highest([of_heap, of_container(sample), self.of_configured(sample)]),
        }
    }

    fn of_configured(&self, sample: &Sample) -> Option<Usage> {
        Usage::new(Of::Configured, sample.reading.resident?, self.configured?)
    }

    /// The smallest limit there is, in bytes.
    pub fn smallest(&self, sample: &Sample, heap: Option<Heap>) -> Option<u64> {
        let heap = sample.heap.or(heap).map(|heap| heap.limit);
        let container = sample.reading.container.map(|container| container.limit_bytes);
        [heap, container, self.configured].into_iter().flatten().min()
    }
}

fn highest<const COUNT: usize>(of: [Option<Usage>; COUNT]) -> Option<Usage> {
    of.into_iter().flatten().max_by(|a, b| a.percent.total_cmp(&b.percent))
}

fn of_whole(heap: &Heap) -> Option<Usage> {
    Usage::new(Of::Heap, heap.used, heap.limit)
}

fn of_old(heap: &Heap) -> Option<Usage> {
    Usage::new(Of::OldGeneration, heap.old_used, heap.old_limit)
}

fn of_container(sample: &Sample) -> Option<Usage> {
    let container = sample.reading.container?;
    Usage::new(Of::Container, container.used_bytes, container.limit_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::cgroup::Container;
    use crate::memory::system_reader::SystemSample;

    const MB: u64 = 1 << 20;

    fn sample(heap_used: u64, container: Option<(u64, u64)>, resident: u64) -> Sample {
        let container = container.map(|(used, limit)| Container {
            limit_bytes: limit * MB,
            used_bytes: used * MB,
        });
        let heap = Heap {
            used: heap_used * MB,
            total: 80 * MB,
            limit: 100 * MB,
            ..Heap::default()
        };
        let reading = SystemSample {
            resident: Some(resident * MB),
            container,
            ..SystemSample::default()
        };
        Sample {
            at: 0,
            reading,
            peak: None,
            heap: Some(heap),
        }
    }

    #[test]
    fn the_nearest_limit_counts() {
        let limits = Limits {
            basis: Basis::Effective,
            configured: Some(400 * MB),
        };
        let cases = [
            (sample(60, Some((100, 500)), 100), 60.0, Of::Heap, 100),
            (sample(10, Some((450, 500)), 100), 90.0, Of::Container, 500),
            (sample(10, Some((100, 500)), 300), 75.0, Of::Configured, 400),
            (sample(11, None, 40), 11.0, Of::Heap, 100),
        ];
        for (sample, percent, of, limit) in cases {
            let found = limits.usage(&sample, None).unwrap();
            assert_eq!((found.percent, found.of, found.limit), (percent, of, limit * MB));
            assert_eq!(limits.smallest(&sample, None), Some(100 * MB));
        }
    }

    #[test]
    fn the_old_generation_may_be_full_before_the_heap_is() {
        let mut full = sample(57, None, 100);
        full.heap = full.heap.map(|heap| Heap {
            old_used: 60 * MB,
            old_limit: 64 * MB,
            ..heap
        });
        let of = |basis| {
            Limits {
                basis,
                configured: None,
            }
            .usage(&full, None)
            .unwrap()
        };
        for basis in [Basis::Effective, Basis::HeapLimit] {
            assert_eq!((of(basis).percent, of(basis).of), (93.75, Of::OldGeneration));
        }
        assert_eq!(of(Basis::HeapTotal).of, Of::HeapTotal);
    }

    #[test]
    fn a_basis_is_kept_to() {
        let full = sample(60, Some((490, 500)), 100);
        let of = |basis| {
            Limits {
                basis,
                configured: None,
            }
            .usage(&full, None)
            .unwrap()
        };
        assert_eq!(of(Basis::HeapLimit).percent, 60.0);
        assert_eq!(of(Basis::HeapTotal).percent, 75.0);
        assert_eq!(of(Basis::HeapTotal).of, Of::HeapTotal);
    }

    #[test]
    fn what_v8_said_last_counts_while_it_is_silent() {
        let mut blocked = sample(0, Some((100, 500)), 100);
        let last = blocked
            .heap
            .replace(Heap::default())
            .map(|heap| Heap { used: 95 * MB, ..heap });
        blocked.heap = None;
        assert_eq!(Limits::default().usage(&blocked, last).unwrap().percent, 95.0);
        assert_eq!(Limits::default().usage(&blocked, None).unwrap().percent, 20.0);
        blocked.reading.container = None;
        assert_eq!(Limits::default().usage(&blocked, None), None);
        assert_eq!(Limits::default().smallest(&blocked, None), None);
    }
}
