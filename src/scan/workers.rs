//! Worker threads: read files, hand over batches.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Scope;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};

use crate::cache::{Address, CacheError, Entry, Lookup, Mark, Row, Times};
use crate::coverage::batch::{Batch, Stamp};
use crate::pgtap::facts::Facts;
use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::sql::lines::newlines;

use super::events::Notice;
use super::read::{FileBuffer, read_into, utf16_len};
use super::sources::Allowance;

/// The most files in one batch. Small batches at the start keep all threads busy on small suites.
const MOST: usize = 64;

/// Batches of paths that may wait for each thread. They are small, so the walk may run well ahead.
const WORK_AHEAD: usize = 32;
/// Results that may wait for each thread: enough that no thread waits for its turn to hand over.
const DONE_AHEAD: usize = 8;

/// A batch's work: candidate numbers and paths.
pub type Work = Vec<(u32, PathBuf)>;

/// A batch's result.
pub struct Done {
    /// Records of the files that could be read.
    pub batch: Batch,
    /// All its files, in order.
    pub files: Vec<(u32, PathBuf)>,
    /// What went wrong.
    pub notices: Vec<Notice>,
    /// The sources, when they are wanted.
    pub sources: Vec<(u32, Vec<u8>)>,
    /// What the cache should hold from now on.
    pub fresh: Vec<(PathBuf, Row)>,
    /// Files that were not read, or not parsed, because the cache holds them.
    pub cached: usize,
    /// What is wrong with the cache.
    pub cache_error: Option<CacheError>,
}

/// What workers need to know.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// What is wanted.
    pub wanted: Wanted,
    /// Set to stop.
    pub stop: &'a AtomicBool,
    /// Whether sources are kept for later questions.
    pub allowance: &'a Allowance,
    /// The cache to look files up in.
    pub cache: Option<&'a Address>,
}

/// The pool of one scan. Its channels are bounded: what is read waits for what takes it.
pub struct Pool<'a> {
    job: Job<'a>,
    work: Option<Sender<Work>>,
    done: Receiver<Done>,
    empty: Sender<Batch>,
    next: Work,
    size: usize,
}

impl<'a> Pool<'a> {
    /// Starts `threads` workers.
    pub fn start<'scope>(scope: &'scope Scope<'scope, 'a>, threads: usize, job: Job<'a>) -> std::io::Result<Self>
    where
        'a: 'scope,
    {
        let (work, todo) = bounded::<Work>(threads * WORK_AHEAD);
        let (finished, done) = bounded::<Done>(threads * DONE_AHEAD);
        // Batches go back to be filled again: no memory is handed from thread to thread for good.
        let (empty, empties) = bounded::<Batch>(threads * DONE_AHEAD);
        for at in 0..threads {
            let (todo, finished, empties) = (todo.clone(), finished.clone(), empties.clone());
            let spawned = std::thread::Builder::new()
                .name(format!("pgtap-scan-{at}"))
                .spawn_scoped(scope, move || serve(job, &todo, &finished, &empties));
            // With one worker the scan works, only slower.
            if let (Err(error), 0) = (spawned, at) {
                return Err(error);
            }
        }
        Ok(Self {
            job,
            work: Some(work),
            done,
            empty,
            next: Vec::new(),
            size: 1,
        })
    }

    /// Adds a file; results that are ready go to `take`. Answers false when the scan was stopped.
    pub fn add(&mut self, file: (u32, PathBuf), take: &mut dyn FnMut(&mut Done)) -> bool {
        self.next.push(file);
        if self.next.len() >= self.size {
            self.flush(take);
            self.size = (self.size * 2).min(MOST);
        }
        !self.job.stop.load(Ordering::Relaxed)
    }

    /// Sends the files gathered so far; while the queue is full, results are taken.
    fn flush(&mut self, take: &mut dyn FnMut(&mut Done)) {
        let mut batch = std::mem::take(&mut self.next);
        while let (false, Some(work)) = (batch.is_empty(), &self.work) {
            match work.try_send(batch) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => return self.take_ready(take),
                Err(TrySendError::Full(back)) => batch = back,
            }
            match self.done.recv() {
                Ok(done) => self.hand_over(done, take),
                Err(_) => return,
            }
        }
    }

    /// Takes the results that are there, without waiting.
    fn take_ready(&self, take: &mut dyn FnMut(&mut Done)) {
        while let Ok(done) = self.done.try_recv() {
            self.hand_over(done, take);
        }
    }

    /// Waits for all results.
    pub fn finish(mut self, take: &mut dyn FnMut(&mut Done)) {
        self.flush(take);
        self.work = None;
        while let Ok(done) = self.done.recv() {
            self.hand_over(done, take);
        }
    }

    fn hand_over(&self, mut done: Done, take: &mut dyn FnMut(&mut Done)) {
        take(&mut done);
        done.batch.clear();
        // A full channel means enough of them wait already.
        drop(self.empty.try_send(done.batch));
    }
}

fn serve(job: Job, todo: &Receiver<Work>, finished: &Sender<Done>, empties: &Receiver<Batch>) {
    let mut worker = Worker::new(job);
    while let Ok(work) = todo.recv() {
        if job.stop.load(Ordering::Relaxed) {
            return;
        }
        let batch = empties.try_recv().unwrap_or_default();
        if finished.send(worker.batch(work, batch)).is_err() {
            return;
        }
    }
}

