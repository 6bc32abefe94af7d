//! Counts the steps of reading, for the test that holds their number to the size of the input.
//!
//! Without the feature `count-work` all of this is nothing: the searches are memchr's own.

#[cfg(not(feature = "count-work"))]
pub(crate) use memchr::{memchr, memchr2, memmem};

#[cfg(not(feature = "count-work"))]
#[inline(always)]
pub(crate) fn add(_: usize) {}

#[cfg(feature = "count-work")]
pub(crate) use counted::{add, memchr, memchr2, memmem};
#[cfg(feature = "count-work")]
pub use counted::{note, taken};

#[cfg(feature = "count-work")]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    /// Adds `n` steps of this thread.
    pub(crate) fn add(n: usize) {
        STEPS.with(|steps| steps.set(steps.get() + n as u64));
    }

    /// The same for what takes the results.
    pub fn note(n: usize) {
        add(n);
    }

    /// The steps of this thread since the last call.
    pub fn taken() -> u64 {
        STEPS.with(|steps| steps.replace(0))
    }

    fn passed(found: Option<usize>, all: usize) -> Option<usize> {
        add(found.map_or(all, |at| at + 1));
        found
    }

    pub(crate) fn memchr(byte: u8, text: &[u8]) -> Option<usize> {
        passed(memchr::memchr(byte, text), text.len())
    }

    pub(crate) fn memchr2(a: u8, b: u8, text: &[u8]) -> Option<usize> {
        passed(memchr::memchr2(a, b, text), text.len())
    }

    /// Substring search, as in the crate of that name.
    pub(crate) mod memmem {
        pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
            super::add(wanted.len());
            super::passed(memchr::memmem::find(text, wanted), text.len())
        }
    }
}
