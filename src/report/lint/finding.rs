//! What reports of findings are made of (docs/lint.schema.json).

use serde::{Deserialize, Serialize};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The test does not do what it says.
    Error,
    /// It may not.
    Warning,
    /// It does, and could be better.
    Info,
}

impl Severity {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// Something wrong in a test file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The rule.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The file, below the folder that was scanned.
    pub file: String,
    /// The first line, from 1.
    pub line: u64,
    /// The first column in characters, from 1.
    pub column: u64,
    /// The last line.
    pub end_line: u64,
    /// The column behind the last character.
    pub end_column: u64,
    /// What PostgreSQL does and what was meant.
    pub message: String,
    /// What to do.
    pub help: String,
    /// The mended text, where there is one.
    pub fix: Option<Fix>,
}

/// A replacement of a part of a file.
#[derive(Debug, Serialize, Deserialize)]
pub struct Fix {
    /// The first byte.
    pub from: u64,
    /// The byte behind the last.
    pub to: u64,
    /// What stands there instead.
    pub text: String,
    /// Whether it can be applied without being looked at.
    pub certain: bool,
}
