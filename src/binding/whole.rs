//! State that a panic may leave half changed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use super::error::{Result, poisoned};
use super::scanner::bug;

/// Answers from the state behind `lock`. A panic becomes an error, and what it left half changed refuses further calls.
pub fn whole<S, T>(lock: &Mutex<S>, work: impl FnOnce(&mut S) -> T) -> Result<T> {
    let answer = catch_unwind(AssertUnwindSafe(|| {
        lock.lock().map(|mut state| work(&mut state)).map_err(poisoned)
    }));
    answer.unwrap_or_else(|_| Err(bug()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_panic_left_refuses() {
        let state = Mutex::new(1);
        let code = |found: Result<i32>| found.map_err(|error| error.status.0);
        let add = |state: &mut i32| {
            *state += 1;
            *state
        };
        assert_eq!(code(whole(&state, add)), Ok(2));
        assert_eq!(code(whole(&state, |_| panic!("a bug"))), Err("ERR_PGTAP_INTERNAL"));
        assert_eq!(code(whole(&state, add)), Err("ERR_PGTAP_POISONED"));
    }
}
