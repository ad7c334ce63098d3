//! Network interfaces and Elastic IP addresses.

use model::kind::Confidence;
use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::place::Place;
use super::reader::Reader;
use super::record::{list, text};
use super::thing::{Thing, bare};
use crate::key;

const PROPERTIES: &[&str] = &[
    "InterfaceType",
    "Status",
    "Description",
    "PrivateIpAddress",
    "PrivateDnsName",
    "Association.PublicIp=public_ip",
    "SourceDestCheck",
    "RequesterManaged",
    "RequesterId",
    "MacAddress",
    "SubnetId",
];

/// `ec2 describe-network-interfaces`.
pub fn interface(reader: &mut Reader<'_, '_>, record: &Value) {
    let place = reader.place(record, &[]);
    let instance = text(record, "Attachment.InstanceId");
    put(reader, record, instance, &place);
}

/// An interface inside an instance's record.
pub fn of_instance(
    reader: &mut Reader<'_, '_>,
    record: &Value,
    instance: &str,
    owner: Option<&str>,
    place: &Place,
) {
    let mut place = place.clone();
    let owner = text(record, "OwnerId").or(owner);
    place.account = owner.map(str::to_owned).or(place.account);
    if text(record, "NetworkInterfaceId").is_some() {
        put(reader, record, Some(instance), &place);
    }
}

fn put(reader: &mut Reader<'_, '_>, record: &Value, instance: Option<&str>, place: &Place) {
    let Some(id) = text(record, "NetworkInterfaceId") else {
        reader.reject("", "a network interface without NetworkInterfaceId");
        return;
    };
    let mut thing = Thing::ec2(K::NetworkInterface, place, "network-interface", id);
    thing.tagged(record).keep(record, PROPERTIES).in_vpc(text(record, "VpcId"));
    let zone = text(record, "AvailabilityZone");
    thing.entity.scope.zone = zone.map(str::to_owned);
    let in_zone = reader.zone(place, zone, text(record, "AvailabilityZoneId"));
    match (text(record, "SubnetId"), in_zone) {
        (Some(subnet), _) => {
            thing.to(R::PlacedIn, bare(subnet));
        }
        (None, Some(zone)) => {
            thing.to(R::PlacedIn, zone);
        }
        (None, None) => {}
    }
    let groups = list(record, "Groups").iter().filter_map(|group| text(group, "GroupId"));
    thing.guarded_by(groups);
    if let Some(instance) = instance {
        thing.to(R::AttachedTo, bare(instance));
    }
    addresses(&mut thing, record);
    if let Some(allocation) = text(record, "Association.AllocationId") {
        thing.from(bare(allocation), R::AttachedTo);
    }
    reader.put(thing);
}

/// Addresses are names within the VPC; what uses one more closely (an instance its first, a pod its
/// own) claims it with more certainty.
fn addresses(thing: &mut Thing, record: &Value) {
    let vpc = text(record, "VpcId");
    let all = list(record, "PrivateIpAddresses")
        .iter()
        .filter_map(|one| text(one, "PrivateIpAddress"))
        .chain(text(record, "PrivateIpAddress"));
    for address in all {
        if let Some(vpc) = vpc {
            thing.claim_with(key::address(vpc, address), Confidence::Medium);
        }
        thing.claim_with(key::address_anywhere(address), Confidence::Low);
    }
    if let Some(address) = text(record, "Association.PublicIp") {
        thing.claim_with(key::host(address), Confidence::Medium);
    }
}

/// `ec2 describe-addresses`.
pub fn address(reader: &mut Reader<'_, '_>, record: &Value) {
    let mut place = reader.place(record, &[]);
    if place.account.is_none() {
        place.account = text(record, "NetworkInterfaceOwnerId").map(str::to_owned);
    }
    let public = text(record, "PublicIp");
    // Addresses of EC2-Classic have no allocation.
    let Some(id) = text(record, "AllocationId").or(public) else {
        reader.reject("", "an address without AllocationId and PublicIp");
        return;
    };
    let mut thing = Thing::ec2(K::ElasticIp, &place, "elastic-ip", id);
    thing.entity.name = public.unwrap_or(id).to_owned();
    thing.tagged(record).keep(
        record,
        &[
            "PublicIp",
            "Domain",
            "PublicIpv4Pool",
            "NetworkBorderGroup",
            "PrivateIpAddress",
            "AssociationId",
        ],
    );
    if let Some(address) = public {
        thing.claim_with(key::host(address), Confidence::Low);
    }
    for field in ["NetworkInterfaceId", "InstanceId"] {
        if let Some(target) = text(record, field) {
            thing.to(R::AttachedTo, bare(target));
        }
    }
    reader.put(thing);
}
