//! Where an entity stands in the network: its security groups, subnets and addresses. Pods stand
//! where their node's instance does unless they have groups of their own.

use std::collections::BTreeSet;

use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::address::Cidr;
use crate::estate::Estate;

/// One place in the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seat {
    /// The entity that stands there (the instance, the database, …).
    pub entity: u32,
    /// Security groups that were read, by ordinal, in order.
    pub groups: Vec<u32>,
    /// Whether there are groups that were not read, or none is known at all.
    pub has_unread_groups: bool,
    /// Subnets in one of which it stands, by ordinal, in order.
    pub subnets: Vec<u32>,
    /// Its VPC, by ordinal.
    pub vpc: Option<u32>,
    /// Its addresses, else the ranges of its subnets.
    pub addresses: Vec<Cidr>,
    /// The pod whose network policies apply.
    pub pod: Option<u32>,
}

/// Deepest way from a service to where its replicas stand.
const DEPTH_MAX: u32 = 8;

/// Most seats of one entity; the replicas of a workload stand in few different ones.
const SEATS_MAX: usize = 64;

/// Every place where an entity stands.
pub(super) fn of(estate: &Estate, entity: u32) -> Vec<Seat> {
    let mut all = BTreeSet::new();
    collect(estate, entity, DEPTH_MAX, &mut all);
    all.into_iter().collect()
}

fn collect(estate: &Estate, entity: u32, depth: u32, all: &mut BTreeSet<Seat>) {
    if depth == 0 || all.len() >= SEATS_MAX {
        return;
    }
    let mut each = |ends: Vec<u32>| {
        for end in ends {
            collect(estate, end, depth - 1, all);
        }
    };
    match estate.entity(entity).kind {
        K::Pod => all.extend(pod(estate, entity)),
        K::Service => each(estate.far(entity, R::ImplementedBy).collect()),
        K::Workload => each(estate.far(entity, R::HasReplica).collect()),
        K::KubernetesNode => each(estate.far(entity, R::RunsOn).collect()),
        K::ContainerService
        | K::DatabaseCluster
        | K::Cache
        | K::AutoscalingGroup
        | K::NodeGroup => {
            let members: Vec<u32> = estate.far(entity, R::HasReplica).collect();
            let before = all.len();
            for end in members {
                collect(estate, end, depth - 1, all);
            }
            if all.len() == before {
                all.extend(own(estate, entity));
            }
        }
        K::Database => {
            let workloads: Vec<u32> = estate.far(entity, R::ImplementedBy).collect();
            if workloads.is_empty() {
                all.extend(own(estate, entity));
            } else {
                each(workloads);
            }
        }
        _ => all.extend(own(estate, entity)),
    }
}

fn pod(estate: &Estate, pod: u32) -> Option<Seat> {
    let node = estate.far(pod, R::RunsOn).next()?;
    let instance = estate.far(node, R::RunsOn).next()?;
    let mut seat = own(estate, instance)?;
    let groups: Vec<u32> = groups(estate, pod);
    let is_host = estate.entity(pod).properties.get("host_network") == Some(&Value::Bool(true));
    if !groups.is_empty() {
        seat.groups = groups;
        seat.has_unread_groups = false;
    }
    if !is_host {
        // The pod's own address lies in the subnet, not on the node's.
        seat.addresses = ranges(estate, &seat.subnets);
        seat.pod = Some(pod);
    }
    Some(seat)
}

fn groups(estate: &Estate, entity: u32) -> Vec<u32> {
    let far = estate.far(entity, R::GuardedBy);
    far.filter(|one| estate.entity(*one).kind == K::SecurityGroup).collect()
}

fn subnets(estate: &Estate, entity: u32) -> Vec<u32> {
    let far = estate.far(entity, R::PlacedIn);
    far.filter(|one| estate.entity(*one).kind == K::Subnet).collect()
}

/// Interfaces of an entity, in order.
pub(super) fn interfaces(estate: &Estate, entity: u32) -> Vec<u32> {
    let attached = estate.near(entity, R::AttachedTo);
    let contained = estate.far(entity, R::Contains);
    let is_interface = |one: &u32| estate.entity(*one).kind == K::NetworkInterface;
    let all: BTreeSet<u32> = attached.chain(contained).filter(is_interface).collect();
    all.into_iter().collect()
}

/// The place of an entity of its own; `None` when nothing of a network is known of it.
fn own(estate: &Estate, entity: u32) -> Option<Seat> {
    let fact = estate.entity(entity);
    let interfaces = interfaces(estate, entity);
    let with_interfaces = || std::iter::once(entity).chain(interfaces.iter().copied());
    let mut groups: Vec<u32> = with_interfaces().flat_map(|one| groups(estate, one)).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut subnets: Vec<u32> = with_interfaces().flat_map(|one| subnets(estate, one)).collect();
    if subnets.is_empty() {
        subnets = group_subnets(estate, entity);
    }
    subnets.sort_unstable();
    subnets.dedup();
    let vpc = with_interfaces().chain(subnets.iter().copied()).find_map(|one| vpc(estate, one));
    let mut addresses: Vec<Cidr> =
        with_interfaces().filter_map(|one| private_address(estate.entity(one))).collect();
    if addresses.is_empty() {
        addresses = ranges(estate, &subnets);
    }
    addresses.sort();
    addresses.dedup();
    if groups.is_empty() && subnets.is_empty() && vpc.is_none() && addresses.is_empty() {
        return None;
    }
    let has_unread_groups = groups.is_empty() || stated_groups(fact) > groups.len();
    Some(Seat { entity, groups, has_unread_groups, subnets, vpc, addresses, pod: None })
}

/// How many groups the record of the entity states.
fn stated_groups(fact: &EntityFact) -> usize {
    let stated = fact.properties.get("security_group_ids").and_then(Value::as_array);
    stated.map_or(0, Vec::len)
}

/// Subnets of the subnet group that an entity may move within; what a VPC contains says nothing.
fn group_subnets(estate: &Estate, entity: u32) -> Vec<u32> {
    let groups = estate.near(entity, R::Contains);
    groups
        .filter(|one| estate.entity(*one).kind == K::Resource)
        .flat_map(|one| estate.far(one, R::Contains))
        .filter(|one| estate.entity(*one).kind == K::Subnet)
        .collect()
}

/// The VPC that contains an entity.
pub(super) fn vpc(estate: &Estate, entity: u32) -> Option<u32> {
    if estate.entity(entity).kind == K::Vpc {
        return Some(entity);
    }
    estate.near(entity, R::Contains).find(|one| estate.entity(*one).kind == K::Vpc)
}

fn private_address(fact: &EntityFact) -> Option<Cidr> {
    fact.properties.get("private_ip_address").and_then(Value::as_str).and_then(Cidr::parse)
}

/// Ranges of subnets.
fn ranges(estate: &Estate, subnets: &[u32]) -> Vec<Cidr> {
    let blocks = ["cidr_block", "ipv6_cidr_block"];
    let of = |one: &u32| {
        let properties = &estate.entity(*one).properties;
        let texts = blocks.iter().filter_map(|name| properties.get(*name)?.as_str());
        texts.filter_map(Cidr::parse).collect::<Vec<_>>()
    };
    subnets.iter().flat_map(of).collect()
}
