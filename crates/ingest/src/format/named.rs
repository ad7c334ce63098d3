//! What a name means that people wrote: in a table of incidents, a message, an event. Names in full
//! (ids, ARNs, images) mean themselves; others are tried as a service, a workload, an application, a
//! unit and a bare id, in this order, and mean something only where that is unique.

use model::Reference;
use model::kind::Confidence;

use super::subject::{Candidates, Place, services};
use crate::context::InputContext;
use crate::key;

/// Longest name that is looked up.
const NAME_BYTES: usize = 500;

/// What a name is understood in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// Environment, if the record names one.
    pub environment: Option<&'a str>,
    /// Namespace, if the record names one.
    pub namespace: Option<&'a str>,
    /// Cluster, if the record names one.
    pub cluster: Option<&'a str>,
}

/// What the name means; `None` for none.
pub fn reference(name: &str, around: Around<'_>, context: &InputContext) -> Option<Reference> {
    let name = name.trim();
    if name.is_empty() || name.len() > NAME_BYTES {
        return None;
    }
    if name.contains("://") || name.starts_with("arn:") {
        return Some(Reference::id(name));
    }
    if name.contains("@sha256:") {
        return Some(Reference::key("image", key::image(name)));
    }
    let mut all = Candidates::default();
    let place = Place::new(around.cluster, around.namespace, context);
    let environment = around.environment.or(context.environment.as_deref());
    by_name(&mut all, name, place, environment);
    let lower = name.to_lowercase();
    if lower != name {
        by_name(&mut all, &lower, place, environment);
    }
    if name.contains('.') && !name.contains(' ') {
        all.add("host", key::host(name), Confidence::Medium);
    }
    all.reference(&[])
}

fn by_name(all: &mut Candidates, name: &str, place: Place<'_>, environment: Option<&str>) {
    // `shop/checkout`, as Kubernetes and GitOps tools write it.
    let (namespace, short) = match name.split_once('/') {
        Some((namespace, rest)) if !rest.is_empty() && !rest.contains('/') => {
            (Some(namespace), rest)
        }
        _ => (place.namespace, name),
    };
    services(all, "name of a service", short, namespace, environment);
    let place = Place { namespace, ..place };
    let confidence = place.confidence().min(Confidence::High);
    let workloads =
        ["deployment", "statefulset", "daemonset"].map(|kind| place.object(kind, short));
    for workload in &workloads {
        all.add("service of a workload", key::service_of(workload), confidence);
    }
    for workload in workloads {
        all.add("name of a workload", workload, confidence);
    }
    for kind in ["application", "product"] {
        all.add("name of an application", key::unit(kind, short), Confidence::Medium);
    }
    all.add("name of a unit", key::unit_name(short), Confidence::Low);
    all.add("id", key::bare_id(short), Confidence::Medium);
}
