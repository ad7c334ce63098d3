//! Zones, VPCs, subnets, route tables, gateways, endpoints, addresses and network interfaces.

use serde_json::{Value, json};

use super::names::{
    Tier, id, nat_zone_for, nat_zones, public_address, security_group, subnet, tags, vpc, zone_name,
};
use crate::clock::aws;
use crate::company::Environment;
use crate::estate::{Cluster, Estate};

/// `ec2 describe-availability-zones`.
pub fn availability_zones(env: &Environment) -> Value {
    let zones: Vec<Value> = env
        .zones
        .iter()
        .map(|(letter, zone_id)| {
            json!({
                "OptInStatus": "opt-in-not-required",
                "Messages": [],
                "RegionName": env.region,
                "ZoneName": format!("{}{letter}", env.region),
                "ZoneId": zone_id,
                "GroupName": env.region,
                "NetworkBorderGroup": env.region,
                "ZoneType": "availability-zone",
                "State": "available"
            })
        })
        .collect();
    json!({ "AvailabilityZones": zones })
}

/// `ec2 describe-vpcs`.
pub fn vpcs(estate: &Estate, env: &Environment) -> Value {
    let cidr = format!("10.{}.0.0/16", env.octet);
    json!({ "Vpcs": [{
        "OwnerId": env.account.id,
        "InstanceTenancy": "default",
        "CidrBlockAssociationSet": [{
            "AssociationId": id(estate, env, "vpc-cidr-assoc", "main"),
            "CidrBlock": cidr,
            "CidrBlockState": { "State": "associated" }
        }],
        "IsDefault": false,
        "Tags": tags(&[("Name", env.name), ("environment", env.name)]),
        "VpcId": vpc(estate, env),
        "State": "available",
        "CidrBlock": cidr,
        "DhcpOptionsId": id(estate, env, "dopt", "main")
    }] })
}

/// `ec2 describe-subnets`: three tiers in every zone.
pub fn subnets(estate: &Estate, env: &Environment) -> Value {
    let mut all = Vec::new();
    for tier in Tier::ALL {
        for zone in 0..env.zones.len() {
            let subnet_id = subnet(estate, env, tier, zone);
            let name = format!("{}-{}-{}", env.name, tier.label(), env.zones[zone].0);
            all.push(json!({
                "AvailabilityZoneId": env.zones[zone].1,
                "MapPublicIpOnLaunch": tier == Tier::Public,
                "OwnerId": env.account.id,
                "AssignIpv6AddressOnCreation": false,
                "Ipv6CidrBlockAssociationSet": [],
                "Tags": tags(&[("Name", &name), ("environment", env.name)]),
                "SubnetArn": format!(
                    "arn:aws:ec2:{}:{}:subnet/{subnet_id}", env.region, env.account.id
                ),
                "SubnetId": subnet_id,
                "State": "available",
                "VpcId": vpc(estate, env),
                "CidrBlock": tier.cidr(env, zone),
                "AvailableIpAddressCount": if tier == Tier::Private { 3800 } else { 220 },
                "AvailabilityZone": zone_name(env, zone),
                "DefaultForAz": false
            }));
        }
    }
    json!({ "Subnets": all })
}

/// The NAT gateway of a zone.
pub fn nat_gateway(estate: &Estate, env: &Environment, zone: usize) -> String {
    id(estate, env, "nat", &zone.to_string())
}

/// `ec2 describe-route-tables`: one for the public subnets, one per zone for the private ones, one
/// main table for the data subnets, which have no way out.
pub fn route_tables(estate: &Estate, env: &Environment) -> Value {
    let local = json!({
        "DestinationCidrBlock": format!("10.{}.0.0/16", env.octet),
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active"
    });
    let bucket_route = json!({
        "DestinationPrefixListId": "pl-63a5400a",
        "GatewayId": id(estate, env, "vpce", "s3"),
        "Origin": "CreateRoute",
        "State": "active"
    });
    let mut all = Vec::new();
    let public: Vec<usize> = (0..env.zones.len()).collect();
    let to_internet = json!({
        "DestinationCidrBlock": "0.0.0.0/0",
        "GatewayId": id(estate, env, "igw", "main"),
        "Origin": "CreateRoute",
        "State": "active"
    });
    all.push(table(
        estate,
        env,
        "public",
        Some((Tier::Public, &public)),
        &[local.clone(), to_internet],
    ));
    for zone in 0..env.zones.len() {
        let out = json!({
            "DestinationCidrBlock": "0.0.0.0/0",
            "NatGatewayId": nat_gateway(estate, env, nat_zone_for(env, zone)),
            "Origin": "CreateRoute",
            "State": "active"
        });
        let name = format!("private-{}", env.zones[zone].0);
        let routes = [local.clone(), out, bucket_route.clone()];
        all.push(table(estate, env, &name, Some((Tier::Private, &[zone])), &routes));
    }
    all.push(table(estate, env, "data", Some((Tier::Data, &public)), std::slice::from_ref(&local)));
    all.push(table(estate, env, "main", None, &[local]));
    json!({ "RouteTables": all })
}

