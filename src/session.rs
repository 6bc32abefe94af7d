//! What one scanner object holds: options, the last scan, the coverage database built from it.

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use serde_json::{Value, json};

use crate::budget::Reservation;
use crate::coverage::index::{Index, Pruned, Purpose, Unbuilt};
use crate::coverage::plain::PlainFile;
use crate::coverage::statistics::by_type;
use crate::coverage::store::Store;
use crate::coverage::summary::View;
use crate::gaps::error::GapsError;
use crate::gaps::run::Analysis;
use crate::pgtap::assertion::{Assertion, Listing, lossy};
use crate::pgtap::facts::Facts;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::saved::{self, SavedError};
use crate::scan::events::Notice;
use crate::scan::options::{Given, OptionError, Options};
use crate::scan::read::{FileBuffer, read_into, utf16_len};
use crate::scan::room::Room;
use crate::scan::run::Scanned;
use crate::spill::SpillError;
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
    /// No folder was scanned.
    NotScanned,
    /// It was closed.
    Closed,
    /// A saved file cannot be written or read.
    Saved(SavedError),
    /// What was moved to disk cannot be read again, or nothing more can be moved there.
    Spill(Arc<SpillError>),
    /// There is no gap analysis.
    Gaps(GapsError),
    /// It was cancelled.
    Cancelled,
}

impl From<GapsError> for SessionError {
    fn from(found: GapsError) -> Self {
        match found {
            GapsError::Changed(path, why) => Self::Changed(path, why),
            GapsError::Cancelled => Self::Cancelled,
            other => Self::Gaps(other),
        }
    }
}

impl From<SavedError> for SessionError {
    fn from(found: SavedError) -> Self {
        Self::Saved(found)
    }
}

impl From<SpillError> for SessionError {
    fn from(found: SpillError) -> Self {
        Self::Spill(Arc::new(found))
    }
}

impl From<Unbuilt> for SessionError {
    fn from(found: Unbuilt) -> Self {
        match found {
            Unbuilt::Spill(failed) => failed.into(),
            Unbuilt::Cancelled => Self::Cancelled,
        }
    }
}

/// One scanner's state.
pub struct Session {
    /// Its options.
    pub options: Arc<Options>,
    /// What is known before a scan.
    pub suite: Suite,
    /// The last scan. Databases built from it keep it alive.
    pub scanned: Arc<Scanned>,
    closed: bool,
}

/// An index over files, of a scan or of the caller's own. It stays as it is whatever is scanned later.
pub struct Database {
    kept: Kept,
    order: Vec<u32>,
    index: Index,
    /// What it takes of the memory budget beside the scan.
    held: Reservation,
    /// Objects that had to be dropped.
    pub pruned: Vec<Pruned>,
    /// How many assertions of each type its files hold, as [`by_type`] answers.
    pub types: Vec<(String, u64)>,
}

enum Kept {
    Scan(Arc<Scanned>),
    Own(Box<Store>, Arc<Scanned>),
}

impl Kept {
    fn store(&self) -> &Store {
        match self {
            Self::Scan(scanned) => &scanned.store,
            Self::Own(store, _) => store,
        }
    }
}

impl Database {
    /// Itself, unless something that it is made of could not be read.
    fn checked(mut self) -> Result<Self, SessionError> {
        self.held.set(self.heap_bytes() as u64);
        match self.failure() {
            Some(failure) => Err(SessionError::Spill(failure)),
            None => Ok(self),
        }
    }

    /// Forgets what was read back from disk; how many bytes that freed.
    pub fn trim(&self) -> usize {
        self.index.trim()
    }

    /// What failed first when something was read back from disk: answers since then may be wrong.
    pub fn failure(&self) -> Option<Arc<SpillError>> {
        match &self.kept {
            Kept::Scan(scanned) => scanned.store.failure(),
            // Copied files come from the scan's store.
            Kept::Own(store, scanned) => store.failure().or_else(|| scanned.store.failure()),
        }
    }

