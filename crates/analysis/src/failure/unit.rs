//! Products and applications: they degrade when some of their parts fail, and fail when all their
//! entry points do.

use std::collections::{BTreeMap, BTreeSet};

use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::node::{Cause, SoftCause};

/// Groups of applications, then of products.
pub(super) fn units(draft: &mut Draft<'_>) {
    let estate = draft.estate;
    let entry_of: BTreeMap<u32, u32> =
        draft.entries.iter().map(|entry| (entry.subject, entry.node)).collect();
    let mut services: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for one in (0_u32..).take(estate.len()) {
        let entity = estate.entity(one);
        let is_service = matches!(
            entity.kind,
            EntityKind::Service | EntityKind::Function | EntityKind::ContainerService
        );
        let application = entity.application.as_deref().and_then(|id| estate.find(id));
        if let Some(application) = application.filter(|_| is_service || entry_of.contains_key(&one))
        {
            services.entry(application).or_default().insert(one);
        }
    }
    for application in estate.of_kind(EntityKind::Application) {
        let parts = services.entry(application).or_default();
        parts.extend(estate.far(application, RelationKind::HasPart));
    }
    let mut entries: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (application, parts) in &services {
        let nodes: BTreeSet<u32> =
            parts.iter().filter_map(|one| entry_of.get(one)).copied().collect();
        draft.group(*application, 1, nodes.iter().copied().collect(), Cause::Parts);
        for part in parts {
            draft.soft(*application, *part, SoftCause::Part);
        }
        entries.insert(*application, nodes);
    }
    for product in estate.of_kind(EntityKind::Product) {
        let mut nodes = BTreeSet::new();
        for part in estate.far(product, RelationKind::HasPart) {
            nodes.extend(entries.get(&part).into_iter().flatten().copied());
            nodes.extend(entry_of.get(&part).copied());
            draft.soft(product, part, SoftCause::Part);
        }
        draft.group(product, 1, nodes.into_iter().collect(), Cause::Parts);
    }
}
