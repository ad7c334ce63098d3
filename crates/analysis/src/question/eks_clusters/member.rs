//! Which things belong to which cluster. What EKS says of a cluster and what was exported from it are
//! two entities until they are known to be one: here they are put together by the instances that the
//! nodes run on, else by a name that is unique on both sides.

use std::collections::{BTreeMap, BTreeSet};

use model::fact::EntityFact;
use model::kind::{EntityKind as K, RelationKind as R};

use crate::estate::Estate;
use crate::property::text;

/// A cluster with what belongs to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Members {
    /// The entity that stands for it.
    pub control: u32,
    /// The other entity that is the same cluster.
    pub kubernetes: Option<u32>,
    /// How they were found to be one.
    pub joined_by: Option<&'static str>,
    /// Whether it is one of EKS.
    pub is_eks: bool,
    /// Everything in it, by kind and then by ordinal.
    pub of_kind: BTreeMap<K, Vec<u32>>,
}

impl Members {
    /// Things of one kind, in order.
    pub(super) fn kind(&self, kind: K) -> &[u32] {
        self.of_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The entities that are the cluster.
    pub(super) fn own(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.control).chain(self.kubernetes)
    }
}

/// Every cluster that the viewer may see, in order of the id that stands for it.
pub(super) fn clusters(estate: &Estate) -> Vec<Members> {
    let all: Vec<u32> = estate.of_kind(K::KubernetesCluster).collect();
    let (aws, exported): (Vec<u32>, Vec<u32>) =
        all.into_iter().partition(|one| is_of_aws(estate.entity(*one)));
    let keys = keys(estate, aws.iter().chain(&exported).copied());
    let joined = joined(estate, &aws, &exported, &keys);
    let mut clusters: Vec<Members> = Vec::new();
    for one in &aws {
        let other = joined.iter().find(|(to, _, _)| to == one);
        clusters.push(Members {
            control: *one,
            kubernetes: other.map(|(_, kubernetes, _)| *kubernetes),
            joined_by: other.map(|(_, _, by)| *by),
            is_eks: true,
            of_kind: BTreeMap::new(),
        });
    }
    for one in exported.iter().filter(|one| !joined.iter().any(|(_, other, _)| other == *one)) {
        clusters.push(Members { control: *one, ..Members::default() });
    }
    let mut place: BTreeMap<u32, usize> = BTreeMap::new();
    for (index, cluster) in clusters.iter().enumerate() {
        place.extend(cluster.own().map(|own| (own, index)));
    }
    fill(estate, &mut clusters, &keys, &place);
    for cluster in &mut clusters {
        let is_eks =
            cluster.kind(K::KubernetesNode).iter().any(|node| is_eks_node(estate.entity(*node)));
        cluster.is_eks |= is_eks;
    }
    clusters.retain(|cluster| !estate.is_outside(cluster.control));
    clusters.sort_by(|a, b| estate.entity(a.control).id.cmp(&estate.entity(b.control).id));
    clusters
}

/// Whether AWS itself describes a cluster.
fn is_of_aws(cluster: &EntityFact) -> bool {
    cluster.id.contains(":eks:")
        || cluster.id.starts_with("aws:?/eks/")
        || text(cluster, "platform_version").is_some()
        || text(cluster, "role_arn").is_some()
}

/// Whether a node says itself that it is one of EKS.
fn is_eks_node(node: &EntityFact) -> bool {
    node.labels.keys().any(|label| label.starts_with("eks.amazonaws.com/"))
        || text(node, "kubelet_version").is_some_and(|version| version.contains("-eks-"))
}

/// The words by which entities name their cluster, each with the cluster.
fn keys(estate: &Estate, clusters: impl Iterator<Item = u32>) -> BTreeMap<String, u32> {
    let mut keys = BTreeMap::new();
    for cluster in clusters {
        let fact = estate.entity(cluster);
        let contained = estate.far(cluster, R::Contains).map(|one| estate.entity(one));
        let managed = estate.near(cluster, R::ManagedBy).map(|one| estate.entity(one));
        let of_things = contained.chain(managed).filter_map(|one| one.scope.cluster.clone());
        let own = fact.scope.cluster.clone().into_iter();
        let of_id = fact.id.strip_prefix("k8s://").map(str::to_owned);
        for key in own.chain(of_id).chain(of_things) {
            keys.entry(key).or_insert(cluster);
        }
    }
    keys
}

