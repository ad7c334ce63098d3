//! Routes: within a VPC everything reaches everything. Between two VPCs the route table of each side
//! must lead to the other, the most specific route wins.

use model::kind::{EntityKind as K, RelationKind as R};
use serde_json::{Map, Value};

use super::address::Cidr;
use super::decision::Decision;
use super::seat::Seat;
use crate::estate::Estate;

/// Whether there is a way from one seat to the other and back.
pub(super) fn between(estate: &Estate, from: &Seat, to: &Seat) -> Decision {
    match (from.vpc, to.vpc) {
        (Some(near), Some(far)) if near == far => Decision::Allow,
        (Some(_), Some(_)) => {
            let private = one_way(estate, from, to).and(one_way(estate, to, from));
            match private {
                Decision::Deny(reason) if !has_public_address(estate, to.entity) => {
                    Decision::Deny(reason)
                }
                Decision::Deny(_) => Decision::maybe("the way over the internet"),
                other => other,
            }
        }
        (None, _) => Decision::maybe(format!("VPC of {}", estate.entity(from.entity).name)),
        (_, None) => Decision::maybe(format!("VPC of {}", estate.entity(to.entity).name)),
    }
}

/// Whether the far end may have an address on the internet, so that a client elsewhere may come in
/// that way.
fn has_public_address(estate: &Estate, entity: u32) -> bool {
    let properties = &estate.entity(entity).properties;
    properties.contains_key("public_ip_address")
        || properties.get("publicly_accessible") == Some(&Value::Bool(true))
        || properties.get("scheme").and_then(Value::as_str) == Some("internet-facing")
}

fn one_way(estate: &Estate, from: &Seat, to: &Seat) -> Decision {
    let name = &estate.entity(from.entity).name;
    if from.subnets.is_empty() {
        return Decision::maybe(format!("subnet of {name}"));
    }
    let each = from.subnets.iter().map(|subnet| leads(estate, *subnet, to));
    Decision::one_of(each, "which of its subnets it stands in")
}

/// Routes of a subnet; `None` when its table was not read.
pub(super) fn routes(estate: &Estate, subnet: u32) -> Option<&Vec<Value>> {
    let table =
        estate.far(subnet, R::RoutesVia).find(|one| estate.entity(*one).kind == K::RouteTable);
    estate.entity(table?).properties.get("routes")?.as_array()
}

/// Ways that a route may name, and what is not read of each.
const WAYS: [(&str, Option<&str>); 6] = [
    ("vpc_peering_connection_id", None),
    ("transit_gateway_id", Some("route tables of the transit gateway")),
    ("network_interface_id", Some("what the appliance behind the route lets through")),
    ("instance_id", Some("what the appliance behind the route lets through")),
    ("local_gateway_id", Some("the local gateway")),
    ("core_network_arn", Some("the core network")),
];

/// Whether a subnet's table leads to where the other end stands.
fn leads(estate: &Estate, subnet: u32, to: &Seat) -> Decision {
    let name = super::group::bare_id(&estate.entity(subnet).id);
    let Some(routes) = routes(estate, subnet) else {
        return Decision::maybe(format!("route table of {name}"));
    };
    if to.addresses.is_empty() {
        return Decision::maybe(format!("address of {}", estate.entity(to.entity).name));
    }
    let mut best: Option<(u128, &Map<String, Value>)> = None;
    for route in routes.iter().filter_map(Value::as_object) {
        let Some(range) = destination(route) else { continue };
        let is_better = best.is_none_or(|(size, _)| range.size() < size);
        if is_better && to.addresses.iter().any(|one| range.holds(one)) {
            best = Some((range.size(), route));
        }
    }
    let denied =
        || Decision::Deny(format!("no route of {name} leads to {}", estate.entity(to.entity).name));
    let Some((_, route)) = best else { return denied() };
    if route.get("state").and_then(Value::as_str) == Some("blackhole") {
        return denied();
    }
    let gateway = route.get("gateway_id").and_then(Value::as_str).unwrap_or_default();
    if gateway.starts_with("vgw-") {
        return Decision::maybe("routes behind the virtual private gateway");
    }
    match WAYS.iter().find(|(way, _)| route.contains_key(*way)) {
        Some((_, None)) => Decision::Allow,
        Some((_, Some(missing))) => Decision::maybe(*missing),
        // To the internet, or to itself.
        None => denied(),
    }
}

/// The addresses that a route is about.
fn destination(route: &Map<String, Value>) -> Option<Cidr> {
    let block = route.get("destination_cidr_block");
    let block = block.or_else(|| route.get("destination_ipv6_cidr_block"))?;
    Cidr::parse(block.as_str()?)
}

/// Whether a subnet's default route of a family leads to an internet gateway; `None` when its table
/// was not read.
pub(super) fn leads_to_internet(estate: &Estate, subnet: u32) -> Option<(bool, bool)> {
    let routes = routes(estate, subnet)?;
    let of = |everything: Cidr| {
        routes.iter().filter_map(Value::as_object).any(|route| {
            let gateway = route.get("gateway_id").and_then(Value::as_str).unwrap_or_default();
            let is_open = route.get("state").and_then(Value::as_str) != Some("blackhole");
            destination(route) == Some(everything) && gateway.starts_with("igw-") && is_open
        })
    };
    Some((of(Cidr::EVERY_V4), of(Cidr::EVERY_V6)))
}
