//! Lists of places in blocks of one slab: a list costs its holder two words, and an entity with few
//! relations one block.

use std::io::{self, Read};

use super::file::{Frames, In, Out, Part, Unusable, kind};
use super::slab::Slab;

/// No block.
const NONE: u32 = u32::MAX;
/// Places in a block, which with the link to the next fill half a cache line.
const BLOCK: u32 = 7;

#[derive(Debug, Clone, Copy)]
struct Block {
    places: [u32; BLOCK as usize],
    next: u32,
}

/// One list; its places are in [`Lists`], in no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// The block that may have room; the others, which it links to, are full.
    first: u32,
    len: u32,
}

impl Default for List {
    fn default() -> Self {
        Self { first: NONE, len: 0 }
    }
}

impl List {
    /// How many places it has.
    pub fn len(self) -> usize {
        self.len as usize
    }

    /// Adds it to what is written.
    pub fn put(self, out: &mut Out) {
        out.place(self.first);
        out.number(u64::from(self.len));
    }

    /// One that was written.
    pub fn take(input: &mut In<'_>) -> Result<Self, Unusable> {
        Ok(Self { first: input.place()?, len: input.count()? as u32 })
    }
}

/// The blocks of all lists.
#[derive(Debug)]
pub struct Lists {
    blocks: Slab<Block>,
    /// First block that is not used.
    free: u32,
}

impl Default for Lists {
    fn default() -> Self {
        Self { blocks: Slab::default(), free: NONE }
    }
}

impl Lists {
    /// Adds a place.
    pub fn push(&mut self, list: &mut List, place: u32) {
        let at = list.len % BLOCK;
        if at == 0 {
            list.first = self.block(list.first);
        }
        if let Some(block) = self.blocks.get_mut(list.first as usize) {
            block.places[at as usize] = place;
        }
        list.len += 1;
    }

    /// Takes a place out, once. O(places).
    pub fn remove(&mut self, list: &mut List, place: u32) {
        let mut block = list.first;
        let mut count = filled(list.len);
        while let Some(held) = self.blocks.get(block as usize) {
            let next = held.next;
            let found = held.places.iter().take(count).position(|one| *one == place);
            if let Some(at) = found {
                self.replace_by_last(list, block, at);
                return;
            }
            (block, count) = (next, BLOCK as usize);
        }
    }

    fn replace_by_last(&mut self, list: &mut List, block: u32, at: usize) {
        let last_at = filled(list.len).saturating_sub(1);
        let Some(first) = self.blocks.get(list.first as usize).copied() else { return };
        if let Some(block) = self.blocks.get_mut(block as usize) {
            block.places[at] = first.places[last_at];
        }
        list.len -= 1;
        if last_at == 0 {
            let emptied = std::mem::replace(&mut list.first, first.next);
            if let Some(block) = self.blocks.get_mut(emptied as usize) {
                block.next = std::mem::replace(&mut self.free, emptied);
            }
        }
    }

    /// Gives a list's blocks back.
    pub fn clear(&mut self, list: &mut List) {
        while let Some(block) = self.blocks.get_mut(list.first as usize) {
            let next = std::mem::replace(&mut block.next, self.free);
            self.free = std::mem::replace(&mut list.first, next);
        }
        *list = List::default();
    }

    /// The places of a list.
    pub fn iter(&self, list: List) -> Places<'_> {
        Places { lists: self, block: list.first, at: 0, count: filled(list.len) }
    }

    /// A block that links to another.
    fn block(&mut self, next: u32) -> u32 {
        let block = Block { places: [0; BLOCK as usize], next };
        if let Some(free) = self.blocks.get_mut(self.free as usize) {
            let place = std::mem::replace(&mut self.free, free.next);
            *free = block;
            return place;
        }
        let place = u32::try_from(self.blocks.len()).ok().filter(|place| *place != NONE);
        self.blocks.push(block);
        place.expect("the blocks of fewer than 2^32 rows are fewer than 2^32")
    }

    /// Writes the blocks.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        part.item(kind::LIST, |out| {
            out.number(self.blocks.len() as u64);
            out.place(self.free);
        })?;
        for blocks in self.blocks.pieces() {
            part.item(kind::BLOCK, |out| {
                out.number(blocks.len() as u64);
                for place in 0..BLOCK as usize {
                    out.column(blocks.iter().map(|block| u64::from(block.places[place])));
                }
                out.column(blocks.iter().map(|block| u64::from(block.next.wrapping_add(1))));
            })?;
        }
        Ok(())
    }

    /// Reads the blocks.
    pub fn take(frames: &mut Frames<impl Read>) -> Result<Self, Unusable> {
        let (count, free) =
            frames.item(kind::LIST, |input| Ok((input.count()?, input.place()?)))?;
        let mut lists = Self { blocks: Slab::default(), free };
        let mut columns = [const { Vec::new() }; BLOCK as usize + 1];
        frames.items(kind::BLOCK, |input| {
            let count = input.count()?;
            columns.iter_mut().try_for_each(|column| input.column(count, column))?;
            let [places @ .., next] = &columns;
            lists.blocks.extend((0..count).map(|at| Block {
                places: places.each_ref().map(|column| column[at] as u32),
                next: (next[at] as u32).wrapping_sub(1),
            }));
            Ok(())
        })?;
        (lists.blocks.len() == count).then_some(lists).ok_or(kind::CUT)
    }
}

/// Places in the first block of a list with so many.
fn filled(len: u32) -> usize {
    if len == 0 { 0 } else { ((len - 1) % BLOCK + 1) as usize }
}

/// The places of one list.
#[derive(Debug, Clone)]
pub struct Places<'a> {
    lists: &'a Lists,
    block: u32,
    at: usize,
    count: usize,
}

impl Iterator for Places<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            let block = self.lists.blocks.get(self.block as usize)?;
            if self.at < self.count {
                self.at += 1;
                return block.places.get(self.at - 1).copied();
            }
            (self.block, self.at, self.count) = (block.next, 0, BLOCK as usize);
        }
    }
}
