//! What a stored reference tries, and whether it is open.

use model::reference::AliasKey;
use model::resolution::{ReferencePurpose, StoredReference};

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
