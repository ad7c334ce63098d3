//! Rollouts of Deployments: each ReplicaSet is one, made at the moment at which the rollout began. An
//! export keeps the last ones, so that a rollout between two exports is known with its instant.

use std::collections::BTreeSet;

use model::Reference;
use model::entity::Labels;
use model::event::ChangeObservation;
use serde::Deserialize;

use super::object::{lenient, nullable, part};
use super::place::{Cluster, at};
use super::read::Object;
use super::template::Template;
use super::workload;

/// The annotation in which a Deployment counts its rollouts.
const REVISION: &str = "deployment.kubernetes.io/revision";

lenient! {
    /// `spec` of a ReplicaSet.
    SetSpec {
        template: Template,
    }
}

/// The rollout that a ReplicaSet of a Deployment shows; `None` of any other object.
pub fn read(
    cluster: &Cluster<'_>,
    object: &Object<'_>,
    namespace: &str,
) -> Result<Option<ChangeObservation>, serde_json::Error> {
    if object.kind != "ReplicaSet" {
        return Ok(None);
    }
    let meta = &object.meta;
    let mut owners = meta.owner_references.iter();
    let owner = owners.find(|one| one.controller == Some(true) && one.kind == "Deployment");
    let (Some(owner), Some(when), Some(uid), Some(id)) = (
        owner,
        at(meta.creation_timestamp.as_deref()),
        meta.uid.as_deref().filter(|uid| !uid.is_empty()),
        workload::owner(cluster, namespace, meta),
    ) else {
        return Ok(None);
    };
    let spec: SetSpec = part(object.part("spec"))?;
    let images: BTreeSet<&str> =
        spec.template.spec.containers.iter().map(|one| &*one.image).collect();
    let images: Vec<&str> = images.into_iter().filter(|image| !image.is_empty()).collect();
    let revision = meta.annotations.get(REVISION);
    let title = match revision {
        Some(revision) => format!("{} revision {revision}: {}", owner.name, images.join(", ")),
        None => format!("{}: {}", owner.name, images.join(", ")),
    };
    let label =
        |(name, value): (&str, String)| (!value.is_empty()).then(|| (name.to_owned(), value));
    let labels: Labels = [
        ("images", images.join(" ")),
        ("revision", revision.cloned().unwrap_or_default()),
        ("replica_set", meta.name.clone()),
    ]
    .into_iter()
    .filter_map(label)
    .collect();
    Ok(Some(ChangeObservation {
        external_id: format!("rollout-{uid}"),
        kind: "deployment".to_owned(),
        title,
        at: when,
        actor: None,
        link: None,
        entities: vec![Reference::id(id)],
        count: 1,
        labels,
    }))
}
