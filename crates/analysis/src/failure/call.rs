//! Calls and connections, each a node of its own: it fails when its far end fails, when every way in
//! that the caller uses fails, or when every way out of the caller's subnets fails.

use std::collections::BTreeMap;

use ::model::fact::EstateRelation;
use ::model::kind::{EntityKind, Need, NeedSource, RelationKind};

use super::draft::Draft;
use super::egress::Ways;
use super::node::{Cause, Extra, SoftCause};
use super::property::text;
use crate::estate::Estate;

/// Needs that replace those of the relations, by near end and far end: from rules and traces.
pub type Needs = BTreeMap<(u32, u32), (Need, NeedSource)>;

/// The need of a call or connection and where it comes from: what the caller gives, the relation's
/// own, else the default for the kind of what is connected to. `unknown` carries failure as `required`.
pub fn need_of(estate: &Estate, relation: &EstateRelation, needs: &Needs) -> (Need, NeedSource) {
    if let Some(stated) = needs.get(&(relation.from, relation.to)) {
        return *stated;
    }
    if relation.need != Need::Unknown {
        return (relation.need, relation.need_source);
    }
    let default = match (relation.kind, estate.entity(relation.to).kind) {
        (
            RelationKind::ConnectsTo,
            EntityKind::Database
            | EntityKind::DatabaseCluster
            | EntityKind::DatabaseProxy
            | EntityKind::Bucket,
        ) => Need::Required,
        (RelationKind::ConnectsTo, EntityKind::Cache) => Need::Optional,
        (RelationKind::ConnectsTo, EntityKind::Queue) => Need::Asynchronous,
        _ => return (Need::Unknown, NeedSource::Unknown),
    };
    (default, NeedSource::Default)
}

/// Every call and connection.
pub(super) fn calls(draft: &mut Draft<'_>) {
    let mut ways = Ways::default();
    for from in (0_u32..).take(draft.estate.len()) {
        for relation in draft.estate.from(from) {
            let is_call = matches!(relation.kind, RelationKind::Calls | RelationKind::ConnectsTo);
            if is_call && relation.to != from {
                call(draft, relation, &mut ways);
            }
        }
    }
}

fn call(draft: &mut Draft<'_>, relation: &EstateRelation, ways: &mut Ways) {
    let EstateRelation { from, to, kind, .. } = *relation;
    let (need, need_source) = need_of(draft.estate, relation, &draft.options.needs);
    let call = draft.extra(Extra::Call { from, to, kind, need, need_source });
    draft.group(call, 1, vec![to], Cause::Callee);
    let entrances = entrances(draft, relation);
    draft.group(call, 1, entrances, Cause::ServedThrough);
    let out = ways.of_call(draft, from, to);
    draft.group(call, 1, out, Cause::Egress);
    match need {
        Need::Required | Need::Unknown => draft.group(from, 1, vec![call], Cause::Call),
        Need::Asynchronous => draft.soft(from, call, SoftCause::AsynchronousCall),
        Need::Optional if draft.entity(to).kind == EntityKind::Cache => {
            draft.soft(from, call, SoftCause::Cache);
        }
        Need::Optional => draft.soft(from, call, SoftCause::OptionalCall),
    }
}

/// The ways into the far end that a caller uses: those that its endpoint names, else all.
fn entrances(draft: &Draft<'_>, relation: &EstateRelation) -> Vec<u32> {
    let all: Vec<u32> = draft.estate.far(relation.to, RelationKind::ServedThrough).collect();
    let Some(endpoint) = text(&relation.properties, "endpoint") else { return all };
    let near = draft.entity(relation.from).scope.namespace.as_deref();
    let hosts: Vec<&str> = endpoint
        .split(',')
        .map(|one| {
            let one = one.trim();
            one.rsplit_once(':').map_or(one, |(host, _port)| host)
        })
        .collect();
    let named = |one: &u32| hosts.iter().any(|host| answers_to(draft, *one, host, near));
    let named: Vec<u32> = all.iter().copied().filter(named).collect();
    if named.is_empty() { all } else { named }
}

/// Whether a host as a caller writes it means this Kubernetes Service, load balancer or DNS record.
fn answers_to(draft: &Draft<'_>, entrance: u32, host: &str, near: Option<&str>) -> bool {
    let entity = draft.entity(entrance);
    let host = host.trim_end_matches('.');
    match entity.kind {
        EntityKind::KubernetesService => {
            let mut labels = host.split('.');
            let is_name = labels.next() == Some(entity.name.as_str());
            is_name && labels.next().or(near) == entity.scope.namespace.as_deref()
        }
        EntityKind::LoadBalancer => {
            text(&entity.properties, "dns_name").is_some_and(|name| name.eq_ignore_ascii_case(host))
        }
        _ => entity.name.trim_end_matches('.').eq_ignore_ascii_case(host),
    }
}
