//! One scan of a folder, from walking to checked plans.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::FxHashMap;

use crate::budget::Reservation;
use crate::cache::{Cache, CacheError, Row};
use crate::coverage::batch::short_hash;
use crate::coverage::grow::{growth, reserve};
use crate::coverage::statistics::total;
use crate::coverage::store::{Full, Store};
use crate::pgtap::reader::Wanted;
use crate::pgtap::suite::{Helper, Suite};
use crate::saved::SavedReader;
use crate::spill::SpillError;

use super::candidates::walk;
use super::events::{Event, Notice, Observer};
use super::includes;
use super::options::Options;
use super::paths::Paths;
use super::read::FIRST_READ;
use super::room::{Made, Moved, Room};
use super::sources::{Allowance, Sources};
use super::workers::{Done, Job, Pool};

/// Progress is told at most this often, and for each file of a small suite.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);
/// Bytes of a thread that reads files: its buffer for them and its tables.
const THREAD_BYTES: usize = FIRST_READ + (64 << 10);
/// Suites up to this size tell each file.
const SMALL_SUITE: usize = 100;

/// Problems that reading a file with the helpers of others can add. All others were told when it was read first.
const ONLY_NOW: [&str; 3] = [
    "ERR_PGTAP_UNREADABLE",
    "ERR_PGTAP_TOO_MANY_EXPANDED",
    "ERR_PGTAP_TOO_MANY_ROWS",
];

/// Why a scan has no result.
#[derive(Debug)]
pub enum ScanError {
    /// The folder cannot be read.
    Root(PathBuf, io::Error),
    /// The path is a file.
    NotADirectory(PathBuf),
    /// It was cancelled.
    Cancelled,
    /// No thread could be started.
    Threads(io::Error),
    /// Memory ran short, and nothing could be moved to disk.
    Spill(SpillError),
}

/// A helper and where it is.
#[derive(Clone, Debug)]
pub struct FoundHelper {
    /// Its file's number.
    pub file: u32,
    /// The helper.
    pub helper: Arc<Helper>,
}

/// The result of a scan.
#[derive(Default)]
pub struct Scanned {
    /// Records.
    pub store: Store,
    /// Paths by file number.
    pub paths: Paths,
    /// Numbers of the files that were read and are listed, sorted by path.
    pub order: Vec<u32>,
    /// What the files' text is to be read with from now on.
    pub suite: Arc<Suite>,
    /// Functions whose bodies make assertions.
    pub helpers: Vec<FoundHelper>,
    /// What was wrong.
    pub problems: Vec<Notice>,
    /// Sources of a small suite.
    pub sources: Sources,
    /// Assertions of the listed files, comments left out.
    pub assertions: u64,
    /// Files that the cache held.
    pub cached: usize,
    /// When it ended, in milliseconds since 1970.
    pub finished_ms: u64,
    /// What it takes of the memory budget.
    pub held: Mutex<Option<Reservation>>,
    /// The folder.
    pub root: PathBuf,
    /// Where its assertions are, when it was not scanned but opened.
    pub saved: Option<Arc<Mutex<SavedReader>>>,
}

impl Scanned {
    /// Bytes of native memory that it holds; helpers are few.
    pub fn heap_bytes(&self) -> usize {
        let problems: usize = self.problems.iter().map(Notice::heap_bytes).sum();
        self.store.heap_bytes() + self.lists() + problems
    }

    /// Moves objects to disk until no kind has more than `most` in memory, while others ask; what moved, if anything did.
    /// `goes_on` may end it.
    pub fn move_objects(
        &self,
        options: &Options,
        most: usize,
        goes_on: &dyn Fn() -> bool,
    ) -> Result<Option<Moved>, SpillError> {
        let mut room = Room::new(&options.given, &options.budget);
        let moved = room.move_objects(&self.store, most, goes_on)?;
        if let Some(held) = &mut *self.held.lock().unwrap_or_else(PoisonError::into_inner) {
            held.set(self.heap_bytes() as u64);
        }
        Ok(moved)
    }

