//! HorizontalPodAutoscalers and PodDisruptionBudgets.

use serde_json::{Value, json};

use super::objects::{Identity, labels, metadata, selector};
use crate::clock::{MINUTE, rfc3339};
use crate::estate::{Cluster, Estate, Workload};

fn scaled(w: &Workload) -> bool {
    w.service.is_some() && w.replicas >= 4
}

/// One autoscaler per service of four replicas or more.
pub fn autoscalers(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    cluster
        .workloads
        .iter()
        .filter(|w| scaled(w))
        .map(|w| {
            let id = Identity {
                kind: "HorizontalPodAutoscaler",
                namespace: w.namespace,
                name: w.name,
                created: w.releases[0].at,
            };
            json!({
                "apiVersion": "autoscaling/v2",
                "kind": "HorizontalPodAutoscaler",
                "metadata": metadata(estate, cluster, &id, labels(w)),
                "spec": {
                    "maxReplicas": w.replicas * 2,
                    "metrics": [{
                        "resource": {
                            "name": "cpu",
                            "target": { "averageUtilization": 65, "type": "Utilization" }
                        },
                        "type": "Resource"
                    }],
                    "minReplicas": 2,
                    "scaleTargetRef": {
                        "apiVersion": "apps/v1", "kind": "Deployment", "name": w.name
                    }
                },
                "status": {
                    "currentReplicas": w.replicas,
                    "desiredReplicas": w.replicas,
                    "lastScaleTime": rfc3339(estate.until - 37 * MINUTE)
                }
            })
        })
        .collect()
}

/// A budget for the services that were asked to have one; `promotions` was forgotten.
pub fn budgets(estate: &Estate, cluster: &Cluster) -> Vec<Value> {
    cluster
        .workloads
        .iter()
        .filter(|w| w.service.is_some() && w.replicas >= 2 && w.name != "promotions")
        .map(|w| {
            let id = Identity {
                kind: "PodDisruptionBudget",
                namespace: w.namespace,
                name: w.name,
                created: w.releases[0].at,
            };
            json!({
                "apiVersion": "policy/v1",
                "kind": "PodDisruptionBudget",
                "metadata": metadata(estate, cluster, &id, labels(w)),
                "spec": {
                    "maxUnavailable": 1,
                    "selector": { "matchLabels": selector(w) }
                },
                "status": {
                    "currentHealthy": w.replicas,
                    "desiredHealthy": w.replicas - 1,
                    "disruptionsAllowed": 1,
                    "expectedPods": w.replicas
                }
            })
        })
        .collect()
}
