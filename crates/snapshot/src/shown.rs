//! What a database that shows the estate as a graph asks of the fold: what an entity is, and what a
//! relation's row becomes.

use std::collections::BTreeSet;

use model::entity::EntityId;
use model::fact::EntityFact;
use model::resolution::{Merge, RelationWrite};

use super::edge::folded;
use super::estate::Estate;
use super::fact::{entity_fact, visible};
use super::life::NOW;

/// What becomes of a relation's row.
#[derive(Debug, Clone, PartialEq)]
pub enum RelationAfter {
    /// There was none.
    New(RelationWrite),
    /// It is now so.
    Changed(RelationWrite),
    /// It is as if it had never been.
    TakenBack(RelationWrite),
    /// There is none.
    Nothing,
}

impl Estate {
    /// The entities that ids stand for now, each once, in order.
    pub fn currents(&self, ids: &BTreeSet<EntityId>) -> BTreeSet<EntityId> {
        ids.iter().map(|id| self.resolve(*id)).collect()
    }

    /// What is known of an entity, ended ones too; `None` when it is in no answer.
    pub fn shown(&self, id: EntityId) -> Option<EntityFact> {
        let entity = self.entities.get(&id)?;
        let existence = visible(self, entity, true)?;
        Some(entity_fact(self, id, entity, &existence))
    }

    /// Whether an entity ended.
    pub fn is_ended(&self, id: EntityId) -> bool {
        let entity = self.entities.get(&self.resolve(id));
        entity.and_then(|one| one.existence(NOW)).is_some_and(|one| one.valid_to.is_some())
    }

    /// What a row becomes when it is written.
    pub fn relation_after(&self, write: &RelationWrite) -> RelationAfter {
        let row = self.resolved(write.into());
        let (is_taken_back, write) = (row.is_taken_back(), row.write());
        match self.place(&row).and_then(|place| self.edges.row(place)) {
            None if is_taken_back => RelationAfter::Nothing,
            None => RelationAfter::New(write),
            Some(_) if is_taken_back => RelationAfter::TakenBack(write),
            Some(held) => RelationAfter::Changed(folded(&held.write(), &write)),
        }
    }

    /// The rows that touch an entity which is merged, as they will be.
    pub fn moved(&self, merge: &Merge) -> Vec<RelationWrite> {
        let (from, into) = (self.resolve(merge.from), self.resolve(merge.into));
        let Some(gone) = self.entities.get(&from) else { return Vec::new() };
        let places = self.edges.touching(gone.ends).into_iter();
        let rows = places.filter_map(|place| self.edges.row(place));
        let now = |id: EntityId| if id == from { into } else { id };
        rows.map(|row| {
            let row = row.write();
            RelationWrite {
                from: now(row.from),
                to: now(row.to),
                stated_by: row.stated_by.map(now),
                ..row
            }
        })
        .collect()
    }
}
