//! The graph of an estate at one version as immutable dense arrays: ordinals instead of ids, strings
//! in an arena, relations as compressed rows. `builder` makes it from rows in any order, `file` keeps
//! it on disk. It speaks to no server and answers no question.

pub mod arena;
pub mod builder;
pub mod file;

use graph::Csr;
use model::entity::EntityId;
use model::kind::EntityKind;

pub use arena::Arena;
pub use builder::{Builder, SnapshotError};

/// A snapshot. An entity's ordinal is its place in order of (kind, canonical id): entities of one kind
/// are neighbours, and a whole-graph algorithm walks memory mostly in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Version of the store that it shows.
    pub version: u64,
    /// Kind of each entity, by ordinal.
    pub kinds: Vec<EntityKind>,
    /// Internal id of each entity, by ordinal.
    pub entities: Vec<EntityId>,
    /// Canonical ids, by ordinal.
    pub ids: Arena,
    /// Every different label once, `name=value`, in order.
    pub labels: Arena,
    /// Where each entity's labels begin in `label_places`; one more than there are entities.
    pub label_offsets: Vec<u32>,
    /// Places in `labels`, in order for each entity.
    pub label_places: Vec<u32>,
    /// Relations between ordinals, each with the code of its kind.
    pub graph: Csr,
}

impl Snapshot {
    /// How many entities there are.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Ordinal of the entity with a kind and canonical id. O(log entities).
    pub fn ordinal(&self, kind: EntityKind, id: &str) -> Option<u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < Some((kind, id)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (self.key(low) == Some((kind, id))).then(|| u32::try_from(low).ok()).flatten()
    }

    /// The labels of an entity, in order.
    pub fn labels_of(&self, ordinal: u32) -> impl Iterator<Item = &str> {
        let place = ordinal as usize;
        let bounds = self.label_offsets.get(place).zip(self.label_offsets.get(place + 1));
        let range = bounds.map_or(0..0, |(start, end)| *start as usize..*end as usize);
        let places = self.label_places.get(range).unwrap_or_default();
        places.iter().filter_map(|place| self.labels.get(*place as usize))
    }

    fn key(&self, place: usize) -> Option<(EntityKind, &str)> {
        Some((*self.kinds.get(place)?, self.ids.get(place)?))
    }
}
