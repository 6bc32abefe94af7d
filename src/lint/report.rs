//! What reading one file gave, its places worked out.

use crate::pgtap::facts::{Facts, Include};
use crate::pgtap::plan::Plan;

use super::finding::{Draft, Finding, Positions, Spot, Unless};
use super::notes::{Flow, Names, Notes};
use super::silence::Silence;

/// A finding, and what would take it back.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The finding.
    pub finding: Finding,
    /// See [`Unless`].
    pub unless: Option<Unless>,
}

/// What one file says.
#[derive(Default)]
pub struct Report {
    /// Its path as findings give it.
    pub file: String,
    /// What is wrong with it alone.
    pub found: Vec<Placed>,
    /// Its commits, and the transaction that it leaves open; to be told when it has a plan.
    pub commits: Vec<Placed>,
    /// The transaction that it leaves open.
    pub open: Option<Placed>,
    /// It has statements about transactions.
    pub transactions: bool,
    /// Names in it.
    pub names: Names,
    /// What it says about its plan.
    pub flow: Flow,
    /// Its plan.
    pub plan: Plan,
    /// The files it includes.
    pub includes: Vec<Include>,
    /// The lines in which rules are silent.
    pub silence: Silence,
    /// Lines and columns of [`Flow::plans`].
    pub plans: Vec<[u32; 4]>,
    /// Lines and columns of [`Flow::first`].
    pub first: Option<[u32; 4]>,
}

impl Report {
    /// Of the file `file` with the content `source`.
    pub fn new(file: String, source: &[u8], notes: Notes, facts: Facts) -> Self {
        let positions = Positions::new(source);
        let place = |draft: Draft| placed(draft, &positions, &file);
        let (silence, unknown) = Silence::of(source);
        let transactions = notes.transactions.any;
        let (commits, open) = notes.transactions.finish(source);
        let of = |spot: &Spot| positions.of(spot);
        Self {
            found: notes.drafts.into_iter().chain(unknown).map(place).collect(),
            commits: commits.into_iter().map(place).collect(),
            open: open.map(place),
            transactions,
            names: notes.names,
            plans: notes.flow.plans.iter().map(of).collect(),
            first: notes.flow.first.as_ref().map(of),
            flow: notes.flow,
            plan: facts.plan,
            includes: facts.includes,
            silence,
            file,
        }
    }
}

/// The finding of a draft.
fn placed(draft: Draft, positions: &Positions, file: &str) -> Placed {
    let place = positions.of(&draft.spot);
    Placed {
        finding: at(&draft, place, file),
        unless: draft.unless,
    }
}

/// The finding of a draft, in another place than its own.
pub fn at(draft: &Draft, [line, column, end_line, end_column]: [u32; 4], file: &str) -> Finding {
    Finding {
        code: draft.rule.code,
        severity: draft.severity,
        file: file.to_owned(),
        line,
        column,
        end_line,
        end_column,
        message: draft.message.clone(),
        help: draft.help.clone(),
        fix: draft.fix.clone(),
    }
}
