//! Immediate dominators by the algorithm of Lengauer and Tarjan (1979, the simple version), without recursion.
//!
//! A node dominates another when every path from the root to the other passes through it: without it the other would be
//! garbage. Nodes are numbered in the order of a depth-first search; a dominator has a smaller number than what it
//! dominates. Takes O(E log N) steps, and 28 bytes a node and 4 an edge beside the snapshot.

use std::path::Path;

use super::columns::{Edges, NONE, Nodes, filled, room};
use super::error::Result;
use super::watch::Watch;

/// The tree of dominators. All numbers are places in the order of the search; 0 is the root.
#[derive(Debug)]
pub struct Dominators {
    /// The node at each place.
    pub nodes: Vec<u32>,
    /// The place of the immediate dominator of each; the root's is 0.
    pub immediate: Vec<u32>,
    /// How many nodes are reached from the root. Those after them are held by weak edges or by each other only, and
    /// are taken to hang on the root.
    pub reached: u32,
}

/// Finds the dominators of all nodes.
pub fn dominators(nodes: &Nodes, edges: &Edges, path: &Path, watch: &Watch) -> Result<Dominators> {
    let Search {
        order,
        places,
        parents,
        reached,
    } = search(nodes, edges, path, watch)?;
    let sources = Sources::new(nodes, edges, &order, &places, path, watch)?;
    drop(places);
    let immediate = Forest::new(parents, path)?.dominators(&sources, path, watch)?;
    Ok(Dominators {
        nodes: order,
        immediate,
        reached,
    })
}

/// A depth-first search of the whole graph.
struct Search {
    /// The node at each place.
    order: Vec<u32>,
    /// The place of each node.
    places: Vec<u32>,
    /// The place from which each place was found.
    parents: Vec<u32>,
    reached: u32,
}

fn search(nodes: &Nodes, edges: &Edges, path: &Path, watch: &Watch) -> Result<Search> {
    let count = nodes.len() as usize;
    let mut search = Search {
        order: room(count, path)?,
        places: filled(NONE, count, path)?,
        parents: room(count, path)?,
        reached: 0,
    };
    search.from(0, nodes, edges, watch)?;
    search.reached = search.order.len() as u32;
    if search.order.len() < count {
        // First those that nothing holds, then whatever only holds itself.
        let held = held(nodes, edges, path)?;
        for node in (0..nodes.len()).filter(|&node| !held.get(node as usize).is_some_and(|&held| held)) {
            search.from(node, nodes, edges, watch)?;
        }
        for node in 0..nodes.len() {
            search.from(node, nodes, edges, watch)?;
        }
    }
    Ok(search)
}

/// Which nodes are the target of a retaining edge from another one.
fn held(nodes: &Nodes, edges: &Edges, path: &Path) -> Result<Vec<bool>> {
    let mut held = filled(false, nodes.len() as usize, path)?;
    for node in 0..nodes.len() {
        for &to in edges.targets(nodes.edges(node)) {
            if let Some(held) = held.get_mut(to as usize).filter(|_| to != node) {
                *held = true;
            }
        }
    }
    Ok(held)
}

impl Search {
    /// Numbers `node`, as found from the root, and all that is reached from it.
    fn from(&mut self, node: u32, nodes: &Nodes, edges: &Edges, watch: &Watch) -> Result<()> {
        if !self.visit(node, 0) {
            return Ok(());
        }
        // Each a place, and the edges of its node that are still to follow.
        let mut stack = vec![(self.order.len() as u32 - 1, nodes.edges(node))];
        while let Some((place, rest)) = stack.last_mut() {
            let Some(edge) = rest.next() else {
                stack.pop();
                continue;
            };
            let place = *place;
            if let Some(to) = edges.target(edge).filter(|&to| self.visit(to, place)) {
                watch.step(self.order.len())?;
                stack.push((self.order.len() as u32 - 1, nodes.edges(to)));
            }
        }
        Ok(())
    }

    /// Numbers `node`; `false` when it has a number.
    fn visit(&mut self, node: u32, parent: u32) -> bool {
        match self.places.get_mut(node as usize) {
            Some(place @ &mut NONE) => {
                *place = self.order.len() as u32;
                self.order.push(node);
                self.parents.push(parent);
                true
            }
            _ => false,
        }
    }
}

