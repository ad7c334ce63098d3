//! Security groups and what they allow.

use serde_json::{Value, json};

use super::names::{security_group, tags, vpc};
use crate::company::Environment;
use crate::estate::Estate;

/// `ec2 describe-security-groups`. The bastion is open to the world on port 22: planted.
pub fn security_groups(estate: &Estate, env: &Environment) -> Value {
    let group = |purpose: &str, description: &str, ingress: Vec<Value>| {
        let group_id = security_group(estate, env, purpose);
        json!({
            "GroupId": group_id,
            "IpPermissionsEgress": [{
                "IpProtocol": "-1",
                "UserIdGroupPairs": [],
                "IpRanges": [{ "CidrIp": "0.0.0.0/0" }],
                "Ipv6Ranges": [],
                "PrefixListIds": []
            }],
            "Tags": tags(&[("Name", &format!("{}-{purpose}", env.name))]),
            "VpcId": vpc(estate, env),
            "SecurityGroupArn": format!(
                "arn:aws:ec2:{}:{}:security-group/{group_id}", env.region, env.account.id
            ),
            "OwnerId": env.account.id,
            "GroupName": format!("{}-{purpose}", env.name),
            "Description": description,
            "IpPermissions": ingress
        })
    };
    let from_group = |port: u16, purpose: &str| {
        json!({
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "UserIdGroupPairs": [{
                "UserId": env.account.id,
                "GroupId": security_group(estate, env, purpose)
            }],
            "IpRanges": [],
            "Ipv6Ranges": [],
            "PrefixListIds": []
        })
    };
    let from_world = |port: u16| {
        json!({
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "UserIdGroupPairs": [],
            "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "anyone" }],
            "Ipv6Ranges": [{ "CidrIpv6": "::/0" }],
            "PrefixListIds": []
        })
    };
    // As EKS makes the group of its nodes.
    let among_nodes = json!({
        "IpProtocol": "-1",
        "UserIdGroupPairs": [{
            "UserId": env.account.id,
            "GroupId": security_group(estate, env, "nodes")
        }],
        "IpRanges": [],
        "Ipv6Ranges": [],
        "PrefixListIds": []
    });
    let databases = [5432, 3306, 1433].into_iter().map(|p| from_group(p, "nodes")).collect();
    json!({ "SecurityGroups": [
        group("balancer", "public load balancer", vec![from_world(443), from_world(80)]),
        group("nodes", "nodes and pods", vec![from_group(8080, "balancer"), among_nodes]),
        group("database", "databases", databases),
        group("cache", "caches", vec![from_group(6379, "nodes")]),
        group("bastion", "bastion", vec![from_world(22)]),
    ] })
}
