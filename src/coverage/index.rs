//! Which assertions cover an object: built once from a store, in path order.

use crate::pgtap::area::{AREAS, Area};

use super::batch::{Record, flag};
use super::label::{Label, LabelId};
use super::store::Store;

/// Areas, as array length.
pub const AREA_COUNT: usize = AREAS.len();

/// What a record counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Coverage: absences, computed names, lists and comments do not count, members of lists do.
    Coverage,
    /// The coverage map that callers of the drop-in class know: every label as it stands.
    Labels,
}

/// Objects and their assertions. Costs 4 bytes an assertion and 8 an object.
pub struct Index {
    /// By area, the objects in first-seen order.
    pub objects: Vec<Vec<LabelId>>,
    starts: Vec<u32>,
    postings: Vec<u32>,
    /// The files in order, so that a record's file can be found.
    spans: Vec<(u32, u32, u32)>,
}

impl Index {
    /// Indexes the files `order` of `store`.
    pub fn build(store: &Store, order: &[u32], purpose: Purpose) -> Self {
        let labels = store.labels.all().len();
        // Counts stand two places to the right, so that after summing up the cursor of a label is the place
        // before its end, and moves there while the postings are filled in.
        let mut starts = vec![0u32; labels + 3];
        let mut objects: Vec<Vec<LabelId>> = vec![Vec::new(); AREA_COUNT];
        each(store, order, purpose, &mut |_, label| {
            let Some(count) = starts.get_mut(label as usize + 2) else {
                return;
            };
            *count += 1;
            if *count == 1
                && let Some(found) = store.labels.get(label)
                && let Some(list) = objects.get_mut(found.area as usize)
            {
                list.push(label);
            }
        });
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut postings = vec![0u32; sum as usize];
        each(store, order, purpose, &mut |record, label| {
            if let Some(at) = starts.get_mut(label as usize + 1) {
                if let Some(slot) = postings.get_mut(*at as usize) {
                    *slot = record;
                }
                *at += 1;
            }
        });
        Self {
            objects,
            starts,
            postings,
            spans: spans(store, order),
        }
    }

    /// The records that name or cover the object, in path order.
    pub fn records(&self, label: LabelId) -> &[u32] {
        let at = label as usize;
        let (Some(from), Some(to)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return &[];
        };
        self.postings.get(*from as usize..*to as usize).unwrap_or(&[])
    }

    /// The file of a record.
    pub fn file_of(&self, record: u32) -> Option<u32> {
        let at = self
            .spans
            .partition_point(|(from, ..)| *from <= record)
            .checked_sub(1)?;
        self.spans
            .get(at)
            .filter(|(_, to, _)| record < *to)
            .map(|(.., file)| *file)
    }

    /// The objects of an area, in first-seen order.
    pub fn of(&self, area: Area) -> &[LabelId] {
        self.objects.get(area as usize).map_or(&[], Vec::as_slice)
    }

    /// How many objects there are.
    pub fn object_count(&self) -> usize {
        self.objects.iter().map(Vec::len).sum()
    }

    /// Bytes it holds.
    pub fn heap_bytes(&self) -> usize {
        let lists: usize = self.objects.iter().map(|l| l.capacity() * 4).sum();
        lists + (self.starts.capacity() + self.postings.capacity()) * 4 + self.spans.capacity() * 12
    }
}

fn spans(store: &Store, order: &[u32]) -> Vec<(u32, u32, u32)> {
    let mut spans: Vec<_> = order
        .iter()
        .filter_map(|file| {
            store
                .files
                .get(*file as usize)
                .map(|f| (f.records.from, f.records.to, *file))
        })
        .filter(|(from, to, _)| from < to)
        .collect();
    spans.sort_unstable();
    spans
}

/// Calls `found` with each record and each label it counts for.
fn each(store: &Store, order: &[u32], purpose: Purpose, found: &mut dyn FnMut(u32, LabelId)) {
    for file in order {
        let Some(entry) = store.files.get(*file as usize) else {
            continue;
        };
        for record in entry.records.from..entry.records.to {
            if let Some(label) = store.records.get(record as usize).and_then(|r| counted(r, purpose)) {
                found(record, label);
            }
        }
        if purpose == Purpose::Coverage {
            for (record, label) in store.credits.get(entry.credits.range()).unwrap_or(&[]) {
                found(*record, as_known(store, *label));
            }
        }
    }
}

/// `columns_are` and its like take any relation: what other assertions call a view is no table.
fn as_known(store: &Store, id: LabelId) -> LabelId {
    const OTHERS: [Area; 4] = [
        Area::Views,
        Area::MaterializedViews,
        Area::ForeignTables,
        Area::Composites,
    ];
    let Some(label) = store.labels.get(id).filter(|l| l.area == Area::Tables) else {
        return id;
    };
    let other = |area: &Area| store.labels.find(&Label { area: *area, ..*label });
    OTHERS.iter().find_map(other).unwrap_or(id)
}

fn counted(record: &Record, purpose: Purpose) -> Option<LabelId> {
    let without = match purpose {
        Purpose::Coverage => flag::NO_COVER,
        Purpose::Labels => flag::DYNAMIC | flag::COMMENTED,
    };
    (record.label != 0 && record.flags & without == 0).then_some(record.label)
}
