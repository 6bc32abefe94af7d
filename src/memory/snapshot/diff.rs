//! What grew between two snapshots of one process.
//!
//! V8 gives each object an id that it keeps while it lives, and gives it to no other: an object with the same id and
//! class in both snapshots was kept, the others are new or gone.

use std::path::Path;

use hashbrown::HashMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::Serialize;

use super::analysis::{Amount, ClassTotals, Retained, class_totals, each_size};
use super::classes::{Class, GROUPS};
use super::columns::{filled, room};
use super::error::Result;
use super::load::{Snapshot, load};
use super::show::{Chosen, ShownObject, show};
use super::watch::Watch;

/// By what classes are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// By the growth of the bytes of their objects alone. Needs no dominators.
    Class,
    /// By the growth of the bytes that they retain.
    Retained,
}

/// The answer about two snapshots.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// Objects of the first snapshot.
    pub before: Amount,
    /// Objects of the second.
    pub after: Amount,
    /// Objects of the second alone.
    pub new: Amount,
    /// Objects of the first alone.
    pub gone: Amount,
    /// Objects of both, with their bytes in the second.
    pub kept: Amount,
    /// How many classes differ.
    pub class_count: usize,
    /// The classes that grew most, most first.
    pub classes: Vec<ClassDiff>,
}

/// A class that differs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassDiff {
    /// Its name.
    pub name: String,
    /// In the first snapshot.
    pub before: Totals,
    /// In the second.
    pub after: Totals,
    /// By how much it grew; negative when it shrank.
    pub grown: Growth,
    /// Objects of the second snapshot alone.
    pub new: Amount,
    /// Objects of the first alone.
    pub gone: Amount,
    /// The object of the class that grew most, new ones by all that they have; `None` when it has no more objects.
    pub example: Option<ShownObject>,
}

/// A class in one snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// How many objects.
    pub count: u32,
    /// Bytes of them alone.
    pub shallow_bytes: u64,
    /// Bytes that would be freed with them; `None` without dominators.
    pub retained_bytes: Option<u64>,
}

/// The second snapshot's totals less the first's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Growth {
    /// Objects.
    pub count: i64,
    /// Bytes of them alone.
    pub shallow_bytes: i64,
    /// Bytes that they retain; `None` without dominators.
    pub retained_bytes: Option<i64>,
}

/// What is kept of the first snapshot while the second is read.
struct Before {
    /// All objects, by id.
    objects: Vec<Known>,
    classes: Vec<ClassTotals>,
    names: Vec<String>,
}

/// An object of the first snapshot.
#[derive(Clone, Copy)]
struct Known {
    id: u32,
    class: Class,
    shallow: u64,
    /// What its growth is measured by: what it retains, or its own bytes.
    size: u64,
}

/// Compares two files.
pub fn diff(before: &Path, after: &Path, by: By, top: usize, watch: &Watch) -> Result<Diff> {
    let before = read_before(before, by, watch)?;
    let mut snapshot = load(after, true, watch)?;
    let retained = match by {
        By::Retained => Some(Retained::of(&snapshot, watch)?),
        By::Class => None,
    };
    let matched = Matched::new(&before, &snapshot, watch)?;
    let after = class_totals(&snapshot, retained.as_ref(), watch)?;
    let mut classes = differences(&before.classes, &after, &matched);
    let class_count = classes.len();
    classes.sort_by(|a, b| order(b, by).cmp(&order(a, by)).then_with(|| a.name.cmp(&b.name)));
    classes.truncate(top);
    let chosen = examples(&snapshot, retained.as_ref(), &matched, &classes);
    drop(retained);
    let chosen_only: Vec<Chosen> = chosen.iter().flatten().copied().collect();
    let mut shown = show(&mut snapshot, &chosen_only, watch)?.into_iter();
    for (class, chosen) in classes.iter_mut().zip(&chosen) {
        class.example = chosen.and_then(|_| shown.next());
    }
    Ok(Diff {
        before: sum(&before.classes),
        after: sum(&after),
        new: matched.total.new,
        gone: matched.total.gone,
        kept: matched.kept,
        class_count,
        classes,
    })
}

