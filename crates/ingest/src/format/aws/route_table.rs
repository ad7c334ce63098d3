//! Route tables: which way the subnets' packets leave.

use std::collections::BTreeMap;

use model::entity::RelationObservation;
use model::{AliasKey, EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::reader::Reader;
use super::record::{list, snake_keys, text};
use super::thing::{Thing, bare};

/// The table that names a subnet: claimed by the table.
pub fn of_subnet(subnet: &str) -> AliasKey {
    format!("route-table-of:{subnet}").into()
}

/// The main table of a VPC, which its other subnets use: claimed by the table.
pub fn main_of(vpc: &str) -> AliasKey {
    format!("main-route-table-of:{vpc}").into()
}

/// Fields of a route that name a way, and whether a failure there is lost egress.
const WAYS: &[&str] = &[
    "GatewayId",
    "NatGatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "EgressOnlyInternetGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
];

/// `ec2 describe-route-tables`.
pub fn route_table(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "RouteTableId") else {
        reader.reject("", "a route table without RouteTableId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::RouteTable, &place, "route-table", id);
    let vpc = text(record, "VpcId");
    thing.tagged(record).in_vpc(vpc);
    thing.property("routes", routes(record));
    let ways = ways(record);
    for (way, destinations) in &ways {
        let relation = RelationObservation::declared(thing.this(), R::RoutesVia, bare(way));
        thing.relate(relation.with("destinations", destinations.clone()));
    }
    for gateway in list(record, "PropagatingVgws").iter().filter_map(|one| text(one, "GatewayId")) {
        thing.to(R::RoutesVia, bare(gateway));
    }
    for association in list(record, "Associations") {
        let is_main = association.get("Main").and_then(Value::as_bool) == Some(true);
        let near = match (text(association, "SubnetId"), vpc) {
            (Some(subnet), _) => {
                thing.claim(of_subnet(subnet));
                subnet
            }
            (None, Some(vpc)) if is_main => {
                thing.claim(main_of(vpc)).property("main", true);
                vpc
            }
            _ => match text(association, "GatewayId") {
                // A table for what comes in through a gateway.
                Some(gateway) => {
                    thing.from(bare(gateway), R::RoutesVia);
                    continue;
                }
                None => continue,
            },
        };
        thing.from(bare(near), R::RoutesVia);
        for (way, destinations) in ways.iter().filter(|(way, _)| is_egress(way)) {
            // For the main table the near end is the VPC: it holds for its subnets without a table.
            let relation = RelationObservation::declared(bare(near), R::EgressThrough, bare(way))
                .with("destinations", destinations.clone())
                .with("main", is_main);
            thing.relate(relation);
        }
    }
    reader.put(thing);
}

/// What carries traffic out and can fail by itself.
fn is_egress(way: &str) -> bool {
    ["nat-", "vpce-", "tgw-"].iter().any(|prefix| way.starts_with(prefix))
}

/// The routes as they are, without their origin.
fn routes(record: &Value) -> Value {
    let all = list(record, "Routes").iter().map(|route| {
        let mut route = snake_keys(route);
        if let Some(map) = route.as_object_mut() {
            map.shift_remove("origin");
        }
        route
    });
    Value::Array(all.collect())
}

/// Ways by id, with the destinations that lead there.
fn ways(record: &Value) -> BTreeMap<String, Vec<String>> {
    let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for route in list(record, "Routes") {
        let destination =
            ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"]
                .iter()
                .find_map(|field| text(route, field));
        let all = WAYS.iter().filter_map(|field| text(route, field));
        for way in all.filter(|way| *way != "local") {
            let destinations = ways.entry(way.to_owned()).or_default();
            destinations.extend(destination.map(str::to_owned));
        }
    }
    ways
}
