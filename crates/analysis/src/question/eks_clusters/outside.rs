//! What a cluster depends on outside itself: the stores, queues, services and endpoints that its
//! workloads need, and the networks, roles of machines and balancers that it stands on.

use std::collections::{BTreeMap, BTreeSet};

use model::kind::{EntityKind as K, RelationKind as R};

use super::member::Members;
use super::shape::Dependency;
use crate::estate::Estate;

/// Most that are listed.
pub(super) const LISTED_MAX: usize = 100;

/// Kinds of relation that make a dependency.
const NEEDS: [R; 8] = [
    R::Calls,
    R::ConnectsTo,
    R::RunsOn,
    R::Mounts,
    R::AttachedTo,
    R::PlacedIn,
    R::ServedThrough,
    R::EgressThrough,
];

/// Dependencies in order of kind and name, at most a hundred, with how many there are.
pub(super) fn of(estate: &Estate, cluster: &Members) -> (Vec<Dependency>, u64) {
    let inside = inside(estate, cluster);
    let mut found: BTreeMap<u32, (BTreeSet<R>, BTreeSet<u32>)> = BTreeMap::new();
    for near in &inside {
        for relation in estate.from(*near) {
            if NEEDS.contains(&relation.kind) && !inside.contains(&relation.to) {
                let one = found.entry(relation.to).or_default();
                one.0.insert(relation.kind);
                one.1.insert(*near);
            }
        }
    }
    // The way out of the cluster's subnets.
    let subnets: Vec<u32> =
        found.keys().copied().filter(|one| estate.entity(*one).kind == K::Subnet).collect();
    for subnet in subnets {
        for relation in estate.from(subnet).iter().filter(|one| one.kind == R::EgressThrough) {
            let one = found.entry(relation.to).or_default();
            one.0.insert(relation.kind);
            one.1.insert(subnet);
        }
    }
    let total = found.len() as u64;
    let dependency = |(entity, (relations, dependents)): (u32, (BTreeSet<R>, BTreeSet<u32>))| {
        let fact = estate.entity(entity);
        let is_seen = !estate.is_outside(entity);
        Dependency {
            kind: fact.kind.as_str().to_owned(),
            name: is_seen.then(|| fact.name.clone()),
            id: is_seen.then(|| fact.id.clone()),
            relations: relations.into_iter().map(|one| one.as_str().to_owned()).collect(),
            dependents: dependents.len() as u64,
        }
    };
    let mut all: Vec<Dependency> = found.into_iter().map(dependency).collect();
    all.sort();
    all.truncate(LISTED_MAX);
    (all, total)
}

/// Everything in the cluster, with the services and stores that its workloads implement and the
/// instances and volumes that only it uses.
fn inside(estate: &Estate, cluster: &Members) -> BTreeSet<u32> {
    let mut inside: BTreeSet<u32> = cluster.of_kind.values().flatten().copied().collect();
    inside.extend(cluster.own());
    for workload in cluster.kind(K::Workload) {
        inside.extend(estate.near(*workload, R::ImplementedBy));
    }
    inside
}
