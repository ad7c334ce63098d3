//! PersistentVolumeClaims and PersistentVolumes, bound to EBS volumes through the CSI driver.

use serde_json::{Value, json};

use super::objects::{Identity, labels, metadata, put};
use crate::estate::{Cluster, Controller, Estate, Workload};

/// One claim with its volume.
#[derive(Debug, Clone)]
pub struct Claim<'a> {
    /// The StatefulSet that uses it.
    pub workload: &'a Workload,
    /// Name of the claim.
    pub name: String,
    /// Name of the PersistentVolume.
    pub volume: String,
    /// EBS volume.
    pub volume_id: String,
    /// Zone index.
    pub zone: usize,
    /// Node index of the pod that mounts it.
    pub node: usize,
    /// Size in GiB.
    pub size_gib: u32,
}

/// The claims of a cluster, in the order of its pods.
pub fn claims_of<'a>(estate: &Estate, cluster: &'a Cluster) -> Vec<Claim<'a>> {
    let mut all = Vec::new();
    for pod in &cluster.pods {
        let Some(w) = pod.workload.map(|w| &cluster.workloads[w]) else { continue };
        let (Controller::StatefulSet, Some(node)) = (w.controller, pod.node) else { continue };
        let name = format!("data-{}", pod.name);
        let uid = estate.uid(cluster.env, "PersistentVolumeClaim", w.namespace, &name);
        let key = format!("{}/pv/{name}", cluster.env.cluster);
        all.push(Claim {
            workload: w,
            name,
            volume: format!("pvc-{uid}"),
            volume_id: format!("vol-0{}", estate.random.hex(&key, 16)),
            zone: cluster.nodes[node].zone,
            node,
            size_gib: w.store.map_or(20, |s| s.storage_gb),
        });
    }
    all
}

/// Every claim.
pub fn claims(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    claims_of(estate, cluster)
        .into_iter()
        .map(|c| {
            let id = Identity {
                kind: "PersistentVolumeClaim",
                namespace: c.workload.namespace,
                name: &c.name,
                created: c.workload.releases[0].at,
            };
            let mut meta = metadata(estate, cluster, &id, labels(c.workload));
            put(
                &mut meta,
                "annotations",
                json!({
                    "pv.kubernetes.io/bind-completed": "yes",
                    "volume.kubernetes.io/storage-provisioner": "ebs.csi.aws.com"
                }),
            );
            json!({
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": meta,
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": { "requests": { "storage": format!("{}Gi", c.size_gib) } },
                    "storageClassName": "gp3",
                    "volumeMode": "Filesystem",
                    "volumeName": c.volume
                },
                "status": {
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": { "storage": format!("{}Gi", c.size_gib) },
                    "phase": "Bound"
                }
            })
        })
        .collect()
}

/// Every volume.
pub fn volumes(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let env = cluster.env;
    claims_of(estate, cluster)
        .into_iter()
        .map(|c| {
            let id = Identity {
                kind: "PersistentVolume",
                namespace: "",
                name: &c.volume,
                created: c.workload.releases[0].at,
            };
            let zone = format!("{}{}", env.region, env.zones[c.zone].0);
            json!({
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": metadata(estate, cluster, &id, json!({})),
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "capacity": { "storage": format!("{}Gi", c.size_gib) },
                    "claimRef": {
                        "apiVersion": "v1",
                        "kind": "PersistentVolumeClaim",
                        "name": c.name,
                        "namespace": c.workload.namespace,
                        "uid": c.volume.trim_start_matches("pvc-")
                    },
                    "csi": {
                        "driver": "ebs.csi.aws.com",
                        "fsType": "ext4",
                        "volumeHandle": c.volume_id
                    },
                    "nodeAffinity": { "required": { "nodeSelectorTerms": [{
                        "matchExpressions": [{
                            "key": "topology.kubernetes.io/zone",
                            "operator": "In",
                            "values": [zone]
                        }]
                    }] } },
                    "persistentVolumeReclaimPolicy": "Delete",
                    "storageClassName": "gp3",
                    "volumeMode": "Filesystem"
                },
                "status": { "phase": "Bound" }
            })
        })
        .collect()
}