    /// Bytes of its lists, without what hangs on their elements.
    fn lists(&self) -> usize {
        let problems = self.problems.capacity() * size_of::<Notice>();
        let files = self.paths.heap_bytes() + self.order.capacity() * size_of::<u32>();
        files + problems + self.sources.heap_bytes()
    }
}

/// The time in milliseconds since 1970.
pub fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    now.as_millis() as u64
}

/// A scan on its way.
pub(super) struct Run<'a> {
    pub(super) root: &'a Path,
    allowance: &'a Allowance,
    pub(super) options: &'a Options,
    pub(super) observer: &'a dyn Observer,
    pub(super) result: Scanned,
    processed: usize,
    total: Option<usize>,
    /// Files that were read and are not told yet.
    waiting: Vec<u32>,
    told: Option<Instant>,
    /// Files that are read for what they include or define, but not listed.
    unlisted: Vec<u32>,
    room: Room,
    held: Reservation,
    /// Bytes that hang on the paths and problems.
    beside: usize,
    /// What ended the scan.
    failed: Option<SpillError>,
    pub(super) cache: Option<Cache>,
    /// What the cache should hold and does not yet.
    pub(super) fresh: Vec<(PathBuf, Row)>,
    /// The cache that is used no longer, and why.
    pub(super) lost: Option<(Cache, CacheError)>,
}

/// Checks that `root` is a folder that can be read.
pub fn check_root(root: &Path) -> Result<(), ScanError> {
    let metadata = std::fs::metadata(root).map_err(|e| ScanError::Root(root.to_owned(), e))?;
    if !metadata.is_dir() {
        return Err(ScanError::NotADirectory(root.to_owned()));
    }
    std::fs::read_dir(root)
        .map(drop)
        .map_err(|e| ScanError::Root(root.to_owned(), e))
}

/// Scans the folder `root`.
pub fn scan(root: &Path, options: &Options, suite: Suite, observer: &dyn Observer) -> Result<Scanned, ScanError> {
    check_root(root)?;
    observer.event(Event::Directory {
        path: root.to_string_lossy().into_owned(),
    });
    let allowance = Allowance::default();
    let mut run = Run {
        root,
        allowance: &allowance,
        options,
        observer,
        result: Scanned {
            root: root.to_owned(),
            ..Scanned::default()
        },
        processed: 0,
        total: None,
        waiting: Vec::new(),
        told: None,
        unlisted: Vec::new(),
        room: Room::new(&options.given, &options.budget),
        held: Reservation::empty(&options.budget),
        beside: 0,
        failed: None,
        cache: None,
        fresh: Vec::new(),
        lost: None,
    };
    run.open_cache();
    run.first_pass(&suite)?;
    let suite = run.follow_includes(suite)?;
    let suite = run.second_pass(suite)?;
    run.result.suite = Arc::new(suite);
    run.close_cache();
    run.finish()
}

