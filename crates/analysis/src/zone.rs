//! In which zones something runs: where its replicas' nodes, tasks or instances stand.

use std::collections::BTreeSet;

use model::kind::{EntityKind, RelationKind};

use crate::estate::Estate;

/// Zones of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zones {
    /// Zones that are known, in order.
    pub known: BTreeSet<String>,
    /// Replicas whose zone is not known.
    pub unknown: u64,
}

impl Zones {
    /// The zone of everything that it does: only when all of it runs in one known zone.
    pub fn only(&self) -> Option<&str> {
        match (self.known.len(), self.unknown) {
            (1, 0) => self.known.first().map(String::as_str),
            _ => None,
        }
    }
}

/// What leads from a thing to where it runs.
const WAYS: [RelationKind; 3] =
    [RelationKind::ImplementedBy, RelationKind::HasReplica, RelationKind::RunsOn];

/// The zones of a service, workload, function or store.
pub fn zones(estate: &Estate, ordinal: u32) -> Zones {
    let mut zones = Zones::default();
    let mut seen = BTreeSet::from([ordinal]);
    let mut open = vec![ordinal];
    while let Some(one) = open.pop() {
        let next: Vec<u32> = estate
            .from(one)
            .iter()
            .filter(|relation| WAYS.contains(&relation.kind))
            .map(|relation| relation.to)
            .collect();
        if next.is_empty() {
            let own = own_zones(estate, one);
            // A workload without pods says nothing about where it runs.
            zones.unknown += u64::from(own.is_empty());
            zones.known.extend(own);
        }
        open.extend(next.into_iter().filter(|to| seen.insert(*to)));
    }
    zones
}

/// Where one thing stands itself.
fn own_zones(estate: &Estate, ordinal: u32) -> BTreeSet<String> {
    if let Some(zone) = &estate.entity(ordinal).scope.zone {
        return BTreeSet::from([zone.clone()]);
    }
    let mut found = BTreeSet::new();
    for place in estate.far(ordinal, RelationKind::PlacedIn) {
        let entity = estate.entity(place);
        match entity.kind {
            EntityKind::Zone => {
                found.insert(entity.scope.zone.clone().unwrap_or_else(|| entity.name.clone()));
            }
            EntityKind::Subnet => found.extend(own_zones(estate, place)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::fact::{EntityFact, EstateFacts, EstateRelation};

    /// A service of one workload with two pods, on a node in zone a and on one whose zone nobody says.
    #[test]
    fn a_zone_is_only_known_when_every_replica_says_it() {
        let mut node = EntityFact::new(EntityKind::KubernetesNode, "n1", "n1");
        node.scope.zone = Some("a".into());
        let entities = vec![
            EntityFact::new(EntityKind::Service, "s", "s"),
            EntityFact::new(EntityKind::Workload, "w", "w"),
            EntityFact::new(EntityKind::Pod, "p1", "p1"),
            EntityFact::new(EntityKind::Pod, "p2", "p2"),
            node,
            EntityFact::new(EntityKind::KubernetesNode, "n2", "n2"),
        ];
        let relations = vec![
            EstateRelation::new(0, RelationKind::ImplementedBy, 1),
            EstateRelation::new(1, RelationKind::HasReplica, 2),
            EstateRelation::new(1, RelationKind::HasReplica, 3),
            EstateRelation::new(2, RelationKind::RunsOn, 4),
            EstateRelation::new(3, RelationKind::RunsOn, 5),
        ];
        let estate = Estate::new(EstateFacts { entities, relations, ..Default::default() });
        let found = zones(&estate, 0);
        assert_eq!((found.known.len(), found.unknown, found.only()), (1, 1, None));
        assert_eq!(zones(&estate, 2).only(), Some("a"));
    }
}
