//! The native side of `PgTapScanner`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use napi::Env;
use napi::bindgen_prelude::{Function, ObjectFinalize, Uint32Array};
use napi_derive::napi;
use serde_json::{Value, json};

use crate::budget::Budget;
use crate::saved;
use crate::scan::events::Observer;
use crate::scan::options::{Pattern, portable};
use crate::scan::run::{ScanError, scan};
use crate::session::{Analyzer, Session, SessionError, by_line};

use super::builds::Builds;
use super::error::{Code, Result, error, poisoned, scan_error};
use super::events::{Channel, listener};
use super::json::text;

/// A scanner. All answers are JSON text unless said otherwise.
#[napi(custom_finalize)]
pub struct NativeScanner {
    session: Arc<Mutex<Session>>,
    cancelled: Arc<AtomicBool>,
    budget: Budget,
    pub(super) builds: Arc<Builds>,
    /// The number of the build that was begun before anybody asked for it.
    pub(super) ahead: Option<u32>,
    accounted: i64,
}

impl ObjectFinalize for NativeScanner {
    fn finalize(self, env: Env) -> napi::Result<()> {
        env.adjust_external_memory(-self.accounted).map(drop)
    }
}

impl NativeScanner {
    pub(super) fn session(&self) -> Result<MutexGuard<'_, Session>> {
        let session = self.session.lock().map_err(poisoned)?;
        session.open()?;
        Ok(session)
    }

    /// Runs `work` on a thread of its own, which `cancel` ends; `callback` gets its result.
    pub(super) fn operate(
        &mut self,
        name: &str,
        callback: &Function<String, ()>,
        work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> std::result::Result<Value, SessionError> + Send + 'static,
    ) -> Result<()> {
        self.operate_text(name, callback, |goes_on| work(goes_on).map(|done| done.to_string()))
    }

    /// The same for work whose result is JSON text already.
    pub(super) fn operate_text(
        &mut self,
        name: &str,
        callback: &Function<String, ()>,
        work: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> std::result::Result<String, SessionError> + Send + 'static,
    ) -> Result<()> {
        self.cancelled = Arc::default();
        let cancelled = self.cancelled.clone();
        let channel = Channel::new(listener(callback).map_err(internal)?, false, Arc::default());
        spawn(name, move || {
            let goes_on = || !cancelled.load(Ordering::Relaxed);
            let result = catch_unwind(AssertUnwindSafe(|| work(&goes_on)));
            channel.finish_text(match result {
                Ok(Ok(done)) => format!("{{\"done\":{done}}}"),
                Ok(Err(failed)) => {
                    let failed: napi::Error<Code> = failed.into();
                    json!({ "error": { "code": failed.status.0, "message": failed.reason } }).to_string()
                }
                Err(_) => panicked().to_string(),
            });
        })
    }

    /// What compares the last scan with a schema.
    pub(super) fn analyzer(&self) -> Result<Analyzer> {
        Ok(self.session()?.analyzer())
    }

    /// Answers from the session. A panic becomes an error, and what it left half changed refuses further calls.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Session) -> Result<T>) -> Result<T> {
        let answer = catch_unwind(AssertUnwindSafe(|| work(&mut *self.session()?)));
        answer.unwrap_or_else(|_| Err(bug()))
    }
}

