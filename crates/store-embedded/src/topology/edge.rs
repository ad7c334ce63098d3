//! Rows of relations in memory: a slab, found by key and from both ends.

use std::collections::{BTreeSet, HashMap};
use std::hash::BuildHasher;

use model::entity::EntityId;
use model::resolution::RelationWrite;

/// No place.
const NONE: u32 = u32::MAX;

/// The rows. A place in the slab that was taken back is `None` and is not used again.
#[derive(Debug, Default)]
pub struct Edges {
    rows: Vec<Option<RelationWrite>>,
    /// First place of the rows whose key has a hash; the others follow in `next`. Hashes are keyed,
    /// so that no input can make a long chain.
    by_hash: HashMap<u64, u32>,
    next: Vec<u32>,
    /// Rows that a record states about two other entities, by the record's entity.
    stated: HashMap<EntityId, BTreeSet<u32>>,
}

/// Whether two rows are statements of one relation by one record.
fn is_same_key(a: &RelationWrite, b: &RelationWrite) -> bool {
    (a.from, a.kind, a.to, a.evidence, a.stated_by, a.statement)
        == (b.from, b.kind, b.to, b.evidence, b.stated_by, b.statement)
        && a.source == b.source
}

/// The entity that states a row about two others.
fn stated_elsewhere(row: &RelationWrite) -> Option<EntityId> {
    row.stated_by.filter(|by| *by != row.from && *by != row.to)
}

/// What a row did to the slab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// At a new place.
    Added(u32),
    /// What was at the place is replaced.
    Replaced,
    /// The place is empty now.
    TakenBack(u32),
    /// Nothing.
    None,
}

impl Edges {
    /// The row at a place.
    pub fn row(&self, place: u32) -> Option<&RelationWrite> {
        self.rows.get(place as usize)?.as_ref()
    }

    fn hash(&self, row: &RelationWrite) -> u64 {
        let key = (row.from, row.kind, row.to, row.evidence, row.stated_by, row.statement);
        self.by_hash.hasher().hash_one((key, row.source.as_str()))
    }

    /// Place of the row that is one with a write.
    fn place(&self, write: &RelationWrite) -> Option<u32> {
        let mut next = self.by_hash.get(&self.hash(write)).copied();
        while let Some(place) = next.filter(|place| *place != NONE) {
            let held = self.row(place);
            if held.is_some_and(|held| is_same_key(held, write) && is_same_period(held, write)) {
                return Some(place);
            }
            next = self.next.get(place as usize).copied();
        }
        None
    }

    /// Places of the rows that an entity's records state about two others, in order.
    pub fn stated_elsewhere(&self, by: EntityId) -> Vec<u32> {
        self.stated.get(&by).into_iter().flatten().copied().collect()
    }

    /// Whether the row would change anything, and whether more than when it was last seen.
    pub fn difference(&self, write: &RelationWrite) -> Difference {
        let held = self.place(write).and_then(|place| self.row(place));
        let taken_back = write.valid_to == Some(write.valid_from);
        match held {
            None if taken_back => Difference::Nothing,
            None => Difference::New,
            Some(_) if taken_back => Difference::Changed,
            Some(held) => {
                let next = folded(held, write);
                if next == *held {
                    return Difference::Nothing;
                }
                let seen = RelationWrite { seen_at: next.seen_at, ..held.clone() };
                if seen == next { Difference::Seen } else { Difference::Changed }
            }
        }
    }

    /// Takes a row in.
    pub fn apply(&mut self, write: &RelationWrite) -> Effect {
        let held = self.place(write);
        let taken_back = write.valid_to == Some(write.valid_from);
        match held {
            None if taken_back => Effect::None,
            None => {
                let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                let hash = self.hash(write);
                self.next.push(self.by_hash.insert(hash, place).unwrap_or(NONE));
                if let Some(by) = stated_elsewhere(write) {
                    self.stated.entry(by).or_default().insert(place);
                }
                self.rows.push(Some(write.clone()));
                Effect::Added(place)
            }
            Some(place) if taken_back => {
                self.remove(place);
                Effect::TakenBack(place)
            }
            Some(place) => {
                if let Some(Some(row)) = self.rows.get_mut(place as usize) {
                    *row = folded(row, write);
                }
                Effect::Replaced
            }
        }
    }

    /// Takes a row out, to be put in again under other ends.
    pub fn remove(&mut self, place: u32) -> Option<RelationWrite> {
        let row = self.rows.get_mut(place as usize)?.take()?;
        let hash = self.hash(&row);
        let after = self.next.get(place as usize).copied().unwrap_or(NONE);
        match self.by_hash.get(&hash).copied() {
            Some(first) if first == place && after == NONE => {
                self.by_hash.remove(&hash);
            }
            Some(first) if first == place => {
                self.by_hash.insert(hash, after);
            }
            first => {
                let mut before = first;
                while let Some(link) = before.and_then(|one| self.next.get_mut(one as usize)) {
                    if *link == place {
                        *link = after;
                        break;
                    }
                    before = Some(*link);
                }
            }
        }
        if let Some(by) = stated_elsewhere(&row)
            && let Some(places) = self.stated.get_mut(&by)
        {
            places.remove(&place);
            if places.is_empty() {
                self.stated.remove(&by);
            }
        }
        Some(row)
    }
}

/// How a write differs from what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Not at all.
    Nothing,
    /// Only by when it was last seen.
    Seen,
    /// By more.
    Changed,
    /// Nothing is held.
    New,
}

/// Whether two rows of one key are one row: a row of its own always, a stated one by its start.
fn is_same_period(held: &RelationWrite, write: &RelationWrite) -> bool {
    held.stated_by.is_none() || held.valid_from == write.valid_from
}

/// The row after a write. A stated row is replaced; of a row of its own the start is the least, the
/// newest sighting the greatest, the rest of the newest, ties by what it says.
fn folded(held: &RelationWrite, write: &RelationWrite) -> RelationWrite {
    if held.stated_by.is_some() {
        return write.clone();
    }
    let rank = |row: &RelationWrite| {
        (
            row.seen_at,
            row.need,
            format!("{:?}{}{:?}{:?}", row.need_source, row.rule, row.confidence, row.properties),
        )
    };
    let mut next = if rank(write) >= rank(held) { write.clone() } else { held.clone() };
    next.valid_from = held.valid_from.min(write.valid_from);
    next
}
