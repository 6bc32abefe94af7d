//! Databases that are being built on threads of their own, and those that were built and not taken yet.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Function, Uint32Array};
use napi_derive::napi;
use serde_json::json;

use crate::coverage::index::Purpose;
use crate::session::{Database, SessionError};

use super::database::NativeDatabase;
use super::error::{Result, error};
use super::scanner::{NativeScanner, spawn};

/// The builds of one scanner, by number. One that was cancelled is in it no longer.
#[derive(Default)]
pub struct Builds {
    state: Mutex<State>,
    changed: Condvar,
}

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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.changed.notify_all();
    }

    /// What was built, once.
    pub fn take(&self, number: u32) -> Option<Database> {
        self.state().all.remove(&number)?.database
    }

    /// The same once it is there; `None` when there will be none, or when `goes_on` says no, which [`Builds::cancel`] makes
    /// it look at.
    fn awaited(&self, number: u32, goes_on: &dyn Fn() -> bool) -> Option<Database> {
        let runs =
            |state: &mut State| state.all.get(&number).is_some_and(|build| build.database.is_none()) && goes_on();
        let ended = self.changed.wait_while(self.state(), runs);
        let build = ended.unwrap_or_else(PoisonError::into_inner).all.remove(&number)?;
        build.stopped.store(true, Ordering::Relaxed);
        build.database
    }

    /// Stops a build, or forgets what it made.
    pub fn cancel(&self, number: u32) {
        if let Some(build) = self.state().all.remove(&number) {
            build.stopped.store(true, Ordering::Relaxed);
        }
        self.changed.notify_all();
    }

    /// The same for all.
    pub fn cancel_all(&self) {
        for (_, build) in self.state().all.drain() {
            build.stopped.store(true, Ordering::Relaxed);
        }
        self.changed.notify_all();
    }
}

impl NativeScanner {
    /// The number of what was begun ahead, if these files are what it is about; else it is ended.
    fn begun(&mut self, order: &[u32], plain: &str) -> Result<Option<u32>> {
        let same = plain == "[]" && self.session()?.scanned.order == order;
        let ahead = self.ahead.take();
        if !same {
            ahead.inspect(|number| self.builds.cancel(*number));
        }
        Ok(ahead.filter(|_| same))
    }
}

#[napi]
impl NativeScanner {
    /// Begins to index the files of the last scan for coverage, on a thread of its own: nearly all who scan ask for it
    /// next. Nothing is begun where records had to be moved to disk; an index would take the memory that they left.
    #[napi(catch_unwind)]
    pub fn build_ahead(&mut self) -> Result<()> {
        let session = self.session()?;
        if session.scanned.store.shelf().is_some() {
            return Ok(());
        }
        let (builder, order) = (session.builder(), session.scanned.order.clone());
        drop(session);
        let builds = self.builds.clone();
        let (number, stopped) = builds.begin();
        let begun = spawn("pgtap-build", move || {
            let goes_on = || !stopped.load(Ordering::Relaxed);
            let build = AssertUnwindSafe(|| builder.build(order, &[], Purpose::Coverage, &goes_on));
            // Whoever asks for it builds it again then, and is told what is wrong.
            match catch_unwind(build) {
                Ok(Ok(database)) => builds.end(number, database),
                Ok(Err(_)) | Err(_) => builds.cancel(number),
            }
        });
        // Without a thread for it, it is built when somebody asks.
        match begun {
            Ok(()) => self.ahead = Some(number),
            Err(_) => self.builds.cancel(number),
        }
        Ok(())
    }

    /// Ends what `build_ahead` began, or forgets it, unless it was asked for meanwhile.
    #[napi(catch_unwind)]
    pub fn forget_ahead(&mut self) {
        self.ahead.take().inspect(|number| self.builds.cancel(*number));
    }

    /// Indexes files: numbers of scanned ones, `0xFFFFFFFF` for the next of `plain` (a JSON array of TestFiles).
    #[napi(catch_unwind)]
    pub fn build(&mut self, order: Uint32Array, plain: String, labels: bool) -> Result<NativeDatabase> {
        let order = order.to_vec();
        let ahead = if labels { None } else { self.begun(&order, &plain)? };
        if let Some(database) = ahead.and_then(|number| self.builds.awaited(number, &|| true)) {
            return Ok(NativeDatabase::new(database));
        }
        let plain: Vec<_> =
            serde_json::from_str(&plain).map_err(|e| error("ERR_PGTAP_INVALID_ARGUMENT", format!("testFiles: {e}")))?;
        let purpose = if labels { Purpose::Labels } else { Purpose::Coverage };
        self.with(|session| {
            Ok(NativeDatabase::new(session.builder().build(
                order,
                &plain,
                purpose,
                &|| true,
            )?))
        })
    }

    /// The same for coverage on a thread of its own: `callback` gets `{ done: true }`, and then `take_built` the index by
    /// the number that this answers.
    #[napi(catch_unwind)]
    pub fn build_later(&mut self, order: Uint32Array, plain: String, callback: Function<String, ()>) -> Result<u32> {
        let order = order.to_vec();
        let ahead = self.begun(&order, &plain)?;
        let (builder, builds) = (self.session()?.builder(), self.builds.clone());
        let (number, stopped) = builds.begin();
        self.operate("pgtap-build", &callback, move |_| {
            let goes_on = || !stopped.load(Ordering::Relaxed);
            let begun = ahead.and_then(|ahead| builds.awaited(ahead, &goes_on));
            let build = || {
                let plain: Vec<_> = serde_json::from_str(&plain).map_err(SessionError::Shape)?;
                builder.build(order, &plain, Purpose::Coverage, &goes_on)
            };
            builds.end(number, begun.map_or_else(build, Ok)?);
            Ok(json!(true))
        })?;
        Ok(number)
    }

    /// The index with this number, once.
    #[napi(catch_unwind)]
    pub fn take_built(&self, number: u32) -> Option<NativeDatabase> {
        self.builds.take(number).map(NativeDatabase::new)
    }

    /// Ends a build, within a few thousand records, and forgets its index if there is one already.
    #[napi(catch_unwind)]
    pub fn cancel_build(&self, number: u32) {
        self.builds.cancel(number);
    }
}
