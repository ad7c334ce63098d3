//! A manifest beside the files of an export: what they do not say, and what they list in full.

use std::collections::BTreeMap;

use model::input::Completeness;
use model::{EntityKind, Micros};
use serde::Deserialize;

use super::{InputContext, Seen, folders};
use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::shape::Shape;

/// A JSON object with `ubiquitous_manifest: 1`; it speaks for all files in and below its folder. The
/// user's flags win, the nearer manifest wins.
pub const MANIFEST: Format = Format {
    name: "manifest",
    title: "a manifest of an export (JSON object with `ubiquitous_manifest`)",
    recognise,
    read,
};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    ubiquitous_manifest: u32,
    cluster: Option<String>,
    namespace: Option<String>,
    environment: Option<String>,
    account: Option<String>,
    region: Option<String>,
    observed_at: Option<Micros>,
    delivery: Option<String>,
    #[serde(default)]
    complete: Vec<Complete>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Complete {
    kind: EntityKind,
    #[serde(default)]
    class: String,
    #[serde(default)]
    scope: String,
}

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    shape.key("ubiquitous_manifest").map(|_key| "it has the key ubiquitous_manifest".to_owned())
}

/// Nothing goes in; a manifest that cannot be understood is an error, since it was meant to be.
fn read(input: &Input<'_>, _out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let manifest: Manifest = serde_json::from_slice(input.bytes)
        .map_err(|error| EnvelopeError::json(input.name, &error))?;
    if manifest.ubiquitous_manifest == 1 {
        return Ok(());
    }
    Err(EnvelopeError::malformed(
        input.name,
        "ubiquitous_manifest",
        format!("version {} is not supported; version 1 is", manifest.ubiquitous_manifest),
    ))
}

/// Adds what manifests state to the contexts.
pub fn learn(inputs: &[Seen<'_>], contexts: &mut [InputContext]) {
    let mut by_folder: BTreeMap<&str, Manifest> = BTreeMap::new();
    for input in inputs {
        if Shape::of(input.bytes).key("ubiquitous_manifest").is_none() {
            continue;
        }
        let manifest = serde_json::from_slice::<Manifest>(input.bytes);
        if let (Some(folder), Ok(manifest)) = (folders(input).next(), manifest) {
            by_folder.insert(folder, manifest);
        }
    }
    if by_folder.is_empty() {
        return;
    }
    for (input, context) in inputs.iter().zip(contexts) {
        for manifest in folders(input).filter_map(|folder| by_folder.get(folder)) {
            apply(manifest, context);
        }
    }
}

fn apply(manifest: &Manifest, context: &mut InputContext) {
    let set = |place: &mut Option<String>, value: &Option<String>| {
        if place.is_none() {
            place.clone_from(value);
        }
    };
    set(&mut context.cluster, &manifest.cluster);
    set(&mut context.namespace, &manifest.namespace);
    set(&mut context.environment, &manifest.environment);
    set(&mut context.account, &manifest.account);
    set(&mut context.region, &manifest.region);
    context.observed_at = context.observed_at.or(manifest.observed_at);
    if let Some(delivery) = &manifest.delivery {
        context.delivery.clone_from(delivery);
    }
    context.complete.extend(manifest.complete.iter().map(|complete| Completeness {
        kind: complete.kind,
        class: complete.class.clone(),
        id_prefix: complete.scope.clone(),
    }));
}
