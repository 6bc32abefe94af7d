//! What one window of a leak detector remembers: floors, minima, and counts, in bounded memory.

use super::leak::{Collection, Sample};
use super::series::{Point, mean};

/// Buckets that a window begins with. At twice as many pairs are merged, so a window may last as long as it likes.
const BUCKETS: usize = 12;
/// Groups of buckets whose minima make a series.
const GROUPS: usize = 6;
/// Floors and freed shares that are kept; at as many, pairs are merged.
const MOST: usize = 120;

/// The lowest of everything within a stretch of time; infinite where there was no sample.
#[derive(Clone, Copy, Debug)]
struct Bucket([f64; Of::COUNT]);

/// What minima are kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Used heap.
    Heap,
    /// Memory outside the heap that V8 knows of.
    External,
    /// Resident memory that is neither that nor committed for the heap: beside used heap it would follow the garbage.
    Native,
    /// Active resources.
    Resources,
    /// Listeners where they pile up.
    Listeners,
    /// Detached contexts.
    Detached,
}

impl Of {
    const COUNT: usize = 6;
}

impl Bucket {
    const EMPTY: Self = Self([f64::INFINITY; Of::COUNT]);

    fn merge(mut self, other: &Self) -> Self {
        for (lowest, value) in self.0.iter_mut().zip(other.0) {
            *lowest = lowest.min(value);
        }
        self
    }
}

/// Means of as many neighbours as are needed to keep fewer than [`MOST`].
#[derive(Clone, Debug)]
struct Thinned {
    points: Vec<Point>,
    /// The sums of the next mean, and of how many points they are.
    next: (Point, u32),
    each: u32,
}

impl Thinned {
    const NOTHING: (Point, u32) = (Point { at_ms: 0.0, value: 0.0 }, 0);

    fn new() -> Self {
        Self {
            points: Vec::new(),
            next: Self::NOTHING,
            each: 1,
        }
    }

    fn push(&mut self, point: Point) {
        let (sums, count) = &mut self.next;
        sums.at_ms += point.at_ms;
        sums.value += point.value;
        *count += 1;
        if *count < self.each {
            return;
        }
        let n = f64::from(*count);
        let (at_ms, value) = (sums.at_ms / n, sums.value / n);
        self.points.push(Point { at_ms, value });
        self.next = Self::NOTHING;
        if self.points.len() == MOST {
            self.points = self.points.chunks(2).map(mean).collect();
            self.each *= 2;
        }
    }
}

/// A window from its first sample on.
#[derive(Clone, Debug)]
pub struct Window {
    /// When it began.
    pub start_ms: f64,
    /// When it was last fed.
    pub last_ms: f64,
    width_ms: f64,
    buckets: Vec<Bucket>,
    floors: Thinned,
    shares: Thinned,
    /// Major collections.
    pub majors: u32,
    /// Bytes that collections of all kinds freed.
    pub freed_bytes: f64,
    /// Highest use in percent.
    pub peak_percent: f64,
    /// Cleanups that freed next to nothing.
    pub idle_cleanups: u32,
}

impl Window {
    /// A window that begins at `start_ms` and is meant to last `length_ms`.
    pub fn new(start_ms: f64, length_ms: f64) -> Self {
        Self {
            start_ms,
            last_ms: start_ms,
            width_ms: length_ms / BUCKETS as f64,
            buckets: Vec::with_capacity(2 * BUCKETS),
            floors: Thinned::new(),
            shares: Thinned::new(),
            majors: 0,
            freed_bytes: 0.0,
            peak_percent: 0.0,
            idle_cleanups: 0,
        }
    }

    /// Bytes that it holds beside itself.
    pub fn bytes(&self) -> usize {
        let points = self.floors.points.capacity() + self.shares.points.capacity();
        self.buckets.capacity() * size_of::<Bucket>() + points * size_of::<Point>()
    }

    /// How long it has lasted.
    pub fn elapsed_ms(&self) -> f64 {
        self.last_ms - self.start_ms
    }

    /// Takes a sample.
    pub fn sample(&mut self, sample: &Sample) {
        self.last_ms = sample.at_ms;
        self.peak_percent = self.peak_percent.max(sample.usage_percent);
        let count = |number: Option<u32>| number.map_or(f64::INFINITY, f64::from);
        let native = (sample.rss - sample.heap_total - sample.external).max(0.0);
        let values = [
            sample.heap_used,
            sample.external,
            native,
            count(sample.resources),
            count(sample.listeners),
            count(sample.detached),
        ];
        self.lower(sample.at_ms, &Bucket(values));
    }

    /// Takes a collection.
    pub fn collection(&mut self, found: &Collection) {
        self.freed_bytes += (found.before - found.after).max(0.0);
        let mut lowest = Bucket::EMPTY;
        lowest.0[Of::Heap as usize] = found.after;
        self.lower(found.at_ms, &lowest);
        if !found.major {
            return;
        }
        self.majors += 1;
        let point = |value| Point {
            at_ms: found.at_ms,
            value,
        };
        self.floors.push(point(found.after));
        if found.before > 0.0 {
            self.shares.push(point((found.before - found.after) / found.before));
        }
    }

    fn lower(&mut self, at_ms: f64, values: &Bucket) {
        let number = |width_ms: f64| ((at_ms - self.start_ms) / width_ms) as usize;
        while number(self.width_ms) >= 2 * BUCKETS {
            self.width_ms *= 2.0;
            self.buckets = self
                .buckets
                .chunks(2)
                .map(|pair| pair.iter().fold(Bucket::EMPTY, Bucket::merge))
                .collect();
        }
        let number = number(self.width_ms);
        if self.buckets.len() <= number {
            self.buckets.resize(number + 1, Bucket::EMPTY);
        }
        if let Some(bucket) = self.buckets.get_mut(number) {
            *bucket = bucket.merge(values);
        }
    }

    /// Used heap after major collections.
    pub fn floors(&self) -> &[Point] {
        &self.floors.points
    }

    /// Shares of the heap that major collections freed, 0 to 1.
    pub fn shares(&self) -> Vec<f64> {
        self.shares.points.iter().map(|point| point.value).collect()
    }

    /// The minima of six stretches of equal length that end with the last full bucket; fewer where nothing was sampled.
    pub fn minima(&self, of: Of) -> Vec<Point> {
        let full = ((self.elapsed_ms() / self.width_ms) as usize).min(self.buckets.len());
        let each = full / GROUPS;
        if each == 0 {
            return Vec::new();
        }
        let first = full - each * GROUPS;
        let lowest = |buckets: &[Bucket]| {
            buckets
                .iter()
                .map(|bucket| bucket.0[of as usize])
                .fold(f64::INFINITY, f64::min)
        };
        let point = |(group, buckets): (usize, &[Bucket])| Point {
            at_ms: self.start_ms + self.width_ms * (first as f64 + each as f64 * (group as f64 + 0.5)),
            value: lowest(buckets),
        };
        let groups = self.buckets[first..full].chunks(each).enumerate().map(point);
        groups.filter(|point| point.value.is_finite()).collect()
    }
}
