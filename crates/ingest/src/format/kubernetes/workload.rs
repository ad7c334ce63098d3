//! Workloads: every controller, the service or store that its topmost one implements, and what that
//! calls.

use model::entity::{Presence, RelationObservation};
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::{Value, json};

use super::object::{Condition, IntOrText, Map, Meta, lenient, nullable, part};
use super::place::{Cluster, contains};
use super::read::Object;
use super::template::{self, Template};
use super::{image, scheduling, store_image};
use crate::key;

lenient! {
    /// `spec` of every controller.
    WorkloadSpec {
        replicas: Option<i64>,
        template: Template,
        job_template: JobTemplate,
        schedule: Option<String>,
        suspend: Option<bool>,
        completions: Option<i64>,
        parallelism: Option<i64>,
        service_name: Option<String>,
        strategy: Strategy,
        update_strategy: Strategy,
        min_ready_seconds: Option<i64>,
    }
    /// `jobTemplate` of a CronJob.
    JobTemplate {
        spec: JobSpec,
    }
    /// `spec` of a Job.
    JobSpec {
        template: Template,
    }
    /// How it is rolled out.
    Strategy {
        r#type: Option<String>,
        rolling_update: Option<RollingUpdate>,
    }
    /// How many pods a rollout may lack or have beyond.
    RollingUpdate {
        max_unavailable: Option<IntOrText>,
        max_surge: Option<IntOrText>,
    }
    /// `status` of every controller.
    WorkloadStatus {
        replicas: Option<i64>,
        ready_replicas: Option<i64>,
        available_replicas: Option<i64>,
        desired_number_scheduled: Option<i64>,
        number_ready: Option<i64>,
        succeeded: Option<i64>,
        failed: Option<i64>,
        conditions: Vec<Condition>,
    }
}

/// Controllers whose pods are replicas: kind and group.
pub const CONTROLLERS: &[(&str, &str)] = &[
    ("Deployment", "apps"),
    ("ReplicaSet", "apps"),
    ("StatefulSet", "apps"),
    ("DaemonSet", "apps"),
    ("Job", "batch"),
    ("CronJob", "batch"),
    ("ReplicationController", ""),
    ("Rollout", "argoproj.io"),
    ("DeploymentConfig", "apps.openshift.io"),
];

/// Whether objects of this kind are workloads.
pub fn is_controller(kind: &str, api_version: &str) -> bool {
    let part = key::kubernetes_kind(kind, api_version);
    CONTROLLERS.iter().any(|(name, group)| {
        *name == kind && part.split_once('.').map_or("", |(_, group)| group) == *group
    })
}

/// Id of the controller that owns an object, when one does.
pub fn owner(cluster: &Cluster<'_>, namespace: &str, meta: &Meta) -> Option<AliasKey> {
    let mut owners = meta.owner_references.iter();
    let owner = owners
        .find(|one| one.controller == Some(true) && is_controller(&one.kind, &one.api_version))?;
    let kind = key::kubernetes_kind(&owner.kind, &owner.api_version);
    Some(cluster.id(Some(namespace), &kind, &owner.name))
}

/// Controllers that nothing but a custom resource owns: their pods show that they exist.
const TOPMOST: &[&str] =
    &["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Rollout", "DeploymentConfig"];

/// The controller that an object's owner reference shows to exist, when it is a topmost one.
pub fn implied_owner(
    cluster: &Cluster<'_>,
    namespace: &str,
    meta: &Meta,
) -> Option<EntityObservation> {
    let mut owners = meta.owner_references.iter();
    let owner = owners.find(|one| {
        one.controller == Some(true)
            && TOPMOST.contains(&&*one.kind)
            && is_controller(&one.kind, &one.api_version)
    })?;
    let kind_part = key::kubernetes_kind(&owner.kind, &owner.api_version);
    let named = Meta { name: owner.name.clone(), uid: Some(owner.uid.clone()), ..Meta::default() };
    let mut workload = cluster.entity(EntityKind::Workload, &kind_part, Some(namespace), &named);
    workload.presence = Presence::Implied;
    workload.properties.insert("controller".to_owned(), json!(owner.kind));
    let own = key::controller_of(&workload.id);
    workload.claims.push(Claim::alias(own, workload.id.clone()));
    workload.relations.push(cluster.contained_in(namespace, &workload.id));
    Some(workload)
}

