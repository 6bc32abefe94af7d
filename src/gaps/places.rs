//! Where the tests assert and exercise each object; bounded, however many tests there are.

use serde::Serialize;

use crate::schema::lookup::Row;

/// How an assertion names an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// By its name, with its schema where it has one.
    Name,
    /// In a list of names.
    Member,
    /// By the known part of a computed name.
    Pattern,
    /// By a name without a schema.
    SearchPath,
}

/// One assertion about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Position of the file among those analyzed.
    pub file: u32,
    /// Its line.
    pub line: u32,
    /// The assertion's function.
    pub id: u32,
    /// How it names the object.
    pub by: By,
}

/// Of more places than this only their number is kept.
pub const MOST_PLACES: usize = 20;

/// What the tests say about one object.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// Assertions about it.
    pub count: u32,
    /// The first of them.
    pub places: Vec<Place>,
    /// The first files whose SQL names it.
    pub exercised: Vec<u32>,
    /// The number of the last assertion about it, and of the last file: each is counted once.
    last: (u32, u32),
}

/// What the tests say about all objects.
#[derive(Clone, Debug)]
pub struct Places(Vec<Tested>);

impl Places {
    /// Nothing yet about so many objects.
    pub fn new(objects: usize) -> Self {
        Self(vec![Tested::default(); objects])
    }

    /// What is said about an object.
    pub fn of(&self, row: Row) -> Option<&Tested> {
        self.0.get(row as usize)
    }

    /// Notes the assertion with this number (from 1); whether it is the first of its file about the object.
    pub fn assert(&mut self, row: Row, place: Place, number: u32) -> bool {
        let Some(tested) = self.0.get_mut(row as usize) else {
            return false;
        };
        if tested.last.0 == number {
            return false;
        }
        let first = tested.last.1 != place.file + 1;
        tested.last = (number, place.file + 1);
        tested.count = tested.count.saturating_add(1);
        if tested.places.len() < MOST_PLACES {
            tested.places.push(place);
        }
        first
    }

    /// Notes that a file's SQL names the object.
    pub fn exercise(&mut self, row: Row, file: u32) {
        if let Some(tested) = self.0.get_mut(row as usize)
            && tested.exercised.len() < MOST_PLACES
            && tested.exercised.last() != Some(&file)
        {
            tested.exercised.push(file);
        }
    }

    /// Adds what others found in other files.
    pub fn merge(&mut self, others: Places) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            own.count = own.count.saturating_add(other.count);
            merge(&mut own.places, other.places);
            merge(&mut own.exercised, other.exercised);
        }
    }
}

/// The first of both: each is in order.
fn merge<T: Ord>(own: &mut Vec<T>, other: Vec<T>) {
    own.extend(other);
    own.sort_unstable();
    own.truncate(MOST_PLACES);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: u32, line: u32) -> Place {
        Place {
            file,
            line,
            id: 0,
            by: By::Name,
        }
    }

    #[test]
    fn an_assertion_counts_once_and_the_first_places_are_kept() {
        let (mut a, mut b) = (Places::new(1), Places::new(1));
        assert!(a.assert(0, place(0, 1), 1));
        assert!(!a.assert(0, place(0, 1), 1));
        assert!(!a.assert(0, place(0, 2), 2));
        assert!(a.assert(0, place(2, 1), 3));
        for line in 0..50 {
            b.assert(0, place(1, line), line + 1);
            b.exercise(0, 1);
        }
        a.exercise(0, 5);
        a.merge(b);
        let tested = a.of(0).unwrap();
        assert_eq!(tested.count, 53);
        assert_eq!(tested.places.len(), MOST_PLACES);
        assert_eq!(tested.places[..3], [place(0, 1), place(0, 2), place(1, 0)]);
        assert_eq!(tested.exercised, [1, 5]);
    }
}
