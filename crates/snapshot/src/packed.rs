//! A row of a relation in 32 bytes, with what few rows have apart.

use std::hash::{BuildHasher, RandomState};

use model::entity::EntityId;
use model::resolution::RelationWrite;

/// No place, no entity.
pub const NONE: u32 = u32::MAX;
/// No instant.
pub const NEVER: i64 = i64::MIN;

/// Who states a row: nobody, one of its ends, or another entity, which is in its rest.
pub const BY_NOBODY: u8 = 0;
const BY_FROM: u8 = 1;
const BY_TO: u8 = 2;
const BY_OTHER: u8 = 3;

/// A row. An empty place has no near end.
#[derive(Debug, Clone, Copy)]
pub struct Packed {
    pub from: u32,
    pub to: u32,
    /// Place of what it says.
    pub said: u32,
    /// Place of the instant at which it was seen.
    pub seen: u32,
    pub valid_from: i64,
    pub kind: u8,
    pub evidence: u8,
    pub by: u8,
    /// Place of its rest, which few have; `NONE` otherwise.
    pub rest: u32,
}

/// What few rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    pub statement: u64,
    pub valid_to: i64,
    pub stated_by: u32,
}

impl Rest {
    /// The rest of a row that has none.
    pub const NOTHING: Self = Self { statement: 0, valid_to: NEVER, stated_by: NONE };

    /// The rest of a row as it is written.
    pub fn of(write: &RelationWrite) -> Self {
        let by = write.stated_by.filter(|_| stated(write) == BY_OTHER);
        Self {
            statement: write.statement,
            valid_to: write.valid_to.map_or(NEVER, |at| at.0),
            stated_by: by.map_or(NONE, place_of),
        }
    }
}

/// The rests of all rows.
#[derive(Debug, Default)]
pub struct Rests {
    all: Vec<Rest>,
    /// Places that are not used.
    free: Vec<u32>,
}

impl Rests {
    /// The rest at a place.
    pub fn get(&self, place: u32) -> Rest {
        self.all.get(place as usize).copied().unwrap_or(Rest::NOTHING)
    }

    /// Keeps a rest; `held` is the place that its row had for it. Gives the place it has now.
    pub fn keep(&mut self, rest: Rest, held: u32) -> u32 {
        if rest == Rest::NOTHING {
            self.let_go(held);
            return NONE;
        }
        let place = Some(held).filter(|held| *held != NONE).or_else(|| self.free.pop());
        let old = place.and_then(|place| Some((place, self.all.get_mut(place as usize)?)));
        if let Some((place, old)) = old {
            *old = rest;
            return place;
        }
        let place = u32::try_from(self.all.len()).expect("there is at most one for each row");
        self.all.push(rest);
        place
    }

    /// A row that is gone needs its place no more.
    pub fn let_go(&mut self, place: u32) {
        self.free.extend((place != NONE).then_some(place));
    }
}

impl Packed {
    /// The entity whose record states it.
    pub fn stated_by(&self, rest: Rest) -> Option<EntityId> {
        match self.by {
            BY_FROM => Some(entity(self.from)),
            BY_TO => Some(entity(self.to)),
            BY_OTHER => Some(entity(rest.stated_by)),
            _ => None,
        }
    }

    /// What tells it from other rows, beside its source.
    pub fn key(&self, rests: &Rests) -> Key {
        let rest = rests.get(self.rest);
        let by = self.stated_by(rest).map_or(NONE, place_of);
        (self.from, self.kind, self.to, self.evidence, by, rest.statement)
    }
}

/// What tells one statement of a relation from another, beside its source: near end, kind, far end,
/// evidence, who states it and the statement.
pub type Key = (u32, u8, u32, u8, u32, u64);

/// The key of a row as it is written.
pub fn key_of(write: &RelationWrite) -> Key {
    let by = write.stated_by.map_or(NONE, place_of);
    let (from, to) = (place_of(write.from), place_of(write.to));
    (from, write.kind.code(), to, write.evidence.code(), by, write.statement)
}

/// Hash of a key and its source.
pub fn hash_of(hasher: &RandomState, key: &Key, source: &str) -> u64 {
    hasher.hash_one((key, source))
}

/// Who states a row.
pub fn stated(write: &RelationWrite) -> u8 {
    match write.stated_by {
        None => BY_NOBODY,
        Some(by) if by == write.from => BY_FROM,
        Some(by) if by == write.to => BY_TO,
        Some(_) => BY_OTHER,
    }
}

/// An id as a row holds it.
pub fn place_of(id: EntityId) -> u32 {
    u32::try_from(id.0).ok().filter(|id| *id != NONE).expect("ids are counted up from one")
}

/// The id that a row holds.
pub fn entity(place: u32) -> EntityId {
    EntityId(u64::from(place))
}
