//! Events: the newest rollouts, a container that keeps crashing, a pod that finds no room, and
//! everyday scheduling.

use serde_json::{Value, json};

use super::objects::{Identity, metadata};
use crate::clock::{HOUR, MINUTE, rfc3339};
use crate::estate::{Cluster, Controller, Estate, PodState};

struct Happening<'a> {
    kind: &'a str,
    api: &'a str,
    namespace: &'a str,
    name: &'a str,
    reason: &'a str,
    message: String,
    normal: bool,
    component: &'a str,
    first: i64,
    last: i64,
    count: u32,
}

/// The events of the last hours.
pub fn events(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = rollouts(estate, cluster);
    for pod in &cluster.pods {
        let Some(w) = pod.workload.map(|w| &cluster.workloads[w]) else { continue };
        let mut about = |reason, message: String, normal, component, times: (i64, i64), count| {
            let happening = Happening {
                kind: "Pod",
                api: "v1",
                namespace: w.namespace,
                name: &pod.name,
                reason,
                message,
                normal,
                component,
                first: times.0,
                last: times.1,
                count,
            };
            all.push(event(estate, cluster, &happening));
        };
        if pod.created > estate.until - 6 * HOUR
            && let Some(node) = pod.node
        {
            let (at, node) = (pod.created, &cluster.nodes[node].name);
            let message = format!("Successfully assigned {}/{} to {node}", w.namespace, pod.name);
            about("Scheduled", message, true, "default-scheduler", (at, at), 1);
            let message = format!("Started container {}", w.name);
            about("Started", message, true, "kubelet", (at + 8, at + 8), 1);
        }
        let recent = (estate.until - 3 * HOUR, estate.until - 3 * MINUTE);
        match pod.state {
            PodState::Crashing => about(
                "BackOff",
                format!("Back-off restarting failed container {} in pod {}", w.name, pod.name),
                false,
                "kubelet",
                recent,
                382,
            ),
            PodState::Pending => about(
                "FailedScheduling",
                "0/4 nodes are available: 4 Insufficient memory.".to_owned(),
                false,
                "default-scheduler",
                recent,
                24,
            ),
            _ => {}
        }
    }
    all
}

fn rollouts(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = Vec::new();
    for w in cluster.workloads.iter().filter(|w| w.controller == Controller::Deployment) {
        let release = w.release();
        if release.at < estate.until - 12 * HOUR {
            continue;
        }
        let hash = estate.replicaset_hash(cluster.env, w, release);
        let message = format!("Scaled up replica set {}-{hash} to {}", w.name, w.replicas);
        let happening = Happening {
            kind: "Deployment",
            api: "apps/v1",
            namespace: w.namespace,
            name: w.name,
            reason: "ScalingReplicaSet",
            message,
            normal: true,
            component: "deployment-controller",
            first: release.at,
            last: release.at + 2 * MINUTE,
            count: 1,
        };
        all.push(event(estate, cluster, &happening));
    }
    all
}

fn event(estate: &Estate, cluster: &Cluster, h: &Happening<'_>) -> Value {
    let key = format!("{}/{}/{}/{}", cluster.env.cluster, h.name, h.reason, h.first);
    let name = format!("{}.{}", h.name, estate.random.hex(&key, 16));
    let id = Identity { kind: "Event", namespace: h.namespace, name: &name, created: h.first };
    json!({
        "apiVersion": "v1",
        "count": h.count,
        "eventTime": null,
        "firstTimestamp": rfc3339(h.first),
        "involvedObject": {
            "apiVersion": h.api,
            "kind": h.kind,
            "name": h.name,
            "namespace": h.namespace,
            "uid": estate.uid(cluster.env, h.kind, h.namespace, h.name)
        },
        "kind": "Event",
        "lastTimestamp": rfc3339(h.last),
        "message": h.message,
        "metadata": metadata(estate, cluster, &id, json!({})),
        "reason": h.reason,
        "reportingComponent": h.component,
        "reportingInstance": "",
        "source": { "component": h.component },
        "type": if h.normal { "Normal" } else { "Warning" }
    })
}
