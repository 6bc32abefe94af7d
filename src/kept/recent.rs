//! Orders of use: lists through one vector of links, so that moving an entry to the front costs nothing but numbers.

/// No entry.
pub const NONE: u32 = u32::MAX;

/// Links of all entries, by their numbers.
#[derive(Default)]
pub struct Recent {
    links: Vec<Link>,
    clock: u64,
}

#[derive(Clone, Copy)]
struct Link {
    older: u32,
    newer: u32,
    used: u64,
}

/// One list: its ends and how long it is.
#[derive(Clone, Copy)]
pub struct List {
    oldest: u32,
    newest: u32,
    length: usize,
}

impl Default for List {
    fn default() -> Self {
        Self {
            oldest: NONE,
            newest: NONE,
            length: 0,
        }
    }
}

impl List {
    /// The entry that was not used for the longest time.
    pub fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.length
    }
}

impl Recent {
    /// A moment later than all before.
    pub fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// When the entry was last put in front.
    pub fn used(&self, id: u32) -> u64 {
        self.links.get(id as usize).map_or(0, |link| link.used)
    }

    /// Puts an entry that is in no list in front.
    pub fn push(&mut self, list: &mut List, id: u32) {
        let used = self.tick();
        let link = Link {
            older: list.newest,
            newer: NONE,
            used,
        };
        if self.links.len() <= id as usize {
            self.links.resize(id as usize + 1, link);
        }
        self.set(id, |own| *own = link);
        self.set(list.newest, |newest| newest.newer = id);
        if list.oldest == NONE {
            list.oldest = id;
        }
        list.newest = id;
        list.length += 1;
    }

    /// Takes an entry out of the list that it is in.
    pub fn remove(&mut self, list: &mut List, id: u32) {
        let Some(Link { older, newer, .. }) = self.links.get(id as usize).copied() else {
            return;
        };
        self.set(older, |link| link.newer = newer);
        self.set(newer, |link| link.older = older);
        if list.oldest == id {
            list.oldest = newer;
        }
        if list.newest == id {
            list.newest = older;
        }
        list.length -= 1;
    }

    /// Up to `most` entries from the oldest on.
    pub fn oldest(&self, list: &List, most: usize) -> Vec<u32> {
        let newer = |id: &u32| {
            self.links
                .get(*id as usize)
                .map(|link| link.newer)
                .filter(|id| *id != NONE)
        };
        std::iter::successors(list.oldest(), newer).take(most).collect()
    }

    /// Forgets all lists.
    pub fn clear(&mut self) {
        self.links = Vec::new();
    }

    fn set(&mut self, id: u32, change: impl FnOnce(&mut Link)) {
        if let Some(link) = self.links.get_mut(id as usize) {
            change(link);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_come_first_and_any_can_be_taken_out() {
        let mut recent = Recent::default();
        let (mut list, mut other) = (List::default(), List::default());
        for id in 0..5 {
            recent.push(&mut list, id);
        }
        recent.push(&mut other, 7);
        recent.remove(&mut list, 0);
        recent.push(&mut list, 0);
        recent.remove(&mut list, 2);
        assert_eq!(recent.oldest(&list, 9), [1, 3, 4, 0]);
        assert_eq!((recent.oldest(&list, 2), list.len()), (vec![1, 3], 4));
        for id in [0, 1, 4, 3] {
            recent.remove(&mut list, id);
        }
        assert_eq!((list.oldest(), list.len(), recent.oldest(&list, 9)), (None, 0, vec![]));
        assert_eq!(other.oldest(), Some(7));
        assert!(recent.used(7) < recent.tick());
    }
}
