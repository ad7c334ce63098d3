//! Pods, and the pod template that workloads share with them.

use serde_json::{Map, Value, json};

use super::objects::{Identity, labels, metadata, owner, put};
use super::workloads::settlement_spec;
use crate::clock::{HOUR, MINUTE, rfc3339};
use crate::estate::{Cluster, Controller, Estate, Pod, PodState, Workload};
use crate::placement::settlement_job;
use crate::wiring::{is_configured_by_map, plain_variables, variables};

/// Every pod.
pub fn pods(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    cluster.pods.iter().map(|p| pod(estate, cluster, p)).collect()
}

fn pod(estate: &Estate, cluster: &Cluster, pod: &Pod) -> Value {
    let Some(index) = pod.workload else { return finished_pod(estate, cluster, pod) };
    let w = &cluster.workloads[index];
    let id =
        Identity { kind: "Pod", namespace: w.namespace, name: &pod.name, created: pod.created };
    let mut own_labels = labels(w);
    let mut spec = pod_spec(estate, cluster, w);
    let owner_name;
    let (owner_kind, owner_of) = match w.controller {
        Controller::Deployment => {
            let hash = estate.replicaset_hash(cluster.env, w, w.release());
            owner_name = format!("{}-{hash}", w.name);
            put(&mut own_labels, "pod-template-hash", hash.into());
            ("ReplicaSet", owner_name.as_str())
        }
        Controller::StatefulSet => {
            put(&mut own_labels, "statefulset.kubernetes.io/pod-name", pod.name.clone().into());
            put(
                &mut spec,
                "volumes",
                json!([{
                    "name": "data",
                    "persistentVolumeClaim": { "claimName": format!("data-{}", pod.name) }
                }]),
            );
            ("StatefulSet", w.name)
        }
        Controller::DaemonSet => ("DaemonSet", w.name),
    };
    let mut meta = metadata(estate, cluster, &id, own_labels);
    put(&mut meta, "generateName", format!("{owner_of}-").into());
    let owned_by = Identity { kind: owner_kind, name: owner_of, ..id };
    put(&mut meta, "ownerReferences", owner(estate, cluster, &owned_by, "apps/v1"));
    if let Some(node) = pod.node {
        put(&mut spec, "nodeName", cluster.nodes[node].name.clone().into());
    }
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": spec,
        "status": status(estate, cluster, pod, w)
    })
}

fn finished_pod(estate: &Estate, cluster: &Cluster, pod: &Pod) -> Value {
    let job = settlement_job(estate.until);
    let id = Identity { kind: "Pod", namespace: "payments", name: &pod.name, created: pod.created };
    let mut meta = metadata(estate, cluster, &id, json!({ "job-name": job }));
    put(&mut meta, "uid", pod.uid.clone().into());
    let owned_by = Identity { kind: "Job", name: &job, ..id };
    put(&mut meta, "ownerReferences", owner(estate, cluster, &owned_by, "batch/v1"));
    let ledger = cluster.workloads.iter().find(|w| w.name == "ledger");
    let mut spec = ledger.map_or_else(|| json!({}), settlement_spec);
    put(&mut spec, "nodeName", pod.node.map(|n| cluster.nodes[n].name.clone()).into());
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta,
        "spec": spec,
        "status": {
            "conditions": [
                { "reason": "PodCompleted", "status": "False", "type": "Ready" }
            ],
            "phase": "Succeeded",
            "podIP": pod.address,
            "startTime": rfc3339(pod.created)
        }
    })
}

