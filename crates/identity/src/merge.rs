//! Two entities that are one: a provisional id and the real one, a name that somebody used before the
//! thing was seen under another, the service behind a workload and the one that telemetry sees.

use std::collections::{BTreeMap, BTreeSet};

use model::resolution::EntityState;
use model::{AliasKey, EntityId, EntityKind};

use crate::claim::Claims;
use crate::entity::{Entities, Slot};
use crate::lead::Leads;

/// How ids begin that lack account, region or partition.
const PROVISIONAL: &str = "aws:?/";

/// Provisional ids merge with the one entity of the same kind that claims the same bare id.
pub(crate) fn provisional(entities: &mut Entities<'_>, claims: &Claims) {
    let mut keys: Vec<&AliasKey> =
        claims.changed.iter().filter(|key| key.as_str().starts_with("id:")).collect();
    keys.sort_unstable();
    for key in keys {
        let (mut provisional, mut real) = (BTreeSet::new(), BTreeSet::new());
        for claim in claims.on(key).filter(|claim| claim.to.len() == 1) {
            let Some(slot) = claim.to.first().and_then(|to| entities.find(to)) else { continue };
            match entities.get(slot).canonical.as_str().starts_with(PROVISIONAL) {
                true => provisional.insert(slot),
                false => real.insert(slot),
            };
        }
        for from in provisional {
            let kind = entities.get(from).kind;
            let mut same = real.iter().filter(|slot| entities.get(**slot).kind == kind);
            if let (Some(into), None) = (same.next().copied(), same.next()) {
                entities.merge(from, into, &format!("both are {key}"));
            }
        }
    }
}

/// An id that was only named merges with the one entity that claims it as an alias.
pub(crate) fn named(entities: &mut Entities<'_>, claims: &Claims) {
    let ghosts: Vec<Slot> = entities
        .slots()
        .filter(|(_, one)| one.redirect.is_none() && one.state == EntityState::Named)
        .filter(|(_, one)| claims.on(&one.canonical).next().is_some())
        .map(|(slot, _)| slot)
        .collect();
    let leads = Leads::new(entities, claims);
    let found: Vec<(Slot, Slot)> = ghosts
        .into_iter()
        .filter_map(|ghost| match leads.key(&entities.get(ghost).canonical).as_slice() {
            [target] => Some((ghost, *target)),
            _ => None,
        })
        .collect();
    for (ghost, target) in found {
        let evidence = format!("{} is an alias", entities.get(ghost).canonical);
        entities.merge(ghost, target, &evidence);
    }
}

/// The implied service of a workload merges with the service that telemetry sees of the same
/// workload; of several the one with the first id. Returns whether any merged.
pub(crate) fn services(entities: &mut Entities<'_>, joined: &[(Slot, Slot)]) -> bool {
    let mut by_workload: BTreeMap<Slot, BTreeSet<Slot>> = BTreeMap::new();
    for (service, workload) in joined {
        let (service, workload) = (entities.root(*service), entities.root(*workload));
        if entities.get(service).kind == EntityKind::Service {
            by_workload.entry(workload).or_default().insert(service);
        }
    }
    let mut is_merged = false;
    for (workload, mut services) in by_workload {
        let implements: &[EntityId] = &entities.get(workload).implements;
        services.extend(implements.iter().filter_map(|id| entities.find_id(*id)));
        let services: BTreeSet<Slot> = services.into_iter().map(|s| entities.root(s)).collect();
        let is_service = |slot: &Slot| entities.get(*slot).kind == EntityKind::Service;
        let (implied, observed): (Vec<Slot>, Vec<Slot>) =
            services.into_iter().filter(is_service).partition(|slot| is_implied(entities, *slot));
        let first = |slots: &[Slot]| {
            slots.iter().copied().min_by_key(|slot| entities.get(*slot).canonical.clone())
        };
        let Some(into) = first(&observed).or_else(|| first(&implied)) else { continue };
        let evidence = format!("both are implemented by {}", entities.get(workload).canonical);
        for from in implied {
            is_merged |= entities.merge(from, into, &evidence);
        }
    }
    is_merged
}

fn is_implied(entities: &Entities<'_>, slot: Slot) -> bool {
    entities.get(slot).sources.values().all(|version| version.is_implied)
}
