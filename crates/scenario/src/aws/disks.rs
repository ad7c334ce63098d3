//! EBS volumes and snapshots, among them some that look like waste and are not.

use serde_json::{Value, json};

use super::compute::{LOOSE_VOLUMES, extra_volume_id, extras};
use super::names::{id, tags, zone_index, zone_name};
use crate::clock::{DAY, aws};
use crate::company::Environment;
use crate::estate::{Cluster, Estate};
use crate::kubernetes::claims_of;
use crate::stores::instance_id;

/// One volume of `ec2 describe-volumes`.
struct Disk<'a> {
    id: String,
    name: &'a str,
    size: u32,
    zone: usize,
    /// Instance and device.
    attached: Option<(&'a str, &'a str)>,
    tags: Value,
}

impl Disk<'_> {
    fn value(&self, estate: &Estate, env: &Environment) -> Value {
        let created = estate.born + 2 * DAY;
        let attachments: Vec<Value> = self
            .attached
            .iter()
            .map(|(instance, device)| {
                json!({
                    "AttachTime": aws(created),
                    "Device": device,
                    "InstanceId": instance,
                    "State": "attached",
                    "VolumeId": self.id,
                    "DeleteOnTermination": true
                })
            })
            .collect();
        json!({
            "Attachments": attachments,
            "AvailabilityZone": zone_name(env, self.zone),
            "CreateTime": aws(created),
            "Encrypted": true,
            "Size": self.size,
            "SnapshotId": "",
            "State": if self.attached.is_some() { "in-use" } else { "available" },
            "VolumeId": self.id,
            "Iops": 3000,
            "Tags": self.tags,
            // The oldest volumes still are of the class before.
            "VolumeType": if self.name.contains("2023") { "gp2" } else { "gp3" },
            "MultiAttachEnabled": false,
            "Throughput": 125
        })
    }
}

/// `ec2 describe-volumes`.
pub fn volumes(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let mut all = Vec::new();
    for node in &cluster.nodes {
        let disk = Disk {
            id: node.volume_id.clone(),
            name: "node",
            size: 80,
            zone: node.zone,
            attached: Some((&node.instance_id, "/dev/xvda")),
            tags: tags(&[("environment", env.name), ("team", "platform-team")]),
        };
        all.push(disk.value(estate, env));
    }
    for claim in claims_of(estate, cluster) {
        let disk = Disk {
            id: claim.volume_id.clone(),
            name: &claim.name,
            size: claim.size_gib,
            zone: claim.zone,
            attached: Some((&cluster.nodes[claim.node].instance_id, "/dev/xvdba")),
            tags: tags(&[
                ("Name", &format!("{}-dynamic-{}", env.cluster, claim.volume)),
                ("ebs.csi.aws.com/cluster", "true"),
                ("kubernetes.io/created-for/pvc/name", &claim.name),
                ("kubernetes.io/created-for/pvc/namespace", claim.workload.namespace),
            ]),
        };
        all.push(disk.value(estate, env));
    }
    for extra in extras(env) {
        let instance = instance_id(estate.random, extra.name);
        let root = format!("{}-root", extra.name);
        let mut disks = vec![(root.as_str(), 100u32, "/dev/sda1".to_owned())];
        for (index, (name, size)) in extra.volumes.iter().enumerate() {
            disks.push((name, *size, format!("/dev/sd{}", char::from(b'f' + index as u8))));
        }
        for (name, size, device) in disks {
            let disk = Disk {
                id: extra_volume_id(estate, env, name),
                name,
                size,
                zone: zone_index(env, extra.zone),
                attached: Some((&instance, &device)),
                tags: tags(&[("Name", name)]),
            };
            all.push(disk.value(estate, env));
        }
    }
    for (_, name, size) in LOOSE_VOLUMES.iter().filter(|v| v.0 == env.index) {
        let disk = Disk {
            id: extra_volume_id(estate, env, name),
            name,
            size: *size,
            zone: 0,
            attached: None,
            tags: tags(&[("Name", name)]),
        };
        all.push(disk.value(estate, env));
    }
    json!({ "Volumes": all })
}

/// `ec2 describe-snapshots`: recent ones of volumes that exist, and one whose volume is gone.
pub fn snapshots(estate: &Estate, cluster: &Cluster) -> Value {
    let env = cluster.env;
    let mut all = Vec::new();
    let mut add = |name: &str, volume: String, size: u32, age: i64| {
        all.push(json!({
            "SnapshotId": id(estate, env, "snap", name),
            "VolumeId": volume,
            "State": "completed",
            "StartTime": aws(estate.until - age * DAY),
            "Progress": "100%",
            "OwnerId": env.account.id,
            "Description": name,
            "VolumeSize": size,
            "Encrypted": true,
            "StorageTier": "standard",
            "Tags": tags(&[("Name", name)])
        }));
    };
    for claim in claims_of(estate, cluster) {
        add(&format!("nightly {}", claim.name), claim.volume_id, claim.size_gib, 1);
    }
    if env.index == 0 {
        add("before-migration", id(estate, env, "vol", "gone"), 800, 391);
    }
    json!({ "Snapshots": all })
}