#[napi]
impl NativeScanner {
    /// A scanner with these options (JSON).
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String) -> Result<Self> {
        let session = Session::new(&options)?;
        Ok(Self {
            budget: session.options.budget.clone(),
            session: Arc::new(Mutex::new(session)),
            cancelled: Arc::default(),
            builds: Arc::default(),
            ahead: None,
            accounted: 0,
        })
    }

    /// Whether the regular expression can be run natively.
    #[napi(catch_unwind)]
    pub fn is_portable(source: String, flags: String) -> bool {
        portable(&Pattern { source, flags }).is_some()
    }

    /// Scans a folder on a thread of its own. `callback` gets arrays of events and at last the result.
    #[napi(catch_unwind)]
    pub fn scan(&mut self, root: String, progress: bool, callback: Function<String, ()>) -> Result<()> {
        self.cancelled = Arc::default();
        let channel = Channel::new(listener(&callback).map_err(internal)?, progress, self.cancelled.clone());
        let session = self.session.clone();
        spawn("pgtap-scan", move || {
            let result = catch_unwind(AssertUnwindSafe(|| run(&session, Path::new(&root), &channel)));
            channel.finish(&result.unwrap_or_else(|_| panicked()));
        })
    }

    /// Asks the running scan to stop; it does within one file.
    #[napi(catch_unwind)]
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// How many files the last scan lists.
    #[napi(catch_unwind)]
    pub fn file_count(&self) -> Result<u32> {
        Ok(self.session()?.scanned.order.len() as u32)
    }

    /// How many files the cache held.
    #[napi(catch_unwind)]
    pub fn cached(&self) -> Result<u32> {
        Ok(self.session()?.scanned.cached as u32)
    }

    /// The numbers of the listed files, in path order.
    #[napi(catch_unwind)]
    pub fn order(&self) -> Result<Uint32Array> {
        Ok(Uint32Array::new(self.session()?.scanned.order.clone()))
    }

    /// How many assertions the listed files hold, comments left out.
    #[napi(catch_unwind)]
    pub fn assertion_count(&self) -> Result<f64> {
        let session = self.session()?;
        session.sound()?;
        Ok(session.scanned.assertions as f64)
    }

    /// A file's path (no JSON).
    #[napi(catch_unwind)]
    pub fn file_path(&self, file: u32) -> Result<String> {
        let session = self.session()?;
        let path = session.scanned.paths.get(file as usize);
        let path = path.ok_or(SessionError::UnknownFile(file))?;
        Ok(path.to_string_lossy().into_owned())
    }

    /// What else is known of a file without reading it again.
    #[napi(catch_unwind)]
    pub fn file(&self, file: u32) -> Result<String> {
        text(&self.session()?.file(file)?)
    }

    /// A file's assertions, by line, or in the order of its records.
    #[napi(catch_unwind)]
    pub fn assertions(&self, file: u32, sorted: bool) -> Result<String> {
        self.with(|session| Ok(session.assertions(file, sorted)?))
    }

    /// The assertions of a text.
    #[napi(catch_unwind)]
    pub fn extract(&self, sql: String) -> Result<String> {
        self.with(|session| text(&by_line(session.read_text(sql.as_bytes()).0)))
    }

    /// Reads one file on a thread of its own.
    #[napi(catch_unwind)]
    pub fn read_file(&self, path: String, callback: Function<String, ()>) -> Result<()> {
        let channel = Channel::new(listener(&callback).map_err(internal)?, false, Arc::default());
        let session = self.session.clone();
        spawn("pgtap-read", move || {
            let result = catch_unwind(AssertUnwindSafe(|| read(&session, &path)));
            channel.finish(&result.unwrap_or_else(|_| panicked()));
        })
    }

    /// Saves the files `order` of the last scan on a thread of its own: `callback` gets `{ done: [files, assertions] }`.
    #[napi(catch_unwind)]
    pub fn save(&mut self, order: Uint32Array, target: String, callback: Function<String, ()>) -> Result<()> {
        let saver = self.session()?.saver();
        let order = order.to_vec();
        self.operate("pgtap-save", &callback, move |goes_on| {
            saver.save(&order, Path::new(&target), goes_on).map(|done| json!(done))
        })
    }

    /// Opens a saved file as if it had been scanned.
    #[napi(catch_unwind)]
    pub fn open_saved(&mut self, path: String, callback: Function<String, ()>) -> Result<()> {
        let (session, options) = (self.session.clone(), self.session()?.options.clone());
        self.operate("pgtap-open", &callback, move |goes_on| {
            let scanned = saved::open(Path::new(&path), &options, goes_on)?;
            let mut session = session.lock().map_err(|_| SessionError::Closed)?;
            session.open()?;
            session.adopt(scanned);
            Ok(json!(true))
        })
    }

    /// Merges saved files into one: `callback` gets `{ done: [files, assertions] }`.
    #[napi(catch_unwind)]
    pub fn merge(&mut self, inputs: Vec<String>, output: String, callback: Function<String, ()>) -> Result<()> {
        self.operate("pgtap-merge", &callback, move |goes_on| {
            let inputs: Vec<&Path> = inputs.iter().map(Path::new).collect();
            let merged = saved::merge(&inputs, Path::new(&output), goes_on)?;
            Ok(json!([merged.files, merged.assertions]))
        })
    }

    /// What was wrong with the last scan's files.
    #[napi(catch_unwind)]
    pub fn problems(&self) -> Result<String> {
        text(&self.session()?.scanned.problems)
    }

    /// Functions of the scanned files whose bodies make assertions.
    #[napi(catch_unwind)]
    pub fn helpers(&self) -> Result<String> {
        text(&self.session()?.helpers())
    }

    /// Panics on purpose: the tests prove with it that a panic kills no process.
    #[napi(catch_unwind, js_name = "__panic")]
    #[allow(clippy::panic)]
    pub fn panic(&self) -> Result<()> {
        self.with(|_| panic!("asked for by a test"))
    }

    /// Forgets the last scan; files and databases of it refuse further questions.
    #[napi(catch_unwind)]
    pub fn close(&mut self, env: Env) -> Result<()> {
        self.cancelled.store(true, Ordering::Relaxed);
        self.builds.cancel_all();
        self.session.lock().map_err(poisoned)?.close();
        env.adjust_external_memory(-self.accounted).map_err(internal)?;
        self.accounted = 0;
        Ok(())
    }

    /// Forgets what was read back from disk; how many bytes that freed.
    #[napi(catch_unwind)]
    pub fn trim(&self) -> Result<f64> {
        Ok(self.session()?.scanned.store.trim() as f64)
    }

    /// Bytes of the memory budget: in use, the most that ever was, the limit.
    #[napi(catch_unwind)]
    pub fn budget(&self) -> Vec<f64> {
        [self.budget.current(), self.budget.high(), self.budget.limit()]
            .map(|n| n as f64)
            .into()
    }

    /// What lies on disk: JSON with bytes as they were and as they are, `null` if nothing does.
    #[napi(catch_unwind)]
    pub fn on_disk(&self) -> Result<String> {
        let session = self.session()?;
        let stats = session.scanned.store.shelf().map(|shelf| shelf.stats());
        text(&stats.map(|s| json!({ "rawBytes": s.raw_bytes, "diskBytes": s.live_bytes })))
    }

    /// Tells V8 how much native memory hangs on this object; bytes.
    #[napi(catch_unwind)]
    pub fn account(&mut self, env: Env) -> Result<f64> {
        let held = self.session()?.heap_bytes() as i64;
        env.adjust_external_memory(held - self.accounted).map_err(internal)?;
        self.accounted = held;
        Ok(held as f64)
    }
}