    /// What queries need.
    pub fn view(&self) -> View<'_> {
        let (Kept::Scan(scanned) | Kept::Own(_, scanned)) = &self.kept;
        View {
            store: self.kept.store(),
            suite: &scanned.suite,
            order: &self.order,
            index: &self.index,
        }
    }

    /// The name of a file: of the caller's own by its position in `names`, of the scan's by its path.
    pub fn file_name<'d>(&'d self, number: u32, names: &'d [String]) -> Cow<'d, str> {
        let at = number as usize;
        match &self.kept {
            Kept::Own(..) => names.get(at).map_or(Cow::Borrowed(""), |name| name.into()),
            Kept::Scan(scanned) => {
                let name = scanned.paths.name(at);
                name.map_or(Cow::Borrowed(""), |name| name.to_string_lossy())
            }
        }
    }

    /// Bytes of its own; the scan's are the session's.
    pub fn heap_bytes(&self) -> usize {
        let own = match &self.kept {
            Kept::Scan(_) => 0,
            Kept::Own(store, _) => store.heap_bytes(),
        };
        own + self.index.heap_bytes() + self.order.capacity() * 4
    }
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
            scanned: Arc::default(),
            closed: false,
        })
    }

    /// Takes over the result of a scan.
    pub fn adopt(&mut self, scanned: Scanned) {
        self.scanned = Arc::new(scanned);
    }

    /// Forgets everything; what is asked from now on is answered with [`SessionError::Closed`].
    pub fn close(&mut self) {
        self.adopt(Scanned::default());
        self.closed = true;
    }

    /// An error after [`Session::close`].
    pub fn open(&self) -> Result<(), SessionError> {
        if self.closed { Err(SessionError::Closed) } else { Ok(()) }
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            commented: self.options.given.include_commented,
            listing: true,
        }
    }

    /// A scanned file's plan, size, lines and dependencies, and when it was read (milliseconds since 1970).
    pub fn file(&self, number: u32) -> Result<Value, SessionError> {
        let file = self.scanned.store.files.get(number as usize);
        let file = file.ok_or(SessionError::UnknownFile(number))?;
        Ok(json!({
            "plan": file.planned,
            "size": file.size,
            "lines": file.lines,
            "parsed": self.scanned.finished_ms,
            "dependencies": file.includes.iter().map(|i| lossy(&i.path)).collect::<Vec<_>>(),
        }))
    }

    /// The assertions of a file in the order of its records, or by line; JSON.
    pub fn assertions(&self, number: u32, sorted: bool) -> Result<String, SessionError> {
        if let Some(saved) = &self.scanned.saved {
            let listing = saved
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .listing(i64::from(number) + 1)?;
            return json_by_line(&listing, sorted).map_err(SessionError::Shape);
        }
        let found = emitted(&self.scanned, self.wanted(), number)?;
        let found = if sorted { by_line(found) } else { found };
        serde_json::to_string(&found).map_err(SessionError::Shape)
    }

    /// What saves the last scan, without holding the session.
    pub fn saver(&self) -> Saver {
        Saver(self.scanned.clone(), self.wanted())
    }

    fn list(&self, source: &[u8], suite: &Suite) -> (Vec<Assertion>, Facts) {
        list(source, suite, self.wanted())
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

    /// One file by its path: what a TestFile holds, its assertions by line, its problems.
    pub fn read_file(&self, path: &Path) -> Result<Value, SessionError> {
        let mut source = FileBuffer::default();
        read_into(path, &mut source).map_err(|e| SessionError::Unreadable(path.to_owned(), e))?;
        let source = source.into_content();
        let (found, facts) = self.read_text(&source);
        let dependencies: Vec<String> = facts.includes.iter().map(|i| lossy(&i.path)).collect();
        let problems: Vec<Notice> = facts
            .problems
            .iter()
            .map(|p| Notice::text(path, p.code, p.line, p.message.clone()))
            .collect();
        Ok(json!({
            "path": path.to_string_lossy(),
            "plan": facts.plan.first(),
            "size": utf16_len(&source),
            "lines": newlines(&source) + 1,
            "dependencies": dependencies,
            "assertions": by_line(found),
            "problems": problems,
            "mismatch": self.plan_notice(path, &facts),
        }))
    }

    fn plan_notice(&self, path: &Path, facts: &Facts) -> Option<Notice> {
        if !self.options.given.validate_plans || !facts.includes.is_empty() {
            return None;
        }
        let (code, message) = crate::scan::plans::check(&facts.plan)?;
        Some(Notice::text(path, code, 1, message))
    }

    /// The last scan, for whoever reads its files again.
    pub fn scanned_files(&self) -> Result<(Arc<Scanned>, Arc<Options>), SessionError> {
        if self.scanned.root.as_os_str().is_empty() || self.scanned.saved.is_some() {
            return Err(SessionError::NotScanned);
        }
        Ok((self.scanned.clone(), self.options.clone()))
    }

    /// Helpers found by the scan.
    pub fn helpers(&self) -> Value {
        let rows = self.scanned.helpers.iter().map(|found| {
            let helper = &found.helper;
            let path = self.scanned.paths.get(found.file as usize);
            json!({
                "name": lossy(&helper.name),
                "schema": helper.schema.as_deref().map(lossy),
                "filePath": path.map(|p| p.to_string_lossy().into_owned()),
                "line": helper.line,
                "parameters": helper.parameters.iter().map(|p| lossy(&p.name)).collect::<Vec<_>>(),
                "assertions": helper.body.len(),
            })
        });
        rows.collect()
    }

    /// What builds databases over the last scan, without holding the session.
    pub fn builder(&self) -> Builder {
        Builder {
            scanned: self.scanned.clone(),
            options: self.options.clone(),
        }
    }

    /// What compares the last scan with a schema, without holding the session.
    pub fn analyzer(&self) -> Analyzer {
        Analyzer(self.scanned.clone(), self.options.threads())
    }

    /// An error when something could not be read back from disk: answers since then may be wrong.
    pub fn sound(&self) -> Result<(), SessionError> {
        self.scanned
            .store
            .failure()
            .map_or(Ok(()), |failure| Err(SessionError::Spill(failure)))
    }

    /// Bytes of native memory it holds, as far as it counts them.
    pub fn heap_bytes(&self) -> usize {
        self.scanned.heap_bytes()
    }
}

