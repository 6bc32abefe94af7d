//! One thread for each process that samples what the system knows of memory, also while JavaScript is blocked.
//!
//! Node loads an addon once for all environments of a process (the main thread and its workers), so they share the
//! thread: it starts with the first that samples and ends with the last.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::own_pages::give_back_own_pages;
use super::system_reader::SystemSample;

/// After so many readings, some four seconds, all that only loading and the first of them need has run.
const SETTLED: u32 = 10;

/// Somebody who wants samples.
pub trait Listener: Send + Sync {
    /// Takes a reading; the answer is in how many milliseconds it wants the next, `None` for none. It runs on the
    /// sampler's thread and must not block.
    fn sampled(&self, at: u64, reading: &SystemSample) -> Option<u64>;

    /// It gets no more samples: it panicked, or the source did. On the sampler's thread, too.
    fn failed(&self);
}

/// Reads what the system knows; on a thread of its own choice, one call at a time.
pub trait Source: Send {
    fn read(&mut self, at: u64) -> SystemSample;
}

pub struct Sampler {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    listeners: Mutex<Vec<Arc<dyn Listener>>>,
    source: Mutex<Clocked>,
    wake: Mutex<Wake>,
    woken: Condvar,
}

#[derive(Default)]
struct Wake {
    stop: bool,
    now: bool,
}

struct Clocked {
    clock: Clock,
    source: Box<dyn Source>,
}

static PROCESS: Mutex<Weak<Sampler>> = Mutex::new(Weak::new());

impl Sampler {
    /// The sampler of this process; made by `source` when nobody holds a whole one.
    pub fn of_process(source: impl FnOnce() -> Box<dyn Source>) -> Arc<Sampler> {
        let mut process = lock(&PROCESS);
        let held = process.upgrade().filter(|sampler| !sampler.is_broken());
        held.unwrap_or_else(|| {
            let sampler = Arc::new(Sampler::new(source()));
            *process = Arc::downgrade(&sampler);
            sampler
        })
    }

    pub fn new(source: Box<dyn Source>) -> Self {
        let clock = Clock::new();
        let shared = Shared {
            listeners: Mutex::default(),
            source: Mutex::new(Clocked { clock, source }),
            wake: Mutex::default(),
            woken: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
            thread: Mutex::default(),
        }
    }

    /// A reading taken now, and when that is; `None` after a panic of the source.
    pub fn read(&self) -> Option<(u64, SystemSample)> {
        self.shared.read()
    }

    /// The source panicked, and is left half changed.
    pub fn is_broken(&self) -> bool {
        self.shared.source.is_poisoned()
    }

    /// Begins to sample for `listener`.
    pub fn join(&self, listener: Arc<dyn Listener>) -> std::io::Result<()> {
        lock(&self.shared.listeners).push(listener);
        let mut thread = lock(&self.thread);
        if thread.is_none() {
            let shared = self.shared.clone();
            let builder = std::thread::Builder::new().name("pgtap-memory".into());
            // It keeps little on its stack.
            *thread = Some(builder.stack_size(128 << 10).spawn(move || shared.run())?);
        }
        drop(thread);
        self.wake();
        Ok(())
    }

    /// Ends what `join` began; when it returns, `listener` is not called any more. Not to be called by a listener.
    pub fn leave(&self, listener: &Arc<dyn Listener>) {
        lock(&self.shared.listeners).retain(|held| !Arc::ptr_eq(held, listener));
    }

    /// Samples at once; listeners say anew how long to wait.
    pub fn wake(&self) {
        lock(&self.shared.wake).now = true;
        self.shared.woken.notify_all();
    }
}

impl Drop for Sampler {
    /// The thread is gone when this returns, for the addon's code may be unloaded next.
    fn drop(&mut self) {
        lock(&self.shared.wake).stop = true;
        self.shared.woken.notify_all();
        if let Some(thread) = lock(&self.thread).take() {
            // Panics of listeners and of the source were caught; there is nothing else that could fail.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn read(&self) -> Option<(u64, SystemSample)> {
        let mut clocked = self.source.lock().ok()?;
        let at = clocked.clock.now();
        Some((at, clocked.source.read(at)))
    }

    fn run(&self) {
        let mut wait = None;
        let mut readings = 0_u32;
        while self.sleep(wait) {
            readings = readings.saturating_add(1);
            if readings == SETTLED {
                give_back_own_pages();
            }
            let reading = catch_unwind(AssertUnwindSafe(|| self.read()));
            wait = match reading.ok().flatten() {
                Some((at, reading)) => self.hand_round(at, &reading),
                None => {
                    lock(&self.listeners).drain(..).for_each(|listener| listener.failed());
                    None
                }
            };
        }
    }

    /// When the next is wanted. A bug of one listener does not end the samples of the others.
    fn hand_round(&self, at: u64, reading: &SystemSample) -> Option<u64> {
        let mut wait = None;
        lock(&self.listeners).retain(|listener| {
            let wanted = catch_unwind(AssertUnwindSafe(|| listener.sampled(at, reading)));
            if wanted.is_err() {
                listener.failed();
            }
            let next = wanted.as_ref().ok().copied().flatten();
            wait = [wait, next].into_iter().flatten().min();
            wanted.is_ok()
        });
        wait
    }

    /// Sleeps for `wait` milliseconds, for ever when there is none, or until woken. False when it is time to stop.
    fn sleep(&self, wait: Option<u64>) -> bool {
        let until = wait.map(|wait| Instant::now() + Duration::from_millis(wait));
        let mut wake = lock(&self.wake);
        while !wake.stop && !wake.now {
            wake = match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => self.woken.wait(wake).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => break,
                Some(left) => {
                    self.woken
                        .wait_timeout(wake, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        wake.now = false;
        !wake.stop
    }
}

/// Milliseconds since the epoch that never run backwards, whatever is done to the system's clock.
struct Clock {
    base: u64,
    since: Instant,
}

impl Clock {
    /// The system's clock may run ahead by this many milliseconds before it is followed: after a sleep, say.
    const AHEAD: u64 = 1_000;

    fn new() -> Self {
        Self {
            base: wall(),
            since: Instant::now(),
        }
    }

    fn now(&mut self) -> u64 {
        let now = self.base + self.since.elapsed().as_millis() as u64;
        let ahead = wall().saturating_sub(now);
        if ahead <= Self::AHEAD {
            return now;
        }
        self.base += ahead;
        now + ahead
    }
}

fn wall() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_millis() as u64)
}

/// What a listener's panic left in these is still whole.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
