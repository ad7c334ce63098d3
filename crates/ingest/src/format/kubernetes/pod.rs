//! Pods: what runs where, for whom, and how it fares.

use model::entity::RelationObservation;
use model::kind::Confidence;
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Micros, Reference, RelationKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::{Condition, lenient, nullable, part};
use super::place::{Cluster, at};
use super::read::Object;
use super::template::{self, PodSpec};
use super::{image, workload};
use crate::key;

lenient! {
    /// `status` of a pod.
    PodStatus {
        phase: Option<String>,
        reason: Option<String>,
        #[serde(rename = "podIP")]
        pod_ip: Option<String>,
        qos_class: Option<String>,
        start_time: Option<String>,
        conditions: Vec<Condition>,
        container_statuses: Vec<ContainerStatus>,
        init_container_statuses: Vec<ContainerStatus>,
    }
    /// How one container fares.
    ContainerStatus {
        name: String,
        image: String,
        #[serde(rename = "imageID")]
        image_id: String,
        ready: Option<bool>,
        restart_count: Option<u64>,
        state: ContainerState,
        last_state: ContainerState,
    }
    /// State of a container.
    ContainerState {
        waiting: Option<Reason>,
        terminated: Option<Reason>,
    }
    /// Why a container does not run.
    Reason {
        reason: Option<String>,
        exit_code: Option<i64>,
        finished_at: Option<String>,
    }
}

/// A pod with its images.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: PodSpec = part(object.part("spec"))?;
    let status: PodStatus = part(object.part("status"))?;
    let mut pod = cluster.entity(EntityKind::Pod, "pod", Some(namespace), &object.meta);
    let is_finished = matches!(status.phase.as_deref(), Some("Succeeded" | "Failed"));
    let is_ready = condition(&status, "Ready").is_some_and(|ready| ready.status == "True");
    properties(&mut pod, &status, is_ready);
    template::properties(&spec, &mut pod.properties);
    // A finished pod is still an object of the cluster until it is deleted.
    if let Some(end) = finished_at(&status).filter(|_| is_finished) {
        pod.properties.insert("finished_at".to_owned(), json!(end.timestamp()));
    }
    if let Some(address) = status.pod_ip.filter(|_| spec.host_network != Some(true)) {
        let address = key::address(cluster.part, &address);
        pod.claims.push(Claim::alias(address, pod.id.clone()));
    }
    relations(cluster, object, namespace, &spec, &mut pod);
    replica(cluster, object, namespace, is_ready, is_finished, &mut pod);
    let mut all = Vec::new();
    let mut images: Vec<(&str, &str)> = status
        .container_statuses
        .iter()
        .filter(|one| one.image_id.contains("@sha256:"))
        .map(|one| {
            let stated = spec.containers.iter().find(|container| container.name == one.name);
            (stated.map_or(one.image.as_str(), |container| &container.image), one.image_id.as_str())
        })
        .collect();
    images.sort_unstable();
    images.dedup();
    for (name, runtime_id) in &images {
        all.push(image::entity(name, Some(runtime_id)));
        pod.relations.push(template::uses_image(&pod.id, runtime_id));
    }
    if images.is_empty() {
        all.extend(image::entities(&spec));
        pod.relations.extend(template::uses_images(&spec, &pod.id));
    }
    all.extend(workload::implied_owner(cluster, namespace, &object.meta));
    all.push(pod);
    Ok(all)
}

fn relations(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
    spec: &PodSpec,
    pod: &mut EntityObservation,
) {
    let own = Reference::id(pod.id.clone());
    let mut add = |kind: RelationKind, to: AliasKey| {
        let to = Reference::id(to);
        pod.relations.push(RelationObservation::declared(own.clone(), kind, to));
    };
    if let Some(node) = spec.node_name.as_deref().filter(|node| !node.is_empty()) {
        add(RelationKind::RunsOn, cluster.id(None, "node", node));
    }
    let claims = spec.volumes.iter().filter_map(|one| one.persistent_volume_claim.as_ref());
    for claim in claims {
        let kind = "persistentvolumeclaim";
        add(RelationKind::Mounts, cluster.id(Some(namespace), kind, &claim.claim_name));
    }
    let owner = object.meta.owner_references.iter().find(|one| one.controller == Some(true));
    let value = owner.map_or(Value::Null, |owner| json!(format!("{}/{}", owner.kind, owner.name)));
    pod.properties.insert("owner".to_owned(), value);
    if let Some(node) = &spec.node_name {
        pod.properties.insert("node".to_owned(), json!(node));
    }
}

