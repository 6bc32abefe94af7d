//! An allocator that counts what each thread allocates.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What one run took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Bytes allocated, freed ones included; what a reallocation adds.
    pub allocated: u64,
    /// The most bytes held at one time.
    pub peak: i64,
}

thread_local! {
    static ALLOCATED: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

struct Counting;

fn note(added: usize, freed: usize) {
    ALLOCATED.with(|n| n.set(n.get() + added.saturating_sub(freed) as u64));
    let held = HELD.with(|n| {
        n.set(n.get() + added as i64 - freed as i64);
        n.get()
    });
    PEAK.with(|n| n.set(n.get().max(held)));
}

// Everything is passed on to the system's allocator; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(layout.size(), 0);
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size, layout.size());
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        note(0, layout.size());
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What `run` allocates on this thread.
pub fn counted(run: impl FnOnce()) -> Counts {
    ALLOCATED.set(0);
    let base = HELD.get();
    PEAK.set(base);
    run();
    Counts {
        allocated: ALLOCATED.get(),
        peak: PEAK.get() - base,
    }
}

/// What this thread holds now.
pub fn held() -> i64 {
    HELD.get()
}
