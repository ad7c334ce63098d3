//! Objects of kinds that have no reader of their own.

use model::entity::Presence;
use model::{EntityKind, EntityObservation};
use serde_json::json;

use super::object::part;
use super::place::Cluster;
use super::read::Object;

/// An object of a kind that has no reader: kept and counted, with what it is.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    kind_part: &str,
    namespace: Option<&str>,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let mut entity = cluster.entity(EntityKind::Resource, kind_part, namespace, &object.meta);
    entity.presence = Presence::Observed;
    entity.properties.insert("kubernetes_kind".to_owned(), json!(object.kind));
    entity.properties.insert("api_version".to_owned(), json!(object.api_version));
    if let Some(role) = object.meta.annotations.get("eks.amazonaws.com/role-arn") {
        entity.properties.insert("role_arn".to_owned(), json!(role));
    }
    if kind_part.ends_with("webhookconfiguration.admissionregistration.k8s.io") {
        let webhooks: Vec<serde_json::Value> = part(object.part("webhooks"))?;
        // Left out means `Fail`, by the API's own default.
        let fails = |one: &&serde_json::Value| one["failurePolicy"].as_str() != Some("Ignore");
        let names: Vec<&str> =
            webhooks.iter().filter(fails).filter_map(|one| one["name"].as_str()).collect();
        entity.properties.insert("webhooks_failing_closed".to_owned(), json!(names));
    }
    if kind_part == "storageclass.storage.k8s.io" {
        let provisioner: String = part(object.part("provisioner"))?;
        entity.properties.insert("provisioner".to_owned(), json!(provisioner));
        let mode: String = part(object.part("volumeBindingMode"))?;
        if !mode.is_empty() {
            entity.properties.insert("volume_binding_mode".to_owned(), json!(mode));
        }
    }
    entity.relations.push(match namespace {
        Some(namespace) => cluster.contained_in(namespace, &entity.id),
        None => cluster.contained(&entity.id),
    });
    Ok(vec![entity])
}
