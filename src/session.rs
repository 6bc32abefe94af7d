//! What one scanner object holds: options, the last scan, the coverage database built from it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::coverage::index::{Index, Purpose};
use crate::coverage::plain::PlainFile;
use crate::coverage::summary::View;
use crate::pgtap::assertion::{Assertion, Listing, lossy};
use crate::pgtap::facts::Facts;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::scan::events::Notice;
use crate::scan::options::{Given, OptionError, Options};
use crate::scan::read::{read_into, utf16_len};
use crate::scan::run::Scanned;
use crate::sql::lines::newlines;

/// Why a question has no answer.
#[derive(Debug)]
pub enum SessionError {
    /// An option cannot be used.
    Option(OptionError),
    /// Options or plain files are no JSON of the right shape.
    Shape(serde_json::Error),
    /// The file changed or went away since it was scanned.
    Changed(PathBuf, String),
    /// The file cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// No such file number.
    UnknownFile(u32),
}

/// One scanner's state.
pub struct Session {
    /// Its options.
    pub options: Arc<Options>,
    /// What is known before a scan.
    pub suite: Suite,
    /// The last scan.
    pub scanned: Scanned,
    /// Where the scan's own records end; what callers added lies behind.
    marks: [usize; 4],
    database: Option<Database>,
    labels: Option<Database>,
}

/// An index over some files of the store.
struct Database {
    order: Vec<u32>,
    index: Index,
}

impl Session {
    /// A session with the options that `json` gives.
    pub fn new(json: &str) -> Result<Self, SessionError> {
        let given: Given = serde_json::from_str(json).map_err(SessionError::Shape)?;
        let options = Options::new(given).map_err(SessionError::Option)?;
        let suite = options.suite().map_err(SessionError::Option)?;
        Ok(Self {
            options: Arc::new(options),
            suite,
            scanned: Scanned::default(),
            marks: [0; 4],
            database: None,
            labels: None,
        })
    }

    /// Takes over the result of a scan; what was there before is dropped.
    pub fn adopt(&mut self, scanned: Scanned) {
        let store = &scanned.store;
        self.marks = [store.records.len(), store.credits.len(), store.uses.len(), scanned.paths.len()];
        self.scanned = scanned;
        self.database = None;
        self.labels = None;
    }

