//! Images that containers run, by digest where the runtime says it; tags are aliases.

use std::collections::BTreeMap;

use model::entity::Presence;
use model::reference::Claim;
use model::{EntityKind, EntityObservation};

use super::store_image::repository;
use super::template::PodSpec;
use crate::key;

/// The images that a specification names.
pub fn entities(spec: &PodSpec) -> Vec<EntityObservation> {
    let images: BTreeMap<&str, ()> =
        spec.containers.iter().map(|one| (one.image.as_str(), ())).collect();
    let images = images.into_keys().filter(|image| !image.is_empty());
    images.map(|image| entity(image, None)).collect()
}

/// An image by the name that the container gives and the id that the runtime gives
/// (`repository@sha256:…`).
pub fn entity(name: &str, runtime_id: Option<&str>) -> EntityObservation {
    let digest = runtime_id.filter(|id| id.contains("@sha256:"));
    let id = key::image(digest.unwrap_or(name));
    let text = id.as_str().trim_start_matches("image://");
    let mut image = EntityObservation::new(id.clone(), EntityKind::Image, text);
    image.presence = Presence::Implied;
    image.properties.insert("repository".to_owned(), repository(text).into());
    let by_name = key::image(name);
    if by_name != id {
        image.claims.push(Claim::alias(by_name, id));
    }
    image
}
