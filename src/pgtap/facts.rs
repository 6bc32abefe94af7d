//! What a file says beside its assertions.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::plan::Plan;
use super::suite::Helper;

/// Something wrong with a file that did not keep the rest of it from being read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// A stable code, `ERR_PGTAP_…`.
    pub code: &'static str,
    /// Where it begins.
    pub line: u32,
    /// What was found, what is allowed, what to do.
    pub message: String,
}

/// Of more problems than this in one file, only that there are more is said.
pub const MAX_PROBLEMS: usize = 100;

/// The codes of all problems of a text.
const CODES: [&str; 11] = [
    "ERR_PGTAP_BRANCHES",
    "ERR_PGTAP_INVALID_UTF8",
    "ERR_PGTAP_MORE_PROBLEMS",
    "ERR_PGTAP_NUL_BYTE",
    "ERR_PGTAP_TOO_DEEP",
    "ERR_PGTAP_TOO_LARGE",
    "ERR_PGTAP_TOO_LONG",
    "ERR_PGTAP_TOO_MANY_EXPANDED",
    "ERR_PGTAP_TOO_MANY_ROWS",
    "ERR_PGTAP_UNCLOSED",
    "ERR_PGTAP_UNTERMINATED",
];

/// A problem as it was kept.
#[derive(serde::Deserialize)]
struct Told {
    code: String,
    line: u32,
    message: String,
}

impl<'de> serde::Deserialize<'de> for Problem {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let told = Told::deserialize(from)?;
        let code = CODES.into_iter().find(|known| *known == told.code);
        let code = code.ok_or_else(|| serde::de::Error::custom("no such code"))?;
        Ok(Self::new(code, told.line, told.message))
    }
}

impl Problem {
    fn new(code: &'static str, line: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            line,
            message: message.into(),
        }
    }

    /// A string, comment, quoted name or dollar quote that the file never closes.
    pub fn unterminated(what: &str, line: u32) -> Self {
        let message =
            format!("unterminated {what} begins here; everything behind it belongs to it, as PostgreSQL reads it");
        Self::new("ERR_PGTAP_UNTERMINATED", line, message)
    }

    /// Problems beyond [`MAX_PROBLEMS`].
    fn more(line: u32) -> Self {
        let message = format!(
            "more than {MAX_PROBLEMS} problems in this file; those from here on are not listed; mend the first ones"
        );
        Self::new("ERR_PGTAP_MORE_PROBLEMS", line, message)
    }

    /// A parenthesis that its statement never closes.
    pub fn unclosed(line: u32) -> Self {
        let message = "parenthesis or bracket is never closed in this statement; PostgreSQL refuses it; the calls in it were read all the same";
        Self::new("ERR_PGTAP_UNCLOSED", line, message)
    }

    /// Nesting beyond [`super::walk::MAX_DEPTH`].
    pub fn too_deep(line: u32) -> Self {
        let message = format!(
            "nested deeper than {} brackets, far more than PostgreSQL takes; calls inside were not read",
            super::walk::MAX_DEPTH
        );
        Self::new("ERR_PGTAP_TOO_DEEP", line, message)
    }

    /// A statement beyond [`crate::sql::statement::HARD_CUT`].
    pub fn too_long(line: u32) -> Self {
        let message = format!(
            "statement of more than {} tokens without a comma outside parentheses; it was read in parts, and a call across the cut may be missed",
            crate::sql::statement::HARD_CUT
        );
        Self::new("ERR_PGTAP_TOO_LONG", line, message)
    }

    /// A file beyond [`crate::sql::lexer::MAX_INPUT`].
    pub fn too_large(bytes: usize) -> Self {
        let message = format!(
            "file of {bytes} bytes; the first {} were read; split it",
            crate::sql::lexer::MAX_INPUT
        );
        Self::new("ERR_PGTAP_TOO_LARGE", 1, message)
    }

    /// `\if` and `\endif` that do not pair.
    pub fn branches(line: u32, message: &str) -> Self {
        Self::new("ERR_PGTAP_BRANCHES", line, message)
    }

    /// Bytes that are not UTF-8.
    pub fn invalid_utf8(line: u32) -> Self {
        let message = "not UTF-8 from here on; names in it are shown with replacement characters; convert the file";
        Self::new("ERR_PGTAP_INVALID_UTF8", line, message)
    }

    /// A NUL byte.
    pub fn nul_byte(line: u32) -> Self {
        let message = "NUL byte, which neither psql nor PostgreSQL takes; is this a text file?";
        Self::new("ERR_PGTAP_NUL_BYTE", line, message)
    }

    /// Calls of helpers beyond [`super::expand::MAX_EXPANDED`].
    pub fn too_many_expanded(line: u32) -> Self {
        let message = format!(
            "calls of helpers would expand to more than {} assertions in this file; from here on they are counted, not listed",
            super::expand::MAX_EXPANDED
        );
        Self::new("ERR_PGTAP_TOO_MANY_EXPANDED", line, message)
    }

    /// Rows beyond what is expanded.
    pub fn too_many_rows(line: u32) -> Self {
        let message = "too many rows in this FROM clause; the assertion is listed once, without a target per row";
        Self::new("ERR_PGTAP_TOO_MANY_ROWS", line, message)
    }
}

/// A file named by `\i` or `\ir`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Include {
    /// The name as written.
    pub path: Vec<u8>,
    /// `\ir`: relative to the file, not to the folder psql runs in.
    pub relative: bool,
    /// Its line.
    pub line: u32,
}

/// What a file says beside its assertions.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Facts {
    /// Its plan.
    pub plan: Plan,
    /// What was wrong with it, in the order found.
    pub problems: Vec<Problem>,
    /// The files it includes.
    pub includes: Vec<Include>,
    /// Its functions whose bodies make assertions.
    pub helpers: Vec<Arc<Helper>>,
    /// Lower-case names of functions it calls that nobody knows yet.
    pub wants: FxHashSet<Vec<u8>>,
    /// Names it shows to be schemas.
    pub schemas: FxHashSet<Vec<u8>>,
    /// Schemas that it creates pgTAP in.
    pub pgtap_schemas: FxHashSet<Vec<u8>>,
    /// First arguments that decide between two readings when they turn out to be schemas.
    pub undecided: FxHashSet<Vec<u8>>,
}

impl Facts {
    /// Notes a problem, as long as there are not too many.
    pub fn report(&mut self, problem: Problem) {
        match self.problems.len() {
            n if n < MAX_PROBLEMS => self.problems.push(problem),
            MAX_PROBLEMS => self.problems.push(Problem::more(problem.line)),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "facts_tests.rs"]
mod tests;
