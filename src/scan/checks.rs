//! What a scan finds wrong once all files are known: plans that do not match, included files that are missing.

use std::borrow::Cow;
use std::path::PathBuf;

use rustc_hash::FxHashMap;

use crate::budget::{Budget, Reservation};
use crate::coverage::grow::reserve;
use crate::coverage::store::Pending;
use crate::pgtap::plan::Plan;

use super::events::Notice;
use super::includes;
use super::plans::{self, Plans};
use super::run::Run;

impl Run<'_> {
    /// Compares what plans announce with what their files make.
    pub(super) fn check_plans(&mut self) {
        let store = &self.result.store;
        let any = store.files.iter().any(|f| !f.includes.is_empty());
        let _real = any.then(|| self.real_paths());
        let real: FxHashMap<PathBuf, usize> = match any {
            true => (0..self.result.paths.len())
                .filter_map(|n| Some((dunce::canonicalize(self.result.paths.get(n)?).ok()?, n)))
                .collect(),
            false => FxHashMap::default(),
        };
        let including = if any { store.files.len() } else { 0 };
        let included: Vec<Vec<Option<usize>>> = (0..including)
            .map(|n| self.included(n).into_iter().map(|p| real.get(&p?).copied()).collect())
            .collect();
        let plans = Plans {
            plans: &|n| store.pending.get(n).map(Pending::plan),
            includes: &|n| included.get(n).map_or(&[], Vec::as_slice),
        };
        let mut found = Found::new(&self.options.budget);
        for file in &self.result.order {
            let file = *file as usize;
            let Some(own): Option<Cow<Plan>> = store.pending.get(file).map(Pending::plan) else {
                continue;
            };
            let wrong = match included.get(file).is_none_or(Vec::is_empty) {
                true => plans::check(&own),
                false => plans::check(&plans.total(file)),
            };
            let notice = wrong.and_then(|(code, message)| {
                let path = self.result.paths.get(file)?;
                Some(Notice::text(&path, code, 1, message))
            });
            notice.into_iter().for_each(|notice| found.push(notice));
        }
        self.problems(found);
    }

    fn problems(&mut self, found: Found) {
        for notice in found.notices {
            self.problem(notice);
        }
    }

    /// Tells which included files are missing.
    pub(super) fn missing_includes(&mut self) {
        let mut found = Found::new(&self.options.budget);
        for file in &self.result.order {
            let file = *file as usize;
            let (Some(entry), Some(path)) = (self.result.store.files.get(file), self.result.paths.get(file)) else {
                continue;
            };
            for include in &entry.includes {
                if includes::resolve(include, &path, self.root).is_none() {
                    let name = String::from_utf8_lossy(&include.path);
                    let message =
                        format!("includes {name}, which was not found; its assertions and helpers are not known");
                    found.push(Notice::text(
                        &path,
                        "ERR_PGTAP_INCLUDE_NOT_FOUND",
                        include.line,
                        message,
                    ));
                }
            }
        }
        self.problems(found);
    }
}

/// Problems that are gathered before they are told.
struct Found {
    notices: Vec<Notice>,
    held: Reservation,
}

impl Found {
    fn new(budget: &Budget) -> Self {
        Self {
            notices: Vec::new(),
            held: Reservation::empty(budget),
        }
    }

    fn push(&mut self, notice: Notice) {
        reserve(&mut self.notices, 1);
        self.held.grow((size_of::<Notice>() + notice.heap_bytes()) as u64);
        self.notices.push(notice);
    }
}
