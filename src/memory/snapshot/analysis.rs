//! What a heap holds: by class, and its largest objects.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

use serde::Serialize;

use super::classes::GROUPS;
use super::dominators::{Dominators, dominators};
use super::error::Result;
use super::load::{Snapshot, load};
use super::retained::{by_class, retained};
use super::show::{Chosen, ShownObject, show};
use super::watch::{Progress, Watch};

/// The answer about one snapshot.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// How many objects the heap holds, V8's own among them.
    pub node_count: u32,
    /// How many references there are among them.
    pub edge_count: u32,
    /// Bytes of all of them.
    pub shallow_bytes: u64,
    /// Bytes that V8 knows of and no object stands for; `None` in files that do not tell.
    pub extra_native_bytes: Option<u64>,
    /// Objects that only weak references lead to; `None` when dominators were not asked for.
    pub unreachable: Option<Amount>,
    /// Objects that V8 calls detached; `None` in files that do not tell.
    pub detached: Option<Amount>,
    /// How many classes there are.
    pub class_count: usize,
    /// The classes that take most, largest first.
    pub classes: Vec<ClassTotals>,
    /// The objects that take most, largest first.
    pub largest: Vec<ShownObject>,
}

/// A number of objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// How many.
    pub count: u32,
    /// Their bytes.
    pub shallow_bytes: u64,
}

impl Amount {
    /// One object more.
    pub fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.shallow_bytes += bytes;
    }
}

/// A class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassTotals {
    /// Its name.
    pub name: String,
    /// How many objects it has.
    pub count: u32,
    /// Bytes of them alone.
    pub shallow_bytes: u64,
    /// Bytes that would be freed with them; what one of them holds is counted once. `None` without dominators.
    pub retained_bytes: Option<u64>,
}

/// Retained sizes of a snapshot.
pub struct Retained {
    /// Which node dominates which.
    pub tree: Dominators,
    /// Of each place in the tree's order.
    pub sizes: Vec<u64>,
}

impl Retained {
    /// Works them out.
    pub fn of(snapshot: &Snapshot, watch: &Watch) -> Result<Self> {
        let path = snapshot.reader.path();
        (watch.progress)(Progress {
            file: path,
            read_bytes: snapshot.reader.length(),
            total_bytes: snapshot.reader.length(),
            read: true,
        });
        let tree = dominators(&snapshot.nodes, &snapshot.edges, path, watch)?;
        let sizes = retained(&snapshot.nodes, &tree, path, watch)?;
        Ok(Self { tree, sizes })
    }
}

/// Analyses a file: its `top` largest classes and objects.
pub fn analyse(path: &Path, top: usize, with_dominators: bool, watch: &Watch) -> Result<Analysis> {
    let mut snapshot = load(path, with_dominators, watch)?;
    let retained = if with_dominators {
        Some(Retained::of(&snapshot, watch)?)
    } else {
        None
    };
    let classes = class_totals(&snapshot, retained.as_ref(), watch)?;
    let unreachable = retained.as_ref().map(|retained| unreachable(&snapshot, retained));
    let chosen = largest(&snapshot, retained.as_ref(), top);
    drop(retained);
    Ok(Analysis {
        node_count: snapshot.nodes.len(),
        edge_count: snapshot.edge_count,
        shallow_bytes: classes.iter().map(|class| class.shallow_bytes).sum(),
        extra_native_bytes: snapshot.layout.extra_native_bytes,
        unreachable,
        detached: detached(&snapshot),
        class_count: classes.iter().filter(|class| class.name != GROUPS).count(),
        classes: first_classes(classes, top),
        largest: show(&mut snapshot, &chosen, watch)?,
    })
}

/// The totals of all classes that have objects.
pub fn class_totals(snapshot: &Snapshot, retained: Option<&Retained>, watch: &Watch) -> Result<Vec<ClassTotals>> {
    let (nodes, classes) = (&snapshot.nodes, &snapshot.classes);
    let mut amounts = vec![Amount::default(); classes.len()];
    for node in 0..nodes.len() {
        watch.step(node as usize)?;
        if let Some(amount) = amounts.get_mut(classes.of(nodes, node) as usize) {
            amount.add(nodes.sizes.of(node));
        }
    }
    let path = snapshot.reader.path();
    let sums = retained.map(|retained| by_class(nodes, classes, &retained.tree, &retained.sizes, path, watch));
    let sums = sums.transpose()?;
    let totals = amounts.iter().enumerate().map(|(class, amount)| ClassTotals {
        name: classes.name(class as u32).to_owned(),
        count: amount.count,
        shallow_bytes: amount.shallow_bytes,
        retained_bytes: sums.as_ref().and_then(|sums| sums.get(class).copied()),
    });
    Ok(totals.filter(|class| class.count > 0).collect())
}

fn first_classes(mut classes: Vec<ClassTotals>, top: usize) -> Vec<ClassTotals> {
    classes.retain(|class| class.name != GROUPS);
    let size = |class: &ClassTotals| (class.retained_bytes, class.shallow_bytes);
    classes.sort_by(|a, b| size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
    classes.truncate(top);
    classes
}

fn unreachable(snapshot: &Snapshot, retained: &Retained) -> Amount {
    let mut amount = Amount::default();
    for &node in retained.tree.nodes.iter().skip(retained.tree.reached as usize) {
        amount.add(snapshot.nodes.sizes.of(node));
    }
    amount
}

fn detached(snapshot: &Snapshot) -> Option<Amount> {
    snapshot.layout.node.detachedness?;
    let mut amount = Amount::default();
    for &node in &snapshot.nodes.detached {
        amount.add(snapshot.nodes.sizes.of(node));
    }
    Some(amount)
}

/// The `top` largest nodes, largest first. The file's own groups, such as the root, are no objects.
fn largest(snapshot: &Snapshot, retained: Option<&Retained>, top: usize) -> Vec<Chosen> {
    let is_object = |node: u32| snapshot.classes.name(snapshot.classes.of(&snapshot.nodes, node)) != GROUPS;
    let mut heap = BinaryHeap::<Reverse<(u64, Reverse<u32>)>>::new();
    let mut consider = |size: u64, node: u32| {
        if heap.len() < top || heap.peek().is_some_and(|Reverse((least, ..))| size > *least) {
            if is_object(node) {
                heap.push(Reverse((size, Reverse(node))));
            }
            if heap.len() > top {
                heap.pop();
            }
        }
    };
    each_size(snapshot, retained, &mut consider);
    let chosen = heap
        .into_sorted_vec()
        .into_iter()
        .map(|Reverse((size, Reverse(node)))| Chosen {
            node,
            retained: retained.map(|_| size),
        });
    chosen.collect()
}

/// Hands over each node with its retained size where it is known, else with its own.
pub fn each_size(snapshot: &Snapshot, retained: Option<&Retained>, take: &mut dyn FnMut(u64, u32)) {
    match retained {
        Some(retained) => {
            let sizes = retained.sizes.iter().zip(&retained.tree.nodes);
            sizes.for_each(|(&size, &node)| take(size, node));
        }
        None => (0..snapshot.nodes.len()).for_each(|node| take(snapshot.nodes.sizes.of(node), node)),
    }
}
