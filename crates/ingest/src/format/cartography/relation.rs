//! Which of Cartography's relations are read, between what, as which of ours, and which way round.

use model::{EntityKind as K, RelationKind as R};

use super::label::Family as F;

/// One kind of relation.
#[derive(Debug)]
pub struct Mapped {
    /// Cartography's type.
    pub name: &'static str,
    /// What it must begin at.
    pub from: fn(F) -> bool,
    /// What it must end at.
    pub to: fn(F) -> bool,
    /// What it is to us.
    pub meaning: Meaning,
}

/// What a relation is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A relation, the same way round.
    Is(R),
    /// A relation, the other way round.
    Reversed(R),
    /// The end hangs by the start, which is its account or cluster or group.
    Holds,
    /// The start bears a tag.
    Tag,
    /// The start runs in a pod: the pod has what it has.
    Container,
    /// The pod of the start uses an image.
    Image,
    /// A load balancer sends to a target, by a target group where the relation names one.
    Expose,
    /// Both are one cluster.
    Same,
}

fn any(family: F) -> bool {
    family.is_entity()
}

fn is(family: F, kinds: &[K]) -> bool {
    let kind = match family {
        F::Arn(kind, _) | F::Ec2(kind, ..) | F::Object(kind, ..) => kind,
        F::Cluster => K::KubernetesCluster,
        F::Account => K::Account,
        F::ClassicBalancer => K::LoadBalancer,
        F::ClassicListener => K::Listener,
        _ => return false,
    };
    kinds.contains(&kind)
}

const fn mapped(
    name: &'static str,
    from: fn(F) -> bool,
    to: fn(F) -> bool,
    meaning: Meaning,
) -> Mapped {
    Mapped { name, from, to, meaning }
}

fn workload(one: F) -> bool {
    is(one, &[K::Workload])
}

fn pod(one: F) -> bool {
    is(one, &[K::Pod])
}

fn instance(one: F) -> bool {
    is(one, &[K::Instance])
}

fn node(one: F) -> bool {
    is(one, &[K::KubernetesNode])
}

fn group(one: F) -> bool {
    is(one, &[K::SecurityGroup])
}

fn vpc(one: F) -> bool {
    is(one, &[K::Vpc])
}

fn subnet(one: F) -> bool {
    is(one, &[K::Subnet])
}

fn balancer(one: F) -> bool {
    is(one, &[K::LoadBalancer])
}

fn database(one: F) -> bool {
    is(one, &[K::Database])
}

fn service(one: F) -> bool {
    is(one, &[K::KubernetesService])
}

fn above(one: F) -> bool {
    is(one, &[K::KubernetesNamespace]) || one == F::Cluster
}

fn entrance(one: F) -> bool {
    is(one, &[K::KubernetesService, K::Ingress])
}

fn route(one: F) -> bool {
    is(one, &[K::Ingress, K::Route])
}

fn container(one: F) -> bool {
    one == F::Container
}

fn target(one: F) -> bool {
    any(one) || matches!(one, F::Address | F::Named)
}

/// Every relation that is read; the first whose ends fit is what it is.
#[rustfmt::skip]
pub const RELATIONS: &[Mapped] = &[
    mapped("RESOURCE", any, |_one| true, Meaning::Holds),
    mapped("CONTAINS", |one| is(one, &[K::KubernetesNamespace]), pod, Meaning::Holds),
    mapped("CONTAINS", pod, container, Meaning::Container),
    mapped("WORKLOAD_PARENT", container, pod, Meaning::Container),
    mapped("WORKLOAD_PARENT", pod, workload, Meaning::Reversed(R::HasReplica)),
    mapped("WORKLOAD_PARENT", any, |one| workload(one) || above(one), Meaning::Reversed(R::Contains)),
    mapped("OWNED_BY", workload, workload, Meaning::Reversed(R::Contains)),
    mapped("MEMBER_AUTO_SCALE_GROUP", instance, |one| is(one, &[K::AutoscalingGroup]), Meaning::Reversed(R::HasReplica)),
    mapped("IS_CLUSTER_MEMBER_OF", database, |one| is(one, &[K::DatabaseCluster]), Meaning::Reversed(R::HasReplica)),
    mapped("RUNS_ON", pod, node, Meaning::Is(R::RunsOn)),
    mapped("IS_INSTANCE", node, instance, Meaning::Is(R::RunsOn)),
    mapped("PART_OF_SUBNET", any, subnet, Meaning::Is(R::PlacedIn)),
    mapped("SUBNET", balancer, subnet, Meaning::Is(R::PlacedIn)),
    mapped("ATTACHED_TO", |one| is(one, &[K::Volume]), instance, Meaning::Reversed(R::AttachedTo)),
    mapped("IS_READ_REPLICA_OF", database, database, Meaning::Is(R::Replicates)),
    mapped("TARGETS", service, pod, Meaning::Is(R::RoutesTo)),
    mapped("TARGETS", route, service, Meaning::Is(R::RoutesTo)),
    mapped("ROUTES", |one| is(one, &[K::Gateway]), route, Meaning::Is(R::RoutesTo)),
    mapped("EXPOSE", balancer, target, Meaning::Expose),
    mapped("USES_LOAD_BALANCER", entrance, balancer, Meaning::Is(R::ServedThrough)),
    mapped("HAS_IMAGE", container, |one| one == F::Image, Meaning::Image),
    mapped("RESOLVED_IMAGE", container, |one| one == F::Image, Meaning::Image),
    mapped("ALLOWS_TRAFFIC_FROM", group, group, Meaning::Reversed(R::Allows)),
    mapped("MEMBER_OF_EC2_SECURITY_GROUP", vpc, group, Meaning::Is(R::Contains)),
    mapped("MEMBER_OF_EC2_SECURITY_GROUP", any, group, Meaning::Is(R::GuardedBy)),
    mapped("MEMBER_OF_AWS_VPC", subnet, vpc, Meaning::Reversed(R::Contains)),
    mapped("MEMBER_OF_DB_SUBNET_GROUP", database, |one| is(one, &[K::Resource]), Meaning::Reversed(R::Contains)),
    mapped("ELBV2_LISTENER", balancer, |one| is(one, &[K::Listener]), Meaning::Is(R::Contains)),
    mapped("ELBV2_TARGET_GROUP", balancer, |one| is(one, &[K::TargetGroup]), Meaning::Is(R::Contains)),
    mapped("ELB_LISTENER", balancer, |one| one == F::ClassicListener, Meaning::Is(R::Contains)),
    mapped("TAGGED", any, |one| one == F::Tag, Meaning::Tag),
    mapped("MAPS_TO", |one| is(one, &[K::KubernetesCluster]), |one| one == F::Cluster, Meaning::Same),
];

/// What a relation between two nodes is.
pub fn meaning(name: &str, from: F, to: F) -> Option<Meaning> {
    let fits = |one: &&Mapped| one.name == name && (one.from)(from) && (one.to)(to);
    RELATIONS.iter().find(fits).map(|one| one.meaning)
}

/// Names of every type that is read.
pub fn types() -> impl Iterator<Item = &'static str> {
    RELATIONS.iter().map(|one| one.name)
}
