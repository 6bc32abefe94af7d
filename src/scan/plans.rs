//! Whether files keep their plans, the files they include counted in.

use std::borrow::Cow;

use crate::pgtap::plan::{Inexact, Plan};

/// Includes are followed this deep for a plan.
const MAX_DEPTH: usize = 16;

/// Files that include each other often are not counted through more than this often.
const MAX_VISITS: usize = 4096;

/// The files on the way down, and how many were visited.
#[derive(Default)]
struct Trail {
    files: Vec<usize>,
    visits: usize,
}

/// Plans by file, and for each file the files it includes (`None` where one was not found).
pub struct Plans<'a> {
    /// By file number.
    pub plans: &'a dyn Fn(usize) -> Option<Cow<'a, Plan>>,
    /// By file number.
    pub includes: &'a dyn Fn(usize) -> &'a [Option<usize>],
}

impl Plans<'_> {
    /// The file's plan with those of the files it includes.
    pub fn total(&self, file: usize) -> Plan {
        let mut total = Plan::default();
        let mut path = Trail::default();
        self.add(file, &mut path, &mut total);
        total
    }

    fn add(&self, file: usize, path: &mut Trail, total: &mut Plan) {
        path.visits += 1;
        if path.files.len() >= MAX_DEPTH || path.visits > MAX_VISITS || path.files.contains(&file) {
            return total.doubt(Inexact::Include);
        }
        let Some(plan) = (self.plans)(file) else {
            return total.doubt(Inexact::Include);
        };
        total.announced.extend(&plan.announced);
        total.computed |= plan.computed;
        total.none |= plan.none;
        total.results = total.results.saturating_add(plan.results);
        total.suspects.extend(plan.suspects.iter().cloned());
        if let Some(why) = plan.inexact {
            total.doubt(why);
        }
        path.files.push(file);
        for included in (self.includes)(file) {
            match included {
                Some(included) if path.visits <= MAX_VISITS => self.add(*included, path, total),
                _ => total.doubt(Inexact::Include),
            }
        }
        path.files.pop();
    }
}

/// What to say of a file's plan, if anything: a code and a message.
pub fn check(plan: &Plan) -> Option<(&'static str, String)> {
    if plan.announced.len() > 1 {
        let all: Vec<String> = plan.announced.iter().map(i64::to_string).collect();
        let message = format!("{} plans ({}); pgTAP takes one per run", all.len(), all.join(", "));
        return Some(("ERR_PGTAP_SEVERAL_PLANS", message));
    }
    let announced = *plan.announced.first()?;
    let exact = plan.inexact.is_none() && !plan.computed && !plan.none;
    if !exact || i64::try_from(plan.results).is_ok_and(|made| made == announced) {
        return None;
    }
    let mut message = format!("plan({announced}), but the file makes {} results", plan.results);
    if announced > i64::try_from(plan.results).unwrap_or(i64::MAX) {
        message.push_str(&suspicion(plan));
    }
    Some(("ERR_PGTAP_PLAN_MISMATCH", message))
}

/// The functions that may make the results that are missing.
fn suspicion(plan: &Plan) -> String {
    let mut names: Vec<&str> = plan.suspects.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let line = plan.suspects.first().map_or(0, |(_, line)| *line);
    match names.as_slice() {
        [] => String::new(),
        [one] => format!(
            "; {one}() in line {line} may be a helper that makes the rest: name it in the option assertions, or scan the file that creates it"
        ),
        many => format!(
            "; one of {} (first in line {line}) may be a helper that makes the rest",
            many.join("(), ") + "()"
        ),
    }
}
