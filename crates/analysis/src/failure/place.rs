//! Where things run and stand: nodes, instances, volumes, subnets, zones.

use ::model::kind::{EntityKind, RelationKind};

use super::draft::Draft;
use super::node::{Cause, Extra, SoftCause};
use super::property::{flag, text};

/// Hosts, volumes and places of everything but what places itself by rules of its own (databases,
/// caches, gateways).
pub(super) fn places(draft: &mut Draft<'_>) {
    for one in (0_u32..).take(draft.estate.len()) {
        hosts(draft, one);
        volumes(draft, one);
        let kind = draft.entity(one).kind;
        if !matches!(kind, EntityKind::Database | EntityKind::NatGateway) {
            placed_in(draft, one);
        }
        if kind == EntityKind::KubernetesNode {
            labelled_zone(draft, one);
        }
        if matches!(kind, EntityKind::Workload | EntityKind::NodeGroup) {
            for control in draft.estate.far(one, RelationKind::ManagedBy) {
                draft.soft(one, control, SoftCause::ControlPlane);
            }
        }
    }
}

/// What something runs on. A route that several load balancers carry fails with all of them.
fn hosts(draft: &mut Draft<'_>, one: u32) {
    let hosts: Vec<u32> = draft.estate.far(one, RelationKind::RunsOn).collect();
    draft.group(one, 1, hosts, Cause::RunsOn);
}

/// All places of one thing are one group: it is lost with the last of them. Regions, accounts and the
/// like are no places that a thing stands in by itself.
fn placed_in(draft: &mut Draft<'_>, one: u32) {
    let places: Vec<u32> = draft.estate.far(one, RelationKind::PlacedIn).collect();
    draft.group(one, 1, places, Cause::PlacedIn);
}

/// Volumes: each one that a pod mounts is needed, and the root volume of an instance; another one that
/// is attached degrades it.
fn volumes(draft: &mut Draft<'_>, one: u32) {
    let estate = draft.estate;
    for relation in estate.from(one) {
        match relation.kind {
            RelationKind::Mounts => draft.group(one, 1, vec![relation.to], Cause::Mounts),
            // An appliance that packets are routed to by its interface.
            RelationKind::AttachedTo
                if draft.entity(one).kind == EntityKind::NetworkInterface
                    && draft.entity(relation.to).kind == EntityKind::Instance =>
            {
                draft.group(one, 1, vec![relation.to], Cause::RunsOn);
            }
            RelationKind::AttachedTo if draft.entity(relation.to).kind == EntityKind::Volume => {
                let root = text(&draft.entity(one).properties, "root_device_name");
                let device = text(&relation.properties, "device");
                let is_root = flag(&relation.properties, "is_root");
                if is_root.unwrap_or(root.is_some() && root == device) {
                    draft.group(one, 1, vec![relation.to], Cause::RootVolume);
                } else {
                    draft.soft(one, relation.to, SoftCause::Volume);
                }
            }
            _ => {}
        }
    }
}

/// The zone of a node that stands on no known instance: the entity of that name where there is exactly
/// one, else a zone that only the labels name.
fn labelled_zone(draft: &mut Draft<'_>, node: u32) {
    let estate = draft.estate;
    let has_place = estate
        .from(node)
        .iter()
        .any(|one| matches!(one.kind, RelationKind::RunsOn | RelationKind::PlacedIn));
    let scope = &draft.entity(node).scope;
    let Some(name) = scope.zone.as_deref().filter(|name| !name.is_empty() && !has_place) else {
        return;
    };
    let mut named = estate.of_kind(EntityKind::Zone).filter(|zone| {
        let zone = estate.entity(*zone);
        zone.name == name || zone.scope.zone.as_deref() == Some(name)
    });
    let zone = match (named.next(), named.next()) {
        (Some(zone), None) => zone,
        _ => {
            let key = (scope.cluster.clone().unwrap_or_default(), name.to_owned());
            match draft.zones.get(&key) {
                Some(zone) => *zone,
                None => {
                    let zone = draft.extra(Extra::Zone { name: name.to_owned() });
                    draft.zones.insert(key, zone);
                    zone
                }
            }
        }
    };
    draft.group(node, 1, vec![zone], Cause::PlacedIn);
}