fn list(source: &[u8], suite: &Suite, wanted: Wanted) -> (Vec<Assertion>, Facts) {
    let mut listing = Listing::new(suite);
    let facts = Reader::new(suite, wanted).read(source, &mut listing);
    (listing.into_emitted(), facts)
}

/// The assertions of a scanned file in the order of its records.
fn emitted(scanned: &Scanned, wanted: Wanted, number: u32) -> Result<Vec<Assertion>, SessionError> {
    let path = scanned
        .paths
        .get(number as usize)
        .ok_or(SessionError::UnknownFile(number))?;
    if let Some(source) = scanned.sources.get(number) {
        return Ok(list(source, &scanned.suite, wanted).0);
    }
    let mut source = FileBuffer::default();
    let stamp = read_into(&path, &mut source).map_err(|e| SessionError::Changed(path.clone(), e.to_string()))?;
    let file = scanned.store.files.get(number as usize);
    if file.map(|f| f.stamp) != Some(stamp) {
        let why = "its content is not what was scanned".to_owned();
        return Err(SessionError::Changed(path.clone(), why));
    }
    Ok(list(source.content(), &scanned.suite, wanted).0)
}

/// Saves a scan on another thread.
pub struct Saver(Arc<Scanned>, Wanted);

impl Saver {
    /// Saves the files `order` as `target`; how many files and assertions it holds then.
    pub fn save(&self, order: &[u32], target: &Path, goes_on: &dyn Fn() -> bool) -> Result<(i64, i64), SessionError> {
        if let Some(opened) = &self.0.saved {
            return Ok(saved::copy(opened, order, target, goes_on)?);
        }
        saved::save(
            &self.0,
            order,
            &|number| emitted(&self.0, self.1, number),
            target,
            goes_on,
        )
    }
}

/// Compares a scan with a schema, on any thread.
pub struct Analyzer(Arc<Scanned>, usize);

