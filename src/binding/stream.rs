//! Files one batch after the other, for callers that keep none.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::Function;
use napi_derive::napi;
use serde_json::{Value, json};

use crate::scan::candidates::walk;
use crate::scan::events::Notice;
use crate::scan::run::check_root;
use crate::session::{Session, SessionError};

use super::error::{Result, scan_error};
use super::events::{Channel, listener};
use super::scanner::{internal, panicked, spawn};

/// Reads a folder's files in batches, in path order. Helpers of other files are not expanded.
#[napi]
pub struct NativeStream {
    state: Arc<Mutex<State>>,
}

struct State {
    session: Session,
    root: PathBuf,
    waiting: Option<VecDeque<PathBuf>>,
}

#[napi]
impl NativeStream {
    /// A stream over `root` with the scanner's options (JSON).
    #[napi(constructor, catch_unwind)]
    pub fn new(options: String, root: String) -> Result<Self> {
        let state = State {
            session: Session::new(&options)?,
            root: PathBuf::from(root),
            waiting: None,
        };
        Ok(Self {
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// Reads up to `most` files: `callback` gets `{ done: { files, problems, ended } }`.
    #[napi(catch_unwind)]
    pub fn next(&self, most: u32, callback: Function<String, ()>) -> Result<()> {
        let channel = Channel::new(listener(&callback).map_err(internal)?, false, Arc::default());
        let state = self.state.clone();
        spawn("pgtap-stream", move || {
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = catch_unwind(AssertUnwindSafe(|| state.next(most as usize)));
            channel.finish(&result.unwrap_or_else(|_| panicked()));
        })
    }
}

impl State {
    fn next(&mut self, most: usize) -> Value {
        let mut problems = Vec::new();
        if self.waiting.is_none() {
            if let Err(failed) = check_root(&self.root) {
                return json!({ "error": scan_error(&failed) });
            }
            self.waiting = Some(self.list(&mut problems));
        }
        let waiting = self.waiting.get_or_insert_default();
        let batch: Vec<PathBuf> = waiting.drain(..most.min(waiting.len())).collect();
        let ended = waiting.is_empty();
        let mut files = Vec::new();
        for path in batch {
            match self.session.read_file(&path) {
                Ok(file) => files.push(file),
                Err(failed) => problems.push(unreadable(&path, &failed)),
            }
        }
        json!({ "done": { "files": files, "problems": problems, "ended": ended } })
    }

    fn list(&self, problems: &mut Vec<Notice>) -> VecDeque<PathBuf> {
        let mut paths = Vec::new();
        let mut found = |path| {
            paths.push(path);
            true
        };
        walk(&self.root, &self.session.options, &mut found, &mut |notice| problems.push(notice));
        paths.sort();
        paths.into()
    }
}

fn unreadable(path: &Path, failed: &SessionError) -> Notice {
    let why = match failed {
        SessionError::Unreadable(_, cause) => cause.to_string(),
        other => format!("{other:?}"),
    };
    Notice::unreadable(path, &why)
}
