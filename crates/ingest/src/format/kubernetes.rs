//! Kubernetes: `kubectl get … -o json` (lists and single objects, one after another too), manifests in
//! YAML, and whole dumps of a cluster.

mod configuration;
mod document;
mod dump;
mod endpoint;
mod event;
mod image;
mod ingress;
mod node;
mod object;
mod other;
mod place;
mod pod;
mod policy;
mod quantity;
mod read;
mod scheduling;
mod service;
mod storage;
mod store_image;
mod template;
pub mod volatile;
mod workload;

pub(crate) use document::{first_header, split as split_documents};
pub use dump::{DUMP_INDEX, DUMP_OTHER, learn};
pub use endpoint::{Endpoint, in_text as endpoints_in, is_public};
pub(crate) use endpoint::{in_argument, in_variable, reference as endpoint_reference};
pub(crate) use image::entity as image_entity;
pub(crate) use object::Meta;
pub use place::Cluster;
pub use store_image::STORE_IMAGES;
pub(crate) use store_image::store;
pub(crate) use template::written;
pub use workload::CONTROLLERS;

use crate::error::EnvelopeError;
use crate::format::Format;
use crate::input::{Input, Out};
use crate::outline;
use crate::shape::{Shape, without_mark};

/// Objects in JSON or YAML.
pub const OBJECTS: Format = Format {
    name: "kubernetes",
    title: "Kubernetes objects (JSON of `kubectl get … -o json`, YAML manifests)",
    recognise,
    read,
};

/// Groups whose documents look like Kubernetes objects and are files of other tools.
const OTHER_TOOLS: &[&str] = &["backstage.io/", "openslo/", "skaffold/", "argocd-image-updater"];

fn recognise(input: &Input<'_>) -> Option<String> {
    let shape = Shape::of(input.bytes);
    if let Shape::Text(text) = shape {
        let (api_version, kind) = first_header(text)?;
        let is_other = OTHER_TOOLS.iter().any(|tool| api_version.starts_with(tool));
        return (!is_other).then(|| format!("a YAML document with apiVersion and kind {kind}"));
    }
    // `kubectl` writes its keys in order of name: in a long list the kind stands behind all items.
    let has_items = shape.key("items").is_some_and(|items| items.starts_with == b'[');
    let is_long_list = has_items && shape.key("apiVersion").is_some();
    let kind = shape.text("kind").or_else(|| is_long_list.then_some("List"))?;
    let is_versioned = shape
        .text("apiVersion")
        .is_some_and(|version| !OTHER_TOOLS.iter().any(|tool| version.starts_with(tool)));
    let is_list = kind.ends_with("List") && shape.key("items").is_some();
    // The list of what an API server can do is an index, not objects.
    let is_index = shape.key("groupVersion").is_some();
    ((is_versioned || is_list) && !is_index).then(|| format!("a JSON object of kind {kind}"))
}

/// Bytes that are looked at to tell an export of a cluster from a manifest.
const EXPORT_BYTES: usize = 1 << 20;

fn read(input: &Input<'_>, out: &mut Out<'_>) -> Result<(), EnvelopeError> {
    let cluster = Cluster::of(input.name, input.context)?;
    let head = &input.bytes[..input.bytes.len().min(EXPORT_BYTES)];
    // Only what an API server returned has it; a manifest is another reporter than the cluster.
    let is_export = document::contains(head, b"resourceVersion");
    let reporter = if is_export { "kubernetes" } else { "kubernetes-manifest" };
    out.source(&format!("{reporter}:{}", cluster.part));
    let mut reader = read::Reader::new(cluster, input.context, out);
    match Shape::of(input.bytes) {
        Shape::Text(_) => document::yaml(input.bytes, &mut reader),
        Shape::JsonArray { .. } => {
            for (index, item) in outline::elements(without_mark(input.bytes)).enumerate() {
                let raw = item.unwrap_or(b"");
                if !reader.document(raw, &format!("/{index}")) {
                    break;
                }
            }
        }
        _ => document::json(input.bytes, &mut reader),
    }
    reader.finish();
    Ok(())
}
