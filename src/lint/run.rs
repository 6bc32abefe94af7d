//! Reads the files of a scan again, on several threads, and gathers what is wrong with them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::coverage::batch::Stamp;
use crate::pgtap::catalog::Since;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::scan::candidates::relative;
use crate::scan::options::Options;
use crate::scan::read::{FileBuffer, read_into};
use crate::scan::run::Scanned;

use super::apply::apply;
use super::finding::Finding;
use super::notes;
use super::report::Report;

/// What lint is asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Apply the certain fixes.
    pub fix: bool,
    /// Codes of rules that are not wanted.
    pub disable: Vec<String>,
    /// The only version of pgTAP that the suite runs on, `1.2` or `1.3`; both without it.
    pub pgtap_version: Option<String>,
    /// Names of the database's schemas.
    pub schemas: Vec<String>,
    /// Names of its relations.
    pub relations: Vec<String>,
    /// Names of its functions.
    pub functions: Vec<String>,
}

impl Settings {
    fn versions(&self) -> Vec<Since> {
        match self.pgtap_version.as_deref() {
            Some("1.2") => vec![Since::V1_2],
            Some(_) => vec![Since::LATEST],
            None => vec![Since::V1_2, Since::LATEST],
        }
    }
}

/// A file that was not checked, or not mended, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Skipped {
    /// Its path below the folder.
    pub file: String,
    /// Why.
    pub message: String,
}

/// A file that was mended.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fixed {
    /// Its path below the folder.
    pub file: String,
    /// What was wrong, as it was before.
    pub fixes: Vec<Finding>,
}

/// What lint found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Linted {
    /// What is wrong, by file, line and column; after fixes, what is left.
    pub findings: Vec<Finding>,
    /// What was mended.
    pub fixed: Vec<Fixed>,
    /// How many files were checked.
    pub files_checked: usize,
    /// Files that were not checked or not mended.
    pub skipped: Vec<Skipped>,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum LintError {
    /// It was cancelled.
    Cancelled,
}

/// Checks the files `order` of a scan, and mends them if that is asked for. `goes_on` answers false to stop; a file that
/// is being written then is written to its end.
pub fn lint(
    scanned: &Scanned,
    options: &Options,
    order: &[u32],
    settings: &Settings,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Result<Linted, LintError> {
    let mut suite = (*scanned.suite).clone();
    suite
        .schemas
        .extend(settings.schemas.iter().map(|s| s.as_bytes().to_vec()));
    let mut run = Run {
        scanned,
        options,
        order,
        settings,
        suite,
        versions: settings.versions(),
        goes_on,
        stamps: FxHashMap::default(),
    };
    let found = run.check()?;
    if !settings.fix {
        return Ok(found);
    }
    run.mend(found)
}

/// One call of [`lint`].
pub(super) struct Run<'a> {
    pub(super) scanned: &'a Scanned,
    pub(super) options: &'a Options,
    pub(super) order: &'a [u32],
    pub(super) settings: &'a Settings,
    pub(super) suite: Suite,
    versions: Vec<Since>,
    pub(super) goes_on: &'a (dyn Fn() -> bool + Sync),
    /// What mended files hold now.
    stamps: FxHashMap<u32, Stamp>,
}

/// What came of a file.
type Outcome = Result<Report, String>;

