//! The statements that make objects, by file and line: what a coverage of lines can show of a schema.

use std::collections::BTreeMap;

use super::coverage::{Coverage, Object, State};

/// A file of statements.
#[derive(Default)]
pub struct File<'c> {
    /// Its lines that make objects, in order.
    pub lines: BTreeMap<u64, Line<'c>>,
}

/// The first line of statements, and what they make.
#[derive(Default)]
pub struct Line<'c> {
    /// The objects, in the order of the document.
    pub objects: Vec<&'c Object>,
}

/// How many of something are covered.
#[derive(Clone, Copy, Default)]
pub struct Rate {
    /// Covered ones.
    pub covered: u64,
    /// All.
    pub all: u64,
}

impl std::ops::AddAssign for Rate {
    fn add_assign(&mut self, other: Self) {
        self.covered += other.covered;
        self.all += other.all;
    }
}

impl Rate {
    /// From 0 to 1; 1 when there is nothing to cover.
    pub fn value(self) -> f64 {
        if self.all == 0 {
            return 1.0;
        }
        self.covered as f64 / self.all as f64
    }
}

/// How often tests come to an object: assertions about it and files that exercise it.
pub fn hits(object: &Object) -> u64 {
    match object.state {
        State::Untested => 0,
        _ => (object.assertion_count + object.exercised_in.len() as u64).max(1),
    }
}

impl Line<'_> {
    /// How often tests come to any of its objects.
    pub fn hits(&self) -> u64 {
        self.objects.iter().map(|object| hits(object)).sum()
    }

    /// Its objects as branches; none when there is one object, for then the line says it all.
    pub fn branches(&self) -> Rate {
        if self.objects.len() < 2 {
            return Rate::default();
        }
        let covered = self.objects.iter().filter(|object| hits(object) > 0).count() as u64;
        let all = self.objects.len() as u64;
        Rate { covered, all }
    }
}

impl File<'_> {
    /// Its lines.
    pub fn line_rate(&self) -> Rate {
        let covered = self.lines.values().filter(|line| line.hits() > 0).count() as u64;
        let all = self.lines.len() as u64;
        Rate { covered, all }
    }

    /// The branches of its lines.
    pub fn branch_rate(&self) -> Rate {
        let mut sum = Rate::default();
        self.lines.values().for_each(|line| sum += line.branches());
        sum
    }
}

/// The files in order of their paths. Objects without a known statement are in none.
pub fn by_file(coverage: &Coverage) -> BTreeMap<&str, File<'_>> {
    let mut files: BTreeMap<&str, File> = BTreeMap::new();
    for object in &coverage.objects {
        let Some(origin) = &object.origin else { continue };
        let file = files.entry(&origin.file).or_default();
        file.lines.entry(origin.line).or_default().objects.push(object);
    }
    files
}
