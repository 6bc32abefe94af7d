//! What a scanner says that it holds is what it holds: an allocator of this test counts every byte of every thread.
#![cfg(not(feature = "binding"))] // The binding brings an allocator of its own.

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use pgtap_scanner::budget::Budget;
use pgtap_scanner::coverage::index::Purpose;
use pgtap_scanner::scan::events::{Event, Observer};
use pgtap_scanner::scan::options::{Given, Options};
use pgtap_scanner::scan::run::scan;
use pgtap_scanner::session::Session;

static HELD: AtomicI64 = AtomicI64::new(0);
static PEAK: AtomicI64 = AtomicI64::new(0);

struct Counting;

fn note(change: i64) {
    let held = HELD.fetch_add(change, Relaxed) + change;
    PEAK.fetch_max(held, Relaxed);
}

// Everything is passed on to the system's allocator; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as i64);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size() as i64);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size as i64 - layout.size() as i64);
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        note(-(layout.size() as i64));
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Nobody listens.
struct Quiet;

impl Observer for Quiet {
    fn wants_progress(&self) -> bool {
        false
    }

    fn event(&self, _: Event) {}

    fn cancelled(&self) -> bool {
        false
    }
}

fn assertions(at: usize) -> String {
    let (schema, table) = (at % 7, at % 900);
    let line = |n| format!("SELECT has_column('s{schema}', 't{table}', 'c{n}_{at}', 'It is there');\n");
    (0..40).map(line).collect()
}

/// A plan that does not match, a file that is missing, commands that do not pair.
fn mistakes(at: usize) -> String {
    let text = "\\endif\n".repeat(40);
    format!("SELECT plan({});\n\\ir missing.sql\n{text}", at + 2)
}

/// Calls of functions that nobody knows. They are remembered until the scan ends.
fn calls(at: usize) -> String {
    let call = |n| format!("SELECT a{at}_{n}();\n");
    (0..300).map(call).collect()
}

fn suite(folder: &Path, files: usize, text: fn(usize) -> String) {
    for at in 0..files {
        let part = folder.join(format!("part_{}", at % 20));
        std::fs::create_dir_all(&part).unwrap();
        std::fs::write(part.join(format!("test_{at:05}.sql")), text(at)).unwrap();
    }
}

/// What a step took: bytes that are held behind it, and the most that were at one time; each as they were counted and as
/// they were reserved.
#[derive(Debug)]
struct Step {
    held: [i64; 2],
    most: [i64; 2],
}

impl Step {
    /// Of what is held nothing is missing but a fiftieth. What is held for a moment may be reserved somewhat earlier.
    fn check(&self, name: &str) {
        let [held, reserved] = self.held;
        assert!((held - reserved).abs() < held / 50 + (32 << 10), "{name}: {self:?}");
        let [held, reserved] = self.most;
        assert!(reserved > held * 9 / 10 && reserved < held * 3 / 2, "{name}: {self:?}");
    }
}

fn step<T>(budget: &Budget, work: impl FnOnce() -> T) -> (T, Step) {
    let (counted, reserved) = (HELD.load(Relaxed), budget.current() as i64);
    PEAK.store(counted, Relaxed);
    let done = work();
    let step = Step {
        held: [HELD.load(Relaxed) - counted, budget.current() as i64 - reserved],
        most: [PEAK.load(Relaxed) - counted, budget.high() as i64 - reserved],
    };
    (done, step)
}

/// Scans `root` and builds a database over it.
fn check(name: &str, root: &Path, given: Given) {
    let json = r#"{"validatePlans": true}"#;
    let mut session = Session::new(json).unwrap();
    let options = Arc::new(Options::new(given).unwrap());
    session.options = options.clone();
    let suite = options.suite().unwrap();
    let (scanned, step_of_scan) = step(&options.budget, || scan(root, &options, suite, &Quiet).unwrap());
    step_of_scan.check(&format!("scan, {name}"));
    let order = scanned.order.clone();
    session.adopt(scanned);
    let build = || {
        session
            .builder()
            .build(order, &[], Purpose::Coverage, &|| true)
            .unwrap()
    };
    let (database, built) = step(&options.budget, build);
    // The budget knows the most of all its steps, and that of the scan is more.
    let most = [built.most[0], built.most[0]];
    Step { most, ..built }.check(&format!("database, {name}"));
    moved_objects(name, &session);
    drop((database, session));
    assert_eq!(options.budget.current(), 0, "{name}");
}

/// Moves objects of a session's scan: what that frees is told, and it takes little for a moment: a run of labels that are
/// sorted.
fn moved_objects(name: &str, session: &Session) {
    let (options, scanned) = (&session.options, &session.scanned);
    let (held, reserved) = (HELD.load(Relaxed), options.budget.current() as i64);
    PEAK.store(held, Relaxed);
    let moved = scanned.move_objects(options, 1000, &|| true).unwrap();
    let freed = held - HELD.load(Relaxed);
    let told = reserved - options.budget.current() as i64;
    assert_eq!(moved.is_some(), name != "many problems", "{name}");
    assert!((freed - told).abs() < freed / 50 + 4096, "{name}: {freed}, told {told}");
    assert!(
        PEAK.load(Relaxed) - held < 5 << 19,
        "{name}: {}",
        PEAK.load(Relaxed) - held
    );
}

#[test]
fn what_is_reserved_is_what_is_held() {
    let folder = tempfile::tempdir().unwrap();
    let [plain, wrong, unknown] = ["plain", "wrong", "unknown"].map(|name| folder.path().join(name));
    suite(&plain, 4000, assertions);
    suite(&wrong, 1000, mistakes);
    suite(&unknown, 1000, calls);
    let given = |max_memory_mb: f64, threads: usize| Given {
        max_memory_mb,
        threads,
        ..Given::default()
    };
    for threads in [2, 16] {
        check(&format!("{threads} threads"), &plain, given(500.0, threads));
    }
    check("short of memory", &plain, given(8.0, 2));
    check("many problems", &wrong, given(500.0, 2));
    check("many calls", &unknown, given(500.0, 2));
}
