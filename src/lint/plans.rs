//! The rules about plans and transactions: they look at a file together with the files it includes.

use std::borrow::Cow;

use crate::pgtap::plan::Plan;
use crate::scan::plans::{Plans, check};

use super::finding::{Draft, Finding, Fix, Spot};
use super::report::{Report, at};
use super::rules::{NO_PLAN, PLAN_MISMATCH, SEVERAL_PLANS, Severity};

/// All files by number, and for each the files it includes, `None` where one was not found.
pub struct Suite<'a> {
    /// Files that were read.
    pub reports: &'a [Option<Report>],
    /// By file number.
    pub includes: &'a [Vec<Option<usize>>],
}

impl Suite<'_> {
    /// The files that `file` includes, and what those include; and whether all of them are known.
    pub fn reached(&self, file: usize) -> (Vec<usize>, bool) {
        let (mut reached, mut complete, mut at) = (vec![file], true, 0);
        while let Some(next) = reached.get(at) {
            for included in self.includes.get(*next).into_iter().flatten() {
                match included {
                    Some(known) if !reached.contains(known) => reached.push(*known),
                    Some(_) => {}
                    None => complete = false,
                }
            }
            at += 1;
        }
        complete &= reached.iter().all(|n| self.report(*n).is_some());
        (reached, complete)
    }

    fn report(&self, file: usize) -> Option<&Report> {
        self.reports.get(file)?.as_ref()
    }

    /// What is wrong with the plan of a file that no other includes.
    pub fn check(&self, file: usize) -> Option<Finding> {
        let report = self.report(file)?;
        let plans = |n: usize| self.report(n).map(|r| Cow::Borrowed(&r.plan));
        let plans = Plans {
            plans: &plans,
            includes: &|n| self.includes.get(n).map_or(&[], Vec::as_slice),
        };
        let total = plans.total(file);
        counted(report, &total).or_else(|| self.missing(file, report, &total))
    }

    /// The transactions of a file with a plan that are committed or left open.
    pub fn transactions(&self, file: usize) -> Vec<Finding> {
        let Some(report) = self.report(file).filter(|r| !r.plans.is_empty()) else {
            return Vec::new();
        };
        let (reached, complete) = self.reached(file);
        let mut others = reached.iter().skip(1).filter_map(|n| self.report(*n));
        let alone = complete && !others.any(|r| r.transactions);
        let open = report.open.iter().filter(|_| alone);
        report
            .commits
            .iter()
            .chain(open)
            .map(|placed| placed.finding.clone())
            .collect()
    }

    /// Assertions without a plan.
    fn missing(&self, file: usize, report: &Report, total: &Plan) -> Option<Finding> {
        let (reached, complete) = self.reached(file);
        let any = |what: &dyn Fn(&Report) -> bool| reached.iter().filter_map(|n| self.report(*n)).any(what);
        if !complete || any(&|r| r.flow.runs) {
            return None;
        }
        let planned = !total.announced.is_empty() || total.computed || total.none || any(&|r| !r.flow.plans.is_empty());
        let finished = any(&|r| r.flow.finished);
        let place = if planned {
            report.plans.first()
        } else {
            report.first.as_ref()
        };
        let draft = match (planned, finished) {
            (false, _) => none("assertions run without a plan: PostgreSQL refuses the first one (P0001)"),
            (true, false) if report.flow.unplanned && !self.finishes() => none(
                "no_plan() is called and finish() is not, so the plan is never printed and a test runner takes the file for failed",
            ),
            _ => return None,
        };
        Some(at(&draft, *place?, &report.file))
    }

    /// Whether a function of the suite calls `finish()`: a file may call that instead.
    fn finishes(&self) -> bool {
        self.reports.iter().flatten().any(|r| r.flow.finishes)
    }
}

fn none(message: &str) -> Draft {
    let help = "Begin with SELECT plan(N) or no_plan(), and end with SELECT * FROM finish().";
    Draft::new(&NO_PLAN, Spot::Line(1), message, help)
}

/// What the scan says of the numbers.
fn counted(report: &Report, total: &Plan) -> Option<Finding> {
    let (code, message) = check(total)?;
    let several = code == "ERR_PGTAP_SEVERAL_PLANS";
    let (rule, help) = match several {
        true => (&SEVERAL_PLANS, "Keep one of them, with the number of all results."),
        false => (&PLAN_MISMATCH, "Correct the number, or look for tests that were lost."),
    };
    let place = if several {
        report.plans.get(1)
    } else {
        report.plans.first()
    };
    let mut draft = Draft::new(rule, Spot::Line(1), message, help);
    if !several {
        // A function that nobody knows may make what is missing.
        let short = total
            .announced
            .first()
            .is_some_and(|n| u64::try_from(*n).is_ok_and(|n| n > total.results));
        draft.severity = if short && !total.suspects.is_empty() {
            Severity::Warning
        } else {
            draft.severity
        };
        draft.fix = number(report, total);
    }
    let fallback = report.plans.last().copied().unwrap_or([1, 1, 1, 1]);
    Some(at(&draft, place.copied().unwrap_or(fallback), &report.file))
}

/// The number of results in the place of the plan's.
fn number(report: &Report, total: &Plan) -> Option<Fix> {
    let [number] = report.flow.numbers.as_slice() else {
        return None;
    };
    (report.plans.len() == 1).then(|| Fix {
        from: number.start,
        to: number.end,
        text: total.results.to_string(),
        certain: false,
    })
}
