//! What a table of series is about: a name that the estate knows, or a thing that the user states.

use model::kind::Confidence;
use model::reference::Claim;
use model::{AliasKey, EntityKind, EntityObservation, Reference};

use crate::context::InputContext;
use crate::format::subject::{Candidates, Place, services};
use crate::input::Out;
use crate::key;

/// Beginnings of keys that are written in full.
const SCHEMES: &[&str] =
    &["arn:", "aws:", "uid:", "id:", "endpoint:", "host:", "address:", "service-name:", "unit:"];

/// A thing that `--entity` states: `service/checkout`, `database/orders`, or a service's canonical id.
/// Such a thing is there because the user says so; any other name must lead to something known.
fn stated(name: &str, context: &InputContext) -> Option<(AliasKey, EntityKind, String)> {
    if let Some(rest) = name.strip_prefix("service://") {
        let last = rest.rsplit('/').next().unwrap_or(rest);
        return Some((name.into(), EntityKind::Service, last.to_owned()));
    }
    let (kind, rest) = name.split_once('/').filter(|(_, rest)| !rest.is_empty())?;
    let kind: EntityKind = kind.parse().ok()?;
    let environment = context.environment.as_deref();
    let id = match kind {
        EntityKind::Unknown => return None,
        EntityKind::Service => key::service(environment, context.namespace.as_deref(), rest),
        kind => key::stated(kind.as_str(), environment, rest),
    };
    Some((id, kind, rest.to_owned()))
}

/// Puts out what `--entity` states.
pub fn state(context: &InputContext, out: &mut Out<'_>) {
    let Some(name) = context.entity.as_deref() else { return };
    let Some((id, kind, name)) = stated(name, context) else { return };
    let mut entity = EntityObservation::new(id.clone(), kind, name.clone());
    entity.scope.environment.clone_from(&context.environment);
    if kind == EntityKind::Service {
        entity.scope.namespace.clone_from(&context.namespace);
        entity.claims.push(Claim::alias(key::service_name(&name), id));
    }
    out.batch().entities.push(entity);
    out.added(1);
}

/// What a name leads to: a key written in full, `host:port`, else whatever is called so, the most exact
/// first.
pub fn reference(name: &str, context: &InputContext) -> Reference {
    let name = name.trim();
    if let Some((id, ..)) = stated(name, context) {
        return Reference::id(id);
    }
    if name.contains("://") || SCHEMES.iter().any(|scheme| name.starts_with(scheme)) {
        return Reference::id(name);
    }
    let place = Place::new(None, None, context);
    let mut all = Candidates::default();
    if let Some((host, port)) = name.rsplit_once(':')
        && let Ok(port) = port.parse::<u16>()
    {
        all.add("host and port", key::public_endpoint(host, port), Confidence::High);
    }
    all.add("name", key::bare_id(name), Confidence::High);
    services(&mut all, "name", name, place.namespace, context.environment.as_deref());
    for kind in ["deployment", "statefulset", "daemonset", "pod"] {
        all.add("name", place.object(kind, name), place.confidence());
    }
    all.add("name", place.node(name), Confidence::Medium);
    all.add("name", key::host(name), Confidence::Medium);
    all.add("name", key::workload_name(name), Confidence::Low);
    all.reference(&[]).unwrap_or_else(|| Reference::key("name", key::bare_id(name)))
}
