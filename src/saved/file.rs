//! What is saved of a test file.

use serde::Serialize;
use twox_hash::XxHash3_64;

use super::name::Name;

/// A label: the kind's name in the coverage database, and the label itself.
pub type Place = (String, Name);

/// An assertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SavedAssertion {
    /// Its line.
    pub line: u32,
    /// The name of its type.
    pub kind: String,
    /// Its label.
    pub label: Option<Place>,
    /// See [`crate::coverage::batch::flag`].
    pub flags: u16,
    /// Its description.
    pub description: Option<String>,
}

/// A test file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SavedFile {
    /// Below the scanned folder, with `/` between names.
    pub path: Name,
    /// UTF-16 units.
    pub size: u64,
    /// Newlines + 1.
    pub lines: u32,
    /// The number in its first `plan(N)`.
    pub plan: Option<i64>,
    /// Bytes of its content.
    pub bytes: u64,
    /// A hash of its content.
    pub hash: u64,
    /// What it includes: path, whether relative to the file, line.
    pub includes: Vec<(Name, bool, u32)>,
    /// Its assertions.
    pub assertions: Vec<SavedAssertion>,
    /// Labels covered beside: the assertion's position and the label.
    pub credits: Vec<(u32, Place)>,
    /// Labels of what it exercises.
    pub uses: Vec<Place>,
    /// Its assertions as callers see them: JSON, compressed.
    #[serde(skip)]
    pub listing: Vec<u8>,
}

/// A hash of all of it: of its JSON, which is the same on every machine, and of the listing.
pub fn content_hash(file: &SavedFile) -> u64 {
    // Strings, numbers and lists always have a JSON form.
    let text = serde_json::to_vec(file).unwrap_or_default();
    chained(XxHash3_64::oneshot(&text), XxHash3_64::oneshot(&file.listing))
}

/// The hash of a list, from that of what stands before and that of the next.
pub fn chained(before: u64, next: u64) -> u64 {
    XxHash3_64::oneshot_with_seed(before, &next.to_le_bytes())
}
