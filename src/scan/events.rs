//! What a scan says while it works.

use std::path::Path;

use serde::Serialize;

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something was not read.
    Error,
    /// It was read, and something is wrong with it.
    Warning,
}

/// Something that a user should know.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Notice {
    /// A stable code.
    pub code: &'static str,
    /// The file or folder.
    pub file_path: String,
    /// The line, when there is one.
    pub line: Option<u32>,
    /// What was found, what is allowed, what to do.
    pub message: String,
    /// How bad it is.
    pub severity: Severity,
}

impl Notice {
    fn new(code: &'static str, path: &Path, message: String, severity: Severity) -> Self {
        Self {
            code,
            file_path: path.to_string_lossy().into_owned(),
            line: None,
            message,
            severity,
        }
    }

    /// Bytes that hang on it.
    pub fn heap_bytes(&self) -> usize {
        self.file_path.capacity() + self.message.capacity()
    }

    /// A file or folder that cannot be read.
    pub fn unreadable(path: &Path, why: &str) -> Self {
        let message = format!("cannot read {}: {why}; the others were read", path.display());
        Self::new("ERR_PGTAP_UNREADABLE", path, message, Severity::Error)
    }

    /// A pipe, socket or device with a candidate's name.
    pub fn not_a_file(path: &Path) -> Self {
        let message = format!("{} is not a regular file; it was left out", path.display());
        Self::new("ERR_PGTAP_NOT_A_FILE", path, message, Severity::Error)
    }

    /// A folder below `maxDepth`.
    pub fn too_deep(path: &Path, most: usize) -> Self {
        let message = format!(
            "{} lies deeper than maxDepth ({most}); it was left out; raise maxDepth to read it",
            path.display()
        );
        Self::new("ERR_PGTAP_MAX_DEPTH", path, message, Severity::Warning)
    }

    /// A file that reading it shows a bug in us.
    pub fn panicked(path: &Path) -> Self {
        let message = format!(
            "reading {} failed inside pgtap-scanner; this is a bug, please report it with the file",
            path.display()
        );
        Self::new("ERR_PGTAP_INTERNAL", path, message, Severity::Error)
    }

    /// Something about the text of a file.
    pub fn text(path: &Path, code: &'static str, line: u32, message: String) -> Self {
        Self {
            line: Some(line),
            ..Self::new(code, path, message, Severity::Warning)
        }
    }
}

/// What the scan reports; all but `Progress` are rare.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The scan of a folder begins.
    Directory {
        /// The folder.
        path: String,
    },
    /// A file has been read.
    Progress {
        /// The file.
        file_path: String,
        /// How many so far.
        files_processed: usize,
        /// How many there are.
        total_files: usize,
    },
    /// `batchSize` more files have been read.
    Batch {
        /// Its number, from 1.
        batch: usize,
        /// How many there will be.
        total_batches: usize,
        /// Files read so far.
        items_processed: usize,
    },
    /// A problem.
    Problem(Notice),
    /// Records were moved to disk.
    Moved {
        /// What they took in memory, bytes.
        freed: usize,
        /// What lies on disk now, bytes.
        on_disk: u64,
        /// There were too many objects of a kind; else they took too much memory.
        objects: bool,
    },
    /// The cache is of no use; the scan reads all files.
    Cache {
        /// Where it is, or was.
        path: String,
        /// What is wrong with it, and what became of it.
        message: String,
    },
    /// Records take more memory than they should and may not be moved to disk.
    Beyond {
        /// Bytes in use.
        used: usize,
        /// Bytes that should be.
        most: usize,
    },
}

/// Takes events. Called on the scan's own thread; must not block.
pub trait Observer: Sync {
    /// Whether anybody listens to progress.
    fn wants_progress(&self) -> bool;
    /// Takes an event.
    fn event(&self, event: Event);
    /// Whether the scan should stop.
    fn cancelled(&self) -> bool;
}