impl Run<'_> {
    /// The path as findings give it.
    pub(super) fn name(&self, path: &Path) -> String {
        relative(&self.scanned.root, path).to_string_lossy().into_owned()
    }

    fn check(&self) -> Result<Linted, LintError> {
        let outcomes = self.read_all()?;
        let listed: FxHashSet<usize> = self.order.iter().map(|n| *n as usize).collect();
        let (mut reports, mut skipped) = (Vec::with_capacity(outcomes.len()), Vec::new());
        for (number, outcome) in outcomes.into_iter().enumerate() {
            if let (Some(Err(why)), true) = (&outcome, listed.contains(&number)) {
                let file = self
                    .scanned
                    .paths
                    .get(number)
                    .map_or_else(String::new, |path| self.name(&path));
                let message = why.clone();
                skipped.push(Skipped { file, message });
            }
            reports.push(outcome.and_then(Result::ok));
        }
        let files_checked = listed
            .iter()
            .filter(|n| matches!(reports.get(**n), Some(Some(_))))
            .count();
        skipped.sort();
        Ok(Linted {
            findings: self.gather(&reports),
            fixed: Vec::new(),
            files_checked,
            skipped,
        })
    }

    /// Reads every file of the scan: those that are not listed may be included or create functions.
    fn read_all(&self) -> Result<Vec<Option<Outcome>>, LintError> {
        let count = self.scanned.paths.len();
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<Option<Outcome>>> = Mutex::new((0..count).map(|_| None).collect());
        let work = || {
            let mut buffer = FileBuffer::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count || !(self.goes_on)() {
                    return;
                }
                let outcome = self.read(number, &mut buffer);
                let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(slot) = done.get_mut(number) {
                    *slot = outcome;
                }
            }
        };
        std::thread::scope(|scope| {
            let extra = self.options.threads().min(count.div_ceil(8)).saturating_sub(1);
            for at in 0..extra {
                // Without more threads this one does the work alone.
                let named = std::thread::Builder::new().name(format!("pgtap-lint-{at}"));
                if named.spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        match (self.goes_on)() {
            true => Ok(done.into_inner().unwrap_or_else(PoisonError::into_inner)),
            false => Err(LintError::Cancelled),
        }
    }

    /// Reads a file; none when the scan could not.
    fn read(&self, number: usize, buffer: &mut FileBuffer) -> Option<Outcome> {
        let path = self.scanned.paths.get(number)?;
        let entry = self.scanned.store.files.get(number).filter(|f| f.read)?;
        let stamp = match read_into(&path, buffer) {
            Ok(stamp) => stamp,
            Err(error) => return Some(Err(format!("cannot be read: {error}"))),
        };
        let expected = self.stamps.get(&(number as u32)).unwrap_or(&entry.stamp);
        if stamp != *expected {
            return Some(Err("changed since it was scanned; scan the folder again".to_owned()));
        }
        let name = self.name(&path);
        let source = buffer.content();
        let read = catch_unwind(AssertUnwindSafe(|| {
            let wanted = Wanted {
                listing: true,
                ..Wanted::default()
            };
            let mut reader = Reader::new(&self.suite, wanted);
            let (notes, facts) = notes::take(&mut reader, source, &self.versions);
            Report::new(name, source, notes, facts)
        }));
        Some(read.map_err(|_| "checking it failed inside pgtap-scanner; this is a bug, please report it".to_owned()))
    }

    /// Applies the certain fixes and checks again what is left.
    fn mend(&mut self, before: Linted) -> Result<Linted, LintError> {
        let numbers: FxHashMap<String, u32> = self
            .order
            .iter()
            .filter_map(|n| Some((self.name(&self.scanned.paths.get(*n as usize)?), *n)))
            .collect();
        let (mut fixed, mut refused) = (Vec::new(), Vec::new());
        for findings in before.findings.chunk_by(|a, b| a.file == b.file) {
            let certain: Vec<&Finding> = findings
                .iter()
                .filter(|f| f.fix.as_ref().is_some_and(|f| f.certain))
                .collect();
            let (Some(first), true) = (certain.first(), (self.goes_on)()) else {
                continue;
            };
            let Some((number, path)) = numbers
                .get(&first.file)
                .and_then(|n| Some((*n, self.scanned.paths.get(*n as usize)?)))
            else {
                continue;
            };
            let file = first.file.clone();
            match apply(
                &path,
                self.scanned.store.files.get(number as usize).map(|f| f.stamp),
                &certain,
            ) {
                Ok((stamp, fixes)) => {
                    self.stamps.insert(number, stamp);
                    fixed.push(Fixed { file, fixes });
                }
                Err(message) => refused.push(Skipped { file, message }),
            }
        }
        let mut left = if fixed.is_empty() { before } else { self.check()? };
        left.fixed = fixed;
        left.skipped.extend(refused);
        left.skipped.sort();
        left.skipped.dedup();
        Ok(left)
    }
}
