//! The kinds of a store: which objects each has, in which order, and where they are.

use std::collections::{HashMap, VecDeque};

use crate::budget::Reservation;

use super::blocks::BlockId;
use super::recent::List;

/// What a kind costs beside its name, which is held twice.
const KIND: u64 = 240;

/// One kind.
pub struct Kind {
    /// Its name.
    pub name: Box<str>,
    /// Its objects in the order they came.
    pub order: Vec<u32>,
    /// Those whose values are in memory on their own, by use.
    pub loose: List,
    /// Its blocks in memory, the oldest first.
    pub packed: VecDeque<BlockId>,
    /// How many objects have their values in memory.
    pub in_memory: usize,
    /// What is not in use is kept compressed.
    pub compressed: bool,
    /// Some of its objects went to disk or were dropped.
    pub overflowed: bool,
}

/// All kinds, by number and name.
#[derive(Default)]
pub struct Kinds {
    all: Vec<Kind>,
    numbers: HashMap<Box<str>, u32>,
}

impl Kinds {
    /// The number of a kind, given when it is new.
    pub fn number(&mut self, name: &str, compressed: bool, reserved: &mut Reservation) -> u32 {
        if let Some(number) = self.find(name) {
            return number;
        }
        reserved.grow(KIND + 2 * name.len() as u64);
        let number = self.all.len() as u32;
        self.numbers.insert(name.into(), number);
        self.all.push(Kind {
            name: name.into(),
            order: Vec::new(),
            loose: List::default(),
            packed: VecDeque::new(),
            in_memory: 0,
            compressed,
            overflowed: false,
        });
        number
    }

    /// The number of a known kind.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The kind of this number.
    pub fn get(&self, number: u32) -> Option<&Kind> {
        self.all.get(number as usize)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut Kind> {
        self.all.get_mut(number as usize)
    }

    /// All kinds in the order they came.
    pub fn all(&self) -> &[Kind] {
        &self.all
    }

    /// The same, to change them.
    pub fn all_mut(&mut self) -> &mut [Kind] {
        &mut self.all
    }
}
