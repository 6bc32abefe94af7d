//! Errors as JavaScript sees them: a stable code and a message.

use std::path::Path;

use napi::Status;
use serde_json::{Value, json};

use crate::gaps::error::GapsError;
use crate::scan::options::OptionError;
use crate::scan::run::ScanError;
use crate::session::SessionError;
use crate::spill::SpillError;

/// A stable code, `ERR_PGTAP_…` or the system's own.
#[derive(Debug)]
pub struct Code(pub &'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<Status> for Code {
    fn from(_: Status) -> Self {
        Code("ERR_PGTAP_INTERNAL")
    }
}

/// What exports return.
pub type Result<T> = std::result::Result<T, napi::Error<Code>>;

/// An error with a code.
pub fn error(code: &'static str, message: impl Into<String>) -> napi::Error<Code> {
    napi::Error::new(Code(code), message.into())
}

/// As [`refused`], for a lock that the panic left behind.
pub fn poisoned<T>(_: std::sync::PoisonError<T>) -> napi::Error<Code> {
    refused()
}

/// A call after a panic: the state may be half changed.
pub fn refused() -> napi::Error<Code> {
    error(
        "ERR_PGTAP_POISONED",
        "an earlier call failed inside pgtap-scanner (a bug); make a new object",
    )
}

/// A call of what was closed.
pub fn closed() -> napi::Error<Code> {
    error(
        "ERR_PGTAP_CLOSED",
        "the scanner was closed, and what it knew is gone; make a new one",
    )
}

impl From<SessionError> for napi::Error<Code> {
    fn from(found: SessionError) -> Self {
        match found {
            SessionError::Option(OptionError { message, .. }) => error("ERR_PGTAP_INVALID_OPTION", message),
            SessionError::Shape(cause) => error("ERR_PGTAP_INVALID_ARGUMENT", cause.to_string()),
            SessionError::Changed(path, why) => error(
                "ERR_PGTAP_FILE_CHANGED",
                format!(
                    "{} changed since it was scanned ({why}); scan the folder again",
                    path.display()
                ),
            ),
            SessionError::Unreadable(path, cause) => error(
                io_code(&cause),
                format!("{}: cannot read '{}': {cause}", io_code(&cause), path.display()),
            ),
            SessionError::NotScanned => error(
                "ERR_PGTAP_NOT_SCANNED",
                "no folder was scanned, and the test files are needed for this; call scanDirectory() first",
            ),
            SessionError::Gaps(cause) => gaps_error(&cause),
            SessionError::Closed => closed(),
            SessionError::Saved(cause) => error(cause.code(), cause.to_string()),
            SessionError::Cancelled => error("ABORT_ERR", "The operation was aborted"),
            SessionError::Spill(cause) => error(cause.code(), cause.to_string()),
            SessionError::UnknownFile(number) => {
                error("ERR_PGTAP_INTERNAL", format!("no file has the number {number}"))
            }
        }
    }
}

/// Why there is no gap analysis.
fn gaps_error(found: &GapsError) -> napi::Error<Code> {
    match found {
        GapsError::Catalog(cause) => error(cause.code(), cause.to_string()),
        GapsError::Saved => error(
            "ERR_PGTAP_NO_SOURCES",
            "gap analysis reads the test files, and this scanner was opened from a saved file; scan the folder instead",
        ),
        GapsError::Threads(cause) => error("ERR_PGTAP_THREADS", format!("no thread could be started: {cause}")),
        GapsError::Changed(..) | GapsError::Report(_) | GapsError::Cancelled => {
            error("ERR_PGTAP_INTERNAL", format!("{found:?}"))
        }
    }
}

impl From<SpillError> for napi::Error<Code> {
    fn from(found: SpillError) -> Self {
        error(found.code(), found.to_string())
    }
}

/// A failure of a spill file as the result of an operation.
pub fn spill_failed(found: &SpillError) -> Value {
    json!({ "error": { "code": found.code(), "message": found.to_string() } })
}

/// Node's code for an error of the system.
fn io_code(cause: &std::io::Error) -> &'static str {
    use std::io::ErrorKind as Kind;
    match cause.kind() {
        Kind::NotFound => "ENOENT",
        Kind::PermissionDenied => "EACCES",
        Kind::NotADirectory => "ENOTDIR",
        Kind::IsADirectory => "EISDIR",
        Kind::OutOfMemory => "ENOMEM",
        _ => "ERR_PGTAP_UNREADABLE",
    }
}

/// A failed scan: code, message, path.
pub fn scan_error(found: &ScanError) -> Value {
    let text = |path: &Path| path.to_string_lossy().into_owned();
    match found {
        ScanError::Root(path, cause) => {
            let code = io_code(cause);
            let why = if code == "ENOENT" {
                "no such file or directory".to_owned()
            } else {
                cause.to_string()
            };
            json!({ "code": code, "path": text(path), "message": format!("{code}: {why}, scandir '{}'", path.display()) })
        }
        ScanError::NotADirectory(path) => {
            json!({ "code": "ENOTDIR", "path": text(path), "message": format!("Path is not a directory: {}", path.display()) })
        }
        ScanError::Cancelled => json!({ "code": "ABORT_ERR", "message": "The scan was aborted" }),
        ScanError::Spill(cause) => json!({ "code": cause.code(), "message": cause.to_string() }),
        ScanError::Threads(cause) => {
            json!({ "code": "ERR_PGTAP_THREADS", "message": format!("no thread could be started: {cause}") })
        }
    }
}
