//! What takes the topology's rows in: the estate in memory, or an archive.

use model::entity::EntityId;
use model::resolution::{
    EntityWrite, HeldRetirement, Merge, Retirement, StoredClaim, StoredReference, StoredRule,
    VersionWrite,
};
use model::time::Micros;
use roaring::RoaringTreemap;
use snapshot::{Estate, RelationRow};

use crate::error::Outcome;

/// What takes the rows in, table by table.
pub trait TakeRows {
    /// A write: its number, source and instant.
    fn write(&mut self, number: u64, source: String, at: Micros) -> Outcome<()>;
    /// An entity.
    fn entity(&mut self, row: EntityWrite) -> Outcome<()>;
    /// Two that are one.
    fn merge(&mut self, row: Merge) -> Outcome<()>;
    /// What a source says.
    fn version(&mut self, row: VersionWrite) -> Outcome<()>;
    /// Of whom a source said nothing new.
    fn seen(&mut self, source: String, at: Micros, ids: RoaringTreemap) -> Outcome<()>;
    /// What a name leads to.
    fn claim(&mut self, row: StoredClaim) -> Outcome<()>;
    /// So many relations come, as far as is known.
    fn relations_come(&mut self, _count: usize) {}
    /// A relation.
    fn relation(&mut self, row: RelationRow<'_>) -> Outcome<()>;
    /// A reference that is kept.
    fn reference(&mut self, row: StoredReference) -> Outcome<()>;
    /// One that is kept no longer.
    fn withdrawn(&mut self, id: u64) -> Outcome<()>;
    /// An end.
    fn retirement(&mut self, row: Retirement) -> Outcome<()>;
    /// Ends that wait.
    fn held(&mut self, row: HeldRetirement) -> Outcome<()>;
    /// Every rule of ownership.
    fn ownership(&mut self, rules: Vec<StoredRule>) -> Outcome<()>;
}

impl TakeRows for Estate {
    fn write(&mut self, number: u64, source: String, at: Micros) -> Outcome<()> {
        self.apply_write(number, &source, at);
        Ok(())
    }

    fn entity(&mut self, row: EntityWrite) -> Outcome<()> {
        self.apply_entity(&row);
        Ok(())
    }

    fn merge(&mut self, row: Merge) -> Outcome<()> {
        self.apply_merge(&row);
        Ok(())
    }

    fn version(&mut self, row: VersionWrite) -> Outcome<()> {
        self.apply_version(&row);
        Ok(())
    }

    fn seen(&mut self, source: String, at: Micros, ids: RoaringTreemap) -> Outcome<()> {
        ids.iter().for_each(|id| self.apply_seen(&source, at, EntityId(id)));
        Ok(())
    }

    fn claim(&mut self, row: StoredClaim) -> Outcome<()> {
        self.apply_claim(&row);
        Ok(())
    }

    fn relations_come(&mut self, count: usize) {
        self.reserve_relations(count);
    }

    fn relation(&mut self, row: RelationRow<'_>) -> Outcome<()> {
        self.apply_relation(row);
        Ok(())
    }

    fn reference(&mut self, row: StoredReference) -> Outcome<()> {
        self.apply_reference(&row);
        Ok(())
    }

    fn withdrawn(&mut self, id: u64) -> Outcome<()> {
        self.withdraw_reference(id);
        Ok(())
    }

    fn retirement(&mut self, row: Retirement) -> Outcome<()> {
        self.apply_retirement(&row);
        Ok(())
    }

    fn held(&mut self, row: HeldRetirement) -> Outcome<()> {
        self.apply_held(&row);
        Ok(())
    }

    fn ownership(&mut self, rules: Vec<StoredRule>) -> Outcome<()> {
        self.apply_ownership(&rules);
        Ok(())
    }
}
