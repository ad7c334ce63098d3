//! Ways out of subnets: which calls lie behind a NAT gateway, an endpoint or a transit gateway, and
//! what they lose with it.

use std::collections::BTreeMap;

use ::model::fact::EstateRelation;
use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::node::{Cause, Extra};
use super::property::{text, texts};

/// Where traffic to everywhere goes.
const EVERYWHERE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// Ways that are known so far.
#[derive(Default)]
pub(super) struct Ways {
    /// Subnets of whatever calls; `None` where a replica's subnet is not known.
    subnets: BTreeMap<u32, Option<Vec<u32>>>,
    /// The node of a way out of a subnet to a service of AWS, or to everywhere; `None` where it needs
    /// no gateway that can fail, or nothing is known.
    ways: BTreeMap<(u32, String), Option<u32>>,
}

impl Ways {
    /// The ways of a call, all of which must fail for it to fail; empty when it leaves through
    /// nothing that is known to fail.
    pub fn of_call(&mut self, draft: &mut Draft<'_>, from: u32, to: u32) -> Vec<u32> {
        let Some(behind) = behind(draft, to) else { return Vec::new() };
        let subnets = self.subnets.entry(from).or_insert_with(|| subnets_of(draft, from));
        let Some(subnets) = subnets.clone() else { return Vec::new() };
        let mut all = Vec::new();
        for subnet in subnets {
            let key = (subnet, behind.to_owned());
            let way = match self.ways.get(&key) {
                Some(way) => *way,
                None => {
                    let way = way_out(draft, subnet, behind);
                    self.ways.insert(key, way);
                    way
                }
            };
            // One way that cannot fail, or is not known, is enough to keep the call.
            let Some(way) = way else { return Vec::new() };
            all.push(way);
        }
        all
    }
}

/// What a far end lies behind, as the caller's subnets see it: a service of AWS by the last part of its
/// endpoint's name, or everything outside. `None` for what is reached within the network.
fn behind(draft: &Draft<'_>, to: u32) -> Option<&'static str> {
    let entity = draft.entity(to);
    let is_aws =
        |service: &str| entity.id.starts_with("arn:") && arn_service(&entity.id) == service;
    match entity.kind {
        EntityKind::ExternalEndpoint => Some(""),
        EntityKind::Bucket if is_aws("s3") => Some("s3"),
        EntityKind::Queue if is_aws("sqs") => Some("sqs"),
        EntityKind::Function if is_aws("lambda") => Some("lambda"),
        _ if is_aws("dynamodb") => Some("dynamodb"),
        _ => None,
    }
}

fn arn_service(arn: &str) -> &str {
    arn.split(':').nth(2).unwrap_or_default()
}

/// The subnets that something runs in, by way of its replicas; `None` when one that runs has none that
/// is known.
fn subnets_of(draft: &Draft<'_>, from: u32) -> Option<Vec<u32>> {
    const DOWN: [RelationKind; 3] =
        [RelationKind::ImplementedBy, RelationKind::HasReplica, RelationKind::RunsOn];
    let estate = draft.estate;
    let mut found = Vec::new();
    for one in estate.reached(&[from], &DOWN) {
        let kind = estate.entity(one).kind;
        let leads_on = estate.from(one).iter().any(|relation| DOWN.contains(&relation.kind));
        let places: Vec<u32> = estate.far(one, RelationKind::PlacedIn).collect();
        let is_subnet = |place: &u32| estate.entity(*place).kind == EntityKind::Subnet;
        found.extend(places.iter().copied().filter(is_subnet));
        let is_host = matches!(
            kind,
            EntityKind::Pod
                | EntityKind::Task
                | EntityKind::KubernetesNode
                | EntityKind::Instance
                | EntityKind::Function
        );
        let is_pending = kind == EntityKind::Pod && !leads_on;
        if is_host && !leads_on && !is_pending && !places.iter().any(is_subnet) {
            return None;
        }
    }
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then_some(found)
}

/// The node of the way out of a subnet. It fails with all gateways that lead there, and with the
/// subnet: nothing that runs elsewhere uses it.
fn way_out(draft: &mut Draft<'_>, subnet: u32, behind: &str) -> Option<u32> {
    let gateways = gateways(draft, subnet, behind)?;
    let way = draft.extra(Extra::Way { subnet });
    draft.group(way, 1, gateways, Cause::Egress);
    draft.group(way, 1, vec![subnet], Cause::PlacedIn);
    Some(way)
}

fn gateways(draft: &Draft<'_>, subnet: u32, behind: &str) -> Option<Vec<u32>> {
    let routes = routes(draft, subnet);
    let endpoint = |one: &&&EstateRelation| {
        let name = text(&draft.entity(one.to).properties, "service_name").unwrap_or_default();
        !behind.is_empty() && name.rsplit('.').next() == Some(behind)
    };
    let to_endpoint: Vec<u32> = routes.iter().filter(endpoint).map(|one| one.to).collect();
    if !to_endpoint.is_empty() {
        return Some(to_endpoint);
    }
    let is_default = |one: &&&EstateRelation| {
        let destinations = texts(&one.properties, "destinations");
        destinations.is_empty() || destinations.iter().any(|to| EVERYWHERE.contains(to))
    };
    let default: Vec<u32> = routes
        .iter()
        .filter(is_default)
        .map(|one| one.to)
        .filter(|to| draft.entity(*to).kind != EntityKind::VpcEndpoint)
        .collect();
    let can_fail = |to: &u32| {
        matches!(
            draft.entity(*to).kind,
            EntityKind::NatGateway
                | EntityKind::TransitGateway
                | EntityKind::Instance
                | EntityKind::NetworkInterface
        )
    };
    (!default.is_empty() && default.iter().all(can_fail)).then_some(default)
}

/// The routes of a subnet: its own egress, else that of its VPC's main table, and what its route table
/// leads to.
fn routes<'a>(draft: &Draft<'a>, subnet: u32) -> Vec<&'a EstateRelation> {
    let estate = draft.estate;
    let of = |one: u32, kind: RelationKind| {
        estate.from(one).iter().filter(move |relation| relation.kind == kind)
    };
    let mut routes: Vec<&EstateRelation> = of(subnet, RelationKind::EgressThrough).collect();
    let tables: Vec<u32> = estate
        .far(subnet, RelationKind::RoutesVia)
        .filter(|one| estate.entity(*one).kind == EntityKind::RouteTable)
        .collect();
    for table in &tables {
        routes.extend(of(*table, RelationKind::RoutesVia));
    }
    if tables.is_empty() && routes.is_empty() {
        let vpcs = estate
            .near(subnet, RelationKind::Contains)
            .filter(|one| estate.entity(*one).kind == EntityKind::Vpc);
        for vpc in vpcs {
            routes.extend(of(vpc, RelationKind::EgressThrough));
        }
    }
    routes
}
