//! Databases that are being built on threads of their own, and those that were built and not taken yet.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::session::Database;

/// The builds of one scanner, by number. One that was cancelled is in it no longer.
#[derive(Default)]
pub struct Builds(Mutex<State>);

#[derive(Default)]
struct State {
    last: u32,
    all: HashMap<u32, Build>,
}

struct Build {
    stopped: Arc<AtomicBool>,
    database: Option<Database>,
}

impl Builds {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new build: its number, and what says that it should stop.
    pub fn begin(&self) -> (u32, Arc<AtomicBool>) {
        let mut state = self.state();
        state.last = state.last.wrapping_add(1);
        let number = state.last;
        let stopped = Arc::new(AtomicBool::new(false));
        let build = Build {
            stopped: stopped.clone(),
            database: None,
        };
        state.all.insert(number, build);
        (number, stopped)
    }

    /// Keeps what was built, unless nobody wants it any more.
    pub fn end(&self, number: u32, database: Database) {
        if let Some(build) = self.state().all.get_mut(&number) {
            build.database = Some(database);
        }
    }

    /// What was built, once.
    pub fn take(&self, number: u32) -> Option<Database> {
        self.state().all.remove(&number)?.database
    }

    /// Stops a build, or forgets what it made.
    pub fn cancel(&self, number: u32) {
        if let Some(build) = self.state().all.remove(&number) {
            build.stopped.store(true, Ordering::Relaxed);
        }
    }

    /// The same for all.
    pub fn cancel_all(&self) {
        for (_, build) in self.state().all.drain() {
            build.stopped.store(true, Ordering::Relaxed);
        }
    }
}
