//! Objects of Kubernetes as an export of the cluster itself describes them: the same ids and claims.

use model::entity::{Presence, RelationObservation};
use model::reference::Claim;
use model::{AliasKey, EntityKind as K, EntityObservation, Reference, RelationKind as R};
use serde_json::{Value, json};

use super::graph::{Graph, Node};
use super::label::Family;
use crate::context::InputContext;
use crate::format::kubernetes::{Cluster, Meta};
use crate::key;

/// A cluster by its uid and name, as far as they are known.
#[derive(Debug, Default)]
pub struct Home {
    part: String,
    name: Option<String>,
}

/// The cluster that an object hangs by, else the one that it names.
pub fn home(graph: &Graph, node: &Node) -> Option<Home> {
    let tenant = node.tenant.map(|tenant| &graph.nodes[tenant]);
    let cluster = tenant.filter(|one| one.family() == Some(Family::Cluster));
    match cluster {
        Some(cluster) => Some(Home { part: cluster.text(&["id"])?, name: cluster.text(&["name"]) }),
        None => Some(Home { part: node.text(&["cluster_name"])?, name: None }),
    }
}

impl Home {
    /// As the format of Kubernetes knows it.
    pub fn cluster<'a>(&'a self, context: &'a InputContext) -> Cluster<'a> {
        Cluster {
            part: &self.part,
            name: self.name.as_deref().filter(|name| *name != self.part),
            environment: context.environment.as_deref(),
            namespace: context.namespace.as_deref().unwrap_or("default"),
        }
    }
}

/// Canonical id of a node.
pub fn id(graph: &Graph, node: &Node) -> Option<AliasKey> {
    match node.family()? {
        Family::Cluster => node.text(&["id"]).map(|id| key::kubernetes_cluster(&id)),
        Family::Object(kind, part, _) => {
            let home = home(graph, node)?;
            let namespace = namespace(kind, node);
            Some(key::kubernetes(&home.part, namespace.as_deref(), part, &node.text(&["name"])?))
        }
        _ => None,
    }
}

/// The namespace of an object that has one.
fn namespace(kind: K, node: &Node) -> Option<String> {
    let has_none = matches!(kind, K::KubernetesNamespace | K::KubernetesNode);
    node.text(&["namespace"]).filter(|_| !has_none)
}

/// The cluster itself; the ARN of EKS is another name of it.
pub fn cluster_entity(node: &Node, context: &InputContext) -> Option<EntityObservation> {
    let home = Home { part: node.text(&["id"])?, name: node.text(&["name"]) };
    let mut entity = home.cluster(context).cluster_entity();
    entity.presence = Presence::Observed;
    if let Some(arn) = node.text(&["external_id"]).filter(|arn| arn.starts_with("arn:")) {
        entity.claims.push(Claim::alias(key::arn(&arn), entity.id.clone()));
    }
    keep(&mut entity, node, &["version", "platform"]);
    Some(entity)
}

/// What an object says of itself.
pub fn entity(graph: &Graph, node: &Node, context: &InputContext) -> Option<EntityObservation> {
    let Some(Family::Object(kind, part, label)) = node.family() else { return None };
    let home = home(graph, node)?;
    let cluster = home.cluster(context);
    let namespace = namespace(kind, node);
    let meta = Meta {
        name: node.text(&["name"])?,
        uid: node.text(&["uid", "id"]).filter(|id| is_uid(id)),
        labels: pairs(node, "labels").into_iter().collect(),
        ..Meta::default()
    };
    let mut entity = cluster.entity(kind, part, namespace.as_deref(), &meta);
    match kind {
        K::KubernetesNamespace => {
            entity.scope.namespace = Some(meta.name);
            keep(&mut entity, node, &["status_phase=phase"]);
        }
        K::KubernetesNode => {
            keep(&mut entity, node, &["kubelet_version", "architecture", "os", "provider_id"]);
            if let Some(provider) = node.text(&["provider_id"]) {
                entity.claims.push(Claim::alias(key::bare_id(&provider), entity.id.clone()));
            }
        }
        K::Workload => {
            let controller = label.trim_start_matches("Kubernetes");
            entity.properties.insert("controller".to_owned(), json!(controller));
            keep(&mut entity, node, &["replicas", "ready_replicas", "available_replicas"]);
        }
        K::Pod => keep(&mut entity, node, &["status_phase=phase", "node", "host_network"]),
        K::KubernetesService => {
            keep(&mut entity, node, &["type"]);
            let selector = pairs(node, "selector").into_iter();
            let selector: serde_json::Map<String, Value> =
                selector.map(|(name, value)| (name, value.into())).collect();
            entity.properties.insert("selector".to_owned(), Value::Object(selector));
            if let Some(address) = node.text(&["cluster_ip"]).filter(|ip| ip != "None") {
                let address = key::address(&home.part, &address);
                entity.claims.push(Claim::alias(address, entity.id.clone()));
            }
        }
        K::Ingress | K::Gateway | K::Route => {
            keep(&mut entity, node, &["host_names=hosts", "ingress_class_name=class"]);
        }
        _ => {}
    }
    Some(entity)
}

