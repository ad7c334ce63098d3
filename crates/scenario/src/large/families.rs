//! The relations of the large estate, as families: each has a count and a rule from position to
//! ends, so that any relation can be made without those before it.

use super::layout::{EntityKind as K, Layout};
use super::relation::{LargeRelation, RelationKind, RelationKind as R};

/// A rule that makes relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    ReplicaOfPod,
    PodOnNode,
    PodInZone,
    NodeOnInstance,
    NodeInZone,
    InstanceInSubnet,
    SubnetInZone,
    ZoneInRegion,
    InstanceHasVolume,
    PodMountsClaim,
    ClaimToVolume,
    VolumeToDisk,
    ServiceByWorkload,
    FunctionCalls,
    ServiceCalls,
    CycleCalls,
    PlantedCalls,
    WorkloadStores,
    RouteToEntry,
    EntryThroughRoute,
    PodImage,
    PodGroup,
    InterfaceGroup,
    ContainsChild,
    TeamOwns,
    GroupAllows,
}

const CALLS_PER_FUNCTION: u64 = 20;
const CALLS_PER_SERVICE: u64 = 24;
const STORES_PER_WORKLOAD: u64 = 5;
const IMAGES_PER_POD: u64 = 2;
const GROUPS_PER_POD: u64 = 4;

/// The families with their first positions.
#[derive(Debug, Clone)]
pub struct Families {
    /// Rule, first position, count.
    list: Vec<(Rule, u64, u64)>,
    /// All relations in force.
    pub total: u64,
}

impl Families {
    pub fn new(layout: &Layout) -> Self {
        let n = |kind| u64::from(layout.count(kind));
        let mut list = vec![
            (Rule::ReplicaOfPod, n(K::Pod)),
            (Rule::PodOnNode, n(K::Pod)),
            (Rule::PodInZone, n(K::Pod)),
            (Rule::NodeOnInstance, n(K::KubernetesNode)),
            (Rule::NodeInZone, n(K::KubernetesNode)),
            (Rule::InstanceInSubnet, n(K::Instance)),
            (Rule::SubnetInZone, n(K::Subnet)),
            (Rule::ZoneInRegion, n(K::Zone)),
            (Rule::InstanceHasVolume, n(K::Volume)),
            (Rule::PodMountsClaim, n(K::PersistentVolumeClaim)),
            (Rule::ClaimToVolume, n(K::PersistentVolumeClaim)),
            (Rule::VolumeToDisk, n(K::PersistentVolume).min(n(K::Volume))),
            (Rule::ServiceByWorkload, n(K::Service)),
            (Rule::FunctionCalls, n(K::Function) * CALLS_PER_FUNCTION),
            (Rule::ServiceCalls, n(K::Service) * CALLS_PER_SERVICE),
            (Rule::CycleCalls, u64::from(layout.cycle)),
            (Rule::PlantedCalls, u64::from(layout.planted)),
            (Rule::WorkloadStores, n(K::Workload) * STORES_PER_WORKLOAD),
            (Rule::RouteToEntry, u64::from(layout.entries)),
            (Rule::EntryThroughRoute, u64::from(layout.entries)),
            (Rule::PodImage, n(K::Pod) * IMAGES_PER_POD),
            (Rule::PodGroup, n(K::Pod) * GROUPS_PER_POD),
            (Rule::InterfaceGroup, n(K::NetworkInterface)),
            (Rule::ContainsChild, u64::from(layout.total) - n(K::Account) - n(K::Team)),
            (Rule::TeamOwns, u64::from(layout.total) - n(K::Team)),
        ];
        let so_far: u64 = list.iter().map(|f| f.1).sum();
        let wanted = (100_000_000.0 * layout.scale).round() as u64;
        // What is left are network rules between security groups, at most one per pair.
        let most = n(K::SecurityGroup) * (n(K::SecurityGroup) / 2);
        list.push((Rule::GroupAllows, wanted.saturating_sub(so_far).min(most)));
        let mut first = 0;
        let list: Vec<_> = list
            .into_iter()
            .map(|(rule, count)| {
                let family = (rule, first, count);
                first += count;
                family
            })
            .collect();
        Self { list, total: first }
    }

