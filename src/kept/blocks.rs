//! Blocks: values that are kept as one piece, compressed in memory or in a frame on disk.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::budget::Reservation;
use crate::spill::{Frame, Packed, SpillError, SpillFile, SpillPlace, SpillStats};

/// Number of a block.
pub type BlockId = u32;

/// Unpacked blocks that are kept for the next questions.
const CACHED: usize = 8;

/// What a block costs beside its bytes and 4 bytes for each member.
const BLOCK: u64 = 120;

/// Values as one piece.
pub struct Block {
    /// The entries whose values it holds, in order; those that have another value now do not count.
    pub members: Vec<u32>,
    /// How many of the members still have their value here.
    pub live: usize,
    /// When it was made.
    pub made: u64,
    at: At,
}

enum At {
    Memory { bytes: Box<[u8]>, raw: usize },
    Disk(Frame),
}

impl Block {
    /// Whether it is on disk.
    pub fn on_disk(&self) -> bool {
        matches!(self.at, At::Disk(_))
    }
}

/// All blocks of one store, and the file for those on disk.
pub struct Blocks {
    blocks: Vec<Option<Block>>,
    free: Vec<BlockId>,
    file: Option<SpillFile>,
    place: SpillPlace,
    cache: VecDeque<(BlockId, Arc<Vec<u8>>)>,
    reserved: Reservation,
    /// Bytes of blocks in memory: as they are kept, and unpacked.
    packed: (u64, u64),
}

impl Blocks {
    /// No blocks; the file is made when the first goes to disk.
    pub fn new(place: SpillPlace, reserved: Reservation) -> Self {
        Self {
            blocks: Vec::new(),
            free: Vec::new(),
            file: None,
            place,
            cache: VecDeque::new(),
            reserved,
            packed: (0, 0),
        }
    }

    /// The block of this number.
    pub fn get(&self, id: BlockId) -> Option<&Block> {
        self.blocks.get(id as usize)?.as_ref()
    }

    /// The same, to change its members.
    pub fn get_mut(&mut self, id: BlockId) -> Option<&mut Block> {
        self.blocks.get_mut(id as usize)?.as_mut()
    }

    /// Keeps `raw` compressed in memory.
    pub fn keep(&mut self, members: Vec<u32>, raw: &[u8], made: u64) -> BlockId {
        let packed = Packed::new(raw).into_bytes().into_boxed_slice();
        self.packed.0 += packed.len() as u64;
        self.packed.1 += raw.len() as u64;
        self.reserved.grow(packed.len() as u64);
        let at = At::Memory {
            bytes: packed,
            raw: raw.len(),
        };
        self.add(members, at, made)
    }

    /// Writes `raw` to disk; [`Self::on_disk`] makes a block of it.
    pub fn write(&mut self, raw: &[u8], compress: bool) -> Result<Frame, SpillError> {
        let packed = if compress { Packed::new(raw) } else { Packed::plain(raw) };
        self.file()?.append_packed(&packed)
    }

    /// A block of what was written.
    pub fn on_disk(&mut self, members: Vec<u32>, frame: Frame, made: u64) -> BlockId {
        self.add(members, At::Disk(frame), made)
    }

    /// Moves a block that is in memory to disk.
    pub fn move_out(&mut self, id: BlockId) -> Result<(), SpillError> {
        self.file()?;
        let block = self.blocks.get_mut(id as usize).and_then(Option::as_mut);
        let (Some(file), Some(block)) = (&self.file, block) else {
            return Ok(());
        };
        let At::Memory { bytes, raw } = &block.at else {
            return Ok(());
        };
        let frame = file.append_packed(&Packed::from_parts(bytes, *raw))?;
        let (kept, raw) = (bytes.len() as u64, *raw as u64);
        block.at = At::Disk(frame);
        self.left_memory(kept, raw);
        Ok(())
    }

    /// What a block holds, unpacked.
    pub fn raw(&mut self, id: BlockId) -> Result<Arc<Vec<u8>>, SpillError> {
        if let Some((_, raw)) = self.cache.iter().find(|(cached, _)| *cached == id) {
            return Ok(raw.clone());
        }
        let mut into = Vec::new();
        match (self.get(id).map(|block| &block.at), &self.file) {
            (Some(At::Disk(frame)), Some(file)) => file.read(frame, &mut into)?,
            // Packed a moment ago by this very process.
            (Some(At::Memory { bytes, raw }), _) => drop(Packed::from_parts(bytes, *raw).unpack(&mut into)),
            _ => {}
        }
        let raw = Arc::new(into);
        self.remember(id, &raw);
        Ok(raw)
    }

    /// Forgets a block and frees what it takes.
    pub fn forget(&mut self, id: BlockId) {
        let Some(block) = self.blocks.get_mut(id as usize).and_then(Option::take) else {
            return;
        };
        self.uncache(id);
        self.free.push(id);
        self.reserved.shrink(BLOCK + 4 * block.members.capacity() as u64);
        match block.at {
            At::Memory { bytes, raw } => self.left_memory(bytes.len() as u64, raw as u64),
            At::Disk(frame) => {
                if let Some(file) = &self.file {
                    file.free(frame);
                }
            }
        }
    }

    /// Forgets unpacked blocks; whether there were any.
    pub fn drop_cache(&mut self) -> bool {
        let any = !self.cache.is_empty();
        while let Some((id, _)) = self.cache.front() {
            self.uncache(*id);
        }
        any
    }

    /// What the file holds.
    pub fn disk(&self) -> SpillStats {
        self.file.as_ref().map(SpillFile::stats).unwrap_or_default()
    }

    /// Bytes of blocks in memory: as they are kept, and unpacked.
    pub fn packed(&self) -> (u64, u64) {
        self.packed
    }

    /// Calls `change` for the members of every block.
    pub fn renumber(&mut self, change: impl Fn(u32) -> u32) {
        for block in self.blocks.iter_mut().flatten() {
            block.members.iter_mut().for_each(|id| *id = change(*id));
        }
    }

    fn add(&mut self, members: Vec<u32>, at: At, made: u64) -> BlockId {
        self.reserved.grow(BLOCK + 4 * members.capacity() as u64);
        let block = Some(Block {
            live: members.len(),
            members,
            made,
            at,
        });
        if let Some(id) = self.free.pop()
            && let Some(slot) = self.blocks.get_mut(id as usize)
        {
            *slot = block;
            return id;
        }
        self.blocks.push(block);
        (self.blocks.len() - 1) as BlockId
    }

    fn file(&mut self) -> Result<&SpillFile, SpillError> {
        let file = match self.file.take() {
            Some(file) => file,
            None => SpillFile::create(&self.place, false)?,
        };
        Ok(self.file.insert(file))
    }

    fn left_memory(&mut self, kept: u64, raw: u64) {
        self.reserved.shrink(kept);
        self.packed.0 -= kept;
        self.packed.1 -= raw;
    }

    fn remember(&mut self, id: BlockId, raw: &Arc<Vec<u8>>) {
        if self.cache.len() >= CACHED
            && let Some((oldest, _)) = self.cache.front()
        {
            self.uncache(*oldest);
        }
        // No room: the next question unpacks it again.
        if self.reserved.try_grow(raw.len() as u64).is_ok() {
            self.cache.push_back((id, raw.clone()));
        }
    }

    fn uncache(&mut self, id: BlockId) {
        if let Some(at) = self.cache.iter().position(|(cached, _)| *cached == id)
            && let Some((_, raw)) = self.cache.remove(at)
        {
            self.reserved.shrink(raw.len() as u64);
        }
    }
}
