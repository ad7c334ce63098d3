//! Persistent volumes and the claims on them.

use model::entity::RelationObservation;
use model::{EntityKind, EntityObservation, Reference, RelationKind};
use serde::Deserialize;
use serde_json::json;

use super::object::{IntOrText, lenient, nullable, part};
use super::place::Cluster;
use super::quantity::quantity;
use super::read::Object;
use super::template::Resources;
use crate::key;

lenient! {
    /// `spec` of a PersistentVolumeClaim.
    ClaimSpec {
        access_modes: Vec<String>,
        storage_class_name: Option<String>,
        volume_name: Option<String>,
        resources: Resources,
    }
    /// `spec` of a PersistentVolume.
    VolumeSpec {
        access_modes: Vec<String>,
        storage_class_name: Option<String>,
        persistent_volume_reclaim_policy: Option<String>,
        capacity: std::collections::BTreeMap<String, IntOrText>,
        csi: Option<Csi>,
        aws_elastic_block_store: Option<BlockStore>,
    }
    /// A volume of a driver.
    Csi {
        driver: String,
        volume_handle: String,
    }
    /// A volume as the in-tree driver names it.
    BlockStore {
        #[serde(rename = "volumeID")]
        volume_id: String,
    }
    /// `status` of both.
    StorageStatus {
        phase: Option<String>,
    }
}

/// A PersistentVolumeClaim.
pub fn read_claim(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: ClaimSpec = part(object.part("spec"))?;
    let status: StorageStatus = part(object.part("status"))?;
    let kind = EntityKind::PersistentVolumeClaim;
    let mut claim = cluster.entity(kind, "persistentvolumeclaim", Some(namespace), &object.meta);
    let size = spec.resources.requests.get("storage").and_then(quantity);
    properties(&mut claim, size, &spec.access_modes, spec.storage_class_name.as_deref(), &status);
    claim.relations.push(cluster.contained_in(namespace, &claim.id));
    if let Some(volume) = spec.volume_name.as_deref().filter(|name| !name.is_empty()) {
        let to = Reference::id(cluster.id(None, "persistentvolume", volume));
        let own = Reference::id(claim.id.clone());
        claim.relations.push(RelationObservation::declared(own, RelationKind::Mounts, to));
    }
    Ok(vec![claim])
}

/// A PersistentVolume.
pub fn read_volume(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
) -> Result<Vec<EntityObservation>, serde_json::Error> {
    let spec: VolumeSpec = part(object.part("spec"))?;
    let status: StorageStatus = part(object.part("status"))?;
    let mut volume =
        cluster.entity(EntityKind::PersistentVolume, "persistentvolume", None, &object.meta);
    let size = spec.capacity.get("storage").and_then(quantity);
    properties(&mut volume, size, &spec.access_modes, spec.storage_class_name.as_deref(), &status);
    if let Some(policy) = &spec.persistent_volume_reclaim_policy {
        volume.properties.insert("reclaim_policy".to_owned(), json!(policy));
    }
    volume.relations.push(cluster.contained(&volume.id));
    let in_tree = spec.aws_elastic_block_store.map(|store| store.volume_id);
    if let Some(csi) = &spec.csi {
        volume.properties.insert("driver".to_owned(), json!(csi.driver));
    }
    let handle = spec.csi.map(|csi| csi.volume_handle).or(in_tree).unwrap_or_default();
    let bare = handle.rsplit('/').next().unwrap_or_default();
    if bare.starts_with("vol-") {
        let to = Reference::key("volumeHandle", key::bare_id(bare)).of_kinds(&[EntityKind::Volume]);
        let own = Reference::id(volume.id.clone());
        volume.relations.push(RelationObservation::declared(own, RelationKind::Mounts, to));
    }
    Ok(vec![volume])
}

fn properties(
    entity: &mut EntityObservation,
    size: Option<f64>,
    access_modes: &[String],
    class: Option<&str>,
    status: &StorageStatus,
) {
    let mut set = |name: &str, value: serde_json::Value| {
        entity.properties.insert(name.to_owned(), value);
    };
    set("access_modes", json!(access_modes));
    if let Some(size) = size {
        set("size_bytes", json!(size));
    }
    if let Some(class) = class {
        set("storage_class", json!(class));
    }
    if let Some(phase) = &status.phase {
        set("phase", json!(phase));
    }
}
