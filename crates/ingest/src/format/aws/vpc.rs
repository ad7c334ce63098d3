//! Regions, zones, VPCs and subnets.

use model::kind::Confidence;
use model::{EntityKind as K, Reference, RelationKind as R};
use serde_json::Value;

use super::reader::{Reader, zone_entity};
use super::record::{list, text};
use super::route_table;
use super::thing::Thing;
use crate::key;

/// `ec2 describe-regions`.
pub fn region(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(name) = text(record, "RegionName") else {
        reader.reject("", "a region without RegionName");
        return;
    };
    let place = super::place::Place { region: Some(name.to_owned()), ..Default::default() };
    let mut thing = Thing::with_id(K::Region, &place, &*key::region(name).0, name);
    thing.keep(record, &["OptInStatus", "Endpoint"]);
    reader.put(thing);
}

/// `ec2 describe-availability-zones`: the only response that maps names to ids for sure.
pub fn zone(reader: &mut Reader<'_, '_>, record: &Value) {
    let (name, id) = (text(record, "ZoneName"), text(record, "ZoneId"));
    if name.is_none() && id.is_none() {
        reader.reject("", "a zone without ZoneName and ZoneId");
        return;
    }
    let mut place = reader.place(record, &[]);
    if let Some(region) = text(record, "RegionName") {
        place.region = Some(region.to_owned());
    }
    let mut thing = zone_entity(&place, name, id);
    if let Some(region) = place.region.clone() {
        reader.region(&place, &region);
        thing.to(R::PlacedIn, Reference::id(key::region(&region)));
    }
    // The name is the account's own word for it, so it is no property of the zone.
    thing.keep(record, &["ZoneType", "NetworkBorderGroup"]);
    thing.entity.scope.account = None;
    reader.put(thing);
}

/// `ec2 describe-vpcs`.
pub fn vpc(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "VpcId") else {
        reader.reject("", "a VPC without VpcId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::Vpc, &place, "vpc", id);
    thing
        .tagged(record)
        .keep(record, &["CidrBlock", "State", "IsDefault", "InstanceTenancy", "DhcpOptionsId"]);
    let cidrs = |field: &str, part: &str| -> Vec<Value> {
        let all = list(record, field).iter();
        all.filter_map(|one| text(one, part)).map(Value::from).collect()
    };
    let (four, six) = (
        cidrs("CidrBlockAssociationSet", "CidrBlock"),
        cidrs("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
    );
    for (name, blocks) in [("cidr_blocks", four), ("ipv6_cidr_blocks", six)] {
        if !blocks.is_empty() {
            thing.property(name, blocks);
        }
    }
    reader.put(thing);
}

/// `ec2 describe-subnets`.
pub fn subnet(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "SubnetId") else {
        reader.reject("", "a subnet without SubnetId");
        return;
    };
    let place = reader.place(record, &["SubnetArn"]);
    let mut thing = Thing::arn(
        K::Subnet,
        &place,
        text(record, "SubnetArn"),
        ("ec2", &format!("subnet/{id}")),
        id,
    );
    thing.claim(key::bare_id(id));
    // The count of free addresses moves by itself; it is a measured value, no property.
    if let Some(free) = record.get("AvailableIpAddressCount").and_then(Value::as_f64) {
        reader.measured(&thing, "aws_subnet_available_ip_address_count", free);
    }
    thing
        .tagged(record)
        .keep(record, &["CidrBlock", "State", "DefaultForAz", "MapPublicIpOnLaunch", "OutpostArn"]);
    let vpc = text(record, "VpcId");
    thing.in_vpc(vpc);
    let (zone, zone_id) = (text(record, "AvailabilityZone"), text(record, "AvailabilityZoneId"));
    thing.entity.scope.zone = zone_id.or(zone).map(str::to_owned);
    if let Some(zone) = reader.zone(&place, zone, zone_id) {
        thing.to(R::PlacedIn, zone);
    }
    // The table that names the subnet, else the main table of its VPC.
    let mut table = Reference::key("route table of subnet", route_table::of_subnet(id));
    if let Some(vpc) = vpc {
        table = table.or("main route table", route_table::main_of(vpc), Confidence::High);
    }
    thing.to(R::RoutesVia, table.of_kinds(&[K::RouteTable]));
    reader.put(thing);
}
