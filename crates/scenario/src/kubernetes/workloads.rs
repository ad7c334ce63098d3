//! Deployments with their ReplicaSets, StatefulSets, DaemonSets, one CronJob and its last Job.

use serde_json::{Value, json};

use super::objects::{Identity, labels, metadata, owner, put, selector};
use super::pods::pod_spec;
use crate::clock::{DAY, HOUR, MINUTE, day_start, rfc3339};
use crate::estate::{Cluster, Controller, Estate, PodState, Workload};
use crate::placement::settlement_job;

fn of(cluster: &Cluster, controller: Controller) -> impl Iterator<Item = &Workload> {
    cluster.workloads.iter().filter(move |w| w.controller == controller)
}

fn ready(cluster: &Cluster, workload: &Workload) -> usize {
    cluster
        .pods
        .iter()
        .filter(|p| p.state == PodState::Ready)
        .filter(|p| p.workload.is_some_and(|w| std::ptr::eq(&cluster.workloads[w], workload)))
        .count()
}

/// Every Deployment.
pub fn deployments(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    of(cluster, Controller::Deployment).map(|w| deployment(estate, cluster, w)).collect()
}

/// The Deployments of the services as they were at `at`.
pub fn deployments_at(estate: &Estate, cluster: &Cluster, at: i64) -> Vec<Value> {
    of(cluster, Controller::Deployment)
        .filter(|w| w.service.is_some_and(|s| s.name != "legacy-banner"))
        .filter_map(|w| {
            let mut earlier = w.clone();
            earlier.releases.retain(|r| r.at <= at);
            // Storefront and catalogue ran with fewer replicas before the autumn.
            if matches!(w.name, "web-storefront" | "catalogue") {
                earlier.replicas -= 1;
            }
            (!earlier.releases.is_empty()).then(|| deployment(estate, cluster, &earlier))
        })
        .collect()
}

fn deployment(estate: &Estate, cluster: &Cluster, w: &Workload) -> Value {
    let first = w.releases[0].at;
    let id = Identity { kind: "Deployment", namespace: w.namespace, name: w.name, created: first };
    let mut meta = metadata(estate, cluster, &id, labels(w));
    let revision = w.release().revision.to_string();
    put(&mut meta, "annotations", json!({ "deployment.kubernetes.io/revision": revision }));
    put(&mut meta, "generation", (w.release().revision).into());
    let ready = ready(cluster, w).max(usize::from(w.service.is_none())).min(w.replicas as usize);
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": meta,
        "spec": {
            "progressDeadlineSeconds": 600,
            "replicas": w.replicas,
            "revisionHistoryLimit": 10,
            "selector": { "matchLabels": selector(w) },
            "strategy": {
                "rollingUpdate": { "maxSurge": "25%", "maxUnavailable": "25%" },
                "type": "RollingUpdate"
            },
            "template": {
                "metadata": { "labels": labels(w) },
                "spec": pod_spec(estate, cluster, w)
            }
        },
        "status": {
            "availableReplicas": ready,
            "conditions": [{
                "lastTransitionTime": rfc3339(first + MINUTE),
                "lastUpdateTime": rfc3339(w.release().at + 3 * MINUTE),
                "message": "Deployment has minimum availability.",
                "reason": "MinimumReplicasAvailable",
                "status": "True",
                "type": "Available"
            }],
            "observedGeneration": w.release().revision,
            "readyReplicas": ready,
            "replicas": w.replicas,
            "updatedReplicas": w.replicas
        }
    })
}

/// The ReplicaSets in force and the two before them, which are scaled to zero.
pub fn replicasets(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let mut all = Vec::new();
    for w in of(cluster, Controller::Deployment) {
        let kept = w.releases.len().saturating_sub(3);
        for release in &w.releases[kept..] {
            let current = release.revision == w.release().revision;
            let mut version = w.clone();
            version.releases.retain(|r| r.revision <= release.revision);
            let hash = estate.replicaset_hash(cluster.env, w, release);
            let name = format!("{}-{hash}", w.name);
            let id = Identity {
                kind: "ReplicaSet",
                namespace: w.namespace,
                name: &name,
                created: release.at,
            };
            let mut own_labels = labels(&version);
            put(&mut own_labels, "pod-template-hash", hash.clone().into());
            let mut meta = metadata(estate, cluster, &id, own_labels.clone());
            let replicas = if current { w.replicas } else { 0 };
            put(
                &mut meta,
                "annotations",
                json!({
                    "deployment.kubernetes.io/desired-replicas": w.replicas.to_string(),
                    "deployment.kubernetes.io/revision": release.revision.to_string()
                }),
            );
            let deployment = Identity { kind: "Deployment", name: w.name, ..id };
            put(&mut meta, "ownerReferences", owner(estate, cluster, &deployment, "apps/v1"));
            let mut match_labels = selector(w);
            put(&mut match_labels, "pod-template-hash", hash.into());
            all.push(json!({
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": meta,
                "spec": {
                    "replicas": replicas,
                    "selector": { "matchLabels": match_labels },
                    "template": {
                        "metadata": { "labels": own_labels },
                        "spec": pod_spec(estate, cluster, &version)
                    }
                },
                "status": {
                    "observedGeneration": 1,
                    "readyReplicas": if current { ready(cluster, w) } else { 0 },
                    "replicas": replicas
                }
            }));
        }
    }
    all
}

