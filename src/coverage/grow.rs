//! Growth by a quarter: a vector that doubles holds up to three times its content while it moves.
//!
//! What a growth will take can be asked before, so that it is reserved before it is allocated.

use hashbrown::HashTable;

/// Room for so many at least.
const LEAST: usize = 64;

/// By how many elements a vector of `length` grows when it needs `more`.
fn step(length: usize, more: usize) -> usize {
    more.max(length / 4).max(LEAST)
}

/// Makes room for `more` elements.
pub fn reserve<T>(vector: &mut Vec<T>, more: usize) {
    if vector.capacity() - vector.len() < more {
        vector.reserve_exact(step(vector.len(), more));
    }
}

/// Bytes that [`reserve`] may take before it gives the old ones back, whether it is asked for all or one by one; 0 where
/// there is room.
pub fn growth<T>(vector: &Vec<T>, more: usize) -> usize {
    if vector.capacity() - vector.len() >= more {
        return 0;
    }
    let all = vector.len() + more;
    (all + step(all, 0)) * size_of::<T>()
}

/// The same for a table: a power of two of places, a byte beside each, of which seven eighths are used.
pub fn table_growth<T>(table: &HashTable<T>, more: usize) -> usize {
    if table.capacity() - table.len() >= more {
        return 0;
    }
    let wanted = (table.capacity() + 1).max(table.len() + more);
    (wanted * 8).div_ceil(7).next_power_of_two().max(16) * (size_of::<T>() + 1) + 16
}
