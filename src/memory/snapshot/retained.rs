//! Retained sizes: what would be freed with a node, and with all nodes of a class.

use std::path::Path;

use super::classes::Classes;
use super::columns::{NONE, Nodes, filled};
use super::dominators::Dominators;
use super::error::Result;
use super::watch::Watch;

/// The retained size of each place in the order of `dominators`, in bytes.
pub fn retained(nodes: &Nodes, dominators: &Dominators, path: &Path, watch: &Watch) -> Result<Vec<u64>> {
    let mut sizes = filled(0u64, dominators.nodes.len(), path)?;
    for (size, &node) in sizes.iter_mut().zip(&dominators.nodes) {
        *size = nodes.sizes.of(node);
    }
    // Dominators come before what they dominate.
    for place in (1..sizes.len()).rev() {
        watch.step(place)?;
        let size = sizes[place];
        sizes[dominators.immediate[place] as usize] += size;
    }
    Ok(sizes)
}

/// The retained size of each class: the sum over its nodes, without those that another one of the class dominates,
/// which has counted them already.
pub fn by_class(
    nodes: &Nodes,
    classes: &Classes,
    tree: &Dominators,
    sizes: &[u64],
    path: &Path,
    watch: &Watch,
) -> Result<Vec<u64>> {
    let count = tree.nodes.len();
    let (mut first, mut next) = (filled(NONE, count, path)?, filled(NONE, count, path)?);
    for place in (1..count).rev() {
        let dominator = tree.immediate[place] as usize;
        next[place] = std::mem::replace(&mut first[dominator], place as u32);
    }
    let class_of = |place: u32| classes.of(nodes, tree.nodes[place as usize]) as usize;
    // How many nodes of each class lie on the way from the root to the place that is visited.
    let mut open = vec![0u32; classes.len()];
    let mut sums = vec![0; classes.len()];
    let (mut place, mut steps) = (0, 0);
    loop {
        watch.step(steps)?;
        steps += 1;
        let class = class_of(place);
        if open[class] == 0 {
            sums[class] += sizes[place as usize];
        }
        open[class] += 1;
        if first[place as usize] != NONE {
            place = first[place as usize];
            continue;
        }
        // Up, until a place has a next one below the same dominator.
        open[class_of(place)] -= 1;
        while next[place as usize] == NONE && place != 0 {
            place = tree.immediate[place as usize];
            open[class_of(place)] -= 1;
        }
        if place == 0 {
            return Ok(sums);
        }
        place = next[place as usize];
    }
}