/// What a caller sees of a panic.
pub fn bug() -> napi::Error<Code> {
    error(
        "ERR_PGTAP_INTERNAL",
        "a call failed inside pgtap-scanner; this is a bug, please report it",
    )
}

/// A failure of Node-API itself.
pub fn internal(cause: napi::Error) -> napi::Error<Code> {
    error("ERR_PGTAP_INTERNAL", cause.to_string())
}

/// Runs `work` on a thread of its own: libuv's pool would delay the process's exit.
pub fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<()> {
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    spawned
        .map(drop)
        .map_err(|e| error("ERR_PGTAP_THREADS", format!("no thread could be started: {e}")))
}

/// The result of an operation that met a bug of ours.
pub fn panicked() -> Value {
    let message = "an operation failed inside pgtap-scanner; this is a bug, please report it";
    json!({ "error": { "code": "ERR_PGTAP_INTERNAL", "message": message } })
}

fn run(session: &Mutex<Session>, root: &Path, observer: &dyn Observer) -> Value {
    let Ok((options, suite)) = session.lock().map(|s| (s.options.clone(), s.suite.clone())) else {
        return panicked();
    };
    match scan(root, &options, suite, observer) {
        Ok(_) if observer.cancelled() => json!({ "error": scan_error(&ScanError::Cancelled) }),
        Ok(scanned) => match session.lock() {
            Ok(mut session) => match session.open() {
                Ok(()) => {
                    session.adopt(scanned);
                    json!({ "done": true })
                }
                Err(_) => json!({ "error": scan_error(&ScanError::Cancelled) }),
            },
            Err(_) => panicked(),
        },
        Err(failed) => json!({ "error": scan_error(&failed) }),
    }
}

fn read(session: &Mutex<Session>, path: &str) -> Value {
    let Ok(session) = session.lock() else { return panicked() };
    match session.read_file(&PathBuf::from(path)) {
        Ok(found) => json!({ "done": found }),
        Err(failed) => {
            let failed: napi::Error<Code> = failed.into();
            json!({ "error": { "code": failed.status.0, "message": failed.reason, "path": path } })
        }
    }
}