/// The service that a topmost workload implements, and the claims that lead to both.
pub fn front(cluster: &Cluster<'_>, workload: &mut EntityObservation) -> Option<EntityObservation> {
    let namespace = workload.scope.namespace.clone()?;
    let own = key::controller_of(&workload.id);
    workload.claims.push(Claim::alias(own, workload.id.clone()));
    let (from, control) = (Reference::id(workload.id.clone()), Reference::id(cluster.cluster_id()));
    workload.relations.push(RelationObservation::declared(from, R::ManagedBy, control));
    let id = cluster.service_id(&namespace, &workload.name);
    let mut service = EntityObservation::new(id.clone(), K::Service, workload.name.clone());
    service.presence = Presence::Implied;
    service.scope = workload.scope.clone();
    cluster.claim_id(&mut service.claims, key::service_of(&workload.id), &id, &namespace);
    service.relations.push(RelationObservation::declared(
        Reference::id(id),
        R::ImplementedBy,
        Reference::id(workload.id.clone()),
    ));
    Some(service)
}

/// A pod leads to what runs it.
pub fn run_by(cluster: &Cluster<'_>, pod: &mut EntityObservation, workload: &AliasKey) {
    let top = key::controller_of(workload);
    if let Some(uid) = &pod.incarnation {
        pod.claims.push(Claim::alias(key::workload_of_uid(uid), top.clone()));
    }
    let namespace = pod.scope.namespace.clone().unwrap_or_else(|| cluster.namespace.to_owned());
    let key = key::workload_of(&pod.id);
    cluster.claim_id(&mut pod.claims, key, &top, &namespace);
}

/// Whether a pod is a member of what runs it now: `None` when nothing says so.
pub fn readiness(node: &Node) -> Option<(bool, bool)> {
    let phase = node.text(&["status_phase"])?;
    let phase = phase.to_ascii_lowercase();
    Some((phase == "running", matches!(phase.as_str(), "succeeded" | "failed")))
}

/// Name and digest of the image of a container.
pub fn image(container: &Node, image: &Node) -> Option<(String, String)> {
    let name = container.text(&["image"])?;
    let stated = image.text(&["digest", "_ont_digest", "id"])?;
    let digest = stated.find("sha256:").map(|at| stated[at..].to_owned())?;
    let without_digest = name.split('@').next().unwrap_or(&name);
    let repository = match without_digest.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => without_digest,
    };
    Some((name.clone(), format!("{repository}@{digest}")))
}

fn keep(entity: &mut EntityObservation, node: &Node, fields: &[&str]) {
    crate::format::aws::keep(&mut entity.properties, &node.properties, fields);
}

/// Labels and selectors are kept as a text of JSON.
fn pairs(node: &Node, name: &str) -> Vec<(String, String)> {
    let value = match node.properties.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        Some(value) => value.clone(),
        None => Value::Null,
    };
    let Value::Object(map) = value else { return Vec::new() };
    let as_text = |value: Value| match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    map.into_iter().map(|(name, value)| (name, as_text(value))).collect()
}

fn is_uid(text: &str) -> bool {
    text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
}