    /// Relations that ended: four for every hundred in force.
    pub fn ended(&self) -> u64 {
        self.total / 25
    }

    pub fn relation(&self, layout: &Layout, position: u64) -> LargeRelation {
        if position >= self.total {
            return self.ended_relation(layout, position - self.total);
        }
        let index = self.list.partition_point(|f| f.1 <= position) - 1;
        let (rule, first, count) = self.list[index];
        let (from, kind, to) = ends(layout, rule, position - first, count);
        LargeRelation {
            from,
            kind,
            to,
            need: need(kind, rule, position),
            valid_from: 1_700_000_000 + (position % 30_000_000) as i64,
            valid_to: i64::MAX,
        }
    }

    /// A pod that once ran on another node.
    fn ended_relation(&self, layout: &Layout, n: u64) -> LargeRelation {
        let pods = u64::from(layout.count(K::Pod));
        let pod = (n % pods) as u32;
        let nodes = layout.count(K::KubernetesNode);
        let node = (layout.node_of_pod(pod) + 1 + (n / pods) as u32) % nodes;
        let start = 1_690_000_000 + (n % 5_000_000) as i64;
        LargeRelation {
            from: layout.ordinal(K::Pod, pod),
            kind: R::RunsOn,
            to: layout.ordinal(K::KubernetesNode, node),
            need: "",
            valid_from: start,
            valid_to: start + 86_400 + (n % 86_400) as i64,
        }
    }
}

fn need(kind: RelationKind, rule: Rule, position: u64) -> &'static str {
    match (kind, rule, position % 8) {
        (R::Calls, Rule::PlantedCalls | Rule::CycleCalls, _) => "required",
        (R::Calls | R::ConnectsTo, _, 0) => "optional",
        (R::Calls | R::ConnectsTo, _, 1) => "asynchronous",
        (R::Calls | R::ConnectsTo, _, _) => "required",
        _ => "",
    }
}

/// Ends of the relation at `n` of a family.
fn ends(layout: &Layout, rule: Rule, n: u64, count: u64) -> (u32, RelationKind, u32) {
    let at = |kind, position: u64| layout.ordinal(kind, position as u32);
    let of = |kind| u64::from(layout.count(kind));
    let small = n as u32;
    match rule {
        Rule::ReplicaOfPod => {
            let workload = u64::from(layout.workload_of_pod(small));
            (at(K::Workload, workload), R::HasReplica, at(K::Pod, n))
        }
        Rule::PodOnNode => {
            let node = u64::from(layout.node_of_pod(small));
            (at(K::Pod, n), R::RunsOn, at(K::KubernetesNode, node))
        }
        Rule::PodInZone => {
            let zone = layout.zone_of_node(layout.node_of_pod(small));
            (at(K::Pod, n), R::PlacedIn, at(K::Zone, u64::from(zone)))
        }
        Rule::NodeOnInstance => {
            (at(K::KubernetesNode, n), R::RunsOn, at(K::Instance, n % of(K::Instance)))
        }
        Rule::NodeInZone => {
            let zone = u64::from(layout.zone_of_node(small));
            (at(K::KubernetesNode, n), R::PlacedIn, at(K::Zone, zone))
        }
        Rule::InstanceInSubnet => {
            // A subnet of the zone of its node: subnets stand in the zones in turn.
            let zones = of(K::Zone);
            let zone = u64::from(layout.zone_of_node(small));
            let in_zone = (of(K::Subnet) - zone).div_ceil(zones).max(1);
            (at(K::Instance, n), R::PlacedIn, at(K::Subnet, zone + zones * (n % in_zone)))
        }
        Rule::SubnetInZone => (at(K::Subnet, n), R::PlacedIn, at(K::Zone, n % of(K::Zone))),
        Rule::ZoneInRegion => (at(K::Zone, n), R::PlacedIn, at(K::Region, n % of(K::Region))),
        Rule::InstanceHasVolume => {
            (at(K::Instance, n % of(K::Instance)), R::AttachedTo, at(K::Volume, n))
        }
        Rule::PodMountsClaim => {
            (at(K::Pod, n * of(K::Pod) / count), R::Mounts, at(K::PersistentVolumeClaim, n))
        }
        Rule::ClaimToVolume => (
            at(K::PersistentVolumeClaim, n),
            R::Mounts,
            at(K::PersistentVolume, n % of(K::PersistentVolume)),
        ),
        Rule::VolumeToDisk => (at(K::PersistentVolume, n), R::Mounts, at(K::Volume, n)),
        Rule::ServiceByWorkload => {
            let workload = u64::from(layout.workload_of_service(small));
            (at(K::Service, n), R::ImplementedBy, at(K::Workload, workload))
        }
        Rule::FunctionCalls
        | Rule::ServiceCalls
        | Rule::CycleCalls
        | Rule::PlantedCalls
        | Rule::WorkloadStores => used_ends(layout, rule, n),
        Rule::RouteToEntry
        | Rule::EntryThroughRoute
        | Rule::PodImage
        | Rule::PodGroup
        | Rule::InterfaceGroup
        | Rule::ContainsChild
        | Rule::TeamOwns
        | Rule::GroupAllows => plain_ends(layout, rule, n),
    }
}

