use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Counts its readings in the resident size.
struct Counter(Arc<AtomicU64>);

impl Source for Counter {
    fn read(&mut self, _at: u64) -> SystemSample {
        SystemSample {
            resident: Some(self.0.fetch_add(1, Ordering::Relaxed)),
            ..SystemSample::default()
        }
    }
}

struct Told(Mutex<Sender<(u64, u64)>>, Option<u64>);

impl Listener for Told {
    fn sampled(&self, at: u64, reading: &SystemSample) -> Option<u64> {
        lock(&self.0).send((at, reading.resident.unwrap())).unwrap();
        self.1
    }

    /// As the reading of no time.
    fn failed(&self) {
        lock(&self.0).send((0, 0)).unwrap();
    }
}

#[derive(Default)]
struct Broken(AtomicU64);

impl Listener for Broken {
    fn sampled(&self, _at: u64, _reading: &SystemSample) -> Option<u64> {
        panic!("a bug")
    }

    fn failed(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Panics at this reading and all after it.
struct BrokenAfter(u64);

impl Source for BrokenAfter {
    fn read(&mut self, _at: u64) -> SystemSample {
        self.0 = self.0.checked_sub(1).expect("a bug");
        SystemSample {
            resident: Some(self.0),
            ..SystemSample::default()
        }
    }
}

fn sampler() -> (Sampler, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    (Sampler::new(Box::new(Counter(count.clone()))), count)
}

fn told(wait: Option<u64>) -> (Arc<dyn Listener>, Receiver<(u64, u64)>) {
    let (sender, receiver) = channel();
    (Arc::new(Told(Mutex::new(sender), wait)), receiver)
}

#[test]
fn listeners_get_every_reading_until_they_leave() {
    let (sampler, count) = sampler();
    let (first, of_first) = told(Some(1));
    let (second, of_second) = told(Some(60_000));
    sampler.join(first.clone()).unwrap();
    sampler.join(second.clone()).unwrap();
    let readings: Vec<_> = of_first.iter().take(5).collect();
    assert!(
        readings
            .windows(2)
            .all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 + 1 == pair[1].1)
    );
    sampler.leave(&first);
    drop(first);
    while of_first.try_recv().is_ok() {}
    let before = count.load(Ordering::Relaxed);
    sampler.wake();
    // The second is asked anew and wants nothing for a minute.
    assert!(of_second.iter().any(|(_, number)| number >= before));
    assert!(of_first.recv().is_err());
}

#[test]
fn without_listeners_that_want_more_it_waits() {
    let (sampler, count) = sampler();
    let (listener, told) = told(None);
    sampler.join(listener).unwrap();
    told.recv().unwrap();
    let taken = count.load(Ordering::Relaxed);
    sampler.wake();
    told.recv().unwrap();
    assert!(count.load(Ordering::Relaxed) - taken <= 2);
}

#[test]
fn a_panic_of_a_listener_ends_nobody_elses_samples() {
    let (sampler, _) = sampler();
    let (listener, told) = told(Some(1));
    let broken = Arc::new(Broken::default());
    sampler.join(broken.clone()).unwrap();
    sampler.join(listener).unwrap();
    assert!(told.iter().take(3).all(|(at, _)| at > 0));
    assert_eq!(broken.0.load(Ordering::Relaxed), 1, "it is told, once");
    assert!(!sampler.is_broken());
}

#[test]
fn a_panic_of_the_source_is_told_to_all() {
    let sampler = Sampler::new(Box::new(BrokenAfter(3)));
    let (first, of_first) = told(Some(1));
    let (second, of_second) = told(Some(1));
    sampler.join(first).unwrap();
    let samples: Vec<_> = of_first.iter().take(4).collect();
    assert!(samples[..3].iter().all(|(at, _)| *at > 0), "{samples:?}");
    assert_eq!(samples[3], (0, 0));
    assert!(sampler.is_broken() && sampler.read().is_none());
    // The thread is still there for those that come later.
    sampler.join(second).unwrap();
    assert_eq!(of_second.recv(), Ok((0, 0)));
}

#[test]
fn it_ends_with_its_last_holder() {
    let (sampler, count) = sampler();
    let (listener, told) = told(Some(1));
    sampler.join(listener).unwrap();
    told.recv().unwrap();
    drop(sampler);
    let taken = count.load(Ordering::Relaxed);
    while told.try_recv().is_ok() {}
    assert!(told.recv().is_err());
    assert_eq!(count.load(Ordering::Relaxed), taken);
}

#[test]
fn a_process_has_one_that_is_whole() {
    let make = || Box::new(Counter(Arc::default())) as Box<dyn Source>;
    let first = Sampler::of_process(make);
    assert!(Arc::ptr_eq(&first, &Sampler::of_process(make)));
    let gone = Arc::downgrade(&first);
    drop(first);
    assert!(gone.upgrade().is_none());
    let broken = Sampler::of_process(|| Box::new(BrokenAfter(0)));
    assert!(catch_unwind(AssertUnwindSafe(|| broken.read())).is_err());
    let other = Sampler::of_process(make);
    assert!(!Arc::ptr_eq(&broken, &other) && other.read().is_some());
}

#[test]
fn the_clock_never_runs_backwards() {
    let mut clock = Clock::new();
    clock.base += 3_600_000;
    let first = clock.now();
    assert!(first >= wall() + 3_599_000);
    clock.base -= 7_200_000;
    let followed = clock.now();
    assert!(followed.abs_diff(wall()) < 1_000);
}
