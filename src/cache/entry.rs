//! What reading one file gave, free of the batch that it was read into.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::coverage::batch::{Batch, Record, Stamp};
use crate::coverage::label::{Label, LabelId};
use crate::pgtap::area::AREAS;
use crate::pgtap::facts::Facts;

/// A file's records, with labels of its own, and what else it says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Entry {
    /// What it says beside its assertions.
    pub facts: Facts,
    /// UTF-16 units.
    size: u64,
    /// Newlines + 1.
    lines: u32,
    /// Area and parts.
    labels: Vec<(u8, [String; 3])>,
    /// Label (from 1; 0 is none), line, type and flags.
    records: Vec<(u32, u32, u16, u16)>,
    /// Record and label.
    credits: Vec<(u32, u32)>,
    uses: Vec<u32>,
}

/// Where a file's share of a batch begins.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    records: usize,
    credits: usize,
    uses: usize,
}

impl Mark {
    /// The end of what the batch holds now.
    pub fn of(batch: &Batch) -> Self {
        Self {
            records: batch.records.len(),
            credits: batch.credits.len(),
            uses: batch.uses.len(),
        }
    }

    /// Drops what stands behind it.
    pub fn cut(self, batch: &mut Batch) {
        batch.records.truncate(self.records);
        batch.credits.truncate(self.credits);
        batch.uses.truncate(self.uses);
    }
}

/// The labels of one file, numbered from 1 as they come.
struct Own<'a> {
    batch: &'a Batch,
    labels: Vec<(u8, [String; 3])>,
    known: FxHashMap<LabelId, u32>,
}

impl Own<'_> {
    /// The file's number for a label of the batch. `None` where a name is no UTF-8.
    fn number(&mut self, id: LabelId) -> Option<u32> {
        if id == 0 {
            return Some(0);
        }
        if let Some(number) = self.known.get(&id) {
            return Some(*number);
        }
        let label = self.batch.labels.get(id)?;
        let part = |at: usize| String::from_utf8(self.batch.names.get(label.parts[at]).to_vec()).ok();
        self.labels.push((label.area as u8, [part(0)?, part(1)?, part(2)?]));
        let number = self.labels.len() as u32;
        self.known.insert(id, number);
        Some(number)
    }
}

impl Entry {
    /// What stands in `batch` behind `mark`. `None` where a name is no UTF-8: such files are read each time.
    pub fn new(batch: &Batch, mark: Mark, facts: &Facts, size: u64, lines: u32) -> Option<Self> {
        let mut own = Own {
            batch,
            labels: Vec::new(),
            known: FxHashMap::default(),
        };
        let records = batch.records.get(mark.records..)?.iter();
        let records = records
            .map(|r| Some((own.number(r.label)?, r.line, r.kind, r.flags)))
            .collect::<Option<_>>()?;
        let base = mark.records as u32;
        let credits = batch.credits.get(mark.credits..)?.iter();
        let credits = credits
            .map(|(record, label)| Some((record - base, own.number(*label)?)))
            .collect::<Option<_>>()?;
        let uses = batch.uses.get(mark.uses..)?.iter();
        let uses = uses.map(|label| own.number(*label)).collect::<Option<_>>()?;
        Some(Self {
            facts: facts.clone(),
            size,
            lines,
            labels: own.labels,
            records,
            credits,
            uses,
        })
    }

    /// Puts it into `batch` as the file with the number `candidate`.
    pub fn replay(self, batch: &mut Batch, candidate: u32, stamp: Stamp) {
        let mut ids = vec![0];
        for (area, parts) in &self.labels {
            let parts = parts.each_ref().map(|part| match part.as_str() {
                "" => 0,
                part => batch.names.intern(part.as_bytes()),
            });
            let area = AREAS.get(usize::from(*area)).map_or(AREAS[0].0, |(area, _)| *area);
            ids.push(batch.labels.intern(Label { area, parts }));
        }
        let label = |at: u32| ids.get(at as usize).copied().unwrap_or(0);
        let base = batch.records.len() as u32;
        batch
            .records
            .extend(self.records.iter().map(|(at, line, kind, flags)| Record {
                label: label(*at),
                line: *line,
                kind: *kind,
                flags: *flags,
            }));
        batch
            .credits
            .extend(self.credits.iter().map(|(record, at)| (base + record, label(*at))));
        batch.uses.extend(self.uses.iter().map(|at| label(*at)));
        batch.end_file(candidate, self.size, self.lines, stamp, self.facts);
    }
}
