//! What a thing covers when it is taken away: a cluster its nodes, a region its zones, an account what
//! is in it, an image what runs it.

use ::model::kind::{EntityKind, RelationKind};

use crate::estate::Estate;

/// The entities that fail when this one is taken away, itself among them, in order. Most cover only
/// themselves: the closure does the rest.
pub fn expanded(estate: &Estate, one: u32) -> Vec<u32> {
    let entity = estate.entity(one);
    let everything = || (0_u32..).take(estate.len());
    let mut all: Vec<u32> = match entity.kind {
        EntityKind::Image => estate
            .near(one, RelationKind::UsesImage)
            .filter(|near| is_running(estate, *near))
            .collect(),
        EntityKind::KubernetesCluster => {
            // Of EKS the control plane and the cluster that its objects name may be two records.
            let names = [Some(&entity.id), Some(&entity.name), entity.scope.cluster.as_ref()];
            let is_of = |node: &u32| {
                let scope = estate.entity(*node).scope.cluster.as_ref();
                scope.is_some() && names.contains(&scope)
            };
            let contained = estate
                .far(one, RelationKind::Contains)
                .filter(|far| estate.entity(*far).kind == EntityKind::KubernetesNode);
            let nodes = estate.of_kind(EntityKind::KubernetesNode);
            contained.chain(nodes.filter(is_of)).collect()
        }
        EntityKind::KubernetesNamespace => {
            let inside = estate.far(one, RelationKind::Contains);
            inside.filter(|far| is_ended_by_deletion(estate.entity(*far).kind)).collect()
        }
        EntityKind::Account => {
            let account = entity.scope.account.as_deref().unwrap_or(&entity.name);
            let of = |other: &u32| {
                let other = estate.entity(*other);
                other.scope.account.as_deref() == Some(account) && !is_shared(other.kind)
            };
            everything().filter(of).collect()
        }
        EntityKind::Region => {
            let region = entity.scope.region.as_deref().unwrap_or(&entity.name);
            let of = |other: &u32| {
                let other = estate.entity(*other);
                other.scope.region.as_deref() == Some(region) && !is_shared(other.kind)
            };
            everything().filter(of).collect()
        }
        EntityKind::Vpc => estate
            .far(one, RelationKind::Contains)
            .filter(|far| estate.entity(*far).kind == EntityKind::Subnet)
            .collect(),
        EntityKind::Organisation | EntityKind::BusinessUnit | EntityKind::Team => {
            let units = estate.reached(&[one], &[RelationKind::Owns]);
            let ids: Vec<&str> =
                units.iter().map(|unit| estate.entity(*unit).id.as_str()).collect();
            everything()
                .filter(|other| {
                    let owner = estate.entity(*other).owner.as_deref();
                    owner.is_some_and(|owner| ids.contains(&owner))
                })
                .collect()
        }
        _ => Vec::new(),
    };
    all.push(one);
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether something runs its image itself; a workload only where its pods are not known.
fn is_running(estate: &Estate, one: u32) -> bool {
    match estate.entity(one).kind {
        EntityKind::Pod | EntityKind::Instance | EntityKind::Task | EntityKind::Function => true,
        EntityKind::Workload => estate.far(one, RelationKind::HasReplica).next().is_none(),
        _ => false,
    }
}

/// What is gone with its namespace.
fn is_ended_by_deletion(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Workload
            | EntityKind::Pod
            | EntityKind::KubernetesService
            | EntityKind::Ingress
            | EntityKind::Route
            | EntityKind::PersistentVolumeClaim
    )
}

/// What stands for people and names and breaks with no place.
fn is_shared(kind: EntityKind) -> bool {
    matches!(
        kind,
        EntityKind::Organisation
            | EntityKind::BusinessUnit
            | EntityKind::Team
            | EntityKind::Product
            | EntityKind::Application
            | EntityKind::Image
            | EntityKind::ExternalEndpoint
            | EntityKind::Client
    )
}