type Joined = Vec<(u32, u32, &'static str)>;

/// Clusters of AWS with the exported ones that they are.
fn joined(estate: &Estate, aws: &[u32], exported: &[u32], keys: &BTreeMap<String, u32>) -> Joined {
    let mut by_instances: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for node in estate.of_kind(K::KubernetesNode) {
        let cluster = estate.entity(node).scope.cluster.as_deref();
        let Some(cluster) = cluster.and_then(|key| keys.get(key)) else { continue };
        for instance in estate.far(node, R::RunsOn) {
            let control = aws.iter().find(|one| is_named(estate, **one, estate.entity(instance)));
            by_instances.entry(*cluster).or_default().extend(control);
        }
    }
    let mut joined: Joined = Vec::new();
    for one in exported {
        if let Some(controls) = by_instances.get(one)
            && controls.len() == 1
            && let Some(control) = controls.first()
        {
            joined.push((*control, *one, "instances"));
        }
    }
    let is_free =
        |joined: &Joined, one: u32| !joined.iter().any(|(a, b, _)| *a == one || *b == one);
    let by_name = |all: &[u32], name: &str| -> Vec<u32> {
        all.iter().copied().filter(|one| estate.entity(*one).name == name).collect()
    };
    for one in exported {
        let name = &estate.entity(*one).name;
        let same = (by_name(aws, name), by_name(exported, name));
        if let (&[control], [_]) = (same.0.as_slice(), same.1.as_slice())
            && is_free(&joined, control)
            && is_free(&joined, *one)
        {
            joined.push((control, *one, "name"));
        }
    }
    joined
}

/// Whether an instance says that it belongs to a cluster of AWS.
fn is_named(estate: &Estate, cluster: u32, instance: &EntityFact) -> bool {
    let fact = estate.entity(cluster);
    let labels = ["eks:cluster-name", "aws:eks:cluster-name", "alpha.eksctl.io/cluster-name"];
    let owned = instance.labels.contains_key(&format!("kubernetes.io/cluster/{}", fact.name));
    let is_named =
        owned || labels.iter().any(|label| instance.labels.get(*label) == Some(&fact.name));
    is_named
        && fact.scope.account == instance.scope.account
        && fact.scope.region == instance.scope.region
}

fn fill(
    estate: &Estate,
    clusters: &mut [Members],
    keys: &BTreeMap<String, u32>,
    place: &BTreeMap<u32, usize>,
) {
    let mut add = |cluster: Option<usize>, entity: u32| {
        if let Some(cluster) = cluster.and_then(|index| clusters.get_mut(index)) {
            let all = cluster.of_kind.entry(estate.entity(entity).kind).or_default();
            all.push(entity);
        }
    };
    for (entity, fact) in (0_u32..).zip(&estate.facts.entities) {
        if fact.kind == K::KubernetesCluster || estate.is_outside(entity) {
            continue;
        }
        let by_scope = fact.scope.cluster.as_deref().and_then(|key| keys.get(key));
        let by_relation = || match fact.kind {
            K::NodeGroup => estate.far(entity, R::ManagedBy).find(|one| place.contains_key(one)),
            K::Addon | K::FargateProfile | K::Resource => {
                estate.near(entity, R::Contains).find(|one| place.contains_key(one))
            }
            _ => None,
        };
        let cluster = by_scope.copied().or_else(by_relation);
        add(cluster.and_then(|one| place.get(&one).copied()), entity);
    }
}

/// The instance that a node runs on.
pub(super) fn instance_of(estate: &Estate, node: u32) -> Option<u32> {
    estate.far(node, R::RunsOn).find(|one| estate.entity(*one).kind == K::Instance)
}

/// Whether a workload is a topmost controller: nothing of another controller contains it.
pub(super) fn is_topmost(estate: &Estate, workload: u32) -> bool {
    !estate.near(workload, R::Contains).any(|one| estate.entity(one).kind == K::Workload)
}