struct Worker<'a> {
    job: Job<'a>,
    reader: Reader<'a>,
    buffer: FileBuffer,
    lookup: Option<Lookup>,
    /// Why there is none, until it was told.
    cache_error: Option<CacheError>,
}

/// A buffer larger than this is given back after the file that needed it.
const KEPT_BUFFER: usize = 1 << 20;

impl<'a> Worker<'a> {
    fn new(job: Job<'a>) -> Self {
        let (lookup, cache_error) = match job.cache.map(Lookup::open).transpose() {
            Ok(lookup) => (lookup, None),
            Err(error) => (None, Some(error)),
        };
        Self {
            job,
            reader: Reader::new(job.suite, job.wanted),
            buffer: FileBuffer::default(),
            lookup,
            cache_error,
        }
    }

    fn batch(&mut self, files: Work, batch: Batch) -> Done {
        let mut done = Done {
            batch,
            files,
            notices: Vec::new(),
            sources: Vec::new(),
            fresh: Vec::new(),
            cached: 0,
            cache_error: self.cache_error.take(),
        };
        for at in 0..done.files.len() {
            if self.job.stop.load(Ordering::Relaxed) {
                break;
            }
            self.file(at, &mut done);
        }
        done
    }

    /// What the cache holds of a file; an error ends its use.
    fn look_up(&mut self, path: &Path, done: &mut Done) -> Option<Row> {
        match self.lookup.as_ref()?.find(path) {
            Ok(row) => row,
            Err(error) => {
                self.lookup = None;
                done.cache_error.get_or_insert(error);
                None
            }
        }
    }

    /// Takes a file from the cache, if it is there.
    fn replay(&mut self, row: &Row, at: usize, done: &mut Done) -> bool {
        let Some(entry) = row.entry() else {
            return false;
        };
        let (candidate, path) = &done.files[at];
        note(path, &entry.facts, &mut done.notices);
        entry.replay(&mut done.batch, *candidate, row.stamp);
        done.cached += 1;
        true
    }

    fn file(&mut self, at: usize, done: &mut Done) {
        if self.lookup.is_none() {
            return drop(self.read(at, done));
        }
        let path = done.files[at].1.clone();
        let times = std::fs::metadata(&path).ok().and_then(|m| Times::of(&m));
        let row = self.look_up(&path, done);
        if let (Some(row), Some(times)) = (&row, times)
            && row.is_sure(times)
            && self.replay(row, at, done)
        {
            return;
        }
        if let (Some(row), Some(times)) = (row, times)
            && read_into(&path, &mut self.buffer).is_ok_and(|stamp| stamp == row.stamp)
            && self.replay(&row, at, done)
        {
            return done.fresh.push((path, row.touched(times)));
        }
        if let (Some((stamp, entry)), Some(times)) = (self.read(at, done), times) {
            done.fresh.extend(Row::new(times, stamp, &entry).map(|row| (path, row)));
        }
    }

    /// Reads a file; what the cache should hold of it, if there is one.
    fn read(&mut self, at: usize, done: &mut Done) -> Option<(Stamp, Entry)> {
        let (candidate, path) = &done.files[at];
        let stamp = match read_into(path, &mut self.buffer) {
            Ok(stamp) => stamp,
            Err(error) => {
                done.notices.push(Notice::unreadable(path, &error.to_string()));
                return None;
            }
        };
        let mark = Mark::of(&done.batch);
        let parsed = self.parse(&mut done.batch, mark);
        if parsed.is_none() {
            done.notices.push(Notice::panicked(path));
        }
        let wanted = parsed.is_some() && self.lookup.is_some();
        let facts = parsed.unwrap_or_default();
        note(path, &facts, &mut done.notices);
        let content = self.buffer.content();
        let (size, lines) = (utf16_len(content), newlines(content).saturating_add(1));
        let entry = wanted
            .then(|| Entry::new(&done.batch, mark, &facts, size, lines))
            .flatten();
        done.batch.end_file(*candidate, size, lines, stamp, facts);
        if self.job.allowance.take(content.len()) {
            done.sources.push((*candidate, content.to_vec()));
        }
        if content.len() > KEPT_BUFFER {
            self.buffer.shrink();
        }
        entry.map(|entry| (stamp, entry))
    }

    /// Reads what is in the buffer; `None` when the reader panicked: whatever it was doing, it starts afresh, and the
    /// file has no records.
    fn parse(&mut self, batch: &mut Batch, mark: Mark) -> Option<Facts> {
        let read = catch_unwind(AssertUnwindSafe(|| self.reader.read(self.buffer.content(), batch)));
        if read.is_err() {
            self.reader = Reader::new(self.job.suite, self.job.wanted);
            mark.cut(batch);
        }
        read.ok()
    }
}

fn note(path: &Path, facts: &Facts, notices: &mut Vec<Notice>) {
    notices.extend(
        facts
            .problems
            .iter()
            .map(|p| Notice::text(path, p.code, p.line, p.message.clone())),
    );
}