fn read_before(path: &Path, by: By, watch: &Watch) -> Result<Before> {
    let snapshot = load(path, by == By::Retained, watch)?;
    let retained = match by {
        By::Retained => Some(Retained::of(&snapshot, watch)?),
        By::Class => None,
    };
    let classes = class_totals(&snapshot, retained.as_ref(), watch)?;
    let sizes = sizes_by_node(&snapshot, retained.as_ref())?;
    drop(retained);
    let mut objects = room(sizes.len(), path)?;
    for (id, node) in by_id(&snapshot)? {
        watch.step(objects.len())?;
        objects.push(Known {
            id,
            class: snapshot.classes.of(&snapshot.nodes, node),
            shallow: snapshot.nodes.sizes.of(node),
            size: sizes.get(node as usize).copied().unwrap_or(0),
        });
    }
    let names = (0..snapshot.classes.len() as Class).map(|class| snapshot.classes.name(class).to_owned());
    Ok(Before {
        objects,
        classes,
        names: names.collect(),
    })
}

/// Objects that are in one snapshot only.
#[derive(Clone, Copy, Debug, Default)]
struct Change {
    new: Amount,
    gone: Amount,
}

/// Which objects are in both snapshots.
struct Matched {
    by_class: HashMap<String, Change, FxBuildHasher>,
    total: Change,
    kept: Amount,
    /// For each node of the second snapshot, what its size was in the first; 0 for new ones.
    sizes_before: Vec<u64>,
}

impl Matched {
    fn new(before: &Before, after: &Snapshot, watch: &Watch) -> Result<Self> {
        let (nodes, count) = (&after.nodes, after.nodes.len());
        let mut matched = Self {
            by_class: HashMap::default(),
            total: Change::default(),
            kept: Amount::default(),
            sizes_before: filled(0, count as usize, after.reader.path())?,
        };
        let same = same_classes(before, after);
        let mut rest = before.objects.iter().peekable();
        for (step, (id, node)) in by_id(after)?.into_iter().enumerate() {
            watch.step(step)?;
            while let Some(gone) = rest.next_if(|known| known.id < id) {
                matched.gone(before, gone);
            }
            let class = after.classes.of(nodes, node);
            let class_before = same.get(class as usize).copied().flatten();
            match rest.next_if(|known| known.id == id && Some(known.class) == class_before) {
                Some(known) => matched.kept(after, node, known),
                None => matched.appeared(after, class, node),
            }
        }
        for gone in rest {
            matched.gone(before, gone);
        }
        Ok(matched)
    }

    fn gone(&mut self, before: &Before, known: &Known) {
        self.total.gone.add(known.shallow);
        self.change(before.name(known.class)).gone.add(known.shallow);
    }

    fn kept(&mut self, after: &Snapshot, node: u32, known: &Known) {
        self.kept.add(after.nodes.sizes.of(node));
        if let Some(size) = self.sizes_before.get_mut(node as usize) {
            *size = known.size;
        }
    }

    fn appeared(&mut self, after: &Snapshot, class: Class, node: u32) {
        let size = after.nodes.sizes.of(node);
        self.total.new.add(size);
        self.change(after.classes.name(class)).new.add(size);
    }

    fn change(&mut self, name: &str) -> &mut Change {
        self.by_class.entry_ref(name).or_default()
    }
}

impl Before {
    fn name(&self, class: Class) -> &str {
        self.names.get(class as usize).map_or("", String::as_str)
    }
}

/// For each class of `after`, the one of the same name in `before`.
fn same_classes(before: &Before, after: &Snapshot) -> Vec<Option<Class>> {
    let known: FxHashMap<&str, Class> = (0..)
        .zip(&before.names)
        .map(|(class, name)| (name.as_str(), class))
        .collect();
    let classes = 0..after.classes.len() as Class;
    classes
        .map(|class| known.get(after.classes.name(class)).copied())
        .collect()
}

/// The size of each node: what it retains where that is known, else its own bytes.
fn sizes_by_node(snapshot: &Snapshot, retained: Option<&Retained>) -> Result<Vec<u64>> {
    let mut sizes = filled(0, snapshot.nodes.len() as usize, snapshot.reader.path())?;
    each_size(snapshot, retained, &mut |size, node| {
        if let Some(place) = sizes.get_mut(node as usize) {
            *place = size;
        }
    });
    Ok(sizes)
}

/// Ids and numbers of all nodes, by id.
fn by_id(snapshot: &Snapshot) -> Result<Vec<(u32, u32)>> {
    let mut nodes = room(snapshot.nodes.len() as usize, snapshot.reader.path())?;
    nodes.extend((0..snapshot.nodes.len()).map(|node| (snapshot.nodes.id(node), node)));
    nodes.sort_unstable();
    Ok(nodes)
}

