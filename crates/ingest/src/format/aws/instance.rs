//! EC2 instances, as reservations hold them.

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::{EntityKind as K, Micros, RelationKind as R};
use serde_json::Value;

use super::interface;
use super::place::Place;
use super::reader::Reader;
use super::record::{instant, list, text};
use super::thing::{Thing, bare, by_name};
use crate::key;

/// One reservation: its owner is the owner of its instances.
pub fn reservation(reader: &mut Reader<'_, '_>, record: &Value) {
    let owner = text(record, "OwnerId");
    for (position, one) in list(record, "Instances").iter().enumerate() {
        let mut place = reader.base.clone();
        place.account = owner.map(str::to_owned).or(place.account);
        instance(reader, one, place, owner, position);
    }
}

fn instance(
    reader: &mut Reader<'_, '_>,
    record: &Value,
    mut place: Place,
    owner: Option<&str>,
    position: usize,
) {
    let Some(id) = text(record, "InstanceId") else {
        reader.reject(&format!("/Instances/{position}"), "an instance without InstanceId");
        return;
    };
    let zone = text(record, "Placement.AvailabilityZone");
    if let Some(region) = zone.and_then(super::place::region_of) {
        place.region = Some(region.to_owned());
    }
    super::place::mentioned(record, &mut place);
    let mut thing = Thing::ec2(K::Instance, &place, "instance", id);
    thing.tagged(record).keep(record, PROPERTIES);
    if let Some(name) = thing.entity.labels.get("Name").filter(|name| !name.trim().is_empty()) {
        let key = key::computer(name.trim());
        thing.claim_with(key, Confidence::Medium);
    }
    life(reader.observed_at, &mut thing, record);
    placement(reader, &mut thing, record, zone);
    let groups = list(record, "SecurityGroups").iter().filter_map(|group| text(group, "GroupId"));
    thing.guarded_by(groups).in_vpc(text(record, "VpcId"));
    volumes(&mut thing, record);
    if let Some(image) = text(record, "ImageId") {
        thing.to(R::UsesImage, bare(image));
    }
    addresses(&mut thing, record);
    node_group(&mut thing);
    reader.put(thing);
    for one in list(record, "NetworkInterfaces") {
        interface::of_instance(reader, one, id, owner, &place);
    }
}

const PROPERTIES: &[&str] = &[
    "InstanceType",
    "State.Name=state",
    "StateReason.Code=state_reason",
    "ImageId",
    "KeyName",
    "Architecture",
    "Platform",
    "PlatformDetails",
    "UsageOperation",
    "InstanceLifecycle",
    "SpotInstanceRequestId",
    "PrivateIpAddress",
    "PublicIpAddress",
    "PrivateDnsName",
    "PublicDnsName",
    "LaunchTime",
    "Placement.Tenancy",
    "Placement.GroupName=placement_group",
    "Monitoring.State=monitoring",
    "MetadataOptions.HttpTokens",
    "MetadataOptions.HttpEndpoint",
    "IamInstanceProfile.Arn=iam_instance_profile",
    "RootDeviceName",
    "RootDeviceType",
    "EbsOptimized",
    "EnaSupport",
    "VirtualizationType",
    "CpuOptions.CoreCount",
    "CpuOptions.ThreadsPerCore",
    "SourceDestCheck",
    "SubnetId",
];

/// The launch time is that of the newest start; the root volume was attached when it was made.
fn life(observed_at: Micros, thing: &mut Thing, record: &Value) {
    let launched = instant(record, "LaunchTime");
    let attached = list(record, "BlockDeviceMappings")
        .iter()
        .filter_map(|mapping| instant(mapping, "Ebs.AttachTime"));
    thing.entity.created_at = attached.chain(launched).min();
    if text(record, "State.Name") == Some("terminated") {
        let stated = text(record, "StateTransitionReason").and_then(instant_in_brackets);
        thing.entity.ended_at = Some(stated.unwrap_or(observed_at));
    }
}

/// `User initiated (2023-04-19 08:49:30 GMT)`.
fn instant_in_brackets(reason: &str) -> Option<Micros> {
    let (_, rest) = reason.split_once('(')?;
    let (text, _) = rest.split_once(')')?;
    let text = text.trim_end_matches("GMT").trim().replacen(' ', "T", 1);
    super::record::instant_of(&format!("{text}Z"))
}

fn placement(reader: &mut Reader<'_, '_>, thing: &mut Thing, record: &Value, zone: Option<&str>) {
    let zone_id = text(record, "Placement.AvailabilityZoneId");
    thing.entity.scope.zone = zone_id.or(zone).map(str::to_owned);
    let place = thing.place.clone();
    let in_zone = reader.zone(&place, zone, zone_id);
    match (text(record, "SubnetId"), in_zone) {
        (Some(subnet), _) => {
            thing.to(R::PlacedIn, bare(subnet));
        }
        (None, Some(zone)) => {
            thing.to(R::PlacedIn, zone);
        }
        (None, None) => {}
    }
}

fn volumes(thing: &mut Thing, record: &Value) {
    let root = text(record, "RootDeviceName");
    for mapping in list(record, "BlockDeviceMappings") {
        let Some(volume) = text(mapping, "Ebs.VolumeId") else { continue };
        let device = text(mapping, "DeviceName");
        let mut relation = RelationObservation::declared(thing.this(), R::AttachedTo, bare(volume))
            .with("is_root", device.is_some() && device == root);
        if let Some(device) = device {
            relation = relation.with("device", device);
        }
        if let Some(deleted) = mapping.pointer("/Ebs/DeleteOnTermination").and_then(Value::as_bool)
        {
            relation = relation.with("delete_on_termination", deleted);
        }
        thing.relate(relation);
    }
}

/// The first address is the instance's own; the interface claims the others.
fn addresses(thing: &mut Thing, record: &Value) {
    if let (Some(vpc), Some(address)) = (text(record, "VpcId"), text(record, "PrivateIpAddress")) {
        thing.claim(key::address(vpc, address));
    }
    for name in ["PublicDnsName", "PrivateDnsName"] {
        thing.claim_endpoint(text(record, name), None);
    }
    if let Some(address) = text(record, "PublicIpAddress") {
        thing.claim(key::host(address));
    }
}

/// EKS tags the instances of a managed node group.
fn node_group(thing: &mut Thing) {
    let labels = &thing.entity.labels;
    let cluster = labels.get("eks:cluster-name").filter(|name| !name.is_empty()).cloned();
    let group = labels.get("eks:nodegroup-name").filter(|name| !name.is_empty()).cloned();
    if thing.entity.ended_at.is_some() {
        return;
    }
    if let (Some(cluster), Some(group)) = (cluster, group) {
        let group = by_name(&thing.place, "nodegroup", &format!("{cluster}/{group}"));
        thing.from(group, R::HasReplica);
    }
}
