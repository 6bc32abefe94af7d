//! Gives memory that was freed back to the system.

/// Gives back what this thread freed and the allocator still holds. Without it what a large move frees stays resident for
/// as long as the allocator hopes to use it again.
#[cfg(feature = "binding")]
pub fn give_back() {
    // SAFETY: takes no pointers; it only walks the allocator's own lists.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

/// Without the binding the allocator is the caller's.
#[cfg(not(feature = "binding"))]
pub fn give_back() {}
