//! Namespaces and nodes.

use serde_json::{Value, json};

use super::objects::{Identity, metadata, put};
use crate::clock::{MINUTE, rfc3339};
use crate::estate::{Cluster, Estate};

/// Every namespace; `kube-system` carries the cluster's identity as its uid.
pub fn namespaces(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut names: Vec<&str> = cluster.workloads.iter().map(|w| w.namespace).collect();
    names.extend(["default", "kube-public", "kube-node-lease"]);
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| {
            let id = Identity { kind: "Namespace", namespace: "", name, created: estate.born };
            let labels = json!({ "kubernetes.io/metadata.name": name });
            json!({
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": metadata(estate, cluster, &id, labels),
                "spec": { "finalizers": ["kubernetes"] },
                "status": { "phase": "Active" }
            })
        })
        .collect()
}

/// Every node, joined to its instance by `spec.providerID`.
pub fn nodes(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let env = cluster.env;
    let (cpu, memory) = if env.node_type == "m6i.2xlarge" { (8, 32) } else { (4, 16) };
    cluster
        .nodes
        .iter()
        .map(|node| {
            let zone = format!("{}{}", env.region, env.zones[node.zone].0);
            let id =
                Identity { kind: "Node", namespace: "", name: &node.name, created: node.launched };
            let labels = json!({
                "beta.kubernetes.io/arch": "amd64",
                "eks.amazonaws.com/capacityType": "ON_DEMAND",
                "eks.amazonaws.com/nodegroup": "general",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": node.name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": env.node_type,
                "topology.ebs.csi.aws.com/zone": zone,
                "topology.k8s.aws/zone-id": env.zones[node.zone].1,
                "topology.kubernetes.io/region": env.region,
                "topology.kubernetes.io/zone": zone
            });
            let mut meta = metadata(estate, cluster, &id, labels);
            put(&mut meta, "annotations", json!({ "node.alpha.kubernetes.io/ttl": "0" }));
            json!({
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": meta,
                "spec": { "providerID": format!("aws:///{zone}/{}", node.instance_id) },
                "status": status(estate, &node.name, &node.address, cpu, memory, node.launched,
                    env.kubernetes)
            })
        })
        .collect()
}

fn status(
    estate: &Estate,
    name: &str,
    address: &str,
    cpu: u64,
    memory_gib: u64,
    launched: i64,
    kubernetes: &str,
) -> Value {
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({
            "lastHeartbeatTime": rfc3339(estate.until - 2 * MINUTE),
            "lastTransitionTime": rfc3339(launched + MINUTE),
            "message": "",
            "reason": reason,
            "status": status,
            "type": kind
        })
    };
    json!({
        "addresses": [
            { "address": address, "type": "InternalIP" },
            { "address": name, "type": "InternalDNS" },
            { "address": name, "type": "Hostname" }
        ],
        "allocatable": {
            "cpu": format!("{}m", cpu * 1000 - 90),
            "memory": format!("{}Ki", memory_gib * 1_000_000),
            "pods": "58"
        },
        "capacity": {
            "cpu": cpu.to_string(),
            "memory": format!("{}Ki", memory_gib * 1_016_000),
            "pods": "58"
        },
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
            condition("Ready", "True", "KubeletReady")
        ],
        "nodeInfo": {
            "architecture": "amd64",
            "containerRuntimeVersion": "containerd://1.7.27",
            "kernelVersion": "6.1.141-155.222.amzn2023.x86_64",
            "kubeletVersion": format!("v{kubernetes}.1-eks-f5be8fb"),
            "operatingSystem": "linux",
            "osImage": "Amazon Linux 2023.8.20250707"
        }
    })
}