/// Ends of calls and connections.
fn used_ends(layout: &Layout, rule: Rule, n: u64) -> (u32, RelationKind, u32) {
    let at = |kind, position: u64| layout.ordinal(kind, position as u32);
    let of = |kind| u64::from(layout.count(kind));
    match rule {
        Rule::FunctionCalls => {
            let (function, k) = (n / CALLS_PER_FUNCTION, n % CALLS_PER_FUNCTION);
            let hub = u64::from(layout.hub());
            let to = if k == 0 && function < u64::from(layout.hub_callers) {
                hub
            } else {
                // Neither an entry nor the hub.
                let first = u64::from(layout.entries + layout.planted);
                first + heavy_tailed(layout, (3, function, k), CALLS_PER_FUNCTION, hub - first)
            };
            (at(K::Function, function), R::Calls, at(K::Service, to))
        }
        Rule::ServiceCalls => service_call(layout, n / CALLS_PER_SERVICE, n % CALLS_PER_SERVICE),
        Rule::CycleCalls => {
            let start = u64::from(layout.cycle_range().start);
            let next = (n + 1) % u64::from(layout.cycle);
            (at(K::Service, start + n), R::Calls, at(K::Service, start + next))
        }
        Rule::PlantedCalls => {
            let entry = n % u64::from(layout.entries);
            (at(K::Service, entry), R::Calls, at(K::Service, u64::from(layout.entries) + n))
        }
        _ => {
            let (workload, k) = (n / STORES_PER_WORKLOAD, n % STORES_PER_WORKLOAD);
            let kind = [K::Database, K::Database, K::Cache, K::Queue, K::Bucket][k as usize];
            let to = if k < 2 {
                heavy_tailed(layout, (5, workload, k), 2, of(kind))
            } else {
                heavy_tailed(layout, (5, workload, k), 1, of(kind))
            };
            (at(K::Workload, workload), R::ConnectsTo, at(kind, to))
        }
    }
}

