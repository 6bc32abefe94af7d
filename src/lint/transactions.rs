//! Test files that leave their transaction open, or commit it.

use crate::pgtap::found::Context;
use crate::sql::keyword::Keyword;

use super::finding::{Draft, Fix, Spot};
use super::here::Here;
use super::rules::MISSING_ROLLBACK;

/// The transactions of a script.
#[derive(Default)]
pub struct Transactions {
    /// Where the one that is open began.
    open: Option<Spot>,
    /// Something was changed in it.
    changed: bool,
    /// Commits of something.
    commits: Vec<Spot>,
    /// A branch decides about some of them.
    doubtful: bool,
    /// The script has a statement about transactions.
    pub any: bool,
}

/// What a statement does to the transaction.
enum Step {
    Begin,
    Commit,
    Rollback,
    Change,
    None,
}

impl Transactions {
    /// Takes a statement.
    pub fn take(&mut self, here: &Here) {
        let statement = here.statement;
        if statement.context != Context::Script || statement.view.tokens.is_empty() {
            return;
        }
        let step = step(here);
        let about = matches!(step, Step::Begin | Step::Commit | Step::Rollback);
        self.any |= about;
        self.doubtful |= about && statement.branch;
        let spot = || here.spot(0, statement.view.tokens.len());
        match step {
            Step::Begin => (self.open, self.changed) = (Some(spot()), false),
            Step::Rollback => self.open = None,
            Step::Commit => {
                if self.open.take().is_some() && self.changed {
                    self.commits.push(spot());
                }
            }
            Step::Change => self.changed = true,
            Step::None => {}
        }
    }

    /// What is wrong at the end of a file with a plan: commits, and a transaction that nothing in the file ends.
    pub fn finish(self, source: &[u8]) -> (Vec<Draft>, Option<Draft>) {
        if self.doubtful {
            return (Vec::new(), None);
        }
        let commit = |spot| {
            let message = "the test commits what it did, so the database keeps it for the tests behind it";
            Draft::new(&MISSING_ROLLBACK, spot, message, "End the transaction with ROLLBACK.")
        };
        let open = self.open.map(|spot| {
            let message = "nothing ends the transaction that begins here: what runs behind this file in the same session runs inside it";
            let help = "Write ROLLBACK; at the end of the file.";
            Draft::new(&MISSING_ROLLBACK, spot, message, help).fixed(append(source))
        });
        (self.commits.into_iter().map(commit).collect(), open)
    }
}

fn step(here: &Here) -> Step {
    let view = here.statement.view;
    let word = |at: usize, text: &str| view.is_word(at, text);
    match view.keyword(0) {
        Keyword::Begin => Step::Begin,
        Keyword::End => Step::Commit,
        Keyword::Insert | Keyword::Update | Keyword::Delete | Keyword::Create | Keyword::Alter | Keyword::Drop => {
            Step::Change
        }
        Keyword::Copy | Keyword::Truncate | Keyword::Merge | Keyword::Grant | Keyword::Revoke | Keyword::With => {
            Step::Change
        }
        _ if word(0, "start") && word(1, "transaction") => Step::Begin,
        _ if word(0, "commit") && !word(1, "prepared") => Step::Commit,
        _ if word(0, "abort") || (word(0, "rollback") && !is_partial(here)) => Step::Rollback,
        _ => Step::None,
    }
}

/// `ROLLBACK TO savepoint` and `ROLLBACK PREPARED` end no transaction.
fn is_partial(here: &Here) -> bool {
    let view = here.statement.view;
    (1..view.tokens.len().min(3)).any(|at| view.is_word(at, "to") || view.is_word(at, "prepared"))
}

/// A ROLLBACK behind the last statement, when that is ended and nothing but white space follows.
fn append(source: &[u8]) -> Option<Fix> {
    let end = source.trim_ascii_end().len();
    let ended = source.get(..end)?.last() == Some(&b';') && !in_comment(source, end);
    let newline = if source.windows(2).any(|pair| pair == b"\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    ended.then(|| Fix {
        from: end,
        to: end,
        text: format!("{newline}ROLLBACK;"),
        certain: true,
    })
}

/// Whether the last line may hold a comment: then its semicolon may be a part of that.
fn in_comment(source: &[u8], end: usize) -> bool {
    let line = source.get(..end).unwrap_or(&[]);
    let start = line.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let line = line.get(start..).unwrap_or(&[]);
    line.windows(2).any(|pair| matches!(pair, b"--" | b"/*" | b"*/")) || line.starts_with(b"\\")
}