impl Analyzer {
    /// What the files `order` of the scan cover of the schema that the JSON text `catalog` tells of; JSON text.
    /// `source`: where the catalog comes from.
    pub fn analyze(
        &self,
        order: &[u32],
        catalog: &str,
        source: &str,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<String, SessionError> {
        let analysis = Analysis {
            scanned: &self.0,
            order,
            threads: self.1,
            source,
            goes_on,
        };
        Ok(analysis.run(catalog)?)
    }
}

/// Builds databases, on any thread.
pub struct Builder {
    scanned: Arc<Scanned>,
    options: Arc<Options>,
}

impl Builder {
    /// An index over scanned files (by number) and files of the caller's own, for which `u32::MAX` stands in
    /// `order`, one after the other. File numbers in the answers are positions in `order` where the caller gave
    /// files of its own, else the scan's.
    pub fn build(
        &self,
        order: Vec<u32>,
        plain: &[PlainFile],
        purpose: Purpose,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Database, SessionError> {
        if plain.is_empty() {
            return self.indexed(Kept::Scan(self.scanned.clone()), order, purpose, goes_on);
        }
        let store = self.mixed(&order, plain, goes_on)?;
        let order = (0..order.len() as u32).collect();
        self.indexed(
            Kept::Own(Box::new(store), self.scanned.clone()),
            order,
            purpose,
            goes_on,
        )
    }

    /// The files of the scan and the caller's own in one store, numbered as they stand in `order`.
    fn mixed(&self, order: &[u32], plain: &[PlainFile], goes_on: &dyn Fn() -> bool) -> Result<Store, SessionError> {
        let mut store = Store::default();
        let mut own = plain.iter();
        for (at, number) in order.iter().enumerate() {
            if !goes_on() {
                return Err(SessionError::Cancelled);
            }
            match *number {
                u32::MAX => store.add_plain(at, own.next().unwrap_or(&PlainFile::default())),
                number => store.copy_file(at, &self.scanned.store, number as usize),
            }
        }
        Ok(store)
    }

    fn indexed(
        &self,
        kept: Kept,
        order: Vec<u32>,
        purpose: Purpose,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Database, SessionError> {
        let most = Room::for_index(&self.options.given);
        let mut held = Reservation::empty(&self.options.budget);
        let store = kept.store();
        let mut build = || Index::build(store, &order, purpose, most, goes_on, &mut held);
        let count = || by_type(store, &self.scanned.suite, &order);
        // Two that read records back from disk would keep each other's pages from being used again.
        let (mut index, types) = match store.shelf() {
            Some(_) => (build()?, count()),
            None => {
                let (index, types) = at_once(build, count);
                (index?, types)
            }
        };
        let pruned = self.prune(&mut index, purpose);
        Database {
            kept,
            order,
            index,
            held,
            pruned,
            types,
        }
        .checked()
    }

    /// Without a place on disk the oldest objects go, as the option `spill` says.
    fn prune(&self, index: &mut Index, purpose: Purpose) -> Vec<Pruned> {
        match self.options.given.prune {
            Some(most) if purpose == Purpose::Coverage => index.prune(most),
            _ => Vec::new(),
        }
    }
}

/// What both answer; `other` on a thread of its own, if one can be started.
fn at_once<A, B: Send>(one: impl FnOnce() -> A, other: impl Fn() -> B + Sync) -> (A, B) {
    std::thread::scope(|scope| {
        let name = "pgtap-count".to_owned();
        let beside = std::thread::Builder::new().name(name).spawn_scoped(scope, &other);
        let first = one();
        let second = match beside {
            Ok(running) => running.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => other(),
        };
        (first, second)
    })
}

/// An array of assertions as it is, or sorted by line; ties stay as they were.
fn json_by_line(listing: &[u8], sorted: bool) -> serde_json::Result<String> {
    let mut all: Vec<Value> = serde_json::from_slice(listing)?;
    if sorted {
        all.sort_by_key(|assertion| assertion.get("lineNumber").and_then(Value::as_u64));
    }
    serde_json::to_string(&all)
}

/// Sorted by line; ties stay as they were.
pub fn by_line(mut found: Vec<Assertion>) -> Vec<Assertion> {
    found.sort_by_key(|a| a.line_number);
    found
}
