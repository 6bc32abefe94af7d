//! Events of an operation: gathered on its thread, handed over in arrays of JSON through one threadsafe function.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use napi::Status;
use napi::bindgen_prelude::Function;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use serde_json::Value;

use crate::scan::events::{Event, Observer};

/// Strong: it holds the loop while the operation runs, and its last message is the result.
pub type Listener = ThreadsafeFunction<String, (), String, Status, false>;

/// Events wait at most this long, or until there are this many.
const WAIT: Duration = Duration::from_millis(20);
const MOST: usize = 128;

/// Makes a listener of a JavaScript function.
pub fn listener(callback: &Function<String, ()>) -> napi::Result<Listener> {
    callback
        .build_threadsafe_function::<String>()
        .callee_handled::<false>()
        .build()
}

/// Gathers events and passes them on.
pub struct Channel {
    listener: Listener,
    progress: bool,
    cancelled: Arc<AtomicBool>,
    waiting: Mutex<(Vec<Event>, Instant)>,
}

impl Channel {
    /// A channel to `listener`; `progress` tells whether anybody listens to it.
    pub fn new(listener: Listener, progress: bool, cancelled: Arc<AtomicBool>) -> Self {
        Self {
            listener,
            progress,
            cancelled,
            waiting: Mutex::new((Vec::new(), Instant::now())),
        }
    }

    fn send(&self, text: String) {
        // When the environment is closing nobody is left to tell.
        let _ = self.listener.call(text, ThreadsafeFunctionCallMode::NonBlocking);
    }

    fn send_events(&self, events: &[Event]) {
        if let (false, Ok(text)) = (events.is_empty(), serde_json::to_string(events)) {
            self.send(text);
        }
    }

    /// Passes on what waits, then the result: the last message.
    pub fn finish(self, result: &Value) {
        self.finish_text(result.to_string());
    }

    /// The same for a result that is JSON text already.
    pub fn finish_text(self, result: String) {
        let events = std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner).0);
        self.send_events(&events);
        self.send(result);
    }
}

impl Observer for Channel {
    fn wants_progress(&self) -> bool {
        self.progress
    }

    fn event(&self, event: Event) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.0.push(event);
        if waiting.0.len() >= MOST || waiting.1.elapsed() >= WAIT {
            let events = std::mem::take(&mut waiting.0);
            waiting.1 = Instant::now();
            drop(waiting);
            self.send_events(&events);
        }
    }

    fn cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}
