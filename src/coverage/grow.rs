//! Growth by a quarter: a vector that doubles holds up to three times its content while it moves.

/// Makes room for `more` elements.
pub fn reserve<T>(vector: &mut Vec<T>, more: usize) {
    if vector.capacity() - vector.len() < more {
        vector.reserve_exact(more.max(vector.len() / 4).max(64));
    }
}