fn sum(classes: &[ClassTotals]) -> Amount {
    Amount {
        count: classes.iter().map(|class| class.count).sum(),
        shallow_bytes: classes.iter().map(|class| class.shallow_bytes).sum(),
    }
}

impl Totals {
    /// Of a class that may have no objects; `retains` tells whether retained sizes are known.
    fn of(class: Option<&ClassTotals>, retains: bool) -> Self {
        class.map_or(
            Self {
                retained_bytes: retains.then_some(0),
                ..Self::default()
            },
            |class| Self {
                count: class.count,
                shallow_bytes: class.shallow_bytes,
                retained_bytes: class.retained_bytes,
            },
        )
    }
}

impl Growth {
    fn between(before: Totals, after: Totals) -> Self {
        // Bytes are at most 2^53.
        let grown = |before: u64, after: u64| after as i64 - before as i64;
        Self {
            count: i64::from(after.count) - i64::from(before.count),
            shallow_bytes: grown(before.shallow_bytes, after.shallow_bytes),
            retained_bytes: before
                .retained_bytes
                .zip(after.retained_bytes)
                .map(|(b, a)| grown(b, a)),
        }
    }
}

/// The classes that differ in anything.
fn differences(before: &[ClassTotals], after: &[ClassTotals], matched: &Matched) -> Vec<ClassDiff> {
    let by_name = |classes: &'_ [ClassTotals]| -> FxHashMap<String, usize> {
        classes
            .iter()
            .enumerate()
            .map(|(i, class)| (class.name.clone(), i))
            .collect()
    };
    let retains = after.iter().any(|class| class.retained_bytes.is_some());
    let known = by_name(before);
    let still = by_name(after);
    let gone = before.iter().filter(|class| !still.contains_key(&class.name));
    let difference = |class: &ClassTotals| {
        let find = |among: &FxHashMap<String, usize>, classes| -> Totals {
            let classes: &[ClassTotals] = classes;
            Totals::of(among.get(&class.name).and_then(|&i| classes.get(i)), retains)
        };
        let (before, after) = (find(&known, before), find(&still, after));
        let change = matched.by_class.get(&class.name).copied().unwrap_or_default();
        ClassDiff {
            name: class.name.clone(),
            before,
            after,
            grown: Growth::between(before, after),
            new: change.new,
            gone: change.gone,
            example: None,
        }
    };
    let differs = |class: &ClassDiff| (class.before != class.after || class.new.count > 0) && class.name != GROUPS;
    after.iter().chain(gone).map(difference).filter(differs).collect()
}

fn order(class: &ClassDiff, by: By) -> (i64, i64) {
    let Growth {
        shallow_bytes,
        retained_bytes,
        count,
    } = class.grown;
    match by {
        By::Class => (shallow_bytes, count),
        By::Retained => (retained_bytes.unwrap_or(0), shallow_bytes),
    }
}

/// For each class the object that stands for it.
fn examples(
    snapshot: &Snapshot,
    retained: Option<&Retained>,
    matched: &Matched,
    classes: &[ClassDiff],
) -> Vec<Option<Chosen>> {
    let slots: FxHashMap<&str, usize> = classes
        .iter()
        .enumerate()
        .map(|(i, class)| (class.name.as_str(), i))
        .collect();
    let names = 0..snapshot.classes.len() as Class;
    let slots: Vec<Option<usize>> = names
        .map(|class| slots.get(snapshot.classes.name(class)).copied())
        .collect();
    let mut best: Vec<Option<(i64, u64, u32)>> = vec![None; classes.len()];
    let mut consider = |size: u64, node: u32| {
        let class = snapshot.classes.of(&snapshot.nodes, node);
        let slot = slots.get(class as usize).copied().flatten();
        let Some(best) = slot.and_then(|slot| best.get_mut(slot)) else {
            return;
        };
        let before = matched.sizes_before.get(node as usize).copied().unwrap_or(0);
        // Bytes are at most 2^53.
        let grown = size as i64 - before as i64;
        // Of equal ones the first in the file.
        if best.is_none_or(|(most, largest, first)| (grown, size, first) > (most, largest, node)) {
            *best = Some((grown, size, node));
        }
    };
    each_size(snapshot, retained, &mut consider);
    let chosen = |(_, size, node)| Chosen {
        node,
        retained: retained.map(|_| size),
    };
    best.into_iter().map(|best| best.map(chosen)).collect()
}
