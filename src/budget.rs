//! Memory that the caller chose: bytes are reserved before they are allocated and given back when they are dropped.
//!
//! A [`Budget`] counts; it allocates nothing itself. Clones share one count, so several threads and several stores may
//! live within one limit.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes in use and the most that may be. Clones share one count.
#[derive(Clone, Debug)]
pub struct Budget {
    counts: Arc<Counts>,
}

#[derive(Debug)]
struct Counts {
    current: AtomicU64,
    high: AtomicU64,
    limit: u64,
}

/// A reservation that would go beyond the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverBudget {
    /// Bytes that were asked for.
    pub wanted: u64,
    /// Bytes that were in use.
    pub current: u64,
    /// Bytes that may be in use.
    pub limit: u64,
}

impl fmt::Display for OverBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { wanted, current, limit } = self;
        write!(f, "{wanted} bytes were wanted while {current} of {limit} are in use")
    }
}

impl std::error::Error for OverBudget {}

impl Budget {
    /// A budget of `limit` bytes; `u64::MAX` for none.
    pub fn new(limit: u64) -> Self {
        let counts = Counts {
            current: AtomicU64::new(0),
            high: AtomicU64::new(0),
            limit,
        };
        Self {
            counts: Arc::new(counts),
        }
    }

    /// Bytes reserved now.
    pub fn current(&self) -> u64 {
        self.counts.current.load(Relaxed)
    }

    /// The most bytes that were ever reserved at one time.
    pub fn high(&self) -> u64 {
        self.counts.high.load(Relaxed)
    }

    /// Bytes that may be reserved.
    pub fn limit(&self) -> u64 {
        self.counts.limit
    }

    /// Bytes that can still be reserved; 0 beyond the limit.
    pub fn room(&self) -> u64 {
        self.limit().saturating_sub(self.current())
    }

    /// Reserves `bytes` if they fit.
    pub fn try_reserve(&self, bytes: u64) -> Result<Reservation, OverBudget> {
        let mut reserved = Reservation::empty(self);
        reserved.try_grow(bytes)?;
        Ok(reserved)
    }

    /// Reserves `bytes` whether or not they fit: for what is allocated in any case and must be seen.
    /// [`Reservation::grow`] tells whether it went beyond the limit.
    pub fn reserve(&self, bytes: u64) -> Reservation {
        let mut reserved = Reservation::empty(self);
        reserved.grow(bytes);
        reserved
    }

    fn try_add(&self, bytes: u64) -> Result<(), OverBudget> {
        let limit = self.limit();
        let fits = |current: u64| current.checked_add(bytes).filter(|sum| *sum <= limit);
        match self.counts.current.fetch_update(Relaxed, Relaxed, fits) {
            Ok(before) => self.note(before + bytes),
            Err(current) => {
                return Err(OverBudget {
                    wanted: bytes,
                    current,
                    limit,
                });
            }
        }
        Ok(())
    }

    fn add(&self, bytes: u64) -> bool {
        // Sums of allocations that exist stay far below 2^64.
        let sum = self.counts.current.fetch_add(bytes, Relaxed).saturating_add(bytes);
        self.note(sum);
        sum <= self.limit()
    }

    fn note(&self, current: u64) {
        self.counts.high.fetch_max(current, Relaxed);
    }

    fn subtract(&self, bytes: u64) {
        self.counts.current.fetch_sub(bytes, Relaxed);
    }
}

/// Bytes taken from a [`Budget`], given back on drop.
#[derive(Debug)]
pub struct Reservation {
    budget: Budget,
    bytes: u64,
}

impl Reservation {
    /// A reservation of no bytes, to grow.
    pub fn empty(budget: &Budget) -> Self {
        Self {
            budget: budget.clone(),
            bytes: 0,
        }
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The budget that it is taken from.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Takes `more` bytes if they fit; else nothing changes.
    pub fn try_grow(&mut self, more: u64) -> Result<(), OverBudget> {
        self.budget.try_add(more)?;
        self.bytes += more;
        Ok(())
    }

    /// Takes `more` bytes in any case; `false` when that is beyond the limit.
    pub fn grow(&mut self, more: u64) -> bool {
        self.bytes += more;
        self.budget.add(more)
    }

    /// Gives `fewer` bytes back, at most those that it holds.
    pub fn shrink(&mut self, fewer: u64) {
        let fewer = fewer.min(self.bytes);
        self.bytes -= fewer;
        self.budget.subtract(fewer);
    }

    /// Holds exactly `bytes` from now on; `false` when that grew beyond the limit.
    pub fn set(&mut self, bytes: u64) -> bool {
        if bytes <= self.bytes {
            self.shrink(self.bytes - bytes);
            return true;
        }
        self.grow(bytes - self.bytes)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.subtract(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_given_back_on_drop() {
        let budget = Budget::new(100);
        {
            let held = budget.try_reserve(60).unwrap();
            assert_eq!((held.bytes(), budget.current(), budget.room()), (60, 60, 40));
        }
        assert_eq!((budget.current(), budget.high(), budget.limit()), (0, 60, 100));
    }

    #[test]
    fn beyond_the_limit_nothing_is_reserved() {
        let budget = Budget::new(100);
        let mut held = budget.try_reserve(100).unwrap();
        let refused = held.try_grow(1).unwrap_err();
        assert_eq!((refused.wanted, refused.current, refused.limit), (1, 100, 100));
        assert_eq!(refused.to_string(), "1 bytes were wanted while 100 of 100 are in use");
        assert_eq!((held.bytes(), budget.current(), budget.high()), (100, 100, 100));
        assert!(Budget::new(5).try_reserve(u64::MAX).is_err());
    }

    #[test]
    fn forced_bytes_are_counted_and_told() {
        let budget = Budget::new(100);
        let mut held = budget.reserve(90);
        assert!(held.grow(10));
        assert!(!held.grow(50));
        assert_eq!((budget.current(), budget.high(), budget.room()), (150, 150, 0));
        assert!(held.set(20));
        assert_eq!((held.bytes(), budget.current()), (20, 20));
        assert!(!held.set(101));
    }

    #[test]
    fn shrinking_takes_no_more_than_is_held() {
        let budget = Budget::new(100);
        let other = budget.reserve(30);
        let mut held = budget.reserve(10);
        held.shrink(50);
        assert_eq!((held.bytes(), budget.current(), other.bytes()), (0, 30, 30));
    }

    #[test]
    fn threads_share_one_count_and_never_pass_the_limit() {
        let budget = Budget::new(1000);
        let granted: u64 = std::thread::scope(|scope| {
            let take = || {
                let mut granted = 0;
                for _ in 0..5_000 {
                    if let Ok(held) = budget.try_reserve(300) {
                        assert!(budget.current() <= 1000);
                        granted += 1;
                        drop(held);
                    }
                }
                granted
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert!(granted >= 5_000, "{granted} were granted");
        assert_eq!(budget.current(), 0);
        assert!((300..=1000).contains(&budget.high()), "{}", budget.high());
    }
}
