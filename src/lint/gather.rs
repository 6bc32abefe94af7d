//! Brings together what the files of a scan say, and judges what hangs on several of them.

use std::path::PathBuf;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::scan::includes;
use crate::scan::run::Scanned;

use super::finding::{Finding, Unless};
use super::plans;
use super::report::{Placed, Report};
use super::rules::{Severity, UNKNOWN_FUNCTION};
use super::run::Run;
use super::unmatched;

impl Run<'_> {
    /// All findings of the listed files, those about several files among them.
    pub(super) fn gather(&self, reports: &[Option<Report>]) -> Vec<Finding> {
        let includes = self.includes(reports);
        let included: FxHashSet<usize> = includes.iter().flatten().flatten().copied().collect();
        let suite = plans::Suite {
            reports,
            includes: &includes,
        };
        let known = self.known(reports);
        let mut found = Vec::new();
        for number in self.order.iter().map(|n| *n as usize) {
            let Some(Some(report)) = reports.get(number) else {
                continue;
            };
            let mut own: Vec<Finding> = report.found.iter().filter_map(|placed| known.judge(placed)).collect();
            // A file that others include is judged with them.
            if !included.contains(&number) {
                own.extend(whole(&suite, number, &own));
            }
            own.retain(|f| !report.silence.covers(f.line, f.code));
            found.append(&mut own);
        }
        found.extend(self.unmatched());
        found.retain(|f| !self.settings.disable.iter().any(|code| code == f.code));
        found.sort_by(|a, b| {
            let key = |f: &Finding| (f.line, f.column, f.code);
            a.file
                .as_bytes()
                .cmp(b.file.as_bytes())
                .then_with(|| key(a).cmp(&key(b)))
        });
        found
    }

    fn unmatched(&self) -> Vec<Finding> {
        let Scanned { root, paths, .. } = self.scanned;
        unmatched::check(
            root,
            self.options,
            &self.suite,
            paths,
            &|path| self.name(path),
            self.goes_on,
        )
    }

    /// By file, the numbers of the files it includes.
    fn includes(&self, reports: &[Option<Report>]) -> Vec<Vec<Option<usize>>> {
        if reports.iter().flatten().all(|r| r.includes.is_empty()) {
            return Vec::new();
        }
        let numbered = self.scanned.paths.iter().enumerate();
        let real: FxHashMap<PathBuf, usize> = numbered
            .filter_map(|(n, path)| Some((dunce::canonicalize(path).ok()?, n)))
            .collect();
        let of = |(report, path): (&Option<Report>, PathBuf)| {
            let all = report.iter().flat_map(|r| &r.includes);
            let resolved = all.map(|include| includes::resolve(include, &path, &self.scanned.root));
            resolved.map(|found| real.get(&found?).copied()).collect()
        };
        reports.iter().zip(self.scanned.paths.iter()).map(of).collect()
    }

    fn known<'r>(&'r self, reports: &'r [Option<Report>]) -> Known<'r> {
        let of = |names: &'r [String]| names.iter().map(|n| n.as_bytes());
        let each = || reports.iter().flatten().map(|r| &r.names);
        let created = each().flat_map(|n| &n.created).map(Vec::as_slice);
        let relations = each().flat_map(|n| &n.relations).map(Vec::as_slice);
        Known {
            created: created.chain(of(&self.settings.functions)).collect(),
            relations: relations.chain(of(&self.settings.relations)).collect(),
        }
    }
}

/// What is wrong with a file together with the files it includes. `own`: what is wrong with it alone.
fn whole(suite: &plans::Suite, number: usize, own: &[Finding]) -> Vec<Finding> {
    // A misspelled assertion is the result that a plan misses.
    let misspelled = own.iter().any(|f| f.code == UNKNOWN_FUNCTION.code);
    let plan = suite
        .check(number)
        .filter(|f| !misspelled || f.severity == Severity::Error);
    plan.into_iter().chain(suite.transactions(number)).collect()
}

/// Names that take findings back.
struct Known<'a> {
    created: FxHashSet<&'a [u8]>,
    relations: FxHashSet<&'a [u8]>,
}

impl Known<'_> {
    /// The finding, if it stands.
    fn judge(&self, placed: &Placed) -> Option<Finding> {
        let mut finding = placed.finding.clone();
        match &placed.unless {
            Some(Unless::Created(name)) if self.created.contains(name.as_slice()) => return None,
            Some(Unless::Relation(name)) if self.relations.contains(name.as_slice()) => {
                if let Some(fix) = &mut finding.fix {
                    fix.certain = false;
                }
            }
            _ => {}
        }
        Some(finding)
    }
}