/// The places from which edges lead to each place.
struct Sources {
    first: Vec<u32>,
    places: Vec<u32>,
}

impl Sources {
    fn new(nodes: &Nodes, edges: &Edges, order: &[u32], places: &[u32], path: &Path, watch: &Watch) -> Result<Self> {
        let mut first = filled(0u32, order.len() + 1, path)?;
        let place_of = |node: u32| places.get(node as usize).copied();
        let targets = |node: u32| {
            edges
                .targets(nodes.edges(node))
                .iter()
                .filter_map(move |&to| place_of(to))
        };
        for (place, &node) in order.iter().enumerate() {
            watch.step(place)?;
            for to in targets(node) {
                // Places are below the length of `order`.
                first[to as usize] += 1;
            }
        }
        let mut total = 0;
        for end in &mut first {
            total += *end;
            *end = total;
        }
        let mut sources = filled(0u32, total as usize, path)?;
        for (place, &node) in order.iter().enumerate() {
            watch.step(place)?;
            for to in targets(node) {
                // Each end moves down to its beginning; there are as many as were counted.
                first[to as usize] -= 1;
                sources[first[to as usize] as usize] = place as u32;
            }
        }
        Ok(Self { first, places: sources })
    }

    fn of(&self, place: u32) -> &[u32] {
        let at = |i: usize| self.first.get(i).map_or(0, |&at| at as usize);
        self.places
            .get(at(place as usize)..at(place as usize + 1))
            .unwrap_or_default()
    }
}

/// The forest of the algorithm: places join it from the last to the first, and paths in it are shortened as they are
/// walked. Every index is a place, and every list has one entry for each.
struct Forest {
    /// The parent in the search, and for places in the forest some ancestor.
    ancestors: Vec<u32>,
    /// The place with the least semidominator between a place and its ancestor.
    labels: Vec<u32>,
    semi: Vec<u32>,
    /// Places that the walk in progress has passed.
    walked: Vec<u32>,
}

impl Forest {
    fn new(parents: Vec<u32>, path: &Path) -> Result<Self> {
        let count = parents.len();
        let identity = || -> Result<Vec<u32>> {
            let mut list = room(count, path)?;
            list.extend(0..count as u32);
            Ok(list)
        };
        Ok(Self {
            ancestors: parents,
            labels: identity()?,
            semi: identity()?,
            walked: Vec::new(),
        })
    }

    /// The place with the least semidominator on the way from `place` up to the root of its tree; places from
    /// `joined` on are in the forest.
    fn least(&mut self, place: u32, joined: u32) -> u32 {
        if place < joined {
            return place;
        }
        let mut at = place;
        while self.ancestors[at as usize] >= joined {
            self.walked.push(at);
            at = self.ancestors[at as usize];
        }
        while let Some(below) = self.walked.pop() {
            let above = self.ancestors[below as usize] as usize;
            if self.semi[self.labels[above] as usize] < self.semi[self.labels[below as usize] as usize] {
                self.labels[below as usize] = self.labels[above];
            }
            self.ancestors[below as usize] = self.ancestors[above];
        }
        self.labels[place as usize]
    }

    fn dominators(mut self, sources: &Sources, path: &Path, watch: &Watch) -> Result<Vec<u32>> {
        let count = self.ancestors.len();
        // The places with each semidominator are a chain: its first one, and in `immediate` the next of each.
        let (mut chains, mut immediate) = (filled(NONE, count, path)?, filled(0, count, path)?);
        for place in (1..count as u32).rev() {
            watch.step(place as usize)?;
            let parent = self.ancestors[place as usize];
            let mut semi = parent;
            for &source in sources.of(place) {
                let least = self.least(source, place + 1);
                semi = semi.min(self.semi[least as usize]);
            }
            self.semi[place as usize] = semi;
            immediate[place as usize] = std::mem::replace(&mut chains[semi as usize], place);
            let mut next = std::mem::replace(&mut chains[parent as usize], NONE);
            while next != NONE {
                let (at, least) = (next as usize, self.least(next, place));
                next = immediate[at];
                immediate[at] = if self.semi[least as usize] < self.semi[at] {
                    least
                } else {
                    parent
                };
            }
        }
        for place in 1..count {
            if immediate[place] != self.semi[place] {
                immediate[place] = immediate[immediate[place] as usize];
            }
        }
        Ok(immediate)
    }
}