/// The pod as a replica of its topmost controller; a pod of its own answers to its labels itself.
fn replica(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
    is_ready: bool,
    is_finished: bool,
    pod: &mut EntityObservation,
) {
    let Some(owner) = workload::owner(cluster, namespace, &object.meta) else {
        pod.relations.push(cluster.contained_in(namespace, &pod.id));
        for (name, value) in &object.meta.labels {
            let label = key::pod_label(cluster.part, namespace, name, value);
            cluster.claim(&mut pod.claims, label, std::slice::from_ref(&pod.id));
        }
        return;
    };
    let top = key::controller_of(&owner);
    if let Some(uid) = &object.meta.uid {
        pod.claims.push(Claim::alias(key::workload_of_uid(uid), top.clone()));
    }
    cluster.claim_id(&mut pod.claims, key::workload_of(&pod.id), &top, namespace);
    pod.claims.extend(deployment(cluster, object, namespace, &top));
    let from = Reference::key("owner", top).of_kinds(&[EntityKind::Workload]);
    let to = Reference::id(pod.id.clone());
    let mut relation = RelationObservation::declared(from, RelationKind::HasReplica, to)
        .with("ready", is_ready && !is_finished);
    if is_finished {
        relation = relation.with("finished", true);
    }
    pod.relations.push(relation);
}

/// The Deployment that the ReplicaSet's name shows, for exports without ReplicaSets: what a ReplicaSet
/// itself says is certain and wins.
fn deployment(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
    top: &AliasKey,
) -> Option<Claim> {
    let hash = object.meta.labels.get("pod-template-hash")?;
    let mut owners = object.meta.owner_references.iter();
    let set = owners.find(|one| one.controller == Some(true) && one.kind == "ReplicaSet")?;
    let name = set.name.strip_suffix(hash.as_str())?.strip_suffix('-')?;
    let deployment = cluster.id(Some(namespace), "deployment.apps", name);
    Some(Claim {
        key: top.clone(),
        to: vec![key::controller_of(&deployment)],
        confidence: Confidence::Medium,
    })
}

fn condition<'a>(status: &'a PodStatus, name: &str) -> Option<&'a Condition> {
    status.conditions.iter().find(|condition| condition.r#type == name)
}

fn finished_at(status: &PodStatus) -> Option<Micros> {
    let ends = status.container_statuses.iter().filter_map(|one| one.state.terminated.as_ref());
    ends.filter_map(|end| at(end.finished_at.as_deref())).max()
}

fn properties(pod: &mut EntityObservation, status: &PodStatus, is_ready: bool) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            pod.properties.insert(name.to_owned(), value);
        }
    };
    let text = |text: &Option<String>| text.as_ref().map(|text| json!(text));
    let all = || status.init_container_statuses.iter().chain(&status.container_statuses);
    set("phase", text(&status.phase));
    set("ready", Some(json!(is_ready)));
    set("reason", text(&status.reason));
    set("qos_class", text(&status.qos_class));
    let restarts = status.container_statuses.iter().filter_map(|one| one.restart_count);
    set("restarts", Some(json!(restarts.fold(0, u64::saturating_add))));
    let waiting = all().find_map(|one| text(&one.state.waiting.as_ref()?.reason));
    set("waiting_reason", waiting);
    let last =
        all().find_map(|one| one.state.terminated.as_ref().or(one.last_state.terminated.as_ref()));
    set("terminated_reason", last.and_then(|last| text(&last.reason)));
    set("exit_code", last.and_then(|last| last.exit_code).map(Value::from));
    let unscheduled = condition(status, "PodScheduled").filter(|one| one.status == "False");
    set("unscheduled_reason", unscheduled.and_then(|one| text(&one.reason)));
}
