//! Nodes and namespaces.

use model::entity::RelationObservation;
use model::reference::Claim;
use model::{EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::{Condition, IntOrText, lenient, nullable, part};
use super::place::Cluster;
use super::quantity::quantity;
use super::read::Object;
use crate::key;

lenient! {
    /// `spec` of a node.
    NodeSpec {
        #[serde(rename = "providerID")]
        provider_id: Option<String>,
        unschedulable: Option<bool>,
        taints: Vec<Taint>,
    }
    /// A taint.
    Taint {
        key: String,
        value: Option<String>,
        effect: String,
    }
    /// `status` of a node.
    NodeStatus {
        capacity: std::collections::BTreeMap<String, IntOrText>,
        allocatable: std::collections::BTreeMap<String, IntOrText>,
        conditions: Vec<Condition>,
        addresses: Vec<Address>,
        node_info: NodeInfo,
    }
    /// An address of a node.
    Address {
        r#type: String,
        address: String,
    }
    /// Versions of a node.
    NodeInfo {
        kubelet_version: String,
        os_image: String,
        architecture: String,
        container_runtime_version: String,
    }
    /// `status` of a namespace.
    NamespaceStatus {
        phase: Option<String>,
    }
}

/// Label → property of a node.
const NODE_LABELS: &[(&str, &str)] = &[
    ("node.kubernetes.io/instance-type", "instance_type"),
    ("eks.amazonaws.com/nodegroup", "node_group"),
    ("eks.amazonaws.com/capacityType", "capacity_type"),
    ("karpenter.sh/nodepool", "node_pool"),
    ("karpenter.sh/capacity-type", "capacity_type"),
    ("cloud.google.com/gke-nodepool", "node_pool"),
    ("agentpool", "node_pool"),
];

/// A node.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: NodeSpec = part(object.part("spec"))?;
    let status: NodeStatus = part(object.part("status"))?;
    let mut node = cluster.entity(EntityKind::KubernetesNode, "node", None, &object.meta);
    let label =
        |names: [&str; 2]| names.iter().find_map(|name| object.meta.labels.get(*name)).cloned();
    node.scope.region =
        label(["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"]);
    let zone = label(["topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"]);
    node.scope.zone = object.meta.labels.get("topology.k8s.aws/zone-id").cloned().or(zone);
    properties(object, &spec, &status, &mut node);
    node.relations.push(cluster.contained(&node.id));
    for address in &status.addresses {
        if matches!(address.r#type.as_str(), "InternalIP" | "InternalDNS" | "Hostname") {
            let address = key::address(cluster.part, &address.address);
            node.claims.push(Claim::alias(address, node.id.clone()));
        }
    }
    if let Some(provider_id) = spec.provider_id.as_deref().filter(|id| !id.is_empty()) {
        node.claims.push(Claim::alias(key::bare_id(provider_id), node.id.clone()));
        let last = provider_id.rsplit('/').next().unwrap_or(provider_id);
        if provider_id.starts_with("aws://") && last.starts_with("i-") {
            let to = Reference::key("spec.providerID", key::bare_id(last))
                .of_kinds(&[EntityKind::Instance]);
            let own = Reference::id(node.id.clone());
            node.relations.push(RelationObservation::declared(own, RelationKind::RunsOn, to));
        }
    }
    node.claims.dedup();
    Ok(vec![node])
}

