//! Rows of relations in memory: a slab, found by key and from both ends.

use std::collections::HashMap;
use std::sync::Arc;

use model::entity::EntityId;
use model::kind::{Evidence, RelationKind};
use model::resolution::RelationWrite;

/// What tells one statement of a relation from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeKey {
    pub from: EntityId,
    pub kind: RelationKind,
    pub to: EntityId,
    pub evidence: Evidence,
    pub source: Arc<str>,
    pub stated_by: Option<EntityId>,
    pub statement: u64,
}

impl EdgeKey {
    pub fn of(row: &RelationWrite) -> Self {
        Self {
            from: row.from,
            kind: row.kind,
            to: row.to,
            evidence: row.evidence,
            source: Arc::from(row.source.as_str()),
            stated_by: row.stated_by,
            statement: row.statement,
        }
    }
}

/// The rows. A place in the slab that was taken back is `None` and is not used again.
#[derive(Debug, Default)]
pub struct Edges {
    rows: Vec<Option<RelationWrite>>,
    by_key: HashMap<EdgeKey, Vec<u32>>,
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

    /// Places of the rows of one key.
    fn places(&self, key: &EdgeKey) -> &[u32] {
        self.by_key.get(key).map_or(&[], Vec::as_slice)
    }

    /// Whether the row would change anything, and whether more than when it was last seen.
    pub fn difference(&self, write: &RelationWrite) -> Difference {
        let held = self.places(&EdgeKey::of(write)).iter().find_map(|place| {
            let row = self.row(*place)?;
            is_same_period(row, write).then_some(row)
        });
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
        let key = EdgeKey::of(write);
        let held = self
            .places(&key)
            .iter()
            .copied()
            .find(|place| self.row(*place).is_some_and(|row| is_same_period(row, write)));
        let taken_back = write.valid_to == Some(write.valid_from);
        match held {
            None if taken_back => Effect::None,
            None => {
                let place = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
                self.rows.push(Some(write.clone()));
                self.by_key.entry(key).or_default().push(place);
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
        let key = EdgeKey::of(&row);
        if let Some(places) = self.by_key.get_mut(&key) {
            places.retain(|one| *one != place);
            if places.is_empty() {
                self.by_key.remove(&key);
            }
        }
        Some(row)
    }

    /// Every row, in order of place.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &RelationWrite)> {
        (0..).zip(&self.rows).filter_map(|(place, row)| Some((place, row.as_ref()?)))
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