fn status(estate: &Estate, cluster: &Cluster, pod: &Pod, w: &Workload) -> Value {
    let Some(node) = pod.node else {
        return json!({
            "conditions": [{
                "lastTransitionTime": rfc3339(pod.created),
                "message": "0/4 nodes are available: 4 Insufficient memory.",
                "reason": "Unschedulable",
                "status": "False",
                "type": "PodScheduled"
            }],
            "phase": "Pending",
            "qosClass": "Burstable"
        });
    };
    let ready = pod.state == PodState::Ready;
    let flag = if ready { "True" } else { "False" };
    let state = if ready {
        json!({ "running": { "startedAt": rfc3339(pod.created + 8) } })
    } else {
        json!({ "waiting": {
            "message": format!("back-off 5m0s restarting failed container={}", w.name),
            "reason": "CrashLoopBackOff"
        } })
    };
    let mut container = json!({
        "containerID": format!("containerd://{}", estate.random.hex(&pod.uid, 64)),
        "image": w.image(),
        "imageID": format!("{}@{}", w.repository, estate.digest(&w.image())),
        "lastState": {},
        "name": w.name,
        "ready": ready,
        "restartCount": pod.restarts,
        "started": ready,
        "state": state
    });
    if pod.restarts > 0 {
        put(
            &mut container,
            "lastState",
            json!({ "terminated": {
                "exitCode": 137,
                "finishedAt": rfc3339(estate.until - 4 * MINUTE),
                "reason": "OOMKilled",
                "startedAt": rfc3339(estate.until - HOUR)
            } }),
        );
    }
    let condition = |kind: &str, status: &str| {
        json!({
            "lastProbeTime": null,
            "lastTransitionTime": rfc3339(pod.created + 12),
            "status": status,
            "type": kind
        })
    };
    json!({
        "conditions": [
            condition("Initialized", "True"),
            condition("Ready", flag),
            condition("ContainersReady", flag),
            condition("PodScheduled", "True")
        ],
        "containerStatuses": [container],
        "hostIP": cluster.nodes[node].address,
        "phase": "Running",
        "podIP": pod.address,
        "podIPs": [{ "ip": pod.address }],
        "qosClass": "Burstable",
        "startTime": rfc3339(pod.created)
    })
}

/// The pod template of a workload.
pub fn pod_spec(estate: &Estate, cluster: &Cluster, w: &Workload) -> Value {
    let mut container = json!({
        "image": w.image(),
        "imagePullPolicy": "IfNotPresent",
        "name": w.name,
        "ports": [{ "containerPort": w.port, "name": "main", "protocol": "TCP" }],
        "resources": resources(w)
    });
    let mut env: Vec<Value> = Vec::new();
    if let Some(service) = w.service {
        let mut all = plain_variables(service, cluster.env.name);
        if is_configured_by_map(service) {
            put(
                &mut container,
                "envFrom",
                json!([{ "configMapRef": { "name": format!("{}-config", w.name) } }]),
            );
        } else {
            all.extend(variables(estate, cluster, service));
        }
        env.extend(all.into_iter().map(|v| json!({ "name": v.name, "value": v.value })));
        if service.stores.iter().any(|s| s.ends_with("-db")) {
            env.push(json!({
                "name": "DB_PASSWORD",
                "valueFrom": { "secretKeyRef": {
                    "key": "password", "name": format!("{}-database", w.name)
                } }
            }));
        }
        put(&mut container, "livenessProbe", probe("/healthz", 20));
        // A few services have no readiness probe.
        if !matches!(w.name, "reviews" | "legacy-banner" | "carrier-adapter") {
            put(&mut container, "readinessProbe", probe("/ready", 5));
        }
    } else if w.store.is_some() {
        put(
            &mut container,
            "volumeMounts",
            json!([{ "mountPath": "/var/lib/data", "name": "data" }]),
        );
    }
    if !env.is_empty() {
        put(&mut container, "env", Value::Array(env));
    }
    let mut spec = Map::new();
    spec.insert("containers".into(), json!([container]));
    spec.insert("dnsPolicy".into(), "ClusterFirst".into());
    spec.insert("restartPolicy".into(), "Always".into());
    spec.insert("serviceAccountName".into(), w.name.into());
    spec.insert("terminationGracePeriodSeconds".into(), 30.into());
    if matches!(w.name, "auth" | "checkout" | "payments" | "web-storefront") {
        spec.insert(
            "topologySpreadConstraints".into(),
            json!([{
                "labelSelector": { "matchLabels": super::objects::selector(w) },
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway"
            }]),
        );
    }
    Value::Object(spec)
}

fn probe(path: &str, period: u32) -> Value {
    json!({
        "failureThreshold": 3,
        "httpGet": { "path": path, "port": "main", "scheme": "HTTP" },
        "initialDelaySeconds": 10,
        "periodSeconds": period,
        "timeoutSeconds": 2
    })
}

fn resources(w: &Workload) -> Value {
    let (cpu, memory) = match w.service.map(|s| s.language) {
        Some("java") => ("500m", "1Gi"),
        Some("dotnet") => ("400m", "768Mi"),
        Some("python" | "nodejs") => ("300m", "512Mi"),
        Some(_) => ("200m", "256Mi"),
        None if w.store.is_some() => ("500m", "2Gi"),
        None => return json!({ "requests": { "cpu": "50m", "memory": "64Mi" } }),
    };
    // Analytics set no limits, as teams in a hurry do.
    if w.application == "analytics" {
        return json!({ "requests": { "cpu": cpu, "memory": memory } });
    }
    json!({
        "limits": { "cpu": "2", "memory": memory },
        "requests": { "cpu": cpu, "memory": memory }
    })
}
