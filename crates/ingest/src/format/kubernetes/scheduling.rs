//! Where the pods of a specification may run, and how long they stay on a node that is lost.

use std::collections::BTreeSet;

use model::entity::Properties;
use serde::Deserialize;
use serde_json::{Value, json};

use super::node::Requirement;
use super::object::{lenient, nullable};
use super::template::PodSpec;

lenient! {
    /// A taint that pods put up with.
    Toleration {
        key: String,
        operator: String,
        value: String,
        effect: String,
        toleration_seconds: Option<i64>,
    }
    /// `affinity` of a pod.
    Affinity {
        node_affinity: NodeAffinity,
        pod_anti_affinity: Option<PodAffinity>,
    }
    /// Nodes that are required.
    NodeAffinity {
        #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
        required: NodeTerms,
    }
    /// Terms, one of which must hold.
    NodeTerms {
        node_selector_terms: Vec<NodeTerm>,
    }
    /// Requirements that must all hold.
    NodeTerm {
        match_expressions: Vec<Requirement>,
    }
    /// Pods to stay away from.
    PodAffinity {
        #[serde(rename = "requiredDuringSchedulingIgnoredDuringExecution")]
        required: Vec<PodTerm>,
        #[serde(rename = "preferredDuringSchedulingIgnoredDuringExecution")]
        preferred: Vec<WeightedTerm>,
    }
    /// A preference.
    WeightedTerm {
        pod_affinity_term: PodTerm,
    }
    /// What is a place for this purpose.
    PodTerm {
        topology_key: String,
    }
}

/// Taints that a node gets when it is lost.
const LOST: &[&str] = &["node.kubernetes.io/unreachable", "node.kubernetes.io/not-ready"];

impl Toleration {
    /// As `kubectl` writes it: `key=value:effect`.
    fn text(&self) -> String {
        let value = if self.value.is_empty() { String::new() } else { format!("={}", self.value) };
        let key = if self.key.is_empty() { "*" } else { &self.key };
        let effect = if self.effect.is_empty() { "*" } else { &self.effect };
        format!("{key}{value}:{effect}")
    }
}

/// Properties of workloads about where their pods may run.
pub fn properties(spec: &PodSpec, properties: &mut Properties) {
    let mut set = |name: &str, value: Value| {
        properties.insert(name.to_owned(), value);
    };
    if !spec.node_selector.is_empty() {
        set("node_selector", json!(spec.node_selector));
    }
    let terms = spec.affinity.node_affinity.required.node_selector_terms.iter();
    let terms: Vec<String> = terms
        .map(|term| {
            let all: Vec<String> = term.match_expressions.iter().map(Requirement::text).collect();
            all.join(" and ")
        })
        .collect();
    if !terms.is_empty() {
        set("node_affinity", json!(terms));
    }
    let apart = spec.affinity.pod_anti_affinity.clone().unwrap_or_default();
    let required: BTreeSet<&str> =
        apart.required.iter().map(|term| term.topology_key.as_str()).collect();
    let preferred: BTreeSet<&str> =
        apart.preferred.iter().map(|one| one.pod_affinity_term.topology_key.as_str()).collect();
    for (name, keys) in [("anti_affinity", required), ("anti_affinity_preferred", preferred)] {
        if !keys.is_empty() {
            set(name, json!(keys));
        }
    }
    let hard: BTreeSet<&str> = spec
        .topology_spread_constraints
        .iter()
        .filter(|one| {
            one.get("whenUnsatisfiable").and_then(Value::as_str) != Some("ScheduleAnyway")
        })
        .filter_map(|one| one.get("topologyKey")?.as_str())
        .collect();
    if !hard.is_empty() {
        set("topology_spread_required", json!(hard));
    }
    let (lost, other): (Vec<&Toleration>, Vec<&Toleration>) =
        spec.tolerations.iter().partition(|one| LOST.contains(&one.key.as_str()));
    let seconds = lost.iter().filter_map(|one| one.toleration_seconds).max();
    if let Some(seconds) = seconds {
        set("node_loss_toleration_seconds", json!(seconds));
    }
    if !other.is_empty() {
        let texts: Vec<String> = other.iter().map(|one| one.text()).collect();
        set("tolerations", json!(texts));
    }
    if let Some(seconds) = spec.termination_grace_period_seconds {
        set("termination_grace_seconds", json!(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_pods_may_run_is_kept_in_words() {
        let spec: PodSpec = serde_json::from_value(json!({
            "nodeSelector": { "disk": "ssd" },
            "tolerations": [
                { "key": "spot", "operator": "Equal", "value": "yes", "effect": "NoSchedule" },
                { "key": "node.kubernetes.io/unreachable", "tolerationSeconds": 30 }
            ],
            "affinity": {
                "nodeAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [{ "matchExpressions": [
                        { "key": "zone", "operator": "In", "values": ["a", "b"] }] }] } },
                "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [
                    { "topologyKey": "kubernetes.io/hostname" }] }
            },
            "topologySpreadConstraints": [
                { "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule" },
                { "topologyKey": "host", "whenUnsatisfiable": "ScheduleAnyway" }]
        }))
        .unwrap();
        let mut found = Properties::new();
        properties(&spec, &mut found);
        let expected = json!({
            "node_selector": { "disk": "ssd" },
            "node_affinity": ["zone In [a, b]"],
            "anti_affinity": ["kubernetes.io/hostname"],
            "topology_spread_required": ["zone"],
            "node_loss_toleration_seconds": 30,
            "tolerations": ["spot=yes:NoSchedule"]
        });
        assert_eq!(json!(found), expected);
    }
}