/// Ends of relations that carry no failure, and of routes.
fn plain_ends(layout: &Layout, rule: Rule, n: u64) -> (u32, RelationKind, u32) {
    let at = |kind, position: u64| layout.ordinal(kind, position as u32);
    let of = |kind| u64::from(layout.count(kind));
    match rule {
        Rule::RouteToEntry => {
            let workload = u64::from(layout.workload_of_service(n as u32));
            (at(K::Route, n), R::RoutesTo, at(K::Workload, workload))
        }
        Rule::EntryThroughRoute => (at(K::Service, n), R::ServedThrough, at(K::Route, n)),
        Rule::PodImage => {
            let (pod, k) = (n / IMAGES_PER_POD, n % IMAGES_PER_POD);
            let half = of(K::Image) / 2;
            let workload = u64::from(layout.workload_of_pod(pod as u32));
            (at(K::Pod, pod), R::UsesImage, at(K::Image, k * half + workload % half))
        }
        Rule::PodGroup => {
            let (pod, k) = (n / GROUPS_PER_POD, n % GROUPS_PER_POD);
            let to = heavy_tailed(layout, (6, pod, k), GROUPS_PER_POD, of(K::SecurityGroup));
            (at(K::Pod, pod), R::GuardedBy, at(K::SecurityGroup, to))
        }
        Rule::InterfaceGroup => {
            let to = n % of(K::SecurityGroup);
            (at(K::NetworkInterface, n), R::GuardedBy, at(K::SecurityGroup, to))
        }
        Rule::ContainsChild => {
            // Every entity but accounts (the first ordinals) and teams has one parent.
            let past_accounts = n + of(K::Account);
            let teams = layout.range(K::Team);
            let child = if past_accounts < u64::from(teams.start) {
                past_accounts
            } else {
                past_accounts + of(K::Team)
            };
            (parent(layout, child as u32), R::Contains, child as u32)
        }
        Rule::TeamOwns => {
            let teams = layout.range(K::Team);
            let owned = if n < u64::from(teams.start) { n } else { n + of(K::Team) };
            (at(K::Team, owned % of(K::Team)), R::Owns, owned as u32)
        }
        _ => {
            // From each group to others that follow it, each once.
            let groups = of(K::SecurityGroup);
            let (from, k) = (n % groups, n / groups);
            (at(K::SecurityGroup, from), R::Allows, at(K::SecurityGroup, (from + k + 1) % groups))
        }
    }
}

fn parent(layout: &Layout, child: u32) -> u32 {
    let (kind, n) = layout.locate(child);
    match kind {
        K::Pod => {
            let workload = layout.workload_of_pod(n);
            layout.ordinal(K::KubernetesNamespace, workload % layout.count(K::KubernetesNamespace))
        }
        K::Workload => {
            layout.ordinal(K::KubernetesNamespace, n % layout.count(K::KubernetesNamespace))
        }
        K::KubernetesNamespace
        | K::KubernetesNode
        | K::PersistentVolume
        | K::PersistentVolumeClaim => {
            layout.ordinal(K::KubernetesCluster, n % layout.count(K::KubernetesCluster))
        }
        _ => layout.ordinal(K::Account, n % layout.count(K::Account)),
    }
}

/// Calls of a service: the first to the service that carries its chain one rank further, the rest
/// to any service of a higher rank, popular ones far more often. What has no rank above calls a
/// queue of its own instead.
fn service_call(layout: &Layout, service: u64, k: u64) -> (u32, RelationKind, u32) {
    let at = |kind, position: u64| layout.ordinal(kind, position as u32);
    let queues = u64::from(layout.count(K::Queue));
    let above = layout.first_above(service as u32).map(u64::from);
    let room = above.map_or(0, |first| u64::from(layout.count(K::Service)) - first);
    match above {
        Some(first) if room > 2 * CALLS_PER_SERVICE => {
            // Not into the planted ones, which exactly one entry needs.
            let first = first.max(u64::from(layout.entries + layout.planted));
            let room = u64::from(layout.count(K::Service)) - first;
            let to = first + heavy_tailed(layout, (4, service, k), CALLS_PER_SERVICE, room);
            (at(K::Service, service), R::Calls, at(K::Service, to))
        }
        Some(first) if k < room => (at(K::Service, service), R::Calls, at(K::Service, first + k)),
        _ => {
            let to = (service * CALLS_PER_SERVICE + k) % queues;
            (at(K::Service, service), R::ConnectsTo, at(K::Queue, to))
        }
    }
}

/// The `k`th of `m` distinct targets among `n`, each from its own stratum of the cubed unit
/// interval: low positions are drawn far more often than high ones.
fn heavy_tailed(layout: &Layout, of: (u64, u64, u64), m: u64, n: u64) -> u64 {
    let k = of.2 % m;
    let bound = |k: u64| {
        let share = k as f64 / m as f64;
        ((n as f64 * share * share * share) as u64).clamp(k, n - (m - k).min(n))
    };
    let (low, high) = (bound(k), bound(k + 1).max(bound(k) + 1));
    low + layout.draw(of.0, of.1, of.2).below(high - low)
}
