//! The large estate: 10 million entities and 100 million relations at scale 1, of a stated shape,
//! as a stream of column chunks of any size. Every entity and relation is a pure function of the
//! seed, the scale and its position, so chunks can be made in any order and on any thread.
//!
//! The shape at scale 1: 60 % pods; 200,000 nodes; 20,000 services, of which 500 are entry points;
//! at least 30 million relations that carry failure; a service with 100,000 callers; a zone with
//! 2 million members; a cycle of 1,000 services; chains 30 calls deep; 5 % of the workloads with a
//! single replica; 50 planted single points of failure; 4 million relations that ended.

mod entity;
mod families;
mod layout;
mod relation;

pub use entity::{EntityChunk, LargeEntity};
pub use layout::{EntityKind, LargeTruth};
pub use relation::{LargeRelation, RelationChunk, RelationKind};

use families::Families;
use std::ops::Range;

use layout::Layout;

/// A large estate of a given scale.
#[derive(Debug, Clone)]
pub struct Large {
    layout: Layout,
    families: Families,
}

impl Large {
    /// The estate for `seed` at `scale`: 1 is 10 million entities; at least 0.001.
    pub fn new(seed: u64, scale: f64) -> Self {
        let layout = Layout::new(seed, scale.clamp(0.001, 4.0));
        let families = Families::new(&layout);
        Self { layout, families }
    }

    /// Number of entities; their ordinals are `0..entity_count()`, grouped by kind.
    pub fn entity_count(&self) -> u32 {
        self.layout.total
    }

    /// Ordinals of the entities of a kind.
    pub fn of_kind(&self, kind: EntityKind) -> Range<u32> {
        self.layout.range(kind)
    }

    /// Number of relations in force.
    pub fn relation_count(&self) -> u64 {
        self.families.total
    }

    /// Number of relations that ended, which follow those in force in [`Large::relations`].
    pub fn ended_count(&self) -> u64 {
        self.families.ended()
    }

    /// The entity at an ordinal below [`Large::entity_count`].
    pub fn entity(&self, ordinal: u32) -> LargeEntity {
        entity::entity(&self.layout, ordinal)
    }

    /// The relation at a position below [`Large::relation_count`] + [`Large::ended_count`].
    pub fn relation(&self, position: u64) -> LargeRelation {
        self.families.relation(&self.layout, position)
    }

    /// All entities, `size` at a time.
    pub fn entities(&self, size: usize) -> impl Iterator<Item = EntityChunk> + '_ {
        let size = size.clamp(1, 1 << 22) as u32;
        (0..self.layout.total.div_ceil(size)).map(move |chunk| {
            self.entity_chunk(chunk * size..chunk.saturating_add(1).saturating_mul(size))
        })
    }

    /// All relations, `size` at a time: first those in force, then those that ended.
    pub fn relations(&self, size: usize) -> impl Iterator<Item = RelationChunk> + '_ {
        let size = size.clamp(1, 1 << 22) as u64;
        let total = self.relation_count() + self.ended_count();
        (0..total.div_ceil(size))
            .map(move |chunk| self.relation_chunk(chunk * size..(chunk + 1) * size))
    }

    /// The entities of a range of ordinals, cut to those that exist. Ranges can be made on several
    /// threads at once.
    pub fn entity_chunk(&self, ordinals: Range<u32>) -> EntityChunk {
        let last = ordinals.end.min(self.layout.total);
        let first = ordinals.start.min(last);
        EntityChunk::from_rows(first, (first..last).map(|o| self.entity(o)))
    }

    /// The relations of a range of positions, cut to those that exist.
    pub fn relation_chunk(&self, positions: Range<u64>) -> RelationChunk {
        let last = positions.end.min(self.relation_count() + self.ended_count());
        let first = positions.start.min(last);
        RelationChunk::from_rows((first..last).map(|p| self.relation(p)))
    }

    /// What is true of the estate by construction.
    pub fn truth(&self) -> LargeTruth {
        layout::truth(&self.layout)
    }
}
