//! What `kubectl get … --all-namespaces -o json` prints for each cluster, one List per kind, and
//! one hand-written YAML manifest of a workload that no cluster runs.

mod configuration;
mod events;
mod nodes;
mod objects;
mod pods;
mod policies;
mod sandbox;
mod storage;
mod workloads;

use serde_json::{Value, json};

use crate::estate::{Cluster, Estate};
use crate::files::Files;
use crate::outcome::ScenarioError;

/// Writes the folder of one cluster.
pub fn write(files: &mut Files, estate: &Estate, cluster: &Cluster) -> Result<(), ScenarioError> {
    let folder = format!("kubernetes/{}", cluster.env.cluster);
    for (name, items) in lists(estate, cluster) {
        files.json(&format!("{folder}/{name}.json"), &list(&items))?;
    }
    if cluster.env.name == "staging" {
        files.text(&format!("{folder}/sandbox.yaml"), sandbox::MANIFEST)?;
    }
    Ok(())
}

/// Every list of a cluster, by file stem.
fn lists(estate: &Estate, cluster: &Cluster) -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("namespaces", nodes::namespaces(estate, cluster)),
        ("nodes", nodes::nodes(estate, cluster)),
        ("deployments", workloads::deployments(estate, cluster)),
        ("statefulsets", workloads::statefulsets(estate, cluster)),
        ("daemonsets", workloads::daemonsets(estate, cluster)),
        ("replicasets", workloads::replicasets(estate, cluster)),
        ("cronjobs", workloads::cronjobs(estate, cluster)),
        ("jobs", workloads::jobs(estate, cluster)),
        ("pods", pods::pods(estate, cluster)),
        ("services", configuration::services(estate, cluster)),
        ("ingresses", configuration::ingresses(estate, cluster)),
        ("configmaps", configuration::configmaps(estate, cluster)),
        ("horizontalpodautoscalers", policies::autoscalers(estate, cluster)),
        ("poddisruptionbudgets", policies::budgets(estate, cluster)),
        ("persistentvolumeclaims", storage::claims(estate, cluster)),
        ("persistentvolumes", storage::volumes(estate, cluster)),
        ("events", events::events(estate, cluster)),
    ]
}

/// What the Deployments of a cluster looked like at an earlier instant: an older export.
pub fn write_earlier(
    files: &mut Files,
    estate: &Estate,
    cluster: &Cluster,
    at: i64,
) -> Result<(), ScenarioError> {
    let folder = format!("earlier/{}", cluster.env.cluster);
    let items = workloads::deployments_at(estate, cluster, at);
    files.json(&format!("{folder}/deployments.json"), &list(&items))
}

fn list(items: &[Value]) -> Value {
    json!({
        "apiVersion": "v1",
        "items": items,
        "kind": "List",
        "metadata": { "resourceVersion": "" }
    })
}

pub use configuration::entry_host;
pub use storage::claims_of;
