//! Stored references in the estate: what each tries, and whether it is open.

use std::sync::Arc;

use model::entity::EntityId;
use model::reference::AliasKey;
use model::resolution::{ReferencePurpose, StoredReference};

use super::estate::Estate;

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
        for key in keys_of(write) {
            self.references_by_key.entry(key.clone()).or_default().insert(write.id);
        }
        if let Some(record) = self.record_of(write) {
            self.references_of.entry(record).or_default().insert(write.id);
        }
        self.open_count = self.open_count.saturating_add(u64::from(is_open(write)));
        self.references.insert(write.id, write.clone());
    }

    /// Lets a stored reference go.
    pub fn withdraw_reference(&mut self, id: u64) {
        let Some(held) = self.references.remove(&id) else { return };
        self.open_count = self.open_count.saturating_sub(u64::from(is_open(&held)));
        for key in keys_of(&held) {
            if let Some(ids) = self.references_by_key.get_mut(key) {
                ids.remove(&id);
            }
        }
        if let Some(record) = self.record_of(&held)
            && let Some(ids) = self.references_of.get_mut(&record)
        {
            ids.remove(&id);
        }
    }

    fn record_of(&self, reference: &StoredReference) -> Option<(EntityId, Arc<str>)> {
        match &reference.purpose {
            ReferencePurpose::Relation(template) => {
                let id = self.resolve(template.stated_by?);
                Some((id, Arc::from(reference.source.as_str())))
            }
            ReferencePurpose::Subject(_) => None,
        }
    }
}
