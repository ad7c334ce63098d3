//! What can break by itself, and why it would take something down.

use std::collections::BTreeSet;

use model::kind::{EntityKind as K, RelationKind as R};

use super::params::Include;
use super::shape::PointClass;
use crate::estate::Estate;
use crate::failure::{Cause, Extra, Model, RiskClass, State, expanded};

/// One candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Candidate {
    pub node: u32,
    pub class: PointClass,
}

/// Things that break by themselves, in order of node. Places and what a provider runs for a region only
/// when they are asked for.
pub(super) fn physical(model: &Model, include: &[Include]) -> Vec<Candidate> {
    let estate = model.estate();
    let mut all: Vec<Candidate> = Vec::new();
    let mut add = |node: u32, class: PointClass| all.push(Candidate { node, class });
    for state in [State::ByDesign, State::Now] {
        for risk in model.workload_risks(state) {
            if risk.class == RiskClass::Capacity {
                add(risk.workload, PointClass::Capacity);
            }
        }
    }
    for kind in [K::KubernetesNode, K::Volume, K::Zone] {
        estate.of_kind(kind).for_each(|node| add(node, PointClass::Placement));
    }
    for instance in estate.of_kind(K::Instance) {
        add(instance, instance_class(estate, instance));
    }
    for cluster in estate.of_kind(K::DatabaseCluster) {
        if has_no_spare(model, cluster) {
            add(cluster, PointClass::Capacity);
        }
    }
    for kind in [K::Database, K::Cache] {
        let alone = estate.of_kind(kind).filter(|one| !model.has_failover(*one));
        let alone = alone.filter(|store| !has_spare_workload(model, *store));
        alone.for_each(|store| add(store, PointClass::Data));
    }
    let is_asked = |one: Include| include.contains(&one);
    for kind in
        [K::NatGateway, K::LoadBalancer, K::NetworkInterface, K::TransitGateway, K::VpcEndpoint]
    {
        for one in estate.of_kind(kind) {
            if is_in_one_zone(model, one) {
                add(one, PointClass::Network);
            } else if is_asked(Include::Managed) {
                add(one, PointClass::Place);
            }
        }
    }
    if is_asked(Include::Managed) {
        let kinds = [K::Bucket, K::Queue, K::Database, K::DatabaseCluster, K::Cache];
        let managed = kinds.into_iter().flat_map(|kind| estate.of_kind(kind));
        managed.for_each(|one| add(one, PointClass::Place));
    }
    let zones = (estate.len()..model.len()).map(|node| node as u32);
    let zones = zones.filter(|node| matches!(model.extra(*node), Some(Extra::Zone { .. })));
    all.extend(zones.map(|node| Candidate { node, class: PointClass::Placement }));
    all.sort_by_key(|one| (one.node, one.class));
    all.dedup_by_key(|one| one.node);
    all
}

/// Services that are needed as a whole, in order.
pub(super) fn logical(model: &Model) -> Vec<Candidate> {
    let estate = model.estate();
    let kinds = [K::Service, K::Function, K::ExternalEndpoint];
    let nodes = kinds.into_iter().flat_map(|kind| estate.of_kind(kind));
    nodes.map(|node| Candidate { node, class: PointClass::Dependency }).collect()
}

/// Whole places that were asked for, each with what stands in it, in order.
pub(super) fn places(model: &Model, include: &[Include]) -> Vec<(u32, Vec<u32>)> {
    let kinds = [
        (Include::Region, K::Region),
        (Include::Account, K::Account),
        (Include::Cluster, K::KubernetesCluster),
    ];
    let asked = kinds.into_iter().filter(|(asked, _)| include.contains(asked));
    let places = asked.flat_map(|(_, kind)| model.estate().of_kind(kind));
    places.map(|place| (place, expanded(model.estate(), place))).collect()
}

/// Whether a store that runs in a cluster has a replica to spare.
fn has_spare_workload(model: &Model, store: u32) -> bool {
    let mut workloads = model.estate().far(store, R::ImplementedBy);
    workloads.any(|one| {
        let mut groups = model.groups(one).iter();
        groups.any(|group| group.cause == Cause::Replicas && group.spare() > 0)
    })
}

/// Whether the loss of any one member is the loss of all.
fn has_no_spare(model: &Model, owner: u32) -> bool {
    let groups = model.groups(owner).iter().filter(|group| group.cause == Cause::Replicas);
    groups.into_iter().any(|group| group.spare() == 0)
}

/// An instance that is a store, or is called by itself, is data; one that alone runs a service lacks
/// capacity; what others run on is a place.
fn instance_class(estate: &Estate, instance: u32) -> PointClass {
    let mut is_alone = false;
    for relation in estate.to(instance) {
        let kind = estate.entity(relation.from).kind;
        match relation.kind {
            R::ConnectsTo | R::Calls => return PointClass::Data,
            R::RunsOn if kind.is_store() => return PointClass::Data,
            R::ImplementedBy => is_alone = true,
            _ => {}
        }
    }
    if is_alone { PointClass::Capacity } else { PointClass::Placement }
}

/// Whether a gateway, balancer or interface stands in one known zone; one whose places are not known is
/// not accused.
fn is_in_one_zone(model: &Model, one: u32) -> bool {
    let estate = model.estate();
    if model.is_regional(one) {
        return false;
    }
    let mut zones = BTreeSet::new();
    for place in estate.far(one, R::PlacedIn) {
        match estate.entity(place).kind {
            K::Zone => drop(zones.insert(place)),
            K::Subnet => zones.extend(estate.far(place, R::PlacedIn)),
            _ => {}
        }
    }
    let is_zonal = estate.far(one, R::PlacedIn).count() > 0;
    // Without the zones of its subnets, one subnet is one zone.
    match zones.len() {
        0 => is_zonal && estate.far(one, R::PlacedIn).count() == 1,
        count => count == 1,
    }
}

/// The machines of the estate for the margin: nodes, the instances that are none, zones.
pub(super) fn machines(model: &Model) -> Vec<u32> {
    let estate = model.estate();
    let is_node = |instance: &u32| {
        let mut above = estate.near(*instance, R::RunsOn);
        above.any(|one| estate.entity(one).kind == K::KubernetesNode)
    };
    let mut all: Vec<u32> = estate.of_kind(K::KubernetesNode).collect();
    all.extend(estate.of_kind(K::Instance).filter(|one| !is_node(one)));
    all.extend(estate.of_kind(K::Zone));
    let extra = (estate.len()..model.len()).map(|node| node as u32);
    all.extend(extra.filter(|node| matches!(model.extra(*node), Some(Extra::Zone { .. }))));
    all
}
