//! The references that are kept, found by id, by every key that they try, and by whose record states
//! them.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read};

use hashbrown::HashTable;
use model::entity::EntityId;
use model::resolution::StoredReference;

use super::chain::{Chains, NONE};
use super::coding::{self, Beginning};
use crate::estate::Estate;
use crate::file::{Frames, Part, Unusable, kind};
use crate::names::Names;
use crate::slab::Slab;

/// In the list of a link: it is an entity's, not a key's.
const OF_RECORD: u32 = u32::MAX;

/// One reference.
#[derive(Debug)]
struct Held {
    id: u64,
    /// What it says, as [`coding::code`] gave it.
    bytes: Box<[u8]>,
    /// First of its links: the one of the record that states it, then those of its keys.
    links: u32,
}

/// All references.
#[derive(Debug, Default)]
pub struct References {
    held: Slab<Held>,
    /// Places that are not used.
    free: Vec<u32>,
    by_id: HashTable<u32>,
    // Keyed, so that no input can make a long chain.
    hasher: RandomState,
    chains: Chains,
    /// First link of each key's list.
    by_key: Slab<u32>,
    open_count: u64,
}

impl References {
    /// How many lead to nothing or to several things.
    pub fn open_count(&self) -> u64 {
        self.open_count
    }

    /// Places of those that try a key, in no order.
    pub fn on(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        self.chains.iter(self.by_key.get(key as usize).copied().unwrap_or(NONE))
    }

    /// Places of those that an entity's records state, in no order; `first` is what the entity keeps.
    pub fn of_records(&self, first: u32) -> impl Iterator<Item = u32> + '_ {
        self.chains.iter(first)
    }

    /// Places of those that are open, in order of place.
    pub fn open(&self) -> impl Iterator<Item = u32> + '_ {
        let is_open = |held: &Held| !held.bytes.is_empty() && beginning(&held.bytes).is_open();
        (0..).zip(self.held.iter()).filter(move |(_, held)| is_open(held)).map(|(place, _)| place)
    }

    /// The reference at a place.
    pub fn get(&self, names: &Names, place: u32) -> Option<StoredReference> {
        let held = self.held.get(place as usize).filter(|held| !held.bytes.is_empty())?;
        Some(coding::decode(held.id, &held.bytes, names).expect("it is as it was coded"))
    }

    /// Whether a reference with an id is kept.
    pub fn contains(&self, id: u64) -> bool {
        self.find(id).is_some()
    }

    /// Whether exactly this is kept.
    pub fn holds(&self, names: &Names, one: &StoredReference) -> bool {
        self.find(one.id).and_then(|place| self.get(names, place)).as_ref() == Some(one)
    }

    /// The entity whose record states the reference with an id.
    pub fn stated_by(&self, id: u64) -> Option<EntityId> {
        beginning(&self.held[self.find(id)? as usize].bytes).stated_by
    }

    /// Keeps a reference whose id is not kept; `first` is what the entity keeps whose record states it.
    pub fn add(&mut self, names: &mut Names, one: &StoredReference, first: Option<&mut u32>) {
        self.keep(one.id, coding::code(one, names), first);
    }

    fn keep(&mut self, id: u64, bytes: Box<[u8]>, first: Option<&mut u32>) {
        let beginning = beginning(&bytes);
        self.open_count += u64::from(beginning.is_open());
        let keys = beginning.keys;
        let held = Held { id, bytes, links: NONE };
        let place = match self.free.pop() {
            Some(place) => {
                self.held[place as usize] = held;
                place
            }
            None => {
                self.held.push(held);
                u32::try_from(self.held.len() - 1).expect("memory holds fewer than 2^32")
            }
        };
        let mut links = NONE;
        for key in keys {
            let at = key as usize;
            self.by_key.grow(at + 1, || NONE);
            links = self.chains.push(&mut self.by_key[at], key, place, links);
        }
        if let Some(first) = first {
            links = self.chains.push(first, OF_RECORD, place, links);
        }
        self.held[place as usize].links = links;
        let Self { by_id, hasher, held, .. } = self;
        let hash = |place: &u32| hasher.hash_one(held[*place as usize].id);
        by_id.insert_unique(hasher.hash_one(id), place, hash);
    }

    fn find(&self, id: u64) -> Option<u32> {
        let is_it = |place: &u32| self.held[*place as usize].id == id;
        self.by_id.find(self.hasher.hash_one(id), is_it).copied()
    }

    /// Lets the reference with an id go; `first` is what the entity keeps whose record states it.
    pub fn remove(&mut self, id: u64, first: Option<&mut u32>) {
        let Self { by_id, hasher, held, .. } = self;
        let is_it = |place: &u32| held[*place as usize].id == id;
        let Ok(entry) = by_id.find_entry(hasher.hash_one(id), is_it) else { return };
        let (place, _) = entry.remove();
        let gone = &mut held[place as usize];
        let bytes = std::mem::take(&mut gone.bytes);
        self.open_count -= u64::from(beginning(&bytes).is_open());
        let mut link = std::mem::replace(&mut gone.links, NONE);
        let mut of_record = first;
        while let Some(removed) = self.chains.remove(link) {
            link = removed.sibling;
            let kept = match removed.list {
                OF_RECORD => of_record.as_deref_mut(),
                key => self.by_key.get_mut(key as usize),
            };
            if let (Some(kept), Some(first)) = (kept, removed.first) {
                *kept = first;
            }
        }
        self.free.push(place);
    }

    /// What the records of one entity state is stated by those of another.
    pub fn join(&mut self, first: u32, into: &mut u32) {
        self.chains.join(first, into);
    }

    /// Writes them, in order of id.
    pub fn put(&self, part: &mut Part<'_>) -> io::Result<()> {
        let mut all: Vec<&Held> = self.held.iter().filter(|held| !held.bytes.is_empty()).collect();
        all.sort_unstable_by_key(|held| held.id);
        part.item(kind::REFERENCE_COUNT, |out| out.number(all.len() as u64))?;
        all.into_iter().try_for_each(|held| {
            part.item(kind::REFERENCE, |out| {
                out.bits(held.id);
                out.some_bytes(&held.bytes);
            })
        })
    }

    /// Reads them into the lists of an estate's entities.
    pub fn take(frames: &mut Frames<impl Read>, estate: &mut Estate) -> Result<Self, Unusable> {
        let count = frames.item(kind::REFERENCE_COUNT, |input| input.count())?;
        let mut references = Self::default();
        references.by_id.reserve(count, |_| unreachable!("nothing is there yet"));
        frames.items(kind::REFERENCE, |input| {
            let (id, bytes) = (input.bits()?, input.some_bytes()?);
            coding::check(bytes)?;
            let by = beginning(bytes).stated_by.map(|by| estate.resolve(by));
            let entity = by.and_then(|by| estate.entities.get_mut(&by));
            references.keep(id, bytes.into(), entity.map(|entity| &mut entity.references));
            Ok(())
        })?;
        let is_whole = references.held.len() == count;
        is_whole.then_some(references).ok_or(kind::CUT)
    }
}

/// The beginning of bytes that are kept.
fn beginning(bytes: &[u8]) -> Beginning<'_> {
    coding::beginning(bytes).expect("it is as it was coded")
}