fn table(
    estate: &Estate,
    env: &Environment,
    name: &str,
    of: Option<(Tier, &[usize])>,
    routes: &[Value],
) -> Value {
    let table_id = id(estate, env, "rtb", name);
    let mut associations: Vec<Value> = Vec::new();
    if let Some((tier, zones)) = of {
        for zone in zones {
            associations.push(json!({
                "Main": false,
                "RouteTableAssociationId":
                    id(estate, env, "rtbassoc", &format!("{}/{zone}", tier.label())),
                "RouteTableId": table_id,
                "SubnetId": subnet(estate, env, tier, *zone),
                "AssociationState": { "State": "associated" }
            }));
        }
    } else {
        associations.push(json!({
            "Main": true,
            "RouteTableAssociationId": id(estate, env, "rtbassoc", "main"),
            "RouteTableId": table_id,
            "AssociationState": { "State": "associated" }
        }));
    }
    json!({
        "Associations": associations,
        "PropagatingVgws": [],
        "RouteTableId": table_id,
        "Routes": routes,
        "Tags": tags(&[("Name", &format!("{}-{name}", env.name))]),
        "VpcId": vpc(estate, env),
        "OwnerId": env.account.id
    })
}

/// `ec2 describe-internet-gateways`.
pub fn internet_gateways(estate: &Estate, env: &Environment) -> Value {
    json!({ "InternetGateways": [{
        "Attachments": [{ "State": "available", "VpcId": vpc(estate, env) }],
        "InternetGatewayId": id(estate, env, "igw", "main"),
        "OwnerId": env.account.id,
        "Tags": tags(&[("Name", env.name)])
    }] })
}

/// `ec2 describe-nat-gateways`. Production has two for three zones.
pub fn nat_gateways(estate: &Estate, env: &Environment) -> Value {
    let all: Vec<Value> = nat_zones(env)
        .into_iter()
        .map(|zone| {
            let name = format!("{}-{}", env.name, env.zones[zone].0);
            json!({
                "CreateTime": aws(estate.born),
                "NatGatewayAddresses": [{
                    "AllocationId": id(estate, env, "eipalloc", &format!("nat/{zone}")),
                    "NetworkInterfaceId": id(estate, env, "eni", &format!("nat/{zone}")),
                    "PrivateIp": format!("10.{}.{zone}.10", env.octet),
                    "PublicIp": public_address(estate, &format!("{name}/nat")),
                    "IsPrimary": true,
                    "Status": "succeeded"
                }],
                "NatGatewayId": nat_gateway(estate, env, zone),
                "State": "available",
                "SubnetId": subnet(estate, env, Tier::Public, zone),
                "VpcId": vpc(estate, env),
                "Tags": tags(&[("Name", &name), ("team", "platform-team")]),
                "ConnectivityType": "public"
            })
        })
        .collect();
    json!({ "NatGateways": all })
}

/// `ec2 describe-vpc-endpoints`: the gateway endpoint to S3.
pub fn vpc_endpoints(estate: &Estate, env: &Environment) -> Value {
    let tables: Vec<String> = env
        .zones
        .iter()
        .map(|(letter, _)| id(estate, env, "rtb", &format!("private-{letter}")))
        .collect();
    json!({ "VpcEndpoints": [{
        "VpcEndpointId": id(estate, env, "vpce", "s3"),
        "VpcEndpointType": "Gateway",
        "VpcId": vpc(estate, env),
        "ServiceName": format!("com.amazonaws.{}.s3", env.region),
        "State": "available",
        "RouteTableIds": tables,
        "SubnetIds": [],
        "Groups": [],
        "PrivateDnsEnabled": false,
        "NetworkInterfaceIds": [],
        "CreationTimestamp": aws(estate.born),
        "Tags": [],
        "OwnerId": env.account.id
    }] })
}