impl Run<'_> {
    fn job<'j>(&self, suite: &'j Suite, stop: &'j AtomicBool) -> Job<'j>
    where
        Self: 'j,
    {
        Job {
            cache: None,
            suite,
            wanted: Wanted {
                commented: self.options.given.include_commented,
                listing: false,
            },
            stop,
            allowance: self.allowance,
        }
    }

    /// Reads all candidates while the folder is still being walked.
    fn first_pass(&mut self, suite: &Suite) -> Result<(), ScanError> {
        let stop = AtomicBool::new(false);
        // Only what a file says by itself is kept: later passes read it with what others say.
        let cache = self.cache_address();
        let _buffers = self.buffers(self.options.threads());
        let job = Job {
            cache: cache.as_ref(),
            ..self.job(suite, &stop)
        };
        std::thread::scope(|scope| {
            let mut pool = Pool::start(scope, self.options.threads(), job).map_err(ScanError::Threads)?;
            let mut notices = Vec::new();
            let (root, options) = (self.root, self.options);
            let observer = self.observer;
            walk(
                root,
                options,
                &mut |path| {
                    let number = self.add_path(&path);
                    let on = pool.add((number, path), &mut |done| self.take(done));
                    let on = on && !observer.cancelled() && self.failed.is_none();
                    stop.store(!on, Ordering::Relaxed);
                    on
                },
                &mut |notice| notices.push(notice),
            );
            for notice in notices {
                self.problem(notice);
            }
            self.total = Some(self.result.paths.len());
            pool.finish(&mut |done| {
                self.take(done);
                stop.store(observer.cancelled() || self.failed.is_some(), Ordering::Relaxed);
            });
            self.goes_on()
        })
    }

    fn add_path(&mut self, path: &Path) -> u32 {
        let number = self.result.paths.len() as u32;
        self.held.grow(self.result.paths.growth(path) as u64);
        self.result.paths.push(path);
        number
    }

    fn goes_on(&mut self) -> Result<(), ScanError> {
        match self.failed.take() {
            _ if self.observer.cancelled() => Err(ScanError::Cancelled),
            Some(failed) => Err(ScanError::Spill(failed)),
            None => Ok(()),
        }
    }

    /// Takes records over, and makes room when there are too many.
    fn absorb(&mut self, done: &mut Done) {
        if self.failed.is_some() {
            return;
        }
        let store = &mut self.result.store;
        done.batch.reserve(&self.options.budget);
        self.held.grow(store.growth(&done.batch) as u64);
        store.absorb(&mut done.batch);
        let beside = self.beside_store();
        let store = &mut self.result.store;
        let made = self.room.keep(store, beside);
        self.held.set((beside + store.heap_bytes()) as u64);
        match made {
            Ok(Made::Enough) => {}
            Ok(Made::Beyond(used, most)) => self.observer.event(Event::Beyond { used, most }),
            Ok(Made::Moved(moved)) => self.moved(moved),
            Err(failed) => self.failed = Some(failed),
        }
    }

    fn moved(&self, moved: Moved) {
        let Moved {
            freed,
            on_disk,
            objects,
        } = moved;
        self.observer.event(Event::Moved {
            freed,
            on_disk,
            objects,
        });
    }

    /// What so many threads hold while they read, beside their batches and the one file that each has in hand.
    fn buffers(&self, threads: usize) -> Reservation {
        self.options.budget.reserve((threads * THREAD_BYTES) as u64)
    }

    /// For a map from the real path of each file to its number.
    pub(super) fn real_paths(&self) -> Reservation {
        let places = self.result.paths.len() * 2 * size_of::<(PathBuf, u32)>();
        self.options
            .budget
            .reserve((self.result.paths.text_bytes() + places) as u64)
    }

    /// Bytes that it holds outside the store.
    fn beside_store(&self) -> usize {
        self.beside + self.result.lists() + self.waiting.capacity() * size_of::<u32>()
    }

    fn take(&mut self, done: &mut Done) {
        self.absorb(done);
        self.remember(done);
        for notice in done.notices.drain(..) {
            self.problem(notice);
        }
        for (file, source) in done.sources.drain(..) {
            self.result.sources.keep(file, source);
        }
        if self.observer.wants_progress() {
            self.waiting.extend(done.files.iter().map(|(number, _)| *number));
            self.tell();
        }
    }

    pub(super) fn problem(&mut self, notice: Notice) {
        // Others tell those of other shards.
        if !self.options.in_shard(self.root, Path::new(&notice.file_path)) {
            return;
        }
        self.observer.event(Event::Problem(notice.clone()));
        self.beside += notice.heap_bytes();
        self.held.grow(growth(&self.result.problems, 1) as u64);
        reserve(&mut self.result.problems, 1);
        self.result.problems.push(notice);
    }

    /// Tells progress once the number of files is known.
    fn tell(&mut self) {
        let Some(total) = self.total else { return };
        for number in std::mem::take(&mut self.waiting) {
            self.processed += 1;
            let due = self.told.is_none_or(|told| told.elapsed() >= PROGRESS_EVERY);
            let last = self.processed == total;
            if due || last || total <= SMALL_SUITE {
                self.told = Some(Instant::now());
                let path = self.result.paths.get(number as usize);
                self.observer.event(Event::Progress {
                    file_path: path.map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
                    files_processed: self.processed,
                    total_files: total,
                });
            }
            let size = self.options.given.batch_size.max(1);
            if self.processed.is_multiple_of(size) || last {
                self.observer.event(Event::Batch {
                    batch: self.processed.div_ceil(size),
                    total_batches: total.div_ceil(size),
                    items_processed: self.processed,
                });
            }
        }
    }

    /// Reads the files that are included but are no candidates, and what they include in turn.
    fn follow_includes(&mut self, suite: Suite) -> Result<Suite, ScanError> {
        let mut known: FxHashMap<PathBuf, u32> = FxHashMap::default();
        if self.result.store.files.iter().all(|f| f.includes.is_empty()) {
            return Ok(suite);
        }
        let _known = self.real_paths();
        for (number, path) in self.result.paths.iter().enumerate() {
            let real = dunce::canonicalize(&path).unwrap_or(path);
            known.insert(real, number as u32);
        }
        let mut from = 0;
        while from < self.result.store.files.len() {
            let to = self.result.store.files.len();
            let mut new = Vec::new();
            for file in from..to {
                for path in self.included(file).into_iter().flatten() {
                    if !known.contains_key(&path) {
                        let number = self.add_path(&path);
                        known.insert(path.clone(), number);
                        self.list_included(number, &path);
                        new.push((number, path));
                    }
                }
            }
            if new.is_empty() {
                break;
            }
            self.read_again(new, &suite, true)?;
            from = to;
        }
        Ok(suite)
    }

    /// An included file below the root that the patterns leave out is read, but not listed.
    fn list_included(&mut self, number: u32, path: &Path) {
        let root = dunce::canonicalize(self.root).unwrap_or_else(|_| self.root.to_owned());
        if let Ok(relative) = path.strip_prefix(&root)
            && (self.options.exclude.is_match(relative)
                || relative
                    .ancestors()
                    .skip(1)
                    .any(|folder| !folder.as_os_str().is_empty() && self.options.exclude.is_match(folder)))
        {
            self.unlisted.push(number);
        }
    }

    /// The files that `file` includes; `None` where psql would find none.
    pub(super) fn included(&self, file: usize) -> Vec<Option<PathBuf>> {
        let (Some(entry), Some(path)) = (self.result.store.files.get(file), self.result.paths.get(file)) else {
            return Vec::new();
        };
        entry
            .includes
            .iter()
            .map(|include| includes::resolve(include, &path, self.root))
            .collect()
    }

    /// Reads files that are not among the candidates, or once more. `alone`: by what they say themselves, as the first
    /// pass does, so that the cache may hold them.
    fn read_again(&mut self, files: Vec<(u32, PathBuf)>, suite: &Suite, alone: bool) -> Result<(), ScanError> {
        let stop = AtomicBool::new(false);
        let cache = self.cache_address().filter(|_| alone);
        let job = Job {
            cache: cache.as_ref(),
            ..self.job(suite, &stop)
        };
        let threads = self.options.threads().min(files.len().div_ceil(8)).max(1);
        let _buffers = self.buffers(threads);
        self.total = None;
        std::thread::scope(|scope| {
            let mut pool = Pool::start(scope, threads, job).map_err(ScanError::Threads)?;
            for file in files {
                let added = pool.add(file, &mut |done| self.retake(done, alone));
                if !added || self.observer.cancelled() || self.failed.is_some() {
                    stop.store(true, Ordering::Relaxed);
                    break;
                }
            }
            pool.finish(&mut |done| self.retake(done, alone));
            self.goes_on()
        })
    }

    /// As `take`, for files that progress does not count. `first`: they were not read before.
    fn retake(&mut self, done: &mut Done, first: bool) {
        self.absorb(done);
        self.remember(done);
        for (file, source) in done.sources.drain(..) {
            self.result.sources.keep(file, source);
        }
        let unlisted = done.files.iter().filter(|(number, _)| self.unlisted.contains(number));
        let unlisted: Vec<_> = unlisted.map(|(_, path)| path.to_string_lossy().into_owned()).collect();
        for notice in done.notices.drain(..) {
            let news = ONLY_NOW.contains(&notice.code) && !self.result.problems.contains(&notice);
            if news || first && !unlisted.contains(&notice.file_path) {
                self.problem(notice);
            }
        }
    }

    /// Reads again the files that call helpers of others, or whose readings hang on what others showed.
    fn second_pass(&mut self, mut suite: Suite) -> Result<Suite, ScanError> {
        let store = &mut self.result.store;
        let new_schemas = store.pgtap_schemas.iter().any(|s| !suite.pgtap_schemas.contains(s));
        suite.schemas.extend(store.schemas.iter().cloned());
        suite.pgtap_schemas.extend(store.pgtap_schemas.iter().cloned());
        let mut helpers: Vec<FoundHelper> = Vec::new();
        for (file, pending) in store.pending.iter().enumerate() {
            let own = pending.full().map_or(&[][..], |full| &full.helpers);
            helpers.extend(own.iter().map(|helper| FoundHelper {
                file: file as u32,
                helper: helper.clone(),
            }));
        }
        helpers.sort_by_cached_key(|helper| self.result.paths.get(helper.file as usize));
        let mut decisive: Vec<u32> = suite.schemas.iter().map(|s| short_hash(s)).collect();
        decisive.sort_unstable();
        let mut called: Vec<u32> = helpers.iter().map(|h| short_hash(&h.helper.name)).collect();
        called.sort_unstable();
        for found in &helpers {
            suite.add_helper((*found.helper).clone());
        }
        self.result.helpers = helpers;
        let meets = |hashes: &[u32], known: &[u32]| hashes.iter().any(|h| known.binary_search(h).is_ok());
        let waits = |full: &Full| meets(&full.wants, &called) || meets(&full.undecided, &decisive);
        let again: Vec<(u32, PathBuf)> = self
            .result
            .store
            .pending
            .iter()
            .enumerate()
            .filter(|(_, p)| new_schemas || p.full().is_some_and(&waits))
            .filter_map(|(file, _)| Some((file as u32, self.result.paths.get(file)?)))
            .collect();
        if !again.is_empty() {
            self.read_again(again, &suite, false)?;
        }
        Ok(suite)
    }

    fn finish(mut self) -> Result<Scanned, ScanError> {
        self.total = Some(self.result.paths.len());
        self.sort();
        if self.allowance.is_spent() {
            self.result.sources.clear();
        }
        if self.options.given.validate_plans {
            self.check_plans();
        }
        self.missing_includes();
        self.result.store.forget_pending();
        let beside = self.beside_store();
        let settled = self.room.settle(&mut self.result.store, beside);
        if let Some(moved) = settled.map_err(ScanError::Spill)? {
            self.moved(moved);
        }
        self.result.assertions = self.assertions();
        self.sort_problems();
        self.held.set(self.result.heap_bytes() as u64);
        self.result.held = Mutex::new(Some(self.held));
        self.result.finished_ms = now_ms();
        Ok(self.result)
    }

    /// Assertions of the listed files. Records are looked at only where some may stand in comments.
    fn assertions(&self) -> u64 {
        let Scanned { store, order, .. } = &self.result;
        if self.options.given.include_commented {
            return total(store, order);
        }
        let spans = order.iter().filter_map(|file| store.files.get(*file as usize));
        spans.map(|file| file.records.range().len() as u64).sum()
    }

    fn sort_problems(&mut self) {
        let problems = &mut self.result.problems;
        // Sorting without disorder among equals takes half as much again.
        let _held = self
            .options
            .budget
            .reserve((problems.len() / 2 * size_of::<Notice>()) as u64);
        problems.sort_by(|a, b| (&a.file_path, a.line).cmp(&(&b.file_path, b.line)));
    }

    fn sort(&mut self) {
        let (paths, files) = (&self.result.paths, &self.result.store.files);
        let ours = |n: &u32| {
            let path = || paths.get(*n as usize);
            self.options.given.shard.is_none() || path().is_some_and(|path| self.options.in_shard(self.root, &path))
        };
        let read = |n: &u32| files.get(*n as usize).is_some_and(|f| f.read);
        let listed = |n: &u32| read(n) && ours(n) && !self.unlisted.contains(n);
        let mut order: Vec<u32> = (0..paths.len() as u32).filter(listed).collect();
        paths.sort(&mut order);
        self.result.order = order;
    }
}