fn properties(
    object: &Object<'_>,
    spec: &NodeSpec,
    status: &NodeStatus,
    node: &mut EntityObservation,
) {
    let mut set = |name: String, value: Value| {
        node.properties.insert(name, value);
    };
    for (what, of) in [("capacity", &status.capacity), ("allocatable", &status.allocatable)] {
        for (resource, name) in [("cpu", "cpu"), ("memory", "memory_bytes"), ("pods", "pods")] {
            if let Some(value) = of.get(resource).and_then(quantity) {
                set(format!("{what}_{name}"), json!(value));
            }
        }
    }
    for condition in &status.conditions {
        let name = condition.r#type.chars().fold(String::new(), |mut name, letter| {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
            name
        });
        set(format!("condition_{name}"), json!(condition.status));
    }
    if let Some(provider_id) = &spec.provider_id {
        set("provider_id".to_owned(), json!(provider_id));
    }
    set("unschedulable".to_owned(), json!(spec.unschedulable == Some(true)));
    let taints: Vec<String> = spec
        .taints
        .iter()
        .map(|one| format!("{}={}:{}", one.key, one.value.as_deref().unwrap_or(""), one.effect))
        .collect();
    if !taints.is_empty() {
        set("taints".to_owned(), json!(taints));
    }
    let info = &status.node_info;
    for (name, value) in [
        ("kubelet_version", &info.kubelet_version),
        ("os_image", &info.os_image),
        ("architecture", &info.architecture),
        ("container_runtime_version", &info.container_runtime_version),
    ] {
        if !value.is_empty() {
            set(name.to_owned(), json!(value));
        }
    }
    for (label, name) in NODE_LABELS {
        if let Some(value) = object.meta.labels.get(*label) {
            set((*name).to_owned(), json!(value));
        }
    }
}

lenient! {
    /// `spec` of a Karpenter NodePool.
    PoolSpec {
        template: PoolTemplate,
        requirements: Vec<Requirement>,
        limits: std::collections::BTreeMap<String, IntOrText>,
        weight: Option<i64>,
    }
    /// What its nodes are made of.
    PoolTemplate {
        spec: PoolTemplateSpec,
    }
    /// `spec` of that.
    PoolTemplateSpec {
        requirements: Vec<Requirement>,
        taints: Vec<Taint>,
    }
    /// One requirement of nodes, also of the affinity of pods.
    Requirement {
        key: String,
        operator: String,
        values: Vec<String>,
    }
}

impl Requirement {
    /// For people: `topology.kubernetes.io/zone In [a, b]`.
    pub fn text(&self) -> String {
        let values = self.values.join(", ");
        format!("{} {} [{values}]", self.key, self.operator)
    }
}

/// A Karpenter NodePool, or a Provisioner as it was called before.
pub fn read_pool(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    kind_part: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: PoolSpec = part(object.part("spec"))?;
    let mut pool = cluster.entity(EntityKind::NodePool, kind_part, None, &object.meta);
    let requirements = spec.template.spec.requirements.iter().chain(&spec.requirements);
    let texts: Vec<String> = requirements.clone().map(Requirement::text).collect();
    let mut set = |name: &str, value: Value| {
        pool.properties.insert(name.to_owned(), value);
    };
    set("kubernetes_kind", json!(object.kind));
    set("requirements", json!(texts));
    let capacity = requirements.filter(|one| one.key == "karpenter.sh/capacity-type");
    let capacity: Vec<&str> = capacity.flat_map(|one| &one.values).map(String::as_str).collect();
    if !capacity.is_empty() {
        set("capacity_types", json!(capacity));
    }
    for (resource, name) in [("cpu", "cpu_limit_cores"), ("memory", "memory_limit_bytes")] {
        if let Some(limit) = spec.limits.get(resource).and_then(quantity) {
            set(name, json!(limit));
        }
    }
    if let Some(weight) = spec.weight {
        set("weight", json!(weight));
    }
    pool.relations.push(cluster.contained(&pool.id));
    Ok(vec![pool])
}

/// A namespace.
pub fn read_namespace(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let status: NamespaceStatus = part(object.part("status"))?;
    let mut namespace =
        cluster.entity(EntityKind::KubernetesNamespace, "namespace", None, &object.meta);
    namespace.scope.namespace = Some(object.meta.name.clone());
    if let Some(phase) = status.phase {
        namespace.properties.insert("phase".to_owned(), json!(phase));
    }
    namespace.relations.push(cluster.contained(&namespace.id));
    Ok(vec![namespace])
}