/// `ec2 describe-addresses`: those of the NAT gateways, and in production one that nothing uses.
pub fn addresses(estate: &Estate, env: &Environment) -> Value {
    let mut all: Vec<Value> = nat_zones(env)
        .into_iter()
        .map(|zone| {
            let name = format!("{}-{}", env.name, env.zones[zone].0);
            json!({
                "AllocationId": id(estate, env, "eipalloc", &format!("nat/{zone}")),
                "AssociationId": id(estate, env, "eipassoc", &format!("nat/{zone}")),
                "Domain": "vpc",
                "NetworkInterfaceId": id(estate, env, "eni", &format!("nat/{zone}")),
                "NetworkInterfaceOwnerId": env.account.id,
                "PrivateIpAddress": format!("10.{}.{zone}.10", env.octet),
                // Named like waste, and in use.
                "Tags": tags(&[("Name", if zone == 1 { "spare-old" } else { name.as_str() })]),
                "PublicIp": public_address(estate, &format!("{name}/nat")),
                "PublicIpv4Pool": "amazon",
                "NetworkBorderGroup": env.region
            })
        })
        .collect();
    if env.index == 0 {
        all.push(json!({
            "AllocationId": id(estate, env, "eipalloc", "forgotten"),
            "Domain": "vpc",
            "Tags": tags(&[("Name", "partner-allow-list")]),
            "PublicIp": public_address(estate, "forgotten"),
            "PublicIpv4Pool": "amazon",
            "NetworkBorderGroup": env.region
        }));
    }
    json!({ "Addresses": all })
}

/// `ec2 describe-network-interfaces`: of the nodes and the NAT gateways.
pub fn network_interfaces(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let mut all = Vec::new();
    for node in &cluster.nodes {
        all.push(json!({
            "Attachment": {
                "AttachTime": aws(node.launched),
                "AttachmentId": id(estate, env, "eni-attach", &node.instance_id),
                "DeleteOnTermination": true,
                "DeviceIndex": 0,
                "InstanceId": node.instance_id,
                "InstanceOwnerId": env.account.id,
                "Status": "attached"
            },
            "AvailabilityZone": zone_name(env, node.zone),
            "Description": "",
            "Groups": [{
                "GroupName": format!("{}-nodes", env.name),
                "GroupId": security_group(estate, env, "nodes")
            }],
            "InterfaceType": "interface",
            "NetworkInterfaceId": id(estate, env, "eni", &node.instance_id),
            "OwnerId": env.account.id,
            "PrivateIpAddress": node.address,
            "PrivateIpAddresses": pod_addresses(cluster, node),
            "Status": "in-use",
            "SubnetId": subnet(estate, env, Tier::Private, node.zone),
            "TagSet": tags(&[("node.k8s.amazonaws.com/instance_id", &node.instance_id)]),
            "VpcId": vpc(estate, env)
        }));
    }
    for zone in nat_zones(env) {
        all.push(json!({
            "AvailabilityZone": zone_name(env, zone),
            "Description": format!(
                "Interface for NAT Gateway {}", nat_gateway(estate, env, zone)
            ),
            "Groups": [],
            "InterfaceType": "nat_gateway",
            "NetworkInterfaceId": id(estate, env, "eni", &format!("nat/{zone}")),
            "OwnerId": env.account.id,
            "PrivateIpAddress": format!("10.{}.{zone}.10", env.octet),
            "Status": "in-use",
            "SubnetId": subnet(estate, env, Tier::Public, zone),
            "TagSet": [],
            "VpcId": vpc(estate, env)
        }));
    }
    json!({ "NetworkInterfaces": all })
}

/// The node's own address first, then those that the CNI gave to its pods.
fn pod_addresses(cluster: &Cluster, node: &crate::estate::Node) -> Value {
    let index = cluster.nodes.iter().position(|n| n.name == node.name);
    let mut all = vec![json!({ "Primary": true, "PrivateIpAddress": node.address })];
    for pod in cluster.pods.iter().filter(|p| p.node.is_some() && p.node == index) {
        all.push(json!({ "Primary": false, "PrivateIpAddress": pod.address }));
    }
    Value::Array(all)
}
