//! What scales and protects workloads: autoscalers, disruption budgets, network policies. The workload
//! is `guarded_by` each of them, which carries no failure.

use model::entity::RelationObservation;
use model::{EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::json;

use super::object::{Condition, IntOrText, Selector, Target, lenient, nullable, part};
use super::place::Cluster;
use super::read::Object;
use crate::key;

lenient! {
    /// `spec` of a HorizontalPodAutoscaler.
    AutoscalerSpec {
        scale_target_ref: Target,
        min_replicas: Option<i64>,
        max_replicas: Option<i64>,
    }
    /// `status` of a HorizontalPodAutoscaler.
    AutoscalerStatus {
        desired_replicas: Option<i64>,
        conditions: Vec<Condition>,
    }
    /// `status` of a PodDisruptionBudget.
    BudgetStatus {
        disruptions_allowed: Option<i64>,
        desired_healthy: Option<i64>,
        expected_pods: Option<i64>,
    }
    /// `spec` of a PodDisruptionBudget.
    BudgetSpec {
        min_available: Option<IntOrText>,
        max_unavailable: Option<IntOrText>,
        selector: Selector,
    }
    /// `spec` of a NetworkPolicy.
    NetworkPolicySpec {
        pod_selector: Selector,
        policy_types: Vec<String>,
        ingress: Option<Vec<serde_json::Value>>,
        egress: Option<Vec<serde_json::Value>>,
    }
}

/// A HorizontalPodAutoscaler.
pub fn read_autoscaler(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: AutoscalerSpec = part(object.part("spec"))?;
    let status: AutoscalerStatus = part(object.part("status"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let mut entity =
        cluster.entity(EntityKind::Autoscaler, &kind_part, Some(namespace), &object.meta);
    let target = &spec.scale_target_ref;
    let api_version = match (target.api_version.as_str(), target.kind.as_str()) {
        ("", "Deployment" | "ReplicaSet" | "StatefulSet") => "apps/v1",
        (api_version, _) => api_version,
    };
    let kind = key::kubernetes_kind(&target.kind, api_version);
    let id = cluster.id(Some(namespace), &kind, &target.name);
    for (name, value) in [
        ("min_replicas", Some(spec.min_replicas.unwrap_or(1))),
        ("max_replicas", spec.max_replicas),
        ("desired_replicas", status.desired_replicas),
    ] {
        if let Some(value) = value {
            entity.properties.insert(name.to_owned(), json!(value));
        }
    }
    entity.properties.insert("scale_target".to_owned(), json!(id.as_str()));
    let mut conditions = status.conditions.iter();
    let limited = conditions.find(|one| one.r#type == "ScalingLimited" && one.status == "True");
    if let Some(reason) = limited.and_then(|one| one.reason.as_ref()) {
        entity.properties.insert("limited_reason".to_owned(), json!(reason));
    }
    entity.relations.push(cluster.contained_in(namespace, &entity.id));
    entity.relations.push(RelationObservation::declared(
        Reference::id(id),
        RelationKind::GuardedBy,
        Reference::id(entity.id.clone()),
    ));
    Ok(vec![entity])
}

/// A PodDisruptionBudget.
pub fn read_budget(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: BudgetSpec = part(object.part("spec"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let kind = EntityKind::DisruptionBudget;
    let mut entity = cluster.entity(kind, &kind_part, Some(namespace), &object.meta);
    for (name, value) in
        [("min_available", &spec.min_available), ("max_unavailable", &spec.max_unavailable)]
    {
        if let Some(value) = value {
            entity.properties.insert(name.to_owned(), json!(value.text()));
        }
    }
    let status: BudgetStatus = part(object.part("status"))?;
    for (name, value) in [
        ("disruptions_allowed", status.disruptions_allowed),
        ("desired_healthy", status.desired_healthy),
        ("expected_pods", status.expected_pods),
    ] {
        if let Some(value) = value.filter(|_| object.part("status").is_some()) {
            entity.properties.insert(name.to_owned(), json!(value));
        }
    }
    entity.relations.push(cluster.contained_in(namespace, &entity.id));
    guard(cluster, namespace, &spec.selector, &mut entity);
    Ok(vec![entity])
}

/// A NetworkPolicy.
pub fn read_network_policy(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: NetworkPolicySpec = part(object.part("spec"))?;
    let kind_part = key::kubernetes_kind(object.kind, object.api_version);
    let kind = EntityKind::NetworkPolicy;
    let mut entity = cluster.entity(kind, &kind_part, Some(namespace), &object.meta);
    entity.properties.insert("policy_types".to_owned(), json!(spec.policy_types));
    entity.properties.insert("rules_read".to_owned(), json!(true));
    for (name, rules) in [("ingress", &spec.ingress), ("egress", &spec.egress)] {
        if let Some(rules) = rules {
            entity.properties.insert(name.to_owned(), json!(rules));
        }
    }
    entity.relations.push(cluster.contained_in(namespace, &entity.id));
    guard(cluster, namespace, &spec.pod_selector, &mut entity);
    Ok(vec![entity])
}

/// The workloads whose pods carry all the labels are guarded; expressions are kept as a property.
fn guard(
    cluster: &Cluster<'_>,
    namespace: &str,
    selector: &Selector,
    entity: &mut EntityObservation,
) {
    entity.properties.insert("selector".to_owned(), json!(selector.match_labels));
    if !selector.match_expressions.is_empty() {
        let expressions = json!(selector.match_expressions);
        entity.properties.insert("selector_expressions".to_owned(), expressions);
        return;
    }
    if selector.match_labels.is_empty() {
        return;
    }
    let labels = selector.match_labels.iter();
    let keys = labels.map(|(name, value)| key::pod_label(cluster.part, namespace, name, value));
    entity.relations.push(RelationObservation::declared(
        Reference::keys("selector", keys.collect()).many().of_kinds(&[EntityKind::Workload]),
        RelationKind::GuardedBy,
        Reference::id(entity.id.clone()),
    ));
}