/// Every StatefulSet.
pub fn statefulsets(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    of(cluster, Controller::StatefulSet)
        .map(|w| {
            let id = Identity {
                kind: "StatefulSet",
                namespace: w.namespace,
                name: w.name,
                created: w.releases[0].at,
            };
            json!({
                "apiVersion": "apps/v1",
                "kind": "StatefulSet",
                "metadata": metadata(estate, cluster, &id, labels(w)),
                "spec": {
                    "podManagementPolicy": "OrderedReady",
                    "replicas": w.replicas,
                    "selector": { "matchLabels": selector(w) },
                    "serviceName": w.name,
                    "template": {
                        "metadata": { "labels": labels(w) },
                        "spec": pod_spec(estate, cluster, w)
                    },
                    "volumeClaimTemplates": [{
                        "apiVersion": "v1",
                        "kind": "PersistentVolumeClaim",
                        "metadata": { "name": "data" },
                        "spec": {
                            "accessModes": ["ReadWriteOnce"],
                            "resources": { "requests": { "storage": "20Gi" } },
                            "storageClassName": "gp3"
                        }
                    }]
                },
                "status": {
                    "currentReplicas": w.replicas,
                    "readyReplicas": ready(cluster, w),
                    "replicas": w.replicas
                }
            })
        })
        .collect()
}

/// Every DaemonSet.
pub fn daemonsets(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    of(cluster, Controller::DaemonSet)
        .map(|w| {
            let id = Identity {
                kind: "DaemonSet",
                namespace: w.namespace,
                name: w.name,
                created: w.releases[0].at,
            };
            json!({
                "apiVersion": "apps/v1",
                "kind": "DaemonSet",
                "metadata": metadata(estate, cluster, &id, labels(w)),
                "spec": {
                    "selector": { "matchLabels": selector(w) },
                    "template": {
                        "metadata": { "labels": labels(w) },
                        "spec": pod_spec(estate, cluster, w)
                    }
                },
                "status": {
                    "currentNumberScheduled": w.replicas,
                    "desiredNumberScheduled": w.replicas,
                    "numberAvailable": w.replicas,
                    "numberReady": w.replicas
                }
            })
        })
        .collect()
}

fn settles(cluster: &Cluster) -> Option<&Workload> {
    cluster.workloads.iter().find(|w| w.name == "ledger")
}

/// The job that settles payments every night.
pub fn cronjobs(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let Some(ledger) = settles(cluster) else { return Vec::new() };
    let id = Identity {
        kind: "CronJob",
        namespace: "payments",
        name: "nightly-settlement",
        created: estate.born + DAY,
    };
    let own = json!({ "app.kubernetes.io/part-of": "payments" });
    vec![json!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(estate, cluster, &id, own),
        "spec": {
            "concurrencyPolicy": "Forbid",
            "jobTemplate": { "spec": { "template": { "spec": settlement_spec(ledger) } } },
            "schedule": "0 2 * * *",
            "suspend": false
        },
        "status": {
            "lastScheduleTime": rfc3339(day_start(estate.until - 3 * HOUR) + 2 * HOUR)
        }
    })]
}

/// Pod template of the settlement.
pub fn settlement_spec(ledger: &Workload) -> Value {
    json!({
        "containers": [{
            "args": ["settle", "--day", "yesterday"],
            "image": ledger.image(),
            "name": "settlement",
            "resources": { "requests": { "cpu": "500m", "memory": "512Mi" } }
        }],
        "restartPolicy": "Never"
    })
}

/// Its last run.
pub fn jobs(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    let Some(ledger) = settles(cluster) else { return Vec::new() };
    let name = settlement_job(estate.until);
    let started = day_start(estate.until - 3 * HOUR) + 2 * HOUR;
    let id = Identity { kind: "Job", namespace: "payments", name: &name, created: started };
    let mut meta = metadata(estate, cluster, &id, json!({ "job-name": name }));
    let cron = Identity { kind: "CronJob", name: "nightly-settlement", ..id };
    put(&mut meta, "ownerReferences", owner(estate, cluster, &cron, "batch/v1"));
    vec![json!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": meta,
        "spec": {
            "completions": 1,
            "parallelism": 1,
            "template": {
                "metadata": { "labels": { "job-name": name } },
                "spec": settlement_spec(ledger)
            }
        },
        "status": {
            "completionTime": rfc3339(started + 14 * MINUTE),
            "conditions": [{ "status": "True", "type": "Complete" }],
            "startTime": rfc3339(started),
            "succeeded": 1
        }
    })]
}