/// A controller, and what its topmost one implies.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: WorkloadSpec = part(object.part("spec"))?;
    let status: WorkloadStatus = part(object.part("status"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut workload =
        cluster.entity(EntityKind::Workload, &kind_part, Some(namespace), &object.meta);
    let template =
        if object.kind == "CronJob" { &spec.job_template.spec.template } else { &spec.template };
    properties(&mut workload, object, &spec, &status);
    template::properties(&template.spec, &mut workload.properties);
    scheduling::properties(&template.spec, &mut workload.properties);
    workload.relations.extend(template::uses_images(&template.spec, &workload.id));
    let own = key::controller_of(&workload.id);
    if let Some(owner) = owner(cluster, namespace, &object.meta) {
        // Leads on to whatever the owner's own topmost controller is.
        let top = key::controller_of(&owner);
        workload.claims.push(Claim::alias(own, top.clone()));
        workload.relations.push(contains(Reference::key("owner", top), &workload.id));
        let implied = implied_owner(cluster, namespace, &object.meta);
        return Ok(implied.into_iter().chain([workload]).collect());
    }
    workload.claims.push(Claim::alias(own, workload.id.clone()));
    workload.relations.push(cluster.contained_in(namespace, &workload.id));
    let from = Reference::id(workload.id.clone());
    let control = Reference::id(cluster.cluster_id());
    workload.relations.push(RelationObservation::declared(from, RelationKind::ManagedBy, control));
    for (name, value) in &template.metadata.labels {
        let label = key::pod_label(cluster.part, namespace, name, value);
        cluster.claim(&mut workload.claims, label, std::slice::from_ref(&workload.id));
    }
    let front = front(cluster, namespace, &workload, template);
    let mut all = image::entities(&template.spec);
    all.extend([workload, front]);
    Ok(all)
}

/// The service that a topmost workload implements, or the store that it runs.
fn front(
    cluster: &Cluster<'_>,
    namespace: &str,
    workload: &EntityObservation,
    template: &Template,
) -> EntityObservation {
    let containers = template.spec.containers.iter();
    let store = store_image::store(containers.map(|one| (one.name.as_str(), one.image.as_str())));
    let name = &workload.name;
    let mut front = match store {
        Some((kind, engine)) => {
            let mut store = EntityObservation::new(cluster.store_id(namespace, name), kind, name);
            store.properties.insert("engine".to_owned(), json!(engine));
            store.properties.insert("hosting".to_owned(), json!("kubernetes"));
            store.created_at = workload.created_at;
            store
        }
        None => {
            let id = cluster.service_id(namespace, name);
            let mut service = EntityObservation::new(id, EntityKind::Service, name);
            service.presence = Presence::Implied;
            service
        }
    };
    front.scope = workload.scope.clone();
    front.labels = workload.labels.clone();
    let id = front.id.clone();
    let own = key::service_of(&workload.id);
    cluster.claim_id(&mut front.claims, own, &id, namespace);
    labels(cluster, namespace, &template.metadata.labels, &mut front);
    for reader in template::configurations(cluster, namespace, &template.spec) {
        cluster.claim(&mut front.claims, reader, std::slice::from_ref(&id));
    }
    front.relations.push(RelationObservation::declared(
        Reference::id(id.clone()),
        RelationKind::ImplementedBy,
        Reference::id(workload.id.clone()),
    ));
    front.relations.extend(template::calls(cluster, namespace, &template.spec, &id));
    front
}

fn labels(cluster: &Cluster<'_>, namespace: &str, labels: &Map, front: &mut EntityObservation) {
    for (name, value) in labels {
        let label = key::service_label(cluster.part, namespace, name, value);
        cluster.claim(&mut front.claims, label, std::slice::from_ref(&front.id));
    }
}

fn properties(
    workload: &mut EntityObservation,
    object: &Object<'_>,
    spec: &WorkloadSpec,
    status: &WorkloadStatus,
) {
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            workload.properties.insert(name.to_owned(), value);
        }
    };
    set("controller", Some(json!(object.kind)));
    let is_scaled = !matches!(object.kind, "DaemonSet" | "Job" | "CronJob");
    // Left out means one, by the API's own default.
    set(
        "replicas",
        match (is_scaled, object.kind) {
            (true, _) => Some(json!(spec.replicas.unwrap_or(1))),
            (false, "DaemonSet") => status.desired_number_scheduled.map(Value::from),
            _ => None,
        },
    );
    let has_status = object.part("status").is_some();
    let ready = status.ready_replicas.or(status.number_ready);
    if has_status && !matches!(object.kind, "Job" | "CronJob") {
        set("ready_replicas", Some(json!(ready.unwrap_or(0))));
    }
    set("available_replicas", status.available_replicas.map(Value::from));
    set("succeeded", status.succeeded.map(Value::from));
    set("failed", status.failed.map(Value::from));
    set("schedule", spec.schedule.as_ref().map(|schedule| json!(schedule)));
    set("suspend", spec.suspend.filter(|suspend| *suspend).map(Value::from));
    set("completions", spec.completions.map(Value::from));
    set("parallelism", spec.parallelism.map(Value::from));
    set("service_name", spec.service_name.as_ref().map(|name| json!(name)));
    let strategy = spec.strategy.r#type.as_ref().or(spec.update_strategy.r#type.as_ref());
    set("strategy", strategy.map(|strategy| json!(strategy)));
    for of in [&spec.strategy, &spec.update_strategy] {
        let rolling = of.rolling_update.as_ref();
        for (name, value) in [
            ("max_unavailable", rolling.and_then(|one| one.max_unavailable.as_ref())),
            ("max_surge", rolling.and_then(|one| one.max_surge.as_ref())),
        ] {
            set(name, value.map(|value| json!(value.text())));
        }
    }
    set("min_ready_seconds", spec.min_ready_seconds.filter(|is| *is > 0).map(Value::from));
    let revision = object.meta.annotations.get("deployment.kubernetes.io/revision");
    set("revision", revision.map(|revision| json!(revision)));
    for condition in &status.conditions {
        let is_failure = matches!(condition.r#type.as_str(), "Failed" | "ReplicaFailure");
        if is_failure && condition.status == "True" {
            set("failure_reason", Some(json!(condition.reason)));
        }
    }
}
