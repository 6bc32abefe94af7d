//! Where items of a list lie in the file, so that single ones can be read again.

/// The offset of each `every`-th item.
#[derive(Debug)]
pub struct Marks {
    every: u32,
    offsets: Vec<u64>,
}

impl Marks {
    /// Marks each `every`-th item.
    pub fn new(every: u32) -> Self {
        Self {
            every: every.max(1),
            offsets: Vec::new(),
        }
    }

    /// Told of each item in turn.
    pub fn pass(&mut self, item: u32, offset: u64) {
        if item.is_multiple_of(self.every) {
            self.offsets.push(offset);
        }
    }

    /// A marked item at or before this one, the nearest, and where it lies.
    pub fn before(&self, item: u32) -> Option<(u32, u64)> {
        let at = item / self.every;
        let offset = *self.offsets.get(at as usize)?;
        Some((at * self.every, offset))
    }
}
