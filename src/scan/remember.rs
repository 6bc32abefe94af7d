//! The cache of a scan: opened before it, filled by it, set aside when it is of no use.

use std::hash::BuildHasher;
use std::path::Path;

use rustc_hash::{FxBuildHasher, FxHashSet};

use crate::cache::{Address, Cache, CacheError};

use super::events::Event;
use super::run::Run;
use super::workers::Done;

/// Rows that are written together.
const TOGETHER: usize = 256;

impl Run<'_> {
    /// Opens the cache that the options name. What is wrong with it is told, and ends nothing.
    pub(super) fn open_cache(&mut self) {
        let Some(path) = &self.options.given.cache else { return };
        let (path, purpose) = (Path::new(path), self.options.purpose());
        let opened = Cache::open(path, &purpose).or_else(|error| match error {
            CacheError::Unusable(why) => {
                if let Some(aside) = Cache::clear_place(path)? {
                    let place = aside.display();
                    self.tell_cache(
                        path,
                        &format!("it cannot be used ({why}) and was moved to {place}; another one is made"),
                    );
                }
                Cache::open(path, &purpose)
            }
            error => Err(error),
        });
        match opened {
            Ok(cache) => self.cache = Some(cache),
            Err(why) => self.tell_cache(path, &format!("it cannot be used ({why}); all files are read")),
        }
    }

    /// Where workers look files up.
    pub(super) fn cache_address(&self) -> Option<Address> {
        self.cache.as_ref().map(|cache| cache.address().clone())
    }

    fn tell_cache(&self, path: &Path, what: &str) {
        let path = path.display().to_string();
        let message = format!("The cache {path}: {what}");
        self.observer.event(Event::Cache { path, message });
    }

    /// Takes over what workers say of the cache.
    pub(super) fn remember(&mut self, done: &mut Done) {
        self.result.cached += std::mem::take(&mut done.cached);
        self.fresh.append(&mut done.fresh);
        if let Some(error) = done.cache_error.take() {
            self.lose_cache(error);
        }
        if self.fresh.len() >= TOGETHER {
            self.keep_fresh();
        }
    }

    fn keep_fresh(&mut self) {
        let rows = std::mem::take(&mut self.fresh);
        let kept = self.cache.as_mut().map(|cache| cache.keep(&rows));
        if let Some(Err(error)) = kept {
            self.lose_cache(error);
        }
    }

    /// The cache is used no longer in this scan. It is not closed before the scan ends: workers may still read in it.
    fn lose_cache(&mut self, error: CacheError) {
        let Some(cache) = self.cache.take() else { return };
        if !matches!(error, CacheError::Unusable(_)) {
            self.tell_lost(&format!("it is not used any more in this scan ({error})"));
        }
        self.lost = Some((cache, error));
    }

    fn tell_lost(&self, what: &str) {
        if let Some(path) = &self.options.given.cache {
            self.tell_cache(Path::new(path), what);
        }
    }

    /// Writes what is left, and forgets files that are gone.
    pub(super) fn close_cache(&mut self) {
        self.keep_fresh();
        let seen: FxHashSet<u64> = self.result.paths.iter().map(|path| hash(&Cache::key(&path))).collect();
        let root = self.root;
        let pruned = self
            .cache
            .as_mut()
            .map(|cache| cache.prune(root, &|path| seen.contains(&hash(path))));
        if let Some(Err(error)) = pruned {
            self.lose_cache(error);
        }
        self.cache = None;
        if let Some((cache, CacheError::Unusable(why))) = self.lost.take() {
            let aside = match cache.retire() {
                Ok(Some(aside)) => format!("was moved to {}; the next scan makes another one", aside.display()),
                Ok(None) => "another process has moved it away".to_owned(),
                Err(error) => format!("could not be moved away ({error})"),
            };
            self.tell_lost(&format!("it is damaged ({why}) and {aside}"));
        }
    }
}

fn hash(path: &[u8]) -> u64 {
    FxBuildHasher.hash_one(path)
}
