//! EKS: control planes and node groups.

use serde_json::{Value, json};

use super::compute::scaling_group_name;
use super::names::{Tier, security_group, subnets, vpc};
use crate::clock::{DAY, aws};
use crate::company::Environment;
use crate::estate::{Cluster, Estate};

/// ARN of the control plane.
pub fn cluster_arn(env: &Environment) -> String {
    format!("arn:aws:eks:{}:{}:cluster/{}", env.region, env.account.id, env.cluster)
}

/// `eks describe-cluster`.
pub fn cluster(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let token = estate.random.hex(&format!("eks/{}", env.cluster), 32).to_uppercase();
    json!({ "cluster": {
        "name": env.cluster,
        "arn": cluster_arn(env),
        "createdAt": aws(estate.born),
        "version": env.kubernetes,
        "endpoint": format!("https://{token}.gr7.{}.eks.amazonaws.com", env.region),
        "roleArn": format!("arn:aws:iam::{}:role/eks-{}", env.account.id, env.cluster),
        "resourcesVpcConfig": {
            "subnetIds": subnets(estate, env, Tier::Private),
            "securityGroupIds": [security_group(estate, env, "nodes")],
            "vpcId": vpc(estate, env),
            // Staging's control plane is open to the internet.
            "endpointPublicAccess": env.index == 2,
            "endpointPrivateAccess": true,
            "publicAccessCidrs": if env.index == 2 { vec!["0.0.0.0/0"] } else { Vec::new() }
        },
        "kubernetesNetworkConfig": { "serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4" },
        "logging": { "clusterLogging": [{ "types": ["api", "audit"], "enabled": true }] },
        "identity": { "oidc": {
            "issuer": format!("https://oidc.eks.{}.amazonaws.com/id/{token}", env.region)
        } },
        "status": "ACTIVE",
        "certificateAuthority": {},
        "platformVersion": "eks.9",
        "tags": { "environment": env.name, "team": "platform-team" }
    } })
}

/// `eks describe-nodegroup`.
pub fn node_group(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let count = cluster.nodes.len();
    let group_id = estate.random.uuid(&format!("nodegroup/{}", env.cluster));
    json!({ "nodegroup": {
        "nodegroupName": "general",
        "nodegroupArn": format!(
            "arn:aws:eks:{}:{}:nodegroup/{}/general/{group_id}",
            env.region, env.account.id, env.cluster
        ),
        "clusterName": env.cluster,
        "version": env.kubernetes,
        "releaseVersion": format!("{}.1-20250715", env.kubernetes),
        "createdAt": aws(estate.born + DAY),
        "modifiedAt": aws(estate.until - 20 * DAY),
        "status": "ACTIVE",
        "capacityType": "ON_DEMAND",
        "scalingConfig": { "minSize": count / 2, "maxSize": count * 2, "desiredSize": count },
        "instanceTypes": [env.node_type],
        "subnets": subnets(estate, env, Tier::Private),
        "amiType": "AL2023_x86_64_STANDARD",
        "nodeRole": format!("arn:aws:iam::{}:role/eks-node", env.account.id),
        "labels": {},
        "resources": { "autoScalingGroups": [{ "name": scaling_group_name(estate, env) }] },
        "diskSize": 80,
        "health": { "issues": [] },
        "updateConfig": { "maxUnavailable": 1 },
        "tags": { "environment": env.name, "team": "platform-team" }
    } })
}
