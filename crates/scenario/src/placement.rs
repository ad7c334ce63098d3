//! Which pods exist and where they run: spread over zones and nodes, except where concentration is
//! planted.

use crate::estate::{Cluster, Controller, Estate, PENDING, Pod, PodState, Workload};

impl Estate {
    /// The pods of a cluster whose nodes and workloads are known.
    pub fn pods(&self, cluster: &Cluster) -> Vec<Pod> {
        let mut pods = Vec::new();
        let mut used = vec![0u32; cluster.nodes.len()];
        for (index, workload) in cluster.workloads.iter().enumerate() {
            for replica in 0..workload.replicas {
                let node = self.place(cluster, workload, replica);
                used[node] += 1;
                pods.push(self.pod(cluster, index, replica, node, used[node]));
            }
        }
        // What finished long ago is no member of anything.
        let namespace_has_payments = cluster.workloads.iter().any(|w| w.name == "ledger");
        if namespace_has_payments {
            let key = format!("{}/job", cluster.env.cluster);
            used[0] += 1;
            pods.push(Pod {
                name: format!("{}-{}", settlement_job(self.until), self.random.suffix(&key, 5)),
                uid: self.uid(cluster.env, "Pod", "payments", "nightly-settlement"),
                workload: None,
                node: Some(0),
                address: pod_address(cluster, 0, used[0]),
                state: PodState::Succeeded,
                restarts: 0,
                created: crate::clock::day_start(self.until - 3 * 3600) + 2 * 3600,
            });
        }
        pods
    }

    /// Zones in turn from a start drawn per workload, except where concentration is planted.
    fn place(&self, cluster: &Cluster, workload: &Workload, replica: u32) -> usize {
        let per_zone = cluster.env.nodes_per_zone;
        if workload.controller == Controller::DaemonSet {
            return replica as usize;
        }
        let start = self.random.below(
            &format!("place/{}/{}", cluster.env.cluster, workload.name),
            cluster.nodes.len() as u64,
        ) as usize;
        if let Some(store) = workload.store {
            let zone = cluster.env.zones.iter().position(|z| z.0 == store.zone).unwrap_or(0);
            return zone * per_zone + start % per_zone;
        }
        if cluster.env.index == 0 {
            match workload.name {
                // Both replicas on one node.
                "promotions" => return 1,
                // All replicas in one zone, on different nodes.
                "pricing" => return replica as usize % per_zone,
                _ => {}
            }
        }
        let zones = cluster.env.zones.len();
        let zone = (start + replica as usize) % zones;
        let within = (start / zones + replica as usize / zones) % per_zone;
        zone * per_zone + within
    }

    fn pod(&self, cluster: &Cluster, index: usize, replica: u32, node: usize, slot: u32) -> Pod {
        let workload = &cluster.workloads[index];
        let env = cluster.env;
        let key = format!("{}/{}/{}/{replica}", env.cluster, workload.namespace, workload.name);
        let name = match workload.controller {
            Controller::Deployment => format!(
                "{}-{}-{}",
                workload.name,
                self.replicaset_hash(env, workload, workload.release()),
                self.random.suffix(&format!("pod/{key}/{}", workload.release().version), 5)
            ),
            Controller::StatefulSet => format!("{}-{replica}", workload.name),
            Controller::DaemonSet => {
                format!("{}-{}", workload.name, self.random.suffix(&format!("pod/{key}"), 5))
            }
        };
        // One of three recommendations pods crashes; one pod of staging finds no room.
        let state = match (env.index, workload.name, replica) {
            (0, "recommendations", 2) => PodState::Crashing,
            (index, name, 0) if (index, name) == PENDING => PodState::Pending,
            _ => PodState::Ready,
        };
        let launched = cluster.nodes[node].launched;
        let delay = 60 + self.random.below(&format!("start/{key}"), 240) as i64;
        Pod {
            uid: self.uid(env, "Pod", workload.namespace, &name),
            name,
            workload: Some(index),
            node: (state != PodState::Pending).then_some(node),
            address: pod_address(cluster, node, slot),
            state,
            restarts: match state {
                PodState::Crashing => 41,
                _ if self.random.unit(&format!("restart/{key}")) < 0.05 => 1,
                _ => 0,
            },
            created: workload.release().at.max(launched) + delay,
        }
    }
}

/// Name of the job that settled payments last.
pub fn settlement_job(until: i64) -> String {
    format!("nightly-settlement-{}", crate::clock::day_start(until - 3 * 3600) / 60 + 120)
}

fn pod_address(cluster: &Cluster, node: usize, slot: u32) -> String {
    let zone = cluster.nodes[node].zone;
    let within = node % cluster.env.nodes_per_zone;
    format!("10.{}.{}.{}", cluster.env.octet, 16 * (zone + 1) + 1 + within, 20 + slot)
}
