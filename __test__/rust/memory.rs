//! The memory that any input takes grows no faster than its length, and not beyond bounds of its own.
//!
//! An allocator of this test counts what the reader and a listing allocate.
#![cfg(not(feature = "binding"))] // The binding brings an allocator of its own.

#[path = "counting.rs"]
mod counting;
#[path = "hostile_kinds.rs"]
mod kinds;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pgtap_scanner::pgtap::assertion::Listing;
use pgtap_scanner::pgtap::facts::Facts;
use pgtap_scanner::pgtap::reader::{Reader, Wanted};
use pgtap_scanner::pgtap::suite::Suite;

use counting::{Counts, counted};
use kinds::Kind;

/// Tables and lists grow by doubling, so four times the input may take twice four times the memory, and some.
const GROWTH: f64 = 8.8;
const SMALL: usize = 64 << 10;
const LARGE: usize = 4 * SMALL;
/// Bytes allocated for each byte of input.
const MOST: f64 = 1500.0;
/// What a file of any size may be spelled out to: rows times calls, helpers times calls.
const SPELLED_OUT: f64 = 512.0 * 1024.0 * 1024.0;

const MODES: [(&str, Wanted); 3] = [
    ("scan", wanted(false, false)),
    ("listing", wanted(false, true)),
    ("commented", wanted(true, true)),
];

const fn wanted(commented: bool, listing: bool) -> Wanted {
    Wanted { commented, listing }
}

fn read(suite: &Suite, source: &[u8], wanted: Wanted) -> Facts {
    let mut listing = Listing::new(suite);
    let facts = Reader::new(suite, wanted).read(source, &mut listing);
    std::hint::black_box(listing.finish());
    facts
}

fn measure(suite: &Suite, source: &[u8], wanted: Wanted) -> Counts {
    counted(|| drop(read(suite, source, wanted)))
}

/// What is wrong with how the memory for `kind` grows, if anything is.
fn complaint(suite: &Suite, (name, make): Kind, (mode, wanted): (&str, Wanted)) -> Option<String> {
    let small = measure(suite, &make(SMALL), wanted);
    let source = make(LARGE);
    let large = measure(suite, &source, wanted);
    let most = MOST * source.len() as f64 + SPELLED_OUT;
    let grows = large.allocated as f64 > small.allocated as f64 * GROWTH;
    let wrong = grows || large.allocated as f64 > most || large.peak as f64 > most;
    wrong.then(|| format!("{name}, {mode}: {small:?} {large:?}"))
}

/// Looks at every kind in every mode; two threads share them.
fn check(kinds: &[Kind]) {
    let suite = Suite::new(Vec::new());
    // What is built once in a process is none of any input's.
    read(
        &suite,
        b"SELECT has_table('a'), throws_ok('select f()'); -- ok(1)",
        wanted(true, true),
    );
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let job = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(kind) = kinds.get(at / MODES.len()) else {
                return;
            };
            let found = complaint(&suite, *kind, MODES[at % MODES.len()]);
            complaints.lock().unwrap().extend(found);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(job);
        }
    });
    assert!(next.into_inner() >= kinds.len() * MODES.len());
    let complaints = complaints.into_inner().unwrap();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn the_kinds_of_the_benchmark_take_linear_memory() {
    assert_eq!(kinds::BENCHMARK.len(), 43);
    check(kinds::BENCHMARK);
}

#[test]
fn kinds_made_for_this_reader_take_linear_memory() {
    assert_eq!(kinds::OWN.len(), 97);
    check(kinds::OWN);
}

/// A suite that knows the helpers which `source` defines.
fn suite_of(source: &str) -> Suite {
    let mut suite = Suite::new(Vec::new());
    for helper in read(&suite, source.as_bytes(), Wanted::default()).helpers {
        suite.add_helper((*helper).clone());
    }
    suite
}

fn helper(body: &str, times: usize) -> Suite {
    let body = body.repeat(times);
    suite_of(&format!(
        "CREATE FUNCTION big(a text) RETURNS SETOF text LANGUAGE sql AS $$ {body} $$;"
    ))
}

#[test]
fn a_large_helper_called_often_is_expanded_up_to_a_limit() {
    let suite = helper("SELECT has_table(a, 'text of the assertion');", 2000);
    for (mode, wanted) in MODES {
        let source = "SELECT big('users');\n".repeat(1000);
        let counts = measure(&suite, source.as_bytes(), wanted);
        assert!((counts.allocated as f64) < SPELLED_OUT, "{mode} {counts:?}");
        let facts = read(&suite, source.as_bytes(), wanted);
        let codes: Vec<&str> = facts.problems.iter().map(|p| p.code).collect();
        assert_eq!(codes, ["ERR_PGTAP_TOO_MANY_EXPANDED"], "{mode}");
        assert_eq!(facts.plan.results, 2_000_000, "{mode}: what is not listed is counted");
    }
}

#[test]
fn a_huge_argument_of_a_helper_is_not_copied_for_each_assertion_without_limit() {
    let suite = helper("SELECT is(a, a, a);", 500);
    for size in [1 << 12, 1 << 16, 1 << 20] {
        let source = format!("SELECT big('{}');", "x".repeat(size));
        for (mode, wanted) in MODES {
            let counts = measure(&suite, source.as_bytes(), wanted);
            assert!((counts.allocated as f64) < SPELLED_OUT, "{size} {mode} {counts:?}");
        }
    }
}

#[test]
fn many_problems_are_not_all_kept() {
    let suite = Suite::new(Vec::new());
    for (broken, times) in [("select (;", 50_000), ("\\endif\n", 50_000)] {
        let problems = read(&suite, broken.repeat(times).as_bytes(), Wanted::default()).problems;
        assert_eq!(problems.len(), 101, "{broken}");
        assert_eq!(
            (problems[100].code, problems[100].line),
            ("ERR_PGTAP_MORE_PROBLEMS", problems[100].line)
        );
    }
}

#[test]
fn a_reader_keeps_no_buffers_of_a_long_statement() {
    let suite = Suite::new(Vec::new());
    let mut reader = Reader::new(&suite, Wanted::default());
    let long = format!(
        "SELECT {} ok(1, $${}$$);",
        "ok((1)),".repeat(100_000),
        "select f((1)), ".repeat(100_000)
    );
    let sql = format!("SELECT throws_ok($$ SELECT {} 1 $$);", "f((1)), ".repeat(100_000));
    let texts = [long.as_bytes(), sql.as_bytes(), b"SELECT ok(1);"];
    let held = counting::held();
    for text in texts {
        let mut listing = Listing::new(&suite);
        drop(reader.read(text, &mut listing));
        drop(listing);
    }
    let kept = counting::held() - held;
    assert!(kept < 6 << 20, "{kept} bytes");
}
