//! Texts kept once in large pieces of memory, each known by a small number.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use hashbrown::HashTable;

use super::file::{Frames, Part, Unusable};
use super::slab::Slab;

/// Bytes of one piece of memory.
const PIECE: usize = 1 << 20;

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    piece: u32,
    start: u32,
    len: u32,
}

/// Text without end: pieces of memory that are never moved.
#[derive(Debug, Default)]
pub struct Arena {
    pieces: Vec<String>,
}

impl Arena {
    /// Puts a text at the end.
    pub fn add(&mut self, text: &str) -> Span {
        let has_room = |piece: &String| piece.capacity() - piece.len() >= text.len();
        if !self.pieces.last().is_some_and(has_room) {
            self.pieces.push(String::with_capacity(PIECE.max(text.len())));
        }
        let place = self.pieces.len().saturating_sub(1);
        let piece = self.pieces.last_mut().expect("there is one with room");
        let start = piece.len();
        piece.push_str(text);
        let number = |size: usize| u32::try_from(size).expect("a text is shorter than 4 GiB");
        Span { piece: number(place), start: number(start), len: number(text.len()) }
    }

    /// The text at a span that [`Arena::add`] gave.
    pub fn get(&self, span: Span) -> &str {
        let (start, end) = (span.start as usize, span.start as usize + span.len as usize);
        self.pieces.get(span.piece as usize).and_then(|piece| piece.get(start..end)).unwrap_or("")
    }
}

/// Places by hash: each is kept with half of its hash, so that a table that grows need not look at
/// what is there.
#[derive(Debug, Default)]
pub struct Places {
    table: HashTable<(u32, u32)>,
    // Keyed, so that no input can make a long chain.
    hasher: RandomState,
}

impl Places {
    /// Half of the hash of a text.
    pub fn hash(&self, text: &str) -> u32 {
        (self.hasher.hash_one(text) >> 32) as u32
    }

    /// The place with a hash that is the wanted one.
    pub fn find(&self, hash: u32, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let found = self.table.find(spread(hash), |one| one.0 == hash && is_it(one.1));
        found.map(|one| one.1)
    }

    /// Makes room for so many more.
    pub fn reserve(&mut self, count: usize) {
        self.table.reserve(count, |one| spread(one.0));
    }

    /// Adds a place that is not there.
    pub fn insert(&mut self, hash: u32, place: u32) {
        self.table.insert_unique(spread(hash), (hash, place), |one| spread(one.0));
    }
}

/// The table takes its buckets from the low bits and its tags from the high ones.
fn spread(hash: u32) -> u64 {
    u64::from(hash) << 32 | u64::from(hash)
}

/// Every different text once.
#[derive(Debug, Default)]
pub struct Texts {
    arena: Arena,
    spans: Slab<Span>,
    places: Places,
}

impl Texts {
    /// The text with a number that [`Texts::place`] gave.
    pub fn get(&self, place: u32) -> &str {
        self.spans.get(place as usize).map_or("", |span| self.arena.get(*span))
    }

    /// The number of a text, which is kept from now on.
    pub fn place(&mut self, text: &str) -> u32 {
        let hash = self.places.hash(text);
        if let Some(place) = self.places.find(hash, |place| self.get(place) == text) {
            return place;
        }
        let place = u32::try_from(self.spans.len()).expect("memory holds fewer texts than 2^32");
        self.spans.push(self.arena.add(text));
        self.places.insert(hash, place);
        place
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Writes them as items of a kind.
    pub fn put(&self, part: &mut Part<'_>, kind: u32) -> io::Result<()> {
        self.spans
            .iter()
            .try_for_each(|span| part.item(kind, |out| out.text(self.arena.get(*span))))
    }

    /// Reads so many items of a kind.
    pub fn take(frames: &mut Frames<impl Read>, kind: u32, count: usize) -> Result<Self, Unusable> {
        let mut texts = Self::default();
        texts.places.reserve(count);
        frames.items(kind, |input| {
            let text = input.text()?;
            let place = texts.spans.len() as u32;
            texts.places.insert(texts.places.hash(text), place);
            texts.spans.push(texts.arena.add(text));
            Ok(())
        })?;
        Ok(texts)
    }
}
