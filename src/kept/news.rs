//! What happened in a store that its owner should be told: each limit once, each drop, each failure of the disk once
//! until it is over.

use std::collections::HashSet;

use serde::Serialize;

use crate::spill::SpillError;

/// The limit that was reached.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub enum Limit {
    /// `objects_per_kind`, and its number.
    Objects(usize),
    /// `bytes`, and their number.
    Bytes(u64),
}

/// One thing to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Notice {
    /// From now on objects go to disk.
    Spilling {
        limit: &'static str,
        most: u64,
        kind: String,
    },
    /// Objects were dropped.
    Pruned {
        limit: &'static str,
        most: u64,
        kind: String,
        dropped: usize,
        kept: usize,
    },
    /// An object was not taken, and those behind it may not be.
    Refused {
        limit: &'static str,
        most: u64,
        kind: String,
    },
    /// The disk failed.
    Failed { code: &'static str, message: String },
}

/// What waits to be told.
#[derive(Debug, Default)]
pub struct News {
    waiting: Vec<Notice>,
    spilling: HashSet<(String, bool)>,
    refusing: HashSet<String>,
    failing: bool,
}

impl Limit {
    fn parts(self) -> (&'static str, u64) {
        match self {
            Self::Objects(most) => ("object_limit", most as u64),
            Self::Bytes(most) => ("memory_limit", most),
        }
    }
}

impl News {
    /// Takes what waits.
    pub fn take(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.waiting)
    }

    /// Whether something waits.
    pub fn any(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Objects of a kind went to disk: the disk works.
    pub fn moved(&mut self, kind: &str, reached: Limit) {
        self.failing = false;
        let by_bytes = matches!(reached, Limit::Bytes(_));
        if self.spilling.insert((kind.to_owned(), by_bytes)) {
            let (limit, most) = reached.parts();
            let kind = kind.to_owned();
            self.waiting.push(Notice::Spilling { limit, most, kind });
        }
    }

    /// Objects of a kind were dropped.
    pub fn pruned(&mut self, kind: &str, reached: Limit, dropped: usize, kept: usize) {
        let (limit, most) = reached.parts();
        let kind = kind.to_owned();
        self.waiting.push(Notice::Pruned {
            limit,
            most,
            kind,
            dropped,
            kept,
        });
    }

    /// An object of a kind was taken.
    pub fn taken(&mut self, kind: &str) {
        if !self.refusing.is_empty() {
            self.refusing.remove(kind);
        }
    }

    /// An object of a kind was not taken.
    pub fn refused(&mut self, kind: &str, reached: Limit, cause: Option<&SpillError>) {
        if let (Some(cause), false) = (cause, self.failing) {
            self.failing = true;
            let (code, message) = (cause.code(), cause.to_string());
            self.waiting.push(Notice::Failed { code, message });
        }
        if self.refusing.insert(kind.to_owned()) {
            let (limit, most) = reached.parts();
            let kind = kind.to_owned();
            self.waiting.push(Notice::Refused { limit, most, kind });
        }
    }
}
