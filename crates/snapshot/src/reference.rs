//! Stored references in the estate: what each tries, and whether it is open.

mod chain;
mod coding;
mod held;

use model::entity::EntityId;
use model::reference::AliasKey;
use model::resolution::{ReferencePurpose, StoredReference};

use super::estate::Estate;

pub use held::References;

/// Whether a reference leads to nothing or to several things.
pub fn is_open(reference: &StoredReference) -> bool {
    reference.targets.is_empty() || reference.is_conflict
}

/// Every key that a reference tries: its own, and those that were tried through claims.
pub fn keys_of(reference: &StoredReference) -> impl Iterator<Item = &AliasKey> {
    let template = match &reference.purpose {
        ReferencePurpose::Relation(template) => Some([&template.from, &template.to]),
        ReferencePurpose::Subject(_) => None,
    };
    let ends = template.into_iter().flatten().chain([&reference.reference]);
    let own = ends.flat_map(|end| end.candidates.iter().flat_map(|candidate| &candidate.all));
    reference.via.iter().chain(own)
}

impl Estate {
    /// Takes a stored reference in; the former of its id goes.
    pub fn apply_reference(&mut self, write: &StoredReference) {
        self.withdraw_reference(write.id);
        let first = stating(write).map(|by| self.resolve(by));
        let first = first.and_then(|by| self.entities.get_mut(&by));
        self.references.add(&mut self.names, write, first.map(|entity| &mut entity.references));
    }

    /// Lets a stored reference go.
    pub fn withdraw_reference(&mut self, id: u64) {
        let first = self.references.stated_by(id).map(|by| self.resolve(by));
        let first = first.and_then(|by| self.entities.get_mut(&by));
        self.references.remove(id, first.map(|entity| &mut entity.references));
    }

    /// A reference with its ids as they are now.
    pub(crate) fn reference(&self, place: u32) -> Option<StoredReference> {
        let mut found = self.references.get(&self.names, place)?;
        for targets in [&mut found.targets, &mut found.from_targets] {
            targets.iter_mut().for_each(|id| *id = self.resolve(*id));
            targets.sort_unstable();
            targets.dedup();
        }
        for (from, to, _) in &mut found.late {
            (*from, *to) = (self.resolve(*from), self.resolve(*to));
        }
        if let ReferencePurpose::Relation(template) = &mut found.purpose {
            template.stated_by = template.stated_by.map(|id| self.resolve(id));
        }
        Some(found)
    }

    /// References at places with their ids as they are now, in order of id.
    pub(crate) fn references_at(&self, places: impl Iterator<Item = u32>) -> Vec<StoredReference> {
        let found = places.filter_map(|place| self.reference(place));
        let mut found: Vec<StoredReference> = found.collect();
        found.sort_unstable_by_key(|one| one.id);
        found.dedup_by_key(|one| one.id);
        found
    }
}

/// The entity whose record states a reference.
fn stating(reference: &StoredReference) -> Option<EntityId> {
    match &reference.purpose {
        ReferencePurpose::Relation(template) => template.stated_by,
        ReferencePurpose::Subject(_) => None,
    }
}

#[cfg(test)]
mod tests;
