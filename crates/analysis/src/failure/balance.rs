//! What routes requests: routes, target groups, Kubernetes Services, and what implements a service.

use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::node::{Cause, Extra};
use super::property::{count, text};

/// Targets of everything that routes, and the implementations of everything that has some.
pub(super) fn fronts(draft: &mut Draft<'_>) {
    for one in (0_u32..).take(draft.estate.len()) {
        implementations(draft, one);
        match draft.entity(one).kind {
            EntityKind::Route
            | EntityKind::Ingress
            | EntityKind::Gateway
            | EntityKind::TargetGroup
            | EntityKind::KubernetesService => targets(draft, one),
            _ => {}
        }
    }
}

/// A service fails when all that implement it fail.
fn implementations(draft: &mut Draft<'_>, one: u32) {
    let members = draft.far_on(one, RelationKind::ImplementedBy);
    if members.is_empty() && draft.entity(one).kind == EntityKind::Service {
        let is_known = draft.estate.far(one, RelationKind::ImplementedBy).next().is_some();
        if !is_known {
            draft.unknown(one, Cause::ImplementedBy);
        }
    }
    draft.group(one, 1, members, Cause::ImplementedBy);
}

/// A route fails when all its targets fail; the load balancer that carries it does not. What is
/// draining or gets no traffic by its weight is no target; what is unhealthy has failed already.
fn targets(draft: &mut Draft<'_>, one: u32) {
    let estate = draft.estate;
    let mut members = Vec::new();
    for relation in estate.from(one).iter().filter(|one| one.kind == RelationKind::RoutesTo) {
        let has_weight = count(&relation.properties, "weight") != Some(0);
        let health = text(&relation.properties, "health");
        if draft.is_off(relation.to) || !has_weight || health == Some("draining") {
            continue;
        }
        if matches!(health, Some("unhealthy" | "unavailable")) {
            let target = draft.extra(Extra::Target { of: relation.to });
            draft.group(target, 1, vec![relation.to], Cause::RoutesTo);
            draft.down.push(target);
            members.push(target);
        } else {
            members.push(relation.to);
        }
    }
    if members.is_empty() && draft.entity(one).kind == EntityKind::TargetGroup {
        draft.unknown(one, Cause::RoutesTo);
    }
    draft.group(one, 1, members, Cause::RoutesTo);
}
