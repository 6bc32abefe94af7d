//! What callers keep under names of their own: JSON values off V8's heap, on disk where memory has no room.
//!
//! [`objects`] finds a value by its kind and name; [`log`] keeps records in the order they came.

mod block;
mod blocks;
pub mod kinds;
pub mod log;
pub mod news;
pub mod objects;
pub mod page;
mod recent;
mod room;