    /// Forgets everything but the options.
    pub fn reset(&mut self) {
        self.adopt(Scanned::default());
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            commented: self.options.given.include_commented,
            listing: true,
        }
    }

    /// Rows of the listed files `from..to`: number, path, plan, size, lines, dependencies.
    pub fn files(&self, from: usize, to: usize) -> Value {
        let to = to.min(self.scanned.order.len());
        let rows = self.scanned.order.get(from.min(to)..to).unwrap_or(&[]).iter();
        rows.map(|number| self.row(*number)).collect()
    }

    fn row(&self, number: u32) -> Value {
        let at = number as usize;
        let path = self.scanned.paths.get(at).map_or_else(String::new, |p| p.to_string_lossy().into_owned());
        let Some(file) = self.scanned.store.files.get(at) else { return Value::Null };
        let dependencies: Vec<String> = file.includes.iter().map(|i| lossy(&i.path)).collect();
        json!([number, path, file.planned, file.size, file.lines, dependencies])
    }

    /// The assertions of a scanned file in the order of its records.
    pub fn emitted(&self, number: u32) -> Result<Vec<Assertion>, SessionError> {
        let path = self.scanned.paths.get(number as usize).ok_or(SessionError::UnknownFile(number))?;
        if let Some(source) = self.scanned.sources.get(number) {
            return Ok(self.list(source, &self.scanned.suite).0);
        }
        let mut source = Vec::new();
        let stamp = read_into(path, &mut source).map_err(|e| SessionError::Changed(path.clone(), e.to_string()))?;
        let scanned = self.scanned.store.files.get(number as usize).map(|f| f.stamp).unwrap_or_default();
        if (stamp.bytes, stamp.hash) != (scanned.bytes, scanned.hash) {
            return Err(SessionError::Changed(path.clone(), "its content is not what was scanned".to_owned()));
        }
        Ok(self.list(&source, &self.scanned.suite).0)
    }

    fn list(&self, source: &[u8], suite: &Suite) -> (Vec<Assertion>, Facts) {
        let mut listing = Listing::new(suite);
        let facts = Reader::new(suite, self.wanted()).read(source, &mut listing);
        (listing.into_emitted(), facts)
    }

    /// The assertions of a text and what else it says; helpers that it defines are expanded in it.
    pub fn read_text(&self, source: &[u8]) -> (Vec<Assertion>, Facts) {
        let (found, facts) = self.list(source, &self.suite);
        let calls_own = facts.helpers.iter().any(|h| facts.wants.contains(h.name.as_slice()));
        let decides = facts.undecided.iter().any(|name| facts.schemas.contains(name));
        if !calls_own && !decides {
            return (found, facts);
        }
        let mut suite = self.suite.clone();
        suite.schemas.extend(facts.schemas.iter().cloned());
        for helper in &facts.helpers {
            suite.add_helper((**helper).clone());
        }
        self.list(source, &suite)
    }

    /// One file by its path: its row (as of [`Session::files`]), its assertions by line, its problems.
    pub fn read_file(&self, path: &Path) -> Result<Value, SessionError> {
        let mut source = Vec::new();
        read_into(path, &mut source).map_err(|e| SessionError::Unreadable(path.to_owned(), e))?;
        let (found, facts) = self.read_text(&source);
        let dependencies: Vec<String> = facts.includes.iter().map(|i| lossy(&i.path)).collect();
        let problems: Vec<Notice> =
            facts.problems.iter().map(|p| Notice::text(path, p.code, p.line, p.message.clone())).collect();
        Ok(json!({
            "row": [null, path.to_string_lossy(), facts.plan.first(), utf16_len(&source), newlines(&source) + 1, dependencies],
            "assertions": by_line(found),
            "problems": problems,
            "plan": self.plan_notice(path, &facts),
        }))
    }

    fn plan_notice(&self, path: &Path, facts: &Facts) -> Option<Notice> {
        if !self.options.given.validate_plans || !facts.includes.is_empty() {
            return None;
        }
        crate::scan::plans::check(path, &facts.plan)
    }

    /// Helpers found by the scan.
    pub fn helpers(&self) -> Value {
        let rows = self.scanned.helpers.iter().map(|found| {
            let helper = &found.helper;
            let path = self.scanned.paths.get(found.file as usize);
            json!({
                "name": lossy(&helper.name),
                "schema": helper.schema.as_deref().map(lossy),
                "filePath": path.map(|p| p.to_string_lossy()),
                "line": helper.line,
                "parameters": helper.parameters.iter().map(|p| lossy(&p.name)).collect::<Vec<_>>(),
                "assertions": helper.body.len(),
            })
        });
        rows.collect()
    }

    /// Builds the database over scanned files (by number) and files of the caller's own.
    pub fn build(&mut self, order: Vec<u32>, plain: &[PlainFile]) {
        let order = self.gather(order, plain);
        let index = Index::build(&self.scanned.store, &order, Purpose::Coverage);
        self.database = Some(Database { order, index });
        self.labels = None;
    }

    /// The label index over the same kind of list, for the coverage map and the statistics.
    pub fn index_labels(&mut self, order: Vec<u32>, plain: &[PlainFile]) {
        let order = self.gather(order, plain);
        let index = Index::build(&self.scanned.store, &order, Purpose::Labels);
        self.labels = Some(Database { order, index });
    }

    /// Adds the caller's files behind the scan's own. In `order`, `u32::MAX` stands for the next of them.
    fn gather(&mut self, mut order: Vec<u32>, plain: &[PlainFile]) -> Vec<u32> {
        let [records, credits, uses, files] = self.marks;
        let store = &mut self.scanned.store;
        store.records.truncate(records);
        store.credits.truncate(credits);
        store.uses.truncate(uses);
        store.files.truncate(files);
        let mut next = 0;
        for slot in order.iter_mut().filter(|n| **n == u32::MAX) {
            if let Some(file) = plain.get(next) {
                store.add_plain(files + next, file);
            }
            *slot = (files + next) as u32;
            next += 1;
        }
        order
    }

    /// Whether a database was built.
    pub fn has_database(&self) -> bool {
        self.database.is_some()
    }

    /// The coverage database, if it was built.
    pub fn database(&self) -> Option<View<'_>> {
        self.database.as_ref().map(|d| self.view(d))
    }

    /// The label index, if it was built.
    pub fn labels(&self) -> Option<View<'_>> {
        self.labels.as_ref().map(|d| self.view(d))
    }

    fn view<'v>(&'v self, database: &'v Database) -> View<'v> {
        View {
            store: &self.scanned.store,
            suite: &self.scanned.suite,
            order: &database.order,
            index: &database.index,
        }
    }

    /// Bytes of native memory it holds, as far as it counts them.
    pub fn heap_bytes(&self) -> usize {
        let index = |d: &Option<Database>| d.as_ref().map_or(0, |d| d.index.heap_bytes() + d.order.capacity() * 4);
        let paths: usize = self.scanned.paths.iter().map(|p| p.capacity() + size_of::<PathBuf>()).sum();
        self.scanned.store.heap_bytes() + self.scanned.sources.heap_bytes() + paths + index(&self.database) + index(&self.labels)
    }
}

/// Sorted by line; ties stay as they were.
pub fn by_line(mut found: Vec<Assertion>) -> Vec<Assertion> {
    found.sort_by_key(|a| a.line_number);
    found
}
