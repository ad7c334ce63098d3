//! Internet, NAT and transit gateways, VPC endpoints and peering.

use model::{EntityKind as K, RelationKind as R};
use serde_json::Value;

use super::place::{Place, region_of};
use super::reader::Reader;
use super::record::{list, text, texts};
use super::thing::{Thing, bare};

/// `ec2 describe-internet-gateways`.
pub fn internet(reader: &mut Reader<'_, '_>, record: &Value) {
    internet_of(reader, record, "InternetGatewayId", "internet-gateway");
}

/// `ec2 describe-egress-only-internet-gateways`.
pub fn egress_only(reader: &mut Reader<'_, '_>, record: &Value) {
    internet_of(reader, record, "EgressOnlyInternetGatewayId", "egress-only-internet-gateway");
}

fn internet_of(reader: &mut Reader<'_, '_>, record: &Value, field: &str, kind: &str) {
    let Some(id) = text(record, field) else {
        reader.reject("", format!("an internet gateway without {field}"));
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::InternetGateway, &place, kind, id);
    thing.tagged(record).property("type", kind);
    for attachment in list(record, "Attachments") {
        thing.in_vpc(text(attachment, "VpcId"));
    }
    reader.put(thing);
}

/// `ec2 describe-nat-gateways`.
pub fn nat(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "NatGatewayId") else {
        reader.reject("", "a NAT gateway without NatGatewayId");
        return;
    };
    let place = reader.place(record, &[]);
    let mut thing = Thing::ec2(K::NatGateway, &place, "natgateway", id);
    thing.tagged(record).created(record, "CreateTime", false).keep(
        record,
        &[
            "State",
            "ConnectivityType",
            "AvailabilityMode",
            "FailureCode",
            "FailureMessage",
            "SubnetId",
        ],
    );
    thing.entity.ended_at = super::record::instant(record, "DeleteTime");
    thing.in_vpc(text(record, "VpcId")).in_subnets(text(record, "SubnetId").into_iter());
    for address in list(record, "NatGatewayAddresses") {
        if let Some(interface) = text(address, "NetworkInterfaceId") {
            thing.to(R::Contains, bare(interface));
        }
        if let Some(allocation) = text(address, "AllocationId") {
            thing.from(bare(allocation), R::AttachedTo);
        }
    }
    let addresses: Vec<Value> = list(record, "NatGatewayAddresses")
        .iter()
        .filter_map(|address| text(address, "PublicIp"))
        .map(Value::from)
        .collect();
    if !addresses.is_empty() {
        thing.property("public_ips", addresses);
    }
    reader.put(thing);
}

/// `ec2 describe-transit-gateways`.
pub fn transit(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "TransitGatewayId") else {
        reader.reject("", "a transit gateway without TransitGatewayId");
        return;
    };
    let mut place = reader.place(record, &["TransitGatewayArn"]);
    let arn = text(record, "TransitGatewayArn");
    if place.region.is_none() {
        // An ARN that is cut off still names the region.
        let part =
            arn.and_then(|arn| arn.split(':').nth(3)).filter(|part| region_of(part).is_some());
        place.region = part.map(str::to_owned);
    }
    let resource = format!("transit-gateway/{id}");
    let mut thing = Thing::arn(K::TransitGateway, &place, arn, ("ec2", &resource), id);
    thing.claim(crate::key::bare_id(id));
    thing.tagged(record).created(record, "CreationTime", false);
    thing.keep(record, &["State", "Description", "Options"]);
    reader.put(thing);
}

/// `ec2 describe-transit-gateway-vpc-attachments`, and the list of attachments of every kind.
pub fn transit_attachment(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "TransitGatewayAttachmentId") else {
        reader.reject("", "an attachment without TransitGatewayAttachmentId");
        return;
    };
    let mut place = reader.place(record, &[]);
    let owner = text(record, "VpcOwnerId").or(text(record, "ResourceOwnerId"));
    place.account = owner.map(str::to_owned).or(place.account);
    let mut thing = Thing::ec2(K::Resource, &place, "transit-gateway-attachment", id);
    thing.tagged(record).property("resource_type", "transit_gateway_attachment");
    thing.keep(record, &["State", "ResourceType=attached_type", "Options"]);
    let gateway = text(record, "TransitGatewayId");
    if let Some(gateway) = gateway {
        thing.from(bare(gateway), R::Contains);
    }
    let vpc = text(record, "VpcId").or(text(record, "ResourceId"));
    if let Some(vpc) = vpc {
        thing.from(bare(vpc), R::RoutesVia);
    }
    thing.in_subnets(texts(record, "SubnetIds"));
    reader.put(thing);
}

/// `ec2 describe-vpc-endpoints`.
pub fn endpoint(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "VpcEndpointId") else {
        reader.reject("", "a VPC endpoint without VpcEndpointId");
        return;
    };
    let mut place = reader.place(record, &[]);
    if place.region.is_none() {
        let region = text(record, "ServiceName").and_then(|name| name.split('.').nth(2));
        place.region = region.filter(|region| region_of(region).is_some()).map(str::to_owned);
    }
    let mut thing = Thing::ec2(K::VpcEndpoint, &place, "vpc-endpoint", id);
    thing.tagged(record).created(record, "CreationTimestamp", false).keep(
        record,
        &["ServiceName", "VpcEndpointType", "State", "PrivateDnsEnabled", "RequesterManaged"],
    );
    thing.in_vpc(text(record, "VpcId")).in_subnets(texts(record, "SubnetIds"));
    let groups = list(record, "Groups").iter().filter_map(|group| text(group, "GroupId"));
    thing.guarded_by(groups);
    for interface in texts(record, "NetworkInterfaceIds") {
        thing.to(R::Contains, bare(interface));
    }
    for table in texts(record, "RouteTableIds") {
        thing.from(bare(table), R::RoutesVia);
    }
    for entry in list(record, "DnsEntries") {
        // The service's own name means another endpoint in each VPC; only these names are unique.
        thing.claim_endpoint(text(entry, "DnsName").filter(|name| name.contains(".vpce.")), None);
    }
    reader.put(thing);
}

/// `ec2 describe-vpc-peering-connections`: it belongs to the account that asked for it.
pub fn peering(reader: &mut Reader<'_, '_>, record: &Value) {
    let Some(id) = text(record, "VpcPeeringConnectionId") else {
        reader.reject("", "a peering connection without VpcPeeringConnectionId");
        return;
    };
    let some = |path: &str| text(record, path).map(str::to_owned);
    let mut place = Place {
        partition: None,
        account: some("RequesterVpcInfo.OwnerId"),
        region: some("RequesterVpcInfo.Region"),
    };
    place.fill(&reader.base);
    let mut thing = Thing::ec2(K::VpcPeering, &place, "vpc-peering-connection", id);
    thing
        .tagged(record)
        .keep(record, &["Status.Code=status", "RequesterVpcInfo", "AccepterVpcInfo"]);
    for side in ["RequesterVpcInfo.VpcId", "AccepterVpcInfo.VpcId"] {
        if let Some(vpc) = text(record, side) {
            thing.from(bare(vpc), R::RoutesVia);
        }
    }
    reader.put(thing);
}
