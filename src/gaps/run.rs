//! One analysis: all files once more, on worker threads, then the report.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::pgtap::reader::{Reader, Wanted};
use crate::pgtap::suite::Suite;
use crate::scan::candidates::relative;
use crate::scan::read::{FileBuffer, read_into};
use crate::scan::run::Scanned;
use crate::schema::catalog::Catalog;
use crate::schema::lookup::Lookup;
use crate::schema::path::SearchPath;

use super::error::GapsError;
use super::gather::{FileTotals, Gather};
use super::includes::Includes;
use super::report::{AnalyzedFile, Report};

/// What an analysis looks at.
pub struct Analysis<'a> {
    /// The tests.
    pub scanned: &'a Scanned,
    /// Numbers of the files that count, in the order of the report.
    pub order: &'a [u32],
    /// How many threads read.
    pub threads: usize,
    /// Where the catalog comes from: `live`, `migrations` or `snapshot`.
    pub source: &'a str,
    /// False when the analysis should end.
    pub goes_on: &'a (dyn Fn() -> bool + Sync),
}

impl Analysis<'_> {
    /// The coverage of the schema that the JSON text `catalog` tells of; JSON text.
    pub fn run(&self, catalog: &str) -> Result<String, GapsError> {
        if self.scanned.saved.is_some() {
            return Err(GapsError::Saved);
        }
        let catalog = Catalog::parse(catalog).map_err(GapsError::Catalog)?;
        let lookup = Lookup::new(&catalog);
        let suite = self.suite(&catalog);
        let path = Arc::new(SearchPath::new(catalog.search_path.iter().map(|s| s.as_bytes())));
        let includes = Includes::of(self.scanned, &path, &|file| self.source_of(file))?;
        let jobs = self.jobs();
        let whole = Whole {
            analysis: self,
            suite: &suite,
            lookup: &lookup,
            path: &path,
            includes: &includes,
            jobs: &jobs,
            next: AtomicUsize::new(0),
        };
        let mut found = self.threaded(&whole)?;
        let mut gathered = Gather::new(&suite, &lookup, &path);
        let mut totals = vec![FileTotals::default(); self.order.len()];
        for (gather, files) in found.drain(..) {
            gathered.places.merge(gather.places);
            gathered.candidates.merge(gather.candidates);
            gathered.created.extend(gather.created);
            for (file, found) in files {
                if let Some(slot) = totals.get_mut(file as usize) {
                    *slot = found;
                }
            }
        }
        let stale = gathered.candidates.judge(&lookup, &gathered.created);
        let report = Report {
            lookup: &lookup,
            places: &gathered.places,
            stale: &stale,
            files: &self.files(&totals),
            suite: &suite,
            source: self.source,
        };
        report.text().map_err(GapsError::Report)
    }

    /// What the scan knew, and the schemas of the catalog: they decide between readings.
    fn suite(&self, catalog: &Catalog) -> Suite {
        let mut suite = (*self.scanned.suite).clone();
        suite
            .schemas
            .extend(catalog.schemas.iter().map(|s| s.name.as_bytes().to_vec()));
        suite
    }

    /// The files to read: number, and position in the order; those that are read for what they make have none.
    fn jobs(&self) -> Vec<(u32, Option<u32>)> {
        let mut position = vec![None; self.scanned.paths.len()];
        for (at, number) in self.order.iter().enumerate() {
            if let Some(slot) = position.get_mut(*number as usize) {
                *slot = Some(at as u32);
            }
        }
        let listed = self
            .order
            .iter()
            .enumerate()
            .map(|(at, number)| (*number, Some(at as u32)));
        let read = |number: &usize| self.scanned.store.files.get(*number).is_some_and(|f| f.read);
        let others = (0..position.len()).filter(|n| position[*n].is_none()).filter(read);
        listed.chain(others.map(|number| (number as u32, None))).collect()
    }

    /// The text of a file as it was scanned.
    fn source_of(&self, number: u32) -> Result<Vec<u8>, GapsError> {
        let mut buffer = FileBuffer::default();
        self.with_source(number, &mut buffer, |source| source.to_vec())
    }

    fn with_source<T>(
        &self,
        number: u32,
        buffer: &mut FileBuffer,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<T, GapsError> {
        if let Some(source) = self.scanned.sources.get(number) {
            return Ok(read(source));
        }
        let path = self.scanned.paths.get(number as usize).unwrap_or_default();
        let stamp = read_into(&path, buffer).map_err(|e| GapsError::Changed(path.clone(), e.to_string()))?;
        let known = self.scanned.store.files.get(number as usize).map(|f| f.stamp);
        if known != Some(stamp) {
            return Err(GapsError::Changed(
                path,
                "its content is not what was scanned".to_owned(),
            ));
        }
        Ok(read(buffer.content()))
    }

    fn files(&self, totals: &[FileTotals]) -> Vec<AnalyzedFile> {
        let file = |(number, totals): (&u32, &FileTotals)| {
            let path = self.scanned.paths.get(*number as usize)?;
            let entry = self.scanned.store.files.get(*number as usize)?;
            let file = AnalyzedFile {
                path: relative(&self.scanned.root, &path).to_string_lossy().into_owned(),
                assertions: 0,
                planned: entry.planned,
                lines: entry.lines,
                covers: 0,
            };
            Some(file.with(*totals))
        };
        self.order.iter().zip(totals).filter_map(file).collect()
    }

    /// What each thread found, in no order.
    fn threaded<'w, 'c>(&self, whole: &'w Whole<'w, 'c>) -> Result<Vec<Found<'w, 'c>>, GapsError> {
        let threads = self.threads.min(whole.jobs.len().div_ceil(8)).max(1);
        std::thread::scope(|scope| {
            let mut running = Vec::new();
            for at in 0..threads {
                let builder = std::thread::Builder::new().name(format!("pgtap-gaps-{at}"));
                match builder.spawn_scoped(scope, || whole.work()) {
                    Ok(thread) => running.push(thread),
                    // With one worker it works, only slower.
                    Err(error) if at == 0 => return Err(GapsError::Threads(error)),
                    Err(_) => break,
                }
            }
            let results = running.into_iter().map(|thread| thread.join());
            results
                .map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }
}

/// What a thread found: about objects, and about files by their position.
type Found<'w, 'c> = (Gather<'w, 'c>, Vec<(u32, FileTotals)>);

/// What all threads share.
struct Whole<'w, 'c> {
    analysis: &'w Analysis<'w>,
    suite: &'w Suite,
    lookup: &'w Lookup<'c>,
    path: &'w Arc<SearchPath>,
    includes: &'w Includes,
    jobs: &'w [(u32, Option<u32>)],
    next: AtomicUsize,
}

impl<'w, 'c> Whole<'w, 'c> {
    /// Reads files as long as there are any; an error ends the others' work, too.
    fn work(&'w self) -> Result<Found<'w, 'c>, GapsError> {
        let found = self.read();
        if found.is_err() {
            self.next.store(self.jobs.len(), Ordering::Relaxed);
        }
        found
    }

    fn read(&'w self) -> Result<Found<'w, 'c>, GapsError> {
        let mut gather = Gather::new(self.suite, self.lookup, self.path);
        let mut reader = self.reader();
        let mut buffer = FileBuffer::default();
        let mut files = Vec::new();
        while let Some((number, position)) = self.jobs.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            if !(self.analysis.goes_on)() {
                return Err(GapsError::Cancelled);
            }
            let read = self.analysis.with_source(*number, &mut buffer, |source| {
                gather.begin(
                    *position,
                    self.includes.start(*number),
                    self.includes.jumps(*number, source),
                );
                // The scan has told of what the reader cannot read.
                catch_unwind(AssertUnwindSafe(|| reader.read(source, &mut gather))).is_ok()
            })?;
            if !read {
                reader = self.reader();
            }
            files.extend(position.map(|at| (at, gather.end())));
        }
        Ok((gather, files))
    }

    fn reader(&self) -> Reader<'w> {
        Reader::new(self.suite, Wanted::default())
    }
}
